//! Reading, naming and writing, as one table of small files each.

use super::*;
use proptest::prelude::*;
use proptest::sample::Index;

const BASE: &str = "https://ex.org/t/";
const HEAD: &str = "@prefix tl: <https://w3id.org/throughline#> .\n";

fn lines(statements: &[Statement]) -> Vec<String> {
    let short = |text: String| {
        text.replace(BASE, "")
            .replace("https://w3id.org/throughline#", "tl:")
            .replace("^^<http://www.w3.org/2001/XMLSchema#integer>", "")
    };
    let mut lines: Vec<_> = statements.iter().map(|statement| short(statement.to_string())).collect();
    lines.sort();
    lines
}

fn turtle(text: &str) -> Result<Vec<Statement>, Error> {
    read(format!("{HEAD}{text}").as_bytes(), Format::Turtle, BASE, "a.ttl")
}

fn onto(text: &str, known: &[Statement]) -> Vec<String> {
    let known = |subject: &NamedNode| known.iter().filter(|s| s.subject == *subject).cloned().collect();
    let text = format!("{HEAD}{text}");
    lines(
        &read_onto(text.as_bytes(), Format::Turtle, BASE, "a.ttl", &known, &|_| false).expect("a good file"),
    )
}

#[test]
fn identifiers_are_texts_as_they_are_written() {
    let check = |text: &str, expect: &str| {
        let text = format!("@prefix dcterms: <http://purl.org/dc/terms/> . <P> {text} .");
        let read = turtle(&text).expect(&text);
        assert_eq!(
            read.iter().map(|statement| statement.object.to_string()).collect::<Vec<_>>(),
            [expect],
            "{text}"
        );
    };
    check("dcterms:identifier 00471", "\"00471\"");
    check("dcterms:identifier 1.10", "\"1.10\"");
    check("tl:revision 1.10", "\"1.10\"");
    check("tl:revision 1e3", "\"1e3\"");
    check("dcterms:identifier 471100", "\"471100\"");
    check("dcterms:identifier \"P-1\"", "\"P-1\"");
    check("tl:unitNumber 00471", "\"00471\"^^<http://www.w3.org/2001/XMLSchema#integer>");
}

#[test]
fn numbers_of_json_are_stored_as_they_are_written() {
    let of = |key: &str, number: &str, datatype: &str| {
        let text = format!(
            r#"{{"@context": {{"tl": "https://w3id.org/throughline#", "dcterms": "http://purl.org/dc/terms/", "xsd": "http://www.w3.org/2001/XMLSchema#",
            "limit": {{"@id": "tl:limit", "@type": "{datatype}"}}}}, "@id": "P", "{key}": {number}}}"#
        );
        let read = read(text.as_bytes(), Format::JsonLd, BASE, "a.jsonld");
        read.map(|read| read[0].object.to_string().replace("http://www.w3.org/2001/XMLSchema#", "xsd:"))
    };
    let check = |key: &str, number: &str, expect: &str| {
        assert_eq!(of(key, number, "xsd:decimal").expect(number), expect, "{key} {number}");
    };
    for name in ["tl:revision", "dcterms:identifier"] {
        for number in ["1.10", "1.0", "-0", "12345678901234567890123", "471100", "-5"] {
            check(name, number, &format!("\"{number}\""));
            check(name, &format!("[{number}]"), &format!("\"{number}\""));
            check(name, &format!("{{\"@value\": {number}}}"), &format!("\"{number}\""));
        }
    }
    for number in ["1E3", "1e3", "1.5e-7"] {
        let refused = of("tl:revision", number, "xsd:decimal").expect_err(number).to_string();
        assert!(
            refused.contains("w3id.org/throughline#revision") && refused.contains("in quotes"),
            "{refused}"
        );
    }
    check("limit", "67.5", "\"67.5\"^^<xsd:decimal>");
    check("limit", "6.75e1", "\"67.5\"^^<xsd:decimal>");
    check("limit", "67.50000000000000001", "\"67.50000000000000001\"^^<xsd:decimal>");
    check("limit", "12345678901234567890123", "\"12345678901234567890123\"^^<xsd:decimal>");
    check("tl:limit", "85", "\"85\"^^<xsd:integer>");
    check("tl:limit", "0.1", "\"1.0E-1\"^^<xsd:double>");
    assert!(of("tl:limit", "1e400", "xsd:decimal").is_err());
    check("tl:limit", "9007199254740993.0", "\"9007199254740993\"^^<xsd:integer>");
    let refused = of("tl:limit", "12345678901234567890123", "xsd:decimal").expect_err("a double").to_string();
    assert!(refused.contains("12345678901234567890123") && refused.contains("in quotes"), "{refused}");
}

#[test]
fn names_under_a_prefix_that_no_context_defines_are_reported() {
    let check = |key: &str, value: &str, expect: &[&str]| {
        let text = format!(
            r#"{{"@context": {{"dcterms": "http://purl.org/dc/terms/"}}, "@id": "http://ex.org/P", "{key}": {value}}}"#
        );
        let found = notices(text.as_bytes(), Format::JsonLd, BASE, "a", 1);
        assert_eq!(found.len(), expect.len(), "{key} {value}: {found:?}");
        assert!(found.iter().zip(expect).all(|(found, expect)| found.message.contains(expect)), "{found:?}");
    };
    check("dcterms:title", "1", &[]);
    check("dct:description", "1", &["the context does not define the prefix \"dct\""]);
    check("Http://purl.org/dc/terms/title", "1", &["another IRI than \"http://purl.org/dc/terms/title\""]);
    check("dcterms:relation", r#"{"@id": "plant:part/pump"}"#, &["the prefix \"plant\""]);
    check("@type", r#""tl:Part""#, &["the prefix \"tl\""]);
    check("dcterms:relation", r#"{"@id": "urn:uuid:1"}"#, &[]);
    check("dcterms:relation", r#"{"@id": "HTTPS://ex.org/a"}"#, &["another IRI than \"https://ex.org/a\""]);
}

#[test]
fn blank_nodes_are_named_by_the_path_to_them() {
    let check = |text: &str, expect: &[&str]| assert_eq!(lines(&turtle(text).expect(text)), expect, "{text}");
    check(
        "<R> tl:constraint [ tl:limit 85 ; tl:condition [ tl:limit 1 ] ] .",
        &[
            "<R#constraint.condition> <tl:limit> \"1\" .",
            "<R#constraint> <tl:condition> <R#constraint.condition> .",
            "<R#constraint> <tl:limit> \"85\" .",
            "<R> <tl:constraint> <R#constraint> .",
        ],
    );
    // A name that the file gives itself is left alone.
    check(
        "<R> tl:constraint [ tl:limit 85 ] . <R#constraint> tl:limit 1 .",
        &[
            "<R#constraint-d9b23ca0> <tl:limit> \"85\" .",
            "<R#constraint> <tl:limit> \"1\" .",
            "<R> <tl:constraint> <R#constraint-d9b23ca0> .",
        ],
    );
    // Twice from one owner: the least place names it.
    check(
        "<R> tl:b _:x ; tl:a _:x . _:x tl:limit 1 .",
        &["<R#a> <tl:limit> \"1\" .", "<R> <tl:a> <R#a> .", "<R> <tl:b> <R#a> ."],
    );
    // A list is a path as well.
    check(
        "<R> tl:order ( 1 2 ) .",
        &[
            "<R#order.rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> \"2\" .",
            "<R#order.rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .",
            "<R#order> <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> \"1\" .",
            "<R#order> <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <R#order.rest> .",
            "<R> <tl:order> <R#order> .",
        ],
    );
}

#[test]
fn twins_are_both_kept() {
    let got = lines(&turtle("<R> tl:usage [ tl:quantity 1 ] , [ tl:quantity 1 ] .").expect("a good file"));
    assert_eq!(got.len(), 4, "{got:?}");
    let got =
        lines(&turtle("[ tl:quantity 1 ] tl:limit 2 . [ tl:quantity 1 ] tl:limit 2 .").expect("a good file"));
    assert_eq!(got.iter().filter(|line| line.contains("limit")).count(), 2, "{got:?}");
}

#[test]
fn a_node_of_several_resources_or_of_none_is_a_resource() {
    let got = lines(&turtle("<R> tl:limit _:x . <S> tl:limit _:x . _:x tl:unit 1 .").expect("a good file"));
    assert!(got.iter().all(|line| line.contains("<unnamed/")), "{got:?}");
    let got = lines(&turtle("[] tl:unit 1 .").expect("a good file"));
    assert!(got[0].starts_with("<unnamed/"), "{got:?}");
}

#[test]
fn fragments_keep_their_names() {
    let known = |text: &str| turtle(text).expect("a good file");
    let store = known(
        "<R> tl:usage <R#usage-one>, <R#usage-two> . \
         <R#usage-one> tl:position \"a\" ; tl:quantity 1 . <R#usage-two> tl:position \"b\" ; tl:quantity 1 .",
    );
    let got = onto(
        "<R> tl:usage [ tl:position \"b\" ; tl:quantity 7 ], [ tl:position \"c\" ; tl:quantity 8 ], \
         [ tl:position \"a\" ; tl:quantity 1 ] .",
        &store,
    );
    let of = |position: &str| {
        let line = got.iter().find(|line| line.ends_with(&format!("\"{position}\" ."))).expect("a line");
        line.split(' ').next().expect("a subject").to_owned()
    };
    assert_eq!((of("a"), of("b")), ("<R#usage-one>".to_owned(), "<R#usage-two>".to_owned()));
    assert!(of("c").starts_with("<R#usage-"), "{got:?}");
    // The only one on both sides keeps its name though nothing is alike.
    let store = known("<R> tl:constraint <R#hot> . <R#hot> tl:limit 80 .");
    assert_eq!(onto("<R> tl:constraint [ tl:limit 85 ] .", &store)[0], "<R#hot> <tl:limit> \"85\" .");
    // Nested nodes are found under the name that their owner kept.
    let store =
        known("<R> tl:constraint <R#hot> . <R#hot> tl:condition <R#hot.when> . <R#hot.when> tl:limit 1 .");
    let got = onto("<R> tl:constraint [ tl:condition [ tl:limit 2 ] ] .", &store);
    assert_eq!(got[0], "<R#hot.when> <tl:limit> \"2\" .");
}

#[test]
fn bad_files_name_the_place() {
    let check = |format, text: &str, expect: &str| {
        let error = read(text.as_bytes(), format, BASE, "file").expect_err(text).to_string();
        assert!(error.starts_with(expect), "{text}: {error}");
    };
    check(Format::Turtle, "<a> <b>\n  <c> ;; <d <e> .", "file:2:10: ");
    check(Format::Turtle, "<a> ex:b 1 .", "file:1:5: ");
    check(Format::NTriples, "<http://a> <http://b> <http://c> .\n<http://a> nonsense .", "file:2:");
    check(
        Format::RdfXml,
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<a>\n</rdf:RDF>",
        "file:2:",
    );
    check(Format::JsonLd, "{\"@id\": \"a\",\n \"http://b\": [1,,2]}", "file:2:");
    check(Format::JsonLd, "{\"@context\": \"https://ex.org/context\", \"@id\": \"a\"}", "file:1:");
    check(
        Format::JsonLd,
        "{\"@id\": \"http://g\", \"@graph\": [{\"@id\": \"a\", \"http://b\": 1}]}",
        "file: the file puts statements into the named graph <http://g>",
    );
    check(Format::Turtle, "\n _:a <p> _:b . _:b <p> _:a .", "file:2:2: the blank node _:a leads back");
    check(Format::Turtle, "<R> <p> _:a . _:a <p> _:a .", "file:1:9: the blank node _:a leads back");
    check(Format::Turtle, "<a> <b> <<( <c> <d> <e> )>> .", "file: statements about statements");
    let error = read(b"", Format::Turtle, "no base", "file").expect_err("no base").to_string();
    assert!(error.starts_with("the base \"no base\""), "{error}");
}

#[test]
fn each_notation_has_the_same_statements() {
    let text = "<R> a tl:Requirement ; tl:constraint [ tl:limit 85.0 ; tl:unit <u> ], [ tl:limit 3.5 ] ; tl:note \"é\"@fr .";
    let expect = turtle(text).expect("a good file");
    for format in [Format::Turtle, Format::NTriples, Format::RdfXml, Format::JsonLd] {
        let bytes = write(&expect, format, &[("tl", "https://w3id.org/throughline#")]).expect("written");
        let got = read(&bytes, format, BASE, "copy").expect("read again");
        assert_eq!(lines(&got), lines(&expect), "{format:?}");
    }
    let bytes = write(&expect, Format::Turtle, &[("tl", "https://w3id.org/throughline#")]).expect("written");
    assert!(String::from_utf8_lossy(&bytes).contains("a tl:Requirement"));
}

/// A node of a tree: its place below its owner, a value, and what is below it.
#[derive(Clone, Debug)]
struct Tree(u8, u8, Vec<Self>);

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = (0..3u8, 0..3u8).prop_map(|(place, value)| Tree(place, value, Vec::new()));
    leaf.prop_recursive(3, 24, 4, |below| {
        (0..3u8, 0..3u8, prop::collection::vec(below, 0..4)).prop_map(|(p, v, below)| Tree(p, v, below))
    })
}

fn triples(tree: &Tree, owner: &str, count: &mut usize, lines: &mut Vec<String>) {
    *count += 1;
    let node = format!("_:n{count}");
    lines.push(format!("{owner} <http://p/{}> {node} .", tree.0));
    lines.push(format!("{node} <http://v> \"{}\" .", tree.1));
    for below in &tree.2 {
        triples(below, &node, count, lines);
    }
}

proptest! {
    /// The order of the statements and the labels of the nodes change no name, and no statement is lost.
    #[test]
    fn names_depend_on_content_alone(trees in prop::collection::vec(tree(), 1..4), picks in prop::collection::vec(any::<Index>(), 60)) {
        let mut text = Vec::new();
        let mut count = 0;
        for tree in &trees {
            triples(tree, "<http://r>", &mut count, &mut text);
        }
        let mut shuffled: Vec<String> = text.iter().map(|line| line.replace("_:n", "_:z9")).collect();
        for (at, pick) in picks.iter().enumerate().take(shuffled.len()) {
            shuffled.swap(at, pick.index(text.len()));
        }
        let read = |lines: &[String]| {
            let mut got = read(lines.join("\n").as_bytes(), Format::NTriples, BASE, "f").expect("a good file");
            got.sort();
            got
        };
        let got = read(&text);
        prop_assert_eq!(&got, &read(&shuffled));
        let mut distinct = got.clone();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), text.len());
        // What was named once keeps its names.
        let known = |subject: &NamedNode| got.iter().filter(|s| s.subject == *subject).cloned().collect();
        let mut again = read_onto(text.join("\n").as_bytes(), Format::NTriples, BASE, "f", &known, &|_| false).expect("a good file");
        again.sort();
        prop_assert_eq!(&got, &again);
    }
}

proptest! {
    /// Whatever a file holds, it is read or refused.
    #[test]
    fn no_file_is_fatal(cut in any::<Index>(), junk in any::<Vec<u8>>()) {
        let good = turtle("<R> tl:constraint [ tl:limit 85.0 ; tl:unit <u> ] ; tl:note \"é\"@fr .").expect("a good file");
        for format in [Format::Turtle, Format::NTriples, Format::RdfXml, Format::JsonLd] {
            let mut bytes = write(&good, format, &[]).expect("written");
            let at = cut.index(bytes.len());
            bytes.splice(at..at, junk.iter().copied());
            let _ = read(&bytes, format, BASE, "f");
            let _ = read(&bytes[..at], format, BASE, "f");
        }
    }
}

fn json(text: &str) -> Result<Vec<Statement>, Error> {
    read(text.as_bytes(), Format::JsonLd, BASE, "a.jsonld")
}

const CONTEXT: &str = r#""@context": { "tl": "https://w3id.org/throughline#", "xsd": "http://www.w3.org/2001/XMLSchema#",
    "site": "tl:site", "part": { "@id": "tl:part", "@type": "@id" },
    "limit": { "@id": "tl:limit", "@type": "xsd:decimal" }, "count": { "@id": "tl:limit", "@type": "xsd:integer" } }"#;

#[test]
fn json_numbers_keep_their_value_whatever_their_type() {
    let check = |number: &str, expect: &str| {
        let text = format!(r#"{{ {CONTEXT}, "@id": "R", "limit": {number} }}"#);
        let found = json(&text).expect(number).remove(0).object.to_string();
        assert_eq!(found, format!("\"{expect}\"^^<http://www.w3.org/2001/XMLSchema#decimal>"), "{number}");
    };
    check("67", "67");
    check("67.5", "67.5");
    check("-0.675", "-0.675");
    check("6.75e1", "67.5");
    check("1e-7", "0.0000001");
    check("1e21", "1000000000000000000000");
    let untyped = r#"{ "@id": "R", "https://w3id.org/throughline#limit": 67.5 }"#;
    let double = "\"6.75E1\"^^<http://www.w3.org/2001/XMLSchema#double>";
    assert_eq!(json(untyped).expect(untyped)[0].object.to_string(), double);
    let count = format!(r#"{{ {CONTEXT}, "@id": "R", "count": 67.5 }}"#);
    let integer = "\"67.5\"^^<http://www.w3.org/2001/XMLSchema#integer>";
    assert_eq!(json(&count).expect(&count)[0].object.to_string(), integer);
}

#[test]
fn what_json_ld_ignores_is_listed_with_its_node() {
    let check = |text: &str, expect: &[&str]| {
        let text = format!("{{ {CONTEXT}, {text} }}");
        let statements = json(&text).expect(&text);
        let found = notices(text.as_bytes(), Format::JsonLd, BASE, "a.jsonld", statements.len());
        let found: Vec<_> = found.iter().map(|notice| notice.to_string().replace(BASE, "")).collect();
        assert_eq!(found, expect, "{text}");
    };
    check(r#""@id": "P", "site": "Bergen", "part": "part/pump""#, &[]);
    check(
        r#""@id": "P", "site": "Oslo", "sitee": "Bergen", "service contract": { "level": "gold" }"#,
        &[
            "a.jsonld: <P>: the context does not define the key \"sitee\", so it is ignored",
            "a.jsonld: <P>: the context does not define the key \"service contract\", so it is ignored",
            "a.jsonld: a node without @id: the context does not define the key \"level\", so it is ignored",
        ],
    );
    check(
        r#""@graph": [ { "@id": "P", "site": "Oslo" }, { "@id": "Q", "sit": 1, "part": "a b" } ]"#,
        &[
            "a.jsonld: <Q>: the context does not define the key \"sit\", so it is ignored",
            "a.jsonld: <Q>: \"a b\" is not an IRI, so what names it is ignored",
        ],
    );
    check(
        r#""@id": "P", "site": [{ "@value": "Oslo", "@language": "nb_NO" }, "Bergen"]"#,
        &["a.jsonld: <P>: \"nb_NO\" is no language tag such as en or en-US, so the text \"Oslo\" is ignored"],
    );
    check(
        r#""@id": "P", "@type": "Pump", "@site": "Oslo", "site": "Bergen", "note": null"#,
        &[
            "a.jsonld: <P>: \"@site\" is not a keyword of JSON-LD, so it is ignored",
            "a.jsonld: <P>: the context does not define the type \"Pump\"",
        ],
    );
}

#[test]
fn json_without_statements_and_contexts_elsewhere_are_refused() {
    let check = |text: &str, expect: &str| {
        let message = json(text).expect_err(text).to_string();
        assert!(message.contains(expect), "{text}: {message}");
    };
    check(
        r#"{ "identifier": "P-5", "site": "Bergen" }"#,
        "not one statement comes out of the file: a node without @id: the context does not define the key \"identifier\"",
    );
    check(r#"[ { "@id": "x" } ]"#, "not one statement comes out of the file");
    check(
        "{ \"@context\":\n  \"https://uri.etsi.org/core.jsonld\", \"id\": \"urn:x\" }",
        "a.jsonld:2:3: the context https://uri.etsi.org/core.jsonld is not in the file, and nothing is fetched",
    );
    check(
        r#"{ "@graph": [ { "@context": [ {}, "local.jsonld" ], "a": 1 } ] }"#,
        "the context local.jsonld is not in",
    );
    check(r#"{ "@context": { "@import": "b.jsonld" }, "a": 1 }"#, "the context b.jsonld is not in");
    for nothing in ["{}", "[]", r#"{ "@context": {} }"#] {
        check(nothing, "a.jsonld: not one statement comes out of the file");
    }
    let empty = notices(b"", Format::Turtle, BASE, "a.ttl", 0);
    assert_eq!(
        empty.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["a.ttl: the file holds no statement"]
    );
}

#[test]
fn a_file_that_is_not_of_its_extension_is_refused_with_what_it_looks_like() {
    let check = |bytes: &[u8], format: Format, expect: &str| {
        let message = read(bytes, format, BASE, "a").expect_err(expect).to_string();
        assert!(message.contains(expect), "{message}");
    };
    let turtle = "# a plant\n@prefix tl: <https://w3id.org/throughline#> .\n<a> tl:b 1 .".as_bytes();
    check(turtle, Format::JsonLd, "looks like Turtle; name it .ttl");
    check(turtle, Format::RdfXml, "looks like Turtle; name it .ttl");
    check(turtle, Format::NTriples, "looks like Turtle");
    check(b"{ \"@id\": \"a\" }", Format::Turtle, "looks like JSON; name it .jsonld if it is JSON-LD");
    check(b"<?xml version=\"1.0\"?><rdf:RDF/>", Format::Turtle, "looks like XML; name it .rdf");
    for table in ["serial;site\nP-1;Oslo\n", "sep=,\nserial,site\n", "serial\tsite\nP-1\tOslo"] {
        check(table.as_bytes(), Format::Turtle, "looks like a table; import it with --table MAPPING.toml");
    }
    check(
        b"<!DOCTYPE html><html><body>404</body></html>",
        Format::Turtle,
        "a: not Turtle, but a web page (HTML)",
    );
    check(b"\n<HTML><body/></HTML>", Format::RdfXml, "a: not RDF/XML, but a web page (HTML)");
    check(b"\x1f\x8b\x08\x00", Format::Turtle, "compressed with gzip");
    check(b"PK\x03\x04", Format::JsonLd, "a ZIP archive");
    check(b"\xff\xfe<\x00a\x00", Format::Turtle, "UTF-16; save it as UTF-8");
    check(b"<\x00a\x00>\x00", Format::Turtle, "UTF-16 or binary");
    check(b"<a> <b> ", Format::Turtle, "a:1:9: ");
}

#[test]
fn what_is_cut_off_is_refused() {
    let whole = "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://x/\">\n<A rdf:about=\"http://a\"><p>1</p></A>\n</rdf:RDF>";
    let read = |bytes: &[u8]| read(bytes, Format::RdfXml, BASE, "file");
    assert_eq!(read(whole.as_bytes()).expect("a good file").len(), 2);
    for cut in 1..whole.len() {
        assert!(read(&whole.as_bytes()[..cut]).is_err(), "{}", &whole[..cut]);
    }
    let error = read(whole.replace("\n</rdf:RDF>", "").as_bytes()).expect_err("cut off").to_string();
    assert!(error.starts_with("file:1:1: ") && error.contains("is closed"), "{error}");
}

#[test]
fn what_nests_without_end_is_refused() {
    let xml =
        "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns=\"http://x/\">".to_owned();
    let error = read((xml + &"<A><p>".repeat(300)).as_bytes(), Format::RdfXml, BASE, "file");
    let error = error.expect_err("too deep").to_string();
    assert!(error.contains("deeper than 400"), "{error}");
    let chain = |depth: usize| turtle(&format!("<a> <b> {}1{} .", "[ <c> ".repeat(depth), "]".repeat(depth)));
    assert_eq!(chain(400).expect("a good file").len(), 401);
    let error = chain(3_000).expect_err("too deep").to_string();
    assert!(error.contains("give some of them IRIs"), "{error}");
}

#[test]
fn many_nodes_of_one_content_are_named_one_after_the_other() {
    let nodes = vec!["[]"; 20_000].join(", ");
    let statements = turtle(&format!("<a> <b> {nodes} .")).expect("a good file");
    let names: std::collections::HashSet<_> = statements.iter().map(|statement| &statement.object).collect();
    assert_eq!(names.len(), 20_000);
}

#[test]
fn what_nests_without_end_is_refused_where_it_does() {
    let refused = |text: &str, format: Format, expect: &str| {
        let error = read(text.as_bytes(), format, BASE, "f").expect_err("too deep").to_string();
        assert!(error.contains(expect), "{error}");
    };
    let nested = |open: &str, depth: usize, close: &str| {
        format!("{{\"@id\":\"a\",\"http://p\":{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [
        ("{\"@list\":[", "]}"),
        ("{\"@graph\":[", "]}"),
        ("{\"@context\":{\"a\":\"http://a/\"},\"http://p\":", "}"),
        ("{\"@included\":[", "]}"),
        ("{\"@reverse\":{\"http://p\":", "}}"),
    ] {
        refused(&nested(open, 2_000, close), Format::JsonLd, "nested deeper than 100");
        // What is allowed is read, or refused for another reason, and ends nothing.
        let depth = 98 / open.matches(['{', '[']).count();
        let _ = read(nested(open, depth, close).as_bytes(), Format::JsonLd, BASE, "f");
    }
    let triples = format!("<a> <b> {}<c>{} .", "<<( <a> <b> ".repeat(20_000), " )>>".repeat(20_000));
    refused(&triples, Format::Turtle, "triple terms are nested deeper than 100");
    refused(&triples, Format::NTriples, "triple terms are nested deeper than 100");
    let terms: Vec<String> = (0..2_000).map(|at| format!("\"t{at}\":\"t{}:x\"", at + 1)).collect();
    refused(
        &format!("{{\"@context\":{{{}}},\"@id\":\"a\"}}", terms.join(",")),
        Format::JsonLd,
        "defined one by another",
    );
    let chain = terms.join(",");
    // What one reader of JSON takes and another does not is refused as well.
    refused(&format!("{{\"@context\":{{{chain}}},\"@id\":\"urn:x\"}} x"), Format::JsonLd, "trailing");
    refused(
        &format!("{{\"@context\":{{{chain}}},\"@context\":{{}}}}"),
        Format::JsonLd,
        "\"@context\" is there twice",
    );
    let laughs: String =
        (1..10).map(|at| format!("<!ENTITY l{at} \"{}\">", format!("&l{};", at - 1).repeat(10))).collect();
    let laughs = format!(
        "<!DOCTYPE r [<!ENTITY l0 \"ha\">{laughs}]><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"/>"
    );
    refused(&laughs, Format::RdfXml, "4,096 bytes");
}
