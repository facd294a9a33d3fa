//! Rule *unique key*: no two instances of a class share the values of its `owl:hasKey`. A serial is unique for its
//! part, a revision for its part, a requirement's identifier among requirements. Keys are compared by value: two spellings of
//! one identifier that Unicode holds for the same are one. Where a property of the key after
//! the first is absent, it counts as a value of its own. An instance that had its key already is not looked up again: whoever
//! takes that key by the same change is, and both are named. Of many instances with one key each one names a few of the others.

use crate::model::statement::Statement;
use crate::model::statement::value::{Texts, is_same, spellings};
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::rules::{Key, Subject};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::rdf;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashMap;
use std::sync::Arc;

const RULE: &str = "unique key";
/// An instance names so many others that have its key.
const OTHERS_MAX: usize = 3;
/// The nodes that have a value are found once where there are more.
const FEW: usize = 16;

/// The nodes that have a value which many have.
#[derive(Default)]
pub(in crate::ontology::rules) struct Memory(HashMap<NamedNode, HashMap<Term, Arc<[NamedNode]>>>);

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    trusted: Option<&[Statement]>,
    memory: &mut Memory,
    (found, of_others): (&mut Vec<Violation>, &mut Vec<Violation>),
) -> Result<(), Error> {
    let stays =
        |property: NamedNodeRef<'_>| trusted.is_some_and(|was| same_values(subject.about, was, property));
    let same_classes = stays(rdf::TYPE);
    for key in &subject.profile.keys {
        if same_classes && key.properties.iter().all(|property| stays(property.as_ref())) {
            continue;
        }
        let Some((first, rest)) = key.properties.split_first() else { continue };
        let Some(value) = subject.value(first.as_ref()) else { continue };
        let mut named = 0;
        for other in memory.bearers(data, first, value)?.iter() {
            if named == OTHERS_MAX {
                break;
            }
            if other == subject.node {
                continue;
            }
            let about = data.about(other)?;
            let same = |property: &&NamedNode| same_values(subject.about, &about, property.as_ref());
            if is_a(ontology, &about, key) && rest.iter().filter(same).count() == rest.len() {
                named += 1;
                found.push(taken(ontology, subject, key, other));
                if trusted.is_some() {
                    let its = Subject { node: other, about: &about, profile: subject.profile };
                    of_others.push(taken(ontology, &its, key, subject.node));
                }
            }
        }
    }
    Ok(())
}

impl Memory {
    fn bearers<D: Data>(
        &mut self,
        data: &Reader<'_, D>,
        property: &NamedNode,
        value: &Term,
    ) -> Result<Arc<[NamedNode]>, Error> {
        if let Some(known) = self.0.get(property).and_then(|of| of.get(value)) {
            return Ok(Arc::clone(known));
        }
        let found: Arc<[NamedNode]> = bearers(data, property.as_ref(), value)?.into();
        if found.len() > FEW {
            self.0.entry(property.clone()).or_default().insert(value.clone(), Arc::clone(&found));
        }
        Ok(found)
    }
}

/// Returns the nodes that have a value, in any of its spellings.
fn bearers<D: Data>(
    data: &Reader<'_, D>,
    property: NamedNodeRef<'_>,
    value: &Term,
) -> Result<Vec<NamedNode>, Error> {
    let mut found = data.subjects(property, value)?;
    if let Term::Literal(literal) = value {
        for spelling in spellings(literal).into_iter().filter(|spelling| spelling != literal) {
            for other in data.subjects(property, &spelling.into())? {
                if !found.contains(&other) {
                    found.push(other);
                }
            }
        }
    }
    Ok(found)
}

/// Reports that a subject has the key of another one.
fn taken(ontology: &Ontology, subject: &Subject<'_>, key: &Key, other: &NamedNode) -> Violation {
    let (path, value) = shown(ontology, subject, key);
    let message = format!("{} is already that of <{}>", describe(ontology, subject, key), other.as_str());
    subject.violation(RULE, path, value, message)
}

fn is_a(ontology: &Ontology, about: &[Statement], key: &Key) -> bool {
    reader::types(about).any(|class| {
        *class == key.class
            || ontology
                .class_index(class)
                .is_some_and(|index| ontology.classes()[index].ancestors.contains(&key.class))
    })
}

fn same_values(one: &[Statement], other: &[Statement], property: NamedNodeRef<'_>) -> bool {
    let of = |about| -> Vec<&Term> { reader::values(about, property).collect() };
    let (one, other) = (of(one), of(other));
    let has = |value: &Term| other.iter().any(|other| is_same(value, other, Texts::Names));
    one.len() == other.len() && one.iter().all(|value| has(value))
}

/// The field to show: the literal one, which people recognise.
fn shown(ontology: &Ontology, subject: &Subject<'_>, key: &Key) -> (Option<String>, Option<Term>) {
    let mut candidates = key.properties.iter().filter_map(|p| Some((p, subject.value(p.as_ref())?)));
    let literal = candidates.clone().find(|(_, value)| matches!(value, Term::Literal(_)));
    match literal.or_else(|| candidates.next()) {
        Some((property, value)) => (Some(ontology.field_name(property)), Some(value.clone())),
        None => (None, None),
    }
}

fn describe(ontology: &Ontology, subject: &Subject<'_>, key: &Key) -> String {
    let parts: Vec<String> = key
        .properties
        .iter()
        .filter(|property| property.as_ref() != rdf::TYPE)
        .map(|property| match subject.value(property.as_ref()) {
            Some(value) => {
                format!("{} {}", ontology.field_name(property), crate::ontology::shapes::show(value))
            }
            None => format!("no {}", ontology.field_name(property)),
        })
        .collect();
    parts.join(" with ")
}
