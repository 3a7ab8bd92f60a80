//! Memory that a host reads and writes as well: arrays at addresses that stay, in a block that the host may have allocated.
//!
//! The library writes to it only while the host does not hold it, from [`collect`](super::HostScorer::collect) to
//! [`submit`](super::HostScorer::submit), and reads what the host wrote only then.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::NonNull;

use crate::error::OutOfMemory;

/// A block that a host has allocated.
#[derive(Debug, Clone, Copy)]
pub struct HostMemory(NonNull<u8>);

impl HostMemory {
    /// # Safety
    /// It has as many bytes as were asked for, aligned as was asked, which only the library uses until they are handed back.
    #[must_use]
    pub unsafe fn new(at: NonNull<u8>) -> Self {
        HostMemory(at)
    }

    /// Where it is.
    #[must_use]
    pub fn at(self) -> NonNull<u8> {
        self.0
    }
}

/// Where arrays are in a block that does not exist yet.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Places {
    pub bytes: usize,
    pub align: usize,
}

impl Places {
    /// Room for so many bytes, aligned; its offset.
    pub fn room(&mut self, bytes: Option<usize>) -> Result<usize, OutOfMemory> {
        let huge = OutOfMemory::Allocator { bytes: u64::MAX };
        let at = self.bytes;
        let end = bytes.and_then(|bytes| at.checked_add(bytes)?.checked_next_multiple_of(self.align));
        self.bytes = end.filter(|&end| end < isize::MAX as usize).ok_or(huge)?;
        Ok(at)
    }
}

/// A block, of zeros at first.
#[derive(Debug)]
pub(super) struct Block {
    at: NonNull<u8>,
    bytes: usize,
    /// How it was allocated, where the host did not do it.
    own: Option<Layout>,
}

// SAFETY: bytes, which belong to whoever has the block.
unsafe impl Send for Block {}

impl Block {
    pub fn new(places: Places, host: Option<HostMemory>) -> Result<Self, OutOfMemory> {
        let bytes = places.bytes.max(1);
        if let Some(HostMemory(at)) = host {
            // SAFETY: the host has allocated as many.
            unsafe { at.write_bytes(0, places.bytes) };
            return Ok(Block { at, bytes: places.bytes, own: None });
        }
        let refused = OutOfMemory::Allocator { bytes: bytes as u64 };
        let layout = Layout::from_size_align(bytes, places.align).map_err(|_| refused)?;
        // SAFETY: its size is not zero.
        let at = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or(refused)?;
        Ok(Block { at, bytes, own: Some(layout) })
    }

    /// What the host has to be handed back, if it is the host's.
    pub fn of_host(&self) -> Option<HostMemory> {
        self.own.is_none().then_some(HostMemory(self.at))
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// An array within the block, which must live as long.
    pub fn array<T: Plain>(&self, offset: usize, length: usize) -> Array<T> {
        assert!(offset + length * size_of::<T>() <= self.bytes, "an array lies within its block");
        // SAFETY: within the block.
        let at = unsafe { self.at.add(offset) }.cast::<T>();
        assert!(at.is_aligned(), "an array is aligned");
        Array { at, length }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if let Some(layout) = self.own {
            // SAFETY: allocated so, above.
            unsafe { dealloc(self.at.as_ptr(), layout) }
        }
    }
}

/// What any bytes are.
pub(super) trait Plain: Copy {}
impl Plain for u8 {}
impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for [u32; 2] {}

/// An array in a block.
#[derive(Debug)]
pub(super) struct Array<T> {
    at: NonNull<T>,
    length: usize,
}

// SAFETY: plain data, which is written through `&mut` only.
unsafe impl<T: Plain> Send for Array<T> {}
// SAFETY: as above.
unsafe impl<T: Plain> Sync for Array<T> {}

impl<T: Plain> Array<T> {
    pub fn pointer(&self) -> *mut T {
        self.at.as_ptr()
    }

    #[inline]
    pub fn read(&self) -> &[T] {
        // SAFETY: within the block, initialised, and nobody writes while it is the library's.
        unsafe { std::slice::from_raw_parts(self.at.as_ptr(), self.length) }
    }

    #[inline]
    pub fn write(&mut self) -> &mut [T] {
        // SAFETY: as above, and each array is made once.
        unsafe { std::slice::from_raw_parts_mut(self.at.as_ptr(), self.length) }
    }
}
