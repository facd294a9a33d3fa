//! The subscription `margins`: a fleet margin that crosses a threshold.
//!
//! Margins are judged when telemetry of a unit concerned has arrived or `main` has moved, never on a clock alone; what arrives
//! while they are judged, or too soon after, is judged together once its time has come. So one subscription has at most one
//! judgement under way, and at most one in each of its pauses.

use super::event::{CrossingValue, Event, Found};
use crate::feedback::{self, CrossingDetector, Measure, Sufficiency, Threshold};
use crate::graph::{CommitId, Snapshot};
use crate::graphql::engine::Arguments;
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::error::Error;
use crate::graphql::request::Request;
use crate::graphql::schema::shared::node::find_iri;
use crate::graphql::schema::shared::version_arguments::MAIN;
use crate::graphql::schema::verdicts::margin;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Period;
use crate::ontology::terms::tl;
use crate::telemetry::Tap;
use crate::{thread, twins};
use async_graphql::{Name, Value as Input};
use oxigraph::model::NamedNode;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

pub(in crate::graphql::schema) const MARGINS: &str = "Every time that a margin of a requirement, for one of the designs that satisfy it, falls below a threshold; not again before it has come back. One that is below at the beginning is reported at once; one about which nothing can be concluded stays where it was. Judged when telemetry arrives or main moves; ends where main no longer has the requirement.";

/// So long passes at the least from one judgement to the next.
const PAUSE_MIN_NS: i64 = 1_000_000_000;

/// Watches the margins of one requirement.
pub(in crate::graphql::schema) struct MarginWatch {
    requirement: NamedNode,
    window: Period,
    threshold: Threshold,
    sufficiency: Sufficiency,
    pause_ns: i64,
    detector: CrossingDetector,
    tap: Tap,
    /// Whether something has happened since the last judgement.
    stale: bool,
    /// The version and the instant of the last judgement.
    judged: Option<(CommitId, Instant)>,
    pending: VecDeque<Arc<CrossingValue>>,
}

pub(in crate::graphql::schema) fn arguments() -> Vec<InputField> {
    vec![
        InputField::new("requirement", "ID!", "The requirement."),
        InputField::new("window", "Duration!", "The sliding window: so long before the present."),
        InputField::new("below", "Float!", "The threshold."),
        InputField::new("measure", "MarginMeasure!", "What is compared with it.")
            .default(Input::Enum(Name::new("DISTANCE"))),
        InputField::new(
            "hysteresis",
            "Float!",
            "How far above the threshold a margin must come before it can cross again; 0: back to the threshold.",
        )
        .default(0.0),
        InputField::new("pause", "Duration!", "How long at the least from one judgement to the next; not below PT1S.")
            .default("PT1S"),
        margin::sufficiency_argument(),
    ]
}

pub(in crate::graphql::schema) fn types() -> Vec<Definition> {
    vec![
        enumeration(
            "MarginMeasure",
            "What of a margin is compared with a threshold.",
            &[
                ("DISTANCE", "The distance to the limit, in the unit of the constraint."),
                ("DISTANCE_PERCENT", "The distance as a percentage of the limit."),
            ],
        ),
        object::<Arc<CrossingValue>>("MarginCrossing", "A margin that has fallen below a threshold.")
            .field("margin", "Margin!", "The margin as it is now.", |of, _| {
                Ok(margin::one(&of.scope, of.crossing.margin.clone()))
            })
            .field("value", "Float!", "What was compared.", |of, _| Ok(of.crossing.value.into()))
            .field("below", "Float!", "The threshold.", |of, _| Ok(of.below.into()))
            .field(
                "at",
                "DateTime!",
                "The present instant of the judgement: where its window ends.",
                |of, _| Ok(of.scope.now.to_string().into()),
            )
            .field("commit", "Commit!", "The version that it was judged at.", |of, _| {
                Ok(crate::graphql::engine::Value::object(of.scope.snapshot.commit().clone()))
            })
            .field("watermark", "String!", "The telemetry that it was judged from.", |of, _| {
                Ok(of.scope.view.watermark().to_string().into())
            })
            .done(),
    ]
}

impl MarginWatch {
    /// Begins to watch; `notify` is called when telemetry of a unit concerned has arrived.
    pub(in crate::graphql::schema) fn open(
        arguments: &Arguments,
        request: &Request,
        notify: impl Fn() + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let snapshot = request.snapshot(MAIN)?;
        let requirement = find_iri(&snapshot, &arguments.needed_text("requirement")?)?;
        if !is_requirement(&snapshot, &requirement)? {
            return Err(Error::not_found(format!("{requirement} is no requirement at the head of main")));
        }
        let number = |name: &str| arguments.number(name)?.ok_or_else(|| missing(name));
        let period = |name: &str| arguments.period(name)?.ok_or_else(|| missing(name));
        let measure = match arguments.text("measure")?.as_deref() {
            Some("DISTANCE_PERCENT") => Measure::DistancePercent,
            _ => Measure::Distance,
        };
        let threshold = Threshold { measure, below: number("below")?, hysteresis: number("hysteresis")? };
        if threshold.hysteresis < 0.0 {
            return Err(Error::bad_input("\"hysteresis\" must not be negative"));
        }
        let window = period("window")?;
        // Refuses a window of no length before anything is awaited.
        let senders = senders(&snapshot, &requirement, sliding(window, request.now)?)?;
        Ok(Self {
            requirement,
            window,
            threshold,
            sufficiency: margin::sufficiency(arguments, request.session.settings().sufficiency)?,
            pause_ns: pause_ns(period("pause")?)?,
            detector: CrossingDetector::new(threshold),
            // Only whether something has arrived counts, so one sample is enough to hold.
            tap: request.session.tap(senders, 1, notify)?,
            stale: true,
            judged: None,
            pending: VecDeque::new(),
        })
    }

    /// Looks for the next crossing.
    pub(in crate::graphql::schema) fn next(&mut self, request: &Request) -> Result<Found, Error> {
        if self.pending.is_empty() {
            let (arrivals, lost) = self.tap.take(usize::MAX);
            self.stale |= !arrivals.is_empty() || lost > 0;
            let snapshot = request.snapshot(MAIN)?;
            let head = snapshot.commit().id;
            self.stale |= self.judged.is_none_or(|(commit, _)| commit != head);
            if !self.stale {
                return Ok(Found::Nothing);
            }
            if !is_requirement(&snapshot, &self.requirement)? {
                return Ok(Found::End);
            }
            if let Some(wait) = self.wait(request.now) {
                return Ok(Found::Later(wait));
            }
            self.judge(request, &snapshot)?;
        }
        Ok(self
            .pending
            .pop_front()
            .map_or(Found::Nothing, |crossing| Found::Event(Event::Crossing(crossing))))
    }

    /// Returns how long the pause still lasts. A clock that was set back ends it.
    fn wait(&self, now: Instant) -> Option<Duration> {
        let (_, last) = self.judged?;
        let passed = now.nanos().saturating_sub(last.nanos());
        let left = self.pause_ns.saturating_sub(passed);
        let wait = u64::try_from(left).ok().filter(|left| *left > 0 && passed >= 0)?;
        Some(Duration::from_nanos(wait))
    }

    fn judge(&mut self, request: &Request, snapshot: &Snapshot) -> Result<(), Error> {
        let window = sliding(self.window, request.now)?;
        // Heard of before the watermark is taken, so that what comes after it wakes this again.
        self.tap.set_twins(senders(snapshot, &self.requirement, window)?);
        let scope = Arc::new(request.scope(MAIN, None)?);
        self.stale = false;
        self.judged = Some((snapshot.commit().id, request.now));
        let margins = feedback::margins_of_requirement(
            &scope.snapshot,
            &scope.view,
            &self.requirement,
            window,
            self.sufficiency,
        )?;
        let below = self.threshold.below;
        let wrap = |crossing| Arc::new(CrossingValue { scope: Arc::clone(&scope), crossing, below });
        self.pending.extend(self.detector.take(margins).into_iter().map(wrap));
        Ok(())
    }
}

fn is_requirement(snapshot: &Snapshot, iri: &NamedNode) -> Result<bool, Error> {
    Ok(thread::is_instance(snapshot, iri, tl::REQUIREMENT)?)
}

fn sliding(window: Period, now: Instant) -> Result<Interval, Error> {
    Ok(Interval::new(window.before(now)?, now)?)
}

fn pause_ns(pause: Period) -> Result<i64, Error> {
    let nanos = pause.exact_nanos().filter(|nanos| *nanos >= PAUSE_MIN_NS);
    nanos.ok_or_else(|| {
        Error::bad_input(format!("\"pause\" must be PT1S or longer, and of exact length, not {pause}"))
    })
}

/// Returns who may send what concerns the requirement, from the window's start on.
fn senders(snapshot: &Snapshot, requirement: &NamedNode, window: Interval) -> Result<HashSet<String>, Error> {
    let onwards = Interval::new(window.from(), Instant::MAX)?;
    let mut names = HashSet::new();
    for design in snapshot.subjects(tl::SATISFIES, &requirement.clone().into())? {
        names.extend(twins::senders(snapshot, &design, onwards)?);
    }
    Ok(names)
}
