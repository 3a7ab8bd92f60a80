//! What an `anser_network` holds: tensors, inputs and outputs, weights, and the nodes that layers came from.

use std::ffi::{c_char, c_void};
use std::mem::offset_of;

use super::anser_network;
use super::arguments::{Out, fill, room, text};
use super::constraints::reserved;
use super::error::Failure;
use super::guard::guard;
use super::handle;
use super::network::element_code;
use super::network_layers::layer_of;
use super::status::anser_status;
use super::structs::write_struct;
use crate::net::{Elements, Network, Source, Tensor, TensorId};

/// Where the elements of a tensor come from.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum anser_tensor_source {
    /// From outside: it is an input.
    ANSER_TENSOR_SOURCE_INPUT = 1,
    /// They are known.
    ANSER_TENSOR_SOURCE_CONSTANT = 2,
    /// From a layer.
    ANSER_TENSOR_SOURCE_LAYER = 3,
}

/// A tensor. Begin with ANSER_TENSOR_INIT. Pointers are borrowed: valid until the network is next changed or freed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_tensor {
    /// sizeof(anser_tensor), set by the host.
    pub struct_size: usize,
    /// Its name, in UTF-8; NULL where it has none.
    pub name: *const c_char,
    /// The size of each axis; NULL where rank is 0.
    pub shape: *const usize,
    /// How many axes there are; 0 for a scalar.
    pub rank: usize,
    /// How many elements there are: the product of the shape.
    pub length: usize,
    /// Where they come from: one of anser_tensor_source.
    pub source: i32,
    /// Constants: how elements are stored, one of anser_element_type. Else 0.
    pub element_type: i32,
    /// Which input or which layer they come from, counted from 0; 0 for a constant.
    pub index: usize,
}

const _: () = assert!(offset_of!(anser_tensor, index) == 48 && size_of::<anser_tensor>() == 56);

/// The elements of a constant, where they are stored. Begin with ANSER_CONSTANT_VIEW_INIT. Pointers are borrowed: valid
/// until the network is next changed or freed.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_constant_view {
    /// sizeof(anser_constant_view), set by the host.
    pub struct_size: usize,
    /// ANSER_ELEMENT_TYPE_F32 or ANSER_ELEMENT_TYPE_F64.
    pub element_type: i32,
    /// Zero; ignore it.
    pub reserved: i32,
    /// The elements: const float * or const double *, aligned for it. NULL where length is 0.
    pub elements: *const c_void,
    /// How many elements there are.
    pub length: usize,
    /// The size of each axis; NULL where rank is 0.
    pub shape: *const usize,
    /// How far apart neighbours along each axis are, in elements; NULL where rank is 0. Elements are in row-major order
    /// without gaps, so that the last one is 1.
    pub strides: *const usize,
    /// How many axes there are; 0 for a scalar.
    pub rank: usize,
}

const _: () = assert!(offset_of!(anser_constant_view, rank) == 48 && size_of::<anser_constant_view>() == 56);

/// How many tensors there are: inputs, constants, and what layers answer. They are 0..num_tensors-1.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_tensors` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_tensors(
    network: *const anser_network,
    out_tensors: *mut u32,
) -> anser_status {
    guard("anser_network_num_tensors", || {
        // SAFETY: passed on.
        unsafe { count(network, out_tensors, "out_tensors", |n| number(n.tensors().len())) }
    })
}

/// How many layers there are. They are 0..num_layers-1; each takes only what stands before it.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_layers` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_layers(network: *const anser_network, out_layers: *mut u32) -> anser_status {
    guard("anser_network_num_layers", || {
        // SAFETY: passed on.
        unsafe { count(network, out_layers, "out_layers", |n| number(n.layers().len())) }
    })
}

/// How many input tensors there are.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_inputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_inputs(
    network: *const anser_network,
    out_inputs: *mut usize,
) -> anser_status {
    guard("anser_network_num_inputs", || {
        // SAFETY: passed on.
        unsafe { count(network, out_inputs, "out_inputs", |n| n.inputs().len()) }
    })
}

/// How many output tensors there are.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_outputs` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_outputs(
    network: *const anser_network,
    out_outputs: *mut usize,
) -> anser_status {
    guard("anser_network_num_outputs", || {
        // SAFETY: passed on.
        unsafe { count(network, out_outputs, "out_outputs", |n| n.outputs().len()) }
    })
}

/// How many weights there are: elements of all constants.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_parameters` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_parameters(
    network: *const anser_network,
    out_parameters: *mut u64,
) -> anser_status {
    guard("anser_network_num_parameters", || {
        // SAFETY: passed on.
        unsafe { count(network, out_parameters, "out_parameters", |n| n.num_parameters() as u64) }
    })
}

/// How many numbers a sample has: elements of all inputs together.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_input_length(
    network: *const anser_network,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_network_input_length", || {
        // SAFETY: passed on.
        unsafe { count(network, out_length, "out_length", Network::input_len) }
    })
}

/// How many numbers a sample's outputs have: elements of all outputs together.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_output_length(
    network: *const anser_network,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_network_output_length", || {
        // SAFETY: passed on.
        unsafe { count(network, out_length, "out_length", Network::output_len) }
    })
}

/// # Safety
/// `network` is null or from this library and not freed; `out` is null or points to room for one.
unsafe fn count<T>(
    network: *const anser_network,
    out: *mut T,
    argument: &str,
    count: impl FnOnce(&Network) -> T,
) -> Result<(), Failure> {
    // SAFETY: passed on.
    unsafe {
        let out = Out::needed(out, argument)?;
        out.set(count(&handle::read(network, "network")?.network));
    }
    Ok(())
}

/// Tensors and layers are numbered in 32 bits.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The input tensors, in order.
///
/// @param num_tensors the room: at least what anser_network_num_inputs says.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_tensors` is null or has room for `num_tensors`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_inputs(
    network: *const anser_network,
    out_tensors: *mut u32,
    num_tensors: usize,
) -> anser_status {
    guard("anser_network_get_inputs", || {
        // SAFETY: passed on.
        unsafe { ids(handle::read(network, "network")?.network.inputs(), out_tensors, num_tensors) }
    })
}

/// The output tensors, in order.
///
/// @param num_tensors the room: at least what anser_network_num_outputs says.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_tensors` is null or has room for `num_tensors`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_outputs(
    network: *const anser_network,
    out_tensors: *mut u32,
    num_tensors: usize,
) -> anser_status {
    guard("anser_network_get_outputs", || {
        // SAFETY: passed on.
        unsafe { ids(handle::read(network, "network")?.network.outputs(), out_tensors, num_tensors) }
    })
}

/// # Safety
/// `out` is null or has room for `given`.
unsafe fn ids(tensors: &[TensorId], out: *mut u32, given: usize) -> Result<(), Failure> {
    room(given, tensors.len(), "num_tensors")?;
    let mut copy = reserved(tensors.len())?;
    copy.extend(tensors.iter().map(|t| t.0));
    // SAFETY: passed on.
    unsafe { fill(out, &copy, "out_tensors") }
}

fn tensor_of(network: &Network, tensor: u32) -> Result<&Tensor, Failure> {
    network.tensors().get(tensor as usize).ok_or_else(|| {
        let count = network.tensors().len();
        Failure::invalid(format_args!("argument tensor: there is no tensor {tensor}, there are {count}"))
    })
}

fn pointer<T>(items: &[T]) -> *const T {
    if items.is_empty() { std::ptr::null() } else { items.as_ptr() }
}

/// A tensor.
///
/// @param out_tensor begin with ANSER_TENSOR_INIT. Its pointers are borrowed: valid until the network is next changed or
///   freed.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_tensor` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_tensor(
    network: *const anser_network,
    tensor: u32,
    out_tensor: *mut anser_tensor,
) -> anser_status {
    guard("anser_network_get_tensor", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(network, "network")?;
            let found = tensor_of(&state.network, tensor)?;
            let (source, index, element_type) = match found.source() {
                Source::Input(index) => (anser_tensor_source::ANSER_TENSOR_SOURCE_INPUT, *index, 0),
                Source::Layer(index) => (anser_tensor_source::ANSER_TENSOR_SOURCE_LAYER, *index, 0),
                Source::Constant(constant) => {
                    (anser_tensor_source::ANSER_TENSOR_SOURCE_CONSTANT, 0, element_code(constant.element_type()))
                }
            };
            let value = anser_tensor {
                struct_size: size_of::<anser_tensor>(),
                name: state.views()?.name(tensor as usize),
                shape: pointer(found.shape()),
                rank: found.shape().len(),
                length: found.len(),
                source: source as i32,
                element_type,
                index,
            };
            write_struct(out_tensor, &value, size_of::<anser_tensor>(), "out_tensor")
        }
    })
}

/// The tensor of this name; UINT32_MAX where no tensor has it.
///
/// # Safety
/// `network` is null or from this library and not freed; `name` is null or a C string; `out_tensor` is null or points to
/// room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_find_tensor(
    network: *const anser_network,
    name: *const c_char,
    out_tensor: *mut u32,
) -> anser_status {
    guard("anser_network_find_tensor", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_tensor, "out_tensor")?;
            let name = text(name, "name")?;
            out.set(handle::read(network, "network")?.network.find(name).map_or(u32::MAX, |t| t.0));
        }
        Ok(())
    })
}

/// The elements of a constant, without a copy. A tensor that is none is ANSER_STATUS_INVALID_ARGUMENT.
///
/// @param out_view begin with ANSER_CONSTANT_VIEW_INIT. Its pointers are borrowed: valid until the network is next changed
///   or freed.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_view` is null or points to a struct of the size that it
/// states.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_constant(
    network: *const anser_network,
    tensor: u32,
    out_view: *mut anser_constant_view,
) -> anser_status {
    guard("anser_network_get_constant", || {
        // SAFETY: passed on.
        unsafe {
            let state = handle::read(network, "network")?;
            let Some(constant) = tensor_of(&state.network, tensor)?.constant() else {
                return Err(Failure::invalid(format_args!("argument tensor: tensor {tensor} is no constant")));
            };
            let rank = constant.shape().len();
            let strides = state.views()?.strides(tensor as usize);
            let value = anser_constant_view {
                struct_size: size_of::<anser_constant_view>(),
                element_type: element_code(constant.element_type()),
                reserved: 0,
                elements: match constant.elements() {
                    Elements::F32(e) => pointer(e).cast(),
                    Elements::F64(e) => pointer(e).cast(),
                },
                length: constant.len(),
                shape: pointer(constant.shape()),
                strides: if rank == 0 { std::ptr::null() } else { strides },
                rank,
            };
            write_struct(out_view, &value, size_of::<anser_constant_view>(), "out_view")
        }
    })
}

/// How many nodes of the ONNX graph went into a layer; 0 where it was built by hand.
///
/// # Safety
/// `network` is null or from this library and not freed; `out_nodes` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_num_layer_nodes(
    network: *const anser_network,
    layer: u32,
    out_nodes: *mut usize,
) -> anser_status {
    guard("anser_network_num_layer_nodes", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::needed(out_nodes, "out_nodes")?;
            let state = handle::read(network, "network")?;
            out.set(layer_of(&state.network, layer)?.nodes().len());
        }
        Ok(())
    })
}

/// A node of the ONNX graph that went into a layer. They come in the file's order.
///
/// @param node from 0; less than what anser_network_num_layer_nodes says.
/// @param out_index its place in the file's list of nodes, from 0. May be NULL.
/// @param out_name its name, often empty. Borrowed: valid until the network is next changed or freed. May be NULL.
/// @param out_op its operator, such as "Conv". Borrowed as the name is. May be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; the outputs are null or point to room for one each.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_get_layer_node(
    network: *const anser_network,
    layer: u32,
    node: usize,
    out_index: *mut usize,
    out_name: *mut *const c_char,
    out_op: *mut *const c_char,
) -> anser_status {
    guard("anser_network_get_layer_node", || {
        // SAFETY: passed on.
        unsafe {
            let out_index = Out::optional(out_index, "out_index")?;
            let (out_name, out_op) = (Out::optional(out_name, "out_name")?, Out::optional(out_op, "out_op")?);
            let state = handle::read(network, "network")?;
            let nodes = layer_of(&state.network, layer)?.nodes();
            let Some(found) = nodes.get(node) else {
                let count = nodes.len();
                let text = format_args!("argument node: there is no node {node} in layer {layer}, there are {count}");
                return Err(Failure::invalid(text));
            };
            let [name, op] = state.views()?.node(layer as usize, node);
            out_index.set(found.index);
            out_name.set(name);
            out_op.set(op);
        }
        Ok(())
    })
}
