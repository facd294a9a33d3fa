//! The repository's own configuration: what Git's tools obey beside the service, stated in the file `config`. It is written at every start
//! that lacks it, and named by fsck: without it Git deletes what no ref reaches yet, and syncs no object that it writes.

use super::ref_files::BadFile;
use crate::graph::git::values::git_error;
use crate::model::durable::sync;
use git2::{Config, Repository};
use std::path::Path;

const FILE: &str = "config";

/// What the file states, in the form of Git's own values; only the first four are needed for nothing to be lost.
///
/// Git ignores all extensions where the format's version is missing. With `preciousObjects` it refuses `prune` and `repack -d`, and `gc`
/// leaves objects alone: what is written and not yet reached by a ref would be unreachable to it, and the service packs loose objects
/// itself ([`crate::graph::upkeep::maintenance`]). What libgit2 writes is synced whatever `core.fsync` states. A push has its objects
/// checked, and leaves tidying up to `git gc`.
const STATED: [(&str, &str); 6] = [
    ("core.repositoryformatversion", "0"),
    ("core.bare", "true"),
    ("extensions.preciousobjects", "true"),
    ("core.fsync", "committed,loose-object,reference"),
    ("receive.fsckobjects", "true"),
    ("receive.autogc", "false"),
];
const NEEDED: usize = 4;

/// Keys that may have another value than ours: another format is Git's matter, and whoever syncs more may.
const FREE: [&str; 2] = ["core.repositoryformatversion", "core.fsync"];

/// Earlier releases set this; Git has deprecated it, and warns of it.
const DEPRECATED: &str = "core.fsyncObjectFiles";

/// Writes what the configuration lacks, synced.
pub(in crate::graph) fn complete(repository: &Repository) -> Result<(), git2::Error> {
    let mut config = repository.config()?;
    let lacking: Vec<_> = STATED.into_iter().filter(|stated| !states(&config, *stated)).collect();
    for (key, value) in &lacking {
        config.set_str(key, value)?;
    }
    let is_deprecated = config.get_string(DEPRECATED).is_ok();
    if is_deprecated {
        config.remove(DEPRECATED)?;
    }
    match lacking.is_empty() && !is_deprecated {
        true => Ok(()),
        false => sync(repository.path()).map_err(git_error),
    }
}

/// Finds what is wrong with the configuration of a repository.
pub(in crate::graph) fn check(git: &Path) -> Vec<BadFile> {
    let path = git.join(FILE);
    let bad = |what, advice| BadFile { path: path.clone(), line: None, what, advice, is_needed: false };
    const START: &str = "the next start (throughline serve) writes it";
    if !path.is_file() {
        return vec![bad("the file is missing: Git may delete what no ref reaches yet".to_owned(), START)];
    }
    match Config::open(&path) {
        Ok(config) => {
            let lacking = STATED[..NEEDED].iter().filter(|stated| !states(&config, **stated));
            lacking.map(|(key, value)| bad(format!("it does not state {key} = {value}"), START)).collect()
        }
        Err(error) => {
            let advice = "remove the file: the next start (throughline serve) writes it anew";
            vec![bad(format!("it cannot be read: {}", error.message()), advice)]
        }
    }
}

fn states(config: &Config, (key, value): (&str, &str)) -> bool {
    match (config.get_string(key), value) {
        (Err(_), _) => false,
        (Ok(_), _) if FREE.contains(&key) => true,
        (Ok(_), "true" | "false") => config.get_bool(key).is_ok_and(|stated| stated == (value == "true")),
        (Ok(stated), _) => stated == value,
    }
}
