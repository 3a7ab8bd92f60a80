//! Parities as clauses: long ones are cut into pieces of few variables by fresh ones, and of each piece every
//! assignment of the wrong parity is forbidden.
//!
//! A chain, t₁ = x₁ ⊕ … ⊕ xₘ₋₁, t₂ = t₁ ⊕ xₘ ⊕ …, as G. Tseitin (1968) and every XOR-aware solver since cuts them
//! (M. Soos, K. Nohl, C. Castelluccia, "Extending SAT solvers to cryptographic problems", SAT 2009). Unit propagation
//! sees all that follows, as the pieces form a chain. The fresh variables are functions of the others.
//!
//! Cost for n variables and pieces of m: (n − 2)/(m − 2) pieces of 2^(m − 1) clauses of m literals. Pieces of 3 and 4 take
//! the same number of clauses. Of five systems of 30 random parities of 16 of 36 variables
//! (`benches/encode.rs solve`) CaDiCaL left one unanswered after 10 s with pieces of 4, two with pieces of 3 or 5.

use super::super::lower::LowerError;
use super::sink::Sink;

/// ⊕ `variables` = `rhs`, of at least two distinct variables, in pieces of at most `piece`, 3 or more.
pub(super) fn encode(variables: &[i32], rhs: bool, piece: usize, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let mut rest = variables;
    let mut carried = None;
    let mut buffer = arrayvec::ArrayVec::<i32, { super::MAX_XOR_PIECE as usize }>::new();
    loop {
        buffer.clear();
        buffer.extend(carried);
        if buffer.len() + rest.len() <= piece {
            buffer.extend(rest.iter().copied());
            return short(&buffer, rhs, sink);
        }
        let (now, later) = rest.split_at(piece - 1 - buffer.len());
        buffer.extend(now.iter().copied());
        rest = later;
        let sum = sink.fresh()?;
        buffer.push(sum);
        short(&buffer, false, sink)?;
        carried = Some(sum);
    }
}

/// A parity of few variables.
fn short(variables: &[i32], rhs: bool, sink: &mut Sink<'_>) -> Result<(), LowerError> {
    let mut clause = arrayvec::ArrayVec::<i32, { super::MAX_XOR_PIECE as usize }>::new();
    for wrong in 0..1u32 << variables.len() {
        if (wrong.count_ones() % 2 == 1) != rhs {
            clause.clear();
            clause.extend(variables.iter().enumerate().map(|(i, &v)| if wrong >> i & 1 == 1 { -v } else { v }));
            sink.clause(&clause)?;
        }
    }
    Ok(())
}
