//! `throughline demo`.

use super::load::load;
use super::story::{QUESTIONS, Question};
use crate::app::App;
use crate::cli::error::Failure;
use crate::cli::progress::spinner;
use crate::cli::serve::serve;
use crate::graphql::{Query, Service};
use crate::model::clock::SystemClock;
use crate::model::period::Period;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Written last, so that a folder that holds it holds the whole story.
const MARK: &str = "demo.json";

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The folder of the demo's own thread
    #[arg(long, value_name = "DIR", default_value = "throughline-demo")]
    data: PathBuf,
    /// Print the answers to the story's questions and exit
    #[arg(long)]
    once: bool,
    /// How often every pump reports
    #[arg(long, value_name = "DURATION", default_value = "PT1H")]
    period: Period,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let before = loaded(arguments)?;
    if arguments.once {
        return answer_all(&arguments.data, &before);
    }
    let app = open(&arguments.data)?;
    serve(app, arguments.listen, |address| tell(address, &before))
}

/// Loads the story where the folder does not hold it yet; returns the watermark before the late samples.
fn loaded(arguments: &Arguments) -> Result<String, Failure> {
    let folder = &arguments.data;
    let mark = folder.join(MARK);
    if let Ok(text) = std::fs::read_to_string(&mark) {
        let mark: serde_json::Value = serde_json::from_str(&text)?;
        if mark["period"] == arguments.period.to_string() && mark["version"] == env!("CARGO_PKG_VERSION") {
            return Ok(mark["before"].as_str().unwrap_or_default().to_owned());
        }
    }
    clear(folder)?;
    let bar = spinner("loading the story");
    let result = load(folder, arguments.period, |what| bar.set_message(what));
    bar.finish_and_clear();
    let (app, before) = result?;
    drop(app);
    let text = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "period": arguments.period.to_string(),
        "before": before.to_string(),
    });
    std::fs::write(&mark, text.to_string())?;
    Ok(before.to_string())
}

/// Empties a folder that a demo made; any other folder is left alone.
fn clear(folder: &Path) -> Result<(), Failure> {
    let Ok(mut entries) = std::fs::read_dir(folder) else { return Ok(()) };
    if entries.next().is_none() {
        return Ok(());
    }
    let begun = folder.join("thread.git").exists() && !folder.join("thread.git/refs/heads/master").exists();
    let ours = folder.join(MARK).exists() || (begun && folder.ends_with("throughline-demo"));
    if !ours {
        let message = format!("{} is not empty and was not made by a demo", folder.display());
        return Err(Failure::new(message).hint("name another folder with --data"));
    }
    Ok(std::fs::remove_dir_all(folder)?)
}

fn open(folder: &Path) -> Result<App, Failure> {
    Ok(App::open(folder, Arc::new(SystemClock::default()))?)
}

/// Returns the values of the variables that a question uses.
fn variables(question: &Question, before: &str) -> serde_json::Value {
    if question.graphql.contains("$before") { json!({ "before": before }) } else { json!({}) }
}

fn answer_all(folder: &Path, before: &str) -> Result<(), Failure> {
    let service = Service::new(Arc::new(open(folder)?))?;
    let mut failed = Vec::new();
    for question in &QUESTIONS {
        let variables = variables(question, before);
        let query = Query { query: Some(question.graphql.to_owned()), variables, ..Query::default() };
        let answer = service.run(&query);
        println!("{}\n  {}\n{answer:#}\n", question.text, question.truth);
        if answer.get("errors").is_some() {
            failed.push(question.name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(format!("no clean answer to: {}", failed.join(", "))))
    }
}

fn tell(address: SocketAddr, before: &str) {
    println!(
        "Two years of two hundred pumps: three revisions of a bearing, and what the field says of them.\n"
    );
    for question in QUESTIONS.iter().take(3) {
        let body = json!({ "query": question.graphql, "variables": variables(question, before) });
        println!("{}\n", question.text);
        println!(
            "curl -s http://{address}/graphql -H 'content-type: application/json' --data-binary @- <<'END'"
        );
        println!("{body}\nEND\n");
    }
    println!("listening on http://{address} (GraphQL at /graphql, InfluxDB line protocol at /api/v2/write)");
}
