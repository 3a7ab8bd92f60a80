//! DIMACS CNF in and out, plain, gzip or xz.
//!
//! The format is that of the SAT competitions ("Satisfiability: Suggested Format", DIMACS Challenge, 1993, and the
//! competition rules since 2009), read strictly: one header `p cnf VARIABLES CLAUSES`, then exactly so many
//! clauses, none with a variable beyond the header's. A clause ends with `0`; it may span lines, and a line may hold
//! several. Lines that begin with `c` are comments, wherever they stand. Blanks are spaces, tabs and carriage
//! returns. From a line that begins with `%` on (SATLIB ends its files so) nothing is looked at.
//!
//! Cost: one pass over chunks of 64 KiB; held are the formula, one chunk (two and the decoder's state where the
//! input is compressed), and nothing that depends on what the header promises. Compression is told by the first
//! bytes, never by a name.

mod compression;
mod error;
mod header;
mod input;
mod parse;
mod place;
mod read;
mod write;

pub use compression::Compression;
pub use error::{Count, ParseErrorKind, ReadError, WriteError};
pub use read::{read, read_bytes, read_file};
pub use write::{to_bytes, to_string, write, write_compressed, write_file};
