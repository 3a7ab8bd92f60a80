#!/usr/bin/env bash
# run.sh [PATTERN]: the packaging and the C ABI, tested from outside against the release build. PATTERN, a bash glob
# such as 'c/version*', picks checks by name. `make test` runs all.
#
# Prints `ok NAME`, `FAILED NAME` with the output, or `skipped: NAME: WHY` for each check; ends in a line of totals, and
# in failure when a check failed.
#
# Every c/*.c (C11) and cpp/*.cpp (C++17) is a test: it passes by exiting 0. It is linked to the shared library and run
# plainly, under valgrind, and built with AddressSanitizer and UBSan. A comment in its first five lines may leave some
# out: `/* run: plain valgrind */` lists the modes to use; `/* cflags: ... */` adds to the compiler's.
set -euo pipefail
cd "$(dirname "$0")/.."
pattern=${1:-*}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
built=$target/release
# Kept from run to run: the host's CaDiCaL. All else is made anew.
cache=$target/ffi-tests
work=$cache/run
rm -rf "$work"
mkdir -p "$work"
passed=0 failed=0 skipped=0
log_name=log
export RUST_BACKTRACE=0 # an abort, should there be one, stays short
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# The shared solvers that it was built with, if any: FEATURES is to say the same.
backends=$(packaging/backends "$built/libanser.so")

# wants NAME: whether the pattern picks it.
wants() { [[ $1 == $pattern ]]; }

# check NAME COMMAND...: runs the command, a function or a program, and reports.
check() {
  local name=$1 status log
  shift
  wants "$name" || return 0
  log=$work/$log_name
  # Not in an `if`: there bash would ignore the errors inside a function.
  set +e
  (set -e; "$@") >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ $status -eq 0 ]; then
    echo "ok $name"
    passed=$((passed + 1))
  else
    echo "FAILED $name (status $status)"
    tail -n 60 "$log" | sed 's/^/    /'
    failed=$((failed + 1))
  fi
}

skip() {
  wants "$1" || return 0
  echo "skipped: $1: $2"
  skipped=$((skipped + 1))
}

has() { command -v "$1" >/dev/null; }

# refuse GREP-ARGUMENTS...: fails when a line of the input matches. (`set -e` would ignore a failing `! grep`.)
refuse() {
  local found
  if found=$(grep "$@"); then
    printf 'unexpected:\n%s\n' "$found"
    return 1
  fi
}

strict=(-Wall -Wextra -Wpedantic -Wshadow -Werror)

# ---- Installed tree -------------------------------------------------------------------------------------------------

# Built for /opt/anser and tested elsewhere: what does not move breaks.
stage=$work/stage/opt/anser
install_tree() {
  DESTDIR=$work/stage PREFIX=/opt/anser LIBDIR=/opt/anser/lib packaging/install
  for file in include/anser.h lib/libanser.so.$version lib/libanser.so.0 lib/libanser.so lib/libanser.a \
    lib/pkgconfig/anser.pc lib/cmake/Anser/AnserConfig.cmake lib/cmake/Anser/AnserConfigVersion.cmake \
    lib/cmake/Anser/AnserTargets.cmake bin/anser share/doc/anser/LICENSE-MIT; do
    [ -e "$stage/$file" ] || { echo "no $file"; exit 1; }
  done
  [ -z "$backends" ] || diff <(LC_ALL=C sort <<<"$backends") <(LC_ALL=C ls "$stage/lib/anser")
  # No name of the build's or the staging place may stand in what is installed as text.
  refuse -rIn -e "$work" -e '@[A-Z_]*@' "$stage"
}

soname() {
  readelf -d "$stage/lib/libanser.so" | tee "$work/dynamic"
  grep -q 'SONAME.*\[libanser\.so\.0\]' "$work/dynamic"
}

exported() {
  packaging/exports include/anser.h >"$work/names"
  nm "$@" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort >"$work/exported"
  # Left: in the header only. Right: in the library only.
  diff "$work/names" "$work/exported"
}

one_object() { [ "$(ar t "$stage/lib/libanser.a")" = anser.o ]; }

header_is_current() { diff include/anser.h "$(packaging/out-dir)/anser.h"; }

# finds FILE FOLDER: the loader finds the shared solvers in the folder, when the file is loaded.
finds() {
  local name at
  for name in $backends; do
    at=$(env -u LD_LIBRARY_PATH ldd "$1" | sed -n "s/^\t$name => \(\/[^ ]*\).*/\1/p")
    [ "$(realpath "$at")" = "$(realpath "$2/$name")" ] || { echo "$1 finds $name at '$at'"; exit 1; }
  done
}

# Where they were put, and nothing looks into folders of this machine.
runpath() {
  local file
  for file in lib/libanser.so bin/anser; do
    readelf -d "$stage/$file" | refuse -E 'R(UN)?PATH.*(\[|:)/'
    finds "$stage/$file" "$stage/lib/anser"
  done
  env -i "$stage/bin/anser" --version | grep -x "anser $version"
}

# Beside the library they are found as well, for hosts that ship all in one folder.
one_folder() {
  mkdir -p "$work/one"
  cp "$(realpath "$stage/lib/libanser.so")" "$work/one/libanser.so.0"
  for name in $backends; do cp "$stage/lib/anser/$name" "$work/one/"; done
  cc "${strict[@]}" -Iinclude ffi-tests/consumer/consumer.c "$work/one/libanser.so.0" -o "$work/one/host" -Wl,-rpath,'$ORIGIN'
  finds "$work/one/host" "$work/one"
  env -i "$work/one/host" | grep -x "anser $version"
}

pkg_config_consumer() {
  export PKG_CONFIG_PATH=$1/pkgconfig
  pkg-config --exists --print-errors 'anser >= 0.1.0'
  cc "${strict[@]}" ffi-tests/consumer/consumer.c $(pkg-config --cflags --libs anser) -o "$work/pc-shared"
  LD_LIBRARY_PATH=$1 "$work/pc-shared" | grep -x "anser $(pkg-config --modversion anser)"
  readelf -d "$work/pc-shared" | grep 'NEEDED.*libanser.so.0'
}

pkg_config_static_consumer() {
  export PKG_CONFIG_PATH=$stage/lib/pkgconfig
  cc "${strict[@]}" ffi-tests/consumer/consumer.c -Wl,-Bstatic $(pkg-config --cflags --libs-only-L --libs-only-l anser) \
    -Wl,-Bdynamic $(pkg-config --static --libs anser | sed 's/-lanser//') -o "$work/pc-static"
  "$work/pc-static" | grep -x "anser $(pkg-config --modversion anser)"
  readelf -d "$work/pc-static" | refuse libanser
  # And with nothing shared at all, where `--static` lists all that it takes.
  [ -z "$backends" ] || return 0
  cc -static ffi-tests/consumer/consumer.c $(pkg-config --static --cflags --libs anser) -o "$work/pc-all-static"
  "$work/pc-all-static"
}

other_libdir() {
  DESTDIR=$work/multiarch PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu packaging/install
  pkg_config_consumer "$work/multiarch/usr/lib/x86_64-linux-gnu"
  [ "$(pkg-config --variable=includedir anser | xargs realpath)" = "$work/multiarch/usr/include" ]
  finds "$work/multiarch/usr/bin/anser" "$work/multiarch/usr/lib/anser"
  finds "$work/multiarch/usr/lib/x86_64-linux-gnu/libanser.so" "$work/multiarch/usr/lib/anser"
  cmake_consumer "$work/multiarch/usr"
}

cmake_consumer() {
  rm -rf "$work/cmake"
  cmake -S ffi-tests/consumer -B "$work/cmake" -DCMAKE_PREFIX_PATH="$1" -DCMAKE_LIBRARY_ARCHITECTURE=x86_64-linux-gnu
  cmake --build "$work/cmake"
  # CMake sets the rpath of what it builds.
  "$work/cmake/consumer_shared" | grep '^anser 0'
  readelf -d "$work/cmake/consumer_shared" | grep 'NEEDED.*libanser.so.0'
  "$work/cmake/consumer_static" | grep '^anser 0'
  readelf -d "$work/cmake/consumer_static" | refuse libanser
}

check package/install install_tree
# What follows needs the tree also when only some checks are picked.
wants package/install || install_tree
check package/soname soname
check package/runpath runpath
check package/one-folder one_folder
check package/symbols-shared exported -D --defined-only "$built/libanser.so"
check package/symbols-shared-installed exported -D --defined-only "$stage/lib/libanser.so"
check package/symbols-static exported -g --defined-only "$stage/lib/libanser.a"
check package/one-object one_object
check package/header-current header_is_current
if has pkg-config; then
  check package/pkg-config pkg_config_consumer "$stage/lib"
  check package/pkg-config-static pkg_config_static_consumer
else
  skip package/pkg-config "no pkg-config"
fi
if has cmake; then
  check package/cmake cmake_consumer "$stage"
  check package/other-libdir other_libdir
else
  skip package/cmake "no cmake"
fi

# ---- Headers --------------------------------------------------------------------------------------------------------

# Alone, then twice: what it needs it brings, and its guard holds.
header_alone() {
  local header=$1 language=$2
  shift 2
  printf '#include <%s>\n' "$header" >"$work/once.$language"
  printf '#include <%s>\n#include <%s>\nint anser_used;\n' "$header" "$header" >"$work/twice.$language"
  # A file without a declaration is against C; the header has some.
  "$@" -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$work/once.$language"
  "$@" -Wall -Wextra -Wpedantic -Werror -Iinclude -fsyntax-only "$work/twice.$language"
}

for pair in gcc:g++ clang:clang++; do
  cc=${pair%:*} cxx=${pair#*:}
  if ! has "$cc" || ! has "$cxx"; then
    skip "header/$cc" "no $cc or $cxx"
    continue
  fi
  for std in c99 c11; do check "header/anser.h-$cc-$std" header_alone anser.h c "$cc" -std=$std; done
  for std in c++11 c++17 c++20; do check "header/anser.h-$cxx-$std" header_alone anser.h cpp "$cxx" -std=$std; done
  if [ -e include/anser.hpp ]; then
    for std in c++17 c++20; do check "header/anser.hpp-$cxx-$std" header_alone anser.hpp cpp "$cxx" -std=$std; done
  fi
done

# ---- Static archive -------------------------------------------------------------------------------------------------

# A probe is built and localised as Anser is; then hosts link it with Anser, with another Rust library, and with a
# CaDiCaL of their own. The probe can do what no function of the header can: throw, panic, and say which CaDiCaL it has.
static=$work/static
probe_names="probe_cadical probe_panics probe_solve probe_threads probe_throws"
build_static() {
  mkdir -p "$static"
  local cadical
  cadical=$(packaging/out-dir cadical-sys)
  g++ -std=c++17 -O2 -fPIC -c ffi-tests/static/probe.cpp -o "$static/probe_cpp.o"
  ar rcs "$static/libprobe_cpp.a" "$static/probe_cpp.o"
  rustc --edition 2024 -O --crate-type staticlib --crate-name probe ffi-tests/static/probe.rs -o "$static/libprobe_raw.a" \
    -L native="$static" -L native="$cadical" -l static=probe_cpp -l static=cadical-rs-bridge -l static=cadical-c
  printf '%s\n' $probe_names >"$static/names"
  packaging/localise "$static/libprobe_raw.a" "$static/libprobe.a" "$static/names"
  rustc --edition 2024 -O --crate-type staticlib --crate-name other ffi-tests/static/other.rs -o "$static/libother.a"
  cp "$stage/lib/libanser.a" "$static/"
}

probe_symbols() {
  nm -g --defined-only "$static/libprobe.a" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort | diff "$static/names" -
  # The raw one has Rust's and CaDiCaL's: the check above has something to find.
  nm -g --defined-only "$static/libprobe_raw.a" 2>/dev/null >"$static/raw"
  grep ' T ccadical_init' "$static/raw"
  grep -E 'rust_eh_personality|__rust_alloc' "$static/raw"
  # Nothing of either is asked for from outside, and no COMDAT group is left to be merged by name.
  nm -u "$static/libprobe.a" | refuse -E ' (_R|_ZN.*17h|__rust|ccadical|_ZN7CaDiCaL)'
  readelf -g "$static/libprobe.a" | refuse COMDAT
}

private=(-lstdc++ -lm -lpthread -ldl)
for name in $backends; do private+=("$stage/lib/anser/$name" "-Wl,-rpath,$stage/lib/anser"); done
host() {
  local source=$1
  shift
  "$@" "${strict[@]}" -Wno-unused-function -g -Iinclude -x "$([[ $source == *.cpp ]] && echo c++ || echo c)" \
    "ffi-tests/static/$source" -x none -L"$static" -lanser -lprobe -lother ${host_libs:-} "${private[@]}" -o "$static/host"
}
run_host() { host "$@" && timeout 120 "$static/host"; }

# The host sits in a shared library, so all must be position independent and complete.
in_shared() {
  host host_c.c gcc -std=c11 -Dmain=host_main -fPIC -shared -Wl,-z,defs -Wl,-z,text
  mv "$static/host" "$static/libhost.so"
  echo 'int host_main(void); int main(void) { return host_main(); }' >"$static/main.c"
  gcc "$static/main.c" -L"$static" -lhost -Wl,-rpath,"$static" -o "$static/main"
  timeout 120 "$static/main"
}

under_valgrind() {
  host host_cpp.cpp g++ -std=c++17
  timeout 600 valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$static/host"
}

# An older CaDiCaL, from a crate that ships its sources; compiled once.
cadical_crate=0.1.16
build_host_cadical() {
  local home=$cache/host-cadical-$cadical_crate
  [ -e "$home/libhostcadical.a" ] && return
  rm -rf "$home"
  mkdir -p "$home/src" "$home/objects"
  touch "$home/src/lib.rs"
  printf '%s\n' '[package]' 'name = "host"' 'version = "0.0.0"' 'edition = "2024"' '[workspace]' \
    '[dependencies]' "cadical = \"=$cadical_crate\"" >"$home/Cargo.toml"
  cargo vendor --quiet --manifest-path "$home/Cargo.toml" "$home/vendor" >/dev/null || return 77
  find "$home/vendor/cadical/cadical/src" -name '*.cpp' ! -name cadical.cpp ! -name mobical.cpp -printf '%f\n' |
    xargs -P "$(nproc)" -I{} g++ -std=c++17 -O1 -w -DNDEBUG -DNBUILD -DNUNLOCKED -DNTRACING -DQUIET \
      "-DVERSION=\"$(cat "$home/vendor/cadical/cadical/VERSION")\"" \
      -c "$home/vendor/cadical/cadical/src/{}" -o "$home/objects/{}.o"
  ar rcs "$home/partial.a" "$home"/objects/*.o
  mv "$home/partial.a" "$home/libhostcadical.a"
}

# Unlocalised, the same host links without a word, and each side gets whichever CaDiCaL came first.
control() {
  local static=$static/control
  mkdir -p "$static"
  cp "$static"/../lib{other,anser}.a "$static"
  cp "$static/../libprobe_raw.a" "$static/libprobe.a"
  host host_cadical.c gcc -std=c11
  if "$static/host" 2>"$static/said"; then exit 1; fi
  cat "$static/said"
  grep CaDiCaL "$static/said"
}

if wants 'static/*' || [[ $pattern == static* ]]; then
  check static/build build_static
  check static/symbols probe_symbols
  for pair in gcc:g++ clang:clang++; do
    cc=${pair%:*} cxx=${pair#*:}
    if ! has "$cc" || ! has "$cxx"; then
      skip "static/$cc" "no $cc or $cxx"
      continue
    fi
    check "static/c-$cc" run_host host_c.c "$cc" -std=c11
    check "static/c-$cc-gc-sections" run_host host_c.c "$cc" -std=c11 -ffunction-sections -Wl,--gc-sections
    check "static/cpp-$cxx" run_host host_cpp.cpp "$cxx" -std=c++17
    check "static/cpp-$cxx-gc-sections" run_host host_cpp.cpp "$cxx" -std=c++17 -ffunction-sections -Wl,--gc-sections
  done
  if [ -z "$backends" ]; then
    check static/c-all-static run_host host_c.c gcc -std=c11 -static
  else
    skip static/c-all-static "a build with shared solvers: FEATURES= has none"
  fi
  check static/in-shared-library in_shared
  if has valgrind; then check static/valgrind under_valgrind; else skip static/valgrind "no valgrind"; fi
  set +e
  (set -e; build_host_cadical) >"$work/log" 2>&1 </dev/null
  status=$?
  set -e
  if [ $status -eq 77 ]; then
    skip static/host-cadical "the sources of an older CaDiCaL (crate cadical $cadical_crate) cannot be fetched"
  elif [ $status -ne 0 ]; then
    check static/host-cadical-build sh -c "cat '$work/log'; exit 1"
  else
    host_libs="-L$cache/host-cadical-$cadical_crate -lhostcadical"
    check static/host-cadical run_host host_cadical.c gcc -std=c11
    check static/host-cadical-gc-sections run_host host_cadical.c gcc -std=c11 -ffunction-sections -Wl,--gc-sections
    check static/host-cadical-control control
    host_libs=
  fi
fi

# ---- C and C++ programs against the shared library ------------------------------------------------------------------

links=$work/lib
packaging/links "$links"

compile() {
  local source=$1 out=$2
  shift 2
  local compiler=(gcc -std=c11)
  [[ $source == *.cpp ]] && compiler=(g++ -std=c++17)
  local flags
  read -ra flags <<<"$(head -n 5 "$source" | sed -n 's/.*cflags: *\(.*\) \*\/.*/\1/p')"
  "${compiler[@]}" "${strict[@]}" -g -O1 -Iinclude -Iffi-tests "${flags[@]}" "$@" "$source" -o "$out" \
    -L"$links" -lanser -Wl,-rpath,"$links" -lm -pthread
}

# Plainly and under valgrind the same program runs.
plain() {
  compile "$1" "$2"
  timeout 120 "$2"
}

valgrinded() {
  [ -e "$2" ] || compile "$1" "$2"
  timeout 600 valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$2"
}

sanitized() {
  local quick=() # C++ at -O1 takes the sanitizers half a minute to compile
  [[ $1 != *.cpp ]] || quick=(-O0)
  compile "$1" "$2-asan" "${quick[@]}" -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
  ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 timeout 300 "$2-asan"
}

# Every program's checks, and every script below, are a job; as many as there are processors run at once. What a job
# prints is shown, and counted, when its turn in the order has come.
jobs=$work/jobs
mkdir "$jobs"
started=()
job() { # NAME COMMAND...
  while [ "$(jobs -pr | wc -l)" -ge "$(nproc)" ]; do wait -n || true; done
  started+=("$1")
  (
    passed=0 failed=0 skipped=0 log_name=log-$1
    "${@:2}" >"$jobs/$1.out" 2>&1
    echo "$passed $failed $skipped" >"$jobs/$1.totals"
  ) &
}
finish_jobs() {
  wait
  local name p f s
  for name in "${started[@]}"; do
    cat "$jobs/$name.out"
    if read -r p f s <"$jobs/$name.totals"; then
      passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    else
      echo "FAILED $name: its job broke off"
      failed=$((failed + 1))
    fi
  done
}

run_program() {
  local source=$1 name=${1#ffi-tests/} program modes mode
  program=$work/$(tr '/.' '--' <<<"$name")
  modes=$(head -n 5 "$source" | sed -n 's/.*run: *\([a-z ]*\).*/\1/p' | head -n 1)
  for mode in ${modes:-plain valgrind asan}; do
    case $mode in
      plain) check "$name" plain "$source" "$program" ;;
      valgrind) if has valgrind; then check "$name-valgrind" valgrinded "$source" "$program"; else skip "$name-valgrind" "no valgrind"; fi ;;
      asan) check "$name-asan" sanitized "$source" "$program" ;;
      *) check "$name-$mode" sh -c "echo 'no such mode: $mode'; exit 1" ;;
    esac
  done
}

# ---- Scripts with more checks of their own: what they print counts --------------------------------------------------

run_script() {
  local status log=$work/$log_name
  set +e
  "ffi-tests/$1.sh" >"$log" 2>&1 </dev/null
  status=$?
  set -e
  grep -E '^(ok|FAILED|skipped:) ' "$log" || true
  passed=$((passed + $(grep -c '^ok ' "$log" || true)))
  skipped=$((skipped + $(grep -c '^skipped: ' "$log" || true)))
  if [ $status -ne 0 ]; then
    sed 's/^/    /' "$log"
    failed=$((failed + 1))
  fi
}

# The longest first.
for script in panic examples tsan quiet; do
  if wants "$script"; then job "$script" run_script "$script"; fi
done
shopt -s nullglob
for source in ffi-tests/cpp/*.cpp ffi-tests/c/*.c; do
  job "$(basename "$source")" run_program "$source"
done
finish_jobs

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $((passed + skipped)) -gt 0 ]
