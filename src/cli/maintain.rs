//! `throughline maintain`.

use super::Data;
use super::error::Failure;
use super::progress::spinner;
use super::words::count;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let bar = spinner("packing objects".to_owned());
    let done = app.repository().maintain(&|| false);
    bar.finish_and_clear();
    let done = done?;
    let (packed, packs) = (count(done.packed, "loose object"), count(done.packs, "pack"));
    println!("{packed} packed, {} merged: {packs}", count(done.merged, "pack"));
    for damaged in &done.damaged {
        println!("object {damaged}");
    }
    match done.damaged.len() {
        0 => Ok(()),
        damaged => {
            Err(Failure::new(count(damaged, "damaged object")).hint("throughline fsck says what to do"))
        }
    }
}
