//! The zlib streams of objects, one after the other: what deflating needs in memory is made once, as most objects are small.

use flate2::{Compress, Compression, FlushCompress, Status};
use std::io;

pub(in crate::graph) struct Deflate(Compress);

impl Deflate {
    pub(in crate::graph) fn new(level: Compression) -> Self {
        Self(Compress::new(level, true))
    }

    /// Appends the zlib stream of the bytes.
    pub(in crate::graph) fn append(&mut self, bytes: &[u8], into: &mut Vec<u8>) -> io::Result<()> {
        self.0.reset();
        loop {
            let read = usize::try_from(self.0.total_in()).map_err(io::Error::other)?;
            let rest = &bytes[read..];
            into.reserve(rest.len() / 2 + 64);
            match self.0.compress_vec(rest, into, FlushCompress::Finish)? {
                Status::StreamEnd => return Ok(()),
                Status::Ok | Status::BufError => {}
            }
        }
    }
}
