//! The judges judged: the model checker and the proof checkers must accept what is right and reject what is not.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use support::model::{Answer, Cnf, parse_answer};
use support::{drat, lrat};

/// The formula of Wetzler, Heule and Hunt's SAT 2014 paper: unsatisfiable, without a unit in sight, and `-1` is RAT in
/// it but not RUP.
fn example() -> Cnf {
    Cnf::new(&[
        &[1, 2, -3],
        &[-1, -2, 3],
        &[2, 3, -4],
        &[-2, -3, 4],
        &[-1, -3, -4],
        &[1, 3, 4],
        &[-1, 2, 4],
        &[1, -2, -4],
    ])
}

const EXAMPLE_LRAT: &str = "9 -1 0 -1 5 7 -6 7 2 -8 2 5 0\n9 d 2 5 7 0\n10 2 0 9 1 6 3 0\n11 0 9 10 8 4 6 0\n";
const EXAMPLE_DRAT: &str = "-1 0\nd -1 2 4 0\n2 0\n0\n";

/// All four clauses over two variables, refuted by RUP alone.
fn square() -> Cnf {
    Cnf::new(&[&[1, 2], &[1, -2], &[-1, 2], &[-1, -2]])
}

const SQUARE_LRAT: &str = "5 1 0 1 2 0\n5 d 1 2 0\n6 0 5 3 4 0\n";
const SQUARE_DRAT: &str = "1 0\nd 1 2 0\nd -2 1 0\n0\n";

fn rejected<T: std::fmt::Debug>(result: Result<T, String>, why: &str) {
    let message = result.expect_err(why);
    assert!(message.contains(why), "rejected for another reason than `{why}`: {message}");
}

#[test]
fn dimacs_is_read_as_it_stands() {
    let cnf = Cnf::parse("c a comment\np cnf 3 3\n1 -2\n3 0 2 2 0\n0\n%\n0\n").unwrap();
    assert_eq!(cnf, Cnf { num_vars: 3, clauses: vec![vec![1, -2, 3], vec![2, 2], vec![]] });
    assert_eq!(Cnf::parse(&cnf.to_dimacs()).unwrap(), cnf);
    for (text, why) in [
        ("", "no header"),
        ("1 0\n", "before the header"),
        ("p cnf 1\n", "not a `p cnf` header"),
        ("p cnf 1 1 1\n", "not a `p cnf` header"),
        ("p cnf -1 1\n", "bad number of variables"),
        ("p cnf 1 x\n", "bad number of clauses"),
        ("p cnf 1 0\np cnf 1 0\n", "second header"),
        ("p cnf 1 1\n2 0\n", "beyond 1 variables"),
        ("p cnf 1 1\n-2147483648 0\n", "beyond 1 variables"),
        ("p cnf 1 1\n1x 0\n", "not a literal"),
        ("p cnf 1 1\n1\n", "has no `0`"),
        ("p cnf 1 2\n1 0\n", "1 clauses where the header says 2"),
        ("p cnf 1 0\n1 0\n", "1 clauses where the header says 0"),
    ] {
        rejected(Cnf::parse(text), why);
    }
}

#[test]
fn models_are_checked() {
    let cnf = Cnf::parse("p cnf 3 2\n1 -2 0\n2 3 0\n").unwrap();
    cnf.check_model(&[1, 2, 3]).unwrap();
    cnf.check_model(&[-2, 3]).unwrap();
    rejected(cnf.check_model(&[-1, 2, 3]), "clause 1 [1, -2] is not satisfied");
    rejected(cnf.check_model(&[1]), "clause 2 [2, 3] is not satisfied");
    rejected(cnf.check_model(&[1, 2, -2]), "both ways");
    rejected(cnf.check_model(&[1, 2, 4]), "beyond 3 variables");
    rejected(cnf.check_model(&[1, 2, 0]), "beyond 3 variables");
    rejected(Cnf { num_vars: 1, clauses: vec![vec![]] }.check_model(&[1]), "clause 1 [] is not satisfied");
    cnf.check_model(&cnf.brute_force().unwrap()).unwrap();
    assert_eq!(square().brute_force(), None);
    assert_eq!(example().brute_force(), None);
}

#[test]
fn answers_are_read() {
    assert_eq!(parse_answer("c x\ns SATISFIABLE\nv 1 -2\nv 3 0\n"), Ok(Answer::Sat(vec![1, -2, 3])));
    assert_eq!(parse_answer("s UNSATISFIABLE\n"), Ok(Answer::Unsat));
    assert_eq!(parse_answer("s UNKNOWN\n"), Ok(Answer::Unknown));
    rejected(parse_answer("v 1 0\n"), "no `s` line");
    rejected(parse_answer("s SATISFIABLE\nv 1\n"), "no closing 0");
    rejected(parse_answer("s SATISFIABLE\nv 1 0 2\n"), "after the closing 0");
    rejected(parse_answer("s SATISFIABLE\ns SATISFIABLE\n"), "two `s` lines");
    rejected(parse_answer("s UNSATISFIABLE\nv 1 0\n"), "1 model literals");
    rejected(parse_answer("hello\n"), "stray line");
}

#[test]
fn lrat_accepts_hand_made_proofs() {
    let rup = lrat::check_text(&square(), SQUARE_LRAT).unwrap();
    assert_eq!(rup, lrat::Summary { rup: 2, rat: 0, deleted: 2 });
    let rat = lrat::check_text(&example(), EXAMPLE_LRAT).unwrap();
    assert_eq!(rat, lrat::Summary { rup: 2, rat: 1, deleted: 3 });
    // A new variable defined by x5 = x1 & x2. `-5 1` and `-5 2` are RAT on -5 since no clause has 5; `5 -1 -2` then has
    // two resolvents, both tautologies, whose blocks are empty.
    let defined = "5 -5 1 0 0\n6 -5 2 0 0\n7 5 -1 -2 0 -5 -6 0\n8 1 0 1 2 0\n9 0 8 3 4 0\n";
    assert_eq!(lrat::check_text(&square(), defined).unwrap(), lrat::Summary { rup: 2, rat: 3, deleted: 0 });
    // Ids may jump, comments and empty lines may stand between, and deletions may follow the end.
    lrat::check_text(&square(), "c jump\n\n50 1 0 1 2 0\n60 0 50 3 4 0\n60 d 50 0\n").unwrap();
    // A formula with the empty clause is refuted as it stands.
    lrat::check_text(&Cnf { num_vars: 0, clauses: vec![vec![]] }, "").unwrap();
    // Repetitions in the formula's clauses count once.
    lrat::check_text(&Cnf::new(&[&[1, 1], &[-1, -1, -1]]), "3 0 1 2 0\n").unwrap();
}

#[test]
fn lrat_rejects_corrupted_proofs() {
    for (proof, why) in [
        // A hint dropped, at the start, in the middle, at the end.
        ("5 1 0 2 0\n6 0 5 3 4 0\n", "neither a conflict nor a resolvent with 3"),
        ("5 1 0 1 2 0\n6 0 3 4 0\n", "hint 3 is not unit"),
        ("5 1 0 1 2 0\n6 0 5 4 0\n", "do not lead to a conflict"),
        ("5 1 0 1 2 0\n6 0 5 3 0\n", "do not lead to a conflict"),
        // Hints too many: after the conflict, or satisfied.
        ("5 1 0 1 2 3 0\n6 0 5 3 4 0\n", "hint 3 stands after the conflict"),
        ("5 1 0 1 2 0\n6 0 5 5 3 4 0\n", "hint 5 is already satisfied"),
        ("5 1 0 1 2 -3 0\n6 0 5 3 4 0\n", "hint -3 stands after the conflict"),
        // Hints in the wrong order.
        ("5 1 0 1 2 0\n6 0 3 5 4 0\n", "hint 3 is not unit"),
        // A literal changed.
        ("5 -1 0 1 2 0\n", "hint 1 is not unit"),
        ("5 2 0 1 2 0\n", "hint 2 is not unit"),
        // A clause deleted that is needed, or not there, or twice.
        ("5 1 0 1 2 0\n5 d 3 0\n6 0 5 3 4 0\n", "hint 3 is not there"),
        ("5 1 0 1 2 0\n5 d 9 0\n", "deletes clause 9, which is not there"),
        ("5 1 0 1 2 0\n5 d 1 1 0\n", "deletes clause 1, which is not there"),
        // A line missing.
        ("6 0 5 3 4 0\n", "hint 5 is not there"),
        // A step that leans on itself.
        ("5 1 0 5 0\n", "hint 5 is not there"),
        // The end missing, or not the end.
        ("5 1 0 1 2 0\n", "empty clause is not derived"),
        ("", "empty clause is not derived"),
        ("5 1 0 1 2 0\n6 0 5 3 4 0\n7 2 0 6 0\n", "added after the empty clause"),
        // Ids that do not increase.
        ("4 1 0 1 2 0\n", "its id does not exceed 4"),
        ("6 1 0 1 2 0\n5 0 6 3 4 0\n", "id 5 does not exceed 6"),
        ("5 1 0 1 2 0\n9 d 1 0\n6 0 5 3 4 0\n", "id 6 does not exceed 9"),
        ("5 1 -1 0 1 2 0\n", "a tautology"),
        // Not the format.
        ("5 1 0 1 2\n", "hints without their 0"),
        ("5 1\n", "a clause without its 0"),
        ("5 1 0 1 2 0 3\n", "after the closing 0"),
        ("5 d 1\n", "no closing 0"),
        ("5 d\n", "no closing 0"),
        ("5 d -1 0\n", "`-1` is not a clause id"),
        ("0 1 0 1 2 0\n", "`0` is not a clause id"),
        ("x 1 0 1 2 0\n", "`x` is not a clause id"),
        ("5 1.5 0 1 2 0\n", "`1.5` is not a literal"),
        ("5 -2147483648 0 1 2 0\n", "is not a literal"),
        ("5 1 0 1 y 0\n", "`y` is not a hint"),
        ("5 1 0 99999999999999999999 0\n", "is not a hint"),
    ] {
        rejected(lrat::check_text(&square(), proof), why);
    }
}

#[test]
fn lrat_rejects_corrupted_rat_steps() {
    let tail = "10 2 0 9 1 6 3 0\n11 0 9 10 8 4 6 0\n";
    for (step, why) in [
        ("9 -1 0 -1 5 7 -6 7 2 0\n", "neither a conflict nor a resolvent with 8"),
        ("9 -1 0 -1 5 -6 7 2 -8 2 5 0\n", "the resolvent with 1 do not lead to a conflict"),
        ("9 -1 0 -1 5 7 -6 5 2 -8 2 5 0\n", "resolvent with 6: hint 5 is not unit"),
        ("9 -1 0 -1 5 7 -6 7 2 -8 2 5 -8 2 5 0\n", "clause 8 is not one to resolve with, or is named twice"),
        ("9 -1 0 -1 5 7 -6 7 2 -8 2 5 -2 0\n", "clause 2 is not one to resolve with"),
        ("9 -1 0 -1 5 7 -6 7 2 -8 2 5 -77 0\n", "clause 77 is not one to resolve with"),
        ("9 -1 0 -1 5 7 2 -6 7 2 -8 2 5 0\n", "hint 2 stands after the conflict"),
        ("9 -4 0 -1 5 7 -6 7 2 -8 2 5 0\n", "clause 1 is not one to resolve with"),
        ("9 0 -1 5 7 -6 7 2 -8 2 5 0\n", "do not lead to a conflict"),
    ] {
        rejected(lrat::check_text(&example(), &format!("{step}{tail}")), why);
    }
    // A satisfied resolvent takes no hints, but its block must stand.
    rejected(lrat::check_text(&square(), "5 -5 1 0 0\n6 5 -1 0 0\n"), "neither a conflict nor a resolvent with 5");
    rejected(lrat::check_text(&square(), "5 -5 1 0 0\n6 5 -1 0 -5 1 0\n"), "satisfied, yet hints follow");
    // RAT on any literal but the first does not count.
    rejected(lrat::check_text(&square(), "5 -1 5 0 0\n"), "neither a conflict nor a resolvent with 1");
    lrat::Checker::new(&square()).step(&lrat::Line::Add { id: 5, clause: vec![5, -1], hints: vec![] }).unwrap();
}

#[test]
fn a_proof_does_for_its_own_formula_only() {
    // One clause weakened, and the formula has a model.
    let mut other = square();
    other.clauses[3] = vec![-1, -2, 3];
    other.num_vars = 3;
    assert!(other.brute_force().is_some());
    assert!(lrat::check_text(&other, SQUARE_LRAT).is_err());
    assert!(drat::check_text(&other, SQUARE_DRAT).is_err());
    assert!(lrat::check_text(&square(), EXAMPLE_LRAT).is_err());
    assert!(lrat::check_text(&example(), SQUARE_LRAT).is_err());
    assert!(drat::check_text(&example(), SQUARE_DRAT).is_err());
}

#[test]
fn drat_accepts_hand_made_proofs() {
    let rup = drat::check_text(&square(), SQUARE_DRAT).unwrap();
    assert_eq!(rup, drat::Summary { rup: 2, rat: 0, deleted: 2 });
    let rat = drat::check_text(&example(), EXAMPLE_DRAT).unwrap();
    assert_eq!(rat, drat::Summary { rup: 2, rat: 1, deleted: 1 });
    // Two variables that no clause has, and their conjunction.
    let defined = "c x5 = x3 & x4\n-5 3 0\n-5 4 0\n5 -3 -4 0\n1 0\n0\n";
    assert_eq!(drat::check_text(&square(), defined).unwrap(), drat::Summary { rup: 2, rat: 3, deleted: 0 });
    drat::check_text(&Cnf { num_vars: 0, clauses: vec![vec![]] }, "").unwrap();
    drat::check_text(&Cnf::new(&[&[1, 1], &[-1, -1, -1]]), "d 1 1 0\n").unwrap_err();
    drat::check_text(&Cnf::new(&[&[1, 1], &[-1, -1, -1]]), "0\n").unwrap();
}

#[test]
fn drat_rejects_corrupted_proofs() {
    for (proof, why) in [
        ("0\n", "neither RUP nor RAT"),
        ("3 0\n0\n", "neither RUP nor RAT"),
        ("1 0\n", "empty clause is not derived"),
        ("", "empty clause is not derived"),
        // Deletions of what is needed: a clause, and the unit that was just derived.
        ("1 0\nd -1 2 0\n0\n", "neither RUP nor RAT"),
        ("1 0\nd 1 0\n0\n", "neither RUP nor RAT"),
        // Deletions of what is not there, or no longer.
        ("d 1 3 0\n1 0\n0\n", "it is not there"),
        ("d 1 2 0\nd 2 1 0\n1 0\n0\n", "it is not there"),
        ("1\n0\n", "no closing 0"),
        ("1 x 0\n0\n", "`x` is not a literal"),
        ("1 0 2 0\n0\n", "`0` is not a literal"),
        ("99999999 0\n", "beyond this checker's"),
    ] {
        rejected(drat::check_text(&square(), proof), why);
    }
    // The pivot is the first literal: no clause has -5, while -1 resolves with both.
    let mut checker = drat::Checker::new(&Cnf::new(&[&[1, 2], &[1, 3]])).unwrap();
    checker.step(&drat::Line::Add(vec![-1, 5])).unwrap_err();
    checker.step(&drat::Line::Add(vec![5, -1])).unwrap();
}

#[test]
fn a_deleted_reason_takes_its_consequences_along() {
    // 1, 1 -> 2, 2 -> 3: all true at top level. Without the first implication 3 no longer follows. The clauses with 4
    // keep the unit 3 from being RAT.
    let cnf = Cnf::new(&[&[1], &[-1, 2], &[-2, 3], &[3, 4, 5], &[-3, 4, 6]]);
    let step = |lines: &[(bool, &[i32])]| {
        let mut checker = drat::Checker::new(&cnf).unwrap();
        lines.iter().try_for_each(|&(add, clause)| {
            let clause = clause.to_vec();
            checker.step(&if add { drat::Line::Add(clause) } else { drat::Line::Delete(clause) })
        })
    };
    step(&[(true, &[3])]).unwrap();
    step(&[(false, &[-1, 2]), (true, &[3])]).unwrap_err();
    step(&[(true, &[2]), (false, &[-1, 2]), (true, &[3])]).unwrap();
    step(&[(true, &[2]), (false, &[-1, 2]), (false, &[2]), (true, &[3])]).unwrap_err();
    // Of two copies one remains.
    step(&[(true, &[1]), (false, &[1]), (true, &[3])]).unwrap();
    step(&[(true, &[1]), (false, &[1]), (false, &[1]), (true, &[3])]).unwrap_err();
}

#[test]
fn binary_proofs_say_what_text_proofs_say() {
    for (cnf, text, drat_text) in [(square(), SQUARE_LRAT, SQUARE_DRAT), (example(), EXAMPLE_LRAT, EXAMPLE_DRAT)] {
        let lines = lrat::parse_text(text).unwrap();
        assert_eq!(lrat::write_text(&lines), text);
        let bytes = lrat::write_binary(&lines);
        assert_eq!(lrat::parse_binary(&bytes).unwrap(), lines);
        lrat::check_binary(&cnf, &bytes).unwrap();
        for length in 0..bytes.len() {
            lrat::check_binary(&cnf, &bytes[..length]).expect_err("cut short");
        }
        let lines = drat::parse_text(drat_text).unwrap();
        assert_eq!(drat::write_text(&lines), drat_text);
        let bytes = drat::write_binary(&lines);
        assert_eq!(drat::parse_binary(&bytes).unwrap(), lines);
        drat::check_binary(&cnf, &bytes).unwrap();
        for length in 0..bytes.len() {
            drat::check_binary(&cnf, &bytes[..length]).expect_err("cut short");
        }
    }
    // The numbers of the format's description: 63 takes one byte, 64 two, and the sign is the lowest bit.
    let add = lrat::Line::Add { id: 64, clause: vec![63, -63], hints: vec![-8193] };
    assert_eq!(lrat::write_binary(&[add]), [b'a', 0x80, 0x01, 126, 127, 0, 0x83, 0x80, 0x01, 0]);
    for (bytes, why) in [
        (&[b'x'][..], "neither `a` nor `d`"),
        (&[b'a', 0, 0, 0], "0 is not a clause id"),
        (&[b'a', 3, 0, 0], "-1 is not a clause id"),
        (&[b'a', 10, 1, 0, 0], "minus zero"),
        (&[b'a', 10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], "more than 63 bits"),
        (&[b'a', 10, 0x80, 0x80, 0x80, 0x80, 0x20, 0, 0], "is not a literal"),
        (&[b'd', 10], "ends inside a number"),
    ] {
        rejected(lrat::parse_binary(bytes), why);
    }
}

/// Unit propagation in its plainest form: the hints of a RUP step that ends in a conflict, or else all it propagated.
fn propagate<'a>(
    clauses: impl Iterator<Item = (&'a u64, &'a Vec<i32>)> + Clone,
    assigned: &mut Vec<i32>,
) -> (bool, Vec<i64>) {
    let mut hints = Vec::new();
    'again: loop {
        for (&id, clause) in clauses.clone() {
            if clause.iter().any(|literal| assigned.contains(literal)) {
                continue;
            }
            let mut open: Vec<i32> = clause.iter().copied().filter(|&literal| !assigned.contains(&-literal)).collect();
            open.dedup();
            match open[..] {
                [] => {
                    hints.push(id as i64);
                    return (true, hints);
                }
                [unit] => {
                    hints.push(id as i64);
                    assigned.push(unit);
                    continue 'again;
                }
                _ => {}
            }
        }
        return (false, hints);
    }
}

/// The hints with which `clause` may be added, by RUP or else by RAT; `None` when it may not.
fn justify(clauses: &BTreeMap<u64, Vec<i32>>, clause: &[i32]) -> Option<Vec<i64>> {
    let mut assigned: Vec<i32> = clause.iter().map(|l| -l).collect();
    if clause.iter().any(|literal| assigned.contains(literal)) {
        return Some(Vec::new());
    }
    let (conflict, mut hints) = propagate(clauses.iter(), &mut assigned);
    if conflict {
        return Some(hints);
    }
    let &pivot = clause.first()?;
    for (&id, other) in clauses.iter().filter(|(_, other)| other.contains(&-pivot)) {
        hints.push(-(id as i64));
        let rest: Vec<i32> = other.iter().copied().filter(|&literal| literal != -pivot).collect();
        if rest.iter().any(|literal| assigned.contains(literal) || rest.contains(&-literal)) {
            continue;
        }
        let mut assigned: Vec<i32> = assigned.iter().copied().chain(rest.iter().map(|l| -l)).collect();
        let (conflict, block) = propagate(clauses.iter(), &mut assigned);
        if !conflict {
            return None;
        }
        hints.extend(block);
    }
    Some(hints)
}

/// A refutation by the method of Davis, Putnam, Logemann and Loveland: each branch that fails leaves its negation.
fn refute(cnf: &Cnf) -> Vec<lrat::Line> {
    struct Search {
        clauses: BTreeMap<u64, Vec<i32>>,
        vars: i32,
        lines: Vec<lrat::Line>,
    }
    impl Search {
        fn branch(&mut self, decisions: &mut Vec<i32>) -> Option<u64> {
            let mut assigned = decisions.clone();
            let (conflict, _) = propagate(self.clauses.iter(), &mut assigned);
            let mut below = Vec::new();
            if !conflict {
                let var = (1..=self.vars).find(|v| !assigned.contains(v) && !assigned.contains(&-v))?;
                for literal in [var, -var] {
                    decisions.push(literal);
                    below.push(self.branch(decisions)?);
                    decisions.pop();
                }
            }
            let clause: Vec<i32> = decisions.iter().map(|l| -l).collect();
            let mut assigned = decisions.clone();
            let (conflict, hints) = propagate(self.clauses.iter(), &mut assigned);
            assert!(conflict, "both branches failed");
            let id = self.clauses.keys().max().map_or(1, |id| id + 1);
            self.clauses.insert(id, clause.clone());
            self.lines.push(lrat::Line::Add { id, clause, hints });
            if !below.is_empty() {
                below.iter().for_each(|id| drop(self.clauses.remove(id)));
                self.lines.push(lrat::Line::Delete { ids: below });
            }
            Some(id)
        }
    }
    let clauses = (1..).zip(cnf.clauses.iter().cloned()).collect();
    let mut search = Search { clauses, vars: cnf.num_vars as i32, lines: Vec::new() };
    search.branch(&mut Vec::new()).expect("the formula is unsatisfiable");
    search.lines
}

/// The same proof without ids and hints.
fn without_hints(cnf: &Cnf, lines: &[lrat::Line]) -> Vec<drat::Line> {
    let mut clauses: BTreeMap<u64, Vec<i32>> = (1..).zip(cnf.clauses.iter().cloned()).collect();
    let mut out = Vec::new();
    for line in lines {
        match line {
            lrat::Line::Add { id, clause, .. } => {
                clauses.insert(*id, clause.clone());
                out.push(drat::Line::Add(clause.clone()));
            }
            lrat::Line::Delete { ids } => out.extend(ids.iter().map(|id| drat::Line::Delete(clauses[id].clone()))),
        }
    }
    out
}

fn clause(vars: i32, size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<i32>> {
    proptest::collection::vec((1..=vars, any::<bool>()).prop_map(|(var, sign)| if sign { var } else { -var }), size)
}

/// Small unsatisfiable formulas: random clauses, then more against each model that is left.
fn unsatisfiable() -> impl Strategy<Value = Cnf> {
    (proptest::collection::vec(clause(5, 2..4), 8..24), proptest::collection::vec(any::<u8>(), 32)).prop_map(
        |(clauses, keep)| {
            let mut cnf = Cnf { num_vars: 5, clauses };
            let mut keep = keep.into_iter().cycle();
            while let Some(model) = cnf.brute_force() {
                let mask = keep.next().unwrap_or(0);
                let mut against: Vec<i32> = model.iter().map(|l| -l).collect();
                if mask % 32 != 0 {
                    against.retain(|l| (mask >> (l.unsigned_abs() - 1)) & 1 == 1);
                }
                cnf.clauses.push(against);
            }
            cnf
        },
    )
}

/// Something to break in a proof, by three arbitrary numbers.
fn mutate(lines: &mut Vec<lrat::Line>, (what, place, value): (u8, u16, u16)) {
    if lines.is_empty() {
        return;
    }
    let at = place as usize % lines.len();
    let number = i64::from(value);
    match (what % 14, &mut lines[at]) {
        (0, lrat::Line::Add { hints, .. }) if !hints.is_empty() => drop(hints.remove(value as usize % hints.len())),
        (1, lrat::Line::Add { hints, .. }) if !hints.is_empty() => {
            let i = value as usize % hints.len();
            hints[i] = number / 7 % 60 + 1;
        }
        (2, lrat::Line::Add { hints, .. }) if hints.len() > 1 => {
            let length = hints.len();
            hints.swap(value as usize % length, (value as usize / 7) % length);
        }
        (3, lrat::Line::Add { hints, .. }) if !hints.is_empty() => {
            let i = value as usize % hints.len();
            hints[i] = -hints[i];
        }
        (4, lrat::Line::Add { hints, .. }) => hints.push(number % 60 + 1),
        (5, lrat::Line::Add { clause, .. }) if !clause.is_empty() => {
            let i = value as usize % clause.len();
            clause[i] = -clause[i];
        }
        (6, lrat::Line::Add { clause, .. }) if !clause.is_empty() => drop(clause.remove(value as usize % clause.len())),
        (7, lrat::Line::Add { clause, .. }) => clause.push((value % 6) as i32 + 1),
        (8, lrat::Line::Add { clause, .. }) => clause.reverse(),
        (9, lrat::Line::Add { id, .. }) => *id = value as u64 % 60 + 1,
        (10, lrat::Line::Delete { ids }) => ids.push(value as u64 % 60 + 1),
        (11, _) => drop(lines.remove(at)),
        (12, _) => lines.insert(at, lrat::Line::Delete { ids: vec![value as u64 % 60 + 1] }),
        (13, _) => {
            let other = value as usize % lines.len();
            lines.swap(at, other);
        }
        _ => {}
    }
}

/// Whether every model of `clauses` satisfies `clause`.
fn implied(clauses: &BTreeMap<u64, Vec<i32>>, clause: &[i32], num_vars: usize) -> bool {
    let units = clause.iter().map(|&literal| vec![-literal]);
    Cnf { num_vars, clauses: clauses.values().cloned().chain(units).collect() }.brute_force().is_none()
}

fn satisfiable(clauses: &BTreeMap<u64, Vec<i32>>, num_vars: usize) -> bool {
    Cnf { num_vars, clauses: clauses.values().cloned().collect() }.brute_force().is_some()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Generated refutations pass, in all four formats.
    #[test]
    fn refutations_are_accepted(cnf in unsatisfiable()) {
        let lines = refute(&cnf);
        prop_assert!(lrat::check_text(&cnf, &lrat::write_text(&lines)).is_ok(), "{:?}", lrat::check(&cnf, &lines));
        prop_assert!(lrat::check_binary(&cnf, &lrat::write_binary(&lines)).is_ok());
        let plain = without_hints(&cnf, &lines);
        prop_assert!(drat::check_text(&cnf, &drat::write_text(&plain)).is_ok(), "{:?}", drat::check(&cnf, &plain));
        prop_assert!(drat::check_binary(&cnf, &drat::write_binary(&plain)).is_ok());
        // Cut anywhere before the empty clause, they do not.
        let end = lines.iter().position(|l| matches!(l, lrat::Line::Add { clause, .. } if clause.is_empty()));
        prop_assert!(lrat::check(&cnf, &lines[..end.unwrap_or(0)]).is_err());
    }

    /// A mutated proof is rejected, or the other checker, which sees no hints, finds it valid as well.
    #[test]
    fn mutated_proofs_are_rejected_or_valid(
        cnf in unsatisfiable(),
        mutations in proptest::collection::vec(any::<(u8, u16, u16)>(), 1..4),
    ) {
        let mut lines = refute(&cnf);
        for mutation in mutations {
            mutate(&mut lines, mutation);
        }
        if lrat::check(&cnf, &lines).is_ok() {
            let plain = without_hints(&cnf, &lines);
            prop_assert!(drat::check(&cnf, &plain).is_ok(), "{:?}", drat::check(&cnf, &plain));
        }
    }

    /// On a formula that has a model, no line of a mutated proof gets through unless it keeps a model, and a RUP line
    /// only if it follows. Lines that are rejected are skipped, so that the later ones are tried too.
    #[test]
    fn no_proof_refutes_a_satisfiable_formula(
        cnf in unsatisfiable(),
        weakened in any::<u16>(),
        mutations in proptest::collection::vec(any::<(u8, u16, u16)>(), 0..6),
    ) {
        let mut lines = refute(&cnf);
        for mutation in mutations {
            mutate(&mut lines, mutation);
        }
        // Tautologies in place of clauses keep the ids of the others.
        let mut weaker = cnf.clone();
        let mut at = weakened as usize;
        while weaker.brute_force().is_none() {
            let count = weaker.clauses.len();
            weaker.clauses[at % count] = vec![1, -1];
            at += 1;
        }
        let vars = 6;
        let mut checker = lrat::Checker::new(&weaker);
        for line in &lines {
            let before = checker.clauses().clone();
            let rup = checker.summary().rup;
            if checker.step(line).is_ok() && let lrat::Line::Add { clause, .. } = line {
                prop_assert!(satisfiable(checker.clauses(), vars) || !satisfiable(&before, vars), "{line:?}");
                prop_assert!(checker.summary().rup == rup || implied(&before, clause, vars), "{line:?}");
            }
        }
        prop_assert!(!checker.refuted());
        prop_assert!(lrat::check(&weaker, &lines).is_err());
    }

    /// Arbitrary bytes in the place of a proof never pass for a formula that has a model, nor crash a reader.
    #[test]
    fn damaged_bytes_never_refute(cnf in unsatisfiable(), flips in proptest::collection::vec(any::<(u16, u8)>(), 1..8)) {
        let lines = refute(&cnf);
        let mut weaker = cnf.clone();
        let mut at = 0;
        while weaker.brute_force().is_none() {
            weaker.clauses[at] = vec![1, -1];
            at += 1;
        }
        let damage = |mut bytes: Vec<u8>| {
            for &(place, value) in &flips {
                let length = bytes.len();
                bytes[place as usize % length] = value;
            }
            bytes
        };
        let plain = without_hints(&cnf, &lines);
        prop_assert!(lrat::check_binary(&weaker, &damage(lrat::write_binary(&lines))).is_err());
        prop_assert!(drat::check_binary(&weaker, &damage(drat::write_binary(&plain))).is_err());
        let text = damage(lrat::write_text(&lines).into_bytes());
        prop_assert!(lrat::check_text(&weaker, &String::from_utf8_lossy(&text)).is_err());
        let text = damage(drat::write_text(&plain).into_bytes());
        prop_assert!(drat::check_text(&weaker, &String::from_utf8_lossy(&text)).is_err());
    }

    /// Line by line, over random additions and deletions, both checkers agree with propagation in its plainest form:
    /// what the watched literals find, and what a deletion undoes.
    #[test]
    fn steps_agree_with_the_plain_definition(
        clauses in proptest::collection::vec(clause(7, 1..4), 4..16),
        steps in proptest::collection::vec((clause(8, 1..4), any::<u8>(), 0..3u8), 1..40),
    ) {
        let cnf = Cnf { num_vars: 7, clauses };
        let mut standing: BTreeMap<u64, Vec<i32>> = (1..).zip(cnf.clauses.iter().cloned()).collect();
        let mut fast = drat::Checker::new(&cnf).unwrap();
        let mut strict = lrat::Checker::new(&cnf);
        let mut id = standing.len() as u64;
        for (clause, pick, kind) in steps {
            if kind == 0 && !standing.is_empty() {
                let number = *standing.keys().nth(pick as usize % standing.len()).unwrap();
                let gone = standing.remove(&number).unwrap();
                prop_assert_eq!(fast.step(&drat::Line::Delete(gone)), Ok(()));
                prop_assert_eq!(strict.step(&lrat::Line::Delete { ids: vec![number] }), Ok(()));
                continue;
            }
            let tautology = clause.iter().any(|literal| clause.contains(&-literal));
            let hints = justify(&standing, &clause);
            let found = fast.step(&drat::Line::Add(clause.clone()));
            prop_assert_eq!(found.is_ok(), hints.is_some(), "{:?} in {:?}: {:?}", clause, standing, found);
            id += 1;
            let line = lrat::Line::Add { id, clause: clause.clone(), hints: hints.clone().unwrap_or_default() };
            let checked = strict.step(&line);
            prop_assert_eq!(checked.is_ok(), hints.is_some() && !tautology, "{:?}: {:?}", line, checked);
            if hints.is_some() {
                standing.insert(id, clause);
                if tautology {
                    // The strict checker has none; keep the two in step.
                    let gone = standing.remove(&id).unwrap();
                    prop_assert_eq!(fast.step(&drat::Line::Delete(gone)), Ok(()));
                }
            }
        }
    }
}
