//! Which series observes a property on an item, stretch by stretch.
//!
//! The item's own signals come first, then those of what it sits in, nearest first, for its place there. At each
//! level the unit's own signals override its design's while they are valid; of two of the same layer the one valid from
//! later on counts. Where two claim the same time alike, or one fits two series, nothing is guessed: unless no two of
//! these have samples in one stretch of the time asked about, as where a sender goes by another name from some day on; then
//! each is bound from its first sample there.

use crate::model::number::quantity::{Conversion, Transform};
use crate::model::statement::value;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::telemetry::{self, Piece, Plan, Plausible, Series, SeriesId, Summary, View};
use crate::twins::error::Error;
use crate::twins::facts::Facts;
use crate::twins::facts::member::Member;
use crate::twins::facts::signal::Signal;
use foldhash::HashMap;
use oxigraph::model::NamedNode;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

/// What observes a property in one stretch.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Binding {
    pub(in crate::twins) within: Interval,
    /// The twin whose telemetry it is.
    pub(in crate::twins) owner: NamedNode,
    pub(in crate::twins) found: Found,
    /// Whether the signal is the design's and not the unit's own.
    pub(in crate::twins) by_design: bool,
}

/// What was found.
#[derive(Clone, Debug)]
pub(in crate::twins) enum Found {
    /// One signal, one series.
    Series(Arc<Signal>, SeriesId),
    /// One signal, but nothing was ever sent for it.
    Silent(Arc<Signal>),
    /// One signal that fits several series.
    ManySeries(Arc<Signal>, Vec<Series>),
    /// Several signals of the same rank.
    ManySignals(Vec<Arc<Signal>>),
    /// No signal observes the property there.
    NoSignal,
}

/// Where on a unit the property is looked for.
#[derive(Clone, Debug)]
enum Position {
    /// On the unit itself, or at all its positions where nothing observes the unit as a whole.
    Anywhere,
    /// On the unit as a whole.
    Whole,
    /// At one of its positions.
    At(String),
}

/// Signals of a unit for one place and property.
struct Level {
    owner: NamedNode,
    place: Position,
}

/// Finds bindings; remembers the series of each twin.
pub(in crate::twins) struct Binder<'a> {
    facts: &'a Facts<'a>,
    pub(in crate::twins) view: &'a View,
    series: RefCell<HashMap<NamedNode, Rc<Vec<Series>>>>,
    /// Units that are looked up together, by level, until they are.
    together: RefCell<Vec<Vec<NamedNode>>>,
    /// The level of each of these.
    depths: RefCell<HashMap<NamedNode, usize>>,
}

impl<'a> Binder<'a> {
    pub(in crate::twins) fn new(facts: &'a Facts<'a>, view: &'a View) -> Self {
        Self {
            facts,
            view,
            series: RefCell::default(),
            together: RefCell::default(),
            depths: RefCell::default(),
        }
    }

    /// Returns what observes a property on a member within a stretch of its time; together the bindings cover the stretch.
    pub(in crate::twins) fn bind(
        &self,
        member: &Member,
        property: &NamedNode,
        within: Interval,
    ) -> Result<Vec<Binding>, Error> {
        self.descend(&levels(member), property, within)
    }

    /// Returns what observes the property of a condition: as [`Self::bind`], and failing that on the units that the
    /// member sits in as a whole, as the load of a machine is a condition for each of its bearings.
    pub(in crate::twins) fn bind_condition(
        &self,
        member: &Member,
        property: &NamedNode,
        within: Interval,
    ) -> Result<Vec<Binding>, Error> {
        let mut levels = levels(member);
        let wholes = member.seats.iter();
        levels.extend(wholes.map(|seat| Level { owner: seat.parent.clone(), place: Position::Whole }));
        self.descend(&levels, property, within)
    }

    /// Returns what each signal of a unit is bound to, in order of property, position and time.
    pub(super) fn bind_all(&self, twin: &NamedNode, within: Interval) -> Result<Vec<Binding>, Error> {
        let mut channels: BTreeSet<(NamedNode, Option<String>)> = BTreeSet::new();
        self.facts.each_signal(twin, |signal| {
            channels.insert((signal.property.clone(), signal.position.clone()));
        })?;
        let mut bindings = Vec::new();
        for (property, position) in channels {
            let place = position.map_or(Position::Whole, Position::At);
            let (mut claims, _) = self.claims(&Level { owner: twin.clone(), place }, &property, within)?;
            claims.sort_by_key(|claim| claim.within);
            for claim in claims {
                bindings.extend(self.resolve(twin, claim)?);
            }
        }
        Ok(bindings)
    }

    /// Asks level after level for the stretches that nearer levels do not bind.
    fn descend(
        &self,
        levels: &[Level],
        property: &NamedNode,
        within: Interval,
    ) -> Result<Vec<Binding>, Error> {
        let Some((level, deeper)) = levels.split_first() else { return Ok(Vec::new()) };
        let (claims, free) = self.claims(level, property, within)?;
        let mut bindings = Vec::new();
        let resolved = claims.into_iter().map(|claim| self.resolve(&level.owner, claim));
        for binding in resolved.collect::<Result<Vec<_>, _>>()?.into_iter().flatten() {
            if matches!(binding.found, Found::Silent(_)) {
                let others = self.descend(deeper, property, binding.within)?;
                if others.iter().any(|other| matches!(other.found, Found::Series(..))) {
                    bindings.extend(others);
                    continue;
                }
            }
            bindings.push(binding);
        }
        for within in free {
            if deeper.is_empty() {
                let (owner, found) = (level.owner.clone(), Found::NoSignal);
                bindings.push(Binding { within, owner, found, by_design: false });
            } else {
                bindings.extend(self.descend(deeper, property, within)?);
            }
        }
        Ok(bindings)
    }

    /// Returns which signals of a level apply when, and when none does.
    fn claims(
        &self,
        level: &Level,
        property: &NamedNode,
        within: Interval,
    ) -> Result<(Vec<Claim>, Vec<Interval>), Error> {
        let own = self.facts.own_signals(&level.owner)?;
        let (mut claims, mut free) = (Vec::new(), Vec::new());
        for era in self.facts.eras(&level.owner)?.iter() {
            let Some(within) = era.within.intersect(within) else { continue };
            let design = match &era.revision {
                Some(revision) => self.facts.signals(revision)?,
                None => Arc::default(),
            };
            let own = own.iter().filter(|signal| signal.property == *property);
            let design = design.iter().filter(|signal| signal.property == *property);
            let layers = [own.collect::<Vec<_>>(), design.collect()];
            // A stretch that one of several channels does not cover is left to the others.
            let mut rest = vec![within];
            for channel in channels(&layers, &level.place) {
                let uncovered = claim(&layers, channel.as_deref(), within, &mut claims);
                rest = rest.into_iter().flat_map(|span| shared(span, &uncovered)).collect();
            }
            free.extend(rest);
        }
        Ok((claims, free))
    }

    fn resolve(&self, owner: &NamedNode, claim: Claim) -> Result<Vec<Binding>, Error> {
        let Claim { within, mut signals, by_design } = claim;
        let one = |within, found| Binding { within, owner: owner.clone(), found, by_design };
        if signals.len() > 1 {
            return Ok(vec![one(within, Found::ManySignals(signals))]);
        }
        let signal = signals.remove(0);
        let mut fitting: Vec<Series> =
            self.series_of(owner)?.iter().filter(|series| signal.names(series)).cloned().collect();
        Ok(match fitting.len() {
            0 => vec![one(within, Found::Silent(signal))],
            1 => vec![one(within, Found::Series(signal, fitting.remove(0).id))],
            _ => match self.alternate(&fitting, within)? {
                None => vec![one(within, Found::ManySeries(signal, fitting))],
                Some(spans) if spans.is_empty() => vec![one(within, Found::Silent(signal))],
                Some(spans) => {
                    let series = |(within, id)| one(within, Found::Series(signal.clone(), id));
                    spans.into_iter().map(series).collect()
                }
            },
        })
    }

    /// Shares a stretch out among series of which no two have samples in one stretch of it; one without samples gets nothing.
    /// `None` where two have, or where it cannot be decided: of what is not pinned, or was deleted by age.
    fn alternate(
        &self,
        series: &[Series],
        within: Interval,
    ) -> Result<Option<Vec<(Interval, SeriesId)>>, Error> {
        let Ok(known) = Interval::new(within.from().max(Instant::from_nanos(0)), within.to()) else {
            return Ok(Some(Vec::new()));
        };
        if series.iter().any(|series| !self.view.answers(series.id, known)) {
            return Ok(None);
        }
        let pieces: Vec<Piece> =
            series.iter().enumerate().map(|(cell, series)| plain(series.id, known, cell)).collect();
        let plan = Plan { cells: series.len(), quantiles: false, ..Plan::whole(known) };
        let cells = match self.view.aggregate(&pieces, &plan) {
            Err(telemetry::Error::Expired { .. }) => return Ok(None),
            cells => cells?,
        };
        let ends = |cell: &Vec<Summary>| Some((cell.first()?.first?.at, cell.first()?.last?.at));
        let mut spoken: Vec<_> = cells
            .iter()
            .zip(series)
            .filter_map(|(cell, series)| ends(cell).map(|(first, last)| (first, last, series.id)))
            .collect();
        spoken.sort_unstable();
        if spoken.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            return Ok(None);
        }
        let begins = spoken.iter().skip(1).map(|(first, ..)| *first);
        let edges: Vec<_> = std::iter::once(within.from()).chain(begins).chain([within.to()]).collect();
        let spans = edges.windows(2).zip(&spoken);
        let spans = spans.filter_map(|(edge, (.., id))| Some((Interval::new(edge[0], edge[1]).ok()?, *id)));
        Ok(Some(spans.collect()))
    }

    /// Announces the members that will be asked for: the series of all units of one level are then looked up in one batch.
    pub(in crate::twins) fn expect<'m>(&self, members: impl Iterator<Item = &'m Member>) {
        let (mut together, mut depths) = (self.together.borrow_mut(), self.depths.borrow_mut());
        for member in members {
            for (depth, level) in levels(member).into_iter().enumerate() {
                let levels = together.len().max(depth + 1);
                together.resize_with(levels, Vec::new);
                depths.entry(level.owner).or_insert_with_key(|owner| {
                    together[depth].push(owner.clone());
                    depth
                });
            }
        }
    }

    /// Announces the units that will be asked for by themselves: their series are then looked up in one batch.
    pub(super) fn expect_units(&self, units: &[NamedNode]) {
        let (mut together, mut depths) = (self.together.borrow_mut(), self.depths.borrow_mut());
        let level = together.len();
        together.push(Vec::new());
        for unit in units {
            depths.entry(unit.clone()).or_insert_with(|| {
                together[level].push(unit.clone());
                level
            });
        }
    }

    /// Returns the series of a twin under each of its names: its IRI, the short form of it, and its serial where no
    /// other twin bears that.
    pub(super) fn series_of(&self, twin: &NamedNode) -> Result<Rc<Vec<Series>>, Error> {
        if let Some(known) = self.series.borrow().get(twin) {
            return Ok(Rc::clone(known));
        }
        let depth = self.depths.borrow().get(twin).copied();
        let level = depth.map(|depth| std::mem::take(&mut self.together.borrow_mut()[depth]));
        self.look_up(&level.filter(|level| !level.is_empty()).unwrap_or_else(|| vec![twin.clone()]))?;
        Ok(self.series.borrow().get(twin).cloned().unwrap_or_default())
    }

    /// Looks up the series of twins in one call.
    fn look_up(&self, twins: &[NamedNode]) -> Result<(), Error> {
        let (mut names, mut counts) = (Vec::new(), Vec::new());
        for twin in twins {
            let serial = self.facts.twin(twin)?.serial.clone();
            let mut own = BTreeSet::from([twin.as_str().to_owned(), self.facts.snapshot.shorten(twin)]);
            own.extend(serial.iter().flat_map(|serial| value::names(serial)));
            counts.push((own.len(), serial));
            names.extend(own);
        }
        let found = self.view.series_of_each(&names);
        let mut found = names.into_iter().zip(found);
        for (twin, (count, serial)) in twins.iter().zip(counts) {
            let mut series = Vec::new();
            for (name, of_name) in found.by_ref().take(count) {
                let named = twin.as_str() == name || self.facts.snapshot.shorten(twin) == name;
                let by_serial =
                    || serial.as_deref().is_some_and(|serial| value::name(serial) == value::name(&name));
                if !of_name.is_empty() && (named || (by_serial() && self.facts.is_unique(twin)?)) {
                    series.extend(of_name);
                }
            }
            self.series.borrow_mut().insert(twin.clone(), Rc::new(series));
        }
        Ok(())
    }
}

/// Asks for the samples of a series as they are.
fn plain(series: SeriesId, within: Interval, cell: usize) -> Piece {
    let (conversion, transform) = (Conversion::IDENTITY, Transform::None);
    Piece {
        series,
        within,
        conversion,
        transform,
        hold_ns: 0,
        cell,
        guards: Arc::new([]),
        plausible: Plausible::ALL,
    }
}

fn shared(span: Interval, others: &[Interval]) -> Vec<Interval> {
    others.iter().filter_map(|other| span.intersect(*other)).collect()
}

fn levels(member: &Member) -> Vec<Level> {
    let own = member.is_twin().then(|| Level { owner: member.item.clone(), place: Position::Anywhere });
    let above = member.seats.iter().map(|seat| {
        let position = seat.position.clone();
        let place = if position.is_empty() { Position::Anywhere } else { Position::At(position) };
        Level { owner: seat.parent.clone(), place }
    });
    own.into_iter().chain(above).collect()
}

/// Signals that apply to a stretch: one, or several of the same rank.
struct Claim {
    within: Interval,
    signals: Vec<Arc<Signal>>,
    by_design: bool,
}

/// Returns the positions that are to be bound separately.
fn channels(layers: &[Vec<&Arc<Signal>>], place: &Position) -> Vec<Option<String>> {
    let positions: BTreeSet<Option<String>> =
        layers.iter().flatten().map(|signal| signal.position.clone()).collect();
    let only = |wanted: Option<String>| positions.get(&wanted).cloned().into_iter().collect();
    match place {
        Position::At(position) => only(Some(position.clone())),
        Position::Whole => only(None),
        Position::Anywhere if positions.contains(&None) => only(None),
        Position::Anywhere => positions.into_iter().collect(),
    }
}

/// Gives a stretch to signals, layer by layer; returns what none of them is valid in.
fn claim(
    layers: &[Vec<&Arc<Signal>>],
    channel: Option<&str>,
    within: Interval,
    claims: &mut Vec<Claim>,
) -> Vec<Interval> {
    let mut free = vec![within];
    for (layer, signals) in layers.iter().enumerate() {
        let mut signals: Vec<&Arc<Signal>> =
            signals.iter().filter(|signal| signal.position.as_deref() == channel).copied().collect();
        signals.sort_by(|a, b| b.valid.from().cmp(&a.valid.from()).then(a.iri.as_str().cmp(b.iri.as_str())));
        for equals in signals.chunk_by(|a, b| a.valid.from() == b.valid.from()) {
            free = free.into_iter().flat_map(|span| share(span, equals, layer == 1, claims)).collect();
        }
    }
    free
}

/// Gives a stretch to signals valid from the same instant on, cut where one of them ends.
fn share(
    span: Interval,
    signals: &[&Arc<Signal>],
    by_design: bool,
    claims: &mut Vec<Claim>,
) -> Vec<Interval> {
    let mut ends: BTreeSet<_> = signals.iter().map(|signal| signal.valid.to()).collect();
    ends.extend(signals.first().map(|signal| signal.valid.from()));
    ends.extend([span.from(), span.to()]);
    let edges: Vec<_> = ends.into_iter().filter(|end| span.from() <= *end && *end <= span.to()).collect();
    let mut free = Vec::new();
    for pair in edges.windows(2) {
        let Ok(within) = Interval::new(pair[0], pair[1]) else { continue };
        let valid = signals.iter().filter(|signal| signal.valid.intersect(within).is_some());
        let signals: Vec<_> = valid.map(|signal| Arc::clone(signal)).collect();
        if signals.is_empty() {
            free.push(within);
        } else {
            claims.push(Claim { within, signals, by_design });
        }
    }
    free
}
