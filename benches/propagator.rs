//! What a propagator costs that does nothing, through the C ABI: `cargo bench --bench propagator [-- FILES]`
//!
//! The uf250 files of SATLIB (`../shared/data/satlib`; 20, or so many as asked for), each solved in five ways in turn, in
//! one process. A propagator changes the search: what it observes is not eliminated, lucky phases are not
//! tried, the search backtracks in order. So beside the ratio of times there is that of the time for a propagated literal,
//! which is what the calls cost, and for the median of the ratios there are many files.
#![allow(clippy::print_stdout, unsafe_code)]

use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;

use anser::ffi::{
    anser_formula, anser_formula_free, anser_formula_read_dimacs, anser_propagator, anser_result, anser_solver,
    anser_solver_add_propagator, anser_solver_free, anser_solver_get_statistic, anser_solver_new,
    anser_solver_num_vars, anser_solver_solve, anser_status,
};

unsafe extern "C" fn literals(_: *mut c_void, _: *const i32, _: usize) -> i32 {
    0
}
unsafe extern "C" fn plain(_: *mut c_void) -> i32 {
    0
}
unsafe extern "C" fn level(_: *mut c_void, _: usize) -> i32 {
    0
}
unsafe extern "C" fn proposal(_: *mut c_void, _: *mut i32) -> i32 {
    0
}
unsafe extern "C" fn reason(_: *mut c_void, _: i32, _: *mut *const i32, _: *mut usize) -> i32 {
    0
}
unsafe extern "C" fn check(_: *mut c_void, _: *const i32, _: usize, _: *mut i32) -> i32 {
    0
}
unsafe extern "C" fn clause(_: *mut c_void, _: *mut *const i32, _: *mut usize, _: *mut i32) -> i32 {
    0
}
unsafe extern "C" fn fixed(_: *mut c_void, _: i32) -> i32 {
    0
}

/// A propagator, and whether it observes all variables or none.
type Way = (&'static str, Option<anser_propagator>, bool);

fn ways() -> [Way; 5] {
    let null = anser_propagator {
        struct_size: size_of::<anser_propagator>(),
        user_data: ptr::null_mut(),
        destroy: None,
        notify_assignment: None,
        notify_new_level: None,
        notify_backtrack: None,
        decide: None,
        propagate: None,
        reason: None,
        check_model: None,
        next_clause: None,
        fixed: None,
        learned: None,
        max_learned: 0,
    };
    let told = anser_propagator {
        notify_assignment: Some(literals),
        notify_new_level: Some(plain),
        notify_backtrack: Some(level),
        ..null
    };
    let full = anser_propagator {
        decide: Some(proposal),
        propagate: Some(proposal),
        reason: Some(reason),
        check_model: Some(check),
        next_clause: Some(clause),
        fixed: Some(fixed),
        learned: Some(literals),
        max_learned: 10,
        ..told
    };
    [
        ("no propagator", None, false),
        ("all NULL, observes nothing", Some(null), false),
        ("all NULL, observes all", Some(null), true),
        ("is told of all", Some(told), true),
        ("has every function, observes all", Some(full), true),
    ]
}

struct Run {
    seconds: f64,
    propagations: f64,
    answer: anser_result,
}

/// Of this thread: other programs on the machine count less than they would with a clock on the wall.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is writable.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

fn ok(status: anser_status) {
    assert_eq!(status, anser_status::ANSER_STATUS_OK);
}

fn run(formula: *const anser_formula, (_, propagator, all): &Way) -> Run {
    let mut solver: *mut anser_solver = ptr::null_mut();
    let (mut vars, mut answer, mut propagations) = (0, anser_result::ANSER_RESULT_UNKNOWN, 0);
    // SAFETY: handles made here and pointers to locals.
    unsafe {
        ok(anser_solver_new(formula, &raw mut solver));
        ok(anser_solver_num_vars(solver, &raw mut vars));
        let observed: Vec<i32> = (1..=vars.cast_signed()).collect();
        if let Some(propagator) = propagator {
            let length = if *all { observed.len() } else { 0 };
            ok(anser_solver_add_propagator(solver, propagator, observed.as_ptr(), length, ptr::null_mut()));
        }
        let start = cpu_seconds();
        ok(anser_solver_solve(solver, ptr::null(), 0, ptr::null(), &raw mut answer));
        let seconds = cpu_seconds() - start;
        ok(anser_solver_get_statistic(solver, c"propagations".as_ptr(), &raw mut propagations));
        anser_solver_free(solver);
        Run { seconds, propagations: propagations.max(1) as f64, answer }
    }
}

fn files(family: &str, most: usize) -> Vec<PathBuf> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/satlib")).join(family);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is absent", folder.display());
        return Vec::new();
    };
    let mut names: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    names.sort();
    names.truncate(most);
    names
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let most = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(20);
    let ways = ways();
    for family in ["uf250-1065"] {
        let files = files(family, most);
        if files.is_empty() {
            continue;
        }
        let mut runs: Vec<Vec<Run>> = Vec::new();
        for (turn, file) in files.iter().enumerate() {
            let path = std::ffi::CString::new(file.to_str().expect("a path in UTF-8")).expect("a path");
            let mut formula = ptr::null_mut();
            // SAFETY: a C string and a local.
            ok(unsafe { anser_formula_read_dimacs(path.as_ptr(), ptr::null(), &raw mut formula) });
            // Each way first in turn.
            let mut of_file: Vec<(usize, Run)> =
                (0..ways.len()).map(|i| (turn + i) % ways.len()).map(|way| (way, run(formula, &ways[way]))).collect();
            // SAFETY: made above, and not used any more.
            unsafe { anser_formula_free(formula) };
            of_file.sort_unstable_by_key(|run| run.0);
            let of_file: Vec<Run> = of_file.into_iter().map(|run| run.1).collect();
            assert!(of_file.iter().all(|r| r.answer == of_file[0].answer), "{}", file.display());
            runs.push(of_file);
        }
        println!("{family}, {} files", files.len());
        for (way, (name, ..)) in ways.iter().enumerate() {
            let total: f64 = runs.iter().map(|r| r[way].seconds).sum();
            let literals: f64 = runs.iter().map(|r| r[way].propagations).sum();
            let base: f64 = runs.iter().map(|r| r[0].seconds).sum();
            let base_literals: f64 = runs.iter().map(|r| r[0].propagations).sum();
            let cost = |r: &Run| r.seconds / r.propagations;
            println!(
                "{name:34} {total:7.3} s  total {:.2}  median of ratios {:.2}  a literal: {:.2} in total, median {:.2}",
                total / base,
                median(runs.iter().map(|r| r[way].seconds / r[0].seconds).collect()),
                total / literals / (base / base_literals),
                median(runs.iter().map(|r| cost(&r[way]) / cost(&r[0])).collect()),
            );
        }
    }
}
