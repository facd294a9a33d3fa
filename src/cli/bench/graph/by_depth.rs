//! Each figure against the depth of the history: commits on main, on a branch of it, on a branch of that one, and on a
//! branch of that.

use super::comparing::{compare, diff_millis};
use super::plant::STATEMENTS_A_UNIT;
use super::reading::{hot_ratio, page_millis, resource_micros};
use super::writing::{Branches, commit_millis, grow, import};
use super::{Failure, Scale, storage};
use crate::cli::bench::report::Table;
use crate::graph::{CommitId, Repository};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

pub(super) const READ: &str = "read a resource of 6 statements at head";
pub(super) const READ_BELOW: &str = "  below all these commits";
pub(super) const READ_BRANCH: &str = "  at the head of the innermost branch";
pub(super) const HOT: &str = "a resource rewritten in every commit, at head, by a quiet one";
pub(super) const COMMIT: &str = "small durable commit, p50";
pub(super) const RESTART: &str = "restart";
pub(super) const REBUILD: &str = "rebuild of the index";

const BRANCHES: Branches = ["main", "a", "b", "c"];

/// How many units are imported on top of a history.
const UNITS_IMPORTED: usize = 1_666;

/// Adds a column for each power of ten up to the scale's commits.
pub(super) fn measure(folder: &Path, scale: Scale, table: &mut Table) -> Result<(), Failure> {
    let units = (scale.triples / STATEMENTS_A_UNIT).max(400);
    let (mut done, mut below) = (0, None);
    for depth in [scale.commits / 1000, scale.commits / 100, scale.commits / 10, scale.commits] {
        let depth = depth.max(done + BRANCHES.len());
        table.begin_column(&depth.to_string());
        let repository = Repository::open(folder, storage::clock())?;
        // By its id: an open snapshot keeps the index from using freed pages again.
        let below = match below {
            Some(below) => below,
            None => *below.insert(repository.snapshot("main")?.commit().id),
        };
        grown(&repository, folder, done..depth, units, table)?;
        done = depth;
        read(&repository, below, units, table)?;
        compared(&repository, below, depth, units, table)?;
        imported(&repository, depth, units, table)?;
        drop(repository);
        opened(folder, units, below, table)?;
    }
    let loose = storage::on_disk(folder)?.git;
    storage::pack(folder)?;
    table.set("Git on disk, packed", storage::on_disk(folder)?.git / loose, "× loose");
    Ok(())
}

/// Measures the import of units that the thread does not have yet, into a branch of its own.
fn imported(repository: &Repository, depth: usize, units: usize, table: &mut Table) -> Result<(), Failure> {
    let name = format!("line-{depth}");
    repository.create_branch(&name, "main")?;
    let (triples, seconds) = import(repository, &name, &name, units..units + UNITS_IMPORTED)?;
    table.set("import of 10 k statements more", triples as f64 / seconds / 1e3, "k triples/s");
    Ok(())
}

/// Measures a commit, a diff and a merge on top of all commits so far.
fn compared(
    repository: &Repository,
    below: CommitId,
    depth: usize,
    units: usize,
    table: &mut Table,
) -> Result<(), Failure> {
    let all = diff_millis(repository, &repository.snapshot_at(below)?, &repository.snapshot("main")?)?;
    table.set("diff over all these commits of main", all.millis, "ms");
    table.set("statements in it", all.statements as f64, "statements");
    table.set(COMMIT, commit_millis(repository, units, &depth.to_string())?, "ms");
    let compared = compare(repository, units, &depth.to_string())?;
    table.set("diff, for 10 k changed statements", compared.diff, "ms");
    table.set("merge, rules included, for 10 k, not written", compared.preview, "ms");
    Ok(())
}

/// Measures what opening takes, with the index as it is and without one.
fn opened(folder: &Path, units: usize, below: CommitId, table: &mut Table) -> Result<(), Failure> {
    let head = storage::memory_when_read(folder, units, &["main"])?;
    let all = storage::memory_when_read(folder, units, &["main", &below.to_string()])?;
    let triples = (units * STATEMENTS_A_UNIT) as f64;
    table.set("memory, opened and all read at head", head / triples, "bytes/triple");
    table.set("  and all read below these commits too", all / triples, "bytes/triple");
    table.set(RESTART, storage::restart_seconds(folder)?, "s");
    table.set(REBUILD, storage::rebuild_seconds(folder)?, "s");
    Ok(())
}

/// Makes commits up to a depth, and reports what they take on disk.
fn grown(
    repository: &Repository,
    folder: &Path,
    commits: Range<usize>,
    units: usize,
    table: &mut Table,
) -> Result<(), Failure> {
    let (git, index) = (storage::on_disk(folder)?.git, repository.index_bytes()? as f64);
    let changed = grow(repository, &BRANCHES, commits, units)? as f64;
    table.set("Git on disk, loose objects", (storage::on_disk(folder)?.git - git) / changed, "bytes/change");
    table.set("index, pages in use", (repository.index_bytes()? as f64 - index) / changed, "bytes/change");
    Ok(())
}

fn read(repository: &Repository, below: CommitId, units: usize, table: &mut Table) -> Result<(), Failure> {
    let innermost = BRANCHES[BRANCHES.len() - 1];
    let (head, below) = (repository.snapshot("main")?, repository.snapshot_at(below)?);
    let branch = repository.snapshot(innermost)?;
    table.set(READ, resource_micros(&head, units)?, "µs");
    table.set(READ_BELOW, resource_micros(&below, units)?, "µs");
    table.set(READ_BRANCH, resource_micros(&branch, units)?, "µs");
    table.set(HOT, hot_ratio(&head)?, "× quiet");
    table.set("  on the innermost branch, by a quiet one", hot_ratio(&branch)?, "× quiet");
    table.set("  below all these commits, by a quiet one", hot_ratio(&below)?, "× quiet");
    let pages = log_millis(repository)?;
    table.set("a page of the log, the first", pages[0], "ms");
    table.set("  the twentieth, read one after the other", pages[1], "ms");
    table.set("50 units by site and serial, at head", page_millis(&head)?, "ms");
    table.set("50 units by site and serial, below all", page_millis(&below)?, "ms");
    Ok(())
}

/// Returns the milliseconds of the first page of the log, and of the last of twenty.
fn log_millis(repository: &Repository) -> Result<[f64; 2], Failure> {
    const COMMITS: usize = 50;
    let head = repository.snapshot("main")?;
    let (mut after, mut millis) = (None, Vec::new());
    for _ in 0..20 {
        let start = Instant::now();
        let page = repository.log(&head, None, after, COMMITS)?;
        millis.push(start.elapsed().as_secs_f64() * 1e3);
        let Some(last) = page.last() else { break };
        after = Some(last.id);
    }
    Ok([millis[0], millis.last().copied().unwrap_or(f64::NAN)])
}
