//! Questions on one snapshot: who bears a name, what a design is made of, what hangs together with what.
//!
//! Pure reading; no telemetry is known here.

pub mod bill;
pub mod lookup;
pub mod record;

pub use bill::{Line, Place, bill_of_materials, places};
pub use lookup::lookup;
pub use record::Record;
