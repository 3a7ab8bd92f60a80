//! What happens where a propagator halts, panics or breaks its contract, in every function that it has.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::naive::{Mode, Naive, Random, Xor};
use super::tests::{add, engine};
use crate::budget::Budget;
use crate::sat::propagator::{Found, Halt, Keep, Propagator, Queue, Trail};
use crate::sat::{Answer, Broken, Cadical, SatError};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Propagate,
    Backtrack,
    Explain,
    Decide,
    Check,
    NextClause,
    Fixed,
    Learned,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Halt,
    Panic,
}

/// A sound propagator of exclusive ors that fails when it is called at `place` for the `left`th time.
struct Failing {
    inner: Naive<Xor>,
    place: Place,
    act: Act,
    left: u32,
    failed: bool,
}

impl Failing {
    fn reach(&mut self, place: Place) -> Result<(), Halt> {
        assert!(!self.failed || self.act == Act::Halt, "called after a panic");
        if place != self.place || self.failed {
            return Ok(());
        }
        self.left -= 1;
        if self.left > 0 {
            return Ok(());
        }
        self.failed = true;
        match self.act {
            Act::Halt => Err(Halt),
            Act::Panic => panic!("a test's panic in {place:?}"),
        }
    }
}

impl Propagator for Failing {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        self.reach(Place::Propagate)?;
        self.inner.propagate(trail, queue)
    }
    fn backtrack(&mut self, trail: &Trail, length: usize) {
        let _ = self.reach(Place::Backtrack);
        self.inner.backtrack(trail, length);
    }
    fn explain(&mut self, literal: i32, tag: u32, trail: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        self.reach(Place::Explain)?;
        self.inner.explain(literal, tag, trail, clause)
    }
    fn decide(&mut self, _: &Trail) -> Result<Option<i32>, Halt> {
        self.reach(Place::Decide)?;
        Ok(None)
    }
    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        self.reach(Place::Check)?;
        self.inner.check_model(trail, found)
    }
    fn wants_clauses(&self) -> bool {
        true
    }
    fn next_clause(&mut self, _: &Trail, _: &mut Vec<i32>) -> Result<Option<Keep>, Halt> {
        self.reach(Place::NextClause)?;
        Ok(None)
    }
    fn wants_fixed(&self) -> bool {
        true
    }
    fn fixed(&mut self, _: i32) {
        let _ = self.reach(Place::Fixed);
    }
    fn wants_learned(&self) -> usize {
        usize::MAX
    }
    fn learned(&mut self, _: &[i32]) {
        let _ = self.reach(Place::Learned);
    }
}

const VARS: u32 = 30;

/// Clauses and exclusive ors that take conflicts; whether they can be satisfied depends on `seed`.
fn instance(seed: u64) -> (Vec<Vec<i32>>, Vec<Vec<i32>>) {
    let mut random = Random::new(seed);
    let clauses = (0..80 + random.below(40)).map(|_| random.clause(VARS, 3)).collect();
    let xors = (0..3 + random.below(9)).map(|_| random.variables(VARS, 3)).collect();
    (clauses, xors)
}

fn observed() -> Vec<u32> {
    (1..=VARS).collect()
}

fn sound(xors: &[Vec<i32>]) -> Naive<Xor> {
    Naive::new(xors.iter().cloned().map(Xor).collect(), Mode::Eager)
}

fn failing(seed: u64, place: Place, act: Act, left: u32) -> Cadical {
    let (clauses, xors) = instance(seed);
    let mut engine = engine(VARS, &[]);
    add(&mut engine, VARS, &clauses);
    let propagator = Failing { inner: sound(&xors), place, act, left, failed: false };
    engine.connect(Box::new(propagator), &observed()).unwrap();
    engine
}

fn expected(seed: u64) -> Answer {
    let (clauses, xors) = instance(seed);
    let mut engine = engine(VARS, &[]);
    add(&mut engine, VARS, &clauses);
    engine.connect(Box::new(sound(&xors)), &observed()).unwrap();
    engine.solve(&[], &Budget::unlimited()).unwrap()
}

const PLACES: [Place; 5] = [Place::Propagate, Place::Explain, Place::Decide, Place::Check, Place::NextClause];

#[test]
fn halting_ends_the_search_without_an_answer() {
    for place in PLACES {
        let mut halted = 0;
        for seed in 0..40 {
            let left = if place == Place::Check { 1 } else { 1 + u32::try_from(seed % 4).unwrap() };
            let mut engine = failing(seed, place, Act::Halt, left);
            let answer = engine.solve(&[], &Budget::unlimited()).unwrap();
            if !engine.propagator::<Failing>(0).unwrap().failed {
                assert_eq!(answer, expected(seed));
                continue;
            }
            assert_eq!(answer, Answer::Halted(0));
            halted += 1;
            let again = engine.solve(&[], &Budget::unlimited());
            if place == Place::Explain {
                assert!(matches!(again, Err(SatError::Unusable)));
            } else {
                assert_eq!(again.unwrap(), expected(seed), "the search goes on where it was");
            }
        }
        assert!(halted > 5, "{place:?}: {halted}");
    }
}

#[test]
fn a_panic_comes_out_of_the_search_and_leaves_the_engine_unusable() {
    for place in PLACES.into_iter().chain([Place::Backtrack, Place::Fixed, Place::Learned]) {
        let mut panicked = 0;
        for seed in 0..40 {
            let left = if place == Place::Check { 1 } else { 1 + u32::try_from(seed % 4).unwrap() };
            let mut engine = failing(seed, place, Act::Panic, left);
            let outcome = catch_unwind(AssertUnwindSafe(|| engine.solve(&[], &Budget::unlimited())));
            if !engine.propagator::<Failing>(0).unwrap().failed {
                assert_eq!(outcome.unwrap().unwrap(), expected(seed));
                continue;
            }
            let message = outcome.unwrap_err();
            assert_eq!(*message.downcast::<String>().unwrap(), format!("a test's panic in {place:?}"));
            panicked += 1;
            assert!(matches!(engine.solve(&[], &Budget::unlimited()), Err(SatError::Unusable)));
            assert!(matches!(engine.retract(), Err(SatError::Unusable)));
        }
        assert!(panicked > 5, "{place:?}: {panicked}");
    }
}

#[test]
fn a_panic_between_searches_comes_out_of_the_call() {
    let mut engine = failing(0, Place::Backtrack, Act::Panic, 1);
    engine.propagator_mut::<Failing>(0).unwrap().left = u32::MAX;
    engine.solve(&[1, 2, 3], &Budget::unlimited()).unwrap();
    engine.propagator_mut::<Failing>(0).unwrap().left = 1;
    assert!(catch_unwind(AssertUnwindSafe(|| engine.retract())).is_err());
    assert!(matches!(engine.retract(), Err(SatError::Unusable)));
}

type Script<T> = Box<dyn FnMut(&Trail) -> T + Send>;

/// Does what the test says.
#[derive(Default)]
struct Scripted {
    propagate: Option<Script<Option<i32>>>,
    reason: Vec<i32>,
    decide: Option<Script<Option<i32>>>,
    check: Option<Script<(bool, Vec<Vec<i32>>)>>,
    clause: Option<Vec<i32>>,
}

impl Propagator for Scripted {
    fn propagate(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), Halt> {
        if let Some(literal) = self.propagate.as_mut().and_then(|script| script(trail)) {
            queue.push(literal, 7);
        }
        Ok(())
    }
    fn backtrack(&mut self, _: &Trail, _: usize) {}
    fn explain(&mut self, _: i32, tag: u32, _: &Trail, clause: &mut Vec<i32>) -> Result<(), Halt> {
        assert_eq!(tag, 7);
        clause.extend(&self.reason);
        Ok(())
    }
    fn decide(&mut self, trail: &Trail) -> Result<Option<i32>, Halt> {
        Ok(self.decide.as_mut().and_then(|script| script(trail)))
    }
    fn check_model(&mut self, trail: &Trail, found: &mut Found<'_>) -> Result<bool, Halt> {
        let Some(script) = &mut self.check else { return Ok(true) };
        let (taken, clauses) = script(trail);
        clauses.iter().for_each(|clause| found.clause(clause, Keep::Always));
        Ok(taken)
    }
    fn wants_clauses(&self) -> bool {
        self.clause.is_some()
    }
    fn next_clause(&mut self, _: &Trail, clause: &mut Vec<i32>) -> Result<Option<Keep>, Halt> {
        Ok(self.clause.take().map(|given| {
            clause.extend(given);
            Keep::Always
        }))
    }
    fn name(&self) -> &'static str {
        "scripted"
    }
}

/// Variables 1 to 4 are observed, 5 and 6 are not; deciding makes literals true in the order of `decisions`.
fn broken(mut propagator: Scripted, decisions: &'static [i32]) -> Broken {
    let mut engine = engine(6, &[]);
    add(&mut engine, 6, &[vec![1, 2, 3], vec![4, 5, 6]]);
    if propagator.decide.is_none() {
        propagator.decide = Some(Box::new(|trail: &Trail| decisions.iter().copied().find(|&l| trail.value(l) == 0)));
    }
    engine.connect(Box::new(Scripted::default()), &[]).unwrap();
    let id = engine.connect(Box::new(propagator), &[1, 2, 3, 4]).unwrap();
    let Err(SatError::Contract(violation)) = engine.solve(&[], &Budget::unlimited()) else {
        panic!("the violation went unnoticed")
    };
    assert_eq!((violation.propagator, violation.name), (id, "scripted"));
    assert!(violation.to_string().starts_with("propagator 1 (scripted): it"), "{violation}");
    assert!(matches!(engine.solve(&[], &Budget::unlimited()), Err(SatError::Unusable)));
    violation.broken
}

/// Propagates `literal`, which is 3, once 1 and 2 are true; deciding 4 and 5 or 6 then leads to a conflict, in
/// which the reason is asked.
fn with_reason(literal: i32, reason: &[i32]) -> Broken {
    let propagate: Script<Option<i32>> = Box::new(move |trail| match trail.value(literal) {
        0 if trail.value(1) > 0 && trail.value(2) > 0 => Some(literal),
        _ => None,
    });
    let decide: Script<Option<i32>> = Box::new(|trail| [1, 2, 4].into_iter().find(|&l| trail.value(l) == 0));
    let (propagate, decide) = (Some(propagate), Some(decide));
    let propagator = Scripted { propagate, decide, reason: reason.to_vec(), ..Scripted::default() };
    let mut engine = engine(6, &[]);
    add(&mut engine, 6, &[[5, 6], [5, -6], [-5, 6], [-5, -6]].map(|[a, b]| vec![-3, -4, a, b]));
    engine.connect(Box::new(propagator), &[1, 2, 3, 4]).unwrap();
    match engine.solve(&[], &Budget::unlimited()) {
        Err(SatError::Contract(violation)) => {
            assert!(matches!(engine.solve(&[], &Budget::unlimited()), Err(SatError::Unusable)));
            violation.broken
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn illegal_propagations_and_decisions_are_named() {
    for literal in [0, 5, -6, 7, i32::MAX, i32::MIN] {
        let propagate: Script<Option<i32>> = Box::new(move |_| Some(literal));
        let propagator = Scripted { propagate: Some(propagate), ..Scripted::default() };
        assert_eq!(broken(propagator, &[]), Broken::ForeignPropagation { literal });
        let decide: Script<Option<i32>> = Box::new(move |_| Some(literal));
        let propagator = Scripted { decide: Some(decide), ..Scripted::default() };
        assert_eq!(broken(propagator, &[]), Broken::ForeignDecision { literal });
    }
    let decide: Script<Option<i32>> = Box::new(|trail| Some(if trail.value(1) == 0 { 1 } else { -1 }));
    let propagator = Scripted { decide: Some(decide), ..Scripted::default() };
    assert_eq!(broken(propagator, &[]), Broken::AssignedDecision { literal: -1 });
}

#[test]
fn illegal_reasons_are_named() {
    let literal = 3;
    assert_eq!(with_reason(3, &[-1, -2]), Broken::ReasonWithoutLiteral { literal });
    assert_eq!(with_reason(3, &[]), Broken::ReasonWithoutLiteral { literal });
    assert_eq!(with_reason(3, &[3, 2]), Broken::ReasonNotFalse { literal, other: 2 });
    assert_eq!(with_reason(3, &[3, -1, -2, -3]), Broken::ReasonTooLate { literal, other: -3 });
    assert_eq!(with_reason(3, &[-1, -2, 3, -4]), Broken::ReasonTooLate { literal, other: -4 });
    for other in [0, 5, -6, 7, i32::MAX, i32::MIN] {
        assert_eq!(with_reason(3, &[3, -1, other]), Broken::ForeignReason { literal, other });
    }
    // In conflict at once: 2 is true when -2 is propagated.
    let propagate: Script<Option<i32>> = Box::new(|trail| (trail.value(2) > 0).then_some(-2));
    let propagator = Scripted { propagate: Some(propagate), reason: vec![-2, 1], ..Scripted::default() };
    assert_eq!(broken(propagator, &[1, 2]), Broken::ReasonNotFalse { literal: -2, other: 1 });
}

#[test]
fn illegal_clauses_are_named() {
    for literal in [0, 5, -6, 7, i32::MAX, i32::MIN] {
        let propagator = Scripted { clause: Some(vec![1, literal]), ..Scripted::default() };
        assert_eq!(broken(propagator, &[]), Broken::ForeignClause { literal });
        let check: Script<(bool, Vec<Vec<i32>>)> = Box::new(move |_| (false, vec![vec![literal, 2]]));
        let propagator = Scripted { check: Some(check), ..Scripted::default() };
        assert_eq!(broken(propagator, &[]), Broken::ForeignClause { literal });
    }
    let refuse: Script<(bool, Vec<Vec<i32>>)> = Box::new(|_| (false, vec![]));
    let propagator = Scripted { check: Some(refuse), ..Scripted::default() };
    assert_eq!(broken(propagator, &[]), Broken::RefusedWithoutClause);
    let refuse: Script<(bool, Vec<Vec<i32>>)> = Box::new(|trail| (false, vec![vec![trail.literals()[0], -1, -2]]));
    let propagator = Scripted { check: Some(refuse), ..Scripted::default() };
    assert_eq!(broken(propagator, &[]), Broken::RefusedWithoutClause);
}

#[test]
fn an_empty_clause_ends_all_models() {
    let mut engine = engine(3, &[]);
    engine.connect(Box::new(Scripted { clause: Some(vec![]), ..Scripted::default() }), &[1]).unwrap();
    assert_eq!(engine.solve(&[], &Budget::unlimited()).unwrap(), Answer::Unsat);
}

#[test]
fn wrong_handles_are_refused() {
    let mut engine = engine(3, &[]);
    assert!(matches!(engine.connect(Box::new(Scripted::default()), &[4]), Err(SatError::Undeclared(4))));
    assert!(matches!(engine.connect(Box::new(Scripted::default()), &[0]), Err(SatError::Undeclared(0))));
    assert!(matches!(engine.observe(0, &[1]), Err(SatError::NoPropagator(0))));
    assert!(matches!(engine.disconnect(0), Err(SatError::NoPropagator(0))));
    let id = engine.connect(Box::new(Scripted::default()), &[1, 2]).unwrap();
    assert!(engine.propagator::<Naive<Xor>>(id).is_none() && engine.propagator::<Scripted>(id).is_some());
    assert!(engine.propagator_mut::<Scripted>(id + 1).is_none());
    let name = engine.disconnect(id).unwrap().name();
    assert_eq!(name, "scripted");
    assert!(matches!(engine.disconnect(id), Err(SatError::NoPropagator(_))));
    assert_eq!(engine.solve(&[], &Budget::unlimited()).unwrap(), Answer::Sat);
}

/// A constraint that is disconnected does not bind any more, beyond what was learned from it; one that is connected
/// again is told what is fixed.
#[test]
fn propagators_come_and_go() {
    let mut engine = engine(4, &[]);
    add(&mut engine, 4, &[vec![1]]);
    let first = engine.connect(Box::new(Naive::new(vec![vec![-1, 2]], Mode::Eager)), &[1, 2]).unwrap();
    let second = engine.connect(Box::new(Naive::new(vec![vec![-2, 3]], Mode::Eager)), &[2, 3]).unwrap();
    assert_eq!(engine.solve(&[-3], &Budget::unlimited()).unwrap(), Answer::Unsat);
    drop(engine.disconnect(first).unwrap());
    assert_eq!(engine.solve(&[], &Budget::unlimited()).unwrap(), Answer::Sat);
    drop(engine.disconnect(second).unwrap());
    assert_eq!(engine.solve(&[-4], &Budget::unlimited()).unwrap(), Answer::Sat);
    engine.connect(Box::new(Naive::new(vec![vec![-1, 4]], Mode::Eager)), &[1, 4]).unwrap();
    assert_eq!(engine.solve(&[-4], &Budget::unlimited()).unwrap(), Answer::Unsat);
    assert_eq!(engine.solve(&[], &Budget::unlimited()).unwrap(), Answer::Sat);
}
