//! `throughline schema`.

use crate::app::App;
use crate::cli::error::Failure;
use crate::cli::sources;
use crate::graphql;
use crate::model::time::clock::SystemClock;
use crate::ontology::Ontology;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    /// The schema of this thread instead of that of the shipped ontology
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let ontology = match &arguments.data {
        Some(folder) => {
            let app = App::open_with(folder, Arc::new(SystemClock::default()), sources())?;
            Arc::clone(app.snapshot("main")?.ontology())
        }
        None => Arc::new(Ontology::read(Ontology::shipped_files().iter().copied())?),
    };
    write!(std::io::stdout().lock(), "{}", graphql::sdl(&ontology)?)?;
    Ok(())
}
