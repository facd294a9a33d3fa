//! The planted truths, read straight from what is generated.

use super::*;
use crate::ontology::Ontology;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const SIX_HOURS: Period = Period::from_nanos(6 * 3_600_000_000_000);

fn fleet() -> &'static Fleet {
    static FLEET: OnceLock<Fleet> = OnceLock::new();
    FLEET.get_or_init(|| {
        let ontology =
            Ontology::read(Ontology::shipped_files().iter().copied()).expect("the shipped ontology is good");
        Fleet::read(&ontology).expect("the story's files are good")
    })
}

/// Values of one field for each bearing stay, keyed by revision, lot, site and bearing.
type Samples = BTreeMap<(char, String, String, String), Vec<f64>>;

fn gather(field: usize, late: bool) -> Samples {
    let mut samples = Samples::new();
    let late = late_batches(fleet(), SEED, SIX_HOURS).filter(|_| late);
    for block in batches(fleet(), SEED, SIX_HOURS).chain(late) {
        let pump = fleet().pumps.iter().find(|pump| pump.serial == block.twin).expect("a pump of the fleet");
        for (at, value) in block.times.iter().zip(&block.values[field]) {
            let stay = pump.stays.iter().find(|stay| stay.from <= *at && *at < stay.to).expect("a bearing");
            let key = (stay.revision, stay.lot.clone(), pump.site.clone(), stay.bearing.clone());
            let changed = field == 0 && pump.fahrenheit_from.is_some_and(|from| from <= *at);
            samples.entry(key).or_default().push(if changed { (value - 32.0) / 1.8 } else { *value });
        }
    }
    samples
}

fn p95(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[(sorted.len() - 1) * 95 / 100]
}

#[test]
fn the_fleet_is_what_the_tables_contain() {
    let pumps = &fleet().pumps;
    assert_eq!(pumps.len(), 200);
    assert!(pumps.iter().all(|pump| !pump.stays.is_empty()));
    assert!(pumps.iter().all(|pump| pump.stays.windows(2).all(|pair| pair[0].to <= pair[1].from)));
    let changed: Vec<&str> =
        pumps.iter().filter(|pump| pump.fahrenheit_from.is_some()).map(|pump| pump.serial.as_str()).collect();
    assert_eq!(changed, ["P-042"]);
}

#[test]
fn revision_b_runs_hot_and_c_cures_it() {
    let samples = gather(0, true);
    let units = |revision: char| -> Vec<f64> {
        samples
            .iter()
            .filter(|(key, values)| key.0 == revision && values.len() > 40)
            .map(|(_, values)| p95(values))
            .collect()
    };
    let share = |units: &[f64]| units.iter().filter(|p95| **p95 <= 85.0).count() as f64 / units.len() as f64;
    let (a, b, c) = (units('A'), units('B'), units('C'));
    println!("A {} {:?} B {} {:?} C {} {:?}", a.len(), p95(&a), b.len(), p95(&b), c.len(), p95(&c));
    println!("conforming A {} B {} C {}", share(&a), share(&b), share(&c));
    assert!(a.len() > 80 && b.len() > 80 && c.len() > 80);
    assert!((share(&a) - 1.0).abs() < 1e-9 && share(&b) < 0.3 && (share(&c) - 1.0).abs() < 1e-9);
    assert!(p95(&c) < p95(&a) && p95(&a) + 8.0 < p95(&b));
}

#[test]
fn one_lot_vibrates() {
    for ((_, lot, _, bearing), values) in gather(1, true).iter().filter(|(_, values)| values.len() > 40) {
        assert_eq!(p95(values) > 4.5, lot == BAD_LOT, "{bearing} of {lot}: {}", p95(values));
    }
}

/// The bearing temperatures of revision C in July 2025 at the site whose samples come late.
fn july(blocks: impl Iterator<Item = Block>) -> Vec<f64> {
    let july = (1_751_328_000, 1_754_006_400);
    let mut values = Vec::new();
    for block in blocks {
        let pump = fleet().pumps.iter().find(|pump| pump.serial == block.twin).expect("a pump of the fleet");
        let rows = block.times.iter().zip(&block.values[0]).filter(|_| pump.site == LATE_SITE);
        values.extend(
            rows.filter(|(at, _)| (july.0..july.1).contains(&at.seconds()))
                .filter(|(at, _)| {
                    pump.stays.iter().any(|s| s.revision == 'C' && s.from <= **at && **at < s.to)
                })
                .map(|(_, value)| *value),
        );
    }
    values
}

#[test]
fn the_late_week_changes_what_july_answers() {
    let in_time = july(batches(fleet(), SEED, SIX_HOURS));
    let late = july(late_batches(fleet(), SEED, SIX_HOURS));
    let all: Vec<f64> = in_time.iter().chain(&late).copied().collect();
    let max = in_time.iter().copied().fold(f64::MIN, f64::max);
    println!("in time {} max {max}, all {} p95 {}", in_time.len(), all.len(), p95(&all));
    assert!(!late.is_empty() && max < 85.0 && p95(&all) > 85.0);
    let (span, site) = late_span();
    for block in batches(fleet(), SEED, SIX_HOURS) {
        let pump = fleet().pumps.iter().find(|pump| pump.serial == block.twin).expect("a pump of the fleet");
        assert!(pump.site != site || block.times.iter().all(|at| !span.contains(*at)));
    }
}

#[test]
fn one_shaft_shifts_the_other_way() {
    let shifted: Vec<String> = batches(fleet(), SEED, SIX_HOURS)
        .filter(|block| {
            block.values[2].iter().filter(|shift| shift.abs() > 0.6).count() * 2 > block.times.len()
        })
        .map(|block| block.twin)
        .collect();
    assert!(!shifted.is_empty() && shifted.iter().all(|twin| twin == SHIFTED_PUMP));
    assert!(batches(fleet(), SEED, SIX_HOURS).all(|block| block.values[2].iter().all(|shift| *shift < 0.6)));
}

#[test]
fn a_nozzle_is_loaded_twice_a_day_at_one_site() {
    let mut pumps: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let nozzles = monitor::batches(fleet(), SEED, SIX_HOURS);
    for block in nozzles.filter(|block| block.fields == monitor::NOZZLE_FIELDS) {
        let (low, high) = pumps.entry(block.twin.clone()).or_insert((f64::MAX, f64::MIN));
        for value in &block.values[0] {
            (*low, *high) = (low.min(*value), high.max(*value));
        }
    }
    assert_eq!(pumps.len(), 200);
    for pump in &fleet().pumps {
        let (low, high) = pumps[&pump.serial];
        assert_eq!(high - low > 6.0, pump.site == monitor::FLUSHED_SITE, "{}: {low} to {high}", pump.serial);
        assert!(high - low < 12.0, "{}: {low} to {high}", pump.serial);
    }
}

#[test]
fn the_load_explains_the_temperature_of_revision_a() {
    let loads = monitor::batches(fleet(), SEED, SIX_HOURS).filter(|block| block.values.len() == 2);
    let key = |twin: &str, at: Instant| (twin.to_owned(), at);
    let loads: BTreeMap<_, _> = loads
        .flat_map(|block| {
            let rows = block.times.iter().zip(block.values[0].iter().zip(&block.values[1]));
            rows.map(|(at, (air, load))| (key(&block.twin, *at), (*air, *load))).collect::<Vec<_>>()
        })
        .collect();
    let mut compared = 0;
    for block in batches(fleet(), SEED, SIX_HOURS) {
        let pump = fleet().pumps.iter().find(|pump| pump.serial == block.twin).expect("a pump of the fleet");
        for (at, temperature) in block.times.iter().zip(&block.values[0]) {
            let is_a = pump.stays.iter().any(|s| s.revision == 'A' && s.from <= *at && *at < s.to);
            let Some((air, load)) = loads.get(&key(&block.twin, *at)).filter(|(_, load)| is_a && *load > 4.0)
            else {
                continue;
            };
            let off = temperature - (air + 49.0 * load / 12.25);
            let is_wrong = pump.fahrenheit_from.is_some_and(|from| from <= *at);
            assert_eq!(off.abs() > 6.0, is_wrong, "{} at {at}: {off}", pump.serial);
            compared += 1;
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[test]
fn the_same_instant_has_the_same_values_at_any_period() {
    let day = Period::from_nanos(24 * 3_600_000_000_000);
    let coarse = batches(fleet(), SEED, day).next().expect("a block");
    let fine = batches(fleet(), SEED, SIX_HOURS).next().expect("a block");
    for (row, at) in coarse.times.iter().enumerate() {
        let other = fine.times.iter().position(|other| other == at).expect("the same instant");
        assert!(
            (0..6).all(|field| coarse.values[field][row].to_bits() == fine.values[field][other].to_bits())
        );
    }
    assert_eq!(batches(fleet(), SEED, day).next(), Some(coarse));
}

#[test]
fn lines_are_line_protocol() {
    let block = Block {
        twin: "P-1".to_owned(),
        measurement: MEASUREMENT,
        fields: &FIELDS,
        times: vec![Instant::from_seconds(1)],
        values: [1.5, 2.0, -0.25, 6.0, 100.0, 30.0].map(|value| vec![value]).to_vec(),
    };
    let mut lines = Vec::new();
    block.write_lines(&mut lines);
    assert_eq!(
        String::from_utf8_lossy(&lines),
        "pump,twin=P-1 bearing_temperature=1.5,vibration=2,axial_shift=-0.25,discharge_pressure=6,flow=100,motor_power=30 1000000000\n"
    );
    let mut batch = Batch::new();
    block.add_to(&mut batch);
    assert_eq!(batch.len(), block.samples());
}
