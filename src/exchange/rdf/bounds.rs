//! How much work a JSON-LD document makes, before it is read. The processor calls itself for each level of its objects, and for each term of
//! a context by which another is defined; and it copies all terms that are defined so far for each context within another.

use serde_json::{Map, Value};
use std::collections::HashMap;

/// How many objects and lists may be open at once.
const DEPTH_MAX: usize = 100;

/// How many terms of a context may be defined one by another.
const CHAIN_MAX: usize = 100;

/// How many terms may be copied for contexts within others.
const COPIES_MAX: usize = 20_000_000;

/// What is wrong with a document that nests too deep.
pub(super) const TOO_DEEP: &str = "objects and lists are nested deeper than 100";

/// What is wrong with a context whose terms are defined by too many others.
pub(super) const TOO_LONG: &str =
    "more than 100 terms of the context are defined one by another, up to this one";

/// What is wrong with a document whose contexts are within others too often.
pub(super) const COPIES_TOO_MUCH: &str = "so many objects have contexts within others that more than 20,000,000 terms would be copied for them; define \
     all terms in one context at the beginning of the file";

/// Returns where the first object or list begins that is nested too deep.
pub(super) fn too_deep(bytes: &[u8]) -> Option<usize> {
    let (mut open, mut is_text, mut is_escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match (is_text, byte) {
            (true, _) if is_escaped => is_escaped = false,
            (true, b'\\') => is_escaped = true,
            (_, b'"') => is_text = !is_text,
            (false, b'{' | b'[') => open += 1,
            (false, b'}' | b']') => open = open.saturating_sub(1),
            _ => {}
        }
        if open > DEPTH_MAX {
            return Some(at);
        }
    }
    None
}

/// Returns the first term that a context defines by too many others.
pub(super) fn too_long(value: &Value) -> Option<&str> {
    match value {
        Value::Array(items) => items.iter().find_map(too_long),
        Value::Object(object) => object.iter().find_map(|(key, value)| {
            let here = if key == "@context" { in_contexts(value) } else { None };
            here.or_else(|| too_long(value))
        }),
        _ => None,
    }
}

/// Returns whether too many terms are copied for contexts within others: for each such context all terms that are defined where it is, and
/// the same for each object where a term has a context of its own.
pub(super) fn copies_too_much(document: &Value) -> bool {
    let mut found = Copies::default();
    found.count(document, 0);
    found.contexts.saturating_add(if found.is_scoped { found.objects } else { 0 }) > COPIES_MAX
}

/// How many terms are copied.
#[derive(Default)]
struct Copies {
    /// For contexts within others.
    contexts: usize,
    /// For objects, where each had a context.
    objects: usize,
    /// Whether a term has a context of its own.
    is_scoped: bool,
}

impl Copies {
    /// Counts those of a value where so many terms are defined.
    fn count(&mut self, value: &Value, defined: usize) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.count(item, defined)),
            Value::Object(object) => {
                let own = object.get("@context").map_or(0, |context| self.terms(context));
                self.contexts = self.contexts.saturating_add(if own > 0 { defined } else { 0 });
                self.objects = self.objects.saturating_add(defined);
                let inner = object.iter().filter(|(key, _)| *key != "@context");
                inner.for_each(|(_, value)| self.count(value, defined + own));
            }
            _ => {}
        }
    }

    fn terms(&mut self, context: &Value) -> usize {
        match context {
            Value::Array(contexts) => contexts.iter().map(|context| self.terms(context)).sum(),
            Value::Object(terms) => {
                self.is_scoped |= terms.values().any(|definition| definition.get("@context").is_some());
                terms.len().max(1)
            }
            _ => 0,
        }
    }
}

fn in_contexts(value: &Value) -> Option<&str> {
    match value {
        Value::Array(contexts) => contexts.iter().find_map(in_contexts),
        Value::Object(context) => Chains { context, lengths: HashMap::new() }.too_long(),
        _ => None,
    }
}

/// The terms of a context, each with the number of those that its definition takes, itself among them.
struct Chains<'a> {
    context: &'a Map<String, Value>,
    lengths: HashMap<&'a str, usize>,
}

impl<'a> Chains<'a> {
    fn too_long(mut self) -> Option<&'a str> {
        let context = self.context;
        context.keys().map(String::as_str).find(|term| self.length(term) > CHAIN_MAX)
    }

    /// Returns the length of the longest chain that ends with a term. It does not call itself, as that is what the bound is for; terms in a
    /// circle, which a processor refuses, are counted once.
    fn length(&mut self, term: &'a str) -> usize {
        let mut open = vec![term];
        while let Some(term) = open.last().copied() {
            let needed = needed(self.context, term);
            let missing =
                needed.iter().find(|needed| !self.lengths.contains_key(*needed) && !open.contains(needed));
            if let Some(missing) = missing.filter(|_| open.len() <= CHAIN_MAX) {
                open.push(missing);
                continue;
            }
            let longest = needed
                .iter()
                .filter_map(|needed| self.lengths.get(needed))
                .max()
                .copied()
                .unwrap_or_default();
            // What was given up at the bound is longer than it.
            let length = if missing.is_some() { CHAIN_MAX + 1 } else { longest + 1 };
            self.lengths.insert(term, length);
            open.pop();
        }
        self.lengths.get(term).copied().unwrap_or_default()
    }
}

/// Returns the terms of the context that the definition of one takes.
fn needed<'a>(context: &'a Map<String, Value>, term: &'a str) -> Vec<&'a str> {
    let texts = match context.get(term) {
        Some(Value::String(text)) => vec![text.as_str()],
        Some(Value::Object(definition)) => {
            let names = ["@id", "@type", "@reverse", "@index"].into_iter();
            names.filter_map(|name| definition.get(name)?.as_str()).collect()
        }
        _ => Vec::new(),
    };
    let named = texts
        .into_iter()
        .chain([term])
        .flat_map(|text| [Some(text), text.split_once(':').map(|(prefix, _)| prefix)]);
    let known = |name: &&str| *name != term && !name.starts_with('@');
    named
        .flatten()
        .filter(known)
        .filter_map(|name| context.get_key_value(name))
        .map(|(name, _)| name.as_str())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_and_lists_are_counted() {
        let check =
            |text: &str, expect: Option<usize>| assert_eq!(too_deep(text.as_bytes()), expect, "{text:.40}");
        check(&format!("{}{}", "[".repeat(100), "]".repeat(100)), None);
        check(&format!("{}{}", "[".repeat(101), "]".repeat(101)), Some(100));
        check(&format!("[\"{}\"]", "[{\\\"".repeat(200)), None);
        check(&"[{}],".repeat(200), None);
    }

    #[test]
    fn copies_are_counted() {
        let document = |terms: usize, objects: usize, own: &Value, scoped: bool| {
            let mut context: Map<String, Value> =
                (0..terms).map(|at| (format!("t{at}"), json!("http://e/"))).collect();
            if scoped {
                context
                    .insert("T".to_owned(), json!({ "@id": "http://t/", "@context": { "y": "http://y/" } }));
            }
            let object = |at: usize| json!({ "@context": own, "@id": format!("http://n/{at}") });
            copies_too_much(
                &json!({ "@context": context, "@graph": (0..objects).map(object).collect::<Vec<_>>() }),
            )
        };
        assert!(!document(5_000, 5_000, &Value::Null, false));
        assert!(document(5_000, 5_000, &json!({ "x": "http://x/" }), false));
        assert!(document(5_000, 5_000, &Value::Null, true));
        assert!(!document(100, 5_000, &json!({ "x": "http://x/" }), true));
    }

    #[test]
    fn terms_are_followed() {
        let chain = |length: usize| -> Value {
            let term = |at: usize| (format!("t{at}"), json!(format!("t{}:x", at + 1)));
            let terms: Map<String, Value> = (0..length).map(term).collect();
            json!([{ "a": { "@context": [{ "ex": "http://example.org/" }, terms] } }])
        };
        assert_eq!(too_long(&chain(100)), None);
        assert_eq!(too_long(&chain(101)), Some("t0"));
        assert_eq!(too_long(&chain(20_000)), Some("t0"));
        let types: Map<String, Value> = (0..300)
            .map(|at| (format!("t{at}"), json!({ "@id": "ex:a", "@type": format!("t{}", at + 1) })))
            .collect();
        assert_eq!(too_long(&json!({ "@context": types })), Some("t0"));
        let circle = json!({ "@context": { "a": "b:x", "b": { "@id": "a:x" }, "c": "b:y", "d:e": {} , "d": "http://d/" } });
        assert_eq!(too_long(&circle), None);
        // Many that take the same ones are no chain.
        let wide: Map<String, Value> = (0..5_000).map(|at| (format!("t{at}"), json!("ex:x"))).collect();
        assert_eq!(too_long(&json!({ "@context": wide })), None);
    }
}
