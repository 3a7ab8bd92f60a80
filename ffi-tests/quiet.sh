#!/usr/bin/env bash
# The library prints nothing, and what CaDiCaL would read from the environment changes nothing. Prints `ok NAME` or
# `FAILED NAME` for each check.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/ffi-tests/quiet
rm -rf "$work"
mkdir -p "$work"
packaging/links "$work"
gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror -g -Iinclude ffi-tests/quiet/host.c -o "$work/host" \
  -L"$work" -lanser -Wl,-rpath,"$work" -lm -pthread
failed=0
check() {
  local name=$1
  shift
  if (set -e; "$@") >"$work/log" 2>&1; then
    echo "ok quiet: $name"
  else
    echo "FAILED quiet: $name"
    sed 's/^/    /' "$work/log"
    failed=1
  fi
}

# Pipes, as a host's reader would have them.
run() { # NAME [VARIABLE=VALUE...]
  local name=$1
  shift
  env "$@" "$work/host" use 3>"$work/$name.seen" > >(cat >"$work/$name.out") 2> >(cat >"$work/$name.err") &&
    wait && [ -s "$work/$name.seen" ]
}
silent() {
  run "$@"
  sleep 0.2 # the readers' last write
  cat "$work/$1.out" "$work/$1.err"
  [ ! -s "$work/$1.out" ] && [ ! -s "$work/$1.err" ]
}
same() {
  silent "$@"
  diff "$work/plain.seen" "$work/$1.seen"
}
check "nothing is printed" silent plain
check "two runs are the same" same again
check "CADICAL_* changes nothing" same cadical CADICAL_SEED=7 CADICAL_ELIM=0 CADICAL_REPORT=1 CADICAL_VERBOSE=3 \
  CADICAL_QUIET=0 CADICAL_LOG=1 CADICAL_STATS=1 CADICAL_PROFILE=4 CADICAL_CHECK=1 CADICAL_CHECKPROOF=1 \
  CADICAL_RESTARTINT=1000 CADICAL_STABILIZE=0 CADICAL_WALK=0 CADICAL_LUCKY=0 CADICAL_FACTOR=1 CADICAL_LRAT=1
check "CADICALSEED changes nothing" same short CADICALSEED=7 CADICALELIM=0 CADICALRESTARTINT=1000
check "RUST_BACKTRACE and RUST_LOG change nothing" same rust RUST_BACKTRACE=full RUST_LOG=trace RUST_MIN_STACK=1000000
# An option does change them: the comparisons above have something to find.
differs() { "$work/host" other 3>"$work/other.seen" && ! diff -q "$work/plain.seen" "$work/other.seen"; }
check "an option changes the statistics" differs
for variable in CADICAL_LIDRUP_TRACE CADICALLIDRUPTRACE; do
  trace=$work/trace
  traced() {
    env $variable="$trace" "$work/host" traced $variable "$trace" 3>"$work/seen" >"$work/out" 2>"$work/err" ||
      { cat "$work/seen"; return 1; }
    cat "$work/out" "$work/err"
    [ ! -s "$work/out" ] && [ ! -s "$work/err" ] && [ ! -e "$trace" ]
  }
  check "$variable is refused" traced
done
exit $failed
