//! `throughline token`: who is let in by the service. Works on the file of the tokens alone, also while the thread is served.

use crate::app::access::{
    Audit, Error, Event, NewToken, Outcome, Principal, RANDOM_BYTES, Role, Token, Tokens, TwinScope,
};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::model::time::clock::{Clock as _, SystemClock};
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make a token, and print it: it is shown this once, and stored as a digest
    Create(Create),
    /// List the tokens
    List(List),
    /// End a token before it expires
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
struct Create {
    #[command(flatten)]
    data: Data,
    /// The name of the person or system: the author of what it commits
    #[arg(long)]
    name: String,
    /// Its e-mail address; where it has none, an address that leads nowhere is made of the name
    #[arg(long)]
    email: Option<String>,
    /// reader, contributor, approver, operator or telemetry-writer
    #[arg(long)]
    role: Role,
    /// How long the token is valid, such as P90D or PT12H; for ever where it is not stated
    #[arg(long, value_name = "DURATION")]
    expires: Option<Period>,
    /// Of a telemetry-writer: only twins whose names, as samples have them, begin so
    #[arg(long, value_name = "PREFIX", num_args = 1..)]
    twins: Vec<String>,
    /// Of a telemetry-writer: only twins with these names
    #[arg(long, value_name = "NAME", num_args = 1..)]
    twin: Vec<String>,
    /// Let it name others as authors, as an integration does for its users; both are recorded
    #[arg(long)]
    act_as: bool,
}

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    data: Data,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
struct Revoke {
    #[command(flatten)]
    data: Data,
    /// The id of the token, or the name of all that are to end
    token: String,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Create(arguments) => create(arguments),
        Command::List(arguments) => list(arguments),
        Command::Revoke(arguments) => revoke(arguments),
    }
}

fn create(arguments: &Create) -> Result<(), Failure> {
    let (folder, now) = (thread(&arguments.data)?, SystemClock::default().now());
    let scope = TwinScope { names: arguments.twin.clone(), prefixes: arguments.twins.clone() };
    let new = NewToken {
        name: arguments.name.clone(),
        email: arguments.email.clone(),
        role: arguments.role,
        twins: (scope != TwinScope::default()).then_some(scope),
        act_as: arguments.act_as,
        expires: arguments.expires.map(|period| end(period, now)).transpose()?,
    };
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random)
        .map_err(|error| Failure::new(format!("the system gives no random bytes: {error}")))?;
    let (token, text) = Tokens::of(folder).create(&new, &random, now)?;
    log(folder, "createToken", &token)?;
    println!("{text}");
    Ok(())
}

/// Returns when a token that is made now expires.
fn end(period: Period, now: Instant) -> Result<Instant, Failure> {
    // Exact for days and shorter; a month has its length on average.
    let nanos = period.mean_nanos();
    let end = now.nanos().checked_add(nanos).filter(|_| nanos > 0);
    end.map(Instant::from_nanos)
        .ok_or_else(|| Failure::new(format!("{period} is no time for a token to be valid")))
}

fn list(arguments: &List) -> Result<(), Failure> {
    let tokens = Tokens::of(thread(&arguments.data)?).list()?;
    let now = SystemClock::default().now();
    if arguments.json {
        let tokens: Vec<_> = tokens.iter().map(|token| json(token, now)).collect();
        println!("{}", serde_json::to_string_pretty(&tokens)?);
        return Ok(());
    }
    for token in &tokens {
        let scope = token.twins.as_ref().map(|scope| {
            let prefixes = scope.prefixes.iter().map(|prefix| format!("{prefix}…"));
            format!(", twins {}", scope.names.iter().cloned().chain(prefixes).collect::<Vec<_>>().join(" "))
        });
        let (act_as, scope) = (if token.act_as { ", acts as others" } else { "" }, scope.unwrap_or_default());
        println!("{}  {:<16} {}{scope}{act_as}  {}", token.id, token.role, token.author, state(token, now));
    }
    if tokens.is_empty() {
        println!("no tokens");
    }
    Ok(())
}

/// Describes until when a token is valid.
fn state(token: &Token, now: Instant) -> String {
    match (token.revoked, token.expires) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) if token.is_expired(now) => format!("expired {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "valid".to_owned(),
    }
}

fn json(token: &Token, now: Instant) -> serde_json::Value {
    serde_json::json!({
        "id": token.id.as_str(),
        "name": token.author.name,
        "email": token.author.email,
        "role": token.role,
        "twins": token.twins,
        "actAs": token.act_as,
        "created": token.created.to_string(),
        "expires": token.expires.map(|at| at.to_string()),
        "revoked": token.revoked.map(|at| at.to_string()),
        "valid": token.revoked.is_none() && !token.is_expired(now),
    })
}

fn revoke(arguments: &Revoke) -> Result<(), Failure> {
    let (folder, now) = (thread(&arguments.data)?, SystemClock::default().now());
    let revoked = Tokens::of(folder).revoke(&arguments.token, now)?;
    for token in &revoked {
        log(folder, "revokeToken", token)?;
        println!("revoked {} of {}", token.id, token.author);
    }
    if revoked.is_empty() {
        println!("revoked before");
    }
    Ok(())
}

/// Returns the folder of a thread.
fn thread(data: &Data) -> Result<&Path, Failure> {
    match data.data.join("thread.git").is_dir() {
        true => Ok(&data.data),
        false => Err(Failure::new(format!("{} holds no thread", data.data.display()))),
    }
}

fn log(folder: &Path, operation: &str, token: &Token) -> Result<(), Error> {
    let event = Event::of(&Principal::local(), operation, Outcome::Done);
    let on = format!("{} for {} with the role {}", token.id, token.author, token.role);
    Audit::of(folder, Arc::new(SystemClock::default())).record(Event { on: Some(on), ..event })
}
