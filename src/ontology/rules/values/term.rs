//! Rule *known terms*: a class or property in Throughline's own namespace is one that the ontology defines, and a
//! property of that namespace is one that the class has. What other namespaces say is kept and not judged.

use crate::model::statement::Statement;
use crate::ontology::rules::{Subject, reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{rdf, tl};
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
            None => format!("{} is not a class of the ontology", short(class)),
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
    for statement in subject.about.iter().filter(|said| is_ours(&said.predicate)) {
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
    if ontology.property(predicate.as_ref()).is_none() {
        return Some(format!("{} is not a property of the ontology", short(predicate)));
    }
    let class = &ontology.classes()[*subject.profile.direct.first()?];
    Some(format!("{} has no {}", class.name, short(predicate)))
}

fn is_ours(term: &NamedNode) -> bool {
    term.as_str().starts_with(tl::NAMESPACE) && term.as_ref() != rdf::TYPE
}

fn short(term: &NamedNode) -> String {
    format!("tl:{}", term.as_str().trim_start_matches(tl::NAMESPACE))
}
