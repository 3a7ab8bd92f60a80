//! What an `anser_formula` holds, read back: constraints of all kinds by id, and all of one kind in bulk.

use std::mem::offset_of;

use super::anser_formula;
use super::arguments::{Out, check_array, room};
use super::constraints::condition_parts;
use super::error::Failure;
use super::guard::guard;
use super::handle;
use super::numbers::relation_code;
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use crate::formula::{Condition, Constraint, ConstraintId, Formula, Kind, Relation, Sum, Sums};

/// The kinds of constraints.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_constraint_kind {
    /// A disjunction of literals: anser_formula_add_clause.
    ANSER_CONSTRAINT_KIND_CLAUSE = 1,
    /// A parity of literals: anser_formula_add_xor.
    ANSER_CONSTRAINT_KIND_XOR = 2,
    /// At least so many literals: anser_formula_add_cardinality.
    ANSER_CONSTRAINT_KIND_CARDINALITY = 3,
    /// A weighted sum of literals: anser_formula_add_pseudo_boolean.
    ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN = 4,
    /// A sum over integers, reals and literals: anser_formula_add_linear.
    ANSER_CONSTRAINT_KIND_LINEAR = 5,
}

const KINDS: [(Kind, anser_constraint_kind); 5] = [
    (Kind::Clause, anser_constraint_kind::ANSER_CONSTRAINT_KIND_CLAUSE),
    (Kind::Xor, anser_constraint_kind::ANSER_CONSTRAINT_KIND_XOR),
    (Kind::Cardinality, anser_constraint_kind::ANSER_CONSTRAINT_KIND_CARDINALITY),
    (Kind::PseudoBoolean, anser_constraint_kind::ANSER_CONSTRAINT_KIND_PSEUDO_BOOLEAN),
    (Kind::Linear, anser_constraint_kind::ANSER_CONSTRAINT_KIND_LINEAR),
];

fn kind_code(kind: Kind) -> i32 {
    KINDS.iter().find(|k| k.0 == kind).map_or(0, |k| k.1 as i32)
}

/// One constraint, as written. Begin with ANSER_CONSTRAINT_INIT. Arrays are borrowed: valid until the formula is next
/// changed or freed; NULL where they have no items or do not belong to the kind.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_constraint {
    /// sizeof(anser_constraint), set by the host.
    pub struct_size: usize,
    /// One of anser_constraint_kind.
    pub kind: i32,
    /// One of anser_relation: ANSER_RELATION_EQUAL for XOR, as it was given for linear, else ANSER_RELATION_AT_LEAST.
    pub relation: i32,
    /// One of anser_condition; clauses and XORs are plain.
    pub condition: i32,
    /// The literal of the condition; 0 where it is plain.
    pub condition_literal: i32,
    /// The literals.
    pub literals: *const i32,
    /// How many literals there are.
    pub num_literals: usize,
    /// Pseudo-Boolean: a weight for each literal.
    pub weights: *const i64,
    /// What is compared with: 1 for a clause; 0 or 1 for XOR; the bound of a cardinality or pseudo-Boolean constraint;
    /// 0 for linear.
    pub bound: i64,
    /// Linear: the numbers.
    pub numbers: *const u32,
    /// Linear: a coefficient for each number.
    pub coefficients: *const f64,
    /// How many numbers there are.
    pub num_numbers: usize,
    /// Linear: a weight for each literal.
    pub literal_weights: *const f64,
    /// Linear: the right-hand side.
    pub rhs: f64,
}

const _: () = assert!(offset_of!(anser_constraint, rhs) == 88 && size_of::<anser_constraint>() == 96);

/// Where anser_formula_get_linears writes. Begin with ANSER_LINEAR_BUFFERS_INIT. The arrays are filled in the form in which
/// anser_formula_add_linears takes them.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_linear_buffers {
    /// sizeof(anser_linear_buffers).
    pub struct_size: usize,
    /// For how many rows there is room: at least as many as there are linear constraints.
    pub num_rows: usize,
    /// Room for num_numbers numbers.
    pub numbers: *mut u32,
    /// Room for num_numbers coefficients.
    pub coefficients: *mut f64,
    /// For how many numbers there is room: at least as many as all linear constraints have together.
    pub num_numbers: usize,
    /// Room for num_rows + 1 offsets.
    pub number_offsets: *mut usize,
    /// Room for num_literals literals.
    pub literals: *mut i32,
    /// Room for num_literals weights.
    pub weights: *mut f64,
    /// For how many literals there is room: at least as many as all linear constraints have together.
    pub num_literals: usize,
    /// Room for num_rows + 1 offsets.
    pub literal_offsets: *mut usize,
    /// Room for num_rows relations, each one of anser_relation.
    pub relations: *mut i32,
    /// Room for num_rows right-hand sides.
    pub rhs: *mut f64,
    /// Room for num_rows conditions, each one of anser_condition.
    pub conditions: *mut i32,
    /// Room for num_rows literals, 0 with ANSER_CONDITION_PLAIN.
    pub condition_literals: *mut i32,
}

const _: () = assert!(offset_of!(anser_linear_buffers, condition_literals) == 104);

/// How many constraints there are, of all kinds. Their ids are 0..num_constraints-1, in the order in which they were
/// added.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_constraints` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_constraints(
    formula: *const anser_formula,
    out_constraints: *mut u64,
) -> anser_status {
    guard("anser_formula_num_constraints", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_constraints, "out_constraints")?;
            out.set(handle::read(formula, "formula")?.num_constraints());
        }
        Ok(())
    })
}

/// How many constraints of a kind there are, and how many literals and numbers they have together: the room that reading
/// them in bulk takes.
///
/// @param kind one of anser_constraint_kind.
/// @param out_constraints how many constraints. May be NULL.
/// @param out_literals how many literals. May be NULL.
/// @param out_numbers how many numbers; 0 but for ANSER_CONSTRAINT_KIND_LINEAR. May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_num_of_kind(
    formula: *const anser_formula,
    kind: i32,
    out_constraints: *mut u64,
    out_literals: *mut u64,
    out_numbers: *mut u64,
) -> anser_status {
    guard("anser_formula_num_of_kind", || {
        // SAFETY: passed on.
        unsafe {
            let out_constraints = Out::optional(out_constraints, "out_constraints")?;
            let out_literals = Out::optional(out_literals, "out_literals")?;
            let out_numbers = Out::optional(out_numbers, "out_numbers")?;
            let no_kind = || Failure::invalid(format_args!("argument kind: {kind} is no anser_constraint_kind"));
            let kind = KINDS.iter().find(|k| k.1 as i32 == kind).ok_or_else(no_kind)?.0;
            let formula = handle::read(formula, "formula")?;
            let (constraints, literals, numbers) = match kind {
                Kind::Clause => (formula.clauses().len(), formula.clauses().num_literals(), 0),
                Kind::Xor => (formula.xors().len(), formula.xors().num_literals(), 0),
                Kind::Cardinality => (formula.cardinalities().len(), formula.cardinalities().num_literals(), 0),
                Kind::PseudoBoolean => (formula.pseudo_booleans().len(), formula.pseudo_booleans().num_literals(), 0),
                Kind::Linear => {
                    let linears = formula.linears();
                    (linears.len(), linears.num_literals(), linears.num_numbers())
                }
            };
            out_constraints.set(constraints as u64);
            out_literals.set(literals as u64);
            out_numbers.set(numbers as u64);
        }
        Ok(())
    })
}

fn constraint_of(formula: &Formula, id: u64) -> Result<Constraint<'_>, Failure> {
    formula.constraint(ConstraintId(id)).ok_or_else(|| {
        let count = formula.num_constraints();
        Failure::invalid(format_args!("argument id: there is no constraint {id}, there are {count}"))
    })
}

fn kind_of(constraint: Constraint<'_>) -> i32 {
    kind_code(match constraint {
        Constraint::Clause(_) => Kind::Clause,
        Constraint::Xor(_) => Kind::Xor,
        Constraint::Cardinality(_) => Kind::Cardinality,
        Constraint::PseudoBoolean(_) => Kind::PseudoBoolean,
        Constraint::Linear(_) => Kind::Linear,
    })
}

/// The kind of a constraint.
///
/// @param out_kind one of anser_constraint_kind.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_kind` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_constraint_kind(
    formula: *const anser_formula,
    id: u64,
    out_kind: *mut i32,
) -> anser_status {
    guard("anser_formula_get_constraint_kind", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_kind, "out_kind")?;
            let formula = handle::read(formula, "formula")?;
            out.set(kind_of(constraint_of(&formula, id)?));
        }
        Ok(())
    })
}

/// The kinds of all constraints, in the order of their ids: with it, what is read in bulk one kind at a time is put back
/// in order.
///
/// @param out_kinds room for at least as many as anser_formula_num_constraints says; each one of anser_constraint_kind.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_kinds` is null or has room for `num_kinds`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_constraint_kinds(
    formula: *const anser_formula,
    out_kinds: *mut i32,
    num_kinds: usize,
) -> anser_status {
    guard("anser_formula_get_constraint_kinds", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let count = usize::try_from(formula.num_constraints()).unwrap_or(usize::MAX);
            let mut kinds = Buffer::new(out_kinds, num_kinds, count, "out_kinds", "num_kinds")?;
            for constraint in formula.constraints() {
                kinds.put(&[kind_of(constraint)]);
            }
        }
        Ok(())
    })
}

/// A constraint of any kind, as written.
///
/// @param out_constraint begin with ANSER_CONSTRAINT_INIT. Its arrays are borrowed: valid until the formula is next
///   changed or freed.
///
/// # Safety
/// `formula` is null or from this library and not freed; `out_constraint` is null or points to a struct of the size that
/// it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_constraint(
    formula: *const anser_formula,
    id: u64,
    out_constraint: *mut anser_constraint,
) -> anser_status {
    guard("anser_formula_get_constraint", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let value = describe(constraint_of(&formula, id)?);
            write_struct(out_constraint, &value, size_of::<anser_constraint>(), "out_constraint")
        }
    })
}

fn describe(constraint: Constraint<'_>) -> anser_constraint {
    let mut value = anser_constraint {
        struct_size: size_of::<anser_constraint>(),
        kind: kind_of(constraint),
        relation: relation_code(Relation::AtLeast),
        condition: 0,
        condition_literal: 0,
        literals: std::ptr::null(),
        num_literals: 0,
        weights: std::ptr::null(),
        bound: 0,
        numbers: std::ptr::null(),
        coefficients: std::ptr::null(),
        num_numbers: 0,
        literal_weights: std::ptr::null(),
        rhs: 0.0,
    };
    let (literals, condition) = match constraint {
        Constraint::Clause(literals) => {
            value.bound = 1;
            (literals, Condition::Plain)
        }
        Constraint::Xor(xor) => {
            value.relation = relation_code(Relation::Equal);
            value.bound = xor.rhs.into();
            (xor.literals, Condition::Plain)
        }
        Constraint::Cardinality(sum) | Constraint::PseudoBoolean(sum) => {
            (value.weights, value.bound) = (lend(sum.weights), sum.bound);
            (sum.literals, sum.condition)
        }
        Constraint::Linear(row) => {
            value.relation = relation_code(row.relation);
            (value.numbers, value.coefficients) = (lend(row.numbers), lend(row.coefficients));
            value.num_numbers = row.numbers.len();
            (value.literal_weights, value.rhs) = (lend(row.weights), row.rhs);
            (row.literals, row.condition)
        }
    };
    (value.literals, value.num_literals) = (lend(literals), literals.len());
    (value.condition, value.condition_literal) = condition_parts(condition);
    value
}

fn lend<T>(items: &[T]) -> *const T {
    if items.is_empty() { std::ptr::null() } else { items.as_ptr() }
}

/// A host's array that is filled from front to back.
struct Buffer<T> {
    pointer: *mut T,
    at: usize,
}

impl<T: Copy> Buffer<T> {
    /// A buffer with room for `given` items, of which `needed` will be put.
    fn new(pointer: *mut T, given: usize, needed: usize, argument: &str, length: &str) -> Result<Self, Failure> {
        room(given, needed, length)?;
        if needed > 0 {
            check_array(pointer, needed, argument)?;
        }
        Ok(Buffer { pointer, at: 0 })
    }

    /// Puts items.
    ///
    /// # Safety
    /// The array has the room that was given, and no more than what was needed is put.
    unsafe fn put(&mut self, items: &[T]) {
        if !items.is_empty() {
            // SAFETY: promised; the host's memory is not ours.
            unsafe { std::ptr::copy_nonoverlapping(items.as_ptr(), self.pointer.add(self.at), items.len()) };
            self.at += items.len();
        }
    }
}

/// All parity constraints at once, in the form in which anser_formula_add_xors takes them.
///
/// @param out_literals room for at least as many literals as anser_formula_num_of_kind says.
/// @param out_offsets room for num_xors + 1 offsets.
/// @param out_rhs room for num_xors right-hand sides.
/// @param num_xors at least as many as anser_formula_num_of_kind says.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_xors(
    formula: *const anser_formula,
    out_literals: *mut i32,
    num_literals: usize,
    out_offsets: *mut usize,
    out_rhs: *mut u8,
    num_xors: usize,
) -> anser_status {
    guard("anser_formula_get_xors", || {
        // SAFETY: passed on; every buffer was checked for what is put.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let xors = formula.xors();
            let count = xors.len();
            let mut literals =
                Buffer::new(out_literals, num_literals, xors.num_literals(), "out_literals", "num_literals")?;
            let mut rhs = Buffer::new(out_rhs, num_xors, count, "out_rhs", "num_xors")?;
            let mut offsets = Buffer::new(out_offsets, count + 1, count + 1, "out_offsets", "num_xors")?;
            offsets.put(&[0]);
            for xor in xors.iter() {
                literals.put(xor.literals);
                offsets.put(&[literals.at]);
                rhs.put(&[xor.rhs.into()]);
            }
        }
        Ok(())
    })
}

/// All cardinality constraints at once, in the form in which anser_formula_add_cardinalities takes them.
///
/// @param out_literals room for at least as many literals as anser_formula_num_of_kind says.
/// @param out_offsets room for num_rows + 1 offsets.
/// @param out_bounds room for num_rows bounds.
/// @param out_conditions room for num_rows conditions, each one of anser_condition.
/// @param out_condition_literals room for num_rows literals, 0 with ANSER_CONDITION_PLAIN.
/// @param num_rows at least as many as anser_formula_num_of_kind says.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_cardinalities(
    formula: *const anser_formula,
    out_literals: *mut i32,
    num_literals: usize,
    out_offsets: *mut usize,
    out_bounds: *mut i64,
    out_conditions: *mut i32,
    out_condition_literals: *mut i32,
    num_rows: usize,
) -> anser_status {
    guard("anser_formula_get_cardinalities", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let rows = Rows { out_offsets, out_bounds, out_conditions, out_condition_literals, num_rows };
            sums(formula.cardinalities(), out_literals, num_literals, None, rows)
        }
    })
}

/// All pseudo-Boolean constraints at once, in the form in which anser_formula_add_pseudo_booleans takes them.
///
/// @param out_literals room for at least as many literals as anser_formula_num_of_kind says.
/// @param out_weights room for num_literals weights.
/// @param out_offsets room for num_rows + 1 offsets.
/// @param out_bounds room for num_rows bounds.
/// @param out_conditions room for num_rows conditions, each one of anser_condition.
/// @param out_condition_literals room for num_rows literals, 0 with ANSER_CONDITION_PLAIN.
/// @param num_rows at least as many as anser_formula_num_of_kind says.
///
/// # Safety
/// `formula` is null or from this library and not freed; the outputs are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_pseudo_booleans(
    formula: *const anser_formula,
    out_literals: *mut i32,
    out_weights: *mut i64,
    num_literals: usize,
    out_offsets: *mut usize,
    out_bounds: *mut i64,
    out_conditions: *mut i32,
    out_condition_literals: *mut i32,
    num_rows: usize,
) -> anser_status {
    guard("anser_formula_get_pseudo_booleans", || {
        // SAFETY: passed on.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let rows = Rows { out_offsets, out_bounds, out_conditions, out_condition_literals, num_rows };
            sums(formula.pseudo_booleans(), out_literals, num_literals, Some(out_weights), rows)
        }
    })
}

/// A host's arrays of so many rows.
struct Rows {
    out_offsets: *mut usize,
    out_bounds: *mut i64,
    out_conditions: *mut i32,
    out_condition_literals: *mut i32,
    num_rows: usize,
}

unsafe fn sums(
    sums: &Sums,
    out_literals: *mut i32,
    num_literals: usize,
    out_weights: Option<*mut i64>,
    to: Rows,
) -> Result<(), Failure> {
    let (count, total) = (sums.len(), sums.num_literals());
    let mut literals = Buffer::new(out_literals, num_literals, total, "out_literals", "num_literals")?;
    let weights = out_weights.map(|w| Buffer::new(w, num_literals, total, "out_weights", "num_literals"));
    let mut weights = weights.transpose()?;
    let mut bounds = Buffer::new(to.out_bounds, to.num_rows, count, "out_bounds", "num_rows")?;
    let mut offsets = Buffer::new(to.out_offsets, count + 1, count + 1, "out_offsets", "num_rows")?;
    let mut conditions = Buffer::new(to.out_conditions, to.num_rows, count, "out_conditions", "num_rows")?;
    let mut condition_literals =
        Buffer::new(to.out_condition_literals, to.num_rows, count, "out_condition_literals", "num_rows")?;
    // SAFETY: every buffer was checked for what is put.
    unsafe {
        offsets.put(&[0]);
        for Sum { literals: l, weights: w, bound, condition } in sums.iter() {
            literals.put(l);
            if let Some(weights) = &mut weights {
                weights.put(w);
            }
            offsets.put(&[literals.at]);
            bounds.put(&[bound]);
            let (kind, literal) = condition_parts(condition);
            conditions.put(&[kind]);
            condition_literals.put(&[literal]);
        }
    }
    Ok(())
}

/// All linear constraints at once, in the form in which anser_formula_add_linears takes them.
///
/// @param buffers begin with ANSER_LINEAR_BUFFERS_INIT; say where to write and how much room there is. The struct itself
///   stays as it is: anser_formula_num_of_kind tells how much was written.
///
/// # Safety
/// `formula` is null or from this library and not freed; `buffers` is null or points to a struct of the size that it
/// states, whose arrays are null or have the room that is stated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_formula_get_linears(
    formula: *const anser_formula,
    buffers: *const anser_linear_buffers,
) -> anser_status {
    guard("anser_formula_get_linears", || {
        // SAFETY: passed on; every buffer was checked for what is put.
        unsafe {
            let formula = handle::read(formula, "formula")?;
            let to = read_struct(buffers, size_of::<anser_linear_buffers>(), "buffers")?;
            let linears = formula.linears();
            let (rows, given) = (linears.len(), to.num_rows);
            let row = "buffers.num_rows";
            room(given, rows, row)?;
            let (terms, given_terms, term) = (linears.num_numbers(), to.num_numbers, "buffers.num_numbers");
            let mut numbers = Buffer::new(to.numbers, given_terms, terms, "buffers.numbers", term)?;
            let mut coefficients = Buffer::new(to.coefficients, given_terms, terms, "buffers.coefficients", term)?;
            let (terms, given_terms, term) = (linears.num_literals(), to.num_literals, "buffers.num_literals");
            let mut literals = Buffer::new(to.literals, given_terms, terms, "buffers.literals", term)?;
            let mut weights = Buffer::new(to.weights, given_terms, terms, "buffers.weights", term)?;
            let ends = rows + 1;
            let mut number_offsets = Buffer::new(to.number_offsets, ends, ends, "buffers.number_offsets", row)?;
            let mut literal_offsets = Buffer::new(to.literal_offsets, ends, ends, "buffers.literal_offsets", row)?;
            let mut relations = Buffer::new(to.relations, given, rows, "buffers.relations", row)?;
            let mut rhs = Buffer::new(to.rhs, given, rows, "buffers.rhs", row)?;
            let mut conditions = Buffer::new(to.conditions, given, rows, "buffers.conditions", row)?;
            let mut condition_literals =
                Buffer::new(to.condition_literals, given, rows, "buffers.condition_literals", row)?;
            number_offsets.put(&[0]);
            literal_offsets.put(&[0]);
            for linear in linears.iter() {
                numbers.put(linear.numbers);
                coefficients.put(linear.coefficients);
                number_offsets.put(&[numbers.at]);
                literals.put(linear.literals);
                weights.put(linear.weights);
                literal_offsets.put(&[literals.at]);
                relations.put(&[relation_code(linear.relation)]);
                rhs.put(&[linear.rhs]);
                let (kind, literal) = condition_parts(linear.condition);
                conditions.put(&[kind]);
                condition_literals.put(&[literal]);
            }
        }
        Ok(())
    })
}
