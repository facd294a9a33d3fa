//! How bytes and files are written: columns, checked records, the control file, and what makes them last.

pub(super) mod bytes;
pub(super) mod clock_reading;
pub(super) mod column;
pub(super) mod columns;
pub(super) mod compact_double;
pub(super) mod control;
pub(super) mod durability;
pub(super) mod frames;
pub(super) mod header;
pub(super) mod horizon;
pub(super) mod ledger;
pub(super) mod packed;
