//! Which variable is next: that which conflicts were about most, of late (VSIDS, Chaff, DAC 2001; decayed as in MiniSat).

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};

use super::engine::room;
use super::{Literal, variable};
use crate::error::OutOfMemory;

/// A heap of open variables by activity; ties go to the lower number.
#[derive(Debug)]
pub(super) struct Order {
    activity: Vec<f64>,
    more: f64,
    heap: Vec<u32>,
    /// Where each variable is in the heap.
    places: Vec<u32>,
    /// Of what variables begin with, far below what a conflict adds.
    rng: SplitMix64,
}

const OUT: u32 = u32::MAX;
const DECAY: f64 = 0.95;

/// Before there are conflicts variables come in their order, since encoders declare first what decides the rest (on binarized
/// networks a random order takes a hundred times as long); the seed shuffles those that are so near.
const NEAR: f64 = 8.0;
/// What a place in that order weighs, far below what a conflict adds.
const FIRST: f64 = 1e-9;

impl Default for Order {
    fn default() -> Self {
        Order::new(0)
    }
}

impl Order {
    pub fn new(seed: u64) -> Self {
        let rng = SplitMix64::seed_from_u64(seed);
        Order { activity: Vec::new(), more: 1.0, heap: Vec::new(), places: Vec::new(), rng }
    }

    pub fn reserve(&mut self, more: usize) -> Result<(), OutOfMemory> {
        room(&mut self.activity, more)?;
        room(&mut self.heap, more)?;
        room(&mut self.places, more)
    }

    pub fn ensure(&mut self, variables: usize) {
        for v in self.activity.len()..variables {
            let noise = (self.rng.next_u64() >> 11) as f64 * (NEAR / (1u64 << 53) as f64);
            self.activity.push((noise - v as f64) * FIRST);
            self.places.push(OUT);
            self.insert(v as u32);
        }
    }

    fn is_before(&self, a: u32, b: u32) -> bool {
        let (x, y) = (self.activity[a as usize], self.activity[b as usize]);
        x > y || (x == y && a < b)
    }

    fn up(&mut self, mut place: usize) {
        let v = self.heap[place];
        while place > 0 {
            let parent = (place - 1) / 2;
            if !self.is_before(v, self.heap[parent]) {
                break;
            }
            self.heap[place] = self.heap[parent];
            self.places[self.heap[place] as usize] = place as u32;
            place = parent;
        }
        self.heap[place] = v;
        self.places[v as usize] = place as u32;
    }

    fn down(&mut self, mut place: usize) {
        let v = self.heap[place];
        loop {
            let mut child = 2 * place + 1;
            if child >= self.heap.len() {
                break;
            }
            if child + 1 < self.heap.len() && self.is_before(self.heap[child + 1], self.heap[child]) {
                child += 1;
            }
            if !self.is_before(self.heap[child], v) {
                break;
            }
            self.heap[place] = self.heap[child];
            self.places[self.heap[place] as usize] = place as u32;
            place = child;
        }
        self.heap[place] = v;
        self.places[v as usize] = place as u32;
    }

    fn insert(&mut self, v: u32) {
        if self.places[v as usize] == OUT {
            self.heap.push(v);
            self.up(self.heap.len() - 1);
        }
    }

    /// A literal's variable is open again.
    pub fn open(&mut self, literal: Literal) {
        self.insert(variable(literal) as u32);
    }

    /// The first variable of the heap, taken out.
    pub fn pop(&mut self) -> Option<u32> {
        let first = *self.heap.first()?;
        let last = self.heap.pop()?;
        self.places[first as usize] = OUT;
        if !self.heap.is_empty() {
            self.heap[0] = last;
            self.down(0);
        }
        Some(first)
    }

    /// A conflict was about it.
    pub fn bump(&mut self, literal: Literal) {
        let v = variable(literal);
        self.activity[v] += self.more;
        if self.activity[v] > 1e100 {
            for activity in &mut self.activity {
                *activity *= 1e-100;
            }
            self.more *= 1e-100;
        }
        if self.places[v] != OUT {
            self.up(self.places[v] as usize);
        }
    }

    /// Conflicts to come count more.
    pub fn decay(&mut self) {
        self.more /= DECAY;
    }
}
