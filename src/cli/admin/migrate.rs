//! `throughline migrate`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::progress::spinner;
use crate::cli::output::words::count;
use crate::graph::Migrated;
use serde_json::json;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let bar = spinner("laying out files".to_owned());
    let migrated = session.migrate(&arguments.authored.author());
    bar.finish_and_clear();
    let migrated = migrated?;
    if arguments.form.json {
        let branch = |of: &Migrated| json!({ "branch": of.branch, "commit": of.commit.id.to_string(), "documents": of.documents });
        return json::print(&json!({ "branches": migrated.iter().map(branch).collect::<Vec<_>>() }));
    }
    for branch in &migrated {
        let documents = count(branch.documents, "document");
        println!("{} is at {}: {documents} laid out anew", branch.branch, branch.commit.id);
    }
    if migrated.is_empty() {
        println!("every branch is of the newest format");
    }
    Ok(())
}
