//! Files that Git's own tools read beside the objects, and nothing here depends on: caches that they make of the objects, and what cuts
//! the history short. Nobody but Git writes them here; a damaged one keeps everybody from cloning, and a history that is cut looks whole.

use super::ref_files::BadFile;
use crate::graph::git::values::ends_in_sum;
use std::fs;
use std::path::Path;

/// What Git makes of the objects (gitformat-commit-graph, gitformat-pack): each ends in the SHA-1 of what is before.
const CACHES: [&str; 2] = ["objects/info/commit-graph", "objects/pack/multi-pack-index"];

/// Where Git takes the history to begin: a clone has no commit before.
const CUTS: [&str; 2] = ["shallow", "info/grafts"];

/// Finds those that Git cannot read, or that change what it reads.
pub(in crate::graph) fn check(git: &Path) -> Vec<BadFile> {
    let bad = |name: &str, what: &str, advice| {
        let what = what.to_owned();
        BadFile { path: git.join(name), line: None, what, advice, is_needed: false }
    };
    let caches =
        CACHES.into_iter().filter(|name| fs::read(git.join(name)).is_ok_and(|bytes| !ends_in_sum(&bytes)));
    let caches = caches.map(|name| {
        let what = "the file is damaged: Git cannot read the thread, and nobody can clone it";
        bad(name, what, "remove the file: it is made of the objects, and nothing is lost with it")
    });
    let cuts = CUTS.into_iter().filter(|name| fs::read(git.join(name)).is_ok_and(|bytes| !bytes.is_empty()));
    let cuts = cuts.map(|name| {
        let what =
            "Git takes the history to begin at the commits that the file names: a clone lacks those before";
        bad(name, what, "remove the file: the thread has its whole history")
    });
    caches.chain(cuts).collect()
}
