//! Tokens: parentheses, brackets, commas, words and quoted names. Places are bytes from the beginning; lines and columns
//! are counted only for an error.

use super::{ParseErrorKind, ReadError};
use crate::budget::Budget;

/// What the text consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Comma,
    /// Names, numbers and operators.
    Word(&'t str),
    /// A name in double quotes.
    Quoted,
    End,
}

/// Bytes between two questions to the budget.
const CHUNK: usize = 64 * 1024;

/// The most bytes of a text that a message repeats.
const QUOTE: usize = 40;

pub(super) struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    /// Where the budget is asked next.
    poll: usize,
    budget: &'t Budget,
}

impl<'t> Lexer<'t> {
    pub fn new(text: &'t [u8], budget: &'t Budget) -> Self {
        Lexer { text, at: 0, poll: 0, budget }
    }

    /// The next token and where it begins.
    pub fn next(&mut self) -> Result<(Token<'t>, usize), ReadError> {
        self.skip()?;
        let begin = self.at;
        let Some(&byte) = self.text.get(begin) else { return Ok((Token::End, begin)) };
        self.at += 1;
        let token = match byte {
            b'(' => Token::Open,
            b')' => Token::Close,
            b'[' => Token::OpenBracket,
            b']' => Token::CloseBracket,
            b',' => Token::Comma,
            b'"' => self.quoted(begin)?,
            b'!'..=b'~' => self.word(begin)?,
            _ => return Err(self.error(begin, ParseErrorKind::UnexpectedByte(byte))),
        };
        Ok((token, begin))
    }

    /// Blanks and comments.
    fn skip(&mut self) -> Result<(), ReadError> {
        while let Some(&byte) = self.text.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b';' => self.advance(|byte| byte != b'\n')?,
                _ => break,
            }
            if self.at >= self.poll {
                self.budget.check()?;
                self.poll = self.at + CHUNK;
            }
        }
        Ok(())
    }

    /// Goes on to the first byte that `within` does not take.
    fn advance(&mut self, within: impl Fn(u8) -> bool) -> Result<(), ReadError> {
        while self.at < self.text.len() {
            let chunk = &self.text[self.at..self.text.len().min(self.at + CHUNK)];
            match chunk.iter().position(|&byte| !within(byte)) {
                Some(length) => {
                    self.at += length;
                    break;
                }
                None => self.at += chunk.len(),
            }
            self.budget.check()?;
        }
        Ok(())
    }

    fn word(&mut self, begin: usize) -> Result<Token<'t>, ReadError> {
        self.advance(|byte| byte.is_ascii_graphic() && !b"()[],;\"".contains(&byte))?;
        if self.at >= self.poll {
            self.budget.check()?;
            self.poll = self.at + CHUNK;
        }
        // All bytes are ASCII.
        Ok(Token::Word(std::str::from_utf8(&self.text[begin..self.at]).unwrap_or("")))
    }

    fn quoted(&mut self, begin: usize) -> Result<Token<'t>, ReadError> {
        self.advance(|byte| byte != b'"' && byte != b'\n')?;
        if self.text.get(self.at) != Some(&b'"') {
            return Err(self.expected(begin, "a closing quote", Token::Quoted));
        }
        self.at += 1;
        Ok(Token::Quoted)
    }

    /// An error at a byte of the text.
    pub fn error(&self, at: usize, kind: ParseErrorKind) -> ReadError {
        let before = &self.text[..at.min(self.text.len())];
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count() as u64;
        let column = 1 + before.iter().rev().take_while(|&&byte| byte != b'\n').count() as u64;
        ReadError::Parse { path: None, line, column, kind }
    }

    /// An error at a token that should be another.
    pub fn expected(&self, at: usize, expected: &'static str, found: Token<'_>) -> ReadError {
        let found = match found {
            Token::Open => "`(`".into(),
            Token::Close => "`)`".into(),
            Token::OpenBracket => "`[`".into(),
            Token::CloseBracket => "`]`".into(),
            Token::Comma => "`,`".into(),
            Token::Word(word) => format!("`{}`", quote(word)),
            Token::Quoted => "a quoted name".into(),
            Token::End => "the end of the text".into(),
        };
        self.error(at, ParseErrorKind::Expected { expected, found })
    }
}

/// A word as a message repeats it.
pub(super) fn quote(word: &str) -> String {
    if word.len() <= QUOTE { word.into() } else { format!("{}…", &word[..QUOTE]) }
}
