//! What a solver tells about its work. Nothing is ever printed.

use std::sync::Arc;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Level {
    /// Something is not as it should be.
    Warning = 1,
    /// A step of a call.
    Info = 2,
    /// Details.
    Debug = 3,
}

type Callback = dyn Fn(Level, &str) + Send + Sync;

/// Where lines go. The default takes none.
#[derive(Clone, Default)]
pub struct Log(Option<(Level, Arc<Callback>)>);

impl Log {
    /// Takes lines up to and including `level`. `call` runs on the thread that is inside the solver.
    pub fn new(level: Level, call: impl Fn(Level, &str) + Send + Sync + 'static) -> Self {
        Log(Some((level, Arc::new(call))))
    }

    pub(super) fn say(&self, level: Level, line: impl FnOnce() -> String) {
        if let Some((most, call)) = &self.0
            && level <= *most
        {
            call(level, &line());
        }
    }
}

impl std::fmt::Debug for Log {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Log").field(&self.0.as_ref().map(|(level, _)| level)).finish()
    }
}
