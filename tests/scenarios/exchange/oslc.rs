//! OSLC: what a client discovers, queries, changes and follows.

use crate::access;
use crate::program::is_there;
use crate::world::{Answer, BASE, PUMP, World, request};
use oxigraph::model::Term;
use std::net::SocketAddr;
use std::process::Command;
use throughline::app::App;
use throughline::app::access::Role;
use throughline::exchange::rdf::{Format, read};
use throughline::model::statement::Statement;

/// A test case, a change request and a second requirement beside the pump.
const MORE: &str = r#"
@base <https://test.example/> .
@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
<REQ-2> a tl:Requirement ; dcterms:identifier "REQ-2" ; dcterms:title "Stay dry" ; tl:derivedFrom <REQ-1> ; tl:status "DRAFT" .
<test/1> a tl:TestCase ; dcterms:title "Heat run" ; tl:verifies <REQ-1> .
<change/1> a tl:ChangeRequest ; dcterms:identifier "CR-1" ; dcterms:title "Cool more" ; tl:affects <REQ-1> , <pump> ; tl:state "OPEN" .
"#;

const TL: &str = "https://w3id.org/throughline#";
const RM: &str = "http://open-services.net/ns/rm#";
const CORE: &str = "http://open-services.net/ns/core#";
const DCTERMS: &str = "http://purl.org/dc/terms/";

fn world() -> World {
    let world = World::new();
    world.import("plm", PUMP).expect("the pump");
    world.import("alm", MORE).expect("the rest");
    world
}

fn get(address: SocketAddr, path: &str) -> Answer {
    request(address, "GET", path, &[("accept", "text/turtle")], b"")
}

/// Reads an answer that must be a document of Turtle.
fn document(answer: &Answer) -> Vec<Statement> {
    assert!(answer.status < 300, "{} {}", answer.head, answer.body);
    read(answer.body.as_bytes(), Format::Turtle, "http://nobody.example/", "the answer").expect("Turtle")
}

fn fetched(address: SocketAddr, path: &str) -> Vec<Statement> {
    document(&get(address, path))
}

/// Returns the values of a property, of one subject or of any.
fn values(statements: &[Statement], subject: Option<&str>, property: &str) -> Vec<String> {
    let about = |statement: &&Statement| {
        statement.predicate.as_str() == property
            && subject.is_none_or(|subject| statement.subject.as_str() == subject)
    };
    let text = |statement: &Statement| match &statement.object {
        Term::NamedNode(iri) => iri.as_str().to_owned(),
        Term::Literal(literal) => literal.value().to_owned(),
        other => other.to_string(),
    };
    let mut values: Vec<_> = statements.iter().filter(about).map(text).collect();
    values.sort_unstable();
    values
}

fn path_of(address: SocketAddr, url: &str) -> &str {
    url.strip_prefix(&format!("http://{address}")).unwrap_or_else(|| panic!("{url} is not of {address}"))
}

fn tag(answer: &Answer) -> String {
    answer.header("etag").unwrap_or_else(|| panic!("no tag: {}", answer.head)).to_owned()
}

fn put(address: SocketAddr, path: &str, tag: &str, body: &str) -> Answer {
    let headers = [("content-type", "text/turtle"), ("if-match", tag), ("accept", "text/turtle")];
    request(address, "PUT", path, &headers, body.as_bytes())
}

/// Returns the identifiers of what a query finds.
fn found(address: SocketAddr, path: &str, parameters: &[(&str, &str)]) -> Vec<String> {
    values(&fetched(address, &queried(path, parameters)), None, &format!("{DCTERMS}identifier"))
}

fn queried(path: &str, parameters: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                other => format!("%{other:02X}"),
            })
            .collect::<String>()
    };
    let pairs: Vec<_> = parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

#[test]
fn a_client_finds_a_requirement_from_the_root_services() {
    world().served(|address| {
        let root = fetched(address, "/.well-known/oslc/rootservices");
        let catalogue = values(&root, None, "http://open-services.net/xmlns/rm/1.0/rmServiceProviders");
        let catalogue = fetched(address, path_of(address, &catalogue[0]));
        let providers = values(&catalogue, None, &format!("{CORE}serviceProvider"));
        assert_eq!(providers.len(), 4, "{providers:?}");
        let provider = providers.iter().find(|url| url.ends_with("/rm")).expect("requirements");
        let provider = fetched(address, path_of(address, provider));
        let query = &values(&provider, None, &format!("{CORE}queryBase"))[0];
        let results = fetched(address, path_of(address, query));
        let members = values(&results, None, "http://www.w3.org/2000/01/rdf-schema#member");
        assert_eq!(members.len(), 2);
        assert_eq!(values(&results, None, &format!("{CORE}totalCount")), ["2"]);
        let requirement = members.iter().find(|url| url.ends_with("/REQ-1")).expect("REQ-1");
        let answer = get(address, path_of(address, requirement));
        let statements = document(&answer);
        let of = |property: String| values(&statements, Some(requirement), &property);
        assert_eq!(of(format!("{DCTERMS}title")), ["Stay cool"]);
        assert_eq!(of(format!("{RM}validatedBy")), [format!("http://{address}/oslc/resources/test/1")]);
        for satisfied in ["elaboratedBy", "satisfiedBy"] {
            assert_eq!(of(format!("{RM}{satisfied}")), [format!("http://{address}/oslc/resources/pump/A")]);
        }
        assert_eq!(of(format!("{RM}affectedBy")), [format!("http://{address}/oslc/resources/change/1")]);
        assert_eq!(of(format!("{RM}decomposedBy")), [format!("http://{address}/oslc/resources/REQ-2")]);
        assert_eq!(of(format!("{TL}constraint")), [format!("{requirement}#limit")]);
        assert_eq!(of("http://www.w3.org/2002/07/owl#sameAs".to_owned()), [format!("{BASE}REQ-1")]);
        assert_eq!(of(format!("{DCTERMS}modified")), ["2026-01-01T00:00:00Z"]);
        assert_eq!(
            of("http://www.w3.org/1999/02/22-rdf-syntax-ns#type".to_owned()),
            [format!("{RM}Requirement"), format!("{TL}Requirement")]
        );
        assert_eq!(values(&statements, Some(&format!("{requirement}#limit")), &format!("{TL}limit")), ["85"]);
        assert_eq!(answer.header("oslc-core-version"), Some("2.0"));
        // The shape that the resource names describes what it has.
        let shape = fetched(address, path_of(address, &of(format!("{CORE}instanceShape"))[0]));
        let defined = values(&shape, None, &format!("{CORE}propertyDefinition"));
        for property in [format!("{RM}validatedBy"), format!("{TL}constraint"), format!("{DCTERMS}title")] {
            assert!(defined.contains(&property), "{property}: {defined:?}");
        }
        // A resource elsewhere in the vocabulary of its own domain.
        let change = fetched(address, "/oslc/resources/change/1");
        assert_eq!(values(&change, None, "http://open-services.net/ns/cm#status"), ["OPEN"]);
        assert_eq!(values(&change, None, "http://open-services.net/ns/cm#closed"), ["false"]);
        let affected = values(&change, None, "http://open-services.net/ns/cm#affectsRequirement");
        assert_eq!(affected, std::slice::from_ref(requirement));
        let revision = fetched(address, "/oslc/resources/pump/A");
        assert_eq!(values(&revision, None, &format!("{DCTERMS}title")), ["Pump A"]);
    });
}

#[test]
fn a_resource_is_the_same_in_each_notation() {
    world().served(|address| {
        let path = "/oslc/resources/REQ-1";
        let mut expect: Option<Vec<Statement>> = None;
        for (accept, format) in [
            ("text/turtle", Format::Turtle),
            ("application/rdf+xml", Format::RdfXml),
            ("application/ld+json", Format::JsonLd),
        ] {
            let answer = request(address, "GET", path, &[("accept", accept)], b"");
            assert_eq!(answer.header("content-type"), Some(accept));
            let mut statements = read(answer.body.as_bytes(), format, BASE, "answer").expect(accept);
            statements.sort_unstable();
            assert_eq!(*expect.get_or_insert_with(|| statements.clone()), statements, "{accept}");
            let known = [("accept", accept), ("if-none-match", &tag(&answer))];
            assert_eq!(request(address, "GET", path, &known, b"").status, 304);
        }
        let refused = request(address, "GET", path, &[("accept", "image/png")], b"");
        assert_eq!(refused.status, 406);
        assert!(refused.body.contains("application/rdf+xml"), "{}", refused.body);
        for (path, part) in [
            ("/oslc/resources/REQ-9", "no resource <https://test.example/REQ-9>"),
            ("/oslc/resources/temperature", "no resource"),
            ("/oslc/xm", "no service provider"),
            ("/oslc/rm/tests", "no resources at rm/tests"),
            ("/oslc/shapes/Thing", "no shape Thing"),
        ] {
            let answer = get(address, path);
            assert_eq!(answer.status, 404, "{path}: {}", answer.body);
            let error = read(answer.body.as_bytes(), Format::Turtle, BASE, "error").expect("oslc:Error");
            assert_eq!(values(&error, None, &format!("{CORE}statusCode")), ["404"]);
            assert!(values(&error, None, &format!("{CORE}message"))[0].contains(part), "{}", answer.body);
        }
    });
}

#[test]
fn queries_find_what_they_ask_for() {
    world().served(|address| {
        let rm = "/oslc/rm/requirements";
        let check = |path: &str, condition: &str, expect: &[&str]| {
            assert_eq!(found(address, path, &[("oslc.where", condition)]), expect, "{condition}");
        };
        check(rm, r#"dcterms:identifier="REQ-1""#, &["REQ-1"]);
        check(rm, r#"dcterms:title!="Stay cool""#, &["REQ-2"]);
        check(rm, r#"dcterms:identifier in ["REQ-1","REQ-2"] and tl:status="DRAFT""#, &["REQ-2"]);
        check(rm, r#"oslc_rm:decomposes{dcterms:title="Stay cool"}"#, &["REQ-2"]);
        check(rm, r#"oslc_rm:validatedBy{dcterms:title="Heat run"}"#, &["REQ-1"]);
        check(rm, &format!("oslc_rm:satisfiedBy=<http://{address}/oslc/resources/pump/A>"), &["REQ-1"]);
        check(rm, "tl:constraint{tl:limit>84 and tl:limit<=85}", &["REQ-1"]);
        check(rm, "tl:constraint{tl:limit<85}", &[]);
        check(rm, "rdf:type=oslc_rm:Requirement", &["REQ-1", "REQ-2"]);
        check("/oslc/cm/changeRequests", "oslc_cm:closed=false", &["CR-1"]);
        check("/oslc/cm/changeRequests", "oslc_cm:closed=true", &[]);
        check("/oslc/cm/changeRequests", r#"oslc_cm:status="OPEN""#, &["CR-1"]);
        assert_eq!(found(address, rm, &[("oslc.searchTerms", "\"COOL\"")]), ["REQ-1"]);
        let ordered = |order: &str| {
            let path = queried(rm, &[("oslc.orderBy", order), ("oslc.pageSize", "1")]);
            values(&fetched(address, &path), None, &format!("{DCTERMS}identifier"))
        };
        assert_eq!(
            (ordered("+dcterms:title"), ordered("-dcterms:title")),
            (vec!["REQ-1".to_owned()], vec!["REQ-2".to_owned()])
        );
        let select = queried(
            rm,
            &[
                ("oslc.where", "dcterms:identifier=\"REQ-2\""),
                ("oslc.select", "tl:derivedFrom{dcterms:title}"),
            ],
        );
        let selected = fetched(address, &select);
        assert_eq!(values(&selected, None, &format!("{DCTERMS}title")), ["Results", "Stay cool"]);
        assert!(values(&selected, None, &format!("{DCTERMS}identifier")).is_empty());
        let partial =
            queried("/oslc/resources/REQ-1", &[("oslc.properties", "dcterms:title,tl:constraint{tl:limit}")]);
        let partial = fetched(address, &partial);
        assert_eq!(values(&partial, None, &format!("{TL}limit")), ["85"]);
        assert!(values(&partial, None, &format!("{DCTERMS}identifier")).is_empty());
    });
}

#[test]
fn a_query_that_asks_for_nothing_sensible_is_refused_by_name() {
    world().served(|address| {
        for (name, value, part) in [
            (
                "oslc.where",
                "oslc_rm:elaboratedBye=1",
                "http://open-services.net/ns/rm#elaboratedBye is no property of a Requirement",
            ),
            ("oslc.where", "tl:limitt>1", "limitt is no property"),
            ("oslc.where", "dcterms:created>1", "is computed by the service"),
            ("oslc.where", "nope:x=1", "oslc.where, character 5: the prefix nope is not known"),
            ("oslc.where", "dcterms:title", "a comparison"),
            ("oslc.where", "dcterms:title{dcterms:title=1}", "takes no conditions in braces"),
            ("oslc.where", "oslc_rm:validatedBy>1", "no resource"),
            ("oslc.orderBy", "+oslc_rm:validatedBy", "have no order"),
            ("oslc.orderBy", "+tl:wrong", "wrong is no property"),
            ("oslc.pageSize", "0", "whole number from 1"),
            ("oslc.pageSize", "-1", "whole number from 1"),
            ("oslc.paging", "yes", "true or false"),
            ("oslc.searchTerms", "cool", "\"\"\" is expected"),
            ("oslc.wear", "1", "\"oslc.wear\" is no parameter"),
            ("oslc_config.context", "http://other.example/x", "is no configuration of this service"),
            ("after", "nonsense", "cursor"),
        ] {
            let answer = get(address, &queried("/oslc/rm/requirements", &[(name, value)]));
            assert_eq!(answer.status, 400, "{name}={value}: {}", answer.body);
            let error = read(answer.body.as_bytes(), Format::Turtle, BASE, "error").expect("oslc:Error");
            let message = values(&error, None, &format!("{CORE}message"));
            assert!(message[0].contains(part), "{name}={value}: {message:?}");
        }
    });
}

#[test]
fn pages_are_of_one_version_and_of_bounded_size() {
    let world = world();
    world.served(|address| {
        let rm = "/oslc/rm/requirements";
        let first = get(address, &queried(rm, &[("oslc.pageSize", "1")]));
        let statements = document(&first);
        assert_eq!(values(&statements, None, &format!("{CORE}totalCount")), ["2"]);
        let next = values(&statements, None, &format!("{CORE}nextPage"));
        assert!(first.header("link").is_some_and(|link| link.contains("rel=\"next\"")));
        let later = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
            <https://test.example/REQ-1a> a tl:Requirement ; dcterms:identifier "REQ-1a" ."#;
        world.import("late", later).expect("a requirement between the two pages");
        let second = fetched(address, path_of(address, &next[0]));
        assert_eq!(values(&second, None, &format!("{DCTERMS}identifier")), ["REQ-2"]);
        assert!(values(&second, None, &format!("{CORE}nextPage")).is_empty());
        let huge = queried(rm, &[("oslc.pageSize", "99999999999999999999999")]);
        assert_eq!(values(&fetched(address, &huge), None, &format!("{DCTERMS}identifier")).len(), 3);
    });
}

#[test]
fn a_resource_is_created_and_changed_as_one_commit_each() {
    let world = world();
    let depth = world.app.snapshot("main").expect("main").depth();
    world.served(|address| {
        let rm = "/oslc/rm/requirements";
        let body = r#"<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
            xmlns:dcterms="http://purl.org/dc/terms/" xmlns:oslc_rm="http://open-services.net/ns/rm#">
            <oslc_rm:Requirement><dcterms:title rdf:parseType="Literal">Stay &lt;quiet&gt;</dcterms:title>
            <oslc_rm:trackedBy rdf:resource="https://jira.example/PUMP-7"/></oslc_rm:Requirement></rdf:RDF>"#;
        let headers = [("content-type", "application/rdf+xml"), ("accept", "text/turtle")];
        let made = request(address, "POST", rm, &headers, body.as_bytes());
        assert_eq!(made.status, 201, "{}", made.body);
        let location = made.header("location").expect("a location").to_owned();
        let path = path_of(address, &location);
        let answer = get(address, path);
        assert_eq!(tag(&answer), tag(&made));
        let statements = document(&answer);
        assert_eq!(values(&statements, Some(&location), &format!("{DCTERMS}title")), ["Stay <quiet>"]);
        assert_eq!(values(&statements, Some(&location), &format!("{RM}trackedBy")), ["https://jira.example/PUMP-7"]);
        assert_eq!(values(&statements, Some(&location), &format!("{DCTERMS}identifier")).len(), 1);
        // A link in either vocabulary becomes the one link of the thread.
        let linked = answer.body.clone()
            + &format!("\n<{location}> <{RM}elaboratedBy> <http://{address}/oslc/resources/pump/A> ; <{RM}decomposes> <http://{address}/oslc/resources/REQ-1> .");
        let changed = put(address, path, &tag(&answer), &linked);
        assert_eq!(changed.status, 200, "{}", changed.body);
        let statements = document(&changed);
        assert_eq!(values(&statements, Some(&location), &format!("{TL}derivedFrom")).len(), 1);
        let revision = fetched(address, "/oslc/resources/pump/A");
        assert!(values(&revision, None, &format!("{TL}satisfies")).contains(&location));
        // What one client removes in the vocabulary of OSLC is removed.
        let alone = changed.body.lines().filter(|line| !line.contains("decomposes")).collect::<Vec<_>>().join("\n");
        let removed = put(address, path, &tag(&changed), &alone);
        assert_eq!(removed.status, 200, "{}\n{alone}", removed.body);
        assert!(values(&document(&removed), Some(&location), &format!("{TL}derivedFrom")).is_empty(), "{alone}");
        assert_eq!(put(address, path, &tag(&answer), &linked).status, 412);
        assert_eq!(world.app.snapshot("main").expect("main").depth(), depth + 3);
        // Retired, unless something links to it.
        let refused = request(address, "DELETE", path, &[("accept", "text/turtle")], b"");
        assert_eq!(refused.status, 422, "{}", refused.body);
        assert!(refused.body.contains("pump/A"), "{}", refused.body);
        assert_eq!(request(address, "DELETE", "/oslc/resources/test/1", &[("if-match", "\"x-ttl\"")], b"").status, 412);
        assert_eq!(request(address, "DELETE", "/oslc/resources/test/1", &[], b"").status, 204);
        assert_eq!(get(address, "/oslc/resources/test/1").status, 404);
    });
}

#[test]
fn a_client_that_knows_only_oslc_loses_nothing_of_ours() {
    world().served(|address| {
        let path = "/oslc/resources/REQ-1";
        let url = format!("http://{address}{path}");
        let read = get(address, path);
        let body = format!("<{url}> a <{RM}Requirement> ; <{DCTERMS}identifier> \"REQ-1\" ; <{DCTERMS}title> \"Stay cold\" .");
        let changed = put(address, path, &tag(&read), &body);
        assert_eq!(changed.status, 200, "{}", changed.body);
        let (before, after) = (document(&read), document(&changed));
        assert_eq!(values(&after, Some(&url), &format!("{DCTERMS}title")), ["Stay cold"]);
        for property in ["constraint", "status", "limit", "unit"].map(|name| format!("{TL}{name}")) {
            assert_eq!(values(&after, None, &property), values(&before, None, &property), "{property}");
        }
        for property in ["validatedBy", "elaboratedBy", "affectedBy"].map(|name| format!("{RM}{name}")) {
            assert_eq!(values(&after, None, &property), values(&before, None, &property), "{property}");
        }
        // One that knows only ours leaves the other vocabulary to the service.
        let ours = format!("@prefix tl: <{TL}> . @prefix unit: <http://qudt.org/vocab/unit/> .
            <{url}> a tl:Requirement ; <{DCTERMS}identifier> \"REQ-1\" ; tl:status \"RELEASED\" ; tl:constraint <{url}#limit> .
            <{url}#limit> a tl:Constraint ; tl:property <http://{address}/oslc/resources/temperature> ; tl:statistic \"MAX\" ;
            tl:comparator \"LE\" ; tl:limit 80 ; tl:unit unit:DEG_C ; tl:scope \"EACH_UNIT\" ; tl:kind \"LIMIT\" .");
        let last = put(address, path, &tag(&changed), &ours);
        assert_eq!(last.status, 200, "{}", last.body);
        let last = document(&last);
        assert_eq!(values(&last, None, &format!("{TL}limit")), ["80"]);
        assert_eq!(values(&last, None, &format!("{RM}validatedBy")).len(), 1);
        assert_eq!(values(&last, Some(&url), &format!("{DCTERMS}title")), ["REQ-1"], "the title was left out");
    });
}

#[test]
fn bad_changes_are_refused_with_their_reason() {
    world().served(|address| {
        let path = "/oslc/resources/change/1";
        let url = format!("http://{address}{path}");
        let read = get(address, path);
        let refused = |body: &str, status: u16, part: &str| {
            let answer = put(address, path, &tag(&read), body);
            assert_eq!(answer.status, status, "{body}: {}", answer.body);
            assert!(answer.body.contains(part), "{body}: {}", answer.body);
        };
        refused("<> a <urn:x", 400, "the document:1:");
        refused(&format!("<{url}> <{DCTERMS}title> \"x\" ."), 400, "neither the type");
        refused(&(read.body.clone() + "<urn:other> <urn:p> 1 ."), 400, "describes urn:other");
        let forged = |property: &str, from: &str, to: &str| {
            read.body.replace(&format!("{property} \"{from}\""), &format!("{property} \"{to}\""))
        };
        refused(&forged("oslc_cm:status", "OPEN", "APPROVED"), 422, "decideChange");
        refused(&forged("tl:state", "OPEN", "APPROVED"), 422, "decideChange");
        refused(&(read.body.clone() + &format!("<{url}> <{TL}decidedBy> \"Eve\" .")), 422, "decideChange");
        refused(
            &(read.body.clone() + &format!("<{url}> <http://open-services.net/ns/cm#closed> true .")),
            400,
            "follows from the state",
        );
        refused(
            &(read.body.clone() + &format!("<{url}> <{DCTERMS}created> \"2001-01-01T00:00:00Z\" .")),
            400,
            "created is computed by the service",
        );
        refused(&(read.body.clone() + &format!("<{url}> <{TL}affects> <http://{address}/oslc/resources/REQ-9> .")), 422, "REQ-9");
        let requirement = get(address, "/oslc/resources/REQ-1");
        let dangling = requirement.body.clone()
            + &format!("<http://{address}/oslc/resources/REQ-1> <{RM}validatedBy> <http://{address}/oslc/resources/test/9> .");
        let answer = put(address, "/oslc/resources/REQ-1", &tag(&requirement), &dangling);
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains("test/9> is not here"), "{}", answer.body);
        let headers = [("content-type", "text/turtle")];
        assert_eq!(request(address, "PUT", path, &headers, read.body.as_bytes()).status, 400);
        let wrong = [("content-type", "text/csv"), ("if-match", "*")];
        assert_eq!(request(address, "PUT", path, &wrong, b"a,b").status, 415);
        let charset = [("content-type", "text/turtle; charset=latin1"), ("if-match", "*")];
        assert_eq!(request(address, "PUT", path, &charset, b"").status, 415);
        let patch = request(address, "PATCH", path, &headers, b"");
        assert_eq!((patch.status, patch.header("allow")), (405, Some("GET,HEAD,PUT,DELETE")), "{}", patch.body);
        assert!(patch.body.contains("statusCode") && patch.body.contains("PATCH is not answered"), "{}", patch.body);
        // Nobody makes a finding but the service.
        let finding = format!("[] a <http://open-services.net/ns/cm#Defect> ; <{TL}state> \"ACCEPTED\" .");
        let answer = request(address, "POST", "/oslc/cm/findings", &headers, finding.as_bytes());
        assert_eq!(answer.status, 400, "{}", answer.body);
        assert!(answer.body.contains("only recordEvidence"), "{}", answer.body);
        let forged = format!("[] a <http://open-services.net/ns/cm#ChangeRequest> ; <{DCTERMS}identifier> \"CR-2\" ; <http://open-services.net/ns/cm#status> \"APPROVED\" .");
        let answer = request(address, "POST", "/oslc/cm/changeRequests", &headers, forged.as_bytes());
        assert_eq!(answer.status, 422, "{}", answer.body);
        let honest = format!("<> a <http://open-services.net/ns/cm#ChangeRequest> ; <{DCTERMS}identifier> \"CR-2\" .");
        let answer = request(address, "POST", "/oslc/cm/changeRequests", &headers, honest.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(values(&document(&answer), None, "http://open-services.net/ns/cm#status"), ["OPEN"]);
        for (two, part) in [
            (format!("<urn:a> a <{RM}Requirement> . <urn:b> a <{RM}Requirement> ."), "describes urn:a and urn:b"),
            (String::new(), "states nothing"),
        ] {
            let answer = request(address, "POST", "/oslc/rm/requirements", &headers, two.as_bytes());
            assert_eq!(answer.status, 400, "{two}: {}", answer.body);
            assert!(answer.body.contains(part), "{}", answer.body);
        }
    });
}

#[test]
fn a_configuration_picks_the_version() {
    let world = world();
    world.data(
        r#"mutation { tag(input: { name: "PDR", at: "main", message: "PDR" }) { tag { name } errors { message } } createBranch(input: { name: "review/cool", at: "main" }) { branch { name } errors { message } } }"#,
        serde_json::json!({}),
    );
    world.served(|address| {
        let component = fetched(address, "/oslc/configurations/component");
        let listed = values(&component, None, "http://open-services.net/ns/config#configurations");
        let all = fetched(address, path_of(address, &listed[0]));
        let contained = values(&all, None, "http://www.w3.org/ns/ldp#contains");
        let stream = format!("http://{address}/oslc/configurations/streams/review%2Fcool");
        let baseline = format!("http://{address}/oslc/configurations/baselines/PDR");
        assert!(contained.contains(&stream) && contained.contains(&baseline), "{contained:?}");
        for (path, kind) in [(&stream, "Stream"), (&baseline, "Baseline")] {
            let types = values(
                &fetched(address, path_of(address, path)),
                None,
                "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
            );
            assert!(types.contains(&format!("http://open-services.net/ns/config#{kind}")), "{types:?}");
        }
        let config = |name: &str| format!("http://open-services.net/ns/config#{name}");
        let described = fetched(address, path_of(address, &baseline));
        let main = format!("http://{address}/oslc/configurations/streams/main");
        assert_eq!(
            values(&described, Some(&baseline), &config("baselineOfStream")),
            std::slice::from_ref(&main)
        );
        let streams = values(&described, Some(&baseline), &config("streams"));
        let streams = values(
            &fetched(address, path_of(address, &streams[0])),
            None,
            "http://www.w3.org/ns/ldp#contains",
        );
        assert_eq!(streams, [main, stream.clone()]);
        let described = fetched(address, path_of(address, &stream));
        assert_eq!(
            values(&described, Some(&stream), &config("previousBaseline")),
            std::slice::from_ref(&baseline)
        );
        let baselines = values(&described, Some(&stream), &config("baselines"));
        let baselines = values(
            &fetched(address, path_of(address, &baselines[0])),
            None,
            "http://www.w3.org/ns/ldp#contains",
        );
        assert_eq!(baselines, std::slice::from_ref(&baseline));
        // Baselines and streams are made where they are listed.
        let make = |path: &str, title: &str| {
            let body = format!("<> <{DCTERMS}title> \"{title}\" .");
            request(
                address,
                "POST",
                path,
                &[("content-type", "text/turtle"), ("accept", "text/turtle")],
                body.as_bytes(),
            )
        };
        let made = make("/oslc/configurations/baselines?stream=main", "CDR");
        assert_eq!(made.status, 201, "{}", made.body);
        let cdr = format!("http://{address}/oslc/configurations/baselines/CDR");
        assert_eq!(made.header("location"), Some(cdr.as_str()));
        let made = make("/oslc/configurations/streams?baseline=CDR", "review/two");
        assert_eq!(made.status, 201, "{}", made.body);
        let two = values(&document(&made), None, &config("previousBaseline"));
        assert!(two == [cdr] || two == [baseline.clone()], "{two:?}");
        assert_eq!(make("/oslc/configurations/baselines?stream=main", "CDR").status, 409);
        assert_eq!(make("/oslc/configurations/baselines?stream=none", "X").status, 404);
        assert_eq!(make("/oslc/configurations/streams", "../x").status, 400);
        let nameless =
            request(address, "POST", "/oslc/configurations/streams", &[("content-type", "text/turtle")], b"");
        assert_eq!(nameless.status, 400);
        // A change on the stream is seen there, and nowhere else.
        let path = "/oslc/resources/REQ-1";
        let read = get(address, path);
        let changed = read.body.replace("Stay cool", "Stay cooler");
        let headers =
            [("content-type", "text/turtle"), ("if-match", &tag(&read)), ("configuration-context", &stream)];
        let answer = request(address, "PUT", path, &headers, changed.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let title = |headers: &[(&str, &str)], path: &str| {
            let headers = [&[("accept", "text/turtle")], headers].concat();
            values(&document(&request(address, "GET", path, &headers, b"")), None, &format!("{DCTERMS}title"))
        };
        assert!(answer.header("vary").is_some_and(|names| names.contains("configuration-context")));
        assert_eq!(title(&[("configuration-context", &stream)], path), ["Stay cooler"]);
        assert_eq!(
            title(&[], &queried(path, &[("oslc_config.context", &format!("<{stream}>"))])),
            ["Stay cooler"]
        );
        assert_eq!(title(&[("configuration-context", &baseline)], path), ["Stay cool"]);
        assert_eq!(title(&[], path), ["Stay cool"]);
        let page = [("configuration-context", baseline.as_str()), ("accept", "text/html")];
        let page = request(address, "GET", path, &page, b"");
        assert_eq!(page.header("location"), Some("/pages/requirement?id=REQ-1&at=PDR"));
        // A baseline never changes.
        let headers =
            [("content-type", "text/turtle"), ("if-match", "*"), ("configuration-context", &baseline)];
        assert_eq!(request(address, "PUT", path, &headers, changed.as_bytes()).status, 409);
        let both = [("configuration-context", stream.as_str()), ("accept", "text/turtle")];
        assert_eq!(
            request(address, "GET", &queried(path, &[("oslc_config.context", &baseline)]), &both, b"").status,
            400
        );
        let absent = format!("http://{address}/oslc/configurations/streams/none");
        assert_eq!(
            request(address, "GET", path, &[("configuration-context", absent.as_str())], b"").status,
            400
        );
        assert_eq!(get(address, "/oslc/configurations/streams/none").status, 404);
    });
}

/// An event of a change log: its order, its name, its kind and what it is about.
type Event = (u64, String, String, String);

/// Reads a whole tracked resource set as a client does: the members of the base, the cutoff event, and all events with their order.
fn tracked(address: SocketAddr) -> (Vec<String>, String, Vec<Event>) {
    const TRS: &str = "http://open-services.net/ns/core/trs#";
    let set = fetched(address, "/oslc/trs");
    let base = values(&set, None, &format!("{TRS}base"));
    let (mut members, mut cutoff) = (Vec::new(), None);
    let first = get(address, path_of(address, &base[0]));
    assert_eq!(first.status, 303);
    let mut next = first.header("location").map(str::to_owned);
    while let Some(page) = next {
        let answer = get(address, path_of(address, &page));
        let statements = document(&answer);
        members.extend(values(&statements, None, "http://www.w3.org/ns/ldp#member"));
        cutoff.get_or_insert(values(&statements, None, &format!("{TRS}cutoffEvent"))[0].clone());
        assert!(answer.headers("link").any(|link| link == "<http://www.w3.org/ns/ldp#Page>; rel=\"type\""));
        let link =
            answer.headers("link").find_map(|link| link.strip_suffix(">; rel=\"next\"")?.strip_prefix('<'));
        next = link.map(str::to_owned);
    }
    let mut events = Vec::new();
    let mut segment = set;
    loop {
        for event in values(&segment, None, &format!("{TRS}change")) {
            let order = values(&segment, Some(&event), &format!("{TRS}order"))[0].parse().expect("a number");
            let changed = values(&segment, Some(&event), &format!("{TRS}changed"))[0].clone();
            let types = values(&segment, Some(&event), "http://www.w3.org/1999/02/22-rdf-syntax-ns#type");
            events.push((order, types[0].trim_start_matches(TRS).to_owned(), changed, event));
        }
        let previous = values(&segment, None, &format!("{TRS}previous"));
        let Some(previous) = previous.first() else { break };
        segment = fetched(address, path_of(address, previous));
    }
    events.sort_unstable();
    (members, cutoff.expect("a cutoff event"), events)
}

#[test]
fn the_change_log_and_the_base_come_to_the_same() {
    let world = world();
    world.served(|address| {
        let (mut members, cutoff, events) = tracked(address);
        members.sort_unstable();
        let url = |name: &str| format!("http://{address}/oslc/resources/{name}");
        assert_eq!(members, ["REQ-1", "REQ-2", "change/1", "pump", "pump/A", "test/1"].map(url));
        assert_eq!(events.last().expect("events").3, cutoff);
        // What changes afterwards is after the cutoff.
        let read = get(address, "/oslc/resources/REQ-2");
        let changed =
            put(address, "/oslc/resources/REQ-2", &tag(&read), &read.body.replace("Stay dry", "Stay drier"));
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(request(address, "DELETE", "/oslc/resources/test/1", &[], b"").status, 204);
        let (_, _, later) = tracked(address);
        let new: Vec<_> = later[events.len()..]
            .iter()
            .map(|(_, kind, changed, _)| (kind.as_str(), changed.clone()))
            .collect();
        assert_eq!(later[..events.len()], events[..]);
        // The requirement that the test case verified is described in another way without it.
        assert_eq!(
            new,
            [("Modification", url("REQ-2")), ("Deletion", url("test/1")), ("Modification", url("REQ-1"))]
        );
        let orders: std::collections::BTreeSet<u64> = later.iter().map(|(order, ..)| *order).collect();
        assert_eq!(orders.len(), later.len(), "each order is unique");
        // The events alone lead to the members.
        let mut known = std::collections::BTreeSet::new();
        for (_, kind, changed, _) in &later {
            if kind == "Deletion" {
                known.remove(changed)
            } else {
                known.insert(changed.clone())
            };
        }
        let (mut members, ..) = tracked(address);
        members.sort_unstable();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), members);
    });
}

#[test]
fn the_log_is_the_same_on_a_rebuilt_index_and_in_segments() {
    let world = World::new();
    let many: String = (0..1_203)
        .map(|at| {
            format!("<https://test.example/R{at}> a <{TL}Requirement> ; <{DCTERMS}identifier> \"R{at}\" .\n")
        })
        .collect();
    world.import("many", &many).expect("many requirements");
    // The address of the service is part of the answers, the port is not.
    let shown = |world: &World| {
        world.served(|address| {
            let (members, cutoff, events) = tracked(address);
            assert_eq!((members.len(), events.len()), (1_203, 1_203));
            let plain = |url: String| url.replace(&address.to_string(), "");
            let events: Vec<_> = events
                .into_iter()
                .map(|(order, kind, url, event)| (order, kind, plain(url), event))
                .collect();
            (members.into_iter().map(plain).collect::<Vec<_>>(), cutoff, events)
        })
    };
    let before = shown(&world);
    world.app.repository().reindex().expect("a new index");
    assert!(before == shown(&world), "the log differs after the index was made anew");
}

#[test]
fn previews_and_dialogs_are_pages_for_the_frames_that_are_named() {
    let world = World::new();
    let folder = tempfile::tempdir().expect("a folder");
    drop(world);
    let app = App::init(folder.path(), &[], BASE, crate::world::clock()).expect("a thread");
    drop(app);
    std::fs::write(folder.path().join("throughline.toml"), "[server]\nframes = [\"https://alm.example\"]\n")
        .expect("settings");
    let app = App::open(folder.path(), crate::world::clock()).expect("the thread");
    let world = World::of(folder, app);
    world.import("plm", PUMP).expect("the pump");
    let hostile = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
        <https://test.example/REQ-X> a tl:Requirement ; dcterms:identifier "REQ-X" ; dcterms:title "<script>alert(1)</script>" ."#;
    world.import("hostile", hostile).expect("a title with markup");
    world.served(|address| {
        let compact = request(
            address,
            "GET",
            "/oslc/resources/REQ-X",
            &[("accept", "application/x-oslc-compact+xml")],
            b"",
        );
        assert_eq!(compact.header("content-type"), Some("application/x-oslc-compact+xml"));
        let read = read(compact.body.as_bytes(), Format::RdfXml, BASE, "compact").expect("RDF/XML");
        assert_eq!(values(&read, None, &format!("{DCTERMS}title")), ["<script>alert(1)</script>"]);
        let pages = values(&read, None, &format!("{CORE}document"));
        assert_eq!(pages.len(), 2);
        let preferred = "return=representation; include=\"http://open-services.net/ns/core#PreferCompact\"";
        let preferred = [("accept", "application/json"), ("prefer", preferred)];
        let compact = request(address, "GET", "/oslc/resources/REQ-X", &preferred, b"");
        assert_eq!(compact.header("preference-applied"), Some("return=representation"));
        let compact = compact.json();
        assert_eq!(
            (&compact["title"], &compact["shortTitle"]),
            (&"<script>alert(1)</script>".into(), &"REQ-X".into())
        );
        let documents = ["smallPreview", "largePreview"].map(|size| &compact[size]["document"]);
        assert!(documents.iter().all(|page| pages.iter().any(|own| *page == own)), "{compact:#}");
        let framed =
            [("sec-fetch-dest", "iframe"), ("sec-fetch-site", "cross-site"), ("accept", "text/html")];
        for page in &pages {
            let page = request(address, "GET", path_of(address, page), &framed, b"");
            assert_eq!(page.status, 200, "{}", page.body);
            let policy = page.header("content-security-policy").expect("a policy");
            assert!(
                policy.contains("frame-ancestors 'self' https://alm.example")
                    && policy.contains("default-src 'none'")
            );
            assert!(
                page.body.contains("&lt;script&gt;alert(1)") && !page.body.contains("<script>alert"),
                "{}",
                page.body
            );
        }
        let select = request(address, "GET", "/oslc/dialogs/select/rm/requirements?q=cool", &framed, b"");
        let url = format!("http://{address}/oslc/resources/REQ-1");
        assert!(
            select.body.contains(&format!("value=\"{url}\"")) && !select.body.contains("REQ-X"),
            "{}",
            select.body
        );
        // Other pages are not for frames, and the form is for its own page.
        assert_eq!(request(address, "GET", "/oslc/catalog", &framed, b"").status, 403);
        let form = request(address, "GET", "/oslc/dialogs/create/rm/requirements", &framed, b"");
        let token = form
            .body
            .split("name=\"token\" value=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .expect("a token");
        let sent = format!("token={token}&title=Stay+clean&identifier=REQ-3");
        let foreign =
            [("origin", "https://alm.example"), ("content-type", "application/x-www-form-urlencoded")];
        assert_eq!(
            request(address, "POST", "/oslc/dialogs/create/rm/requirements", &foreign, sent.as_bytes())
                .status,
            403
        );
        let origin = format!("http://{address}");
        let own = [
            ("origin", origin.as_str()),
            ("sec-fetch-site", "same-origin"),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        let stale = request(
            address,
            "POST",
            "/oslc/dialogs/create/rm/requirements",
            &own,
            b"token=x&title=Stay+clean",
        );
        assert!(stale.body.contains("send it again") && stale.body.contains("Stay clean"), "{}", stale.body);
        let made = request(address, "POST", "/oslc/dialogs/create/rm/requirements", &own, sent.as_bytes());
        assert_eq!(made.status, 200, "{}", made.body);
        let href = made.body.split("href=\"").nth(2).and_then(|rest| rest.split('"').next()).expect("a link");
        let title = values(&fetched(address, path_of(address, href)), Some(href), &format!("{DCTERMS}title"));
        assert_eq!(title, ["Stay clean"]);
        assert_eq!(get(address, "/oslc/dialogs/create/cm/findings").status, 404);
        // A browser that follows a link to a resource is led to its page.
        let page =
            request(address, "GET", "/oslc/resources/REQ-1", &[("accept", "text/html,*/*;q=0.1")], b"");
        assert_eq!((page.status, page.header("location")), (303, Some("/pages/requirement?id=REQ-1")));
    });
}

#[test]
fn roles_apply_as_everywhere() {
    let world = world();
    let reader = access::token(&world, 1, &access::new("ria", Role::Reader));
    let sender = access::token(&world, 2, &access::new("telegraf", Role::TelemetryWriter));
    world.served(|address| {
        let path = "/oslc/resources/REQ-1";
        assert_eq!(request(address, "GET", path, &[("accept", "text/turtle")], b"").status, 401);
        let bearer = access::bearer(&reader);
        let read =
            request(address, "GET", path, &[("authorization", &bearer), ("accept", "text/turtle")], b"");
        assert_eq!(read.status, 200, "{}", read.body);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/turtle"),
            ("if-match", "*"),
            ("accept", "text/turtle"),
        ];
        let refused = request(address, "PUT", path, &headers, read.body.as_bytes());
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(refused.body.contains("may not commit changes"), "{}", refused.body);
        assert_eq!(request(address, "DELETE", path, &[("authorization", &bearer)], b"").status, 403);
        let sender = access::bearer(&sender);
        assert_eq!(request(address, "GET", "/oslc/catalog", &[("authorization", &sender)], b"").status, 403);
    });
}

fn python() -> String {
    std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

#[test]
fn a_consumer_of_another_make_finds_links_and_follows() {
    if !is_there(&python(), &["-c", "import requests, rdflib"]) {
        return;
    }
    world().served(|address| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/exchange/oslc_consumer.py");
        let output =
            Command::new(python()).arg(script).arg(format!("http://{address}")).output().expect("python");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    });
}
