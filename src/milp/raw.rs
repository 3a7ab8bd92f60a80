//! HiGHS, made safe call by call. Nothing here decides anything.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use super::MilpError;
use super::program::Program;
use crate::error::OutOfMemory;

unsafe extern "C" {
    fn anser_highs_new(seed: i32, out: *mut *mut c_void) -> i32;
    fn anser_highs_delete(highs: *mut c_void);
    fn anser_highs_load(
        highs: *mut c_void,
        columns: i32,
        rows: i32,
        entries: i32,
        cost: *const f64,
        column_lower: *const f64,
        column_upper: *const f64,
        row_lower: *const f64,
        row_upper: *const f64,
        starts: *const i32,
        indices: *const i32,
        values: *const f64,
    ) -> i32;
    fn anser_highs_bounds(highs: *mut c_void, columns: i32, lower: *const f64, upper: *const f64) -> i32;
    fn anser_highs_set_basis(highs: *mut c_void, columns: *const i32, rows: *const i32) -> i32;
    fn anser_highs_basis(highs: *const c_void, columns: *mut i32, rows: *mut i32) -> i32;
    fn anser_highs_run(highs: *mut c_void, iterations: i32, out_status: *mut i32, out_iterations: *mut i32) -> i32;
    fn anser_highs_values(
        highs: *const c_void,
        columns: *mut f64,
        column_duals: *mut f64,
        rows: *mut f64,
        row_duals: *mut f64,
    ) -> i32;
    fn anser_highs_ray(highs: *const c_void, out_has: *mut i32, out_ray: *mut f64) -> i32;
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// There is a point, as far as doubles can tell.
    Optimal,
    /// There is none, as far as doubles can tell.
    Infeasible,
    /// The iterations are used up.
    More,
    /// HiGHS does not know.
    Failed,
}

/// Where each column and row stands, as HiGHS counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Basis {
    columns: Vec<i32>,
    rows: Vec<i32>,
}

/// A linear program inside HiGHS.
#[derive(Debug)]
pub(super) struct Lp {
    highs: NonNull<c_void>,
    columns: usize,
    rows: usize,
}

// SAFETY: HiGHS keeps what belongs to a program in it; nobody else has this one, and it may be used by one thread after another.
unsafe impl Send for Lp {}

impl Lp {
    /// The program without the integrality of its columns.
    pub fn new(program: &Program, seed: u64) -> Result<Self, MilpError> {
        let mut out = ptr::null_mut();
        // SAFETY: `out` is room for a pointer.
        let made = unsafe { anser_highs_new((seed % (1 << 31)) as i32, &mut out) };
        if made == OTHER_VERSION {
            return Err(MilpError::Version);
        }
        let highs = NonNull::new(out).ok_or(MilpError::Memory(OutOfMemory::Backend))?;
        let (columns, rows) = (program.lower.len(), program.row_lower.len());
        let mut lp = Lp { highs, columns, rows };
        check(made)?;
        lp.load(program)?;
        Ok(lp)
    }

    /// The program, of the same size, as it is now.
    pub fn load(&mut self, program: &Program) -> Result<(), MilpError> {
        let (columns, rows) = (self.columns, self.rows);
        assert!(program.lower.len() == columns && program.row_lower.len() == rows);
        let cost = vec![0.0; columns];
        let (Ok(num_columns), Ok(num_rows), Ok(entries)) =
            (i32::try_from(columns), i32::try_from(rows), i32::try_from(program.values.len()))
        else {
            return Err(MilpError::TooLarge);
        };
        // SAFETY: arrays of as many columns, rows and entries; HiGHS copies them.
        let loaded = unsafe {
            anser_highs_load(
                self.highs.as_ptr(),
                num_columns,
                num_rows,
                entries,
                cost.as_ptr(),
                program.lower.as_ptr(),
                program.upper.as_ptr(),
                program.row_lower.as_ptr(),
                program.row_upper.as_ptr(),
                program.starts.as_ptr(),
                program.indices.as_ptr(),
                program.values.as_ptr(),
            )
        };
        check(loaded)
    }

    /// Other bounds of all columns.
    pub fn set_bounds(&mut self, lower: &[f64], upper: &[f64]) -> Result<(), MilpError> {
        assert!(lower.len() == self.columns && upper.len() == self.columns);
        // SAFETY: arrays of as many columns.
        check(unsafe { anser_highs_bounds(self.highs.as_ptr(), self.columns as i32, lower.as_ptr(), upper.as_ptr()) })
    }

    /// Where the next run starts from.
    pub fn set_basis(&mut self, basis: &Basis) -> Result<(), MilpError> {
        if basis.columns.len() != self.columns || basis.rows.len() != self.rows {
            return Ok(()); // none yet
        }
        // SAFETY: arrays of as many columns and rows.
        check(unsafe { anser_highs_set_basis(self.highs.as_ptr(), basis.columns.as_ptr(), basis.rows.as_ptr()) })
    }

    pub fn basis(&self) -> Result<Basis, MilpError> {
        let mut basis = Basis { columns: vec![0; self.columns], rows: vec![0; self.rows] };
        // SAFETY: room for as many columns and rows.
        check(unsafe { anser_highs_basis(self.highs.as_ptr(), basis.columns.as_mut_ptr(), basis.rows.as_mut_ptr()) })?;
        Ok(basis)
    }

    /// Goes on for so many iterations at most. Answers how many there were.
    pub fn run(&mut self, iterations: i32) -> Result<(Status, u64), MilpError> {
        let (mut status, mut count) = (0, 0);
        // SAFETY: room for two numbers.
        let answer = unsafe { anser_highs_run(self.highs.as_ptr(), iterations, &mut status, &mut count) };
        if answer == NO_MEMORY {
            return Err(MilpError::Memory(OutOfMemory::Backend));
        }
        let status = match status {
            MODEL_STATUS_OPTIMAL | MODEL_STATUS_MODEL_EMPTY => Status::Optimal,
            MODEL_STATUS_INFEASIBLE => Status::Infeasible,
            MODEL_STATUS_REACHED_ITERATION_LIMIT => Status::More,
            _ => Status::Failed,
        };
        Ok((status, u64::try_from(count).unwrap_or(0)))
    }

    /// The columns' values.
    pub fn values(&self) -> Result<Vec<f64>, MilpError> {
        let mut columns = vec![0.0; self.columns];
        let null = ptr::null_mut;
        // SAFETY: room for as many columns; the others are left out.
        check(unsafe { anser_highs_values(self.highs.as_ptr(), columns.as_mut_ptr(), null(), null(), null()) })?;
        Ok(columns)
    }

    /// After [`Status::Infeasible`]: multipliers of rows that are to show it, if there are any.
    pub fn ray(&self) -> Option<Vec<f64>> {
        let (mut has, mut ray) = (0, vec![0.0; self.rows]);
        // SAFETY: room for as many rows.
        let answer = unsafe { anser_highs_ray(self.highs.as_ptr(), &mut has, ray.as_mut_ptr()) };
        (answer >= 0 && has != 0).then_some(ray)
    }
}

impl Drop for Lp {
    fn drop(&mut self) {
        // SAFETY: made by `anser_highs_new`, and nobody has it any more.
        unsafe { anser_highs_delete(self.highs.as_ptr()) }
    }
}

const NO_MEMORY: i32 = -2;
const OTHER_VERSION: i32 = -3;

// As in HiGHS' highs_c_api.h.
const MODEL_STATUS_MODEL_EMPTY: i32 = 6;
const MODEL_STATUS_OPTIMAL: i32 = 7;
const MODEL_STATUS_INFEASIBLE: i32 = 8;
const MODEL_STATUS_REACHED_ITERATION_LIMIT: i32 = 14;

/// Warnings are fine: what comes back is checked anyway.
fn check(answer: i32) -> Result<(), MilpError> {
    match answer {
        NO_MEMORY => Err(MilpError::Memory(OutOfMemory::Backend)),
        answer if answer < 0 => Err(MilpError::Internal),
        _ => Ok(()),
    }
}
