//! The hook that refuses a push to a ref of the thread: nothing that it brings would be validated.

use super::ref_files::BadFile;
use crate::model::durable::{self, sync};
use std::io::Write as _;
use std::path::Path;

/// The hook that Git asks before it moves a ref for a push.
const HOOK: &str = "hooks/update";

const UPDATE_HOOK: &str = r#"#!/bin/sh
# Written by throughline. A push to a branch or tag would not be validated, so it is refused.
case "$1" in
refs/heads/* | refs/tags/* | refs/throughline/*)
    name=${1#refs/*/}
    echo "throughline: $1 takes no push, as nothing would be validated." >&2
    echo "throughline: push to refs/incoming/$name, then: throughline adopt $name" >&2
    exit 1
    ;;
esac
exit 0
"#;

/// Puts the hook in place that refuses pushes to the thread's refs. A hook of somebody else's is left alone.
pub(in crate::graph) fn place(git: &Path) -> std::io::Result<()> {
    let hook = git.join(HOOK);
    match std::fs::read(&hook) {
        Ok(text) if text == UPDATE_HOOK.as_bytes() && is_executable(&hook) => return Ok(()),
        Ok(text) if !is_ours(&text) => {
            let hook = hook.display();
            tracing::warn!(%hook, "a hook that is not throughline's: pushes may go round validation");
            return Ok(());
        }
        _ => std::fs::create_dir_all(durable::parent(&hook))?,
    }
    // In one step, so that no half of it ever runs.
    durable::replace_with(&hook, |file| {
        file.write_all(UPDATE_HOOK.as_bytes())?;
        make_executable(file)
    })?;
    sync(git)
}

/// Finds out whether the hook refuses pushes that nothing would validate; a hook of somebody else's is theirs to answer for.
pub(in crate::graph) fn check(git: &Path) -> Option<BadFile> {
    let path = git.join(HOOK);
    let what = match std::fs::read(&path) {
        Err(_) => "the hook is missing or cannot be read",
        Ok(text) if text.is_empty() => "the hook is empty",
        Ok(text) if is_ours(&text) && !is_executable(&path) => {
            "the hook cannot be executed, so that Git passes it over"
        }
        Ok(_) => return None,
    };
    let what = format!("{what}: a push to a branch would not be validated");
    let advice = "the next start (throughline serve) writes it anew";
    Some(BadFile { path, line: None, what, advice, is_needed: false })
}

/// Returns whether the hook was written by this program, or holds nothing, as after a power cut.
fn is_ours(text: &[u8]) -> bool {
    text.is_empty() || text.starts_with(b"#!/bin/sh\n# Written by throughline.")
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|file| file.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    true
}

#[cfg(unix)]
fn make_executable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_file: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
