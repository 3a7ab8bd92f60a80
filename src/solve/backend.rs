//! Which constraints the engine takes as they are, through propagators, and which become clauses.

use std::ffi::CString;

use crate::formula::{Condition, Formula};

/// How constraints that are not clauses are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Backend {
    /// As the constraints and what else is asked for suggest; [`Choice::why`] tells. Where there are sums and no options, proof
    /// and propagators of a host, cutting planes ([`Backend::Pb`]) have every other turn once clause learning took long.
    #[default]
    Auto,
    /// By propagators: parities by Gauss–Jordan elimination, sums by counters.
    Native,
    /// As clauses. A proof is about these: what [`crate::formula::cnf::encode`] answers.
    Encode,
    /// The whole formula by Z3, integers and reals as they are: feature `z3`. There are no options, proofs, phases,
    /// propagators of a host and no enumeration.
    Z3,
    /// The whole formula as a mixed integer program, by branch and bound over linear programs of HiGHS, integers and reals as
    /// they are: feature `highs`. It has no more than [`Backend::Z3`] has.
    Milp,
    /// The whole formula by cutting planes: inequalities are learned in place of clauses. There are no options, proofs,
    /// propagators of a host and no enumeration.
    Pb,
}

impl Backend {
    /// Why a solver with this backend refuses what only the engine has; `None` where the engine is the backend.
    pub(super) fn refusal(self) -> Option<&'static str> {
        match self {
            Backend::Auto | Backend::Native | Backend::Encode => None,
            Backend::Z3 => Some("the Z3 backend has no options, proofs, phases, propagators and enumeration"),
            Backend::Milp => Some("the MILP backend has no options, proofs, phases, propagators and enumeration"),
            Backend::Pb => {
                Some("the cutting planes backend has no options, propagators, enumeration and proofs but VeriPB's")
            }
        }
    }

    /// What this library was built without, where this backend needs it.
    pub(super) fn missing(self) -> Option<&'static str> {
        match self {
            Backend::Z3 if !cfg!(feature = "z3") => Some("Z3"),
            Backend::Milp if !cfg!(feature = "highs") => Some("HiGHS"),
            _ => None,
        }
    }
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

/// Sums of up to so many literals on average are encoded. Among random clauses, encoded sums of 20 literals took from 0.3 to
/// 1.4 times as long as native ones, of 50 1.6, of 100 3.5 and of 200 40 times (processor time, five seeds).
const SHORT_SUM: u64 = 20;

/// Reified sums of more literals on average are native, since local search goes through them.
const SHORT_REIFIED: u64 = 6;

/// One parity of so few literals is encoded: there is nothing to eliminate.
const SHORT_XOR: u64 = 12;

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
            Backend::Z3 => return both(true, "Z3, as asked for"),
            Backend::Milp => return both(true, "MILP, as asked for"),
            Backend::Pb => return both(true, "cutting planes, as asked for"),
            Backend::Auto if proof => return both(false, "encoded, since a proof is wanted"),
            Backend::Auto => {}
        }
        // Where there are none yet, those to come can be of any size.
        let native_xors = xors != 1 || xor_literals > SHORT_XOR;
        let mut all_sums = formulas.iter().flat_map(|f| f.cardinalities().iter().chain(f.pseudo_booleans().iter()));
        let reified = all_sums.any(|s| matches!(s.condition, Condition::Reified(_)));
        let short = if reified { SHORT_REIFIED } else { SHORT_SUM };
        let native_sums = linears > 0 || sums == 0 || sum_literals > short * sums;
        let mut why = Vec::new();
        if xors > 0 {
            let how = if native_xors { "native: there is something to eliminate" } else { "encoded: it is short" };
            why.push(format!("{xors} parities with {xor_literals} literals {how}"));
        }
        if sums + linears > 0 {
            let how = if native_sums { "native: they are long" } else { "encoded: they are short" };
            why.push(format!("{} sums with {sum_literals} literals {how}", sums + linears));
        }
        if why.is_empty() {
            why.push("clauses only; what comes later is native".into());
        }
        Choice::new(native_xors, native_sums, why.join("; "))
    }

    fn new(native_xors: bool, native_sums: bool, why: String) -> Self {
        let why_in_c = CString::new(why.as_str()).unwrap_or_default(); // no text here has a NUL
        Choice { native_xors, native_sums, why, why_in_c }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(formula: &Formula, proof: bool) -> (bool, bool) {
        let choice = Choice::make(Backend::Auto, proof, [formula, &Formula::new()]);
        assert_eq!(choice.why_in_c.to_str(), Ok(choice.why.as_str()));
        (choice.native_xors, choice.native_sums)
    }

    #[test]
    fn size_decides() {
        let literals: Vec<i32> = (1..=30).collect();
        let mut f = Formula::new();
        assert_eq!(choose(&f, false), (true, true));
        f.add_xor(&literals[..4], true).unwrap();
        assert_eq!(choose(&f, false), (false, true));
        f.add_xor(&literals[2..5], true).unwrap();
        f.add_cardinality(&literals[..8], 4, Condition::Plain).unwrap();
        assert_eq!(choose(&f, false), (true, false));
        assert_eq!(choose(&f, true), (false, false));
        f.add_cardinality(&literals[..8], 4, Condition::Reified(30)).unwrap();
        assert_eq!(choose(&f, false), (true, true));
        let mut long = Formula::new();
        long.add_cardinality(&literals, 4, Condition::Plain).unwrap();
        assert_eq!(choose(&long, false), (true, true));
    }
}
