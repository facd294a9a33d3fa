//! Text functions of SPARQL whose results can be longer than their arguments, bounded while they work.
//!
//! The evaluator's own would nest without a bound: nine REPLACE that each double a text make gigabytes of 272 bytes. These
//! follow its rules (which arguments are errors, which language a result has), and stop where a text becomes too long.

use super::budget::Budget;
use super::error::Error;
use super::patterns::Patterns;
use super::term::{TEXT_BYTES_MAX, text_bytes};
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};
use oxigraph::sparql::SparqlEvaluator;
use regex::Captures;
use std::sync::Arc;

/// A relative IRI: no query can name it.
pub(super) const CONCAT: &str = "concat";
pub(super) const REPLACE: &str = "replace";
pub(super) const REGEX: &str = "regex";
/// Passes on what another function returned, if it is not too long.
pub(super) const BOUNDED: &str = "bounded";

/// Adds the functions to an evaluator.
pub(super) fn register(evaluator: SparqlEvaluator, budget: &Arc<Budget>) -> SparqlEvaluator {
    let patterns = Arc::new(Patterns::new(Arc::clone(budget)));
    let of = |function: fn(&Budget, &[Term]) -> Option<Term>| {
        let budget = Arc::clone(budget);
        move |arguments: &[Term]| function(&budget, arguments)
    };
    let matching = |function: fn(&Budget, &Patterns, &[Term]) -> Option<Term>| {
        let (budget, patterns) = (Arc::clone(budget), Arc::clone(&patterns));
        move |arguments: &[Term]| function(&budget, &patterns, arguments)
    };
    evaluator
        .with_custom_function(NamedNode::new_unchecked(CONCAT), of(concat))
        .with_custom_function(NamedNode::new_unchecked(BOUNDED), of(bounded))
        .with_custom_function(NamedNode::new_unchecked(REPLACE), matching(replace))
        .with_custom_function(NamedNode::new_unchecked(REGEX), matching(regex))
}

/// Concatenates texts; the result has their language if it is one.
fn concat(budget: &Budget, arguments: &[Term]) -> Option<Term> {
    let texts: Vec<_> = arguments.iter().map(text).collect::<Option<_>>()?;
    check_length(budget, texts.iter().map(|text| text.value().len()).sum());
    let value = texts.iter().map(|text| text.value()).collect::<String>();
    let first = texts.first()?;
    let same = |text: &&&Literal| {
        (text.datatype(), text.language(), text.direction())
            == (first.datatype(), first.language(), first.direction())
    };
    let alike = texts.iter().filter(same).count() == texts.len();
    Some(if alike { with_value(first, value) } else { Literal::new_simple_literal(value) }.into())
}

fn bounded(budget: &Budget, arguments: &[Term]) -> Option<Term> {
    let result = arguments.first()?;
    check_length(budget, text_bytes(result));
    Some(result.clone())
}

fn replace(budget: &Budget, patterns: &Patterns, arguments: &[Term]) -> Option<Term> {
    let [subject, pattern, replacement, flags @ ..] = arguments else { return None };
    let (subject, replacement) = (text(subject)?, simple(replacement)?);
    let value = subject.value();
    let pattern = patterns.compiled(simple(pattern)?, optional(flags)?, value.len())?;
    let mut result = String::new();
    let mut copied = 0;
    for captures in pattern.captures_iter(value) {
        budget.tick();
        let whole = captures.get_match();
        result.push_str(&value[copied..whole.start()]);
        expand(budget, &captures, replacement, &mut result);
        copied = whole.end();
        check_length(budget, result.len());
    }
    result.push_str(&value[copied..]);
    check_length(budget, result.len());
    Some(with_value(subject, result).into())
}

/// Appends a replacement with its references to groups. No group is longer than the match, which bounds the result beforehand.
fn expand(budget: &Budget, captures: &Captures<'_>, replacement: &str, into: &mut String) {
    let references = replacement.matches('$').count();
    let whole = captures.get_match().len();
    if replacement.len().saturating_add(references.saturating_mul(whole)) > 4 * TEXT_BYTES_MAX {
        budget.stop(Error::Text(TEXT_BYTES_MAX));
    }
    captures.expand(replacement, into);
}

fn regex(_: &Budget, patterns: &Patterns, arguments: &[Term]) -> Option<Term> {
    let [subject, pattern, flags @ ..] = arguments else { return None };
    let value = text(subject)?.value();
    let pattern = patterns.compiled(simple(pattern)?, optional(flags)?, value.len())?;
    Some(Literal::from(pattern.is_match(value)).into())
}

/// Returns a text, with or without a language.
fn text(term: &Term) -> Option<&Literal> {
    match term {
        Term::Literal(literal) if literal.language().is_some() || literal.datatype() == xsd::STRING => {
            Some(literal)
        }
        _ => None,
    }
}

/// Returns a text that has no language.
fn simple(term: &Term) -> Option<&str> {
    text(term).filter(|text| text.language().is_none()).map(Literal::value)
}

/// Returns the flags; none where none are given.
fn optional(flags: &[Term]) -> Option<&str> {
    flags.first().map_or(Some(""), simple)
}

/// Returns a text with the language of another.
fn with_value(like: &Literal, value: String) -> Literal {
    match (like.language(), like.direction()) {
        (Some(language), Some(direction)) => {
            Literal::new_directional_language_tagged_literal_unchecked(value, language, direction)
        }
        (Some(language), None) => Literal::new_language_tagged_literal_unchecked(value, language),
        (None, _) => Literal::new_simple_literal(value),
    }
}

fn check_length(budget: &Budget, bytes: usize) {
    if bytes > TEXT_BYTES_MAX {
        budget.stop(Error::Text(TEXT_BYTES_MAX));
    }
    budget.tick_text(bytes);
}
