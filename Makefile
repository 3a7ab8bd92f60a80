# `make demo` builds Anser and runs it once; `make test` checks everything. Both use the release profile and one target
# folder, so that the embedded solvers are compiled once.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
CARGO ?= cargo
# Backends that are linked as shared libraries, which scripts/setup gets. `make demo FEATURES=` does without.
FEATURES ?= highs,z3
export PREFIX LIBDIR DESTDIR FEATURES
WITH := --release $(if $(FEATURES),--features $(FEATURES))

BUILT := $(or $(CARGO_TARGET_DIR),target)/release

# cargo locks its folder and uses all cores by itself.
.NOTPARALLEL:
.PHONY: build demo test test-long setup header install fmt-check lint doc bench peers clean

build:
	$(CARGO) build $(WITH)

demo:
	scripts/setup build
	$(CARGO) build $(WITH)
	scripts/demo

test:
	scripts/setup
	$(MAKE) --no-print-directory fmt-check lint doc
	$(CARGO) build $(WITH)
	scripts/test

# Installs what is missing, or prints the line to run.
setup:
	scripts/setup

# The committed header, from the one that the build script generates.
header:
	install -m 644 "$$(packaging/out-dir)/anser.h" include/anser.h

# Builds first only where nothing is built, so that `sudo make install` needs no cargo.
install:
	@test -e $(BUILT)/libanser.so || $(MAKE) --no-print-directory build
	packaging/install

fmt-check:
	$(CARGO) fmt --check

# --release, here and for the docs: a debug profile would compile the embedded solvers once more.
lint:
	$(CARGO) clippy $(WITH) --all-targets -- -D warnings

# What takes too long for every day.
test-long:
	$(CARGO) build $(WITH)
	$(CARGO) test $(WITH) -- --ignored --nocapture

doc:
	RUSTDOCFLAGS=-Dwarnings $(CARGO) doc $(WITH) --no-deps

bench:
	$(CARGO) bench $(if $(FEATURES),--features $(FEATURES))

# What benches compare with from PyPI; they say so and go on where it is absent.
peers:
	python3 -m pip install --quiet --target .deps/peers pycryptosat maraboupy==2.0.0 pyapproxmc pyganak pyunigen pycmsgen ortools==9.15.6755 exact==2.2.1

clean:
	$(CARGO) clean
