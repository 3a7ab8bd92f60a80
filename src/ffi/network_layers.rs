//! Layers of an `anser_network`: one struct to add them and to read them back.

use std::ffi::c_char;
use std::mem::offset_of;

use super::anser_network;
use super::arguments::{Out, slice};
use super::constraints::reserved;
use super::error::Failure;
use super::guard::guard;
use super::handle;
use super::network::{name, refused};
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use crate::net::{Layer, MAX_RANK, Network, Op, PadMode, TensorId, Window};

/// What a layer computes. In brackets its inputs, as ONNX has them; W, b and the like must be constants.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_layer_kind {
    /// (x (..., n), W (m, n), b (m)): x times W transposed, plus b. b may be missing. ONNX's Gemm.
    ANSER_LAYER_KIND_LINEAR = 1,
    /// (a, b): the matrix product, with numpy's broadcasting over leading axes and its rules for vectors.
    ANSER_LAYER_KIND_MAT_MUL = 2,
    /// (x (n, c, ...), W (m, c / groups, kernel...), b (m)): cross-correlation. b may be missing.
    ANSER_LAYER_KIND_CONV = 3,
    /// (x (n, c, ...), W (c, m / groups, kernel...), b (m)): the transpose of a convolution. b may be missing.
    ANSER_LAYER_KIND_CONV_TRANSPOSE = 4,
    /// (x (n, c, ...), scale (c), bias (c), mean (c), variance (c)):
    /// scale (x - mean) / sqrt(variance + epsilon) + bias. x may also be (n, c) or (c).
    ANSER_LAYER_KIND_BATCH_NORM = 5,
    /// (a, b), broadcast: a + b.
    ANSER_LAYER_KIND_ADD = 6,
    /// (a, b), broadcast: a - b.
    ANSER_LAYER_KIND_SUB = 7,
    /// (a, b), broadcast: a b.
    ANSER_LAYER_KIND_MUL = 8,
    /// (a, b), broadcast: a / b.
    ANSER_LAYER_KIND_DIV = 9,
    /// (x): -x.
    ANSER_LAYER_KIND_NEG = 10,
    /// (x): its absolute value.
    ANSER_LAYER_KIND_ABS = 11,
    /// (x): max(x, 0).
    ANSER_LAYER_KIND_RELU = 12,
    /// (x): x where it is not negative, else slope x.
    ANSER_LAYER_KIND_LEAKY_RELU = 13,
    /// (x, slope): x where it is not negative, else slope x. The slope is a constant that broadcasts to x.
    ANSER_LAYER_KIND_P_RELU = 14,
    /// (x): -1, 0 or 1.
    ANSER_LAYER_KIND_SIGN = 15,
    /// (x): 1 / (1 + exp(-x)).
    ANSER_LAYER_KIND_SIGMOID = 16,
    /// (x).
    ANSER_LAYER_KIND_TANH = 17,
    /// (x): min(max(x, min), max).
    ANSER_LAYER_KIND_CLIP = 18,
    /// (x): exp(x) / sum(exp(x)) over axis_count axes from axis on, taken together.
    ANSER_LAYER_KIND_SOFTMAX = 19,
    /// (x (n, c, ...)): the largest in each window; padding never wins.
    ANSER_LAYER_KIND_MAX_POOL = 20,
    /// (x (n, c, ...)): the mean of each window.
    ANSER_LAYER_KIND_AVERAGE_POOL = 21,
    /// (x): the sum over some axes.
    ANSER_LAYER_KIND_REDUCE_SUM = 22,
    /// (x): the mean over some axes.
    ANSER_LAYER_KIND_REDUCE_MEAN = 23,
    /// (x): the same elements in another shape.
    ANSER_LAYER_KIND_RESHAPE = 24,
    /// (x): axis i of the output is axis `axes[i]` of the input.
    ANSER_LAYER_KIND_TRANSPOSE = 25,
    /// (x, ...): one after the other along an axis.
    ANSER_LAYER_KIND_CONCAT = 26,
    /// (x): of each axis, lengths elements from starts on in steps.
    ANSER_LAYER_KIND_SLICE = 27,
    /// (x): these slices along an axis, which is replaced by the axes of shape.
    ANSER_LAYER_KIND_GATHER = 28,
    /// (x): elements added before and after each axis.
    ANSER_LAYER_KIND_PAD = 29,
}

/// What stands where ANSER_LAYER_KIND_PAD adds elements.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_pad_mode {
    /// The number pad_value.
    ANSER_PAD_MODE_CONSTANT = 0,
    /// The tensor mirrored at its first or last element, which is not repeated.
    ANSER_PAD_MODE_REFLECT = 1,
    /// The first or last element.
    ANSER_PAD_MODE_EDGE = 2,
}

/// One layer, to be added or as it was added. Begin with ANSER_LAYER_INIT and set kind, inputs, num_inputs, a name if you
/// like, and what the kind has:
///
/// | kind | fields |
/// |---|---|
/// | CONV | num_axes with kernel, strides, dilations, pads_begin, pads_end; groups |
/// | CONV_TRANSPOSE | as CONV, and output_padding |
/// | MAX_POOL | num_axes with kernel, strides, dilations, pads_begin, pads_end; ceil |
/// | AVERAGE_POOL | as MAX_POOL, and count_padding |
/// | BATCH_NORM | epsilon |
/// | LEAKY_RELU | slope |
/// | CLIP | min, max |
/// | SOFTMAX | axis, axis_count |
/// | REDUCE_SUM, REDUCE_MEAN | num_axes with axes; keep_dims |
/// | RESHAPE | num_axes with shape |
/// | TRANSPOSE | num_axes with axes |
/// | CONCAT | axis |
/// | SLICE | num_axes with starts, steps, lengths |
/// | GATHER | axis; num_axes with shape; num_indices with indices |
/// | PAD | num_axes with pads_begin, pads_end; pad_mode; pad_value |
/// | all others | none |
///
/// All arrays but inputs and indices have num_axes items. Where a layer is added, what is NULL has its default, if it has
/// one, and what the kind does not have is not looked at. Where a layer is read back, what the kind does not have is 0 or
/// NULL, and arrays are borrowed: valid until the network is next changed or freed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_layer {
    /// sizeof(anser_layer), set by the host.
    pub struct_size: usize,
    /// One of anser_layer_kind.
    pub kind: i32,
    /// Pad: one of anser_pad_mode.
    pub pad_mode: i32,
    /// The name of the output: UTF-8, for one tensor of the network only; NULL for none.
    pub name: *const c_char,
    /// The tensors that it takes, constants included, in the order that the kind says.
    pub inputs: *const u32,
    /// How many they are.
    pub num_inputs: usize,
    /// The tensor that it answers. Not looked at where a layer is added.
    pub output: u32,
    /// Pools: 1 where a window may reach beyond the padding, else 0. What lies beyond never counts.
    pub ceil: i32,
    /// Average pool: 1 where padding counts as zeros, 0 where the mean is over what lies within the tensor.
    pub count_padding: i32,
    /// Reductions: 1 where the axes stay, with size 1, else 0.
    pub keep_dims: i32,
    /// How many items each of the arrays below has, but for indices. Windows: the spatial axes, one or two, which are the
    /// last ones; 0 for a convolution means those of its weights. Slice and pad: all axes. Gather: the axes of shape.
    pub num_axes: usize,
    /// Windows: the size. NULL for a convolution means that of its weights.
    pub kernel: *const usize,
    /// Windows: steps between positions, at least 1. NULL: 1 each.
    pub strides: *const usize,
    /// Windows: steps between elements of the window, at least 1. NULL: 1 each.
    pub dilations: *const usize,
    /// Windows and pad: how many elements are added before. NULL: 0 each.
    pub pads_begin: *const usize,
    /// Windows and pad: how many elements are added after. NULL: 0 each.
    pub pads_end: *const usize,
    /// Transposed convolution: added to the end of each axis of the output, less than stride or dilation. NULL: 0 each.
    pub output_padding: *const usize,
    /// Slice: the first element that is taken.
    pub starts: *const usize,
    /// Slice: steps, which may be negative, not 0. NULL: 1 each.
    pub steps: *const i64,
    /// Slice: how many elements are taken.
    pub lengths: *const usize,
    /// Transpose: a permutation. Reductions: the axes, ascending.
    pub axes: *const usize,
    /// Reshape: the shape. Gather: the shape of the indices; num_axes is 0 for one index, which takes the axis away.
    pub shape: *const usize,
    /// Gather: the indices, row-major.
    pub indices: *const usize,
    /// Gather: how many they are.
    pub num_indices: usize,
    /// Concat, gather: the axis. Softmax: the first axis.
    pub axis: usize,
    /// Softmax: how many axes; 0 is taken as 1.
    pub axis_count: usize,
    /// Convolutions: channels are split into so many groups; 0 is taken as 1.
    pub groups: usize,
    /// Batch normalization: added to the variance.
    pub epsilon: f64,
    /// Leaky ReLU: the slope on the negative side.
    pub slope: f64,
    /// Clip: the least; may be -INFINITY.
    pub min: f64,
    /// Clip: the greatest, not less than min; may be INFINITY.
    pub max: f64,
    /// Pad with ANSER_PAD_MODE_CONSTANT: the number, finite.
    pub pad_value: f64,
}

const _: () = assert!(offset_of!(anser_layer, pad_value) == 224 && size_of::<anser_layer>() == 232);
// Steps are lent as they are held.
const _: () = assert!(size_of::<isize>() == size_of::<i64>() && align_of::<isize>() == align_of::<i64>());

/// All kinds: that of value `i` at `i - 1`.
const KINDS: [anser_layer_kind; 29] = {
    use anser_layer_kind::*;
    [
        ANSER_LAYER_KIND_LINEAR,
        ANSER_LAYER_KIND_MAT_MUL,
        ANSER_LAYER_KIND_CONV,
        ANSER_LAYER_KIND_CONV_TRANSPOSE,
        ANSER_LAYER_KIND_BATCH_NORM,
        ANSER_LAYER_KIND_ADD,
        ANSER_LAYER_KIND_SUB,
        ANSER_LAYER_KIND_MUL,
        ANSER_LAYER_KIND_DIV,
        ANSER_LAYER_KIND_NEG,
        ANSER_LAYER_KIND_ABS,
        ANSER_LAYER_KIND_RELU,
        ANSER_LAYER_KIND_LEAKY_RELU,
        ANSER_LAYER_KIND_P_RELU,
        ANSER_LAYER_KIND_SIGN,
        ANSER_LAYER_KIND_SIGMOID,
        ANSER_LAYER_KIND_TANH,
        ANSER_LAYER_KIND_CLIP,
        ANSER_LAYER_KIND_SOFTMAX,
        ANSER_LAYER_KIND_MAX_POOL,
        ANSER_LAYER_KIND_AVERAGE_POOL,
        ANSER_LAYER_KIND_REDUCE_SUM,
        ANSER_LAYER_KIND_REDUCE_MEAN,
        ANSER_LAYER_KIND_RESHAPE,
        ANSER_LAYER_KIND_TRANSPOSE,
        ANSER_LAYER_KIND_CONCAT,
        ANSER_LAYER_KIND_SLICE,
        ANSER_LAYER_KIND_GATHER,
        ANSER_LAYER_KIND_PAD,
    ]
};

/// The kind of an operator.
fn kind_of(op: &Op) -> i32 {
    use anser_layer_kind::*;
    let kind = match op {
        Op::Linear => ANSER_LAYER_KIND_LINEAR,
        Op::MatMul => ANSER_LAYER_KIND_MAT_MUL,
        Op::Conv { .. } => ANSER_LAYER_KIND_CONV,
        Op::ConvTranspose { .. } => ANSER_LAYER_KIND_CONV_TRANSPOSE,
        Op::BatchNorm { .. } => ANSER_LAYER_KIND_BATCH_NORM,
        Op::Add => ANSER_LAYER_KIND_ADD,
        Op::Sub => ANSER_LAYER_KIND_SUB,
        Op::Mul => ANSER_LAYER_KIND_MUL,
        Op::Div => ANSER_LAYER_KIND_DIV,
        Op::Neg => ANSER_LAYER_KIND_NEG,
        Op::Abs => ANSER_LAYER_KIND_ABS,
        Op::Relu => ANSER_LAYER_KIND_RELU,
        Op::LeakyRelu { .. } => ANSER_LAYER_KIND_LEAKY_RELU,
        Op::PRelu => ANSER_LAYER_KIND_P_RELU,
        Op::Sign => ANSER_LAYER_KIND_SIGN,
        Op::Sigmoid => ANSER_LAYER_KIND_SIGMOID,
        Op::Tanh => ANSER_LAYER_KIND_TANH,
        Op::Clip { .. } => ANSER_LAYER_KIND_CLIP,
        Op::Softmax { .. } => ANSER_LAYER_KIND_SOFTMAX,
        Op::MaxPool { .. } => ANSER_LAYER_KIND_MAX_POOL,
        Op::AveragePool { .. } => ANSER_LAYER_KIND_AVERAGE_POOL,
        Op::ReduceSum { .. } => ANSER_LAYER_KIND_REDUCE_SUM,
        Op::ReduceMean { .. } => ANSER_LAYER_KIND_REDUCE_MEAN,
        Op::Reshape { .. } => ANSER_LAYER_KIND_RESHAPE,
        Op::Transpose { .. } => ANSER_LAYER_KIND_TRANSPOSE,
        Op::Concat { .. } => ANSER_LAYER_KIND_CONCAT,
        Op::Slice { .. } => ANSER_LAYER_KIND_SLICE,
        Op::Gather { .. } => ANSER_LAYER_KIND_GATHER,
        Op::Pad { .. } => ANSER_LAYER_KIND_PAD,
    };
    kind as i32
}

/// Adds a layer over tensors that exist. What does not fit its kind or its inputs is ANSER_STATUS_INVALID_ARGUMENT with the
/// shapes in the text, and an input that does not exist also with its index.
///
/// @param layer begin with ANSER_LAYER_INIT; copied.
/// @param out_tensor what it answers. May be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `layer` is null or points to a struct of the size that it
/// states, with arrays as long as stated; `out_tensor` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_add_layer(
    network: *mut anser_network,
    layer: *const anser_layer,
    out_tensor: *mut u32,
) -> anser_status {
    guard("anser_network_add_layer", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = Out::optional(out_tensor, "out_tensor")?;
            let given = read_struct(layer, size_of::<anser_layer>(), "layer")?;
            let name = self::name(given.name, "layer.name")?;
            let mut inputs = reserved(given.num_inputs)?;
            inputs.extend(slice(given.inputs, given.num_inputs, "layer.inputs")?.iter().map(|&t| TensorId(t)));
            let mut state = handle::write(network, "network")?;
            let op = Given { layer: &given, network: &state.network, inputs: &inputs }.op()?;
            let added = state.change(|n| n.add_layer(name, op, &inputs));
            out.set(added.map_err(|e| refused("layer", e))?.0);
        }
        Ok(())
    })
}

/// A layer that a host gives.
struct Given<'a> {
    layer: &'a anser_layer,
    network: &'a Network,
    inputs: &'a [TensorId],
}

impl Given<'_> {
    /// # Safety
    /// The arrays are null or as long as stated.
    unsafe fn op(&self) -> Result<Op, Failure> {
        let given = self.layer;
        let code = given.kind;
        let no_kind = || Failure::invalid(format_args!("argument layer.kind: {code} is no anser_layer_kind"));
        let kind = KINDS.get((code as usize).wrapping_sub(1)).copied().ok_or_else(no_kind)?;
        use anser_layer_kind::*;
        // SAFETY: passed on.
        unsafe {
            Ok(match kind {
                ANSER_LAYER_KIND_LINEAR => Op::Linear,
                ANSER_LAYER_KIND_MAT_MUL => Op::MatMul,
                ANSER_LAYER_KIND_CONV => Op::Conv { window: self.window(true)?, groups: given.groups.max(1) },
                ANSER_LAYER_KIND_CONV_TRANSPOSE => {
                    let window = self.window(true)?;
                    let axes = window.kernel.len();
                    let output_padding = self.array(given.output_padding, axes, Some(0), "layer.output_padding")?;
                    Op::ConvTranspose { window, output_padding, groups: given.groups.max(1) }
                }
                ANSER_LAYER_KIND_BATCH_NORM => Op::BatchNorm { epsilon: given.epsilon },
                ANSER_LAYER_KIND_ADD => Op::Add,
                ANSER_LAYER_KIND_SUB => Op::Sub,
                ANSER_LAYER_KIND_MUL => Op::Mul,
                ANSER_LAYER_KIND_DIV => Op::Div,
                ANSER_LAYER_KIND_NEG => Op::Neg,
                ANSER_LAYER_KIND_ABS => Op::Abs,
                ANSER_LAYER_KIND_RELU => Op::Relu,
                ANSER_LAYER_KIND_LEAKY_RELU => Op::LeakyRelu { alpha: given.slope },
                ANSER_LAYER_KIND_P_RELU => Op::PRelu,
                ANSER_LAYER_KIND_SIGN => Op::Sign,
                ANSER_LAYER_KIND_SIGMOID => Op::Sigmoid,
                ANSER_LAYER_KIND_TANH => Op::Tanh,
                ANSER_LAYER_KIND_CLIP => Op::Clip { min: given.min, max: given.max },
                ANSER_LAYER_KIND_SOFTMAX => Op::Softmax { first: given.axis, count: given.axis_count.max(1) },
                ANSER_LAYER_KIND_MAX_POOL => {
                    Op::MaxPool { window: self.window(false)?, ceil: flag(given.ceil, "layer.ceil")? }
                }
                ANSER_LAYER_KIND_AVERAGE_POOL => Op::AveragePool {
                    window: self.window(false)?,
                    ceil: flag(given.ceil, "layer.ceil")?,
                    count_padding: flag(given.count_padding, "layer.count_padding")?,
                },
                ANSER_LAYER_KIND_REDUCE_SUM => {
                    Op::ReduceSum { axes: self.axes()?, keep: flag(given.keep_dims, "layer.keep_dims")? }
                }
                ANSER_LAYER_KIND_REDUCE_MEAN => {
                    Op::ReduceMean { axes: self.axes()?, keep: flag(given.keep_dims, "layer.keep_dims")? }
                }
                ANSER_LAYER_KIND_RESHAPE => {
                    Op::Reshape { shape: self.array(given.shape, given.num_axes, None, "layer.shape")? }
                }
                ANSER_LAYER_KIND_TRANSPOSE => Op::Transpose { axes: self.axes()? },
                ANSER_LAYER_KIND_CONCAT => Op::Concat { axis: given.axis },
                ANSER_LAYER_KIND_SLICE => {
                    let axes = given.num_axes;
                    Op::Slice {
                        starts: self.array(given.starts, axes, None, "layer.starts")?,
                        steps: self.array(given.steps.cast::<isize>(), axes, Some(1), "layer.steps")?,
                        lengths: self.array(given.lengths, axes, None, "layer.lengths")?,
                    }
                }
                ANSER_LAYER_KIND_GATHER => {
                    let taken = slice(given.indices, given.num_indices, "layer.indices")?;
                    let mut indices = reserved(taken.len())?;
                    indices.extend_from_slice(taken);
                    let shape = self.array(given.shape, given.num_axes, None, "layer.shape")?;
                    Op::Gather { axis: given.axis, shape, indices }
                }
                ANSER_LAYER_KIND_PAD => {
                    let axes = given.num_axes;
                    Op::Pad {
                        begin: self.array(given.pads_begin, axes, Some(0), "layer.pads_begin")?,
                        end: self.array(given.pads_end, axes, Some(0), "layer.pads_end")?,
                        mode: self.pad_mode()?,
                    }
                }
            })
        }
    }

    /// An array of so many axes. NULL is all `otherwise`, where it has a default.
    ///
    /// # Safety
    /// The array is null or has so many items.
    unsafe fn array<T: Copy>(
        &self,
        pointer: *const T,
        axes: usize,
        otherwise: Option<T>,
        argument: &str,
    ) -> Result<Vec<T>, Failure> {
        if axes > MAX_RANK {
            let text = format_args!("argument layer.num_axes: {axes} axes are too many, {MAX_RANK} are the most");
            return Err(Failure::invalid(text));
        }
        match otherwise {
            Some(value) if pointer.is_null() => Ok(vec![value; axes]),
            // SAFETY: passed on.
            _ => Ok(unsafe { slice(pointer, axes, argument) }?.to_vec()),
        }
    }

    /// # Safety
    /// The array is null or as long as stated.
    unsafe fn axes(&self) -> Result<Vec<usize>, Failure> {
        // SAFETY: passed on.
        unsafe { self.array(self.layer.axes, self.layer.num_axes, None, "layer.axes") }
    }

    /// The window. A convolution's size is that of its weights, where it is not said.
    ///
    /// # Safety
    /// The arrays are null or as long as stated.
    unsafe fn window(&self, convolution: bool) -> Result<Window, Failure> {
        let given = self.layer;
        let weights = self.inputs.get(1).and_then(|w| self.network.tensors().get(w.index())).filter(|_| convolution);
        let spatial = weights.map_or(&[][..], |w| w.shape().get(2..).unwrap_or_default());
        let axes = if convolution && given.num_axes == 0 { spatial.len() } else { given.num_axes };
        // SAFETY: passed on.
        unsafe {
            let kernel = if convolution && given.kernel.is_null() && spatial.len() == axes {
                spatial.to_vec()
            } else {
                self.array(given.kernel, axes, None, "layer.kernel")?
            };
            Ok(Window {
                kernel,
                strides: self.array(given.strides, axes, Some(1), "layer.strides")?,
                dilations: self.array(given.dilations, axes, Some(1), "layer.dilations")?,
                begin: self.array(given.pads_begin, axes, Some(0), "layer.pads_begin")?,
                end: self.array(given.pads_end, axes, Some(0), "layer.pads_end")?,
            })
        }
    }

    fn pad_mode(&self) -> Result<PadMode, Failure> {
        match self.layer.pad_mode {
            CONSTANT => Ok(PadMode::Constant(self.layer.pad_value)),
            REFLECT => Ok(PadMode::Reflect),
            EDGE => Ok(PadMode::Edge),
            other => Err(Failure::invalid(format_args!("argument layer.pad_mode: {other} is no anser_pad_mode"))),
        }
    }
}

const CONSTANT: i32 = anser_pad_mode::ANSER_PAD_MODE_CONSTANT as i32;
const REFLECT: i32 = anser_pad_mode::ANSER_PAD_MODE_REFLECT as i32;
const EDGE: i32 = anser_pad_mode::ANSER_PAD_MODE_EDGE as i32;

fn flag(value: i32, argument: &str) -> Result<bool, Failure> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::invalid(format_args!("argument {argument}: {value} is neither 0 nor 1"))),
    }
}

/// The layer of this number.
pub(super) fn layer_of(network: &Network, layer: u32) -> Result<&Layer, Failure> {
    network.layers().get(layer as usize).ok_or_else(|| {
        let count = network.layers().len();
        Failure::invalid(format_args!("argument layer: there is no layer {layer}, there are {count}"))
    })
}

/// A layer, as it was added; of a network from a file, as it was read.
///
/// @param layer from 0; less than what anser_network_num_layers says.
/// @param out_layer begin with ANSER_LAYER_INIT. Its arrays are borrowed: valid until the network is next changed or freed.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_layer` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_layer(
    network: *const anser_network,
    layer: u32,
    out_layer: *mut anser_layer,
) -> anser_status {
    guard("anser_network_get_layer", || {
        // SAFETY: passed on; a `TensorId` is a `u32`.
        unsafe {
            let state = handle::read(network, "network")?;
            let layer = layer_of(&state.network, layer)?;
            let output = layer.output();
            let value = anser_layer {
                name: state.views()?.name(output.index()),
                inputs: pointer(layer.inputs()).cast(),
                num_inputs: layer.inputs().len(),
                output: output.0,
                ..describe(layer.op())
            };
            write_struct(out_layer, &value, size_of::<anser_layer>(), "out_layer")
        }
    })
}

fn pointer<T>(items: &[T]) -> *const T {
    if items.is_empty() { std::ptr::null() } else { items.as_ptr() }
}

/// What an operator has.
fn describe(op: &Op) -> anser_layer {
    // SAFETY: the struct is plain data that may be zero.
    let mut value = unsafe { std::mem::zeroed::<anser_layer>() };
    value.struct_size = size_of::<anser_layer>();
    value.kind = kind_of(op);
    match op {
        Op::Conv { window, groups } => {
            put_window(&mut value, window);
            value.groups = *groups;
        }
        Op::ConvTranspose { window, output_padding, groups } => {
            put_window(&mut value, window);
            value.output_padding = pointer(output_padding);
            value.groups = *groups;
        }
        Op::BatchNorm { epsilon } => value.epsilon = *epsilon,
        Op::LeakyRelu { alpha } => value.slope = *alpha,
        Op::Clip { min, max } => (value.min, value.max) = (*min, *max),
        Op::Softmax { first, count } => (value.axis, value.axis_count) = (*first, *count),
        Op::MaxPool { window, ceil } => {
            put_window(&mut value, window);
            value.ceil = (*ceil).into();
        }
        Op::AveragePool { window, ceil, count_padding } => {
            put_window(&mut value, window);
            (value.ceil, value.count_padding) = ((*ceil).into(), (*count_padding).into());
        }
        Op::ReduceSum { axes, keep } | Op::ReduceMean { axes, keep } => {
            (value.num_axes, value.axes) = (axes.len(), pointer(axes));
            value.keep_dims = (*keep).into();
        }
        Op::Reshape { shape } => (value.num_axes, value.shape) = (shape.len(), pointer(shape)),
        Op::Transpose { axes } => (value.num_axes, value.axes) = (axes.len(), pointer(axes)),
        Op::Concat { axis } => value.axis = *axis,
        Op::Slice { starts, steps, lengths } => {
            value.num_axes = starts.len();
            value.starts = pointer(starts);
            value.steps = pointer(steps).cast();
            value.lengths = pointer(lengths);
        }
        Op::Gather { axis, shape, indices } => {
            value.axis = *axis;
            (value.num_axes, value.shape) = (shape.len(), pointer(shape));
            (value.num_indices, value.indices) = (indices.len(), pointer(indices));
        }
        Op::Pad { begin, end, mode } => {
            value.num_axes = begin.len();
            (value.pads_begin, value.pads_end) = (pointer(begin), pointer(end));
            (value.pad_mode, value.pad_value) = match mode {
                PadMode::Constant(number) => (CONSTANT, *number),
                PadMode::Reflect => (REFLECT, 0.0),
                PadMode::Edge => (EDGE, 0.0),
            };
        }
        Op::Linear
        | Op::MatMul
        | Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::Neg
        | Op::Abs
        | Op::Relu
        | Op::PRelu
        | Op::Sign
        | Op::Sigmoid
        | Op::Tanh => {}
    }
    value
}

fn put_window(value: &mut anser_layer, window: &Window) {
    value.num_axes = window.kernel.len();
    value.kernel = pointer(&window.kernel);
    value.strides = pointer(&window.strides);
    value.dilations = pointer(&window.dilations);
    value.pads_begin = pointer(&window.begin);
    value.pads_end = pointer(&window.end);
}
