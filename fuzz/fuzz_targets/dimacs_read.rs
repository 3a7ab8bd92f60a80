//! Any bytes are read or refused within the memory that the budget grants; what was read is written and read again.
#![no_main]

use anser::budget::{Budget, Limits};
use anser::formula::dimacs::{self, ReadError};
use libfuzzer_sys::fuzz_target;

const MEMORY: u64 = 64 << 20;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { memory: Some(MEMORY), ..Limits::default() };
    let formula = match dimacs::read_bytes(bytes, &Budget::start(&limits)) {
        Ok(formula) => formula,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            if let ReadError::Parse { line, column, .. } = error {
                assert!(line >= 1 && column >= 1);
            }
            return;
        }
    };
    assert!(formula.bytes() <= MEMORY);
    let statistics = formula.statistics();
    assert!(formula.clauses().iter().flatten().all(|l| *l != 0 && l.unsigned_abs() <= formula.num_vars()));

    // Text may be longer than what was read (it was compressed, say), so nothing limits it here.
    let text = dimacs::to_bytes(&formula, &Budget::unlimited()).expect("there is memory for the text");
    let again = dimacs::read_bytes(&text, &Budget::unlimited()).expect("what was written is well-formed");
    assert_eq!(again.num_vars(), formula.num_vars());
    assert!(again.clauses().iter().eq(formula.clauses().iter()));
    assert_eq!(again.statistics().longest, statistics.longest);
});
