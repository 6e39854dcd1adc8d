#!/usr/bin/env bats
# tsctl passwd: the file back end's passwords.
bats_require_minimum_version 1.5.0
load helpers

me() { id -un; }
file() { echo "$W/state/accounts/passwd"; }
# Is this the password in the file? libcrypt says, through perl.
opens() { perl -e '($u,$p,$f)=@ARGV; open F,$f; while(<F>){chomp; ($n,$h)=split /:/,$_,2; exit(crypt($p,$h) eq $h ? 0 : 1) if $n eq $u} exit 2' "$1" "$2" "$(file)"; }

@test "a line of standard input becomes the caller's password, as a yescrypt hash for them alone" {
  printf 'sesame\nignored\n' | tsctl passwd --state "$W/state"
  [ "$(stat -c %a "$(file)")" = 600 ]
  grep -q "^$(me):[$]y[$]" "$(file)"
  run ! grep -q sesame "$(file)"
  opens "$(me)" sesame
  run opens "$(me)" wrong
  [ "$status" = 1 ]
}

@test "a second one replaces the first; --remove takes the account out" {
  echo one | tsctl passwd --state "$W/state"
  echo two | tsctl --state "$W/state" passwd "$(me)"
  [ "$(wc -l <"$(file)")" = 1 ]
  opens "$(me)" two
  tsctl passwd --remove --state "$W/state"
  [ ! -s "$(file)" ]
  expect_failure 6 "no user '$(me)'" tsctl passwd --remove --state "$W/state"
}

@test "no password, an empty one, one that is too long: exit 1 and the file as it was" {
  echo good | tsctl passwd --state "$W/state"
  expect_failure 1 "no password came on standard input" tsctl passwd --state "$W/state" </dev/null
  expect_failure 1 "an empty password is not accepted" tsctl passwd --state "$W/state" < <(echo)
  expect_failure 1 "at most 255 bytes" tsctl passwd --state "$W/state" < <(head -c 300 /dev/zero | tr '\0' x)
  opens "$(me)" good
}

@test "an account that is not there: exit 6" {
  [ "$(id -u)" = 0 ] || skip "only root may name others"
  expect_failure 6 "there is no account 'nobody-by-this-name'" tsctl passwd nobody-by-this-name --state "$W/state" < <(echo x)
}

@test "somebody else's password: exit 5" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  install -d -o 65534 "$W/state"
  expect_failure 5 "only root may change the password of 'root'" as_nobody "$BUILD/bin/tsctl" passwd root --state "$W/state" < <(echo x)
}

@test "another one's file: exit 5" {
  [ "$(id -u)" = 0 ] || skip "needs root to become somebody else"
  echo good | tsctl passwd --state "$W/state"
  expect_failure 5 "Permission denied" as_nobody "$BUILD/bin/tsctl" passwd --state "$W/state" < <(echo x)
}

# on_terminal INPUT...: passwd on a pseudo terminal; each INPUT is typed when a prompt is there.
on_terminal() {
  timeout 30 perl -e '
    use strict; use POSIX; use Fcntl;
    my ($state, $program, @typed) = @ARGV;
    sysopen(my $m, "/dev/ptmx", O_RDWR | O_NOCTTY) or die;
    my $unlock = pack("i", 0); ioctl($m, 0x40045431, $unlock) or die; # TIOCSPTLCK
    my $number = pack("i", 0); ioctl($m, 0x80045430, $number) or die; # TIOCGPTN
    my $name = "/dev/pts/" . unpack("i", $number);
    my $pid = fork;
    if (!$pid) { setsid(); open(STDIN, "+<", $name) or die; open(STDOUT, ">&STDIN"); open(STDERR, ">&STDIN");
      exec $program, "passwd", "--state", $state; }
    my ($seen, $all) = ("", "");
    while (sysread($m, my $bytes, 512)) {
      $seen .= $bytes; $all .= $bytes;
      if ($seen =~ /: $/ && @typed) { $seen = ""; syswrite($m, shift @typed); }
    }
    waitpid($pid, 0); print $all; exit($? >> 8);' "$W/state" "$BUILD/bin/tsctl" "$@"
}

@test "on a terminal it asks twice and shows nothing of what is typed" {
  run on_terminal $'sesame\n' $'sesame\n'
  echo "$output"
  [ "$status" = 0 ]
  [[ $output == *"New password for '$(me)': "*"Again: "* ]]
  [[ $output != *sesame* ]]
  opens "$(me)" sesame
}

@test "on a terminal, two that differ change nothing; neither does Ctrl-C" {
  run on_terminal $'sesame\n' $'other\n'
  [ "$status" = 1 ]
  [[ $output == *"the two are not the same"* ]]
  run on_terminal $'\x03'
  echo "$output"
  [ "$status" = 1 ]
  [[ $output == *"given up"* ]]
  [ ! -e "$(file)" ]
}
