//! The published benchmarks of the shared data: networks, properties, and what is known of them.

use std::path::{Path, PathBuf};

/// Folders with an `instances.csv`.
pub const BENCHMARKS: [&str; 6] =
    ["acasxu", "mnist_fc", "collins_rul_cnn", "rl_benchmarks", "tllverifybench", "test_nano"];

/// A question from a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Benchmark, network and property, without folders and suffixes: `acasxu/ACASXU_run2a_1_1_batch_2000/prop_1`.
    pub name: String,
    /// The file, plain or compressed.
    pub network: PathBuf,
    /// The file, plain or compressed.
    pub property: PathBuf,
    /// Seconds that the competition allowed.
    pub timeout: Option<f64>,
    /// Whether it can be satisfied; none where tools disagree.
    pub expected: Option<bool>,
}

/// Where the shared data lie.
pub fn data() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).to_path_buf()
}

/// The instances of a benchmark, in the table's order; `vnnlib_fuzz` is one, too. None where its folder is not there.
///
/// # Panics
///
/// A table that is not as described, or names a file that is not there.
pub fn instances(benchmark: &str) -> Option<Vec<Instance>> {
    let folder = data().join(benchmark);
    if benchmark == "vnnlib_fuzz" {
        let text = std::fs::read_to_string(folder.join("truth.json")).ok()?;
        let truth: serde_json::Value = serde_json::from_str(&text).unwrap();
        let each = truth.as_array().unwrap().iter().map(|row| {
            let property = row["file"].as_str().unwrap();
            let network = property.replace(".vnnlib", ".onnx");
            instance(benchmark, &folder, &network, property, None, row["milp"].as_str().unwrap())
        });
        return Some(each.collect());
    }
    let text = std::fs::read_to_string(folder.join("instances.csv")).ok()?;
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("onnx,vnnlib,timeout_s,verdict"), "{}", folder.display());
    let each = lines.filter(|line| !line.is_empty()).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [network, property, timeout, verdict] = cells[..] else { panic!("{benchmark}: {line}") };
        let timeout = timeout.parse().unwrap_or_else(|_| panic!("{benchmark}: {line}"));
        instance(benchmark, &folder, network, property, Some(timeout), verdict)
    });
    Some(each.collect())
}

/// The instances of all benchmarks that are there, `vnnlib_fuzz` last.
pub fn all() -> Vec<Instance> {
    let names = BENCHMARKS.into_iter().chain(["vnnlib_fuzz"]);
    names.filter_map(instances).flatten().collect()
}

fn instance(
    benchmark: &str,
    folder: &Path,
    network: &str,
    property: &str,
    timeout: Option<f64>,
    verdict: &str,
) -> Instance {
    let expected = match verdict {
        "sat" => Some(true),
        "unsat" => Some(false),
        "conflict" | "unknown" => None,
        other => panic!("{benchmark}: the verdict {other}"),
    };
    let stem = |file: &str, suffix: &str| {
        let without = file.trim_end_matches(suffix);
        // The fuzzed ones are told apart by their folders.
        let last = without.rsplit('/').next().unwrap_or(without);
        if benchmark == "vnnlib_fuzz" { without.trim_start_matches("regress/").to_owned() } else { last.to_owned() }
    };
    let (network_stem, property_stem) = (stem(network, ".onnx"), stem(property, ".vnnlib"));
    let name = if network_stem == property_stem {
        format!("{benchmark}/{network_stem}")
    } else {
        format!("{benchmark}/{network_stem}/{property_stem}")
    };
    Instance { name, network: present(folder, network), property: present(folder, property), timeout, expected }
}

/// The file itself, or the compressed one in its place.
fn present(folder: &Path, name: &str) -> PathBuf {
    let candidates = ["", ".gz", ".xz"].map(|suffix| folder.join(format!("{name}{suffix}")));
    candidates.iter().find(|path| path.exists()).cloned().unwrap_or_else(|| panic!("no {}", candidates[0].display()))
}
