//! What one unit sends.

use super::*;

fn world() -> World {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <p1> tl:signal <p1#heat> .
        <p1#heat> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_F ; tl:position \"bearing\" ;
            tl:validFrom @2024-01-11 ; tl:expectedPeriod \"PT10M\"^^xsd:duration ."
    ));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 50.0);
    world.send("m,twin=P1 t", "2024-01-11", "2024-01-12", 122.0);
    world.send("m,twin=p1 q", "2024-01-10", "2024-01-10T01:00:00Z", 7.0);
    world.send("m,twin=P1 x", "2024-01-10", "2024-01-10T01:00:00Z", 1.0);
    world.send("m,twin=stranger t", "2024-01-10", "2024-01-10T01:00:00Z", 1.0);
    world
}

#[test]
fn the_latest_value_of_each_signal() {
    let world = world();
    let latest = latest(&world.snapshot(), &world.view(), &iri("p1")).unwrap();
    let line = |reading: &Reading| {
        let unit = reading.signal.unit.as_ref().unwrap().as_str().rsplit_once('/').unwrap().1;
        format!("{} {} {unit} {}", reading.signal.name, reading.value, reading.at)
    };
    let lines: Vec<_> = latest.iter().map(line).collect();
    assert_eq!(lines, ["q 7 M3-PER-HR 2024-01-10T00:50:00Z", "t 122 DEG_F 2024-01-11T23:50:00Z"]);
    assert!(matches!(super::latest(&world.snapshot(), &world.view(), &iri("pump")), Err(Error::NotATwin(_))));
}

#[test]
fn samples_and_buckets_of_a_signal() {
    let world = world();
    let (snapshot, view) = (world.snapshot(), world.view());
    let window = span("2024-01-10T12:00:00Z", "2024-01-11T12:00:00Z");
    let check = |name: Option<&str>, expect: &[(&str, usize, bool)]| {
        let traces = telemetry(&snapshot, &view, &iri("p1"), name, window, 70).unwrap();
        let got: Vec<_> =
            traces.iter().map(|trace| (trace.signal.iri.as_str(), trace.samples.len(), trace.more)).collect();
        assert_eq!(got, expect, "{name:?}");
    };
    let (celsius, fahrenheit) = ("https://example.org/pump/A#heat", "https://example.org/p1#heat");
    check(Some("t"), &[(celsius, 70, true), (fahrenheit, 70, true)]);
    check(Some("heat"), &[(celsius, 70, true), (fahrenheit, 70, true)]);
    check(Some("p1#heat"), &[(fahrenheit, 70, true)]);
    let flow = "https://example.org/pump/A#flow";
    check(None, &[(flow, 0, false), (celsius, 70, true), (fahrenheit, 70, true)]);
    let rollups = telemetry_by(&snapshot, &view, &iri("p1"), Some("t"), window, &[window]).unwrap();
    let got: Vec<_> =
        rollups.iter().map(|rollup| (rollup.buckets[0].1.count, rollup.buckets[0].1.max)).collect();
    assert_eq!(got, [(72, Some(50.0)), (72, Some(122.0))]);
}

#[test]
fn series_without_meaning_are_named() {
    let world = world();
    let unbound = unbound_series(&world.snapshot(), &world.view()).unwrap();
    let got: Vec<_> = unbound
        .iter()
        .map(|unbound| (unbound.series.twin.as_str(), unbound.series.field.as_str(), unbound.twin.clone()))
        .collect();
    assert_eq!(got, [("P1", "x", Some(iri("p1"))), ("stranger", "t", None)]);
}
