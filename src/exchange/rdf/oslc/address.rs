//! The addresses under which a service answers for resources, and back: `ROOT/resources/PATH` for an IRI below the base of the thread,
//! `ROOT/resources/~IRI` for any other.
//!
//! Whatever a URI does not allow in a path is percent-encoded, and `%` itself is, so each address leads back to exactly one IRI. A `#` in the
//! path is encoded where the IRI before it is no resource of its own; a fragment of a resource stays a fragment of its address.

use super::domain::{Domain, Kind};
use oxigraph::model::NamedNode;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in a path: all but unreserved characters and `/`. A `~` marks an IRI outside the base.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');
/// What is encoded in one segment, or in a parameter.
const SEGMENT: &AsciiSet = &ENCODED.add(b'/');

/// Encodes one segment of a path, or the value of a parameter.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Decodes a part of a path; `None` where it is not UTF-8.
pub fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Returns an address with parameters.
pub fn with_parameters<'a>(
    address: &NamedNode,
    parameters: impl Iterator<Item = (&'a str, &'a str)>,
) -> NamedNode {
    let pairs: Vec<String> =
        parameters.map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    match pairs.is_empty() {
        true => address.clone(),
        false => NamedNode::new_unchecked(format!("{}?{}", address.as_str(), pairs.join("&"))),
    }
}

/// The addresses of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Where the service's OSLC paths begin, such as `https://throughline.example/oslc`.
    root: String,
    /// What the IRIs of the thread begin with.
    base: String,
}

impl Addresses {
    /// Returns the addresses of a thread that is served at an address, such as `https://throughline.example` or one with a path.
    pub fn new(service: &str, base: &str) -> Self {
        Self { root: format!("{service}/oslc"), base: base.to_owned() }
    }

    /// Returns the address of something below the root.
    pub fn below(&self, path: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}/{path}", self.root))
    }

    /// Returns the address of a service provider.
    pub fn provider(&self, domain: Domain) -> NamedNode {
        self.below(domain.path())
    }

    /// Returns the address that answers queries of a kind and takes new resources.
    pub fn container(&self, kind: &Kind) -> NamedNode {
        self.below(&format!("{}/{}", kind.domain.path(), kind.plural))
    }

    /// Returns the address of the shape of a kind.
    pub fn shape(&self, kind: &Kind) -> NamedNode {
        self.below(&format!("shapes/{}", kind.name))
    }

    /// Returns the address of the configuration that a branch is.
    pub fn stream(&self, branch: &str) -> NamedNode {
        self.below(&format!("configurations/streams/{}", encoded(branch)))
    }

    /// Returns the address of the configuration that a tag is.
    pub fn baseline(&self, tag: &str) -> NamedNode {
        self.below(&format!("configurations/baselines/{}", encoded(tag)))
    }

    /// Returns the address of the configuration that a commit is.
    pub fn commit(&self, id: &str) -> NamedNode {
        self.below(&format!("configurations/commits/{id}"))
    }

    /// Returns the address of the one component.
    pub fn component(&self) -> NamedNode {
        self.below("configurations/component")
    }

    /// Returns the address of an IRI; `is_resource` decides whether a text is the IRI of a resource that fragments belong to.
    pub fn of(&self, iri: &NamedNode, is_resource: impl Fn(&NamedNode) -> bool) -> NamedNode {
        let (path, fragment) = match iri.as_str().split_once('#') {
            Some((root, fragment)) if is_resource(&NamedNode::new_unchecked(root)) => (root, Some(fragment)),
            _ => (iri.as_str(), None),
        };
        let path = match path.strip_prefix(&self.base).filter(|rest| !rest.is_empty()) {
            Some(rest) => utf8_percent_encode(rest, ENCODED).to_string(),
            None => format!("~{}", utf8_percent_encode(path, SEGMENT)),
        };
        let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        NamedNode::new_unchecked(format!("{}/resources/{path}{fragment}", self.root))
    }

    /// Returns the IRI that the path of a resource leads to, the part behind `resources/`.
    pub fn iri_of_path(&self, path: &str) -> Option<NamedNode> {
        let iri = match path.strip_prefix('~') {
            Some(iri) => decoded(iri)?,
            None => format!("{}{}", self.base, decoded(path).filter(|path| !path.is_empty())?),
        };
        NamedNode::new(iri).ok()
    }

    /// Returns the IRI that an address leads to; `None` for an address that is not a resource's.
    pub fn iri(&self, address: &NamedNode) -> Option<NamedNode> {
        let rest = address.as_str().strip_prefix(&self.root)?.strip_prefix("/resources/")?;
        let (path, fragment) = rest.split_once('#').map_or((rest, None), |(path, rest)| (path, Some(rest)));
        let iri = self.iri_of_path(path)?;
        match fragment {
            Some(fragment) => NamedNode::new(format!("{}#{fragment}", iri.as_str())).ok(),
            None => Some(iri),
        }
    }

    /// Returns the part of an address behind the root.
    pub fn path_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        address.strip_prefix(&self.root)?.strip_prefix('/')
    }

    /// Returns whether an IRI begins as those of the thread do.
    pub fn is_own(&self, iri: &NamedNode) -> bool {
        iri.as_str().strip_prefix(&self.base).is_some_and(|rest| !rest.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_leads_back_to_its_iri() {
        let addresses = Addresses::new("http://127.0.0.1:80", "https://test.example/");
        let check = |iri: &str, expect: &str| {
            let iri = NamedNode::new_unchecked(iri);
            let address = addresses.of(&iri, |root| root.as_str().ends_with("REQ-1"));
            assert_eq!(address.as_str(), format!("http://127.0.0.1:80/oslc/resources/{expect}"));
            assert_eq!(addresses.iri(&address), Some(iri));
        };
        check("https://test.example/REQ-1", "REQ-1");
        check("https://test.example/REQ-1#limit", "REQ-1#limit");
        check("https://test.example/data#R1", "data%23R1");
        check("https://test.example/pump/A(b)%20é~", "pump/A%28b%29%2520%C3%A9%7E");
        check("https://test.example/", "~https%3A%2F%2Ftest.example%2F");
        check("urn:x:1?q=2", "~urn%3Ax%3A1%3Fq%3D2");
        for foreign in [
            "http://127.0.0.1:80/oslc/rm",
            "https://test.example/REQ-1",
            "http://127.0.0.1:80/oslc/resources/",
        ] {
            assert_eq!(addresses.iri(&NamedNode::new_unchecked(foreign)), None, "{foreign}");
        }
    }
}
