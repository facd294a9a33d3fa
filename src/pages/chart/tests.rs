//! Charts as they were, byte for byte: `fixtures/pages/`. `UPDATE_PAGES=1` writes them anew, to be looked at before they are committed.

use super::telemetry::{Bucket, Limit};
use super::time_bar::Bar;
use super::{Svg, bar, strip, telemetry, time_bar};
use crate::model::time::instant::Instant;
use crate::pages::answer::margin::Margin;
use serde_json::json;
use std::path::Path;

fn check(name: &str, svg: &Svg) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pages").join(name);
    let text = format!("{svg}\n");
    if std::env::var_os("UPDATE_PAGES").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, &text).expect("a snapshot");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(text, kept, "{name} has changed");
}

/// Makes a margin against 85 °C, of units with these values.
fn margin(values: &[f64], verdict: &str, predicted: Option<f64>) -> Margin {
    let units: Vec<_> = values
        .iter()
        .map(|value| {
            let verdict = if *value > 85.0 { "VIOLATES" } else { "CONFORMS" };
            json!({ "observed": value, "distance": 85.0 - value, "verdict": verdict, "observedHours": 8760.0, "serial": "B-1", "unit": null })
        })
        .collect();
    let keep = values.iter().filter(|value| **value <= 85.0).count() as f64 / values.len().max(1) as f64;
    let margin = json!({
        "verdict": verdict, "observed": values.iter().copied().reduce(f64::max), "predicted": predicted, "limit": 85.0, "upperLimit": null,
        "distance": null, "distancePercent": null, "refusal": null, "unitCount": values.len(), "conformingUnits": keep,
        "unit": { "symbol": "°C" }, "requirement": null,
        "constraint": {
            "iri": "R#limit", "kind": "LIMIT", "scope": "EACH_UNIT", "statistic": "P95", "comparator": "LE", "transform": null,
            "window": null, "property": { "iri": "temperature", "title": "<b>temperature" }, "conditions": [],
        },
        "account": {
            "observedHours": 0.0, "serviceHours": 0.0, "missingHours": 0.0, "unknownConfigurationHours": 0.0, "undecidedHours": 0.0,
            "implausibleSamples": "0", "implausibleHours": 0.0, "late": "0", "overwritten": "0", "units": 0, "reportingUnits": 0,
            "silentUnits": 0, "unbound": [],
        },
        "units": { "nodes": units },
    });
    serde_json::from_value(margin).expect("a margin")
}

fn window() -> (Instant, Instant) {
    ("2025-01-01T00:00:00Z".parse().expect("an instant"), "2026-01-01T00:00:00Z".parse().expect("an instant"))
}

#[test]
fn a_margin_in_one_line() {
    check("bar.svg", &bar::margin(&margin(&[70.0, 71.5, 84.0, 91.25], "VIOLATES", Some(80.0))));
    check("bar-of-nothing.svg", &bar::margin(&margin(&[], "UNKNOWN", None)));
}

#[test]
fn units_of_designs_against_a_limit() {
    let (b, c) = (
        margin(&[84.0, 91.25, 91.3, 99.0], "VIOLATES", Some(80.0)),
        margin(&[70.0, 70.1, 78.5], "CONFORMS", None),
    );
    let rows = [
        strip::Row { name: "BRG <B>".to_owned(), margin: &b },
        strip::Row { name: "BRG C".to_owned(), margin: &c },
    ];
    check("strip.svg", &strip::units(&rows, &[90.0], "P95 in °C"));
}

#[test]
fn many_units_stay_small_and_keep_their_sum() {
    let values: Vec<f64> = (0..5_000).map(|at| 60.0 + f64::from(at % 97) * 0.4).collect();
    let many = margin(&values, "VIOLATES", None);
    let svg = strip::units(&[strip::Row { name: "all".to_owned(), margin: &many }], &[], "P95").to_string();
    assert!(svg.len() < 20_000, "{}", svg.len());
    assert!(svg.contains("of 5000 keep it"), "{svg}");
}

#[test]
fn a_signal_has_gaps_where_nothing_was_observed() {
    let day = |at: f64, values| Bucket {
        time: (1_735_689_600.0 + at * 2_592_000.0, 1_735_689_600.0 + (at + 1.0) * 2_592_000.0),
        values,
    };
    let buckets = [
        day(0.0, Some([60.0, 65.0, 70.0])),
        day(1.0, Some([61.0, 66.0, 90.0])),
        day(2.0, None),
        day(3.0, Some([58.0, 60.0, 62.0])),
    ];
    let limits = [Limit { value: 85.0, label: "REQ-12 P95 85".to_owned() }];
    let svg = telemetry::signal(
        window(),
        &buckets,
        &limits,
        &[(1_740_000_000.0, "failure".to_owned())],
        "temperature & more",
    );
    check("telemetry.svg", &svg);
}

#[test]
fn installations_by_position_and_time() {
    let bar = |row: &str, name: &str, time, bounds| Bar {
        row: row.to_owned(),
        name: name.to_owned(),
        time,
        bounds,
        title: format!("{name} \"here\""),
    };
    let bars = [
        bar("drive-end/bearing", "B-1 · rev. A", (None, Some(1_750_000_000.0)), (None, None)),
        bar(
            "drive-end/bearing",
            "B-2 · rev. C",
            (Some(1_751_000_000.0), None),
            (Some(1_750_000_000.0), None),
        ),
        bar("controller", "2.3", (Some(1_700_000_000.0), Some(1_710_000_000.0)), (None, None)),
    ];
    check(
        "time-bar.svg",
        &time_bar::bars(window(), &bars, &[(1_745_000_000.0, "maintenance".to_owned())], "what sat where"),
    );
}
