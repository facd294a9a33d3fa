//! How the values of fields that want a text are kept: as plain texts, in the characters that were written.
//!
//! A language or a datatype makes another term of the same characters: `"P-4"@de` and `"P-4"` are two identifiers, of which series of
//! telemetry and searches find one. So names lose both. Titles, descriptions and notes are sentences of a language, and keep
//! that; a number or a date (`007` in Turtle) is the text that was written in all of them.

use crate::model::statement::Statement;
use crate::model::statement::literal::{self, canonical};
use crate::model::statement::value::Texts;
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{dcterms, tl, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};

/// The texts that are sentences of a language.
const PROSE: [NamedNodeRef<'static>; 4] = [dcterms::TITLE, dcterms::DESCRIPTION, tl::NOTE, tl::REASON];

impl Ontology {
    /// Returns whether the values of a predicate are texts.
    pub fn is_text(&self, predicate: &NamedNode) -> bool {
        let known = self.text_predicates();
        known.texts.contains(predicate)
            || known.literals.contains(predicate) && self.texts(predicate.as_ref()) == Texts::Names
    }

    /// Returns the plain text that is kept of a value; `None` where the value is kept as it is.
    pub fn plain_text(&self, predicate: &NamedNode, value: &Term) -> Option<Literal> {
        let Term::Literal(literal) = value else { return None };
        let datatype = literal.datatype();
        if datatype == xsd::STRING || !self.is_text(predicate) {
            return None;
        }
        let is_kept = PROSE.contains(&predicate.as_ref()) && !datatype.as_str().starts_with(xsd::NAMESPACE);
        // What is no value of its datatype is refused as that.
        (!is_kept && literal::fault(literal).is_none()).then(|| Literal::new_simple_literal(literal.value()))
    }

    /// Returns a statement as it is kept: its value as a plain text where its field wants one, or else in canonical form.
    pub fn normalized(&self, statement: Statement) -> Statement {
        let object = self.normalized_value(&statement.predicate, statement.object);
        Statement { object, ..statement }
    }

    /// Like [`Self::normalized`], for the value of a predicate.
    pub fn normalized_value(&self, predicate: &NamedNode, value: Term) -> Term {
        match self.plain_text(predicate, &value) {
            Some(text) => text.into(),
            None => canonical(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ontology::tests::testing::{data, iri, shipped, with_file};

    /// Compares what is kept of a value of `tl:` or `dcterms:` with what is expected, both in Turtle.
    fn check(predicate: &str, value: &str, expect: &str) {
        check_in(shipped(), predicate, value, expect);
    }

    fn check_in(ontology: &crate::ontology::Ontology, predicate: &str, value: &str, expect: &str) {
        let one = |value: &str| {
            let all = data(&format!(":x {predicate} {value} ."));
            let about = crate::ontology::Data::about(&all, &iri("x")).expect("data").into_owned();
            about.into_iter().next().expect("a statement")
        };
        assert_eq!(ontology.normalized(one(value)).object, one(expect).object, "{predicate} {value}");
    }

    #[test]
    fn names_are_plain_texts() {
        for name in [
            "dcterms:identifier",
            "skos:notation",
            "adms:schemaAgency",
            "tl:site",
            "tl:position",
            "tl:name",
            "tl:source",
            "tl:revision",
            "tl:lot",
            "tl:option",
            "tl:characteristic",
            "tl:station",
            "tl:timeZone",
            "tl:removalReason",
            "tl:status",
            "tl:kind",
            "tl:comparator",
        ] {
            check(name, "\"P-4\"@de", "\"P-4\"");
            check(name, "007", "\"007\"");
            check(name, "1.10", "\"1.10\"");
            check(name, "1e3", "\"1e3\"");
            check(name, "true", "\"true\"");
            check(name, "\"2024-03-01\"^^xsd:date", "\"2024-03-01\"");
            check(name, "\"P-4\"^^xsd:token", "\"P-4\"");
            check(name, "\"P-4\"^^:Serial", "\"P-4\"");
        }
    }

    #[test]
    fn sentences_keep_their_language() {
        for prose in ["dcterms:title", "dcterms:description", "tl:note", "tl:reason"] {
            check(prose, "\"Pumpe\"@de", "\"Pumpe\"@de");
            check(prose, "\"<b>x</b>\"^^:Markup", "\"<b>x</b>\"^^:Markup");
            check(prose, "007", "\"007\"");
        }
    }

    #[test]
    fn other_values_are_kept_in_canonical_form() {
        check("tl:limit", "085", "85");
        check("tl:limit", "\"85\"@de", "\"85\"@de");
        check(
            "tl:commissionedAt",
            "\"2024-05-01T10:00:00+02:00\"^^xsd:dateTime",
            "\"2024-05-01T08:00:00Z\"^^xsd:dateTime",
        );
        check(":colour", "\"rot\"@de", "\"rot\"@de");
        check(":colour", "007", "7");
        check("tl:site", ":bergen", ":bergen");
        // The datatype does not have such a value, which is refused.
        check("tl:site", "\"Bergen\"^^xsd:integer", "\"Bergen\"^^xsd:integer");
    }

    #[test]
    fn shapes_of_ones_own_state_what_is_a_text() {
        let own = with_file(
            ":Pump a owl:Class ; rdfs:subClassOf tl:Resource ; owl:hasKey ( :serial ) ; rdfs:comment \"A pump.\" .
            :PumpShape a sh:NodeShape ; sh:targetClass :Pump ;
                sh:property [ sh:path :colour ; sh:datatype xsd:string ] , [ sh:path :maker ; sh:node tl:TextShape ] ,
                    [ sh:path :any ; sh:nodeKind sh:Literal ] , [ sh:path :serial ; sh:nodeKind sh:Literal ] ,
                    [ sh:path :label ; sh:datatype <http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> ] ,
                    [ sh:path :mixed ; sh:or ( [ sh:datatype xsd:string ] [ sh:datatype xsd:integer ] ) ] .",
        )
        .expect("an ontology");
        for text in [":colour", ":maker", ":serial"] {
            check_in(&own, text, "\"rot\"@de", "\"rot\"");
            check_in(&own, text, "007", "\"007\"");
        }
        for other in [":any", ":label", ":mixed"] {
            check_in(&own, other, "\"rot\"@de", "\"rot\"@de");
            check_in(&own, other, "007", "7");
        }
    }
}
