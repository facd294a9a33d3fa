//! How an answer is cut: by unit and group into cells, by bucket and month into slices.

use super::question::{GroupBy, Question, TwinFilter};
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::twins::error::Error;
use crate::twins::facts::member::Member;
use crate::twins::facts::{Facts, spans};
use foldhash::HashMap;
use oxigraph::model::NamedNode;

/// What a group has in common.
pub(in crate::twins) type GroupKey = Vec<(GroupBy, String)>;

/// A member's time inside the window, and where in the answer it counts.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Stretch {
    pub(in crate::twins) member: Member,
    pub(in crate::twins) within: Interval,
    pub(in crate::twins) cell: usize,
}

/// The cells and slices of an answer.
#[derive(Debug)]
pub(in crate::twins) struct Grid {
    /// The certain stretches, in order of item and time.
    pub(super) stretches: Vec<Stretch>,
    /// The units, in the order in which they were met, with their serials.
    pub(in crate::twins) units: Vec<(NamedNode, Option<String>)>,
    /// The groups' keys, months left out.
    pub(in crate::twins) groups: Vec<GroupKey>,
    /// The unit and the group of each cell.
    pub(in crate::twins) cells: Vec<(usize, usize)>,
    /// For each cell, the times that may have been its own.
    pub(in crate::twins) unknown: Vec<Vec<Interval>>,
    pub(in crate::twins) slices: Vec<Slice>,
    pub(in crate::twins) buckets: Vec<Interval>,
}

/// A stretch of time that lies in one bucket and one month.
#[derive(Clone, Debug)]
pub(in crate::twins) struct Slice {
    pub(in crate::twins) within: Interval,
    pub(in crate::twins) bucket: Option<usize>,
    pub(in crate::twins) month: Option<String>,
}

/// More parts than this are refused: each holds a summary of its own.
pub(super) const PARTS_MAX: usize = 200_000;

/// The value in a key where the version does not state it.
const UNKNOWN: &str = "UNKNOWN";

impl Grid {
    pub(in crate::twins) fn of(facts: &Facts<'_>, question: &Question) -> Result<Self, Error> {
        let by_month = question.group_by.contains(&GroupBy::Month);
        let (slices, buckets) = slices(question.window, question.bucket, &question.zone, by_month)?;
        let mut draft = GridDraft::default();
        for member in facts.members(&question.item)?.iter() {
            let Some(within) = member.within.intersect(question.window) else { continue };
            if !passes(facts, member, &question.among)? {
                continue;
            }
            let cell = draft.cell(facts, member, question)?;
            // A unit whose revision nobody knows may have had one of those asked for.
            if member.certain && (question.among.revisions.is_empty() || member.revision.is_some()) {
                draft.stretches.push(Stretch { member: member.clone(), within, cell });
            } else {
                draft.unknown[cell].push(within);
            }
        }
        Ok(draft.finish(slices, buckets))
    }
}

#[derive(Default)]
struct GridDraft {
    stretches: Vec<Stretch>,
    units: Vec<(NamedNode, Option<String>)>,
    unit_places: HashMap<NamedNode, usize>,
    groups: Vec<GroupKey>,
    group_places: HashMap<GroupKey, usize>,
    cells: Vec<(usize, usize)>,
    cell_places: HashMap<(usize, usize), usize>,
    unknown: Vec<Vec<Interval>>,
}

impl GridDraft {
    fn cell(&mut self, facts: &Facts<'_>, member: &Member, question: &Question) -> Result<usize, Error> {
        let unit = self.unit(facts, member)?;
        let group = self.group(key(facts, member, &question.group_by, question.position_depth)?);
        Ok(*self.cell_places.entry((unit, group)).or_insert_with(|| {
            self.cells.push((unit, group));
            self.unknown.push(Vec::new());
            self.cells.len() - 1
        }))
    }

    fn group(&mut self, key: GroupKey) -> usize {
        *self.group_places.entry(key).or_insert_with_key(|key| {
            self.groups.push(key.clone());
            self.groups.len() - 1
        })
    }

    fn unit(&mut self, facts: &Facts<'_>, member: &Member) -> Result<usize, Error> {
        let unit = member.unit();
        if let Some(known) = self.unit_places.get(unit) {
            return Ok(*known);
        }
        self.units.push((unit.clone(), facts.twin(unit)?.serial.clone()));
        self.unit_places.insert(unit.clone(), self.units.len() - 1);
        Ok(self.units.len() - 1)
    }

    /// Leaves of the uncertain times what is not certain for the same unit anyway.
    fn finish(self, slices: Vec<Slice>, buckets: Vec<Interval>) -> Grid {
        let mut certain = vec![Vec::new(); self.units.len()];
        for stretch in &self.stretches {
            certain[self.cells[stretch.cell].0].push(stretch.within);
        }
        let unknown = self.unknown.into_iter().zip(&self.cells);
        let unknown =
            unknown.map(|(spans, cell)| spans::minus(&Interval::union(spans), &certain[cell.0])).collect();
        let Self { stretches, units, groups, cells, .. } = self;
        Grid { stretches, units, groups, cells, unknown, slices, buckets }
    }
}

/// Returns what a member's group has in common, months left out.
pub(in crate::twins) fn key(
    facts: &Facts<'_>,
    member: &Member,
    group_by: &[GroupBy],
    position_depth: Option<usize>,
) -> Result<GroupKey, Error> {
    let iri = |iri: Option<NamedNode>| iri.map(|iri| facts.snapshot.shorten(&iri));
    let mut key = Vec::new();
    for by in group_by {
        let value = match by {
            GroupBy::Unit => iri(Some(member.unit().clone())),
            GroupBy::Lot => iri(member.lot(facts)?),
            GroupBy::Site => facts.twin(member.asset())?.site.clone(),
            GroupBy::Revision => iri(member.revision.clone()),
            GroupBy::Position => Some(steps(member.path(), position_depth).to_owned()),
            GroupBy::Month => continue,
        };
        key.push((*by, value.unwrap_or_else(|| UNKNOWN.to_owned())));
    }
    Ok(key)
}

/// Puts the month where the question names it in the key.
pub(in crate::twins) fn with_month(
    key: &[(GroupBy, String)],
    group_by: &[GroupBy],
    month: Option<&str>,
) -> GroupKey {
    let mut rest = key.iter();
    let value = |by: &GroupBy| match (by, month) {
        (GroupBy::Month, Some(month)) => Some((GroupBy::Month, month.to_owned())),
        (GroupBy::Month, None) => None,
        _ => rest.next().cloned(),
    };
    group_by.iter().filter_map(value).collect()
}

/// Returns the first steps of a path, all of them where no depth is given.
fn steps(path: &str, depth: Option<usize>) -> &str {
    let Some(depth) = depth else { return path };
    path.match_indices('/').nth(depth.saturating_sub(1)).map_or(path, |(end, _)| &path[..end])
}

/// Returns whether a member is among the units that count.
pub(in crate::twins) fn passes(
    facts: &Facts<'_>,
    member: &Member,
    among: &TwinFilter,
) -> Result<bool, Error> {
    if *among == TwinFilter::default() {
        return Ok(true);
    }
    if among.position.as_ref().is_some_and(|position| !is_below(member.path(), position)) {
        return Ok(false);
    }
    let (asset, unit) = (facts.twin(member.asset())?, facts.twin(member.unit())?);
    let named = |wanted: &[String], iri: &NamedNode, name: Option<&String>| {
        let short = facts.snapshot.shorten(iri);
        wanted.iter().any(|wanted| Some(wanted) == name || *wanted == short || wanted == iri.as_str())
    };
    let site = among.sites.is_empty() || asset.site.as_ref().is_some_and(|site| among.sites.contains(site));
    let mut serial = among.serials.is_empty() || named(&among.serials, member.unit(), unit.serial.as_ref());
    for seat in member.seats.iter().filter(|_| !among.serials.is_empty()) {
        serial = serial || named(&among.serials, &seat.parent, facts.twin(&seat.parent)?.serial.as_ref());
    }
    let lot = among.lots.is_empty()
        || match member.lot(facts)? {
            Some(lot) => named(&among.lots, &lot, facts.lot(&lot)?.identifier.as_ref()),
            None => false,
        };
    let revision = among.revisions.is_empty()
        || member.revision.as_ref().is_none_or(|revision| named(&among.revisions, revision, None));
    Ok(site && serial && lot && revision)
}

/// Returns whether a path is a position or goes on below it.
fn is_below(path: &str, position: &str) -> bool {
    path.strip_prefix(position).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Cuts the window at the edges of buckets and, where they matter, of months.
pub(in crate::twins) fn slices(
    window: Interval,
    bucket: Option<Period>,
    zone: &Zone,
    by_month: bool,
) -> Result<(Vec<Slice>, Vec<Interval>), Error> {
    let cut = |period: Period| period.buckets(window, zone, PARTS_MAX);
    let buckets = bucket.map(cut).transpose()?.unwrap_or_default();
    let months = if by_month { months(window, zone)? } else { Vec::new() };
    let spans = buckets.iter().chain(&months).filter_map(|span| span.intersect(window));
    let mut edges: Vec<_> = spans.flat_map(|span| [span.from(), span.to()]).collect();
    edges.extend([window.from(), window.to()]);
    edges.sort_unstable();
    edges.dedup();
    let spans = edges.windows(2).filter_map(|pair| Interval::new(pair[0], pair[1]).ok());
    let slices = spans.map(|within| {
        let month = months.get(months.partition_point(|month| month.to() <= within.from()));
        let bucket = buckets.partition_point(|bucket| bucket.to() <= within.from());
        Slice {
            within,
            bucket: (bucket < buckets.len()).then_some(bucket),
            month: month.map(|month| name_of(*month)),
        }
    });
    Ok((slices.collect(), buckets))
}

/// Returns the whole months of a zone that touch a window, and some around it.
fn months(window: Interval, zone: &Zone) -> Result<Vec<Interval>, Error> {
    const MARGIN_NS: i64 = 40 * 86_400_000_000_000;
    let (from, to) = (window.from().plus_nanos(-MARGIN_NS), window.to().plus_nanos(MARGIN_NS));
    let wide = Interval::new(from, to).unwrap_or(window);
    Ok(Period::from_months(1).buckets(wide, zone, PARTS_MAX)?)
}

/// Names a month by its middle, which lies in the same month in every zone.
fn name_of(month: Interval) -> String {
    let mut name = month.from().plus_nanos(month.nanos() / 2).to_string();
    name.truncate("2024-05".len());
    name
}
