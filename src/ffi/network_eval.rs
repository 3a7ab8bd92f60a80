//! What an `anser_network` computes, and its gradients.

use std::sync::OnceLock;

use super::anser_budget;
use super::anser_network;
use super::arguments::{check_array, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::reserved;
use super::error::Failure;
use super::floats::Standard;
use super::guard::guard;
use super::handle;
use super::network::NetworkState;
use super::status::anser_status;
use crate::budget::Budget;
use crate::net::TensorId;
use crate::net::eval::{EvalError, Evaluator, Real};

/// The network made ready, in either precision, at the first evaluation.
#[derive(Debug, Default)]
pub(super) struct Evaluators {
    single: OnceLock<Evaluator<f32>>,
    double: OnceLock<Evaluator<f64>>,
}

/// A number that a network is evaluated in.
trait Scalar: Real {
    fn slot(evaluators: &Evaluators) -> &OnceLock<Evaluator<Self>>
    where
        Self: Sized;
}

impl Scalar for f32 {
    fn slot(evaluators: &Evaluators) -> &OnceLock<Evaluator<f32>> {
        &evaluators.single
    }
}

impl Scalar for f64 {
    fn slot(evaluators: &Evaluators) -> &OnceLock<Evaluator<f64>> {
        &evaluators.double
    }
}

impl NetworkState {
    fn evaluator<T: Scalar>(&self) -> Result<&Evaluator<T>, Failure> {
        let slot = T::slot(&self.evaluators);
        if let Some(made) = slot.get() {
            return Ok(made);
        }
        let made = Evaluator::new(&self.network)?;
        Ok(slot.get_or_init(|| made)) // another thread may have been faster: then that one is taken
    }
}

/// How many numbers `batch` samples have.
fn total(batch: usize, each: usize) -> Result<usize, Failure> {
    let too_many = || Failure::invalid(format_args!("argument batch: {batch} samples of {each} numbers exceed memory"));
    batch.checked_mul(each).filter(|&n| n <= isize::MAX as usize / 8).ok_or_else(too_many)
}

/// An array that must have so many numbers, all finite.
///
/// # Safety
/// Where not null, `pointer` points to `length` numbers that nobody changes during the call.
unsafe fn numbers<'a, T: Scalar>(
    pointer: *const T,
    length: usize,
    needed: usize,
    argument: &str,
) -> Result<&'a [T], Failure> {
    if length != needed {
        let text = format_args!("argument {argument}_length: {length} numbers were given, needed are {needed}");
        return Err(Failure::invalid(text));
    }
    // SAFETY: passed on.
    unsafe { slice(pointer, length, argument) }
}

/// Room of this library's own: what a host gave is written only where all went well, and may be uninitialized.
fn room_for<T: Scalar>(count: usize) -> Result<Vec<T>, Failure> {
    let mut array = reserved(count)?;
    array.resize(count, T::ZERO);
    Ok(array)
}

fn failed(e: EvalError, tensors: &str) -> Failure {
    check_exception().err().unwrap_or_else(|| match e {
        EvalError::UnknownTensor { index, .. } => {
            Failure::invalid(format_args!("argument {tensors}: {e}")).at_index(index)
        }
        EvalError::Length { .. } => Failure::invalid(e),
        EvalError::Stopped(stop) => Failure::stopped(stop),
        EvalError::Memory(short) => short.into(),
    })
}

/// Whether an output can take so many numbers.
fn output<T>(pointer: *mut T, length: usize, needed: usize, argument: &str) -> Result<(), Failure> {
    room(length, needed, &format!("{argument}_length"))?;
    if needed > 0 { check_array(pointer, needed, &format!("out_{argument}")) } else { Ok(()) }
}

/// # Safety
/// As anser_network_evaluate_f32.
unsafe fn evaluate<T: Scalar>(
    network: *const anser_network,
    batch: usize,
    inputs: (*const T, usize),
    budget: *const anser_budget,
    outputs: (*mut T, usize),
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let budget = arm(budget)?;
        let state = handle::read(network, "network")?;
        let needed = total(batch, state.network.output_len())?;
        let inputs = numbers(inputs.0, inputs.1, total(batch, state.network.input_len())?, "inputs")?;
        output(outputs.0, outputs.1, needed, "outputs")?;
        let _standard = Standard::enter();
        let mut values = room_for(needed)?;
        let done = state.evaluator::<T>()?.evaluate(batch, inputs, &mut values, &budget);
        done.map_err(|e| failed(e, ""))?;
        check_exception()?;
        fill(outputs.0, &values, "out_outputs")
    }
}

/// # Safety
/// As anser_network_evaluate_tensors_f32.
unsafe fn evaluate_tensors<T: Scalar>(
    network: *const anser_network,
    batch: usize,
    inputs: (*const T, usize),
    tensors: (*const u32, usize),
    budget: *const anser_budget,
    values: (*mut T, usize),
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let budget = arm(budget)?;
        let asked = slice(tensors.0, tensors.1, "tensors")?;
        let mut ids = reserved(asked.len())?;
        ids.extend(asked.iter().map(|&t| TensorId(t)));
        let state = handle::read(network, "network")?;
        let inputs = numbers(inputs.0, inputs.1, total(batch, state.network.input_len())?, "inputs")?;
        let mut each = 0usize;
        for (index, id) in ids.iter().enumerate() {
            let Some(tensor) = state.network.tensors().get(id.index()) else {
                let count = state.network.tensors().len();
                let text = format_args!("argument tensors: there is no tensor {}, there are {count}", id.0);
                return Err(Failure::invalid(text).at_index(index));
            };
            each = each.saturating_add(tensor.len());
        }
        let needed = total(batch, each)?;
        output(values.0, values.1, needed, "values")?;
        let _standard = Standard::enter();
        let mut found = room_for(needed)?;
        let done = state.evaluator::<T>()?.evaluate_tensors(batch, inputs, &ids, &mut found, &budget);
        done.map_err(|e| failed(e, "tensors"))?;
        check_exception()?;
        fill(values.0, &found, "out_values")
    }
}

/// # Safety
/// As anser_network_vjp_f32.
unsafe fn vjp<T: Scalar>(
    network: *const anser_network,
    batch: usize,
    inputs: (*const T, usize),
    cotangents: (*const T, usize),
    budget: *const anser_budget,
    gradients: (*mut T, usize),
    outputs: (*mut T, usize),
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let budget: Budget = arm(budget)?;
        let state = handle::read(network, "network")?;
        let (ins, outs) = (total(batch, state.network.input_len())?, total(batch, state.network.output_len())?);
        let inputs = numbers(inputs.0, inputs.1, ins, "inputs")?;
        let cotangents = numbers(cotangents.0, cotangents.1, outs, "cotangents")?;
        output(gradients.0, gradients.1, ins, "gradients")?;
        let wanted = !outputs.0.is_null();
        if wanted {
            output(outputs.0, outputs.1, outs, "outputs")?;
        }
        let _standard = Standard::enter();
        let mut slopes = room_for(ins)?;
        let mut values = room_for(if wanted { outs } else { 0 })?;
        let asked = wanted.then_some(&mut values[..]);
        let done = state.evaluator::<T>()?.vjp(batch, inputs, cotangents, &mut slopes, asked, &budget);
        done.map_err(|e| failed(e, ""))?;
        check_exception()?;
        fill(gradients.0, &slopes, "out_gradients")?;
        fill(outputs.0, &values, "out_outputs")
    }
}

/// What the network answers for many samples, computed in float. Weights that are stored as double are rounded to float.
/// Arithmetic is IEEE 754's, rounded to nearest, whatever mode the host's thread is in; infinities and NaNs come out as
/// they arise. The same network, precision and samples give the same numbers on the same kind of machine, however many
/// samples a call has.
///
/// @param batch how many samples.
/// @param inputs the samples one after the other, each all input tensors one after the other, each in row-major order.
/// @param inputs_length batch times what anser_network_input_length says, exactly.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param out_outputs the outputs of the first sample, then those of the second, and so on; each all output tensors one
///   after the other, in row-major order.
/// @param outputs_length at least batch times what anser_network_output_length says.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_evaluate_f32(
    network: *const anser_network,
    batch: usize,
    inputs: *const f32,
    inputs_length: usize,
    budget: *const anser_budget,
    out_outputs: *mut f32,
    outputs_length: usize,
) -> anser_status {
    guard("anser_network_evaluate_f32", || {
        // SAFETY: passed on.
        unsafe { evaluate(network, batch, (inputs, inputs_length), budget, (out_outputs, outputs_length)) }
    })
}

/// The values of any tensors for many samples, computed in float: those inside the network, say. See
/// anser_network_evaluate_f32.
///
/// @param batch how many samples.
/// @param inputs as anser_network_evaluate_f32 takes them.
/// @param inputs_length batch times what anser_network_input_length says, exactly.
/// @param tensors num_tensors tensors, in any order; the same one may come again.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param out_values a block for each tensor, one after the other: its value for the first sample, then for the second, and
///   so on. (Constants are repeated for each sample.)
/// @param values_length at least batch times the lengths of the tensors.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_evaluate_tensors_f32(
    network: *const anser_network,
    batch: usize,
    inputs: *const f32,
    inputs_length: usize,
    tensors: *const u32,
    num_tensors: usize,
    budget: *const anser_budget,
    out_values: *mut f32,
    values_length: usize,
) -> anser_status {
    guard("anser_network_evaluate_tensors_f32", || {
        let (inputs, tensors) = ((inputs, inputs_length), (tensors, num_tensors));
        // SAFETY: passed on.
        unsafe { evaluate_tensors(network, batch, inputs, tensors, budget, (out_values, values_length)) }
    })
}

/// Gradients for many samples, computed in float by one pass forwards and one backwards (a vector-Jacobian product): of
/// the sum of cotangent * output over all outputs, by every input. With a cotangent of 1 for one output and 0 for all
/// others that is the output's gradient. Where a function has a kink, the gradient is that of one side: of ReLU at 0 it
/// is 0; Sign has gradient 0.
///
/// @param batch how many samples.
/// @param inputs as anser_network_evaluate_f32 takes them.
/// @param inputs_length batch times what anser_network_input_length says, exactly.
/// @param cotangents a weight for each output of each sample, laid out as the outputs are.
/// @param cotangents_length batch times what anser_network_output_length says, exactly.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
/// @param out_gradients laid out as the inputs are.
/// @param gradients_length at least inputs_length.
/// @param out_outputs what anser_network_evaluate_f32 answers, which is computed on the way. May be NULL.
/// @param outputs_length at least cotangents_length where out_outputs is not NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_vjp_f32(
    network: *const anser_network,
    batch: usize,
    inputs: *const f32,
    inputs_length: usize,
    cotangents: *const f32,
    cotangents_length: usize,
    budget: *const anser_budget,
    out_gradients: *mut f32,
    gradients_length: usize,
    out_outputs: *mut f32,
    outputs_length: usize,
) -> anser_status {
    guard("anser_network_vjp_f32", || {
        let (inputs, cotangents) = ((inputs, inputs_length), (cotangents, cotangents_length));
        let (gradients, outputs) = ((out_gradients, gradients_length), (out_outputs, outputs_length));
        // SAFETY: passed on.
        unsafe { vjp(network, batch, inputs, cotangents, budget, gradients, outputs) }
    })
}

/// As anser_network_evaluate_f32, computed in double. Weights that are stored as float are taken as they are.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_evaluate_f64(
    network: *const anser_network,
    batch: usize,
    inputs: *const f64,
    inputs_length: usize,
    budget: *const anser_budget,
    out_outputs: *mut f64,
    outputs_length: usize,
) -> anser_status {
    guard("anser_network_evaluate_f64", || {
        // SAFETY: passed on.
        unsafe { evaluate(network, batch, (inputs, inputs_length), budget, (out_outputs, outputs_length)) }
    })
}

/// As anser_network_evaluate_tensors_f32, computed in double.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_evaluate_tensors_f64(
    network: *const anser_network,
    batch: usize,
    inputs: *const f64,
    inputs_length: usize,
    tensors: *const u32,
    num_tensors: usize,
    budget: *const anser_budget,
    out_values: *mut f64,
    values_length: usize,
) -> anser_status {
    guard("anser_network_evaluate_tensors_f64", || {
        let (inputs, tensors) = ((inputs, inputs_length), (tensors, num_tensors));
        // SAFETY: passed on.
        unsafe { evaluate_tensors(network, batch, inputs, tensors, budget, (out_values, values_length)) }
    })
}

/// As anser_network_vjp_f32, computed in double.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; the
/// arrays are null or as long as stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_vjp_f64(
    network: *const anser_network,
    batch: usize,
    inputs: *const f64,
    inputs_length: usize,
    cotangents: *const f64,
    cotangents_length: usize,
    budget: *const anser_budget,
    out_gradients: *mut f64,
    gradients_length: usize,
    out_outputs: *mut f64,
    outputs_length: usize,
) -> anser_status {
    guard("anser_network_vjp_f64", || {
        let (inputs, cotangents) = ((inputs, inputs_length), (cotangents, cotangents_length));
        let (gradients, outputs) = ((out_gradients, gradients_length), (out_outputs, outputs_length));
        // SAFETY: passed on.
        unsafe { vjp(network, batch, inputs, cotangents, budget, gradients, outputs) }
    })
}
