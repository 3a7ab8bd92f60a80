//! Two constraints that spell a reified one.

use std::path::Path;

use anser::budget::Budget;
use anser::formula::{Condition, Constraint, opb};
use proptest::prelude::*;

use super::{assignments, read, show};

#[test]
fn what_becomes_one_and_what_does_not() {
    let rows: &[(&str, &[&str])] = &[
        // r <-> x1 + x2 + ~x3 >= 2, either way round and in any order.
        ("+1 x1 +1 x2 +1 ~x3 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +1 x3 +2 x4 >= 2 ;", &["4 <-> 1 2 -3 >= 2"]),
        ("+1 ~x1 +1 ~x2 +1 x3 +2 x4 >= 2 ;\n+1 x1 +1 x2 +1 ~x3 +2 ~x4 >= 2 ;", &["-4 <-> -1 -2 3 >= 2"]),
        ("+2 ~x4 +1 x1 +1 x2 +1 ~x3 >= 2 ;\n* between\n+1 x3 +2 x4 +1 ~x1 +1 ~x2 >= 2 ;", &["4 <-> 1 2 -3 >= 2"]),
        // The same with other signs: -x1 for ~x1 - 1, and <=.
        ("+1 x1 +1 x2 +1 ~x3 -2 x4 >= 0 ;\n-1 x1 -1 x2 +1 x3 +2 x4 >= 0 ;", &["4 <-> 1 2 -3 >= 2"]),
        ("+1 x1 +1 x2 +1 ~x3 -2 x4 >= 0 ;\n+1 x1 +1 x2 -1 x3 -2 x4 <= 0 ;", &["4 <-> 1 2 -3 >= 2"]),
        // Bounds of which one guard weighs 1.
        ("+1 x1 +1 x2 +1 ~x4 >= 1 ;\n+1 ~x1 +1 ~x2 +2 x4 >= 2 ;", &["4 <-> 1 2 >= 1"]),
        ("+1 ~x1 +1 ~x2 +2 x4 >= 2 ;\n+1 x1 +1 x2 +1 ~x4 >= 1 ;", &["-4 <-> -1 -2 >= 2"]),
        // Three in a row, and two pairs.
        (
            "+1 x9 >= 1 ;\n+1 x1 +1 x2 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +1 x4 >= 1 ;\n+1 x1 +1 x2 +2 ~x4 >= 2 ;",
            &["9", "4 <-> 1 2 >= 2", "4 -> 1 2 >= 2"],
        ),
        (
            "+1 x1 +1 x2 +2 ~x4 >= 2 ;\n+1 x1 +1 x2 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +1 x4 >= 1 ;",
            &["4 -> 1 2 >= 2", "4 <-> 1 2 >= 2"],
        ),
        // Weights.
        ("+3 x1 +2 x2 +1 ~x3 +4 ~x4 >= 4 ;\n+3 ~x1 +2 ~x2 +1 x3 +3 x4 >= 3 ;", &["4 <-> 3*1 2*2 1*-3 >= 4"]),
        ("+3 x1 -2 ~x2 +4 ~x4 >= 2 ;\n-3 x1 +2 ~x2 +2 x4 >= -1 ;", &["4 <-> 3*1 2*2 >= 4"]),
        // Equal guards, with another literal that weighs as much: the last one written guards.
        ("+2 x1 +1 x2 +2 ~x4 >= 2 ;\n+2 ~x1 +1 ~x2 +2 x4 >= 2 ;", &["4 <-> 2*1 1*2 >= 2"]),
        // l <-> r in two clauses stays two clauses.
        ("+1 x1 +1 ~x4 >= 1 ;\n+1 ~x1 +1 x4 >= 1 ;", &["1 -4", "-1 4"]),
        // Almost: bounds, signs, variables, weights, one too many, a variable twice, something between.
        ("+1 x1 +1 x2 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +2 x4 >= 2 ;", &["4 -> 1 2 >= 2", "-4 -> -1 -2 >= 2"]),
        (
            "+1 x1 +1 x2 +1 ~x3 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +1 ~x3 +2 x4 >= 2 ;",
            &["4 -> 1 2 -3 >= 2", "-4 -> -1 -2 -3 >= 2"],
        ),
        (
            "+1 x1 +1 x2 +1 ~x3 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x2 +1 x3 +2 ~x4 >= 2 ;",
            &["4 -> 1 2 -3 >= 2", "4 -> -1 -2 3 >= 2"],
        ),
        (
            "+1 x1 +1 x5 +1 ~x3 +2 ~x4 >= 2 ;\n+1 ~x2 +1 ~x4 +1 x3 +2 x4 >= 2 ;",
            &["4 -> 1 5 -3 >= 2", "-4 -> -2 -4 3 >= 2"],
        ),
        (
            "+1 x1 +2 x5 +1 ~x3 +3 ~x4 >= 3 ;\n+2 ~x1 +1 ~x5 +1 x3 +2 x4 >= 2 ;",
            &["1*1 2*5 1*-3 3*-4 >= 3", "2*-1 1*-5 1*3 2*4 >= 2"],
        ),
        ("+1 x1 +1 x1 +2 ~x4 >= 2 ;\n+1 ~x1 +1 ~x1 +1 x4 >= 1 ;", &["4 -> 1 1 >= 2", "-1 -1 4"]),
        ("+1 x1 +1 x2 +2 ~x4 >= 2 ;\n+1 x3 >= 1 ;\n+1 ~x1 +1 ~x2 +1 x4 >= 1 ;", &["4 -> 1 2 >= 2", "3", "-1 -2 4"]),
        ("+1 x1 +1 x2 +2 ~x4 = 2 ;\n+1 ~x1 +1 ~x2 +1 x4 >= 1 ;", &["4 -> 1 2 >= 2", "-4 -> -1 -2 >= 2", "-1 -2 4"]),
        ("+1 x1 +1 x2 +2 ~x4 +0 x5 >= 2 ;\n+1 ~x1 +1 ~x2 +1 x4 +0 x5 >= 1 ;", &["4 -> 1 2 >= 2", "-1 -2 4"]),
    ];
    for (text, expected) in rows {
        assert_eq!(show(&read(text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"))), *expected, "{text}");
    }
}

/// Terms and a bound.
type Line = (Vec<(i64, i32)>, i64);

/// A reified constraint in two lines, with one number changed or none; whether none was.
fn two_lines() -> impl Strategy<Value = (String, Vec<Line>, bool)> {
    let literals = prop::sample::subsequence((1i32..6).collect::<Vec<_>>(), 1..=5).prop_shuffle();
    let signs = prop::collection::vec(any::<bool>(), 6);
    let weights = prop_oneof![3 => Just(vec![1i64; 5]), 1 => prop::collection::vec(1i64..4, 5)];
    let change = prop_oneof![2 => Just(None), 1 => (0usize..20, prop::sample::select(vec![-1i64, 1])).prop_map(Some)];
    (literals, signs, weights, 0.0..1.0, change, any::<bool>()).prop_map(|(vars, signs, weights, at, change, swap)| {
        let terms: Vec<(i64, i32)> =
            vars.iter().zip(&signs).zip(&weights).map(|((&v, &s), &w)| (w, if s { v } else { -v })).collect();
        let total: i64 = terms.iter().map(|t| t.0).sum();
        let bound = 1 + (at * total as f64) as i64;
        let guard = if signs[5] { 6 } else { -6 };
        let mut first = (terms.clone(), bound);
        first.0.push((bound, -guard));
        let mut second: Line = (terms.iter().map(|&(w, l)| (w, -l)).collect(), total - bound + 1);
        second.0.insert(0, (total - bound + 1, guard));
        let mut lines = vec![first, second];
        if let Some((index, by)) = change {
            let count = lines[0].0.len() + 1;
            let (line, index) = (index / count % 2, index % count);
            match lines[line].0.get_mut(index) {
                Some(term) => term.0 += by,
                None => lines[line].1 += by,
            }
        }
        if swap {
            lines.swap(0, 1);
        }
        let mut text = String::new();
        for (terms, bound) in &lines {
            for (w, l) in terms {
                text += &format!("{w:+} {}x{} ", if *l < 0 { "~" } else { "" }, l.abs());
            }
            text += &format!(">= {bound} ;\n");
        }
        (text, lines, change.is_none())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pairs are found, and what is near one keeps its models.
    #[test]
    fn models_are_kept((text, lines, whole) in two_lines()) {
        let mut formula = read(text.as_bytes()).unwrap();
        formula.ensure_vars(6).unwrap();
        let clauses = lines.iter().all(|(terms, bound)| *bound == 1 && terms.iter().all(|t| t.0 == 1));
        if whole {
            prop_assert_eq!(formula.num_constraints(), if clauses { 2 } else { 1 }, "{}", text);
        }
        for model in assignments(6) {
            let value = |&(w, l): &(i64, i32)| if (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0) { w } else { 0 };
            let holds = lines.iter().all(|(terms, bound)| terms.iter().map(value).sum::<i64>() >= *bound);
            prop_assert_eq!(holds, formula.check(&model).unwrap().is_none(), "{} {:?} {:?}", text, show(&formula), model);
        }
    }
}

/// Real files: each neuron of a binarized network is spelled by two lines.
#[test]
fn neurons_of_binarized_networks() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/bnn/inversion"));
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return;
    }
    let mut files = 0;
    for path in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if path.extension().is_none_or(|e| e != "opb") {
            continue;
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // bnn_40-20-20_…: 40 inputs, 20 and 20 neurons.
        let layers: Vec<u32> = name.split('_').nth(1).unwrap().split('-').map(|n| n.parse().unwrap()).collect();
        let neurons: u32 = layers[1..].iter().sum();
        let formula = opb::read_file(&path, &Budget::unlimited()).unwrap_or_else(|e| panic!("{e}"));
        let reified = formula.constraints().filter(|c| match c {
            Constraint::Cardinality(sum) => matches!(sum.condition, Condition::Reified(_)),
            _ => false,
        });
        assert_eq!(reified.count() as u32, neurons, "{name}");
        assert_eq!(formula.num_vars(), layers.iter().sum::<u32>(), "{name}");
        let rest = formula.num_constraints() - u64::from(neurons);
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().filter(|l| !l.starts_with('*') && l.contains(';')).count() as u64;
        assert_eq!(rest, lines - 2 * u64::from(neurons), "{name}");
        // Written and read again it is the same.
        let back = read(&opb::to_bytes(&formula, &Budget::unlimited()).unwrap()).unwrap();
        assert_eq!(show(&back), show(&formula), "{name}");
        files += 1;
    }
    assert!(files >= 10, "{files} files in {}", folder.display());
}
