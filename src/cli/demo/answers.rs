//! The answers to the story's questions as a design engineer reads them: tables and sentences, made of the answers alone.

use super::figures::{list, minute, one_decimal, percent, text, whole, with_unit};
use super::outlook;
use crate::cli::output::columns::aligned;
use serde_json::Value;

/// Describes the answer to one of the story's questions; a line each, without indentation.
pub fn describe(question: &str, data: &Value) -> Vec<String> {
    match question {
        "is-c-better" => is_c_better(data),
        "which-units" => which_units(data),
        "which-lot-vibrates" => which_lot_vibrates(data),
        "which-sensor" => which_sensor(data),
        "what-came-late" => what_came_late(data),
        "what-is-unknown" => what_is_unknown(data),
        "which-shaft" => which_shaft(data),
        "which-residual" => outlook::which_residual(data),
        "how-long-does-b-live" => outlook::how_long_does_b_live(data),
        "does-c-live-longer" => outlook::does_c_live_longer(data),
        "which-forecasts" => outlook::which_forecasts(data),
        "which-site" => outlook::which_site(data),
        _ => vec![format!("{data:#}")],
    }
}

fn is_c_better(data: &Value) -> Vec<String> {
    let heads = [
        "REVISION",
        "UNITS",
        "HOURS",
        "P95",
        "MAX",
        "ABOVE 85 °C",
        "REQ-12",
        "UNITS WITHIN",
        "WORST UNIT",
        "SIMULATED",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for revision in ["a", "b", "c"].map(|name| &data["now"][name]) {
        let (usage, margin) = (&revision["fieldUsage"], margin(revision, "REQ-12"));
        rows.push([
            text(&revision["revision"]),
            text(&usage["unitCount"]),
            whole(&usage["hours"]),
            with_unit(&usage["p95"], usage),
            with_unit(&usage["max"], usage),
            format!("{} h", whole(&usage["timeBeyond"])),
            text(&margin["verdict"]),
            percent(&margin["conformingUnits"]),
            with_unit(&margin["observed"], margin),
            with_unit(&margin["predicted"], margin),
        ]);
    }
    let cure = &data["now"]["cure"];
    let compared = match cure["verdict"].as_str() {
        Some(verdict @ ("LOWER" | "HIGHER")) => format!(
            "Units of C run {} {} than those of B, with {} confidence between {} and {} (P95 of {} and {} units).",
            with_unit(&absolute(&cure["difference"]), cure),
            if verdict == "LOWER" { "cooler" } else { "hotter" },
            percent(&cure["interval"]["confidence"]),
            with_unit(&nearer(cure, false), cure),
            with_unit(&nearer(cure, true), cure),
            text(&cure["right"]["countedUnitCount"]),
            text(&cure["left"]["countedUnitCount"]),
        ),
        _ => "No difference between B and C is shown.".to_owned(),
    };
    let limit = |at: &str| {
        let constraint = &data[at]["requirement"]["constraints"][0];
        with_unit(&constraint["limit"], constraint).replace(".0 ", " ")
    };
    let allowed = format!(
        "REQ-12 allows {} now; at the design review (PDR) it allowed {}.",
        limit("now"),
        limit("then")
    );
    [aligned(&rows), vec![String::new(), compared, allowed]].concat()
}

fn which_units(data: &Value) -> Vec<String> {
    let population = &data["thread"]["designRevision"]["population"];
    let mut rows = vec![["BEARING", "PUMP", "SITE", "POSITION", "FROM", "UNTIL", "HOURS"].map(str::to_owned)];
    rows.extend(list(&population["members"]["nodes"]).iter().map(|member| {
        let (item, asset) = (&member["item"], &member["asset"]);
        let until = if member["to"].is_null() { "still there".to_owned() } else { minute(&member["to"]) };
        let (from, hours) = (minute(&member["from"]), whole(&member["hours"]));
        [
            text(&item["identifier"]),
            text(&asset["identifier"]),
            text(&asset["site"]),
            text(&member["path"]),
            from,
            until,
            hours,
        ]
    }));
    let shown = format!(
        "{} bearings carried revision C in 2024 and 2025; the first {} of {} stays:",
        text(&population["unitCount"]),
        rows.len() - 1,
        text(&population["totalCount"]),
    );
    [vec![shown, String::new()], aligned(&rows)].concat()
}

fn which_lot_vibrates(data: &Value) -> Vec<String> {
    let usage = &data["thread"]["designRevision"]["fieldUsage"];
    let mut rows = vec![["LOT", "UNITS", "MEAN", "P95"].map(str::to_owned)];
    rows.extend(list(&usage["groups"]).iter().map(|group| {
        let (lot, of) = (text(&group["key"]).trim_start_matches("build/").to_owned(), &group["usage"]);
        [lot, text(&of["unitCount"]), with_unit(&of["mean"], usage), with_unit(&of["p95"], usage)]
    }));
    let worst: Vec<String> = list(&usage["worstUnits"])
        .iter()
        .map(|unit| format!("{} ({})", text(&unit["serial"]), with_unit(&unit["max"], usage)))
        .collect();
    let build = &data["thread"]["build"];
    let built = format!(
        "Lot {} was built on {}, {} bearings. The highest readings are of {}.",
        text(&build["identifier"]),
        text(&build["builtAt"]).split('T').next().unwrap_or_default(),
        list(&build["twins"]["edges"]).len(),
        worst.join(", "),
    );
    [aligned(&rows), vec![String::new(), built]].concat()
}

fn which_sensor(data: &Value) -> Vec<String> {
    let usage = |version: &str| &data[version]["twinInstance"]["fieldUsage"];
    let (recorded, corrected) = (usage("recorded"), usage("corrected"));
    let heads = ["MONTH", "AS RECORDED: MEAN", "MAX", "AS CORRECTED: MEAN", "MAX"];
    let mut rows = vec![heads.map(str::to_owned)];
    for (before, after) in list(&recorded["buckets"]).iter().zip(list(&corrected["buckets"])) {
        let value = |bucket: &Value, field: &str| with_unit(&bucket["usage"][field], recorded);
        let month = text(&before["from"]).chars().take(7).collect();
        rows.push([
            month,
            value(before, "mean"),
            value(before, "max"),
            value(after, "mean"),
            value(after, "max"),
        ]);
    }
    aligned(&rows)
}

fn what_came_late(data: &Value) -> Vec<String> {
    let groups = |when: &str| list(&data[when]["designRevision"]["fieldUsage"]["groups"]);
    let heads = [
        "SITE",
        "BEFORE: MAX",
        "ABOVE 85 °C",
        "MISSING",
        "NOW: MAX",
        "ABOVE 85 °C",
        "MISSING",
        "LATE SAMPLES",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for (before, now) in groups("before").iter().zip(groups("now")) {
        let of = |group: &Value| {
            let usage = &group["usage"];
            let hours = |value: &Value| format!("{} h", whole(value));
            (
                format!("{} °C", one_decimal(&usage["max"])),
                hours(&usage["timeBeyond"]),
                hours(&usage["account"]["missingHours"]),
            )
        };
        let ((max, beyond, missing), (max_now, beyond_now, missing_now)) = (of(before), of(now));
        let late = text(&now["usage"]["account"]["lateCount"]);
        rows.push([text(&before["key"]), max, beyond, missing, max_now, beyond_now, missing_now, late]);
    }
    aligned(&rows)
}

fn what_is_unknown(data: &Value) -> Vec<String> {
    let installed = list(&data["thread"]["twinInstance"]["configuration"]["nodes"]);
    let mut lines: Vec<String> = installed
        .iter()
        .filter(|member| member["certainty"] == "UNKNOWN")
        .map(|member| {
            let (serial, path, to) =
                (text(&member["item"]["identifier"]), text(&member["path"]), minute(&member["to"]));
            format!("{serial} was at {path} of P-193 until {to}; since when is not recorded.")
        })
        .collect();
    let account = &data["thread"]["designRevision"]["fieldUsage"]["account"];
    lines.push(format!(
        "From 1 January to 1 June 2025, {} h of revision A were observed; {} h more are of unknown configuration and counted for nobody.",
        whole(&account["observedHours"]),
        whole(&account["unknownConfigurationHours"]),
    ));
    lines
}

fn which_shaft(data: &Value) -> Vec<String> {
    let mut rows = vec![["REQUIREMENT", "VERDICT", "OBSERVED", "LIMIT", "UNITS BEYOND"].map(str::to_owned)];
    let margins = list(&data["thread"]["designRevision"]["margins"]);
    for margin in margins {
        let units =
            list(&margin["violators"]["nodes"]).iter().map(|unit| text(&unit["serial"])).collect::<Vec<_>>();
        let beyond = if units.len() > NAMED_MAX { units.len().to_string() } else { units.join(", ") };
        let (observed, limit) = (&margin["observed"], &margin["limit"]);
        let unit = text(&margin["unit"]["symbol"]);
        let value = |value: &Value| format!("{:.2} {unit}", value.as_f64().unwrap_or_default());
        rows.push([
            text(&margin["requirement"]["identifier"]),
            text(&margin["verdict"]),
            value(observed),
            value(limit),
            beyond,
        ]);
    }
    aligned(&rows)
}

/// How many units are named; more are counted.
const NAMED_MAX: usize = 3;

fn margin<'a>(of: &'a Value, requirement: &str) -> &'a Value {
    let found = list(&of["margins"]).iter().find(|margin| margin["requirement"]["identifier"] == requirement);
    found.unwrap_or(&Value::Null)
}

fn absolute(value: &Value) -> Value {
    value.as_f64().map_or(Value::Null, |value| value.abs().into())
}

/// The end of the interval of a comparison that is nearer to zero, or the `farther` one, without its sign.
fn nearer(comparison: &Value, farther: bool) -> Value {
    let ends = ["low", "high"].map(|end| comparison["interval"][end].as_f64().unwrap_or_default().abs());
    (if farther { ends[0].max(ends[1]) } else { ends[0].min(ends[1]) }).into()
}
