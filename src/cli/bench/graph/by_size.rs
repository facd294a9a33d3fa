//! Each figure against the size of the graph, a plain store of the same statements beside it.

use super::comparing::compare;
use super::plant::{STATEMENTS_A_UNIT, plant};
use super::writing::{Branches, commit_millis, grow, import};
use super::{Failure, concurrent, growth, reading, storage};
use crate::app::App;
use crate::cli::bench::report::Table;
use crate::graph::Repository;
use crate::graph::read::oracle::Oracle;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

pub(super) const IMPORT: &str = "import, validated, into Git and index";
pub(super) const READ: &str = "read a resource of 6 statements";
pub(super) const GRAPHQL: &str = "50 units by site and serial, through GraphQL";
pub(super) const COMMIT: &str = "small durable commit, p50";
pub(super) const DIFF: &str = "diff, for 10 k changed statements";
pub(super) const PREVIEW: &str = "merge, rules included, for 10 k, not written";
pub(super) const MERGE: &str = "merge, durable, for 10 k";
pub(super) const FLOOR: &str = "floor: the same read from a plain store";

/// How many commits are made to read below them.
const COMMITS: usize = 40;

/// Adds a column for a graph of about so many statements; the thread stays in the folder.
pub(super) fn measure(folder: &Path, triples: usize, table: &mut Table) -> Result<(), Failure> {
    let units = (triples / STATEMENTS_A_UNIT).max(400);
    table.begin_column(&(units * STATEMENTS_A_UNIT).to_string());
    plain_store(units, table)?;
    let app = storage::init(folder)?;
    let triples = imported(&app, units, table)?;
    table.set(READ, reading::resource_micros(&app.snapshot("main")?, units)?, "µs");
    table.set("50 units by site and serial", reading::page_millis(&app.snapshot("main")?)?, "ms");
    let in_use = app.repository().index_bytes()? as f64;
    drop(app);
    let on_disk = storage::on_disk(folder)?;
    table.set("Git on disk", on_disk.git / triples, "bytes/triple");
    table.set("index on disk", on_disk.index / triples, "bytes/triple");
    table.set("index, pages in use", in_use / triples, "bytes/triple");
    table.set(
        "memory, opened and all read",
        storage::memory_when_read(folder, units, &["main"])? / triples,
        "bytes/triple",
    );
    table.set("restart", storage::restart_seconds(folder)?, "s");
    table.set("rebuild of the index", storage::rebuild_seconds(folder)?, "s");
    let app = Arc::new(App::open(folder, storage::clock())?);
    table.set(GRAPHQL, reading::graphql_page_millis(&app)?, "ms");
    table.set(COMMIT, commit_millis(app.repository(), units, "size")?, "ms");
    let compared = compare(app.repository(), units, "size")?;
    table.set(DIFF, compared.diff, "ms");
    table.set(PREVIEW, compared.preview, "ms");
    table.set(MERGE, compared.merge, "ms");
    versions(app.repository(), units, table)?;
    growth::measure(&app, units, table)?;
    concurrent::measure(&app, units, table)
}

/// Makes a few commits on nested branches, and reads below them and beside them.
fn versions(repository: &Repository, units: usize, table: &mut Table) -> Result<(), Failure> {
    const BRANCHES: Branches = ["main", "size-a", "size-b", "size-c"];
    let below = repository.snapshot("main")?.commit().id;
    grow(repository, &BRANCHES, 0..COMMITS, units)?;
    let (head, below) = (repository.snapshot("main")?, repository.snapshot_at(below)?);
    let branch = repository.snapshot(BRANCHES[BRANCHES.len() - 1])?;
    // As at head, where the import has just written what is read.
    reading::resource_micros(&head, units)?;
    table.set("the same read, below forty commits more", reading::resource_micros(&below, units)?, "µs");
    table.set("  on a branch of a branch of a branch", reading::resource_micros(&branch, units)?, "µs");
    table.set("a resource rewritten in each of them, at head", reading::hot_ratio(&head)?, "× quiet");
    table.set("  on that branch", reading::hot_ratio(&branch)?, "× quiet");
    table.set("50 units by site and serial, below", reading::page_millis(&below)?, "ms");
    Ok(())
}

/// Measures the import; returns how many statements it took.
fn imported(app: &App, units: usize, table: &mut Table) -> Result<f64, Failure> {
    let before = storage::memory("VmRSS");
    storage::forget_peak();
    let (triples, seconds) = import(app.repository(), "plant", "main", 0..units)?;
    let triples = triples as f64;
    table.set(IMPORT, triples / seconds / 1e3, "k triples/s");
    if let (Some(peak), Some(before)) = (storage::memory("VmHWM"), before) {
        table.set("import, most memory at once", (peak - before) / triples, "bytes/triple");
    }
    Ok(triples)
}

/// The floor: the same statements in a plain store in memory, which keeps one version and checks nothing.
fn plain_store(units: usize, table: &mut Table) -> Result<(), Failure> {
    let statements = plant(0..units);
    let (count, before) = (statements.len() as f64, storage::memory("VmRSS"));
    let start = Instant::now();
    let store = Oracle::load(&statements)?;
    table.set("floor: load a plain store", count / start.elapsed().as_secs_f64() / 1e3, "k triples/s");
    if let (Some(after), Some(before)) = (storage::memory("VmRSS"), before) {
        table.set("floor: memory of a plain store", (after - before) / count, "bytes/triple");
    }
    table.set(FLOOR, reading::floor_micros(&store, units)?, "µs");
    Ok(())
}
