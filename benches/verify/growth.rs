//! How complete verification grows: random dense ReLU networks, depth, width and box varied one at a time.
//!
//! A question is whether the one output reaches a threshold somewhere in a box around a random point. The threshold
//! lies [`MARGIN`] of the way from the largest output that a search by gradients finds to CROWN's bound of the whole
//! box. So it is not reached as far as the search can tell, and the bound of the whole box does not show that. Where
//! the verifier finds an input all the same, or the whole box is closed by the better bounds it starts with, the line
//! says how often; only questions of the former kind are left out. Networks whose bound is reached, as those that are
//! linear in the box, are passed over for the next seed.
//!
//! Boxes are split with 5 inputs, neurons with 24: two families, since growth is another matter in either. Each point
//! is the median over [`SEEDS`] networks of CPU seconds, and of subproblems bounded; a point whose median ran into the
//! limit of time is said and not fitted. `ln y = a + b ln x` (a power) and `ln y = a + b x` (an exponential) are fitted
//! to the medians by least squares; the one that leaves the smaller sum of squares describes these few points better,
//! which is no proof.

use std::time::Duration;

use anser::bounds::{self, Bounds, Method, Query, Results};
use anser::budget::{Budget, Limits};
use anser::instances::networks::{NetworkSpec, network};
use anser::net::Network;
use anser::net::eval::Evaluator;
use anser::net::property::{Property, Rows};
use anser::verify::{Options, Problem, Procedure, Verdict, Verifier};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

use crate::{Settings, cpu, median, record};

/// Where the threshold lies between the largest output found (0) and CROWN's bound (1).
const MARGIN: f64 = 0.1;

/// Networks of each point.
const SEEDS: usize = 11;

/// Points and steps of the search for a large output.
const STARTS: usize = 64;
const STEPS: usize = 100;

/// What a question looks like.
#[derive(Clone, Copy)]
struct Shape {
    inputs: usize,
    depth: usize,
    width: usize,
    radius: f64,
}

/// What it took.
struct Taken {
    cpu: f64,
    bounded: f64,
    unstable: usize,
    verdict: Verdict,
}

/// Evenly from `-1..1`.
fn even(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The largest output that ascent by signs of gradients finds, its steps getting smaller, from random points and
/// corners.
fn largest(net: &Network, lower: &[f64], upper: &[f64], random: &mut Xoshiro256PlusPlus) -> f64 {
    let (evaluator, n) = (Evaluator::<f64>::new(net).expect("an evaluator"), lower.len());
    let within = |i: usize, value: f64| value.clamp(lower[i % n], upper[i % n]);
    let mut points: Vec<f64> = (0..STARTS * n)
        .map(|i| {
            let (middle, half) = (f64::midpoint(lower[i % n], upper[i % n]), 0.5 * (upper[i % n] - lower[i % n]));
            let draw = even(random);
            within(i, middle + half * if i / n % 2 == 0 { draw } else { draw.signum() })
        })
        .collect();
    let (mut outputs, mut gradients) = (vec![0.0; STARTS], vec![0.0; STARTS * n]);
    let mut best = f64::NEG_INFINITY;
    for step in 0..STEPS {
        let budget = Budget::unlimited();
        let to = Some(&mut outputs[..]);
        evaluator.vjp(STARTS, &points, &[1.0; STARTS], &mut gradients, to, &budget).expect("gradients");
        best = outputs.iter().copied().fold(best, f64::max);
        let share = 0.25 * 0.93f64.powi(step as i32);
        for (i, (point, gradient)) in points.iter_mut().zip(&gradients).enumerate() {
            let direction = if *gradient == 0.0 { 0.0 } else { gradient.signum() };
            *point = within(i, *point + direction * share * (upper[i % n] - lower[i % n]));
        }
    }
    best
}

/// CROWN's upper bound of the output, and how many neurons have no sign.
fn crown(net: &Network, lower: &[f64], upper: &[f64]) -> (f64, usize) {
    let options = bounds::Options { tighten: true };
    let bounds = Bounds::new(net, lower, upper, &options, &Budget::unlimited()).expect("bounds");
    let query = Query { boxes: 1, lower, upper, rows: 1, outputs: &[1.0], method: Method::Crown, ..Query::default() };
    let mut bound = [0.0];
    let mut results = Results { upper: Some(&mut bound), ..Results::default() };
    bounds.compute(&query, &mut results, &Budget::unlimited()).expect("bounds");
    let (least, greatest) = bounds.root_neurons();
    let signs =
        bounds.neurons().iter().filter(|some| some.splittable).flat_map(|some| some.first..some.first + some.count);
    (bound[0], signs.filter(|&i| least[i] < 0.0 && greatest[i] > 0.0).count())
}

/// The question of a seed, and the number of neurons without a sign. None where the bound is reached, as where the
/// network is linear in the box: there is no room for a threshold.
fn question(shape: Shape, seed: u64) -> Option<(Problem, usize)> {
    let spec = NetworkSpec::dense(shape.inputs, &vec![shape.width; shape.depth], 1);
    let net = network(&spec, seed).expect("a network");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed ^ 0x5eed);
    let middle: Vec<f64> = (0..shape.inputs).map(|_| even(&mut random)).collect();
    let lower: Vec<f64> = middle.iter().map(|v| v - shape.radius).collect();
    let upper: Vec<f64> = middle.iter().map(|v| v + shape.radius).collect();
    let (reached, (bound, unstable)) = (largest(&net, &lower, &upper, &mut random), crown(&net, &lower, &upper));
    if bound - reached <= 1e-4 * (bound.abs() + reached.abs()) {
        return None;
    }
    let threshold = reached + MARGIN * (bound - reached);
    let mut property = Property::new(shape.inputs, 1).expect("a property");
    property.add_box(&lower, &upper).expect("a box");
    let rows = Rows {
        offsets: &[0, 1],
        columns: &[shape.inputs as u32],
        coefficients: &[-1.0],
        bounds: &[-threshold],
        strict: &[false],
    };
    property.add_assertion(&rows, &[0, 1]).expect("a halfspace");
    Some((Problem::new(net, property).expect("they fit"), unstable))
}

fn take((problem, unstable): (Problem, usize), options: &Options, time: f64) -> Taken {
    let begin = cpu();
    let limits = Limits { time: Some(Duration::from_secs_f64(time)), ..Limits::default() };
    let budget = Budget::start(&limits);
    let mut verifier = Verifier::new(problem, options, &budget).expect("a verifier");
    let verdict = verifier.run(&budget).expect("a run");
    Taken { cpu: cpu() - begin, bounded: verifier.statistics().bounded as f64, unstable, verdict }
}

/// Slope of the least-squares line, and the sum of squares that it leaves.
fn line(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (mx, my) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let (mut xy, mut xx) = (0.0, 0.0);
    for (x, y) in points {
        xy += (x - mx) * (y - my);
        xx += (x - mx) * (x - mx);
    }
    let slope = xy / xx;
    (slope, points.iter().map(|(x, y)| (y - my - slope * (x - mx)).powi(2)).sum())
}

/// Both fits, said and kept.
fn fit(what: &str, axis: &str, points: &[(f64, f64)], kept: &mut serde_json::Value) {
    if points.len() < 4 {
        return println!("  {what}: {} points are too few for a fit", points.len());
    }
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (*x, y.ln())).collect();
    let (power, of_power) = line(&logs.iter().map(|(x, y)| (x.ln(), *y)).collect::<Vec<_>>());
    let (rate, of_rate) = line(&logs);
    let better = if of_power <= of_rate { "the power fits better" } else { "the exponential fits better" };
    // Of so few points less says little.
    let clearly = if of_power.max(of_rate) < 2.0 * of_power.min(of_rate) { ", not clearly" } else { "" };
    println!(
        "  {what} grow as {axis}^{power:.2} (squares left {of_power:.3}) or as exp({rate:.3} {axis}) ({of_rate:.3}): \
         {better}{clearly}"
    );
    kept[what] = serde_json::json!({
        "power": power, "power_squares": of_power, "rate": rate, "rate_squares": of_rate, "points": points,
    });
}

/// One axis of a family.
fn along(axis: &str, shapes: &[(f64, Shape)], options: &Options, time: f64) {
    let procedure = options.procedure.name();
    let base = shapes[0].1;
    println!("{procedure}, {} inputs, by {axis}:", base.inputs);
    let (mut seconds, mut subproblems) = (Vec::new(), Vec::new());
    for &(x, shape) in shapes {
        let questions = (1..).filter_map(|seed| question(shape, seed)).take(SEEDS);
        let all: Vec<Taken> = questions.map(|question| take(question, options, time)).collect();
        let found = all.iter().filter(|taken| matches!(taken.verdict, Verdict::Sat(_))).count();
        let open = all.iter().filter(|taken| matches!(taken.verdict, Verdict::Unknown(_))).count();
        let kept: Vec<&Taken> = all.iter().filter(|taken| !matches!(taken.verdict, Verdict::Sat(_))).collect();
        let at_once = kept.iter().filter(|taken| taken.bounded <= 1.0).count();
        let middle = |of: fn(&Taken) -> f64| median(&kept.iter().map(|taken| of(taken)).collect::<Vec<_>>());
        let unstable = middle(|taken| taken.unstable as f64).unwrap_or(0.0);
        let (Some(cpu), Some(bounded)) = (middle(|taken| taken.cpu), middle(|taken| taken.bounded)) else { continue };
        // Those that are open took at least as long as they were given: a median among the others is one of all.
        let fits = 2 * open < kept.len();
        println!(
            "  {x:>6}: {cpu:>9.4} s, {bounded:>9} subproblems, {unstable:>4} neurons without a sign; of {SEEDS}: \
             {at_once} closed at once, {open} open, {found} inputs found{}",
            if fits { "" } else { "; not fitted" }
        );
        if fits {
            seconds.push((x, cpu));
            subproblems.push((x, bounded.max(1.0)));
        }
    }
    let mut kept = serde_json::json!({
        "bench": "verify", "what": format!("growth by {axis}"), "procedure": procedure, "inputs": base.inputs,
        "margin": MARGIN, "seeds": SEEDS, "limit_seconds": time,
    });
    fit("CPU seconds", axis, &seconds, &mut kept);
    fit("subproblems", axis, &subproblems, &mut kept);
    record("verify_growth.jsonl", kept);
}

/// All families, or the one of a procedure that was named.
pub fn run(settings: &Settings) {
    let time = settings.time.unwrap_or(20.0);
    let boxes = Shape { inputs: 5, depth: 4, width: 32, radius: 0.4 };
    let neurons = Shape { inputs: 24, depth: 3, width: 24, radius: 0.1 };
    let families: [(_, _, &[usize], &[usize], &[f64]); 2] = [
        (Procedure::InputSplit, boxes, &[2, 3, 4, 5, 6, 7], &[16, 24, 32, 48, 64, 96], &[0.1, 0.2, 0.4, 0.8, 1.6]),
        (Procedure::ReluSplit, neurons, &[2, 3, 4, 5, 6], &[12, 16, 24, 32, 40, 48], &[0.03, 0.05, 0.08, 0.12, 0.18]),
    ];
    for (procedure, base, depths, widths, radii) in families {
        if settings.procedure.is_some_and(|named| named != procedure) {
            continue;
        }
        let mut options = settings.options.clone();
        options.procedure = procedure;
        let depths = depths.iter().map(|&depth| (depth as f64, Shape { depth, ..base })).collect::<Vec<_>>();
        let widths = widths.iter().map(|&width| (width as f64, Shape { width, ..base })).collect::<Vec<_>>();
        let radii = radii.iter().map(|&radius| (radius, Shape { radius, ..base })).collect::<Vec<_>>();
        for (axis, shapes) in [("depth", depths), ("width", widths), ("radius", radii)] {
            if settings.only.is_empty() || settings.only == axis {
                along(axis, &shapes, &options, time);
            }
        }
    }
}
