#!/usr/bin/env bats
# The client's window shows what the session shows, at every depth, and goes on doing so while things change.

setup_file() {
  load helpers; load pictures
  make_shell 'xsetroot -solid "#204060"; exec sleep infinity'
  # Noise, text and a gradient: nothing that one encoding could do alone.
  convert -seed 1 -size 800x600 plasma:tomato-steelblue -pointsize 40 -fill white -annotate +40+80 'Text on a gradient' \
    \( -size 300x300 xc:gray +noise Random \) -geometry +400+200 -composite "$SHELL_DIR/one.png"
  convert -seed 2 -size 800x600 gradient:navy-gold \( -size 500x120 xc:gray +noise Random \) -geometry +10+300 -composite \
    "$SHELL_DIR/two.png"
  chmod 644 "$SHELL_DIR"/*.png
  start_server --set "sessions.shell=\"$SHELL_COMMAND\""
}
teardown_file() { load helpers; stop_server; }
setup() { load helpers; load pictures; }

# at DEPTH [OPTION...]: xfreerdp with the first picture in front of it.
at() {
  local depth=$1; shift
  freerdp "d$depth" "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600 "/bpp:$depth" "$@"
  see 800x600 "$depth" && paint one.png
}

@test "at 32 bits the client's window equals the session, pixel for pixel" {
  at 32
  wait_until 10 same_picture
  [ "$(convert -size 800x600 -depth 8 "rgb:$W/client.rgb" -format %k info:)" -gt 50000 ]
  leave d32
}

@test "without any codec option, too" {
  freerdp plain "$E2E_ALICE" "$E2E_PASSWORD" /size:800x600
  see 800x600 32
  paint two.png
  wait_until 10 same_picture
  leave plain
}

@test "at 24 bits nothing is lost either" {
  at 24
  wait_until 10 same_picture
  leave d24
}

@test "at 16 and 15 bits only the low bits are missing" {
  local depth
  for depth in 16 15; do
    at "$depth"
    wait_until 10 same_picture_at "$depth"
    leave "d$depth"
  done
}

@test "a client that wants no fast path gets the same picture" {
  at 32 -fast-path
  wait_until 10 same_picture
  paint two.png
  wait_until 10 same_picture
  leave d32
}

@test "rdesktop shows the session at 32, 24, 16 and 15 bits" {
  local depth
  for depth in 32 24 16 15; do
    rdesk r "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a "$depth"
    see 800x600 "$depth"
    paint one.png
    if [ "$depth" -ge 24 ]; then wait_until 10 same_picture; else wait_until 10 same_picture_at "$depth"; fi
    leave r
  done
}

@test "at 8 bits every pixel is a colour of the palette, and a near one" {
  local client
  for client in freerdp rdesktop; do
    if [ $client = freerdp ]; then at 8; else
      rdesk d8 "$E2E_ALICE" "$E2E_PASSWORD" -g 800x600 -a 8
      see 800x600 8
      paint one.png
    fi
    wait_until 10 near_picture
    leave d8
  done
}

# near_picture: only colours of the 6 x 6 x 6 cube and greys, each about as near to the session's as the eye can ask:
# half a step of the cube away in each colour, and what looking it up by cells of 8 x 8 x 8 adds to that.
near_picture() {
  session_pixels >"$W/session.rgb" && client_pixels >"$W/client.rgb" && [ -s "$W/session.rgb" ] || return 1
  perl -e 'local $/; my ($s, $c) = map { open(my $f, "<", $_) or die; binmode $f; [unpack("C*", <$f>)] } @ARGV;
    exit 1 if @$s != @$c; my (%colors, $sum);
    for (my $i = 0; $i < @$s; $i += 3) {
      my ($r, $g, $b) = @$c[$i .. $i + 2];
      $colors{"$r $g $b"} = 1;
      exit 1 if !($r == $g && $g == $b) && ($r % 51 || $g % 51 || $b % 51);
      my $far = 3 * ($r - $s->[$i]) ** 2 + 6 * ($g - $s->[$i + 1]) ** 2 + ($b - $s->[$i + 2]) ** 2;
      exit 1 if $far > 11300;
      $sum += $far;
    }
    exit(keys %colors > 100 && keys %colors <= 256 && 3 * $sum / @$s < 2400 ? 0 : 1);' "$W/session.rgb" "$W/client.rgb"
}
