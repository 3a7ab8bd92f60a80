//! A backend against brute force: formulas of all kinds of constraints, each solved under several assumptions on one solver.

use std::collections::BTreeSet;

use anser::budget::Budget;
use anser::formula::Formula;
use anser::solve::{Outcome, Solver};

use super::mixed::{Mixed, Random, is_true};

/// How often there was a model and none, and how many cores were smaller than the assumptions.
#[derive(Debug, Default)]
pub struct Counts {
    pub sat: u32,
    pub unsat: u32,
    pub smaller: u32,
}

/// So many formulas from this seed, each as often as there are signs, which turn the assumptions around; a quarter of them has
/// integers. `look` is shown every solver that has a model.
pub fn agrees(
    seed: u64,
    formulas: usize,
    signs: &[i32],
    make: impl Fn(Formula) -> Solver,
    look: impl Fn(&Solver),
) -> Counts {
    let (mut random, mut counts) = (Random(seed), Counts::default());
    for round in 0..formulas {
        let mixed = Mixed::random(&mut random, round % 4 == 0);
        let models: BTreeSet<u32> = mixed.models().iter().map(|m| m.0).collect();
        let formula = mixed.formula(|_| true);
        let variables = formula.num_vars();
        let mut s = make(formula);
        for &sign in signs {
            let assumptions = [1i32, -2, 3].map(|l| sign * if round & 1 << l.unsigned_abs() == 0 { l } else { -l });
            let assumptions = &assumptions[..(round % 4).min(variables as usize)];
            let expected = models.iter().any(|&m| assumptions.iter().all(|&l| is_true(m, l)));
            let outcome = s.solve(assumptions, &Budget::unlimited()).unwrap();
            assert_eq!(outcome == Outcome::Sat, expected, "round {round}");
            if outcome == Outcome::Sat {
                let model = s.model().unwrap();
                let bits = model.iter().enumerate().filter(|(_, v)| **v > 0).map(|(i, _)| 1 << i).sum();
                assert!(models.contains(&bits), "round {round}");
                look(&s);
                counts.sat += 1;
            } else {
                let core = s.core().unwrap();
                assert!(core.iter().all(|l| assumptions.contains(l)));
                assert!(!models.iter().any(|&m| core.iter().all(|&l| is_true(m, l))), "round {round}");
                counts.smaller += u32::from(core.len() < assumptions.len());
                counts.unsat += 1;
            }
        }
    }
    counts
}
