//! The line `p cnf VARIABLES CLAUSES`.

use crate::formula::MAX_VAR;
use crate::formula::text::{Count, ParseErrorKind, is_blank};

/// Bytes a header's line may have; the longest sensible one has some 50.
pub(super) const LONGEST: usize = 256;

/// What a header promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    pub variables: u32,
    pub clauses: u64,
}

/// A header's line as far as it has been read.
#[derive(Debug)]
pub(super) struct HeaderLine {
    bytes: [u8; LONGEST],
    len: usize,
}

impl HeaderLine {
    pub fn new() -> Self {
        HeaderLine { bytes: [0; LONGEST], len: 0 }
    }

    /// Takes more of the line.
    pub fn extend(&mut self, more: &[u8]) -> Result<(), ParseErrorKind> {
        let end = self.len + more.len();
        match self.bytes.get_mut(self.len..end) {
            Some(room) => room.copy_from_slice(more),
            None => return Err(ParseErrorKind::LongHeader(LONGEST)),
        }
        self.len = end;
        Ok(())
    }

    /// Reads the complete line, which begins with `p`. An error comes with its offset from there.
    pub fn parse(&self) -> Result<Header, (usize, ParseErrorKind)> {
        let mut words = Words { line: &self.bytes[..self.len], at: 0 };
        words.expect(b"p", "`p`")?;
        words.expect(b"cnf", "`cnf`")?;
        let (at, variables) = words.count(Count::Variables, "the number of variables")?;
        let variables = match variables.parse::<u32>() {
            Ok(n) if n <= MAX_VAR => n,
            _ => return Err((at, ParseErrorKind::TooManyVariables { found: variables })),
        };
        let (at, clauses) = words.count(Count::Clauses, "the number of clauses")?;
        let clauses = clauses
            .parse::<u64>()
            .map_err(|_| (at, ParseErrorKind::TooManyClausesPromised { found: clauses.clone() }))?;
        match words.next() {
            (_, []) => Ok(Header { variables, clauses }),
            (at, word) => Err((at, malformed("the end of the line", word))),
        }
    }
}

struct Words<'a> {
    line: &'a [u8],
    at: usize,
}

impl<'a> Words<'a> {
    /// The next word and its offset; an empty word at the end of the line.
    fn next(&mut self) -> (usize, &'a [u8]) {
        let rest = &self.line[self.at..];
        let begin = rest.iter().position(|b| !is_blank(*b)).unwrap_or(rest.len());
        let word = &rest[begin..];
        let len = word.iter().position(|b| is_blank(*b)).unwrap_or(word.len());
        let begin = self.at + begin;
        self.at = begin + len;
        (begin, &word[..len])
    }

    fn expect(&mut self, word: &[u8], expected: &'static str) -> Result<(), (usize, ParseErrorKind)> {
        match self.next() {
            (_, found) if found == word => Ok(()),
            (at, found) => Err((at, malformed(expected, found))),
        }
    }

    /// The next word, which must be digits, and its offset.
    fn count(&mut self, count: Count, expected: &'static str) -> Result<(usize, String), (usize, ParseErrorKind)> {
        let (at, word) = self.next();
        let digits = |w: &[u8]| !w.is_empty() && w.iter().all(u8::is_ascii_digit);
        if digits(word) {
            return Ok((at, word.escape_ascii().to_string()));
        }
        Err((
            at,
            match word {
                [b'-', rest @ ..] if digits(rest) => {
                    ParseErrorKind::NegativeCount { count, found: word.escape_ascii().to_string() }
                }
                _ => malformed(expected, word),
            },
        ))
    }
}

fn malformed(expected: &'static str, word: &[u8]) -> ParseErrorKind {
    let found = if word.is_empty() { "the end of the line".into() } else { format!("`{}`", word.escape_ascii()) };
    ParseErrorKind::MalformedHeader { expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Header, (usize, ParseErrorKind)> {
        let mut h = HeaderLine::new();
        h.extend(line.as_bytes()).map_err(|kind| (0, kind))?;
        h.parse()
    }

    #[test]
    fn blanks_do_not_matter() {
        let expected = Ok(Header { variables: 3, clauses: 2 });
        for line in ["p cnf 3 2", "p\tcnf  3\t2 \t\r", "p cnf 0003 02"] {
            assert_eq!(parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn extremes() {
        let most = Header { variables: MAX_VAR, clauses: u64::MAX };
        assert_eq!(parse(&format!("p cnf {MAX_VAR} {}", u64::MAX)), Ok(most));
        assert!(matches!(
            parse(&format!("p cnf {} 1", MAX_VAR + 1)),
            Err((6, ParseErrorKind::TooManyVariables { .. }))
        ));
        assert!(matches!(
            parse("p cnf 1 18446744073709551616"),
            Err((8, ParseErrorKind::TooManyClausesPromised { .. }))
        ));
        let line = format!("p cnf 1 1{}", " ".repeat(LONGEST - 9));
        assert_eq!(parse(&line), Ok(Header { variables: 1, clauses: 1 }));
        assert_eq!(parse(&format!("{line} ")), Err((0, ParseErrorKind::LongHeader(LONGEST))));
    }
}
