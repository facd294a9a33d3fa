//! Tables of readings.

use super::*;
use crate::exchange::table::Stated;

fn dialect(stated: &Stated) -> Dialect {
    Dialect::new(stated).expect("a good dialect")
}

fn layout(signals: Signals, zone: Option<&str>) -> Layout {
    let stated = Stated { zone: zone.map(str::to_owned), ..Stated::default() };
    Layout {
        dialect: dialect(&stated),
        mapping: None,
        time: "t".to_owned(),
        offset: None,
        clock: Clock::Instant,
        twin: Twin::Column("unit".to_owned()),
        signals,
        units: Units::Unstated,
    }
}

/// Reads a wide table in a dialect, of the unit P-1.
fn of_one(stated: &Stated) -> Layout {
    let twin = Twin::Unit("P-1".to_owned());
    Layout { dialect: dialect(stated), twin, ..layout(Signals::Wide(Vec::new()), None) }
}

/// The signal `temp` is in °C, and `heat` in a unit that has to be stated.
struct Signalled;

impl Known for Signalled {
    fn unit(&self, text: &str) -> Option<&str> {
        let text = if text == "degC" { "°C" } else { text };
        ["mK", "°F", "°C", "l/s", "K"].into_iter().find(|unit| *unit == text)
    }

    fn check(&self, signal: &str, column: Option<&str>, unit: &str) -> Result<(), String> {
        match (signal, unit) {
            ("temp", "mK") => Err(format!("in column {column:?}")),
            ("temp", "°F") => Err("temp is in °C".to_owned()),
            ("heat", "") => Err("no unit is stated of heat".to_owned()),
            _ => Ok(()),
        }
    }
}

fn check(csv: &str, layout: &Layout, expect: &[&str]) {
    let mut seen = Vec::new();
    let report = read(csv.as_bytes(), "f.csv", layout, Signalled, |reading| {
        seen.push(format!("{} {} {} {}", reading.at, reading.twin, reading.signal, reading.value));
    });
    match report {
        Ok(report) => {
            seen.extend(report.refused.iter().map(|r| format!("{} {}: {}", r.line, r.column, r.reason)));
            if report.gaps > 0 {
                seen.push(format!("{} gaps", report.gaps));
            }
            if report.repeats.count > 0 {
                seen.push(format!("{} repeats from {}", report.repeats.count, report.repeats.first_line));
            }
            if report.ordered_count > 0 {
                seen.push(format!("{} ordered from {}", report.ordered_count, report.ordered_line));
            }
            if let Some((count, first)) = report.repeated_headers {
                seen.push(format!("{count} headers from {first}"));
            }
            if !report.unused_columns.is_empty() {
                seen.push(format!("unused: {}", report.unused_columns.join(", ")));
            }
        }
        Err(error) => seen.push(error.to_string()),
    }
    assert_eq!(seen, expect);
}

#[test]
fn reads_running_numbers_of_columns_without_names() {
    let stated = Stated {
        header: ["unit", "t", "temp"].map(str::to_owned).to_vec(),
        delimiter: Some(" ".to_owned()),
        ..Stated::default()
    };
    let counted = Layout {
        dialect: dialect(&stated),
        clock: Clock::Count { epoch: Instant::from_seconds(946_684_800), step_ns: 3_600_000_000_000 },
        twin: Twin::Column("engine/{unit}".to_owned()),
        ..layout(Signals::Wide(Vec::new()), None)
    };
    check(
        "1  1 -0.5  \n1 1.5 20\n 2 x 7\n2 9999999 7\n",
        &counted,
        &[
            "2000-01-01T01:00:00Z engine/1 temp -0.5",
            "2000-01-01T01:30:00Z engine/1 temp 20",
            "3 t: \"x\" is not a number of steps",
            "4 t: 9999999 lies outside 1970 to 2262",
        ],
    );
    check("1 1\n", &counted, &["f.csv:1: the row has 2 cells, but the header 3; is the delimiter right?"]);
    let odd = Layout { twin: Twin::Column("engine/{motor}".to_owned()), ..counted };
    check("1 1 2\n", &odd, &["the name of the twin: f.csv has no column \"motor\" (it has unit, t, temp)"]);
}

#[test]
fn a_line_of_units_names_the_flag() {
    let reason = "2 : the line states units, not values: read it as such with --units-row (units-row = true of a mapping)";
    let wide = layout(Signals::Wide(Vec::new()), None);
    let row = "2024-01-01T00:00:00Z,P-1,20.5,3\n";
    let read = ["2024-01-01T00:00:00Z P-1 temp 20.5", "2024-01-01T00:00:00Z P-1 flow 3"];
    for units in [",,°C,l/s", ",,[degC],-", "s,,°C,"] {
        check(&format!("t,unit,temp,flow\n{units}\n{row}"), &wide, &[read[0], read[1], reason]);
    }
}

#[test]
fn reads_wide_and_long_tables() {
    let wide = "t,unit,temp,flow\n2024-01-01T00:00:00+01:00,P-1,20.5,\n2024-01-01T00:00:00Z,P-1,x,3\n";
    check(
        wide,
        &layout(Signals::Wide(Vec::new()), None),
        &[
            "2023-12-31T23:00:00Z P-1 temp 20.5",
            "2024-01-01T00:00:00Z P-1 flow 3",
            "3 temp: \"x\" is not a number such as 80.5",
            "1 gaps",
        ],
    );
    let long = "t,unit,s,v\n2024-07-01 08:00,P-1,temp,20.5\nsoon,P-1,temp,1\n2024-07-01 08:00,,temp,1\n";
    let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
    check(
        long,
        &layout(signals, Some("Europe/Paris")),
        &[
            "2024-07-01T06:00:00Z P-1 temp 20.5",
            "3 t: \"soon\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00",
            "4 unit: no twin is named",
        ],
    );
    let odd = "t,unit,s,v\n1969-12-31T23:59:59Z,P-1,temp,1\n2262-01-01T00:00:00Z,P-1,temp,1\n2024-07-01T08:00:00Z,P-1,,1\n1970-01-01T00:00:00Z,P-1,,\n";
    let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
    check(
        odd,
        &layout(signals, None),
        &[
            "2 t: 1969-12-31T23:59:59Z lies outside 1970 to 2262",
            "3 t: 2262-01-01T00:00:00Z lies outside 1970 to 2262",
            "4 s: no signal is named",
        ],
    );
    let missing = layout(Signals::Wide(vec![("speed".to_owned(), "v".to_owned())]), None);
    check("t,unit,temp\n", &missing, &["f.csv has no column \"speed\" (it has t, unit, temp)"]);
}

#[test]
fn the_dialect_is_that_of_tables() {
    let text = |text: &str| Some(text.to_owned());
    let inverter = Stated {
        skip_lines: 3,
        header: ["t", "energy", "power"].map(str::to_owned).to_vec(),
        decimal: Some(','),
        thousands: Some('.'),
        format: text("DD.MM.YYYY hh:mm"),
        zone: text("Europe/Berlin"),
        empty: vec!["#N/A".to_owned()],
        ..Stated::default()
    };
    check(
        "sep=;\r\nan inverter\r\nTime;kWh;kWh\r\n04.07.2024 10:00;1.234,5;0,25\r\n04.07.2024 10:05;12.5;NaN\r\n04.07.2024 10:10;#N/A;#REF!\r\n",
        &of_one(&inverter),
        &[
            "2024-07-04T08:00:00Z P-1 energy 1234.5",
            "2024-07-04T08:00:00Z P-1 power 0.25",
            "5 energy: \"12.5\" is not a number such as 1.080,5; a \".\" between thousands has three digits behind it and one to three before the first",
            "6 power: \"#REF!\" is an error value of a spreadsheet; correct the cell, or list it under empty if it is a gap",
            "2 gaps",
        ],
    );
    let turbine = Layout {
        time: "Date".to_owned(),
        signals: Signals::Wide(vec![("Power (kW)".to_owned(), "power".to_owned())]),
        ..of_one(&Stated { skip_lines: 1, skip_below: 1, zone: text("UTC"), ..Stated::default() })
    };
    check(
        "# of a park\n# Date,Power (kW),State\n,kW,-\n2016-01-14 19:20:00,634.2,on\n2016-01-14 19:30:00,NULL,off\n",
        &turbine,
        &["2016-01-14T19:20:00Z P-1 power 634.2", "1 gaps", "unused: State"],
    );
    let apart = Layout { time: "{day} {hour}".to_owned(), ..turbine };
    check(
        "above\nday,hour,Power (kW)\nd,h,kW\n2016-01-14,19:20,5\n2016-01-14,,5\n2016-01-14,19:40,9007199254740993\n",
        &apart,
        &[
            "2016-01-14T19:20:00Z P-1 power 5",
            "5 hour: is empty, but states when",
            "6 Power (kW): \"9007199254740993\" has more digits than a sample keeps (whole numbers up to 9007199254740992)",
        ],
    );
}

#[test]
fn names_are_unique_and_unspoilt() {
    let wide = layout(Signals::Wide(Vec::new()), None);
    check(
        "t,unit,kWh,kWh\n",
        &wide,
        &[
            "f.csv has 2 columns named \"kWh\" (3, 4); rename them there, or name all columns by header and skip the file's own with skip-lines",
        ],
    );
    let one = layout(Signals::Wide(vec![("temp".to_owned(), "temp".to_owned())]), None);
    check(
        "t,unit,kWh,kWh,temp\n2024-01-01T00:00:00Z,P-1,1,2,3\n",
        &one,
        &["2024-01-01T00:00:00Z P-1 temp 3", "unused: kWh, kWh"],
    );
    check(
        "t;unit;temp\n2024-01-01T00:00:00Z;9,55167E+12;3\n2024-01-01T00:00:00Z;#NAME?;3\n;;\n2024-01-01T00:00:00Z;P-1\n2024-01-01T00:00:00Z;00471;3;\n",
        &one,
        &[
            "2024-01-01T00:00:00Z 00471 temp 3",
            "2 unit: \"9,55167E+12\" names something, but looks like a name that a spreadsheet turned into a number with an exponent, of which digits are lost; export the column as text, or list it under literal if it is meant so",
            "3 unit: \"#NAME?\" is an error value of a spreadsheet; correct the cell, or list it under empty if it is a gap",
            "5 : the row has 2 cells, but the header 3; is the delimiter right?",
        ],
    );
    check(
        "t|unit|temp\n",
        &wide,
        &["f.csv has no column \"t\" (it has t|unit|temp); all of it is one column: is the delimiter right?"],
    );
}

#[test]
fn times_that_are_shown_twice_are_resolved_or_refused() {
    let wide = layout(Signals::Wide(Vec::new()), Some("Europe/Berlin"));
    let csv = "t,unit,temp\n2024-10-27 01:30,A,1\n2024-10-27 02:30,A,2\n2024-10-27 02:30,B,20\n2024-10-27 02:30,A,3\n2024-10-27 03:00,B,21\n2024-10-27 03:30,A,4\n2024-03-31 02:30,A,5\n";
    let twice = "4 t: \"2024-10-27 02:30\" is shown twice by the clocks of this zone, at 2024-10-27T00:30:00Z and at 2024-10-27T01:30:00Z, and the order of the rows does not show which is meant: it does where all rows of a unit are sorted and go back once in that hour, and a repeated row only among hourly ones of which no other repeats; name a column with the offset (--offset), or state which is meant (--ambiguous earlier or later)";
    let never = "8 t: no clock of the zone ever shows 2024-03-31 02:30: it goes forward over that time";
    check(
        csv,
        &wide,
        &[
            "2024-10-26T23:30:00Z A temp 1",
            "2024-10-27T02:00:00Z B temp 21",
            "2024-10-27T02:30:00Z A temp 4",
            "2024-10-27T00:30:00Z A temp 2",
            "2024-10-27T01:30:00Z A temp 3",
            twice,
            never,
            "2 ordered from 3",
        ],
    );
    let later = Stated {
        zone: Some("Europe/Berlin".to_owned()),
        ambiguous: Some("later".to_owned()),
        ..Stated::default()
    };
    check("t,temp\n2024-10-27 02:30,1\n", &of_one(&later), &["2024-10-27T01:30:00Z P-1 temp 1"]);
    let offset = Layout { offset: Some("o".to_owned()), ..wide.clone() };
    check(
        "t,o,unit,temp\n2024-10-27 02:30,CET,A,1\n2024-10-27 02:30,+02:00,A,2\n2024-10-27 02:30,,A,2\n",
        &offset,
        &["2024-10-27T01:30:00Z A temp 1", "2024-10-27T00:30:00Z A temp 2", twice],
    );
    // Where other rows repeat, it may be a copy.
    let berlin = Stated { zone: Some("Europe/Berlin".to_owned()), ..Stated::default() };
    let copied = "\"2024-10-27 02:00\" is shown twice by the clocks of this zone, at 2024-10-27T00:00:00Z and at 2024-10-27T01:00:00Z, and the order of the rows does not show which is meant: it does where all rows of a unit are sorted and go back once in that hour, and a repeated row only among hourly ones of which no other repeats; name a column with the offset (--offset), or state which is meant (--ambiguous earlier or later)";
    check(
        "t,temp\n2024-10-27 01:00,1\n2024-10-27 01:00,1\n2024-10-27 02:00,2\n2024-10-27 02:00,2\n2024-10-27 03:00,3\n",
        &of_one(&berlin),
        &[
            "2024-10-26T23:00:00Z P-1 temp 1",
            "2024-10-26T23:00:00Z P-1 temp 1",
            "2024-10-27T02:00:00Z P-1 temp 3",
            &format!("4 t: {copied}"),
            &format!("5 t: {copied}"),
            "1 repeats from 3",
        ],
    );
    check(
        "t,temp\n2024-10-27 01:00,1\n2024-10-27 02:00,2\n2024-10-27 02:00,2\n2024-10-27 03:00,3\n",
        &of_one(&berlin),
        &[
            "2024-10-26T23:00:00Z P-1 temp 1",
            "2024-10-27T02:00:00Z P-1 temp 3",
            "2024-10-27T00:00:00Z P-1 temp 2",
            "2024-10-27T01:00:00Z P-1 temp 2",
            "2 ordered from 3",
        ],
    );
    // A long table states the same time once for each signal.
    let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
    check(
        "t,unit,s,v\n2024-10-27 01:30,A,x,0\n2024-10-27 01:30,A,y,0\n2024-10-27 02:30,A,x,1\n2024-10-27 02:30,A,y,2\n2024-10-27 02:00,A,x,3\n2024-10-27 02:00,A,y,4\n",
        &layout(signals, Some("Europe/Berlin")),
        &[
            "2024-10-26T23:30:00Z A x 0",
            "2024-10-26T23:30:00Z A y 0",
            "2024-10-27T00:30:00Z A x 1",
            "2024-10-27T01:00:00Z A x 3",
            "2024-10-27T00:30:00Z A y 2",
            "2024-10-27T01:00:00Z A y 4",
            "4 ordered from 4",
        ],
    );
}

#[test]
fn repeats_within_a_file_are_reported() {
    check(
        "t,unit,temp,flow\n2024-01-01T00:00:00Z,A,1,\n2024-01-01T00:00:00Z,A,,2\n2024-01-01T01:00:00+01:00,A,3,\n2024-01-01T00:00:00Z,B,1,\n",
        &layout(Signals::Wide(Vec::new()), None),
        &[
            "2024-01-01T00:00:00Z A temp 1",
            "2024-01-01T00:00:00Z A flow 2",
            "2024-01-01T00:00:00Z A temp 3",
            "2024-01-01T00:00:00Z B temp 1",
            "4 gaps",
            "1 repeats from 4",
        ],
    );
}

#[test]
fn units_are_compared_with_what_is_known() {
    let below = Stated { skip_below: 1, ..Stated::default() };
    let row = Layout { units: Units::Row, ..of_one(&below) };
    let rows = "2024-01-01T00:00:00Z,1,2\n";
    check(&format!("t,temp,flow\n,[°F],l/s\n{rows}"), &row, &["f.csv: column 2 \"temp\": temp is in °C"]);
    check(
        &format!("t,temp,flow\n,(°C),-\n{rows}"),
        &row,
        &["2024-01-01T00:00:00Z P-1 temp 1", "2024-01-01T00:00:00Z P-1 flow 2"],
    );
    let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
    let column = Layout { units: Units::Column("u".to_owned()), ..layout(signals, None) };
    check(
        "t,unit,s,v,u\n2024-01-01T00:00:00Z,A,temp,1,°C\n2024-01-01T01:00:00Z,A,temp,2,K\n2024-01-01T02:00:00Z,A,temp,3,\n2024-01-01T02:00:00Z,A,flow,3,l/s\n",
        &column,
        &[
            "2024-01-01T00:00:00Z A temp 1",
            "2024-01-01T02:00:00Z A flow 3",
            "3 u: the unit of temp is \"K\" here, but \"°C\" on line 2; one signal has one unit",
            "4 u: no unit of temp is stated here, but \"°C\" on line 2",
        ],
    );
    // Units are compared, not how they are spelled; of what names none, the texts are.
    check(
        "t,unit,s,v,u\n2024-01-01T00:00:00Z,A,temp,1,degC\n2024-01-01T01:00:00Z,A,temp,2,°C\n2024-01-01T02:00:00Z,A,temp,3,K\n2024-01-01T03:00:00Z,A,temp,4,\n2024-01-01T00:00:00Z,A,x,1,raw\n2024-01-01T01:00:00Z,A,x,2,raw\n2024-01-01T02:00:00Z,A,x,3,Raw\n",
        &column,
        &[
            "2024-01-01T00:00:00Z A temp 1",
            "2024-01-01T01:00:00Z A temp 2",
            "2024-01-01T00:00:00Z A x 1",
            "2024-01-01T01:00:00Z A x 2",
            "4 u: the unit of temp is \"K\" here, but \"degC\" on line 2; one signal has one unit",
            "5 u: no unit of temp is stated here, but \"degC\" on line 2",
            "8 u: the unit of x is \"Raw\" here, but \"raw\" on line 6; one signal has one unit",
        ],
    );
    check(
        "t,unit,s,v,u\n2024-01-01T00:00:00Z,A,heat,1,-\n2024-01-01T00:00:00Z,A,flow,1,\n2024-01-01T01:00:00Z,A,flow,1,l/s\n",
        &column,
        &[
            "2024-01-01T00:00:00Z A flow 1",
            "2 u: no unit is stated of heat",
            "4 u: the unit of flow is \"l/s\" here, but none is stated on line 3; one signal has one unit",
        ],
    );
    check(
        &format!("t,heat,flow\n,,l/s\n{rows}"),
        &row,
        &["f.csv: column 2 \"heat\": no unit is stated of heat"],
    );
    check("t,unit,s,v,u\n2024-01-01T00:00:00Z,A,temp,1,°F\n", &column, &["2 u: temp is in °C"]);
}

#[test]
fn units_in_the_header_are_those_of_the_signals() {
    let of = |columns: &[(&str, &str)]| Layout {
        signals: Signals::Wide(columns.iter().map(|(c, s)| ((*c).to_owned(), (*s).to_owned())).collect()),
        ..of_one(&Stated::default())
    };
    let advice = "if that is no unit, rename it there, or name all columns by header and skip the file's own with skip-lines";
    let row = "2024-01-01T00:00:00Z,1\n";
    for header in ["temp [°F]", "temp (°F)", "T(left)[ °F ]", "temp [°F] raw"] {
        let refused = format!("f.csv: column 2 \"{header}\": temp is in °C; {advice}");
        check(&format!("t,{header}\n{row}"), &of(&[(header, "temp")]), &[&refused]);
    }
    for header in ["temp [°C]", "temp [x10]", "temp (left)", "°F"] {
        let kept = "2024-01-01T00:00:00Z P-1 temp 1";
        check(&format!("t,{header}\n{row}"), &of(&[(header, "temp")]), &[kept]);
    }
    // The time and what is not read may be in any unit; a signal without a unit may, too.
    let any = "t,speed [K],temp [°F]\n2024-01-01T00:00:00Z,1,2\n";
    check(any, &of(&[("speed [K]", "v")]), &["2024-01-01T00:00:00Z P-1 v 1", "unused: temp [°F]"]);
    // What the header states counts for cells that state none, and is compared with those that do.
    let rows = Layout { units: Units::Row, ..of_one(&Stated { skip_below: 1, ..Stated::default() }) };
    let named = |column: &str| Layout { signals: of(&[(column, "heat")]).signals, ..rows.clone() };
    check(&format!("t,h [K]\n,-\n{row}"), &named("h [K]"), &["2024-01-01T00:00:00Z P-1 heat 1"]);
    let other = "f.csv: column 2 \"h [K]\": the unit of heat is \"°C\" here, but \"K\" in the header; one signal has one unit";
    check(&format!("t,h [K]\n,°C\n{row}"), &named("h [K]"), &[other]);
}

#[test]
fn a_unit_in_the_header_of_a_long_table_is_that_of_each_row() {
    let signals = Signals::Long { signal: "s".to_owned(), value: "v [°F]".to_owned() };
    let long = layout(signals, None);
    check(
        "t,unit,s,v [°F]\n2024-01-01T00:00:00Z,A,temp,1\n2024-01-01T00:00:00Z,A,flow,2\n",
        &long,
        &["2024-01-01T00:00:00Z A flow 2", "2 v [°F]: temp is in °C"],
    );
    check(
        "t,unit,s,v [°F],u\n2024-01-01T00:00:00Z,A,heat,1,\n2024-01-01T01:00:00Z,A,heat,2,K\n",
        &Layout { units: Units::Column("u".to_owned()), ..long },
        &[
            "2024-01-01T00:00:00Z A heat 1",
            "3 u: the unit of heat is \"K\" here, but \"°F\" in the header; one signal has one unit",
        ],
    );
}

#[test]
fn computed_columns_have_the_unit_of_the_mapping() {
    let mapping = "[[column]]\nname = \"temp\"\nvalue = \"({T} - 32) * 5 / 9\"\n[readings]\ntime = \"t\"\n";
    let below = Stated { skip_below: 1, ..Stated::default() };
    let computed = Layout {
        mapping: Some(Mapping::parse(mapping, "m.toml").expect("a mapping")),
        signals: Signals::Wide(vec![("temp".to_owned(), "temp".to_owned())]),
        units: Units::Row,
        ..of_one(&below)
    };
    check("t,T\n,°F\n2024-01-01T00:00:00Z,185\n", &computed, &["2024-01-01T00:00:00Z P-1 temp 85"]);
    let named = Layout {
        signals: Signals::Wide(vec![("T1".to_owned(), "temp".to_owned())]),
        units: Units::Row,
        ..of_one(&below)
    };
    check("t,T1\n,mK\n", &named, &["f.csv: column 2 \"T1\": in column Some(\"T1\")"]);
    let signals = Signals::Long { signal: "s".to_owned(), value: "v".to_owned() };
    let long = Layout { units: Units::Column("u".to_owned()), ..layout(signals, None) };
    check("t,unit,s,v,u\n2024-01-01T00:00:00Z,A,temp,1,mK\n", &long, &["2 u: in column None"]);
}

#[test]
fn a_wrong_offset_is_named_by_its_own_column() {
    let offset = Layout { offset: Some("o".to_owned()), ..of_one(&Stated::default()) };
    let rows = "t,o,temp\n2024-01-01 00:00,+15:00,1\n2024-01-01 01:00,CEST,2\nsoon,+01:00,3\n2024-01-01 03:00,+01:00,4\n2024-01-01T04:00:00+24:00,,5\n";
    let not = "is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00";
    check(
        rows,
        &Layout { signals: Signals::Wide(vec![("temp".to_owned(), "temp".to_owned())]), ..offset },
        &[
            "2024-01-01T02:00:00Z P-1 temp 4",
            "2 o: \"+15:00\" is no offset such as +02:00 or Z",
            "3 o: \"CEST\" is no offset such as +02:00 or Z",
            &format!("4 t: \"soon\" {not}"),
            "6 t: \"2024-01-01T04:00:00+24:00\" has an offset that no clock has: offsets reach from -14:00 to +14:00",
        ],
    );
}

#[test]
fn another_header_ends_what_can_be_read() {
    let wide = of_one(&Stated::default());
    let repeated = "t,temp,flow\n2024-01-01T00:00:00Z,1,2\nt,temp,flow\n2024-01-01T01:00:00Z,3,4\n";
    let readings = [
        "2024-01-01T00:00:00Z P-1 temp 1",
        "2024-01-01T00:00:00Z P-1 flow 2",
        "2024-01-01T01:00:00Z P-1 temp 3",
        "2024-01-01T01:00:00Z P-1 flow 4",
        "1 headers from 3",
    ];
    check(repeated, &wide, &readings);
    let swapped = repeated.replace("\nt,temp,flow", "\nt,flow,temp");
    let other = "f.csv:3: the line is a header of other columns than that on line 1; put it and what follows into a file of its own";
    check(&swapped, &wide, &[readings[0], readings[1], other]);
}

#[test]
fn cells_as_other_programs_write_them() {
    check(
        "t,temp\n2024-01-01T00:00:00Z,TRUE\n2024-01-01T01:00:00Z,false\n2024-01-01T02:00:00Z,=\"12\"\n1704067200,3\n2024-01-01T08:00:00[Europe/Berlin],4\n",
        &of_one(&Stated { zone: Some("UTC".to_owned()), ..Stated::default() }),
        &[
            "2024-01-01T00:00:00Z P-1 temp 1",
            "2024-01-01T01:00:00Z P-1 temp 0",
            "2024-01-01T02:00:00Z P-1 temp 12",
            "5 t: \"1704067200\" is not an instant such as 2024-05-01T08:00:00Z or 2024-05-01 08:00; if it counts seconds since 1970, state --epoch 1970-01-01T00:00:00Z --step PT1S",
            "6 t: \"2024-01-01T08:00:00[Europe/Berlin]\" names a zone in brackets: before it write the offset of that zone, as in 2024-05-01T08:00:00+02:00",
        ],
    );
}
