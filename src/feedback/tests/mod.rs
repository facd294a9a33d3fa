//! Margins and evidence on a real repository and a real telemetry store.

mod comparing;
mod lives;
mod sufficiency;

use super::*;
use crate::graph::CommitRequest;
use crate::model::use_case::UseCase;
use crate::ontology::terms::tl;
use crate::twins;
use crate::twins::tests::{BEARINGS, PUMP, World, iri, span};

/// Revisions B and C satisfy a requirement with one constraint.
fn world(constraint: &str) -> World {
    World::new(&format!(
        "{PUMP}{BEARINGS}
        <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> .
        <bearing/B> tl:satisfies <req> . <bearing/C> tl:satisfies <req> .
        <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ; {constraint} ."
    ))
}

fn margin(world: &World, item: &str) -> Margin {
    let window = span("2024-01-10", "2024-01-20");
    let mut margins = margins(&world.snapshot(), &world.view(), &iri(item), window).expect("margins");
    assert_eq!(margins.len(), 1);
    margins.remove(0)
}

/// Pump 1 runs for ten days; one sample in twenty is hot.
fn warm(world: &World) {
    world.send_each("m,twin=P1 t", "2024-01-10", "2024-01-20", |n| if n % 20 == 0 { 86.0 } else { 84.0 });
}

#[test]
fn verdicts_are_exact_at_the_limit() {
    let (conforms, violates) = (Verdict::Conforms, Verdict::Violates);
    // One sample in twenty is at 86, so that exactly 95 % of the time is at 84.
    let expect = [
        ("P95", "LE", "84.0", conforms, 84.0),
        ("P95", "LE", "83.9", violates, 84.0),
        ("P95", "LT", "84.1", conforms, 84.0),
        ("P95", "GE", "84.1", violates, 84.0),
        ("P99", "LE", "85.5", violates, 86.0),
        ("MAX", "LE", "86.0", conforms, 86.0),
        ("MAX", "LT", "86.0", violates, 86.0),
        ("MEAN", "LE", "84.1", conforms, 84.1),
        ("P50", "BETWEEN", "70.0 ; tl:upperLimit 84.0", conforms, 84.0),
        ("P50", "BETWEEN", "70.0 ; tl:upperLimit 83.0", violates, 84.0),
    ];
    let mut story = format!(
        "{PUMP}{BEARINGS} <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" . <bearing/B> tl:satisfies <req> ."
    );
    for (number, (statistic, comparator, limit, ..)) in expect.iter().enumerate() {
        story.push_str(&format!(
            "<req> tl:constraint <req#{number}> . <req#{number}> a tl:Constraint ; tl:property <heat> ;
            tl:unit unit:DEG_C ; tl:statistic \"{statistic}\" ; tl:comparator \"{comparator}\" ; tl:limit {limit} ."
        ));
    }
    let world = World::new(&story);
    warm(&world);
    let window = span("2024-01-10", "2024-01-20");
    let margins = margins(&world.snapshot(), &world.view(), &iri("b1"), window).expect("margins");
    assert_eq!(margins.len(), expect.len());
    for (margin, (statistic, comparator, limit, verdict, observed)) in margins.iter().zip(expect) {
        assert_eq!(margin.verdict, verdict, "{statistic} {comparator} {limit}");
        let got = margin.observed.expect("something was observed");
        assert!((got - observed).abs() < 0.9, "{statistic} {comparator} {limit}: {got}");
        let distance = margin.distance.expect("a distance");
        assert!(
            distance == 0.0 || (distance > 0.0) == (verdict == conforms),
            "{statistic} {comparator} {limit}: {distance}"
        );
    }
}

#[test]
fn scope_decides_who_must_keep_the_limit() {
    let check = |scope: &str, verdict: Verdict, observed: f64, violators: &[&str]| {
        let world = world(&format!(
            "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 80.0 ; tl:scope \"{scope}\""
        ));
        world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 88.0);
        world.send("m,twin=P2 t", "2024-01-10", "2024-01-20", 68.0);
        let margin = margin(&world, "bearing/B");
        assert_eq!((margin.verdict, margin.observed), (verdict, Some(observed)), "{scope}");
        let serials: Vec<_> = margin.violators().filter_map(|unit| unit.serial.clone()).collect();
        assert_eq!(serials, violators);
        assert_eq!((margin.conforming_units, margin.conforming_hours), (Some(0.5), Some(0.5)));
    };
    check("EACH_UNIT", Verdict::Violates, 88.0, &["B1"]);
    check("FLEET", Verdict::Conforms, 78.0, &["B1"]);
}

/// The property has no quantity kind, so that it is not known when it is written that its limit is in a unit which no value
/// converts into.
#[test]
fn a_limit_in_a_unit_of_something_else_is_refused_alone() {
    let limit = |name: &str, property: &str, unit: &str, more: &str| {
        format!(
            "<req> tl:constraint <req#{name}> . <req#{name}> a tl:Constraint ; tl:property <{property}> ; tl:unit unit:{unit} ;
            tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 80.0 {more} ."
        )
    };
    let world = world("tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 90.0");
    world.commit(
        "<load> a tl:Property ; dcterms:title \"Load\" .
        <p1> tl:signal <p1#load> . <p1#load> a tl:Signal ; tl:name \"load\" ; tl:property <load> ; tl:unit unit:DEG_C ; tl:position \"bearing\" .",
    );
    world.commit(&limit("a-bar", "load", "BAR", ""));
    world.commit(&limit("b-hourly-bar", "load", "BAR", "; tl:window \"PT1H\"^^xsd:duration"));
    world.commit(&limit("c-kelvin", "load", "K", ""));
    world.commit(
        "<sim> a tl:SimulationRun ; dcterms:identifier \"S1\" ; tl:of <bearing/B> ; tl:property <load> ;
        tl:statistic \"MAX\" ; tl:value 2.0 ; tl:unit unit:BAR .",
    );
    warm(&world);
    world.send("m,twin=P1 load", "2024-01-10", "2024-01-20", 85.0);
    let window = span("2024-01-10", "2024-01-20");
    let found = margins(&world.snapshot(), &world.view(), &iri("bearing/B"), window).expect("margins");
    let verdicts: Vec<_> =
        found.iter().map(|m| (m.verdict, m.refusal.as_ref().map(ToString::to_string))).collect();
    let incompatible =
        || Some("°C (temperature, temperature difference) does not convert into bar (pressure)".to_owned());
    assert_eq!(
        verdicts,
        [
            (Verdict::Unknown, incompatible()),
            (Verdict::Unknown, incompatible()),
            (Verdict::Violates, None),
            (Verdict::Conforms, None),
        ]
    );
    // A prediction in bar is kept with the limit in kelvin, without a value.
    let predictions: Vec<_> = found.iter().map(|m| (m.predictions.len(), m.predicted())).collect();
    assert_eq!(predictions, [(1, Some(2.0)), (1, Some(2.0)), (1, None), (0, None)]);
}

#[test]
fn too_little_is_unknown() {
    let world = world("tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 80.0");
    assert_eq!(margin(&world, "bearing/B").verdict, Verdict::Unknown);
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-12", 70.0);
    let found = margin(&world, "bearing/B");
    assert_eq!((found.verdict, found.observed), (Verdict::Unknown, Some(70.0)));
    // One value beyond the limit breaks a maximum, however little was seen.
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-10T02:00:00Z", 81.0);
    assert_eq!(margin(&world, "bearing/B").verdict, Verdict::Violates);
}

#[test]
fn an_hourly_mean_is_judged_hour_by_hour() {
    let check = |limit: f64, verdict: Verdict, observed: f64| {
        let world = world(&format!(
            "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit {limit:.1} ; tl:window \"PT1H\"^^xsd:duration"
        ));
        // One hour in each day is hot.
        world.send_each(
            "m,twin=P1 t",
            "2024-01-10",
            "2024-01-20",
            |n| if n / 6 % 24 == 7 { 86.0 } else { 60.0 },
        );
        let margin = margin(&world, "b1");
        assert_eq!((margin.verdict, margin.observed), (verdict, Some(observed)));
        assert_eq!(margin.account.observed_hours, 240.0);
    };
    check(85.0, Verdict::Violates, 86.0);
    check(86.0, Verdict::Conforms, 86.0);
}

#[test]
fn one_good_window_decides_nothing_about_the_rest() {
    let check = |to: &str, value: f64, verdict: Verdict| {
        let world = world(
            "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 85.0 ; tl:window \"PT1H\"^^xsd:duration",
        );
        world.send("m,twin=P1 t", "2024-01-10", to, value);
        let margin = margin(&world, "b1");
        assert_eq!((margin.verdict, margin.units[0].verdict), (verdict, verdict), "{to} {value}");
        assert_eq!(margin.observed, Some(value));
    };
    check("2024-01-10T02:00:00Z", 60.0, Verdict::Unknown);
    check("2024-01-10T02:00:00Z", 86.0, Verdict::Violates);
    check("2024-01-14", 60.0, Verdict::Unknown);
    check("2024-01-16", 60.0, Verdict::Conforms);
}

#[test]
fn conditions_and_units_of_the_constraint_hold() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> .
        <bearing/B> tl:satisfies <req> .
        <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:K ; tl:statistic \"MAX\" ;
            tl:comparator \"LE\" ; tl:limit 350.0 ; tl:condition <req#running> .
        <req#running> a tl:Condition ; tl:property <flow> ; tl:comparator \"GT\" ; tl:limit 10.0 ; tl:unit unit:M3-PER-HR .
        <sim> a tl:SimulationRun ; tl:of <bearing/B> ; tl:verifies <req> ; tl:property <heat> ; tl:statistic \"MAX\" ;
            tl:value 70.0 ; tl:unit unit:DEG_C ; tl:at @2023-06-01 ."
    ));
    world.send_each("m,twin=P1 t", "2024-01-10", "2024-01-20", |n| if n % 2 == 0 { 90.0 } else { 75.0 });
    world.send_each("m,twin=P1 q", "2024-01-10", "2024-01-20", |n| if n % 2 == 0 { 0.0 } else { 50.0 });
    let margin = margin(&world, "b1");
    assert_eq!(margin.verdict, Verdict::Conforms);
    assert!((margin.observed.unwrap() - 348.15).abs() < 1e-9);
    assert!((margin.distance.unwrap() - 1.85).abs() < 1e-9);
    assert!((margin.distance_percent.unwrap() - 100.0 * 1.85 / 350.0).abs() < 1e-9);
    assert!((margin.predicted().unwrap() - 343.15).abs() < 1e-9);
    assert_eq!((margin.account.observed_hours, margin.account.missing_hours), (120.0, 0.0));
}

/// A bearing overheats under load while the sensor of the load sends nothing.
#[test]
fn a_silent_sensor_of_a_condition_does_not_pass_a_limit() {
    let check = |window: &str, silent_from: &str, expect: Verdict| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS}
            <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> .
            <bearing/B> tl:satisfies <req> .
            <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:statistic \"MEAN\" ;
                tl:comparator \"LE\" ; tl:limit 85.0 ; tl:condition <req#running> {window} .
            <req#running> a tl:Condition ; tl:property <flow> ; tl:comparator \"GT\" ; tl:limit 10.0 ; tl:unit unit:M3-PER-HR ."
        ));
        world.send("m,twin=P1 t", "2024-01-10", silent_from, 80.0);
        world.send("m,twin=P1 t", silent_from, "2024-01-20", 99.0);
        world.send("m,twin=P1 q", "2024-01-10", silent_from, 50.0);
        let margin = margin(&world, "b1");
        assert_eq!((margin.verdict, margin.account.missing_hours), (expect, 0.0), "{window} {silent_from}");
        let undecided = span(silent_from, "2024-01-20").nanos() as f64 / 3.6e12;
        assert!((margin.account.undecided_hours - undecided).abs() < 0.5, "{:?}", margin.account);
    };
    for window in ["", "; tl:window \"P1D\"^^xsd:duration"] {
        check(window, "2024-01-13", Verdict::Unknown);
        check(window, "2024-01-18", Verdict::Conforms);
    }
}

/// Of tests and simulations of a bearing, the latest that applies to the limit is the prediction.
#[test]
fn a_test_predicts_the_limit_that_it_names() {
    let check = |more: &str, expect: Option<f64>| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS}
            <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> .
            <other> a tl:Requirement ; dcterms:identifier \"REQ-13\" .
            <bearing/B> tl:satisfies <req> .
            <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:statistic \"P95\" ;
                tl:comparator \"LE\" ; tl:limit 85.0 ; tl:condition <req#running> .
            <req#running> a tl:Condition ; tl:property <flow> ; tl:comparator \"GT\" ; tl:limit 36.0 ; tl:unit unit:M3-PER-HR .
            <tested> a tl:TestResult ; tl:of <bearing/B> ; tl:property <heat> ; tl:at @2023-06-01 ; {more} ."
        ));
        let (snapshot, constraint) =
            (world.snapshot(), Constraint::of_requirement(&world.snapshot(), &iri("req")));
        let found = predictions(&snapshot, &iri("bearing/B"), &constraint.unwrap()[0]).unwrap();
        let value = found.last().and_then(|prediction| prediction.value);
        assert!(
            matches!((value, expect), (None, None))
                || value.zip(expect).is_some_and(|(value, expect)| (value - expect).abs() < 1e-9),
            "{more}: {value:?}"
        );
        assert!(found.iter().all(|prediction| prediction.source == iri("tested")));
    };
    let p95 = |more: &str| format!("tl:statistic \"P95\" ; {more}");
    let under = |limit: &str| {
        let condition = format!("a tl:Condition ; tl:property <flow> ; {limit}");
        p95(&format!(
            "tl:value 70.0 ; tl:unit unit:DEG_C ; tl:condition <tested#at> . <tested#at> {condition}"
        ))
    };
    check(&p95("tl:value 70.0 ; tl:unit unit:DEG_C"), Some(70.0));
    check(&p95("tl:value 158.0 ; tl:unit unit:DEG_F ; tl:verifies <req>"), Some(70.0));
    check(&p95("tl:value 70.0 ; tl:unit unit:DEG_C ; tl:verifies <other>"), None);
    check(&p95("tl:value 70.0 ; tl:unit unit:DEG_C ; tl:transform \"ABS\""), None);
    check("tl:statistic \"MAX\" ; tl:value 70.0 ; tl:unit unit:DEG_C", None);
    check(&p95("tl:verdict \"PASS\""), None);
    // Under the condition of the constraint, stated in either unit; under another one; under one more.
    check(&under("tl:comparator \"GT\" ; tl:limit 36.0 ; tl:unit unit:M3-PER-HR"), Some(70.0));
    check(&under("tl:comparator \"GT\" ; tl:limit 0.01 ; tl:unit unit:M3-PER-SEC"), Some(70.0));
    check(&under("tl:comparator \"GT\" ; tl:limit 37.0 ; tl:unit unit:M3-PER-HR"), None);
    check(&under("tl:comparator \"GE\" ; tl:limit 36.0 ; tl:unit unit:M3-PER-HR"), None);
    check(
        &format!(
            "{} . <tested> tl:condition <tested#hot> . <tested#hot> a tl:Condition ; tl:property <heat> ; tl:comparator \"GT\" ; tl:limit 9.0 ; tl:unit unit:DEG_C",
            under("tl:comparator \"GT\" ; tl:limit 36.0 ; tl:unit unit:M3-PER-HR")
        ),
        None,
    );
}

#[test]
fn conditions_are_the_same_in_any_unit_of_their_kind() {
    let check = |kind: &str, asked: &str, tested: &str, expect: bool| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS}
            <rise> a tl:Property ; dcterms:title \"rise\" ; tl:quantityKind quantitykind:{kind} .
            <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> .
            <bearing/B> tl:satisfies <req> .
            <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:statistic \"P95\" ;
                tl:comparator \"LE\" ; tl:limit 85.0 ; tl:condition <req#at> .
            <req#at> a tl:Condition ; tl:property <rise> ; tl:comparator \"GT\" ; {asked} .
            <tested> a tl:TestResult ; tl:of <bearing/B> ; tl:property <heat> ; tl:at @2023-06-01 ; tl:statistic \"P95\" ;
                tl:value 70.0 ; tl:unit unit:DEG_C ; tl:condition <tested#at> .
            <tested#at> a tl:Condition ; tl:property <rise> ; tl:comparator \"GT\" ; {tested} ."
        ));
        let constraints = Constraint::of_requirement(&world.snapshot(), &iri("req")).unwrap();
        let found = predictions(&world.snapshot(), &iri("bearing/B"), &constraints[0]).unwrap();
        assert_eq!(!found.is_empty(), expect, "{kind}: {asked}, tested at {tested}");
    };
    let limit = |value: &str, unit: &str| format!("tl:limit {value} ; tl:unit unit:{unit}");
    check("Temperature", &limit("0.0", "DEG_C"), &limit("32.0", "DEG_F"), true);
    check("Temperature", &limit("283.15", "K"), &limit("10.0", "DEG_C"), true);
    check("Temperature", &limit("10.0", "K"), &limit("10.0", "DEG_C"), false);
    check("TemperatureDifference", &limit("10.0", "K"), &limit("10.0", "DEG_C"), true);
    check("TemperatureDifference", &limit("283.15", "K"), &limit("10.0", "DEG_C"), false);
}

#[test]
fn evidence_is_recorded_once_and_forever() {
    let world = world("tl:statistic \"P95\" ; tl:comparator \"LE\" ; tl:limit 83.0");
    warm(&world);
    let window = span("2024-01-10", "2024-01-20");
    let snapshot = world.snapshot();
    let usage = twins::usage(&snapshot, &world.view(), &iri("bearing/B"), &iri("heat"), window).unwrap();
    let evidence = assess(&snapshot, &usage, &iri("req")).unwrap();
    assert_eq!(evidence.records.len(), 1);
    let record = &evidence.records[0];
    world.repository.create_branch("review/bearing", "main").unwrap();
    let request = CommitRequest {
        branch: "review/bearing".to_owned(),
        message: "Record".to_owned(),
        changes: evidence.changes(),
        use_case: Some(UseCase::RecordEvidence),
        ..CommitRequest::default()
    };
    assert!(world.repository.commit(&request).unwrap().changed > 20);
    assert_eq!(world.repository.commit(&request).unwrap().changed, 0);
    let review = world.repository.snapshot("review/bearing").unwrap();
    assert_eq!(review.text(&record.iri, tl::VERDICT).unwrap().as_deref(), Some("VIOLATES"));
    assert_eq!(review.targets(&record.iri, tl::VIOLATOR).unwrap(), [iri("b1")]);
    assert_eq!(review.targets(&record.iri, tl::UNIT_RESULT).unwrap().len(), 2);
    // Later samples and commits leave an answer at the same commit and watermark as it was.
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 20.0);
    world.commit("<more> a tl:Part ; dcterms:identifier \"MORE\" .");
    let then = world.repository.snapshot(&usage.commit.to_string()).unwrap();
    let view = world.store.as_known_at(usage.watermark).unwrap();
    let again = twins::usage(&then, &view, &iri("bearing/B"), &iri("heat"), window).unwrap();
    assert_eq!(assess(&then, &again, &iri("req")).unwrap(), evidence);
    let margins = margins(&then, &view, &iri("bearing/B"), window).unwrap();
    assert_eq!(Evidence::of(&then, margins).unwrap(), evidence);
    let now =
        twins::usage(&world.snapshot(), &world.view(), &iri("bearing/B"), &iri("heat"), window).unwrap();
    assert_ne!(assess(&world.snapshot(), &now, &iri("req")).unwrap().records[0].digest, record.digest);
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let world = world("tl:statistic \"P95\" ; tl:comparator \"LE\" ; tl:limit 83.0");
    let window = span("2024-01-10", "2024-01-20");
    let snapshot = world.snapshot();
    let ask =
        |property: &str| twins::usage(&snapshot, &world.view(), &iri("b1"), &iri(property), window).unwrap();
    let check = |result: Result<Evidence, Error>, expect: &str| {
        let error = result.expect_err("refused").to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(assess(&snapshot, &ask("flow"), &iri("req")), "has no constraint on");
    check(assess(&snapshot, &ask("heat"), &iri("b1")), "is no Requirement");
    let unchecked =
        twins::Question::new(iri("b1"), iri("heat"), window).answer(&snapshot, &world.view()).unwrap();
    check(assess(&snapshot, &unchecked, &iri("req")), "without the check of");
    world.commit("<more> a tl:Part ; dcterms:identifier \"MORE\" .");
    check(assess(&world.snapshot(), &ask("heat"), &iri("req")), "the usage was asked at commit");
}

#[test]
fn every_form_of_a_constraint_is_judged() {
    // Pump 1 swings between -90 and 60, an hour each; pump 2 stays at 40. Flow is on while pump 1 is at 60, and always in pump 2.
    let cases = [
        ("MAX", "ABS", "LE", "80.0", "", Verdict::Violates, 90.0, -10.0),
        ("MAX", "NONE", "LE", "80.0", "", Verdict::Conforms, 60.0, 20.0),
        ("MIN", "NONE", "GE", "-90.0", "", Verdict::Conforms, -90.0, 0.0),
        ("MIN", "NONE", "GT", "-90.0", "", Verdict::Violates, -90.0, 0.0),
        ("MEAN", "NONE", "BETWEEN", "-20.0 ; tl:upperLimit 50.0", "", Verdict::Conforms, -15.0, 5.0),
        ("MEAN", "NONE", "BETWEEN", "-20.0 ; tl:upperLimit 30.0", "", Verdict::Violates, 40.0, -10.0),
        ("MEAN", "NONE", "LE", "50.0", "tl:condition <req#on>", Verdict::Violates, 60.0, -10.0),
        ("MEAN", "NONE", "LE", "50.0", "tl:window \"PT1H\"^^xsd:duration", Verdict::Violates, 60.0, -10.0),
        ("MEAN", "NONE", "GE", "-60.0", "tl:window \"PT2H\"^^xsd:duration", Verdict::Conforms, -15.0, 45.0),
        ("MEAN", "NONE", "LE", "20.0", "tl:scope \"FLEET\"", Verdict::Conforms, 12.5, 7.5),
        (
            "MEAN",
            "NONE",
            "LE",
            "45.0",
            "tl:scope \"FLEET\" ; tl:window \"PT1H\"^^xsd:duration",
            Verdict::Violates,
            50.0,
            -5.0,
        ),
        (
            "MEAN",
            "NONE",
            "LE",
            "50.0",
            "tl:scope \"FLEET\" ; tl:condition <req#on>",
            Verdict::Conforms,
            140.0 / 3.0,
            10.0 / 3.0,
        ),
    ];
    let mut story = format!(
        "{PUMP}{BEARINGS} <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" . <bearing/B> tl:satisfies <req> .
        <req#on> a tl:Condition ; tl:property <flow> ; tl:comparator \"GT\" ; tl:limit 10.0 ; tl:unit unit:M3-PER-HR ."
    );
    for (number, (statistic, transform, comparator, limit, more, ..)) in cases.iter().enumerate() {
        story.push_str(&format!(
            "<req> tl:constraint <req#{number:02}> . <req#{number:02}> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ;
            tl:statistic \"{statistic}\" ; tl:transform \"{transform}\" ; tl:comparator \"{comparator}\" ; tl:limit {limit} {} {more} .",
            if more.is_empty() { "" } else { ";" },
        ));
    }
    let world = World::new(&story);
    let hot = |n: i64| n / 6 % 2 == 0;
    world.send_each("m,twin=P1 t", "2024-01-10", "2024-01-20", |n| if hot(n) { 60.0 } else { -90.0 });
    world.send_each("m,twin=P1 q", "2024-01-10", "2024-01-20", |n| if hot(n) { 50.0 } else { 0.0 });
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-20", 40.0);
    world.send("m,twin=P2 q", "2024-01-10", "2024-01-20", 50.0);
    let window = span("2024-01-10", "2024-01-20");
    let margins = margins(&world.snapshot(), &world.view(), &iri("bearing/B"), window).expect("margins");
    assert_eq!(margins.len(), cases.len());
    for (margin, (statistic, transform, comparator, limit, more, verdict, observed, distance)) in
        margins.iter().zip(cases)
    {
        let form = format!("{statistic} {transform} {comparator} {limit} {more}");
        assert_eq!(margin.verdict, verdict, "{form}");
        let near = |found: Option<f64>, expect: f64| found.is_some_and(|found| (found - expect).abs() < 1e-9);
        assert!(near(margin.observed, observed), "{form}: {:?}", margin.observed);
        assert!(near(margin.distance, distance), "{form}: {:?}", margin.distance);
    }
}

#[test]
fn a_margin_names_its_version_watermark_and_algorithm() {
    let world = world("tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 80.0");
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 76.0);
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-17", 90.0);
    let margin = margin(&world, "bearing/B");
    assert_eq!((margin.sample_count, margin.account.observed_hours), (17 * 144, 17.0 * 24.0));
    assert_eq!((margin.distance, margin.distance_percent), (Some(-10.0), Some(-12.5)));
    assert_eq!((margin.conforming_units, margin.conforming_hours), (Some(0.5), Some(10.0 / 17.0)));
    let worst: Vec<_> = margin
        .worst_units(5)
        .into_iter()
        .map(|unit| (unit.serial.as_deref(), unit.distance, unit.sample_count))
        .collect();
    assert_eq!(worst, [(Some("B2"), Some(-10.0), 7 * 144), (Some("B1"), Some(4.0), 1440)]);
    assert_eq!(margin.worst_units(1).len(), 1);
}

#[test]
fn a_limit_in_fahrenheit_holds_for_a_sensor_in_celsius() {
    let story = |limit: f64| {
        format!(
            "{PUMP}{BEARINGS} <req> a tl:Requirement ; dcterms:identifier \"REQ-12\" ; tl:constraint <req#limit> . <bearing/B> tl:satisfies <req> .
            <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_F ; tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit {limit:.1} ."
        )
    };
    let check = |limit: f64, verdict: Verdict, distance: f64| {
        let world = World::new(&story(limit));
        world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 85.0);
        let margin = margin(&world, "b1");
        assert_eq!(margin.verdict, verdict, "{limit}");
        assert!(
            (margin.observed.unwrap() - 185.0).abs() < 1e-9
                && (margin.distance.unwrap() - distance).abs() < 1e-9,
            "{margin:?}"
        );
    };
    check(186.0, Verdict::Conforms, 1.0);
    check(184.0, Verdict::Violates, -1.0);
}

#[test]
fn the_required_observation_is_a_setting() {
    let world = world("tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 80.0");
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-14", 70.0);
    let check = |sufficiency: Sufficiency, verdict: Verdict| {
        let window = span("2024-01-10", "2024-01-20");
        let margins = margins_with(&world.snapshot(), &world.view(), &iri("bearing/B"), window, sufficiency)
            .expect("margins");
        assert_eq!(margins[0].verdict, verdict, "{sufficiency:?}");
    };
    let sufficiency = Sufficiency::default();
    check(sufficiency, Verdict::Unknown);
    check(Sufficiency { share_min: 0.4, ..sufficiency }, Verdict::Conforms);
    check(Sufficiency { share_min: 0.4, hours_min: 97.0, ..sufficiency }, Verdict::Unknown);
    check(Sufficiency { share_min: 0.4, units_share_min: 0.6, ..sufficiency }, Verdict::Unknown);
}
