//! Names of variables, both ways. Most formulas have none, so nothing is held until the first.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::FormulaError;
use crate::error::OutOfMemory;

/// What a name costs beside its bytes: entries of both maps, two pointers to it and its counts.
const OVERHEAD: u64 = 112;

#[derive(Debug, Default, Clone)]
pub(super) struct Names {
    by_variable: BTreeMap<u32, Arc<str>>,
    by_name: HashMap<Arc<str>, u32>,
    bytes: u64,
}

impl Names {
    /// Bytes held, estimated from above.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn try_clone(&self) -> Result<Self, OutOfMemory> {
        let mut by_name = HashMap::new();
        by_name.try_reserve(self.by_name.len()).map_err(|_| OutOfMemory::Allocator { bytes: self.bytes })?;
        by_name.extend(self.by_name.iter().map(|(n, v)| (Arc::clone(n), *v)));
        Ok(Names { by_variable: self.by_variable.clone(), by_name, bytes: self.bytes })
    }

    pub(super) fn get(&self, variable: u32) -> Option<&str> {
        self.by_variable.get(&variable).map(AsRef::as_ref)
    }

    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.by_name.get(name).copied()
    }

    pub(super) fn set(&mut self, variable: u32, name: Option<&str>, limit: u64) -> Result<(), FormulaError> {
        let Some(name) = name else {
            self.remove(variable);
            return Ok(());
        };
        let refuse = |why| Err(FormulaError::Name { name: name.into(), variable, why });
        if name.is_empty() {
            return refuse("it is empty");
        }
        if name.chars().any(char::is_control) {
            return refuse("it holds a control character");
        }
        match self.find(name) {
            Some(v) if v == variable => return Ok(()),
            Some(_) => return refuse("another variable has it"),
            None => {}
        }
        let cost = name.len() as u64 + OVERHEAD;
        let bytes = self.bytes.saturating_add(cost);
        if bytes > limit {
            return Err(OutOfMemory::Limit { bytes, limit }.into());
        }
        self.by_name.try_reserve(1).map_err(|_| OutOfMemory::Allocator { bytes: cost })?;
        self.remove(variable);
        let name: Arc<str> = name.into();
        self.by_variable.insert(variable, Arc::clone(&name));
        self.by_name.insert(name, variable);
        self.bytes += cost;
        Ok(())
    }

    fn remove(&mut self, variable: u32) {
        if let Some(old) = self.by_variable.remove(&variable) {
            self.by_name.remove(&old);
            self.bytes -= old.len() as u64 + OVERHEAD;
        }
    }
}
