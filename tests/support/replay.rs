//! Witnesses replayed by onnxruntime, another program altogether, where it is installed.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anser::net::property::Property;

/// A running `tests/oracles/replay.py`. It keeps the networks that it has read, so one serves a whole table.
pub struct Replay {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Replay {
    /// Starts it; why not where there is no onnxruntime.
    pub fn start() -> Result<Replay, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join(".deps/oracles/bin/python");
        if !python.exists() {
            return Err(format!("no {}, see make setup", python.display()));
        }
        let mut child = Command::new(python)
            .arg(root.join("tests/oracles/replay.py"))
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Replay { child, requests, answers })
    }

    /// The outputs that onnxruntime computes in 32 bits.
    ///
    /// # Errors
    ///
    /// What onnxruntime says: no such file, an operator it does not have, inputs of a wrong number.
    pub fn outputs(&mut self, network: &Path, input: &[f32]) -> Result<Vec<f32>, String> {
        let network = network.to_str().filter(|name| !name.contains(['\t', '\n'])).ok_or("the file's name")?;
        // The shortest text that reads back as the same number.
        let numbers: Vec<String> = input.iter().map(f32::to_string).collect();
        let requests = self.requests.as_mut().ok_or("closed")?;
        writeln!(requests, "{network}\t{}", numbers.join(" ")).map_err(|error| error.to_string())?;
        requests.flush().map_err(|error| error.to_string())?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        match line.trim_end().split_once(' ') {
            Some(("ok", numbers)) => {
                numbers.split(' ').map(|n| n.parse().map_err(|_| format!("the number {n}"))).collect()
            }
            Some(("error", why)) => Err(why.to_owned()),
            _ => Err(format!("the answer {line:?}")),
        }
    }

    /// Whether an input satisfies a property, its outputs being onnxruntime's: exactly, without any tolerance.
    ///
    /// # Errors
    ///
    /// As [`Replay::outputs`]; an output that is infinite or no number.
    pub fn satisfies(&mut self, network: &Path, property: &Property, input: &[f32]) -> Result<bool, String> {
        let output = self.outputs(network, input)?;
        let wide = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<_>>();
        property.check(&wide(input), &wide(&output)).map_err(|error| error.to_string())
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.requests = None; // the end of its input ends it
        let _ = self.child.wait();
    }
}
