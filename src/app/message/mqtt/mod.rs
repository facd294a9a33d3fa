//! A client of MQTT 3.1.1 and 5: it subscribes, has what arrives stored, and acknowledges a message only once its samples are on the disk.

pub(in crate::app) mod client;
pub(in crate::app) mod command;
pub(in crate::app) mod homes;
pub(in crate::app) mod intake;
pub(in crate::app) mod link;
pub(in crate::app) mod options;
mod packet;
pub(in crate::app) mod status;
