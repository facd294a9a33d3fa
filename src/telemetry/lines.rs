//! A request of many lines: the good ones become samples, the bad ones are told by number.

use super::batch::{Refusals, Staged};
use super::catalog::{Fields, Names};
use super::error::Error;
use super::line::{self, Line, Precision};
use super::stamps::Stamps;
use crate::model::instant::Instant;
use memchr::memchr;
use std::collections::HashMap;

/// What a request held.
pub(super) struct Read<'a> {
    /// The samples of the good lines.
    pub(super) staged: Staged,
    /// The bad lines.
    pub(super) rejected: Refusals,
    /// Texts that were met for the first time, with the place of the series they name.
    pub(super) fresh: HashMap<&'a [u8], Vec<(&'a [u8], u32)>>,
    stamps: Stamps,
}

/// No sender means a line longer than this.
const LINE_BYTES_MAX: usize = 1 << 20;

/// Reads all lines of a request, which may bring at most so many new series; lines without an instant get `now`. Refused as a
/// whole is a request of which every instant shows that its precision is not the one said.
pub(super) fn read<'a>(
    body: &'a [u8],
    precision: Precision,
    now: i64,
    series_max: usize,
    names: &Names,
) -> Result<Read<'a>, Error> {
    let mut staged = Staged::default();
    staged.series_max = series_max;
    let mut read =
        Read { staged, rejected: Refusals::default(), fresh: HashMap::new(), stamps: Stamps::default() };
    let (mut rest, mut number) = (body, 0);
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let text = rest[..end].trim_ascii();
        rest = rest.get(end + 1..).unwrap_or_default();
        number += 1;
        if text.is_empty() || text[0] == b'#' {
            continue;
        }
        let length = read.staged.at.len();
        if let Err(message) = read.line(text, precision, now, names) {
            read.staged.truncate(length);
            read.rejected.push(number, message);
        }
    }
    match read.stamps.refuse(precision, now) {
        Some(message) => Err(Error::Precision(message)),
        None => Ok(read),
    }
}

impl<'a> Read<'a> {
    fn line(&mut self, text: &'a [u8], precision: Precision, now: i64, names: &Names) -> Result<(), String> {
        if text.len() > LINE_BYTES_MAX {
            return Err(format!("the line has {} bytes, at most {LINE_BYTES_MAX} are taken", text.len()));
        }
        let line = Line::cut(text)?;
        let stamp = line.stamp()?;
        self.stamps.take(stamp);
        let at = line::instant(stamp, precision, now)?;
        let start = self.staged.at.len();
        let known = names.fields(line.head);
        let mut unknown = Vec::new();
        let staged = &mut self.staged;
        let mut next = 0;
        line.fields(|field, value| match known.and_then(|known| find(known, field, next)) {
            Some(place) => {
                staged.push(known.map_or(0, |known| known[place].1.0), at, value);
                next = place + 1;
            }
            None => unknown.push((field, value)),
        })?;
        if !unknown.is_empty() {
            self.meet(line.head, &unknown, at, names)?;
        }
        self.staged.series[start..].iter().try_for_each(|series| open_to(*series, at, names))
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

/// Refuses an instant whose samples are gone by age.
#[inline]
pub(super) fn open_to(series: u32, at: i64, names: &Names) -> Result<(), String> {
    names.closed(series, at).map_or(Ok(()), |closed| {
        let closed = Instant::from_nanos(closed);
        Err(format!("the sample is older than what is kept of its series, which begins at {closed}"))
    })
}

/// Finds a field; most lines of a sender repeat the order of the one before.
#[inline]
fn find(known: &Fields, field: &[u8], guess: usize) -> Option<usize> {
    let matches = |place: usize| known.get(place).is_some_and(|(name, _)| **name == *field);
    if matches(guess) { Some(guess) } else { (0..known.len()).find(|place| matches(*place)) }
}
