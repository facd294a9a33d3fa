//! Questions on one snapshot: who bears a name, what a design is made of, what hangs together with what.
//!
//! Pure reading; no telemetry is known here.

pub mod bill;
pub mod confirmation;
pub mod coverage;
pub mod link;
pub mod lookup;
pub mod notes;
pub mod record;
pub mod search;
pub mod suspect;
pub mod trace;

pub use bill::{Line, Place, bill_of_materials, places};
pub use confirmation::{confirm, confirmed};
pub use coverage::{
    Coverage, CoverageChange, Need, RequirementCoverage, coverage, coverage_change, requirement_coverage,
};
pub use link::predicate_named;
pub use lookup::{Found, find, lookup};
pub use notes::{Note, NoteKind, notes, notes_of};
pub use record::{Record, is_instance};
pub use search::{Hit, Search, SearchPlace, Unsearchable};
pub use suspect::{Suspect, Suspects};
pub use trace::{Direction, Step, impact, path, trace};

#[cfg(test)]
mod suspect_laws;

#[cfg(test)]
mod tests;
