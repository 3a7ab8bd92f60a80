//! The engine's options and statistics, as tables. Nothing here allocates: they are asked for while an error about
//! exhausted memory is on its way.

use std::sync::LazyLock;

use arrayvec::ArrayVec;

use super::cadical::raw;

/// One option: all are integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its value if nothing is said.
    pub default: i64,
    /// The least value.
    pub min: i64,
    /// The greatest value.
    pub max: i64,
}

/// Room for the options of CaDiCaL; a test holds that it is enough.
pub(super) const MAX_OPTIONS: usize = 300;
/// Room for the statistics; a test holds that it is enough.
pub const MAX_STATISTICS: usize = 32;

/// Name and meaning of each statistic.
pub type StatisticNames = ArrayVec<(&'static str, &'static str), MAX_STATISTICS>;

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
