//! Files by name: what errors say, and what a folder looks like afterwards.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anser::budget::{Budget, Interrupt, Limits, ProgressSink, Stop};
use anser::formula::Formula;
use anser::formula::dimacs::{self, Compression, ReadError, WriteError};

use super::{clauses, compress};

fn small() -> Formula {
    let mut f = Formula::new();
    f.add_clauses(&[1, -2, 3], &[0, 2, 3]).unwrap();
    f
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into()).collect();
    all.sort();
    all
}

#[test]
fn errors_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget::unlimited();
    let path = folder.path().join("bad.cnf.gz");
    fs::write(&path, compress(b"p cnf 1 1\n2 0\n", Compression::Gzip)).unwrap();
    let error = dimacs::read_file(&path, &budget).unwrap_err();
    assert_eq!(error.path(), Some(path.as_path()));
    let expected = format!("{}: line 2, column 1: literal 2 is beyond the header's 1 variables", path.display());
    assert_eq!(error.to_string(), expected);

    let none = folder.path().join("none.cnf");
    let error = dimacs::read_file(&none, &budget).unwrap_err();
    assert!(matches!(&error, ReadError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound), "{error}");
    assert_eq!(error.to_string(), format!("{}: No such file or directory (os error 2)", none.display()));
    let error = dimacs::read_file(folder.path(), &budget).unwrap_err();
    assert!(matches!(&error, ReadError::Io { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory));
    assert_eq!((error.line(), error.column(), error.path()), (None, None, Some(folder.path())));

    for bad in [folder.path().to_path_buf(), folder.path().join("no/such/folder.cnf"), none.join("x")] {
        let error = dimacs::write_file(&small(), &bad, &budget).unwrap_err();
        assert!(matches!(&error, WriteError::Io { path: Some(p), .. } if *p == bad), "{error}");
    }
    assert_eq!(names(folder.path()), [PathBuf::from("bad.cnf.gz")]);
}

#[test]
fn the_suffix_chooses_what_is_written_not_what_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget::unlimited();
    for (name, format) in [("a.cnf", Compression::None), ("a.cnf.gz", Compression::Gzip), ("a.XZ", Compression::Xz)] {
        let path = folder.path().join(name);
        dimacs::write_file(&small(), &path, &budget).unwrap();
        assert_eq!(Compression::of_bytes(&fs::read(&path).unwrap()), format, "{name}");
        let misnamed = folder.path().join("misnamed");
        fs::rename(&path, &misnamed).unwrap();
        assert_eq!(clauses(&dimacs::read_file(&misnamed, &budget).unwrap()), [vec![1, -2], vec![3]], "{name}");
    }
    assert_eq!(names(folder.path()), [PathBuf::from("misnamed")]);
}

#[test]
fn a_stopped_write_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut f = Formula::new();
    f.add_clauses(&[1, -2].repeat(100_000), &(0..=100_000).map(|i| 2 * i).collect::<Vec<_>>()).unwrap();
    for name in ["new.cnf", "old.cnf", "new.cnf.gz"] {
        let path = folder.path().join(name);
        let old = name.starts_with("old");
        if old {
            fs::write(&path, "precious").unwrap();
        }
        // The token is triggered once the file beside it has been begun.
        let token = Interrupt::new();
        let (inner, place) = (token.clone(), folder.path().to_path_buf());
        let progress = ProgressSink::new(Duration::ZERO, move |p| {
            if p.done > 200_000 {
                assert!(names(&place).iter().any(|n| n.to_string_lossy().ends_with(".tmp")));
                inner.trigger();
            }
            0
        });
        let limits = Limits { interrupt: Some(token), progress: Some(progress), ..Limits::default() };
        let error = dimacs::write_file(&f, &path, &Budget::start(&limits)).unwrap_err();
        assert!(matches!(error, WriteError::Stopped(Stop::Interrupted)), "{name}: {error}");
        let expected = if old { vec![PathBuf::from(name)] } else { vec![] };
        assert_eq!(names(folder.path()), expected, "{name}");
        if old {
            assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
            fs::remove_file(&path).unwrap();
        }
    }
}

#[cfg(unix)]
#[test]
fn permissions_are_those_of_a_plain_create() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o7777;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let budget = Budget::unlimited();
    fs::File::create(at("plain")).unwrap();
    dimacs::write_file(&small(), &at("new.cnf"), &budget).unwrap();
    assert_eq!(mode(&at("new.cnf")), mode(&at("plain")));

    fs::set_permissions(at("plain"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("plain", at("link")).unwrap();
    dimacs::write_file(&small(), &at("link"), &budget).unwrap();
    assert_eq!(mode(&at("plain")), 0o640);
    assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    assert!(dimacs::read_file(&at("plain"), &budget).is_ok());

    symlink("fresh", at("dangling")).unwrap();
    dimacs::write_file(&small(), &at("dangling"), &budget).unwrap();
    assert!(dimacs::read_file(&at("fresh"), &budget).is_ok());
    assert_eq!(names(folder.path()).len(), 5);

    // Root may write anything; anybody else may not write over a file that is read-only.
    fs::set_permissions(at("plain"), fs::Permissions::from_mode(0o440)).unwrap();
    let may = fs::OpenOptions::new().write(true).open(at("plain")).is_ok();
    assert_eq!(dimacs::write_file(&small(), &at("plain"), &budget).is_ok(), may);
}

#[cfg(target_os = "linux")]
#[test]
fn streams_are_written_straight() {
    let error = dimacs::write_file(&small(), Path::new("/dev/full"), &Budget::unlimited()).unwrap_err();
    assert!(matches!(&error, WriteError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull));
    dimacs::write_file(&small(), Path::new("/dev/null"), &Budget::unlimited()).unwrap();

    // A redirected stream may be a regular file that holds something already.
    use std::os::fd::AsRawFd;
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"c before\n").unwrap();
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    dimacs::write_file(&small(), Path::new(&path), &Budget::unlimited()).unwrap();
    let mut text = String::new();
    std::io::Seek::rewind(&mut file).unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "c before\np cnf 3 2\n1 -2 0\n3 0\n");

    // A pipe, both ways.
    let (mut reader, writer) = std::io::pipe().unwrap();
    let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
    dimacs::write_file(&small(), Path::new(&path), &Budget::unlimited()).unwrap();
    drop(writer);
    assert_eq!(clauses(&dimacs::read(&mut reader, &Budget::unlimited()).unwrap()), [vec![1, -2], vec![3]]);
}

#[test]
fn an_error_of_the_source_is_kept() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            if self.0 == 0 {
                return Err(std::io::Error::other("unplugged"));
            }
            self.0 -= 1;
            out[..1].fill(b' ');
            Ok(1)
        }
    }
    for start in [&b""[..], b"p cnf 1 1\n1", &compress(b"p cnf 1 1\n1 0\n", Compression::Gzip)[..20]] {
        let error = dimacs::read(start.chain(Broken(if start.len() == 20 { 0 } else { 3 })), &Budget::unlimited());
        let error = error.unwrap_err();
        assert!(matches!(error, ReadError::Io { path: None, .. }), "{error}");
        assert_eq!(error.to_string(), "unplugged");
    }
}
