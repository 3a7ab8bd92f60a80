//! Small binary records that a later run reads again: a name, a version, numbers little-endian, and a sum at the end.

/// What a sum begins with.
pub(crate) const START: u64 = 0xCBF2_9CE4_8422_2325;

/// FNV-1a.
pub(crate) fn sum(bytes: &[u8], from: u64) -> u64 {
    bytes.iter().fold(from, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Why a record was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Something else altogether.
    #[error("it does not begin as one")]
    Magic,
    /// A version that this library does not know.
    #[error("it is of version {0}")]
    Version(u32),
    /// Bytes are missing or changed.
    #[error("it is damaged: its sum is wrong, or bytes are missing")]
    Damaged,
    /// It says what cannot be.
    #[error("it is wrong at byte {offset}: {what}")]
    Wrong {
        /// Where.
        offset: usize,
        /// What is wrong.
        what: &'static str,
    },
}

/// Writes one.
pub(crate) struct Writer(pub Vec<u8>);

impl Writer {
    pub fn new(magic: &[u8; 16], version: u32) -> Self {
        let mut out = Writer(magic.to_vec());
        out.u32(version);
        out
    }

    pub fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub fn f64(&mut self, value: f64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// The whole record, its sum at the end.
    pub fn finish(mut self) -> Vec<u8> {
        let sum = sum(&self.0, START);
        self.u64(sum);
        self.0
    }
}

/// Reads one.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Checks what begins it and its sum.
    pub fn open(bytes: &'a [u8], magic: &[u8; 16], version: u32) -> Result<Self, RecordError> {
        let mut read = Reader { bytes, at: magic.len() };
        if !bytes.starts_with(magic) {
            return Err(RecordError::Magic);
        }
        let found = read.u32()?;
        if found != version {
            return Err(RecordError::Version(found));
        }
        let Some((body, end)) = bytes.split_last_chunk::<8>() else { return Err(RecordError::Damaged) };
        if u64::from_le_bytes(*end) != sum(body, START) {
            return Err(RecordError::Damaged);
        }
        read.bytes = body;
        Ok(read)
    }

    /// Where the next item begins.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn wrong(&self, what: &'static str) -> RecordError {
        RecordError::Wrong { offset: self.at, what }
    }

    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], RecordError> {
        if self.left() < count {
            return Err(RecordError::Damaged);
        }
        self.at += count;
        Ok(&self.bytes[self.at - count..self.at])
    }

    fn chunk<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let mut chunk = [0; N];
        chunk.copy_from_slice(self.take(N)?);
        Ok(chunk)
    }

    pub fn u32(&mut self) -> Result<u32, RecordError> {
        Ok(u32::from_le_bytes(self.chunk()?))
    }

    pub fn u64(&mut self) -> Result<u64, RecordError> {
        Ok(u64::from_le_bytes(self.chunk()?))
    }

    pub fn f64(&mut self) -> Result<f64, RecordError> {
        Ok(f64::from_le_bytes(self.chunk()?))
    }

    /// A number of items of so many bytes, which must be there.
    pub fn count(&mut self, size: usize) -> Result<usize, RecordError> {
        let count = self.u32()? as usize;
        if count > self.left() / size { Err(self.wrong("more items than bytes")) } else { Ok(count) }
    }

    pub fn flag(&mut self) -> Result<bool, RecordError> {
        match self.chunk::<1>()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(self.wrong("neither 0 nor 1")),
        }
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), RecordError> {
        if self.left() == 0 { Ok(()) } else { Err(self.wrong("bytes after the end")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the algorithm's authors.
    #[test]
    fn sums_are_fnv_1a() {
        assert_eq!(sum(b"", START), 0xCBF2_9CE4_8422_2325);
        assert_eq!(sum(b"a", START), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(sum(b"foobar", START), 0x8594_4171_F739_67E8);
    }
}
