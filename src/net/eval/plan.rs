//! A network lowered to steps over buffers: shapes are gone, weights are packed, reshaping costs nothing.

use std::collections::HashSet;
use std::sync::Arc;

use super::conv::Conv;
use super::elementwise::{Binary, Softmax, Unary};
use super::grid::Grid;
use super::kernel::Isa;
use super::pool::{self, Pool};
use super::real::{Real, with_capacity};
use super::select::selection;
use super::spread::Spread;
use super::weights::{Affine, Matrix, Store, Weights};
use crate::error::OutOfMemory;
use crate::net::{Constant, Layer, Network, Op, PadMode, Source, TensorId, Window, broadcast};

/// Where the values of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In storage so and so, for every sample. Tensors that differ only in their shape share it.
    Root(usize),
    /// They are the constant so and so.
    Constant(usize),
}

/// `x Wᵀ + b`.
#[derive(Debug)]
pub(crate) struct Linear<T> {
    /// Rows of `x` in a sample.
    pub rows: usize,
    pub matrix: Arc<Matrix<T>>,
    pub bias: Option<Weights<T>>,
}

/// What a step computes.
#[derive(Debug)]
pub(crate) enum Kind<T> {
    Linear(Linear<T>),
    /// For each pair of offsets a product of `rows` by `inner` and `inner` by `columns`.
    MatMul {
        items: Arc<Vec<(u32, u32)>>,
        rows: usize,
        inner: usize,
        columns: usize,
    },
    Conv(Conv<T>),
    ConvTranspose(Conv<T>),
    /// Channel `i / inner % channels` at element `i`.
    Scale {
        affine: Arc<Affine<T>>,
        inner: usize,
    },
    Unary(Unary<T>),
    Binary(Binary, Spread, Spread),
    Softmax(Softmax),
    Pool(Pool),
    /// Element `i` of the operand counts for the element of the answer that the spread says; the sum is divided.
    Reduce(Spread, Option<T>),
    /// Element `i` of the answer is that of the operand, or padding.
    Select(Arc<Vec<u32>>, T),
    /// Blocks of these lengths from each operand by turns, so many times.
    Concat {
        blocks: Vec<usize>,
        outer: usize,
    },
    /// The constant, the same for every sample.
    Repeat(usize),
}

/// One step.
#[derive(Debug)]
pub(crate) struct Step<T> {
    pub kind: Kind<T>,
    pub operands: Vec<Place>,
    /// The root that it fills.
    pub output: usize,
    /// Whether an input has influence on it.
    pub active: bool,
}

/// The whole network.
#[derive(Debug)]
pub(crate) struct Plan<T> {
    pub isa: Isa,
    pub steps: Vec<Step<T>>,
    /// Elements of every root.
    pub lengths: Vec<usize>,
    /// The step that fills a root; none for inputs.
    pub makers: Vec<Option<usize>>,
    /// Of every tensor.
    pub places: Vec<Place>,
    /// How many elements every tensor has.
    pub sizes: Vec<usize>,
    pub constants: Vec<Constant>,
    /// The elements of those constants that steps take.
    pub values: Vec<Option<Weights<T>>>,
    pub inputs: Vec<TensorId>,
    pub outputs: Vec<TensorId>,
    active: Vec<bool>,
    /// Elements of all matrices and kernels, each counted once.
    pub weights: usize,
}

impl<T: Real> Plan<T> {
    pub(crate) fn new(network: &Network, isa: Isa) -> Result<Self, OutOfMemory> {
        let mut plan = Plan {
            isa,
            steps: Vec::new(),
            lengths: Vec::new(),
            makers: Vec::new(),
            places: Vec::new(),
            sizes: Vec::new(),
            constants: Vec::new(),
            values: Vec::new(),
            inputs: network.inputs().to_vec(),
            outputs: network.outputs().to_vec(),
            active: Vec::new(),
            weights: 0,
        };
        let store = &mut Store::new(isa);
        for tensor in network.tensors() {
            let place = match tensor.source() {
                Source::Input(_) => Place::Root(plan.root(tensor.len(), None, true)),
                Source::Constant(constant) => Place::Constant(plan.constant(constant)),
                Source::Layer(layer) => plan.lower(network, &network.layers()[*layer], store)?,
            };
            plan.places.push(place);
            plan.sizes.push(tensor.len());
        }
        plan.weights = plan.count_weights();
        Ok(plan)
    }

    /// Whether an input has influence on it.
    pub(crate) fn is_active(&self, root: usize) -> bool {
        self.active[root]
    }

    fn count_weights(&self) -> usize {
        let all = self.steps.iter().filter_map(|step| match &step.kind {
            Kind::Linear(linear) => Some(&linear.matrix.panels[..]),
            Kind::Conv(conv) | Kind::ConvTranspose(conv) => Some(conv.weights.values()),
            _ => None,
        });
        let mut seen = HashSet::new();
        all.filter(|weights| seen.insert(weights.as_ptr())).fold(0, |sum, weights| sum.saturating_add(weights.len()))
    }

    /// Elements that matrices hold packed.
    #[cfg(test)]
    pub(crate) fn packed(&self) -> usize {
        let mut seen = HashSet::new();
        let matrices = self.steps.iter().filter_map(|step| match &step.kind {
            Kind::Linear(linear) => Some(&linear.matrix),
            _ => None,
        });
        matrices.filter(|matrix| seen.insert(Arc::as_ptr(matrix))).map(|matrix| matrix.held()).sum()
    }

    /// The root of a tensor; none for constants.
    pub(crate) fn root_of(&self, tensor: TensorId) -> Option<usize> {
        match self.places[tensor.index()] {
            Place::Root(root) => Some(root),
            Place::Constant(_) => None,
        }
    }

    fn root(&mut self, length: usize, maker: Option<usize>, active: bool) -> usize {
        self.lengths.push(length);
        self.makers.push(maker);
        self.active.push(active);
        self.lengths.len() - 1
    }

    fn constant(&mut self, constant: &Constant) -> usize {
        self.constants.push(constant.clone());
        self.values.push(None);
        self.constants.len() - 1
    }

    fn step(&mut self, kind: Kind<T>, operands: Vec<Place>, length: usize) -> Place {
        let active = operands.iter().any(|place| matches!(place, Place::Root(root) if self.active[*root]));
        let output = self.root(length, Some(self.steps.len()), active);
        self.steps.push(Step { kind, operands, output, active });
        Place::Root(output)
    }

    /// The place of an operand that a step takes as it is; constants are made ready.
    fn any(&mut self, place: Place, store: &mut Store<T>) -> Result<Place, OutOfMemory> {
        if let Place::Constant(index) = place
            && self.values[index].is_none()
        {
            self.values[index] = Some(store.weights(&self.constants[index])?);
        }
        Ok(place)
    }

    /// The place of an operand that differs from sample to sample; a constant is repeated.
    fn data(&mut self, place: Place, store: &mut Store<T>) -> Result<Place, OutOfMemory> {
        match self.any(place, store)? {
            Place::Constant(index) => Ok(self.step(Kind::Repeat(index), Vec::new(), self.constants[index].len())),
            root @ Place::Root(_) => Ok(root),
        }
    }

    fn lower(&mut self, network: &Network, layer: &Layer, store: &mut Store<T>) -> Result<Place, OutOfMemory> {
        let shape = |i: usize| network.tensor(layer.inputs()[i]).shape();
        let operand = |i: usize| network.tensor(layer.inputs()[i]).constant();
        let bias = |store: &mut Store<T>| {
            let bias = if layer.inputs().len() > 2 { operand(2) } else { None };
            bias.map(|bias| store.weights(bias)).transpose()
        };
        let places: Vec<Place> = layer.inputs().iter().map(|tensor| self.places[tensor.index()]).collect();
        let (out, length) = (network.tensor(layer.output()).shape(), network.tensor(layer.output()).len());
        let kind = match (layer.op(), operand(1.min(places.len() - 1))) {
            (Op::Reshape { shape }, _) => {
                return Ok(match places[0] {
                    Place::Root(root) => Place::Root(root),
                    // The same elements: only as many, whatever the shape.
                    Place::Constant(index) => {
                        let constant = self.constants[index].clone();
                        let constant = constant.reshaped(shape).unwrap_or(constant);
                        Place::Constant(self.constant(&constant))
                    }
                });
            }
            (Op::Linear, Some(matrix)) => {
                let rows = shape(0)[..shape(0).len() - 1].iter().product();
                Kind::Linear(Linear { rows, matrix: store.matrix(matrix)?, bias: bias(store)? })
            }
            (Op::Conv { window, groups }, Some(w)) => {
                let (weights, channels) = (store.weights(w)?, (w.shape()[1], w.shape()[0]));
                Kind::Conv(conv(window, *groups, &shape(0)[2..], &out[2..], channels, weights, bias(store)?))
            }
            (Op::ConvTranspose { window, groups, .. }, Some(w)) => {
                let (weights, channels) = (store.weights(w)?, (w.shape()[1], w.shape()[0]));
                Kind::ConvTranspose(conv(window, *groups, &out[2..], &shape(0)[2..], channels, weights, bias(store)?))
            }
            (Op::BatchNorm { epsilon }, Some(scale)) => {
                let known = |i: usize| operand(i).unwrap_or(scale);
                let affine = store.affine(*epsilon, [scale, known(2), known(3), known(4)])?;
                Kind::Scale { affine, inner: out.iter().skip(2).product() }
            }
            (Op::MatMul, _) => {
                let places = vec![self.any(places[0], store)?, self.any(places[1], store)?];
                return Ok(self.step(matmul(shape(0), shape(1), store)?, places, length));
            }
            (op @ (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::PRelu), _) => {
                let binary = match op {
                    Op::Add => Binary::Add,
                    Op::Sub => Binary::Sub,
                    Op::Mul => Binary::Mul,
                    Op::Div => Binary::Div,
                    _ => Binary::PRelu,
                };
                let kind = Kind::Binary(binary, store.spread(shape(0), out)?, store.spread(shape(1), out)?);
                let places = vec![self.any(places[0], store)?, self.any(places[1], store)?];
                return Ok(self.step(kind, places, length));
            }
            (Op::Softmax { first, count }, _) => Kind::Softmax(Softmax {
                outer: out[..*first].iter().product(),
                count: out[*first..first + count].iter().product(),
                inner: out[first + count..].iter().product(),
            }),
            (Op::MaxPool { window, .. }, _) => pooling(pool::Kind::Max, window, shape(0), out),
            (Op::AveragePool { window, count_padding, .. }, _) => {
                pooling(pool::Kind::Mean(*count_padding), window, shape(0), out)
            }
            (Op::ReduceSum { axes, .. }, _) => reduce(axes, shape(0), false, store)?,
            (Op::ReduceMean { axes, .. }, _) => reduce(axes, shape(0), true, store)?,
            (Op::Concat { axis }, _) => Kind::Concat {
                blocks: (0..places.len()).map(|i| shape(i)[*axis..].iter().product()).collect(),
                outer: out[..*axis].iter().product(),
            },
            (op, _) => match (unary(op), selection(op, shape(0), out)?) {
                (Some(unary), _) => Kind::Unary(unary),
                (_, Some(map)) => Kind::Select(store.list(map), fill(op)),
                // Not reached: what has weights has constant ones, checked when the layer was added.
                (None, None) => Kind::Select(Arc::default(), T::ZERO),
            },
        };
        let taken = if matches!(kind, Kind::Concat { .. }) { places.len() } else { 1 };
        let data = places[..taken].iter().map(|&place| self.data(place, store)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.step(kind, data, length))
    }
}

fn conv<T>(
    window: &Window,
    groups: usize,
    image: &[usize],
    positions: &[usize],
    (channels, all): (usize, usize),
    weights: Weights<T>,
    bias: Option<Weights<T>>,
) -> Conv<T> {
    let grid = Grid::new(window, image, positions);
    Conv { grid, groups, image: channels, channels: all / groups, weights, bias }
}

fn matmul<T: Real>(a: &[usize], b: &[usize], store: &mut Store<T>) -> Result<Kind<T>, OutOfMemory> {
    let inner = a[a.len() - 1];
    let rows = if a.len() == 1 { 1 } else { a[a.len() - 2] };
    let columns = if b.len() == 1 { 1 } else { b[b.len() - 1] };
    let (lead_a, lead_b) = (&a[..a.len().saturating_sub(2)], &b[..b.len().saturating_sub(2)]);
    let lead = broadcast(lead_a, lead_b).unwrap_or_default();
    let count = lead.iter().product();
    let mut items = with_capacity(count)?;
    // Without items the leading axes need not even have elements to point at.
    if count > 0 {
        let (spread_a, spread_b) = (Spread::new(lead_a, &lead)?, Spread::new(lead_b, &lead)?);
        items.extend((0..count).map(|i| (spread_a.element(i) as u32, spread_b.element(i) as u32)));
    }
    Ok(Kind::MatMul { items: store.pairs(items), rows, inner, columns })
}

fn pooling<T>(kind: pool::Kind, window: &Window, from: &[usize], to: &[usize]) -> Kind<T> {
    Kind::Pool(Pool { kind, grid: Grid::new(window, &from[2..], &to[2..]) })
}

fn reduce<T: Real>(axes: &[usize], from: &[usize], mean: bool, store: &mut Store<T>) -> Result<Kind<T>, OutOfMemory> {
    let kept: Vec<usize> = (0..from.len()).map(|i| if axes.contains(&i) { 1 } else { from[i] }).collect();
    let count: usize = axes.iter().map(|&i| from[i]).product();
    Ok(Kind::Reduce(store.spread(&kept, from)?, mean.then(|| T::from_f64(count as f64))))
}

fn unary<T: Real>(op: &Op) -> Option<Unary<T>> {
    Some(match op {
        Op::Neg => Unary::Neg,
        Op::Abs => Unary::Abs,
        Op::Relu => Unary::Relu,
        Op::LeakyRelu { alpha } => Unary::LeakyRelu(T::from_f64(*alpha)),
        Op::Sign => Unary::Sign,
        Op::Sigmoid => Unary::Sigmoid,
        Op::Tanh => Unary::Tanh,
        Op::Clip { min, max } => Unary::Clip(T::from_f64(*min), T::from_f64(*max)),
        _ => return None,
    })
}

fn fill<T: Real>(op: &Op) -> T {
    match op {
        Op::Pad { mode: PadMode::Constant(value), .. } => T::from_f64(*value),
        _ => T::ZERO,
    }
}
