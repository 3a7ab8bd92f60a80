//! Sums in binary: full and half adders, and a comparison with the bound.
//!
//! J. Warners, "A linear-time transformation of linear inequalities into conjunctive normal form", IPL 68, 1998; N. Eén,
//! N. Sörensson, "Translating pseudo-Boolean constraints into SAT", JSAT 2, 2006, section 5.3. The literals that weigh a
//! power of two are added three by three; each adder leaves a sum there and carries to the next power. The comparison
//! is a clause for each bit of the bound, without fresh variables.
//!
//! Where the sum need only be at least the bound, the outputs of each adder are only bound from above by its inputs:
//! half the clauses, and no more conflicts for it (20 sums of 20 of 40 in `benches/encode.rs solve`: 172,541 to 188,869).
//! Under a reified condition they are functions of the literals.
//!
//! Unit propagation sees little: not even every violation. Cost: at most a full adder, two variables and 7 or 14 clauses,
//! for each 1 in the binary weights.

use super::super::Condition;
use super::super::lower::LowerError;
use super::sink::Sink;

/// Σ `weights`·`literals` ≥ `bound`, where the condition says so; no weights mean that all are 1.
pub(super) fn encode(
    literals: &[i32],
    weights: &[i64],
    bound: i64,
    condition: Condition,
    sink: &mut Sink<'_>,
) -> Result<(), LowerError> {
    let upper = matches!(condition, Condition::Reified(_));
    let widest = weights.iter().fold(1, |all, w| all | w);
    // The bits of the sum; `None` is a constant 0.
    let mut sum = arrayvec::ArrayVec::<Option<i32>, 64>::new();
    let (mut now, mut carried): (Vec<i32>, Vec<i32>) = (Vec::new(), Vec::new());
    while widest >> sum.len() != 0 || !carried.is_empty() {
        let bit = sum.len();
        now.clear();
        std::mem::swap(&mut now, &mut carried);
        let one = |i: usize| weights.get(i).copied().unwrap_or(1) >> bit & 1 == 1;
        let more = (0..literals.len()).filter(|&i| one(i)).count();
        // Inputs, carries, and the sums made of them.
        let sums = (more + now.len()) / 2 + 1;
        sink.reserve(&mut now, more + sums)?;
        sink.reserve(&mut carried, sums)?;
        now.extend((0..literals.len()).filter(|&i| one(i)).map(|i| literals[i]));
        let mut at = 0;
        while now.len() - at > 1 {
            let (low, high) = (sink.fresh()?, sink.fresh()?);
            if let &[a, b, c, ..] = &now[at..] {
                full_adder([a, b, c], low, high, upper, sink)?;
                at += 3;
            } else {
                half_adder([now[at], now[at + 1]], low, high, upper, sink)?;
                at += 2;
            }
            now.push(low);
            carried.push(high);
        }
        sum.push(now.get(at).copied());
    }
    at_least(&sum, bound, condition.literal().map(|c| -c), sink)?;
    if let Condition::Reified(r) = condition { at_most(&sum, bound - 1, r, sink) } else { Ok(()) }
}

/// What the outputs are at most, and where `upper`, what they are at least.
fn full_adder(inputs: [i32; 3], low: i32, high: i32, upper: bool, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let [a, b, c] = inputs;
    for (x, y) in [(a, b), (a, c), (b, c)] {
        sink.clause(&[x, y, -high])?;
        if upper {
            sink.clause(&[-x, -y, high])?;
        }
    }
    for wrong in 0..8u32 {
        let sign = |bit: u32, literal: i32| if wrong >> bit & 1 == 1 { -literal } else { literal };
        let is_odd = wrong.count_ones() % 2 == 1;
        if upper || !is_odd {
            sink.clause(&[sign(0, a), sign(1, b), sign(2, c), if is_odd { low } else { -low }])?;
        }
    }
    Ok(())
}

fn half_adder(inputs: [i32; 2], low: i32, high: i32, upper: bool, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let [a, b] = inputs;
    sink.clause(&[a, -high])?;
    sink.clause(&[b, -high])?;
    sink.clause(&[a, b, -low])?;
    sink.clause(&[-a, -b, -low])?;
    if upper {
        sink.clause(&[-a, -b, high])?;
        sink.clause(&[-a, b, low])?;
        sink.clause(&[a, -b, low])?;
    }
    Ok(())
}

/// `bits` ≥ `bound`, or `unless`: where a bit of the bound is 1, this bit is too, or one above where the bound has 0.
fn at_least(bits: &[Option<i32>], bound: i64, unless: Option<i32>, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let mut clause = arrayvec::ArrayVec::<i32, 65>::new();
    for j in (0..bits.len()).filter(|j| bound >> j & 1 == 1) {
        clause.clear();
        clause.extend(unless);
        clause.extend(bits[j]);
        clause.extend((j + 1..bits.len()).filter(|k| bound >> k & 1 == 0).filter_map(|k| bits[k]));
        sink.clause(&clause)?;
    }
    Ok(())
}

/// `bits` ≤ `bound`, or `unless`: where a bit of the bound is 0, this bit is too, or one above where the bound has 1.
fn at_most(bits: &[Option<i32>], bound: i64, unless: i32, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let mut clause = arrayvec::ArrayVec::<i32, 65>::new();
    for j in (0..bits.len()).filter(|j| bound >> j & 1 == 0) {
        let Some(bit) = bits[j] else { continue };
        let mut above = (j + 1..bits.len()).filter(|k| bound >> k & 1 == 1).map(|k| bits[k]);
        clause.clear();
        clause.extend([unless, -bit]);
        if above.all(|bit| bit.map(|b| clause.push(-b)).is_some()) {
            sink.clause(&clause)?;
        }
    }
    Ok(())
}
