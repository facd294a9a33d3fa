//! The change that a form of a record states: what was typed, as the values of the fields' types. What stays as it was is not sent.

use crate::pages::content::sent::Sent;
use serde_json::{Map, Value, json};

/// Returns the change that puts the record of the form.
pub(super) fn change(sent: &Sent) -> Value {
    let mut record = Map::new();
    if let Some(name) = sent.some("record") {
        record.insert("id".to_owned(), json!(name));
    }
    for (name, value) in sent.beginning("field:").filter(|(name, _)| !name.contains(':')) {
        if let Some(value) = changed(sent, name, value) {
            record.insert(name.to_owned(), value);
        }
    }
    for (field, is_list) in sent.beginning("list:") {
        if let Some(parts) = parts(sent, field) {
            let value =
                if is_list == "true" { json!(parts) } else { parts.into_iter().next().unwrap_or_default() };
            record.insert(field.to_owned(), value);
        }
    }
    json!({ format!("put{}", sent.value("class")): record })
}

/// Returns the change that gives a unit a signal of its own for a series; its other signals stay.
pub(super) fn signal(sent: &Sent) -> Value {
    let (property, unit) = sent.value("meaning").split_once(' ').unwrap_or((sent.value("meaning"), ""));
    let mut signal =
        json!({ "name": sent.value("field"), "source": sent.value("source"), "property": property });
    if !unit.is_empty() {
        signal["unit"] = json!(unit);
    }
    let stay = sent.value("stay").split_whitespace();
    let stay = stay.filter_map(|iri| Some(json!({ "id": format!("#{}", iri.rsplit_once('#')?.1) })));
    let signals: Vec<Value> = stay.chain([signal]).collect();
    json!({ "putTwinInstance": { "id": sent.value("twin"), "signals": signals } })
}

/// Returns the parts of a kind where any of them is changed: those that stay by their names alone.
fn parts(sent: &Sent, field: &str) -> Option<Vec<Value>> {
    let mut is_changed = false;
    let mut parts = Vec::new();
    let prefix = format!("part:{field}:");
    for (at, name) in sent.beginning(&prefix) {
        let begin = format!("field:{field}:{at}:");
        let mut part = Map::new();
        for (own, value) in sent.beginning(&begin) {
            if let Some(value) = changed(sent, &format!("{field}:{at}:{own}"), value) {
                part.insert(own.to_owned(), value);
            }
        }
        is_changed |= !part.is_empty();
        if !name.is_empty() {
            part.insert("id".to_owned(), json!(name));
        }
        if !part.is_empty() {
            parts.push(Value::Object(part));
        }
    }
    is_changed.then_some(parts)
}

/// Returns the value of a field, where it is another one than before: null where it was emptied.
fn changed(sent: &Sent, name: &str, text: &str) -> Option<Value> {
    // A browser sends the ends of lines as CR LF.
    let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    let (was, text) = (plain(sent.value(&format!("was:{name}"))), plain(text));
    if was == text {
        return None;
    }
    let kind = sent.value(&format!("type:{name}"));
    Some(match kind.strip_prefix('[').and_then(|kind| kind.strip_suffix(']')) {
        Some(kind) => text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(|line| typed(kind, line))
            .collect(),
        None if text.is_empty() => Value::Null,
        None => typed(kind, &text),
    })
}

/// Returns a value of a type; what is no such value is sent as it was typed, for the service to refuse with the reason.
fn typed(kind: &str, text: &str) -> Value {
    let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
    match kind {
        "Float" => number().map_or_else(|| json!(text), |number| json!(number)),
        "Int" => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
        "Boolean" => text.parse::<bool>().map_or_else(|_| json!(text), |value| json!(value)),
        _ => json!(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_states_what_it_changes_alone() {
        let check = |values: &[(&str, &str)], expect: Value| {
            let values = values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(change(&Sent::new(values.collect())), expect);
        };
        let title =
            [("class", "Requirement"), ("record", "R-1"), ("type:title", "String"), ("was:title", "Cool")];
        let with = |more: &[(&'static str, &'static str)]| [&title, more].concat();
        check(&with(&[("field:title", "Cool")]), json!({ "putRequirement": { "id": "R-1" } }));
        check(&with(&[("field:title", "Hot")]), json!({ "putRequirement": { "id": "R-1", "title": "Hot" } }));
        check(&with(&[("field:title", " ")]), json!({ "putRequirement": { "id": "R-1", "title": null } }));
        let list = [("class", "Part"), ("type:a", "[ID]"), ("was:a", "x\ny"), ("field:a", "x\r\ny\r\n")];
        check(&list, json!({ "putPart": {} }));
        let list = [("class", "Part"), ("type:a", "[ID]"), ("was:a", "x"), ("field:a", "x\r\nz")];
        check(&list, json!({ "putPart": { "a": ["x", "z"] } }));
        let parts = |limit: &'static str| {
            vec![
                ("class", "Requirement"),
                ("list:constraints", "true"),
                ("part:constraints:0", "#limit"),
                ("type:constraints:0:limit", "Float"),
                ("was:constraints:0:limit", "85"),
                ("field:constraints:0:limit", limit),
                ("part:constraints:1", "#other"),
                ("type:constraints:1:limit", "Float"),
                ("was:constraints:1:limit", "1"),
                ("field:constraints:1:limit", "1"),
                ("part:constraints:2", ""),
                ("type:constraints:2:limit", "Float"),
                ("was:constraints:2:limit", ""),
                ("field:constraints:2:limit", ""),
            ]
        };
        check(&parts("85"), json!({ "putRequirement": {} }));
        let put = json!({ "putRequirement": { "constraints": [{ "id": "#limit", "limit": 80.5 }, { "id": "#other" }] } });
        check(&parts("80.5"), put);
        let put = json!({ "putRequirement": { "constraints": [{ "id": "#limit", "limit": "hot" }, { "id": "#other" }] } });
        check(&parts("hot"), put);
    }
}
