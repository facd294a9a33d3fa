//! The fleet as its tables describe it: which bearing sat in which pump when. The telemetry is made from this, so that
//! what the field shows follows from what was installed.

use super::story::{self, File, FileKind};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::model::time::period::Period;
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};
use std::collections::HashMap;

/// The pumps of the story, in the order of their serials.
#[derive(Clone, Debug)]
pub struct Fleet {
    /// The pumps.
    pub pumps: Vec<Pump>,
}

/// One pump.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pump {
    /// Its serial, the `twin` tag of its telemetry.
    pub serial: String,
    /// Where it is.
    pub site: String,
    /// Since when it runs.
    pub commissioned: Instant,
    /// Which bearings it had, in time order.
    pub stays: Vec<Stay>,
    /// Since when its bearing temperature is reported in degrees Fahrenheit.
    pub fahrenheit_from: Option<Instant>,
}

/// One bearing in one pump, `[from, to)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The bearing's serial.
    pub bearing: String,
    /// Its lot.
    pub lot: String,
    /// Its revision: `A`, `B` or `C`.
    pub revision: char,
    /// Since when it sat there; the pump's commissioning where the record has lost it.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
}

impl Fleet {
    /// Reads the fleet from the story's files.
    pub fn read(ontology: &Ontology) -> Result<Self, story::Error> {
        let mut statements = Vec::new();
        for file in story::files(Period::from_nanos(3_600_000_000_000)) {
            if is_about_the_field(&file) {
                statements.extend(file.statements(ontology)?);
            }
        }
        Ok(Self::of(&Facts::new(&statements)))
    }

    fn of(facts: &Facts<'_>) -> Self {
        let mut stays: HashMap<String, Vec<Stay>> = HashMap::new();
        for installation in facts.with("component") {
            if let Some((pump, stay)) = facts.stay(installation) {
                stays.entry(pump).or_default().push(stay);
            }
        }
        let mut pumps: Vec<Pump> = facts
            .with("commissionedAt")
            .filter_map(|pump| {
                let mut stays = stays.remove(pump).unwrap_or_default();
                stays.sort_by_key(|stay| stay.from);
                facts.pump(pump, stays)
            })
            .collect();
        pumps.sort_by(|a, b| a.serial.cmp(&b.serial));
        Self { pumps }
    }
}

fn is_about_the_field(file: &File) -> bool {
    matches!(file.kind, FileKind::Table { .. }) || file.name == "sensors.ttl"
}

/// The statements of the files, by subject and the last word of the predicate.
struct Facts<'a>(HashMap<(&'a str, &'a str), &'a Term>);

impl<'a> Facts<'a> {
    fn new(statements: &'a [Statement]) -> Self {
        let key = |statement: &'a Statement| (statement.subject.as_str(), last_word(&statement.predicate));
        Self(statements.iter().map(|statement| (key(statement), &statement.object)).collect())
    }

    fn with(&self, word: &str) -> impl Iterator<Item = &'a str> {
        self.0.keys().filter(move |key| key.1 == word).map(|key| key.0)
    }

    fn text(&self, subject: &str, word: &str) -> Option<&'a str> {
        match self.0.get(&(subject, word))? {
            Term::Literal(literal) => Some(literal.value()),
            Term::NamedNode(node) => Some(node.as_str()),
            _ => None,
        }
    }

    fn instant(&self, subject: &str, word: &str) -> Option<Instant> {
        self.text(subject, word)?.parse().ok()
    }

    fn pump(&self, pump: &str, stays: Vec<Stay>) -> Option<Pump> {
        let signal = self.text(pump, "signal").unwrap_or_default();
        let is_fahrenheit = self.text(signal, "unit").is_some_and(|unit| unit.ends_with("DEG_F"));
        Some(Pump {
            serial: self.text(pump, "identifier")?.to_owned(),
            site: self.text(pump, "site")?.to_owned(),
            commissioned: self.instant(pump, "commissionedAt")?,
            stays,
            fahrenheit_from: self.instant(signal, "validFrom").filter(|_| is_fahrenheit),
        })
    }

    /// Returns a bearing's stay and its pump; nothing for what is no bearing.
    fn stay(&self, installation: &str) -> Option<(String, Stay)> {
        let bearing = self.text(installation, "component")?;
        let pump = self.text(installation, "parent")?;
        let lot = self.text(bearing, "builtBy")?;
        let stay = Stay {
            bearing: self.text(bearing, "identifier")?.to_owned(),
            lot: self.text(lot, "identifier")?.to_owned(),
            revision: self.text(lot, "realizes")?.chars().last()?,
            from: self.instant(installation, "from").or_else(|| self.instant(pump, "commissionedAt"))?,
            to: self.instant(installation, "to").unwrap_or(Instant::MAX),
        };
        Some((pump.to_owned(), stay))
    }
}

fn last_word(predicate: &NamedNode) -> &str {
    predicate.as_str().rsplit(['#', '/']).next().unwrap_or_default()
}
