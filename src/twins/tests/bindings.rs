//! What observes a property, in which unit.

use super::*;

fn ask(world: &World, item: &str) -> Usage {
    let window = span("2024-01-10", "2024-01-12");
    usage(&world.snapshot(), &world.view(), &iri(item), &iri("heat"), window).expect("an answer")
}

fn unbound(usage: &Usage) -> Vec<(Reason, f64)> {
    usage.account().unbound.iter().map(|unbound| (unbound.reason, unbound.hours)).collect()
}

#[test]
fn a_unit_overrides_the_unit_of_its_design_from_a_date_on() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <p1> tl:signal <p1#heat> .
        <p1#heat> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_F ; tl:position \"bearing\" ;
            tl:validFrom @2024-01-11 ; tl:expectedPeriod \"PT10M\"^^xsd:duration ."
    ));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 50.0);
    world.send("m,twin=P1 t", "2024-01-11", "2024-01-12", 122.0);
    let usage = ask(&world, "b1");
    assert_eq!(usage.unit.as_ref().unwrap().as_str(), "http://qudt.org/vocab/unit/DEG_C");
    let (min, max) = (usage.total.min().unwrap(), usage.total.max().unwrap());
    assert!((min - 50.0).abs() < 1e-9 && (max - 50.0).abs() < 1e-9, "{min} {max}");
    let mut question = usage.question.clone();
    question.unit = Some(NamedNode::new_unchecked("http://qudt.org/vocab/unit/K"));
    let kelvin = question.clone().answer(&world.snapshot(), &world.view()).unwrap();
    assert!((kelvin.total.mean().unwrap().unwrap() - 323.15).abs() < 1e-9);
    question.unit = Some(NamedNode::new_unchecked("http://qudt.org/vocab/unit/PA"));
    assert!(matches!(question.answer(&world.snapshot(), &world.view()), Err(Error::Unit { .. })));
}

#[test]
fn a_unit_overrides_the_unit_of_its_design_until_a_date() {
    let check = |valid: &str| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS}
            <p1> tl:signal <p1#heat> .
            <p1#heat> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_F ; tl:position \"bearing\" ;
                {valid} ; tl:expectedPeriod \"PT10M\"^^xsd:duration ."
        ));
        world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 122.0);
        world.send("m,twin=P1 t", "2024-01-11", "2024-01-12", 50.0);
        let usage = ask(&world, "b1");
        let (min, max) = (usage.total.min().unwrap(), usage.total.max().unwrap());
        assert!((min - 50.0).abs() < 1e-9 && (max - 50.0).abs() < 1e-9, "{valid}: {min} {max}");
        assert_eq!((usage.total.sample_count(), usage.total.hours()), (2 * 144, 48.0), "{valid}");
        assert_eq!((usage.account().missing_hours, unbound(&usage)), (0.0, vec![]), "{valid}");
    };
    check("tl:validTo @2024-01-11");
    check("tl:validFrom @2024-01-10 ; tl:validTo @2024-01-11");
}

#[test]
fn a_difference_of_temperatures_converts_without_offset() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <rise> a tl:Property ; dcterms:title \"Rise\" ; tl:quantityKind quantitykind:TemperatureDifference .
        <p1> tl:signal <p1#rise> .
        <p1#rise> a tl:Signal ; tl:name \"r\" ; tl:property <rise> ; tl:unit unit:DEG_C ; tl:expectedPeriod \"PT10M\"^^xsd:duration ."
    ));
    world.send("m,twin=P1 r", "2024-01-10", "2024-01-12", 20.0);
    let window = span("2024-01-10", "2024-01-12");
    let mut question = usage(&world.snapshot(), &world.view(), &iri("p1"), &iri("rise"), window)
        .expect("an answer")
        .question;
    for (unit, expect) in [("K", 20.0), ("DEG_F", 36.0)] {
        question.unit = Some(NamedNode::new_unchecked(format!("http://qudt.org/vocab/unit/{unit}")));
        let usage = question.clone().answer(&world.snapshot(), &world.view()).unwrap();
        assert!((usage.total.mean().unwrap().unwrap() - expect).abs() < 1e-9, "{unit}");
    }
}

#[test]
fn a_component_with_a_series_of_its_own_counts_first() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <b1> tl:signal <b1#heat> .
        <b1#heat> a tl:Signal ; tl:name \"own\" ; tl:property <heat> ; tl:unit unit:DEG_C ; tl:validFrom @2024-01-11 ;
            tl:expectedPeriod \"PT10M\"^^xsd:duration ."
    ));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-12", 50.0);
    // Declared, but silent: the pump's signal serves.
    assert_eq!(ask(&world, "b1").total.max(), Some(50.0));
    world.send("m,twin=https://example.org/b1 own", "2024-01-11", "2024-01-12", 70.0);
    let usage = ask(&world, "b1");
    assert_eq!((usage.total.min(), usage.total.max(), usage.total.hours()), (Some(50.0), Some(70.0), 48.0));
}

#[test]
fn nothing_is_guessed() {
    let check = |more: &str, expect: &[(Reason, f64)], observed: f64| {
        let world = World::new(&format!("{PUMP}{BEARINGS}{more}"));
        world.send("m,twin=P1,loc=a t", "2024-01-10", "2024-01-12", 50.0);
        world.send("m,twin=P1,loc=b t", "2024-01-10", "2024-01-12", 60.0);
        let usage = ask(&world, "b1");
        assert_eq!(unbound(&usage), expect, "{more}");
        assert_eq!(
            (usage.account().observed_hours, usage.account().missing_hours),
            (observed, 48.0 - observed)
        );
    };
    let signal = |name: &str, rest: &str| {
        format!(
            "<p1> tl:signal <p1#{name}> . <p1#{name}> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_C ;
            tl:position \"bearing\" ; tl:expectedPeriod \"PT10M\"^^xsd:duration {rest} ."
        )
    };
    check("", &[(Reason::ManySeries, 48.0)], 0.0);
    check(&signal("x", "; tl:source \"loc=b\""), &[], 48.0);
    check(&signal("x", "; tl:source \"m,loc=b\""), &[], 48.0);
    check(&signal("x", "; tl:source \"other\""), &[], 0.0);
    let two = [signal("x", "; tl:source \"loc=a\""), signal("y", "; tl:source \"loc=b\"")].concat();
    check(&two, &[(Reason::ManySignals, 48.0)], 0.0);
}

#[test]
fn a_series_counts_where_no_other_reports() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 50.0);
    let before = world.view();
    // A gateway that names the unit by its IRI from the second day on, and a stray write years later.
    world.send("m,twin=https://example.org/p1 t", "2024-01-11", "2024-01-12", 60.0);
    let stray = "m,twin=P1,host=new t=90 1717200000";
    world.store.write_lines(stray.as_bytes(), crate::telemetry::Precision::Seconds).unwrap();
    let check = |view: &View, max: f64, hours: f64| {
        let window = span("2024-01-10", "2024-01-12");
        let usage = usage(&world.snapshot(), view, &iri("b1"), &iri("heat"), window).unwrap();
        assert_eq!(unbound(&usage), []);
        assert_eq!((usage.total.min(), usage.total.max()), (Some(50.0), Some(max)));
        assert_eq!((usage.account().observed_hours, usage.account().missing_hours), (hours, 48.0 - hours));
    };
    check(&before, 50.0, 24.0);
    let (now, watched) = (world.view(), world.view().watched());
    check(&now, 60.0, 48.0);
    // What is pinned of what was read answers the same for ever.
    check(&watched, 60.0, 48.0);
    let (series, window) = watched.seen();
    let pin = world.store.pin(watched.watermark(), window.unwrap(), series).unwrap();
    check(&world.store.pinned(pin.number).unwrap(), 60.0, 48.0);
    let latest = latest_of_each(&world.snapshot(), &now, &[iri("p1")]).unwrap().remove(0);
    assert_eq!(latest.iter().map(|reading| reading.value).collect::<Vec<_>>(), [90.0]);
    // In a window in which two apply at once nothing is guessed.
    world.send("m,twin=P1 t", "2024-01-11", "2024-01-12", 70.0);
    let usage = ask(&world, "b1");
    assert_eq!(unbound(&usage), [(Reason::ManySeries, 48.0)]);
    check(&now, 60.0, 48.0);
    // Series that differ by the name of the unit alone are distinguished by a signal of the unit's own.
    for (name, max) in [("P1", 70.0), ("https://example.org/p1", 60.0)] {
        let signal = format!(
            "<p1> tl:signal <p1#own> . <p1#own> a tl:Signal ; tl:name \"t\" ; tl:property <heat> ; tl:unit unit:DEG_C ;
            tl:position \"bearing\" ; tl:expectedPeriod \"PT10M\"^^xsd:duration ; tl:source \"twin={name}\" ."
        );
        let world = World::new(&format!("{PUMP}{BEARINGS}{signal}"));
        world.send("m,twin=P1 t", "2024-01-10", "2024-01-12", 70.0);
        world.send("m,twin=https://example.org/p1 t", "2024-01-10", "2024-01-12", 60.0);
        let usage = ask(&world, "b1");
        assert_eq!((unbound(&usage).len(), usage.total.max()), (0, Some(max)), "{name}");
    }
}

#[test]
fn of_two_signals_the_later_one_counts_from_its_date_on() {
    let signal = |name: &str, rest: &str| {
        format!(
            "<p1> tl:signal <p1#{name}> . <p1#{name}> a tl:Signal ; tl:name \"{name}\" ; tl:property <heat> ;
            tl:unit unit:DEG_C ; tl:position \"bearing\" {rest} ."
        )
    };
    let world =
        World::new(&[PUMP, BEARINGS, &signal("a", ""), &signal("b", "; tl:validFrom @2024-01-11")].concat());
    world.send("m,twin=P1 a", "2024-01-10", "2024-01-12", 50.0);
    world.send("m,twin=P1 b", "2024-01-10", "2024-01-12", 60.0);
    let mut question = ask(&world, "b1").question;
    question.bucket = Some("P1D".parse().unwrap());
    let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
    let means: Vec<_> = usage.buckets.iter().map(|bucket| bucket.usage.mean().unwrap()).collect();
    assert_eq!(means, [Some(50.0), Some(60.0)]);
}

#[test]
fn what_it_sits_in_observes_it_by_its_path() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <noise> a tl:Property ; dcterms:title \"Noise\" .
        <plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" ; tl:signal <plant#n> , <plant#o> .
        <plant#n> a tl:Signal ; tl:name \"n\" ; tl:property <noise> ; tl:unit unit:DEG_C ; tl:position \"feed/bearing\" .
        <plant#o> a tl:Signal ; tl:name \"o\" ; tl:property <noise> ; tl:unit unit:DEG_C ; tl:position \"bearing\" .
        <n1> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"feed\" ; tl:from @2024-01-11 ."
    ));
    world.send("m,twin=PLANT n", "2024-01-10", "2024-01-12", 50.0);
    world.send("m,twin=PLANT o", "2024-01-10", "2024-01-12", 60.0);
    let window = span("2024-01-10", "2024-01-12");
    let usage = usage(&world.snapshot(), &world.view(), &iri("b1"), &iri("noise"), window).unwrap();
    // Without an expected period the last sample, of 23:50, counts for an hour.
    let hours = 24.0 + 5.0 / 6.0;
    assert_eq!((usage.total.min(), usage.total.max(), usage.total.hours()), (Some(50.0), Some(50.0), hours));
}

#[test]
fn an_unobserved_property_is_reported() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    let window = span("2024-01-10", "2024-01-12");
    let usage = usage(&world.snapshot(), &world.view(), &iri("b1"), &iri("flow"), window).unwrap();
    assert_eq!(unbound(&usage), [(Reason::NoSignal, 48.0)]);
    let missing =
        crate::twins::usage::usage(&world.snapshot(), &world.view(), &iri("b1"), &iri("b1"), window);
    assert!(matches!(missing, Err(Error::NotAProperty(_))));
    let mut question = Question::new(iri("b1"), iri("flow"), window);
    let comparator = crate::telemetry::Comparator::Gt(1.0);
    question.conditions = vec![Condition { property: iri("b1"), comparator, unit: None }];
    let missing = question.answer(&world.snapshot(), &world.view());
    assert!(matches!(missing, Err(Error::NotAProperty(other)) if other == iri("b1")));
}

#[test]
fn a_serial_that_two_twins_bear_names_neither() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <fan> a tl:Part ; dcterms:identifier \"FAN\" .
        <fan/1> a tl:TwinInstance ; dcterms:identifier \"P1\" ; tl:part <fan> ."
    ));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-12", 50.0);
    assert_eq!(ask(&world, "b1").account().missing_hours, 48.0);
    world.send("m,twin=p1 t", "2024-01-10", "2024-01-12", 50.0);
    assert_eq!(ask(&world, "b1").account().missing_hours, 0.0);
}

#[test]
fn conditions_choose_samples() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send_each("m,twin=P1 t", "2024-01-10", "2024-01-12", |index| 50.0 + index as f64 % 2.0);
    world.send_each("m,twin=P1 q", "2024-01-10", "2024-01-11", |index| 100.0 * ((index + 1) as f64 % 2.0));
    let mut question = Question::new(iri("b1"), iri("heat"), span("2024-01-10", "2024-01-12"));
    let litre = NamedNode::new_unchecked("http://qudt.org/vocab/unit/L-PER-MIN");
    let comparator = crate::telemetry::Comparator::Gt(1000.0);
    question.conditions = vec![Condition { property: iri("flow"), comparator, unit: Some(litre) }];
    let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
    assert_eq!((usage.total.min(), usage.total.max()), (Some(50.0), Some(50.0)));
    assert_eq!((usage.total.hours(), usage.account().missing_hours), (12.0, 0.0));
}

#[test]
fn directions_have_no_mean() {
    let world = World::new(
        "<wind> a tl:Property ; dcterms:title \"Wind direction\" ; tl:quantityKind tl:Direction .
        <v> a tl:TwinInstance ; dcterms:identifier \"V\" ; tl:signal <v#wind> .
        <v#wind> a tl:Signal ; tl:name \"w\" ; tl:property <wind> ; tl:unit unit:DEG .",
    );
    world.send("m,twin=V w", "2024-01-10", "2024-01-12", 350.0);
    let window = span("2024-01-10", "2024-01-12");
    let usage = usage(&world.snapshot(), &world.view(), &iri("v"), &iri("wind"), window).unwrap();
    assert!(matches!(usage.total.mean(), Err(Error::Circular { .. })));
    assert!(matches!(usage.total.percentile(0.5), Err(Error::Circular { .. })));
    assert_eq!(usage.total.max(), Some(350.0));
}
