//! A member as a network: a convolution with a bias for each layer, then ReLU, then the fixed layer as a pool of
//! maxima.
//!
//! Weights are drawn evenly from ±√(6 / fan-in), as in [`instances::networks`](crate::instances::networks), and biases
//! are 0. A seed gives the same bits on every machine.

use super::{ArchError, Layer, Member, Space};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::instances::rng::Rng;
use crate::net::{Constant, Elements, Network, Op, Window, element_count};

/// Weights between two looks at the budget.
const LOOK: usize = 1 << 16;

/// The network of a member, which is checked, with the space's channels, the budget's seed and within its memory. Its
/// input has shape (1, channels, sizes), its output too. Of spaces of one and two dimensions.
///
/// # Errors
///
/// Spaces without channels or with more dimensions, and what is no member.
pub fn network(space: &Space, member: &Member, budget: &Budget) -> Result<Network, ArchError> {
    space.check(member)?;
    let d = space.description();
    let wrong = |field, value: String, why: &str| ArchError::Description { field, value, why: why.into() };
    if d.channels.is_empty() {
        return Err(wrong("channels", "[]".into(), "a network needs those of the input and of each layer's output"));
    }
    if space.dimensions() > 2 {
        let why = "networks have convolutions of one and two dimensions";
        return Err(wrong("input", format!("{:?}", d.input), why));
    }
    let mut rng = Rng::new(budget.seed());
    let mut net = Network::new();
    let channels: Vec<usize> = d.channels.iter().map(|&c| c as usize).collect();
    let sizes = d.input.iter().map(|&size| size as usize);
    let shape: Vec<usize> = [1, channels[0]].into_iter().chain(sizes).collect();
    let mut x = net.add_input("input", &shape)?;
    for (index, layer) in member.layers.iter().enumerate() {
        let name = format!("conv{index}");
        let window = window(space, layer);
        let shape = [&[channels[index + 1], channels[index]], &window.kernel[..]].concat();
        let length = element_count(&shape)?;
        let bytes = net.bytes().saturating_add(4 * length as u64);
        if bytes > budget.memory() {
            return Err(OutOfMemory::Limit { bytes, limit: budget.memory() }.into());
        }
        let bound = (6.0 / (length / channels[index + 1]) as f64).sqrt();
        let mut weights = Vec::new();
        weights.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes: 4 * length as u64 })?;
        for step in 0..length {
            if step % LOOK == 0 {
                budget.check()?;
            }
            weights.push((bound * (2.0 * (rng.below(1 << 24) as f64 / (1u64 << 24) as f64) - 1.0)) as f32);
        }
        let weights = net.add_constant(&format!("{name}.weight"), Constant::new(&shape, Elements::F32(weights))?)?;
        let zeros = Constant::new(&[channels[index + 1]], Elements::F32(vec![0.0; channels[index + 1]]))?;
        let bias = net.add_constant(&format!("{name}.bias"), zeros)?;
        x = net.add_layer(&name, Op::Conv { window, groups: 1 }, &[x, weights, bias])?;
        x = net.add_layer(&format!("{name}.active"), Op::Relu, &[x])?;
        if let Some(fixed) = d.fixed {
            let all = |value: u32| vec![value as usize; space.dimensions()];
            let zeros = all(0);
            let window = Window {
                kernel: all(fixed.kernel),
                strides: all(fixed.stride),
                dilations: all(1),
                begin: zeros.clone(),
                end: zeros,
            };
            x = net.add_layer(&format!("{name}.pool"), Op::MaxPool { window, ceil: false }, &[x])?;
        }
    }
    net.add_output(x)?;
    Ok(net)
}

fn window(space: &Space, layer: &Layer) -> Window {
    let of = |values: &[u32]| values.iter().map(|&v| v as usize).collect::<Vec<usize>>();
    let padding: Vec<usize> = (0..space.dimensions()).map(|i| space.padding(i) as usize / 2).collect();
    Window {
        kernel: of(&layer.kernel),
        strides: of(&layer.stride),
        dilations: vec![1; space.dimensions()],
        begin: padding.clone(),
        end: padding,
    }
}
