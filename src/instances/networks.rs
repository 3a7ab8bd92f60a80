//! Random neural networks: fully connected, convolutional, residual, binarized.
//!
//! Weights are drawn evenly from `±sqrt(6 / fan-in)`, so that the size of what flows through stays as it is from layer to
//! layer (K. He, X. Zhang, S. Ren, J. Sun, "Delving deep into rectifiers", ICCV 2015, section 2.2), biases from `±0.1`.
//! Binarized networks have weights -1 and 1. Only arithmetic that IEEE 754 rounds correctly is used: a seed gives the
//! same bits on every machine.

use super::rng::Rng;
use super::{InstanceError, positive, tick, with_capacity};
use crate::budget::{Budget, Limits};
use crate::error::OutOfMemory;
use crate::net::{Constant, Elements, MAX_ELEMENTS, Network, Op, TensorId, Window, element_count};

/// What stands between the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x` where it is not negative, else `x / 8`.
    LeakyRelu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// The sign, and all weights are -1 or 1.
    Sign,
}

/// What a random network looks like.
///
/// First come blocks of convolution (3 by 3, padded by 1), normalization, activation, and pooling by 2 (largest and mean
/// by turns) where both sides have at least 2 left; then the image is made flat; then blocks of linear layer, normalization
/// and activation; then a last linear layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkSpec {
    /// Shape of the input, to which a batch axis of 1 is added: `[n]`, or channels, height and width.
    pub input: Vec<usize>,
    /// Channels after each convolution. If there are any, the input has three axes.
    pub channels: Vec<usize>,
    /// Neurons in each hidden linear layer.
    pub widths: Vec<usize>,
    /// Numbers that the network answers.
    pub outputs: usize,
    /// What stands between the layers.
    pub activation: Activation,
    /// Whether every convolution and hidden linear layer is normalized.
    pub batch_norm: bool,
    /// Whether what goes into a block is added to what comes out, before pooling, where the shapes are the same.
    pub residual: bool,
}

impl NetworkSpec {
    /// Fully connected, with ReLU.
    #[must_use]
    pub fn dense(inputs: usize, widths: &[usize], outputs: usize) -> Self {
        NetworkSpec {
            input: vec![inputs],
            channels: Vec::new(),
            widths: widths.to_vec(),
            outputs,
            activation: Activation::Relu,
            batch_norm: false,
            residual: false,
        }
    }

    /// Convolutions with normalization and pooling, then fully connected, with ReLU.
    #[must_use]
    pub fn convolutional(input: [usize; 3], channels: &[usize], widths: &[usize], outputs: usize) -> Self {
        NetworkSpec {
            input: input.to_vec(),
            channels: channels.to_vec(),
            batch_norm: true,
            ..NetworkSpec::dense(0, widths, outputs)
        }
    }

    /// Fully connected, with weights -1 and 1 and signs between the layers.
    #[must_use]
    pub fn binarized(inputs: usize, widths: &[usize], outputs: usize) -> Self {
        NetworkSpec { activation: Activation::Sign, batch_norm: true, ..NetworkSpec::dense(inputs, widths, outputs) }
    }
}

/// The network of this seed. See [`generate`].
pub fn network(spec: &NetworkSpec, seed: u64) -> Result<Network, InstanceError> {
    generate(spec, &Budget::start(&Limits { seed, ..Limits::default() }))
}

/// A random network; the budget's memory limit is one on its weights.
pub fn generate(spec: &NetworkSpec, budget: &Budget) -> Result<Network, InstanceError> {
    for (name, sizes) in [("input", &spec.input), ("channels", &spec.channels), ("widths", &spec.widths)] {
        for &size in sizes {
            positive(name, size as u64)?;
        }
    }
    positive("outputs", spec.outputs as u64)?;
    if spec.input.is_empty() || (!spec.channels.is_empty() && spec.input.len() != 3) {
        let shape = format!("{:?}", spec.input);
        return Err(InstanceError::parameter("input", shape, "convolutions need 3 axes, other layers at least 1"));
    }
    let mut builder = Builder { net: Network::new(), rng: Rng::new(budget.seed()), budget, spec };
    let shape = [&[1], &spec.input[..]].concat();
    let mut x = builder.net.add_input("input", &shape)?;
    for (index, &channels) in spec.channels.iter().enumerate() {
        x = builder.convolution(index, x, channels)?;
    }
    let length = builder.net.tensor(x).len();
    if builder.net.tensor(x).shape() != [1, length] {
        x = builder.net.add_layer("flat", Op::Reshape { shape: vec![1, length] }, &[x])?;
    }
    for (index, &width) in spec.widths.iter().enumerate() {
        let before = x;
        x = builder.linear(&format!("linear{index}"), x, width)?;
        x = builder.block(&format!("linear{index}"), before, x)?;
    }
    x = builder.linear("output", x, spec.outputs)?;
    builder.net.add_output(x)?;
    Ok(builder.net)
}

struct Builder<'a> {
    net: Network,
    rng: Rng,
    budget: &'a Budget,
    spec: &'a NetworkSpec,
}

impl Builder<'_> {
    /// Evenly from `low..high`, on a grid of 2^24 steps.
    fn even(&mut self, shape: &[usize], low: f64, high: f64) -> Result<Constant, InstanceError> {
        self.draw(shape, |rng| (low + (high - low) * (rng.below(1 << 24) as f64 / (1u64 << 24) as f64)) as f32)
    }

    fn draw(&mut self, shape: &[usize], each: impl Fn(&mut Rng) -> f32) -> Result<Constant, InstanceError> {
        let length = element_count(shape)?;
        let bytes = self.net.bytes().saturating_add(4 * length as u64);
        if bytes > self.budget.memory() {
            return Err(OutOfMemory::Limit { bytes, limit: self.budget.memory() }.into());
        }
        let mut values = with_capacity(length)?;
        for step in 0..length {
            tick(self.budget, step as u64)?;
            values.push(each(&mut self.rng));
        }
        Ok(Constant::new(shape, Elements::F32(values))?)
    }

    fn weights(&mut self, shape: &[usize]) -> Result<Constant, InstanceError> {
        if self.spec.activation == Activation::Sign {
            return self.draw(shape, |rng| if rng.bit() { 1.0 } else { -1.0 });
        }
        let inputs = element_count(&shape[1..])?;
        let bound = (6.0 / inputs as f64).sqrt();
        self.even(shape, -bound, bound)
    }

    fn linear(&mut self, name: &str, x: TensorId, width: usize) -> Result<TensorId, InstanceError> {
        let inputs = self.net.tensor(x).len();
        let weights = self.weights(&[width, inputs])?;
        let bias = self.even(&[width], -0.1, 0.1)?;
        let weights = self.net.add_constant(&format!("{name}.weight"), weights)?;
        let bias = self.net.add_constant(&format!("{name}.bias"), bias)?;
        Ok(self.net.add_layer(name, Op::Linear, &[x, weights, bias])?)
    }

    fn convolution(&mut self, index: usize, x: TensorId, channels: usize) -> Result<TensorId, InstanceError> {
        let name = format!("conv{index}");
        let before = self.net.tensor(x).shape()[1];
        // Beyond this the product below could overflow.
        if channels > MAX_ELEMENTS || before > MAX_ELEMENTS {
            return Err(InstanceError::parameter("channels", channels, format!("the most are {MAX_ELEMENTS}")));
        }
        let weights = self.weights(&[channels, before, 3, 3])?;
        let bias = self.even(&[channels], -0.1, 0.1)?;
        let weights = self.net.add_constant(&format!("{name}.weight"), weights)?;
        let bias = self.net.add_constant(&format!("{name}.bias"), bias)?;
        let op = Op::Conv { window: square(3, 1, 1), groups: 1 };
        let y = self.net.add_layer(&name, op, &[x, weights, bias])?;
        let y = self.block(&name, x, y)?;
        let shape = self.net.tensor(y).shape();
        if shape[2].min(shape[3]) < 2 {
            return Ok(y);
        }
        let window = square(2, 2, 0);
        let op = if index.is_multiple_of(2) {
            Op::MaxPool { window, ceil: false }
        } else {
            Op::AveragePool { window, ceil: false, count_padding: false }
        };
        Ok(self.net.add_layer(&format!("{name}.pool"), op, &[y])?)
    }

    /// What follows a layer that made `y` from `x`.
    fn block(&mut self, name: &str, x: TensorId, mut y: TensorId) -> Result<TensorId, InstanceError> {
        if self.spec.batch_norm {
            y = self.normalization(&format!("{name}.norm"), y)?;
        }
        let op = match self.spec.activation {
            Activation::Relu => Op::Relu,
            Activation::LeakyRelu => Op::LeakyRelu { alpha: 0.125 },
            Activation::Sigmoid => Op::Sigmoid,
            Activation::Tanh => Op::Tanh,
            Activation::Sign => Op::Sign,
        };
        y = self.net.add_layer(&format!("{name}.active"), op, &[y])?;
        if self.spec.residual && self.net.tensor(x).shape() == self.net.tensor(y).shape() {
            y = self.net.add_layer(&format!("{name}.sum"), Op::Add, &[x, y])?;
        }
        Ok(y)
    }

    fn normalization(&mut self, name: &str, x: TensorId) -> Result<TensorId, InstanceError> {
        let channels = [self.net.tensor(x).shape()[1]];
        let mut operands = vec![x];
        for (what, low, high) in
            [("scale", 0.5, 1.5), ("bias", -0.25, 0.25), ("mean", -0.25, 0.25), ("variance", 0.5, 1.5)]
        {
            let constant = self.even(&channels, low, high)?;
            operands.push(self.net.add_constant(&format!("{name}.{what}"), constant)?);
        }
        // A power of two, as all else here is exact in 32 bits.
        Ok(self.net.add_layer(name, Op::BatchNorm { epsilon: 1.0 / 65536.0 }, &operands)?)
    }
}

fn square(kernel: usize, stride: usize, padding: usize) -> Window {
    Window {
        kernel: vec![kernel; 2],
        strides: vec![stride; 2],
        dilations: vec![1; 2],
        begin: vec![padding; 2],
        end: vec![padding; 2],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{Interrupt, Stop};

    fn names(spec: &NetworkSpec) -> Vec<&'static str> {
        network(spec, 1).unwrap().layers().iter().map(|layer| layer.op().name()).collect()
    }

    #[test]
    fn layers_are_as_described() {
        assert_eq!(names(&NetworkSpec::dense(4, &[3, 3], 2)), ["Gemm", "Relu", "Gemm", "Relu", "Gemm"]);
        let conv = NetworkSpec::convolutional([2, 5, 7], &[3, 4, 4], &[6], 5);
        let block = ["Conv", "BatchNormalization", "Relu"];
        let expected = [
            &block[..],
            &["MaxPool"],
            &block,
            &["AveragePool"],
            &block,
            &["Reshape", "Gemm", "BatchNormalization", "Relu", "Gemm"],
        ];
        assert_eq!(names(&conv), expected.concat());
        let net = network(&conv, 1).unwrap();
        assert_eq!((net.input_len(), net.output_len()), (70, 5));
        let residual = NetworkSpec { residual: true, ..NetworkSpec::dense(3, &[3, 4], 1) };
        assert_eq!(names(&residual), ["Gemm", "Relu", "Add", "Gemm", "Relu", "Gemm"]);
        assert_eq!(names(&NetworkSpec::binarized(3, &[3], 1)), ["Gemm", "BatchNormalization", "Sign", "Gemm"]);
    }

    #[test]
    fn a_seed_gives_the_same_network_and_another_does_not() {
        let spec = NetworkSpec::convolutional([1, 4, 4], &[2], &[3], 2);
        let all = |seed| network(&spec, seed).unwrap().tensors().to_vec();
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
        let signs = network(&NetworkSpec::binarized(9, &[9], 1), 3).unwrap();
        let weights = signs.tensor(signs.find("linear0.weight").unwrap()).constant().unwrap();
        assert!((0..weights.len()).all(|i| weights.get(i).abs() == 1.0));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let parameter = |spec: &NetworkSpec| matches!(network(spec, 1), Err(InstanceError::Parameter { .. }));
        assert!(parameter(&NetworkSpec::dense(0, &[1], 1)) && parameter(&NetworkSpec::dense(1, &[0], 1)));
        assert!(parameter(&NetworkSpec { channels: vec![1], ..NetworkSpec::dense(1, &[], 1) }));
        let huge = NetworkSpec::dense(1 << 20, &[1 << 20], 1);
        assert!(matches!(network(&huge, 1), Err(InstanceError::Network(_))));
        assert!(network(&NetworkSpec::convolutional([usize::MAX, 1, 1], &[1], &[], 1), 1).is_err());
        let limited = Budget::start(&Limits { memory: Some(1000), ..Limits::default() });
        let error = generate(&NetworkSpec::dense(10, &[100], 1), &limited).unwrap_err();
        assert_eq!(error, InstanceError::Memory(OutOfMemory::Limit { bytes: 4000, limit: 1000 }));
        let token = Interrupt::new();
        token.trigger();
        let stopped = Budget::start(&Limits { interrupt: Some(token), ..Limits::default() });
        let error = generate(&NetworkSpec::dense(10, &[100], 1), &stopped).unwrap_err();
        assert_eq!(error, InstanceError::Stopped(Stop::Interrupted));
    }
}
