//! Two versions of a small thread, and what their difference means.

use super::*;
use crate::exchange::rdf;
use crate::graph::{Author, ImportRequest, Repository};
use crate::model::time::clock::FixedClock;
use std::sync::Arc;

const COMMON: &str = "@prefix tl: <https://w3id.org/throughline#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix unit: <http://qudt.org/vocab/unit/> .
@prefix quantitykind: <http://qudt.org/vocab/quantitykind/> . @base <https://example.org/> .
<heat> a tl:Property ; dcterms:title \"Heat\" ; tl:quantityKind quantitykind:Temperature .
<rise> a tl:Property ; dcterms:title \"Rise\" ; tl:quantityKind quantitykind:TemperatureDifference .
<REQ> a tl:Requirement ; dcterms:identifier \"REQ\" .
<part> a tl:Part ; dcterms:identifier \"PART\" . <A> a tl:DesignRevision ; tl:revisionOf <part> ; tl:revision \"A\" .
<pump> a tl:TwinInstance ; dcterms:identifier \"P-1\" . <pump2> a tl:TwinInstance ; dcterms:identifier \"P-2\" .
<bearing> a tl:TwinInstance ; dcterms:identifier \"B-1\" . <lot> a tl:Build ; dcterms:identifier \"LOT\" .
";

/// One thread, filled anew for every check.
struct Fixture {
    _folder: tempfile::TempDir,
    repository: Repository,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)));
        let repository =
            Repository::init(folder.path(), &[], "https://example.org/", clock).expect("a thread");
        Self { _folder: folder, repository }
    }

    fn import(&self, turtle: &str) -> Snapshot {
        let text = format!("{COMMON}{turtle}");
        let statements =
            rdf::read(text.as_bytes(), rdf::Format::Turtle, "https://example.org/", "file").expect("Turtle");
        let request = ImportRequest {
            source: "file".to_owned(),
            into: "main".to_owned(),
            message: "Import".to_owned(),
            author: Author::default(),
            statements,
            prune: true,
            ..ImportRequest::default()
        };
        self.repository.import(request).unwrap_or_else(|error| panic!("{turtle}: {error}"));
        self.repository.snapshot("main").expect("main")
    }

    fn check(&self, before: &str, after: &str, expect: &[&str]) {
        let (before, after) = (self.import(before), self.import(after));
        let diff = self.repository.diff(&before, &after, None).expect("a diff");
        let notes = notes(&before, &after, &diff.resources, usize::MAX).expect("notes");
        let found: Vec<String> =
            notes.iter().map(|note| format!("{} {}", note.kind.name(), note.text)).collect();
        assert_eq!(found, expect);
    }
}

fn limit(rest: &str) -> String {
    format!(
        "<R> a tl:Requirement ; dcterms:identifier \"R\" ; tl:constraint <R#limit> . <R#limit> a tl:Constraint ; tl:property <heat> ; {rest} ."
    )
}

#[test]
fn limits_are_compared_by_what_they_allow() {
    let fixture = Fixture::new();
    let check = |before: &str, after: &str, expect: &str| {
        let common = "tl:statistic \"MAX\"; ";
        let before = limit(&format!("{common}{before}"));
        let after = limit(&format!("{common}{after}"));
        fixture.check(&before, &after, &[&format!("LIMIT_{expect}")]);
    };
    let le =
        |limit: &str, unit: &str| format!("tl:comparator \"LE\" ; tl:limit {limit} ; tl:unit unit:{unit}");
    let one = |comparator: &str, limit: &str| {
        format!("tl:comparator \"{comparator}\" ; tl:limit {limit} ; tl:unit unit:DEG_C")
    };
    let between = |low: &str, high: &str| format!("{} ; tl:upperLimit {high}", one("BETWEEN", low));
    check(&le("90", "DEG_C"), &le("85", "DEG_C"), "TIGHTENED R: limit tightened: MAX ≤ 90 °C → MAX ≤ 85 °C");
    check(&le("85", "DEG_C"), &le("90", "DEG_C"), "LOOSENED R: limit loosened: MAX ≤ 85 °C → MAX ≤ 90 °C");
    check(
        &le("85", "DEG_C"),
        &le("185", "DEG_F"),
        "RESTATED R: limit written otherwise, meaning the same: MAX ≤ 85 °C → MAX ≤ 185 °F",
    );
    check(&le("85", "DEG_C"), &le("186", "DEG_F"), "LOOSENED R: limit loosened: MAX ≤ 85 °C → MAX ≤ 186 °F");
    check(&le("85", "DEG_C"), &le("350", "K"), "TIGHTENED R: limit tightened: MAX ≤ 85 °C → MAX ≤ 350 K");
    check(
        &le("0", "DEG_C"),
        &le("273.15", "K"),
        "RESTATED R: limit written otherwise, meaning the same: MAX ≤ 0 °C → MAX ≤ 273.15 K",
    );
    let rise = |rest: &str| limit(&format!("tl:statistic \"MAX\"; {rest}")).replace("<heat>", "<rise>");
    fixture.check(
        &rise(&le("20", "DEG_C")),
        &rise(&le("36", "DEG_F")),
        &["LIMIT_RESTATED R: limit written otherwise, meaning the same: MAX ≤ 20 °C → MAX ≤ 36 °F"],
    );
    check(&one("LE", "85"), &one("LT", "85"), "TIGHTENED R: limit tightened: MAX ≤ 85 °C → MAX < 85 °C");
    check(&one("GE", "10"), &one("GE", "20"), "TIGHTENED R: limit tightened: MAX ≥ 10 °C → MAX ≥ 20 °C");
    check(&one("GT", "10"), &one("GE", "10"), "LOOSENED R: limit loosened: MAX > 10 °C → MAX ≥ 10 °C");
    check(&one("GE", "10"), &one("LE", "10"), "SHIFTED R: limit shifted: MAX ≥ 10 °C → MAX ≤ 10 °C");
    check(
        &one("LE", "85"),
        &between("0", "85"),
        "TIGHTENED R: limit tightened: MAX ≤ 85 °C → MAX from 0 to 85 °C",
    );
    check(
        &between("0", "85"),
        &between("5", "90"),
        "SHIFTED R: limit shifted: MAX from 0 to 85 °C → MAX from 5 to 90 °C",
    );
    check(
        &between("0", "85"),
        &between("-5", "85"),
        "LOOSENED R: limit loosened: MAX from 0 to 85 °C → MAX from -5 to 85 °C",
    );
}

#[test]
fn a_limit_about_something_else_is_not_compared() {
    let fixture = Fixture::new();
    let statistic_limit = |statistic: &str, limit_is: &str| {
        limit(&format!(
            "tl:statistic \"{statistic}\" ; tl:comparator \"LE\" ; tl:limit {limit_is} ; tl:unit unit:DEG_C"
        ))
    };
    let nothing = "<R> a tl:Requirement ; dcterms:identifier \"R\" .";
    fixture.check(
        &statistic_limit("MAX", "85"),
        &statistic_limit("P95", "80"),
        &["LIMIT_REDEFINED R: limit about something else: MAX ≤ 85 °C → P95 ≤ 80 °C"],
    );
    fixture.check(nothing, &statistic_limit("MAX", "85"), &["LIMIT_ADDED R: new limit: MAX ≤ 85 °C"]);
    fixture.check(&statistic_limit("MAX", "85"), nothing, &["LIMIT_REMOVED R: limit removed: MAX ≤ 85 °C"]);
    fixture.check("", &statistic_limit("MAX", "85"), &[]);
    let with_condition = |limit_is: &str| {
        format!(
            "{} <R#limit> tl:condition <R#when> . <R#when> a tl:Condition ; tl:property <heat> ; tl:comparator \"GT\" ; tl:limit {limit_is} ; tl:unit unit:DEG_C .",
            statistic_limit("MAX", "85")
        )
    };
    fixture.check(
        &with_condition("10"),
        &with_condition("20"),
        &["LIMIT_REDEFINED R: limit about something else: > 10 °C → > 20 °C"],
    );
    fixture.check(
        &statistic_limit("MAX", "85"),
        &with_condition("20"),
        &["LIMIT_REDEFINED R: limit about something else: MAX ≤ 85 °C → MAX ≤ 85 °C"],
    );
}

#[test]
fn designs_are_released_superseded_and_renamed() {
    let fixture = Fixture::new();
    let revision =
        |rest: &str| format!("<B> a tl:DesignRevision ; tl:revisionOf <part> ; tl:revision \"B\" {rest} .");
    fixture.check(
        &revision(""),
        &revision("; tl:status \"DRAFT\""),
        &["STATUS_CHANGED B goes from no status to DRAFT"],
    );
    fixture.check(
        "",
        &revision("; tl:status \"APPROVED\" ; tl:satisfies <REQ>"),
        &["REQUIREMENT_SATISFIED B satisfies REQ"],
    );
    fixture.check(
        &revision("; tl:satisfies <REQ>"),
        "",
        &["RETIRED B is retired", "REQUIREMENT_UNSATISFIED B no longer satisfies REQ"],
    );
    let unit = |serial: &str| format!("<x> a tl:TwinInstance ; dcterms:identifier \"{serial}\" .");
    fixture.check(&unit("X-1"), &unit("X-2"), &["RENAMED x is renamed: X-1 → X-2"]);
    fixture.check(
        "<L> a tl:Build ; dcterms:identifier \"L\" .",
        "<L> a tl:Build ; dcterms:identifier \"L\" ; tl:consumed <lot> .",
        &["BUILD_CONSUMED L consumed lot"],
    );
    // Last, as what was released stays.
    fixture.check(
        &revision("; tl:status \"DRAFT\""),
        &revision("; tl:status \"RELEASED\" ; tl:supersedes <A> ; tl:satisfies <REQ>"),
        &[
            "RELEASED B goes from DRAFT to RELEASED",
            "REVISION_SUPERSEDED B supersedes A",
            "REQUIREMENT_SATISFIED B satisfies REQ",
        ],
    );
    fixture.check(
        &revision("; tl:status \"RELEASED\" ; tl:satisfies <REQ>"),
        &revision("; tl:status \"OBSOLETE\""),
        &["OBSOLETED B goes from RELEASED to OBSOLETE", "REQUIREMENT_UNSATISFIED B no longer satisfies REQ"],
    );
}

#[test]
fn signals_come_go_and_change_their_unit() {
    let fixture = Fixture::new();
    let revision =
        |rest: &str| format!("<B> a tl:DesignRevision ; tl:revisionOf <part> ; tl:revision \"B\" {rest} .");
    let signal = |unit: &str| {
        format!(
            "{} <B#s> a tl:Signal ; tl:name \"temp\" ; tl:property <heat> ; tl:unit unit:{unit} .",
            revision("; tl:signal <B#s>")
        )
    };
    fixture.check(&revision(""), &signal("DEG_C"), &["SIGNAL_ADDED B has the new signal temp"]);
    fixture.check(
        &signal("DEG_C"),
        &signal("DEG_F"),
        &["SIGNAL_UNIT_CHANGED B: signal temp is in °F, not in °C"],
    );
    fixture.check(&signal("DEG_C"), &revision(""), &["SIGNAL_REMOVED B no longer has the signal temp"]);
}

#[test]
fn units_are_installed_taken_out_and_installed_again() {
    let fixture = Fixture::new();
    let sits = |name: &str, parent: &str, rest: &str| {
        format!(
            "<{name}> a tl:Installation ; tl:component <bearing> ; tl:parent <{parent}> ; tl:position \"drive-end\" {rest} ."
        )
    };
    let at = |field: &str, day: u8| format!("; tl:{field} \"2025-01-{day:02}T00:00:00Z\"^^xsd:dateTime");
    let first = sits("i1", "pump", &at("from", 1));
    let ended = sits("i1", "pump", &format!("{} {}", at("from", 1), at("to", 5)));
    let second = sits("i2", "pump2", &at("from", 7));
    fixture.check(
        "",
        &first,
        &["UNIT_INSTALLED bearing is installed in pump, drive-end, at 2025-01-01T00:00:00Z"],
    );
    fixture.check(
        &first,
        &ended,
        &["UNIT_REMOVED bearing is taken out of pump, drive-end, at 2025-01-05T00:00:00Z"],
    );
    fixture.check(
        &ended,
        &format!("{ended} {second}"),
        &["UNIT_REINSTALLED bearing is installed again in pump2, drive-end, at 2025-01-07T00:00:00Z"],
    );
    fixture.check(
        &first,
        &format!("{ended} {second}"),
        &[
            "UNIT_REMOVED bearing is taken out of pump, drive-end, at 2025-01-05T00:00:00Z",
            "UNIT_REINSTALLED bearing is installed again in pump2, drive-end, at 2025-01-07T00:00:00Z",
        ],
    );
    fixture.check(
        &first,
        &sits("i1", "pump", &at("from", 2)),
        &["INSTALLATION_CORRECTED i1: the record of the installation is corrected"],
    );
    fixture.check(
        &ended,
        &first,
        &["INSTALLATION_CORRECTED i1: the record of the installation is corrected"],
    );
    fixture.check(&first, "", &["RETIRED i1 is retired"]);
    fixture.check(
        "",
        &format!("<m> a tl:Modification ; tl:of <pump> ; tl:realizes <A> {} .", at("at", 9)),
        &["UNIT_MODIFIED pump is modified to A"],
    );
}
