//! DIMACS CNF in and out.
