//! The lock of `packed-refs`. Git holds it while it packs refs: it reads the file of each ref, writes what all of them name into
//! `packed-refs`, and only then lets go, so that a ref whose file was deleted meanwhile would be there again. libgit2 takes the lock
//! only while it writes `packed-refs` itself, and deletes the file of a ref without it.

use super::ref_files::{self, PACKED};
use crate::graph::git::values::git_error;
use crate::model::durable;
use git2::{ErrorClass, ErrorCode};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// `packed-refs` of a repository, which nobody else writes while this exists.
pub(in crate::graph::git) struct PackedRefs {
    file: PathBuf,
    lock: PathBuf,
}

impl PackedRefs {
    /// Locks the file, whether it is there or not; an error with the code `Locked` where another program has it locked.
    pub(in crate::graph::git) fn lock(git: &Path) -> Result<Self, git2::Error> {
        let (file, lock) = (git.join(PACKED), git.join(format!("{PACKED}.lock")));
        match File::options().write(true).create_new(true).open(&lock) {
            Ok(_) => Ok(Self { file, lock }),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let text = format!("{} is there: another program writes {PACKED}", lock.display());
                Err(git2::Error::new(ErrorCode::Locked, ErrorClass::Reference, text))
            }
            Err(error) => Err(git_error(error)),
        }
    }

    /// Removes a ref from the file durably, where it is there.
    pub(in crate::graph::git) fn remove(&self, name: &str) -> io::Result<()> {
        let text = ref_files::read(&self.file)?.unwrap_or_default();
        without(&text, name).map_or(Ok(()), |kept| durable::replace(&self.file, &kept))
    }
}

impl Drop for PackedRefs {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.lock) {
            tracing::error!(%error, lock = %self.lock.display(), "no ref can be deleted or packed before the file is removed");
        }
    }
}

/// Returns the text without the line of a ref, and that of the object its tag names; `None` where it has no such line.
fn without(text: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(text.len());
    let (mut found, mut belongs_to_it) = (false, false);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        belongs_to_it = match line {
            [b'^', ..] => belongs_to_it,
            _ => line.get(41..).is_some_and(|rest| rest.trim_ascii_end() == name.as_bytes()),
        };
        match belongs_to_it {
            true => found = true,
            false => kept.extend_from_slice(line),
        }
    }
    found.then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn a_line_goes_with_the_object_of_its_tag() {
        let check = |name: &str, expect: Option<&str>| {
            let text = format!(
                "# pack-refs with: peeled fully-peeled sorted \n{ID} refs/heads/a\n{ID} refs/heads/a/b\n{ID} refs/tags/v1\n^{ID}\n{ID} refs/tags/v2"
            );
            let kept = without(text.as_bytes(), name).map(|kept| String::from_utf8(kept).expect("text"));
            assert_eq!(kept, expect.map(|gone| text.replace(gone, "")), "{name}");
        };
        check("refs/heads/a", Some(&format!("{ID} refs/heads/a\n")));
        check("refs/tags/v1", Some(&format!("{ID} refs/tags/v1\n^{ID}\n")));
        check("refs/tags/v2", Some(&format!("{ID} refs/tags/v2")));
        check("refs/heads", None);
        check("refs/heads/b", None);
    }
}
