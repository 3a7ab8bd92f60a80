use super::*;
use crate::bounds::Root;
use crate::instances::networks::{Activation, NetworkSpec, network};
use crate::net::Network;
use crate::net::eval::Evaluator;
use crate::net::eval::meter::Meter;
use crate::net::property::{Property, Rows};
use crate::verify::branch::Pace;
use crate::verify::branch::within::Again;
use crate::verify::canonical::{self, Disjuncts};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng};

/// Of each side of the box.
const GRID: usize = 160;

/// The points of a grid over `-1..1` in two dimensions.
fn grid() -> Vec<f64> {
    let at = |i: usize| -1.0 + 2.0 * i as f64 / (GRID - 1) as f64;
    (0..GRID * GRID).flat_map(|i| [at(i / GRID), at(i % GRID)]).collect()
}

struct Setting {
    graph: Graph,
    target: Target,
    /// Neurons at points of the grid that meet the target's halfspace.
    witnesses: Vec<Vec<f64>>,
}

/// The target: the first output is no more than it is at so large a share of the grid.
fn setting(network: Network, share: f64) -> Setting {
    let budget = Budget::unlimited();
    let (graph, points) = (Graph::new(&network, &budget).unwrap(), grid());
    let evaluator = Evaluator::<f64>::new(&network).unwrap();
    let mut outputs = vec![0.0; GRID * GRID];
    evaluator.evaluate(GRID * GRID, &points, &mut outputs, &budget).unwrap();
    let mut sorted = outputs.clone();
    sorted.sort_by(f64::total_cmp);
    let bound = sorted[(share * (sorted.len() - 1) as f64) as usize];
    let tensors: Vec<_> = graph.neurons.iter().map(|set| set.tensor).collect();
    let mut values = vec![0.0; GRID * GRID * graph.total];
    evaluator.evaluate_tensors(GRID * GRID, &points, &tensors, &mut values, &budget).unwrap();
    let neurons_at = |sample: usize| {
        let (mut neurons, mut from) = (vec![0.0; graph.total], 0);
        for set in &graph.neurons {
            let of_set = &values[from + sample * set.count..][..set.count];
            neurons[set.first..set.first + set.count].copy_from_slice(of_set);
            from += GRID * GRID * set.count;
        }
        neurons
    };
    let witnesses = (0..GRID * GRID).filter(|&sample| outputs[sample] <= bound).map(neurons_at).collect();
    let rows = Rows { offsets: &[0, 1], columns: &[2], coefficients: &[1.0], bounds: &[bound], strict: &[false] };
    let mut property = Property::new(2, 1).unwrap();
    property.add_box(&[-1.0; 2], &[1.0; 2]).unwrap();
    property.add_assertion(&rows, &[0, 1]).unwrap();
    let mut disjuncts = Disjuncts::new(Arc::new(property), &canonical::Options::default()).unwrap();
    let disjunct = disjuncts.next(&budget).unwrap().unwrap();
    let root = Root::new(&graph, &[-1.0; 2], &[1.0; 2], true, &mut Meter::new(&budget)).unwrap();
    Setting { graph, target: Target::new(disjunct, Arc::new(root)).unwrap(), witnesses }
}

/// The whole box.
fn whole(target: &Target) -> Node {
    Node {
        target: 0,
        depth: 0,
        bound: f64::NEG_INFINITY,
        inputs: Arc::new(Ends { lower: target.ends.0.clone(), upper: target.ends.1.clone() }),
        neurons: Arc::new(Ends { lower: target.root.least.clone(), upper: target.root.greatest.clone() }),
        splits: Arc::default(),
        chosen: Arc::default(),
        levels: Arc::default(),
        boxed: false,
        pace: Pace::default(),
        warm: None,
        weights: Arc::default(),
    }
}

/// Neurons that may have either sign.
fn open(node: &Node) -> Vec<u32> {
    let ends = node.neurons.lower.iter().zip(&node.neurons.upper);
    (0..).zip(ends).filter(|(_, (l, u))| **l < 0.0 && **u > 0.0).map(|(neuron, _)| neuron).collect()
}

#[test]
fn no_witness_meets_a_lemma() {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
    let (mut lemmas, mut short, mut met) = (0, 0, 0);
    for seed in 0..24 {
        let spec = NetworkSpec::dense(2, &[6, 6, 5], 1);
        let kind = if seed % 3 == 0 { Activation::LeakyRelu } else { Activation::Relu };
        let network = network(&NetworkSpec { activation: kind, ..spec }, seed).unwrap();
        let Setting { graph, target, witnesses } = setting(network, 0.05);
        let whole = whole(&target);
        let open = open(&whole);
        let mut draw = |node: &Node, count: usize| {
            let is_new = |neuron: &u32| node.splits.iter().all(|split| split.neuron != *neuron);
            let mut left: Vec<u32> = open.iter().copied().filter(is_new).collect();
            let more = (0..count.min(left.len())).map(|_| {
                let neuron = left.swap_remove((random.next_u64() % left.len() as u64) as usize);
                Split { neuron, positive: random.next_u64() % 2 == 0 }
            });
            let more: Vec<Split> = more.collect();
            let longer = |splits: &[Split]| splits.iter().chain(&more).copied().collect();
            Node { splits: longer(&node.splits), chosen: longer(&node.chosen), ..node.clone() }
        };
        let mut nodes: Vec<Node> = (0..128).map(|_| draw(&whole, 6)).collect();
        let (mut bounder, budget) = (Bounder::default(), Budget::unlimited());
        // Some whose neurons were bounded on the way.
        let few: Vec<Node> = (0..32).map(|_| draw(&whole, 2)).collect();
        bounder.bound(&graph, &target, &few, &alpha::Options::default(), &budget).unwrap();
        let mut again: Vec<Again> = few.into_iter().zip(0..).map(|node| Again::new(&bounder, &target, node)).collect();
        let is_empty = bounder.tighten(&graph, &target, &mut again, &alpha::Options::default(), &budget).unwrap();
        let deeper = again.into_iter().zip(is_empty).filter(|(_, is_empty)| !**is_empty).map(|(again, _)| again.node);
        for node in deeper {
            assert_eq!(node.levels.len(), 1);
            nodes.extend((0..4).map(|_| draw(&node, 3)));
        }
        bounder.bound(&graph, &target, &nodes, &alpha::Options::default(), &budget).unwrap();
        let closed: Vec<Node> =
            nodes.iter().zip(0..).filter_map(|(node, at)| bounder.closed(&graph, &target, node, at)).collect();
        let found = bounder.explain(&graph, &target, &closed, &budget).unwrap();
        for lemma in &found {
            let meets = |x: &Vec<f64>, split: &Split| {
                let value = x[split.neuron as usize];
                if split.positive { value >= 0.0 } else { value <= 0.0 }
            };
            for witness in &witnesses {
                assert!(!lemma.iter().all(|split| meets(witness, split)), "seed {seed}: {lemma:?}");
                // One split fewer is met by some: it is not that witnesses are nowhere.
                met += usize::from(lemma.iter().skip(1).all(|split| meets(witness, split)));
            }
            lemmas += 1;
            short += usize::from(lemma.len() <= 3);
        }
    }
    assert!(lemmas > 100 && short > 10 && met > 1000, "{lemmas} lemmas, {short} of them short, {met} nearly met");
}

#[cfg(feature = "cadical")]
#[test]
fn what_lemmas_exclude_is_not_bounded() {
    use crate::verify::branch::{Effort, Outcome, Phases};

    let budget = Budget::unlimited();
    let Setting { graph, target, .. } = setting(network(&NetworkSpec::dense(2, &[6, 6, 5], 1), 1).unwrap(), 0.05);
    let whole = whole(&target);
    let mut phases = Phases::default();
    let mut expand = |node: &Node| {
        let mut outcome = Outcome::default();
        phases.expand(&graph, &target, std::slice::from_ref(node), &Effort::default(), &mut outcome, &budget).unwrap();
        outcome
    };
    assert_eq!((expand(&whole).excluded, expand(&whole).open.is_empty()), (0, false));
    // As if all neurons were negative in all witnesses.
    let positive = |neuron| Split { neuron, positive: true };
    let lemmas: Vec<Arc<[Split]>> = open(&whole).into_iter().map(|neuron| [positive(neuron)].into()).collect();
    assert_eq!(target.clauses().learn(0, &lemmas), lemmas.len() as u64);
    let outcome = expand(&whole);
    assert!(outcome.excluded > 0 && outcome.open.len() == 1 && outcome.closed == 0);
    assert!(!outcome.open[0].splits.is_empty() && outcome.open[0].splits.iter().all(|split| !split.positive));
    let node = Node { splits: Arc::clone(&lemmas[0]), chosen: Arc::clone(&lemmas[0]), ..whole };
    let outcome = expand(&node);
    assert_eq!((outcome.excluded, outcome.closed, outcome.open.len()), (1, 1, 0));
}
