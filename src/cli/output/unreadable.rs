//! Branches and tags that cannot be read, in a list of those that can.

use crate::cli::error::Failure;
use crate::cli::output::json;
use serde_json::json;

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

/// Prints names of versions as JSON: the name, commit and time of each, and those that cannot be read with the reason.
pub(in crate::cli) fn print_names(
    kind: &str,
    names: &[(String, String, String)],
    unreadable: &[(String, String)],
) -> Result<(), Failure> {
    let name = |(name, commit, time): &(String, String, String)| json!({ "name": name, "commit": commit, "time": time });
    let names: Vec<_> = names.iter().map(name).collect();
    let unreadable: Vec<_> =
        unreadable.iter().map(|(name, reason)| json!({ "name": name, "reason": reason })).collect();
    json::print(&json!({ kind: names, "unreadable": unreadable }))
}
