//! Variables that those projected on determine: they may be decided and counted too, which changes no count.
//!
//! A variable is determined where no two models agree on the projection and differ in it (A. Padoa, 1901): the formula is taken
//! twice over the same projection, and asked for a model in which both copies of the variable differ. What is found equal is
//! told to the next question, so that questions go up circuits gate by gate; variables on which the copies of any model differ
//! need no question.
//!
//! Source: M. Soos, K. S. Meel, "Arjun: An Efficient Independent Support Computation Technique and its Applications to Counting
//! and Sampling", ICCAD 2022, which also goes the other way and leaves variables out.
//!
//! Cost: a search each, cut short at [`CONFLICTS`], in order of their distance from the projection.

use super::CountError;
use super::engine::{Engine, filled};
use super::literal::Lit;
use super::satisfy::{Answer, Heap};
use super::simplify::{Problem, go_on};
use crate::budget::{Budget, Stop};

/// Work of one search, which spends one a conflict, ...
const CONFLICTS: u64 = 30;

/// ... and of all of them, ...
const ALL: u64 = 20_000;

/// ... and literals that they may propagate: a few seconds.
const PROPAGATIONS: u64 = 1 << 23;

/// Finds variables that the kept ones determine.
pub(super) fn determine(problem: &mut Problem, budget: &Budget) -> Result<Result<(), Stop>, CountError> {
    let count = problem.kept.len();
    let used = {
        let mut used = filled(count, false)?;
        problem.clauses.iter().flatten().for_each(|literal| used[literal.var()] = true);
        used
    };
    let mut order = near(problem)?;
    order.retain(|&variable| used[variable as usize] && !problem.determined[variable as usize]);
    if order.is_empty() {
        return Ok(Ok(()));
    }
    // The second copy's variables that are not shared come after the first's.
    let mut twin = filled(count, u32::MAX)?;
    let mut all = count as u32;
    for variable in 0..count {
        twin[variable] = variable as u32;
        if used[variable] && !problem.determined[variable] {
            twin[variable] = all;
            all += 1;
        }
    }
    let mut engine = Engine::new(all as usize)?;
    let copy = |literal: Lit| Lit::new(twin[literal.var()], literal.is_positive());
    let mut second = Vec::new();
    for clause in &problem.clauses {
        second.clear();
        second.extend(clause.iter().map(|&literal| copy(literal)));
        if !engine.add(clause)? || !engine.add(&second)? {
            return Ok(Ok(()));
        }
    }
    if !engine.propagate() {
        return Ok(Ok(()));
    }
    let everything: Vec<u32> = (0..all).filter(|&v| v as usize >= count || used[v as usize]).collect();
    let mut heap = Heap::default();
    let mut differs = filled(count, false)?;
    let mut spent = 0;
    loop {
        let before = order.len();
        let mut failed = Vec::new();
        for &variable in &order {
            if differs[variable as usize] {
                continue;
            }
            if spent > ALL || engine.propagations > PROPAGATIONS {
                return Ok(Ok(()));
            }
            let (one, other) = (Lit::new(variable, true), Lit::new(twin[variable as usize], true));
            let slice = budget.slice(CONFLICTS, 0);
            let answer = engine.satisfy(&everything, &[one, !other], &mut heap, &slice)?;
            spent += slice.spent() + 1;
            match answer {
                Answer::Satisfiable => {
                    for &v in &order {
                        let twin = twin[v as usize] as usize;
                        differs[v as usize] |= engine.phase[v as usize] != engine.phase[twin];
                    }
                }
                Answer::Refuted(_) => {
                    problem.determined[variable as usize] = true;
                    if !engine.add(&[!one, other])? || !engine.add(&[one, !other])? || !engine.propagate() {
                        return Ok(Ok(()));
                    }
                }
                Answer::Stopped(_) => failed.push(variable),
            }
            go_on!(budget.spend(slice.spent() + 1));
        }
        failed.retain(|&variable| !differs[variable as usize]);
        order = failed;
        if order.is_empty() || order.len() == before {
            return Ok(Ok(()));
        }
    }
}

/// The variables by their distance from the kept ones.
fn near(problem: &Problem) -> Result<Vec<u32>, CountError> {
    let count = problem.kept.len();
    let mut occurrences: Vec<Vec<u32>> = filled(count, Vec::new())?;
    for (at, clause) in (0..).zip(&problem.clauses) {
        clause.iter().for_each(|literal| occurrences[literal.var()].push(at));
    }
    // A clause leads on once all of its variables but one are reached.
    let mut open: Vec<usize> = problem.clauses.iter().map(Vec::len).collect();
    let mut reached = problem.kept.clone();
    let mut queue: Vec<u32> = (0..count as u32).filter(|&variable| problem.kept[variable as usize]).collect();
    let mut at = 0;
    let mut spare = 0;
    loop {
        while let Some(&variable) = queue.get(at) {
            at += 1;
            for &clause in &occurrences[variable as usize] {
                open[clause as usize] = open[clause as usize].saturating_sub(1);
                if open[clause as usize] == 1 && problem.clauses[clause as usize].len() > 2 {
                    for literal in &problem.clauses[clause as usize] {
                        if !std::mem::replace(&mut reached[literal.var()], true) {
                            queue.push(literal.variable());
                        }
                    }
                }
            }
        }
        while spare < count && reached[spare] {
            spare += 1;
        }
        if spare == count {
            return Ok(queue);
        }
        reached[spare] = true;
        queue.push(spare as u32);
    }
}
