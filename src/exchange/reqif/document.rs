//! A version of the thread as a file.

use super::generate;
use super::graph::Graph;
use super::terms;
use super::write::Writer;
use crate::exchange::archive::{Member, pack};
use crate::exchange::fields::{FieldMapping, World};
use crate::model::statement::Statement;
use crate::ontology::Ontology;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is exported.
#[derive(Debug)]
pub struct Export<'a> {
    /// The statements of a source's documents; none where the requirements of the thread are exported, wherever they came from.
    pub documents: Vec<Statement>,
    /// The statements of the thread's requirements and verifications.
    pub records: Vec<Statement>,
    /// The ontology of the version.
    pub ontology: &'a Ontology,
    /// The base of the thread.
    pub base: &'a str,
    /// The commit, which names the file.
    pub commit: String,
    /// When it was made.
    pub at: String,
}

/// A file that was made.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is an archive (`.reqifz`).
    pub is_archive: bool,
    /// What of the version it does not contain.
    pub notices: Vec<String>,
}

impl Export<'_> {
    /// Writes the file: an archive where it came as one, where there are attachments or several documents, or where
    /// `archive` asks for one.
    pub fn write(self, archive: bool) -> Result<Exported, String> {
        let graph = Graph::of(self.documents.iter().chain(&self.records));
        let documents = graph.instances(terms::DOCUMENT_CLASS);
        let world = World { ontology: self.ontology, base: self.base };
        let mut notices = Vec::new();
        let mut members = Vec::new();
        for document in &documents {
            let mapping = FieldMapping::parse(
                graph.text(document, terms::MAPPING).unwrap_or_default(),
                "the mapping kept with the document",
            )?;
            let writer = Writer {
                graph: &graph,
                document,
                mapping: &mapping,
                world,
                commit: &self.commit,
                at: &self.at,
            };
            let text = writer.write(&mut notices)?;
            let path = graph
                .text(document, terms::PATH)
                .map_or_else(|| "requirements.reqif".to_owned(), str::to_owned);
            members.push(Member { path, bytes: text.into_bytes() });
        }
        if documents.is_empty() {
            let text = generate::write(&graph, world, &self.commit, &self.at, &mut notices);
            members.push(Member { path: "requirements.reqif".to_owned(), bytes: text.into_bytes() });
        }
        for attachment in graph.instances(terms::ATTACHMENT_CLASS) {
            let content = graph.text(&attachment, terms::CONTENT).unwrap_or_default();
            let path = graph.text(&attachment, terms::PATH).unwrap_or_default().to_owned();
            match STANDARD.decode(content) {
                Ok(bytes) => members.push(Member { path, bytes }),
                Err(_) => notices.push(format!("the attachment {path} is no base64, and is left out")),
            }
        }
        let came_packed = documents.iter().any(|document| graph.text(document, terms::PATH).is_some());
        let is_archive = archive || members.len() > 1 || came_packed;
        members.sort_by(|a, b| a.path.cmp(&b.path));
        let bytes = match (is_archive, members.pop()) {
            (false, Some(only)) => only.bytes,
            (_, last) => pack(&members.into_iter().chain(last).collect::<Vec<_>>())?,
        };
        Ok(Exported { bytes, is_archive, notices })
    }
}
