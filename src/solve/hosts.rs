//! The propagators of a host that a solver has: those that wait for the backend to be made, and those that are connected.

use super::propagator::{Adapter, HostPropagator, HostStop};
use super::variables::Variables;
use super::{Proof, SolveError, Solver, memory_first};
use crate::budget::Stop;
use crate::error::OutOfMemory;
use crate::formula::FormulaError;
use crate::sat::{Cadical, SatError};

/// Where a propagator is.
#[derive(Debug)]
enum Place {
    Waiting(Box<Adapter>),
    /// Its number in the engine.
    Connected(usize),
    Removed,
}

/// A propagator and what it shall observe that the engine does not know yet.
#[derive(Debug)]
struct Host {
    place: Place,
    fresh: Vec<u32>,
}

/// By id.
#[derive(Debug, Default)]
pub(super) struct Hosts(Vec<Host>);

impl Hosts {
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|host| matches!(host.place, Place::Removed))
    }

    /// Whether the engine has all that [`Hosts::connect`] would give it.
    pub(super) fn are_settled(&self) -> bool {
        self.0.iter().all(|host| !matches!(host.place, Place::Waiting(_)) && host.fresh.is_empty())
    }

    /// Gives the engine what waits, once the variables are declared.
    pub(super) fn connect(&mut self, engine: &mut Cadical, variables: &Variables) -> Result<(), SolveError> {
        for host in &mut self.0 {
            for variable in &mut host.fresh {
                *variable = variables.to_engine(variable.cast_signed()).unsigned_abs();
            }
            match std::mem::replace(&mut host.place, Place::Removed) {
                Place::Waiting(mut adapter) => {
                    adapter.observe(&host.fresh, variables);
                    host.place = Place::Connected(engine.connect(adapter, &host.fresh).map_err(memory_first)?);
                    host.fresh.clear();
                }
                Place::Connected(id) => {
                    host.place = Place::Connected(id);
                    if !host.fresh.is_empty() {
                        engine.observe(id, &host.fresh).map_err(memory_first)?;
                    }
                    if let Some(adapter) = engine.propagator_mut::<Adapter>(id) {
                        adapter.observe(&host.fresh, variables);
                    }
                    host.fresh.clear();
                }
                Place::Removed => {}
            }
        }
        Ok(())
    }

    /// Whether a propagator ended the search, or asked for that when it was too late.
    pub(super) fn stop(&self, engine: &mut Cadical) -> Result<Option<Stop>, SolveError> {
        let mut ended = Ok(None);
        for (id, host) in self.0.iter().enumerate().rev() {
            let Place::Connected(place) = host.place else { continue };
            match engine.propagator_mut::<Adapter>(place).and_then(Adapter::take_stop) {
                None => {}
                Some(HostStop::Code(code)) => ended = Ok(Some(Stop::Callback(code))),
                Some(HostStop::Broken(what)) => ended = Err(SolveError::Propagator(number(id), what)),
            }
        }
        ended
    }

    /// An error with the number that the host knows a propagator by, and the formula's literals.
    pub(super) fn named(&self, why: SatError, variables: &Variables) -> SolveError {
        let SatError::Contract(mut violation) = why else { return memory_first(why) };
        let same = |host: &Host| matches!(host.place, Place::Connected(place) if place == violation.propagator);
        if let Some(id) = self.0.iter().position(same) {
            violation.propagator = id;
            violation.broken.map(|literal| variables.to_formula(literal).unwrap_or(literal));
        }
        SolveError::Backend(violation.into())
    }
}

/// There are never as many as 2^32.
fn number(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(u32::MAX)
}

impl Solver {
    /// Adds a propagator of the host that observes these variables, and answers its number. Variables that are observed are
    /// not eliminated from the search. Forgets the last model or core.
    ///
    /// Not together with a proof: what the propagator says has none.
    pub fn add_propagator(&mut self, host: Box<dyn HostPropagator>, variables: &[u32]) -> Result<u32, SolveError> {
        self.may_add_propagator(variables)?;
        let fresh = copied(variables)?;
        self.hosts.0.push(Host { place: Place::Waiting(Box::new(Adapter::new(host))), fresh });
        self.forget();
        Ok(number(self.hosts.0.len() - 1))
    }

    /// Whether [`Solver::add_propagator`] would be refused.
    pub fn may_add_propagator(&self, variables: &[u32]) -> Result<(), SolveError> {
        self.needs_engine()?;
        if !matches!(self.proof, Proof::None) {
            return Err(SolveError::State("a proof was asked for, and what a propagator says has none"));
        }
        self.declared(variables)
    }

    /// Lets propagator `id` observe more variables. Forgets the last model or core.
    pub fn observe(&mut self, id: u32, variables: &[u32]) -> Result<(), SolveError> {
        self.declared(variables)?;
        let host = self.hosts.0.get_mut(id as usize).filter(|host| !matches!(host.place, Place::Removed));
        let host = host.ok_or(SolveError::NoPropagator(id))?;
        host.fresh.try_reserve(variables.len()).map_err(|_| short(variables))?;
        host.fresh.extend_from_slice(variables);
        self.forget();
        Ok(())
    }

    /// Removes propagator `id` and gives it back. What was learned from what it said stays. Forgets the last model or core.
    pub fn remove_propagator(&mut self, id: u32) -> Result<Box<dyn HostPropagator>, SolveError> {
        let gone = || SolveError::NoPropagator(id);
        let host = self.hosts.0.get_mut(id as usize).ok_or_else(gone)?;
        let removed: Option<Box<dyn std::any::Any>> = match (&host.place, &mut self.engine) {
            (&Place::Connected(place), Some(engine)) => Some(engine.disconnect(place).map_err(memory_first)?),
            _ => None,
        };
        let adapter = match (std::mem::replace(&mut host.place, Place::Removed), removed) {
            (Place::Waiting(adapter), _) => adapter,
            (_, Some(removed)) => removed.downcast::<Adapter>().map_err(|_| gone())?,
            _ => return Err(gone()),
        };
        self.forget();
        Ok(adapter.into_host())
    }

    fn declared(&self, variables: &[u32]) -> Result<(), SolveError> {
        match variables.iter().find(|&&v| v == 0 || v > self.num_vars()) {
            Some(&variable) => Err(FormulaError::Variable { variable, num_vars: self.num_vars() }.into()),
            None => Ok(()),
        }
    }
}

fn copied(variables: &[u32]) -> Result<Vec<u32>, SolveError> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(variables.len()).map_err(|_| short(variables))?;
    copy.extend_from_slice(variables);
    Ok(copy)
}

fn short(variables: &[u32]) -> SolveError {
    SolveError::Memory(OutOfMemory::Allocator { bytes: size_of_val(variables) as u64 })
}
