//! One resource as OSLC describes it: what the record states, and beside it the properties of OSLC's vocabularies.

use super::refusal::OslcRefusal;
use crate::exchange::rdf::oslc::address::Addresses;
use crate::exchange::rdf::oslc::alias::{Alias, LinkDirection};
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::domain::{KINDS, Kind};
use crate::exchange::rdf::oslc::shape::flags;
use crate::exchange::rdf::oslc::vocabulary::{CONFIG, CORE, DCTERMS, OWL};
use crate::graph::{self, Snapshot};
use crate::model::statement::{Statement, root};
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use sha2::{Digest as _, Sha256};

/// A resource of a kind that OSLC knows, at one version.
#[derive(Clone, Debug)]
pub struct OslcResource {
    /// Its IRI in the thread.
    pub iri: NamedNode,
    /// Its kind.
    pub kind: &'static Kind,
    /// What is stated of it and its fragments, with aliases; in the IRIs of the thread, in canonical order.
    pub statements: Vec<Statement>,
    /// Those of the statements that are filled in where the record has no title or identifier, and flags.
    pub filled: Vec<Statement>,
}

/// Returns the kind of a resource; `None` where it is of none.
pub(in crate::app) fn kind_of(
    version: &Snapshot,
    iri: &NamedNode,
) -> Result<Option<&'static Kind>, graph::Error> {
    Ok(Kind::of_classes(&version.classes_of(iri)?, version.ontology()))
}

impl OslcResource {
    /// Reads a resource; `None` where the version has none of a kind that OSLC knows.
    pub fn read(version: &Snapshot, iri: &NamedNode) -> Result<Option<Self>, OslcRefusal> {
        let Some(kind) = kind_of(version, iri)? else { return Ok(None) };
        let mut statements = version.document(iri)?;
        let mut aliases = vec![Statement::new(iri.clone(), rdf::TYPE, kind.domain_type())];
        for alias in Alias::of(kind) {
            for value in values(version, iri, alias)? {
                aliases.push(Statement::new(iri.clone(), alias.iri(), value));
            }
        }
        let filled = filled(version, iri, kind, &statements)?;
        statements.extend(aliases);
        statements.extend(filled.iter().cloned());
        statements.sort_unstable();
        statements.dedup();
        Ok(Some(Self { iri: iri.clone(), kind, statements, filled }))
    }

    /// Reads a resource that must be there.
    pub fn needed(version: &Snapshot, iri: &NamedNode) -> Result<Self, OslcRefusal> {
        Self::read(version, iri)?.ok_or_else(|| OslcRefusal::Absent(iri.clone()))
    }

    /// Returns a resource of which nothing is stated yet.
    pub(in crate::app) fn empty(iri: &NamedNode, kind: &'static Kind) -> Self {
        let (statements, filled) = (Vec::new(), Vec::new());
        Self { iri: iri.clone(), kind, statements, filled }
    }

    /// Returns what the entity tag names: a digest of all that is stated, whatever the notation and the address of the service.
    pub fn digest(&self) -> String {
        let mut digest = Sha256::new();
        for statement in &self.statements {
            digest.update(statement.to_string());
            digest.update("\n");
        }
        digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns a text of the resource.
    pub fn text(&self, predicate: NamedNodeRef<'_>) -> &str {
        let about = |statement: &&Statement| {
            statement.subject == self.iri && statement.predicate.as_ref() == predicate
        };
        match self.statements.iter().find(about).map(|statement| &statement.object) {
            Some(Term::Literal(literal)) => literal.value(),
            _ => "",
        }
    }

    /// Returns its title.
    pub fn title(&self) -> &str {
        self.text(dcterms::TITLE)
    }

    /// Returns its identifier.
    pub fn identifier(&self) -> &str {
        self.text(dcterms::IDENTIFIER)
    }

    /// Returns what the service itself states of the resource, in its own addresses.
    pub fn computed(&self, outward: Outward<'_>) -> Result<Document, OslcRefusal> {
        let Outward { version, addresses } = outward;
        let address = &outward.address(&self.iri)?;
        let mut document = Document::default();
        let type_statement = self.statements.iter().find(|statement| {
            statement.subject == self.iri
                && statement.predicate.as_ref() == rdf::TYPE
                && statement.object != Term::from(self.kind.domain_type())
        });
        let created = type_statement.map(|statement| version.origin(statement)).transpose()?.flatten();
        let modified = version.timeline(&self.iri)?.changes(None, 1)?.pop();
        let times = [("created", created), ("modified", modified.map(|change| change.commit))];
        for (name, commit) in times {
            if let Some(commit) = commit {
                let at = Literal::new_typed_literal(to_milliseconds(commit.time).to_string(), xsd::DATE_TIME);
                document.add(address, (DCTERMS, name), at);
            }
        }
        document.add(address, (CORE, "serviceProvider"), addresses.provider(self.kind.domain));
        document.add(address, (CORE, "instanceShape"), addresses.shape(self.kind));
        document.add(address, (CONFIG, "component"), addresses.component());
        document.add(address, (OWL, "sameAs"), self.iri.clone());
        Ok(document)
    }

    /// Returns the whole description in the addresses of a service.
    pub fn document(&self, version: &Snapshot, addresses: &Addresses) -> Result<Document, OslcRefusal> {
        let outward = Outward { version, addresses };
        let mut document = self.computed(outward)?;
        document.statements.extend(outward.all(&self.statements)?);
        Ok(document)
    }
}

/// Returns an instant without what is below a millisecond: many libraries keep no more, and would send another one back.
fn to_milliseconds(at: Instant) -> Instant {
    Instant::from_nanos(at.nanos() - at.nanos().rem_euclid(1_000_000))
}

/// From IRIs of the thread to addresses of a service.
#[derive(Clone, Copy)]
pub struct Outward<'a> {
    /// The version.
    pub version: &'a Snapshot,
    /// The addresses.
    pub addresses: &'a Addresses,
}

impl Outward<'_> {
    /// Returns the address of an IRI; one that is no resource of the thread stays.
    pub fn address(&self, iri: &NamedNode) -> Result<NamedNode, OslcRefusal> {
        let owner = root(iri);
        let is_fragment = owner != *iri && self.version.exists(&owner)?;
        if !is_fragment && !self.addresses.is_own(iri) && !self.version.exists(iri)? {
            return Ok(iri.clone());
        }
        Ok(self.addresses.of(iri, |_| is_fragment))
    }

    /// Returns statements in addresses.
    pub fn all(&self, statements: &[Statement]) -> Result<Vec<Statement>, OslcRefusal> {
        let mut found = Vec::with_capacity(statements.len());
        let mut known = std::collections::HashMap::new();
        for statement in statements {
            let subject = match known.get(&statement.subject) {
                Some(address) => NamedNode::clone(address),
                None => {
                    let address = self.address(&statement.subject)?;
                    known.insert(statement.subject.clone(), address.clone());
                    address
                }
            };
            let object = match &statement.object {
                Term::NamedNode(object) if statement.predicate.as_ref() != rdf::TYPE => {
                    self.address(object)?.into()
                }
                other => other.clone(),
            };
            found.push(Statement { subject, predicate: statement.predicate.clone(), object });
        }
        Ok(found)
    }
}

/// Returns the values that an alias of a resource has.
fn values(version: &Snapshot, iri: &NamedNode, alias: &Alias) -> Result<Vec<Term>, graph::Error> {
    let values = match alias.way {
        LinkDirection::Forward => version.values(iri, alias.property)?,
        LinkDirection::Inverse => {
            let subjects = version.subjects(alias.property, &iri.clone().into())?;
            subjects.into_iter().map(Term::from).collect()
        }
    };
    let mut found = Vec::with_capacity(values.len());
    for value in values {
        if is_meant(version, alias, &value)? {
            found.push(value);
        }
    }
    Ok(found)
}

/// Returns whether an alias means a link with this at its other end.
pub(in crate::app) fn is_meant(
    version: &Snapshot,
    alias: &Alias,
    other: &Term,
) -> Result<bool, graph::Error> {
    let Some(name) = alias.other else { return Ok(true) };
    let Term::NamedNode(other) = other else { return Ok(false) };
    let kind = KINDS.iter().find(|kind| kind.name == name);
    let classes = version.classes_of(other)?;
    Ok(kind.is_some_and(|kind| kind.has_any(&classes, version.ontology())))
}

/// Returns the title and the identifier that OSLC asks for and the record does not have, and the flags of a change request.
fn filled(
    version: &Snapshot,
    iri: &NamedNode,
    kind: &Kind,
    statements: &[Statement],
) -> Result<Vec<Statement>, graph::Error> {
    let has = |predicate: NamedNodeRef<'_>| {
        statements
            .iter()
            .any(|statement| statement.subject == *iri && statement.predicate.as_ref() == predicate)
    };
    let name = || version.shorten(iri);
    let mut filled = Vec::new();
    if !has(dcterms::IDENTIFIER) {
        filled.push(Statement::new(iri.clone(), dcterms::IDENTIFIER, Literal::from(name())));
    }
    if !has(dcterms::TITLE) {
        let title = match (version.text(iri, dcterms::IDENTIFIER)?, kind.name) {
            (Some(identifier), _) => identifier,
            (None, "DesignRevision") => revision_title(version, iri)?.unwrap_or_else(name),
            (None, _) => name(),
        };
        filled.push(Statement::new(iri.clone(), dcterms::TITLE, Literal::from(title)));
    }
    if kind.name == "ChangeRequest" {
        let state = version.text(iri, tl::STATE)?.unwrap_or_default();
        filled.extend(flags(&state).map(|(flag, value)| Statement::new(iri.clone(), flag, value)));
    }
    Ok(filled)
}

/// Returns the title of the part with the letter of the revision.
fn revision_title(version: &Snapshot, iri: &NamedNode) -> Result<Option<String>, graph::Error> {
    let Some(part) = version.target(iri, tl::REVISION_OF)? else { return Ok(None) };
    let (title, revision) = (version.text(&part, dcterms::TITLE)?, version.text(iri, tl::REVISION)?);
    Ok(title.zip(revision).map(|(title, revision)| format!("{title} {revision}")))
}

/// Returns the predicate of an alias.
pub(in crate::app) fn alias_of(kind: &Kind, predicate: &NamedNode) -> Option<&'static Alias> {
    Alias::named(kind, predicate.as_ref())
}
