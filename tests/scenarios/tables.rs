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
    format!(
        "{} {} {} {}",
        usage["sampleCount"].as_str().unwrap_or_default(),
        usage["sum"],
        at("first"),
        at("last")
    )
}

#[test]
fn a_historians_file_is_ingested_as_it_is() {
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
    let printed = out(&ingest(folder, &[&flags[..], &["day.csv"]].concat()));
    assert!(
        printed.contains("2 samples stored, 0 cells refused, 1 gap\n")
            && printed.contains("columns not used: other\n"),
        "{printed}"
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
    let printed = ingest(folder, &["--table", "day.toml", "day.csv"]);
    assert!(refused(&printed).contains("day.csv has no column \"Zeit\""), "{printed:?}");
}

#[test]
fn the_hour_that_comes_twice_is_stored_twice() {
    let folder = plant();
    let folder = folder.path();
    let csv = "t,temp\n2024-10-27 01:45,1\n2024-10-27 02:15,2\n2024-10-27 02:45,4\n2024-10-27 02:15,8\n2024-10-27 02:45,16\n2024-10-27 03:15,32\n";
    write(folder, "night.csv", csv);
    let flags = ["--unit", "P-1", "--time", "t", "--zone", "Europe/Berlin"];
    let printed = out(&ingest(folder, &[&flags[..], &["night.csv"]].concat()));
    assert!(printed.contains("4 rows, the first on line 3: the clock shows the time twice"), "{printed}");
    assert_eq!(temperatures(folder, 2024), "6 63.0 2024-10-26T23:45:00Z 2024-10-27T02:15:00Z");
    // One row alone does not decide it, and a row that is there twice is reported.
    write(folder, "alone.csv", "t,temp\n2023-10-29 02:15,1\n2023-10-29 03:00,2\n2023-10-29 03:00,3\n");
    let printed = ingest(folder, &[&flags[..], &["alone.csv"]].concat());
    let text = String::from_utf8(printed.stdout.clone()).expect("text");
    assert!(refused(&printed).contains("1 cell was refused"), "{text}");
    assert!(text.contains("alone.csv: line 2, column t: \"2023-10-29 02:15\" is shown twice"), "{text}");
    assert!(text.contains("1 sample, the first on line 4: an earlier row states the same instant"), "{text}");
}

#[test]
fn what_is_bound_to_nothing_is_reported() {
    let folder = plant();
    let folder = folder.path();
    write(
        folder,
        "day.csv",
        "t,unit,temp,rest\n2024-07-04T08:00:00Z,P-1,70,1\n2024-07-04T08:00:00Z,P-9,70,\n",
    );
    let printed = out(&ingest(folder, &["--twin", "unit", "--time", "t", "day.csv"]));
    for line in [
        "  stored, but bound to nothing on main: P-9: no unit of the thread, or several, has this identifier or IRI\n",
        "  stored, but bound to nothing on main: rest: no signal of P-1 has this name\n",
    ] {
        assert!(printed.contains(line), "{printed}");
    }
    write(folder, "day.csv", "t,unit,temp\n2024-07-04T09:00:00Z,P-1,70\n");
    let printed = out(&ingest(folder, &["--twin", "unit", "--time", "t", "day.csv"]));
    assert!(!printed.contains("bound to nothing"), "{printed}");
}

#[test]
fn failure_rates_findings_and_usage_are_printed_as_tables() {
    let folder = plant();
    let folder = folder.path();
    let event = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> .
        <event/1> a tl:FieldEvent ; tl:on <unit/P-2> ; tl:kind \"FAILURE\" ; tl:state \"CONFIRMED\" ;
            tl:at \"2024-01-11T00:00:00Z\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .";
    write(folder, "event.ttl", event);
    out(&throughline(folder, &["import", "--data", "plant", "event.ttl"]));
    let day = "t,unit,temp\n2024-01-10T00:00:00Z,P-1,80\n2024-01-10T01:00:00Z,P-1,90\n2024-01-11T00:00:00Z,P-2,70.5\n";
    write(folder, "day.csv", day);
    out(&ingest(folder, &["--twin", "unit", "--time", "t", "day.csv"]));
    let window = r#"window: { from: "2024-01-10T00:00:00Z", to: "2024-01-12T00:00:00Z" }"#;
    let ask = |query: &str, more: &[&str]| {
        write(folder, "q.graphql", query);
        out(&throughline(folder, &[&["query", "--data", "plant"], more, &["q.graphql"]].concat()))
    };
    let table = |query: &str| ask(query, &["--format", "csv"]);
    let record = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", {window} }}) {{ changed }} }}"#
    );
    ask(&record, &[]);

    let rates = format!(
        r#"{{ thread {{ designRevision(id: "pump/A") {{ failureRate({window}, groupBy: [SITE]) {{ groups {{ key failureRate {{ eventCount hours unitCount }} }} }} }} }} }}"#
    );
    assert_eq!(
        table(&rates),
        "key,failureRate.eventCount,failureRate.hours,failureRate.unitCount\r\nBergen,1,48.0,1\r\nRotterdam,0,48.0,1\r\n"
    );
    let findings = "{ thread { findings { nodes { title state requirement { identifier } design { iri } evidence { totalCount } } } } }";
    assert_eq!(
        table(findings),
        "title,state,requirement.identifier,design.iri,evidence.totalCount\r\npump/A breaks REQ-1: MAX of temperature ≤ 85 °C,OPEN,REQ-1,pump/A,1\r\n"
    );
    let usage = format!(
        r#"{{ thread {{ designRevision(id: "pump/A") {{ fieldUsage(property: "temperature", {window}, groupBy: [UNIT]) {{ groups {{ key usage {{ sampleCount hours max unit {{ symbol }} }} }} }} }} }} }}"#
    );
    assert_eq!(
        table(&usage),
        "key,usage.sampleCount,usage.hours,usage.max,usage.unit.symbol\r\nunit/P-1,2,2.0,90.0,°C\r\nunit/P-2,1,1.0,70.5,°C\r\n"
    );
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
    let printed = out(&import(folder, &["units.csv"]));
    assert!(printed.contains("units.csv: columns not used: item, item\n"), "{printed}");
    let printed = out(&import(folder, &["--json", "units.csv"]));
    let printed: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(printed["unusedColumns"][0]["columns"], serde_json::json!(["item", "item"]));
    // Rows that no condition of the mapping takes are counted, and all of them are worth a warning.
    let mapping = std::fs::read_to_string(folder.join("units.toml")).expect("the mapping");
    write(folder, "units.toml", mapping.replace("fields", "only = { site = [\"bergen\"] }\nfields"));
    write(folder, "others.csv", "serial;site\r\nP-8;Bergen\r\nP-9;Oslo\r\n");
    let printed = out(&import(folder, &["others.csv"]));
    assert!(printed.contains("others.csv: 2 of 2 rows are not taken by the mapping"), "{printed}");
    assert!(printed.contains("warning: others.csv: nothing comes out of its rows (2)"), "{printed}");
    let printed: Value =
        serde_json::from_str(&out(&import(folder, &["--json", "others.csv"]))).expect("JSON");
    let expect = serde_json::json!([{ "file": "others.csv", "skipped": 2, "rows": 2 }]);
    assert_eq!(printed["skippedRows"], expect);
    write(folder, "units.toml", &mapping);
    write(folder, "spoilt.csv", "serial;site\r\n9,55167E+12;Bergen\r\n00471;#REF!\r\n;Oslo\r\n");
    let printed = refused(&import(folder, &["spoilt.csv"]));
    for place in [
        "spoilt.csv:2: column 1 \"serial\": \"9,55167E+12\"",
        "spoilt.csv:3: column 2 \"site\": \"#REF!\"",
        "spoilt.csv:4: column 1 \"serial\": is empty",
    ] {
        assert!(printed.contains(place), "{printed}");
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
    let printed = refused(&ingest(folder, &[&flags[..], &["row.csv"]].concat()));
    assert!(
        printed.contains("row.csv: column 2 \"temp\": the file states temp in \"°F\", but the signals of this name are in °C"),
        "{printed}"
    );
    let advice = "as in [[column]] value = \"({temp} - 32) * 5 / 9\"";
    assert!(printed.contains(advice), "{printed}");
    write(folder, "row.csv", "t,temp\n,\n2024-07-04T08:00:00Z,70\n");
    let printed = refused(&ingest(folder, &[&flags[..], &["row.csv"]].concat()));
    assert!(
        printed.contains("the file states no unit of temp, but the signals of this name are in °C"),
        "{printed}"
    );
    // The advice is true.
    let mapping = "[readings]\nunit = \"P-1\"\ntime = \"t\"\nsignals = { celsius = \"temp\" }\n[[column]]\nname = \"celsius\"\nvalue = \"({temp} - 32) * 5 / 9\"\n";
    write(folder, "f.toml", mapping);
    write(folder, "f.csv", "t,temp\n2025-07-04T08:00:00Z,185\n");
    out(&ingest(folder, &["--table", "f.toml", "f.csv"]));
    assert!(temperatures(folder, 2025).starts_with("1 85.0 "), "{}", temperatures(folder, 2025));
    assert!(temperatures(folder, 2024).starts_with("0 "));
    write(folder, "row.csv", "t,temp\n,°C\n2024-07-04T08:00:00Z,70\n");
    out(&ingest(folder, &[&flags[..], &["row.csv"]].concat()));
    assert!(temperatures(folder, 2024).starts_with("1 70.0 "));
}

#[test]
fn a_unit_may_be_spelled_in_several_ways() {
    let folder = plant();
    let folder = folder.path();
    let units = ["°C", "℃", "° C", "degC", "Cel", "DEG_C"];
    let row = |(hour, unit): (usize, &&str)| format!("2024-07-04T0{hour}:00:00Z,P-1,temp,10,{unit}\n");
    let rows: String = units.iter().enumerate().map(row).collect();
    let flags =
        ["--time", "t", "--twin", "serial", "--signal", "s", "--value", "v", "--units-column", "u", "l.csv"];
    write(folder, "l.csv", format!("t,serial,s,v,u\n{rows}"));
    out(&ingest(folder, &flags));
    assert!(temperatures(folder, 2024).starts_with("6 60.0 "), "{}", temperatures(folder, 2024));
    write(folder, "l.csv", format!("t,serial,s,v,u\n{rows}2024-07-04T08:00:00Z,P-1,temp,10,°F\n"));
    let printed = refused(&ingest(folder, &flags));
    assert!(printed.contains("1 cell was refused; all others are stored"), "{printed}");
}

#[test]
fn a_unit_in_the_header_is_that_of_the_signal() {
    let folder = plant();
    let folder = folder.path();
    write(folder, "wide.csv", "t,serial,temp [°F]\n2024-07-04T08:00:00Z,P-1,185\n");
    let flags = ["--time", "t", "--twin", "serial"];
    let wide = |column: &str| ingest(folder, &[&flags[..], &["--column", column, "wide.csv"]].concat());
    let printed = refused(&wide("temp [°F]=temp"));
    let reason = "wide.csv: column 3 \"temp [°F]\": the file states temp in \"°F\", but the signals of this name are in °C";
    assert!(printed.contains(reason), "{printed}");
    assert!(printed.contains("as in [[column]] value = \"({temp [°F]} - 32) * 5 / 9\""), "{printed}");
    assert!(temperatures(folder, 2024).starts_with("0 "));
    // The advice is true.
    let mapping = "[readings]\ntwin = \"serial\"\ntime = \"t\"\nsignals = { celsius = \"temp\" }\n[[column]]\nname = \"celsius\"\nvalue = \"({temp [°F]} - 32) * 5 / 9\"\n";
    write(folder, "f.toml", mapping);
    out(&ingest(folder, &["--table", "f.toml", "wide.csv"]));
    assert!(temperatures(folder, 2024).starts_with("1 85.0 "), "{}", temperatures(folder, 2024));
    // Another spelling of the same unit, and brackets without a unit.
    for (year, column) in
        [(2025, "temp [degC]"), (2026, "temp (℃)"), (2027, "temp [DEG_C]"), (2028, "temp (left)")]
    {
        write(folder, "wide.csv", format!("t,serial,{column}\n{year}-07-04T08:00:00Z,P-1,70\n"));
        out(&wide(&format!("{column}=temp")));
        assert!(temperatures(folder, year).starts_with("1 70.0 "), "{column}");
    }
}
