//! What inequalities leave keeps every point that satisfies them.

use anser::bounds::{Bounds, BoundsError, Contracted, Polytope};
use anser::budget::Budget;
use anser::instances::networks::{NetworkSpec, network};
use anser::net::Network;
use num_rational::BigRational;

use crate::check::{Asked, Values, bounds};
use crate::exact::rational;
use crate::random::Random;

#[derive(Debug, PartialEq)]
struct Left {
    lower: Vec<f64>,
    upper: Vec<f64>,
    neurons: (Vec<f64>, Vec<f64>),
    empty: Vec<bool>,
}

fn contract(bounds: &Bounds, asked: &Asked, right: &[f64], strict: &[bool]) -> Result<Left, BoundsError> {
    let (n, total) = (asked.boxes * bounds.input_len(), asked.boxes * bounds.num_neurons());
    let zeros = |length: usize| vec![f64::NAN; length];
    let mut left = Left {
        lower: zeros(n),
        upper: zeros(n),
        neurons: (zeros(total), zeros(total)),
        empty: vec![false; asked.boxes],
    };
    let mut contracted = Contracted {
        lower: &mut left.lower,
        upper: &mut left.upper,
        neurons: Some((&mut left.neurons.0, &mut left.neurons.1)),
        empty: Some(&mut left.empty),
    };
    bounds.contract(&asked.query(), &Polytope { right, strict }, &mut contracted, &Budget::unlimited())?;
    Ok(left)
}

fn nets() -> Vec<Network> {
    let dense = NetworkSpec::dense(3, &[8, 7, 6], 3);
    let specs = [
        dense.clone(),
        NetworkSpec { widths: vec![6, 6, 6], residual: true, ..dense },
        NetworkSpec { batch_norm: false, ..NetworkSpec::convolutional([1, 4, 4], &[2, 2], &[5], 2) },
    ];
    specs.iter().flat_map(|spec| (0..6).map(|seed| network(spec, seed).unwrap())).collect()
}

#[test]
fn every_point_of_the_polytope_is_kept() {
    let (mut inside, mut boxes, mut neurons, mut empty) = (0, 0, 0, 0);
    for (seed, net) in nets().iter().enumerate() {
        let random = &mut Random::new(seed as u64);
        let (n, m) = (net.input_len(), net.output_len());
        let bounds = bounds(net, &vec![-1.0; n], &vec![1.0; n]);
        let values = Values::new(net, &bounds, true);
        for round in 0..6 {
            let mut asked = Asked { boxes: 2, rows: 2, ..Asked::default() };
            for _ in 0..2 * n {
                let l = -1.0 + 1.5 * random.unit();
                asked.lower.push(l);
                asked.upper.push((l + 0.1 + 0.8 * random.unit()).min(1.0));
            }
            asked.outputs = (0..asked.rows * m).map(|_| 2.0 * random.unit() - 1.0).collect();
            if round % 3 == 2 {
                asked.inputs = (0..asked.rows * n).map(|_| 2.0 * random.unit() - 1.0).collect();
            }
            let points: Vec<Vec<f64>> = (0..40)
                .map(|i| {
                    let of = (i % 2) * n..(i % 2 + 1) * n;
                    let ends = asked.lower[of.clone()].iter().zip(&asked.upper[of]);
                    ends.map(|(l, u)| (l + random.unit() * (u - l)).clamp(*l, *u)).collect()
                })
                .collect();
            let rows = |point: &[f64]| -> (Vec<BigRational>, Vec<BigRational>) {
                let (outputs, neurons, _) = values.at(point);
                let row = |row: usize| {
                    let y = asked.outputs[row * m..(row + 1) * m].iter().zip(&outputs).map(|(&a, y)| rational(a) * y);
                    let of_inputs = asked.inputs.get(row * n..(row + 1) * n).unwrap_or(&[]);
                    y.sum::<BigRational>()
                        + of_inputs.iter().zip(point).map(|(&a, &x)| rational(a) * rational(x)).sum::<BigRational>()
                };
                ((0..asked.rows).map(row).collect(), neurons)
            };
            // Right sides that a point of the first box meets, or misses by a little, or that are low.
            let (met, _) = rows(&points[0]);
            let right: Vec<f64> = met
                .iter()
                .map(|value| {
                    use num_traits::ToPrimitive;
                    value.to_f64().unwrap() + [0.0, 1e-3, -0.3][round % 3]
                })
                .collect();
            let strict = vec![round % 2 == 1; asked.rows];
            let left = contract(&bounds, &asked, &right, &strict).unwrap();
            for (i, point) in points.iter().enumerate() {
                let index = i % 2;
                let (sums, at) = rows(point);
                let holds = sums
                    .iter()
                    .zip(&right)
                    .all(|(sum, &right)| if strict[0] { *sum < rational(right) } else { *sum <= rational(right) });
                if !holds {
                    continue;
                }
                inside += 1;
                assert!(!left.empty[index], "net {seed} round {round}");
                for (j, x) in point.iter().enumerate() {
                    assert!(
                        left.lower[index * n + j] <= *x && *x <= left.upper[index * n + j],
                        "net {seed} round {round}"
                    );
                }
                for (neuron, value) in at.iter().enumerate() {
                    let of = index * bounds.num_neurons() + neuron;
                    let (l, u) = (left.neurons.0[of], left.neurons.1[of]);
                    assert!(
                        rational(l) <= *value && *value <= rational(u),
                        "net {seed} round {round}: {l} {value} {u}"
                    );
                }
            }
            let found = crate::check::compute(&bounds, &asked, &Budget::unlimited()).unwrap();
            boxes += usize::from(left.lower != asked.lower || left.upper != asked.upper);
            neurons += usize::from(left.neurons != found.neurons);
            empty += left.empty.iter().filter(|empty| **empty).count();
        }
    }
    // It does something.
    assert!(inside > 100 && boxes > 20 && neurons > 20 && empty > 0, "{inside} {boxes} {neurons} {empty}");
}

#[test]
fn contraction_does_not_depend_on_the_other_boxes() {
    for net in nets() {
        let (n, m) = (net.input_len(), net.output_len());
        let bounds = bounds(&net, &vec![-1.0; n], &vec![1.0; n]);
        let mut asked = Asked { boxes: 3, rows: m, ..Asked::default() };
        for index in 0..3 {
            asked.lower.extend(vec![-0.2 * index as f64; n]);
            asked.upper.extend(vec![0.5; n]);
        }
        asked.outputs = (0..m * m).map(|i| f64::from(u8::from(i % (m + 1) == 0))).collect();
        let right = vec![-0.1; m];
        let whole = contract(&bounds, &asked, &right, &[]).unwrap();
        for index in 0..3 {
            let alone = contract(&bounds, &asked.only(index), &right, &[]).unwrap();
            assert_eq!(alone.lower, whole.lower[index * n..(index + 1) * n]);
            assert_eq!(
                alone.neurons.1,
                whole.neurons.1[index * bounds.num_neurons()..(index + 1) * bounds.num_neurons()]
            );
        }
    }
}
