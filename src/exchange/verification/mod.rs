//! What tests and documents of requirements of other tools bring: JUnit XML, needs.json, Doorstop, QIF.

mod doorstop;
mod inspection;
mod junit;
mod needs;
mod outcome;
mod records;
mod yaml;

pub(in crate::exchange) use doorstop::read as read_doorstop;
pub(in crate::exchange) use inspection::read as read_qif;
pub(in crate::exchange) use junit::read as read_junit;
pub use junit::write as write_junit;
pub(in crate::exchange) use needs::read as read_needs;
pub use needs::write as write_needs;
