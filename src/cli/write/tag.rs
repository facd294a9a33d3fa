//! `throughline tag`.

use crate::cli::client::{ClientRequest, Place, Thread};
use crate::cli::error::Failure;
use crate::cli::output::json;
use crate::cli::output::unreadable::{print_names, refuse_unreadable};
use serde::Deserialize;
use serde_json::json;
use std::io::Write as _;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The tag to make; without it, the tags are listed
    name: Option<String>,
    /// The version to tag
    #[arg(default_value = "main")]
    at: String,
    /// The message of the tag [default: its name]
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let thread = arguments.place.open()?;
    let Some(name) = &arguments.name else { return list(&thread, arguments.form.json) };
    let message = arguments.message.as_deref().unwrap_or(name);
    let commit = match thread {
        Thread::Here(session) => session.tag(name, &arguments.at, message, None)?.id.to_string(),
        Thread::There(service) => {
            let query = [("name", name.as_str()), ("at", &arguments.at), ("message", message)];
            let query = query.map(|(name, value)| (name, value.to_owned())).to_vec();
            let tagged: Tag =
                service.read(ClientRequest::post("/tags", query, "application/json", Vec::new()))?;
            tagged.commit
        }
    };
    if arguments.form.json {
        return json::print(&json!({ "name": name, "commit": commit }));
    }
    println!("{name} is {commit}");
    Ok(())
}

fn list(thread: &Thread, as_json: bool) -> Result<(), Failure> {
    let (tags, unreadable) = match thread {
        Thread::Here(session) => {
            let tags = session.tags()?.into_iter();
            let tags = tags.map(|(name, commit)| (name, commit.id.to_string(), commit.time.to_string()));
            (tags.collect::<Vec<_>>(), session.unreadable_tags()?)
        }
        Thread::There(service) => {
            let Tags { tags, unreadable } = service.read(ClientRequest::get("/tags", Vec::new()))?;
            let unreadable = unreadable.into_iter().map(|tag| (tag.name, tag.reason)).collect();
            (tags.into_iter().map(|tag| (tag.name, tag.commit, tag.time)).collect(), unreadable)
        }
    };
    if as_json {
        print_names("tags", &tags, &unreadable)?;
        return refuse_unreadable(&unreadable);
    }
    let mut out = std::io::stdout().lock();
    tags.iter().try_for_each(|(tag, commit, time)| writeln!(out, "{commit}  {time}  {tag}"))?;
    refuse_unreadable(&unreadable)
}

/// The tags as the service answers with them.
#[derive(Deserialize)]
struct Tags {
    tags: Vec<Tag>,
    unreadable: Vec<Unreadable>,
}

#[derive(Deserialize)]
struct Tag {
    name: String,
    commit: String,
    time: String,
}

#[derive(Deserialize)]
struct Unreadable {
    name: String,
    reason: String,
}
