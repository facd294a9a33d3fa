//! Who makes a change, which decides what it may write.

use crate::graph::model::commit::Author;
use crate::graph::read::snapshot::Snapshot;
use crate::model::use_case::UseCase;

/// Who makes a change.
#[derive(Clone, Copy, Default)]
pub(crate) struct Maker<'a> {
    /// The use case; `None`: a client, in its own words.
    pub(crate) use_case: Option<UseCase>,
    /// The vendor branch of the importing source, and who imports.
    pub(crate) source: Option<(&'a str, &'a Author)>,
    /// The versions that are merged in.
    pub(crate) sides: &'a [Snapshot],
}

impl<'a> Maker<'a> {
    /// A client or a use case of the service.
    pub(crate) fn of(use_case: Option<UseCase>) -> Self {
        Self { use_case, ..Self::default() }
    }

    /// An import of a source, whose vendor branch has this name.
    pub(crate) fn source(vendor: &'a str, author: &'a Author) -> Self {
        Self { use_case: Some(UseCase::Import), source: Some((vendor, author)), ..Self::default() }
    }

    /// A merge of versions.
    pub(crate) fn merge(sides: &'a [Snapshot]) -> Self {
        Self { sides, ..Self::default() }
    }
}
