//! What both versions allow, and that it means what it should.

use anser::budget::Budget;
use anser::net::vnnlib;

use super::{DECLARED, NETWORK, read};

/// Whether an assertion of version 1.0 holds at `X_0`, `X_1`, `Y_0`; and that it is the same when written and read again.
fn holds(assertion: &str, [a, b, y]: [f64; 3]) -> bool {
    let property = read(format!("{DECLARED}(assert {assertion})")).unwrap_or_else(|e| panic!("{assertion}: {e}"));
    let written = vnnlib::to_string(&property, &Budget::unlimited()).unwrap();
    assert_eq!(read(&written).unwrap(), property, "{assertion} became {written}");
    property.check(&[a, b], &[y]).unwrap()
}

#[test]
fn arithmetic() {
    let point = [2.0, 3.0, 5.0];
    for (sum, value) in [
        ("X_0", 2.0),
        ("(+ X_0)", 2.0),
        ("(- X_0)", -2.0),
        ("(* X_0)", 2.0),
        ("(+ X_0 X_1 Y_0 1)", 11.0),
        ("(- Y_0 X_0 X_1 1)", -1.0),
        ("(* 2 X_1 3)", 18.0),
        ("(* -2 (+ X_0 (* 3 X_1) -4))", -14.0),
        ("(- (- X_0 (- X_1)) (* 2 (- Y_0 1)))", -3.0),
        ("(* (+ 1 2) (- 3) X_0)", -18.0),
        ("(- X_0 X_0)", 0.0),
        ("(* 0 X_0)", 0.0),
        ("(- 1.5)", -1.5),
        ("(* 1e200 1e200 1e-200 1e-200 X_0)", 2.0),
    ] {
        let exact = !sum.contains("e200");
        assert_eq!(holds(&format!("(= {sum} {value})"), point), exact, "{sum}");
        assert!(holds(&format!("(<= {sum} {})", value + 1e-9), point), "{sum}");
        assert!(holds(&format!("(> {sum} {})", value - 1e-9), point), "{sum}");
    }
    // The nearest double of 0.1 is too large, that of 0.3 too small.
    assert!(holds("(> (* 0.1 3) 0.3)", point));
    assert!(!holds("(> (+ 0.1 0.2) 0.30000000000000004)", point));
    assert!(holds("(= (* 0.5 0.25 1e-300) 1.25e-301)", point));
    assert!(holds("(> (* 5e-324 5e-324 X_0) 0)", point));
    assert!(!holds("(> (* 5e-324 5e-324 (- X_0 2)) 0)", point));
}

#[test]
fn comparisons_and_connectives() {
    let point = [2.0, 3.0, 5.0];
    for (text, expected) in [
        ("(<= X_0 2)", true),
        ("(< X_0 2)", false),
        ("(>= 2 X_0)", true),
        ("(> 2 X_0)", false),
        ("(= 2 X_0)", true),
        ("(!= 2 X_0)", false),
        ("(distinct 2 X_1)", true),
        ("(<= X_0 X_1)", true),
        ("(<= Y_0 X_1)", false),
        ("true", true),
        ("false", false),
        ("(and true true false)", false),
        ("(or false true)", true),
        ("(and true)", true),
        ("(not (or false (< X_0 1)))", true),
        ("(=> true false)", false),
        ("(=> false true false)", true),
        ("(=> true true (> Y_0 4))", true),
        ("(ite (< X_0 X_1) (= Y_0 5) false)", true),
        ("(ite (> X_0 X_1) (= Y_0 5) (= Y_0 6))", false),
        ("(<= 1 2)", true),
        ("(<= 2 1)", false),
    ] {
        assert_eq!(holds(text, point), expected, "{text}");
    }
}

#[test]
fn layout() {
    // Any order of declarations, comments, CRLF, no line break at the end, no assertion.
    for text in [
        "; c\r\n(declare-const Y_0 Real)\r\n(declare-const X_1 Real) ; (assert false)\r\n(declare-const X_0 Real)",
        "(declare-const X_0 Real)(assert (<= X_0 1))(declare-const X_1 Real)(declare-const Y_0 Real)(assert(<=X_1 1))"
            .replace("(<=X", "(<= X")
            .as_str(),
        "\n\n\t( declare-const\nX_0\nReal\n)\n(declare-const X_1 Real)(declare-const Y_0 Real);",
    ] {
        let property = read(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((property.num_inputs(), property.num_outputs()), (2, 1));
        assert_eq!(property.check(&[0.0, 0.0], &[0.0]), Ok(true));
    }
    // A hundred thousand in reverse.
    let reversed: String = (0..100_000).rev().map(|i| format!("(declare-const X_{i} Real)")).collect();
    let text = format!("{reversed}(declare-const Y_0 Real)(assert (<= X_99999 Y_0))");
    assert_eq!(read(text).unwrap().num_inputs(), 100_000);
    let property = read(DECLARED).unwrap();
    assert_eq!((property.num_assertions(), property.num_atoms()), (0, 0));
    assert_eq!((property.inputs()[0].name.as_str(), property.inputs()[0].shape.as_slice()), ("X", &[2][..]));
}

#[test]
fn version_two() {
    let text = format!(
        "{NETWORK}(assert (and (<= X[0] 1.0) (or (> (+ Y[0,1] (* 2.0 Z)) 1.0) (!= (- X[1] 3.5) (- 4.0)))))\n(assert (== Z 0.5))"
    );
    let property = read(&text).unwrap();
    assert_eq!((property.num_inputs(), property.num_outputs()), (3, 2));
    assert_eq!((property.inputs().len(), property.outputs()[0].shape.as_slice()), (2, &[1, 2][..]));
    assert_eq!(property.check(&[1.0, -0.5, 0.5], &[9.0, 0.0]), Ok(false));
    assert_eq!(property.check(&[1.0, -0.5, 0.5], &[9.0, 0.1]), Ok(true));
    assert_eq!(property.check(&[1.0, -0.5, 0.6], &[9.0, 0.1]), Ok(false));
    assert_eq!(property.check(&[1.0, 0.5, 0.5], &[0.0, 0.0]), Ok(true));
    assert_eq!(property.check_shapes(&[vec![1, 2], vec![]], &[vec![2]]), Ok(()));
    let written = vnnlib::to_string(&property, &Budget::unlimited()).unwrap();
    assert!(written.starts_with("(vnnlib-version <2.0>)\n(declare-network f\n  (declare-input X float32 [2])\n"));
    assert_eq!(read(&written).unwrap(), property);
    // Every type of real numbers; exponents and whole numbers beside the grammar.
    for kind in ["Real", "real", "float16", "float64", "bfloat16", "float8e5m2"] {
        let text = text.replace("float32", kind).replace("1.0", "1").replace("0.5", "5e-1");
        assert_eq!(read(text).unwrap().check(&[1.0, 0.5, 0.5], &[0.0, 0.0]), Ok(true), "{kind}");
    }
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let mut property = read(format!("{DECLARED}(assert (or (<= X_0 0.1) (< Y_0 1e-310)))")).unwrap();
    property.add_box(&[-1e300, 5e-324], &[f64::MAX, 0.1 + 0.2]).unwrap();
    for name in ["plain.vnnlib", "a.vnnlib.gz", "a.vnnlib.xz"] {
        let path = folder.path().join(name);
        vnnlib::write_file(&property, &path, &Budget::unlimited()).unwrap();
        assert_eq!(vnnlib::read_file(&path, &Budget::unlimited()).unwrap(), property, "{name}");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(read(&bytes).unwrap(), property, "{name}");
        if name != "plain.vnnlib" {
            let error = read(&bytes[..bytes.len() - 4]).unwrap_err();
            assert!(matches!(error, vnnlib::ReadError::Data { .. }), "{error}");
        }
    }
    let error = vnnlib::read_file(folder.path().join("none"), &Budget::unlimited()).unwrap_err();
    assert!(matches!(error, vnnlib::ReadError::Io { path: Some(_), .. }) && error.line().is_none());
    let path = folder.path().join("bad");
    std::fs::write(&path, "(assert\n\n  x)").unwrap();
    let error = vnnlib::read_file(&path, &Budget::unlimited()).unwrap_err();
    assert!(error.to_string().ends_with("bad: line 3, column 3: `x` is not declared"), "{error}");
}
