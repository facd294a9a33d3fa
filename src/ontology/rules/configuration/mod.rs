//! Rules on what is installed where and when.

pub(super) mod assembly;
pub(super) mod complete;
pub(super) mod cut;
pub(super) mod installation;
pub(super) mod stay;
