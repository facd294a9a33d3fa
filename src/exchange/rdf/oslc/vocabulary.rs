//! The namespaces of OSLC and of what it builds on, and the prefixes that documents are written with.

use oxigraph::model::NamedNode;

/// OSLC Core.
pub const CORE: &str = "http://open-services.net/ns/core#";
/// Requirements Management.
pub const RM: &str = "http://open-services.net/ns/rm#";
/// Architecture Management.
pub const AM: &str = "http://open-services.net/ns/am#";
/// Change Management.
pub const CM: &str = "http://open-services.net/ns/cm#";
/// Quality Management.
pub const QM: &str = "http://open-services.net/ns/qm#";
/// Configuration Management.
pub const CONFIG: &str = "http://open-services.net/ns/config#";
/// Tracked Resource Set.
pub const TRS: &str = "http://open-services.net/ns/core/trs#";
/// Linked Data Platform.
pub const LDP: &str = "http://www.w3.org/ns/ldp#";
/// Dublin Core terms.
pub const DCTERMS: &str = "http://purl.org/dc/terms/";
/// RDF.
pub const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/// RDF Schema.
pub const RDFS: &str = "http://www.w3.org/2000/01/rdf-schema#";
/// OWL.
pub const OWL: &str = "http://www.w3.org/2002/07/owl#";
/// Throughline's own terms.
pub const TL: &str = crate::ontology::terms::tl::NAMESPACE;
/// XML Schema datatypes.
pub const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

/// The prefixes that documents are written with and that queries may use without declaring them.
pub const PREFIXES: [(&str, &str); 19] = [
    ("adms", "http://www.w3.org/ns/adms#"),
    ("dcterms", DCTERMS),
    ("foaf", "http://xmlns.com/foaf/0.1/"),
    ("ldp", LDP),
    ("oslc", CORE),
    ("oslc_am", AM),
    ("oslc_cm", CM),
    ("oslc_config", CONFIG),
    ("oslc_qm", QM),
    ("oslc_rm", RM),
    ("owl", OWL),
    ("prov", "http://www.w3.org/ns/prov#"),
    ("qudt", "http://qudt.org/schema/qudt/"),
    ("rdf", RDF),
    ("rdfs", RDFS),
    ("skos", "http://www.w3.org/2004/02/skos/core#"),
    ("tl", TL),
    ("trs", TRS),
    ("xsd", XSD),
];

/// Returns the term of a namespace.
pub fn named(namespace: &str, local: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{namespace}{local}"))
}
