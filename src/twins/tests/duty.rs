//! Duty: cycles are counted month by month, each month once as long as its samples are the same.

use super::*;
use crate::model::number::quantity::Transform;
use crate::statistics::duty::rainflow::{Rainflow, Residue, Spectrum};
use crate::telemetry::{self, Derived};

const FROM: &str = "2024-01-01";
const TO: &str = "2024-03-20";

fn question() -> DutyQuestion {
    DutyQuestion {
        item: iri("pump"),
        property: iri("flow"),
        window: span(FROM, TO),
        among: TwinFilter::default(),
        unit: None,
        transform: Transform::None,
        gate: 0.0,
        range_width: 0.5,
        mean_width: 2.0,
        levels: vec![10.0, 12.0],
        residue: Residue::Half,
        against: None,
    }
}

/// Returns the duty of P1: its spectrum, crossings and number of samples.
fn of_pump(world: &World, view: &View, question: &DutyQuestion) -> (Spectrum, Vec<u64>, u64) {
    let found = duty(&world.snapshot(), view, question).unwrap();
    let unit = found.units.iter().find(|unit| unit.serial.as_deref() == Some("P1")).expect("P1");
    (unit.spectrum.clone(), unit.crossings.up.clone(), unit.sample_count)
}

/// Counts the samples of P1 in one go, without ranges up to the gate.
fn in_one_go(view: &View, gate: f64) -> Spectrum {
    let series = view.series_where(|series| series.twin == "P1" && series.field == "q");
    let samples = view.samples(series[0].id, span(FROM, TO), usize::MAX).unwrap();
    assert!(!samples.is_empty());
    let spectrum = Spectrum { range_width: 0.5, mean_width: 2.0, ..Spectrum::default() };
    let mut rainflow = Rainflow::new(spectrum, gate);
    samples.iter().for_each(|sample| rainflow.push(sample.value));
    rainflow.finish(Residue::Half)
}

#[test]
fn months_are_joined_and_counted_again_where_samples_came() {
    let world = World::new(&format!("{PUMP}{BEARINGS}"));
    let swing = |number: i64| 10.0 + ((number * 7919) % 101) as f64 / 20.0 - ((number / 700) % 3) as f64;
    world.send_each("m,twin=P1 q", FROM, TO, swing);
    world.store.seal().unwrap();
    let before = world.view();
    let first = of_pump(&world, &before, &question());
    assert_eq!(first.0, in_one_go(&before, 0.0));
    assert_eq!(of_pump(&world, &before, &question()), first);
    let gated = of_pump(&world, &before, &DutyQuestion { gate: 2.0, ..question() });
    assert_eq!(gated.0, in_one_go(&before, 2.0));
    assert!(gated.0.total() < first.0.total());
    let known = question().range_width;
    let coarse = of_pump(&world, &before, &DutyQuestion { range_width: 4.0 * known, ..question() });
    assert!(coarse.0.bins.len() < first.0.bins.len() && (coarse.0.total() - first.0.total()).abs() < 1e-9);
    // A sample that comes late is counted as soon as it is there, in memory and in a part, and not at the watermark before it.
    world.send_each("m,twin=P1 q", "2024-01-15T00:05:00Z", "2024-01-15T00:06:00Z", |_| 500.0);
    let after = world.view();
    let late = of_pump(&world, &after, &question());
    assert!(late.0.greatest > 480.0 && late.2 == first.2 + 1, "{late:?}");
    assert_eq!(of_pump(&world, &before, &question()), first);
    world.store.seal().unwrap();
    assert_eq!(of_pump(&world, &after, &question()), late);
    assert_eq!(of_pump(&world, &world.view(), &question()), late);
    assert_eq!(of_pump(&world, &before, &question()), first);
    assert_eq!(late.0, in_one_go(&after, 0.0));
}

#[derive(Debug, PartialEq)]
struct Count(usize);

impl Derived for Count {
    fn bytes(&self) -> usize {
        size_of::<Self>()
    }
}

#[test]
fn what_is_worked_out_of_the_same_samples_is_worked_out_once() {
    let world = World::new(PUMP);
    world.send("m,twin=P1 q", "2024-01-01", "2024-01-03", 1.0);
    let mut made = 0;
    let mut ask = |view: &View, how: &str, from: &str| {
        let series = view.series_where(|series| series.field == "q")[0].id;
        let within = span(from, "2024-01-03");
        let found = view.derived((series, within), &how.into(), || {
            made += 1;
            Ok::<_, telemetry::Error>(Count(view.samples(series, within, usize::MAX)?.len()))
        });
        (found.unwrap().0, made)
    };
    // In memory only: each time anew.
    assert_eq!(ask(&world.view(), "count", "2024-01-01"), (288, 1));
    assert_eq!(ask(&world.view(), "count", "2024-01-01"), (288, 2));
    world.store.seal().unwrap();
    let before = world.view();
    assert_eq!(ask(&before, "count", "2024-01-01"), (288, 3));
    assert_eq!(ask(&before, "count", "2024-01-01"), (288, 3));
    assert_eq!(ask(&before, "another", "2024-01-01"), (288, 4));
    assert_eq!(ask(&before, "count", "2024-01-02"), (144, 5));
    // Samples of another time change nothing, those of this time do, at watermarks that see them.
    world.send("m,twin=P1 q", "2024-02-01", "2024-02-02", 1.0);
    world.store.seal().unwrap();
    // Parts may have been merged: these are others with the same samples.
    let (count, then) = ask(&world.view(), "count", "2024-01-01");
    assert_eq!((count, ask(&world.view(), "count", "2024-01-01")), (288, (288, then)));
    world.send("m,twin=P1 q", "2024-01-02T00:05:00Z", "2024-01-02T00:06:00Z", 1.0);
    world.store.seal().unwrap();
    assert_eq!(ask(&world.view(), "count", "2024-01-01"), (289, then + 1));
    assert_eq!(ask(&world.view(), "count", "2024-01-01"), (289, then + 1));
    assert_eq!(ask(&before, "count", "2024-01-01"), (288, then + 2));
}
