//! The question that the product exists for.

use super::*;

#[test]
fn a_sample_counts_for_the_revision_installed_at_its_instant() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-02-01", "2024-02-02", 80.0);
    world.send("m,twin=P1 t", "2024-02-02", "2024-02-03", 60.0);
    world.send("m,twin=P2 t", "2024-02-01", "2024-02-03", 70.0);
    let (snapshot, view) = (world.snapshot(), world.view());
    let check = |item: &str, expect: (usize, u64, f64, f64, f64)| {
        let window = span("2024-02-01", "2024-02-03");
        let usage = usage(&snapshot, &view, &iri(item), &iri("heat"), window).expect("an answer");
        let total = &usage.total;
        let got = (
            total.unit_count,
            total.sample_count(),
            total.hours(),
            total.min().unwrap(),
            total.max().unwrap(),
        );
        assert_eq!(got, expect, "{item}");
        assert_eq!(usage.account().missing_hours, 0.0);
        assert!(usage.account().unbound.is_empty(), "{:?}", usage.account().unbound);
    };
    check("bearing/B", (2, 144 * 3, 72.0, 70.0, 80.0));
    check("bearing/C", (1, 144, 24.0, 60.0, 60.0));
    check("bearing", (3, 144 * 4, 96.0, 60.0, 80.0));
    check("lot/b", (2, 144 * 3, 72.0, 70.0, 80.0));
    check("b1", (1, 144, 24.0, 80.0, 80.0));
    check("p1", (1, 144 * 2, 48.0, 60.0, 80.0));
    check("pump/A", (2, 144 * 4, 96.0, 60.0, 80.0));
}

#[test]
fn samples_of_a_carrier_count_for_lots_and_software_while_they_are_installed() {
    let world = World::new(&format!(
        "{PUMP}
        <pump/A> tl:signal <pump/A#board> .
        <pump/A#board> a tl:Signal ; tl:name \"board\" ; tl:property <heat> ; tl:unit unit:DEG_C ;
            tl:position \"controller\" ; tl:expectedPeriod \"PT10M\"^^xsd:duration .
        <firmware> a tl:Part ; dcterms:identifier \"FW\" .
        <firmware/1> a tl:DesignRevision ; tl:revisionOf <firmware> ; tl:revision \"1\" .
        <firmware/2> a tl:DesignRevision ; tl:revisionOf <firmware> ; tl:revision \"2\" .
        <i1> a tl:Installation ; tl:component <lot/b> ; tl:parent <p1> ; tl:position \"bearing\" ;
            tl:from @2024-01-05 ; tl:to @2024-01-07 .
        <i2> a tl:Installation ; tl:component <firmware/1> ; tl:parent <p1> ; tl:position \"controller\" ;
            tl:from @2024-01-04 ; tl:to @2024-01-06 .
        <i3> a tl:Installation ; tl:component <firmware/2> ; tl:parent <p1> ; tl:position \"controller\" ;
            tl:from @2024-01-06 ; tl:to @2024-01-08 ."
    ));
    // The value of each sample is its number, of which a day has 144.
    world.send_each("m,twin=P1 t", "2024-01-03", "2024-01-10", |number| number as f64);
    world.send_each("m,twin=P1 board", "2024-01-03", "2024-01-10", |number| 10_000.0 + number as f64);
    let check = |item: &str, days: std::ops::Range<u64>, first: f64| {
        let window = span("2024-01-03", "2024-01-10");
        let usage = usage(&world.snapshot(), &world.view(), &iri(item), &iri("heat"), window).unwrap();
        let (total, count) = (&usage.total, 144 * (days.end - days.start));
        let start = first + 144.0 * days.start as f64;
        assert_eq!((total.unit_count, total.sample_count(), total.hours()), (1, count, count as f64 / 6.0));
        assert_eq!((total.min(), total.max()), (Some(start), Some(start + count as f64 - 1.0)), "{item}");
        assert_eq!(total.units.iter().map(|unit| &unit.twin).collect::<Vec<_>>(), [&iri("p1")], "{item}");
        assert_eq!((usage.account().missing_hours, usage.account().unbound.len()), (0.0, 0), "{item}");
    };
    check("lot/b", 2..4, 0.0);
    check("bearing/B", 2..4, 0.0);
    check("bearing", 2..4, 0.0);
    check("firmware/1", 1..3, 10_000.0);
    check("firmware/2", 3..5, 10_000.0);
    check("firmware", 1..5, 10_000.0);
}

#[test]
fn what_comes_after_a_unit_was_retired_counts_for_nobody() {
    let check = |retired: &str, expect: &[(&str, u64)]| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS} <{retired}> tl:retiredAt \"2024-02-01T18:00:00Z\"^^xsd:dateTime ."
        ));
        world.send("m,twin=P1 t", "2024-02-01", "2024-02-03", 80.0);
        world.send("m,twin=P2 t", "2024-02-01", "2024-02-01T18:00:00Z", 70.0);
        world.send("m,twin=P2 t", "2024-02-01T18:00:00Z", "2024-02-03", 90.0);
        for (item, hours) in expect {
            let window = span("2024-02-01", "2024-02-03");
            let usage = usage(&world.snapshot(), &world.view(), &iri(item), &iri("heat"), window).unwrap();
            let got = (usage.total.sample_count(), usage.total.hours());
            assert_eq!(got, (6 * hours, *hours as f64), "{item}, {retired} retired");
            let account = usage.account();
            let rest = (account.missing_hours, account.unknown_configuration_hours, account.unbound.len());
            assert_eq!(rest, (0.0, 0.0, 0), "{item}, {retired} retired");
        }
    };
    // With a pump its bearing goes out of service; a pump goes on without its bearing.
    check("p2", &[("p2", 18), ("b2", 18), ("bearing/B", 24 + 18), ("pump/A", 48 + 18), ("p1", 48)]);
    check("b2", &[("p2", 48), ("b2", 18), ("bearing/B", 24 + 18), ("pump/A", 48 + 48), ("lot/b", 24 + 18)]);

    let world = World::new(&format!("{PUMP}{BEARINGS} <p2> tl:retiredAt @2024-02-02 ."));
    world.send("m,twin=P2 t", "2024-02-01", "2024-02-03", 70.0);
    let mut question = Question::new(iri("bearing/B"), iri("heat"), span("2024-02-01", "2024-02-03"));
    question.bucket = Some("P1D".parse().unwrap());
    question.among.serials = vec!["B2".to_owned()];
    let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
    let days = usage.buckets.iter().map(|bucket| (bucket.usage.unit_count, bucket.usage.sample_count()));
    assert_eq!(days.collect::<Vec<_>>(), [(1, 144), (0, 0)]);
}

#[test]
fn what_nobody_sent_is_missing() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-02-01", "2024-02-01T06:00:00Z", 80.0);
    let window = span("2024-02-01", "2024-02-02");
    let usage = usage(&world.snapshot(), &world.view(), &iri("bearing/B"), &iri("heat"), window).unwrap();
    let account = usage.account();
    assert_eq!((account.observed_hours, account.missing_hours), (6.0, 18.0 + 24.0));
    assert_eq!(usage.total.unit_count, 2);
}

#[test]
fn answers_are_cut_by_bucket_and_group() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-01-30", "2024-02-02", 80.0);
    world.send("m,twin=P1 t", "2024-02-02", "2024-02-03", 60.0);
    world.send("m,twin=P2 t", "2024-01-30", "2024-02-03", 70.0);
    let mut question = Question::new(iri("bearing"), iri("heat"), span("2024-01-30", "2024-02-03"));
    question.bucket = Some("P1D".parse().unwrap());
    question.group_by = vec![GroupBy::Month, GroupBy::Revision, GroupBy::Site];
    let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
    let buckets: Vec<_> = usage.buckets.iter().map(|bucket| bucket.usage.mean().unwrap().unwrap()).collect();
    assert_eq!(buckets, [75.0, 75.0, 75.0, 65.0]);
    let groups: Vec<_> = usage.groups.iter().map(|group| (group.label(), group.usage.hours())).collect();
    let expect = [
        ("2024-01 · bearing/B · north", 48.0),
        ("2024-01 · bearing/B · south", 48.0),
        ("2024-02 · bearing/B · north", 24.0),
        ("2024-02 · bearing/B · south", 48.0),
        ("2024-02 · bearing/C · north", 24.0),
    ];
    assert_eq!(groups, expect.map(|(label, hours)| (label.to_owned(), hours)));
}

#[test]
fn months_begin_where_the_zone_has_them_begin() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P2 t", "2024-01-31", "2024-02-02", 70.0);
    let check = |zone: &str, expect: [(&str, f64); 2]| {
        let mut question = Question::new(iri("b2"), iri("heat"), span("2024-01-31", "2024-02-02"));
        question.group_by = vec![GroupBy::Month];
        question.zone = zone.parse().unwrap();
        let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
        let groups: Vec<_> = usage.groups.iter().map(|group| (group.label(), group.usage.hours())).collect();
        assert_eq!(groups, expect.map(|(label, hours)| (label.to_owned(), hours)), "{zone}");
    };
    check("UTC", [("2024-01", 24.0), ("2024-02", 24.0)]);
    check("Europe/Paris", [("2024-01", 23.0), ("2024-02", 25.0)]);
    check("America/New_York", [("2024-01", 29.0), ("2024-02", 19.0)]);
}

#[test]
fn every_unit_counts_once() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 90.0);
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-13", 50.0);
    let check = |weight: Weight, mean: f64, median: f64| {
        let mut question = Question::new(iri("bearing/B"), iri("heat"), span("2024-01-10", "2024-01-13"));
        question.weight = weight;
        let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
        assert_eq!(usage.total.mean().unwrap(), Some(mean));
        let got = usage.total.percentile(0.6).unwrap().unwrap();
        assert!((got / median - 1.0).abs() < 0.011, "{weight:?}: {got}");
    };
    check(Weight::Time, 60.0, 50.0);
    check(Weight::Sample, 60.0, 50.0);
    check(Weight::Unit, 70.0, 90.0);
}

#[test]
fn units_can_be_chosen() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11", 90.0);
    world.send("m,twin=P2 t", "2024-01-10", "2024-01-11", 50.0);
    let check = |among: TwinFilter, expect: &[&str]| {
        let mut question = Question::new(iri("bearing/B"), iri("heat"), span("2024-01-10", "2024-01-11"));
        question.among = among;
        let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
        let units: Vec<_> =
            usage.total.worst_units(9, None).iter().filter_map(|unit| unit.serial.clone()).collect();
        assert_eq!(units, expect);
    };
    let list = |text: &str| vec![text.to_owned()];
    check(TwinFilter::default(), &["B1", "B2"]);
    check(TwinFilter { sites: list("south"), ..TwinFilter::default() }, &["B2"]);
    check(TwinFilter { serials: list("B1"), ..TwinFilter::default() }, &["B1"]);
    check(TwinFilter { serials: list("P2"), ..TwinFilter::default() }, &["B2"]);
    check(TwinFilter { lots: list("LB"), ..TwinFilter::default() }, &["B1", "B2"]);
    check(TwinFilter { lots: list("lot/c"), ..TwinFilter::default() }, &[]);
}

#[test]
fn the_units_of_a_list_are_asked_together_and_answer_as_each_by_itself() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-02-01", "2024-02-03", 80.0);
    world.send("m,twin=P2 t", "2024-02-01", "2024-02-02", 70.0);
    let (snapshot, view) = (world.snapshot(), world.view().watched());
    let units = ["b1", "b2", "c1", "p1"].map(iri);
    let question = Question::new(iri("p2"), iri("heat"), span("2024-02-01", "2024-02-04"));
    let each = units.iter().map(|unit| Question { item: unit.clone(), ..question.clone() });
    let together = answer_all(each, &snapshot, &view).unwrap();
    // The series of the units by themselves, those of what they sit in, and one aggregate.
    assert!(view.calls() <= 3, "{}", view.calls());
    for (unit, usage) in units.iter().zip(&together) {
        let alone = Question { item: unit.clone(), ..question.clone() }.answer(&snapshot, &view).unwrap();
        assert_eq!(usage.total.sample_count(), alone.total.sample_count(), "{unit}");
        assert_eq!((usage.total.max(), usage.account()), (alone.total.max(), alone.account()), "{unit}");
    }
    assert_eq!(
        together.iter().map(|usage| usage.total.max()).collect::<Vec<_>>(),
        [Some(80.0), Some(70.0), Some(80.0), Some(80.0)]
    );

    let (pumps, view) = (["p1", "p2"].map(iri), world.view().watched());
    let latest = latest_of_each(&snapshot, &view, &pumps).unwrap();
    assert_eq!(view.calls(), 2, "the series, and the last sample of each");
    for (pump, latest) in pumps.iter().zip(&latest) {
        let alone = latest_of_each(&snapshot, &view, std::slice::from_ref(pump)).unwrap();
        assert_eq!(*latest, alone[0]);
    }
    assert_eq!(latest.iter().map(|latest| latest[0].value).collect::<Vec<_>>(), [80.0, 70.0]);
}

#[test]
fn no_more_is_batched_than_there_is_room_for() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-02-01", "2024-02-03", 80.0);
    let (snapshot, view) = (world.snapshot(), world.view());
    let year = Question::new(iri("p1"), iri("heat"), span("2024-01-01", "2025-01-01"));
    let answered = |bucket: &str| {
        let question = Question { bucket: Some(bucket.parse().unwrap()), ..year.clone() };
        let questions = ["p1", "p2", "b1"].map(|unit| Question { item: iri(unit), ..question.clone() });
        answer_some(questions, &snapshot, &view).unwrap().len()
    };
    assert_eq!(answered("P1M"), 3);
    // 52,704 buckets, and as many slices.
    assert_eq!(answered("PT10M"), 1);
}

#[test]
fn telemetry_is_asked_once_a_level_however_many_the_units() {
    let calls = |units: usize, item: &str| {
        let mut story = PUMP.to_owned();
        for unit in 0..units {
            story.push_str(&format!(
                "<u{unit}> a tl:TwinInstance ; dcterms:identifier \"U{unit}\" ; tl:part <pump> ; tl:builtBy <order> ;
                    tl:level \"ASSET\" ; tl:commissionedAt @2024-01-01 .
                <c{unit}> a tl:TwinInstance ; dcterms:identifier \"C{unit}\" ; tl:part <bearing> ;
                    tl:builtBy <lot/c> ; tl:level \"COMPONENT\" .
                <i{unit}> a tl:Installation ; tl:component <c{unit}> ; tl:parent <u{unit}> ;
                    tl:position \"bearing\" ; tl:from @2024-01-01 .\n"
            ));
        }
        let world = World::new(&story);
        for unit in 0..units {
            world.send(&format!("m,twin=U{unit} t"), "2024-02-01", "2024-02-01T01:00:00Z", 80.0);
        }
        let view = world.view().watched();
        let window = span("2024-02-01", "2024-02-02");
        let usage = usage(&world.snapshot(), &view, &iri(item), &iri("heat"), window).expect("an answer");
        assert_eq!(usage.total.sample_count(), 6 * units as u64);
        view.calls()
    };
    // The series of all units together, and one aggregate.
    assert_eq!(calls(2, "bearing/C"), 2);
    assert_eq!(calls(20, "bearing/C"), 2);
    assert_eq!(calls(20, "pump/A"), 2);
}
