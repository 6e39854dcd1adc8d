# The logon screen as the person in front of a client has it: what is on it is read from the client's pixels, what goes
# into it is typed. Load after helpers.bash and worker.bash.

BACKGROUND='#22303D' ACCENT='#2B66B8' ERROR='#FBE6E4' INFO='#E3ECF8' SELECTED='#DCE7F5'

# pixels_of NAME COLOUR: how many of that colour the client's window has.
pixels_of() {
  timeout 20 import -silent -window "$(client_window "$1")" -depth 8 rgb:- |
    perl -e 'local $/; my $c = pack("H6", substr($ARGV[0], 1)); my $p = <STDIN>; my $n = 0;
      for (my $i = 0; $i + 3 <= length $p; $i += 3) { $n++ if substr($p, $i, 3) eq $c } print $n' "$2"
}
has_colour() { [ "$(pixels_of "$1" "$2")" -ge "$3" ]; }
lacks_colour() { [ "$(pixels_of "$1" "$2")" -lt "$3" ]; }
# form NAME: the logon screen shows a form whose button can be pressed. (While it is busy there is none.)
form() { wait_until 20 has_colour "$1" "$BACKGROUND" 20000 && wait_until 20 has_colour "$1" "$ACCENT" 3000; }
# refusal NAME: the form says why somebody was not let in.
refusal() { wait_until 20 has_colour "$1" "$ERROR" 3000; }

# type_in NAME KEY...: texts are typed, what begins with a colon is a key (":Tab").
type_in() {
  local window what; window=$(client_window "$1"); shift
  timeout 10 xdotool windowraise "$window" windowfocus "$window" mousemove --window "$window" 5 5
  for what in "$@"; do
    case $what in
      :*) timeout 10 xdotool key --delay 12 "${what#:}" ;;
      *) timeout 10 xdotool type --delay 12 "$what" ;;
    esac
  done
}
# at_work NAME USER: their desktop has taken the screen's place, and keys arrive there.
at_work() {
  SESSION=$(session_in ".user == \"$2\" and .state == \"Active\"")
  wait_until 20 grep -qx "$SESSION ready" "$LINES_READ"
  wait_until 20 lacks_colour "$1" "$BACKGROUND" 1000
  works "$1"
}

# holders TEXT: the server's own processes that have it in their memory.
holders() {
  # shellcheck disable=SC2046
  python3 "$BATS_TEST_DIRNAME/holding.py" "$1" $(tree_below "$UP_PID" | while read -r pid; do
    case $(cat "/proc/$pid/comm" 2>/dev/null) in ts*) echo "$pid" ;; esac
  done)
}

# rows_of NAME COLOUR LEAST: "X Y WIDTH HEIGHT" of the window's lines that have at least so much of a colour.
rows_of() {
  local window width; window=$(client_window "$1")
  width=$(xdotool getwindowgeometry --shell "$window" | sed -n 's/^WIDTH=//p')
  timeout 20 import -silent -window "$window" -depth 8 rgb:- |
    perl -e 'local $/; my ($colour, $least, $wide) = @ARGV; my $c = pack("H6", substr($colour, 1)); my $p = <STDIN>;
      my ($left, $right, $top, $bottom);
      for (my $y = 0; ($y + 1) * $wide * 3 <= length $p; $y++) {
        my @x = grep { substr($p, ($y * $wide + $_) * 3, 3) eq $c } 0 .. $wide - 1;
        next if @x < $least;
        $top //= $y; $bottom = $y;
        $left = $x[0] if !defined $left || $x[0] < $left; $right = $x[-1] if !defined $right || $x[-1] > $right;
      }
      exit 1 unless defined $top;
      printf "%d %d %d %d\n", $left, $top, $right - $left + 1, $bottom - $top + 1' "$2" "$3" "$width"
}
# click NAME X Y
click() {
  local window; window=$(client_window "$1")
  timeout 10 xdotool windowraise "$window" windowfocus "$window" mousemove --window "$window" "$2" "$3" click 1
}
