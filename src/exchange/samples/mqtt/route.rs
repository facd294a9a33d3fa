//! A route: which topics it is for, and how their payloads become samples.

use super::json::{self, JsonPath, TimeUnit};
use super::pattern::{Pattern, Template};
use crate::model::time::instant::Instant;
use serde_json::Value;
use std::collections::BTreeMap;

/// So many samples one payload may have.
const SAMPLES_MAX: usize = 10_000;
/// So deep the members of a payload are looked through.
const DEPTH_MAX: usize = 16;

/// One sample of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The twin, as the message names it.
    pub twin: String,
    /// The measurement.
    pub measurement: String,
    /// The field.
    pub field: String,
    /// Further tags.
    pub tags: BTreeMap<String, String>,
    /// When, where the message states it; else it counts for the instant of its arrival.
    pub at: Option<Instant>,
    /// The value.
    pub value: f64,
}

/// Why something of a message is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No route is for its topic.
    Unmatched,
    /// The payload is no number, no JSON, or has nothing where the route looks.
    Payload,
    /// A value is no number.
    Value,
    /// Its time cannot be read.
    Time,
    /// It names no twin.
    Twin,
    /// The broker kept it from before: nobody knows of when it is.
    Retained,
    /// The client may not send samples of this twin.
    Scope,
    /// The store refuses it.
    Store,
    /// A metric that no birth has declared.
    Undeclared,
}

impl Reason {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Unmatched, "UNMATCHED"),
        (Self::Payload, "PAYLOAD"),
        (Self::Value, "VALUE"),
        (Self::Time, "TIME"),
        (Self::Twin, "TWIN"),
        (Self::Retained, "RETAINED"),
        (Self::Scope, "SCOPE"),
        (Self::Store, "STORE"),
        (Self::Undeclared, "UNDECLARED"),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }
}

/// Something of a message that is no sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// In words.
    pub detail: String,
}

impl Refusal {
    /// Makes one.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

/// How payloads are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A plain number or boolean.
    Plain,
    /// JSON, in which each field has its path.
    Json(Vec<(String, JsonPath)>),
    /// JSON, each number and boolean of which is a field by its path, such as `engine.speed`.
    Members,
    /// Sparkplug B.
    Sparkplug,
}

/// What names the twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinName {
    /// The topic.
    Topic(Template),
    /// The payload.
    Payload(JsonPath),
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The topics.
    pub pattern: Pattern,
    /// How payloads are read.
    pub payload: Payload,
    /// What names the twin.
    pub twin: TwinName,
    /// The measurement.
    pub measurement: Template,
    /// The field of a plain payload, and what precedes the names of others.
    pub field: Option<Template>,
    /// The names of the pattern that are kept as tags.
    pub tags: Vec<String>,
    /// Where the entries are, where a payload has several readings.
    pub each: Option<JsonPath>,
    /// Where the time is, and how it is stated.
    pub time: Option<(JsonPath, TimeUnit)>,
}

impl Route {
    /// Returns whether messages state their own time.
    pub fn has_time(&self) -> bool {
        self.time.is_some() || self.payload == Payload::Sparkplug
    }

    /// Reads a payload; each sample, and whatever is none, is handed to `take`.
    pub fn read(
        &self,
        captures: &[(&str, &str)],
        payload: &[u8],
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) {
        match self.samples(captures, payload, take) {
            Ok(()) => {}
            Err(refusal) => take(Err(refusal)),
        }
    }

    fn samples(
        &self,
        captures: &[(&str, &str)],
        payload: &[u8],
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) -> Result<(), Refusal> {
        if self.payload == Payload::Plain {
            let text = std::str::from_utf8(payload)
                .map_err(|_| Refusal::new(Reason::Payload, "the payload is no text in UTF-8"))?;
            let value = json::number(text).map_err(|reason| Refusal::new(Reason::Payload, reason))?;
            let (twin, field) = (self.twin(captures, &Value::Null)?, self.field_of(captures, ""));
            take(Ok(self.sample(captures, twin, field, None, value)));
            return Ok(());
        }
        let root: Value = serde_json::from_slice(payload).map_err(|error| {
            let start = json::shown(&String::from_utf8_lossy(payload));
            Refusal::new(Reason::Payload, format!("the payload is no JSON ({error}): {start}"))
        })?;
        let Some(each) = &self.each else { return self.reading(captures, &root, take) };
        let entries = each.find(&root).and_then(Value::as_array);
        let entries =
            entries.ok_or_else(|| Refusal::new(Reason::Payload, format!("there is no array at {each}")))?;
        for entry in entries {
            if let Err(refusal) = self.reading(captures, entry, take) {
                take(Err(refusal));
            }
        }
        Ok(())
    }

    /// Reads one reading: values of one twin and one instant.
    fn reading(
        &self,
        captures: &[(&str, &str)],
        reading: &Value,
        take: &mut dyn FnMut(Result<Sample, Refusal>),
    ) -> Result<(), Refusal> {
        let twin = self.twin(captures, reading)?;
        let at = self.instant(reading)?;
        let mut found = Vec::new();
        match &self.payload {
            Payload::Json(values) => {
                found.extend(
                    values.iter().filter_map(|(name, path)| Some((name.clone(), path.find(reading)?))),
                );
                if found.is_empty() {
                    let paths: Vec<String> = values.iter().map(|(_, path)| path.to_string()).collect();
                    let detail = format!("there is nothing at {}", paths.join(", "));
                    return Err(Refusal::new(Reason::Payload, detail));
                }
            }
            _ => self.members(reading, "", 0, &mut found)?,
        }
        for (name, value) in found {
            match json::value(value) {
                None => {}
                Some(Ok(value)) => {
                    let field = self.field_of(captures, &name);
                    take(Ok(self.sample(captures, twin.clone(), field, at, value)));
                }
                Some(Err(reason)) => take(Err(Refusal::new(Reason::Value, format!("{name}: {reason}")))),
            }
        }
        Ok(())
    }

    /// Finds the members of a reading that are no objects and no arrays, by their paths; those that the route reads otherwise are left out.
    fn members<'a>(
        &self,
        value: &'a Value,
        path: &str,
        depth: usize,
        found: &mut Vec<(String, &'a Value)>,
    ) -> Result<(), Refusal> {
        if depth > DEPTH_MAX || found.len() >= SAMPLES_MAX {
            let detail = format!("it has more than {SAMPLES_MAX} members, or is deeper than {DEPTH_MAX}");
            return Err(Refusal::new(Reason::Payload, detail));
        }
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    self.members(value, &below(name), depth + 1, found)?;
                }
            }
            Value::Array(entries) => {
                for (number, value) in entries.iter().enumerate() {
                    self.members(value, &below(&number.to_string()), depth + 1, found)?;
                }
            }
            value if path.is_empty() => {
                let detail = format!("{} is no object of JSON", json::shown(&value.to_string()));
                return Err(Refusal::new(Reason::Payload, detail));
            }
            value if !self.is_read_otherwise(path) => found.push((path.to_owned(), value)),
            _ => {}
        }
        Ok(())
    }

    /// Returns whether a member is the time or the twin of its reading.
    fn is_read_otherwise(&self, path: &str) -> bool {
        let is = |of: &JsonPath| of.to_string() == format!("$.{path}");
        self.time.as_ref().is_some_and(|(time, _)| is(time))
            || matches!(&self.twin, TwinName::Payload(twin) if is(twin))
    }

    fn instant(&self, reading: &Value) -> Result<Option<Instant>, Refusal> {
        let Some((path, unit)) = &self.time else { return Ok(None) };
        let value = path.find(reading);
        let value = value.ok_or_else(|| Refusal::new(Reason::Time, format!("there is no time at {path}")))?;
        unit.instant(value)
            .map(Some)
            .map_err(|reason| Refusal::new(Reason::Time, format!("{path}: {reason}")))
    }

    fn twin(&self, captures: &[(&str, &str)], reading: &Value) -> Result<String, Refusal> {
        match &self.twin {
            TwinName::Topic(template) => Ok(template.fill(captures)),
            TwinName::Payload(path) => match path.find(reading) {
                Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
                Some(Value::Number(number)) => Ok(number.to_string()),
                _ => Err(Refusal::new(Reason::Twin, format!("there is no twin at {path}"))),
            },
        }
    }

    /// Returns the field of a value: that of the topic, the name in the payload, or both with a dot between.
    pub(super) fn field_of(&self, captures: &[(&str, &str)], name: &str) -> String {
        match &self.field {
            None => name.to_owned(),
            Some(template) if name.is_empty() => template.fill(captures),
            Some(template) => format!("{}.{name}", template.fill(captures)),
        }
    }

    /// Makes a sample.
    pub(super) fn sample(
        &self,
        captures: &[(&str, &str)],
        twin: String,
        field: String,
        at: Option<Instant>,
        value: f64,
    ) -> Sample {
        let tag = |name: &String| {
            let value = captures.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
            (name.clone(), value.unwrap_or_default().to_owned())
        };
        let tags = self.tags.iter().map(tag).collect();
        Sample { twin, measurement: self.measurement.fill(captures), field, tags, at, value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(payload: Payload) -> Route {
        let pattern = Pattern::parse("plant/{site}/{twin}/{field}").expect("a pattern");
        let names: Vec<&str> = pattern.names().collect();
        let template = |text: &str| Template::parse(text, &names).expect("a template");
        let field = (payload == Payload::Plain).then(|| template("{field}"));
        let (twin, measurement) = (TwinName::Topic(template("{twin}")), template("mqtt"));
        Route { payload, twin, measurement, field, tags: Vec::new(), each: None, time: None, pattern }
    }

    fn json(paths: &[(&str, &str)]) -> Payload {
        let path = |(name, path): &(&str, &str)| ((*name).to_owned(), JsonPath::parse(path).expect("a path"));
        Payload::Json(paths.iter().map(path).collect())
    }

    /// Reads a payload, and writes what it comes to: `twin field[tags] value @ nanoseconds`, or the reason with its words.
    fn read(route: &Route, payload: &str) -> Vec<String> {
        let captures = route.pattern.captures("plant/north/P-1/temp").expect("the topic");
        let mut read = Vec::new();
        route.read(&captures, payload.as_bytes(), &mut |taken| {
            read.push(match taken {
                Ok(Sample { twin, field, tags, at, value, .. }) => {
                    let at = at.map(|at| format!(" @ {}", at.nanos())).unwrap_or_default();
                    let tags: Vec<String> =
                        tags.iter().map(|(name, value)| format!(",{name}={value}")).collect();
                    format!("{twin} {field}{} {value}{at}", tags.concat())
                }
                Err(refusal) => format!("{}: {}", refusal.reason.name(), refusal.detail),
            });
        });
        read
    }

    #[test]
    fn payloads_become_samples_or_are_refused() {
        let check = |route: &Route, payload: &str, expect: &[&str]| {
            assert_eq!(read(route, payload), expect, "{payload}");
        };
        let plain = route(Payload::Plain);
        check(&plain, "21.5", &["P-1 temp 21.5"]);
        check(&plain, "hot", &["PAYLOAD: \"hot\" is no number and no boolean"]);
        check(&plain, "{}", &["PAYLOAD: \"{}\" is no number and no boolean"]);
        check(&Route { tags: vec!["site".to_owned()], ..plain }, "true", &["P-1 temp,site=north 1"]);
        let two = route(json(&[("temp", "$.t"), ("speed", "$.engine.speed")]));
        check(&two, r#"{"t": 1.5, "engine": {"speed": 3}}"#, &["P-1 temp 1.5", "P-1 speed 3"]);
        check(&two, r#"{"t": 1.5}"#, &["P-1 temp 1.5"]);
        check(&two, r#"{"t": null, "engine": {"speed": 3}}"#, &["P-1 speed 3"]);
        check(&two, r#"{"u": 1}"#, &["PAYLOAD: there is nothing at $.t, $.engine.speed"]);
        check(
            &two,
            r#"{"t": "warm", "engine": {"speed": 3}}"#,
            &["VALUE: temp: \"warm\" is text; only numbers and booleans are samples", "P-1 speed 3"],
        );
        let refused = read(&two, r#"{"t": "#);
        assert!(refused[0].starts_with("PAYLOAD: the payload is no JSON"), "{refused:?}");
    }

    #[test]
    fn a_payload_states_its_own_time_and_twin() {
        let time = Some((JsonPath::parse("$.ts").expect("a path"), TimeUnit::named("ms").expect("a unit")));
        let timed = Route { time, ..route(json(&[("temp", "$.t")])) };
        assert_eq!(read(&timed, r#"{"t": 1, "ts": 5}"#), ["P-1 temp 1 @ 5000000"]);
        assert_eq!(read(&timed, r#"{"t": 1}"#), ["TIME: there is no time at $.ts"]);
        assert_eq!(
            read(&timed, r#"{"t": 1, "ts": "soon"}"#),
            ["TIME: $.ts: \"soon\" is no number of the stated unit since 1970"]
        );
        let twin = TwinName::Payload(JsonPath::parse("$.serial").expect("a path"));
        let each = Some(JsonPath::parse("$.readings").expect("a path"));
        let many = Route { twin, each, ..timed };
        assert_eq!(
            read(
                &many,
                r#"{"readings": [{"serial": "A", "t": 1, "ts": 1}, {"t": 2, "ts": 1}, {"serial": 7, "t": 3, "ts": 2}]}"#
            ),
            ["A temp 1 @ 1000000", "TWIN: there is no twin at $.serial", "7 temp 3 @ 2000000"]
        );
        assert_eq!(read(&many, "{}"), ["PAYLOAD: there is no array at $.readings"]);
    }

    #[test]
    fn every_number_of_a_payload_can_be_a_field() {
        let time = Some((JsonPath::parse("$.ts").expect("a path"), TimeUnit::named("s").expect("a unit")));
        let members = Route { time, ..route(Payload::Members) };
        assert_eq!(
            read(&members, r#"{"ts": 1, "a": 1, "b": {"c": false, "d": [2, 3]}, "e": null, "f": "x"}"#),
            [
                "P-1 a 1 @ 1000000000",
                "P-1 b.c 0 @ 1000000000",
                "P-1 b.d.0 2 @ 1000000000",
                "P-1 b.d.1 3 @ 1000000000",
                "VALUE: f: \"x\" is text; only numbers and booleans are samples"
            ]
        );
        let members = Route { time: None, ..members };
        assert_eq!(read(&members, "7"), ["PAYLOAD: 7 is no object of JSON"]);
        let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        assert!(read(&members, &deep)[0].starts_with("PAYLOAD: it has more than"), "a bound");
    }
}
