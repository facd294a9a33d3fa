//! `throughline completions` and `throughline man`: what a shell and a reader of manuals need, made of what clap knows of the command line.

use super::error::Failure;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArguments {
    /// The shell that completes commands
    shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArguments {
    /// The folder that takes the pages, one for each command; it is made where it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Prints the completions of a shell.
pub(super) fn completions(arguments: &CompletionsArguments) {
    let mut command = super::command();
    clap_complete::generate(arguments.shell, &mut command, "throughline", &mut std::io::stdout().lock());
}

/// Writes manual pages.
pub(super) fn man(arguments: &ManArguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let failed = |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(super::command(), folder).map_err(failed)
}
