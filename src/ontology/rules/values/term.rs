//! Rule *known terms*: a class or property in Throughline's own namespace is one that the ontology defines, and a
//! property of that namespace is one that the class has. Statements of other namespaces are kept and not validated.

use crate::model::near;
use crate::model::statement::Statement;
use crate::ontology::read::local_name;
use crate::ontology::rules::{Subject, reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{self, rdf, tl};
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, Term};

const RULE: &str = "known terms";

pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) {
    for class in reader::types(subject.about).filter(|class| is_ours(class)) {
        let known = ontology.class_index(class).map(|index| &ontology.classes()[index]);
        let message = match known {
            None => {
                let names = ontology.classes().iter().map(|class| &class.iri);
                let hint = hint(class, names);
                format!("{} is not a class of the ontology{hint}", short(class))
            }
            Some(class) if class.is_abstract => {
                let below: Vec<&str> = ontology
                    .classes()
                    .iter()
                    .filter(|c| class.descendants.contains(&c.iri))
                    .map(|c| c.name.as_str())
                    .collect();
                format!("{} has no instances of its own; use one of {}", class.name, below.join(", "))
            }
            Some(_) => continue,
        };
        let value = Some(Term::NamedNode(class.clone()));
        found.push(subject.violation(RULE, Some("type".to_owned()), value, message));
    }
    for statement in subject.about.iter().filter(|statement| is_ours(&statement.predicate)) {
        if let Some(message) = unknown(ontology, subject, statement) {
            let path = Some(short(&statement.predicate));
            found.push(subject.violation(RULE, path, Some(statement.object.clone()), message));
        }
    }
}

fn unknown(ontology: &Ontology, subject: &Subject<'_>, statement: &Statement) -> Option<String> {
    let predicate = &statement.predicate;
    if subject.profile.fields.contains_key(predicate) {
        return None;
    }
    let direct = subject.profile.direct.first().map(|index| &ontology.classes()[*index]);
    let of_class = hint(predicate, subject.profile.fields.keys());
    if ontology.property(predicate.as_ref()).is_none() {
        // The fields of the class are likelier to be meant than those of others.
        let meant = if of_class.is_empty() { hint(predicate, ontology.predicates()) } else { of_class };
        return Some(format!("{} is not a property of the ontology{meant}", short(predicate)));
    }
    Some(format!("{} has no {}{of_class}", direct?.name, short(predicate)))
}

/// Returns which of the terms a misspelt one may mean, found by the local name and written with a prefix.
fn hint<'a>(term: &NamedNode, known: impl IntoIterator<Item = &'a NamedNode>) -> String {
    let mut known: Vec<(String, String)> =
        known.into_iter().map(|term| (local_name(term), terms::prefixed(term.as_ref()))).collect();
    known.sort_unstable();
    let wanted = local_name(term);
    let near = near::near(&wanted, known.iter().map(|(local, _)| local.as_str()));
    let meant = near.iter().flat_map(|name| known.iter().filter(move |(local, _)| local == name));
    near::question(&meant.map(|(_, written)| written).collect::<Vec<_>>())
}

fn is_ours(term: &NamedNode) -> bool {
    term.as_str().starts_with(tl::NAMESPACE) && term.as_ref() != rdf::TYPE
}

fn short(term: &NamedNode) -> String {
    format!("tl:{}", term.as_str().trim_start_matches(tl::NAMESPACE))
}
