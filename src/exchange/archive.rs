//! What is packed: ZIP archives in memory, with a bound on what they unpack to; and bytes that are packed by gzip, one member after
//! the other and nothing behind them.

use flate2::bufread::GzDecoder;
use std::io::{BufRead, Cursor, Error, ErrorKind, Read, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Files in an archive, at most.
const FILES_MAX: usize = 20_000;

/// An archive may unpack to so many times its own size, and so many bytes: exports pack XML to a tenth or a fiftieth, and deflate
/// packs what is there to fill the memory to a thousandth.
const RATIO_MAX: u64 = 200;
const BYTES_MIN: u64 = 16 << 20;

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Member {
    /// Its path, with `/` between folders.
    pub(in crate::exchange) path: String,
    /// Its content.
    pub(in crate::exchange) bytes: Vec<u8>,
}

/// Returns whether bytes begin as a ZIP archive does.
pub(in crate::exchange) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Unpacks an archive in the order of paths; one that unpacks to more than `bytes_max` bytes is refused, whatever sizes it declares.
pub(in crate::exchange) fn unpack(bytes: &[u8], bytes_max: u64) -> Result<Vec<Member>, String> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("no ZIP archive: {error}"))?;
    if archive.len() > FILES_MAX {
        return Err(format!("the archive has {} files, more than {FILES_MAX}", archive.len()));
    }
    let room = room(bytes, bytes_max);
    let mut left = room;
    let mut members: Vec<Member> = Vec::new();
    for index in 0..archive.len() {
        let file =
            archive.by_index(index).map_err(|error| format!("file {} of the archive: {error}", index + 1))?;
        if file.is_dir() {
            continue;
        }
        let name = file.name().map_err(|error| format!("file {} of the archive: {error}", index + 1))?;
        let path = name.replace('\\', "/");
        if file.enclosed_name().is_none() {
            return Err(format!("the archive has a file with the unsafe path \"{}\"", path.escape_debug()));
        }
        let mut content = Vec::new();
        let read = file.take(left.saturating_add(1)).read_to_end(&mut content);
        read.map_err(|error| format!("{path} in the archive: {error}"))?;
        let size = content.len() as u64;
        if size > left {
            return Err(too_large(room, bytes_max));
        }
        left -= size;
        if members.iter().any(|member| member.path == path) {
            return Err(format!("the archive has two files {path}"));
        }
        members.push(Member { path, bytes: content });
    }
    members.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(members)
}

/// Unpacks an archive without keeping it, and returns the paths of its files; one that is too large is refused as by [`unpack`].
pub(in crate::exchange) fn measure(bytes: &[u8], bytes_max: u64) -> Result<Vec<String>, String> {
    let mut archive =
        ZipArchive::new(Cursor::new(bytes)).map_err(|error| format!("no ZIP archive: {error}"))?;
    let room = room(bytes, bytes_max);
    let (mut left, mut paths) = (room, Vec::new());
    for index in 0..archive.len().min(FILES_MAX) {
        let mut file =
            archive.by_index(index).map_err(|error| format!("file {} of the archive: {error}", index + 1))?;
        let name = file.name().map_err(|error| format!("file {} of the archive: {error}", index + 1))?;
        let path = name.into_owned();
        let read = std::io::copy(&mut (&mut file).take(left.saturating_add(1)), &mut std::io::sink());
        let size = read.map_err(|error| format!("{path} in the archive: {error}"))?;
        if size > left {
            return Err(too_large(room, bytes_max));
        }
        left -= size;
        paths.push(path);
    }
    Ok(paths)
}

/// Returns how many bytes an archive may unpack to.
fn room(bytes: &[u8], bytes_max: u64) -> u64 {
    bytes_max.min((bytes.len() as u64).saturating_mul(RATIO_MAX).saturating_add(BYTES_MIN))
}

fn too_large(room: u64, bytes_max: u64) -> String {
    let reason = if room < bytes_max {
        "which is more than 200 times its own size, as no export does"
    } else {
        "which is all that an import may bring"
    };
    format!("the archive unpacks to more than {room} bytes, {reason}")
}

/// Packs files; the same files give the same bytes.
pub(in crate::exchange) fn pack(members: &[Member]) -> Result<Vec<u8>, String> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for member in members {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", member.path);
        writer.start_file(member.path.as_str(), options).map_err(|error| failed(&error))?;
        writer.write_all(&member.bytes).map_err(|error| failed(&error))?;
    }
    Ok(writer.finish().map_err(|error| error.to_string())?.into_inner())
}

/// Unpacks all members of gzip. Other bytes behind the last one, and an end in the middle of one, are errors that say so.
#[derive(Debug)]
pub struct Unpacked<R: BufRead> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Unpacked<R> {
    /// Begins with the first member.
    pub fn new(packed: R) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }
}

impl<R: BufRead> Read for Unpacked<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(into).map_err(described)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { break };
            match rest.fill_buf()? {
                [] => {}
                [0x1F, ..] => self.member = Some(GzDecoder::new(rest)),
                _ => {
                    let message = "bytes that are no gzip follow where the gzip ends: pack the file alone";
                    return Err(Error::new(ErrorKind::InvalidData, message));
                }
            }
        }
        Ok(0)
    }
}

fn described(error: Error) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => {
            Error::new(ErrorKind::UnexpectedEof, "the gzip ends in the middle: it was cut off")
        }
        ErrorKind::InvalidInput => Error::new(ErrorKind::InvalidInput, "it is no gzip"),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};

    fn member(path: &str, bytes: &[u8]) -> Member {
        Member { path: path.to_owned(), bytes: bytes.to_vec() }
    }

    #[test]
    fn what_is_packed_unpacks_and_too_much_is_refused() {
        let members = [member("a.reqif", b"<a/>"), member("files/x.png", &[0; 100_000])];
        let packed = pack(&members).expect("an archive");
        assert!(is_archive(&packed) && packed.len() < 10_000);
        assert_eq!(pack(&members).as_ref(), Ok(&packed));
        assert_eq!(unpack(&packed, 100_004).as_deref(), Ok(&members[..]));
        let check = |bytes: &[u8], max: u64, expect: &str| {
            let error = unpack(bytes, max).expect_err(expect);
            assert!(error.contains(expect), "{error}");
        };
        check(&packed, 100_003, "unpacks to more than 100003 bytes, which is all");
        let bomb = pack(&[member("a.reqif", &vec![b' '; 40 << 20])]).expect("an archive");
        check(&bomb, 1_000_000_000, "200 times its own size");
        assert!(measure(&bomb, 1_000_000_000).is_err_and(|error| error.contains("200 times its own size")));
        check(&packed[..packed.len() - 30], 1_000_000, "no ZIP archive");
        check(&pack(&[member("../etc/passwd", b"")]).expect("an archive"), 10, "unsafe path");
    }

    fn gzipped(text: &str) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(text.as_bytes()).expect("memory");
        packer.finish().expect("memory")
    }

    #[test]
    fn members_are_unpacked_and_nothing_else() {
        let check = |bytes: &[u8], expect: &str| {
            let mut text = String::new();
            let got = match Unpacked::new(bytes).read_to_string(&mut text) {
                Ok(_) => text,
                Err(error) => error.to_string(),
            };
            assert!(got.starts_with(expect), "{got}");
        };
        let (one, two) = (gzipped("one\n"), gzipped("two\n"));
        check(&one, "one\n");
        check(&[&one[..], &two].concat(), "one\ntwo\n");
        check(&[&one[..], b"xx"].concat(), "bytes that are no gzip follow");
        check(&[&one[..], b"t,serial,temp\n1,2,3\n"].concat(), "bytes that are no gzip follow");
        check(&one[..one.len() - 3], "the gzip ends in the middle");
        check(&[&one[..], &two[..4]].concat(), "the gzip ends in the middle");
        check(b"t,serial\n1,2\n a table", "it is no gzip");
    }
}
