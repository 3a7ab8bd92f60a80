//! Which shape a layer answers, and whether its operands fit.
//!
//! Everything that evaluation relies on is checked here, once, when a layer is added.

use super::network::Tensor;
use super::{Constant, MAX_ELEMENTS, NetworkError, Op, PadMode, Window, element_count};

impl Op {
    /// The shape of the output. The operands' number, shapes and, where they must be constants, values are checked.
    pub(super) fn output_shape(&self, operands: &[&Tensor]) -> Result<Vec<usize>, NetworkError> {
        let fits = Fits { op: self, operands };
        let (least, most) = self.arity();
        if operands.len() < least || operands.len() > most {
            return fits.refuse(format_args!(
                "{} operands were given, it takes {}",
                operands.len(),
                count(least, most)
            ));
        }
        let shape = fits.shape()?;
        element_count(&shape)?;
        Ok(shape)
    }

    /// How many operands it takes, at least and at most.
    fn arity(&self) -> (usize, usize) {
        match self {
            Op::Linear | Op::Conv { .. } | Op::ConvTranspose { .. } => (2, 3),
            Op::MatMul | Op::Add | Op::Sub | Op::Mul | Op::Div | Op::PRelu => (2, 2),
            Op::BatchNorm { .. } => (5, 5),
            Op::Concat { .. } => (1, usize::MAX),
            _ => (1, 1),
        }
    }
}

fn count(least: usize, most: usize) -> String {
    match most {
        usize::MAX => format!("{least} or more"),
        _ if least == most => least.to_string(),
        _ => format!("{least} to {most}"),
    }
}

/// The shape that two tensors broadcast to, as numpy has it.
pub fn broadcast(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let rank = a.len().max(b.len());
    let at = |s: &[usize], i: usize| if i + s.len() < rank { 1 } else { s[i + s.len() - rank] };
    (0..rank)
        .map(|i| match (at(a, i), at(b, i)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

impl Window {
    /// How many positions the window has along each axis of these sizes; `None` where an array's length or a value is
    /// out of range, or the window does not fit.
    #[must_use]
    pub fn positions(&self, sizes: &[usize], ceil: bool) -> Option<Vec<usize>> {
        if !self.is_sound(sizes.len()) {
            return None;
        }
        (0..sizes.len())
            .map(|i| {
                let padded = sizes[i].checked_add(self.begin[i])?.checked_add(self.end[i])?;
                let room = padded.checked_sub(self.reach(i)?)?;
                let mut positions = room / self.strides[i] + 1;
                // A last window that would begin in the padding behind is left out.
                if ceil && room % self.strides[i] != 0 && positions * self.strides[i] < sizes[i] + self.begin[i] {
                    positions += 1;
                }
                Some(positions)
            })
            .collect()
    }

    /// Elements from the window's first to its last along an axis, both included.
    fn reach(&self, axis: usize) -> Option<usize> {
        (self.kernel[axis] - 1).checked_mul(self.dilations[axis])?.checked_add(1)
    }

    fn is_sound(&self, rank: usize) -> bool {
        let arrays = [&self.kernel, &self.strides, &self.dilations, &self.begin, &self.end];
        arrays.iter().all(|a| a.len() == rank && a.iter().all(|&v| v <= MAX_ELEMENTS))
            && arrays[..3].iter().all(|a| !a.contains(&0))
    }
}

/// A layer that is being looked at.
struct Fits<'a> {
    op: &'a Op,
    operands: &'a [&'a Tensor],
}

type Answer = Result<Vec<usize>, NetworkError>;

impl Fits<'_> {
    fn refuse<T>(&self, why: impl std::fmt::Display) -> Result<T, NetworkError> {
        Err(NetworkError::Layer { op: self.op.name(), why: why.to_string() })
    }

    fn of(&self, index: usize) -> &[usize] {
        self.operands[index].shape()
    }

    /// An operand that must be known when the layer is added.
    fn constant(&self, index: usize, what: &str) -> Result<&Constant, NetworkError> {
        match self.operands[index].constant() {
            Some(constant) => Ok(constant),
            None => self.refuse(format_args!("{what} must be a constant")),
        }
    }

    fn axis(&self, axis: usize) -> Result<(), NetworkError> {
        let rank = self.of(0).len();
        if axis < rank {
            return Ok(());
        }
        self.refuse(format_args!("axis {axis} does not exist, the operand has shape {:?}", self.of(0)))
    }

    fn shape(&self) -> Answer {
        let x = self.of(0);
        match self.op {
            Op::Linear => self.linear(),
            Op::MatMul => self.matmul(),
            Op::Conv { window, groups } => self.conv(window, *groups),
            Op::ConvTranspose { window, output_padding, groups } => {
                self.conv_transpose(window, output_padding, *groups)
            }
            Op::BatchNorm { epsilon } => self.batch_norm(*epsilon),
            Op::Add | Op::Sub | Op::Mul | Op::Div => match broadcast(x, self.of(1)) {
                Some(shape) => Ok(shape),
                None => self.refuse(format_args!("shapes {x:?} and {:?} do not broadcast", self.of(1))),
            },
            Op::PRelu => {
                self.constant(1, "the slope")?;
                match broadcast(x, self.of(1)) {
                    Some(shape) if shape == x => Ok(shape),
                    _ => self.refuse(format_args!("the slope's shape {:?} does not broadcast to {x:?}", self.of(1))),
                }
            }
            Op::LeakyRelu { alpha } if !alpha.is_finite() => self.refuse(format_args!("alpha is {alpha}")),
            Op::Clip { min, max } if min.is_nan() || max.is_nan() || min > max => {
                self.refuse(format_args!("the bounds are {min} and {max}"))
            }
            Op::Neg
            | Op::Abs
            | Op::Relu
            | Op::LeakyRelu { .. }
            | Op::Sign
            | Op::Sigmoid
            | Op::Tanh
            | Op::Clip { .. } => Ok(x.to_vec()),
            Op::Softmax { first, count } => {
                if *count == 0 || first.checked_add(*count).is_none_or(|end| end > x.len()) {
                    return self
                        .refuse(format_args!("{count} axes from {first} on do not exist, the operand has {x:?}"));
                }
                Ok(x.to_vec())
            }
            Op::MaxPool { window, ceil } | Op::AveragePool { window, ceil, .. } => self.pool(window, *ceil),
            Op::ReduceSum { axes, keep } | Op::ReduceMean { axes, keep } => self.reduce(axes, *keep),
            Op::Reshape { shape } => {
                let (given, needed) = (self.operands[0].len(), element_count(shape)?);
                if given != needed {
                    return self.refuse(format_args!("shape {x:?} cannot become {shape:?}"));
                }
                Ok(shape.clone())
            }
            Op::Transpose { axes } => {
                let mut seen = vec![false; x.len()];
                let sound = axes.len() == x.len()
                    && axes.iter().all(|&a| seen.get_mut(a).is_some_and(|s| !std::mem::replace(s, true)));
                if !sound {
                    return self.refuse(format_args!("{axes:?} is no permutation of the axes of {x:?}"));
                }
                Ok(axes.iter().map(|&a| x[a]).collect())
            }
            Op::Concat { axis } => self.concat(*axis),
            Op::Slice { starts, steps, lengths } => self.slice(starts, steps, lengths),
            Op::Gather { axis, shape, indices } => self.gather(*axis, shape, indices),
            Op::Pad { begin, end, mode } => self.pad(begin, end, *mode),
        }
    }

    fn linear(&self) -> Answer {
        let (x, w) = (self.of(0), self.constant(1, "the matrix")?.shape());
        let (&[m, n], Some(&last)) = (w, x.last()) else {
            return self.refuse(format_args!("operands have shapes {x:?} and {w:?}, needed are (..., n) and (m, n)"));
        };
        if last != n {
            return self.refuse(format_args!("operands have shapes {x:?} and {w:?}, needed are (..., n) and (m, n)"));
        }
        self.bias(m)?;
        let mut shape = x.to_vec();
        shape[x.len() - 1] = m;
        Ok(shape)
    }

    /// The third operand, where there is one, has one number for each of `m` outputs.
    fn bias(&self, m: usize) -> Result<(), NetworkError> {
        if self.operands.len() > 2 {
            let b = self.constant(2, "the bias")?.shape();
            if b != [m] {
                return self.refuse(format_args!("the bias has shape {b:?}, needed is [{m}]"));
            }
        }
        Ok(())
    }

    fn matmul(&self) -> Answer {
        let (a, b) = (self.of(0), self.of(1));
        let wrong = || self.refuse(format_args!("shapes {a:?} and {b:?} do not multiply"));
        if a.is_empty() || b.is_empty() {
            return wrong();
        }
        let (rows, inner) = if a.len() == 1 { (None, a[0]) } else { (Some(a[a.len() - 2]), a[a.len() - 1]) };
        let (columns, other) = if b.len() == 1 { (None, b[0]) } else { (Some(b[b.len() - 1]), b[b.len() - 2]) };
        let leading = |s: &[usize]| s[..s.len().saturating_sub(2)].to_vec();
        match broadcast(&leading(a), &leading(b)) {
            Some(mut shape) if inner == other => {
                shape.extend(rows);
                shape.extend(columns);
                Ok(shape)
            }
            _ => wrong(),
        }
    }

    /// Sizes of the spatial axes, one or two.
    fn spatial(&self) -> Result<&[usize], NetworkError> {
        let x = self.of(0);
        if x.len() != 3 && x.len() != 4 {
            return self
                .refuse(format_args!("the operand has shape {x:?}, needed are one or two spatial axes after two"));
        }
        Ok(&x[2..])
    }

    fn groups(&self, groups: usize, channels: usize) -> Result<(), NetworkError> {
        if groups == 0 || !channels.is_multiple_of(groups) {
            return self.refuse(format_args!("{channels} channels cannot be split into {groups} groups"));
        }
        Ok(())
    }

    fn conv(&self, window: &Window, groups: usize) -> Answer {
        let (x, w) = (self.of(0), self.constant(1, "the kernel")?.shape());
        let sizes = self.spatial()?;
        self.groups(groups, x[1])?;
        if w.len() != x.len() || w[1] != x[1] / groups || w[2..] != window.kernel[..] || !w[0].is_multiple_of(groups) {
            return self.refuse(format_args!("operands have shapes {x:?} and {w:?} with {groups} groups"));
        }
        self.bias(w[0])?;
        let Some(positions) = window.positions(sizes, false) else {
            return self.refuse(format_args!("the window {window:?} does not fit {sizes:?}"));
        };
        Ok([&[x[0], w[0]], &positions[..]].concat())
    }

    fn conv_transpose(&self, window: &Window, output_padding: &[usize], groups: usize) -> Answer {
        let (x, w) = (self.of(0), self.constant(1, "the kernel")?.shape());
        let sizes = self.spatial()?;
        self.groups(groups, x[1])?;
        if w.len() != x.len() || w[0] != x[1] || w[2..] != window.kernel[..] {
            return self.refuse(format_args!("operands have shapes {x:?} and {w:?} with {groups} groups"));
        }
        let Some(m) = w[1].checked_mul(groups) else {
            return self.refuse(format_args!("{groups} groups are too many"));
        };
        self.bias(m)?;
        if !window.is_sound(sizes.len()) || output_padding.len() != sizes.len() {
            return self.refuse(format_args!("the window {window:?} does not fit {sizes:?}"));
        }
        let size = |i: usize| {
            let added = output_padding[i];
            if added >= window.strides[i].max(window.dilations[i]) {
                return None;
            }
            let last = sizes[i].checked_sub(1)?.checked_mul(window.strides[i])?;
            let whole = last.checked_add(window.reach(i)?)?.checked_add(added)?;
            whole.checked_sub(window.begin[i])?.checked_sub(window.end[i]).filter(|&n| n > 0)
        };
        match (0..sizes.len()).map(size).collect::<Option<Vec<_>>>() {
            Some(spatial) => Ok([&[x[0], m], &spatial[..]].concat()),
            None => self
                .refuse(format_args!("window {window:?} and output padding {output_padding:?} do not fit {sizes:?}")),
        }
    }

    fn batch_norm(&self, epsilon: f64) -> Answer {
        let x = self.of(0);
        let channels = match x {
            [c] | [_, c, ..] => *c,
            [] => return self.refuse("a scalar has no channels"),
        };
        if !epsilon.is_finite() {
            return self.refuse(format_args!("epsilon is {epsilon}"));
        }
        for (index, what) in ["", "the scale", "the bias", "the mean", "the variance"].iter().enumerate().skip(1) {
            let shape = self.constant(index, what)?.shape();
            if shape != [channels] {
                return self.refuse(format_args!("{what} has shape {shape:?}, needed is [{channels}]"));
            }
        }
        let variance = self.constant(4, "the variance")?;
        if let Some(index) = (0..variance.len()).find(|&i| variance.get(i) + epsilon <= 0.0) {
            let value = variance.get(index);
            return self.refuse(format_args!("variance {index} is {value}, with epsilon {epsilon} not positive"));
        }
        Ok(x.to_vec())
    }

    fn pool(&self, window: &Window, ceil: bool) -> Answer {
        let sizes = self.spatial()?;
        let within = (0..window.kernel.len().min(sizes.len())).all(|i| {
            let reach = window.kernel[i].checked_sub(1).and_then(|k| k.checked_mul(window.dilations[i]));
            let padding = window.begin.get(i).max(window.end.get(i)).copied().unwrap_or(usize::MAX);
            reach.is_some_and(|reach| padding <= reach)
        });
        match window.positions(sizes, ceil).filter(|_| within) {
            Some(positions) => Ok([&self.of(0)[..2], &positions[..]].concat()),
            None => self.refuse(format_args!("the window {window:?} does not fit {sizes:?}")),
        }
    }

    fn reduce(&self, axes: &[usize], keep: bool) -> Answer {
        let x = self.of(0);
        for &axis in axes {
            self.axis(axis)?;
        }
        if !axes.is_sorted_by(|a, b| a < b) {
            return self.refuse(format_args!("the axes {axes:?} are not ascending"));
        }
        if axes.iter().any(|&a| x[a] == 0) {
            return self.refuse(format_args!("axes {axes:?} of shape {x:?} have nothing to reduce"));
        }
        let left = |i: usize| {
            if !axes.contains(&i) {
                Some(x[i])
            } else if keep {
                Some(1)
            } else {
                None
            }
        };
        Ok((0..x.len()).filter_map(left).collect())
    }

    fn concat(&self, axis: usize) -> Answer {
        self.axis(axis)?;
        let mut shape = self.of(0).to_vec();
        for index in 1..self.operands.len() {
            let other = self.of(index);
            let alike = other.len() == shape.len() && (0..shape.len()).all(|i| i == axis || shape[i] == other[i]);
            if !alike {
                return self.refuse(format_args!("shapes {shape:?} and {other:?} cannot be joined along axis {axis}"));
            }
            shape[axis] = shape[axis].saturating_add(other[axis]);
        }
        Ok(shape)
    }

    fn slice(&self, starts: &[usize], steps: &[isize], lengths: &[usize]) -> Answer {
        let x = self.of(0);
        let rank = x.len();
        let within = |i: usize| {
            let Some(last) = lengths[i].checked_sub(1) else { return true };
            let way = isize::try_from(last).ok().and_then(|n| n.checked_mul(steps[i]));
            let end = way.and_then(|way| isize::try_from(starts[i]).ok()?.checked_add(way));
            steps[i] != 0 && starts[i] < x[i] && end.is_some_and(|end| usize::try_from(end).is_ok_and(|e| e < x[i]))
        };
        if [starts.len(), steps.len(), lengths.len()] != [rank; 3] || !(0..rank).all(within) {
            return self.refuse(format_args!("{lengths:?} elements from {starts:?} in steps {steps:?} leave {x:?}"));
        }
        Ok(lengths.to_vec())
    }

    fn gather(&self, axis: usize, shape: &[usize], indices: &[usize]) -> Answer {
        self.axis(axis)?;
        let x = self.of(0);
        if element_count(shape)? != indices.len() {
            return self.refuse(format_args!("{} indices were given for shape {shape:?}", indices.len()));
        }
        if let Some(index) = indices.iter().find(|&&i| i >= x[axis]) {
            return self.refuse(format_args!("index {index} is beyond axis {axis} of {x:?}"));
        }
        Ok([&x[..axis], shape, &x[axis + 1..]].concat())
    }

    fn pad(&self, begin: &[usize], end: &[usize], mode: PadMode) -> Answer {
        let x = self.of(0);
        if begin.len() != x.len() || end.len() != x.len() {
            return self.refuse(format_args!("padding {begin:?} and {end:?} for shape {x:?}"));
        }
        let most = |i: usize| match mode {
            PadMode::Constant(_) => usize::MAX,
            PadMode::Reflect => x[i].saturating_sub(1),
            PadMode::Edge if x[i] == 0 => 0,
            PadMode::Edge => usize::MAX,
        };
        if let PadMode::Constant(value) = mode
            && !value.is_finite()
        {
            return self.refuse(format_args!("the padding is {value}"));
        }
        if (0..x.len()).any(|i| begin[i].max(end[i]) > most(i)) {
            return self.refuse(format_args!("padding {begin:?} and {end:?} mirrors more than shape {x:?} has"));
        }
        Ok((0..x.len()).map(|i| x[i].saturating_add(begin[i]).saturating_add(end[i])).collect())
    }
}
