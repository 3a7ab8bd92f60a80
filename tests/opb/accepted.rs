//! What is accepted, against known answers and against a naive reader.

use anser::budget::Budget;
use anser::formula::opb::Compression;
use anser::formula::{Format, MAX_VAR, opb};
use proptest::prelude::*;

use super::{assignments, compress, read, show, trickle};

/// A text, its variables, its constraints.
type Row = (&'static str, u32, &'static [&'static str]);

#[test]
fn layouts() {
    let rows: &[Row] = &[
        ("* #variable= 5 #constraint= 1\n+1 x1 +1 ~x2 +1 x3 >= 2 ;\n", 5, &["1 -2 3 >= 2"]),
        ("+1 x1 +1 ~x2 >= 2;", 2, &["1 -2 >= 2"]),
        ("1 x1 1 ~x2 >= +2 ;\n", 2, &["1 -2 >= 2"]),
        ("+1\tx1\r\n +1\n~x2>=\n2\n;\n\n", 2, &["1 -2 >= 2"]),
        ("+1 x1 +1 x2 >= 2 ; +1 x3 >= 1 ;", 3, &["1 2 >= 2", "3"]),
        ("+3 x1 -2 x2 +0 x3 >= -1 ;\n", 3, &["3*1 -2*2 0*3 >= -1"]),
        ("+00012 x007 +3 x1 >= 010 ;", 7, &["12*7 3*1 >= 10"]),
        // Comments, also within a constraint; what is no promise in them.
        ("*\n* +1 x9 >= 1 ;\n+1 x1\n  * #variable= 3\n+1 x2 >= 2 ;\n*end", 2, &["1 2 >= 2"]),
        ("* any \0\u{ff} bytes\n+1 x2 >= 1 ;\n", 2, &["2"]),
        ("* about #variable= 1 #constraint= 9\n+1 x2 >= 1 ;\n", 2, &["2"]),
        ("* #variable= N #constraint= NBCONSTR\n+1 x2 >= 1 ;\n", 2, &["2"]),
        ("* #variable= -1 #constraint= 1.5\n+1 x2 >= 1 ;\n", 2, &["2"]),
        ("* #variable=\n+1 x2 >= 1 ;\n", 2, &["2"]),
        // Headers.
        ("* #variable= 3 #constraint= 0\n", 3, &[]),
        ("*#variable=3\n*  #constraint=1\r\n+1 x2 >= 1 ;\n", 3, &["2"]),
        ("* comment\n* #variable= 3\n* #variable= 1\n+1 x2 >= 1 ;\n", 3, &["2"]),
        ("* #variable= 3 #constraint= 1 #equal= 1 intsize= 4 #product= 0\n+1 x2 = 1 ;\n", 3, &["2", "-2 >= 0"]),
        ("* #constraint= 1\n+1 x2 >= 1 ;\n+1 x1 >= 1 ;\n", 2, &["2", "1"]),
        ("+1 x1 >= 1 ;\n* #variable= 7 #constraint= 7\n", 1, &["1"]),
        // An equality may have been counted twice.
        (
            "* #variable= 2 #constraint= 3\n+2 x1 +3 x2 = 3 ;\n+1 x1 >= 0 ;\n",
            2,
            &["2*1 3*2 >= 3", "-2*1 -3*2 >= -3", "1 >= 0"],
        ),
        // An objective that asks for nothing.
        ("min: ;\n+1 x1 >= 1 ;\n", 1, &["1"]),
        ("* #variable= 1 #constraint= 1\nmax:\n;+1 x1 >= 1 ;\n", 1, &["1"]),
        // Relations, and unit weights of both signs.
        ("+2 x1 +3 ~x2 <= 3 ;", 2, &["-2*1 -3*-2 >= -3"]),
        ("+1 x1 +1 x2 +1 x3 <= 1 ;", 3, &["-1 -2 -3 >= 2"]),
        ("-1 x1 -1 x2 -1 x3 >= -1 ;", 3, &["-1 -2 -3 >= 2"]),
        ("-1 x1 +1 ~x2 -1 ~x3 >= 0 ;", 3, &["-1 -2 3 >= 2"]),
        ("+1 x1 +1 x2 +1 x3 = 2 ;", 3, &["1 2 3 >= 2", "-1 -2 -3"]),
        // At least one is a clause.
        ("+1 x1 -1 x2 >= 0 ;", 2, &["1 -2"]),
        ("+1 x1 +1 ~x1 +1 x1 >= 1 ;", 1, &["1 -1 1"]),
        ("+1 x1 +1 x2 >= 0 ;", 2, &["1 2 >= 0"]),
        ("+1 x1 +1 x2 >= 3 ;", 2, &["1 2 >= 3"]),
        // Without terms that count.
        (">= 1 ;", 0, &[""]),
        (" = 0 ;", 0, &[" >= 0", " >= 0"]),
        ("+0 x3 >= 1 ;", 3, &[""]),
        ("+1 x1 +0 x3 +1 x2 >= 2 ;", 3, &["1 2 >= 2"]),
        // One literal is enough by itself: the others are asked for where it is false.
        ("+1 x1 +1 x2 +1 ~x3 +2 ~x4 >= 2 ;", 4, &["4 -> 1 2 -3 >= 2"]),
        ("+2 x4 +1 x1 -1 x2 >= 1 ;", 4, &["-4 -> 1 -2 >= 2"]),
        ("-2 x4 +1 x1 +1 x2 >= 0 ;", 4, &["4 -> 1 2 >= 2"]),
        ("+3 x4 +1 x1 +1 x2 >= 2 ;", 4, &["3*4 1*1 1*2 >= 2"]),
        ("+2 x4 +2 x1 +1 x2 >= 2 ;", 4, &["2*4 2*1 1*2 >= 2"]),
        ("+5 x1 >= 5 ;", 1, &["5*1 >= 5"]),
        // The extremes of 63 bits.
        ("+9223372036854775805 x1 +1 x2 >= 1 ;", 2, &["9223372036854775805*1 1*2 >= 1"]),
        ("+1 x1 >= -9223372036854775806 ;", 1, &["1 >= -9223372036854775806"]),
        ("-9223372036854775807 x1 >= -0 ;", 1, &["-9223372036854775807*1 >= 0"]),
        ("+1 x1073741823 >= 1 ;", MAX_VAR, &["1073741823"]),
    ];
    for (input, num_vars, expected) in rows {
        for format in [Compression::None, Compression::Gzip, Compression::Xz] {
            let bytes = compress(input.as_bytes(), format);
            for formula in [read(&bytes), trickle(&bytes, 3), trickle(&bytes, 77)] {
                let formula = formula.unwrap_or_else(|e| panic!("{input:?}: {e}"));
                let found = show(&formula);
                assert_eq!(
                    (formula.num_vars(), found.as_slice()),
                    (*num_vars, &expected.iter().map(|s| s.to_string()).collect::<Vec<_>>()[..]),
                    "{input:?}"
                );
            }
        }
    }
}

/// Every token of a text across every border of a chunk of 64 KiB.
#[test]
fn chunk_borders() {
    let tail = "+1 x1 +13 ~x123456\r\n-2 x7 >= 12 ;\n* c\n+1 x1 -1 x2 <= 0 ;\n+1 x3 = 1 ;\n";
    let expected = ["1*1 13*-123456 -2*7 >= 12", "-1 2", "3", "-3 >= 0"];
    for pad in 65_536 - tail.len() - 2..=65_537 {
        let text = format!("*{}\n{tail}", " ".repeat(pad - 2));
        let formula = read(text.as_bytes()).unwrap_or_else(|e| panic!("{pad}: {e}"));
        assert_eq!(show(&formula), expected, "{pad}");
    }
}

#[test]
fn long_lines_and_numbers() {
    let text = format!("{} >= 100000 ;", "+2 x1 -1 ~x2 ".repeat(100_000));
    let formula = read(text.as_bytes()).unwrap();
    assert_eq!((formula.num_constraints(), formula.statistics().terms), (1, 200_000));
    let zeros = "0".repeat(1 << 17);
    let text = format!("*{}\n+{zeros}2 x{zeros}3 +1 x1 >= -{zeros}1 ;", " #variable= 9".repeat(10_000));
    assert_eq!(show(&read(text.as_bytes()).unwrap()), ["2*3 1*1 >= -1"]);
    // Of a comment that is longer than a header only whole words count.
    for spaces in 0..260 {
        let text = format!("*{} #variable= 1234567890\n>= 0 ;", " ".repeat(spaces));
        let answer = read(text.as_bytes()).map(|f| f.num_vars());
        let whole = spaces + " #variable= 1234567890".len() < 256;
        assert_eq!((whole, !whole), (answer.is_err(), answer.is_ok_and(|n| n == 0)), "{spaces}");
    }
}

#[test]
fn files_by_their_suffix() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget::unlimited();
    let formula = read(b"+2 x1 +3 x2 >= 3 ;").unwrap();
    for name in ["a.opb", "a.OPB.gz", "a.opb.xz"] {
        let path = folder.path().join(name);
        anser::formula::write_file(&formula, &path, &budget).unwrap();
        assert_eq!(show(&anser::formula::read_file(&path, &budget).unwrap()), show(&formula), "{name}");
        assert_eq!(show(&Format::Opb.read_file(&path, &budget).unwrap()), show(&formula), "{name}");
        assert!(Format::Dimacs.read_file(&path, &budget).is_err());
    }
    let path = folder.path().join("bad.opb.gz");
    std::fs::write(&path, compress(b"\n+1 x1 >= 1", Compression::Gzip)).unwrap();
    let error = opb::read_file(&path, &budget).unwrap_err();
    let message = format!("{}: line 2, column 11: expected `;`, found the end of the text", path.display());
    assert_eq!((error.to_string(), error.path()), (message, Some(path.as_path())));
}

/// A text of random constraints with at most 5 variables, and what it says: terms, relation, bound.
type Said = (Vec<(i64, u32, bool)>, &'static str, i64);

fn text() -> impl Strategy<Value = (String, Vec<Said>)> {
    let weight = prop_oneof![5 => Just(1i64), 2 => Just(-1), 3 => -4i64..5];
    let term = (weight, 1u32..6, any::<bool>());
    let relation = prop::sample::select(vec![">=", ">=", ">=", "<=", "="]);
    let constraint = (prop::collection::vec(term, 0..6), relation, -6i64..7);
    let layout = (prop::sample::select(vec![" ", "  ", "\n", "\r\n\t"]), any::<bool>());
    (prop::collection::vec(constraint, 1..5), layout).prop_map(|(constraints, (blank, plus))| {
        let mut text = String::from("* any text\n");
        for (terms, relation, bound) in &constraints {
            for (weight, variable, negated) in terms {
                let sign = if plus && *weight >= 0 { "+" } else { "" };
                text += &format!("{sign}{weight}{blank}{}x{variable}{blank}", if *negated { "~" } else { "" });
            }
            text += &format!("{relation}{blank}{bound}{blank};{blank}");
        }
        (text, constraints)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever constraints are stored as, the models are those of the text.
    #[test]
    fn keeps_the_models((text, said) in text(), seed in any::<u32>()) {
        let mut formula = trickle(text.as_bytes(), seed).unwrap();
        formula.ensure_vars(5).unwrap();
        for model in assignments(5) {
            let holds = |(terms, relation, bound): &Said| {
                let value = |&(w, v, negated): &(i64, u32, bool)| if (model[v as usize - 1] > 0) != negated { w } else { 0 };
                let sum: i64 = terms.iter().map(value).sum();
                match *relation { ">=" => sum >= *bound, "<=" => sum <= *bound, _ => sum == *bound }
            };
            prop_assert_eq!(said.iter().all(holds), formula.check(&model).unwrap().is_none(), "{} {:?} {:?}", text, show(&formula), model);
        }
    }
}
