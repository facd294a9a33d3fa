//! A condition: the span of time, and what tags and fields must be.

use super::scanner::Error;
use super::statement::{Expr, Kind, Operator, TextTest};
use crate::model::time::instant::Instant;
use crate::model::time::period::Zone;
use std::collections::BTreeSet;

/// From when to when, both included, in nanoseconds; `None`: without bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeRange {
    /// The first instant.
    pub from: Option<i64>,
    /// The last instant.
    pub to: Option<i64>,
}

/// What must hold of a point.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these.
    All(Vec<Self>),
    /// One of these.
    Any(Vec<Self>),
    /// A tag is as the test demands; one that is absent is an empty text.
    Tag(String, TextTest),
    /// A field compares with a number; one that is absent never does.
    Field(String, Operator, f64),
    /// Always or never.
    Fixed(bool),
}

impl Condition {
    /// Calls `each` with the name of every tag.
    pub fn tags<'a>(&'a self, each: &mut impl FnMut(&'a str)) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.tags(each)),
            Self::Tag(name, _) => each(name),
            Self::Field(..) | Self::Fixed(_) => {}
        }
    }

    /// Returns the names of the fields.
    pub fn fields(&self) -> BTreeSet<&str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
            Self::Field(name, ..) => BTreeSet::from([name.as_str()]),
            Self::Tag(..) | Self::Fixed(_) => BTreeSet::new(),
        }
    }

    /// Returns what is left of the condition where the tags are known.
    #[must_use]
    pub fn of_tags<'t>(&self, tag: &impl Fn(&str) -> &'t str) -> Self {
        match self {
            Self::All(parts) => Self::all(parts.iter().map(|part| part.of_tags(tag))),
            Self::Any(parts) => Self::any(parts.iter().map(|part| part.of_tags(tag))),
            Self::Tag(name, test) => Self::Fixed(test.holds(tag(name))),
            other => other.clone(),
        }
    }

    /// Returns whether the condition holds of fields, where only these are left in it.
    pub fn holds(&self, field: &impl Fn(&str) -> Option<f64>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(field)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(field)),
            Self::Field(name, operator, value) => {
                field(name).and_then(|found| operator.compares(found, *value)).unwrap_or(false)
            }
            Self::Fixed(holds) => *holds,
            Self::Tag(..) => false,
        }
    }

    fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Fixed(true) => {}
                Self::Fixed(false) => return Self::Fixed(false),
                other => left.push(other),
            }
        }
        if left.is_empty() { Self::Fixed(true) } else { Self::All(left) }
    }

    fn any(parts: impl Iterator<Item = Self>) -> Self {
        let mut left = Vec::new();
        for part in parts {
            match part {
                Self::Fixed(false) => {}
                Self::Fixed(true) => return Self::Fixed(true),
                other => left.push(other),
            }
        }
        if left.is_empty() { Self::Fixed(false) } else { Self::Any(left) }
    }
}

/// Cuts a condition into the span of time and the rest; a name without a type is a field where it is one of `fields`, else a tag.
pub fn split(
    condition: Option<&Expr>,
    now: Instant,
    zone: &Zone,
    fields: &BTreeSet<&str>,
) -> Result<(TimeRange, Condition), Error> {
    let mut splitter = Splitter { now: now.nanos(), zone, fields, range: TimeRange::default() };
    let rest = match condition {
        Some(condition) => splitter.part(condition, true)?,
        None => Condition::Fixed(true),
    };
    Ok((splitter.range, rest))
}

struct Splitter<'a> {
    now: i64,
    zone: &'a Zone,
    fields: &'a BTreeSet<&'a str>,
    range: TimeRange,
}

impl Splitter<'_> {
    /// Reads a part of the condition; a time may only be in one that must hold for all.
    fn part(&mut self, expr: &Expr, is_for_all: bool) -> Result<Condition, Error> {
        match expr {
            Expr::Group(inner) => self.part(inner, is_for_all),
            Expr::Bool(holds) => Ok(Condition::Fixed(*holds)),
            Expr::Binary(left, Operator::And, right) => {
                let parts = [self.part(left, is_for_all)?, self.part(right, is_for_all)?];
                Ok(Condition::all(parts.into_iter()))
            }
            Expr::Binary(left, Operator::Or, right) => {
                let parts = [self.part(left, false)?, self.part(right, false)?];
                Ok(Condition::any(parts.into_iter()))
            }
            Expr::Binary(left, operator, right) => self.comparison(left, *operator, right, is_for_all),
            _ => {
                Err(Error::unsupported("a condition without a comparison", "compare a tag, a field or time"))
            }
        }
    }

    fn comparison(
        &mut self,
        left: &Expr,
        operator: Operator,
        right: &Expr,
        is_for_all: bool,
    ) -> Result<Condition, Error> {
        if let Expr::Variable(name, kind) = left.bare() {
            return self.of_variable(name, *kind, operator, right.bare(), is_for_all);
        }
        if let Expr::Variable(name, kind) = right.bare() {
            return self.of_variable(name, *kind, operator.flipped(), left.bare(), is_for_all);
        }
        Err(Error::unsupported("a condition on an expression", "compare one tag, field or time with a value"))
    }

    fn of_variable(
        &mut self,
        name: &str,
        kind: Option<Kind>,
        operator: Operator,
        value: &Expr,
        is_for_all: bool,
    ) -> Result<Condition, Error> {
        if name.eq_ignore_ascii_case("time") && kind.is_none() {
            if !is_for_all {
                return Err(Error::unsupported("a time in an OR", "join the bounds of time with AND"));
            }
            self.bound(operator, self.instant(value)?)?;
            return Ok(Condition::Fixed(true));
        }
        let test = match (operator, value) {
            (Operator::Equal, Expr::Text(text)) => TextTest::Is(text.clone()),
            (Operator::Unequal, Expr::Text(text)) => TextTest::IsNot(text.clone()),
            (Operator::Matches, Expr::Pattern(pattern)) => TextTest::Matches(pattern.clone()),
            (Operator::MatchesNot, Expr::Pattern(pattern)) => TextTest::MatchesNot(pattern.clone()),
            _ => return number_test(name, kind, operator, value),
        };
        // Every field is a number, which no text is.
        if kind == Some(Kind::Field) || (kind.is_none() && self.fields.contains(name)) {
            return Ok(Condition::Fixed(false));
        }
        Ok(Condition::Tag(name.to_owned(), test))
    }

    fn bound(&mut self, operator: Operator, at: i64) -> Result<(), Error> {
        let TimeRange { from, to } = &mut self.range;
        let mut begin = |at: i64| *from = Some(from.map_or(at, |known| known.max(at)));
        let mut end = |at: i64| *to = Some(to.map_or(at, |known| known.min(at)));
        match operator {
            Operator::Equal => {
                begin(at);
                end(at);
            }
            Operator::Greater => begin(at.saturating_add(1)),
            Operator::GreaterOrEqual => begin(at),
            Operator::Less => end(at.saturating_sub(1)),
            Operator::LessOrEqual => end(at),
            _ => {
                return Err(Error::Value(
                    "invalid time comparison operator: use =, <, <=, > or >=".to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Returns an instant: a text, a number of nanoseconds, `now()`, or one of them with durations added.
    fn instant(&self, expr: &Expr) -> Result<i64, Error> {
        match expr.bare() {
            Expr::Integer(nanos) | Expr::Duration(nanos) => Ok(*nanos),
            Expr::Number(nanos) => Ok(*nanos as i64),
            Expr::Text(text) => self.instant_of_text(text),
            Expr::Call(name, arguments) if name == "now" && arguments.is_empty() => Ok(self.now),
            Expr::Binary(left, operator @ (Operator::Add | Operator::Subtract), right) => {
                let (left, right) = (self.instant(left)?, self.instant(right)?);
                let sum = match operator {
                    Operator::Add => left.checked_add(right),
                    _ => left.checked_sub(right),
                };
                sum.ok_or_else(|| {
                    Error::Value("a time is out of range: times are of 1677 to 2262".to_owned())
                })
            }
            _ => Err(Error::unsupported(
                "a time of this form",
                "write '2024-05-01T08:00:00Z', 1714550400s or now() - 1h",
            )),
        }
    }

    /// Reads RFC 3339, or a date with or without a time of day, which is one of the zone's clock.
    fn instant_of_text(&self, text: &str) -> Result<i64, Error> {
        let refused = |reason: &dyn std::fmt::Display| Error::Value(format!("invalid time: {reason}"));
        match text.parse::<Instant>() {
            Ok(instant) => Ok(instant.nanos()),
            Err(crate::model::time::instant::Error::NoOffset(_)) => {
                let is_date = text.len() == 10;
                let civil = if is_date { format!("{text}T00:00:00") } else { text.to_owned() };
                self.zone.instant(&civil).map(Instant::nanos).map_err(|error| refused(&error))
            }
            Err(error) => Err(refused(&error)),
        }
    }
}

fn number_test(name: &str, kind: Option<Kind>, operator: Operator, value: &Expr) -> Result<Condition, Error> {
    let number = match value {
        Expr::Integer(number) => *number as f64,
        Expr::Number(number) => *number,
        // Booleans are stored as 1 and 0.
        Expr::Bool(value) => f64::from(u8::from(*value)),
        _ => {
            return Err(Error::unsupported(
                format!("this comparison of {name}"),
                "compare a tag with a text or a regular expression, a field with a number",
            ));
        }
    };
    if operator.compares(0.0, 0.0).is_none() {
        return Err(Error::unsupported(
            format!("this comparison of {name}"),
            "compare a field with =, !=, <, <=, > or >=",
        ));
    }
    // The value of a tag is a text, which no number equals.
    if kind == Some(Kind::Tag) {
        return Ok(Condition::Fixed(false));
    }
    Ok(Condition::Field(name.to_owned(), operator, number))
}

#[cfg(test)]
mod tests {
    use super::super::statement::Statement;
    use super::*;

    fn read(condition: &str, zone: &str) -> Result<(TimeRange, Condition), String> {
        let query = format!("SELECT a FROM m WHERE {condition}");
        let statements = super::super::parse(&query, &serde_json::Map::new()).expect("a query");
        let Statement::Select(select) = &statements[0] else { panic!("no SELECT") };
        let zone = zone.parse().expect("a zone");
        split(select.condition.as_ref(), Instant::from_seconds(1000), &zone, &BTreeSet::from(["temp"]))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn times_become_a_range() {
        let check = |condition: &str, zone: &str, from: Option<i64>, to: Option<i64>| {
            let (range, rest) = read(condition, zone).expect("a condition");
            assert_eq!((range, rest), (TimeRange { from, to }, Condition::Fixed(true)), "{condition}");
        };
        let second = 1_000_000_000;
        check("time > now() - 1m AND time < now()", "UTC", Some(940 * second + 1), Some(1000 * second - 1));
        check("time >= 1s and 5000ms >= time", "UTC", Some(second), Some(5 * second));
        check("(time = '1970-01-01T00:00:07Z')", "UTC", Some(7 * second), Some(7 * second));
        check("time >= '1970-01-02'", "Europe/Berlin", Some(82_800 * second), None);
        check("time >= '1970-01-01 00:00:01.5' + 1s", "UTC", Some(2_500_000_000), None);
        check("time < 5 AND time < 9", "UTC", None, Some(4));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        let check = |condition: &str, expect: &str| {
            let error = read(condition, "UTC").expect_err(condition);
            assert!(error.starts_with(expect), "{condition}: {error}");
        };
        check("time > 1s OR host = 'a'", "a time in an OR is not supported");
        check("time != 1s", "invalid time comparison operator");
        check("time > 'x'", "invalid time: \"x\" is not an instant");
        check("a + b > 5", "a condition on an expression is not supported");
        check("host", "a condition without a comparison is not supported");
        check("host > 'a'", "this comparison of host is not supported");
    }

    #[test]
    fn tags_are_decided_before_fields() {
        let check = |condition: &str, host: &str, expect: &str| {
            let (_, condition) = read(condition, "UTC").expect("a condition");
            let left = condition.of_tags(&|name: &str| if name == "host" { host } else { "" });
            assert_eq!(format!("{left:?}"), expect, "{condition:?}");
        };
        check("host = 'a' AND temp > 5", "a", "All([Field(\"temp\", Greater, 5.0)])");
        check("host = 'a' AND temp > 5", "b", "Fixed(false)");
        check("host = 'a' OR temp > 5", "a", "Fixed(true)");
        check("host =~ /^(a|b)$/", "b", "Fixed(true)");
        check("absent = ''", "a", "Fixed(true)");
        check("host::field = 'a'", "a", "Fixed(false)");
        check("host::tag = 5", "a", "Fixed(false)");
        // A number is neither equal to a text nor another one.
        check("temp != 'x'", "a", "Fixed(false)");
        check("temp = ''", "a", "Fixed(false)");
        check("temp !~ /x/ OR host = 'b'", "a", "Fixed(false)");
        check("'x' != temp OR temp > 5", "a", "Any([Field(\"temp\", Greater, 5.0)])");
        check("temp::tag != 'x'", "a", "Fixed(true)");
        let (_, condition) = read("temp >= 5 AND (load < 1 OR running = true)", "UTC").expect("a condition");
        let field = |name: &str| (name != "load").then_some(if name == "temp" { 5.0 } else { 1.0 });
        assert!(condition.holds(&field) && !condition.holds(&|_| None));
    }
}
