//! What becomes of resources, one by one; that nothing depends on the order in which they come is tested by `app::read::oslc::pull`.

use super::*;
use crate::exchange::rdf::{Format, read};
use crate::model::statement::IMPORT_NOTES;

const PREFIXES: &str = "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> . \
    @prefix rm: <http://open-services.net/ns/rm#> . @prefix cm: <http://open-services.net/ns/cm#> . \
    @prefix qm: <http://open-services.net/ns/qm#> . @prefix oslc: <http://open-services.net/ns/core#> . @prefix my: <https://my.example/> .";

/// Returns a set with documents, which are given as what each is the address of, its members, and what it states.
fn received(documents: &[(&str, &[&str], &str)]) -> Received {
    let mut received = Received::new("urn:set");
    for (address, members, turtle) in documents {
        members.iter().for_each(|member| received.track(member));
        let text = format!("{PREFIXES} {turtle}");
        let statements = read(text.as_bytes(), Format::Turtle, address, "test").expect("Turtle");
        received.put(address, statements);
    }
    received
}

/// Returns the lines of what is kept of a document, and what was left out; restores what was received from what is kept.
fn kept(received: &Received, ontology: &Ontology, address: &str) -> (Vec<String>, Vec<String>) {
    let short = |text: String| {
        text.replace("https://w3id.org/throughline#", "tl:")
            .replace("http://purl.org/dc/terms/", "dcterms:")
            .replace("http://open-services.net/ns/", "oslc/")
            .replace("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "a")
    };
    let mut derived = derived(received, ontology);
    let all: Vec<Statement> = derived.values().flat_map(|own| own.statements.clone()).collect();
    let all = [all, received.state()].concat();
    assert_eq!(Received::read(&all).as_ref(), Some(received), "{all:#?}");
    let Derived { statements, gaps } = derived.remove(address).expect("the document");
    let kept = statements.iter().filter(|own| !own.subject.as_str().starts_with(IMPORT_NOTES));
    (kept.map(|statement| short(statement.to_string())).collect(), gaps)
}

/// Takes a resource `urn:r` in a set with the requirement `urn:known`: some lines of what is kept, and parts of what is named as left out.
fn check(turtle: &str, expect: &[&str], gaps: &[&str]) {
    check_in(&Ontology::shipped().expect("the ontology"), turtle, expect, gaps);
}

fn check_in(ontology: &Ontology, turtle: &str, expect: &[&str], gaps: &[&str]) {
    let known = r#"<urn:known> a rm:Requirement ; dcterms:identifier "K" ."#;
    let received = received(&[("urn:r", &["urn:r"], turtle), ("urn:known", &["urn:known"], known)]);
    let (lines, left_out) = kept(&received, ontology, "urn:r");
    for line in expect {
        assert!(lines.contains(&(*line).to_owned()), "{turtle}: {line} is not in {lines:#?}");
    }
    let classes = lines.iter().filter(|line| line.contains("<a> <tl:")).count();
    assert_eq!(classes, expect.iter().filter(|line| line.contains("<a> <tl:")).count(), "{lines:#?}");
    assert_eq!(left_out.len(), gaps.len(), "{left_out:#?}");
    for (gap, part) in left_out.iter().zip(gaps) {
        assert!(gap.contains(part), "{gap}");
    }
}

#[test]
fn what_fits_becomes_ours_and_the_rest_stays_or_is_named() {
    check(
        r#"<urn:r> a rm:Requirement ; dcterms:identifier "1" ; rm:decomposes <urn:known> , <urn:other> ; rm:validatedBy <urn:known> , <urn:other> ; oslc:serviceProvider <urn:p> ."#,
        &[
            "<urn:r> <a> <tl:Requirement> .",
            "<urn:r> <tl:derivedFrom> <urn:known> .",
            "<urn:r> <oslc/rm#decomposes> <urn:other> .",
            "<urn:r> <oslc/rm#validatedBy> <urn:other> .",
        ],
        &[],
    );
    check(
        r#"<urn:r> a rm:Requirement ; dcterms:title "no identifier" ."#,
        &["<urn:r> <a> <oslc/rm#Requirement> ."],
        &[],
    );
    check(
        r#"<urn:r> a cm:ChangeRequest ; dcterms:identifier "1" ; cm:status "Open" ."#,
        &["<urn:r> <a> <tl:ChangeRequest> .", "<urn:r> <tl:state> \"OPEN\" ."],
        &[],
    );
    check(
        r#"<urn:r> a cm:ChangeRequest ; dcterms:identifier "1" ; cm:status "In triage" ."#,
        &["<urn:r> <oslc/cm#status> \"In triage\" ."],
        &[],
    );
    check(
        r#"<urn:r> a qm:TestCase ; qm:validatesRequirement <urn:known> , <urn:other> ."#,
        &["<urn:r> <a> <tl:TestCase> .", "<urn:r> <tl:verifies> <urn:known> ."],
        &[],
    );
    check(
        r#"<urn:r> a tl:Requirement ; dcterms:identifier "1" ; tl:constraint <urn:r#c> . <urn:r#c> tl:limit 1 ; tl:property <urn:other> ."#,
        &["<urn:r> <a> <tl:Requirement> ."],
        &["urn:r#c: https://w3id.org/throughline#property"],
    );
    check(
        r#"<urn:r> a cm:Defect ; a tl:Finding ; tl:state "ACCEPTED" ; dcterms:title "x" ."#,
        &["<urn:r> <dcterms:title> \"x\" ."],
        &["no class that is imported", "no class that is imported"],
    );
}

#[test]
fn what_is_left_out_of_a_fragment_is_all_of_it_with_what_it_is_part_of() {
    check(
        r#"<urn:r> a tl:Requirement ; dcterms:identifier "1" ; tl:constraint <urn:r#c> , <urn:r#d> .
            <urn:r#c> tl:limit 1 ; tl:property <urn:known> ; tl:condition <urn:r#c.when> . <urn:r#c.when> tl:property <urn:other> .
            <urn:r#d> tl:limit 2 ; tl:condition <urn:r#d.when> . <urn:r#d.when> tl:limit 3 ."#,
        &[
            "<urn:r> <a> <tl:Requirement> .",
            "<urn:r> <tl:constraint> <urn:r#d> .",
            "<urn:r#d.when> <tl:limit> \"3\"^^<http://www.w3.org/2001/XMLSchema#integer> .",
        ],
        &["the target is of no class", "urn:r#c.when: https://w3id.org/throughline#property"],
    );
    let ontology = Ontology::shipped().expect("the ontology");
    let turtle = r#"<urn:r> a tl:Requirement ; dcterms:identifier "1" ; tl:constraint <urn:r#c> .
        <urn:r#c> tl:limit 1 ; tl:condition <urn:r#c.when> . <urn:r#c.when> tl:property <urn:other> ."#;
    let (lines, gaps) = kept(&received(&[("urn:r", &["urn:r"], turtle)]), &ontology, "urn:r");
    assert!(!lines.iter().any(|line| line.contains("urn:r#")), "{lines:#?}");
    assert!(gaps.iter().any(|gap| gap.starts_with("urn:r#c: ")), "{gaps:#?}");
}

#[test]
fn a_link_is_kept_where_only_the_other_end_states_it() {
    let ontology = Ontology::shipped().expect("the ontology");
    let requirement = r#"<urn:r> a rm:Requirement ; dcterms:identifier "1" ; rm:validatedBy <urn:t> ."#;
    let check = |test: &str, is_kept: bool| {
        let received = received(&[("urn:r", &["urn:r"], requirement), ("urn:t", &["urn:t"], test)]);
        let (lines, gaps) = kept(&received, &ontology, "urn:r");
        let link = "<urn:r> <oslc/rm#validatedBy> <urn:t> .".to_owned();
        assert_eq!((lines.contains(&link), gaps.len()), (is_kept, 0), "{test}: {lines:#?}");
    };
    check("<urn:t> a qm:TestCase .", true);
    check("<urn:t> a qm:TestCase ; qm:validatesRequirement <urn:r> .", false);
    check("<urn:t> a tl:TestCase ; tl:verifies <urn:r> .", false);
}

#[test]
fn fragments_that_are_resources_of_the_set_are_each_one_of_their_own() {
    let ontology = Ontology::shipped().expect("the ontology");
    let document = r#"<> dcterms:title "both" . <#a> a rm:Requirement ; dcterms:identifier "A" ; rm:decomposes <#b> ; my:part [ my:is "of A" ] .
        <#b> a rm:Requirement ; dcterms:identifier "B" ; rm:decomposes <#c> . <#c> a rm:Requirement ; dcterms:identifier "C" ."#;
    let check = |members: &[&str], expect: &[&str], gaps: &[&str]| {
        let address = "http://h/d";
        let (lines, left_out) = kept(&received(&[(address, members, document)]), &ontology, address);
        let lines: Vec<_> = lines.iter().map(|line| line.replace("<http://h/d", "<")).collect();
        for line in expect {
            assert!(lines.contains(&(*line).to_owned()), "{members:?}: {line} is not in {lines:#?}");
        }
        let classes = lines.iter().filter(|line| line.contains("<a> <tl:")).count();
        assert_eq!(classes, expect.iter().filter(|line| line.contains("<a> <tl:")).count(), "{lines:#?}");
        let left_out: Vec<_> = left_out.iter().map(|gap| gap.replace(address, "")).collect();
        assert_eq!(left_out, gaps, "{members:?}");
    };
    let both = ["<#a> <a> <tl:Requirement> .", "<#b> <a> <tl:Requirement> .", "<#a> <tl:derivedFrom> <#b> ."];
    let parts = ["<#a.part> <https://my.example/is> \"of A\" .", "<#b> <oslc/rm#decomposes> <#c> ."];
    let rest = [": what it states of  is left out", ": what it states of #c is left out"];
    check(&["http://h/d#a", "http://h/d#b"], &[&both[..], &parts[..]].concat(), &rest);
    let alone = ["<#b> <a> <tl:Requirement> .", parts[1]];
    check(
        &["http://h/d#b"],
        &alone,
        &[rest[0], ": what it states of #a is left out", ": what it states of #a.part is left out", rest[1]],
    );
    check(
        &["http://h/d", "http://h/d#b"],
        &["<> <dcterms:title> \"both\" .", alone[0], "<#a> <dcterms:identifier> \"A\" ."],
        &[],
    );
    check(
        &["http://h/d#b", "http://h/d#x"],
        &alone,
        &[
            "#x: the set names it, and the document at its address states nothing of it",
            rest[0],
            ": what it states of #a is left out",
            ": what it states of #a.part is left out",
            rest[1],
        ],
    );
}

#[test]
fn classes_of_the_users_own_ontology_are_judged_by_it() {
    let own = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix my: <https://my.example/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        my:Hazard a owl:Class ; rdfs:label "Hazard" ; rdfs:comment "A hazard." .
        my:SafetyRequirement a owl:Class ; rdfs:subClassOf tl:Requirement ; rdfs:label "Safety requirement" ; rdfs:comment "It averts a hazard." .
        my:averts a owl:ObjectProperty ; rdfs:label "averts" ; rdfs:comment "The hazard." .
        my:severity a owl:DatatypeProperty ; rdfs:label "severity" ; rdfs:comment "How bad it is." .
        my:HazardShape a sh:NodeShape ; sh:targetClass my:Hazard ; sh:property [ sh:path my:severity ; sh:datatype xsd:string ; sh:minCount 1 ; sh:maxCount 1 ] .
        my:SafetyShape a sh:NodeShape ; sh:targetClass my:SafetyRequirement ; sh:property [ sh:path my:averts ; sh:class my:Hazard ] ."#;
    let shipped = Ontology::shipped_files().iter().map(|(name, text)| (*name, *text));
    let ontology = Ontology::read(shipped.chain([("own.ttl", own)])).expect("an ontology");
    let requirement = r#"<urn:s> a my:SafetyRequirement , rm:Requirement ; dcterms:identifier "S" ; my:averts <urn:h> , <urn:other> ; rm:decomposes <urn:s2> .
        "#;
    let other = r#"<urn:s2> a my:SafetyRequirement ; dcterms:identifier "S2" ."#;
    let set = |hazard: &str| {
        received(&[
            ("urn:s", &["urn:s"], requirement),
            ("urn:s2", &["urn:s2"], other),
            ("urn:h", &["urn:h"], hazard),
        ])
    };
    let whole = set(r#"<urn:h> a my:Hazard ; my:severity "high" ."#);
    let (lines, gaps) = kept(&whole, &ontology, "urn:s");
    for line in [
        "<urn:s> <a> <https://my.example/SafetyRequirement> .",
        "<urn:s> <https://my.example/averts> <urn:h> .",
        "<urn:s> <tl:derivedFrom> <urn:s2> .",
    ] {
        assert!(lines.contains(&line.to_owned()), "{line} is not in {lines:#?}");
    }
    assert!(
        !lines.iter().any(|line| line.contains("<urn:other>") || line.contains("<a> <tl:")),
        "{lines:#?}"
    );
    assert!(
        gaps.len() == 1
            && gaps[0].contains("https://my.example/averts <urn:other> is left out: the target is not in"),
        "{gaps:#?}"
    );
    // By the ontology that ships, these are properties as any others.
    let (lines, gaps) = kept(&whole, &Ontology::shipped().expect("the ontology"), "urn:s");
    assert!(
        lines.contains(&"<urn:s> <https://my.example/averts> <urn:other> .".to_owned()) && gaps.is_empty(),
        "{lines:#?} {gaps:#?}"
    );
    let incomplete = set("<urn:h> a my:Hazard .");
    let (_, gaps) = kept(&incomplete, &ontology, "urn:h");
    assert!(gaps.len() == 1 && gaps[0].contains("no class that is imported"), "{gaps:#?}");
    let (lines, _) = kept(&incomplete, &ontology, "urn:s");
    assert!(!lines.iter().any(|line| line.contains("averts")), "{lines:#?}");
}
