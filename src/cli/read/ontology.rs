//! `throughline ontology`: the user's own classes and shapes, changed in a later commit.

use crate::cli::Data;
use crate::cli::error::{Failure, read_text};
use crate::cli::output::json;
use crate::graph::CommitRequest;
use crate::graphql;
use serde_json::json;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The branch that takes the commit
    #[arg(long, default_value = "main")]
    branch: String,
    /// Ontology files to remove, by name
    #[arg(long, value_name = "NAME")]
    remove: Vec<String>,
    /// The .ttl files to add or replace
    #[arg(value_name = "FILE.ttl")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut ontology: Vec<_> = arguments.remove.iter().map(|name| (name.clone(), None)).collect();
    for path in &arguments.files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        ontology.push((name, Some(read_text(path)?)));
    }
    let session = arguments.data.open()?;
    if ontology.is_empty() {
        let digest = session.snapshot(&arguments.branch)?.ontology().digest().to_string();
        if arguments.form.json {
            return json::print(&json!({ "branch": arguments.branch, "digest": digest }));
        }
        println!("{digest}");
        return Ok(());
    }
    let candidate = session.ontology_with(&session.snapshot(&arguments.branch)?, &ontology)?;
    graphql::sdl(&candidate)?;
    let names: Vec<_> = ontology.iter().map(|(name, _)| name.as_str()).collect();
    let message = format!("Change the ontology: {}", names.join(", "));
    let committed = session.commit_as(CommitRequest {
        branch: arguments.branch.clone(),
        message,
        ontology,
        ..CommitRequest::default()
    })?;
    if arguments.form.json {
        let broken: Vec<_> = committed.broken.iter().map(ToString::to_string).collect();
        let commit = committed.commit.id.to_string();
        return json::print(&json!({ "branch": arguments.branch, "commit": commit, "broken": broken }));
    }
    println!("{} on {}", committed.commit.id, arguments.branch);
    for violation in &committed.broken {
        println!("now broken: {violation}");
    }
    Ok(())
}
