//! needs.json of sphinx-needs, there and back. What is no field of ours is kept under its own name.

use super::records::Records;
use crate::exchange::fields::{Attributed, World, folded};
use crate::exchange::reading::{Context, Gaps};
use crate::model::statement::Statement;
use crate::model::visible;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::ontology::{Class, FieldKind};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const NAMESPACE: &str = "https://w3id.org/throughline/needs#";
/// Keys that state where a need is in its documents, and the backward ends of links, which are computed.
const LEFT: [&str; 6] = ["id", "is_need", "is_part", "links_back", "parent_needs_back", "id_parent"];

/// Reads the current version of a file.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    context: Context<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: Value = serde_json::from_slice(bytes).map_err(|error| format!("no JSON: {error}"))?;
    let versions = file.get("versions").and_then(Value::as_object);
    let versions = versions.ok_or("the file has no \"versions\", so it is no needs.json")?;
    let current = file.get("current_version").and_then(Value::as_str).unwrap_or_default();
    let (name, version) = match versions.get_key_value(current) {
        Some(found) => found,
        None => {
            let last = versions.iter().next_back().ok_or("the file has no version of its needs")?;
            gaps.add(0, format!("the current version \"{current}\" is not there; \"{}\" is read", last.0));
            last
        }
    };
    if versions.len() > 1 {
        gaps.add(0, format!("of {} versions \"{name}\" is read", versions.len()));
    }
    let needs = version.get("needs").and_then(Value::as_object).ok_or("the version has no \"needs\"")?;
    let records = Records::new(context.base, "needs", context.source);
    let mut reader = Reader { records, context, gaps, needs: BTreeMap::new() };
    for (id, need) in needs {
        reader.name(id, need)?;
    }
    for (id, need) in needs {
        reader.need(id, need);
    }
    Ok(reader.records.statements)
}

struct Reader<'a, 'g> {
    records: Records<'a>,
    context: Context<'a>,
    gaps: &'g mut Gaps,
    needs: BTreeMap<String, (NamedNode, Option<&'a Class>)>,
}

impl Reader<'_, '_> {
    fn name(&mut self, id: &str, need: &Value) -> Result<(), String> {
        let kind = need.get("type").and_then(Value::as_str).unwrap_or_default();
        let class = self.context.mapping.class(kind, self.context.ontology).unwrap_or_else(|fault| {
            self.gaps.add(0, fault);
            None
        });
        self.needs.insert(id.to_owned(), (self.records.named(id)?, class));
        Ok(())
    }

    fn need(&mut self, id: &str, need: &Value) {
        let Some((iri, class)) = self.needs.get(id).cloned() else { return };
        let Some(need) = need.as_object() else {
            return self.gaps.add(0, format!("the need {id} is no object, and is left out"));
        };
        let mut attributed = Attributed::default();
        for (key, value) in need {
            if let Some(text) = text_of(value) {
                attributed.add(key, &text);
            }
        }
        match class {
            Some(class) => {
                self.records.state(&iri, rdf::TYPE, class.iri.clone());
                let own = format!("{}{id}", self.context.mapping.prefix());
                match visible::fault(&own) {
                    None => self.records.text(&iri, dcterms::IDENTIFIER, &own),
                    Some(fault) => self.gaps.add(0, format!("the id \"{}\" {fault}", own.escape_debug())),
                }
                let world = World { ontology: self.context.ontology, base: self.context.base };
                let (derived, gaps) = self.context.mapping.derive(&iri, class, &attributed, world);
                self.records.statements.extend(derived.into_iter().map(|derived| derived.statement));
                gaps.into_iter().for_each(|gap| self.gaps.add(0, gap));
            }
            None => self.records.state(&iri, rdf::TYPE, NamedNode::new_unchecked(format!("{NAMESPACE}Need"))),
        }
        for (key, value) in need {
            if LEFT.contains(&key.as_str()) || key.ends_with("_back") {
                continue;
            }
            self.keep(&iri, key, value);
            self.link(&iri, class, key, value);
        }
    }

    /// Keeps a value as the file writes it.
    fn keep(&mut self, iri: &NamedNode, key: &str, value: &Value) {
        let Ok(predicate) = NamedNode::new(format!("{NAMESPACE}{key}")) else {
            return self.gaps.add(0, format!("the key \"{key}\" cannot be part of an IRI, and is left out"));
        };
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(list) => list.is_empty(),
            Value::Object(map) => map.is_empty(),
            _ => false,
        };
        if !is_empty {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let literal = match value {
                Value::String(_) => Literal::new_simple_literal(text),
                _ => Literal::new_typed_literal(text, JSON),
            };
            self.records.state(iri, predicate.as_ref(), literal);
        }
    }

    /// States the links that a list of ids is.
    fn link(&mut self, iri: &NamedNode, class: Option<&Class>, key: &str, value: &Value) {
        let Some(class) = class else { return };
        if folded(key) == "parent need" {
            let above = value.as_str().and_then(|above| self.needs.get(above));
            let requirement = |class: &Class| class.iri.as_ref() == tl::REQUIREMENT;
            if let Some((above, Some(of))) = above.cloned()
                && requirement(of)
                && requirement(class)
            {
                self.records.state(iri, dcterms::IS_PART_OF, above);
            }
            return;
        }
        let Some((field, reverse)) = self.context.mapping.relation(key) else { return };
        // A test's links are what it verifies.
        let field = if class.field(field).is_none() && class.field("verifies").is_some() {
            "verifies"
        } else {
            field
        };
        for target in value.as_array().into_iter().flatten().filter_map(Value::as_str) {
            // A part of a need is named behind a point.
            let found = self
                .needs
                .get(target)
                .or_else(|| self.needs.get(target.split('.').next().unwrap_or_default()))
                .cloned();
            let known = found.map(|(target, of)| (target, of.map(|of| of.name.clone()), of));
            let Some((to, name, of)) = known else {
                self.gaps.add(0, format!("the need \"{target}\" in \"{key}\" is not in the file"));
                continue;
            };
            let ends = if reverse { (of, &to, Some(class), iri) } else { (Some(class), iri, of, &to) };
            let found = ends.0.and_then(|class| class.field(field)).filter(|own| fits(own, ends.2));
            match found {
                Some(own) => self.records.state(ends.1, own.predicate.as_ref(), ends.3.clone()),
                None => {
                    let name = name.unwrap_or_else(|| "a need without a class".to_owned());
                    self.gaps.add(
                        0,
                        format!(
                            "\"{key}\" is no {field} from {} to {name}; it is kept, and is no link",
                            class.name
                        ),
                    );
                }
            }
        }
    }
}

const JSON: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON");

fn fits(field: &crate::ontology::Field, class: Option<&Class>) -> bool {
    let FieldKind::Link(targets) = &field.kind else { return false };
    class.is_some_and(|class| targets.iter().any(|of| *of == class.iri || class.ancestors.contains(of)))
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Writes requirements and test cases as needs, with what was kept of an import; `at` is when the version was made.
pub fn write(
    statements: &[Statement],
    base: &str,
    at: &str,
    commit: &str,
) -> Result<String, serde_json::Error> {
    let mut about: BTreeMap<&str, Vec<&Statement>> = BTreeMap::new();
    for statement in statements {
        about.entry(statement.subject.as_str()).or_default().push(statement);
    }
    let id = |subject: &str| {
        let own = about
            .get(subject)
            .into_iter()
            .flatten()
            .find(|own| own.predicate.as_ref() == dcterms::IDENTIFIER);
        match own.map(|own| &own.object) {
            Some(Term::Literal(literal)) => literal.value().to_owned(),
            _ => subject.strip_prefix(base).unwrap_or(subject).to_owned(),
        }
    };
    let mut needs = BTreeMap::new();
    for (subject, own) in &about {
        let is_a = |class: NamedNodeRef<'_>| {
            own.iter().any(|own| {
                own.predicate.as_ref() == rdf::TYPE && own.object == Term::from(class.into_owned())
            })
        };
        let kind = match (is_a(tl::REQUIREMENT), is_a(tl::TEST_CASE_CLASS)) {
            (true, _) => "req",
            (_, true) => "test",
            _ => continue,
        };
        let mut need = Map::new();
        need.insert("type".to_owned(), kind.into());
        for statement in own {
            add(&mut need, statement, &id);
        }
        need.insert("id".to_owned(), id(subject).into());
        needs.insert(id(subject), need);
    }
    let version = json!({ "created": at, "creator": { "program": "throughline", "version": commit }, "needs_amount": needs.len(), "needs": needs });
    let file = json!({ "created": at, "current_version": "1.0", "project": "throughline", "versions": { "1.0": version } });
    serde_json::to_string_pretty(&file)
}

/// Adds what a statement is as an option of a need.
fn add(need: &mut Map<String, Value>, statement: &Statement, id: &dyn Fn(&str) -> String) {
    let kept = statement.predicate.as_str().strip_prefix(NAMESPACE);
    let text = match &statement.object {
        Term::Literal(literal) => literal.value().to_owned(),
        Term::NamedNode(iri) => id(iri.as_str()),
        _ => return,
    };
    let (key, value) = match (kept, statement.predicate.as_ref()) {
        (Some(key), _) => {
            let is_json = matches!(&statement.object, Term::Literal(literal) if literal.datatype() == JSON);
            let value =
                if is_json { serde_json::from_str(&text).unwrap_or(Value::Null) } else { text.into() };
            // What is a field of ours is written from that.
            if ["title", "status", "content", "description", "links"].contains(&key) && need.contains_key(key)
            {
                return;
            }
            (key.to_owned(), value)
        }
        (_, dcterms::TITLE) => ("title".to_owned(), text.into()),
        (_, dcterms::DESCRIPTION) => ("content".to_owned(), text.into()),
        (_, tl::STATUS) => ("status".to_owned(), text.into()),
        (_, dcterms::IS_PART_OF) => ("parent_need".to_owned(), text.into()),
        (_, tl::DERIVED_FROM | tl::VERIFIES) => {
            let links = need.entry("links").or_insert_with(|| json!([]));
            if let Value::Array(list) = links
                && !list.contains(&text.clone().into())
            {
                list.push(text.into());
            }
            return;
        }
        _ => return,
    };
    need.insert(key, value);
}
