//! OPB.
