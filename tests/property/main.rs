//! Properties of neural networks: VNN-LIB in and out, what is refused, hostile input, and the published benchmarks.

mod accepted;
mod benchmarks;
mod hostile;
mod malformed;
mod oracle;

use anser::budget::{Budget, Limits};
use anser::net::property::Property;
use anser::net::vnnlib::{self, ReadError};

/// Reads a text.
fn read(text: impl AsRef<[u8]>) -> Result<Property, ReadError> {
    vnnlib::read_bytes(text.as_ref(), &Budget::unlimited())
}

/// A budget with a memory limit.
fn memory(bytes: u64) -> Budget {
    Budget::start(&Limits { memory: Some(bytes), ..Limits::default() })
}

/// Declarations of `X_0`, `X_1` and `Y_0`, on one line.
const DECLARED: &str = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)\n";

/// A network with a vector, a scalar and a matrix, on two lines.
const NETWORK: &str = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X float32 [2]) \
                       (declare-input Z float32 []) (declare-output Y float32 [1,2]))\n";

/// xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// From 0 to 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}
