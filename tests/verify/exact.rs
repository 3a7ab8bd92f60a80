//! An exact answer for tiny networks, by trying every way in which their neurons can be active.
//!
//! While no neuron changes its piece, every tensor is an affine function of the input, and everything asked of it a linear
//! program; both are computed in integers, nothing is rounded. Wherever a sum of inputs decides which piece applies (a
//! ReLU's argument, a difference of two candidates of a maximum, a sign), the region is split, and a part without a point is
//! dropped at once. Shares nothing with `anser::bounds` and `anser::verify`, but that a property is taken apart by
//! `canonical` where it comes from a file.
//!
//! Cost: one or two linear programs a region; their number is exponential in the neurons, a few thousand at twelve.

use std::rc::Rc;

use anser::net::property::Property;
use anser::net::{Constant, Network, Op, Source, Window};
use anser::verify::canonical::{Disjuncts, Options};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::simplex::{Optimum, Row as Inequality, maximise};

/// `Σ coefficient · column ≤ bound`, or `<`. Columns are the inputs, then the outputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub terms: Vec<(u32, f64)>,
    pub bound: f64,
    pub strict: bool,
}

/// A closed box of inputs, and rows that hold together.
#[derive(Debug, Clone, PartialEq)]
pub struct Disjunct {
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
    pub rows: Vec<Row>,
}

/// The parts of a property, all of them bounded boxes.
pub fn disjuncts(property: &Property) -> Vec<Disjunct> {
    let budget = anser::budget::Budget::unlimited();
    let mut all = Disjuncts::new(property.clone(), &Options::default()).unwrap();
    let mut found = Vec::new();
    while let Some(disjunct) = all.next(&budget).unwrap() {
        assert!(disjunct.exact(), "a bound that no double is");
        let rows = disjunct.rows();
        let row = |row: usize| Row {
            terms: (rows.offsets[row]..rows.offsets[row + 1])
                .map(|i| (rows.columns[i], rows.coefficients[i]))
                .collect(),
            bound: rows.bounds[row],
            strict: rows.strict[row],
        };
        found.push(Disjunct {
            lower: disjunct.lower.clone(),
            upper: disjunct.upper.clone(),
            rows: (0..disjunct.num_rows()).map(row).collect(),
        });
    }
    found
}

/// What there is to know.
#[derive(Debug, Clone)]
pub struct Answer {
    /// An input and its output that satisfy the property; none where there is none.
    pub witness: Option<(Vec<BigRational>, Vec<BigRational>)>,
    /// The largest number by which all rows of a disjunct, and all arguments of signs on the way, can have room at once:
    /// negative where every input fails by at least as much, positive where all outputs around a point satisfy the property,
    /// 0 where only ties decide (a single point, a measure-zero set, or a strict row that is met but not passed). Not
    /// exact beyond the `enough` that was asked for, nor beyond 1.
    pub margin: BigRational,
    /// An input with that margin; none where there is no input at all.
    pub nearest: Option<Vec<BigRational>>,
    /// Linear regions that were looked at.
    pub regions: usize,
}

impl Answer {
    pub fn is_sat(&self) -> bool {
        self.witness.is_some()
    }

    /// Whether the answer does not change if every row is moved by less than `tolerance`. Otherwise numbers of 32 bits may
    /// be too coarse to tell, and "unknown" is no fault.
    pub fn is_clear(&self, tolerance: f64) -> bool {
        self.margin.abs() >= rational(tolerance)
    }
}

pub fn rational(value: f64) -> BigRational {
    BigRational::from_float(value).unwrap()
}

/// Decides whether an input satisfies one of the disjuncts. A search that has a witness ends as soon as the margin is
/// `enough`.
///
/// # Errors
///
/// What the network has that is not piecewise linear.
pub fn decide(network: &Network, disjuncts: &[Disjunct], enough: f64) -> Result<Answer, String> {
    let least = -BigRational::from_integer(BigInt::one() << 1100); // below all sums of doubles here
    let mut best = Answer { witness: None, margin: least, nearest: None, regions: 0 };
    for (first, disjunct) in disjuncts.iter().enumerate() {
        let same = |other: &&Disjunct| other.lower == disjunct.lower && other.upper == disjunct.upper;
        if disjuncts[..first].iter().any(|other| same(&other)) {
            continue;
        }
        let together: Vec<&Disjunct> = disjuncts[first..].iter().filter(same).collect();
        let search = Search { network, domain: Domain::new(&disjunct.lower, &disjunct.upper), disjuncts: &together };
        search.run(&rational(enough), &mut best)?;
        if best.is_sat() && best.margin >= rational(enough) {
            break;
        }
    }
    Ok(best)
}

/// The outputs at an input, exactly, whatever the size of the network.
pub fn evaluate(network: &Network, input: &[BigRational]) -> Result<Vec<BigRational>, String> {
    let domain = Domain::point(input);
    let search = Search { network, domain, disjuncts: &[] };
    let mut state = search.start();
    while state.next < network.layers().len() {
        state = search.step(state)?.pop().ok_or("a point without a region")?;
    }
    let nothing = vec![BigRational::zero(); input.len()];
    Ok(search.outputs(&state).iter().map(|output| output.at(&nothing)).collect())
}

/// `(Σ coefficients · t + constant) / denominator`, the denominator positive.
#[derive(Debug, Clone)]
struct Affine {
    coefficients: Vec<BigInt>,
    constant: BigInt,
    denominator: BigInt,
}

impl Affine {
    fn constant(variables: usize, value: &BigRational) -> Self {
        let (constant, denominator) = (value.numer().clone(), value.denom().clone());
        Affine { coefficients: vec![BigInt::zero(); variables], constant, denominator }
    }

    fn is_constant(&self) -> bool {
        self.coefficients.iter().all(Zero::is_zero)
    }

    fn times(&self, factor: &BigRational) -> Self {
        let coefficients = self.coefficients.iter().map(|c| c * factor.numer()).collect();
        let (constant, denominator) = (&self.constant * factor.numer(), &self.denominator * factor.denom());
        Affine { coefficients, constant, denominator }.reduced()
    }

    fn plus(&self, other: &Self) -> Self {
        let (f, g) = if self.denominator == other.denominator {
            (BigInt::one(), BigInt::one())
        } else {
            // Denominators are powers of two but for means, where their product will do.
            let ratio = BigRational::new(other.denominator.clone(), self.denominator.clone());
            (ratio.numer().clone(), ratio.denom().clone())
        };
        let pairs = self.coefficients.iter().zip(&other.coefficients);
        Affine {
            coefficients: pairs.map(|(a, b)| a * &f + b * &g).collect(),
            constant: &self.constant * &f + &other.constant * &g,
            denominator: &self.denominator * &f,
        }
    }

    fn minus(&self, other: &Self) -> Self {
        self.plus(&other.times(&-BigRational::one()))
    }

    /// Without the powers of two that all parts share.
    fn reduced(mut self) -> Self {
        let parts = self.coefficients.iter().chain([&self.constant, &self.denominator]);
        let shift = parts.filter_map(BigInt::trailing_zeros).min().unwrap_or(0);
        if shift > 0 {
            self.coefficients.iter_mut().for_each(|c| *c >>= shift);
            self.constant >>= shift;
            self.denominator >>= shift;
        }
        self
    }

    fn at(&self, point: &[BigRational]) -> BigRational {
        let sum: BigRational = self.coefficients.iter().zip(point).map(|(c, t)| t * c).sum();
        (sum + &self.constant) / &self.denominator
    }
}

/// A box in integers: input `i` is `(base[i] + t[i]) / scale` with `0 ≤ t[i] ≤ width[i]`.
struct Domain {
    base: Vec<BigInt>,
    width: Vec<BigInt>,
    scale: BigInt,
}

impl Domain {
    fn new(lower: &[f64], upper: &[f64]) -> Self {
        let exact = |values: &[f64]| values.iter().map(|&v| rational(v)).collect::<Vec<_>>();
        Domain::of(&exact(lower), &exact(upper))
    }

    fn point(values: &[BigRational]) -> Self {
        Domain::of(values, values)
    }

    fn of(lower: &[BigRational], upper: &[BigRational]) -> Self {
        let mut scale = BigInt::one();
        for value in lower.iter().chain(upper) {
            scale *= (value * &scale).denom();
        }
        let integer = |value: &BigRational| (value * &scale).to_integer();
        let base: Vec<BigInt> = lower.iter().map(integer).collect();
        let width = upper.iter().zip(&base).map(|(value, base)| integer(value) - base).collect();
        Domain { base, width, scale }
    }

    fn input(&self, index: usize) -> Affine {
        let mut coefficients = vec![BigInt::zero(); self.base.len()];
        coefficients[index] = BigInt::one();
        Affine { coefficients, constant: self.base[index].clone(), denominator: self.scale.clone() }
    }

    /// The least and the largest numerator of a function over the box.
    fn range(&self, of: &Affine) -> (BigInt, BigInt) {
        let (mut least, mut most) = (of.constant.clone(), of.constant.clone());
        for (coefficient, width) in of.coefficients.iter().zip(&self.width) {
            let step = coefficient * width;
            if step.is_negative() { least += step } else { most += step }
        }
        (least, most)
    }
}

/// How a function compares with 0 in a region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    AtLeast,
    Above,
    Zero,
}

/// A region, and the tensors in it up to a layer.
#[derive(Clone)]
struct State {
    tensors: Vec<Option<Rc<Vec<Affine>>>>,
    constraints: Vec<(Affine, Relation)>,
    /// Some point of the region.
    point: Vec<BigRational>,
    /// The layer that comes next.
    next: usize,
}

/// Elements of a layer's answer so far, in a region of their own.
#[derive(Clone)]
struct Partial {
    constraints: Vec<(Affine, Relation)>,
    point: Vec<BigRational>,
    elements: Vec<Affine>,
}

struct Search<'a> {
    network: &'a Network,
    domain: Domain,
    disjuncts: &'a [&'a Disjunct],
}

/// What linear programs may move beside the point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// What is strict has to have some.
    Strict,
    /// Rows of the property have it, too, and it may be negative.
    All,
}

impl Search<'_> {
    fn variables(&self) -> usize {
        self.domain.base.len()
    }

    fn start(&self) -> State {
        let mut first = 0;
        let element = |value| Affine::constant(self.variables(), &rational(value));
        let tensors = self.network.tensors().iter().map(|tensor| match tensor.source() {
            Source::Input(_) => {
                let range = first..first + tensor.len();
                first += tensor.len();
                Some(Rc::new(range.map(|i| self.domain.input(i)).collect()))
            }
            Source::Constant(constant) => {
                Some(Rc::new((0..constant.len()).map(|i| element(constant.get(i))).collect()))
            }
            Source::Layer(_) => None,
        });
        let half = BigRational::new(BigInt::one(), BigInt::from(2));
        let middle = self.domain.width.iter().map(|w| &half * w).collect();
        State { tensors: tensors.collect(), constraints: Vec::new(), point: middle, next: 0 }
    }

    fn run(&self, enough: &BigRational, best: &mut Answer) -> Result<(), String> {
        let mut open = vec![self.start()];
        while let Some(state) = open.pop() {
            if state.next < self.network.layers().len() {
                open.extend(self.step(state)?);
                continue;
            }
            best.regions += 1;
            self.leaf(&state, best);
            if best.is_sat() && best.margin >= *enough {
                break;
            }
        }
        Ok(())
    }

    fn outputs(&self, state: &State) -> Vec<Affine> {
        let of = |id: &anser::net::TensorId| state.tensors[id.index()].as_ref().unwrap().iter().cloned();
        self.network.outputs().iter().flat_map(of).collect()
    }

    /// A region in which all tensors are affine: every disjunct is a linear program.
    fn leaf(&self, state: &State, best: &mut Answer) {
        let outputs = self.outputs(state);
        let inputs: Vec<Affine> = (0..self.variables()).map(|i| self.domain.input(i)).collect();
        let column = |column: u32| inputs.iter().chain(&outputs).nth(column as usize).unwrap();
        for disjunct in self.disjuncts {
            // bound - Σ coefficient · column, at least 0.
            let slack = |row: &Row| {
                let bound = Affine::constant(self.variables(), &rational(row.bound));
                row.terms
                    .iter()
                    .fold(bound, |sum, (c, coefficient)| sum.minus(&column(*c).times(&rational(*coefficient))))
            };
            let rows: Vec<(Affine, bool)> = disjunct.rows.iter().map(|row| (slack(row), row.strict)).collect();
            let Some((margin, mut point)) = self.solve(&state.constraints, &rows, Room::All) else { continue };
            let at = |functions: &[Affine], point: &[BigRational]| functions.iter().map(|f| f.at(point)).collect();
            let nearest: Vec<BigRational> = at(&inputs, &point);
            let mut holds = margin.is_positive();
            if margin.is_zero()
                && let Some((room, tie)) = self.solve(&state.constraints, &rows, Room::Strict)
            {
                (holds, point) = (room.is_positive(), tie);
            }
            let better = margin > best.margin;
            if holds && (better || !best.is_sat()) {
                best.witness = Some((at(&inputs, &point), at(&outputs, &point)));
            }
            if better {
                (best.margin, best.nearest) = (margin, Some(nearest));
            }
        }
    }

    /// The most room that there is in a region with rows that are to be at least 0, and a point with that room. None where
    /// there is no point. Room is measured in units of what has it, and never more than 1.
    fn solve(
        &self,
        constraints: &[(Affine, Relation)],
        rows: &[(Affine, bool)],
        room: Room,
    ) -> Option<(BigRational, Vec<BigRational>)> {
        let variables = self.variables();
        let columns = variables + if room == Room::All { 2 } else { 1 };
        let mut program: Vec<Inequality> = Vec::new();
        // function ≥ room, or ≥ 0, or ≤ -room
        let mut add = |function: &Affine, sign: i32, roomy: bool| {
            let mut coefficients: Vec<BigInt> = function.coefficients.iter().map(|c| c * -sign).collect();
            coefficients.push(if roomy { function.denominator.clone() } else { BigInt::zero() });
            if room == Room::All {
                coefficients.push(if roomy { -&function.denominator } else { BigInt::zero() });
            }
            program.push(Inequality { coefficients, bound: &function.constant * sign });
        };
        for (function, relation) in constraints {
            match relation {
                Relation::AtLeast => add(function, 1, false),
                Relation::Above => add(function, 1, true),
                Relation::Zero => {
                    add(function, 1, room == Room::All);
                    add(function, -1, room == Room::All);
                }
            }
        }
        for (function, strict) in rows {
            add(function, 1, *strict || room == Room::All);
        }
        let unit = |column: usize, bound: &BigInt| {
            let mut coefficients = vec![BigInt::zero(); columns];
            coefficients[column] = BigInt::one();
            Inequality { coefficients, bound: bound.clone() }
        };
        let mut boxed: Vec<Inequality> = self.domain.width.iter().enumerate().map(|(i, w)| unit(i, w)).collect();
        boxed.push(unit(variables, &BigInt::one()));
        if room == Room::All {
            boxed[variables].coefficients[variables + 1] = -BigInt::one();
        }
        boxed.extend(program);
        let mut objective = vec![BigInt::zero(); columns];
        objective[variables] = BigInt::one();
        if room == Room::All {
            objective[variables + 1] = -BigInt::one();
        }
        match maximise(&objective, &boxed) {
            Optimum::At(value, mut point) => {
                point.truncate(variables);
                Some((value, point))
            }
            Optimum::Infeasible => None,
            Optimum::Unbounded => unreachable!("room is at most 1"),
        }
    }

    /// The parts of a region in which a function is positive, negative, or 0: with their sign, none without a point. Where
    /// `closed`, the first two share their border, and there is no third.
    fn split(&self, from: &Partial, function: &Affine, closed: bool) -> Vec<(i32, Partial)> {
        let (least, most) = self.domain.range(function);
        let whole = |sign| vec![(sign, from.clone())];
        if least.is_positive() || (closed && !least.is_negative()) {
            return whole(1);
        }
        if most.is_negative() || (closed && !most.is_positive()) {
            return whole(-1);
        }
        if function.is_constant() {
            return whole(0); // not closed, and neither positive nor negative
        }
        let here = function.at(&from.point);
        let opposite = function.times(&-BigRational::one());
        let strict = if closed { Relation::AtLeast } else { Relation::Above };
        let mut parts = vec![(1, function, strict), (-1, &opposite, strict)];
        if !closed {
            parts.push((0, function, Relation::Zero));
        }
        let mut found = Vec::new();
        for (sign, function, relation) in parts {
            let mut part = from.clone();
            part.constraints.push((function.clone(), relation));
            let inside = match sign {
                0 => here.is_zero(),
                _ => (&here * BigInt::from(sign)).is_positive() || (closed && here.is_zero()),
            };
            if !inside {
                let Some((room, point)) = self.solve(&part.constraints, &[], Room::Strict) else { continue };
                if !room.is_positive() {
                    continue;
                }
                part.point = point;
            }
            found.push((sign, part));
        }
        found
    }

    /// The larger of two functions, in each part of a region.
    fn larger(&self, from: &Partial, a: &Affine, b: &Affine) -> Vec<(Affine, Partial)> {
        let parts = self.split(from, &a.minus(b), true);
        parts.into_iter().map(|(sign, part)| (if sign > 0 { a.clone() } else { b.clone() }, part)).collect()
    }

    /// Does the next layer: one region for every way in which its neurons can be active.
    fn step(&self, state: State) -> Result<Vec<State>, String> {
        let layer = &self.network.layers()[state.next];
        let operands: Vec<Operand> = layer
            .inputs()
            .iter()
            .map(|&id| Operand {
                shape: self.network.tensor(id).shape(),
                elements: state.tensors[id.index()].clone().unwrap(),
                constant: self.network.tensor(id).constant(),
            })
            .collect();
        let shape = self.network.tensor(layer.output()).shape();
        let start =
            Partial { constraints: state.constraints.clone(), point: state.point.clone(), elements: Vec::new() };
        let parts = match layer.op() {
            Op::Relu | Op::LeakyRelu { .. } | Op::PRelu | Op::Abs | Op::Sign | Op::Clip { .. } => {
                self.activate(layer.op(), &operands, shape, start)
            }
            Op::MaxPool { window, .. } => self.max_pool(&operands[0], window, shape, start)?,
            op => {
                let elements = linear(op, &operands, shape, self.variables())?;
                vec![Partial { elements, ..start }]
            }
        };
        let finish = |part: Partial| {
            let mut next = State {
                tensors: state.tensors.clone(),
                constraints: part.constraints,
                point: part.point,
                next: state.next + 1,
            };
            next.tensors[layer.output().index()] = Some(Rc::new(part.elements));
            next
        };
        Ok(parts.into_iter().map(finish).collect())
    }

    fn activate(&self, op: &Op, operands: &[Operand<'_>], shape: &[usize], start: Partial) -> Vec<Partial> {
        let mut parts = vec![start];
        for (index, x) in operands[0].elements.iter().enumerate() {
            let slope = match op {
                Op::LeakyRelu { alpha } => rational(*alpha),
                Op::PRelu => operands[1].known(operands[1].broadcast(shape, index)),
                Op::Abs => -BigRational::one(),
                _ => BigRational::zero(),
            };
            let constant = |value: f64| Affine::constant(self.variables(), &rational(value));
            let mut grown = Vec::new();
            for part in &parts {
                let choices: Vec<(Affine, Partial)> = match op {
                    Op::Sign => {
                        let split = self.split(part, x, false).into_iter();
                        split.map(|(sign, part)| (constant(f64::from(sign)), part)).collect()
                    }
                    Op::Clip { min, max } => {
                        let raised = match min.is_finite() {
                            true => self.larger(part, x, &constant(*min)),
                            false => vec![(x.clone(), part.clone())],
                        };
                        let lowered = |(y, part): (Affine, Partial)| match max.is_finite() {
                            true => {
                                let negated = |f: &Affine| f.times(&-BigRational::one());
                                let all = self.larger(&part, &negated(&y), &constant(-max));
                                all.into_iter().map(|(y, part)| (negated(&y), part)).collect()
                            }
                            false => vec![(y, part)],
                        };
                        raised.into_iter().flat_map(lowered).collect()
                    }
                    _ => {
                        let split = self.split(part, x, true).into_iter();
                        split.map(|(sign, part)| (if sign > 0 { x.clone() } else { x.times(&slope) }, part)).collect()
                    }
                };
                grown.extend(choices.into_iter().map(|(y, mut part)| {
                    part.elements.push(y);
                    part
                }));
            }
            parts = grown;
        }
        parts
    }

    fn max_pool(
        &self,
        x: &Operand<'_>,
        window: &Window,
        shape: &[usize],
        start: Partial,
    ) -> Result<Vec<Partial>, String> {
        let mut parts = vec![start];
        for index in 0..count(shape) {
            let at = position(shape, index);
            let seen: Vec<usize> = taps(window, &at[2..], &x.shape[2..]).into_iter().filter_map(|tap| tap.1).collect();
            let plane = (at[0] * x.shape[1] + at[1]) * count(&x.shape[2..]);
            let (&first, others) = seen.split_first().ok_or("a window of padding only")?;
            let mut grown = Vec::new();
            for part in parts {
                let mut chosen = vec![(x.elements[plane + first].clone(), part)];
                for &other in others {
                    let next = &x.elements[plane + other];
                    chosen = chosen.iter().flat_map(|(y, part)| self.larger(part, y, next)).collect();
                }
                grown.extend(chosen.into_iter().map(|(y, mut part)| {
                    part.elements.push(y);
                    part
                }));
            }
            parts = grown;
        }
        Ok(parts)
    }
}

/// An operand of a layer.
struct Operand<'a> {
    shape: &'a [usize],
    elements: Rc<Vec<Affine>>,
    constant: Option<&'a Constant>,
}

impl Operand<'_> {
    fn known(&self, index: usize) -> BigRational {
        rational(self.constant.expect("a constant").get(index))
    }

    /// The element that stands at `index` of a larger shape.
    fn broadcast(&self, shape: &[usize], index: usize) -> usize {
        let at = position(shape, index);
        let skipped = shape.len() - self.shape.len();
        let own = self.shape.iter().enumerate();
        own.fold(0, |sum, (axis, &size)| sum * size + if size == 1 { 0 } else { at[skipped + axis] })
    }
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// The indices along each axis.
fn position(shape: &[usize], mut index: usize) -> Vec<usize> {
    let mut at = vec![0; shape.len()];
    for (axis, &size) in shape.iter().enumerate().rev() {
        at[axis] = index % size;
        index /= size;
    }
    at
}

fn flat(shape: &[usize], at: &[usize]) -> usize {
    shape.iter().zip(at).fold(0, |sum, (&size, &i)| sum * size + i)
}

/// What a window sees at a place: for every tap whether it lies within padding, and the element where it does within the tensor.
fn taps(window: &Window, at: &[usize], sizes: &[usize]) -> Vec<(bool, Option<usize>)> {
    let all = 0..count(&window.kernel);
    all.map(|tap| {
        let tap = position(&window.kernel, tap);
        let (mut padded, mut element) = (true, Some(0));
        for axis in 0..sizes.len() {
            let place = at[axis] * window.strides[axis] + tap[axis] * window.dilations[axis];
            padded &= place < window.begin[axis] + sizes[axis] + window.end[axis];
            let within = place.checked_sub(window.begin[axis]).filter(|&place| place < sizes[axis]);
            element = element.zip(within).map(|(element, place)| element * sizes[axis] + place);
        }
        (padded, element)
    })
    .collect()
}

/// What a layer without a choice answers.
fn linear(op: &Op, operands: &[Operand<'_>], shape: &[usize], variables: usize) -> Result<Vec<Affine>, String> {
    let x = &operands[0];
    let zero = || Affine::constant(variables, &BigRational::zero());
    let share = |count: usize| BigRational::new(BigInt::one(), BigInt::from(count));
    let each = |of: &dyn Fn(usize, Vec<usize>) -> Affine| {
        Ok((0..count(shape)).map(|index| of(index, position(shape, index))).collect())
    };
    let other = |index: usize| &operands[1].elements[operands[1].broadcast(shape, index)];
    match op {
        Op::Linear => each(&|_, at| {
            let (row, inner) = (at[at.len() - 1], x.shape[x.shape.len() - 1]);
            let before = flat(&x.shape[..at.len() - 1], &at[..at.len() - 1]) * inner;
            let bias = operands.get(2).map_or_else(zero, |b| b.elements[row].clone());
            (0..inner).fold(bias, |sum, i| sum.plus(&x.elements[before + i].times(&operands[1].known(row * inner + i))))
        }),
        Op::Conv { window, groups } => each(&|_, at| {
            let (w, channels) = (&operands[1], x.shape[1] / groups);
            let group = at[1] / (shape[1] / groups);
            let mut sum = operands.get(2).map_or_else(zero, |b| b.elements[at[1]].clone());
            let (plane, size) = (count(&x.shape[2..]), count(&window.kernel));
            for channel in 0..channels {
                for (tap, (_, element)) in taps(window, &at[2..], &x.shape[2..]).into_iter().enumerate() {
                    let Some(element) = element else { continue };
                    let place = (at[0] * x.shape[1] + group * channels + channel) * plane + element;
                    sum = sum.plus(&x.elements[place].times(&w.known((at[1] * channels + channel) * size + tap)));
                }
            }
            sum
        }),
        Op::AveragePool { window, count_padding, .. } => each(&|_, at| {
            let seen = taps(window, &at[2..], &x.shape[2..]);
            let plane = (at[0] * x.shape[1] + at[1]) * count(&x.shape[2..]);
            let within = seen.iter().filter_map(|tap| tap.1);
            let sum = within.clone().fold(zero(), |sum, i| sum.plus(&x.elements[plane + i]));
            let padded = seen.iter().filter(|tap| tap.0).count();
            sum.times(&share(if *count_padding { padded } else { within.count() }.max(1)))
        }),
        Op::Add => each(&|i, _| x.elements[x.broadcast(shape, i)].plus(other(i))),
        Op::Sub => each(&|i, _| x.elements[x.broadcast(shape, i)].minus(other(i))),
        Op::Mul | Op::Div if operands[1].constant.is_some() => each(&|i, _| {
            let factor = operands[1].known(operands[1].broadcast(shape, i));
            let factor = if *op == Op::Div { factor.recip() } else { factor };
            x.elements[x.broadcast(shape, i)].times(&factor)
        }),
        Op::Mul if x.constant.is_some() => each(&|i, _| other(i).times(&x.known(x.broadcast(shape, i)))),
        Op::Neg => each(&|i, _| x.elements[i].times(&-BigRational::one())),
        Op::ReduceSum { axes, keep } | Op::ReduceMean { axes, keep } => {
            let mut sums = vec![zero(); count(shape)];
            for (index, element) in x.elements.iter().enumerate() {
                let at = position(x.shape, index).into_iter().enumerate();
                let left = at.filter(|(axis, _)| *keep || !axes.contains(axis));
                let left: Vec<usize> = left.map(|(axis, i)| if axes.contains(&axis) { 0 } else { i }).collect();
                let sum = &mut sums[flat(shape, &left)];
                *sum = sum.plus(element);
            }
            let mean = matches!(op, Op::ReduceMean { .. });
            let over = if mean { axes.iter().map(|&axis| x.shape[axis]).product() } else { 1 };
            Ok(sums.iter().map(|sum| sum.times(&share(over))).collect())
        }
        Op::Reshape { .. } => Ok(x.elements.to_vec()),
        Op::Transpose { axes } => each(&|_, at| {
            let mut from = vec![0; axes.len()];
            axes.iter().zip(at).for_each(|(&axis, i)| from[axis] = i);
            x.elements[flat(x.shape, &from)].clone()
        }),
        Op::Concat { axis } => each(&|_, mut at| {
            let mut operand = 0;
            while at[*axis] >= operands[operand].shape[*axis] {
                at[*axis] -= operands[operand].shape[*axis];
                operand += 1;
            }
            operands[operand].elements[flat(operands[operand].shape, &at)].clone()
        }),
        Op::Slice { starts, steps, .. } => each(&|_, at| {
            let from = (0..at.len()).map(|axis| starts[axis].strict_add_signed(at[axis] as isize * steps[axis]));
            x.elements[flat(x.shape, &from.collect::<Vec<_>>())].clone()
        }),
        Op::Gather { axis, shape: indexed, indices } => each(&|_, at| {
            let index = indices[flat(indexed, &at[*axis..*axis + indexed.len()])];
            let from = [&at[..*axis], &[index], &at[*axis + indexed.len()..]].concat();
            x.elements[flat(x.shape, &from)].clone()
        }),
        op => Err(format!("{} is not piecewise linear here", op.name())),
    }
}

/// The nearest doubles.
pub fn doubles(values: &[BigRational]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64().unwrap()).collect()
}
