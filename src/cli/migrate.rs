//! `throughline migrate`.

use super::Data;
use super::authored::Authored;
use super::error::Failure;
use super::progress::spinner;
use super::words::count;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    authored: Authored,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let bar = spinner("laying out files".to_owned());
    let migrated = app.migrate(&arguments.authored.author());
    bar.finish_and_clear();
    let migrated = migrated?;
    for branch in &migrated {
        let documents = count(branch.documents, "document");
        println!("{} is at {}: {documents} laid out anew", branch.branch, branch.commit.id);
    }
    if migrated.is_empty() {
        println!("every branch is of the newest format");
    }
    Ok(())
}
