//! How often units failed, and for which stay each failure counts.

use super::*;

const EVENTS: &str = "
<spall> a tl:FailureMode ; dcterms:identifier \"SPALL\" .
<f1> a tl:FieldEvent ; tl:on <b1> ; tl:kind \"FAILURE\" ; tl:failureMode <spall> ; tl:at @2024-02-02 .
<f2> a tl:FieldEvent ; tl:on <c1> ; tl:kind \"INSPECTION\" ; tl:at @2024-02-05 .
<f3> a tl:FieldEvent ; tl:on <b2> ; tl:kind \"FAILURE\" ; tl:state \"NO_FAULT_FOUND\" ; tl:at @2024-01-10 .
<f4> a tl:FieldEvent ; tl:on <b1> ; tl:kind \"FAILURE\" ; tl:at @2024-02-20 .
<f5> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-01-20 .
<b3> a tl:TwinInstance ; dcterms:identifier \"B3\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
<u1> a tl:Installation ; tl:component <b3> ; tl:parent <p2> ; tl:position \"spare/rear\" ; tl:to @2024-01-20 .
<f6> a tl:FieldEvent ; tl:on <b3> ; tl:kind \"FAILURE\" ; tl:failureMode <spall> ; tl:at @2024-01-20 .
";

fn question(item: &str) -> FailureQuestion {
    FailureQuestion {
        item: iri(item),
        window: span("2024-01-01", "2024-03-02"),
        group_by: Vec::new(),
        position_depth: None,
        zone: Zone::UTC,
        among: TwinFilter::default(),
        modes: Vec::new(),
        events_of: EventsOf::Unit,
        clock: None,
    }
}

/// Returns failures and certain hours, then those that are only possible.
fn figures(failures: &Failures) -> (usize, f64, usize, f64) {
    (failures.events.len(), failures.hours, failures.unknown_events.len(), failures.unknown_hours)
}

fn world() -> World {
    World::new(&format!("{PUMP}{BEARINGS}{EVENTS}"))
}

#[test]
fn only_certain_hours_and_the_failures_in_them_make_the_rate() {
    let world = world();
    let rate = failure_rate(&world.snapshot(), &world.view(), &question("bearing")).unwrap();
    let days = 32.0 + 29.0 + 61.0;
    assert_eq!(figures(&rate.total), (1, days * 24.0, 1, 19.0 * 24.0));
    assert_eq!((rate.total.unit_count, rate.total.rate()), (3, Some(1e6 / (days * 24.0))));
    assert_eq!(rate.total.mean_time(), Some(days * 24.0));
    let line = |failure: &CountedFailure| {
        let place = failure.member.as_ref().map_or("-", |member| member.path.as_str());
        format!("{} {:?} {place}", world.snapshot().shorten(&failure.event), failure.counted)
    };
    let lines: Vec<String> = rate.failures.iter().map(line).collect();
    assert_eq!(lines, ["f6 Unknown spare/rear", "f1 Certain bearing", "f4 Outside -"]);
    let of_c = failure_rate(&world.snapshot(), &world.view(), &question("bearing/C")).unwrap();
    assert_eq!(figures(&of_c.total), (0, 29.0 * 24.0, 0, 0.0));
    assert_eq!(of_c.total.rate(), Some(0.0));
    assert_eq!(of_c.total.mean_time(), None);
}

#[test]
fn failures_of_what_a_unit_sits_in_count_where_asked() {
    let world = world();
    let check = |item: &str, events_of: EventsOf, modes: &[&str], expect: &[&str]| {
        let modes = modes.iter().map(|mode| iri(mode)).collect();
        let question = FailureQuestion { events_of, modes, ..question(item) };
        let rate = failure_rate(&world.snapshot(), &world.view(), &question).unwrap();
        let events: Vec<String> =
            rate.total.events.iter().map(|event| world.snapshot().shorten(event)).collect();
        assert_eq!(events, expect, "{item}");
    };
    check("bearing", EventsOf::Asset, &[], &["f1", "f5"]);
    check("bearing", EventsOf::Asset, &["spall"], &["f1"]);
    // It came in after the pump had failed.
    check("bearing/C", EventsOf::Asset, &[], &[]);
    check("p1", EventsOf::Unit, &[], &["f5"]);
}

#[test]
fn rates_are_grouped_and_filtered() {
    let world = world();
    let groups = |question: &FailureQuestion| -> Vec<(String, usize, f64, f64)> {
        let rate = failure_rate(&world.snapshot(), &world.view(), question).unwrap();
        let group = |group: &FailureGroup| {
            let key: Vec<&str> = group.key.iter().map(|(_, value)| value.as_str()).collect();
            let (events, hours, _, unknown) = figures(&group.failures);
            (key.join(" "), events, hours / 24.0, unknown / 24.0)
        };
        rate.groups.iter().map(group).collect()
    };
    let by = |group_by: &[GroupBy]| FailureQuestion { group_by: group_by.to_vec(), ..question("bearing") };
    let row = |key: &str, events, days, unknown| (key.to_owned(), events, days, unknown);
    assert_eq!(groups(&by(&[GroupBy::Site])), [row("north", 1, 61.0, 0.0), row("south", 0, 61.0, 19.0)]);
    assert_eq!(
        groups(&by(&[GroupBy::Month])),
        [row("2024-01", 0, 62.0, 19.0), row("2024-02", 1, 58.0, 0.0), row("2024-03", 0, 2.0, 0.0)]
    );
    let places = by(&[GroupBy::Position]);
    assert_eq!(groups(&places), [row("bearing", 1, 122.0, 0.0), row("spare/rear", 0, 0.0, 19.0)]);
    let first = FailureQuestion { position_depth: Some(1), ..places };
    assert_eq!(groups(&first), [row("bearing", 1, 122.0, 0.0), row("spare", 0, 0.0, 19.0)]);
    let among = TwinFilter { position: Some("spare".to_owned()), ..TwinFilter::default() };
    let spare = FailureQuestion { among, ..question("bearing") };
    assert_eq!(
        figures(&failure_rate(&world.snapshot(), &world.view(), &spare).unwrap().total),
        (0, 0.0, 1, 19.0 * 24.0)
    );
    let among = TwinFilter { serials: vec!["P2".to_owned()], ..TwinFilter::default() };
    let of_p2 = FailureQuestion { among, ..question("bearing") };
    assert_eq!(
        figures(&failure_rate(&world.snapshot(), &world.view(), &of_p2).unwrap().total),
        (0, 61.0 * 24.0, 1, 19.0 * 24.0)
    );
}

/// Four items of a lot on one unit, that fail once by name and once as the unit.
#[test]
fn items_of_a_lot_live_through_an_hour_each() {
    let world = World::new(&format!(
        "{PUMP}
        <seal> a tl:Part ; dcterms:identifier \"SEAL\" .
        <seal/A> a tl:DesignRevision ; tl:revisionOf <seal> ; tl:revision \"A\" .
        <lot/s> a tl:Build ; dcterms:identifier \"LS\" ; tl:realizes <seal/A> .
        <pump/A> tl:usage <pump/A#seal> , <pump/A#lid> .
        <pump/A#seal> a tl:PartUsage ; tl:child <seal> ; tl:position \"seal\" ; tl:quantity 4 .
        <pump/A#lid> a tl:PartUsage ; tl:child <seal> ; tl:position \"lid\" ; tl:quantity 2 .
        <s1> a tl:Installation ; tl:component <lot/s> ; tl:parent <p1> ; tl:position \"seal\" ; tl:quantity 4 ;
            tl:from @2024-01-01 ; tl:to @2024-01-11 .
        <s2> a tl:Installation ; tl:component <lot/s> ; tl:parent <p1> ; tl:position \"lid\" ; tl:quantity 2 ;
            tl:from @2024-01-01 ; tl:toLatest @2024-01-06 .
        <g1> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:position \"seal\" ; tl:at @2024-01-05 .
        <g2> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-01-06 ."
    ));
    let snapshot = world.snapshot();
    let rate = failure_rate(&snapshot, &world.view(), &question("lot/s")).unwrap();
    assert_eq!(figures(&rate.total), (1, 4.0 * 240.0, 0, 2.0 * 120.0));
    assert_eq!((rate.total.unit_count, rate.failures.len()), (1, 1));
    let asset = FailureQuestion { events_of: EventsOf::Asset, ..question("seal") };
    assert_eq!(failure_rate(&snapshot, &world.view(), &asset).unwrap().total.events.len(), 2);
    // To the carrier both happened.
    let carrier = failure_rate(&snapshot, &world.view(), &question("p1")).unwrap();
    assert_eq!(figures(&carrier.total), (2, 61.0 * 24.0, 0, 0.0));
    let members = population(&snapshot, &iri("lot/s"), None).unwrap().members;
    assert_eq!(members.iter().map(|member| member.quantity).collect::<Vec<_>>(), [2.0, 4.0]);
}

/// Two bearings of which one pump counts its hours; the counter of the other sends nothing.
#[test]
fn a_counter_is_the_clock() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}{EVENTS}
        <run> a tl:Property ; dcterms:title \"Operating hours\" ; tl:quantityKind quantitykind:Time .
        <pump/A> tl:signal <pump/A#run> .
        <pump/A#run> a tl:Signal ; tl:name \"run\" ; tl:property <run> ; tl:unit unit:HR ; tl:kind \"COUNTER\" ;
            tl:expectedPeriod \"PT10M\"^^xsd:duration ."
    ));
    // Half of the time the pump runs; a sensor brings 7 days of it in January.
    world.send_each("m,twin=P1 run", "2024-01-10", "2024-01-17T00:10:00Z", |number| number as f64 / 12.0);
    let clock = |unit: Option<&str>| Clock {
        property: iri("run"),
        unit: unit.map(|unit| NamedNode::new_unchecked(format!("http://qudt.org/vocab/unit/{unit}"))),
    };
    let ask = |clock: Clock| {
        let question = FailureQuestion { clock: Some(clock), ..question("bearing/B") };
        failure_rate(&world.snapshot(), &world.view(), &question).unwrap()
    };
    let rate = ask(clock(None));
    let all = (32.0 + 61.0 + 19.0) * 24.0;
    // That of b1 counts, in whose stay the clock counted; those of b2 and b3 have none.
    assert_eq!(figures(&rate.total), (1, 7.0 * 24.0, 1, all - 7.0 * 24.0));
    assert!((rate.total.exposure - 84.0).abs() < 1e-9, "{}", rate.total.exposure);
    assert!((rate.total.rate().unwrap() - 1e6 / 84.0).abs() < 1e-6);
    assert_eq!(rate.unit.unwrap().as_str(), "http://qudt.org/vocab/unit/HR");
    assert!((ask(clock(Some("MIN"))).total.exposure - 84.0 * 60.0).abs() < 1e-6);
    let gauge =
        FailureQuestion { clock: Some(Clock { property: iri("heat"), unit: None }), ..question("bearing/B") };
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 50.0);
    let refused = failure_rate(&world.snapshot(), &world.view(), &gauge);
    assert!(matches!(refused, Err(Error::Kind { .. })));
}
