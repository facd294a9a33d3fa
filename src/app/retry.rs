//! Making a commit anew when another one comes between.

use super::error::Error;
use crate::graph;

/// How often a commit is made anew.
const ATTEMPTS: usize = 8;

/// Does what reads a head and commits on it, and does it again from the new head where that has moved meanwhile.
pub(super) fn retried<T>(mut make: impl FnMut() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match make() {
            Err(Error::Graph(graph::Error::Conflict(_))) if attempt < ATTEMPTS => attempt += 1,
            result => return result,
        }
    }
}
