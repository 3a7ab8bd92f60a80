//! What steps hold beside the network: matrices packed for products, converted constants, lists of indices. Each is made
//! once, however many layers take it: an unrolled recurrent network has the same matrix in every step, and a small file may
//! name one in thousands of layers.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use super::kernel::Isa;
use super::product::{pack, packed_len};
use super::real::{Real, with_capacity};
use super::spread::Spread;
use crate::error::OutOfMemory;
use crate::net::{Constant, Elements};

/// All elements of a constant, shared with it where they are stored in this type.
#[derive(Debug, Clone)]
pub(crate) enum Weights<T> {
    Shared(Constant),
    Own(Arc<Vec<T>>),
}

impl<T: Real> Weights<T> {
    fn new(constant: &Constant) -> Result<Self, OutOfMemory> {
        if T::stored(constant.elements()).is_some() {
            return Ok(Weights::Shared(constant.clone()));
        }
        let mut values = with_capacity(constant.len())?;
        values.extend((0..constant.len()).map(|i| T::from_f64(constant.get(i))));
        Ok(Weights::Own(Arc::new(values)))
    }

    pub(crate) fn values(&self) -> &[T] {
        match self {
            Weights::Shared(constant) => T::stored(constant.elements()).unwrap_or(&[]),
            Weights::Own(values) => values,
        }
    }
}

/// The matrix `W` of `x Wᵀ + b`.
#[derive(Debug)]
pub(crate) struct Matrix<T> {
    pub inner: usize,
    pub columns: usize,
    constant: Constant,
    /// `Wᵀ`, packed.
    pub panels: Vec<T>,
    /// `W`, packed when the first gradient is asked for.
    back: OnceLock<Vec<T>>,
}

impl<T: Real> Matrix<T> {
    fn new(isa: Isa, constant: &Constant) -> Result<Self, OutOfMemory> {
        let (columns, inner) = (constant.shape()[0], constant.shape()[1]);
        let panels = packed(isa, inner, columns, constant, |k, j| j * inner + k)?;
        Ok(Matrix { inner, columns, constant: constant.clone(), panels, back: OnceLock::new() })
    }

    /// A row of `W`, times a factor.
    pub(crate) fn row(&self, row: usize, factor: T, to: &mut [T]) {
        let first = row * self.inner;
        match self.constant.elements() {
            Elements::F32(e) => {
                let e = &e[first..first + self.inner];
                to.iter_mut().zip(e).for_each(|(to, &e)| *to = T::from_f64(f64::from(e)) * factor);
            }
            Elements::F64(e) => {
                let e = &e[first..first + self.inner];
                to.iter_mut().zip(e).for_each(|(to, &e)| *to = T::from_f64(e) * factor);
            }
        }
    }

    /// `W`, packed.
    pub(crate) fn back(&self, isa: Isa) -> Result<&[T], OutOfMemory> {
        if let Some(back) = self.back.get() {
            return Ok(back);
        }
        let back = packed(isa, self.columns, self.inner, &self.constant, |k, j| k * self.inner + j)?;
        Ok(self.back.get_or_init(|| back))
    }

    /// Some rows and columns of `W`, packed as `W` or as `Wᵀ` into a slice of [`packed_len`].
    pub(crate) fn part(&self, isa: Isa, (rows, columns): (&[u32], &[u32]), transposed: bool, to: &mut [T]) {
        let (inner, across) = if transposed { (columns.len(), rows.len()) } else { (rows.len(), columns.len()) };
        let at = |k: usize, j: usize| {
            let (row, column) = if transposed { (rows[j], columns[k]) } else { (rows[k], columns[j]) };
            row as usize * self.inner + column as usize
        };
        match self.constant.elements() {
            Elements::F32(e) => pack(isa, inner, across, to, |k, j| T::from_f64(f64::from(e[at(k, j)]))),
            Elements::F64(e) => pack(isa, inner, across, to, |k, j| T::from_f64(e[at(k, j)])),
        }
    }

    /// Elements that it holds packed.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        self.panels.len() + self.back.get().map_or(0, Vec::len)
    }
}

/// A matrix packed, its entry `(k, j)` being element `at(k, j)` of a constant.
fn packed<T: Real>(
    isa: Isa,
    inner: usize,
    columns: usize,
    matrix: &Constant,
    at: impl Fn(usize, usize) -> usize,
) -> Result<Vec<T>, OutOfMemory> {
    let length = packed_len::<T>(isa, inner, columns);
    let mut panels = with_capacity(length)?;
    panels.resize(length, T::ZERO);
    match matrix.elements() {
        Elements::F32(e) => pack(isa, inner, columns, &mut panels, |k, j| T::from_f64(f64::from(e[at(k, j)]))),
        Elements::F64(e) => pack(isa, inner, columns, &mut panels, |k, j| T::from_f64(e[at(k, j)])),
    }
    Ok(panels)
}

/// `scale x + shift`, channel by channel.
#[derive(Debug)]
pub(crate) struct Affine<T> {
    pub scale: Vec<T>,
    pub shift: Vec<T>,
    /// At least the size of all that is added up in the shift, channel by channel.
    pub magnitude: Vec<f64>,
}

impl<T: Real> Affine<T> {
    /// Normalization by scale, shift, mean and variance, in this order: folded in 64 bits, rounded once.
    fn new(epsilon: f64, [scale, shift, mean, variance]: [&Constant; 4]) -> Result<Self, OutOfMemory> {
        let channels = scale.len();
        let mut affine = Affine {
            scale: with_capacity(channels)?,
            shift: with_capacity(channels)?,
            magnitude: with_capacity(channels)?,
        };
        for c in 0..channels {
            let factor = scale.get(c) / (variance.get(c) + epsilon).sqrt();
            affine.scale.push(T::from_f64(factor));
            affine.shift.push(T::from_f64(shift.get(c) - mean.get(c) * factor));
            affine.magnitude.push(2.0 * (shift.get(c).abs() + (mean.get(c) * factor).abs()));
        }
        Ok(affine)
    }
}

/// What has been made so far while a network is lowered. Constants are told apart by where their elements are: while the
/// network lives no two have the same place.
#[derive(Debug)]
pub(crate) struct Store<T> {
    isa: Isa,
    weights: HashMap<*const Elements, Weights<T>>,
    /// By elements and number of columns.
    matrices: HashMap<(*const Elements, usize), Arc<Matrix<T>>>,
    /// By elements and the bits of epsilon.
    affine: HashMap<([*const Elements; 4], u64), Arc<Affine<T>>>,
    lists: HashSet<Arc<Vec<u32>>>,
    pairs: HashSet<Arc<Vec<(u32, u32)>>>,
}

impl<T: Real> Store<T> {
    pub(crate) fn new(isa: Isa) -> Self {
        Store {
            isa,
            weights: HashMap::new(),
            matrices: HashMap::new(),
            affine: HashMap::new(),
            lists: HashSet::new(),
            pairs: HashSet::new(),
        }
    }

    pub(crate) fn weights(&mut self, constant: &Constant) -> Result<Weights<T>, OutOfMemory> {
        made(&mut self.weights, constant.place(), || Weights::new(constant))
    }

    pub(crate) fn matrix(&mut self, constant: &Constant) -> Result<Arc<Matrix<T>>, OutOfMemory> {
        let isa = self.isa;
        made(&mut self.matrices, (constant.place(), constant.shape()[0]), || Ok(Arc::new(Matrix::new(isa, constant)?)))
    }

    pub(crate) fn affine(&mut self, epsilon: f64, operands: [&Constant; 4]) -> Result<Arc<Affine<T>>, OutOfMemory> {
        let key = (operands.map(Constant::place), epsilon.to_bits());
        made(&mut self.affine, key, || Ok(Arc::new(Affine::new(epsilon, operands)?)))
    }

    pub(crate) fn list(&mut self, list: Vec<u32>) -> Arc<Vec<u32>> {
        shared(&mut self.lists, list)
    }

    pub(crate) fn pairs(&mut self, pairs: Vec<(u32, u32)>) -> Arc<Vec<(u32, u32)>> {
        shared(&mut self.pairs, pairs)
    }

    pub(crate) fn spread(&mut self, from: &[usize], to: &[usize]) -> Result<Spread, OutOfMemory> {
        let spread = Spread::new(from, to)?;
        Ok(match spread {
            Spread::Map(map) => Spread::Map(match Arc::try_unwrap(map) {
                Ok(map) => self.list(map),
                Err(map) => map,
            }),
            other => other,
        })
    }
}

/// What is stored under a key; it is made if there is nothing.
fn made<K: Eq + Hash, V: Clone>(
    map: &mut HashMap<K, V>,
    key: K,
    make: impl FnOnce() -> Result<V, OutOfMemory>,
) -> Result<V, OutOfMemory> {
    if let Some(known) = map.get(&key) {
        return Ok(known.clone());
    }
    let new = make()?;
    map.insert(key, new.clone());
    Ok(new)
}

/// The list that is equal to this one, which is kept if there is none.
fn shared<E: Eq + Hash>(lists: &mut HashSet<Arc<Vec<E>>>, list: Vec<E>) -> Arc<Vec<E>> {
    if let Some(known) = lists.get(&list) {
        return Arc::clone(known);
    }
    let list = Arc::new(list);
    lists.insert(Arc::clone(&list));
    list
}
