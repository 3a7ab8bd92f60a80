//! Batches of boxes through an `anser_bounds`.

use std::mem::offset_of;

use super::anser_bounds;
use super::anser_budget;
use super::arguments::{check_array, fill, slice};
use super::bounds::failed;
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::reserved;
use super::error::Failure;
use super::floats::Standard;
use super::guard::guard;
use super::handle;
use super::status::anser_status;
use super::structs::read_struct;
use crate::bounds::{Bounds, Contracted, Functions, Method, Polytope, Query, Results, Splits};

/// How rows are bounded.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_bounds_method {
    /// Linear bounds by backward substitution (Zhang and others, "Efficient Neural Network Robustness Certification with General
    /// Activation Functions", NeurIPS 2018).
    ANSER_BOUNDS_METHOD_CROWN = 0,
    /// Interval arithmetic: the fastest and loosest.
    ANSER_BOUNDS_METHOD_INTERVAL = 1,
    /// As CROWN, with slopes of rectifiers and multipliers of splits found by gradients for every row (Xu and others, "Fast and
    /// Complete", ICLR 2021; Wang and others, "Beta-CROWN", NeurIPS 2021).
    ANSER_BOUNDS_METHOD_ALPHA = 2,
}

/// A batch of boxes and what is asked of them. Begin with ANSER_BOUNDS_QUERY_INIT. With n inputs, m outputs and N neurons; all
/// arrays are row-major, the last index in brackets runs fastest.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_bounds_query {
    /// sizeof(anser_bounds_query).
    pub struct_size: usize,
    /// How many boxes there are.
    pub num_boxes: usize,
    /// Lower bounds of the inputs, `[box][input]`: num_boxes * n, finite, not below the root box's.
    pub lower: *const f64,
    /// Upper bounds of the inputs, `[box][input]`, not above the root box's.
    pub upper: *const f64,
    /// Where the splits of each box begin: num_boxes + 1 offsets, from 0, not decreasing, the last one num_splits. NULL where
    /// no box has splits.
    pub split_offsets: *const usize,
    /// num_splits neurons, splittable.
    pub split_neurons: *const u32,
    /// num_splits signs: 1 where the neuron is at least 0, -1 where it is at most 0. Bounds hold where all of a box's do.
    pub split_phases: *const i8,
    /// How many splits all boxes have together.
    pub num_splits: usize,
    /// Lower bounds of neurons that hold in each box where its splits do, `[box][neuron]`: num_boxes * N; what an earlier call
    /// found for a box that contains this one, say. Taken on trust. -INFINITY where nothing is known; NULL for none at all.
    pub known_lower: *const f64,
    /// Upper bounds of neurons; given or NULL together with known_lower.
    pub known_upper: *const f64,
    /// How many rows there are, the same for all boxes: linear functions of outputs and inputs.
    pub num_rows: usize,
    /// Coefficients of outputs, `[row][output]`: num_rows * m, finite.
    pub outputs: *const f64,
    /// Coefficients of inputs, `[row][input]`: num_rows * n, finite. NULL for zeros.
    pub inputs: *const f64,
    /// One of anser_bounds_method.
    pub method: i32,
    /// 1: intervals are computed as well, and of two bounds of a neuron or row the better is taken. 0: they are not.
    pub intersect: i32,
    /// Of ANSER_BOUNDS_METHOD_ALPHA: steps for each row, at most 2^24; 20 is a good number.
    pub iterations: u32,
    /// Of ANSER_BOUNDS_METHOD_ALPHA: steps for each neuron whose sign is not known, at most 2^24. 0: neurons are bounded as by
    /// CROWN, which is much faster.
    pub neuron_iterations: u32,
}

const _: () =
    assert!(offset_of!(anser_bounds_query, neuron_iterations) == 116 && size_of::<anser_bounds_query>() == 120);

/// Where results go. Begin with ANSER_BOUNDS_RESULTS_INIT. What is NULL is not wanted, and not computed unless something else
/// needs it. Nothing is written unless the call answers ANSER_STATUS_OK.
///
/// Of a box that turned out empty (no point of it has the signs that its splits say) lower bounds are INFINITY, upper bounds
/// -INFINITY, so are the constants of linear functions, whose coefficients are 0, and points are the box's lower corner.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_bounds_results {
    /// sizeof(anser_bounds_results).
    pub struct_size: usize,
    /// Lower bounds of rows, `[box][row]`. -INFINITY where there is none.
    pub lower: *mut f64,
    /// Upper bounds of rows, `[box][row]`.
    pub upper: *mut f64,
    /// Coefficients of a linear function of the inputs that is nowhere above the row where the box's splits hold,
    /// `[box][row][input]`; exactly so as a function of real numbers. Together with lower_constants.
    pub lower_coefficients: *mut f64,
    /// Its constants, `[box][row]`.
    pub lower_constants: *mut f64,
    /// Coefficients of a linear function that is nowhere below the row, `[box][row][input]`. Together with upper_constants.
    pub upper_coefficients: *mut f64,
    /// Its constants, `[box][row]`.
    pub upper_constants: *mut f64,
    /// Where in the box the function below is least, `[box][row][input]`: a good place to look for a counterexample. It need not
    /// keep the splits.
    pub points: *mut f64,
    /// Lower bounds of neurons, `[box][neuron]`. Together with neuron_upper.
    pub neuron_lower: *mut f64,
    /// Upper bounds of neurons, `[box][neuron]`.
    pub neuron_upper: *mut f64,
    /// `[box]`: 1 where the box turned out empty, else 0, which does not say that it is not.
    pub empty: *mut u8,
}

const _: () = assert!(offset_of!(anser_bounds_results, empty) == 80 && size_of::<anser_bounds_results>() == 88);

/// What is left of boxes. Begin with ANSER_BOUNDS_CONTRACTION_INIT. Of a box without a point that is asked for, lower bounds are
/// INFINITY and upper bounds -INFINITY.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_bounds_contraction {
    /// sizeof(anser_bounds_contraction).
    pub struct_size: usize,
    /// Lower bounds of the inputs, `[box][input]`. NULL if not wanted.
    pub lower: *mut f64,
    /// Upper bounds of the inputs, `[box][input]`. NULL if not wanted.
    pub upper: *mut f64,
    /// Lower bounds of neurons, `[box][neuron]`. NULL if not wanted.
    pub neuron_lower: *mut f64,
    /// Upper bounds of neurons, `[box][neuron]`. NULL if not wanted.
    pub neuron_upper: *mut f64,
    /// `[box]`: 1 where the box has no such point, else 0, which does not say that it has one. NULL if not wanted.
    pub empty: *mut u8,
}

const _: () = assert!(offset_of!(anser_bounds_contraction, empty) == 40 && size_of::<anser_bounds_contraction>() == 48);

/// How many numbers so many of so many are.
fn product(counts: &[usize], argument: &str) -> Result<usize, Failure> {
    let all = counts.iter().try_fold(1usize, |all, &count| all.checked_mul(count));
    let too_many = || Failure::invalid(format_args!("argument {argument}: {counts:?} numbers exceed memory"));
    all.filter(|&all| all <= isize::MAX as usize / 8).ok_or_else(too_many)
}

/// An array that may be missing.
///
/// # Safety
/// Where not null, `pointer` points to `length` items that nobody changes during the call.
unsafe fn optional<'a, T>(pointer: *const T, length: usize, argument: &str) -> Result<&'a [T], Failure> {
    // SAFETY: passed on.
    if pointer.is_null() { Ok(&[]) } else { unsafe { slice(pointer, length, argument) } }
}

/// # Safety
/// `query` is null or points to a struct of the size that it states, whose arrays are as long as it says.
unsafe fn read_query<'a>(bounds: &Bounds, query: *const anser_bounds_query) -> Result<Query<'a>, Failure> {
    use anser_bounds_method::*;
    // SAFETY: passed on; the struct is plain data.
    unsafe {
        let q = read_struct(query, size_of::<anser_bounds_query>(), "query")?;
        let (n, m, total) = (bounds.input_len(), bounds.output_len(), bounds.num_neurons());
        let of_boxes = product(&[q.num_boxes, n], "query.num_boxes")?;
        let of_neurons = product(&[q.num_boxes, total], "query.num_boxes")?;
        let of_inputs = product(&[q.num_rows, n], "query.num_rows")?;
        let offsets = product(&[q.num_boxes.saturating_add(1)], "query.num_boxes")?;
        let method = if q.method == ANSER_BOUNDS_METHOD_CROWN as i32 {
            Method::Crown
        } else if q.method == ANSER_BOUNDS_METHOD_INTERVAL as i32 {
            Method::Interval
        } else if q.method == ANSER_BOUNDS_METHOD_ALPHA as i32 {
            let (iterations, neuron_iterations) = (q.iterations as usize, q.neuron_iterations as usize);
            Method::Alpha { iterations, neuron_iterations }
        } else {
            let text = format_args!("argument query.method: {} is no anser_bounds_method", q.method);
            return Err(Failure::invalid(text));
        };
        let intersect = match q.intersect {
            0 => false,
            1 => true,
            other => {
                return Err(Failure::invalid(format_args!("argument query.intersect: {other} is neither 0 nor 1")));
            }
        };
        if q.known_lower.is_null() != q.known_upper.is_null() {
            return Err(Failure::null(if q.known_lower.is_null() { "query.known_lower" } else { "query.known_upper" }));
        }
        Ok(Query {
            boxes: q.num_boxes,
            lower: slice(q.lower, of_boxes, "query.lower")?,
            upper: slice(q.upper, of_boxes, "query.upper")?,
            splits: Splits {
                offsets: optional(q.split_offsets, offsets, "query.split_offsets")?,
                neurons: slice(q.split_neurons, q.num_splits, "query.split_neurons")?,
                phases: slice(q.split_phases, q.num_splits, "query.split_phases")?,
            },
            known: (
                optional(q.known_lower, of_neurons, "query.known_lower")?,
                optional(q.known_upper, of_neurons, "query.known_upper")?,
            ),
            rows: q.num_rows,
            outputs: slice(q.outputs, product(&[q.num_rows, m], "query.num_rows")?, "query.outputs")?,
            inputs: optional(q.inputs, of_inputs, "query.inputs")?,
            method,
            intersect,
        })
    }
}

/// Room of this library's own for what a host wants: it is handed over only where all went well.
struct Wanted<T> {
    to: *mut T,
    name: &'static str,
    values: Vec<T>,
}

impl<T: Copy> Wanted<T> {
    fn new(to: *mut T, length: usize, zero: T, name: &'static str) -> Result<Self, Failure> {
        let mut values = Vec::new();
        if !to.is_null() {
            check_array(to, length, name)?;
            values = reserved(length)?;
            values.resize(length, zero);
        }
        Ok(Wanted { to, name, values })
    }

    fn room(&mut self) -> Option<&mut [T]> {
        if self.to.is_null() { None } else { Some(&mut self.values) }
    }

    /// # Safety
    /// Where the pointer is not null, there is room.
    unsafe fn give(&self) -> Result<(), Failure> {
        // SAFETY: passed on.
        if self.to.is_null() { Ok(()) } else { unsafe { fill(self.to, &self.values, self.name) } }
    }
}

/// Room for two that belong together.
type Pair<'a> = (&'a mut [f64], &'a mut [f64]);

/// Two that are wanted together or not at all.
fn both<'a>(first: &'a mut Wanted<f64>, second: &'a mut Wanted<f64>) -> Result<Option<Pair<'a>>, Failure> {
    if first.to.is_null() != second.to.is_null() {
        return Err(Failure::null(if first.to.is_null() { first.name } else { second.name }));
    }
    Ok(first.room().zip(second.room()))
}

/// Bounds a batch of boxes.
///
/// Cost: for CROWN, for each neuron whose sign is not known, and each row, about an evaluation of the layers before it; larger
/// batches are faster a box. Memory: within the budget's limit, boxes are worked on in as large parts as fit; what the
/// results take is not counted.
///
/// @param query begin with ANSER_BOUNDS_QUERY_INIT.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its progress function sees ANSER_PHASE_BOUND. May be NULL.
/// @param results begin with ANSER_BOUNDS_RESULTS_INIT: where the results go.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `query` and `results` are null or point to structs of the size that
/// they state, whose arrays are as long as stated; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_compute(
    bounds: *const anser_bounds,
    query: *const anser_bounds_query,
    budget: *const anser_budget,
    results: *const anser_bounds_results,
) -> anser_status {
    guard("anser_bounds_compute", || {
        // SAFETY: passed on; the structs are plain data.
        unsafe {
            let budget = arm(budget)?;
            let state = handle::read(bounds, "bounds")?;
            let bounds = &state.bounds;
            let query = read_query(bounds, query)?;
            let to = read_struct(results, size_of::<anser_bounds_results>(), "results")?;
            let rows = product(&[query.boxes, query.rows], "query.num_rows")?;
            let functions = product(&[query.boxes, query.rows, bounds.input_len()], "query.num_rows")?;
            let neurons = query.boxes * bounds.num_neurons();
            let wanted = |to, length, name| Wanted::new(to, length, 0.0, name);
            let mut lower = wanted(to.lower, rows, "results.lower")?;
            let mut upper = wanted(to.upper, rows, "results.upper")?;
            let mut below = (
                wanted(to.lower_coefficients, functions, "results.lower_coefficients")?,
                wanted(to.lower_constants, rows, "results.lower_constants")?,
            );
            let mut above = (
                wanted(to.upper_coefficients, functions, "results.upper_coefficients")?,
                wanted(to.upper_constants, rows, "results.upper_constants")?,
            );
            let mut points = wanted(to.points, functions, "results.points")?;
            let mut of_neurons = (
                wanted(to.neuron_lower, neurons, "results.neuron_lower")?,
                wanted(to.neuron_upper, neurons, "results.neuron_upper")?,
            );
            let mut empty = Wanted::new(to.empty, query.boxes, 0u8, "results.empty")?;
            let mut flags = reserved(empty.values.len())?;
            flags.resize(empty.values.len(), false);
            let functions = |(coefficients, constants)| Functions { coefficients, constants };
            let mut found = Results {
                lower: lower.room(),
                upper: upper.room(),
                below: both(&mut below.0, &mut below.1)?.map(functions),
                above: both(&mut above.0, &mut above.1)?.map(functions),
                points: points.room(),
                neurons: both(&mut of_neurons.0, &mut of_neurons.1)?,
                empty: (!to.empty.is_null()).then_some(&mut flags[..]),
            };
            let standard = Standard::enter();
            bounds.compute(&query, &mut found, &budget).map_err(failed)?;
            drop(standard);
            check_exception()?;
            empty.values.iter_mut().zip(&flags).for_each(|(to, &flag)| *to = flag.into());
            for array in [lower, upper, below.0, below.1, above.0, above.1, points, of_neurons.0, of_neurons.1] {
                array.give()?;
            }
            empty.give()
        }
    })
}

/// What inequalities leave of boxes and neurons: all points of each box that keep its splits and where every row of the query is
/// at most its bound stay in it, with their neurons within the bounds of neurons. Linear bounds are those of CROWN
/// (contraction by each: Scott and others, "Goose", SMT 2022, section 3.1); what it leaves can be handed in again. In a
/// network with branches, neurons inside branches are only bounded, not contracted.
///
/// @param query as anser_bounds_compute takes it, with ANSER_BOUNDS_METHOD_CROWN.
/// @param right_sides query->num_rows bounds of the rows, finite.
/// @param strict query->num_rows flags: 1 where the row must be less than its bound, else 0. NULL where none must.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its progress function sees ANSER_PHASE_BOUND. May be NULL.
/// @param contraction begin with ANSER_BOUNDS_CONTRACTION_INIT: where the results go.
///
/// # Safety
/// `bounds` is null or from this library and not freed; `query` and `contraction` are null or point to structs of the size that
/// they state, whose arrays are as long as stated, as are the arrays; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_bounds_contract(
    bounds: *const anser_bounds,
    query: *const anser_bounds_query,
    right_sides: *const f64,
    strict: *const u8,
    budget: *const anser_budget,
    contraction: *const anser_bounds_contraction,
) -> anser_status {
    guard("anser_bounds_contract", || {
        // SAFETY: passed on; the structs are plain data.
        unsafe {
            let budget = arm(budget)?;
            let state = handle::read(bounds, "bounds")?;
            let bounds = &state.bounds;
            let query = read_query(bounds, query)?;
            if query.method != Method::Crown {
                return Err(Failure::invalid("argument query.method: contraction is by CROWN alone"));
            }
            let right = slice(right_sides, query.rows, "right_sides")?;
            let given = optional(strict, query.rows, "strict")?;
            if let Some(index) = given.iter().position(|&flag| flag > 1) {
                let text = format_args!("argument strict: flag {index} is {}, neither 0 nor 1", given[index]);
                return Err(Failure::invalid(text).at_index(index));
            }
            let mut strict = reserved(given.len())?;
            strict.extend(given.iter().map(|&flag| flag == 1));
            let to = read_struct(contraction, size_of::<anser_bounds_contraction>(), "contraction")?;
            let (of_boxes, neurons) = (query.lower.len(), query.boxes * bounds.num_neurons());
            let wanted = |to, length, name| Wanted::new(to, length, 0.0, name);
            let mut lower = wanted(to.lower, of_boxes, "contraction.lower")?;
            let mut upper = wanted(to.upper, of_boxes, "contraction.upper")?;
            for ends in [&mut lower.values, &mut upper.values] {
                // Where the host does not want them.
                ends.try_reserve_exact(of_boxes - ends.len())
                    .map_err(|_| Failure::from(crate::error::OutOfMemory::Allocator { bytes: 8 * of_boxes as u64 }))?;
                ends.resize(of_boxes, 0.0);
            }
            let mut of_neurons = (
                wanted(to.neuron_lower, neurons, "contraction.neuron_lower")?,
                wanted(to.neuron_upper, neurons, "contraction.neuron_upper")?,
            );
            let mut empty = Wanted::new(to.empty, query.boxes, 0u8, "contraction.empty")?;
            let mut flags = reserved(empty.values.len())?;
            flags.resize(empty.values.len(), false);
            let mut contracted = Contracted {
                lower: &mut lower.values,
                upper: &mut upper.values,
                neurons: both(&mut of_neurons.0, &mut of_neurons.1)?,
                empty: (!to.empty.is_null()).then_some(&mut flags[..]),
            };
            let standard = Standard::enter();
            let polytope = Polytope { right, strict: &strict };
            bounds.contract(&query, &polytope, &mut contracted, &budget).map_err(failed)?;
            drop(standard);
            check_exception()?;
            empty.values.iter_mut().zip(&flags).for_each(|(to, &flag)| *to = flag.into());
            for array in [lower, upper, of_neurons.0, of_neurons.1] {
                array.give()?;
            }
            empty.give()
        }
    })
}
