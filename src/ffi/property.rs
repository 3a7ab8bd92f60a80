//! `anser_property`: what is asked of a network.

use std::mem::offset_of;
use std::sync::Arc;

use super::anser_network;
use super::arguments::{Out, constructed, slice};
use super::constraints::reserved;
use super::error::Failure;
use super::formula::offsets_of;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::status::anser_status;
use super::structs::read_struct;
use crate::error::OutOfMemory;
use crate::net::property::{Property, PropertyError, Rows};
use crate::net::{Network, TensorId};

/// A property: a formula over the inputs and outputs of a network, which says what is *unsafe*: an input with which the
/// formula holds is a counterexample. It is a conjunction of assertions; each combines comparisons of linear sums of inputs
/// and outputs with constants. It is read from VNN-LIB or built from boxes and halfspaces.
///
/// Inputs are counted from 0 through all input tensors, each in row-major order, as a sample of a network is laid out; so
/// are outputs. As columns the inputs come first: output j is column num_inputs + j.
///
/// What is made from a property takes a snapshot: it may be changed or freed afterwards. Functions that take
/// `const anser_property *` may be called from several threads at once.
#[derive(Debug)]
pub struct anser_property(Handle<PropertyState>);

opaque!(anser_property, PropertyState, bound_to_process: false);
const _: () = shared::<PropertyState>();

/// What a handle holds.
#[derive(Debug)]
pub struct PropertyState {
    pub(super) property: Arc<Property>,
    limit: u64,
}

impl PropertyState {
    pub(super) fn of(property: Arc<Property>) -> Self {
        PropertyState { property, limit: u64::MAX }
    }

    /// Adds something that takes so many bytes at most. Where a clone or an iterator shares the property, a copy is changed.
    fn change(
        &mut self,
        more: u64,
        act: impl FnOnce(&mut Property) -> Result<(), PropertyError>,
    ) -> Result<(), Failure> {
        if self.limit != u64::MAX {
            let bytes = self.property.bytes().saturating_add(more);
            if bytes > self.limit {
                return Err(OutOfMemory::Limit { bytes, limit: self.limit }.into());
            }
        }
        if let Some(property) = Arc::get_mut(&mut self.property) {
            return Ok(act(property)?);
        }
        let mut copy = Property::clone(&self.property);
        act(&mut copy)?;
        self.property = Arc::new(copy);
        Ok(())
    }
}

/// Bytes that a comparison takes at most, and each of its terms.
const COMPARISON: u64 = 96;
const TERM: u64 = 32;

/// Halfspaces in rows. Begin with ANSER_HALFSPACES_INIT. Row i says: the sum of
/// `coefficients[k]` times column `columns[k]`, for k from `offsets[i]` to `offsets[i + 1] - 1`, is at most `bounds[i]`, or
/// less where `strict[i]` is 1. Columns are the inputs, then the outputs. For "at least" negate coefficients and bound.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_halfspaces {
    /// sizeof(anser_halfspaces).
    pub struct_size: usize,
    /// How many rows there are.
    pub num_rows: usize,
    /// The columns of all rows. May be NULL where num_terms is 0.
    pub columns: *const u32,
    /// num_terms coefficients, finite: `coefficients[k]` is that of `columns[k]`.
    pub coefficients: *const f64,
    /// How many terms all rows have together.
    pub num_terms: usize,
    /// num_rows + 1 offsets: from 0, not decreasing, the last one num_terms.
    pub offsets: *const usize,
    /// num_rows bounds, finite.
    pub bounds: *const f64,
    /// num_rows flags: 1 where the bound itself is excluded, else 0. NULL where it never is.
    pub strict: *const u8,
}

const _: () = assert!(offset_of!(anser_halfspaces, strict) == 56 && size_of::<anser_halfspaces>() == 64);

/// The property that always holds, for networks with so many inputs and outputs (numbers, not tensors). Free it with
/// anser_property_free.
///
/// @param num_inputs at least 1; what anser_network_input_length says.
/// @param num_outputs at least 1; what anser_network_output_length says. Together they are at most 2^31 - 1.
///
/// # Safety
/// `out_property` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_new(
    num_inputs: usize,
    num_outputs: usize,
    out_property: *mut *mut anser_property,
) -> anser_status {
    guard("anser_property_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_property, "out_property")?;
            let property = Property::new(num_inputs, num_outputs).map_err(|e| {
                let which = if num_inputs == 0 || num_outputs > 0 { "num_inputs" } else { "num_outputs" };
                named(which, e)
            })?;
            out.set(handle::create(PropertyState::of(Arc::new(property)))?);
        }
        Ok(())
    })
}

/// What a property refused, about this argument.
fn named(argument: &str, e: PropertyError) -> Failure {
    if let PropertyError::Memory(short) = e {
        return short.into();
    }
    let text = e.to_string();
    let failure = Failure::from(e);
    failure.saying(format_args!("argument {argument}: {text}"))
}

/// Frees a property; NULL is ignored.
///
/// # Safety
/// `property` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_free(property: *mut anser_property) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(property) });
}

/// A copy, independent of the original; what it holds is shared until one of the two is changed.
///
/// # Safety
/// `property` is null or from this library and not freed; `out_property` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_clone(
    property: *const anser_property,
    out_property: *mut *mut anser_property,
) -> anser_status {
    guard("anser_property_clone", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_property, "out_property")?;
            let state = handle::read(property, "property")?;
            let copy = PropertyState { property: Arc::clone(&state.property), limit: state.limit };
            drop(state);
            out.set(handle::create(copy)?);
        }
        Ok(())
    })
}

/// Bytes that the property may hold from now on; UINT64_MAX for no limit. What might exceed it, counted generously before it
/// is added, answers ANSER_STATUS_OUT_OF_MEMORY and changes nothing.
///
/// # Safety
/// `property` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_set_memory_limit(property: *mut anser_property, bytes: u64) -> anser_status {
    guard("anser_property_set_memory_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(property, "property") }?.limit = bytes;
        Ok(())
    })
}

/// How many inputs there are: numbers of all input tensors together.
///
/// # Safety
/// `property` is null or from this library and not freed; `out_inputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_num_inputs(
    property: *const anser_property,
    out_inputs: *mut usize,
) -> anser_status {
    guard("anser_property_num_inputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_inputs, "out_inputs")?;
            out.set(handle::read(property, "property")?.property.num_inputs());
        }
        Ok(())
    })
}

/// How many outputs there are: numbers of all output tensors together.
///
/// # Safety
/// `property` is null or from this library and not freed; `out_outputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_num_outputs(
    property: *const anser_property,
    out_outputs: *mut usize,
) -> anser_status {
    guard("anser_property_num_outputs", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_outputs, "out_outputs")?;
            out.set(handle::read(property, "property")?.property.num_outputs());
        }
        Ok(())
    })
}

/// How many assertions there are.
///
/// # Safety
/// `property` is null or from this library and not freed; `out_assertions` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_num_assertions(
    property: *const anser_property,
    out_assertions: *mut usize,
) -> anser_status {
    guard("anser_property_num_assertions", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_assertions, "out_assertions")?;
            out.set(handle::read(property, "property")?.property.num_assertions());
        }
        Ok(())
    })
}

/// Asserts that every input lies between its bounds, both included. One assertion.
///
/// @param lower the least value of each input; -INFINITY for none.
/// @param upper the greatest value of each input; INFINITY for none.
/// @param num_inputs what anser_property_num_inputs says, exactly.
///
/// # Safety
/// `property` is null or from this library and not freed; the arrays are null or have `num_inputs` items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_add_box(
    property: *mut anser_property,
    lower: *const f64,
    upper: *const f64,
    num_inputs: usize,
) -> anser_status {
    guard("anser_property_add_box", || {
        // SAFETY: passed on.
        unsafe {
            let mut state = handle::write(property, "property")?;
            exactly(num_inputs, state.property.num_inputs(), "num_inputs")?;
            let lower = slice(lower, num_inputs, "lower")?;
            let upper = slice(upper, num_inputs, "upper")?;
            let bytes = (num_inputs as u64).saturating_mul(2 * (COMPARISON + TERM));
            state.change(bytes, |p| p.add_box(lower, upper))
        }
    })
}

fn exactly(given: usize, needed: usize, argument: &str) -> Result<(), Failure> {
    if given == needed {
        return Ok(());
    }
    Err(Failure::invalid(format_args!("argument {argument}: {given} numbers were given, needed are {needed}")))
}

/// Asserts a disjunction of conjunctions of halfspaces: disjunct i has the rows `disjunct_offsets[i]` to
/// `disjunct_offsets[i + 1] - 1`. One assertion. Without a disjunct it cannot hold; a disjunct without a row always does.
///
/// @param rows begin with ANSER_HALFSPACES_INIT.
/// @param disjunct_offsets num_disjuncts + 1 offsets: from 0, not decreasing, the last one rows->num_rows.
/// @param num_disjuncts how many disjuncts there are.
///
/// # Safety
/// `property` is null or from this library and not freed; `rows` is null or points to a struct of the size that it
/// states, with arrays as long as stated; `disjunct_offsets` is null or has `num_disjuncts` + 1 items.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_add_assertion(
    property: *mut anser_property,
    rows: *const anser_halfspaces,
    disjunct_offsets: *const usize,
    num_disjuncts: usize,
) -> anser_status {
    guard("anser_property_add_assertion", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let given = read_struct(rows, size_of::<anser_halfspaces>(), "rows")?;
            let count = given.num_rows;
            let offsets = slice(disjunct_offsets, offsets_of(num_disjuncts, "num_disjuncts")?, "disjunct_offsets")?;
            let strict = flags(given.strict, count)?;
            let rows = Rows {
                offsets: slice(given.offsets, offsets_of(count, "rows.num_rows")?, "rows.offsets")?,
                columns: slice(given.columns, given.num_terms, "rows.columns")?,
                coefficients: slice(given.coefficients, given.num_terms, "rows.coefficients")?,
                bounds: slice(given.bounds, count, "rows.bounds")?,
                strict: &strict,
            };
            let comparisons = (count as u64).saturating_add(num_disjuncts as u64).saturating_mul(COMPARISON);
            let bytes = comparisons.saturating_add((given.num_terms as u64).saturating_mul(TERM));
            let mut state = handle::write(property, "property")?;
            state.change(bytes, |p| p.add_assertion(&rows, offsets))
        }
    })
}

unsafe fn flags(strict: *const u8, rows: usize) -> Result<Vec<bool>, Failure> {
    let mut flags = reserved(rows)?;
    if strict.is_null() {
        flags.resize(rows, false);
        return Ok(flags);
    }
    // SAFETY: passed on.
    for (index, &flag) in unsafe { slice(strict, rows, "rows.strict") }?.iter().enumerate() {
        if flag > 1 {
            let text = format_args!("argument rows.strict: {flag} at index {index} is neither 0 nor 1");
            return Err(Failure::invalid(text).at_index(index));
        }
        flags.push(flag == 1);
    }
    Ok(flags)
}

/// Whether the property holds at this very point, which must be finite: nothing is rounded. For what was computed in float,
/// give the floats as doubles.
///
/// @param x the inputs.
/// @param num_inputs what anser_property_num_inputs says, exactly.
/// @param y the outputs.
/// @param num_outputs what anser_property_num_outputs says, exactly.
/// @param out_holds 1 where it holds (a counterexample, if y is what the network answers for x), else 0.
///
/// # Safety
/// `property` is null or from this library and not freed; the arrays are null or as long as stated; `out_holds` is null
/// or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_check(
    property: *const anser_property,
    x: *const f64,
    num_inputs: usize,
    y: *const f64,
    num_outputs: usize,
    out_holds: *mut i32,
) -> anser_status {
    guard("anser_property_check", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_holds, "out_holds")?;
            let state = handle::read(property, "property")?;
            exactly(num_inputs, state.property.num_inputs(), "num_inputs")?;
            exactly(num_outputs, state.property.num_outputs(), "num_outputs")?;
            let x = slice(x, num_inputs, "x")?;
            let y = slice(y, num_outputs, "y")?;
            let _standard = super::floats::Standard::enter();
            out.set(state.property.check(x, y)?.into());
        }
        Ok(())
    })
}

/// Whether the property speaks of this network: ANSER_STATUS_OK where it does, else ANSER_STATUS_INVALID_ARGUMENT with
/// what differs. A property that was built, or read from VNN-LIB 1.0, wants as many inputs and outputs; one that declares
/// tensors (VNN-LIB 2.0) wants these, in order and of the same shapes but for ones in front.
///
/// # Safety
/// `property` and `network` are null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_property_check_network(
    property: *const anser_property,
    network: *const anser_network,
) -> anser_status {
    guard("anser_property_check_network", || {
        // SAFETY: passed on.
        let (property, network) = unsafe { (handle::read(property, "property")?, handle::read(network, "network")?) };
        let network = &network.network;
        let (inputs, outputs) = (shapes(network, network.inputs()), shapes(network, network.outputs()));
        property.property.check_shapes(&inputs, &outputs).map_err(|e| named("network", e))
    })
}

fn shapes(network: &Network, tensors: &[TensorId]) -> Vec<Vec<usize>> {
    tensors.iter().map(|&t| network.tensor(t).shape().to_vec()).collect()
}
