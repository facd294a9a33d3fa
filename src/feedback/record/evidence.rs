//! Margins as they go into the design record: what was found, from which version and watermark, by which algorithm.
//!
//! The canonical text of a result is the lines of [`FieldEvidence::text`]; its SHA-256 names the record, so that recording
//! the same result twice changes nothing, and asking again at the same commit and watermark can be checked by the digest.
//! A second digest, of the outcome alone, shows whether another version or watermark gave the same. Who recorded it and when
//! is in the commit, so that the same result is the same text on every branch.

use super::about::About;
use crate::feedback::error::Error;
use crate::feedback::margin::constraint::Constraint;
use crate::feedback::margin::{Margin, UnitMargin, Verdict};
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::number::quantity::Transform;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::ontology::terms::{dcterms, prov, rdf, tl};
use crate::telemetry::Comparator;
use crate::twins::Account;
use oxigraph::model::{NamedNode, NamedNodeRef};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};

/// The name and version of what computes margins; a change of any figure it gives, or of what a record states of it, raises the
/// version: a record stays as it is.
pub const ALGORITHM: &str = "throughline margin 12";

/// An activity (PROV-O).
const ACTIVITY: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#Activity");
/// What an activity drew on (PROV-O).
const USED: NamedNodeRef<'static> = NamedNodeRef::new_unchecked("http://www.w3.org/ns/prov#used");

/// Margins ready to be recorded, each as a `tl:FieldEvidence` of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The records, in the order of the margins.
    pub records: Vec<FieldEvidence>,
}

/// One margin ready to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldEvidence {
    /// The record's own name, made from its digest.
    pub iri: NamedNode,
    /// The SHA-256 of its canonical text, in hexadecimal.
    pub digest: String,
    /// The SHA-256 of the part of that text which describes what was found, whatever the version and watermark asked.
    pub outcome_digest: String,
    /// What was found.
    pub margin: Margin,
    /// The question, in a form that can be asked again.
    pub query: String,
    /// The digest of the ontology files in force.
    pub ontology_digest: String,
    title: String,
}

impl Evidence {
    /// Makes records of margins that were found at this version. Margins without a requirement are left out: they are a
    /// design's own constraints, for which nothing is recorded.
    pub fn of(snapshot: &Snapshot, margins: Vec<Margin>) -> Result<Self, Error> {
        let margins = margins.into_iter().filter(|margin| margin.constraint.requirement.is_some());
        let records = margins.map(|margin| FieldEvidence::of(snapshot, margin)).collect::<Result<_, _>>()?;
        Ok(Self { records })
    }

    /// Returns the margins, in the order of the constraints.
    pub fn margins(&self) -> impl Iterator<Item = &Margin> {
        self.records.iter().map(|record| &record.margin)
    }

    /// Returns what a commit must do to record it; doing it twice changes nothing.
    pub fn changes(&self) -> Vec<Change> {
        let replace = |record: &FieldEvidence| Change::Replace {
            resource: record.iri.clone(),
            statements: record.statements(),
        };
        self.records.iter().map(replace).collect()
    }
}

impl FieldEvidence {
    /// Makes the record of a margin that was found at this version.
    pub(in crate::feedback) fn of(snapshot: &Snapshot, margin: Margin) -> Result<Self, Error> {
        let given = snapshot.commit().id;
        if margin.commit != given {
            return Err(Error::OtherVersion { asked: margin.commit, given });
        }
        let (query, title) = (query(snapshot, &margin)?, title(snapshot, &margin)?);
        let ontology_digest = snapshot.ontology().digest().to_owned();
        let text = text(&margin, &query, &ontology_digest);
        let (digest, outcome_digest) = (digest(&text), digest(&outcome(&margin)));
        let iri = snapshot.expand(&format!("evidence/{}", &digest[..32]))?;
        Ok(Self { iri, digest, outcome_digest, margin, query, ontology_digest, title })
    }

    /// Returns the canonical text that the digest is of.
    pub fn text(&self) -> String {
        text(&self.margin, &self.query, &self.ontology_digest)
    }

    fn statements(&self) -> Vec<Statement> {
        let (margin, constraint) = (&self.margin, &self.margin.constraint);
        let mut about = About::new(self.iri.clone());
        about.add(rdf::TYPE, tl::FIELD_EVIDENCE.into_owned());
        about.text(dcterms::TITLE, &self.title);
        about.link(tl::REQUIREMENT_FIELD, constraint.requirement.as_ref());
        about.link(tl::CONSTRAINT, Some(&constraint.iri));
        about.link(tl::DESIGN, Some(&margin.item));
        about.link(tl::PROPERTY, Some(&constraint.property));
        about.link(tl::UNIT, constraint.unit.as_ref());
        about.text(tl::STATISTIC, &constraint.statistic.to_string());
        about.text(tl::TRANSFORM, if constraint.transform == Transform::Abs { "ABS" } else { "NONE" });
        about.instant(tl::FROM, &margin.window.from().to_string());
        about.instant(tl::TO, &margin.window.to().to_string());
        about.text(tl::VERDICT, &margin.verdict.to_string());
        let account = &margin.account;
        let numbers = [
            (tl::OBSERVED, margin.observed),
            (tl::PREDICTED, margin.predicted()),
            (tl::DISTANCE, margin.distance),
            (tl::DISTANCE_PERCENT, margin.distance_percent),
            (tl::CONFORMING_UNITS, margin.conforming_units),
            (tl::CONFORMING_HOURS, margin.conforming_hours),
            (tl::OBSERVED_HOURS, Some(account.observed_hours)),
            (tl::MISSING_HOURS, Some(account.missing_hours)),
            (tl::UNDECIDED_HOURS, Some(account.undecided_hours)),
            (tl::UNKNOWN_CONFIGURATION_HOURS, Some(account.unknown_configuration_hours)),
            (tl::IMPLAUSIBLE_HOURS, implausible(account).map(|(_, hours)| hours)),
            (tl::IMPLAUSIBLE_SAMPLES, implausible(account).map(|(samples, _)| samples as f64)),
        ];
        about.recorded_number(tl::LIMIT, Some(&constraint.recorded.limit));
        about.recorded_number(tl::UPPER_LIMIT, constraint.recorded.upper.as_deref());
        numbers.into_iter().for_each(|(predicate, number)| about.number(predicate, number));
        margin.violators().for_each(|unit| about.link(tl::VIOLATOR, Some(&unit.twin)));
        about.text(tl::COMMIT, &margin.commit.to_string());
        about.text(tl::WATERMARK, &margin.watermark.to_string());
        about.text(tl::QUERY, &self.query);
        about.text(tl::ONTOLOGY_DIGEST, &self.ontology_digest);
        about.text(tl::ALGORITHM, ALGORITHM);
        about.text(tl::RESULT_DIGEST, &self.digest);
        about.text(tl::OUTCOME_DIGEST, &self.outcome_digest);
        self.add_provenance(&mut about);
        for (number, unit) in margin.units.iter().enumerate() {
            self.add_unit(&mut about, number, unit);
        }
        about.statements
    }

    fn add_provenance(&self, about: &mut About) {
        let constraint = &self.margin.constraint;
        let commit = NamedNode::new_unchecked(format!("urn:git:commit:{}", self.margin.commit));
        let predictions = self.margin.predictions.iter().map(|prediction| &prediction.source);
        let sources: Vec<&NamedNode> = constraint
            .requirement
            .iter()
            .chain([&self.margin.item])
            .chain(self.margin.design.as_ref().filter(|design| **design != self.margin.item))
            .chain(predictions)
            .collect();
        sources.iter().for_each(|source| about.link(prov::WAS_DERIVED_FROM, Some(source)));
        let activity = self.fragment("assessment");
        about.link(prov::WAS_GENERATED_BY, Some(&activity));
        let mut assessment = About::new(activity);
        assessment.add(rdf::TYPE, ACTIVITY.into_owned());
        sources.into_iter().chain([&commit]).for_each(|used| assessment.link(USED, Some(used)));
        about.statements.append(&mut assessment.statements);
    }

    fn add_unit(&self, about: &mut About, number: usize, unit: &UnitMargin) {
        let fragment = self.fragment(&format!("unit-{:05}", number + 1));
        about.link(tl::UNIT_RESULT, Some(&fragment));
        let mut result = About::new(fragment);
        result.add(rdf::TYPE, tl::UNIT_RESULT_CLASS.into_owned());
        result.link(tl::TWIN, Some(&unit.twin));
        result.text(tl::VERDICT, &unit.verdict.to_string());
        result.number(tl::OBSERVED, unit.observed);
        result.number(tl::OBSERVED_HOURS, Some(unit.observed_hours));
        result.number(tl::CONFORMING_HOURS, unit.conforming_hours);
        about.statements.append(&mut result.statements);
    }

    fn fragment(&self, name: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}#{name}", self.iri.as_str()))
    }
}

/// Returns the SHA-256 of a text, in hexadecimal.
pub(in crate::feedback) fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a text does not fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Writes the canonical text: one `name value` a line, numbers with the fewest digits that read back to the same bits.
fn text(margin: &Margin, query: &str, ontology_digest: &str) -> String {
    format!(
        "algorithm {ALGORITHM}\ncommit {}\nwatermark {}\nontology {ontology_digest}\nquery {query}\n{}",
        margin.commit,
        margin.watermark,
        outcome(margin)
    )
}

/// Writes the lines that describe what was found.
fn outcome(margin: &Margin) -> String {
    let constraint = &margin.constraint;
    let mut text = String::new();
    let mut line = |name: &str, value: &dyn fmt::Display| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{name} {value}");
    };
    line("item", &margin.item);
    line("design", &Shown(margin.design.as_ref()));
    line("requirement", &Shown(constraint.requirement.as_ref()));
    line("constraint", &constraint.iri);
    line("limit", &limit(constraint.comparator));
    line("window", &margin.window);
    line("verdict", &margin.verdict);
    line("observed", &Shown(margin.observed));
    line("distance", &Shown(margin.distance));
    line("predicted", &Shown(margin.predicted()));
    line("conforming-units", &Shown(margin.conforming_units));
    line("conforming-hours", &Shown(margin.conforming_hours));
    line("observed-hours", &margin.account.observed_hours);
    line("missing-hours", &margin.account.missing_hours);
    line("undecided-hours", &margin.account.undecided_hours);
    line("unknown-configuration-hours", &margin.account.unknown_configuration_hours);
    if let Some((samples, hours)) = implausible(&margin.account) {
        line("implausible-samples", &samples);
        line("implausible-hours", &hours);
    }
    for unit in &margin.units {
        let observed = Shown(unit.observed);
        let conforming = Shown(unit.conforming_hours);
        let result =
            format!("{} {} {observed} {} {conforming}", unit.twin, unit.verdict, unit.observed_hours);
        line("unit", &result);
    }
    text
}

/// Returns the samples that did not count for their values, and their hours, where there are any.
fn implausible(account: &Account) -> Option<(u64, f64)> {
    let samples = account.implausible_samples;
    (samples > 0).then_some((samples, account.implausible_hours))
}

/// A value, or `-` where there is none.
struct Shown<T>(Option<T>);

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("-"),
        }
    }
}

/// Writes the question as GraphQL.
fn query(snapshot: &Snapshot, margin: &Margin) -> Result<String, Error> {
    let classes = snapshot.classes_of(&margin.item)?;
    let class = classes.iter().find_map(|class| snapshot.ontology().class(class.as_ref()));
    let name = class.map_or("node", |class| class.name.as_str());
    let (first, rest) = name.split_at(1);
    let field = format!("{}{rest}", first.to_lowercase());
    let (from, to) = (margin.window.from(), margin.window.to());
    let Sufficiency { hours_min, share_min, units_share_min, .. } = margin.sufficiency;
    let sufficiency =
        format!("sufficiency: {{ hours: {hours_min}, share: {share_min}, unitShare: {units_share_min} }}");
    Ok(format!(
        "{{ thread(at: \"{}\", asKnownAt: \"{}\") {{ {field}(id: \"{}\") {{ margins(window: {{ from: \"{from}\", to: \"{to}\" }}, {sufficiency}) \
         {{ verdict observed limit distance constraint {{ iri }} }} }} }} }}",
        margin.commit,
        margin.watermark,
        snapshot.shorten(&margin.item),
    ))
}

/// Writes the result in one line for people.
fn title(snapshot: &Snapshot, margin: &Margin) -> Result<String, Error> {
    let item = snapshot.shorten(&margin.item);
    let (statistic, limit) = in_words(snapshot, &margin.constraint)?;
    Ok(match (margin.verdict, margin.observed) {
        (Verdict::Unknown, _) | (_, None) => {
            format!("{item}: {statistic} against {limit}: {}", margin.verdict)
        }
        (verdict, Some(observed)) => format!(
            "{item}: {statistic} {} {limit} with {observed:.4}: {verdict}",
            if verdict == Verdict::Conforms { "keeps" } else { "breaks" },
        ),
    })
}

/// Writes what a constraint compares, such as `P95 of bearing temperature`, and with what, such as `≤ 85 °C`.
pub(in crate::feedback) fn in_words(
    snapshot: &Snapshot,
    constraint: &Constraint,
) -> Result<(String, String), Error> {
    let property = snapshot.text(&constraint.property, dcterms::TITLE)?;
    let property = property.unwrap_or_else(|| snapshot.shorten(&constraint.property));
    let units = snapshot.ontology().units();
    let unit = constraint.unit.as_ref().and_then(|unit| units.get(unit.as_ref()));
    let unit = unit.map_or(String::new(), |unit| format!(" {}", unit.symbol));
    let statistic = format!("{} of {property}", constraint.statistic);
    let limit = constraint.recorded.beyond_doubles().unwrap_or_else(|| limit(constraint.comparator));
    Ok((statistic, format!("{limit}{unit}")))
}

fn limit(comparator: Comparator) -> String {
    match comparator {
        Comparator::Le(limit) => format!("≤ {limit}"),
        Comparator::Lt(limit) => format!("< {limit}"),
        Comparator::Ge(limit) => format!("≥ {limit}"),
        Comparator::Gt(limit) => format!("> {limit}"),
        Comparator::Between(lower, upper) => format!("{lower} … {upper}"),
    }
}
