#!/usr/bin/env bash
# threads.c, and scorers that answer on threads of their own, under helgrind, valgrind's detector of data races. Prints a
# line for each: `ok`, `FAILED` or `skipped: why`.
# (ThreadSanitizer would need the Rust standard library and CaDiCaL rebuilt with it, which takes a nightly compiler.)
set -euo pipefail
cd "$(dirname "$0")/.."
programs=(c/threads.c c/scorer.c cpp/scorer.cpp)
if ! command -v valgrind >/dev/null; then
  for program in "${programs[@]}"; do echo "skipped: tsan: no valgrind for $(basename "$program")"; done
  exit 0
fi
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
work=$target/ffi-tests/tsan
mkdir -p "$work"
packaging/links "$work"
failed=0
for program in "${programs[@]}"; do
  name=$(basename "$program")
  compiler=(gcc -std=c11)
  [[ $name != *.cpp ]] || compiler=(g++ -std=c++17)
  if "${compiler[@]}" -g -O1 -Iinclude "ffi-tests/$program" -o "$work/${name/./-}" -L"$work" -lanser -Wl,-rpath,"$work" -lm \
    -pthread >"$work/log" 2>&1 &&
    timeout 900 valgrind --quiet --tool=helgrind --error-exitcode=99 --suppressions=ffi-tests/helgrind.supp \
      "$work/${name/./-}" >"$work/log" 2>&1; then
    echo "ok tsan: $name under helgrind"
  else
    tail -n 80 "$work/log" | sed 's/^/    /'
    echo "FAILED tsan: $name under helgrind"
    failed=1
  fi
done
exit $failed
