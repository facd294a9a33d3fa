//! Paragraphs that explain or warn, and may lead somewhere.

/// A paragraph that explains or warns.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Note {
    /// What it says.
    pub(in crate::pages) text: String,
    /// What it leads to: text and address.
    pub(in crate::pages) link: Option<(String, String)>,
    /// Whether it warns.
    pub(in crate::pages) warns: bool,
}

impl Note {
    /// Explains.
    pub(in crate::pages) fn of(text: impl Into<String>) -> Self {
        Self { text: text.into(), link: None, warns: false }
    }

    /// Warns.
    pub(in crate::pages) fn warning(text: impl Into<String>) -> Self {
        Self { text: text.into(), link: None, warns: true }
    }

    /// Adds where to go.
    #[must_use]
    pub(in crate::pages) fn to(mut self, text: &str, href: String) -> Self {
        self.link = Some((text.to_owned(), href));
        self
    }
}
