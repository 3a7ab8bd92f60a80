//! Which compressions are known, and how they are told apart.

use std::path::Path;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, RFC 1952; concatenated members are one file.
    Gzip,
    /// xz, one or several streams.
    Xz,
}

impl Compression {
    /// Bytes that [`Compression::of_bytes`] wants to see.
    pub(super) const MAGIC: usize = 6;

    /// What the first bytes of a file say.
    #[must_use]
    pub fn of_bytes(start: &[u8]) -> Self {
        if start.starts_with(&[0x1f, 0x8b]) {
            Compression::Gzip
        } else if start.starts_with(b"\xfd7zXZ\0") {
            Compression::Xz
        } else {
            Compression::None
        }
    }

    /// What the suffix of a file to be written asks for: `.gz`, `.xz`, or anything else.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        match path.extension() {
            Some(suffix) if suffix.eq_ignore_ascii_case("gz") => Compression::Gzip,
            Some(suffix) if suffix.eq_ignore_ascii_case("xz") => Compression::Xz,
            _ => Compression::None,
        }
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Compression::None => "plain",
            Compression::Gzip => "gzip",
            Compression::Xz => "xz",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn told_by_bytes_and_by_suffix() {
        assert_eq!(Compression::of_bytes(b"\x1f\x8b"), Compression::Gzip);
        assert_eq!(Compression::of_bytes(b"\x1f"), Compression::None);
        assert_eq!(Compression::of_bytes(b"\xfd7zXZ\0more"), Compression::Xz);
        assert_eq!(Compression::of_bytes(b"\xfd7zXZ"), Compression::None);
        assert_eq!(Compression::of_bytes(b""), Compression::None);
        let of = |path: &str| Compression::of_path(Path::new(path));
        assert_eq!((of("a.cnf.gz"), of("a.b/c.XZ")), (Compression::Gzip, Compression::Xz));
        assert_eq!([of("gz"), of(".gz"), of("a.gz.cnf"), of("")], [Compression::None; 4]);
    }
}
