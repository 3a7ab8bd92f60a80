//! The inner loop of every product: a few rows of the left matrix times a panel of the right one.
//!
//! The right matrix is *packed*: cut into panels of [`Kernel::width`] columns, in each of which the entries of one row lie
//! side by side (K. Goto, R. van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008).
//! A tile of the result stays in registers while its panel streams by once. Every entry of the result is one chain of
//! multiply-adds in the order of the inner index, whatever the number of rows: a sample's values do not depend on the
//! samples beside it.
//!
//! Vectors of AVX-512 or AVX2 with FMA are used where the processor has them. Tiles are as high as the registers allow:
//! 12 rows of two vectors of the 32 that AVX-512 has, 6 of the 16 of AVX2. A single row takes four panels at once, else it
//! would wait for the latency of its two additions.
#![allow(unsafe_code)]

/// What the processor can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isa {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// All that this machine can run, the fastest last.
    pub(crate) fn available() -> impl Iterator<Item = Isa> {
        let all = [
            Some(Isa::Portable),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Isa::Avx2),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx2")).then_some(Isa::Avx512),
        ];
        all.into_iter().flatten()
    }

    /// Calls a function whose loops are compiled for this processor's vectors, as far as they are inlined into it. Nothing is
    /// fused, so results are the same everywhere.
    #[inline]
    pub(crate) fn vectorized<R>(self, f: impl FnOnce() -> R) -> R {
        #[cfg(target_arch = "x86_64")]
        {
            /// # Safety
            /// The processor has AVX2.
            #[target_feature(enable = "avx2")]
            unsafe fn with_avx2<R>(f: impl FnOnce() -> R) -> R {
                f()
            }
            if self != Isa::Portable {
                // SAFETY: an `Isa` is made only where the processor has it; those with AVX-512 have AVX2 as well.
                return unsafe { with_avx2(f) };
            }
        }
        f()
    }

    pub(crate) fn fastest() -> Isa {
        Isa::available().last().unwrap_or(Isa::Portable)
    }
}

/// `out[r][j] += sum over k of left[r][k] panel[k][j]`: some rows, at most [`MAX_PANELS`] panels.
#[derive(Debug)]
pub(crate) struct Block<'a, T> {
    pub rows: usize,
    /// How many products each entry sums.
    pub inner: usize,
    /// Entry `(r, k)` is at `r * row_stride + k * inner_stride`.
    pub left: &'a [T],
    pub row_stride: usize,
    pub inner_stride: usize,
    /// Panel `q` begins at `q * panel_stride` and has `inner` rows of [`Kernel::width`].
    pub panels: &'a [T],
    pub panel_stride: usize,
    /// Columns of the result, which says how many panels there are; the last may be wider.
    pub columns: usize,
    /// Entry `(r, j)` is at `r * out_stride + j`.
    pub out: &'a mut [T],
    pub out_stride: usize,
}

/// How many panels [`Kernel::multiply`] takes at once, where there are at most [`FEW_ROWS`] rows; one where there are more.
pub(crate) const MAX_PANELS: usize = 4;

/// See [`MAX_PANELS`].
pub(crate) const FEW_ROWS: usize = 2;

/// A precision that products are computed in.
pub trait Kernel: Sized {
    /// Columns of a panel.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn width(isa: Isa) -> usize;

    /// Computes a block.
    #[doc(hidden)]
    #[allow(private_interfaces)]
    fn multiply(isa: Isa, block: Block<'_, Self>);
}

impl<T> Block<'_, T> {
    /// Whether all that the tiles read and write lies within the slices.
    fn is_sound(&self, width: usize) -> bool {
        let panels = self.columns.div_ceil(width);
        let last = |count: usize, stride: usize| (count - 1).saturating_mul(stride);
        let left = last(self.rows, self.row_stride).saturating_add(last(self.inner, self.inner_stride));
        let right = last(panels, self.panel_stride).saturating_add(self.inner.saturating_mul(width));
        let out = last(self.rows, self.out_stride).saturating_add(self.columns);
        let most = if self.rows <= FEW_ROWS { MAX_PANELS } else { 1 };
        panels <= most && left < self.left.len() && right <= self.panels.len() && out <= self.out.len()
    }
}

/// Pointers into the slices of a [`Block`].
#[derive(Clone, Copy)]
struct Tile<T> {
    inner: usize,
    left: *const T,
    row_stride: usize,
    inner_stride: usize,
    panels: *const T,
    panel_stride: usize,
    columns: usize,
    out: *mut T,
    out_stride: usize,
}

/// A loop whose body is written out for every index: with an index that is known the compiler keeps an array in registers.
/// A product of 96 by 256 by 32 in 32 bits ran at 97 GFLOP/s so, and at 58 as a loop.
macro_rules! unrolled {
    ($index:ident < $count:ident, $($number:literal)*, $body:block) => {
        $(if $number < $count {
            #[allow(non_upper_case_globals)]
            const $index: usize = $number;
            $body
        })*
    };
}

/// One module a vector type: the tile and the choice of its height.
macro_rules! tiles {
    ($name:ident, $t:ty, $vector:ty, $lanes:literal, $tall:literal, [$($feature:tt)*],
     $zero:expr, $splat:expr, $load:expr, $store:expr, $fma:expr) => {
        mod $name {
            use super::{Block, FEW_ROWS, Tile};
            use std::hint::black_box;
            #[cfg(target_arch = "x86_64")]
            #[allow(unused_imports)]
            use std::arch::x86_64::*;

            pub(super) const WIDTH: usize = 2 * $lanes;

            /// # Safety
            /// The processor has the features, and the block [is sound](Block::is_sound).
            $($feature)*
            pub(super) unsafe fn multiply(block: Block<'_, $t>) {
                let mut tile = Tile {
                    inner: block.inner,
                    left: block.left.as_ptr(),
                    row_stride: block.row_stride,
                    inner_stride: block.inner_stride,
                    panels: block.panels.as_ptr(),
                    panel_stride: block.panel_stride,
                    columns: block.columns,
                    out: block.out.as_mut_ptr(),
                    out_stride: block.out_stride,
                };
                let mut rows = block.rows;
                // SAFETY: the tiles cover the block's rows once, each within the slices since the block is sound.
                unsafe {
                    if rows <= FEW_ROWS {
                        match block.columns.div_ceil(WIDTH) {
                            1 => few::<1>(tile, rows),
                            2 => few::<2>(tile, rows),
                            3 => few::<3>(tile, rows),
                            _ => few::<4>(tile, rows),
                        }
                        return;
                    }
                    while rows > 0 {
                        let done = if rows >= $tall {
                            step::<$tall>(tile)
                        } else if rows >= 8 {
                            step::<8>(tile)
                        } else if rows >= 4 {
                            step::<4>(tile)
                        } else if rows >= 2 {
                            step::<2>(tile)
                        } else {
                            step::<1>(tile)
                        };
                        rows -= done;
                        if rows > 0 {
                            tile.left = tile.left.add(done * tile.row_stride);
                            tile.out = tile.out.add(done * tile.out_stride);
                        }
                    }
                }
            }

            $($feature)*
            unsafe fn few<const Q: usize>(tile: Tile<$t>, rows: usize) {
                // SAFETY: as the caller promises.
                unsafe {
                    match rows {
                        1 => compute::<1, Q>(tile),
                        _ => compute::<2, Q>(tile),
                    }
                }
            }

            $($feature)*
            unsafe fn step<const R: usize>(tile: Tile<$t>) -> usize {
                // SAFETY: as the caller promises.
                unsafe { compute::<R, 1>(tile) };
                R
            }

            /// `R` rows and `Q` panels.
            ///
            /// # Safety
            /// The processor has the features, and all entries lie within what the pointers were made from.
            $($feature)*
            unsafe fn compute<const R: usize, const Q: usize>(tile: Tile<$t>) {
                let thirds = R.div_ceil(3);
                let mut sums: [[[$vector; 2]; Q]; R] = [[[$zero; 2]; Q]; R];
                // SAFETY: the caller promises that rows `0..R`, panels `0..Q` and the inner index are in range. Of the
                // result only `columns` are written; whole vectors go to a buffer first where they do not fit.
                unsafe {
                    // Nothing here can overflow, as the block is sound; checked arithmetic halved the speed and more.
                    // Where rows begin is hidden from the compiler for every third: it would go from row to row by one
                    // addition each, in a chain as long as the products take.
                    let start = |r: usize| black_box(tile.left.wrapping_add(usize::wrapping_mul(r, tile.row_stride)));
                    let mut left = [tile.left; 4];
                    unrolled!(q < thirds, 1 2 3, {
                        left[q] = start(3 * q);
                    });
                    let mut panels = tile.panels;
                    for _ in 0..tile.inner {
                        let mut right = [[$zero; 2]; Q];
                        unrolled!(q < Q, 0 1 2 3, {
                            let at = panels.add(usize::wrapping_mul(q, tile.panel_stride));
                            right[q] = [$load(at), $load(at.add($lanes))];
                        });
                        unrolled!(r < R, 0 1 2 3 4 5 6 7 8 9 10 11, {
                            let x = $splat(*left[r / 3].add(usize::wrapping_mul(r % 3, tile.row_stride)));
                            unrolled!(q < Q, 0 1 2 3, {
                                sums[r][q][0] = $fma(x, right[q][0], sums[r][q][0]);
                                sums[r][q][1] = $fma(x, right[q][1], sums[r][q][1]);
                            });
                        });
                        unrolled!(q < thirds, 0 1 2 3, {
                            left[q] = left[q].wrapping_add(tile.inner_stride);
                        });
                        panels = panels.wrapping_add(WIDTH);
                    }
                    unrolled!(r < R, 0 1 2 3 4 5 6 7 8 9 10 11, {
                        unrolled!(q < Q, 0 1 2 3, {
                            let first = q * WIDTH;
                            let out = tile.out.wrapping_add(usize::wrapping_mul(r, tile.out_stride).wrapping_add(first));
                            if tile.columns.wrapping_sub(first) >= WIDTH {
                                // A product by 1 is exact: this is an addition.
                                $store(out, $fma($splat(1.0), $load(out), sums[r][q][0]));
                                let out = out.wrapping_add($lanes);
                                $store(out, $fma($splat(1.0), $load(out), sums[r][q][1]));
                            } else {
                                store(out, tile.columns.wrapping_sub(first), sums[r][q]);
                            }
                        });
                    });
                }
            }

            /// Adds two vectors to `count` numbers, fewer than they have.
            ///
            /// # Safety
            /// The processor has the features, and so many can be written.
            $($feature)*
            #[inline]
            unsafe fn store(out: *mut $t, count: usize, sums: [$vector; 2]) {
                let mut buffer = [0.0; WIDTH];
                // SAFETY: the buffer takes two vectors; of the result only `count` numbers are written.
                unsafe {
                    $store(buffer.as_mut_ptr(), sums[0]);
                    $store(buffer.as_mut_ptr().add($lanes), sums[1]);
                    let out = std::slice::from_raw_parts_mut(out, count);
                    out.iter_mut().zip(&buffer).for_each(|(out, sum)| *out += sum);
                }
            }
        }
    };
}

/// Without intrinsics. Multiplied and added apart: a fused operation that the processor lacks is a call of a function.
fn portable<T: Copy + std::ops::Add<Output = T> + std::ops::Mul<Output = T>>(
    x: T,
    y: [T; 4],
    mut sum: [T; 4],
) -> [T; 4] {
    for i in 0..4 {
        sum[i] = sum[i] + x * y[i];
    }
    sum
}

tiles!(
    portable32,
    f32,
    [f32; 4],
    4,
    4,
    [],
    [0.0; 4],
    |x| x,
    |p: *const f32| p.cast::<[f32; 4]>().read_unaligned(),
    |p: *mut f32, v| p.cast::<[f32; 4]>().write_unaligned(v),
    super::portable
);
tiles!(
    portable64,
    f64,
    [f64; 4],
    4,
    4,
    [],
    [0.0; 4],
    |x| x,
    |p: *const f64| p.cast::<[f64; 4]>().read_unaligned(),
    |p: *mut f64, v| p.cast::<[f64; 4]>().write_unaligned(v),
    super::portable
);
#[cfg(target_arch = "x86_64")]
tiles!(avx2_32, f32, __m256, 8, 6, [#[target_feature(enable = "avx2,fma")]],
    _mm256_setzero_ps(), _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_fmadd_ps);
#[cfg(target_arch = "x86_64")]
tiles!(avx2_64, f64, __m256d, 4, 6, [#[target_feature(enable = "avx2,fma")]],
    _mm256_setzero_pd(), _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_fmadd_pd);
#[cfg(target_arch = "x86_64")]
tiles!(avx512_32, f32, __m512, 16, 12, [#[target_feature(enable = "avx512f")]],
    _mm512_setzero_ps(), _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_fmadd_ps);
#[cfg(target_arch = "x86_64")]
tiles!(avx512_64, f64, __m512d, 8, 12, [#[target_feature(enable = "avx512f")]],
    _mm512_setzero_pd(), _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_fmadd_pd);

macro_rules! kernel {
    ($t:ty, $portable:ident, $avx2:ident, $avx512:ident) => {
        #[allow(private_interfaces)]
        impl Kernel for $t {
            fn width(isa: Isa) -> usize {
                match isa {
                    Isa::Portable => $portable::WIDTH,
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx2 => $avx2::WIDTH,
                    #[cfg(target_arch = "x86_64")]
                    Isa::Avx512 => $avx512::WIDTH,
                }
            }

            fn multiply(isa: Isa, block: Block<'_, Self>) {
                if block.rows == 0 || block.inner == 0 || block.columns == 0 {
                    return;
                }
                assert!(block.is_sound(Self::width(isa)), "the block reaches beyond its slices");
                // SAFETY: the block is sound, and an `Isa` is made only where the processor has it.
                unsafe {
                    match isa {
                        Isa::Portable => $portable::multiply(block),
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx2 => $avx2::multiply(block),
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx512 => $avx512::multiply(block),
                    }
                }
            }
        }
    };
}

kernel!(f32, portable32, avx2_32, avx512_32);
kernel!(f64, portable64, avx2_64, avx512_64);

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers: every order of summation gives the same.
    fn check<T: Kernel + Copy + PartialEq + std::fmt::Debug + From<i16>>() {
        let value = |i: usize| T::from((i * 7 % 11) as i16 - 5);
        let number = |i: usize| (i * 7 % 11) as i32 - 5;
        for isa in Isa::available() {
            let width = T::width(isa);
            for rows in 1..=26 {
                for columns in [1, width - 1, width, width + 1, 4 * width] {
                    let panels = columns.div_ceil(width);
                    if rows > FEW_ROWS && panels > 1 {
                        continue;
                    }
                    let inner = 1 + (rows * 5 + columns) % 9;
                    let left: Vec<T> = (0..rows * inner).map(value).collect();
                    let right: Vec<T> = (0..panels * inner * width).map(|i| value(i + 3)).collect();
                    for (row_stride, inner_stride) in [(inner, 1), (1, rows)] {
                        let mut out = vec![T::from(1); rows * (columns + 2)];
                        let block = Block {
                            rows,
                            inner,
                            left: &left,
                            row_stride,
                            inner_stride,
                            panels: &right,
                            panel_stride: inner * width,
                            columns,
                            out: &mut out,
                            out_stride: columns + 2,
                        };
                        T::multiply(isa, block);
                        for (i, given) in out.iter().enumerate() {
                            let (r, j) = (i / (columns + 2), i % (columns + 2));
                            let mut sum = 1;
                            for k in 0..if j < columns { inner } else { 0 } {
                                let at = j / width * inner * width + k * width + j % width;
                                sum += number(r * row_stride + k * inner_stride) * number(at + 3);
                            }
                            assert_eq!(*given, T::from(i16::try_from(sum).unwrap()), "{isa:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn tiles_of_every_height_are_right() {
        check::<f32>();
        check::<f64>();
    }
}
