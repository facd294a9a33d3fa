//! Resource shapes: the classes of the ontology as `oslc:ResourceShape`, with the aliases of OSLC's vocabularies beside their fields.

use super::address::Addresses;
use super::alias::{Alias, FLAGS, LinkDirection};
use super::document::Document;
use super::domain::Kind;
use super::vocabulary::{CM, CONFIG, CORE, DCTERMS, OWL, TL, XSD, named};
use crate::ontology::{Class, Field, FieldKind, Ontology};
use oxigraph::model::{NamedNode, Term};

/// Properties of every resource that the service computes: no document sets them.
pub const COMPUTED: [((&str, &str), Occurs, &str); 6] = [
    ((DCTERMS, "created"), Occurs::ZeroOrOne, "dateTime"),
    ((DCTERMS, "modified"), Occurs::ZeroOrOne, "dateTime"),
    ((CORE, "serviceProvider"), Occurs::ExactlyOne, "Resource"),
    ((CORE, "instanceShape"), Occurs::ExactlyOne, "Resource"),
    ((CONFIG, "component"), Occurs::ExactlyOne, "Resource"),
    ((OWL, "sameAs"), Occurs::ExactlyOne, "Resource"),
];

/// How often a property occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurs {
    /// Once.
    ExactlyOne,
    /// Once or not at all.
    ZeroOrOne,
    /// Once or more.
    OneOrMany,
    /// Any number of times.
    ZeroOrMany,
}

impl Occurs {
    fn of(field: &Field) -> Self {
        match (field.min > 0, field.is_single()) {
            (true, true) => Self::ExactlyOne,
            (false, true) => Self::ZeroOrOne,
            (true, false) => Self::OneOrMany,
            (false, false) => Self::ZeroOrMany,
        }
    }

    const fn local(self) -> &'static str {
        match self {
            Self::ExactlyOne => "Exactly-one",
            Self::ZeroOrOne => "Zero-or-one",
            Self::OneOrMany => "One-or-many",
            Self::ZeroOrMany => "Zero-or-many",
        }
    }
}

/// Returns the shape of a kind; `None` where the ontology has no such class.
pub fn shape(addresses: &Addresses, kind: &Kind, ontology: &Ontology) -> Option<Document> {
    let class = kind.class_in(ontology)?;
    let address = addresses.shape(kind);
    let mut document = Document::default();
    document.type_of(&address, (CORE, "ResourceShape"));
    document.text(&address, (DCTERMS, "title"), &class.name);
    document.text(&address, (DCTERMS, "description"), &class.comment);
    document.add(&address, (CORE, "describes"), kind.domain_type());
    document.add(&address, (CORE, "describes"), class.iri.clone());
    let mut shape = Shape { address, document };
    for field in class.fields.iter().filter(|field| field.name != "id") {
        shape.field(field, addresses, ontology);
    }
    for alias in Alias::of(kind) {
        shape.alias(alias, class, addresses);
    }
    for (predicate, occurs, value_type) in COMPUTED {
        let property = shape.property(&named(predicate.0, predicate.1), predicate.1, occurs);
        shape.document.flag(&property, (CORE, "readOnly"), true);
        shape.value_type(&property, value_type);
    }
    if kind.name == "ChangeRequest" {
        for (flag, _) in FLAGS {
            let property = shape.property(&named(CM, flag), flag, Occurs::ZeroOrOne);
            shape.document.flag(&property, (CORE, "readOnly"), true);
            shape.value_type(&property, "boolean");
        }
    }
    Some(shape.document)
}

struct Shape {
    address: NamedNode,
    document: Document,
}

impl Shape {
    fn property(&mut self, predicate: &NamedNode, name: &str, occurs: Occurs) -> NamedNode {
        let prefix = if predicate.as_str().starts_with(TL) { "tl" } else { "property" };
        let property = NamedNode::new_unchecked(format!("{}#{prefix}-{name}", self.address.as_str()));
        let document = &mut self.document;
        document.add(&self.address, (CORE, "property"), property.clone());
        document.type_of(&property, (CORE, "Property"));
        document.text(&property, (CORE, "name"), name);
        document.add(&property, (CORE, "propertyDefinition"), predicate.clone());
        document.add(&property, (CORE, "occurs"), named(CORE, occurs.local()));
        property
    }

    fn value_type(&mut self, property: &NamedNode, value_type: &str) {
        let namespace = if value_type.starts_with(char::is_uppercase) { CORE } else { XSD };
        self.document.add(property, (CORE, "valueType"), named(namespace, value_type));
        if namespace == CORE {
            self.document.add(property, (CORE, "representation"), named(CORE, "Reference"));
        }
    }

    fn field(&mut self, field: &Field, addresses: &Addresses, ontology: &Ontology) {
        let property = self.property(&field.predicate, field.local_name(), Occurs::of(field));
        self.document.text(&property, (DCTERMS, "title"), &field.name);
        if !field.comment.is_empty() {
            self.document.text(&property, (DCTERMS, "description"), &field.comment);
        }
        let is_reserved = field.reserved.as_ref().is_some_and(|reserved| reserved.initial.is_none());
        self.document.flag(&property, (CORE, "readOnly"), is_reserved);
        match &field.kind {
            FieldKind::Fragment(class) => {
                self.document.add(&property, (CORE, "valueType"), named(CORE, "LocalResource"));
                self.document.add(&property, (CORE, "representation"), named(CORE, "Inline"));
                self.document.add(&property, (CORE, "range"), class.clone());
            }
            FieldKind::Link(classes) => {
                self.value_type(&property, "Resource");
                self.range(&property, classes, ontology);
            }
            kind => self.value_type(&property, plain(kind)),
        }
        if let FieldKind::Enumeration(_, values) = &field.kind {
            for value in values {
                self.document.text(&property, (CORE, "allowedValue"), value);
            }
        }
        if let FieldKind::Link(classes) = &field.kind
            && let Some(kind) = Kind::of_classes(classes, ontology)
        {
            self.document.add(&property, (CORE, "valueShape"), addresses.shape(kind));
        }
    }

    fn range(&mut self, property: &NamedNode, classes: &[NamedNode], ontology: &Ontology) {
        for class in classes {
            self.document.add(property, (CORE, "range"), class.clone());
            if let Some(kind) = Kind::of_classes(std::slice::from_ref(class), ontology) {
                self.document.add(property, (CORE, "range"), kind.domain_type());
            }
        }
    }

    fn alias(&mut self, alias: &Alias, class: &Class, addresses: &Addresses) {
        let field = class.field_of(alias.property).filter(|_| alias.way == LinkDirection::Forward);
        let occurs = field.map_or(Occurs::ZeroOrMany, Occurs::of);
        let property = self.property(&alias.iri(), alias.name(), occurs);
        let description = match alias.way {
            LinkDirection::Forward => format!("The same as {}.", alias.property.as_str()),
            LinkDirection::Inverse => format!("What has this resource as {}.", alias.property.as_str()),
        };
        self.document.text(&property, (DCTERMS, "description"), &description);
        let is_link = field.is_none_or(|field| matches!(field.kind, FieldKind::Link(_)));
        self.value_type(&property, if is_link { "Resource" } else { "string" });
        let other = alias.other.and_then(|other| super::domain::KINDS.iter().find(|kind| kind.name == other));
        if let Some(other) = other {
            self.document.add(&property, (CORE, "range"), other.domain_type());
            self.document.add(&property, (CORE, "valueShape"), addresses.shape(other));
        }
    }
}

/// Returns the value type of what is no link.
const fn plain(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Boolean => "boolean",
        FieldKind::Integer => "integer",
        FieldKind::Number => "decimal",
        FieldKind::Instant => "dateTime",
        FieldKind::Date => "date",
        FieldKind::Period => "duration",
        FieldKind::Text | FieldKind::Enumeration(..) => "string",
        FieldKind::Iri
        | FieldKind::Unit
        | FieldKind::QuantityKind
        | FieldKind::Link(_)
        | FieldKind::Fragment(_) => "Resource",
    }
}

/// Returns whether a property is computed for every resource.
pub fn is_computed(predicate: &NamedNode) -> bool {
    COMPUTED.iter().any(|((namespace, local), ..)| {
        predicate.as_str().strip_prefix(namespace).is_some_and(|rest| rest == *local)
    })
}

/// Returns the flags of a change request in a state.
pub fn flags(state: &str) -> impl Iterator<Item = (NamedNode, Term)> {
    FLAGS.iter().map(move |(flag, states)| {
        (named(CM, flag), oxigraph::model::Literal::from(states.contains(&state)).into())
    })
}

/// Returns whether a property is a flag that follows from the state.
pub fn is_flag(predicate: &NamedNode) -> bool {
    FLAGS.iter().any(|(flag, _)| *predicate == named(CM, flag))
}
