//! The errors of payloads, asked for and read as those of the response are. Tests of the library include this file too.

use serde_json::{Value, json};

/// Adds to a mutation of one field that the errors of its payload are asked for; none where it asks for them itself.
pub(crate) fn asking_errors(query: &str) -> Option<String> {
    let inner = query.trim_end().strip_suffix('}')?.trim_end().strip_suffix('}')?;
    let errors = "errors { code message ... on ViolationError { violations { totalCount nodes { resource path message rule } } }
        ... on ConflictError { expectedHead head conflicts { totalCount nodes { kind resource property ours { values } theirs { values } links { from property to } } } }
        ... on InboundLinkError { links { from property to } } ... on FaultsError { faultCount faults { commit file reason } } }";
    let is_mutation = query.trim_start().starts_with("mutation") && !query.contains("errors {");
    is_mutation.then(|| format!("{inner} {errors} }} }}"))
}

/// Moves the errors of payloads beside those of the response.
pub(crate) fn with_payload_errors(mut answer: Value) -> Value {
    let mut errors = answer["errors"].as_array().cloned().unwrap_or_default();
    for payload in answer["data"].as_object_mut().into_iter().flat_map(|data| data.values_mut()) {
        let refused = payload.as_object_mut().and_then(|payload| payload.remove("errors"));
        for error in refused.iter().filter_map(Value::as_array).flatten() {
            errors.push(json!({ "message": error["message"], "extensions": error }));
        }
    }
    if !errors.is_empty() {
        answer["errors"] = Value::Array(errors);
    }
    answer
}
