//! Formulas of constraints of all kinds: what was said is what is read back and checked, ids go over all kinds, copies are
//! whole, and a limit on memory lets a call happen whole or not at all.

use anser::formula::{
    Condition, Constraint, ConstraintId, Domain, Formula, FormulaError, Linear, LinearRows, Relation, Statistics,
};

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn literal(&mut self) -> i32 {
        let variable = 1 + self.below(40) as i32;
        if self.below(2) == 0 { variable } else { -variable }
    }

    fn condition(&mut self) -> Condition {
        match self.below(3) {
            0 => Condition::Plain,
            1 => Condition::Implied(self.literal()),
            _ => Condition::Reified(self.literal()),
        }
    }
}

/// A constraint that owns what it says.
#[derive(Debug, Clone, PartialEq)]
enum Own {
    Clause(Vec<i32>),
    Xor(Vec<i32>, bool),
    Cardinality(Vec<i32>, i64, Condition),
    PseudoBoolean(Vec<i32>, Vec<i64>, i64, Condition),
    Linear(Vec<u32>, Vec<f64>, Vec<i32>, Vec<f64>, Relation, f64, Condition),
}

impl Own {
    fn of(constraint: Constraint<'_>) -> Self {
        match constraint {
            Constraint::Clause(l) => Own::Clause(l.to_vec()),
            Constraint::Xor(x) => Own::Xor(x.literals.to_vec(), x.rhs),
            Constraint::Cardinality(s) => {
                assert!(s.weights.is_empty() && s.terms().all(|(weight, _)| weight == 1));
                Own::Cardinality(s.literals.to_vec(), s.bound, s.condition)
            }
            Constraint::PseudoBoolean(s) => {
                assert_eq!(s.weights.len(), s.literals.len());
                Own::PseudoBoolean(s.literals.to_vec(), s.weights.to_vec(), s.bound, s.condition)
            }
            Constraint::Linear(r) => Own::Linear(
                r.numbers.to_vec(),
                r.coefficients.to_vec(),
                r.literals.to_vec(),
                r.weights.to_vec(),
                r.relation,
                r.rhs,
                r.condition,
            ),
        }
    }

    fn random(random: &mut Random, kind: u64, numbers: u32) -> Self {
        let length = random.below(7);
        let literals: Vec<i32> = (0..length).map(|_| random.literal()).collect();
        let small = |random: &mut Random| random.below(9) as i64 - 4;
        match kind {
            0 => Own::Clause(literals),
            1 => Own::Xor(literals, random.below(2) == 1),
            2 => Own::Cardinality(literals, small(random), random.condition()),
            3 => {
                let weights = literals.iter().map(|_| small(random)).collect();
                Own::PseudoBoolean(literals, weights, small(random), random.condition())
            }
            _ => {
                let of_numbers: Vec<u32> = (0..if numbers == 0 { 0 } else { random.below(4) })
                    .map(|_| random.below(numbers.into()) as u32)
                    .collect();
                let coefficients = of_numbers.iter().map(|_| small(random) as f64 / 2.0).collect();
                let weights = literals.iter().map(|_| small(random) as f64 / 4.0).collect();
                let relation =
                    [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less]
                        [random.below(5) as usize];
                let condition = match random.condition() {
                    Condition::Reified(l) => Condition::Implied(l),
                    other => other,
                };
                Own::Linear(of_numbers, coefficients, literals, weights, relation, small(random) as f64, condition)
            }
        }
    }

    fn literals(&self) -> &[i32] {
        match self {
            Own::Clause(l) | Own::Xor(l, _) | Own::Cardinality(l, ..) | Own::PseudoBoolean(l, ..) => l,
            Own::Linear(_, _, l, ..) => l,
        }
    }

    fn condition(&self) -> Condition {
        match self {
            Own::Clause(_) | Own::Xor(..) => Condition::Plain,
            Own::Cardinality(_, _, c) | Own::PseudoBoolean(_, _, _, c) | Own::Linear(.., c) => *c,
        }
    }

    fn numbers(&self) -> usize {
        if let Own::Linear(numbers, ..) = self { numbers.len() } else { 0 }
    }

    fn max_variable(&self) -> u32 {
        let literals = self.literals().iter().copied().chain(self.condition().literal());
        literals.map(i32::unsigned_abs).max().unwrap_or(0)
    }

    /// Adds it alone.
    fn add(&self, f: &mut Formula) -> Result<ConstraintId, FormulaError> {
        match self {
            Own::Clause(l) => f.add_clause(l),
            Own::Xor(l, rhs) => f.add_xor(l, *rhs),
            Own::Cardinality(l, bound, condition) => f.add_cardinality(l, *bound, *condition),
            Own::PseudoBoolean(l, weights, bound, condition) => f.add_pseudo_boolean(l, weights, *bound, *condition),
            Own::Linear(numbers, coefficients, literals, weights, relation, rhs, condition) => f.add_linear(Linear {
                numbers,
                coefficients,
                literals,
                weights,
                relation: *relation,
                rhs: *rhs,
                condition: *condition,
            }),
        }
    }
}

/// Adds constraints of one kind at once.
fn add_all(f: &mut Formula, rows: &[Own]) -> Result<ConstraintId, FormulaError> {
    let literals: Vec<i32> = rows.iter().flat_map(|r| r.literals()).copied().collect();
    let ends = |length: fn(&Own) -> usize| -> Vec<usize> {
        let mut at = 0;
        std::iter::once(0)
            .chain(rows.iter().map(|r| {
                at += length(r);
                at
            }))
            .collect()
    };
    let offsets = ends(|r| r.literals().len());
    let conditions: Vec<Condition> = rows.iter().map(Own::condition).collect();
    let (mut bits, mut bounds, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    let (mut numbers, mut coefficients, mut reals) = (Vec::new(), Vec::new(), Vec::new());
    let (mut relations, mut rhs) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Own::Clause(_) => {}
            Own::Xor(_, bit) => bits.push(*bit),
            Own::Cardinality(_, bound, _) => bounds.push(*bound),
            Own::PseudoBoolean(_, w, bound, _) => {
                weights.extend(w);
                bounds.push(*bound);
            }
            Own::Linear(n, c, _, w, relation, side, _) => {
                numbers.extend(n);
                coefficients.extend(c);
                reals.extend(w);
                relations.push(*relation);
                rhs.push(*side);
            }
        }
    }
    match rows.first() {
        None | Some(Own::Clause(_)) => f.add_clauses(&literals, &offsets),
        Some(Own::Xor(..)) => f.add_xors(&literals, &offsets, &bits),
        Some(Own::Cardinality(..)) => f.add_cardinalities(&literals, &offsets, &bounds, &conditions),
        Some(Own::PseudoBoolean(..)) => f.add_pseudo_booleans(&literals, &weights, &offsets, &bounds, &conditions),
        Some(Own::Linear(..)) => f.add_linears(&LinearRows {
            numbers: &numbers,
            coefficients: &coefficients,
            number_offsets: &ends(Own::numbers),
            literals: &literals,
            weights: &reals,
            literal_offsets: if literals.is_empty() { &[] } else { &offsets },
            relations: &relations,
            rhs: &rhs,
            conditions: &conditions,
        }),
    }
}

/// All that can be seen of a formula, but how much memory it holds.
#[derive(Debug, PartialEq)]
struct Seen {
    constraints: Vec<Own>,
    num_vars: u32,
    domains: Vec<Domain>,
    sampling_set: Option<Vec<u32>>,
    names: Vec<Option<String>>,
    statistics: Statistics,
}

fn see(f: &Formula) -> Seen {
    let all: Vec<Own> = f.constraints().map(Own::of).collect();
    assert_eq!(all.len() as u64, f.num_constraints());
    for (id, constraint) in all.iter().enumerate() {
        let id = ConstraintId(id as u64);
        assert_eq!(Own::of(f.constraint(id).unwrap()), *constraint);
        assert_eq!(f.clause(id).is_some(), matches!(constraint, Own::Clause(_)));
    }
    for beyond in [f.num_constraints(), f.num_constraints() + 1, u64::MAX] {
        assert_eq!(f.constraint(ConstraintId(beyond)), None);
    }
    assert_eq!(f.is_cnf(), all.iter().all(|c| matches!(c, Own::Clause(_))));
    let statistics = Statistics { bytes: 0, ..f.statistics() };
    Seen {
        constraints: all,
        num_vars: f.num_vars(),
        domains: f.domains().to_vec(),
        sampling_set: f.sampling_set().map(<[u32]>::to_vec),
        names: (1..=f.num_vars().min(50)).map(|v| f.name(v).unwrap().map(String::from)).collect(),
        statistics,
    }
}

fn count(all: &[Own]) -> Statistics {
    let of = |wanted: fn(&Own) -> bool| all.iter().filter(|c| wanted(c)).count() as u64;
    let clauses: Vec<usize> =
        all.iter().filter_map(|c| if let Own::Clause(literals) = c { Some(literals.len()) } else { None }).collect();
    let long = |n: usize| clauses.iter().filter(|&&l| l == n).count() as u64;
    let terms = all.iter().map(|c| c.literals().len() + c.numbers()).sum::<usize>() - clauses.iter().sum::<usize>();
    Statistics {
        clauses: clauses.len() as u64,
        literals: clauses.iter().sum::<usize>() as u64,
        empty: long(0),
        unit: long(1),
        binary: long(2),
        ternary: long(3),
        longest: clauses.iter().copied().max().unwrap_or(0) as u64,
        xors: of(|c| matches!(c, Own::Xor(..))),
        cardinalities: of(|c| matches!(c, Own::Cardinality(..))),
        pseudo_booleans: of(|c| matches!(c, Own::PseudoBoolean(..))),
        linears: of(|c| matches!(c, Own::Linear(..))),
        terms: terms as u64,
        ..Statistics::default()
    }
}

/// One by one and in bulk, in any order of kinds: what comes back is what was said, under the ids that were answered.
#[test]
fn what_was_said_is_read_back() {
    let mut random = Random(1);
    for _ in 0..200 {
        let mut f = Formula::new();
        let (mut said, mut vars) = (Vec::new(), 0);
        for _ in 0..random.below(30) {
            if random.below(8) == 0 {
                f.new_number(Domain::Integer { min: -9, max: 9 }).unwrap();
            }
            let kind = random.below(5);
            let rows: Vec<Own> =
                (0..random.below(4)).map(|_| Own::random(&mut random, kind, f.num_numbers())).collect();
            let id = match rows.as_slice() {
                [one] if random.below(2) == 0 => one.add(&mut f),
                many => add_all(&mut f, many),
            };
            assert_eq!(id, Ok(ConstraintId(said.len() as u64)));
            vars = rows.iter().map(Own::max_variable).max().unwrap_or(0).max(vars);
            said.extend(rows);
        }
        let seen = see(&f);
        assert_eq!((&seen.constraints, seen.num_vars), (&said, vars));
        let expected = Statistics { variables: vars.into(), numbers: f.num_numbers().into(), ..count(&said) };
        assert_eq!(seen.statistics, expected);
    }
}

/// The violated constraint that is named is the first one, over all kinds, and its id is that of the constraint.
#[test]
fn the_first_violated_constraint_is_named() {
    let mut random = Random(2);
    let mut named = 0;
    for _ in 0..300 {
        let mut f = Formula::new();
        f.ensure_vars(40).unwrap();
        f.new_numbers(&[Domain::Real { min: -4.0, max: 4.0 }; 3]).unwrap();
        let rows: Vec<Own> = (0..20)
            .map(|_| {
                let kind = random.below(5);
                Own::random(&mut random, kind, 3)
            })
            .collect();
        for row in &rows {
            row.add(&mut f).unwrap();
        }
        let model: Vec<i8> = (0..40).map(|_| random.below(3) as i8 - 1).collect();
        let numbers: Vec<f64> = (0..3).map(|_| random.below(17) as f64 / 2.0 - 4.0).collect();
        // Alone in a formula each constraint is violated by itself.
        let first = rows.iter().position(|row| {
            let mut alone = Formula::new();
            alone.ensure_vars(40).unwrap();
            alone.new_numbers(f.domains()).unwrap();
            row.add(&mut alone).unwrap();
            alone.check_with(&model, &numbers).unwrap().is_some()
        });
        named += usize::from(first.is_some());
        let violated = f.check_with(&model, &numbers).unwrap();
        assert_eq!(violated.map(|v| v.0), first.map(|i| ConstraintId(i as u64)));
    }
    assert!(named > 200, "{named}");
}

/// Some formula with everything in it.
fn everything(random: &mut Random, steps: u64) -> Formula {
    let mut f = Formula::new();
    f.new_numbers(&[Domain::Integer { min: 0, max: 3 }, Domain::Real { min: -1.0, max: 1.0 }]).unwrap();
    for _ in 0..steps {
        let kind = random.below(5);
        Own::random(random, kind, 2).add(&mut f).unwrap();
    }
    f.ensure_vars(40).unwrap();
    f.set_name(1, Some("one")).unwrap();
    f.set_name(7, Some("seven")).unwrap();
    f.set_sampling_set(Some(&[9, 3, 9, 1])).unwrap();
    f
}

#[test]
fn a_copy_is_whole_and_apart() {
    let mut random = Random(3);
    for steps in [0, 1, 5, 60] {
        let mut f = everything(&mut random, steps);
        let before = see(&f);
        assert_eq!(before.sampling_set, Some(vec![1, 3, 9]));
        let mut copy = f.try_clone().unwrap();
        assert_eq!(see(&copy), before);
        assert!(copy.bytes() <= f.bytes(), "a copy holds no spare room");
        for kind in 0..5 {
            let row = Own::random(&mut random, kind, 2);
            assert_eq!(row.add(&mut copy), Ok(ConstraintId(copy.num_constraints() - 1)));
            assert_eq!(Own::of(copy.constraint(ConstraintId(copy.num_constraints() - 1)).unwrap()), row);
        }
        copy.set_sampling_set(None).unwrap();
        copy.set_name(1, Some("uno")).unwrap();
        copy.new_number(Domain::Real { min: 0.0, max: 0.0 }).unwrap();
        assert_eq!(see(&f), before);
        f.add_xor(&[1], true).unwrap();
        drop(f);
        assert_eq!(copy.num_constraints(), before.constraints.len() as u64 + 5);
    }
}

/// The limit of the original is the copy's, and what the copy holds counts against it, not what the original held.
#[test]
fn a_copy_counts_its_own_bytes() {
    let mut f = Formula::new();
    for i in 1..2000 {
        f.add_xor(&[i, i + 1], true).unwrap();
    }
    f.set_memory_limit(f.bytes());
    let mut copy = f.try_clone().unwrap();
    let (held, limit) = (copy.bytes(), f.bytes());
    assert!(held < limit);
    while copy.add_xor(&[1, 2], true).is_ok() {
        assert!(copy.bytes() <= limit);
    }
    assert!(copy.num_constraints() > f.num_constraints(), "there was room");
}

/// At every limit a call happens whole, within the limit, or not at all.
#[test]
fn a_limit_lets_a_call_happen_whole_or_not_at_all() {
    let mut random = Random(4);
    let (mut refused, mut done) = ([0u32; 12], [0u32; 12]);
    for round in 0..2500u64 {
        let steps = random.below(20);
        let mut f = everything(&mut random, steps);
        let call = (round % 12) as usize;
        let before = see(&f);
        let limit = f.bytes() + random.below(if call == 7 || call == 8 { 300 } else { 3000 });
        f.set_memory_limit(limit);
        let kind = random.below(5);
        let rows: Vec<Own> = match call {
            0..5 => (0..1 + random.below(60)).map(|_| Own::random(&mut random, call as u64, 2)).collect(),
            _ => vec![Own::random(&mut random, kind, 2)],
        };
        let domains = vec![Domain::Integer { min: -1, max: 1 }; 1 + random.below(60) as usize];
        let sample: Vec<u32> = (0..random.below(100)).map(|_| 1 + random.below(40) as u32).collect();
        let name = "n".repeat(random.below(200) as usize + 1);
        let outcome = match call {
            0..5 => add_all(&mut f, &rows).map(drop),
            5 | 6 => f.new_numbers(&domains).map(drop),
            7 => f.set_sampling_set(Some(&sample)),
            8 => f.set_name(2, Some(&name)),
            _ => {
                // One at a time, until there is no room.
                let mut added = before.constraints.len();
                let last = loop {
                    let row = Own::random(&mut random, kind, 2);
                    let seen = see(&f);
                    match row.add(&mut f) {
                        Ok(id) => assert_eq!(id, ConstraintId(added as u64)),
                        Err(e) => {
                            assert_eq!(see(&f), seen);
                            break e;
                        }
                    }
                    added += 1;
                    assert!(f.bytes() <= limit);
                };
                assert!(matches!(last, FormulaError::Memory(_)), "{last}");
                assert_eq!(f.num_constraints(), added as u64);
                f.set_memory_limit(u64::MAX);
                f.add_clause(&[]).unwrap();
                assert_eq!(see(&f).constraints.last(), Some(&Own::Clause(Vec::new())));
                continue;
            }
        };
        assert!(f.bytes() <= limit, "call {call}: {} > {limit}", f.bytes());
        match outcome {
            Ok(()) => done[call] += 1,
            Err(FormulaError::Memory(_)) => {
                refused[call] += 1;
                assert_eq!(see(&f), before);
                // And it goes on where there is room.
                f.set_memory_limit(u64::MAX);
                if call < 5 {
                    assert_eq!(add_all(&mut f, &rows), Ok(ConstraintId(before.constraints.len() as u64)));
                    let after = see(&f);
                    assert_eq!(after.constraints[..before.constraints.len()], before.constraints);
                    assert_eq!(after.constraints[before.constraints.len()..], rows);
                }
            }
            Err(other) => panic!("call {call}: {other}"),
        }
    }
    for call in 0..9 {
        assert!(refused[call] > 10 && done[call] > 10, "call {call}: {} refused, {} done", refused[call], done[call]);
    }
}

/// Every refusal, and that it changes nothing: also where the fault is in the last row.
#[test]
fn what_is_refused_changes_nothing() {
    let mut f = everything(&mut Random(5), 12);
    let before = see(&f);
    let bytes = f.bytes();
    let plain = Condition::Plain;
    let (two, far) = ([0usize, 1, 2], 1 << 30);
    let rows = LinearRows {
        numbers: &[0, 1],
        coefficients: &[1.0, 2.0],
        number_offsets: &two,
        literals: &[50, 51],
        weights: &[1.0, 2.0],
        literal_offsets: &two,
        relations: &[Relation::Equal; 2],
        rhs: &[0.0, 1.0],
        conditions: &[plain, Condition::Implied(60)],
    };
    let nan = [1.0, f64::NAN];
    use FormulaError as E;
    let mut refused = Vec::new();
    let mut refuse = |what: Result<(), FormulaError>, right: fn(&FormulaError) -> bool| {
        let why = what.expect_err("it is refused");
        assert!(right(&why), "{why}");
        assert!(!why.to_string().is_empty());
        refused.push(why);
    };
    let not_literal = |index: usize| -> fn(&FormulaError) -> bool {
        if index == 0 {
            |e| matches!(e, E::Literal { index: 0, .. })
        } else {
            |e| matches!(e, E::Literal { index: 1, .. })
        }
    };
    refuse(f.add_xors(&[50, 0], &two, &[true, false]).map(drop), not_literal(1));
    refuse(f.add_xors(&[50, far], &two, &[true, false]).map(drop), not_literal(1));
    refuse(f.add_xors(&[50, 51], &two, &[true]).map(drop), |e| matches!(e, E::Length { given: 1, needed: 2, .. }));
    refuse(f.add_xors(&[50, 51], &two, &[true; 3]).map(drop), |e| matches!(e, E::Length { .. }));
    refuse(f.add_xors(&[50, 51], &[0, 2, 1], &[true; 2]).map(drop), |e| {
        matches!(e, E::Offsets { index: 2, of: "literals", .. })
    });
    refuse(f.add_xors(&[50, 51], &[], &[]).map(drop), |e| matches!(e, E::Offsets { index: 0, .. }));
    refuse(f.add_cardinality(&[50, i32::MIN], 1, plain).map(drop), not_literal(1));
    refuse(f.add_cardinality(&[50], 1, Condition::Reified(0)).map(drop), not_literal(0));
    refuse(f.add_cardinality(&[50], 1, Condition::Implied(-far)).map(drop), not_literal(0));
    refuse(f.add_cardinality(&[50], i64::MAX, plain).map(drop), |e| matches!(e, E::Overflow { row: 0 }));
    refuse(f.add_cardinality(&[], i64::MIN, plain).map(drop), |e| matches!(e, E::Overflow { row: 0 }));
    refuse(f.add_cardinalities(&[50, 51], &two, &[1, i64::MIN], &[]).map(drop), |e| {
        matches!(e, E::Overflow { row: 1 })
    });
    refuse(f.add_cardinalities(&[50, 51], &two, &[1], &[]).map(drop), |e| {
        matches!(e, E::Length { what: "bounds", .. })
    });
    refuse(f.add_cardinalities(&[50, 51], &two, &[1, 1], &[plain]).map(drop), |e| {
        matches!(e, E::Length { what: "conditions", .. })
    });
    refuse(f.add_cardinalities(&[50, 51], &two, &[1, 1], &[plain, Condition::Implied(0)]).map(drop), not_literal(1));
    refuse(f.add_pseudo_boolean(&[50], &[1, 2], 1, plain).map(drop), |e| {
        matches!(e, E::Length { what: "weights", .. })
    });
    refuse(f.add_pseudo_boolean(&[50, 51], &[i64::MAX, 1], 0, plain).map(drop), |e| matches!(e, E::Overflow { .. }));
    refuse(f.add_pseudo_boolean(&[50, 51], &[i64::MIN, 0], 0, plain).map(drop), |e| matches!(e, E::Overflow { .. }));
    refuse(f.add_pseudo_boolean(&[50, 51], &[i64::MAX - 1, 1], 1, plain).map(drop), |e| {
        matches!(e, E::Overflow { .. })
    });
    refuse(f.new_number(Domain::Integer { min: 1, max: 0 }).map(drop), |e| matches!(e, E::Domain { index: 0, .. }));
    let bad = [Domain::Real { min: 0.0, max: 0.0 }, Domain::Real { min: 0.0, max: f64::INFINITY }];
    refuse(f.new_numbers(&bad).map(drop), |e| matches!(e, E::Domain { index: 1, .. }));
    refuse(f.set_sampling_set(Some(&[1, 41])), |e| matches!(e, E::Variable { variable: 41, num_vars: 40 }));
    refuse(f.set_sampling_set(Some(&[0])), |e| matches!(e, E::Variable { variable: 0, .. }));
    for (change, right) in [
        (
            LinearRows { numbers: &[0, 2], ..rows },
            (|e| matches!(e, E::Number { index: 1, .. })) as fn(&FormulaError) -> bool,
        ),
        (LinearRows { numbers: &[0], ..rows }, |e| matches!(e, E::Offsets { of: "numbers", .. })),
        (LinearRows { coefficients: &nan, ..rows }, |e| matches!(e, E::NotFinite { index: 1, .. })),
        (LinearRows { coefficients: &nan[..1], ..rows }, |e| matches!(e, E::Length { what: "coefficients", .. })),
        (LinearRows { weights: &nan, ..rows }, |e| matches!(e, E::NotFinite { index: 1, .. })),
        (LinearRows { weights: &nan[..1], ..rows }, |e| matches!(e, E::Length { what: "weights", .. })),
        (LinearRows { rhs: &nan, ..rows }, |e| matches!(e, E::NotFinite { index: 1, .. })),
        (LinearRows { rhs: &nan[..1], ..rows }, |e| matches!(e, E::Length { what: "right-hand sides", .. })),
        (LinearRows { literals: &[50, 0], ..rows }, |e| matches!(e, E::Literal { index: 1, .. })),
        (LinearRows { literals: &[50], ..rows }, |e| matches!(e, E::Length { what: "weights", .. })),
        (LinearRows { literal_offsets: &[0, 2], ..rows }, |e| matches!(e, E::Length { what: "literal offsets", .. })),
        (LinearRows { literal_offsets: &[], ..rows }, |e| matches!(e, E::Offsets { of: "literals", .. })),
        (LinearRows { literal_offsets: &[0, 3, 2], ..rows }, |e| {
            matches!(e, E::Offsets { index: 2, of: "literals", .. })
        }),
        (LinearRows { number_offsets: &[], ..rows }, |e| matches!(e, E::Offsets { index: 0, of: "numbers", .. })),
        (LinearRows { relations: &[Relation::Less], ..rows }, |e| matches!(e, E::Length { what: "relations", .. })),
        (LinearRows { conditions: &[plain], ..rows }, |e| matches!(e, E::Length { what: "conditions", .. })),
        (LinearRows { conditions: &[plain, Condition::Implied(0)], ..rows }, |e| {
            matches!(e, E::Literal { index: 1, .. })
        }),
        (LinearRows { conditions: &[plain, Condition::Reified(1)], ..rows }, |e| {
            matches!(e, E::ReifiedLinear { row: 1 })
        }),
    ] {
        refuse(f.add_linears(&change).map(drop), right);
    }
    assert_eq!(refused.len(), 23 + 18);
    assert_eq!(see(&f), before);
    assert_eq!(f.bytes(), bytes, "what is refused before anything is reserved costs nothing");
    assert_eq!(f.add_linears(&rows), Ok(ConstraintId(12)));
    assert_eq!(f.num_vars(), 60);
}

/// Long rows with coefficients of any size: without rounding, and in reasonable time.
#[test]
fn long_sums_of_doubles_are_exact() {
    let mut random = Random(6);
    let n = 20_000;
    let any = |random: &mut Random| {
        let exponent = random.below(600) as i32 - 300;
        (random.below(1 << 53) as f64 + 1.0) * 2f64.powi(exponent - 53)
    };
    let mut f = Formula::new();
    f.new_numbers(&vec![Domain::Real { min: -1e100, max: 1e100 }; n]).unwrap();
    let values: Vec<f64> = (0..n).map(|_| any(&mut random)).collect();
    let half: Vec<f64> = (0..n / 2).map(|_| any(&mut random)).collect();
    // Every number is taken once as it is and once back, and the very least that there is is left over.
    let coefficients: Vec<f64> = half.iter().copied().chain(half.iter().map(|c| -c)).collect();
    let numbers: Vec<u32> = (0..n as u32 / 2).chain(0..n as u32 / 2).collect();
    for (rhs, relation, holds) in [
        (0.0, Relation::Equal, true),
        (5e-324, Relation::Less, true),
        (-5e-324, Relation::Greater, true),
        (5e-324, Relation::AtLeast, false),
    ] {
        let row = Linear {
            numbers: &numbers,
            coefficients: &coefficients,
            literals: &[],
            weights: &[],
            relation,
            rhs,
            condition: Condition::Plain,
        };
        let id = f.add_linear(row).unwrap();
        let violated = f.check_with(&[], &values).unwrap();
        assert_eq!(violated.map(|v| v.0), (!holds).then_some(id), "{relation:?} {rhs:e}");
    }
}
