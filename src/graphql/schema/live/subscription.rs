//! The subscription root: commits that reach a branch, readings that arrive, margins that cross a threshold.
//!
//! A subscription is notified *when to look*, and then looks itself: at the heads it has not reported, at the samples its tap
//! holds. So nothing is lost between the subscription and its first event, and nothing is reported twice.

use super::event::{Event, Found};
use super::margin_watch::{self, MarginWatch};
use crate::app::Scope;
use crate::graph::{FollowEvent, Follower, Snapshot};
use crate::graphql::engine::types::build::object;
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Value};
use crate::graphql::error::Error;
use crate::graphql::request::Request;
use crate::graphql::schema::shared::node::{find_iri, read_opaque};
use crate::graphql::schema::shared::version_arguments::MAIN;
use crate::graphql::schema::usage::readings::{BatchValue, ReadingValue};
use crate::model::sync::notifier::Listening;
use crate::ontology::terms::tl;
use crate::telemetry::Tap;
use crate::{thread, twins};
use oxigraph::model::NamedNode;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// How many samples wait for a slow client; then the oldest are dropped, and it is informed how many.
pub(crate) const LAG_MAX: usize = 10_000;
/// The most readings of one event.
const BATCH_MAX: usize = 1_000;
/// How many twins one subscription may follow.
const TWINS_MAX: usize = 100;

/// Where the events of one subscription come from.
pub(crate) struct Source {
    kind: Kind,
    _listening: Listening,
}

enum Kind {
    Commits(Follower),
    Readings { twins: Vec<NamedNode>, signals: Option<Vec<String>>, tap: Tap },
    Margins(Box<MarginWatch>),
}

pub(crate) fn types() -> Vec<Definition> {
    let out_of_place = || Error::broken("an event of another field");
    let root = object::<Event>("Subscription", "Events as they happen, over graphql-transport-ws.")
        .field_with(
            "commits",
            "Commit!",
            "Every commit that reaches a branch from now on, each after its parents; ends where the branch is deleted.",
            vec![InputField::new("branch", "String", "The branch; all branches where absent.")],
            move |event, _| match event {
                Event::Commit(commit) => Ok(Value::object(commit.clone())),
                _ => Err(out_of_place()),
            },
        )
        .field_with(
            "readings",
            "ReadingBatch!",
            "What twins send from now on, once it is durable, in the order of its arrival; with the meaning it has at the head of main.",
            vec![
                InputField::new("twins", "[ID!]!", "The twins, at most 100."),
                InputField::new("signals", "[String!]", "Only these signals: telemetry fields, or IRIs of signals or properties."),
            ],
            move |event, _| match event {
                Event::Readings(batch) => Ok(Value::object(Arc::clone(batch))),
                _ => Err(out_of_place()),
            },
        )
        .field_with("margins", "MarginCrossing!", margin_watch::MARGINS, margin_watch::arguments(), move |event, _| match event {
            Event::Crossing(crossing) => Ok(Value::object(Arc::clone(crossing))),
            _ => Err(out_of_place()),
        });
    vec![root.done()]
}

impl Source {
    /// Opens the source of a field of the root; `notify` is called when it is worth looking.
    pub(crate) fn open(
        field: &str,
        arguments: &Arguments,
        request: &Request,
        notify: impl Fn() + Clone + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let session = &request.session;
        // Listening first: what happens from here on rings.
        let listening = session.listen(notify.clone())?;
        let kind = match field {
            "commits" => Kind::Commits(session.follow(arguments.text("branch")?.as_deref())?),
            "readings" => readings(arguments, request, notify)?,
            "margins" => Kind::Margins(Box::new(MarginWatch::open(arguments, request, notify)?)),
            _ => return Err(Error::broken("a field of the subscription root that has no source")),
        };
        Ok(Self { kind, _listening: listening })
    }

    /// Looks for the next event.
    pub(crate) fn next(&mut self, request: &Request) -> Result<Found, Error> {
        match &mut self.kind {
            Kind::Commits(follower) => Ok(match request.session.next(follower)? {
                FollowEvent::Commit(commit) => Found::Event(Event::Commit(commit)),
                FollowEvent::Nothing => Found::Nothing,
                FollowEvent::BranchDeleted => Found::End,
            }),
            Kind::Readings { twins, signals, tap } => {
                let scope = Arc::new(request.scope(MAIN, None)?);
                tap.set_twins(names(&scope, twins)?);
                arrived(&scope, twins, signals.as_deref(), tap)
            }
            Kind::Margins(watch) => watch.next(request),
        }
    }
}

fn readings(
    arguments: &Arguments,
    request: &Request,
    notify: impl Fn() + Send + Sync + 'static,
) -> Result<Kind, Error> {
    let scope = request.scope(MAIN, None)?;
    let mut twins = Vec::new();
    for id in arguments.texts("twins")?.into_iter().flatten() {
        let twin = find_iri(&scope.snapshot, &id)?;
        if !thread::is_instance(&scope.snapshot, &twin, tl::TWIN_INSTANCE)? {
            return Err(Error::not_found(format!("{twin} is no twin instance at the head of main")));
        }
        twins.push(twin);
    }
    if twins.is_empty() || twins.len() > TWINS_MAX {
        return Err(Error::limit(format!("\"twins\" names 1 to {TWINS_MAX} twins, not {}", twins.len())));
    }
    let named = |text: String| read_opaque(&text).and_then(|id| id.iri).unwrap_or(text);
    let signals: Option<Vec<String>> =
        arguments.texts("signals")?.map(|texts| texts.into_iter().map(named).collect());
    signals.as_ref().map_or(Ok(()), |signals| must_be_known(&scope.snapshot, &twins, signals))?;
    let tap = request.session.tap(names(&scope, &twins)?, LAG_MAX, notify)?;
    Ok(Kind::Readings { twins, signals, tap })
}

/// Refuses the name of a signal that none of the twins has: nothing would ever be reported for it.
fn must_be_known(snapshot: &Snapshot, twins: &[NamedNode], names: &[String]) -> Result<(), Error> {
    if names.is_empty() {
        return Err(Error::bad_input("\"signals\" names no signal; without it all signals are reported"));
    }
    let signals = twins.iter().map(|twin| twins::signals(snapshot, twin)).collect::<Result<Vec<_>, _>>()?;
    let known = || signals.iter().flatten();
    let Some(unknown) = names.iter().find(|name| !known().any(|signal| signal.is_named(snapshot, name)))
    else {
        return Ok(());
    };
    let fields: BTreeSet<&str> = known().map(|signal| signal.name.as_str()).collect();
    let fields = if fields.is_empty() { "none".to_owned() } else { Vec::from_iter(fields).join(", ") };
    Err(Error::bad_input(format!("\"{unknown}\" is no signal of these twins; theirs are: {fields}")))
}

fn names(scope: &Scope, twins: &[NamedNode]) -> Result<HashSet<String>, Error> {
    let mut names = HashSet::new();
    for twin in twins {
        names.extend(twins::names_of(&scope.snapshot, twin)?);
    }
    Ok(names)
}

/// Takes what has arrived; samples that mean nothing for the twins are passed over.
fn arrived(
    scope: &Arc<Scope>,
    twins: &[NamedNode],
    signals: Option<&[String]>,
    tap: &Tap,
) -> Result<Found, Error> {
    loop {
        let (arrivals, lagged) = tap.take(BATCH_MAX);
        if arrivals.is_empty() && lagged == 0 {
            return Ok(Found::Nothing);
        }
        let mut readings = Vec::new();
        for twin in twins {
            let found = twins::arrived(&scope.snapshot, &scope.view, twin, signals, &arrivals)?;
            readings.extend(found.into_iter().map(|reading| ReadingValue::new(scope, twin, reading)));
        }
        if !readings.is_empty() || lagged > 0 {
            return Ok(Found::Event(Event::Readings(Arc::new(BatchValue::new(scope, readings, lagged)))));
        }
    }
}
