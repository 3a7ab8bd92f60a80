//! A network and a property that fit each other.

use std::sync::Arc;

use super::VerifyError;
use crate::net::eval::Evaluator;
use crate::net::property::Property;
use crate::net::{Network, TensorId};

/// A network, a property of its inputs and outputs, and the network made ready for evaluation in both precisions: what
/// every way to answer the question needs. Clones share all of it, and threads may.
///
/// Cost: the packed weights, once in 32 bits and once in 64.
#[derive(Debug, Clone)]
pub struct Problem(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    network: Arc<Network>,
    property: Arc<Property>,
    narrow: Evaluator<f32>,
    wide: Evaluator<f64>,
}

impl Problem {
    /// Puts them together.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Size`] where the numbers of inputs or outputs differ, [`VerifyError::Property`] where the property
    /// declares other tensors than the network has, no memory.
    pub fn new(network: impl Into<Arc<Network>>, property: impl Into<Arc<Property>>) -> Result<Problem, VerifyError> {
        let (network, property) = (network.into(), property.into());
        for (what, given, needed) in [
            ("inputs of the property", property.num_inputs(), network.input_len()),
            ("outputs of the property", property.num_outputs(), network.output_len()),
        ] {
            if given != needed {
                return Err(VerifyError::Size { what, given, needed });
            }
        }
        let shapes = |tensors: &[TensorId]| -> Vec<Vec<usize>> {
            tensors.iter().map(|&tensor| network.tensor(tensor).shape().to_vec()).collect()
        };
        property.check_shapes(&shapes(network.inputs()), &shapes(network.outputs()))?;
        let (narrow, wide) = (Evaluator::new(&network)?, Evaluator::new(&network)?);
        Ok(Problem(Arc::new(Parts { network, property, narrow, wide })))
    }

    /// The network.
    #[must_use]
    pub fn network(&self) -> &Arc<Network> {
        &self.0.network
    }

    /// The property.
    #[must_use]
    pub fn property(&self) -> &Arc<Property> {
        &self.0.property
    }

    /// The network in 32 bits.
    #[must_use]
    pub fn f32(&self) -> &Evaluator<f32> {
        &self.0.narrow
    }

    /// The network in 64 bits.
    #[must_use]
    pub fn f64(&self) -> &Evaluator<f64> {
        &self.0.wide
    }

    /// Elements of an input.
    #[must_use]
    pub fn num_inputs(&self) -> usize {
        self.0.property.num_inputs()
    }

    /// Elements of an output.
    #[must_use]
    pub fn num_outputs(&self) -> usize {
        self.0.property.num_outputs()
    }
}
