//! `anser_scorer`: scores of a local search from the host.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

use super::arguments::{Out, constructed, slice};
use super::budget::arm;
use super::callback::{
    UserData, anser_callback_alloc, anser_callback_collect, anser_callback_dealloc, anser_callback_destroy,
    anser_callback_plain, anser_callback_plan, anser_callback_prepare, anser_callback_report, anser_callback_text,
    check_exception,
};
use super::error::{self, Failure};
use super::guard::guard;
use super::handle;
use super::search::{Searching, options_of};
use super::status::anser_status;
use super::structs::{read_struct, write_struct};
use super::{anser_budget, anser_element_type, anser_formula, anser_search, anser_search_options};
use crate::floats::as_the_host;
use crate::search::host::{
    Batch, BitOrder, Csr, Element, Graph, HostMemory, HostScorer, Offsets, Output, Plan, Refusal,
};
use crate::search::{Options, Search};

/// What a scorer answers about each walker.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_scorer_output {
    /// A score for each variable, in `out`. The search flips the variable with the highest one, the lowest of several; or with a
    /// temperature above 0 one at random. -infinity bars a variable.
    ANSER_SCORER_SCORES = 0,
    /// Up to k variables in `out_index`, each with a score in `out`, in any order: the search chooses among them in the same way.
    ANSER_SCORER_TOPK = 1,
    /// Up to k variables in `out_index`, which the search flips one after the other, until it has a model: for k = 1 the host
    /// chooses, and beyond that it makes steps of its own on its device.
    ANSER_SCORER_FLIPS = 2,
}

/// How assignments are laid out in `bits`.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_bit_order {
    /// Row w is walker w: variable v is bit v % 32 of word v / 32.
    ANSER_BIT_ORDER_WALKER_MAJOR = 0,
    /// Row v is variable v: walker w is bit w % 32 of word w / 32.
    ANSER_BIT_ORDER_VAR_MAJOR = 1,
}

/// Flags of a plan, to be combined by `|`.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_scorer_flag {
    /// The same questions get the same answers, in whichever batches they come. For the record: nothing depends on it.
    ANSER_SCORER_DETERMINISTIC = 1,
    /// All rows of `bits` are kept up to date, not only those of walkers in `reload`: for a host that keeps no copy.
    ANSER_SCORER_FULL_BITS = 2,
    /// With ANSER_SCORER_FLIPS: the host's copy already has the flips that it answers, and `flips` leaves them out.
    ANSER_SCORER_KEEPS_FLIPS = 4,
}

/// What `collect` answers.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_scorer_answer {
    /// The answer is there.
    ANSER_SCORER_DONE = 0,
    /// Not yet: ask again. Anything but these two is an error.
    ANSER_SCORER_NOT_YET = 1,
}

/// A sparse matrix, row by row; columns of a row ascend, and none comes twice.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_csr {
    /// How many rows.
    pub num_rows: u64,
    /// How many entries.
    pub nnz: u64,
    /// 32 where nnz is below 2^31, else 64: whether `offsets` is of uint32_t or of uint64_t.
    pub offset_bits: u32,
    /// 0.
    pub reserved: u32,
    /// num_rows + 1 of them: where rows begin, and the last one ends.
    pub offsets: *const c_void,
    /// All rows one after the other.
    pub columns: *const u32,
    /// A weight each; NULL where all are 1.
    pub weights: *const i64,
}

/// The formula as a bipartite graph of constraints and literals. Variable v is DIMACS variable v + 1; variables from the
/// formula's own on belong to its integers. Literal 2v is variable v, 2v + 1 its negation. A reified constraint is two.
///
/// It and all its arrays stay where they are from `prepare` until `release` returns.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_graph {
    /// sizeof(anser_graph) of the library, which may be newer than the host's.
    pub struct_size: usize,
    /// Variables.
    pub num_vars: u64,
    /// Constraints: clauses, then parities, then sums.
    pub num_constraints: u64,
    /// Of all that follows: the same graph has the same.
    pub hash: u64,
    /// A row a constraint, of literals.
    pub con_to_lit: anser_csr,
    /// A row a literal, of constraints: rows 2v and 2v + 1 are where variable v occurs as it is and negated.
    pub lit_to_con: anser_csr,
    /// A kind a constraint, one of anser_constraint_kind: CLAUSE, XOR, CARDINALITY or PSEUDO_BOOLEAN. NULL where all are clauses.
    pub kinds: *const u8,
    /// A bound a constraint: the weights of its true literals add up to that at least; for a parity, which has positive literals
    /// only, 1 where an odd number of them is to be true, and 0 where an even number is. NULL where all are clauses.
    pub bounds: *const i64,
}

/// What the search and a scorer agree upon: the search proposes, `plan` may change what is said to be the host's.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_scorer_plan {
    /// sizeof(anser_scorer_plan) of the library, which may be newer than the host's.
    pub struct_size: usize,
    /// Variables of the graph.
    pub num_vars: u64,
    /// Its constraints.
    pub num_constraints: u64,
    /// Literals of all its constraints.
    pub nnz: u64,
    /// Walkers of this scorer. In `plan`, what the options give; later, those for which slots have room.
    pub num_walkers: u64,
    /// Flips of a try; 0 for no limit.
    pub flips: u64,
    /// Probability of a random step before each question, from the options; where they say nothing 1/2, as in Yolcu and Poczos,
    /// and 0 for ANSER_SCORER_FLIPS with k above 1, where the host may make such steps by itself. Where the options say
    /// nothing, it is -1 in `plan`.
    pub walk: f64,
    /// The host's, to be lowered: the most walkers of a slot; num_walkers, which is no limit, is proposed. Later, how many the largest
    /// slot has: walkers are shared evenly. Where slots have no room for all walkers, there are fewer.
    pub walkers_per_slot: u32,
    /// The host's: slots in flight, 1 to 8; 1 where there is no `collect`. 2 are proposed, so that one may be computed while the
    /// other is gone through.
    pub num_slots: u32,
    /// The host's: one of anser_scorer_output; ANSER_SCORER_SCORES is proposed.
    pub output: i32,
    /// The host's: what scores are, one of anser_element_type: F32, which is proposed, F64, F16 or BF16.
    pub dtype: i32,
    /// The host's: variables of a row, at most; 1 is proposed. Not used for ANSER_SCORER_SCORES.
    pub k: u32,
    /// The host's: one of anser_bit_order; ANSER_BIT_ORDER_WALKER_MAJOR is proposed.
    pub bit_order: i32,
    /// The host's: a power of two from 4 to 4096, to which every array and every row in one is aligned; 128 is proposed. (Arrays
    /// are aligned to 64 at least.)
    pub row_align: u32,
    /// The host's: anser_scorer_flag, combined; 0 is proposed.
    pub flags: u32,
    /// The host's: nanoseconds that an answer may take; 0, which is proposed, for any time.
    pub timeout_ns: u64,
}

/// A flip of a walker.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_flip {
    /// Its local number.
    pub walker: u32,
    /// The variable.
    pub var: u32,
}

/// What a scorer is asked about walkers of a slot. Walkers are named by their local number in the slot.
///
/// There is one of these a slot, at an address that never changes, with pointers that never change: a graph of device
/// operations may be captured once. The library writes to any of it only from when the answer for the slot was collected (or
/// `drain` returned) until `submit`; the host writes to `out` and `out_index` only in between.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_batch {
    /// sizeof(anser_batch) of the library, which may be newer than the host's.
    pub struct_size: usize,
    /// Number of the call, from 1, over all slots of the scorer.
    pub seq: u64,
    /// Number of local walker 0 in the whole search.
    pub first_walker: u64,
    /// The slot.
    pub slot: u32,
    /// How many rows there are: walkers that need an answer.
    pub size: u32,
    /// Their local numbers, ascending, `size` of them: row r of `out` and `out_index` is about that at r.
    pub walkers: *const u32,
    /// Walkers that began anew, or that were flipped too often to tell one by one: their rows of `bits` are to be taken. They
    /// need not be among `walkers`.
    pub reload: *const u32,
    /// How many.
    pub num_reload: u64,
    /// Walkers whose tries are over: they never come back. After `drain` they may be told again.
    pub retired: *const u32,
    /// How many.
    pub num_retired: u64,
    /// What was flipped since the last `submit` for this slot, in this order; not of walkers in `reload`.
    pub flips: *const anser_flip,
    /// How many.
    pub num_flips: u64,
    /// Assignments of all walkers of the slot, in the order that the plan says. Without ANSER_SCORER_FULL_BITS only those of
    /// walkers in `reload` are to be looked at. Bits beyond are 0.
    pub bits: *const u32,
    /// 32-bit words from row to row.
    pub bits_stride: u64,
    /// How many constraints are violated, a row.
    pub num_unsat: *const u64,
    /// A random key a row, of the walker and its question: the same in whichever slot and batch.
    pub rng: *const u64,
    /// The most flips that a row of ANSER_SCORER_FLIPS may have: k, or less where the try ends before.
    pub limits: *const u32,
    /// Scores: num_vars a row for ANSER_SCORER_SCORES, and k for ANSER_SCORER_TOPK.
    pub out: *mut c_void,
    /// Bytes from row to row.
    pub out_stride: u64,
    /// Variables, k a row, for ANSER_SCORER_TOPK and ANSER_SCORER_FLIPS; UINT32_MAX ends a row before.
    pub out_index: *mut u32,
    /// Bytes from row to row.
    pub out_index_stride: u64,
    /// The most flips that `flips` ever has in this slot.
    pub max_flips: u64,
    /// size, num_reload, num_retired and num_flips once more, in the memory of the slot like all arrays, where a captured graph
    /// of device operations can read them.
    pub counts: *const u64,
}

/// A host that computes the scores of a local search, on a device if it has one. Begin with ANSER_SCORER_INIT. See CALLBACKS at
/// the top, examples-c/scorer_cpu.c and examples-c/scorer_async.cpp.
///
/// The search keeps walkers, makes their random steps (paper: Yolcu and Poczos, NeurIPS 2019, algorithm 1), and asks about those
/// that need an answer: in a round each walker gets one answer, makes the flip that follows from it and random steps, and asks
/// again. So with a host whose answers do not depend on how walkers are put together a search does not depend on the number of slots,
/// scorers and threads. Device memory, streams and the current device are the host's: the library touches none of them.
///
/// The order of calls: `plan`, `alloc` for each slot, `prepare`, all within anser_search_new_with_scorers; `submit` and `collect`
/// within anser_search_run and anser_search_step, for each slot by turns, and `drain` before these return while something is
/// in flight; `drain`, `release`, `dealloc` and `destroy` when the search is freed, also where it failed, or was never made.
/// Where `prepare` was never called, neither are `drain` and `release`.
///
/// Functions answer 0 for success. Anything else, an exception, or an answer that is none (NaN, +infinity, a variable that does not
/// exist) ends the call with ANSER_STATUS_CALLBACK_FAILED: anser_last_error says which scorer, function, walker and variable, and
/// anser_search_get_callback_code what the function answered. The search can only be looked at and freed then.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_scorer {
    /// sizeof(anser_scorer).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Called exactly once when the library lets go of `user_data`, also where making the search failed, unless struct_size is
    /// wrong. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// Changes what it likes of the plan. May be NULL.
    pub plan: Option<unsafe extern "C" fn(user_data: *mut c_void, plan: *mut anser_scorer_plan) -> i32>,
    /// Memory for the arrays of a slot, page-locked if it likes: `bytes` of them, aligned to `align`. NULL together with
    /// `dealloc`: then the library allocates.
    pub alloc: Option<
        unsafe extern "C" fn(user_data: *mut c_void, bytes: usize, align: usize, out_memory: *mut *mut c_void) -> i32,
    >,
    /// Takes it back.
    pub dealloc: Option<unsafe extern "C" fn(user_data: *mut c_void, memory: *mut c_void, bytes: usize)>,
    /// The graph, the plan as it was settled, and the slots, whose arrays are empty yet but at their addresses. May be NULL.
    pub prepare: Option<
        unsafe extern "C" fn(
            user_data: *mut c_void,
            graph: *const anser_graph,
            plan: *const anser_scorer_plan,
            slots: *const anser_batch,
            num_slots: u32,
        ) -> i32,
    >,
    /// Asks. Where there is `collect`, it is not to wait: it takes notice of what it needs and returns. Else the answer is there
    /// when it returns.
    pub submit: Option<unsafe extern "C" fn(user_data: *mut c_void, batch: *const anser_batch) -> i32>,
    /// Waits for the answer, but no longer than timeout_ns, some milliseconds, and answers anser_scorer_answer. Called in the
    /// order of submitting, again and again until it is there, the budget is over, or the timeout of the plan. NULL where
    /// `submit` leaves nothing open: such a call cannot be timed out, its time is looked at when it returns.
    pub collect:
        Option<unsafe extern "C" fn(user_data: *mut c_void, batch: *const anser_batch, timeout_ns: u64) -> i32>,
    /// Comes back when the host neither reads nor writes any slot any more: what was asked is given up and will be asked again,
    /// with all walkers in `reload`. Where it does not answer 0, a device may still be writing: the library keeps the memory of
    /// this scorer for ever rather than free it. May be NULL.
    pub drain: Option<unsafe extern "C" fn(user_data: *mut c_void) -> i32>,
    /// The graph and the slots are about to go. May be NULL.
    pub release: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
    /// What a function that has just failed has to say, or NULL; copied at once into anser_last_error. May be NULL.
    pub error_text: Option<unsafe extern "C" fn(user_data: *mut c_void) -> *const c_char>,
}

/// Where the C compiler must have each field (`ffi-tests/c/layout.c` holds the other side), on 64 bits.
#[cfg(target_pointer_width = "64")]
const _: () = {
    use std::mem::offset_of;
    assert!(size_of::<anser_csr>() == 48 && offset_of!(anser_csr, offsets) == 24);
    assert!(size_of::<anser_graph>() == 144 && offset_of!(anser_graph, lit_to_con) == 80);
    assert!(size_of::<anser_scorer_plan>() == 96 && offset_of!(anser_scorer_plan, walkers_per_slot) == 56);
    assert!(offset_of!(anser_scorer_plan, timeout_ns) == 88 && size_of::<anser_flip>() == 8);
    assert!(size_of::<anser_batch>() == 176 && offset_of!(anser_batch, walkers) == 32);
    assert!(offset_of!(anser_batch, flips) == 72 && offset_of!(anser_batch, bits) == 88);
    assert!(offset_of!(anser_batch, limits) == 120 && offset_of!(anser_batch, out_index) == 144);
    assert!(size_of::<anser_scorer>() == 96 && offset_of!(anser_scorer, plan) == 24);
    assert!(offset_of!(anser_scorer, submit) == 56 && offset_of!(anser_scorer, error_text) == 88);
};

impl anser_csr {
    fn of(csr: &Csr) -> Self {
        let (offset_bits, offsets) = match &csr.offsets {
            Offsets::Narrow(all) => (32, all.as_ptr().cast()),
            Offsets::Wide(all) => (64, all.as_ptr().cast()),
        };
        anser_csr {
            num_rows: csr.rows as u64,
            nnz: csr.columns.len() as u64,
            offset_bits,
            reserved: 0,
            offsets,
            columns: csr.columns.as_ptr(),
            weights: csr.weights.as_ref().map_or(ptr::null(), |weights| weights.as_ptr()),
        }
    }
}

impl anser_graph {
    fn of(graph: &Graph) -> Self {
        anser_graph {
            struct_size: size_of::<anser_graph>(),
            num_vars: graph.num_vars.into(),
            num_constraints: graph.num_constraints.into(),
            hash: graph.hash,
            con_to_lit: anser_csr::of(&graph.con_to_lit),
            lit_to_con: anser_csr::of(&graph.lit_to_con),
            kinds: graph.kinds.as_ref().map_or(ptr::null(), |kinds| kinds.as_ptr()),
            bounds: graph.bounds.as_ref().map_or(ptr::null(), |bounds| bounds.as_ptr()),
        }
    }
}

impl anser_batch {
    fn of(batch: &Batch) -> Self {
        anser_batch {
            struct_size: size_of::<anser_batch>(),
            seq: batch.seq,
            first_walker: batch.first_walker,
            slot: batch.slot,
            size: batch.size,
            walkers: batch.walkers,
            reload: batch.reload,
            num_reload: batch.num_reload,
            retired: batch.retired,
            num_retired: batch.num_retired,
            flips: batch.flips.cast(),
            num_flips: batch.num_flips,
            bits: batch.bits,
            bits_stride: batch.bits_stride,
            num_unsat: batch.num_unsat,
            rng: batch.rng,
            limits: batch.limits,
            out: batch.out.cast(),
            out_stride: batch.out_stride,
            out_index: batch.out_index,
            out_index_stride: batch.out_index_stride,
            max_flips: batch.max_flips,
            counts: batch.counts,
        }
    }
}

const OUTPUTS: [(anser_scorer_output, Output); 3] = [
    (anser_scorer_output::ANSER_SCORER_SCORES, Output::Scores),
    (anser_scorer_output::ANSER_SCORER_TOPK, Output::Top),
    (anser_scorer_output::ANSER_SCORER_FLIPS, Output::Flips),
];

const ELEMENTS: [(anser_element_type, Element); 4] = [
    (anser_element_type::ANSER_ELEMENT_TYPE_F32, Element::F32),
    (anser_element_type::ANSER_ELEMENT_TYPE_F64, Element::F64),
    (anser_element_type::ANSER_ELEMENT_TYPE_F16, Element::F16),
    (anser_element_type::ANSER_ELEMENT_TYPE_BF16, Element::Bf16),
];

const ORDERS: [(anser_bit_order, BitOrder); 2] = [
    (anser_bit_order::ANSER_BIT_ORDER_WALKER_MAJOR, BitOrder::WalkerMajor),
    (anser_bit_order::ANSER_BIT_ORDER_VAR_MAJOR, BitOrder::VariableMajor),
];

impl anser_scorer_plan {
    fn of(plan: &Plan) -> Self {
        let (deterministic, full_bits, keeps_flips) = (plan.deterministic, plan.full_bits, plan.keeps_flips);
        let flag = |set, flag: anser_scorer_flag| if set { flag as u32 } else { 0 };
        anser_scorer_plan {
            struct_size: size_of::<anser_scorer_plan>(),
            num_vars: plan.num_vars.into(),
            num_constraints: plan.num_constraints.into(),
            nnz: plan.nnz,
            num_walkers: plan.num_walkers.into(),
            flips: if plan.flips == u64::MAX { 0 } else { plan.flips },
            walk: plan.walk.unwrap_or(-1.0),
            walkers_per_slot: plan.walkers_per_slot,
            num_slots: plan.num_slots,
            output: OUTPUTS.iter().find(|(_, output)| *output == plan.output).map_or(0, |(code, _)| *code as i32),
            dtype: ELEMENTS.iter().find(|(_, element)| *element == plan.element).map_or(0, |(code, _)| *code as i32),
            k: plan.k,
            bit_order: ORDERS.iter().find(|(_, order)| *order == plan.bit_order).map_or(0, |(code, _)| *code as i32),
            row_align: plan.row_align,
            flags: flag(deterministic, anser_scorer_flag::ANSER_SCORER_DETERMINISTIC)
                | flag(full_bits, anser_scorer_flag::ANSER_SCORER_FULL_BITS)
                | flag(keeps_flips, anser_scorer_flag::ANSER_SCORER_KEEPS_FLIPS),
            timeout_ns: plan.timeout.map_or(0, |timeout| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX)),
        }
    }

    /// What the host says, where it has the say.
    fn into(self, plan: &mut Plan) -> Result<(), String> {
        let bad = |field: &str, value: i64, of: &str| Err(format!("{field} {value} is no {of}"));
        let Some((_, output)) = OUTPUTS.iter().find(|(code, _)| *code as i32 == self.output) else {
            return bad("output", self.output.into(), "anser_scorer_output");
        };
        let Some((_, element)) = ELEMENTS.iter().find(|(code, _)| *code as i32 == self.dtype) else {
            return bad("dtype", self.dtype.into(), "anser_element_type of scores");
        };
        let Some((_, bit_order)) = ORDERS.iter().find(|(code, _)| *code as i32 == self.bit_order) else {
            return bad("bit_order", self.bit_order.into(), "anser_bit_order");
        };
        if self.flags > 7 {
            return bad("flags", self.flags.into(), "combination of anser_scorer_flag");
        }
        (plan.output, plan.element, plan.bit_order) = (*output, *element, *bit_order);
        (plan.walkers_per_slot, plan.num_slots) = (self.walkers_per_slot, self.num_slots);
        (plan.k, plan.row_align) = (self.k, self.row_align);
        plan.timeout = (self.timeout_ns > 0).then(|| Duration::from_nanos(self.timeout_ns));
        let has = |flag: anser_scorer_flag| self.flags & flag as u32 != 0;
        plan.deterministic = has(anser_scorer_flag::ANSER_SCORER_DETERMINISTIC);
        plan.full_bits = has(anser_scorer_flag::ANSER_SCORER_FULL_BITS);
        plan.keeps_flips = has(anser_scorer_flag::ANSER_SCORER_KEEPS_FLIPS);
        Ok(())
    }
}

/// What a host looks at, from `prepare` to `release`.
struct Shown {
    graph: anser_graph,
    plan: anser_scorer_plan,
    slots: Vec<anser_batch>,
}

/// A host's functions, called.
struct Host {
    user: UserData,
    calls: anser_scorer,
    shown: Option<Box<Shown>>,
    /// It may still read what it was shown.
    is_lost: bool,
}

// SAFETY: of what `calls` holds only the function pointers are used; the user data is `Send` as `UserData` says; what is
// shown is in boxes that do not move.
unsafe impl Send for Host {}
// SAFETY: nothing is done through `&Host` but asking whether there is a function.
unsafe impl Sync for Host {}

impl Host {
    /// What a function answered, as an outcome.
    fn outcome(&self, answer: Option<i32>) -> Result<(), Refusal> {
        match answer {
            Some(0) => Ok(()),
            Some(code) => Err(Refusal::Code { code, text: self.text() }),
            None => Err(Refusal::Threw(self.text())),
        }
    }

    /// What the host has to say.
    fn text(&self) -> String {
        let Some(call) = self.calls.error_text else { return String::new() };
        let text = self.user.ask(|user, threw| {
            // SAFETY: the host's contract.
            as_the_host(|| unsafe { anser_callback_text(call, user, threw) })
        });
        match text {
            Some(text) if !text.is_null() => {
                // SAFETY: the host gave a C string.
                unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
            }
            _ => String::new(),
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if self.is_lost {
            std::mem::forget(self.shown.take());
        }
    }
}

impl HostScorer for Host {
    fn is_asynchronous(&self) -> bool {
        self.calls.collect.is_some()
    }

    fn plan(&mut self, plan: &mut Plan) -> Result<(), Refusal> {
        let Some(call) = self.calls.plan else { return Ok(()) };
        let mut given = anser_scorer_plan::of(plan);
        let pointer = &raw mut given;
        // SAFETY: the host's contract; it is writable.
        let answer = self
            .user
            .ask(|user, threw| as_the_host(|| unsafe { anser_callback_plan(call, user, pointer.cast(), threw) }));
        self.outcome(answer)?;
        given.into(plan).map_err(Refusal::Wrong)
    }

    fn allocate(&mut self, bytes: usize, align: usize) -> Result<Option<HostMemory>, Refusal> {
        let Some(call) = self.calls.alloc else { return Ok(None) };
        let mut memory = ptr::null_mut();
        let out = &raw mut memory;
        // SAFETY: the host's contract; `out` is writable.
        let answer = self
            .user
            .ask(|user, threw| as_the_host(|| unsafe { anser_callback_alloc(call, user, bytes, align, out, threw) }));
        self.outcome(answer)?;
        let Some(memory) = NonNull::new(memory.cast::<u8>()) else {
            return Err(Refusal::Wrong("it left out_memory NULL".into()));
        };
        // SAFETY: the host's contract.
        Ok(Some(unsafe { HostMemory::new(memory) }))
    }

    fn deallocate(&mut self, memory: HostMemory, bytes: usize) {
        let Some(call) = self.calls.dealloc else { return };
        let saved = error::save();
        // SAFETY: the host's contract: it allocated this.
        self.user.ask(|user, threw| {
            as_the_host(|| unsafe { anser_callback_dealloc(call, user, memory.at().as_ptr().cast(), bytes, threw) });
        });
        error::restore(saved);
    }

    fn prepare(&mut self, graph: &Graph, plan: &Plan, slots: &[Batch]) -> Result<(), Refusal> {
        let shown = self.shown.insert(Box::new(Shown {
            graph: anser_graph::of(graph),
            plan: anser_scorer_plan::of(plan),
            slots: slots.iter().map(anser_batch::of).collect(),
        }));
        let Some(call) = self.calls.prepare else { return Ok(()) };
        let (graph, plan) = (ptr::from_ref(&shown.graph).cast(), ptr::from_ref(&shown.plan).cast());
        let (slots, count) = (shown.slots.as_ptr().cast(), shown.slots.len() as u32);
        // SAFETY: the host's contract.
        let answer = self.user.ask(|user, threw| {
            as_the_host(|| unsafe { anser_callback_prepare(call, user, graph, plan, slots, count, threw) })
        });
        self.outcome(answer)
    }

    fn submit(&mut self, batch: &Batch) -> Result<(), Refusal> {
        let (Some(call), Some(shown)) = (self.calls.submit, &mut self.shown) else { return Ok(()) };
        let slot = &mut shown.slots[batch.slot as usize];
        *slot = anser_batch::of(batch);
        let (slot, call): (*const anser_batch, _) = (slot, call);
        // SAFETY: the host's contract; a function pointer's type is changed in a pointer argument only.
        let answer = self.user.ask(|user, threw| unsafe {
            let call = std::mem::transmute::<
                unsafe extern "C" fn(*mut c_void, *const anser_batch) -> i32,
                unsafe extern "C" fn(*mut c_void, *const c_void) -> i32,
            >(call);
            as_the_host(|| anser_callback_report(call, user, slot.cast(), threw))
        });
        self.outcome(answer)
    }

    fn collect(&mut self, slot: u32, timeout: Duration) -> Result<bool, Refusal> {
        let (Some(call), Some(shown)) = (self.calls.collect, &self.shown) else { return Ok(true) };
        let batch = ptr::from_ref(&shown.slots[slot as usize]);
        let wait = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        // SAFETY: the host's contract.
        let answer = self.user.ask(|user, threw| {
            as_the_host(|| unsafe { anser_callback_collect(call, user, batch.cast(), wait, threw) })
        });
        if answer == Some(anser_scorer_answer::ANSER_SCORER_NOT_YET as i32) {
            return Ok(false);
        }
        self.outcome(answer)?;
        Ok(true)
    }

    fn drain(&mut self) -> Result<(), Refusal> {
        let Some(call) = self.calls.drain else { return Ok(()) };
        let saved = error::save();
        // SAFETY: the host's contract.
        let answer = self.user.ask(|user, threw| as_the_host(|| unsafe { anser_callback_plain(call, user, threw) }));
        let outcome = self.outcome(answer);
        error::restore(saved);
        self.is_lost |= outcome.is_err();
        outcome
    }

    fn release(&mut self) {
        let Some(call) = self.calls.release else { return };
        let saved = error::save();
        // SAFETY: the host's contract.
        self.user.ask(|user, threw| as_the_host(|| unsafe { anser_callback_destroy(call, user, threw) }));
        error::restore(saved);
    }
}

/// The hosts that these structs tell of; from here on `destroy` of each of them is called, whatever happens.
///
/// # Safety
/// Each pointer is null or points to a struct of the size that it states.
unsafe fn hosts(scorers: &[*const anser_scorer]) -> Result<Vec<Box<dyn HostScorer>>, Failure> {
    let mut hosts: Vec<Box<dyn HostScorer>> = Vec::new();
    let mut first = Ok(());
    for (index, &scorer) in scorers.iter().enumerate() {
        let name = format!("scorers[{index}]");
        // SAFETY: passed on; the struct is plain data.
        match unsafe { read_struct(scorer, size_of::<anser_scorer>(), &name) } {
            Ok(calls) => {
                let host =
                    Host { user: UserData::new(calls.user_data, calls.destroy), calls, shown: None, is_lost: false };
                hosts.push(Box::new(host));
                if first.is_ok() && calls.submit.is_none() {
                    first = Err(Failure::null(&format!("{name}.submit")).at_index(index));
                } else if first.is_ok() && calls.alloc.is_some() != calls.dealloc.is_some() {
                    first =
                        Err(Failure::null(&format!("{name}: alloc or dealloc, which go together,")).at_index(index));
                }
            }
            Err(failure) => first = first.and(Err(failure.at_index(index))),
        }
    }
    first.map(|()| hosts)
}

/// A search in `formula` as it is now whose scores come from the host. Walkers are divided evenly among scorers (one a device,
/// say), and within each among its slots, for good. Free it with anser_search_free.
///
/// @param options NULL for the defaults. Their method is not used; `walk` and `temperature` are, and with `threads` above 1
///   answers of a slot are gone through by several, where they are long.
/// @param scorers copied, and let go of by the library whatever happens, but for those whose own struct_size is wrong: the message
///   names these. There are 64 at most, and no more than walkers.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit is that of the search, and its seed is not used.
///   May be NULL.
///
/// # Safety
/// `formula` is null or from this library and not freed; `options` is null or points to a struct of the size that it states;
/// `scorers` is null or points to `num_scorers` pointers, each null or to a struct of the size that it states; `budget` is null
/// or from anser_budget_new and not freed; `out_search` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_new_with_scorers(
    formula: *const anser_formula,
    options: *const anser_search_options,
    scorers: *const *const anser_scorer,
    num_scorers: usize,
    budget: *const anser_budget,
    out_search: *mut *mut anser_search,
) -> anser_status {
    guard("anser_search_new_with_scorers", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_search, "out_search");
            let hosts = hosts(slice(scorers, num_scorers, "scorers")?)?;
            let out = out?;
            let chosen = if options.is_null() {
                Options::default()
            } else {
                options_of(&read_struct(options, size_of::<anser_search_options>(), "options")?)?
            };
            let formula = Arc::clone(&*handle::read(formula, "formula")?);
            let search = Search::with_scorers(formula, &chosen, hosts, &arm(budget)?);
            check_exception()?;
            out.set(handle::create(Searching::of(search?))?);
        }
        Ok(())
    })
}

/// How many walkers there are: as many as the options say, or fewer where scorers have no room for more.
///
/// # Safety
/// `search` is null or from this library and not freed; `out_walkers` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_num_walkers(
    search: *const anser_search,
    out_walkers: *mut usize,
) -> anser_status {
    guard("anser_search_num_walkers", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_walkers, "out_walkers")?;
            out.set(handle::read(search, "search")?.search.num_walkers());
        }
        Ok(())
    })
}

/// What was agreed upon with a scorer.
///
/// @param scorer its number, from 0.
/// @param out_plan begin with ANSER_SCORER_PLAN_INIT.
///
/// # Safety
/// `search` is null or from this library and not freed; `out_plan` is null or points to a struct of the size that it states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_scorer_plan(
    search: *const anser_search,
    scorer: usize,
    out_plan: *mut anser_scorer_plan,
) -> anser_status {
    guard("anser_search_get_scorer_plan", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let handle = handle::read(search, "search")?;
            let Some(plan) = handle.search.plan(scorer) else {
                return Err(Failure::invalid(format_args!("argument scorer: the search has no scorer {scorer}")));
            };
            let value = anser_scorer_plan::of(plan);
            write_struct(out_plan, &value, size_of::<anser_scorer_plan>(), "out_plan")
        }
    })
}

/// What the function of a scorer, or of the budget's progress, answered that ended the last call that searched; INT32_MIN for an
/// exception, 0 where a scorer's answer was none. ANSER_STATUS_INVALID_STATE where none did.
///
/// # Safety
/// `search` is null or from this library and not freed; `out_code` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_search_get_callback_code(
    search: *const anser_search,
    out_code: *mut i32,
) -> anser_status {
    guard("anser_search_get_callback_code", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_code, "out_code")?;
            let Some(code) = handle::read(search, "search")?.code else {
                return Err(Failure::state("the last call that searched was not ended by a callback's answer"));
            };
            out.set(code);
        }
        Ok(())
    })
}
