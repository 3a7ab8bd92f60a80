//! Normal forms, codes of integers and linear constraints against truth tables.

use num_traits::ToPrimitive;
use proptest::prelude::*;

use super::super::{Formula, FormulaError, Linear, MAX_INTEGER, Relation, Sum, Xor};
use super::*;

/// A simple constraint as a target gets it.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Clause(Vec<i32>),
    Xor(Vec<i32>, bool),
    Sum(Vec<i32>, Vec<i64>, i64, Condition),
}

fn is_true(bits: u64, literal: i32) -> bool {
    (bits >> (literal.unsigned_abs() - 1) & 1 == 1) == (literal > 0)
}

impl Said {
    pub fn holds(&self, bits: u64) -> bool {
        match self {
            Said::Clause(literals) => literals.iter().any(|&l| is_true(bits, l)),
            Said::Xor(literals, rhs) => literals.iter().filter(|&&l| is_true(bits, l)).count() % 2 == usize::from(*rhs),
            Said::Sum(literals, weights, bound, condition) => {
                let sum: i128 =
                    literals.iter().zip(weights).filter(|t| is_true(bits, *t.0)).map(|t| i128::from(*t.1)).sum();
                let holds = sum >= i128::from(*bound);
                match *condition {
                    Condition::Plain => holds,
                    Condition::Implied(c) => holds || !is_true(bits, c),
                    Condition::Reified(c) => holds == is_true(bits, c),
                }
            }
        }
    }
}

/// Keeps what it is given and holds it to the contract of a target.
#[derive(Debug, Default)]
pub struct Recorder {
    pub variables: u32,
    pub said: Vec<Said>,
}

impl Recorder {
    pub fn holds(&self, bits: u64) -> bool {
        self.said.iter().all(|s| s.holds(bits))
    }
}

impl Target for Recorder {
    fn fresh(&mut self) -> Result<i32, LowerError> {
        self.variables += 1;
        Ok(self.variables as i32)
    }

    fn clause(&mut self, literals: &[i32]) -> Result<(), LowerError> {
        self.said.push(Said::Clause(literals.to_vec()));
        Ok(())
    }

    fn xor(&mut self, literals: &[i32], rhs: bool) -> Result<(), LowerError> {
        assert!(literals.len() > 1 && literals[0] > 0 && literals.windows(2).all(|w| w[0] < w[1]), "{literals:?}");
        self.said.push(Said::Xor(literals.to_vec(), rhs));
        Ok(())
    }

    fn cardinality(&mut self, literals: &[i32], bound: i64, condition: Condition) -> Result<(), LowerError> {
        assert!(literals.windows(2).all(|w| w[0].abs() < w[1].abs()), "{literals:?}");
        assert!(bound > 1 && bound < literals.len() as i64, "{literals:?} {bound}");
        assert!(condition.literal().is_none_or(|c| literals.iter().all(|l| l.abs() != c.abs())));
        self.said.push(Said::Sum(literals.to_vec(), vec![1; literals.len()], bound, condition));
        Ok(())
    }

    fn pseudo_boolean(
        &mut self,
        literals: &[i32],
        weights: &[i64],
        bound: i64,
        condition: Condition,
    ) -> Result<(), LowerError> {
        assert_eq!(literals.len(), weights.len());
        let sorted = |i: usize| (-weights[i], literals[i].abs());
        assert!((1..literals.len()).all(|i| sorted(i - 1) < sorted(i)), "{literals:?} {weights:?}");
        let mut variables: Vec<i32> = literals.iter().map(|l| l.abs()).collect();
        variables.extend(condition.literal().map(i32::abs));
        variables.sort_unstable();
        assert!(variables.windows(2).all(|w| w[0] < w[1]), "{literals:?} {condition:?}");
        assert!(weights.iter().all(|&w| w > 0 && w <= bound) && weights[0] != weights[weights.len() - 1]);
        let divisor = |all: &mut dyn Iterator<Item = i64>| {
            all.fold(0i64, |mut a, mut b| {
                while b != 0 {
                    (a, b) = (b, a % b);
                }
                a
            })
        };
        assert_eq!(divisor(&mut weights.iter().copied().filter(|&w| w < bound)), 1, "{weights:?} {bound}");
        let total = weights.iter().try_fold(0i64, |sum, &w| sum.checked_add(w)).unwrap();
        assert!(total - weights[weights.len() - 1] >= bound);
        assert!(weights.iter().filter(|&&w| w < bound).sum::<i64>() >= bound);
        self.said.push(Said::Sum(literals.to_vec(), weights.to_vec(), bound, condition));
        Ok(())
    }
}

pub const VARIABLES: u32 = 5;

pub fn literal() -> impl Strategy<Value = i32> {
    (1..=VARIABLES as i32, any::<bool>()).prop_map(|(v, sign)| if sign { v } else { -v })
}

pub fn condition() -> impl Strategy<Value = Condition> {
    let literal = || (1..=VARIABLES as i32 + 1, any::<bool>()).prop_map(|(v, sign)| if sign { v } else { -v });
    prop_oneof![Just(Condition::Plain), literal().prop_map(Condition::Implied), literal().prop_map(Condition::Reified)]
}

/// Small weights, some of a common divisor, and now and then large ones.
fn terms() -> impl Strategy<Value = Vec<(i64, i32)>> {
    let weight =
        prop_oneof![8 => -4..=9i64, 2 => (-3..=4i64).prop_map(|w| 6 * w), 1 => any::<i64>().prop_map(|w| w / 16)];
    prop::collection::vec((weight, literal()), 0..9)
}

fn lowered(formula: &Formula) -> Recorder {
    let mut target = Recorder { variables: formula.num_vars(), said: Vec::new() };
    let mut lowering = Lowering::new();
    for &domain in formula.domains() {
        lowering.number(domain, &mut target).unwrap();
    }
    for (id, constraint) in formula.constraints().enumerate() {
        lowering.add(constraint, ConstraintId(id as u64), |l| l, &mut target).unwrap();
    }
    target
}

fn model(bits: u64, n: u32) -> Vec<i8> {
    (0..n).map(|i| if bits >> i & 1 == 1 { 1 } else { -1 }).collect()
}

/// The same truth table, by the formula's own check.
fn agrees(formula: &Formula) -> Result<(), TestCaseError> {
    let target = lowered(formula);
    prop_assert_eq!(target.variables, formula.num_vars());
    for bits in 0..1 << formula.num_vars() {
        let holds = formula.check(&model(bits, formula.num_vars())).unwrap().is_none();
        prop_assert_eq!(target.holds(bits), holds, "{:b} {:?}", bits, target.said);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sums_keep_their_models(terms in terms(), condition in condition(), bound in -12..=25i64, part in 0..=4i128) {
        let (weights, literals): (Vec<i64>, Vec<i32>) = terms.into_iter().unzip();
        let total: i128 = weights.iter().map(|w| i128::from(w.abs())).sum();
        // A bound near 0, or a quarter of the total.
        let bound = if total < 200 { bound } else { (total * part / 4).to_i64().unwrap() };
        let mut f = Formula::new();
        f.ensure_vars(VARIABLES + 1).unwrap();
        f.add_pseudo_boolean(&literals, &weights, bound, condition).unwrap();
        f.add_cardinality(&literals, bound % 7, condition).unwrap();
        agrees(&f)?;
    }

    #[test]
    fn parities_keep_their_models(literals in prop::collection::vec(literal(), 0..9), rhs in any::<bool>()) {
        let mut f = Formula::new();
        f.ensure_vars(VARIABLES).unwrap();
        f.add_xor(&literals, rhs).unwrap();
        agrees(&f)?;
    }
}

/// Weights and bounds as large as a formula takes them: 64 bits are never left, nor is anything lost.
#[test]
fn sums_at_the_edge_of_64_bits() {
    let most = i64::MAX;
    let cases: [(&[i64], &[i32], i64); 8] = [
        (&[most], &[1], 0),
        (&[-most], &[1], 0),
        (&[most / 2, most / 2], &[1, -1], 1),
        (&[most / 2, -(most / 2)], &[1, -1], 1),
        (&[most / 4, -(most / 4), most / 4], &[1, 1, -2], -(most / 4)),
        (&[-(most / 3), -(most / 3)], &[-1, 2], -(most / 3)),
        (&[1, 2, 3], &[1, 2, 3], most - 6),
        (&[1, 2, 3], &[1, 2, 3], 6 - most),
    ];
    for (weights, literals, bound) in cases {
        for condition in [Condition::Plain, Condition::Implied(-4), Condition::Reified(1), Condition::Reified(4)] {
            let mut f = Formula::new();
            f.ensure_vars(4).unwrap();
            f.add_pseudo_boolean(literals, weights, bound, condition).unwrap();
            agrees(&f).unwrap();
        }
    }
}

#[test]
fn normal_forms() {
    let of = |literals: &[i32], weights: &[i64], bound, condition| {
        let mut f = Formula::new();
        f.ensure_vars(9).unwrap();
        f.add_pseudo_boolean(literals, weights, bound, condition).unwrap();
        lowered(&f).said
    };
    let sum = |l: &[i32], w: &[i64], b, c| Said::Sum(l.to_vec(), w.to_vec(), b, c);
    let clause = |l: &[i32]| Said::Clause(l.to_vec());
    use Condition::{Implied, Plain, Reified};
    // 3x - 2y >= 2 is 3x + 2¬y >= 4: both.
    assert_eq!(of(&[1, 2], &[3, -2], 2, Plain), [clause(&[1]), clause(&[-2])]);
    // x + 2x + ¬y + y >= 2 is 3x >= 1.
    assert_eq!(of(&[1, 1, -2, 2], &[1, 2, 1, 1], 2, Plain), [clause(&[1])]);
    // Equal weights.
    assert_eq!(of(&[3, 2, 1], &[5, 5, 5], 6, Implied(9)), [sum(&[1, 2, 3], &[1, 1, 1], 2, Implied(9))]);
    // 4a + 4b + 4c + 9d >= 7 is 4a + 4b + 4c + 7d >= 7, so 4a + 4b + 4c + 8d >= 8.
    assert_eq!(of(&[1, 2, 3, 4], &[4, 4, 4, 9], 7, Plain), [sum(&[4, 1, 2, 3], &[2, 1, 1, 1], 2, Plain)]);
    // Small weights that never matter.
    assert_eq!(of(&[1, 2, 3], &[1, 8, 8], 3, Reified(9)), [clause(&[-9, 2, 3]), clause(&[9, -2]), clause(&[9, -3])]);
    // The condition within the sum.
    assert_eq!(of(&[1, 2, 3, 9], &[1, 1, 1, 1], 3, Implied(9)), [sum(&[1, 2, 3], &[1, 1, 1], 2, Implied(9))]);
    assert_eq!(
        of(&[1, 2, 3, 9], &[1, 1, 1, 1], 3, Reified(9)),
        [sum(&[1, 2, 3], &[1, 1, 1], 2, Implied(9)), clause(&[9, -1, -2, -3])]
    );
}

/// Steady state: a constraint as large as the one before allocates nothing.
#[test]
fn scratch_is_kept() {
    let literals: Vec<i32> = (1..=1000).map(|v| if v % 3 == 0 { -v } else { v }).collect();
    let weights: Vec<i64> = (1..=1000).map(|w| w % 17 + 1).collect();
    let sum = Sum { literals: &literals, weights: &weights, bound: 999, condition: Condition::Reified(1) };
    let (mut lowering, mut target) = (Lowering::new(), Recorder { variables: 1000, said: Vec::new() });
    let mut held = 0;
    for round in 0..3 {
        lowering.add(Constraint::PseudoBoolean(sum), ConstraintId(0), |l| l, &mut target).unwrap();
        lowering
            .add(Constraint::Xor(Xor { literals: &literals, rhs: true }), ConstraintId(1), |l| l, &mut target)
            .unwrap();
        assert!(round == 0 || lowering.bytes() == held);
        held = lowering.bytes();
    }
    assert!(held < 100_000, "{held}");
}

const RELATIONS: [Relation; 5] =
    [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less];

fn linear<'a>(
    numbers: &'a [u32],
    coefficients: &'a [f64],
    literals: &'a [i32],
    weights: &'a [f64],
    relation: Relation,
    rhs: f64,
    condition: Condition,
) -> Linear<'a> {
    Linear { numbers, coefficients, literals, weights, relation, rhs, condition }
}

/// Every assignment that the codes allow stands for one value a number, every value has one, and the constraints
/// hold just where the formula's own check says so.
fn agrees_with_numbers(f: &Formula, order_limit: u32) -> Result<(), TestCaseError> {
    let mut target = Recorder { variables: f.num_vars(), said: Vec::new() };
    let mut lowering = Lowering::new();
    lowering.set_order_limit(order_limit);
    let mut values = 1u64 << f.num_vars();
    for &domain in f.domains() {
        lowering.number(domain, &mut target).unwrap();
        let Domain::Integer { min, max } = domain else { unreachable!() };
        values *= (max - min + 1) as u64;
    }
    let codes = target.said.len();
    for (id, constraint) in f.constraints().enumerate() {
        lowering.add(constraint, ConstraintId(id as u64), |l| l, &mut target).unwrap();
    }
    prop_assert!(target.variables <= 20);
    let mut seen = std::collections::BTreeSet::new();
    for bits in 0..1u64 << target.variables {
        if target.said[..codes].iter().all(|s| s.holds(bits)) {
            let value = |n| lowering.value(n, |l| is_true(bits, l));
            let numbers: Vec<i64> = (0..f.num_numbers()).map(value).collect();
            let doubles: Vec<f64> = numbers.iter().map(|&v| v as f64).collect();
            let checked = f.check_with(&model(bits, f.num_vars()), &doubles).unwrap();
            prop_assert_eq!(target.holds(bits), checked.is_none(), "{:?} {:?}", doubles, &target.said[codes..]);
            prop_assert!(seen.insert((bits & ((1 << f.num_vars()) - 1), numbers)));
        }
    }
    prop_assert_eq!(seen.len() as u64, values);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn linear_constraints_keep_their_models(
        domains in prop::collection::vec((-6..=6i64, 0..=5i64), 1..4),
        order_limit in 1..7u32,
        terms in prop::collection::vec((0..3u32, -12..=12i32), 0..5),
        weighted in prop::collection::vec((-8..=8i32, (1..=3i32, any::<bool>())), 0..4),
        scale in prop::sample::select(vec![1.0, 0.25, -0.5, 3.0, 1024.0, 1e-300, 1e300]),
        rhs in -40..=40i32,
        relation in prop::sample::select(RELATIONS.to_vec()),
        implied in prop::option::of((1..=3i32, any::<bool>())),
    ) {
        let mut f = Formula::new();
        f.ensure_vars(3).unwrap();
        let domains: Vec<Domain> =
            domains.into_iter().map(|(min, more)| Domain::Integer { min, max: min + more }).collect();
        f.new_numbers(&domains).unwrap();
        let signed = |(v, sign): (i32, bool)| if sign { v } else { -v };
        let numbers: Vec<u32> = terms.iter().map(|t| t.0 % domains.len() as u32).collect();
        let coefficients: Vec<f64> = terms.iter().map(|t| f64::from(t.1) * scale).collect();
        let literals: Vec<i32> = weighted.iter().map(|t| signed(t.1)).collect();
        let weights: Vec<f64> = weighted.iter().map(|t| f64::from(t.0) * scale).collect();
        let condition = implied.map_or(Condition::Plain, |l| Condition::Implied(signed(l)));
        // Half of the right-hand sides lie between two values of the sum.
        let rhs = f64::from(rhs) * scale / 2.0;
        f.add_linear(linear(&numbers, &coefficients, &literals, &weights, relation, rhs, condition)).unwrap();
        agrees_with_numbers(&f, order_limit)?;
    }
}

/// Domains of every width about the border between the encodings, and the widest there is.
#[test]
fn domains() {
    let least = -MAX_INTEGER;
    let wide = [(least, MAX_INTEGER), (least, least + (1 << 40)), (MAX_INTEGER - 5000, MAX_INTEGER), (-1, 1 << 40)];
    let narrow = [(0, 0), (-7, -7), (least, least), (MAX_INTEGER, MAX_INTEGER), (-1, 0), (-2048, 2047), (-2048, 2048)];
    for (min, max) in wide.into_iter().chain(narrow) {
        let (mut lowering, mut target) = (Lowering::new(), Recorder::default());
        lowering.number(Domain::Integer { min, max }, &mut target).unwrap();
        let width = max - min;
        let literals = if width < 4096 { width as u32 } else { width.ilog2() + 1 };
        assert_eq!(target.variables, literals, "{min} {max}");
        let allowed = |true_up_to: &dyn Fn(i32) -> bool| {
            target.said.iter().all(|s| match s {
                Said::Clause(c) => c.iter().any(|&l| true_up_to(l.abs()) == (l > 0)),
                _ => unreachable!(),
            })
        };
        for value in [0, 1, 2, width / 3, width / 2, width - 1, width].into_iter().filter(|v| (0..=width).contains(v)) {
            let order = |v: i32| i64::from(v) <= value;
            let binary = |v: i32| value >> (v - 1) & 1 == 1;
            let literal: &dyn Fn(i32) -> bool = if width < 4096 { &order } else { &binary };
            assert!(allowed(literal), "{min} {max} {value}");
            let value_of = |l: i32| literal(l.abs()) == (l > 0);
            assert_eq!(lowering.value(0, value_of), min + value);
        }
        let above = 1i64.checked_shl(literals).filter(|_| width >= 4096).unwrap_or(0) - 1;
        for value in [width + 1, width + 2, above].into_iter().filter(|&v| v > width && v <= above) {
            assert!(!allowed(&|v| value >> (v - 1) & 1 == 1), "{min} {max} {value}");
        }
    }
}

fn refused(f: &Formula) -> LowerError {
    let mut target = Recorder { variables: f.num_vars(), said: Vec::new() };
    let mut lowering = Lowering::new();
    for &domain in f.domains() {
        if let Err(why) = lowering.number(domain, &mut target) {
            return why;
        }
    }
    let added = f
        .constraints()
        .enumerate()
        .try_for_each(|(id, constraint)| lowering.add(constraint, ConstraintId(id as u64), |l| l, &mut target));
    added.unwrap_err()
}

#[test]
fn what_is_beyond_64_bits_is_refused() {
    let widest = Domain::Integer { min: -MAX_INTEGER, max: MAX_INTEGER };
    let one = |coefficients: &[f64], rhs: f64| -> Result<Formula, FormulaError> {
        let mut f = Formula::new();
        f.new_numbers(&[widest, Domain::Integer { min: 0, max: 1 }])?;
        let numbers = &[0, 1, 0, 1][..coefficients.len()];
        f.add_clause(&[1])?;
        f.add_linear(linear(numbers, coefficients, &[], &[], Relation::AtLeast, rhs, Condition::Plain))?;
        Ok(f)
    };
    let id = ConstraintId(1);
    assert_eq!(refused(&one(&[513.0, 1.0], 0.0).unwrap()), LowerError::Overflow { id });
    assert_eq!(refused(&one(&[1e30, 3.0], 0.0).unwrap()), LowerError::Overflow { id });
    assert!(matches!(refused(&one(&[1e30, 0.3], 0.0).unwrap()), LowerError::Unsupported { id: i, .. } if i == id));
    // 2^54 values fit with weights of less than 2^8 in all; a common power of two does not count.
    for coefficients in [&[255.0, 1.0][..], &[255.0 * 2f64.powi(900), 2f64.powi(900)], &[0.0, -0.0]] {
        for rhs in [0.0, 1e308, -1e308, 5e-324, 0.1] {
            lowered(&one(coefficients, rhs).unwrap());
        }
    }
    let mut f = Formula::new();
    f.new_numbers(&[widest, Domain::Real { min: 0.0, max: 1.0 }]).unwrap();
    assert!(matches!(refused(&f), LowerError::UnsupportedNumber { number: 1, .. }));
}

/// Constants and right-hand sides that cancel beyond 64 bits.
#[test]
fn large_constants_are_exact() {
    for (min, off) in [(MAX_INTEGER - 3, 0), (MAX_INTEGER - 3, 1), (-MAX_INTEGER, 2), (-MAX_INTEGER, 3)] {
        for relation in RELATIONS {
            let mut f = Formula::new();
            f.new_number(Domain::Integer { min, max: min + 3 }).unwrap();
            f.new_number(Domain::Integer { min: 2, max: 4 }).unwrap();
            let large = 2f64.powi(50);
            let rhs = (min + off) as f64 * large;
            f.add_linear(linear(&[0], &[large], &[], &[], relation, rhs, Condition::Plain)).unwrap();
            // 2^50 x + y > rhs, where the double of the right-hand side is exact.
            f.add_linear(linear(&[0, 1], &[large, 1.0], &[], &[], relation, rhs, Condition::Implied(1))).unwrap();
            agrees_with_numbers(&f, 4096).unwrap();
        }
    }
}
