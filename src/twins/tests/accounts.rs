//! What an answer did not see: hours missing, undecided and of unknown configuration, however the answer is cut.

use super::*;
use crate::telemetry::Comparator;
use proptest::test_runner::{Config, TestRunner};

/// A load without expected period beside the temperature of the pump's bearing.
const LOAD: &str = "
<load> a tl:Property ; dcterms:title \"Load\" .
<pump/A> tl:signal <pump/A#load> .
<pump/A#load> a tl:Signal ; tl:name \"load\" ; tl:property <load> ; tl:unit unit:UNITLESS .
";

fn above(property: &str, limit: f64) -> Condition {
    Condition { property: iri(property), comparator: Comparator::Gt(limit), unit: None }
}

/// Asks for the temperature of a bearing on two days while conditions hold.
fn ask(world: &World, conditions: &[Condition]) -> Account {
    let mut question = Question::new(iri("b1"), iri("heat"), span("2024-01-10", "2024-01-12"));
    question.conditions = conditions.to_vec();
    question.answer(&world.snapshot(), &world.view()).unwrap().account().clone()
}

/// Checks hours that are observed, missing and undecided.
fn check(account: &Account, expect: [f64; 3]) {
    let got = [account.observed_hours, account.missing_hours, account.undecided_hours];
    assert!(got.iter().zip(expect).all(|(got, expect)| (got - expect).abs() < 1e-9), "{got:?} {expect:?}");
}

#[test]
fn a_silent_sensor_of_a_condition_leaves_hours_undecided() {
    let world = World::new(&format!("{PUMP}{BEARINGS}{LOAD}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-11T18:00:00Z", 50.0);
    let while_loaded = |limit| ask(&world, &[above("load", limit)]);
    // Nothing was ever sent of it.
    let account = while_loaded(0.5);
    check(&account, [0.0, 6.0, 42.0]);
    let unbound: Vec<_> = account.unbound.iter().map(|unbound| (unbound.reason, unbound.hours)).collect();
    assert_eq!(unbound, [(Reason::NoCondition, 48.0)]);
    // A value holds for less than an hour: that of 11:50 is too old from 12:50 on.
    world.send("m,twin=P1 load", "2024-01-10", "2024-01-10T12:00:00Z", 1.0);
    let known = 12.0 + 5.0 / 6.0;
    check(&while_loaded(0.5), [known, 6.0, 42.0 - known]);
    check(&while_loaded(1.5), [0.0, 6.0, 42.0 - known]);
    // It comes back, and then fails: nothing before is decided by it.
    world.send("m,twin=P1 load", "2024-01-11", "2024-01-12", 0.0);
    check(&while_loaded(0.5), [known, 6.0, 24.0 - known]);
}

#[test]
fn a_condition_that_fails_decides_however_little_is_known_of_another() {
    let world = World::new(&format!("{PUMP}{BEARINGS}{LOAD}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-12", 50.0);
    world.send("m,twin=P1 q", "2024-01-10", "2024-01-11", 0.0);
    world.send("m,twin=P1 q", "2024-01-11", "2024-01-12", 9.0);
    let flow = above("flow", 1.0);
    check(&ask(&world, std::slice::from_ref(&flow)), [24.0, 0.0, 0.0]);
    check(&ask(&world, &[flow.clone(), above("load", 0.5)]), [0.0, 0.0, 24.0]);
    check(&ask(&world, &[above("load", 0.5), flow]), [0.0, 0.0, 24.0]);
}

/// A period of the calendar has its mean length: a month and a half without a reading is no gap, and before a longer one a reading counts for
/// one month.
#[test]
fn a_reading_of_each_month_counts_until_the_next() {
    let flow =
        "tl:name \"q\" ; tl:property <flow> ; tl:unit unit:M3-PER-HR ;\n    tl:expectedPeriod \"PT10M\"";
    assert!(PUMP.contains(flow));
    let observed = |period: &str, readings: &[(&str, &str)]| {
        let world = World::new(&PUMP.replace(flow, &flow.replace("PT10M", period)));
        readings.iter().for_each(|(from, to)| world.send("m,twin=P1 q", from, to, 5.0));
        let window = span("2024-01-01", "2024-04-01");
        let usage = usage(&world.snapshot(), &world.view(), &iri("p1"), &iri("flow"), window).unwrap();
        let account = usage.account();
        (account.observed_hours, account.missing_hours)
    };
    let first = ("2024-01-01", "2024-01-01T00:10:00Z");
    let second = ("2024-02-01", "2024-02-01T00:10:00Z");
    let soon = ("2024-02-12", "2024-02-12T00:10:00Z");
    let late = ("2024-02-17", "2024-02-17T00:10:00Z");
    let (day, month) = (24.0, 365.2425 * 24.0 / 12.0);
    let check = |got: (f64, f64), expect: f64| {
        let expect = (expect, 91.0 * day - expect);
        assert!((got.0 - expect.0).abs() < 1e-6 && (got.1 - expect.1).abs() < 1e-6, "{got:?} {expect:?}");
    };
    check(observed("P1M", &[first]), month);
    check(observed("P1M", &[first, second]), 31.0 * day + month);
    // 42 days are less than a month and a half, 47 are more.
    check(observed("P1M", &[first, soon]), 42.0 * day + month);
    check(observed("P1M", &[first, late]), 2.0 * month);
    check(observed("PT10M", &[first]), 1.0 / 6.0);
    check(observed("P7D", &[first]), 7.0 * day);
}

#[test]
fn buckets_shorter_than_the_period_miss_nothing() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    world.send("m,twin=P1 t", "2024-01-10", "2024-01-10T02:30:00Z", 50.0);
    let mut question = Question::new(iri("b1"), iri("heat"), span("2024-01-10", "2024-01-10T03:00:00Z"));
    question.bucket = Some("PT5M".parse().unwrap());
    let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
    let missing: Vec<f64> = usage.buckets.iter().map(|bucket| bucket.usage.account.missing_hours).collect();
    assert_eq!((missing.len(), &missing[..30]), (36, &[0.0; 30][..]));
    assert!(missing[32..].iter().all(|hours| *hours == 1.0 / 12.0), "{missing:?}");
}

/// The accounts of the parts of an answer, whichever way it is cut, sum to the account of the whole.
#[test]
fn accounts_of_buckets_sum_to_that_of_the_whole() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}{LOAD}
        <i1> tl:fromEarliest \"2023-12-20T00:00:00Z\"^^xsd:dateTime .
        <b3> a tl:TwinInstance ; dcterms:identifier \"B3\" ; tl:part <bearing> ; tl:level \"COMPONENT\" .
        <u1> a tl:Installation ; tl:component <b3> ; tl:parent <p2> ; tl:position \"bearing\" ;
            tl:fromEarliest \"2024-02-01T11:37:00Z\"^^xsd:dateTime ; tl:to \"2024-02-01T12:11:00Z\"^^xsd:dateTime ."
    ));
    world.send("m,twin=P1 t", "2024-02-01T00:05:00Z", "2024-02-01T09:00:00Z", 50.0);
    world.send("m,twin=P1 t", "2024-02-01T20:11:07Z", "2024-02-03", 50.0);
    world.send("m,twin=P2 t", "2024-02-01T04:00:00Z", "2024-02-02T16:00:00Z", 60.0);
    world.send_each("m,twin=P1 load", "2024-02-01", "2024-02-02", |number| (number / 5 % 2) as f64);
    world.send("m,twin=P2 load", "2024-02-01T09:00:00Z", "2024-02-01T12:00:00Z", 1.0);
    let minute = |count: i64| at("2024-02-01").plus_nanos(count * 60_000_000_000);
    let cases = (0_i64..1000, 1_i64..1800, 3_i64..400, proptest::bool::ANY);
    let hours = |account: &Account| {
        [
            account.service_hours,
            account.observed_hours,
            account.missing_hours,
            account.undecided_hours,
            account.unknown_configuration_hours,
        ]
    };
    let law = |(from, length, bucket, guarded): (i64, i64, i64, bool)| {
        let window = Interval::new(minute(from), minute(from + length)).unwrap();
        let mut question = Question::new(iri("bearing"), iri("heat"), window);
        question.bucket = Some(format!("PT{bucket}M").parse().unwrap());
        question.conditions = guarded.then(|| above("load", 0.5)).into_iter().collect();
        let usage = question.answer(&world.snapshot(), &world.view()).unwrap();
        let mut sum = Account::default();
        for bucket in &usage.buckets {
            let account = &bucket.usage.account;
            proptest::prop_assert!(account.missing_hours >= 0.0, "{account:?}");
            proptest::prop_assert!(account.missing_hours <= account.service_hours, "{account:?}");
            sum.add(account);
        }
        for (sum, whole) in hours(&sum).into_iter().zip(hours(usage.account())) {
            proptest::prop_assert!((sum - whole).abs() < 1e-9, "{sum} {whole}");
        }
        Ok(())
    };
    TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(64) }).run(&cases, law).unwrap();
}
