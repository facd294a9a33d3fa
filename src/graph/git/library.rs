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

/// Sets in the configuration of a repository what Git's own tools sync: objects and refs. What libgit2 writes is synced whatever the
/// configuration states. Earlier releases set it under a name that Git has deprecated, and warns of.
pub(super) fn make_git_sync(repository: &Repository) -> Result<(), git2::Error> {
    const FSYNC: &str = "core.fsync";
    const DEPRECATED: &str = "core.fsyncObjectFiles";
    const SYNCED: &str = "committed,loose-object,reference";
    let mut config = repository.config()?;
    if config.get_string(FSYNC).is_err() {
        config.set_str(FSYNC, SYNCED)?;
    }
    if config.get_string(DEPRECATED).is_ok() {
        config.remove(DEPRECATED)?;
    }
    Ok(())
}
