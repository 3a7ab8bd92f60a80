//! Time, work, memory and interrupts end what would take long.

use std::time::{Duration, Instant};

use anser::budget::{Budget, Interrupt, Limits, Stop};
use anser::error::OutOfMemory;
use anser::net::eval::{EvalError, Evaluator};
use anser::net::{Constant, Network, Op};

use crate::cases::window;

/// Networks that take seconds a batch, each for another reason.
fn huge() -> Vec<(Network, usize)> {
    let ones = |shape: &[usize]| {
        let n = shape.iter().product();
        Constant::from_f32(shape, &vec![0.001; n]).unwrap()
    };
    let mut all = Vec::new();
    let mut dense = Network::new();
    let mut x = dense.add_input("", &[1, 2048]).unwrap();
    let w = dense.add_constant("", ones(&[2048, 2048])).unwrap();
    for _ in 0..5 {
        x = dense.add_layer("", Op::Linear, &[x, w]).unwrap();
    }
    dense.add_output(x).unwrap();
    all.push((dense, 20_000));
    let mut conv = Network::new();
    let x = conv.add_input("", &[1, 16, 1000, 1000]).unwrap();
    let w = conv.add_constant("", ones(&[64, 16, 7, 7])).unwrap();
    let win = window(&[7, 7], &[1, 1], &[1, 1], &[0, 0], &[0, 0]);
    let y = conv.add_layer("", Op::Conv { window: win.clone(), groups: 1 }, &[x, w]).unwrap();
    let y = conv.add_layer("", Op::MaxPool { window: win, ceil: false }, &[y]).unwrap();
    let y = conv.add_layer("", Op::ReduceSum { axes: vec![2, 3], keep: false }, &[y]).unwrap();
    conv.add_output(y).unwrap();
    all.push((conv, 1));
    let mut wide = Network::new();
    let mut x = wide.add_input("", &[1]).unwrap();
    let zeros = wide.add_constant("", ones(&[1 << 26])).unwrap();
    x = wide.add_layer("", Op::Add, &[x, zeros]).unwrap();
    x = wide.add_layer("", Op::Sigmoid, &[x]).unwrap();
    x = wide.add_layer("", Op::ReduceSum { axes: vec![0], keep: false }, &[x]).unwrap();
    wide.add_output(x).unwrap();
    all.push((wide, 1));
    all
}

#[test]
fn a_huge_evaluation_ends_soon() {
    for (net, batch) in huge() {
        let evaluator = Evaluator::<f32>::new(&net).unwrap();
        let inputs = vec![0.5; batch * net.input_len()];
        let mut outputs = vec![0.0; batch * net.output_len()];
        let mut run = |limits: &Limits, gradient: bool| {
            let budget = Budget::start(limits);
            let start = Instant::now();
            let result = if gradient {
                let (mut g, c) = (inputs.clone(), outputs.clone());
                let start = Instant::now();
                (evaluator.vjp(batch, &inputs, &c, &mut g, None, &budget), start.elapsed())
            } else {
                (evaluator.evaluate(batch, &inputs, &mut outputs, &budget), start.elapsed())
            };
            (result.0, result.1, budget.spent())
        };
        for gradient in [false, true] {
            let time = Limits { time: Some(Duration::from_millis(40)), ..Limits::default() };
            let (result, elapsed, _) = run(&time, gradient);
            assert_eq!(result, Err(EvalError::Stopped(Stop::Time)));
            // A limit of 100 ms after the request, on a machine that others use too.
            assert!(gradient || elapsed < Duration::from_millis(140), "{elapsed:?}");
            let work = Limits { work: Some(1000), ..Limits::default() };
            let (result, _, spent) = run(&work, gradient);
            assert_eq!(result, Err(EvalError::Stopped(Stop::Work)));
            assert!(spent < 100_000, "{spent}");
            let memory = Limits { memory: Some(1000), ..Limits::default() };
            let (result, _, _) = run(&memory, gradient);
            assert!(matches!(result, Err(EvalError::Memory(OutOfMemory::Limit { limit: 1000, .. }))), "{result:?}");
        }
        let token = Interrupt::new();
        let interrupt = Limits { interrupt: Some(token.clone()), ..Limits::default() };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(30));
                token.trigger();
            });
            let (result, elapsed, _) = run(&interrupt, false);
            assert_eq!(result, Err(EvalError::Stopped(Stop::Interrupted)));
            assert!(elapsed < Duration::from_millis(130), "{elapsed:?}");
        });
    }
}

#[test]
fn a_memory_limit_makes_chunks_smaller_and_changes_nothing_else() {
    let mut net = Network::new();
    let x = net.add_input("", &[1, 100]).unwrap();
    let w = net.add_constant("", Constant::from_f32(&[50, 100], &[0.1; 5000]).unwrap()).unwrap();
    let y = net.add_layer("", Op::Linear, &[x, w]).unwrap();
    net.add_output(y).unwrap();
    let inputs: Vec<f32> = (0..200 * 100).map(|i| (i % 17) as f32).collect();
    let run = |memory| {
        let evaluator = Evaluator::<f32>::new(&net).unwrap();
        let budget = Budget::start(&Limits { memory, ..Limits::default() });
        let mut outputs = vec![0.0; 200 * 50];
        evaluator.evaluate(200, &inputs, &mut outputs, &budget).map(|()| (outputs, budget.spent()))
    };
    let free = run(None).unwrap();
    // One sample takes 150 numbers.
    assert_eq!(run(Some(600)).unwrap().0, free.0);
    assert_eq!(run(Some(599)).unwrap_err(), EvalError::Memory(OutOfMemory::Limit { bytes: 600, limit: 599 }));
    // 200 samples of 5000 multiply-adds, and what moving them takes.
    assert!((976..1200).contains(&free.1), "{}", free.1);
    assert_eq!(run(None).unwrap().1, free.1);
}
