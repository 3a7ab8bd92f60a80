//! Formats of proofs, and where their bytes go.

use std::io::{Error, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The format of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProofFormat {
    /// DRAT, text (Wetzler, Heule and Hunt, SAT 2014).
    Drat,
    /// LRAT, text (Cruz-Filipe, Heule, Hunt, Kaufmann and Schneider-Kamp, CADE 2017): clauses with the reasons
    /// for them, checked in time linear in the proof.
    Lrat,
    /// DRAT, binary, as drat-trim reads it.
    DratBinary,
    /// LRAT, binary.
    LratBinary,
    /// VeriPB, version 3.0 of the format, text: pseudo-Boolean inequalities with their derivations by cutting planes (S. Gocht, J.
    /// Nordström, "Certifying Parity Reasoning Efficiently Using Pseudo-Boolean Proofs", AAAI 2021, and the checker's own
    /// description of the format). By the cutting planes backend; of a formula as OPB.
    VeriPb,
}

impl ProofFormat {
    /// Whether reasons are part of it.
    #[must_use]
    pub fn is_lrat(self) -> bool {
        matches!(self, ProofFormat::Lrat | ProofFormat::LratBinary)
    }

    /// Whether it is about inequalities, and so of the cutting planes backend; else it is about clauses.
    #[must_use]
    pub fn is_about_sums(self) -> bool {
        self == ProofFormat::VeriPb
    }

    /// Whether it is binary.
    #[must_use]
    pub fn is_binary(self) -> bool {
        matches!(self, ProofFormat::DratBinary | ProofFormat::LratBinary)
    }
}

/// A writer that remembers its first failure, and lets no panic through.
pub(crate) struct Sink {
    writer: Box<dyn Write + Send>,
    failure: Option<Error>,
}

impl Sink {
    pub(crate) fn new(writer: Box<dyn Write + Send>) -> Self {
        Sink { writer, failure: None }
    }

    /// Whether all bytes were taken.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> bool {
        self.attempt(|w| w.write_all(bytes))
    }

    /// Whether all bytes have arrived.
    pub(crate) fn flush(&mut self) -> bool {
        self.attempt(|w| w.flush())
    }

    /// The first failure, for the caller to tell.
    pub(crate) fn failure(&mut self) -> Error {
        self.failure.take().unwrap_or_else(|| Error::other("an earlier write failed"))
    }

    fn attempt(&mut self, act: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> bool {
        if self.failure.is_some() {
            return false;
        }
        let writer = &mut *self.writer;
        let outcome = catch_unwind(AssertUnwindSafe(|| act(writer)));
        match outcome {
            Ok(Ok(())) => return true,
            Ok(Err(e)) => self.failure = Some(e),
            Err(_) => self.failure = Some(Error::other("the writer panicked")),
        }
        false
    }
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sink").field("failure", &self.failure).finish_non_exhaustive()
    }
}
