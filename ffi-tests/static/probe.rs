//! Stands in for Anser in the tests of the static archive: Rust and C++ with everything that making symbols local
//! might break, and CaDiCaL 3 inside. Built and localised just as the library is.

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::{c_char, c_int};
use std::panic::catch_unwind;

unsafe extern "C" {
    fn probe_cpp_catches(depth: c_int) -> c_int;
    fn ccadical_signature() -> *const c_char;
    fn ccadical_init() -> *mut u8;
    fn ccadical_release(solver: *mut u8);
    fn ccadical_add(solver: *mut u8, literal: c_int);
    fn ccadical_solve(solver: *mut u8) -> c_int;
}

thread_local!(static COUNT: Cell<i32> = const { Cell::new(0) });

/// A panic caught on this side; 7 when all is well.
#[unsafe(no_mangle)]
pub extern "C" fn probe_panics() -> c_int {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = catch_unwind(|| {
        let map: HashMap<i32, i32> = (0..10).map(|i| (i, i)).collect();
        map[&99]
    });
    if caught.is_err() { 7 } else { 0 }
}

/// Thread-locals and threads; 3 when all is well.
#[unsafe(no_mangle)]
pub extern "C" fn probe_threads() -> c_int {
    COUNT.set(3);
    let other = std::thread::spawn(|| {
        COUNT.set(COUNT.get() + 1);
        COUNT.get()
    });
    if other.join().is_ok_and(|count| count == 1) { COUNT.get() } else { 0 }
}

/// A C++ exception thrown and caught inside; the depth when all is well.
#[unsafe(no_mangle)]
pub extern "C" fn probe_throws(depth: c_int) -> c_int {
    // SAFETY: a plain function of two integers; it lets no exception out.
    unsafe { probe_cpp_catches(depth) }
}

/// Which CaDiCaL is inside.
#[unsafe(no_mangle)]
pub extern "C" fn probe_cadical() -> *const c_char {
    // SAFETY: a static string.
    unsafe { ccadical_signature() }
}

/// The answer of the CaDiCaL inside on the pigeons: `holes` holes and one pigeon more. 20 when all is well.
#[unsafe(no_mangle)]
pub extern "C" fn probe_solve(holes: c_int) -> c_int {
    let at = |pigeon: c_int, hole: c_int| pigeon * holes + hole + 1;
    // SAFETY: the solver is made, used and released here, as `ccadical.h` asks.
    unsafe {
        let solver = ccadical_init();
        for pigeon in 0..=holes {
            (0..holes).for_each(|hole| ccadical_add(solver, at(pigeon, hole)));
            ccadical_add(solver, 0);
            for other in 0..pigeon {
                for hole in 0..holes {
                    [-at(pigeon, hole), -at(other, hole), 0].iter().for_each(|&literal| ccadical_add(solver, literal));
                }
            }
        }
        let answer = ccadical_solve(solver);
        ccadical_release(solver);
        answer
    }
}
