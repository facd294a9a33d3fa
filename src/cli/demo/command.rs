//! `throughline demo`.

use super::answers::describe;
use super::load::load;
use super::story::{QUESTIONS, Question};
use crate::app::App;
use crate::cli::admin::serve::serve;
use crate::cli::error::Failure;
use crate::cli::output::progress::spinner;
use crate::graphql::{Query, Service};
use crate::model::sync::file_lock::FileLock;
use crate::model::time::clock::SystemClock;
use crate::model::time::period::Period;
use crate::{graph, telemetry};
use serde_json::{Value, json};
use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that marks the folder as made by a demo. It is there from the start; once all is loaded it holds `before` too.
const MARK: &str = "demo.json";
/// The maker named in that file.
const MAKER: &str = "throughline demo";
/// What a demo makes in its folder beside the lock, which stays: another process may be about to take it.
const MADE: [&str; 4] = ["thread.git", "telemetry", "index.redb", MARK];

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The folder of the demo's own thread
    #[arg(long, value_name = "DIR", default_value = "throughline-demo")]
    data: PathBuf,
    /// Print the answers to the story's questions and exit
    #[arg(long)]
    once: bool,
    /// Print the questions and answers as JSON and exit
    #[arg(long)]
    json: bool,
    /// How often every pump reports
    #[arg(long, value_name = "DURATION", default_value = "PT1H")]
    period: Period,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7300")]
    listen: SocketAddr,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let before = loaded(arguments)?;
    let app = Arc::new(open(&arguments.data)?);
    let answers = answers(&app, &before)?;
    if arguments.json {
        println!("{:#}", json!(answers.iter().map(Answered::to_json).collect::<Vec<_>>()));
    } else {
        print(&answers);
    }
    let failed: Vec<&str> =
        answers.iter().filter(|answered| answered.failed()).map(|answered| answered.question.name).collect();
    if !failed.is_empty() {
        return Err(Failure::new(format!("no clean answer to: {}", failed.join(", "))));
    }
    if arguments.once || arguments.json {
        return Ok(());
    }
    serve(app, arguments.listen, |address| print_next_steps(address, &arguments.data))
}

/// Loads the story where the folder does not hold it yet; returns the watermark before the late samples.
fn loaded(arguments: &Arguments) -> Result<String, Failure> {
    let folder = &arguments.data;
    let mut expect = json!({
        "made_by": MAKER,
        "version": env!("CARGO_PKG_VERSION"),
        "period": arguments.period.to_string(),
    });
    let found = mark(folder);
    if let Some(before) = found.as_ref().and_then(|mark| mark["before"].as_str()) {
        expect["before"] = json!(before);
        if found.as_ref() == Some(&expect) {
            return Ok(before.to_owned());
        }
    }
    clear(folder)?;
    std::fs::create_dir_all(folder)?;
    expect["before"] = json!(null);
    std::fs::write(folder.join(MARK), expect.to_string())?;
    let bar = spinner("loading the story");
    let result = load(folder, arguments.period, |what| bar.set_message(what));
    bar.finish_and_clear();
    let (app, before) = result?;
    drop(app);
    expect["before"] = json!(before.to_string());
    std::fs::write(folder.join(MARK), expect.to_string())?;
    Ok(before.to_string())
}

/// Returns the mark of a folder that a demo made.
fn mark(folder: &Path) -> Option<Value> {
    let text = std::fs::read_to_string(folder.join(MARK)).ok()?;
    serde_json::from_str(&text).ok().filter(|mark: &Value| mark["made_by"] == MAKER)
}

/// Removes what a demo made in its folder; any other folder is left alone, and so is one that is in use.
fn clear(folder: &Path) -> Result<(), Failure> {
    let Ok(mut entries) = std::fs::read_dir(folder) else { return Ok(()) };
    if entries.next().is_none() {
        return Ok(());
    }
    if mark(folder).is_none() {
        let message = format!("{} is not empty and was not made by a demo", folder.display());
        return Err(Failure::new(message).hint("name another folder with --data"));
    }
    let _lock = hold(folder)?;
    // The mark goes last: until then the folder can be cleared again.
    for name in MADE {
        let path = folder.join(name);
        let removed =
            if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// Takes the folder's lock, where it has one, as the thread itself does.
fn hold(folder: &Path) -> Result<Option<FileLock>, Failure> {
    let Ok(file) = File::open(folder.join("lock")) else { return Ok(None) };
    match FileLock::take(file) {
        Ok(lock) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(graph::Error::Locked(folder.to_owned()).into()),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens the thread of the demo. The story was recorded in the past; that time has passed since is no jump of the clock.
fn open(folder: &Path) -> Result<App, Failure> {
    let clock = Arc::new(SystemClock::default());
    let settings = telemetry::Settings::default();
    drop(telemetry::Store::open_trusting(&folder.join("telemetry"), clock.clone(), settings)?);
    Ok(App::open(folder, clock)?)
}

/// Returns the values of the variables that a question uses.
fn variables(question: &Question, before: &str) -> Value {
    if question.graphql.contains("$before") { json!({ "before": before }) } else { json!({}) }
}

/// A question with the answer of the service.
struct Answered {
    question: Question,
    answer: Value,
}

impl Answered {
    fn failed(&self) -> bool {
        self.answer.get("errors").is_some()
    }

    fn to_json(&self) -> Value {
        let Question { name, text, truth, .. } = self.question;
        json!({ "name": name, "question": text, "truth": truth, "answer": self.answer })
    }
}

fn answers(app: &Arc<App>, before: &str) -> Result<Vec<Answered>, Failure> {
    let service = Service::new(Arc::clone(app))?;
    let ask = |question: Question| {
        let variables = variables(&question, before);
        let query = Query { query: Some(question.graphql.to_owned()), variables, ..Query::default() };
        Answered { question, answer: service.run(&query) }
    };
    Ok(QUESTIONS.into_iter().map(ask).collect())
}

fn print(answers: &[Answered]) {
    println!(
        "Two years of two hundred pumps at six sites, with three revisions of a bearing. Twelve questions:\n"
    );
    for (number, Answered { question, answer }) in answers.iter().enumerate() {
        println!("{}. {}\n", number + 1, question.text);
        for line in describe(question.name, &answer["data"]) {
            println!("{}", format!("   {line}").trim_end());
        }
        println!("\n   What was planted: {}\n", question.truth);
    }
}

fn print_next_steps(address: SocketAddr, folder: &Path) {
    let query = json!({ "query": NEXT_QUESTION });
    println!(
        "Three things to do next:

1. Open http://{address} in a browser: it shows the requirements, and how the units stand to them (docs/pages.md).

2. Ask a question of your own. Which assets carry the bad lot now, and where?

curl -s http://{address}/graphql -H 'content-type: application/json' --data-binary @- <<'END'
{query}
END

   fixtures/queries/*.graphql are the questions above. Once the demo has stopped, a table of the same:
   throughline query --data {} --format csv FILE.graphql

3. Make a thread of your own data: docs/tutorial.md, or README.md, \"Five minutes with your own data\".

listening on http://{address} (GraphQL at /graphql, InfluxDB line protocol at /api/v2/write)",
        folder.display()
    );
}

/// The request that the demo proposes.
const NEXT_QUESTION: &str = "{ thread { build(id: \"build/L-2503\") { containment(at: \"2026-01-01T00:00:00Z\") { assetCount assets { nodes { asset { iri } site carried { item { iri } path hours } } } } } } }";

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = r#"{"made_by":"throughline demo","before":null}"#;

    /// Makes a folder with a mark and some entries, clears it, and expects the words of a refusal, or these entries left.
    fn check(mark: Option<&str>, locked: bool, expect: Result<&[&str], &str>) {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["thread.git/refs", "telemetry"] {
            std::fs::create_dir_all(folder.path().join(name)).expect("a folder");
        }
        for name in ["telemetry/id", "lock", "notes.txt"] {
            std::fs::write(folder.path().join(name), "").expect("a file");
        }
        mark.into_iter().for_each(|mark| std::fs::write(folder.path().join(MARK), mark).expect("a mark"));
        let _lock = locked.then(|| hold(folder.path()).expect("the lock"));
        let got = clear(folder.path()).map_err(|failure| format!("{failure:?}"));
        let left = || {
            let entries = std::fs::read_dir(folder.path()).expect("a list");
            let mut names: Vec<_> = entries
                .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
                .collect();
            names.sort();
            names
        };
        match expect {
            Ok(expect) => {
                assert_eq!((got, left()), (Ok(()), expect.iter().map(ToString::to_string).collect()));
            }
            Err(words) => {
                assert!(got.as_ref().is_err_and(|message| message.contains(words)), "{got:?}");
                assert_eq!(left().len(), 4 + usize::from(mark.is_some()));
                assert!(folder.path().join("telemetry/id").exists());
            }
        }
    }

    #[test]
    fn only_what_a_demo_made_is_removed() {
        let foreign = "was not made by a demo";
        check(Some(OURS), false, Ok(&["lock", "notes.txt"]));
        check(None, false, Err(foreign));
        check(Some("{}"), false, Err(foreign));
        check(Some("[1, 2"), false, Err(foreign));
        check(Some(r#"{"version":"0.1.0","period":"PT1H"}"#), false, Err(foreign));
        check(Some(OURS), true, Err("is locked by another process"));
    }
}
