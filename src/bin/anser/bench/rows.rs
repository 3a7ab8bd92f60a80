//! Results, a row each: in memory, and in the CSV file that a sweep adds to.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::Failure;

/// The columns of the file.
const HEADER: &str = "folder,network,property,procedure,verdict,expected,wall_seconds,cpu_seconds,work,bounded,reason,\
                      limit_seconds,work_limit,threads\n";

/// Which run it was.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    pub folder: String,
    pub network: String,
    pub property: String,
    pub procedure: String,
}

/// What a run was granted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Granted {
    pub seconds: f64,
    pub work: Option<u64>,
    pub threads: u32,
}

impl std::fmt::Display for Granted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} seconds, ", self.seconds)?;
        match self.work {
            None => f.write_str("any work")?,
            Some(work) => write!(f, "{work} units of work")?,
        }
        write!(f, ", {} thread{}", self.threads, if self.threads == 1 { "" } else { "s" })
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// `sat`, `unsat`, `unknown` or `error`.
    pub verdict: String,
    pub wall: f64,
    pub cpu: f64,
    pub work: u64,
    pub bounded: u64,
    /// Why it is unknown, or the error.
    pub reason: String,
    pub granted: Granted,
}

impl Outcome {
    /// Whether some input has the property, if the run says so.
    pub fn answer(&self) -> Option<bool> {
        match self.verdict.as_str() {
            "sat" => Some(true),
            "unsat" => Some(false),
            _ => None,
        }
    }
}

/// One word for what is known.
pub fn word(expected: Option<bool>) -> &'static str {
    match expected {
        Some(true) => "sat",
        Some(false) => "unsat",
        None => "unknown",
    }
}

/// A file of rows. Each is written and handed to the system in one piece, so that an end in the middle of a sweep costs
/// at most the last one.
pub struct Table {
    file: File,
    path: PathBuf,
}

impl Table {
    /// An empty one. A file that holds something is left alone.
    pub fn create(path: &Path) -> Result<Table, Failure> {
        let file = OpenOptions::new().append(true).create(true).open(path);
        let mut file = file.map_err(|e| Failure(format!("{}: {e}", path.display())))?;
        let begin = |file: &mut File| -> std::io::Result<bool> {
            if file.metadata()?.len() > 0 {
                return Ok(false);
            }
            file.write_all(HEADER.as_bytes())?;
            Ok(true)
        };
        match begin(&mut file) {
            Ok(true) => Ok(Table { file, path: path.to_path_buf() }),
            Ok(false) => Err(Failure(format!("{}: it is there already; --resume goes on with it", path.display()))),
            Err(e) => Err(Failure(format!("{}: {e}", path.display()))),
        }
    }

    /// One to go on with, and what is in it. A last line that was not written to its end is cut off.
    pub fn resume(path: &Path) -> Result<(Table, HashMap<Key, Outcome>), Failure> {
        let failed = |why: String| Failure(format!("{}: {why}", path.display()));
        let io = |e: std::io::Error| failed(e.to_string());
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(io)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let whole = bytes.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
        let torn_header = whole == 0 && HEADER.as_bytes().starts_with(&bytes);
        if !bytes[..whole].starts_with(HEADER.as_bytes()) && !torn_header {
            return Err(failed("its first line is not that of `bench verify --csv`".into()));
        }
        let outcomes = read(&bytes[..whole]).map_err(failed)?;
        if whole < bytes.len() {
            file.set_len(whole as u64).map_err(io)?;
            file.seek(SeekFrom::End(0)).map_err(io)?;
        }
        if whole == 0 {
            file.write_all(HEADER.as_bytes()).map_err(io)?;
        }
        Ok((Table { file, path: path.to_path_buf() }, outcomes))
    }

    pub fn add(&mut self, key: &Key, expected: Option<bool>, outcome: &Outcome) -> Result<(), Failure> {
        let failed = |why: String| Failure(format!("{}: {why}", self.path.display()));
        let mut line = csv::Writer::from_writer(Vec::new());
        let Granted { seconds, work, threads } = outcome.granted;
        line.write_record([
            &key.folder,
            &key.network,
            &key.property,
            &key.procedure,
            &outcome.verdict,
            word(expected),
            &format!("{:.6}", outcome.wall),
            &format!("{:.6}", outcome.cpu),
            &outcome.work.to_string(),
            &outcome.bounded.to_string(),
            &outcome.reason,
            &seconds.to_string(),
            &work.map_or(String::new(), |work| work.to_string()),
            &threads.to_string(),
        ])
        .map_err(|e| failed(e.to_string()))?;
        let line = line.into_inner().map_err(|e| failed(e.to_string()))?;
        self.file.write_all(&line).and_then(|()| self.file.flush()).map_err(|e| failed(e.to_string()))
    }
}

/// The rows of a file, the later of two about the same run.
fn read(bytes: &[u8]) -> Result<HashMap<Key, Outcome>, String> {
    let mut outcomes = HashMap::new();
    for record in csv::Reader::from_reader(bytes).records() {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |index: usize| record.get(index).unwrap_or_default();
        let wrong = |index: usize| format!("line {line}: {:?} in column {}", cell(index), index + 1);
        let real = |index: usize| {
            let value: Option<f64> = cell(index).parse().ok().filter(|v: &f64| v.is_finite() && *v >= 0.0);
            value.ok_or_else(|| wrong(index))
        };
        let count = |index: usize| cell(index).parse::<u64>().map_err(|_| wrong(index));
        if !["sat", "unsat", "unknown", "error"].contains(&cell(4)) {
            return Err(wrong(4));
        }
        let key = Key {
            folder: cell(0).to_owned(),
            network: cell(1).to_owned(),
            property: cell(2).to_owned(),
            procedure: cell(3).to_owned(),
        };
        let granted = Granted {
            seconds: real(11)?,
            work: if cell(12).is_empty() { None } else { Some(count(12)?) },
            threads: cell(13).parse().map_err(|_| wrong(13))?,
        };
        let outcome = Outcome {
            verdict: cell(4).to_owned(),
            wall: real(6)?,
            cpu: real(7)?,
            work: count(8)?,
            bounded: count(9)?,
            reason: cell(10).to_owned(),
            granted,
        };
        outcomes.insert(key, outcome);
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(procedure: &str) -> Key {
        let part = |text: &str| text.to_owned();
        Key { folder: part("a, b"), network: part("n\"1\".onnx"), property: part("p"), procedure: part(procedure) }
    }

    fn outcome(work: Option<u64>) -> Outcome {
        let granted = Granted { seconds: 0.1, work, threads: 3 };
        let reason = "a, \"quoted\" reason".to_owned();
        Outcome { verdict: "error".into(), wall: 1.25, cpu: 2.5, work: u64::MAX, bounded: 7, reason, granted }
    }

    #[test]
    fn rows_read_back_and_a_torn_one_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let fine = |result: Result<(), Failure>| assert!(result.is_ok());
        let mut table = Table::create(&path).ok().unwrap();
        fine(table.add(&key("one"), None, &outcome(None)));
        fine(table.add(&key("two"), Some(true), &outcome(Some(5))));
        drop(table);
        assert!(Table::create(&path).is_err());
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut table, read) = Table::resume(&path).ok().unwrap();
            let lines = whole[..cut].iter().filter(|&&b| b == b'\n').count();
            assert_eq!(read.len(), lines.saturating_sub(1), "{cut}");
            fine(table.add(&key("three"), Some(false), &outcome(None)));
            let (_, again) = Table::resume(&path).ok().unwrap();
            assert_eq!(again.len(), read.len() + 1, "{cut}");
            assert_eq!(again[&key("three")], outcome(None));
        }
        std::fs::write(&path, &whole).unwrap();
        let (_, read) = Table::resume(&path).ok().unwrap();
        assert_eq!((&read[&key("one")], &read[&key("two")]), (&outcome(None), &outcome(Some(5))));
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        let rest = "0.1,0.1,1,1,,5,,1\n";
        for text in [
            "onnx,vnnlib\n".to_owned(),
            "no".to_owned(),
            format!("{HEADER}a,b,c,d,perhaps,sat,{rest}"),
            format!("{HEADER}a,b,c,d,sat,sat,NaN,0.1,1,1,,5,,1\n"),
            format!("{HEADER}a,b,c,d,sat,sat,0.1,0.1,-1,1,,5,,1\n"),
            format!("{HEADER}a,b,c\n"),
        ] {
            std::fs::write(&path, &text).unwrap();
            assert!(Table::resume(&path).is_err(), "{text}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        std::fs::write(&path, format!("{HEADER}a,b,c,d,sat,sat,{rest}")).unwrap();
        assert!(Table::resume(&path).is_ok());
    }
}
