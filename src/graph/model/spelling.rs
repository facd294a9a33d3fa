//! One value keeps one spelling: the same value again in other digits, another datatype or another offset
//! changes nothing. Versions are compared so too, as older ones may hold several spellings.

use super::resource_edit::ResourceEdit;
use super::statement_set::StatementSet;
use crate::model::statement::Statement;
use crate::model::statement::difference::differing;
use crate::model::statement::value::Value;
use crate::ontology::Ontology;
use oxigraph::model::Term;
use std::collections::{HashMap, HashSet};

/// Keeps the spellings that a resource had where the change has the same values, and of several new spellings of one value of a
/// declared property the first.
pub(crate) fn keep_spellings(edit: &mut ResourceEdit, ontology: &Ontology) {
    let is_new_literal = |(statement, comes): (&Statement, bool)| comes && is_literal(statement);
    if !edit.differences().any(is_new_literal) {
        return;
    }
    let respelled = respelled(edit.differences(), ontology);
    if !respelled.is_empty() {
        let spelled = replaced(edit.after(), &respelled);
        *edit.change() = spelled;
    }
    let repeated = repeated(edit, ontology);
    if !repeated.is_empty() {
        edit.change().retain(|statement| !repeated.contains(statement));
    }
}

/// Returns a side with the values that another has too in that one's spellings.
pub(crate) fn spelled_as(side: &StatementSet, other: &StatementSet, ontology: &Ontology) -> StatementSet {
    let respelled = respelled(differing(other.iter(), side.iter()), ontology);
    if respelled.is_empty() { side.clone() } else { replaced(side, &respelled) }
}

/// Finds added statements, marked with `true`, with the value of a removed one; returns that for each.
fn respelled<'a>(
    differences: impl Iterator<Item = (&'a Statement, bool)>,
    ontology: &Ontology,
) -> HashMap<Statement, Statement> {
    let literals: Vec<_> = differences.filter(|(statement, _)| is_literal(statement)).collect();
    let mut found = HashMap::new();
    for property in literals.chunk_by(|(a, _), (b, _)| is_same_property(a, b)) {
        if property.iter().all(|(_, comes)| *comes) || !property.iter().any(|(_, comes)| *comes) {
            continue;
        }
        let texts = ontology.texts(property[0].0.predicate.as_ref());
        let of = |side: bool| {
            property.iter().filter(move |(_, comes)| *comes == side).map(|(statement, _)| *statement)
        };
        let mut removed: HashMap<Value, &Statement> =
            of(false).map(|statement| (Value::of(&statement.object, texts), statement)).collect();
        for statement in of(true) {
            let before = removed.remove(&Value::of(&statement.object, texts));
            if let Some(before) = before.filter(|before| ontology.may_keep(before)) {
                found.insert(statement.clone(), before.clone());
            }
        }
    }
    found
}

fn replaced(side: &StatementSet, respelled: &HashMap<Statement, Statement>) -> StatementSet {
    side.iter().map(|statement| respelled.get(statement).unwrap_or(statement).clone()).collect()
}

/// Finds the values that a change adds to a declared property although a statement that stays, or one before it, has the same value.
fn repeated(edit: &ResourceEdit, ontology: &Ontology) -> HashSet<Statement> {
    let (after, mut found) = (edit.after(), HashSet::new());
    let new = edit.differences().filter(|(statement, comes)| *comes && is_literal(statement));
    let new: Vec<&Statement> = new.map(|(statement, _)| statement).collect();
    for property in new.chunk_by(|a, b| is_same_property(a, b)) {
        let all = values(after, property[0]);
        if all.len() < 2 || ontology.property(property[0].predicate.as_ref()).is_none() {
            continue;
        }
        let texts = ontology.texts(property[0].predicate.as_ref());
        let (new, old): (Vec<_>, Vec<_>) = all.iter().partition(|statement| property.contains(statement));
        let mut met: HashSet<Value> =
            old.iter().map(|statement| Value::of(&statement.object, texts)).collect();
        for statement in new {
            if !met.insert(Value::of(&statement.object, texts)) {
                found.insert(statement.clone());
            }
        }
    }
    found
}

/// Returns the statements of a statement's subject and property.
fn values<'a>(all: &'a [Statement], like: &Statement) -> &'a [Statement] {
    let key = |statement: &Statement| {
        (statement.subject.as_str(), statement.predicate.as_str())
            .cmp(&(like.subject.as_str(), like.predicate.as_str()))
    };
    let from = all.partition_point(|statement| key(statement).is_lt());
    let to = from + all[from..].partition_point(|statement| key(statement).is_eq());
    &all[from..to]
}

fn is_literal(statement: &Statement) -> bool {
    matches!(statement.object, Term::Literal(_))
}

fn is_same_property(one: &Statement, other: &Statement) -> bool {
    one.subject == other.subject && one.predicate == other.predicate
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ontology::terms::{dcterms, tl};
    use oxigraph::model::vocab::xsd;
    use oxigraph::model::{Literal, NamedNode, NamedNodeRef};

    fn set(of: &[(NamedNodeRef<'_>, &str)]) -> StatementSet {
        let subject = NamedNode::new_unchecked("https://example.org/r");
        let literal = |text: &str| match text {
            text if text.contains('E') => Literal::new_typed_literal(text, xsd::DOUBLE),
            text if text.contains('.') => Literal::new_typed_literal(text, xsd::DECIMAL),
            text if text.parse::<i64>().is_ok() => Literal::new_typed_literal(text, xsd::INTEGER),
            text => Literal::new_simple_literal(text),
        };
        of.iter().map(|(property, text)| Statement::new(subject.clone(), *property, literal(text))).collect()
    }

    #[test]
    fn a_value_keeps_its_spelling() {
        let ontology = Ontology::shipped().expect("the shipped ontology");
        let own = NamedNodeRef::new_unchecked("https://example.org/own");
        let check = |before: &[(NamedNodeRef<'_>, &str)],
                     after: &[(NamedNodeRef<'_>, &str)],
                     expect: &[(NamedNodeRef<'_>, &str)]| {
            let mut edit = ResourceEdit::new(set(before), set(after));
            keep_spellings(&mut edit, &ontology);
            assert_eq!(*edit.after(), set(expect), "{before:?} {after:?}");
            if before.len() == after.len() {
                assert_eq!(spelled_as(&set(after), &set(before), &ontology), set(expect));
            }
        };
        check(&[(tl::LIMIT, "85")], &[(tl::LIMIT, "85.0")], &[(tl::LIMIT, "85")]);
        check(&[(tl::LIMIT, "85.0")], &[(tl::LIMIT, "8.5E1")], &[(tl::LIMIT, "85.0")]);
        check(&[(tl::LIMIT, "85")], &[(tl::LIMIT, "85.5")], &[(tl::LIMIT, "85.5")]);
        check(&[(own, "1"), (own, "2")], &[(own, "2.0"), (own, "3")], &[(own, "2"), (own, "3")]);
        // A property that nobody declared keeps both, where there was no value before.
        check(&[(own, "1")], &[(own, "1"), (own, "1.0")], &[(own, "1"), (own, "1.0")]);
        check(&[(tl::LIMIT, "1")], &[(tl::LIMIT, "1"), (tl::LIMIT, "1.0")], &[(tl::LIMIT, "1")]);
        check(&[], &[(tl::LIMIT, "1"), (tl::LIMIT, "1.0")], &[(tl::LIMIT, "1")]);
        check(
            &[(dcterms::IDENTIFIER, "\u{b5}-1")],
            &[(dcterms::IDENTIFIER, "\u{3bc}-1")],
            &[(dcterms::IDENTIFIER, "\u{b5}-1")],
        );
        check(&[(dcterms::TITLE, "\u{b5}")], &[(dcterms::TITLE, "\u{3bc}")], &[(dcterms::TITLE, "\u{3bc}")]);
        // What the property may not be now does not come back.
        check(&[(tl::UNIT_NUMBER, "7.0")], &[(tl::UNIT_NUMBER, "7")], &[(tl::UNIT_NUMBER, "7")]);
    }
}
