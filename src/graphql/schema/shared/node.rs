//! Resources and fragments as parent values, and the two names they go by: `iri`, stable and short, and `id`, opaque and
//! of one version and watermark, so that a client's cache never mixes what two of them answer.

use crate::app::{REVIEW, Scope};
use crate::graph::Snapshot;
use crate::graphql::engine::Value;
use crate::graphql::error::Error;
use crate::model::statement::Statement;
use crate::ontology::{Class, Ontology};
use crate::thread::{self, Found};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::cell::OnceCell;
use std::sync::Arc;

/// The name of the interface of all resources and fragments.
pub(crate) const RECORD: &str = "Record";
/// The name of the type of resources that no class of the schema describes.
pub(crate) const OTHER: &str = "OtherResource";

/// What opaque ids begin with before they are encoded, so that no short IRI is taken for one.
const MARK: &str = "tl:";
/// What the ids of whole threads begin with.
const MARK_THREAD: &str = "tl3:";
/// What they begin with where a watermark follows the commit. Ids without one, which were made before, name the newest.
const MARK_KNOWN: &str = "tl2:";

/// A resource or fragment at one version.
pub(crate) struct Node {
    pub(crate) scope: Arc<Scope>,
    pub(crate) iri: NamedNode,
    statements: OnceCell<Vec<Statement>>,
}

impl Node {
    pub(crate) fn new(scope: &Arc<Scope>, iri: NamedNode) -> Self {
        Self { scope: Arc::clone(scope), iri, statements: OnceCell::new() }
    }

    /// Returns its statements, read once.
    pub(crate) fn statements(&self) -> Result<&[Statement], Error> {
        if let Some(statements) = self.statements.get() {
            return Ok(statements);
        }
        let statements = self.scope.snapshot.statements(&self.iri)?;
        Ok(self.statements.get_or_init(|| statements))
    }

    /// Returns the values of a property, in canonical order.
    pub(crate) fn values<'a>(
        &'a self,
        predicate: &'a NamedNode,
    ) -> Result<impl Iterator<Item = &'a Term>, Error> {
        let statements = self.statements()?.iter().filter(move |statement| statement.predicate == *predicate);
        Ok(statements.map(|statement| &statement.object))
    }

    /// Returns the targets of a link, in IRI order.
    pub(crate) fn targets(&self, predicate: &NamedNode) -> Result<Vec<NamedNode>, Error> {
        let mut targets: Vec<_> = self.values(predicate)?.filter_map(target).cloned().collect();
        targets.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        Ok(targets)
    }

    pub(crate) fn id(&self) -> String {
        opaque(&self.scope, &self.iri)
    }
}

pub(crate) fn target(value: &Term) -> Option<&NamedNode> {
    match value {
        Term::NamedNode(iri) => Some(iri),
        _ => None,
    }
}

/// An opaque id, decoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Opaque {
    /// A commit, or a review, which names its own watermark.
    pub(crate) version: String,
    pub(crate) as_known_at: Option<String>,
    /// In short; the whole thread at this version where absent.
    pub(crate) iri: Option<String>,
}

/// Makes the opaque id of a resource at a version and watermark, which in a review are the review's.
fn opaque(scope: &Scope, iri: &NamedNode) -> String {
    let iri = scope.snapshot.shorten(iri);
    URL_SAFE_NO_PAD.encode(match &scope.review {
        Some(identifier) => format!("{MARK}{REVIEW}{identifier}:{iri}"),
        None => {
            let (commit, watermark) = (scope.snapshot.commit().id, scope.view.watermark());
            format!("{MARK_KNOWN}{commit}:{watermark}:{iri}")
        }
    })
}

/// Makes the opaque id of all of a version and watermark.
pub(crate) fn thread_id(scope: &Scope) -> String {
    URL_SAFE_NO_PAD.encode(match &scope.review {
        Some(identifier) => format!("{MARK_THREAD}{REVIEW}{identifier}"),
        None => format!("{MARK_THREAD}{}:{}", scope.snapshot.commit().id, scope.view.watermark()),
    })
}

/// Reads an opaque id. A text that is none names nothing here.
pub(crate) fn read_opaque(id: &str) -> Option<Opaque> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
    let is_commit = |version: &str| version.len() == 40;
    let read = |version: &str, as_known_at: Option<&str>, iri: Option<&str>| Opaque {
        version: version.to_owned(),
        as_known_at: as_known_at.map(str::to_owned),
        iri: iri.map(str::to_owned),
    };
    if let Some(text) = text.strip_prefix(MARK_THREAD) {
        if text.starts_with(REVIEW) {
            return Some(read(text, None, None));
        }
        let (commit, watermark) = text.split_once(':').filter(|(commit, _)| is_commit(commit))?;
        return Some(read(commit, Some(watermark), None));
    }
    if let Some(text) = text.strip_prefix(MARK_KNOWN) {
        let (commit, rest) = text.split_once(':').filter(|(commit, _)| is_commit(commit))?;
        let (watermark, iri) = rest.split_once(':')?;
        return Some(read(commit, Some(watermark), Some(iri)));
    }
    let text = text.strip_prefix(MARK)?;
    match text.strip_prefix(REVIEW) {
        Some(review) => {
            let (identifier, iri) = review.split_once(':')?;
            Some(read(&format!("{REVIEW}{identifier}"), None, Some(iri)))
        }
        None => text
            .split_once(':')
            .filter(|(commit, _)| is_commit(commit))
            .map(|(commit, iri)| read(commit, None, Some(iri))),
    }
}

/// Returns the IRI that an argument names: an opaque id of any version, a full IRI, or the short form of one.
pub(crate) fn read_iri(snapshot: &Snapshot, id: &str) -> Result<NamedNode, Error> {
    match read_opaque(id) {
        Some(Opaque { iri: Some(iri), .. }) => Ok(snapshot.expand(&iri)?),
        Some(_) => Err(Error::bad_input("this is the id of a whole thread, and names no resource")),
        None => Ok(snapshot.expand(id)?),
    }
}

/// Returns the resource that an argument of a question names: as [`read_iri`] does, or where no resource has that name the one that
/// bears it as its identifier. An identifier that several bear is refused.
pub(crate) fn find_iri(snapshot: &Snapshot, id: &str) -> Result<NamedNode, Error> {
    find_of(snapshot, id, |_| Ok(true))
}

/// Returns the resource that an argument names, as [`find_iri`] does, among those of one kind.
pub(crate) fn find_of(
    snapshot: &Snapshot,
    id: &str,
    is_meant: impl Fn(&NamedNode) -> Result<bool, Error>,
) -> Result<NamedNode, Error> {
    if read_opaque(id).is_some() {
        return read_iri(snapshot, id);
    }
    match thread::find(snapshot, id, is_meant)? {
        Found::One(iri) => Ok(iri),
        Found::Several(several) => {
            let names: Vec<String> = several.iter().map(|iri| snapshot.shorten(iri)).collect();
            let names = names.join(", ");
            Err(Error::bad_input(format!(
                "\"{id}\" is the identifier of {names}: name one of them by its IRI"
            )))
        }
    }
}

/// Returns whether a resource is an instance of a class or of one of its subclasses.
pub(crate) fn is_a(snapshot: &Snapshot, iri: &NamedNode, class: &Class) -> Result<bool, Error> {
    let own = snapshot.classes_of(iri)?;
    Ok(own.iter().any(|own| *own == class.iri || class.descendants.contains(own)))
}

/// Wraps a resource or fragment; its type is that of its most specific class.
pub(crate) fn typed(scope: &Arc<Scope>, iri: NamedNode, _: &Ontology) -> Result<Value, Error> {
    Ok(Value::object(Node::new(scope, iri)))
}

/// Returns the class that a link's targets are shown as; none where they share only `Record`.
pub(crate) fn shown_as<'a>(ontology: &'a Ontology, targets: &[NamedNode]) -> Option<&'a Class> {
    match targets {
        [target] => ontology.class(target.as_ref()),
        _ => None,
    }
}

/// Returns the name of the type that a link's targets are shown as.
pub(crate) fn shown_name(ontology: &Ontology, targets: &[NamedNode]) -> String {
    shown_as(ontology, targets).map_or(RECORD, |class| class.name.as_str()).to_owned()
}

/// Writes a predicate as the ontology names it.
pub(crate) fn property_name(ontology: &Ontology, predicate: NamedNodeRef<'_>) -> String {
    match ontology.property(predicate) {
        Some(property) => property.name.clone(),
        None if predicate == oxigraph::model::vocab::rdf::TYPE => "type".to_owned(),
        None => predicate.as_str().to_owned(),
    }
}

/// Writes a value for a reader: an IRI in its short form, a literal without its datatype.
pub(crate) fn shown(snapshot: &Snapshot, term: &Term) -> String {
    match target(term) {
        Some(iri) => snapshot.shorten(iri),
        None => crate::graphql::error::plain(term),
    }
}

/// Writes `DesignRevision` as `designRevision`.
pub(crate) fn singular(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("{first}{}", letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opaque_ids_are_read_whenever_they_were_made() {
        let check = |text: &str, expect: Option<(&str, Option<&str>, &str)>| {
            let read = read_opaque(&URL_SAFE_NO_PAD.encode(text));
            let iri = |id: &Opaque| id.iri.clone().unwrap_or_default();
            let read = read.as_ref().map(|id| (&*id.version, id.as_known_at.as_deref(), iri(id)));
            let expect = expect.map(|(version, known, iri)| (version, known, iri.to_owned()));
            assert_eq!(read, expect, "{text}");
        };
        let commit = "0123456789abcdef0123456789abcdef01234567";
        check(&format!("tl:{commit}:unit/P-1"), Some((commit, None, "unit/P-1")));
        check(&format!("tl2:{commit}:0192-7:urn:a:b"), Some((commit, Some("0192-7"), "urn:a:b")));
        check("tl:review:DR-1:unit/P-1", Some(("review:DR-1", None, "unit/P-1")));
        check(&format!("tl3:{commit}:0192-7"), Some((commit, Some("0192-7"), "")));
        check("tl3:review:DR-1", Some(("review:DR-1", None, "")));
        check("tl:main:unit/P-1", None);
        check("tl2:main:0192-7:unit/P-1", None);
        check(&format!("tl2:{commit}"), None);
        check("unit/P-1", None);
        assert_eq!(read_opaque("unit/P-1"), None);
    }
}
