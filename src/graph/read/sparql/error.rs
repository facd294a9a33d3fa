//! Why a SPARQL query is refused or fails.

use crate::graph::index;
use std::io;
use std::time::Duration;

/// Why a SPARQL query is refused or fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text is no SPARQL query.
    #[error("this is no SPARQL 1.1 query: {0}")]
    Malformed(String),
    /// The text is an update.
    #[error(
        "this is a SPARQL update, and SPARQL only reads here: the thread changes by commits and imports alone"
    )]
    Update,
    /// The query asks another service.
    #[error("SERVICE is not supported, SILENT or not: nothing is fetched from elsewhere")]
    Service,
    /// The query names graphs to be asked.
    #[error(
        "FROM and FROM NAMED are not supported: a version has one graph, which has no name; choose the version beside the query"
    )]
    Dataset,
    /// The query nests deeper or combines more than is evaluated.
    #[error("the query is too complex: {0}")]
    Complex(&'static str),
    /// The evaluation took longer than it may.
    #[error("the query was stopped after {} s: ask for less, or more precisely", .0.as_secs_f64())]
    Late(Duration),
    /// The evaluation had more terms in memory than it may.
    #[error("the query was stopped: it needs more memory than a query may take; ask for less at once")]
    Memory,
    /// The answer is larger than it may be.
    #[error("the query was stopped: its answer is larger than {0} bytes; page it with LIMIT and OFFSET")]
    Size(u64),
    /// A text that the query computed is longer than it may be.
    #[error("the query was stopped: it computed a text longer than {0} bytes")]
    Text(usize),
    /// A regular expression is too large for the text that it is matched against.
    #[error(
        "the query was stopped: its regular expression is too large to be matched against a text of {0} bytes"
    )]
    Pattern(usize),
    /// Nobody waits for the answer any more.
    #[error("the query was stopped: nobody waits for its answer")]
    Cancelled,
    /// The format is not one for this form of query.
    #[error("{format} cannot hold the answer to {form}; these can: {offered}")]
    Format {
        /// The format asked for.
        format: &'static str,
        /// The form of the query.
        form: &'static str,
        /// The names of the formats that can.
        offered: String,
    },
    /// The evaluation failed.
    #[error("the query failed: {0}")]
    Failed(String),
    /// The answer could not be written.
    #[error("the answer could not be written: {0}")]
    Write(#[source] io::Error),
    /// The index failed.
    #[error(transparent)]
    Index(#[from] index::Error),
}
