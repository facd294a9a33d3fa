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

#[cfg(test)]
mod tests;
mod usual_names;
mod written;

use crate::exchange::table;
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use crate::ontology::{Class, FieldKind, Ontology};
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeMap;
use usual_names::{FIELDS, RELATIONS, TYPES};
use written::{Relation, Source, Written};

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
pub(in crate::exchange) struct FieldTarget {
    /// The attributes, the first that an object has a value of decides.
    pub(in crate::exchange) attributes: Vec<String>,
    /// The tool's word for each of ours.
    values: BTreeMap<String, String>,
}

impl FieldTarget {
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
    pub(in crate::exchange) fn places(&self) -> BTreeMap<String, FieldTarget> {
        let own = self.sources.clone().into_iter();
        let constraint = self.written.constraint.clone().unwrap_or_default().into_iter();
        let constraint = constraint.map(|(name, source)| (format!("constraint.{name}"), source));
        let place = |source: Source| FieldTarget {
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
            (FieldKind::Text, "description") => text.trim().to_owned(),
            _ => single_line(&text),
        };
        let is_list = !field.is_single() && matches!(field.kind, FieldKind::Enumeration(..));
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
