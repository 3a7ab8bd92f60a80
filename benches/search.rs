//! Local search: `cargo bench --bench search [-- flips|callback|solve|mixed …]`, all parts if none is named.
//!
//! - `flips`: flips a second of one walker, median of five, on the formulas of `../shared/data/satlib/uf250-1065`, and on
//!   random 3-SAT with 4.2 clauses a variable, 5-SAT with 20 and 7-SAT with 85.
//! - `callback`: what a step of a walker costs whose variable a host picks, through the C ABI and without the flip itself; and
//!   from how many walkers on a host that takes 10, 100 or 1,000 µs a call is not what the search waits for.
//! - `solve`: processor seconds and flips to a model of random 3-SAT at 4.2 with 10^4 to 10^6 variables, of 5-SAT at 20 and of
//!   7-SAT at 85, median of 20 seeds, 300 s each at most, ended once eleven have not been solved: two hours. `solve 10000` does
//!   those of so many variables only.
//! - `mixed`: planted formulas of parities, cardinality and pseudo-Boolean constraints, by each method, by the engine, and by
//!   CP-SAT (`make peers`; left out where it is not there).
#![allow(clippy::print_stdout)]

use std::ffi::c_void;
use std::path::Path;
use std::process::Command;
use std::ptr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anser::budget::{Budget, Limits};
use anser::ffi::{
    anser_batch, anser_formula_free, anser_formula_read_dimacs_memory, anser_scorer, anser_scorer_output,
    anser_scorer_plan, anser_search_free, anser_search_new_with_scorers, anser_search_options, anser_search_step,
    anser_status,
};
use anser::formula::{Condition, Constraint, Formula, dimacs};
use anser::instances::random_ksat;
use anser::search::{End, Method, Options, Search};
use anser::solve::{Outcome, Solver};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    if n == 0 { f64::NAN } else { f64::midpoint(all[n / 2], all[(n - 1) / 2]) }
}

fn random(variables: u64, ratio: f64, k: u64, seed: u64) -> Arc<Formula> {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let clauses = random_ksat::clauses_for_ratio(variables, ratio).unwrap();
    Arc::new(random_ksat::generate(variables, clauses, k, &budget).unwrap())
}

fn rate(formulas: &[Arc<Formula>], method: Method, least: u64) -> f64 {
    let run = |seed| {
        let (mut flips, mut seconds) = (0, 0.0);
        while flips < least {
            for formula in formulas {
                let options = Options { method, seed: seed + flips, flips: Some(least), ..Options::default() };
                let mut search = Search::new(Arc::clone(formula), &options, &Budget::unlimited()).unwrap();
                // The first flips are not like the others: much is violated then.
                search.step(1, &Budget::unlimited()).unwrap();
                let (before, begin) = (search.statistics().flips, cpu());
                search.step(least, &Budget::unlimited()).unwrap();
                seconds += cpu() - begin;
                flips += search.statistics().flips - before;
            }
        }
        flips as f64 / seconds * 1e-6
    };
    median((1..=5).map(run).collect())
}

fn flips() {
    println!("{:32} {:>10} {:>10} {:>10}", "million flips a second", "walksat", "skc", "probsat");
    let show = |name: &str, formulas: &[Arc<Formula>], least| {
        let [a, b, c] = [Method::WalkSat, Method::Skc, Method::ProbSat].map(|method| rate(formulas, method, least));
        println!("{name:32} {a:10.3} {b:10.3} {c:10.3}");
    };
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/satlib/uf250-1065"));
    let files = std::fs::read_dir(folder).map(|all| all.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let mut files = files.unwrap_or_default();
    files.sort();
    let read = |path: &std::path::PathBuf| Arc::new(dimacs::read_file(path, &Budget::unlimited()).unwrap());
    let all: Vec<_> = files.iter().map(read).collect();
    if all.is_empty() {
        println!("skipped: no uf250-1065 in ../shared/data/satlib");
    } else {
        show(&format!("uf250-1065, {} files", all.len()), &all, 3_000_000);
    }
    for (variables, ratio, k) in
        [(10_000, 4.2, 3), (100_000, 4.2, 3), (1_000_000, 4.2, 3), (10_000, 20.0, 5), (1_000, 85.0, 7)]
    {
        show(&format!("{k}-SAT, {variables} variables, {ratio}"), &[random(variables, ratio, k, 1)], 2_000_000);
    }
    println!();
}

/// A host that picks a variable by the key alone.
struct Picker {
    num_vars: u64,
    /// How long a call takes besides.
    call: Duration,
}

#[allow(unsafe_code)]
unsafe extern "C" fn pick_plan(user: *mut c_void, plan: *mut anser_scorer_plan) -> i32 {
    // SAFETY: both are what the header says.
    let (picker, plan) = unsafe { (&mut *user.cast::<Picker>(), &mut *plan) };
    plan.output = anser_scorer_output::ANSER_SCORER_FLIPS as i32;
    picker.num_vars = plan.num_vars;
    0
}

#[allow(unsafe_code)]
unsafe extern "C" fn pick(user: *mut c_void, batch: *const anser_batch) -> i32 {
    // SAFETY: both are what the header says.
    let (picker, batch) = unsafe { (&mut *user.cast::<Picker>(), &*batch) };
    let begin = Instant::now();
    for row in 0..batch.size as usize {
        // SAFETY: rows are as long as the plan says.
        unsafe {
            let out = batch.out_index.cast::<u8>().add(row * batch.out_index_stride as usize).cast::<u32>();
            *out = ((u128::from(*batch.rng.add(row)) * u128::from(picker.num_vars)) >> 64) as u32;
        }
    }
    while begin.elapsed() < picker.call {
        std::hint::spin_loop();
    }
    0
}

/// Microseconds a step of a walker, median of five: one that the host picked, or a random one, for which it is not asked.
#[allow(unsafe_code)]
fn stepped(text: &str, walkers: usize, is_picked: bool, call: Duration, steps: u64) -> f64 {
    let mut picker = Picker { num_vars: 0, call };
    let scorer = anser_scorer {
        struct_size: size_of::<anser_scorer>(),
        user_data: (&raw mut picker).cast(),
        destroy: None,
        plan: Some(pick_plan),
        alloc: None,
        dealloc: None,
        prepare: None,
        submit: Some(pick),
        collect: None,
        drain: None,
        release: None,
        error_text: None,
    };
    let options = anser_search_options {
        struct_size: size_of::<anser_search_options>(),
        method: 0,
        threads: 1,
        walkers,
        flips: 0,
        tries: 0,
        seed: 1,
        walk: if is_picked { 0.0 } else { 1.0 },
        has_walk: 1,
        reserved: 0,
        temperature: 0.0,
    };
    let (mut formula, mut search, mut end) = (ptr::null_mut(), ptr::null_mut(), std::mem::MaybeUninit::uninit());
    let flips = (steps / walkers as u64).max(1);
    // SAFETY: as the header says.
    unsafe {
        let read = anser_formula_read_dimacs_memory(text.as_ptr(), text.len(), ptr::null(), &raw mut formula);
        assert_eq!(read, anser_status::ANSER_STATUS_OK);
        let pointer: *const anser_scorer = &raw const scorer;
        let made = anser_search_new_with_scorers(
            formula,
            &raw const options,
            &raw const pointer,
            1,
            ptr::null(),
            &raw mut search,
        );
        assert_eq!(made, anser_status::ANSER_STATUS_OK);
        anser_search_step(search, flips.min(64), ptr::null(), end.as_mut_ptr());
        let run = |_| {
            let begin = cpu();
            if is_picked {
                let status = anser_search_step(search, flips, ptr::null(), end.as_mut_ptr());
                assert_eq!(status, anser_status::ANSER_STATUS_OK);
            } else {
                // Walkers take turns here too, with all that has to be fetched again.
                for _ in 0..flips {
                    anser_search_step(search, 1, ptr::null(), end.as_mut_ptr());
                }
            }
            (cpu() - begin) * 1e6 / (flips * walkers as u64) as f64
        };
        let time = median((0..5).map(run).collect());
        anser_search_free(search);
        anser_formula_free(formula);
        time
    }
}

fn callback() {
    let mut bytes = Vec::new();
    dimacs::write(&random(250, 4.26, 3, 1), &mut bytes, &Budget::unlimited()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    println!("{:44} {:>10} {:>10} {:>10}", "a step of a walker, µs; 250 variables", "picked", "random", "callback");
    let one = stepped(&text, 1, true, Duration::ZERO, 2_000_000);
    // A call for each random step of a single walker would outweigh it.
    println!("{:44} {one:10.4} {:>10} {:>10}", "1 walker, the flip included", "", "");
    let mut wide = one;
    for walkers in [64, 1024, 4096] {
        wide = stepped(&text, walkers, true, Duration::ZERO, 4_000_000);
        let alone = stepped(&text, walkers, false, Duration::ZERO, 4_000_000);
        println!("{:44} {wide:10.4} {alone:10.4} {:10.4}", format!("{walkers} walkers"), wide - alone);
    }
    for call in [10, 100, 1000] {
        let even = (f64::from(call) / wide) as usize;
        let time = stepped(&text, even, true, Duration::from_micros(call as u64), 30 * even as u64);
        println!(
            "a host of {call} µs a call takes as long as the search with {even} walkers; {time:.3} µs a step then"
        );
    }
    println!();
}

fn solve(sizes: &[u64]) {
    println!("{:32} {:>8} {:>12} {:>12}", "to a model, probSAT, 20 seeds", "solved", "seconds", "flips");
    for (variables, ratio, k) in
        [(10_000, 4.2, 3), (100_000, 4.2, 3), (1_000_000, 4.2, 3), (500, 20.0, 5), (90, 85.0, 7)]
    {
        if !sizes.is_empty() && !sizes.contains(&variables) {
            continue;
        }
        let (mut seconds, mut flips, mut solved) = (Vec::new(), Vec::new(), 0);
        for seed in 1..=20 {
            let formula = random(variables, ratio, k, seed);
            let begin = cpu();
            let options = Options { seed, ..Options::default() };
            let mut search = Search::new(formula, &options, &Budget::unlimited()).unwrap();
            let limits = Limits { time: Some(Duration::from_secs(300)), ..Limits::default() };
            solved += usize::from(search.run(&Budget::start(&limits)).unwrap() == End::Model);
            seconds.push(cpu() - begin);
            flips.push(search.statistics().flips as f64);
            // The median is past the limit then.
            if seed as usize - solved > 10 {
                break;
            }
        }
        let name = format!("{k}-SAT, {variables} variables, {ratio}");
        println!("{name:32} {solved:8} {:12.3} {:12.0}", median(seconds), median(flips));
    }
}

/// Constraints of five literals that all hold for a hidden assignment: of parities `xors` of 100, and as many cardinality as
/// pseudo-Boolean ones, `slack` literals from tight at most.
fn planted(variables: u32, constraints: u64, xors: u64, slack: u64, seed: u64) -> Arc<Formula> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut below = |n: u64| ((u128::from(rng.next_u64()) * u128::from(n)) >> 64) as u64;
    let model: Vec<bool> = (0..variables).map(|_| below(2) == 1).collect();
    let mut formula = Formula::new();
    formula.ensure_vars(variables).unwrap();
    for _ in 0..constraints {
        let mut literals: Vec<i32> = Vec::new();
        while literals.len() < 5 {
            let variable = 1 + below(variables.into()) as i32;
            if literals.iter().all(|l| l.abs() != variable) {
                literals.push(if below(2) == 1 { variable } else { -variable });
            }
        }
        let holds = |l: i32| model[l.unsigned_abs() as usize - 1] == (l > 0);
        let count = literals.iter().filter(|&&l| holds(l)).count() as i64;
        let weights: Vec<i64> = literals.iter().map(|_| 1 + below(9) as i64).collect();
        let held: i64 = literals.iter().zip(&weights).filter(|(l, _)| holds(**l)).map(|(_, w)| w).sum();
        let slack = below(slack + 1) as i64;
        if below(100) < xors {
            formula.add_xor(&literals, count % 2 == 1).unwrap();
        } else if below(2) == 0 {
            formula.add_cardinality(&literals, (count - slack).max(1).min(count), Condition::Plain).unwrap();
        } else {
            formula.add_pseudo_boolean(&literals, &weights, held - 3 * slack, Condition::Plain).unwrap();
        }
    }
    Arc::new(formula)
}

/// The same for `search_peer.py`.
fn written(formula: &Formula, path: &Path) {
    let mut text = String::new();
    for constraint in formula.constraints() {
        match constraint {
            Constraint::Clause(literals) => {
                text += "s 1";
                literals.iter().for_each(|l| text += &format!(" 1 {l}"));
            }
            Constraint::Xor(xor) => {
                text += if xor.rhs { "x 1" } else { "x 0" };
                xor.literals.iter().for_each(|l| text += &format!(" {l}"));
            }
            Constraint::Cardinality(sum) => {
                text += &format!("s {}", sum.bound);
                sum.literals.iter().for_each(|l| text += &format!(" 1 {l}"));
            }
            Constraint::PseudoBoolean(sum) => {
                text += &format!("s {}", sum.bound);
                sum.literals.iter().zip(sum.weights).for_each(|(l, w)| text += &format!(" {w} {l}"));
            }
            Constraint::Linear(_) => unreachable!("there are no numbers"),
        }
        text += "\n";
    }
    std::fs::write(path, text).unwrap();
}

/// Seconds of CP-SAT; none where it is not there.
fn cp_sat(formula: &Formula, limit: f64) -> Option<f64> {
    let path = std::env::temp_dir().join(format!("anser-search-{}.txt", std::process::id()));
    written(formula, &path);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/search_peer.py");
    // Its libraries are not ours.
    let run =
        Command::new("python3").env_remove("LD_LIBRARY_PATH").arg(script).arg(limit.to_string()).arg(&path).output();
    std::fs::remove_file(&path).unwrap();
    let said = String::from_utf8(run.ok()?.stdout).ok()?;
    let (status, seconds) = said.trim().split_once(' ')?;
    Some(if ["OPTIMAL", "FEASIBLE"].contains(&status) { seconds.parse().ok()? } else { limit })
}

fn mixed() {
    const LIMIT: f64 = 60.0;
    println!(
        "{:54} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "planted, seconds (60: not solved)", "walksat", "skc", "probsat", "engine", "CP-SAT"
    );
    for (variables, constraints, xors, slack) in [
        (1_000, 1_000, 0, 2),
        (1_000, 1_000, 20, 2),
        (10_000, 10_000, 5, 2),
        (10_000, 30_000, 0, 2),
        (10_000, 30_000, 5, 2),
        (1_000, 1_000, 0, 0),
        (1_000, 1_500, 0, 0),
        (1_000, 1_500, 5, 0),
        (10_000, 10_000, 0, 0),
        (10_000, 10_000, 5, 0),
        (10_000, 15_000, 5, 0),
        (100_000, 100_000, 5, 2),
        (100_000, 100_000, 20, 2),
        (100_000, 100_000, 5, 0),
        (50_000, 100_000, 5, 2),
    ] {
        let formula = planted(variables, constraints, xors, slack, 1);
        let limits = Limits { time: Some(Duration::from_secs_f64(LIMIT)), ..Limits::default() };
        let [a, b, c] = [Method::WalkSat, Method::Skc, Method::ProbSat].map(|method| {
            let begin = Instant::now();
            let options = Options { method, walk: Some(0.01), ..Options::default() };
            let mut search = Search::new(Arc::clone(&formula), &options, &Budget::unlimited()).unwrap();
            let end = search.run(&Budget::start(&limits)).unwrap();
            if end == End::Model { begin.elapsed().as_secs_f64() } else { LIMIT }
        });
        let begin = Instant::now();
        let outcome = Solver::new(Arc::clone(&formula)).unwrap().solve(&[], &Budget::start(&limits)).unwrap();
        let engine = if outcome == Outcome::Sat { begin.elapsed().as_secs_f64() } else { LIMIT };
        let peer = cp_sat(&formula, LIMIT).map_or("-".into(), |seconds| format!("{seconds:.3}"));
        let name = format!("{variables} variables, {constraints} constraints, {xors}% parities, slack {slack}");
        println!("{name:54} {a:9.3} {b:9.3} {c:9.3} {engine:9.3} {peer:>9}");
    }
}

fn main() {
    let parts: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|wanted| wanted == part);
    if wanted("flips") {
        flips();
    }
    if wanted("callback") {
        callback();
    }
    if wanted("solve") {
        solve(&parts.iter().filter_map(|part| part.parse().ok()).collect::<Vec<_>>());
    }
    if wanted("mixed") {
        mixed();
    }
}
