//! Questions about networks.
//!
//! | part | what it does |
//! |---|---|
//! | [`canonical`] | a property as a disjunction of boxes with halfspaces, one disjunct at a time |

pub mod canonical;
