//! The columns of a `SELECT`: wildcards replaced by names, functions understood, names made unique.

use super::aggregate::Function;
use super::catalog::Measurement;
use super::curve::Transform;
use super::error::Failure;
use super::reading::Database;
use crate::exchange::samples::influxql::statement::{
    COLUMNS_MAX, Every, Expr, Field, Kind, Operator, Pattern,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a column is computed from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// An aggregate, by its place among all that are needed.
    Aggregate(usize),
    /// A function along a curve.
    Along(Transform, Box<Self>),
    /// The samples of a field.
    Field(String),
    /// The value of a tag.
    Tag(String),
    /// A number.
    Number(f64),
    /// Arithmetic.
    Binary(Box<Self>, Operator, Box<Self>),
}

impl Node {
    /// Calls `each` with every node in this one, itself first.
    pub(super) fn walk<'a>(&'a self, each: &mut impl FnMut(&'a Self)) {
        each(self);
        match self {
            Self::Along(_, inner) => inner.walk(each),
            Self::Binary(left, _, right) => {
                left.walk(each);
                right.walk(each);
            }
            _ => {}
        }
    }
}

/// An aggregate of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Need {
    pub(super) field: String,
    pub(super) function: Function,
    /// How many buckets before the first one are needed as well.
    pub(super) before: i64,
}

/// The columns of a `SELECT`.
#[derive(Debug, Default)]
pub(super) struct Columns {
    /// `time` and the names of the others.
    pub(super) names: Arc<[String]>,
    pub(super) nodes: Vec<Node>,
    /// The aggregates; none: rows are samples.
    pub(super) needs: Vec<Need>,
    /// Whether any column is a function.
    pub(super) is_computed: bool,
}

/// The fields and tags that wildcards stand for.
pub(super) struct Names<'a> {
    pub(super) fields: BTreeSet<&'a str>,
    pub(super) tags: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn of(measurements: &'a [Measurement]) -> Self {
        let fields = measurements.iter().flat_map(Measurement::fields).collect();
        let tags = measurements.iter().flat_map(Measurement::tags).collect();
        Self { fields, tags }
    }
}

const AGGREGATES: [&str; 12] = [
    "count",
    "sum",
    "mean",
    "min",
    "max",
    "first",
    "last",
    "spread",
    "stddev",
    "median",
    "mode",
    "percentile",
];
const ALONG: [&str; 7] = [
    "derivative",
    "non_negative_derivative",
    "difference",
    "non_negative_difference",
    "moving_average",
    "cumulative_sum",
    "elapsed",
];
/// Functions of InfluxDB that are not supported.
const UNSUPPORTED: [&str; 39] = [
    "distinct",
    "integral",
    "top",
    "bottom",
    "sample",
    "holt_winters",
    "holt_winters_with_fit",
    "abs",
    "acos",
    "asin",
    "atan",
    "atan2",
    "ceil",
    "cos",
    "exp",
    "floor",
    "ln",
    "log",
    "log2",
    "log10",
    "pow",
    "round",
    "sin",
    "sqrt",
    "tan",
    "exponential_moving_average",
    "double_exponential_moving_average",
    "triple_exponential_moving_average",
    "triple_exponential_derivative",
    "relative_strength_index",
    "kaufmans_efficiency_ratio",
    "kaufmans_adaptive_moving_average",
    "chande_momentum_oscillator",
    "histogram",
    "merge_hll",
    "count_hll",
    "sum_hll",
    "now",
    "date_part",
];

/// Understands the columns of a `SELECT`.
pub(super) fn columns(
    database: &Database<'_>,
    fields: &[Field],
    names: &Names<'_>,
    dimensions: &BTreeSet<String>,
    every: Option<Every>,
) -> Result<Columns, Failure> {
    let is_time = |field: &&Field| matches!(field.expr.bare(), Expr::Variable(name, None) if name == "time");
    let time = fields.iter().find(is_time).and_then(|field| field.alias.clone());
    let mut expanded = Vec::new();
    for field in fields.iter().filter(|field| !is_time(field)) {
        database.check()?;
        expand(field, names, dimensions, &mut expanded)?;
    }
    let mut compiler = Compiler { names, every, columns: Columns::default() };
    let is_call = |expr: &Expr| matches!(expr, Expr::Call(..));
    let mut has_calls = false;
    for field in &expanded {
        field.expr.walk(&mut |expr| has_calls |= is_call(expr));
    }
    for field in &expanded {
        let node = compiler.node(&field.expr, has_calls, 0)?;
        if matches!(node, Node::Number(_)) {
            return Err(refused("field must contain at least one variable"));
        }
        compiler.columns.nodes.push(node);
    }
    let mut columns = compiler.columns;
    columns.is_computed = has_calls;
    if every.is_some() && !has_calls {
        return Err(refused("GROUP BY requires at least one aggregate function"));
    }
    let mut names = unique(&expanded);
    if let Some(alias) = time {
        names[0] = alias;
    }
    columns.names = names.into();
    Ok(columns)
}

/// Refuses more columns than a statement may have.
pub(super) fn refuse_many(columns: usize) -> Result<(), Failure> {
    let hint = "name fewer fields, or a regular expression that matches fewer";
    match columns > COLUMNS_MAX {
        true => Err(Failure::limit("max-select-columns", columns, COLUMNS_MAX, hint)),
        false => Ok(()),
    }
}

fn refused(text: impl Into<String>) -> Failure {
    Failure::Refused(text.into())
}

/// Replaces wildcards and regular expressions by the names that they stand for.
fn expand(
    field: &Field,
    names: &Names<'_>,
    dimensions: &BTreeSet<String>,
    expanded: &mut Vec<Field>,
) -> Result<(), Failure> {
    let is_wild = |expr: &Expr| matches!(expr.bare(), Expr::Wildcard(_) | Expr::Pattern(_));
    if is_wild(&field.expr) {
        if field.alias.is_some() {
            return Err(refused("a wildcard cannot have an alias"));
        }
        let (kind, pattern) = wild(field.expr.bare());
        let is_wanted = |name: &str| pattern.is_none_or(|pattern| pattern.matches(name));
        let fields = names.fields.iter().filter(|_| kind != Some(Kind::Tag)).map(|name| (*name, Kind::Field));
        let tags = names.tags.iter().filter(|_| kind != Some(Kind::Field)).map(|name| (*name, Kind::Tag));
        let tags = tags.filter(|(name, _)| !dimensions.contains(*name) && !names.fields.contains(name));
        let both: BTreeMap<&str, Kind> = fields.chain(tags).filter(|(name, _)| is_wanted(name)).collect();
        let variable = |(name, kind): (&str, Kind)| Field {
            expr: Expr::Variable(name.to_owned(), Some(kind)),
            alias: None,
        };
        refuse_many(expanded.len() + both.len())?;
        expanded.extend(both.into_iter().map(variable));
        return Ok(());
    }
    let mut wilds = 0;
    field.expr.walk(&mut |expr| wilds += usize::from(is_wild(expr) && !matches!(expr, Expr::Group(_))));
    match (&field.expr, wilds) {
        (Expr::Call(..), 1) => {}
        (_, 0) => {
            expanded.push(field.clone());
            return Ok(());
        }
        _ => return Err(refused("unsupported expression with wildcard: use it alone, or in one function")),
    }
    let mut found: Option<&Expr> = None;
    field.expr.walk(&mut |expr| {
        if is_wild(expr) {
            found = Some(expr.bare());
        }
    });
    let (_, pattern) = found.map_or((None, None), wild);
    let is_wanted = |name: &&&str| pattern.is_none_or(|pattern| pattern.matches(name));
    let wanted: Vec<&&str> = names.fields.iter().filter(is_wanted).collect();
    refuse_many(expanded.len() + wanted.len())?;
    for name in wanted {
        let expr = replaced(&field.expr, name);
        let stem = field.alias.clone().unwrap_or_else(|| field.expr.column());
        expanded.push(Field { expr, alias: Some(format!("{stem}_{name}")) });
    }
    Ok(())
}

fn wild(expr: &Expr) -> (Option<Kind>, Option<&Pattern>) {
    match expr {
        Expr::Wildcard(kind) => (*kind, None),
        Expr::Pattern(pattern) => (None, Some(pattern)),
        _ => (None, None),
    }
}

/// Returns an expression with a field in place of its wildcard.
fn replaced(expr: &Expr, name: &str) -> Expr {
    match expr {
        Expr::Wildcard(_) | Expr::Pattern(_) => Expr::Variable(name.to_owned(), Some(Kind::Field)),
        Expr::Group(inner) => Expr::Group(Box::new(replaced(inner, name))),
        Expr::Call(function, arguments) => {
            Expr::Call(function.clone(), arguments.iter().map(|argument| replaced(argument, name)).collect())
        }
        other => other.clone(),
    }
}

/// Returns the names of the columns, `time` first: those that are stated, and others made different from them and each other.
fn unique(fields: &[Field]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for alias in fields.iter().filter_map(|field| field.alias.clone()) {
        counts.insert(alias, 1);
    }
    let mut names = vec!["time".to_owned()];
    for field in fields {
        if let Some(alias) = &field.alias {
            names.push(alias.clone());
            continue;
        }
        let mut name = field.expr.column();
        if let Some(mut count) = counts.get(&name).copied() {
            let numbered = loop {
                let numbered = format!("{name}_{count}");
                if !counts.contains_key(&numbered) {
                    break numbered;
                }
                count += 1;
            };
            counts.insert(name, count + 1);
            name = numbered;
        }
        *counts.entry(name.clone()).or_default() += 1;
        names.push(name);
    }
    names
}

struct Compiler<'a> {
    names: &'a Names<'a>,
    every: Option<Every>,
    columns: Columns,
}

impl Compiler<'_> {
    /// Understands an expression; `before` is how many buckets before the first one what it is in needs.
    fn node(&mut self, expr: &Expr, has_calls: bool, before: i64) -> Result<Node, Failure> {
        match expr {
            Expr::Group(inner) => self.node(inner, has_calls, before),
            Expr::Number(number) => Ok(Node::Number(*number)),
            Expr::Integer(number) => Ok(Node::Number(*number as f64)),
            Expr::Variable(..) if has_calls => {
                Err(refused("mixing aggregate and non-aggregate queries is not supported"))
            }
            Expr::Variable(name, kind) => Ok(self.variable(name, *kind)),
            Expr::Binary(left, operator, right) => {
                if operator.computes(1.0, 1.0).is_none() {
                    return Err(refused(
                        "a comparison in a column is not supported: put it in the WHERE clause",
                    ));
                }
                let left = self.node(left, has_calls, before)?;
                let right = self.node(right, has_calls, before)?;
                if let (Node::Number(left), Node::Number(right)) = (&left, &right) {
                    return Ok(Node::Number(operator.computes(*left, *right).unwrap_or(f64::NAN)));
                }
                Ok(Node::Binary(Box::new(left), *operator, Box::new(right)))
            }
            Expr::Call(name, arguments) => self.call(name, arguments, before),
            _ => Err(refused("a column is a field, a function or a number: this one is none")),
        }
    }

    fn variable(&self, name: &str, kind: Option<Kind>) -> Node {
        let is_tag = kind == Some(Kind::Tag) || (kind.is_none() && !self.names.fields.contains(name));
        if is_tag { Node::Tag(name.to_owned()) } else { Node::Field(name.to_owned()) }
    }

    fn call(&mut self, name: &str, arguments: &[Expr], before: i64) -> Result<Node, Failure> {
        if ALONG.contains(&name) {
            return self.along(name, arguments);
        }
        if AGGREGATES.contains(&name) {
            let (field, function) = aggregate(name, arguments)?;
            let need = Need { field, function, before };
            let place = self.columns.needs.iter().position(|known| *known == need);
            let place = place.unwrap_or_else(|| {
                self.columns.needs.push(need);
                self.columns.needs.len() - 1
            });
            return Ok(Node::Aggregate(place));
        }
        if UNSUPPORTED.contains(&name) {
            let known = [&AGGREGATES[..], &ALONG[..]].concat().join(", ");
            return Err(refused(format!("the function {name}() is not supported: there are {known}")));
        }
        Err(refused(format!("undefined function {name}()")))
    }

    /// Understands a function along a curve, which is of a field or of an aggregate in buckets.
    fn along(&mut self, name: &str, arguments: &[Expr]) -> Result<Node, Failure> {
        let most =
            if matches!(name, "difference" | "non_negative_difference" | "cumulative_sum") { 1 } else { 2 };
        let least = if name == "moving_average" { 2 } else { 1 };
        count_arguments(name, arguments, (least, most))?;
        let (transform, before) = self.transform(name, arguments.get(1))?;
        let inner = match (arguments[0].bare(), self.every) {
            (Expr::Call(..), None) => {
                return Err(refused(format!("{name} aggregate requires a GROUP BY interval")));
            }
            (call @ Expr::Call(inner, _), Some(_)) if AGGREGATES.contains(&inner.as_str()) => {
                self.node(call, true, before)?
            }
            (Expr::Variable(..), Some(_)) => {
                return Err(refused(format!("aggregate function required inside the call to {name}")));
            }
            (Expr::Variable(field, _), None) => Node::Field(field.clone()),
            _ => {
                return Err(refused(format!(
                    "{name} of this expression is not supported: use a field or one aggregate of it"
                )));
            }
        };
        Ok(Node::Along(transform, Box::new(inner)))
    }

    /// Returns the function, and how many buckets before the first one it looks at.
    fn transform(&self, name: &str, argument: Option<&Expr>) -> Result<(Transform, i64), Failure> {
        let default =
            if name == "elapsed" { 1 } else { self.every.map_or(1_000_000_000, |every| every.nanos) };
        let unit = || match argument.map(Expr::bare) {
            None => Ok(default),
            Some(Expr::Duration(nanos)) if *nanos > 0 => Ok(*nanos),
            Some(Expr::Duration(_)) => Err(refused(format!("duration argument must be positive in {name}"))),
            Some(_) => Err(refused(format!("second argument to {name} must be a duration"))),
        };
        Ok(match name {
            "derivative" => (Transform::Derivative { unit: unit()?, negative: true }, 1),
            "non_negative_derivative" => (Transform::Derivative { unit: unit()?, negative: false }, 1),
            "difference" => (Transform::Difference { negative: true }, 1),
            "non_negative_difference" => (Transform::Difference { negative: false }, 1),
            "cumulative_sum" => (Transform::CumulativeSum, 0),
            "elapsed" => (Transform::Elapsed(unit()?), 1),
            _ => {
                let count = match argument.map(Expr::bare) {
                    Some(Expr::Integer(count)) => *count,
                    _ => return Err(refused("second argument for moving_average must be an integer")),
                };
                if count <= 1 {
                    return Err(refused(format!(
                        "moving_average window must be greater than 1, got {count}"
                    )));
                }
                let size = usize::try_from(count).ok().filter(|size| *size <= super::reading::BUCKETS_MAX);
                let size = size.ok_or_else(|| {
                    refused(format!(
                        "moving_average window must be at most {}, got {count}",
                        super::reading::BUCKETS_MAX
                    ))
                })?;
                (Transform::MovingAverage(size), 1)
            }
        })
    }
}

fn count_arguments(name: &str, arguments: &[Expr], (least, most): (usize, usize)) -> Result<(), Failure> {
    let got = arguments.len();
    if (least..=most).contains(&got) {
        return Ok(());
    }
    let expected =
        if least == most { least.to_string() } else { format!("at least {least} but no more than {most}") };
    Err(refused(format!("invalid number of arguments for {name}, expected {expected}, got {got}")))
}

/// Understands an aggregate: its field and the function.
fn aggregate(name: &str, arguments: &[Expr]) -> Result<(String, Function), Failure> {
    let count = if name == "percentile" { 2 } else { 1 };
    count_arguments(name, arguments, (count, count))?;
    let field = match arguments[0].bare() {
        Expr::Variable(field, _) => field.clone(),
        Expr::Call(inner, _) => {
            return Err(refused(format!("{name}({inner}(…)) is not supported: use {name} of a field")));
        }
        _ => return Err(refused(format!("expected field argument in {name}()"))),
    };
    let percent = match arguments.get(1).map(Expr::bare) {
        Some(Expr::Integer(percent)) => *percent as f64,
        Some(Expr::Number(percent)) => *percent,
        Some(_) => return Err(refused("expected float argument in percentile()")),
        None => 0.0,
    };
    let function = match name {
        "count" => Function::Count,
        "sum" => Function::Sum,
        "mean" => Function::Mean,
        "min" => Function::Min,
        "max" => Function::Max,
        "first" => Function::First,
        "last" => Function::Last,
        "spread" => Function::Spread,
        "stddev" => Function::Stddev,
        "median" => Function::Median,
        "mode" => Function::Mode,
        _ => Function::Percentile(percent),
    };
    Ok((field, function))
}
