//! The proof against its oracle: whatever the proof passes, the engine passes too.

use crate::model::statement::Statement;
use crate::ontology::class::{Class, Field, FieldKind};
use crate::ontology::data::{Data, Statements};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{quantitykind, rdf, unit, xsd};
use crate::ontology::tests::testing::shipped;
use crate::ontology::violation::Violation;
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// How many nodes a made graph has.
const NODES: usize = 12;

/// A choice for one field of one node: how many values, and what they are like.
type Choice = (u8, u8, u8);

fn node(number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/n{number}"))
}

fn concrete(ontology: &Ontology) -> Vec<&Class> {
    ontology.classes().iter().filter(|class| !class.is_abstract).collect()
}

/// Makes a graph: each node is of a class and has the values that the choices name, mostly valid ones.
fn graph(classes: &[u8], choices: &[Choice]) -> Statements {
    let ontology = shipped();
    let concrete = concrete(ontology);
    let class_of = |number: usize| concrete[classes[number] as usize % concrete.len()];
    let mut choices = choices.iter().cycle();
    let mut made = Statements::default();
    for number in 0..NODES {
        made.insert(Statement::new(node(number), rdf::TYPE, class_of(number).iri.clone()));
        for field in &class_of(number).fields {
            let (count, right, pick) = choices.next().copied().unwrap_or_default();
            let count = if count < 200 { field.min.max(u32::from(count % 2)) } else { u32::from(count % 3) };
            for value in 0..count {
                let pick = pick.wrapping_add(u8::try_from(value).unwrap_or(0));
                let value = if right < 240 { fitting(field, pick, &class_of) } else { odd(right, pick) };
                made.insert(Statement::new(node(number), field.predicate.clone(), value));
            }
        }
    }
    made
}

fn typed(text: &str, datatype: NamedNodeRef<'_>) -> Term {
    Literal::new_typed_literal(text, datatype).into()
}

/// A value that suits a field, if the graph has one.
fn fitting<'a>(field: &Field, pick: u8, class_of: &dyn Fn(usize) -> &'a Class) -> Term {
    let one = |all: &[Term]| all[pick as usize % all.len()].clone();
    match &field.kind {
        FieldKind::Enumeration(_, values) => {
            Literal::from(values[pick as usize % values.len()].as_str()).into()
        }
        FieldKind::Number => one(&[
            typed("1", xsd::INTEGER),
            typed("0.5", xsd::DECIMAL),
            typed("0", xsd::INTEGER),
            typed("1.0", xsd::DECIMAL),
            typed("8.05e1", xsd::DOUBLE),
            typed("-0.0", xsd::DOUBLE),
            typed("0.30000000000000004", xsd::DECIMAL),
            typed("2.5", xsd::FLOAT),
        ]),
        FieldKind::Integer => {
            one(&[typed("7", xsd::INTEGER), typed("-1", xsd::INTEGER), typed("007", xsd::INTEGER)])
        }
        FieldKind::Instant => one(&[
            typed("2024-05-01T08:00:00Z", xsd::DATE_TIME),
            typed("2024-05-01T08:00:00.25+02:00", xsd::DATE_TIME),
            typed("1999-12-31T23:59:59-00:30", xsd::DATE_TIME),
        ]),
        FieldKind::Period => one(&[typed("PT10M", xsd::DURATION), typed("P1M", xsd::DURATION)]),
        FieldKind::Unit => one(&[unit::DEG_C.into(), unit::PERCENT.into()]),
        FieldKind::QuantityKind => quantitykind::TEMPERATURE.into(),
        FieldKind::Link(_) | FieldKind::Fragment(_) => {
            let fits = |number: &usize| field.kind.targets().contains(&class_of(*number).iri);
            let all: Vec<Term> = (0..NODES).filter(fits).map(|number| node(number).into()).collect();
            if all.is_empty() { node(pick as usize % NODES).into() } else { one(&all) }
        }
        _ => Literal::from("text").into(),
    }
}

/// A value that suits hardly anything.
fn odd(right: u8, pick: u8) -> Term {
    let all: [Term; 16] = [
        Literal::from("").into(),
        Literal::from("odd").into(),
        typed("2024-05-01T08:00:00", xsd::DATE_TIME),
        typed("2024-02-30T08:00:00Z", xsd::DATE_TIME),
        typed("2024-05-01T24:00:00Z", xsd::DATE_TIME),
        typed("2016-12-31T23:59:60Z", xsd::DATE_TIME),
        typed("2024-05-01 08:00:00Z", xsd::DATE_TIME),
        typed("-1", xsd::DECIMAL),
        typed("many", xsd::INTEGER),
        typed("NaN", xsd::DOUBLE),
        typed("99999999999999999999", xsd::INTEGER),
        typed("0.1234567890123456789012345678901234567890", xsd::DECIMAL),
        typed("P-1D", xsd::DURATION),
        Literal::new_language_tagged_literal_unchecked("text", "en").into(),
        NamedNode::new_unchecked("https://example.org/nowhere").into(),
        node(right as usize % NODES).into(),
    ];
    all[pick as usize % all.len()].clone()
}

/// The verdict of the shapes, with proofs or by the engine alone.
fn verdict(data: &Statements, proves: bool) -> Vec<String> {
    let ontology = shipped();
    let mut check = ontology.shapes().check(data, ontology);
    check.proves = proves;
    for number in 0..NODES {
        let about = data.matching(Some(&node(number)), None, None).expect("statements in memory");
        check.node(&node(number), &about).expect("a check");
    }
    let mut lines: Vec<String> =
        check.finish().expect("a verdict").iter().map(Violation::to_string).collect();
    lines.sort();
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_the_proof_passes_the_engine_passes(
        classes in prop::collection::vec(any::<u8>(), NODES),
        choices in prop::collection::vec(any::<Choice>(), 40..160),
    ) {
        let data = graph(&classes, &choices);
        prop_assert_eq!(verdict(&data, true), verdict(&data, false));
    }

    #[test]
    fn what_a_change_breaks_is_found_in_its_focus(
        classes in prop::collection::vec(any::<u8>(), NODES),
        choices in prop::collection::vec(any::<Choice>(), 40..160),
        changed in 0..NODES,
        // Removed, of another class, or with other values.
        edit in 0..3,
        class in any::<u8>(),
    ) {
        let before = graph(&classes, &choices);
        let mut other_classes = classes.clone();
        let mut other_choices = choices.clone();
        match edit {
            1 => other_classes[changed] = class,
            _ => other_choices.rotate_left(usize::from(class) % choices.len()),
        }
        let other = graph(&other_classes, &other_choices);
        let of = |data: &Statements, number: usize| data.matching(Some(&node(number)), None, None).expect("statements");
        let after: Statements = (0..NODES)
            .filter(|number| edit != 0 || *number != changed)
            .flat_map(|number| of(if number == changed { &other } else { &before }, number))
            .collect();
        let all: Vec<NamedNode> = (0..NODES).map(node).collect();
        let lines = |data: &Statements, focus: &[NamedNode]| -> BTreeSet<String> {
            let found = shipped().validate(None::<&Statements>, data, focus).expect("a validation");
            found.iter().map(Violation::to_string).collect()
        };
        let (was, is) = (lines(&before, &all), lines(&after, &all));
        let focus = shipped().focus(&before, &after, &[node(changed)]).expect("a focus");
        let found = lines(&after, &focus);
        let missed: Vec<&String> = is.difference(&was).filter(|line| !found.contains(*line)).collect();
        // Where two resources collide, the one in focus is reported, which is enough to refuse the change.
        prop_assert!(missed.is_empty() || !found.is_subset(&was), "missed {missed:?}");
        // Nor is anything missed where what was there before is not looked at again.
        let found = shipped().validate_change(&before, &after, &focus).expect("a validation");
        let found: BTreeSet<String> = found.iter().map(Violation::to_string).collect();
        let missed: Vec<&String> = is.difference(&was).filter(|line| !found.contains(*line)).collect();
        prop_assert!(missed.is_empty() || !found.is_subset(&was), "missed {missed:?}");
    }
}

#[test]
fn most_right_nodes_are_proved() {
    let classes: Vec<u8> = (0..12).map(|number| number * 3).collect();
    let data = graph(&classes, &[(0, 0, 0), (1, 0, 1), (0, 0, 2), (1, 0, 3), (1, 0, 4)]);
    let ontology = shipped();
    let mut check = ontology.shapes().check(&data, ontology);
    for number in 0..NODES {
        let about = data.matching(Some(&node(number)), None, None).expect("statements in memory");
        check.node(&node(number), &about).expect("a check");
    }
    let doubted: Vec<NamedNode> = check.doubts.iter().map(|doubt| doubt.node.clone()).collect();
    let wrong = check.finish().expect("a verdict");
    let needless =
        doubted.iter().filter(|node| !wrong.iter().any(|violation| violation.resource == **node)).count();
    assert_eq!(needless, 0, "the engine was asked in vain about some of {doubted:?}");
}
