//! A query rewritten so that all that its evaluation keeps is counted: text functions are replaced by bounded ones, each group
//! and each aggregate that keeps values gets a meter beside it, and rows that bind nothing get a term to be counted by.
//!
//! The answers are the same.

use super::budget::Budget;
use super::constants::parts;
use super::error::Error;
use super::functions::{self, BOUNDED, CONCAT, REGEX, REPLACE};
use super::meters::{Keeps, Meter};
use oxigraph::model::{NamedNode, Variable};
use oxigraph::sparql::SparqlEvaluator;
use spargebra::Query;
use spargebra::algebra::{
    AggregateExpression, AggregateFunction, Expression, Function, GraphPattern, OrderExpression,
};
use spargebra::term::{NamedNodePattern, TermPattern};
use std::collections::HashSet;
use std::mem::{replace, take};
use std::sync::Arc;

/// So deep may functions nest that make texts: while the innermost works, each around it may keep texts of its own.
const TEXTS_DEPTH_MAX: usize = 32;
/// The value of the variable that is added to rows which may bind nothing; a relative IRI, which no graph has.
const ROW: &str = "row";

/// Rewrites a query; returns the evaluator that has what it now needs.
pub(super) fn meter(query: &mut Query, evaluator: SparqlEvaluator, budget: &Arc<Budget>) -> SparqlEvaluator {
    let mut rewriting = Rewriting { budget, meters: Vec::new(), added: 0 };
    let (Query::Select { pattern, .. }
    | Query::Construct { pattern, .. }
    | Query::Describe { pattern, .. }
    | Query::Ask { pattern, .. }) = query;
    rewriting.answer(pattern);
    let mut variables = HashSet::new();
    pattern.on_in_scope_variable(|variable| _ = variables.insert(variable.clone()));
    budget.set_variables(variables.len() + rewriting.added);
    let evaluator = functions::register(evaluator, budget);
    rewriting.meters.into_iter().enumerate().fold(evaluator, |evaluator, (at, meter)| {
        let budget = Arc::clone(budget);
        let begin = move || Box::new(meter.begin(&budget)) as Box<_>;
        evaluator.with_custom_aggregate_function(meter_name(at), begin)
    })
}

/// A relative IRI: no query can name it.
fn meter_name(at: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("meter{at}"))
}

struct Rewriting<'a> {
    budget: &'a Budget,
    meters: Vec<Meter>,
    /// How many variables were added.
    added: usize,
}

impl Rewriting<'_> {
    /// Rewrites what the answer is made of: its outermost projection stays.
    fn answer(&mut self, pattern: &mut GraphPattern) {
        match pattern {
            GraphPattern::Slice { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner } => self.answer(inner),
            GraphPattern::Project { inner, .. } => self.graph(inner),
            _ => self.graph(pattern),
        }
    }

    fn graph(&mut self, pattern: &mut GraphPattern) {
        match pattern {
            GraphPattern::Bgp { .. } => {}
            GraphPattern::Path { .. } | GraphPattern::Values { .. } => self.mark(pattern),
            GraphPattern::Project { inner, .. } => {
                self.graph(inner);
                self.mark(pattern);
            }
            GraphPattern::Union { left, right } => {
                self.graph(left);
                self.mark(left);
                self.graph(right);
                self.mark(right);
            }
            GraphPattern::Join { left, right }
            | GraphPattern::Lateral { left, right }
            | GraphPattern::Minus { left, right } => {
                self.graph(left);
                self.graph(right);
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                self.graph(left);
                self.graph(right);
                expression.iter_mut().for_each(|condition| _ = self.expression(condition));
            }
            GraphPattern::Filter { expr: expression, inner }
            | GraphPattern::Extend { inner, expression, .. } => {
                self.graph(inner);
                self.expression(expression);
            }
            GraphPattern::OrderBy { inner, expression } => {
                self.graph(inner);
                for OrderExpression::Asc(key) | OrderExpression::Desc(key) in expression {
                    self.expression(key);
                }
            }
            GraphPattern::Group { inner, variables, aggregates } => {
                self.graph(inner);
                self.aggregates(variables.len(), aggregates);
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. }
            | GraphPattern::Service { inner, .. } => self.graph(inner),
        }
    }

    /// Adds a term to rows that may bind nothing: only terms count rows, and look at the clock.
    fn mark(&mut self, pattern: &mut GraphPattern) {
        if certain(pattern).is_empty() {
            let inner = Box::new(take(pattern));
            let expression = NamedNode::new_unchecked(ROW).into();
            *pattern = GraphPattern::Extend { inner, variable: self.variable(), expression };
        }
    }

    /// Returns a variable that no query can name.
    fn variable(&mut self) -> Variable {
        self.added += 1;
        Variable::new_unchecked(format!("-{}", self.added))
    }

    fn aggregates(&mut self, keys: usize, aggregates: &mut Vec<(Variable, AggregateExpression)>) {
        let mut metered = Vec::new();
        for (_, aggregate) in &mut *aggregates {
            let AggregateExpression::FunctionCall { name, expr, distinct } = aggregate else { continue };
            self.expression(expr);
            let distinct = *distinct && !counts_terms(name, expr);
            let keeps = match name {
                AggregateFunction::GroupConcat { separator } => {
                    Keeps::Texts(separator.as_ref().map_or(1, String::len))
                }
                AggregateFunction::Min | AggregateFunction::Max | AggregateFunction::Sample => Keeps::One,
                AggregateFunction::Count
                | AggregateFunction::Sum
                | AggregateFunction::Avg
                | AggregateFunction::Custom(_) => Keeps::Nothing,
            };
            if distinct || keeps != Keeps::Nothing {
                metered.push((Meter { keeps, distinct }, expr.clone()));
            }
        }
        let count = aggregates.len() + metered.len() + 1;
        let group = Meter { keeps: Keeps::Group { keys, aggregates: count }, distinct: false };
        metered.push((group, NamedNode::new_unchecked(ROW).into()));
        // A meter comes before what it counts, so that it stops the evaluation before a text grows too long.
        let meters = metered.into_iter().map(|(meter, expr)| {
            self.meters.push(meter);
            let name = AggregateFunction::Custom(meter_name(self.meters.len() - 1));
            (self.variable(), AggregateExpression::FunctionCall { name, expr, distinct: false })
        });
        let meters: Vec<_> = meters.collect();
        aggregates.splice(0..0, meters);
    }

    /// Rewrites an expression; returns how deep functions that make texts nest in it.
    fn expression(&mut self, expression: &mut Expression) -> usize {
        let depth = match expression {
            Expression::Exists(pattern) => {
                self.graph(pattern);
                0
            }
            Expression::FunctionCall(function, arguments) => {
                let inner = self.expressions(arguments);
                let (call, levels) = bounded(function, take(arguments));
                *expression = call;
                inner + levels
            }
            expression => parts(expression).into_iter().map(|part| self.expression(part)).max().unwrap_or(0),
        };
        if depth > TEXTS_DEPTH_MAX {
            self.budget.stop(Error::Complex("functions that make texts nest more than 32 deep in it"));
        }
        depth
    }

    fn expressions(&mut self, expressions: &mut [Expression]) -> usize {
        expressions.iter_mut().map(|expression| self.expression(expression)).max().unwrap_or(0)
    }
}

/// Whether the evaluator counts different terms as it has them, which the budget knows already.
fn counts_terms(name: &AggregateFunction, of: &Expression) -> bool {
    matches!((name, of), (AggregateFunction::Count, Expression::Variable(_)))
}

/// Returns a call whose result is bounded, and how many levels of texts it adds.
fn bounded(function: &mut Function, arguments: Vec<Expression>) -> (Expression, usize) {
    let call = |name: &str, arguments| {
        Expression::FunctionCall(Function::Custom(NamedNode::new_unchecked(name)), arguments)
    };
    match replace(function, Function::Str) {
        Function::Concat if arguments.len() > 1 => concat(arguments),
        Function::Replace => (call(REPLACE, arguments), 1),
        Function::Regex => (call(REGEX, arguments), 0),
        function @ (Function::UCase | Function::LCase | Function::EncodeForUri) => {
            (call(BOUNDED, vec![Expression::FunctionCall(function, arguments)]), 1)
        }
        function => (Expression::FunctionCall(function, arguments), 0),
    }
}

/// Concatenates by pairs, so that no more than one text a level is kept.
fn concat(mut arguments: Vec<Expression>) -> (Expression, usize) {
    let name = || Function::Custom(NamedNode::new_unchecked(CONCAT));
    let mut levels = 0;
    while arguments.len() > 1 {
        levels += 1;
        let mut rest = arguments.into_iter();
        arguments = Vec::new();
        while let Some(first) = rest.next() {
            arguments.push(match rest.next() {
                Some(second) => Expression::FunctionCall(name(), vec![first, second]),
                None => first,
            });
        }
    }
    let whole = arguments.pop().unwrap_or_else(|| Expression::FunctionCall(Function::Concat, Vec::new()));
    (whole, levels)
}

/// Returns the variables that every row of a pattern binds.
fn certain(pattern: &GraphPattern) -> HashSet<Variable> {
    match pattern {
        GraphPattern::Bgp { patterns } => {
            let terms = patterns.iter().flat_map(|triple| {
                let predicate = match &triple.predicate {
                    NamedNodePattern::Variable(variable) => Some(variable),
                    NamedNodePattern::NamedNode(_) => None,
                };
                [variable(&triple.subject), predicate, variable(&triple.object)]
            });
            terms.flatten().cloned().collect()
        }
        GraphPattern::Path { subject, object, .. } => {
            [variable(subject), variable(object)].into_iter().flatten().cloned().collect()
        }
        GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
            &certain(left) | &certain(right)
        }
        GraphPattern::Union { left, right } => &certain(left) & &certain(right),
        GraphPattern::LeftJoin { left: inner, .. }
        | GraphPattern::Minus { left: inner, .. }
        | GraphPattern::Filter { inner, .. }
        | GraphPattern::OrderBy { inner, .. }
        | GraphPattern::Distinct { inner }
        | GraphPattern::Reduced { inner }
        | GraphPattern::Slice { inner, .. } => certain(inner),
        GraphPattern::Extend { inner, variable, expression } => {
            let mut certain = certain(inner);
            if matches!(expression, Expression::NamedNode(_) | Expression::Literal(_)) {
                certain.insert(variable.clone());
            }
            certain
        }
        GraphPattern::Values { variables, bindings } => {
            let bound = |at: &usize| bindings.iter().all(|row| row[*at].is_some());
            (0..variables.len()).filter(bound).map(|at| variables[at].clone()).collect()
        }
        GraphPattern::Project { inner, variables } => {
            let variables: HashSet<_> = variables.iter().cloned().collect();
            &certain(inner) & &variables
        }
        GraphPattern::Group { inner, variables, .. } => {
            let variables: HashSet<_> = variables.iter().cloned().collect();
            &certain(inner) & &variables
        }
        // There are no named graphs and no services, so these have no rows.
        GraphPattern::Graph { .. } | GraphPattern::Service { .. } => HashSet::new(),
    }
}

fn variable(term: &TermPattern) -> Option<&Variable> {
    match term {
        TermPattern::Variable(variable) => Some(variable),
        _ => None,
    }
}
