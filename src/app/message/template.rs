//! Bodies of other services' shapes: JSON in whose texts `{path}` stands for a value of the event, such as `{data.fields.title}`. What is
//! put in is a text of JSON in any case, so that no value breaks the body.

use serde_json::Value;

/// Fills a template with the values of an event; a path that leads to nothing is empty.
pub(in crate::app) fn fill(template: &Value, event: &Value) -> Value {
    match template {
        Value::String(text) => Value::String(filled(text, event)),
        Value::Array(items) => Value::Array(items.iter().map(|item| fill(item, event)).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, value)| (name.clone(), fill(value, event))).collect())
        }
        other => other.clone(),
    }
}

fn filled(text: &str, event: &Value) -> String {
    let (mut made, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('{') {
        made.push_str(before);
        match after.split_once('}') {
            Some((path, after)) if is_path(path) => {
                made.push_str(&found(event, path).map(plain).unwrap_or_default());
                rest = after;
            }
            _ => {
                made.push('{');
                rest = after;
            }
        }
    }
    made.push_str(rest);
    made
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|sign| sign.is_alphanumeric() || ".[]_-".contains(sign))
}

/// Returns the value at a path such as `data.fields.target.iri` or `items[0].name`.
pub(in crate::app) fn found<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut at = value;
    for segment in path.split('.').filter(|segment| !segment.is_empty()) {
        let mut parts = segment.split('[');
        let name = parts.next().unwrap_or_default();
        if !name.is_empty() {
            at = at.get(name)?;
        }
        for index in parts {
            at = at.get(index.strip_suffix(']')?.parse::<usize>().ok()?)?;
        }
    }
    Some(at)
}

/// Returns a value as text.
pub(in crate::app) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(link) => match (link.get("identifier"), link.get("iri")) {
            (Some(Value::String(text)), _) | (None, Some(Value::String(text))) => text.clone(),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_are_filled_with_the_values_of_paths() {
        let event = json!({ "type": "action.ordered", "data": { "fields": { "title": "Say \"no\"", "target": { "iri": "unit/1", "identifier": "P-1" },
            "value": 2.5, "evidence": [{ "iri": "e/1" }] } } });
        let check = |template: &str, expect: &str| assert_eq!(filled(template, &event), expect, "{template}");
        check("{data.fields.title} on {data.fields.target}", "Say \"no\" on P-1");
        check("{data.fields.target.iri} {data.fields.value}", "unit/1 2.5");
        check("{data.fields.evidence[0].iri}|{data.fields.evidence[1].iri}|{none}", "e/1||");
        check("no path: {} { a b } {", "no path: {} { a b } {");
        let body = fill(
            &json!({ "fields": { "summary": "{data.fields.title}", "labels": ["{type}"], "n": 1 } }),
            &event,
        );
        assert_eq!(
            body,
            json!({ "fields": { "summary": "Say \"no\"", "labels": ["action.ordered"], "n": 1 } })
        );
    }
}
