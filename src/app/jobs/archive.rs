//! Backups as one stream: an archive in the format of tar, with the same bytes for the same files. Files are for their owner alone.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use tar::{Archive, Builder, EntryType, Header};

/// A file or folder below another folder.
pub(super) struct Entry {
    /// Its path from there.
    path: PathBuf,
    pub(super) is_file: bool,
}

/// Returns what is below a folder, each folder before what is in it, by name.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<Entry>> {
    let (mut found, mut open) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let (path, is_file) = (below.join(entry.file_name()), !entry.file_type()?.is_dir());
            if !is_file {
                open.push(path.clone());
            }
            found.push(Entry { path, is_file });
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// Writes all that is in a folder as an archive.
pub(in crate::app) fn write(folder: &Path, out: &mut dyn Write) -> io::Result<()> {
    let mut archive = Builder::new(out);
    for Entry { path, is_file } in entries(folder)? {
        let mut header = Header::new_gnu();
        header.set_mtime(0);
        if is_file {
            let mut file = File::open(folder.join(&path))?;
            let bytes = file.metadata()?.len();
            header.set_entry_type(EntryType::Regular);
            header.set_mode(0o600);
            header.set_size(bytes);
            // A file that grows or shrinks meanwhile would shift all that follows.
            archive.append_data(&mut header, &path, Exactly { file: &mut file, left: bytes })?;
        } else {
            header.set_entry_type(EntryType::Directory);
            header.set_mode(0o700);
            header.set_size(0);
            archive.append_data(&mut header, &path, io::empty())?;
        }
    }
    archive.finish()
}

/// A file that must have so many bytes.
struct Exactly<'a> {
    file: &'a mut File,
    left: u64,
}

impl Read for Exactly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = (&*self.file).take(self.left).read(buffer)?;
        self.left -= read as u64;
        match read == 0 && self.left > 0 && !buffer.is_empty() {
            true => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "a file became shorter meanwhile")),
            false => Ok(read),
        }
    }
}

/// Unpacks an archive into a new folder. Nothing but files and folders inside it is taken.
pub(super) fn unpack(archive: &Path, folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder)?;
    let mut archive = Archive::new(io::BufReader::new(File::open(archive)?));
    let mut files = 0_usize;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let is_inside =
            path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let refused = |what: &str| Err(io::Error::other(format!("{} {what}", path.display())));
        match entry.header().entry_type() {
            _ if !is_inside => return refused("is outside of the folder"),
            EntryType::Directory => std::fs::create_dir_all(folder.join(&path))?,
            EntryType::Regular => {
                let place = folder.join(&path);
                std::fs::create_dir_all(place.parent().unwrap_or(folder))?;
                io::copy(&mut entry, &mut private(&place)?)?;
                files += 1;
            }
            _ => return refused("is neither a file nor a folder"),
        }
    }
    if files == 0 { Err(io::Error::other("there is no file in it")) } else { Ok(()) }
}

/// Makes a file that its owner alone may read.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_the_same_after_it_was_an_archive() {
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        let deep = from.join("7/telemetry").join("part".repeat(40));
        std::fs::create_dir_all(&deep).expect("folders");
        std::fs::create_dir_all(from.join("thread.git/refs")).expect("an empty folder");
        std::fs::write(deep.join("data"), vec![7; 100_000]).expect("a file");
        std::fs::write(from.join("lock"), "").expect("an empty file");
        let written = || {
            let mut bytes = Vec::new();
            write(&from, &mut bytes).expect("an archive");
            bytes
        };
        let bytes = written();
        assert_eq!(written(), bytes, "the same files are the same bytes");
        let file = folder.path().join("a.tar");
        std::fs::write(&file, &bytes).expect("a file");
        unpack(&file, &to).expect("unpacked");
        let names = |folder: &Path| -> Vec<_> {
            entries(folder).expect("entries").into_iter().map(|entry| (entry.path, entry.is_file)).collect()
        };
        assert_eq!(names(&to), names(&from));
        let same = to.join("7/telemetry").join("part".repeat(40)).join("data");
        assert_eq!(std::fs::read(same).expect("a file"), vec![7; 100_000]);
        assert!(unpack(&file, &to).is_err(), "nothing is written over");
    }

    #[test]
    fn what_leads_outside_or_is_cut_off_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let check = |name: &str, bytes: &[u8], part: &str| {
            let file = folder.path().join("a.tar");
            std::fs::write(&file, bytes).expect("a file");
            let error = unpack(&file, &folder.path().join(name)).expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
        };
        let one = |kind: EntryType, name: &str| {
            let mut header = Header::new_gnu();
            // `set_path` refuses names of this kind itself.
            header.as_gnu_mut().expect("a GNU header").name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(kind);
            header.set_size(3);
            header.set_cksum();
            let mut archive = Builder::new(Vec::new());
            archive.append(&header, &b"abc"[..]).expect("an entry");
            archive.into_inner().expect("an archive")
        };
        check("up", &one(EntryType::Regular, "../x"), "outside");
        check("root", &one(EntryType::Regular, "/etc/x"), "outside");
        check("link", &one(EntryType::Symlink, "x"), "neither");
        check("empty", b"", "no file");
        check("cut", &one(EntryType::Regular, "x")[..513], "");
        check("text", &[b'a'; 600], "");
        assert!(!folder.path().join("x").exists());
    }
}
