//! What the numbers inside a network can be while its inputs lie in a box.

#[expect(dead_code, reason = "until the kernel is there")]
mod relax;
#[expect(dead_code, reason = "until the kernel is there")]
mod round;
