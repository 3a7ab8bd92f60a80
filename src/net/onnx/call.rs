//! One node: its attributes and inputs, asked for and checked.

use std::cell::RefCell;
use std::path::Path;

use super::proto::{Attribute, Node};
use super::value::{Ints, Value};
use super::wire::Held;
use super::{OnnxError, OnnxErrorKind, tensor};
use crate::net::{NetworkError, NodeRef};

/// A node that is being translated.
pub struct Call<'g, 'a> {
    node: &'g Node<'a>,
    place: NodeRef,
    /// The opset of its domain.
    pub opset: i64,
    inputs: Vec<Option<Value>>,
    /// Which attributes were asked for.
    asked: RefCell<Vec<bool>>,
    folder: Option<&'g Path>,
}

impl<'g, 'a> Call<'g, 'a> {
    /// A node with these values for its inputs, `None` where one is left out.
    pub fn new(
        node: &'g Node<'a>,
        place: NodeRef,
        opset: i64,
        inputs: Vec<Option<Value>>,
        folder: Option<&'g Path>,
    ) -> Self {
        Call { node, place, opset, inputs, asked: RefCell::new(vec![false; node.attributes.len()]), folder }
    }

    /// The node, as a layer remembers it.
    pub fn place(&self) -> NodeRef {
        self.place.clone()
    }

    /// The operator.
    pub fn op(&self) -> &'a str {
        self.node.op
    }

    /// Names of the outputs.
    pub fn outputs(&self) -> &'g [&'a str] {
        &self.node.outputs
    }

    /// The name of an output; empty where it is left out.
    pub fn output(&self, index: usize) -> &'a str {
        self.node.outputs.get(index).copied().unwrap_or_default()
    }

    /// This is not supported.
    pub fn unsupported(&self, why: impl Into<String>) -> OnnxError {
        OnnxErrorKind::Unsupported { node: self.place(), opset: self.opset, why: why.into() }.into()
    }

    /// This is no such node.
    pub fn invalid(&self, why: impl Into<String>) -> OnnxError {
        OnnxErrorKind::Invalid { node: self.place(), opset: self.opset, why: why.into() }.into()
    }

    /// The network refused.
    pub fn refused(&self, error: NetworkError) -> OnnxError {
        match error {
            NetworkError::Memory(error) => error.into(),
            error => OnnxErrorKind::Node { node: self.place(), opset: self.opset, error }.into(),
        }
    }

    fn attribute(&self, name: &str) -> Result<Option<&'g Attribute<'a>>, OnnxError> {
        let mut found = None;
        for (index, attribute) in self.node.attributes.iter().enumerate().filter(|(_, a)| a.name == name) {
            self.asked.borrow_mut()[index] = true;
            if found.replace(attribute).is_some() {
                return Err(self.invalid(format!("attribute {name} is there twice")));
            }
        }
        Ok(found)
    }

    fn wrong(&self, name: &str, what: &str) -> OnnxError {
        self.invalid(format!("attribute {name} is no {what}"))
    }

    /// An integer attribute.
    pub fn int(&self, name: &str) -> Result<Option<i64>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            // An absent field is 0 in this format.
            Some(a) if a.kind == 2 || (a.kind == 0 && a.i.is_some()) => Ok(Some(a.i.unwrap_or(0))),
            Some(_) => Err(self.wrong(name, "integer")),
        }
    }

    /// An integer attribute that is 0 or 1.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, OnnxError> {
        Ok(self.int(name)?.map_or(default, |v| v != 0))
    }

    /// A float attribute, finite.
    pub fn float(&self, name: &str, default: f32) -> Result<f64, OnnxError> {
        let value = self.any_float(name)?.unwrap_or(default);
        if value.is_finite() { Ok(f64::from(value)) } else { Err(self.invalid(format!("attribute {name} is {value}"))) }
    }

    /// A float attribute that may be infinite.
    pub fn any_float(&self, name: &str) -> Result<Option<f32>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(a) if a.kind == 1 || (a.kind == 0 && a.f.is_some()) => Ok(Some(a.f.unwrap_or(0.0))),
            Some(_) => Err(self.wrong(name, "float")),
        }
    }

    /// A list of integers.
    pub fn ints(&self, name: &str, held: &mut Held<'_>) -> Result<Option<Vec<i64>>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(a) if a.kind == 7 || (a.kind == 0 && !a.ints.is_empty()) => Ok(Some(a.ints.ints(held)?)),
            Some(_) => Err(self.wrong(name, "list of integers")),
        }
    }

    /// A list of floats.
    pub fn floats(&self, name: &str, held: &mut Held<'_>) -> Result<Option<Vec<f32>>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(a) if a.kind == 6 || (a.kind == 0 && !a.floats.is_empty()) => {
                let mut all = held.array(a.floats.count_fixed::<4>())?;
                all.extend(a.floats.fixed::<4>().map(f32::from_le_bytes));
                Ok(Some(all))
            }
            Some(_) => Err(self.wrong(name, "list of floats")),
        }
    }

    /// A text attribute.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(a) if a.kind == 3 || (a.kind == 0 && a.s.is_some()) => {
                let text = std::str::from_utf8(a.s.unwrap_or_default());
                text.map(Some).map_err(|_| self.wrong(name, "UTF-8 text"))
            }
            Some(_) => Err(self.wrong(name, "text")),
        }
    }

    /// A tensor attribute, loaded.
    pub fn tensor(&self, name: &str, held: &mut Held<'_>) -> Result<Option<Value>, OnnxError> {
        match self.attribute(name)? {
            None => Ok(None),
            Some(Attribute { t: Some(stored), .. }) => {
                let shown = if stored.name.is_empty() { self.output(0) } else { stored.name };
                tensor::load(stored, shown, self.folder, held).map(Some)
            }
            Some(_) => Err(self.wrong(name, "tensor")),
        }
    }

    /// These attributes mean nothing here.
    pub fn ignore(&self, names: &[&str]) {
        for (asked, attribute) in self.asked.borrow_mut().iter_mut().zip(&self.node.attributes) {
            *asked |= names.contains(&attribute.name);
        }
    }

    /// An attribute that nobody asked for changes what a node means, or is a mistake.
    pub fn finish(&self) -> Result<(), OnnxError> {
        let asked = self.asked.borrow();
        match self.node.attributes.iter().zip(&*asked).find(|(_, asked)| !**asked) {
            Some((attribute, _)) => Err(self.unsupported(format!("attribute {:?}", attribute.name))),
            None => Ok(()),
        }
    }

    /// How many inputs there are, trailing ones that are left out not counted.
    pub fn num_inputs(&self) -> usize {
        self.inputs.iter().rposition(Option::is_some).map_or(0, |last| last + 1)
    }

    /// An input that may be left out.
    pub fn optional(&self, index: usize) -> Option<&Value> {
        self.inputs.get(index).and_then(Option::as_ref)
    }

    /// An input that may not.
    pub fn input(&self, index: usize) -> Result<&Value, OnnxError> {
        self.optional(index).ok_or_else(|| self.invalid(format!("input {index} is missing")))
    }

    /// Between so many and so many inputs.
    pub fn arity(&self, least: usize, most: usize) -> Result<(), OnnxError> {
        let given = self.num_inputs();
        if (least..=most).contains(&given) {
            return Ok(());
        }
        let takes = if least == most { least.to_string() } else { format!("{least} to {most}") };
        Err(self.invalid(format!("{given} inputs were given, it takes {takes}")))
    }

    /// An input of known integers, of any shape.
    pub fn known_ints(&self, index: usize) -> Result<Option<&Ints>, OnnxError> {
        match self.optional(index) {
            None => Ok(None),
            Some(Value::Int(ints)) => Ok(Some(ints)),
            Some(Value::Tensor(_)) => {
                Err(self.unsupported(format!("input {index} is not known when the file is read")))
            }
            Some(_) => Err(self.invalid(format!("input {index} holds no integers"))),
        }
    }

    /// An input that is a list of known integers.
    pub fn list(&self, index: usize) -> Result<Option<Vec<i64>>, OnnxError> {
        match self.known_ints(index)? {
            Some(ints) if ints.shape.len() > 1 => {
                Err(self.invalid(format!("input {index} has shape {:?}", ints.shape)))
            }
            Some(ints) => Ok(Some(ints.values.to_vec())),
            None => Ok(None),
        }
    }

    /// Integers from an attribute in old opsets, from an input since `since`.
    pub fn moved(
        &self,
        name: &str,
        since: i64,
        input: usize,
        held: &mut Held<'_>,
    ) -> Result<Option<Vec<i64>>, OnnxError> {
        if self.opset >= since { self.list(input) } else { self.ints(name, held) }
    }

    /// An axis counted from the end where it is negative, as an index below `end`.
    pub fn axis(&self, axis: i64, end: usize) -> Result<usize, OnnxError> {
        let rank = end as i64;
        let counted = if axis < 0 { axis.checked_add(rank) } else { Some(axis) };
        let sound = counted.filter(|a| (0..rank).contains(a)).and_then(|a| usize::try_from(a).ok());
        sound.ok_or_else(|| self.invalid(format!("axis {axis} does not exist, there are {rank}")))
    }

    /// Axes counted from the end where they are negative, ascending, none twice.
    pub fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<usize>, OnnxError> {
        let mut all = axes.iter().take(rank + 1).map(|&a| self.axis(a, rank)).collect::<Result<Vec<_>, _>>()?;
        all.sort_unstable();
        if all.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.invalid(format!("an axis is there twice in {axes:?}")));
        }
        Ok(all)
    }

    /// A size.
    pub fn size(&self, value: i64, what: &str) -> Result<usize, OnnxError> {
        usize::try_from(value).map_err(|_| self.invalid(format!("{what} is {value}")))
    }
}
