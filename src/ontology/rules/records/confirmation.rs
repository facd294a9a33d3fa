//! Rule *confirms a link*: a link confirmation is in the same resource's document as the link that it confirms.

use crate::model::statement::{Statement, root};
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{rdf, tl};
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

const RULE: &str = "confirms a link";

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if subject.profile.is_a(tl::LINK_CONFIRMATION) {
        let path = |predicate| target(subject.about, predicate);
        let parts = (path(rdf::SUBJECT), path(rdf::PREDICATE), path(rdf::OBJECT));
        let (Some(from), Some(property), Some(to)) = parts else { return Ok(()) };
        if root(from) != root(subject.node) || !data.targets(from, property.as_ref())?.contains(to) {
            let field = ontology.field_name(property);
            let message = format!(
                "<{}> has no link {field} to <{}>: confirm a link that is in the resource's own document",
                from.as_str(),
                to.as_str()
            );
            found.push(subject.violation(RULE, Some("to".to_owned()), Some(to.clone().into()), message));
        }
    }
    Ok(())
}

fn target<'a>(about: &'a [Statement], predicate: NamedNodeRef<'_>) -> Option<&'a NamedNode> {
    reader::values(about, predicate)
        .find_map(|value| if let Term::NamedNode(iri) = value { Some(iri) } else { None })
}

#[cfg(test)]
mod tests {
    use crate::ontology::tests::testing::check;

    #[test]
    fn a_confirmation_is_in_the_document_of_its_link() {
        let confirmed = |link: &str, from: &str, to: &str| {
            format!(
                "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix prov: <http://www.w3.org/ns/prov#> .
                 :a a tl:Requirement ; dcterms:identifier \"A\" {link} ; tl:confirmation <https://example.org/r#ok> .
                 :b a tl:Requirement ; dcterms:identifier \"B\" .
                 <https://example.org/r> a tl:Requirement ; dcterms:identifier \"R\" ; tl:derivedFrom :b .
                 <https://example.org/r#ok> a tl:LinkConfirmation ; rdf:subject {from} ; rdf:predicate tl:derivedFrom ; rdf:object {to} ;
                    prov:generatedAtTime \"2026-01-01T00:00:00Z\"^^xsd:dateTime ; prov:wasAttributedTo <mailto:ada@example.org> ."
            )
        };
        let no = |from: &str, to: &str| {
            format!(
                "r#ok to: <{from}> has no link derivedFrom to <{to}>: confirm a link that is in the resource's own document [confirms a link]"
            )
        };
        check(&confirmed("", "<https://example.org/r>", ":b"), &[]);
        check(&confirmed("", "<https://example.org/r>", ":a"), &[&no("r", "a")]);
        check(&confirmed("; tl:derivedFrom :b", ":a", ":b"), &[&no("a", "b")]);
    }
}
