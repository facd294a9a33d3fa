//! A version of the thread in the formats of other tools.

use crate::app::application::App;
use crate::app::error::Error;
use crate::exchange::reqif::{ATTACHMENT_CLASS, DOCUMENT, DOCUMENT_CLASS, Export, Exported, document_name};
use crate::exchange::verification;
use crate::graph::{self, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, NamedNodeRef};

/// The format of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignFormat {
    /// Requirements as ReqIF; an archive where it is asked for, or the source brought one.
    ReqIf {
        /// Whether it is an archive in any case.
        archive: bool,
    },
    /// Requirements and test cases as needs.json.
    Needs,
    /// Test results as JUnit XML.
    JUnit,
}

/// What is exported.
#[derive(Clone, Debug)]
pub struct ForeignRequest {
    /// The format.
    pub format: ForeignFormat,
    /// The version.
    pub at: String,
    /// The source whose ReqIF documents are given back; absent: the records of the thread, wherever they came from.
    pub source: Option<String>,
}

impl App {
    /// Exports a version in a format of other tools.
    pub fn export_foreign(&self, request: &ForeignRequest) -> Result<Exported, Error> {
        let snapshot = self.snapshot(&request.at)?;
        let documents = match (&request.source, request.format) {
            (Some(source), ForeignFormat::ReqIf { .. }) => documents(&snapshot, source)?,
            (Some(_), _) => {
                return Err(Error::Export("only ReqIF documents are given back by their source".to_owned()));
            }
            (None, _) => Vec::new(),
        };
        let records = records(&snapshot, &[tl::REQUIREMENT, tl::TEST_CASE_CLASS, tl::TEST_RESULT])?;
        let (commit, at) = (snapshot.commit().id.to_string(), snapshot.commit().time.to_string());
        let text = |text: String| Exported { bytes: text.into_bytes(), ..Exported::default() };
        match request.format {
            ForeignFormat::ReqIf { archive } => {
                let (ontology, base) = (&**snapshot.ontology(), snapshot.base());
                let export = Export { documents, records, ontology, base, commit, at };
                export.write(archive).map_err(Error::Export)
            }
            ForeignFormat::Needs => verification::write_needs(&records, snapshot.base(), &at, &commit)
                .map(text)
                .map_err(|error| Error::Export(error.to_string())),
            ForeignFormat::JUnit => Ok(text(verification::write_junit(&records))),
        }
    }
}

/// Returns the statements of the documents of a source, with all that belongs to them.
fn documents(snapshot: &Snapshot, source: &str) -> Result<Vec<Statement>, Error> {
    let name = document_name(snapshot.base(), source);
    let is_of = |iri: &NamedNode| {
        iri.as_str().strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let documents: Vec<NamedNode> = snapshot.instances(DOCUMENT_CLASS)?.into_iter().filter(is_of).collect();
    if documents.is_empty() {
        let message = format!(
            "the version has no ReqIF document of a source \"{source}\"; leave the source out to export all requirements"
        );
        return Err(Error::Export(message));
    }
    let mut members: Vec<NamedNode> =
        snapshot.instances(ATTACHMENT_CLASS)?.into_iter().filter(is_of).collect();
    for document in documents {
        members.extend(snapshot.subjects(DOCUMENT, &document.clone().into())?);
        members.push(document);
    }
    Ok(described(snapshot, members)?)
}

/// Returns the statements of the instances of classes.
fn records(snapshot: &Snapshot, classes: &[NamedNodeRef<'_>]) -> Result<Vec<Statement>, Error> {
    let mut members = Vec::new();
    for class in classes {
        members.extend(snapshot.instances(*class)?);
    }
    Ok(described(snapshot, members)?)
}

fn described(snapshot: &Snapshot, members: Vec<NamedNode>) -> Result<Vec<Statement>, graph::Error> {
    let mut statements = Vec::new();
    for member in members {
        statements.extend(snapshot.document(&member)?);
    }
    Ok(statements)
}
