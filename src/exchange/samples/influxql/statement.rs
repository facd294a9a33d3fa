//! Statements as plain values.

use crate::model::time::period::Zone;
use regex::{Regex, RegexBuilder};
use std::fmt;

/// How many bytes a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    /// Compiles an expression; the syntax is that of RE2, as in InfluxDB.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text).size_limit(PATTERN_BYTES_MAX).build().map(Self)
    }

    /// Returns whether a text contains a match.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0.as_str())
    }
}

/// Which texts are meant: names of measurements, keys or values of tags.
#[derive(Clone, Debug, PartialEq)]
pub enum TextTest {
    /// This one.
    Is(String),
    /// All but this one.
    IsNot(String),
    /// One of these.
    Among(Vec<String>),
    /// Those that an expression matches.
    Matches(Pattern),
    /// Those that it does not match.
    MatchesNot(Pattern),
}

impl TextTest {
    /// Returns whether a text is meant.
    pub fn holds(&self, text: &str) -> bool {
        match self {
            Self::Is(name) => name == text,
            Self::IsNot(name) => name != text,
            Self::Among(names) => names.iter().any(|name| name == text),
            Self::Matches(pattern) => pattern.matches(text),
            Self::MatchesNot(pattern) => !pattern.matches(text),
        }
    }
}

/// One statement of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `SHOW DATABASES`.
    Databases,
    /// `SHOW RETENTION POLICIES`.
    RetentionPolicies {
        /// The database.
        on: Option<String>,
    },
    /// `SHOW MEASUREMENTS`.
    Measurements(Show),
    /// `SHOW TAG KEYS`.
    TagKeys(Show),
    /// `SHOW TAG VALUES`.
    TagValues(Show, TextTest),
    /// `SHOW FIELD KEYS`.
    FieldKeys(Show),
    /// `SHOW SERIES`.
    Series(Show),
    /// `SHOW SERIES CARDINALITY`; exact ones are counted by measurement.
    SeriesCardinality(Show, Exactness),
    /// `SELECT`.
    Select(Box<Select>),
}

/// Whether a count is asked for as an estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exactness {
    /// One number for the database.
    Estimated,
    /// One number for each measurement.
    Exact,
}

/// The clauses of a `SHOW`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Show {
    /// The database, where it is named.
    pub on: Option<String>,
    /// The measurements; none: all.
    pub from: Vec<Source>,
    /// The condition.
    pub condition: Option<Expr>,
    /// How many rows, and after how many.
    pub page: Page,
}

/// How many there are to be, and how many are left out before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// At most so many; 0: all.
    pub limit: usize,
    /// So many are left out.
    pub offset: usize,
}

impl Page {
    /// Returns what of a list is on the page.
    pub fn of<T>(self, all: Vec<T>) -> Vec<T> {
        let limit = if self.limit == 0 { usize::MAX } else { self.limit };
        all.into_iter().skip(self.offset).take(limit).collect()
    }

    /// Returns how many of a list are to be made at most, those left out included; `None`: all.
    pub fn reach(self) -> Option<usize> {
        (self.limit > 0).then(|| self.limit.saturating_add(self.offset))
    }
}

/// How many columns a `SELECT` may have, wildcards replaced; and how many dimensions.
pub const COLUMNS_MAX: usize = 1_000;

/// A measurement, or those that an expression matches, in a database and a retention policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The database, where it is named.
    pub database: Option<String>,
    /// The retention policy, where it is named.
    pub policy: Option<String>,
    /// The measurements.
    pub measurement: TextTest,
}

/// A `SELECT`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// The columns.
    pub fields: Vec<Field>,
    /// The measurements.
    pub from: Vec<Source>,
    /// The condition.
    pub condition: Option<Expr>,
    /// The tags that rows are grouped by.
    pub dimensions: Vec<Dimension>,
    /// The buckets of time.
    pub every: Option<Every>,
    /// What is in buckets without samples.
    pub fill: Fill,
    /// Whether the latest come first.
    pub descending: bool,
    /// How many rows of a series.
    pub rows: Page,
    /// How many series.
    pub series: Page,
    /// The time zone of buckets and of times in the answer.
    pub zone: Option<Zone>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// What is in it.
    pub expr: Expr,
    /// What it is called, where that is stated.
    pub alias: Option<String>,
}

/// What rows are grouped by.
#[derive(Clone, Debug, PartialEq)]
pub enum Dimension {
    /// One tag.
    Tag(String),
    /// All tags that are stored.
    All,
    /// The stored tags whose keys an expression matches.
    Matching(Pattern),
}

/// Buckets of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    /// How long each is, in nanoseconds; more than 0.
    pub nanos: i64,
    /// How far their edges are from whole multiples of that, in nanoseconds.
    pub offset: i64,
}

/// What is in buckets without samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Fill {
    /// null.
    #[default]
    Null,
    /// There is no row.
    None,
    /// The value before.
    Previous,
    /// On the line from the value before to the one after.
    Linear,
    /// A number.
    Number(f64),
}

/// Whether a name is a tag's or a field's, where a query states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A tag.
    Tag,
    /// A field.
    Field,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
    /// `=`.
    Equal,
    /// `!=` or `<>`.
    Unequal,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `=~`.
    Matches,
    /// `!~`.
    MatchesNot,
    /// `AND`.
    And,
    /// `OR`.
    Or,
}

impl Operator {
    /// Returns how tightly it binds.
    pub(super) fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Add | Self::Subtract => 4,
            Self::Multiply | Self::Divide | Self::Remainder => 5,
            _ => 3,
        }
    }

    /// Returns the comparison with its sides exchanged.
    pub(super) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Returns whether two numbers compare so; `None` where it is no comparison of numbers.
    pub fn compares(self, left: f64, right: f64) -> Option<bool> {
        match self {
            Self::Equal => Some(left == right),
            Self::Unequal => Some(left != right),
            Self::Less => Some(left < right),
            Self::LessOrEqual => Some(left <= right),
            Self::Greater => Some(left > right),
            Self::GreaterOrEqual => Some(left >= right),
            _ => None,
        }
    }

    /// Returns the result of arithmetic; `None` where it is none. A division by zero gives 0, as in InfluxDB.
    pub fn computes(self, left: f64, right: f64) -> Option<f64> {
        match self {
            Self::Add => Some(left + right),
            Self::Subtract => Some(left - right),
            Self::Multiply => Some(left * right),
            Self::Divide => Some(if right == 0.0 { 0.0 } else { left / right }),
            Self::Remainder => Some(left % right),
            _ => None,
        }
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A tag, a field or `time`.
    Variable(String, Option<Kind>),
    /// `*`.
    Wildcard(Option<Kind>),
    /// A regular expression.
    Pattern(Pattern),
    /// A number.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A duration, in nanoseconds.
    Duration(i64),
    /// A text.
    Text(String),
    /// `true` or `false`.
    Bool(bool),
    /// A function; its name is in lower case.
    Call(String, Vec<Self>),
    /// Two expressions and what is between them.
    Binary(Box<Self>, Operator, Box<Self>),
    /// An expression in brackets.
    Group(Box<Self>),
}

impl Expr {
    /// Returns the expression without brackets around it.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Group(inner) => inner.bare(),
            other => other,
        }
    }

    /// Calls `each` with every expression in this one, itself first.
    pub fn walk<'a>(&'a self, each: &mut impl FnMut(&'a Self)) {
        each(self);
        match self {
            Self::Call(_, arguments) => arguments.iter().for_each(|argument| argument.walk(each)),
            Self::Binary(left, _, right) => {
                left.walk(each);
                right.walk(each);
            }
            Self::Group(inner) => inner.walk(each),
            _ => {}
        }
    }

    /// Returns the name of a column with this expression: functions and names joined by `_`.
    pub fn column(&self) -> String {
        match self {
            Self::Variable(name, _) | Self::Call(name, _) => name.clone(),
            Self::Group(inner) => inner.column(),
            Self::Binary(left, _, right) => {
                let names = [left.column(), right.column()];
                names.into_iter().filter(|name| !name.is_empty()).collect::<Vec<_>>().join("_")
            }
            _ => String::new(),
        }
    }
}
