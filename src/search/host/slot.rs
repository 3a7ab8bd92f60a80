//! Some walkers and the arrays through which a host is asked about them: all in one block, at offsets that stay.

use std::time::Instant;

use super::asker::{Asking, LOG};
use super::memory::{Array, Block, HostMemory, Places};
use super::row::Scores;
use super::{Batch, BitOrder, END, Element, HostError, Output, Plan};
use crate::budget::{Budget, WORKER};
use crate::error::OutOfMemory;
use crate::search::SearchError;
use crate::search::problem::Problem;
use crate::search::state::filled;

pub(super) use super::asker::Step;

/// No row of a batch.
const NONE: u32 = u32::MAX;

/// Bytes of answers from which on threads are worth their start.
const WORTH: usize = 1 << 17;

/// Offsets of the arrays.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrangement {
    pub places: Places,
    walkers: usize,
    reload: usize,
    retired: usize,
    flips: usize,
    bits: usize,
    num_unsat: usize,
    rng: usize,
    limits: usize,
    out: usize,
    out_index: usize,
    counts: usize,
    /// How many flips there is room for.
    num_flips: usize,
    /// Rows of assignments, and words from row to row.
    bits_rows: usize,
    bits_stride: usize,
    /// Bytes from row to row of answers.
    out_stride: usize,
    index_stride: usize,
}

impl Arrangement {
    pub fn new(plan: &Plan) -> Result<Self, OutOfMemory> {
        let huge = OutOfMemory::Allocator { bytes: u64::MAX };
        let align = plan.row_align as usize;
        let (walkers, variables) = (plan.walkers_per_slot as usize, plan.num_vars as usize);
        let mut places = Places { bytes: 0, align: align.max(64) };
        let row = |items: usize, size: usize| items.checked_mul(size)?.checked_next_multiple_of(align);
        let (bits_rows, bits_words) = match plan.bit_order {
            BitOrder::WalkerMajor => (walkers, variables.div_ceil(32)),
            BitOrder::VariableMajor => (variables, walkers.div_ceil(32)),
        };
        let bits_stride = row(bits_words, 4).ok_or(huge)?;
        let scores = match plan.output {
            Output::Scores => variables,
            Output::Top => plan.k as usize,
            Output::Flips => 0,
        };
        let indices = if plan.output == Output::Scores { 0 } else { plan.k as usize };
        let out_stride = row(scores, plan.element.size()).ok_or(huge)?;
        let index_stride = row(indices, 4).ok_or(huge)?;
        let per_walker = LOG + if plan.keeps_flips { 0 } else { answers(plan) };
        let num_flips = walkers.checked_mul(per_walker).ok_or(huge)?;
        Ok(Arrangement {
            walkers: places.room(walkers.checked_mul(4))?,
            reload: places.room(walkers.checked_mul(4))?,
            retired: places.room(walkers.checked_mul(4))?,
            flips: places.room(num_flips.checked_mul(8))?,
            bits: places.room(bits_rows.checked_mul(bits_stride))?,
            num_unsat: places.room(walkers.checked_mul(8))?,
            rng: places.room(walkers.checked_mul(8))?,
            limits: places.room(walkers.checked_mul(4))?,
            out: places.room(walkers.checked_mul(out_stride))?,
            out_index: places.room(walkers.checked_mul(index_stride))?,
            counts: places.room(Some(4 * size_of::<u64>()))?,
            num_flips,
            bits_rows,
            bits_stride: bits_stride / 4,
            out_stride,
            index_stride,
            places,
        })
    }
}

/// The most flips of one answer.
pub(super) fn answers(plan: &Plan) -> usize {
    if plan.output == Output::Flips { plan.k as usize } else { 1 }
}

/// What is answered, as threads that read it have it.
#[derive(Debug)]
struct Answers {
    out: Array<u8>,
    out_index: Array<u32>,
    out_stride: usize,
    index_stride: usize,
    limits: Array<u32>,
    output: Output,
    element: Element,
    k: usize,
    num_vars: u32,
    temperature: f64,
    scorer: usize,
    first: u64,
}

impl Answers {
    /// Hands a walker what was answered in a row.
    fn give(&self, row: usize, walker: &mut dyn Asking, number: usize) -> Result<(), HostError> {
        let name = self.first + number as u64;
        let (scores, begin) = (self.out.read(), row * self.index_stride / 4);
        let indices = match self.output {
            Output::Scores => None,
            Output::Top | Output::Flips => {
                let all = &self.out_index.read()[begin..begin + self.k];
                let all = &all[..all.iter().position(|&variable| variable == END).unwrap_or(self.k)];
                if let Some(place) = all.iter().position(|&variable| variable >= self.num_vars) {
                    let (scorer, variable, num_vars) = (self.scorer, all[place], self.num_vars);
                    return Err(HostError::Variable { scorer, walker: name, place, variable, num_vars });
                }
                Some(all)
            }
        };
        if let (Output::Flips, Some(flips)) = (self.output, indices) {
            let limit = self.limits.read()[row];
            if flips.len() > limit as usize {
                return Err(HostError::Flips { scorer: self.scorer, walker: name, limit });
            }
            walker.answer(flips);
            return Ok(());
        }
        let length = indices.map_or(self.num_vars as usize, <[u32]>::len) * self.element.size();
        let bytes = &scores[row * self.out_stride..row * self.out_stride + length];
        match (Scores { bytes, element: self.element, indices }).choose(self.temperature, walker.rng()) {
            Ok(variable) => walker.answer(variable.as_slice()),
            Err(wrong) => {
                let variable = indices.map_or(wrong.place as u32, |indices| indices[wrong.place]);
                return Err(HostError::Score { scorer: self.scorer, walker: name, variable, value: wrong.value });
            }
        }
        Ok(())
    }
}

/// What one round came to.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// The first walker with a model.
    pub model: Option<usize>,
    /// Walkers that have something to ask, and those that go on without.
    pub questions: usize,
    pub on: usize,
    pub flips: u64,
}

impl Round {
    fn and(self, later: Round) -> Round {
        Round {
            model: self.model.or(later.model),
            questions: self.questions + later.questions,
            on: self.on + later.on,
            flips: self.flips + later.flips,
        }
    }
}

/// How much is listed.
#[derive(Debug, Default, Clone, Copy)]
struct Listed {
    size: usize,
    reload: usize,
    retired: usize,
    flips: usize,
}

/// What [`Slot::new`] needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub scorer: usize,
    pub slot: u32,
    /// The number of its first walker in the whole search.
    pub first: u64,
    pub temperature: f64,
}

#[derive(Debug)]
pub(super) struct Slot {
    /// Of a host, or ours. Arrays lie in it.
    pub block: Block,
    answers: Answers,
    asked: Array<u32>,
    reload: Array<u32>,
    retired: Array<u32>,
    flips: Array<[u32; 2]>,
    bits: Array<u32>,
    num_unsat: Array<u64>,
    rng: Array<u64>,
    counts: Array<u64>,
    bits_stride: usize,
    bit_order: BitOrder,
    full_bits: bool,
    /// Its number among those of the scorer.
    pub index: u32,
    pub walkers: Vec<Box<dyn Asking>>,
    /// Of each walker: how many flips it is allowed, how far it came, its row, and whether the host knows that it is over.
    allowed: Vec<u64>,
    steps: Vec<Step>,
    rows: Vec<u32>,
    is_retired: Vec<bool>,
    /// What was gathered.
    listed: Listed,
    /// Whether it was submitted, and its answer was not collected yet.
    pub is_asked: bool,
    /// Since when, where somebody wants to know.
    pub since: Option<Instant>,
}

impl Slot {
    /// For these walkers, at most as many as the plan has.
    pub fn new(
        plan: &Plan,
        at: &Arrangement,
        place: Place,
        host: Option<HostMemory>,
        walkers: Vec<Box<dyn Asking>>,
    ) -> Result<Self, OutOfMemory> {
        let (allowed, steps) = (filled(walkers.len(), 0)?, filled(walkers.len(), Step::Rest)?);
        let (rows, is_retired) = (filled(walkers.len(), NONE)?, filled(walkers.len(), false)?);
        let block = Block::new(at.places, host)?;
        let count = plan.walkers_per_slot as usize;
        let answers = Answers {
            out: block.array(at.out, count * at.out_stride),
            out_index: block.array(at.out_index, count * at.index_stride / 4),
            out_stride: at.out_stride,
            index_stride: at.index_stride,
            limits: block.array(at.limits, count),
            output: plan.output,
            element: plan.element,
            k: plan.k as usize,
            num_vars: plan.num_vars,
            temperature: place.temperature,
            scorer: place.scorer,
            first: place.first,
        };
        Ok(Slot {
            asked: block.array(at.walkers, count),
            reload: block.array(at.reload, count),
            retired: block.array(at.retired, count),
            flips: block.array(at.flips, at.num_flips),
            bits: block.array(at.bits, at.bits_rows * at.bits_stride),
            num_unsat: block.array(at.num_unsat, count),
            rng: block.array(at.rng, count),
            counts: block.array(at.counts, 4),
            bits_stride: at.bits_stride,
            bit_order: plan.bit_order,
            full_bits: plan.full_bits,
            allowed,
            steps,
            rows,
            is_retired,
            walkers,
            listed: Listed::default(),
            index: place.slot,
            answers,
            block,
            is_asked: false,
            since: None,
        })
    }

    /// What was gathered, as the host sees it.
    pub fn batch(&self, seq: u64) -> Batch {
        let Listed { size, reload, retired, flips } = self.listed;
        Batch {
            seq,
            first_walker: self.answers.first,
            slot: self.index,
            size: size as u32,
            walkers: self.asked.pointer(),
            reload: self.reload.pointer(),
            num_reload: reload as u64,
            retired: self.retired.pointer(),
            num_retired: retired as u64,
            flips: self.flips.pointer(),
            num_flips: flips as u64,
            bits: self.bits.pointer(),
            bits_stride: self.bits_stride as u64,
            num_unsat: self.num_unsat.pointer(),
            rng: self.rng.pointer(),
            limits: self.answers.limits.pointer(),
            out: self.answers.out.pointer(),
            out_stride: self.answers.out_stride as u64,
            out_index: self.answers.out_index.pointer(),
            out_index_stride: self.answers.index_stride as u64,
            max_flips: self.flips.read().len() as u64,
            counts: self.counts.pointer(),
        }
    }

    pub fn bytes(&self) -> u64 {
        let walkers = self.walkers.iter().map(|walker| walker.bytes()).sum::<u64>();
        walkers + self.block.bytes() as u64 + 40 * self.walkers.len() as u64
    }

    /// Lets every walker make so many flips more.
    pub fn allow(&mut self, flips: u64) {
        self.allowed.fill(flips);
    }

    /// Hands walkers what was answered, if that was collected, and lets each of them go on to its next question. Walkers and
    /// rows are both ascending, so that threads take stretches of them.
    pub fn go_on(
        &mut self,
        problem: &Problem,
        budget: &Budget,
        threads: usize,
        is_answered: bool,
    ) -> Result<Round, SearchError> {
        let answers = &self.answers;
        let one = |part: Part<'_>| -> Result<Round, HostError> {
            let mut round = Round::default();
            let (begin, mut is_over) = (part.begin, false);
            let all = part.walkers.iter_mut().zip(part.allowed).zip(part.rows.iter_mut()).zip(part.steps);
            for (number, (((walker, allowed), row), step)) in (begin..).zip(all) {
                let row = std::mem::replace(row, NONE);
                if is_answered && row != NONE {
                    answers.give(row as usize, walker.as_mut(), number)?;
                }
                // A walker that is not asked now keeps where it was.
                is_over |= number % 256 == 255 && budget.check().is_err();
                if is_over {
                    *step = Step::Rest;
                    continue;
                }
                let before = *allowed;
                *step = walker.advance(problem, allowed, budget);
                round.flips += before - *allowed;
                match *step {
                    Step::Model => round.model = round.model.or(Some(answers.first as usize + number)),
                    Step::Question => round.questions += 1,
                    Step::On => round.on += 1,
                    Step::Rest | Step::Over => {}
                }
            }
            Ok(round)
        };
        let count = self.walkers.len();
        let width = answers.out_stride + answers.index_stride;
        let threads = if width.saturating_mul(count) < WORTH { 1 } else { threads.min(count) };
        let share = count.div_ceil(threads).max(1);
        let walkers = self.walkers.chunks_mut(share).zip(self.allowed.chunks_mut(share));
        let state = self.rows.chunks_mut(share).zip(self.steps.chunks_mut(share));
        let parts = walkers.zip(state).enumerate();
        let mut parts = parts.map(|(number, ((walkers, allowed), (rows, steps)))| Part {
            begin: number * share,
            walkers,
            allowed,
            rows,
            steps,
        });
        let Some(own) = parts.next() else { return Ok(Round::default()) };
        if threads == 1 {
            return Ok(one(own)?);
        }
        std::thread::scope(|scope| {
            let one = &one;
            let spawn = |part| std::thread::Builder::new().name(WORKER.into()).spawn_scoped(scope, move || one(part));
            let workers = parts.map(spawn).collect::<Result<Vec<_>, _>>().map_err(SearchError::Thread)?;
            let mut round = one(own)?;
            for worker in workers {
                round = round.and(worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
            }
            Ok(round)
        })
    }

    /// Lists what is asked, and all news of walkers.
    pub fn gather(&mut self) {
        let (mut size, mut reload, mut retired, mut flips) = (0, 0, 0, 0);
        for (number, walker) in self.walkers.iter_mut().enumerate() {
            let number = number as u32;
            match walker.news() {
                Ok(log) => {
                    for &variable in log {
                        self.flips.write()[flips] = [number, variable];
                        flips += 1;
                        if self.full_bits {
                            let (word, bit) = match self.bit_order {
                                BitOrder::WalkerMajor => {
                                    (number as usize * self.bits_stride + variable as usize / 32, variable % 32)
                                }
                                BitOrder::VariableMajor => {
                                    (variable as usize * self.bits_stride + number as usize / 32, number % 32)
                                }
                            };
                            self.bits.write()[word] ^= 1 << bit;
                        }
                    }
                }
                Err(values) => {
                    self.reload.write()[reload] = number;
                    reload += 1;
                    match self.bit_order {
                        BitOrder::WalkerMajor => {
                            let begin = number as usize * self.bits_stride;
                            self.bits.write()[begin..begin + values.len()].copy_from_slice(values);
                        }
                        BitOrder::VariableMajor => {
                            let (word, bit) = (number as usize / 32, 1 << (number % 32));
                            let bits = self.bits.write();
                            for variable in 0..self.answers.num_vars as usize {
                                let to = &mut bits[variable * self.bits_stride + word];
                                let value = values[variable / 32] >> (variable % 32) & 1;
                                *to = if value == 1 { *to | bit } else { *to & !bit };
                            }
                        }
                    }
                }
            }
            walker.told();
            match self.steps[number as usize] {
                Step::Question => {
                    let question = walker.question();
                    self.asked.write()[size] = number;
                    self.num_unsat.write()[size] = question.violated as u64;
                    self.rng.write()[size] = question.key;
                    self.answers.limits.write()[size] = question.left.min(self.answers.k as u64) as u32;
                    self.rows[number as usize] = size as u32;
                    size += 1;
                }
                Step::Over if !self.is_retired[number as usize] => {
                    self.is_retired[number as usize] = true;
                    self.retired.write()[retired] = number;
                    retired += 1;
                }
                _ => {}
            }
        }
        self.listed = Listed { size, reload, retired, flips };
        self.counts.write().copy_from_slice(&[size, reload, retired, flips].map(|count| count as u64));
    }

    /// What was asked is not answered, and what the host was told is in doubt.
    pub fn abandon(&mut self) {
        self.is_asked = false;
        self.rows.fill(NONE);
        self.is_retired.fill(false);
        for walker in &mut self.walkers {
            walker.doubt();
        }
    }

    /// Whether all tries of all walkers are over.
    pub fn is_over(&self) -> bool {
        self.steps.iter().all(|step| *step == Step::Over)
    }
}

/// Some of a slot's walkers.
struct Part<'a> {
    begin: usize,
    walkers: &'a mut [Box<dyn Asking>],
    allowed: &'a mut [u64],
    rows: &'a mut [u32],
    steps: &'a mut [Step],
}
