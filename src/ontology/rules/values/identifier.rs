//! Rule *visible names*: an identifier, a part of a key, or another text by which things are found, looks as it is. One with a
//! blank at its end, a character without ink or a letter in another width would be a second name that nobody can tell from the
//! first. All else is a name: `1.0`, `00471`, `2024-05-01`; letters in the other case make another one. Values that were
//! there before stay. The name of a resource is held to the same, without what is percent-encoded and so seen.

use crate::model::statement::Statement;
use crate::model::visible;
use crate::ontology::rules::{Subject, reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{adms, dcterms, skos, tl};
use crate::ontology::violation::Violation;
use oxigraph::model::NamedNodeRef;

const RULE: &str = "visible names";

/// The texts, besides those of keys, by which things are found, grouped or bound.
const NAMES: [NamedNodeRef<'static>; 11] = [
    dcterms::IDENTIFIER,
    skos::NOTATION,
    adms::SCHEMA_AGENCY,
    tl::REVISION,
    tl::POSITION,
    tl::LOT,
    tl::OPTION,
    tl::NAME,
    tl::SOURCE,
    tl::SITE,
    tl::CHARACTERISTIC,
];

pub(in crate::ontology::rules) fn check(
    ontology: &Ontology,
    subject: &Subject<'_>,
    was: Option<&[Statement]>,
    found: &mut Vec<Violation>,
) {
    if was.is_none_or(<[_]>::is_empty)
        && let Some(char) = visible::hidden(subject.node.as_str())
    {
        let message = format!("its name has {} in it, which nobody sees: leave it out", visible::kind(char));
        found.push(subject.violation(RULE, None, None, message));
    }
    for statement in subject.about {
        let Some(text) = reader::text(&statement.object) else { continue };
        let is_new = || !was.is_some_and(|was| was.contains(statement));
        let fault = if is_name(subject, statement) && is_new() { visible::fault(text) } else { None };
        if let Some(fault) = fault {
            let path = ontology.field_name(&statement.predicate);
            found.push(subject.violation(RULE, Some(path), Some(statement.object.clone()), fault));
        }
    }
}

fn is_name(subject: &Subject<'_>, statement: &Statement) -> bool {
    NAMES.contains(&statement.predicate.as_ref())
        || subject.profile.keys.iter().any(|key| key.properties.contains(&statement.predicate))
}
