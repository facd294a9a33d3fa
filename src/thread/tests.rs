//! Questions on one real version.

use super::*;
use crate::exchange::rdf;
use crate::graph::{CommitRequest, ImportRequest, Repository, Snapshot, rows_read};
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, Term};
use std::sync::Arc;

const STORY: &str = "@prefix tl: <https://w3id.org/throughline#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix unit: <http://qudt.org/vocab/unit/> .
@base <https://example.org/> .
<top> a tl:Requirement ; dcterms:identifier \"REQ-1\" ; adms:identifier <top#doors> .
<top#doors> a adms:Identifier ; skos:notation \"1\" ; adms:schemaAgency \"DOORS\" .
<req> a tl:Requirement ; dcterms:identifier \"1\" ; tl:derivedFrom <top> ; tl:constraint <req#limit> .
<req#limit> a tl:Constraint ; tl:property <heat> ; tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 80 ; tl:unit unit:DEG_C .
<heat> a tl:Property ; dcterms:title \"Heat\" .
<lone> a tl:Requirement ; dcterms:identifier \"REQ-9\" .
<pump> a tl:Part ; dcterms:identifier \"PUMP\" . <wheel> a tl:Part ; dcterms:identifier \"WHEEL\" .
<blade> a tl:Part ; dcterms:identifier \"BLADE\" .
<pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"A\" ; tl:satisfies <req> ; tl:usage <pump/A#w> .
<pump/A#w> a tl:PartUsage ; tl:child <wheel/A> ; tl:position \"wheel\" ; tl:quantity 2 .
<wheel/A> a tl:DesignRevision ; tl:revisionOf <wheel> ; tl:revision \"A\" ; tl:usage <wheel/A#b> .
<wheel/A#b> a tl:PartUsage ; tl:child <blade> ; tl:position \"blade\" ; tl:quantity 7 .
";

fn imported() -> (tempfile::TempDir, Repository, Snapshot) {
    let folder = tempfile::tempdir().expect("a folder");
    let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
    let repository = Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
    let statements = rdf::read(STORY.as_bytes(), rdf::Format::Turtle, "https://example.org/", "story");
    let request = CommitRequest {
        branch: "main".to_owned(),
        message: "Import".to_owned(),
        changes: statements.expect("Turtle").into_iter().map(Change::Add).collect(),
        ..CommitRequest::default()
    };
    repository.commit(&request).expect("a valid story");
    let snapshot = repository.snapshot("main").expect("main");
    (folder, repository, snapshot)
}

fn iri(short: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("https://example.org/{short}"))
}

#[test]
fn answers() {
    let (_folder, _repository, snapshot) = imported();
    lookups(&snapshot);
    bills(&snapshot);
    traces(&snapshot);
    covers(&snapshot);
}

fn lookups(snapshot: &Snapshot) {
    let check = |system: Option<&str>, identifier: &str, expect: &[&str]| {
        let expect: Vec<_> = expect.iter().map(|short| iri(short)).collect();
        assert_eq!(lookup(snapshot, system, identifier).unwrap(), expect, "{system:?} {identifier}");
    };
    check(None, "REQ-1", &["top"]);
    check(None, "1", &["req", "top"]);
    check(Some("DOORS"), "1", &["top"]);
    check(Some("SAP"), "1", &[]);
}

fn bills(snapshot: &Snapshot) {
    let lines = bill_of_materials(snapshot, &iri("pump/A")).unwrap();
    let got: Vec<_> = lines
        .iter()
        .map(|line| (line.depth, line.path.as_str(), line.total, snapshot.shorten(&line.place.child)))
        .collect();
    assert_eq!(got, [(1, "wheel", 2.0, "wheel/A".to_owned()), (2, "wheel/blade", 14.0, "blade".to_owned())]);
}

fn traces(snapshot: &Snapshot) {
    let check = |from: &str, direction: Direction, depth: usize, expect: &[(usize, &str)]| {
        let steps = trace(snapshot, &iri(from), direction, depth).unwrap();
        let got: Vec<_> = steps.iter().map(|step| (step.depth, snapshot.shorten(&step.reached))).collect();
        let expect: Vec<_> = expect.iter().map(|(depth, short)| (*depth, (*short).to_owned())).collect();
        assert_eq!(got, expect, "{from} {direction:?} {depth}");
    };
    check("pump/A", Direction::Forward, 1, &[(1, "pump"), (1, "req"), (1, "wheel/A")]);
    check("req", Direction::Forward, 9, &[(1, "top"), (1, "heat")]);
    check("heat", Direction::Backward, 9, &[(1, "req"), (2, "pump/A")]);
    check("blade", Direction::Backward, 1, &[(1, "wheel/A")]);
    check("wheel", Direction::Both, 2, &[(1, "wheel/A"), (2, "blade"), (2, "pump/A")]);
    check("req#limit", Direction::Both, 1, &[(1, "top"), (1, "heat"), (1, "pump/A")]);
    let steps = trace(snapshot, &iri("heat"), Direction::Backward, 9).unwrap();
    assert_eq!(path(&steps, 1), [0, 1], "by way of the requirement");
    assert_eq!(path(&steps, 0), [0]);
    let reached: Vec<_> =
        impact(snapshot, &iri("top")).unwrap().into_iter().map(|step| step.reached).collect();
    assert_eq!(reached, [iri("req"), iri("pump/A")]);
}

fn covers(snapshot: &Snapshot) {
    let coverage = coverage(snapshot).unwrap();
    let satisfied =
        coverage.iter().find(|found| found.class == "Requirement" && found.field == "satisfiedBy");
    let satisfied = satisfied.expect("the shipped ontology has the way back");
    assert_eq!((satisfied.total, &satisfied.without), (3, &vec![iri("lone"), iri("top")]));
}

#[test]
fn requirements_are_covered_or_not() {
    let (_folder, repository, _) = imported();
    let more = "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@prefix unit: <http://qudt.org/vocab/unit/> . @base <https://example.org/> .
<noise> a tl:Property ; dcterms:title \"Noise\" .
<loud> a tl:Requirement ; dcterms:identifier \"REQ-2\" ; tl:constraint <loud#limit> .
<loud#limit> a tl:Constraint ; tl:property <noise> ; tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 1 ; tl:unit unit:UNITLESS .
<old> a tl:Requirement ; dcterms:identifier \"OLD\" ; tl:status \"OBSOLETE\" . <case> a tl:TestCase ; tl:verifies <top> .
<pump/A> tl:signal <pump/A#s> . <pump/A#s> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_C .";
    let statements = rdf::read(more.as_bytes(), rdf::Format::Turtle, "https://example.org/", "more");
    let request = CommitRequest {
        branch: "main".to_owned(),
        message: "Import more".to_owned(),
        changes: statements.expect("Turtle").into_iter().map(Change::Add).collect(),
        ..CommitRequest::default()
    };
    let commit = repository.commit(&request).expect("a valid story").commit;
    let found = requirement_coverage(&repository.snapshot_at(commit.id).expect("the commit")).unwrap();
    let check = |need: Need, total: usize, without: &[&str]| {
        let coverage = found.iter().find(|found| found.need == need).expect("every need");
        let without: Vec<_> = without.iter().map(|short| iri(short)).collect();
        assert_eq!((coverage.total, &coverage.without), (total, &without), "{need:?}");
    };
    check(Need::Design, 4, &["lone", "loud", "top"]);
    check(Need::Verification, 4, &["lone", "loud", "req"]);
    check(Need::Observation, 2, &["loud"]);
}

#[test]
fn a_link_between_sources_is_compared_with_the_merge_that_brought_it() {
    let (_folder, repository, _) = imported();
    let import = |source: &str, turtle: &str| {
        let prefixes =
            "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
@base <https://example.org/> .";
        let statements = rdf::read(
            format!("{prefixes} {turtle}").as_bytes(),
            rdf::Format::Turtle,
            "https://example.org/",
            source,
        );
        let request = ImportRequest {
            source: source.to_owned(),
            into: "main".to_owned(),
            statements: statements.expect("Turtle"),
            ..ImportRequest::default()
        };
        repository.import(request).expect("a valid source").commit
    };
    let doors = |text: &str| {
        import(
            "doors",
            &format!(
                "<cool> a tl:Requirement ; dcterms:identifier \"REQ-7\" ; dcterms:description \"{text}\" ."
            ),
        )
    };
    doors("cool");
    // The second source has a stub of the requirement, as a tool does that only refers to it.
    let merged = import(
        "plm",
        "<cool> a tl:Requirement ; dcterms:identifier \"REQ-7\" . <pump/B> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"B\" ; tl:satisfies <cool> .",
    );
    let link = Statement::new(iri("pump/B"), tl::SATISFIES, iri("cool"));
    let suspects = || Suspects::new(&repository.snapshot("main").expect("main"));
    assert!(suspects().of(&link).unwrap().is_none(), "nothing has changed");
    doors("cooler");
    let suspect = suspects().of(&link).unwrap().expect("the target has changed");
    let texts = |terms: &[Term]| terms.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(suspect.properties.len(), 1);
    assert_eq!(texts(&suspect.properties[0].removed), ["\"cool\""]);
    assert_eq!(texts(&suspect.properties[0].added), ["\"cooler\""]);
    assert_eq!((suspect.baseline.id, suspect.since.id), (merged.id, merged.parents[1]));
    let all = suspects().all().unwrap();
    assert_eq!(all.into_iter().map(|suspect| suspect.link).collect::<Vec<_>>(), [link]);
}

/// What a suspect link costs is what was rewritten, whatever else is linked in the graph.
#[test]
fn after_a_commit_suspect_links_read_as_many_rows_of_a_large_graph_as_of_a_small_one() {
    let read = |pairs: usize| {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository =
            Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
        let commit = |turtle: &str| {
            let text = format!("{}{turtle}", &STORY[..STORY.find("<top>").expect("the first statement")]);
            let statements = rdf::read(text.as_bytes(), rdf::Format::Turtle, "https://example.org/", "story");
            let request = CommitRequest {
                branch: "main".to_owned(),
                message: "Change".to_owned(),
                changes: statements.expect("Turtle").into_iter().map(Change::Add).collect(),
                ..CommitRequest::default()
            };
            repository.commit(&request).expect("a commit");
        };
        let pair = |n: usize| {
            format!(
                "<req/{n}> a tl:Requirement ; dcterms:identifier \"REQ-{n}\" . <part/{n}> a tl:Part ; dcterms:identifier \"P-{n}\" .
                 <part/{n}/A> a tl:DesignRevision ; tl:revisionOf <part/{n}> ; tl:revision \"A\" ; tl:satisfies <req/{n}> .\n"
            )
        };
        commit(&(0..pairs).map(pair).collect::<String>());
        // What was rewritten is looked for in the whole history once, then in what came since.
        let before = repository.snapshot("main").expect("main");
        assert!(Suspects::new(&before).all().expect("suspects").is_empty());
        commit("<req/3> dcterms:description \"tightened\" .");
        let snapshot = repository.snapshot("main").expect("main");
        let (suspects, rows) = rows_read::during(|| Suspects::new(&snapshot).all().expect("suspects"));
        let links: Vec<_> = suspects.into_iter().map(|suspect| suspect.link).collect();
        assert_eq!(links, [Statement::new(iri("part/3/A"), tl::SATISFIES, iri("req/3"))]);
        rows
    };
    let small = read(20);
    assert!(small > 0);
    assert_eq!(read(400), small);
}
