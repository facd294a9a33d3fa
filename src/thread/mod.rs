//! Questions on one snapshot: who bears a name, what a design is made of, what hangs together with what.
//!
//! Pure reading; no telemetry is known here.

pub mod bill;
pub mod coverage;
pub mod lookup;
pub mod record;
pub mod trace;

pub use bill::{Line, Place, bill_of_materials, places};
pub use coverage::{Coverage, coverage};
pub use lookup::lookup;
pub use record::{Record, is_instance};
pub use trace::{Direction, Step, impact, trace};

#[cfg(test)]
mod tests;
