//! Resources as documents: which statements are in which file, and where that file lies.
//!
//! A resource and its fragments (`…/REQ-12` and `…/REQ-12#limit`) are one document where the resource itself is described;
//! else each fragment is a document of its own. The path depends on the IRI and the [`Format`] alone. Format 3:
//!
//! ```text
//! example.org+pump/3f/1a/P-0001.ttl   https://example.org/pump/P-0001
//! example.org+pump/9c/02/AUX~.ttl     https://example.org/pump/AUX
//! +urn%3Auuid%3A/a0/7e/6f2c….ttl      urn:uuid:6f2c…
//! ```
//!
//! The folder is the IRI up to its last `/` (else `:`), with `/` written `+` and whatever is not plain percent-encoded; an
//! `https://` is left out, every other scheme starts with `+`. Two shards of 256 folders each follow: 65,536 folders keep all folders
//! above a file short, as a commit writes them anew, and in a small thread they are no deeper than before.
//!
//! Every file system can hold all paths of format 3 beside each other:
//!
//! - They are ASCII, without the characters and the trailing dots that Windows refuses, and no part of them begins with a dot.
//! - A name that is a device of Windows up to its first dot (`AUX`, `com1.x`) gets a `~` behind that; a `~` of the IRI is encoded.
//! - Names of 84 characters at most, so that a path has at most 180 of the 260 that Windows counts with the folder it is
//!   cloned into. A longer name is cut and completed by a digest of the IRI.
//! - No two differ in the case of letters alone. IRIs that do so share the digest that the shards begin with, to which the number
//!   of the pattern of capitals is added: patterns with few capitals, or few small letters, each have a number of their
//!   own, so that `Main` and `MAIN` lie in different folders. A name with another pattern is completed by the digest of the IRI, as
//!   is a folder with capitals.
//!
//! Format 2 has 4,096 folders by the first three hexadecimal digits of the IRI's SHA-256, one and two (`3/f1`), format 1 256 folders by
//! the first two; their names are cut at 180 characters, and only `/` and what is not plain is encoded.

use super::format::Format;
use oxigraph::model::NamedNode;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// So long a folder's or a file's name may be, without its ending.
const NAME_MAX: usize = 84;

/// Returns whether the IRI's path has a segment `.` or `..`: Turtle would resolve it to another IRI.
pub(crate) fn has_dot_segments(iri: &NamedNode) -> bool {
    let iri = iri.as_str();
    // Most have nothing like it, which is quick to see.
    if !iri.contains("/.") {
        return false;
    }
    let path = iri.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|segment| segment == "." || segment == "..")
}

/// Returns the path of the document's file in a tree of a format.
pub(crate) fn path(resource: &NamedNode, format: Format) -> String {
    let iri = Parts::of(resource.as_str());
    match format {
        Format::One | Format::Two => plain_path(&iri, format),
        Format::Three => portable_path(&iri),
    }
}

/// Returns the IRI whose document lies at a path, in any format, where the path shows all of it: a name that was cut or completed
/// does not.
pub(crate) fn iri_at(path: &str) -> Option<NamedNode> {
    let (folder, rest) = path.split_once('/').filter(|_| !path.contains('~'))?;
    let name = decoded(rest.rsplit_once('/')?.1.strip_suffix(".ttl")?)?;
    let (scheme, folder) = match folder.strip_prefix('+') {
        Some(folder) => ("", folder),
        None => ("https://", folder),
    };
    let mut iris = Vec::new();
    // A `+` is added to a folder that has none, and a folder that ends at a colon has no slash behind it.
    for folder in std::iter::once(folder).chain(folder.strip_suffix('+')) {
        let folder = decoded(folder)?;
        let ends: &[_] = if folder.is_empty() || folder.ends_with(':') { &["/", ""] } else { &["/"] };
        iris.extend(ends.iter().map(|end| NamedNode::new_unchecked(format!("{scheme}{folder}{end}{name}"))));
    }
    let lies_there = |iri: &NamedNode| {
        [Format::Three, Format::Two, Format::One].iter().any(|format| self::path(iri, *format) == path)
    };
    iris.retain(lies_there);
    // The right one is always among them; where the shards of another are the same, the path alone does not decide.
    iris.pop().filter(|_| iris.is_empty())
}

/// Reads what [`encode_portable`] or [`encode_plain`] writes.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        bytes.push(match byte {
            b'+' => b'/',
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(left.next()?)?, digit(left.next()?)?);
                u8::try_from(high << 4 | low).ok()?
            }
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

/// An IRI as its path shows it.
struct Parts<'a> {
    iri: &'a str,
    /// What replaces the scheme.
    scheme: &'a str,
    folder: &'a str,
    name: &'a str,
}

impl<'a> Parts<'a> {
    fn of(iri: &'a str) -> Self {
        let (scheme, rest) = match iri.strip_prefix("https://") {
            Some(rest) => ("", rest),
            None => ("+", iri),
        };
        let end_of_path = rest.find(['?', '#']).unwrap_or(rest.len());
        let path = &rest[..end_of_path];
        let cut = path.rfind('/').or_else(|| path.rfind(':')).map_or(0, |at| at + 1);
        let folder = rest[..cut].strip_suffix('/').unwrap_or(&rest[..cut]);
        Self { iri, scheme, folder, name: &rest[cut..] }
    }

    /// Writes the folder's name, which always holds a `+`.
    fn folder(&self, encode: fn(&str, &mut String)) -> String {
        let mut folder = self.scheme.to_owned();
        encode(self.folder, &mut folder);
        if !folder.contains('+') {
            folder.push('+');
        }
        folder
    }
}

fn portable_path(iri: &Parts<'_>) -> String {
    let mut folder = iri.folder(encode_portable);
    let digest = Sha256::digest(folder.as_bytes());
    complete(&mut folder, has_capitals(iri.folder), &digest);
    let case = case_number(iri.name);
    let (first, second) = shards(iri.iri, case.unwrap_or(0));
    let mut name = String::new();
    encode_portable(iri.name, &mut name);
    if name.is_empty() {
        // An IRI that ends in a slash; no other name is a single %.
        name.push('%');
    }
    complete(&mut name, case.is_none(), &Sha256::digest(iri.iri.as_bytes()));
    format!("{}/{first:02x}/{second:02x}/{}.ttl", apart_from_devices(folder), apart_from_devices(name))
}

/// Returns the shards of an IRI: those of all IRIs that differ from it in case alone, moved on by the number of its own case.
fn shards(iri: &str, case: u16) -> (u8, u8) {
    let digest = Sha256::digest(iri.to_ascii_lowercase().as_bytes());
    let [first, second] = u16::from_be_bytes([digest[0], digest[1]]).wrapping_add(case).to_be_bytes();
    (first, second)
}

/// How many letters of a name have a place in the number of its case.
const LETTERS_MAX: usize = 64;

/// Returns the number of a name's pattern of capitals, different for any two patterns that have one; `None` where there
/// are both many capitals and many small letters.
fn case_number(name: &str) -> Option<u16> {
    let letters: Vec<bool> =
        name.bytes().filter(u8::is_ascii_alphabetic).map(|letter| letter.is_ascii_uppercase()).collect();
    let places =
        |capital: bool| letters.iter().enumerate().filter(move |(_, is)| **is == capital).map(|(at, _)| at);
    let few = |capital: bool, most: usize| -> Option<Vec<usize>> {
        let few: Vec<usize> = places(capital).take(most + 1).collect();
        (few.len() <= most && few.iter().all(|at| *at < LETTERS_MAX)).then_some(few)
    };
    // Up to three capitals are 43,745 patterns, and up to two small letters among capitals 2,081 more.
    let number = match (few(true, 3), few(false, 2)) {
        (Some(capitals), _) => combination(&capitals),
        (None, Some(small)) => combinations(4) + combination(&small),
        (None, None) => return None,
    };
    u16::try_from(number).ok()
}

/// Numbers the sets of places, smaller sets first, each by the combinatorial number system.
fn combination(places: &[usize]) -> usize {
    let rank: usize = places.iter().enumerate().map(|(at, place)| choose(*place, at + 1)).sum();
    combinations(places.len()) + rank
}

/// Counts the sets of fewer than so many places.
fn combinations(size: usize) -> usize {
    (0..size).map(|size| choose(LETTERS_MAX, size)).sum()
}

fn choose(of: usize, size: usize) -> usize {
    (0..size).fold(1, |product, at| product * of.saturating_sub(at) / (at + 1))
}

fn has_capitals(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Completes a name by the digest where it is asked for or the name is too long, which is cut.
fn complete(name: &mut String, always: bool, digest: &[u8]) {
    const DIGITS: usize = 20;
    if always || name.len() > NAME_MAX {
        name.truncate(NAME_MAX - DIGITS - 1);
        name.push('~');
        for byte in &digest[..DIGITS / 2] {
            let _ = write!(name, "{byte:02x}");
        }
    }
}

/// Puts a `~` behind a device of Windows, which it takes a name for up to its first dot.
fn apart_from_devices(mut name: String) -> String {
    let stem = name.find('.').unwrap_or(name.len());
    if is_device(&name[..stem]) {
        name.insert(stem, '~');
    }
    name
}

/// Returns whether Windows takes a name without its ending for a device (Microsoft, "Naming Files, Paths, and Namespaces").
pub(in crate::graph) fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_lowercase();
    let numbered = |device: &str| {
        let number = stem.strip_prefix(device).map(str::as_bytes);
        matches!(number, Some([b'0'..=b'9']))
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul" | "clock$" | "conin$" | "conout$")
        || numbered("com")
        || numbered("lpt")
}

fn encode_portable(text: &str, into: &mut String) {
    let start = into.len();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => into.push(byte as char),
            // A name that begins with a dot is hidden, or Git's own.
            b'.' if into.len() > start => into.push('.'),
            b'/' => into.push('+'),
            _ => {
                let _ = write!(into, "%{byte:02X}");
            }
        }
    }
    // Windows drops dots at the end of a folder's name.
    let dots = into.len() - into.trim_end_matches('.').len();
    into.truncate(into.len() - dots);
    into.push_str(&"%2E".repeat(dots));
}

/// Returns the path of formats 1 and 2.
fn plain_path(iri: &Parts<'_>, format: Format) -> String {
    let digest = Sha256::digest(iri.iri.as_bytes());
    let mut path = iri.folder(encode_plain);
    let folder_digest = Sha256::digest(path.as_bytes());
    shorten(&mut path, 0, &folder_digest);
    let _ = match format {
        Format::One => write!(path, "/{:02x}/", digest[0]),
        _ => write!(path, "/{:x}/{:02x}/", digest[0] >> 4, digest[0] << 4 | digest[1] >> 4),
    };
    let start = path.len();
    encode_plain(iri.name, &mut path);
    shorten(&mut path, start, &digest);
    path.push_str(".ttl");
    path
}

fn encode_plain(text: &str, into: &mut String) {
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

/// Cuts what follows `start` to 180 bytes, completed by the digest, so that no two names meet.
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
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn laid(iri: &str, format: Format) -> String {
        path(&NamedNode::new_unchecked(iri), format)
    }

    #[test]
    fn paths_of_format_three() {
        let check = |iri: &str, expect: &str| {
            let path = laid(iri, Format::Three);
            let (folder, rest) = path.split_once('/').expect("a folder");
            assert_eq!(format!("{folder} {}", &rest[6..]), expect);
        };
        check("https://example.org/pump/P-0001", "example.org+pump P-0001.ttl");
        check("https://example.org/P-0001", "example.org+ P-0001.ttl");
        check("https://example.org/DesignRevision", "example.org+ DesignRevision.ttl");
        check("https://example.org/MAIN", "example.org+ MAIN.ttl");
        check("https://example.org:80/P#1", "example.org%3A80+ P%231.ttl");
        check("http://example.org/P?a/b", "+http%3A++example.org P%3Fa+b.ttl");
        check("urn:uuid:6f2c", "+urn%3Auuid%3A 6f2c.ttl");
        check("https://example.org/.git", "example.org+ %2Egit.ttl");
        check("https://example.org/git~1", "example.org+ git%7E1.ttl");
        check("https://example.org/", "example.org+ %.ttl");
        check("https://example.org/a./b.", "example.org+a%2E b%2E.ttl");
        check("https://example.org/AUX", "example.org+ AUX~.ttl");
        check("https://example.org/con", "example.org+ con~.ttl");
        check("https://example.org/LPT9.A", "example.org+ LPT9~.A.ttl");
        check("https://example.org/COM0", "example.org+ COM0~.ttl");
        check("https://example.org/auxiliary", "example.org+ auxiliary.ttl");
        check("https://example.org/COM10", "example.org+ COM10.ttl");
        check("https://example.org/CONIN$", "example.org+ CONIN%24.ttl");
        check("https://example.org/COM\u{b9}", "example.org+ COM%C2%B9.ttl");
        check("https://aux.example.org/P", "aux~.example.org+ P.ttl");
        let long =
            laid(&format!("https://example.org/{}/{}", "f".repeat(300), "x".repeat(300)), Format::Three);
        assert_eq!(long.len(), 84 + 7 + 84 + 4);
    }

    #[test]
    fn paths_of_earlier_formats() {
        let iri = "https://example.org/P-0001";
        let digits = format!("{:x}", Sha256::digest(iri.as_bytes()));
        assert_eq!(laid(iri, Format::One), format!("example.org+/{}/P-0001.ttl", &digits[..2]));
        assert_eq!(
            laid(iri, Format::Two),
            format!("example.org+/{}/{}/P-0001.ttl", &digits[..1], &digits[1..3])
        );
        assert!(laid("https://example.org/AUX", Format::Two).ends_with("/AUX.ttl"));
        let long = format!("https://example.org/{}", "x".repeat(400));
        assert!(laid(&long, Format::Two).len() < 220);
    }

    #[test]
    fn patterns_of_capitals_have_numbers_of_their_own() {
        let letters = 14;
        let patterns = 0..1_u32 << letters;
        let name = |pattern: u32| -> String {
            (0..letters).map(|at| if pattern >> at & 1 == 1 { 'A' } else { 'a' }).collect()
        };
        let numbered: Vec<u16> = patterns.filter_map(|pattern| case_number(&name(pattern))).collect();
        let distinct: HashSet<&u16> = numbered.iter().collect();
        // No capital, one, two, three; none small, one, two.
        assert_eq!(numbered.len(), 1 + 14 + 91 + 364 + 1 + 14 + 91);
        assert_eq!(distinct.len(), numbered.len());
        assert_eq!(case_number(&format!("{}A", "a".repeat(LETTERS_MAX))), None);
        let last = format!("{}AAA", "a".repeat(LETTERS_MAX - 3));
        assert_eq!(case_number(&last), Some(43_744));
    }

    /// Returns what Windows, macOS or Git would refuse about a path.
    fn fault(path: &str) -> Option<&'static str> {
        let refused = |part: &str| {
            let bytes = part.as_bytes();
            match bytes {
                _ if !part.bytes().all(|byte| byte.is_ascii_graphic()) => Some("characters"),
                _ if part.contains(['<', '>', ':', '"', '|', '?', '*', '\\', '$']) => Some("characters"),
                [b'.', ..] | [.., b'.'] | [] => Some("dots"),
                _ if is_device(part.split('.').next().unwrap_or(part)) => Some("a device"),
                _ if part.to_ascii_lowercase().starts_with("git~") => Some("Git's own"),
                _ => None,
            }
        };
        if path.len() > 180 { Some("length") } else { path.split('/').find_map(refused) }
    }

    #[test]
    fn a_path_shows_its_iri() {
        let check = |iri: &str, shows: bool| {
            for format in [Format::One, Format::Two, Format::Three] {
                let found = iri_at(&laid(iri, format));
                let expect = shows.then(|| NamedNode::new_unchecked(iri));
                assert_eq!(found, expect, "{iri}");
            }
        };
        check("https://example.org/pump/P-0001", true);
        check("https://example.org/P-0001", true);
        check("https://example.org:80/P#1", true);
        check("http://example.org/P?a/b", true);
        check("urn:uuid:6f2c", true);
        check("https://example.org/ä/ö", true);
        check(&format!("https://example.org/{}", "a".repeat(300)), false);
    }

    proptest! {
        #[test]
        fn a_path_never_shows_another_iri(rest in "([a-zA-Z.~$ä%+:?#*-]|/|//|aux){0,40}", long in "[aA/.]{0,300}") {
            for iri in [format!("https://example.org/{rest}"), format!("urn:{rest}"), format!("http://x/{rest}{long}")] {
                for format in [Format::One, Format::Two, Format::Three] {
                    let found = iri_at(&laid(&iri, format));
                    prop_assert!(found.is_none_or(|found| found.as_str() == iri), "{}", iri);
                }
            }
        }

        #[test]
        fn every_path_can_be_checked_out(rest in "([a-zA-Z.~$ä%+:?#*-]|/|aux|CON|com1|\\.git|git~1){0,40}", long in "[aA/.]{0,300}") {
            for iri in [format!("https://example.org/{rest}"), format!("urn:{rest}"), format!("http://x/{rest}{long}")] {
                let path = laid(&iri, Format::Three);
                prop_assert_eq!(fault(&path), None, "{} {}", iri, path);
            }
        }

        #[test]
        fn different_iris_have_paths_that_differ_without_case(texts in prop::collection::hash_set("[aA]{0,3}(/|~|%|\\.)?[aAbB]{0,9}", 2..40)) {
            let paths: HashSet<String> = texts
                .iter()
                .map(|text| laid(&format!("https://example.org/{text}"), Format::Three).to_ascii_lowercase())
                .collect();
            prop_assert_eq!(paths.len(), texts.len());
        }
    }
}
