//! Points without gradients: the centre, corners, middles of faces, and random points.
//!
//! Of the random ones half are uniform, a quarter are corners, a quarter have some coordinates at a bound. Cost: one
//! evaluation a point; in small boxes of few inputs this alone finds what is not rare.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng as _;

use super::target::Target;

/// Uniform in `[0, 1)`.
pub(super) fn unit(random: &mut Xoshiro256PlusPlus) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

/// A value between two bounds; 0 is the lower and 1 the upper one.
pub(super) fn between(lower: f32, upper: f32, share: f64) -> f32 {
    let (low, high) = (f64::from(lower), f64::from(upper));
    ((low + share * (high - low)) as f32).clamp(lower, upper)
}

/// How many points are not random: the centre, two corners, the middles of the faces of a box of few inputs.
fn fixed(inputs: usize) -> usize {
    3 + if inputs <= 16 { 2 * inputs } else { 0 }
}

impl Target<'_> {
    /// Point `number` of an endless list.
    pub fn point(&self, number: usize, random: &mut Xoshiro256PlusPlus, to: &mut [f32]) {
        let inputs = self.lower.len();
        let face = (3..fixed(inputs)).contains(&number).then(|| number - 3);
        let random_kind = number.checked_sub(fixed(inputs)).map(|rest| rest % 4);
        // Bits for corners.
        let (mut bits, mut left) = (0, 0);
        for (i, to) in to.iter_mut().enumerate() {
            let share = match (number, face, random_kind) {
                (1, _, _) => 0.0,
                (2, _, _) => 1.0,
                (_, Some(face), _) if face / 2 == i => (face % 2) as f64,
                (_, _, Some(0 | 1)) => unit(random),
                (_, _, Some(kind)) => {
                    if left == 0 {
                        (bits, left) = (random.next_u64(), 32);
                    }
                    let (end, inside) = (bits & 1, kind == 3 && bits & 2 == 2);
                    (bits, left) = (bits >> 2, left - 1);
                    if inside { unit(random) } else { end as f64 }
                }
                _ => 0.5,
            };
            *to = between(self.lower[i], self.upper[i], share);
        }
    }

    /// A random point near another one: within a share of the widths between 1/2 and 1/1024, on a scale of powers.
    pub fn near(&self, from: &[f32], random: &mut Xoshiro256PlusPlus, to: &mut [f32]) {
        let reach = 0.5f64.powi(1 + ((random.next_u64() >> 32) % 10) as i32);
        for (i, (to, &from)) in to.iter_mut().zip(from).enumerate() {
            let width = f64::from(self.upper[i]) - f64::from(self.lower[i]);
            let moved = f64::from(from) + (2.0 * unit(random) - 1.0) * reach * width;
            *to = (moved as f32).clamp(self.lower[i], self.upper[i]);
        }
    }
}
