//! `anser_sink`: where a host takes bytes.

use std::ffi::c_void;
use std::io::{Error, Write};

use super::callback::UserData;
use super::error::Failure;
use super::status::anser_status;
use super::structs::read_struct;

/// A function that takes bytes: of a proof, or of a file. Begin with ANSER_SINK_INIT. See CALLBACKS at the top. A proof's
/// sink is also called by anser_solver_free where bytes are left.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct anser_sink {
    /// sizeof(anser_sink).
    pub struct_size: usize,
    /// Handed to the functions below.
    pub user_data: *mut c_void,
    /// Takes `length` bytes, valid until it returns; pieces come in order. Nonzero means that they could not be
    /// taken: no more come, and the call ends with ANSER_STATUS_IO.
    pub write: Option<unsafe extern "C" fn(user_data: *mut c_void, bytes: *const u8, length: usize) -> i32>,
    /// Called exactly once when the library lets go of `user_data`, also where registering failed, unless
    /// struct_size is wrong. May be NULL.
    pub destroy: Option<unsafe extern "C" fn(user_data: *mut c_void)>,
}

/// A host's sink as a writer.
#[derive(Debug)]
pub(super) struct HostWriter {
    host: UserData,
    write: unsafe extern "C" fn(*mut c_void, *const u8, usize) -> i32,
}

/// Reads a sink; from then on its `destroy` is called, whatever happens.
///
/// # Safety
/// `sink` is null or points to a struct of the size that it states.
pub(super) unsafe fn host_writer(sink: *const anser_sink) -> Result<HostWriter, Failure> {
    // SAFETY: passed on; the struct is plain data.
    let sink = unsafe { read_struct(sink, size_of::<anser_sink>(), "sink") }?;
    let host = UserData::new(sink.user_data, sink.destroy);
    match sink.write {
        Some(write) => Ok(HostWriter { host, write }),
        None => Err(Failure::new(anser_status::ANSER_STATUS_NULL_ARGUMENT, "argument sink: write is NULL")),
    }
}

impl Write for HostWriter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.host.write(self.write, bytes) {
            Some(0) => Ok(bytes.len()),
            Some(code) => Err(Error::other(format!("the host's write answered {code}"))),
            None => Err(Error::other("the host's write threw an exception")),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
