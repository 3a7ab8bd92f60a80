//! Whether multipliers of rows show that no point meets them, whatever produced the multipliers.
//!
//! Source: A. Neumaier, O. Shcherbina, "Safe bounds in linear and mixed-integer linear programming", Mathematical Programming
//! 99, 2004, section 3: every column has finite bounds, so that what the multipliers leave of it can be paid for there.

use super::program::Program;
use crate::bounds::{down, gamma, up};

/// For multipliers `y`: Σ y · row is at least so much in every point of the rows, and at most so much within the bounds. Where
/// the first is greater, there is no point.
pub(super) fn refutes(program: &Program, multipliers: &[f64], lower: &[f64], upper: &[f64]) -> bool {
    let (mut sums, mut sizes) = (vec![0.0; lower.len()], vec![0.0; lower.len()]);
    let (mut least, mut most) = (0.0, 0.0);
    let mut entries = 0;
    for (row, &y) in multipliers.iter().enumerate() {
        let side = if y > 0.0 { program.row_lower[row] } else { program.row_upper[row] };
        if y == 0.0 || !side.is_finite() || !y.is_finite() {
            continue;
        }
        least = down(least + down(y * side));
        for (column, c) in program.row(row) {
            sums[column] += y * c;
            sizes[column] += (y * c).abs();
        }
        entries += 1;
    }
    for (column, (&sum, &size)) in sums.iter().zip(&sizes).enumerate() {
        // The exact sum is within so much of the computed one, whatever underflowed.
        let error = up(up(gamma(entries) * size) + f64::MIN_POSITIVE);
        let (l, u) = (lower[column], upper[column]);
        let end = if sum > 0.0 { u } else { l };
        most = up(most + up(up(sum * end) + up(error * l.abs().max(u.abs()))));
    }
    least > most
}
