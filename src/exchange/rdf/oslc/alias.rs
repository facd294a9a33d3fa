//! The properties of OSLC's vocabularies that mean the same as a property of the ontology. Documents have both; `ontology/alignments.ttl`
//! states the relation, and a test compares.

use super::domain::Kind;
use super::vocabulary::{CM, QM, RM, named};
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, NamedNodeRef};

/// A property in the vocabulary of OSLC that is made from one of the ontology.
#[derive(Debug, PartialEq, Eq)]
pub struct Alias {
    /// The name of the class that has it.
    class: &'static str,
    namespace: &'static str,
    local: &'static str,
    /// The property of the ontology.
    pub property: NamedNodeRef<'static>,
    /// Which way it reads the property.
    pub way: LinkDirection,
    /// The name of the class at the other end, where only links to or from that one are meant.
    pub other: Option<&'static str>,
}

/// Which way an alias reads a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkDirection {
    /// From the resource to the value.
    Forward,
    /// From what links to the resource.
    Inverse,
}

use LinkDirection::{Forward, Inverse};

/// Every alias.
pub const ALIASES: [Alias; 13] = [
    alias("Requirement", RM, "decomposes", tl::DERIVED_FROM, Forward, None),
    alias("Requirement", RM, "decomposedBy", tl::DERIVED_FROM, Inverse, Some("Requirement")),
    alias("Requirement", RM, "satisfiedBy", tl::SATISFIES, Inverse, Some("DesignRevision")),
    alias("Requirement", RM, "elaboratedBy", tl::SATISFIES, Inverse, Some("DesignRevision")),
    alias("Requirement", RM, "validatedBy", tl::VERIFIES, Inverse, Some("TestCase")),
    alias("Requirement", RM, "affectedBy", tl::AFFECTS, Inverse, Some("ChangeRequest")),
    alias("DesignRevision", RM, "satisfies", tl::SATISFIES, Forward, Some("Requirement")),
    alias("ChangeRequest", CM, "affectsRequirement", tl::AFFECTS, Forward, Some("Requirement")),
    alias("ChangeRequest", CM, "status", tl::STATE, Forward, None),
    alias("Finding", CM, "status", tl::STATE, Forward, None),
    alias("TestCase", QM, "validatesRequirement", tl::VERIFIES, Forward, Some("Requirement")),
    alias("TestResult", QM, "reportsOnTestCase", tl::TEST_CASE, Forward, Some("TestCase")),
    alias("TestResult", QM, "status", tl::VERDICT, Forward, None),
];

const fn alias(
    class: &'static str,
    namespace: &'static str,
    local: &'static str,
    property: NamedNodeRef<'static>,
    way: LinkDirection,
    other: Option<&'static str>,
) -> Alias {
    Alias { class, namespace, local, property, way, other }
}

impl Alias {
    /// Returns the property in the vocabulary of OSLC.
    pub fn iri(&self) -> NamedNode {
        named(self.namespace, self.local)
    }

    /// Returns its name.
    pub const fn name(&self) -> &'static str {
        self.local
    }

    /// Returns the aliases of a kind.
    pub fn of(kind: &Kind) -> impl Iterator<Item = &'static Self> {
        let class = kind.name;
        ALIASES.iter().filter(move |alias| alias.class == class)
    }

    /// Returns the alias of a kind that a property is.
    pub fn named(kind: &Kind, property: NamedNodeRef<'_>) -> Option<&'static Self> {
        let is_it = |alias: &&Self| {
            property.as_str().strip_prefix(alias.namespace).is_some_and(|local| local == alias.local)
        };
        Self::of(kind).find(is_it)
    }
}

/// The states of a change request that OSLC CM has a flag for: the flag, and the state in which it is true.
pub const FLAGS: [(&str, &[&str]); 4] = [
    ("closed", &["REJECTED", "VERIFIED"]),
    ("approved", &["APPROVED", "IMPLEMENTED", "VERIFIED"]),
    ("fixed", &["IMPLEMENTED", "VERIFIED"]),
    ("verified", &["VERIFIED"]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::rdf::{Format, read};
    use crate::ontology::Ontology;
    use std::collections::BTreeSet;

    /// What the alignments relate and no alias shows: two properties would be one, or the value has another form.
    const WITHOUT_ALIAS: [&str; 3] = [
        "http://purl.org/dc/terms/isPartOf http://open-services.net/ns/rm#decomposes",
        "https://w3id.org/throughline#state http://open-services.net/ns/cm#state",
        "https://w3id.org/throughline#constraint http://open-services.net/ns/rm#constrainedBy",
    ];

    #[test]
    fn aliases_follow_the_alignments() {
        let files = Ontology::shipped_files();
        let (_, text) = files.iter().find(|(name, _)| name.starts_with("alignments.")).expect("alignments");
        let stated = read(text.as_bytes(), Format::Turtle, "https://x.example/", "alignments.ttl");
        let aligned: BTreeSet<String> = stated
            .expect("Turtle")
            .iter()
            .filter_map(|statement| {
                let object = statement.object.to_string().trim_matches(['<', '>']).to_owned();
                let local =
                    object.strip_prefix("http://open-services.net/ns/")?.split_once('#')?.1.to_owned();
                let is_property = local.starts_with(char::is_lowercase) && !object.contains("/plm#");
                is_property.then(|| format!("{} {object}", statement.subject.as_str()))
            })
            .collect();
        let aliased: BTreeSet<String> = ALIASES
            .iter()
            .map(|alias| format!("{} {}", alias.property.as_str(), alias.iri().as_str()))
            .collect();
        let missing: Vec<_> = aligned
            .iter()
            .filter(|pair| !aliased.contains(*pair) && !WITHOUT_ALIAS.contains(&pair.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:#?}");
        for pair in WITHOUT_ALIAS {
            assert!(aligned.contains(pair), "{pair}");
        }
    }
}
