//! A request of many points: the good ones become samples, the bad ones are named by the line that they begin in.

use super::catalog::{Catalog, Fields, Names};
use super::limits::Limits;
use super::line::{self, Line, Precision, Unkept};
use super::notes::SkippedText;
use super::points::{Point, Points};
use super::refusals::Refusals;
use super::staged::Staged;
use super::timestamp_precision::Stamps;
use crate::model::utf8;
use crate::telemetry::error::Error;
use std::collections::{BTreeSet, HashMap, HashSet};

/// A request that is read piece by piece.
pub(in crate::telemetry) struct Lines<'a> {
    points: Points<'a>,
    precision: Precision,
    now: i64,
    stamps: Stamps,
    /// Whether the instants are known to be of the precision that is given.
    is_plausible: bool,
    /// Whether the rest was searched for a recent instant, in vain.
    is_searched: bool,
}

/// What was read of a request.
pub(in crate::telemetry) struct Read<'a> {
    /// The samples of the good lines.
    pub(in crate::telemetry) staged: Staged,
    /// The bad lines.
    pub(in crate::telemetry) rejected: Refusals,
    /// Text fields beside fields that are stored.
    pub(in crate::telemetry) skipped: Option<SkippedText>,
    /// Texts that were met for the first time, with the place of the series they name.
    pub(in crate::telemetry) fresh: HashMap<&'a [u8], Vec<(&'a [u8], u32)>>,
}

/// No sender means a point longer than this.
const POINT_BYTES_MAX: usize = 1 << 20;
/// How much of a request is read while the names of series are locked.
const LOCKED_BYTES: usize = 1 << 20;

impl<'a> Lines<'a> {
    /// Begins to read the points of a request; points without an instant get `now`. Refused is a request that is not UTF-8.
    pub(in crate::telemetry) fn of(
        body: &'a [u8],
        precision: Precision,
        (now, latest): (i64, i64),
    ) -> Result<Self, Error> {
        let body = utf8::without_mark(body).map_err(|error| Error::Encoding(format!("the body {error}")))?;
        let (points, stamps) = (Points::of(body), Stamps::new(precision, latest));
        Ok(Self { points, precision, now, stamps, is_plausible: false, is_searched: false })
    }

    /// Reads the next points, until there are so many samples, which may bring new series within limits; returns too whether there
    /// are more points. Refused is a request of which every instant shows that its precision is not the one given: that is so before
    /// anything of it is returned.
    pub(in crate::telemetry) fn read(
        &mut self,
        samples_max: usize,
        limits: Limits,
        catalog: &Catalog,
    ) -> Result<(Read<'a>, bool), Error> {
        let mut read = Read {
            staged: Staged::new(limits),
            rejected: Refusals::default(),
            skipped: None,
            fresh: HashMap::new(),
        };
        let mut more = true;
        while more && read.staged.at.len() < samples_max {
            let names = catalog.read();
            let locked_until = self.points.at() + LOCKED_BYTES;
            more = loop {
                let Some(point) = self.points.next() else { break false };
                read.take(&point, self, &names);
                if self.points.at() >= locked_until || read.staged.at.len() >= samples_max {
                    break true;
                }
            };
        }
        self.check_precision()?;
        self.search_recent();
        read.refuse_coarse(self);
        Ok((read, more))
    }

    /// Looks at the instants that follow too, as long as all so far show another precision.
    fn check_precision(&mut self) -> Result<(), Error> {
        if self.is_plausible {
            return Ok(());
        }
        let mut following = self.points.clone();
        while let Some(message) = self.stamps.refuse() {
            let Some(point) = following.next() else { return Err(Error::Precision(message)) };
            self.stamps.take_of(&point);
        }
        self.is_plausible = true;
        Ok(())
    }

    /// Looks for a recent instant in what follows, where the lines so far do not show whether those of January 1970 are meant so.
    fn search_recent(&mut self) {
        if self.is_searched || !self.stamps.is_open() {
            return;
        }
        for point in self.points.clone() {
            self.stamps.take_of(&point);
            if !self.stamps.is_open() {
                return;
            }
        }
        self.is_searched = true;
    }
}

/// Returns the twins of the good lines of a request, by the names that they have there. A line that is refused names none.
pub fn twins(body: &[u8]) -> Result<BTreeSet<String>, Error> {
    let body = utf8::without_mark(body).map_err(|error| Error::Encoding(format!("the body {error}")))?;
    let mut heads = HashSet::new();
    let mut twins = BTreeSet::new();
    for point in Points::of(body).filter(|point| point.unclosed.is_none()) {
        if let Ok(line) = Line::cut(point.text)
            && heads.insert(line.head)
            && let Ok(key) = line::head(line.head)
        {
            twins.insert(key.twin);
        }
    }
    Ok(twins)
}

/// How many fields of one point are described.
const REASONS_MAX: usize = 10;

impl<'a> Read<'a> {
    /// Reads one point; what of it cannot be stored is noted.
    fn take(&mut self, point: &Point<'a>, lines: &mut Lines<'a>, names: &Names) {
        if let Some(opening) = point.unclosed {
            let last = point.line + point.lines - 1;
            let covered =
                if last == point.line { "that line" } else { &format!("lines {} to {last}", point.line) };
            let message =
                format!("a quoted string opens in line {opening} and does not end: {covered} cannot be read");
            return self.rejected.push_lines(point.line, point.lines, message);
        }
        let length = self.staged.at.len();
        if let Err(message) = self.point(point, lines, names) {
            self.staged.truncate(length);
            self.rejected.push(point.line, message);
        }
    }

    fn point(&mut self, point: &Point<'a>, lines: &mut Lines<'a>, names: &Names) -> Result<(), String> {
        let length = point.text.len();
        if length > POINT_BYTES_MAX {
            return Err(format!("the line has {length} bytes, at most {POINT_BYTES_MAX} are taken"));
        }
        let line = Line::cut(point.text)?;
        let stamp = line.stamp()?;
        lines.stamps.take(stamp);
        let at = line::instant(stamp, lines.precision, lines.now)?;
        let start = self.staged.at.len();
        let known = names.fields(line.head);
        let (mut unknown, mut unkept) = (Vec::new(), Vec::new());
        let staged = &mut self.staged;
        let mut next = 0;
        line.fields(|field, value| match (value, known.and_then(|known| find(known, field, next))) {
            (Err(reason), _) => unkept.push((field, reason)),
            (Ok(value), None) => unknown.push((field, value)),
            (Ok(value), Some(place)) => {
                staged.push(known.map_or(0, |known| known[place].1.0), at, value);
                next = place + 1;
            }
        })?;
        if !unknown.is_empty() {
            self.meet(line.head, &unknown, at, names)?;
        }
        self.staged.series[start..].iter().try_for_each(|series| names.check_open(*series, at))?;
        let stored = self.staged.at.len() - start;
        lines.stamps.take_samples(stamp, point.line, start..start + stored);
        if unkept.is_empty() { Ok(()) } else { self.leave_out(point.line, stored, &unkept) }
    }

    /// Refuses the lines that were sent in another precision than the others.
    fn refuse_coarse(&mut self, lines: &mut Lines<'a>) {
        let coarse = lines.stamps.take_coarse();
        if coarse.is_empty() {
            return;
        }
        self.staged.remove(coarse.iter().map(|coarse| coarse.samples.clone()));
        coarse.iter().for_each(|coarse| self.rejected.push(coarse.line, coarse.describe(lines.precision)));
        self.rejected.listed.sort_by_key(|rejected| rejected.line);
    }

    /// Notes the fields of a point that cannot be kept. Text beside what is stored is no error of the sender: an OPC UA client
    /// writes the quality of each value that way.
    fn leave_out(
        &mut self,
        line: usize,
        stored: usize,
        unkept: &[(&[u8], Unkept<'_>)],
    ) -> Result<(), String> {
        let is_named = |unkept: &Unkept<'_>| stored == 0 || !matches!(unkept, Unkept::Text(_));
        let named = unkept.iter().filter(|(_, unkept)| is_named(unkept));
        let reasons: Vec<_> = named.take(REASONS_MAX).map(|(field, unkept)| unkept.describe(field)).collect();
        if stored == 0 {
            return Err(reasons.join("; "));
        }
        if !reasons.is_empty() {
            let message = format!("{}; the other fields of the line are stored", reasons.join("; "));
            self.rejected.push(line, message);
        }
        for (field, _) in unkept.iter().filter(|(_, unkept)| !is_named(unkept)) {
            let first = || SkippedText { count: 0, line, field: line::shown(field) };
            self.skipped.get_or_insert_with(first).count += 1;
        }
        Ok(())
    }

    /// Takes in fields whose text was not met before.
    fn meet(
        &mut self,
        head: &'a [u8],
        fields: &[(&'a [u8], f64)],
        at: i64,
        names: &Names,
    ) -> Result<(), String> {
        let mut key = None;
        for (field, value) in fields {
            let met = self.fresh.get(head).and_then(|met| met.iter().find(|(known, _)| known == field));
            let place = match met {
                Some((_, place)) => *place,
                None => {
                    let mut named = match key.take() {
                        Some(key) => key,
                        None => line::head(head)?,
                    };
                    named.field = line::field_name(field)?;
                    let place = self.staged.place(names, &named)?;
                    key = Some(named);
                    self.fresh.entry(head).or_default().push((field, place));
                    place
                }
            };
            self.staged.push(place, at, *value);
        }
        Ok(())
    }
}

/// Finds a field; most lines of a sender repeat the order of the one before.
#[inline]
fn find(known: &Fields, field: &[u8], guess: usize) -> Option<usize> {
    let matches = |place: usize| known.get(place).is_some_and(|(name, _)| **name == *field);
    if matches(guess) { Some(guess) } else { (0..known.len()).find(|place| matches(*place)) }
}
