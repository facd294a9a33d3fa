//! The made-up plant that the graph's measurements run on: units of six statements each, of one part.

use crate::model::statement::Statement;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};
use std::ops::Range;

pub(super) const BASE: &str = "https://bench.example.org/";

/// The part that all units are of.
pub(super) const PART: &str = "part/pump";

/// How many statements a unit has.
pub(super) const STATEMENTS_A_UNIT: usize = 6;

/// The sites that the units are spread over.
const SITES: usize = 40;

/// Names a unit. Unit 0 is the hot one, which every commit rewrites; other even ones are moved now and then, odd ones
/// never.
pub(super) fn unit(number: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("{BASE}unit/U-{number:06}"))
}

/// Picks the `n`-th unit of a walk that never meets a changed one.
pub(super) fn quiet_unit(n: usize, units: usize) -> NamedNode {
    unit((n * 7919 % units / 2 * 2 + 1).min(units - 1))
}

/// Picks the `n`-th unit to move.
pub(super) fn moving_unit(n: usize, units: usize) -> NamedNode {
    unit((n * 7919 % units) & !1)
}

/// Makes the part and units of it.
pub(super) fn plant(units: Range<usize>) -> Vec<Statement> {
    let part = NamedNode::new_unchecked(format!("{BASE}{PART}"));
    let mut statements = vec![
        Statement::new(part.clone(), rdf::TYPE.into_owned(), tl::PART_CLASS.into_owned()),
        Statement::new(part.clone(), dcterms::IDENTIFIER.into_owned(), Literal::from("pump")),
    ];
    for number in units {
        let unit = unit(number);
        let mut add = |predicate: NamedNodeRef<'_>, object: Term| {
            statements.push(Statement::new(unit.clone(), predicate.into_owned(), object));
        };
        add(rdf::TYPE, tl::TWIN_INSTANCE.into_owned().into());
        add(dcterms::IDENTIFIER, Literal::from(format!("U-{number:06}")).into());
        add(tl::PART, part.clone().into());
        add(tl::SITE, Literal::from(format!("site-{:02}", number * 7919 % 1009 % SITES)).into());
        add(tl::UNIT_NUMBER, Literal::from(i64::try_from(number).unwrap_or(0)).into());
        let at = format!("20{:02}-{:02}-01T00:00:00Z", 10 + number % 14, 1 + number % 12);
        add(tl::COMMISSIONED_AT, Literal::new_typed_literal(at, xsd::DATE_TIME).into());
    }
    statements
}
