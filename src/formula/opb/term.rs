//! The shortcut past the automaton: a weight and its literal at once.

use crate::formula::text::is_blank;

/// A term of the usual form, all within the chunk: a sign or none, at most 18 digits, a space, a literal of at most 9
/// digits, a blank. Answers weight, literal and where it ends.
#[inline]
pub(super) fn usual(chunk: &[u8], begin: usize) -> Option<(i64, i32, usize)> {
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
