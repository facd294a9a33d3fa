//! Small pages that other tools show inside theirs: plain HTML, one style sheet, one script.

use crate::app::Mount;

/// What is escaped in texts and attributes.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns a page; `body` is HTML, `title` is text.
pub(super) fn page(mount: &Mount, title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n\
         <link rel=\"stylesheet\" href=\"{mount}/oslc/dialogs/dialog.css\">\n\
         <script defer src=\"{mount}/oslc/dialogs/dialog.js\"></script>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape(title)
    )
}

/// One line that can be chosen.
pub(super) fn choice(address: &str, label: &str) -> String {
    let (address, label) = (escape(address), escape(label));
    format!(
        "<li><label><input type=\"checkbox\" name=\"chosen\" value=\"{address}\" data-label=\"{label}\"> {label}</label></li>\n"
    )
}

/// A field of a form; `value` is what was typed before.
pub(super) fn field(name: &str, title: &str, value: &str, is_required: bool) -> String {
    let required = if is_required { " required" } else { "" };
    let (name, title, value) = (escape(name), escape(title), escape(value));
    format!("<label>{title}<input type=\"text\" name=\"{name}\" value=\"{value}\"{required}></label>\n")
}

/// A row of a table; the value is HTML.
pub(super) fn row(name: &str, value: &str) -> String {
    format!("<tr><th>{}</th><td>{value}</td></tr>\n", escape(name))
}

/// A link that opens outside the frame; the text alone where the address is none of a page.
pub(super) fn link(address: &str, text: &str) -> String {
    if !["http://", "https://", "/"].iter().any(|begin| address.starts_with(begin)) {
        return escape(text);
    }
    format!("<a href=\"{}\" target=\"_blank\" rel=\"noopener\">{}</a>", escape(address), escape(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_no_markup() {
        let check = |html: &str| assert!(!html.contains("<b") && !html.contains("\"x\""), "{html}");
        let text = "<b onclick=\"x\">'&";
        check(&choice(text, text));
        check(&field("a", text, text, true));
        check(&link(&format!("/{text}"), text).replace("target=\"_blank\"", ""));
        assert_eq!(link("javascript:alert(1)", "x"), "x");
        assert_eq!(escape(text), "&lt;b onclick=&quot;x&quot;&gt;&#39;&amp;");
    }
}
