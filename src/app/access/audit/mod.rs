//! The audit log: `audit/000001.jsonl` and so on in the folder of a thread, append-only. Each entry names the hash of the one before it, so
//! that none can be changed, left out or put in unnoticed; that the last ones are cut off is noticed by whoever knows a later hash.
//!
//! A process that is killed may leave a part of a line at the end, which the next one removes. Several processes may append: a lock file
//! makes them take turns, and each looks whether another one has written meanwhile.

mod pages;

use crate::app::access::entry::{Entry, Event, GENESIS, Outcome, VERSION};
use crate::app::access::error::Error;
use crate::app::access::token_file::{Tokens, protect};
use crate::model::durable;
use crate::model::sync::background;
use crate::model::sync::counter::{Count, Synced};
use crate::model::time::clock::Clock;
use crate::model::time::instant::Instant;
use pages::Marks;
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file that has so many bytes is followed by the next one.
const FILE_BYTES_MAX: u64 = 16 << 20;
/// Events that are counted are logged once in so long.
const COUNTED_EVERY_NANOS: i64 = 1_000_000_000;
/// How many kinds of events are counted at once.
const COUNTED_MAX: usize = 10_000;

/// The audit log of one thread.
#[derive(Debug)]
pub struct Audit {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    marks: Marks,
    file_bytes_max: u64,
    /// Entries that this process wrote, and how often it could not.
    entries: Count,
    failures: Count,
}

#[derive(Debug, Default)]
struct State {
    open: Option<Open>,
    /// When an event was logged last, and what has come since.
    counted: HashMap<Kind, (Instant, Option<Event>)>,
}

/// Events that are counted together.
type Kind = (Option<String>, String, Outcome);

/// The last file, as far as it is known.
#[derive(Debug)]
struct Open {
    file: File,
    number: u32,
    bytes: u64,
    sequence: u64,
    hash: String,
}

/// What a verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many entries there are.
    pub entries: u64,
    /// The hash of the last one.
    pub hash: String,
    /// How many bytes at the end are a part of an entry, left by a process that was killed.
    pub unfinished: usize,
}

impl Audit {
    /// Names the log of a thread's folder; nothing is made until there is something to log.
    pub fn of(folder: &Path, clock: Arc<dyn Clock>) -> Self {
        let folder = folder.join("audit");
        let (entries, failures) = (Count::new(), Count::new());
        let (state, marks, file_bytes_max) = (Mutex::default(), Marks::default(), FILE_BYTES_MAX);
        Self { folder, clock, state, marks, file_bytes_max, entries, failures }
    }

    /// Appends an entry; it is on the disk on return.
    pub fn record(&self, event: Event) -> Result<(), Error> {
        self.append(&mut self.state(), event, true)
    }

    /// Appends an entry of an event that may come many times a second: the first is logged at once, those that follow within a second are
    /// counted, and logged together. What cannot be logged is in the log of the service.
    pub fn record_counted(&self, event: Event) {
        let now = self.clock.now();
        let kind = (event.principal.clone(), event.operation.clone(), event.outcome);
        let mut state = self.state();
        if state.counted.len() >= COUNTED_MAX {
            self.flush_counted(&mut state);
            state.counted.clear();
        }
        let due = match state.counted.get_mut(&kind) {
            Some((last, waiting)) if now.nanos() - last.nanos() < COUNTED_EVERY_NANOS => {
                let before = waiting.as_ref().map_or(0, |waiting| waiting.count);
                *waiting = Some(Event { count: event.count + before, ..event });
                return;
            }
            Some((_, waiting)) => {
                let before = waiting.take().map_or(0, |waiting| waiting.count);
                Event { count: event.count + before, ..event }
            }
            None => event,
        };
        state.counted.insert(kind, (now, None));
        if let Err(error) = self.append(&mut state, due, false) {
            tracing::error!(%error, "the audit log cannot be written");
        }
    }

    /// Refuses to go on where nothing can be logged.
    pub fn check(&self) -> Result<(), Error> {
        let mut state = self.state();
        let _lock = self.lock()?;
        self.reach_end(&mut state).map(drop)
    }

    /// Returns how many entries this process has written, and how often it could not write one.
    pub fn written(&self) -> (u64, u64) {
        (self.entries.get(), self.failures.get())
    }

    /// Logs what was counted and not logged yet.
    pub fn flush(&self) {
        self.flush_counted(&mut self.state());
    }

    fn flush_counted(&self, state: &mut State) {
        let waiting: Vec<_> = state.counted.values_mut().filter_map(|(_, waiting)| waiting.take()).collect();
        for event in waiting {
            if let Err(error) = self.append(state, event, false) {
                tracing::error!(%error, "the audit log cannot be written");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, state: &mut State, event: Event, durably: bool) -> Result<(), Error> {
        let _lock = self.lock()?;
        let last = self.reach_end(state)?;
        let mut entry = Entry {
            version: VERSION,
            sequence: last.sequence + 1,
            at: self.clock.now().to_string(),
            event: event.cut(),
            previous: last.hash.clone(),
            hash: String::new(),
        };
        let path = path(&self.folder, last.number);
        let malformed =
            |error: serde_json::Error| Error::Malformed { path: path.clone(), reason: error.to_string() };
        let mut line = entry.seal().map_err(malformed)?;
        line.push('\n');
        let written = last.file.write_all(line.as_bytes());
        let written = if durably { written.and_then(|()| last.file.sync_data()) } else { written };
        if let Err(source) = written {
            self.failures.increment();
            // Whatever is there of the line is removed before the next one.
            state.open = None;
            return Err(Error::Io { path, source });
        }
        if durably {
            Synced::Audit.note();
        }
        self.entries.increment();
        last.bytes += line.len() as u64;
        (last.sequence, last.hash) = (entry.sequence, entry.hash);
        Ok(())
    }

    /// Takes the turn of this process.
    fn lock(&self) -> Result<File, Error> {
        let path = self.folder.join("lock");
        let taken = || {
            if !self.folder.is_dir() {
                durable::make_folders(&self.folder)?;
            }
            let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            // Whoever may open it may lock it, and with it every change.
            protect(&file)?;
            file.lock()?;
            Ok(file)
        };
        taken().map_err(|source| Error::Io { path: path.clone(), source })
    }

    /// Returns the end of the log, where another process has written too; begins the next file where the last one is full.
    fn reach_end<'a>(&self, state: &'a mut State) -> Result<&'a mut Open, Error> {
        let is_end = |open: &Open| {
            let is_last = !path(&self.folder, open.number + 1).exists();
            let is_there = std::fs::metadata(path(&self.folder, open.number));
            is_last && is_there.is_ok_and(|there| there.len() == open.bytes)
        };
        let mut open = match state.open.take() {
            Some(open) if is_end(&open) => open,
            _ => self.open_end()?,
        };
        if open.bytes >= self.file_bytes_max {
            let sync = open.file.sync_all();
            let number = open.number + 1;
            let path = path(&self.folder, number);
            let file = sync.and_then(|()| begin(&path)).map_err(|source| Error::Io { path, source })?;
            open = Open { file, number, bytes: 0, ..open };
        }
        Ok(state.open.insert(open))
    }

    fn open_end(&self) -> Result<Open, Error> {
        let number = files(&self.folder)?.last().copied().unwrap_or(1);
        let path_of = |number| path(&self.folder, number);
        let io = |source| Error::Io { path: path_of(number), source };
        let mut file = begin(&path_of(number)).map_err(io)?;
        let text = std::fs::read(path_of(number)).map_err(io)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            tracing::warn!("an entry of the audit log that a process was ended in is removed");
            file.set_len(whole as u64).map_err(io)?;
        }
        file.seek(SeekFrom::End(0)).map_err(io)?;
        let (sequence, hash) = match last_entry(&text[..whole]) {
            Some(read) => read.map_err(|reason| Error::Malformed { path: path_of(number), reason })?,
            None if number > 1 => {
                let path = path_of(number - 1);
                let text = std::fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
                let read = last_entry(&text).unwrap_or_else(|| Err("is empty".to_owned()));
                read.map_err(|reason| Error::Malformed { path, reason })?
            }
            None => (0, GENESIS.to_owned()),
        };
        Ok(Open { file, number, bytes: whole as u64, sequence, hash })
    }

    /// Refuses a log without entries beside tokens: the making of a token is logged.
    fn refuse_loss(&self) -> Result<(), Error> {
        let Some(thread) = self.folder.parent() else { return Ok(()) };
        if Tokens::of(thread).list()?.is_empty() {
            return Ok(());
        }
        let reason = "it has no entries, although there are tokens, and each is logged when it is made: the audit log was emptied \
             or removed, or the thread comes from a backup, which has none; look for an earlier copy of the folder audit";
        Err(self.malformed(1, reason.to_owned()))
    }

    /// Makes an entry of it where the log has none although there are tokens, so that later readers find the loss, too.
    pub fn note_loss(&self) -> Result<(), Error> {
        let io = |source| Error::Io { path: path(&self.folder, 1), source };
        let is_empty = match files(&self.folder)?.as_slice() {
            [] => true,
            [1] => !std::fs::read(path(&self.folder, 1)).map_err(io)?.contains(&b'\n'),
            _ => false,
        };
        match if is_empty { self.refuse_loss() } else { Ok(()) } {
            Err(Error::Malformed { reason, .. }) => {
                tracing::warn!(reason, "the audit log begins anew");
                self.record(Event { reason: Some(reason), ..Event::new("beginLog", Outcome::Failed) })
            }
            other => other,
        }
    }

    /// Verifies all entries in a thread of its own, as that takes as long as the log is long, and warns of what is wrong.
    pub fn verify_beside(&self) {
        let own = Self {
            folder: self.folder.clone(),
            clock: Arc::clone(&self.clock),
            state: Mutex::default(),
            marks: Marks::default(),
            file_bytes_max: self.file_bytes_max,
            entries: Count::new(),
            failures: Count::new(),
        };
        let verify = move || {
            if let Err(error) = own.verify() {
                tracing::warn!(%error, "the audit log is damaged (throughline audit verify)");
            }
        };
        if let Err(error) = background::spawn("audit", verify) {
            tracing::warn!(%error, "the audit log is not verified");
        }
    }

    fn malformed(&self, number: u32, reason: String) -> Error {
        Error::Malformed { path: path(&self.folder, number), reason }
    }

    fn first_of(&self, number: u32) -> Result<Option<u64>, Error> {
        let path = path(&self.folder, number);
        let file = File::open(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let mut line = String::new();
        let read = io::BufRead::read_line(&mut io::BufReader::new(file), &mut line);
        read.map_err(|source| Error::Io { path, source })?;
        Ok(Entry::read(line.trim_end()).ok().map(|entry| entry.sequence))
    }

    /// Reads a file; returns how many bytes at its end are no whole line, too.
    fn read_file(&self, number: u32) -> Result<(Vec<Entry>, usize), Error> {
        let path = path(&self.folder, number);
        let text = std::fs::read(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let malformed = |reason| Error::Malformed { path: path.clone(), reason };
        let lines = std::str::from_utf8(&text[..whole]).map_err(|error| malformed(error.to_string()))?;
        let mut entries = Vec::new();
        for (at, line) in lines.lines().enumerate() {
            let read = Entry::read(line);
            entries.push(read.map_err(|reason| malformed(format!("line {} {reason}", at + 1)))?);
        }
        Ok((entries, text.len() - whole))
    }

    /// Reads the whole log, and refuses one of which an entry was changed, left out, put in or moved, or all are lost.
    pub fn verify(&self) -> Result<Verified, Error> {
        let mut verified = Verified { entries: 0, hash: GENESIS.to_owned(), unfinished: 0 };
        let numbers = files(&self.folder)?;
        for (at, number) in numbers.iter().enumerate() {
            let malformed = |reason: String| Error::Malformed { path: path(&self.folder, *number), reason };
            if usize::try_from(*number) != Ok(at + 1) {
                return Err(malformed(format!("the file {} before it is missing", at + 1)));
            }
            let (entries, unfinished) = self.read_file(*number)?;
            for (line, entry) in entries.into_iter().enumerate() {
                let end = End { sequence: verified.entries, hash: verified.hash };
                end.check(&entry, line + 1).map_err(malformed)?;
                verified.entries = entry.sequence;
                verified.hash = entry.hash;
            }
            if unfinished > 0 && at + 1 < numbers.len() {
                return Err(malformed("its last line is not whole".to_owned()));
            }
            verified.unfinished = unfinished;
        }
        if verified.entries == 0 {
            self.refuse_loss()?;
        }
        Ok(verified)
    }
}

/// The place and the hash of an entry, which the next one has to follow.
#[derive(Clone, Debug)]
struct End {
    sequence: u64,
    hash: String,
}

impl Default for End {
    fn default() -> Self {
        Self { sequence: 0, hash: GENESIS.to_owned() }
    }
}

impl End {
    fn of(entry: &Entry) -> Self {
        Self { sequence: entry.sequence, hash: entry.hash.clone() }
    }

    /// Describes why the entry of a line does not follow.
    fn check(&self, entry: &Entry, line: usize) -> Result<(), String> {
        if entry.sequence == self.sequence + 1 && entry.previous == self.hash {
            return Ok(());
        }
        let before = self.sequence;
        Err(format!(
            "line {line} does not follow the entry {before}: entries were changed, left out or put in"
        ))
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        self.flush();
    }
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number:06}.jsonl"))
}

/// Opens a file to append, and makes it where it is missing.
fn begin(path: &Path) -> io::Result<File> {
    let is_new = !path.exists();
    let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    if is_new {
        protect(&file)?;
        durable::sync(durable::parent(path))?;
    }
    Ok(file)
}

/// Returns the numbers of the files, in order.
fn files(folder: &Path) -> Result<Vec<u32>, Error> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Io { path: folder.to_owned(), source }),
    };
    let mut numbers = Vec::new();
    for entry in listed {
        let entry = entry.map_err(|source| Error::Io { path: folder.to_owned(), source })?;
        let name = entry.file_name().to_string_lossy().into_owned();
        numbers.extend(name.strip_suffix(".jsonl").and_then(|number| number.parse::<u32>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Returns the place and the hash of the last entry; `None` where there is none.
fn last_entry(text: &[u8]) -> Option<Result<(u64, String), String>> {
    let line = text.strip_suffix(b"\n").unwrap_or(text).rsplit(|byte| *byte == b'\n').next()?;
    if line.is_empty() {
        return None;
    }
    let line = std::str::from_utf8(line).map_err(|error| error.to_string());
    let entry = line.and_then(|line| Entry::read(line).map_err(|reason| format!("its last line {reason}")));
    Some(entry.map(|entry| (entry.sequence, entry.hash)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::clock::FixedClock;

    fn opened(folder: &Path) -> (Audit, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)));
        let mut audit = Audit::of(folder, clock.clone());
        audit.file_bytes_max = 1_000;
        (audit, clock)
    }

    /// One that is not synced.
    fn event_of(number: usize) -> Event {
        Event { principal: Some(format!("{number}")), ..event(number) }
    }

    fn event(on: usize) -> Event {
        Event { on: Some(format!("branch {on}")), ..Event::new("commit", Outcome::Done) }
    }

    #[test]
    fn entries_are_chained_over_files_and_processes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, _) = opened(folder.path());
        let (other, _) = opened(folder.path());
        assert_eq!(one.verify().expect("empty").entries, 0);
        for number in 0..10 {
            one.record(event(number)).expect("logged");
            other.record(event(100 + number)).expect("logged");
        }
        let verified = one.verify().expect("verified");
        assert_eq!((verified.entries, verified.unfinished), (20, 0));
        assert!(files(&one.folder).expect("files").len() > 3);
        let places = |entries: Vec<Entry>| entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>();
        assert_eq!(places(one.entries(None, 3).expect("read")), [18, 19, 20]);
        assert_eq!(places(one.entries(Some(0), 2).expect("read")), [1, 2]);
        assert_eq!(places(one.entries(Some(9), 4).expect("read")), [10, 11, 12, 13]);
        assert_eq!(places(one.entries(Some(20), 4).expect("read")), [0; 0]);
        assert_eq!(one.entries(Some(0), 100).expect("read").len(), 20);
    }

    /// Also where the log has grown, was changed or cut meanwhile, or was never read from its beginning.
    #[test]
    fn pages_cost_what_they_have() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut audit, _) = opened(folder.path());
        audit.file_bytes_max = 700_000;
        (0..3_000).for_each(|number| audit.record_counted(event_of(number)));
        assert_eq!(files(&audit.folder).expect("files"), [1, 2]);
        let places = |entries: Vec<Entry>| entries.iter().map(|entry| entry.sequence).collect::<Vec<_>>();
        let page = |audit: &Audit, after: Option<u64>| audit.entries(after, 100).map(places);
        let from = |first: u64| (first..first + 100).collect::<Vec<_>>();
        let (fresh, _) = opened(folder.path());
        assert_eq!(page(&fresh, None).expect("the last ones"), from(2_901));
        for after in [2_900, 2_500, 700, 699, 0] {
            assert_eq!(page(&fresh, Some(after)).expect("a page"), from(after + 1), "{after}");
        }
        for after in (0..3_000).step_by(100) {
            assert_eq!(page(&audit, Some(after)).expect("a page"), from(after + 1));
        }
        // What is before a page is not read again.
        let first = path(&audit.folder, 1);
        let text = std::fs::read_to_string(&first).expect("the file");
        std::fs::write(&first, text.replacen("branch 0", "branch 9", 1)).expect("changed");
        assert_eq!(page(&audit, Some(700)).expect("a page"), from(701));
        for unread in
            [page(&audit, Some(0)), page(&fresh, Some(1)), page(&opened(folder.path()).0, Some(700))]
        {
            assert!(unread.expect_err("changed").to_string().contains("line 1 does not have the hash"));
        }
        audit.verify().expect_err("changed");
        // What is at another place than before is found from the beginning of its file.
        std::fs::write(&first, text.replacen("branch 0", "branch 10000", 1)).expect("changed");
        let error = page(&audit, Some(700)).expect_err("changed").to_string();
        assert!(error.contains("line 1 does not have the hash"), "{error}");
        std::fs::write(&first, &text).expect("as it was");
        assert_eq!(page(&audit, Some(700)).expect("a page"), from(701));
        let whole = text.len() - text.lines().last().expect("a line").len() - 1;
        std::fs::write(&first, &text[..whole]).expect("cut");
        let last = text.lines().count() as u64;
        assert_eq!(page(&audit, Some(last - 200)).expect("before the cut").len(), 100);
        let error = page(&audit, Some(last - 50)).expect_err("cut").to_string();
        assert!(error.contains("000002.jsonl") && error.contains("line 1 does not follow"), "{error}");
        std::fs::write(&first, &text[..1_000]).expect("cut");
        page(&audit, Some(700)).expect_err("cut");
    }

    #[test]
    fn a_kill_leaves_a_log_that_is_verified_and_goes_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let (audit, _) = opened(folder.path());
        audit.record(event(1)).expect("logged");
        audit.record(event(2)).expect("logged");
        drop(audit);
        let path = path(&folder.path().join("audit"), 1);
        let whole = std::fs::read(&path).expect("the file");
        let second = whole.iter().position(|byte| *byte == b'\n').expect("a line") + 1;
        // Killed at every byte of the second entry.
        for end in second..whole.len() {
            std::fs::write(&path, &whole[..end]).expect("cut");
            let (audit, _) = opened(folder.path());
            let verified = audit.verify().expect("verified");
            assert_eq!((verified.entries, verified.unfinished), (1, end - second));
            audit.record(event(3)).expect("logged");
            assert_eq!(audit.verify().expect("verified").entries, 2);
        }
    }

    #[test]
    fn what_was_changed_left_out_or_moved_is_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let (audit, _) = opened(folder.path());
        (0..3).for_each(|number| audit.record(event(number)).expect("logged"));
        let path = path(&audit.folder, 1);
        let text = std::fs::read_to_string(&path).expect("the file");
        let lines: Vec<&str> = text.lines().collect();
        let check = |lines: &[&str], part: &str| {
            std::fs::write(&path, lines.join("\n") + "\n").expect("written");
            let error = audit.verify().expect_err(part).to_string();
            assert!(error.contains(part), "{error}");
            // Whoever reads the log learns of it, too.
            for after in [None, Some(0), Some(1)] {
                let error = audit.entries(after, 10).expect_err(part).to_string();
                assert!(error.contains(part), "{error}");
            }
        };
        check(
            &[lines[0], &lines[1].replace("branch 1", "branch 9"), lines[2]],
            "line 2 does not have the hash",
        );
        check(&[lines[0], lines[2]], "line 2 does not follow the entry 1");
        check(&lines[1..], "line 1 does not follow the entry 0");
        check(&[lines[0], lines[1], lines[1], lines[2]], "line 3 does not follow the entry 2");
        check(&[lines[1], lines[0]], "line 1 does not follow");
        check(&[lines[0], "", lines[1]], "line 2");
    }

    #[test]
    fn a_log_that_was_emptied_is_found_by_the_tokens() {
        use crate::app::access::{NewToken, Role};
        let folder = tempfile::tempdir().expect("a folder");
        let (audit, clock) = opened(folder.path());
        assert_eq!(audit.verify().expect("no tokens").entries, 0);
        let (email, twins, expires) = (None, None, None);
        let new =
            NewToken { name: "Ada".to_owned(), email, role: Role::Reader, twins, act_as: false, expires };
        Tokens::of(folder.path()).create(&new, &[1; 38], clock.now()).expect("made");
        for empty in [false, true] {
            if empty {
                std::fs::create_dir_all(&audit.folder).expect("a folder");
                std::fs::write(path(&audit.folder, 1), "").expect("emptied");
            }
            for error in [
                audit.verify().map(drop),
                audit.entries(None, 10).map(drop),
                audit.entries(Some(0), 10).map(drop),
            ] {
                let error = error.expect_err("lost").to_string();
                assert!(error.contains("no entries, although there are tokens"), "{error}");
            }
        }
        audit.note_loss().expect("noted");
        audit.note_loss().expect("noted once");
        let entries = audit.entries(None, 10).expect("read");
        assert_eq!(entries.len(), 1);
        assert!(entries[0].event.reason.as_ref().is_some_and(|reason| reason.contains("no entries")));
        assert_eq!(audit.verify().expect("verified").entries, 1);
    }

    #[test]
    fn what_comes_often_is_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let (audit, clock) = opened(folder.path());
        let denied = || audit.record_counted(Event::new("authenticate", Outcome::Denied));
        (0..5).for_each(|_| denied());
        clock.set(clock.now().plus_nanos(COUNTED_EVERY_NANOS));
        denied();
        (0..2).for_each(|_| denied());
        let counts = |audit: &Audit| -> Vec<u64> {
            audit.entries(Some(0), 10).expect("read").iter().map(|entry| entry.event.count).collect()
        };
        assert_eq!(counts(&audit), [1, 5, 2], "none is lost");
        denied();
        drop(audit);
        assert_eq!(counts(&opened(folder.path()).0), [1, 5, 2, 1], "the last ones are logged at the end");
    }
}
