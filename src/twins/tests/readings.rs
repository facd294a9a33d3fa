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
    let latest = latest_of_each(&world.snapshot(), &world.view(), &[iri("p1")]).unwrap().remove(0);
    let line = |reading: &Reading| {
        let unit = reading.signal.unit.as_ref().unwrap().as_str().rsplit_once('/').unwrap().1;
        format!("{} {} {unit} {}", reading.signal.name, reading.value, reading.at)
    };
    let lines: Vec<_> = latest.iter().map(line).collect();
    assert_eq!(lines, ["q 7 M3-PER-HR 2024-01-10T00:50:00Z", "t 122 DEG_F 2024-01-11T23:50:00Z"]);
    let of_a_part = latest_of_each(&world.snapshot(), &world.view(), &[iri("pump")]);
    assert!(matches!(of_a_part, Err(Error::NotATwin(_))));
}

#[test]
fn samples_and_buckets_of_a_signal() {
    let world = world();
    let (snapshot, view) = (world.snapshot(), world.view());
    let window = span("2024-01-10T12:00:00Z", "2024-01-11T12:00:00Z");
    let named = |name: Option<&str>| {
        let mut channels = channels(&snapshot, &view, &iri("p1"), window).unwrap();
        channels.retain(|channel| name.is_none_or(|name| channel.is_named(&snapshot, name)));
        channels
    };
    let check = |name: Option<&str>, expect: &[(&str, usize, bool)]| {
        let traces = traces(&view, named(name), 70).unwrap();
        let got: Vec<_> = traces
            .iter()
            .map(|trace| (trace.channel.signal.iri.as_str(), trace.samples.len(), trace.more))
            .collect();
        assert_eq!(got, expect, "{name:?}");
    };
    let (celsius, fahrenheit) = ("https://example.org/pump/A#heat", "https://example.org/p1#heat");
    check(Some("t"), &[(celsius, 70, true), (fahrenheit, 70, true)]);
    check(Some("heat"), &[(celsius, 70, true), (fahrenheit, 70, true)]);
    check(Some("p1#heat"), &[(fahrenheit, 70, true)]);
    let flow = "https://example.org/pump/A#flow";
    check(None, &[(flow, 0, false), (celsius, 70, true), (fahrenheit, 70, true)]);
    let rollups = rollups(&view, named(Some("t")), &[window]).unwrap();
    let got: Vec<_> =
        rollups.iter().map(|rollup| (rollup.buckets[0].1.count, rollup.buckets[0].1.max)).collect();
    assert_eq!(got, [(72, Some(50.0)), (72, Some(122.0))]);
}

/// Returns the series that count nowhere, each with its twin, why, and the signals that it fits.
fn unbound(world: &World) -> Vec<String> {
    let snapshot = world.snapshot();
    let line = |unbound: UnboundSeries| {
        let twin = unbound.twin.map_or("-".to_owned(), |twin| snapshot.shorten(&twin));
        let signals: Vec<_> = unbound.signals.iter().map(|signal| snapshot.shorten(signal)).collect();
        let series = unbound.series;
        let tags: Vec<_> = series.tags.values().map(String::as_str).collect();
        format!(
            "{} {} {} = {twin} {:?} {signals:?}",
            series.twin,
            series.field,
            tags.concat(),
            unbound.reason
        )
    };
    unbound_series(&snapshot, &world.view()).unwrap().into_iter().map(line).collect()
}

#[test]
fn series_without_meaning_are_named() {
    assert_eq!(unbound(&world()), ["P1 x  = p1 NoSignal []", "stranger t  = - NoTwin []"]);
}

#[test]
fn ambiguous_series_are_named() {
    let world = World::new(&format!(
        "{PUMP}
        <p2> tl:signal <p2#in> , <p2#out> .
        <p2#in> a tl:Signal ; tl:name \"in\" ; tl:property <flow> ; tl:unit unit:M3-PER-HR .
        <p2#out> a tl:Signal ; tl:name \"out\" ; tl:property <flow> ; tl:unit unit:M3-PER-HR ."
    ));
    for key in ["m,twin=P1,loc=a t", "m,twin=P1,loc=b t", "m,twin=P2 in", "m,twin=P2 out", "m,twin=P2 q"] {
        world.send(key, "2024-01-10", "2024-01-10T01:00:00Z", 50.0);
    }
    // Two sensors under one signal, and two signals for one property; the design's own flow is overridden for good.
    assert_eq!(
        unbound(&world),
        [
            "P1 t a = p1 ManySeries [\"pump/A#heat\"]",
            "P1 t b = p1 ManySeries [\"pump/A#heat\"]",
            "P2 in  = p2 ManySignals [\"p2#in\"]",
            "P2 out  = p2 ManySignals [\"p2#out\"]",
        ]
    );
    // A source distinguishes them; the other then matches no signal.
    world.commit(
        "<p1> tl:signal <p1#heat> .
        <p1#heat> a tl:Signal ; tl:name \"t\" ; tl:source \"loc=a\" ; tl:property <heat> ; tl:unit unit:DEG_C ;
            tl:position \"bearing\" .",
    );
    assert_eq!(unbound(&world)[0], "P2 in  = p2 ManySignals [\"p2#in\"]");
}

#[test]
fn samples_that_came_first_count_once_the_version_knows_them() {
    let world = World::new(PUMP);
    let day = span("2024-01-10", "2024-01-11");
    world.send("m,twin=P3 t", "2024-01-10", "2024-01-11", 60.0);
    world.send("m,twin=P1 hum", "2024-01-10", "2024-01-11", 3.0);
    assert_eq!(unbound(&world), ["P3 t  = - NoTwin []", "P1 hum  = p1 NoSignal []"]);
    world.commit(
        "<p3> a tl:TwinInstance ; dcterms:identifier \"P3\" ; tl:part <pump> ; tl:builtBy <order> ; tl:level \"ASSET\" ;
            tl:commissionedAt @2024-01-01 .",
    );
    assert_eq!(unbound(&world), ["P1 hum  = p1 NoSignal []"]);
    world.commit(
        "<hum> a tl:Property ; dcterms:title \"Hum\" ; tl:quantityKind quantitykind:Frequency .
        <pump/A> tl:signal <pump/A#hum> .
        <pump/A#hum> a tl:Signal ; tl:name \"hum\" ; tl:property <hum> ; tl:unit unit:HZ .",
    );
    assert_eq!(unbound(&world), [""; 0]);
    let count = |item: &str, property: &str| {
        let usage = usage(&world.snapshot(), &world.view(), &iri(item), &iri(property), day).unwrap();
        usage.total.sample_count()
    };
    assert_eq!((count("p3", "heat"), count("p1", "hum")), (144, 144));
}
