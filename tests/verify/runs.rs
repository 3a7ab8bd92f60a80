//! Runs: cut into slices, by several threads, written down and read back.

use anser::budget::{Budget, Limits, Stop};
use anser::net::property::Property;
use anser::verify::{Options, Problem, Procedure, Reason, Statistics, Verdict, Verifier};

use crate::exact::rational;
use crate::generate::{Case, cases};

fn verifier(case: &Case, options: &Options) -> Verifier {
    let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
    Verifier::new(problem, options, &Budget::unlimited()).unwrap()
}

fn of(procedure: Procedure) -> Options {
    let mut options = Options::new(procedure);
    options.batch = 2;
    options
}

/// Sat, unsat or unknown.
fn kind(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Sat(_) => "sat",
        Verdict::Unsat => "unsat",
        Verdict::Unknown(reason) => reason.name(),
    }
}

/// Cases that take some splitting.
fn hard(procedure: Procedure) -> Vec<(Case, &'static str, Statistics)> {
    let whole = |case: Case| {
        let mut verifier = verifier(&case, &of(procedure));
        let limits = Limits { work: Some(20_000), ..Limits::default() };
        let verdict = verifier.run(&Budget::start(&limits)).unwrap();
        let statistics = verifier.statistics();
        (!matches!(verdict, Verdict::Unknown(_)) && (7..150).contains(&statistics.bounded))
            .then(|| (case, kind(&verdict), statistics))
    };
    cases(0..150).into_iter().filter(|case| case.answer.is_clear(1e-3)).filter_map(whole).collect()
}

#[test]
fn slices_of_work_lead_to_the_same_verdict() {
    for procedure in [Procedure::Auto, Procedure::InputSplit, Procedure::ReluSplit] {
        let all = hard(procedure);
        assert!(all.len() > 5, "{}", all.len());
        for (case, expected, _) in all {
            let mut runs = [1, 20].map(|work| {
                let limits = Limits { work: Some(work), ..Limits::default() };
                let mut verifier = verifier(&case, &of(procedure));
                let mut slices = 0;
                loop {
                    slices += 1;
                    match verifier.run(&Budget::start(&limits)).unwrap() {
                        Verdict::Unknown(Reason::Stopped(Stop::Work)) => assert!(slices < 100_000, "{}", case.name),
                        verdict => break (kind(&verdict), slices, verifier.statistics().without_seconds()),
                    }
                }
            });
            for (verdict, slices, _) in &runs {
                assert_eq!(*verdict, expected, "{}, {slices} slices", case.name);
            }
            assert!(runs[0].1 > runs[1].1 || runs[0].1 > 3, "{}: {runs:?}", case.name);
            runs.reverse();
        }
    }
}

#[test]
fn equal_runs_are_equal_bit_for_bit() {
    for procedure in crate::PROCEDURES.iter().filter_map(|name| Procedure::from_name(name)) {
        for case in cases(0..40) {
            let run = || {
                let limits = Limits { work: Some(300), seed: 7, ..Limits::default() };
                let mut verifier = verifier(&case, &of(procedure));
                let first = verifier.run(&Budget::start(&limits)).unwrap();
                let between = verifier.statistics().without_seconds();
                let second = verifier.run(&Budget::start(&limits)).unwrap();
                (first, between, second, verifier.statistics().without_seconds())
            };
            assert_eq!(run(), run(), "{}", case.name);
        }
    }
}

/// A witness with room is in a part that is open until it is found: the bound is never above what it misses.
#[test]
fn the_best_bound_is_one_and_rises() {
    for procedure in [Procedure::InputSplit, Procedure::ReluSplit] {
        let (mut told, mut risen) = (0, 0);
        for case in cases(0..150) {
            let room = -&case.answer.margin;
            if case.disjuncts.len() != 1 {
                continue;
            }
            let mut verifier = verifier(&case, &of(procedure));
            let limits = Limits { work: Some(1), ..Limits::default() };
            let mut before = f64::NEG_INFINITY;
            while let Verdict::Unknown(Reason::Stopped(Stop::Work)) = verifier.run(&Budget::start(&limits)).unwrap() {
                let statistics = verifier.statistics();
                if statistics.disjuncts == 0 || statistics.open == 0 || statistics.work > 2000 {
                    break;
                }
                let now = statistics.bound;
                assert!(now >= before && now <= 0.0, "{}: {before}, {now}", case.name);
                let is_one = !case.answer.is_sat() || now.is_infinite() || rational(now) <= room;
                assert!(is_one, "{}: {now}, {}", case.name, case.answer.margin);
                told += usize::from(now > f64::NEG_INFINITY && case.answer.is_sat());
                risen += usize::from(now > before && before > f64::NEG_INFINITY);
                before = now;
            }
        }
        assert!(told > 20 && risen > 20, "{procedure:?}: {told}, {risen}");
    }
}

#[test]
fn threads_lead_to_the_same_verdict() {
    for (case, expected, statistics) in hard(Procedure::InputSplit) {
        let mut options = of(Procedure::InputSplit);
        options.threads = 4;
        let mut verifier = verifier(&case, &options);
        let verdict = verifier.run(&Budget::unlimited()).unwrap();
        assert_eq!(kind(&verdict), expected, "{}", case.name);
        if verdict == Verdict::Unsat {
            let now = verifier.statistics();
            assert_eq!((now.open, now.disjuncts, now.covered), (0, statistics.disjuncts, now.disjuncts as f64));
        }
    }
}

#[test]
fn inputs_without_bounds_have_a_reason() {
    let case = cases(0..1).remove(0);
    let property = Property::new(case.network.input_len(), case.network.output_len()).unwrap();
    let problem = Problem::new(case.network, property).unwrap();
    let mut verifier = Verifier::new(problem, &Options::default(), &Budget::unlimited()).unwrap();
    assert_eq!(verifier.run(&Budget::unlimited()).unwrap(), Verdict::Unknown(Reason::Unbounded));
    assert!(verifier.unbounded().unwrap().to_string().contains("X_0"));
    assert_eq!(verifier.run(&Budget::unlimited()).unwrap(), Verdict::Unknown(Reason::Unbounded));
}

#[test]
fn an_interrupt_and_no_time_end_a_run_and_the_next_goes_on() {
    let (case, expected, _) = hard(Procedure::InputSplit).remove(0);
    let mut verifier = verifier(&case, &of(Procedure::InputSplit));
    let none = Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() };
    assert_eq!(verifier.run(&Budget::start(&none)).unwrap(), Verdict::Unknown(Reason::Stopped(Stop::Time)));
    let token = anser::budget::Interrupt::new();
    token.trigger();
    let limits = Limits { interrupt: Some(token), ..Limits::default() };
    assert_eq!(verifier.run(&Budget::start(&limits)).unwrap(), Verdict::Unknown(Reason::Stopped(Stop::Interrupted)));
    assert_eq!(kind(&verifier.run(&Budget::unlimited()).unwrap()), expected);
}

#[test]
fn a_frontier_goes_on_to_the_same_verdict() {
    for procedure in [Procedure::Auto, Procedure::InputSplit, Procedure::ReluSplit] {
        let mut far = 0;
        for (case, expected, _) in hard(procedure).into_iter().take(12) {
            let limits = Limits { work: Some(10), ..Limits::default() };
            let mut verifier = verifier(&case, &of(procedure));
            let mut slices = 0;
            let verdict = loop {
                slices += 1;
                assert!(slices < 10_000, "{}", case.name);
                match verifier.run(&Budget::start(&limits)).unwrap() {
                    Verdict::Unknown(Reason::Stopped(Stop::Work)) => {}
                    verdict => break verdict,
                }
                let bytes = verifier.export(&Budget::unlimited()).unwrap();
                far += usize::from(verifier.statistics().open > 2);
                let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
                let before = verifier.statistics();
                verifier = Verifier::import(problem, &of(procedure), &bytes, &Budget::unlimited()).unwrap();
                assert_eq!(verifier.statistics(), before);
                assert_eq!(verifier.export(&Budget::unlimited()).unwrap(), bytes);
            };
            assert_eq!(kind(&verdict), expected, "{}", case.name);
            // A run at its end stays there.
            let bytes = verifier.export(&Budget::unlimited()).unwrap();
            let problem = Problem::new(case.network.clone(), case.property.clone()).unwrap();
            let mut verifier = Verifier::import(problem, &of(procedure), &bytes, &Budget::unlimited()).unwrap();
            assert_eq!(kind(&verifier.run(&Budget::unlimited()).unwrap()), expected, "{}", case.name);
        }
        assert!(far > 3, "{procedure:?}: {far}");
    }
}

/// As the end of a frontier has it.
fn with_sum(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 8;
    let fold = |sum: u64, &byte: &u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    let sum = bytes[..end].iter().fold(0xCBF2_9CE4_8422_2325, fold);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

#[test]
fn hostile_frontiers_are_refused() {
    let (case, ..) = hard(Procedure::InputSplit).remove(0);
    let options = of(Procedure::InputSplit);
    let mut open = verifier(&case, &options);
    let limits = Limits { work: Some(10), ..Limits::default() };
    while open.statistics().open < 2 {
        open.run(&Budget::start(&limits)).unwrap();
    }
    let bytes = open.export(&Budget::unlimited()).unwrap();
    let problem = || Problem::new(case.network.clone(), case.property.clone()).unwrap();
    let import = |bytes: &[u8]| Verifier::import(problem(), &options, bytes, &Budget::unlimited());
    let said = |bytes: &[u8]| import(bytes).map(|_| ()).unwrap_err().to_string();
    assert!(said(b"").contains("does not begin"));
    assert!(said(b"anser frontier\n\0").contains("damaged"));
    for end in 0..bytes.len() {
        assert!(import(&bytes[..end]).is_err(), "{end}");
    }
    let mut other = bytes.clone();
    other[16] = 1;
    assert!(said(&other).contains("version 1"));
    other = bytes.clone();
    other[20] ^= 1;
    assert!(said(&other).contains("damaged"));
    assert!(said(&with_sum(other)).contains("another network"));
    // Any byte changed, with a sum that fits: an error, or a run that another frontier began.
    let mut refused = 0;
    for at in 0..bytes.len() - 8 {
        for change in [0x01, 0x80, 0xFF] {
            let mut other = bytes.clone();
            other[at] ^= change;
            refused += usize::from(import(&with_sum(other)).is_err());
        }
    }
    assert!(refused > bytes.len(), "{refused} of {}", bytes.len());
    // That of another question.
    let another = cases(200..201).remove(0);
    let problem = Problem::new(another.network, another.property).unwrap();
    let error = Verifier::import(problem, &options, &bytes, &Budget::unlimited()).map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("another network"), "{error}");
}
