//! What is decided of conflicts, as flags and as a file of lines.
//!
//! One decision is one line of words: `ours RESOURCE [PROPERTY]`, `theirs RESOURCE [PROPERTY]` or `set RESOURCE PROPERTY
//! VALUE…`, where a value goes on to the end of the line. Empty lines and lines that begin with `# ` are ignored. The flags
//! `--ours`, `--theirs` and `--set` take what follows the first word.

use crate::app::{Choice, Decision};
use crate::cli::error::{Failure, read_text};
use crate::graph::{Resolution, Snapshot};
use serde_json::{Value, json};
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

    /// Reads all decisions, each with its place where it is in a file.
    pub(in crate::cli) fn all(&self) -> Result<Vec<(Decision, Option<String>)>, Failure> {
        let flags = [("ours", &self.ours), ("theirs", &self.theirs), ("set", &self.set)];
        let decision = |word: &str, text: &str| Decision { word: word.to_owned(), text: text.to_owned() };
        let of_flag = |word, text: &String| (decision(word, text), None);
        let flags =
            flags.into_iter().flat_map(|(word, texts)| texts.iter().map(move |text| of_flag(word, text)));
        let mut all: Vec<_> = flags.collect();
        let Some(path) = &self.resolutions else { return Ok(all) };
        for (number, line) in read_text(path)?.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line == "#" || line.starts_with("# ") {
                continue;
            }
            let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            all.push((decision(word, rest), Some(format!("{}:{}", path.display(), number + 1))));
        }
        Ok(all)
    }

    /// Writes all decisions as the resolutions of a mutation.
    pub(in crate::cli) fn inputs(&self) -> Result<Vec<Value>, Failure> {
        let input = |(decision, place): (Decision, Option<String>)| {
            input(&decision).map_err(|failure| match place {
                Some(place) => failure.within(&place),
                None => failure,
            })
        };
        self.all()?.into_iter().map(input).collect()
    }

    /// Reads all decisions against a version.
    pub(in crate::cli) fn read(&self, at: &Snapshot) -> Result<Vec<Resolution>, Failure> {
        let read = |(decision, place): (Decision, Option<String>)| {
            let read = decision.resolution(at).map_err(Failure::from);
            read.map_err(|failure| match place {
                Some(place) => failure.within(&place),
                None => failure,
            })
        };
        self.all()?.into_iter().map(read).collect()
    }
}

/// Writes a decision as a resolution of a mutation.
fn input(decision: &Decision) -> Result<Value, Failure> {
    let (resource, property, choice) = decision.parts()?;
    let mut input = json!({ "resource": resource, "property": property });
    match choice {
        Choice::Ours => input["take"] = "OURS".into(),
        Choice::Theirs => input["take"] = "THEIRS".into(),
        Choice::Values(values) => input["values"] = values.into(),
    }
    Ok(input)
}
