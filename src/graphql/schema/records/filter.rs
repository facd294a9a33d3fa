//! Typed filters and orders of each class, from GraphQL to what the graph understands.

use super::meaning;
use crate::graph::{Comparison, Filter, Order, Snapshot, TextTest};
use crate::graphql::engine::Arguments;
use crate::graphql::engine::types::arguments::{text, wrong};
use crate::graphql::engine::types::build::{enumeration, input, one_of};
use crate::graphql::engine::types::{Definition, Enumeration, InputField};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{find_iri, read_iri};
use crate::graphql::schema::shared::unit::{read_quantity_kind, read_unit};
use crate::ontology::{Class, Field, FieldKind, Ontology};
use async_graphql::Value as Input;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};

const COMPARISONS: [(&str, Comparison); 5] = [
    ("eq", Comparison::Eq),
    ("lt", Comparison::Lt),
    ("le", Comparison::Le),
    ("gt", Comparison::Gt),
    ("ge", Comparison::Ge),
];

/// The properties of prose, by the last part of their IRIs.
const UNORDERED: [&str; 5] = ["description", "note", "comment", "reason", "text"];

/// How deep `and`, `or` and `not` may nest.
const DEPTH_MAX: usize = 10;

/// Returns the filters of plain kinds, and what all orders share.
pub(crate) fn shared_types() -> Vec<Definition> {
    vec![
        of_values(
            "TextFilter",
            "String",
            &["eq", "ne", "in", "lt", "le", "gt", "ge", "contains", "startsWith"],
        ),
        of_values("BooleanFilter", "Boolean", &["eq", "ne"]),
        of_values("LongFilter", "Long", &["eq", "ne", "in", "lt", "le", "gt", "ge"]),
        of_values("FloatFilter", "Float", &["eq", "ne", "in", "lt", "le", "gt", "ge"]),
        of_values("DateTimeFilter", "DateTime", &["eq", "ne", "in", "lt", "le", "gt", "ge"]),
        of_values("DateFilter", "Date", &["eq", "ne", "in", "lt", "le", "gt", "ge"]),
        of_values("DurationFilter", "Duration", &["eq", "ne", "in"]),
        of_values("IdFilter", "ID", &["eq", "ne", "in"]),
        enumeration(
            "OrderDirection",
            "The direction of a sort.",
            &[
                ("ASC", "The smallest first; what has no value comes last."),
                ("DESC", "The greatest first; what has no value comes first."),
            ],
        ),
    ]
}

/// Returns the filter of an enumeration.
pub(crate) fn of_enumeration(name: &str) -> Definition {
    of_values(&format!("{name}Filter"), name, &["eq", "ne", "in"])
}

fn of_values(name: &str, value: &str, operators: &[&str]) -> Definition {
    let mut fields: Vec<InputField> = operators
        .iter()
        .map(|operator| match *operator {
            "in" => InputField::new("in", &format!("[{value}!]"), ""),
            operator => InputField::new(operator, value, ""),
        })
        .collect();
    fields.push(InputField::new("exists", "Boolean", ""));
    input(name, &format!("Conditions on a field of type {value}; all that are given must be met."), fields)
}

/// Returns the filter and the order of a class.
pub(crate) fn types_of(class: &Class) -> Vec<Definition> {
    let name = format!("{}Filter", class.name);
    let filter = |field: &Field| {
        let filter = InputField::new(&field.name, &filter_name(&field.kind), "");
        filter.deprecated(field.deprecated.as_deref())
    };
    let mut fields: Vec<InputField> = class.fields.iter().map(filter).collect();
    let own = |name: &str| class.field(name).is_none();
    if own("and") {
        fields.push(InputField::new("and", &format!("[{name}!]"), ""));
    }
    if own("or") {
        fields.push(InputField::new("or", &format!("[{name}!]"), ""));
    }
    if own("not") {
        fields.push(InputField::new("not", &name, ""));
    }
    let key = |field: &str| InputField::new(field, "OrderDirection", "");
    let mut keys: Vec<InputField> =
        ordered(class).map(|field| key(&field.name).deprecated(field.deprecated.as_deref())).collect();
    keys.push(key("iri"));
    let filter = format!("Conditions on each {}; all that are given must be met.", class.name);
    let order = format!("One sort key for instances of {}.", class.name);
    vec![input(&name, &filter, fields), one_of(&format!("{}Order", class.name), &order, keys)]
}

/// Returns the fields by which a class can be ordered: single plain values, but no prose and no digests, whose order means nothing.
fn ordered(class: &Class) -> impl Iterator<Item = &Field> {
    let is_prose = |field: &Field| {
        let local = field.predicate.as_str().rsplit(['#', '/']).next().unwrap_or_default();
        UNORDERED.contains(&local) || local.ends_with("Digest")
    };
    class.fields.iter().filter(move |field| {
        let plain = !matches!(
            field.kind,
            FieldKind::Link(_)
                | FieldKind::Fragment(_)
                | FieldKind::Unit
                | FieldKind::QuantityKind
                | FieldKind::Iri
        );
        plain && field.is_single() && !is_prose(field)
    })
}

fn filter_name(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Text => "TextFilter",
        FieldKind::Boolean => "BooleanFilter",
        FieldKind::Integer => "LongFilter",
        FieldKind::Number => "FloatFilter",
        FieldKind::Instant => "DateTimeFilter",
        FieldKind::Date => "DateFilter",
        FieldKind::Period => "DurationFilter",
        FieldKind::Enumeration(name, _) => return format!("{name}Filter"),
        FieldKind::Iri
        | FieldKind::Unit
        | FieldKind::QuantityKind
        | FieldKind::Link(_)
        | FieldKind::Fragment(_) => "IdFilter",
    }
    .to_owned()
}

/// Reads the filter of a class.
pub(crate) fn read(snapshot: &Snapshot, class: &Class, given: &Arguments) -> Result<Filter, Error> {
    read_at(snapshot, class, given, 0)
}

fn read_at(snapshot: &Snapshot, class: &Class, given: &Arguments, depth: usize) -> Result<Filter, Error> {
    if depth > DEPTH_MAX {
        return Err(Error::limit(format!("filters may nest {DEPTH_MAX} deep")));
    }
    let nested = |given: &Arguments| read_at(snapshot, class, given, depth + 1);
    let mut all = Vec::new();
    for (name, value) in &given.0 {
        refuse_null(name, value)?;
        let filter = match (class.field(name), name.as_str()) {
            (Some(field), _) => of_field(snapshot, field, &Arguments::of(value)?)?,
            (None, "and") => Filter::And(given.objects("and")?.iter().map(nested).collect::<Result<_, _>>()?),
            (None, "or") => Filter::Or(given.objects("or")?.iter().map(nested).collect::<Result<_, _>>()?),
            (None, "not") => Filter::Not(Box::new(nested(&Arguments::of(value)?)?)),
            (None, name) => return Err(Error::bad_input(format!("{} has no field {name}", class.name))),
        };
        all.push(filter);
    }
    Ok(Filter::And(all))
}

fn of_field(snapshot: &Snapshot, field: &Field, tests: &Arguments) -> Result<Filter, Error> {
    let predicate = &field.predicate;
    let mut all = Vec::new();
    for (operator, value) in &tests.0 {
        refuse_null(&format!("{}.{operator}", field.name), value)?;
        let equals = |value: &Input| equal_to(snapshot, field, value);
        all.push(match operator.as_str() {
            "ne" => Filter::Not(Box::new(equals(value)?)),
            "in" => {
                let any =
                    tests.list("in").unwrap_or_default().iter().map(equals).collect::<Result<_, _>>()?;
                Filter::Or(any)
            }
            "exists" => Filter::Has(predicate.clone(), *value == Input::Boolean(true)),
            "contains" => Filter::Text(predicate.clone(), TextTest::Contains, needed(operator, value)?),
            "startsWith" => Filter::Text(predicate.clone(), TextTest::StartsWith, needed(operator, value)?),
            "eq" => equals(value)?,
            operator => {
                let comparison = COMPARISONS.iter().find(|(name, _)| *name == operator);
                let (_, comparison) = comparison.ok_or_else(|| wrong(operator, "an operator"))?;
                Filter::Compare(predicate.clone(), *comparison, literal(field, value)?)
            }
        });
    }
    Ok(Filter::And(all))
}

/// Refuses null, which would let all pass that the test was meant for.
pub(super) fn refuse_null(name: &str, value: &Input) -> Result<(), Error> {
    match value {
        Input::Null => Err(Error::bad_input(format!(
            "the filter \"{name}\" is null and tests nothing: \"exists: false\" finds what has no value; left out, all pass"
        ))),
        _ => Ok(()),
    }
}

/// Reads the name of a fragment; its owners are never found by anything else.
fn read_fragment(snapshot: &Snapshot, field: &Field, id: &str) -> Result<NamedNode, Error> {
    let iri = find_iri(snapshot, id)?;
    if iri.as_str().contains('#') || snapshot.exists(&iri)? {
        return Ok(iri);
    }
    Err(Error::bad_input(format!(
        "{} holds fragments, such as REQ-1#limit, and \"{id}\" is none; \"lookup\" finds resources by the identifiers of any system, and \
         \"exists\" those that have {0}",
        field.name
    )))
}

fn needed(name: &str, value: &Input) -> Result<String, Error> {
    text(value).ok_or_else(|| wrong(name, "a text"))
}

fn equal_to(snapshot: &Snapshot, field: &Field, value: &Input) -> Result<Filter, Error> {
    let one = |term: Term| Filter::OneOf(field.predicate.clone(), vec![term]);
    let named = |read: fn(&Snapshot, &str) -> Result<NamedNode, Error>| {
        Ok(one(read(snapshot, &needed(&field.name, value)?)?.into()))
    };
    match field.kind {
        FieldKind::Unit => named(read_unit),
        FieldKind::QuantityKind => named(read_quantity_kind),
        FieldKind::Fragment(_) => {
            Ok(one(read_fragment(snapshot, field, &needed(&field.name, value)?)?.into()))
        }
        FieldKind::Link(_) => named(find_iri),
        FieldKind::Iri => named(read_iri),
        FieldKind::Boolean | FieldKind::Enumeration(..) => Ok(one(literal(field, value)?.into())),
        // Values are equal however they are written.
        _ => Ok(Filter::Compare(field.predicate.clone(), Comparison::Eq, literal(field, value)?)),
    }
}

fn literal(field: &Field, value: &Input) -> Result<Literal, Error> {
    let text = match value {
        Input::Boolean(value) => value.to_string(),
        value => needed(&field.name, value)?,
    };
    Ok(match field.kind {
        FieldKind::Boolean => Literal::new_typed_literal(text, xsd::BOOLEAN),
        FieldKind::Integer => Literal::new_typed_literal(text, xsd::INTEGER),
        // A double would round a long number to a neighbour.
        FieldKind::Number if text.contains(['e', 'E']) => Literal::new_typed_literal(text, xsd::DOUBLE),
        FieldKind::Number => Literal::new_typed_literal(text, xsd::DECIMAL),
        FieldKind::Instant => Literal::new_typed_literal(text, xsd::DATE_TIME),
        FieldKind::Date => Literal::new_typed_literal(text, xsd::DATE),
        FieldKind::Period => Literal::new_typed_literal(text, xsd::DURATION),
        _ => Literal::new_simple_literal(text),
    })
}

/// Reads `orderBy` of a class: a list of keys, each with its direction.
pub(crate) fn read_order(class: &Class, given: &[Arguments]) -> Result<Vec<Order>, Error> {
    let key = |given: &Arguments| {
        let (name, direction) =
            given.0.first().ok_or_else(|| Error::bad_input("a key of orderBy is empty"))?;
        let descending = text(direction).as_deref() == Some("DESC");
        let field = ordered(class).find(|field| field.name == name.as_str());
        match (field, name.as_str()) {
            (Some(field), _) => Ok(Order { predicate: Some(field.predicate.clone()), descending }),
            (None, "iri") => Ok(Order { predicate: None, descending }),
            (None, name) => Err(wrong(name, "a field of the class")),
        }
    };
    given.iter().map(key).collect()
}

/// Returns the enumerations that fields use, by name, with their values.
pub(crate) fn enumerations(ontology: &Ontology) -> Vec<Definition> {
    let mut types = Vec::new();
    for known in ontology.enumerations() {
        types.push(Definition::Enumeration(Enumeration {
            name: known.name.clone(),
            comment: meaning::of_enumeration(&known.name),
            values: known
                .values
                .iter()
                .map(|value| (value.clone(), meaning::of_value(&known.name, value).to_owned()))
                .collect(),
        }));
        types.push(of_enumeration(&known.name));
    }
    types
}
