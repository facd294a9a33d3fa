//! `throughline fsck`.

use super::Data;
use super::error::Failure;
use super::progress::spinner;
use super::words::count;
use crate::graph::Depth;
use crate::graph::check::check;
use crate::telemetry;
use std::path::Path;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Look at the heads only, and make no index for comparison
    #[arg(long)]
    quick: bool,
    /// Go on without the telemetry that is missing or cannot be read: what is let go is told, what can be set aside is
    #[arg(long)]
    salvage_telemetry: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let begun = Instant::now();
    let bar = spinner("checking".to_owned());
    let (folder, depth) = (&arguments.data.data, if arguments.quick { Depth::Heads } else { Depth::Whole });
    let checked = check(folder, depth);
    let series = telemetry::check(&folder.join("telemetry"));
    bar.finish_and_clear();
    let (checked, series) = (checked?, series?);
    checked.damages.iter().for_each(|damage| println!("{damage}"));
    series.damages.iter().for_each(|damage| println!("{damage}"));
    let (objects, commits) = (count(checked.objects, "object"), count(checked.commits, "commit"));
    let (parts, batches) = (count(series.parts, "part"), count(series.batches, "logged batch"));
    println!("{parts} and {batches} of telemetry read");
    println!("{objects} and the files of {commits} read in {:.1} s", begun.elapsed().as_secs_f64());
    if let Some(digest) = &checked.digest {
        println!("index {digest}");
    }
    let found = checked.damages.len();
    match if arguments.salvage_telemetry { salvage(folder)? } else { series.damages.len() } + found {
        0 => {
            println!("all is well");
            Ok(())
        }
        found => Err(Failure::new(count(found, "damage"))),
    }
}

/// Goes on without the telemetry that cannot be read, and tells what that costs; returns how many damages stay.
fn salvage(folder: &Path) -> Result<usize, Failure> {
    let folder = folder.join("telemetry");
    for let_go in telemetry::salvage(&folder)? {
        println!("let go: {let_go}");
    }
    let left = telemetry::check(&folder)?.damages;
    left.iter().for_each(|damage| println!("{damage}"));
    Ok(left.len())
}
