//! `throughline import`.

use super::Data;
use super::authored::Authored;
use super::clashes;
use super::columns::aligned;
use super::error::{Failure, read_at_most, read_text};
use super::progress::spinner;
use super::resolutions::Decisions;
use super::words::{changed, count};
use crate::app::{self, ImportOptions, Imported, Reading, SourceFile};
use crate::exchange::rdf::Format;
use crate::exchange::table::{Mapping, Problem};
use crate::graph::{self, Snapshot};
use crate::model::instant::Instant;
use crate::model::interval::Interval;
use crate::ontology::{Cut, Loss, Violation};
use oxigraph::model::NamedNode;
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The name of the source; its own branch is import/NAME [default: the first file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The branch that takes what the source says
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    into: String,
    /// How the rows of the CSV files become resources
    #[arg(long, value_name = "MAPPING.toml")]
    table: Option<PathBuf>,
    /// What the commit says of itself
    #[arg(long, short)]
    message: Option<String>,
    /// Tag what the branch comes to: the baseline that these files are
    #[arg(long, value_name = "NAME")]
    tag: Option<String>,
    /// Retire what the source named before and these files no longer do
    #[arg(long)]
    prune: bool,
    /// Cut installations of these files where they overlap, and settle swap logs that contradict themselves; every cut is
    /// reported
    #[arg(long)]
    accept_dirty: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
    /// The files: what they say of a resource is all that the source says of it; .gz is unpacked
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let app = arguments.data.open()?;
    let mut files = Vec::new();
    // One byte more than may be brought is enough for the refusal.
    let mut left = app.settings().import_bytes_max.saturating_add(1);
    for path in &arguments.files {
        let reading = reading(path, arguments.table.as_deref())?;
        let bytes = read_at_most(path, left)?;
        left -= bytes.len() as u64;
        files.push(SourceFile { name: path.display().to_string(), bytes, reading });
    }
    let source = match &arguments.source {
        Some(source) => source.clone(),
        None => slug(&arguments.files[0].file_stem().unwrap_or_default().to_string_lossy()),
    };
    let bar = spinner(format!("importing {} as {source}", count(files.len(), "file")));
    let options = ImportOptions {
        source: source.clone(),
        into: arguments.into.clone(),
        message: arguments.message.clone(),
        author: arguments.authored.author(),
        prune: arguments.prune,
        resolutions: arguments.resolutions.read(&app.snapshot(&arguments.into)?)?,
        accept_dirty: arguments.accept_dirty,
        tag: arguments.tag.clone(),
    };
    let head = app.snapshot(&arguments.into)?.commit().id;
    let imported = app.import(files, options);
    bar.finish_and_clear();
    let at = app.snapshot(&arguments.into)?;
    let imported = imported.map_err(|error| refused(error, arguments, &source, &at))?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let mut told = as_json(&imported, &source, &arguments.into, &at);
        told["tag"] = arguments.tag.clone().into();
        return Ok(writeln!(out, "{told:#}")?);
    }
    print_cuts(&mut out, &imported, &at)?;
    match imported.changed {
        0 if imported.commit.id == head => writeln!(out, "nothing new: {source} says what it said before")?,
        0 => writeln!(out, "{} on {}: nothing changes there", imported.commit.id, arguments.into)?,
        statements => {
            writeln!(out, "{} on {}: {}", imported.commit.id, arguments.into, changed(statements))?;
        }
    }
    if let Some(tag) = &arguments.tag {
        writeln!(out, "{tag} is {}", imported.commit.id)?;
    }
    Ok(())
}

/// Tells conflicts as a table, and hints at what would take a source whose installations overlap.
fn refused(error: app::Error, arguments: &Arguments, source: &str, at: &Snapshot) -> Failure {
    let overlaps = matches!(&error, app::Error::Graph(graph::Error::Violations(violations))
        if violations.iter().any(Violation::is_overlap));
    let what = format!("{source} is not merged into {}", arguments.into);
    let failure = clashes::refused(error, &what, arguments.json, at);
    if overlaps && !arguments.accept_dirty {
        failure
            .hint("--accept-dirty cuts installations of one source where they overlap, and reports every cut")
    } else {
        failure
    }
}

/// Prints what was settled in swap logs, then each time that an installation lost.
fn print_cuts(out: &mut impl Write, imported: &Imported, at: &Snapshot) -> std::io::Result<()> {
    for row in &imported.settled {
        writeln!(out, "settled: {row}")?;
    }
    if imported.cuts.is_empty() {
        return Ok(());
    }
    let head = ["INSTALLATION", "COMPONENT", "PLACE", "LOST FROM", "UNTIL", "TO", "KEPT"].map(str::to_owned);
    let rows = imported.cuts.iter().flat_map(|cut| cut.lost.iter().map(move |loss| row(cut, loss, at)));
    for line in aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>()) {
        writeln!(out, "{line}")?;
    }
    let cuts = imported.cuts.len();
    writeln!(out, "{} {} cut", count(cuts, "installation"), if cuts == 1 { "was" } else { "were" })
}

fn row(cut: &Cut, loss: &Loss, at: &Snapshot) -> [String; 7] {
    let position = cut.position.as_ref().map_or_else(String::new, |position| format!(" {position}"));
    let kept: Vec<String> = cut.kept.iter().map(|(_, within)| within.to_string()).collect();
    [
        at.shorten(&cut.installation),
        at.shorten(&cut.component),
        format!("{}{position}", at.shorten(&cut.parent)),
        loss.within.from().to_string(),
        loss.within.to().to_string(),
        at.shorten(&loss.to),
        if kept.is_empty() { "nothing".to_owned() } else { kept.join(" ") },
    ]
}

fn as_json(imported: &Imported, source: &str, into: &str, at: &Snapshot) -> Value {
    // An end that is open has no instant.
    let span = |within: &Interval| {
        let to = Some(within.to()).filter(|to| *to != Instant::MAX);
        json!({ "from": within.from().to_string(), "to": to.map(|to| to.to_string()) })
    };
    let lost = |loss: &Loss| {
        let mut lost = span(&loss.within);
        lost["takenBy"] = at.shorten(&loss.to).into();
        lost["rule"] = loss.rule.as_str().into();
        lost
    };
    let kept = |(name, within): &(NamedNode, Interval)| {
        let mut kept = span(within);
        kept["installation"] = at.shorten(name).into();
        kept
    };
    let cut = |cut: &Cut| {
        json!({
            "installation": at.shorten(&cut.installation),
            "component": at.shorten(&cut.component),
            "parent": at.shorten(&cut.parent),
            "position": cut.position,
            "said": span(&cut.said),
            "lost": cut.lost.iter().map(lost).collect::<Vec<_>>(),
            "kept": cut.kept.iter().map(kept).collect::<Vec<_>>(),
        })
    };
    let settled = |row: &Problem| {
        let column = row.column.as_ref().map(|column| column.name.as_str());
        json!({ "file": row.file, "line": row.line, "column": column, "message": row.message })
    };
    json!({
        "source": source,
        "into": into,
        "commit": imported.commit.id.to_string(),
        "changed": imported.changed,
        "cuts": imported.cuts.iter().map(cut).collect::<Vec<_>>(),
        "settled": imported.settled.iter().map(settled).collect::<Vec<_>>(),
    })
}

/// Makes a file's name fit to name a branch.
fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let slug: String = name.chars().map(plain).collect();
    let parts: Vec<_> = slug.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("-") }
}

fn reading(path: &Path, mapping: Option<&Path>) -> Result<Reading, Failure> {
    if let Some(mapping) = mapping {
        let text = read_text(mapping)?;
        return Ok(Reading::Table(Box::new(Mapping::parse(&text, &mapping.display().to_string())?)));
    }
    let packed = path.extension().is_some_and(|extension| extension == "gz");
    let name = if packed { path.with_extension("") } else { path.to_owned() };
    let extension = name.extension().unwrap_or_default().to_string_lossy().into_owned();
    match Format::from_extension(&extension) {
        Some(format) => Ok(Reading::Rdf(format)),
        None => Err(Failure::new(format!("{}: .{extension} is no RDF notation", path.display()))
            .hint("use .ttl, .nt, .rdf or .jsonld; a CSV file needs --table MAPPING.toml")),
    }
}
