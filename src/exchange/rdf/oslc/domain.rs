//! The domains of OSLC, and the kinds of resources that the record has in each.

use super::vocabulary::{AM, CM, QM, RM, named};
use crate::ontology::terms::tl;
use crate::ontology::{Class, Ontology};
use oxigraph::model::{NamedNode, NamedNodeRef};

/// A domain of OSLC; each has one service provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Domain {
    /// Requirements Management.
    Requirements,
    /// Architecture Management.
    Architecture,
    /// Change Management.
    Changes,
    /// Quality Management.
    Quality,
}

impl Domain {
    /// Every domain.
    pub const ALL: [Self; 4] = [Self::Requirements, Self::Architecture, Self::Changes, Self::Quality];

    /// Returns its part of addresses.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Requirements => "rm",
            Self::Architecture => "am",
            Self::Changes => "cm",
            Self::Quality => "qm",
        }
    }

    /// Returns its namespace, which is what `oslc:domain` names.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Requirements => RM,
            Self::Architecture => AM,
            Self::Changes => CM,
            Self::Quality => QM,
        }
    }

    /// Returns its title.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Requirements => "Requirements Management",
            Self::Architecture => "Architecture Management",
            Self::Changes => "Change Management",
            Self::Quality => "Quality Management",
        }
    }

    /// Returns the domain of a part of an address.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|domain| domain.path() == path)
    }

    /// Returns its kinds.
    pub fn kinds(self) -> impl Iterator<Item = &'static Kind> {
        KINDS.iter().filter(move |kind| kind.domain == self)
    }
}

/// A class of the ontology that a domain knows.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The domain.
    pub domain: Domain,
    /// The class; its subclasses belong to the kind.
    pub class: NamedNodeRef<'static>,
    /// The name of the class.
    pub name: &'static str,
    /// Its name for many, which is its part of addresses.
    pub plural: &'static str,
    /// The last part of its type in the vocabulary of the domain.
    type_name: &'static str,
}

/// Every kind.
pub const KINDS: [Kind; 7] = [
    kind(Domain::Requirements, tl::REQUIREMENT, ["Requirement", "requirements", "Requirement"]),
    kind(Domain::Architecture, tl::DESIGN_REVISION, ["DesignRevision", "designRevisions", "Resource"]),
    kind(Domain::Architecture, tl::PART_CLASS, ["Part", "parts", "Resource"]),
    kind(Domain::Changes, tl::CHANGE_REQUEST, ["ChangeRequest", "changeRequests", "ChangeRequest"]),
    kind(Domain::Changes, tl::FINDING_CLASS, ["Finding", "findings", "Defect"]),
    kind(Domain::Quality, tl::TEST_CASE_CLASS, ["TestCase", "testCases", "TestCase"]),
    kind(Domain::Quality, tl::TEST_RESULT, ["TestResult", "testResults", "TestResult"]),
];

const fn kind(
    domain: Domain,
    class: NamedNodeRef<'static>,
    [name, plural, type_name]: [&'static str; 3],
) -> Kind {
    Kind { domain, class, name, plural, type_name }
}

impl Kind {
    /// Returns the type in the vocabulary of the domain.
    pub fn domain_type(&self) -> NamedNode {
        named(self.domain.namespace(), self.type_name)
    }

    /// Returns the kind of a part of an address.
    pub fn of_path(domain: &str, plural: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.domain.path() == domain && kind.plural == plural)
    }

    /// Returns the kind of a resource by its classes.
    pub fn of_classes(classes: &[NamedNode], ontology: &Ontology) -> Option<&'static Self> {
        KINDS.iter().find(|kind| classes.iter().any(|class| kind.has(class.as_ref(), ontology)))
    }

    /// Returns whether instances of a class are of this kind.
    pub fn has(&self, class: NamedNodeRef<'_>, ontology: &Ontology) -> bool {
        class == self.class || ontology.class(class).is_some_and(|known| known.is_below(self.class))
    }

    /// Returns whether a resource with these classes is of this kind.
    pub fn has_any(&self, classes: &[NamedNode], ontology: &Ontology) -> bool {
        classes.iter().any(|class| self.has(class.as_ref(), ontology))
    }

    /// Returns the class as an ontology has it.
    pub fn class_in<'a>(&self, ontology: &'a Ontology) -> Option<&'a Class> {
        ontology.class(self.class)
    }
}
