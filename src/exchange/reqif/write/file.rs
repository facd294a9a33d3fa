//! The file as a whole: its header, and the prefixes that its root declares.

use crate::exchange::reqif::{REQIF, namespace};
use crate::exchange::xml::{Element, Node, Scope, escape_attribute, write};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// What tools are named that write the file.
const TOOL: &str = "Throughline";

/// Completes a header with what names the file.
pub(in crate::exchange::reqif) fn header_of(kept: Option<Element>, commit: &str, at: &str) -> Element {
    let of = namespace();
    let mut header = Element::new("REQ-IF-HEADER", &of).with("IDENTIFIER", &format!("_{commit}"));
    for (name, text) in [("CREATION-TIME", at), ("REQ-IF-TOOL-ID", TOOL), ("REQ-IF-VERSION", "1.0")] {
        let mut own = Element::new(name, &of);
        own.nodes.push(Node::Text(text.to_owned()));
        header.nodes.push(Node::Element(own));
    }
    let kept = kept.unwrap_or_else(|| {
        let mut kept = Element::new("REQ-IF-HEADER", &of);
        for name in ["SOURCE-TOOL-ID", "TITLE"] {
            let mut own = Element::new(name, &of);
            own.nodes.push(Node::Text(TOOL.to_owned()));
            kept.nodes.push(Node::Element(own));
        }
        kept
    });
    header.attributes.extend(kept.attributes);
    header.nodes.extend(kept.nodes);
    header
}

/// Writes a file, with the prefixes of all of it declared at its root.
pub(in crate::exchange::reqif) fn file(root: &Element) -> String {
    let mut prefixes: BTreeMap<String, Arc<str>> = BTreeMap::new();
    collect(root, &mut prefixes);
    let mut scope = Scope::default();
    scope.bind("", &namespace());
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<REQ-IF xmlns=\"{REQIF}\"");
    for (prefix, iri) in &prefixes {
        _ = write!(out, " xmlns:{prefix}=\"{}\"", escape_attribute(iri));
        scope.bind(prefix, iri);
    }
    out.push('>');
    for child in root.elements() {
        out.push_str("\n  ");
        write(child, &mut scope, Some((REQIF, 1)), &mut out);
    }
    out.push_str("\n</REQ-IF>\n");
    out
}

fn collect(element: &Element, prefixes: &mut BTreeMap<String, Arc<str>>) {
    let own = std::iter::once((&element.prefix, &element.namespace));
    let others = element.attributes.iter().map(|attribute| (&attribute.prefix, &attribute.namespace));
    for (prefix, iri) in own.chain(others).filter(|(prefix, _)| !prefix.is_empty() && *prefix != "xml") {
        prefixes.entry(prefix.clone()).or_insert_with(|| Arc::clone(iri));
    }
    element.elements().for_each(|child| collect(child, prefixes));
}
