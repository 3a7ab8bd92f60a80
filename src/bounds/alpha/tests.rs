use super::*;
use crate::bounds::primal::Choices;
use crate::bounds::root::Root;
use crate::bounds::spec;
use crate::budget::Budget;
use crate::instances::networks::{Activation, NetworkSpec, network};
use crate::net::{Constant, Elements, Network, Op};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

struct Rng(Xoshiro256PlusPlus);

impl Rng {
    fn new(seed: u64) -> Self {
        Rng(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }
}

struct Setting {
    graph: Graph,
    root: Root,
    batch: Batch,
}

fn even(rng: &mut Rng, low: f64, high: f64) -> f64 {
    low + (high - low) * (rng.below(1 << 24) as f64 / (1u64 << 24) as f64)
}

impl Setting {
    /// So many boxes, all the same; nothing is split yet.
    fn new(net: &Network, lower: &[f64], upper: &[f64], boxes: usize) -> Self {
        let budget = Budget::unlimited();
        let mut meter = Meter::new(&budget);
        let graph = Graph::new(net, &budget).unwrap();
        let root = Root::new(&graph, lower, upper, true, &mut meter).unwrap();
        let mut batch = Batch::default();
        batch.resize(&graph, boxes, &mut meter).unwrap();
        for of in 0..boxes {
            batch.lower[of * graph.input_len..][..graph.input_len].copy_from_slice(lower);
            batch.upper[of * graph.input_len..][..graph.input_len].copy_from_slice(upper);
            batch.least[of * graph.total..][..graph.total].copy_from_slice(&root.least);
            batch.greatest[of * graph.total..][..graph.total].copy_from_slice(&root.greatest);
        }
        Setting { graph, root, batch }
    }

    fn clamp(&mut self, of: usize, split: Split) {
        let at = of * self.graph.total + split.neuron as usize;
        if split.positive {
            self.batch.least[at] = self.batch.least[at].max(0.0);
        } else {
            self.batch.greatest[at] = self.batch.greatest[at].min(0.0);
        }
    }

    /// Computes lines, of bounds as they are.
    fn relax(&mut self, meter: &mut Meter<'_>) {
        for step in 0..self.graph.plan.steps.len() {
            self.batch.relax(&self.graph, step, meter).unwrap();
        }
    }

    /// Neurons and outputs at points, computed by evaluation.
    fn evaluate(&self, points: &[f64], meter: &mut Meter<'_>) -> (Vec<f64>, Vec<f64>) {
        let (graph, samples) = (&self.graph, points.len() / self.graph.input_len);
        let mut values = forward::Workspace::default();
        for &size in &graph.layout.sizes {
            values.buffers.push(vec![0.0; samples * size]);
        }
        for &(root, offset) in &graph.inputs {
            let length = graph.plan.lengths[root];
            for sample in 0..samples {
                values.buffers[graph.layout.buffer(root).unwrap()][sample * length..][..length]
                    .copy_from_slice(&points[sample * graph.input_len + offset..][..length]);
            }
        }
        for &step in &graph.layout.steps {
            graph.plan.forward(&graph.plan.steps[step], &graph.layout, &mut values, samples, meter).unwrap();
        }
        let (mut neurons, mut outputs) = (vec![0.0; samples * graph.total], Vec::new());
        for sample in 0..samples {
            let of = |root: usize| {
                let length = graph.plan.lengths[root];
                &values.buffers[graph.layout.buffer(root).unwrap()][sample * length..][..length]
            };
            for n in &graph.neurons {
                neurons[sample * graph.total + n.first..][..n.count].copy_from_slice(of(n.root));
            }
            for &tensor in &graph.plan.outputs {
                outputs.extend_from_slice(of(graph.plan.root_of(tensor).unwrap()));
            }
        }
        (neurons, outputs)
    }
}

/// Networks of every kind that is small.
fn networks() -> Vec<Network> {
    let dense = NetworkSpec::dense(3, &[7, 6, 5], 2);
    let image = NetworkSpec::convolutional([2, 4, 4], &[2, 2], &[5], 2);
    let specs = [
        dense.clone(),
        NetworkSpec { activation: Activation::LeakyRelu, batch_norm: true, ..dense.clone() },
        NetworkSpec { activation: Activation::Tanh, ..dense },
        NetworkSpec { widths: vec![6, 6, 6], residual: true, ..NetworkSpec::dense(6, &[6], 2) },
        image.clone(),
        NetworkSpec { residual: true, channels: vec![2, 2], ..image },
    ];
    let mut all = Vec::new();
    for spec in &specs {
        all.extend((0..3).map(|seed| network(spec, seed).unwrap()));
    }
    all
}

/// Neurons that may be split and still have both signs.
fn open(setting: &Setting, of: usize) -> Vec<u32> {
    let (graph, batch) = (&setting.graph, &setting.batch);
    let splittable = graph.neurons.iter().filter(|n| n.splittable).flat_map(|n| n.first..n.first + n.count);
    let at = of * graph.total;
    splittable.filter(|&n| batch.least[at + n] < 0.0 && batch.greatest[at + n] > 0.0).map(|n| n as u32).collect()
}

/// What a test draws: boxes with splits that a random point of each keeps, lines, functions, and points.
struct Drawn {
    setting: Setting,
    splits: Vec<Vec<Split>>,
    boxes: Vec<u32>,
    functions: Vec<u32>,
    outputs: Vec<f64>,
    inputs: Vec<f64>,
    neurons_at: Vec<f64>,
    outputs_at: Vec<f64>,
    points: Vec<f64>,
}

const POINTS: usize = 2000;

fn draw(net: &Network, rng: &mut Rng, boxes: usize, meter: &mut Meter<'_>) -> Drawn {
    let length = Graph::new(net, &Budget::unlimited()).unwrap().input_len;
    let lower: Vec<f64> = (0..length).map(|_| even(rng, -1.0, 0.0)).collect();
    let upper: Vec<f64> = lower.iter().map(|l| l + even(rng, 0.1, 1.0)).collect();
    let mut setting = Setting::new(net, &lower, &upper, boxes);
    let mut points = Vec::new();
    for _ in 0..POINTS {
        // Also at the ends, where extremes are.
        let corner = rng.below(2) == 0;
        for (&l, &u) in lower.iter().zip(&upper) {
            let end = if rng.below(2) == 0 { l } else { u };
            points.push(if corner { end } else { even(rng, l, u) });
        }
    }
    let (neurons_at, outputs_at) = setting.evaluate(&points, meter);
    let mut splits = Vec::new();
    for of in 0..boxes {
        let mut now = Vec::new();
        let point = rng.below(POINTS as u64) as usize;
        for neuron in open(&setting, of) {
            if rng.below(3) == 0 {
                let positive = neurons_at[point * setting.graph.total + neuron as usize] >= 0.0;
                now.insert(rng.below(now.len() as u64 + 1) as usize, Split { neuron, positive });
            }
        }
        now.iter().for_each(|&split| setting.clamp(of, split));
        splits.push(now);
    }
    setting.relax(meter);
    let outs = setting.graph.output_len;
    Drawn {
        boxes: (0..2 * boxes as u32).map(|row| row / 2).collect(),
        functions: (0..2 * boxes as u32).map(|row| row % 2).collect(),
        outputs: (0..2 * outs).map(|_| even(rng, -1.0, 1.0)).collect(),
        inputs: (0..2 * length).map(|_| even(rng, -0.5, 0.5)).collect(),
        setting,
        splits,
        neurons_at,
        outputs_at,
        points,
    }
}

impl Drawn {
    fn spec(&self) -> Spec<'_> {
        Spec {
            boxes: &self.boxes,
            functions: &self.functions,
            outputs: &self.outputs,
            inputs: &self.inputs,
            factors: &[],
        }
    }

    /// The value of a function at a point.
    fn value(&self, function: usize, p: usize) -> f64 {
        let (n, m) = (self.setting.graph.input_len, self.setting.graph.output_len);
        let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        product(&self.outputs[function * m..(function + 1) * m], &self.outputs_at[p * m..(p + 1) * m])
            + product(&self.inputs[function * n..(function + 1) * n], &self.points[p * n..(p + 1) * n])
    }

    /// Whether a point is as a box's splits say.
    fn keeps(&self, of: usize, p: usize) -> bool {
        let neurons = &self.neurons_at[p * self.setting.graph.total..];
        self.splits[of].iter().all(|split| {
            let value = neurons[split.neuron as usize];
            if split.positive { value >= 0.0 } else { value <= 0.0 }
        })
    }

    /// The least value of a row at the points that its box's splits allow.
    fn sampled(&self, row: usize) -> f64 {
        let mut least = f64::INFINITY;
        for p in (0..POINTS).filter(|&p| self.keeps(self.boxes[row] as usize, p)) {
            least = least.min(self.value(self.functions[row] as usize, p));
        }
        least
    }
}

/// Evaluation rounds; numbers here are of the size of 1, and sums have some hundred terms.
const SLACK: f64 = 1e-12;

#[test]
fn the_best_is_no_worse_than_crown_and_below_all_points() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let (mut workspace, mut best, mut rows) = (Workspace::default(), Best::default(), Rows::default());
    let (mut better, mut all) = (0, 0);
    for (index, net) in networks().iter().enumerate() {
        let mut rng = Rng::new(index as u64);
        for boxes in [1, 4] {
            let drawn = draw(net, &mut rng, boxes, &mut meter);
            let Setting { graph, root, batch } = &drawn.setting;
            let spec = drawn.spec();
            substitute_plain(&drawn, &mut rows, &mut meter);
            let plain: Vec<f64> = (0..2 * boxes).map(|row| rows.least(graph, &batch.frame(), row)).collect();
            let splits: Vec<&[Split]> = drawn.splits.iter().map(|s| &s[..]).collect();
            let problem =
                Problem { graph, magnitudes: &root.magnitudes, batch, splits: &splits, warm: None, targets: &[] };
            let options = Options { iterations: 30, ..Options::default() };
            maximise(&problem, &spec, &options, &mut workspace, &mut best, &mut meter).unwrap();
            #[allow(clippy::needless_range_loop)] // it counts several arrays
            for row in 0..2 * boxes {
                let (bound, sampled) = (best.bounds[row], drawn.sampled(row));
                assert!(bound >= plain[row], "network {index} row {row}: {bound} < {}", plain[row]);
                assert!(bound <= sampled + SLACK, "network {index} row {row}: {bound} > {sampled}");
                better += usize::from(bound > plain[row] + 1e-3);
                all += 1;
            }
            // What is kept gives the bound again, and the linear function says so too.
            spec::substitute(
                graph,
                &root.magnitudes,
                &batch.frame(),
                &spec,
                Some(&best.duals()),
                &mut rows,
                &mut meter,
            )
            .unwrap();
            for row in 0..2 * boxes {
                let again = rows.least(graph, &batch.frame(), row);
                assert!((again - best.bounds[row]).abs() <= 1e-12, "{again} {}", best.bounds[row]);
                let n = graph.input_len;
                let at = best.points[row * n..(row + 1) * n].iter().zip(&best.inputs[row * n..(row + 1) * n]);
                let value = best.constants[row] + at.map(|(x, a)| x * a).sum::<f64>();
                assert!((value - best.bounds[row]).abs() <= 1e-9, "{value} {}", best.bounds[row]);
            }
            // Going on from there is no worse.
            let bounds = best.bounds.clone();
            let last = std::mem::take(&mut best);
            let problem = Problem { warm: Some(last.duals()), ..problem };
            maximise(&problem, &spec, &options, &mut workspace, &mut best, &mut meter).unwrap();
            assert!(best.bounds.iter().zip(&bounds).all(|(new, old)| new >= old));
        }
    }
    assert!(2 * better > all, "{better} of {all}");
}

fn substitute_plain(drawn: &Drawn, rows: &mut Rows, meter: &mut Meter<'_>) {
    let Setting { graph, root, batch } = &drawn.setting;
    spec::substitute(graph, &root.magnitudes, &batch.frame(), &drawn.spec(), None, rows, meter).unwrap();
}

#[test]
fn any_slopes_and_multipliers_are_sound() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut rows = Rows::default();
    rows.keep = true;
    for (index, net) in networks().iter().enumerate() {
        let mut rng = Rng::new(100 + index as u64);
        let drawn = draw(net, &mut rng, 3, &mut meter);
        let Setting { graph, root, batch } = &drawn.setting;
        let spec = drawn.spec();
        for _ in 0..10 {
            let (slopes, splits) = random_duals(&drawn, &mut rng);
            let duals = Duals { slopes: &slopes, splits: &splits };
            spec::substitute(graph, &root.magnitudes, &batch.frame(), &spec, Some(&duals), &mut rows, &mut meter)
                .unwrap();
            for row in 0..spec.boxes.len() {
                let (bound, sampled) = (rows.least(graph, &batch.frame(), row), drawn.sampled(row));
                assert!(bound <= sampled + SLACK, "network {index} row {row}: {bound} > {sampled}");
            }
        }
    }
}

fn random_duals(drawn: &Drawn, rng: &mut Rng) -> (Vec<f64>, Vec<Vec<(u32, f64)>>) {
    let Setting { graph, root, batch } = &drawn.setting;
    let problem = Problem { graph, magnitudes: &root.magnitudes, batch, splits: &[], warm: None, targets: &[] };
    let mut variables = Variables::default();
    variables.find(&problem, &Source::Spec(&drawn.spec()));
    let (mut slopes, mut splits) = (Vec::new(), Vec::new());
    for &of in &drawn.boxes {
        let of = of as usize;
        let from = slopes.len();
        slopes.extend_from_slice(&batch.below.0[of * graph.lines..(of + 1) * graph.lines]);
        for group in variables.groups(of) {
            for i in group.first..group.first + group.count {
                let line = graph.slots[group.step as usize].unwrap() + variables.elements[i] as usize;
                slopes[from + line] = even(rng, variables.ranges[0][i], variables.ranges[1][i]);
            }
        }
        let sign = |split: &Split| if split.positive { -1.0 } else { 1.0 };
        let mut now: Vec<(u32, f64)> =
            drawn.splits[of].iter().map(|split| (split.neuron, sign(split) * even(rng, 0.0, 0.5))).collect();
        now.sort_by_key(|(neuron, _)| *neuron);
        splits.push(now);
    }
    (slopes, splits)
}

/// The bound is the row's value at the point, plus the splits' share: weak duality with nothing lost.
#[test]
fn the_point_has_the_value_of_the_bound() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut rows = Rows::default();
    rows.keep = true;
    let mut values = forward::Workspace::default();
    for (index, net) in networks().iter().enumerate() {
        let mut rng = Rng::new(200 + index as u64);
        let drawn = draw(net, &mut rng, 3, &mut meter);
        let Setting { graph, root, batch } = &drawn.setting;
        let spec = drawn.spec();
        let (slopes, splits) = random_duals(&drawn, &mut rng);
        let duals = Duals { slopes: &slopes, splits: &splits };
        spec::substitute(graph, &root.magnitudes, &batch.frame(), &spec, Some(&duals), &mut rows, &mut meter).unwrap();
        let (frame, ins) = (batch.frame(), graph.input_len);
        let mut points = vec![0.0; spec.boxes.len() * ins];
        for (row, point) in points.chunks_exact_mut(ins).enumerate() {
            primal::point(graph, &frame, &rows, row, point);
        }
        let all: Vec<u32> = (0..spec.boxes.len() as u32).collect();
        let wanted: Vec<u32> = (0..graph.total as u32).collect();
        let choices = Choices { frame: &frame, rows: &rows, of: &all, slopes: &slopes, wanted: &wanted };
        primal::forward(graph, &choices, usize::MAX - 1, &mut values, &mut Alive::default(), &mut meter).unwrap();
        for row in 0..spec.boxes.len() {
            let at = |root: usize, i: usize| {
                values.buffers[graph.layout.buffer(root).unwrap()][row * graph.plan.lengths[root] + i]
            };
            let f = spec.functions[row] as usize;
            let root = graph.plan.root_of(graph.plan.outputs[0]).unwrap();
            let mut value = 0.0;
            for i in 0..graph.output_len {
                value += spec.outputs[f * graph.output_len + i] * at(root, i);
            }
            for i in 0..ins {
                value += spec.inputs[f * ins + i] * points[row * ins + i];
            }
            for &(neuron, added) in &splits[row] {
                let n =
                    graph.neurons.iter().find(|n| (n.first..n.first + n.count).contains(&(neuron as usize))).unwrap();
                value += added * at(n.root, neuron as usize - n.first);
            }
            let bound = rows.least(graph, &frame, row);
            assert!((value - bound).abs() < 1e-10, "network {index} row {row}: {value} {bound}");
        }
    }
}

/// `x -> W2 relu(W1 x + b1)`.
fn two_layers(inputs: usize, w1: &[f32], b1: &[f32], w2: &[f32]) -> Network {
    let mut net = Network::new();
    let hidden = b1.len();
    let x = net.add_input("x", &[1, inputs]).unwrap();
    let constant = |shape: &[usize], e: &[f32]| Constant::new(shape, Elements::F32(e.to_vec())).unwrap();
    let w = net.add_constant("w1", constant(&[hidden, inputs], w1)).unwrap();
    let b = net.add_constant("b1", constant(&[hidden], b1)).unwrap();
    let z = net.add_layer("z", Op::Linear, &[x, w, b]).unwrap();
    let h = net.add_layer("h", Op::Relu, &[z]).unwrap();
    let w = net.add_constant("w2", constant(&[w2.len() / hidden, hidden], w2)).unwrap();
    let y = net.add_layer("y", Op::Linear, &[h, w]).unwrap();
    net.add_output(y).unwrap();
    net
}

/// Over the square from -1 to 1: `2 relu(a + b - 1/2) - relu(a - b)`, both neurons positive, is `a + 3b - 1` under
/// `a + b >= 1/2` and `a >= b`: least at `(1, -1/2)`, where it is -3/2. Without multipliers it is -5.
#[test]
fn multipliers_reach_the_value_of_a_linear_program() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let net = two_layers(2, &[1.0, 1.0, 1.0, -1.0], &[-0.5, 0.0], &[2.0, -1.0]);
    let mut setting = Setting::new(&net, &[-1.0, -1.0], &[1.0, 1.0], 1);
    let splits = [Split { neuron: 1, positive: true }, Split { neuron: 0, positive: true }];
    splits.iter().for_each(|&split| setting.clamp(0, split));
    setting.relax(&mut meter);
    let Setting { graph, root, batch } = &setting;
    let spec = Spec { boxes: &[0], functions: &[0], outputs: &[1.0], inputs: &[], factors: &[] };
    let (mut workspace, mut best) = (Workspace::default(), Best::default());
    let problem = Problem { graph, magnitudes: &root.magnitudes, batch, splits: &[&splits], warm: None, targets: &[] };
    let options = Options { iterations: 0, ..Options::default() };
    maximise(&problem, &spec, &options, &mut workspace, &mut best, &mut meter).unwrap();
    assert!((best.bounds[0] + 5.0).abs() < 1e-12);
    let options = Options { iterations: 300, patience: 300, ..Options::default() };
    maximise(&problem, &spec, &options, &mut workspace, &mut best, &mut meter).unwrap();
    assert!((best.bounds[0] + 1.5).abs() < 1e-3 && best.bounds[0] <= -1.5, "{}", best.bounds[0]);
    // Three times the first neuron is taken off.
    assert!((best.splits[0][0].1 + 3.0).abs() < 0.2, "{:?}", best.splits);
}

/// With all phases fixed in a plane, the least value is at a vertex: all are tried.
#[test]
fn with_all_phases_fixed_the_bound_is_that_of_the_vertices() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let (mut workspace, mut best) = (Workspace::default(), Best::default());
    for seed in 0..20 {
        let net = network(&NetworkSpec::dense(2, &[4, 4], 1), seed).unwrap();
        let mut setting = Setting::new(&net, &[-1.0, -1.0], &[1.0, 1.0], 1);
        let mut rng = Rng::new(seed);
        let inside = [even(&mut rng, -0.8, 0.8), even(&mut rng, -0.8, 0.8)];
        let (at, out) = setting.evaluate(&inside, &mut meter);
        let splits: Vec<Split> =
            open(&setting, 0).into_iter().map(|n| Split { neuron: n, positive: at[n as usize] >= 0.0 }).collect();
        // Within the phases everything is linear: its gradient by differences, small enough to stay there.
        let h = 1e-7;
        let near = [inside[0] + h, inside[1], inside[0], inside[1] + h];
        let (ats, outs) = setting.evaluate(&near, &mut meter);
        let total = setting.graph.total;
        let line = |y: f64, a: f64, b: f64| {
            let (p, q) = ((a - y) / h, (b - y) / h);
            [p, q, y - p * inside[0] - q * inside[1]]
        };
        let objective = line(out[0], outs[0], outs[1]);
        let mut limits = vec![[1.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [0.0, -1.0, 1.0]];
        for split in &splits {
            let n = split.neuron as usize;
            let sign = if split.positive { 1.0 } else { -1.0 };
            limits.push(line(at[n], ats[n], ats[total + n]).map(|v| v * sign));
        }
        let mut exact = f64::INFINITY;
        for (i, p) in limits.iter().enumerate() {
            for q in &limits[..i] {
                let det = p[0] * q[1] - p[1] * q[0];
                let x = [(p[1] * q[2] - p[2] * q[1]) / det, (p[2] * q[0] - p[0] * q[2]) / det];
                if limits.iter().all(|l| l[0] * x[0] + l[1] * x[1] + l[2] >= -1e-6) {
                    exact = exact.min(objective[0] * x[0] + objective[1] * x[1] + objective[2]);
                }
            }
        }
        splits.iter().for_each(|&split| setting.clamp(0, split));
        setting.relax(&mut meter);
        let Setting { graph, root, batch } = &setting;
        let spec = Spec { boxes: &[0], functions: &[0], outputs: &[1.0], inputs: &[], factors: &[] };
        let problem =
            Problem { graph, magnitudes: &root.magnitudes, batch, splits: &[&splits], warm: None, targets: &[] };
        let options = Options { iterations: 20_000, patience: 20_000, decay: 0.9995, ..Options::default() };
        maximise(&problem, &spec, &options, &mut workspace, &mut best, &mut meter).unwrap();
        // Differences have some 1e-9 of error, and vertices may be as far off as the worst angle makes them.
        assert!((best.bounds[0] - exact).abs() < 1e-3, "seed {seed}: {} {exact}", best.bounds[0]);
    }
}

#[test]
fn tightened_neurons_keep_all_points_that_splits_allow() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut workspace = Workspace::default();
    let mut narrower = 0;
    for (index, net) in networks().iter().enumerate() {
        let mut rng = Rng::new(300 + index as u64);
        let mut drawn = draw(net, &mut rng, 2, &mut meter);
        // The second box is as if nothing was split.
        drawn.splits[1].clear();
        let total = drawn.setting.graph.total;
        let kept = [0, 1].map(|of| (0..POINTS).filter(|&p| drawn.keeps(of, p)).collect::<Vec<usize>>());
        let Setting { graph, root, batch } = &mut drawn.setting;
        batch.least[total..].copy_from_slice(&root.least);
        batch.greatest[total..].copy_from_slice(&root.greatest);
        let before = (batch.least.clone(), batch.greatest.clone());
        let splits: Vec<&[Split]> = drawn.splits.iter().map(|s| &s[..]).collect();
        let options = Options::default();
        tighten(graph, &root.magnitudes, batch, &splits, None, &options, &mut workspace, &mut meter).unwrap();
        assert_eq!(batch.empty, [false, false]);
        for (of, kept) in kept.iter().enumerate() {
            for &p in kept {
                let neurons = &drawn.neurons_at[p * total..(p + 1) * total];
                for (n, value) in neurons.iter().enumerate() {
                    let (l, u) = (batch.least[of * total + n], batch.greatest[of * total + n]);
                    assert!(l <= value + SLACK && value - SLACK <= u, "{index} {of} {n}");
                }
            }
        }
        for n in 0..2 * total {
            assert!(batch.least[n] >= before.0[n] && batch.greatest[n] <= before.1[n]);
            narrower += usize::from(batch.greatest[n] - batch.least[n] < 0.99 * (before.1[n] - before.0[n]));
        }
    }
    assert!(narrower > 100, "{narrower}");
}

/// The points of each box's halfspace stay, and most others' neurons go.
#[test]
fn neurons_under_halfspaces_keep_their_points() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut workspace = Workspace::default();
    let (mut narrower, mut empty) = (0, 0);
    let networks = networks();
    for (index, net) in networks.iter().cycle().take(3 * networks.len()).enumerate() {
        let mut rng = Rng::new(700 + index as u64);
        let mut drawn = draw(net, &mut rng, 2, &mut meter);
        let total = drawn.setting.graph.total;
        // The first box has the second function, the second the first.
        let functions = [1, 0];
        let (mut bounds, mut ranges, mut inside) = (Vec::new(), Vec::new(), Vec::new());
        for (of, function) in functions.into_iter().enumerate() {
            let of_points: Vec<f64> = (0..POINTS).map(|p| drawn.value(function, p)).collect();
            let mut values = of_points.clone();
            values.sort_by(f64::total_cmp);
            // A few points of the halfspace, some, and perhaps none.
            let none = values[0] - 0.5 * (values[POINTS - 1] - values[0]);
            let bound = [values[20], values[POINTS / 3], none][(index + of) % 3];
            let stays = |p: &usize| of_points[*p] <= bound - SLACK && drawn.keeps(of, *p);
            inside.push((0..POINTS).filter(stays).collect::<Vec<usize>>());
            bounds.push(bound);
            ranges.push(values[POINTS - 1] - values[0]);
        }
        let Setting { graph, root, batch } = &mut drawn.setting;
        let width = |batch: &Batch, of: usize| -> f64 {
            (of * total..(of + 1) * total).map(|i| batch.greatest[i] - batch.least[i]).sum()
        };
        let before = [width(batch, 0), width(batch, 1)];
        let within = Within {
            outputs: &drawn.outputs,
            inputs: &drawn.inputs,
            functions: &functions.map(|function| function as u32),
            bounds: &bounds,
            ranges: &ranges,
        };
        let splits: Vec<&[Split]> = drawn.splits.iter().map(|splits| &splits[..]).collect();
        let options = Options::default();
        tighten(graph, &root.magnitudes, batch, &splits, Some(&within), &options, &mut workspace, &mut meter).unwrap();
        for (of, inside) in inside.iter().enumerate() {
            assert!(inside.is_empty() || !batch.empty[of], "{index} {of}");
            for p in inside {
                for (i, value) in drawn.neurons_at[p * total..(p + 1) * total].iter().enumerate() {
                    let (l, u) = (batch.least[of * total + i], batch.greatest[of * total + i]);
                    assert!(l <= value + SLACK && value - SLACK <= u, "{index} {of} {i}");
                }
            }
            narrower += usize::from(width(batch, of) < 0.9 * before[of]);
            empty += usize::from(batch.empty[of]);
        }
    }
    assert!(narrower > 2 * networks.len() && empty > 6, "{narrower} narrower, {empty} empty");
}

#[test]
fn a_new_split_begins_with_the_bound_that_was_there() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let (mut workspace, mut best, mut child) = (Workspace::default(), Best::default(), Best::default());
    let (mut same, mut lost) = (0, 0);
    let networks = networks();
    for (index, net) in networks.iter().cycle().take(4 * networks.len()).enumerate() {
        let mut rng = Rng::new(400 + index as u64);
        let mut drawn = draw(net, &mut rng, 1, &mut meter);
        let mut splits = drawn.splits[0].clone();
        let options = Options::default();
        let Setting { graph, root, batch } = &drawn.setting;
        let problem =
            Problem { graph, magnitudes: &root.magnitudes, batch, splits: &[&splits], warm: None, targets: &[] };
        maximise(&problem, &drawn.spec(), &options, &mut workspace, &mut best, &mut meter).unwrap();
        let Some(&neuron) = open(&drawn.setting, 0).first() else { continue };
        let split = Split { neuron, positive: rng.below(2) == 0 };
        splits.push(split);
        drawn.setting.clamp(0, split);
        drawn.setting.relax(&mut meter);
        let Setting { graph, root, batch } = &drawn.setting;
        let mut multipliers = best.splits.clone();
        for (row, multipliers) in multipliers.iter_mut().enumerate() {
            let at = multipliers.partition_point(|&(n, _)| n < neuron);
            multipliers.insert(at, (neuron, inherited(graph, &best, row, split)));
        }
        let problem =
            Problem { graph, magnitudes: &root.magnitudes, batch, splits: &[&splits], warm: None, targets: &[] };
        let options = Options { iterations: 0, ..options };
        let mut begin = |multipliers: &[Vec<(u32, f64)>]| {
            let warm = Some(Duals { slopes: &best.slopes, splits: multipliers });
            let problem = Problem { warm, ..problem };
            maximise(&problem, &drawn.spec(), &options, &mut workspace, &mut child, &mut meter).unwrap();
            child.bounds.clone()
        };
        let (from, plain) = (begin(&multipliers), begin(&best.splits));
        for row in 0..2 {
            if multipliers[row].iter().any(|&(n, added)| n == neuron && added != 0.0) {
                // The same numbers, rounded in another order.
                assert!((from[row] - best.bounds[row]).abs() < 1e-12, "{} {}", from[row], best.bounds[row]);
                same += 1;
                lost += usize::from(plain[row] < best.bounds[row] - 1e-3);
            }
        }
    }
    assert!(same > 10 && lost > 5, "{same} {lost}");
}

#[test]
fn rows_that_are_done_leave_the_others_as_they_are() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let net = network(&NetworkSpec::dense(3, &[9, 9], 3), 5).unwrap();
    let mut rng = Rng::new(9);
    let drawn = draw(&net, &mut rng, 5, &mut meter);
    let Setting { graph, root, batch } = &drawn.setting;
    let splits: Vec<&[Split]> = drawn.splits.iter().map(|s| &s[..]).collect();
    let problem = Problem { graph, magnitudes: &root.magnitudes, batch, splits: &splits, warm: None, targets: &[] };
    let options = Options { patience: 1000, ..Options::default() };
    let (mut workspace, mut all, mut some) = (Workspace::default(), Best::default(), Best::default());
    maximise(&problem, &drawn.spec(), &options, &mut workspace, &mut all, &mut meter).unwrap();
    // Every other row is content with anything.
    let targets: Vec<f64> = (0..10).map(|row| if row % 2 == 0 { f64::NEG_INFINITY } else { f64::INFINITY }).collect();
    let problem = Problem { targets: &targets, ..problem };
    maximise(&problem, &drawn.spec(), &options, &mut workspace, &mut some, &mut meter).unwrap();
    for row in (1..10).step_by(2) {
        assert_eq!(all.bounds[row], some.bounds[row]);
        let lines = row * graph.lines..(row + 1) * graph.lines;
        assert_eq!(all.slopes[lines.clone()], some.slopes[lines]);
        assert_eq!(all.splits[row], some.splits[row]);
    }
}

/// Bounds neurons of all boxes from the start, and answers how wide they are.
fn widths(drawn: &Drawn, within: Option<&Within<'_>>, options: &Options, meter: &mut Meter<'_>) -> (Batch, Vec<f64>) {
    let Setting { graph, root, batch: from } = &drawn.setting;
    let mut batch = Batch::default();
    batch.resize(graph, from.count, meter).unwrap();
    for (from, to) in [
        (&from.lower, &mut batch.lower),
        (&from.upper, &mut batch.upper),
        (&from.least, &mut batch.least),
        (&from.greatest, &mut batch.greatest),
        (&from.below.0, &mut batch.below.0),
        (&from.below.1, &mut batch.below.1),
        (&from.above.0, &mut batch.above.0),
        (&from.above.1, &mut batch.above.1),
    ] {
        to.copy_from_slice(from);
    }
    let splits: Vec<&[Split]> = drawn.splits.iter().map(|splits| &splits[..]).collect();
    let mut workspace = Workspace::default();
    tighten(graph, &root.magnitudes, &mut batch, &splits, within, options, &mut workspace, meter).unwrap();
    let widths = batch.least.iter().zip(&batch.greatest).map(|(l, u)| u - l).collect();
    (batch, widths)
}

/// A halfspace for each box.
struct Halves {
    functions: Vec<u32>,
    bounds: Vec<f64>,
    ranges: Vec<f64>,
}

impl Halves {
    /// About half of the points are in it.
    fn new(drawn: &Drawn) -> Self {
        let boxes = drawn.splits.len();
        let mut values: Vec<f64> = (0..POINTS).map(|p| drawn.value(0, p)).collect();
        values.sort_by(f64::total_cmp);
        Halves {
            functions: vec![0; boxes],
            bounds: vec![values[POINTS / 2]; boxes],
            ranges: vec![values[POINTS - 1] - values[0]; boxes],
        }
    }

    fn within<'a>(&'a self, drawn: &'a Drawn) -> Within<'a> {
        Within {
            outputs: &drawn.outputs,
            inputs: &drawn.inputs,
            functions: &self.functions,
            bounds: &self.bounds,
            ranges: &self.ranges,
        }
    }
}

#[test]
fn single_precision_is_about_as_good_as_double() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let (mut better, mut all) = (0.0, 0.0);
    for (index, net) in networks().iter().enumerate() {
        let mut rng = Rng::new(900 + index as u64);
        let drawn = draw(net, &mut rng, 2, &mut meter);
        let halves = Halves::new(&drawn);
        let within = halves.within(&drawn);
        for within in [None, Some(&within)] {
            let mut of = |single, iterations| {
                let options = Options { iterations, single, ..Options::default() };
                widths(&drawn, within, &options, &mut meter).1.iter().sum::<f64>()
            };
            let (start, single, double) = (of(true, 0), of(true, 20), of(false, 20));
            assert!((single - double).abs() <= 1e-3 * double, "network {index}: {single} {double}");
            better += start - single;
            all += start;
        }
    }
    assert!(better > 0.03 * all, "{better} of {all}");
}

/// A chain of random products and rectifiers, each matrix so large.
fn scaled(rng: &mut Rng, scales: &[f64]) -> Network {
    let mut net = Network::new();
    let (mut x, mut size, mut wide) = (net.add_input("x", &[1, 3]).unwrap(), 1.0, 3);
    for (layer, &scale) in scales.iter().enumerate() {
        let last = layer + 1 == scales.len();
        let out = if last { 2 } else { 8 };
        size *= scale;
        let mut numbers =
            |count: usize, size: f64| Elements::F64((0..count).map(|_| even(rng, -size, size)).collect::<Vec<f64>>());
        let (w, b) = (numbers(out * wide, scale), numbers(out, 0.3 * size));
        let w = net.add_constant(&format!("w{layer}"), Constant::new(&[out, wide], w).unwrap()).unwrap();
        let b = net.add_constant(&format!("b{layer}"), Constant::new(&[out], b).unwrap()).unwrap();
        x = net.add_layer(&format!("z{layer}"), Op::Linear, &[x, w, b]).unwrap();
        if !last {
            x = net.add_layer(&format!("h{layer}"), Op::Relu, &[x]).unwrap();
        }
        wide = out;
    }
    net.add_output(x).unwrap();
    net
}

/// Where numbers overflow or vanish in single precision, bounds are those of double.
#[test]
fn what_single_precision_cannot_hold_is_done_in_double() {
    let budget = Budget::unlimited();
    let mut meter = Meter::new(&budget);
    let mut better = 0;
    for (index, scales) in [
        [1.0, 1.0, 1.0, 1.0],
        [1e25, 1e25, 1.0, 1e-40],
        [1e60, 1e-60, 1.0, 1.0],
        [1e-60, 1.0, 1e60, 1.0],
        [1e-30, 1e-30, 1e-30, 1.0],
        [1e-30, 1e-30, 1e60, 1.0],
        [1.0, 1.0, 1e-300, 1e200],
        [1e30, 1.0, 1.0, 1e30],
    ]
    .iter()
    .enumerate()
    {
        for seed in 0..3 {
            let mut rng = Rng::new(1000 + 10 * index as u64 + seed);
            let net = scaled(&mut rng, scales);
            let drawn = draw(&net, &mut rng, 2, &mut meter);
            let halves = Halves::new(&drawn);
            let inside = |p: usize, of: usize| drawn.value(0, p) <= halves.bounds[of];
            let within = halves.within(&drawn);
            for within in [None, Some(&within)] {
                let mut of = |single, iterations| {
                    let options = Options { iterations, single, ..Options::default() };
                    widths(&drawn, within, &options, &mut meter)
                };
                let ((_, start), (batch, single), (_, double)) = (of(true, 0), of(true, 20), of(false, 20));
                let total = drawn.setting.graph.total;
                for i in 0..2 * total {
                    let size = batch.least[i].abs().max(batch.greatest[i].abs());
                    let most = double[i] + 0.02 * double[i].abs() + 1e-12 * size;
                    assert!(single[i] <= most, "{scales:?} {i}: {} {} {}", single[i], double[i], start[i]);
                    better += usize::from(single[i] < 0.9 * start[i]);
                }
                for p in 0..POINTS {
                    let neurons = &drawn.neurons_at[p * total..(p + 1) * total];
                    for of in 0..2 {
                        if !drawn.keeps(of, p) || within.is_some() && !inside(p, of) {
                            continue;
                        }
                        for (i, value) in neurons.iter().enumerate() {
                            let (l, u) = (batch.least[of * total + i], batch.greatest[of * total + i]);
                            let slack =
                                SLACK * drawn.setting.root.greatest[i].abs().max(drawn.setting.root.least[i].abs());
                            assert!(l <= value + slack && value - slack <= u, "{scales:?} {of} {i}: {l} {value} {u}");
                        }
                    }
                }
            }
        }
    }
    assert!(better > 100, "{better}");
}
