//! The engine's options and statistics, as tables.

use std::sync::LazyLock;

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

static OPTIONS: LazyLock<Vec<OptionInfo>> = LazyLock::new(raw::options);
static STATISTICS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(raw::statistics);

/// Every option, sorted by name.
#[must_use]
pub fn options() -> &'static [OptionInfo] {
    &OPTIONS
}

/// Name and meaning of every statistic, in the order of [`super::Cadical::statistics`].
#[must_use]
pub fn statistics() -> &'static [(&'static str, &'static str)] {
    &STATISTICS
}
