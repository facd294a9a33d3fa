//! What subcommands print and read in common.

pub(super) mod authored;
pub(super) mod columns;
pub(super) mod conflicts;
pub(super) mod dialect;
pub(super) mod inputs;
pub(super) mod json;
pub(super) mod page;
pub(super) mod progress;
pub(super) mod resolutions;
pub(super) mod streamed;
pub(super) mod unreadable;
pub(super) mod words;
