//! A folder for as long as something needs it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many were made in this process.
static MADE: AtomicU64 = AtomicU64::new(0);

/// A folder in the system's place for temporary files, which goes with this.
#[derive(Debug)]
pub struct Temporary(PathBuf);

impl Temporary {
    /// Makes a folder that only its owner may read.
    pub fn new() -> io::Result<Self> {
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let name = format!("throughline-{}-{number}", std::process::id());
            match make(&std::env::temp_dir().join(name)) {
                // A killed process with the same number left it.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made,
            }
        }
    }

    /// Returns the path of the folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

fn make(path: &Path) -> io::Result<Temporary> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new().mode(0o700).create(path)?;
    Ok(Temporary(path.to_owned()))
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(path = %self.0.display(), %error, "a temporary folder stays behind");
        }
    }
}
