//! The Python environment with onnx and onnxruntime, where it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a script of `tests/oracles`; `None`, with the reason printed, where that is not possible.
pub fn run(script: &str, arguments: &[&Path]) -> Option<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".deps/oracles/bin/python");
    if !python.exists() {
        println!("skipped: no {}, see make setup", python.display());
        return None;
    }
    let output = Command::new(python)
        .arg(root.join("tests/oracles").join(script))
        .args(arguments)
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

/// The shared networks; `None`, with the reason printed, where they are not there.
pub fn networks() -> Option<Vec<PathBuf>> {
    let data = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data"));
    let mut open = vec![data.to_path_buf()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for path in entries.map(|e| e.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                open.push(path);
            } else if name.ends_with(".onnx") || name.ends_with(".onnx.gz") {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        println!("skipped: no networks under {}", data.display());
        return None;
    }
    Some(found)
}

pub fn numbers(path: &Path) -> Vec<f64> {
    std::fs::read(path).unwrap().as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
}

pub fn write_numbers(path: &Path, numbers: &[f64]) {
    std::fs::write(path, numbers.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>()).unwrap();
}
