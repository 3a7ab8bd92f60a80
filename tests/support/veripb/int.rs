//! Integers of any size: a machine word as long as they fit into one, which is nearly always.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;

/// An integer. It is `Large` only where it does not fit into `Small`, so that equal numbers look equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Int {
    Small(i64),
    Large(Box<BigInt>),
}

impl Int {
    pub const ZERO: Self = Self::Small(0);
    pub const ONE: Self = Self::Small(1);

    /// Reads what the format calls a signed integer: an optional sign, and digits without leading zeros.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        match text.parse() {
            Ok(small) => Some(Self::Small(small)),
            Err(_) => text.parse::<BigInt>().ok().map(Self::from),
        }
    }

    pub fn big(&self) -> BigInt {
        match self {
            Self::Small(small) => BigInt::from(*small),
            Self::Large(large) => (**large).clone(),
        }
    }

    pub fn is_positive(&self) -> bool {
        *self > Self::ZERO
    }

    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    pub fn negated(&self) -> Self {
        Self::ZERO.minus(self)
    }

    pub fn plus(&self, other: &Self) -> Self {
        self.combined(other, i64::checked_add, |a, b| a + b)
    }

    pub fn minus(&self, other: &Self) -> Self {
        self.combined(other, i64::checked_sub, |a, b| a - b)
    }

    pub fn times(&self, other: &Self) -> Self {
        self.combined(other, i64::checked_mul, |a, b| a * b)
    }

    /// The least integer that is at least the quotient. The divisor is positive.
    pub fn divided_up(&self, divisor: &Self) -> Self {
        assert!(divisor.is_positive(), "divisors are positive");
        if let (Self::Small(a), Self::Small(b)) = (self, divisor) {
            // A division towards zero rounds down just where the number is positive.
            return Self::Small(a / b + i64::from(*a > 0 && a % b != 0));
        }
        let (a, b) = (self.big(), divisor.big());
        let (quotient, rest) = (&a / &b, &a % &b);
        Self::from(if rest > BigInt::ZERO { quotient + 1 } else { quotient })
    }

    fn combined(
        &self,
        other: &Self,
        small: impl Fn(i64, i64) -> Option<i64>,
        large: impl Fn(BigInt, BigInt) -> BigInt,
    ) -> Self {
        if let (Self::Small(a), Self::Small(b)) = (self, other)
            && let Some(result) = small(*a, *b)
        {
            return Self::Small(result);
        }
        Self::from(large(self.big(), other.big()))
    }
}

impl From<BigInt> for Int {
    fn from(value: BigInt) -> Self {
        match i64::try_from(&value) {
            Ok(small) => Self::Small(small),
            Err(_) => Self::Large(Box::new(value)),
        }
    }
}

impl Ord for Int {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Small(a), Self::Small(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(small) => small.fmt(f),
            Self::Large(large) => large.fmt(f),
        }
    }
}
