//! `throughline fsck`.

use super::Data;
use super::error::Failure;
use super::progress::spinner;
use super::words::count;
use crate::graph::Depth;
use crate::graph::check::check;
use crate::telemetry;
use std::io::Write;
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
    let mut out = std::io::stdout().lock();
    checked.damages.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
    series.damages.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
    let (objects, commits) = (count(checked.objects, "object"), count(checked.commits, "commit"));
    let (parts, batches) = (count(series.parts, "part"), count(series.batches, "logged batch"));
    writeln!(out, "{parts} and {batches} of telemetry read")?;
    writeln!(out, "{objects} and the files of {commits} read in {:.1} s", begun.elapsed().as_secs_f64())?;
    if let Some(digest) = &checked.digest {
        writeln!(out, "index {digest}")?;
    }
    let found = checked.damages.len();
    match if arguments.salvage_telemetry { salvage(folder, &mut out)? } else { series.damages.len() } + found
    {
        0 => {
            writeln!(out, "all is well")?;
            Ok(())
        }
        found => Err(Failure::new(count(found, "damage"))),
    }
}

/// Goes on without the telemetry that cannot be read, and tells what that costs; returns how many damages stay.
fn salvage(folder: &Path, out: &mut impl Write) -> Result<usize, Failure> {
    let folder = folder.join("telemetry");
    for let_go in telemetry::salvage(&folder)? {
        writeln!(out, "let go: {let_go}")?;
    }
    let left = telemetry::check(&folder)?.damages;
    left.iter().try_for_each(|damage| writeln!(out, "{damage}"))?;
    Ok(left.len())
}
