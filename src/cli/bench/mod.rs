//! `throughline bench`: the design's bars, measured on this machine.

pub(crate) mod graph;
pub(crate) mod report;

use std::path::Path;

/// Measures the graph's bars on a plant of about `triples` statements in an empty folder.
pub fn graph(folder: &Path, triples: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut report = report::Report::default();
    graph::run(folder, triples, &mut report)?;
    report.close();
    Ok(())
}
