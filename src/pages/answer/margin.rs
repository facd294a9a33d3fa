//! Constraints and margins: a limit, what the field shows, and what was not seen.

use super::record::Reference;
use super::{Connection, long};
use crate::pages::text::number::{number, percent};
use serde::Deserialize;

/// The outcome of a margin, in the order in which it calls for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(in crate::pages) enum Verdict {
    /// The limit is broken.
    Violates,
    /// Nothing can be concluded.
    #[default]
    Unknown,
    /// The limit is kept.
    Conforms,
}

impl Verdict {
    /// Returns the word, which is beside the colour everywhere.
    pub(in crate::pages) const fn word(self) -> &'static str {
        match self {
            Self::Violates => "violates",
            Self::Unknown => "unknown",
            Self::Conforms => "conforms",
        }
    }

    /// Returns the class of the style sheet.
    pub(in crate::pages) const fn class(self) -> &'static str {
        self.word()
    }

    /// Returns a sign of its own shape.
    pub(in crate::pages) const fn sign(self) -> &'static str {
        match self {
            Self::Violates => "✕",
            Self::Unknown => "?",
            Self::Conforms => "✓",
        }
    }
}

/// A unit of measurement.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Unit {
    pub(in crate::pages) symbol: String,
}

/// Returns the symbol with the space before it.
pub(in crate::pages) fn symbol(unit: Option<&Unit>) -> String {
    unit.filter(|unit| !unit.symbol.is_empty())
        .map(|unit| format!("\u{a0}{}", unit.symbol))
        .unwrap_or_default()
}

/// A property that is observed.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Property {
    #[serde(default)]
    pub(in crate::pages) iri: String,
    pub(in crate::pages) title: Option<String>,
}

impl Property {
    /// Returns the name that people use.
    pub(in crate::pages) fn name(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.iri)
    }
}

/// While what a constraint is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Condition {
    comparator: Option<String>,
    limit: Option<f64>,
    upper_limit: Option<f64>,
    unit: Option<Unit>,
    property: Option<Property>,
}

impl Condition {
    /// Writes the condition.
    pub(in crate::pages) fn text(&self) -> String {
        let name = self.property.as_ref().map(Property::name).unwrap_or_default();
        let (low, high) = (self.limit, self.upper_limit);
        format!("{name} {}", bounds(self.comparator.as_deref(), low, high, self.unit.as_ref()))
    }
}

/// A limit.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Constraint {
    pub(in crate::pages) iri: String,
    pub(in crate::pages) kind: Option<String>,
    pub(in crate::pages) scope: Option<String>,
    pub(in crate::pages) statistic: Option<String>,
    pub(in crate::pages) comparator: Option<String>,
    pub(in crate::pages) transform: Option<String>,
    pub(in crate::pages) window: Option<String>,
    pub(in crate::pages) property: Option<Property>,
    #[serde(default)]
    pub(in crate::pages) conditions: Vec<Condition>,
    pub(in crate::pages) limit: Option<f64>,
    pub(in crate::pages) upper_limit: Option<f64>,
    pub(in crate::pages) unit: Option<Unit>,
}

impl Constraint {
    /// Writes what is required, such as `P95 ≤ 85 °C`.
    pub(in crate::pages) fn text(&self) -> String {
        let bounds = bounds(self.comparator.as_deref(), self.limit, self.upper_limit, self.unit.as_ref());
        format!("{} {bounds}", self.quantity())
    }

    /// Writes the statistic that is compared, such as `P95` or `MAX of the absolute value`.
    pub(in crate::pages) fn quantity(&self) -> String {
        let statistic = self.statistic.as_deref().unwrap_or("value");
        match self.transform.as_deref() {
            Some("ABS") => format!("{statistic} of the absolute value"),
            _ => statistic.to_owned(),
        }
    }

    /// Returns the name of the property.
    pub(in crate::pages) fn property(&self) -> &str {
        self.property.as_ref().map(Property::name).unwrap_or_default()
    }

    /// Returns the limits in their order.
    pub(in crate::pages) fn limits(&self) -> Vec<f64> {
        self.limit.into_iter().chain(self.upper_limit).collect()
    }

    /// Writes under which conditions samples count, and what is compared with the limit.
    pub(in crate::pages) fn conditions(&self) -> String {
        let scope = match self.scope.as_deref() {
            Some("FLEET") => "of the fleet together",
            _ => "of each unit",
        };
        let window = self.window.as_ref().map(|window| format!(", in every {window}"));
        let conditions: Vec<String> = self.conditions.iter().map(Condition::text).collect();
        let while_ = if conditions.is_empty() {
            String::new()
        } else {
            format!(", while {}", conditions.join(" and "))
        };
        format!("{scope}{}{while_}", window.unwrap_or_default())
    }
}

/// The latest sample of a signal.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Reading {
    pub(in crate::pages) at: String,
    pub(in crate::pages) value: Option<f64>,
    pub(in crate::pages) property: Option<Property>,
    pub(in crate::pages) unit: Option<Unit>,
}

/// Writes the bounds of a comparator.
fn bounds(comparator: Option<&str>, limit: Option<f64>, upper: Option<f64>, unit: Option<&Unit>) -> String {
    let value = |value: Option<f64>| value.map_or_else(|| "?".to_owned(), number);
    let symbol = symbol(unit);
    match comparator {
        Some("BETWEEN") => format!("between {} and {}{symbol}", value(limit), value(upper)),
        Some("LE") => format!("≤ {}{symbol}", value(limit)),
        Some("LT") => format!("< {}{symbol}", value(limit)),
        Some("GE") => format!("≥ {}{symbol}", value(limit)),
        Some("GT") => format!("> {}{symbol}", value(limit)),
        _ => format!("{}{symbol}", value(limit)),
    }
}

/// What an answer is based on, and what was not observed.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Account {
    pub(in crate::pages) observed_hours: f64,
    pub(in crate::pages) service_hours: f64,
    pub(in crate::pages) missing_hours: f64,
    pub(in crate::pages) unknown_configuration_hours: f64,
    pub(in crate::pages) undecided_hours: f64,
    pub(in crate::pages) implausible_hours: f64,
    #[serde(deserialize_with = "long")]
    pub(in crate::pages) implausible_samples: u64,
    #[serde(deserialize_with = "long")]
    pub(in crate::pages) late: u64,
    #[serde(deserialize_with = "long")]
    pub(in crate::pages) overwritten: u64,
    pub(in crate::pages) units: u64,
    pub(in crate::pages) silent_units: u64,
    pub(in crate::pages) unbound: Vec<Unbound>,
}

/// Something that could not be bound to one series.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Unbound {
    pub(in crate::pages) reason: String,
    pub(in crate::pages) hours: f64,
}

impl Account {
    /// Writes what was seen.
    pub(in crate::pages) fn seen(&self) -> String {
        format!("{} h observed", number(self.observed_hours))
    }

    /// Writes what was not seen, each kind that there is.
    pub(in crate::pages) fn not_seen(&self) -> String {
        let unbound: f64 = self.unbound.iter().map(|of| of.hours).sum();
        let hours = [
            (self.missing_hours, "missing"),
            (self.unknown_configuration_hours, "of unknown configuration"),
            (self.undecided_hours, "undecided"),
            (self.implausible_hours, "implausible"),
            (unbound, "not bound to a series"),
        ];
        let hours = hours.into_iter().filter(|(hours, _)| *hours > 0.0);
        let hours = hours.map(|(hours, what)| format!("{} h {what}", number(hours)));
        let counts = [
            (self.silent_units, "silent units"),
            (self.late, "samples came late"),
            (self.overwritten, "samples were replaced"),
        ];
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts = counts.map(|(count, what)| format!("{} {what}", number(count as f64)));
        let parts: Vec<String> = hours.chain(counts).collect();
        if parts.is_empty() { "nothing missing".to_owned() } else { parts.join(", ") }
    }
}

/// What one unit contributes to a margin.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct UnitMargin {
    pub(in crate::pages) observed: Option<f64>,
    pub(in crate::pages) distance: Option<f64>,
    #[serde(default)]
    pub(in crate::pages) verdict: Verdict,
    pub(in crate::pages) observed_hours: Option<f64>,
    pub(in crate::pages) serial: Option<String>,
    pub(in crate::pages) unit: Option<SitedUnit>,
}

/// A unit with its site.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct SitedUnit {
    pub(in crate::pages) iri: String,
    pub(in crate::pages) identifier: Option<String>,
    pub(in crate::pages) site: Option<String>,
}

/// What a simulation or test predicted.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Prediction {
    pub(in crate::pages) value: Option<f64>,
    pub(in crate::pages) at: Option<String>,
    pub(in crate::pages) source: Reference,
}

/// A constraint against what the field shows.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Margin {
    pub(in crate::pages) verdict: Verdict,
    pub(in crate::pages) observed: Option<f64>,
    pub(in crate::pages) predicted: Option<f64>,
    pub(in crate::pages) limit: f64,
    pub(in crate::pages) upper_limit: Option<f64>,
    pub(in crate::pages) distance: Option<f64>,
    pub(in crate::pages) distance_percent: Option<f64>,
    pub(in crate::pages) refusal: Option<String>,
    pub(in crate::pages) unit_count: u64,
    pub(in crate::pages) conforming_units: Option<f64>,
    pub(in crate::pages) unit: Option<Unit>,
    pub(in crate::pages) requirement: Option<Reference>,
    pub(in crate::pages) constraint: Constraint,
    pub(in crate::pages) account: Account,
    #[serde(default)]
    pub(in crate::pages) predictions: Vec<Prediction>,
    #[serde(default)]
    pub(in crate::pages) units: Connection<UnitMargin>,
}

impl Margin {
    /// Returns the limits in their order.
    pub(in crate::pages) fn limits(&self) -> Vec<f64> {
        std::iter::once(self.limit).chain(self.upper_limit).collect()
    }

    /// Returns from where to where the limit is kept; absent: without end.
    pub(in crate::pages) fn allowed(&self) -> (Option<f64>, Option<f64>) {
        match self.constraint.comparator.as_deref() {
            Some("BETWEEN") => (Some(self.limit), self.upper_limit),
            Some("GE" | "GT") => (Some(self.limit), None),
            _ => (None, Some(self.limit)),
        }
    }

    /// Returns the symbol of the unit with the space before it.
    pub(in crate::pages) fn symbol(&self) -> String {
        symbol(self.unit.as_ref())
    }

    /// Writes the limit, such as `P95 ≤ 85 °C`.
    pub(in crate::pages) fn required(&self) -> String {
        let (comparator, unit) = (self.constraint.comparator.as_deref(), self.unit.as_ref());
        let bounds = bounds(comparator, Some(self.limit), self.upper_limit, unit);
        format!("{} {bounds}", self.constraint.quantity())
    }

    /// Writes the margin in one sentence, for those who do not see the chart.
    pub(in crate::pages) fn sentence(&self) -> String {
        let symbol = self.symbol();
        let observed = self.observed.map_or_else(
            || "nothing observed".to_owned(),
            |value| format!("observed {}{symbol}", number(value)),
        );
        let predicted = self.predicted.map(|value| format!(", predicted {}{symbol}", number(value)));
        let units = self.conforming_units.map(|share| format!(", {} of the units keep it", percent(share)));
        format!(
            "{}: {observed} against {}{}{}.",
            self.verdict.word(),
            self.required(),
            predicted.unwrap_or_default(),
            units.unwrap_or_default()
        )
    }

    /// Returns what sorts the worst first: the verdict, then the distance from the limit.
    pub(in crate::pages) fn urgency(&self) -> (Verdict, f64) {
        (self.verdict, self.distance_percent.or(self.distance).unwrap_or(f64::NEG_INFINITY))
    }
}
