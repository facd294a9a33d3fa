//! What births of units and failed commands are evidence of: faults of the data, beside those of its series.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::message::mqtt::units::SparkplugUnit;
use crate::exchange::samples::mqtt::sparkplug::Home;
use crate::graph::{self, Snapshot};
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::thread::{Found, Record, find, is_instance};
use crate::twins::{DataFault, Unhealthy};
use oxigraph::model::NamedNode;

impl App {
    /// Returns the units that are born under another node than the configuration says, or where it says nothing, than before.
    pub(super) fn moved_units(&self, head: &Snapshot, now: Instant) -> Result<Vec<Unhealthy>, Error> {
        let mut moved = Vec::new();
        for (name, home) in self.brokers().homes().iter() {
            moved.extend(moved_unit(head, name, home, now)?);
        }
        Ok(moved)
    }

    /// Returns the units whose node or device has died, and that are alive nowhere else.
    pub(super) fn dead_units(&self, head: &Snapshot) -> Result<Vec<Unhealthy>, Error> {
        let mut dead = Vec::new();
        for SparkplugUnit { state, since } in self.brokers().dead_units() {
            dead.push(Unhealthy {
                fault: DataFault::Stale,
                series: format!("{} under {}/{}", state.twin, state.group, state.node),
                twin: twin(head, &state.twin)?,
                property: None,
                since,
                seen: format!("its node has reported its death at {since}"),
            });
        }
        Ok(dead)
    }

    /// Returns the commands that were given up.
    pub(super) fn failed_commands(&self, head: &Snapshot) -> Result<Vec<Unhealthy>, Error> {
        let mut failed = Vec::new();
        for (target, letter) in self.outbox().failed_commands()? {
            let about = letter.resource.as_ref().and_then(|iri| NamedNode::new(iri.clone()).ok());
            let about = about.map(|iri| head.target(&iri, tl::TARGET)).transpose()?.flatten();
            let twin = match about {
                Some(unit) if is_instance(head, &unit, tl::TWIN_INSTANCE)? => Some(unit),
                _ => None,
            };
            failed.push(Unhealthy {
                fault: DataFault::Command,
                series: format!("{target} {}", letter.id),
                twin,
                property: None,
                since: letter.at.parse().unwrap_or(head.commit().time),
                seen: format!(
                    "{} was given up after {} attempts: {}",
                    letter.kind, letter.attempt_count, letter.error
                ),
            });
        }
        Ok(failed)
    }
}

/// Returns what is wrong with the home of a unit, where something is.
fn moved_unit(head: &Snapshot, name: &str, home: &Home, now: Instant) -> Result<Option<Unhealthy>, Error> {
    let unit = twin(head, name)?;
    let since = home.instant().unwrap_or(now);
    let node = twin(head, home.node.rsplit('/').next().unwrap_or_default())?;
    let installed = match &unit {
        Some(unit) => installation(head, unit, now)?,
        None => None,
    };
    let seen = match (&installed, &node) {
        (Some((parent, _)), Some(node)) if parent == node => return Ok(None),
        (Some((parent, _)), Some(_)) => {
            format!("it is born under {} since {since}, and recorded in {}", home.node, head.shorten(parent))
        }
        // What was recorded after the move has dealt with it.
        (Some((_, from)), None) if from.is_some_and(|from| from >= since) => return Ok(None),
        _ => match &home.before {
            Some(before) => {
                format!("it is born under {} since {since}, and before was under {before}", home.node)
            }
            None => return Ok(None),
        },
    };
    let series = format!("{name} under {}", home.node);
    let seen = format!("{seen}: a proposed swap");
    Ok(Some(Unhealthy { fault: DataFault::Moved, series, twin: unit, property: None, since, seen }))
}

/// Returns the twin of a name; `None` where there is none, or several.
fn twin(head: &Snapshot, name: &str) -> Result<Option<NamedNode>, Error> {
    let is_twin = |iri: &NamedNode| is_instance(head, iri, tl::TWIN_INSTANCE);
    match find::<graph::Error>(head, name, is_twin) {
        Ok(Found::One(iri)) => Ok(is_twin(&iri)?.then_some(iri)),
        // A name that no resource can have names none.
        Ok(Found::Several(_)) | Err(graph::Error::NotAnIri(..)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Returns in what a unit is installed at an instant, and since when.
fn installation(
    head: &Snapshot,
    unit: &NamedNode,
    now: Instant,
) -> Result<Option<(NamedNode, Option<Instant>)>, Error> {
    for installation in head.subjects(tl::COMPONENT, &unit.clone().into())? {
        let record = Record::read(head, &installation)?;
        let (from, to) = (record.instant(tl::FROM), record.instant(tl::TO));
        let is_open = from.is_none_or(|from| from <= now) && to.is_none_or(|to| to > now);
        if let Some(parent) = record.target(tl::PARENT).filter(|_| is_open) {
            return Ok(Some((parent, from)));
        }
    }
    Ok(None)
}
