//! What a host answered about one walker, and the variable that follows from it.

use half::slice::HalfFloatSliceExt as _;
use half::{bf16, f16};

use super::Element;
use crate::search::state::{Rng, unit};

/// Values that are widened at a time.
const CHUNK: usize = 256;

/// A value that no score may have, and where it is in its row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wrong {
    pub place: usize,
    pub value: f64,
}

/// Scores of one row, in the host's type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scores<'a> {
    pub bytes: &'a [u8],
    pub element: Element,
    /// Names of the values, where they are not 0, 1, 2 …
    pub indices: Option<&'a [u32]>,
}

/// A float that scores come in.
trait Score: Copy + PartialOrd {
    const INFINITY: Self;
    const LEAST: Self;
    fn wide(self) -> f64;
}

impl Score for f32 {
    const INFINITY: Self = f32::INFINITY;
    const LEAST: Self = f32::NEG_INFINITY;
    fn wide(self) -> f64 {
        self.into()
    }
}

impl Score for f64 {
    const INFINITY: Self = f64::INFINITY;
    const LEAST: Self = f64::NEG_INFINITY;
    fn wide(self) -> f64 {
        self
    }
}

impl Scores<'_> {
    /// Hands over the values piece by piece, each with the place of its first one.
    fn pieces32(self, mut take: impl FnMut(usize, &[f32]) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut wide = [0.0f32; CHUNK];
        let size = self.element.size();
        for (number, piece) in self.bytes.chunks(CHUNK * size).enumerate() {
            let wide = &mut wide[..piece.len() / size];
            match self.element {
                Element::F16 => {
                    let mut narrow = [f16::ZERO; CHUNK];
                    for (to, from) in narrow.iter_mut().zip(piece.as_chunks::<2>().0) {
                        *to = f16::from_ne_bytes(*from);
                    }
                    narrow[..wide.len()].convert_to_f32_slice(wide);
                }
                Element::Bf16 => {
                    for (to, from) in wide.iter_mut().zip(piece.as_chunks::<2>().0) {
                        *to = bf16::from_ne_bytes(*from).to_f32();
                    }
                }
                _ => {
                    for (to, from) in wide.iter_mut().zip(piece.as_chunks::<4>().0) {
                        *to = f32::from_ne_bytes(*from);
                    }
                }
            }
            take(number * CHUNK, wide)?;
        }
        Ok(())
    }

    fn pieces64(self, mut take: impl FnMut(usize, &[f64]) -> Result<(), Wrong>) -> Result<(), Wrong> {
        let mut wide = [0.0f64; CHUNK];
        for (number, piece) in self.bytes.chunks(CHUNK * 8).enumerate() {
            let wide = &mut wide[..piece.len() / 8];
            for (to, from) in wide.iter_mut().zip(piece.as_chunks::<8>().0) {
                *to = f64::from_ne_bytes(*from);
            }
            take(number * CHUNK, wide)?;
        }
        Ok(())
    }

    fn index(self, place: usize) -> u32 {
        self.indices.map_or(place as u32, |indices| indices[place])
    }

    /// The variable that is chosen: that of the highest score where the temperature is 0, the lowest of several; else one at
    /// random, in proportion to exp(score / temperature). None where all are −∞.
    pub fn choose(self, temperature: f64, rng: &mut Rng) -> Result<Option<u32>, Wrong> {
        let found = if self.element == Element::F64 {
            self.highest::<f64>(|scores, take| scores.pieces64(take))?
        } else {
            self.highest::<f32>(|scores, take| scores.pieces32(take))?
        };
        let Some((place, most)) = found else { return Ok(None) };
        if temperature == 0.0 {
            return Ok(Some(self.index(place)));
        }
        let weight = |score: f64| ((score - most) / temperature).exp();
        let mut total = 0.0;
        self.each(|_, score| {
            total += weight(score);
            false
        })?;
        let (target, mut sum, mut drawn) = (unit(rng) * total, 0.0, place);
        self.each(|place, score| {
            let likely = weight(score);
            sum += likely;
            if likely > 0.0 {
                drawn = place;
            }
            sum > target
        })?;
        Ok(Some(self.index(drawn)))
    }

    /// Each value with its place, until the function answers that it is enough.
    fn each(self, mut take: impl FnMut(usize, f64) -> bool) -> Result<(), Wrong> {
        let mut is_enough = false;
        let mut all = |begin: usize, values: &mut dyn Iterator<Item = f64>| {
            for (place, value) in (begin..).zip(values) {
                if is_enough {
                    break;
                }
                is_enough = take(place, value);
            }
        };
        if self.element == Element::F64 {
            self.pieces64(|begin, values| {
                all(begin, &mut values.iter().copied());
                Ok(())
            })
        } else {
            self.pieces32(|begin, values| {
                all(begin, &mut values.iter().map(|&value| f64::from(value)));
                Ok(())
            })
        }
    }

    /// The place and value of the highest score: of several that of the lowest index.
    #[allow(clippy::type_complexity, reason = "a visitor")]
    fn highest<T: Score>(
        self,
        pieces: impl Fn(Self, &mut dyn FnMut(usize, &[T]) -> Result<(), Wrong>) -> Result<(), Wrong>,
    ) -> Result<Option<(usize, f64)>, Wrong> {
        let (mut most, mut best) = (T::LEAST, None);
        pieces(self, &mut |begin, values| {
            // Without jumps: what is no number is not less than infinity either.
            let (mut here, mut fine) = (T::LEAST, true);
            for &value in values {
                fine &= value < T::INFINITY;
                here = if value > here { value } else { here };
            }
            if !fine {
                let mut all = values.iter().enumerate();
                let wrong =
                    all.find(|(_, value)| !matches!(value.partial_cmp(&&T::INFINITY), Some(std::cmp::Ordering::Less)));
                let (place, value) = wrong.map_or((0, f64::NAN), |(place, value)| (place, value.wide()));
                return Err(Wrong { place: begin + place, value });
            }
            let is_tied = self.indices.is_some() && here == most;
            if here > most || (is_tied && here > T::LEAST) {
                for (place, _) in values.iter().enumerate().filter(|&(_, value)| *value == here) {
                    let place = begin + place;
                    let is_better = best.is_none_or(|old| here > most || self.index(place) < self.index(old));
                    if is_better {
                        (most, best) = (here, Some(place));
                        if self.indices.is_none() {
                            break;
                        }
                    }
                }
            }
            Ok(())
        })?;
        Ok(best.map(|place| (place, most.wide())))
    }
}
