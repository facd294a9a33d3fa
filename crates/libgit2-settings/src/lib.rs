//! Settings of libgit2 that hold for the whole process. libgit2 changes them through one variadic function, which is `unsafe`; this crate
//! exists so that the program itself needs no `unsafe`.

use git2::ConfigLevel;
use libgit2_sys as raw;
use std::ffi::c_int;
use std::sync::OnceLock;

/// Makes libgit2 read no configuration but a repository's own, and sync what it writes to one. Whoever opens a repository calls this
/// first; the settings are made once.
///
/// A thread does not depend on whose home folder is there, nor on what is in it: a line of `~/.gitconfig` that libgit2 cannot parse
/// would keep it from opening any repository.
///
/// # Errors
///
/// Where libgit2 refuses a setting.
pub fn apply() -> Result<(), git2::Error> {
    static APPLIED: OnceLock<Result<(), String>> = OnceLock::new();
    let applied = APPLIED.get_or_init(|| set().map_err(|error| error.message().to_owned()));
    applied.clone().map_err(|reason| git2::Error::from_str(&reason))
}

fn set() -> Result<(), git2::Error> {
    for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
        // SAFETY: libgit2 reads the search paths when it opens a repository. Each opening comes after a call of `apply`, and
        // `OnceLock` lets none of them return before this is done.
        unsafe { git2::opts::set_search_path(level, "")? };
    }
    let option = raw::GIT_OPT_ENABLE_FSYNC_GITDIR as c_int;
    let enabled: c_int = 1;
    // SAFETY: the option takes one `int`, and libgit2 was initialised by the calls above.
    match unsafe { raw::git_libgit2_opts(option, enabled) } {
        0 => Ok(()),
        _ => Err(git2::Error::from_str("libgit2 does not sync what it writes")),
    }
}
