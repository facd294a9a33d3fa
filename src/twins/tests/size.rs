//! How the join grows.

use super::*;
use std::time::Instant as Watch;

/// 1,000 pumps with three bearings one after the other: what a fleet question costs before any sample is read.
#[test]
#[ignore = "a measurement: run it optimised, with --nocapture"]
fn a_thousand_units_with_three_swaps() {
    let mut story = PUMP.to_owned();
    for n in 0..1000 {
        write!(
            story,
            "<u{n}> a tl:TwinInstance ; dcterms:identifier \"U{n}\" ; tl:part <pump> ; tl:builtBy <order> ; tl:level \"ASSET\" ;
            tl:site \"s{}\" ; tl:commissionedAt @2024-01-01 .\n",
            n % 7
        )
        .expect("a text");
        for k in 0..3 {
            let (from, to) = (["01", "04", "08"][k], ["04", "08", "12"][k]);
            write!(
                story,
                "<c{n}-{k}> a tl:TwinInstance ; dcterms:identifier \"C{n}-{k}\" ; tl:part <bearing> ; tl:builtBy <lot/{}> ;
                tl:level \"COMPONENT\" .
                <j{n}-{k}> a tl:Installation ; tl:component <c{n}-{k}> ; tl:parent <u{n}> ; tl:position \"bearing\" ;
                tl:from @2024-{from}-01 ; tl:to @2024-{to}-01 .\n",
                if k == 1 { "c" } else { "b" }
            )
            .expect("a text");
        }
    }
    let world = World::new(&story);
    for n in 0..1000 {
        world.send(&format!("m,twin=U{n} t"), "2024-05-01", "2024-05-02", 60.0 + f64::from(n) / 100.0);
    }
    let (snapshot, view) = (world.snapshot(), world.view());
    let window = span("2024-01-01", "2025-01-01");
    for item in ["bearing/C", "bearing", "pump/A", "c7-1"] {
        for round in 0..3 {
            let watch = Watch::now();
            let members = population(&snapshot, &iri(item), Some(window)).unwrap().members.len();
            let population = watch.elapsed();
            let watch = Watch::now();
            let mut question = Question::new(iri(item), iri("heat"), window);
            question.bucket = Some("P1M".parse().unwrap());
            let usage = question.answer(&snapshot, &view).unwrap();
            println!(
                "{item} {round}: {members} members in {population:?}, usage of {} units, {} samples in {:?}",
                usage.total.unit_count,
                usage.total.sample_count(),
                watch.elapsed()
            );
        }
    }
}
