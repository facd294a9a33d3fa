//! A JSON object of which one list is written while it is read, so that a long one is never in memory.

use crate::cli::error::Failure;
use serde::ser::{Error as _, SerializeMap as _, SerializeSeq as _};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::io::Write;

/// Receives the items of a list.
type Each<'a> = dyn FnMut(Value) -> Result<(), Failure> + 'a;

/// Writes an object for a tool: its fields, and behind them the list, whose items `read` hands over one by one.
pub(in crate::cli) fn write(
    out: &mut impl Write,
    mut fields: Map<String, Value>,
    list: &str,
    read: impl Fn(&mut Each<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    fields.insert(list.to_owned(), Value::Null);
    let object = Object { fields: &fields, list, items: Items { read, failed: RefCell::default() } };
    let written = serde_json::to_writer_pretty(&mut *out, &object);
    if let Some(failed) = object.items.failed.take() {
        return Err(failed);
    }
    written.map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}

struct Object<'a, R> {
    fields: &'a Map<String, Value>,
    list: &'a str,
    items: Items<R>,
}

impl<R: Fn(&mut Each<'_>) -> Result<(), Failure>> Serialize for Object<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.fields {
            match name == self.list {
                true => map.serialize_entry(name, &self.items)?,
                false => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// The items of the list, and why they could not be read.
struct Items<R> {
    read: R,
    failed: RefCell<Option<Failure>>,
}

impl<R: Fn(&mut Each<'_>) -> Result<(), Failure>> Serialize for Items<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(None)?;
        let mut unwritten = None;
        let read = (self.read)(&mut |item| {
            items.serialize_element(&item).map_err(|error| {
                let failure = Failure::new(error.to_string());
                unwritten = Some(error);
                failure
            })
        });
        if let Some(error) = unwritten {
            return Err(error);
        }
        if let Err(failure) = read {
            self.failed.replace(Some(failure));
            return Err(S::Error::custom("the list was not read"));
        }
        items.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_object_is_written_as_if_it_were_in_memory() {
        let check = |items: &[Value]| {
            let Value::Object(fields) = json!({ "from": "a", "to": { "id": 1 } }) else { unreachable!() };
            let mut out = Vec::new();
            let read = |each: &mut Each<'_>| items.iter().cloned().try_for_each(each);
            write(&mut out, fields, "resources", read).expect("written");
            let whole = json!({ "from": "a", "resources": items, "to": { "id": 1 } });
            assert_eq!(serde_json::from_slice::<Value>(&out).expect("JSON"), whole);
            assert!(out.starts_with(b"{\n  \"from\": \"a\",") && out.ends_with(b"}\n"));
        };
        check(&[]);
        check(&[json!({ "b": [], "a": "x" }), json!(null)]);
        let failed = write(&mut Vec::new(), Map::new(), "list", |_| Err(Failure::new("the disk is gone")));
        assert!(failed.is_err_and(|failure| format!("{failure:?}").contains("the disk is gone")));
    }
}
