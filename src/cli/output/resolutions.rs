//! What is decided of conflicts, as flags and as a file of lines.
//!
//! One decision is one line of words: `ours RESOURCE [PROPERTY]`, `theirs RESOURCE [PROPERTY]` or `set RESOURCE PROPERTY
//! VALUE…`, where a value goes on to the end of the line. Empty lines and lines that begin with `# ` are ignored. The flags
//! `--ours`, `--theirs` and `--set` take what follows the first word.

use crate::app::{Choice, resolution};
use crate::cli::error::{Failure, read_text};
use crate::graph::{Resolution, Snapshot};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Decisions {
    /// Take the branch's side of a conflict, one value in quotes: "REQ-1#limit limit"; without PROPERTY, of the resource as a whole
    #[arg(long, value_name = "RESOURCE [PROPERTY]")]
    ours: Vec<String>,
    /// Take the other side of a conflict, one value in quotes
    #[arg(long, value_name = "RESOURCE [PROPERTY]")]
    theirs: Vec<String>,
    /// Give a conflict a value of its own, one value in quotes
    #[arg(long, value_name = "RESOURCE PROPERTY VALUE")]
    set: Vec<String>,
    /// Read decisions from a file, one a line: ours|theirs RESOURCE [PROPERTY], set RESOURCE PROPERTY VALUE
    #[arg(long, value_name = "FILE")]
    resolutions: Option<PathBuf>,
}

/// How a flag is given a resource and a property.
pub(in crate::cli) const ONE_VALUE: &str =
    "a resource and its property are one value, in quotes: --theirs \"REQ-1#limit limit\"";

impl Decisions {
    /// Adds to a failure how a property is given, where the command took one for something else.
    pub(in crate::cli) fn explain(&self, failure: Failure) -> Failure {
        let is_alone = |text: &String| !text.trim().contains(char::is_whitespace);
        if self.ours.iter().chain(&self.theirs).chain(&self.set).any(is_alone) {
            return failure.hint(ONE_VALUE);
        }
        failure
    }

    /// Reads all decisions against a version.
    pub(in crate::cli) fn read(&self, at: &Snapshot) -> Result<Vec<Resolution>, Failure> {
        let flags = [("ours", &self.ours), ("theirs", &self.theirs), ("set", &self.set)];
        let flags = flags.into_iter().flat_map(|(word, texts)| texts.iter().map(move |text| (word, text)));
        let mut read: Vec<Resolution> =
            flags.map(|(word, text)| decision(word, text, at)).collect::<Result<_, _>>()?;
        let Some(path) = &self.resolutions else { return Ok(read) };
        for (number, line) in read_text(path)?.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line == "#" || line.starts_with("# ") {
                continue;
            }
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            let decision = decision(word, rest, at)
                .map_err(|failure| failure.within(&format!("{}:{}", path.display(), number + 1)))?;
            read.push(decision);
        }
        Ok(read)
    }
}

fn decision(word: &str, text: &str, at: &Snapshot) -> Result<Resolution, Failure> {
    let mut words = text.trim().splitn(3, char::is_whitespace).filter(|word| !word.is_empty());
    let (resource, property, value) = (words.next(), words.next(), words.next().map(str::trim));
    let choice = match (word, value) {
        ("ours", None) => Choice::Ours,
        ("theirs", None) => Choice::Theirs,
        ("set", Some(value)) => Choice::Values(vec![value.to_owned()]),
        _ => return Err(misread(word, text)),
    };
    let resource = resource.ok_or_else(|| misread(word, text))?;
    Ok(resolution(at, resource, property, choice)?)
}

fn misread(word: &str, text: &str) -> Failure {
    Failure::new(format!("\"{word} {text}\" is no decision"))
        .hint("write ours RESOURCE [PROPERTY], theirs RESOURCE [PROPERTY] or set RESOURCE PROPERTY VALUE")
}
