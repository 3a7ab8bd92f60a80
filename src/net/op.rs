//! What a layer computes. Every operator takes tensors of fixed shapes and answers one tensor.
//!
//! Names and meanings are ONNX's, opset 13 and later, where an older opset says otherwise the reader translates. Three
//! differences make a verifier's life easier: sizes are all known; padding is always explicit; Gemm and MatMul with a
//! constant matrix are both [`Op::Linear`].

/// A window that slides over one or two spatial axes (the last ones). All arrays have one entry an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Its size. For convolutions that of the weights.
    pub kernel: Vec<usize>,
    /// Steps between positions, at least 1.
    pub strides: Vec<usize>,
    /// Steps between elements of the window, at least 1.
    pub dilations: Vec<usize>,
    /// Padding before.
    pub begin: Vec<usize>,
    /// Padding after.
    pub end: Vec<usize>,
}

/// What stands where [`Op::Pad`] adds elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PadMode {
    /// This number.
    Constant(f64),
    /// The tensor mirrored at its first or last element, which is not repeated.
    Reflect,
    /// The first or last element.
    Edge,
}

/// What a layer computes. In brackets: its operands.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// `[x (..., n), W (m, n), b (m)]`: `x Wᵀ + b`, (..., m). `W` and `b` are constants, `b` may be missing.
    Linear,
    /// `[a, b]`: the matrix product, with numpy's broadcasting over leading axes and its rules for vectors.
    MatMul,
    /// `[x (n, c, ...), W (m, c / groups, kernel...), b (m)]`: cross-correlation, (n, m, ...). `W` and `b` are constants,
    /// `b` may be missing.
    Conv {
        /// The window.
        window: Window,
        /// Channels are split into so many groups.
        groups: usize,
    },
    /// `[x (n, c, ...), W (c, m / groups, kernel...), b (m)]`: the transpose of a convolution, (n, m, ...).
    ConvTranspose {
        /// The window; its padding is cut off the output.
        window: Window,
        /// Added to the end of each spatial axis of the output, less than stride or dilation.
        output_padding: Vec<usize>,
        /// Channels are split into so many groups.
        groups: usize,
    },
    /// `[x (n, c, ...), scale (c), bias (c), mean (c), variance (c)]`: `scale (x - mean) / sqrt(variance + epsilon) + bias`.
    /// All but `x` are constants. `x` may also be (n, c) or (c).
    BatchNorm {
        /// Added to the variance.
        epsilon: f64,
    },
    /// `[a, b]`, broadcast.
    Add,
    /// `[a, b]`, broadcast: `a - b`.
    Sub,
    /// `[a, b]`, broadcast.
    Mul,
    /// `[a, b]`, broadcast: `a / b`.
    Div,
    /// `[x]`: `-x`.
    Neg,
    /// `[x]`: `|x|`.
    Abs,
    /// `[x]`: `max(x, 0)`.
    Relu,
    /// `[x]`: `x` where it is not negative, else `alpha x`.
    LeakyRelu {
        /// The slope on the negative side.
        alpha: f64,
    },
    /// `[x, slope]`: `x` where it is not negative, else `slope x`. `slope` is a constant that broadcasts to `x`.
    PRelu,
    /// `[x]`: -1, 0 or 1, as ONNX has it: 0 where `x` is 0.
    Sign,
    /// `[x]`: `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `[x]`.
    Tanh,
    /// `[x]`: `min(max(x, min), max)`; `min <= max`, either may be infinite.
    Clip {
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// `[x]`: `exp(x) / sum(exp(x))` over these neighbouring axes `first..first + count`: one since opset 13, all from `first`
    /// on before.
    Softmax {
        /// The first axis.
        first: usize,
        /// How many.
        count: usize,
    },
    /// `[x (n, c, ...)]`: the largest in each window; padding never wins.
    MaxPool {
        /// The window.
        window: Window,
        /// Whether a window may reach beyond the padding.
        ceil: bool,
    },
    /// `[x (n, c, ...)]`: the mean of each window.
    AveragePool {
        /// The window.
        window: Window,
        /// Whether a window may reach beyond the padding. What lies beyond never counts.
        ceil: bool,
        /// Whether padding counts as zeros. If not, the mean is over what lies within the tensor.
        count_padding: bool,
    },
    /// `[x]`: the sum over some axes.
    ReduceSum {
        /// The axes, ascending.
        axes: Vec<usize>,
        /// Whether they stay, with size 1.
        keep: bool,
    },
    /// `[x]`: the mean over some axes.
    ReduceMean {
        /// The axes, ascending.
        axes: Vec<usize>,
        /// Whether they stay, with size 1.
        keep: bool,
    },
    /// `[x]`: the same elements in another shape.
    Reshape {
        /// The shape.
        shape: Vec<usize>,
    },
    /// `[x]`: axis `i` of the output is axis `axes[i]` of the input.
    Transpose {
        /// A permutation.
        axes: Vec<usize>,
    },
    /// `[x, ...]`: one after the other along an axis.
    Concat {
        /// The axis.
        axis: usize,
    },
    /// `[x]`: for every axis, `lengths[i]` elements from `starts[i]` on in steps of `steps[i]`, which may be negative.
    Slice {
        /// The first element taken.
        starts: Vec<usize>,
        /// Steps, not 0.
        steps: Vec<isize>,
        /// How many are taken.
        lengths: Vec<usize>,
    },
    /// `[x]`: these slices along an axis; the axis is replaced by the axes of `shape`.
    Gather {
        /// The axis.
        axis: usize,
        /// Shape of the indices; empty for one index, which takes the axis away.
        shape: Vec<usize>,
        /// The indices, row-major.
        indices: Vec<usize>,
    },
    /// `[x]`: elements added before and after each axis.
    Pad {
        /// How many before.
        begin: Vec<usize>,
        /// How many after.
        end: Vec<usize>,
        /// What stands there.
        mode: PadMode,
    },
}

impl Op {
    /// What ONNX calls it; [`Op::Linear`] is Gemm there.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Op::Linear => "Gemm",
            Op::MatMul => "MatMul",
            Op::Conv { .. } => "Conv",
            Op::ConvTranspose { .. } => "ConvTranspose",
            Op::BatchNorm { .. } => "BatchNormalization",
            Op::Add => "Add",
            Op::Sub => "Sub",
            Op::Mul => "Mul",
            Op::Div => "Div",
            Op::Neg => "Neg",
            Op::Abs => "Abs",
            Op::Relu => "Relu",
            Op::LeakyRelu { .. } => "LeakyRelu",
            Op::PRelu => "PRelu",
            Op::Sign => "Sign",
            Op::Sigmoid => "Sigmoid",
            Op::Tanh => "Tanh",
            Op::Clip { .. } => "Clip",
            Op::Softmax { .. } => "Softmax",
            Op::MaxPool { .. } => "MaxPool",
            Op::AveragePool { .. } => "AveragePool",
            Op::ReduceSum { .. } => "ReduceSum",
            Op::ReduceMean { .. } => "ReduceMean",
            Op::Reshape { .. } => "Reshape",
            Op::Transpose { .. } => "Transpose",
            Op::Concat { .. } => "Concat",
            Op::Slice { .. } => "Slice",
            Op::Gather { .. } => "Gather",
            Op::Pad { .. } => "Pad",
        }
    }
}
