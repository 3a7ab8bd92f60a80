//! A folder that the program runs in.

use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Folder(TempDir);

impl Folder {
    pub fn empty() -> Self {
        Folder(TempDir::new().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    /// Answers the path.
    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    /// Exit code, standard output and error.
    pub fn run(&self, line: &str) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anser"));
        let done =
            command.args(line.split_whitespace()).current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    /// What it prints where it says nothing on standard error.
    pub fn good(&self, line: &str, exit: i32) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!((code, err.as_str()), (exit, ""), "{line}: {out}");
        out
    }

    pub fn json(&self, line: &str, exit: i32) -> Value {
        serde_json::from_str(&self.good(line, exit)).unwrap()
    }
}
