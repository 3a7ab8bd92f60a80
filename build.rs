//! Compiles the C++ shims, names the shared library, and writes the C header to `OUT_DIR`.

use std::env;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/ffi");
    println!("cargo:rerun-if-changed=src/sat");
    println!("cargo:rerun-if-changed=src/milp");
    println!("cargo:rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    println!("cargo:rerun-if-env-changed=ANSER_HIGHS_LIBRARY_PATH");

    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    header(&out);
    shims();
    link();
}

/// The header of what `src/ffi` exports. `make header` copies it to `include/anser.h`; a test compares the two.
fn header(out: &Path) {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let mut config = cbindgen::Config::from_root_or_default(&root);
    let version = |part: &str| env::var(format!("CARGO_PKG_VERSION_{part}")).expect("cargo sets the version");
    let (major, minor, patch) = (version("MAJOR"), version("MINOR"), version("PATCH"));
    config.after_includes = Some(format!(
        "\n/** Version of this header. */\n#define ANSER_VERSION_MAJOR {major}\n#define ANSER_VERSION_MINOR {minor}\n\
         #define ANSER_VERSION_PATCH {patch}\n/** Major * 1000000 + minor * 1000 + patch. */\n\
         #define ANSER_VERSION_NUMBER (ANSER_VERSION_MAJOR * 1000000 + ANSER_VERSION_MINOR * 1000 + ANSER_VERSION_PATCH)\n\
         {}",
        config.after_includes.unwrap_or_default()
    ));
    // The sources in the order in which a reader of the header should meet them.
    let order = [
        "version",
        "status",
        "names",
        "last_error",
        "interrupt",
        "budget",
        "sink",
        "formula",
        "constraints",
        "numbers",
        "contents",
        "sampling",
        "opb",
        "text_format",
        "solver",
        "objective",
        "backend",
        "propagator",
        "enumerator",
        "counter",
        "sampler",
        "search",
        "scorer",
        "arch",
        "network",
        "network_layers",
        "network_contents",
        "network_files",
        "network_eval",
        "property",
        "property_files",
        "disjuncts",
        "bounds",
        "bounds_compute",
        "relu_encoder",
        "verifier",
        "host_procedure",
    ];
    let mut builder = cbindgen::Builder::new().with_config(config);
    for name in order {
        let file = Path::new(&root).join(format!("src/ffi/{name}.rs"));
        if file.exists() {
            builder = builder.with_src(file);
        }
    }
    match builder.generate() {
        Ok(bindings) => {
            let mut text = Vec::new();
            bindings.write(&mut text);
            // What Rust documents as safety is a C function's precondition.
            let text = String::from_utf8_lossy(&text).replace(" * # Safety\n * ", " * @pre ");
            std::fs::write(out.join("anser.h"), text).expect("OUT_DIR is writable");
        }
        Err(why) => panic!("the C header could not be generated: {why}"),
    }
}

fn shims() {
    let flags = |build: &mut cc::Build| {
        build.cpp(true).std("c++17").flag_if_supported("-fno-gnu-unique").flag_if_supported("-fvisibility=hidden");
    };
    let mut callbacks = cc::Build::new();
    flags(&mut callbacks);
    callbacks.file("src/ffi/callback_shim.cpp").compile("anser_callback_shim");

    if env::var_os("CARGO_FEATURE_CADICAL").is_some() {
        let headers = env::var("DEP_CADICAL_CXXBRIDGE_DIR1").expect("cadical-sys tells where its sources are");
        let mut cadical = cc::Build::new();
        flags(&mut cadical);
        // The same defines that cadical-sys compiles CaDiCaL with: they change the layout of its classes.
        for define in ["NDEBUG", "NBUILD", "NUNLOCKED", "NTRACING", "QUIET", "NCLOSEFROM"] {
            cadical.define(define, None);
        }
        cadical
            .include(Path::new(&headers).join("cadical-sys/cadical/src"))
            .warnings(false)
            .opt_level(3)
            .file("src/sat/cadical_shim.cpp")
            .compile("anser_cadical_shim");
    }

    if env::var_os("CARGO_FEATURE_HIGHS").is_some() {
        let mut highs = cc::Build::new();
        flags(&mut highs);
        highs.file("src/milp/highs_shim.cpp").compile("anser_highs_shim");
    }
}

fn link() {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        let major = env::var("CARGO_PKG_VERSION_MAJOR").expect("cargo sets the version");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libanser.so.{major}");
        // Symbols of embedded solvers stay inside.
        println!("cargo:rustc-cdylib-link-arg=-Wl,--exclude-libs,ALL");
    }
    let shared = [
        ("CARGO_FEATURE_Z3", "Z3 5.3", "Z3_LIBRARY_PATH_OVERRIDE", "libz3.so", "libz3.so.5.3"),
        ("CARGO_FEATURE_HIGHS", "HiGHS 1.15", "ANSER_HIGHS_LIBRARY_PATH", "libhighs.so", "libhighs.so.1"),
    ];
    let mut any = false;
    for (feature, name, variable, linked, loaded) in shared {
        if env::var_os(feature).is_some() {
            backend(name, variable, linked, loaded);
            any = true;
        }
    }
    if env::var_os("CARGO_FEATURE_HIGHS").is_some() {
        println!("cargo:rustc-link-lib=dylib=highs");
    }
    if any {
        // Where the loader looks for them, from the file that asks: in a folder of their own, as `packaging/install` puts
        // them, or beside it, as a host may, and as they are here. No path of this machine stands in what is built.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-rpath,$ORIGIN/anser:$ORIGIN");
        println!("cargo:rustc-link-arg-bins=-Wl,-rpath,$ORIGIN/../lib/anser:$ORIGIN");
    }
}

/// Finds a solver that is a shared library, where `scripts/setup` put it. Without it nothing is built: the linker would
/// take a stray one.
fn backend(name: &str, variable: &str, linked: &str, loaded: &str) {
    let folder = env::var(variable).unwrap_or_default();
    let folder = Path::new(&folder);
    let library = folder.join(loaded);
    assert!(
        folder.is_absolute() && folder.join(linked).exists() && library.exists(),
        "{name} is not there: run scripts/setup (looked in {:?})",
        folder.display()
    );
    // Linked from a folder of the build's: such ones cargo tells the loader of, for the tests and benches that it runs.
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    point(&out.join(linked), &library);
    point(&out.join(loaded), &library);
    println!("cargo:rustc-link-search=native={}", out.display());
    // And beside `libanser.so` and `anser`, three folders up, for those that start them without cargo.
    if let Some(built) = out.ancestors().nth(3) {
        point(&built.join(loaded), &library);
    }
}

/// Makes `link` lead to a library, whatever it was before.
fn point(link: &Path, library: &Path) {
    let _ = std::fs::remove_file(link);
    std::os::unix::fs::symlink(library, link).unwrap_or_else(|why| panic!("{}: {why}", link.display()));
}
