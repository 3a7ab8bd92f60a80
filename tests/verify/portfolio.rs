//! The portfolio: slices of any size, disjuncts that several procedures close together, procedures of a host.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anser::budget::{Budget, Limits, Stop};
use anser::verify::{
    End, FrontierError, HostAnswer, HostProcedure, Options, Problem, Procedure, Question, Reason, Slice, Verdict,
    Verifier, VerifyError,
};

use crate::differential::judge;
use crate::exact::rational;
use crate::generate::{Case, cases};
use crate::told;

fn options(slice: u64) -> Options {
    let mut options = Options::new(Procedure::Portfolio);
    options.batch = 2;
    options.slice = slice;
    options
}

fn portfolio(case: &Case, slice: u64) -> Verifier {
    portfolio_of(case, slice, &[])
}

/// Without those that decide small questions in one step, or of which a step takes long.
const SPLITTERS: [Procedure; 3] = [Procedure::Bounds, Procedure::InputSplit, Procedure::ReluSplit];

fn portfolio_of(case: &Case, slice: u64, procedures: &[Procedure]) -> Verifier {
    let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
    let mut options = options(slice);
    options.procedures = procedures.to_vec();
    Verifier::new(problem, &options, &Budget::unlimited()).unwrap()
}

fn limited(work: u64) -> Budget {
    Budget::start(&Limits { work: Some(work), ..Limits::default() })
}

/// Cases that have room, whose verdicts rounding does not decide.
fn clear(seeds: std::ops::Range<u64>) -> Vec<Case> {
    cases(seeds).into_iter().filter(|case| case.answer.is_clear(1e-3)).collect()
}

/// Slices so small that every procedure has many turns, and that disjuncts are closed by different ones.
#[test]
fn however_small_slices_are_verdicts_are_exact() {
    let (mut rounds, mut shared) = (0, 0);
    for case in clear(0..400) {
        for (slice, procedures) in [(1, &[][..]), (1000, &[]), (1, &SPLITTERS), (40, &SPLITTERS)] {
            let mut verifier = portfolio_of(&case, slice, procedures);
            let verdict = verifier.run(&Budget::unlimited()).unwrap();
            assert_eq!(judge(&case, &told(verdict.clone())), Ok(true), "{}", case.name);
            let slices = verifier.slices();
            rounds += slices.last().map_or(0, |slice| slice.round);
            let mut closers: Vec<&str> =
                slices.iter().filter(|slice| slice.closed > 0).map(|slice| slice.procedure.as_str()).collect();
            closers.sort_unstable();
            closers.dedup();
            shared += usize::from(verdict == Verdict::Unsat && closers.len() > 1);
        }
    }
    println!("{rounds} rounds, {shared} verdicts of several procedures together");
    assert!(rounds > 60 && shared > 10, "{rounds} rounds, {shared} shared");
}

/// Splitting goes ahead, and the mixed integer programs are those of what it leaves.
#[cfg(feature = "highs")]
#[test]
fn milp_takes_over_what_splitting_leaves() {
    let (mut adopted, mut closed) = (0, 0);
    for case in clear(0..400) {
        for splitter in [Procedure::InputSplit, Procedure::ReluSplit] {
            for slice in [1, 200] {
                let mut verifier = portfolio_of(&case, slice, &[splitter, Procedure::Milp]);
                let verdict = verifier.run(&Budget::unlimited()).unwrap();
                assert_eq!(judge(&case, &told(verdict)), Ok(true), "{}", case.name);
                let slices = verifier.slices();
                adopted += slices.iter().map(|slice| slice.adopted).sum::<u64>();
                closed += slices.iter().filter(|slice| slice.adopted > 0).map(|slice| slice.closed).sum::<u64>();
                assert!(slices.iter().all(|slice| slice.adopted == 0 || slice.procedure == "milp"));
                let covered = verifier.statistics().covered;
                assert!((-1e-9..=verifier.statistics().disjuncts as f64 + 1e-9).contains(&covered), "{covered}");
            }
        }
    }
    println!("{adopted} subproblems taken over, {closed} disjuncts closed in those slices");
    assert!(adopted > 20 && closed > 5, "{adopted} taken over, {closed} closed");
}

fn without_seconds(slices: &[Slice]) -> Vec<Slice> {
    slices.iter().map(|slice| Slice { seconds: 0.0, ..slice.clone() }).collect()
}

#[test]
fn a_run_repeats_slice_by_slice() {
    for case in clear(0..40) {
        let [a, b] = [(); 2].map(|()| {
            let mut verifier = portfolio(&case, 100);
            let verdict = verifier.run(&Budget::unlimited()).unwrap();
            (verdict, without_seconds(verifier.slices()), verifier.statistics().without_seconds())
        });
        assert_eq!(a, b, "{}", case.name);
    }
}

#[test]
fn calls_with_little_work_lead_to_the_same_verdict() {
    for case in clear(0..60) {
        let mut verifier = portfolio(&case, 500);
        let mut calls = 0;
        let verdict = loop {
            calls += 1;
            let budget = limited(77);
            match verifier.run(&budget).unwrap() {
                Verdict::Unknown(Reason::Stopped(Stop::Work)) => assert!(calls < 100_000, "{}", case.name),
                verdict => break verdict,
            }
            assert!(budget.spent() > 0, "{}: a call without a step", case.name);
        };
        assert_eq!(judge(&case, &told(verdict)), Ok(true), "{}", case.name);
        assert_eq!(verifier.run(&limited(0)).map(|_| ()), Ok(()));
    }
}

#[test]
fn rounds_double_and_shares_are_kept() {
    let run = |case: &Case| {
        let mut verifier = portfolio_of(case, 1, &SPLITTERS);
        verifier.run(&Budget::unlimited()).unwrap();
        verifier
    };
    let long = |verifier: &Verifier| verifier.slices().last().is_some_and(|slice| slice.round > 3);
    let verifier = clear(0..120).iter().map(run).find(long).unwrap();
    let schedule: Vec<(String, u64)> = verifier.schedule().into_iter().map(|(n, s)| (n.to_owned(), s)).collect();
    for slice in verifier.slices() {
        let (_, share) = schedule.iter().find(|(name, _)| *name == slice.procedure).unwrap();
        assert_eq!(slice.granted, share << slice.round, "{slice:?}");
    }
    assert!(verifier.slices().windows(2).all(|pair| pair[0].round <= pair[1].round));
}

/// Answers what a test wants.
struct Host<F> {
    answer: F,
    dropped: Arc<AtomicU64>,
}

impl<F: FnMut(&Question<'_>) -> HostAnswer + Send> HostProcedure for Host<F> {
    fn name(&self) -> &str {
        "host"
    }

    fn solve(&mut self, question: &Question<'_>) -> HostAnswer {
        (self.answer)(question)
    }
}

impl<F> Drop for Host<F> {
    fn drop(&mut self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

fn host(answer: impl FnMut(&Question<'_>) -> HostAnswer + Send + 'static) -> Box<dyn HostProcedure> {
    Box::new(Host { answer, dropped: Arc::default() })
}

/// Whether the last slice is the host's.
fn decided_by_host(verifier: &Verifier) -> bool {
    verifier.slices().last().is_some_and(|slice| slice.procedure == "host")
}

/// A host that knows the exact answer of the whole property decides it, where all others have next to no work.
#[test]
fn a_host_decides() {
    let (mut sat, mut unsat) = (0, 0);
    for case in clear(0..400) {
        let mut verifier = portfolio_of(&case, 1, &SPLITTERS);
        let answer = case.answer.clone();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let network = case.network.clone();
        verifier
            .add_procedure(host(move |question| {
                assert_eq!(question.problem.network().input_len(), network.input_len());
                assert_eq!(question.disjunct.num_inputs(), network.input_len());
                assert!(question.seconds > 0.0);
                seen.lock().unwrap().push(question.number);
                match &answer.witness {
                    // Not of this disjunct perhaps, and not in 32 bits: what is no witness is refuted.
                    Some((point, _)) => {
                        HostAnswer::Sat(point.iter().map(num_traits::ToPrimitive::to_f64).map(Option::unwrap).collect())
                    }
                    None => HostAnswer::Unsat,
                }
            }))
            .unwrap();
        let verdict = verifier.run(&Budget::unlimited()).unwrap();
        assert_eq!(judge(&case, &told(verdict.clone())), Ok(true), "{}", case.name);
        if decided_by_host(&verifier) {
            match verdict {
                Verdict::Sat(_) => sat += 1,
                _ => unsat += 1,
            }
            assert!(!asked.lock().unwrap().is_empty());
        }
    }
    println!("decided by the host: {sat} sat, {unsat} unsat");
    assert!(sat > 10 && unsat > 6, "{sat} sat, {unsat} unsat");
}

/// A witness that is none changes nothing; a host that fails is not asked again.
#[test]
fn what_a_host_calls_a_witness_is_checked() {
    for case in clear(0..60) {
        let mut verifier = portfolio(&case, 1);
        let lower = |question: &Question<'_>| HostAnswer::Sat(question.disjunct.lower.clone());
        verifier.add_procedure(host(lower)).unwrap();
        let far = |question: &Question<'_>| HostAnswer::Sat(vec![f64::NAN; question.disjunct.num_inputs()]);
        verifier.add_procedure(host(far)).unwrap();
        verifier.add_procedure(host(|_| HostAnswer::Sat(Vec::new()))).unwrap();
        verifier.add_procedure(host(|_| HostAnswer::Failed("no licence".into()))).unwrap();
        let verdict = verifier.run(&Budget::unlimited()).unwrap();
        assert_eq!(judge(&case, &told(verdict)), Ok(true), "{}", case.name);
        let failed = |why: &str| {
            let ends = |slice: &&Slice| matches!(&slice.end, End::Failed(text) if text.contains(why));
            verifier.slices().iter().filter(ends).count()
        };
        assert!(failed("no licence") <= 1 && failed("a witness of 0 numbers") <= 1);
    }
}

#[test]
fn a_host_ends_the_run_and_is_let_go() {
    let case =
        clear(0..80).into_iter().find(|case| !case.answer.is_sat() && case.answer.margin < rational(-0.01)).unwrap();
    let dropped = Arc::new(AtomicU64::new(0));
    let mut verifier = portfolio_of(&case, 1, &[Procedure::Fuzz, Procedure::Bounds]);
    let stops = Box::new(Host { answer: |_: &Question<'_>| HostAnswer::Stop(7), dropped: Arc::clone(&dropped) });
    verifier.add_procedure(stops).unwrap();
    let verdict = verifier.run(&Budget::unlimited()).unwrap();
    if decided_by_host(&verifier) {
        assert_eq!(verdict, Verdict::Unknown(Reason::Stopped(Stop::Callback(7))));
    }
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    drop(verifier);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
    let mut other = Verifier::new(problem, &Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!(other.add_procedure(host(|_| HostAnswer::Unknown)), Err(VerifyError::NoPortfolio));
}

#[test]
fn a_portfolio_has_no_frontier() {
    let case = &cases(0..1)[0];
    let verifier = portfolio(case, 1);
    assert_eq!(verifier.export(&Budget::unlimited()), Err(FrontierError::Portfolio.into()));
    let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
    let read = Verifier::import(problem, &options(1), b"anser frontier", &Budget::unlimited());
    assert_eq!(read.map(|_| ()), Err(FrontierError::Portfolio.into()));
}
