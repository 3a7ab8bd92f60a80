//! Interrupt, time and memory: what reading OPB does not share with DIMACS.

use std::io::Read;
use std::time::Duration;

use anser::budget::{Budget, Interrupt, Limits, Stop};
use anser::error::OutOfMemory;
use anser::formula::Formula;
use anser::formula::opb::{self, Compression, ReadError};

use super::compress;

/// A text that never ends. Triggers a token when so many bytes are out.
struct Endless {
    body: &'static [u8],
    done: u64,
    trigger: Option<(u64, Interrupt)>,
}

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if let Some((at, token)) = &self.trigger
            && self.done >= *at
        {
            token.trigger();
        }
        for (i, byte) in (self.done..).zip(out.iter_mut()) {
            *byte = self.body[(i % self.body.len() as u64) as usize];
        }
        self.done += out.len() as u64;
        Ok(out.len())
    }
}

const BODIES: [&[u8]; 5] = [b"+1 x1 ", b"+2 x1 -3 ~x7 >= 1 ;\n", b"+1 x1 +1 x2 +2 x3 >= 2 ;\n", b"* comment\n", b"\n"];

fn stopped(answer: Result<Formula, ReadError>) -> Stop {
    match answer {
        Err(ReadError::Stopped(stop)) => stop,
        other => panic!("{other:?}"),
    }
}

#[test]
fn interrupt_and_time() {
    for body in BODIES {
        let token = Interrupt::new();
        let budget = Budget::start(&Limits { interrupt: Some(token.clone()), ..Limits::default() });
        let mut source = Endless { body, done: 0, trigger: Some((1 << 20, token)) };
        assert_eq!(stopped(opb::read(&mut source, &budget)), Stop::Interrupted);
        assert!((1 << 20..(1 << 20) + (128 << 10)).contains(&source.done), "{}", source.done);
        let budget = Budget::start(&Limits { time: Some(Duration::from_millis(20)), ..Limits::default() });
        assert_eq!(stopped(opb::read(Endless { body, done: 0, trigger: None }, &budget)), Stop::Time);
    }
}

/// One endless constraint or endlessly many: the limit is used up to a good part, never overdrawn.
#[test]
fn memory_limit() {
    let limit = 4 << 20;
    let limits = Limits { memory: Some(limit), ..Limits::default() };
    for body in &BODIES[..3] {
        let mut source = Endless { body, done: 0, trigger: None };
        let error = opb::read(&mut source, &Budget::start(&limits)).map(|_| ()).unwrap_err();
        let ReadError::Memory(OutOfMemory::Limit { bytes, limit: l }) = error else { panic!("{error}") };
        assert!(l == limit && bytes > limit, "{bytes} {l}");
        assert!(source.done > limit / 4, "{}", source.done);
    }
    let text = b"+1 x1 +2 x2 >= 2 ;";
    for (format, least) in [(Compression::None, 64 << 10), (Compression::Gzip, 256 << 10)] {
        let read = |memory| {
            let limits = Limits { memory: Some(memory), ..Limits::default() };
            opb::read_bytes(&compress(text, format), &Budget::start(&limits))
        };
        assert!(matches!(read(least - 1), Err(ReadError::Memory(OutOfMemory::Limit { .. }))));
        let mut formula = read(least + 2000).unwrap();
        assert!(formula.add_clause(&[1; 50_000]).is_ok(), "no limit stays");
    }
}

/// A header that promises everything costs nothing.
#[test]
fn promises_are_not_allocated() {
    let budget = Budget::start(&Limits { memory: Some(128 << 10), ..Limits::default() });
    let text = b"* #variable= 1073741823 #constraint= 99999999999999999999999\n+1 x1073741823 >= 1 ;\n";
    let error = opb::read_bytes(text, &budget).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(1)));
}
