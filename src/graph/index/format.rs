//! The tables of the index file, and the version of its format.

use redb::TableDefinition;

pub(crate) const FORMAT: &str = "7";

pub(crate) type Bytes = &'static [u8];

pub(crate) const META: TableDefinition<'_, &str, &str> = TableDefinition::new("meta");

pub(crate) const TERMS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("terms");

pub(crate) const IDS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("ids");

pub(crate) const LIVE: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("live");

pub(crate) const BY_LANE: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("by_lane");

pub(crate) const TOUCHED: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("touched");

pub(crate) const COMMITS: TableDefinition<'_, Bytes, Bytes> = TableDefinition::new("commits");

pub(crate) const NUMBERS: TableDefinition<'_, u32, Bytes> = TableDefinition::new("numbers");

pub(crate) const POSITIONS: TableDefinition<'_, u64, u32> = TableDefinition::new("positions");

pub(crate) const LANES: TableDefinition<'_, u32, Bytes> = TableDefinition::new("lanes");

pub(crate) const MERGES: TableDefinition<'_, u64, Bytes> = TableDefinition::new("merges");

pub(crate) const REFS: TableDefinition<'_, &str, Bytes> = TableDefinition::new("refs");

pub(crate) const KEYS: TableDefinition<'_, &str, Bytes> = TableDefinition::new("keys");
