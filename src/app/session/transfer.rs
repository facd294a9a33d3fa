//! What comes in as files and goes out as one: an import from its files to its report, and the export of a version or of samples.

use super::Session;
use crate::app::access::Operation;
use crate::app::error::Error;
use crate::app::read::export::{self, SamplesAsked, SamplesPage};
use crate::app::read::foreign::ForeignRequest;
use crate::app::report::ontology::OntologyReport;
use crate::app::report::refusal::Refused;
use crate::app::report::transfer::import::{ImportReport, UnusedReport};
use crate::app::write::import::{ImportOptions, SourceFile};
use crate::app::write::resolution::Decision;
use crate::exchange::rdf::Format;
use crate::exchange::reqif::Exported;
use crate::graph::Snapshot;
use crate::telemetry::View;
use std::io::Write;
use std::path::PathBuf;

impl Session {
    /// Imports files as the content of a source, with what is decided of conflicts.
    pub fn import_files(
        &self,
        files: Vec<SourceFile>,
        decisions: &[Decision],
        options: ImportOptions,
    ) -> Result<ImportReport, Box<Refused>> {
        let plain = |error| Box::new(Refused::new(error, None));
        self.authorize(Operation::Import).map_err(plain)?;
        let before = self.import_target(&options.into, options.recorded_at).map_err(plain)?;
        let mut options = options;
        for decision in decisions {
            options.resolutions.push(decision.resolution(&before).map_err(plain)?);
        }
        let (statements, read) = self.read_sources(files, &options).map_err(plain)?;
        let imported = self.import(statements, options.clone()).map_err(|error| {
            let mut refused = Refused::new(error, Some(&before));
            // What the files lost is the likeliest reason of a refusal.
            refused.details.ignored = read.ignored.iter().map(ToString::to_string).collect();
            let unused = read.unused_columns.iter().cloned();
            refused.details.unused_columns =
                unused.map(|(file, columns)| UnusedReport { file, columns }).collect();
            Box::new(refused)
        })?;
        ImportReport::new(&imported, read, &options, &before).map_err(plain)
    }

    /// Returns where the repository is, for Git's own programs to read.
    pub fn repository_folder(&self) -> Result<PathBuf, Error> {
        self.authorize(Operation::Read)?;
        Ok(self.app.repository().folder().join("thread.git"))
    }

    /// Returns the files of the ontology of a version.
    pub fn ontology_report(&self, version: &str) -> Result<OntologyReport, Error> {
        OntologyReport::read(self.read()?, version)
    }

    /// Writes all statements of a version.
    pub fn export(&self, version: &Snapshot, format: Format, out: impl Write) -> Result<(), Error> {
        self.authorize(Operation::Read)?;
        export::statements(version, format, out)
    }

    /// Writes a version in a format of other tools.
    pub fn export_foreign(&self, request: &ForeignRequest) -> Result<Exported, Error> {
        self.authorize(Operation::Read)?;
        self.app.export_foreign(request)
    }

    /// Writes samples as a table; returns where the next page begins, where there is one.
    pub fn export_samples(
        &self,
        view: &View,
        asked: &SamplesAsked,
        out: impl Write,
    ) -> Result<SamplesPage, Error> {
        self.authorize(Operation::Read)?;
        export::samples(view, asked, out)
    }
}
