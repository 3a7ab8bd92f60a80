//! `anser_bounds`: what a network computes on boxes, bounded.

use std::mem::offset_of;

use super::anser_budget;
use super::anser_network;
use super::arguments::{Out, constructed, fill, room, slice};
use super::budget::arm;
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::network::refused;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use crate::bounds::{Bounds, BoundsError, Options};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// The bounding kernel: a network made ready for all boxes of inputs within one *root box*. A host that searches by itself
/// hands it batches of boxes, with neurons whose sign it decided (*splits*), and gets bounds of linear functions of the outputs
/// (*rows*), of neurons, linear functions of the inputs below and above each row, and points to look for counterexamples
/// at. What to split next is the host's.
///
/// NEURONS are the numbers that a function which is not linear takes, counted through from 0: anser_bounds_get_neurons tells
/// which tensors they are. Where the function is ReLU or the like (splittable), a split says that a neuron is at least 0, or at
/// most 0.
///
/// All bounds hold in real arithmetic, with the stored weights taken as real numbers: what rounding can do is accounted for,
/// whatever floating-point mode the host's thread is in. They do not say what a computation in float gives, which rounds in
/// its own way. Every box is bounded by itself: no number depends on the other boxes of a batch or on memory limits, and the
/// same query gives the same bits on the same kind of machine.
///
/// Calls run on the calling thread alone. Functions that take `const anser_bounds *` may be called from several threads at once.
/// The network may be changed or freed afterwards.
#[derive(Debug)]
pub struct anser_bounds(Handle<BoundsState>);

opaque!(anser_bounds, BoundsState, bound_to_process: false);
const _: () = shared::<BoundsState>();

/// What a handle holds.
#[derive(Debug)]
pub struct BoundsState {
    pub(super) bounds: Bounds,
}

/// How the root box is looked at. Begin with ANSER_BOUNDS_OPTIONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_bounds_options {
    /// sizeof(anser_bounds_options).
    pub struct_size: usize,
    /// 1: neurons of the root box are bounded by interval arithmetic alone, which is fast. 0, the default: by backward
    /// substitution, which makes all that follows tighter and costs about what a box of anser_bounds_compute does.
    pub intervals_only: i32,
    /// Zero.
    pub reserved: i32,
}

const _: () = assert!(offset_of!(anser_bounds_options, reserved) == 12 && size_of::<anser_bounds_options>() == 16);

/// A set of neurons: all elements of a tensor, in row-major order. Begin with ANSER_NEURONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_neurons {
    /// sizeof(anser_neurons).
    pub struct_size: usize,
    /// The number of the first one.
    pub first: usize,
    /// How many there are.
    pub count: usize,
    /// The tensor. Of tensors that differ only in their shape the first.
    pub tensor: u32,
    /// 1 where they may be split, else 0.
    pub splittable: i32,
}

const _: () = assert!(offset_of!(anser_neurons, splittable) == 28 && size_of::<anser_neurons>() == 32);

/// About which argument each error is, as a host knows it.
pub(super) fn failed(e: BoundsError) -> Failure {
    if let Err(exception) = super::callback::check_exception() {
        return exception;
    }
    let failure = Failure::invalid(&e);
    match e {
        BoundsError::Value { index, .. }
        | BoundsError::Crossed { index, .. }
        | BoundsError::Outside { index, .. }
        | BoundsError::Neuron { index, .. }
        | BoundsError::Offset { index, .. } => failure.at_index(index),
        BoundsError::Network(e) => refused("network", e),
        BoundsError::Stopped(stop) => Failure::stopped(stop),
        BoundsError::Memory(short) => OutOfMemory::into(short),
        BoundsError::Length { .. } | BoundsError::TooMany { .. } => failure,
    }
}

/// # Safety
/// `options` is null or points to a struct of the size that it states.
unsafe fn read_options(options: *const anser_bounds_options) -> Result<Options, Failure> {
    if options.is_null() {
        return Ok(Options::default());
    }
    // SAFETY: passed on; the struct is plain data.
    let given = unsafe { read_struct(options, size_of::<anser_bounds_options>(), "options") }?;
    match given.intervals_only {
        0 => Ok(Options { tighten: true }),
        1 => Ok(Options { tighten: false }),
        other => Err(Failure::invalid(format_args!("argument options.intervals_only: {other} is neither 0 nor 1"))),
    }
}

/// A root box as a host gives it, and how it is looked at.
struct RootBox {
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
    options: *const anser_bounds_options,
    budget: *const anser_budget,
}

/// A new handle for a root box: `make` bounds it, from another handle, which is named in messages.
///
/// # Safety
/// As anser_bounds_new asks for; `from` is null or from this library and not freed.
unsafe fn create_within<O: handle::Opaque>(
    ends: &RootBox,
    (from, name): (*const O, &str),
    out_bounds: *mut *mut anser_bounds,
    make: impl FnOnce(&O::Value, &[f64], &[f64], &Options, &Budget) -> Result<Bounds, BoundsError>,
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let out = constructed(out_bounds, "out_bounds")?;
        let budget = arm(ends.budget)?;
        let options = read_options(ends.options)?;
        let from = handle::read(from, name)?;
        let (lower, upper) =
            (slice(ends.lower, ends.num_inputs, "lower")?, slice(ends.upper, ends.num_inputs, "upper")?);
        let _standard = Standard::enter();
        let bounds = make(&from, lower, upper, &options, &budget).map_err(failed)?;
        super::callback::check_exception()?;
        out.set(handle::create(BoundsState { bounds })?);
    }
    Ok(())
}

/// Makes a network ready for all boxes within a root box. Free it with anser_bounds_free.
///
/// @param lower the least value of each input, finite.
/// @param upper the greatest value of each input, finite and not below `lower`.
/// @param num_inputs what anser_network_input_length says, exactly.
/// @param options begin with ANSER_BOUNDS_OPTIONS_INIT. NULL for the defaults.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is one on what is kept, estimated beforehand. May be
///   NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; the arrays are null or have `num_inputs` items; `options` is null or
/// points to a struct of the size that it states; `budget` is null or from anser_budget_new and not freed; `out_bounds` is
/// null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_new(
    network: *const anser_network,
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
    options: *const anser_bounds_options,
    budget: *const anser_budget,
    out_bounds: *mut *mut anser_bounds,
) -> anser_status {
    guard("anser_bounds_new", || {
        // SAFETY: passed on.
        unsafe {
            let ends = RootBox { lower, upper, num_inputs, options, budget };
            create_within(&ends, (network, "network"), out_bounds, |from, lower, upper, options, budget| {
                Bounds::new(&from.network, lower, upper, options, budget)
            })
        }
    })
}

/// The same network for the boxes within another root box, which need not lie in the first: the smaller it is, the tighter
/// are the bounds within it, also those of rounding. What was computed of the network is shared.
///
/// @param lower the least value of each input, finite.
/// @param upper the greatest value of each input, finite and not below `lower`.
/// @param num_inputs what anser_bounds_input_length says, exactly.
/// @param options begin with ANSER_BOUNDS_OPTIONS_INIT. NULL for the defaults.
/// @param budget as anser_bounds_new takes it. May be NULL.
///
/// # Safety
/// `bounds` is null or from this library and not freed; the arrays are null or have `num_inputs` items; `options` is null or
/// points to a struct of the size that it states; `budget` is null or from anser_budget_new and not freed; `out_bounds` is
/// null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_within(
    bounds: *const anser_bounds,
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
    options: *const anser_bounds_options,
    budget: *const anser_budget,
    out_bounds: *mut *mut anser_bounds,
) -> anser_status {
    guard("anser_bounds_within", || {
        // SAFETY: passed on.
        unsafe {
            let ends = RootBox { lower, upper, num_inputs, options, budget };
            create_within(&ends, (bounds, "bounds"), out_bounds, |from, lower, upper, options, budget| {
                from.bounds.within(lower, upper, options, budget)
            })
        }
    })
}

/// Frees it; NULL is ignored.
///
/// # Safety
/// `bounds` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_free(bounds: *mut anser_bounds) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(bounds) });
}

/// A second handle for the same: everything is shared.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_bounds` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_clone(
    bounds: *const anser_bounds,
    out_bounds: *mut *mut anser_bounds,
) -> anser_status {
    guard("anser_bounds_clone", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_bounds, "out_bounds")?;
            let bounds = handle::read(bounds, "bounds")?.bounds.clone();
            out.set(handle::create(BoundsState { bounds })?);
        }
        Ok(())
    })
}

/// # Safety
/// `bounds` is null or from this library and not freed; `out` is null or points to room for one.
unsafe fn count(
    bounds: *const anser_bounds,
    out: *mut usize,
    name: &str,
    of: impl FnOnce(&Bounds) -> usize,
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let out = Out::needed(out, name)?;
        out.set(of(&handle::read(bounds, "bounds")?.bounds));
    }
    Ok(())
}

/// How many inputs the network has: numbers, not tensors.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_input_length(
    bounds: *const anser_bounds,
    out_length: *mut usize,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_bounds_input_length", || unsafe { count(bounds, out_length, "out_length", Bounds::input_len) })
}

/// How many outputs the network has: numbers, not tensors.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_output_length(
    bounds: *const anser_bounds,
    out_length: *mut usize,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_bounds_output_length", || unsafe { count(bounds, out_length, "out_length", Bounds::output_len) })
}

/// How many neurons there are in all.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_neurons` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_num_neurons(
    bounds: *const anser_bounds,
    out_neurons: *mut usize,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_bounds_num_neurons", || unsafe { count(bounds, out_neurons, "out_neurons", Bounds::num_neurons) })
}

/// How many sets of neurons there are.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_sets` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_num_neuron_sets(
    bounds: *const anser_bounds,
    out_sets: *mut usize,
) -> anser_status {
    // SAFETY: passed on.
    guard("anser_bounds_num_neuron_sets", || unsafe { count(bounds, out_sets, "out_sets", |b| b.neurons().len()) })
}

/// A set of neurons. Sets follow each other in the order of layers.
///
/// @param set from 0 up.
/// @param out_neurons begin with ANSER_NEURONS_INIT.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `out_neurons` is null or points to a struct of the size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_get_neurons(
    bounds: *const anser_bounds,
    set: usize,
    out_neurons: *mut anser_neurons,
) -> anser_status {
    guard("anser_bounds_get_neurons", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let state = handle::read(bounds, "bounds")?;
            let sets = state.bounds.neurons();
            let Some(of) = sets.get(set) else {
                let text = format_args!("argument set: there is no set {set} of neurons, there are {}", sets.len());
                return Err(Failure::invalid(text));
            };
            let neurons = anser_neurons {
                struct_size: size_of::<anser_neurons>(),
                first: of.first,
                count: of.count,
                tensor: of.tensor.0,
                splittable: of.splittable.into(),
            };
            write_struct(out_neurons, &neurons, size_of::<anser_neurons>(), "out_neurons")
        }
    })
}

/// Two arrays of the same length.
///
/// # Safety
/// `bounds` is null or from this library and not freed; the arrays are null or have room for `length`.
unsafe fn ends(
    bounds: *const anser_bounds,
    (lower, upper, length): (*mut f64, *mut f64, usize),
    of: impl FnOnce(&Bounds) -> (&[f64], &[f64]),
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let state = handle::read(bounds, "bounds")?;
        let (l, u) = of(&state.bounds);
        room(length, l.len(), "length")?;
        if !l.is_empty() {
            super::arguments::check_array(lower, l.len(), "out_lower")?;
            super::arguments::check_array(upper, l.len(), "out_upper")?;
        }
        fill(lower, l, "out_lower")?;
        fill(upper, u, "out_upper")
    }
}

/// The root box.
///
/// @param length room in each array: at least what anser_bounds_input_length says.
///
/// # Safety
/// `bounds` is null or from this library and not freed; the arrays are null or have room for `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_get_box(
    bounds: *const anser_bounds,
    out_lower: *mut f64,
    out_upper: *mut f64,
    length: usize,
) -> anser_status {
    guard("anser_bounds_get_box", || {
        // SAFETY: passed on.
        unsafe { ends(bounds, (out_lower, out_upper, length), Bounds::root_box) }
    })
}

/// Bounds of all neurons in the root box.
///
/// @param length room in each array: at least what anser_bounds_num_neurons says.
///
/// # Safety
/// `bounds` is null or from this library and not freed; the arrays are null or have room for `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_get_neuron_bounds(
    bounds: *const anser_bounds,
    out_lower: *mut f64,
    out_upper: *mut f64,
    length: usize,
) -> anser_status {
    guard("anser_bounds_get_neuron_bounds", || {
        // SAFETY: passed on.
        unsafe { ends(bounds, (out_lower, out_upper, length), Bounds::root_neurons) }
    })
}

/// Bounds of the outputs in the root box: intervals, from the bounds of neurons. A row for each output bounds them better.
///
/// @param length room in each array: at least what anser_bounds_output_length says.
///
/// # Safety
/// `bounds` is null or from this library and not freed; the arrays are null or have room for `length`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_get_output_bounds(
    bounds: *const anser_bounds,
    out_lower: *mut f64,
    out_upper: *mut f64,
    length: usize,
) -> anser_status {
    guard("anser_bounds_get_output_bounds", || {
        // SAFETY: passed on.
        unsafe { ends(bounds, (out_lower, out_upper, length), Bounds::root_outputs) }
    })
}
