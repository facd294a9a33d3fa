//! Pages of the audit log. Where entries begin in their files is remembered, so that a page costs what it has, wherever in the log it is.
//!
//! What is remembered is only where to begin: the entry there has to follow the one that was before it. Where it does not, the file was changed
//! meanwhile, and is read from its beginning.

use super::{Audit, End, files, path};
use crate::app::access::entry::Entry;
use crate::app::access::error::Error;
use crate::model::sync::cancellation::Cancellation;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// It is remembered where every so many entries begin.
const MARK_EVERY: usize = 256;
/// So many places are remembered, the last ones of the log.
const MARKS_MAX: usize = 8_192;

/// Where entries begin, by the sequence of the one before each.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<BTreeMap<u64, Mark>>);

/// Where an entry begins.
#[derive(Clone, Debug)]
struct Mark {
    file: u32,
    offset: u64,
    /// How many lines of the file are before it.
    lines: usize,
    /// What it has to follow.
    end: End,
}

impl Marks {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Mark>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the last place at or before that after an entry.
    fn before(&self, after: u64) -> Option<Mark> {
        self.lock().range(..=after).next_back().map(|(_, mark)| mark.clone())
    }

    fn note(&self, mark: Mark) {
        let mut marks = self.lock();
        marks.insert(mark.end.sequence, mark);
        if marks.len() > MARKS_MAX {
            marks.pop_first();
        }
    }

    fn forget(&self, file: u32) {
        self.lock().retain(|_, mark| mark.file != file);
    }
}

/// Where reading is: in which file and line, and what the next entry has to follow; unknown behind a file that is not read.
struct Place {
    file: u32,
    offset: u64,
    lines: usize,
    end: Option<End>,
}

impl Place {
    /// The beginning of a file; what the first one of all begins with is known.
    fn of_file(file: u32) -> Self {
        let end = (file == 1).then(End::default);
        Self { file, offset: 0, lines: 0, end }
    }
}

/// The entries that are asked for, as far as they are read.
struct Page {
    after: Option<u64>,
    limit: usize,
    found: VecDeque<Entry>,
    /// The sequence of the last entry that was read, or of the one before the first; not known behind a file that is not read.
    last: u64,
}

impl Page {
    /// Takes an entry; returns whether more are wanted.
    fn take(&mut self, entry: Entry) -> bool {
        self.last = entry.sequence;
        if self.after.is_none_or(|after| entry.sequence > after) {
            self.found.push_back(entry);
        }
        match self.after {
            Some(_) => self.found.len() < self.limit,
            None => {
                if self.found.len() > self.limit {
                    self.found.pop_front();
                }
                true
            }
        }
    }
}

impl Audit {
    /// Returns the entries after a place, oldest first and so many at the most; the last ones where no place is given. Refused where
    /// an entry of those that are read does not follow the one before it, or where all are lost.
    pub fn entries(&self, after: Option<u64>, limit: usize) -> Result<Vec<Entry>, Error> {
        self.entries_while(after, limit, &Cancellation::default())
    }

    /// Like [`Self::entries`], until they are not wanted any more.
    pub fn entries_while(
        &self,
        after: Option<u64>,
        limit: usize,
        wanted: &Cancellation,
    ) -> Result<Vec<Entry>, Error> {
        wanted.check()?;
        self.flush();
        let numbers = files(&self.folder)?;
        let page = match after {
            Some(after) => {
                self.page_from(self.place_of(after, &numbers)?, &numbers, Some(after), limit, wanted)?
            }
            None => self.last_page(&numbers, limit, wanted)?,
        };
        if page.last == 0 {
            self.refuse_loss()?;
        }
        Ok(page.found.into())
    }

    /// Reads the last entries: from the last file, and from earlier ones as far as it has fewer.
    fn last_page(&self, numbers: &[u32], limit: usize, wanted: &Cancellation) -> Result<Page, Error> {
        let mut back = 1;
        loop {
            let begin = numbers.len().saturating_sub(back);
            let place = match numbers.get(begin) {
                // Of one that has been read before only its end is read again.
                Some(file) if back == 1 => self.late_place(*file, limit),
                Some(file) => Place::of_file(*file),
                None => Place::of_file(1),
            };
            let is_whole = begin == 0 && place.offset == 0;
            let page = self.page_from(place, numbers, None, limit, wanted)?;
            if page.found.len() >= limit || is_whole {
                return Ok(page);
            }
            back *= 2;
        }
    }

    /// Returns a place in a file after which there were as many entries as are asked for, or its beginning.
    fn late_place(&self, file: u32, limit: usize) -> Place {
        let last = self.marks.lock().last_key_value().map(|(sequence, _)| *sequence);
        let wanted = last.and_then(|last| last.checked_sub(u64::try_from(limit).unwrap_or(u64::MAX)));
        let mark = wanted.and_then(|wanted| self.marks.before(wanted)).filter(|mark| mark.file == file);
        mark.map_or_else(|| Place::of_file(file), Place::from)
    }

    /// Returns where to begin for the entries after one: at a place that is remembered, else at the last file that begins before them.
    fn place_of(&self, after: u64, numbers: &[u32]) -> Result<Place, Error> {
        // A file whose first line cannot be read is read by what comes before.
        let (mut begin, mut end) = (0, numbers.len());
        while begin + 1 < end {
            let middle = usize::midpoint(begin, end);
            match self.first_of(numbers[middle])? {
                Some(first) if first <= after + 1 => begin = middle,
                _ => end = middle,
            }
        }
        let file = numbers.get(begin).copied().unwrap_or(1);
        let mark = self.marks.before(after).filter(|mark| mark.file == file);
        Ok(mark.map_or_else(|| Place::of_file(file), Place::from))
    }

    /// Reads from a place on, through all files that follow, until there is enough.
    fn page_from(
        &self,
        place: Place,
        numbers: &[u32],
        after: Option<u64>,
        limit: usize,
        wanted: &Cancellation,
    ) -> Result<Page, Error> {
        let (file, is_remembered) = (place.file, place.offset > 0);
        let begun = |place: &Place| {
            let last = place.end.as_ref().map_or(u64::MAX, |end| end.sequence);
            Page { after, limit, found: VecDeque::new(), last }
        };
        let mut page = begun(&place);
        match self.read_on(place, numbers, &mut page, wanted) {
            Err(Error::Malformed { .. }) if is_remembered => {
                self.marks.forget(file);
                let place = Place::of_file(file);
                page = begun(&place);
                self.read_on(place, numbers, &mut page, wanted)?;
            }
            read => read?,
        }
        Ok(page)
    }

    fn read_on(
        &self,
        mut place: Place,
        numbers: &[u32],
        page: &mut Page,
        wanted: &Cancellation,
    ) -> Result<(), Error> {
        let following = numbers.iter().copied().filter(|number| *number > place.file).collect::<Vec<_>>();
        if !numbers.contains(&place.file) {
            return Ok(());
        }
        let mut is_enough = !self.read_lines(&mut place, page, wanted)?;
        for number in following {
            if is_enough {
                break;
            }
            place = Place { file: number, offset: 0, lines: 0, end: place.end };
            is_enough = !self.read_lines(&mut place, page, wanted)?;
        }
        Ok(())
    }

    /// Reads the rest of a file as far as its lines are whole; returns whether more is wanted.
    fn read_lines(&self, place: &mut Place, page: &mut Page, wanted: &Cancellation) -> Result<bool, Error> {
        let path = path(&self.folder, place.file);
        let io = |source| Error::Io { path: path.clone(), source };
        let mut file = File::open(&path).map_err(io)?;
        if file.metadata().map_err(io)?.len() < place.offset {
            return Err(self.malformed(place.file, "it has fewer entries than before".to_owned()));
        }
        file.seek(SeekFrom::Start(place.offset)).map_err(io)?;
        let (mut file, mut line) = (BufReader::new(file), Vec::new());
        loop {
            if place.lines.is_multiple_of(MARK_EVERY) {
                wanted.check()?;
                self.marks.extend(place);
            }
            line.clear();
            file.read_until(b'\n', &mut line).map_err(io)?;
            let Some(text) = line.strip_suffix(b"\n") else { return Ok(true) };
            let number = place.lines + 1;
            let malformed = |reason: String| self.malformed(place.file, reason);
            let text = std::str::from_utf8(text).map_err(|error| malformed(error.to_string()))?;
            let entry = Entry::read(text).map_err(|reason| malformed(format!("line {number} {reason}")))?;
            if let Some(end) = &place.end {
                end.check(&entry, number).map_err(malformed)?;
            }
            place.end = Some(End::of(&entry));
            place.lines = number;
            place.offset += line.len() as u64;
            if !page.take(entry) {
                return Ok(false);
            }
        }
    }
}

impl Marks {
    /// Remembers a place whose entry before is known.
    fn extend(&self, place: &Place) {
        if let Some(end) = place.end.clone().filter(|end| end.sequence > 0) {
            self.note(Mark { file: place.file, offset: place.offset, lines: place.lines, end });
        }
    }
}

impl From<Mark> for Place {
    fn from(mark: Mark) -> Self {
        let Mark { file, offset, lines, end } = mark;
        Self { file, offset, lines, end: Some(end) }
    }
}
