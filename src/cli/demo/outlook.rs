//! The answers to what comes, as a reliability engineer reads them: lives, forecasts, duty, and models against the field.

use super::figures::{list, minute, one_decimal, percent, text, whole, with_unit};
use crate::cli::output::columns::aligned;
use serde_json::Value;

pub(super) fn which_residual(data: &Value) -> Vec<String> {
    let residuals = &data["thread"]["designRevision"]["residuals"];
    let mut rows = vec![["BEARING", "PUMP", "DAY", "MODEL", "OBSERVED", "RESIDUAL"].map(str::to_owned)];
    for unit in list(&residuals["units"]["nodes"]) {
        let pump = &unit["unit"]["installations"]["edges"][0]["node"]["parent"]["identifier"];
        rows.extend(list(&unit["points"]["nodes"]).iter().map(|point| {
            [
                text(&unit["serial"]),
                text(pump),
                day(&point["from"]),
                with_unit(&point["predicted"], residuals),
                with_unit(&point["observed"], residuals),
                format!("{} K", one_decimal(&point["residual"])),
            ]
        }));
    }
    let all = format!(
        "Of {} bearings of revision A, the three that are farthest from their model; half of all residuals are above {} K:",
        text(&residuals["unitCount"]),
        one_decimal(&residuals["residual"]["median"]),
    );
    [vec![all, String::new()], aligned(&rows)].concat()
}

pub(super) fn how_long_does_b_live(data: &Value) -> Vec<String> {
    let life = &data["thread"]["designRevision"]["lifetime"];
    let (of, forecast) = (&life["distribution"], &life["forecast"]);
    let mut lines = vec![
        format!(
            "Of {} bearings of B {} overheated, {} are in service.",
            text(&life["unitCount"]),
            whole(&life["failureCount"]),
            whole(&life["aliveCount"]),
        ),
        format!(
            "They wear out: the shape is {}. A tenth has failed after {} h in service.",
            limits(&of["shape"], |value| format!("{:.2}", value.as_f64().unwrap_or_default())),
            limits(&of["b10"], whole),
        ),
        format!("A year in service is survived by {}.", limits(&of["year"], percent)),
        format!(
            "Until 1 April 2026 {} are expected to fail of the {} in service, with 95 % confidence {} to {}:",
            one_decimal(&forecast["expected"]),
            whole(&forecast["units"]),
            whole(&forecast["low"]),
            whole(&forecast["high"]),
        ),
        String::new(),
    ];
    let mut rows = vec![["SITE", "IN SERVICE", "EXPECTED TO FAIL"].map(str::to_owned)];
    rows.extend(
        list(&forecast["sites"])
            .iter()
            .map(|site| [text(&site["site"]), whole(&site["units"]), one_decimal(&site["expected"])]),
    );
    lines.extend(aligned(&rows));
    lines
}

pub(super) fn does_c_live_longer(data: &Value) -> Vec<String> {
    let compared = &data["thread"]["compareLife"];
    let of = |side: &str| {
        let side = &compared[side];
        format!("{} failures in {} h", whole(&side["failureCount"]), whole(&side["exposure"]))
    };
    let verdict = match compared["verdict"].as_str() {
        Some("LONGER") => format!(
            "Bearings of C live at least {} times as long, with 95 % confidence.",
            one_decimal(&compared["ratio"]["low"])
        ),
        _ => format!("No longer life of C is shown. {}", text(&compared["shortfall"])),
    };
    vec![format!("B: {}. C: {}.", of("left"), of("right")), verdict]
}

pub(super) fn which_forecasts(data: &Value) -> Vec<String> {
    let (thread, mut rows) = (&data["thread"], Vec::new());
    rows.push(["BEARING", "EXPECTED ON", "EARLIEST", "LATEST", "OUTCOME", "ALARM ON"].map(str::to_owned));
    for finding in list(&thread["findings"]["nodes"]) {
        let of = &finding["forecast"];
        let days = ["expectedAt", "earliest", "latest"].map(|name| day(&of[name]));
        let [expected, earliest, latest] = days;
        let (unit, outcome) = (text(&of["twin"]["identifier"]), text(&of["outcome"]));
        rows.push([unit, expected, earliest, latest, outcome, day(&of["crossedAt"])]);
    }
    let score = &thread["forecastScore"];
    let counts = format!(
        "Of {} forecasts made on 1 August 2025 {} came true, {} did not, and {} bearings left service before.",
        text(&score["madeCount"]),
        text(&score["trueCount"]),
        text(&score["expiredCount"]),
        text(&score["withdrawnCount"]),
    );
    let lead = format!(
        "Where it came true, the alarm came {} days after the forecast and {} days later than expected (medians); {} of all intervals held it.",
        days(&score["leadHours"]),
        days(&score["errorHours"]),
        percent(&score["coverage"]),
    );
    [vec![counts, lead, String::new()], aligned(&rows)].concat()
}

pub(super) fn which_site(data: &Value) -> Vec<String> {
    let design = &data["thread"]["designRevision"];
    let mut rows = vec![["SITE", "PUMPS", "BEYOND THE TESTED DUTY", "WORST"].map(str::to_owned)];
    for site in list(&design["duty"]["sites"]) {
        let worst = format!("{} ×", one_decimal(&site["greatestUtilisation"]));
        rows.push([text(&site["site"]), text(&site["unitCount"]), text(&site["beyondCount"]), worst]);
    }
    let verdicts = list(&design["margins"]).iter();
    let mut verdicts = verdicts.filter(|margin| margin["requirement"]["identifier"] == "REQ-17");
    let margin = verdicts.next().unwrap_or(&Value::Null);
    let verdict = format!(
        "REQ-17 {}: {} of the pumps stay within what the rig has tested.",
        text(&margin["verdict"]),
        percent(&margin["conformingUnits"])
    );
    [vec![verdict, String::new()], aligned(&rows)].concat()
}

/// Writes an estimate with its limits.
fn limits(of: &Value, write: impl Fn(&Value) -> String) -> String {
    format!("{} ({} to {})", write(&of["estimate"]), write(&of["low"]), write(&of["high"]))
}

fn day(instant: &Value) -> String {
    minute(instant).chars().take(10).collect()
}

fn days(hours: &Value) -> String {
    // Adding 0 makes 0 of -0.
    hours.as_f64().map(|hours| format!("{}", (hours / 24.0).round() + 0.0)).unwrap_or_default()
}
