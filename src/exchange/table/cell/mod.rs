//! The text of one cell: marks of numbers, times, and what a spreadsheet spoils.

pub(in crate::exchange) mod bracketed;
pub(super) mod marks;
mod months;
pub(super) mod offset;
pub(in crate::exchange) mod spoilt;
pub(in crate::exchange) mod time;
pub(super) mod workbook;
