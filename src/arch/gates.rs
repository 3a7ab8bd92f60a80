//! Arithmetic on bits in a formula: conjunctions, adders, multipliers, each of whose outputs is determined by its
//! inputs.
//!
//! Numbers are lists of bits, the lowest first; a bit that is always 0 is `None`. An adder takes 14 clauses a bit, a
//! multiplier as many times the product of the lengths.

use crate::formula::{Formula, FormulaError};

/// A literal, or 0.
pub(super) type Bit = Option<i32>;

/// Makes gates in a formula.
#[derive(Debug)]
pub(super) struct Gates<'a> {
    pub formula: &'a mut Formula,
}

impl Gates<'_> {
    pub fn fresh(&mut self) -> Result<i32, FormulaError> {
        Ok(self.formula.new_var()?.cast_signed())
    }

    pub fn clause(&mut self, literals: &[i32]) -> Result<(), FormulaError> {
        self.formula.add_clause(literals).map(drop)
    }

    /// Makes literals equal where the condition holds.
    pub fn equal_if(&mut self, condition: Option<i32>, a: i32, b: i32) -> Result<(), FormulaError> {
        match condition {
            None => {
                self.clause(&[-a, b])?;
                self.clause(&[a, -b])
            }
            Some(condition) => {
                self.clause(&[-condition, -a, b])?;
                self.clause(&[-condition, a, -b])
            }
        }
    }

    pub fn and(&mut self, a: Bit, b: Bit) -> Result<Bit, FormulaError> {
        let (Some(a), Some(b)) = (a, b) else { return Ok(None) };
        let both = self.fresh()?;
        self.clause(&[-both, a])?;
        self.clause(&[-both, b])?;
        self.clause(&[both, -a, -b])?;
        Ok(Some(both))
    }

    fn xor(&mut self, a: i32, b: i32) -> Result<i32, FormulaError> {
        let one = self.fresh()?;
        for [x, y, z] in [[-a, -b, -one], [a, b, -one], [a, -b, one], [-a, b, one]] {
            self.clause(&[x, y, z])?;
        }
        Ok(one)
    }

    /// Sum and carry of three bits.
    fn full(&mut self, bits: [Bit; 3]) -> Result<(Bit, Bit), FormulaError> {
        let known: Vec<i32> = bits.into_iter().flatten().collect();
        match known[..] {
            [] => Ok((None, None)),
            [a] => Ok((Some(a), None)),
            [a, b] => Ok((Some(self.xor(a, b)?), self.and(Some(a), Some(b))?)),
            _ => {
                let [a, b, c] = [known[0], known[1], known[2]];
                let (sum, carry) = (self.fresh()?, self.fresh()?);
                for signs in 0..8 {
                    let of = |place: i32, literal: i32| if signs >> place & 1 == 1 { -literal } else { literal };
                    let odd = (signs as u32).count_ones() % 2 == 1;
                    self.clause(&[of(0, a), of(1, b), of(2, c), if odd { sum } else { -sum }])?;
                }
                for (x, y) in [(a, b), (a, c), (b, c)] {
                    self.clause(&[-x, -y, carry])?;
                    self.clause(&[x, y, -carry])?;
                }
                Ok((Some(sum), Some(carry)))
            }
        }
    }

    /// The sum, one bit longer than the longer of them.
    pub fn add(&mut self, a: &[Bit], b: &[Bit]) -> Result<Vec<Bit>, FormulaError> {
        let length = a.len().max(b.len());
        let mut carry = None;
        let mut sum = Vec::with_capacity(length + 1);
        for place in 0..length {
            let at = |bits: &[Bit]| bits.get(place).copied().flatten();
            let (bit, over) = self.full([at(a), at(b), carry])?;
            sum.push(bit);
            carry = over;
        }
        sum.push(carry);
        Ok(sum)
    }

    /// The product, as long as both together.
    pub fn multiply(&mut self, a: &[Bit], b: &[Bit]) -> Result<Vec<Bit>, FormulaError> {
        let mut sum: Vec<Bit> = Vec::new();
        for (place, &bit) in b.iter().enumerate() {
            let mut row = vec![None; place];
            for &other in a {
                row.push(self.and(other, bit)?);
            }
            sum = self.add(&sum, &row)?;
            sum.truncate(a.len() + place + 1);
        }
        sum.resize(a.len() + b.len(), None);
        Ok(sum)
    }
}
