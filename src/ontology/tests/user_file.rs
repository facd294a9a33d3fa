//! What a user's own file can add, and what is refused.

use super::testing::{data, shipped, violations, with_file};
use crate::ontology::class::FieldKind;
use crate::ontology::terms::unit;
use oxigraph::model::NamedNode;

const COMPRESSOR: &str = "
    :Compressor a owl:Class ; rdfs:subClassOf tl:TwinInstance ; rdfs:comment \"A compressor.\" ;
        owl:hasKey ( :tag ) .
    :tag a owl:DatatypeProperty ; rdfs:label \"tag\" ; rdfs:comment \"The plant's tag.\" .
    :drives a owl:ObjectProperty ; rdfs:label \"drives\" ; tl:acyclic true .
    :CompressorShape a sh:NodeShape ; sh:targetClass :Compressor ;
        sh:property [ sh:path :tag ; sh:datatype xsd:string ; sh:pattern \"^C-[0-9]+$\" ; sh:maxCount 1 ] ;
        sh:property [ sh:path :drives ; sh:class :Compressor ; tl:inverseField \"drivenBy\" ] ;
        sh:property [ sh:path ( tl:part dcterms:identifier ) ; sh:in ( \"C1\" \"C2\" ) ] .
    :MM-PER-HR a qudt:Unit ; rdfs:label \"millimetre per hour\" ; qudt:symbol \"mm/h\" ;
        qudt:hasQuantityKind quantitykind:Velocity ; qudt:conversionMultiplier 2.7777777777777776e-7 .
";

#[test]
fn adds_classes_shapes_and_units() {
    let ontology = with_file(COMPRESSOR).expect("an own file");
    let class = ontology.class_named("Compressor").expect("the own class");
    assert_eq!((class.plural.as_str(), class.comment.as_str()), ("compressors", "A compressor."));
    assert_eq!(class.field("tag").map(|field| &field.kind), Some(&FieldKind::Text));
    assert!(class.field("identifier").is_some_and(|field| field.min == 1), "inherited");
    assert!(class.inverse("drivenBy").is_some() && class.inverse("installations").is_some());
    let own = ontology.units().find("mm/h").expect("the own unit");
    assert_eq!(own.name, "MM-PER-HR", "before QUDT's of the same size");
    assert!(ontology.units().conversion(own.iri.as_ref(), unit::PERCENT).is_err());
    assert_ne!(ontology.digest(), shipped().digest());
}

#[test]
fn own_shapes_count() {
    let ontology = with_file(COMPRESSOR).expect("an own file");
    let check = |turtle: &str, expect: &[&str]| {
        let parts = ":C1 a tl:Part ; dcterms:identifier \"C1\" . :D1 a tl:Part ; dcterms:identifier \"D1\" .";
        assert_eq!(violations(&ontology, None, &data(&format!("{parts}{turtle}"))), expect);
    };
    let one = |rest: &str| format!(":X a :Compressor ; dcterms:identifier \"X\" ; {rest} .");
    check(&one(":tag \"C-1\" ; tl:part :C1"), &[]);
    check(&one(":tag \"D-1\""), &["X tag: \"D-1\" does not match ^C-[0-9]+$ [CompressorShape: Pattern]"]);
    check(&one("tl:site \"\""), &["X site: a text is a literal that is not empty [TwinInstanceShape: Node]"]);
    check(
        &one("tl:part :D1"),
        &["X part/identifier: \"D1\" is none of \"C1\", \"C2\" [CompressorShape: In]"],
    );
    check(&one(":drives :X"), &["X drives: leads back to itself along drives [no cycle]"]);
    // An instance of the subclass is one of the class.
    check(
        &one(
            "tl:part :C1 . :I a tl:Installation ; tl:component :X ; tl:parent :Y . :Y a tl:TwinInstance ; dcterms:identifier \"Y\"",
        ),
        &[],
    );
}

#[test]
fn a_change_far_down_a_path_is_in_focus() {
    let ontology = with_file(COMPRESSOR).expect("an own file");
    let text = ":C1 a tl:Part ; dcterms:identifier \"C1\" . :X a :Compressor ; dcterms:identifier \"X\" ; tl:part :C1 .";
    let (before, after) = (data(text), data(&text.replace("\"C1\"", "\"C9\"")));
    let iri = |name: &str| NamedNode::new_unchecked(format!("https://example.org/{name}"));
    let focus = ontology.focus(&before, &after, &[iri("C1")]).expect("a focus");
    assert_eq!(focus, [iri("C1"), iri("X")]);
    assert_eq!(ontology.validate(Some(&before), &after, &focus).expect("a validation").len(), 1);
    let described = data(&format!("{text} :C1 dcterms:description \"d\" ."));
    assert_eq!(ontology.focus(&before, &described, &[iri("C1")]).expect("a focus"), [iri("C1")]);
}

#[test]
fn what_is_wrong_is_refused_with_the_reason() {
    let check = |turtle: &str, expect: &str| {
        let got = with_file(turtle).expect_err(turtle).to_string();
        assert!(got.contains(expect), "{turtle}\n{got}");
    };
    check(":x a tl:Part", "own.ttl, line 7, column");
    check("tl:Part rdfs:comment \"mine\" .", "own.ttl redefines <https://w3id.org/throughline#Part>");
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; sh:minCount \"many\" ] .",
        "own.ttl: ",
    );
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; sh:pattern \"(\" ] .",
        "own.ttl: ",
    );
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:sparql [ sh:select \"SELECT $this {}\" ] .",
        "sh:sparql",
    );
    check(":a-b a owl:Class .", "own.ttl: \"a-b\" is no name");
    check(":Part a owl:Class .", "are both named Part");
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; sh:in ( \"a b\" ) ] .",
        "the value \"a b\"",
    );
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; sh:in ( \"A\" ) ; tl:enumeration \"Statistic\" ] .",
        "two enumerations are named Statistic",
    );
    check(
        ":S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; sh:class tl:Part ; tl:inverseField \"twins\" ] .",
        "Part has two fields named twins",
    );
    check(":u a qudt:Unit ; qudt:conversionMultiplier \"much\" .", "\"much\" is no conversion factor");
}

#[test]
fn every_constraint_states_what_is_wrong_and_what_would_be_right() {
    let check = |constraint: &str, values: &str, expect: &str| {
        let file = format!(
            ":x a owl:DatatypeProperty ; rdfs:label \"x\" . :y a owl:DatatypeProperty ; rdfs:label \"y\" .
             :S a sh:NodeShape ; sh:targetClass tl:Part ; sh:property [ sh:path :x ; {constraint} ] ."
        );
        let ontology = with_file(&file).expect(constraint);
        let data = data(&format!(
            ":X a tl:Part ; dcterms:identifier \"X\" ; {values} . :P a tl:Property ; dcterms:title \"P\" ."
        ));
        let found = violations(&ontology, None, &data);
        assert_eq!(found, [format!("X x: {expect}")], "{constraint}");
    };
    check("sh:minCount 1", "dcterms:title \"t\"", "x is missing [S: MinCount]");
    check("sh:minCount 2", ":x 'a'", "x needs at least 2 values: \"a\" [S: MinCount]");
    check("sh:maxCount 1", ":x 'b', 'a'", "x has more than one value: \"a\", \"b\" [S: MaxCount]");
    check("sh:maxCount 0", ":x 'a'", "x must have no value: \"a\" [S: MaxCount]");
    check("sh:minLength 3", ":x 'ab'", "\"ab\" has fewer than 3 characters [S: MinLength]");
    check("sh:maxLength 1", ":x 'ab'", "\"ab\" has more than 1 characters [S: MaxLength]");
    check("sh:hasValue 'a'", ":x 'b'", "x needs the value \"a\": \"b\" [S: HasValue]");
    check("sh:languageIn ( 'de' )", ":x 'a'@en", "\"a\" is in none of the languages de [S: LanguageIn]");
    check(
        "sh:uniqueLang true",
        ":x 'a'@en, 'b'@en",
        "x has more than one text in a language: \"a\", \"b\" [S: UniqueLang]",
    );
    check(
        "sh:disjoint :y",
        ":x 'a' ; :y 'a'",
        "\"a\" is a value of x and of y: they must have none in common [S: Disjoint]",
    );
    check("sh:equals :y", ":x 'a'", "x and y differ in \"a\": they must have the same values [S: Equals]");
    check("sh:lessThan :y", ":x 3 ; :y 3", "\"3\" is not less than the y [S: LessThan]");
    check("sh:lessThanOrEquals :y", ":x 4 ; :y 3", "\"4\" is greater than the y [S: LessThanOrEquals]");
    check("sh:nodeKind sh:IRI", ":x 'a'", "\"a\" is not a link to a resource [S: NodeKind]");
    check("sh:nodeKind sh:Literal", ":x :P", "<P> is not a literal [S: NodeKind]");
    check("sh:class tl:Installation", ":x :P", "<P> is a Property, not an Installation [S: Class]");
    check(
        "sh:or ( [ sh:class tl:Installation ] [ sh:class tl:Build ] )",
        ":x :P",
        "one of these must hold: an Installation; or a Build [S: Or]",
    );
    check(
        "sh:node [ sh:property [ sh:path tl:quantityKind ; sh:minCount 1 ] ]",
        ":x :P",
        "this must hold: quantityKind is there [S: Node]",
    );
}

#[test]
fn own_units_convert_exactly_and_are_found_by_their_texts() {
    let own = |factor: &str| {
        format!(
            ":THIRD a qudt:Unit ; qudt:symbol \"L/3\" ; qudt:altSymbol \"third\" , \"⅓ L\" ;
                qudt:hasQuantityKind quantitykind:Volume ; {factor} .
            :BAR a qudt:Unit ; qudt:symbol \"bar\" ; qudt:hasQuantityKind quantitykind:Length ; qudt:conversionMultiplier 2.0 ."
        )
    };
    let check = |factor: &str, expect: f64| {
        let ontology = with_file(&own(factor)).expect(factor);
        let units = ontology.units();
        for text in ["L/3", "third", "⅓ L", "THIRD"] {
            let unit = units.find(text).expect(text);
            let conversion =
                units.conversion(unit.iri.as_ref(), units.find("L").expect("a litre").iri.as_ref());
            assert_eq!(conversion.expect("litres").apply(9.0), expect, "{factor}");
        }
        // Two that differ share a text.
        assert_eq!(
            (units.find("bar"), units.alike("bar")),
            (None, vec!["BAR".to_owned(), "http://qudt.org/vocab/unit/BAR".to_owned()])
        );
    };
    check("qudt:conversionMultiplier 0.000333333333333333", 3.0);
    check("qudt:conversionMultiplier 0.0003 ; tl:exactMultiplier \"1/3000\"", 3.0);
    check("qudt:conversionMultiplier 0.0003", 2.7);
    let refused = with_file(&own("tl:exactMultiplier \"a third\"")).expect_err("no factor").to_string();
    assert!(refused.contains("\"a third\" is no conversion factor"), "{refused}");
}

#[test]
fn alternatives_without_a_message_name_their_fields() {
    let check = |shape: &str, expect: &str| {
        let ontology =
            with_file(&format!(":S a sh:NodeShape ; sh:targetClass tl:Part ; {shape} .")).expect(shape);
        let part = data(":X a tl:Part ; dcterms:identifier \"X\" .");
        assert_eq!(violations(&ontology, None, &part), [expect]);
    };
    check(
        "sh:or ( [ sh:property [ sh:path dcterms:title ; sh:minCount 1 ] ] [ sh:property [ sh:path dcterms:identifier ; sh:in ( \"A\" \"B\" ) ] ] )",
        "X -: one of these must hold: title is there; or identifier is one of \"A\", \"B\" [S: Or]",
    );
    check(
        "sh:not [ sh:property [ sh:path dcterms:identifier ; sh:hasValue \"X\" ] , [ sh:path dcterms:title ; sh:maxCount 0 ] ]",
        "X -: this must not hold: identifier is \"X\" and title is absent [S: Not]",
    );
    check(
        "sh:xone ( [ sh:class tl:Build ] [ sh:class tl:TwinInstance ] )",
        "X -: exactly one of these must hold: a Build; or a TwinInstance [S: Xone]",
    );
}
