//! One line on a terminal that tells what goes on; nothing where stderr is no terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use anser::budget::{Phase, Progress, ProgressSink};
use indicatif::{HumanBytes, HumanCount, ProgressBar};

/// The line. It vanishes when dropped, so that results stand alone.
pub struct Line(ProgressBar);

impl Line {
    /// `None` where stderr is no terminal.
    pub fn new() -> Option<Self> {
        std::io::stderr().is_terminal().then(|| Line(ProgressBar::new_spinner()))
    }

    /// Where a budget reports so that it is shown here.
    pub fn sink(&self) -> ProgressSink {
        let bar = self.0.clone();
        ProgressSink::new(Duration::from_millis(100), move |p| {
            bar.set_message(describe(p));
            bar.tick();
            0
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn describe(p: &Progress) -> String {
    let of = |done: String, total: String| if p.total == 0 { done } else { format!("{done} of {total}") };
    let bytes = || of(HumanBytes(p.done).to_string(), HumanBytes(p.total).to_string());
    let count = || of(HumanCount(p.done).to_string(), HumanCount(p.total).to_string());
    let what = match p.phase {
        Phase::Read => format!("reading, {}", bytes()),
        Phase::Write => format!("writing, {}", bytes()),
        Phase::Load => format!("loading, {} constraints", count()),
        Phase::Check => format!("checking, {} constraints", count()),
        Phase::Evaluate => "evaluating".to_owned(),
        Phase::Bound => "bounding".to_owned(),
        Phase::Minimize => format!("minimizing, from {} to {}", p.least, p.value),
        Phase::Verify => format!(
            "verifying, {} subproblems closed, {} open, {:.2} % covered, bound {:.3e}",
            HumanCount(p.done),
            HumanCount(p.total.saturating_sub(p.done)),
            p.fixed as f64 / 1e4,
            p.bound
        ),
        Phase::Search => format!(
            "searching, {} conflicts, {} clauses, {} learned, {} variables fixed",
            HumanCount(p.conflicts),
            HumanCount(p.irredundant),
            HumanCount(p.redundant),
            HumanCount(p.fixed)
        ),
    };
    format!("{:.1} s: {what}", p.seconds)
}
