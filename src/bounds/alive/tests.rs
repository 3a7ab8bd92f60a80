use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use super::*;
use crate::bounds::Batch;
use crate::bounds::root::Root;
use crate::budget::Budget;
use crate::instances::networks::{NetworkSpec, network};
use crate::net::eval::conv::Scratch;
use crate::net::eval::forward::Workspace;

fn even(rng: &mut Xoshiro256PlusPlus, low: f64, high: f64) -> f64 {
    low + (high - low) * ((rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64)
}

/// A graph, and some boxes that are so small that most rectifiers have one sign in all of them.
fn setting(seed: u64, boxes: usize) -> (Graph, Batch) {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let net = network(&NetworkSpec::dense(7, &[90, 73, 60], 3), seed).unwrap();
    let graph = Graph::new(&net, &budget).unwrap();
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let lower: Vec<f64> = (0..graph.input_len).map(|_| even(&mut rng, -1.0, 1.0)).collect();
    let upper: Vec<f64> = lower.iter().map(|l| l + 0.05).collect();
    let root = Root::new(&graph, &lower, &upper, true, &mut meter).unwrap();
    let mut batch = Batch::default();
    batch.resize(&graph, boxes, &mut meter).unwrap();
    for of in 0..boxes {
        batch.lower[of * graph.input_len..][..graph.input_len].copy_from_slice(&lower);
        batch.upper[of * graph.input_len..][..graph.input_len].copy_from_slice(&upper);
        batch.least[of * graph.total..][..graph.total].copy_from_slice(&root.least);
        batch.greatest[of * graph.total..][..graph.total].copy_from_slice(&root.greatest);
    }
    for step in 0..graph.plan.steps.len() {
        batch.relax(&graph, step, &mut meter).unwrap();
    }
    (graph, batch)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * (1.0 + a.abs())
}

#[test]
fn what_counts_is_multiplied_and_the_rest_is_zero() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let (mut parts, mut zeros) = (0, 0);
    for seed in 0..20 {
        let (graph, batch) = setting(seed, 2);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1000 + seed);
        // One for all steps, and all calls: a part that is kept must be the right one.
        let mut alive = Alive::default();
        for (step, of) in (0..graph.plan.steps.len()).cycle().take(3 * graph.plan.steps.len()).zip(0..) {
            let Some((linear, operand)) = dense(&graph.plan, step, 12) else { continue };
            let (inputs, outputs) = (linear.matrix.inner, linear.matrix.columns);
            let blank: Vec<bool> = (0..outputs).map(|_| rng.next_u64() % 3 > (of / 4) % 3).collect();
            let entry =
                |(i, to): (usize, &mut f64)| *to = if blank[i % outputs] { 0.0 } else { even(&mut rng, -1.0, 1.0) };
            let mut g = vec![0.0; 12 * outputs];
            g.iter_mut().enumerate().for_each(entry);
            let (mut to, mut whole) = (vec![0.0; 12 * inputs], vec![0.0; 12 * inputs]);
            let boxes = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
            let of_graph = &graph.plan.steps[step];
            graph.plan.transpose(of_graph, 0, &g, 12, &[], &mut whole, &mut Scratch::default(), &mut meter).unwrap();
            if !alive.back(&graph, step, &batch.frame(), (&g, &boxes), &mut to, &mut meter).unwrap() {
                continue;
            }
            parts += 1;
            let mut counts = vec![false; inputs];
            mark(&graph, &batch.frame(), &boxes, operand, &mut counts);
            for (i, (&to, &whole)) in to.iter().zip(&whole).enumerate() {
                assert!(close(whole, to) || !counts[i % inputs] && to == 0.0, "seed {seed}, step {step}: {to} {whole}");
                zeros += usize::from(to == 0.0 && whole != 0.0);
            }
        }
    }
    assert!(parts > 50 && zeros > 1000, "{parts} parts, {zeros} zeros");
}

#[test]
fn samples_go_forward_where_someone_looks() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut parts = 0;
    for seed in 0..20 {
        let (graph, batch) = setting(seed, 1);
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut alive = Alive::default();
        for step in 0..graph.plan.steps.len() {
            let Some((linear, operand)) = dense(&graph.plan, step, 9) else { continue };
            let (inputs, outputs) = (linear.matrix.inner, linear.matrix.columns);
            let mut counts = vec![false; inputs];
            mark(&graph, &batch.frame(), &[0], operand, &mut counts);
            // What a rectifier answers with 0 is 0.
            let entry = |i: usize| if counts[i % inputs] { even(&mut rng, -1.0, 1.0) } else { 0.0 };
            let x: Vec<f64> = (0..9 * inputs).map(entry).collect();
            let root = graph.plan.steps[step].output;
            let wanted: Vec<u32> = graph.first[root].map_or(Vec::new(), |first| vec![first as u32, first as u32 + 5]);
            let mut to = vec![f64::NAN; 9 * outputs];
            if !alive.ahead(&graph, step, &batch.frame(), &wanted, &[0], (&x, 9), &mut to, &mut meter).unwrap() {
                continue;
            }
            parts += 1;
            let mut values = Workspace::default();
            for &size in &graph.layout.sizes {
                values.buffers.push(vec![0.0; 9 * size]);
            }
            values.buffers[graph.layout.buffer(operand).unwrap()][..x.len()].copy_from_slice(&x);
            graph.plan.forward(&graph.plan.steps[step], &graph.layout, &mut values, 9, &mut meter).unwrap();
            let whole = &values.buffers[graph.layout.buffer(root).unwrap()];
            let mut seen = vec![false; outputs];
            match graph
                .plan
                .steps
                .iter()
                .zip(&graph.slots)
                .find(|(later, _)| later.operands.contains(&Place::Root(root)))
            {
                Some((later, Some(_))) => mark(&graph, &batch.frame(), &[0], later.output, &mut seen),
                _ => seen.fill(true),
            }
            wanted.iter().for_each(|&neuron| seen[neuron as usize - graph.first[root].unwrap()] = true);
            for (i, (&to, &whole)) in to.iter().zip(whole).enumerate() {
                assert!(!seen[i % outputs] || close(whole, to), "seed {seed}, step {step}: {to} {whole}");
            }
        }
    }
    assert!(parts > 20, "{parts}");
}
