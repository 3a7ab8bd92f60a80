use super::{Lines, LinesOf};
pub(super) fn range(_slope: f64, _l: f64, _u: f64) -> (f64, f64) {
    (f64::NEG_INFINITY, f64::INFINITY)
}
pub(super) fn lines(_slope: f64, _l: f64, _u: f64) -> Lines {
    Lines::UNKNOWN
}
pub(super) fn lines_of(slope: f64, lower: &[f64], upper: &[f64], out: LinesOf<'_>) {
    for (i, (&l, &u)) in lower.iter().zip(upper).enumerate() {
        let lines = lines(slope, l, u);
        (out.lower_slope[i], out.lower_icpt[i]) = lines.lower;
        (out.upper_slope[i], out.upper_icpt[i]) = lines.upper;
    }
}
