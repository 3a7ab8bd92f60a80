//! What is refused: kind, line, column and message of every error, in one piece and byte by byte.

use anser::files::Damage;
use anser::formula::dimacs::{Compression, Count, ParseErrorKind as K, ReadError};

use super::{compress, read, trickle};

fn header(expected: &'static str, found: &str) -> K {
    K::MalformedHeader { expected, found: found.into() }
}

pub fn refused(input: &[u8], line: u64, column: u64, kind: &K, message: &str) {
    let what = format!("input \"{}\"", input.escape_ascii());
    for (how, answer) in [("whole", read(input)), ("trickle", trickle(input, 1)), ("trickle", trickle(input, 99))] {
        let error = answer.map(|f| f.num_vars()).expect_err(&what);
        assert!(matches!(error, ReadError::Parse { .. }), "{what} {how}: {error}");
        assert_eq!(error.kind(), Some(kind), "{what} {how}");
        assert_eq!((error.line(), error.column()), (Some(line), Some(column)), "{what} {how}: {error}");
        assert_eq!(error.to_string(), format!("line {line}, column {column}: {message}"), "{what} {how}");
    }
}

const NO_HEADER: &str = "the header `p cnf VARIABLES CLAUSES` is missing";
const NO_ZERO: &str = "the last clause does not end with 0";

#[test]
fn headers() {
    let rows: &[(&str, u64, u64, K, &str)] = &[
        ("", 1, 1, K::Empty, "the input is empty"),
        ("\n", 2, 1, K::MissingHeader, NO_HEADER),
        ("  \t ", 1, 5, K::MissingHeader, NO_HEADER),
        ("c only a comment", 1, 17, K::MissingHeader, NO_HEADER),
        ("c a\nc b\n", 3, 1, K::MissingHeader, NO_HEADER),
        ("1 2 0\n", 1, 1, K::MissingHeader, NO_HEADER),
        ("c a\n  -1 0\np cnf 1 1\n", 2, 3, K::MissingHeader, NO_HEADER),
        ("%\n0\n", 1, 1, K::MissingHeader, NO_HEADER),
        ("x1 2 0\n", 1, 1, K::MissingHeader, NO_HEADER),
        (
            "p",
            1,
            2,
            header("`cnf`", "the end of the line"),
            "malformed header: expected `cnf`, found the end of the line",
        ),
        ("pcnf 1 1\n", 1, 1, header("`p`", "`pcnf`"), "malformed header: expected `p`, found `pcnf`"),
        ("p wcnf 1 1\n", 1, 3, header("`cnf`", "`wcnf`"), "malformed header: expected `cnf`, found `wcnf`"),
        ("p  CNF 1 1\n", 1, 4, header("`cnf`", "`CNF`"), "malformed header: expected `cnf`, found `CNF`"),
        (
            "c\np cnf\n1 1\n",
            2,
            6,
            header("the number of variables", "the end of the line"),
            "malformed header: expected the number of variables, found the end of the line",
        ),
        (
            "p cnf three 1\n",
            1,
            7,
            header("the number of variables", "`three`"),
            "malformed header: expected the number of variables, found `three`",
        ),
        (
            "p cnf 3 \r\n1 0\r\n",
            1,
            10,
            header("the number of clauses", "the end of the line"),
            "malformed header: expected the number of clauses, found the end of the line",
        ),
        (
            "p cnf 3 +1\n",
            1,
            9,
            header("the number of clauses", "`+1`"),
            "malformed header: expected the number of clauses, found `+1`",
        ),
        (
            "p cnf 3 1 4\n",
            1,
            11,
            header("the end of the line", "`4`"),
            "malformed header: expected the end of the line, found `4`",
        ),
        (
            "p cnf 3 \u{1}\n",
            1,
            9,
            header("the number of clauses", "`\\x01`"),
            "malformed header: expected the number of clauses, found `\\x01`",
        ),
        (
            "p cnf -3 1\n",
            1,
            7,
            K::NegativeCount { count: Count::Variables, found: "-3".into() },
            "the header promises a negative number of variables, -3",
        ),
        (
            "p cnf 3 -1\n",
            1,
            9,
            K::NegativeCount { count: Count::Clauses, found: "-1".into() },
            "the header promises a negative number of clauses, -1",
        ),
        (
            "p cnf 1073741824 1\n",
            1,
            7,
            K::TooManyVariables { found: "1073741824".into() },
            "the header promises 1073741824 variables, the most is 1073741823",
        ),
        (
            "p cnf 99999999999999999999999 1\n",
            1,
            7,
            K::TooManyVariables { found: "99999999999999999999999".into() },
            "the header promises 99999999999999999999999 variables, the most is 1073741823",
        ),
        (
            "p cnf 1 18446744073709551616\n",
            1,
            9,
            K::TooManyClausesPromised { found: "18446744073709551616".into() },
            "the header promises 18446744073709551616 clauses, the most is 18446744073709551615",
        ),
        ("p cnf 1 1\np cnf 1 2\n1 0\n", 2, 1, K::SecondHeader, "a second header"),
        ("p cnf 1 1\n p cnf 2 1", 2, 2, K::SecondHeader, "a second header"),
        ("p cnf 1 1\n1 0\np cnf 1 1\n", 3, 1, K::SecondHeader, "a second header"),
        ("p cnf 1 1\nx1 0\np cnf 1 1\n", 3, 1, K::SecondHeader, "a second header"),
        (
            "p cnf 1 1\np cnf 1\n",
            2,
            8,
            header("the number of clauses", "the end of the line"),
            "malformed header: expected the number of clauses, found the end of the line",
        ),
        ("p cnf 1 1\n1\n p cnf 1 1\n0\n", 3, 2, K::SecondHeader, "a second header"),
    ];
    for (input, line, column, kind, message) in rows {
        refused(input.as_bytes(), *line, *column, kind, message);
    }
    let long = format!("c\n p cnf 1 1{}", " ".repeat(300));
    refused(long.as_bytes(), 2, 2, &K::LongHeader(256), "malformed header: its line is longer than 256 bytes");
}

#[test]
fn clauses() {
    let beyond = |literal| K::LiteralBeyondHeader { literal, variables: 2 };
    let range = |negative, variable| K::LiteralOutOfRange { negative, variable };
    let few = |promised, found| K::TooFewClauses { promised, found };
    let rows: &[(&[u8], u64, u64, K, &str)] = &[
        (b"p cnf 2 1\n1 3 0\n", 2, 3, beyond(3), "literal 3 is beyond the header's 2 variables"),
        (b"p cnf 2 1\n1\n\t-3 0\n", 3, 2, beyond(-3), "literal -3 is beyond the header's 2 variables"),
        (
            b"p cnf 2 1\n-1073741823",
            2,
            1,
            beyond(-1_073_741_823),
            "literal -1073741823 is beyond the header's 2 variables",
        ),
        (
            b"p cnf 2 1\n1073741824 0",
            2,
            1,
            range(false, 1 << 30),
            "literal 1073741824 is out of range, the largest variable is 1073741823",
        ),
        (
            b"p cnf 2 1\n-2147483648 0",
            2,
            1,
            range(true, 1 << 31),
            "literal -2147483648 is out of range, the largest variable is 1073741823",
        ),
        (
            b"p cnf 2 1\n4294967297 0",
            2,
            1,
            range(false, 4_294_967_297),
            "literal 4294967297 is out of range, the largest variable is 1073741823",
        ),
        (
            b"p cnf 2 1\n 18446744073709551617 0",
            2,
            2,
            range(false, u64::MAX),
            "literal 18446744073709551615 or beyond is out of range, the largest variable is 1073741823",
        ),
        (
            b"p cnf 2 1\n-99999999999999999999999999 0",
            2,
            1,
            range(true, u64::MAX),
            "literal -18446744073709551615 or beyond is out of range, the largest variable is 1073741823",
        ),
        (
            b"p cnf 0 1\n1 0\n",
            2,
            1,
            K::LiteralBeyondHeader { literal: 1, variables: 0 },
            "literal 1 is beyond the header's 0 variables",
        ),
        (b"p cnf 2 1\n1 -0\n", 2, 3, K::NegativeZero, "`-0` is neither a literal nor the end of a clause"),
        (b"p cnf 2 1\n1 - 2 0\n", 2, 3, K::LoneMinus, "a minus sign without a number"),
        (b"p cnf 2 1\n1 -", 2, 3, K::LoneMinus, "a minus sign without a number"),
        (b"p cnf 2 1\n--1 0\n", 2, 2, K::UnexpectedByte(b'-'), "unexpected byte `-`"),
        (b"p cnf 2 1\n1-2 0\n", 2, 2, K::UnexpectedByte(b'-'), "unexpected byte `-`"),
        (b"p cnf 2 1\n+1 0\n", 2, 1, K::UnexpectedByte(b'+'), "unexpected byte `+`"),
        (b"p cnf 2 1\n1 2a 0\n", 2, 4, K::UnexpectedByte(b'a'), "unexpected byte `a`"),
        (b"p cnf 2 1\n1.0 0\n", 2, 2, K::UnexpectedByte(b'.'), "unexpected byte `.`"),
        (b"p cnf 2 1\n1 2 c no comment\n0\n", 2, 5, K::UnexpectedByte(b'c'), "unexpected byte `c`"),
        (b"p cnf 2 1\n1 % 0\n", 2, 3, K::UnexpectedByte(b'%'), "unexpected byte `%`"),
        (b"p cnf 2 1\n1 x2 0\n", 2, 3, K::UnexpectedByte(b'x'), "unexpected byte `x`"),
        (b"p cnf 2 1\n1 p 0\n", 2, 3, K::UnexpectedByte(b'p'), "unexpected byte `p`"),
        (b"p cnf 2 1\n1 \xff 0\n", 2, 3, K::UnexpectedByte(0xff), "unexpected byte `\\xff`"),
        (b"p cnf 2 1\n1 0\n\x1a", 3, 1, K::UnexpectedByte(0x1a), "unexpected byte `\\x1a`"),
        (b"\xef\xbb\xbfp cnf 2 1\n1 0\n", 1, 1, K::UnexpectedByte(0xef), "unexpected byte `\\xef`"),
        (b"hello\n", 1, 1, K::UnexpectedByte(b'h'), "unexpected byte `h`"),
        (b"\x1f", 1, 1, K::UnexpectedByte(0x1f), "unexpected byte `\\x1f`"),
        (b"\xfd7zX", 1, 1, K::UnexpectedByte(0xfd), "unexpected byte `\\xfd`"),
        (b"p cnf 2 1\n1 \0 0\n", 2, 3, K::NulByte, "unexpected NUL byte, this is not a text file"),
        (b"\0\0\0\0\0\0\0\0", 1, 1, K::NulByte, "unexpected NUL byte, this is not a text file"),
        (b"p cnf 2 1\n1 2", 2, 4, K::MissingZero, NO_ZERO),
        (b"p cnf 2 1\n1 2\n", 3, 1, K::MissingZero, NO_ZERO),
        (b"p cnf 2 1\n1 2\nc end", 3, 6, K::MissingZero, NO_ZERO),
        (b"p cnf 2 1\n1 2\n%\n0\n", 3, 1, K::MissingZero, NO_ZERO),
        (b"p cnf 2 1", 1, 10, few(1, 0), "the header promises 1 clauses, there are only 0"),
        (b"p cnf 2 3\n1 0 2 0\n", 3, 1, few(3, 2), "the header promises 3 clauses, there are only 2"),
        (
            b"p cnf 2 18446744073709551615\n1 0",
            2,
            4,
            few(u64::MAX, 1),
            "the header promises 18446744073709551615 clauses, there are only 1",
        ),
        (
            b"p cnf 2 1\n1 0\n2 0\n",
            3,
            1,
            K::TooManyClauses { promised: 1 },
            "there are more clauses than the 1 of the header",
        ),
        (
            b"p cnf 2 1\n1 0 0\n",
            2,
            5,
            K::TooManyClauses { promised: 1 },
            "there are more clauses than the 1 of the header",
        ),
        (b"p cnf 2 0\n1", 2, 1, K::TooManyClauses { promised: 0 }, "there are more clauses than the 0 of the header"),
    ];
    for (input, line, column, kind, message) in rows {
        refused(input, *line, *column, kind, message);
    }
    refused(b"p cnf 2 2\n1 0\n%\n0\n", 3, 1, &few(2, 1), "the header promises 2 clauses, there are only 1");
}

#[test]
fn compressed_data() {
    let text: &[u8] = b"p cnf 3 2\n1 -2 0\n3 0\n";
    for (format, name) in [(Compression::Gzip, "gzip"), (Compression::Xz, "xz")] {
        let good = compress(text, format);
        assert!(read(&good).is_ok());
        let truncated = K::Damaged(Damage::Truncated(format));
        let message = format!("truncated {name} data");
        // Whatever is cut off, it is noticed; the place is within the text or at its end.
        for len in 6..good.len() {
            for error in [read(&good[..len]).unwrap_err(), trickle(&good[..len], 5).unwrap_err()] {
                assert_eq!(error.kind(), Some(&truncated), "{name} cut to {len}: {error}");
                assert!(error.to_string().ends_with(&message), "{error}");
                assert!(error.line() <= Some(4), "{error}");
            }
        }
        // The checksum is the last thing of a gzip member: all text is there by then.
        if format == Compression::Gzip {
            refused(&good[..good.len() - 1], 4, 1, &truncated, &message);
        }
        // No flipped bit passes but in gzip's header and in what pads its last block to a byte, and none makes
        // another formula.
        for bit in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            if let Ok(formula) = read(&bad) {
                assert_eq!(super::clauses(&formula), [vec![1, -2], vec![3]], "{name} bit {bit}");
                let free = bit / 8 < 10 || bit / 8 == good.len() - 9;
                assert!(format == Compression::Gzip && free, "{name} bit {bit} is not checked");
            }
        }
        let mut trailing = good.clone();
        trailing.extend_from_slice(b"garbage, garbage, garbage");
        let error = read(&trailing).unwrap_err();
        assert!(matches!(error.kind(), Some(K::Damaged(Damage::Corrupt { format: f, .. })) if *f == format), "{error}");
        // xz's decoder keeps to itself what it decoded in the step that failed.
        let line = if format == Compression::Gzip { 4 } else { 1 };
        assert_eq!((error.line(), error.column()), (Some(line), Some(1)));
        let message = format!("line {line}, column 1: corrupt {name} data: ");
        assert!(error.to_string().starts_with(&message), "{error}");
    }
    // A parse error within compressed data counts lines of the text.
    let error = read(&compress(b"c\np cnf 1 1\n1 2 0", Compression::Gzip)).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(3)));
    for format in [Compression::Gzip, Compression::Xz] {
        refused(&compress(b"", format), 1, 1, &K::Empty, "the input is empty");
    }
}
