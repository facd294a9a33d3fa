//! Work orders as files in a folder: a line of CSV, or B2MML (the XML of ISA-95). A file has the name of its delivery and appears whole,
//! so that whoever watches the folder reads it once, and a delivery that is repeated writes the same file.

use super::undelivered::Undelivered;
use crate::app::message::template::{found, plain};
use crate::app::settings::outbox::FileFormat;
use crate::model::durable;
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

/// The columns of CSV, with the paths of their values.
const COLUMNS: [(&str, &str); 14] = [
    ("id", "id"),
    ("type", "type"),
    ("timestamp", "timestamp"),
    ("resource", "data.resource"),
    ("identifier", "data.fields.identifier"),
    ("kind", "data.fields.kind"),
    ("state", "data.fields.state"),
    ("target", "data.fields.target"),
    ("position", "data.fields.position"),
    ("realizes", "data.fields.realizes.iri"),
    ("dueAt", "data.fields.dueAt"),
    ("title", "data.fields.title"),
    ("description", "data.fields.description"),
    ("reason", "data.fields.reason"),
];

/// Writes the file of an event.
pub(super) fn drop_file(
    folder: &Path,
    format: FileFormat,
    id: &str,
    body: &Value,
) -> Result<(), Undelivered> {
    let (text, ending) = match format {
        FileFormat::Csv => (csv(id, body), "csv"),
        FileFormat::B2mml => (b2mml(id, body), "xml"),
    };
    let path = folder.join(format!("{id}.{ending}"));
    let failed = |error: std::io::Error| Undelivered::because(format!("{}: {error}", path.display()));
    durable::make_folders(folder).map_err(failed)?;
    durable::replace(&path, text.as_bytes()).map_err(failed)
}

fn value(id: &str, body: &Value, path: &str) -> String {
    if path == "id" { id.to_owned() } else { found(body, path).map(plain).unwrap_or_default() }
}

fn csv(id: &str, body: &Value) -> String {
    let quoted = |text: String| match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    };
    let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
    let values: Vec<String> = COLUMNS.iter().map(|(_, path)| quoted(value(id, body, path))).collect();
    format!("{}\r\n{}\r\n", names.join(","), values.join(","))
}

/// Writes a work request (B2MML 7): the action is the work, the target its equipment.
fn b2mml(id: &str, body: &Value) -> String {
    let of = |path: &str| escaped(&value(id, body, path));
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    // Writing to a text does not fail.
    let _ = writeln!(text, "<WorkRequest xmlns=\"http://www.mesa.org/xml/B2MML\">");
    let _ = writeln!(text, "  <ID>{}</ID>", of("data.fields.identifier"));
    let _ = writeln!(text, "  <Description>{}</Description>", of("data.fields.title"));
    if !of("data.fields.dueAt").is_empty() {
        let _ = writeln!(text, "  <EndTime>{}</EndTime>", of("data.fields.dueAt"));
    }
    let _ = writeln!(text, "  <WorkType>Maintenance</WorkType>\n  <JobOrder>");
    let _ = writeln!(text, "    <ID>{}</ID>", of("data.fields.identifier"));
    let _ = writeln!(text, "    <Description>{}</Description>", of("data.fields.description"));
    let _ = writeln!(text, "    <WorkMasterID>{}</WorkMasterID>", of("data.fields.kind"));
    for (name, path) in [
        ("delivery", "id"),
        ("action", "data.iri"),
        ("position", "data.fields.position"),
        ("realizes", "data.fields.realizes.iri"),
        ("reason", "data.fields.reason"),
    ] {
        let own = of(path);
        if !own.is_empty() {
            let _ = writeln!(
                text,
                "    <JobOrderParameter><ID>{name}</ID><Value><ValueString>{own}</ValueString><DataType>string</DataType></Value></JobOrderParameter>"
            );
        }
    }
    let _ = writeln!(
        text,
        "    <EquipmentRequirement><EquipmentID>{}</EquipmentID></EquipmentRequirement>",
        of("data.fields.target")
    );
    text.push_str("  </JobOrder>\n</WorkRequest>\n");
    text
}

fn escaped(text: &str) -> String {
    let mut made = String::new();
    for sign in text.chars().filter(|sign| !sign.is_control() || "\n\t".contains(*sign)) {
        match sign {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            sign => made.push(sign),
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_contain_the_order_whatever_its_texts_are() {
        let body = json!({ "type": "action.ordered", "timestamp": "2026-01-01T00:00:00Z", "data": { "resource": "action/1", "iri": "https://x/action/1",
            "fields": { "identifier": "ACT-1", "kind": "REPLACE", "state": "ORDERED", "target": { "iri": "unit/1", "identifier": "P-1" },
                "title": "Replace, \"now\" & <then>", "reason": "hot" } } });
        assert_eq!(
            csv("msg_1", &body),
            "id,type,timestamp,resource,identifier,kind,state,target,position,realizes,dueAt,title,description,reason\r\n\
             msg_1,action.ordered,2026-01-01T00:00:00Z,action/1,ACT-1,REPLACE,ORDERED,P-1,,,,\"Replace, \"\"now\"\" & <then>\",,hot\r\n"
        );
        let xml = b2mml("msg_1", &body);
        assert!(
            xml.contains("<Description>Replace, &quot;now&quot; &amp; &lt;then&gt;</Description>"),
            "{xml}"
        );
        assert!(xml.contains("<EquipmentID>P-1</EquipmentID>") && !xml.contains("position"), "{xml}");
    }
}
