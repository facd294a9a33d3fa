//! What clients and checks ask, each question in one place, with its answer as a value to compare.

use super::http::Client;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

/// The titles of parts by their identifiers.
pub(crate) type Values = BTreeMap<String, String>;
/// Values by the seconds of their instants.
pub(crate) type Samples = BTreeMap<i64, f64>;

/// The first instant of samples: 2024-01-01T00:00:00Z.
pub(crate) const BEGIN: i64 = 1_704_067_200;
/// How many seconds of samples are asked for at once.
const PAGE_SECONDS: i64 = 50_000;
/// The window of evidence and reviews.
pub(crate) const WINDOW: &str = r#"{from: "2024-01-01T00:00:00Z", to: "2024-03-01T00:00:00Z"}"#;

/// Returns the parts of a client at a version.
pub(crate) fn values(client: Client, at: &str, prefix: &str) -> Result<Values, String> {
    let query = "query($at: String!, $own: String!) { thread(at: $at) {
        parts(first: 1000, filter: {identifier: {startsWith: $own}}) { nodes { identifier title } } } }";
    let answer = client.ask(query, &json!({ "at": at, "own": prefix }))?;
    let nodes = list(&answer["thread"]["parts"]["nodes"]);
    Ok(nodes.iter().map(|node| (text(&node["identifier"]), text(&node["title"]))).collect())
}

/// Returns the commit that a version is.
pub(crate) fn head(client: Client, at: &str) -> Result<String, String> {
    let answer =
        client.ask("query($at: String!) { thread(at: $at) { commit { id } } }", &json!({ "at": at }))?;
    Ok(text(&answer["thread"]["commit"]["id"]))
}

/// Describes what is otherwise than expected.
pub(crate) fn differences(found: &Values, expect: &Values) -> String {
    let missing = expect.iter().filter(|(name, title)| found.get(*name) != Some(*title));
    let missing = missing.map(|(name, title)| format!("{name} is {:?}, not {title:?}", found.get(name)));
    let extra =
        found.keys().filter(|name| !expect.contains_key(*name)).map(|name| format!("{name} is there"));
    missing.chain(extra).collect::<Vec<_>>().join(", ")
}

/// Returns the names of all branches.
pub(crate) fn branches(client: Client) -> Result<Vec<String>, String> {
    let answer = client.ask("{ branches(first: 1000) { nodes { name } } }", &Value::Null)?;
    Ok(list(&answer["branches"]["nodes"]).iter().map(|branch| text(&branch["name"])).collect())
}

/// Returns the commits that tags name.
pub(crate) fn tags(client: Client) -> Result<BTreeMap<String, String>, String> {
    let answer = client.ask("{ tags(first: 1000) { nodes { name commit { id } } } }", &Value::Null)?;
    Ok(list(&answer["tags"]["nodes"])
        .iter()
        .map(|tag| (text(&tag["name"]), text(&tag["commit"]["id"])))
        .collect())
}

/// Returns the ids of the newest commits of a branch that have a message.
pub(crate) fn with_message(client: Client, branch: &str, message: &str) -> Result<Vec<String>, String> {
    let query = "query($branch: String!) { log(at: $branch, first: 100) { nodes { id message } } }";
    let answer = client.ask(query, &json!({ "branch": branch }))?;
    let nodes = list(&answer["log"]["nodes"]).into_iter();
    Ok(nodes.filter(|node| text(&node["message"]).trim() == message).map(|node| text(&node["id"])).collect())
}

/// Returns the newest watermark.
pub(crate) fn watermark(client: Client) -> Result<String, String> {
    Ok(text(&client.ask("{ thread { watermark } }", &Value::Null)?["thread"]["watermark"]))
}

/// Returns the place of a watermark in the order of arrival.
pub(crate) fn position(watermark: &str) -> u64 {
    watermark.rsplit_once('-').and_then(|(_, position)| position.parse().ok()).unwrap_or(0)
}

/// Returns the samples of a unit up to a second, as known at a watermark or now.
pub(crate) fn samples(client: Client, unit: usize, end: i64, known: Option<&str>) -> Result<Samples, String> {
    let query = r#"query($unit: ID!, $known: String, $from: DateTime!, $to: DateTime!) { thread(at: "main", asKnownAt: $known) {
        twinInstance(id: $unit) { telemetry(signal: "temp", window: {from: $from, to: $to}, limit: 100000) { samples { at value } } } } }"#;
    let mut found = Samples::new();
    let mut from = BEGIN;
    while from <= end {
        let to = from + PAGE_SECONDS;
        let mut variables =
            json!({ "unit": format!("unit/P-{unit}"), "from": instant(from), "to": instant(to) });
        if let Some(known) = known {
            variables["known"] = json!(known);
        }
        let answer = client.ask(query, &variables)?;
        for series in list(&answer["thread"]["twinInstance"]["telemetry"]) {
            for sample in list(&series["samples"]) {
                let at: jiff::Timestamp =
                    text(&sample["at"]).parse().map_err(|error| format!("{sample}: {error}"))?;
                found.insert(at.as_second(), sample["value"].as_f64().unwrap_or(f64::NAN));
            }
        }
        from = to;
    }
    Ok(found)
}

/// Returns a number that distinguishes two sets of samples.
pub(crate) fn digest(samples: &Samples) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (second, value) in samples {
        (second, value.to_bits()).hash(&mut hasher);
    }
    hasher.finish()
}

/// The question that a review answers alike for ever.
pub(crate) fn of_review(identifier: &str) -> String {
    format!(
        r#"{{ thread(at: "review:{identifier}") {{ commit {{ id }} watermark
            designRevision(id: "pump/A") {{ margins(window: {WINDOW}) {{ verdict observed }} }} }} }}"#
    )
}

/// The question that a version and a pinned watermark answer alike for ever: what evidence on a unit has read.
pub(crate) fn of_evidence(unit: usize, commit: &str, watermark: &str) -> String {
    format!(
        r#"{{ thread(at: "{commit}", asKnownAt: "{watermark}") {{ twinInstance(id: "unit/P-{unit}") {{
            fieldUsage(property: "temperature", window: {WINDOW}) {{ sampleCount min max mean }} }} }} }}"#
    )
}

/// The query for the fields of a record at the head of main.
pub(crate) fn of_record(iri: &str) -> String {
    format!(r#"{{ thread {{ fieldEvidence(id: "{iri}") {{ verdict watermark commit }} }} }}"#)
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn instant(second: i64) -> String {
    jiff::Timestamp::from_second(second).map(|instant| instant.to_string()).unwrap_or_default()
}
