//! What is refused: kind, line, column and message of every error, in one piece and byte by byte.

use anser::files::Damage;
use anser::formula::opb::{Compression, Feature, ParseErrorKind as K, ReadError};

use super::{compress, read, trickle};

fn refused(input: &[u8], line: u64, column: u64, kind: &K) {
    let what = format!("input \"{}\"", input.escape_ascii());
    for (how, answer) in [("whole", read(input)), ("trickle", trickle(input, 1)), ("trickle", trickle(input, 99))] {
        let error = answer.map(|f| f.num_vars()).expect_err(&what);
        assert!(matches!(error, ReadError::Parse { .. }), "{what} {how}: {error}");
        assert_eq!(error.kind(), Some(kind), "{what} {how}");
        assert_eq!((error.line(), error.column()), (Some(line), Some(column)), "{what} {how}: {error}");
        assert_eq!(error.to_string(), format!("line {line}, column {column}: {kind}"), "{what} {how}");
    }
}

fn expected(expected: &'static str, found: &str) -> K {
    let found = if found.is_empty() { "the end of the text".into() } else { format!("`{found}`") };
    K::Expected { expected, found }
}

const SUM: &str = "a weight, `>=`, `=` or `<=`";
const LITERAL: &str = "`x` or `~x`";
const WEIGHT: &str = "a weight before the literal";
const DIGIT: &str = "a digit after the sign";
const CONSTRAINT: &str = "a constraint";

#[test]
fn constraints() {
    let beyond = |literal| K::LiteralBeyondHeader { literal, variables: 2 };
    let range = |negative, variable| K::LiteralOutOfRange { negative, variable };
    let rows: &[(&[u8], u64, u64, K)] = &[
        (b"", 1, 1, K::Empty),
        (b"\n", 2, 1, K::NothingSaid),
        (b"  \t ", 1, 5, K::NothingSaid),
        (b"* only a comment", 1, 17, K::NothingSaid),
        (b"* a\n* #variable= N\n", 3, 1, K::NothingSaid),
        // Cut off anywhere.
        (b"+", 1, 2, expected(DIGIT, "")),
        (b"+1", 1, 3, expected(LITERAL, "")),
        (b"+1 ", 1, 4, expected(LITERAL, "")),
        (b"+1 ~", 1, 5, expected("`x` after `~`", "")),
        (b"+1 x", 1, 5, expected("the number of a variable", "")),
        (b"+1 x1", 1, 6, expected(SUM, "")),
        (b"+1 x1 ", 1, 7, expected(SUM, "")),
        (b"+1 x1 >", 1, 8, expected("`=`", "")),
        (b"+1 x1 >=", 1, 9, expected("a number", "")),
        (b"+1 x1 >= -", 1, 11, expected(DIGIT, "")),
        (b"+1 x1 >= 1", 1, 11, expected("`;`", "")),
        (b"+1 x1 >= 1\n", 2, 1, expected("`;`", "")),
        (b"+1 x1\n* c", 2, 4, expected(SUM, "")),
        (b"m", 1, 2, expected("`min:`, `max:` or `soft:`", "")),
        (b"min: +1 x1", 1, 11, expected("a weight or `;`", "")),
        // Missing and doubled.
        (b"+1 x1 >= 1\n+1 x2 >= 1 ;\n", 2, 1, expected("`;`", "+")),
        (b"+1 x1 +1 x2 ;\n", 1, 13, expected(SUM, ";")),
        (b"+1 x1 2 ;\n", 1, 9, expected(LITERAL, ";")),
        (b"+1 x1 >= >= 1 ;\n", 1, 10, expected("a number", ">")),
        (b"+1 x1 >= 1 >= 1 ;\n", 1, 12, expected("`;`", ">")),
        (b"+1 x1 >= 1 1 ;\n", 1, 12, expected("`;`", "1")),
        (b"+1 x1 >= 1 ;;\n", 1, 13, expected(CONSTRAINT, ";")),
        (b"+1 x1 >= ;\n", 1, 10, expected("a number", ";")),
        (b"+1 +1 x1 >= 1 ;\n", 1, 4, expected(LITERAL, "+")),
        (b"+1 2 x1 >= 1 ;\n", 1, 4, expected(LITERAL, "2")),
        (b"x1 >= 1 ;\n", 1, 1, expected(WEIGHT, "x")),
        (b"~x1 >= 1 ;\n", 1, 1, expected(WEIGHT, "~")),
        // Relations that are none.
        (b"+1 x1 > 1 ;\n", 1, 8, expected("`=`", " ")),
        (b"+1 x1 > = 1 ;\n", 1, 8, expected("`=`", " ")),
        (b"+1 x1 =< 1 ;\n", 1, 8, expected("a number", "<")),
        (b"+1 x1 == 1 ;\n", 1, 8, expected("a number", "=")),
        (b"+1 x1 != 1 ;\n", 1, 7, expected(SUM, "!")),
        (b"+1 x1 >\n= 1 ;\n", 1, 8, expected("`=`", "\\n")),
        // Numbers.
        (b"+ 1 x1 >= 1 ;\n", 1, 2, expected(DIGIT, " ")),
        (b"+-1 x1 >= 1 ;\n", 1, 2, expected(DIGIT, "-")),
        (b"- x1 >= 1 ;\n", 1, 2, expected(DIGIT, " ")),
        (b"+x1 >= 1 ;\n", 1, 2, expected(DIGIT, "x")),
        (b"+1 x1 >= - 1 ;\n", 1, 11, expected(DIGIT, " ")),
        (b"+1 x1 >= -;\n", 1, 11, expected(DIGIT, ";")),
        (b"1.5 x1 >= 1 ;\n", 1, 2, expected("a blank after the weight", ".")),
        (b"1x1 >= 1 ;\n", 1, 2, expected("a blank after the weight", "x")),
        (b"1*x1 >= 1 ;\n", 1, 2, expected("a blank after the weight", "*")),
        (b"1>= 1 ;\n", 1, 2, expected("a blank after the weight", ">")),
        (b"+1 x1 >= 1.5 ;\n", 1, 11, expected("`;`", ".")),
        (b"+1 x1 >= 1e3 ;\n", 1, 11, expected("`;`", "e")),
        // Literals.
        (b"+1 x0 >= 1 ;\n", 1, 4, K::VariableZero),
        (b"+1 ~x00 >= 1 ;\n", 1, 4, K::VariableZero),
        (b"+1 x-1 >= 1 ;\n", 1, 5, expected("the number of a variable", "-")),
        (b"+1 x 1 >= 1 ;\n", 1, 5, expected("the number of a variable", " ")),
        (b"+1 x_1 >= 1 ;\n", 1, 5, expected("the number of a variable", "_")),
        (b"+1 ~ x1 >= 1 ;\n", 1, 5, expected("`x` after `~`", " ")),
        (b"+1 ~~x1 >= 1 ;\n", 1, 5, expected("`x` after `~`", "~")),
        (b"+1 y1 >= 1 ;\n", 1, 4, expected(LITERAL, "y")),
        (b"+1 X1 >= 1 ;\n", 1, 4, expected(LITERAL, "X")),
        (b"+1 x1y >= 1 ;\n", 1, 6, expected("a blank after the variable", "y")),
        (b"+1 x1+1 x2 >= 1 ;\n", 1, 6, expected("a blank after the variable", "+")),
        (b"+1 x1~x2 >= 1 ;\n", 1, 6, expected("a blank after the variable", "~")),
        (b"+1 x1 y >= 1 ;\n", 1, 7, expected(SUM, "y")),
        (b"+1 x1073741824 >= 1 ;\n", 1, 4, range(false, 1 << 30)),
        (b"\n +1 ~x99999999999999999999 >= 1 ;\n", 2, 5, range(true, u64::MAX)),
        (b"* #variable= 2 #constraint= 1\n+1 x1 +1 x3 >= 1 ;\n", 2, 10, beyond(3)),
        (b"* #variable= 2 #constraint= 1\n+1 ~x1073741823 >= 1 ;\n", 2, 4, beyond(-1_073_741_823)),
        (b"* #variable= 0\n+1 x1 >= 1 ;\n", 2, 4, K::LiteralBeyondHeader { literal: 1, variables: 0 }),
        // Bytes that stand nowhere.
        (b"+1 x1 \0 >= 1 ;\n", 1, 7, K::NulByte),
        (b"\0\0\0\0", 1, 1, K::NulByte),
        (b"+1 x1 >= 1 ;\n\x1a", 2, 1, expected(CONSTRAINT, "\\x1a")),
        (b"\xef\xbb\xbf+1 x1 >= 1 ;\n", 1, 1, expected(CONSTRAINT, "\\xef")),
        (b"p cnf 1 1\n1 0\n", 1, 1, expected(CONSTRAINT, "p")),
        (b"\x1f", 1, 1, expected(CONSTRAINT, "\\x1f")),
        (b"+1 x1 * no comment\n >= 1 ;\n", 1, 7, expected(SUM, "*")),
        (b"+1 x1 >= 1 ; * no comment\n", 1, 14, expected(CONSTRAINT, "*")),
    ];
    for (input, line, column, kind) in rows {
        refused(input, *line, *column, kind);
    }
}

#[test]
fn what_64_bits_cannot_hold() {
    let rows: &[(&[u8], u64, u64, K)] = &[
        (b"+9223372036854775808 x1 >= 1 ;\n", 1, 1, K::NumberTooLarge),
        (b"\n -9223372036854775808 x1 >= 1 ;\n", 2, 2, K::NumberTooLarge),
        (b"+1 x1 >= 18446744073709551617 ;\n", 1, 10, K::NumberTooLarge),
        (b"+1 x1 +999999999999999999999999999999999999999 x1 >= 1 ;\n", 1, 7, K::NumberTooLarge),
        (b"+9223372036854775807 x1 +1 x2 >= 0 ;\n", 1, 25, K::SumTooLarge),
        (b"+9223372036854775807 x1 -9223372036854775807 x2 >= 0 ;\n", 1, 25, K::SumTooLarge),
        (b"+9223372036854775806 x1 >= -2 ;\n", 1, 28, K::SumTooLarge),
        (b"+4611686018427387904 x1 >= 4611686018427387904 ;\n", 1, 28, K::SumTooLarge),
        // Flipping takes it beyond.
        (b"-1 x1 -1 x2 >= 9223372036854775805 ;\n", 1, 16, K::SumTooLarge),
        (b"* #variable= 1073741824 #constraint= 1\n", 1, 14, K::TooManyVariables { found: "1073741824".into() }),
        (b"\n *#variable=99999999999999999999 \n", 2, 13, K::TooManyVariables { found: "99999999999999999999".into() }),
        (
            b"* #variable= 1 #constraint= 99999999999999999999\n+1 x1 = 1 ;\n",
            3,
            1,
            K::TooFewConstraints { promised: u64::MAX, found: 1 },
        ),
        (b"* #variable= 1 #constraint= 2\n+1 x1 >= 1 ;", 2, 13, K::TooFewConstraints { promised: 2, found: 1 }),
        (b"* #variable= 1 #constraint= 3\n+1 x1 = 1 ;\n", 3, 1, K::TooFewConstraints { promised: 3, found: 1 }),
    ];
    for (input, line, column, kind) in rows {
        refused(input, *line, *column, kind);
    }
}

#[test]
fn what_is_not_supported() {
    let unsupported = K::Unsupported;
    let rows: &[(&[u8], u64, u64, K)] = &[
        (b" max:-3 ~x1\n+2 x2;", 1, 2, unsupported(Feature::Maximum)),
        (b"min: +9223372036854775807 x1 +1 x2 ;\n", 1, 30, K::SumTooLarge),
        (b"* #variable= 1 #constraint= 0\nmin: +1 x2 ;\n", 2, 9, K::LiteralBeyondHeader { literal: 2, variables: 1 }),
        (b"min: +1 x1 ; +1 x1 >= 1 ; min: +1 x1 ;\n", 1, 27, expected(CONSTRAINT, "m")),
        (b"min: +1 x1 x2 ;\n", 1, 12, unsupported(Feature::Products)),
        (b"+1 x1 ~x2 +1 x3 >= 1 ;\n", 1, 7, unsupported(Feature::Products)),
        (b"+1 x1 x2 >= 1 ;\n", 1, 7, unsupported(Feature::Products)),
        (b"* c\n  soft: 8 ;\n[2] +1 x1 >= 1 ;\n", 2, 3, unsupported(Feature::SoftConstraints)),
        (b"soft: ;\n", 1, 1, unsupported(Feature::SoftConstraints)),
        (b"+1 x1 >= 1 ;\n[2] +1 x1 >= 1 ;\n", 2, 1, unsupported(Feature::SoftConstraints)),
        // An objective must be well-formed, and stand first.
        (b"min: +1 x1 >= 1 ;\n", 1, 12, expected("a weight or `;`", ">")),
        (b"min: x1 ;\n", 1, 6, expected("a weight or `;`", "x")),
        (b"min +1 x1 ;\n", 1, 4, expected("`min:`, `max:` or `soft:`", " ")),
        (b"mix: +1 x1 ;\n", 1, 3, expected("`min:`, `max:` or `soft:`", "x")),
        (b"sort: ;\n", 1, 3, expected("`min:`, `max:` or `soft:`", "r")),
        (b"min: +99999999999999999999 x1 ;\n", 1, 6, K::NumberTooLarge),
        (b"min: ;\nmin: ;\n", 2, 1, expected(CONSTRAINT, "m")),
        (b"+1 x1 >= 1 ;\nmin: +1 x1 ;\n", 2, 1, expected(CONSTRAINT, "m")),
    ];
    for (input, line, column, kind) in rows {
        refused(input, *line, *column, kind);
    }
    assert_eq!(unsupported(Feature::Maximum).to_string(), "not supported: a sum to maximise (minimise its negation)");
}

/// Every prefix of a good text is refused where it ends.
#[test]
fn prefixes() {
    let text = "* #variable= 9 #constraint= 4\n+1 x1 -2 ~x2\r\n>= 0 ;\n* c\n+1 x3 +1 x4 = 1 ;\n-1 x9 <= -0;";
    assert!(read(text.as_bytes()).is_ok());
    for length in 0..text.len() {
        // A header that promises no constraint yet is one.
        if (14..29).contains(&length) {
            assert!(read(&text.as_bytes()[..length]).is_ok(), "{:?}", &text[..length]);
            continue;
        }
        let error = read(&text.as_bytes()[..length]).map(|_| ()).expect_err(&text[..length]);
        let lines: Vec<&str> = text[..length].split('\n').collect();
        assert_eq!(
            (error.line(), error.column()),
            (Some(lines.len() as u64), Some(lines.last().unwrap().len() as u64 + 1)),
            "{:?}: {error}",
            &text[..length]
        );
    }
}

/// Truncated and corrupt data is noticed, whatever the format of the text.
#[test]
fn compressed_data() {
    let text = b"* #variable= 3 #constraint= 1\n+1 x1 +2 x3 >= 2 ;\n";
    for format in [Compression::Gzip, Compression::Xz] {
        let good = compress(text, format);
        for length in 6..good.len() {
            for error in [read(&good[..length]).unwrap_err(), trickle(&good[..length], 5).unwrap_err()] {
                assert_eq!(error.kind(), Some(&K::Damaged(Damage::Truncated(format))), "cut to {length}: {error}");
            }
        }
        let trailing = [&good[..], b"garbage, garbage, garbage"].concat();
        assert!(matches!(read(&trailing).unwrap_err().kind(), Some(K::Damaged(Damage::Corrupt { .. }))));
        let error = read(&compress(b"\n+1 x1 >= x ;", format)).unwrap_err();
        assert_eq!((error.line(), error.column()), (Some(2), Some(10)));
        refused(&compress(b"", format), 1, 1, &K::Empty);
    }
}
