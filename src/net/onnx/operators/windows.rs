//! Convolutions and pooling.

use super::super::OnnxError;
use super::super::build::Builder;
use super::super::call::Call;
use super::super::value::Value;
use crate::net::{Op, Window};

/// How padding is said.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Auto {
    /// By numbers.
    No,
    /// None.
    Valid,
    /// As much as keeps the size; what is odd goes to the end.
    Upper,
    /// The same, but to the beginning.
    Lower,
}

/// What all these operators have in common.
struct Frame {
    window: Window,
    auto: Auto,
    /// Sizes of the spatial axes.
    sizes: Vec<usize>,
}

/// Reads strides, dilations and padding for a kernel. Padding that is said to keep the size is left at 0.
fn frame(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, kernel: Vec<usize>) -> Result<Frame, OnnxError> {
    let held = &mut *builder.held;
    let shape = call.input(0)?.shape(&builder.network);
    let rank = kernel.len();
    if shape.len() != rank + 2 {
        return Err(call.invalid(format!("a kernel of size {kernel:?} for shape {shape:?}")));
    }
    let sizes = shape[2..].to_vec();
    let mut list = |name: &str, default: usize, len: usize| -> Result<Vec<usize>, OnnxError> {
        let Some(values) = call.ints(name, held)? else { return Ok(vec![default; len]) };
        if values.len() != len {
            return Err(call.invalid(format!("{name} has {} entries, needed are {len}", values.len())));
        }
        values.iter().map(|&v| call.size(v, name)).collect()
    };
    let strides = list("strides", 1, rank)?;
    let dilations =
        if call.op() == "AveragePool" && call.opset < 19 { vec![1; rank] } else { list("dilations", 1, rank)? };
    let pads = list("pads", 0, 2 * rank)?;
    let auto = match call.text("auto_pad")?.unwrap_or("NOTSET") {
        "NOTSET" | "" => Auto::No,
        "VALID" => Auto::Valid,
        "SAME_UPPER" => Auto::Upper,
        "SAME_LOWER" => Auto::Lower,
        other => return Err(call.invalid(format!("auto_pad is {other:?}"))),
    };
    if auto != Auto::No && pads.iter().any(|&p| p > 0) {
        return Err(call.invalid("both auto_pad and pads are given"));
    }
    if strides.contains(&0) || kernel.contains(&0) {
        return Err(call.invalid(format!("kernel {kernel:?} with strides {strides:?}")));
    }
    let (begin, end) = (pads[..rank].to_vec(), pads[rank..].to_vec());
    Ok(Frame { window: Window { kernel, strides, dilations, begin, end }, auto, sizes })
}

impl Frame {
    /// Elements from the window's first to its last.
    fn reach(&self, i: usize) -> Option<usize> {
        (self.window.kernel[i] - 1).checked_mul(self.window.dilations[i])?.checked_add(1)
    }

    /// Sets the padding that keeps sizes, for windows that slide over the input.
    fn pad_to_same(&mut self, call: &Call<'_, '_>) -> Result<(), OnnxError> {
        if !matches!(self.auto, Auto::Upper | Auto::Lower) {
            return Ok(());
        }
        for i in 0..self.sizes.len() {
            let stride = self.window.strides[i];
            let last = self.sizes[i].div_ceil(stride).saturating_sub(1) * stride;
            let covered = self.reach(i).and_then(|reach| reach.checked_add(last));
            let covered = covered.ok_or_else(|| call.invalid("the window is too large"))?;
            let total = covered.saturating_sub(self.sizes[i]);
            let (less, more) = (total / 2, total - total / 2);
            let upper = self.auto == Auto::Upper;
            (self.window.begin[i], self.window.end[i]) = if upper { (less, more) } else { (more, less) };
        }
        Ok(())
    }
}

/// The kernel's size as the weights have it, held against the attribute.
fn weight_kernel(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Vec<usize>, OnnxError> {
    let w = builder.shape(call.input(1)?);
    if w.len() < 3 {
        return Err(call.invalid(format!("the kernel has shape {w:?}")));
    }
    let kernel = w[2..].to_vec();
    if let Some(said) = call.ints("kernel_shape", builder.held)?
        && !said.iter().map(|&v| usize::try_from(v).ok()).eq(kernel.iter().map(|&k| Some(k)))
    {
        return Err(call.invalid(format!("kernel_shape is {said:?}, the kernel's size is {kernel:?}")));
    }
    Ok(kernel)
}

fn groups(call: &Call<'_, '_>) -> Result<usize, OnnxError> {
    call.size(call.int("group")?.unwrap_or(1), "group")
}

fn weighted(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>, op: Op) -> Result<Value, OnnxError> {
    let operands = (0..call.num_inputs()).map(|i| call.input(i).cloned()).collect::<Result<Vec<_>, _>>()?;
    builder.apply(call, call.output(0), op, &operands)
}

pub fn conv(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 3)?;
    let kernel = weight_kernel(builder, call)?;
    let mut frame = frame(builder, call, kernel)?;
    frame.pad_to_same(call)?;
    let op = Op::Conv { window: frame.window, groups: groups(call)? };
    weighted(builder, call, op)
}

pub fn conv_transpose(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    call.arity(2, 3)?;
    let kernel = weight_kernel(builder, call)?;
    let rank = kernel.len();
    let mut frame = frame(builder, call, kernel)?;
    let mut list = |name: &str| -> Result<Option<Vec<usize>>, OnnxError> {
        let Some(values) = call.ints(name, builder.held)? else { return Ok(None) };
        // Some exporters name the first two axes too.
        let skip = if name == "output_shape" && values.len() == rank + 2 { 2 } else { 0 };
        if values.len() - skip != rank {
            return Err(call.invalid(format!("{name} has {} entries, needed are {rank}", values.len())));
        }
        values[skip..].iter().map(|&v| call.size(v, name)).collect::<Result<_, _>>().map(Some)
    };
    let mut output_padding = list("output_padding")?.unwrap_or_else(|| vec![0; rank]);
    let output_shape = list("output_shape")?;
    for i in 0..rank {
        let wanted = match (&output_shape, frame.auto) {
            (Some(shape), _) => shape[i],
            (None, Auto::Upper | Auto::Lower) => frame.sizes[i].saturating_mul(frame.window.strides[i]),
            _ => continue,
        };
        let whole = (frame.sizes[i].saturating_sub(1).checked_mul(frame.window.strides[i]))
            .and_then(|last| last.checked_add(frame.reach(i)?)?.checked_add(output_padding[i]))
            .ok_or_else(|| call.invalid("the window is too large"))?;
        let total = whole.saturating_sub(wanted);
        // What the window does not reach is added at the end.
        output_padding[i] += wanted.saturating_sub(whole);
        let (less, more) = (total / 2, total - total / 2);
        let upper = frame.auto == Auto::Upper;
        (frame.window.begin[i], frame.window.end[i]) = if upper { (less, more) } else { (more, less) };
    }
    let op = Op::ConvTranspose { window: frame.window, output_padding, groups: groups(call)? };
    weighted(builder, call, op)
}

/// The frame of a pooling operator, and whether a window may reach beyond the padding.
fn pool_frame(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<(Frame, bool), OnnxError> {
    call.arity(1, 1)?;
    let kernel = call.ints("kernel_shape", builder.held)?.ok_or_else(|| call.invalid("kernel_shape is missing"))?;
    let kernel = kernel.iter().map(|&k| call.size(k, "kernel_shape")).collect::<Result<_, _>>()?;
    let mut frame = frame(builder, call, kernel)?;
    frame.pad_to_same(call)?;
    let ceil = call.opset >= 10 && call.flag("ceil_mode", false)?;
    // Where the size is kept the windows fit.
    Ok((Frame { auto: frame.auto, ..frame }, ceil)).map(|(frame, ceil)| {
        let same = matches!(frame.auto, Auto::Upper | Auto::Lower);
        (frame, ceil && !same)
    })
}

pub fn max_pool(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    // It orders the second output, which is not supported.
    call.ignore(&["storage_order"]);
    let (frame, ceil) = pool_frame(builder, call)?;
    builder.apply(call, call.output(0), Op::MaxPool { window: frame.window, ceil }, &[call.input(0)?.clone()])
}

pub fn average_pool(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let (frame, ceil) = pool_frame(builder, call)?;
    let count_padding = call.flag("count_include_pad", false)?;
    let op = Op::AveragePool { window: frame.window, ceil, count_padding };
    builder.apply(call, call.output(0), op, &[call.input(0)?.clone()])
}

/// Sizes of all axes after the first two.
fn spatial(builder: &Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Vec<usize>, OnnxError> {
    call.arity(1, 1)?;
    match builder.shape(call.input(0)?) {
        [_, _, spatial @ ..] if !spatial.is_empty() => Ok(spatial.to_vec()),
        shape => Err(call.invalid(format!("shape {shape:?} has no axes after two"))),
    }
}

pub fn global_average_pool(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let rank = spatial(builder, call)?.len();
    let op = Op::ReduceMean { axes: (2..rank + 2).collect(), keep: true };
    builder.apply(call, call.output(0), op, &[call.input(0)?.clone()])
}

pub fn global_max_pool(builder: &mut Builder<'_, '_>, call: &Call<'_, '_>) -> Result<Value, OnnxError> {
    let kernel = spatial(builder, call)?;
    let (ones, none) = (vec![1; kernel.len()], vec![0; kernel.len()]);
    let window = Window { kernel, strides: ones.clone(), dilations: ones, begin: none.clone(), end: none };
    builder.apply(call, call.output(0), Op::MaxPool { window, ceil: false }, &[call.input(0)?.clone()])
}
