//! What went wrong, for the person at the terminal.

use crate::exchange::archive::Unpacked;
use crate::model::utf8;
use crate::telemetry;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitCode;

/// A failure of a subcommand, described in one sentence and, where there is one, a hint.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    hint: Option<String>,
    /// A reader that went away (`throughline log | head`) is no failure.
    quiet: bool,
    /// How the program exits.
    code: u8,
}

/// The exit code of what was done in part.
const INCOMPLETE: u8 = 3;

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, quiet: false, code: 1 }
    }

    /// Makes the failure of what was done in part.
    pub(super) fn incomplete(message: impl Into<String>) -> Self {
        Self { code: INCOMPLETE, ..Self::new(message) }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the hint for telemetry that another process has open.
    pub(super) fn of_telemetry(error: telemetry::Error) -> Self {
        let is_in_use = matches!(error, telemetry::Error::InUse { .. });
        let failure = Self::from(error);
        if is_in_use {
            failure.hint("stop the service, or what else has the folder open, before")
        } else {
            failure
        }
    }

    /// Adds where it happened.
    #[must_use]
    pub(super) fn within(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    pub(super) fn report(self) -> ExitCode {
        if self.quiet {
            return ExitCode::SUCCESS;
        }
        eprintln!("error: {}", self.message);
        if let Some(hint) = self.hint {
            eprintln!("hint: {hint}");
        }
        ExitCode::from(self.code)
    }
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let quiet = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
            .filter_map(|error| error.downcast_ref::<std::io::Error>())
            .any(|error| error.kind() == std::io::ErrorKind::BrokenPipe);
        Self { quiet, ..Self::new(error.to_string()) }
    }
}

/// Opens a file to be read once, unpacked where its name ends in `.gz`; `-` is the standard input. A file in
/// UTF-16 is refused. The failure names the file.
pub(super) fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    let mut file = open_table(path)?;
    let failed = |error: &dyn fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let start = file.fill_buf().map_err(|error| failed(&error))?;
    utf8::without_mark(start).map_err(|error| failed(&format_args!("the file {error}")))?;
    Ok(Box::new(file))
}

/// Opens a file as [`open`] does, in any encoding: tables are decoded by their dialect.
pub(super) fn open_table(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let failed = |error: &dyn fmt::Display| Failure::new(format!("{}: {error}", path.display()));
    let file: Box<dyn BufRead> = if path == Path::new("-") {
        Box::new(std::io::stdin().lock())
    } else {
        let file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|error| failed(&error))?);
        let packed = path.extension().is_some_and(|extension| extension == "gz");
        if packed { Box::new(BufReader::new(Unpacked::new(file))) } else { Box::new(file) }
    };
    Ok(file)
}

/// Reads a file whole, unpacked where its name ends in `.gz`; the failure names it.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    read_at_most(path, u64::MAX)
}

/// Like [`read`], but stops after so many bytes.
pub(super) fn read_at_most(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    read_from(open(path)?, path, max)
}

/// Reads a table whole, in any encoding, up to so many bytes.
pub(super) fn read_table_at_most(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    read_from(open_table(path)?, path, max)
}

fn read_from(file: impl Read, path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = file.take(max).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    Ok(bytes)
}

/// Reads a text file whole, without a byte-order mark; the failure names it.
pub(super) fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(bytes.strip_prefix(utf8::MARK).unwrap_or(&bytes));
    text.map(str::to_owned).map_err(|_| Failure::new(format!("{}: not UTF-8", path.display())))
}
