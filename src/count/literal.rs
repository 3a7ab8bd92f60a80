//! Literals as indices: 2·v of variable v, 2·v + 1 of its negation. Variables count from 0.

/// A literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lit(u32);

impl Lit {
    pub fn new(variable: u32, positive: bool) -> Self {
        Lit(variable << 1 | u32::from(!positive))
    }

    /// Of one that is not 0 and whose variable counts from 1.
    pub fn from_dimacs(literal: i32) -> Self {
        Lit::new(literal.unsigned_abs() - 1, literal > 0)
    }

    pub fn from_code(code: u32) -> Self {
        Lit(code)
    }

    pub fn code(self) -> u32 {
        self.0
    }

    pub fn index(self) -> usize {
        self.0 as usize
    }

    pub fn variable(self) -> u32 {
        self.0 >> 1
    }

    /// Its variable, as an index.
    pub fn var(self) -> usize {
        (self.0 >> 1) as usize
    }

    pub fn is_positive(self) -> bool {
        self.0 & 1 == 0
    }
}

impl std::ops::Not for Lit {
    type Output = Lit;

    fn not(self) -> Lit {
        Lit(self.0 ^ 1)
    }
}
