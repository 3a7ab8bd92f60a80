//! `anser_relu_encoder` and `anser_relu_encoding`: piecewise linear networks inside a formula.

use std::mem::offset_of;

use super::arguments::{Out, check_array, constructed, room, slice};
use super::bounds;
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::reserved;
use super::error::Failure;
use super::floats::Standard;
use super::formula::change;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::status::anser_status;
use super::structs::read_struct;
use super::{anser_budget, anser_formula, anser_network};
use crate::encode::relu::{EncodeError, Encoding, Form, Options, ReluEncoder, Tightening};
use crate::formula::{Domain, Formula};

/// How the choice between the pieces of a neuron is said.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_relu_form {
    /// By rows that hold always, in which the phase counts as a number times a bound (Tjeng, Xiao and Tedrake, ICLR
    /// 2019): for mixed integer programming.
    ANSER_RELU_FORM_BIG_M = 0,
    /// By rows that hang on the phase, ANSER_CONDITION_IMPLIED (Katz and others, CAV 2017): for SMT solvers.
    ANSER_RELU_FORM_SMT = 1,
}

/// What bounds the neurons before they are encoded. The tighter, the fewer phases are open.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_relu_tightening {
    /// Linear bounds by backward substitution (CROWN).
    ANSER_RELU_TIGHTENING_CROWN = 0,
    /// Interval arithmetic, which is fastest.
    ANSER_RELU_TIGHTENING_INTERVAL = 1,
    /// As CROWN, with slopes found by gradients (alpha-CROWN), which is slowest.
    ANSER_RELU_TIGHTENING_ALPHA = 2,
}

/// How a network is encoded. Begin with ANSER_RELU_OPTIONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_relu_options {
    /// sizeof(anser_relu_options).
    pub struct_size: usize,
    /// One of `anser_relu_form`.
    pub form: i32,
    /// One of `anser_relu_tightening`.
    pub tightening: i32,
    /// Of ANSER_RELU_TIGHTENING_ALPHA: steps of gradients for each neuron. 0 is taken as 20.
    pub iterations: u32,
    /// Zero.
    pub reserved: i32,
}

const _: () = assert!(offset_of!(anser_relu_options, reserved) == 20 && size_of::<anser_relu_options>() == 24);

/// Where the neurons of an encoding are put. Begin with ANSER_RELU_NEURONS_INIT. Each array has room for num_neurons
/// items, or is NULL if not wanted.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_relu_neurons {
    /// sizeof(anser_relu_neurons).
    pub struct_size: usize,
    /// Room in each array: at least what anser_relu_encoding_num_neurons says.
    pub num_neurons: usize,
    /// The layer of the network that each belongs to, from 0 up. Ascending.
    pub layers: *mut u32,
    /// The number of the formula that is its operand (pre-activation).
    pub pre: *mut u32,
    /// The number that is its answer (post-activation).
    pub post: *mut u32,
    /// A literal that is true where the operand is above the bend, and false where it is below. Where bounds decide it,
    /// it is a literal that is always true, or always false: it can be counted like the others.
    pub phases: *mut i32,
    /// 1 where the phase is always true, -1 where it is always false, 0 where it is open.
    pub decided: *mut i8,
    /// What the operand is at least, in the box of the encoding.
    pub pre_lower: *mut f64,
    /// What the operand is at most.
    pub pre_upper: *mut f64,
    /// What the answer is at least.
    pub post_lower: *mut f64,
    /// What the answer is at most.
    pub post_upper: *mut f64,
}

const _: () = assert!(offset_of!(anser_relu_neurons, post_upper) == 80 && size_of::<anser_relu_neurons>() == 88);

/// An encoder of one network, whose layers must be piecewise linear: it adds the network to formulas, as often and for
/// as many boxes as one likes, beside whatever else a host says there.
///
/// What it adds are fresh reals for inputs, outputs and the operands and answers of neurons, fresh variables for
/// phases, and constraints. These hold of exactly the values that the network has in real arithmetic over its stored
/// weights, for every input in the box: nothing is rounded. (Factors of a normalization are irrational: its answer is
/// held between bounds that contain it.) Solvers of such formulas need a backend for reals.
///
/// Calls run on the calling thread alone. Functions that take `const anser_relu_encoder *` may be called from several
/// threads at once. The network may be changed or freed afterwards.
#[derive(Debug)]
pub struct anser_relu_encoder(Handle<EncoderState>);

opaque!(anser_relu_encoder, EncoderState, bound_to_process: false);
const _: () = shared::<EncoderState>();

/// What a handle holds.
#[derive(Debug)]
pub struct EncoderState {
    encoder: ReluEncoder,
}

/// Where a network is in a formula: which numbers are its inputs and outputs, and which numbers and literals its
/// *neurons*. A neuron is a piece with one bend: a rectifier; each of the two bends of a clip; each of the two of a
/// sign (whether its operand is above 0, and whether it is not below); each candidate of a maximum, whose phase says
/// that it is the largest.
///
/// It never changes, and keeps what it needs of its encoder; it holds for the formula that it was made with, and for
/// what is cloned or grown from that. Functions that take `const anser_relu_encoding *` may be called from several
/// threads at once.
#[derive(Debug)]
pub struct anser_relu_encoding(Handle<EncodingState>);

opaque!(anser_relu_encoding, EncodingState, bound_to_process: false);
const _: () = shared::<EncodingState>();

/// What a handle holds.
#[derive(Debug)]
pub struct EncodingState {
    encoder: ReluEncoder,
    encoding: Encoding,
    /// Between what each neuron's operand and answer lie.
    pre: Ranges,
    post: Ranges,
    outputs: Ranges,
}

/// Lower and upper ends.
#[derive(Debug)]
struct Ranges {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Ranges {
    /// Of some numbers of a formula.
    fn of(formula: &Formula, numbers: impl ExactSizeIterator<Item = u32>) -> Result<Self, Failure> {
        let mut ranges = Ranges { lower: reserved(numbers.len())?, upper: reserved(numbers.len())? };
        for number in numbers {
            let (lower, upper) = range(formula, number).ok_or_else(|| foreign(number))?;
            ranges.lower.push(lower);
            ranges.upper.push(upper);
        }
        Ok(ranges)
    }
}

fn range(formula: &Formula, number: u32) -> Option<(f64, f64)> {
    match formula.domains().get(number as usize) {
        Some(&Domain::Real { min, max }) => Some((min, max)),
        _ => None,
    }
}

fn foreign(number: u32) -> Failure {
    let text = format_args!("argument formula: it does not have this encoding, see number {number}");
    Failure::invalid(text)
}

impl EncodingState {
    /// Whether a formula has the numbers and variables of this encoding.
    fn check(&self, formula: &Formula) -> Result<(), Failure> {
        let encoding = &self.encoding;
        let inputs = encoding.inputs.iter().zip(encoding.lower.iter().zip(&encoding.upper));
        let outputs = encoding.outputs.iter().zip(self.outputs.lower.iter().zip(&self.outputs.upper));
        let pre = encoding.neurons.iter().map(|n| &n.pre).zip(self.pre.lower.iter().zip(&self.pre.upper));
        let post = encoding.neurons.iter().map(|n| &n.post).zip(self.post.lower.iter().zip(&self.post.upper));
        for (&number, (&lower, &upper)) in inputs.chain(outputs).chain(pre).chain(post) {
            if range(formula, number) != Some((lower, upper)) {
                return Err(foreign(number));
            }
        }
        let last = encoding.neurons.iter().map(|n| n.phase.unsigned_abs()).max().unwrap_or(0);
        if last > formula.num_vars() {
            let count = formula.num_vars();
            let text = format_args!("argument formula: it does not have variable {last} of this encoding but {count}");
            return Err(Failure::invalid(text));
        }
        Ok(())
    }
}

impl From<EncodeError> for Failure {
    fn from(e: EncodeError) -> Self {
        match e {
            EncodeError::Unsupported { layer, .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e).at_index(layer)
            }
            EncodeError::Unbounded => Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e),
            // Bounds of a whole box do not contradict themselves.
            EncodeError::Empty => Failure::new(anser_status::ANSER_STATUS_INTERNAL, e),
            EncodeError::Outside { input, .. } => Failure::invalid(e).at_index(input),
            EncodeError::Bounds(e) => bounds::failed(e),
            EncodeError::Formula(e) => e.into(),
            EncodeError::Stopped(stop) => Failure::stopped(stop),
            EncodeError::Memory(short) => short.into(),
        }
    }
}

/// # Safety
/// `options` is null or points to a struct of the size that it states.
unsafe fn read_options(options: *const anser_relu_options) -> Result<Options, Failure> {
    use anser_relu_form::*;
    use anser_relu_tightening::*;
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: passed on; the struct is plain data.
    let given = unsafe { read_struct(options, size_of::<anser_relu_options>(), "options") }?;
    let form = match given.form {
        code if code == ANSER_RELU_FORM_BIG_M as i32 => Form::BigM,
        code if code == ANSER_RELU_FORM_SMT as i32 => Form::Smt,
        other => return Err(Failure::invalid(format_args!("argument options.form: {other} is no anser_relu_form"))),
    };
    let tightening = match given.tightening {
        code if code == ANSER_RELU_TIGHTENING_CROWN as i32 => Tightening::Crown,
        code if code == ANSER_RELU_TIGHTENING_INTERVAL as i32 => Tightening::Interval,
        code if code == ANSER_RELU_TIGHTENING_ALPHA as i32 => {
            Tightening::Alpha(if given.iterations == 0 { ITERATIONS } else { given.iterations as usize })
        }
        other => {
            let text = format_args!("argument options.tightening: {other} is no anser_relu_tightening");
            return Err(Failure::invalid(text));
        }
    };
    if given.reserved != 0 {
        return Err(Failure::invalid(format_args!("argument options.reserved: {} is not zero", given.reserved)));
    }
    Ok(Options { form, tightening })
}

/// Steps of gradients where none are said.
const ITERATIONS: usize = 20;

/// An encoder of `network` as it is now: later changes do not reach it. Free it with anser_relu_encoder_free.
///
/// A layer that is not piecewise linear in the inputs (a sigmoid, a product of two layers) is ANSER_STATUS_UNSUPPORTED,
/// with the layer in anser_last_error_index.
///
/// @param options begin with ANSER_RELU_OPTIONS_INIT. NULL for the defaults: big-M, CROWN.
/// @param budget ends the call with ANSER_STATUS_STOPPED. May be NULL.
///
/// # Safety `network` is null or from this library and not freed; `options` is null or points to a struct of the size
/// that it states; `budget` is null or from anser_budget_new and not freed; `out_encoder` is null or points to room for
/// a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoder_new(
    network: *const anser_network,
    options: *const anser_relu_options,
    budget: *const anser_budget,
    out_encoder: *mut *mut anser_relu_encoder,
) -> anser_status {
    guard("anser_relu_encoder_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_encoder, "out_encoder")?;
            let budget = arm(budget)?;
            let options = read_options(options)?;
            let network = handle::read(network, "network")?;
            let _standard = Standard::enter();
            let encoder = ReluEncoder::new(&network.network, options, &budget);
            check_exception()?;
            out.set(handle::create(EncoderState { encoder: encoder? })?);
        }
        Ok(())
    })
}

/// Frees it; NULL is ignored.
///
/// # Safety
/// `encoder` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoder_free(encoder: *mut anser_relu_encoder) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(encoder) });
}

/// How many inputs the network has: numbers, not tensors.
///
/// # Safety
/// `encoder` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoder_input_length(
    encoder: *const anser_relu_encoder,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_relu_encoder_input_length", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_length, "out_length")?;
            out.set(handle::read(encoder, "encoder")?.encoder.num_inputs());
        }
        Ok(())
    })
}

/// How many outputs the network has: numbers, not tensors.
///
/// # Safety
/// `encoder` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoder_output_length(
    encoder: *const anser_relu_encoder,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_relu_encoder_output_length", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_length, "out_length")?;
            out.set(handle::read(encoder, "encoder")?.encoder.num_outputs());
        }
        Ok(())
    })
}

/// Adds the network to a formula, for the inputs of a box: fresh numbers and variables, and constraints over them. What
/// the formula has stays as it is. A call that fails leaves the formula as it was, but that one which the operating
/// system refuses memory may leave fresh numbers and variables, and constraints over these that exclude nothing.
///
/// @param formula may have copies of this network and others already: each gets numbers of its own.
/// @param lower the least value of each input, finite.
/// @param upper the greatest value of each input, finite and not below `lower`.
/// @param num_inputs what anser_relu_encoder_input_length says, exactly.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is one on what is gathered before the
///   formula gets it, estimated. The formula's own limit holds beside it. May be NULL.
/// @param out_encoding where the network is in the formula. Free it with anser_relu_encoding_free.
///
/// # Safety `encoder` and `formula` are null or from this library and not freed; the arrays are null or have
/// `num_inputs` items; `budget` is null or from anser_budget_new and not freed; `out_encoding` is null or points to
/// room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoder_encode(
    encoder: *const anser_relu_encoder,
    formula: *mut anser_formula,
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
    budget: *const anser_budget,
    out_encoding: *mut *mut anser_relu_encoding,
) -> anser_status {
    guard("anser_relu_encoder_encode", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_encoding, "out_encoding")?;
            let budget = arm(budget)?;
            let (lower, upper) = (slice(lower, num_inputs, "lower")?, slice(upper, num_inputs, "upper")?);
            let encoder = handle::read(encoder, "encoder")?.encoder.clone();
            let mut formula = handle::write(formula, "formula")?;
            let encoding = change(&mut formula, |f| {
                let encoding = encoder.encode(f, lower, upper, &budget);
                check_exception()?;
                encoding.map_err(Failure::from)
            })?;
            let pre = Ranges::of(&formula, encoding.neurons.iter().map(|n| n.pre))?;
            let post = Ranges::of(&formula, encoding.neurons.iter().map(|n| n.post))?;
            let outputs = Ranges::of(&formula, encoding.outputs.iter().copied())?;
            out.set(handle::create(EncodingState { encoder, encoding, pre, post, outputs })?);
        }
        Ok(())
    })
}

/// Frees it; NULL is ignored. The formula keeps the network.
///
/// # Safety
/// `encoding` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_free(encoding: *mut anser_relu_encoding) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(encoding) });
}

/// Adds to the formula what a smaller box says: a fresh literal that implies the ends of the inputs, the bounds that
/// neurons have within them, and the phases that these decide. The network is not encoded again: to solve under the
/// literal as an assumption is to solve for the smaller box. Several boxes may be added side by side.
///
/// A solver that was made before does not know the literal. For such a one, `formula` may also be a formula without any
/// constraint that has the numbers and variables of the one that was encoded (anser_formula_new_reals,
/// anser_formula_new_vars): then it has only what this call adds, and anser_solver_add_formula takes it.
///
/// @param formula the one that the encoding was made with, or one that has its numbers and variables; else
///   ANSER_STATUS_INVALID_ARGUMENT. A call that fails leaves it as anser_relu_encoder_encode does.
/// @param lower the least value of each input, finite, within the box of the encoding.
/// @param upper the greatest value of each input, finite, within the box of the encoding, and not below `lower`.
/// @param num_inputs what anser_relu_encoding_input_length says, exactly.
/// @param budget as anser_relu_encoder_encode takes it. May be NULL.
/// @param out_literal the literal.
///
/// # Safety `encoding` and `formula` are null or from this library and not freed; the arrays are null or have
/// `num_inputs` items; `budget` is null or from anser_budget_new and not freed; `out_literal` is null or points to room
/// for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_restrict(
    encoding: *const anser_relu_encoding,
    formula: *mut anser_formula,
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
    budget: *const anser_budget,
    out_literal: *mut i32,
) -> anser_status {
    guard("anser_relu_encoding_restrict", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_literal, "out_literal")?;
            let budget = arm(budget)?;
            let (lower, upper) = (slice(lower, num_inputs, "lower")?, slice(upper, num_inputs, "upper")?);
            let state = handle::read(encoding, "encoding")?;
            let mut formula = handle::write(formula, "formula")?;
            state.check(&formula)?;
            out.set(change(&mut formula, |f| {
                let literal = state.encoder.restrict(f, &state.encoding, lower, upper, &budget);
                check_exception()?;
                literal.map_err(Failure::from)
            })?);
        }
        Ok(())
    })
}

/// # Safety
/// `encoding` is null or from this library and not freed; `out` is null or points to room for one.
unsafe fn count(
    encoding: *const anser_relu_encoding,
    out: *mut usize,
    name: &str,
    of: impl FnOnce(&Encoding) -> usize,
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let out = Out::needed(out, name)?;
        out.set(of(&handle::read(encoding, "encoding")?.encoding));
    }
    Ok(())
}

/// How many inputs there are.
///
/// # Safety
/// `encoding` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_input_length(
    encoding: *const anser_relu_encoding,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_relu_encoding_input_length", || {
        // SAFETY: passed on.
        unsafe { count(encoding, out_length, "out_length", |e| e.inputs.len()) }
    })
}

/// How many outputs there are.
///
/// # Safety
/// `encoding` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_output_length(
    encoding: *const anser_relu_encoding,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_relu_encoding_output_length", || {
        // SAFETY: passed on.
        unsafe { count(encoding, out_length, "out_length", |e| e.outputs.len()) }
    })
}

/// How many neurons there are, those that bounds decide included.
///
/// # Safety
/// `encoding` is null or from this library and not freed; `out_neurons` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_num_neurons(
    encoding: *const anser_relu_encoding,
    out_neurons: *mut usize,
) -> anser_status {
    guard("anser_relu_encoding_num_neurons", || {
        // SAFETY: passed on.
        unsafe { count(encoding, out_neurons, "out_neurons", |e| e.neurons.len()) }
    })
}

/// The numbers of the formula that are the inputs, and the box that was encoded.
///
/// @param out_numbers the numbers. May be NULL.
/// @param out_lower the least values. May be NULL.
/// @param out_upper the greatest values. May be NULL.
/// @param length room in each array: at least what anser_relu_encoding_input_length says.
///
/// # Safety
/// `encoding` is null or from this library and not freed; the arrays are null or have room for `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_get_inputs(
    encoding: *const anser_relu_encoding,
    out_numbers: *mut u32,
    out_lower: *mut f64,
    out_upper: *mut f64,
    length: usize,
) -> anser_status {
    guard("anser_relu_encoding_get_inputs", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(encoding, "encoding")?;
            let encoding = &state.encoding;
            numbered((&encoding.inputs, &encoding.lower, &encoding.upper), (out_numbers, out_lower, out_upper, length))
        }
    })
}

/// The numbers of the formula that are the outputs, and what bounds say of them in the box. Two outputs may be one
/// number, and an output may be an input.
///
/// @param out_numbers the numbers. May be NULL.
/// @param out_lower what they are at least. May be NULL.
/// @param out_upper what they are at most. May be NULL.
/// @param length room in each array: at least what anser_relu_encoding_output_length says.
///
/// # Safety
/// `encoding` is null or from this library and not freed; the arrays are null or have room for `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_get_outputs(
    encoding: *const anser_relu_encoding,
    out_numbers: *mut u32,
    out_lower: *mut f64,
    out_upper: *mut f64,
    length: usize,
) -> anser_status {
    guard("anser_relu_encoding_get_outputs", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(encoding, "encoding")?;
            numbered(
                (&state.encoding.outputs, &state.outputs.lower, &state.outputs.upper),
                (out_numbers, out_lower, out_upper, length),
            )
        }
    })
}

/// Numbers and their ends, into arrays of which each may be missing.
///
/// # Safety
/// The arrays are null or have room for `length`.
unsafe fn numbered(
    (numbers, lower, upper): (&[u32], &[f64], &[f64]),
    (out_numbers, out_lower, out_upper, length): (*mut u32, *mut f64, *mut f64, usize),
) -> Result<(), Failure> {
    room(length, numbers.len(), "length")?;
    wanted(out_numbers, numbers.len(), "out_numbers")?;
    wanted(out_lower, numbers.len(), "out_lower")?;
    wanted(out_upper, numbers.len(), "out_upper")?;
    // SAFETY: passed on.
    unsafe {
        put(out_numbers, numbers.iter().copied());
        put(out_lower, lower.iter().copied());
        put(out_upper, upper.iter().copied());
    }
    Ok(())
}

/// An array that is missing, or as long as it must be.
fn wanted<T>(pointer: *mut T, length: usize, argument: &str) -> Result<(), Failure> {
    if pointer.is_null() || length == 0 { Ok(()) } else { check_array(pointer, length, argument) }
}

/// # Safety
/// Where not null, `pointer` is aligned and points to room for so many items that nobody else uses during the call.
unsafe fn put<T>(pointer: *mut T, values: impl Iterator<Item = T>) {
    if !pointer.is_null() {
        for (i, value) in values.enumerate() {
            // SAFETY: promised.
            unsafe { pointer.add(i).write(value) };
        }
    }
}

/// All neurons, layer by layer.
///
/// @param neurons begin with ANSER_RELU_NEURONS_INIT; says which arrays to fill.
///
/// # Safety `encoding` is null or from this library and not freed; `neurons` is null or points to a struct of the size
/// that it states, whose arrays are null or have the room that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_relu_encoding_get_neurons(
    encoding: *const anser_relu_encoding,
    neurons: *const anser_relu_neurons,
) -> anser_status {
    guard("anser_relu_encoding_get_neurons", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let state = handle::read(encoding, "encoding")?;
            let into = read_struct(neurons, size_of::<anser_relu_neurons>(), "neurons")?;
            let encoding = &state.encoding;
            let length = encoding.neurons.len();
            room(into.num_neurons, length, "neurons.num_neurons")?;
            wanted(into.layers, length, "neurons.layers")?;
            wanted(into.pre, length, "neurons.pre")?;
            wanted(into.post, length, "neurons.post")?;
            wanted(into.phases, length, "neurons.phases")?;
            wanted(into.decided, length, "neurons.decided")?;
            wanted(into.pre_lower, length, "neurons.pre_lower")?;
            wanted(into.pre_upper, length, "neurons.pre_upper")?;
            wanted(into.post_lower, length, "neurons.post_lower")?;
            wanted(into.post_upper, length, "neurons.post_upper")?;
            let decided = |is: Option<bool>| is.map_or(0, |is| if is { 1 } else { -1 });
            put(into.layers, encoding.layers.iter().copied());
            put(into.pre, encoding.neurons.iter().map(|n| n.pre));
            put(into.post, encoding.neurons.iter().map(|n| n.post));
            put(into.phases, encoding.neurons.iter().map(|n| n.phase));
            put(into.decided, encoding.neurons.iter().map(|n| decided(encoding.decided(n))));
            put(into.pre_lower, state.pre.lower.iter().copied());
            put(into.pre_upper, state.pre.upper.iter().copied());
            put(into.post_lower, state.post.lower.iter().copied());
            put(into.post_upper, state.post.upper.iter().copied());
        }
        Ok(())
    })
}
