//! Integers and reals of an `anser_formula`, and linear constraints over them.

use std::mem::offset_of;

use super::anser_formula;
use super::arguments::{Out, check_array, room, slice};
use super::constraints::{condition, conditions, reserved};
use super::error::Failure;
use super::formula::{change, offsets_of};
use super::guard::guard;
use super::handle;
use super::status::anser_status;
use super::structs::read_struct;
use crate::formula::{Domain, Linear, LinearRows, Relation};

/// What values a number has.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_number_kind {
    /// Integers.
    ANSER_NUMBER_KIND_INTEGER = 1,
    /// Reals.
    ANSER_NUMBER_KIND_REAL = 2,
}

/// How a sum compares with its right-hand side.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_relation {
    /// The sum is at least the right-hand side.
    ANSER_RELATION_AT_LEAST = 1,
    /// The sum is at most the right-hand side.
    ANSER_RELATION_AT_MOST = 2,
    /// The sum is the right-hand side.
    ANSER_RELATION_EQUAL = 3,
    /// The sum is greater than the right-hand side.
    ANSER_RELATION_GREATER = 4,
    /// The sum is less than the right-hand side.
    ANSER_RELATION_LESS = 5,
}

/// A relation as the host reads it.
pub(super) fn relation_code(relation: Relation) -> i32 {
    let code = match relation {
        Relation::AtLeast => anser_relation::ANSER_RELATION_AT_LEAST,
        Relation::AtMost => anser_relation::ANSER_RELATION_AT_MOST,
        Relation::Equal => anser_relation::ANSER_RELATION_EQUAL,
        Relation::Greater => anser_relation::ANSER_RELATION_GREATER,
        Relation::Less => anser_relation::ANSER_RELATION_LESS,
    };
    code as i32
}

fn relation(code: i32) -> Option<Relation> {
    const ALL: [Relation; 5] =
        [Relation::AtLeast, Relation::AtMost, Relation::Equal, Relation::Greater, Relation::Less];
    ALL.into_iter().find(|&r| relation_code(r) == code)
}

/// Many linear constraints. Begin with ANSER_LINEAR_ROWS_INIT. Row i has the numbers
/// `numbers[number_offsets[i]] .. numbers[number_offsets[i + 1] - 1]` with their coefficients, and in the same way
/// literals with their weights.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_linear_rows {
    /// sizeof(anser_linear_rows).
    pub struct_size: usize,
    /// How many rows there are.
    pub num_rows: usize,
    /// The numbers of all rows. May be NULL where num_numbers is 0.
    pub numbers: *const u32,
    /// num_numbers coefficients, finite: coefficients[j] is that of numbers[j].
    pub coefficients: *const f64,
    /// How many numbers all rows have together.
    pub num_numbers: usize,
    /// num_rows + 1 offsets: from 0, not decreasing, the last one num_numbers.
    pub number_offsets: *const usize,
    /// The literals of all rows: 1 where true, 0 where false. May be NULL where num_literals is 0.
    pub literals: *const i32,
    /// num_literals weights, finite: weights[j] is that of literals[j].
    pub weights: *const f64,
    /// How many literals all rows have together.
    pub num_literals: usize,
    /// num_rows + 1 offsets: from 0, not decreasing, the last one num_literals. May be NULL where num_literals is 0.
    pub literal_offsets: *const usize,
    /// num_rows relations, each one of anser_relation.
    pub relations: *const i32,
    /// num_rows right-hand sides, finite.
    pub rhs: *const f64,
    /// num_rows conditions, each ANSER_CONDITION_PLAIN or ANSER_CONDITION_IMPLIED; NULL where every one is plain.
    pub conditions: *const i32,
    /// num_rows literals, 0 with ANSER_CONDITION_PLAIN; NULL where conditions is.
    pub condition_literals: *const i32,
}

const _: () = assert!(offset_of!(anser_linear_rows, condition_literals) == 104);

/// Adds an integer, whose values are `min` to `max`.
///
/// @param min at least -2^53, where every integer is a double.
/// @param max at most 2^53, not less than min.
/// @param out_number the number: 0 for the formula's first one, integer or real, and so on.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_number` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new_integer(
    formula: *mut anser_formula,
    min: i64,
    max: i64,
    out_number: *mut u32,
) -> anser_status {
    guard("anser_formula_new_integer", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_number, "out_number")?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.new_number(Domain::Integer { min, max }))?);
        }
        Ok(())
    })
}

/// Adds many integers, all or none: integer i has the values `min[i]` to `max[i]`.
///
/// @param out_first the first one; the others follow it. With count 0 nothing changes, and it is the number that would
///   come next.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or have `count` items; `out_first` is null
/// or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new_integers(
    formula: *mut anser_formula,
    min: *const i64,
    max: *const i64,
    count: usize,
    out_first: *mut u32,
) -> anser_status {
    guard("anser_formula_new_integers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_first, "out_first")?;
            let domains = integer_domains(min, max, count)?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.new_numbers(&domains))?);
        }
        Ok(())
    })
}

/// Adds a real, whose values are `min` to `max`.
///
/// @param min finite.
/// @param max finite, not less than min.
/// @param out_number the number: 0 for the formula's first one, integer or real, and so on.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_number` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new_real(
    formula: *mut anser_formula,
    min: f64,
    max: f64,
    out_number: *mut u32,
) -> anser_status {
    guard("anser_formula_new_real", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_number, "out_number")?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.new_number(Domain::Real { min, max }))?);
        }
        Ok(())
    })
}

/// Adds many reals, all or none: real i has the values `min[i]` to `max[i]`.
///
/// @param out_first the first one; the others follow it. With count 0 nothing changes, and it is the number that would
///   come next.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or have `count` items; `out_first` is null
/// or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_new_reals(
    formula: *mut anser_formula,
    min: *const f64,
    max: *const f64,
    count: usize,
    out_first: *mut u32,
) -> anser_status {
    guard("anser_formula_new_reals", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_first, "out_first")?;
            let domains = domains(min, max, count, |min, max| Domain::Real { min, max })?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.new_numbers(&domains))?);
        }
        Ok(())
    })
}

/// # Safety
/// The arrays are null or have `count` items that nobody changes during the call.
pub(super) unsafe fn integer_domains(min: *const i64, max: *const i64, count: usize) -> Result<Vec<Domain>, Failure> {
    // SAFETY: passed on.
    unsafe { domains(min, max, count, |min, max| Domain::Integer { min, max }) }
}

unsafe fn domains<T: Copy>(
    min: *const T,
    max: *const T,
    count: usize,
    make: impl Fn(T, T) -> Domain,
) -> Result<Vec<Domain>, Failure> {
    // SAFETY: passed on.
    let (min, max) = unsafe { (slice(min, count, "min")?, slice(max, count, "max")?) };
    let mut domains = reserved(count)?;
    domains.extend(min.iter().zip(max).map(|(&min, &max)| make(min, max)));
    Ok(domains)
}

/// How many numbers there are, integers and reals. They are 0..num_numbers-1.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_numbers` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_numbers(
    formula: *const anser_formula,
    out_numbers: *mut u32,
) -> anser_status {
    guard("anser_formula_num_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_numbers, "out_numbers")?;
            out.set(handle::read(formula, "formula")?.num_numbers());
        }
        Ok(())
    })
}

fn domain_parts(domain: Domain) -> (i32, f64, f64) {
    match domain {
        // Within 2^53, so exact.
        Domain::Integer { min, max } => (anser_number_kind::ANSER_NUMBER_KIND_INTEGER as i32, min as f64, max as f64),
        Domain::Real { min, max } => (anser_number_kind::ANSER_NUMBER_KIND_REAL as i32, min, max),
    }
}

/// What values a number has. The ends of an integer are exact: they lie within 2^53.
///
/// @param out_kind one of anser_number_kind.
/// @param out_min the least value.
/// @param out_max the greatest value.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_number_domain(
    formula: *const anser_formula,
    number: u32,
    out_kind: *mut i32,
    out_min: *mut f64,
    out_max: *mut f64,
) -> anser_status {
    guard("anser_formula_get_number_domain", || {
        // SAFETY: passed on.
        unsafe {
            let out_kind = Out::needed(out_kind, "out_kind")?;
            let (out_min, out_max) = (Out::needed(out_min, "out_min")?, Out::needed(out_max, "out_max")?);
            let formula = handle::read(formula, "formula")?;
            let Some(&domain) = formula.domains().get(number as usize) else {
                let count = formula.num_numbers();
                let text = format_args!("argument number: there is no number {number}, there are {count}");
                return Err(Failure::invalid(text));
            };
            let (kind, min, max) = domain_parts(domain);
            out_kind.set(kind);
            out_min.set(min);
            out_max.set(max);
        }
        Ok(())
    })
}

/// What values all numbers have, in order.
///
/// @param out_kinds one of anser_number_kind each.
/// @param out_min the least values.
/// @param out_max the greatest values.
/// @param num_numbers the room in each array: at least what anser_formula_num_numbers says.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_number_domains(
    formula: *const anser_formula,
    out_kinds: *mut i32,
    out_min: *mut f64,
    out_max: *mut f64,
    num_numbers: usize,
) -> anser_status {
    guard("anser_formula_get_number_domains", || {
        // SAFETY: passed on; the arrays were checked for as many items as are written.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let domains = formula.domains();
            room(num_numbers, domains.len(), "num_numbers")?;
            if domains.is_empty() {
                return Ok(());
            }
            check_array(out_kinds, domains.len(), "out_kinds")?;
            check_array(out_min, domains.len(), "out_min")?;
            check_array(out_max, domains.len(), "out_max")?;
            for (i, &domain) in domains.iter().enumerate() {
                let (kind, min, max) = domain_parts(domain);
                out_kinds.add(i).write(kind);
                out_min.add(i).write(min);
                out_max.add(i).write(max);
            }
        }
        Ok(())
    })
}

/// Adds a linear constraint: the sum of coefficient * number, and of the weights of the true literals, compares with `rhs`
/// as `relation` says, where the condition says so. Doubles are taken as the rational numbers that they are; a number or a
/// literal may occur more than once. Variables that do not exist yet come into being, up to 2^30 - 1; numbers do not.
///
/// @param numbers each less than anser_formula_num_numbers; may be NULL where num_numbers is 0.
/// @param coefficients num_numbers coefficients, finite: coefficients[i] is that of numbers[i].
/// @param literals each in -(2^30-1)..-1 or 1..2^30-1; may be NULL where num_literals is 0.
/// @param weights num_literals weights, finite: weights[i] is that of literals[i].
/// @param relation one of anser_relation.
/// @param rhs the right-hand side, finite.
/// @param condition ANSER_CONDITION_PLAIN or ANSER_CONDITION_IMPLIED; reified is an error.
/// @param condition_literal the literal of the condition; 0 with ANSER_CONDITION_PLAIN.
/// @param out_id the constraint's id: see anser_formula. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_id` is null or
/// points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_linear(
    formula: *mut anser_formula,
    numbers: *const u32,
    coefficients: *const f64,
    num_numbers: usize,
    literals: *const i32,
    weights: *const f64,
    num_literals: usize,
    relation: i32,
    rhs: f64,
    condition: i32,
    condition_literal: i32,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_linear", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let no_relation = || Failure::invalid(format_args!("argument relation: {relation} is no anser_relation"));
            let row = Linear {
                numbers: slice(numbers, num_numbers, "numbers")?,
                coefficients: slice(coefficients, num_numbers, "coefficients")?,
                literals: slice(literals, num_literals, "literals")?,
                weights: slice(weights, num_literals, "weights")?,
                relation: self::relation(relation).ok_or_else(no_relation)?,
                rhs,
                condition: self::condition(condition, condition_literal)?,
            };
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_linear(row))?.0);
        }
        Ok(())
    })
}

/// Adds many linear constraints at once, all or none.
///
/// @param rows begin with ANSER_LINEAR_ROWS_INIT.
/// @param out_first_id the first constraint's id; the others follow it. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `rows` is null or points to a struct of the size that it
/// states, with arrays as long as stated; `out_first_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_linears(
    formula: *mut anser_formula,
    rows: *const anser_linear_rows,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_linears", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let rows = read_struct(rows, size_of::<anser_linear_rows>(), "rows")?;
            let count = rows.num_rows;
            let offsets = offsets_of(count, "rows.num_rows")?;
            let literals = slice(rows.literals, rows.num_literals, "rows.literals")?;
            let none = literals.is_empty() && rows.literal_offsets.is_null();
            let given = LinearRows {
                numbers: slice(rows.numbers, rows.num_numbers, "rows.numbers")?,
                coefficients: slice(rows.coefficients, rows.num_numbers, "rows.coefficients")?,
                number_offsets: slice(rows.number_offsets, offsets, "rows.number_offsets")?,
                literals,
                weights: slice(rows.weights, rows.num_literals, "rows.weights")?,
                literal_offsets: slice(rows.literal_offsets, if none { 0 } else { offsets }, "rows.literal_offsets")?,
                relations: &relations(rows.relations, count)?,
                rhs: slice(rows.rhs, count, "rows.rhs")?,
                conditions: &conditions(rows.conditions, rows.condition_literals, count)?,
            };
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_linears(&given))?.0);
        }
        Ok(())
    })
}

unsafe fn relations(codes: *const i32, rows: usize) -> Result<Vec<Relation>, Failure> {
    // SAFETY: passed on.
    let codes = unsafe { slice(codes, rows, "rows.relations") }?;
    let mut read = reserved(rows)?;
    for (index, &code) in codes.iter().enumerate() {
        let none = || {
            let text = format_args!("argument rows.relations: {code} at index {index} is no anser_relation");
            Failure::invalid(text).at_index(index)
        };
        read.push(relation(code).ok_or_else(none)?);
    }
    Ok(read)
}

/// Checks a model of a formula with integers or reals, without any solver. Sums are computed without rounding.
///
/// @param values as anser_formula_check takes them.
/// @param num_values at least the number of variables.
/// @param numbers a value for each number, in order. One outside its domain, or an integer's that is none, is
///   ANSER_STATUS_INVALID_ARGUMENT with its index.
/// @param num_numbers at least what anser_formula_num_numbers says.
/// @param out_satisfied 1 where every constraint is satisfied, else 0.
/// @param out_violated the id of the first constraint that is not; UINT64_MAX where all are. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; the outputs are null
/// or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_check_with_numbers(
    formula: *const anser_formula,
    values: *const i8,
    num_values: usize,
    numbers: *const f64,
    num_numbers: usize,
    out_satisfied: *mut i32,
    out_violated: *mut u64,
) -> anser_status {
    guard("anser_formula_check_with_numbers", || {
        // SAFETY: passed on.
        unsafe {
            let out_satisfied = Out::needed(out_satisfied, "out_satisfied")?;
            let out_violated = Out::optional(out_violated, "out_violated")?;
            let values = slice(values, num_values, "values")?;
            let numbers = slice(numbers, num_numbers, "numbers")?;
            let violated = handle::read(formula, "formula")?.check_with(values, numbers)?;
            out_satisfied.set(violated.is_none().into());
            out_violated.set(violated.map_or(u64::MAX, |v| v.0.0));
        }
        Ok(())
    })
}
