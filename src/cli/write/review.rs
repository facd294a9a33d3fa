//! `throughline review open`, `review sign` and `review show`.

use crate::app::report::fleet::review::{
    ChangedSince, ListedReview, ReviewAsked, ReviewReport, ReviewsReport,
};
use crate::app::{OpenRequest, Session, SignRequest};
use crate::cli::client::{ClientRequest, Place, Service, Thread};
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::json;
use crate::cli::output::words;
use crate::feedback::{ReviewDecision, ReviewSubject};
use crate::graph::Commit;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    action: ReviewCommand,
}

#[derive(Debug, clap::Subcommand)]
enum ReviewCommand {
    /// Open a review on a version and a watermark, which answer alike for ever as review:ID
    Open(OpenArguments),
    /// Sign a review: it is decided, and nothing about it changes any more
    Sign(SignArguments),
    /// Print a review, and what has changed since it was opened; without one, list them
    Show(ShowArguments),
}

#[derive(Debug, clap::Args)]
struct OpenArguments {
    #[command(flatten)]
    place: Place,
    /// What it is about, in one line
    title: String,
    /// A design revision under review; may be given several times
    #[arg(long, required = true)]
    design: Vec<String>,
    /// A requirement that the designs are checked against [default: all that they satisfy]
    #[arg(long)]
    requirement: Vec<String>,
    /// The first instant of their field life that counts
    #[arg(long)]
    from: Instant,
    /// The first instant after it
    #[arg(long)]
    to: Instant,
    /// What people will call it [default: the next of DR-1, DR-2, …]
    #[arg(long)]
    id: Option<String>,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
    /// The watermark, or a past instant: the last watermark at or before it [default: the newest]
    #[arg(long, value_name = "WATERMARK")]
    known: Option<String>,
    /// Who takes part; may be given several times
    #[arg(long, value_name = "NAME")]
    participant: Vec<String>,
    /// The branch that takes the record
    #[arg(long, default_value = "main")]
    branch: String,
    /// The message of the commit
    #[arg(long, short)]
    message: Option<String>,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

#[derive(Debug, clap::Args)]
struct SignArguments {
    #[command(flatten)]
    place: Place,
    /// The review, as DR-1
    id: String,
    /// What it comes to
    #[arg(value_parser = decision, value_name = "APPROVED|REJECTED")]
    decision: ReviewDecision,
    /// Why
    #[arg(long)]
    comment: Option<String>,
    /// Who took part, beside those named before; may be given several times
    #[arg(long, value_name = "NAME")]
    participant: Vec<String>,
    /// The branch that has the record
    #[arg(long, default_value = "main")]
    branch: String,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    form: json::Form,
}

#[derive(Debug, clap::Args)]
struct ShowArguments {
    #[command(flatten)]
    place: Place,
    /// The review, as DR-1
    id: Option<String>,
    /// The version that it is compared with
    #[arg(long, default_value = "main")]
    at: String,
    #[command(flatten)]
    form: json::Form,
}

fn decision(text: &str) -> Result<ReviewDecision, String> {
    ReviewDecision::named(&text.to_uppercase())
        .ok_or_else(|| format!("\"{text}\" is neither APPROVED nor REJECTED"))
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.action {
        ReviewCommand::Open(arguments) => open(arguments),
        ReviewCommand::Sign(arguments) => sign(arguments),
        ReviewCommand::Show(arguments) => show(arguments),
    }
}

fn open(arguments: &OpenArguments) -> Result<(), Failure> {
    let opened = match arguments.place.open()? {
        Thread::Here(session) => open_here(arguments, &session)?,
        Thread::There(service) => open_there(arguments, &service)?,
    };
    if arguments.form.json {
        return json::print(&json!({
            "commit": opened.recorded.commit,
            "branch": arguments.branch,
            "review": opened.review,
            "version": opened.version,
            "watermark": opened.watermark,
        }));
    }
    println!("{} on {}: {}", opened.recorded.commit, arguments.branch, opened.recorded.message);
    println!("review:{} is {}, as known at {}", opened.review, opened.version, opened.watermark);
    Ok(())
}

/// The commit that records something.
struct Recorded {
    commit: String,
    message: String,
}

impl Recorded {
    fn of(commit: &Commit) -> Self {
        Self { commit: commit.id.to_string(), message: commit.message.clone() }
    }

    /// Reads it out of the payload of a mutation.
    fn of_payload(done: &Value) -> Self {
        let text = |field: &str| done["commit"][field].as_str().unwrap_or_default().to_owned();
        Self { commit: text("id"), message: text("message") }
    }
}

/// A review that was opened.
struct Opened {
    recorded: Recorded,
    review: String,
    version: String,
    watermark: String,
}

fn open_here(arguments: &OpenArguments, session: &Session) -> Result<Opened, Failure> {
    let scope = session.scope(&arguments.at, arguments.known.as_deref())?;
    let iris = |names: &[String]| {
        names.iter().map(|name| words::find(&scope.snapshot, name)).collect::<Result<_, _>>()
    };
    let window = Interval::new(arguments.from, arguments.to)?;
    let subject = ReviewSubject::new(iris(&arguments.design)?, iris(&arguments.requirement)?, window);
    let subject = ReviewSubject { sufficiency: scope.sufficiency, ..subject };
    let opened = session.open_review(
        &scope,
        &OpenRequest {
            branch: arguments.branch.clone(),
            identifier: arguments.id.clone(),
            title: arguments.title.clone(),
            description: None,
            subject,
            participants: arguments.participant.clone(),
            message: arguments.message.clone(),
            author: arguments.authored.author(),
            idempotency_key: None,
        },
    )?;
    let review = &opened.review;
    Ok(Opened {
        recorded: Recorded::of(&opened.committed.commit),
        review: review.identifier.clone(),
        version: review.commit.to_string(),
        watermark: review.watermark.to_string(),
    })
}

const OPEN: &str = "mutation($input: OpenReviewInput!) { done: openReview(input: $input) { commit { id message } review { identifier commit watermark } errors { message } } }";

fn open_there(arguments: &OpenArguments, service: &Service) -> Result<Opened, Failure> {
    let mut input = json!({
        "title": arguments.title,
        "designs": arguments.design,
        "window": { "from": arguments.from.to_string(), "to": arguments.to.to_string() },
        "identifier": arguments.id,
        "at": arguments.at,
        "asKnownAt": arguments.known,
        "participants": arguments.participant,
        "branch": arguments.branch,
        "message": arguments.message,
    });
    if !arguments.requirement.is_empty() {
        input["requirements"] = json!(arguments.requirement);
    }
    arguments.authored.add_to(&mut input);
    let done = service.change(OPEN, &json!({ "input": input }))?;
    let text = |field: &str| done["review"][field].as_str().unwrap_or_default().to_owned();
    Ok(Opened {
        recorded: Recorded::of_payload(&done),
        review: text("identifier"),
        version: text("commit"),
        watermark: text("watermark"),
    })
}

fn sign(arguments: &SignArguments) -> Result<(), Failure> {
    let Recorded { commit, message } = match arguments.place.open()? {
        Thread::Here(session) => sign_here(arguments, &session)?,
        Thread::There(service) => sign_there(arguments, &service)?,
    };
    if arguments.form.json {
        return json::print(&json!({ "commit": commit, "branch": arguments.branch, "review": arguments.id }));
    }
    println!("{commit} on {}: {message}", arguments.branch);
    Ok(())
}

fn sign_here(arguments: &SignArguments, session: &Session) -> Result<Recorded, Failure> {
    let committed = session.sign_review(&SignRequest {
        branch: arguments.branch.clone(),
        review: session.review(&arguments.id)?.iri,
        decision: arguments.decision,
        comment: arguments.comment.clone(),
        participants: arguments.participant.clone(),
        author: arguments.authored.author(),
        idempotency_key: None,
    })?;
    Ok(Recorded::of(&committed.commit))
}

const SIGN: &str = "mutation($input: SignReviewInput!) { done: signReview(input: $input) { commit { id message } errors { message } } }";

fn sign_there(arguments: &SignArguments, service: &Service) -> Result<Recorded, Failure> {
    let mut input = json!({
        "review": arguments.id,
        "decision": arguments.decision.to_string(),
        "comment": arguments.comment,
        "participants": arguments.participant,
        "branch": arguments.branch,
    });
    arguments.authored.add_to(&mut input);
    Ok(Recorded::of_payload(&service.change(SIGN, &json!({ "input": input }))?))
}

fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let thread = arguments.place.open_to_read()?;
    let Some(identifier) = &arguments.id else { return list(arguments, &thread) };
    let at = arguments.at.clone();
    let report: ReviewReport = match &thread {
        Thread::Here(session) => {
            let asked = ReviewAsked { identifier: identifier.clone(), version: at };
            session.review_report(&asked, &Cancellation::default())?
        }
        Thread::There(service) => {
            service.read(ClientRequest::get("/reviews", vec![("id", identifier.clone()), ("at", at)]))?
        }
    };
    match arguments.form.json {
        true => json::print(&report),
        false => Ok(print(&report, &mut std::io::stdout().lock())?),
    }
}

fn list(arguments: &ShowArguments, thread: &Thread) -> Result<(), Failure> {
    let report: ReviewsReport = match thread {
        Thread::Here(session) => session.reviews_report(&arguments.at, &Cancellation::default())?,
        Thread::There(service) => {
            service.read(ClientRequest::get("/reviews", vec![("at", arguments.at.clone())]))?
        }
    };
    if arguments.form.json {
        return json::print(&report);
    }
    let mut out = std::io::stdout().lock();
    for ListedReview { review, opened_at, state } in &report.reviews {
        writeln!(out, "{review}  {opened_at}  {state}")?;
    }
    Ok(())
}

fn print(report: &ReviewReport, out: &mut impl Write) -> std::io::Result<()> {
    let ListedReview { review, opened_at, state } = &report.listed;
    let reproduced = match report.reproduced {
        Some(true) => "found again",
        Some(false) => "NOT found again",
        None => "of another algorithm",
    };
    writeln!(out, "{review}  {state}")?;
    writeln!(out, "opened {opened_at} on {}, as known at {}", report.version, report.watermark)?;
    writeln!(out, "digest {} ({reproduced})", report.digest)?;
    report.margins.iter().try_for_each(|margins| writeln!(out, "{margins}"))?;
    let ChangedSince { samples, overwritten, series, hours, changes } = &report.since;
    writeln!(
        out,
        "since: {} and {overwritten} in place of others in {series} series, {hours:.1} h",
        words::count(samples, "new sample")
    )?;
    changes.iter().try_for_each(|change| writeln!(out, "since: {change}"))
}
