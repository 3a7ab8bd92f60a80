//! Numbers of models: machine words as long as they fit.

use num_bigint::BigUint;

/// Not negative, as large as need be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Number {
    Small(u64),
    /// Does not fit into 64 bits.
    Large(Box<BigUint>),
}

impl Number {
    pub const ZERO: Number = Number::Small(0);
    pub const ONE: Number = Number::Small(1);

    pub fn is_one(&self) -> bool {
        *self == Number::ONE
    }

    /// Bytes held beside the value itself.
    pub fn bytes(&self) -> u64 {
        match self {
            Number::Small(_) => 0,
            Number::Large(large) => 32 + large.bits() / 8,
        }
    }

    pub fn to_big(&self) -> BigUint {
        match self {
            Number::Small(small) => BigUint::from(*small),
            Number::Large(large) => (**large).clone(),
        }
    }

    pub fn add(&mut self, other: &Number) {
        *self = match (&*self, other) {
            (Number::Small(a), Number::Small(b)) => match a.checked_add(*b) {
                Some(sum) => Number::Small(sum),
                None => Number::from(BigUint::from(*a) + *b),
            },
            (Number::Large(a), Number::Small(b)) | (Number::Small(b), Number::Large(a)) => Number::from(&**a + *b),
            (Number::Large(a), Number::Large(b)) => Number::from(&**a + &**b),
        };
    }

    pub fn multiply(&mut self, other: &Number) {
        if other.is_one() {
            return;
        }
        *self = match (&*self, other) {
            (Number::Small(a), Number::Small(b)) => match a.checked_mul(*b) {
                Some(product) => Number::Small(product),
                None => Number::from(BigUint::from(*a) * *b),
            },
            (Number::Large(a), Number::Small(b)) | (Number::Small(b), Number::Large(a)) => Number::from(&**a * *b),
            (Number::Large(a), Number::Large(b)) => Number::from(&**a * &**b),
        };
    }

    /// Times 2 to the `power`.
    pub fn double(&mut self, power: u64) {
        match self {
            Number::Small(small) if power <= u64::from(small.leading_zeros()) && power < 64 => *small <<= power,
            Number::Small(0) => {}
            _ => *self = Number::from(self.to_big() << power),
        }
    }
}

impl From<BigUint> for Number {
    fn from(big: BigUint) -> Self {
        match u64::try_from(&big) {
            Ok(small) => Number::Small(small),
            Err(_) => Number::Large(Box::new(big)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_large_numbers_and_back() {
        let cases = [0, 1, 2, 3, u64::from(u32::MAX), 1 << 63, u64::MAX];
        for a in cases {
            for b in cases {
                let (mut sum, mut product) = (Number::Small(a), Number::Small(a));
                sum.add(&Number::Small(b));
                product.multiply(&Number::Small(b));
                assert_eq!(sum.to_big(), BigUint::from(a) + b);
                assert_eq!(product.to_big(), BigUint::from(a) * b);
                assert_eq!(matches!(product, Number::Small(_)), a.checked_mul(b).is_some());
                let mut square = product.clone();
                square.multiply(&sum);
                assert_eq!(square.to_big(), product.to_big() * sum.to_big());
                sum.add(&product);
                assert_eq!(sum.to_big(), BigUint::from(a) + b + BigUint::from(a) * b);
            }
            for power in [0, 1, 30, 63, 64, 200] {
                let mut doubled = Number::Small(a);
                doubled.double(power);
                assert_eq!(doubled.to_big(), BigUint::from(a) << power);
                assert_eq!(doubled == Number::ZERO, a == 0);
            }
        }
    }
}
