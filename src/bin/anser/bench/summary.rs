//! What a sweep says of procedures: how many instances each solved, how many wrongly, how fast, and how they compare with
//! the single best of them and with one that always picked the best.
//!
//! PAR-2 is the penalized average runtime of algorithm configuration, here as a sum: an instance counts the seconds until it
//! was solved, one that was not solved twice its limit. What is wrong, or came after the limit, is not solved. Of answers
//! that contradict each other where none is known, all are wrong.

use super::rows::Outcome;

/// One procedure over all instances.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Score {
    pub procedure: String,
    pub sat: usize,
    pub unsat: usize,
    pub unknown: usize,
    pub errors: usize,
    /// Instances answered wrongly.
    pub wrong: Vec<usize>,
    /// Seconds.
    pub par2: f64,
    /// Seconds of those solved, ascending.
    pub times: Vec<f64>,
}

impl Score {
    pub fn solved(&self) -> usize {
        self.times.len()
    }

    /// Of the seconds of what was solved.
    pub fn median(&self) -> Option<f64> {
        let (upper, lower) = (self.times.get(self.solved() / 2)?, self.times.get(self.solved().checked_sub(1)? / 2)?);
        Some(f64::midpoint(*lower, *upper))
    }
}

/// All procedures over the instances that each of them has run.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How many instances that are.
    pub instances: usize,
    /// One a procedure, in the order asked for.
    pub scores: Vec<Score>,
    /// The procedure with the least PAR-2, the first of several.
    pub single_best: Option<usize>,
    /// The best procedure for each instance.
    pub virtual_best: Score,
    /// Instances that some found sat and others unsat.
    pub disagreements: Vec<usize>,
}

/// An instance: what is known of it, and what each procedure said, in one order.
pub struct Line<'a> {
    pub index: usize,
    pub expected: Option<bool>,
    pub outcomes: Vec<&'a Outcome>,
}

pub fn summarize(procedures: &[String], lines: &[Line<'_>]) -> Summary {
    let score = |name: &String| Score { procedure: name.clone(), ..Score::default() };
    let mut scores: Vec<Score> = procedures.iter().map(score).collect();
    let mut best = Score { procedure: "virtual best".into(), ..Score::default() };
    let mut disagreements = Vec::new();
    for line in lines {
        let says = |wanted: bool| line.outcomes.iter().any(|outcome| outcome.answer() == Some(wanted));
        let disagree = says(true) && says(false);
        if disagree {
            disagreements.push(line.index);
        }
        let mut fastest: Option<(f64, bool)> = None;
        let mut penalty = f64::INFINITY;
        for (score, outcome) in scores.iter_mut().zip(&line.outcomes) {
            let twice = 2.0 * outcome.granted.seconds;
            penalty = penalty.min(twice);
            let Some(answer) = outcome.answer() else {
                if outcome.verdict == "error" {
                    score.errors += 1
                } else {
                    score.unknown += 1
                }
                score.par2 += twice;
                continue;
            };
            if line.expected.map_or(disagree, |expected| expected != answer) {
                score.wrong.push(line.index);
                score.par2 += twice;
            } else if outcome.wall > outcome.granted.seconds {
                score.unknown += 1;
                score.par2 += twice;
            } else {
                solve(score, answer, outcome.wall);
                if fastest.is_none_or(|(time, _)| outcome.wall < time) {
                    fastest = Some((outcome.wall, answer));
                }
            }
        }
        match fastest {
            Some((time, answer)) => solve(&mut best, answer, time),
            None if line.outcomes.is_empty() => {}
            None => {
                best.unknown += 1;
                best.par2 += penalty;
            }
        }
    }
    for score in scores.iter_mut().chain([&mut best]) {
        score.times.sort_by(f64::total_cmp);
    }
    let order = |&(_, a): &(usize, &Score), &(_, b): &(usize, &Score)| a.par2.total_cmp(&b.par2);
    let single_best = if lines.is_empty() { None } else { scores.iter().enumerate().min_by(order).map(|(i, _)| i) };
    Summary { instances: lines.len(), scores, single_best, virtual_best: best, disagreements }
}

fn solve(score: &mut Score, answer: bool, time: f64) {
    if answer {
        score.sat += 1
    } else {
        score.unsat += 1
    }
    score.par2 += time;
    score.times.push(time);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::rows::Granted;

    fn outcome(verdict: &str, wall: f64) -> Outcome {
        let granted = Granted { seconds: 10.0, work: None, threads: 1 };
        Outcome { verdict: verdict.into(), wall, cpu: wall, work: 0, bounded: 0, reason: String::new(), granted }
    }

    #[test]
    fn by_hand() {
        let rows = [
            (Some(true), [outcome("sat", 1.0), outcome("unknown", 10.0), outcome("sat", 3.0)]),
            (Some(false), [outcome("unsat", 4.0), outcome("unsat", 2.0), outcome("error", 0.5)]),
            (None, [outcome("unknown", 10.0), outcome("unsat", 8.0), outcome("unknown", 1.0)]),
            (Some(false), [outcome("sat", 1.0), outcome("unsat", 5.0), outcome("unsat", 10.5)]),
            (None, [outcome("sat", 1.0), outcome("unsat", 2.0), outcome("unknown", 1.0)]),
            (None, [outcome("unknown", 1.0), outcome("unknown", 2.0), outcome("error", 1.0)]),
        ];
        let each = rows.iter().enumerate();
        let lines: Vec<Line<'_>> = each
            .map(|(index, (expected, all))| Line { index, expected: *expected, outcomes: all.iter().collect() })
            .collect();
        let names = ["a", "b", "c"].map(str::to_owned);
        let summary = summarize(&names, &lines);
        let told = |score: &Score| (score.solved(), score.sat, score.unsat, score.unknown, score.errors);
        let [a, b, c] = &summary.scores[..] else { panic!() };
        // Of 6 instances a solves 2 in 1 + 4 seconds, misses 2, and is wrong on 2: 5 + 4 * 20.
        assert_eq!((told(a), a.par2, a.median()), ((2, 1, 1, 2, 0), 85.0, Some(2.5)));
        assert_eq!(a.wrong, [3, 4]);
        // b: 2 + 8 + 5, misses 2, contradicts a on instance 4.
        assert_eq!((told(b), b.par2, b.median()), ((3, 0, 3, 2, 0), 75.0, Some(5.0)));
        assert_eq!(b.wrong, [4]);
        // c: 3, too late on instance 3, else nothing.
        assert_eq!((told(c), c.par2, c.median()), ((1, 1, 0, 3, 2), 103.0, Some(3.0)));
        assert_eq!(summary.disagreements, [3, 4]);
        assert_eq!(summary.single_best, Some(1));
        let v = &summary.virtual_best;
        assert_eq!((told(v), v.par2, &v.times[..]), ((4, 1, 3, 2, 0), 56.0, &[1.0, 2.0, 5.0, 8.0][..]));
    }

    #[test]
    fn nothing_run() {
        let summary = summarize(&["a".to_owned()], &[]);
        assert_eq!((summary.instances, summary.single_best), (0, None));
        assert_eq!((summary.virtual_best.par2, summary.scores[0].median()), (0.0, None));
    }
}
