//! Z3 against brute force, its limits, and the SMT-LIB export against the translation.

use std::time::{Duration, Instant};

use num_rational::BigRational;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::raw::{Context, Verdict};
use super::{Answer, Z3};
use crate::budget::{Budget, Interrupt, Limits, Stop};
use crate::formula::{Condition, Domain, Formula, Linear, Relation, smtlib};

struct Random(Xoshiro256PlusPlus);

impl Random {
    fn new(seed: u64) -> Self {
        Random(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, n: u64) -> u64 {
        self.0.next_u64() % n
    }

    fn within(&mut self, min: i64, max: i64) -> i64 {
        min + self.below((max - min + 1).unsigned_abs()).cast_signed()
    }

    fn literal(&mut self, variables: u64) -> i32 {
        let variable = self.below(variables) as i32 + 1;
        if self.below(2) == 0 { variable } else { -variable }
    }

    fn literals(&mut self, variables: u64, min: u64, max: u64) -> Vec<i32> {
        let count = min + self.below(max - min + 1);
        (0..count).map(|_| self.literal(variables)).collect()
    }

    fn condition(&mut self, variables: u64, kinds: u64) -> Condition {
        match self.below(kinds) {
            0 => Condition::Plain,
            1 => Condition::Implied(self.literal(variables)),
            _ => Condition::Reified(self.literal(variables)),
        }
    }
}

/// Five variables, two integers with small domains, and constraints of all kinds.
fn random_formula(random: &mut Random) -> Formula {
    const VARIABLES: u64 = 5;
    let mut f = Formula::new();
    f.ensure_vars(VARIABLES as u32).unwrap();
    for _ in 0..2 {
        let min = random.within(-3, 2);
        f.new_number(Domain::Integer { min, max: min + random.within(0, 3) }).unwrap();
    }
    for _ in 0..random.within(4, 12) {
        match random.below(5) {
            0 => drop(f.add_clause(&random.literals(VARIABLES, 1, 3)).unwrap()),
            1 => drop(f.add_xor(&random.literals(VARIABLES, 0, 4), random.below(2) == 0).unwrap()),
            2 => {
                let literals = random.literals(VARIABLES, 0, 6);
                let bound = random.within(-1, literals.len() as i64 + 1);
                f.add_cardinality(&literals, bound.min(3), random.condition(VARIABLES, 3)).unwrap();
            }
            3 => {
                let literals = random.literals(VARIABLES, 0, 5);
                // Some weights are beyond 32 bits.
                let unit = if random.below(4) == 0 { 1 << 40 } else { 1 };
                let weights: Vec<i64> = literals.iter().map(|_| unit * random.within(-4, 4)).collect();
                let bound = unit * random.within(-5, 5);
                f.add_pseudo_boolean(&literals, &weights, bound, random.condition(VARIABLES, 3)).unwrap();
            }
            _ => {
                let numbers: Vec<u32> = (0..random.below(4)).map(|_| random.below(2) as u32).collect();
                let literals = random.literals(VARIABLES, 0, 2);
                let mut value = || random.within(-6, 6) as f64 / 4.0;
                let coefficients: Vec<f64> = numbers.iter().map(|_| value()).collect();
                let weights: Vec<f64> = literals.iter().map(|_| value()).collect();
                let rhs = value();
                let relations =
                    [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less];
                f.add_linear(Linear {
                    numbers: &numbers,
                    coefficients: &coefficients,
                    literals: &literals,
                    weights: &weights,
                    relation: relations[random.below(5) as usize],
                    rhs,
                    condition: random.condition(VARIABLES, 2),
                })
                .unwrap();
            }
        }
    }
    f
}

/// Whether there is a model that makes these literals true, by trying all.
fn brute_force(f: &Formula, assumptions: &[i32]) -> bool {
    let sizes: Vec<i64> = f
        .domains()
        .iter()
        .map(|d| match *d {
            Domain::Integer { min, max } => max - min + 1,
            Domain::Real { .. } => unreachable!("only integers here"),
        })
        .collect();
    let numbers: i64 = sizes.iter().product();
    (0..1u32 << f.num_vars()).any(|bits| {
        let model: Vec<i8> = (0..f.num_vars()).map(|v| if bits >> v & 1 == 1 { 1 } else { -1 }).collect();
        assumptions.iter().all(|&l| (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0))
            && (0..numbers).any(|mut code| {
                let mut values = Vec::new();
                for (domain, size) in f.domains().iter().zip(&sizes) {
                    let Domain::Integer { min, .. } = *domain else { unreachable!("only integers here") };
                    values.push((min + code % size) as f64);
                    code /= size;
                }
                f.check_with(&model, &values).unwrap().is_none()
            })
    })
}

fn loaded(f: &Formula) -> Z3 {
    let mut z3 = Z3::new(0).unwrap();
    assert_eq!(z3.load(f, &mut 0, &Budget::unlimited()).unwrap(), None);
    z3
}

fn solve(z3: &mut Z3, assumptions: &[i32]) -> Answer {
    z3.solve(assumptions, &Budget::unlimited()).unwrap()
}

#[test]
fn agrees_with_brute_force() {
    let mut random = Random::new(1);
    let mut counts = [0; 3];
    for round in 0..300 {
        let f = random_formula(&mut random);
        let mut z3 = loaded(&f);
        for assuming in 0..3 {
            let assumptions = if assuming == 0 { Vec::new() } else { random.literals(5, 1, 4) };
            let expected = brute_force(&f, &assumptions);
            match solve(&mut z3, &assumptions) {
                Answer::Sat { model, numbers } => {
                    assert!(expected, "round {round}");
                    assert_eq!(f.check_exact(&model, &numbers), Ok(None), "round {round}");
                    assert!(assumptions.iter().all(|&l| (model[l.unsigned_abs() as usize - 1] > 0) == (l > 0)));
                    counts[0] += 1;
                }
                Answer::Unsat { core } => {
                    assert!(!expected, "round {round}");
                    assert!(core.iter().all(|l| assumptions.contains(l)));
                    assert!(core.iter().enumerate().all(|(i, l)| !core[..i].contains(l)), "{core:?}");
                    assert!(!brute_force(&f, &core), "round {round}: {core:?} is no core of {assumptions:?}");
                    counts[if core.is_empty() { 1 } else { 2 }] += 1;
                }
                other => panic!("round {round}: {other:?}"),
            }
        }
    }
    assert!(counts.iter().all(|&n| n > 50), "{counts:?}");
}

/// What is exported and read by Z3's own parser has the same answer as what is translated.
#[test]
fn the_export_says_the_same() {
    let mut random = Random::new(2);
    let mut counts = [0; 2];
    for round in 0..100 {
        let mut f = random_formula(&mut random);
        if round % 2 == 1 {
            // A real that is a fraction of the integers, so that both sorts meet.
            let real = f.new_number(Domain::Real { min: -0.75, max: 0.75 }).unwrap();
            f.add_linear(Linear {
                numbers: &[real, 0, 1],
                coefficients: &[3.0, 1.0, -0.5],
                literals: &[1],
                weights: &[0.25],
                relation: Relation::Equal,
                rhs: 0.5,
                condition: Condition::Plain,
            })
            .unwrap();
        }
        let text = smtlib::to_string(&f, &Budget::unlimited()).unwrap();
        let commands = text.replace("(check-sat)\n", "");
        let mut context = Context::new().unwrap();
        context.assert_smtlib(&commands).unwrap();
        let expected = context.search(&[]).0.run().unwrap();
        match solve(&mut loaded(&f), &[]) {
            Answer::Sat { model, numbers } => {
                assert_eq!(f.check_exact(&model, &numbers), Ok(None), "round {round}");
                assert_eq!(expected, Verdict::Sat, "{text}");
                counts[0] += 1;
            }
            Answer::Unsat { .. } => {
                assert_eq!(expected, Verdict::Unsat, "{text}");
                counts[1] += 1;
            }
            other => panic!("round {round}: {other:?}"),
        }
    }
    assert!(counts.iter().all(|&n| n > 10), "{counts:?}");
}

fn row(numbers: &'static [u32], coefficients: &'static [f64], relation: Relation, rhs: f64) -> Linear<'static> {
    Linear { numbers, coefficients, literals: &[], weights: &[], relation, rhs, condition: Condition::Plain }
}

#[test]
fn models_are_rationals() {
    let mut f = Formula::new();
    f.new_number(Domain::Real { min: -1.0, max: 1.0 }).unwrap();
    f.add_linear(row(&[0], &[3.0], Relation::Equal, 1.0)).unwrap();
    let Answer::Sat { model, numbers } = solve(&mut loaded(&f), &[]) else { panic!("3x = 1 has a solution") };
    assert_eq!((model, numbers), (vec![], vec![BigRational::new(1.into(), 3.into())]));
    // Coefficients are what the doubles are: 0.1 is more than a tenth.
    let mut f = Formula::new();
    f.new_number(Domain::Real { min: 0.0, max: 1e300 }).unwrap();
    f.add_linear(row(&[0], &[0.1], Relation::Equal, 1.0)).unwrap();
    f.add_linear(row(&[0], &[1.0], Relation::Less, 10.0)).unwrap();
    let Answer::Sat { numbers, .. } = solve(&mut loaded(&f), &[]) else { panic!("there is a solution below 10") };
    assert_eq!(f.check_exact(&[], &numbers), Ok(None));
    f.add_linear(row(&[0], &[1e-300], Relation::Greater, 0.0)).unwrap();
    f.add_linear(row(&[0], &[5e-324], Relation::AtMost, 0.0)).unwrap();
    assert_eq!(solve(&mut loaded(&f), &[]), Answer::Unsat { core: vec![] });
}

/// Constraints come in two formulas, the second one with more variables and numbers, between searches.
#[test]
fn goes_on_with_more() {
    let budget = Budget::unlimited();
    let mut f = Formula::new();
    f.add_clause(&[1, 2]).unwrap();
    f.new_number(Domain::Integer { min: 0, max: 4 }).unwrap();
    let mut z3 = loaded(&f);
    assert!(matches!(solve(&mut z3, &[-1]), Answer::Sat { .. }));
    let mut more = Formula::new();
    more.new_numbers(&[Domain::Integer { min: 0, max: 4 }, Domain::Real { min: 0.0, max: 1.0 }]).unwrap();
    more.add_clause(&[-2, 3]).unwrap();
    let mut from = 0;
    assert_eq!(z3.load(&more, &mut from, &budget).unwrap(), None);
    more.add_linear(row(&[0, 1], &[1.0, 2.0], Relation::Equal, 6.0)).unwrap();
    assert_eq!(z3.load(&more, &mut from, &budget).unwrap(), None);
    assert_eq!(from, 2);
    let Answer::Sat { model, numbers } = solve(&mut z3, &[-1]) else { panic!("4 + 2 = 6") };
    assert_eq!(model, [-1, 1, 1]);
    assert_eq!(numbers, [4, 1].map(|n| BigRational::from_integer(n.into())));
    assert_eq!(solve(&mut z3, &[-3, -1]), Answer::Unsat { core: vec![-3, -1] });
    assert!(matches!(solve(&mut z3, &[-3]), Answer::Sat { .. }));
    assert!(z3.solve(&[9], &budget).is_err());
}

/// `pigeons` into one hole less.
fn pigeonhole(pigeons: i32) -> Formula {
    let holes = pigeons - 1;
    let at = |pigeon: i32, hole: i32| pigeon * holes + hole + 1;
    let mut f = Formula::new();
    for pigeon in 0..pigeons {
        f.add_clause(&(0..holes).map(|hole| at(pigeon, hole)).collect::<Vec<_>>()).unwrap();
        for (other, hole) in (0..pigeon).flat_map(|other| (0..holes).map(move |hole| (other, hole))) {
            f.add_clause(&[-at(pigeon, hole), -at(other, hole)]).unwrap();
        }
    }
    f
}

/// Market splits (Cornuéjols and Dawande, IPCO 1998): equalities over 0-1 integers, hard for branch and bound.
fn market_split(rows: usize) -> Formula {
    let mut random = Random::new(3);
    let count = 10 * (rows as u32 - 1);
    let mut f = Formula::new();
    f.new_numbers(&vec![Domain::Integer { min: 0, max: 1 }; count as usize]).unwrap();
    let numbers: Vec<u32> = (0..count).collect();
    for _ in 0..rows {
        let coefficients: Vec<f64> = numbers.iter().map(|_| random.below(100) as f64).collect();
        let rhs = (coefficients.iter().sum::<f64>() / 2.0).floor();
        f.add_linear(Linear {
            numbers: &numbers,
            coefficients: &coefficients,
            literals: &[],
            weights: &[],
            relation: Relation::Equal,
            rhs,
            condition: Condition::Plain,
        })
        .unwrap();
    }
    f
}

#[test]
fn interrupts_end_a_search_and_leave_no_mark() {
    for (name, f) in [("pigeonhole", pigeonhole(13)), ("market split", market_split(5))] {
        let mut z3 = loaded(&f);
        for wait in [0, 30, 300] {
            let token = Interrupt::new();
            let budget = Budget::start(&Limits { interrupt: Some(token.clone()), ..Limits::default() });
            let trigger = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(wait));
                token.trigger();
                Instant::now()
            });
            let answer = z3.solve(&[], &budget).unwrap();
            let back = Instant::now();
            let latency = back.saturating_duration_since(trigger.join().unwrap());
            assert_eq!(answer, Answer::Unknown(Stop::Interrupted), "{name}");
            println!("{name}: back {:.1} ms after the interrupt", latency.as_secs_f64() * 1e3);
            assert!(latency < Duration::from_secs(5), "{name}: {latency:?}"); // wide, for a machine that is busy
        }
        let mut easy = Formula::new();
        easy.ensure_vars(f.num_vars().max(1)).unwrap();
        easy.new_numbers(f.domains()).unwrap();
        easy.add_clause(&[]).unwrap();
        assert_eq!(z3.load(&easy, &mut 0, &Budget::unlimited()).unwrap(), None);
        assert_eq!(solve(&mut z3, &[]), Answer::Unsat { core: vec![] }, "{name}");
    }
}

#[test]
fn time_and_work_end_a_search() {
    let f = pigeonhole(13);
    let mut z3 = loaded(&f);
    let limits = Limits { time: Some(Duration::from_millis(100)), ..Limits::default() };
    let budget = Budget::start(&limits);
    assert_eq!(z3.solve(&[], &budget).unwrap(), Answer::Unknown(Stop::Time));
    assert!(budget.elapsed() < Duration::from_secs(5));
    let work = |limit: u64| {
        let budget = Budget::start(&Limits { work: Some(limit), ..Limits::default() });
        let answer = loaded(&f).solve(&[], &budget).unwrap();
        (answer, budget.spent())
    };
    let (answer, spent) = work(200_000);
    assert_eq!(answer, Answer::Unknown(Stop::Work));
    // Z3 looks at its limit every so often.
    assert!((200_000..400_000).contains(&spent), "{spent}");
    assert_eq!(work(200_000), (answer, spent), "the same again");
    assert_eq!(work(0).0, Answer::Unknown(Stop::Work));
    let budget = Budget::start(&Limits { conflicts: Some(100), ..Limits::default() });
    assert_eq!(loaded(&f).solve(&[], &budget).unwrap(), Answer::Unknown(Stop::Conflicts));
}

#[test]
fn progress_comes_on_the_calling_thread() {
    use crate::budget::ProgressSink;
    let caller = std::thread::current().id();
    let sink = ProgressSink::new(
        Duration::from_millis(20),
        move |_: &crate::budget::Progress| {
            if std::thread::current().id() == caller { 7 } else { 8 }
        },
    );
    let budget = Budget::start(&Limits { progress: Some(sink), ..Limits::default() });
    let mut z3 = loaded(&pigeonhole(13));
    assert_eq!(z3.solve(&[], &budget).unwrap(), Answer::Unknown(Stop::Callback(7)));
}

#[test]
fn moves_between_threads() {
    fn is_send<T: Send>() {}
    is_send::<Z3>();
    let mut z3 = loaded(&pigeonhole(4));
    let z3 = std::thread::spawn(move || {
        assert_eq!(solve(&mut z3, &[]), Answer::Unsat { core: vec![] });
        z3
    });
    drop(z3.join().unwrap());
}

/// Memory that would not do for the search: the limit of a call is held against what Z3 adds.
#[test]
fn memory_ends_a_search() {
    use super::SmtError;
    use crate::error::OutOfMemory;
    let mut z3 = loaded(&pigeonhole(13));
    let budget =
        Budget::start(&Limits { memory: Some(1 << 18), time: Some(Duration::from_secs(60)), ..Limits::default() });
    let ended = z3.solve(&[], &budget);
    assert!(matches!(ended, Err(SmtError::Memory(OutOfMemory::Limit { .. }))), "{ended:?}");
    let budget = Budget::start(&Limits { time: Some(Duration::from_millis(50)), ..Limits::default() });
    assert_eq!(z3.solve(&[], &budget).unwrap(), Answer::Unknown(Stop::Time), "it can still be used");
}
