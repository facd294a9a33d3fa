//! Who carried what, where, and when.

use super::*;

fn members(world: &World, item: &str, window: Option<Interval>) -> Vec<String> {
    let snapshot = world.snapshot();
    let day = |at: Option<Instant>| at.map_or("-".to_owned(), |at| at.to_string()[..10].to_owned());
    let population = population(&snapshot, &iri(item), window).expect("a population");
    let line = |member: &Membership| {
        let (item, asset) = (snapshot.shorten(&member.item), snapshot.shorten(&member.asset));
        let place = format!("{asset}:{}", member.path);
        let mark = if member.certainty == Certainty::Certain { "" } else { " ?" };
        format!("{item} in {place} {}..{} {}h{mark}", day(member.from), day(member.to), member.hours)
    };
    population.members.iter().map(line).collect()
}

#[test]
fn installations_make_intervals() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    let window = Some(span("2024-02-01", "2024-02-03"));
    let check = |item: &str, expect: &[&str]| assert_eq!(members(&world, item, window), expect, "{item}");
    check(
        "bearing",
        &[
            "b1 in p1:bearing 2024-01-01..2024-02-02 24h",
            "b2 in p2:bearing 2024-01-01..- 48h",
            "c1 in p1:bearing 2024-02-02..- 24h",
        ],
    );
    check("bearing/C", &["c1 in p1:bearing 2024-02-02..- 24h"]);
    check("pump/A", &["p1 in p1: 2024-01-01..- 48h", "p2 in p2: 2024-01-01..- 48h"]);
    assert!(matches!(
        population(&world.snapshot(), &iri("heat"), None),
        Err(Error::NotFielded(found)) if found == iri("heat")
    ));
}

#[test]
fn a_modification_changes_the_revision() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <m1> a tl:Modification ; tl:of <b2> ; tl:realizes <bearing/C> ; tl:at @2024-03-01 ."
    ));
    let check = |item: &str, expect: &[&str]| assert_eq!(members(&world, item, None), expect, "{item}");
    check(
        "bearing/B",
        &["b1 in p1:bearing 2024-01-01..2024-02-02 768h", "b2 in p2:bearing 2024-01-01..2024-03-01 1440h"],
    );
    check("bearing/C", &["b2 in p2:bearing 2024-03-01..- 7344h", "c1 in p1:bearing 2024-02-02..- 8016h"]);
}

#[test]
fn lots_and_software_are_installed_without_units() {
    let world = World::new(&format!(
        "{PUMP}
        <lot/s> a tl:Build ; dcterms:identifier \"LS\" ; tl:realizes <bearing/B> .
        <i1> a tl:Installation ; tl:component <lot/s> ; tl:parent <p1> ; tl:position \"seal\" ;
            tl:from @2024-01-05 ; tl:to @2024-01-07 .
        <i2> a tl:Installation ; tl:component <bearing/C> ; tl:parent <p2> ; tl:from @2024-01-06 ; tl:to @2024-01-07 ."
    ));
    let check = |item: &str, expect: &[&str]| assert_eq!(members(&world, item, None), expect, "{item}");
    check("lot/s", &["lot/s in p1:seal 2024-01-05..2024-01-07 48h"]);
    check("bearing/B", &["lot/s in p1:seal 2024-01-05..2024-01-07 48h"]);
    check("bearing/C", &["bearing/C in p2: 2024-01-06..2024-01-07 24h"]);
}

#[test]
fn nested_installations_intersect() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" ; tl:retiredAt @2024-01-25 .
        <n1> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"feed\" ;
            tl:from @2024-01-10 ; tl:to @2024-01-20 .
        <n2> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"return\" ; tl:from @2024-01-22 ."
    ));
    assert_eq!(
        members(&world, "b1", None),
        [
            "b1 in p1:bearing 2024-01-01..2024-01-10 216h",
            "b1 in plant:feed/bearing 2024-01-10..2024-01-20 240h",
            "b1 in plant:return/bearing 2024-01-22..2024-01-25 72h"
        ]
    );
}

#[test]
fn two_units_may_sit_in_each_other_at_different_times() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <n1> a tl:Installation ; tl:component <p1> ; tl:parent <p2> ; tl:position \"spare\" ;
            tl:from @2024-01-05 ; tl:to @2024-01-10 .
        <n2> a tl:Installation ; tl:component <p2> ; tl:parent <p1> ; tl:position \"spare\" ;
            tl:from @2024-01-12 ; tl:to @2024-01-20 .
        <n3> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"feed\" ; tl:from @2024-01-10 .
        <n4> a tl:Installation ; tl:component <p2> ; tl:parent <plant> ; tl:position \"feed\" ;
            tl:from @2024-01-05 ; tl:to @2024-01-10 .
        <plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" ."
    ));
    let check = |item: &str, expect: &[&str]| assert_eq!(members(&world, item, None), expect, "{item}");
    check(
        "b2",
        &[
            "b2 in p2:bearing 2024-01-01..2024-01-05 96h",
            "b2 in plant:feed/bearing 2024-01-05..2024-01-10 120h",
            "b2 in plant:feed/spare/bearing 2024-01-12..2024-01-20 192h",
            "b2 in p2:bearing 2024-01-20..- 8328h ?",
        ],
    );
    check(
        "b1",
        &[
            "b1 in p1:bearing 2024-01-01..2024-01-05 96h",
            "b1 in plant:feed/spare/bearing 2024-01-05..2024-01-10 120h",
            "b1 in plant:feed/bearing 2024-01-10..2024-02-02 552h",
        ],
    );
}

#[test]
fn what_is_not_known_is_attributed_to_nobody() {
    let check = |installation: &str, expect: &[&str]| {
        let world = World::new(&format!(
            "{PUMP}{BEARINGS}
            <b3> a tl:TwinInstance ; dcterms:identifier \"B3\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
            <u1> a tl:Installation ; tl:component <b3> ; tl:parent <p2> ; tl:position \"spare\" ; {installation} ."
        ));
        let window = span("2024-01-01", "2024-02-01");
        assert_eq!(members(&world, "b3", Some(window)), expect, "{installation}");
        let usage = usage(&world.snapshot(), &world.view(), &iri("b3"), &iri("heat"), window).unwrap();
        let population = population(&world.snapshot(), &iri("b3"), Some(window)).unwrap();
        let unknown = population.members.iter().filter(|member| member.certainty == Certainty::Unknown);
        assert_eq!(
            usage.account().unknown_configuration_hours,
            unknown.map(|member| member.hours).sum::<f64>()
        );
    };
    check("tl:to @2024-01-05", &["b3 in p2:spare 2024-01-01..2024-01-05 96h ?"]);
    check(
        "tl:fromEarliest @2024-01-03 ; tl:to @2024-01-05",
        &["b3 in p2:spare 2024-01-03..2024-01-05 48h ?"],
    );
    check(
        "tl:fromEarliest @2024-01-03 ; tl:from @2024-01-04 ; tl:to @2024-01-05",
        &["b3 in p2:spare 2024-01-03..2024-01-04 24h ?", "b3 in p2:spare 2024-01-04..2024-01-05 24h"],
    );
    check("tl:from @2024-01-04 ; tl:toLatest @2024-01-06", &["b3 in p2:spare 2024-01-04..2024-01-06 48h ?"]);
}

/// What a unit did before its first installation, between two and after its last one.
#[test]
fn no_hour_of_a_life_vanishes() {
    let check = |described: &str, expect: &[&str]| {
        let world = World::new(&format!(
            "{PUMP}
            <plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" .
            <x> a tl:TwinInstance ; dcterms:identifier \"X\" {described} .
            <n1> a tl:Installation ; tl:component <x> ; tl:parent <plant> ; tl:position \"feed\" ;
                tl:from @2024-01-10 ; tl:to @2024-01-20 .
            <n2> a tl:Installation ; tl:component <x> ; tl:parent <plant> ; tl:position \"feed\" ;
                tl:from @2024-01-22 ; tl:to @2024-01-25 ."
        ));
        let window = span("2024-01-01", "2024-01-31");
        let mut expect = expect.to_vec();
        let first = expect.iter().position(|line| line.contains("2024-01-25..")).unwrap_or(expect.len());
        let seated =
            ["x in plant:feed 2024-01-10..2024-01-20 240h", "x in plant:feed 2024-01-22..2024-01-25 72h"];
        expect.splice(first..first, seated);
        assert_eq!(members(&world, "x", Some(window)), expect, "{described}");
    };
    // A spare on the shelf is not in service, and a component ends with its removal.
    check("; tl:level \"COMPONENT\"", &[]);
    check("", &[]);
    check(
        "; tl:level \"COMPONENT\" ; tl:commissionedAt @2024-01-05",
        &["x in x: 2024-01-05..2024-01-10 120h ?"],
    );
    check("; tl:commissionedAt @2024-01-05", &["x in x: 2024-01-05..2024-01-10 120h ?"]);
    let after = "x in x: 2024-01-25..- 144h ?";
    check(
        "; tl:level \"ASSET\" ; tl:commissionedAt @2024-01-05",
        &["x in x: 2024-01-05..2024-01-10 120h", after],
    );
    check("; tl:level \"ASSET\"", &["x in x: -..2024-01-10 216h ?", after]);
    check(
        "; tl:level \"ASSET\" ; tl:commissionedAt @2024-01-10 ; tl:retiredAt @2024-01-26",
        &["x in x: 2024-01-25..2024-01-26 24h ?"],
    );
}

#[test]
fn a_place_that_is_taken_is_not_possible() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <b3> a tl:TwinInstance ; dcterms:identifier \"B3\" ; tl:part <bearing> ; tl:level \"COMPONENT\" .
        <u1> a tl:Installation ; tl:component <b3> ; tl:parent <p1> ; tl:position \"bearing\" ;
            tl:fromEarliest @2023-12-01 ; tl:toLatest @2024-05-01 ."
    ));
    // Others certainly sit there from the first of January on, and before that the pump was not in service.
    assert_eq!(members(&world, "b3", None), [""; 0]);
}

#[test]
fn a_unit_of_unknown_revision_may_be_any() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <x1> a tl:TwinInstance ; dcterms:identifier \"X1\" ; tl:part <bearing> ; tl:level \"COMPONENT\" .
        <j1> a tl:Installation ; tl:component <x1> ; tl:parent <p2> ; tl:position \"spare\" ;
            tl:from @2024-01-05 ; tl:to @2024-01-09 .
        <m1> a tl:Modification ; tl:of <x1> ; tl:realizes <bearing/C> ; tl:at @2024-01-07 ."
    ));
    let of_x = |item: &str| -> Vec<String> {
        members(&world, item, None).into_iter().filter(|member| member.starts_with("x1")).collect()
    };
    assert_eq!(of_x("bearing/B"), ["x1 in p2:spare 2024-01-05..2024-01-07 48h ?"]);
    assert_eq!(
        of_x("bearing/C"),
        ["x1 in p2:spare 2024-01-05..2024-01-07 48h ?", "x1 in p2:spare 2024-01-07..2024-01-09 48h"]
    );
    assert_eq!(of_x("bearing").len(), 2);
}

#[test]
fn configuration_at_an_instant() {
    let world = World::new(&format!(
        "{PUMP}{BEARINGS}
        <plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" .
        <n1> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"feed\" ; tl:from @2024-01-10 ."
    ));
    let check = |instant: &str, expect: &[&str]| {
        let snapshot = world.snapshot();
        let found = configuration(&snapshot, &iri("plant"), Some(at(instant))).unwrap();
        let line = |member: &Membership| {
            let short =
                |iri: &Option<NamedNode>| iri.as_ref().map_or("-".to_owned(), |iri| snapshot.shorten(iri));
            let (revision, lot) = (short(&member.revision), short(&member.lot));
            format!("{} {} {revision} {lot}", member.path, snapshot.shorten(&member.item))
        };
        assert_eq!(found.iter().map(line).collect::<Vec<_>>(), expect, "{instant}");
    };
    check("2024-01-05", &[]);
    check("2024-01-15", &["feed p1 pump/A order", "feed/bearing b1 bearing/B lot/b"]);
    check("2024-02-15", &["feed p1 pump/A order", "feed/bearing c1 bearing/C lot/c"]);
}

#[test]
fn undeclared_positions_are_listed() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    let undeclared = |world: &World| {
        let found = undeclared_positions(&world.snapshot()).unwrap();
        let line = |one: UndeclaredPosition| {
            [one.installation.as_str(), one.parent.as_str(), &one.position, one.revision.as_str()]
                .join(" ")
                .replace(BASE, "")
        };
        found.into_iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(undeclared(&world), [""; 0]);
    world.commit(
        "<x1> a tl:TwinInstance ; dcterms:identifier \"X1\" ; tl:part <bearing> ; tl:level \"COMPONENT\" .
        <odd> a tl:Installation ; tl:component <x1> ; tl:parent <p1> ; tl:position \"baering\" ; tl:from @2024-03-01 ; tl:to @2024-03-02 .
        # A part is named there, whose own places are not known.
        <inside> a tl:Installation ; tl:component <x1> ; tl:parent <p2> ; tl:position \"bearing/ring\" ; tl:from @2024-03-03 ; tl:to @2024-03-04 .
        # Its design has no places, and nobody knows the design of the other.
        <none> a tl:Installation ; tl:component <x1> ; tl:parent <c1> ; tl:position \"seal\" ; tl:from @2024-03-05 ; tl:to @2024-03-06 .
        <rig> a tl:TwinInstance ; dcterms:identifier \"R\" ; tl:part <pump> ; tl:level \"ASSET\" ; tl:commissionedAt @2024-01-01 .
        <free> a tl:Installation ; tl:component <x1> ; tl:parent <rig> ; tl:position \"any\" ; tl:from @2024-03-07 .",
    );
    assert_eq!(undeclared(&world), ["odd p1 baering pump/A"]);
    // From then on the pump has a design that declares it.
    world.commit(
        "<pump/B> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"B\" ; tl:usage <pump/B#b> .
        <pump/B#b> a tl:PartUsage ; tl:child <bearing/C> ; tl:position \"baering\" .
        <m> a tl:Modification ; tl:of <p1> ; tl:realizes <pump/B> ; tl:at @2024-02-15 .",
    );
    assert_eq!(undeclared(&world), ["i2 p1 bearing pump/B"], "the other bearing is still in it");
}
