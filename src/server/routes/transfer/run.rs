//! The work that an order is: its files, for whom it is done and until when, and how much of it is done.

use crate::app::Session;
use crate::exchange::foreign::Foreign;
use crate::exchange::rdf::Format;
use crate::exchange::table::Mapping;
use crate::model::sync::cancellation::Cancellation;

/// What a file is, by its media type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Rdf(Format),
    Csv,
    Mapping,
    Foreign(Foreign),
}

/// A file of a body.
pub(super) struct File {
    /// What errors call it.
    pub(super) name: String,
    /// Whether the request names it.
    pub(super) is_named: bool,
    pub(super) bytes: Vec<u8>,
    pub(super) media: Media,
    /// The mapping of a table.
    pub(super) mapping: Option<Mapping>,
}

/// For whom and until when an order is carried out.
pub(super) struct Run<'a> {
    pub(super) session: &'a Session,
    pub(super) wanted: Cancellation,
    /// Names the order, so that it makes no second commit.
    pub(super) key: Option<String>,
    /// How much of it was done before.
    pub(super) before: Done,
    /// Receives how much is done.
    pub(super) progress: &'a (dyn Fn(Done) + Sync),
}

/// How much of an order is done: whole files, and readings of the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) files: usize,
    pub(super) readings: u64,
}
