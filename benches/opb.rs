//! Reading OPB: ours beside rustsat's reader in the same run, on sums and on pairs that become reified constraints.
//!
//! `cargo bench --no-default-features --bench opb`. Texts come from a fixed seed and are read from memory; times are
//! medians of 5.

#![allow(clippy::print_stdout)]

use std::fmt::Write as _;
use std::time::Instant;

use anser::budget::Budget;
use anser::formula::opb;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use rustsat::instances::SatInstance;
use rustsat::instances::fio::opb::Options;

const RUNS: usize = 5;

fn main() {
    println!("{:<8} {:>11} {:>7}  {:<8} {:>8} {:>6}", "text", "constraints", "MB", "reader", "seconds", "MB/s");
    for (name, text, constraints) in [sums(200_000), clauses(1_000_000), neurons(20_000)] {
        let megabytes = text.len() as f64 / 1e6;
        let row = |reader: &str, seconds: f64| {
            let rate = megabytes / seconds;
            println!("{name:<8} {constraints:>11} {megabytes:>7.1}  {reader:<8} {seconds:>8.3} {rate:>6.0}");
        };
        let ours = median(|| {
            let formula = opb::read_bytes(text.as_bytes(), &Budget::unlimited()).expect("our own text");
            assert_eq!(formula.num_constraints(), constraints);
        });
        row("anser", ours);
        let peer = median(|| {
            let read: Result<SatInstance, _> = SatInstance::from_opb(&mut text.as_bytes(), Options::default());
            drop(read.expect("a valid text"));
        });
        row("rustsat", peer);
        println!("{:>8} rustsat takes {:.1} times as long", "", peer / ours);
    }
}

/// A text, its name, and how many constraints it makes.
type Case = (&'static str, String, u64);

fn draw(rng: &mut Xoshiro256PlusPlus, below: u64) -> u64 {
    (rng.next_u64() >> 11) % below
}

fn literal(rng: &mut Xoshiro256PlusPlus, text: &mut String, weight: i64, variables: u64) {
    let sign = if draw(rng, 2) == 0 { "" } else { "~" };
    let variable = draw(rng, variables) + 1;
    write!(text, "{weight:+} {sign}x{variable} ").expect("a string takes it");
}

/// Ten weighted literals.
fn sums(count: u64) -> Case {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut text = format!("* #variable= 100000 #constraint= {count}\n");
    for _ in 0..count {
        for _ in 0..10 {
            let weight = draw(&mut rng, 2000) as i64 - 1000;
            literal(&mut rng, &mut text, weight, 100_000);
        }
        text += ">= -17 ;\n";
    }
    ("sums", text, count)
}

/// Three literals, one of which must be true.
fn clauses(count: u64) -> Case {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let mut text = format!("* #variable= 100000 #constraint= {count}\n");
    for _ in 0..count {
        for _ in 0..3 {
            literal(&mut rng, &mut text, 1, 100_000);
        }
        text += ">= 1 ;\n";
    }
    ("clauses", text, count)
}

/// Reified cardinality constraints over 50 literals, two lines each.
fn neurons(count: u64) -> Case {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut text = format!("* #variable= {} #constraint= {}\n", 1000 + count, 2 * count);
    for neuron in 0..count {
        let first = draw(&mut rng, 900) + 1;
        let signs = rng.next_u64();
        let bound = 20 + draw(&mut rng, 11);
        for (flip, bound, guard) in [(0, bound, "~"), (u64::MAX, 51 - bound, "")] {
            for i in 0..50 {
                let sign = if (signs ^ flip) >> i & 1 == 1 { "~" } else { "" };
                write!(text, "+1 {sign}x{} ", first + i).expect("a string takes it");
            }
            writeln!(text, "+{bound} {guard}x{} >= {bound} ;", 1001 + neuron).expect("a string takes it");
        }
    }
    ("neurons", text, count)
}

fn median(mut run: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[RUNS / 2]
}
