//! One object for deadline, work, conflicts, interrupt, progress, seed and memory.
//!
//! [`Limits`] is the plain description a caller keeps; [`Budget`] is one armed call: its clock runs from
//! [`Budget::start`]. It goes by reference into every call that may take long. Nothing else in the
//! library keeps time, loops without asking it, or seeds a random number generator.
//!
//! Cost: [`Budget::check`] is one atomic load where there is neither deadline nor progress callback, and one
//! clock read (some 25 ns) more where there is.

mod interrupt;
mod nested;
mod progress;

pub use interrupt::Interrupt;
pub(crate) use nested::{Reports, WORKER, nested};
pub use progress::{Phase, Progress, ProgressSink};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why a call came back without having finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The wall-clock limit ran out.
    Time,
    /// The deterministic work limit ran out.
    Work,
    /// The conflict limit ran out.
    Conflicts,
    /// The interrupt token was triggered.
    Interrupted,
    /// A callback answered nonzero; its answer is kept.
    Callback(i32),
    /// Not the budget: the backend gave up on its own. More time does not help.
    Incomplete,
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stop::Time => f.write_str("the time limit ran out"),
            Stop::Work => f.write_str("the work limit ran out"),
            Stop::Conflicts => f.write_str("the conflict limit ran out"),
            Stop::Interrupted => f.write_str("interrupted"),
            Stop::Callback(code) => write!(f, "a callback answered {code}"),
            Stop::Incomplete => f.write_str("the backend gave up"),
        }
    }
}

/// What a caller grants a call. The default grants everything.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// Wall-clock time, counted from [`Budget::start`].
    pub time: Option<Duration>,
    /// Deterministic work: the same input, seed and work limit give the same run, bit for bit. One unit is one step of
    /// the engine at work; for CDCL one of CaDiCaL's search ticks, an estimated cache-line access; for Z3 one step of
    /// its resource limit. Reading and writing files counts none.
    pub work: Option<u64>,
    /// Conflicts of a search.
    pub conflicts: Option<u64>,
    /// Bytes that the object at work may hold.
    pub memory: Option<u64>,
    /// The seed of every random decision.
    pub seed: u64,
    /// A token that any thread may trigger.
    pub interrupt: Option<Interrupt>,
    /// Where progress is reported.
    pub progress: Option<ProgressSink>,
}

/// [`Limits`] at work: one call's clock and counters. Shared by reference, also between threads.
#[derive(Debug)]
pub struct Budget {
    limits: Limits,
    start: Instant,
    deadline: Option<Instant>,
    spent: AtomicU64,
    conflicts: AtomicU64,
    /// Nanoseconds after `start` at which progress is next reported.
    next_report: AtomicU64,
    /// Whether the work limit is passed over for now.
    grace: AtomicBool,
    /// Ends it as the caller's interrupt does.
    over: Option<Interrupt>,
}

impl Budget {
    /// Arms `limits`; the clock runs from now.
    #[must_use]
    pub fn start(limits: &Limits) -> Self {
        let start = Instant::now();
        let next_report = limits.progress.as_ref().map_or(u64::MAX, |p| nanos(p.every()));
        Budget {
            deadline: limits.time.and_then(|t| start.checked_add(t)),
            limits: limits.clone(),
            start,
            spent: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            next_report: AtomicU64::new(next_report),
            grace: AtomicBool::new(false),
            over: None,
        }
    }

    /// A budget that never ends a call.
    #[must_use]
    pub fn unlimited() -> Self {
        Budget::start(&Limits::default())
    }

    /// What was granted.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The seed of every random decision.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.limits.seed
    }

    /// Bytes that the object at work may hold; `u64::MAX` where there is no limit.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.limits.memory.unwrap_or(u64::MAX)
    }

    /// Wall-clock time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Work spent so far.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.spent.load(Ordering::Relaxed)
    }

    /// Work still granted; `u64::MAX` where there is no limit.
    #[must_use]
    pub fn work_left(&self) -> u64 {
        self.limits.work.map_or(u64::MAX, |limit| limit.saturating_sub(self.spent()))
    }

    /// Conflicts still granted; `None` where there is no limit.
    #[must_use]
    pub fn conflicts_left(&self) -> Option<u64> {
        let limit = self.limits.conflicts?;
        Some(limit.saturating_sub(self.conflicts.load(Ordering::Relaxed)))
    }

    /// A part of what is left: so much work at most, and memory without what others hold; all else as here. What it spends
    /// counts here once it is given to [`Budget::absorb`].
    pub(crate) fn slice(&self, work: u64, held: u64) -> Budget {
        let limits = Limits {
            memory: self.limits.memory.map(|limit| limit.saturating_sub(held)),
            work: (work < u64::MAX || self.limits.work.is_some()).then(|| work.min(self.work_left())),
            conflicts: self.conflicts_left(),
            ..self.limits.clone()
        };
        Budget {
            limits,
            start: self.start,
            deadline: self.deadline,
            spent: AtomicU64::new(0),
            conflicts: AtomicU64::new(0),
            next_report: AtomicU64::new(self.next_report.load(Ordering::Relaxed)),
            grace: AtomicBool::new(false),
            over: self.over.clone(),
        }
    }

    /// A part of what is left: so many conflicts at most, and memory without what others hold.
    #[cfg(feature = "cadical")]
    pub(crate) fn turn(&self, conflicts: u64, held: u64) -> Budget {
        let mut turn = self.slice(u64::MAX, held);
        turn.limits.conflicts = Some(self.conflicts_left().map_or(conflicts, |left| left.min(conflicts)));
        turn
    }

    /// What is left, until this token is triggered: what is done beside is done.
    #[cfg(feature = "cadical")]
    pub(crate) fn until(&self, over: &Interrupt) -> Budget {
        Budget { over: Some(over.clone()), ..self.slice(u64::MAX, 0) }
    }

    /// Counts what a slice has spent.
    pub(crate) fn absorb(&self, slice: &Budget) {
        self.spent.fetch_add(slice.spent(), Ordering::Relaxed);
        self.spend_conflicts(slice.conflicts.load(Ordering::Relaxed));
        self.next_report.store(slice.next_report.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Counts the conflicts of a search: one call may search several times.
    pub fn spend_conflicts(&self, conflicts: u64) {
        self.conflicts.fetch_add(conflicts, Ordering::Relaxed);
    }

    /// Asks whether to go on. To be called every millisecond or oftener in anything that may take long.
    pub fn check(&self) -> Result<(), Stop> {
        let is_triggered = |token: &Option<Interrupt>| token.as_ref().is_some_and(Interrupt::is_triggered);
        if is_triggered(&self.limits.interrupt) || is_triggered(&self.over) {
            return Err(Stop::Interrupted);
        }
        if self.deadline.is_some_and(|d| Instant::now() >= d) {
            return Err(Stop::Time);
        }
        Ok(())
    }

    /// Counts `work` units and asks whether to go on.
    pub fn spend(&self, work: u64) -> Result<(), Stop> {
        let before = self.spent.fetch_add(work, Ordering::Relaxed);
        if self.limits.work.is_some_and(|limit| before.saturating_add(work) > limit)
            && !self.grace.load(Ordering::Relaxed)
        {
            return Err(Stop::Work);
        }
        self.check()
    }

    /// Whether the work limit ends nothing for now: a step that does not fit into a slice of work has to be made all the
    /// same, or nobody would ever get on.
    pub(crate) fn set_grace(&self, grace: bool) {
        self.grace.store(grace, Ordering::Relaxed);
    }

    /// [`Budget::check`], and where a report is due, reports what `snapshot` answers. A callback that answers
    /// nonzero ends the call.
    pub fn report(&self, snapshot: impl FnOnce() -> Progress) -> Result<(), Stop> {
        self.check()?;
        let Some(sink) = &self.limits.progress else { return Ok(()) };
        let reports = nested::reports();
        if reports == Reports::Never {
            return Ok(());
        }
        let now = self.start.elapsed();
        let due = self.next_report.load(Ordering::Relaxed);
        if nanos(now) < due {
            return Ok(());
        }
        let next = nanos(now.saturating_add(sink.every()));
        if self.next_report.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return Ok(()); // another thread reports
        }
        self.call(sink, if let Reports::As(outer) = reports { outer } else { snapshot() })
    }

    /// Reports now, as far as it is this call's to report.
    #[cfg(feature = "cadical")]
    pub(crate) fn tell(&self, progress: Progress) -> Result<(), Stop> {
        match &self.limits.progress {
            Some(sink) if nested::reports() == Reports::Own => self.call(sink, progress),
            _ => Ok(()),
        }
    }

    fn call(&self, sink: &ProgressSink, mut progress: Progress) -> Result<(), Stop> {
        progress.seconds = self.start.elapsed().as_secs_f64();
        match sink.call(&progress) {
            0 => Ok(()),
            code => Err(Stop::Callback(code)),
        }
    }
}

fn nanos(d: Duration) -> u64 {
    u64::try_from(d.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlimited_never_stops() {
        let b = Budget::unlimited();
        assert_eq!(b.spend(u64::MAX), Ok(()));
        assert_eq!(b.work_left(), u64::MAX);
    }

    #[test]
    fn work_stops_exactly_past_the_limit() {
        let b = Budget::start(&Limits { work: Some(10), ..Limits::default() });
        assert_eq!(b.spend(10), Ok(()));
        assert_eq!(b.work_left(), 0);
        assert_eq!(b.spend(1), Err(Stop::Work));
    }

    #[test]
    fn a_slice_has_its_own_limit_within_what_is_left() {
        let whole = Budget::start(&Limits { work: Some(10), conflicts: Some(5), ..Limits::default() });
        let slice = whole.slice(4, 0);
        assert_eq!(slice.work_left(), 4);
        assert_eq!(slice.spend(5), Err(Stop::Work));
        slice.spend_conflicts(2);
        whole.absorb(&slice);
        assert_eq!((whole.spent(), whole.conflicts_left()), (5, Some(3)));
        assert_eq!(whole.slice(u64::MAX, 0).work_left(), 5);
        assert_eq!(Budget::unlimited().slice(u64::MAX, 0).work_left(), u64::MAX);
        assert_eq!(Budget::unlimited().slice(7, 0).work_left(), 7);
    }

    #[test]
    fn conflicts_count_over_all_searches() {
        let b = Budget::start(&Limits { conflicts: Some(10), ..Limits::default() });
        b.spend_conflicts(7);
        assert_eq!(b.conflicts_left(), Some(3));
        b.spend_conflicts(7);
        assert_eq!(b.conflicts_left(), Some(0));
        assert_eq!(Budget::unlimited().conflicts_left(), None);
    }

    #[test]
    fn interrupt_is_sticky_until_reset() {
        let token = Interrupt::new();
        let b = Budget::start(&Limits { interrupt: Some(token.clone()), ..Limits::default() });
        assert_eq!(b.check(), Ok(()));
        token.trigger();
        assert_eq!(b.check(), Err(Stop::Interrupted));
        assert_eq!(b.check(), Err(Stop::Interrupted));
        token.reset();
        assert_eq!(b.check(), Ok(()));
    }

    #[test]
    fn time_runs_out() {
        let b = Budget::start(&Limits { time: Some(Duration::ZERO), ..Limits::default() });
        assert_eq!(b.check(), Err(Stop::Time));
        let huge = Budget::start(&Limits { time: Some(Duration::MAX), ..Limits::default() });
        assert_eq!(huge.check(), Ok(()));
    }

    #[test]
    fn callback_answer_is_kept() {
        let sink = ProgressSink::new(Duration::ZERO, |p: &Progress| if p.conflicts == 7 { 42 } else { 0 });
        let b = Budget::start(&Limits { progress: Some(sink), ..Limits::default() });
        assert_eq!(b.report(|| Progress::at(Phase::Search)), Ok(()));
        let seven = || Progress { conflicts: 7, ..Progress::at(Phase::Search) };
        assert_eq!(b.report(seven), Err(Stop::Callback(42)));
    }
}
