//! Which properties of resources an answer has: `oslc.select` of queries and `oslc.properties` of one resource.

use super::refusal::OslcRefusal;
use super::resource::{OslcResource, Outward};
use crate::exchange::rdf::oslc::document::Document;
use crate::exchange::rdf::oslc::query::Selection;
use crate::exchange::rdf::oslc::shape::is_computed;
use crate::model::statement::Statement;
use crate::ontology::terms::dcterms;
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};

/// So many linked resources are described in one answer.
const TARGETS_MAX: usize = 10_000;

/// Describes resources for one answer.
pub struct Describer<'a> {
    outward: Outward<'a>,
    selection: Selection,
    targets: usize,
    /// What the answer has so far.
    pub document: Document,
}

impl<'a> Describer<'a> {
    /// Begins an answer; without a selection each resource has its type, identifier and title.
    pub fn new(outward: Outward<'a>, selection: Option<Selection>) -> Self {
        let usual = [rdf::TYPE, dcterms::IDENTIFIER, dcterms::TITLE];
        let usual = || Selection {
            all: false,
            properties: usual.iter().map(|property| (property.into_owned(), None)).collect(),
        };
        let selection = selection.unwrap_or_else(usual);
        Self { outward, selection, targets: 0, document: Document::default() }
    }

    /// Adds a resource.
    pub fn add(&mut self, iri: &NamedNode) -> Result<(), OslcRefusal> {
        let selection = self.selection.clone();
        self.describe(iri, &selection)
    }

    fn describe(&mut self, iri: &NamedNode, selection: &Selection) -> Result<(), OslcRefusal> {
        let resource = OslcResource::read(self.outward.version, iri)?;
        let statements = match &resource {
            Some(resource) => resource.statements.clone(),
            None => self.outward.version.statements(iri)?,
        };
        let is_computed_in = selection.properties.iter().any(|(property, _)| is_computed(property));
        if let Some(resource) = resource.filter(|_| selection.all || is_computed_in) {
            let computed = resource.computed(self.outward)?.statements;
            let is_in = |predicate: &NamedNode| {
                selection.all || selection.properties.iter().any(|(property, _)| property == predicate)
            };
            let computed = computed.into_iter().filter(|statement| is_in(&statement.predicate));
            self.document.statements.extend(computed);
        }
        if selection.all {
            self.document.statements.extend(self.outward.all(&statements)?);
        }
        for (property, nested) in &selection.properties {
            if is_computed(property) {
                continue;
            }
            self.selected(iri, &statements, property, nested.as_ref())?;
        }
        Ok(())
    }

    fn selected(
        &mut self,
        iri: &NamedNode,
        statements: &[Statement],
        property: &NamedNode,
        nested: Option<&Selection>,
    ) -> Result<(), OslcRefusal> {
        let chosen: Vec<Statement> = statements
            .iter()
            .filter(|statement| statement.subject == *iri && statement.predicate == *property)
            .cloned()
            .collect();
        self.document.statements.extend(self.outward.all(&chosen)?);
        let Some(nested) = nested else { return Ok(()) };
        for statement in &chosen {
            let Term::NamedNode(target) = &statement.object else { continue };
            self.targets += 1;
            if self.targets > TARGETS_MAX {
                let text = format!(
                    "more than {TARGETS_MAX} linked resources would be described: ask for smaller pages or fewer properties"
                );
                return Err(OslcRefusal::Content(text));
            }
            self.describe(target, nested)?;
        }
        Ok(())
    }
}
