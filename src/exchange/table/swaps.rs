//! Swap logs: one row is one event at a position, what was taken out and what was put in. The events of each
//! position are put in time order and become installations `[from, to)`.
//!
//! What the log does not say is not made up: a component that is taken out before the log tells that it was put in
//! has no `from`, one that is never taken out no `to`. What contradicts itself is a problem of its row: a component
//! taken out where another one sits, put in where one still sits, or put in while it still sits elsewhere.

use super::mapping::Swaps;
use super::plan::{Planner, WhenPlan};
use super::problem::Error;
use super::row::Row;
use super::rows::Writer;
use super::template::{Template, escape, expand};
use super::time;
use super::value::Notation;
use crate::model::instant::Instant;
use crate::model::statement::Statement;
use crate::ontology::Class;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::BTreeMap;

/// A swap log's columns.
#[derive(Debug)]
pub(super) struct SwapPlan<'a> {
    class: &'a Class,
    when: WhenPlan,
    parent: Template,
    position: PositionPlan,
    at: usize,
    notation: Notation,
    removed: Option<Template>,
    installed: Template,
    reason: Option<usize>,
}

#[derive(Debug)]
enum PositionPlan {
    Same(Option<String>),
    Column(usize),
}

impl<'a> SwapPlan<'a> {
    pub(super) fn new(planner: &Planner<'a>, written: &Swaps) -> Result<Self, Error> {
        let class = planner.world.ontology.class_named("Installation");
        let class =
            class.ok_or_else(|| planner.at(&written.parent, "the ontology has no class Installation"))?;
        let at = &written.at.get_ref().0;
        let column =
            at.column.as_ref().ok_or_else(|| planner.at(&written.at, "give the column of the times"))?;
        Ok(Self {
            class,
            when: planner.when(&written.skip_if_empty, &written.only)?,
            parent: planner.template(&written.parent)?,
            position: Self::position(planner, written)?,
            at: planner.header.index(column).map_err(|message| planner.at(&written.at, message))?,
            notation: planner.notation(at)?,
            removed: written.removed.as_ref().map(|removed| planner.template(removed)).transpose()?,
            installed: planner.template(&written.installed)?,
            reason: written.reason.as_ref().map(|reason| planner.column(reason)).transpose()?,
        })
    }

    fn position(planner: &Planner<'_>, written: &Swaps) -> Result<PositionPlan, Error> {
        let Some(position) = &written.position else { return Ok(PositionPlan::Same(None)) };
        let source = &position.get_ref().0;
        match (&source.column, &source.value) {
            (Some(column), None) => planner
                .header
                .index(column)
                .map(PositionPlan::Column)
                .map_err(|message| planner.at(position, message)),
            (None, Some(toml::Value::String(text))) => Ok(PositionPlan::Same(Some(text.clone()))),
            _ => Err(planner.at(position, "a position is a column, or { value = \"drive-end/bearing\" }")),
        }
    }

    /// Lists the columns that are used.
    pub(super) fn columns(&self, used: &mut Vec<usize>) {
        used.extend(self.parent.columns().chain(self.installed.columns()));
        used.extend(self.removed.iter().flat_map(Template::columns));
        used.extend(self.reason);
        used.push(self.at);
        if let PositionPlan::Column(column) = self.position {
            used.push(column);
        }
    }
}

/// A place that holds one component at a time.
type Place = (NamedNode, Option<String>);

#[derive(Debug)]
struct Event {
    at: Instant,
    line: u64,
    place: Place,
    removed: Option<NamedNode>,
    installed: Option<NamedNode>,
    reason: Option<String>,
}

/// The events of a swap log as they are read, and the installations that they make.
#[derive(Debug)]
pub(super) struct Log<'a> {
    plan: SwapPlan<'a>,
    events: Vec<Event>,
}

/// What sits at a place, since when, and the line that says so.
#[derive(Debug)]
struct Sitting {
    component: NamedNode,
    from: Instant,
    line: u64,
}

impl<'a> Log<'a> {
    pub(super) const fn new(plan: SwapPlan<'a>) -> Self {
        Self { plan, events: Vec::new() }
    }

    /// Lists the columns that are used.
    pub(super) fn columns(&self, used: &mut Vec<usize>) {
        self.plan.columns(used);
    }

    /// Takes in one row.
    pub(super) fn row(&mut self, row: &Row<'_>, writer: &mut Writer<'_, '_>) {
        if !self.plan.when.holds(row) {
            return;
        }
        match self.event(row, writer.world.base) {
            Ok(event) => self.events.extend(event),
            Err((column, message)) => writer.problems.add(row.line, column, message),
        }
    }

    fn event(&self, row: &Row<'_>, base: &str) -> Result<Option<Event>, (Option<usize>, String)> {
        let plan = &self.plan;
        let removed = self.component(plan.removed.as_ref(), row, base)?;
        let installed = self.component(Some(&plan.installed), row, base)?;
        if removed.is_none() && installed.is_none() {
            return Ok(None);
        }
        let parent = plan
            .parent
            .fill(row)
            .map_err(|column| (Some(column), "is empty, but names the parent".to_owned()))?;
        let parent = expand(base, &parent).map_err(|message| (plan.parent.columns().next(), message))?;
        let position = match &plan.position {
            PositionPlan::Same(position) => position.clone(),
            PositionPlan::Column(column) => row.cell(*column).map(str::to_owned),
        };
        let at = row.cell(plan.at).ok_or_else(|| (Some(plan.at), "is empty, but tells when".to_owned()))?;
        let at = time::instant(at, plan.notation.pattern.as_ref(), plan.notation.zone.as_ref())
            .map_err(|message| (Some(plan.at), message))?;
        let reason = plan.reason.and_then(|column| row.cell(column)).map(str::to_owned);
        Ok(Some(Event { at, line: row.line, place: (parent, position), removed, installed, reason }))
    }

    /// Names a component; none where its cells are empty.
    fn component(
        &self,
        template: Option<&Template>,
        row: &Row<'_>,
        base: &str,
    ) -> Result<Option<NamedNode>, (Option<usize>, String)> {
        let Some(template) = template else { return Ok(None) };
        let Ok(id) = template.fill(row) else { return Ok(None) };
        expand(base, &id).map(Some).map_err(|message| (template.columns().next(), message))
    }

    /// Writes the installations.
    pub(super) fn finish(mut self, writer: &mut Writer<'_, '_>) {
        self.events.sort_by_key(|event| (event.at, event.line));
        let events = std::mem::take(&mut self.events);
        let mut sitting: BTreeMap<(String, Option<String>), (Place, Sitting)> = BTreeMap::new();
        let mut places: BTreeMap<String, (String, Option<String>)> = BTreeMap::new();
        let key = |place: &Place| (place.0.as_str().to_owned(), place.1.clone());
        // At one instant everything is taken out before anything is put in: two pumps may trade bearings.
        for moment in events.chunk_by(|a, b| a.at == b.at) {
            for event in moment {
                let before = sitting.remove(&key(&event.place));
                if let Some((_, before)) = &before {
                    places.remove(before.component.as_str());
                }
                self.take_out(event, before.map(|(_, before)| before), writer);
            }
            for event in moment {
                let Some(component) = event.installed.clone() else { continue };
                if let Some(place) = places.get(component.as_str()) {
                    let since = sitting.get(place).map_or(0, |(_, sitting)| sitting.line);
                    let message = format!(
                        "{component} is put in here, but still sits in <{}> {} (line {since})",
                        place.0,
                        place.1.as_deref().unwrap_or_default()
                    );
                    writer.problems.add(event.line, self.plan.installed.columns().next(), message);
                    continue;
                }
                places.insert(component.as_str().to_owned(), key(&event.place));
                let put_in = Sitting { component, from: event.at, line: event.line };
                if let Some((_, other)) = sitting.insert(key(&event.place), (event.place.clone(), put_in)) {
                    let message =
                        format!("a component is put in here twice at {} (line {})", event.at, other.line);
                    writer.problems.add(event.line, None, message);
                }
            }
        }
        for (place, Sitting { component, from, line }) in sitting.into_values() {
            self.install(&place, &component, Some(from), None, None, line, writer);
        }
    }

    /// Ends what sits at the event's place, or tells why the log contradicts itself.
    fn take_out(&self, event: &Event, before: Option<Sitting>, writer: &mut Writer<'_, '_>) {
        let column = self.plan.removed.as_ref().and_then(|removed| removed.columns().next());
        match (before, &event.removed) {
            (None, None) => {}
            (None, Some(removed)) => {
                self.install(
                    &event.place,
                    removed,
                    None,
                    Some(event.at),
                    event.reason.as_deref(),
                    event.line,
                    writer,
                );
            }
            (Some(before), removed) => {
                let Sitting { component, from, line } = before;
                match removed {
                    Some(removed) if *removed != component => {
                        let message =
                            format!("{removed} is taken out, but {component} sits there since line {line}");
                        writer.problems.add(event.line, column, message);
                    }
                    None if self.plan.removed.is_some() => {
                        let message =
                            format!("nothing is taken out, but {component} sits there since line {line}");
                        writer.problems.add(event.line, column, message);
                    }
                    _ if from >= event.at => {
                        let message =
                            format!("{component} is taken out at the instant it was put in (line {line})");
                        writer.problems.add(event.line, Some(self.plan.at), message);
                    }
                    _ => {
                        let (to, reason) = (Some(event.at), event.reason.as_deref());
                        self.install(&event.place, &component, Some(from), to, reason, event.line, writer);
                    }
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "an installation has this many sides")]
    fn install(
        &self,
        (parent, position): &Place,
        component: &NamedNode,
        from: Option<Instant>,
        to: Option<Instant>,
        reason: Option<&str>,
        line: u64,
        writer: &mut Writer<'_, '_>,
    ) {
        let when = match (from, to) {
            (Some(from), _) => compact(from),
            (None, Some(to)) => format!("until-{}", compact(to)),
            (None, None) => "unknown".to_owned(),
        };
        let base = writer.world.base;
        let short =
            component.as_str().strip_prefix(base).map_or_else(|| escape(component.as_str()), str::to_owned);
        let node = NamedNode::new_unchecked(format!("{base}installation/{short}/{when}"));
        let instant = |at: Instant| Term::from(Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME));
        let text = |text: &str| Term::from(Literal::new_simple_literal(text));
        writer.say(Statement::new(node.clone(), rdf::TYPE, self.plan.class.iri.clone()));
        let values = [
            ("component", Some(component.clone().into())),
            ("parent", Some(parent.clone().into())),
            ("position", position.as_deref().map(text)),
            ("from", from.map(instant)),
            ("to", to.map(instant)),
            ("removalReason", reason.map(text)),
        ];
        for (name, value) in values {
            if let (Some(field), Some(value)) = (self.plan.class.field(name), value) {
                writer.set(&node, field, value, line, None);
            }
        }
    }
}

/// Writes an instant as a step of a name.
fn compact(at: Instant) -> String {
    at.to_string().replace(['-', ':'], "")
}
