//! `throughline import`.

use super::Data;
use super::authored::Authored;
use super::error::{Failure, read, read_text};
use super::progress::spinner;
use super::resolutions::Decisions;
use crate::app::{ImportOptions, Reading, SourceFile};
use crate::exchange::rdf::Format;
use crate::exchange::table::Mapping;
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
    /// Retire what the source named before and these files no longer do
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    authored: Authored,
    #[command(flatten)]
    resolutions: Decisions,
    /// The files: what they say of a resource is all that the source says of it
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut files = Vec::new();
    for path in &arguments.files {
        let reading = reading(path, arguments.table.as_deref())?;
        files.push(SourceFile { name: path.display().to_string(), bytes: read(path)?, reading });
    }
    let source = match &arguments.source {
        Some(source) => source.clone(),
        None => slug(&arguments.files[0].file_stem().unwrap_or_default().to_string_lossy()),
    };
    let app = arguments.data.open()?;
    let bar = spinner(format!("importing {} files as {source}", files.len()));
    let options = ImportOptions {
        source: source.clone(),
        into: arguments.into.clone(),
        message: arguments.message.clone(),
        author: arguments.authored.author(),
        prune: arguments.prune,
        resolutions: arguments.resolutions.read(&app.snapshot(&arguments.into)?)?,
    };
    let imported = app.import(files, options);
    bar.finish_and_clear();
    let imported = imported?;
    match imported.changed {
        0 => println!("nothing new: {source} says what it said before"),
        changed => {
            println!("{} on {}: {changed} statements came or went", imported.commit.id, arguments.into);
        }
    }
    Ok(())
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
    let extension = path.extension().unwrap_or_default().to_string_lossy().into_owned();
    match Format::from_extension(&extension) {
        Some(format) => Ok(Reading::Rdf(format)),
        None => Err(Failure::new(format!("{}: .{extension} is no RDF notation", path.display()))
            .hint("use .ttl, .nt, .rdf or .jsonld; a CSV file needs --table MAPPING.toml")),
    }
}
