//! Classes, fields, inverse fields and enumerations, from the vocabulary and the shapes.

use super::local_name;
use super::reserved::{both, reserved};
use crate::ontology::class::{Class, Enumeration, Field, FieldKind, Inverse, Property, Upward};
use crate::ontology::error::Error;
use crate::ontology::graph::{Files, as_subject};
use crate::ontology::terms::{dcterms, owl, qudt, rdfs, sh, tl, xsd};
use oxigraph::model::{NamedNode, NamedOrBlankNode, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What the shapes declare.
pub(super) struct Declared {
    pub(super) classes: Vec<Class>,
    pub(super) properties: HashMap<String, Property>,
    pub(super) enumerations: BTreeMap<String, Enumeration>,
}

/// Reads all classes.
pub(super) fn read(files: &Files) -> Result<Declared, Error> {
    let mut reader = Reader { files, enumerations: BTreeMap::new(), properties: properties(files) };
    let mut classes = reader.classes()?;
    link_inverses(files, &mut classes)?;
    mark_single_valued(&mut reader.properties, &classes);
    Ok(Declared { classes, properties: reader.properties, enumerations: reader.enumerations })
}

struct Reader<'a> {
    files: &'a Files,
    enumerations: BTreeMap<String, Enumeration>,
    properties: HashMap<String, Property>,
}

impl Reader<'_> {
    fn classes(&mut self) -> Result<Vec<Class>, Error> {
        let mut iris: BTreeSet<String> = BTreeSet::new();
        for class in [owl::CLASS, rdfs::CLASS] {
            iris.extend(self.files.instances(class).into_iter().map(NamedNode::into_string));
        }
        iris.remove(qudt::UNIT.as_str());
        iris.remove(qudt::QUANTITY_KIND.as_str());
        let mut classes = Vec::new();
        for iri in iris {
            classes.push(self.class(NamedNode::new_unchecked(iri))?);
        }
        classes.sort_by(|a: &Class, b| a.name.cmp(&b.name));
        if let Some(pair) = classes.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(self.name_collision(&pair[0].iri, &pair[1].iri, &pair[0].name));
        }
        let children: Vec<(NamedNode, Vec<NamedNode>)> =
            classes.iter().map(|class| (class.iri.clone(), class.ancestors.clone())).collect();
        for class in &mut classes {
            let below = children.iter().filter(|(_, ancestors)| ancestors.contains(&class.iri));
            class.descendants = below.map(|(iri, _)| iri.clone()).collect();
        }
        Ok(classes)
    }

    fn name_collision(&self, first: &NamedNode, second: &NamedNode, name: &str) -> Error {
        Error::Invalid {
            file: format!("{}, {}", self.files.file_of(first), self.files.file_of(second)),
            message: format!("{first} and {second} are both named {name}; give one a tl:graphName"),
        }
    }

    fn class(&mut self, iri: NamedNode) -> Result<Class, Error> {
        let node = NamedOrBlankNode::from(iri.clone());
        let name = self.files.text(&node, tl::GRAPH_NAME).unwrap_or_else(|| local_name(&iri));
        let ancestors = ancestors(self.files, &iri);
        let fields = self.fields(&iri, &ancestors)?;
        let mut reserved_class = None;
        for class in [&iri].into_iter().chain(&ancestors) {
            let own = reserved(self.files, &class.clone().into())?;
            reserved_class = both(reserved_class, own);
        }
        Ok(Class {
            plural: self.files.text(&node, tl::PLURAL).unwrap_or_else(|| plural(&name)),
            comment: self.files.text(&node, rdfs::COMMENT).unwrap_or_default(),
            is_abstract: self.files.flag(&node, tl::ABSTRACT),
            fragment: self.files.flag(&node, tl::FRAGMENT),
            fielded: self.files.flag(&node, tl::FIELDED),
            name,
            iri,
            ancestors,
            descendants: Vec::new(),
            fields,
            inverses: Vec::new(),
            reserved: reserved_class,
            deprecated: deprecated(self.files, &node),
        })
    }

    /// Gathers the fields of a class from the shapes that target it or a superclass, the most general first, so
    /// that a shape nearer to the class narrows an inherited field.
    fn fields(&mut self, class: &NamedNode, ancestors: &[NamedNode]) -> Result<Vec<Field>, Error> {
        let mut fields: BTreeMap<String, Field> = BTreeMap::new();
        let mut named: BTreeSet<NamedNode> = BTreeSet::new();
        for target in ancestors.iter().rev().chain([class]) {
            for shape in self.files.subjects(sh::TARGET_CLASS, target.as_ref()) {
                for property_shape in self.files.objects(&shape, sh::PROPERTY) {
                    let Some(node) = as_subject(&property_shape) else { continue };
                    self.merge_field(&mut fields, &node)?;
                }
            }
            // A class below may narrow a field, and does not rename it.
            for field in fields.values_mut().filter(|field| named.insert(field.predicate.clone())) {
                let property = self.properties.get(field.predicate.as_str());
                let plural = property.and_then(|property| property.plural.clone());
                if let Some(plural) = plural.filter(|_| {
                    !field.is_single() && field.name == property.map_or("", |property| &property.name)
                }) {
                    field.name = plural;
                }
            }
        }
        let mut fields: Vec<Field> = fields.into_values().collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(pair) = fields.windows(2).find(|pair| pair[0].name == pair[1].name) {
            return Err(self.name_collision(&pair[0].predicate, &pair[1].predicate, &pair[0].name));
        }
        Ok(fields)
    }

    fn merge_field(
        &mut self,
        fields: &mut BTreeMap<String, Field>,
        shape: &NamedOrBlankNode,
    ) -> Result<(), Error> {
        let Some(predicate) = self.files.iri(shape, sh::PATH) else { return Ok(()) };
        let kind = self.kind(shape)?;
        let min = self.files.number(shape, sh::MIN_COUNT).unwrap_or(0);
        let max = self.files.number(shape, sh::MAX_COUNT);
        let inverse = self.files.text(shape, tl::INVERSE_FIELD);
        let comment = self.files.text(shape, sh::DESCRIPTION);
        let name = self.files.text(shape, tl::GRAPH_NAME);
        let deprecated = deprecated(self.files, shape);
        let property = self.property(&predicate);
        let field = fields.entry(predicate.as_str().to_owned()).or_insert_with(|| Field {
            name: property.name.clone(),
            predicate,
            kind: FieldKind::Text,
            min: 0,
            max: None,
            comment: property.comment.clone(),
            inverse: None,
            significant: property.significant,
            upward: None,
            reserved: None,
            deprecated: property.deprecated.clone(),
        });
        if let Some(name) = name {
            field.name = name;
        }
        field.min = field.min.max(min);
        field.max = match (field.max, max) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if let Some(kind) = kind {
            field.kind = kind;
        }
        if let Some(comment) = comment {
            field.comment = comment;
        }
        field.inverse = inverse.or(field.inverse.take());
        field.deprecated = deprecated.or(field.deprecated.take());
        field.upward = upward(self.files, shape)?.or(field.upward);
        field.reserved = both(field.reserved.take(), reserved(self.files, shape)?);
        Ok(())
    }

    fn property(&mut self, predicate: &NamedNode) -> &Property {
        self.properties
            .entry(predicate.as_str().to_owned())
            .or_insert_with(|| property(self.files, predicate.clone()))
    }

    /// Returns the kind of value that a property shape asks for, where it states one.
    fn kind(&mut self, shape: &NamedOrBlankNode) -> Result<Option<FieldKind>, Error> {
        if let Some(list) = self.files.object(shape, sh::IN) {
            return self.enumeration(shape, &list).map(Some);
        }
        let classes = self.target_classes(shape);
        if let Some(class) = classes.first() {
            return Ok(Some(match class.as_ref() {
                class if class == qudt::UNIT => FieldKind::Unit,
                class if class == qudt::QUANTITY_KIND => FieldKind::QuantityKind,
                _ if self.files.flag(shape, tl::FRAGMENT) => FieldKind::Fragment(class.clone()),
                _ => FieldKind::Link(classes),
            }));
        }
        Ok(plain_kind(self.files, shape, 0))
    }

    fn target_classes(&self, shape: &NamedOrBlankNode) -> Vec<NamedNode> {
        let mut classes = self.files.iris(shape, sh::CLASS);
        for list in self.files.objects(shape, sh::OR) {
            for option in self.files.list(&list).iter().filter_map(as_subject) {
                classes.extend(self.files.iris(&option, sh::CLASS));
            }
        }
        classes
    }

    fn enumeration(&mut self, shape: &NamedOrBlankNode, list: &Term) -> Result<FieldKind, Error> {
        let predicate = self.files.iri(shape, sh::PATH);
        let values: Vec<String> = self
            .files
            .list(list)
            .into_iter()
            .filter_map(
                |item| if let Term::Literal(item) = item { Some(item.value().to_owned()) } else { None },
            )
            .collect();
        let name = self.files.text(shape, tl::ENUMERATION);
        let name = name.or_else(|| predicate.as_ref().map(|iri| capitalized(&local_name(iri))));
        let name = name.unwrap_or_else(|| "Enumeration".to_owned());
        let known = self
            .enumerations
            .entry(name.clone())
            .or_insert_with(|| Enumeration { name: name.clone(), values: values.clone() });
        if known.values != values {
            return Err(Error::Invalid {
                file: predicate.map_or_else(|| "the ontology".to_owned(), |iri| self.files.file_of(&iri)),
                message: format!(
                    "two enumerations are named {name} but list different values; give one a tl:enumeration"
                ),
            });
        }
        Ok(FieldKind::Enumeration(name, values))
    }
}

/// Returns which way along the links of a property shape leads up, where it states one.
fn upward(files: &Files, shape: &NamedOrBlankNode) -> Result<Option<Upward>, Error> {
    match files.text(shape, tl::UPWARD).as_deref() {
        None => Ok(None),
        Some("FORWARD") => Ok(Some(Upward::Forward)),
        Some("BACKWARD") => Ok(Some(Upward::Backward)),
        Some(other) => {
            let file = files.iri(shape, sh::PATH).map(|path| files.file_of(&path));
            Err(Error::Invalid {
                file: file.unwrap_or_else(|| "the ontology".to_owned()),
                message: format!("tl:upward is FORWARD or BACKWARD, not \"{other}\""),
            })
        }
    }
}

/// Returns the kind of plain value, looking through `sh:node` and `sh:or`.
fn plain_kind(files: &Files, shape: &NamedOrBlankNode, depth: usize) -> Option<FieldKind> {
    if let Some(datatype) = files.iri(shape, sh::DATATYPE) {
        return Some(kind_of_datatype(&datatype));
    }
    match files.iri(shape, sh::NODE_KIND) {
        Some(kind) if kind.as_ref() == sh::IRI => return Some(FieldKind::Iri),
        Some(kind) if kind.as_ref() == sh::LITERAL => return Some(FieldKind::Text),
        _ => {}
    }
    if depth > 8 {
        return None;
    }
    let mut inner: Vec<Term> = files.objects(shape, sh::NODE);
    for list in files.objects(shape, sh::OR) {
        inner.extend(files.list(&list));
    }
    inner.iter().filter_map(as_subject).find_map(|node| plain_kind(files, &node, depth + 1))
}

fn kind_of_datatype(datatype: &NamedNode) -> FieldKind {
    match datatype.as_ref() {
        xsd::BOOLEAN => FieldKind::Boolean,
        xsd::INTEGER | xsd::INT | xsd::LONG | xsd::NON_NEGATIVE_INTEGER | xsd::POSITIVE_INTEGER => {
            FieldKind::Integer
        }
        xsd::DECIMAL | xsd::DOUBLE | xsd::FLOAT => FieldKind::Number,
        xsd::DATE_TIME | xsd::DATE_TIME_STAMP => FieldKind::Instant,
        xsd::DATE => FieldKind::Date,
        xsd::DURATION => FieldKind::Period,
        xsd::ANY_URI => FieldKind::Iri,
        _ => FieldKind::Text,
    }
}

fn properties(files: &Files) -> HashMap<String, Property> {
    [owl::OBJECT_PROPERTY, owl::DATATYPE_PROPERTY]
        .into_iter()
        .flat_map(|class| files.instances(class))
        .map(|iri| (iri.as_str().to_owned(), property(files, iri)))
        .collect()
}

fn property(files: &Files, iri: NamedNode) -> Property {
    let node = NamedOrBlankNode::from(iri.clone());
    let name = files.text(&node, tl::GRAPH_NAME).unwrap_or_else(|| local_name(&iri));
    Property {
        label: files.text(&node, rdfs::LABEL).unwrap_or_else(|| name.clone()),
        comment: files.text(&node, rdfs::COMMENT).unwrap_or_default(),
        significant: files.flag(&node, tl::SIGNIFICANT),
        plural: files.text(&node, tl::PLURAL),
        deprecated: deprecated(files, &node),
        single_valued: false,
        name,
        iri,
    }
}

/// Returns why a class, a property or a shape should no longer be used, where the ontology states it: `owl:deprecated`, with
/// `dcterms:isReplacedBy` where something else takes its place.
fn deprecated(files: &Files, node: &NamedOrBlankNode) -> Option<String> {
    if !files.flag(node, owl::DEPRECATED) {
        return None;
    }
    let replacement = files.iri(node, dcterms::IS_REPLACED_BY);
    Some(replacement.map_or_else(
        || "The ontology no longer supports it.".to_owned(),
        |iri| format!("Use {}.", local_name(&iri)),
    ))
}

fn mark_single_valued(properties: &mut HashMap<String, Property>, classes: &[Class]) {
    for property in properties.values_mut() {
        let mut fields = classes.iter().filter_map(|class| class.field_of(property.iri.as_ref())).peekable();
        property.single_valued = fields.peek().is_some() && fields.all(Field::is_single);
    }
}

/// Gives each target class the fields that find what links to it.
fn link_inverses(files: &Files, classes: &mut [Class]) -> Result<(), Error> {
    let mut found: Vec<(NamedNode, Inverse)> = Vec::new();
    for class in classes.iter() {
        for field in &class.fields {
            let Some(name) = &field.inverse else { continue };
            let inherited = class.ancestors.iter().any(|ancestor| {
                let mut above = classes.iter().filter(|other| other.iri == *ancestor);
                above.any(|other| {
                    other.field_of(field.predicate.as_ref()).is_some_and(|f| f.inverse == field.inverse)
                })
            });
            if inherited {
                continue;
            }
            for target in field.kind.targets() {
                let comment = format!("Every {} whose field `{}` names this one.", class.name, field.name);
                let inverse = Inverse {
                    name: name.clone(),
                    class: class.iri.clone(),
                    predicate: field.predicate.clone(),
                    comment,
                };
                found.push((target.clone(), inverse));
            }
        }
    }
    for class in classes {
        let targets = [&class.iri].into_iter().chain(&class.ancestors);
        let targets: Vec<&NamedNode> = targets.collect();
        class.inverses = found
            .iter()
            .filter(|(target, _)| targets.contains(&target))
            .map(|(_, inverse)| inverse.clone())
            .collect();
        class.inverses.sort_by(|a, b| a.name.cmp(&b.name));
        check_inverse_names(files, class)?;
    }
    Ok(())
}

fn check_inverse_names(files: &Files, class: &Class) -> Result<(), Error> {
    let mut names: BTreeSet<&str> = class.fields.iter().map(|field| field.name.as_str()).collect();
    for inverse in &class.inverses {
        if !names.insert(&inverse.name) {
            return Err(Error::Invalid {
                file: files.file_of(&inverse.class),
                message: format!(
                    "{} has two fields named {}; give the inverse of {} another tl:inverseField",
                    class.name, inverse.name, inverse.predicate
                ),
            });
        }
    }
    Ok(())
}

/// Returns all superclasses, nearest first; a cycle ends where it closes.
fn ancestors(files: &Files, class: &NamedNode) -> Vec<NamedNode> {
    let mut found: Vec<NamedNode> = Vec::new();
    let mut level = vec![class.clone()];
    while !level.is_empty() {
        let mut next = Vec::new();
        for child in level {
            for parent in files.iris(&child.into(), rdfs::SUB_CLASS_OF) {
                if parent != *class && !found.contains(&parent) {
                    found.push(parent.clone());
                    next.push(parent);
                }
            }
        }
        level = next;
    }
    found
}

fn plural(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("{first}{}s", letters.as_str())
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}", letters.as_str())
}
