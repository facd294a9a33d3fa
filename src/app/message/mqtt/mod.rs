//! A client of MQTT 3.1.1 and 5: it subscribes, has what arrives stored, and acknowledges a message only once its samples are on the disk.

mod back_off;
pub(in crate::app) mod client;
pub(in crate::app) mod command;
pub(in crate::app) mod intake;
pub(in crate::app) mod link;
pub(in crate::app) mod options;
mod packet;
pub(in crate::app) mod status;
#[cfg(test)]
mod tests;
pub(in crate::app) mod units;
pub(in crate::app) mod units_file;
pub(in crate::app) mod writer;
