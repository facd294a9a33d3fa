//! What is wrong with the form of a file.

/// What is wrong with the form of a file.
#[derive(Debug)]
pub(in crate::exchange) enum Fault {
    /// It cannot be read.
    Io(std::io::Error),
    /// A line is wrong; the column counts from 0.
    Line { line: u64, column: Option<usize>, message: String },
    /// A line is a header of other columns, so what follows is another table.
    Header { line: u64, message: String },
}

impl From<std::io::Error> for Fault {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
