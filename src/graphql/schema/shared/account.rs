//! What an answer did not observe.

use super::node::{self, Node};
use crate::app::Scope;
use crate::graphql::engine::Value;
use crate::graphql::engine::types::Definition;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::ontology::Ontology;
use crate::telemetry::Series;
use crate::twins::{Account, Reason, Unbound};
use std::sync::Arc;

/// An account of an answer at one version.
pub(crate) struct AccountValue {
    pub(crate) scope: Arc<Scope>,
    pub(crate) account: Account,
}

struct UnboundValue {
    scope: Arc<Scope>,
    unbound: Unbound,
}

struct Tag {
    name: String,
    value: String,
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    vec![account(), unbound(ontology), reasons(), series(), tag()]
}

fn account() -> Definition {
    object::<AccountValue>("Account", "What an answer is based on, and what was not observed.")
        .field("serviceHours", "Float!", "The hours of service that are certain.", |of, _| {
            Ok(of.account.service_hours.into())
        })
        .field("observedHours", "Float!", "The hours that samples cover and that count.", |of, _| {
            Ok(of.account.observed_hours.into())
        })
        .field(
            "missingHours",
            "Float!",
            "The hours in service without samples, against the expected period.",
            |of, _| Ok(of.account.missing_hours.into()),
        )
        .field("unitCount", "Int!", "The units that certainly were in service; of one unit by itself 0.", |of, _| {
            Ok(of.account.units.into())
        })
        .field("reportingUnitCount", "Int!", "How many of the units in service report: they have samples in some of their service.", |of, _| {
            Ok((of.account.units - of.account.silent_units).into())
        })
        .field(
            "silentUnitCount",
            "Int!",
            "How many of the units in service have no samples in all their service: never instrumented, or silent throughout.",
            |of, _| Ok(of.account.silent_units.into()),
        )
        .field("silentHours", "Float!", "The hours of service of the silent units, which are among `missingHours`.", |of, _| {
            Ok(of.account.silent_hours.into())
        })
        .field(
            "undecidedHours",
            "Float!",
            "The hours of samples of which it is not known whether the conditions hold.",
            |of, _| Ok(of.account.undecided_hours.into()),
        )
        .field(
            "unknownConfigurationHours",
            "Float!",
            "The hours attributed to nobody, because the configuration is not known.",
            |of, _| Ok(of.account.unknown_configuration_hours.into()),
        )
        .field(
            "implausibleSampleCount",
            "Long!",
            "Samples that do not count, because their values lie beyond plausibleMin or plausibleMax of their signal.",
            |of, _| Ok(of.account.implausible_samples.into()),
        )
        .field(
            "implausibleHours",
            "Float!",
            "The hours that implausible samples cover: a part of the missing hours.",
            |of, _| Ok(of.account.implausible_hours.into()),
        )
        .field("unbound", "[Unbound!]!", "What could not be bound to one series.", |of, _| {
            let wrap =
                |unbound: &Unbound| UnboundValue { scope: Arc::clone(&of.scope), unbound: unbound.clone() };
            Ok(Value::objects(of.account.unbound.iter().map(wrap)))
        })
        .field("overwrittenCount", "Long!", "Samples that a later arrival replaced.", |of, _| {
            Ok(of.account.overwritten.into())
        })
        .field("lateCount", "Long!", "Samples that arrived after a sample of a later instant.", |of, _| {
            Ok(of.account.late.into())
        })
        .done()
}

fn unbound(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<UnboundValue>("Unbound", "A stretch in which a property could not be bound to one series.")
        .field("twin", "Record!", "The twin whose telemetry was looked at.", move |of, _| {
            node::typed(&of.scope, of.unbound.twin.clone(), &known)
        })
        .field("property", "Property!", "What was to be observed.", |of, _| {
            Ok(Value::object(Node::new(&of.scope, of.unbound.property.clone())))
        })
        .field("signals", "[Signal!]!", "The signals concerned.", |of, _| {
            Ok(Value::objects(of.unbound.signals.iter().map(|signal| Node::new(&of.scope, signal.clone()))))
        })
        .field("series", "[Series!]!", "The series that one signal fits alike.", |of, _| {
            Ok(Value::objects(of.unbound.series.iter().cloned()))
        })
        .field("reason", "UnboundReason!", "Why.", |of, _| Ok(reason(of.unbound.reason)))
        .field("hours", "Float!", "For how many hours of the window.", |of, _| Ok(of.unbound.hours.into()))
        .done()
}

/// Writes why something could not be bound.
pub(in crate::graphql::schema) fn reason(reason: Reason) -> Value {
    Value::Name(match reason {
        Reason::NoTwin => "NO_TWIN",
        Reason::NoSignal => "NO_SIGNAL",
        Reason::ManySignals => "MANY_SIGNALS",
        Reason::ManySeries => "MANY_SERIES",
        Reason::NoCondition => "NO_CONDITION",
    })
}

fn reasons() -> Definition {
    enumeration(
        "UnboundReason",
        "Why a property or a series could not be bound.",
        &[
            ("NO_TWIN", "The series comes under a name that denotes no twin, or several."),
            ("NO_SIGNAL", "No signal observes the property there, or names the series."),
            ("MANY_SIGNALS", "Several signals claim the same time alike."),
            (
                "MANY_SERIES",
                "The signal fits several series with samples at one time: its source must name the one that counts, by measurement, tag=value or twin=NAME.",
            ),
            (
                "NO_CONDITION",
                "It is unknown whether a condition holds: its signal fits no series or several.",
            ),
        ],
    )
}

fn series() -> Definition {
    object::<Series>("Series", "A series of the telemetry store.")
        .field("twin", "String!", "The twin as the sender names it.", |of, _| Ok(of.twin.clone().into()))
        .field("measurement", "String!", "The measurement.", |of, _| Ok(of.measurement.clone().into()))
        .field("field", "String!", "The field.", |of, _| Ok(of.field.clone().into()))
        .field("tags", "[SeriesTag!]!", "All other tags.", |of, _| {
            let tag = |(name, value): (&String, &String)| Tag { name: name.clone(), value: value.clone() };
            Ok(Value::objects(of.tags.iter().map(tag)))
        })
        .done()
}

fn tag() -> Definition {
    object::<Tag>("SeriesTag", "A tag of a series.")
        .field("name", "String!", "Its name.", |tag, _| Ok(tag.name.clone().into()))
        .field("value", "String!", "Its value.", |tag, _| Ok(tag.value.clone().into()))
        .done()
}
