//! Branches and tags that cannot be read, in a list of those that can.

use crate::cli::error::Failure;

/// Names the refs that a list lacks; the command then ends as one that is done in part.
pub(in crate::cli) fn refuse_unreadable(unreadable: &[(String, String)]) -> Result<(), Failure> {
    for (name, reason) in unreadable {
        eprintln!("{name} cannot be read: {reason}");
    }
    match unreadable {
        [] => Ok(()),
        _ => Err(Failure::incomplete(format!("{} cannot be read", unreadable.len()))
            .hint("throughline fsck names what is damaged, and what to do")),
    }
}
