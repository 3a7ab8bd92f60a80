//! Whether a property speaks of a network's tensors.

use super::{Naming, Property, PropertyError, TensorDecl, elements};

impl Property {
    /// Whether a network with tensors of these shapes is one that the property speaks of. A property that only counts
    /// elements (VNN-LIB 1.0, or built from arrays) wants as many of them; one that declares tensors wants those, in
    /// order and of the same shape, but that ones in front of a shape may be missing on either side.
    ///
    /// # Errors
    ///
    /// What differs first.
    pub fn check_shapes(&self, inputs: &[Vec<usize>], outputs: &[Vec<usize>]) -> Result<(), PropertyError> {
        for (what, declared, count, shapes) in
            [("inputs", &self.inputs, self.num_inputs, inputs), ("outputs", &self.outputs, self.num_outputs, outputs)]
        {
            match &self.naming {
                Naming::Flat => {
                    let found = shapes.iter().map(|shape| elements(shape)).fold(0, usize::saturating_add);
                    if found != count {
                        return Err(mismatch(what.into(), format!("{count} elements"), format!("{found} elements")));
                    }
                }
                Naming::Tensors { .. } => tensors(what, declared, shapes)?,
            }
        }
        Ok(())
    }
}

fn tensors(what: &str, declared: &[TensorDecl], shapes: &[Vec<usize>]) -> Result<(), PropertyError> {
    if declared.len() != shapes.len() {
        let tensors = |count: usize| format!("{count} tensors");
        return Err(mismatch(what.into(), tensors(declared.len()), tensors(shapes.len())));
    }
    for (number, (tensor, shape)) in declared.iter().zip(shapes).enumerate() {
        if essential(&tensor.shape) != essential(shape) {
            let what = format!("{what}, tensor {number} ({})", tensor.name);
            return Err(mismatch(what, format!("shape {:?}", tensor.shape), format!("shape {shape:?}")));
        }
    }
    Ok(())
}

/// A shape without the ones in front.
fn essential(shape: &[usize]) -> &[usize] {
    let ones = shape.iter().take_while(|&&size| size == 1).count();
    &shape[ones..]
}

fn mismatch(what: String, expected: String, found: String) -> PropertyError {
    PropertyError::Shape { what, expected, found }
}
