//! How much must have been observed: of a window, of a unit, of a fleet of which some report nothing.

use super::*;
use crate::feedback::margin::margins::margins_with;

fn margin_with(world: &World, item: &str, sufficiency: Sufficiency) -> Margin {
    let window = span("2024-01-10", "2024-01-20");
    let mut margins =
        margins_with(&world.snapshot(), &world.view(), &iri(item), window, sufficiency).expect("margins");
    assert_eq!(margins.len(), 1);
    margins.remove(0)
}

#[test]
fn a_window_needs_its_share_and_all_windows_together_the_hours() {
    let check = |statistic: &str, window: &str, to: &str, sufficiency: Sufficiency, verdict: Verdict| {
        let world = world(&format!(
            "tl:statistic \"{statistic}\" ; tl:comparator \"LE\" ; tl:limit 85.0 ; tl:window \"{window}\"^^xsd:duration"
        ));
        // A sample each ten minutes, each speaking for ten; one of seven is hot.
        world.send_each("m,twin=P1 t", "2024-01-10", to, |n| if n % 7 == 3 { 88.0 } else { 60.0 });
        let margin = margin_with(&world, "b1", sufficiency);
        assert_eq!(margin.verdict, verdict, "{statistic} {window} {to}: {:?}", margin.account);
    };
    let sufficiency = Sufficiency::default();
    check("MEAN", "PT10M", "2024-01-20", sufficiency, Verdict::Violates);
    check("MEAN", "PT1H", "2024-01-20", sufficiency, Verdict::Conforms);
    // Less than an hour in all: a mean shows nothing, a maximum does.
    check("MEAN", "PT10M", "2024-01-10T00:50:00Z", sufficiency, Verdict::Unknown);
    check("MAX", "PT10M", "2024-01-10T00:50:00Z", sufficiency, Verdict::Violates);
    check(
        "MEAN",
        "PT10M",
        "2024-01-10T00:50:00Z",
        Sufficiency { hours_min: 0.5, ..sufficiency },
        Verdict::Violates,
    );
    check("MEAN", "PT1H", "2024-01-20", Sufficiency { hours_min: 241.0, ..sufficiency }, Verdict::Unknown);
}

#[test]
fn an_hour_with_a_gap_is_judged_where_its_share_is_covered() {
    let world = world(
        "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 85.0 ; tl:window \"PT1H\"^^xsd:duration",
    );
    for hour in 0..240 {
        let (day, hour) = (10 + hour / 24, hour % 24);
        // Forty minutes of each hour.
        world.send(
            "m,twin=P1 t",
            &format!("2024-01-{day}T{hour:02}:00:00Z"),
            &format!("2024-01-{day}T{hour:02}:40:00Z"),
            60.0,
        );
    }
    let sufficiency = Sufficiency::default();
    assert_eq!(margin_with(&world, "b1", sufficiency).verdict, Verdict::Conforms);
    assert_eq!(
        margin_with(&world, "b1", Sufficiency { share_min: 0.9, ..sufficiency }).verdict,
        Verdict::Unknown
    );
}

/// Heat of 90 °C from midnight to midnight in Paris, on one day; 60 °C else.
fn hot_in_paris(world: &World, pump: &str) {
    let key = format!("m,twin={pump} t");
    world.send(&key, "2024-01-10", "2024-01-12T23:00:00Z", 60.0);
    world.send(&key, "2024-01-12T23:00:00Z", "2024-01-13T23:00:00Z", 90.0);
    world.send(&key, "2024-01-13T23:00:00Z", "2024-01-20", 60.0);
}

#[test]
fn a_day_is_that_of_the_unit() {
    let check = |zones: &str, scope: &str, expect: [Option<f64>; 3]| {
        let world = world(&format!(
            "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 89.0 ; tl:window \"P1D\"^^xsd:duration ; tl:scope \"{scope}\""
        ));
        world.commit(zones);
        hot_in_paris(&world, "P1");
        hot_in_paris(&world, "P2");
        let margin = margin(&world, "bearing/B");
        let units = [margin.units[0].observed, margin.units[1].observed];
        assert_eq!([margin.observed, units[0], units[1]], expect, "{zones} {scope}");
        let verdict = if margin.observed == Some(90.0) { Verdict::Violates } else { Verdict::Conforms };
        assert_eq!(
            (margin.verdict, margin.account.observed_hours, margin.account.units),
            (verdict, 480.0, 2)
        );
    };
    let (paris, utc) = (Some(90.0), Some(88.75));
    check("", "EACH_UNIT", [utc, utc, utc]);
    let both = "<p1> tl:timeZone \"Europe/Paris\" . <p2> tl:timeZone \"Europe/Paris\" .";
    check(both, "EACH_UNIT", [paris, paris, paris]);
    check(both, "FLEET", [paris, paris, paris]);
    // The bearing's own zone goes before that of its pump.
    let one =
        "<p1> tl:timeZone \"Europe/Paris\" . <p2> tl:timeZone \"Europe/Paris\" . <b2> tl:timeZone \"UTC\" .";
    check(one, "EACH_UNIT", [paris, paris, utc]);
    check(one, "FLEET", [utc, paris, utc]);
}

#[test]
fn a_fleet_is_judged_by_the_units_that_report() {
    let check = |window: &str| {
        let world = world(&format!(
            "tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 80.0 ; tl:scope \"FLEET\" {window}"
        ));
        world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 70.0);
        let verdict = |sufficiency: Sufficiency| {
            let margin = margin_with(&world, "bearing/B", sufficiency);
            let account = &margin.account;
            assert_eq!((account.units, account.silent_units, account.silent_hours), (2, 1, 240.0));
            assert_eq!((account.service_hours, account.missing_hours), (480.0, 240.0), "nothing is hidden");
            margin.verdict
        };
        let sufficiency = Sufficiency { share_min: 0.9, ..Sufficiency::default() };
        assert_eq!(verdict(sufficiency), Verdict::Conforms, "the one that reports is covered");
        assert_eq!(verdict(Sufficiency { units_share_min: 0.6, ..sufficiency }), Verdict::Unknown);
    };
    check("");
    check("; tl:window \"PT1H\"^^xsd:duration");
}

#[test]
fn a_unit_that_reports_too_little_is_not_silent() {
    let world = world("tl:statistic \"MEAN\" ; tl:comparator \"LE\" ; tl:limit 80.0 ; tl:scope \"FLEET\"");
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-20", 70.0);
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-11", 70.0);
    let sufficiency = Sufficiency { share_min: 0.9, ..Sufficiency::default() };
    let margin = margin_with(&world, "bearing/B", sufficiency);
    assert_eq!((margin.verdict, margin.account.silent_units), (Verdict::Unknown, 0));
}
