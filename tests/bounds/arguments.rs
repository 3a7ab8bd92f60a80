//! What is refused, and in which words.

use anser::bounds::{Bounds, BoundsError, Contracted, Functions, Method, Options, Polytope, Query, Results, Splits};
use anser::budget::{Budget, Limits};
use anser::instances::networks::{Activation, NetworkSpec, network};
use anser::net::Network;

fn small() -> Network {
    network(&NetworkSpec::dense(2, &[3], 2), 1).unwrap()
}

fn unit() -> Bounds {
    Bounds::new(&small(), &[-1.0; 2], &[1.0; 2], &Options::default(), &Budget::unlimited()).unwrap()
}

const OUTPUTS: [f64; 2] = [1.0, -1.0];

fn plain<'a>() -> Query<'a> {
    Query { boxes: 1, lower: &[-1.0; 2], upper: &[1.0; 2], rows: 1, outputs: &OUTPUTS, ..Query::default() }
}

#[track_caller]
fn refused(query: Query<'_>, says: &str) {
    let bounds = unit();
    let error = bounds.compute(&query, &mut Results::default(), &Budget::unlimited()).unwrap_err();
    assert!(error.to_string().contains(says), "{error}");
    let (mut lower, mut upper) = (vec![0.0; query.lower.len()], vec![0.0; query.upper.len()]);
    let mut contracted = Contracted { lower: &mut lower, upper: &mut upper, neurons: None, empty: None };
    let right = vec![0.0; query.rows];
    let polytope = Polytope { right: &right, strict: &[] };
    let also = bounds.contract(&query, &polytope, &mut contracted, &Budget::unlimited());
    assert!(also.is_err() || matches!(query.method, Method::Alpha { .. }), "{says}");
}

#[test]
fn root_boxes() {
    let net = small();
    let new = |lower: &[f64], upper: &[f64]| {
        let made = Bounds::new(&net, lower, upper, &Options::default(), &Budget::unlimited());
        made.unwrap_err().to_string()
    };
    assert!(new(&[0.0], &[1.0; 2]).contains("the root box's lower bounds has 1 elements, needed are 2"));
    assert!(new(&[0.0; 2], &[1.0; 3]).contains("upper bounds has 3"));
    assert!(new(&[0.0, f64::NAN], &[1.0; 2]).contains("element 1 is NaN"));
    assert!(new(&[0.0; 2], &[1.0, f64::INFINITY]).contains("element 1 is inf"));
    assert!(new(&[0.0, 1.0], &[1.0, 0.5]).contains("at index 1 the lower bound 1 is greater"));
    assert!(unit().within(&[0.0], &[1.0], &Options::default(), &Budget::unlimited()).is_err());
}

#[test]
fn boxes_and_rows() {
    refused(Query { boxes: 2, ..plain() }, "lower bounds has 2 elements, needed are 4");
    refused(Query { boxes: usize::MAX, ..plain() }, "too many");
    refused(Query { upper: &[1.0], ..plain() }, "upper bounds has 1");
    refused(Query { lower: &[f64::NAN, 0.0], ..plain() }, "the boxes: element 0 is NaN");
    refused(Query { lower: &[0.5, 0.0], upper: &[0.4, 1.0], ..plain() }, "index 0 the lower bound 0.5 is greater");
    refused(Query { lower: &[-1.0, -1.5], ..plain() }, "box 0 reaches beyond the root box at input 1: -1.5");
    refused(Query { upper: &[1.5, 1.0], ..plain() }, "at input 0: 1.5");
    refused(Query { rows: 2, ..plain() }, "coefficients of outputs has 2 elements, needed are 4");
    refused(Query { outputs: &[f64::INFINITY, 0.0], ..plain() }, "outputs: element 0 is inf");
    refused(Query { inputs: &[1.0], ..plain() }, "coefficients of inputs has 1 elements, needed are 2");
    refused(Query { inputs: &[1.0, f64::NAN], ..plain() }, "inputs: element 1 is NaN");
    refused(Query { known: (&[0.0; 3], &[]), ..plain() }, "known upper bounds of neurons has 0 elements, needed are 3");
    refused(Query { known: (&[f64::NAN; 3], &[1.0; 3]), ..plain() }, "neurons: element 0 is NaN");
    refused(Query { known: (&[2.0; 3], &[1.0; 3]), ..plain() }, "the lower bound 2 is greater");
    let iterations = Method::Alpha { iterations: usize::MAX, neuron_iterations: 0 };
    refused(Query { method: iterations, ..plain() }, "iterations are too many");
}

#[test]
fn splits() {
    let with = |offsets, neurons, phases| Query { splits: Splits { offsets, neurons, phases }, ..plain() };
    refused(with(&[], &[1], &[1]), "without offsets, has 1 elements");
    refused(with(&[0], &[], &[]), "offsets has 1 elements, needed are 2");
    refused(with(&[0, 1], &[1], &[]), "phases has 0 elements, needed are 1");
    refused(with(&[1, 1], &[1], &[1]), "offset 0 of the splits is 1");
    refused(with(&[0, 2], &[1], &[1]), "offset 1 of the splits is 2: offsets go from 0 up to the number of splits, 1");
    let more = Query { boxes: 2, lower: &[0.0; 4], upper: &[0.5; 4], ..plain() };
    refused(Query { splits: Splits { offsets: &[0, 1, 0], neurons: &[], phases: &[] }, ..more }, "offset 2");
    refused(with(&[0, 1], &[3], &[1]), "split 0: neuron 3 is not there");
    refused(with(&[0, 1], &[u32::MAX], &[1]), "is not there");
    refused(with(&[0, 2], &[0, 1], &[1, 0]), "split 1: neuron 1 has a phase that is neither 1 nor -1");
    let tanh = network(&NetworkSpec { activation: Activation::Tanh, ..NetworkSpec::dense(2, &[3], 2) }, 1).unwrap();
    let bounds = Bounds::new(&tanh, &[-1.0; 2], &[1.0; 2], &Options::default(), &Budget::unlimited()).unwrap();
    let query = with(&[0, 1], &[0], &[1]);
    let error = bounds.compute(&query, &mut Results::default(), &Budget::unlimited()).unwrap_err();
    assert!(matches!(error, BoundsError::Neuron { index: 0, neuron: 0, .. }), "{error}");
}

#[test]
fn room() {
    let bounds = unit();
    let check = |mut results: Results<'_>, says: &str| {
        let error = bounds.compute(&plain(), &mut results, &Budget::unlimited()).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    };
    let (mut a, mut b) = (vec![0.0; 5], vec![0.0; 3]);
    check(Results { lower: Some(&mut a), ..Results::default() }, "room for lower bounds has 5 elements, needed are 1");
    check(Results { upper: Some(&mut a), ..Results::default() }, "room for upper bounds");
    check(Results { points: Some(&mut a), ..Results::default() }, "room for points has 5 elements, needed are 2");
    check(Results { neurons: Some((&mut b, &mut a)), ..Results::default() }, "room for upper bounds of neurons has 5");
    check(Results { empty: Some(&mut [false; 2]), ..Results::default() }, "room for flags");
    let below = Some(Functions { coefficients: &mut a, constants: &mut b });
    check(Results { below, ..Results::default() }, "coefficients of functions below");
    let (right, mut lower, mut upper) = ([0.0], vec![0.0; 2], vec![0.0; 2]);
    for (polytope, says) in [
        (Polytope { right: &[], strict: &[] }, "right sides has 0 elements, needed are 1"),
        (Polytope { right: &[f64::NAN], strict: &[] }, "right sides: element 0 is NaN"),
        (Polytope { right: &right, strict: &[true; 2] }, "strictness has 2"),
    ] {
        let mut contracted = Contracted { lower: &mut lower, upper: &mut upper, neurons: None, empty: None };
        let error = bounds.contract(&plain(), &polytope, &mut contracted, &Budget::unlimited()).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn nothing_asked_is_nothing_done() {
    let bounds = unit();
    bounds.compute(&Query::default(), &mut Results::default(), &Budget::unlimited()).unwrap();
    bounds.compute(&plain(), &mut Results::default(), &Budget::unlimited()).unwrap();
    let mut empty = [true];
    let query = Query { rows: 0, outputs: &[], ..plain() };
    bounds
        .compute(&query, &mut Results { empty: Some(&mut empty), ..Results::default() }, &Budget::unlimited())
        .unwrap();
    assert!(!empty[0]);
}

#[test]
fn memory() {
    let tight = Budget::start(&Limits { memory: Some(100), ..Limits::default() });
    let new = Bounds::new(&small(), &[-1.0; 2], &[1.0; 2], &Options::default(), &tight);
    assert!(matches!(new, Err(BoundsError::Memory(_))));
    let computed = unit().compute(&plain(), &mut Results::default(), &tight);
    assert!(matches!(computed, Err(BoundsError::Memory(_))));
}

#[test]
fn it_may_be_shared_and_sent() {
    fn both<T: Send + Sync + Clone>() {}
    both::<Bounds>();
}
