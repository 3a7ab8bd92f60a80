//! The graph against the problem, choices against plain ones, and rounds against themselves.
#![allow(unsafe_code, reason = "a host writes where it is told to")]

use std::sync::{Arc, Mutex};

use super::row::Scores;
use super::*;
use crate::budget::{Budget, Limits};
use crate::formula::{Condition, Formula};
use crate::instances::rng::Rng as Source;
use crate::search::problem::Problem;
use crate::search::state::Rng;
use crate::search::{End, Options, Search};
use half::{bf16, f16};
use rand_xoshiro::rand_core::SeedableRng as _;

fn random(variables: u64, clauses: u64, seed: u64) -> Arc<Formula> {
    let budget = Budget::start(&Limits { seed, ..Limits::default() });
    Arc::new(crate::instances::random_ksat::generate(variables, clauses, 3, &budget).unwrap())
}

/// Every row of the graph as text.
fn rows(graph: &Graph) -> Vec<String> {
    let row = |csr: &Csr, row: usize| -> String {
        let item = |place: usize| match &csr.weights {
            Some(weights) => format!("{}*{}", weights[place], csr.columns[place]),
            None => csr.columns[place].to_string(),
        };
        csr.row(row).map(item).collect::<Vec<_>>().join(" ")
    };
    let constraint = |index: usize| {
        let kind = graph.kinds.as_ref().map_or(CLAUSE, |kinds| kinds[index]);
        let bound = graph.bounds.as_ref().map_or(1, |bounds| bounds[index]);
        format!("{kind} {bound}: {}", row(&graph.con_to_lit, index))
    };
    (0..graph.num_constraints as usize)
        .map(constraint)
        .chain((0..2 * graph.num_vars as usize).map(|literal| row(&graph.lit_to_con, literal)))
        .collect()
}

#[test]
fn the_graph_is_the_formula() {
    let mut formula = Formula::new();
    formula.add_clause(&[3, -1]).unwrap();
    formula.add_clause(&[-2]).unwrap();
    let graph = |formula: &Formula| {
        Graph::new(&Problem::new(formula, &Budget::unlimited()).unwrap(), &Budget::unlimited()).unwrap()
    };
    let plain = graph(&formula);
    assert!(plain.kinds.is_none() && plain.bounds.is_none() && plain.con_to_lit.weights.is_none());
    assert_eq!(rows(&plain), ["1 1: 1 4", "1 1: 3", "", "0", "", "1", "0", ""]);
    formula.add_xor(&[3, 1, -2], true).unwrap();
    formula.add_cardinality(&[1, 2, -3], 2, Condition::Plain).unwrap();
    formula.add_pseudo_boolean(&[1, 2, 3], &[4, 2, 1], 5, Condition::Plain).unwrap();
    let mixed = graph(&formula);
    assert_eq!(
        rows(&mixed)[..5],
        ["1 1: 1*1 1*4", "1 1: 1*3", "2 0: 1*0 1*2 1*4", "3 2: 1*0 1*2 1*5", "4 5: 4*0 2*2 1*4"]
    );
    assert_eq!(rows(&mixed)[5..], ["1*2 1*3 4*4", "1*0", "1*2 1*3 2*4", "1*1", "1*0 1*2 1*4", "1*3"]);
    assert_ne!(plain.hash, mixed.hash);
    assert_eq!(mixed.hash, graph(&formula).hash);
    // A condition that is a literal of its own sum: 1 -> 1 + 2 >= 2, so 2·¬1 + 1 + 2 >= 2.
    let mut formula = Formula::new();
    formula.add_cardinality(&[-1, 2, 3], 2, Condition::Implied(1)).unwrap();
    for row in rows(&graph(&formula)) {
        let columns: Vec<u32> = row
            .rsplit(": ")
            .next()
            .unwrap()
            .split_whitespace()
            .map(|i| i.rsplit('*').next().unwrap().parse().unwrap())
            .collect();
        assert!(columns.windows(2).all(|pair| pair[0] < pair[1]), "{row}");
    }
}

fn bytes(scores: &[f64], element: Element) -> Vec<u8> {
    let of = |&score: &f64| match element {
        Element::F64 => score.to_ne_bytes().to_vec(),
        Element::F32 => (score as f32).to_ne_bytes().to_vec(),
        Element::F16 => f16::from_f64(score).to_ne_bytes().to_vec(),
        Element::Bf16 => bf16::from_f64(score).to_ne_bytes().to_vec(),
    };
    scores.iter().flat_map(of).collect()
}

const ELEMENTS: [Element; 4] = [Element::F32, Element::F64, Element::F16, Element::Bf16];

/// The highest score, the lowest index of several, and what is no score, in rows of every length around a chunk.
#[test]
fn the_highest_is_chosen() {
    let mut source = Source::new(1);
    let mut rng = Rng::seed_from_u64(1);
    for length in [1, 2, 3, 255, 256, 257, 511, 512, 513, 1000] {
        for round in 0..40 {
            let bars = round % 4 == 0;
            let scores: Vec<f64> = (0..length)
                .map(|_| if bars && source.bit() { f64::NEG_INFINITY } else { source.index(40) as f64 - 20.0 })
                .collect();
            let mut indices: Vec<u32> = (0..length as u32).collect();
            for place in (1..length).rev() {
                indices.swap(place, source.index(place + 1));
            }
            for element in ELEMENTS {
                let row = bytes(&scores, element);
                for names in [None, Some(&indices[..])] {
                    let name = |place: usize| names.map_or(place as u32, |names| names[place]);
                    let open = (0..length).filter(|&place| scores[place] > f64::NEG_INFINITY);
                    let wanted = open.max_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(name(b).cmp(&name(a))));
                    let found = Scores { bytes: &row, element, indices: names }.choose(0.0, &mut rng);
                    assert_eq!(found.unwrap(), wanted.map(name), "{length} {element:?}");
                    for bad in [f64::NAN, f64::INFINITY] {
                        let place = source.index(length);
                        let mut wrong = scores.clone();
                        wrong[place] = bad;
                        let row = bytes(&wrong, element);
                        let said = Scores { bytes: &row, element, indices: names }.choose(0.0, &mut rng).unwrap_err();
                        assert!(said.place == place && (said.value.is_nan() == bad.is_nan()));
                    }
                }
            }
        }
    }
    assert_eq!(Scores { bytes: &[], element: Element::F32, indices: Some(&[]) }.choose(0.0, &mut rng), Ok(None));
}

/// Each variable is as likely as the softmax says: chi-square of 6 cells, the limit for p = 0.001.
#[test]
fn temperature_is_softmax() {
    let scores = [1.0, -0.5, f64::NEG_INFINITY, 2.0, 0.0, 2.0, -3.0];
    for (element, temperature) in ELEMENTS.into_iter().zip([1.0, 0.5, 2.0, 1.5]) {
        let row = bytes(&scores, element);
        let mut rng = Rng::seed_from_u64(5);
        let draws = 100_000;
        let mut seen = [0u32; 7];
        for _ in 0..draws {
            let chosen = Scores { bytes: &row, element, indices: None }.choose(temperature, &mut rng).unwrap().unwrap();
            seen[chosen as usize] += 1;
        }
        let total: f64 = scores.iter().map(|score| (score / temperature).exp()).sum();
        let chi: f64 = (0..7)
            .filter(|&v| v != 2)
            .map(|v| {
                let expected = f64::from(draws) * (scores[v] / temperature).exp() / total;
                (f64::from(seen[v]) - expected).powi(2) / expected
            })
            .sum();
        assert!(seen[2] == 0 && chi < 20.515, "{element:?}: {chi}");
    }
    // Far apart: nothing is divided by zero or lost.
    let row = bytes(&[-1e300, 1e300, 0.0], Element::F64);
    let scores = Scores { bytes: &row, element: Element::F64, indices: None };
    assert_eq!(scores.choose(1e-300, &mut Rng::seed_from_u64(1)), Ok(Some(1)));
}

/// Picks by key and number of violated constraints, and notes what it was asked.
struct Picker {
    settings: fn(&mut Plan),
    num_vars: u32,
    asked: Arc<Mutex<Vec<(u64, u64, u64)>>>,
}

impl HostScorer for Picker {
    fn is_asynchronous(&self) -> bool {
        true
    }

    fn plan(&mut self, plan: &mut Plan) -> Result<(), Refusal> {
        plan.output = Output::Flips;
        (self.settings)(plan);
        Ok(())
    }

    fn prepare(&mut self, graph: &Graph, _: &Plan, slots: &[Batch]) -> Result<(), Refusal> {
        self.num_vars = graph.num_vars;
        assert!(!slots.is_empty());
        Ok(())
    }

    fn submit(&mut self, batch: &Batch) -> Result<(), Refusal> {
        let mut asked = self.asked.lock().unwrap();
        for row in 0..batch.size as usize {
            // SAFETY: as many rows as it says.
            unsafe {
                let walker = batch.first_walker + u64::from(*batch.walkers.add(row));
                let (key, violated) = (*batch.rng.add(row), *batch.num_unsat.add(row));
                let out = batch.out_index.cast::<u8>().add(row * batch.out_index_stride as usize).cast::<u32>();
                *out = ((key ^ violated) % u64::from(self.num_vars)) as u32;
                asked.push((walker, key, violated));
            }
        }
        Ok(())
    }
}

/// The questions, walker by walker, and where they led.
fn walked(settings: fn(&mut Plan), hosts: usize, seed: u64, walk: Option<f64>) -> (Vec<(u64, u64, u64)>, Vec<i8>) {
    let asked = Arc::default();
    let scorers = (0..hosts).map(|_| {
        let host: Box<dyn HostScorer> = Box::new(Picker { settings, num_vars: 0, asked: Arc::clone(&asked) });
        host
    });
    let options = Options { walkers: 11, flips: Some(200), tries: Some(2), seed, walk, ..Options::default() };
    let scorers = scorers.collect();
    let budget = Budget::unlimited();
    let mut search = Search::with_scorers(random(60, 300, 3), &options, scorers, &budget).unwrap();
    assert_eq!(search.run(&budget).unwrap(), End::Over);
    let best = search.best().unwrap().0;
    let statistics = search.statistics();
    assert_eq!((statistics.tries, statistics.flips), (22, 4400));
    let mut asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len() as u64, statistics.flips - statistics.walk);
    // Of one walker they are in their order.
    asked.sort_by_key(|question| question.0);
    (asked, best)
}

#[test]
fn slots_and_hosts_do_not_matter() {
    let plain = walked(|plan| plan.num_slots = 1, 1, 5, None);
    let share = plain.0.len() as f64 / 4400.0;
    assert!((share - 0.5).abs() < 0.03, "half of the flips are random steps: {share}");
    for settings in [
        |plan: &mut Plan| plan.num_slots = 2,
        |plan: &mut Plan| plan.num_slots = 8,
        |plan: &mut Plan| (plan.num_slots, plan.bit_order) = (3, BitOrder::VariableMajor),
        |plan: &mut Plan| (plan.num_slots, plan.full_bits, plan.row_align) = (2, true, 4),
    ] {
        for hosts in [1, 2, 3, 11] {
            assert_eq!(walked(settings, hosts, 5, None), plain);
        }
    }
    assert_ne!(walked(|_| (), 1, 6, None), plain);
    // What a seed has given so far is what it gives.
    let take = |sum: u64, value: u64| (sum ^ value).wrapping_mul(0x0100_0000_01b3);
    let questions = plain.0.iter().flat_map(|&(walker, key, violated)| [walker, key, violated]);
    let sum = questions.chain(plain.1.iter().map(|&value| value as u64)).fold(0xcbf2_9ce4_8422_2325, take);
    assert_eq!(sum, 0xfe08_e60e_a46d_6d70, "{sum:#x}");
    let never = walked(|_| (), 1, 5, Some(0.0));
    assert_eq!(never.0.len(), 4400);
}
