//! The story's files in the order in which they are imported, and the questions that are asked of it.

use crate::exchange::{rdf, table};
use crate::model::statement::Statement;
use crate::model::time::period::Period;
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
    /// The message of its commit.
    pub message: &'static str,
    /// Its text.
    pub text: Cow<'static, str>,
    /// How it is read.
    pub kind: FileKind,
    /// The tag that `main` gets after it.
    pub tag: Option<&'static str>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
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
            FileKind::Turtle => Ok(rdf::read(self.text.as_bytes(), rdf::Format::Turtle, BASE, self.name)?),
            FileKind::Table { mapping, text } => {
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
            kind: FileKind::Turtle,
            tag: $tag,
        }
    };
}

macro_rules! table {
    ($name:literal, $source:literal, $message:literal, $tag:expr) => {
        File {
            name: concat!($name, ".csv"),
            source: $source,
            message: $message,
            text: Cow::Borrowed(include_str!(concat!("../../../fixtures/", $name, ".csv"))),
            kind: FileKind::Table {
                mapping: concat!($name, ".toml"),
                text: include_str!(concat!("../../../fixtures/", $name, ".toml")),
            },
            tag: $tag,
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
        table!("builds", "works", "Lots and orders of the works", None),
        table!("pumps", "pumps", "Serial list of the pumps", None),
        table!("bearings", "bearings", "Serial list of the bearings", None),
        table!("swaps", "swaps", "Bearing swap log of the service team", None),
        table!("takeover", "takeover", "Bearing record of Antofagasta, from its former operator", None),
        table!("seals", "seals", "Shaft seals, by lot", None),
        table!("software", "software", "Controller software", None),
        table!("events", "events", "Failures, maintenance, inspections", Some("AS-RECORDED")),
        turtle!(
            "sensors.ttl",
            "sensors",
            "P-042 reports its bearing temperature in °F since 10 March 2025",
            Some("AS-CORRECTED")
        ),
        turtle!("monitoring.ttl", "monitoring", "Limits that condition monitoring watches", None),
    ];
    for file in &mut files {
        if file.kind == FileKind::Turtle && file.text.contains("\"PT1H\"") {
            file.text = Cow::Owned(file.text.replace("\"PT1H\"", &format!("\"{period}\"")));
        }
    }
    files
}

/// A question to the story, and what is the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// The question, for a person.
    pub text: &'static str,
    /// The GraphQL request that asks it.
    pub graphql: &'static str,
    /// What was planted, for a person.
    pub truth: &'static str,
}

macro_rules! question {
    ($name:literal, $text:literal, $truth:literal) => {
        Question {
            name: $name,
            text: $text,
            graphql: include_str!(concat!("../../../fixtures/queries/", $name, ".graphql")),
            truth: $truth,
        }
    };
}

/// The questions, the three to begin with first.
pub const QUESTIONS: [Question; 12] = [
    question!(
        "is-c-better",
        "How hot did the bearing's revisions run against the 85 °C of REQ-12, and is C better than B?",
        "A conforms. Most units of B run hot, though the simulation predicted 80 °C. C conforms and runs cooler than A."
    ),
    question!(
        "which-units",
        "Which field units carry revision C, and when exactly did each of them carry it?",
        "The bearings of the lots L-2501, L-2503 and L-2506, in the pumps that the swap log names."
    ),
    question!(
        "which-lot-vibrates",
        "Revision C is cool, but is every lot of it sound?",
        "Lot L-2503 vibrates beyond the 4.5 mm/s of REQ-10, and half of it failed by spalling."
    ),
    question!(
        "which-sensor",
        "Did P-042 really boil from March 2025 on?",
        "No: its new thermometer reports °F since 10 March 2025, and the corrected record converts it."
    ),
    question!(
        "what-came-late",
        "What did we know of July 2025 before Singapore's samples came?",
        "Nothing beyond 85 °C. The late week, in which the cooling water failed, is the hottest of the year."
    ),
    question!(
        "what-is-unknown",
        "Which hours belong to nobody?",
        "Those of P-193 until 3 June 2025: the record of its bearing has no start."
    ),
    question!(
        "which-shaft",
        "Whose shaft shifts too far to either side?",
        "That of P-088 alone, to the negative side, which only the absolute value shows."
    ),
    question!(
        "which-residual",
        "Which sensor is not as the model of its design predicts, before anybody has complained?",
        "That of the bearing in P-042, from the first day on: all others of revision A run as their model predicts."
    ),
    question!(
        "how-long-does-b-live",
        "When do bearings of revision B overheat, and how many will next quarter, and where?",
        "A quarter of them overheats 70 to 260 days after it was mounted: B wears out."
    ),
    question!(
        "does-c-live-longer",
        "Does C live longer, though none of it has overheated?",
        "Bearings of C never overheat."
    ),
    question!(
        "which-forecasts",
        "Which bearings of lot L-2503 were expected to raise the alarm of vibration, and which did?",
        "Their vibration grows for 120 days. Some spall before; two pumps stand still when the alarm is due, and raise it later."
    ),
    question!(
        "which-site",
        "Does the duty in the field stay within what the rig has tested?",
        "Not in Jubail, where hot water flushes the line twice a day, so that the pipe pushes the nozzle."
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::repository::Repository;
    use crate::graph::write::import::ImportRequest;
    use crate::model::time::clock::FixedClock;
    use crate::model::time::instant::Instant;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    const HOUR: Period = Period::from_nanos(3_600_000_000_000);

    /// Imports the story and returns how many statements each file changed.
    fn import(repository: &Repository) -> Vec<(&'static str, usize)> {
        let ontology = repository.snapshot("main").expect("a head").ontology().clone();
        let imported = files(HOUR).into_iter().map(|file| {
            let request = ImportRequest {
                source: file.source.to_owned(),
                into: "main".to_owned(),
                message: file.message.to_owned(),
                author: Default::default(),
                statements: file.statements(&ontology).expect("a good file"),
                ..Default::default()
            };
            let imported =
                repository.import(request).unwrap_or_else(|error| panic!("{}: {error}", file.name));
            (file.name, imported.changed)
        });
        imported.collect()
    }

    #[test]
    fn every_file_is_imported_in_its_turn() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)));
        let repository = Repository::init(folder.path(), &[], BASE, clock).expect("a new thread");
        let first: BTreeMap<_, _> = import(&repository).into_iter().collect();
        assert!(first.values().all(|changed| *changed > 0), "{first:?}");
        // Nine states, one limit and its text change; the fragments keep their names.
        assert_eq!(first["requirements.ttl"], 2 * (9 + 1 + 1), "{first:?}");
        let snapshot = repository.snapshot("main").expect("a head");
        let pumps =
            snapshot.instances(crate::ontology::terms::tl::TWIN_INSTANCE).expect("the pumps and bearings");
        assert_eq!(pumps.len(), 200 + 474);
    }
}
