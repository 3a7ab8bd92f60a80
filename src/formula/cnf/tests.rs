//! Every encoding under every condition against brute force.

use proptest::prelude::*;

use super::*;
use crate::budget::{Limits, Stop};
use crate::formula::{Domain, Linear, Relation};

const CARDINALITY: [CardinalityEncoding; 6] = [
    CardinalityEncoding::Auto,
    CardinalityEncoding::Direct,
    CardinalityEncoding::SequentialCounter,
    CardinalityEncoding::Totalizer,
    CardinalityEncoding::Network,
    CardinalityEncoding::Adder,
];

const PB: [PbEncoding; 5] = [
    PbEncoding::Auto,
    PbEncoding::Direct,
    PbEncoding::GeneralizedTotalizer,
    PbEncoding::PolynomialWatchdog,
    PbEncoding::Adder,
];

/// Clauses and an assignment, for propagation by going round and round.
#[derive(Clone)]
struct Naive<'a> {
    clauses: Vec<&'a [i32]>,
    /// By variable less 1: 1, -1, or 0 where it is open.
    values: Vec<i8>,
}

impl<'a> Naive<'a> {
    fn new(formula: &'a Formula) -> Self {
        assert!(formula.is_cnf());
        Naive { clauses: formula.clauses().iter().collect(), values: vec![0; formula.num_vars() as usize] }
    }

    fn value(&self, literal: i32) -> i8 {
        self.values[literal.unsigned_abs() as usize - 1] * literal.signum() as i8
    }

    fn set(&mut self, literal: i32) {
        self.values[literal.unsigned_abs() as usize - 1] = literal.signum() as i8;
    }

    /// Unit propagation; whether there was no conflict.
    fn propagate(&mut self) -> bool {
        loop {
            let mut changed = false;
            for clause in self.clauses.clone() {
                if clause.iter().any(|&l| self.value(l) > 0) {
                    continue;
                }
                let mut open: Vec<i32> = clause.iter().copied().filter(|&l| self.value(l) == 0).collect();
                open.sort_unstable();
                open.dedup();
                match open[..] {
                    [] => return false,
                    [unit] => {
                        self.set(unit);
                        changed = true;
                    }
                    _ => {}
                }
            }
            if !changed {
                return true;
            }
        }
    }

    /// How many models extend the assignment, up to `most`.
    fn models(mut self, most: u64) -> u64 {
        if !self.propagate() {
            return 0;
        }
        let Some(open) = self.values.iter().position(|&v| v == 0) else { return 1 };
        let mut count = 0;
        for value in [1, -1] {
            if count < most {
                let mut branch = self.clone();
                branch.values[open] = value;
                count += branch.models(most - count);
            }
        }
        count
    }
}

fn model(bits: u64, n: u32) -> Vec<i8> {
    (0..n).map(|i| if i < 64 && bits >> i & 1 == 1 { 1 } else { -1 }).collect()
}

/// Assignments of the variables extend to a model of the clauses just where they satisfy the formula, to only one
/// where `functional`.
fn same_models(formula: &Formula, options: &Options, functional: bool) -> Result<Encoded, TestCaseError> {
    let encoded = encode(formula, options, &Budget::unlimited()).unwrap();
    let n = formula.num_vars();
    for bits in 0..1 << n {
        let mut naive = Naive::new(encoded.formula());
        let model = model(bits, n);
        naive.values[..n as usize].copy_from_slice(&model);
        let models = naive.models(2);
        let expected = formula.check(&model).unwrap().is_none();
        prop_assert_eq!(models > 0, expected, "{:?} {:?}", options, model);
        prop_assert!(!functional || models < 2, "{:?} {:?}", options, model);
    }
    Ok(encoded)
}

/// Under every partial assignment unit propagation sees a violation where there is no model left, and where
/// `complete`, every literal that all models left have in common.
fn propagates(formula: &Formula, options: &Options, complete: bool) -> Result<(), TestCaseError> {
    let encoded = encode(formula, options, &Budget::unlimited()).unwrap();
    let n = formula.num_vars();
    let models: Vec<Vec<i8>> =
        (0..1 << n).map(|bits| model(bits, n)).filter(|m| formula.check(m).unwrap().is_none()).collect();
    for code in 0..3i32.pow(n) {
        let mut naive = Naive::new(encoded.formula());
        for v in 0..n {
            naive.values[v as usize] = (code / 3i32.pow(v) % 3 - 1) as i8;
        }
        let given = naive.values[..n as usize].to_vec();
        let left = || models.iter().filter(|m| given.iter().zip(*m).all(|(&g, &m)| g == 0 || g == m));
        let consistent = naive.propagate();
        prop_assert_eq!(consistent, left().next().is_some(), "{:?} {:?}", options, given);
        if complete && consistent {
            for v in 0..n as usize {
                let common = [1, -1].into_iter().find(|&value| left().all(|m| m[v] == value)).unwrap_or(0);
                prop_assert_eq!(naive.values[v], common, "{:?} {:?} {}", options, given, v + 1);
            }
        }
    }
    Ok(())
}

fn conditions(literal: i32) -> [Condition; 3] {
    [Condition::Plain, Condition::Implied(literal), Condition::Reified(literal)]
}

fn signed(n: usize, signs: u32) -> Vec<i32> {
    (0..n).map(|i| if signs >> i & 1 == 1 { -(i as i32 + 1) } else { i as i32 + 1 }).collect()
}

/// At least `bound` of n literals; the condition is variable n + 1.
fn cardinality(n: usize, signs: u32, bound: i64, condition: Condition) -> Formula {
    let mut f = Formula::new();
    f.add_cardinality(&signed(n, signs), bound, condition).unwrap();
    f
}

#[test]
fn cardinality_constraints_keep_their_models() {
    for cardinality_encoding in CARDINALITY {
        let options = Options { cardinality: cardinality_encoding, ..Options::default() };
        for n in 3..=8 {
            for bound in 0..=n as i64 + 1 {
                for condition in conditions(if n % 2 == 0 { 1 } else { -1 } * (n as i32 + 1)) {
                    let f = cardinality(n, 0b0101_1010 >> (n % 3), bound, condition);
                    same_models(&f, &options, matches!(condition, Condition::Reified(_))).unwrap();
                }
            }
        }
    }
}

/// Large enough for odd-even merges at every level.
#[test]
fn networks_keep_their_models() {
    for n in 3..=9usize {
        for bound in 2..n as i64 {
            for condition in conditions(n as i32 + 1) {
                let budget = Budget::unlimited();
                let vars = n as u32 + 1;
                let mut sink = Sink::new(vars, u64::MAX, &budget);
                let literals = signed(n, 0);
                let reach = cardinality::network_of(&literals, bound, condition, 0, &mut sink);
                reach.unwrap();
                let f = Formula::from_clauses(sink.num_vars, sink.clauses);
                let original = {
                    let mut f = cardinality(n, 0, bound, condition);
                    f.ensure_vars(vars).unwrap();
                    f
                };
                let functional = matches!(condition, Condition::Reified(_));
                for bits in 0..1u64 << vars {
                    let mut naive = Naive::new(&f);
                    let model = model(bits, vars);
                    naive.values[..vars as usize].copy_from_slice(&model);
                    let models = naive.models(2);
                    assert_eq!(models > 0, original.check(&model).unwrap().is_none(), "{n} {bound} {model:?}");
                    assert!(!functional || models < 2);
                }
            }
        }
    }
}

#[test]
fn cardinality_encodings_propagate_all_that_follows() {
    for encoding in CARDINALITY {
        if encoding == CardinalityEncoding::Adder {
            continue;
        }
        let options = Options { cardinality: encoding, ..Options::default() };
        for n in 3..=5 {
            for bound in 1..=n as i64 {
                for condition in conditions(n as i32 + 1) {
                    propagates(&cardinality(n, 0b10110, bound, condition), &options, true).unwrap();
                }
            }
        }
    }
}

fn weighted(weights: &[i64], signs: u32, bound: i64, condition: Condition) -> Formula {
    let mut f = Formula::new();
    f.add_pseudo_boolean(&signed(weights.len(), signs), weights, bound, condition).unwrap();
    f
}

fn pb_case() -> impl Strategy<Value = (Vec<i64>, u32, i64, bool)> {
    let weight = prop_oneof![4 => 1..=6i64, 2 => 1..=40i64, 1 => (0..=61u32).prop_map(|s| 1i64 << s)];
    (prop::collection::vec(weight, 2..8), any::<u32>(), 1..=19i64, any::<bool>()).prop_filter_map(
        "beyond 64 bits",
        |(weights, signs, part, negative)| {
            let total = weights.iter().map(|&w| i128::from(w)).sum::<i128>();
            let bound = i64::try_from(total * i128::from(part) / 20).ok()?;
            (total + i128::from(bound) < i128::from(i64::MAX)).then_some((weights, signs, bound, negative))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pseudo_boolean_constraints_keep_their_models((weights, signs, bound, negative) in pb_case()) {
        let n = weights.len() as i32 + 1;
        for condition in conditions(if negative { -n } else { n }) {
            for encoding in PB {
                let options = Options { pseudo_boolean: encoding, ..Options::default() };
                let functional = encoding == PbEncoding::Adder && matches!(condition, Condition::Reified(_));
                same_models(&weighted(&weights, signs, bound, condition), &options, functional)?;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pseudo_boolean_encodings_propagate(
        weights in prop::collection::vec(1..=9i64, 2..6),
        signs in any::<u32>(),
        bound in 1..=30i64,
    ) {
        let n = weights.len() as i32 + 1;
        for condition in conditions(-n) {
            for encoding in [PbEncoding::Direct, PbEncoding::GeneralizedTotalizer, PbEncoding::PolynomialWatchdog] {
                let options = Options { pseudo_boolean: encoding, ..Options::default() };
                let complete = encoding != PbEncoding::PolynomialWatchdog;
                propagates(&weighted(&weights, signs, bound, condition), &options, complete)?;
            }
        }
    }

    #[test]
    fn parities(n in 2..9usize, signs in any::<u32>(), rhs in any::<bool>(), xor_piece in 0..8u32) {
        let mut f = Formula::new();
        f.add_xor(&signed(n, signs), rhs).unwrap();
        let options = Options { xor_piece, ..Options::default() };
        let encoded = same_models(&f, &options, true)?;
        let piece = xor_piece.clamp(3, MAX_XOR_PIECE) as usize;
        prop_assert!(encoded.formula().clauses().iter().all(|c| c.len() <= piece));
        if n < 7 {
            propagates(&f, &options, true)?;
        }
    }

    /// All kinds in one formula, with numbers; models of the clauses are those of the formula, one for each.
    #[test]
    fn whole_formulas(
        domains in prop::collection::vec((-3..=3i64, 0..=4i64), 1..3),
        coefficients in prop::collection::vec(-5..=5i32, 2),
        weights in prop::collection::vec(-4..=4i64, 4),
        rhs in -12..=12i32,
        relation in prop::sample::select(vec![Relation::AtLeast, Relation::Equal, Relation::Less]),
        order_limit in 1..6u32,
    ) {
        let mut f = Formula::new();
        f.ensure_vars(5).unwrap();
        for (min, more) in domains {
            f.new_number(Domain::Integer { min, max: min + more }).unwrap();
        }
        let numbers: Vec<u32> = (0..f.num_numbers()).collect();
        let coefficients: Vec<f64> = coefficients.iter().map(|&c| f64::from(c)).take(numbers.len()).collect();
        f.add_linear(Linear {
            numbers: &numbers,
            coefficients: &coefficients,
            literals: &[2, -3],
            weights: &[1.0, 2.0],
            relation,
            rhs: rhs.into(),
            condition: Condition::Implied(-1),
        })
        .unwrap();
        f.add_clause(&[1, -2, 1]).unwrap();
        f.add_xor(&[2, -4, 5], true).unwrap();
        f.add_pseudo_boolean(&[1, 2, 3, 4], &weights, rhs.into(), Condition::Reified(5)).unwrap();
        f.add_cardinality(&[-1, -2, 3, 4], 2, Condition::Plain).unwrap();
        let options = Options { order_limit, ..Options::default() };
        let encoded = encode(&f, &options, &Budget::unlimited()).unwrap();
        let n = encoded.formula().num_vars();
        let witness = encoded.formula().sampling_set().map_or(n, |s| s.len() as u32);
        let mut found = std::collections::BTreeSet::new();
        for bits in 0..1u64 << witness {
            let mut naive = Naive::new(encoded.formula());
            naive.values[..witness as usize].copy_from_slice(&model(bits, witness));
            if naive.models(1) > 0 {
                let model = model(bits, n);
                let numbers = encoded.numbers(&model).unwrap();
                prop_assert_eq!(f.check_with(encoded.model(&model), &numbers).unwrap(), None);
                prop_assert!(found.insert((model[..5].to_vec(), numbers.iter().map(|&v| v as i64).collect::<Vec<_>>())));
            }
        }
        let mut values: Vec<Vec<f64>> = vec![vec![]];
        for domain in f.domains() {
            let &Domain::Integer { min, max } = domain else { unreachable!() };
            let extend = |v: &Vec<f64>| (min..=max).map(|x| [v.as_slice(), &[x as f64]].concat()).collect::<Vec<_>>();
            values = values.iter().flat_map(extend).collect();
        }
        let all = values.iter().flat_map(|v| (0..32).map(move |bits| (model(bits, 5), v)));
        let expected = all.filter(|(m, v)| f.check_with(m, v).unwrap().is_none()).count();
        prop_assert_eq!(found.len(), expected);
    }
}

#[test]
fn names_and_sampling_sets_are_carried_over() {
    let mut f = Formula::new();
    f.ensure_vars(9).unwrap();
    f.set_name(3, Some("three")).unwrap();
    f.add_clause(&[1, -2]).unwrap();
    let of = |f: &Formula| encode(f, &Options::default(), &Budget::unlimited()).unwrap();
    // No fresh variables: every variable has its say as before.
    let encoded = of(&f);
    assert_eq!(encoded.formula().sampling_set(), None);
    assert_eq!((encoded.formula().variable_named("three"), encoded.formula().num_vars()), (Some(3), 9));
    f.add_xor(&[1, 2, 3, 4, 5, 6, 7], true).unwrap();
    f.new_number(Domain::Integer { min: 0, max: 2 }).unwrap();
    let encoded = of(&f);
    assert_eq!(encoded.formula().sampling_set(), Some(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11][..]));
    f.set_sampling_set(Some(&[2, 4])).unwrap();
    let encoded = of(&f);
    assert_eq!(encoded.formula().sampling_set(), Some(&[2, 4][..]));
    let statistics = encoded.statistics();
    assert_eq!((statistics.clauses.clauses, statistics.numbers.variables, statistics.numbers.clauses), (1, 2, 1));
    assert_eq!(statistics.xors, Share { variables: 2, clauses: 8 + 8 + 4, literals: 4 * 16 + 3 * 4 });
    let total = statistics.total();
    assert_eq!(total.clauses, encoded.formula().clauses().len() as u64);
    assert_eq!(total.literals, encoded.formula().clauses().num_literals() as u64);
    assert_eq!(total.variables, u64::from(encoded.formula().num_vars() - f.num_vars()));
}

/// n literals, k of them, weights that a generalized totalizer explodes on.
fn large(n: i32, weighted: bool) -> Formula {
    let literals: Vec<i32> = (1..=n).collect();
    let weights: Vec<i64> = (1..=n).map(|i| 1 + i64::from(i) * 7_368_787 % 1_000_003).collect();
    let mut f = Formula::new();
    if weighted {
        f.add_pseudo_boolean(&literals, &weights, weights.iter().sum::<i64>() / 2, Condition::Reified(n + 1)).unwrap();
    } else {
        f.add_cardinality(&literals, (n / 2).into(), Condition::Reified(n + 1)).unwrap();
    }
    f
}

/// What explodes stays within its memory limit and answers, whatever is asked for.
#[test]
fn memory_limits_hold() {
    for weighted in [false, true] {
        let f = large(if weighted { 600 } else { 20_000 }, weighted);
        let forced = CARDINALITY.into_iter().zip(PB.into_iter().chain([PbEncoding::Direct]));
        for (cardinality, pseudo_boolean) in forced {
            let options = Options { cardinality, pseudo_boolean, ..Options::default() };
            for memory in [1 << 12, 1 << 20, 20 << 20] {
                let budget = Budget::start(&Limits { memory: Some(memory), ..Limits::default() });
                match encode(&f, &options, &budget) {
                    Ok(encoded) => assert!(encoded.formula().bytes() <= memory),
                    Err(why) => assert!(matches!(why, LowerError::Memory(_)), "{options:?} {why}"),
                }
            }
        }
        // Where a larger encoding does not fit, a smaller one is taken.
        let budget = Budget::start(&Limits { memory: Some(20 << 20), ..Limits::default() });
        encode(&f, &Options::default(), &budget).unwrap();
    }
}

/// Numbers and scratch count too.
#[test]
fn numbers_and_scratch_count() {
    let limited = |memory| Budget::start(&Limits { memory: Some(memory), ..Limits::default() });
    let mut f = Formula::new();
    let domains = vec![Domain::Integer { min: 0, max: 4000 }; 100];
    f.new_numbers(&domains).unwrap();
    // 400,000 literals of 4 bytes, as many clauses of 16.
    assert!(matches!(encode(&f, &Options::default(), &limited(6_000_000)), Err(LowerError::Memory(_))));
    encode(&f, &Options::default(), &limited(12_000_000)).unwrap();
    // Everything cancels, after 100,000 terms of 48 bytes.
    let literals: Vec<i32> = (1..=100_000).map(|i| if i % 2 == 0 { 1 } else { -1 }).collect();
    let mut f = Formula::new();
    f.add_cardinality(&literals, 50_000, Condition::Plain).unwrap();
    assert!(matches!(encode(&f, &Options::default(), &limited(4_000_000)), Err(LowerError::Memory(_))));
    assert_eq!(encode(&f, &Options::default(), &limited(8_000_000)).unwrap().formula().clauses().len(), 0);
}

/// Whatever runs long is stopped within its steps: a deadline of 30 ms, where each would take minutes or more.
#[test]
fn interrupts_are_seen() {
    use CardinalityEncoding as C;
    use PbEncoding as P;
    let memory = Some(1 << 30);
    for (cardinality, pseudo_boolean) in [(C::Direct, P::Direct), (C::Totalizer, P::GeneralizedTotalizer)] {
        let options = Options { cardinality, pseudo_boolean, ..Options::default() };
        for f in [large(100_000, false), large(5000, true)] {
            let time = Some(std::time::Duration::from_millis(30));
            let budget = Budget::start(&Limits { memory, time, ..Limits::default() });
            let answer = encode(&f, &options, &budget);
            assert!(matches!(answer, Err(LowerError::Stop(Stop::Time))), "{options:?}");
            assert!(budget.elapsed().as_millis() < 300, "{:?} {options:?}", budget.elapsed());
        }
    }
}

/// The same clauses, run after run.
#[test]
fn clauses_are_the_same_every_time() {
    for f in [large(50, false), large(50, true)] {
        for (cardinality, pseudo_boolean) in CARDINALITY.into_iter().zip(PB).filter(|e| e.1 != PbEncoding::Direct) {
            let options = Options { cardinality, pseudo_boolean, ..Options::default() };
            let clauses = || {
                let encoded = encode(&f, &options, &Budget::unlimited()).unwrap();
                encoded.formula().clauses().iter().map(<[i32]>::to_vec).collect::<Vec<_>>()
            };
            assert_eq!(clauses(), clauses());
        }
    }
}
