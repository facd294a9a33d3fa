//! `throughline exposure`.

use crate::app::{Exposed, Scope};
use crate::cli::Data;
use crate::cli::error::Failure;
use crate::cli::output::words;
use crate::exchange::rdf::{self, Format};
use crate::feedback::{ExposedUnits, Margin, MarginChange, UnitMargin};
use crate::graph::Snapshot;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use oxigraph::model::NamedNode;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    data: Data,
    /// RDF files: each resource would have the statements in them, and no others
    #[arg(value_name = "FILE", required_unless_present = "retire")]
    files: Vec<PathBuf>,
    /// A resource that would be retired; may be given several times
    #[arg(long, value_name = "IRI")]
    retire: Vec<String>,
    /// The first instant of the field life that counts
    #[arg(long)]
    from: Instant,
    /// The first instant after it
    #[arg(long)]
    to: Instant,
    /// The version: branch, tag, commit, branch@instant or instant
    #[arg(long, default_value = "main")]
    at: String,
    /// The watermark [default: the newest]
    #[arg(long, value_name = "WATERMARK")]
    known: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What is printed of an exposure.
struct ExposureReport<'a> {
    before: &'a Scope,
    exposed: &'a Exposed,
    units: ExposedUnits,
    /// The margins to which the changes make a difference.
    margins: Vec<MarginChange>,
    covered: Vec<NamedNode>,
    uncovered: Vec<NamedNode>,
    suspect: Vec<Statement>,
}

/// Prints what changes would touch if they were committed; nothing is written.
pub(in crate::cli) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let session = arguments.data.open()?;
    let before = session.scope(&arguments.at, arguments.known.as_deref())?;
    let mut changes = Vec::new();
    for file in &arguments.files {
        changes.extend(replacements(read(file, &before.snapshot)?)?);
    }
    for name in &arguments.retire {
        changes.push(Change::Retire(before.snapshot.expand(name)?));
    }
    let window = Interval::new(arguments.from, arguments.to)?;
    let exposed = session.exposure(&before, &changes, window)?;
    let report = ExposureReport::of(&before, &exposed)?;
    let mut out = std::io::stdout().lock();
    if arguments.json {
        return Ok(writeln!(out, "{:#}", report.as_json())?);
    }
    report.write(&mut out)
}

fn read(file: &Path, at: &Snapshot) -> Result<Vec<Statement>, Failure> {
    let extension = file.extension().map(|extension| extension.to_string_lossy().into_owned());
    let format = Format::from_extension(&extension.unwrap_or_default()).ok_or_else(|| {
        Failure::new(format!("{} is no RDF file", file.display())).hint("write Turtle, such as changes.ttl")
    })?;
    let bytes = std::fs::read(file).map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
    Ok(rdf::read(&bytes, format, at.base(), &file.display().to_string())?)
}

/// Makes one change of each resource that is described; a fragment whose resource is not is replaced by itself.
fn replacements(statements: Vec<Statement>) -> Result<Vec<Change>, Failure> {
    let described: BTreeSet<String> =
        statements.iter().map(|statement| statement.subject.as_str().to_owned()).collect();
    let mut documents: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in statements {
        let subject = statement.subject.as_str();
        let root = subject.split('#').next().unwrap_or(subject);
        let document = if described.contains(root) { root } else { subject };
        documents.entry(document.to_owned()).or_default().push(statement);
    }
    let change = |(resource, statements): (String, Vec<Statement>)| {
        let resource = NamedNode::new(resource).map_err(|error| Failure::new(error.to_string()))?;
        Ok(Change::Replace { resource, statements })
    };
    documents.into_iter().map(change).collect()
}

impl<'a> ExposureReport<'a> {
    fn of(before: &'a Scope, exposed: &'a Exposed) -> Result<Self, Failure> {
        let exposure = &exposed.exposure;
        let mut margins = exposed.margins(before)?;
        margins.retain(MarginChange::is_changed);
        let (mut covered, mut uncovered) = (BTreeSet::new(), BTreeSet::new());
        for change in exposure.coverage()? {
            covered.extend(change.covered().cloned());
            uncovered.extend(change.uncovered().cloned());
        }
        let suspect = exposure.suspect_links()?.into_iter().map(|suspect| suspect.link).collect();
        let (covered, uncovered) = (covered.into_iter().collect(), uncovered.into_iter().collect());
        Ok(Self { before, exposed, units: exposure.units()?, margins, covered, uncovered, suspect })
    }

    /// Returns the version in which names are looked up.
    fn at(&self) -> &Snapshot {
        &self.exposed.after.snapshot
    }

    fn short<'b>(&self, iris: impl IntoIterator<Item = &'b NamedNode>) -> Vec<String> {
        iris.into_iter().map(|iri| self.at().shorten(iri)).collect()
    }

    fn moved(&self) -> usize {
        self.units.units.iter().filter(|unit| unit.is_moved).count()
    }

    fn write(&self, out: &mut impl Write) -> Result<(), Failure> {
        for violation in &self.exposed.supposed.violations {
            writeln!(out, "refused: {violation}")?;
        }
        writeln!(out, "{} would change", words::count(self.exposed.supposed.changed, "statement"))?;
        writeln!(out, "designs: {}", self.short(self.exposed.exposure.designs()).join(", "))?;
        let (before, after) = self.units.hours();
        let (units, moved) = (self.units.units.len(), self.moved());
        writeln!(out, "units: {units}, {moved} moved, {before:.1} h → {after:.1} h")?;
        for margin in &self.margins {
            writeln!(out, "{}", words::margins(margin, self.at()))?;
            for (what, units) in turned(margin) {
                if !units.is_empty() {
                    writeln!(out, "    {what}: {}", units.join(", "))?;
                }
            }
        }
        for (what, requirements) in [("covered", &self.covered), ("uncovered", &self.uncovered)] {
            if !requirements.is_empty() {
                writeln!(out, "{what}: {}", self.short(requirements).join(", "))?;
            }
        }
        for link in &self.suspect {
            writeln!(out, "suspect: {}", words::link(link, self.at()))?;
        }
        Ok(())
    }

    fn as_json(&self) -> Value {
        let (before, after) = self.units.hours();
        let violations = self.exposed.supposed.violations.iter().map(|violation| {
            json!({ "resource": self.at().shorten(&violation.resource), "path": violation.path, "message": violation.message, "rule": violation.rule })
        });
        let units = self.units.units.iter().map(|unit| {
            json!({ "unit": self.at().shorten(&unit.unit), "serial": unit.serial, "hoursBefore": unit.hours_before,
                "hoursAfter": unit.hours_after, "moved": unit.is_moved })
        });
        json!({
            "commit": self.before.snapshot.commit().id.to_string(),
            "watermark": self.before.view.watermark().to_string(),
            "changed": self.exposed.supposed.changed,
            "violations": violations.collect::<Vec<_>>(),
            "designs": self.short(self.exposed.exposure.designs()),
            "unitCount": self.units.units.len(),
            "movedCount": self.moved(),
            "hoursBefore": before,
            "hoursAfter": after,
            "units": units.collect::<Vec<_>>(),
            "margins": self.margins.iter().map(|margin| self.margin(margin)).collect::<Vec<_>>(),
            "covered": self.short(&self.covered),
            "uncovered": self.short(&self.uncovered),
            "suspectLinks": self.suspect.iter().map(|link| words::link(link, self.at())).collect::<Vec<_>>(),
        })
    }

    fn margin(&self, margin: &MarginChange) -> Value {
        let one = |margin: &Margin| {
            let recorded = &margin.constraint.recorded;
            let limit = words::number(&recorded.limit);
            let upper_limit = recorded.upper.as_deref().map(words::number);
            json!({ "verdict": margin.verdict.to_string(), "observed": margin.observed, "limit": limit,
                "upperLimit": upper_limit, "distance": margin.distance })
        };
        let constraint = &margin.latest().constraint;
        let requirement = constraint.requirement.as_ref();
        let [(_, violating), (_, conforming)] = turned(margin);
        json!({
            "design": self.at().shorten(&margin.latest().item),
            "requirement": requirement.map(|requirement| self.at().shorten(requirement)),
            "constraint": self.at().shorten(&constraint.iri),
            "before": margin.before.as_ref().map(one),
            "after": margin.after.as_ref().map(one),
            "newlyViolating": violating,
            "newlyConforming": conforming,
        })
    }
}

/// Returns the serials of the units whose verdict turns, or their IRIs.
fn turned(margin: &MarginChange) -> [(&'static str, Vec<String>); 2] {
    let named = |unit: &UnitMargin| unit.serial.clone().unwrap_or_else(|| unit.twin.as_str().to_owned());
    [
        ("newly violating", margin.newly_violating().map(named).collect()),
        ("newly conforming", margin.newly_conforming().map(named).collect()),
    ]
}
