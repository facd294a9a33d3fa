//! Cohorts compared, and revisions that cure what was found, on a real repository and a real telemetry store.

use super::*;
use crate::model::number::quantity::Transform;
use crate::statistics::difference::Resampling;
use crate::telemetry::Comparator;
use crate::twins::{Condition, TwinFilter};

/// Two revisions of a fan with eight units each, one signal each, and a requirement on revision A alone.
fn world(unit_of_b: &str) -> World {
    let mut story = format!(
        "<heat> a tl:Property ; dcterms:title \"Heat\" ; tl:quantityKind quantitykind:Temperature .
        <yaw> a tl:Property ; dcterms:title \"Yaw\" ; tl:quantityKind tl:Direction .
        <fan> a tl:Part ; dcterms:identifier \"FAN\" .
        <fan/A> a tl:DesignRevision ; tl:revisionOf <fan> ; tl:revision \"A\" ; tl:signal <fan/A#t> ; tl:satisfies <req> .
        <fan/B> a tl:DesignRevision ; tl:revisionOf <fan> ; tl:revision \"B\" ; tl:signal <fan/B#t> .
        <fan/A#t> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:expectedPeriod \"PT10M\"^^xsd:duration .
        <fan/B#t> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:{unit_of_b} ; tl:expectedPeriod \"PT10M\"^^xsd:duration .
        <lot/a> a tl:Build ; dcterms:identifier \"LA\" ; tl:realizes <fan/A> .
        <lot/b> a tl:Build ; dcterms:identifier \"LB\" ; tl:realizes <fan/B> .
        <req> a tl:Requirement ; dcterms:identifier \"REQ-1\" ; tl:constraint <req#limit> .
        <req#limit> a tl:Constraint ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:statistic \"MAX\" ; tl:comparator \"LE\" ; tl:limit 64.0 .
        "
    );
    for (revision, number) in ["a", "b"].into_iter().flat_map(|revision| (1..=8).map(move |n| (revision, n)))
    {
        let site = if number % 2 == 0 { "north" } else { "south" };
        story.push_str(&format!(
            "<{revision}{number}> a tl:TwinInstance ; dcterms:identifier \"{revision}{number}\" ; tl:part <fan> ;
            tl:builtBy <lot/{revision}> ; tl:level \"ASSET\" ; tl:site \"{site}\" ; tl:commissionedAt @2024-01-01 .\n"
        ));
    }
    World::new(&story)
}

/// Sends two days of January, and two of February that are half a degree cooler: units 1 to 8 from `from` on.
fn send(world: &World, revision: &str, from: f64) {
    for number in 1..=8 {
        let (key, value) = (format!("m,twin={revision}{number} t"), from + f64::from(number));
        world.send(&key, "2024-01-10", "2024-01-12", value);
        world.send(&key, "2024-02-10", "2024-02-12", value - 0.5);
    }
}

fn warm() -> World {
    let world = world("DEG_C");
    send(&world, "a", 60.0);
    send(&world, "b", 55.0);
    world
}

fn january(item: &str) -> Cohort {
    Cohort::new(iri(item), span("2024-01-10", "2024-01-12"))
}

fn question(left: Cohort, right: Cohort) -> ComparisonQuestion {
    ComparisonQuestion::new(iri("heat"), left, right)
}

fn ask(world: &World, question: &ComparisonQuestion) -> Comparison {
    compare(&world.snapshot(), &world.view(), question).expect("a comparison")
}

fn near(found: Option<f64>, expect: f64) -> bool {
    found.is_some_and(|found| (found - expect).abs() < 1e-9)
}

#[test]
fn the_difference_is_that_of_the_means_over_units() {
    let world = warm();
    let found = ask(&world, &question(january("fan/A"), january("fan/B")));
    assert!(
        near(found.left.mean(), 64.5) && near(found.right.median(), 59.5) && near(found.difference, -5.0)
    );
    assert_eq!((found.left.counted_units(), found.right.units.len(), found.paired_units), (8, 8, 0));
    assert_eq!((found.left.account.observed_hours, found.resolution), (8.0 * 48.0, 0.0));
    let interval = found.interval.expect("an interval");
    assert!(interval.low < -5.0 && -5.0 < interval.high && interval.high < -2.0, "{interval:?}");
    assert!(found.verdict == ComparisonVerdict::Lower && interval.share_below_zero > 0.999, "{interval:?}");
    // The spread of 1 to 8 is √6, with 14 degrees of freedom; six of 64 pairs lie the other way or alike.
    assert!(near(found.hedges_g, -5.0 / 6.0_f64.sqrt() * (1.0 - 3.0 / 55.0)), "{:?}", found.hedges_g);
    assert!(near(found.cliffs_delta, -(58.0 - 3.0) / 64.0), "{:?}", found.cliffs_delta);
    let swapped = ask(&world, &question(january("fan/B"), january("fan/A")));
    let other = swapped.interval.expect("an interval");
    assert!(
        near(swapped.difference, 5.0)
            && near(Some(-other.high), interval.low)
            && near(Some(-other.low), interval.high)
    );
    assert_eq!(swapped.verdict, ComparisonVerdict::Higher);
    assert_eq!(
        ask(&world, &question(january("fan/A"), january("fan/B"))),
        found,
        "the same question, the same bits"
    );
}

#[test]
fn a_difference_converts_without_offset() {
    let world = world("DEG_F");
    send(&world, "a", 60.0);
    for number in 1..=8 {
        // 55 °C and a degree more for each unit.
        world.send(
            &format!("m,twin=b{number} t"),
            "2024-01-10",
            "2024-01-12",
            131.0 + 1.8 * f64::from(number),
        );
    }
    let check = |unit: Option<&str>, shown: &str, mean: f64, difference: f64| {
        let unit = unit.map(|name| {
            oxigraph::model::NamedNode::new_unchecked(format!("http://qudt.org/vocab/unit/{name}"))
        });
        let found = ask(&world, &ComparisonQuestion { unit, ..question(january("fan/A"), january("fan/B")) });
        assert!(
            found.compared.unit.as_ref().is_some_and(|unit| unit.as_str().ends_with(shown)),
            "{:?}",
            found.compared
        );
        let close =
            |value: Option<f64>, expect: f64| value.is_some_and(|value| (value - expect).abs() < 1e-6);
        assert!(
            close(found.left.mean(), mean) && close(found.difference, difference),
            "{shown}: {:?}",
            found.difference
        );
    };
    // Each side is bound in a unit of its own.
    check(None, "DEG_C", 64.5, -5.0);
    check(Some("K"), "/K", 337.65, -5.0);
    check(Some("DEG_F"), "DEG_F", 148.1, -9.0);
}

#[test]
fn a_unit_is_compared_with_itself_before_and_after() {
    let world = warm();
    let february = Cohort::new(iri("fan"), span("2024-02-10", "2024-02-12"));
    let found = ask(&world, &question(january("fan"), february));
    let interval = found.interval.expect("an interval");
    assert_eq!((found.paired_units, found.verdict), (16, ComparisonVerdict::Lower));
    assert!(near(Some(interval.low), -0.5) && near(Some(interval.high), -0.5), "{interval:?}");
}

#[test]
fn a_percentile_of_few_values_is_exact() {
    let world = warm();
    let february = Cohort::new(iri("fan"), span("2024-02-10", "2024-02-12"));
    let check = |statistic, verdict| {
        let asked = ComparisonQuestion { statistic, ..question(january("fan"), february.clone()) };
        let found = ask(&world, &asked);
        assert_eq!(found.verdict, verdict, "{statistic}: {:?} ± {}", found.interval, found.resolution);
        found.resolution
    };
    assert_eq!(check(Statistic::Max, ComparisonVerdict::Lower), 0.0);
    assert_eq!(check(Statistic::Percentile(95), ComparisonVerdict::Lower), 0.0);
    let apart = ComparisonQuestion {
        statistic: Statistic::Percentile(95),
        ..question(january("fan/A"), january("fan/B"))
    };
    assert_eq!(ask(&world, &apart).verdict, ComparisonVerdict::Lower);
}

#[test]
fn too_few_units_are_unknown_with_their_count() {
    let world = warm();
    let among = |serials: &[&str]| Cohort {
        among: TwinFilter {
            serials: serials.iter().map(|serial| (*serial).to_owned()).collect(),
            ..TwinFilter::default()
        },
        ..january("fan/B")
    };
    let found = ask(&world, &question(january("fan/A"), among(&["b1", "b2", "b3", "b4"])));
    assert_eq!(
        (found.verdict, found.interval, found.hedges_g, found.cliffs_delta),
        (ComparisonVerdict::Unknown, None, None, None)
    );
    assert!(near(found.difference, -7.0), "what was observed is reported: {:?}", found.difference);
    let (left, right) = found.shortfalls;
    assert_eq!((left, right.map(|short| (short.counted, short.units))), (None, Some((4, 4))));
    assert!(right.is_some_and(|short| short.to_string().starts_with("4 of 4 units")), "{right:?}");
    let five = question(january("fan/A"), among(&["b1", "b2", "b3", "b4", "b5"]));
    assert_eq!(ask(&world, &five).verdict, ComparisonVerdict::Lower);
    let sufficiency = Sufficiency { units_min: 6, ..Sufficiency::default() };
    assert_eq!(ask(&world, &ComparisonQuestion { sufficiency, ..five }).verdict, ComparisonVerdict::Unknown);
    // Two days out of ten are too little of each.
    let long = Cohort::new(iri("fan/B"), span("2024-01-04", "2024-01-14"));
    let found = ask(&world, &question(january("fan/A"), long));
    assert_eq!(
        (found.verdict, found.right.counted_units(), found.right.units.len()),
        (ComparisonVerdict::Unknown, 0, 8)
    );
    assert_eq!(found.difference, None);
    let nobody = ask(&world, &question(january("fan/A"), among(&["nobody"])));
    assert_eq!((nobody.verdict, nobody.right.units.len()), (ComparisonVerdict::Unknown, 0));
}

#[test]
fn units_that_are_too_few_to_show_anything_are_unknown() {
    let world = warm();
    let among = |item: &str, serials: &[&str], window| Cohort {
        among: TwinFilter {
            serials: serials.iter().map(|serial| (*serial).to_owned()).collect(),
            ..TwinFilter::default()
        },
        ..Cohort::new(iri(item), window)
    };
    let (january, february) = (span("2024-01-10", "2024-01-12"), span("2024-02-10", "2024-02-12"));
    let check = |left: &[&str], right: &[&str], units_min: usize, expect: Option<f64>| {
        let sufficiency = Sufficiency { units_min, ..Sufficiency::default() };
        let asked = question(among("fan", left, january), among("fan", right, february));
        let found = ask(&world, &ComparisonQuestion { sufficiency, ..asked });
        assert_eq!(found.too_few_units.map(|too_few| too_few.arrangements), expect);
        assert_eq!(found.interval.is_none(), expect.is_some());
        assert_eq!(found.shortfalls, (None, None));
    };
    let units = ["a1", "a2", "a3", "a4", "a5", "a6", "a7"];
    check(&units[..3], &["b1", "b2", "b3", "b4"], 3, Some(35.0));
    check(&units[..4], &["b1", "b2", "b3", "b4"], 4, None);
    // Five of seven stay: 32 ways to exchange their values.
    check(&units, &units[..5], 5, Some(32.0));
    check(&units[..5], &units[..5], 5, None);
}

#[test]
fn the_effect_on_units_before_and_after_is_that_on_each() {
    let world = world("DEG_C");
    for number in 1..=8 {
        let (key, value) = (format!("m,twin=a{number} t"), 60.0 + 5.0 * f64::from(number));
        world.send(&key, "2024-01-10", "2024-01-12", value);
        // One degree less for odd numbers, two for even ones: a deviation of √(2 ∕ 7).
        world.send(&key, "2024-02-10", "2024-02-12", value - f64::from(2 - number % 2));
    }
    let february = Cohort::new(iri("fan/A"), span("2024-02-10", "2024-02-12"));
    let found = ask(&world, &question(january("fan/A"), february));
    assert_eq!((found.paired_units, found.verdict), (8, ComparisonVerdict::Lower));
    let expect = -1.5 / (2.0_f64 / 7.0).sqrt() * (1.0 - 3.0 / 27.0);
    assert!(near(found.hedges_g, expect), "{:?} {expect}", found.hedges_g);
}

#[test]
fn conditions_and_transforms_hold_on_both_sides() {
    let world = world("DEG_C");
    for (revision, sign) in [("a", 1.0), ("b", -1.0)] {
        for number in 1..=8 {
            let key = format!("m,twin={revision}{number} t");
            world
                .send_each(&key, "2024-01-10", "2024-01-12", |n| sign * if n % 2 == 0 { 10.0 } else { 20.0 });
        }
    }
    let asked =
        ComparisonQuestion { transform: Transform::Abs, ..question(january("fan/A"), january("fan/B")) };
    let found = ask(&world, &asked);
    assert_eq!((found.difference, found.verdict), (Some(0.0), ComparisonVerdict::NoDifference));
    let warm = Condition { property: iri("heat"), comparator: Comparator::Gt(15.0), unit: None };
    let found = ask(&world, &ComparisonQuestion { conditions: vec![warm], ..asked });
    assert_eq!((found.left.mean(), found.left.account.observed_hours), (Some(20.0), 8.0 * 24.0));
    // None of the right is ever above 15.
    assert_eq!((found.right.mean(), found.verdict), (None, ComparisonVerdict::Unknown));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let world = warm();
    let check = |question: &ComparisonQuestion, expect: &str| {
        let error = compare(&world.snapshot(), &world.view(), question).expect_err("refused").to_string();
        assert!(error.contains(expect), "{error}");
    };
    let at = |sites: &[&str]| Cohort {
        among: TwinFilter {
            sites: sites.iter().map(|site| (*site).to_owned()).collect(),
            ..TwinFilter::default()
        },
        ..january("fan/A")
    };
    check(&question(january("fan/A"), january("fan/A")), "is compared with itself");
    check(&question(at(&["north", "south"]), at(&["south", "north"])), "is compared with itself");
    check(&ComparisonQuestion::new(iri("yaw"), january("fan/A"), january("fan/B")), "so it has no mean");
    let statistic = Statistic::Max;
    check(
        &ComparisonQuestion {
            statistic,
            ..ComparisonQuestion::new(iri("yaw"), january("fan/A"), january("fan/B"))
        },
        "so it has no mean maximum over units",
    );
    check(&question(january("fan/A"), january("lot/nobody")), "is no Part");
    let resampling = Resampling { confidence: 1.5, ..Resampling::default() };
    check(&ComparisonQuestion { resampling, ..question(january("fan/A"), january("fan/B")) }, "confidence");
    assert_eq!(
        ask(&world, &question(at(&["north"]), at(&["south"]))).left.units.len(),
        4,
        "sites are cohorts"
    );
}

#[test]
fn a_fix_is_distinguished_from_a_fault_that_stays() {
    let world = warm();
    let snapshot = world.snapshot();
    let constraint =
        Constraint::read(&snapshot, &iri("req#limit"), Some(&iri("req"))).unwrap().expect("a constraint");
    let check = |before: Cohort, after: Cohort| {
        let how = (Sufficiency::default(), Resampling::default());
        effectiveness(&snapshot, &world.view(), &constraint, (before, after), how.0, how.1)
            .expect("an effectiveness")
    };
    let cure = check(january("fan/A"), january("fan/B"));
    assert_eq!((cure.before.verdict, cure.after.verdict), (Verdict::Violates, Verdict::Conforms));
    assert_eq!((cure.proposal(), cure.is_better()), (Proposal::Close, Some(true)));
    assert!(near(cure.comparison.difference, -5.0) && cure.comparison.compared.statistic == Statistic::Max);
    let shown = cure.demonstration.expect("a demonstration");
    assert_eq!((shown.violators_before, shown.units_before, shown.unit_hours()), (4, 8, 48.0));
    // (1 − ½)⁵ is less than 0.05; 4 in 384 hours are one in 96.
    assert_eq!((shown.units_needed, shown.units_shown, shown.hours_shown), (5.0, 8.0, 384.0));
    assert!(near(Some(shown.hours_needed), -(0.05_f64.ln()) * 96.0) && shown.is_shown());
    let fault = check(january("fan/B"), january("fan/A"));
    assert_eq!((fault.proposal(), fault.is_better()), (Proposal::Reopen, Some(false)));
    let hour = Cohort::new(iri("fan/B"), span("2024-01-10", "2024-01-10T01:00:00Z"));
    let one = Cohort {
        among: TwinFilter { serials: vec!["b1".to_owned()], ..TwinFilter::default() },
        ..hour.clone()
    };
    for (cohort, units, missing) in [(one, 1.0, 239.0), (hour, 8.0, 232.0)] {
        let found = check(january("fan/A"), cohort);
        let shown = found.demonstration.expect("a demonstration");
        assert_eq!((found.after.verdict, found.proposal()), (Verdict::Conforms, Proposal::Wait), "too short");
        assert!(
            near(Some(shown.units_shown), units / 48.0) && near(Some(shown.hours_missing()), missing),
            "{shown:?}"
        );
    }
    let kept = check(january("fan/B"), Cohort::new(iri("fan/B"), span("2024-02-10", "2024-02-12")));
    assert_eq!((kept.demonstration, kept.proposal()), (None, Proposal::Wait), "nothing was broken");
    let early = Cohort::new(iri("fan/B"), span("2024-03-01", "2024-03-02"));
    let early = check(january("fan/A"), early);
    assert_eq!((early.proposal(), early.is_better()), (Proposal::Wait, None));
    let same = effectiveness(
        &snapshot,
        &world.view(),
        &constraint,
        (january("fan/A"), january("fan/A")),
        Sufficiency::default(),
        Resampling::default(),
    );
    assert!(matches!(same, Err(Error::SameCohort(_))), "{same:?}");
}
