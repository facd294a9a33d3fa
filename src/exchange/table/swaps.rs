//! Swap logs: one row is one event at a position, what was taken out and what was put in. The events of each
//! position are put in time order and become installations `[from, to)`.
//!
//! What the log does not record is not made up: a component that is taken out before the log records that it was put in
//! has no `from`, one that is never taken out no `to`. What contradicts itself is a problem of its row: a component
//! taken out where another one sits, put in where one still sits, or put in while it still sits elsewhere. Of a source that
//! may be dirty the later event is believed: what sat there ends then, what the log never put in has no `from`, and a
//! stay without length is left out; each row that is settled so is reported.

use super::derived::template::{Template, escape, expand};
use super::derived::{self, Make};
use super::mapping::{Columns, Source, Swaps};
use super::plan::{Planner, WhenPlan};
use super::problem::Error;
use super::rows::Writer;
use super::sheet::row::Row;
use super::value::Notation;
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::ontology::Class;
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::BTreeMap;
use toml::Spanned;

/// A swap log's columns.
#[derive(Debug)]
pub(super) struct SwapPlan<'a> {
    class: &'a Class,
    when: WhenPlan,
    parent: Template,
    position: PositionPlan,
    at: Make,
    notation: Notation,
    removed: Option<Template>,
    installed: Template,
    reason: Option<usize>,
    shared: bool,
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
        Ok(Self {
            class,
            when: planner.when(&written.skip_if_empty, &written.only)?,
            parent: planner.template(&written.parent)?,
            position: Self::position(planner, written)?,
            at: Self::at(planner, &written.at)?,
            notation: planner.notation(&written.at.get_ref().0)?,
            removed: written.removed.as_ref().map(|removed| planner.template(removed)).transpose()?,
            installed: planner.template(&written.installed)?,
            reason: written.reason.as_ref().map(|reason| planner.column(reason)).transpose()?,
            shared: written.shared,
        })
    }

    fn at(planner: &Planner<'_>, at: &Spanned<Source>) -> Result<Make, Error> {
        let source = &at.get_ref().0;
        let make = match (&source.column, &source.value) {
            (Some(Columns::One(column)), None) => {
                derived::first_of(std::slice::from_ref(column), &planner.header)
            }
            (Some(Columns::First(columns)), None) => derived::first_of(columns, &planner.header),
            (None, Some(toml::Value::String(text))) if text.contains('{') => {
                derived::joined(text, &planner.header)
            }
            _ => Err("give the column of the times".to_owned()),
        };
        make.map_err(|message| planner.at(at, message))
    }

    fn position(planner: &Planner<'_>, written: &Swaps) -> Result<PositionPlan, Error> {
        let Some(position) = &written.position else { return Ok(PositionPlan::Same(None)) };
        let source = &position.get_ref().0;
        match (&source.column, &source.value) {
            (Some(Columns::One(column)), None) => planner
                .header
                .index(column)
                .map(PositionPlan::Column)
                .map_err(|message| planner.at(position, message)),
            (None, Some(toml::Value::String(text))) => Ok(PositionPlan::Same(Some(text.clone()))),
            _ => Err(planner.at(position, "a position is a column, or { value = \"drive-end/bearing\" }")),
        }
    }

    /// Lists the columns whose cells name something.
    fn names(&self, names: &mut Vec<usize>) {
        names.extend(self.parent.columns().chain(self.installed.columns()));
        names.extend(self.removed.iter().flat_map(Template::columns));
    }

    /// Lists the columns whose cells are texts, and those that are times.
    fn by_kind(&self, texts: &mut Vec<usize>, times: &mut Vec<usize>) {
        texts.extend(self.reason);
        if let PositionPlan::Column(column) = self.position {
            texts.push(column);
        }
        self.at.columns(times);
    }

    /// Returns the first column of the times.
    fn at_column(&self) -> Option<usize> {
        let mut columns = Vec::new();
        self.at.columns(&mut columns);
        columns.first().copied()
    }

    /// Lists the columns that are used.
    pub(super) fn columns(&self, used: &mut Vec<usize>) {
        used.extend(self.parent.columns().chain(self.installed.columns()));
        used.extend(self.removed.iter().flat_map(Template::columns));
        used.extend(self.reason);
        used.extend(self.when.columns());
        self.at.columns(used);
        used.extend(self.notation.offset);
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

/// What sits at a place, since when, and the line that records it.
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

    /// Lists the columns whose cells name something.
    pub(super) fn names(&self, names: &mut Vec<usize>) {
        self.plan.names(names);
    }

    /// Lists the columns whose cells are texts, and those that are times.
    pub(super) fn by_kind(&self, texts: &mut Vec<usize>, times: &mut Vec<usize>) {
        self.plan.by_kind(texts, times);
    }

    /// Takes in one row; returns whether it is one of the log.
    pub(super) fn row(&mut self, row: &Row<'_>, writer: &mut Writer<'_, '_>) -> bool {
        if !self.plan.when.holds(row) {
            return false;
        }
        match self.event(row, writer.world.base) {
            Ok(event) => self.events.extend(event),
            Err((column, message)) => writer.problems.add(row.line, column, message),
        }
        true
    }

    fn event(&self, row: &Row<'_>, base: &str) -> Result<Option<Event>, (Option<usize>, String)> {
        let plan = &self.plan;
        let removed = self.component(plan.removed.as_ref(), row, base)?;
        let installed = self.component(Some(&plan.installed), row, base)?;
        if removed.is_none() && installed.is_none() {
            return Ok(None);
        }
        let parent = plan.parent.fill(row).map_err(|unfilled| {
            let reason = unfilled.reason();
            (Some(unfilled.column()), reason.unwrap_or_else(|| "is empty, but names the parent".to_owned()))
        })?;
        let parent = expand(base, &parent).map_err(|message| (plan.parent.columns().next(), message))?;
        let position = match &plan.position {
            PositionPlan::Same(position) => position.clone(),
            PositionPlan::Column(column) => row.cell(*column).map(str::to_owned),
        };
        let column = plan.at_column();
        let at = plan.at.text(row, plan.notation.marks)?;
        let at = at.ok_or_else(|| (column, "is empty, but states when".to_owned()))?;
        let offset = plan.notation.offset.and_then(|column| row.cell(column));
        let at = plan.notation.wall.instant(&at, offset).map_err(|message| {
            // A time that can be read has an offset that is wrong.
            let of_offset =
                plan.notation.offset.filter(|_| offset.is_some() && plan.notation.wall.reads(&at));
            (of_offset.or(column), message)
        })?;
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
        let id = match template.fill(row) {
            Ok(id) => id,
            Err(unfilled) => {
                return unfilled.reason().map_or(Ok(None), |reason| Err((Some(unfilled.column()), reason)));
            }
        };
        expand(base, &id).map(Some).map_err(|message| (template.columns().next(), message))
    }

    /// Writes the installations.
    pub(super) fn finish(mut self, writer: &mut Writer<'_, '_>) {
        self.events.sort_by_key(|event| (event.at, event.line));
        let events = std::mem::take(&mut self.events);
        let mut places = Places::default();
        // At one instant everything is taken out before anything is put in: two pumps may trade bearings.
        for moment in events.chunk_by(|a, b| a.at == b.at) {
            for event in moment {
                self.take_out(event, &mut places, writer);
            }
            for event in moment {
                self.put_in(event, &mut places, writer);
            }
        }
        for (place, sitting) in places.sitting.into_values() {
            let Sitting { component, from, line } = sitting;
            let stay = Stay { component: &component, from: Some(from), to: None, reason: None, line };
            self.install(&place, &stay, writer);
        }
    }

    /// Ends what sits at the event's place, or reports why the log contradicts itself.
    fn take_out(&self, event: &Event, places: &mut Places, writer: &mut Writer<'_, '_>) {
        let column = self.plan.removed.as_ref().and_then(|removed| removed.columns().next());
        let Event { at, line, removed, .. } = event;
        let mut stay = Stay {
            component: removed.as_ref().unwrap_or(&event.place.0),
            from: None,
            to: Some(*at),
            reason: event.reason.as_deref(),
            line: *line,
        };
        let Some(before) = places.leave(&event.place) else {
            if removed.is_some() {
                self.install(&event.place, &stay, writer);
            }
            return;
        };
        let Sitting { component, from, line: since } = &before;
        let contradiction = match removed {
            Some(removed) if removed != component => Some((
                column,
                format!("{removed} is taken out, but {component} sits there since line {since}"),
                "both left then, and since when the one taken out sat there is unknown",
            )),
            None if self.plan.removed.is_some() => Some((
                column,
                format!("nothing is taken out, but {component} sits there since line {since}"),
                "it left then",
            )),
            _ if from >= at => Some((
                self.plan.at_column(),
                format!("{component} is taken out at the instant it was put in (line {since})"),
                "it never sat there",
            )),
            _ => None,
        };
        if let Some((column, message, settled)) = contradiction {
            if !writer.problems.settle(*line, column, &message, settled) {
                return;
            }
            if removed.as_ref().is_some_and(|removed| removed != component) {
                self.install(&event.place, &stay, writer);
            }
        }
        (stay.component, stay.from) = (component, Some(*from));
        self.install(&event.place, &stay, writer);
    }

    fn put_in(&self, event: &Event, places: &mut Places, writer: &mut Writer<'_, '_>) {
        let Some(component) = event.installed.clone() else { return };
        let column = self.plan.installed.columns().next();
        if let Some((place, since)) = places.of(&component).filter(|_| !self.plan.shared) {
            let (place, position) = (place.clone(), place.1.as_deref().unwrap_or_default());
            let message = format!(
                "{component} is put in here, but still sits in {} {position} (line {since})",
                place.0
            );
            if !writer.problems.settle(event.line, column, &message, "it left there then") {
                return;
            }
            if let Some(Sitting { from, line, .. }) = places.leave(&place) {
                let (component, to) = (&component, Some(event.at));
                let stay = Stay { component, from: Some(from), to, reason: None, line };
                self.install(&place, &stay, writer);
            }
        }
        let sitting = Sitting { component, from: event.at, line: event.line };
        if let Some(other) = places.enter(&event.place, sitting) {
            let message = format!("a component is put in here twice at {} (line {})", event.at, other.line);
            writer.problems.settle(event.line, column, &message, "the last one sits there");
        }
    }

    /// Writes one installation; one without length is none.
    fn install(&self, place: &Place, stay: &Stay<'_>, writer: &mut Writer<'_, '_>) {
        if stay.from.is_some() && stay.from >= stay.to.or(Some(Instant::MAX)) {
            return;
        }
        let (parent, position) = place;
        let node = self.name(place, stay, writer.world.base);
        let instant = |at: Instant| Term::from(Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME));
        let text = |text: &str| Term::from(Literal::new_simple_literal(text));
        writer.write(Statement::new(node.clone(), rdf::TYPE, self.plan.class.iri.clone()));
        let values = [
            ("component", Some(stay.component.clone().into())),
            ("parent", Some(parent.clone().into())),
            ("position", position.as_deref().map(text)),
            ("from", stay.from.map(instant)),
            ("to", stay.to.map(instant)),
            ("removalReason", stay.reason.map(text)),
        ];
        for (name, value) in values {
            if let (Some(field), Some(value)) = (self.plan.class.field(name), value) {
                writer.set(&node, field, value, stay.line, None);
            }
        }
    }

    /// Names an installation after its component and start, a shared component's after its place and start, so
    /// that a longer log gives the same names again.
    fn name(&self, (parent, position): &Place, stay: &Stay<'_>, base: &str) -> NamedNode {
        let what = if self.plan.shared {
            let position = position.iter().map(|position| format!("/{}", escape(position)));
            short(parent, base) + &position.collect::<String>()
        } else {
            short(stay.component, base)
        };
        let when = match (stay.from, stay.to) {
            (Some(from), _) => compact(from),
            (None, to) => format!("until-{}", to.map(compact).unwrap_or_default()),
        };
        NamedNode::new_unchecked(format!("{base}installation/{what}/{when}"))
    }
}

/// One component at one place, `[from, to)`.
struct Stay<'a> {
    component: &'a NamedNode,
    from: Option<Instant>,
    to: Option<Instant>,
    reason: Option<&'a str>,
    line: u64,
}

type Key = (String, Option<String>);

/// What sits where while the log is followed.
#[derive(Debug, Default)]
struct Places {
    sitting: BTreeMap<Key, (Place, Sitting)>,
    of: BTreeMap<String, Key>,
}

impl Places {
    fn key(place: &Place) -> Key {
        (place.0.as_str().to_owned(), place.1.clone())
    }

    /// Returns the place at which a component sits and the line that put it there.
    fn of(&self, component: &NamedNode) -> Option<(&Place, u64)> {
        let (place, sitting) = self.sitting.get(self.of.get(component.as_str())?)?;
        Some((place, sitting.line))
    }

    fn leave(&mut self, place: &Place) -> Option<Sitting> {
        let (_, sitting) = self.sitting.remove(&Self::key(place))?;
        self.of.remove(sitting.component.as_str());
        Some(sitting)
    }

    /// Puts a component in; returns what it displaces.
    fn enter(&mut self, place: &Place, sitting: Sitting) -> Option<Sitting> {
        let displaced = self.leave(place);
        self.of.insert(sitting.component.as_str().to_owned(), Self::key(place));
        self.sitting.insert(Self::key(place), (place.clone(), sitting));
        displaced
    }
}

/// Returns a name below the base as it is, another one as a single step.
fn short(node: &NamedNode, base: &str) -> String {
    node.as_str().strip_prefix(base).map_or_else(|| escape(node.as_str()), str::to_owned)
}

/// Writes an instant as a step of a name.
fn compact(at: Instant) -> String {
    at.to_string().replace(['-', ':'], "")
}
