//! Matrices from constraints.

use super::matrix::{self, Matrix, Without};
use super::{CONTRADICTION, Gauss, MATRIX_BYTES, NOWHERE, Output, Place, SPARSE, Statistics, WORK, room};
use crate::error::OutOfMemory;
use crate::sat::propagator::{Queue, Trail};

/// The constraints with what is fixed at level 0 put in; those without open variables are left out.
#[derive(Default)]
struct Reduced {
    variables: Vec<u32>,
    rows: Vec<Row>,
    /// A constraint without open variables is violated.
    contradiction: bool,
}

struct Row {
    start: usize,
    length: u32,
    odd: bool,
    /// A row of the same part, itself for one of them.
    parent: u32,
}

impl Reduced {
    fn variables(&self, row: u32) -> &[u32] {
        let row = &self.rows[row as usize];
        &self.variables[row.start..row.start + row.length as usize]
    }

    /// The row that stands for the part.
    fn part(&mut self, mut row: u32) -> u32 {
        while self.rows[row as usize].parent != row {
            let parent = self.rows[row as usize].parent;
            self.rows[row as usize].parent = self.rows[parent as usize].parent;
            row = parent;
        }
        row
    }
}

impl Gauss {
    /// Builds everything anew from the constraints. Nothing that was found above level 0 may be left; tags given
    /// before are not valid any more, which is why a literal of level 0 is explained without one.
    pub(super) fn build(&mut self, trail: &Trail, queue: &mut Queue) -> Result<(), OutOfMemory> {
        self.matrices.clear();
        self.log.clear();
        self.processed = 0;
        self.read = 0;
        self.stuck = None;
        self.places.fill(NOWHERE);
        let counts = self.statistics;
        self.statistics =
            Statistics { matrices: 0, rows: 0, columns: 0, sparse: 0, builds: counts.builds + 1, ..counts };
        let mut reduced = self.put_in(trail)?;
        if reduced.contradiction {
            self.contradict(trail, queue);
            self.changed = false;
            return Ok(());
        }
        let order = self.parts(&mut reduced)?;
        let mut single = Vec::new(); // rows that go without elimination
        room(&mut single, order.len())?;
        let mut next_tag = 0;
        let mut bytes = self.matrix_limit.unwrap_or(MATRIX_BYTES);
        let work = bytes.saturating_mul(WORK);
        let root = trail.start(1) as u32;
        let mut begin = 0;
        while begin < order.len() {
            let part = reduced.part(order[begin]);
            let length = order[begin..].iter().take_while(|&&row| reduced.rows[row as usize].parent == part).count();
            let rows = &order[begin..begin + length];
            begin += length;
            if rows.len() == 1 {
                single.push(rows[0]);
                continue;
            }
            match self.matrix(&reduced, rows, next_tag, bytes, work)? {
                Ok(matrix) => {
                    bytes -= matrix::bytes(matrix.rows(), matrix.variables().len());
                    next_tag += matrix.rows() as u32;
                    self.install(matrix, root, queue)?;
                }
                Err(Without::Room) => single.extend_from_slice(rows),
                Err(Without::Solution) => {
                    self.contradict(trail, queue);
                    self.changed = false;
                    return Ok(());
                }
            }
        }
        self.install_sparse(&reduced, &single, next_tag, queue)?;
        self.changed = false;
        Ok(())
    }

    fn put_in(&self, trail: &Trail) -> Result<Reduced, OutOfMemory> {
        let mut reduced = Reduced::default();
        room(&mut reduced.variables, self.store.occurrences())?;
        room(&mut reduced.rows, self.store.len())?;
        let root = trail.start(1);
        for row in self.store.iter() {
            let start = reduced.variables.len();
            let mut odd = row.odd;
            for &variable in row.variables {
                let value = trail.value(variable.cast_signed());
                if value == 0 || trail.position(variable.cast_signed()) >= root {
                    reduced.variables.push(variable);
                } else {
                    odd ^= value == 1;
                }
            }
            let length = (reduced.variables.len() - start) as u32;
            if length > 0 {
                let parent = reduced.rows.len() as u32;
                reduced.rows.push(Row { start, length, odd, parent });
            }
            reduced.contradiction |= length == 0 && odd;
        }
        Ok(reduced)
    }

    /// Finds the parts that share no variable. Answers the rows part by part, short ones first within a part: as
    /// pivots they fill the matrix least.
    fn parts(&mut self, reduced: &mut Reduced) -> Result<Vec<u32>, OutOfMemory> {
        // Here a place's column is a row that has the variable.
        for row in 0..reduced.rows.len() as u32 {
            let Row { start, length, .. } = reduced.rows[row as usize];
            for i in start..start + length as usize {
                let place = &mut self.places[reduced.variables[i] as usize];
                if place.column == NOWHERE.column {
                    place.column = row;
                } else {
                    let (a, b) = (reduced.part(row), reduced.part(place.column));
                    reduced.rows[a.max(b) as usize].parent = a.min(b);
                }
            }
        }
        for variable in &reduced.variables {
            self.places[*variable as usize] = NOWHERE;
        }
        let mut order = Vec::new();
        room(&mut order, reduced.rows.len())?;
        for row in 0..reduced.rows.len() as u32 {
            let part = reduced.part(row);
            reduced.rows[row as usize].parent = part;
            order.push(row);
        }
        order.sort_unstable_by_key(|&row| {
            let Row { parent, length, .. } = reduced.rows[row as usize];
            (parent, length, row)
        });
        Ok(order)
    }

    /// The matrix of a part, reduced, if it takes no more than so many bytes, and so much work to build.
    fn matrix(
        &mut self,
        reduced: &Reduced,
        rows: &[u32],
        tag: u32,
        bytes: u64,
        work: u64,
    ) -> Result<Result<Matrix, Without>, OutOfMemory> {
        let mut variables = Vec::new();
        let occurrences = rows.iter().map(|&row| reduced.variables(row).len()).sum();
        room(&mut variables, occurrences)?;
        variables.extend(rows.iter().flat_map(|&row| reduced.variables(row)));
        variables.sort_unstable();
        variables.dedup();
        variables.shrink_to_fit();
        if matrix::bytes(rows.len(), variables.len()) > bytes {
            return Ok(Err(Without::Room));
        }
        let mut counts = Vec::new();
        room(&mut counts, variables.len())?;
        counts.resize(variables.len(), 0);
        for (column, &variable) in variables.iter().enumerate() {
            self.places[variable as usize].column = column as u32;
        }
        let Some(mut matrix) = Matrix::new(variables, rows.len(), tag) else { return Ok(Err(Without::Room)) };
        for &row in rows {
            let columns = reduced.variables(row).iter().map(|&v| self.places[v as usize].column as usize);
            for column in columns.clone() {
                counts[column] += 1;
            }
            matrix.push(columns, reduced.rows[row as usize].odd);
        }
        let reduced = matrix.reduce(&counts, work, &mut self.statistics.eliminations);
        Ok(reduced.map(|()| matrix))
    }

    fn install(&mut self, mut matrix: Matrix, root: u32, queue: &mut Queue) -> Result<(), OutOfMemory> {
        let index = self.matrices.len() as u32;
        for (column, &variable) in matrix.variables().iter().enumerate() {
            self.places[variable as usize] = Place { matrix: index, column: column as u32 };
        }
        let columns = matrix.variables().len();
        room(&mut self.matrices, 1)?;
        // The log has room for every column of the matrices before.
        let needed = self.statistics.columns as usize + columns - self.log.len();
        room(&mut self.log, needed)?;
        self.statistics.matrices += 1;
        self.statistics.rows += matrix.rows() as u64;
        self.statistics.columns += columns as u64;
        let statistics = &mut self.statistics;
        matrix.start(&mut Output { log: &mut self.log, queue, statistics, matrix: index, length: root });
        self.matrices.push(matrix);
        Ok(())
    }

    fn install_sparse(
        &mut self,
        reduced: &Reduced,
        rows: &[u32],
        tag: u32,
        queue: &mut Queue,
    ) -> Result<(), OutOfMemory> {
        let occurrences = rows.iter().map(|&row| reduced.variables(row).len()).sum();
        self.sparse.reset(rows.len(), occurrences, tag)?;
        self.statistics.sparse = rows.len() as u64;
        for &row in rows {
            for &variable in reduced.variables(row) {
                let place = &mut self.places[variable as usize];
                if place.matrix != SPARSE {
                    *place = Place { matrix: SPARSE, column: self.sparse.new_index() };
                }
            }
            let places = &self.places;
            let index = |v: u32| places[v as usize].column;
            let variables = reduced.variables(row).iter().copied();
            if let Some((literal, tag)) = self.sparse.push(variables, reduced.rows[row as usize].odd, index) {
                self.statistics.propagations += 1;
                queue.push(literal, tag);
            }
        }
        Ok(())
    }

    /// The constraints contradict each other at level 0, whatever is decided. That is told by way of any variable: as
    /// everything follows, so do both of its literals.
    fn contradict(&mut self, trail: &Trail, queue: &mut Queue) {
        self.matrices.clear();
        self.log.clear();
        self.places.fill(NOWHERE);
        // What matrices before have found has no reason any more.
        queue.clear();
        self.statistics.conflicts += 1;
        let Some(variable) = self.store.iter().find_map(|row| row.variables.first()) else { return };
        let variable = variable.cast_signed();
        let literal = if trail.value(variable) == 1 { -variable } else { variable };
        if trail.value(variable) == 0 {
            queue.push(-literal, CONTRADICTION);
        }
        queue.push(literal, CONTRADICTION);
        self.stuck = Some(super::Stuck { literal, tag: CONTRADICTION, length: 0 });
    }
}
