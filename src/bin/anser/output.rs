//! What goes to standard output. A reader that closed it has seen enough, so that is no error.

use std::io::{self, BufWriter, Write};

use serde_json::Value;

use crate::Failure;

/// The largest integer up to which every JSON reader's double is exact.
const EXACT: i128 = 1 << 53;

/// A JSON number, or a decimal string where a reader's double would round it.
pub fn number(n: impl Into<i128>) -> Value {
    let n = n.into();
    match i64::try_from(n) {
        Ok(small) if (-EXACT..=EXACT).contains(&n) => small.into(),
        _ => n.to_string().into(),
    }
}

/// A JSON number; what JSON cannot say is a string.
pub fn real(value: f64) -> Value {
    if value.is_finite() { value.into() } else { value.to_string().into() }
}

/// Seconds to the microsecond: more digits are noise.
pub fn seconds(time: std::time::Duration) -> Value {
    (time.as_micros() as f64 / 1e6).into()
}

/// Lets `write` fill standard output. Its error counts unless the reader went away.
pub fn stdout<E>(write: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), Failure>
where
    Failure: From<E>,
{
    let mut out = Stdout { inner: BufWriter::with_capacity(1 << 16, io::stdout().lock()), closed: false };
    let written = write(&mut out).map_err(Failure::from);
    let flushed = match written {
        Ok(()) => out.flush().map_err(|e| Failure(format!("standard output: {e}"))),
        Err(failure) => Err(failure),
    };
    if out.closed { Ok(()) } else { flushed }
}

/// One JSON object and a line feed.
pub fn json(object: &Value) -> Result<(), Failure> {
    stdout(|out| writeln!(out, "{object}"))
}

struct Stdout {
    inner: BufWriter<io::StdoutLock<'static>>,
    closed: bool,
}

impl Stdout {
    /// Remembers it, since an error that has gone through other layers may no longer tell.
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result {
            self.closed |= error.kind() == io::ErrorKind::BrokenPipe;
        }
        result
    }
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.inner.write(bytes);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.inner.flush();
        self.note(result)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_exact_or_strings() {
        let limit = 1i64 << 53;
        for (n, text) in [
            (0, "0".to_owned()),
            (-7, "-7".to_owned()),
            (limit, limit.to_string()),
            (-limit, (-limit).to_string()),
            (limit + 1, format!("\"{}\"", limit + 1)),
            (i64::MIN, format!("\"{}\"", i64::MIN)),
        ] {
            assert_eq!(number(n).to_string(), text);
        }
        assert_eq!(number(u64::MAX).to_string(), "\"18446744073709551615\"");
    }
}
