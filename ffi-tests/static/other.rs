//! Another Rust static library in the same host, with its own runtime under the same global names as ours.

use std::panic::catch_unwind;

/// A panic caught on this side, and a thread; 42 when all is well.
#[unsafe(no_mangle)]
pub extern "C" fn other_answer() -> i32 {
    std::panic::set_hook(Box::new(|_| {}));
    let caught = catch_unwind(|| Vec::<i32>::new()[std::hint::black_box(3)]);
    let joined = std::thread::spawn(|| vec![20, 22].iter().sum::<i32>()).join();
    if caught.is_err() { joined.unwrap_or(0) } else { 0 }
}
