//! `anser_arch_space`: spaces of convolutional architectures.

use std::ffi::{CString, c_char};

use std::sync::Arc;

use super::arguments::{Out, check_array, constructed, fill, room, slice};
use super::budget::arm;
use super::callback::check_exception;
use super::error::Failure;
use super::floats::Standard;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque};
use super::status::anser_status;
use super::structs::read_struct;
use super::{anser_budget, anser_formula};
use crate::arch::{
    ArchError, Description, Division, Draws, Encoding, Fixed, Found, Layer, Listed, Member, Programme, Sampled,
    SearchError, Space,
};
use crate::budget::Budget;
use crate::sample::{HOPELESS, Method, Options};
use crate::solve::Backend;

/// Rules of a space, to be combined with |.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_arch_rule {
    /// Remainders of (size - kernel) / stride are dropped, as frameworks do; else there must be none.
    ANSER_ARCH_RULE_FLOOR = 1,
    /// No kernel 1 with stride 1 in any dimension.
    ANSER_ARCH_RULE_NO_IDENTITY = 2,
    /// Every layer makes every dimension smaller.
    ANSER_ARCH_RULE_STRICT = 4,
    /// Every kernel exceeds its stride.
    ANSER_ARCH_RULE_KERNEL_ABOVE_STRIDE = 8,
    /// A layer's kernels are the same in all dimensions.
    ANSER_ARCH_RULE_EQUAL_KERNELS = 16,
    /// A layer's strides are the same in all dimensions.
    ANSER_ARCH_RULE_EQUAL_STRIDES = 32,
}

/// How members are drawn.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_arch_method {
    /// Exactly uniform, by dynamic programming. Not where parameters, multiply-adds or the receptive field are limited.
    ANSER_ARCH_METHOD_PROGRAMME = 0,
    /// By random parities, almost uniform: UniGen, DAC 2014, with a tolerance of 6.
    ANSER_ARCH_METHOD_UNIGEN = 1,
    /// By random parities as in the paper: no guarantee.
    ANSER_ARCH_METHOD_UNIWIT = 2,
    /// By random parities, near-uniform: UniWit, CAV 2013.
    ANSER_ARCH_METHOD_UNIWIT13 = 3,
    /// The first that the engine finds, each once: not random.
    ANSER_ARCH_METHOD_ENUMERATE = 4,
}

/// What a space is to hold. Begin with ANSER_ARCH_DESCRIPTION_INIT; zero says nothing, but for sizes and layers.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_arch_description {
    /// sizeof(anser_arch_description).
    pub struct_size: usize,
    /// How many dimensions there are: 1 to 8.
    pub num_dimensions: usize,
    /// The input's size in each dimension: 1 to 4096.
    pub input: *const u32,
    /// The output's size in each dimension, at most the input's.
    pub output: *const u32,
    /// Cells added on either side of every layer's input in each dimension; NULL for none.
    pub padding: *const u32,
    /// The fewest layers: 1 to 64.
    pub min_layers: u32,
    /// The most layers.
    pub max_layers: u32,
    /// The least kernel; 0 for 1.
    pub min_kernel: u32,
    /// The largest kernel; 0 for no bound.
    pub max_kernel: u32,
    /// The least stride; 0 for 1.
    pub min_stride: u32,
    /// The largest stride; 0 for no bound.
    pub max_stride: u32,
    /// Kernel of a fixed layer that follows every layer, a pool say; 0 for none.
    pub fixed_kernel: u32,
    /// Its stride.
    pub fixed_stride: u32,
    /// Rules of anser_arch_rule.
    pub rules: u32,
    /// Zero.
    pub reserved: u32,
    /// Channels of the input and of the output of each of `max_layers` layers; may be NULL where nothing that counts
    /// them is limited.
    pub channels: *const u32,
    /// How many there are: `max_layers` + 1, or 0.
    pub num_channels: usize,
    /// The most parameters, the sum over layers of channels in · channels out · all kernels; 0 for no limit.
    pub max_parameters: u64,
    /// The most multiply-adds, each layer's parameters times its output's size before the fixed layer; 0 for no limit.
    pub max_multiply_adds: u64,
    /// The least receptive field in every dimension, 1 plus the sum of (kernel - 1) · all strides before, fixed layers
    /// included.
    pub min_receptive_field: u64,
    /// The largest receptive field; 0 for no limit.
    pub max_receptive_field: u64,
}

const FIRST_DESCRIPTION: usize = size_of::<anser_arch_description>();
const _: () = assert!(std::mem::offset_of!(anser_arch_description, channels) == 80 && FIRST_DESCRIPTION == 128);

/// Members, where a call writes or reads them: arrays of a host. Begin with ANSER_ARCH_MEMBERS_INIT. With L =
/// max_layers and K = num_dimensions, layer l of member i has kernel and stride at `(i * L + l) * K + k` for dimension
/// k; layers that a member does not have are 0 there.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_arch_members {
    /// sizeof(anser_arch_members).
    pub struct_size: usize,
    /// How many members there are, or room for so many.
    pub num_members: usize,
    /// How many layers each has: `num_members` values.
    pub layers: *mut u32,
    /// Kernels: `num_members` · L · K values.
    pub kernels: *mut u32,
    /// Strides, as many.
    pub strides: *mut u32,
}

const _: () = assert!(size_of::<anser_arch_members>() == 40);

/// What a handle holds: the space, and what was found out about it.
#[derive(Debug)]
pub struct ArchSpace {
    space: Space,
    programme: Option<Programme>,
    encoding: Option<Encoding>,
    count: Option<CString>,
}

/// A space of convolutional architectures: all lists of kernels and strides that take an input of one size to an output
/// of another. One layer makes (size - kernel) / stride + 1 of a size, in each dimension of its own. Source: D. Calhas,
/// V. Manquinho, I. Lynce, "Automatic Generation of Neural Architecture Search Spaces".
///
/// Members can be counted, listed and drawn, and the space is available as a formula for whatever else a host asks for.
/// Each call prepares what it needs once and keeps it, so a space is used by one thread at a time; it may move between
/// threads.
#[derive(Debug)]
pub struct anser_arch_space(Handle<ArchSpace>);

opaque!(anser_arch_space, ArchSpace, bound_to_process: false);

impl From<ArchError> for Failure {
    fn from(e: ArchError) -> Self {
        match e {
            ArchError::Stopped(stop) => Failure::stopped(stop),
            ArchError::Memory(short) => short.into(),
            ArchError::Formula(why) => why.into(),
            ArchError::Coupled { .. } | ArchError::TooLarge { .. } => {
                Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e)
            }
            _ => Failure::invalid(e),
        }
    }
}

impl From<SearchError> for Failure {
    fn from(e: SearchError) -> Self {
        match e {
            SearchError::Arch(e) => e.into(),
            SearchError::Solve(e) => e.into(),
            SearchError::Sample(e) => e.into(),
        }
    }
}

/// What came of something that may have called the host: its exception goes before what it led to.
fn unless_thrown<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
    check_exception()?;
    outcome
}

/// The description of a host.
///
/// # Safety
/// Its pointers are null or point to as many values as it says.
unsafe fn description(raw: &anser_arch_description) -> Result<Description, Failure> {
    // SAFETY: promised.
    let (input, output, padding, channels) = unsafe {
        let padding = if raw.padding.is_null() { 0 } else { raw.num_dimensions };
        (
            slice(raw.input, raw.num_dimensions, "description: input")?,
            slice(raw.output, raw.num_dimensions, "description: output")?,
            slice(raw.padding, padding, "description: padding")?,
            slice(raw.channels, raw.num_channels, "description: channels")?,
        )
    };
    use anser_arch_rule::*;
    let known = [
        ANSER_ARCH_RULE_FLOOR,
        ANSER_ARCH_RULE_NO_IDENTITY,
        ANSER_ARCH_RULE_STRICT,
        ANSER_ARCH_RULE_KERNEL_ABOVE_STRIDE,
        ANSER_ARCH_RULE_EQUAL_KERNELS,
        ANSER_ARCH_RULE_EQUAL_STRIDES,
    ];
    let all = known.into_iter().fold(0, |all, rule| all | rule as u32);
    if raw.rules & !all != 0 || raw.reserved != 0 {
        let text =
            format_args!("argument description: rules {:#x}, reserved {}: unknown bits", raw.rules, raw.reserved);
        return Err(Failure::invalid(text));
    }
    let is = |rule: anser_arch_rule| raw.rules & rule as u32 != 0;
    let or = |value: u32, otherwise: u32| if value == 0 { otherwise } else { value };
    let limit = |value: u64| (value > 0).then_some(value);
    let fixed = (raw.fixed_kernel > 0 || raw.fixed_stride > 0)
        .then_some(Fixed { kernel: raw.fixed_kernel, stride: raw.fixed_stride });
    let field = (raw.min_receptive_field > 0 || raw.max_receptive_field > 0)
        .then_some((raw.min_receptive_field, limit(raw.max_receptive_field).unwrap_or(u64::MAX)));
    Ok(Description {
        division: if is(ANSER_ARCH_RULE_FLOOR) { Division::Floor } else { Division::Exact },
        fixed,
        padding: padding.to_vec(),
        kernels: (or(raw.min_kernel, 1), or(raw.max_kernel, u32::MAX)),
        strides: (or(raw.min_stride, 1), or(raw.max_stride, u32::MAX)),
        identity: !is(ANSER_ARCH_RULE_NO_IDENTITY),
        strict: is(ANSER_ARCH_RULE_STRICT),
        kernel_above_stride: is(ANSER_ARCH_RULE_KERNEL_ABOVE_STRIDE),
        equal_kernels: is(ANSER_ARCH_RULE_EQUAL_KERNELS),
        equal_strides: is(ANSER_ARCH_RULE_EQUAL_STRIDES),
        channels: channels.to_vec(),
        max_parameters: limit(raw.max_parameters),
        max_multiply_adds: limit(raw.max_multiply_adds),
        receptive_field: field,
        ..Description::new(input, output, (raw.min_layers as usize, raw.max_layers as usize))
    })
}

/// A space. Free it with anser_arch_space_free.
///
/// # Safety
/// `description` is null or points to a struct of the size that it states, whose pointers are null or point to as many
/// values as it says; `out_space` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_new(
    description: *const anser_arch_description,
    out_space: *mut *mut anser_arch_space,
) -> anser_status {
    guard("anser_arch_space_new", || {
        // SAFETY: passed on; the struct is plain data.
        unsafe {
            let out = constructed(out_space, "out_space")?;
            let raw = read_struct(description, FIRST_DESCRIPTION, "description")?;
            if raw.num_dimensions > crate::arch::MAX_DIMENSIONS {
                let text = format_args!("argument description: {} dimensions, 8 at most", raw.num_dimensions);
                return Err(Failure::invalid(text));
            }
            if raw.num_channels > crate::arch::MAX_LAYERS + 1 {
                let text = format_args!("argument description: {} channels, 65 at most", raw.num_channels);
                return Err(Failure::invalid(text));
            }
            let space = Space::new(self::description(&raw)?)?;
            out.set(handle::create(ArchSpace { space, programme: None, encoding: None, count: None })?);
        }
        Ok(())
    })
}

/// Frees a space; NULL is ignored.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_free(space: *mut anser_arch_space) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(space) });
}

impl ArchSpace {
    fn programme(&mut self, budget: &Budget) -> Result<&Programme, Failure> {
        match &mut self.programme {
            Some(programme) => Ok(programme),
            none => Ok(none.insert(Programme::new(&self.space, budget)?)),
        }
    }

    fn encoding(&mut self, budget: &Budget) -> Result<&Encoding, Failure> {
        match &mut self.encoding {
            Some(encoding) => Ok(encoding),
            none => {
                let mut encoding = Encoding::new(&self.space, budget)?;
                // The budget's limit was for this call.
                encoding.formula_mut().set_memory_limit(u64::MAX);
                Ok(none.insert(encoding))
            }
        }
    }

    /// Values of a member's kernels.
    fn values(&self) -> usize {
        self.space.description().layers.1 * self.space.dimensions()
    }
}

/// How many members there are, as a decimal number: by dynamic programming, or where parameters, multiply-adds or the
/// receptive field are limited by enumeration. A budget that ends it answers ANSER_STATUS_STOPPED.
///
/// @param budget may be NULL.
/// @param out_count the number, borrowed: valid until the space is freed.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_count` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_count(
    space: *mut anser_arch_space,
    budget: *const anser_budget,
    out_count: *mut *const c_char,
) -> anser_status {
    guard("anser_arch_space_count", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_count, "out_count")?;
            let budget = arm(budget)?;
            let mut space = handle::write(space, "space")?;
            if space.count.is_none() {
                let count = unless_thrown(count(&mut space, &budget))?;
                space.count = CString::new(count).ok(); // digits
            }
            out.set(space.count.as_ref().map_or(c"".as_ptr(), |count| count.as_ptr()));
        }
        Ok(())
    })
}

fn count(space: &mut ArchSpace, budget: &Budget) -> Result<String, Failure> {
    let d = space.space.description();
    let is_free = d.max_parameters.is_none() && d.max_multiply_adds.is_none() && d.receptive_field.is_none();
    if is_free {
        return Ok(space.programme(budget)?.count().to_string());
    }
    let mut listed = Listed::new(space.encoding(budget)?, Backend::Auto)?;
    let mut count = 0u64;
    loop {
        match listed.next(budget)? {
            Found::Member(_) => count += 1,
            Found::Failed => {}
            Found::Exhausted => return Ok(count.to_string()),
            Found::Unknown(stop) => return Err(Failure::stopped(stop)),
        }
    }
}

/// Where members go: a host's arrays, checked.
struct Room {
    raw: anser_arch_members,
    width: usize,
    dimensions: usize,
}

impl Room {
    /// # Safety
    /// `members` is null or points to a struct of the size that it states.
    unsafe fn new(members: *const anser_arch_members, space: &ArchSpace) -> Result<Self, Failure> {
        // SAFETY: promised.
        let raw = unsafe { read_struct(members, size_of::<anser_arch_members>(), "members") }?;
        let width = space.values();
        let Some(total) = raw.num_members.checked_mul(width) else {
            let text = format_args!("argument members: {} members of {width} values exceed memory", raw.num_members);
            return Err(Failure::invalid(text));
        };
        if raw.num_members > 0 {
            check_array(raw.layers, raw.num_members, "members: layers")?;
            check_array(raw.kernels, total, "members: kernels")?;
            check_array(raw.strides, total, "members: strides")?;
        }
        Ok(Room { raw, width, dimensions: space.space.dimensions() })
    }

    /// Writes a member.
    ///
    /// # Safety
    /// The arrays have the room that the struct says; `index` is below `num_members`.
    unsafe fn put(&self, index: usize, member: &Member) {
        // SAFETY: promised.
        unsafe {
            self.raw.layers.add(index).write(member.layers.len() as u32);
            let (kernels, strides) =
                (self.raw.kernels.add(index * self.width), self.raw.strides.add(index * self.width));
            std::ptr::write_bytes(kernels, 0, self.width);
            std::ptr::write_bytes(strides, 0, self.width);
            for (at, layer) in member.layers.iter().enumerate() {
                for (place, (&kernel, &stride)) in layer.kernel.iter().zip(&layer.stride).enumerate() {
                    kernels.add(at * self.dimensions + place).write(kernel);
                    strides.add(at * self.dimensions + place).write(stride);
                }
            }
        }
    }

    /// Reads a member; `None` where it has more layers than any member.
    ///
    /// # Safety
    /// The arrays are as the struct says, and initialized; `index` is below `num_members`.
    unsafe fn get(&self, index: usize) -> Option<Member> {
        // SAFETY: promised.
        unsafe {
            let layers = self.raw.layers.add(index).read() as usize;
            if layers > self.width / self.dimensions {
                return None;
            }
            let of = |values: *const u32, layer: usize| {
                let at = index * self.width + layer * self.dimensions;
                (0..self.dimensions).map(|place| values.add(at + place).read()).collect::<Vec<u32>>()
            };
            let layer = |l| Layer { kernel: of(self.raw.kernels, l), stride: of(self.raw.strides, l) };
            Some(Member { layers: (0..layers).map(layer).collect() })
        }
    }
}

/// Members one after the other, from number `first` on, in an order that is always the same: as many as there is room
/// for. Answers ANSER_STATUS_UNSUPPORTED where parameters, multiply-adds or the receptive field are limited: then
/// anser_arch_space_formula and an anser_enumerator list them.
///
/// @param budget may be NULL.
/// @param members begin with ANSER_ARCH_MEMBERS_INIT: where they go. The struct itself is not changed.
/// @param out_members how many were written: fewer than there is room for where there are no more.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `members` is null or points to a struct of the size that it states, with the room that it says; `out_members` is
/// null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_list(
    space: *mut anser_arch_space,
    first: u64,
    budget: *const anser_budget,
    members: *const anser_arch_members,
    out_members: *mut usize,
) -> anser_status {
    guard("anser_arch_space_list", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_members, "out_members")?;
            let budget = arm(budget)?;
            let mut space = handle::write(space, "space")?;
            let room = Room::new(members, &space)?;
            let programme = unless_thrown(space.programme(&budget))?;
            let mut written = 0;
            while written < room.raw.num_members {
                unless_thrown(budget.check().map_err(Failure::stopped))?;
                let index = num_bigint::BigUint::from(first) + written as u64;
                if index >= *programme.count() {
                    break;
                }
                room.put(written, &programme.member(&index)?);
                written += 1;
            }
            out.set(written);
        }
        Ok(())
    })
}

/// Draws members at random with the budget's seed: as many as there is room for, unless there are fewer. The same seed gives the
/// same members again. Where the budget ends it, ANSER_STATUS_STOPPED, and how many were written is not told.
///
/// @param method one of anser_arch_method.
/// @param distinct not 0 where no member is to come twice.
/// @param budget may be NULL.
/// @param members begin with ANSER_ARCH_MEMBERS_INIT: where they go. The struct itself is not changed.
/// @param out_members how many were drawn. Fewer than there is room for where there are no members, or no others; or where a
///   sampler failed a thousand times in a row.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `members` is null or points to a struct of the size that it states, with the room that it says; `out_members` is
/// null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_draw(
    space: *mut anser_arch_space,
    method: i32,
    distinct: i32,
    budget: *const anser_budget,
    members: *const anser_arch_members,
    out_members: *mut usize,
) -> anser_status {
    guard("anser_arch_space_draw", || {
        use anser_arch_method::*;
        let all = [
            (ANSER_ARCH_METHOD_UNIGEN, Some(Method::UniGen)),
            (ANSER_ARCH_METHOD_UNIWIT, Some(Method::UniWit)),
            (ANSER_ARCH_METHOD_UNIWIT13, Some(Method::UniWit13)),
            (ANSER_ARCH_METHOD_PROGRAMME, None),
            (ANSER_ARCH_METHOD_ENUMERATE, None),
        ];
        let Some((named, parities)) = all.into_iter().find(|(known, _)| *known as i32 == method) else {
            return Err(Failure::invalid(format_args!("argument method: {method} is no anser_arch_method")));
        };
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_members, "out_members")?;
            let budget = arm(budget)?;
            let mut space = handle::write(space, "space")?;
            let room = Room::new(members, &space)?;
            let distinct = distinct != 0;
            let _standard = Standard::enter();
            let mut draw = || {
                if let Some(method) = parities {
                    let options = Options { method, distinct, ..Options::default() };
                    let mut sampled = Sampled::new(space.encoding(&budget)?, &options, budget.seed())?;
                    take(&room, || Ok(sampled.next(&budget)?))
                } else if named == ANSER_ARCH_METHOD_ENUMERATE {
                    let mut listed = Listed::new(space.encoding(&budget)?, Backend::Auto)?;
                    take(&room, || Ok(listed.next(&budget)?))
                } else {
                    let mut draws = Draws::new(space.programme(&budget)?, distinct, &budget);
                    take(&room, || Ok(draws.next(&budget)?.map_or(Found::Exhausted, Found::Member)))
                }
            };
            out.set(unless_thrown(draw())?);
        }
        Ok(())
    })
}

/// Fills the room.
///
/// # Safety
/// As for [`Room::put`].
unsafe fn take(room: &Room, mut next: impl FnMut() -> Result<Found, Failure>) -> Result<usize, Failure> {
    let (mut written, mut in_vain) = (0, 0);
    while written < room.raw.num_members && in_vain < HOPELESS {
        match next()? {
            Found::Member(member) => {
                // SAFETY: there is room; the rest is promised.
                unsafe { room.put(written, &member) };
                (written, in_vain) = (written + 1, 0);
            }
            Found::Failed => in_vain += 1,
            Found::Exhausted => break,
            Found::Unknown(stop) => return Err(Failure::stopped(stop)),
        }
    }
    Ok(written)
}

/// Whether members belong to the space, judged from the definition alone.
///
/// @param members begin with ANSER_ARCH_MEMBERS_INIT.
/// @param out_is_member for each of them 1 or 0: `num_members` values.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `members` is null or points to a struct of the size that
/// it states, with initialized arrays as it says; `out_is_member` is null or has that room.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_check(
    space: *const anser_arch_space,
    members: *const anser_arch_members,
    out_is_member: *mut i8,
) -> anser_status {
    guard("anser_arch_space_check", || {
        // SAFETY: passed on.
        unsafe {
            let space = handle::read(space, "space")?;
            let room = Room::new(members, &space)?;
            let judge = |index| i8::from(room.get(index).is_some_and(|member| space.space.check(&member).is_ok()));
            let judged: Vec<i8> = (0..room.raw.num_members).map(judge).collect();
            fill(out_is_member, &judged, "out_is_member")
        }
    })
}

/// The space as a formula of its own. Its sampling set is its first variables: one for each layer, true where there is
/// one; then layer by layer, dimension by dimension, the bits of the kernel and of the stride, each from the lowest,
/// all false in layers that there are not. Projected on these, its models are the members, each once. A host may add
/// constraints. anser_arch_space_bits tells where bits are.
///
/// @param budget may be NULL.
/// @param out_formula free it with anser_formula_free.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `budget` is null or from anser_budget_new and not freed;
/// `out_formula` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_formula(
    space: *mut anser_arch_space,
    budget: *const anser_budget,
    out_formula: *mut *mut anser_formula,
) -> anser_status {
    guard("anser_arch_space_formula", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_formula, "out_formula")?;
            let budget = arm(budget)?;
            let mut space = handle::write(space, "space")?;
            let formula = unless_thrown(space.encoding(&budget))?.formula().try_clone()?;
            out.set(handle::create(Arc::new(formula))?);
        }
        Ok(())
    })
}

/// Which variables are the bits of a kernel and of a stride in the space's formula: `num` of them from `first` on, the
/// lowest bit first.
///
/// @param layer counted from 0.
/// @param dimension counted from 0.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; the others are null or point to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_bits(
    space: *const anser_arch_space,
    layer: u32,
    dimension: u32,
    out_first_kernel: *mut u32,
    out_num_kernel: *mut u32,
    out_first_stride: *mut u32,
    out_num_stride: *mut u32,
) -> anser_status {
    guard("anser_arch_space_bits", || {
        // SAFETY: passed on.
        unsafe {
            let outs = [
                Out::needed(out_first_kernel, "out_first_kernel")?,
                Out::needed(out_num_kernel, "out_num_kernel")?,
                Out::needed(out_first_stride, "out_first_stride")?,
                Out::needed(out_num_stride, "out_num_stride")?,
            ];
            let space = handle::read(space, "space")?;
            let (layers, dimensions) = (space.space.description().layers.1, space.space.dimensions());
            let (layer, dimension) = (layer as usize, dimension as usize);
            if layer >= layers || dimension >= dimensions {
                let text = format_args!(
                    "arguments layer and dimension: {layer} and {dimension}, there are {layers} and {dimensions}"
                );
                return Err(Failure::invalid(text));
            }
            let layout = crate::arch::Layout::new(&space.space);
            let (kernel, stride) = (layout.kernel(layer, dimension), layout.stride(layer, dimension));
            let values = [kernel.start, kernel.end - kernel.start, stride.start, stride.end - stride.start];
            outs.iter().zip(values).for_each(|(out, value)| out.set(value));
        }
        Ok(())
    })
}

/// How many variables the formula's sampling set has.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `out_vars` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_num_vars(space: *const anser_arch_space, out_vars: *mut u32) -> anser_status {
    guard("anser_arch_space_num_vars", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_vars, "out_vars")?;
            out.set(crate::arch::Layout::new(&handle::read(space, "space")?.space).len());
        }
        Ok(())
    })
}

/// The member that a model of the space's formula is. What is no member is refused with ANSER_STATUS_INVALID_ARGUMENT.
///
/// @param values values[v - 1] is positive where variable v is true.
/// @param num_values at least what anser_arch_space_num_vars says.
/// @param members begin with ANSER_ARCH_MEMBERS_INIT: where it goes, with room for one at least.
///
/// # Safety
/// `space` is null or from anser_arch_space_new and not freed; `values` is null or points to `num_values` values;
/// `members` is null or points to a struct of the size that it states, with the room that it says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_arch_space_decode(
    space: *const anser_arch_space,
    values: *const i8,
    num_values: usize,
    members: *const anser_arch_members,
) -> anser_status {
    guard("anser_arch_space_decode", || {
        // SAFETY: passed on.
        unsafe {
            let values = slice(values, num_values, "values")?;
            let space = handle::read(space, "space")?;
            let to = Room::new(members, &space)?;
            room(to.raw.num_members, 1, "members: num_members")?;
            let member = crate::arch::Layout::new(&space.space).member(values)?;
            space.space.check(&member).map_err(ArchError::from)?;
            to.put(0, &member);
        }
        Ok(())
    })
}
