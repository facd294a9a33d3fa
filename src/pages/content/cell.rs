//! One value as it is shown: its text, what it leads to, and what the CSV has in its place.

use crate::pages::answer::margin::Verdict;
use crate::pages::chart::Svg;
use crate::pages::text::number::number;
use crate::pages::text::time::minute;
use askama::Template;

/// How a value is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) enum Look {
    /// As text.
    #[default]
    Plain,
    /// As a number, to the right.
    Number,
    /// As a verdict: sign, word and colour.
    Verdict(Verdict),
    /// As something that needs attention.
    Warning,
    /// As an identifier of machines.
    Code,
    /// As text that is less important.
    Quiet,
}

/// One value.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "cell.html")]
pub(in crate::pages) struct Cell {
    /// What is shown.
    pub(in crate::pages) text: String,
    /// What the CSV has, where it is not the text.
    exact: Option<String>,
    href: Option<String>,
    look: Look,
    /// A second line.
    below: Option<String>,
    svg: Option<Svg>,
}

impl Cell {
    /// Shows text.
    pub(in crate::pages) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Shows text where there is any.
    pub(in crate::pages) fn maybe(text: Option<&str>) -> Self {
        Self::text(text.unwrap_or_default())
    }

    /// Shows less important text.
    pub(in crate::pages) fn quiet(text: impl Into<String>) -> Self {
        Self { look: Look::Quiet, ..Self::text(text) }
    }

    /// Shows an identifier of machines.
    pub(in crate::pages) fn code(text: impl Into<String>) -> Self {
        Self { look: Look::Code, ..Self::text(text) }
    }

    /// Shows something that needs attention.
    pub(in crate::pages) fn warning(text: impl Into<String>) -> Self {
        Self { look: Look::Warning, ..Self::text(text) }
    }

    /// Shows text that leads to a page.
    pub(in crate::pages) fn link(text: impl Into<String>, href: String) -> Self {
        Self { href: Some(href), ..Self::text(text) }
    }

    /// Shows a number; the CSV has all its digits.
    pub(in crate::pages) fn number(value: Option<f64>) -> Self {
        let exact = value.map(|value| value.to_string()).unwrap_or_default();
        let text = value.map_or_else(|| "–".to_owned(), number);
        Self { exact: Some(exact), look: Look::Number, ..Self::text(text) }
    }

    /// Shows a number with its unit.
    pub(in crate::pages) fn quantity(value: Option<f64>, unit: &str) -> Self {
        match value {
            Some(of) => Self::number(value).shown(format!("{}{unit}", number(of))),
            None => Self::number(value),
        }
    }

    /// Shows a count.
    pub(in crate::pages) fn count(value: usize) -> Self {
        Self::number(Some(value as f64))
    }

    /// Shows an instant to the minute; the CSV has it in full.
    pub(in crate::pages) fn instant(at: Option<&str>) -> Self {
        let text = at.map_or_else(|| "–".to_owned(), minute);
        Self { exact: Some(at.unwrap_or_default().to_owned()), ..Self::text(text) }
    }

    /// Shows a verdict.
    pub(in crate::pages) fn verdict(verdict: Verdict) -> Self {
        Self { look: Look::Verdict(verdict), ..Self::text(verdict.word()) }
    }

    /// Shows a chart; the CSV has its sentence.
    pub(in crate::pages) fn chart(svg: Svg, sentence: String) -> Self {
        Self { svg: Some(svg), exact: Some(sentence), ..Self::default() }
    }

    /// Shows another text; the CSV stays as it is.
    #[must_use]
    pub(in crate::pages) fn shown(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// Adds a second line.
    #[must_use]
    pub(in crate::pages) fn with(mut self, below: impl Into<String>) -> Self {
        self.below = Some(below.into()).filter(|below| !below.is_empty());
        self
    }

    /// Returns whether the value is to the right.
    pub(in crate::pages) fn is_number(&self) -> bool {
        self.look == Look::Number
    }

    /// Returns whether the text is a name that is not to be broken.
    fn is_short(&self) -> bool {
        self.text.len() <= 20
    }

    fn is(&self, look: Look) -> bool {
        self.look == look
    }

    /// Returns what the CSV has.
    pub(in crate::pages) fn exact(&self) -> &str {
        self.exact.as_deref().unwrap_or(&self.text)
    }

    /// Returns the exact value where another one is shown.
    fn hint(&self) -> &str {
        self.exact.as_deref().filter(|exact| *exact != self.text && self.svg.is_none()).unwrap_or_default()
    }
}
