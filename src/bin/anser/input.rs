//! Formulas from a file or from standard input.

use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use anser::budget::{Budget, Stop};
use anser::formula::{self, Formula, ReadError};
use clap::ValueEnum;

use crate::Failure;

/// Formats of formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// DIMACS CNF, with parities and a sampling set
    Dimacs,
    /// Pseudo-Boolean constraints
    Opb,
}

impl Format {
    /// What was asked for, or else what the file's name says.
    pub fn of(asked: Option<Format>, file: &Path) -> formula::Format {
        match asked {
            Some(Format::Dimacs) => formula::Format::Dimacs,
            Some(Format::Opb) => formula::Format::Opb,
            None => formula::Format::of_path(file),
        }
    }
}

/// The formula in `file`, in standard input where that is `-`; or why the budget ended reading.
pub fn formula(file: &Path, format: formula::Format, budget: &Budget) -> Result<Result<Formula, Stop>, Failure> {
    let read = if file == Path::new("-") {
        let mut stdin = Stdin::new(budget)?;
        let read = format.read(&mut stdin, budget);
        match (read, stdin.stopped) {
            (Err(_), Some(stop)) => return Ok(Err(stop)),
            (Err(error @ (ReadError::Io { .. } | ReadError::Parse { .. })), None) => {
                return Err(Failure(format!("standard input: {error}")));
            }
            (read, _) => read,
        }
    } else {
        format.read_file(file, budget)
    };
    match read {
        Ok(formula) => Ok(Ok(formula)),
        Err(ReadError::Stopped(stop)) => Ok(Err(stop)),
        Err(error) => Err(error.into()),
    }
}

/// Standard input, read by a thread of its own: whoever waits for it still sees the deadline and the signals.
struct Stdin<'a> {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: io::Cursor<Vec<u8>>,
    budget: &'a Budget,
    stopped: Option<Stop>,
}

impl<'a> Stdin<'a> {
    fn new(budget: &'a Budget) -> Result<Self, Failure> {
        let (send, blocks) = sync_channel(4);
        // Not joined: it may wait for input until the process ends.
        std::thread::Builder::new().spawn(move || {
            let mut stdin = io::stdin().lock();
            loop {
                let mut block = vec![0; 1 << 16];
                let read = stdin.read(&mut block);
                let last = !matches!(read, Ok(1..));
                let block = read.map(|length| {
                    block.truncate(length);
                    block
                });
                if send.send(block).is_err() || last {
                    return;
                }
            }
        })?;
        Ok(Stdin { blocks, block: io::Cursor::default(), budget, stopped: None })
    }
}

impl Read for Stdin<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.block.position() == self.block.get_ref().len() as u64 {
            match self.blocks.recv_timeout(Duration::from_millis(10)) {
                Ok(block) => {
                    self.block = io::Cursor::new(block?);
                    if self.block.get_ref().is_empty() {
                        return Ok(0);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {
                    if let Err(stop) = self.budget.check() {
                        self.stopped = Some(stop);
                        return Err(io::Error::other(stop.to_string()));
                    }
                }
            }
        }
        self.block.read(buffer)
    }
}
