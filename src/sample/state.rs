//! A stream of samples that is not at its end, written down: another process goes on from there.
//!
//! The format, version 1, numbers little-endian: 16 bytes `anser sampler\n\0\0`; `u32` version; `u64` fingerprint of the formula,
//! the sampling set, the options and the seed; `u64` draws told, `u64` samples of the last one that were told; `u64`
//! statistics samples, draws, failed, repeated; `u64` samples in a row that were told before; `u64` samples that may not be told
//! again, each as many `u64` as its bits take, ascending. At the end a `u64`: FNV-1a of all bytes before.

use std::io::{self, Write};

use super::{Family, Method, Options, SampleError, Sampler};
use crate::budget::Budget;
use crate::files::record::{Reader, START, Writer, sum};
use crate::formula::smtlib;

const MAGIC: &[u8; 16] = b"anser sampler\n\0\0";
const VERSION: u32 = 1;

/// Adds up what is written.
struct Sum(u64);

impl Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = sum(bytes, self.0);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Sampler {
    /// The stream's place as bytes, from which [`Sampler::restore`] goes on.
    ///
    /// # Errors
    ///
    /// The budget ran out while the formula was written to be told from others.
    pub fn save(&self, budget: &Budget) -> Result<Vec<u8>, SampleError> {
        let mut out = Writer::new(MAGIC, VERSION);
        out.u64(self.fingerprint(budget)?);
        // Of a draw that is told in part, those that are told are passed over when it is made again.
        let (draws, told) = match self.ready.len() {
            0 => (self.next, self.skipped as u64),
            left => (self.next - 1, self.of_last - left as u64),
        };
        out.u64(draws);
        out.u64(told);
        let s = &self.statistics;
        let made = s.draws - u64::from(draws < self.next);
        for number in [s.samples, made, s.failed, s.repeated, self.in_vain, self.told.len() as u64] {
            out.u64(number);
        }
        let mut all: Vec<&Vec<u64>> = self.told.iter().collect();
        all.sort_unstable();
        for word in all.into_iter().flatten() {
            out.u64(*word);
        }
        Ok(out.finish())
    }

    /// Goes on where a sampler of the same formula, sampling set, options and seed was saved; the number of threads may be
    /// another. Nothing is changed where it fails.
    ///
    /// # Errors
    ///
    /// The bytes are no saved sampler, or that of another; the budget ran out.
    pub fn restore(&mut self, bytes: &[u8], budget: &Budget) -> Result<(), SampleError> {
        let mut read = Reader::open(bytes, MAGIC, VERSION)?;
        if read.u64()? != self.fingerprint(budget)? {
            return Err(SampleError::Other);
        }
        let (draws, skipped) = (read.u64()?, read.u64()?);
        if draws > 1 << 62 {
            return Err(read.wrong("a number of draws that large").into());
        }
        let skipped = usize::try_from(skipped).map_err(|_| read.wrong("more samples of a draw than memory holds"))?;
        let mut numbers = [0; 6];
        for number in &mut numbers {
            *number = read.u64()?;
            if *number > 1 << 62 {
                return Err(read.wrong("a counter that large").into());
            }
        }
        let [samples, made, failed, repeated, in_vain, told] = numbers;
        let words = self.words();
        if told > (read.left() / (8 * words)) as u64 || (told > 0 && !self.options.distinct) {
            return Err(read.wrong("more samples than bytes, or than there may be").into());
        }
        let sample = |read: &mut Reader| (0..words).map(|_| read.u64()).collect::<Result<Vec<u64>, _>>();
        let told = (0..told).map(|_| sample(&mut read)).collect::<Result<_, _>>()?;
        read.end()?;
        self.begin_at(draws, skipped);
        (self.told, self.in_vain) = (told, in_vain);
        let s = &mut self.statistics;
        (s.samples, s.draws, s.failed, s.repeated) = (samples, made, failed, repeated);
        Ok(())
    }

    fn fingerprint(&self, budget: &Budget) -> Result<u64, SampleError> {
        let mut all = Sum(START);
        smtlib::write(&self.formula, &mut all, budget)?;
        let Options { method, family: _, epsilon, per_cell, distinct, threads: _ } = self.options;
        let (family, density) = match self.options.family() {
            Family::Dense => (0u64, 0.0),
            Family::Shifted => (1, 0.0),
            Family::Sparse(density) => (2, density),
        };
        let method = match method {
            Method::UniWit => 0,
            Method::UniWit13 => 1,
            Method::UniGen => 2,
            Method::Exact => 3,
        };
        let numbers =
            [method, family, density.to_bits(), epsilon.to_bits(), per_cell as u64, distinct.into(), self.seed];
        let variables = self.projection.iter().map(|&variable| u64::from(variable));
        Ok(numbers.into_iter().chain(variables).fold(all.0, |from, number| sum(&number.to_le_bytes(), from)))
    }
}
