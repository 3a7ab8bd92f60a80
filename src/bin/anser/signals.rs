//! SIGINT and SIGTERM end a run in good order; the second one kills.

use anser::budget::Interrupt;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use crate::Failure;

/// A token that either signal triggers.
pub fn token() -> Result<Interrupt, Failure> {
    let token = Interrupt::new();
    for signal in [SIGINT, SIGTERM] {
        // Actions run in the order of registration: the first signal finds the flag unset.
        flag::register_conditional_default(signal, token.flag())?;
        flag::register(signal, token.flag())?;
    }
    Ok(token)
}
