//! The best assignment that a walk saw, without a copy of it at every step down: the flips since then undo what came after,
//! and only where these become many is it written down.

use crate::error::OutOfMemory;

#[derive(Debug)]
pub(super) struct Best {
    /// How much it violates.
    pub violated: usize,
    /// Variables that were flipped since; only as long as it is not in `saved`.
    since: Vec<u32>,
    saved: Vec<u32>,
    is_saved: bool,
}

impl Best {
    pub fn new(num_vars: u32) -> Result<Self, OutOfMemory> {
        let words = (num_vars as usize).div_ceil(32);
        // As many as make undoing about as long as copying.
        let flips = words + 64;
        let refused = |_| OutOfMemory::Allocator { bytes: 4 * (words + flips) as u64 };
        let (mut since, mut saved) = (Vec::new(), Vec::new());
        since.try_reserve_exact(flips).map_err(refused)?;
        saved.try_reserve_exact(words).map_err(refused)?;
        saved.resize(words, 0);
        Ok(Best { violated: usize::MAX, since, saved, is_saved: true })
    }

    /// After a flip, or before the first one (`None`): where that leaves `values`, which violate so much.
    #[inline]
    pub fn after(&mut self, flipped: Option<u32>, violated: usize, values: &[u32]) {
        if violated < self.violated {
            self.violated = violated;
            self.since.clear();
            self.is_saved = false;
        } else if !self.is_saved {
            self.since.extend(flipped);
            if self.since.len() == self.since.capacity() {
                self.save(values);
            }
        }
    }

    /// Before `values` change in another way than by flips.
    pub fn save(&mut self, values: &[u32]) {
        if !self.is_saved {
            self.saved.copy_from_slice(values);
            for variable in self.since.drain(..) {
                self.saved[variable as usize / 32] ^= 1 << (variable % 32);
            }
            self.is_saved = true;
        }
    }

    /// It, after [`Best::save`]; all false before there was any.
    pub fn values(&self) -> &[u32] {
        &self.saved
    }

    pub fn bytes(&self) -> u64 {
        4 * (self.since.capacity() + self.saved.capacity()) as u64
    }
}
