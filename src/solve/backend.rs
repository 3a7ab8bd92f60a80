//! Which constraints the engine takes as they are, through propagators, and which become clauses.

use std::ffi::CString;

use crate::formula::Formula;

/// How constraints that are not clauses are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backend {
    /// As the constraints and what else is asked for suggest; [`Choice::why`] tells.
    #[default]
    Auto,
    /// By propagators: parities by Gauss–Jordan elimination, sums by counters.
    Native,
    /// As clauses. A proof is about these: what [`crate::formula::cnf::encode`] answers.
    Encode,
}

/// What was chosen when the engine was loaded. It stays for the life of a solver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Whether parities are handled by a propagator.
    pub native_xors: bool,
    /// Whether cardinality and pseudo-Boolean constraints are.
    pub native_sums: bool,
    /// Why.
    pub why: String,
    /// The same for hosts in C.
    pub(crate) why_in_c: CString,
}

/// Sums of up to so many literals on average are encoded: their clauses are few, and variables that a propagator observes
/// cannot be eliminated.
const SHORT_SUM: u64 = 6;

/// Up to so many parities that share no more than so many variables are encoded.
const FEW_XORS: u64 = 1;

impl Choice {
    /// Chooses for these formulas. A proof can be about clauses only.
    pub(super) fn make(backend: Backend, proof: bool, formulas: [&Formula; 2]) -> Self {
        let total = |count: fn(&Formula) -> usize| formulas.iter().map(|f| count(f) as u64).sum::<u64>();
        let xors = total(|f| f.xors().len());
        let xor_literals = total(|f| f.xors().num_literals());
        let sums = total(|f| f.cardinalities().len() + f.pseudo_booleans().len());
        let sum_literals = total(|f| f.cardinalities().num_literals() + f.pseudo_booleans().num_literals());
        let linears = total(|f| f.linears().len());
        let both = |native, why: &str| Choice::new(native, native, why.into());
        match backend {
            Backend::Native => return both(true, "native, as asked for"),
            Backend::Encode => return both(false, "encoded, as asked for"),
            Backend::Auto if proof => return both(false, "encoded, since a proof is wanted"),
            Backend::Auto => {}
        }
        let native_xors = xors > FEW_XORS || xor_literals > 12;
        let native_sums = linears > 0 || sum_literals > SHORT_SUM * sums;
        let mut why = Vec::new();
        if xors > 0 {
            let how =
                if native_xors { "native: there is something to eliminate" } else { "encoded: they are few and short" };
            why.push(format!("{xors} parities with {xor_literals} literals {how}"));
        }
        if sums + linears > 0 {
            let how = if native_sums { "native: they are long" } else { "encoded: they are short" };
            why.push(format!("{} sums with {sum_literals} literals {how}", sums + linears));
        }
        if why.is_empty() {
            why.push("clauses only".into());
        }
        Choice::new(native_xors, native_sums, why.join("; "))
    }

    fn new(native_xors: bool, native_sums: bool, why: String) -> Self {
        let why_in_c = CString::new(why.as_str()).unwrap_or_default(); // no text here has a NUL
        Choice { native_xors, native_sums, why, why_in_c }
    }
}
