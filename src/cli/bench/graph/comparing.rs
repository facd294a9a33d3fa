//! Comparing: what differs between two versions, and the merge of two branches.

use super::Failure;
use super::plant::unit;
use super::writing::{commit, moved};
use crate::cli::bench::report::median;
use crate::graph::{MergeRequest, Repository, Snapshot};
use crate::model::sync::cancellation::Cancellation;
use std::time::Instant;

/// How many units are moved to be compared: one statement goes and one comes for each.
const UNITS_MOVED: usize = 5_000;

/// What comparing took, in milliseconds for ten thousand changed statements.
pub(super) struct Compared {
    pub(super) diff: f64,
    /// Finding what a merge comes to, rules included, without writing it.
    pub(super) preview: f64,
    /// The merge commit itself: Git and index written.
    pub(super) merge: f64,
}

/// Moves many units on a branch and as many others on main, then compares and merges both; `series` names the branch.
pub(super) fn compare(repository: &Repository, units: usize, series: &str) -> Result<Compared, Failure> {
    let branch = format!("side-{series}");
    let before = repository.snapshot("main")?;
    repository.create_branch(&branch, "main")?;
    let count = UNITS_MOVED.min(units / 4 - 1);
    for (branch, first) in [(branch.as_str(), 2), ("main", 4)] {
        let move_one = |n: usize| moved(unit(n * 4 + first), format!("{branch}-{series}-{n}"));
        commit(repository, branch, "Move many units".to_owned(), (0..count).map(move_one).collect())?;
    }
    let scale = 1e4 / (2 * count) as f64;
    let measured = diff_millis(repository, &before, &repository.snapshot("main")?)?;
    if measured.statements != 2 * count {
        return Err(format!("the diff has {} statements, not {}", measured.statements, 2 * count).into());
    }
    let mut previews = Vec::new();
    for _ in 0..3 {
        let start = Instant::now();
        let preview = repository.merge_preview(&branch, "main", &[], &Cancellation::default())?;
        previews.push(start.elapsed().as_secs_f64() * 1e3);
        if !preview.is_clean() {
            return Err("the merge is not clean".into());
        }
    }
    let start = Instant::now();
    repository.merge(&MergeRequest { source: branch, into: "main".to_owned(), ..Default::default() })?;
    let merge = start.elapsed().as_secs_f64() * 1e3 * scale;
    Ok(Compared { diff: measured.millis * scale, preview: median(&mut previews) * scale, merge })
}

/// A diff measured.
pub(super) struct MeasuredDiff {
    pub(super) millis: f64,
    pub(super) statements: usize,
}

/// Measures a diff: the median of three.
pub(super) fn diff_millis(
    repository: &Repository,
    from: &Snapshot,
    to: &Snapshot,
) -> Result<MeasuredDiff, Failure> {
    let (mut millis, mut statements) = (Vec::new(), 0);
    for _ in 0..3 {
        let start = Instant::now();
        let diff = repository.diff(from, to, None)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        let properties = diff.resources.iter().flat_map(|resource| &resource.properties);
        statements = properties.map(|property| property.added.len() + property.removed.len()).sum();
    }
    Ok(MeasuredDiff { millis: median(&mut millis), statements })
}
