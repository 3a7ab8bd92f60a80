//! The C ABI's sources, read as text: every exported function runs inside a guard that knows its name, nothing there can
//! print or panic on purpose, and the header names exactly what is exported.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust sources of a room, sorted, with comments taken out.
fn sources(room: &str) -> Vec<(PathBuf, String)> {
    let mut files: Vec<_> = fs::read_dir(root().join(room)).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "rs"));
    files.sort();
    assert!(!files.is_empty());
    files.into_iter().map(|p| (p.clone(), without_comments(&fs::read_to_string(&p).unwrap()))).collect()
}

/// Line comments become empty; lines stay where they are. (No source has `//` inside a string before a construct that
/// these tests look for.)
fn without_comments(text: &str) -> String {
    let bare = |line: &str| line.find("//").map_or(line, |at| &line[..at]).to_owned();
    text.lines().map(|line| bare(line) + "\n").collect()
}

#[derive(Debug)]
struct Function {
    place: String,
    name: String,
    attributes: String,
    body: String,
}

/// Every `extern "C" fn` that has a body.
fn extern_functions(file: &Path, text: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("extern \"C\" fn ") {
        let at = from + at;
        let after = &text[at + "extern \"C\" fn ".len()..];
        from = at + 1;
        let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if name.is_empty() {
            continue;
        }
        let Some(open) = after.find('{') else { continue };
        if after[..open].contains(';') {
            continue;
        }
        let mut depth = 0;
        let end = after[open..].char_indices().find_map(|(i, c)| {
            depth += i32::from(c == '{') - i32::from(c == '}');
            (depth == 0).then_some(open + i)
        });
        // Attributes and visibility: what stands since the last item ended.
        let before = &text[..at];
        let attributes = &before[before.rfind(['}', ';']).map_or(0, |i| i + 1)..];
        found.push(Function {
            place: format!("{}:{}", file.display(), before.lines().count()),
            name,
            attributes: attributes.to_owned(),
            body: after[open + 1..end.expect("braces match")].to_owned(),
        });
    }
    found
}

fn exported() -> Vec<Function> {
    let all: Vec<_> = sources("src/ffi").iter().flat_map(|(p, t)| extern_functions(p, t)).collect();
    assert!(all.len() > 40, "the scan finds the functions: {}", all.len());
    all
}

#[test]
fn every_exported_function_runs_inside_a_guard_of_its_name() {
    const GUARDS: [&str; 4] = ["guard(", "guard_free(", "guard_keeping_error(", "guard_plain("];
    // What may be called from a signal handler, or only reads what is static: they touch no thread-local state.
    const PLAIN: [&str; 8] = [
        "anser_layer_kind_name",
        "anser_result_name",
        "anser_stop_reason_name",
        "anser_interrupt_trigger",
        "anser_interrupt_is_triggered",
        "anser_version_number",
        "anser_version_string",
        "anser_status_name",
    ];
    for f in exported() {
        let place = &f.place;
        assert!(f.attributes.contains("pub "), "{place}: {} is not public", f.name);
        assert!(f.attributes.contains("#[unsafe(no_mangle)]"), "{place}: {} lacks #[unsafe(no_mangle)]", f.name);
        assert!(f.name.starts_with("anser_"), "{place}: {}", f.name);
        let body = f.body.trim_start();
        let guard = GUARDS.iter().find(|g| body.starts_with(**g));
        let guard = guard.unwrap_or_else(|| panic!("{place}: {} does not begin with a guard: {body}", f.name));
        // One guard around everything: the body is that call alone.
        let call = body.trim_end().trim_end_matches(';');
        assert!(closes_at_end(call), "{place}: {} does something outside its guard: {body}", f.name);
        match *guard {
            "guard(" => {
                let named = format!("guard(\"{}\",", f.name);
                assert!(body.starts_with(&named), "{place}: {} gives its guard another name", f.name);
            }
            "guard_free(" => assert!(f.name.ends_with("_free"), "{place}: {}", f.name),
            "guard_keeping_error(" => assert!(f.name.starts_with("anser_last_error"), "{place}: {}", f.name),
            _ => assert!(PLAIN.contains(&f.name.as_str()), "{place}: {} may panic through a plain guard", f.name),
        }
    }
}

/// Whether the first parenthesis of `call` is closed by its last character.
fn closes_at_end(call: &str) -> bool {
    let mut depth = 0;
    let close = call.char_indices().find_map(|(i, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0 && c == ')').then_some(i)
    });
    close == Some(call.len() - 1)
}

#[test]
fn callbacks_of_the_backend_are_not_exported() {
    let mut seen = 0;
    for (path, text) in sources("src/sat") {
        for f in extern_functions(&path, &text) {
            seen += 1;
            assert!(!f.attributes.contains("no_mangle"), "{}: {} is exported", f.place, f.name);
            assert!(!f.attributes.contains("pub "), "{}: {} is public", f.place, f.name);
            assert!(!exported().iter().any(|e| e.name == f.name), "{}", f.name);
        }
    }
    assert!(seen >= 2, "the scan finds the callbacks: {seen}");
    // Outside src/ffi nothing is exported.
    for room in [
        "src",
        "src/budget",
        "src/formula",
        "src/formula/dimacs",
        "src/formula/opb",
        "src/formula/text",
        "src/net",
        "src/net/eval",
        "src/net/onnx",
        "src/net/property",
        "src/net/vnnlib",
        "src/verify",
        "src/verify/canonical",
        "src/sat",
        "src/solve",
    ] {
        for (path, text) in sources(room) {
            assert!(!text.contains("no_mangle") && !text.contains("export_name"), "{}", path.display());
        }
    }
}

/// The functions that the header declares.
fn declared() -> BTreeSet<String> {
    let header = fs::read_to_string(root().join("include/anser.h")).unwrap();
    let mut bare = String::new();
    let mut rest = header.as_str();
    while let Some(at) = rest.find("/*") {
        bare += &rest[..at];
        rest = &rest[at + rest[at..].find("*/").expect("comments end") + 2..];
    }
    bare += rest;
    let mut names = BTreeSet::new();
    for (at, _) in bare.match_indices('(') {
        let name: String = bare[..at].chars().rev().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let name: String = name.chars().rev().collect();
        if name.starts_with("anser_") && !bare[..at - name.len()].ends_with('(') {
            names.insert(name);
        }
    }
    names
}

#[test]
fn the_header_declares_exactly_what_is_exported() {
    let exported = exported();
    let names: BTreeSet<String> = exported.iter().map(|f| f.name.clone()).collect();
    assert_eq!(names.len(), exported.len(), "a name is exported twice");
    let declared = declared();
    let missing: Vec<_> = names.difference(&declared).collect();
    let stale: Vec<_> = declared.difference(&names).collect();
    assert!(missing.is_empty() && stale.is_empty(), "not in the header: {missing:?}; only in the header: {stale:?}");
}

#[test]
fn the_header_has_every_enum_of_the_sources() {
    let header = fs::read_to_string(root().join("include/anser.h")).unwrap();
    let mut seen = 0;
    for (path, text) in sources("src/ffi") {
        for (at, _) in text.match_indices("pub enum anser_") {
            let body = &text[at..at + text[at..].find('}').expect("an enum ends")];
            for variant in body.split(['{', ',', '\n']).map(str::trim).filter(|v| v.starts_with("ANSER_")) {
                seen += 1;
                assert!(header.contains(&format!("  {variant},")), "{}: the header lacks {variant}", path.display());
            }
        }
    }
    assert!(seen > 30, "the scan finds the enumerators: {seen}");
}

#[test]
fn nothing_in_the_abi_prints_or_panics_on_purpose() {
    const NEVER: [&str; 10] = [
        ".unwrap()",
        ".expect(",
        "panic!",
        "unreachable!",
        "todo!",
        "unimplemented!",
        "println!",
        "eprintln!",
        "print!",
        "dbg!",
    ];
    for (path, text) in sources("src/ffi") {
        for (number, line) in text.lines().enumerate() {
            for never in NEVER {
                assert!(!line.contains(never), "{}:{}: {never}: {line}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_scan_sees_what_it_must() {
    let bad = r#"
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_a(x: i32) -> i32 {
    let y = x;
    guard("anser_a", || { y })
}
#[unsafe(no_mangle)]
pub extern "C" fn anser_b() {
    guard("anser_b", || {}); more();
}
type F = unsafe extern "C" fn(i32) -> i32;
unsafe extern "C" { fn anser_c(x: i32); }
"#;
    let found = extern_functions(Path::new("x"), bad);
    assert_eq!(found.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["anser_a", "anser_b"]);
    assert!(!found[0].body.trim_start().starts_with("guard("));
    assert!(!closes_at_end(found[1].body.trim().trim_end_matches(';')));
    assert!(closes_at_end("guard(\"x\", || { (1 + 2) })"));
}
