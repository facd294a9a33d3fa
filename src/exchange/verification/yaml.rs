//! YAML to values. Aliases are refused, as a few of them can stand for more than any memory holds.

use serde_json::{Map, Value};
use yaml_rust2::parser::{Event, Parser};
use yaml_rust2::scanner::TScalarStyle;

/// Collections in collections, at most.
const DEPTH_MAX: usize = 64;

/// Reads one document; plain words that are numbers, truth values or nothing are so, all else is text.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let mut builder = Builder::default();
    let mut parser = Parser::new(text.chars());
    // Event by event, as the parser's own loader needs a stack as deep as the text is nested.
    loop {
        let (event, mark) = parser.next_token().map_err(|error| format!("no YAML: {error}"))?;
        if event == Event::StreamEnd {
            return Ok(builder.root.unwrap_or(Value::Null));
        }
        builder.take(event, mark.line())?;
    }
}

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    root: Option<Value>,
}

impl Builder {
    fn take(&mut self, event: Event, line: usize) -> Result<(), String> {
        if self.open.len() > DEPTH_MAX {
            return Err(format!("line {line}: collections are nested deeper than {DEPTH_MAX}"));
        }
        match event {
            Event::Alias(_) => {
                return Err(format!("line {line}: aliases are not read; write the value itself"));
            }
            Event::Scalar(text, style, ..) => {
                let value = if style == TScalarStyle::Plain { plain(&text) } else { Value::String(text) };
                self.add(value, line)?;
            }
            Event::SequenceStart(..) => self.open.push(Open::List(Vec::new())),
            Event::MappingStart(..) => self.open.push(Open::Map(Map::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(line)?,
            _ => {}
        }
        Ok(())
    }

    fn add(&mut self, value: Value, line: usize) -> Result<(), String> {
        match self.open.last_mut() {
            None => _ = self.root.get_or_insert(value),
            Some(Open::List(list)) => list.push(value),
            Some(Open::Map(map, key)) => match key.take() {
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Some(key) if map.contains_key(&key) => {
                    return Err(format!("line {line}: the key \"{key}\" is there twice"));
                }
                Some(key) => _ = map.insert(key, value),
            },
        }
        Ok(())
    }

    fn close(&mut self, line: usize) -> Result<(), String> {
        match self.open.pop() {
            Some(Open::List(list)) => self.add(Value::Array(list), line),
            Some(Open::Map(map, _)) => self.add(Value::Object(map), line),
            None => Ok(()),
        }
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => match serde_json::from_str::<Value>(text) {
            // A number keeps its digits: 1.10 is a level, not 1.1.
            Ok(number @ Value::Number(_)) => number,
            _ => Value::String(text.to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_text_and_bombs_are_refused() {
        let check = |text: &str, expect: &str| {
            let got = parse(text).map_or_else(|error| error, |value| value.to_string());
            assert!(got.contains(expect), "{text}: {got}");
        };
        check(
            "level: 1.10\nactive: true\ntext: |\n  a\n  b\nlinks:\n- R1: null\n- 'R2'\n",
            "{\"level\":1.10,\"active\":true,\"text\":\"a\\nb\\n\",\"links\":[{\"R1\":null},\"R2\"]}",
        );
        check("a: &a [x, x]\nb: [*a, *a]", "aliases are not read");
        check("a: 1\na: 2", "\"a\" is there twice");
        check("a: [", "no YAML");
        check(&"[".repeat(200), "nested deeper");
    }
}
