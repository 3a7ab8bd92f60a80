#!/usr/bin/env bash
# examples.sh [LIBRARY]: builds the programs of examples-c with every warning an error, runs them against the release
# build (or another libanser.so) on tiny instances that it writes, and checks what they print and exit with: plainly,
# under valgrind (one run of each that frees what another does not), and with AddressSanitizer and UBSan. The examples in
# README.md are built and run too.
#
# Prints `ok NAME`, `FAILED NAME` with what was wrong, or `skipped: NAME: WHY`; fails when a check failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
library=$(realpath -m "${1:-${CARGO_TARGET_DIR:-target}/release/libanser.so}")
[ -e "$library" ] || { echo "FAILED examples: there is no $library: run cargo build --release"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
packaging/links "$work/lib" "$library"
failed=0

ok() { echo "ok examples/$1"; }
bad() {
  echo "FAILED examples/$1: $2"
  [ -z "${3:-}" ] || sed 's/^/    /' <<<"$3"
  failed=1
}
has() { command -v "$1" >/dev/null; }

warnings=(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
link=(-I"$root/include" -L"$work/lib" -lanser -Wl,-rpath,"$work/lib" -pthread -lm)

# build NAME OUT COMPILER... SOURCE: with every warning an error.
build() {
  local name=$1 out=$2 said
  shift 2
  if said=$("$1" -g -O1 "${@:2}" "${warnings[@]}" -o "$out" "${link[@]}" 2>&1); then ok "$name"; else bad "$name" "it does not compile" "$said"; fi
}

# try NAME EXIT PATTERN... -- COMMAND...: runs it; every PATTERN, an extended regular expression, must match a line of
# what it says, and `!PATTERN` must not.
try() {
  local name=$1 exit=$2 patterns=() said status p
  shift 2
  while [ "$1" != -- ]; do patterns+=("$1"); shift; done
  shift
  said=$(timeout 300 "$@" 2>&1 </dev/null)
  status=$?
  [ $status -eq "$exit" ] || { bad "$name" "it exited with $status, not $exit" "$said"; return; }
  for p in "${patterns[@]}"; do
    if [ "${p#!}" != "$p" ]; then
      ! grep -qE -- "${p#!}" <<<"$said" || { bad "$name" "a line matches ${p#!}" "$said"; return; }
    else
      grep -qE -- "$p" <<<"$said" || { bad "$name" "no line matches $p" "$said"; return; }
    fi
  done
  ok "$name"
}

# ---- Instances ------------------------------------------------------------------------------------------------------

cd "$work" || exit 1
printf 'c a comment\np cnf 3 3\n1 -2 0\n2 3\n0 -1 0\n' >sat.cnf
printf 'p cnf 2 4\n1 2 0\n-1 2 0\n1 -2 0\n-1 -2 0\n' >unsat.cnf
printf 'p cnf 2 1\n1 x 0\n' >bad.cnf
gzip -kc unsat.cnf >unsat.cnf.gz
# $1 pigeons in one hole less.
pigeons() {
  awk -v n="$1" 'BEGIN {
    m = n - 1
    print "p cnf", n * m, n + m * n * (n - 1) / 2
    for (p = 0; p < n; p++) { for (h = 1; h <= m; h++) printf "%d ", p * m + h; print 0 }
    for (h = 1; h <= m; h++) for (p = 0; p < n; p++) for (q = p + 1; q < n; q++) print -(p * m + h), -(q * m + h), 0
  }'
}
pigeons 13 >hard.cnf
# $1 variables, $2 clauses of three each, drawn from seed $3.
random() {
  awk -v n="$1" -v m="$2" -v x="$3" '
    function below(k) { x = (x * 69069 + 1) % 4294967296; return int(x / 4294967296 * k) }
    function literal(v) { return below(2) ? v : -v }
    BEGIN {
      print "p cnf", n, m
      while (m > 0) {
        a = 1 + below(n); b = 1 + below(n); c = 1 + below(n)
        if (a != b && a != c && b != c) { print literal(a), literal(b), literal(c), 0; m-- }
      }
    }'
}
random 50 200 1 >random.cnf
random 50 200 2 >other.cnf
printf 'p cnf 3 2\nx1 2 3 0\n1 -2 0\n' >parity.cnf
printf 'p cnf 1 1\n0\n' >empty.cnf

printf '#include "scorer_recorder.h"\nint main() { return 0; }\n' >recorder.cpp # a header that is for C++ as well

# ---- Builds ---------------------------------------------------------------------------------------------------------

for pair in clang:clang++ gcc:g++; do # the last one's programs are run
  cc=${pair%:*} cxx=${pair#*:}
  if ! has $cc || ! has $cxx; then
    echo "skipped: examples/build-$cc: no $cc or $cxx"
    continue
  fi
  build build-solve_dimacs-$cc solve_dimacs $cc -std=c11 "$root/examples-c/solve_dimacs.c"
  build build-cancel-$cc cancel $cc -std=c11 "$root/examples-c/cancel.c"
  build build-cardinality-$cc cardinality $cc -std=c11 "$root/examples-c/cardinality.c"
  build build-network-$cc network $cc -std=c11 "$root/examples-c/network.c"
  build build-sample-$cc sample $cc -std=c11 "$root/examples-c/sample.c"
  build build-verify-$cc verify $cc -std=c11 "$root/examples-c/verify.c"
  build build-scorer_cpu-$cc scorer_cpu $cc -std=c11 "$root/examples-c/scorer_cpu.c"
  build build-incremental-$cxx incremental $cxx -std=c++17 "$root/examples-c/incremental.cpp"
  build build-propagator-$cxx propagator $cxx -std=c++17 "$root/examples-c/propagator.cpp"
  build build-enumerate-$cxx enumerate $cxx -std=c++17 "$root/examples-c/enumerate.cpp"
  build build-architectures-$cxx architectures $cxx -std=c++17 "$root/examples-c/architectures.cpp"
  build build-bab_host-$cxx bab_host $cxx -std=c++17 "$root/examples-c/bab_host.cpp"
  build build-host_procedure-$cxx host_procedure $cxx -std=c++17 "$root/examples-c/host_procedure.cpp"
  build build-embed_encoder-$cxx embed_encoder $cxx -std=c++17 "$root/examples-c/embed_encoder.cpp"
  build build-scorer_async-$cxx scorer_async $cxx -std=c++17 "$root/examples-c/scorer_async.cpp"
  build build-scorer_recorder-$cxx recorder $cxx -std=c++17 -I"$root/examples-c" recorder.cpp
done
sanitize=(-fsanitize=address,undefined -fno-sanitize-recover=all)
quick=("${sanitize[@]}" -O0) # C++ at -O1 takes the sanitizers twice as long to compile
build build-solve_dimacs-asan asan-solve_dimacs gcc -std=c11 "${sanitize[@]}" "$root/examples-c/solve_dimacs.c"
build build-cancel-asan asan-cancel gcc -std=c11 "${sanitize[@]}" "$root/examples-c/cancel.c"
build build-cardinality-asan asan-cardinality gcc -std=c11 "${sanitize[@]}" "$root/examples-c/cardinality.c"
build build-network-asan asan-network gcc -std=c11 "${sanitize[@]}" "$root/examples-c/network.c"
build build-sample-asan asan-sample gcc -std=c11 "${sanitize[@]}" "$root/examples-c/sample.c"
build build-verify-asan asan-verify gcc -std=c11 "${sanitize[@]}" "$root/examples-c/verify.c"
build build-scorer_cpu-asan asan-scorer_cpu gcc -std=c11 "${sanitize[@]}" "$root/examples-c/scorer_cpu.c"
build build-incremental-asan asan-incremental g++ -std=c++17 "${quick[@]}" "$root/examples-c/incremental.cpp"
build build-propagator-asan asan-propagator g++ -std=c++17 "${quick[@]}" "$root/examples-c/propagator.cpp"
build build-enumerate-asan asan-enumerate g++ -std=c++17 "${quick[@]}" "$root/examples-c/enumerate.cpp"
build build-architectures-asan asan-architectures g++ -std=c++17 "${quick[@]}" "$root/examples-c/architectures.cpp"
build build-bab_host-asan asan-bab_host g++ -std=c++17 "${quick[@]}" "$root/examples-c/bab_host.cpp"
build build-host_procedure-asan asan-host_procedure g++ -std=c++17 "${quick[@]}" "$root/examples-c/host_procedure.cpp"
build build-embed_encoder-asan asan-embed_encoder g++ -std=c++17 "${quick[@]}" "$root/examples-c/embed_encoder.cpp"
build build-scorer_async-asan asan-scorer_async g++ -std=c++17 "${quick[@]}" "$root/examples-c/scorer_async.cpp"

# ---- Runs -----------------------------------------------------------------------------------------------------------

counted='vars +[0-9]+ clauses +[0-9]+\.[0-9]{3} s$'
# Under valgrind, where a program takes a second to start, only the runs of each path through the programs: `few` is set.
few=
all_or_few() { # as try, but left out where few are wanted
  [ -n "$few" ] || try "$@"
}
# all MODE COMMAND...: every example, with COMMAND and a prefix before its name.
all() {
  local mode=$1 before=("${@:2}") p=
  [ "$mode" = asan ] && p=asan-
  local solve=(${before[@]+"${before[@]}"} "./${p}solve_dimacs")
  try "solve_dimacs-sat-$mode" 10 '^sat\.cnf: SATISFIABLE  3 vars  3 clauses  [0-9.]+ s$' -- "${solve[@]}" sat.cnf
  all_or_few "solve_dimacs-unsat-$mode" 20 "^unsat\\.cnf: UNSATISFIABLE  2 $counted" -- "${solve[@]}" unsat.cnf
  all_or_few "solve_dimacs-gzip-$mode" 20 "^unsat\\.cnf\\.gz: UNSATISFIABLE" -- "${solve[@]}" unsat.cnf.gz
  try "solve_dimacs-time-$mode" 0 "^hard\\.cnf: UNKNOWN \\(time limit\\)  156 $counted" -- \
    "${solve[@]}" --time 0.2 hard.cnf
  try "solve_dimacs-time-while-reading-$mode" 0 "^hard\\.cnf: UNKNOWN \\(time limit, while reading\\)$" -- \
    "${solve[@]}" --time 0 hard.cnf
  all_or_few "solve_dimacs-many-$mode" 0 '^sat\.cnf: SAT' '^unsat\.cnf: UNSAT' -- "${solve[@]}" sat.cnf unsat.cnf
  try "solve_dimacs-many-and-an-error-$mode" 1 '^nowhere\.cnf: ANSER_STATUS_IO: ' '^sat\.cnf: SAT' -- \
    "${solve[@]}" nowhere.cnf sat.cnf
  try "solve_dimacs-parse-error-$mode" 1 '^bad\.cnf: ANSER_STATUS_PARSE: .*2.*3' '!SATISFIABLE' -- "${solve[@]}" bad.cnf
  all_or_few "solve_dimacs-usage-$mode" 1 '^usage: ' -- "${solve[@]}"
  all_or_few "solve_dimacs-two-proofs-$mode" 1 '^usage: ' -- "${solve[@]}" --lrat p sat.cnf unsat.cnf
  try "solve_dimacs-bad-time-$mode" 1 'ANSER_STATUS_INVALID_ARGUMENT' -- "${solve[@]}" --time -1 sat.cnf
  rm -f proof
  try "solve_dimacs-lrat-$mode" 20 'UNSATISFIABLE' -- "${solve[@]}" --lrat proof unsat.cnf
  # Its last line is the empty clause: an id, a 0, ids of clauses, a 0.
  if tail -n 1 proof 2>/dev/null | grep -qE '^[0-9]+ 0 ([0-9]+ )+0$'; then
    ok "solve_dimacs-lrat-proof-$mode"
  else
    bad "solve_dimacs-lrat-proof-$mode" "there is no empty clause at the end of the proof" "$(cat proof 2>&1)"
  fi
  try "solve_dimacs-lrat-nowhere-$mode" 1 '^no/where: ANSER_STATUS_IO' -- "${solve[@]}" --lrat no/where unsat.cnf

  local cancel=(${before[@]+"${before[@]}"} "./${p}cancel")
  try "cancel-thread-$mode" 0 '^ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_INTERRUPTED after .* conflicts; back [0-9.]+ ms after the trigger$' \
    '^again, from where it was: ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_CONFLICTS' -- "${cancel[@]}" 0.2
  all_or_few "cancel-sigint-time-$mode" 0 '^ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_TIME ' -- "${cancel[@]}" --sigint 0.2
  try "cancel-sigint-$mode" 0 '^ANSER_RESULT_UNKNOWN, ANSER_STOP_REASON_INTERRUPTED' '^again, ' -- bash -c '
    set -m # so that the program does not start with SIGINT ignored
    rm -f said # of the run before
    "$@" --sigint 100 >said 2>&1 &
    until grep -q solving said 2>/dev/null || ! kill -0 $!; do sleep 0.05; done
    sleep 0.2
    kill -INT $!
    wait $!; status=$?; cat said; exit $status' bash "${cancel[@]}"
  all_or_few "cancel-usage-$mode" 1 '^usage: ' -- "${cancel[@]}" soon

  # The numbers of flips are those that trying all 2^24 pictures finds.
  local cardinality=(${before[@]+"${before[@]}"} "./${p}cardinality")
  try "cardinality-$mode" 0 '^the picture is a cat$' '^it is no cat after 3 flips, and after no fewer:$' \
    '^[.#]{6}  ->  [.#]{6}$' -- "${cardinality[@]}"
  try "cardinality-parity-$mode" 0 '^it is no cat after 4 flips, and after no fewer that keep the parity:$' -- \
    "${cardinality[@]}" 1
  all_or_few "cardinality-usage-$mode" 1 '^usage: ' -- "${cardinality[@]}" 2

  try "incremental-$mode" 0 '^1 slot is too few, because of$' '^2 slots are too few, because of$' '^3 slots will do:$' \
    '^these wishes quarrel:$' '^    algebra in slot 1$' '^    geometry in slot 1$' '^with 3 of the wishes:$' \
    '^[a-z]+ and [a-z]+ clash as well$' '^a timetable that moves [1-7] of 7 exams:$' '^6 searches, [0-9]+ conflicts$' \
    -- ${before[@]+"${before[@]}"} "./${p}incremental"

  try "propagator-$mode" 0 '^of 60 dependencies between 14 services [0-9]+ must be broken$' '^then they start in the order( [0-9]+){14}$' \
    '^the propagator found [1-9][0-9]* literals and .* and was asked for [1-9][0-9]* reasons$' \
    '^clauses alone lead to the same number$' -- ${before[@]+"${before[@]}"} "./${p}propagator"
  local architectures=(${before[@]+"${before[@]}"} "./${p}architectures")
  try "architectures-$mode" 0 '^architectures: 219869$' '4000 parameters: [1-9]' 'odd kernels .*: [1-9]' -- "${architectures[@]}"
  local enumerate=(${before[@]+"${before[@]}"} "./${p}enumerate")
  try "enumerate-$mode" 0 '^[#.]{4} [-=]{4}$' '^[0-9]+ patterns, as by trying all pictures$' '!wrong' -- "${enumerate[@]}"
  try "enumerate-limit-$mode" 0 '^3 patterns, and maybe more$' '!wrong' -- "${enumerate[@]}" 3
  local sample=(${before[@]+"${before[@]}"} "./${p}sample")
  # One seed, one stream, and so one chi-square.
  all_or_few "sample-$mode" 0 '^about [0-9]+ pictures$' '^[#.]{4} [#.]{4} [#.]{4} [#.]{4}$' \
    '^900 samples of 90 pictures: each came [1-9][0-9]* to [0-9]+ times, chi-square 72\.4 with 89' '!wrong' -- "${sample[@]}"
  try "sample-few-$mode" 0 '^20 samples of 90 pictures' '!wrong' -- "${sample[@]}" 20 7
  all_or_few "sample-usage-$mode" 1 '^usage: ' -- "${sample[@]}" few
  local network=(${before[@]+"${before[@]}"} "./${p}network")
  try "network-$mode" 0 '^5 layers, 24 parameters$' '^  TANH +-> 1 4' '^counterexample after [1-9][0-9]* steps, in double and in float$' \
    '^2 disjuncts looked at$' -- "${network[@]}"
  try "network-parse-error-$mode" 1 'ANSER_STATUS_PARSE' -- "${network[@]}" bad.cnf bad.cnf
  all_or_few "network-nowhere-$mode" 1 'ANSER_STATUS_IO: .*no/where' -- "${network[@]}" no/where no/where
  all_or_few "network-usage-$mode" 1 '^usage: ' -- "${network[@]}" one
  # At (1, 1) the network answers less than -1.5, and nowhere less than -2.
  local bab=(${before[@]+"${before[@]}"} "./${p}bab_host")
  all_or_few "bab_host-holds-$mode" 0 '^[1-9][0-9]+ boxes bounded in [0-9]+ calls, ' '^holds$' -- "${bab[@]}"
  try "bab_host-few-boxes-$mode" 0 '^holds$' -- "${bab[@]}" -2.5
  try "bab_host-violated-$mode" 1 '^violated at \(-?[0-9.]+, -?[0-9.]+\)$' -- "${bab[@]}" -1.5
  try "bab_host-time-$mode" 2 '^unknown: time is up, [1-9][0-9]* boxes are open$' -- "${bab[@]}" -2 0
  all_or_few "bab_host-usage-$mode" 2 '^usage: ' -- "${bab[@]}" often
  # What is monotone, and that feature 2 is above 1/2, a grid of 13^3 points in exact fractions says too.
  local embed=(${before[@]+"${before[@]}"} "./${p}embed_encoder")
  if ./embed_encoder | grep -q '^skipped: '; then
    echo "skipped: examples/embed_encoder-$mode: the library was built without Z3"
  else
    try "embed_encoder-$mode" 0 '^feature 0: monotone: proved$' '^feature 1: monotone: proved$' '^feature 2: not monotone:$' \
      '^  x1 = \(([0-9]+(/[0-9]+)?, ){2}[0-9]+(/[0-9]+)?\)$' '^  replayed: f\(x1\) = .* less$' \
      '^  with the same 5 of 10 neurons on, and with no fewer:$' '^  both below 1/2: not monotone$' \
      '^  both above 1/2: monotone: proved$' '!unknown' -- "${embed[@]}"
  fi
  all_or_few "embed_encoder-nowhere-$mode" 1 'ANSER_STATUS_IO: .*no/where' -- "${embed[@]}" no/where
  all_or_few "embed_encoder-usage-$mode" 1 '^usage: ' -- "${embed[@]}" a 0
  # Without SCIP the other procedures decide.
  local host=(${before[@]+"${before[@]}"} "./${p}host_procedure" --script "$root/examples-c/solve_mps.py")
  local python=$root/.deps/oracles/bin/python
  try "host_procedure-alone-$mode" 0 '^scip: ' '^sat$' '^unsat$' '!unknown' -- "${host[@]}" --python no/python
  if ! "$python" -c 'import pyscipopt' 2>/dev/null; then
    echo "skipped: examples/host_procedure-scip-$mode: no PySCIPOpt in .deps/oracles"
  else
    try "host_procedure-scip-$mode" 0 '^scip: SCIP ' '^sat$' '^  y0 = (5\.9|6)' '^unsat$' '^ +0  scip  .*a witness$' '!attack' \
      -- "${host[@]}" --only-host --python "$python"
  fi
  all_or_few "host_procedure-usage-$mode" 1 '^usage: ' -- "${host[@]}" one
  local verify=(${before[@]+"${before[@]}"} "./${p}verify")
  try "verify-$mode" 0 '^an output of 1.9 or more\?$' '^sat, [0-9]+ subproblems bounded$' '^  y0 = (1\.9|2$)' \
    '^an output of 2.1 or more\?$' '^unsat, [0-9]+ subproblems bounded$' '!unknown' -- "${verify[@]}"
  all_or_few "verify-nowhere-$mode" 1 'ANSER_STATUS_IO: .*no/where' -- "${verify[@]}" no/where no/where
  all_or_few "verify-usage-$mode" 1 '^usage: ' -- "${verify[@]}" one
  all_or_few "enumerate-usage-$mode" 1 '^usage: ' -- "${enumerate[@]}" few

  local scorer=(${before[@]+"${before[@]}"} "./${p}scorer_cpu")
  local refused='ANSER_STATUS_CALLBACK_FAILED: .*scorer 0: '
  rm -f scores.log recorded replayed # of the run before
  try "scorer_cpu-record-$mode" 10 '^c [1-9][0-9]* flips, [1-9][0-9]* answers in [1-9][0-9]* calls$' '^s SATISFIABLE$' \
    '^v( -?[0-9]+)+$' -- bash -c '"$@" | tee recorded; exit ${PIPESTATUS[0]}' bash "${scorer[@]}" --record scores.log random.cnf
  try "scorer_cpu-replay-$mode" 10 '^c [1-9][0-9]* flips$' '^s SATISFIABLE$' -- \
    bash -c '"$@" | tee replayed; exit ${PIPESTATUS[0]}' bash "${scorer[@]}" --replay scores.log random.cnf
  # A model, and the same one: every clause has a literal that is among those of the `v` lines.
  if [ "$(grep '^v ' recorded)" = "$(grep '^v ' replayed)" ] &&
    awk 'FNR == NR { if ($1 == "v") for (i = 2; i <= NF; i++) is[$i] = 1; next }
         $1 != "p" { all++; for (i = 1; i < NF; i++) if ($i in is) { good++; break } }
         END { exit !(all == 200 && good == all && is[0]) }' recorded random.cnf; then
    ok "scorer_cpu-model-$mode"
  else
    bad "scorer_cpu-model-$mode" "a replay finds another model, or one is none" "$(cat recorded replayed)"
  fi
  head -c 300 scores.log >cut.log
  try "scorer_cpu-cut-log-$mode" 1 "${refused}submit answered 1: the log ends" '!^[sv]' -- "${scorer[@]}" --replay cut.log random.cnf
  all_or_few "scorer_cpu-no-log-$mode" 1 '^bad\.cnf: this is no log$' -- "${scorer[@]}" --replay bad.cnf random.cnf
  try "scorer_cpu-another-formula-$mode" 1 "${refused}prepare answered 1: the log is of another formula" '!^[sv]' -- \
    "${scorer[@]}" --replay scores.log other.cnf
  all_or_few "scorer_cpu-another-seed-$mode" 1 "${refused}submit answered 1: the log answers another question" '!^[sv]' -- \
    "${scorer[@]}" --seed 1 --replay scores.log random.cnf
  all_or_few "scorer_cpu-fewer-walkers-$mode" 1 "${refused}plan: " '!^[sv]' -- \
    "${scorer[@]}" --walkers 3 --replay scores.log random.cnf
  try "scorer_cpu-full-disk-$mode" 1 'the log could not be written' -- "${scorer[@]}" --record /dev/full random.cnf
  all_or_few "scorer_cpu-log-nowhere-$mode" 1 '^no/where: No such file' -- "${scorer[@]}" --record no/where random.cnf
  try "scorer_cpu-not-clauses-$mode" 1 "${refused}prepare answered 1: this host knows clauses only" -- "${scorer[@]}" parity.cnf
  all_or_few "scorer_cpu-one-walker-$mode" 10 '^s SATISFIABLE$' -- "${scorer[@]}" --walkers 1 --seed 18446744073709551615 random.cnf
  all_or_few "scorer_cpu-refuted-$mode" 20 '^c 0 flips, 0 answers in 0 calls$' '^s UNSATISFIABLE$' -- "${scorer[@]}" empty.cnf
  all_or_few "scorer_cpu-sigint-$mode" 0 '^s UNKNOWN$' '!late' -- bash -c '
    set -m # so that the program does not start with SIGINT ignored
    "$@" >said 2>&1 &
    caught=0 # until it has its handler
    until (( 0x${caught:-0} & 2 )) || ! kill -0 $!; do sleep 0.05; caught=$(sed -n "s/^SigCgt:\t//p" /proc/$!/status); done
    sleep 0.2
    kill -INT $!
    SECONDS=0
    wait $!; status=$?; cat said; (( SECONDS < 8 )) || echo late; exit $status' bash "${scorer[@]}" hard.cnf
  all_or_few "scorer_cpu-parse-error-$mode" 1 'ANSER_STATUS_PARSE' '!^s' -- "${scorer[@]}" bad.cnf
  try "scorer_cpu-nowhere-$mode" 1 'ANSER_STATUS_IO: .*nowhere\.cnf' '!^s' -- "${scorer[@]}" nowhere.cnf
  all_or_few "scorer_cpu-usage-$mode" 1 '^usage: ' -- "${scorer[@]}"
  all_or_few "scorer_cpu-no-walkers-$mode" 1 '^usage: ' -- "${scorer[@]}" --walkers 0 random.cnf
  all_or_few "scorer_cpu-two-logs-$mode" 1 '^usage: ' -- "${scorer[@]}" --record a --replay b random.cnf
  local async=(${before[@]+"${before[@]}"} "./${p}scorer_async")
  local same='^1 slot and 2 slots: the same search$'
  all_or_few "scorer_async-$mode" 0 '^1 slot:  [1-9][0-9]* flips in [0-9.]+ s$' '^2 slots: [1-9][0-9]* flips in' "$same" '!wrong' -- \
    "${async[@]}"
  try "scorer_async-few-$mode" 0 "$same" '!wrong' -- "${async[@]}" 8 3
  all_or_few "scorer_async-one-walker-$mode" 0 "$same" '!wrong' -- "${async[@]}" 1
  all_or_few "scorer_async-usage-$mode" 1 '^usage: ' -- "${async[@]}" 0
  all_or_few "scorer_async-bad-seed-$mode" 1 '^usage: ' -- "${async[@]}" 8 soon
}

all plain
all asan
if has valgrind; then
  few=1
  all valgrind valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect
else
  echo "skipped: examples/valgrind: no valgrind"
fi

# ---- The page -------------------------------------------------------------------------------------------------------

# In each language the first block of code on the page that is a whole program.
page=$root/README.md
program() {
  awk -v want="$1" '
    /^```/ { if (on && text ~ /int main/) { printf "%s", text; exit } on = !on && $0 == "```" want; text = ""; next }
    on { text = text $0 "\n" }' "$page"
}
for language in c cpp; do
  program $language >"page.$language"
  if [ ! -s "page.$language" ]; then
    bad "page-$language" "no block of $language on $(basename "$page") is a program"
    continue
  fi
  compiler=(gcc -std=c11)
  [ $language = cpp ] && compiler=(g++ -std=c++17)
  build "build-page-$language" "page-$language" "${compiler[@]}" "page.$language"
  try "page-$language" 0 '^2 is true$' -- "./page-$language"
  if has valgrind; then
    try "page-$language-valgrind" 0 '^2 is true$' -- \
      valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect "./page-$language"
  fi
done

exit $failed
