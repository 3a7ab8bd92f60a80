//! Panics inside the guard that every exported function runs in: a static library of Anser's that can do what no function
//! of the header can.
#![allow(unsafe_code)]

use anser::ffi::anser_status;
use anser::ffi::guard::guard;

/// A panic with a text.
#[unsafe(no_mangle)]
pub extern "C" fn probe_panic() -> anser_status {
    guard("probe_panic", || panic!("the probe panics with {}", 42))
}

/// The payload's own `Drop` panics as well.
#[unsafe(no_mangle)]
pub extern "C" fn probe_panic_twice() -> anser_status {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the payload panics as well");
        }
    }
    guard("probe_panic_twice", || std::panic::panic_any(Bomb))
}

/// An index that may be out of bounds.
#[unsafe(no_mangle)]
pub extern "C" fn probe_index(index: usize) -> anser_status {
    guard("probe_index", || {
        let _ = std::hint::black_box(vec![1, 2, 3])[index];
        Ok(())
    })
}
