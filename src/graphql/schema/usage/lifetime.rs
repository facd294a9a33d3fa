//! `lifetime` of an item: how long its units live.

use super::key_text;
use super::life_distribution::{self, finite};
use super::population::Member;
use super::question::{self, group_by};
use crate::app::Scope;
use crate::exchange::answer_table;
use crate::graph::Snapshot;
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{self, Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::{UnitValue, read_unit};
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::ontology::Ontology;
use crate::statistics::survival::kaplan_meier::Step;
use crate::statistics::survival::{End, Family};
use crate::twins::{
    self, Clock, EventsOf, LifeClock, LifeEstimate, LifeForecast, LifeQuestion, LifeStay, Lifetime,
    LifetimeQuestion, Repair,
};
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// Lives at a version, all or one group of them.
#[derive(Clone)]
pub(in crate::graphql::schema) struct LifetimeValue {
    scope: Arc<Scope>,
    lifetime: Arc<Lifetime>,
    group: Option<usize>,
}

#[derive(Clone)]
struct StayValue {
    scope: Arc<Scope>,
    stay: LifeStay,
}

/// The share of failures that lies in an interval of age.
#[derive(Clone, Copy)]
struct ShareValue {
    after: f64,
    by: f64,
    share: f64,
}

#[derive(Clone, Copy)]
struct PointValue {
    age: f64,
    failed: f64,
}

impl LifetimeValue {
    pub(in crate::graphql::schema) fn whole(scope: &Arc<Scope>, lifetime: Arc<Lifetime>) -> Self {
        Self { scope: Arc::clone(scope), lifetime, group: None }
    }

    fn estimate(&self) -> &LifeEstimate {
        self.group.map_or(&self.lifetime.total, |at| &self.lifetime.groups[at].1)
    }

    fn confidence(&self) -> f64 {
        self.lifetime.question.confidence
    }

    fn forecast(&self, until: Instant) -> Result<Option<LifeForecast>, Error> {
        let Some(watched) = self.lifetime.data.watched else { return Ok(None) };
        let ahead = Interval::new(watched.to(), until);
        let ahead = ahead.map_err(|_| {
            Error::bad_input(format!(
                "\"until\" must lie after {}, the end of the time watched",
                watched.to()
            ))
        })?;
        Ok(self.lifetime.forecast(self.estimate(), ahead.nanos() as f64 / 3.6e12))
    }
}

/// Returns the arguments of `lifetime`.
pub(crate) fn arguments() -> Vec<InputField> {
    let mut arguments = vec![
        crate::graphql::schema::shared::window::window(),
        question::among_argument(),
        question::position_argument(),
    ];
    arguments.extend(question::group_arguments());
    arguments.extend(life_arguments());
    arguments
}

/// Returns the arguments that `lifetime` and `compareLife` share.
pub(in crate::graphql::schema) fn life_arguments() -> Vec<InputField> {
    let word = |name: &str| Input::Enum(Name::new(name));
    vec![
        InputField::new(
            "failureModes",
            "[ID!]",
            "Only failures of these modes end a life by failing; others end its being watched. Absent: all failures.",
        ),
        InputField::new("eventsOf", "EventsOf!", "Whose failures count.").default(word("UNIT")),
        InputField::new(
            "clock",
            "ID",
            "The counter that ages are measured by, such as operating hours, cycles or kilometres; absent: hours.",
        ),
        InputField::new(
            "clockUnit",
            "ID",
            "The unit of ages by a clock; that of the first counter where absent.",
        ),
        InputField::new(
            "calendar",
            "Boolean!",
            "Whether hours out of service count too, from the first in service on; without a clock only.",
        )
        .default(false),
        InputField::new("repair", "LifeRepair!", "What a failure does to a life.").default(word("NONE")),
        InputField::new("family", "LifeFamily!", "The distribution that is fitted.").default(word("WEIBULL")),
        InputField::new(
            "shape",
            "Float",
            "The shape of a Weibull distribution where it is assumed, as from similar designs: then few failures are enough, or none.",
        ),
        InputField::new("confidence", "Float!", "The confidence of bands and limits, between 0 and 1.")
            .default(0.95),
    ]
}

/// Resolves `lifetime` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let window = given.window("window")?.ok_or_else(|| missing("window"))?;
    let mut question = read(snapshot, given, node.iri.clone(), window)?;
    let lives = &mut question.lives;
    (lives.group_by, lives.position_depth) = group_by(given)?;
    lives.among = question::among(snapshot, given)?;
    lives.among.position = given.text("position")?;
    let lifetime = Arc::new(twins::lifetime(snapshot, &node.scope.view, &question)?);
    Ok(Value::object(LifetimeValue::whole(&node.scope, lifetime)))
}

/// Reads what `lifetime` and `compareLife` share.
pub(in crate::graphql::schema) fn read(
    snapshot: &Snapshot,
    given: &Arguments,
    item: NamedNode,
    window: Interval,
) -> Result<LifetimeQuestion, Error> {
    let confidence = given.number("confidence")?.ok_or_else(|| missing("confidence"))?;
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(wrong("confidence", "a number between 0 and 1, such as 0.95"));
    }
    let shape = given.number("shape")?;
    if shape.is_some_and(|shape| !(shape > 0.0 && shape.is_finite())) {
        return Err(wrong("shape", "a number above 0, such as 2"));
    }
    let family = match given.needed_text("family")?.as_str() {
        "LOGNORMAL" => Family::Lognormal,
        _ => Family::Weibull,
    };
    if shape.is_some() && family != Family::Weibull {
        return Err(Error::bad_input("\"shape\" is that of a WEIBULL distribution, which \"family\" is not"));
    }
    let modes = given.texts("failureModes")?.unwrap_or_default();
    let lives = LifeQuestion {
        item,
        window,
        group_by: Vec::new(),
        position_depth: None,
        among: twins::TwinFilter::default(),
        modes: modes.iter().map(|mode| find_iri(snapshot, mode)).collect::<Result<_, _>>()?,
        events_of: match given.needed_text("eventsOf")?.as_str() {
            "ASSET" => EventsOf::Asset,
            _ => EventsOf::Unit,
        },
        clock: clock(snapshot, given)?,
        repair: match given.needed_text("repair")?.as_str() {
            "AS_NEW" => Repair::AsNew,
            "AS_BEFORE" => Repair::AsBefore,
            _ => Repair::None,
        },
    };
    Ok(LifetimeQuestion { lives, family, shape, confidence })
}

fn clock(snapshot: &Snapshot, given: &Arguments) -> Result<LifeClock, Error> {
    let unit = given.text("clockUnit")?.map(|unit| read_unit(snapshot, &unit)).transpose()?;
    let counter = given.text("clock")?.map(|property| find_iri(snapshot, &property)).transpose()?;
    let calendar = given.flag("calendar")?.unwrap_or(false);
    match (counter, unit) {
        (None, Some(_)) => Err(Error::bad_input("\"clockUnit\" is the unit of a \"clock\", which is absent")),
        (Some(_), _) if calendar => {
            Err(Error::bad_input("ages are measured by a \"clock\" or by the \"calendar\", not by both"))
        }
        (Some(property), unit) => Ok(LifeClock::Counter(Clock { property, unit })),
        (None, None) if calendar => Ok(LifeClock::Calendar),
        (None, None) => Ok(LifeClock::Service),
    }
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let builder = object::<LifetimeValue>(
        "Lifetime",
        "How long units of an item live: from the stays in which they certainly were in service, those of survivors with them.",
    );
    let mut types = page::connection::<StayValue>("LifeStay").to_vec();
    types.extend(page::connection::<Step>("SurvivalStep"));
    types.extend(page::connection::<ShareValue>("FailureShare"));
    types.extend(page::connection::<PointValue>("LifePoint"));
    types.extend([
        parts(models(curves(counts(builder)))).done(),
        group(),
        stay(ontology),
        step(),
        share(),
        point(),
        account(),
    ]);
    types.extend(life_distribution::types());
    types.extend(super::recurrence::types());
    types.extend(enumerations());
    types
}

fn enumerations() -> [Definition; 3] {
    [
        enumeration(
            "LifeRepair",
            "What a failure does to a life.",
            &[
                ("NONE", "It ends it: what comes after counts for nothing."),
                ("AS_NEW", "The unit is as new: another life begins at the age 0."),
                ("AS_BEFORE", "The unit goes on as old as it was, and may fail again."),
            ],
        ),
        enumeration(
            "LifeFamily",
            "A distribution of lives.",
            &[
                (
                    "WEIBULL",
                    "Of weakest links: wear-out where the shape is above 1, early failures where it is below.",
                ),
                ("LOGNORMAL", "Of damage that multiplies, such as fatigue cracks."),
            ],
        ),
        enumeration(
            "LifeEnd",
            "How a stay of a life ended.",
            &[
                ("FAILED", "It failed at a known age."),
                (
                    "SUSPENDED",
                    "It had not failed when it was last watched, or failed of a mode that is not asked about.",
                ),
                ("BETWEEN", "It failed between two ages."),
            ],
        ),
    ]
}

fn counts(builder: ObjectBuilder<LifetimeValue>) -> ObjectBuilder<LifetimeValue> {
    builder
        .field(
            "unit",
            "Unit",
            "The unit of ages by a clock; absent: hours, or the counters have none.",
            |of, _| {
                let unit = of.lifetime.data.unit.as_ref();
                Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
            },
        )
        .field(
            "until",
            "DateTime",
            "Until when lives were watched: the end of the window, or when the version was recorded.",
            |of, _| Ok(of.lifetime.data.watched.map(|watched| watched.to().to_string()).into()),
        )
        .field("confidence", "Float!", "The confidence of bands and limits.", |of, _| {
            Ok(of.confidence().into())
        })
        .field(
            "unitCount",
            "Int!",
            "How many units were watched; of a lot whose items are not tracked, installations.",
            |of, _| Ok(of.estimate().units.into()),
        )
        .field(
            "failureCount",
            "Float!",
            "How many failed while they were watched; of lots single items.",
            |of, _| Ok(of.estimate().lives.failures().into()),
        )
        .field("exposure", "Float!", "The ages that they were watched for, added up.", |of, _| {
            Ok(of.estimate().lives.exposure().into())
        })
        .field("aliveCount", "Float!", "How many are in service at the end, and have not failed.", |of, _| {
            let alive = of.lifetime.stays(of.estimate()).filter(|stay| stay.is_alive);
            Ok(alive.fold(0.0, |sum, stay| sum + stay.observation.count).into())
        })
}

fn curves(builder: ObjectBuilder<LifetimeValue>) -> ObjectBuilder<LifetimeValue> {
    builder
        .field_with(
            "curve",
            "SurvivalStepConnection!",
            "The share that survives, without a distribution: Kaplan and Meier with delayed entry, and the band of Greenwood on the scale \
             ln (-ln S). Empty where some failures are only known to lie between two ages: see failureShares.",
            page::arguments(),
            |of, call| {
                let curve = of.estimate().curve(of.confidence()).unwrap_or_default();
                page::listed(&curve.steps, call.arguments, |step| *step)
            },
        )
        .field_with(
            "failureShares",
            "FailureShareConnection!",
            "Where failures probably lie if some are only known to lie between two ages: Turnbull's estimate. Else empty.",
            page::arguments(),
            |of, call| {
                let masses = of.estimate().masses().map(|masses| masses.intervals).unwrap_or_default();
                page::listed(&masses, call.arguments, |(after, by, share)| ShareValue {
                    after: *after,
                    by: *by,
                    share: *share,
                })
            },
        )
        .field_with(
            "plotPoints",
            "LifePointConnection!",
            "The points of a probability plot: at each failure the share failed in the middle of its step.",
            page::arguments(),
            |of, call| {
                let points = of.estimate().curve(of.confidence()).unwrap_or_default().plot_points();
                page::listed(&points, call.arguments, |(age, failed)| PointValue { age: *age, failed: *failed })
            },
        )
        .field("median", "Float", "The age by which half have failed, by the curve; absent where they have not.", |of, _| {
            Ok(of.estimate().curve(of.confidence()).and_then(|curve| curve.median()).into())
        })
}

fn models(builder: ObjectBuilder<LifetimeValue>) -> ObjectBuilder<LifetimeValue> {
    builder
        .field("distribution", "LifeDistribution", "The distribution; absent where too little is known, see shortfall.", |of, _| {
            let is_known = of.estimate().shortfall().is_none();
            Ok(if is_known { life_distribution::value(&of.lifetime, of.group) } else { Value::Null })
        })
        .field("shortfall", "String", "Why there is no distribution: how many failed, and how many would be enough.", |of, _| {
            Ok(of.estimate().shortfall().map(ToString::to_string).into())
        })
        .field_with(
            "forecast",
            "LifeForecast",
            "How many of the units in service at the end of the watching fail until an instant after it, each once at the most; absent without a distribution.",
            vec![InputField::new("until", "DateTime!", "The end of the time to come.")],
            |of, call| {
                let until = call.arguments.instant("until")?.ok_or_else(|| missing("until"))?;
                Ok(of.forecast(until)?.map_or(Value::Null, Value::object))
            },
        )
        .field("recurrence", "FailureRecurrence", "How often repaired units fail again; with repair AS_BEFORE only.", |of, _| {
            let histories = of.lifetime.histories(of.estimate());
            let confidence = of.confidence();
            Ok(histories.map_or(Value::Null, |histories| super::recurrence::value(histories, confidence)))
        })
}

fn parts(builder: ObjectBuilder<LifetimeValue>) -> ObjectBuilder<LifetimeValue> {
    builder
        .field_with(
            "stays",
            "LifeStayConnection!",
            "Each stay as a row of life data, in order of item and time.",
            page::arguments(),
            |of, call| {
                let stays: Vec<&LifeStay> = of.lifetime.stays(of.estimate()).collect();
                page::listed(&stays, call.arguments, |stay| StayValue {
                    scope: Arc::clone(&of.scope),
                    stay: (*stay).clone(),
                })
            },
        )
        .field("csv", "String!", "All stays as a table of comma-separated values, with a header.", |of, _| {
            table(of)
        })
        .field(
            "account",
            "LifeAccount!",
            "What makes no row of life data, and why; of all groups together.",
            |of, _| Ok(Value::object(of.lifetime.account())),
        )
        .field("groups", "[LifetimeGroup!]!", "The same by group, in order of the keys.", |of, _| {
            let groups = if of.group.is_some() { 0 } else { of.lifetime.groups.len() };
            Ok(Value::objects((0..groups).map(|at| LifetimeValue { group: Some(at), ..of.clone() })))
        })
}

/// Writes the stays as a table of comma-separated values.
fn table(of: &LifetimeValue) -> Result<Value, Error> {
    let short = |iri: &NamedNode| of.scope.snapshot.shorten(iri);
    let row = |stay: &LifeStay| {
        let (member, observation) = (&stay.member, &stay.observation);
        let (end, failed_after) = match observation.end {
            End::Failed(_) => ("FAILED", None),
            End::Suspended(_) => ("SUSPENDED", None),
            End::Between(after, _) => ("BETWEEN", Some(after)),
        };
        serde_json::json!({
            "item": short(&member.item), "unit": short(&member.unit), "asset": short(&member.asset), "position": member.path,
            "site": stay.site, "revision": member.revision.as_ref().map(short), "lot": member.lot.as_ref().map(short),
            "from": stay.from.to_string(), "to": stay.to.to_string(), "entry": observation.entry,
            "exit": observation.end.age(), "failedAfter": failed_after, "end": end, "count": observation.count,
            "event": stay.event.as_ref().map(short), "failureMode": stay.mode.as_ref().map(short), "alive": stay.is_alive,
        })
    };
    let rows: Vec<serde_json::Value> = of.lifetime.stays(of.estimate()).map(row).collect();
    if rows.is_empty() {
        return Ok("".into());
    }
    let table = answer_table::write(&serde_json::Value::Array(rows), None)
        .map_err(|error| Error::internal(&error))?;
    Ok(String::from_utf8_lossy(&table.csv).into_owned().into())
}

fn group() -> Definition {
    let keys = |of: &LifetimeValue| -> Vec<String> {
        let key = of.group.map_or(&[][..], |at| &of.lifetime.groups[at].0);
        key.iter().map(|(by, value)| key_text(&of.scope, *by, value)).collect()
    };
    object::<LifetimeValue>("LifetimeGroup", "The lives of one group.")
        .field("key", "String!", "What the group has in common.", move |of, _| {
            Ok(keys(of).join(" · ").into())
        })
        .field("keys", "[String!]!", "The same, one for each thing grouped by.", move |of, _| {
            Ok(Value::List(keys(of).into_iter().map(Value::from).collect()))
        })
        .field("lifetime", "Lifetime!", "How long its units live.", |of, _| Ok(Value::object(of.clone())))
        .done()
}

fn stay(ontology: &Arc<Ontology>) -> Definition {
    let (known, of_mode) = (Arc::clone(ontology), Arc::clone(ontology));
    object::<StayValue>("LifeStay", "A stay of an item, as a row of life data.")
        .field("member", "Membership!", "The item, and where it sat.", |of, _| {
            Ok(Value::object(Member { scope: Arc::clone(&of.scope), member: of.stay.member.clone() }))
        })
        .field("from", "DateTime!", "From when it was watched.", |of, _| Ok(of.stay.from.to_string().into()))
        .field("to", "DateTime!", "Until when.", |of, _| Ok(of.stay.to.to_string().into()))
        .field("entry", "Float!", "The age from which it was watched.", |of, _| {
            Ok(of.stay.observation.entry.into())
        })
        .field(
            "exit",
            "Float!",
            "The last age at which anything is known of it; of a failure between two ages the later one.",
            |of, _| Ok(of.stay.observation.end.age().into()),
        )
        .field("failedAfter", "Float", "The earlier age of a failure between two ages.", |of, _| {
            Ok(match of.stay.observation.end {
                End::Between(after, _) => Some(after),
                _ => None,
            }
            .into())
        })
        .field("end", "LifeEnd!", "How the stay ended.", |of, _| {
            Ok(Value::Name(match of.stay.observation.end {
                End::Failed(_) => "FAILED",
                End::Suspended(_) => "SUSPENDED",
                End::Between(..) => "BETWEEN",
            }))
        })
        .field("count", "Float!", "How many items it is of.", |of, _| Ok(of.stay.observation.count.into()))
        .field(
            "event",
            "Record",
            "The failure that ended it, also one of a mode that is not asked about.",
            move |of, _| optional(&of.scope, of.stay.event.as_ref(), &known),
        )
        .field("failureMode", "Record", "The failure mode of `event`.", move |of, _| {
            optional(&of.scope, of.stay.mode.as_ref(), &of_mode)
        })
        .field(
            "alive",
            "Boolean!",
            "Whether it is in service at the end of the watching, and has not failed.",
            |of, _| Ok(of.stay.is_alive.into()),
        )
        .done()
}

fn optional(scope: &Arc<Scope>, iri: Option<&NamedNode>, ontology: &Arc<Ontology>) -> Result<Value, Error> {
    iri.map_or(Ok(Value::Null), |iri| node::typed(scope, iri.clone(), ontology))
}

fn step() -> Definition {
    object::<Step>("SurvivalStep", "A step of the curve of survival.")
        .field("age", "Float!", "The age.", |of, _| Ok(of.age.into()))
        .field("atRisk", "Float!", "How many were watched just before it.", |of, _| Ok(of.at_risk.into()))
        .field("failed", "Float!", "How many failed at it.", |of, _| Ok(of.failed.into()))
        .field("survival", "Float!", "The share that survives it.", |of, _| Ok(of.survival.into()))
        .field("low", "Float", "The lower end of the band; absent where nothing is left.", |of, _| {
            Ok(of.band.map(|band| band.0).into())
        })
        .field("high", "Float", "The upper end of the band.", |of, _| Ok(of.band.map(|band| band.1).into()))
        .done()
}

fn share() -> Definition {
    object::<ShareValue>(
        "FailureShare",
        "The share of failures in an interval of age, inside of which nothing is known.",
    )
    .field("after", "Float!", "They come after this age.", |of, _| Ok(of.after.into()))
    .field(
        "by",
        "Float",
        "They come at this age or before; absent: later than anything was watched.",
        |of, _| Ok(finite(of.by).into()),
    )
    .field("share", "Float!", "The share.", |of, _| Ok(of.share.into()))
    .done()
}

fn point() -> Definition {
    object::<PointValue>("LifePoint", "A point of a probability plot.")
        .field("age", "Float!", "The age of a failure.", |of, _| Ok(of.age.into()))
        .field("failed", "Float!", "The share that has failed by it.", |of, _| Ok(of.failed.into()))
        .done()
}

fn account() -> Definition {
    object::<twins::LifeAccount>("LifeAccount", "What makes no row of life data, or one that rests on less, and why.")
        .field(
            "unknownStayCount",
            "Int!",
            "Stays in which a unit may have been in service as what is asked about.",
            |of, _| Ok(of.unknown_stays.into()),
        )
        .field("unknownFailureCount", "Int!", "Failures in stays that `unknownStayCount` counts.", |of, _| {
            Ok(of.unknown_failures.into())
        })
        .field(
            "unknownAgeCount",
            "Int!",
            "Stays of units of which nobody knows when their life began.",
            |of, _| Ok(of.unknown_ages.into()),
        )
        .field(
            "uncountedStayCount",
            "Int!",
            "Stays of which the clock counted less than nine tenths of the unit's hours in service.",
            |of, _| Ok(of.uncounted.into()),
        )
        .field(
            "backwardStayCount",
            "Int!",
            "Stays over which the clock ran backwards: the age at their end is less than that at their beginning.",
            |of, _| Ok(of.backward.into()),
        )
        .field(
            "resetStayCount",
            "Int!",
            "Stays in rows, of lives in which the clock began anew: it is counted on from 0.",
            |of, _| Ok(of.resets.into()),
        )
        .field(
            "startFailureCount",
            "Int!",
            "Failures at the instant at which a life begins: they have no age.",
            |of, _| Ok(of.without_time.into()),
        )
        .field("laterStayCount", "Int!", "Stays after the failure that ended the life.", |of, _| {
            Ok(of.later_stays.into())
        })
        .field("outsideFailureCount", "Int!", "Failures while the unit was not in service.", |of, _| {
            Ok(of.outside_failures.into())
        })
        .field("otherModeCount", "Int!", "Failures of modes that are not asked about.", |of, _| {
            Ok(of.other_modes.into())
        })
        .done()
}
