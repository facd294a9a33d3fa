//! Lives compared, and constraints on them, on a real repository.

use super::*;
use crate::statistics::survival::Family;
use crate::statistics::survival::limits::Quantity;
use crate::twins::{EventsOf, LifeClock, LifeQuestion, LifetimeQuestion, Repair, TwinFilter};

/// The days after which units of revision A fail; those of B do not.
const FAILURES: [&str; 8] = [
    "2024-01-21",
    "2024-01-31",
    "2024-02-06",
    "2024-02-11",
    "2024-02-17",
    "2024-02-22",
    "2024-02-28",
    "2024-03-11",
];

/// Two revisions of a fan with eight units each; `constraints` are those of both.
fn world(failures: usize, constraints: &[&str]) -> World {
    let mut story = "<life> a tl:Property ; dcterms:title \"Life\" ; tl:quantityKind quantitykind:Time .
        <fan> a tl:Part ; dcterms:identifier \"FAN\" .
        <fan/A> a tl:DesignRevision ; tl:revisionOf <fan> ; tl:revision \"A\" ; tl:satisfies <req> .
        <fan/B> a tl:DesignRevision ; tl:revisionOf <fan> ; tl:revision \"B\" ; tl:satisfies <req> .
        <lot/a> a tl:Build ; dcterms:identifier \"LA\" ; tl:realizes <fan/A> .
        <lot/b> a tl:Build ; dcterms:identifier \"LB\" ; tl:realizes <fan/B> .
        <req> a tl:Requirement ; dcterms:identifier \"REQ-1\" .\n"
        .to_owned();
    for (number, constraint) in constraints.iter().enumerate() {
        story.push_str(&format!(
            "<req> tl:constraint <req#{number}> . <req#{number}> a tl:Constraint ; tl:property <life> ; {constraint} .\n"
        ));
    }
    for (revision, number) in ["a", "b"].into_iter().flat_map(|revision| (0..8).map(move |n| (revision, n))) {
        let site = if number % 2 == 0 { "north" } else { "south" };
        story.push_str(&format!(
            "<{revision}{number}> a tl:TwinInstance ; dcterms:identifier \"{revision}{number}\" ; tl:part <fan> ;
            tl:builtBy <lot/{revision}> ; tl:level \"ASSET\" ; tl:site \"{site}\" ; tl:commissionedAt @2024-01-01 .\n"
        ));
        if revision == "a" && number < failures {
            let day = FAILURES[number];
            story.push_str(&format!(
                "<f{number}> a tl:FieldEvent ; tl:on <a{number}> ; tl:kind \"FAILURE\" ; tl:at @{day} .\n"
            ));
        }
    }
    World::new(&story)
}

fn lifetime(item: &str, shape: Option<f64>, to: &str) -> LifetimeQuestion {
    let lives = LifeQuestion {
        item: iri(item),
        window: span("2024-01-01", to),
        group_by: Vec::new(),
        position_depth: None,
        among: TwinFilter::default(),
        modes: Vec::new(),
        events_of: EventsOf::Unit,
        clock: LifeClock::Service,
        repair: Repair::None,
    };
    LifetimeQuestion { lives, family: Family::Weibull, shape, confidence: 0.9 }
}

fn compared(world: &World, shape: Option<f64>) -> LifeComparison {
    let cohort = |item: &str| Cohort::new(iri(item), span("2024-01-01", "2024-04-01"));
    let lifetime = lifetime("fan/A", shape, "2024-04-01");
    let question = LifeComparisonQuestion { left: cohort("fan/A"), right: cohort("fan/B"), lifetime };
    compare_lives(&world.snapshot(), &world.view(), &question).expect("a comparison")
}

#[test]
fn a_revision_without_failures_lives_longer() {
    let found = compared(&world(8, &[]), None);
    assert_eq!((found.verdict, found.shortfall), (LifeVerdict::Longer, None));
    let ratio = found.ratio.expect("a ratio");
    assert!(ratio.low > 1.0 && ratio.high.is_infinite() && ratio.estimate.is_infinite(), "{ratio:?}");
    assert!(found.log_rank.expect("a test").p < 1e-3);
    let shape = found.shape.expect("a shape");
    assert!(shape.low > 1.0 && shape.low < shape.estimate && shape.estimate < shape.high, "{shape:?}");
}

#[test]
fn few_failures_show_nothing_without_an_assumed_shape() {
    let few = world(2, &[]);
    let found = compared(&few, None);
    assert_eq!(found.verdict, LifeVerdict::Unknown);
    let reason = found.shortfall.expect("a reason").to_string();
    assert!(reason.starts_with("2 units failed on both sides together, 5 are enough"), "{reason}");
    let found = compared(&few, Some(2.0));
    assert_eq!((found.verdict, found.shortfall), (LifeVerdict::NoDifference, None));
    let cohort = Cohort::new(iri("fan/A"), span("2024-01-01", "2024-04-01"));
    let lifetime = lifetime("fan/A", None, "2024-04-01");
    let same = LifeComparisonQuestion { left: cohort.clone(), right: cohort, lifetime };
    assert!(matches!(compare_lives(&few.snapshot(), &few.view(), &same), Err(Error::SameCohort(_))));
}

#[test]
fn limits_on_lives_are_judged_by_their_confidence_limit() {
    let b10 = |limit: &str| {
        format!("tl:statistic \"B10\" ; tl:comparator \"GE\" ; tl:limit {limit} ; tl:unit unit:DAY")
    };
    let kept = "tl:statistic \"RELIABILITY\" ; tl:comparator \"GE\" ; tl:limit 60 ; tl:unit unit:PERCENT ; tl:age 240 ; tl:ageUnit unit:HR";
    let assumed = "tl:statistic \"B10\" ; tl:comparator \"GE\" ; tl:limit 40 ; tl:unit unit:DAY ; tl:shape 2";
    let constraints = [&b10("5"), &b10("20"), &b10("60"), kept, assumed];
    let world = world(8, &constraints);
    let window = span("2024-01-01", "2024-04-01");
    let margins =
        |item: &str| margins(&world.snapshot(), &world.view(), &iri(item), window).expect("margins");
    let of_a = margins("fan/A");
    let verdicts: Vec<Verdict> = of_a.iter().map(|margin| margin.verdict).collect();
    use Verdict::{Conforms, Unknown, Violates};
    assert_eq!(verdicts, [Conforms, Unknown, Violates, Conforms, Violates]);
    let b10 = of_a[0].observed.expect("an estimate");
    assert!((15.0..30.0).contains(&b10), "{b10}");
    // What keeps the limit is the lower confidence limit, which lies below the estimate.
    let distance = of_a[0].distance.expect("a distance");
    assert!(distance > 0.0 && distance < b10 - 5.0, "{distance}");
    assert!(of_a[2].distance.expect("a distance") < 0.0);
    let reason = of_a[1].refusal.as_ref().expect("a reason").to_string();
    assert!(reason.starts_with("at 95 % B10 is shown to be above"), "{reason}");
    let share = of_a[3].observed.expect("an estimate");
    assert!((90.0..100.0).contains(&share), "{share}");
    assert_eq!((of_a[0].account.units, of_a[0].account.service_hours > 6_000.0), (8, true));
    // Nothing of B has failed: an assumed shape shows what no fit does.
    let of_b = margins("fan/B");
    assert_eq!(
        of_b.iter().map(|margin| margin.verdict).collect::<Vec<_>>(),
        [Unknown, Unknown, Unknown, Unknown, Conforms]
    );
    let reason = of_b[0].refusal.as_ref().expect("a reason").to_string();
    assert!(reason.starts_with("0 of the units failed, 5 are enough"), "{reason}");
    let question = ComparisonQuestion {
        statistic: Statistic::Life(10),
        ..ComparisonQuestion::new(
            iri("life"),
            Cohort::new(iri("fan/A"), window),
            Cohort::new(iri("fan/B"), window),
        )
    };
    let refused = compare(&world.snapshot(), &world.view(), &question).map(|_| ());
    assert!(matches!(refused, Err(Error::OfLives(_))), "{refused:?}");
}

#[test]
fn a_reliability_needs_an_age_and_is_a_share() {
    let world = world(0, &[]);
    let check = |constraint: &str, expect: &str| {
        let story = format!("<req> tl:constraint <req#r> . <req#r> a tl:Constraint ; tl:property <life> ; tl:statistic \"RELIABILITY\" ;
            tl:comparator \"GE\" ; tl:limit 0.9 ; {constraint} .");
        let error = world.refusal(&story);
        assert!(error.contains(expect), "{error}");
    };
    check("tl:unit unit:UNITLESS", "it needs the age and its unit");
    check("tl:unit unit:HR ; tl:age 100 ; tl:ageUnit unit:HR", "is no unit of a share");
    check("tl:unit unit:UNITLESS ; tl:age 100 ; tl:ageUnit unit:DEG_C", "the property is of the kind");
}

#[test]
fn units_in_service_are_forecast_by_their_age() {
    let world = world(8, &[]);
    // By the middle of February three have failed.
    let found =
        twins::lifetime(&world.snapshot(), &world.view(), &lifetime("fan/A", Some(3.0), "2024-02-10"));
    let found = found.expect("lives");
    assert_eq!((found.total.lives.failures(), found.total.units), (3.0, 8));
    let ahead = found.forecast(&found.total, 20.0 * 24.0).expect("a forecast");
    assert_eq!((ahead.total.units, ahead.sites.len()), (5.0, 2));
    let sites: Vec<(&str, f64)> =
        ahead.sites.iter().map(|(site, of)| (site.as_deref().unwrap_or("-"), of.units)).collect();
    assert_eq!(sites, [("north", 2.0), ("south", 3.0)]);
    let failures = ahead.total.failures;
    // Four of the five did fail in that time.
    assert!(failures.low <= 4.0 && failures.high >= 4.0 && failures.expected > 1.0, "{failures:?}");
    let of_sites: f64 = ahead.sites.iter().map(|(_, of)| of.failures.expected).sum();
    assert!((of_sites - failures.expected).abs() < 1e-9);
    let none = twins::lifetime(&world.snapshot(), &world.view(), &lifetime("fan/B", None, "2024-02-10"))
        .expect("lives");
    assert!(none.forecast(&none.total, 24.0).is_none() && none.total.limits(Quantity::Shape).is_none());
}
