//! `throughline reindex`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::graph::{Error, Repository};
use crate::model::time::clock::SystemClock;
use crate::server;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let started = Instant::now();
    let bar = spinner("reading Git".to_owned());
    let commits = reindex(&arguments.data.data);
    bar.finish_and_clear();
    let (commits, seconds) = (commits?, started.elapsed().as_secs_f64());
    if arguments.form.json {
        return json::print(&json!({ "commitCount": commits, "seconds": seconds }));
    }
    println!("the index is made anew from {} in {seconds:.1} s", count(commits, "commit"));
    Ok(())
}

/// Makes the index anew, through the service where one has the thread open; returns of how many commits.
fn reindex(thread: &Path) -> Result<u64, Failure> {
    let hint = "the index stays as it was; throughline fsck names what is wrong, and what to do";
    match Repository::rebuild(thread, Arc::new(SystemClock::default())) {
        Err(locked @ Error::Locked(_)) => match server::reindex(thread)? {
            Some(done) => done.map_err(|error| Failure::new(error).hint(hint)),
            None => Err(Failure::from(locked)),
        },
        Err(error) => Err(Failure::from(error).hint(hint)),
        Ok(rebuilt) => Ok(rebuilt.commit_count()?),
    }
}
