//! Better methods find better bounds, and no box's bounds depend on the others.

use anser::bounds::{Bounds, Method, Options};
use anser::budget::{Budget, Interrupt, Limits, Phase, ProgressSink};
use anser::instances::networks::{Activation, NetworkSpec, network};
use anser::net::Network;

use crate::check::{Asked, Found, Values, bounds, compute, gap};
use crate::random::Random;

const ALPHA: Method = Method::Alpha { iterations: 10, neuron_iterations: 0 };

fn nets() -> Vec<Network> {
    let dense = NetworkSpec::dense(4, &[20, 17, 9], 3);
    let image = NetworkSpec::convolutional([1, 5, 5], &[3, 3], &[7], 2);
    [
        dense.clone(),
        NetworkSpec { widths: vec![12, 12, 12], residual: true, ..dense.clone() },
        NetworkSpec { activation: Activation::Tanh, ..dense },
        image,
    ]
    .iter()
    .flat_map(|spec| (0..2).map(|seed| network(spec, seed).unwrap()))
    .collect()
}

fn unit(net: &Network) -> Bounds {
    let n = net.input_len();
    bounds(net, &vec![-1.0; n], &vec![1.0; n])
}

/// Boxes at random, some with splits, and each output as a row.
fn ask(net: &Network, bounds: &Bounds, boxes: usize, seed: u64) -> Asked {
    let random = &mut Random::new(seed);
    let (n, m) = (net.input_len(), net.output_len());
    let mut asked = Asked { boxes, rows: m, offsets: vec![0], ..Asked::default() };
    let (least, greatest) = bounds.root_neurons();
    for index in 0..boxes {
        let width = [0.05, 0.3, 0.8][index % 3];
        for _ in 0..n {
            let l = -1.0 + 2.0 * (1.0 - width) * random.unit();
            asked.lower.push(l);
            asked.upper.push(l + 2.0 * width);
        }
        for set in bounds.neurons().iter().filter(|set| set.splittable && index % 2 == 1) {
            for neuron in set.first..set.first + set.count {
                if least[neuron] < 0.0 && greatest[neuron] > 0.0 && random.one_in(8) {
                    asked.neurons.push(neuron as u32);
                    asked.phases.push(if -least[neuron] > greatest[neuron] { -1 } else { 1 });
                }
            }
        }
        asked.offsets.push(asked.neurons.len());
    }
    for row in 0..m {
        asked.outputs.extend((0..m).map(|i| f64::from(u8::from(i == row))));
    }
    asked
}

fn with(asked: &Asked, method: Method, intersect: bool) -> Asked {
    Asked { method, intersect, ..asked.clone() }
}

fn solve(bounds: &Bounds, asked: &Asked) -> Found {
    compute(bounds, asked, &Budget::unlimited()).unwrap()
}

#[test]
fn gradients_do_not_make_bounds_worse_and_mostly_better() {
    let (mut better, mut all) = (0, 0);
    for net in nets() {
        let bounds = unit(&net);
        let asked = ask(&net, &bounds, 9, 1);
        let crown = solve(&bounds, &with(&asked, Method::Crown, false));
        let alpha = solve(&bounds, &with(&asked, ALPHA, false));
        let more = solve(&bounds, &with(&asked, Method::Alpha { iterations: 10, neuron_iterations: 5 }, false));
        for at in 0..crown.lower.len() {
            if crown.empty[at / asked.rows] || alpha.empty[at / asked.rows] || more.empty[at / asked.rows] {
                continue;
            }
            assert!(alpha.lower[at] >= crown.lower[at] && alpha.upper[at] <= crown.upper[at]);
            all += 1;
            better += usize::from(alpha.lower[at] > crown.lower[at] || alpha.upper[at] < crown.upper[at]);
        }
        assert!(more.neurons.0.iter().zip(&crown.neurons.0).all(|(more, crown)| more >= crown || more.is_infinite()));
    }
    assert!(better * 2 > all, "{better} of {all}");
}

#[test]
fn an_intersection_is_as_good_as_both() {
    for net in nets() {
        let bounds = unit(&net);
        let asked = ask(&net, &bounds, 6, 2);
        let interval = solve(&bounds, &with(&asked, Method::Interval, false));
        let both = solve(&bounds, &with(&asked, Method::Crown, true));
        for at in 0..both.lower.len() {
            // Its neurons are no worse either, so neither are its intervals.
            assert!(both.lower[at] >= interval.lower[at] && both.upper[at] <= interval.upper[at]);
        }
        assert!(both.neurons.0.iter().zip(&interval.neurons.0).all(|(both, one)| both >= one));
    }
}

#[test]
fn bounds_are_met_where_no_neuron_changes_its_sign() {
    for net in nets().iter().take(4) {
        let bounds = unit(net);
        let n = net.input_len();
        let mut asked = ask(net, &bounds, 3, 3);
        asked.offsets.clear();
        asked.neurons.clear();
        asked.phases.clear();
        for i in 0..3 * n {
            asked.upper[i] = asked.lower[i] + 1e-9;
        }
        let found = solve(&bounds, &with(&asked, Method::Crown, false));
        let values = Values::new(net, &bounds, true);
        let signs = |index: usize| {
            let of = index * bounds.num_neurons()..(index + 1) * bounds.num_neurons();
            found.neurons.0[of.clone()].iter().zip(&found.neurons.1[of]).all(|(l, u)| *l >= 0.0 || *u <= 0.0)
        };
        for at in (0..found.lower.len()).filter(|at| signs(at / asked.rows)) {
            let point = &found.points[at * n..(at + 1) * n];
            let value = &values.at(point).0[at % asked.rows];
            assert!(gap(found.lower[at], value) < 1e-11, "{} {value}", found.lower[at]);
        }
    }
}

#[test]
fn what_is_found_of_a_box_does_not_depend_on_the_others_or_on_memory() {
    for net in nets() {
        let bounds = unit(&net);
        for (method, intersect) in [(Method::Interval, false), (Method::Crown, true), (ALPHA, false)] {
            let asked = with(&ask(&net, &bounds, 13, 4), method, intersect);
            let whole = solve(&bounds, &asked);
            let n = net.input_len();
            for index in 0..asked.boxes {
                let alone = solve(&bounds, &asked.only(index));
                let of = index * asked.rows..(index + 1) * asked.rows;
                let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
                assert!(same(&alone.lower, &whole.lower[of.clone()]), "{method:?} {index}");
                assert!(same(&alone.upper, &whole.upper[of.clone()]), "{method:?} {index}");
                assert!(same(&alone.below.0, &whole.below.0[of.start * n..of.end * n]), "{method:?} {index}");
                assert_eq!(alone.empty[0], whole.empty[index]);
            }
            // The least limit that lets it run at all.
            let (mut low, mut high) = (0u64, 1u64 << 32);
            while low + 1 < high {
                let middle = (low + high) / 2;
                let budget = Budget::start(&Limits { memory: Some(middle), ..Limits::default() });
                match compute(&bounds, &asked, &budget) {
                    Ok(found) => {
                        assert!(found == whole, "{method:?} {middle}");
                        high = middle;
                    }
                    Err(error) => {
                        assert!(error.to_string().contains("memory limit"), "{error}");
                        low = middle;
                    }
                }
            }
            assert!(low > 1000);
        }
    }
}

#[test]
fn a_contradiction_is_an_empty_box() {
    let net = &nets()[0];
    let bounds = unit(net);
    let mut asked = ask(net, &bounds, 1, 5);
    let found = solve(&bounds, &Asked { offsets: vec![], neurons: vec![], phases: vec![], ..asked.clone() });
    let wrong = (0..bounds.neurons()[0].count).find(|&i| found.neurons.0[i] > 0.0).unwrap();
    (asked.offsets, asked.neurons, asked.phases) = (vec![0, 1], vec![wrong as u32], vec![-1]);
    for method in [Method::Interval, Method::Crown, ALPHA] {
        let found = solve(&bounds, &with(&asked, method, false));
        assert_eq!(found.empty, [true]);
        assert!(found.lower.iter().chain(&found.neurons.0).all(|l| *l == f64::INFINITY));
        assert!(found.upper.iter().chain(&found.neurons.1).all(|u| *u == f64::NEG_INFINITY));
        assert!(found.below.0.iter().all(|a| *a == 0.0) && found.below.1.iter().all(|c| *c == f64::INFINITY));
        assert_eq!(&found.points[..asked.lower.len()], &asked.lower);
    }
}

#[test]
fn another_root_box_shares_the_network_and_may_lie_elsewhere() {
    let net = &nets()[0];
    let n = net.input_len();
    let whole = unit(net);
    let far = whole.within(&vec![2.0; n], &vec![3.0; n], &Options { tighten: false }, &Budget::unlimited()).unwrap();
    let fresh =
        Bounds::new(net, &vec![2.0; n], &vec![3.0; n], &Options { tighten: false }, &Budget::unlimited()).unwrap();
    assert_eq!(far.root_neurons(), fresh.root_neurons());
    assert_eq!(far.root_outputs(), fresh.root_outputs());
    let tight = whole.within(&vec![2.0; n], &vec![3.0; n], &Options::default(), &Budget::unlimited()).unwrap();
    let width = |b: &Bounds| b.root_neurons().0.iter().zip(b.root_neurons().1).map(|(l, u)| u - l).sum::<f64>();
    assert!(width(&tight) < 0.9 * width(&far), "{} {}", width(&tight), width(&far));
}

#[test]
fn a_budget_ends_it() {
    let net = network(&NetworkSpec::dense(30, &[300, 300, 300], 5), 1).unwrap();
    let bounds = unit(&net);
    let asked = with(&ask(&net, &bounds, 20, 6), ALPHA, false);
    let token = Interrupt::new();
    token.trigger();
    for limits in [
        Limits { work: Some(10_000), ..Limits::default() },
        Limits { interrupt: Some(token), ..Limits::default() },
        Limits { time: Some(std::time::Duration::ZERO), ..Limits::default() },
        Limits {
            progress: Some(ProgressSink::new(std::time::Duration::ZERO, |p| i32::from(p.phase == Phase::Bound))),
            ..Limits::default()
        },
    ] {
        let error = compute(&bounds, &asked, &Budget::start(&limits)).unwrap_err();
        assert!(matches!(error, anser::bounds::BoundsError::Stopped(_)), "{error}");
    }
    // The same work for the same query.
    let spent = || {
        let budget = Budget::unlimited();
        compute(&bounds, &with(&ask(&net, &bounds, 2, 6), Method::Crown, false), &budget).unwrap();
        budget.spent()
    };
    assert_eq!(spent(), spent());
}

#[test]
fn threads_share_one() {
    let net = &nets()[0];
    let bounds = unit(net);
    let asked = with(&ask(net, &bounds, 6, 7), ALPHA, false);
    let one = solve(&bounds, &asked);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..3).map(|_| scope.spawn(|| solve(&bounds.clone(), &asked))).collect();
        assert!(all.into_iter().all(|thread| thread.join().unwrap() == one));
    });
}
