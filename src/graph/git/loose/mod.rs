//! Loose objects: each a file of its own, as Git keeps them, in one of 256 folders by the first two digits of its id.

pub(in crate::graph) mod deflate;
mod object;
pub(in crate::graph) mod read;
pub(in crate::graph) mod syncs;
mod write;

pub(in crate::graph) use object::{Error, Object, place};
pub(in crate::graph) use write::write;
