//! A member as a network: a block for each layer, then the fixed layer as a pool of maxima.
//!
//! Weights are drawn evenly from ±√(6 / fan-in), as in [`instances::networks`](crate::instances::networks), and biases
//! are 0. A seed gives the same bits on every machine.

use super::{ArchError, Layer, Member, Space};
use crate::budget::Budget;
use crate::error::OutOfMemory;
use crate::instances::rng::Rng;
use crate::net::{Constant, Elements, Network, Op, TensorId, Window, element_count};

/// Weights between two looks at the budget.
const LOOK: usize = 1 << 16;

/// What a layer of a member becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Block {
    /// A convolution with a bias, then ReLU.
    #[default]
    Plain,
    /// The residual block of the paper's figure 3b (section 5.2), with the layer's kernel and stride where ResNet-18 has 1
    /// and 2: of two flows one is the layer's convolution, batch normalization, ReLU, a convolution with kernel 3 that keeps the
    /// size, batch normalization; the other the layer's convolution and batch normalization alone; their sum, then ReLU.
    /// Normalizations are as they are before training: scale and variance 1, mean and shift 0.
    Residual,
}

/// The network of a member, which is checked, with the space's channels, the budget's seed and within its memory. Its
/// input has shape (1, channels, sizes), its output too. Of spaces of one and two dimensions.
///
/// # Errors
///
/// Spaces without channels or with more dimensions, and what is no member.
pub fn network(space: &Space, member: &Member, block: Block, budget: &Budget) -> Result<Network, ArchError> {
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
    let mut maker = Maker { net: Network::new(), rng: Rng::new(budget.seed()), budget };
    let channels: Vec<usize> = d.channels.iter().map(|&c| c as usize).collect();
    let sizes = d.input.iter().map(|&size| size as usize);
    let shape: Vec<usize> = [1, channels[0]].into_iter().chain(sizes).collect();
    let mut x = maker.net.add_input("input", &shape)?;
    for (index, layer) in member.layers.iter().enumerate() {
        let name = format!("conv{index}");
        let window = of_layer(space, layer);
        let out = channels[index + 1];
        x = match block {
            Block::Plain => {
                let x = maker.convolution(&name, x, out, window, true)?;
                maker.net.add_layer(&format!("{name}.active"), Op::Relu, &[x])?
            }
            Block::Residual => maker.residual(&name, x, out, window)?,
        };
        if let Some(fixed) = d.fixed {
            let window = square(space.dimensions(), fixed.kernel as usize, fixed.stride as usize, 0);
            x = maker.net.add_layer(&format!("{name}.pool"), Op::MaxPool { window, ceil: false }, &[x])?;
        }
    }
    maker.net.add_output(x)?;
    Ok(maker.net)
}

struct Maker<'a> {
    net: Network,
    rng: Rng,
    budget: &'a Budget,
}

impl Maker<'_> {
    fn convolution(
        &mut self,
        name: &str,
        x: TensorId,
        out: usize,
        window: Window,
        biased: bool,
    ) -> Result<TensorId, ArchError> {
        let shape = [&[out, self.net.tensor(x).shape()[1]], &window.kernel[..]].concat();
        let length = element_count(&shape)?;
        let (bytes, limit) = (self.net.bytes().saturating_add(4 * length as u64), self.budget.memory());
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit }.into());
        }
        let bound = (6.0 / (length / out) as f64).sqrt();
        let mut weights = Vec::new();
        weights.try_reserve_exact(length).map_err(|_| OutOfMemory::Allocator { bytes: 4 * length as u64 })?;
        for step in 0..length {
            if step % LOOK == 0 {
                self.budget.check()?;
            }
            weights.push((bound * (2.0 * (self.rng.below(1 << 24) as f64 / (1u64 << 24) as f64) - 1.0)) as f32);
        }
        let weights = Constant::new(&shape, Elements::F32(weights))?;
        let mut operands = vec![x, self.net.add_constant(&format!("{name}.weight"), weights)?];
        if biased {
            operands.push(self.all(&format!("{name}.bias"), out, 0.0)?);
        }
        Ok(self.net.add_layer(name, Op::Conv { window, groups: 1 }, &operands)?)
    }

    /// A constant for each channel.
    fn all(&mut self, name: &str, channels: usize, value: f32) -> Result<TensorId, ArchError> {
        let constant = Constant::new(&[channels], Elements::F32(vec![value; channels]))?;
        Ok(self.net.add_constant(name, constant)?)
    }

    fn normalization(&mut self, name: &str, x: TensorId) -> Result<TensorId, ArchError> {
        let channels = self.net.tensor(x).shape()[1];
        let mut operands = vec![x];
        for (what, value) in [("scale", 1.0), ("shift", 0.0), ("mean", 0.0), ("variance", 1.0)] {
            operands.push(self.all(&format!("{name}.{what}"), channels, value)?);
        }
        Ok(self.net.add_layer(name, Op::BatchNorm { epsilon: 1e-5 }, &operands)?)
    }

    fn residual(&mut self, name: &str, x: TensorId, out: usize, window: Window) -> Result<TensorId, ArchError> {
        let same = square(window.kernel.len(), 3, 1, 1);
        let y = self.convolution(&format!("{name}.first"), x, out, window.clone(), false)?;
        let y = self.normalization(&format!("{name}.first.norm"), y)?;
        let y = self.net.add_layer(&format!("{name}.first.active"), Op::Relu, &[y])?;
        let y = self.convolution(&format!("{name}.second"), y, out, same, false)?;
        let y = self.normalization(&format!("{name}.second.norm"), y)?;
        let z = self.convolution(&format!("{name}.short"), x, out, window, false)?;
        let z = self.normalization(&format!("{name}.short.norm"), z)?;
        let sum = self.net.add_layer(&format!("{name}.sum"), Op::Add, &[y, z])?;
        Ok(self.net.add_layer(&format!("{name}.active"), Op::Relu, &[sum])?)
    }
}

/// The same in all dimensions.
fn square(dimensions: usize, kernel: usize, stride: usize, padding: usize) -> Window {
    let all = |value| vec![value; dimensions];
    Window { kernel: all(kernel), strides: all(stride), dilations: all(1), begin: all(padding), end: all(padding) }
}

fn of_layer(space: &Space, layer: &Layer) -> Window {
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
