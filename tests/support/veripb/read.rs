//! Words of a proof, and the parts that rules are made of: names, literals, constraints, solutions, substitutions.

use std::collections::HashMap;

use super::constraint::{Constraint, Image, Lit, Substitution};
use super::int::Int;

/// A word, or one of `;`, `:`, `>=`, `<=`, `=`, `==>`, `<==`, and the line it stands in, from 1.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    pub text: &'a str,
    pub line: usize,
}

/// Splits a text into tokens. Comments begin with `%` and go to the end of the line.
pub struct Tokens<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str, line: usize) -> Self {
        Self { rest: text, line }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let first = *self.rest.as_bytes().first()?;
            let length = match first {
                b'\n' => {
                    self.line += 1;
                    1
                }
                b' ' | b'\t' | b'\r' => 1,
                b'%' => self.rest.find('\n').unwrap_or(self.rest.len()),
                _ => break,
            };
            self.rest = &self.rest[length..];
        }
        let is_relation = |c: char| matches!(c, '<' | '>' | '=');
        let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ';' | ':' | '%') || is_relation(c);
        let length = if self.rest.starts_with([';', ':']) {
            1
        } else if self.rest.starts_with("->") {
            // Set off by white space, or else a word that nothing knows.
            self.rest.find(|c: char| c.is_ascii_whitespace() || c == ';').unwrap_or(self.rest.len())
        } else if self.rest.starts_with(is_relation) {
            self.rest.find(|c| !is_relation(c)).unwrap_or(self.rest.len())
        } else {
            self.rest.find(ends).unwrap_or(self.rest.len())
        };
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(Token { text, line: self.line })
    }
}

/// The variables' names, and their numbers in order of appearance.
#[derive(Clone, Debug, Default)]
pub struct Names {
    numbers: HashMap<String, u32>,
    names: Vec<String>,
}

fn is_identifier_symbol(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_^[]{}-".contains(&byte)
}

/// Whether the text is `@` and a name after it.
pub fn is_label(text: &str) -> bool {
    text.strip_prefix('@').is_some_and(|name| !name.is_empty() && name.bytes().all(is_identifier_symbol))
}

impl Names {
    /// The variable of this name, which need not have been seen before.
    pub fn variable(&mut self, text: &str) -> Result<u32, String> {
        if let Some(&number) = self.numbers.get(text) {
            return Ok(number);
        }
        let bytes = text.as_bytes();
        let starts = bytes.first().is_some_and(|&byte| byte.is_ascii_alphabetic() || byte == b'_');
        if bytes.len() < 2 || !starts || !bytes.iter().all(|&byte| is_identifier_symbol(byte)) {
            return Err(format!("`{text}` is not a variable"));
        }
        let number = u32::try_from(self.names.len()).ok().filter(|&number| number < u32::MAX / 2);
        let number = number.ok_or("more variables than this checker numbers")?;
        self.numbers.insert(text.to_string(), number);
        self.names.push(text.to_string());
        Ok(number)
    }

    pub fn literal(&mut self, text: &str) -> Result<Lit, String> {
        let name = text.strip_prefix('~').unwrap_or(text);
        let var = self.variable(name).map_err(|_| format!("`{text}` is not a literal"))?;
        Ok(Lit(2 * var + u32::from(name.len() < text.len())))
    }

    /// The constraint as the format writes it.
    pub fn show(&self, constraint: &Constraint) -> String {
        let mut text = String::new();
        for (lit, weight) in &constraint.terms {
            let sign = if lit.is_negated() { "~" } else { "" };
            text.push_str(&format!("{weight} {sign}{} ", self.names[lit.var() as usize]));
        }
        text + &format!(">= {}", constraint.degree)
    }
}

/// What is left of a rule.
#[derive(Clone)]
pub struct Words<'t, 'a> {
    tokens: &'t [Token<'a>],
}

impl<'t, 'a> Words<'t, 'a> {
    pub fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens }
    }

    pub fn peek(&self) -> Option<&'a str> {
        self.tokens.first().map(|token| token.text)
    }

    pub fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first.text)
    }

    pub fn take(&mut self, what: &str) -> Result<&'a str, String> {
        self.next().ok_or_else(|| format!("ends where {what} should stand"))
    }

    pub fn expect(&mut self, wanted: &str) -> Result<(), String> {
        match self.take(&format!("`{wanted}`"))? {
            found if found == wanted => Ok(()),
            found => Err(format!("`{found}` stands where `{wanted}` should")),
        }
    }

    /// Whether a `:` follows, which is taken.
    pub fn colon(&mut self) -> bool {
        let found = self.peek() == Some(":");
        if found {
            self.next();
        }
        found
    }

    /// Nothing may be left.
    pub fn end(&self) -> Result<(), String> {
        self.peek().map_or(Ok(()), |extra| Err(format!("`{extra}` stands where the rule should end")))
    }

    pub fn integer(&mut self) -> Result<Int, String> {
        let text = self.take("an integer")?;
        Int::parse(text).ok_or_else(|| format!("`{text}` is not an integer"))
    }

    /// Literals up to a `:` or the end.
    pub fn literals(&mut self, names: &mut Names) -> Result<Vec<Lit>, String> {
        let mut literals = Vec::new();
        while let Some(text) = self.peek().filter(|&text| text != ":") {
            literals.push(names.literal(text)?);
            self.next();
        }
        Ok(literals)
    }

    /// `variable [->] 0|1|literal`, repeated, up to a `:` or the end.
    pub fn substitution(&mut self, names: &mut Names) -> Result<Substitution, String> {
        let mut substitution = Substitution::new();
        while let Some(text) = self.peek().filter(|&text| text != ":") {
            self.next();
            let var = names.variable(text)?;
            if self.peek() == Some("->") {
                self.next();
            }
            let image = match self.take("the image of a variable")? {
                "0" => Image::Constant(false),
                "1" => Image::Constant(true),
                other => Image::Literal(names.literal(other)?),
            };
            if substitution.insert(var, image).is_some() {
                return Err(format!("the witness maps `{text}` twice"));
            }
        }
        Ok(substitution)
    }

    /// Weights and literals up to what is no integer, or an integer that stands last.
    pub fn sum(&mut self, names: &mut Names) -> Result<Vec<(Lit, Int)>, String> {
        let mut sum = Vec::new();
        while let [weight, literal, ..] = self.tokens {
            if matches!(weight.text, ">=" | "<=" | "=" | ":") {
                break;
            }
            let weight = self.integer()?;
            sum.push((names.literal(literal.text)?, weight));
            self.next();
        }
        Ok(sum)
    }

    /// A constraint of the proof: `>=` or `<=`, implied or implying where `==>` or `<==` stands before it.
    pub fn constraint(&mut self, names: &mut Names) -> Result<Constraint, String> {
        let arrow = self.tokens.iter().take_while(|token| token.text != ":");
        let arrow = arrow.map(|token| token.text).position(|text| text == "==>" || text == "<==");
        let Some(length) = arrow else { return self.inequality(names) };
        let (conditions, rest) = self.tokens.split_at(length);
        let conditions: Vec<Lit> =
            conditions.iter().map(|token| names.literal(token.text)).collect::<Result<_, _>>()?;
        self.tokens = rest;
        let arrow = self.take("an arrow")?;
        let inner = self.inequality(names)?;
        let (inner, conditions) = match (arrow, &conditions[..]) {
            (_, []) => return Err(format!("nothing stands before `{arrow}`")),
            ("==>", _) => (inner, conditions.iter().map(|lit| lit.negated()).collect()),
            // Where the literal is false, so is the constraint.
            (_, &[literal]) => (inner.negation(), vec![literal]),
            _ => return Err("more than one literal stands before `<==`".to_string()),
        };
        let escape = inner.degree.clone().max(Int::ZERO);
        let mut terms = inner.terms;
        terms.extend(conditions.into_iter().map(|lit| (lit, escape.clone())));
        Ok(Constraint::new(terms, inner.degree))
    }

    fn inequality(&mut self, names: &mut Names) -> Result<Constraint, String> {
        let sum = self.sum(names)?;
        let relation = self.take("`>=` or `<=`")?;
        let bound = self.integer()?;
        match relation {
            ">=" => Ok(Constraint::new(sum, bound)),
            "<=" => Ok(Constraint::new(negated(sum), bound.negated())),
            other => Err(format!("`{other}` stands where `>=` or `<=` should")),
        }
    }
}

/// The sum with every weight's sign turned.
pub fn negated(sum: Vec<(Lit, Int)>) -> Vec<(Lit, Int)> {
    sum.into_iter().map(|(lit, weight)| (lit, weight.negated())).collect()
}
