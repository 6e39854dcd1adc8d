#!/usr/bin/perl
# Prints the pointer that an X server ($DISPLAY, $XAUTHORITY) shows: a line "DX DY AARRGGBB" for each pixel that is not
# transparent, its place counted from the hot spot; so two pointers that look alike print alike. Speaks the X protocol
# itself, because no tool prints a pointer's image.
use strict;
use warnings;
use IO::Socket::UNIX;

my ($number) = ($ENV{DISPLAY} // '') =~ /^:(\d+)/ or die "no DISPLAY\n";
my $x = IO::Socket::UNIX->new(Peer => "/tmp/.X11-unix/X$number") or die "display :$number: $!\n";

sub take {
  my ($wanted) = @_;
  my $got = '';
  while (length $got < $wanted) { sysread($x, $got, $wanted - length $got, length $got) or die "the display closed\n" }
  return $got;
}

# A reply; events that come before it are dropped.
sub reply {
  while (1) {
    my $head = take(32);
    my ($type, $more) = unpack('C x3 V', $head);
    die "the display answers with an error\n" if $type == 0;
    return $head . take(4 * $more) if $type == 1;
  }
}

# The cookie of this display, as in an Xauthority file: big-endian lengths before each field.
sub cookie {
  open(my $file, '<:raw', $ENV{XAUTHORITY} // '/dev/null') or return '';
  local $/;
  my $all = <$file> // '';
  while (length $all) {
    (my $family, my $address, my $display, my $name, my $data, $all) = unpack('n n/a* n/a* n/a* n/a* a*', $all);
    return $data if $name eq 'MIT-MAGIC-COOKIE-1' && ($display eq $number || $display eq '');
  }
  return '';
}

my $cookie = cookie();
my $name = length $cookie ? 'MIT-MAGIC-COOKIE-1' : '';
my $pad = sub { $_[0] . "\0" x (-length($_[0]) & 3) };
syswrite($x, pack('a x v v v v x2', 'l', 11, 0, length $name, length $cookie) . $pad->($name) . $pad->($cookie));
my ($ok, $more) = unpack('C x5 v', take(8));
take(4 * $more);
die "the display refuses us\n" unless $ok == 1;

syswrite($x, pack('C x v v x2 a8', 98, 4, 6, "XFIXES"));
my ($present, $xfixes) = unpack('x8 C C', reply());
die "no XFIXES\n" unless $present;
syswrite($x, pack('C C v V V', $xfixes, 0, 3, 4, 0));
reply();
syswrite($x, pack('C C v', $xfixes, 4, 1));
my ($width, $height, $hot_x, $hot_y, @pixels) = unpack('x12 v v v v x12 V*', reply());
for my $i (0 .. $width * $height - 1) {
  printf "%d %d %08x\n", $i % $width - $hot_x, int($i / $width) - $hot_y, $pixels[$i] if $pixels[$i] >> 24;
}
