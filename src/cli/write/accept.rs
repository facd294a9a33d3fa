//! `throughline adopt`.

use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words::count;
use crate::graph::AdoptRequest;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// What was pushed to refs/incoming/REF; or any other ref of the repository, or a commit id
    #[arg(value_name = "REF")]
    reference: String,
    /// The branch that is made of it, or moved on to it [default: REF]
    #[arg(long = "as", value_name = "BRANCH")]
    branch: Option<String>,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let request = AdoptRequest { reference: arguments.reference.clone(), branch: arguments.branch.clone() };
    let adopted = session.adopt(&request)?;
    let commits = count(adopted.commits, "commit");
    println!("{} is at {}: {commits} adopted", adopted.branch, adopted.commit.id);
    Ok(())
}
