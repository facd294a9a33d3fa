//! The query index: every statement of every version, by lifespan. It is derived: deleting it loses nothing.
//!
//! Files: one `redb` database, each block of its file with a checksum ([`storage::checked_file`]). Tables, format version 7 (integers big-endian where they are part of a key; entries of tables
//! marked * are packed into blocks, see [`storage::packed`]; ids are written as in [`terms::codes`]):
//!
//! | table | key | value |
//! |---|---|---|
//! | `meta` | name | text: `format`, `base` |
//! | `terms` * | id | term bytes ([`terms::dictionary`]) |
//! | `ids` * | term bytes | id |
//! | `live` * | row ([`rows::key`]) | the open lifespans of the row on main lanes ([`rows::lifespan`]) |
//! | `by_lane` * | row, lane and slot of time ([`rows::closed`]) | all other lifespans of the row in the slot |
//! | `touched` * | number u32, subject id | nothing: whose statements the commit changes from its first parent |
//! | `commits` | commit id, 20 bytes | number, lane, ordinal, time and the rest of it ([`commits`]) |
//! | `numbers` | number u32 | commit id |
//! | `positions` | lane u32, ordinal u32 | number u32 |
//! | `lanes` | lane u32 | parent lane, fork ordinal, branch |
//! | `merges` | lane u32, ordinal u32 of a merge | the places of its other parents, as in `positions` |
//! | `refs` | full ref name, or an announced deletion ([`stamps`]) | commit id: what this index has taken in |
//! | `keys` | idempotency key | ids of the commits made under it, in id order |
//!
//! A *lane* is a chain of first parents; a commit's place is (lane, ordinal). A lifespan `[born, died)` counts ordinals of
//! one lane. Reading at a place walks the lane, then its parent lane at the ordinal where it forked, and so on; the
//! first lane with a lifespan that covers its ordinal decides: present, or a tombstone.
//!
//! A commit that no ref reaches any more is taken back out ([`write::update`]): always the last one of its lane, as whatever is based
//! on it is out of reach too. Its terms stay in the dictionary, where nothing finds them.
//!
//! What nobody has committed can be laid over the tables in memory, as the one commit of a lane of its own ([`read::preview`]).
//!
//! The *main lanes* are those of `main` and of the sources (vendor branches); any other is a *side lane*. `live` has only the open
//! lifespans of main lanes. What is closed, and whatever is on a side lane, is in `by_lane`, so a property that was rewritten ten
//! thousand times, on `main` or on as many branches, leaves the head as quick as before; there it is sorted by lane and time, so that
//! a read at any other place is as quick. So a lane costs nobody anything who does not read it: whether its branch was merged, was
//! deleted, goes on or is made anew on one of its commits.

pub(crate) mod commits;
pub(crate) mod digest;
pub mod error;
pub(crate) mod format;
pub(crate) mod indexed_refs;
pub(crate) mod prepare;
pub(crate) mod read;
pub(crate) mod rows;
pub(crate) mod storage;
pub(crate) mod store;
pub(crate) mod terms;
pub(crate) mod write;

pub use error::Error;
