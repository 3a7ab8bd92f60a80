//! Every operator from its definition, index by index in 64 bits. Nothing here is shared with the library.

use anser::net::{Network, Op, PadMode, Source, TensorId, Window};

/// A tensor.
#[derive(Clone, Debug)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Vec<f64>,
}

pub fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &size in shape {
        all = all.iter().flat_map(|i| (0..size).map(move |j| [&i[..], &[j]].concat())).collect();
    }
    all
}

impl Array {
    pub fn at(&self, index: &[usize]) -> f64 {
        assert_eq!(index.len(), self.shape.len());
        let mut at = 0;
        for (i, n) in index.iter().zip(&self.shape) {
            assert!(i < n);
            at = at * n + i;
        }
        self.values[at]
    }

    /// As numpy broadcasts it.
    fn spread(&self, index: &[usize]) -> f64 {
        let own = &index[index.len() - self.shape.len()..];
        let own: Vec<usize> = own.iter().zip(&self.shape).map(|(&i, &n)| if n == 1 { 0 } else { i }).collect();
        self.at(&own)
    }

    /// Zero outside.
    fn signed(&self, lead: &[usize], spatial: &[isize]) -> Option<f64> {
        let sizes = &self.shape[lead.len()..];
        let inside = spatial.iter().zip(sizes).all(|(&i, &n)| i >= 0 && i < n as isize);
        inside.then(|| self.at(&[lead, &spatial.iter().map(|&i| i as usize).collect::<Vec<_>>()].concat()))
    }
}

fn make(shape: &[usize], f: impl Fn(&[usize]) -> f64) -> Array {
    Array { shape: shape.to_vec(), values: indices(shape).iter().map(|i| f(i)).collect() }
}

fn place(w: &Window, position: &[usize], tap: &[usize]) -> Vec<isize> {
    (0..tap.len())
        .map(|i| (position[i] * w.strides[i] + tap[i] * w.dilations[i]) as isize - w.begin[i] as isize)
        .collect()
}

fn layer(op: &Op, x: &[&Array], out: &[usize]) -> Array {
    let a = x[0];
    match op {
        Op::Linear => make(out, |i| {
            let (row, m) = i.split_at(i.len() - 1);
            let n = x[1].shape[1];
            let sum: f64 = (0..n).map(|k| a.at(&[row, &[k]].concat()) * x[1].at(&[m[0], k])).sum();
            sum + x.get(2).map_or(0.0, |b| b.at(m))
        }),
        Op::MatMul => {
            let (b, ra, rb) = (x[1], a.shape.len(), x[1].shape.len());
            let wide_a = if ra == 1 { [&[1], &a.shape[..]].concat() } else { a.shape.clone() };
            let wide_b = if rb == 1 { [&b.shape[..], &[1]].concat() } else { b.shape.clone() };
            let a = Array { shape: wide_a, values: a.values.clone() };
            let b = Array { shape: wide_b, values: b.values.clone() };
            let inner = a.shape[a.shape.len() - 1];
            make(out, |i| {
                let mut full = i.to_vec();
                if rb == 1 {
                    full.push(0);
                }
                if ra == 1 {
                    full.insert(full.len() - 1, 0);
                }
                let (lead, last) = full.split_at(full.len() - 2);
                let pick = |t: &Array, r: usize, c: usize| {
                    let own = &lead[lead.len() - (t.shape.len() - 2)..];
                    let mut at: Vec<usize> =
                        own.iter().zip(&t.shape).map(|(&i, &n)| if n == 1 { 0 } else { i }).collect();
                    at.extend([r, c]);
                    t.at(&at)
                };
                (0..inner).map(|k| pick(&a, last[0], k) * pick(&b, k, last[1])).sum()
            })
        }
        Op::Conv { window, groups } => make(out, |i| {
            let (w, per) = (x[1], x[1].shape[0] / groups);
            let group = i[1] / per;
            let mut sum = x.get(2).map_or(0.0, |b| b.at(&[i[1]]));
            for k in indices(&w.shape[1..]) {
                let channel = group * w.shape[1] + k[0];
                let v = a.signed(&[i[0], channel], &place(window, &i[2..], &k[1..])).unwrap_or(0.0);
                sum += v * w.at(&[&[i[1]], &k[..]].concat());
            }
            sum
        }),
        Op::ConvTranspose { window, groups, .. } => make(out, |i| {
            let w = x[1];
            let (group, own) = (i[1] / w.shape[1], i[1] % w.shape[1]);
            let each = w.shape[0] / groups;
            let mut sum = x.get(2).map_or(0.0, |b| b.at(&[i[1]]));
            for p in indices(&a.shape[2..]) {
                for k in indices(&w.shape[2..]) {
                    let at = place(window, &p, &k);
                    if at.iter().zip(&i[2..]).all(|(&at, &i)| at == i as isize) {
                        for c in group * each..(group + 1) * each {
                            sum += a.at(&[&[i[0], c], &p[..]].concat()) * w.at(&[&[c, own], &k[..]].concat());
                        }
                    }
                }
            }
            sum
        }),
        Op::BatchNorm { epsilon } => make(out, |i| {
            let c = [i[1.min(i.len() - 1)]];
            x[1].at(&c) * (a.at(i) - x[3].at(&c)) / (x[4].at(&c) + epsilon).sqrt() + x[2].at(&c)
        }),
        Op::Add => make(out, |i| a.spread(i) + x[1].spread(i)),
        Op::Sub => make(out, |i| a.spread(i) - x[1].spread(i)),
        Op::Mul => make(out, |i| a.spread(i) * x[1].spread(i)),
        Op::Div => make(out, |i| a.spread(i) / x[1].spread(i)),
        Op::PRelu => make(out, |i| if a.at(i) < 0.0 { a.at(i) * x[1].spread(i) } else { a.at(i) }),
        Op::Neg => make(out, |i| -a.at(i)),
        Op::Abs => make(out, |i| a.at(i).abs()),
        Op::Relu => make(out, |i| if a.at(i) > 0.0 || a.at(i).is_nan() { a.at(i) } else { 0.0 }),
        Op::LeakyRelu { alpha } => make(out, |i| if a.at(i) < 0.0 { alpha * a.at(i) } else { a.at(i) }),
        Op::Sign => make(out, |i| if a.at(i) == 0.0 || a.at(i).is_nan() { a.at(i) } else { a.at(i).signum() }),
        Op::Sigmoid => make(out, |i| 1.0 / (1.0 + (-a.at(i)).exp())),
        Op::Tanh => make(out, |i| a.at(i).tanh()),
        Op::Clip { min, max } => make(out, |i| if a.at(i).is_nan() { a.at(i) } else { a.at(i).max(*min).min(*max) }),
        Op::Softmax { first, count } => make(out, |i| {
            let mut sum = 0.0;
            for k in indices(&a.shape[*first..first + count]) {
                sum += a.at(&[&i[..*first], &k[..], &i[first + count..]].concat()).exp();
            }
            a.at(i).exp() / sum
        }),
        Op::MaxPool { window, .. } => make(out, |i| {
            let mut best = f64::NEG_INFINITY;
            for k in indices(&window.kernel) {
                if let Some(v) = a.signed(&i[..2], &place(window, &i[2..], &k)) {
                    best = if best.is_nan() || v.is_nan() { f64::NAN } else { best.max(v) };
                }
            }
            best
        }),
        Op::AveragePool { window, count_padding, .. } => make(out, |i| {
            let (mut sum, mut count) = (0.0, 0);
            for k in indices(&window.kernel) {
                let at = place(window, &i[2..], &k);
                let padded = (0..at.len()).all(|d| at[d] < (a.shape[2 + d] + window.end[d]) as isize);
                match a.signed(&i[..2], &at) {
                    Some(v) => (sum, count) = (sum + v, count + 1),
                    None => count += usize::from(*count_padding && padded),
                }
            }
            sum / count as f64
        }),
        Op::ReduceSum { axes, .. } | Op::ReduceMean { axes, .. } => {
            let kept: Vec<usize> = (0..a.shape.len()).filter(|i| !axes.contains(i)).collect();
            let mut sums = make(out, |_| 0.0);
            for (index, v) in indices(&a.shape).iter().zip(&a.values) {
                let at = kept.iter().fold(0, |at, &i| at * a.shape[i] + index[i]);
                sums.values[at] += v;
            }
            if matches!(op, Op::ReduceMean { .. }) {
                let count: usize = axes.iter().map(|&i| a.shape[i]).product();
                sums.values.iter_mut().for_each(|v| *v /= count as f64);
            }
            sums
        }
        Op::Reshape { .. } => Array { shape: out.to_vec(), values: a.values.clone() },
        Op::Transpose { axes } => make(out, |i| {
            let mut at = vec![0; i.len()];
            axes.iter().zip(i).for_each(|(&axis, &i)| at[axis] = i);
            a.at(&at)
        }),
        Op::Concat { axis } => make(out, |i| {
            let mut index = i.to_vec();
            for part in x {
                if index[*axis] < part.shape[*axis] {
                    return part.at(&index);
                }
                index[*axis] -= part.shape[*axis];
            }
            unreachable!()
        }),
        Op::Slice { starts, steps, .. } => make(out, |i| {
            let at: Vec<usize> =
                (0..i.len()).map(|d| (starts[d] as isize + steps[d] * i[d] as isize) as usize).collect();
            a.at(&at)
        }),
        Op::Gather { axis, shape, indices } => make(out, |i| {
            let (lead, rest) = i.split_at(*axis);
            let (which, tail) = rest.split_at(shape.len());
            let at = which.iter().zip(shape).fold(0, |at, (&i, &n)| at * n + i);
            a.at(&[lead, &[indices[at]], tail].concat())
        }),
        Op::Pad { begin, mode, .. } => make(out, |i| {
            let mut at: Vec<isize> = (0..i.len()).map(|d| i[d] as isize - begin[d] as isize).collect();
            for (at, &n) in at.iter_mut().zip(&a.shape) {
                let last = n as isize - 1;
                match mode {
                    PadMode::Edge => *at = (*at).clamp(0, last),
                    PadMode::Reflect if *at < 0 => *at = -*at,
                    PadMode::Reflect if *at > last => *at = 2 * last - *at,
                    PadMode::Constant(value) if *at < 0 || *at > last => return *value,
                    _ => {}
                }
            }
            a.at(&at.iter().map(|&i| i as usize).collect::<Vec<_>>())
        }),
    }
}

/// The values of all tensors for one sample.
pub fn all(net: &Network, sample: &[f64]) -> Vec<Array> {
    let mut arrays: Vec<Array> = Vec::new();
    let mut rest = sample;
    for tensor in net.tensors() {
        let array = match tensor.source() {
            Source::Input(_) => {
                let (own, after) = rest.split_at(tensor.len());
                rest = after;
                Array { shape: tensor.shape().to_vec(), values: own.to_vec() }
            }
            Source::Constant(c) => {
                Array { shape: c.shape().to_vec(), values: (0..c.len()).map(|i| c.get(i)).collect() }
            }
            Source::Layer(index) => {
                let l = &net.layers()[*index];
                let operands: Vec<&Array> = l.inputs().iter().map(|t| &arrays[t.index()]).collect();
                layer(l.op(), &operands, tensor.shape())
            }
        };
        assert_eq!(array.values.len(), tensor.len());
        arrays.push(array);
    }
    arrays
}

/// The outputs of one sample.
pub fn outputs(net: &Network, sample: &[f64]) -> Vec<f64> {
    let arrays = all(net, sample);
    net.outputs().iter().flat_map(|t: &TensorId| arrays[t.index()].values.clone()).collect()
}
