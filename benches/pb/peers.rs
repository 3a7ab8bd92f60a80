//! Others on the same problem, one thread and one seed; none where they are not there.

use std::path::Path;
use std::process::Command;

/// Whose times there are.
pub const NAMES: [&str; 3] = ["CP-SAT", "Exact", "minisat+"];

/// What one of these says: seconds, the limit where it was cut off, and whether there is a model, where it says so.
pub fn run(name: &str, file: &Path, limit: f64) -> Option<(f64, Option<bool>)> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/opb_peer.py");
    // Their libraries are not ours.
    let run = Command::new("python3")
        .env_remove("LD_LIBRARY_PATH")
        .args([script, name, &limit.to_string()])
        .arg(file)
        .output();
    let said = String::from_utf8(run.ok()?.stdout).ok()?;
    let (answer, seconds) = said.trim().split_once(' ')?;
    let answer = match answer {
        "sat" => Some(true),
        "unsat" => Some(false),
        _ => None,
    };
    Some((if answer.is_some() { seconds.parse().ok()? } else { limit }, answer))
}
