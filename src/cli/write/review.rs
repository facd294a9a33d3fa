//! `throughline review open`, `review sign` and `review show`.

use crate::app::{OpenRequest, Scope, Session, SignRequest};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::authored::Authored;
use crate::cli::output::words;
use crate::feedback::{self, Arrived, Review, ReviewDecision, ReviewState, ReviewSubject};
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::thread;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Debug, clap::Subcommand)]
enum Deed {
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
    data: Data,
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
}

#[derive(Debug, clap::Args)]
struct SignArguments {
    #[command(flatten)]
    data: Data,
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
}

#[derive(Debug, clap::Args)]
struct ShowArguments {
    #[command(flatten)]
    data: Data,
    /// The review, as DR-1
    id: Option<String>,
    /// The version that it is compared with
    #[arg(long, default_value = "main")]
    at: String,
}

fn decision(text: &str) -> Result<ReviewDecision, String> {
    ReviewDecision::named(&text.to_uppercase())
        .ok_or_else(|| format!("\"{text}\" is neither APPROVED nor REJECTED"))
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.deed {
        Deed::Open(arguments) => open(arguments),
        Deed::Sign(arguments) => sign(arguments),
        Deed::Show(arguments) => show(arguments),
    }
}

fn open(arguments: &OpenArguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
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
    let (commit, review) = (&opened.committed.commit, &opened.review);
    println!("{} on {}: {}", commit.id, arguments.branch, commit.message);
    println!("review:{} is {}, as known at {}", review.identifier, review.commit, review.watermark);
    Ok(())
}

fn sign(arguments: &SignArguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let committed = session.sign_review(&SignRequest {
        branch: arguments.branch.clone(),
        review: session.review(&arguments.id)?.iri,
        decision: arguments.decision,
        comment: arguments.comment.clone(),
        participants: arguments.participant.clone(),
        author: arguments.authored.author(),
        idempotency_key: None,
    })?;
    println!("{} on {}: {}", committed.commit.id, arguments.branch, committed.commit.message);
    Ok(())
}

fn show(arguments: &ShowArguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let now = session.scope(&arguments.at, None)?;
    let mut out = std::io::stdout().lock();
    if let Some(identifier) = &arguments.id {
        return show_one(&session, identifier, &now, &mut out);
    }
    for identifier in session.reviews()? {
        let review = at(&now.snapshot, session.review(&identifier)?)?;
        writeln!(out, "{identifier}  {}  {}", review.opened_at, state(&review))?;
    }
    Ok(())
}

/// Returns a review as a version has it, or as it was opened where the version lacks it.
fn at(snapshot: &Snapshot, review: Review) -> Result<Review, Failure> {
    Ok(Review::read(snapshot, &review.iri)?.unwrap_or(review))
}

fn show_one(session: &Session, identifier: &str, now: &Scope, out: &mut impl Write) -> Result<(), Failure> {
    let review = at(&now.snapshot, session.review(identifier)?)?;
    let then = session.scope(&format!("review:{identifier}"), None)?;
    let reproduced = match session.is_reproduced(&review)? {
        Some(true) => "found again",
        Some(false) => "NOT found again",
        None => "of another algorithm",
    };
    writeln!(out, "{identifier}  {}", state(&review))?;
    writeln!(out, "opened {} on {}, as known at {}", review.opened_at, review.commit, review.watermark)?;
    writeln!(out, "digest {} ({reproduced})", review.digest)?;
    let found = |scope: &Scope| review.subject.margins(&scope.snapshot, &scope.view);
    for change in feedback::margin_changes(found(&then)?, found(now)?) {
        writeln!(out, "{}", words::margins(&change, &now.snapshot))?;
    }
    let observed = review.subject.observations(&now.snapshot, &now.view)?;
    let Arrived { samples, hours, overwritten, series, .. } =
        feedback::arrived(&then.view, &now.view, &observed, review.subject.window)?;
    writeln!(
        out,
        "since: {} and {overwritten} in place of others in {series} series, {hours:.1} h",
        words::count(samples, "new sample")
    )?;
    let (dependencies, versions) =
        (session.review_dependencies(&review, &then, now)?, (&then.snapshot, &now.snapshot));
    session.review_differences(&dependencies, versions.0, versions.1)?.each::<Failure>(None, |diff| {
        for note in thread::notes(versions.0, versions.1, [&diff], usize::MAX)? {
            writeln!(out, "since: {}", note.text)?;
        }
        Ok(true)
    })
}

fn state(review: &Review) -> String {
    match &review.state {
        ReviewState::Open => "OPEN".to_owned(),
        ReviewState::Signed { decision, by, at } => format!("{decision} by {by} at {at}"),
    }
}
