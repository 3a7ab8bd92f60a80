//! Integers as literals.
//!
//! Up to 4096 values: the order encoding, a literal [x ≥ v] for each value v but the least, and a clause
//! [x ≥ v] → [x ≥ v − 1] for each but the first of them, so x = min + Σ [x ≥ v]. Bounds are literals, and what
//! propagates is bounds (J. Crawford, A. Baker, AAAI 1994; N. Tamura, A. Taga, S. Kitagawa, M. Banbara, "Compiling
//! finite linear CSP into SAT", Constraints 14, 2009). Cost: a variable and a clause a value.
//!
//! More values: binary, x = min + Σ 2ʲ·bⱼ, with a clause for each 0 of max − min that forbids what lies above: where
//! the bits above agree with it in every 1, this bit is 0 too. (As clauses and not as a sum: no variable more, and unit
//! propagation sees all that follows.) Cost: 54 variables and clauses at most.

use super::Domain;
use super::arrays;
use super::lower::{LowerError, Target};

/// The most values of a number in order encoding, where nothing else is said.
const ORDER: i64 = 4096;

#[derive(Debug, Clone, Copy)]
struct Code {
    min: i64,
    /// Where its literals begin in those of all numbers, and where they end.
    begin: usize,
    end: usize,
    order: bool,
}

/// The literals of the numbers declared so far.
#[derive(Debug)]
pub(super) struct Codes {
    codes: Vec<Code>,
    literals: Vec<i32>,
    /// Numbers of more values are binary.
    pub order_limit: i64,
}

impl Default for Codes {
    fn default() -> Self {
        Codes { codes: Vec::new(), literals: Vec::new(), order_limit: ORDER }
    }
}

/// How a number is the sum of literals: `min` + Σ weightᵢ·literalᵢ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Coded<'a> {
    pub min: i64,
    pub literals: &'a [i32],
    /// Whether each literal weighs 1 and follows from the next one; else literal i weighs 2ⁱ.
    pub order: bool,
}

impl Coded<'_> {
    /// The weight of its literals together.
    pub fn span(&self) -> i64 {
        let n = self.literals.len();
        if self.order { n as i64 } else { (1 << n) - 1 }
    }

    /// Weights and literals.
    pub fn terms(&self) -> impl Iterator<Item = (i64, i32)> + '_ {
        let order = self.order;
        self.literals.iter().enumerate().map(move |(i, &l)| (if order { 1 } else { 1 << i }, l))
    }
}

impl Codes {
    pub fn len(&self) -> u32 {
        self.codes.len() as u32 // numbers are counted in 32 bits
    }

    pub fn bytes(&self) -> u64 {
        arrays::bytes(&self.codes) + arrays::bytes(&self.literals)
    }

    /// The next number, within `limit` bytes.
    pub fn declare(&mut self, domain: Domain, limit: u64, target: &mut impl Target) -> Result<(), LowerError> {
        let Domain::Integer { min, max } = domain else {
            let why = "reals are beyond clauses";
            return Err(LowerError::UnsupportedNumber { number: self.len(), why });
        };
        let begin = self.literals.len();
        let width = max - min; // at most 2^54
        let order = width < self.order_limit;
        let bits = (i64::BITS - width.leading_zeros()) as usize;
        let count = if order { width as usize } else { bits };
        arrays::reserve(&mut self.codes, 1, limit.saturating_sub(arrays::bytes(&self.literals)))?;
        arrays::reserve(&mut self.literals, count, limit.saturating_sub(arrays::bytes(&self.codes)))?;
        let said = (|| {
            for _ in 0..count {
                self.literals.push(target.fresh()?);
            }
            let literals = &self.literals[begin..];
            if order {
                literals.windows(2).try_for_each(|pair| target.clause(&[pair[0], -pair[1]]))
            } else {
                at_most(literals, width, target)
            }
        })();
        if said.is_err() {
            self.literals.truncate(begin);
            return said;
        }
        self.codes.push(Code { min, begin, end: self.literals.len(), order });
        Ok(())
    }

    /// The literals of a declared number.
    pub fn get(&self, number: u32) -> Coded<'_> {
        let code = self.codes[number as usize];
        Coded { min: code.min, literals: &self.literals[code.begin..code.end], order: code.order }
    }

    /// The value of a declared number where its literals have values that their clauses allow.
    pub fn value(&self, number: u32, value_of: impl Fn(i32) -> bool) -> i64 {
        let code = self.get(number);
        if code.order {
            code.min + code.literals.partition_point(|&l| value_of(l)) as i64
        } else {
            code.min + code.terms().filter(|&(_, l)| value_of(l)).map(|(w, _)| w).sum::<i64>()
        }
    }
}

/// Bits, the lowest first, of a number that is at most `most`, which has the highest of them.
fn at_most(bits: &[i32], most: i64, target: &mut impl Target) -> Result<(), LowerError> {
    let is_one = |j: &usize| most >> j & 1 == 1;
    let mut clause = arrayvec::ArrayVec::<i32, 64>::new();
    for j in (0..bits.len()).filter(|j| !is_one(j)) {
        clause.clear();
        clause.push(-bits[j]);
        clause.extend((j + 1..bits.len()).filter(is_one).map(|k| -bits[k]));
        target.clause(&clause)?;
    }
    Ok(())
}
