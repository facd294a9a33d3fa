//! Elements as text.

use super::tree::{Element, Node};
use std::fmt::Write as _;
use std::sync::Arc;

/// The prefixes that are bound where an element is written.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange) struct Scope(Vec<(String, Arc<str>)>);

impl Scope {
    /// Binds a prefix.
    pub(in crate::exchange) fn bind(&mut self, prefix: &str, namespace: &Arc<str>) {
        self.0.push((prefix.to_owned(), Arc::clone(namespace)));
    }

    fn is_bound(&self, prefix: &str, namespace: &str) -> bool {
        let bound = self.0.iter().rev().find(|(own, _)| own == prefix);
        bound.map_or(prefix == "xml" || (prefix.is_empty() && namespace.is_empty()), |(_, iri)| {
            &**iri == namespace
        })
    }
}

/// Writes an element with the declarations that the scope lacks. Where `indent` is given, elements that contain no text are
/// broken into lines as long as they are of that namespace.
pub(in crate::exchange) fn write(
    element: &Element,
    scope: &mut Scope,
    indent: Option<(&str, usize)>,
    out: &mut String,
) {
    let length = scope.0.len();
    let name = qualified(&element.prefix, &element.name);
    out.push('<');
    out.push_str(&name);
    let used = std::iter::once((&element.prefix, &element.namespace));
    let others = element.attributes.iter().filter(|attribute| !attribute.prefix.is_empty());
    for (prefix, namespace) in used.chain(others.map(|attribute| (&attribute.prefix, &attribute.namespace))) {
        if !scope.is_bound(prefix, namespace) {
            let key = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            _ = write!(out, " {key}=\"{}\"", escape_attribute(namespace));
            scope.bind(prefix, namespace);
        }
    }
    for attribute in &element.attributes {
        _ = write!(
            out,
            " {}=\"{}\"",
            qualified(&attribute.prefix, &attribute.name),
            escape_attribute(&attribute.value)
        );
    }
    if element.nodes.is_empty() {
        out.push_str("/>");
    } else {
        out.push('>');
        write_nodes(element, scope, indent, out);
        _ = write!(out, "</{name}>");
    }
    scope.0.truncate(length);
}

fn write_nodes(element: &Element, scope: &mut Scope, indent: Option<(&str, usize)>, out: &mut String) {
    let is_own = |node: &Node| match (node, indent) {
        (Node::Element(child), Some((namespace, _))) => &*child.namespace == namespace,
        _ => false,
    };
    let indent = indent.filter(|_| element.nodes.iter().all(is_own));
    for node in &element.nodes {
        let inner = indent.map(|(namespace, depth)| (namespace, depth + 1));
        if let Some((_, depth)) = inner {
            new_line(depth, out);
        }
        match node {
            Node::Element(child) => write(child, scope, inner, out),
            Node::Text(text) => escape_text(text, out),
            Node::Comment(comment) => _ = write!(out, "<!--{comment}-->"),
        }
    }
    if let Some((_, depth)) = indent {
        new_line(depth, out);
    }
}

fn new_line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

fn qualified(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}:{name}") }
}

fn escape_text(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
}

/// Writes the value of an attribute between quotes, blanks that are no spaces as references.
pub(in crate::exchange) fn escape_attribute(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for char in value.chars() {
        match char {
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            other => escape_text(other.encode_utf8(&mut [0; 4]), &mut out),
        }
    }
    out
}

/// Writes an element with all its declarations, in one line.
pub(in crate::exchange) fn self_contained(element: &Element) -> String {
    let mut out = String::new();
    write(element, &mut Scope::default(), None, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    #[test]
    fn a_tree_reads_back_as_it_was() {
        let check = |text: &str, expect: &str| {
            let root = parse(text.as_bytes()).expect("xml");
            let written = self_contained(&root);
            assert_eq!(written, expect);
            assert_eq!(self_contained(&parse(written.as_bytes()).expect("xml again")), expect);
        };
        check("<a  b='1&#10;2'>x &lt; y<!--c--></a>", "<a b=\"1&#10;2\">x &lt; y<!--c--></a>");
        let nested =
            "<r xmlns='u:1' xmlns:x='u:2' xmlns:unused='u:3'><x:p x:k='v'> t </x:p><q xmlns=''/></r>";
        check(nested, "<r xmlns=\"u:1\"><x:p xmlns:x=\"u:2\" x:k=\"v\"> t </x:p><q xmlns=\"\"/></r>");
        check("<a><![CDATA[<&>]]></a>", "<a>&lt;&amp;&gt;</a>");
    }
}
