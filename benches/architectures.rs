//! Spaces of architectures: `cargo bench --bench architectures [-- draws|programme|counts|spread]`, all parts if none is named.
//!
//! - `draws`: processor seconds of 20 distinct near-uniform members by UniGen, one thread, encoding included, median of five
//!   seeds, beside table 4 of the paper (D. Calhas, V. Manquinho, I. Lynce, "Automatic Generation of Neural Architecture Search
//!   Spaces"); and of spaces that are far too large to be listed.
//! - `programme`: the dynamic programme on 224 to 7 in up to ten layers.
//! - `counts`: the spaces of `../shared/data/arch/counts_1d.json` that paper 000 describes, counted by the programme and listed
//!   by the engine and by Z3 (feature `z3`); seconds of each way. Panics where one is not as it is known.
//! - `spread`: the mean adj-T of 1,000 sets of distinct members by UniGen, against what a uniform sampler has in expectation
//!   (`../shared/data/arch/uniform_adjT_30_20.json`). Exits with 1 where one is off by more than chance allows: 5% for all
//!   of them together, by Bonferroni.
#![allow(clippy::print_stdout)]

use std::collections::BTreeSet;
use std::path::Path;

use anser::arch::{Description, Divisor, Encoding, Fixed, Found, Listed, Member, Programme, Sampled, Space, Spread};
use anser::budget::Budget;
use anser::sample::{Options, Statistics};
use anser::solve::Backend;

const MEMBERS: usize = 20;
const SETS: usize = 1000;

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// As many dimensions of a size to a size, all alike.
fn space(sizes: (u32, u32), dimensions: usize, layers: usize, change: impl FnOnce(&mut Description)) -> Space {
    let (input, output) = sizes;
    let mut description = Description::new(&vec![input; dimensions], &vec![output; dimensions], (layers, layers));
    change(&mut description);
    Space::new(description).unwrap()
}

/// Members, how many were found; seconds; what the sampler did.
fn draw(space: &Space, seed: u64) -> (usize, f64, Statistics) {
    let budget = Budget::unlimited();
    let begin = cpu();
    let encoding = Encoding::new(space, &budget).unwrap();
    let options = Options { distinct: true, ..Options::default() };
    let mut sampled = Sampled::new(&encoding, &options, seed).unwrap();
    let mut members = Vec::new();
    while members.len() < MEMBERS {
        match sampled.next(&budget).unwrap() {
            Found::Member(member) => members.push(member),
            Found::Failed => {}
            Found::Exhausted => break,
            Found::Unknown(stop) => panic!("{stop}"),
        }
    }
    let seconds = cpu() - begin;
    members.iter().for_each(|member| space.check(member).unwrap());
    (members.len(), seconds, sampled.statistics())
}

fn show(name: &str, paper: Option<f64>, space: &Space) {
    let mut runs: Vec<_> = (1..=5).map(|seed| draw(space, seed)).collect();
    runs.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (members, seconds, statistics) = runs[2];
    let (paper, ratio) = match paper {
        Some(paper) => (paper.to_string(), format!("{:.6}", seconds / paper)),
        None => ("-".to_owned(), "-".to_owned()),
    };
    println!("{name:44} {members:8} {:5} {seconds:9.4} {paper:>9} {ratio:>9}", statistics.rows);
}

fn draws() {
    println!("{:44} {:>8} {:>5} {:>9} {:>9} {:>9}", "space", "members", "rows", "ours s", "paper s", "ratio");
    // Table 4; none was tried with five layers.
    let paper: [[f64; 3]; 3] = [[0.789, 5.42, 6.89], [6.29, 99.8, 508.0], [13.7, 1204.0, 11510.0]];
    for dimensions in 1..=3 {
        for layers in 2..=5 {
            let space = space((30, 20), dimensions, layers, |d| {
                d.identity = false;
                d.fixed = Some(Fixed { kernel: 2, stride: 1 });
            });
            let seconds = paper[dimensions - 1].get(layers - 2).copied();
            show(&format!("30 to 20, {dimensions} dimensions, {layers} layers, pools"), seconds, &space);
        }
    }
    let plain = |d: &mut Description| d.identity = false;
    show("28 to 8, 3 dimensions, 5 layers", None, &space((28, 8), 3, 5, plain));
    let limited = |d: &mut Description| {
        d.identity = false;
        d.channels = vec![3, 16, 32, 64, 64, 64];
        d.max_parameters = Some(2_000_000);
    };
    show("the same, at most 2,000,000 parameters", None, &space((28, 8), 3, 5, limited));
    println!();
}

fn programme() {
    let mut description = Description::new(&[224], &[7], (1, 10));
    for dimensions in [1, 3] {
        (description.input, description.output) = (vec![224; dimensions], vec![7; dimensions]);
        let space = Space::new(description.clone()).unwrap();
        let begin = cpu();
        let programme = Programme::new(&space, &Budget::unlimited()).unwrap();
        println!(
            "224 to 7, 1 to 10 layers, {dimensions} dimensions: {} members, {:.4} s",
            programme.count(),
            cpu() - begin
        );
    }
    println!();
}

/// How many members a solver lists, and processor seconds.
fn list(space: &Space, backend: Backend) -> (u64, f64) {
    let begin = cpu();
    let encoding = Encoding::new(space, &Budget::unlimited()).unwrap();
    let mut listing = Listed::new(&encoding, backend).unwrap();
    let mut members = BTreeSet::new();
    while let Found::Member(member) = listing.next(&Budget::unlimited()).unwrap() {
        members.insert(member);
    }
    (members.len() as u64, cpu() - begin)
}

fn counts() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/arch/counts_1d.json"));
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    println!("{:52} {:>8} {:>11} {:>9} {:>9}", "space", "members", "programme s", "engine s", "Z3 s");
    let mut all = [0.0; 3];
    for (key, known) in file.as_object().unwrap() {
        if !key.contains("paper_exact") && !key.contains("k>s_exact_everywhere") {
            continue;
        }
        let sizes: Vec<u32> = key.split(',').take(2).map(|part| part[2..].parse().unwrap()).collect();
        for layers in 1..=5 {
            let space = space((sizes[0], sizes[1]), 1, layers, |d| {
                d.fixed = key.contains("pool=k2s1").then_some(Fixed { kernel: 2, stride: 1 });
                d.identity = !key.contains("no(1,1)");
                d.strict = key.contains("strict");
                d.kernel_above_stride = key.contains("k>s");
            });
            let known = known[format!("N={layers}")].as_u64().unwrap();
            let begin = cpu();
            let programme = Programme::new(&space, &Budget::unlimited()).unwrap();
            assert_eq!(programme.count().to_string(), known.to_string(), "{key}");
            let mut seconds = [cpu() - begin, 0.0, f64::NAN];
            let backends = [Some(Backend::Auto), cfg!(feature = "z3").then_some(Backend::Z3)];
            for (backend, seconds) in backends.into_iter().zip(&mut seconds[1..]) {
                let Some(backend) = backend else { continue };
                let (members, taken) = list(&space, backend);
                assert_eq!(members, known, "{key}");
                *seconds = taken;
            }
            println!(
                "{:52} {known:8} {:11.4} {:9.4} {:9.3}",
                format!("{key}, {layers} layers"),
                seconds[0],
                seconds[1],
                seconds[2]
            );
            all.iter_mut().zip(seconds).for_each(|(all, seconds)| *all += seconds);
        }
    }
    println!("{:52} {:8} {:11.4} {:9.4} {:9.3}\n", "all", "", all[0], all[1], all[2]);
}

/// So many standard deviations a normal variable is rarely above: with probability 0.025 / `of`, by bisection.
fn quantile(of: usize) -> f64 {
    // Laplace's continued fraction, good beyond 1.
    let above = |z: f64| {
        let density = (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
        density / (1..200).rev().fold(z, |fraction, n| z + f64::from(n) / fraction)
    };
    let (mut low, mut high) = (1.0, 10.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if above(middle) > 0.025 / of as f64 { low = middle } else { high = middle }
    }
    low
}

/// adj-T of sets of distinct members, and how many members there are of a set.
fn spreads(space: &Space, size: usize) -> Vec<f64> {
    let budget = Budget::unlimited();
    let encoding = Encoding::new(space, &budget).unwrap();
    let mut sampled = Sampled::new(&encoding, &Options::default(), 1).unwrap();
    let mut next = || -> Member {
        loop {
            match sampled.next(&budget).unwrap() {
                Found::Member(member) => return member,
                Found::Failed => {}
                other => panic!("{other:?}"),
            }
        }
    };
    let set = || {
        let (mut told, mut spread) = (BTreeSet::new(), Spread::new(space));
        while told.len() < size {
            let member = next();
            if told.insert(member.clone()) {
                spread.push(&member);
            }
        }
        spread.adj_t(Divisor::Pairs)
    };
    std::iter::repeat_with(set).take(SETS).collect()
}

/// Whether all is as it should be.
fn spread() -> bool {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/arch/uniform_adjT_30_20.json"));
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: there is no {}", path.display());
        return true;
    };
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys = file.as_object().unwrap();
    let most = quantile(keys.len());
    println!(
        "{:20} {:>12} {:>9} {:>9} {:>7}   at most {most:.2} either way",
        "space", "members", "expected", "mean", "errors"
    );
    let mut good = true;
    for (key, known) in keys {
        let numbers: Vec<usize> = key.split(',').filter_map(|part| part.split_once('=')?.1.parse().ok()).collect();
        let [pool, layers, dimensions] = numbers[..] else { panic!("{key}") };
        let space = space((30, 20), dimensions, layers, |d| {
            d.identity = false;
            d.fixed = (pool == 1).then_some(Fixed { kernel: 2, stride: 1 });
        });
        let expected = known["expected_adjT_div_Mminus1"].as_f64().unwrap();
        let members = known["count"].as_f64().unwrap();
        if members < 2.0 {
            continue;
        }
        let all = spreads(&space, members.min(MEMBERS as f64) as usize);
        let mean = all.iter().sum::<f64>() / SETS as f64;
        let variance = all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (SETS - 1) as f64;
        // What is known is rounded to four places.
        let off = ((mean - expected).abs() - 5e-5).max(0.0);
        let errors = if off == 0.0 { 0.0 } else { off / (variance / SETS as f64).sqrt() };
        good = good && errors <= most;
        println!("{key:20} {members:12} {expected:9.4} {mean:9.4} {errors:7.2}");
    }
    good
}

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if wanted("draws") {
        draws();
    }
    if wanted("programme") {
        programme();
    }
    if wanted("counts") {
        counts();
    }
    if wanted("spread") && !spread() {
        std::process::exit(1);
    }
}
