//! File systems of the harness's own, where the machine lets it mount any.

use super::plant;
use super::process;
use super::trial::{Stop, Trial};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A mounted file system. Dropped, it is unmounted.
pub(crate) struct Mount {
    folder: PathBuf,
}

impl Mount {
    /// Mounts an empty file system of a size in memory.
    pub(crate) fn in_memory(folder: &Path, size: &str) -> Result<Self, Stop> {
        let size = format!("size={size}");
        Self::by(folder, &["-t", "tmpfs", "-o", &size, "tmpfs"])
    }

    /// Mounts a file that holds an ext4 file system, which writes nothing by itself for five minutes.
    pub(crate) fn image(folder: &Path, image: &Path) -> Result<Self, Stop> {
        Self::by(folder, &["-t", "ext4", "-o", "loop,commit=300", &image.to_string_lossy()])
    }

    fn by(folder: &Path, arguments: &[&str]) -> Result<Self, Stop> {
        std::fs::create_dir_all(folder)?;
        let mounted = process::run(Command::new("mount").args(arguments).arg(folder));
        mounted
            .result()
            .map_err(|error| Stop::Skipped(format!("no file system can be mounted: {}", error.trim())))?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// Unmounts it, and mounts a file that holds an ext4 file system in its place.
    pub(crate) fn replace(&mut self, image: &Path) -> Result<(), Stop> {
        process::run(Command::new("umount").arg(&self.folder)).result().map_err(Stop::Broken)?;
        // The former one is unmounted already, and the folder is that of the new one.
        std::mem::forget(std::mem::replace(self, Self::image(&self.folder, image)?));
        Ok(())
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        process::run(Command::new("umount").arg("--lazy").arg(&self.folder));
    }
}

/// Fills a file system by a file, but for so many bytes.
pub(crate) fn fill(ballast: &Path, left: usize) -> Result<(), Stop> {
    let mut file = File::create(ballast)?;
    let block = vec![1; 1 << 16];
    while file.write_all(&block).is_ok() {}
    let size = file.metadata()?.len();
    Ok(file.set_len(size.saturating_sub(u64::try_from(left).unwrap_or(0)))?)
}

/// Copies what is in the file of a file system, holes left out.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Stop> {
    let copied = process::run(Command::new("cp").arg("--sparse=always").args([from, to]));
    copied.result().map(|_| ()).map_err(Stop::Broken)
}

/// Copies a mounted folder beside it where something in it was lost, so that it is kept when it is unmounted.
pub(crate) fn keep_where_lost(trial: &Trial, folder: &Path, result: Result<(), Stop>) -> Result<(), Stop> {
    if let Err(Stop::Lost) = result {
        plant::copy_folder(folder, &trial.folder.join("kept"))?;
    }
    result
}
