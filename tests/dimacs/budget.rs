//! Interrupt, time, memory and progress, reading and writing.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anser::budget::{Budget, Interrupt, Limits, Phase, Progress, ProgressSink, Stop};
use anser::error::OutOfMemory;
use anser::formula::Formula;
use anser::formula::dimacs::{self, Compression, ReadError, WriteError};

use super::compress;

/// A file that never ends: a header, then clauses of 8 bytes. Triggers a token when so many bytes are out.
struct Endless {
    done: u64,
    trigger: Option<(u64, Interrupt)>,
}

const HEADER: &[u8] = b"p cnf 9 18446744073709551615\n1 0\n1 0\n\n\n";

impl Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if let Some((at, token)) = &self.trigger
            && self.done >= *at
        {
            token.trigger();
        }
        let body = b"1 -2 0\n\n";
        for (i, byte) in (self.done..).zip(out.iter_mut()) {
            *byte = if i < HEADER.len() as u64 { HEADER[i as usize] } else { body[(i % 8) as usize] };
        }
        self.done += out.len() as u64;
        Ok(out.len())
    }
}

fn stopped(answer: Result<Formula, ReadError>) -> Stop {
    match answer {
        Err(ReadError::Stopped(stop)) => stop,
        other => panic!("{other:?}"),
    }
}

#[test]
fn interrupt_in_the_middle_of_reading() {
    let token = Interrupt::new();
    let budget = Budget::start(&Limits { interrupt: Some(token.clone()), ..Limits::default() });
    let mut source = Endless { done: 0, trigger: Some((1 << 20, token)) };
    assert_eq!(stopped(dimacs::read(&mut source, &budget)), Stop::Interrupted);
    assert!((1 << 20..(1 << 20) + (128 << 10)).contains(&source.done), "{}", source.done);
}

#[test]
fn time_limit() {
    let limits = Limits { time: Some(Duration::from_millis(20)), ..Limits::default() };
    let budget = Budget::start(&limits);
    assert_eq!(stopped(dimacs::read(Endless { done: 0, trigger: None }, &budget)), Stop::Time);
    let budget = Budget::start(&Limits { time: Some(Duration::ZERO), ..Limits::default() });
    assert_eq!(stopped(dimacs::read_bytes(b"p cnf 1 1\n1 0\n", &budget)), Stop::Time);
}

#[test]
fn memory_limit() {
    let limit = 4 << 20;
    let limits = Limits { memory: Some(limit), ..Limits::default() };
    let mut source = Endless { done: 0, trigger: None };
    let error = dimacs::read(&mut source, &Budget::start(&limits)).map(|_| ()).unwrap_err();
    let ReadError::Memory(OutOfMemory::Limit { bytes, limit: l }) = error else { panic!("{error}") };
    assert!(l == limit && bytes > limit, "{bytes} {l}");
    // A clause of 8 bytes takes 16 in memory: the limit is used up to a small rest, not overdrawn.
    assert!((limit / 2 - (limit / 16)..=limit / 2 + (64 << 10)).contains(&source.done), "{}", source.done);
    // Too small for anything.
    for limit in [0, 1, 1000, (64 << 10) - 1] {
        let budget = Budget::start(&Limits { memory: Some(limit), ..Limits::default() });
        let error = dimacs::read_bytes(b"p cnf 1 1\n1 0\n", &budget).unwrap_err();
        assert!(matches!(error, ReadError::Memory(OutOfMemory::Limit { .. })), "{error}");
    }
}

#[test]
fn a_formula_that_was_read_may_grow() {
    let budget = Budget::start(&Limits { memory: Some(66_000), ..Limits::default() });
    let mut formula = dimacs::read_bytes(b"p cnf 1 1\n1 0\n", &budget).unwrap();
    assert!(formula.add_clause(&[1; 50_000]).is_ok());
}

/// A header that promises everything costs nothing.
#[test]
fn promises_are_not_allocated() {
    let budget = Budget::start(&Limits { memory: Some(128 << 10), ..Limits::default() });
    let error = dimacs::read_bytes(b"p cnf 1073741823 18446744073709551615\n1 0\n", &budget).unwrap_err();
    assert_eq!((error.line(), error.column()), (Some(3), Some(1)));
}

/// 8 MiB of text that compress to a few KiB and would take 18 MiB of memory: refused at the limit.
#[test]
fn decompression_bombs() {
    let limits = Limits { memory: Some(12 << 20), ..Limits::default() };
    let text = b"1 1 1 1 1 1 1 0\n".repeat(1 << 19);
    let text = [b"p cnf 1 524288\n".as_slice(), &text].concat();
    for format in [Compression::Gzip, Compression::Xz] {
        let bomb = compress(&text, format);
        assert!(bomb.len() < 1 << 16, "{format}: {} bytes", bomb.len());
        let error = dimacs::read_bytes(&bomb, &Budget::start(&limits)).map(|_| ()).unwrap_err();
        assert!(matches!(error, ReadError::Memory(OutOfMemory::Limit { limit: 12_582_912, .. })), "{format}: {error}");
        assert!(dimacs::read_bytes(&bomb, &Budget::unlimited()).is_ok(), "{format}");
    }
    // A comment takes no memory, however long: what counts is what is held.
    let text = [b"c ".to_vec(), vec![b'x'; 16 << 20], b"\np cnf 1 1\n1 0\n".to_vec()].concat();
    for format in [Compression::Gzip, Compression::Xz] {
        assert!(dimacs::read_bytes(&compress(&text, format), &Budget::start(&limits)).is_ok(), "{format}");
    }
}

/// xz says in its header what its dictionary takes; that is refused before it is allocated.
#[test]
fn dictionary_beyond_the_memory_limit() {
    let mut options = lzma_rust2::XzOptions::with_preset(0);
    options.lzma_options.dict_size = 32 << 20;
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(b"p cnf 1 1\n1 0\n").unwrap();
    let file = encoder.finish().unwrap();
    let read = |limit| dimacs::read_bytes(&file, &Budget::start(&Limits { memory: Some(limit), ..Limits::default() }));
    let error = read(32 << 20).unwrap_err();
    let ReadError::Memory(OutOfMemory::Limit { bytes, limit }) = error else { panic!("{error}") };
    assert!(limit == 32 << 20 && bytes > limit && bytes < 33 << 20, "{bytes}");
    assert!(read(33 << 20).is_ok());
}

#[test]
fn gzip_needs_its_buffers() {
    let file = compress(b"p cnf 1 1\n1 0\n", Compression::Gzip);
    let read = |limit| dimacs::read_bytes(&file, &Budget::start(&Limits { memory: Some(limit), ..Limits::default() }));
    assert!(matches!(read((256 << 10) - 1), Err(ReadError::Memory(OutOfMemory::Limit { .. }))));
    assert!(read((256 << 10) + 1000).is_ok());
}

fn watched(every: Duration, answer: impl Fn(&Progress) -> i32 + Send + Sync + 'static) -> Budget {
    Budget::start(&Limits { progress: Some(ProgressSink::new(every, answer)), ..Limits::default() })
}

#[test]
fn progress_counts_bytes_of_the_source() {
    let text = [b"p cnf 2 100000\n".as_slice(), &b"1 -2 0\n".repeat(100_000)].concat();
    for format in [Compression::None, Compression::Gzip, Compression::Xz] {
        let bytes = compress(&text, format);
        let total = bytes.len() as u64;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let budget = watched(Duration::ZERO, move |p| {
            assert_eq!((p.phase, p.total), (Phase::Read, total));
            log.lock().unwrap().push(p.done);
            0
        });
        assert!(dimacs::read_bytes(&bytes, &budget).is_ok());
        let seen = seen.lock().unwrap();
        assert!(seen.len() as u64 > text.len() as u64 / (64 << 10), "{format}: {seen:?}");
        assert!(seen.is_sorted() && seen.last() == Some(&total), "{format}: {seen:?}");
        assert!(seen.windows(2).all(|w| w[1] - w[0] <= 64 << 10), "{format}: {seen:?}");
    }
}

#[test]
fn progress_callback_stops_reading() {
    let budget = watched(Duration::ZERO, |p| if p.done > 300_000 { -7 } else { 0 });
    let mut source = Endless { done: 0, trigger: None };
    assert_eq!(stopped(dimacs::read(&mut source, &budget)), Stop::Callback(-7));
    assert!(source.done < 400_000, "{}", source.done);
}

fn big() -> Formula {
    let mut f = Formula::new();
    f.add_clauses(&[1, -2].repeat(200_000), &(0..=200_000).map(|i| 2 * i).collect::<Vec<_>>()).unwrap();
    f
}

#[test]
fn writing_stops() {
    let f = big();
    let budget = watched(Duration::ZERO, |p| {
        assert_eq!(p.phase, Phase::Write);
        if p.done > 100_000 { 3 } else { 0 }
    });
    for format in [Compression::None, Compression::Gzip, Compression::Xz] {
        let error = dimacs::write_compressed(&f, std::io::sink(), format, &budget).unwrap_err();
        assert!(matches!(error, WriteError::Stopped(Stop::Callback(3))), "{format}: {error}");
    }
    let budget = Budget::start(&Limits { time: Some(Duration::ZERO), ..Limits::default() });
    assert!(matches!(dimacs::to_bytes(&f, &budget), Err(WriteError::Stopped(Stop::Time))));
    assert!(matches!(dimacs::to_bytes(&Formula::new(), &budget), Err(WriteError::Stopped(Stop::Time))));
}

#[test]
fn writing_reports_all_bytes_and_needs_memory() {
    let f = big();
    let most = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&most);
    let budget = watched(Duration::ZERO, move |p| {
        seen.fetch_max(p.done, Ordering::Relaxed);
        0
    });
    let len = dimacs::to_bytes(&f, &budget).unwrap().len() as u64;
    let most = most.load(Ordering::Relaxed);
    assert!(most <= len && most + (32 << 10) > len, "{most} of {len}");

    let limited = |memory| Budget::start(&Limits { memory: Some(memory), ..Limits::default() });
    assert!(matches!(dimacs::to_bytes(&f, &limited(100_000)), Err(WriteError::Memory(OutOfMemory::Limit { .. }))));
    assert!(dimacs::to_bytes(&f, &limited(len)).is_ok());
    for (format, memory) in [(Compression::None, 1 << 14), (Compression::Gzip, 1 << 18), (Compression::Xz, 1 << 24)] {
        let error = dimacs::write_compressed(&f, std::io::sink(), format, &limited(memory)).unwrap_err();
        assert!(matches!(error, WriteError::Memory(OutOfMemory::Limit { .. })), "{format}: {error}");
    }
}
