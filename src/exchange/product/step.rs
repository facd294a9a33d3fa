//! Products, their versions and what is used where, out of a STEP file. Shapes are not read.
//!
//! Names come from the identifiers of products and versions alone, so files of two CAD systems that describe the same assembly
//! describe the same parts.

use super::part21::{self, File, Instance, Parameter};
use crate::exchange::fields::single_line;
use crate::exchange::reading::{Context, Gaps};
use crate::exchange::table::derived::template::{escape, expand};
use crate::model::statement::Statement;
use crate::model::visible;
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The revision of a product whose file states none.
const NO_VERSION: &str = "-";

const WANTED: [&str; 11] = [
    "PRODUCT",
    "PRODUCT_DEFINITION_FORMATION",
    "PRODUCT_DEFINITION_FORMATION_WITH_SPECIFIED_SOURCE",
    "PRODUCT_DEFINITION",
    "PRODUCT_DEFINITION_WITH_ASSOCIATED_DOCUMENTS",
    "NEXT_ASSEMBLY_USAGE_OCCURRENCE",
    "ASSEMBLY_COMPONENT_USAGE",
    "QUANTIFIED_ASSEMBLY_COMPONENT_USAGE",
    "PRODUCT_DEFINITION_USAGE",
    "PRODUCT_DEFINITION_RELATIONSHIP",
    "MEASURE_WITH_UNIT",
];

/// Reads the structure of a file.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    context: Context<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // The standard has ASCII alone; tools write the bytes of their system.
        Err(_) => encoding_rs::mem::decode_latin1(bytes).into_owned(),
    };
    let wanted = |name: &str| WANTED.contains(&name) || name.ends_with("MEASURE_WITH_UNIT");
    let file = part21::read(text.trim_start_matches('\u{feff}'), wanted)
        .map_err(|(line, message)| format!("line {line}: {message}"))?;
    let mut structure = Structure {
        file: &file,
        context,
        gaps,
        statements: Vec::new(),
        seen: HashSet::new(),
        designs: BTreeMap::new(),
    };
    structure.products()?;
    structure.usages();
    if structure.statements.is_empty() {
        structure.gaps.add(0, format!("the file (schema {}) has no products", file.schema));
    }
    Ok(structure.statements)
}

struct Structure<'a, 'g> {
    file: &'a File,
    context: Context<'a>,
    gaps: &'g mut Gaps,
    statements: Vec<Statement>,
    seen: HashSet<Statement>,
    /// The design revision of each PRODUCT_DEFINITION.
    designs: BTreeMap<u64, NamedNode>,
}

/// What one assembly uses of one component.
#[derive(Default)]
struct Uses {
    count: u64,
    quantity: Option<String>,
    positions: BTreeSet<String>,
}

impl<'a> Structure<'a, '_> {
    fn state(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        let statement = Statement::new(subject.clone(), predicate.into_owned(), object);
        if self.seen.insert(statement.clone()) {
            self.statements.push(statement);
        }
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        if !text.is_empty() {
            self.state(subject, predicate, Literal::new_simple_literal(text));
        }
    }

    fn of(&self, number: u64, names: &[&str]) -> Option<&'a [Parameter]> {
        let file: &'a File = self.file;
        let entities = file.instances.get(&number)?;
        entities
            .iter()
            .find(|(name, _)| names.iter().any(|own| name.starts_with(own)))
            .map(|(_, own)| own.as_slice())
    }

    fn products(&mut self) -> Result<(), String> {
        let mut named: BTreeMap<NamedNode, String> = BTreeMap::new();
        let definitions: Vec<u64> = self
            .file
            .instances
            .iter()
            .filter(|(_, own)| is_definition(own))
            .map(|(number, _)| *number)
            .collect();
        for number in definitions {
            let formation = self.of(number, &["PRODUCT_DEFINITION"]).and_then(|own| reference(own, 2));
            let formation_parameters =
                formation.and_then(|own| self.of(own, &["PRODUCT_DEFINITION_FORMATION"]));
            let product = formation_parameters
                .and_then(|own| reference(own, 2))
                .and_then(|own| self.of(own, &["PRODUCT"]));
            let Some(product) = product else {
                self.gaps.add(0, format!("#{number}: the definition leads to no product, and is left out"));
                continue;
            };
            let (id, name) = (single_line(&string(product, 0)), single_line(&string(product, 1)));
            let (description, version) = (
                string(product, 2),
                formation_parameters.map(|own| single_line(&string(own, 0))).unwrap_or_default(),
            );
            let id = if id.is_empty() { name.clone() } else { id };
            if id.is_empty() {
                self.gaps
                    .add(0, format!("#{number}: its product has neither an id nor a name, and is left out"));
                continue;
            }
            if let Some(fault) = visible::fault(&id) {
                self.gaps.add(
                    0,
                    format!("#{number}: the id \"{}\" {fault}; the product is left out", id.escape_debug()),
                );
                continue;
            }
            let version = match visible::fault(&version) {
                None if !version.is_empty() => version,
                _ => {
                    self.gaps.add(0, format!("products have no version; their revision is \"{NO_VERSION}\""));
                    NO_VERSION.to_owned()
                }
            };
            let part = expand(self.context.base, &format!("part/{}", escape(&id)))?;
            let design = expand(self.context.base, &format!("design/{}/{}", escape(&id), escape(&version)))?;
            self.state(&part, rdf::TYPE, tl::PART_CLASS.into_owned());
            self.text(&part, dcterms::IDENTIFIER, &format!("{}{id}", self.context.mapping.prefix()));
            match named.get(&part) {
                None => {
                    self.text(&part, dcterms::TITLE, &name);
                    self.text(&part, dcterms::DESCRIPTION, description.trim());
                    named.insert(part.clone(), name);
                }
                Some(first) if *first != name => {
                    self.gaps.add(
                        0,
                        format!(
                            "the product {id} is called both \"{first}\" and \"{name}\"; the first counts"
                        ),
                    );
                }
                Some(_) => {}
            }
            self.state(&design, rdf::TYPE, tl::DESIGN_REVISION.into_owned());
            self.state(&design, tl::REVISION_OF, part);
            self.text(&design, tl::REVISION, &version);
            self.designs.insert(number, design);
        }
        Ok(())
    }

    fn usages(&mut self) {
        let mut by_definition: BTreeMap<u64, BTreeMap<NamedNode, Uses>> = BTreeMap::new();
        for (number, instance) in &self.file.instances {
            let Some((parent, child, position, quantity)) = self.usage(instance) else { continue };
            let Some(child_design) = self.designs.get(&child).filter(|_| self.designs.contains_key(&parent))
            else {
                self.gaps.add(0, format!("#{number}: the usage leads from or to a definition that is not there, and is left out"));
                continue;
            };
            let uses = by_definition.entry(parent).or_default().entry(child_design.clone()).or_default();
            uses.count += 1;
            if let Some(quantity) = quantity {
                if uses.quantity.is_some() {
                    self.gaps.add(0, format!("#{number}: one component has two usages with a quantity; they are counted as usages"));
                }
                uses.quantity = Some(quantity);
            }
            if !position.is_empty() {
                uses.positions.insert(position);
            }
        }
        // A file may define one design twice; the same structure twice is one.
        let mut by_design: BTreeMap<NamedNode, (u64, BTreeMap<NamedNode, Uses>)> = BTreeMap::new();
        for (definition, uses) in by_definition {
            let design = self.designs[&definition].clone();
            let alike = |a: &BTreeMap<NamedNode, Uses>, b: &BTreeMap<NamedNode, Uses>| {
                a.iter()
                    .map(|(child, uses)| (child, uses.count))
                    .eq(b.iter().map(|(child, uses)| (child, uses.count)))
            };
            match by_design.get(&design) {
                None => _ = by_design.insert(design, (definition, uses)),
                Some((_, first)) if alike(first, &uses) => {}
                Some((first, _)) => {
                    self.gaps.add(0, format!("#{definition}: defines the same version as #{first} with another structure; the first counts"));
                }
            }
        }
        let mut edges: BTreeMap<NamedNode, BTreeSet<NamedNode>> = BTreeMap::new();
        let mut in_order: Vec<_> = by_design.into_iter().collect();
        in_order.sort_by_key(|(_, (definition, _))| *definition);
        for (design, (_, uses)) in in_order {
            for (child, uses) in uses {
                if reaches(&edges, &child, &design) {
                    self.gaps.add(
                        0,
                        format!(
                            "{} is used in itself through {}, and that usage is left out",
                            child.as_str(),
                            design.as_str()
                        ),
                    );
                    continue;
                }
                edges.entry(design.clone()).or_default().insert(child.clone());
                self.write(&design, &child, &uses);
            }
        }
    }

    /// Returns parent, child, position and quantity of a usage.
    fn usage(&self, instance: &Instance) -> Option<(u64, u64, String, Option<String>)> {
        let has = |name: &str| instance.iter().find(|(own, _)| own == name).map(|(_, own)| own.as_slice());
        let is_usage = has("NEXT_ASSEMBLY_USAGE_OCCURRENCE").is_some()
            || has("QUANTIFIED_ASSEMBLY_COMPONENT_USAGE").is_some();
        if !is_usage {
            return None;
        }
        // A complex instance has the parameters of each supertype in a part of its own.
        let relation = has("PRODUCT_DEFINITION_RELATIONSHIP")
            .or_else(|| instance.first().map(|(_, own)| own.as_slice()))?;
        let component =
            has("ASSEMBLY_COMPONENT_USAGE").map_or_else(|| string(relation, 5), |own| string(own, 0));
        let quantified = match has("QUANTIFIED_ASSEMBLY_COMPONENT_USAGE") {
            Some([only]) => Some(only),
            Some(own) => own.get(6),
            None => None,
        };
        let quantity = quantified.and_then(|own| match own {
            Parameter::Reference(measure) => self
                .of(*measure, &["MEASURE_WITH_UNIT"])
                .or_else(|| self.first(*measure))
                .and_then(|own| number_of(own.first()?)),
            other => number_of(other),
        });
        let (parent, child) = (reference(relation, 3)?, reference(relation, 4)?);
        Some((parent, child, single_line(&component), quantity))
    }

    fn first(&self, number: u64) -> Option<&'a [Parameter]> {
        let file: &'a File = self.file;
        file.instances.get(&number)?.first().map(|(_, own)| own.as_slice())
    }

    fn write(&mut self, design: &NamedNode, child: &NamedNode, uses: &Uses) {
        let step = child.as_str().rsplit("/design/").next().unwrap_or_default().replace('/', "-");
        let is_placed = uses.positions.len() as u64 == uses.count && uses.quantity.is_none();
        let position_of = |position: &String| position.trim_matches('/').to_owned();
        let positions: Vec<Option<String>> =
            if is_placed { uses.positions.iter().map(position_of).map(Some).collect() } else { vec![None] };
        for position in positions {
            let suffix = position.as_ref().map_or_else(String::new, |own| format!("@{}", escape(own)));
            let usage = NamedNode::new_unchecked(format!("{}#usage-{step}{suffix}", design.as_str()));
            let quantity = match (&uses.quantity, is_placed) {
                (Some(quantity), _) if uses.count == 1 => quantity.clone(),
                (_, true) => "1".to_owned(),
                _ => uses.count.to_string(),
            };
            self.state(design, tl::USAGE, usage.clone());
            self.state(&usage, rdf::TYPE, tl::PART_USAGE.into_owned());
            self.state(&usage, tl::CHILD, child.clone());
            let datatype = if quantity.contains('.') { xsd::DECIMAL } else { xsd::INTEGER };
            self.state(&usage, tl::QUANTITY, Literal::new_typed_literal(quantity, datatype));
            if let Some(position) = position.filter(|own| visible::fault(own).is_none()) {
                self.text(&usage, tl::POSITION, &position);
            }
        }
    }
}

fn is_definition(instance: &Instance) -> bool {
    instance.iter().any(|(name, _)| {
        matches!(name.as_str(), "PRODUCT_DEFINITION" | "PRODUCT_DEFINITION_WITH_ASSOCIATED_DOCUMENTS")
    })
}

fn string(parameters: &[Parameter], index: usize) -> String {
    match parameters.get(index) {
        Some(Parameter::Text(text)) => text.clone(),
        _ => String::new(),
    }
}

fn reference(parameters: &[Parameter], index: usize) -> Option<u64> {
    match parameters.get(index) {
        Some(Parameter::Reference(number)) => Some(*number),
        _ => None,
    }
}

/// Returns a number that is more than 0 as XSD writes it.
fn number_of(parameter: &Parameter) -> Option<String> {
    match parameter {
        Parameter::Typed(_, own) => number_of(own.first()?),
        Parameter::Other(text) => {
            let numeral = crate::model::number::numeral::Numeral::parse(text.trim_end_matches('.'))?;
            let plain = numeral.plain()?;
            let plain = plain.strip_suffix(".0").unwrap_or(&plain).to_owned();
            (!plain.starts_with('-') && !numeral.is_zero()).then_some(plain)
        }
        _ => None,
    }
}

fn reaches(edges: &BTreeMap<NamedNode, BTreeSet<NamedNode>>, from: &NamedNode, to: &NamedNode) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if seen.insert(at) {
            open.extend(edges.get(at).into_iter().flatten());
        }
    }
    false
}
