//! The names of resources out of the identifiers of a file, and back.
//!
//! Each kind of element has names of its own below `reqif/SOURCE/`, so that identifiers that a tool uses twice meet only where
//! ReqIF itself cannot keep them apart. A resource that was made here leaves with an identifier that contains its name, so
//! that it comes back as itself.

use crate::exchange::table::derived::template::{escape, expand};
use oxigraph::model::NamedNode;
use std::fmt::Write as _;

/// The begin of identifiers that contain the name of a resource.
const OWN: &str = "_tl.";

/// What the names of one document begin with.
#[derive(Clone, Debug)]
pub(super) struct Names<'a> {
    base: &'a str,
    /// Below the base, such as `reqif/doors`.
    document: String,
}

impl<'a> Names<'a> {
    /// Makes the names of a source; `member` is the file's path where the source brings several.
    pub(super) fn new(base: &'a str, source: &str, member: Option<&str>) -> Self {
        let mut document = format!("reqif/{}", escape(source));
        for step in member.into_iter().flat_map(|path| path.split('/')) {
            let name = step.strip_suffix(".reqif").unwrap_or(step);
            document = format!("{document}/{}", escape(name));
        }
        Self { base, document }
    }

    /// Returns the document.
    pub(super) fn document(&self) -> Result<NamedNode, String> {
        expand(self.base, &self.document)
    }

    /// Returns the resource of an element.
    pub(super) fn of(&self, kind: &str, identifier: &str) -> Result<NamedNode, String> {
        match own_name(identifier) {
            Some(name) if kind == OBJECT => expand(self.base, &name),
            _ => expand(self.base, &format!("{}/{kind}/{}", self.document, escape(identifier))),
        }
    }
}

/// The kind of names that objects have.
pub(super) const OBJECT: &str = "object";

/// Returns the identifier of a resource that was made here: an XML name that contains its own.
pub(super) fn own_identifier(iri: &NamedNode, base: &str) -> String {
    let name = iri.as_str().strip_prefix(base).unwrap_or(iri.as_str());
    let mut identifier = OWN.to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') {
            identifier.push(char::from(byte));
        } else {
            _ = write!(identifier, "-{byte:02X}");
        }
    }
    identifier
}

/// Returns the name that an identifier contains.
fn own_name(identifier: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = identifier.strip_prefix(OWN)?;
    while let Some(first) = rest.chars().next() {
        if first == '-' {
            bytes.push(u8::from_str_radix(rest.get(1..3)?, 16).ok()?);
            rest = &rest[3..];
        } else {
            bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
            rest = &rest[first.len_utf8()..];
        }
    }
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back_from_identifiers() {
        let base = "https://x.example/";
        let names = Names::new(base, "doors", None);
        let check = |iri: &str, identifier: &str| {
            let iri = NamedNode::new_unchecked(iri);
            assert_eq!(own_identifier(&iri, base), identifier);
            assert_eq!(names.of(OBJECT, identifier), Ok(iri));
        };
        check("https://x.example/requirement/REQ-12", "_tl.requirement-2FREQ-2D12");
        check("https://x.example/ü", "_tl.-C3-BC");
        check("urn:x:1", "_tl.urn-3Ax-3A1");
        let of = |kind: &str, identifier: &str| names.of(kind, identifier).expect("a name").into_string();
        assert_eq!(of(OBJECT, "a b/c"), "https://x.example/reqif/doors/object/a%20b%2Fc");
        assert_eq!(of(OBJECT, "_tl.-ZZ"), "https://x.example/reqif/doors/object/_tl.-ZZ");
        let member = Names::new(base, "doors", Some("sub/one.reqif"));
        assert_eq!(member.document(), Ok(NamedNode::new_unchecked("https://x.example/reqif/doors/sub/one")));
    }
}
