#!/usr/bin/env bash
# threads.c under helgrind, valgrind's detector of data races. Prints `ok`, `FAILED` or `skipped: why`.
# (ThreadSanitizer would need the Rust standard library and CaDiCaL rebuilt with it, which takes a nightly compiler.)
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v valgrind >/dev/null; then
  echo "skipped: tsan: no valgrind"
  exit 0
fi
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/ffi-tests/tsan
mkdir -p "$work"
packaging/links "$work"
gcc -std=c11 -g -O1 -Iinclude ffi-tests/c/threads.c -o "$work/threads" -L"$work" -lanser -Wl,-rpath,"$work" -lm -pthread
if timeout 900 valgrind --quiet --tool=helgrind --error-exitcode=99 --suppressions=ffi-tests/helgrind.supp \
  "$work/threads" >"$work/log" 2>&1; then
  echo "ok tsan: threads.c under helgrind"
else
  tail -n 80 "$work/log" | sed 's/^/    /'
  echo "FAILED tsan: threads.c under helgrind"
  exit 1
fi
