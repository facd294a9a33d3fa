//! One column of a chunk: numbers that are compressed together, in pages that are read apart.
//!
//! ```text
//! head's length · length of each page (varints) · head · pages
//! ```
//! It is a `pco` chunk in its wrapped form: the head is that of a file and of its chunk, which records how all pages are compressed.
//! Every page is of 1,024 rows, the last of those that are left, so a stretch of a chunk costs as many pages as it touches.

use super::bytes::{Reader, Short, put_varint};
use pco::data_types::Number;
use pco::standalone::simple_decompress;
use pco::wrapped::{FileCompressor, FileDecompressor};
use pco::{ChunkConfig, PagingSpec};
use std::ops::Range;

/// Rows of a page. The number is part of the file format.
const PAGE_ROWS: usize = 1024;

/// Returns how many pages so many rows have.
pub(in crate::telemetry) fn pages(rows: usize) -> usize {
    rows.div_ceil(PAGE_ROWS)
}

/// Returns the rows of some pages of a column of `rows`.
pub(super) fn rows_of(pages: &Range<usize>, rows: usize) -> Range<usize> {
    let end = (pages.end * PAGE_ROWS).min(rows);
    (pages.start * PAGE_ROWS).min(end)..end
}

/// Compresses numbers, of which there is at least one, in pages.
pub(super) fn compress<T: Number>(numbers: &[T], config: ChunkConfig) -> Vec<u8> {
    let lengths = (0..pages(numbers.len())).map(|page| rows_of(&(page..page + 1), numbers.len()).len());
    let config = config.with_paging_spec(PagingSpec::Exact(lengths.collect()));
    let file = FileCompressor::default();
    let mut chunk = file.chunk_compressor(numbers, &config).expect("the settings are valid");
    let head = file.write_header(Vec::new()).and_then(|head| chunk.write_meta(head));
    let pages = (0..pages(numbers.len())).map(|page| chunk.write_page(page, Vec::new()));
    let blocks = std::iter::once(head).chain(pages);
    let blocks: Vec<Vec<u8>> = blocks.map(|block| block.expect("memory takes all bytes")).collect();
    let mut bytes = Vec::new();
    blocks.iter().for_each(|block| put_varint(&mut bytes, block.len() as u64));
    bytes.extend(blocks.concat());
    bytes
}

/// Restores some pages of a column of `rows` numbers.
pub(super) fn decompress<T: Number>(bytes: &[u8], rows: usize, pages: Range<usize>) -> Result<Vec<T>, Short> {
    let mut reader = Reader(bytes);
    let lengths = (0..=self::pages(rows)).map(|_| reader.varint().map(|length| length as usize));
    let lengths = lengths.collect::<Result<Vec<_>, Short>>()?;
    let (head, lengths) = lengths.split_first().ok_or(Short)?;
    let (file, head) = FileDecompressor::new(reader.take(*head)?).map_err(|_| Short)?;
    let (mut chunk, _) = file.chunk_decompressor::<T, _>(head).map_err(|_| Short)?;
    let mut numbers = vec![T::default(); rows_of(&pages, rows).len()];
    let mut room = &mut numbers[..];
    for (page, length) in lengths.iter().enumerate().take(pages.end) {
        let block = reader.take(*length)?;
        if pages.start <= page {
            let (mine, more) = room.split_at_mut(rows_of(&(page..page + 1), rows).len());
            let mut page = chunk.page_decompressor(block, mine.len()).map_err(|_| Short)?;
            page.read(mine).map_err(|_| Short)?;
            room = more;
        }
    }
    Ok(numbers)
}

/// Restores the numbers of a column that has no pages: a standalone stream, as version 2 of a part and those before had them.
pub(super) fn decompress_stream<T: Number>(bytes: &[u8], rows: usize) -> Result<Vec<T>, Short> {
    let numbers = simple_decompress(bytes).map_err(|_| Short)?;
    if numbers.len() == rows { Ok(numbers) } else { Err(Short) }
}
