//! The engine's options and statistics, as tables. Nothing here allocates: they are asked for while an error about
//! exhausted memory is on its way.

use std::sync::LazyLock;

use arrayvec::ArrayVec;

use super::raw::{self, MAX_OPTIONS, OptionInfo, StatisticNames};

static OPTIONS: LazyLock<ArrayVec<OptionInfo, MAX_OPTIONS>> = LazyLock::new(raw::options);
static STATISTICS: LazyLock<StatisticNames> = LazyLock::new(raw::statistics);

/// Every option, sorted by name.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    &OPTIONS
}

/// Name and meaning of every statistic, in the order of their values.
#[must_use]
pub fn statistics() -> &'static [(&'static str, &'static str)] {
    &STATISTICS
}

/// What is set where sums are propagated and the user does not say otherwise. CaDiCaL keeps every reason that it asks for
/// as a learned clause, some fifteen for each conflict, but plans its reductions as if a conflict brought one clause: two
/// thirds of the time went into watching reasons. Reduced five times as often, unsatisfiable networks and vertex covers
/// take half to two thirds of the time, and systems of majorities the same (`benches/cardinality.rs`). Starting with the
/// first variables (`reverse`), with phase 0, without a stable mode or with one only, and without inprocessing helped
/// some families and hurt others.
pub(crate) const NATIVE_SUMS: [(&str, i64); 2] = [("reduceinit", 60), ("reduceint", 5)];

/// The same where parities are. Cells of random parities in which all is well with most variables false, as in circuits,
/// are found at once with phase 0 (0.01 s for 0.7 s); the rest takes as long (`benches/xor.rs`).
pub(crate) const NATIVE_XORS: [(&str, i64); 3] = [("phase", 0), ("reduceinit", 60), ("reduceint", 5)];
