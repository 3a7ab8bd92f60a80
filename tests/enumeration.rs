//! Every projected model is told once, however much the search forgets on its way: against the exact counter, which shares
//! nothing with it.

#![cfg(feature = "cadical")]

use std::collections::HashSet;
use std::sync::Arc;

use anser::budget::{Budget, Limits};
use anser::count::{self, Exact};
use anser::instances::random_ksat;
use anser::solve::{Enumerator, Step};

/// Clauses that refute a part of the tree may go; the part may not come back. Clauses go early here.
#[test]
fn no_model_is_told_twice() {
    let (mut told, mut conflicts) = (0, 0);
    for seed in 0..60 {
        let budget = Budget::start(&Limits { seed, ..Limits::default() });
        let mut formula = random_ksat::generate(120, 380 + seed % 4 * 20, 3, &budget).unwrap();
        let set: Vec<u32> = (1..=12 + seed as u32 % 3).map(|v| 7 * v).collect();
        formula.set_sampling_set(Some(&set)).unwrap();
        let formula = Arc::new(formula);
        let mut enumerator = Enumerator::new(Arc::clone(&formula)).unwrap();
        for (option, value) in
            [("reduceint", 10), ("reducetarget", 100), ("reducetier1glue", 1), ("reducetier2glue", 1)]
        {
            enumerator.solver_mut().unwrap().set_option(option, value).unwrap();
        }
        let mut seen = HashSet::new();
        loop {
            match enumerator.next(&budget).unwrap() {
                Step::Model => {
                    let model = enumerator.model().unwrap();
                    let bits: Vec<bool> = set.iter().map(|&v| model[v as usize - 1] > 0).collect();
                    assert!(seen.insert(bits), "seed {seed}: model {} again", seen.len());
                }
                Step::Complete => break,
                Step::Unknown(stop) => panic!("{stop}"),
            }
        }
        let count = Exact::new(formula, &count::Options::default()).unwrap().run(&budget).unwrap().unwrap();
        assert_eq!(count, seen.len().into(), "seed {seed}");
        told += seen.len();
        conflicts += enumerator.solver().statistics().iter().find(|(name, _)| *name == "conflicts").map_or(0, |s| s.1);
    }
    assert!(told > 50_000 && conflicts > 10_000, "{told} models, {conflicts} conflicts");
}
