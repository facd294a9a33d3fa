//! Questions on one snapshot: who bears a name, what a design is made of, what hangs together with what.
//!
//! Pure reading; no telemetry is known here.

pub mod bill;
pub mod confirmation;
pub mod coverage;
pub mod link;
pub mod lookup;
pub mod record;
pub mod suspect;
pub mod trace;

pub use bill::{Line, Place, bill_of_materials, places};
pub use confirmation::{confirm, confirmed};
pub use coverage::{Coverage, coverage};
pub use link::predicate_named;
pub use lookup::lookup;
pub use record::{Record, is_instance};
pub use suspect::{Suspect, Suspects};
pub use trace::{Direction, Step, impact, trace};

#[cfg(test)]
mod tests;
