//! Sections of a page and what is in them.

use super::cell::Cell;
use super::form::Form;
pub(in crate::pages) use super::note::Note;
use super::table::Table;
use crate::pages::chart::Svg;
use askama::Template;

/// A part of a page with a heading.
#[derive(Clone, Debug, Template)]
#[template(path = "section.html")]
pub(in crate::pages) struct Section {
    id: String,
    heading: String,
    /// Whether what it shows is not over.
    awaits: bool,
    pub(in crate::pages) blocks: Vec<Block>,
}

impl Section {
    /// Begins a section.
    pub(in crate::pages) fn new(id: impl Into<String>, heading: impl Into<String>) -> Self {
        Self { id: id.into(), heading: heading.into(), awaits: false, blocks: Vec::new() }
    }

    /// Returns the name by which an address leads to it.
    pub(in crate::pages) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the heading.
    pub(in crate::pages) fn heading(&self) -> &str {
        &self.heading
    }

    /// States that what it shows is not over: a browser with scripts looks again by itself.
    #[must_use]
    pub(in crate::pages) fn awaiting(mut self) -> Self {
        self.awaits = true;
        self
    }

    /// Adds a block.
    #[must_use]
    pub(in crate::pages) fn with(mut self, block: impl Into<Block>) -> Self {
        self.blocks.push(block.into());
        self
    }
}

/// What is in a section.
#[derive(Clone, Debug)]
pub(in crate::pages) enum Block {
    /// A paragraph.
    Text(String),
    /// A paragraph that explains, or warns.
    Note(Note),
    /// Names and values.
    Facts(Facts),
    /// A chart with its caption.
    Figure(Figure),
    /// A table.
    Table(Table),
    /// A form.
    Form(Form),
    /// Readings of a unit as they arrive, where the browser runs scripts.
    Live(Live),
}

impl From<&str> for Block {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Block {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Table> for Block {
    fn from(table: Table) -> Self {
        Self::Table(table)
    }
}

impl From<Facts> for Block {
    fn from(facts: Facts) -> Self {
        Self::Facts(facts)
    }
}

impl From<Figure> for Block {
    fn from(figure: Figure) -> Self {
        Self::Figure(figure)
    }
}

impl From<Note> for Block {
    fn from(note: Note) -> Self {
        Self::Note(note)
    }
}

impl From<Form> for Block {
    fn from(form: Form) -> Self {
        Self::Form(form)
    }
}

/// A unit whose readings are shown as they arrive.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Live(pub(in crate::pages) String);

impl From<Live> for Block {
    fn from(live: Live) -> Self {
        Self::Live(live)
    }
}

/// Names and values.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Facts(pub(in crate::pages) Vec<(&'static str, Cell)>);

impl Facts {
    /// Adds a value.
    #[must_use]
    pub(in crate::pages) fn with(mut self, name: &'static str, cell: Cell) -> Self {
        self.0.push((name, cell));
        self
    }

    /// Adds a value where there is one.
    #[must_use]
    pub(in crate::pages) fn and(self, name: &'static str, cell: Option<Cell>) -> Self {
        match cell {
            Some(cell) => self.with(name, cell),
            None => self,
        }
    }
}

/// A chart with its caption.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Figure {
    /// The chart.
    pub(in crate::pages) svg: Svg,
    /// What it shows and how it is to be read.
    pub(in crate::pages) caption: String,
}
