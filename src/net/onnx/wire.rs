//! The wire format of Protocol Buffers, borrowed from the bytes it lies in.
//!
//! Source: "Encoding", protobuf.dev/programming-guides/encoding. Every length is checked against the message that holds
//! it before anything is made of it, and nothing here recurses. The crate that writes our models reads too, but takes a
//! file that ends early for a whole one, allocates whatever length a file claims, descends as deep as a file goes and
//! refuses packed attributes; so reading is ours.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{OnnxError, OnnxErrorKind};
use crate::budget::Budget;
use crate::error::OutOfMemory;

/// What a field holds. Numbers are kept as the bytes they are, so that packed and single ones look alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Payload {
    Varint,
    Fixed64,
    Length,
    Fixed32,
}

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// Its number in the schema.
    pub number: u64,
    payload: Payload,
    bytes: &'a [u8],
    /// Where `bytes` begin in the file.
    offset: usize,
}

/// The fields of a message, one after the other.
pub struct Message<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where `bytes` begin in the file.
    base: usize,
}

impl<'a> Message<'a> {
    /// The outermost message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Message { bytes, at: 0, base: 0 }
    }

    /// The next field, `None` at the end.
    pub fn next(&mut self) -> Result<Option<Field<'a>>, OnnxError> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let number = tag >> 3;
        let start = self.at;
        let (payload, len) = match tag & 7 {
            0 => {
                self.varint()?;
                (Payload::Varint, self.at - start)
            }
            1 => (Payload::Fixed64, 8),
            2 => {
                let len = usize::try_from(self.varint()?).unwrap_or(usize::MAX);
                (Payload::Length, len)
            }
            5 => (Payload::Fixed32, 4),
            other => return Err(malformed(format!("a field of wire type {other}"), self.base + start)),
        };
        if number == 0 {
            return Err(malformed("a field with number 0", self.base + start));
        }
        let begin = if payload == Payload::Length { self.at } else { start };
        let Some(end) = begin.checked_add(len).filter(|&end| end <= self.bytes.len()) else {
            let left = self.bytes.len() - begin;
            return Err(malformed(format!("a field of {len} bytes where {left} are left"), self.base + begin));
        };
        self.at = end;
        Ok(Some(Field { number, payload, bytes: &self.bytes[begin..end], offset: self.base + begin }))
    }

    fn varint(&mut self) -> Result<u64, OnnxError> {
        let start = self.at;
        match varint(&self.bytes[start..]) {
            Some((value, len)) => {
                self.at += len;
                Ok(value)
            }
            None => Err(malformed("a number that does not end or is too large", self.base + start)),
        }
    }
}

/// The first number in `bytes`, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, &byte) in bytes.iter().take(10).enumerate() {
        if i == 9 && byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte < 0x80 {
            return Some((value, i + 1));
        }
    }
    None
}

impl<'a> Field<'a> {
    fn expect(&self, payload: Payload) -> Result<(), OnnxError> {
        if self.payload == payload {
            return Ok(());
        }
        Err(malformed(format!("field {} is {:?}, needed is {payload:?}", self.number, self.payload), self.offset))
    }

    /// An integer or enumerator.
    pub fn int(&self) -> Result<i64, OnnxError> {
        self.expect(Payload::Varint)?;
        Ok(varint(self.bytes).map_or(0, |(value, _)| value.cast_signed()))
    }

    /// A 32-bit number.
    pub fn float(&self) -> Result<f32, OnnxError> {
        self.expect(Payload::Fixed32)?;
        Ok(self.bytes.try_into().map_or(0.0, f32::from_le_bytes))
    }

    /// Bytes.
    pub fn bytes(&self) -> Result<&'a [u8], OnnxError> {
        self.expect(Payload::Length)?;
        Ok(self.bytes)
    }

    /// Text.
    pub fn text(&self) -> Result<&'a str, OnnxError> {
        std::str::from_utf8(self.bytes()?)
            .map_err(|e| malformed("text that is no UTF-8", self.offset + e.valid_up_to()))
    }

    /// A message in the message.
    pub fn message(&self) -> Result<Message<'a>, OnnxError> {
        Ok(Message { bytes: self.bytes()?, at: 0, base: self.offset })
    }

    /// Where its content begins in the file.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Numbers of a repeated field, packed or not.
#[derive(Debug, Clone, Default)]
pub struct Repeated<'a> {
    /// Bytes of one number or of many, and where they begin in the file.
    parts: Vec<(&'a [u8], usize)>,
}

impl<'a> Repeated<'a> {
    /// Takes one more field, of varints.
    pub fn add_varints(&mut self, field: &Field<'a>, held: &mut Held<'_>) -> Result<(), OnnxError> {
        if field.payload != Payload::Length {
            field.expect(Payload::Varint)?;
        }
        held.push(&mut self.parts, (field.bytes, field.offset))
    }

    /// Takes one more field, of numbers of `SIZE` bytes: 4 or 8.
    pub fn add_fixed<const SIZE: usize>(&mut self, field: &Field<'a>, held: &mut Held<'_>) -> Result<(), OnnxError> {
        if field.payload != Payload::Length {
            field.expect(if SIZE == 4 { Payload::Fixed32 } else { Payload::Fixed64 })?;
        }
        if !field.bytes.len().is_multiple_of(SIZE) {
            let what = format!("{} bytes of numbers that take {SIZE} each", field.bytes.len());
            return Err(malformed(what, field.offset));
        }
        held.push(&mut self.parts, (field.bytes, field.offset))
    }

    /// Whether there is no number.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(|(bytes, _)| bytes.is_empty())
    }

    /// How many numbers there are, where they are varints.
    pub fn count_varints(&self) -> usize {
        self.parts.iter().map(|(bytes, _)| bytes.iter().filter(|&&b| b < 0x80).count()).sum()
    }

    /// How many numbers there are, where they take `SIZE` bytes each.
    pub fn count_fixed<const SIZE: usize>(&self) -> usize {
        self.parts.iter().map(|(bytes, _)| bytes.len() / SIZE).sum()
    }

    /// Hands on each number.
    pub fn for_each_varint(&self, mut take: impl FnMut(i64) -> Result<(), OnnxError>) -> Result<(), OnnxError> {
        for &(bytes, offset) in &self.parts {
            let mut at = 0;
            while at < bytes.len() {
                let Some((value, len)) = varint(&bytes[at..]) else {
                    return Err(malformed("a number that does not end or is too large", offset + at));
                };
                take(value.cast_signed())?;
                at += len;
            }
        }
        Ok(())
    }

    /// All numbers of `SIZE` bytes.
    pub fn fixed<const SIZE: usize>(&self) -> impl Iterator<Item = [u8; SIZE]> {
        self.parts.iter().flat_map(|(bytes, _)| bytes.as_chunks::<SIZE>().0.iter().copied())
    }

    /// All numbers at once; for attributes and dimensions.
    pub fn ints(&self, held: &mut Held<'_>) -> Result<Vec<i64>, OnnxError> {
        let mut all = Vec::new();
        self.for_each_varint(|v| held.push(&mut all, v))?;
        Ok(all)
    }
}

/// Where the budget has no memory limit, reading may hold this and [`SHARE`] times what the files have: a short file is
/// not to ask for much.
const GROUND: u64 = 1 << 30;

/// Bytes held for each byte of a file. A layer of one short node takes some 40 times what its node does.
const SHARE: u64 = 64;

/// Counts what is held against the memory that the budget grants.
pub struct Held<'b> {
    budget: &'b Budget,
    limit: u64,
    /// Files beside the model that were granted for.
    files: HashSet<PathBuf>,
    bytes: u64,
    asked: u32,
}

impl<'b> Held<'b> {
    /// Counts from `bytes` on.
    pub fn new(bytes: usize, budget: &'b Budget) -> Result<Self, OnnxError> {
        let limit = match budget.memory() {
            u64::MAX => (bytes as u64).saturating_mul(SHARE).saturating_add(GROUND),
            limit => limit,
        };
        let mut held = Held { budget, limit, files: HashSet::new(), bytes: 0, asked: 0 };
        held.take(bytes as u64)?;
        Ok(held)
    }

    /// The budget.
    pub fn budget(&self) -> &'b Budget {
        self.budget
    }

    /// There is another file of so many bytes, counted once: a thousand tensors may lie in the same place.
    pub fn grant(&mut self, file: &Path, bytes: u64) {
        if self.budget.memory() == u64::MAX && !self.files.contains(file) {
            self.files.insert(file.to_owned());
            self.limit = self.limit.saturating_add(bytes.saturating_mul(SHARE));
        }
    }

    /// Counts bytes that are about to be held.
    pub fn take(&mut self, bytes: u64) -> Result<(), OnnxError> {
        let bytes = self.bytes.saturating_add(bytes);
        if bytes > self.limit {
            return Err(OutOfMemory::Limit { bytes, limit: self.limit }.into());
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Takes back bytes that are held no more.
    pub fn give_back(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Appends; the array and its room to grow count. Now and then the budget is asked.
    pub fn push<T>(&mut self, array: &mut Vec<T>, item: T) -> Result<(), OnnxError> {
        if array.len() == array.capacity() {
            let more = array.capacity().max(1);
            let bytes = (more as u64).saturating_mul(size_of::<T>() as u64);
            self.take(bytes)?;
            array.try_reserve_exact(more).map_err(|_| OutOfMemory::Allocator { bytes })?;
        }
        self.asked = self.asked.wrapping_add(1);
        if self.asked.is_multiple_of(1024) {
            self.budget.check()?;
        }
        array.push(item);
        Ok(())
    }

    /// An empty array with room for `len` elements, counted.
    pub fn array<T>(&mut self, len: usize) -> Result<Vec<T>, OnnxError> {
        let bytes = (len as u64).saturating_mul(size_of::<T>() as u64);
        self.take(bytes)?;
        let mut array = Vec::new();
        array.try_reserve_exact(len).map_err(|_| OutOfMemory::Allocator { bytes })?;
        Ok(array)
    }
}

/// These bytes are no ONNX model.
pub fn malformed(what: impl Into<String>, offset: usize) -> OnnxError {
    OnnxErrorKind::Malformed { what: what.into(), offset: Some(offset) }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::Limits;

    #[test]
    fn a_file_is_granted_for_once_and_only_where_there_is_no_limit() {
        let budget = Budget::unlimited();
        let mut held = Held::new(100, &budget).unwrap();
        for file in ["a", "a", "b", "a"] {
            held.grant(Path::new(file), 1000);
        }
        let room = GROUND + SHARE * 2100 - 100;
        assert!(held.take(room + 1).is_err() && held.take(room).is_ok() && held.take(1).is_err());
        let limited = Budget::start(&Limits { memory: Some(500), ..Limits::default() });
        let mut held = Held::new(100, &limited).unwrap();
        held.grant(Path::new("a"), 1000);
        assert!(held.take(401).is_err() && held.take(400).is_ok());
    }
}
