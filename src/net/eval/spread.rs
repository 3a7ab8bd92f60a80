//! Broadcasting, and its adjoint, summation: which element of the smaller tensor belongs to each of the larger.

use std::sync::Arc;

use super::real::with_capacity;
use crate::error::OutOfMemory;

/// Elements taken at once by loops over large tensors; buffers of so many lie on the stack.
pub(crate) const BLOCK: usize = 512;

/// For every element of a larger tensor the element of a smaller one that broadcasts to it.
#[derive(Debug)]
pub(crate) enum Spread {
    /// The same.
    Same,
    /// The only one.
    Scalar,
    /// `i / inner % length`.
    Cycle { inner: usize, length: usize },
    /// As listed.
    Map(Arc<Vec<u32>>),
}

impl Spread {
    /// From one shape to another that it broadcasts to.
    pub(crate) fn new(from: &[usize], to: &[usize]) -> Result<Spread, OutOfMemory> {
        let size = |i: usize| (i + from.len()).checked_sub(to.len()).map_or(1, |i| from[i]);
        let (length, total) = (from.iter().product::<usize>(), to.iter().product::<usize>());
        if length == total {
            return Ok(Spread::Same);
        }
        if length == 1 {
            return Ok(Spread::Scalar);
        }
        // Axes of size 1 on both sides say nothing. What is left is spread, kept, spread in the simple case.
        let kept: Vec<usize> = (0..to.len()).filter(|&i| to[i] != 1 && size(i) != 1).collect();
        let (first, last) = (kept[0], kept[kept.len() - 1]);
        if (first..=last).all(|i| size(i) == to[i]) {
            return Ok(Spread::Cycle { inner: to[last + 1..].iter().product(), length });
        }
        let mut map = with_capacity(total)?;
        let mut index = vec![0; to.len()];
        for _ in 0..total {
            let at = (0..to.len()).fold(0, |at, i| at * size(i) + if size(i) == 1 { 0 } else { index[i] });
            map.push(at as u32);
            advance(&mut index, to);
        }
        Ok(Spread::Map(Arc::new(map)))
    }

    /// The element of the smaller tensor that belongs to element `i` of the larger.
    pub(crate) fn element(&self, i: usize) -> usize {
        match self {
            Spread::Same => i,
            Spread::Scalar => 0,
            Spread::Cycle { inner, length } => i / inner % length,
            Spread::Map(map) => map[i] as usize,
        }
    }

    /// Elements `start..start + buffer.len()` of the larger tensor, in `buffer` or as they lie.
    pub(crate) fn fetch<'a, T: Copy>(&self, values: &'a [T], start: usize, buffer: &'a mut [T]) -> &'a [T] {
        match self {
            Spread::Same => &values[start..start + buffer.len()],
            Spread::Scalar => {
                buffer.fill(values[0]);
                buffer
            }
            Spread::Cycle { inner, length } => {
                segments(*inner, *length, start, buffer.len(), |at, element, count| {
                    if *inner == 1 {
                        buffer[at..at + count].copy_from_slice(&values[element..element + count]);
                    } else {
                        buffer[at..at + count].fill(values[element]);
                    }
                });
                buffer
            }
            Spread::Map(map) => {
                buffer.iter_mut().zip(&map[start..]).for_each(|(to, &i)| *to = values[i as usize]);
                buffer
            }
        }
    }

    /// Adds elements `start..start + from.len()` of the larger tensor to those of the smaller.
    pub(crate) fn add<T: Copy + std::ops::AddAssign>(&self, from: &[T], start: usize, to: &mut [T]) {
        match self {
            Spread::Same => to[start..].iter_mut().zip(from).for_each(|(to, &v)| *to += v),
            Spread::Scalar => from.iter().for_each(|&v| to[0] += v),
            Spread::Cycle { inner, length } => segments(*inner, *length, start, from.len(), |at, element, count| {
                let from = &from[at..at + count];
                if *inner == 1 {
                    to[element..].iter_mut().zip(from).for_each(|(to, &v)| *to += v);
                } else {
                    from.iter().for_each(|&v| to[element] += v);
                }
            }),
            Spread::Map(map) => map[start..].iter().zip(from).for_each(|(&i, &v)| to[i as usize] += v),
        }
    }
}

/// Calls `each` with (index from `start` on, element, how many) for runs of [`Spread::Cycle`]: of neighbouring elements
/// where `inner` is 1, else of the same.
fn segments(inner: usize, length: usize, start: usize, count: usize, mut each: impl FnMut(usize, usize, usize)) {
    let run = if inner == 1 { length } else { inner };
    let mut at = 0;
    while at < count {
        let place = start + at;
        let here = (run - place % run).min(count - at);
        each(at, place / inner % length, here);
        at += here;
    }
}

/// The next index in row-major order; after the last comes the first.
pub(crate) fn advance(index: &mut [usize], shape: &[usize]) {
    for (i, &size) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < size {
            return;
        }
        *i = 0;
    }
}
