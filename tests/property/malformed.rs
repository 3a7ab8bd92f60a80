//! What is refused: line, column and message of every error, and whether it is only not supported.

use anser::budget::{Budget, Limits, Stop};
use anser::net::vnnlib::{self, ReadError};

use super::{DECLARED, NETWORK, read};

/// Texts after the declarations, with the place (line, column) and the message.
fn refused(before: &str, rows: &[(&str, u64, u64, &str)]) {
    for &(text, line, column, message) in rows {
        let text = format!("{before}{text}");
        let error = read(&text).map(|p| p.num_atoms()).expect_err(&text);
        assert_eq!(error.to_string(), format!("line {line}, column {column}: {message}"), "{text}");
        assert_eq!((error.line(), error.column()), (Some(line), Some(column)));
        assert_eq!(error.is_unsupported(), message.starts_with("unsupported: "));
    }
}

#[test]
fn declarations() {
    const NAME: &str = "expected `X_` or `Y_` and a number, found ";
    let name = |found: &str| format!("{NAME}{found}");
    refused(
        "",
        &[
            ("", 1, 1, "no input `X_0` is declared"),
            ("(declare-const X_0 Real)", 1, 25, "no output `Y_0` is declared"),
            ("(declare-const Y_0 Real)", 1, 25, "no input `X_0` is declared"),
            ("(declare-const X_0 Real)\n(declare-const X_0 Real)", 2, 16, "`X_0` is declared already"),
            (
                "(declare-const X_2 Real)(declare-const X_0 Real)(declare-const Y_0 Real)",
                1,
                16,
                "`X_2` is declared, but `X_1` is not",
            ),
            ("(declare-const X_0 Real)(declare-const Y_1 Real)", 1, 40, "`Y_1` is declared, but `Y_0` is not"),
            ("(declare-const Z_0 Real)", 1, 16, &name("`Z_0`")),
            ("(declare-const X_00 Real)", 1, 16, &name("`X_00`")),
            ("(declare-const X_ Real)", 1, 16, &name("`X_`")),
            ("(declare-const X_-1 Real)", 1, 16, &name("`X_-1`")),
            ("(declare-const", 1, 15, &name("the end of the text")),
            ("(declare-const X_4000000000 Real)", 1, 16, "more than 2147483647 inputs and outputs"),
            ("(declare-const X_99999999999999999999 Real)", 1, 16, "more than 2147483647 inputs and outputs"),
            ("(declare-const X_0 Int)", 1, 20, "unsupported: elements of type `Int`"),
            ("(declare-const X_0 real)", 1, 20, "expected `Real`, found `real`"),
            ("(declare-const X_0 Real", 1, 24, "expected `)`, found the end of the text"),
            ("(declare-const X_0 Real 1)", 1, 25, "expected `)`, found `1`"),
            ("(check-sat)", 1, 2, "unsupported: the command `check-sat`"),
            ("(hello)", 1, 2, "unknown command `hello`"),
            ("hello", 1, 1, "expected `(` or the end of the text, found `hello`"),
            (")", 1, 1, "expected `(` or the end of the text, found `)`"),
            ("()", 1, 2, "expected a command, found `)`"),
            ("\0", 1, 1, "unexpected byte 0x00"),
            ("\n \u{feff}", 2, 2, "unexpected byte 0xef"),
            (
                "(declare-network f",
                1,
                2,
                "expected `(vnnlib-version <2.0>)` at the beginning of the text, found `declare-network`",
            ),
        ],
    );
}

#[test]
fn assertions() {
    refused(
        DECLARED,
        &[
            ("(assert)", 2, 8, "expected a formula, found `)`"),
            ("(assert", 2, 8, "expected a formula, found the end of the text"),
            ("(assert X_0)", 2, 9, "expected a formula, found a number"),
            ("(assert 3)", 2, 9, "expected a formula, found a number"),
            ("(assert (+ X_0 1))", 2, 10, "expected a formula, found a number"),
            ("(assert (<= X_0 1)", 2, 19, "expected `)`, found the end of the text"),
            ("(assert (<= X_0 1) (<= X_1 1))", 2, 20, "expected `)`, found `(`"),
            ("(assert (<= X_0 1)))", 2, 20, "expected `(` or the end of the text, found `)`"),
            ("(assert (<= X_0 1", 2, 18, "expected an operand, found the end of the text"),
            ("(assert (", 2, 10, "expected an operator, found the end of the text"),
            ("(assert ())", 2, 10, "expected an operator, found `)`"),
            ("(assert ((<= X_0 1)))", 2, 10, "expected an operator, found `(`"),
            ("(assert (<= X_0))", 2, 10, "`<=` takes two operands, not 1"),
            ("(assert (<= X_0 1 2))", 2, 10, "`<=` takes two operands, not 3"),
            ("(assert (and))", 2, 10, "`and` takes at least one operand, not 0"),
            ("(assert (<= (+) 1))", 2, 14, "`+` takes at least one operand, not 0"),
            ("(assert (not true false))", 2, 10, "`not` takes one operand, not 2"),
            ("(assert (=> true))", 2, 10, "`=>` takes at least two operands, not 1"),
            ("(assert (ite true true))", 2, 10, "`ite` takes three operands, not 2"),
            ("(assert (and true 1))", 2, 19, "expected a formula, found a number"),
            ("(assert (<= X_0 (<= X_1 1)))", 2, 18, "expected a number, found a formula"),
            ("(assert (<= X_0 (+ 1 true)))", 2, 22, "expected a number, found a formula"),
            ("(assert (xor true false))", 2, 10, "unknown operator `xor`"),
            ("(assert (== X_0 1))", 2, 10, "unknown operator `==`"),
            ("(assert\n (<= X_2 1))", 3, 6, "`X_2` is not declared"),
            ("(assert (<= Y_1 1))", 2, 13, "`Y_1` is not declared"),
            ("(assert (<= X_00 1))", 2, 13, "`X_00` is not declared"),
            ("(assert (<= foo 1))", 2, 13, "`foo` is not declared"),
            ("(assert (<= NaN 1))", 2, 13, "`NaN` is not declared"),
            ("(assert (<= X_0 1.2.3))", 2, 17, "`1.2.3` is not a number"),
            ("(assert (<= X_0 0x10))", 2, 17, "`0x10` is not a number"),
            ("(assert (<= X_0 -inf))", 2, 17, "`-inf` is not declared"),
            ("(assert (<= X_0 1e400))", 2, 17, "`1e400` is beyond the largest double"),
            ("(assert (<= X_0 \"1\"))", 2, 17, "expected an operand, found a quoted name"),
            ("(assert (<= X_0 \"1", 2, 17, "expected a closing quote, found a quoted name"),
            ("(assert (<= X_0[0] 1))", 2, 16, "expected an operand, found `[`"),
            ("(assert (<= X_0 1\0))", 2, 18, "unexpected byte 0x00"),
            ("(assert (<= (* X_0 X_1) 1))", 2, 20, "unsupported: a product of variables"),
            ("(assert (<= (* X_0 2 (+ 1 Y_0)) 1))", 2, 23, "unsupported: a product of variables"),
            ("(assert (<= (/ X_0 2) 1))", 2, 14, "unsupported: a division"),
            ("(assert (<= (ite true X_0 X_1) 1))", 2, 14, "unsupported: an if-then-else between numbers"),
            ("(assert (= true false))", 2, 10, "unsupported: an equality between formulas"),
        ],
    );
    let long = "(assert (<= (* ".to_string() + &"1.1 ".repeat(1000) + "X_0) 1))";
    refused(DECLARED, &[(&long, 2, 14, "a constant of more than 8192 bits")]);
    let word = "a".repeat(1000);
    let cut = format!("`{}…` is not declared", &word[..40]);
    refused(DECLARED, &[(&format!("(assert (<= {word} 1))"), 2, 13, &cut)]);
}

#[test]
fn version_two() {
    refused(
        "",
        &[
            (
                "(vnnlib-version 2.0)",
                1,
                17,
                "version `2.0` is unknown: `<2.0>` is known, and version 1.0 has no `vnnlib-version`",
            ),
            (
                "(vnnlib-version <3.0>)",
                1,
                17,
                "version `<3.0>` is unknown: `<2.0>` is known, and version 1.0 has no `vnnlib-version`",
            ),
            ("(vnnlib-version <2.0>)", 1, 23, "expected `(declare-network`, found the end of the text"),
            ("(vnnlib-version <2.0>)(vnnlib-version <2.0>)", 1, 24, "unknown command `vnnlib-version`"),
            ("(vnnlib-version <2.0>)(declare-const X_0 Real)", 1, 24, "unknown command `declare-const`"),
            ("(vnnlib-version <2.0>)(assert (<= 1.0 2.0))", 1, 24, "expected `declare-network`, found `assert`"),
        ],
    );
    refused(
        "(vnnlib-version <2.0>)\n(declare-network ",
        &[
            ("", 2, 18, "expected the network's name, found the end of the text"),
            ("1f", 2, 18, "expected the network's name, found `1f`"),
            ("f)", 2, 19, "expected `(declare-input`, found `)`"),
            ("f (declare-output", 2, 21, "expected `(declare-input`, found `declare-output`"),
            ("f (declare-hidden", 2, 21, "unsupported: hidden nodes"),
            ("f (equal-to g)", 2, 21, "unsupported: `equal-to`"),
            ("f (isomorphic-to g)", 2, 21, "unsupported: `isomorphic-to`"),
            ("f (declare-input X float32 [2]))", 2, 49, "expected `(declare-input` or `(declare-output`, found `)`"),
            ("f (declare-input and float32 [2])", 2, 35, "expected the tensor's name, found `and`"),
            ("f (declare-input X foo [2])", 2, 37, "unknown element type `foo`"),
            ("f (declare-input X int8 [2])", 2, 37, "unsupported: elements of type `int8`"),
            ("f (declare-input X Real 2)", 2, 42, "expected `[`, found `2`"),
            ("f (declare-input X Real [0])", 2, 43, "`0` is no size of a tensor"),
            ("f (declare-input X Real [-2])", 2, 43, "`-2` is no size of a tensor"),
            ("f (declare-input X Real [1.5])", 2, 43, "`1.5` is no size of a tensor"),
            ("f (declare-input X Real [n])", 2, 43, "expected a size, found `n`"),
            ("f (declare-input X Real [2,])", 2, 45, "expected a size, found `]`"),
            ("f (declare-input X Real [2 3])", 2, 45, "expected `,` or `]`, found `3`"),
            ("f (declare-input X Real [4000000000,4000000000])", 2, 35, "more than 2147483647 inputs and outputs"),
            ("f (declare-input X Real [99999999999999999999999])", 2, 43, "more than 2147483647 inputs and outputs"),
            ("f (declare-input X Real [2] \"x\")", 2, 46, "unsupported: names of ONNX nodes"),
            ("f (declare-input X Real [2])(declare-input X Real [2])", 2, 61, "`X` is declared already"),
            ("f (declare-input X Real [2])(declare-output X Real [2])", 2, 62, "`X` is declared already"),
            (
                "f (declare-input X Real [2])(declare-output Y Real [2])(declare-input Z Real [2])",
                2,
                74,
                "expected `(declare-output` or `)`, found `declare-input`",
            ),
        ],
    );
    refused(
        NETWORK,
        &[
            ("", 3, 1, "expected `(assert`, found the end of the text"),
            ("(declare-network g", 3, 1, "unsupported: several networks"),
            ("(assert (<= Q[0] 1.0))", 3, 13, "`Q` is not declared"),
            ("(assert (<= X 1.0))", 3, 13, "unsupported: a comparison of whole tensors: `X` without an index"),
            ("(assert (<= X Y))", 3, 13, "unsupported: a comparison of whole tensors: `X` without an index"),
            ("(assert (<= X[2] 1.0))", 3, 15, "index 2 is beyond the size 2"),
            ("(assert (<= X[-1] 1.0))", 3, 15, "index -1 is beyond the size 2"),
            ("(assert (<= X[99999999999999999999] 1.0))", 3, 15, "index 99999999999999999999 is beyond the size 2"),
            ("(assert (<= X[0,0] 1.0))", 3, 13, "`X` has 1 dimensions, not 2"),
            ("(assert (<= Y[0] 1.0))", 3, 13, "`Y` has 2 dimensions, not 1"),
            ("(assert (<= X[] 1.0))", 3, 15, "expected an index, found `]`"),
            ("(assert (<= X[0 1.0))", 3, 17, "expected `,` or `]`, found `1.0`"),
            ("(assert (<= Z[0] 1.0))", 3, 14, "expected an operand, found `[`"),
            ("(assert (= Z 1.0))", 3, 10, "unknown operator `=`"),
            ("(assert (not (== Z 1.0)))", 3, 10, "unknown operator `not`"),
            ("(assert true)", 3, 9, "`true` is not declared"),
            ("(assert (<= Z .5))", 3, 15, "`.5` is not a number"),
            ("(assert (<= Z +5.0))", 3, 15, "`+5.0` is not a number"),
            ("(assert (<= (* Z X[0]) 5.0))", 3, 18, "unsupported: a product of variables"),
        ],
    );
    let mixed = NETWORK.replace("Z float32", "Z float64");
    refused(&mixed, &[("(assert (<= X[0] Z))", 3, 18, "`Z` is float64, what stands before it is float32")]);
    assert!(read(format!("{mixed}(assert (and (<= X[0] 1.0) (<= Z 1.0)))")).is_ok());
}

#[test]
fn budgets() {
    let text = format!("{DECLARED}{}", "(assert (<= X_0 1))\n".repeat(20_000));
    let stopped = Budget::start(&Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() });
    let answer = vnnlib::read_bytes(text.as_bytes(), &stopped);
    assert!(matches!(answer, Err(ReadError::Stopped(Stop::Time))));
    let property = read(&text).unwrap();
    assert!(matches!(vnnlib::to_string(&property, &stopped), Err(vnnlib::WriteError::Stopped(Stop::Time))));
    for megabytes in [0, 1] {
        let tight = super::memory(megabytes << 20);
        assert!(matches!(vnnlib::read_bytes(text.as_bytes(), &tight), Err(ReadError::Memory(_))), "{megabytes}");
    }
    assert!(vnnlib::read_bytes(text.as_bytes(), &super::memory(16 << 20)).is_ok());
    assert!(matches!(vnnlib::to_string(&property, &super::memory(1000)), Err(vnnlib::WriteError::Memory(_))));
}
