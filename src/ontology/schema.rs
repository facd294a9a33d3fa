//! The ontology as a whole: classes, fields, enumerations and units, parsed once and shared.

use super::class::{Class, Enumeration, FieldKind, Property};
use super::data::Data;
use super::error::Error;
use super::focus;
use super::read::{self, Annotations, TextPredicates};
use super::rules::{self, Key};
use super::shapes::{Names, Shapes};
use super::terms::{self, dcterms, qudt, skos, tl, xsd};
use super::units::Units;
use super::violation::Violation;
use crate::model::near;
use crate::model::statement::Statement;
use crate::model::statement::value::Texts;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

/// The files of `ontology/`, as they were when the program was built.
const SHIPPED: &[(&str, &str)] = &[
    ("alignments-iof.ttl", include_str!("../../ontology/alignments-iof.ttl")),
    ("alignments.ttl", include_str!("../../ontology/alignments.ttl")),
    ("vocabulary.ttl", include_str!("../../ontology/vocabulary.ttl")),
    ("shapes.ttl", include_str!("../../ontology/shapes.ttl")),
    ("units.ttl", include_str!("../../ontology/units.ttl")),
];

/// The properties whose texts name something, beside those of keys.
const NAMES: [NamedNodeRef<'_>; 8] = [
    dcterms::IDENTIFIER,
    skos::NOTATION,
    qudt::SYMBOL,
    qudt::UCUM_CODE,
    tl::NAME,
    tl::SOURCE,
    tl::POSITION,
    tl::REVISION,
];

/// From how many nodes on two threads check them.
const NODES_A_THREAD: usize = if cfg!(test) { 2 } else { 500 };

/// The vocabulary of the thread, and its validation.
#[derive(Debug)]
pub struct Ontology {
    digest: String,
    classes: Vec<Class>,
    class_by_iri: HashMap<String, usize>,
    class_by_name: HashMap<String, usize>,
    properties: HashMap<String, Property>,
    enumerations: BTreeMap<String, Enumeration>,
    units: Units,
    shapes: Shapes,
    annotations: Annotations,
    texts: TextPredicates,
}

impl Ontology {
    /// Returns the shipped files: name and text.
    pub fn shipped_files() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    /// Reads the shipped files.
    pub fn shipped() -> Result<Self, Error> {
        Self::read(SHIPPED.iter().copied())
    }

    fn as_shipped() -> Result<&'static Self, Error> {
        static SHIPPED_READ: OnceLock<Ontology> = OnceLock::new();
        if let Some(read) = SHIPPED_READ.get() {
            return Ok(read);
        }
        let read = Self::shipped()?;
        Ok(SHIPPED_READ.get_or_init(|| read))
    }

    /// Reads an ontology from Turtle files (name, text). Errors name the file, and where it is no Turtle the line
    /// and column. Files with names of shipped ones are taken as those (a thread keeps the version it was made
    /// with); all others are the user's, and are refused where they describe a shipped term.
    pub fn read<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, Error> {
        let mut files: Vec<(&str, &str)> = files.into_iter().collect();
        files.sort_unstable();
        let shipped: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
        let mut parts = read::read(&files, &shipped)?;
        if !SHIPPED.iter().all(|file| files.contains(file)) {
            read::add_shipped(&mut parts.classes, Self::as_shipped()?.classes());
        }
        let class_by_iri =
            parts.classes.iter().enumerate().map(|(i, class)| (class.iri.as_str().to_owned(), i)).collect();
        let class_by_name =
            parts.classes.iter().enumerate().map(|(i, class)| (class.name.clone(), i)).collect();
        Ok(Self {
            digest: digest(&files),
            classes: parts.classes,
            class_by_iri,
            class_by_name,
            properties: parts.properties,
            enumerations: parts.enumerations,
            units: parts.units,
            shapes: parts.shapes,
            annotations: parts.annotations,
            texts: parts.texts,
        })
    }

    /// Returns the SHA-256 of the files in name order, in hexadecimal.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns all classes in name order, abstract ones too.
    pub fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// Returns the class of this IRI.
    pub fn class(&self, iri: NamedNodeRef<'_>) -> Option<&Class> {
        self.class_by_iri.get(iri.as_str()).map(|i| &self.classes[*i])
    }

    /// Returns the class of this name, such as `Requirement`.
    pub fn class_named(&self, name: &str) -> Option<&Class> {
        self.class_by_name.get(name).map(|i| &self.classes[*i])
    }

    /// Returns what is known about a predicate.
    pub fn property(&self, iri: NamedNodeRef<'_>) -> Option<&Property> {
        self.properties.get(iri.as_str())
    }

    /// Returns every predicate that is known, in no order.
    pub(super) fn predicates(&self) -> impl Iterator<Item = &NamedNode> {
        self.properties.values().map(|property| &property.iri)
    }

    /// Returns whether the texts of a property name something, so that each may be spelled in several ways: identifiers,
    /// symbols, and what is part of a key.
    pub fn texts(&self, predicate: NamedNodeRef<'_>) -> Texts {
        let is_name = NAMES.contains(&predicate)
            || self.keys().iter().any(|key| key.properties.iter().any(|part| part.as_ref() == predicate));
        if is_name { Texts::Names } else { Texts::AsWritten }
    }

    /// Returns whether a statement may keep the datatype of its value: of a whole number only an integer is right.
    pub fn may_keep(&self, statement: &Statement) -> bool {
        let Term::Literal(literal) = &statement.object else { return true };
        let mut fields = self.classes.iter().filter_map(|class| class.field_of(statement.predicate.as_ref()));
        literal.datatype() == xsd::INTEGER || !fields.any(|field| field.kind == FieldKind::Integer)
    }

    /// Returns the predicates whose change makes the links to their subject suspect.
    pub fn significant(&self) -> impl Iterator<Item = &NamedNode> {
        self.properties.values().filter(|property| property.significant).map(|property| &property.iri)
    }

    /// Returns all enumerations in name order.
    pub fn enumerations(&self) -> impl Iterator<Item = &Enumeration> {
        self.enumerations.values()
    }

    /// Returns the enumeration of this name.
    pub fn enumeration(&self, name: &str) -> Option<&Enumeration> {
        self.enumerations.get(name)
    }

    /// Checks resources and fragments of `after` against the shapes and rules, and returns what they do wrong in the
    /// order of resource and field. `before` is the state that the change starts from; rules about change, such as
    /// frozen released content, need it. Nodes of `focus` without statements were removed.
    ///
    /// What new shapes break in old data is learnt by passing all instances of the classes that they target.
    pub fn validate<B: Data, A: Data>(
        &self,
        before: Option<&B>,
        after: &A,
        focus: &[NamedNode],
    ) -> Result<Vec<Violation>, Error> {
        self.broken(before, false, after, focus)
    }

    /// Like [`Self::validate`], where `before` is right under the same ontology: what the change leaves as it was is not
    /// looked at again where that costs much.
    pub fn validate_change<B: Data, A: Data>(
        &self,
        before: &B,
        after: &A,
        focus: &[NamedNode],
    ) -> Result<Vec<Violation>, Error> {
        self.broken(Some(before), true, after, focus)
    }

    fn broken<B: Data, A: Data>(
        &self,
        before: Option<&B>,
        trusts_before: bool,
        after: &A,
        focus: &[NamedNode],
    ) -> Result<Vec<Violation>, Error> {
        let check = || rules::Check::new(self, before, trusts_before, after);
        let (first, second) = focus.split_at(focus.len() / 2);
        let (mut violations, rules) = if first.len() < NODES_A_THREAD {
            self.checked(check(), after, focus)?
        } else {
            std::thread::scope(|scope| {
                let second = scope.spawn(|| self.checked(check(), after, second));
                let (mut violations, mut rules) = self.checked(check(), after, first)?;
                let (more, others) =
                    second.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                violations.extend(more);
                rules.join(others);
                Ok::<_, Error>((violations, rules))
            })?
        };
        let reported: HashSet<_> = violations.iter().map(Violation::key).collect();
        let more: Vec<Violation> = rules
            .finish(focus)?
            .into_iter()
            .filter(|v| v.value.is_none() || !reported.contains(&v.key()))
            .collect();
        violations.extend(more);
        violations.sort_by(|a, b| a.order().cmp(&b.order()));
        // A class and its superclass may both report it.
        violations.dedup_by(|b, a| a.key() == b.key() && a.message == b.message);
        Ok(violations)
    }

    /// Checks some of the nodes in focus: what breaks shapes, and the rules before they are finished.
    fn checked<'a, B: Data, A: Data>(
        &'a self,
        mut rules: rules::Check<'a, B, A>,
        after: &'a A,
        focus: &[NamedNode],
    ) -> Result<(Vec<Violation>, rules::Check<'a, B, A>), Error> {
        let mut shapes = self.shapes.check(after, self);
        for node in focus {
            let about = after.about(node).map_err(Error::data)?;
            shapes.node(node, &about)?;
            rules.node(node, &about)?;
        }
        Ok((shapes.finish()?, rules))
    }

    /// Returns what a change of `changed` can break: these nodes and those that reach one, before or after, along
    /// a shape's path.
    pub fn focus<B: Data, A: Data>(
        &self,
        before: &B,
        after: &A,
        changed: &[NamedNode],
    ) -> Result<Vec<NamedNode>, Error> {
        focus::focus(self.shapes.dependencies(), before, after, changed)
    }

    /// Returns the units and quantity kinds.
    pub fn units(&self) -> &Units {
        &self.units
    }
}

impl Ontology {
    pub(super) fn class_index(&self, iri: &NamedNode) -> Option<usize> {
        self.class_by_iri.get(iri.as_str()).copied()
    }

    #[cfg(test)]
    pub(super) fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    /// Returns the predicates whose values are texts.
    pub(super) fn text_predicates(&self) -> &TextPredicates {
        &self.texts
    }

    /// Returns the keys that instances must not share.
    pub(super) fn keys(&self) -> &[Key] {
        &self.annotations.keys
    }

    /// Returns pairs of properties of which the first has the later instant.
    pub(super) fn after(&self) -> &[(NamedNode, NamedNode)] {
        &self.annotations.after
    }

    /// Returns the properties along which nothing leads back to itself.
    pub fn acyclic(&self) -> &[NamedNode] {
        &self.annotations.acyclic
    }

    /// Returns the predicates whose values live inside their subject's document.
    pub fn fragment_predicates(&self) -> impl Iterator<Item = &NamedNode> {
        self.annotations.fragment_predicates.iter()
    }

    /// Returns the name of a predicate's field.
    pub fn field_name(&self, predicate: &NamedNode) -> String {
        self.field_name_of(predicate.as_ref())
    }

    pub(super) fn field_name_of(&self, predicate: NamedNodeRef<'_>) -> String {
        self.property(predicate)
            .map_or_else(|| read::local_name(&predicate.into_owned()), |property| property.name.clone())
    }
}

impl Names for Ontology {
    fn field(&self, predicate: &NamedNode) -> String {
        self.field_name(predicate)
    }

    fn class(&self, class: &NamedNode) -> String {
        Self::class(self, class.as_ref()).map_or_else(|| read::local_name(class), |class| class.name.clone())
    }

    fn meant(&self, missing: &NamedNode) -> String {
        let units = self.units.all().iter().map(|unit| &unit.iri);
        let kinds = self.units.quantity_kinds().iter().map(|kind| &kind.iri);
        let wanted = read::local_name(missing);
        let namespace = missing.as_str().strip_suffix(wanted.as_str());
        let local = |known: &'_ NamedNode| known.as_str().strip_prefix(namespace?).map(str::to_owned);
        let names: Vec<String> = units.chain(kinds).filter_map(local).collect();
        let near = near::near(&wanted, names.iter().map(String::as_str));
        let written = |name: &str| {
            terms::prefixed(NamedNodeRef::new_unchecked(&format!("{}{name}", namespace.unwrap_or_default())))
        };
        near::question(&near.into_iter().map(written).collect::<Vec<_>>())
    }
}

fn digest(files: &[(&str, &str)]) -> String {
    let mut hash = Sha256::new();
    for (name, text) in files {
        // Lengths keep the boundaries: no two sets of files share a digest by moving text between them.
        hash.update(format!("{} {name} {} ", name.len(), text.len()));
        hash.update(text);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use crate::ontology::class::FieldKind;
    use crate::ontology::terms::tl;
    use crate::ontology::tests::testing::shipped;

    #[test]
    fn reads_the_shipped_classes() {
        let revision = shipped().class_named("DesignRevision").expect("a shipped class");
        assert_eq!(revision.plural, "designRevisions");
        assert!(revision.fielded && !revision.fragment);
        let part = revision.field("revisionOf").expect("a declared field");
        assert_eq!((part.min, part.max), (1, Some(1)));
        assert_eq!(part.kind, FieldKind::Link(vec![tl::PART_CLASS.into_owned()]));
        assert!(shipped().class_named("Part").expect("a shipped class").inverse("revisions").is_some());
        assert!(revision.field("title").is_some(), "inherited from Resource");
        let limit = shipped().property(tl::LIMIT).expect("a shipped property");
        assert!(limit.significant && limit.single_valued);
        assert_eq!(shipped().digest().len(), 64);
    }

    /// The names that imports, tests and outside tools rely on.
    #[test]
    fn every_class_has_the_fields_that_the_design_names() {
        let check = |class: &str, fields: &str| {
            let class = shipped().class_named(class).unwrap_or_else(|| panic!("no class {class}"));
            for name in fields.split_whitespace() {
                assert!(class.field(name).is_some(), "{} has no {name}", class.name);
            }
        };
        check("Requirement", "identifier title description status constraint derivedFrom isPartOf order");
        check("Requirement", "verificationMethod integrityLevel foreignIdentifiers");
        check(
            "Constraint",
            "property transform statistic comparator limit upperLimit unit window scope kind condition",
        );
        check("Condition", "property comparator limit upperLimit unit");
        check("Property", "title quantityKind");
        check("Part", "identifier title");
        check(
            "DesignRevision",
            "revisionOf revision status releasedAt supersedes satisfies usage signal constraint artefact",
        );
        check("PartUsage", "child quantity position effectivity");
        check("Effectivity", "from to lot unitFrom unitTo option");
        check(
            "Signal",
            "name source property unit position kind expectedPeriod plausibleMin plausibleMax validFrom validTo",
        );
        check("Artefact", "repository commit path");
        check("Build", "identifier realizes builtAt site consumed performedOn");
        check("Measurement", "of characteristic constraint nominal lower upper measured unit verdict at");
        check(
            "TwinInstance",
            "identifier part level builtBy unitNumber commissionedAt retiredAt site timeZone signal",
        );
        check(
            "Installation",
            "component parent position quantity from to fromEarliest toLatest removalReason",
        );
        check("Modification", "of realizes at per");
        check("FieldEvent", "on at kind failureMode state note");
        for class in ["TestCase", "TestResult", "SimulationRun"] {
            check(
                class,
                "verifies of property statistic value unit condition uncertainty verdict at artefact",
            );
        }
        check(
            "FieldEvidence",
            "requirement constraint design property verdict commit watermark query ontologyDigest",
        );
        check("FieldEvidence", "algorithm resultDigest unitResult generatedAt attributedTo drawnFrom");
        check("Finding", "evidence state decidedAt decidedBy");
        check("ChangeRequest", "identifier finding affects state");
        check("DesignReview", "identifier of commit watermark evidence state");
    }

    #[test]
    fn enumerations_have_the_values_that_the_design_names() {
        let check = |name: &str, values: &str| {
            let found = shipped().enumeration(name).unwrap_or_else(|| panic!("no enumeration {name}"));
            assert_eq!(found.values.join(" "), values, "{name}");
        };
        check("DesignStatus", "DRAFT APPROVED RELEASED OBSOLETE");
        check("Transform", "NONE ABS");
        check("Statistic", "MIN MAX MEAN P01 P05 P50 P95 P99 B01 B05 B10 B50 RELIABILITY DUTY");
        check("Comparator", "LE LT GE GT BETWEEN");
        check("ConstraintScope", "EACH_UNIT FLEET");
        check("ConstraintKind", "LIMIT ASSUMPTION OBJECTIVE");
        check("SignalKind", "GAUGE COUNTER STATE");
        check("TwinLevel", "COMPONENT ASSET SYSTEM PROCESS");
        check("FieldEventKind", "FAILURE MAINTENANCE INSPECTION");
        check("FieldEventState", "REPORTED CONFIRMED NO_FAULT_FOUND");
        check("MarginVerdict", "CONFORMS VIOLATES UNKNOWN");
    }

    #[test]
    fn everything_is_described() {
        for class in shipped().classes() {
            assert!(class.comment.ends_with('.'), "{} has no comment", class.name);
            for field in &class.fields {
                assert!(field.comment.ends_with('.'), "{}.{} has no comment", class.name, field.name);
            }
        }
    }
}
