//! `throughline branch`.

use crate::cli::client::{Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::unreadable::{print_names, refuse_unreadable};
use serde_json::{Value, json};
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The branch to make; without it, the branches are listed
    name: Option<String>,
    /// The version to begin at
    #[arg(default_value = "main")]
    at: String,
    /// Delete a branch; what tags, kept versions and other branches name stays
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    delete: Option<String>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let thread = arguments.place.open()?;
    if let Some(name) = &arguments.delete {
        let head = delete(&thread, name)?;
        if arguments.form.json {
            return json::print(&json!({ "name": name, "deleted": head }));
        }
        println!("{name} is deleted; it was {head}");
        return Ok(());
    }
    let Some(name) = &arguments.name else { return list(&thread, arguments.form.json) };
    let commit = create(&thread, name, &arguments.at)?;
    if arguments.form.json {
        return json::print(&json!({ "name": name, "commit": commit }));
    }
    println!("{name} begins at {commit}");
    Ok(())
}

fn delete(thread: &Thread, name: &str) -> Result<String, Failure> {
    match thread {
        Thread::Here(session) => Ok(session.delete_branch(name, None, None)?.to_string()),
        Thread::There(service) => {
            let text = "mutation($name: String!) { done: deleteBranch(input: { name: $name }) { lastHead errors { message } } }";
            let done = service.change(text, &json!({ "name": name }))?;
            Ok(done["lastHead"].as_str().unwrap_or_default().to_owned())
        }
    }
}

fn create(thread: &Thread, name: &str, at: &str) -> Result<String, Failure> {
    match thread {
        Thread::Here(session) => Ok(session.create_branch(name, at, None)?.id.to_string()),
        Thread::There(service) => {
            let text = "mutation($name: String!, $at: String!) { done: createBranch(input: { name: $name, at: $at }) { branch { head { id } } errors { message } } }";
            let done = service.change(text, &json!({ "name": name, "at": at }))?;
            Ok(done["branch"]["head"]["id"].as_str().unwrap_or_default().to_owned())
        }
    }
}

fn list(thread: &Thread, as_json: bool) -> Result<(), Failure> {
    let (branches, unreadable) = match thread {
        Thread::Here(session) => {
            let branches = session.branches()?.into_iter();
            let branches =
                branches.map(|(name, commit)| (name, commit.id.to_string(), commit.time.to_string()));
            (branches.collect::<Vec<_>>(), session.unreadable_branches()?)
        }
        Thread::There(service) => of_service(service)?,
    };
    if as_json {
        print_names("branches", &branches, &unreadable)?;
    } else {
        let mut out = std::io::stdout().lock();
        branches.iter().try_for_each(|(branch, commit, time)| writeln!(out, "{commit}  {time}  {branch}"))?;
    }
    refuse_unreadable(&unreadable)
}

/// Names with their commits and times, and names that cannot be read with the reason.
type Branches = (Vec<(String, String, String)>, Vec<(String, String)>);

/// Reads the branches of a service, page by page.
fn of_service(service: &Service) -> Result<Branches, Failure> {
    let text = "query($after: String) { branches(first: 100, after: $after) { nodes { name head { id time } } pageInfo { hasNextPage endCursor } } }";
    let (mut branches, mut unreadable, mut after) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let page = service.query(text, &json!({ "after": after }))?["branches"].take();
        for branch in page["nodes"].as_array().into_iter().flatten() {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            match &branch["head"] {
                Value::Null => unreadable.push((text(&branch["name"]), "its head cannot be read".to_owned())),
                head => branches.push((text(&branch["name"]), text(&head["id"]), text(&head["time"]))),
            }
        }
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok((branches, unreadable));
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}
