//! Writes a pack object by object (gitformat-pack, version 2). No object is stored as a delta, and none stays in memory: documents are
//! small and read one by one, and libgit2's own writer reads each object again from a database and then parses the whole pack once more.

use super::super::loose;
use super::super::loose::deflate::Deflate;
use super::super::loose::syncs::Syncs;
use flate2::{Compression, Crc};
use git2::{ObjectType, Oid};
use sha1::{Digest as _, Sha1};
use std::fs::File;
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// What a pack begins with, before the number of its objects: the magic bytes and the version.
const HEADER: [u8; 8] = [b'P', b'A', b'C', b'K', 0, 0, 0, 2];

/// The magic bytes and the version that begin an index.
pub(super) const INDEX_HEADER: [u8; 8] = [0xff, b't', b'O', b'c', 0, 0, 0, 2];

/// From where on an offset is in the index's table of long ones.
const LONG_OFFSET: u64 = 1 << 31;

/// A pack that is being written.
pub(in crate::graph) struct PackWriter {
    path: PathBuf,
    file: BufWriter<File>,
    deflate: Deflate,
    /// The entry that is written last.
    entry: Vec<u8>,
    offset: u64,
    objects: Vec<Packed>,
}

/// Where an object is in the pack.
struct Packed {
    id: Oid,
    crc: u32,
    offset: u64,
}

impl PackWriter {
    /// Begins a pack in a folder of its own.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        let path = folder.join("tmp_pack_0");
        let mut file = BufWriter::new(File::options().read(true).write(true).create_new(true).open(&path)?);
        file.write_all(&HEADER)?;
        // The number of objects is known at the end.
        file.write_all(&[0; 4])?;
        let offset = HEADER.len() as u64 + 4;
        let deflate = Deflate::new(Compression::default());
        Ok(Self { path, file, deflate, entry: Vec::new(), offset, objects: Vec::new() })
    }

    /// Writes an object that the pack does not have yet.
    pub(in crate::graph) fn add(&mut self, id: Oid, kind: ObjectType, content: &[u8]) -> io::Result<()> {
        self.entry.clear();
        write_header(kind, content.len(), &mut self.entry)?;
        self.deflate.append(content, &mut self.entry)?;
        let mut crc = Crc::new();
        crc.update(&self.entry);
        self.objects.push(Packed { id, crc: crc.sum(), offset: self.offset });
        self.offset += self.entry.len() as u64;
        self.file.write_all(&self.entry)
    }

    /// Ends the pack, writes its index beside it and syncs both files at once with those `beside`; returns the name that Git gives to the pack, and the paths
    /// of pack and index.
    pub(super) fn finish(
        mut self,
        syncs: &Syncs,
        beside: &[File],
    ) -> Result<(String, PathBuf, PathBuf), loose::Error> {
        let index = self.path.with_file_name("tmp_idx_0");
        let name = self.finish_with(&index, syncs, beside).map_err(loose::Error::Unwritten)?;
        Ok((name, self.path, index))
    }

    fn finish_with(&mut self, index: &Path, syncs: &Syncs, beside: &[File]) -> io::Result<String> {
        let sum = self.end()?;
        std::fs::write(index, self.index(&sum)?)?;
        let mut files = vec![finish_file(&self.path)?, finish_file(index)?];
        for file in beside {
            files.push(file.try_clone()?);
        }
        syncs.sync(files)?;
        Ok(sum.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Writes the number of objects into the header, and the digest of all before it at the end.
    fn end(&mut self) -> io::Result<[u8; 20]> {
        let count = u32::try_from(self.objects.len()).map_err(io::Error::other)?;
        self.file.seek(SeekFrom::Start(HEADER.len() as u64))?;
        self.file.write_all(&count.to_be_bytes())?;
        self.file.rewind()?;
        let file = self.file.get_mut();
        let (mut sum, mut chunk) = (Sha1::new(), vec![0; 1 << 16]);
        loop {
            match file.read(&mut chunk)? {
                0 => break,
                read => sum.update(&chunk[..read]),
            }
        }
        let sum: [u8; 20] = sum.finalize().into();
        file.write_all(&sum)?;
        Ok(sum)
    }

    /// Returns the index of the pack, whose objects come in the order of their ids.
    fn index(&mut self, pack_sum: &[u8; 20]) -> io::Result<Vec<u8>> {
        self.objects.sort_unstable_by_key(|object| object.id);
        let mut index = INDEX_HEADER.to_vec();
        for first in 0..=u8::MAX {
            let count = self.objects.partition_point(|object| object.id.as_bytes()[0] <= first);
            index.extend(u32::try_from(count).map_err(io::Error::other)?.to_be_bytes());
        }
        self.objects.iter().for_each(|object| index.extend_from_slice(object.id.as_bytes()));
        self.objects.iter().for_each(|object| index.extend(object.crc.to_be_bytes()));
        let mut long = Vec::new();
        for object in &self.objects {
            let offset = match u32::try_from(object.offset) {
                Ok(offset) if object.offset < LONG_OFFSET => offset,
                _ => {
                    long.push(object.offset);
                    u32::try_from(LONG_OFFSET as usize + long.len() - 1).map_err(io::Error::other)?
                }
            };
            index.extend(offset.to_be_bytes());
        }
        long.iter().for_each(|offset| index.extend(offset.to_be_bytes()));
        index.extend_from_slice(pack_sum);
        let sum = Sha1::digest(&index);
        index.extend_from_slice(&sum);
        Ok(index)
    }
}

/// Lets nobody write a file again; returns it to be synced.
fn finish_file(path: &Path) -> io::Result<File> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions)?;
    File::open(path)
}

/// Appends what an entry begins with: the kind and the length of its object, four bits of it and then seven a byte.
fn write_header(kind: ObjectType, length: usize, entry: &mut Vec<u8>) -> io::Result<()> {
    let number = match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Blob => 3,
        ObjectType::Tag => 4,
        ObjectType::Any => return Err(io::Error::other("an object of no kind")),
    };
    let mut byte = (number << 4) | (length & 15) as u8;
    let mut rest = length >> 4;
    while rest > 0 {
        entry.push(byte | 0x80);
        byte = (rest & 0x7f) as u8;
        rest >>= 7;
    }
    entry.push(byte);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use git2::Repository;

    #[test]
    fn the_header_of_an_entry_has_kind_and_length() {
        let check = |kind, length, expect: &[u8]| {
            let mut entry = Vec::new();
            write_header(kind, length, &mut entry).expect("a header");
            assert_eq!(entry, expect, "{kind} {length}");
        };
        check(ObjectType::Commit, 0, &[0x10]);
        check(ObjectType::Tree, 15, &[0x2f]);
        check(ObjectType::Blob, 16, &[0xb0, 0x01]);
        check(ObjectType::Tag, 2_047, &[0xcf, 0x7f]);
        check(ObjectType::Blob, 2_048, &[0xb0, 0x80, 0x01]);
    }

    #[test]
    fn a_pack_is_read_by_libgit2_and_by_git() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository::init_bare(folder.path()).expect("a repository");
        let staging = super::super::Staging::new(folder.path()).expect("a folder");
        let mut pack = staging.writer().expect("a pack");
        let kinds = [ObjectType::Blob, ObjectType::Tree, ObjectType::Commit, ObjectType::Tag];
        let contents = (0..400_u32).map(|n| {
            // Such as shrink, such as grow, and one that is empty.
            let noise = (0..n * 5).map(|at| (at.wrapping_mul(2_654_435_761) >> (n % 24)) as u8).collect();
            let content: Vec<u8> = if n % 2 == 0 { vec![b'x'; n as usize * 70] } else { noise };
            (kinds[n as usize % if n < 300 { 1 } else { 4 }], content)
        });
        let objects: Vec<(Oid, ObjectType, Vec<u8>)> = contents
            .map(|(kind, content)| (Oid::hash_object(kind, &content).expect("an id"), kind, content))
            .collect();
        for (id, kind, content) in &objects {
            pack.add(*id, *kind, content).expect("written");
        }
        let index = staging.publish_written(pack, &Syncs::default(), &[]).expect("published");
        drop(staging);
        let odb = repository.odb().expect("objects");
        for (id, kind, content) in &objects {
            let found = odb.read(*id).expect("the object");
            assert_eq!((found.kind(), found.data()), (*kind, content.as_slice()), "{id}");
        }
        let mut ids: Vec<Oid> = objects.iter().map(|(id, ..)| *id).collect();
        ids.sort_unstable();
        assert_eq!(super::super::ids(&index).expect("the index"), ids);
        super::super::verify_indexes(folder.path()).expect("a whole index");
        // Git makes the same index of the pack.
        let made = folder.path().join("made.idx");
        let git = std::process::Command::new("git")
            .args(["index-pack", "-o"])
            .args([&made, &index.with_extension("pack")])
            .output();
        if let Ok(done) = git {
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            assert_eq!(std::fs::read(&made).expect("Git's"), std::fs::read(&index).expect("ours"));
        }
    }
}
