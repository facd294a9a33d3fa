//! Items of Doorstop: a YAML file each, named after its UID.

use super::records::Records;
use super::yaml;
use crate::exchange::fields::{Attributed, World};
use crate::exchange::reading::{Context, Gaps};
use crate::model::statement::Statement;
use crate::model::visible;
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use serde_json::Value;

const NAMESPACE: &str = "https://w3id.org/throughline/doorstop#";
const JSON: NamedNodeRef<'static> =
    NamedNodeRef::new_unchecked("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON");

/// Reads an item.
pub(in crate::exchange) fn read(
    bytes: &[u8],
    context: Context<'_>,
    gaps: &mut Gaps,
) -> Result<Vec<Statement>, String> {
    let file = context.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let uid = file.rsplit_once('.').map_or(file, |(stem, _)| stem).trim_start_matches('.');
    let text = std::str::from_utf8(bytes).map_err(|_| "the file is no UTF-8".to_owned())?;
    let item = yaml::parse(text.trim_start_matches('\u{feff}'))?;
    let item = item.as_object().ok_or("the file is no item of Doorstop: it has no keys")?;
    if file.starts_with(".doorstop") {
        gaps.add(0, "the settings of a document are not read; its items are");
        return Ok(Vec::new());
    }
    if !item.contains_key("text") && !item.contains_key("header") {
        return Err("the file is no item of Doorstop: it has neither text nor header".to_owned());
    }
    let mut records = Records::new(context.base, "doorstop", context.source);
    let iri = records.named(uid)?;
    let class =
        context.mapping.class(prefix(uid), context.ontology)?.ok_or("[types] gives the item no class")?;
    records.state(&iri, rdf::TYPE, class.iri.clone());
    let identifier = format!("{}{uid}", context.mapping.prefix());
    if let Some(fault) = visible::fault(&identifier) {
        return Err(format!("the UID \"{}\" {fault}", identifier.escape_debug()));
    }
    records.text(&iri, dcterms::IDENTIFIER, &identifier);
    let mut attributed = Attributed::default();
    for (key, value) in item {
        if let Some(text) = value.as_str() {
            attributed.add(if key == "header" { "title" } else { key }, text);
        }
    }
    let world = World { ontology: context.ontology, base: context.base };
    let (derived, own_gaps) = context.mapping.derive(&iri, class, &attributed, world);
    let has_status = derived.iter().any(|own| own.field == "status");
    records.statements.extend(derived.into_iter().map(|derived| derived.statement));
    own_gaps.into_iter().for_each(|gap| gaps.add(0, gap));
    if item.get("active") == Some(&Value::Bool(false)) && class.field("status").is_some() && !has_status {
        records.text(&iri, tl::STATUS, "OBSOLETE");
    }
    for (key, value) in item.iter().filter(|(_, value)| !is_empty(value)) {
        let predicate = NamedNode::new(format!("{NAMESPACE}{key}"))
            .map_err(|error| format!("the key \"{key}\": {error}"))?;
        let literal = match value {
            Value::String(text) => Literal::new_simple_literal(text),
            other => Literal::new_typed_literal(other.to_string(), JSON),
        };
        records.state(&iri, predicate.as_ref(), literal);
    }
    let is_test = class.field("verifies").is_some();
    for target in links(item.get("links")) {
        let to = records.named(&target)?;
        let of = context.mapping.class(prefix(&target), context.ontology).unwrap_or_default();
        let is_requirement = of.is_some_and(|of| of.iri.as_ref() == tl::REQUIREMENT);
        match (is_test, is_requirement) {
            (true, true) => records.state(&iri, tl::VERIFIES, to),
            (false, true) if class.field("derivedFrom").is_some() => records.state(&iri, tl::DERIVED_FROM, to),
            _ => gaps.add(0, format!("the link from {uid} to {target} is none from a test or requirement to a requirement; it is kept, and is no link")),
        }
    }
    Ok(records.statements)
}

/// Returns the prefix of a UID, by which documents are distinguished: `TST` of `TST001`.
fn prefix(uid: &str) -> &str {
    uid.trim_end_matches(|char: char| char.is_ascii_digit()).trim_end_matches(['-', '_', '.'])
}

fn links(value: Option<&Value>) -> Vec<String> {
    let own = |link: &Value| match link {
        Value::String(uid) => Some(uid.clone()),
        Value::Object(stamped) => stamped.keys().next().cloned(),
        _ => None,
    };
    value.and_then(Value::as_array).into_iter().flatten().filter_map(own).collect()
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}
