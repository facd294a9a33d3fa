//! The constants of a query, written as the thread writes its data: a query that repeats values of an imported file finds
//! what came of it, and an instant is the same term with any offset.

use crate::model::statement::literal::{canonical_literal, is_written_canonically};
use oxigraph::model::Literal;
use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, GraphPattern, OrderExpression};
use spargebra::term::{GroundTerm, GroundTriple, TermPattern, TriplePattern};

/// Puts every literal of a query into canonical form.
pub(in crate::graph) fn normalize(query: &mut Query) {
    match query {
        Query::Construct { template, pattern, .. } => {
            template.iter_mut().for_each(triple);
            graph(pattern);
        }
        Query::Select { pattern, .. } | Query::Describe { pattern, .. } | Query::Ask { pattern, .. } => {
            graph(pattern);
        }
    }
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

fn graph(pattern: &mut GraphPattern) {
    match pattern {
        GraphPattern::Bgp { patterns } => patterns.iter_mut().for_each(triple),
        GraphPattern::Path { subject, object, .. } => {
            term(subject);
            term(object);
        }
        GraphPattern::Join { left, right }
        | GraphPattern::Lateral { left, right }
        | GraphPattern::Union { left, right }
        | GraphPattern::Minus { left, right } => {
            graph(left);
            graph(right);
        }
        GraphPattern::LeftJoin { left, right, expression: condition } => {
            graph(left);
            graph(right);
            condition.iter_mut().for_each(expression);
        }
        GraphPattern::Filter { expr, inner } => {
            expression(expr);
            graph(inner);
        }
        GraphPattern::Extend { inner, expression: value, .. } => {
            expression(value);
            graph(inner);
        }
        GraphPattern::Values { bindings, .. } => {
            bindings.iter_mut().flatten().flatten().for_each(ground);
        }
        GraphPattern::OrderBy { inner, expression: keys } => {
            graph(inner);
            for OrderExpression::Asc(key) | OrderExpression::Desc(key) in keys {
                expression(key);
            }
        }
        GraphPattern::Group { inner, aggregates, .. } => {
            graph(inner);
            for (_, aggregate) in aggregates {
                if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                    expression(expr);
                }
            }
        }
        GraphPattern::Graph { inner, .. }
        | GraphPattern::Project { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. }
        | GraphPattern::Service { inner, .. } => graph(inner),
    }
}

fn expression(value: &mut Expression) {
    match value {
        Expression::Literal(constant) => literal(constant),
        Expression::Exists(pattern) => graph(pattern),
        value => parts(value).into_iter().for_each(expression),
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
