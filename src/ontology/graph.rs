//! The statements of all ontology files together, and which file each is from.

use super::error::Error;
use super::terms;
use crate::model::statement::triple_terms;
use oxigraph::io::{RdfFormat, RdfParseError, RdfParser};
use oxigraph::model::{Graph, Literal, NamedNode, NamedNodeRef, NamedOrBlankNode, Term, TermRef, Triple};
use std::collections::HashMap;

/// The parsed files.
pub(super) struct Files {
    pub(super) graph: Graph,
    /// The file that first describes each named subject.
    pub(super) origin: HashMap<NamedNode, String>,
}

impl Files {
    /// Parses Turtle files in the order given. Blank nodes of different files stay apart.
    pub(super) fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut parsed = Self { graph: Graph::new(), origin: HashMap::new() };
        for (file, text) in files {
            parsed.add(file, text)?;
        }
        Ok(parsed)
    }

    fn add(&mut self, file: &str, text: &str) -> Result<(), Error> {
        if let Some(at) = triple_terms::too_deep(text.as_bytes()) {
            let (before, message) = (&text[..at], triple_terms::TOO_DEEP.to_owned());
            let line = before.matches('\n').count() as u64 + 1;
            let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) as u64 + 1;
            return Err(Error::Syntax { file: file.to_owned(), line, column, message });
        }
        let parser = RdfParser::from_format(RdfFormat::Turtle).rename_blank_nodes();
        for quad in parser.for_slice(text) {
            let quad = quad.map_err(|error| syntax(file, &error.into()))?;
            if let NamedOrBlankNode::NamedNode(subject) = &quad.subject {
                self.origin.entry(subject.clone()).or_insert_with(|| file.to_owned());
            }
            self.graph.insert(&Triple::from(quad));
        }
        Ok(())
    }

    /// Returns the file that describes a term, for messages.
    pub(super) fn file_of(&self, term: &NamedNode) -> String {
        self.origin.get(term).cloned().unwrap_or_else(|| "the ontology".to_owned())
    }

    /// Returns the file that describes a subject, for messages.
    pub(super) fn origin_of(&self, subject: &NamedOrBlankNode) -> String {
        match subject {
            NamedOrBlankNode::NamedNode(iri) => self.file_of(iri),
            NamedOrBlankNode::BlankNode(_) => "the ontology".to_owned(),
        }
    }

    /// Returns the objects of a subject and predicate, in no order.
    pub(super) fn objects(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Vec<Term> {
        self.graph.objects_for_subject_predicate(subject, predicate).map(TermRef::into_owned).collect()
    }

    /// Returns the first object of a subject and predicate.
    pub(super) fn object(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Option<Term> {
        self.graph.object_for_subject_predicate(subject, predicate).map(TermRef::into_owned)
    }

    /// Returns the object where it is an IRI.
    pub(super) fn iri(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Option<NamedNode> {
        match self.object(subject, predicate)? {
            Term::NamedNode(iri) => Some(iri),
            _ => None,
        }
    }

    /// Returns the IRIs among the objects.
    pub(super) fn iris(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Vec<NamedNode> {
        let mut iris: Vec<NamedNode> = self
            .objects(subject, predicate)
            .into_iter()
            .filter_map(|object| if let Term::NamedNode(iri) = object { Some(iri) } else { None })
            .collect();
        iris.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        iris
    }

    /// Returns the texts of all literal objects, in their order.
    pub(super) fn texts(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Vec<String> {
        let literal = |object| {
            if let Term::Literal(literal) = object { Some(literal.value().to_owned()) } else { None }
        };
        let mut texts: Vec<String> =
            self.objects(subject, predicate).into_iter().filter_map(literal).collect();
        texts.sort_unstable();
        texts
    }

    /// Returns the text of a literal object; of several the English or untagged one.
    pub(super) fn text(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> Option<String> {
        let mut literals: Vec<Literal> = self
            .objects(subject, predicate)
            .into_iter()
            .filter_map(|object| if let Term::Literal(literal) = object { Some(literal) } else { None })
            .collect();
        literals.sort_by_key(|literal| {
            (literal.language().is_some_and(|tag| !tag.starts_with("en")), literal.value().to_owned())
        });
        literals.into_iter().next().map(|literal| literal.value().to_owned())
    }

    /// Returns the number of a literal object.
    pub(super) fn number<T: std::str::FromStr>(
        &self,
        subject: &NamedOrBlankNode,
        predicate: NamedNodeRef<'_>,
    ) -> Option<T> {
        self.text(subject, predicate)?.parse().ok()
    }

    /// Returns whether a subject bears `true` for an annotation.
    pub(super) fn flag(&self, subject: &NamedOrBlankNode, predicate: NamedNodeRef<'_>) -> bool {
        self.text(subject, predicate).is_some_and(|text| text == "true" || text == "1")
    }

    /// Returns the items of an RDF list, up to a bound that no honest list reaches.
    pub(super) fn list(&self, head: &Term) -> Vec<Term> {
        let mut items = Vec::new();
        let mut node = as_subject(head);
        while let Some(subject) = node.filter(|_| items.len() < 10_000) {
            items.extend(self.object(&subject, terms::rdf::FIRST));
            node = self.object(&subject, terms::rdf::REST).as_ref().and_then(as_subject);
        }
        items
    }

    /// Returns the subjects of a predicate and object, in a stable order.
    pub(super) fn subjects<'a>(
        &self,
        predicate: NamedNodeRef<'a>,
        object: impl Into<TermRef<'a>>,
    ) -> Vec<NamedOrBlankNode> {
        let mut subjects: Vec<NamedOrBlankNode> = self
            .graph
            .subjects_for_predicate_object(predicate, object)
            .map(oxigraph::model::NamedOrBlankNodeRef::into_owned)
            .collect();
        subjects.sort_unstable_by_key(ToString::to_string);
        subjects
    }

    /// Returns the named instances of a class, in IRI order.
    pub(super) fn instances(&self, class: NamedNodeRef<'_>) -> Vec<NamedNode> {
        let subjects = self.subjects(terms::rdf::TYPE, class);
        subjects
            .into_iter()
            .filter_map(|subject| match subject {
                NamedOrBlankNode::NamedNode(iri) => Some(iri),
                NamedOrBlankNode::BlankNode(_) => None,
            })
            .collect()
    }
}

/// Takes a term as a subject; a literal is none.
pub(super) fn as_subject(term: &Term) -> Option<NamedOrBlankNode> {
    match term {
        Term::NamedNode(iri) => Some(iri.clone().into()),
        Term::BlankNode(node) => Some(node.clone().into()),
        _ => None,
    }
}

fn syntax(file: &str, error: &RdfParseError) -> Error {
    let (location, message) = match error {
        RdfParseError::Syntax(error) => {
            let location = error.location().map_or((1, 1), |at| (at.start.line + 1, at.start.column + 1));
            (location, error.to_string())
        }
        RdfParseError::Io(error) => ((1, 1), error.to_string()),
    };
    Error::Syntax { file: file.to_owned(), line: location.0, column: location.1, message }
}
