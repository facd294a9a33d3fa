//! What the ontology's tests share: the shipped ontology read once, data written as Turtle, violations as lines.

use crate::model::statement::Statement;
use crate::ontology::data::Statements;
use crate::ontology::schema::Ontology;
use oxigraph::io::{RdfFormat, RdfParser};
use oxigraph::model::{NamedNode, NamedOrBlankNode};
use std::sync::LazyLock;

const PREFIXES: &str = "@prefix : <https://example.org/> . @prefix tl: <https://w3id.org/throughline#> .
    @prefix dcterms: <http://purl.org/dc/terms/> . @prefix unit: <http://qudt.org/vocab/unit/> .
    @prefix quantitykind: <http://qudt.org/vocab/quantitykind/> . @prefix adms: <http://www.w3.org/ns/adms#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix qudt: <http://qudt.org/schema/qudt/> .\n";

/// The shipped ontology.
pub(in crate::ontology) fn shipped() -> &'static Ontology {
    static SHIPPED: LazyLock<Ontology> = LazyLock::new(|| {
        Ontology::read(Ontology::shipped_files().iter().copied()).expect("the shipped files make an ontology")
    });
    &SHIPPED
}

/// The shipped ontology with a user's file beside it.
pub(in crate::ontology) fn with_file(turtle: &str) -> Result<Ontology, crate::ontology::error::Error> {
    let own = format!("{PREFIXES}{turtle}");
    let files = Ontology::shipped_files().iter().copied().chain([("own.ttl", own.as_str())]);
    Ontology::read(files)
}

/// Statements written as Turtle.
pub(in crate::ontology) fn data(turtle: &str) -> Statements {
    let text = format!("{PREFIXES}{turtle}");
    let quads = RdfParser::from_format(RdfFormat::Turtle).for_slice(&text).map(|quad| {
        let quad = quad.expect("test data parses");
        let NamedOrBlankNode::NamedNode(subject) = quad.subject else {
            panic!("test data has no blank nodes")
        };
        Statement::new(subject, quad.predicate, quad.object)
    });
    quads.collect()
}

/// A resource of the test data.
pub(in crate::ontology) fn iri(name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/{name}"))
}

/// All violations of an ontology in data, one line each, without the test data's namespace.
pub(in crate::ontology) fn violations(
    ontology: &Ontology,
    before: Option<&Statements>,
    after: &Statements,
) -> Vec<String> {
    let mut focus: Vec<NamedNode> =
        after.subjects().chain(before.into_iter().flat_map(Statements::subjects)).cloned().collect();
    focus.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
    focus.dedup();
    let found = ontology.validate(before, after, &focus).expect("a validation");
    found
        .iter()
        .map(|violation| {
            let path = violation.path.as_deref().unwrap_or("-");
            format!("{} {path}: {} [{}]", violation.resource.as_str(), violation.message, violation.rule)
                .replace("https://example.org/", "")
        })
        .collect()
}

/// Checks the violations of data against the shipped ontology.
pub(in crate::ontology) fn check(turtle: &str, expect: &[&str]) {
    assert_eq!(violations(shipped(), None, &data(turtle)), expect, "{turtle}");
}

/// Two pumps whose design has a place for two fans, and three fans.
const FANS: &str = ":p a tl:Part ; dcterms:identifier \"P\" .
    :p-A a tl:DesignRevision ; tl:revisionOf :p ; tl:revision \"A\" ; tl:usage <https://example.org/p-A#fans> .
    <https://example.org/p-A#fans> a tl:PartUsage ; tl:child :f ; tl:position \"fan\" ; tl:quantity 2 .
    :f a tl:Part ; dcterms:identifier \"F\" .
    :lot a tl:Build ; dcterms:identifier \"L\" ; tl:realizes :p-A .
    :u a tl:TwinInstance ; dcterms:identifier \"U\" ; tl:part :p ; tl:builtBy :lot .
    :v a tl:TwinInstance ; dcterms:identifier \"V\" ; tl:part :p ; tl:builtBy :lot .
    :a a tl:TwinInstance ; dcterms:identifier \"A\" ; tl:part :f .
    :b a tl:TwinInstance ; dcterms:identifier \"B\" ; tl:part :f .
    :c a tl:TwinInstance ; dcterms:identifier \"C\" ; tl:part :f .";

/// Writes the pumps and fans, and an installation for each line `name component parent position from to`: days of January 2024,
/// `-` for none.
pub(in crate::ontology) fn fans(lines: &[&str]) -> String {
    let installations: String = lines.iter().map(|line| installation(line)).collect();
    format!("{FANS}\n{installations}")
}

pub(in crate::ontology) fn installation(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, component, parent, position, from, to] = words[..] else { panic!("{line}") };
    let bound = |name: &str, day: &str| match day {
        "-" => String::new(),
        day => format!(" ; tl:{name} \"2024-01-{day}T00:00:00Z\"^^xsd:dateTime"),
    };
    format!(
        ":{name} a tl:Installation ; tl:component :{component} ; tl:parent :{parent} ; tl:position \"{position}\" ;
         tl:removalReason \"worn\" {}{} .\n",
        bound("from", from),
        bound("to", to)
    )
}
