//! `failureRate` of an item: how often its units failed, and where each of them sat when it did.

use super::key_text;
use super::population::Member;
use super::question::{self, group_by};
use crate::app::Scope;
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{self, Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::{UnitValue, read_unit};
use crate::ontology::Ontology;
use crate::twins::{self, Clock, Counted, CountedFailure, EventsOf, FailureQuestion, FailureRate, Failures};
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

/// A failure rate, or one group of it.
struct Rate {
    scope: Arc<Scope>,
    rate: Arc<FailureRate>,
    group: Option<usize>,
    confidence: f64,
}

#[derive(Clone)]
struct Failure {
    scope: Arc<Scope>,
    failure: CountedFailure,
}

impl Rate {
    fn failures(&self) -> &Failures {
        self.group.map_or(&self.rate.total, |at| &self.rate.groups[at].failures)
    }

    fn limits(&self) -> Option<(f64, f64)> {
        self.failures().limits(self.confidence)
    }

    /// Returns the failures that this part is about.
    fn events(&self) -> impl Iterator<Item = &CountedFailure> {
        let own = self.failures();
        self.rate.failures.iter().filter(move |failure| match failure.counted {
            Counted::Certain => own.events.contains(&failure.event),
            Counted::Unknown => own.unknown_events.contains(&failure.event),
            Counted::Outside => self.group.is_none(),
        })
    }
}

/// Returns the arguments of `failureRate`.
pub(crate) fn arguments() -> Vec<InputField> {
    let mut arguments = vec![
        crate::graphql::schema::shared::window::window(),
        InputField::new("failureModes", "[ID!]", "Only failures of these modes; absent: all failures."),
        InputField::new("eventsOf", "EventsOf!", "Whose failures count.")
            .default(Input::Enum(Name::new("UNIT"))),
        question::among_argument(),
        question::position_argument(),
        InputField::new("zone", "String!", "The time zone in which months begin.").default("UTC"),
    ];
    arguments.extend(question::group_arguments());
    arguments.extend([
        InputField::new(
            "clock",
            "ID",
            "The counter that exposure is measured by, such as operating hours, cycles or kilometres; absent: hours of the calendar.",
        ),
        InputField::new("clockUnit", "ID", "The unit of the exposure; that of the first counter where absent."),
    ]);
    arguments.push(
        InputField::new("confidence", "Float!", "The confidence of the limits, between 0 and 1.")
            .default(0.95),
    );
    arguments
}

/// Resolves `failureRate` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let confidence = given.number("confidence")?.ok_or_else(|| missing("confidence"))?;
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(wrong("confidence", "a number between 0 and 1, such as 0.95"));
    }
    let modes = given.texts("failureModes")?.unwrap_or_default();
    let (group_by, position_depth) = group_by(given)?;
    let mut among = question::among(snapshot, given)?;
    among.position = given.text("position")?;
    let unit = given.text("clockUnit")?.map(|unit| read_unit(snapshot, &unit)).transpose()?;
    let clock = given.text("clock")?.map(|property| find_iri(snapshot, &property)).transpose()?;
    if clock.is_none() && unit.is_some() {
        return Err(Error::bad_input("\"clockUnit\" is the unit of a \"clock\", which is absent"));
    }
    let question = FailureQuestion {
        clock: clock.map(|property| Clock { property, unit }),
        item: node.iri.clone(),
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        group_by,
        position_depth,
        zone: given.needed_text("zone")?.parse()?,
        among,
        modes: modes.iter().map(|mode| find_iri(snapshot, mode)).collect::<Result<_, _>>()?,
        events_of: match given.needed_text("eventsOf")?.as_str() {
            "ASSET" => EventsOf::Asset,
            _ => EventsOf::Unit,
        },
    };
    let rate = Arc::new(twins::failure_rate(snapshot, &node.scope.view, &question)?);
    Ok(Value::object(Rate { scope: Arc::clone(&node.scope), rate, group: None, confidence }))
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let mut types = page::connection::<Failure>("CountedFailure").to_vec();
    types.extend([
        rate(),
        group(),
        failure(ontology),
        enumeration(
            "EventsOf",
            "Whose failures count.",
            &[
                ("UNIT", "Failures of the unit itself."),
                (
                    "ASSET",
                    "Failures of the unit, and of the units that it sat in at any height while it sat there.",
                ),
            ],
        ),
        enumeration(
            "Counted",
            "How a failure was counted.",
            &[
                ("CERTAIN", "It fell in a stretch of service that is certain, or ended it."),
                ("UNKNOWN", "It fell in a stretch that is only possible: it counts for nobody."),
                (
                    "OUTSIDE",
                    "The unit was not in service at that time as an item of the question: the failure counts for nothing.",
                ),
            ],
        ),
    ]);
    types
}

fn rate() -> Definition {
    object::<Rate>(
        "FailureRate",
        "How often units failed in a million hours: failures against the hours in which they certainly were in service.",
    )
    .field("rate", "Float", "The failures in a million of exposure, hours or units of the clock; absent where there is none.", |of, _| {
        Ok(of.failures().rate().into())
    })
    .field("lower", "Float", "The lower limit of the rate, exact for a Poisson process (Garwood 1936).", |of, _| {
        Ok(of.limits().map(|limits| limits.0).into())
    })
    .field("upper", "Float", "The upper limit of the rate, exact for a Poisson process (Garwood 1936).", |of, _| {
        Ok(of.limits().map(|limits| limits.1).into())
    })
    .field("meanHoursBetween", "Float", "The certain hours for each failure; absent where nothing failed.", |of, _| {
        Ok(of.failures().mean_time().into())
    })
    .field("exposure", "Float!", "The exposure of the rate: the hours, or with a clock what the clock counted in these hours.", |of, _| {
        Ok(of.failures().exposure.into())
    })
    .field("exposureUnit", "Unit", "The unit of the exposure with a clock; absent: hours of the calendar.", |of, _| {
        let unit = of.rate.unit.as_ref();
        Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
    })
    .field("meanBetween", "Float", "The exposure for each failure; absent where nothing failed.", |of, _| {
        Ok(of.failures().mean_between().into())
    })
    .field("eventCount", "Int!", "How many failures fell in certain hours, or ended them.", |of, _| {
        Ok(of.failures().events.len().into())
    })
    .field("hours", "Float!", "The hours in which units certainly were in service; of a lot, item-hours.", |of, _| {
        Ok(of.failures().hours.into())
    })
    .field("unitCount", "Int!", "How many units certainly were in service.", |of, _| {
        Ok(of.failures().unit_count.into())
    })
    .field("unknownEventCount", "Int!", "How many failures fell in hours that are only possible.", |of, _| {
        Ok(of.failures().unknown_events.len().into())
    })
    .field("unknownHours", "Float!", "The hours that are only possible, attributed to nobody.", |of, _| {
        Ok(of.failures().unknown_hours.into())
    })
    .field_with(
        "failures",
        "CountedFailureConnection!",
        "Each failure with the stretch of service that it counts for, in order of time.",
        page::arguments(),
        |of, call| {
            let failures: Vec<&CountedFailure> = of.events().collect();
            page::listed(&failures, call.arguments, |failure| Failure {
                scope: Arc::clone(&of.scope),
                failure: (*failure).clone(),
            })
        },
    )
    .field("outsideCount", "Int!", "How many failures count for nothing, as the unit was not in service then.", |of, _| {
        Ok(of.events().filter(|failure| failure.counted == Counted::Outside).count().into())
    })
    .field("groups", "[FailureRateGroup!]!", "The same by group, in order of the keys.", |of, _| {
        let groups = if of.group.is_some() { 0 } else { of.rate.groups.len() };
        Ok(Value::objects((0..groups).map(|at| Rate {
            scope: Arc::clone(&of.scope),
            rate: Arc::clone(&of.rate),
            group: Some(at),
            confidence: of.confidence,
        })))
    })
    .done()
}

fn group() -> Definition {
    let keys = |of: &Rate| -> Vec<String> {
        let key = of.group.map_or(&[][..], |at| &of.rate.groups[at].key);
        key.iter().map(|(by, value)| key_text(&of.scope, *by, value)).collect()
    };
    object::<Rate>("FailureRateGroup", "The failure rate of one group.")
        .field("key", "String!", "What the group has in common.", move |of, _| {
            Ok(keys(of).join(" · ").into())
        })
        .field("keys", "[String!]!", "The same, one for each thing grouped by.", move |of, _| {
            Ok(Value::List(keys(of).into_iter().map(Value::from).collect()))
        })
        .field("failureRate", "FailureRate!", "How often it failed.", |of, _| {
            Ok(Value::object(Rate {
                scope: Arc::clone(&of.scope),
                rate: Arc::clone(&of.rate),
                group: of.group,
                confidence: of.confidence,
            }))
        })
        .done()
}

fn failure(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<Failure>("CountedFailure", "A failure and the stretch of service that it counts for.")
        .field("event", "Record!", "The field event.", move |of, _| {
            node::typed(&of.scope, of.failure.event.clone(), &known)
        })
        .field("at", "DateTime!", "When.", |of, _| Ok(of.failure.at.to_string().into()))
        .field("counted", "Counted!", "What became of it.", |of, _| {
            Ok(Value::Name(match of.failure.counted {
                Counted::Certain => "CERTAIN",
                Counted::Unknown => "UNKNOWN",
                Counted::Outside => "OUTSIDE",
            }))
        })
        .field(
            "member",
            "Membership",
            "Who it counts for, and where that sat; absent where it counts for nothing.",
            |of, _| {
                let member = of.failure.member.clone();
                let wrap = |member| Value::object(Member { scope: Arc::clone(&of.scope), member });
                Ok(member.map_or(Value::Null, wrap))
            },
        )
        .done()
}
