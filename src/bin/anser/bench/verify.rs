//! `anser bench verify`: the instances of folders under several procedures, one run after another.

use std::collections::HashMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use anser::budget::{Budget, Interrupt, Limits, Stop};
use anser::verify::{Options, Procedure, Reason, Verdict, Verifier, VerifyError};
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::instances::{self, Instance};
use super::plot;
use super::rows::{Granted, Key, Outcome, Table, word};
use super::summary::{Line, Score, Summary, summarize};
use crate::limits::duration;
use crate::net::Reading;
use crate::verify::{problem, procedure};
use crate::{Failure, output, progress, signals};

/// Seconds where neither the command line nor the table says how many.
const SECONDS: f64 = 60.0;

#[derive(clap::Args)]
pub struct Args {
    /// Folder with an `instances.csv` as in VNN-COMP (`network,property[,timeout[,verdict]]`), or with such folders below
    folder: PathBuf,
    /// Procedure to run, may be given several times; all that this build has if not
    #[arg(long, value_name = "NAME", value_parser = procedure)]
    procedure: Vec<Procedure>,
    /// Wall-clock limit in seconds of each run, reading included; else the instance's own, else 60
    #[arg(long, value_name = "SECONDS", value_parser = duration, allow_negative_numbers = true)]
    time: Option<Duration>,
    /// Deterministic limit of each run
    #[arg(long, value_name = "UNITS")]
    work: Option<u64>,
    /// How many threads work on subproblems of a run
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Only instances with this in `FOLDER/NETWORK PROPERTY`
    #[arg(long, value_name = "SUBSTRING", default_value = "")]
    only: String,
    /// Known answers: CSV with columns network, property and verdict, and folder where these are not enough
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,
    /// Add a row to this new file after each run
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// Go on with the CSV file: what it has is not run again
    #[arg(long, requires = "csv")]
    resume: bool,
    /// Draw how many instances were solved within which time
    #[arg(long, value_name = "FILE.png", value_parser = picture)]
    plot: Option<PathBuf>,
    /// Print the summary as one JSON object
    #[arg(long)]
    json: bool,
}

fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let png = path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("png"));
    if png { Ok(path) } else { Err("the name must end in .png".into()) }
}

/// What a procedure needs that this build has not.
fn missing(procedure: Procedure) -> Option<&'static str> {
    match procedure {
        Procedure::Milp if !cfg!(feature = "highs") => Some("highs"),
        Procedure::Smt if !cfg!(feature = "z3") => Some("z3"),
        _ => None,
    }
}

pub fn run(args: &Args) -> Result<u8, Failure> {
    let mut instances = instances::find(&args.folder)?;
    if let Some(file) = &args.expected {
        instances::expect(&mut instances, file)?;
    }
    instances.retain(|instance| instance.name().contains(&args.only));
    if instances.is_empty() {
        return Err(Failure(format!("{}: no instance has {:?} in its name", args.folder.display(), args.only)));
    }
    let (procedures, left_out) = procedures(args);
    let (mut table, mut done) = match &args.csv {
        None => (None, HashMap::new()),
        Some(path) if args.resume => Table::resume(path).map(|(table, done)| (Some(table), done))?,
        Some(path) => (Some(Table::create(path)?), HashMap::new()),
    };
    let runs: Vec<(&Instance, Procedure)> =
        instances.iter().flat_map(|instance| procedures.iter().map(move |&procedure| (instance, procedure))).collect();
    for &(instance, procedure) in &runs {
        let granted = granted(args, instance);
        if let Some(outcome) = done.get(&key(instance, procedure))
            && outcome.granted != granted
        {
            let (name, before) = (instance.name(), outcome.granted);
            let procedure = procedure.name();
            return Err(Failure(format!("{name} {procedure}: the CSV has it with {before}; now it is {granted}")));
        }
    }
    let token = signals::token()?;
    let mut interrupted = false;
    for (count, &(instance, procedure)) in runs.iter().enumerate() {
        let key = key(instance, procedure);
        if done.contains_key(&key) {
            continue;
        }
        let outcome =
            if token.is_triggered() { None } else { once(instance, procedure, granted(args, instance), &token) };
        // What was interrupted says nothing of the procedure.
        let Some(outcome) = outcome else {
            interrupted = true;
            break;
        };
        if let Some(table) = &mut table {
            table.add(&key, instance.expected, &outcome)?;
        }
        if !args.json {
            output::stdout(|out| told(count + 1, runs.len(), instance, procedure, &outcome, out))?;
        }
        done.insert(key, outcome);
    }
    let mut lines = Vec::new();
    for (index, instance) in instances.iter().enumerate() {
        let outcomes: Vec<&Outcome> = procedures.iter().filter_map(|&p| done.get(&key(instance, p))).collect();
        if outcomes.len() == procedures.len() {
            lines.push(Line { index, expected: instance.expected, outcomes });
        }
    }
    let names: Vec<String> = procedures.iter().map(|procedure| procedure.name().to_owned()).collect();
    let report = Report { summary: summarize(&names, &lines), instances: &instances, left_out: &left_out, interrupted };
    if let Some(path) = &args.plot {
        let limit = instances.iter().map(|instance| granted(args, instance).seconds).fold(0.0, f64::max);
        plot::write(&report.summary, limit, path)?;
    }
    if args.json {
        output::json(&report.json())?;
    } else {
        output::stdout(|out| report.text(out))?;
    }
    match report.wrong().len() {
        0 => Ok(0),
        wrong => Err(Failure(format!("{wrong} verdicts are wrong or contradict each other"))),
    }
}

/// What to run, and what was left out for want of a backend, with the feature that has it.
fn procedures(args: &Args) -> (Vec<Procedure>, Vec<(Procedure, &'static str)>) {
    let (mut procedures, mut left_out) = (Vec::new(), Vec::new());
    for &procedure in &args.procedure {
        if !procedures.contains(&procedure) {
            procedures.push(procedure);
        }
    }
    if procedures.is_empty() {
        for procedure in Procedure::ALL {
            match missing(procedure) {
                None => procedures.push(procedure),
                Some(feature) => left_out.push((procedure, feature)),
            }
        }
    }
    (procedures, left_out)
}

fn key(instance: &Instance, procedure: Procedure) -> Key {
    Key {
        folder: instance.folder.clone(),
        network: instance.network.clone(),
        property: instance.property.clone(),
        procedure: procedure.name().to_owned(),
    }
}

fn granted(args: &Args, instance: &Instance) -> Granted {
    let seconds = args.time.map(|time| time.as_secs_f64()).or(instance.timeout).unwrap_or(SECONDS);
    Granted { seconds, work: args.work, threads: args.threads }
}

/// Seconds of the processor that this process has used.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// One run from the files on; none where it was interrupted.
fn once(instance: &Instance, procedure: Procedure, granted: Granted, token: &Interrupt) -> Option<Outcome> {
    let line = progress::Line::new();
    let budget = Budget::start(&Limits {
        // What exceeds the clock is no limit.
        time: Duration::try_from_secs_f64(granted.seconds).ok(),
        work: granted.work,
        interrupt: Some(token.clone()),
        progress: line.as_ref().map(progress::Line::sink),
        ..Limits::default()
    });
    let begin = cpu();
    let said = guarded(|| verdict(instance, procedure, granted.threads, &budget));
    let (wall, cpu) = (budget.elapsed().as_secs_f64(), cpu() - begin);
    let (verdict, bounded, reason) = match said {
        Ok((Verdict::Unknown(Reason::Stopped(Stop::Interrupted)), _)) => return None,
        Ok((Verdict::Sat(_), bounded)) => ("sat", bounded, String::new()),
        Ok((Verdict::Unsat, bounded)) => ("unsat", bounded, String::new()),
        Ok((Verdict::Unknown(reason), bounded)) => ("unknown", bounded, reason.name().to_owned()),
        Err(_) if token.is_triggered() => return None,
        // A row is a line.
        Err(why) => ("error", 0, why.split(char::is_control).collect::<Vec<_>>().join(" ")),
    };
    Some(Outcome { verdict: verdict.to_owned(), wall, cpu, work: budget.spent(), bounded, reason, granted })
}

/// What `act` answers, or what it panicked with: one fault must not end a sweep.
fn guarded<T>(act: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
        Err(format!("panic: {}", text.unwrap_or_default()))
    })
}

/// The verdict, and how many subproblems were bounded.
fn verdict(instance: &Instance, procedure: Procedure, threads: u32, budget: &Budget) -> Result<(Verdict, u64), String> {
    let stopped = |stop: Stop| Ok((Verdict::Unknown(Reason::Stopped(stop)), 0));
    let problem = match problem(&Reading::default(), &instance.network_file, &instance.property_file, budget) {
        Ok(Ok(problem)) => problem,
        Ok(Err(stop)) => return stopped(stop),
        Err(Failure(why)) => return Err(why),
    };
    let mut options = Options::new(procedure);
    options.threads = threads as usize;
    let mut verifier = match Verifier::new(problem, &options, budget) {
        Ok(verifier) => verifier,
        Err(VerifyError::Stopped(stop)) => return stopped(stop),
        Err(error) => return Err(error.to_string()),
    };
    let verdict = match verifier.run(budget) {
        Ok(verdict) => verdict,
        Err(VerifyError::Stopped(stop)) => Verdict::Unknown(Reason::Stopped(stop)),
        Err(error) => return Err(error.to_string()),
    };
    Ok((verdict, verifier.statistics().bounded))
}

/// A line for a run.
fn told(
    count: usize,
    of: usize,
    instance: &Instance,
    procedure: Procedure,
    outcome: &Outcome,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (verdict, expected) = (&outcome.verdict, word(instance.expected));
    write!(out, "{count}/{of} {:11} {verdict:7} {:9.3} s  {}", procedure.name(), outcome.wall, instance.name())?;
    if outcome.answer().is_some_and(|answer| instance.expected.is_some_and(|expected| expected != answer)) {
        write!(out, "  WRONG, known is {expected}")?;
    }
    if outcome.reason.is_empty() { writeln!(out) } else { writeln!(out, "  ({})", outcome.reason) }
}

/// What a sweep comes to.
struct Report<'a> {
    summary: Summary,
    instances: &'a [Instance],
    left_out: &'a [(Procedure, &'static str)],
    interrupted: bool,
}

impl Report<'_> {
    /// Procedure and instance of what is wrong.
    fn wrong(&self) -> Vec<(&str, String)> {
        let each = |score: &'_ Score| score.wrong.iter().map(|&index| self.instances[index].name()).collect::<Vec<_>>();
        let scores = self.summary.scores.iter();
        scores.flat_map(|score| each(score).into_iter().map(|name| (score.procedure.as_str(), name))).collect()
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Summary { instances, scores, single_best, virtual_best, disagreements } = &self.summary;
        writeln!(out)?;
        writeln!(
            out,
            "{:12} {:>6} {:>6} {:>6} {:>7} {:>6} {:>6} {:>12} {:>10}",
            "procedure", "solved", "sat", "unsat", "unknown", "errors", "wrong", "PAR-2", "median"
        )?;
        for score in scores.iter().chain([virtual_best]) {
            write!(
                out,
                "{:12} {:6} {:6} {:6} {:7} {:6} {:6} {:12.3} ",
                score.procedure,
                score.solved(),
                score.sat,
                score.unsat,
                score.unknown,
                score.errors,
                score.wrong.len(),
                score.par2,
            )?;
            match score.median() {
                None => writeln!(out, "{:>10}", "-")?,
                Some(median) => writeln!(out, "{median:10.3}")?,
            }
        }
        writeln!(out)?;
        if let Some(best) = single_best.map(|index| &scores[index]) {
            let more = if virtual_best.par2 > 0.0 { best.par2 / virtual_best.par2 } else { 1.0 };
            writeln!(
                out,
                "single best {}: PAR-2 {:.3}, {more:.2} times that of the virtual best, {:.3}",
                best.procedure, best.par2, virtual_best.par2
            )?;
        }
        writeln!(
            out,
            "{instances} of {} instances run by every procedure. PAR-2: wall seconds, all instances together, where one not \
             solved counts twice its limit; median: of what was solved",
            self.instances.len()
        )?;
        for (procedure, feature) in self.left_out {
            writeln!(out, "left out: {}, which needs feature {feature}", procedure.name())?;
        }
        for &index in disagreements {
            writeln!(out, "disagreement: {}", self.instances[index].name())?;
        }
        for (procedure, name) in self.wrong() {
            writeln!(out, "wrong: {procedure} {name}")?;
        }
        if self.interrupted {
            writeln!(out, "interrupted")?;
        }
        Ok(())
    }

    fn json(&self) -> Value {
        let Summary { instances, scores, single_best, virtual_best, disagreements } = &self.summary;
        let names = |indices: &[usize]| indices.iter().map(|&i| self.instances[i].name()).collect::<Vec<_>>();
        let score = |score: &Score| {
            json!({
                "procedure": score.procedure,
                "solved": score.solved(),
                "sat": score.sat,
                "unsat": score.unsat,
                "unknown": score.unknown,
                "errors": score.errors,
                "wrong": names(&score.wrong),
                "par2": score.par2,
                "median": score.median(),
            })
        };
        json!({
            "instances": self.instances.len(),
            "compared": instances,
            "procedures": scores.iter().map(score).collect::<Vec<_>>(),
            "single_best": single_best.map(|index| &scores[index].procedure),
            "virtual_best": score(virtual_best),
            "disagreements": names(disagreements),
            "left_out": self.left_out.iter().map(|(procedure, _)| procedure.name()).collect::<Vec<_>>(),
            "interrupted": self.interrupted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_text() {
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let number = 7;
        assert_eq!(guarded::<()>(|| panic!("out of {number} luck")), Err("panic: out of 7 luck".to_owned()));
        assert_eq!(guarded::<()>(|| panic!("plain")), Err("panic: plain".to_owned()));
        assert_eq!(guarded::<()>(|| std::panic::panic_any(1)), Err("panic: ".to_owned()));
        std::panic::set_hook(hook);
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert_eq!(guarded::<()>(|| Err("no".into())), Err("no".to_owned()));
    }
}
