//! The ascent in single precision, and one pass in double precision that makes bounds of what it found.
//!
//! How an ascent goes is no matter of soundness: whatever slopes and multipliers it ends with, one pass that accounts for
//! rounding gives a bound. So the way is gone with vectors twice as wide and half the memory. What single precision cannot do,
//! as numbers are too large or cancel, shows when the pass does not confirm what was found.

use super::ascent::{Buffers, Found, Start, State, Task, run};
use super::{Options, Problem};
use crate::bounds::BoundsError;
use crate::bounds::alive::Alive;
use crate::bounds::batch::{Batch, Unit};
use crate::bounds::crown::{Frame, Rows};
use crate::net::eval::forward;
use crate::net::eval::meter::Meter;

/// A bound is confirmed if it is not lower than what was found by more than so much of the neuron's width, and of itself.
const SHARE: f64 = 0.01;
const ROUNDING: f64 = 1e-5;

/// Of neurons that are narrower or wider derivatives are too small or too large.
const WIDTHS: std::ops::RangeInclusive<f64> = 1e-9..=1e9;

/// Buffers.
#[derive(Debug, Default)]
pub(super) struct Single {
    pub rows: Rows<f32>,
    values: forward::Workspace<f32>,
    alive: Alive<f32>,
    state: State<f32>,
    rounded: Rounded,
    found: Found,
    bounds: Vec<f64>,
}

/// What is known of a batch, rounded to nearest.
#[derive(Debug, Default)]
struct Rounded {
    inputs: [Vec<f32>; 2],
    neurons: [Vec<f32>; 2],
    below: [Vec<f32>; 2],
    above: [Vec<f32>; 2],
}

impl Rounded {
    fn frame(&self) -> Frame<'_, f32> {
        let Rounded { inputs, neurons, below, above } = self;
        Frame {
            lower: &inputs[0],
            upper: &inputs[1],
            least: &neurons[0],
            greatest: &neurons[1],
            below: (&below[0], &below[1]),
            above: (&above[0], &above[1]),
        }
    }
}

impl Single {
    /// Takes what is known of a batch. To be called when that has changed.
    pub(super) fn take(&mut self, batch: &Batch, meter: &mut Meter<'_>) -> Result<(), BoundsError> {
        let Rounded { inputs: [lower, upper], neurons: [least, greatest], below, above } = &mut self.rounded;
        let [below_slopes, below_icpts] = below;
        let [above_slopes, above_icpts] = above;
        for (from, to) in [
            (&batch.lower, lower),
            (&batch.upper, upper),
            (&batch.least, least),
            (&batch.greatest, greatest),
            (&batch.below.0, below_slopes),
            (&batch.below.1, below_icpts),
            (&batch.above.0, above_slopes),
            (&batch.above.1, above_icpts),
        ] {
            meter.grow(to, from.len())?;
            to.truncate(from.len());
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = from as f32);
            meter.count(from.len())?;
        }
        Ok(())
    }

    /// Writes sound bounds of the units of a task, minus infinity where what was found is no better than what is known, and
    /// where nothing was found. Answers which units are to be bounded some other way.
    pub(super) fn bound(
        &mut self,
        task: &Task<'_>,
        (root, units): (usize, &[Unit]),
        wide: Buffers<'_, f64>,
        bounds: &mut [f64],
        meter: &mut Meter<'_>,
    ) -> Result<Vec<usize>, BoundsError> {
        let Single { rows, values, alive, state, rounded, found, bounds: promised } = self;
        let Problem { graph, batch, .. } = *task.problem;
        found.resize(task, units.len(), meter)?;
        meter.grow(promised, units.len())?;
        promised.truncate(units.len());
        run(task, &rounded.frame(), Buffers { rows, values, alive, state }, promised, found, meter)?;
        let (mut open, mut better, mut some) = (Vec::new(), Vec::new(), Vec::new());
        bounds.fill(f64::NEG_INFINITY);
        for (row, (unit, &promised)) in units.iter().zip(&*promised).enumerate() {
            let (bound, width) = batch.known(graph, root, *unit);
            if !promised.is_finite() || !WIDTHS.contains(&width) {
                open.push(row);
            } else if promised > bound {
                found.relocate(row, better.len(), task.variables);
                better.push(row);
                some.push(*unit);
            }
        }
        let mut sound = vec![f64::NEG_INFINITY; some.len()];
        let options = Options { iterations: 0, ..*task.options };
        let source = task.source.with(&some);
        let last = Task { source, options: &options, start: Start::Found(found), ..*task };
        if !some.is_empty() {
            run(&last, &batch.frame(), wide, &mut sound, &mut (), meter)?;
        }
        for ((&row, unit), sound) in better.iter().zip(&some).zip(sound) {
            let (_, width) = batch.known(graph, root, *unit);
            let is_confirmed = sound >= promised[row] - (SHARE * width + ROUNDING * promised[row].abs());
            if !is_confirmed {
                open.push(row);
            }
            bounds[row] = sound;
        }
        open.sort_unstable();
        Ok(open)
    }
}
