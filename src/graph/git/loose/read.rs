//! Reading loose objects within bounds. libgit2 1.9 never returns from the zlib stream of a file that was cut short, so each such
//! file is checked here before libgit2 reads it.

use super::object::place;
use flate2::{Decompress, FlushDecompress, Status};
use git2::{ObjectType, Oid};
use std::io;
use std::path::Path;

/// The longest header of an object's content, `commit 18446744073709551615\0`.
const HEADER_MAX: usize = 28;

/// How many bytes are inflated at once.
const CHUNK: usize = 16 << 10;

/// What is wrong with the file of an object.
#[derive(Debug, thiserror::Error)]
pub(in crate::graph) enum Damage {
    #[error("its file is empty")]
    Empty,
    #[error("its file is cut short after {0} bytes")]
    CutShort(usize),
    #[error("its file is no zlib stream, or a damaged one: {0}")]
    Garbled(flate2::DecompressError),
    #[error("its file does not begin with a kind and a length")]
    Header,
    #[error("its content is not of {0} bytes as its header states")]
    Length(u64),
    #[error("its file goes on after its end")]
    Trailing,
    #[error("its content is that of {0}")]
    OtherId(Oid),
    #[error("its file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("its id cannot be worked out: {0}")]
    Hash(#[from] git2::Error),
}

/// Returns the kind and content of an object that has a file of its own, verified against its id; `None` where it has none.
pub(in crate::graph) fn read(objects: &Path, id: Oid) -> Result<Option<(ObjectType, Vec<u8>)>, Damage> {
    let Some(file) = file(objects, id)? else { return Ok(None) };
    let mut content = Vec::new();
    let kind = inflate(&file, |bytes| content.extend_from_slice(bytes))?;
    match Oid::hash_object(kind, &content)? {
        found if found == id => Ok(Some((kind, content))),
        found => Err(Damage::OtherId(found)),
    }
}

/// Checks that the file of an object is whole; libgit2 holds its content against its id.
pub(in crate::graph) fn check(objects: &Path, id: Oid) -> Result<(), Damage> {
    match file(objects, id)? {
        Some(file) => inflate(&file, |_| {}).map(drop),
        None => Ok(()),
    }
}

fn file(objects: &Path, id: Oid) -> io::Result<Option<Vec<u8>>> {
    let (shard, name) = place(objects, id);
    match std::fs::read(shard.join(name)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// Inflates a file piece by piece, and returns the kind of its object.
fn inflate(file: &[u8], mut take: impl FnMut(&[u8])) -> Result<ObjectType, Damage> {
    if file.is_empty() {
        return Err(Damage::Empty);
    }
    let mut stream = Decompress::new(true);
    let (mut chunk, mut begin, mut header) = (vec![0; CHUNK], Vec::new(), None);
    let mut length = 0;
    loop {
        let (read, written) = (stream.total_in(), stream.total_out());
        let rest = &file[usize::try_from(read).unwrap_or(file.len())..];
        let status = stream.decompress(rest, &mut chunk, FlushDecompress::None).map_err(Damage::Garbled)?;
        let inflated = &chunk[..usize::try_from(stream.total_out() - written).unwrap_or(0)];
        let (kind, size) = match header {
            Some(known) => {
                length += inflated.len() as u64;
                take(inflated);
                known
            }
            None => {
                begin.extend_from_slice(inflated);
                match begin.iter().take(HEADER_MAX).position(|byte| *byte == 0) {
                    Some(end) => {
                        let known = parse_header(&begin[..end]).ok_or(Damage::Header)?;
                        length = (begin.len() - end - 1) as u64;
                        take(&begin[end + 1..]);
                        *header.insert(known)
                    }
                    None if begin.len() >= HEADER_MAX || status == Status::StreamEnd => {
                        return Err(Damage::Header);
                    }
                    None => (ObjectType::Any, u64::MAX),
                }
            }
        };
        if length > size {
            return Err(Damage::Length(size));
        }
        if status == Status::StreamEnd {
            return match stream.total_in() == file.len() as u64 {
                true if length == size => Ok(kind),
                true => Err(Damage::Length(size)),
                false => Err(Damage::Trailing),
            };
        }
        if (stream.total_in(), stream.total_out()) == (read, written) {
            return Err(Damage::CutShort(file.len()));
        }
    }
}

/// Reads `KIND LENGTH`.
fn parse_header(text: &[u8]) -> Option<(ObjectType, u64)> {
    let (kind, length) = std::str::from_utf8(text).ok()?.split_once(' ')?;
    let kind = ObjectType::from_str(kind).filter(|kind| *kind != ObjectType::Any)?;
    let is_plain = length.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| length.parse().ok()).flatten().map(|length| (kind, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use std::io::Write as _;

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    }

    fn check(file: &[u8], expect: Result<&[u8], &str>) {
        let mut content = Vec::new();
        match (inflate(file, |bytes| content.extend_from_slice(bytes)), expect) {
            (Ok(_), Ok(expect)) => assert_eq!(content, expect),
            (Err(error), Err(expect)) => assert!(error.to_string().contains(expect), "{error}, not {expect}"),
            (found, expect) => panic!("{found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn a_file_is_read_or_what_is_wrong_with_it_is_named() {
        let long = [b"blob 50000\0".as_slice(), &[7; 50_000]].concat();
        check(&zlib(b"blob 3\0abc"), Ok(b"abc"));
        check(&zlib(b"tree 0\0"), Ok(b""));
        check(&zlib(&long), Ok(&long[11..]));
        check(b"", Err("is empty"));
        check(b"blob 3\0abc", Err("no zlib stream"));
        check(&zlib(b""), Err("kind and a length"));
        check(&zlib(b"blob 3"), Err("kind and a length"));
        check(&zlib(b"blub 3\0abc"), Err("kind and a length"));
        check(&zlib(b"any 3\0abc"), Err("kind and a length"));
        check(&zlib(b"blob +3\0abc"), Err("kind and a length"));
        check(&zlib(&[b'b'; 60]), Err("kind and a length"));
        check(&zlib(b"blob 4\0abc"), Err("not of 4 bytes"));
        check(&zlib(b"blob 2\0abc"), Err("not of 2 bytes"));
        check(&zlib(b"blob 18446744073709551615\0abc"), Err("not of 18446744073709551615 bytes"));
        check(&[zlib(b"blob 3\0abc"), vec![0]].concat(), Err("goes on after its end"));
    }

    #[test]
    fn a_file_that_is_cut_short_anywhere_is_refused() {
        let noise: Vec<u8> =
            (0..3_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for content in [&b"abc"[..], &noise] {
            let file = zlib(&[format!("blob {}\0", content.len()).as_bytes(), content].concat());
            check(&file, Ok(content));
            (1..file.len()).for_each(|end| check(&file[..end], Err("cut short")));
        }
    }
}
