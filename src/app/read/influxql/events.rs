//! What happened to the units and to the thread, as the measurement `throughline_events`: a row for each installation and removal, modification,
//! field event, finding and commit, with a title, a text and tags as annotations of dashboards have them.

use super::column;
use super::error::Failure;
use super::reading::Database;
use crate::exchange::samples::influxql::answer::{Cell, Series};
use crate::exchange::samples::influxql::condition::{self, Condition};
use crate::exchange::samples::influxql::statement::{Dimension, Expr, Select, Show, Source, TextTest};
use crate::model::statement::Statement;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::Zone;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::thread::{self, Record};
use oxigraph::model::{NamedNode, NamedNodeRef};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The name of the measurement.
pub(super) const EVENTS: &str = "throughline_events";
/// How many events an answer may have.
const EVENTS_MAX: usize = 10_000;
/// How many commits are read at once.
const COMMITS_PER_READ: usize = 500;

const FIELDS: [&str; 3] = ["tags", "text", "title"];
const TAGS: [&str; 3] = ["item", "kind", "twin"];

/// Something that happened.
#[derive(Clone, Debug, Default)]
struct Event {
    at: i64,
    /// `COMMIT`, `INSTALLATION`, `REMOVAL`, `MODIFICATION`, `FINDING`, or the kind of a field event.
    kind: String,
    /// The unit that it happened to, by its serial; of an installation the one that carries.
    twin: String,
    /// What was installed or removed, or is found fault with.
    item: String,
    title: String,
    text: String,
}

impl Event {
    /// Returns a field or a tag; `None` for another name.
    fn value(&self, name: &str) -> Option<String> {
        let tags = [self.kind.to_lowercase(), self.twin.clone(), self.item.clone()];
        Some(match name {
            "kind" => self.kind.clone(),
            "twin" => self.twin.clone(),
            "item" => self.item.clone(),
            "title" => self.title.clone(),
            "text" => self.text.clone(),
            "tags" => tags.into_iter().filter(|tag| !tag.is_empty()).collect::<Vec<_>>().join(","),
            _ => return None,
        })
    }
}

/// Returns whether sources are the events alone; refuses them beside other measurements.
pub(super) fn are_meant(sources: &[Source]) -> Result<bool, Failure> {
    let named = sources.iter().filter(|source| source.measurement == TextTest::Is(EVENTS.to_owned())).count();
    match named {
        0 => Ok(false),
        _ if named == sources.len() => Ok(true),
        _ => Err(Failure::Refused(format!(
            "{EVENTS} beside other measurements is not supported: ask for it by itself"
        ))),
    }
}

/// Answers a `SELECT` of events.
pub(super) fn run(database: &Database<'_>, select: &Select) -> Result<Vec<Series>, Failure> {
    if select.every.is_some() || select.fields.iter().any(|field| matches!(field.expr.bare(), Expr::Call(..)))
    {
        return Err(Failure::Refused(format!(
            "functions of {EVENTS} are not supported: select title, text and tags"
        )));
    }
    let zone = select.zone.clone().unwrap_or(Zone::UTC);
    let (range, condition) =
        condition::split(select.condition.as_ref(), database.scope.now, &zone, &BTreeSet::new())?;
    refuse_fields(&condition)?;
    let dimensions = dimensions(&select.dimensions);
    let columns = columns(select, &dimensions)?;
    if !columns.iter().any(|(name, _)| FIELDS.contains(&name.as_str())) {
        return Ok(Vec::new());
    }
    let to = range.to.map_or(Instant::MAX, |to| Instant::from_nanos(to.saturating_add(1)));
    let from = Instant::from_nanos(range.from.unwrap_or(i64::MIN));
    let Ok(span) = Interval::new(from, to) else { return Ok(Vec::new()) };
    let mut groups: BTreeMap<Vec<String>, Vec<Event>> = BTreeMap::new();
    for event in events(database, span, &condition)? {
        let key = dimensions.iter().map(|name| event.value(name).unwrap_or_default()).collect();
        groups.entry(key).or_default().push(event);
    }
    let mut names = vec!["time".to_owned()];
    names.extend(columns.iter().map(|(_, shown)| shown.clone()));
    let names: Arc<[String]> = names.into();
    let series = |(key, mut events): (Vec<String>, Vec<Event>)| {
        events.sort_by(|a, b| (a.at, &a.kind, &a.twin, &a.title).cmp(&(b.at, &b.kind, &b.twin, &b.title)));
        if select.descending {
            events.reverse();
        }
        database.check()?;
        let events = select.rows.of(events);
        database.count_values(events.len() * names.len())?;
        database.count_text(dimensions.iter().chain(&key).map(String::len).sum())?;
        let rows = events.iter().map(|event| row(database, event, &columns)).collect::<Result<_, _>>()?;
        let tags = dimensions.iter().cloned().zip(key).collect();
        Ok(Series { name: EVENTS.to_owned(), tags, columns: Arc::clone(&names), values: rows })
    };
    let mut all = groups.into_iter().map(series).collect::<Result<Vec<Series>, Failure>>()?;
    all.retain(|series| !series.values.is_empty());
    all = select.series.of(all);
    if select.descending {
        all.reverse();
    }
    Ok(all)
}

/// Makes the row of an event.
fn row(database: &Database<'_>, event: &Event, columns: &[(String, String)]) -> Result<Vec<Cell>, Failure> {
    let mut cells = vec![Cell::Time(event.at)];
    for (name, _) in columns {
        let value = event.value(name).filter(|value| !value.is_empty());
        database.count_text(value.as_ref().map_or(0, String::len))?;
        cells.push(value.map_or(Cell::Null, Cell::Text));
    }
    Ok(cells)
}

fn refuse_fields(condition: &Condition) -> Result<(), Failure> {
    match condition.fields().first() {
        Some(name) => {
            Err(Failure::Refused(format!("{EVENTS} has no number {name}: compare its tags with texts")))
        }
        None => Ok(()),
    }
}

fn dimensions(asked: &[Dimension]) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for dimension in asked {
        match dimension {
            Dimension::Tag(name) => _ = keys.insert(name.clone()),
            Dimension::All => keys.extend(TAGS.map(str::to_owned)),
            Dimension::Matching(pattern) => {
                keys.extend(TAGS.into_iter().filter(|tag| pattern.matches(tag)).map(str::to_owned));
            }
        }
    }
    keys
}

/// Returns the columns: what they show, and what they are called.
fn columns(select: &Select, dimensions: &BTreeSet<String>) -> Result<Vec<(String, String)>, Failure> {
    let mut columns = Vec::new();
    for field in &select.fields {
        match field.expr.bare() {
            Expr::Variable(name, _) if name == "time" => {}
            Expr::Variable(name, _) => {
                columns.push((name.clone(), field.alias.clone().unwrap_or_else(|| name.clone())));
            }
            Expr::Wildcard(_) => {
                let all: BTreeSet<&str> = FIELDS.into_iter().chain(TAGS).collect();
                let shown = all.into_iter().filter(|name| !dimensions.contains(*name));
                columns.extend(shown.map(|name| (name.to_owned(), name.to_owned())));
            }
            _ => {
                return Err(Failure::Refused(format!(
                    "{EVENTS} has only texts: select title, text and tags"
                )));
            }
        }
        column::refuse_many(columns.len())?;
    }
    Ok(columns)
}

/// Answers `SHOW TAG KEYS`.
pub(super) fn tag_keys(show: &Show) -> Vec<Vec<Cell>> {
    show.page.of(TAGS.map(|name| vec![Cell::Text(name.to_owned())]).to_vec())
}

/// Answers `SHOW FIELD KEYS`.
pub(super) fn field_keys(show: &Show) -> Vec<Vec<Cell>> {
    let row = |name: &str| vec![Cell::Text(name.to_owned()), Cell::Text("string".to_owned())];
    show.page.of(FIELDS.map(row).to_vec())
}

/// Answers `SHOW TAG VALUES`.
pub(super) fn tag_values(
    database: &Database<'_>,
    show: &Show,
    keys: &TextTest,
) -> Result<Vec<Vec<Cell>>, Failure> {
    let (range, condition) =
        condition::split(show.condition.as_ref(), database.scope.now, &Zone::UTC, &BTreeSet::new())?;
    refuse_fields(&condition)?;
    let to = range.to.map_or(Instant::MAX, |to| Instant::from_nanos(to.saturating_add(1)));
    let from = Instant::from_nanos(range.from.unwrap_or(i64::MIN));
    let Ok(span) = Interval::new(from, to) else { return Ok(Vec::new()) };
    let mut values: BTreeSet<(&str, String)> = BTreeSet::new();
    for event in events(database, span, &condition)? {
        let of_event = TAGS.into_iter().filter(|tag| keys.holds(tag));
        values.extend(of_event.filter_map(|tag| Some((tag, event.value(tag)?))));
    }
    values.retain(|(_, value)| !value.is_empty());
    let rows = values.into_iter().map(|(key, value)| vec![Cell::Text(key.to_owned()), Cell::Text(value)]);
    Ok(show.page.of(rows.collect()))
}

/// Returns the events in a span that satisfy a condition; refuses more than an answer may have.
fn events(database: &Database<'_>, span: Interval, condition: &Condition) -> Result<Vec<Event>, Failure> {
    let mut reader = Reader { database, span, condition, events: Vec::new() };
    reader.installations()?;
    reader.modifications()?;
    reader.field_events()?;
    reader.findings()?;
    reader.commits()?;
    Ok(reader.events)
}

struct Reader<'a> {
    database: &'a Database<'a>,
    span: Interval,
    condition: &'a Condition,
    events: Vec<Event>,
}

impl Reader<'_> {
    /// Takes an event, where it is asked for.
    fn take(&mut self, at: Option<Instant>, event: Event) -> Result<(), Failure> {
        let Some(at) = at.filter(|at| self.span.contains(*at)) else { return Ok(()) };
        let event = Event { at: at.nanos(), ..event };
        let values: BTreeMap<&str, String> =
            TAGS.into_iter().chain(FIELDS).filter_map(|name| Some((name, event.value(name)?))).collect();
        let tag = |name: &str| values.get(name).map_or("", String::as_str);
        if self.condition.of_tags(&tag) != Condition::Fixed(true) {
            return Ok(());
        }
        if self.events.len() == EVENTS_MAX {
            let hint = "ask for a shorter time, or for one kind or twin";
            return Err(Failure::limit("max-select-point", EVENTS_MAX + 1, EVENTS_MAX, hint));
        }
        self.events.push(event);
        Ok(())
    }

    /// Calls `each` with the record of every instance of a class.
    fn each(
        &mut self,
        class: NamedNodeRef<'_>,
        each: impl Fn(&mut Self, &Record) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        for (index, instance) in self.database.scope.snapshot.instances(class)?.iter().enumerate() {
            if index % 256 == 0 {
                self.database.check()?;
            }
            let record = Record::read(&self.database.scope.snapshot, instance)?;
            each(self, &record)?;
        }
        Ok(())
    }

    /// Returns the identifier that a link leads to, else its short name; empty where there is no link.
    fn name_of(&self, target: Option<NamedNode>) -> Result<String, Failure> {
        let Some(target) = target else { return Ok(String::new()) };
        let snapshot = &self.database.scope.snapshot;
        let identifier = snapshot.text(&target, dcterms::IDENTIFIER)?;
        let revision = snapshot.text(&target, tl::REVISION)?;
        let name = match (identifier, revision) {
            (Some(identifier), _) => identifier,
            (None, Some(revision)) => match snapshot.target(&target, tl::REVISION_OF)? {
                Some(part) => format!("{} {revision}", self.name_of(Some(part))?),
                None => revision,
            },
            (None, None) => snapshot.shorten(&target),
        };
        Ok(name)
    }

    /// Returns when a record was first committed.
    fn recorded_at(&self, record: &Record) -> Result<Option<Instant>, Failure> {
        let Some(class) = record.values(rdf::TYPE).next() else { return Ok(None) };
        let stated = Statement::new(record.subject.clone(), rdf::TYPE, class.clone());
        Ok(self.database.scope.snapshot.origin(&stated)?.map(|commit| commit.time))
    }

    fn installations(&mut self) -> Result<(), Failure> {
        self.each(tl::INSTALLATION, |reader, record| {
            let (from, to) = (record.instant(tl::FROM), record.instant(tl::TO));
            let in_span = |at: Option<Instant>| at.is_some_and(|at| reader.span.contains(at));
            if !in_span(from) && !in_span(to) {
                return Ok(());
            }
            let item = reader.name_of(record.target(tl::COMPONENT))?;
            let twin = reader.name_of(record.target(tl::PARENT))?;
            let place =
                record.text(tl::POSITION).map_or_else(String::new, |position| format!(" at {position}"));
            let text = reader.database.scope.snapshot.shorten(&record.subject);
            let event =
                Event { twin: twin.clone(), item: item.clone(), text: text.clone(), ..Event::default() };
            let title = format!("{item} installed in {twin}{place}");
            reader.take(from, Event { kind: "INSTALLATION".to_owned(), title, ..event.clone() })?;
            let reason = record.text(tl::REMOVAL_REASON).map_or(text, str::to_owned);
            let title = format!("{item} removed from {twin}{place}");
            reader.take(to, Event { kind: "REMOVAL".to_owned(), title, text: reason, ..event })
        })
    }

    fn modifications(&mut self) -> Result<(), Failure> {
        self.each(tl::MODIFICATION, |reader, record| {
            let (twin, item) =
                (reader.name_of(record.target(tl::OF))?, reader.name_of(record.target(tl::REALIZES))?);
            let text = reader.name_of(record.target(tl::PER))?;
            let title = format!("{twin} modified to {item}");
            reader.take(
                record.instant(tl::AT),
                Event { kind: "MODIFICATION".to_owned(), twin, item, title, text, ..Event::default() },
            )
        })
    }

    fn field_events(&mut self) -> Result<(), Failure> {
        self.each(tl::FIELD_EVENT, |reader, record| {
            let kind = record.text(tl::KIND).unwrap_or("EVENT").to_owned();
            let (twin, item) =
                (reader.name_of(record.target(tl::ON))?, reader.name_of(record.target(tl::FAILURE_MODE))?);
            let mode = if item.is_empty() { String::new() } else { format!(": {item}") };
            let title = format!("{kind} of {twin}{mode}");
            let text = record.text(tl::NOTE).unwrap_or_default().to_owned();
            reader.take(record.instant(tl::AT), Event { kind, twin, item, title, text, ..Event::default() })
        })
    }

    fn findings(&mut self) -> Result<(), Failure> {
        for class in [tl::FINDING_CLASS, tl::DATA_FINDING] {
            self.each(class, |reader, record| {
                let title = match record.text(dcterms::TITLE) {
                    Some(title) => title.to_owned(),
                    None => reader.database.scope.snapshot.shorten(&record.subject),
                };
                let (design, mut twin) = (record.target(tl::DESIGN), record.target(tl::TWIN));
                if let Some(design) = &design
                    && thread::is_instance(&reader.database.scope.snapshot, design, tl::TWIN_INSTANCE)?
                {
                    twin = twin.or_else(|| Some(design.clone()));
                }
                let (twin, item) = (reader.name_of(twin)?, reader.name_of(design)?);
                let text = [record.text(tl::STATE), record.text(dcterms::DESCRIPTION)];
                let text = text.into_iter().flatten().collect::<Vec<_>>().join(": ");
                let at = record
                    .instant(tl::OPENED_AT)
                    .map_or_else(|| reader.recorded_at(record), |at| Ok(Some(at)))?;
                reader.take(
                    at,
                    Event { kind: "FINDING".to_owned(), twin, item, title, text, ..Event::default() },
                )
            })?;
        }
        Ok(())
    }

    /// Takes the commits, newest first, until one is older than the span.
    fn commits(&mut self) -> Result<(), Failure> {
        let mut after = None;
        loop {
            self.database.check()?;
            let commits = self.database.log(after, COMMITS_PER_READ)?;
            for commit in &commits {
                let (title, text) = commit.message.split_once('\n').unwrap_or((&commit.message, ""));
                let by = format!("{} by {}", commit.id, commit.author.name);
                let text = [text.trim(), &by]
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n");
                let (kind, title) = ("COMMIT".to_owned(), title.to_owned());
                self.take(Some(commit.time), Event { kind, title, text, ..Event::default() })?;
            }
            let is_older = commits.last().is_none_or(|commit| commit.order < self.span.from());
            if is_older || commits.len() < COMMITS_PER_READ {
                return Ok(());
            }
            after = commits.last().map(|commit| commit.id);
        }
    }
}
