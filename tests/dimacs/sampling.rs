//! `c ind` and `c p show`.

use std::path::Path;

use anser::budget::{Budget, Limits};
use anser::error::OutOfMemory;
use anser::formula::dimacs::{self, Compression, ParseErrorKind as K, ReadError};

use super::malformed::refused;
use super::{compress, read, trickle};

type Row = (&'static str, Option<&'static [u32]>);

#[test]
fn layouts() {
    let rows: &[Row] = &[
        ("p cnf 9 0\nc ind 1 2 3 0\n", Some(&[1, 2, 3])),
        ("c ind 9 2 3 0\np cnf 9 0\n", Some(&[2, 3, 9])),
        ("c p show 9 2 3 0\np cnf 9 0", Some(&[2, 3, 9])),
        ("c ind 3 1 0\nc\nc ind 2 1 0\np cnf 9 0\nc ind 7 0\nc p show 8 0", Some(&[1, 2, 3, 7, 8])),
        ("p cnf 9 0\nc ind 0", Some(&[])),
        ("p cnf 9 0\n \tc\tind  004\t0 \t\r\n", Some(&[4])),
        ("p cnf 9 0\r\nc\tp  show\t1 0\r\n", Some(&[1])),
        ("p cnf 9 1\n1 2\nc ind 5 0\n3 0\n", Some(&[5])),
        ("p cnf 9 1\n1 0\n%\nc ind 5 x\n", None),
        ("p cnf 9 1\nx1 2 0\nc ind 5 0\n", Some(&[5])),
        // What stays a comment.
        ("cind 1 2 3 0\np cnf 9 0\n", None),
        ("c independent set x\np cnf 9 0\n", None),
        ("c indeed 1\nc Ind 1\nc in\nc i\nc\nc \np cnf 9 0\nc", None),
        ("c p\nc p \nc p weight 1 0.5 0\nc p shown x\nc p sho\nc pshow 1\nc ps show x\np cnf 9 0\nc p", None),
        ("c max ind 1 x\nc t pmc\np cnf 9 0\nc  \tp  \tSHOW 1", None),
        ("c-ind 1 x\nc,p show\np cnf 9 0\n", None),
    ];
    for (input, expected) in rows {
        for format in [Compression::None, Compression::Gzip, Compression::Xz] {
            let bytes = compress(input.as_bytes(), format);
            for formula in [read(&bytes), trickle(&bytes, 3), trickle(&bytes, 8)] {
                let formula = formula.unwrap_or_else(|e| panic!("{input:?}: {e}"));
                assert_eq!((formula.num_vars(), formula.sampling_set()), (9, *expected), "{input:?}");
            }
        }
    }
}

#[test]
fn refusals() {
    const NO_ZERO: &str = "the line of the sampling set does not end with 0";
    let beyond = |variable| K::SamplingBeyondHeader { variable, variables: 5 };
    let byte = K::UnexpectedByte;
    let range = |variable| K::LiteralOutOfRange { negative: false, variable };
    let rows: &[(&[u8], u64, u64, K, &str)] = &[
        (b"p cnf 5 0\nc ind 1 2\n", 2, 10, K::SamplingMissingZero, NO_ZERO),
        (b"p cnf 5 0\nc ind 1 2", 2, 10, K::SamplingMissingZero, NO_ZERO),
        (b"p cnf 5 0\nc ind", 2, 6, K::SamplingMissingZero, NO_ZERO),
        (b"p cnf 5 0\nc ind  \r\n", 2, 9, K::SamplingMissingZero, NO_ZERO),
        (b"c p show\np cnf 5 0\n", 1, 9, K::SamplingMissingZero, NO_ZERO),
        (b"c p show 1\n2 0\n", 1, 11, K::SamplingMissingZero, NO_ZERO),
        (b"c ind 1 -2 0\n", 1, 9, byte(b'-'), "unexpected byte `-`"),
        (b"c ind 1 2a 0\n", 1, 10, byte(b'a'), "unexpected byte `a`"),
        (b"c ind x1 0\n", 1, 7, byte(b'x'), "unexpected byte `x`"),
        (b"c ind 1 0 3\n", 1, 11, byte(b'3'), "unexpected byte `3`"),
        (b"c ind 1 0 c\n", 1, 11, byte(b'c'), "unexpected byte `c`"),
        (b"c p show 1,2 0\n", 1, 11, byte(b','), "unexpected byte `,`"),
        (b"c ind 1 \0 0\n", 1, 9, K::NulByte, "unexpected NUL byte, this is not a text file"),
        (
            b"p cnf 5 0\nc ind 1 6 7 0\n",
            2,
            9,
            beyond(6),
            "variable 6 of the sampling set is beyond the header's 5 variables",
        ),
        (b"p cnf 5 0\nc ind 6", 2, 7, beyond(6), "variable 6 of the sampling set is beyond the header's 5 variables"),
        // The header comes late: the largest is named, where it stands first.
        (
            b"c\nc ind 6 7\t0\nc p show 7 0\np cnf 5 0\n",
            2,
            9,
            beyond(7),
            "variable 7 of the sampling set is beyond the header's 5 variables",
        ),
        (
            b"c ind 1073741824 0\n",
            1,
            7,
            range(1 << 30),
            "literal 1073741824 is out of range, the largest variable is 1073741823",
        ),
        (
            b"c ind 99999999999999999999999 0\n",
            1,
            7,
            range(u64::MAX),
            "literal 18446744073709551615 or beyond is out of range, the largest variable is 1073741823",
        ),
    ];
    for (input, line, column, kind, message) in rows {
        refused(input, *line, *column, kind, message);
    }
}

/// The set counts against the memory limit, and is held once.
#[test]
fn memory() {
    let line = format!("c ind{} 0\n", " 1".repeat(100_000));
    let text = format!("p cnf 1 0\n{}", line.repeat(10));
    let read = |memory| {
        dimacs::read_bytes(text.as_bytes(), &Budget::start(&Limits { memory: Some(memory), ..Limits::default() }))
    };
    let error = read(2 << 20).unwrap_err();
    assert!(matches!(error, ReadError::Memory(OutOfMemory::Limit { limit: 2_097_152, .. })), "{error}");
    assert_eq!(read(8 << 20).unwrap().sampling_set(), Some(&[1][..]));
}

/// Real files: the set against a scan of their lines.
#[test]
fn sampling_benchmarks() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sampling"));
    if !root.is_dir() {
        println!("skipped: {} is not there", root.display());
        return;
    }
    let mut folders = vec![root.to_path_buf()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "cnf") {
                let text = std::fs::read_to_string(&path).unwrap();
                let words = text.lines().filter_map(|l| l.strip_prefix("c ind ")).flat_map(str::split_whitespace);
                let mut set: Vec<u32> = words.map(|w| w.parse().unwrap()).filter(|&v| v != 0).collect();
                set.sort_unstable();
                set.dedup();
                let formula = dimacs::read_file(&path, &Budget::unlimited()).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(formula.sampling_set(), Some(set.as_slice()), "{}", path.display());
                let back = dimacs::to_bytes(&formula, &Budget::unlimited()).unwrap();
                assert_eq!(read(&back).unwrap().sampling_set(), Some(set.as_slice()));
                files += 1;
            }
        }
    }
    assert!(files >= 10, "{files} files in {}", root.display());
}
