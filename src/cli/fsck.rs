//! `throughline fsck`.

use super::Data;
use super::error::Failure;
use super::progress::spinner;
use crate::graph::Depth;
use crate::graph::check::check;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Look at the heads only, and make no index for comparison
    #[arg(long)]
    quick: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let begun = Instant::now();
    let bar = spinner("checking".to_owned());
    let depth = if arguments.quick { Depth::Heads } else { Depth::Whole };
    let checked = check(&arguments.data.data, depth);
    bar.finish_and_clear();
    let checked = checked?;
    for finding in &checked.findings {
        println!("{finding}");
    }
    let (objects, commits) = (checked.objects, checked.commits);
    println!(
        "{objects} objects and the files of {commits} commits read in {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    if let Some(digest) = &checked.digest {
        println!("index {digest}");
    }
    match checked.findings.len() {
        0 => {
            println!("all is well");
            Ok(())
        }
        found => Err(Failure::new(format!("{found} findings"))),
    }
}
