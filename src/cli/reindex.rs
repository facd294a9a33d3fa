//! `throughline reindex`.

use super::Data;
use super::error::Failure;
use super::progress::spinner;
use super::words::count;
use crate::graph::Repository;
use crate::model::clock::SystemClock;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let begun = Instant::now();
    let bar = spinner("reading Git".to_owned());
    let rebuilt = Repository::rebuild(&arguments.data.data, Arc::new(SystemClock::default()));
    bar.finish_and_clear();
    let rebuilt = rebuilt.map_err(|error| {
        Failure::from(error)
            .hint("the index stays as it was; throughline fsck names what is wrong, and what to do")
    })?;
    let commits = count(rebuilt.commit_count()?, "commit");
    println!("the index is made anew from {commits} in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
