//! `throughline adopt`.

use crate::app;
use crate::cli::client::{Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::words::count;
use crate::graph::{self, AdoptRequest};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// What was pushed to refs/incoming/REF; or any other ref of the repository, or a commit id
    #[arg(value_name = "REF")]
    reference: String,
    /// The branch that is made of it, or moved on to it [default: REF]
    #[arg(long = "as", value_name = "BRANCH")]
    branch: Option<String>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let (branch, commit, commits) = match arguments.place.open()? {
        Thread::Here(session) => {
            let (reference, branch) = (arguments.reference.clone(), arguments.branch.clone());
            let adopted = session.adopt(&AdoptRequest { reference, branch }, None).map_err(with_hint)?;
            (adopted.branch, adopted.commit.id.to_string(), adopted.commits as u64)
        }
        Thread::There(service) => {
            let text = "mutation($ref: String!, $branch: String) { done: adopt(input: { ref: $ref, branch: $branch }) { branch { name head { id } } commitCount errors { message } } }";
            let done =
                service.change(text, &json!({ "ref": arguments.reference, "branch": arguments.branch }))?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let branch = &done["branch"];
            (
                text(&branch["name"]),
                text(&branch["head"]["id"]),
                done["commitCount"].as_u64().unwrap_or_default(),
            )
        }
    };
    if arguments.form.json {
        return json::print(&json!({ "branch": branch, "commit": commit, "commitCount": commits }));
    }
    println!("{branch} is at {commit}: {} adopted", count(commits, "commit"));
    Ok(())
}

fn with_hint(error: app::Error) -> Failure {
    let is_of_branch = matches!(&error, app::Error::Graph(graph::Error::Unadoptable { .. }));
    let failure = Failure::from(error);
    if is_of_branch { failure.hint("--as BRANCH names another branch") } else { failure }
}
