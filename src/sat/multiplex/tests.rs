//! Random formulas, part of which only propagators know, against brute force and against CaDiCaL on its own.

use super::naive::{Mode, Naive, Random, Xor};
use crate::budget::Budget;
use crate::formula::Formula;
use crate::sat::propagator::Keep;
use crate::sat::{Answer, Cadical};

/// Options that make CaDiCaL simplify all the time.
const BUSY: [(&str, i64); 14] = [
    ("inprobeint", 1),
    ("elimint", 1),
    ("compactint", 1),
    ("compactmin", 1),
    ("compactlim", 0),
    ("rephaseint", 2),
    ("reduceint", 2),
    ("restartint", 1),
    ("conditionint", 1),
    ("condition", 1),
    ("cover", 1),
    ("block", 1),
    ("elimboundmin", 16),
    ("vivifythresh", 0),
];

/// How CaDiCaL deals with what propagators say late, in all its ways.
fn options(random: &mut Random, busy: bool) -> Vec<(&'static str, i64)> {
    let mut options = if busy { BUSY.to_vec() } else { Vec::new() };
    let choices =
        [("elevate", -1, 3), ("exteagerreasons", 0, 1), ("exteagerrecalc", 0, 1), ("otfs", 0, 1), ("factor", 0, 1)];
    for (name, least, most) in choices {
        if random.below(2) == 0 {
            options.push((name, least + i64::try_from(random.below((most - least + 1) as u64)).unwrap()));
        }
    }
    options
}

pub(super) fn engine(vars: u32, options: &[(&str, i64)]) -> Cadical {
    let mut engine = Cadical::new().unwrap();
    for &(name, value) in options {
        engine.set_option(name, value).unwrap();
    }
    engine.resize(vars).unwrap();
    engine
}

pub(super) fn add(engine: &mut Cadical, vars: u32, clauses: &[Vec<i32>]) {
    let mut formula = Formula::new();
    formula.ensure_vars(vars).unwrap();
    for clause in clauses {
        formula.add_clause(clause).unwrap();
    }
    let (added, outcome) = engine.add(formula.clauses(), 0, &Budget::unlimited());
    outcome.unwrap();
    assert_eq!(added, clauses.len());
}

fn holds(model: &[i8], literal: i32) -> bool {
    (model[literal.unsigned_abs() as usize - 1] > 0) == (literal > 0)
}

/// A formula of clauses and exclusive ors.
#[derive(Default, Clone)]
struct Mixed {
    vars: u32,
    clauses: Vec<Vec<i32>>,
    xors: Vec<Vec<i32>>,
}

impl Mixed {
    fn holds(&self, model: &[i8]) -> bool {
        self.clauses.iter().all(|c| c.iter().any(|&l| holds(model, l)))
            && self.xors.iter().all(|x| x.iter().filter(|&&l| holds(model, l)).count() % 2 == 1)
    }

    fn satisfiable(&self, units: &[i32]) -> bool {
        (0..1u32 << self.vars).any(|bits| {
            let model: Vec<i8> = (0..self.vars).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect();
            self.holds(&model) && units.iter().all(|&l| holds(&model, l))
        })
    }

    /// Exclusive ors as clauses.
    fn as_clauses(&self) -> Vec<Vec<i32>> {
        let mut all = self.clauses.clone();
        for xor in &self.xors {
            for bits in 0..1u32 << xor.len() {
                if bits.count_ones() % 2 == 0 {
                    let flip = |(i, &l): (usize, &i32)| if bits >> i & 1 == 1 { -l } else { l };
                    all.push(xor.iter().enumerate().map(flip).collect());
                }
            }
        }
        all
    }
}

fn random_mixed(random: &mut Random, vars: u32, clauses: u64, xors: u64) -> Mixed {
    let mut mixed = Mixed { vars, ..Mixed::default() };
    for _ in 0..clauses {
        let length = [1, 2, 2, 3, 3, 3, 3, 3, 4][usize::try_from(random.below(9)).unwrap()];
        mixed.clauses.push(random.clause(vars, length));
    }
    for _ in 0..xors {
        let length = usize::try_from(1 + random.below(u64::from(vars.min(5)))).unwrap();
        let mut xor = random.variables(vars, length);
        if random.below(2) == 0 {
            xor[0] = -xor[0];
        }
        mixed.xors.push(xor);
    }
    mixed
}

fn variables(constraints: &[Vec<i32>]) -> Vec<u32> {
    constraints.iter().flatten().map(|l| l.unsigned_abs()).collect()
}

const MODES: [Mode; 4] = [Mode::Eager, Mode::Lazy, Mode::Clauses(Keep::WhileUseful), Mode::Clauses(Keep::Always)];

fn xors_of(mixed: &Mixed) -> Vec<Xor> {
    mixed.xors.iter().cloned().map(Xor).collect()
}

/// A third of the clauses in CaDiCaL from the start, a third there after a search, a third known to one propagator only,
/// and exclusive ors known to another, which is connected after a search.
#[test]
fn a_thousand_small_formulas_agree_with_brute_force() {
    let mut random = Random::new(1);
    let (mut sat, mut unsat, mut cores, mut explained, mut fixed, mut learned) = (0, 0, 0, 0, 0, 0);
    for round in 0..1000u64 {
        let vars = u32::try_from(3 + random.below(10)).unwrap();
        let (clauses, xors) = (random.below(4 * u64::from(vars)), random.below(u64::from(vars)));
        let mixed = random_mixed(&mut random, vars, clauses, xors);
        let third = mixed.clauses.len() / 3;
        let mut engine = engine(vars, &options(&mut random, round % 2 == 0));
        let mut known = Mixed { clauses: mixed.clauses[..third].to_vec(), xors: Vec::new(), vars };
        add(&mut engine, vars, &known.clauses);
        let mut ids = Vec::new();
        for step in 0..4 {
            match step {
                1 => {
                    let mine = mixed.clauses[third..2 * third].to_vec();
                    let observed = variables(&mine);
                    let mode = MODES[usize::try_from(round / 2 % 4).unwrap()];
                    let mut naive = Naive::new(mine.clone(), mode);
                    if round % 3 == 0 && vars >= 8 {
                        naive.decides = Some(Random::new(round));
                    }
                    let observed = if naive.decides.is_some() { (1..=vars).collect() } else { observed };
                    ids.push(engine.connect(Box::new(naive), &observed).unwrap());
                    known.clauses.extend(mine);
                }
                2 => {
                    let more = &mixed.clauses[2 * third..];
                    add(&mut engine, vars, more);
                    known.clauses.extend_from_slice(more);
                }
                3 => {
                    let mode = MODES[usize::try_from(round / 8 % 4).unwrap()];
                    let naive = Naive::new(xors_of(&mixed), mode);
                    ids.push(engine.connect(Box::new(naive), &variables(&mixed.xors)).unwrap());
                    known.xors.clone_from(&mixed.xors);
                }
                _ => {}
            }
            for _ in 0..3 {
                let count = usize::try_from(random.below(4)).unwrap();
                let assumptions = random.clause(vars, count);
                let expected = known.satisfiable(&assumptions);
                match engine.solve(&assumptions, &Budget::unlimited()).unwrap() {
                    Answer::Sat => {
                        assert!(expected, "round {round}, step {step}");
                        let mut model = vec![0; vars as usize];
                        engine.model(&mut model).unwrap();
                        assert!(known.holds(&model) && assumptions.iter().all(|&l| holds(&model, l)));
                        for &id in &ids {
                            let seen = match engine.propagator::<Naive<Vec<i32>>>(id) {
                                Some(naive) => naive.models.last(),
                                None => engine.propagator::<Naive<Xor>>(id).unwrap().models.last(),
                            };
                            assert_eq!(seen.unwrap(), &model, "the whole model, before it was taken");
                        }
                        sat += 1;
                    }
                    Answer::Unsat => {
                        assert!(!expected, "round {round}, step {step}");
                        let mut failed = vec![false; assumptions.len()];
                        engine.failed(&assumptions, &mut failed).unwrap();
                        let core: Vec<i32> =
                            assumptions.iter().zip(&failed).filter(|(_, f)| **f).map(|(l, _)| *l).collect();
                        assert!(!known.satisfiable(&core), "round {round}, step {step}");
                        cores += usize::from(!core.is_empty());
                        unsat += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        explained += statistic(&engine, "external_reasons");
        let naive: &Naive<Vec<i32>> = engine.propagator(ids[0]).unwrap();
        for &literal in &naive.fixed {
            assert!(!known.satisfiable(&[-literal]), "round {round}: {literal}");
        }
        for clause in &naive.learned {
            assert!(clause.len() <= 3);
            let negated: Vec<i32> = clause.iter().map(|l| -l).collect();
            assert!(!known.satisfiable(&negated), "round {round}: {clause:?}");
        }
        fixed += naive.fixed.len();
        learned += naive.learned.len();
    }
    assert!(sat > 1000 && unsat > 1000 && cores > 500 && explained > 500, "{sat} {unsat} {cores} {explained}");
    assert!(fixed > 500 && learned > 100, "{fixed} {learned}");
}

fn statistic(engine: &Cadical, name: &str) -> i64 {
    let place = crate::sat::statistics().iter().position(|s| s.0 == name).unwrap();
    engine.statistics()[place]
}

/// Formulas that take real searches, with every simplification between conflicts, against CaDiCaL with all clauses. A
/// propagator that is connected late finds variables eliminated.
#[test]
fn larger_formulas_agree_with_cadical_alone() {
    let mut random = Random::new(2);
    let (mut sat, mut unsat, mut eliminated, mut conflicts) = (0, 0, 0, 0);
    for round in 0..120u64 {
        let vars = 70;
        let late = round % 2 == 0;
        let mut mixed = random_mixed(&mut random, vars, 0, if late { 6 } else { 20 });
        let count = if late { 280 } else { 220 };
        mixed.clauses = (0..count + random.below(20)).map(|_| random.clause(vars, 3)).collect();
        mixed.xors.retain(|x| x.len() > 2);
        let half = mixed.clauses.len() / 2;
        let mut mine = engine(vars, &options(&mut random, true));
        let mut peer = engine(vars, &[]);
        if late {
            add(&mut mine, vars, &mixed.clauses);
            for _ in 0..10 {
                mine.solve(&random.clause(vars, 4), &Budget::unlimited()).unwrap();
            }
            eliminated += statistic(&mine, "eliminated") + statistic(&mine, "substituted");
        } else {
            add(&mut mine, vars, &mixed.clauses[..half]);
        }
        let mode = MODES[usize::try_from(round / 2 % 4).unwrap()];
        let known = mixed.clauses[half..].to_vec();
        let observed = variables(&known[..known.len() / 2]);
        let first = mine.connect(Box::new(Naive::new(known.clone(), mode)), &observed).unwrap();
        mine.observe(first, &variables(&known)).unwrap();
        mine.connect(Box::new(Naive::new(xors_of(&mixed), Mode::Eager)), &variables(&mixed.xors)).unwrap();
        add(&mut peer, vars, &mixed.as_clauses());
        for _ in 0..4 {
            let assumptions = random.clause(vars, 2);
            let answer = mine.solve(&assumptions, &Budget::unlimited()).unwrap();
            assert_eq!(answer, peer.solve(&assumptions, &Budget::unlimited()).unwrap(), "round {round}");
            if answer == Answer::Sat {
                let mut model = vec![0; vars as usize];
                mine.model(&mut model).unwrap();
                assert!(mixed.holds(&model) && assumptions.iter().all(|&l| holds(&model, l)), "round {round}");
                sat += 1;
            } else {
                unsat += 1;
            }
        }
        conflicts += statistic(&mine, "conflicts");
    }
    assert!(sat > 50 && unsat > 50 && eliminated > 1000 && conflicts > 5000, "{sat} {unsat} {eliminated} {conflicts}");
}

/// The refusal of 1 leads to -1 and -2 at level 0, a model that CaDiCaL shows without a round of propagation before: the
/// eager propagator, which would see that it is none, must still be asked first.
#[test]
fn a_model_that_a_refusal_leads_to_is_propagated_first() {
    let mut engine = engine(2, &[]);
    add(&mut engine, 2, &[vec![1, -2]]);
    engine.connect(Box::new(Naive::new(vec![vec![1, 2]], Mode::Eager)), &[1, 2]).unwrap();
    engine.connect(Box::new(Naive::new(vec![vec![-1]], Mode::Lazy)), &[1]).unwrap();
    assert_eq!(engine.solve(&[], &Budget::unlimited()).unwrap(), Answer::Unsat);
}
