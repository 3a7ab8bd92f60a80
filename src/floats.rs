//! Floating point as IEEE 754 has it, whatever mode the host's thread is in.
//!
//! A host that was built with fast-math flushes subnormal numbers to zero in every thread, and one may round upwards:
//! what networks compute and what is checked of them must not depend on it. The thread's control word is saved on entry,
//! set, and restored on the way out; a callback of the host sees the host's own. Cost: some ten cycles.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::marker::PhantomData;

/// Round to nearest, subnormal numbers kept, no exception trapped.
#[cfg(target_arch = "x86_64")]
const STANDARD: u64 = 0x1F80;
#[cfg(not(target_arch = "x86_64"))]
const STANDARD: u64 = 0;

thread_local! {
    /// The host's control word, while ours is in force on this thread.
    static HOST: Cell<Option<u64>> = const { Cell::new(None) };
}

/// While it lives, this thread computes as IEEE 754 has it.
#[derive(Debug)]
pub(crate) struct Standard {
    control: u64,
    host: Option<u64>,
    /// It belongs to its thread.
    here: PhantomData<*const ()>,
}

impl Standard {
    #[must_use]
    pub(crate) fn enter() -> Self {
        let control = read();
        write(STANDARD);
        let host = HOST.get();
        if host.is_none() {
            HOST.set(Some(control));
        }
        Standard { control, host, here: PhantomData }
    }
}

impl Drop for Standard {
    fn drop(&mut self) {
        HOST.set(self.host);
        write(self.control);
    }
}

/// Runs a host's function in the host's mode.
#[cfg_attr(not(feature = "cadical"), allow(dead_code, reason = "only the C ABI has hosts"))]
pub(crate) fn as_the_host<T>(call: impl FnOnce() -> T) -> T {
    let Some(host) = HOST.replace(None) else { return call() };
    let ours = read();
    write(host);
    let answer = call();
    write(ours);
    HOST.set(Some(host));
    answer
}

#[cfg(target_arch = "x86_64")]
fn read() -> u64 {
    let mut word = 0u32;
    // SAFETY: stores the control and status word of SSE, which x86-64 always has.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut word, options(nostack, preserves_flags)) }
    u64::from(word & !FLAGS)
}

/// Bits that say which exceptions were met; they are not part of the mode.
#[cfg(target_arch = "x86_64")]
const FLAGS: u32 = 0x3F;

#[cfg(target_arch = "x86_64")]
fn write(word: u64) {
    let word = word as u32;
    // SAFETY: loads what was read before, or the standard mode; no reserved bit is set.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const word, options(nostack, readonly, preserves_flags)) }
}

#[cfg(target_arch = "aarch64")]
fn read() -> u64 {
    let word: u64;
    // SAFETY: reads the floating-point control register.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) word, options(nomem, nostack, preserves_flags)) }
    word
}

#[cfg(target_arch = "aarch64")]
fn write(word: u64) {
    // SAFETY: writes what was read before, or the standard mode.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) word, options(nomem, nostack, preserves_flags)) }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn read() -> u64 {
    STANDARD
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn write(_: u64) {}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    /// Half of the least normal number; 0 where that is flushed.
    fn subnormal() -> f64 {
        std::hint::black_box(f64::MIN_POSITIVE) * std::hint::black_box(0.5)
    }

    #[test]
    fn the_mode_is_standard_inside_and_the_hosts_before_after_and_in_callbacks() {
        let before = read();
        write(0x9FC0 | 0x4000); // flush, no subnormals, round upwards
        let host = read();
        {
            let _standard = Standard::enter();
            assert!(subnormal() > 0.0);
            let _within = Standard::enter(); // a part of the same call
            as_the_host(|| {
                assert_eq!((read(), subnormal()), (host, 0.0));
                let _again = Standard::enter(); // a callback's own call
                assert!(subnormal() > 0.0);
                as_the_host(|| assert_eq!(read(), host));
            });
            assert_eq!(read(), STANDARD);
        }
        assert_eq!(read(), host);
        as_the_host(|| assert_eq!(read(), host));
        write(before);
    }
}
