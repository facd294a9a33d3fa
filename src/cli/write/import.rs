//! `throughline import`.

use crate::app::report::refusal::RefusalDetails;
use crate::app::report::transfer::import::{
    CompletionReport, CutReport, ImportReport, LossReport, SkippedReport, UnusedReport,
};
use crate::app::{ImportOptions, SourceFile, SourceFormat};
use crate::cli::client::{Part, Place, Service, Thread};
use crate::cli::error::{Failure, read_at_most, read_table_at_most};
use crate::cli::output::authored::Authored;
use crate::cli::output::columns::aligned;
use crate::cli::output::conflicts;
use crate::cli::output::inputs::Inputs;
use crate::cli::output::progress::spinner;
use crate::cli::output::resolutions::Decisions;
use crate::cli::output::words::{self, changed, count, some_of};
use crate::cli::read::diff;
use crate::exchange::FieldMapping;
use crate::exchange::foreign::Foreign;
use crate::model::time::instant::Instant;
use serde_json::Value;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    place: Place,
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
    /// Begin the preview after this resource
    #[arg(long, value_name = "IRI", requires = "preview")]
    after: Option<String>,
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
    let explained = |failure| arguments.resolutions.explain(failure);
    let session = match arguments.place.open()? {
        Thread::Here(session) => session,
        Thread::There(service) => return send(arguments, &service),
    };
    let files = files(arguments, session.settings().import_bytes_max).map_err(explained)?;
    let source = source(arguments);
    let before = session.import_target(&arguments.into, arguments.recorded_at)?;
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
        preview_after: arguments.after.clone(),
        ..ImportOptions::default()
    };
    let imported = session.import_files(files, &[], options);
    bar.finish_and_clear();
    match imported {
        Ok(report) => print(&mut std::io::stdout().lock(), arguments, &report),
        Err(refused) => Err(failure(refused.error.into(), &refused.details, arguments, &source)),
    }
}

/// Imports through a service.
fn send(arguments: &Arguments, service: &Service) -> Result<(), Failure> {
    let files = files(arguments, u64::MAX).map_err(|failure| arguments.resolutions.explain(failure))?;
    let (mut parts, mut mapping): (Vec<Part<'_>>, Option<&str>) = (Vec::new(), None);
    for file in &files {
        if let SourceFormat::Table(own) = &file.reading
            && mapping != Some(own.text())
        {
            mapping = Some(own.text());
            parts.push(("mapping", own.file(), "application/toml", own.text().as_bytes()));
        }
        let media_type = match &file.reading {
            SourceFormat::Rdf(format) => format.media_type(),
            SourceFormat::Notes => crate::exchange::rdf::Format::NTriples.media_type(),
            SourceFormat::Table(_) => "text/csv",
            SourceFormat::Foreign(_, own) if **own != FieldMapping::default() => {
                let failure = Failure::new("a service takes no mapping of fields (--mapping)");
                return Err(failure.hint("run it with --data on the folder of the thread"));
            }
            SourceFormat::Foreign(format, _) => format.media_type(),
        };
        parts.push(("file", &file.name, media_type, &file.bytes));
    }
    let source = source(arguments);
    let mut query = vec![("source", source.clone()), ("into", arguments.into.clone())];
    let texts = [
        ("message", arguments.message.clone()),
        ("tag", arguments.tag.clone()),
        ("previewAfter", arguments.after.clone()),
    ];
    query.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text?))));
    query.extend(arguments.recorded_at.map(|at| ("recordedAt", at.to_string())));
    query.extend(arguments.authored.given().map(|author| ("author", author.to_string())));
    let flags = [
        ("prune", arguments.prune),
        ("acceptDirty", arguments.accept_dirty),
        ("complete", arguments.complete),
        ("dryRun", arguments.preview),
        ("guessed", arguments.source.is_none()),
    ];
    query.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| (name, "true".to_owned())));
    let decisions = arguments.resolutions.all()?;
    query.extend(decisions.iter().map(|(decision, _)| (decision.word.as_str(), decision.text.clone())));
    let bar = spinner(format!("importing {} as {source}", count(files.len(), "file")));
    let imported = service.transfer("/import", query, &parts);
    bar.finish_and_clear();
    match imported? {
        Ok(answer) => answered(arguments, &source, answer),
        Err(refusal) => Err(failure(Failure::new(refusal.message), &refusal.details, arguments, &source)),
    }
}

/// Prints the answer of a service. A dry run that would be refused has the reason in its answer.
fn answered(arguments: &Arguments, source: &str, answer: Value) -> Result<(), Failure> {
    if answer["commit"].is_string() {
        return print(&mut std::io::stdout().lock(), arguments, &serde_json::from_value(answer)?);
    }
    let message = answer["message"].as_str().unwrap_or_default().to_owned();
    let details = serde_json::from_value(answer)?;
    Err(failure(Failure::new(message), &details, arguments, source))
}

/// Reads the files, each with the way in which it is to be read.
fn files(arguments: &Arguments, bytes_max: u64) -> Result<Vec<SourceFile>, Failure> {
    let mut files = Vec::new();
    // One byte more than may be brought is enough for the refusal.
    let mut left = bytes_max.saturating_add(1);
    for input in arguments.inputs.read()? {
        let is_decoded = matches!(input.reading, SourceFormat::Table(_) | SourceFormat::Foreign(..));
        let read = if is_decoded { read_table_at_most } else { read_at_most };
        let bytes = read(&input.path, left)?;
        left -= bytes.len() as u64;
        let name = input.path.display().to_string();
        let reading = match (input.reading, Foreign::of_content(&name, &bytes)) {
            (SourceFormat::Rdf(_), Some(format)) => {
                SourceFormat::Foreign(format, Box::new(arguments.inputs.fields()?))
            }
            (reading, _) => reading,
        };
        files.push(SourceFile { name, bytes, reading });
    }
    Ok(files)
}

/// Returns the name of the source.
fn source(arguments: &Arguments) -> String {
    match &arguments.source {
        Some(source) => source.clone(),
        None => slug(&arguments.inputs.first().file_stem().unwrap_or_default().to_string_lossy()),
    }
}

/// Prints what an import came to.
fn print(out: &mut impl Write, arguments: &Arguments, report: &ImportReport) -> Result<(), Failure> {
    if arguments.json {
        return Ok(writeln!(out, "{:#}", serde_json::to_value(report)?)?);
    }
    let ImportReport { source, into, commit, changed: count, .. } = report;
    for UnusedReport { file, columns } in &report.unused_columns {
        writeln!(out, "{file}: columns not used: {}", some_of(columns))?;
    }
    for SkippedReport { file, skipped, rows } in &report.skipped_rows {
        writeln!(out, "{file}: {skipped} of {rows} rows are not taken by the mapping (only, skip-if-empty)")?;
    }
    report.ignored.iter().try_for_each(|notice| writeln!(out, "warning: {notice}"))?;
    report.settled.iter().try_for_each(|row| writeln!(out, "settled: {}", row.text))?;
    print_cuts(out, &report.cuts)?;
    report.completions.iter().try_for_each(|completion| print_completion(out, completion))?;
    for resource in report.preview.iter().flatten() {
        diff::print(out, resource)?;
    }
    print_released(out, &report.released)?;
    if let Some(last) = &report.preview_next {
        let shown = report.preview.as_ref().map_or(0, Vec::len);
        let total = words::count(report.preview_total.unwrap_or(shown), "resource");
        writeln!(out, "preview: {shown} of {total} are shown; --after '{last}' shows those that follow")?;
    }
    if report.dry_run {
        return Ok(writeln!(out, "preview: {} on {into}; nothing is written", changed(*count))?);
    }
    match count {
        0 if report.unchanged => writeln!(out, "nothing new: {source} is unchanged")?,
        0 => writeln!(out, "{commit} on {into}: nothing changes there")?,
        statements => writeln!(out, "{commit} on {into}: {}", changed(*statements))?,
    }
    if let Some(tag) = &report.tag {
        writeln!(out, "{tag} is {commit}")?;
    }
    Ok(())
}

/// Prints conflicts as a table, and hints at what would take a source whose installations overlap.
fn failure(failure: Failure, details: &RefusalDetails, arguments: &Arguments, source: &str) -> Failure {
    // What the files lost is the likeliest reason of a refusal.
    details.ignored.iter().for_each(|notice| eprintln!("warning: {notice}"));
    if let Some(known) = &details.known_source {
        let hint = format!(
            "--source {known} where this is its newer export, --source {source} where another tool describes the same"
        );
        return failure.hint(hint);
    }
    if !details.conflicts.is_empty() {
        let what = format!("{source} is not merged into {}", arguments.into);
        return conflicts::left_to_decide(&details.conflicts, &what, arguments.json);
    }
    let hints = [
        (
            details.cuttable,
            "--accept-dirty cuts installations of these files where they overlap each other, and reports each cut",
        ),
        (
            details.completable,
            "--complete ends those without an end where those of another source imply one, and reports each end",
        ),
        (
            details.contradictory,
            "where a stay of these files contradicts one that another file or source states, correct the start or the end in one of them",
        ),
    ];
    let hints: Vec<&str> = hints.into_iter().filter_map(|(helps, hint)| helps.then_some(hint)).collect();
    if hints.is_empty() { failure } else { failure.hint(hints.join("; ")) }
}

/// Prints an installation that got an end, and what implied it.
fn print_completion(out: &mut impl Write, completion: &CompletionReport) -> std::io::Result<()> {
    let CompletionReport { installation, component, parent, to, implied_by, .. } = completion;
    let position = completion.position.as_ref().map_or_else(String::new, |position| format!(" {position}"));
    let why = if completion.absorbed {
        "is the same stay without its start, and becomes part of it"
    } else {
        "begins then"
    };
    writeln!(
        out,
        "completed: {installation} ({component} in {parent}{position}) ends at {to}: {implied_by} {why}"
    )
}

/// Prints which design revisions are frozen from now on.
fn print_released(out: &mut impl Write, released: &[String]) -> std::io::Result<()> {
    const SHOWN: usize = 5;
    let all = released.len();
    if released.is_empty() {
        return Ok(());
    }
    let names = released[..all.min(SHOWN)].join(", ");
    let more = if all > SHOWN { format!(" and {} more", all - SHOWN) } else { String::new() };
    let its = if all == 1 { "its" } else { "their" };
    writeln!(
        out,
        "released: {names}{more}: {its} content is frozen from now on but for links; usages, signals and constraints that are \
         still missing will need a new revision, so import them together with the release"
    )
}

/// Prints each time that an installation lost.
fn print_cuts(out: &mut impl Write, cuts: &[CutReport]) -> std::io::Result<()> {
    if cuts.is_empty() {
        return Ok(());
    }
    let head = ["INSTALLATION", "COMPONENT", "PLACE", "LOST FROM", "UNTIL", "TO", "KEPT"].map(str::to_owned);
    let rows = cuts.iter().flat_map(|cut| cut.lost.iter().map(move |loss| row(cut, loss)));
    for line in aligned(&std::iter::once(head).chain(rows).collect::<Vec<_>>()) {
        writeln!(out, "{line}")?;
    }
    writeln!(
        out,
        "{} {} cut",
        count(cuts.len(), "installation"),
        if cuts.len() == 1 { "was" } else { "were" }
    )
}

fn row(cut: &CutReport, loss: &LossReport) -> [String; 7] {
    let position = cut.position.as_ref().map_or_else(String::new, |position| format!(" {position}"));
    let kept: Vec<String> = cut.kept.iter().map(|kept| kept.within.to_string()).collect();
    [
        cut.installation.clone(),
        cut.component.clone(),
        format!("{}{position}", cut.parent),
        loss.within.from.clone(),
        loss.within.to.clone().unwrap_or_else(|| "…".to_owned()),
        loss.taken_by.clone(),
        if kept.is_empty() { "nothing".to_owned() } else { kept.join(" ") },
    ]
}

/// Makes a file's name fit to name a branch.
fn slug(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let slug: String = name.chars().map(plain).collect();
    let parts: Vec<_> = slug.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "file".to_owned() } else { parts.join("-") }
}
