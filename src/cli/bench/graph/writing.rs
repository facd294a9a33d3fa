//! Writes: the import of the plant, and small commits on nested branches.

use super::Failure;
use super::plant::{moving_unit, plant, unit};
use crate::cli::bench::report::percentile;
use crate::graph::{Author, CommitRequest, ImportRequest, Repository};
use crate::model::statement::change::Change;
use crate::ontology::terms::tl;
use oxigraph::model::{Literal, NamedNode};
use std::ops::Range;
use std::time::Instant;

/// The branches that a history is spread over: each but the first is one of the one before.
pub(super) type Branches = [&'static str; 4];

/// How many commits are timed for a median.
const COMMITS_TIMED: usize = 60;

/// Imports units into a branch as the content of a source; returns the statements and the seconds they took.
pub(super) fn import(
    repository: &Repository,
    source: &str,
    into: &str,
    units: Range<usize>,
) -> Result<(usize, f64), Failure> {
    let message = format!("Import {} units", units.len());
    let statements = plant(units);
    let count = statements.len();
    let start = Instant::now();
    repository.import(ImportRequest {
        source: source.to_owned(),
        into: into.to_owned(),
        message,
        author: Author::default(),
        statements,
        ..Default::default()
    })?;
    Ok((count, start.elapsed().as_secs_f64()))
}

/// Makes a unit's move to another site.
pub(super) fn moved(unit: NamedNode, site: String) -> Change {
    Change::Set { subject: unit, predicate: tl::SITE.into_owned(), values: vec![Literal::from(site).into()] }
}

pub(super) fn commit(
    repository: &Repository,
    branch: &str,
    message: String,
    changes: Vec<Change>,
) -> Result<(), Failure> {
    let branch = branch.to_owned();
    repository.commit(&CommitRequest { branch, message, changes, ..Default::default() })?;
    Ok(())
}

/// Makes commits on all branches in turn. Each rewrites the hot unit, every other one
/// moves another unit too. Returns how many statements changed.
pub(super) fn grow(
    repository: &Repository,
    branches: &Branches,
    commits: Range<usize>,
    units: usize,
) -> Result<usize, Failure> {
    let mut changed = 0;
    for n in commits {
        let branch = branches[n % branches.len()];
        if n < branches.len() && n > 0 {
            repository.create_branch(branch, branches[n - 1])?;
        }
        let mut changes = vec![moved(unit(0), format!("hot-{n}"))];
        if n.is_multiple_of(2) {
            changes.push(moved(moving_unit(n, units), format!("moved-{n}")));
        }
        changed += changes.len() * 2;
        commit(repository, branch, format!("Move units, {n}"), changes)?;
    }
    Ok(changed)
}

/// Returns the median milliseconds of a small durable commit; `series` distinguishes the commits of one call from another's.
pub(super) fn commit_millis(repository: &Repository, units: usize, series: &str) -> Result<f64, Failure> {
    let mut millis = Vec::new();
    for n in 0..COMMITS_TIMED {
        let changes = vec![moved(moving_unit(n * 31 + 2, units), format!("timed-{series}-{n}"))];
        let start = Instant::now();
        commit(repository, "main", format!("Move a unit, timed, {n}"), changes)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(percentile(&mut millis, 0.5))
}
