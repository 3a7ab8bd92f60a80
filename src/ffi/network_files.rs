//! ONNX in and out of an `anser_network`.

use std::ffi::c_char;
use std::io::Write;
use std::mem::offset_of;
use std::sync::Arc;

use super::anser_budget;
use super::anser_network;
use super::anser_sink;
use super::arguments::{Out, constructed, fill, path, room, slice, text};
use super::budget::arm;
use super::callback::check_exception;
use super::constraints::reserved;
use super::error::Failure;
use super::floats::Standard;
use super::guard::guard;
use super::handle;
use super::network::NetworkState;
use super::sink::host_writer;
use super::status::anser_status;
use super::structs::read_struct;
use crate::files::WriteError;
use crate::net::{NetworkError, fuse, onnx};

/// How a network is read. Begin with ANSER_NETWORK_OPTIONS_INIT.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct anser_network_options {
    /// sizeof(anser_network_options).
    pub struct_size: usize,
    /// 1 where layers are kept as the file has them; 0 where normalization is fused into the weights before it, which
    /// rounds to double.
    pub keep_layers: i32,
    /// Zero.
    pub reserved: i32,
    /// num_dims names of symbolic dimensions of the file's inputs, in UTF-8. May be NULL where num_dims is 0.
    pub dim_names: *const *const c_char,
    /// num_dims sizes: `dim_sizes[i]` is that of `dim_names[i]`. Of those not named here, a
    /// first axis is of size 1, and any other is an error.
    pub dim_sizes: *const usize,
    /// How many symbolic dimensions are given.
    pub num_dims: usize,
}

const _: () = assert!(offset_of!(anser_network_options, num_dims) == 32);

/// # Safety
/// `options` is null or points to a struct of the size that it states, with arrays as long as stated.
unsafe fn read_options(options: *const anser_network_options) -> Result<onnx::ReadOptions, Failure> {
    if options.is_null() {
        return Ok(onnx::ReadOptions::default());
    }
    // SAFETY: passed on; the struct is plain data.
    unsafe {
        let given = read_struct(options, size_of::<anser_network_options>(), "options")?;
        if !matches!(given.keep_layers, 0 | 1) {
            let text = format_args!("argument options.keep_layers: {} is neither 0 nor 1", given.keep_layers);
            return Err(Failure::invalid(text));
        }
        let names = slice(given.dim_names, given.num_dims, "options.dim_names")?;
        let sizes = slice(given.dim_sizes, given.num_dims, "options.dim_sizes")?;
        let mut dims = reserved(names.len())?;
        for (index, (&name, &size)) in names.iter().zip(sizes).enumerate() {
            let name = text(name, "options.dim_names").map_err(|e| e.at_index(index))?;
            dims.push((name.to_owned(), size));
        }
        Ok(onnx::ReadOptions { fuse: given.keep_layers == 0, dims })
    }
}

/// Reads a network in ONNX (opsets 7 to 28) from a file, plain or compressed by gzip
/// or xz (told from its first bytes). Data that the file keeps in other files is looked for beside it.
///
/// Constants are folded. What is no ONNX model, or makes no sound graph, is ANSER_STATUS_PARSE; what is not supported is
/// ANSER_STATUS_UNSUPPORTED. The text names node, operator and opset, and anser_last_error_index is the node's place in
/// the file, where it is about one.
///
/// @param options begin with ANSER_NETWORK_OPTIONS_INIT. NULL for the defaults.
/// @param budget ends the call with ANSER_STATUS_STOPPED; its memory limit holds while reading. May be NULL.
/// @param out_network the network; NULL on failure.
///
/// # Safety
/// `path` is null or a C string; `options` is null or points to a struct of the size that it states, with arrays as long
/// as stated; `budget` is null or from anser_budget_new and not freed; `out_network` is null or points to room for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_read_onnx(
    path: *const c_char,
    options: *const anser_network_options,
    budget: *const anser_budget,
    out_network: *mut *mut anser_network,
) -> anser_status {
    guard("anser_network_read_onnx", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_network, "out_network")?;
            let path = self::path(path, "path")?;
            let options = read_options(options)?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let read = onnx::read_file(path, &options, &budget);
            check_exception()?;
            out.set(handle::create(NetworkState::of(Arc::new(read?)))?);
        }
        Ok(())
    })
}

/// As anser_network_read_onnx, from memory.
///
/// @param folder where data is looked for that the model keeps in other files. NULL for nowhere: then it is an error.
///
/// # Safety
/// `bytes` is null or points to `length` bytes; `folder` is null or a C string; the others are as in
/// anser_network_read_onnx.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_read_onnx_memory(
    bytes: *const u8,
    length: usize,
    folder: *const c_char,
    options: *const anser_network_options,
    budget: *const anser_budget,
    out_network: *mut *mut anser_network,
) -> anser_status {
    guard("anser_network_read_onnx_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_network, "out_network")?;
            let bytes = slice(bytes, length, "bytes")?;
            let folder = if folder.is_null() { None } else { Some(self::path(folder, "folder")?) };
            let options = read_options(options)?;
            let budget = arm(budget)?;
            let _standard = Standard::enter();
            let read = onnx::read_bytes(bytes, folder, &options, &budget);
            check_exception()?;
            out.set(handle::create(NetworkState::of(Arc::new(read?)))?);
        }
        Ok(())
    })
}

/// Writes the network in ONNX to a file, compressed where its name ends in .gz or .xz. The file appears under its name only
/// when it is whole.
///
/// # Safety
/// `network` is null or from this library and not freed; `path` is null or a C string; `budget` is null or from
/// anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_write_onnx(
    network: *const anser_network,
    path: *const c_char,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_network_write_onnx", || {
        // SAFETY: passed on.
        let (path, state, budget) =
            unsafe { (self::path(path, "path")?, handle::read(network, "network")?, arm(budget)?) };
        let written = onnx::write_file(&state.network, path, &budget);
        check_exception()?;
        Ok(written?)
    })
}

/// As anser_network_write_onnx, uncompressed, into a host's function. The sink is let go of before this returns.
///
/// # Safety
/// `network` is null or from this library and not freed; `sink` is null or points to a struct of the size that it
/// states; `budget` is null or from anser_budget_new and not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_write_onnx_sink(
    network: *const anser_network,
    sink: *const anser_sink,
    budget: *const anser_budget,
) -> anser_status {
    guard("anser_network_write_onnx_sink", || {
        // SAFETY: passed on.
        let (mut writer, state, budget) =
            unsafe { (host_writer(sink)?, handle::read(network, "network")?, arm(budget)?) };
        let bytes = onnx::to_bytes(&state.network, &budget);
        check_exception()?;
        let bytes = bytes?;
        for piece in bytes.chunks(PIECE) {
            let written = budget.check().map_err(WriteError::from).and_then(|()| Ok(writer.write_all(piece)?));
            check_exception()?;
            written?;
        }
        Ok(())
    })
}

/// Bytes that a sink is given at once.
const PIECE: usize = 1 << 16;

/// As anser_network_write_onnx, uncompressed, into memory.
///
/// @param buffer room for the bytes; may be NULL where capacity is 0, to learn the length only.
/// @param capacity bytes in buffer; too few are ANSER_STATUS_BUFFER_TOO_SMALL.
/// @param out_length how many bytes there are; also written where the buffer is too small. May be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed;
/// `buffer` is null or has `capacity` bytes; `out_length` is null or points to room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_write_onnx_memory(
    network: *const anser_network,
    budget: *const anser_budget,
    buffer: *mut u8,
    capacity: usize,
    out_length: *mut usize,
) -> anser_status {
    guard("anser_network_write_onnx_memory", || {
        // SAFETY: passed on.
        unsafe {
            let out = Out::optional(out_length, "out_length")?;
            let state = handle::read(network, "network")?;
            if capacity != 0 && buffer.is_null() {
                return Err(Failure::null("buffer"));
            }
            let bytes = onnx::to_bytes(&state.network, &arm(budget)?);
            check_exception()?;
            let bytes = bytes?;
            out.set(bytes.len());
            if capacity == 0 {
                return Ok(());
            }
            room(capacity, bytes.len(), "capacity")?;
            fill(buffer, &bytes, "buffer")
        }
    })
}

/// A network with fewer layers that computes the same, but for rounding: normalization, scaling and biases are merged into
/// the weights before them. The original stays as it is. A unit of work is a weight changed.
///
/// @param budget may be NULL.
///
/// # Safety
/// `network` is null or from this library and not freed; `budget` is null or from anser_budget_new and not freed; `out_network` is null or points to room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn anser_network_fuse(
    network: *const anser_network,
    budget: *const anser_budget,
    out_network: *mut *mut anser_network,
) -> anser_status {
    guard("anser_network_fuse", || {
        // SAFETY: passed on.
        unsafe {
            let out = constructed(out_network, "out_network")?;
            let state = handle::read(network, "network")?;
            let _standard = Standard::enter();
            let fused = fuse::fuse(&state.network, &arm(budget)?).map_err(|e| match e {
                NetworkError::Memory(short) => short.into(),
                NetworkError::Stopped(stop) => Failure::stopped(stop),
                // What it makes was checked before, so that this is a weight beyond the largest double.
                e => Failure::new(anser_status::ANSER_STATUS_UNSUPPORTED, e),
            });
            out.set(handle::create(NetworkState::of(Arc::new(fused?)))?);
        }
        Ok(())
    })
}
