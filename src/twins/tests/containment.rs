//! Where a lot is, through installations and through what was built out of it.

use super::*;

/// Pump 1 sits in a plant. A heat of steel went into the bearings of lot B, an untracked paint into the order of the pumps.
const LOTS: &str = "
<plant> a tl:TwinInstance ; dcterms:identifier \"PLANT\" ; tl:level \"SYSTEM\" ; tl:site \"hall 3\" .
<n1> a tl:Installation ; tl:component <p1> ; tl:parent <plant> ; tl:position \"feed\" ; tl:from @2024-01-10 .
<heat/7> a tl:Build ; dcterms:identifier \"H7\" .
<bars/7> a tl:Build ; dcterms:identifier \"BARS7\" ; tl:consumed <heat/7> .
<lot/b> tl:consumed <bars/7> .
<paint/1> a tl:Build ; dcterms:identifier \"PAINT1\" .
<order> tl:consumed <paint/1> .
<b9> a tl:TwinInstance ; dcterms:identifier \"B9\" ; tl:part <bearing> ; tl:builtBy <lot/b> ; tl:level \"COMPONENT\" .
";

fn lines(world: &World, item: &str, when: When) -> Vec<String> {
    let snapshot = world.snapshot();
    let short = |iri: &NamedNode| snapshot.shorten(iri);
    let join = |iris: &[NamedNode]| iris.iter().map(short).collect::<Vec<_>>().join(">");
    let found = containment(&snapshot, &iri(item), when).expect("a containment");
    let mut lines = Vec::new();
    for carrier in &found.carriers {
        for carried in &carrier.carried {
            let membership = &carried.membership;
            assert_eq!(membership.asset, carrier.asset);
            let mark = if membership.certainty == Certainty::Certain { "" } else { " ?" };
            lines.push(format!(
                "{} in {}:{} {}h via {} inside {}{mark}",
                short(&membership.item),
                short(&carrier.asset),
                membership.path,
                membership.hours,
                join(&carried.through),
                join(&carried.inside),
            ));
        }
    }
    lines.extend(found.loose.iter().map(|unit| format!("{} loose", short(unit))));
    lines
}

fn world() -> World {
    World::new(&format!("{PUMP}{BEARINGS}{LOTS}"))
}

#[test]
fn a_lot_is_found_at_any_depth_and_instant() {
    let world = world();
    let check =
        |day: &str, expect: &[&str]| assert_eq!(lines(&world, "lot/b", When::At(at(day))), expect, "{day}");
    check("2023-12-31", &["b1 loose", "b2 loose", "b9 loose"]);
    // The pump is not yet in the plant: it is in service by itself.
    check(
        "2024-01-05",
        &["b1 in p1:bearing 96h via  inside p1", "b2 in p2:bearing 96h via  inside p2", "b9 loose"],
    );
    check(
        "2024-01-15",
        &[
            "b2 in p2:bearing 336h via  inside p2",
            "b1 in plant:feed/bearing 120h via  inside plant>p1",
            "b9 loose",
        ],
    );
    // At the very instant of the swap B is already removed; the unit that replaces it is of another lot.
    check("2024-02-02", &["b2 in p2:bearing 768h via  inside p2", "b1 loose", "b9 loose"]);
    assert_eq!(
        lines(&world, "lot/c", When::At(at("2024-02-02"))),
        ["c1 in plant:feed/bearing 0h via  inside plant>p1"]
    );
    let window = When::Within(span("2024-02-01", "2024-02-03"));
    assert_eq!(
        lines(&world, "lot/b", window),
        ["b2 in p2:bearing 48h via  inside p2", "b1 in plant:feed/bearing 24h via  inside plant>p1"]
    );
}

#[test]
fn what_was_built_out_of_a_lot_carries_it() {
    let world = world();
    let check = |item: &str, expect: &[&str]| {
        assert_eq!(lines(&world, item, When::At(at("2024-01-15"))), expect, "{item}");
    };
    check(
        "heat/7",
        &[
            "b2 in p2:bearing 336h via bars/7>lot/b inside p2",
            "b1 in plant:feed/bearing 120h via bars/7>lot/b inside plant>p1",
            "b9 loose",
        ],
    );
    check("paint/1", &["p2 in p2: 336h via order inside ", "p1 in plant:feed 120h via order inside plant"]);
    // Bearings are followed one by one, so an order that took some of the lot may have lost them since.
    world.commit("<order> tl:consumed <lot/b> .");
    check(
        "heat/7",
        &[
            "p2 in p2: 336h via bars/7>lot/b>order inside  ?",
            "b2 in p2:bearing 336h via bars/7>lot/b inside p2",
            "p1 in plant:feed 120h via bars/7>lot/b>order inside plant ?",
            "b1 in plant:feed/bearing 120h via bars/7>lot/b inside plant>p1",
            "b9 loose",
        ],
    );
    // A certain way counts, even where it is the longer one.
    world.commit(
        "<mix> a tl:Build ; dcterms:identifier \"MIX\" ; tl:consumed <bars/7> . <order> tl:consumed <mix> .",
    );
    assert_eq!(
        lines(&world, "heat/7", When::At(at("2024-01-15")))[0],
        "p2 in p2: 336h via bars/7>mix>order inside "
    );
}

#[test]
fn rework_and_lots_without_units_count() {
    let world = world();
    world.commit(
        "<seals> a tl:Build ; dcterms:identifier \"SEALS\" .
        <grease> a tl:Build ; dcterms:identifier \"GREASE\" .
        <rework> a tl:Build ; dcterms:identifier \"RW1\" ; tl:consumed <grease> ; tl:performedOn <p2> ; tl:builtAt @2024-01-13 .
        <s1> a tl:Installation ; tl:component <seals> ; tl:parent <b1> ; tl:position \"seal\" ; tl:from @2024-01-01 .",
    );
    let check = |item: &str, day: &str, expect: &[&str]| {
        assert_eq!(lines(&world, item, When::At(at(day))), expect, "{item} {day}");
    };
    check("seals", "2024-01-15", &["seals in plant:feed/bearing/seal 120h via  inside plant>p1>b1"]);
    check("grease", "2024-01-12", &[]);
    check("grease", "2024-01-15", &["p2 in p2: 48h via rework inside "]);
    check("rework", "2024-01-15", &["p2 in p2: 48h via  inside "]);
}

#[test]
fn a_design_and_a_unit_are_found_too() {
    let world = world();
    let check = |item: &str, expect: &[&str]| {
        assert_eq!(lines(&world, item, When::At(at("2024-01-15"))), expect, "{item}");
    };
    check("b1", &["b1 in plant:feed/bearing 120h via  inside plant>p1"]);
    check("bearing/C", &["c1 loose"]);
    check("pump", &["p2 in p2: 336h via  inside ", "p1 in plant:feed 120h via  inside plant"]);
    assert!(matches!(
        containment(&world.snapshot(), &iri("heat"), When::At(at("2024-01-15"))),
        Err(Error::NotFielded(found)) if found == iri("heat")
    ));
}
