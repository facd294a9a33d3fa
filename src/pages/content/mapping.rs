//! The mapping of a table that a form chose, written as the file that it is kept in.

use super::sent::Sent;

/// Writes the mapping that a form chose: which column is which field of the class.
pub fn mapping(sent: &Sent) -> String {
    let mut text = String::new();
    for key in ["decimal", "format", "zone"] {
        if let Some(value) = sent.some(key) {
            text += &format!("{key} = {}\n", quoted(value));
        }
    }
    text += &format!(
        "\n[[resource]]\nclass = {}\nid = {}\n",
        quoted(sent.value("class")),
        quoted(sent.value("id"))
    );
    let used: Vec<&str> = columns(sent.value("id"));
    if !used.is_empty() {
        let used: Vec<String> = used.into_iter().map(quoted).collect();
        text += &format!("skip-if-empty = [{}]\n", used.join(", "));
    }
    text += "\n[resource.fields]\n";
    for (at, field) in sent.beginning("column:").filter(|(_, field)| !field.is_empty()) {
        let column = sent.value(&format!("name:{at}"));
        let value = match sent.given(&format!("link:{at}")) {
            Some(begin) => format!("{{ id = {} }}", quoted(&format!("{}{{{column}}}", begin.trim()))),
            None => quoted(column),
        };
        text += &format!("{field} = {value}\n");
    }
    text.trim_start().to_owned()
}

/// Returns the columns that a template names in braces.
fn columns(template: &str) -> Vec<&str> {
    let parts = template.split('{').skip(1).filter_map(|part| Some(part.split_once('}')?.0));
    parts.filter(|name| !name.starts_with('#') && !name.is_empty()).collect()
}

/// Quotes a text as TOML does.
fn quoted(text: &str) -> String {
    // A string of JSON is one of TOML, but for the one control character that JSON leaves as it is.
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_written_as_its_file() {
        let values = [
            ("class", "TwinInstance"),
            ("id", "unit/{serial \"no\"}/{#nth}"),
            ("decimal", ","),
            ("name:0", "serial \"no\""),
            ("column:0", "identifier"),
            ("name:1", "type"),
            ("column:1", "part"),
            ("link:1", "part/"),
            ("name:2", "note"),
            ("column:2", ""),
        ];
        let values = values.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let expect = "decimal = \",\"\n\n[[resource]]\nclass = \"TwinInstance\"\nid = \"unit/{serial \\\"no\\\"}/{#nth}\"\n\
                      skip-if-empty = [\"serial \\\"no\\\"\"]\n\n[resource.fields]\nidentifier = \"serial \\\"no\\\"\"\n\
                      part = { id = \"part/{type}\" }\n";
        let text = mapping(&Sent::new(values));
        assert_eq!(text, expect);
        crate::exchange::table::Mapping::parse(&text, "m.toml").expect("a mapping");
    }
}
