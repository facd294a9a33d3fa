//! The constants of a query, written as the thread writes its data: a query that repeats values of an imported file finds
//! what came of it, and an instant is the same term with any offset.

use crate::model::statement::literal::{canonical_literal, is_written_canonically};
use oxigraph::model::Literal;
use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::{GroundTerm, GroundTriple, TermPattern, TriplePattern};

/// Puts every literal of a query into canonical form; returns how many triple patterns and paths are joined in it. A collection has two
/// for each of its items.
pub(in crate::graph) fn normalize(query: &mut Query) -> usize {
    let mut joined = 0;
    match query {
        Query::Construct { template, pattern, .. } => {
            template.iter_mut().for_each(triple);
            graph(pattern, &mut joined);
        }
        Query::Select { pattern, .. } | Query::Describe { pattern, .. } | Query::Ask { pattern, .. } => {
            graph(pattern, &mut joined);
        }
    }
    joined
}

fn literal(literal: &mut Literal) {
    // The dataset finds the others by both texts: earlier programs kept them as they were written.
    if is_written_canonically(literal.datatype()) {
        *literal = canonical_literal(literal.clone());
    }
}

fn triple(pattern: &mut TriplePattern) {
    term(&mut pattern.subject);
    term(&mut pattern.object);
}

fn term(pattern: &mut TermPattern) {
    match pattern {
        TermPattern::Literal(constant) => literal(constant),
        TermPattern::Triple(quoted) => triple(quoted),
        TermPattern::NamedNode(_) | TermPattern::BlankNode(_) | TermPattern::Variable(_) => {}
    }
}

fn ground(constant: &mut GroundTerm) {
    match constant {
        GroundTerm::Literal(constant) => literal(constant),
        GroundTerm::Triple(quoted) => {
            let GroundTriple { object, .. } = &mut **quoted;
            ground(object);
        }
        GroundTerm::NamedNode(_) => {}
    }
}

fn graph(pattern: &mut GraphPattern, joined: &mut usize) {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            *joined += patterns.len();
            patterns.iter_mut().for_each(triple);
        }
        GraphPattern::Path { subject, object, .. } => {
            *joined += 1;
            term(subject);
            term(object);
        }
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            graph(left, joined);
            graph(right, joined);
        }
        GraphPattern::LeftJoin { left, right, expression: condition } => {
            graph(left, joined);
            graph(right, joined);
            condition.iter_mut().for_each(|condition| expression(condition, joined));
        }
        GraphPattern::Filter { expr, inner } => {
            expression(expr, joined);
            graph(inner, joined);
        }
        GraphPattern::Extend { inner, expression: value, .. } => {
            expression(value, joined);
            graph(inner, joined);
        }
        GraphPattern::Values { bindings, .. } => {
            bindings.iter_mut().flatten().flatten().for_each(ground);
        }
        GraphPattern::OrderBy { inner, expression: keys } => {
            graph(inner, joined);
            for OrderExpression::Asc(key) | OrderExpression::Desc(key) in keys {
                expression(key, joined);
            }
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            graph(inner, joined);
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    expression(expr, joined);
                }
            }
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => graph(inner, joined),
    }
}

fn expression(value: &mut Expression, joined: &mut usize) {
    match value {
        Expression::Literal(constant) => literal(constant),
        Expression::Exists(pattern) => graph(pattern, joined),
        value => parts(value).into_iter().for_each(|part| expression(part, joined)),
    }
}

/// Returns the expressions that an expression is made of, in their order; those of a pattern within it are not among them.
pub(super) fn parts(value: &mut Expression) -> Vec<&mut Expression> {
    match value {
        Expression::Or(a, b)
        | Expression::And(a, b)
        | Expression::Equal(a, b)
        | Expression::SameTerm(a, b)
        | Expression::Greater(a, b)
        | Expression::GreaterOrEqual(a, b)
        | Expression::Less(a, b)
        | Expression::LessOrEqual(a, b)
        | Expression::Add(a, b)
        | Expression::Subtract(a, b)
        | Expression::Multiply(a, b)
        | Expression::Divide(a, b) => vec![&mut **a, &mut **b],
        Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => vec![&mut **a],
        Expression::In(a, list) => std::iter::once(&mut **a).chain(list).collect(),
        Expression::If(a, b, c) => vec![&mut **a, &mut **b, &mut **c],
        Expression::Coalesce(parts) | Expression::FunctionCall(_, parts) => parts.iter_mut().collect(),
        Expression::NamedNode(_)
        | Expression::Literal(_)
        | Expression::Variable(_)
        | Expression::Bound(_)
        | Expression::Exists(_) => Vec::new(),
    }
}
