//! Properties: reading, checking a point, and the canonical form, on texts of the shape of the published benchmarks.
//!
//! `cargo bench --no-default-features --bench property`. Times are medians of 5.

#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::time::Instant;

use anser::budget::Budget;
use anser::net::vnnlib;
use anser::verify::canonical::{Disjuncts, Options};

const RUNS: usize = 5;

fn main() {
    println!(
        "{:<10} {:>8} {:>7} {:>9} {:>9} {:>11} {:>10} {:>13}",
        "text", "inputs", "MB", "read s", "MB/s", "check µs", "disjuncts", "µs a disjunct"
    );
    for (name, inputs, outputs) in [("acasxu", 5, 5), ("mnist", 784, 10), ("imagenet", 150_528, 1000)] {
        let text = robustness(inputs, outputs);
        let megabytes = text.len() as f64 / 1e6;
        let read = || vnnlib::read_bytes(text.as_bytes(), &Budget::unlimited()).expect("our own text");
        let reading = median(|| drop(read()));
        let property = read();
        let (x, mut y) = (vec![0.5; inputs], vec![0.0; outputs]);
        y[1] = 1.0;
        let checking = median(|| assert_eq!(property.check(&x, &y), Ok(true)));
        let property = std::sync::Arc::new(property);
        let mut count = 0;
        let canonical = median(|| {
            let mut disjuncts = Disjuncts::new(std::sync::Arc::clone(&property), &Options::default())
                .expect("nothing is allocated yet");
            count = 0;
            while disjuncts.next(&Budget::unlimited()).expect("every input is bounded").is_some() {
                count += 1;
            }
        });
        println!(
            "{name:<10} {inputs:>8} {megabytes:>7.2} {reading:>9.5} {:>9.0} {:>11.1} {count:>10} {:>13.1}",
            megabytes / reading,
            checking * 1e6,
            canonical * 1e6 / f64::from(count)
        );
    }
}

/// A box, and another output that is at least the first.
fn robustness(inputs: usize, outputs: usize) -> String {
    let mut text = String::new();
    let mut put = |line: std::fmt::Arguments<'_>| text.write_fmt(line).expect("a string takes it");
    (0..inputs).for_each(|i| put(format_args!("(declare-const X_{i} Real)\n")));
    (0..outputs).for_each(|i| put(format_args!("(declare-const Y_{i} Real)\n")));
    for i in 0..inputs {
        let radius = 0.029_999_999_329_447_746;
        put(format_args!("(assert (<= X_{i} {}))\n(assert (>= X_{i} {}))\n\n", 0.5 + radius, 0.5 - radius));
    }
    put(format_args!("(assert (or\n"));
    (1..outputs).for_each(|i| put(format_args!("    (and (>= Y_{i} Y_0))\n")));
    put(format_args!("))\n"));
    text
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}
