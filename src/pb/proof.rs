//! Derivations of what is learned, in the VeriPB format, version 3.0, as they are made.
//!
//! Rules used: `f` (how many inequalities the formula has), `pol` (literal axioms, `+`, `*`, `d`, `s`) for what is learned and
//! for cliques, `rup` without hints for the negation of a core and the last contradiction, `soli` for better models, `del id` for
//! what is dropped again, `output NONE`, and the conclusions `UNSAT`, `BOUNDS` and `NONE`. The formula is the one in OPB: its
//! inequalities are numbered as they stand there, an equality twice.
//!
//! Source: the checker's description of its format (`proof_format_overview.md` and `migration_guide.md` of VeriPB 3.0.2).

use std::fmt::Write as _;
use std::io::{Error, Write};

use super::Literal;
use crate::proof::Sink;

/// Bytes held before they are written.
const HELD: usize = 1 << 16;

/// What a proof ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conclusion {
    /// There is no model.
    Unsat,
    /// No model is better than the last one told, which weighs so much.
    Optimum(i128),
    /// Nothing was found out.
    Nothing,
}

/// A proof that is being written.
#[derive(Debug)]
pub(crate) struct Proof {
    sink: Sink,
    text: String,
    /// The number of the last inequality.
    last: u64,
    /// The formula has an objective.
    has_goal: bool,
    is_over: bool,
}

/// A literal as it is spelled, after a blank.
pub(super) fn spell(literal: Literal, text: &mut String) {
    text.push_str(if literal & 1 == 1 { " ~x" } else { " x" });
    text.push_str(itoa::Buffer::new().format((literal >> 1) + 1));
}

/// An operation with a number, which comes before it.
pub(super) fn operate(number: i128, operation: &str, text: &mut String) {
    text.push(' ');
    text.push_str(itoa::Buffer::new().format(number));
    text.push_str(operation);
}

impl Proof {
    /// About a formula of so many inequalities, and maybe with an objective.
    pub fn new(writer: Box<dyn Write + Send>, inequalities: u64, has_goal: bool) -> Self {
        let text = format!("pseudo-Boolean proof version 3.0\nf {inequalities};\n");
        Proof { sink: Sink::new(writer), text, last: inequalities, has_goal, is_over: false }
    }

    /// The number of what an expression in reverse Polish notation derives.
    pub(super) fn derive(&mut self, expression: &str) -> u64 {
        if let Ok(number) = expression.parse() {
            return number;
        }
        self.text.push_str("pol ");
        self.text.push_str(expression);
        self.add()
    }

    /// A clause that follows by unit propagation.
    pub(super) fn lemma(&mut self, clause: impl Iterator<Item = Literal>) -> u64 {
        self.text.push_str("rup");
        for literal in clause {
            self.text.push_str(" +1");
            spell(literal, &mut self.text);
        }
        self.text.push_str(" >= 1");
        self.add()
    }

    /// A model, of all variables of the formula, that is better than those before: the number of what it asks for from here on,
    /// that the objective is less still.
    pub fn solution(&mut self, model: impl Iterator<Item = Literal>) -> u64 {
        self.text.push_str("soli");
        model.for_each(|literal| spell(literal, &mut self.text));
        self.add()
    }

    fn add(&mut self) -> u64 {
        self.text.push_str(";\n");
        self.pass(HELD);
        self.last += 1;
        self.last
    }

    /// One that was derived is not used any more.
    pub(super) fn delete(&mut self, number: u64) {
        let _ = writeln!(self.text, "del id {number};");
        self.pass(HELD);
    }

    /// Ends the proof, once.
    pub fn conclude(&mut self, conclusion: Conclusion) {
        if self.is_over {
            return;
        }
        let contradiction = if conclusion == Conclusion::Nothing { 0 } else { self.lemma(std::iter::empty()) };
        self.is_over = true;
        self.text.push_str("output NONE;\n");
        let _ = match conclusion {
            Conclusion::Unsat if self.has_goal => writeln!(self.text, "conclusion BOUNDS INF : {contradiction} INF;"),
            Conclusion::Unsat => writeln!(self.text, "conclusion UNSAT : {contradiction};"),
            Conclusion::Optimum(value) => writeln!(self.text, "conclusion BOUNDS {value} : {contradiction} {value};"),
            Conclusion::Nothing => writeln!(self.text, "conclusion NONE;"),
        };
        self.text.push_str("end pseudo-Boolean proof;\n");
    }

    /// Hands over what is held, if it is more than so many bytes. What fails is told by [`Proof::flush`].
    fn pass(&mut self, held: usize) {
        if self.text.len() > held {
            self.sink.write(self.text.as_bytes());
            self.text.clear();
        }
    }

    /// All has been written, or what went wrong.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.pass(0);
        if self.sink.flush() { Ok(()) } else { Err(self.sink.failure()) }
    }
}

impl Drop for Proof {
    fn drop(&mut self) {
        self.conclude(Conclusion::Nothing);
        // Nobody is there to be told.
        let _ = self.flush();
    }
}
