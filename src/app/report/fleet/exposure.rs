//! What changes would touch if they were committed.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::read::exposure::Exposed;
use crate::app::report::merge::ViolationReport;
use crate::app::report::words;
use crate::app::scope::Scope;
use crate::exchange::rdf::{self, Format};
use crate::feedback::{Margin, MarginChange, UnitMargin};
use crate::graph::Snapshot;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::interval::Interval;
use oxigraph::model::NamedNode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Which changes are supposed, and of which field life they are asked.
#[derive(Clone, Debug)]
pub struct ExposureAsked {
    /// RDF files by their names: each resource would have the statements in them, and no others.
    pub files: Vec<(String, Vec<u8>)>,
    /// The resources that would be retired.
    pub retire: Vec<String>,
    /// The field life that counts.
    pub window: Interval,
    /// The version.
    pub version: String,
    /// The watermark; the newest where it is absent.
    pub known: Option<String>,
}

/// What changes would touch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExposureReport {
    /// The commit that the changes are supposed of.
    pub commit: String,
    /// The watermark.
    pub watermark: String,
    /// How many statements would change.
    pub changed: usize,
    /// What a commit of the changes would be refused for.
    pub violations: Vec<ViolationReport>,
    /// The designs that they reach.
    pub designs: Vec<String>,
    /// How many units carry one of these designs, before or after.
    pub unit_count: usize,
    /// How many of them would carry other designs, at other times or in other places.
    pub moved_count: usize,
    /// The hours of all units before the changes.
    pub hours_before: f64,
    /// The hours after them.
    pub hours_after: f64,
    /// The units.
    pub units: Vec<ExposedUnit>,
    /// The margins to which the changes make a difference.
    pub margins: Vec<ExposedMargin>,
    /// The requirements that would be covered.
    pub covered: Vec<String>,
    /// The requirements that would not be covered any more.
    pub uncovered: Vec<String>,
    /// The links that would be suspect.
    pub suspect_links: Vec<String>,
}

/// A unit, and for how long it carries one of the designs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExposedUnit {
    /// The unit.
    pub unit: String,
    /// Its identifier.
    pub serial: Option<String>,
    /// The hours before the changes.
    pub hours_before: f64,
    /// The hours after them.
    pub hours_after: f64,
    /// Whether they make it carry other designs, at other times or in other places.
    pub moved: bool,
}

/// A margin before the changes and after them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExposedMargin {
    /// The item.
    pub design: String,
    /// The requirement.
    pub requirement: Option<String>,
    /// The constraint.
    pub constraint: String,
    /// The margin before the changes.
    pub before: Option<JudgedMargin>,
    /// The margin after them.
    pub after: Option<JudgedMargin>,
    /// The serials of the units that break the limit after and did not before, or their IRIs.
    pub newly_violating: Vec<String>,
    /// Those that broke the limit before and keep it after.
    pub newly_conforming: Vec<String>,
    /// The whole in one line.
    #[serde(default)]
    pub text: String,
}

/// A margin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JudgedMargin {
    /// The verdict.
    pub verdict: String,
    /// What was observed.
    pub observed: Option<f64>,
    /// The limit as it is recorded, with all its digits.
    pub limit: Value,
    /// The upper limit.
    pub upper_limit: Option<Value>,
    /// The distance to the limit.
    pub distance: Option<f64>,
}

impl ExposureReport {
    /// Describes what the changes would touch; nothing is written.
    pub fn read(app: &App, asked: &ExposureAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let before = app.scope(&asked.version, asked.known.as_deref())?.while_wanted(wanted);
        let mut changes = Vec::new();
        for (name, bytes) in &asked.files {
            changes.extend(replacements(statements(name, bytes, &before.snapshot)?));
        }
        for name in &asked.retire {
            changes.push(Change::Retire(before.snapshot.expand(name)?));
        }
        let exposed = app.exposure(&before, &changes, asked.window)?;
        Self::of(&before, &exposed)
    }

    fn of(before: &Scope, exposed: &Exposed) -> Result<Self, Error> {
        let (exposure, at) = (&exposed.exposure, &exposed.after.snapshot);
        let mut margins = exposed.margins(before)?;
        margins.retain(MarginChange::is_changed);
        let (mut covered, mut uncovered) = (BTreeSet::new(), BTreeSet::new());
        for change in exposure.coverage()? {
            covered.extend(change.covered().cloned());
            uncovered.extend(change.uncovered().cloned());
        }
        let suspect = exposure.suspect_links()?.into_iter();
        let units = exposure.units()?;
        let (hours_before, hours_after) = units.hours();
        let units: Vec<_> = units.units.iter().map(|unit| ExposedUnit::new(unit, at)).collect();
        let violations = &exposed.supposed.violations;
        Ok(Self {
            commit: before.snapshot.commit().id.to_string(),
            watermark: before.view.watermark().to_string(),
            changed: exposed.supposed.changed,
            violations: violations.iter().map(|violation| ViolationReport::new(violation, at)).collect(),
            designs: short(exposure.designs(), at),
            unit_count: units.len(),
            moved_count: units.iter().filter(|unit| unit.moved).count(),
            hours_before,
            hours_after,
            units,
            margins: margins.iter().map(|margin| ExposedMargin::new(margin, at)).collect(),
            covered: short(&covered, at),
            uncovered: short(&uncovered, at),
            suspect_links: suspect.map(|suspect| words::link(&suspect.link, at)).collect(),
        })
    }
}

fn short<'a>(iris: impl IntoIterator<Item = &'a NamedNode>, at: &Snapshot) -> Vec<String> {
    iris.into_iter().map(|iri| at.shorten(iri)).collect()
}

/// Reads the statements of a file, whose ending names its notation.
fn statements(name: &str, bytes: &[u8], at: &Snapshot) -> Result<Vec<Statement>, Error> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let format = Format::from_extension(ending).ok_or_else(|| Error::NoRdfFile(name.to_owned()))?;
    Ok(rdf::read(bytes, format, at.base(), name)?)
}

/// Makes one change of each resource that is described; a fragment whose resource is not is replaced by itself.
fn replacements(statements: Vec<Statement>) -> Vec<Change> {
    let described: BTreeSet<NamedNode> =
        statements.iter().map(|statement| statement.subject.clone()).collect();
    let mut documents: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        let root = crate::model::statement::root(&statement.subject);
        let document = if described.contains(&root) { root } else { statement.subject.clone() };
        documents.entry(document.into_string()).or_default().push(statement);
    }
    let change = |(resource, statements): (String, Vec<Statement>)| Change::Replace {
        resource: NamedNode::new_unchecked(resource),
        statements,
    };
    documents.into_iter().map(change).collect()
}

impl ExposedUnit {
    fn new(unit: &crate::feedback::ExposedUnit, at: &Snapshot) -> Self {
        Self {
            unit: at.shorten(&unit.unit),
            serial: unit.serial.clone(),
            hours_before: unit.hours_before,
            hours_after: unit.hours_after,
            moved: unit.is_moved,
        }
    }
}

impl ExposedMargin {
    fn new(margin: &MarginChange, at: &Snapshot) -> Self {
        let named = |unit: &UnitMargin| unit.serial.clone().unwrap_or_else(|| unit.twin.as_str().to_owned());
        let constraint = &margin.latest().constraint;
        Self {
            design: at.shorten(&margin.latest().item),
            requirement: constraint.requirement.as_ref().map(|requirement| at.shorten(requirement)),
            constraint: at.shorten(&constraint.iri),
            before: margin.before.as_ref().map(JudgedMargin::from),
            after: margin.after.as_ref().map(JudgedMargin::from),
            newly_violating: margin.newly_violating().map(named).collect(),
            newly_conforming: margin.newly_conforming().map(named).collect(),
            text: words::margins(margin, at),
        }
    }
}

impl From<&Margin> for JudgedMargin {
    fn from(margin: &Margin) -> Self {
        let recorded = &margin.constraint.recorded;
        Self {
            verdict: margin.verdict.to_string(),
            observed: margin.observed,
            limit: words::number(&recorded.limit),
            upper_limit: recorded.upper.as_deref().map(words::number),
            distance: margin.distance,
        }
    }
}
