//! The steps of a network, one after the other, as expressions.

use super::expression::{Expression, reciprocal, sum};
use super::pieces::Bend;
use super::writer::{ANYTHING, Writer, list, reserve};
use super::{EncodeError, Neuron};
use crate::bounds::{Graph, up};
use crate::net::eval::conv::Conv;
use crate::net::eval::elementwise::{Binary, Unary};
use crate::net::eval::plan::{Kind, Place, Step};
use crate::net::eval::pool::{self, Pool};
use crate::net::eval::select::PADDING;
use crate::net::eval::spread::Spread;
use crate::net::eval::weights::Affine;

/// A network on its way into a formula.
pub(super) struct Lowering<'a, 'b> {
    graph: &'a Graph,
    /// Bounds of the graph's neurons.
    known: (&'a [f64], &'a [f64]),
    writer: &'a mut Writer<'b>,
    /// The elements of every root so far.
    values: Vec<Vec<Expression>>,
    pub found: Found,
}

/// What was encoded on the way.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    pub neurons: Vec<Neuron>,
    /// The step of each neuron.
    pub steps: Vec<u32>,
    /// Of each neuron that has one bend only where it is: the neuron as the graph counts them, and where it bends.
    pub bends: Vec<Option<(u32, f64)>>,
    /// The number of each of the graph's neurons that has one.
    pub numbers: Vec<Option<u32>>,
}

/// An operand: its elements, or those of a constant.
#[derive(Clone, Copy)]
enum Operand {
    Root(usize),
    Constant(usize),
}

impl<'a, 'b> Lowering<'a, 'b> {
    pub fn new(
        graph: &'a Graph,
        known: (&'a [f64], &'a [f64]),
        writer: &'a mut Writer<'b>,
    ) -> Result<Self, EncodeError> {
        let values = filled(graph.plan.lengths.len(), Vec::new())?;
        let found = Found { numbers: filled(graph.total, None)?, ..Found::default() };
        Ok(Lowering { graph, known, writer, values, found })
    }

    /// Makes these numbers the elements of an input tensor.
    pub fn set_input(&mut self, root: usize, numbers: &[u32]) -> Result<(), EncodeError> {
        self.values[root] = self.gather(numbers.len(), |_, i| Ok(Expression::number(numbers[i])))?;
        Ok(())
    }

    /// So many elements, one after the other.
    fn gather<T>(
        &mut self,
        length: usize,
        mut element: impl FnMut(&mut Self, usize) -> Result<T, EncodeError>,
    ) -> Result<Vec<T>, EncodeError> {
        let mut all = list(length)?;
        for i in 0..length {
            self.writer.count(1)?;
            all.push(element(self, i)?);
        }
        Ok(all)
    }

    /// Encodes all steps, then the outputs, whose numbers are answered.
    pub fn run(&mut self) -> Result<Vec<u32>, EncodeError> {
        for (index, step) in self.graph.plan.steps.iter().enumerate() {
            self.values[step.output] = self.step(step)?;
            let Found { neurons, steps, bends, .. } = &mut self.found;
            reserve(steps, neurons.len() - steps.len())?;
            reserve(bends, neurons.len() - bends.len())?;
            steps.resize(neurons.len(), index as u32);
            bends.resize(neurons.len(), None);
        }
        let mut outputs = list(self.graph.output_len)?;
        for &tensor in &self.graph.plan.outputs {
            let operand = self.operand(self.graph.plan.places[tensor.index()]);
            for i in 0..self.graph.plan.sizes[tensor.index()] {
                outputs.push(match operand {
                    Operand::Root(root) => self.number(root, i)?,
                    Operand::Constant(_) => self.writer.define(&self.element(operand, i)?, ANYTHING)?,
                });
            }
        }
        Ok(outputs)
    }

    fn operand(&self, place: Place) -> Operand {
        match place {
            Place::Root(root) => Operand::Root(root),
            Place::Constant(index) => Operand::Constant(index),
        }
    }

    fn element(&self, operand: Operand, i: usize) -> Result<Expression, EncodeError> {
        match operand {
            Operand::Root(root) => {
                let Expression { terms, constant } = &self.values[root][i];
                let mut copy = Expression { terms: list(terms.len())?, constant: *constant };
                copy.terms.extend_from_slice(terms);
                Ok(copy)
            }
            Operand::Constant(index) => Ok(Expression::constant(self.graph.plan.constants[index].get(i))),
        }
    }

    /// What is known of an element, beside what it is made of.
    fn known(&self, root: usize, i: usize) -> (f64, f64) {
        match self.graph.first[root] {
            Some(first) => (self.known.0[first + i], self.known.1[first + i]),
            None => ANYTHING,
        }
    }

    /// The number that an element of a root is from now on.
    fn number(&mut self, root: usize, i: usize) -> Result<u32, EncodeError> {
        let number = self.writer.define(&self.values[root][i], self.known(root, i))?;
        self.values[root][i] = Expression::number(number);
        if let Some(first) = self.graph.first[root] {
            self.found.numbers[first + i] = Some(number);
        }
        Ok(number)
    }

    /// The number, and between what it lies: the formula says as much as decides phases.
    fn neuron(&mut self, root: usize, i: usize) -> Result<(u32, (f64, f64)), EncodeError> {
        let number = self.number(root, i)?;
        Ok((number, self.writer.narrow(number, self.known(root, i))?))
    }

    /// Makes each element of a root a constant or one number times a coefficient, since many sums will have it.
    fn flatten(&mut self, operand: Operand) -> Result<(), EncodeError> {
        let Operand::Root(root) = operand else { return Ok(()) };
        for i in 0..self.values[root].len() {
            if !self.values[root][i].is_simple() {
                self.number(root, i)?;
            }
        }
        Ok(())
    }

    /// An expression times a factor: of a number of its own, where it would be rounded else.
    fn times(&mut self, expression: &Expression, factor: f64) -> Result<Expression, EncodeError> {
        self.writer.count(expression.terms.len() + 1)?;
        if let Some(product) = expression.times(factor) {
            return Ok(product);
        }
        let number = self.writer.alias(expression, ANYTHING)?;
        Ok(Expression { terms: vec![(number, factor)], constant: 0.0 })
    }

    fn plus(&mut self, a: &Expression, b: &Expression) -> Result<Expression, EncodeError> {
        self.writer.count(a.terms.len() + b.terms.len() + 1)?;
        if let Some(sum) = a.plus(b) {
            return Ok(sum);
        }
        // A number of its own has no term and no constant to be added to.
        let number = Expression::number(self.writer.alias(b, ANYTHING)?);
        a.plus(&number).ok_or(EncodeError::Unbounded)
    }

    /// Σ weight · element + constant, of elements that are simple.
    fn weighted(&mut self, parts: &[(f64, &Expression)], constant: f64) -> Result<Expression, EncodeError> {
        self.writer.count(parts.len() + 1)?;
        self.writer.hold(parts.len() * size_of::<(u32, f64)>())?;
        let mut total = Expression { terms: Vec::new(), constant };
        reserve(&mut total.terms, parts.len())?;
        for &(weight, part) in parts {
            let part = self.times(part, weight)?;
            match sum(total.constant, part.constant) {
                Some(constant) => {
                    total.constant = constant;
                    total.terms.extend_from_slice(&part.terms);
                }
                None => {
                    let number = self.writer.alias(&Expression::constant(part.constant), ANYTHING)?;
                    total.terms.push((number, 1.0));
                    total.terms.extend_from_slice(&part.terms);
                }
            }
        }
        total.terms.sort_by_key(|term| term.0);
        // The same number twice.
        let mut at = 1;
        while at < total.terms.len() {
            let (last, (number, weight)) = (total.terms[at - 1], total.terms[at]);
            if last.0 != number {
                at += 1;
                continue;
            }
            total.terms.remove(at);
            match sum(last.1, weight) {
                Some(weight) => total.terms[at - 1].1 = weight,
                None => {
                    let other = self.writer.alias(&Expression::number(number), ANYTHING)?;
                    total.terms.push((other, weight));
                }
            }
        }
        total.terms.retain(|term| term.1 != 0.0);
        Ok(total)
    }

    fn step(&mut self, step: &Step<f64>) -> Result<Vec<Expression>, EncodeError> {
        let operands: Vec<Operand> = step.operands.iter().map(|&place| self.operand(place)).collect();
        let length = self.graph.plan.lengths[step.output];
        self.writer.count(length)?;
        match (&step.kind, &operands[..]) {
            (Kind::Repeat(index), _) => self.gather(length, |this, i| this.element(Operand::Constant(*index), i)),
            (Kind::Linear(linear), &[x]) => {
                self.flatten(x)?;
                let (inner, columns) = (linear.matrix.inner, linear.matrix.columns);
                let bias = linear.bias.as_ref().map(|bias| bias.values());
                let (mut weights, mut all) = (filled(inner, 0.0)?, list(length)?);
                for row in 0..linear.rows {
                    let x = self.gather(inner, |this, k| this.element(x, row * inner + k))?;
                    for column in 0..columns {
                        linear.matrix.row(column, 1.0, &mut weights);
                        let mut parts = list(inner)?;
                        parts.extend(weights.iter().copied().zip(&x).filter(|part| part.0 != 0.0));
                        all.push(self.weighted(&parts, bias.map_or(0.0, |bias| bias[column]))?);
                    }
                }
                Ok(all)
            }
            (&Kind::MatMul { ref items, rows, inner, columns }, &[a, b]) => {
                self.flatten(a)?;
                self.flatten(b)?;
                let mut all = list(length)?;
                for &(i, j) in items.iter() {
                    for row in 0..rows {
                        for column in 0..columns {
                            let owned = self.gather(inner, |this, k| {
                                let a = this.element(a, (i as usize * rows + row) * inner + k)?;
                                let b = this.element(b, (j as usize * inner + k) * columns + column)?;
                                Ok(if b.is_constant() { (b.constant, a) } else { (a.constant, b) })
                            })?;
                            let mut parts = list(inner)?;
                            parts.extend(owned.iter().map(|(weight, part)| (*weight, part)));
                            all.push(self.weighted(&parts, 0.0)?);
                        }
                    }
                }
                Ok(all)
            }
            (Kind::Conv(conv), &[x]) => {
                self.flatten(x)?;
                let items = length / conv.positions_len().max(1);
                let taps = self.taps(length, |tap| {
                    each_tap(conv, items, |image, position, weight| tap(position, image, weight))
                })?;
                self.tapped(x, &taps, conv.bias.as_ref().map(|bias| bias.values()), conv.grid.positions())
            }
            (Kind::ConvTranspose(conv), &[x]) => {
                self.flatten(x)?;
                let items = length / conv.image_len().max(1);
                let taps = self.taps(length, |tap| each_tap(conv, items, tap))?;
                self.tapped(x, &taps, conv.bias.as_ref().map(|bias| bias.values()), conv.grid.elements())
            }
            (Kind::Scale { affine, inner }, &[x]) => {
                self.gather(length, |this, i| this.scaled(x, i, affine, i / inner % affine.scale.len()))
            }
            (Kind::Unary(unary), &[x]) => self.gather(length, |this, i| this.unary(unary, x, i)),
            (Kind::Binary(binary, left, right), &[a, b]) => {
                self.gather(length, |this, i| this.binary(*binary, (a, left.element(i)), (b, right.element(i))))
            }
            (Kind::Pool(pool), &[x]) => self.pool(pool, x, length),
            (Kind::Reduce(spread, divisor), &[x]) => {
                self.flatten(x)?;
                self.reduce(x, spread, *divisor, length)
            }
            (Kind::Select(places, fill), &[x]) => self.gather(places.len(), |this, i| match places[i] {
                PADDING => Ok(Expression::constant(*fill)),
                place => this.element(x, place as usize),
            }),
            (Kind::Concat { blocks, outer }, operands) => {
                let mut all = list(length)?;
                for turn in 0..*outer {
                    for (&x, &block) in operands.iter().zip(blocks) {
                        for i in turn * block..(turn + 1) * block {
                            self.writer.count(1)?;
                            all.push(self.element(x, i)?);
                        }
                    }
                }
                Ok(all)
            }
            // Not reached: what is not piecewise linear was refused before.
            _ => Err(EncodeError::Unsupported { layer: 0, op: "?" }),
        }
    }

    /// The taps of so many elements of an answer, which `each` tells in any order.
    fn taps(
        &mut self,
        length: usize,
        each: impl Fn(&mut Tap<'_>) -> Result<(), EncodeError>,
    ) -> Result<Taps, EncodeError> {
        let mut ends = filled(length, 0usize)?;
        each(&mut |element, _, _| {
            ends[element] += 1;
            self.writer.count(1)
        })?;
        let mut total = 0;
        for end in &mut ends {
            (*end, total) = (total, total + *end); // where it begins
        }
        self.writer.hold(total * size_of::<(f64, usize)>())?;
        let mut taps = filled(total, (0.0, 0))?;
        each(&mut |element, of, weight| {
            taps[ends[element]] = (weight, of);
            ends[element] += 1;
            self.writer.count(1)
        })?;
        Ok(Taps { taps, ends })
    }

    /// The sums of taps of `x`; a channel is `area` elements, and has one bias in every item.
    fn tapped(
        &mut self,
        x: Operand,
        taps: &Taps,
        bias: Option<&[f64]>,
        area: usize,
    ) -> Result<Vec<Expression>, EncodeError> {
        self.gather(taps.ends.len(), |this, i| {
            let taps = taps.of(i);
            let owned = this.gather(taps.len(), |this, tap| this.element(x, taps[tap].1))?;
            let mut parts = list(taps.len())?;
            parts.extend(taps.iter().zip(&owned).map(|(tap, part)| (tap.0, part)));
            this.weighted(&parts, bias.map_or(0.0, |bias| bias[i / area % bias.len()]))
        })
    }

    /// Normalization. Its factors are rounded: what that may change is allowed for.
    fn scaled(
        &mut self,
        x: Operand,
        i: usize,
        affine: &Affine<f64>,
        channel: usize,
    ) -> Result<Expression, EncodeError> {
        let x = self.element(x, i)?;
        let (scale, shift) = (affine.scale[channel], affine.shift[channel]);
        let (l, u) = self.writer.range_of(&x);
        let value = self.times(&x, scale)?;
        let value = self.plus(&value, &Expression::constant(shift))?;
        // Three roundings of the factor, two more of the shift, and of what is computed here.
        let size = up(up(scale.abs() * l.abs().max(u.abs())) + affine.magnitude[channel]);
        let number = self.writer.near(&value, up(8.0 * f64::EPSILON * size))?;
        Ok(Expression::number(number))
    }

    fn unary(&mut self, unary: &Unary<f64>, x: Operand, i: usize) -> Result<Expression, EncodeError> {
        let bends = match *unary {
            Unary::Neg => return self.element(x, i)?.times(-1.0).ok_or(EncodeError::Unbounded),
            Unary::Relu => vec![Bend::RELU],
            Unary::Abs => vec![Bend::ABS],
            Unary::LeakyRelu(slope) => vec![Bend::leaky(slope)],
            Unary::Clip(min, max) => {
                let mut bends = Vec::new();
                if min > f64::NEG_INFINITY {
                    bends.push(Bend::at_least(min));
                }
                if max < f64::INFINITY {
                    bends.push(Bend::at_most(max));
                }
                bends
            }
            Unary::Sign => {
                let Operand::Root(root) = x else { return Err(EncodeError::Unbounded) };
                let (number, range) = self.neuron(root, i)?;
                let (value, neurons) = self.writer.sign(number, range)?;
                self.add_neurons(&neurons)?;
                return Ok(value);
            }
            Unary::Sigmoid | Unary::Tanh => return Err(EncodeError::Unsupported { layer: 0, op: "?" }),
        };
        self.bent(&bends, x, i)
    }

    /// The element, bent once or more.
    fn bent(&mut self, bends: &[Bend], x: Operand, i: usize) -> Result<Expression, EncodeError> {
        // Operands of functions are roots; constants were repeated.
        let (Operand::Root(root), false) = (x, bends.is_empty()) else { return self.element(x, i) };
        let (mut number, mut range) = self.neuron(root, i)?;
        let (mut value, mut value_is_first) = (Expression::number(number), true);
        for &bend in bends {
            let neuron;
            (value, neuron) = self.writer.bend(bend, number, range)?;
            if let (Some(first), true) = (self.graph.first[root], value_is_first) {
                let (before, bends) = (self.found.neurons.len(), &mut self.found.bends);
                let missing = before + 1 - bends.len();
                reserve(bends, missing)?;
                bends.resize(before, None);
                bends.push(Some(((first + i) as u32, bend.at)));
            }
            value_is_first = false;
            self.add_neurons(&[neuron])?;
            number = neuron.post;
            range = self.writer.range(number);
        }
        Ok(value)
    }

    fn add_neurons(&mut self, neurons: &[Neuron]) -> Result<(), EncodeError> {
        reserve(&mut self.found.neurons, neurons.len())?;
        self.found.neurons.extend_from_slice(neurons);
        Ok(())
    }

    fn binary(
        &mut self,
        binary: Binary,
        (a, i): (Operand, usize),
        (b, j): (Operand, usize),
    ) -> Result<Expression, EncodeError> {
        let right = self.element(b, j)?;
        if binary == Binary::PRelu {
            return self.bent(&[Bend::leaky(right.constant)], a, i);
        }
        let left = self.element(a, i)?;
        match binary {
            Binary::Add => self.plus(&left, &right),
            Binary::Sub => {
                let minus = right.times(-1.0).ok_or(EncodeError::Unbounded)?;
                self.plus(&left, &minus)
            }
            Binary::Mul if right.is_constant() => self.times(&left, right.constant),
            Binary::Mul => self.times(&right, left.constant),
            _ => {
                let divisor = right.constant;
                let signed = if divisor < 0.0 { left.times(-1.0) } else { Some(left) };
                self.quotient(&signed.ok_or(EncodeError::Unbounded)?, divisor.abs())
            }
        }
    }

    fn pool(&mut self, pool: &Pool, x: Operand, length: usize) -> Result<Vec<Expression>, EncodeError> {
        let Operand::Root(root) = x else { return Err(EncodeError::Unbounded) };
        let grid = &pool.grid;
        let mut all = list(length)?;
        for plane in 0..length / grid.positions().max(1) {
            for row in 0..grid.y.positions {
                for column in 0..grid.x.positions {
                    let taps = grid.y.taps(row).flat_map(|a| grid.x.taps(column).map(move |b| (a, b)));
                    let at = |(a, b): (usize, usize)| {
                        let place = grid.y.element(row, a) * grid.x.size + grid.x.element(column, b);
                        plane * grid.elements() + place
                    };
                    self.writer.count(grid.kernel())?;
                    let mut seen = list(grid.kernel())?;
                    seen.extend(taps.map(at));
                    all.push(match pool.kind {
                        pool::Kind::Max => {
                            let candidates = self.gather(seen.len(), |this, i| this.neuron(root, seen[i]))?;
                            if candidates.is_empty() {
                                return Err(EncodeError::Unbounded);
                            }
                            let (value, neurons) = self.writer.largest(&candidates)?;
                            self.add_neurons(&neurons)?;
                            value
                        }
                        pool::Kind::Mean(padding) => {
                            let count =
                                if padding { grid.y.padded_taps(row) * grid.x.padded_taps(column) } else { seen.len() };
                            self.mean(x, &seen, count.max(1) as f64)?
                        }
                    });
                }
            }
        }
        Ok(all)
    }

    /// The sum of some elements over a positive number.
    fn mean(&mut self, x: Operand, of: &[usize], divisor: f64) -> Result<Expression, EncodeError> {
        let mut total = Expression::default();
        for &i in of {
            let element = self.element(x, i)?;
            total = self.plus(&total, &element)?;
        }
        self.quotient(&total, divisor)
    }

    /// An expression over a positive number.
    fn quotient(&mut self, expression: &Expression, divisor: f64) -> Result<Expression, EncodeError> {
        if divisor == 0.0 {
            return Err(EncodeError::Unbounded);
        }
        match reciprocal(divisor).and_then(|factor| expression.times(factor)) {
            Some(quotient) => Ok(quotient),
            None => Ok(Expression::number(self.writer.quotient(expression, divisor)?)),
        }
    }

    fn reduce(
        &mut self,
        x: Operand,
        spread: &Spread,
        divisor: Option<f64>,
        length: usize,
    ) -> Result<Vec<Expression>, EncodeError> {
        let Operand::Root(root) = x else { return Err(EncodeError::Unbounded) };
        let elements = self.values[root].len();
        let taps = self.taps(length, |tap| (0..elements).try_for_each(|i| tap(spread.element(i), i, 1.0)))?;
        self.gather(length, |this, i| {
            let mut of = list(taps.of(i).len())?;
            of.extend(taps.of(i).iter().map(|tap| tap.1));
            this.mean(x, &of, divisor.unwrap_or(1.0).max(1.0))
        })
    }
}

/// Takes an element of an answer, an element of its operand, and the weight between them.
type Tap<'a> = dyn FnMut(usize, usize, f64) -> Result<(), EncodeError> + 'a;

/// Weights and elements of an operand, of every element of an answer.
struct Taps {
    taps: Vec<(f64, usize)>,
    /// Where those of each element end.
    ends: Vec<usize>,
}

impl Taps {
    fn of(&self, element: usize) -> &[(f64, usize)] {
        let first = if element == 0 { 0 } else { self.ends[element - 1] };
        &self.taps[first..self.ends[element]]
    }
}

/// So many of the same.
fn filled<T: Clone>(length: usize, value: T) -> Result<Vec<T>, EncodeError> {
    let mut all = list(length)?;
    all.resize(length, value);
    Ok(all)
}

/// Calls `tap` with element of the image, element at the positions, and the weight between them, for so many items: a sample
/// may be several images.
fn each_tap(
    conv: &Conv<f64>,
    items: usize,
    mut tap: impl FnMut(usize, usize, f64) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let (images, positions) = (conv.image_len(), conv.positions_len());
    for item in 0..items {
        each_tap_of_one(conv, |image, position, weight| {
            tap(item * images + image, item * positions + position, weight)
        })?;
    }
    Ok(())
}

fn each_tap_of_one(
    conv: &Conv<f64>,
    mut tap: impl FnMut(usize, usize, f64) -> Result<(), EncodeError>,
) -> Result<(), EncodeError> {
    let (grid, weights) = (&conv.grid, conv.weights.values());
    for group in 0..conv.groups {
        for channel in 0..conv.channels {
            let at = group * conv.channels + channel;
            for image in 0..conv.image {
                let plane = group * conv.image + image;
                let kernel = &weights[(at * conv.image + image) * grid.kernel()..][..grid.kernel()];
                for row in 0..grid.y.positions {
                    for column in 0..grid.x.positions {
                        let position = (at * grid.y.positions + row) * grid.x.positions + column;
                        for a in grid.y.taps(row) {
                            for b in grid.x.taps(column) {
                                let place = grid.y.element(row, a) * grid.x.size + grid.x.element(column, b);
                                let weight = kernel[a * grid.x.kernel + b];
                                if weight != 0.0 {
                                    tap(plane * grid.elements() + place, position, weight)?;
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    Ok(())
}
