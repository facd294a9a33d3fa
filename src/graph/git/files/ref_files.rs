//! The files that lead to all refs, `HEAD` and `packed-refs`, checked line by line before libgit2 reads them: it refuses every ref
//! for one bad line, and names neither the line nor what to do.
//!
//! A start that holds the folder's lock repairs them: `HEAD` names `main`, and bad lines of `packed-refs` are set aside, after which the
//! refs that are missing are restored as [`crate::graph::sync::lost_refs`] describes.

use crate::model::durable;
use crate::model::sync::counter::Synced;
use git2::{Oid, Reference};
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

const HEAD: &str = "HEAD";
pub(super) const PACKED: &str = "packed-refs";

/// Where the file with bad lines is kept.
const SET_ASIDE: &str = "packed-refs.damaged";

/// What `HEAD` holds: nothing of the thread depends on it, but plain Git opens no repository without it.
const HEAD_TEXT: &str = "ref: refs/heads/main\n";

/// A part of the repository's folder that is not as Git writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::graph) struct BadFile {
    pub(in crate::graph) path: PathBuf,
    /// The number of the line, where lines are read.
    pub(in crate::graph) line: Option<usize>,
    pub(in crate::graph) what: String,
    pub(in crate::graph) advice: &'static str,
    /// Whether nothing can be read before it is repaired.
    pub(in crate::graph) is_needed: bool,
}

const START: &str = "the next start (throughline serve) sets the line aside in packed-refs.damaged, and restores the refs that the index knows";
const START_HEAD: &str = "the next start (throughline serve) writes it anew; it holds: ref: refs/heads/main";
const MISSING_FOLDER: &str = "restore the folder from a backup";

impl fmt::Display for BadFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.what)
    }
}

impl BadFile {
    /// Returns the file and the line.
    pub(in crate::graph) fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path.display()),
            None => self.path.display().to_string(),
        }
    }
}

/// Finds what is wrong with the files of a repository that lead to its refs.
pub(in crate::graph) fn check(git: &Path) -> io::Result<Vec<BadFile>> {
    let bad = |name: &str, line, what: String, advice, is_needed| BadFile {
        path: git.join(name),
        line,
        what,
        advice,
        is_needed,
    };
    let mut found = Vec::new();
    for folder in ["objects", "objects/pack", "refs"].into_iter().filter(|folder| !git.join(folder).is_dir())
    {
        found.push(bad(folder, None, "the folder is missing".to_owned(), MISSING_FOLDER, true));
    }
    match read(&git.join(HEAD))? {
        None => found.push(bad(HEAD, None, "the file is missing".to_owned(), START_HEAD, true)),
        Some(text) if !is_head(&text) => {
            let what = format!("it names no branch and no commit: {}", excerpt(&text));
            found.push(bad(HEAD, None, what, START_HEAD, false));
        }
        Some(_) => {}
    }
    let packed = read(&git.join(PACKED))?.unwrap_or_default();
    let lines = bad_lines(&packed).into_iter();
    found.extend(lines.map(|(line, what)| bad(PACKED, Some(line), what, START, true)));
    Ok(found)
}

/// Refuses a repository of which no ref can be read, with the first reason.
pub(in crate::graph) fn refuse_bad(git: &Path) -> io::Result<()> {
    match check(git)?.into_iter().find(|bad| bad.is_needed) {
        Some(bad) => Err(io::Error::new(ErrorKind::InvalidData, format!("{bad}; {}", bad.advice))),
        None => Ok(()),
    }
}

/// Repairs the files; the caller holds the lock of the thread's folder. Returns whether refs may be missing now.
pub(in crate::graph) fn repair(git: &Path) -> io::Result<bool> {
    let mut has_lost_lines = false;
    for bad in check(git)? {
        if bad.path.is_dir() || bad.advice == MISSING_FOLDER {
            return Err(io::Error::new(ErrorKind::InvalidData, format!("{bad}; {}", bad.advice)));
        }
        has_lost_lines |= bad.line.is_some();
        match bad.line {
            Some(_) => tracing::error!("{bad}; it is set aside in {SET_ASIDE}"),
            None => tracing::error!("{bad}; it is written anew: {}", HEAD_TEXT.trim_end()),
        }
    }
    let head = git.join(HEAD);
    if !read(&head)?.is_some_and(|text| is_head(&text)) {
        durable::replace(&head, HEAD_TEXT.as_bytes())?;
    }
    if has_lost_lines {
        set_aside(git)?;
    }
    Ok(has_lost_lines)
}

fn set_aside(git: &Path) -> io::Result<()> {
    let packed = git.join(PACKED);
    let text = std::fs::read(&packed)?;
    durable::replace(&git.join(SET_ASIDE), &text)?;
    let bad: Vec<usize> = bad_lines(&text).into_iter().map(|(line, _)| line).collect();
    let lines = lines(&text).filter(|(number, _)| !bad.contains(number));
    let sound: Vec<u8> = lines.flat_map(|(_, line)| [line, b"\n"].concat()).collect();
    durable::replace(&packed, &sound)
}

/// Gives the file of a ref an id in one step; it is written outside the folders in which each file is a ref.
pub(in crate::graph) fn write_ref(git: &Path, path: &Path, id: &str) -> io::Result<()> {
    let draft = git.join("throughline.ref");
    let mut file = File::create(&draft)?;
    writeln!(file, "{id}")?;
    file.sync_all()?;
    Synced::Git.note();
    std::fs::rename(&draft, path)?;
    durable::sync(durable::parent(path))
}

/// Returns whether the text of `HEAD` names a ref or a commit.
fn is_head(text: &[u8]) -> bool {
    let text = std::str::from_utf8(text).unwrap_or_default().trim_end();
    match text.strip_prefix("ref: ") {
        Some(name) => Reference::is_valid_name(name),
        None => is_id(text.as_bytes()),
    }
}

/// Returns the lines of `packed-refs` that are no refs, with their numbers and what is wrong.
fn bad_lines(text: &[u8]) -> Vec<(usize, String)> {
    let mut bad = Vec::new();
    // A peeled object belongs to the tag on the line before.
    let mut follows_ref = false;
    for (number, line) in lines(text) {
        let what = match line {
            [b'#', ..] if number == 1 => None,
            [b'^', id @ ..] if is_id(id) && follows_ref => None,
            [b'^', ..] if !follows_ref => Some("it belongs to no ref"),
            [b'^', ..] => Some("it is not ^ and 40 hexadecimal digits"),
            _ => (!is_ref(line)).then_some("it is not 40 hexadecimal digits and the name of a ref"),
        };
        follows_ref = what.is_none() && !line.starts_with(b"^") && !line.starts_with(b"#");
        bad.extend(what.map(|what| (number, format!("{what}: {}", excerpt(line)))));
    }
    bad
}

/// Returns the lines with their numbers, from 1.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let count = if text.is_empty() { 0 } else { usize::MAX };
    text.split(|byte| *byte == b'\n').take(count).enumerate().map(|(index, line)| (index + 1, line))
}

fn is_ref(line: &[u8]) -> bool {
    let Some((id, [b' ', name @ ..])) = line.split_at_checked(40) else { return false };
    is_id(id) && std::str::from_utf8(name).is_ok_and(Reference::is_valid_name)
}

fn is_id(digits: &[u8]) -> bool {
    digits.len() == 40 && std::str::from_utf8(digits).is_ok_and(|digits| Oid::from_str(digits).is_ok())
}

/// Returns the beginning of a text, to be printed.
fn excerpt(text: &[u8]) -> String {
    let text = &text[..text.len().min(80)];
    format!("\"{}\"", text.escape_ascii())
}

/// Reads a file; `None` where it is missing.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        read => read.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn each_bad_line_is_found() {
        let check = |text: &str, expect: &[usize]| {
            let found: Vec<usize> =
                bad_lines(text.as_bytes()).into_iter().map(|(number, _)| number).collect();
            assert_eq!(found, expect, "{text:?}");
        };
        let main = format!("{ID} refs/heads/main\n");
        check("", &[]);
        check("# pack-refs with: peeled fully-peeled sorted \n", &[]);
        check(&main, &[]);
        check(main.trim_end(), &[]);
        check(&format!("# pack-refs\n{main}{ID} refs/tags/v1\n^{ID}\n{main}"), &[]);
        check(&format!("{main}garbage\n{main}"), &[2]);
        check(&format!("{main}\n{main}"), &[2]);
        check(&format!("{main}# a comment\n"), &[2]);
        check(&format!("^{ID}\n{main}"), &[1]);
        check(&format!("{main}^{ID}\n^{ID}\n"), &[3]);
        check(&format!("{main}^{}\n", &ID[1..]), &[2]);
        check(&format!("{} refs/heads/main\n", &ID[1..]), &[1]);
        check(&format!("{ID}  refs/heads/main\n"), &[1]);
        check(&format!("{ID} refs/heads/ma..in\n{ID}\n{main}"), &[1, 2]);
        // A peeled object without its tag goes with it.
        check(&format!("{main}{ID} refs/tags/\u{1}\n^{ID}\n"), &[2, 3]);
    }

    #[test]
    fn head_names_a_ref_or_a_commit() {
        let check = |text: &str, expect: bool| assert_eq!(is_head(text.as_bytes()), expect, "{text:?}");
        check("ref: refs/heads/main\n", true);
        check("ref: refs/heads/other", true);
        check(&format!("{ID}\n"), true);
        check("", false);
        check("\0\0\0\0", false);
        check("ref: \n", false);
        check("ref: refs/heads/\u{7f}\n", false);
        check(&ID[1..], false);
    }
}
