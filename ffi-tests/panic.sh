#!/usr/bin/env bash
# Builds panic-probe and its host, and runs it: see panic-probe/host.c. Prints `ok`, `FAILED` or `skipped: why` lines.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/ffi-tests/panic
mkdir -p "$work"
features=${FEATURES-highs,z3}
if ! cargo build --release ${features:+--features "$features"} --offline --example panic_probe >"$work/log" 2>&1; then
  sed 's/^/    /' "$work/log"
  echo "FAILED panic: the probe does not build"
  exit 1
fi
mapfile -t backends < <(packaging/backends "$target/release/libanser.so" | sed "s|^|$target/release/|")
gcc -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror -g -Iinclude ffi-tests/panic-probe/host.c -o "$work/host" \
  "$target/release/examples/libpanic_probe.a" -lstdc++ -lm -pthread -ldl "${backends[@]}" -Wl,-rpath,"$target/release"
# A backtrace, asked for by a host's user, is not printed either.
for backtrace in 0 full; do
  if ! RUST_BACKTRACE=$backtrace timeout 60 "$work/host" >"$work/out" 2>"$work/err"; then
    cat "$work/out" "$work/err"
    echo "FAILED panic: status of the host"
    exit 1
  fi
  cat "$work/out"
  if [ -s "$work/err" ]; then
    cat "$work/err"
    echo "FAILED panic: something was printed"
    exit 1
  fi
done
