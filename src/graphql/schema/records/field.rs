//! Fields of a class that hold plain values: their GraphQL types, and statements' terms as values.

use crate::graph::Snapshot;
use crate::graphql::engine::Value;
use crate::graphql::error::{Code, Error, plain};
use crate::graphql::schema::shared::node::Node;
use crate::graphql::schema::shared::unit::{KindValue, UnitValue};
use crate::model::time::instant::Instant;
use crate::ontology::{Field, Kind};
use oxigraph::model::Term;

use crate::graphql::schema::shared::node::target;

/// Returns the name of the GraphQL type of a plain kind; links and fragments have none here.
pub(crate) fn type_name(kind: &Kind) -> Option<&str> {
    Some(match kind {
        Kind::Text => "String",
        Kind::Boolean => "Boolean",
        Kind::Integer => "Long",
        Kind::Number => "Float",
        Kind::Instant => "DateTime",
        Kind::Date => "Date",
        Kind::Period => "Duration",
        Kind::Iri => "ID",
        Kind::Enumeration(name, _) => name,
        Kind::Unit => "Unit",
        Kind::QuantityKind => "QuantityKind",
        Kind::Link(_) | Kind::Fragment(_) => return None,
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

fn value(snapshot: &Snapshot, kind: &Kind, term: &Term) -> Result<Value, Error> {
    let text = plain(term);
    let misfit = |expected: &str| {
        Error::new(Code::ShapeViolation, format!("\"{text}\" is recorded where {expected} belongs"))
    };
    Ok(match kind {
        Kind::Boolean => Value::Boolean(matches!(text.as_str(), "true" | "1")),
        Kind::Integer => match text.parse() {
            Ok(number) => Value::Integer(number),
            Err(_) => whole_number(&text).ok_or_else(|| misfit("a whole number"))?,
        },
        Kind::Number => Value::number(&text).ok_or_else(|| misfit("a number"))?,
        Kind::Instant => Value::Text(text.parse::<Instant>().map_err(|_| misfit("an instant"))?.to_string()),
        Kind::Unit => match target(term) {
            Some(iri) => Value::object(UnitValue::read(snapshot, iri)),
            None => return Err(misfit("a unit")),
        },
        Kind::QuantityKind => match target(term) {
            Some(iri) => Value::object(KindValue::read(snapshot, iri)),
            None => return Err(misfit("a quantity kind")),
        },
        Kind::Iri => match target(term) {
            Some(iri) => Value::Text(snapshot.shorten(iri)),
            None => Value::Text(text),
        },
        Kind::Text | Kind::Date | Kind::Period | Kind::Enumeration(..) => Value::Text(text),
        Kind::Link(_) | Kind::Fragment(_) => return Err(misfit("a plain value")),
    })
}

/// Makes a value of a whole number that takes more than 64 bits.
fn whole_number(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_whole { Value::number(text) } else { None }
}
