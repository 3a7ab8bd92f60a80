//! The description of a space, and which architectures belong to it.

use super::{ArchError, Violation};

/// The largest size of an input in one dimension, padding included.
pub const MAX_SIZE: u32 = 4096;

/// The most dimensions.
pub const MAX_DIMENSIONS: usize = 8;

/// The most layers.
pub const MAX_LAYERS: usize = 64;

/// The most channels of a layer.
pub const MAX_CHANNELS: u32 = 1 << 20;

/// What becomes of a remainder of `(size - kernel) / stride`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Division {
    /// There must be none.
    #[default]
    Exact,
    /// It is dropped, as frameworks do.
    Floor,
}

/// A layer that every layer is followed by, a pool say, the same in every dimension. It is never padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fixed {
    /// Its kernel.
    pub kernel: u32,
    /// Its stride.
    pub stride: u32,
}

/// What a space is to hold. Whatever is not said is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The input's size in each dimension.
    pub input: Vec<u32>,
    /// The output's size in each dimension, at most the input's.
    pub output: Vec<u32>,
    /// The fewest and the most layers.
    pub layers: (usize, usize),
    /// What becomes of a remainder, of fixed layers' too.
    pub division: Division,
    /// What every layer is followed by.
    pub fixed: Option<Fixed>,
    /// Cells added on either side of every layer's input, in each dimension; empty for none. Even so no layer's output
    /// may be larger than its input without them.
    pub padding: Vec<u32>,
    /// The least and the largest kernel. A kernel never exceeds its layer's padded input.
    pub kernels: (u32, u32),
    /// The least and the largest stride. A stride never exceeds its layer's padded input: where the output has size 1,
    /// any larger one would do the same.
    pub strides: (u32, u32),
    /// Whether kernel 1 with stride 1 is allowed in a dimension.
    pub identity: bool,
    /// Whether every layer must make every dimension smaller.
    pub strict: bool,
    /// Whether every kernel must exceed its stride.
    pub kernel_above_stride: bool,
    /// Whether a layer's kernels are the same in all dimensions.
    pub equal_kernels: bool,
    /// Whether a layer's strides are the same in all dimensions.
    pub equal_strides: bool,
    /// Channels of the input and of each layer's output, for `layers.1 + 1` values; may be empty where nothing that
    /// counts channels is limited.
    pub channels: Vec<u32>,
    /// The most parameters: Σ over layers of channels in · channels out · Π kernels. Without biases.
    pub max_parameters: Option<u64>,
    /// The most multiply-adds: Σ over layers of channels in · channels out · Π kernel · output size, before the fixed
    /// layer.
    pub max_multiply_adds: Option<u64>,
    /// The least and the largest receptive field in every dimension: 1 + Σ (kernel - 1) · Π strides before, fixed
    /// layers included.
    pub receptive_field: Option<(u64, u64)>,
}

impl Description {
    /// All ways from `input` to `output` in `layers.0` to `layers.1` layers, without remainders.
    #[must_use]
    pub fn new(input: &[u32], output: &[u32], layers: (usize, usize)) -> Self {
        Description {
            input: input.to_vec(),
            output: output.to_vec(),
            layers,
            division: Division::Exact,
            fixed: None,
            padding: Vec::new(),
            kernels: (1, u32::MAX),
            strides: (1, u32::MAX),
            identity: true,
            strict: false,
            kernel_above_stride: false,
            equal_kernels: false,
            equal_strides: false,
            channels: Vec::new(),
            max_parameters: None,
            max_multiply_adds: None,
            receptive_field: None,
        }
    }
}

/// Kernel and stride of one layer in each dimension.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Layer {
    /// The kernel in each dimension.
    pub kernel: Vec<u32>,
    /// The stride in each dimension.
    pub stride: Vec<u32>,
}

/// An architecture: its layers from input to output, without the fixed ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Member {
    /// The layers.
    pub layers: Vec<Layer>,
}

/// What an architecture costs and sees. Values beyond `u128` are `u128::MAX`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measures {
    /// Parameters, where channels were given.
    pub parameters: Option<u128>,
    /// Multiply-adds, where channels were given.
    pub multiply_adds: Option<u128>,
    /// The receptive field in each dimension.
    pub receptive_field: Vec<u128>,
}

/// A checked description.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Space {
    description: Description,
}

fn wrong(field: &'static str, value: impl std::fmt::Debug, why: impl Into<String>) -> ArchError {
    ArchError::Description { field, value: format!("{value:?}"), why: why.into() }
}

impl Space {
    /// Checks a description. A space that holds nothing is no error.
    pub fn new(description: Description) -> Result<Self, ArchError> {
        let d = &description;
        if d.input.is_empty() || d.input.len() > MAX_DIMENSIONS {
            return Err(wrong("input", &d.input, format!("there must be 1 to {MAX_DIMENSIONS} dimensions")));
        }
        if d.output.len() != d.input.len() {
            return Err(wrong("output", &d.output, format!("the input has {} dimensions", d.input.len())));
        }
        if !d.padding.is_empty() && d.padding.len() != d.input.len() {
            return Err(wrong("padding", &d.padding, format!("the input has {} dimensions", d.input.len())));
        }
        for (dimension, (&input, &output)) in d.input.iter().zip(&d.output).enumerate() {
            if input == 0 || input > MAX_SIZE {
                return Err(wrong("input", input, format!("a size is from 1 to {MAX_SIZE}")));
            }
            if output == 0 {
                return Err(wrong("output", output, "a size is at least 1"));
            }
            if output > input {
                return Err(wrong("output", output, format!("it is larger than the input, {input}")));
            }
            let padding = d.padding.get(dimension).copied().unwrap_or(0);
            if padding > (MAX_SIZE - input) / 2 {
                return Err(wrong("padding", padding, format!("with it, the input exceeds {MAX_SIZE}")));
            }
        }
        if d.layers.0 == 0 || d.layers.0 > d.layers.1 || d.layers.1 > MAX_LAYERS {
            return Err(wrong("layers", d.layers, format!("from least to most, within 1 to {MAX_LAYERS}")));
        }
        for (field, (least, most)) in [("kernels", d.kernels), ("strides", d.strides)] {
            if least == 0 || least > most {
                return Err(wrong(field, (least, most), "from least to most, at least 1"));
            }
        }
        if let Some(fixed) = d.fixed
            && (fixed.kernel == 0 || fixed.stride == 0 || fixed.kernel > MAX_SIZE || fixed.stride > MAX_SIZE)
        {
            return Err(wrong("fixed", fixed, format!("kernel and stride are from 1 to {MAX_SIZE}")));
        }
        if let Some((least, most)) = d.receptive_field
            && least > most
        {
            return Err(wrong("receptive field", (least, most), "from least to most"));
        }
        let needed = d.max_parameters.is_some() || d.max_multiply_adds.is_some();
        if (needed || !d.channels.is_empty()) && d.channels.len() != d.layers.1 + 1 {
            let why = format!("{} are needed: of the input, and of the output of each layer", d.layers.1 + 1);
            return Err(wrong("channels", &d.channels, why));
        }
        if let Some(&channels) = d.channels.iter().find(|&&c| c == 0 || c > MAX_CHANNELS) {
            return Err(wrong("channels", channels, format!("from 1 to {MAX_CHANNELS}")));
        }
        Ok(Space { description })
    }

    /// What was described.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.description
    }

    /// How many dimensions there are.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.description.input.len()
    }

    /// What padding adds to a size.
    pub(super) fn padding(&self, dimension: usize) -> u32 {
        2 * self.description.padding.get(dimension).copied().unwrap_or(0)
    }

    /// The largest kernel and the largest stride that a layer may have in a dimension. Sizes do not grow, so the first
    /// layer's input is the largest.
    pub(super) fn largest(&self, dimension: usize) -> (u32, u32) {
        let d = &self.description;
        let size = d.input[dimension] + self.padding(dimension);
        (d.kernels.1.min(size), d.strides.1.min(size))
    }

    /// Whether dimensions are tied together by more than the number of layers.
    pub(super) fn is_tied(&self) -> bool {
        self.dimensions() > 1 && (self.description.equal_kernels || self.description.equal_strides)
    }

    /// What the fixed layer makes of a size; `None` where it does not fit.
    pub(super) fn fixed(&self, size: u32) -> Option<u32> {
        match self.description.fixed {
            None => Some(size),
            Some(fixed) => {
                let rest = size.checked_sub(fixed.kernel)?;
                let fits = self.description.division == Division::Floor || rest % fixed.stride == 0;
                fits.then_some(rest / fixed.stride + 1)
            }
        }
    }

    /// Whether `member` belongs to the space: straight from the definition, layer by layer. What lists, draws and
    /// decodes members does not use this, so it judges them.
    pub fn check(&self, member: &Member) -> Result<(), Violation> {
        let d = &self.description;
        if member.layers.len() < d.layers.0 || member.layers.len() > d.layers.1 {
            return Err(Violation::Layers { given: member.layers.len(), least: d.layers.0, most: d.layers.1 });
        }
        for (index, layer) in member.layers.iter().enumerate() {
            if layer.kernel.len() != self.dimensions() || layer.stride.len() != self.dimensions() {
                return Err(Violation::Dimensions {
                    layer: index,
                    kernels: layer.kernel.len(),
                    strides: layer.stride.len(),
                    dimensions: self.dimensions(),
                });
            }
            for (dimension, (kernel, stride)) in layer.kernel.iter().zip(&layer.stride).enumerate() {
                let tied = |why| Err(Violation::Layer { layer: index, dimension, why });
                if d.equal_kernels && *kernel != layer.kernel[0] {
                    return tied("the kernel is not that of the first dimension");
                }
                if d.equal_strides && *stride != layer.stride[0] {
                    return tied("the stride is not that of the first dimension");
                }
            }
        }
        let sizes = self.walk(member)?;
        let measures = self.measured(member, &sizes);
        let within = |what, given: u128, least: u64, most: u64| {
            if (u128::from(least)..=u128::from(most)).contains(&given) {
                Ok(())
            } else {
                Err(Violation::Measure { what, given, least, most })
            }
        };
        if let (Some(most), Some(given)) = (d.max_parameters, measures.parameters) {
            within("parameters", given, 0, most)?;
        }
        if let (Some(most), Some(given)) = (d.max_multiply_adds, measures.multiply_adds) {
            within("multiply-adds", given, 0, most)?;
        }
        if let Some((least, most)) = d.receptive_field {
            for &given in &measures.receptive_field {
                within("receptive field", given, least, most)?;
            }
        }
        Ok(())
    }

    /// What a member costs and sees.
    pub fn measures(&self, member: &Member) -> Result<Measures, Violation> {
        self.check(member)?;
        Ok(self.measured(member, &self.walk(member)?))
    }

    /// The size of every layer's output before its fixed layer, dimension by dimension.
    fn walk(&self, member: &Member) -> Result<Vec<Vec<u32>>, Violation> {
        let d = &self.description;
        let mut all = Vec::with_capacity(self.dimensions());
        for dimension in 0..self.dimensions() {
            let mut size = d.input[dimension];
            let mut outputs = Vec::with_capacity(member.layers.len());
            for (index, layer) in member.layers.iter().enumerate() {
                let (kernel, stride) = (layer.kernel[dimension], layer.stride[dimension]);
                let bad = |why| Err(Violation::Layer { layer: index, dimension, why });
                let padded = size + self.padding(dimension);
                if kernel < d.kernels.0 || kernel > d.kernels.1 {
                    return bad("the kernel is out of bounds");
                }
                if stride < d.strides.0 || stride > d.strides.1 {
                    return bad("the stride is out of bounds");
                }
                if kernel > padded {
                    return bad("the kernel is larger than the padded input");
                }
                if stride > padded {
                    return bad("the stride is larger than the padded input");
                }
                if !d.identity && kernel == 1 && stride == 1 {
                    return bad("kernel and stride are both 1");
                }
                if d.kernel_above_stride && kernel <= stride {
                    return bad("the kernel does not exceed the stride");
                }
                if d.division == Division::Exact && !(padded - kernel).is_multiple_of(stride) {
                    return bad("the stride leaves a remainder");
                }
                let output = (padded - kernel) / stride + 1;
                if output > size {
                    return bad("the output is larger than the input");
                }
                if d.strict && output == size {
                    return bad("the output is as large as the input");
                }
                outputs.push(output);
                size = match self.fixed(output) {
                    Some(size) => size,
                    None => return bad("the fixed layer does not fit the output"),
                };
            }
            if size != d.output[dimension] {
                return Err(Violation::Output { dimension, given: size, needed: d.output[dimension] });
            }
            all.push(outputs);
        }
        Ok(all)
    }

    fn measured(&self, member: &Member, outputs: &[Vec<u32>]) -> Measures {
        let d = &self.description;
        let mut measures = Measures { parameters: None, multiply_adds: None, receptive_field: Vec::new() };
        if !d.channels.is_empty() {
            let (mut parameters, mut multiply_adds) = (0u128, 0u128);
            for (index, layer) in member.layers.iter().enumerate() {
                let mut weights = u128::from(d.channels[index]) * u128::from(d.channels[index + 1]);
                let mut uses = 1u128;
                for (&kernel, outputs) in layer.kernel.iter().zip(outputs) {
                    weights = weights.saturating_mul(kernel.into());
                    uses *= u128::from(outputs[index]); // 2^96 at most
                }
                parameters = parameters.saturating_add(weights);
                multiply_adds = multiply_adds.saturating_add(weights.saturating_mul(uses));
            }
            (measures.parameters, measures.multiply_adds) = (Some(parameters), Some(multiply_adds));
        }
        for dimension in 0..self.dimensions() {
            let (mut field, mut jump) = (1u128, 1u128);
            for layer in &member.layers {
                let own = (layer.kernel[dimension], layer.stride[dimension]);
                for (kernel, stride) in [Some(own), d.fixed.map(|f| (f.kernel, f.stride))].into_iter().flatten() {
                    field = field.saturating_add(u128::from(kernel - 1).saturating_mul(jump));
                    jump = jump.saturating_mul(stride.into());
                }
            }
            measures.receptive_field.push(field);
        }
        measures
    }
}
