//! Types, arguments and payloads that the other folders use.

pub(crate) mod account;
pub(crate) mod author;
pub(crate) mod batch;
pub(crate) mod connection;
pub(crate) mod node;
pub(crate) mod note;
pub(crate) mod page;
pub(crate) mod payload;
pub(crate) mod position;
pub(crate) mod unit;
pub(crate) mod version_arguments;
pub(crate) mod versions;
pub(crate) mod window;
