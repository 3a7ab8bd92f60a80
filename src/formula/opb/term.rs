//! Shortcuts past the automaton: a weight and its literal at once, a relation and its bound.

use crate::formula::text::is_blank;

/// A term of the usual form, all within the chunk: a sign or none, at most 18 digits, a space, a literal of at most 9
/// digits, a blank. Answers weight, literal and where it ends.
#[inline]
pub(super) fn term(chunk: &[u8], begin: usize) -> Option<(i64, i32, usize)> {
    let mut at = begin;
    let negative = chunk[at] == b'-';
    at += usize::from(matches!(chunk[at], b'+' | b'-'));
    let (weight, end) = digits(chunk, at, 18)?;
    at = end;
    if *chunk.get(at)? != b' ' {
        return None;
    }
    at += 1;
    let negated = *chunk.get(at)? == b'~';
    at += usize::from(negated);
    if *chunk.get(at)? != b'x' {
        return None;
    }
    let (variable, end) = digits(chunk, at + 1, 9)?;
    let after = *chunk.get(end)?;
    if after != b'\n' && !is_blank(after) {
        return None;
    }
    let (weight, variable) = (weight as i64, variable as i32); // 18 and 9 digits fit
    Some((if negative { -weight } else { weight }, if negated { -variable } else { variable }, end))
}

/// An end of the usual form, all within the chunk: `>= `, a minus sign or none, at most 18 digits, ` ;`. Answers the
/// bound and where it ends.
#[inline]
pub(super) fn at_least(chunk: &[u8], begin: usize) -> Option<(i64, usize)> {
    if !chunk[begin..].starts_with(b">= ") {
        return None;
    }
    let negative = *chunk.get(begin + 3)? == b'-';
    let (bound, end) = digits(chunk, begin + 3 + usize::from(negative), 18)?;
    let bound = bound as i64; // 18 digits fit
    chunk[end..].starts_with(b" ;").then_some((if negative { -bound } else { bound }, end + 2))
}

/// One to `most` digits, and where they end.
#[inline]
fn digits(chunk: &[u8], begin: usize, most: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (length, byte) in chunk[begin..].iter().take(most + 1).enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return (length > 0).then_some((value, begin + length));
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    None
}
