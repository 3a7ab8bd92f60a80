//! Counts and samples of spaces that are known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use num_bigint::BigUint;
use num_traits::ToPrimitive;

use super::*;
use crate::budget::{Budget, Limits, Stop};
use crate::formula::Formula;
use crate::instances::random_ksat;

/// A random formula with a sampling set, and its projected models.
fn space(seed: u64, variables: u32, clauses: u64) -> (Arc<Formula>, BTreeSet<u64>) {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    let mut formula = random_ksat::generate(u64::from(variables), clauses, 3, &budget).unwrap();
    let set: Vec<u32> = (1..=variables).filter(|v| v % 4 != 0).collect();
    formula.set_sampling_set(Some(&set)).unwrap();
    let values = |bits: u32| (0..variables).map(|i| if bits >> i & 1 == 1 { 1 } else { -1 }).collect::<Vec<i8>>();
    let models = (0..1u32 << variables).filter(|&bits| formula.check(&values(bits)).unwrap().is_none());
    let of = |bits: u32| set.iter().enumerate().map(|(p, &v)| u64::from(bits >> (v - 1) & 1) << p).sum::<u64>();
    let models = models.map(of).collect();
    (Arc::new(formula), models)
}

fn draw(sampler: &mut Sampler, wanted: usize) -> Vec<u64> {
    let mut drawn = Vec::new();
    while drawn.len() < wanted {
        match sampler.next(&Budget::unlimited()).unwrap() {
            Step::Sample => drawn.push(sampler.sample().unwrap()[0]),
            Step::Failed => {}
            Step::Exhausted => break,
            Step::Unknown(stop) => panic!("{stop}"),
        }
    }
    drawn
}

/// Every count is within its tolerance as often as it must be, and exact where few models are.
#[test]
fn counts_are_within_their_tolerance() {
    let (mut exact, mut within, mut hashed) = (0, 0, 0);
    for seed in 0..60 {
        let (formula, models) = space(seed, 16, 4 + seed);
        let mut counter = Counter::new(formula, &CountOptions::default()).unwrap();
        let count = counter.run(seed, &Budget::unlimited()).unwrap().unwrap();
        let truth = BigUint::from(models.len());
        if count.exact {
            assert_eq!(count.models, truth);
            exact += 1;
        } else {
            hashed += 1;
            let ratio = count.models.to_f64().unwrap() / models.len() as f64;
            within += usize::from((1.0 / 1.8..=1.8).contains(&ratio));
        }
    }
    // The guarantee is 0.8; what is seen is far better.
    assert!(exact > 5 && hashed > 25 && within * 10 >= hashed * 9, "{exact} {within} {hashed}");
}

/// Of each method: only models, and by chi-square none too often. Enumeration is out of the question here: cells have at least
/// five rows.
#[test]
fn draws_are_uniform() {
    let (formula, models) = space(17, 16, 20);
    assert!((700..4000).contains(&models.len()), "{}", models.len());
    for (method, draws) in [(Method::UniGen, 40), (Method::UniWit13, 10), (Method::Exact, 400)] {
        let options = Options { method, ..Options::default() };
        let mut sampler = Sampler::new(Arc::clone(&formula), &options, 5).unwrap();
        let drawn = draw(&mut sampler, draws * models.len() / 4);
        let mut counts: BTreeMap<u64, u32> = models.iter().map(|&model| (model, 0)).collect();
        for model in &drawn {
            *counts.get_mut(model).expect("a model") += 1;
        }
        let expected = drawn.len() as f64 / models.len() as f64;
        let chi: f64 = counts.values().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        // Wilson and Hilferty: the cube root of chi-square over its degrees of freedom is about normal.
        let k = (models.len() - 1) as f64;
        let z = ((chi / k).cbrt() - (1.0 - 2.0 / (9.0 * k))) / (2.0 / (9.0 * k)).sqrt();
        assert!(z < 3.1, "{method:?}: z = {z}, {:?}", sampler.statistics());
        assert!(method != Method::UniGen || sampler.statistics().rows >= 5);
    }
}

/// One seed, one stream, whatever the threads, and however it is cut.
#[test]
fn a_seed_is_a_stream() {
    let (formula, _) = space(3, 16, 24);
    for options in [
        Options::default(),
        Options { per_cell: 0, ..Options::default() },
        Options { method: Method::UniWit, ..Options::default() },
        Options { method: Method::UniWit13, ..Options::default() },
        Options { family: Some(Family::Sparse(0.2)), ..Options::default() },
        Options { method: Method::Exact, ..Options::default() },
    ] {
        let mut one = Sampler::new(Arc::clone(&formula), &options, 9).unwrap();
        let all = draw(&mut one, 60);
        let mut two = Sampler::new(Arc::clone(&formula), &Options { threads: 3, ..options.clone() }, 9).unwrap();
        assert_eq!(draw(&mut two, 60), all);
        let mut other = Sampler::new(Arc::clone(&formula), &options, 10).unwrap();
        assert_ne!(draw(&mut other, 60), all);
        // Calls with little work.
        let mut cut = Sampler::new(Arc::clone(&formula), &options, 9).unwrap();
        let (mut drawn, mut calls) = (Vec::new(), 0);
        let mut work = 2000;
        while drawn.len() < 20 {
            let budget = Budget::start(&Limits { work: Some(work), ..Limits::default() });
            match cut.next(&budget).unwrap() {
                Step::Sample => drawn.push(cut.sample().unwrap()[0]),
                // A cell is begun anew.
                Step::Unknown(Stop::Work) => (work, calls) = (work + work / 4, calls + 1),
                Step::Failed => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(drawn, all[..20]);
        assert!(calls > 0 || options.method == Method::Exact, "{options:?}");
        // From a place on.
        let saved = cut.save(&Budget::unlimited()).unwrap();
        let mut moved = Sampler::new(Arc::clone(&formula), &options, 9).unwrap();
        moved.restore(&saved, &Budget::unlimited()).unwrap();
        assert_eq!(moved.save(&Budget::unlimited()).unwrap(), saved);
        assert_eq!(draw(&mut moved, 40), all[20..]);
    }
}

/// Without repetitions every model comes once, and then there are no more.
#[test]
fn distinct_samples_end() {
    for seed in 0..12 {
        let (formula, models) = space(seed, 12, 20 + 5 * (seed % 8));
        let method = if seed < 8 { Method::UniGen } else { Method::Exact };
        let options = Options { method, distinct: true, ..Options::default() };
        let mut sampler = Sampler::new(formula, &options, seed).unwrap();
        let drawn = draw(&mut sampler, usize::MAX);
        assert_eq!(drawn.len(), models.len());
        assert_eq!(drawn.into_iter().collect::<BTreeSet<u64>>(), models);
        assert_eq!(sampler.next(&Budget::unlimited()).unwrap(), Step::Exhausted);
    }
}

/// Streams as they were: a change here is a change of what seeds give, and is told to those who keep them.
#[test]
fn golden_streams() {
    let (formula, _) = space(3, 16, 24);
    let streams = [
        Options::default(),
        Options { per_cell: 0, ..Options::default() },
        Options { method: Method::UniWit, ..Options::default() },
        Options { method: Method::UniWit13, ..Options::default() },
        Options { distinct: true, ..Options::default() },
    ];
    let sums = streams.map(|options| {
        let mut sampler = Sampler::new(Arc::clone(&formula), &options, 1).unwrap();
        let all: Vec<u8> = draw(&mut sampler, 200).into_iter().flat_map(u64::to_le_bytes).collect();
        format!("{:#018x}", record::sum(&all, record::START))
    });
    let golden =
        ["0xa9d0b47e79b941b9", "0x8dbe4797d7b30041", "0x92dbabbfe019ef1c", "0x179dada80f173511", "0x93520807dc0092d2"];
    assert_eq!(sums, golden);
}

/// A saved sampler that is cut, changed or another's is refused, and changes nothing.
#[test]
fn what_is_no_saved_sampler_is_refused() {
    let (formula, _) = space(3, 16, 24);
    let budget = Budget::unlimited();
    let options = Options { per_cell: 0, distinct: true, ..Options::default() };
    let new = |options: &Options, seed| Sampler::new(Arc::clone(&formula), options, seed).unwrap();
    let mut sampler = new(&options, 4);
    let mut all = draw(&mut sampler, 30);
    let saved = sampler.save(&budget).unwrap();
    all.extend(draw(&mut sampler, 30));
    let mut again = new(&Options { threads: 2, ..options.clone() }, 4);
    for length in 0..saved.len() {
        assert!(again.restore(&saved[..length], &budget).is_err(), "{length}");
    }
    for place in 0..saved.len() {
        let mut changed = saved.clone();
        changed[place] ^= 1 << (place % 8);
        assert!(again.restore(&changed, &budget).is_err(), "{place}");
    }
    for (options, seed) in
        [(options.clone(), 5), (Options { distinct: false, ..options.clone() }, 4), (Options::default(), 4)]
    {
        assert!(matches!(new(&options, seed).restore(&saved, &budget), Err(SampleError::Other)));
    }
    let mut narrow = new(&options, 4);
    narrow.set_projection(&[1, 2]).unwrap();
    assert!(matches!(narrow.restore(&saved, &budget), Err(SampleError::Other)));
    let over = Budget::start(&Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() });
    assert!(matches!(again.restore(&saved, &over), Err(SampleError::Fingerprint(_))));
    assert_eq!(draw(&mut again, 10), all[..10]);
    again.restore(&saved, &budget).unwrap();
    assert_eq!(draw(&mut again, 30), all[30..]);
    assert_eq!(again.statistics().samples, 60);
}

#[test]
fn what_is_no_option_is_refused() {
    let formula = Arc::new(Formula::new());
    for epsilon in [f64::NAN, 0.0, 1.71, -3.0, f64::INFINITY] {
        let options = Options { epsilon, ..Options::default() };
        assert!(Sampler::new(Arc::clone(&formula), &options, 0).is_err(), "{epsilon}");
    }
    for (epsilon, delta) in [(0.0, 0.1), (f64::NAN, 0.1), (1e-9, 0.1), (0.8, 0.0), (0.8, 1.0), (0.8, f64::NAN)] {
        let options = CountOptions { epsilon, delta, ..CountOptions::default() };
        assert!(Counter::new(Arc::clone(&formula), &options).is_err(), "{epsilon} {delta}");
    }
    for density in [0.0, 0.6, f64::NAN] {
        let family = Some(Family::Sparse(density));
        assert!(Sampler::new(Arc::clone(&formula), &Options { family, ..Options::default() }, 0).is_err());
    }
    // The empty formula has one model, that of no variable.
    let mut sampler = Sampler::new(Arc::clone(&formula), &Options::default(), 0).unwrap();
    assert!(sampler.sample().is_err());
    assert_eq!(sampler.next(&Budget::unlimited()).unwrap(), Step::Sample);
    assert_eq!(sampler.literals().unwrap().count(), 0);
    let mut contradiction = Formula::new();
    contradiction.add_clause(&[]).unwrap();
    let contradiction = Arc::new(contradiction);
    for method in [Method::UniGen, Method::Exact] {
        let options = Options { method, ..Options::default() };
        let mut sampler = Sampler::new(Arc::clone(&contradiction), &options, 0).unwrap();
        assert_eq!(sampler.next(&Budget::unlimited()).unwrap(), Step::Exhausted);
        let mut sampler = Sampler::new(Arc::new(Formula::new()), &options, 0).unwrap();
        assert_eq!(sampler.next(&Budget::unlimited()).unwrap(), Step::Sample);
        assert_eq!(sampler.literals().unwrap().count(), 0);
    }
}
