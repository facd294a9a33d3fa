//! Attributes that another tool names to fields of the ontology: by names that tools usually give them, or by a file of the user's.
//!
//! ```toml
//! prefix = "SRS-"                  # put before each identifier, where those of several modules are alike
//!
//! [fields]                         # field of ours = attribute, or the first of several that has a value
//! identifier = "ID"
//! title = ["Heading", "Short name"]
//! status = { attribute = "State", values = { "In work" = "DRAFT", Agreed = "APPROVED" } }
//! integrityLevel = { attribute = "ASIL", value = "QM" }     # QM where the attribute has no value
//!
//! [types]                          # the tool's type = class of ours; "" keeps its objects without a class
//! "Test case" = "TestCase"
//!
//! [relations]                      # the tool's relation = link of ours, from its source to its target
//! refines = "derivedFrom"
//! "is verified by" = { field = "verifies", reverse = true }
//!
//! [constraint]                     # the limit of a requirement, where the attribute for `limit` has a value
//! property = { value = "property/bearing-temperature" }
//! statistic = { value = "P95" }
//! comparator = { attribute = "Operator", values = { "<=" = "LE" } }
//! limit = "Limit"
//! unit = { attribute = "Unit", value = "°C" }
//!
//! [units]                          # of measurements whose file states none
//! length = "mm"
//! angle = "deg"
//! ```

use super::table;
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use crate::ontology::{Class, Kind, Ontology};
use oxigraph::model::{NamedNode, Term};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The names that tools give to attributes with a meaning of ours: those of the implementation guide of ReqIF first.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "identifier",
        &[
            "ReqIF.ForeignID",
            "UID",
            "ID",
            "Identifier",
            "Object Identifier",
            "Requirement ID",
            "Global ID",
            "Key",
            "Work Item ID",
            "Artifact ID",
        ],
    ),
    (
        "title",
        &[
            "ReqIF.ChapterName",
            "ReqIF.Name",
            "Title",
            "Heading",
            "Object Heading",
            "Name",
            "Short name",
            "Object Short Text",
            "Summary",
        ],
    ),
    (
        "description",
        &[
            "ReqIF.Text",
            "ReqIF.Description",
            "Object Text",
            "Primary Text",
            "Statement",
            "Description",
            "Text",
            "Content",
            "Requirement Text",
        ],
    ),
    ("status", &["Status", "ReqIF.Status", "State"]),
    ("verificationMethod", &["Verification method", "Verification"]),
    ("integrityLevel", &["Integrity level", "ASIL", "SIL", "DAL"]),
];

/// The names that tools give to relations with a meaning of ours.
const RELATIONS: &[(&str, &str, bool)] = &[
    ("derivedFrom", "derivedFrom", false),
    ("derived from", "derivedFrom", false),
    ("derives from", "derivedFrom", false),
    ("derives", "derivedFrom", false),
    ("derive", "derivedFrom", false),
    ("refines", "derivedFrom", false),
    ("refine", "derivedFrom", false),
    ("decomposes", "derivedFrom", false),
    ("satisfies", "derivedFrom", false),
    ("satisfy", "derivedFrom", false),
    ("parent", "derivedFrom", false),
    ("links", "derivedFrom", false),
    ("verifies", "verifies", false),
    ("verify", "verifies", false),
    ("validates", "verifies", false),
    ("tests", "verifies", false),
    ("is verified by", "verifies", true),
    ("verified by", "verifies", true),
];

/// The names that tools give to types of objects that are no requirements.
const TYPES: &[(&str, &str)] = &[
    ("test case", "TestCase"),
    ("testcase", "TestCase"),
    ("test", "TestCase"),
    ("verification case", "TestCase"),
];

/// How the attributes, types and relations of another tool become ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldMapping {
    text: String,
    written: Written,
    /// Where each field comes from: as the user wrote it, else by the usual names.
    sources: BTreeMap<String, Source>,
}

impl Default for FieldMapping {
    fn default() -> Self {
        Self { text: String::new(), written: Written::default(), sources: sources(&BTreeMap::new()) }
    }
}

fn sources(written: &BTreeMap<String, Source>) -> BTreeMap<String, Source> {
    let usual = FIELDS.iter().map(|(field, names)| {
        let attributes = names.iter().map(|name| (*name).to_owned()).collect();
        ((*field).to_owned(), Source { attributes, ..Source::default() })
    });
    usual.chain(written.clone()).collect()
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    fields: BTreeMap<String, Source>,
    #[serde(default)]
    types: BTreeMap<String, String>,
    #[serde(default)]
    relations: BTreeMap<String, Relation>,
    constraint: Option<BTreeMap<String, Source>>,
    #[serde(default)]
    units: BTreeMap<String, String>,
}

/// Where the value of a field comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "WrittenSource")]
struct Source {
    attributes: Vec<String>,
    values: BTreeMap<String, String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenSource {
    One(String),
    Several(Vec<String>),
    Detailed(Detailed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Detailed {
    attribute: Option<Attributes>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    value: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Attributes {
    One(String),
    Several(Vec<String>),
}

impl From<WrittenSource> for Source {
    fn from(written: WrittenSource) -> Self {
        match written {
            WrittenSource::One(attribute) => Self { attributes: vec![attribute], ..Self::default() },
            WrittenSource::Several(attributes) => Self { attributes, ..Self::default() },
            WrittenSource::Detailed(Detailed { attribute, values, value }) => {
                let attributes = match attribute {
                    None => Vec::new(),
                    Some(Attributes::One(one)) => vec![one],
                    Some(Attributes::Several(several)) => several,
                };
                Self { attributes, values, value }
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Relation {
    Field(String),
    Detailed {
        field: String,
        #[serde(default)]
        reverse: bool,
    },
}

/// The texts of an object's attributes, by name; case does not count.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange) struct Attributed(BTreeMap<String, String>);

impl Attributed {
    /// Adds the text of an attribute, unless it is blank.
    pub(in crate::exchange) fn add(&mut self, name: &str, text: &str) {
        if !text.trim().is_empty() {
            self.0.entry(folded(name)).or_insert_with(|| text.to_owned());
        }
    }

    /// Returns whether an attribute has a text.
    pub(in crate::exchange) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&String> {
        self.0.get(&folded(name))
    }
}

/// A value of a field of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Derived {
    /// The name of the field; of a constraint's, behind `constraint.`.
    pub(in crate::exchange) field: String,
    /// The statement that it is.
    pub(in crate::exchange) statement: Statement,
}

/// Where a field is written back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Place {
    /// The attributes, the first that an object has a value of decides.
    pub(in crate::exchange) attributes: Vec<String>,
    /// The tool's word for each of ours.
    values: BTreeMap<String, String>,
}

impl Place {
    /// Returns the tool's word for a value of ours.
    pub(in crate::exchange) fn word<'a>(&'a self, value: &'a str) -> &'a str {
        self.values.get(value).map_or(value, String::as_str)
    }
}

/// What a thread lends to a mapping.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct World<'a> {
    pub(in crate::exchange) ontology: &'a Ontology,
    pub(in crate::exchange) base: &'a str,
}

impl FieldMapping {
    /// Reads a mapping from TOML; the error names the file, the line and what is wrong.
    pub fn parse(text: &str, file: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
            format!("{file}:{line}: {}", error.message())
        })?;
        let sources = sources(&written.fields);
        Ok(Self { text: text.to_owned(), written, sources })
    }

    /// Returns the text of the file; empty where only the usual names are used.
    pub(in crate::exchange) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the unit of a kind of values, `length` or `angle`, of files that state none.
    pub(in crate::exchange) fn unit(&self, kind: &str) -> Option<&str> {
        self.written.units.get(kind).map(String::as_str)
    }

    /// Returns what is put before each identifier.
    pub(in crate::exchange) fn prefix(&self) -> &str {
        &self.written.prefix
    }

    /// Returns the class of the objects of a type: `None` where they are kept without one, `Err` where the class is not known.
    pub(in crate::exchange) fn class<'a>(
        &self,
        type_name: &str,
        ontology: &'a Ontology,
    ) -> Result<Option<&'a Class>, String> {
        let own = self.written.types.iter().find(|(name, _)| folded(name) == folded(type_name));
        let usual = || TYPES.iter().find(|(name, _)| *name == folded(type_name)).map(|(_, class)| *class);
        let name = own.map(|(_, class)| class.as_str()).or_else(usual).unwrap_or("Requirement");
        if name.is_empty() {
            return Ok(None);
        }
        let class = ontology.class_named(name).filter(|class| !class.fragment && !class.is_abstract);
        class.map(Some).ok_or_else(|| format!("[types] \"{type_name}\": the ontology has no class {name}"))
    }

    /// Returns the link that a relation is, and whether it leads from the relation's target to its source.
    pub(in crate::exchange) fn relation(&self, name: &str) -> Option<(&str, bool)> {
        let own = self.written.relations.iter().find(|(own, _)| folded(own) == folded(name));
        match own {
            Some((_, Relation::Field(field))) => Some((field, false)),
            Some((_, Relation::Detailed { field, reverse })) => Some((field, *reverse)),
            None => {
                let usual = RELATIONS.iter().find(|(usual, _, _)| folded(usual) == folded(name));
                usual.map(|(_, field, reverse)| (*field, *reverse))
            }
        }
    }

    /// Returns the value of an object's own identifier, as the tool writes it.
    pub(in crate::exchange) fn identifier(&self, attributes: &Attributed) -> Option<String> {
        let source = self.sources.get("identifier")?;
        source.text(attributes).map(|text| format!("{}{}", self.prefix(), single_line(&text)))
    }

    /// Returns where a field of an object is written back to; those of its constraint have names such as `constraint.limit`.
    pub(in crate::exchange) fn places(&self) -> BTreeMap<String, Place> {
        let own = self.sources.clone().into_iter();
        let constraint = self.written.constraint.clone().unwrap_or_default().into_iter();
        let constraint = constraint.map(|(name, source)| (format!("constraint.{name}"), source));
        let place = |source: Source| Place {
            attributes: source.attributes,
            values: source.values.into_iter().map(|(theirs, ours)| (ours, theirs)).collect(),
        };
        own.chain(constraint).map(|(name, source)| (name, place(source))).collect()
    }

    /// Returns what an object's attributes are as fields of its class, but for the identifier, and what of them cannot be read.
    pub(in crate::exchange) fn derive(
        &self,
        subject: &NamedNode,
        class: &Class,
        attributes: &Attributed,
        world: World<'_>,
    ) -> (Vec<Derived>, Vec<String>) {
        let (mut derived, mut gaps) = (Vec::new(), Vec::new());
        for (name, source) in &self.sources {
            if name == "identifier" {
                continue;
            }
            match class.field(name) {
                Some(field) => {
                    source.derive(subject, name, field, attributes, world, &mut derived, &mut gaps);
                }
                None if self.written.fields.contains_key(name) => {
                    gaps.push(format!("[fields]: {} has no field {name}", class.name));
                }
                None => {}
            }
        }
        if let Some(written) = &self.written.constraint
            && class.field("constraint").is_some()
            && written.get("limit").and_then(|limit| limit.text(attributes)).is_some()
        {
            self.constraint(written, subject, attributes, world, &mut derived, &mut gaps);
        }
        (derived, gaps)
    }

    fn constraint(
        &self,
        written: &BTreeMap<String, Source>,
        subject: &NamedNode,
        attributes: &Attributed,
        world: World<'_>,
        derived: &mut Vec<Derived>,
        gaps: &mut Vec<String>,
    ) {
        let Some(class) = world.ontology.class(tl::CONSTRAINT_CLASS) else { return };
        let fragment = NamedNode::new_unchecked(format!("{}#constraint", subject.as_str()));
        let (mut own, mut faults) = (Vec::new(), Vec::new());
        for (name, source) in written {
            match class.field(name) {
                Some(field) => {
                    let name = format!("constraint.{name}");
                    source.derive(&fragment, &name, field, attributes, world, &mut own, &mut faults);
                }
                None => faults.push(format!("[constraint]: a constraint has no field {name}")),
            }
        }
        if !faults.is_empty() {
            // Half a limit would be refused with all the rest.
            gaps.extend(faults.into_iter().map(|fault| format!("{fault}; the limit is left out")));
            return;
        }
        let structure = |statement| Derived { field: "constraint".to_owned(), statement };
        derived.push(structure(Statement::new(subject.clone(), tl::CONSTRAINT, fragment.clone())));
        derived.push(structure(Statement::new(fragment, rdf::TYPE, tl::CONSTRAINT_CLASS.into_owned())));
        derived.extend(own);
    }
}

impl Source {
    fn text(&self, attributes: &Attributed) -> Option<String> {
        let found = self.attributes.iter().find_map(|name| attributes.get(name));
        let found = found.map(|text| self.values.get(text.trim()).unwrap_or(text).clone());
        found.or_else(|| self.value.clone())
    }

    #[expect(clippy::too_many_arguments, reason = "what a field is read from and where it goes")]
    fn derive(
        &self,
        subject: &NamedNode,
        name: &str,
        field: &crate::ontology::Field,
        attributes: &Attributed,
        world: World<'_>,
        derived: &mut Vec<Derived>,
        gaps: &mut Vec<String>,
    ) {
        let Some(text) = self.text(attributes) else { return };
        let text = match (&field.kind, name) {
            (Kind::Text, "description") => text.trim().to_owned(),
            _ => single_line(&text),
        };
        let is_list = !field.is_single() && matches!(field.kind, Kind::Enumeration(..));
        for own in text.split(", ").filter(|_| is_list).chain((!is_list).then_some(text.as_str())) {
            let own = self.values.get(own).map_or(own, String::as_str);
            match table::value(own, &field.kind, world.ontology, world.base) {
                Ok(term) => {
                    let statement = Statement::new(subject.clone(), field.predicate.clone(), canonical(term));
                    derived.push(Derived { field: name.to_owned(), statement });
                }
                Err(fault) => {
                    let from = self.attributes.iter().find(|name| attributes.get(name).is_some());
                    let from = from
                        .map_or_else(|| "the fixed value".to_owned(), |name| format!("attribute \"{name}\""));
                    gaps.push(format!("{from} gives no {name}: {fault}; its value is kept as it is"));
                }
            }
        }
    }
}

fn canonical(term: Term) -> Term {
    crate::model::statement::literal::canonical(term)
}

/// Joins the words of a text by single spaces.
pub(in crate::exchange) fn single_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a name so that case, blanks at the ends and signs between words do not count.
pub(in crate::exchange) fn folded(name: &str) -> String {
    name.replace(['_', '-'], " ").split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(mapping: &str, attributes: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let ontology = Ontology::shipped().expect("the ontology");
        let mapping = FieldMapping::parse(mapping, "m.toml").expect("a mapping");
        let mut attributed = Attributed::default();
        attributes.iter().for_each(|(name, text)| attributed.add(name, text));
        let world = World { ontology: &ontology, base: "https://x.example/" };
        let class = ontology.class_named("Requirement").expect("a class");
        let subject = NamedNode::new_unchecked("https://x.example/r");
        let (derived, gaps) = mapping.derive(&subject, class, &attributed, world);
        let shown = |derived: &Derived| match &derived.statement.object {
            Term::Literal(literal) => format!("{}={}", derived.field, literal.value()),
            other => format!("{}={other}", derived.field),
        };
        (derived.iter().map(shown).collect(), gaps)
    }

    #[test]
    fn attributes_become_fields_by_usual_names_and_by_the_users() {
        let check = |mapping: &str, attributes: &[(&str, &str)], expect: &[&str], gap: &str| {
            let (got, gaps) = derived(mapping, attributes);
            assert_eq!(got, expect, "{mapping}");
            assert!(
                if gap.is_empty() { gaps.is_empty() } else { gaps.iter().any(|own| own.contains(gap)) },
                "{gaps:?}"
            );
        };
        check(
            "",
            &[
                ("ReqIF.ChapterName", " "),
                ("reqif.name", "A\n b"),
                ("ReqIF.Text", "x\ny "),
                ("STATUS", "approved"),
            ],
            &["description=x\ny", "status=APPROVED", "title=A b"],
            "",
        );
        check(
            "",
            &[("Status", "In work")],
            &[],
            "attribute \"Status\" gives no status: \"In work\" is no DesignStatus",
        );
        let states = "[fields]\nstatus = { attribute = \"State\", values = { \"In work\" = \"DRAFT\" }, value = \"OBSOLETE\" }";
        check(states, &[("state", "In work")], &["status=DRAFT"], "");
        check(states, &[], &["status=OBSOLETE"], "");
        check("[fields]\nlength = \"L\"", &[], &[], "Requirement has no field length");
        let limit = "[constraint]\nlimit = \"Limit\"\nunit = { attribute = \"Unit\", value = \"°C\" }\ncomparator = { value = \"LE\" }";
        check(
            limit,
            &[("Limit", "85.0")],
            &[
                "constraint=<https://x.example/r#constraint>",
                "constraint=<https://w3id.org/throughline#Constraint>",
                "constraint.comparator=LE",
                "constraint.limit=85",
                "constraint.unit=<http://qudt.org/vocab/unit/DEG_C>",
            ],
            "",
        );
        check(limit, &[("Limit", "high")], &[], "the limit is left out");
    }

    #[test]
    fn a_mapping_that_says_too_much_is_refused_with_its_line() {
        let error = FieldMapping::parse("prefix = \"A\"\n[field]\n", "m.toml").expect_err("an error");
        assert!(error.starts_with("m.toml:2: unknown field `field`"), "{error}");
    }
}
