//! Life data: the ages at which stays began and ended.

use super::*;
use crate::statistics::survival::End;

const EVENTS: &str = "
<spall> a tl:FailureMode ; dcterms:identifier \"SPALL\" .
<rust> a tl:FailureMode ; dcterms:identifier \"RUST\" .
<f1> a tl:FieldEvent ; tl:on <b1> ; tl:kind \"FAILURE\" ; tl:failureMode <spall> ; tl:at @2024-02-02 .
<f3> a tl:FieldEvent ; tl:on <b2> ; tl:kind \"FAILURE\" ; tl:state \"NO_FAULT_FOUND\" ; tl:at @2024-01-10 .
<f4> a tl:FieldEvent ; tl:on <b1> ; tl:kind \"FAILURE\" ; tl:at @2024-02-20 .
<f5> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-01-20 .
";

/// A counter of operating hours.
const RUN: &str = "
<run> a tl:Property ; dcterms:title \"Operating hours\" ; tl:quantityKind quantitykind:Time .
<pump/A> tl:signal <pump/A#run> .
<pump/A#run> a tl:Signal ; tl:name \"run\" ; tl:property <run> ; tl:unit unit:HR ; tl:kind \"COUNTER\" ;
    tl:expectedPeriod \"PT10M\"^^xsd:duration .
";

fn question(item: &str) -> LifeQuestion {
    LifeQuestion {
        item: iri(item),
        window: span("2024-01-01", "2024-03-02"),
        group_by: Vec::new(),
        position_depth: None,
        among: TwinFilter::default(),
        modes: Vec::new(),
        events_of: EventsOf::Unit,
        clock: LifeClock::Service,
        repair: Repair::None,
    }
}

/// Writes the stays, ages in days: item, from, to, and `F`, `S` or `B` for how each ended.
fn rows(world: &World, question: &LifeQuestion) -> Vec<String> {
    let snapshot = world.snapshot();
    let data = life_data(&snapshot, &world.view(), question).unwrap();
    let line = |stay: &LifeStay| {
        let days = |hours: f64| (hours / 24.0 * 1000.0).round() / 1000.0;
        let end = match stay.observation.end {
            End::Failed(age) => format!("F{}", days(age)),
            End::Suspended(age) => format!("S{}", days(age)),
            End::Between(after, by) => format!("B{}-{}", days(after), days(by)),
        };
        let alive = if stay.is_alive { " alive" } else { "" };
        let item = snapshot.shorten(&stay.member.item);
        format!("{item} {}..{end} x{}{alive}", days(stay.observation.entry), stay.observation.count)
    };
    data.stays.iter().map(line).collect()
}

fn account(world: &World, question: &LifeQuestion) -> LifeAccount {
    life_data(&world.snapshot(), &world.view(), question).unwrap().account
}

#[test]
fn survivors_failures_and_modes_make_rows() {
    let world = World::new(&format!("{PUMP}{BEARINGS}{EVENTS}"));
    let check = |question: &LifeQuestion, expect: &[&str]| assert_eq!(rows(&world, question), expect);
    check(&question("bearing"), &["b1 0..F32 x1", "b2 0..S61 x1 alive", "c1 0..S29 x1 alive"]);
    check(&question("bearing/C"), &["c1 0..S29 x1 alive"]);
    // After it was taken out it fails no more.
    assert_eq!(
        account(&world, &question("bearing")),
        LifeAccount { outside_failures: 1, ..LifeAccount::default() }
    );
    let rust = LifeQuestion { modes: vec![iri("rust")], ..question("bearing/B") };
    check(&rust, &["b1 0..S32 x1", "b2 0..S61 x1 alive"]);
    assert_eq!(account(&world, &rust).other_modes, 1);
    // A window that begins later finds them older.
    let later = LifeQuestion { window: span("2024-01-11", "2024-01-21"), ..question("bearing/B") };
    check(&later, &["b1 10..S20 x1 alive", "b2 10..S20 x1 alive"]);
    let asset = LifeQuestion { events_of: EventsOf::Asset, ..question("bearing/B") };
    check(&asset, &["b1 0..F19 x1", "b2 0..S61 x1 alive"]);
    // A failure of the pump of another mode leaves the bearing as it was.
    let modes = vec![iri("spall")];
    check(&LifeQuestion { modes, ..asset }, &["b1 0..F32 x1", "b2 0..S61 x1 alive"]);
    // The version was recorded on the first of January 2025: what comes after, nobody has seen.
    let future = LifeQuestion { window: span("2024-01-01", "2030-01-01"), ..question("bearing/C") };
    check(&future, &["c1 0..S334 x1 alive"]);
    let by_month = LifeQuestion { group_by: vec![GroupBy::Month], ..question("bearing") };
    let refused = life_data(&world.snapshot(), &world.view(), &by_month);
    assert!(matches!(refused, Err(Error::LivesByMonth)));
}

#[test]
fn a_repaired_unit_lives_anew_where_asked() {
    let world = World::new(&format!("{PUMP}
        <g1> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-01-11 .
        <g2> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-02-10 ; tl:fromEarliest @2024-01-31 ."));
    assert_eq!(rows(&world, &question("pump")), ["p1 0..F10 x1", "p2 0..S61 x1 alive"]);
    let renewed = LifeQuestion { repair: Repair::AsNew, ..question("p1") };
    assert_eq!(rows(&world, &renewed), ["p1 0..F10 x1", "p1 0..B20-30 x1", "p1 0..S21 x1 alive"]);
    let later = LifeQuestion { window: span("2024-01-21", "2024-03-02"), ..question("p1") };
    assert_eq!(rows(&world, &later), [""; 0]);
    assert_eq!(account(&world, &later).later_stays, 1);
    let renewed = LifeQuestion { repair: Repair::AsNew, ..later };
    assert_eq!(rows(&world, &renewed), ["p1 10..B20-30 x1", "p1 0..S21 x1 alive"]);
    let repaired = LifeQuestion { repair: Repair::AsBefore, ..question("p1") };
    assert_eq!(rows(&world, &repaired), ["p1 0..F10 x1", "p1 10..B30-40 x1", "p1 40..S61 x1 alive"]);
}

#[test]
fn a_unit_that_moves_or_is_modified_grows_older_all_the_while() {
    let world = World::new(&format!("{PUMP}{BEARINGS}
        <i4> a tl:Installation ; tl:component <b1> ; tl:parent <p2> ; tl:position \"spare\" ; tl:from @2024-02-12 ; tl:to @2024-02-22 .
        <m1> a tl:Modification ; tl:of <b1> ; tl:realizes <bearing/C> ; tl:at @2024-02-17 .
        <g1> a tl:FieldEvent ; tl:on <b1> ; tl:kind \"FAILURE\" ; tl:at @2024-02-22 ."));
    let of_c = question("bearing/C");
    assert_eq!(rows(&world, &of_c), ["b1 37..F42 x1", "c1 0..S29 x1 alive"]);
    let calendar = LifeQuestion { clock: LifeClock::Calendar, ..of_c.clone() };
    assert_eq!(rows(&world, &calendar), ["b1 47..F52 x1", "c1 0..S29 x1 alive"]);
    let of_b = question("bearing/B");
    assert_eq!(rows(&world, &of_b), ["b1 0..S32 x1", "b1 32..S37 x1", "b2 0..S61 x1 alive"]);
    let by_site = LifeQuestion { group_by: vec![GroupBy::Site], ..of_b };
    let data = life_data(&world.snapshot(), &world.view(), &by_site).unwrap();
    let groups: Vec<(String, usize)> =
        data.groups().into_iter().map(|(key, stays)| (key[0].1.clone(), stays.len())).collect();
    assert_eq!(groups, [("north".to_owned(), 1), ("south".to_owned(), 2)]);
}

#[test]
fn what_is_not_known_makes_no_row_or_an_interval() {
    let world = World::new(&format!("{PUMP}
        <x1> a tl:TwinInstance ; dcterms:identifier \"X1\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
        <x2> a tl:TwinInstance ; dcterms:identifier \"X2\" ; tl:part <bearing> ; tl:level \"COMPONENT\" .
        <x3> a tl:TwinInstance ; dcterms:identifier \"X3\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
        <x4> a tl:TwinInstance ; dcterms:identifier \"X4\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
        <j1> a tl:Installation ; tl:component <x1> ; tl:parent <p1> ; tl:position \"bearing\" ;
            tl:fromEarliest @2024-01-01 ; tl:from @2024-01-06 ; tl:to @2024-02-05 .
        <j2> a tl:Installation ; tl:component <x2> ; tl:parent <p2> ; tl:position \"bearing\" ; tl:from @2024-01-01 .
        <j3> a tl:Installation ; tl:component <x3> ; tl:parent <p1> ; tl:position \"old\" ; tl:to @2024-02-01 .
        <j4> a tl:Installation ; tl:component <x4> ; tl:parent <p1> ; tl:position \"late\" ; tl:from @2024-02-01 .
        <g1> a tl:FieldEvent ; tl:on <x1> ; tl:kind \"FAILURE\" ; tl:at @2024-02-05 .
        <g2> a tl:FieldEvent ; tl:on <x2> ; tl:kind \"FAILURE\" ; tl:at @2024-02-05 .
        <g4> a tl:FieldEvent ; tl:on <x4> ; tl:kind \"FAILURE\" ; tl:at @2024-02-01 ."));
    // It came in between two days; of x2 nobody knows the revision, of x3 when it came in, and x4 failed when it did.
    assert_eq!(rows(&world, &question("bearing/B")), ["x1 0..B30-35 x1"]);
    let found = account(&world, &question("bearing/B"));
    assert_eq!(
        (found.unknown_failures, found.unknown_stays >= 2, found.later_stays),
        (1, true, 1),
        "{found:?}"
    );
}

#[test]
fn items_of_a_lot_fail_one_by_one() {
    let world = World::new(&format!("{PUMP}
        <seal> a tl:Part ; dcterms:identifier \"SEAL\" .
        <seal/A> a tl:DesignRevision ; tl:revisionOf <seal> ; tl:revision \"A\" .
        <lot/s> a tl:Build ; dcterms:identifier \"LS\" ; tl:realizes <seal/A> .
        <pump/A> tl:usage <pump/A#seal> .
        <pump/A#seal> a tl:PartUsage ; tl:child <seal> ; tl:position \"seal\" ; tl:quantity 4 .
        <s1> a tl:Installation ; tl:component <lot/s> ; tl:parent <p1> ; tl:position \"seal\" ; tl:quantity 4 ;
            tl:from @2024-01-01 ; tl:to @2024-01-11 .
        <s2> a tl:Installation ; tl:component <lot/s> ; tl:parent <p1> ; tl:position \"seal\" ; tl:quantity 4 ; tl:from @2024-01-11 .
        <g1> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:position \"seal\" ; tl:at @2024-01-05 .
        <g2> a tl:FieldEvent ; tl:on <p1> ; tl:kind \"FAILURE\" ; tl:at @2024-01-06 ."));
    let expect = ["lot/s 0..F4 x1", "lot/s 0..S10 x3", "lot/s 0..S51 x4 alive"];
    assert_eq!(rows(&world, &question("lot/s")), expect);
    assert_eq!(rows(&world, &question("seal/A")), expect);
}

#[test]
fn a_counter_is_the_clock_of_lives() {
    let world = World::new(&format!("{PUMP}{BEARINGS}{EVENTS}{RUN}"));
    // Half of the time the pumps run; the counter of pump 2 begins anew on the way, and is silent from February on.
    world.send_each("m,twin=P1 run", "2024-01-01", "2024-03-02", |number| number as f64 / 12.0);
    world.send_each("m,twin=P2 run", "2024-01-01", "2024-02-01", |number| (number % 2000) as f64 / 12.0);
    let clock = LifeClock::Counter(Clock { property: iri("run"), unit: None });
    let question = LifeQuestion { clock, ..question("bearing") };
    let found = rows(&world, &question);
    assert_eq!(found, ["b1 0..F15.997 x1", "c1 0..S14.497 x1 alive"]);
    assert_eq!(account(&world, &question).uncounted, 1);
    let january = LifeQuestion { window: span("2024-01-11", "2024-02-01"), ..question };
    assert_eq!(rows(&world, &january)[0], "b1 4.997..S15.497 x1 alive");
    assert_eq!(rows(&world, &january).len(), 2);
    assert_eq!(account(&world, &january), LifeAccount { resets: 1, ..LifeAccount::default() });
    let data = life_data(&world.snapshot(), &world.view(), &january).unwrap();
    assert_eq!(data.unit.unwrap().as_str(), "http://qudt.org/vocab/unit/HR");
}

#[test]
fn a_clock_that_ran_backwards_makes_no_row() {
    let world = World::new(&format!("{PUMP}{BEARINGS}{RUN}"));
    // On 11 February the counter is corrected from 492 to 470 hours, which is no beginning anew, and stays there.
    let hours = |number: i64| if number < 41 * 144 { number as f64 / 12.0 } else { 470.0 };
    world.send_each("m,twin=P1 run", "2024-01-01", "2024-03-02", hours);
    let clock = LifeClock::Counter(Clock { property: iri("run"), unit: None });
    let of_c = LifeQuestion { clock, ..question("bearing/C") };
    assert_eq!(rows(&world, &of_c).len(), 1);
    assert_eq!(account(&world, &of_c), LifeAccount::default());
    let later = LifeQuestion { window: span("2024-02-10", "2024-03-02"), ..of_c };
    assert_eq!(rows(&world, &later), [""; 0]);
    assert_eq!(account(&world, &later), LifeAccount { backward: 1, ..LifeAccount::default() });
}
