//! The absolute network: every linear layer with the absolute values of its weights, without what it adds.
//!
//! With `y = L x + c` the numbers `|L|` are what interval arithmetic and proofs of rounding errors need:
//! `|y - y'| <= |L| |x - x'|`. Layers that are not linear stay as they are and are never computed. There is a layer for
//! every layer, so that both networks lower to the same steps.
//!
//! A constant that several layers take is changed once for all of them: a recurrent network unrolled a hundred times has its
//! weights once here, too.

use std::collections::HashMap;

use super::BoundsError;
use crate::error::OutOfMemory;
use crate::net::eval::real::with_capacity;
use crate::net::{Constant, Elements, Network, NetworkError, Op, PadMode, Source, TensorId};

/// What becomes of a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// Absolute values.
    Sizes,
    Zeros,
}

/// What has been made so far. Constants are told apart by where their elements are: while the network lives no two have the
/// same place.
#[derive(Debug, Default)]
struct Made(HashMap<(*const Elements, Form), Constant>);

impl Made {
    /// A constant in another form, its elements shared with those of the same place that were made before.
    fn constant(&mut self, of: &Constant, form: Form) -> Result<Constant, NetworkError> {
        let key = (of.place(), form);
        if let Some(known) = self.0.get(&key) {
            return known.reshaped(of.shape());
        }
        let new = Constant::new(of.shape(), changed(of.elements(), form)?)?;
        self.0.insert(key, new.clone());
        Ok(new)
    }
}

/// The absolute network of a network.
pub(crate) fn absolute(network: &Network) -> Result<Network, BoundsError> {
    let mut new = Network::new();
    let (mut ids, mut made): (Vec<TensorId>, _) = (Vec::new(), Made::default());
    for tensor in network.tensors() {
        let id = match tensor.source() {
            Source::Input(_) => new.add_input("", tensor.shape())?,
            // Most get another form for each layer.
            Source::Constant(constant) => new.add_constant("", constant.clone())?,
            Source::Layer(index) => {
                let layer = &network.layers()[*index];
                let constant = |i: usize| layer.inputs().get(i).and_then(|&id| network.tensor(id).constant());
                let mut inputs: Vec<TensorId> = layer.inputs().iter().map(|id| ids[id.index()]).collect();
                let mut change = |new: &mut Network, i: usize, form: Form| -> Result<(), NetworkError> {
                    if let Some(constant) = constant(i) {
                        inputs[i] = new.add_constant("", made.constant(constant, form)?)?;
                    }
                    Ok(())
                };
                let op = match layer.op() {
                    Op::Linear | Op::Conv { .. } | Op::ConvTranspose { .. } => {
                        change(&mut new, 1, Form::Sizes)?;
                        inputs.truncate(2);
                        layer.op().clone()
                    }
                    Op::BatchNorm { .. } => {
                        change(&mut new, 1, Form::Sizes)?;
                        change(&mut new, 2, Form::Zeros)?;
                        change(&mut new, 3, Form::Zeros)?;
                        layer.op().clone()
                    }
                    Op::MatMul | Op::Mul | Op::Div => {
                        change(&mut new, 0, Form::Sizes)?;
                        change(&mut new, 1, Form::Sizes)?;
                        layer.op().clone()
                    }
                    Op::Add | Op::Sub => {
                        change(&mut new, 0, Form::Zeros)?;
                        change(&mut new, 1, Form::Zeros)?;
                        Op::Add
                    }
                    Op::Neg => Op::LeakyRelu { alpha: 1.0 },
                    Op::Pad { begin, end, mode: PadMode::Constant(_) } => {
                        Op::Pad { begin: begin.clone(), end: end.clone(), mode: PadMode::Constant(0.0) }
                    }
                    other => {
                        // What is merely moved has no part in differences.
                        for i in 0..layer.inputs().len() {
                            if !matches!(other, Op::PRelu) {
                                change(&mut new, i, Form::Zeros)?;
                            }
                        }
                        other.clone()
                    }
                };
                new.add_layer("", op, &inputs)?
            }
        };
        ids.push(id);
    }
    for output in network.outputs() {
        new.add_output(ids[output.index()])?;
    }
    Ok(new)
}

fn changed(elements: &Elements, form: Form) -> Result<Elements, OutOfMemory> {
    Ok(match elements {
        Elements::F32(values) => Elements::F32(each(values, if form == Form::Sizes { f32::abs } else { |_| 0.0 })?),
        Elements::F64(values) => Elements::F64(each(values, if form == Form::Sizes { f64::abs } else { |_| 0.0 })?),
    })
}

fn each<T: Copy>(values: &[T], to: fn(T) -> T) -> Result<Vec<T>, OutOfMemory> {
    let mut all = with_capacity(values.len())?;
    all.extend(values.iter().map(|&value| to(value)));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::net::Window;
    use crate::net::eval::kernel::Isa;
    use crate::net::eval::plan::Plan;

    const SIZE: usize = 8;

    fn weight() -> Constant {
        let values: Vec<f32> = (0..SIZE * SIZE).map(|i| (i as f32 - 30.5) / 64.0).collect();
        Constant::from_f32(&[SIZE, SIZE], &values).unwrap()
    }

    /// `x <- relu(x Wᵀ + b)` so many times over, with one matrix and one bias.
    fn unrolled(times: usize) -> Network {
        let mut net = Network::new();
        let mut x = net.add_input("", &[1, SIZE]).unwrap();
        let w = net.add_constant("", weight()).unwrap();
        let b = net.add_constant("", Constant::from_f64(&[SIZE], &[-0.1; SIZE]).unwrap()).unwrap();
        for _ in 0..times {
            x = net.add_layer("", Op::Linear, &[x, w]).unwrap();
            x = net.add_layer("", Op::Add, &[x, b]).unwrap();
            x = net.add_layer("", Op::Relu, &[x]).unwrap();
        }
        net.add_output(x).unwrap();
        net
    }

    /// Bytes of all constants, those that share their elements counted once.
    fn bytes(net: &Network) -> u64 {
        let mut seen = HashSet::new();
        let constants = net.tensors().iter().filter_map(|tensor| tensor.constant());
        constants.filter(|constant| seen.insert(constant.place())).map(Constant::bytes).sum()
    }

    #[test]
    fn a_shared_weight_is_there_once_however_often_it_is_taken() {
        for times in [1, 2, 100] {
            let net = unrolled(times);
            let absolute = absolute(&net).unwrap();
            // The network's own constants, and those in another form.
            assert_eq!(bytes(&absolute), 2 * bytes(&net), "{times}");
            let packed = |net: &Network| Plan::<f64>::new(net, Isa::fastest()).unwrap().packed();
            assert_eq!(packed(&absolute), packed(&unrolled(1)), "{times}");
            for layer in absolute.layers() {
                let Some(constant) = layer.inputs().get(1).and_then(|&id| absolute.tensor(id).constant()) else {
                    continue;
                };
                let expected = |i: usize| if *layer.op() == Op::Linear { weight().get(i).abs() } else { 0.0 };
                assert!((0..constant.len()).all(|i| constant.get(i) == expected(i)));
            }
        }
    }

    #[test]
    fn the_same_elements_in_another_shape_and_another_form_are_told_apart() {
        let mut net = Network::new();
        let flat = weight();
        let x = net.add_input("", &[SIZE, SIZE]).unwrap();
        let image = net.add_input("", &[1, SIZE, 1, 1]).unwrap();
        // One place, two tensors.
        let shared = flat.reshaped(&[SIZE, SIZE, 1, 1]).unwrap();
        let (w, k) = (net.add_constant("", flat).unwrap(), net.add_constant("", shared).unwrap());
        let product = net.add_layer("", Op::Linear, &[x, w]).unwrap();
        let sum = net.add_layer("", Op::Add, &[product, w]).unwrap();
        let (one, zero) = (vec![1, 1], vec![0, 0]);
        let [kernel, strides, dilations] = [one.clone(), one.clone(), one];
        let window = Window { kernel, strides, dilations, begin: zero.clone(), end: zero };
        let convolved = net.add_layer("", Op::Conv { window, groups: 1 }, &[image, k]).unwrap();
        net.add_output(sum).unwrap();
        net.add_output(convolved).unwrap();
        let absolute = absolute(&net).unwrap();
        let taken: Vec<&Constant> =
            absolute.layers().iter().filter_map(|l| absolute.tensor(l.inputs()[1]).constant()).collect();
        assert_eq!(taken.len(), 3);
        assert_eq!((taken[0].get(0), taken[1].get(0), taken[2].get(0)), (30.5 / 64.0, 0.0, 30.5 / 64.0));
        assert_eq!((taken[0].shape(), taken[2].shape()), (&[SIZE, SIZE][..], &[SIZE, SIZE, 1, 1][..]));
        assert!(taken[0].place() == taken[2].place() && taken[0].place() != taken[1].place());
    }
}
