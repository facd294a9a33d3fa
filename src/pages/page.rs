//! The kinds of pages there are.

/// A kind of page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Page {
    /// All requirements, and what is open.
    Overview,
    /// One requirement.
    Requirement,
    /// One unit.
    Unit,
    /// One design revision.
    Design,
    /// One lot.
    Lot,
    /// One finding.
    Finding,
    /// One requested change.
    Change,
    /// One design review.
    Review,
    /// The versions of a branch.
    Versions,
    /// A merge that is to be decided.
    Merge,
    /// The form of a record.
    Edit,
    /// A file on its way into the thread.
    Bring,
    /// What a search finds.
    Search,
    /// Any record.
    Record,
}

impl Page {
    /// Every kind.
    pub(in crate::pages) const ALL: [Self; 14] = [
        Self::Overview,
        Self::Requirement,
        Self::Unit,
        Self::Design,
        Self::Lot,
        Self::Finding,
        Self::Change,
        Self::Review,
        Self::Versions,
        Self::Merge,
        Self::Edit,
        Self::Bring,
        Self::Search,
        Self::Record,
    ];

    /// Returns the path below `/pages/`.
    pub(in crate::pages) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Requirement => "requirement",
            Self::Unit => "unit",
            Self::Design => "design",
            Self::Lot => "lot",
            Self::Finding => "finding",
            Self::Change => "change",
            Self::Review => "review",
            Self::Versions => "versions",
            Self::Merge => "merge",
            Self::Edit => "edit",
            Self::Bring => "bring",
            Self::Search => "search",
            Self::Record => "record",
        }
    }

    /// Returns whether the page is about one record.
    pub(in crate::pages) const fn is_of_record(self) -> bool {
        !matches!(
            self,
            Self::Overview | Self::Versions | Self::Merge | Self::Edit | Self::Bring | Self::Search
        )
    }
}
