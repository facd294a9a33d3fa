//! Changes as OSLC sends them: a document that states all of a resource, compared with what the service states of it.
//!
//! A document has the properties of OSLC's vocabularies and ours beside each other, so what differs from what the client read is what it
//! changed, in either vocabulary. A document with both types (`oslc_rm:Requirement` and `tl:Requirement`) states everything, and what it
//! leaves out is removed. One with only the type of OSLC is by a client that does not know ours: of what it leaves out, properties of OSLC
//! and Dublin Core are removed and all others stay, and links that other resources have stay as well. One with only our type leaves the
//! properties of OSLC to the service.

use crate::app::read::oslc::refusal::OslcRefusal;
use crate::app::read::oslc::resource::{OslcResource, Outward, alias_of, is_meant};
use crate::exchange::rdf::oslc::address::Addresses;
use crate::exchange::rdf::oslc::alias::{Alias, LinkDirection};
use crate::exchange::rdf::oslc::domain::Kind;
use crate::exchange::rdf::oslc::shape::{is_computed, is_flag};
use crate::exchange::rdf::oslc::vocabulary::DCTERMS;
use crate::exchange::rdf::{Format, Known, read_onto};
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::statement::literal::canonical_statement;
use crate::model::statement::{Statement, without_fragment};
use crate::ontology::terms::dcterms;
use crate::ontology::{Class, Ontology};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet};

/// The namespaces of OSLC begin so.
const OSLC: &str = "http://open-services.net/";

/// A document as it was sent.
#[derive(Clone, Debug)]
pub struct OslcDocument {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its notation.
    pub format: Format,
}

/// What a client expects of a resource that it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OslcExpected {
    /// That it is there.
    Any,
    /// That it has one of these digests.
    Digests(Vec<String>),
}

impl OslcExpected {
    /// Refuses a resource that has changed meanwhile.
    pub(in crate::app) fn check(&self, resource: &OslcResource) -> Result<(), OslcRefusal> {
        let digest = resource.digest();
        match self {
            Self::Digests(digests) if !digests.contains(&digest) => Err(OslcRefusal::Stale(digest)),
            _ => Ok(()),
        }
    }
}

/// Returns the changes that make a resource what a document states.
pub(in crate::app) fn replacement(
    version: &Snapshot,
    addresses: &Addresses,
    iri: &NamedNode,
    document: &OslcDocument,
    expected: &OslcExpected,
) -> Result<Vec<Change>, OslcRefusal> {
    let resource = OslcResource::needed(version, iri)?;
    expected.check(&resource)?;
    let outward = Outward { version, addresses };
    let address = outward.address(iri)?;
    let own = resource.document(version, addresses)?.statements;
    let mut by_subject: BTreeMap<String, Vec<Statement>> = BTreeMap::new();
    for statement in &own {
        by_subject.entry(statement.subject.as_str().to_owned()).or_default().push(statement.clone());
    }
    let known = |subject: &NamedNode| by_subject.get(subject.as_str()).cloned().unwrap_or_default();
    let ontology = version.ontology();
    let sent = read_document(document, &address, &known, ontology)?;
    let inward = |statement| inward(addresses, ontology, statement);
    let sent: Vec<Statement> = sent.into_iter().map(inward).collect();
    refuse_others(iri, &sent)?;
    let computed = resource.computed(Outward { version, addresses })?.statements;
    let after = without_computed(iri, sent, computed.into_iter().map(inward))?;
    let vocabulary = Vocabulary::of(version, resource.kind, iri, &after)?;
    let before: BTreeSet<Statement> = resource.statements.iter().cloned().collect();
    let comparison = Comparison { version, addresses, resource: &resource, vocabulary };
    let mut changes = Vec::new();
    for statement in before.difference(&after) {
        changes.extend(comparison.removed(statement)?);
    }
    for statement in after.difference(&before) {
        changes.extend(comparison.added(statement)?);
    }
    Ok(changes)
}

/// Returns the changes that make a new resource of a document.
pub(in crate::app) fn creation(
    version: &Snapshot,
    addresses: &Addresses,
    kind: &'static Kind,
    iri: &NamedNode,
    document: &OslcDocument,
) -> Result<Vec<Change>, OslcRefusal> {
    let class =
        kind.class_in(version.ontology()).ok_or_else(|| OslcRefusal::Absent(kind.class.into_owned()))?;
    if let Some(reserved) = class.made_by() {
        let text = format!("{} a {}: OSLC cannot create one", reserved.makers(), class.name);
        return Err(OslcRefusal::Content(text));
    }
    let address = addresses.of(iri, |_| false);
    let ontology = version.ontology();
    let sent = read_document(document, &address, &|_| Vec::new(), ontology)?;
    let inward = |statement| inward(addresses, ontology, statement);
    let main = main_subject(&address, kind, class, &sent)?;
    let sent = sent.into_iter().map(|statement| inward(renamed(statement, &main, &address)));
    let sent: Vec<Statement> = sent.collect();
    refuse_others(iri, &sent)?;
    let resource = OslcResource::empty(iri, kind);
    let computed = resource.computed(Outward { version, addresses })?.statements;
    let after = without_computed(iri, sent, computed.into_iter().map(inward))?;
    let vocabulary = Vocabulary::Both;
    let comparison = Comparison { version, addresses, resource: &resource, vocabulary };
    let mut changes = beginning(iri, kind, class, &after, version);
    for statement in &after {
        changes.extend(comparison.added(statement)?);
    }
    Ok(changes)
}

/// Returns what every new resource of a class has, where the document does not state it.
fn beginning(
    iri: &NamedNode,
    kind: &Kind,
    class: &Class,
    sent: &BTreeSet<Statement>,
    version: &Snapshot,
) -> Vec<Change> {
    let has = |predicate: &NamedNode| {
        sent.iter().any(|statement| statement.subject == *iri && statement.predicate == *predicate)
    };
    let add = |predicate: NamedNode, value: Term| Change::Add(Statement::new(iri.clone(), predicate, value));
    let mut changes = Vec::new();
    let has_class = |statement: &Statement| match &statement.object {
        Term::NamedNode(named) => {
            statement.predicate.as_ref() == rdf::TYPE && kind.has(named.as_ref(), version.ontology())
        }
        _ => false,
    };
    if !sent.iter().any(|statement| statement.subject == *iri && has_class(statement)) {
        changes.push(add(rdf::TYPE.into_owned(), class.iri.clone().into()));
    }
    for field in &class.fields {
        let is_given = has(&field.predicate)
            || Alias::of(kind).any(|alias| alias.property == field.predicate.as_ref() && has(&alias.iri()));
        let initial = field.reserved.as_ref().and_then(|reserved| reserved.initial.clone());
        if let Some(initial) = initial.filter(|_| !is_given) {
            changes.push(add(field.predicate.clone(), initial));
        }
        if field.predicate.as_ref() == dcterms::IDENTIFIER && field.min > 0 && !is_given {
            let name = iri.as_str().rsplit(['/', '#']).next().unwrap_or_default();
            changes.push(add(field.predicate.clone(), Literal::from(name).into()));
        }
    }
    changes
}

/// Returns the subject that a document for a new resource is about.
fn main_subject(
    address: &NamedNode,
    kind: &Kind,
    class: &Class,
    sent: &[Statement],
) -> Result<NamedNode, OslcRefusal> {
    if sent.iter().any(|statement| statement.subject == *address) {
        return Ok(address.clone());
    }
    let types = [Term::from(kind.domain_type()), class.iri.clone().into()];
    let typed = sent
        .iter()
        .filter(|statement| statement.predicate.as_ref() == rdf::TYPE && types.contains(&statement.object));
    let mut subjects: BTreeSet<&str> = typed.map(|statement| statement.subject.as_str()).collect();
    if subjects.is_empty() {
        subjects = sent.iter().map(|statement| without_fragment(statement.subject.as_str())).collect();
    }
    match (subjects.pop_first(), subjects.pop_first()) {
        (Some(subject), None) => Ok(NamedNode::new_unchecked(subject)),
        (None, _) => Err(OslcRefusal::Content("the document states nothing".to_owned())),
        (Some(first), Some(second)) => Err(OslcRefusal::Content(format!(
            "the document describes {first} and {second}: send one resource of type {}, with its fragments",
            kind.domain_type().as_str()
        ))),
    }
}

/// Gives the main subject of a document and its fragments their address.
fn renamed(statement: Statement, main: &NamedNode, address: &NamedNode) -> Statement {
    let rename = |iri: NamedNode| match iri.as_str().strip_prefix(main.as_str()) {
        Some("") => address.clone(),
        Some(rest) if rest.starts_with('#') => {
            NamedNode::new_unchecked(format!("{}{rest}", address.as_str()))
        }
        _ => iri,
    };
    let object = match statement.object {
        Term::NamedNode(object) => rename(object).into(),
        other => other,
    };
    Statement { subject: rename(statement.subject), predicate: statement.predicate, object }
}

/// Reads a document about the resource at an address.
fn read_document(
    document: &OslcDocument,
    address: &NamedNode,
    known: Known<'_>,
    ontology: &Ontology,
) -> Result<Vec<Statement>, OslcRefusal> {
    let texts = |predicate: &NamedNode| ontology.is_text(predicate);
    let (bytes, format) = (&document.bytes, document.format);
    Ok(read_onto(bytes, format, address.as_str(), "the document", known, &texts)?)
}

/// Returns a statement in the IRIs of the thread and as it is kept; markup-free XML is the text that it is.
fn inward(addresses: &Addresses, ontology: &Ontology, statement: Statement) -> Statement {
    let iri = |address: NamedNode| addresses.iri(&address).unwrap_or(address);
    let object = match statement.object {
        Term::NamedNode(object) => Term::from(iri(object)),
        Term::Literal(literal)
            if literal.datatype() == rdf::XML_LITERAL && !literal.value().contains('<') =>
        {
            Literal::from(unescaped(literal.value())).into()
        }
        other => other,
    };
    ontology.normalized(Statement { subject: iri(statement.subject), predicate: statement.predicate, object })
}

/// Returns the text of XML that has no elements.
fn unescaped(xml: &str) -> String {
    xml.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

/// Refuses statements about anything else.
fn refuse_others(iri: &NamedNode, sent: &[Statement]) -> Result<(), OslcRefusal> {
    let is_own = |subject: &NamedNode| {
        subject
            .as_str()
            .strip_prefix(iri.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    };
    match sent.iter().find(|statement| !is_own(&statement.subject)) {
        None => Ok(()),
        Some(stray) => Err(OslcRefusal::Content(format!(
            "the document describes {}, which is neither the resource nor a fragment of it: change that one by its own address",
            stray.subject.as_str()
        ))),
    }
}

/// Takes out what the service computes where it is as the service states it, and refuses it where it is not.
fn without_computed(
    iri: &NamedNode,
    sent: Vec<Statement>,
    computed: impl Iterator<Item = Statement>,
) -> Result<BTreeSet<Statement>, OslcRefusal> {
    let computed: BTreeSet<Statement> = computed.map(canonical_statement).collect();
    let mut kept = BTreeSet::new();
    for statement in sent {
        if statement.subject != *iri || !is_computed(&statement.predicate) {
            kept.insert(statement);
        } else if !computed.contains(&statement) {
            let (predicate, value) = (statement.predicate.as_str(), &statement.object);
            return Err(OslcRefusal::Content(format!(
                "{predicate} is computed by the service and cannot be {value}: leave it out, or as it was read"
            )));
        }
    }
    Ok(kept)
}

/// Whose vocabulary a document uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vocabulary {
    Both,
    Oslc,
    Own,
}

impl Vocabulary {
    fn of(
        version: &Snapshot,
        kind: &Kind,
        iri: &NamedNode,
        sent: &BTreeSet<Statement>,
    ) -> Result<Self, OslcRefusal> {
        let types: Vec<NamedNode> = sent
            .iter()
            .filter(|statement| statement.subject == *iri && statement.predicate.as_ref() == rdf::TYPE)
            .filter_map(|statement| match &statement.object {
                Term::NamedNode(named) => Some(named.clone()),
                _ => None,
            })
            .collect();
        match (types.contains(&kind.domain_type()), kind.has_any(&types, version.ontology())) {
            (true, true) => Ok(Self::Both),
            (true, false) => Ok(Self::Oslc),
            (false, true) => Ok(Self::Own),
            (false, false) => Err(OslcRefusal::Content(format!(
                "the document gives the resource neither the type {} nor {}",
                kind.domain_type().as_str(),
                kind.class.as_str()
            ))),
        }
    }
}

/// What a resource is, compared with what a document states.
struct Comparison<'a> {
    version: &'a Snapshot,
    addresses: &'a Addresses,
    resource: &'a OslcResource,
    vocabulary: Vocabulary,
}

impl Comparison<'_> {
    fn alias(&self, statement: &Statement) -> Option<&'static Alias> {
        alias_of(self.resource.kind, &statement.predicate).filter(|_| statement.subject == self.resource.iri)
    }

    /// Returns whether a value is a resource elsewhere, of which the thread has the address alone.
    fn is_elsewhere(&self, value: &Term) -> Result<bool, OslcRefusal> {
        match value {
            Term::NamedNode(iri) => Ok(!self.version.exists(iri)?),
            _ => Ok(false),
        }
    }

    /// Returns the statement of the thread that an alias shows.
    fn shown(&self, alias: &Alias, statement: &Statement) -> Option<Statement> {
        let property = alias.property.into_owned();
        match (alias.way, &statement.object) {
            (LinkDirection::Forward, value) => {
                Some(Statement::new(self.resource.iri.clone(), property, value.clone()))
            }
            (LinkDirection::Inverse, Term::NamedNode(source)) => {
                Some(Statement::new(source.clone(), property, self.resource.iri.clone()))
            }
            (LinkDirection::Inverse, _) => None,
        }
    }

    fn is_domain_type(&self, statement: &Statement) -> bool {
        statement.subject == self.resource.iri
            && statement.predicate.as_ref() == rdf::TYPE
            && statement.object == Term::from(self.resource.kind.domain_type())
    }

    /// Returns the change that takes a statement away which the document leaves out.
    fn removed(&self, statement: &Statement) -> Result<Option<Change>, OslcRefusal> {
        if self.is_domain_type(statement) || self.resource.filled.contains(statement) {
            return Ok(None);
        }
        if let Some(alias) = self.alias(statement) {
            if self.is_elsewhere(&statement.object)? {
                return Ok((self.vocabulary != Vocabulary::Own).then(|| Change::Remove(statement.clone())));
            }
            let is_meant = match (self.vocabulary, alias.way) {
                (Vocabulary::Both, _) | (Vocabulary::Oslc, LinkDirection::Forward) => true,
                (Vocabulary::Oslc, LinkDirection::Inverse) | (Vocabulary::Own, _) => false,
            };
            return Ok(self.shown(alias, statement).filter(|_| is_meant).map(Change::Remove));
        }
        let stays = self.vocabulary == Vocabulary::Oslc
            && (statement.subject != self.resource.iri
                || ![DCTERMS, OSLC].iter().any(|known| statement.predicate.as_str().starts_with(known)));
        Ok((!stays).then(|| Change::Remove(statement.clone())))
    }

    /// Returns the change that brings in a statement which is new in the document.
    fn added(&self, statement: &Statement) -> Result<Option<Change>, OslcRefusal> {
        if self.is_domain_type(statement) {
            return Ok(None);
        }
        if is_flag(&statement.predicate) && statement.subject == self.resource.iri {
            let text = format!("{} follows from the state and cannot be set", statement.predicate.as_str());
            return Err(OslcRefusal::Content(text));
        }
        let Some(alias) = self.alias(statement) else { return Ok(Some(Change::Add(statement.clone()))) };
        if self.is_elsewhere(&statement.object)? {
            if matches!(&statement.object, Term::NamedNode(iri) if self.addresses.is_own(iri)) {
                let text = format!(
                    "{} leads to a resource of the thread, and {} is not here",
                    statement.predicate.as_str(),
                    statement.object
                );
                return Err(OslcRefusal::Content(text));
            }
            return Ok(Some(Change::Add(statement.clone())));
        }
        if alias.way == LinkDirection::Inverse && !is_meant(self.version, alias, &statement.object)? {
            let (name, other) = (statement.predicate.as_str(), alias.other.unwrap_or("resource"));
            return Err(OslcRefusal::Content(format!(
                "{name} leads from a {other} of the thread or to a resource elsewhere; {} is neither",
                statement.object
            )));
        }
        Ok(self.shown(alias, statement).map(Change::Add))
    }
}
