//! What is written down: evidence, the findings that it opens, and what is decided on them.

pub(super) mod about;
pub(super) mod arrived;
pub(super) mod assess;
pub(super) mod change_request;
pub(super) mod data_finding;
pub(super) mod decision;
pub(super) mod evidence;
pub(super) mod filing;
pub(super) mod finding;
pub(super) mod grounds;
