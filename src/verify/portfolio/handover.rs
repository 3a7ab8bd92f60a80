//! What branch and bound has left over, handed to a solver of mixed integer programs.
//!
//! Bounds close most of a box quickly and then take long over a few subproblems, in which few phases are open: there a mixed
//! integer program, which knows the neurons' bounds of that subproblem, may decide at once what would be split many times more.
//! Whoever splits keeps its own: a disjunct is closed by whoever closes all of it first.

use super::member::Member;

/// Subproblems of one disjunct that are few.
const FEW: usize = 64;

/// The share of what is left with the solver that is worth to begin anew for.
const WORTH: f64 = 0.5;

/// Gives the member at `turn`, at the beginning of its slice, what others have left of disjuncts if that is few subproblems and
/// much less than it has left itself. How many it took over.
pub(super) fn hand_over(members: &mut [Member], turn: usize) -> u64 {
    let (before, rest) = members.split_at_mut(turn);
    let Some((taker, after)) = rest.split_first_mut() else { return 0 };
    let Some(taker) = taker.decider() else { return 0 };
    let splitters: Vec<_> = before.iter().chain(&*after).filter_map(Member::splitter).collect();
    let left: Vec<_> = splitters.iter().map(|run| run.left()).collect();
    let mut taken = 0;
    for (number, own) in taker.left() {
        let offers = left.iter().zip(&splitters).filter_map(|(left, run)| Some((left.get(&number)?, run)));
        let offers = offers.filter(|(left, _)| left.nodes <= FEW && left.share <= WORTH * own.share);
        let best = offers.min_by(|(a, _), (b, _)| a.share.total_cmp(&b.share));
        // A box is what is left of a subproblem in which there is a point that only rounding keeps from being a witness.
        if let Some((left, run)) = best.filter(|_| !own.boxed) {
            taker.adopt(number, run.nodes_of(number));
            taken += left.nodes as u64;
        }
    }
    taken
}
