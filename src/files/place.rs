//! A file that appears under its name only when it is complete: it is written beside it, then renamed.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Lets `fill` write the file `path`. Links are followed, an existing file keeps its permissions, a new one gets
/// those of a plain create. Where `fill` fails, what was there before is there still.
pub(crate) fn write<F, E>(path: &Path, fill: F) -> Result<(), E>
where
    F: FnOnce(&File) -> Result<(), E>,
    E: From<io::Error>,
{
    // Appending leaves alone what a redirected stream holds already.
    let straight = |fill: F| fill(&OpenOptions::new().append(true).open(path)?);
    if is_stream(path) {
        return straight(fill);
    }
    let target = resolve(path);
    let permissions = match fs::metadata(&target) {
        Ok(meta) if !meta.is_file() => return straight(fill),
        Ok(meta) => {
            // Renaming onto a file needs no right to write it, creating it does.
            OpenOptions::new().write(true).open(&target)?;
            Some(meta.permissions())
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e.into()),
    };
    let (file, sibling) = Sibling::create(&target)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    fill(&file)?;
    drop(file);
    Ok(sibling.rename(&target)?)
}

/// Whether a path names an open stream, which may happen to be a regular file.
fn is_stream(path: &Path) -> bool {
    let streams = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc"];
    streams.iter().any(|stream| path.starts_with(stream))
}

/// Where a link leads, also one whose target does not exist yet.
fn resolve(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| match fs::read_link(path) {
        Ok(target) => path.parent().map_or(target.clone(), |folder| folder.join(&target)),
        Err(_) => path.to_path_buf(),
    })
}

/// A file of ours beside the target; gone when dropped.
struct Sibling {
    path: PathBuf,
    renamed: bool,
}

impl Sibling {
    fn create(target: &Path) -> io::Result<(File, Sibling)> {
        let mut attempt = 0;
        loop {
            let path = target.with_file_name(format!(".anser-{}-{attempt}.tmp", std::process::id()));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((file, Sibling { path, renamed: false })),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && attempt < 1000 => attempt += 1,
                Err(e) => return Err(e),
            }
        }
    }

    fn rename(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Sibling {
    fn drop(&mut self) {
        if !self.renamed {
            // Nothing is left to be done where even this fails.
            let _ = fs::remove_file(&self.path);
        }
    }
}
