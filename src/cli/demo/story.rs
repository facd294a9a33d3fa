//! The story's files in the order in which they are imported, and the questions that are asked of it.

use crate::exchange::{rdf, table};
use crate::model::period::Period;
use crate::model::statement::Statement;
use crate::ontology::Ontology;
use std::borrow::Cow;

/// The base of all names in the story.
pub const BASE: &str = "https://meridian.example/";

/// One file of the story.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name in `fixtures/`.
    pub name: &'static str,
    /// The source that it comes from; a later file of a source replaces the earlier one.
    pub source: &'static str,
    /// What its commit says.
    pub message: &'static str,
    /// Its text.
    pub text: Cow<'static, str>,
    /// How it is read.
    pub kind: Kind,
    /// The tag that `main` gets after it.
    pub tag: Option<&'static str>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As Turtle.
    Turtle,
    /// As a table.
    Table {
        /// The name of the mapping file.
        mapping: &'static str,
        /// The mapping.
        text: &'static str,
    },
}

/// Why a file of the story cannot be read; its files are tested, so this is a defect.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A Turtle file is wrong.
    #[error(transparent)]
    Rdf(#[from] rdf::Error),
    /// A table or its mapping is wrong.
    #[error(transparent)]
    Table(#[from] table::Error),
}

impl File {
    /// Reads the file into statements.
    pub fn statements(&self, ontology: &Ontology) -> Result<Vec<Statement>, Error> {
        match self.kind {
            Kind::Turtle => Ok(rdf::read(self.text.as_bytes(), rdf::Format::Turtle, BASE, self.name)?),
            Kind::Table { mapping, text } => {
                let mapping = table::Mapping::parse(text, mapping)?;
                Ok(table::read(&mapping, self.text.as_bytes(), self.name, BASE, ontology)?)
            }
        }
    }
}

macro_rules! turtle {
    ($name:literal, $source:literal, $message:literal, $tag:expr) => {
        File {
            name: $name,
            source: $source,
            message: $message,
            text: Cow::Borrowed(include_str!(concat!("../../../fixtures/", $name))),
            kind: Kind::Turtle,
            tag: $tag,
        }
    };
}

macro_rules! table {
    ($name:literal, $source:literal, $message:literal) => {
        File {
            name: concat!($name, ".csv"),
            source: $source,
            message: $message,
            text: Cow::Borrowed(include_str!(concat!("../../../fixtures/", $name, ".csv"))),
            kind: Kind::Table {
                mapping: concat!($name, ".toml"),
                text: include_str!(concat!("../../../fixtures/", $name, ".toml")),
            },
            tag: None,
        }
    };
}

/// Returns the files in the order in which they are imported; `period` is how often a pump reports.
pub fn files(period: Period) -> Vec<File> {
    let mut files = vec![
        turtle!("properties.ttl", "properties", "Name what is observed", None),
        turtle!(
            "requirements-pdr.ttl",
            "requirements",
            "Requirements for the preliminary design review",
            Some("PDR")
        ),
        turtle!("requirements.ttl", "requirements", "Released requirements: 85 °C for the bearing", None),
        turtle!("design.ttl", "design", "Pump, bearing revisions A to C, signals", None),
        turtle!("verification.ttl", "verification", "Simulations and rig tests of the bearing", Some("CDR")),
        table!("builds", "works", "Lots and orders of the works"),
        table!("pumps", "pumps", "Serial list of the pumps"),
        table!("bearings", "bearings", "Serial list of the bearings"),
        table!("swaps", "swaps", "Bearing swap log of the service team"),
        table!("takeover", "takeover", "Bearing record of Antofagasta, from its former operator"),
        table!("seals", "seals", "Shaft seals, by lot"),
        table!("software", "software", "Controller software"),
        table!("events", "events", "Failures, maintenance, inspections"),
        turtle!(
            "sensors.ttl",
            "sensors",
            "P-042 reports its bearing temperature in °F since 10 March 2025",
            Some("field-2025")
        ),
    ];
    for file in &mut files {
        if file.kind == Kind::Turtle && file.text.contains("\"PT1H\"") {
            file.text = Cow::Owned(file.text.replace("\"PT1H\"", &format!("\"{period}\"")));
        }
    }
    files
}
