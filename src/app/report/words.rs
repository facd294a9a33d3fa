//! Statements in words: names as the ontology has them, values without datatypes.

use crate::app::error::Error;
use crate::feedback::{Margin, MarginChange};
use crate::graph::{self, PropertyDiff, Snapshot};
use crate::model::number::numeral;
use crate::model::statement::Statement;
use crate::thread::{self, Found};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, Term};
use serde_json::Value;

/// Finds the resource that an argument names: by its IRI, or by an identifier that it alone bears.
pub fn find(at: &Snapshot, name: &str) -> Result<NamedNode, Error> {
    match thread::find::<graph::Error>(at, name, |_| Ok(true))? {
        Found::One(iri) => Ok(iri),
        Found::Several(several) => {
            let several = several.iter().map(|iri| at.shorten(iri)).collect::<Vec<_>>().join(", ");
            Err(Error::SeveralResources { name: name.to_owned(), several })
        }
    }
}

/// Writes one property as `#limit limit: 85.0 → 80.0`.
pub fn line(property: &PropertyDiff, at: &Snapshot) -> String {
    let fragment = fragment(&property.subject);
    let list = |terms: &[Term]| terms.iter().map(|term| word(term, at)).collect::<Vec<_>>().join(", ");
    let name = name(&property.predicate, at);
    match (property.removed.as_slice(), property.added.as_slice()) {
        ([], added) => format!("{fragment}{name}: + {}", list(added)),
        (removed, []) => format!("{fragment}{name}: - {}", list(removed)),
        (removed, added) => format!("{fragment}{name}: {} → {}", list(removed), list(added)),
    }
}

/// Returns `#limit ` for a fragment, and nothing for a resource.
pub fn fragment(subject: &NamedNode) -> String {
    subject.as_str().split_once('#').map_or(String::new(), |(_, rest)| format!("#{rest} "))
}

/// Returns the name of a property as the ontology has it, else its IRI.
pub fn name(predicate: &NamedNode, at: &Snapshot) -> String {
    match at.ontology().property(predicate.as_ref()) {
        Some(property) => property.name.clone(),
        None if predicate.as_ref() == rdf::TYPE => "type".to_owned(),
        None => at.shorten(predicate),
    }
}

/// Writes a value: an IRI in its short form, a literal without its datatype.
pub fn value(term: &Term, at: &Snapshot) -> String {
    match term {
        Term::NamedNode(iri) => at.shorten(iri),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    }
}

/// Writes a value for a person: what the ontology names by its name there, all else as [`value`].
pub fn word(term: &Term, at: &Snapshot) -> String {
    let Term::NamedNode(iri) = term else { return value(term, at) };
    let class = at.ontology().class(iri.as_ref()).map(|class| class.name.clone());
    let unit = || at.ontology().units().get(iri.as_ref()).map(|unit| unit.name.clone());
    class.or_else(unit).unwrap_or_else(|| value(term, at))
}

/// Writes a link as `pump/A satisfies REQ-1`.
pub fn link(link: &Statement, at: &Snapshot) -> String {
    let (name, to) = (name(&link.predicate, at), value(&link.object, at));
    format!("{} {name} {to}", at.shorten(&link.subject))
}

/// Writes the margin of one constraint at two versions or watermarks.
pub fn margins(change: &MarginChange, at: &Snapshot) -> String {
    let (before, after) = (margin(change.before.as_ref()), margin(change.after.as_ref()));
    let text = if before == after { before } else { format!("{before} → {after}") };
    let Margin { item, constraint, .. } = change.latest();
    format!("{} {}: {text}", at.shorten(item), at.shorten(&constraint.iri))
}

fn margin(margin: Option<&Margin>) -> String {
    let Some(margin) = margin else { return "no such constraint".to_owned() };
    let recorded = &margin.constraint.recorded;
    let written = |text: &str| {
        let double = || text.parse::<f64>().map_or(text.to_owned(), |number| number.to_string());
        numeral::beyond_doubles(text).unwrap_or_else(double)
    };
    let limit = written(&recorded.limit);
    let upper = recorded.upper.as_deref().map_or(String::new(), |upper| format!(" … {}", written(upper)));
    let observed = margin.observed.map_or("-".to_owned(), |observed| format!("{observed:.4}"));
    format!("{} {observed} (limit {limit}{upper})", margin.verdict)
}

/// Returns a recorded number with all its digits, as JSON writes it.
pub fn number(text: &str) -> Value {
    match numeral::beyond_doubles(text) {
        Some(digits) => serde_json::from_str(&digits).unwrap_or(Value::String(digits)),
        None => text.parse::<f64>().map_or(Value::Null, Value::from),
    }
}
