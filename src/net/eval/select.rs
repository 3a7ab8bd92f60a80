//! Operators that only move elements, as one list: where each element of the answer comes from.

use super::real::with_capacity;
use super::spread::advance;
use crate::error::OutOfMemory;
use crate::net::{Op, PadMode};

/// In a list of [`selection`]: from nowhere, it is padding.
pub(crate) const PADDING: u32 = u32::MAX;

/// For every element of the answer of a transposition, slice, gather or padding the element of the operand that it is;
/// `None` for other operators.
pub(crate) fn selection(op: &Op, from: &[usize], to: &[usize]) -> Result<Option<Vec<u32>>, OutOfMemory> {
    let mut strides = vec![1; from.len()];
    for i in (1..from.len()).rev() {
        strides[i - 1] = strides[i] * from[i];
    }
    let map = match op {
        Op::Transpose { axes } => list(to, |index| sum(index, |i, at| Some(at * strides[axes[i]])))?,
        Op::Slice { starts, steps, .. } => list(to, |index| {
            sum(index, |i, at| {
                // Within the operand, as was checked when the layer was added.
                Some(starts[i].wrapping_add_signed(steps[i].wrapping_mul(at.cast_signed())) * strides[i])
            })
        })?,
        Op::Gather { axis, shape, indices } => list(to, |index| {
            let (before, rest) = index.split_at(*axis);
            let (which, after) = rest.split_at(shape.len());
            let place = which.iter().zip(shape).fold(0, |at, (&i, &size)| at * size + i);
            let before = sum(before, |i, at| Some(at * strides[i]))?;
            let after = sum(after, |i, at| Some(at * strides[axis + 1 + i]))?;
            Some(before + indices[place] * strides[*axis] + after)
        })?,
        Op::Pad { begin, mode, .. } => {
            list(to, |index| sum(index, |i, at| Some(padded(at, begin[i], from[i], *mode)? * strides[i])))?
        }
        _ => return Ok(None),
    };
    Ok(Some(map))
}

/// Which of `size` elements stands at this place of a padded axis.
fn padded(at: usize, begin: usize, size: usize, mode: PadMode) -> Option<usize> {
    match (at.checked_sub(begin), mode) {
        (Some(i), _) if i < size => Some(i),
        (_, PadMode::Constant(_)) => None,
        (None, PadMode::Edge) => Some(0),
        (Some(_), PadMode::Edge) => Some(size - 1),
        (None, PadMode::Reflect) => Some(begin - at),
        (Some(i), PadMode::Reflect) => Some(2 * size - 2 - i),
    }
}

fn sum(index: &[usize], each: impl Fn(usize, usize) -> Option<usize>) -> Option<usize> {
    index.iter().enumerate().try_fold(0, |sum, (i, &at)| Some(sum + each(i, at)?))
}

fn list(shape: &[usize], from: impl Fn(&[usize]) -> Option<usize>) -> Result<Vec<u32>, OutOfMemory> {
    let total = shape.iter().product();
    let mut map = with_capacity(total)?;
    let mut index = vec![0; shape.len()];
    for _ in 0..total {
        // Tensors have less than 2^31 elements.
        map.push(from(&index).map_or(PADDING, |i| i as u32));
        advance(&mut index, shape);
    }
    Ok(map)
}
