//! `anser_network`: what a network computes, layer by layer.

use std::ffi::{c_char, c_void};
use std::sync::{Arc, OnceLock};

use half::{bf16, f16};

use super::arguments::{Out, constructed, slice, text};
use super::error::Failure;
use super::guard::{guard, guard_free};
use super::handle::{self, Handle, opaque, shared};
use super::network_eval::Evaluators;
use super::network_views::Views;
use super::status::anser_status;
use crate::error::OutOfMemory;
use crate::net::{Constant, ElementType, MAX_RANK, Network, NetworkError, TensorId, element_count};

/// How elements are stored.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_element_type {
    /// float: IEEE 754 binary32.
    ANSER_ELEMENT_TYPE_F32 = 1,
    /// double: IEEE 754 binary64.
    ANSER_ELEMENT_TYPE_F64 = 2,
    /// IEEE 754 binary16, as the bits of a uint16_t.
    ANSER_ELEMENT_TYPE_F16 = 3,
    /// bfloat16, the upper half of a float, as the bits of a uint16_t.
    ANSER_ELEMENT_TYPE_BF16 = 4,
}

/// A neural network: a list of layers over tensors of fixed shapes, each made only from tensors before it. Tensors are a
/// uint32_t from 0 up: inputs, constants (weights) and what layers answer, in the order in which they were added. Layers
/// are counted from 0 as well. It is read from ONNX or built: inputs and constants first, then layer by layer, then the
/// outputs are named. Everything is checked when it is added; nothing can be taken away.
///
/// A *sample* is one value of every input: all input tensors one after the other, each in row-major order (the last axis
/// runs fastest). The batch axis that an ONNX file has is part of the sample, of size 1 where the file left it open.
/// Many samples stand one after the other, and so do their outputs.
///
/// What is made from a network takes a snapshot: it may be changed or freed afterwards. Functions that take
/// `const anser_network *` may be called from several threads at once.
#[derive(Debug)]
pub struct anser_network(Handle<NetworkState>);

opaque!(anser_network, NetworkState, bound_to_process: false);
const _: () = shared::<NetworkState>();

/// What a handle holds.
#[derive(Debug)]
pub struct NetworkState {
    pub(super) network: Arc<Network>,
    /// Bytes of constants.
    bytes: u64,
    limit: u64,
    /// What was made from the network as it is.
    pub(super) evaluators: Evaluators,
    pub(super) views: OnceLock<Views>,
}

impl NetworkState {
    pub(super) fn of(network: Arc<Network>) -> Self {
        let bytes = network.bytes();
        NetworkState { network, bytes, limit: u64::MAX, evaluators: Evaluators::default(), views: OnceLock::new() }
    }

    /// Changes the network. Where a clone shares it, a copy is changed. A call that fails leaves also what a host borrowed.
    pub(super) fn change<T>(
        &mut self,
        act: impl FnOnce(&mut Network) -> Result<T, NetworkError>,
    ) -> Result<T, NetworkError> {
        let done = if let Some(network) = Arc::get_mut(&mut self.network) {
            act(network)?
        } else {
            let mut copy = Network::clone(&self.network);
            let done = act(&mut copy)?;
            self.network = Arc::new(copy);
            done
        };
        self.evaluators = Evaluators::default();
        self.views = OnceLock::new();
        Ok(done)
    }

    /// What to do with so many more bytes of constants.
    fn grant(&self, more: u64) -> Result<u64, OutOfMemory> {
        let bytes = self.bytes.saturating_add(more);
        if bytes > self.limit { Err(OutOfMemory::Limit { bytes, limit: self.limit }) } else { Ok(bytes) }
    }
}

/// What a network refused, about this argument.
pub(super) fn refused(argument: &str, e: NetworkError) -> Failure {
    let failure = Failure::invalid(format_args!("argument {argument}: {e}"));
    match e {
        NetworkError::UnknownTensor { index, .. } | NetworkError::NotFinite { index, .. } => failure.at_index(index),
        NetworkError::Memory(short) => short.into(),
        NetworkError::Stopped(stop) => Failure::stopped(stop),
        _ => failure,
    }
}

/// A network without anything. Free it with anser_network_free.
///
/// # Safety
/// `out_network` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_new(out_network: *mut *mut anser_network) -> anser_status {
    guard("anser_network_new", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_network, "out_network")?;
            out.set(handle::create(NetworkState::of(Arc::new(Network::new())))?);
        }
        Ok(())
    })
}

/// Frees a network; NULL is ignored.
///
/// # Safety
/// `network` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_free(network: *mut anser_network) {
    // SAFETY: passed on.
    guard_free(|| unsafe { handle::free(network) });
}

/// A copy, independent of the original; weights are shared. Its memory limit is the original's.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_network` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_clone(
    network: *const anser_network,
    out_network: *mut *mut anser_network,
) -> anser_status {
    guard("anser_network_clone", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_network, "out_network")?;
            let state = handle::read(network, "network")?;
            let copy = NetworkState { limit: state.limit, ..NetworkState::of(Arc::clone(&state.network)) };
            drop(state);
            out.set(handle::create(copy)?);
        }
        Ok(())
    })
}

/// Bytes that the network's constants may take from now on; UINT64_MAX for no limit. What would exceed it answers
/// ANSER_STATUS_OUT_OF_MEMORY and changes nothing.
///
/// # Safety
/// `network` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_set_memory_limit(network: *mut anser_network, bytes: u64) -> anser_status {
    guard("anser_network_set_memory_limit", || {
        // SAFETY: passed on.
        unsafe { handle::write(network, "network") }?.limit = bytes;
        Ok(())
    })
}

/// A name that may be missing.
///
/// # Safety
/// `name` is null or a C string that nobody changes during the call.
pub(super) unsafe fn name<'a>(name: *const c_char, argument: &str) -> Result<&'a str, Failure> {
    // SAFETY: passed on.
    if name.is_null() { Ok("") } else { unsafe { text(name, argument) } }
}

/// A shape.
///
/// # Safety
/// `shape` is null or has `rank` items that nobody changes during the call.
unsafe fn shape<'a>(shape: *const usize, rank: usize) -> Result<&'a [usize], Failure> {
    if rank > MAX_RANK {
        return Err(Failure::invalid(format_args!("argument rank: {rank} axes are too many, {MAX_RANK} are the most")));
    }
    // SAFETY: passed on.
    unsafe { slice(shape, rank, "shape") }
}

/// Adds an input tensor. A sample has the elements of the first input, then those of the second, and so on.
///
/// @param name UTF-8, for one tensor of the network only; NULL or empty for none.
/// @param shape the size of each axis; may be NULL where rank is 0.
/// @param rank how many axes, at most 16; 0 for a scalar.
/// @param out_tensor the tensor. May be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `name` is null or a C string; `shape` is null or has `rank`
/// items; `out_tensor` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_add_input(
    network: *mut anser_network,
    name: *const c_char,
    shape: *const usize,
    rank: usize,
    out_tensor: *mut u32,
) -> anser_status {
    guard("anser_network_add_input", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_tensor, "out_tensor")?;
            let name = self::name(name, "name")?;
            let shape = self::shape(shape, rank)?;
            let mut state = handle::write(network, "network")?;
            let tensor = state.change(|n| n.add_input(name, shape)).map_err(|e| refused(about(&e, "shape"), e))?;
            out.set(tensor.0);
        }
        Ok(())
    })
}

/// The argument that an error about a new tensor is about.
fn about<'a>(e: &NetworkError, otherwise: &'a str) -> &'a str {
    match e {
        NetworkError::Name { .. } => "name",
        NetworkError::NotFinite { .. } => "data",
        NetworkError::Length { .. } => "length",
        NetworkError::TooLarge { .. } => "shape",
        _ => otherwise,
    }
}

/// Adds a tensor of known numbers: weights, say. They must be finite. Halves are widened to float, exactly.
///
/// @param name UTF-8, for one tensor of the network only; NULL or empty for none.
/// @param shape the size of each axis; may be NULL where rank is 0.
/// @param rank how many axes, at most 16; 0 for a scalar.
/// @param element_type one of anser_element_type.
/// @param data the elements in row-major order, aligned as their type needs; copied.
/// @param length how many elements: the product of the shape.
/// @param out_tensor the tensor. May be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `name` is null or a C string; `shape` is null or has `rank`
/// items; `data` is null or has `length` elements of that type; `out_tensor` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_add_constant(
    network: *mut anser_network,
    name: *const c_char,
    shape: *const usize,
    rank: usize,
    element_type: i32,
    data: *const c_void,
    length: usize,
    out_tensor: *mut u32,
) -> anser_status {
    guard("anser_network_add_constant", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_tensor, "out_tensor")?;
            let name = self::name(name, "name")?;
            let shape = self::shape(shape, rank)?;
            let mut state = handle::write(network, "network")?;
            let stored = if element_type == anser_element_type::ANSER_ELEMENT_TYPE_F64 as i32 { 8 } else { 4 };
            // Before the data is looked at: a wrong length must not lead beyond it.
            match element_count(shape) {
                Ok(needed) if needed == length => {}
                Ok(needed) => {
                    let shape = shape.to_vec();
                    return Err(refused("length", NetworkError::Length { shape, given: length, needed }));
                }
                Err(e) => return Err(refused("shape", e)),
            }
            let bytes = state.grant((length as u64).saturating_mul(stored))?;
            let constant = constant(shape, element_type, data, length)?;
            let add = state.change(|n| n.add_constant(name, constant));
            out.set(add.map_err(|e| refused(about(&e, "name"), e))?.0);
            state.bytes = bytes;
        }
        Ok(())
    })
}

unsafe fn constant(
    shape: &[usize],
    element_type: i32,
    data: *const c_void,
    length: usize,
) -> Result<Constant, Failure> {
    use anser_element_type::*;
    let f32_type = ANSER_ELEMENT_TYPE_F32 as i32;
    let f64_type = ANSER_ELEMENT_TYPE_F64 as i32;
    // SAFETY: passed on; `f16` and `bf16` are transparent over the bits.
    let made = unsafe {
        if element_type == f32_type {
            Constant::from_f32(shape, slice(data.cast(), length, "data")?)
        } else if element_type == f64_type {
            Constant::from_f64(shape, slice(data.cast(), length, "data")?)
        } else if element_type == ANSER_ELEMENT_TYPE_F16 as i32 {
            Constant::from_f16(shape, slice(data.cast::<f16>(), length, "data")?)
        } else if element_type == ANSER_ELEMENT_TYPE_BF16 as i32 {
            Constant::from_bf16(shape, slice(data.cast::<bf16>(), length, "data")?)
        } else {
            let text = format_args!("argument element_type: {element_type} is no anser_element_type");
            return Err(Failure::invalid(text));
        }
    };
    made.map_err(|e| refused(about(&e, "data"), e))
}

/// Makes a tensor an output. Outputs stand in the order in which they were named; the same tensor may be several.
///
/// # Safety
/// `network` is null or from this library and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_add_output(network: *mut anser_network, tensor: u32) -> anser_status {
    guard("anser_network_add_output", || {
        // SAFETY: passed on.
        let mut state = unsafe { handle::write(network, "network") }?;
        state.change(|n| n.add_output(TensorId(tensor))).map_err(|e| match e {
            NetworkError::UnknownTensor { tensor, tensors, .. } => {
                Failure::invalid(format_args!("argument tensor: there is no tensor {tensor}, there are {tensors}"))
            }
            e => refused("tensor", e),
        })
    })
}

/// The element type as the host reads it.
pub(super) fn element_code(element_type: ElementType) -> i32 {
    match element_type {
        ElementType::F32 => anser_element_type::ANSER_ELEMENT_TYPE_F32 as i32,
        ElementType::F64 => anser_element_type::ANSER_ELEMENT_TYPE_F64 as i32,
    }
}
