//! Elements, and the parser that makes them.

use super::Error;
use super::decode::decode;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::sync::Arc;

/// Elements in elements, at most; XHTML and hierarchies of requirements stay far below.
const DEPTH_MAX: usize = 400;
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// An element with its namespace resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Element {
    pub(in crate::exchange) prefix: String,
    pub(in crate::exchange) name: String,
    pub(in crate::exchange) namespace: Arc<str>,
    pub(in crate::exchange) attributes: Vec<Attribute>,
    pub(in crate::exchange) nodes: Vec<Node>,
    /// The line of its start, from 1.
    pub(in crate::exchange) line: usize,
}

/// An attribute that is no declaration of a namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Attribute {
    pub(in crate::exchange) prefix: String,
    pub(in crate::exchange) name: String,
    pub(in crate::exchange) namespace: Arc<str>,
    pub(in crate::exchange) value: String,
}

/// What an element contains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) enum Node {
    Element(Element),
    Text(String),
    Comment(String),
}

impl Element {
    /// Makes an element without content.
    pub(in crate::exchange) fn new(name: &str, namespace: &Arc<str>) -> Self {
        let (prefix, attributes, nodes) = (String::new(), Vec::new(), Vec::new());
        Self { prefix, name: name.to_owned(), namespace: Arc::clone(namespace), attributes, nodes, line: 0 }
    }

    /// Returns the value of an attribute that has no prefix.
    pub(in crate::exchange) fn attribute(&self, name: &str) -> Option<&str> {
        let mut plain = self.attributes.iter().filter(|attribute| attribute.prefix.is_empty());
        plain.find(|attribute| attribute.name == name).map(|attribute| attribute.value.as_str())
    }

    /// Sets an attribute that has no prefix.
    pub(in crate::exchange) fn set(&mut self, name: &str, value: &str) {
        let own = |attribute: &&mut Attribute| attribute.prefix.is_empty() && attribute.name == name;
        match self.attributes.iter_mut().find(own) {
            Some(attribute) => value.clone_into(&mut attribute.value),
            None => self.attributes.push(Attribute {
                prefix: String::new(),
                name: name.to_owned(),
                namespace: "".into(),
                value: value.to_owned(),
            }),
        }
    }

    /// Like [`set`](Self::set), and returns the element.
    pub(in crate::exchange) fn with(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Adds an element to the content, and returns this one.
    pub(in crate::exchange) fn holding(mut self, child: Self) -> Self {
        self.nodes.push(Node::Element(child));
        self
    }

    /// Returns the elements in it.
    pub(in crate::exchange) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            _ => None,
        })
    }

    /// Returns the first element in it of a name.
    pub(in crate::exchange) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// Returns the elements of a name that are in its first element of another name.
    pub(in crate::exchange) fn children<'a>(&'a self, within: &str) -> impl Iterator<Item = &'a Self> {
        self.child(within).into_iter().flat_map(Self::elements)
    }

    /// Returns the text in it at any depth.
    pub(in crate::exchange) fn text(&self) -> String {
        let mut text = String::new();
        self.collect(&mut text);
        text
    }

    fn collect(&self, text: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.collect(text),
                Node::Text(own) => text.push_str(own),
                Node::Comment(_) => {}
            }
        }
    }

    /// Removes the blank text between elements, and comments, wherever an element of this namespace has no other text.
    pub(in crate::exchange) fn strip_blanks(&mut self, namespace: &str) {
        if &*self.namespace != namespace {
            return;
        }
        let is_blank = |node: &Node| match node {
            Node::Text(text) => text.trim().is_empty(),
            Node::Comment(_) => true,
            Node::Element(_) => false,
        };
        if self.nodes.iter().all(|node| matches!(node, Node::Element(_)) || is_blank(node)) {
            self.nodes.retain(|node| !is_blank(node));
        }
        for node in &mut self.nodes {
            if let Node::Element(element) = node {
                element.strip_blanks(namespace);
            }
        }
    }
}

/// The namespaces in force, innermost last.
#[derive(Default)]
struct Bindings(Vec<(usize, String, Arc<str>)>);

impl Bindings {
    fn find(&self, prefix: &str) -> Option<Arc<str>> {
        if prefix == "xml" {
            return Some(XML.into());
        }
        let bound = self.0.iter().rev().find(|(_, own, _)| own == prefix).map(|(_, _, iri)| Arc::clone(iri));
        bound.or_else(|| prefix.is_empty().then(|| "".into()))
    }
}

/// Parses a file to its root element.
pub(in crate::exchange) fn parse(bytes: &[u8]) -> Result<Element, Error> {
    let text = decode(bytes)?;
    let mut parser =
        Parser { text: &text, line: 1, seen: 0, open: Vec::new(), bindings: Bindings::default() };
    parser.run()
}

struct Parser<'a> {
    text: &'a str,
    line: usize,
    /// How many bytes of the text the line was counted to.
    seen: usize,
    open: Vec<Element>,
    bindings: Bindings,
}

impl Parser<'_> {
    fn run(&mut self) -> Result<Element, Error> {
        let mut reader = Reader::from_str(self.text);
        let mut root = None;
        loop {
            self.advance(reader.buffer_position());
            let event = reader.read_event();
            match event.map_err(|error| self.broken(&error, reader.error_position()))? {
                Event::Start(start) => self.start(&start, root.is_some())?,
                Event::Empty(start) => {
                    self.start(&start, root.is_some())?;
                    self.end(&mut root);
                }
                Event::End(_) => self.end(&mut root),
                Event::Text(text) => {
                    let raw = std::str::from_utf8(&text).map_err(|_| self.fault("text that is no UTF-8"))?;
                    let text = self.unescape(&raw.replace("\r\n", "\n").replace('\r', "\n"))?;
                    self.add_text(&text, root.is_some())?;
                }
                Event::CData(data) => {
                    let text = String::from_utf8_lossy(&data).replace("\r\n", "\n");
                    self.add_text(&text, root.is_some())?;
                }
                Event::Comment(comment) => {
                    let comment = String::from_utf8_lossy(&comment).into_owned();
                    if let Some(open) = self.open.last_mut() {
                        open.nodes.push(Node::Comment(comment));
                    }
                }
                Event::DocType(_) => {
                    return Err(self.fault(
                        "the file has a document type (<!DOCTYPE>), which could define entities; export it without one",
                    ));
                }
                Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        self.advance(self.text.len() as u64);
        if let Some(open) = self.open.last() {
            let (name, line) = (&open.name, open.line);
            return Err(self.fault(&format!(
                "the file ends inside <{name}> of line {line}, so it was cut off; export or copy it again"
            )));
        }
        root.ok_or_else(|| self.fault("the file has no XML element"))
    }

    /// Counts the lines up to a byte.
    fn advance(&mut self, to: u64) {
        let to = usize::try_from(to).unwrap_or(usize::MAX).min(self.text.len());
        if to > self.seen {
            let lines = self.text.as_bytes()[self.seen..to].iter().filter(|byte| **byte == b'\n').count();
            self.line += lines;
            self.seen = to;
        }
    }

    fn fault(&self, message: &str) -> Error {
        Error { line: self.line, message: message.to_owned() }
    }

    fn broken(&mut self, error: &quick_xml::Error, at: u64) -> Error {
        self.advance(at);
        let error = error.to_string();
        let hint =
            if error.contains("end of input") { "; it was cut off, so export or copy it again" } else { "" };
        self.fault(&format!("no well-formed XML: {error}{hint}"))
    }

    fn unescape(&self, raw: &str) -> Result<String, Error> {
        let text = quick_xml::escape::unescape(raw).map_err(|error| match error {
            quick_xml::escape::EscapeError::UnrecognizedEntity(at, name) => {
                let before = raw.get(..at.start).unwrap_or_default().matches('\n').count();
                let message =
                    format!("the entity &{name}; is not one of XML's own, and none are defined here");
                Error { line: self.line + before, message }
            }
            other => self.fault(&format!("no well-formed XML: {other}")),
        })?;
        Ok(text.into_owned())
    }

    fn start(&mut self, start: &BytesStart<'_>, is_after_root: bool) -> Result<(), Error> {
        if is_after_root {
            return Err(self.fault("an element after the end of the document"));
        }
        if self.open.len() == DEPTH_MAX {
            return Err(self.fault(&format!("elements are nested deeper than {DEPTH_MAX}")));
        }
        let depth = self.open.len();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.fault(&format!("no well-formed XML: {error}")))?;
            let name = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            // An attribute's blanks are spaces, but for those that are written as references.
            let raw = String::from_utf8_lossy(&attribute.value)
                .replace("\r\n", " ")
                .replace(['\n', '\t', '\r'], " ");
            let value = self.unescape(&raw)?;
            match name.strip_prefix("xmlns") {
                Some("") => self.bindings.0.push((depth, String::new(), value.into())),
                Some(prefix) if prefix.starts_with(':') => {
                    self.bindings.0.push((depth, prefix[1..].to_owned(), value.into()));
                }
                _ => attributes.push((name, value)),
            }
        }
        let (prefix, name) = split(&String::from_utf8_lossy(start.name().as_ref()));
        let namespace = self.bound(&prefix)?;
        let attributes = attributes.into_iter().map(|(name, value)| {
            let (prefix, name) = split(&name);
            let namespace = if prefix.is_empty() { "".into() } else { self.bound(&prefix)? };
            Ok(Attribute { prefix, name, namespace, value })
        });
        let attributes = attributes.collect::<Result<_, Error>>()?;
        self.open.push(Element { prefix, name, namespace, attributes, nodes: Vec::new(), line: self.line });
        Ok(())
    }

    fn bound(&self, prefix: &str) -> Result<Arc<str>, Error> {
        let bound = self.bindings.find(prefix);
        bound.ok_or_else(|| {
            self.fault(&format!("the prefix {prefix}: is bound to no namespace (xmlns:{prefix})"))
        })
    }

    fn end(&mut self, root: &mut Option<Element>) {
        // The reader refuses an end without a start.
        let Some(element) = self.open.pop() else { return };
        let depth = self.open.len();
        self.bindings.0.retain(|(own, _, _)| *own < depth);
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(element)),
            None => *root = Some(element),
        }
    }

    fn add_text(&mut self, text: &str, is_after_root: bool) -> Result<(), Error> {
        let Some(open) = self.open.last_mut() else {
            return match text.trim().is_empty() {
                true => Ok(()),
                false if is_after_root => Err(self.fault("text after the end of the document")),
                false => Err(self.fault("text before the first element, so this is no XML")),
            };
        };
        match open.nodes.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => open.nodes.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }
}

fn split(name: &str) -> (String, String) {
    name.split_once(':')
        .map_or_else(|| (String::new(), name.to_owned()), |(p, n)| (p.to_owned(), n.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_plain_xml_is_refused_with_its_line() {
        let check = |text: &str, line: usize, expect: &str| {
            let error = parse(text.as_bytes()).expect_err(text);
            assert!(error.line == line && error.message.contains(expect), "{text}: {error}");
        };
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]>\n<a>&lol2;</a>";
        check(bomb, 2, "document type");
        check("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", 1, "document type");
        check("<a>\n&xxe;</a>", 2, "the entity &xxe;");
        check("<a>\n<b>\n", 3, "ends inside <b> of line 2");
        check("<a><b></a>", 1, "no well-formed XML");
        check("<a/><b/>", 1, "after the end");
        check("<x:a/>", 1, "the prefix x: is bound to no namespace");
        check("no xml", 1, "no XML");
        check("", 1, "no XML element");
        check(&"<a>".repeat(DEPTH_MAX + 1), 1, "nested deeper");
        check("<?xml version=\"1.0\" encoding=\"utf-77\"?><a/>", 1, "utf-77 is not known");
    }

    #[test]
    fn every_usual_encoding_is_read() {
        let text = "<?xml version=\"1.0\" encoding=\"ENC\"?><a b=\"é\">ü&#x41;</a>";
        let check = |bytes: Vec<u8>| {
            let root = parse(&bytes).expect("xml");
            assert_eq!((root.attribute("b"), root.text().as_str()), (Some("é"), "üA"));
        };
        check(text.replace("ENC", "UTF-8").into_bytes());
        check(format!("\u{feff}{}", text.replace("ENC", "UTF-8")).into_bytes());
        check(text.replace("ENC", "ISO-8859-1").chars().map(|char| char as u8).collect());
        let wide = text.replace("ENC", "UTF-16");
        check(wide.encode_utf16().flat_map(u16::to_le_bytes).collect());
        check(format!("\u{feff}{wide}").encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
}
