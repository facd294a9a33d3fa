//! `throughline maintain`.

use crate::app::access::Principal;
use crate::app::{self, App};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::cli::{Data, sources};
use crate::graph::{self, Maintained};
use crate::model::time::clock::SystemClock;
use crate::server;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// Also remove objects that no ref reaches and that are older than so many days; 14 where no number is given
    #[arg(long, value_name = "DAYS", num_args = 0..=1, default_missing_value = "14")]
    prune: Option<u32>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let bar = spinner("packing objects".to_owned());
    let done = maintain(&arguments.data.data, arguments.prune);
    bar.finish_and_clear();
    let done = done?;
    if arguments.form.json {
        json::print(&done)?;
        return unless_damaged(&done);
    }
    let (packed, packs) = (count(done.packed, "loose object"), count(done.packs, "pack"));
    println!("{packed} packed, {} merged: {packs}", count(done.merged, "pack"));
    if arguments.prune.is_some() {
        println!("{} that no ref reaches removed", count(done.pruned, "object"));
    }
    for damaged in &done.damaged {
        println!("object {damaged}");
    }
    unless_damaged(&done)
}

/// Fails where objects are damaged.
fn unless_damaged(done: &Maintained) -> Result<(), Failure> {
    match done.damaged.len() {
        0 => Ok(()),
        damaged => {
            Err(Failure::new(count(damaged, "damaged object")).hint("throughline fsck describes what to do"))
        }
    }
}

/// Maintains a thread, through the service where one has it open.
fn maintain(thread: &Path, prune: Option<u32>) -> Result<Maintained, Failure> {
    match App::open_with(thread, Arc::new(SystemClock::default()), sources()) {
        Err(app::Error::Graph(locked @ graph::Error::Locked(_))) => match server::maintain(thread, prune)? {
            Some(done) => done.map_err(Failure::new),
            None => Err(Failure::from(locked)),
        },
        app => Ok(Arc::new(app?).session(Principal::local()).maintain(prune)?),
    }
}
