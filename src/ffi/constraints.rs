//! Parity, cardinality and pseudo-Boolean constraints of an `anser_formula`.

use super::anser_formula;
use super::arguments::{Out, slice};
use super::error::Failure;
use super::formula::{change, offsets_of};
use super::guard::guard;
use super::handle;
use super::status::anser_status;
use crate::error::OutOfMemory;
use crate::formula::{Condition, MAX_VAR};

/// When a constraint must hold.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_condition {
    /// Always. The condition literal is 0.
    ANSER_CONDITION_PLAIN = 0,
    /// Where the condition literal is true; where it is false, the constraint may hold or not.
    ANSER_CONDITION_IMPLIED = 1,
    /// Where the condition literal is true, and only there: literal and constraint are equivalent.
    ANSER_CONDITION_REIFIED = 2,
}

const PLAIN: i32 = anser_condition::ANSER_CONDITION_PLAIN as i32;
const IMPLIED: i32 = anser_condition::ANSER_CONDITION_IMPLIED as i32;
const REIFIED: i32 = anser_condition::ANSER_CONDITION_REIFIED as i32;

/// A condition as the host reads it.
pub(super) fn condition_parts(condition: Condition) -> (i32, i32) {
    match condition {
        Condition::Plain => (PLAIN, 0),
        Condition::Implied(literal) => (IMPLIED, literal),
        Condition::Reified(literal) => (REIFIED, literal),
    }
}

/// A condition as the host gave it. A literal that would not be looked at is an error: it is a mistake in the kind.
pub(super) fn condition(kind: i32, literal: i32) -> Result<Condition, Failure> {
    read_condition(kind, literal).map_err(|wrong| match wrong {
        Wrong::Kind => Failure::invalid(format_args!("argument condition: {kind} is no anser_condition")),
        Wrong::Literal(why) => Failure::invalid(format_args!("argument condition_literal: {literal} {why}")),
    })
}

enum Wrong {
    Kind,
    Literal(&'static str),
}

fn read_condition(kind: i32, literal: i32) -> Result<Condition, Wrong> {
    let condition = match kind {
        PLAIN if literal == 0 => return Ok(Condition::Plain),
        PLAIN => return Err(Wrong::Literal("must be 0 where the condition is ANSER_CONDITION_PLAIN")),
        IMPLIED => Condition::Implied(literal),
        REIFIED => Condition::Reified(literal),
        _ => return Err(Wrong::Kind),
    };
    if literal.unsigned_abs().wrapping_sub(1) >= MAX_VAR {
        return Err(Wrong::Literal("is no literal"));
    }
    Ok(condition)
}

/// The conditions of rows; none where `kinds` is NULL.
///
/// # Safety
/// The arrays are null or have `rows` items that nobody changes during the call.
pub(super) unsafe fn conditions(
    kinds: *const i32,
    literals: *const i32,
    rows: usize,
) -> Result<Vec<Condition>, Failure> {
    if kinds.is_null() {
        if !literals.is_null() {
            let text = format_args!("argument condition_literals must be NULL where conditions is NULL");
            return Err(Failure::invalid(text));
        }
        return Ok(Vec::new());
    }
    // SAFETY: passed on.
    let (kinds, literals) =
        unsafe { (slice(kinds, rows, "conditions")?, slice(literals, rows, "condition_literals")?) };
    let mut read = reserved(rows)?;
    for (index, (&kind, &literal)) in kinds.iter().zip(literals).enumerate() {
        let condition = read_condition(kind, literal).map_err(|wrong| {
            let failure = match wrong {
                Wrong::Kind => {
                    Failure::invalid(format_args!("argument conditions: {kind} at index {index} is no anser_condition"))
                }
                Wrong::Literal(why) => {
                    Failure::invalid(format_args!("argument condition_literals: {literal} at index {index} {why}"))
                }
            };
            failure.at_index(index)
        })?;
        read.push(condition);
    }
    Ok(read)
}

/// Right-hand sides of parities.
///
/// # Safety
/// `rhs` is null or has `count` items that nobody changes during the call.
pub(super) unsafe fn parities<'a>(rhs: *const u8, count: usize) -> Result<&'a [bool], Failure> {
    // SAFETY: passed on.
    let rhs = unsafe { slice(rhs, count, "rhs")? };
    if let Some(index) = rhs.iter().position(|&r| r > 1) {
        let text = format_args!("argument rhs: {} at index {index} is neither 0 nor 1", rhs[index]);
        return Err(Failure::invalid(text).at_index(index));
    }
    // SAFETY: only 0 and 1 are made into `bool`.
    Ok(unsafe { std::slice::from_raw_parts(rhs.as_ptr().cast::<bool>(), rhs.len()) })
}

/// An empty array with room for `count` items.
pub(super) fn reserved<T>(count: usize) -> Result<Vec<T>, Failure> {
    let mut array = Vec::new();
    let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
    array.try_reserve_exact(count).map_err(|_| OutOfMemory::Allocator { bytes })?;
    Ok(array)
}

/// Adds a parity constraint: literal 1 XOR ... XOR literal n = rhs, so that an odd number of the literals is true where
/// rhs is 1, an even number where it is 0. Literals are kept as written; without literals and with rhs 1 it is a
/// contradiction. Variables that do not exist yet come into being, up to 2^30 - 1.
///
/// @param literals each in -(2^30-1)..-1 or 1..2^30-1; may be NULL where num_literals is 0.
/// @param rhs 0 or 1.
/// @param out_id the constraint's id: see anser_formula. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `literals` is null or points to `num_literals` literals;
/// `out_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_xor(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    rhs: i32,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_xor", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            if rhs != 0 && rhs != 1 {
                return Err(Failure::invalid(format_args!("argument rhs: {rhs} is neither 0 nor 1")));
            }
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_xor(literals, rhs == 1))?.0);
        }
        Ok(())
    })
}

/// Adds many parity constraints at once, all or none: constraint i is over
/// `literals[offsets[i]] .. literals[offsets[i + 1] - 1]` and has the right-hand side `rhs[i]`.
///
/// @param literals all literals, `num_literals` of them.
/// @param offsets num_xors + 1 offsets: from 0, not decreasing, the last one num_literals.
/// @param rhs num_xors right-hand sides, 0 or 1 each.
/// @param out_first_id the first constraint's id; the others follow it. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_first_id`
/// is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_xors(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    rhs: *const u8,
    num_xors: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_xors", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_xors, "num_xors")?, "offsets")?;
            let rhs = parities(rhs, num_xors)?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_xors(literals, offsets, rhs))?.0);
        }
        Ok(())
    })
}

/// Adds a cardinality constraint: at least `bound` of the literals are true, where the condition says so. A literal that
/// occurs more than once counts as often. To say that at most k of n literals are true, give their negations and
/// n - k. A bound of 0 or less always holds, one above n never. Variables that do not exist yet come into being, up to
/// 2^30 - 1, also that of the condition literal.
///
/// @param literals each in -(2^30-1)..-1 or 1..2^30-1; may be NULL where num_literals is 0.
/// @param condition one of anser_condition.
/// @param condition_literal the literal of the condition; 0 with ANSER_CONDITION_PLAIN.
/// @param out_id the constraint's id: see anser_formula. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `literals` is null or points to `num_literals` literals;
/// `out_id` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_cardinality(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    bound: i64,
    condition: i32,
    condition_literal: i32,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_cardinality", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let condition = self::condition(condition, condition_literal)?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_cardinality(literals, bound, condition))?.0);
        }
        Ok(())
    })
}

/// Adds many cardinality constraints at once, all or none: constraint i is over
/// `literals[offsets[i]] .. literals[offsets[i + 1] - 1]`, with `bounds[i]`, `conditions[i]` and `condition_literals[i]`.
///
/// @param literals all literals, `num_literals` of them.
/// @param offsets num_rows + 1 offsets: from 0, not decreasing, the last one num_literals.
/// @param bounds num_rows bounds.
/// @param conditions num_rows conditions, each one of anser_condition; NULL where every one is ANSER_CONDITION_PLAIN.
/// @param condition_literals num_rows literals, 0 with ANSER_CONDITION_PLAIN; NULL where conditions is.
/// @param out_first_id the first constraint's id; the others follow it. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_first_id`
/// is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_cardinalities(
    formula: *mut anser_formula,
    literals: *const i32,
    num_literals: usize,
    offsets: *const usize,
    bounds: *const i64,
    conditions: *const i32,
    condition_literals: *const i32,
    num_rows: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_cardinalities", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let offsets = slice(offsets, offsets_of(num_rows, "num_rows")?, "offsets")?;
            let bounds = slice(bounds, num_rows, "bounds")?;
            let conditions = self::conditions(conditions, condition_literals, num_rows)?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_cardinalities(literals, offsets, bounds, &conditions))?.0);
        }
        Ok(())
    })
}

/// Adds a pseudo-Boolean constraint: the weights of the true literals add up to at least `bound`, where the condition says
/// so. Weights may be negative or 0; a literal may occur more than once, and its weights then add up. To say that a sum
/// is at most b, negate every weight and give -b. The magnitudes of all weights and of the bound must add up to less
/// than 2^63, else it is ANSER_STATUS_INVALID_ARGUMENT; so no sum overflows. Variables that do not exist yet come into
/// being, up to 2^30 - 1, also that of the condition literal.
///
/// @param literals each in -(2^30-1)..-1 or 1..2^30-1; may be NULL where num_literals is 0.
/// @param weights num_literals weights: weights[i] is that of literals[i].
/// @param condition one of anser_condition.
/// @param condition_literal the literal of the condition; 0 with ANSER_CONDITION_PLAIN.
/// @param out_id the constraint's id: see anser_formula. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_id` is null or
/// points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_pseudo_boolean(
    formula: *mut anser_formula,
    literals: *const i32,
    weights: *const i64,
    num_literals: usize,
    bound: i64,
    condition: i32,
    condition_literal: i32,
    out_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_pseudo_boolean", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_id, "out_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let weights = slice(weights, num_literals, "weights")?;
            let condition = self::condition(condition, condition_literal)?;
            let mut formula = handle::write(formula, "formula")?;
            out.set(change(&mut formula, |f| f.add_pseudo_boolean(literals, weights, bound, condition))?.0);
        }
        Ok(())
    })
}

/// Adds many pseudo-Boolean constraints at once, all or none, as anser_formula_add_cardinalities does, with a weight for
/// each literal. What exceeds 64 bits is ANSER_STATUS_INVALID_ARGUMENT with the constraint's place in
/// anser_last_error_index.
///
/// @param literals all literals, `num_literals` of them.
/// @param weights num_literals weights: weights[j] is that of literals[j].
/// @param offsets num_rows + 1 offsets: from 0, not decreasing, the last one num_literals.
/// @param bounds num_rows bounds.
/// @param conditions num_rows conditions, each one of anser_condition; NULL where every one is ANSER_CONDITION_PLAIN.
/// @param condition_literals num_rows literals, 0 with ANSER_CONDITION_PLAIN; NULL where conditions is.
/// @param out_first_id the first constraint's id; the others follow it. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the arrays are null or as long as stated; `out_first_id`
/// is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_add_pseudo_booleans(
    formula: *mut anser_formula,
    literals: *const i32,
    weights: *const i64,
    num_literals: usize,
    offsets: *const usize,
    bounds: *const i64,
    conditions: *const i32,
    condition_literals: *const i32,
    num_rows: usize,
    out_first_id: *mut u64,
) -> anser_status {
    guard("anser_formula_add_pseudo_booleans", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_first_id, "out_first_id")?;
            let literals = slice(literals, num_literals, "literals")?;
            let weights = slice(weights, num_literals, "weights")?;
            let offsets = slice(offsets, offsets_of(num_rows, "num_rows")?, "offsets")?;
            let bounds = slice(bounds, num_rows, "bounds")?;
            let conditions = self::conditions(conditions, condition_literals, num_rows)?;
            let mut formula = handle::write(formula, "formula")?;
            let add = change(&mut formula, |f| f.add_pseudo_booleans(literals, weights, offsets, bounds, &conditions));
            out.set(add?.0);
        }
        Ok(())
    })
}
