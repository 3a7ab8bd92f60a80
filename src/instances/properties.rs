//! Random properties of a network, whatever network it is.
//!
//! Both kinds take a box around a centre that is drawn evenly from 0 to 1 in every input. *Robustness* asks for a point of
//! the box at which another output is at least as large as the centre's largest (S. Bak, C. Liu, T. Johnson, "The second
//! international verification of neural networks competition", 2021, mnistfc); the answer is not known. *Reachability* asks
//! for a point whose outputs are as those of a hidden point of the box, up to a margin; there is one.

use super::InstanceError;
use super::rng::Rng;
use crate::budget::Budget;
use crate::net::Network;
use crate::net::eval::Evaluator;
use crate::net::property::{Property, Rows};

/// Whether another output can be at least as large as the largest at the centre. There must be two outputs or more.
pub fn robustness(network: &Network, radius: f64, budget: &Budget) -> Result<Property, InstanceError> {
    let outputs = network.output_len();
    if outputs < 2 {
        return Err(InstanceError::parameter("outputs", outputs, "robustness compares two or more"));
    }
    let mut rng = Rng::new(budget.seed());
    let centre = draw(&mut rng, network.input_len());
    let (mut property, _, _) = in_box(network, &centre, radius)?;
    let answer = answer(network, &centre, budget)?;
    let largest = (0..outputs).fold(0, |best, i| if answer[i] > answer[best] { i } else { best });
    let first = network.input_len();
    let column = |output: usize| u32::try_from(first + output).unwrap_or(u32::MAX);
    let others = (0..outputs).filter(|&i| i != largest);
    let columns: Vec<u32> = others.flat_map(|i| [column(largest), column(i)]).collect();
    let rows = outputs - 1;
    property.add_assertion(
        &Rows {
            offsets: &(0..=rows).map(|row| 2 * row).collect::<Vec<_>>(),
            columns: &columns,
            coefficients: &[1.0, -1.0].repeat(rows),
            bounds: &vec![0.0; rows],
            strict: &vec![false; rows],
        },
        &(0..=rows).collect::<Vec<_>>(),
    )?;
    Ok(property)
}

/// Whether the outputs can be within `margin` of those at a point that is hidden in the box; that point comes with it.
/// The outputs were computed in 64 bits.
pub fn reachability(
    network: &Network,
    radius: f64,
    margin: f64,
    budget: &Budget,
) -> Result<(Property, Vec<f64>), InstanceError> {
    if !(margin >= 0.0 && margin.is_finite()) {
        return Err(InstanceError::parameter("margin", margin, "must be finite and not negative"));
    }
    let mut rng = Rng::new(budget.seed());
    let centre = draw(&mut rng, network.input_len());
    let (mut property, lower, upper) = in_box(network, &centre, radius)?;
    let within = |i: usize, at: f64| (lower[i] + (upper[i] - lower[i]) * at).clamp(lower[i], upper[i]);
    let hidden: Vec<f64> = (0..centre.len()).map(|i| within(i, unit(&mut rng))).collect();
    // In 32 bits, so that a network that computes in them can take it; that may leave the box by a rounding.
    let hidden: Vec<f64> = hidden
        .iter()
        .enumerate()
        .map(|(i, &v)| if (lower[i]..=upper[i]).contains(&f64::from(v as f32)) { f64::from(v as f32) } else { v })
        .collect();
    let answer = answer(network, &hidden, budget)?;
    let rows = 2 * answer.len();
    let column = |row: usize| u32::try_from(network.input_len() + row / 2).unwrap_or(u32::MAX);
    let bound = |row: usize| if row.is_multiple_of(2) { answer[row / 2] + margin } else { margin - answer[row / 2] };
    property.add_assertion(
        &Rows {
            offsets: &(0..=rows).collect::<Vec<_>>(),
            columns: &(0..rows).map(column).collect::<Vec<_>>(),
            coefficients: &[1.0, -1.0].repeat(answer.len()),
            bounds: &(0..rows).map(bound).collect::<Vec<_>>(),
            strict: &vec![false; rows],
        },
        &[0, rows],
    )?;
    Ok((property, hidden))
}

/// Evenly from 0 to 1, on a grid of 2^24 steps.
fn unit(rng: &mut Rng) -> f64 {
    rng.below((1 << 24) + 1) as f64 / (1u64 << 24) as f64
}

fn draw(rng: &mut Rng, length: usize) -> Vec<f64> {
    (0..length).map(|_| unit(rng)).collect()
}

/// The property that the input lies in the box, and the box.
fn in_box(network: &Network, centre: &[f64], radius: f64) -> Result<(Property, Vec<f64>, Vec<f64>), InstanceError> {
    if !(radius >= 0.0 && radius.is_finite()) {
        return Err(InstanceError::parameter("radius", radius, "must be finite and not negative"));
    }
    let mut property = Property::new(network.input_len(), network.output_len())?;
    let lower: Vec<f64> = centre.iter().map(|c| c - radius).collect();
    let upper: Vec<f64> = centre.iter().map(|c| c + radius).collect();
    property.add_box(&lower, &upper)?;
    Ok((property, lower, upper))
}

fn answer(network: &Network, input: &[f64], budget: &Budget) -> Result<Vec<f64>, InstanceError> {
    let mut output = vec![0.0; network.output_len()];
    Evaluator::<f64>::new(network)?.evaluate(1, input, &mut output, budget)?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;
    use crate::instances::networks::{NetworkSpec, network};

    #[test]
    fn the_hidden_point_is_a_witness() {
        for seed in 0..20 {
            let network = network(&NetworkSpec::dense(5, &[8, 8], 3), seed).unwrap();
            let budget = Budget::start(&Limits { seed, ..Limits::default() });
            let (property, hidden) = reachability(&network, 0.1, 0.001, &budget).unwrap();
            let output = answer(&network, &hidden, &budget).unwrap();
            assert!(property.check(&hidden, &output).unwrap());
            let off: Vec<f64> = output.iter().map(|v| v + 0.002).collect();
            assert!(!property.check(&hidden, &off).unwrap());
        }
    }

    #[test]
    fn the_centre_is_no_counterexample_to_its_own_class() {
        for seed in 0..20 {
            let network = network(&NetworkSpec::dense(4, &[6], 4), seed).unwrap();
            let budget = Budget::start(&Limits { seed, ..Limits::default() });
            let property = robustness(&network, 0.05, &budget).unwrap();
            let centre = draw(&mut Rng::new(seed), 4);
            let output = answer(&network, &centre, &budget).unwrap();
            assert!(!property.check(&centre, &output).unwrap());
            let mut turned = output.clone();
            turned.sort_by(f64::total_cmp);
            let largest = turned[3];
            let other = output.iter().position(|&v| v < largest).unwrap();
            let mut beaten = output.clone();
            beaten[other] = largest;
            assert!(property.check(&centre, &beaten).unwrap());
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let network = network(&NetworkSpec::dense(2, &[], 1), 0).unwrap();
        let budget = Budget::unlimited();
        assert!(matches!(robustness(&network, 0.1, &budget), Err(InstanceError::Parameter { name: "outputs", .. })));
        for radius in [-1.0, f64::NAN, f64::INFINITY] {
            let error = reachability(&network, radius, 0.1, &budget).unwrap_err();
            assert!(matches!(error, InstanceError::Parameter { name: "radius", .. }));
        }
        assert!(reachability(&network, 0.1, f64::NAN, &budget).is_err());
    }
}
