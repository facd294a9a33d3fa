//! Fields of a class that hold plain values: their GraphQL types, and statements' terms as values.

use crate::graph::Snapshot;
use crate::graphql::engine::Value;
use crate::graphql::error::{Code, Error, plain};
use crate::graphql::schema::shared::node::Node;
use crate::graphql::schema::shared::unit::{KindValue, UnitValue};
use crate::model::time::instant::Instant;
use crate::ontology::{Field, FieldKind};
use oxigraph::model::Term;

use crate::graphql::schema::shared::node::target;

/// Returns the name of the GraphQL type of a plain kind; links and fragments have none here.
pub(crate) fn type_name(kind: &FieldKind) -> Option<&str> {
    Some(match kind {
        FieldKind::Text => "String",
        FieldKind::Boolean => "Boolean",
        FieldKind::Integer => "Long",
        FieldKind::Number => "Float",
        FieldKind::Instant => "DateTime",
        FieldKind::Date => "Date",
        FieldKind::Period => "Duration",
        FieldKind::Iri => "ID",
        FieldKind::Enumeration(name, _) => name,
        FieldKind::Unit => "Unit",
        FieldKind::QuantityKind => "QuantityKind",
        FieldKind::Link(_) | FieldKind::Fragment(_) => return None,
    })
}

/// Returns the type of a field. A single value may always be absent: an old version need not state what today's shapes
/// demand.
pub(crate) fn type_of(field: &Field, name: &str) -> String {
    if field.is_single() { name.to_owned() } else { format!("[{name}!]!") }
}

/// Reads a field's values.
pub(crate) fn resolve(node: &Node, field: &Field) -> Result<Value, Error> {
    let snapshot = &node.scope.snapshot;
    let mut values = node.values(&field.predicate)?.map(|term| value(snapshot, &field.kind, term));
    if field.is_single() {
        return values.next().unwrap_or(Ok(Value::Null));
    }
    values.collect::<Result<_, _>>().map(Value::List)
}

fn value(snapshot: &Snapshot, kind: &FieldKind, term: &Term) -> Result<Value, Error> {
    let text = plain(term);
    let misfit = |expected: &str| {
        Error::new(Code::ShapeViolation, format!("\"{text}\" is recorded where {expected} belongs"))
    };
    Ok(match kind {
        FieldKind::Boolean => Value::Boolean(matches!(text.as_str(), "true" | "1")),
        FieldKind::Integer => match text.parse() {
            Ok(number) => Value::Integer(number),
            Err(_) => whole_number(&text).ok_or_else(|| misfit("a whole number"))?,
        },
        FieldKind::Number => Value::number(&text).ok_or_else(|| misfit("a number"))?,
        FieldKind::Instant => {
            Value::Text(text.parse::<Instant>().map_err(|_| misfit("an instant"))?.to_string())
        }
        FieldKind::Unit => match target(term) {
            Some(iri) => Value::object(UnitValue::read(snapshot, iri)),
            None => return Err(misfit("a unit")),
        },
        FieldKind::QuantityKind => match target(term) {
            Some(iri) => Value::object(KindValue::read(snapshot, iri)),
            None => return Err(misfit("a quantity kind")),
        },
        FieldKind::Iri => match target(term) {
            Some(iri) => Value::Text(snapshot.shorten(iri)),
            None => Value::Text(text),
        },
        FieldKind::Text | FieldKind::Date | FieldKind::Period | FieldKind::Enumeration(..) => {
            Value::Text(text)
        }
        FieldKind::Link(_) | FieldKind::Fragment(_) => return Err(misfit("a plain value")),
    })
}

/// Makes a value of a whole number that takes more than 64 bits.
fn whole_number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { Value::number(text) } else { None }
}
