//! The names of branches and tags, and the refs that hold them.

use crate::model::time::instant::Instant;

/// The branch that an instant alone refers to.
pub(crate) const MAIN: &str = "main";

/// Where commits made elsewhere wait for `adopt`.
pub(crate) const INCOMING: &str = "refs/incoming/";

/// What the names of vendor branches begin with: each holds exactly the statements of one source.
const VENDOR: &str = "import/";

/// What the names of branches begin with that hold the history of another system, with that system's recording dates.
const HISTORY: &str = "history/";

/// Returns whether a branch holds the history of another system: its commits may bear that system's recording dates.
pub(crate) fn is_history(branch: &str) -> bool {
    branch.starts_with(HISTORY)
}

/// Returns the name of the branch that a source commits to.
pub(crate) fn vendor_branch(source: &str) -> String {
    format!("{VENDOR}{source}")
}

/// Returns whether a branch is a source's.
pub(crate) fn is_vendor(branch: &str) -> bool {
    branch.starts_with(VENDOR)
}

/// Returns whether a name is a source's, or that of the folder they are in: nothing else may have it.
pub(crate) fn is_vendors(name: &str) -> bool {
    is_vendor(name) || Some(name) == VENDOR.strip_suffix('/')
}

pub(crate) fn branch_ref(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

pub(crate) fn tag_ref(tag: &str) -> String {
    format!("refs/tags/{tag}")
}

/// The ref that keeps what a review or a piece of evidence names.
pub(crate) fn kept_ref(name: &str) -> String {
    format!("refs/throughline/kept/{name}")
}

/// Returns whether a new name would hide another name of a version: digits of a commit id, `HEAD`, or `branch@instant`; or
/// read as a whole ref.
pub(crate) fn shadows(name: &str) -> bool {
    is_digits(name)
        || name.starts_with("refs/")
        || name == "HEAD"
        || name.contains('@')
        || name.parse::<Instant>().is_ok()
}

pub(in crate::graph) fn is_digits(name: &str) -> bool {
    (4..=40).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What the names of refs begin with that keep the history of lost ones.
pub(in crate::graph) const LOST: &str = "refs/throughline/lost/";
