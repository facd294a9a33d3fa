//! The graph's bars of the design on a made-up plant, and the curves behind them: each figure against the size of the
//! graph, and against the depth of a history on nested branches.

mod by_depth;
mod by_size;
mod comparing;
mod concurrent;
mod growth;
mod plant;
mod reading;
mod storage;
mod writing;

use super::report::{Report, Table, fdatasync_micros};
use crate::graph::Repository;
use std::path::Path;
pub(super) use storage::print_memory;

pub(super) type Failure = Box<dyn std::error::Error>;

/// How far the measurements go: a graph of so many statements, a history of so many commits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) triples: usize,
    pub(super) commits: usize,
}

/// Measures and prints everything.
pub(super) fn run(folder: &Path, scale: Scale, report: &mut Report) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)?;
    let sync = fdatasync_micros(folder)?;
    report.line("floor: one fdatasync of this disk", sync, "µs");
    if let Ok(load) = std::fs::read_to_string("/proc/loadavg") {
        report.line("load of the machine before", load.split(' ').next().unwrap_or("").parse()?, "");
    }
    let mut sizes = Table::new("by the size of the graph, in statements");
    for triples in [scale.triples / 100, scale.triples / 10] {
        // It stays until the end: a file system is slower to make files just after it has removed many.
        by_size::measure(&folder.join(triples.to_string()), triples, &mut sizes)?;
    }
    let largest = folder.join(scale.triples.to_string());
    by_size::measure(&largest, scale.triples, &mut sizes)?;
    report.table(&sizes);
    let mut depths = Table::new("by the depth of the history, in commits on nested branches");
    by_depth::measure(&largest, scale, &mut depths)?;
    report.table(&depths);
    let mut branches = Table::new("by the branches that were merged, each with one change of one resource");
    let repository = Repository::open(&largest, storage::clock())?;
    growth::merged_branches(&repository, &mut branches)?;
    report.table(&branches);
    let mut renewals = Table::new("by how often the fragment of a resource was renewed");
    growth::renewed_fragments(&repository, &mut renewals)?;
    drop(repository);
    report.table(&renewals);
    growth::print(&sizes, report);
    judge(&sizes, &depths, sync, report);
    let growth = |table: &Table, what| table.last(what) / table.first(what);
    let merged = growth(&branches, growth::CHANGED);
    report.at_most("a resource that 1,000 merged branches changed, at head", merged, 2.0, "× after one");
    let beside = branches.last(growth::OTHER) / branches.last(growth::FLOOR);
    report.at_most("another resource, after 1,000 merged branches", beside, 1.5, "× a plain store");
    let renewed = growth(&renewals, growth::RENEWED);
    report.at_most("a resource whose fragment was renewed 1,000 times", renewed, 2.0, "× after one");
    Ok(())
}

/// Holds the largest graph and the deepest history to the design's bars.
fn judge(sizes: &Table, depths: &Table, sync: f64, report: &mut Report) {
    let (size, depth) = (|what| sizes.last(what), |what| depths.last(what));
    let growth = |what| sizes.last(what) / sizes.before_last(what);
    report.at_least("import, validated, into Git and index", size(by_size::IMPORT), 40.0, "k triples/s");
    report.at_most("read a resource of 6 statements at head", size(by_size::READ), 15.0, "µs");
    let head = depth(by_depth::READ);
    report.at_most("the same below all commits", depth(by_depth::READ_BELOW) / head, 1.5, "× head");
    report.at_most(
        "the same on a branch of a branch of a branch",
        depth(by_depth::READ_BRANCH) / head,
        1.5,
        "× head",
    );
    report.at_most("a resource rewritten in every commit, at head", depth(by_depth::HOT), 1.5, "× quiet");
    report.at_most("50 units by site and serial, through GraphQL", size(by_size::GRAPHQL), 50.0, "ms");
    report.at_most("50 units by IRI", size(growth::PAGE), 2.0, "ms");
    let page = size(growth::PAGE) / sizes.first(growth::PAGE);
    report.at_most("the same, by the smallest graph", page, 2.0, "×");
    report.at_most("suspect links, after one more commit", size(growth::SUSPECTS), 50.0, "ms");
    report.at_least("small commits a second, of 1 client", size(concurrent::RATE_OF_ONE), 500.0, "1/s");
    report.at_least("small commits a second, of 64 clients", size(concurrent::RATE_OF_MANY), 500.0, "1/s");
    report.at_most("p99 of a commit, of 1 client", size(concurrent::TAIL_OF_ONE), 250.0, "ms");
    report.at_most("p99 of a commit, of 64 clients", size(concurrent::TAIL_OF_MANY), 250.0, "ms");
    let beside = |floor| size(concurrent::READER_BESIDE) / size(floor);
    let what = "a reader's p99 beside 8 clients that commit";
    report.line(what, beside(concurrent::READER), "× beside nothing");
    report.at_most(what, beside(concurrent::READER_FLOOR), 2.0, "× beside as much other work");
    report.at_most("small durable commit, p50", size(by_size::COMMIT), 14.0 * sync / 1e3 + 5.0, "ms");
    report.at_most("the same, at 10 × the graph", growth(by_size::COMMIT), 1.3, "×");
    report.at_most("the same, after all commits", depth(by_depth::COMMIT) / size(by_size::COMMIT), 1.3, "×");
    report.at_most("diff, for 10 k changed statements", size(by_size::DIFF), 100.0, "ms");
    report.at_most("merge, rules included, for 10 k changed statements", size(by_size::PREVIEW), 100.0, "ms");
    report.at_most("durable merge of 10 k changed statements", size(by_size::MERGE), 60.0, "ms");
    report.at_most(
        "read a resource of 6 statements",
        size(by_size::READ) / size(by_size::FLOOR),
        1.5,
        "× a plain store",
    );
    report.at_most("restart", depth(by_depth::RESTART), 1.0, "s");
    report.at_most("full rebuild of the index from Git", depth(by_depth::REBUILD), 60.0, "s");
}
