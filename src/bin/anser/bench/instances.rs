//! Instances of a folder as in the competitions of neural network verifiers (VNN-COMP): `instances.csv` has a row
//! `network,property[,timeout[,verdict]]` for each, with or without a header that says so.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anser::budget::Budget;
use anser::files;

use crate::Failure;

/// Folders within folders that are looked into.
const DEPTH: usize = 8;

/// A question of a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// The folder, as seen from the one that was named; its own name where it is that one.
    pub folder: String,
    /// As written in the table.
    pub network: String,
    /// As written in the table.
    pub property: String,
    /// The file, plain or compressed; it need not be there.
    pub network_file: PathBuf,
    /// The same.
    pub property_file: PathBuf,
    /// Seconds that the table allows.
    pub timeout: Option<f64>,
    /// Whether some input has the property, where the table says so.
    pub expected: Option<bool>,
}

impl Instance {
    /// What `--only` looks in, and what is printed.
    pub fn name(&self) -> String {
        format!("{}/{} {}", self.folder, self.network, self.property)
    }
}

/// What a verdict's word says; `Err` for a word that is none.
pub fn answer(word: &str) -> Result<Option<bool>, ()> {
    match word.to_ascii_lowercase().as_str() {
        "sat" | "violated" => Ok(Some(true)),
        "unsat" | "holds" => Ok(Some(false)),
        "" | "-" | "?" | "unknown" | "conflict" | "timeout" | "error" => Ok(None),
        _ => Err(()),
    }
}

/// All instances of a folder, or else of the folders below it, in order of their names and then of their tables. One that a
/// table names again is left out.
pub fn find(root: &Path) -> Result<Vec<Instance>, Failure> {
    let mut instances = Vec::new();
    let mut known = HashSet::new();
    let folders = folders(root)?;
    if folders.is_empty() {
        return Err(Failure(format!("{}: no instances.csv there or in folders below", root.display())));
    }
    for (label, folder) in folders {
        for instance in read(&label, &folder)? {
            if known.insert((label.clone(), instance.network.clone(), instance.property.clone())) {
                instances.push(instance);
            }
        }
    }
    if instances.is_empty() {
        return Err(Failure(format!("{}: no instances", root.display())));
    }
    Ok(instances)
}

/// Folders with a table, and what they are called. Links are not followed, so that there is an end.
fn folders(root: &Path) -> Result<BTreeMap<String, PathBuf>, Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure(format!("{}: {error}", path.display()));
    let whole = fs::canonicalize(root).map_err(|e| failed(root, e))?;
    let mut found = BTreeMap::new();
    let mut open = vec![(whole.clone(), 0)];
    while let Some((folder, depth)) = open.pop() {
        if folder.join("instances.csv").exists() {
            let label = match folder.strip_prefix(&whole) {
                Ok(below) if depth > 0 => below.to_path_buf(),
                _ => PathBuf::from(whole.file_name().unwrap_or_default()),
            };
            found.insert(label.to_string_lossy().into_owned(), folder);
        } else if depth < DEPTH {
            for entry in fs::read_dir(&folder).map_err(|e| failed(&folder, e))? {
                let entry = entry.map_err(|e| failed(&folder, e))?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    open.push((entry.path(), depth + 1));
                }
            }
        }
    }
    Ok(found)
}

/// Which column has what.
struct Columns {
    network: usize,
    property: usize,
    timeout: Option<usize>,
    expected: Option<usize>,
}

impl Columns {
    /// Those that a header names; without a header the table begins with its first instance.
    fn of(first: &csv::StringRecord) -> Option<Columns> {
        let find = |names: &[&str]| first.iter().position(|cell| names.contains(&cell.to_ascii_lowercase().as_str()));
        Some(Columns {
            network: find(&["onnx", "network"])?,
            property: find(&["vnnlib", "property"])?,
            timeout: find(&["timeout", "timeout_s"]),
            expected: find(&["verdict", "expected", "result"]),
        })
    }
}

fn read(label: &str, folder: &Path) -> Result<Vec<Instance>, Failure> {
    let table = folder.join("instances.csv");
    let bytes = files::read_file(&table, &Budget::unlimited())?;
    let wrong = |line: u64, why: String| Failure(format!("{}: line {line}: {why}", table.display()));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .comment(Some(b'#'))
        .from_reader(&bytes[..]);
    let mut columns = Columns { network: 0, property: 1, timeout: Some(2), expected: Some(3) };
    let mut instances = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|e| Failure(format!("{}: {e}", table.display())))?;
        let line = record.position().map_or(0, csv::Position::line);
        if index == 0
            && let Some(named) = Columns::of(&record)
        {
            columns = named;
            continue;
        }
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let (network, property) = (cell(columns.network), cell(columns.property));
        if network.is_empty() || property.is_empty() {
            return Err(wrong(line, "a network and a property are needed".into()));
        }
        let timeout = columns.timeout.map_or("", cell);
        let timeout = if timeout.is_empty() {
            None
        } else {
            let seconds: Option<f64> = timeout.parse().ok().filter(|s: &f64| s.is_finite() && *s > 0.0);
            Some(seconds.ok_or_else(|| wrong(line, format!("{timeout:?} is no number of seconds")))?)
        };
        let expected = columns.expected.map_or("", cell);
        let expected = answer(expected).map_err(|()| wrong(line, format!("{expected:?} is no verdict")))?;
        instances.push(Instance {
            folder: label.to_owned(),
            network_file: present(folder, network),
            property_file: present(folder, property),
            network: network.to_owned(),
            property: property.to_owned(),
            timeout,
            expected,
        });
    }
    Ok(instances)
}

/// The file itself, or the compressed one in its place.
fn present(folder: &Path, name: &str) -> PathBuf {
    let plain = folder.join(name);
    let compressed = [".gz", ".xz"].map(|suffix| folder.join(format!("{name}{suffix}")));
    if plain.exists() { plain } else { compressed.into_iter().find(|file| file.exists()).unwrap_or(plain) }
}

/// Known answers from a table of their own: columns `network`, `property` and `verdict` (or `expected`), and `folder` where
/// names alone are not enough: also what `--csv` wrote. They take the place of those that the folders' tables have.
pub fn expect(instances: &mut [Instance], file: &Path) -> Result<(), Failure> {
    let bytes = files::read_file(file, &Budget::unlimited())?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(&bytes[..]);
    let failed = |why: String| Failure(format!("{}: {why}", file.display()));
    let header = reader.headers().map_err(|e| failed(e.to_string()))?.clone();
    let missing = || failed("its first line must name columns network, property and verdict".into());
    let columns = Columns::of(&header).ok_or_else(missing)?;
    let verdict = columns.expected.ok_or_else(missing)?;
    let folder = header.iter().position(|cell| cell == "folder");
    let mut known: BTreeMap<_, Option<bool>> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| failed(e.to_string()))?;
        let cell = |column: usize| record.get(column).unwrap_or_default().to_owned();
        let word = cell(verdict);
        let line = record.position().map_or(0, csv::Position::line);
        let expected = answer(&word).map_err(|()| failed(format!("line {line}: {word:?} is no verdict")))?;
        let key = (folder.map_or(String::new(), &cell), cell(columns.network), cell(columns.property));
        let before = known.entry(key).or_insert(expected);
        if before.is_some() && expected.is_some() && *before != expected {
            return Err(failed(format!("line {line}: another line says the opposite")));
        }
        *before = before.or(expected);
    }
    for instance in instances {
        let mut key = (instance.folder.clone(), instance.network.clone(), instance.property.clone());
        let mut found = known.get(&key);
        if found.is_none() {
            key.0 = String::new();
            found = known.get(&key);
        }
        if let Some(expected) = found {
            instance.expected = *expected;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Vec<Instance>, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("instances.csv"), text).unwrap();
        find(folder.path()).map_err(|Failure(why)| why)
    }

    #[test]
    fn with_and_without_a_header() {
        let rows =
            table("a.onnx, p.vnnlib, 2.5\n\nb.onnx,p.vnnlib\na.onnx,p.vnnlib,9\nc.onnx,q.vnnlib,3,sat\n").unwrap();
        let told: Vec<_> = rows.iter().map(|i| (i.network.as_str(), i.timeout, i.expected)).collect();
        assert_eq!(told, [("a.onnx", Some(2.5), None), ("b.onnx", None, None), ("c.onnx", Some(3.0), Some(true))]);
        let rows = table("verdict,vnnlib,onnx\nunsat,p,a\nconflict,q,b\nholds,r,c\n").unwrap();
        let told: Vec<_> = rows.iter().map(|i| (i.network.as_str(), i.property.as_str(), i.expected)).collect();
        assert_eq!(told, [("a", "p", Some(false)), ("b", "q", None), ("c", "r", Some(false))]);
        assert!(rows.iter().all(|i| i.timeout.is_none()));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (text, why) in [
            ("", "no instances"),
            ("onnx,vnnlib,timeout\n", "no instances"),
            ("a.onnx\n", "line 1: a network and a property are needed"),
            ("a,b,1\n,b,1\n", "line 2: a network and a property are needed"),
            ("a,b,NaN\n", "line 1: \"NaN\" is no number of seconds"),
            ("a,b,inf\n", "\"inf\" is no number of seconds"),
            ("a,b,-1\n", "\"-1\" is no number of seconds"),
            ("a,b,0\n", "\"0\" is no number of seconds"),
            ("a,b,soon\n", "\"soon\" is no number of seconds"),
            ("a,b,1,maybe\n", "\"maybe\" is no verdict"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(find(folder.path()).is_err_and(|Failure(why)| why.contains("no instances.csv")));
        assert!(find(&folder.path().join("nowhere")).is_err());
        fs::write(folder.path().join("instances.csv"), b"a,\xff,1\n").unwrap();
        assert!(find(folder.path()).is_err());
    }
}
