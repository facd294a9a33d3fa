//! Values of JSON: paths to them, numbers and instants as they are written.

use crate::model::time::instant::Instant;
use serde_json::Value;
use std::fmt;

/// The greatest integer up to which a double holds every one.
const EXACT_INTEGER: u64 = 1 << 53;
/// So many characters of a payload are part of a refusal.
const SHOWN_MAX: usize = 60;

/// A path such as `$.engine.speed`, `$.values[0]` or `$["a.b"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Entry(usize),
}

impl JsonPath {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no path such as $.engine.speed, $.values[0] or $[\"a.b\"]");
        let mut rest = text.strip_prefix('$').ok_or_else(wrong)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(member) = rest.strip_prefix('.') {
                let end = member.find(['.', '[']).unwrap_or(member.len());
                if end == 0 {
                    return Err(wrong());
                }
                steps.push(Step::Member(member[..end].to_owned()));
                rest = &member[end..];
                continue;
            }
            let inside = rest.strip_prefix('[').ok_or_else(wrong)?;
            if let Some(quoted) = inside.strip_prefix('"') {
                let (name, after) = quoted.split_once("\"]").ok_or_else(wrong)?;
                steps.push(Step::Member(name.to_owned()));
                rest = after;
            } else {
                let (number, after) = inside.split_once(']').ok_or_else(wrong)?;
                steps.push(Step::Entry(number.parse().map_err(|_| wrong())?));
                rest = after;
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }

    /// Returns the value at the path.
    pub fn find<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(value, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Entry(number) => value.get(number),
        })
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// How an instant is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// As text with an offset.
    Rfc3339,
    /// As a number of so many nanoseconds each, since 1970.
    Nanoseconds(i64),
}

impl TimeUnit {
    /// Finds a unit by its name.
    pub fn named(name: &str) -> Result<Self, String> {
        Ok(match name {
            "rfc3339" => Self::Rfc3339,
            "s" => Self::Nanoseconds(1_000_000_000),
            "ms" => Self::Nanoseconds(1_000_000),
            "us" => Self::Nanoseconds(1_000),
            "ns" => Self::Nanoseconds(1),
            other => return Err(format!("\"{other}\" is none of rfc3339, s, ms, us and ns")),
        })
    }

    /// Reads an instant from a value.
    pub fn instant(self, value: &Value) -> Result<Instant, String> {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            other => return Err(format!("{} is no time", shown(&other.to_string()))),
        };
        match self {
            Self::Rfc3339 => text
                .parse()
                .map_err(|_| format!("\"{}\" is no time of RFC 3339 with its offset", shown(&text))),
            Self::Nanoseconds(unit) => since_1970(&text, unit)
                .ok_or_else(|| format!("\"{}\" is no number of the stated unit since 1970", shown(&text))),
        }
    }
}

/// Reads a decimal number of units since 1970; digits below a nanosecond are cut off.
fn since_1970(text: &str, unit: i64) -> Option<Instant> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let mut nanos = whole.parse::<i64>().ok()?.checked_mul(unit)?;
    let mut part = unit;
    for digit in fraction.bytes() {
        part /= 10;
        nanos = nanos.checked_add(part * i64::from(digit - b'0'))?;
    }
    Some(Instant::from_nanos(nanos))
}

/// Reads a plain number or boolean.
pub fn number(text: &str) -> Result<f64, String> {
    let text = text.trim();
    match text {
        "true" | "True" | "TRUE" => return Ok(1.0),
        "false" | "False" | "FALSE" => return Ok(0.0),
        _ => {}
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    // Whole numbers beyond what a double holds would be other numbers.
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_exact = digits.parse::<u64>().is_ok_and(|number| number <= EXACT_INTEGER);
        if !is_exact {
            return Err(format!("{} lies beyond what a double holds exactly (2^53)", shown(text)));
        }
    }
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || b".eE+-".contains(&byte));
    match text.parse::<f64>() {
        Ok(value) if is_plain && value.is_finite() => Ok(value),
        Ok(_) => Err(format!("{} is no finite number", shown(text))),
        Err(_) if text.is_empty() => Err("the payload is empty".to_owned()),
        Err(_) => Err(format!("\"{}\" is no number and no boolean", shown(text))),
    }
}

/// Reads the number that a value is; `None` where it is null, which is a gap.
pub fn value(value: &Value) -> Option<Result<f64, String>> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(is) => Ok(f64::from(u8::from(*is))),
        Value::Number(written) => number(&written.to_string()),
        Value::String(text) => {
            Err(format!("\"{}\" is text; only numbers and booleans are samples", shown(text)))
        }
        other => Err(format!("{} is no number and no boolean", shown(&other.to_string()))),
    })
}

/// Returns the start of a text in one line.
pub fn shown(text: &str) -> String {
    let mut start: String =
        text.chars().take(SHOWN_MAX).map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    if text.chars().nth(SHOWN_MAX).is_some() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_values() {
        let value: Value = json!({ "engine": { "speed": 7 }, "values": [1, [2]], "a.b": true });
        let check = |path: &str, expect: Option<Value>| {
            let path = JsonPath::parse(path).expect("a path");
            assert_eq!(path.find(&value).cloned(), expect, "{path}");
        };
        check("$.engine.speed", Some(json!(7)));
        check("$.values[1][0]", Some(json!(2)));
        check("$[\"a.b\"]", Some(json!(true)));
        check("$", Some(value.clone()));
        check("$.engine.power", None);
        check("$.values[9]", None);
        for wrong in ["engine", "$engine", "$.", "$.a..b", "$[x]", "$[\"a", "$[1"] {
            assert!(JsonPath::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn numbers_are_finite_and_exact() {
        let check = |text: &str, expect: Result<f64, &str>| match (number(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got.to_bits(), expect.to_bits(), "{text}"),
            (Err(got), Err(part)) => assert!(got.contains(part), "{text}: {got}"),
            (got, _) => panic!("{text}: {got:?}"),
        };
        check("21.5", Ok(21.5));
        check(" -3\n", Ok(-3.0));
        check("1e3", Ok(1000.0));
        check("true", Ok(1.0));
        check("FALSE", Ok(0.0));
        check("9007199254740992", Ok(9_007_199_254_740_992.0));
        check("9007199254740993", Err("2^53"));
        check("123456789012345678901234567890", Err("2^53"));
        check("1e400", Err("no finite number"));
        check("NaN", Err("no finite number"));
        check("inf", Err("no finite number"));
        check("21,5", Err("is no number"));
        check("", Err("empty"));
        check("on", Err("is no number"));
    }

    #[test]
    fn instants_are_read_in_the_stated_unit() {
        let check = |unit: &str, value: Value, expect: Result<i64, &str>| {
            let got = TimeUnit::named(unit).and_then(|unit| unit.instant(&value));
            match (got, expect) {
                (Ok(got), Ok(nanos)) => assert_eq!(got.nanos(), nanos, "{value}"),
                (Err(got), Err(part)) => assert!(got.contains(part), "{value}: {got}"),
                (got, _) => panic!("{value}: {got:?}"),
            }
        };
        check("rfc3339", json!("2026-01-01T00:00:00.25Z"), Ok(1_767_225_600_250_000_000));
        check("rfc3339", json!("2026-01-01T00:00:00"), Err("no time of RFC 3339"));
        check("rfc3339", json!(1_767_225_600), Err("no time of RFC 3339"));
        check("s", json!(1_767_225_600.25), Ok(1_767_225_600_250_000_000));
        check("ms", json!(1_767_225_600_250_i64), Ok(1_767_225_600_250_000_000));
        check("us", json!("1767225600250000"), Ok(1_767_225_600_250_000_000));
        check("ns", json!(1_767_225_600_250_000_000_i64), Ok(1_767_225_600_250_000_000));
        check("ns", json!(-1), Err("no number of the stated unit"));
        check("s", json!("9223372036854775807"), Err("no number of the stated unit"));
        check("s", json!(null), Err("is no time"));
        check("h", json!(1), Err("none of rfc3339"));
    }
}
