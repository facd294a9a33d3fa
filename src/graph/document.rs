//! Resources as documents: which statements stand in which file, and where that file lies.
//!
//! Layout, format version 2. A resource and its fragments (`…/REQ-12` and `…/REQ-12#limit`) are one document where the
//! resource itself is described; else each fragment is a document of its own. The path depends on the IRI alone:
//!
//! ```text
//! example.org+pump/3/f1/P-0001.ttl    https://example.org/pump/P-0001
//! +urn%3Auuid%3A/a/07/6f2c….ttl       urn:uuid:6f2c…
//! ```
//!
//! The folder is the IRI up to its last `/` (else `:`), with `/` written `+` and whatever is not plain percent-encoded; an
//! `https://` is left out, every other scheme starts with `+`. The shard is the first three hexadecimal digits of the IRI's
//! SHA-256, one and two: 4,096 folders of which none holds more than 256 others, as a commit writes anew every folder
//! above a file, and what it writes is to stay small in a large graph. A name beyond 180 bytes is cut and completed by
//! that digest.

pub(crate) use crate::model::statement::root;
use oxigraph::model::NamedNode;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Tells whether the IRI's path has a segment `.` or `..`: Turtle would resolve it to another IRI.
pub(crate) fn has_dot_segments(iri: &NamedNode) -> bool {
    let iri = iri.as_str();
    // Most have nothing like it, which is quick to see.
    if !iri.contains("/.") {
        return false;
    }
    let path = iri.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| segment == "." || segment == "..")
}

/// Returns the path of the document's file in the tree.
pub(crate) fn path(resource: &NamedNode) -> String {
    let iri = resource.as_str();
    let digest = Sha256::digest(iri.as_bytes());
    let (prefix, rest) = match iri.strip_prefix("https://") {
        Some(rest) => ("", rest),
        None => ("+", iri),
    };
    let end_of_path = rest.find(['?', '#']).unwrap_or(rest.len());
    let cut =
        rest[..end_of_path].rfind('/').or_else(|| rest[..end_of_path].rfind(':')).map_or(0, |at| at + 1);
    let mut path = prefix.to_owned();
    let folder = rest[..cut].strip_suffix('/').unwrap_or(&rest[..cut]);
    encode(folder, &mut path);
    if !path.contains('+') {
        path.push('+');
    }
    let folder_digest = Sha256::digest(path.as_bytes());
    shorten(&mut path, 0, &folder_digest);
    let _ = write!(path, "/{:x}/{:02x}/", digest[0] >> 4, digest[0] << 4 | digest[1] >> 4);
    let start = path.len();
    encode(&rest[cut..], &mut path);
    shorten(&mut path, start, &digest);
    path.push_str(".ttl");
    path
}

fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'~' | b'.' => into.push(byte as char),
            b'/' => into.push('+'),
            _ => {
                let _ = write!(into, "%{byte:02X}");
            }
        }
    }
}

/// Cuts what stands from `start` to 180 bytes, completed by the digest, so that no two names meet.
fn shorten(path: &mut String, start: usize, digest: &[u8]) {
    if path.len() - start > 180 {
        path.truncate(start + 139);
        path.push('~');
        for byte in &digest[..20] {
            let _ = write!(path, "{byte:02x}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let check = |iri: &str, expect: &str| {
            let path = path(&NamedNode::new_unchecked(iri));
            let (folder, rest) = path.split_once('/').expect("a folder");
            assert_eq!(format!("{folder} {}", &rest[5..]), expect);
        };
        check("https://example.org/pump/P-0001", "example.org+pump P-0001.ttl");
        check("https://example.org/P-0001", "example.org+ P-0001.ttl");
        check("https://example.org:80/P#1", "example.org%3A80+ P%231.ttl");
        check("http://example.org/P?a/b", "+http%3A++example.org P%3Fa+b.ttl");
        check("urn:uuid:6f2c", "+urn%3Auuid%3A 6f2c.ttl");
        check("https://example.org/.git", "example.org+ .git.ttl");
        let digits = format!("{:x}", Sha256::digest(b"https://example.org/P-0001"));
        let expect = format!("example.org+/{}/{}/P-0001.ttl", &digits[..1], &digits[1..3]);
        assert_eq!(path(&NamedNode::new_unchecked("https://example.org/P-0001")), expect);
        let long = format!("https://example.org/{}", "x".repeat(400));
        assert!(path(&NamedNode::new_unchecked(long)).len() < 220);
    }
}
