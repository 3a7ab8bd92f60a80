//! Properties: formulas over the inputs and outputs of a network.
//!
//! A property is a conjunction of assertions; each is a tree of and, or, not and if-then-else over atoms
//! `Σ cᵢ·tᵢ  <, ≤, >, ≥, =, ≠  constant`, where the `tᵢ` are inputs and outputs, also mixed. A *counterexample* is an
//! input whose output, together with it, satisfies the formula: formulas say what is unsafe.
//!
//! **Numbers.** A decimal in a file denotes the double nearest to it, as every tool of the field has it. What is
//! computed from such constants (`0.1 · (x + 0.3)`) is exact, and so is [`Property::check`]: it says what the formula
//! says at this very point.
//!
//! Inputs are counted from 0 through all input tensors, each in row-major order; so are outputs. As columns of a row
//! the outputs follow the inputs.

mod build;
pub(crate) mod dyadic;
mod error;
mod evaluate;
pub(crate) mod formula;
pub(crate) mod number;
mod shapes;
#[cfg(test)]
mod tests;

pub use build::Rows;
pub use error::PropertyError;

use formula::Formula;

/// The most inputs and outputs that a property may have together.
pub const MAX_VARIABLES: usize = (1 << 31) - 1;

/// A tensor that a property speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorDecl {
    /// Its name in the property, which need not be the network's.
    pub name: String,
    /// Its shape; none for a scalar.
    pub shape: Vec<usize>,
}

/// How a property names its variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `X_3`: VNN-LIB 1.0, and what a host builds.
    Flat,
    /// `X[0,3]`: VNN-LIB 2.0, with the network's name and the tensors' element types, inputs first.
    Tensors { network: String, types: Vec<String> },
}

/// A formula over the inputs and outputs of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    inputs: Vec<TensorDecl>,
    outputs: Vec<TensorDecl>,
    num_inputs: usize,
    num_outputs: usize,
    naming: Naming,
    formula: Formula,
}

impl Property {
    /// The property that always holds, for a network with so many inputs and outputs. It speaks of one input tensor
    /// `X` and one output tensor `Y`, and fits a network whose inputs have as many elements, whatever their shapes.
    ///
    /// # Errors
    ///
    /// No inputs, no outputs, or too many of them.
    pub fn new(num_inputs: usize, num_outputs: usize) -> Result<Property, PropertyError> {
        let tensor = |name: &str, length| vec![TensorDecl { name: name.into(), shape: vec![length] }];
        let (inputs, outputs) = (tensor("X", num_inputs), tensor("Y", num_outputs));
        Property::of(inputs, outputs, Naming::Flat, Formula::default())
    }

    /// A property of these parts; the formula speaks of no other variables.
    pub(crate) fn of(
        inputs: Vec<TensorDecl>,
        outputs: Vec<TensorDecl>,
        naming: Naming,
        formula: Formula,
    ) -> Result<Property, PropertyError> {
        let count = |tensors: &[TensorDecl]| {
            let sizes = tensors.iter().map(|tensor| elements(&tensor.shape));
            sizes.fold(0usize, usize::saturating_add)
        };
        let (num_inputs, num_outputs) = (count(&inputs), count(&outputs));
        if num_inputs == 0 || num_outputs == 0 {
            return Err(PropertyError::Empty { inputs: num_inputs, outputs: num_outputs });
        }
        let variables = num_inputs.saturating_add(num_outputs);
        if variables > MAX_VARIABLES {
            return Err(PropertyError::TooMany { variables });
        }
        Ok(Property { inputs, outputs, num_inputs, num_outputs, naming, formula })
    }

    /// Elements of all input tensors.
    #[must_use]
    pub fn num_inputs(&self) -> usize {
        self.num_inputs
    }

    /// Elements of all output tensors.
    #[must_use]
    pub fn num_outputs(&self) -> usize {
        self.num_outputs
    }

    /// The input tensors, in order.
    #[must_use]
    pub fn inputs(&self) -> &[TensorDecl] {
        &self.inputs
    }

    /// The output tensors, in order.
    #[must_use]
    pub fn outputs(&self) -> &[TensorDecl] {
        &self.outputs
    }

    /// How many assertions there are.
    #[must_use]
    pub fn num_assertions(&self) -> usize {
        self.formula.num_assertions()
    }

    /// How many comparisons there are in all assertions.
    #[must_use]
    pub fn num_atoms(&self) -> usize {
        self.formula.num_atoms()
    }

    /// Bytes held.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.formula.bytes()
    }

    /// Whether the formula as written holds at this input and output. Exact: nothing is rounded.
    ///
    /// # Errors
    ///
    /// Arrays of a wrong length, values that are infinite or no numbers, no memory.
    pub fn check(&self, x: &[f64], y: &[f64]) -> Result<bool, PropertyError> {
        for (what, array, expected) in [("x", x, self.num_inputs), ("y", y, self.num_outputs)] {
            if array.len() != expected {
                return Err(PropertyError::Length { what, expected, found: array.len() });
            }
            build::finite(what, array)?;
        }
        let value = |column: u32| x.get(column as usize).copied().unwrap_or_else(|| y[column as usize - x.len()]);
        Ok(self.formula.holds(value)?)
    }

    /// The same variables with another formula over them.
    pub(crate) fn with_formula(self, formula: Formula) -> Property {
        Property { formula, ..self }
    }

    pub(crate) fn formula(&self) -> &Formula {
        &self.formula
    }

    pub(crate) fn naming(&self) -> &Naming {
        &self.naming
    }

    /// What a file calls the variable of a column.
    pub(crate) fn variable_name(&self, column: usize) -> String {
        let output = column >= self.num_inputs;
        let mut index = if output { column - self.num_inputs } else { column };
        if self.naming == Naming::Flat {
            return format!("{}_{index}", if output { 'Y' } else { 'X' });
        }
        for tensor in if output { &self.outputs } else { &self.inputs } {
            let count = elements(&tensor.shape);
            if index < count {
                return tensor.element_name(index);
            }
            index -= count;
        }
        format!("column {column}")
    }
}

impl TensorDecl {
    /// The name of an element: `X[0,3]`, or `X` for a scalar.
    fn element_name(&self, index: usize) -> String {
        let mut rest = index;
        let mut indices: Vec<String> = Vec::new();
        for &size in self.shape.iter().rev() {
            indices.push((rest % size).to_string());
            rest /= size;
        }
        indices.reverse();
        if indices.is_empty() { self.name.clone() } else { format!("{}[{}]", self.name, indices.join(",")) }
    }
}

/// Elements of a shape; the largest number where they cannot be counted.
pub(crate) fn elements(shape: &[usize]) -> usize {
    if shape.contains(&0) { 0 } else { shape.iter().fold(1, |product: usize, &size| product.saturating_mul(size)) }
}
