//! Fused networks against those they were made from.
