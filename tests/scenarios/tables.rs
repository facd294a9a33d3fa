//! Tables as spreadsheets, ERP systems and plant historians export them: read as they are, or refused by line.

use super::program::{out, refused, throughline};
use super::world::PUMP;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

/// Makes a thread with the pump in it.
fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    write(folder.path(), "pump.ttl", PUMP);
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    folder
}

fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(folder.join(name), content).expect("a file");
}

fn ingest(folder: &Path, more: &[&str]) -> Output {
    throughline(folder, &[&["ingest", "--data", "plant"], more].concat())
}

fn import(folder: &Path, more: &[&str]) -> Output {
    throughline(folder, &[&["import", "--data", "plant", "--table", "units.toml"], more].concat())
}

/// Asks for the temperatures of P-1 in a year: how many, their sum, the first and the last instant.
fn temperatures(folder: &Path, year: u32) -> String {
    let query = format!(
        "{{ thread {{ twinInstance(id: \"unit/P-1\") {{ fieldUsage(property: \"temperature\", window: {{
            from: \"{year}-01-01T00:00:00Z\", to: \"{}-01-01T00:00:00Z\" }}) {{ sampleCount sum first {{ at }} last {{ at }} }} }} }} }}",
        year + 1
    );
    write(folder, "q.graphql", query);
    let answer = out(&throughline(folder, &["query", "--data", "plant", "q.graphql"]));
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let usage = &answer["data"]["thread"]["twinInstance"]["fieldUsage"];
    let at = |end: &str| usage[end]["at"].as_str().unwrap_or("never").to_owned();
    format!("{} {} {} {}", usage["sampleCount"], usage["sum"], at("first"), at("last"))
}

#[test]
fn a_historians_file_goes_in_as_it_is() {
    let folder = plant();
    let folder = folder.path();
    let csv = "sep=;\r\nPlant 7\r\n\r\n;Pump 1;Pump 1\r\nTime;\u{b0}C;\u{b0}C\r\n\
        04.07.24 10:00;1.070,5;1\r\n04.07.24 10:05;NaN;#N/A\r\n04.07.24 10:10;80,5;2\r\n;;\r\n";
    write(folder, "day.csv", csv);
    let flags = [
        "--unit",
        "P-1",
        "--time",
        "t",
        "--skip-lines",
        "5",
        "--header",
        "t,temp,other",
        "--column",
        "temp",
        "--decimal",
        ",",
        "--thousands",
        ".",
        "--format",
        "DD.MM.YY hh:mm",
        "--years-from",
        "2000",
        "--zone",
        "Europe/Berlin",
    ];
    let told = out(&ingest(folder, &[&flags[..], &["day.csv"]].concat()));
    assert!(
        told.contains("2 samples stored, 0 cells refused, 1 gap\n")
            && told.contains("columns not used: other\n"),
        "{told}"
    );
    assert_eq!(temperatures(folder, 2024), "2 1151.0 2024-07-04T08:00:00Z 2024-07-04T08:10:00Z");

    // The same by a mapping, in the encoding of an old spreadsheet, with the header that the file has.
    let mapping = "delimiter = \";\"\nencoding = \"windows-1252\"\nskip-lines = 3\nskip-below = 1\ndecimal = \",\"\nthousands = \".\"\n\
        zone = \"Europe/Berlin\"\nformat = \"DD.MM.YY hh:mm\"\nyears-from = 2000\n[readings]\nunit = \"P-1\"\ntime = \"Zeit\"\nsignals = { \"Fühler\" = \"temp\" }\n";
    write(folder, "day.toml", mapping);
    let old = csv.replace(";Pump 1;Pump 1", "Zeit;F\u{fc}hler;Rest").replace("07.24", "07.25");
    write(
        folder,
        "old.csv",
        old.chars().map(|c| u8::try_from(u32::from(c)).expect("a byte")).collect::<Vec<_>>(),
    );
    out(&ingest(folder, &["--table", "day.toml", "old.csv"]));
    assert_eq!(temperatures(folder, 2025), "2 1151.0 2025-07-04T08:00:00Z 2025-07-04T08:10:00Z");
    let told = ingest(folder, &["--table", "day.toml", "day.csv"]);
    assert!(refused(&told).contains("day.csv has no column \"Zeit\""), "{told:?}");
}

#[test]
fn the_hour_that_comes_twice_is_stored_twice() {
    let folder = plant();
    let folder = folder.path();
    let csv = "t,temp\n2024-10-27 01:45,1\n2024-10-27 02:15,2\n2024-10-27 02:45,4\n2024-10-27 02:15,8\n2024-10-27 02:45,16\n2024-10-27 03:15,32\n";
    write(folder, "night.csv", csv);
    let flags = ["--unit", "P-1", "--time", "t", "--zone", "Europe/Berlin"];
    let told = out(&ingest(folder, &[&flags[..], &["night.csv"]].concat()));
    assert!(told.contains("4 rows, the first on line 3: the clock shows the time twice"), "{told}");
    assert_eq!(temperatures(folder, 2024), "6 63.0 2024-10-26T23:45:00Z 2024-10-27T02:15:00Z");
    // One row alone does not tell, and a row that is there twice is reported.
    write(folder, "alone.csv", "t,temp\n2023-10-29 02:15,1\n2023-10-29 03:00,2\n2023-10-29 03:00,3\n");
    let told = ingest(folder, &[&flags[..], &["alone.csv"]].concat());
    let text = String::from_utf8(told.stdout.clone()).expect("text");
    assert!(refused(&told).contains("1 cell was refused"), "{text}");
    assert!(text.contains("alone.csv: line 2, column t: \"2023-10-29 02:15\" is shown twice"), "{text}");
    assert!(text.contains("1 sample, the first on line 4: an earlier row states the same instant"), "{text}");
}

#[test]
fn a_list_of_serials_is_taken_whole_or_not_at_all() {
    let folder = plant();
    let folder = folder.path();
    write(
        folder,
        "units.toml",
        "[[resource]]\nclass = \"TwinInstance\"\nid = \"unit/{serial}\"\nfields = { identifier = \"serial\", site = \"site\", part = { id = \"pump\" } }\n",
    );
    write(folder, "units.csv", "\u{feff}item;serial;item;site\r\nA;P-7;B;Bergen\r\n;;;\r\n; ;;\r\n");
    let told = out(&import(folder, &["units.csv"]));
    assert!(told.contains("units.csv: columns not used: item, item\n"), "{told}");
    let told = out(&import(folder, &["--json", "units.csv"]));
    let told: Value = serde_json::from_str(&told).expect("JSON");
    assert_eq!(told["unusedColumns"][0]["columns"], serde_json::json!(["item", "item"]));
    write(folder, "spoilt.csv", "serial;site\r\n9,55167E+12;Bergen\r\n00471;#REF!\r\n;Oslo\r\n");
    let told = refused(&import(folder, &["spoilt.csv"]));
    for place in [
        "spoilt.csv:2: column 1 \"serial\": \"9,55167E+12\"",
        "spoilt.csv:3: column 2 \"site\": \"#REF!\"",
        "spoilt.csv:4: column 1 \"serial\": is empty",
    ] {
        assert!(told.contains(place), "{told}");
    }
    assert!(
        refused(&throughline(folder, &["show", "--data", "plant", "unit/00471"])).contains("does not exist")
    );
}

#[test]
fn the_units_of_a_file_are_those_of_its_signals() {
    let folder = plant();
    let folder = folder.path();
    write(folder, "row.csv", "t,temp\n,°F\n2024-07-04T08:00:00Z,70\n");
    let flags = ["--unit", "P-1", "--time", "t", "--units-row"];
    let told = refused(&ingest(folder, &[&flags[..], &["row.csv"]].concat()));
    assert!(
        told.contains("row.csv: column 2 \"temp\": the file states temp in \"°F\", but the signals of this name are in °C"),
        "{told}"
    );
    assert!(temperatures(folder, 2024).starts_with("0 "));
    write(folder, "row.csv", "t,temp\n,°C\n2024-07-04T08:00:00Z,70\n");
    out(&ingest(folder, &[&flags[..], &["row.csv"]].concat()));
    assert!(temperatures(folder, 2024).starts_with("1 70.0 "));
}
