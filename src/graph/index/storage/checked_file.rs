//! The file of the index: each block of it carries a checksum, which every read verifies.
//!
//! redb keeps checksums of its pages, but verifies them only when it checks a whole file. Here a flipped bit is found by the read
//! that meets it, whichever page it is in: rows, dictionary, commits, or the database's own tables. redb caches what it has read,
//! so that only the reads that go to the file pay for it.
//!
//! Layout: eight bytes `TLINDEX1`, then the blocks. A block is the checksum (XXH3-64 of its data, seeded by its number, u64
//! little-endian) and 4,096 bytes of data. The checksum comes first, so that the database's header, the beginning of the first
//! block, is written together with its checksum within one sector. A block that was never written is all zeros.
//!
//! Where the disk has no room, blocks stay in memory until a later sync finds room: Git is the truth, so a commit that it has need
//! not fail because the index could not be written. A file that may only be read keeps all that is written in memory.

use crate::model::durable::is_full;
use crate::model::sync::counter::Synced;
use crate::model::sync::file_lock::FileLock;
use redb::StorageBackend;
use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use xxhash_rust::xxh3::xxh3_64_with_seed;

const MAGIC: &[u8; 8] = b"TLINDEX1";
/// Put in its place where the file is not to be read again.
const SPOILT: &[u8; 8] = b"TLSPOILT";
const DATA: usize = 4_096;
const SUM: usize = 8;
const BLOCK: usize = SUM + DATA;

/// How many blocks wait in memory for room on the disk, at the most.
const BLOCKS_WAITING_MAX: usize = 65_536;

/// What became of the file, shared with its users.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    is_damaged: AtomicBool,
    has_waiting: AtomicBool,
}

impl Health {
    /// Returns whether a read has found damage.
    pub(crate) fn is_damaged(&self) -> bool {
        self.0.is_damaged.load(Ordering::Acquire)
    }

    /// Returns whether some blocks are in memory only, as the disk has no room.
    pub(crate) fn has_waiting(&self) -> bool {
        self.0.has_waiting.load(Ordering::Acquire)
    }

    fn set_damaged(&self) {
        self.0.is_damaged.store(true, Ordering::Release);
    }

    fn set_waiting(&self, has_waiting: bool) {
        self.0.has_waiting.store(has_waiting, Ordering::Release);
    }
}

/// A file of blocks with checksums.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    path: PathBuf,
    file: File,
    /// Whether nothing is ever written to the file.
    read_only: bool,
    /// Locked while it may be written, so that no second process writes it whatever became of the folder's lock.
    _lock: Option<FileLock>,
    health: Health,
    waiting: Mutex<Waiting>,
}

/// The blocks that are not in the file.
#[derive(Debug, Default)]
struct Waiting {
    blocks: BTreeMap<u64, Box<[u8; DATA]>>,
    /// The length of the data, blocks in memory included.
    len: u64,
    /// Whether the data that the file holds may belong to several states of the database.
    is_torn: bool,
}

impl CheckedFile {
    /// Begins an empty file where there is none.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().create_new(true).read(true).write(true).open(path)?;
        let lock = lock(&file)?;
        write_at(&file, MAGIC, 0)?;
        Ok(Self::over(path, file, Some(lock), 0))
    }

    /// Opens a file of blocks, `None` where it is of a format before checksums, or was found damaged or left unfinished when it
    /// was closed; where `read_only`, what is written to it stays in memory.
    pub(crate) fn open(path: &Path, read_only: bool) -> io::Result<Option<Self>> {
        let file = File::options().read(true).write(!read_only).open(path)?;
        let mut magic = [0; 8];
        let blocks = file.metadata()?.len().saturating_sub(MAGIC.len() as u64);
        read_at(&file, &mut magic, 0)?;
        if magic.starts_with(b"redb") || magic == *SPOILT {
            return Ok(None);
        }
        if magic != *MAGIC || blocks == 0 || blocks % BLOCK as u64 != 0 {
            let reason = format!("{}: it is no index", path.display());
            return Err(io::Error::new(ErrorKind::InvalidData, reason));
        }
        let lock = if read_only { None } else { Some(lock(&file)?) };
        Ok(Some(Self::over(path, file, lock, blocks / BLOCK as u64 * DATA as u64)))
    }

    /// Opens a file to read what can be read of it, and returns whether it was found damaged or left unfinished when it was closed.
    pub(crate) fn open_any(path: &Path) -> io::Result<(Self, bool)> {
        let file = File::open(path)?;
        let mut magic = [0; 8];
        read_at(&file, &mut magic, 0)?;
        let blocks = file.metadata()?.len().saturating_sub(MAGIC.len() as u64) / BLOCK as u64;
        match magic == *MAGIC || magic == *SPOILT {
            true => Ok((Self::over(path, file, None, blocks * DATA as u64), magic == *SPOILT)),
            false => {
                Err(io::Error::new(ErrorKind::InvalidData, format!("{}: it is no index", path.display())))
            }
        }
    }

    fn over(path: &Path, file: File, lock: Option<FileLock>, len: u64) -> Self {
        Self {
            path: path.to_owned(),
            file,
            read_only: lock.is_none(),
            _lock: lock,
            health: Health::default(),
            waiting: Mutex::new(Waiting { len, ..Waiting::default() }),
        }
    }

    /// Returns the flag that the file is damaged.
    pub(crate) fn health(&self) -> Health {
        self.health.clone()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the data of one block.
    fn read_block(&self, number: u64, data: &mut [u8; DATA]) -> io::Result<()> {
        if self.health.has_waiting()
            && let Some(block) = self.waiting().blocks.get(&number)
        {
            data.copy_from_slice(&**block);
            return Ok(());
        }
        let mut block = [0; BLOCK];
        match read_at(&self.file, &mut block, place(number)) {
            // Beyond the end of a file that has no room to grow, nothing was written yet.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof && self.is_beyond_file(number)? => {}
            done => done?,
        }
        let (sum, read) = block.split_at(SUM);
        let sound = match u64::from_le_bytes(sum.try_into().map_err(io::Error::other)?) {
            0 => read.iter().all(|byte| *byte == 0),
            sum => sum == checksum(number, read),
        };
        if !sound {
            self.health.set_damaged();
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                format!(
                    "{}: the block at byte {} does not match its checksum",
                    self.path.display(),
                    place(number)
                ),
            ));
        }
        data.copy_from_slice(read);
        Ok(())
    }

    fn is_beyond_file(&self, number: u64) -> io::Result<bool> {
        Ok(place(number) >= self.file.metadata()?.len())
    }

    /// Writes the beginning of a block up to `end`; what comes after it in the file is that of `data` already.
    fn write_block(&self, number: u64, data: &[u8; DATA], end: usize) -> io::Result<()> {
        let mut waiting = self.waiting();
        if !self.read_only && waiting.blocks.is_empty() {
            match write_at(&self.file, &block(number, data)[..SUM + end], place(number)) {
                Err(error) if is_full(&error) => {}
                done => return done,
            }
        }
        // From here on everything is in memory: the file stays as it was at the last sync.
        if !self.read_only && waiting.blocks.len() >= BLOCKS_WAITING_MAX {
            return Err(io::Error::new(
                ErrorKind::StorageFull,
                "the disk is full, and too much of the index waits for it",
            ));
        }
        waiting.blocks.insert(number, Box::new(*data));
        self.health.set_waiting(true);
        Ok(())
    }

    /// Writes the blocks that wait, the first one (with the database's header) once all others are on the disk.
    fn write_waiting(&self, waiting: &mut Waiting) -> io::Result<()> {
        waiting.is_torn = true;
        let end = place(waiting.len / DATA as u64);
        if self.file.metadata()?.len() != end {
            self.file.set_len(end)?;
        }
        let write = |number: &u64, data: &[u8; DATA]| {
            write_at(&self.file, block(*number, data).as_slice(), place(*number))
        };
        waiting.blocks.iter().skip_while(|(number, _)| **number == 0).try_for_each(|(n, d)| write(n, d))?;
        self.file.sync_data()?;
        waiting.blocks.get(&0).map_or(Ok(()), |data| write(&0, data))?;
        self.file.sync_data()?;
        waiting.blocks.clear();
        waiting.is_torn = false;
        self.health.set_waiting(false);
        Ok(())
    }
}

impl StorageBackend for CheckedFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.waiting().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        if offset + out.len() as u64 > self.waiting().len {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut data = [0; DATA];
        each_block(offset, out.len(), |number, [from, to], [begin, end]| {
            self.read_block(number, &mut data)?;
            out[begin..end].copy_from_slice(&data[from..to]);
            Ok(())
        })
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        if !len.is_multiple_of(DATA as u64) {
            return Err(io::Error::new(ErrorKind::Unsupported, "an index grows by whole blocks"));
        }
        let mut waiting = self.waiting();
        waiting.len = len;
        drop(waiting.blocks.split_off(&(len / DATA as u64)));
        if self.read_only || !waiting.blocks.is_empty() {
            return Ok(());
        }
        match self.file.set_len(place(len / DATA as u64)) {
            // What is written there waits.
            Err(error) if is_full(&error) => Ok(()),
            done => done,
        }
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.read_only {
            return Ok(());
        }
        Synced::Index.note();
        let mut waiting = self.waiting();
        if waiting.blocks.is_empty() {
            return self.file.sync_data();
        }
        match self.write_waiting(&mut waiting) {
            Err(error) if is_full(&error) => Ok(()),
            done => done,
        }
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut data = [0; DATA];
        each_block(offset, bytes.len(), |number, [from, to], [begin, end]| {
            if [from, to] != [0, DATA] {
                self.read_block(number, &mut data)?;
            }
            data[from..to].copy_from_slice(&bytes[begin..end]);
            self.write_block(number, &data, to)
        })
    }

    /// Leaves no file behind that would be read as another state than the last one: the next start makes it anew from Git.
    fn close(&self) -> io::Result<()> {
        let waiting = self.waiting();
        let is_spoilt = self.health.is_damaged() || waiting.is_torn || !waiting.blocks.is_empty();
        if is_spoilt && !self.read_only { write_at(&self.file, SPOILT, 0) } else { Ok(()) }
    }
}

/// Calls `each` with the blocks that bytes from `offset` on lie in: number, from and to in the block, from and to in the bytes.
fn each_block(
    offset: u64,
    len: usize,
    mut each: impl FnMut(u64, [usize; 2], [usize; 2]) -> io::Result<()>,
) -> io::Result<()> {
    let first = usize::try_from(offset % DATA as u64).map_err(io::Error::other)?;
    let (mut number, mut from, mut begin) = (offset / DATA as u64, first, 0);
    while begin < len {
        let count = (DATA - from).min(len - begin);
        each(number, [from, from + count], [begin, begin + count])?;
        (number, from, begin) = (number + 1, 0, begin + count);
    }
    Ok(())
}

fn lock(file: &File) -> io::Result<FileLock> {
    FileLock::take(file.try_clone()?).map_err(|error| match error {
        TryLockError::WouldBlock => io::Error::new(ErrorKind::WouldBlock, "another process has it open"),
        TryLockError::Error(error) => error,
    })
}

/// Returns where a block is in the file.
fn place(number: u64) -> u64 {
    MAGIC.len() as u64 + number * BLOCK as u64
}

fn block(number: u64, data: &[u8; DATA]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..SUM].copy_from_slice(&checksum(number, data).to_le_bytes());
    block[SUM..].copy_from_slice(data);
    block
}

/// Returns the checksum of a block's data, never zero: that is what was never written.
fn checksum(number: u64, data: &[u8]) -> u64 {
    xxh3_64_with_seed(data, number).max(1)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(unix)]
fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

#[cfg(not(unix))]
fn read_at(mut file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    use std::io::{Read as _, Seek as _};
    file.seek(io::SeekFrom::Start(at))?;
    file.read_exact(bytes)
}

#[cfg(not(unix))]
fn write_at(mut file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    use std::io::{Seek as _, Write as _};
    file.seek(io::SeekFrom::Start(at))?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const BLOCKS: u64 = 4;

    fn file() -> (tempfile::TempDir, CheckedFile) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = CheckedFile::create(&folder.path().join("blocks")).expect("a file");
        file.set_len(BLOCKS * DATA as u64).expect("blocks");
        (folder, file)
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_whoever_opens_the_file(
            writes in prop::collection::vec((0..BLOCKS * DATA as u64, 1..9_000_usize, any::<u8>()), 0..8),
        ) {
            let (folder, file) = file();
            let path = folder.path().join("blocks");
            let mut model = vec![0; (BLOCKS * DATA as u64) as usize];
            let write_all = |file: &CheckedFile, model: &mut [u8]| {
                for (offset, len, byte) in &writes {
                    let at = *offset as usize;
                    let len = (*len).min(model.len() - at);
                    model[at..at + len].fill(*byte);
                    file.write(*offset, &model[at..at + len]).expect("room");
                }
            };
            let read = |file: &CheckedFile| {
                let mut bytes = vec![0; file.len().expect("a length") as usize];
                file.read(0, &mut bytes).expect("own bytes");
                bytes
            };
            write_all(&file, &mut model);
            prop_assert_eq!(&read(&file), &model);
            file.close().expect("closed");
            let opened = CheckedFile::open(&path, true).expect("the file").expect("its format");
            prop_assert_eq!(&read(&opened), &model);
            let before = std::fs::read(&path).expect("bytes");
            model.iter_mut().for_each(|byte| *byte = !*byte);
            opened.write(0, &model).expect("memory");
            opened.sync_data().expect("nothing to sync");
            prop_assert_eq!(&read(&opened), &model);
            opened.close().expect("closed");
            prop_assert_eq!(std::fs::read(&path).expect("bytes"), before);
        }

        #[test]
        fn a_flipped_bit_is_found_wherever_it_is(at in 0..BLOCKS * BLOCK as u64, bit in 0..8_u8) {
            let (folder, file) = file();
            (0..BLOCKS).for_each(|n| file.write(n * DATA as u64, &[7; DATA]).expect("room"));
            drop(file);
            let path = folder.path().join("blocks");
            let mut bytes = std::fs::read(&path).expect("bytes");
            bytes[MAGIC.len() + at as usize] ^= 1 << bit;
            std::fs::write(&path, bytes).expect("damaged");
            let file = CheckedFile::open(&path, false).expect("the file").expect("its format");
            for number in 0..BLOCKS {
                let read = file.read(number * DATA as u64, &mut [0; DATA]);
                prop_assert_eq!(read.is_err(), number == at / BLOCK as u64);
            }
            prop_assert!(file.health().is_damaged());
            file.close().expect("closed");
            drop(file);
            let again = CheckedFile::open(&path, false).expect("the file");
            prop_assert!(again.is_none(), "a damaged file is not read again");
        }
    }

    #[test]
    fn a_block_in_the_place_of_another_is_found() {
        let (folder, file) = file();
        (0..BLOCKS).for_each(|n| file.write(n * DATA as u64, &[7; DATA]).expect("room"));
        let path = folder.path().join("blocks");
        let mut bytes = std::fs::read(&path).expect("bytes");
        let first = MAGIC.len();
        bytes.copy_within(first..first + BLOCK, first + BLOCK);
        std::fs::write(&path, bytes).expect("damaged");
        assert!(file.read(0, &mut [0; DATA]).is_ok());
        assert!(file.read(DATA as u64, &mut [0; DATA]).is_err());
    }
}
