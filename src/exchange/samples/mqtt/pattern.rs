//! Patterns of topics: `plant/{site}/{twin}/{field}`. A name in braces takes a level, or the part of a level between two texts; `+` is any
//! level and `#` at the end any number of them, as in the filters of MQTT.

use std::fmt;

/// The longest pattern that MQTT can subscribe to, in bytes.
const BYTES_MAX: usize = 65_535;

/// A pattern of topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    levels: Vec<Level>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Level {
    Literal(String),
    Any,
    Named { before: String, name: String, after: String },
    Rest,
}

/// The names of a pattern with what a topic has in their places.
pub type Captures<'a> = Vec<(&'a str, &'a str)>;

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.len() > BYTES_MAX || text.contains('\0') {
            return Err(format!("\"{text}\" is no pattern of topics such as plant/{{twin}}/{{field}}"));
        }
        let parts: Vec<&str> = text.split('/').collect();
        let mut levels: Vec<Level> = Vec::with_capacity(parts.len());
        for (number, part) in parts.iter().enumerate() {
            let level = Level::parse(part).map_err(|reason| format!("\"{text}\": {reason}"))?;
            if level == Level::Rest && number + 1 < parts.len() {
                return Err(format!("\"{text}\": # is the last level of a pattern"));
            }
            if let Level::Named { name, .. } = &level
                && levels.iter().any(|other| matches!(other, Level::Named { name: own, .. } if own == name))
            {
                return Err(format!("\"{text}\": {{{name}}} occurs twice"));
            }
            levels.push(level);
        }
        Ok(Self { text: text.to_owned(), levels })
    }

    /// Returns the filter that a client subscribes to.
    pub fn filter(&self) -> String {
        let level = |level: &Level| match level {
            Level::Literal(text) => text.clone(),
            Level::Any | Level::Named { .. } => "+".to_owned(),
            Level::Rest => "#".to_owned(),
        };
        self.levels.iter().map(level).collect::<Vec<_>>().join("/")
    }

    /// Returns the names in braces.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.levels.iter().filter_map(|level| match level {
            Level::Named { name, .. } => Some(name.as_str()),
            _ => None,
        })
    }

    /// Returns what a topic has in the places of the names; `None` where the pattern is of other topics.
    pub fn captures<'a>(&'a self, topic: &'a str) -> Option<Captures<'a>> {
        // Wildcards are not for topics that a broker reports about itself.
        if topic.starts_with('$') && !matches!(self.levels.first(), Some(Level::Literal(_))) {
            return None;
        }
        let (mut captures, mut parts) = (Captures::new(), topic.split('/'));
        for level in &self.levels {
            let part = parts.next();
            match (level, part) {
                // `a/#` is also a filter of `a`.
                (Level::Rest, _) => return Some(captures),
                (_, None) => return None,
                (Level::Literal(text), Some(part)) if text == part => {}
                (Level::Literal(_), Some(_)) => return None,
                (Level::Any, Some(_)) => {}
                (Level::Named { before, name, after }, Some(part)) => {
                    let inside = part.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
                    if inside.is_empty() {
                        return None;
                    }
                    captures.push((name, inside));
                }
            }
        }
        parts.next().is_none().then_some(captures)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Level {
    fn parse(part: &str) -> Result<Self, String> {
        match part {
            "+" => return Ok(Self::Any),
            "#" => return Ok(Self::Rest),
            _ if part.contains(['+', '#']) => {
                return Err(format!("+ and # are levels of their own, not part of \"{part}\""));
            }
            _ => {}
        }
        let Some((before, rest)) = part.split_once('{') else {
            return match part.contains('}') {
                true => Err(format!("\"{part}\" has }} without {{")),
                false => Ok(Self::Literal(part.to_owned())),
            };
        };
        let (name, after) = rest.split_once('}').ok_or_else(|| format!("\"{part}\" has {{ without }}"))?;
        let is_name =
            !name.is_empty() && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
        if !is_name || before.contains('}') || after.contains(['{', '}']) {
            return Err(format!("\"{part}\": one name of letters and digits in braces makes a level"));
        }
        let (before, name, after) = (before.to_owned(), name.to_owned(), after.to_owned());
        Ok(Self::Named { before, name, after })
    }
}

/// A text in which the names of a pattern in braces are replaced by what a topic has in their places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Name(String),
}

impl Template {
    /// Reads a template that may name these.
    pub fn parse(text: &str, names: &[&str]) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) =
                after.split_once('}').ok_or_else(|| format!("\"{text}\" has {{ without }}"))?;
            if !names.contains(&name) {
                return Err(match names {
                    [] => format!("\"{text}\": the pattern has no {{{name}}}, and no other name"),
                    names => format!("\"{text}\": the pattern has no {{{name}}}, but {}", names.join(", ")),
                });
            }
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            parts.push(Part::Name(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        match parts.is_empty() {
            true => Err("it is empty".to_owned()),
            false => Ok(Self { parts }),
        }
    }

    /// Returns the text for a topic.
    pub fn fill(&self, captures: &[(&str, &str)]) -> String {
        let mut filled = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Name(name) => {
                    let value = captures.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
                    filled.push_str(value.unwrap_or_default());
                }
            }
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_the_levels_of_topics_apart() {
        let check = |pattern: &str, topic: &str, expect: Option<&[(&str, &str)]>| {
            let pattern = Pattern::parse(pattern).expect("a pattern");
            assert_eq!(pattern.captures(topic).as_deref(), expect, "{pattern} {topic}");
        };
        let plant = "plant/{site}/{twin}/{field}";
        check(plant, "plant/north/P-1/temp", Some(&[("site", "north"), ("twin", "P-1"), ("field", "temp")]));
        check(plant, "plant/north/P-1", None);
        check(plant, "plant/north/P-1/temp/raw", None);
        check(plant, "works/north/P-1/temp", None);
        check(plant, "plant//P-1/temp", None);
        check("a/pump-{twin}.raw/+", "a/pump-7.raw/x", Some(&[("twin", "7")]));
        check("a/pump-{twin}.raw/+", "a/pump-.raw/x", None);
        check("a/pump-{twin}.raw/+", "a/fan-7.raw/x", None);
        check("a/{twin}/#", "a/7", Some(&[("twin", "7")]));
        check("a/{twin}/#", "a/7/b/c", Some(&[("twin", "7")]));
        check("a/+", "a/", Some(&[]));
        check("/a", "/a", Some(&[]));
        check("#", "a/b", Some(&[]));
        check("#", "$SYS/uptime", None);
        check("{x}/uptime", "$SYS/uptime", None);
        check("$SYS/{x}", "$SYS/uptime", Some(&[("x", "uptime")]));
    }

    #[test]
    fn patterns_are_refused_with_a_reason() {
        let check = |text: &str, expect: Result<&str, &str>| match (Pattern::parse(text), expect) {
            (Ok(pattern), Ok(filter)) => assert_eq!(pattern.filter(), filter, "{text}"),
            (Err(reason), Err(part)) => assert!(reason.contains(part), "{text}: {reason}"),
            (got, _) => panic!("{text}: {got:?}"),
        };
        check("plant/{site}/p-{twin}/#", Ok("plant/+/+/#"));
        check("a/b", Ok("a/b"));
        check("", Err("is no pattern"));
        check("a/#/b", Err("# is the last level"));
        check("a/b#", Err("levels of their own"));
        check("a/{x}{y}", Err("one name"));
        check("a/{x", Err("without }"));
        check("a/x}", Err("without {"));
        check("a/{}", Err("one name"));
        check("{x}/{x}", Err("occurs twice"));
    }

    #[test]
    fn templates_are_filled_with_the_names_of_a_pattern() {
        let check = |text: &str, expect: Result<&str, &str>| {
            let filled = Template::parse(text, &["site", "twin"])
                .map(|template| template.fill(&[("site", "north"), ("twin", "P-1")]));
            match (filled, expect) {
                (Ok(got), Ok(expect)) => assert_eq!(got, expect, "{text}"),
                (Err(got), Err(part)) => assert!(got.contains(part), "{text}: {got}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        };
        check("{twin}", Ok("P-1"));
        check("unit/{site}/{twin}-x", Ok("unit/north/P-1-x"));
        check("mqtt", Ok("mqtt"));
        check("{line}", Err("has no {line}, but site, twin"));
        check("{twin", Err("without }"));
        check("", Err("empty"));
    }
}
