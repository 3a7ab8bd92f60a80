//! Against brute force.

use super::engine::{Answer, Engine};
use super::load::of;
use super::optimize::{Goal, Least, Way};
use crate::budget::{Budget, Limits, Stop};
use crate::formula::lower::Lowering;
use crate::formula::{Condition, ConstraintId, Formula};
use crate::instances::pigeonhole;
use crate::instances::rng::Rng as Source;

fn engine(formula: &Formula) -> Engine {
    let mut engine = Engine::new(1);
    // A linear program before each decision, for half of the formulas.
    #[cfg(feature = "highs")]
    {
        engine.relax.is_eager = formula.num_constraints().is_multiple_of(2);
    }
    engine.ensure(formula.num_vars() as usize);
    let mut lowering = Lowering::new();
    for (id, constraint) in (0..).zip(formula.constraints()) {
        lowering.add(constraint, ConstraintId(id), |literal| literal, &mut engine).unwrap();
    }
    engine
}

/// Constraints of every kind over so many variables, with weights up to `heaviest`.
fn random(variables: u32, constraints: u64, heaviest: i64, source: &mut Source) -> Formula {
    let mut formula = Formula::new();
    formula.ensure_vars(variables).unwrap();
    while formula.num_constraints() < constraints {
        let length = 1 + source.index(variables.min(7) as usize);
        let mut literals: Vec<i32> = Vec::new();
        while literals.len() < length {
            let variable = 1 + source.index(variables as usize) as i32;
            if !literals.iter().any(|l| l.abs() == variable) {
                literals.push(if source.bit() { variable } else { -variable });
            }
        }
        let variable = 1 + source.index(variables as usize) as i32;
        let condition = match source.index(3) {
            0 => Condition::Plain,
            1 => Condition::Implied(if source.bit() { variable } else { -variable }),
            _ => Condition::Reified(if source.bit() { variable } else { -variable }),
        };
        let weights: Vec<i64> = literals
            .iter()
            .map(|_| {
                (1 + (heaviest as f64 * source.index(1 << 30) as f64 / f64::from(1 << 30)) as i64)
                    * if source.bit() { 1 } else { -1 }
            })
            .collect();
        let (least, most) =
            (weights.iter().filter(|&&w| w < 0).sum::<i64>(), weights.iter().filter(|&&w| w > 0).sum::<i64>());
        let bound = least + ((most - least) as f64 * (source.index(100) as f64 / 100.0)) as i64;
        match source.index(5) {
            0 => formula.add_clause(&literals).unwrap(),
            1 => formula.add_xor(&literals, source.bit()).unwrap(),
            2 => formula.add_cardinality(&literals, source.index(length + 1) as i64, condition).unwrap(),
            _ => formula.add_pseudo_boolean(&literals, &weights, bound, condition).unwrap(),
        };
    }
    formula
}

fn satisfying(formula: &Formula, assumptions: &[i32]) -> bool {
    let n = formula.num_vars() as usize;
    (0..1u32 << n).any(|bits| {
        let model: Vec<i8> = (0..n).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect();
        let holds = |l: i32| (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0);
        assumptions.iter().all(|&l| holds(l)) && formula.check(&model).unwrap().is_none()
    })
}

fn agrees(heaviest: i64, rounds: u64) {
    let (mut sat, mut unsat) = (0, 0);
    for seed in 0..rounds {
        let mut source = Source::new(seed);
        let variables = 3 + source.index(8) as u32;
        let formula = random(variables, 4 + source.index(14) as u64, heaviest, &mut source);
        let mut engine = engine(&formula);
        // Several calls, each with other assumptions, on one engine.
        for round in 0..4 {
            let mut assumptions: Vec<i32> = Vec::new();
            for v in 1..=variables as i32 {
                if round > 0 && source.index(3) == 0 {
                    assumptions.push(if source.bit() { v } else { -v });
                }
            }
            let asked: Vec<u32> = assumptions.iter().map(|&l| of(l)).collect();
            let answer = engine.solve(&asked, &Budget::unlimited());
            let wanted = satisfying(&formula, &assumptions);
            match answer {
                Answer::Sat => {
                    sat += 1;
                    assert!(wanted, "seed {seed}");
                    let model: Vec<i8> = (0..variables).map(|v| if engine.value(2 * v) { 1 } else { -1 }).collect();
                    assert_eq!(formula.check(&model).unwrap(), None, "seed {seed}");
                    assert!(asked.iter().all(|&l| engine.value(l)), "seed {seed}");
                }
                Answer::Unsat(core) => {
                    unsat += 1;
                    assert!(!wanted, "seed {seed}");
                    assert!(core.iter().all(|l| asked.contains(l)));
                    let core: Vec<i32> = assumptions.iter().copied().filter(|&l| core.contains(&of(l))).collect();
                    assert!(!satisfying(&formula, &core), "seed {seed}: {core:?}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert!(sat > rounds / 2 && unsat > rounds / 2, "{sat} {unsat}");
}

#[test]
fn small_weights_agree_with_brute_force() {
    agrees(9, 3000);
}

#[test]
fn large_weights_agree_with_brute_force() {
    agrees(1_000_000_000_000_000, 1000);
    agrees(1_000_000_000_000_000_000, 1000);
}

/// The least value, from above, from below and both, under assumptions, with constraints and searches in between.
fn least_agrees(heaviest: i64, rounds: u64) {
    let (mut found, mut unsat, mut cut, mut below) = (0, 0, 0, 0);
    for seed in 0..rounds {
        let mut source = Source::new(seed);
        let variables = 3 + source.index(9) as u32;
        let mut formula = random(variables, 2 + source.index(10) as u64, heaviest, &mut source);
        let mut engine = engine(&formula);
        for round in 0..3 {
            let n = formula.num_vars();
            let goal: Vec<(i64, i32)> = (1..=n as i32)
                .filter_map(|v| {
                    let weight = 1 + (heaviest as f64 * source.index(1 << 20) as f64 / f64::from(1 << 20)) as i64;
                    let literal = if source.bit() { v } else { -v };
                    (source.index(4) > 0).then_some((if source.bit() { weight } else { -weight }, literal))
                })
                .collect();
            let mut assumptions: Vec<i32> = Vec::new();
            for v in 1..=n as i32 {
                if round > 0 && source.index(6) == 0 {
                    assumptions.push(if source.bit() { v } else { -v });
                }
            }
            let holds = |model: &[i8], l: i32| (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0);
            let value = |model: &[i8]| {
                7 + goal.iter().filter(|&&(_, l)| holds(model, l)).map(|&(w, _)| i128::from(w)).sum::<i128>()
            };
            let models = (0..1u32 << n)
                .map(|bits| (0..n as usize).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>());
            let meets = |model: &Vec<i8>| {
                assumptions.iter().all(|&l| holds(model, l)) && formula.check(model).unwrap().is_none()
            };
            let wanted = models.filter(meets).map(|model| value(&model)).min();
            let asked: Vec<u32> = assumptions.iter().map(|&l| of(l)).collect();
            let aim = Goal::new(goal.iter().map(|&(w, l)| (w, of(l))), 7);
            let way = [Way::Above, Way::Below, Way::Both][source.index(3)];
            let conflicts = (source.index(4) == 0).then(|| source.index(8) as u64);
            let budget = Budget::start(&Limits { conflicts, ..Limits::default() });
            let mut told = Vec::new();
            let (least, known) = engine.minimize(&aim, &asked, way, &budget, &mut |known, _| {
                told.push(known);
                Ok(())
            });
            if let Some(value_found) = known.value {
                let model: Vec<i8> = (0..n).map(|v| if engine.value(2 * v) { 1 } else { -1 }).collect();
                assert!(meets(&model) && value(&model) == value_found, "seed {seed}");
                assert!(
                    known.bound <= wanted.unwrap() && wanted.unwrap() <= value_found,
                    "seed {seed} {known:?} {wanted:?}"
                );
                assert_eq!(told.last(), Some(&known), "seed {seed}");
                assert!(told.is_sorted_by(|a, b| b.bound >= a.bound && b.value <= a.value), "seed {seed}");
                below +=
                    usize::from(told.iter().any(|known| known.bound > aim.base && Some(known.bound) < known.value));
            }
            match least {
                Least::Optimum => {
                    found += 1;
                    assert_eq!((known.value, known.bound), (wanted, wanted.unwrap()), "seed {seed}");
                }
                Least::Unsat(core) => {
                    unsat += 1;
                    assert_eq!(wanted, None, "seed {seed}");
                    assert!(core.iter().all(|l| asked.contains(l)));
                }
                Least::Unknown(stop) => {
                    cut += 1;
                    assert_eq!(stop, Stop::Conflicts, "seed {seed}");
                    assert!(conflicts.is_some());
                }
                Least::Memory(short) => panic!("{short}"),
            }
            if round == 0 {
                // What was said to find the least value is no part of the formula.
                let more = random(variables, 2, heaviest, &mut source);
                engine.restart();
                let mut lowering = Lowering::new();
                for (id, constraint) in (0..).zip(more.constraints()) {
                    lowering.add(constraint, ConstraintId(id), |literal| literal, &mut engine).unwrap();
                }
                formula = formula.extended(&more).unwrap();
            }
            let is_sat = engine.solve(&[], &Budget::unlimited()) == Answer::Sat;
            assert_eq!(is_sat, satisfying(&formula, &[]), "seed {seed}");
        }
    }
    let least = rounds as usize / 20;
    assert!(found > 10 * least && unsat > least && cut > least / 4 && below > least, "{found} {unsat} {cut} {below}");
}

#[test]
fn least_values_agree_with_brute_force() {
    least_agrees(6, 3000);
    least_agrees(100_000_000_000_000_000, 500);
}

/// Pigeons and holes: a few conflicts, where resolution takes exponentially many.
#[test]
fn pigeons() {
    let sums = |n: i32| {
        let mut formula = Formula::new();
        let place = |pigeon: i32, hole: i32| pigeon * (n - 1) + hole + 1;
        for pigeon in 0..n {
            let all: Vec<i32> = (0..n - 1).map(|hole| place(pigeon, hole)).collect();
            formula.add_clause(&all).unwrap();
        }
        for hole in 0..n - 1 {
            let none: Vec<i32> = (0..n).map(|pigeon| -place(pigeon, hole)).collect();
            formula.add_cardinality(&none, i64::from(n) - 1, Condition::Plain).unwrap();
        }
        formula
    };
    let clauses = |n: u64| pigeonhole::generate(n, n - 1, &Budget::unlimited()).unwrap();
    for (n, formula) in [(10, sums(10)), (50, sums(50)), (10, clauses(10)), (50, clauses(50))] {
        let mut engine = engine(&formula);
        assert_eq!(engine.solve(&[], &Budget::unlimited()), Answer::Unsat(Vec::new()));
        assert!(engine.conflicts() < 50 * n, "{}", engine.conflicts());
    }
}

/// Clauses of two literals, cliques among them, and a few longer ones, added in three goes.
#[test]
fn pairs_agree_with_brute_force() {
    let (mut sat, mut unsat, mut joined) = (0, 0, 0);
    for seed in 0..2000 {
        let mut source = Source::new(seed);
        let variables = 4 + source.index(7) as i32;
        let density = 20 + source.index(70);
        let pick = |source: &mut Source| {
            let variable = 1 + source.index(variables as usize) as i32;
            if source.index(4) == 0 { variable } else { -variable }
        };
        let mut formula = Formula::new();
        formula.ensure_vars(variables as u32).unwrap();
        let mut engine = engine(&formula);
        for _ in 0..3 {
            let first = formula.num_constraints();
            let literals: Vec<i32> = (1..=variables).map(|v| if source.index(4) == 0 { v } else { -v }).collect();
            for (index, &a) in literals.iter().enumerate() {
                for &b in &literals[..index] {
                    if source.index(100) < density {
                        formula.add_clause(&[a, b]).unwrap();
                    }
                }
            }
            for _ in 0..source.index(4) {
                formula.add_clause(&[-pick(&mut source), -pick(&mut source), -pick(&mut source)]).unwrap();
            }
            let mut lowering = Lowering::new();
            engine.restart();
            for id in first..formula.num_constraints() {
                let constraint = formula.constraint(ConstraintId(id)).unwrap();
                lowering.add(constraint, ConstraintId(id), |literal| literal, &mut engine).unwrap();
            }
            // A search that ends while they are joined loses none.
            let limits = Limits { work: Some(source.index(30) as u64), ..Limits::default() };
            engine.solve(&[], &Budget::start(&limits));
            let assumptions = [-pick(&mut source)];
            for asked in [&assumptions[..], &[]] {
                let literals: Vec<u32> = asked.iter().map(|&l| of(l)).collect();
                let is_sat = engine.solve(&literals, &Budget::unlimited()) == Answer::Sat;
                assert_eq!(is_sat, satisfying(&formula, asked), "seed {seed}");
                if is_sat {
                    sat += 1;
                    let model: Vec<i8> =
                        (0..variables as u32).map(|v| if engine.value(2 * v) { 1 } else { -1 }).collect();
                    assert_eq!(formula.check(&model).unwrap(), None, "seed {seed}");
                } else {
                    unsat += 1;
                }
            }
            joined += engine.store.narrow.all.len();
        }
    }
    assert!(sat > 1000 && unsat > 1000 && joined > 1000, "{sat} {unsat} {joined}");
}
