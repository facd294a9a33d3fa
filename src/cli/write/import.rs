//! `throughline import`.

use crate::app::{self, ImportOptions, ReadReport, Reading, SourceFile};
use crate::cli::Data;
use crate::cli::error::{Failure, read_at_most, read_table_at_most};
use crate::cli::output::authored::Authored;
use crate::cli::output::columns::aligned;
use crate::cli::output::conflicts;
use crate::cli::output::inputs::Inputs;
use crate::cli::output::progress::spinner;
use crate::cli::output::resolutions::Decisions;
use crate::cli::output::words::{changed, count, some_of};
use crate::cli::read::diff;
use crate::exchange::table::Problem;
use crate::graph::{self, Imported, Snapshot};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::{Completion, Cut, Loss, Violation};
use oxigraph::model::NamedNode;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// The name of the source; its own branch is import/NAME [default: the first file's name]
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The branch that takes the content of the source
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    into: String,
    /// The message of the commit
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
    /// Give installations without an end the end that those of other sources imply, as a factory fit and a service log
    /// complete each other; every one is reported
    #[arg(long)]
    complete: bool,
    /// Record the files as of the instant at which another system recorded them; only into a branch history/NAME, which is made
    /// where it is not there yet
    #[arg(long, value_name = "INSTANT")]
    recorded_at: Option<Instant>,
    /// Show what would come of it, and write nothing
    #[arg(long)]
    preview: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
    #[command(flatten)]
    inputs: Inputs,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let mut files = Vec::new();
    // One byte more than may be brought is enough for the refusal.
    let mut left = session.settings().import_bytes_max.saturating_add(1);
    let explained = |failure| arguments.resolutions.explain(failure);
    for input in arguments.inputs.read().map_err(explained)? {
        let read = if matches!(input.reading, Reading::Table(_)) { read_table_at_most } else { read_at_most };
        let bytes = read(&input.path, left).map_err(explained)?;
        left -= bytes.len() as u64;
        files.push(SourceFile { name: input.path.display().to_string(), bytes, reading: input.reading });
    }
    let source = match &arguments.source {
        Some(source) => source.clone(),
        None => slug(&arguments.inputs.first().file_stem().unwrap_or_default().to_string_lossy()),
    };
    let target = || session.import_target(&arguments.into, arguments.recorded_at);
    let before = target()?;
    let bar = spinner(format!("importing {} as {source}", count(files.len(), "file")));
    let options = ImportOptions {
        source: source.clone(),
        source_is_guessed: arguments.source.is_none(),
        into: arguments.into.clone(),
        message: arguments.message.clone(),
        author: arguments.authored.author(),
        prune: arguments.prune,
        resolutions: arguments.resolutions.read(&before)?,
        accept_dirty: arguments.accept_dirty,
        complete: arguments.complete,
        tag: arguments.tag.clone(),
        recorded_at: arguments.recorded_at,
        preview: arguments.preview,
    };
    let head = before.commit().id;
    let (statements, report) = session.read_sources(files, &options)?;
    let imported = session.import(statements, options);
    bar.finish_and_clear();
    let at = target()?;
    let imported = imported.map_err(|error| {
        // What the files lost is the likeliest reason of a refusal.
        report.ignored.iter().for_each(|notice| eprintln!("warning: {notice}"));
        refused(error, arguments, &source, &at)
    })?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        let mut answer = as_json(&imported, &report, &source, &arguments.into, &at);
        answer["tag"] = arguments.tag.clone().filter(|_| !arguments.preview).into();
        return Ok(writeln!(out, "{answer:#}")?);
    }
    for (file, columns) in &report.unused_columns {
        writeln!(out, "{file}: columns not used: {}", some_of(columns))?;
    }
    print_report(&mut out, &report)?;
    print_cuts(&mut out, &imported, &at)?;
    print_completions(&mut out, &imported, &at)?;
    if let Some(preview) = &imported.preview {
        diff::print(&mut out, &preview.resources, &at, &preview.snapshot)?;
        print_released(&mut out, &imported, &at)?;
        return Ok(writeln!(
            out,
            "preview: {} on {}; nothing is written",
            changed(imported.changed),
            arguments.into
        )?);
    }
    print_released(&mut out, &imported, &at)?;
    match imported.changed {
        0 if imported.commit.id == head => writeln!(out, "nothing new: {source} is unchanged")?,
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

/// Prints conflicts as a table, and hints at what would take a source whose installations overlap.
fn refused(error: app::Error, arguments: &Arguments, source: &str, at: &Snapshot) -> Failure {
    let overlaps = matches!(&error, app::Error::Graph(graph::Error::Violations(violations))
        if violations.iter().any(Violation::is_overlap));
    if let app::Error::RenamedSource { known, .. } = &error {
        let hint = format!(
            "--source {known} where this is its newer export, --source {source} where another tool describes the same"
        );
        return Failure::from(error).hint(hint);
    }
    let what = format!("{source} is not merged into {}", arguments.into);
    let failure = conflicts::refused(error, &what, arguments.json, at);
    let hints = [
        (
            !arguments.accept_dirty,
            "--accept-dirty cuts installations of these files where they overlap each other",
        ),
        (!arguments.complete, "--complete ends those without an end where those of another source imply one"),
    ];
    let hints: Vec<&str> = hints.into_iter().filter_map(|(open, hint)| open.then_some(hint)).collect();
    if overlaps && !hints.is_empty() {
        failure.hint(format!("{}; each is reported", hints.join("; ")))
    } else {
        failure
    }
}

/// Prints each installation that got an end, and what implied it.
fn print_completions(out: &mut impl Write, imported: &Imported, at: &Snapshot) -> std::io::Result<()> {
    for completion in &imported.completions {
        let position =
            completion.position.as_ref().map_or_else(String::new, |position| format!(" {position}"));
        let why = if completion.absorbs {
            "is the same stay without its start, and becomes part of it"
        } else {
            "begins then"
        };
        writeln!(
            out,
            "completed: {} ({} in {}{position}) ends at {}: {} {why}",
            at.shorten(&completion.installation),
            at.shorten(&completion.component),
            at.shorten(&completion.parent),
            completion.to,
            at.shorten(&completion.by),
        )?;
    }
    Ok(())
}

/// Prints which design revisions are frozen from now on.
fn print_released(out: &mut impl Write, imported: &Imported, at: &Snapshot) -> std::io::Result<()> {
    const SHOWN: usize = 5;
    let (released, all) = (&imported.released, imported.released.len());
    if released.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = released.iter().take(SHOWN).map(|revision| at.shorten(revision)).collect();
    let more = if all > SHOWN { format!(" and {} more", all - SHOWN) } else { String::new() };
    let (names, its) = (names.join(", "), if all == 1 { "its" } else { "their" });
    writeln!(
        out,
        "released: {names}{more}: {its} content is frozen from now on but for links; usages, signals and constraints that are \
         still missing will need a new revision, so import them together with the release"
    )
}

/// Prints what was ignored in files and settled in swap logs.
fn print_report(out: &mut impl Write, report: &ReadReport) -> std::io::Result<()> {
    for notice in &report.ignored {
        writeln!(out, "warning: {notice}")?;
    }
    for row in &report.settled {
        writeln!(out, "settled: {row}")?;
    }
    Ok(())
}

/// Prints each time that an installation lost.
fn print_cuts(out: &mut impl Write, imported: &Imported, at: &Snapshot) -> std::io::Result<()> {
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

fn as_json(imported: &Imported, report: &ReadReport, source: &str, into: &str, at: &Snapshot) -> Value {
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
            "claimed": span(&cut.claimed),
            "lost": cut.lost.iter().map(lost).collect::<Vec<_>>(),
            "kept": cut.kept.iter().map(kept).collect::<Vec<_>>(),
        })
    };
    let settled = |row: &Problem| {
        let column = row.column.as_ref().map(|column| column.name.as_str());
        json!({ "file": row.file, "line": row.line, "column": column, "message": row.message })
    };
    let completion = |completion: &Completion| {
        json!({
            "installation": at.shorten(&completion.installation),
            "component": at.shorten(&completion.component),
            "parent": at.shorten(&completion.parent),
            "position": completion.position,
            "to": completion.to.to_string(),
            "impliedBy": at.shorten(&completion.by),
            "absorbed": completion.absorbs,
        })
    };
    let unused = |(file, columns): &(String, Vec<String>)| json!({ "file": file, "columns": columns });
    json!({
        "source": source,
        "into": into,
        "commit": imported.commit.id.to_string(),
        "changed": imported.changed,
        "cuts": imported.cuts.iter().map(cut).collect::<Vec<_>>(),
        "ignored": report.ignored.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "settled": report.settled.iter().map(settled).collect::<Vec<_>>(),
        "completions": imported.completions.iter().map(completion).collect::<Vec<_>>(),
        "released": imported.released.iter().map(|revision| at.shorten(revision)).collect::<Vec<_>>(),
        "preview": imported.preview.as_ref().map(|preview| diff::resources_as_json(&preview.resources, at)),
        "unusedColumns": report.unused_columns.iter().map(unused).collect::<Vec<_>>(),
    })
}

/// Makes a file's name fit to name a branch.
fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let slug: String = name.chars().map(plain).collect();
    let parts: Vec<_> = slug.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("-") }
}
