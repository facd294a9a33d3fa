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
    /// What a search finds.
    Search,
    /// Any record.
    Record,
}

impl Page {
    /// Every kind.
    pub(in crate::pages) const ALL: [Self; 7] =
        [Self::Overview, Self::Requirement, Self::Unit, Self::Design, Self::Lot, Self::Search, Self::Record];

    /// Returns the path below `/pages/`.
    pub(in crate::pages) const fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Requirement => "requirement",
            Self::Unit => "unit",
            Self::Design => "design",
            Self::Lot => "lot",
            Self::Search => "search",
            Self::Record => "record",
        }
    }

    /// Returns whether the page is about one record.
    pub(in crate::pages) const fn is_of_record(self) -> bool {
        matches!(self, Self::Requirement | Self::Unit | Self::Design | Self::Lot | Self::Record)
    }
}
