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
