//! Opening repositories with libgit2: each is opened here, with the settings that hold for all of them.

use git2::{Repository, RepositoryInitOptions};
use std::path::Path;

/// Opens a bare repository; no configuration but its own is read.
pub(in crate::graph) fn open_bare(folder: &Path) -> Result<Repository, git2::Error> {
    libgit2_settings::apply()?;
    Repository::open_bare(folder)
}

/// Makes a bare repository whose `HEAD` names `main`.
pub(in crate::graph) fn init_bare(folder: &Path) -> Result<Repository, git2::Error> {
    libgit2_settings::apply()?;
    let mut options = RepositoryInitOptions::new();
    options.bare(true).no_reinit(true).initial_head("main").external_template(false);
    Repository::init_opts(folder, &options)
}
