//! What a message of another system means: rules that map its JSON to the state of an action or to a change request.
//!
//! ```toml
//! [[rule]]
//! do = "complete"                        # acknowledge, decline, complete, order or changeRequest
//! when = { "$.status" = "finished" }     # all of them; a rule without any applies to every message
//! action = "$.order.externalId"          # the action's IRI or identifier
//! reason = "$.comment"                   # $ begins a path; any other text is taken as it is
//! reference = "$.order.number"
//! replacement = "$.newSerial"
//! lot = "$.newLot"
//! at = "$.finishedAt"
//! ```

use super::template::{found, plain};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::app) enum Effect {
    /// The order was passed on.
    Order,
    /// Somebody takes the action on.
    Acknowledge,
    /// Nobody can do it.
    Decline,
    /// It was done.
    Complete,
    /// A change of the design is asked for.
    ChangeRequest,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::app) struct Rule {
    #[serde(rename = "do")]
    pub(in crate::app) effect: Effect,
    #[serde(default)]
    when: BTreeMap<String, String>,
    #[serde(flatten)]
    values: BTreeMap<String, String>,
}

/// A file of rules.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::app) struct Mapping {
    #[serde(default)]
    rule: Vec<Rule>,
}

/// What a rule may state, beside what it does and when.
const NAMES: [&str; 13] = [
    "action",
    "reason",
    "reference",
    "replacement",
    "lot",
    "at",
    "position",
    "realizes",
    "identifier",
    "title",
    "description",
    "affects",
    "branch",
];

impl Mapping {
    /// Reads a file of rules.
    pub(in crate::app) fn read(text: &str) -> Result<Self, String> {
        // A flattened table takes every key, so that the names are checked here.
        let mapping: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (number, rule) in mapping.rule.iter().enumerate() {
            let at = format!("rule {}", number + 1);
            if let Some(other) = rule.values.keys().find(|name| !NAMES.contains(&name.as_str())) {
                return Err(format!("{at}: \"{other}\" is none of {}", NAMES.join(", ")));
            }
            if let Some(path) = rule.when.keys().find(|path| !path.starts_with("$.")) {
                return Err(format!("{at}: \"{path}\" is no path such as $.status"));
            }
            let needed = if rule.effect == Effect::ChangeRequest { "title" } else { "action" };
            if !rule.values.contains_key(needed) {
                return Err(format!("{at}: it states no {needed}"));
            }
        }
        match mapping.rule.is_empty() {
            true => Err("there is no [[rule]]".to_owned()),
            false => Ok(mapping),
        }
    }

    /// Returns the first rule that applies to a message.
    pub(in crate::app) fn rule_for(&self, message: &Value) -> Option<&Rule> {
        self.rule.iter().find(|rule| {
            let mut all = rule.when.iter();
            all.all(|(path, expect)| read(message, path).as_deref() == Some(expect))
        })
    }
}

impl Rule {
    /// Returns the value that a rule states for a name; `None` where it states none, or the message has nothing there.
    pub(in crate::app) fn value(&self, name: &str, message: &Value) -> Option<String> {
        let stated = self.values.get(name)?;
        match stated.starts_with("$.") {
            true => read(message, stated),
            false => Some(stated.clone()),
        }
        .filter(|value| !value.trim().is_empty())
    }

    /// Returns the path or text of a name, for an error.
    pub(in crate::app) fn stated(&self, name: &str) -> &str {
        self.values.get(name).map_or("nothing", String::as_str)
    }
}

fn read(message: &Value, path: &str) -> Option<String> {
    let value = found(message, path.strip_prefix("$.")?)?;
    if value.is_null() { None } else { Some(plain(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rules_are_read_or_refused_with_a_reason() {
        let check = |text: &str, expect: Result<usize, &str>| match (Mapping::read(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got.rule.len(), expect, "{text}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{text}: {got}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        let one = "[[rule]]\ndo = 'acknowledge'\naction = '$.id'\n";
        check(one, Ok(1));
        check("", Err("there is no [[rule]]"));
        check("[[rule]]\ndo = 'acknowledge'", Err("rule 1: it states no action"));
        check("[[rule]]\ndo = 'changeRequest'\naction = '$.id'", Err("it states no title"));
        check("[[rule]]\ndo = 'dance'\naction = '$.id'", Err("dance"));
        check(&format!("{one}serial = '$.s'"), Err("\"serial\" is none of action"));
        check(&format!("{one}when = {{ status = 'x' }}"), Err("\"status\" is no path"));
    }

    #[test]
    fn the_first_rule_that_fits_applies() {
        let mapping = Mapping::read(
            "[[rule]]\ndo = 'complete'\nwhen = { '$.status' = 'done', '$.n' = '2' }\naction = '$.order.ids[1]'\nreason = 'as reported'\n\
             [[rule]]\ndo = 'decline'\nwhen = { '$.status' = 'no' }\naction = '$.order.ids[0]'",
        )
        .expect("rules");
        let message = json!({ "status": "done", "n": 2, "order": { "ids": ["a", "b"] } });
        let rule = mapping.rule_for(&message).expect("a rule");
        assert_eq!((rule.effect, rule.value("action", &message)), (Effect::Complete, Some("b".to_owned())));
        assert_eq!(rule.value("reason", &message), Some("as reported".to_owned()));
        assert_eq!(rule.value("replacement", &message), None);
        assert_eq!(
            mapping.rule_for(&json!({ "status": "no" })).map(|rule| rule.effect),
            Some(Effect::Decline)
        );
        assert!(mapping.rule_for(&json!({ "status": "done", "n": 3 })).is_none());
    }
}
