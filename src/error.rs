//! What every room may fail with.

/// Memory could not be had, or a handle's memory limit would be exceeded. Nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfMemory {
    /// The allocator refused.
    #[error("the allocator refused {bytes} more bytes")]
    Allocator {
        /// How many bytes were asked for.
        bytes: u64,
    },
    /// A limit set by the caller would be exceeded.
    #[error("{bytes} bytes are needed, the memory limit is {limit}")]
    Limit {
        /// How many bytes the object would hold.
        bytes: u64,
        /// The limit in force.
        limit: u64,
    },
    /// An embedded solver ran out of memory and cannot be used any more.
    #[error("the embedded solver ran out of memory")]
    Backend,
}
