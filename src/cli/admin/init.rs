//! `throughline init`.

use crate::app::App;
use crate::cli::error::{Failure, read_text};
use crate::cli::output::json;
use crate::graphql;
use crate::model::time::clock::SystemClock;
use crate::ontology::Ontology;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The folder to make the thread in
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What the thread's own names begin with
    #[arg(long, value_name = "IRI", default_value = "https://example.org/")]
    base: String,
    /// A folder with .ttl files that add classes and shapes
    #[arg(long, value_name = "DIR")]
    ontology: Option<PathBuf>,
    #[command(flatten)]
    form: json::Form,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let ontology = match &arguments.ontology {
        Some(folder) => turtle_files(folder)?,
        None => Vec::new(),
    };
    let shipped = Ontology::shipped_files().iter().copied();
    let own = ontology.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    graphql::sdl(&Arc::new(Ontology::read(shipped.chain(own))?))?;
    let clock = Arc::new(SystemClock::default());
    App::init(&arguments.folder, &ontology, &arguments.base, clock)?;
    if arguments.form.json {
        return json::print(&json!({ "folder": arguments.folder, "base": arguments.base }));
    }
    println!("made a thread in {}, whose names begin with {}", arguments.folder.display(), arguments.base);
    println!("next: throughline import --data {} FILE.ttl", arguments.folder.display());
    Ok(())
}

/// Reads the `.ttl` files of a folder, by name.
pub(super) fn turtle_files(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "ttl") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, read_text(&path)?));
        }
    }
    if files.is_empty() {
        return Err(Failure::new(format!("{} holds no .ttl files", folder.display())));
    }
    files.sort();
    Ok(files)
}
