//! Least values of objectives, and proofs of what cutting planes answer: against brute force, by dynamic programming, and by a
//! checker of proofs that shares no code with the library.
#![cfg(feature = "cadical")]

#[path = "support/mod.rs"]
mod support;

use std::io::Write;
use std::sync::{Arc, Mutex};

use anser::budget::{Budget, Limits, Phase, ProgressSink, Stop};
use anser::formula::{Condition, Domain, Formula, FormulaError, opb};
use anser::instances::{pigeonhole, random_ksat};
use anser::solve::{Backend, Minimum, Outcome, ProofFormat, SolveError, Solver};
use num_bigint::BigInt;
use support::veripb::{Bound, Verdict, check};
use support::veripb_mutations::{Random, mutate};

/// A writer whose bytes can be looked at.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl Text {
    fn get(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Text {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn literal(variables: u32, random: &mut Random) -> i32 {
    let variable = 1 + random.below(variables as usize) as i32;
    if random.once_in(2) { variable } else { -variable }
}

fn weight(heaviest: i64, random: &mut Random) -> i64 {
    let weight = 1 + (random.next() % heaviest as u64) as i64;
    if random.once_in(3) { -weight } else { weight }
}

/// Clauses and sums under all conditions, with literals that may occur twice, and an objective.
fn random(variables: u32, constraints: usize, heaviest: i64, random: &mut Random) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(variables).unwrap();
    for _ in 0..constraints {
        let length = 1 + random.below(6);
        let literals: Vec<i32> = (0..length).map(|_| literal(variables, random)).collect();
        let weights: Vec<i64> = literals.iter().map(|_| weight(heaviest, random)).collect();
        let condition = match random.below(4) {
            0 => Condition::Implied(literal(variables, random)),
            1 => Condition::Reified(literal(variables, random)),
            _ => Condition::Plain,
        };
        match random.below(4) {
            0 => formula.add_clause(&literals).unwrap(),
            1 => formula.add_cardinality(&literals, random.below(length + 1) as i64, condition).unwrap(),
            _ => {
                let (least, most) =
                    weights.iter().fold((0, 0), |(least, most), &w| (least + w.min(0), most + w.max(0)));
                let bound = least + ((most - least) as f64 * random.below(90) as f64 / 100.0) as i64;
                formula.add_pseudo_boolean(&literals, &weights, bound, condition).unwrap()
            }
        };
    }
    let literals: Vec<i32> = (0..random.below(2 * variables as usize)).map(|_| literal(variables, random)).collect();
    let weights: Vec<i64> = literals.iter().map(|_| weight(heaviest, random)).collect();
    formula.set_objective(&literals, &weights, 0).unwrap();
    formula
}

fn models(formula: &Formula) -> Vec<Vec<i8>> {
    let n = formula.num_vars();
    let all = (0..1u32 << n).map(|bits| (0..n).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>());
    all.filter(|model| formula.check(model).unwrap().is_none()).collect()
}

fn holds(model: &[i8], literal: i32) -> bool {
    (model[literal.unsigned_abs() as usize - 1] > 0) == (literal > 0)
}

/// Up to 14 variables, under assumptions too, again and again, with constraints and searches in between.
#[test]
fn agrees_with_brute_force() {
    let (mut optima, mut none) = (0, 0);
    for seed in 0..1500 {
        let mut source = Random(seed);
        let heaviest = [1, 9, 1000, 40_000_000_000_000_000][source.below(4)];
        let variables = if seed % 25 == 0 { 14 } else { 2 + source.below(8) as u32 };
        let formula = random(variables, 1 + source.below(8), heaviest, &mut source);
        let mut formula = formula;
        let mut solver = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
        solver.set_backend([Backend::Auto, Backend::Pb][source.below(2)]).unwrap();
        for round in 0..3 {
            let models = models(&formula);
            let assumptions: Vec<i32> =
                (0..source.below(3) * round.min(1)).map(|_| literal(variables, &mut source)).collect();
            let objective = solver.objective().unwrap().clone();
            let meets = |model: &&Vec<i8>| assumptions.iter().all(|&l| holds(model, l));
            let least = models.iter().filter(meets).map(|model| objective.value(model)).min();
            let mut told = Vec::new();
            let minimum = solver.minimize(&assumptions, &Budget::unlimited(), &mut |bounds| told.push(bounds)).unwrap();
            if let Some(least) = least {
                optima += 1;
                assert_eq!(minimum, Minimum::Optimum, "seed {seed}");
                let bounds = solver.bounds().unwrap();
                assert_eq!((bounds.value, bounds.bound), (Some(least), least), "seed {seed}");
                assert_eq!(told.last(), Some(&bounds));
                let model = solver.model().unwrap().to_vec();
                assert_eq!(objective.value(&model), least, "seed {seed}");
                assert!(formula.check(&model).unwrap().is_none() && meets(&&model));
            } else {
                none += 1;
                assert_eq!(minimum, Minimum::Unsat, "seed {seed}");
                let core = solver.core().unwrap().to_vec();
                assert!(core.iter().all(|l| assumptions.contains(l)));
                assert!(!models.iter().any(|model| core.iter().all(|&l| holds(model, l))), "seed {seed}");
            }
            let outcome = solver.solve(&[], &Budget::unlimited()).unwrap();
            assert_eq!(outcome, if models.is_empty() { Outcome::Unsat } else { Outcome::Sat }, "seed {seed}");
            if round == 0 {
                let clause: Vec<i32> = (0..1 + source.below(3)).map(|_| literal(variables, &mut source)).collect();
                formula.add_clause(&clause).unwrap();
                solver.add_clause(&clause).unwrap();
            } else {
                let literals: Vec<i32> = (0..variables).map(|_| literal(variables, &mut source)).collect();
                let weights: Vec<i64> = literals.iter().map(|_| weight(heaviest, &mut source)).collect();
                solver.set_objective(&literals, &weights, 3).unwrap();
            }
        }
    }
    assert!(optima > 2000 && none > 300, "{optima} {none}");
}

/// Items, of which those that are taken weigh at most the capacity: the greatest worth by dynamic programming.
#[test]
fn knapsacks() {
    for seed in 0..20 {
        let mut random = Random(seed);
        let items: Vec<(i64, i64)> =
            (0..25).map(|_| (1 + random.below(60) as i64, 1 + random.below(99) as i64)).collect();
        let capacity = items.iter().map(|item| item.0).sum::<i64>() / 2;
        let mut best = vec![0; capacity as usize + 1];
        for &(size, worth) in &items {
            for room in (size as usize..best.len()).rev() {
                best[room] = best[room].max(best[room - size as usize] + worth);
            }
        }
        let mut formula = Formula::new();
        let all: Vec<i32> = (1..=25).collect();
        let sizes: Vec<i64> = items.iter().map(|item| -item.0).collect();
        let worths: Vec<i64> = items.iter().map(|item| -item.1).collect();
        formula.add_pseudo_boolean(&all, &sizes, -capacity, Condition::Plain).unwrap();
        formula.set_objective(&all, &worths, 1000).unwrap();
        let mut solver = Solver::new(Arc::new(formula)).unwrap();
        assert_eq!(solver.minimize(&[], &Budget::unlimited(), &mut |_| ()).unwrap(), Minimum::Optimum);
        assert_eq!(solver.bounds().unwrap().value, Some(1000 - best[capacity as usize]), "seed {seed}");
    }
}

/// Vertices that cover the edges of a random graph: hard enough to be cut off.
fn cover(vertices: i32, seed: u64) -> Formula {
    let (mut formula, mut random) = (Formula::new(), Random(seed));
    for a in 1..=vertices {
        for b in 1..a {
            if random.below(vertices as usize) < 8 {
                formula.add_clause(&[a, b]).unwrap();
            }
        }
    }
    let all: Vec<i32> = (1..=vertices).collect();
    formula.set_objective(&all, &vec![1; vertices as usize], 0).unwrap();
    formula
}

#[test]
fn limits_leave_bounds() {
    let whole = Arc::new(cover(40, 1));
    let mut solver = Solver::new(Arc::clone(&whole)).unwrap();
    assert_eq!(solver.minimize(&[], &Budget::unlimited(), &mut |_| ()).unwrap(), Minimum::Optimum);
    let least = solver.bounds().unwrap().bound;
    let mut cut = 0;
    for conflicts in [1, 5, 20, 50, 100, 300, 1000] {
        let mut solver = Solver::new(Arc::clone(&whole)).unwrap();
        let few = Limits { conflicts: Some(conflicts), ..Limits::default() };
        let minimum = solver.minimize(&[], &Budget::start(&few), &mut |_| ()).unwrap();
        let bounds = solver.bounds().unwrap();
        assert!(bounds.bound <= least && least <= bounds.value.unwrap());
        assert!(whole.check(solver.model().unwrap()).unwrap().is_none());
        if minimum != Minimum::Optimum {
            assert_eq!(minimum, Minimum::Sat(Stop::Conflicts));
            assert_eq!(solver.stop().unwrap(), Some(Stop::Conflicts));
            cut += 1;
        }
        // It can be made again.
        assert_eq!(solver.minimize(&[], &Budget::unlimited(), &mut |_| ()).unwrap(), Minimum::Optimum);
        assert_eq!((solver.bounds().unwrap().bound, solver.stop().unwrap()), (least, None));
    }
    assert!(cut > 2, "{cut}");
    // Nothing at all.
    let mut solver = Solver::new(Arc::clone(&whole)).unwrap();
    let no = Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() };
    assert_eq!(solver.minimize(&[], &Budget::start(&no), &mut |_| ()).unwrap(), Minimum::Unknown(Stop::Time));
    // The progress function sees both bounds move, and may end it.
    let seen: Arc<Mutex<Vec<(i64, i64)>>> = Arc::default();
    let log = Arc::clone(&seen);
    let progress = ProgressSink::new(std::time::Duration::MAX, move |p| {
        assert_eq!(p.phase, Phase::Minimize);
        log.lock().unwrap().push((p.value, p.least));
        if log.lock().unwrap().len() == 3 { 7 } else { 0 }
    });
    let limits = Limits { progress: Some(progress), ..Limits::default() };
    let minimum = solver.minimize(&[], &Budget::start(&limits), &mut |_| ()).unwrap();
    assert_eq!(minimum, Minimum::Sat(Stop::Callback(7)));
    let seen = seen.lock().unwrap();
    assert!(seen.len() == 3 && seen.is_sorted_by(|a, b| b.0 <= a.0 && a.1 <= b.1), "{seen:?}");
}

#[test]
fn refuses_what_it_has_no_place_for() {
    let state =
        |result: Result<Minimum, SolveError>| assert!(matches!(result, Err(SolveError::State(_))), "{result:?}");
    let free = Budget::unlimited;
    let mut formula = cover(6, 1);
    for backend in [Backend::Native, Backend::Encode] {
        let mut solver = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
        solver.set_backend(backend).unwrap();
        state(solver.minimize(&[], &free(), &mut |_| ()));
        assert_eq!(solver.solve(&[], &free()).unwrap(), Outcome::Sat);
    }
    let mut solver = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    assert!(matches!(solver.minimize(&[99], &free(), &mut |_| ()), Err(SolveError::Formula(_))));
    let unknown = solver.set_objective(&[99], &[1], 0);
    assert!(matches!(unknown, Err(SolveError::Formula(FormulaError::Variable { .. }))), "{unknown:?}");
    solver.set_proof(ProofFormat::Drat, Box::new(Text::default())).unwrap();
    state(solver.minimize(&[], &free(), &mut |_| ()));
    solver.set_proof(ProofFormat::VeriPb, Box::new(Text::default())).unwrap();
    state(solver.minimize(&[1], &free(), &mut |_| ()));
    solver.set_objective(&[1], &[1], 0).unwrap();
    state(solver.minimize(&[], &free(), &mut |_| ()));
    // Without an objective everything is worth nothing; integers are fine beside one, reals are not.
    let mut none = Solver::new(Arc::new(Formula::new())).unwrap();
    assert_eq!(none.minimize(&[], &free(), &mut |_| ()).unwrap(), Minimum::Optimum);
    assert_eq!(none.bounds().unwrap().value, Some(0));
    formula.new_number(Domain::Integer { min: 2, max: 5 }).unwrap();
    let mut solver = Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    assert_eq!(solver.minimize(&[], &free(), &mut |_| ()).unwrap(), Minimum::Optimum);
    formula.new_number(Domain::Real { min: 0.0, max: 1.0 }).unwrap();
    let mut solver = Solver::new(Arc::new(formula)).unwrap();
    assert!(matches!(solver.minimize(&[], &free(), &mut |_| ()), Err(SolveError::Lower(_))));
}

/// What a solver answers, and its proof.
fn proved(formula: Formula, seed: u64, least: bool) -> (Solver, Text) {
    let text = Text::default();
    let mut solver = Solver::new(Arc::new(formula)).unwrap();
    solver.set_proof(ProofFormat::VeriPb, Box::new(text.clone())).unwrap();
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    if least {
        solver.minimize(&[], &budget, &mut |_| ()).unwrap();
    } else {
        solver.solve(&[], &budget).unwrap();
    }
    (solver, text)
}

/// Every answer's proof is accepted, of the formula as it was written and as the library writes it.
#[test]
fn proofs_of_random_formulas() {
    let (mut optima, mut none, mut sat) = (0, 0, 0);
    for seed in 0..1500 {
        let mut source = Random(seed);
        let heaviest = [1, 9, 1000, 1_000_000_000_000][source.below(4)];
        let variables = 2 + source.below(7) as u32;
        let mut formula = random(variables, 1 + source.below(14), heaviest, &mut source);
        let least = source.once_in(2);
        if !least {
            formula.clear_objective();
        }
        let text = opb::to_string(&formula, &Budget::unlimited()).unwrap();
        let formula = opb::read_bytes(text.as_bytes(), &Budget::unlimited()).unwrap();
        let wanted = models(&formula).iter().map(|model| formula.objective().map_or(0, |o| o.value(model))).min();
        let (solver, proof) = proved(formula, seed, least);
        drop(solver);
        let verdict =
            check(&text, &proof.get()).unwrap_or_else(|why| panic!("seed {seed}: {why}\n{text}{}", proof.get()));
        match (wanted, least) {
            (Some(value), true) => {
                optima += 1;
                let value = Bound::Finite(BigInt::from(value));
                assert_eq!(verdict, Verdict::Bounds(value.clone(), value), "seed {seed}");
            }
            (None, true) => {
                none += 1;
                assert_eq!(verdict, Verdict::Bounds(Bound::Infinite, Bound::Infinite), "seed {seed}");
            }
            (None, false) => {
                none += 1;
                assert_eq!(verdict, Verdict::Unsat, "seed {seed}");
            }
            (Some(_), false) => {
                sat += 1;
                assert_eq!(verdict, Verdict::None, "seed {seed}");
            }
        }
    }
    assert!(optima > 200 && none > 200 && sat > 200, "{optima} {none} {sat}");
}

/// As other programs write OPB: equalities, other relations, repeated and opposite literals, rows that say nothing.
const WRITTEN: &str = "* #variable= 5 #constraint= 8
min: +2 x1 -3 ~x2 +1 x2 +4 x5 ;
+1 x1 +1 x2 +1 x3 = 2 ;
-2 x1 -3 x2 +4 ~x3 <= 3 ;
+1 x4 +1 ~x4 +2 x1 >= 1 ;
+0 x1 >= 0 ;
+3 x5 +1 x1 +1 x2 +1 x4 >= 3 ;
+2 ~x5 +1 ~x1 +1 ~x2 +1 ~x4 >= 2 ;
+6 x1 +4 x2 +10 x4 >= 9 ;
+1 x1 +1 x1 +1 x2 >= 1 ;
";

#[test]
fn proofs_are_about_the_text() {
    let formula = opb::read_bytes(WRITTEN.as_bytes(), &Budget::unlimited()).unwrap();
    let all = models(&formula);
    let least = all.iter().map(|model| formula.objective().unwrap().value(model)).min().unwrap();
    let (solver, proof) = proved(formula, 1, true);
    assert_eq!(solver.bounds().unwrap().value, Some(least));
    let least = Bound::Finite(BigInt::from(least));
    assert_eq!(check(WRITTEN, &proof.get()), Ok(Verdict::Bounds(least.clone(), least)));
    // With one model less each time there is none in the end, and every row has had its say.
    let mut text = WRITTEN.replace("min: +2 x1 -3 ~x2 +1 x2 +4 x5 ;\n", "").replace("#constraint= 8", "");
    for model in &all {
        for (v, &value) in (1..).zip(model) {
            text += &format!("+1 {}x{v} ", if value > 0 { "~" } else { "" });
        }
        text += ">= 1 ;\n";
    }
    let formula = opb::read_bytes(text.as_bytes(), &Budget::unlimited()).unwrap();
    let (_, proof) = proved(formula, 1, false);
    assert_eq!(check(&text, &proof.get()), Ok(Verdict::Unsat));
}

/// Formulas that take thousands of conflicts, with what was learned dropped again, and cliques joined.
fn long() -> Vec<(Formula, bool)> {
    let ksat = |seed| {
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        random_ksat::generate(170, 850, 3, &budget).unwrap()
    };
    let pigeons = pigeonhole::generate(12, 11, &Budget::unlimited()).unwrap();
    vec![(pigeons, false), (cover(70, 2), true), (ksat(1), false), (ksat(2), false)]
}

#[test]
fn proofs_of_long_searches() {
    let mut dropped = false;
    for (formula, least) in long() {
        let text = opb::to_string(&formula, &Budget::unlimited()).unwrap();
        let (solver, proof) = proved(formula, 1, least);
        let proof = proof.get();
        dropped |= proof.contains("\ndel id ");
        let verdict = check(&text, &proof).unwrap_or_else(|why| panic!("{why}"));
        if least {
            let value = Bound::Finite(BigInt::from(solver.bounds().unwrap().value.unwrap()));
            assert_eq!(verdict, Verdict::Bounds(value.clone(), value));
        } else {
            assert_eq!(verdict, Verdict::Unsat);
        }
    }
    assert!(dropped, "nothing was dropped");
}

/// Proofs with one thing changed: those that cannot be right are refused, and the others are not believed more.
#[test]
fn spoiled_proofs_are_refused() {
    let mut proofs = Vec::new();
    for seed in 0..60 {
        let mut source = Random(seed);
        let mut formula = random(6, 12, 9, &mut source);
        if seed % 2 == 0 {
            formula.clear_objective();
        }
        let text = opb::to_string(&formula, &Budget::unlimited()).unwrap();
        let least = formula.objective().is_some();
        let (solver, proof) = proved(formula, seed, least);
        drop(solver);
        let verdict = check(&text, &proof.get()).unwrap();
        if verdict != Verdict::None {
            proofs.push((text, proof.get(), verdict));
        }
    }
    assert!(proofs.len() > 20, "{}", proofs.len());
    let (mut must, mut refused, mut harmless) = (0, 0, 0);
    for seed in 0..2000 {
        let (text, proof, verdict) = &proofs[seed as usize % proofs.len()];
        let Some(mutant) = mutate(proof, seed) else { continue };
        let judged = check(text, &mutant.text);
        if mutant.must_refuse {
            must += 1;
            assert!(judged.is_err(), "seed {seed}, {}: {judged:?}\n{text}\n{}", mutant.kind, mutant.text);
        }
        match judged {
            Err(_) => refused += 1,
            // Less may be claimed, never more.
            Ok(judged) => {
                harmless += 1;
                assert!(judged == *verdict || judged == Verdict::None, "seed {seed}, {}: {judged:?}", mutant.kind);
            }
        }
    }
    assert!(must > 200 && refused > 600 && harmless > 20, "{must} {refused} {harmless}");
}

#[test]
fn proofs_have_their_place() {
    let state = |result: Result<(), SolveError>| assert!(matches!(result, Err(SolveError::State(_))), "{result:?}");
    let proof = |solver: &mut Solver, format| solver.set_proof(format, Box::new(Text::default())).map(drop);
    let mut formula = pigeonhole::generate(4, 3, &Budget::unlimited()).unwrap();
    formula.add_clause(&[-20, 21]).unwrap();
    formula.add_clause(&[-20, -21]).unwrap();
    let fresh = |formula: &Formula| Solver::new(Arc::new(formula.try_clone().unwrap())).unwrap();
    for backend in [Backend::Native, Backend::Encode] {
        let mut solver = fresh(&formula);
        solver.set_backend(backend).unwrap();
        state(proof(&mut solver, ProofFormat::VeriPb));
    }
    let mut solver = fresh(&formula);
    solver.set_option("seed", 1).unwrap();
    state(proof(&mut solver, ProofFormat::VeriPb));
    let mut solver = fresh(&formula);
    proof(&mut solver, ProofFormat::VeriPb).unwrap();
    state(solver.set_option("seed", 1));
    state(solver.set_backend(Backend::Native));
    solver.set_backend(Backend::Auto).unwrap();
    let text = Text::default();
    solver.set_proof(ProofFormat::VeriPb, Box::new(text.clone())).unwrap();
    // A core is a lemma; the end comes with the answer.
    assert_eq!(solver.solve(&[20], &Budget::unlimited()).unwrap(), Outcome::Unsat);
    assert!(!text.get().contains("conclusion"));
    state(proof(&mut solver, ProofFormat::VeriPb));
    state(solver.add_clause(&[1]).map(drop));
    assert_eq!(solver.solve(&[], &Budget::unlimited()).unwrap(), Outcome::Unsat);
    let written = opb::to_string(&formula, &Budget::unlimited()).unwrap();
    assert_eq!(check(&written, &text.get()), Ok(Verdict::Unsat));
    let before = text.get();
    assert_eq!(solver.solve(&[1], &Budget::unlimited()).unwrap(), Outcome::Unsat);
    drop(solver);
    assert_eq!(text.get(), before);
    // A writer that fails ends the call.
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("full"))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut solver = fresh(&formula);
    solver.set_proof(ProofFormat::VeriPb, Box::new(Full)).unwrap();
    assert!(solver.solve(&[], &Budget::unlimited()).unwrap_err().to_string().contains("full"));
    // OPB has no words for parities.
    formula.add_xor(&[1, 2], true).unwrap();
    let mut solver = fresh(&formula);
    proof(&mut solver, ProofFormat::VeriPb).unwrap();
    state(solver.solve(&[], &Budget::unlimited()).map(drop));
}
