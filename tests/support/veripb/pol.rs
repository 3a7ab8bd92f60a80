//! The rule `pol`: a derivation by cutting planes in reverse Polish notation.

use std::rc::Rc;

use super::constraint::{Constraint, Lit};
use super::int::Int;
use super::read::Words;
use super::rules::Checker;

/// What stands on the stack.
enum Item<'a> {
    Derived(Rc<Constraint>),
    /// An integer, which the operator after it makes an id or a factor.
    Number(&'a str),
    /// A literal, which the operator after it makes an axiom or a variable's name.
    Literal(Lit),
}

impl Checker {
    pub(super) fn pol(&mut self, words: &mut Words) -> Result<usize, String> {
        let mut stack: Vec<Item> = Vec::new();
        while let Some(word) = words.next() {
            let item = match word {
                "+" => {
                    let right = self.operand(stack.pop(), word)?;
                    let left = self.operand(stack.pop(), word)?;
                    Item::Derived(Rc::new(left.plus(&right)))
                }
                "*" | "d" => {
                    let factor = match stack.pop() {
                        Some(Item::Number(number)) if !number.starts_with('+') => Int::parse(number),
                        _ => None,
                    };
                    let factor = factor.filter(Int::is_positive);
                    let factor = factor.ok_or_else(|| format!("no positive integer stands before `{word}`"))?;
                    let mut constraint = self.operand(stack.pop(), word)?;
                    let changed = Rc::make_mut(&mut constraint);
                    if word == "d" {
                        changed.divide(&factor)
                    } else {
                        changed.multiply(&factor)
                    }
                    Item::Derived(constraint)
                }
                "s" => {
                    let mut constraint = self.operand(stack.pop(), word)?;
                    Rc::make_mut(&mut constraint).saturate();
                    Item::Derived(constraint)
                }
                "w" => {
                    let Some(Item::Literal(lit)) = stack.pop() else {
                        return Err("no variable stands before `w`".to_string());
                    };
                    if lit.is_negated() {
                        return Err("a negated literal stands before `w`".to_string());
                    }
                    let mut constraint = self.operand(stack.pop(), word)?;
                    Rc::make_mut(&mut constraint).weaken(lit.var());
                    Item::Derived(constraint)
                }
                _ if word.starts_with('@') => Item::Derived(Rc::clone(self.constraint(self.id(word)?))),
                _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Item::Number(word),
                _ => Item::Literal(self.formula.names.literal(word).map_err(|why| format!("{why}, nor an operator"))?),
            };
            stack.push(item);
        }
        let derived = self.operand(stack.pop(), "pol")?;
        if !stack.is_empty() {
            return Err(format!("{} operands are left over", stack.len()));
        }
        let derived = Rc::try_unwrap(derived).unwrap_or_else(|shared| (*shared).clone());
        Ok(self.add(derived, false))
    }

    /// The constraint that an item stands for.
    fn operand(&self, item: Option<Item>, operator: &str) -> Result<Rc<Constraint>, String> {
        match item {
            None => Err(format!("`{operator}` has too few operands")),
            Some(Item::Derived(constraint)) => Ok(constraint),
            Some(Item::Number(number)) => Ok(Rc::clone(self.constraint(self.id(number)?))),
            Some(Item::Literal(lit)) => Ok(Rc::new(Constraint::axiom(lit))),
        }
    }
}
