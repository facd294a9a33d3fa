//! A hundred simulated turbofans that run to failure, 21 sensors and three settings each, through the program as a person would bring them in:
//! text without a header, times as running numbers. Figures are compared with those of the file.
//!
//! Data: NASA C-MAPSS, FD001 (A. Saxena et al., PHM08). Skipped where the file is absent (`THROUGHLINE_DATA`).

use super::counted::{self, Counted};
use super::program::{out, real_data, throughline};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

/// The values of one sensor of one engine, in the order of the cycles.
type Cycles = Vec<f64>;

/// The properties of the columns from the third on: the settings, then the sensors.
const SIGNALS: [&str; 24] = [
    "altitude",
    "mach",
    "TRA",
    "T2",
    "T24",
    "T30",
    "T50",
    "P2",
    "P15",
    "P30",
    "Nf",
    "Nc",
    "epr",
    "Ps30",
    "phi",
    "NRf",
    "NRc",
    "BPR",
    "farB",
    "htBleed",
    "Nf_dmd",
    "PCNfR_dmd",
    "W31",
    "W32",
];

/// Compares what is answered of one engine with the values of the file; returns by how much of the series' range (p01 to
/// p99) a percentile is off at most.
fn compare(group: &Value, property: &str, engines: &BTreeMap<u32, Vec<Cycles>>, column: usize) -> f64 {
    let key = group["key"].as_str().and_then(|key| key.strip_prefix("engine/")).expect("a key");
    let values = &engines[&key.parse().expect("a number")][column];
    let number = |name: &str| group["usage"][name].as_f64().expect("a number");
    let fold = |with: fn(f64, f64) -> f64| values.iter().copied().reduce(with).expect("values");
    assert_eq!(group["usage"]["sampleCount"], values.len().to_string(), "{property} of {key}");
    assert_eq!((number("min"), number("max")), (fold(f64::min), fold(f64::max)), "{property} of {key}");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let size = fold(f64::max).abs().max(fold(f64::min).abs());
    assert!((number("mean") - mean).abs() <= 1e-9 * size, "{property} of {key}: {mean}");
    // Narrow signals on an offset: percentiles to a thousandth of the range, where 1 % of the value would be more than all of it.
    let counted = Counted::of(values.clone());
    counted.check_bars(&format!("{property} of {key}"), &group["usage"], 1.0);
    counted.check_percentiles(&format!("{property} of {key}"), &group["usage"])
}

/// Reads the file: by engine, the cycles of each of its 26 columns.
fn engines(path: &Path) -> BTreeMap<u32, Vec<Cycles>> {
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the file");
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).expect("text");
    let mut engines: BTreeMap<u32, Vec<Cycles>> = BTreeMap::new();
    for row in text.lines() {
        let cells: Vec<f64> = row.split_whitespace().map(|cell| cell.parse().expect("a number")).collect();
        let columns = engines.entry(cells[0] as u32).or_insert_with(|| vec![Vec::new(); 26]);
        cells.iter().zip(columns).for_each(|(cell, column)| column.push(*cell));
    }
    engines
}

#[test]
fn sensors_agree_with_the_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let Some(path) = real_data("cmapss/train_FD001.txt.gz") else { return };
    let engines = engines(&path);
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| out(&throughline(folder.path(), arguments));
    let fixture = |name: &str| root.join("fixtures/field").join(name).display().to_string();
    let file = path.display().to_string();
    run(&["init", "plant", "--base", "https://test.example/"]);
    run(&["import", "--data", "plant", &fixture("cmapss.ttl")]);
    run(&["import", "--data", "plant", "--source", "FD001", "--table", &fixture("cmapss.toml"), &file]);
    let sensors: String = (1..=21).map(|sensor| format!(",s{sensor}")).collect();
    let header = format!("unit,cycle,setting1,setting2,setting3{sensors}");
    let printed = run(&[
        "ingest",
        "--data",
        "plant",
        "--delimiter",
        " ",
        "--header",
        &header,
        "--time",
        "cycle",
        "--epoch",
        "2000-01-01T00:00:00Z",
        "--step",
        "PT1H",
        "--twin",
        "engine/{unit}",
        &file,
    ]);
    let cycles: usize = engines.values().map(|columns| columns[0].len()).sum();
    assert!(printed.contains(&format!("{} samples stored, 0 cells refused", cycles * 24)), "{printed}");

    let ask = |fields: &str| {
        std::fs::write(folder.path().join("q.graphql"), format!("{{ thread {{ {fields} }} }}"))
            .expect("a file");
        let answer = run(&["query", "--data", "plant", "q.graphql"]);
        serde_json::from_str::<Value>(&answer).expect("JSON")["data"]["thread"].clone()
    };
    let window = r#"window: { from: "2000-01-01T00:00:00Z", to: "2001-01-01T00:00:00Z" }"#;
    // In documents of so many aliases as are taken.
    let usages = |weight: &str| -> Vec<Value> {
        SIGNALS.chunks(6).flat_map(|properties| {
        let usage = |property: &str| {
            let fields = counted::fields();
            format!(
                "{property}: fieldUsage(property: \"property/{property}\", {window}, groupBy: [UNIT], weight: {weight}) {{
                    sampleCount unitCount hours {fields} groups {{ key usage {{ sampleCount min max mean {fields} }} }} }}"
            )
        };
        let fields: String = properties.iter().map(|property| usage(property)).collect();
        let thread = ask(&format!("designRevision(id: \"engine/A\") {{ {fields} }}"));
        let usages = properties.iter().map(|property| thread["designRevision"][property].clone());
        usages.collect::<Vec<_>>()
    }).collect()
    };
    let by_unit = usages("UNIT");
    let usages = usages("TIME");
    println!("{:<10}{:>12}{:>12}{:>10}", "signal", "least", "greatest", "off by");
    let (mut worst, mut compared) = (0.0_f64, 0);
    for (at, (property, usage)) in SIGNALS.iter().zip(&usages).enumerate() {
        let column = at + 2;
        assert_eq!(
            (&usage["sampleCount"], &usage["unitCount"]),
            (&json!(cycles.to_string()), &json!(100)),
            "{property}"
        );
        assert_eq!(usage["hours"], cycles as f64, "{property}: a cycle is an hour");
        let groups = usage["groups"].as_array().expect("groups");
        assert_eq!(groups.len(), 100);
        let offs = groups.iter().map(|group| compare(group, property, &engines, column));
        let off = offs.fold(0.0, f64::max);
        compared += groups.len() * counted::PERCENTILES.len();
        let units: Vec<Counted> =
            engines.values().map(|columns| Counted::of(columns[column].clone())).collect();
        let fleet = Counted::of(engines.values().flat_map(|columns| columns[column].clone()).collect());
        fleet.check_percentiles(property, usage);
        fleet.check_bars(property, usage, 1.0);
        counted::check_percentiles_by_unit(&format!("{property}, each engine once"), &by_unit[at], &units);
        worst = worst.max(off);
        let all = || engines.values().flat_map(|columns| columns[column].iter().copied());
        let (least, greatest) =
            (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
        println!("{property:<10}{least:>12}{greatest:>12}{:>9.4}%", off * 100.0);
    }
    println!(
        "{compared} percentiles of {} series are off by {:.4} % of the series' range at most",
        SIGNALS.len() * 100,
        worst * 100.0
    );
    // The last cycle of engine 7, all its sensors.
    let columns = &engines[&7];
    let last = columns[0].len();
    let thread = ask("twinInstance(id: \"engine/7\") { latest { at value signal { name } } }");
    let latest = thread["twinInstance"]["latest"].as_array().expect("readings");
    assert_eq!(latest.len(), SIGNALS.len());
    let epoch: throughline::model::time::instant::Instant =
        "2000-01-01T00:00:00Z".parse().expect("an instant");
    let end = epoch.plus_nanos(last as i64 * 3_600_000_000_000).to_string();
    for reading in latest {
        let name = reading["signal"]["name"].as_str().expect("a name");
        let number = |prefix: &str| name.strip_prefix(prefix).and_then(|number| number.parse::<usize>().ok());
        let column = number("setting").map(|at| at + 1).or(number("s").map(|at| at + 4)).expect("a column");
        assert_eq!(
            (&reading["at"], &reading["value"]),
            (&json!(end), &json!(columns[column][last - 1])),
            "{reading}"
        );
    }
}

/// What is left to engines is predicted from those that failed: the error is measured on the engines of the file, each left out.
#[test]
fn the_life_that_is_left_is_predicted() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Without optimisation the second set takes minutes.
    let sets: &[(&str, f64)] =
        if cfg!(debug_assertions) { &[("FD001", 18.0)] } else { &[("FD001", 18.0), ("FD003", 32.0)] };
    for &(name, most) in sets {
        let Some(path) = real_data(&format!("cmapss/train_{name}.txt.gz")) else { return };
        let engines = engines(&path);
        let folder = tempfile::tempdir().expect("a folder");
        let run = |arguments: &[&str]| out(&throughline(folder.path(), arguments));
        let fixture = |name: &str| root.join("fixtures/field").join(name).display().to_string();
        let file = path.display().to_string();
        let mut failures = "unit,failedAt\n".to_owned();
        for (unit, columns) in &engines {
            let epoch: throughline::model::time::instant::Instant =
                "2000-01-01T00:00:00Z".parse().expect("an instant");
            let end = epoch.plus_nanos((columns[0].len() as i64 + 1) * 3_600_000_000_000);
            failures.push_str(&format!("{unit},{end}\n"));
        }
        std::fs::write(folder.path().join("failures.csv"), failures).expect("a file");
        run(&["init", "plant", "--base", "https://test.example/"]);
        // A machine that is busy, and a program without optimisation.
        std::fs::write(folder.path().join("plant/throughline.toml"), "[server]\nseconds = 600\n")
            .expect("a file");
        run(&["import", "--data", "plant", &fixture("cmapss.ttl")]);
        run(&["import", "--data", "plant", "--source", name, "--table", &fixture("cmapss.toml"), &file]);
        run(&[
            "import",
            "--data",
            "plant",
            "--source",
            "failures",
            "--table",
            &fixture("cmapss-failures.toml"),
            "failures.csv",
        ]);
        let sensors: String = (1..=21).map(|sensor| format!(",s{sensor}")).collect();
        let header = format!("unit,cycle,setting1,setting2,setting3{sensors}");
        run(&[
            "ingest",
            "--data",
            "plant",
            "--delimiter",
            " ",
            "--header",
            &header,
            "--time",
            "cycle",
            "--epoch",
            "2000-01-01T00:00:00Z",
            "--step",
            "PT1H",
            "--twin",
            "engine/{unit}",
            &file,
        ]);
        let properties: String = SIGNALS[3..].iter().map(|name| format!("\"property/{name}\" ")).collect();
        // Half of the engines have failed after 199 hours; the others are on their way.
        let ask = |to: &str| {
            let query = format!(
                "{{ thread {{ designRevision(id: \"engine/A\") {{ predictRemaining(properties: [{properties}], bucket: \"PT1H\",
                window: {{ from: \"2000-01-01T00:00:00Z\", to: \"{to}\" }}) {{ failedCount unitCount cap trialCount error near: error(leftAtMost: 125)
                units(first: 1000) {{ nodes {{ serial remaining low high }} }} }} }} }} }}"
            );
            std::fs::write(folder.path().join("q.graphql"), query).expect("a file");
            let answer = run(&["query", "--data", "plant", "q.graphql"]);
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            answer["data"]["thread"]["designRevision"]["predictRemaining"].clone()
        };
        let all = ask("2000-02-01T00:00:00Z");
        assert_eq!(
            (&all["failedCount"], &all["unitCount"], &all["trialCount"]),
            (&json!(100), &json!(0), &json!(500))
        );
        let near = all["near"].as_f64().expect("an error");
        println!(
            "{name}: error {} h, {near} h of those with up to 125 h left, cap {} h",
            all["error"], all["cap"]
        );
        assert!(near < most, "{name}: {near}");
        let some = ask("2000-01-09T06:00:00Z");
        let (mut held, mut count, mut squares) = (0_u32, 0_u32, 0.0);
        for unit in some["units"]["nodes"].as_array().expect("units") {
            let number = |name: &str| unit[name].as_f64().expect("a number");
            let serial: u32 =
                unit["serial"].as_str().and_then(|serial| serial.parse().ok()).expect("a serial");
            // The last bucket ends at hour 198.
            let left = engines[&serial][0].len() as f64 + 1.0 - 198.0;
            held += u32::from(number("low") <= left && left <= number("high"));
            squares += (number("remaining") - left).powi(2);
            count += 1;
        }
        println!(
            "{name}: after 198 h {held} of {count} within their interval, error {} h",
            (squares / f64::from(count)).sqrt()
        );
        assert!(count > 30 && f64::from(held) >= 0.7 * f64::from(count), "{name}: {held} of {count}");
    }
}
