//! Why the ontology's files cannot be used, or data not be checked.

use oxigraph::model::NamedNode;

/// What goes wrong while ontology files are read or data is validated.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The text of a file is no Turtle.
    #[error("{file}, line {line}, column {column}: {message}")]
    Syntax {
        /// The file's name.
        file: String,
        /// The line, counted from 1.
        line: u64,
        /// The column, counted from 1.
        column: u64,
        /// What is wrong there.
        message: String,
    },
    /// The files are Turtle, but do not make an ontology.
    #[error("{file}: {message}")]
    Invalid {
        /// The file's name, or the names of those that contradict each other.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// A user's file describes a term that the shipped files define.
    #[error("{file} redefines {term}, which Throughline itself defines; use a name of your own")]
    Redefined {
        /// The user's file.
        file: String,
        /// The shipped term.
        term: NamedNode,
    },
    /// The data could not be read.
    #[error("the data to validate cannot be read")]
    Data(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The validation itself gave up.
    #[error("validation failed: {0}")]
    Validation(String),
}

impl Error {
    /// Wraps an error of the data.
    pub(crate) fn data(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Data(Box::new(error))
    }
}
