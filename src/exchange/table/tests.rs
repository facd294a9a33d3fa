//! Mappings and tables against the shipped ontology.

use super::cell::spoilt;
use super::*;
use oxigraph::model::NamedNode;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::OnceLock;

const BASE: &str = "https://ex.org/";

fn ontology() -> &'static Ontology {
    static ONTOLOGY: OnceLock<Ontology> = OnceLock::new();
    ONTOLOGY.get_or_init(|| {
        Ontology::read(Ontology::shipped_files().iter().copied()).expect("the shipped ontology is good")
    })
}

fn table(mapping: &str, csv: &[u8]) -> Result<Table, Error> {
    let mapping = Mapping::parse(mapping, "m.toml")?;
    read_table(&mapping, csv, "t.csv", BASE, ontology(), Dirt::Refused)
}

fn lines(statements: &[Statement]) -> Vec<String> {
    let short = |text: String| {
        [
            (BASE, ""),
            ("https://w3id.org/throughline#", "tl:"),
            ("http://purl.org/dc/terms/", "dcterms:"),
            ("http://qudt.org/vocab/unit/", "unit:"),
            ("^^<http://www.w3.org/2001/XMLSchema#dateTime>", ""),
            ("^^<http://www.w3.org/2001/XMLSchema#integer>", ""),
            ("^^<http://www.w3.org/2001/XMLSchema#decimal>", ""),
            ("<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "a"),
        ]
        .iter()
        .fold(text, |text, (long, short)| text.replace(long, short))
        .replace(['<', '>'], "")
    };
    statements.iter().map(|statement| short(statement.to_string())).collect()
}

fn check(mapping: &str, csv: &str, expect: &[&str]) {
    let table = table(mapping, csv.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(lines(&table.statements), expect);
}

fn check_error(mapping: &str, csv: &str, expect: &[&str]) {
    let error = table(mapping, csv.as_bytes()).expect_err(mapping).to_string();
    assert_eq!(error.lines().collect::<Vec<_>>(), expect);
}

const PUMPS: &str = r#"
delimiter = ";"
zone = "Europe/Berlin"
format = "DD.MM.YYYY hh:mm"
empty = ["-"]
[[resource]]
class = "TwinInstance"
id = "pump/{serial no}"
[resource.fields]
identifier = "serial no"
part = { id = "part/{type}" }
level = { value = "ASSET" }
site = { column = "plant", values = { RTM = "Rotterdam" } }
commissionedAt = "in service"
retiredAt = "out of service"
"#;

#[test]
fn a_serial_list_becomes_twins() {
    check(
        PUMPS,
        "\u{feff}serial no;type;plant;in service;out of service\r\nP 1/a;MP-250;RTM;1.5.2024 08:00;-\r\n",
        &[
            "pump/P%201%2Fa a tl:TwinInstance .",
            "pump/P%201%2Fa tl:commissionedAt \"2024-05-01T06:00:00Z\" .",
            "pump/P%201%2Fa dcterms:identifier \"P 1/a\" .",
            "pump/P%201%2Fa tl:level \"ASSET\" .",
            "pump/P%201%2Fa tl:part part/MP-250 .",
            "pump/P%201%2Fa tl:site \"Rotterdam\" .",
        ],
    );
}

#[test]
fn bad_cells_are_reported_together() {
    check_error(
        PUMPS,
        "serial no;type;plant;in service;out of service\nP1;X;RTM;2024-05-01;\n;X;RTM;;\nP2;X;RTM;01.05.2024 08:00;01.04.2024 08:00\nP2;X;Leuna;;\nP3;X\n",
        &[
            "t.csv:2: column 4 \"in service\": \"2024-05-01\" is not written in the format DD.MM.YYYY hh:mm",
            "t.csv:3: column 1 \"serial no\": is empty, but names the TwinInstance; fill it in or leave out the row",
            "t.csv:4: column 5 \"out of service\": retiredAt (2024-04-01T06:00:00Z) does not come after commissionedAt (2024-05-01T06:00:00Z)",
            "t.csv:5: column 3 \"plant\": site of <https://ex.org/pump/P2> is \"Leuna\" here, but \"Rotterdam\" on line 4; it has one value",
            "t.csv:6: the row has 2 cells, but the header 5; is the delimiter right?",
        ],
    );
    let rows = "x;X;RTM;soon;\n".repeat(30);
    let error = table(PUMPS, format!("serial no;type;plant;in service;out of service\n{rows}").as_bytes());
    let error = error.expect_err("bad rows").to_string();
    assert_eq!((error.lines().count(), error.lines().last()), (21, Some("and 10 more")));
}

#[test]
fn requirements_with_limits_become_fragments() {
    let mapping = r#"
decimal = ","
delimiter = ";"
[[resource]]
class = "Requirement"
id = "requirement/{id}"
fields = { identifier = "id", title = "text", derivedFrom = { column = "from", split = "," } }
[[resource.fragment]]
field = "constraint"
name = "limit-{no}"
skip-if-empty = ["limit"]
[resource.fragment.fields]
property = { id = "property/{what}" }
statistic = "statistic"
comparator = "op"
limit = "limit"
unit = "unit"
"#;
    check(
        mapping,
        "id;text;from;no;what;statistic;op;limit;unit\n\
         R1;Cool;requirement/A, requirement/B;1;temp;p95;le;85,5;°C\nR1;Cool;;2;temp;MAX;LE;95;DEG_C\nR2;Quiet;;;;;;;\n",
        &[
            "requirement/R1 a tl:Requirement .",
            "requirement/R1 tl:derivedFrom requirement/A .",
            "requirement/R1 tl:derivedFrom requirement/B .",
            "requirement/R1 dcterms:identifier \"R1\" .",
            "requirement/R1 dcterms:title \"Cool\" .",
            "requirement/R1 tl:constraint requirement/R1#limit-1 .",
            "requirement/R1#limit-1 a tl:Constraint .",
            "requirement/R1#limit-1 tl:comparator \"LE\" .",
            "requirement/R1#limit-1 tl:limit \"85.5\" .",
            "requirement/R1#limit-1 tl:property property/temp .",
            "requirement/R1#limit-1 tl:statistic \"P95\" .",
            "requirement/R1#limit-1 tl:unit unit:DEG_C .",
            "requirement/R1 tl:constraint requirement/R1#limit-2 .",
            "requirement/R1#limit-2 a tl:Constraint .",
            "requirement/R1#limit-2 tl:comparator \"LE\" .",
            "requirement/R1#limit-2 tl:limit \"95\" .",
            "requirement/R1#limit-2 tl:property property/temp .",
            "requirement/R1#limit-2 tl:statistic \"MAX\" .",
            "requirement/R1#limit-2 tl:unit unit:DEG_C .",
            "requirement/R2 a tl:Requirement .",
            "requirement/R2 dcterms:identifier \"R2\" .",
            "requirement/R2 dcterms:title \"Quiet\" .",
        ],
    );
    check_error(
        mapping,
        "id;text;from;no;what;statistic;op;limit;unit\nR1;Cool;;1;temp;P96;LE;85.5;DEG_CC\n",
        &[
            "t.csv:2: column 6 \"statistic\": \"P96\" is no Statistic (MIN, MAX, MEAN, P01, P05, P50, P95, P99, B01, B05, B10, B50, RELIABILITY, DUTY); did you mean P95 or P99?",
            "t.csv:2: column 8 \"limit\": \"85.5\" is not a number such as 80,5",
            "t.csv:2: column 9 \"unit\": \"DEG_CC\" is no unit that the ontology knows; did you mean DEG_C or DEG_Bx or DEG_F?",
        ],
    );
}

const SWAPS: &str = r#"
[swaps]
parent = "pump/{pump}"
position = { value = "bearing" }
at = "time"
removed = "bearing/{out}"
installed = "bearing/{in}"
reason = "why"
"#;

#[test]
fn a_swap_log_becomes_intervals() {
    check(
        SWAPS,
        "time,pump,out,in,why\n\
         2024-03-01T00:00:00Z,P1,B2,,worn\n\
         2024-01-01T00:00:00Z,P1,B1,B2,\n\
         2024-03-02T00:00:00Z,P1,,B3,\n",
        &[
            "installation/bearing/B1/until-20240101T000000Z a tl:Installation .",
            "installation/bearing/B1/until-20240101T000000Z tl:component bearing/B1 .",
            "installation/bearing/B1/until-20240101T000000Z tl:parent pump/P1 .",
            "installation/bearing/B1/until-20240101T000000Z tl:position \"bearing\" .",
            "installation/bearing/B1/until-20240101T000000Z tl:to \"2024-01-01T00:00:00Z\" .",
            "installation/bearing/B2/20240101T000000Z a tl:Installation .",
            "installation/bearing/B2/20240101T000000Z tl:component bearing/B2 .",
            "installation/bearing/B2/20240101T000000Z tl:parent pump/P1 .",
            "installation/bearing/B2/20240101T000000Z tl:position \"bearing\" .",
            "installation/bearing/B2/20240101T000000Z tl:from \"2024-01-01T00:00:00Z\" .",
            "installation/bearing/B2/20240101T000000Z tl:to \"2024-03-01T00:00:00Z\" .",
            "installation/bearing/B2/20240101T000000Z tl:removalReason \"worn\" .",
            "installation/bearing/B3/20240302T000000Z a tl:Installation .",
            "installation/bearing/B3/20240302T000000Z tl:component bearing/B3 .",
            "installation/bearing/B3/20240302T000000Z tl:parent pump/P1 .",
            "installation/bearing/B3/20240302T000000Z tl:position \"bearing\" .",
            "installation/bearing/B3/20240302T000000Z tl:from \"2024-03-02T00:00:00Z\" .",
        ],
    );
    // Two pumps trade their bearings at one instant.
    let csv = "time,pump,out,in,why\n2024-01-01T00:00:00Z,P1,,B1,\n2024-01-01T00:00:00Z,P2,,B2,\n\
               2024-02-01T00:00:00Z,P1,B1,B2,\n2024-02-01T00:00:00Z,P2,B2,B1,\n";
    let traded = table(SWAPS, csv.as_bytes()).expect("a good log");
    let open = lines(&traded.statements).iter().filter(|line| line.contains("tl:to")).count();
    assert_eq!(open, 2);
}

#[test]
fn a_lot_sits_at_many_places() {
    let csv = "time,pump,out,in,why\n2024-01-01T00:00:00Z,P1,,S1,\n2024-01-01T00:00:00Z,P2,,S1,\n";
    let shared = table(&format!("{SWAPS}shared = true"), csv.as_bytes()).expect("a good log");
    let lines = lines(&shared.statements);
    for pump in ["P1", "P2"] {
        let line = format!("installation/pump/{pump}/bearing/20240101T000000Z tl:component bearing/S1 .");
        assert!(lines.contains(&line), "{lines:?}");
    }
    assert!(table(SWAPS, csv.as_bytes()).is_err());
}

#[test]
fn a_swap_log_that_contradicts_itself_is_refused() {
    check_error(
        SWAPS,
        "time,pump,out,in,why\n2024-01-01T00:00:00Z,P1,,B1,\n2024-02-01T00:00:00Z,P1,B9,B2,\n\
         2024-03-01T00:00:00Z,P2,,B2,\n2024-04-01T00:00:00Z,P1,,B4,\n2024-04-01 00:00,P1,B4,B5,\n",
        &[
            "t.csv:3: column 3 \"out\": <https://ex.org/bearing/B9> is taken out, but <https://ex.org/bearing/B1> sits there since line 2",
            "t.csv:4: column 4 \"in\": <https://ex.org/bearing/B2> is put in here, but still sits in <https://ex.org/pump/P1> bearing (line 3)",
            "t.csv:5: column 3 \"out\": nothing is taken out, but <https://ex.org/bearing/B2> sits there since line 3",
            "t.csv:6: column 1 \"time\": \"2024-04-01 00:00\" has no offset; state the zone of these times, as in zone = \"Europe/Berlin\"",
        ],
    );
}

/// Reads a dirty swap log: returns its installations, one line each, and how its contradictions were settled.
fn settled(csv: &str) -> (Vec<String>, Vec<String>) {
    let mapping = Mapping::parse(SWAPS, "m.toml").expect("a mapping");
    let table = read_table(&mapping, csv.as_bytes(), "t.csv", BASE, ontology(), Dirt::Settled);
    let table = table.unwrap_or_else(|error| panic!("{error}"));
    let mut stays: Vec<(NamedNode, BTreeMap<&str, String>)> = Vec::new();
    for Statement { subject, predicate, object } in &table.statements {
        if stays.last().is_none_or(|(last, _)| last != subject) {
            stays.push((subject.clone(), BTreeMap::new()));
        }
        let name = predicate.as_str().rsplit(['#', '/']).next().expect("a name");
        let value = match object {
            Term::Literal(literal) => literal.value().chars().take(10).collect(),
            term => term.to_string().trim_matches(['<', '>']).rsplit('/').next().expect("a name").to_owned(),
        };
        stays.last_mut().expect("a stay").1.insert(name, value);
    }
    let line = |(_, stay): &(NamedNode, BTreeMap<&str, String>)| {
        let of = |name: &str| stay.get(name).map_or("?", String::as_str);
        format!("{} in {} {}..{}", of("component"), of("parent"), of("from"), of("to"))
    };
    (stays.iter().map(line).collect(), table.settled.iter().map(ToString::to_string).collect())
}

#[test]
fn a_dirty_swap_log_is_settled_and_reported() {
    let check = |rows: &str, stays: &[&str], expect: &[&str]| {
        let found = settled(&format!("time,pump,out,in,why\n{rows}"));
        assert_eq!(
            (found.0, found.1),
            (
                stays.iter().map(ToString::to_string).collect(),
                expect.iter().map(ToString::to_string).collect()
            ),
            "{rows}"
        );
    };
    check(
        "2024-01-01T00:00:00Z,P1,,B1,\n2024-02-01T00:00:00Z,P1,B9,B2,\n2024-03-01T00:00:00Z,P2,,B2,\n2024-04-01T00:00:00Z,P1,,B4,\n",
        &[
            "B9 in P1 ?..2024-02-01",
            "B1 in P1 2024-01-01..2024-02-01",
            "B2 in P1 2024-02-01..2024-03-01",
            "B4 in P1 2024-04-01..?",
            "B2 in P2 2024-03-01..?",
        ],
        &[
            "t.csv:3: column 3 \"out\": <https://ex.org/bearing/B9> is taken out, but <https://ex.org/bearing/B1> sits there since line 2; both left then, and since when the one taken out sat there is unknown",
            "t.csv:4: column 4 \"in\": <https://ex.org/bearing/B2> is put in here, but still sits in <https://ex.org/pump/P1> bearing (line 3); it left there then",
        ],
    );
    check(
        "2024-01-01T00:00:00Z,P1,,B1,\n2024-02-01T00:00:00Z,P1,,B2,\n2024-02-01T00:00:00Z,P1,,B3,\n",
        &["B1 in P1 2024-01-01..2024-02-01", "B3 in P1 2024-02-01..?"],
        &[
            "t.csv:3: column 3 \"out\": nothing is taken out, but <https://ex.org/bearing/B1> sits there since line 2; it left then",
            "t.csv:4: column 4 \"in\": a component is put in here twice at 2024-02-01T00:00:00Z (line 3); the last one sits there",
        ],
    );
}

#[test]
fn a_wrong_mapping_names_its_place() {
    let check = |mapping: &str, expect: &str| {
        let error = table(mapping, b"serial,plant\nP1,X\n").expect_err(mapping).to_string();
        assert!(error.starts_with(expect), "{error}");
    };
    check("delimiter = ", "m.toml:1:");
    check("", "m.toml:1:1: the mapping describes nothing");
    check("thousands = \".\"", "m.toml:1:1: the mapping describes nothing");
    check("[[resource]]\nclas = \"Part\"\n", "m.toml:2:1: unknown field `clas`");
    check(
        "[[resource]]\nclass = \"Twin\"\nid = \"a\"",
        "m.toml:2:9: the ontology has no class Twin; did you mean TwinInstance?",
    );
    check(
        "[[resource]]\nclass = \"Constraint\"\nid = \"a\"",
        "m.toml:2:9: Constraint is part of another resource",
    );
    check(
        "[[resource]]\nclass = \"Part\"\nid = \"part/{serial}\"\n[resource.fields]\nidentifer = \"serial\"",
        "m.toml:5:1: Part has no field identifer; did you mean identifier?",
    );
    check(
        "[[resource]]\nclass = \"Part\"\nid = \"part/{serail}\"",
        "m.toml:3:6: t.csv has no column \"serail\"; did you mean serial? (it has serial, plant)",
    );
    check(
        "[[resource]]\nclass = \"Part\"\nid = \"part/{serial\"",
        "m.toml:3:6: \"part/{serial\" has a brace without its partner",
    );
    check(
        "[[resource]]\nclass = \"TwinInstance\"\nid = \"{serial}\"\nfields = { level = { value = \"ASSETS\" } }",
        "m.toml:4:20: \"ASSETS\" is no TwinLevel (COMPONENT, ASSET, SYSTEM, PROCESS); did you mean ASSET?",
    );
    check(
        "[[resource]]\nclass = \"TwinInstance\"\nid = \"{serial}\"\nfields = { signal = \"plant\" }",
        "m.toml:4:12: signals of TwinInstance is a fragment",
    );
    check(
        "zone = \"Berlin\"\n[[resource]]\nclass = \"TwinInstance\"\nid = \"{serial}\"\nfields = { site = \"plant\" }",
        "m.toml:1:8: \"Berlin\" is not a time zone",
    );
}

#[test]
fn the_form_of_a_table_is_checked() {
    let mapping =
        "skip-lines = 1\n[[resource]]\nclass = \"Part\"\nid = \"part/{n}\"\nfields = { identifier = \"n\" }";
    let check = |csv: &[u8], expect: &str| {
        let error = table(mapping, csv).expect_err(expect).to_string();
        assert_eq!(error, expect);
    };
    check(
        b"title\nn,n\n1,2\n",
        "m.toml:5:25: t.csv has 2 columns named \"n\" (1, 2); rename them there, or name all columns by header and skip the file's own with skip-lines",
    );
    check(b"title\n", "t.csv:2: the table has no header; its first line names the columns");
    check(
        b"title\nn\na\nb\xff\n",
        "t.csv:4: column 1 \"n\": is not UTF-8; save the table as \"CSV UTF-8\", or state its encoding, as in encoding = \"windows-1252\"",
    );
    let table = table(mapping, b"title\nn,m\nab,\"1\n2\"\n").expect("a good table");
    assert_eq!((table.rows, table.unused_columns), (1, vec!["m".to_owned()]));
}

const UNITS: &str = r#"
[[resource]]
class = "TwinInstance"
id = "unit/{serial}"
fields = { identifier = "serial", site = "site" }
"#;

#[test]
fn rows_that_nothing_takes_are_counted() {
    let check = |condition: &str, rows: &str, expect: (usize, usize)| {
        let mapping = UNITS.replace("fields =", &format!("{condition}\nfields ="));
        let read = table(&mapping, format!("serial,site\n{rows}").as_bytes()).expect(rows);
        assert_eq!((read.skipped, read.rows), expect, "{condition}: {rows}");
        assert_eq!(read.statements.is_empty(), read.skipped == read.rows, "{condition}: {rows}");
    };
    check("", "P-1,Bergen\nP-2,Oslo\n", (0, 2));
    check("only = { site = [\"bergen\"] }", "P-1,Bergen\nP-2,Oslo\n", (2, 2));
    check("only = { site = [\"Bergen\"] }", "P-1,Bergen\nP-2,Oslo\n", (1, 2));
    check("skip-if-empty = [\"site\"]", "P-1,\nP-2,\n", (2, 2));
    // What one resource leaves out, another one may take.
    let both = format!(
        "{}{}",
        UNITS.replace("fields =", "only = { site = [\"Oslo\"] }\nfields ="),
        UNITS.replace("fields =", "only = { site = [\"Bergen\"] }\nfields =")
    );
    let read = table(&both, b"serial,site\nP-1,Bergen\nP-2,Oslo\nP-3,Rome\n").expect("a good table");
    assert_eq!((read.skipped, read.rows), (1, 3));
}

#[test]
fn only_what_is_asked_for_must_be_unique_and_complete() {
    let csv = "item,serial,item,site,\r\nA,P-1,B,Bergen,\r\n,,,,\r\n , ,,, \r\n";
    let read = table(UNITS, csv.as_bytes()).expect("a good table");
    assert_eq!((read.rows, read.unused_columns), (1, vec!["item".to_owned(), "item".to_owned()]));
    check_error(
        &UNITS.replace("\"site\" }", "\"item\" }"),
        csv,
        &[
            "m.toml:5:42: t.csv has 2 columns named \"item\" (1, 3); rename them there, or name all columns by header and skip the file's own with skip-lines",
        ],
    );
    check_error(
        UNITS,
        "serial,site\r\nP-1,Bergen\r\n\r\n,Oslo\r\nP-2\r\n",
        &[
            "t.csv:4: column 1 \"serial\": is empty, but names the TwinInstance; fill it in or leave out the row",
            "t.csv:5: the row has 1 cells, but the header 2; is the delimiter right?",
        ],
    );
}

#[test]
fn what_a_spreadsheet_spoilt_is_refused() {
    let csv = "serial,site\n\"9,55167E+12\",Bergen\n01.Mrz,#REF!\n00471,#N/A\n";
    let power = "looks like a name that a spreadsheet turned into a number with an exponent, of which digits are lost; export the column as text, or list it under literal if it is meant so";
    let date = "looks like a name that a spreadsheet turned into a date; export the column as text, or list it under literal if it is meant so";
    let error = "is an error value of a spreadsheet; correct the cell, or list it under empty if it is a gap";
    check_error(
        UNITS,
        csv,
        &[
            &format!("t.csv:2: column 1 \"serial\": \"9,55167E+12\" names something, but {power}"),
            &format!("t.csv:3: column 1 \"serial\": \"01.Mrz\" names something, but {date}"),
            &format!("t.csv:3: column 2 \"site\": \"#REF!\" {error}"),
            &format!("t.csv:4: column 2 \"site\": \"#N/A\" {error}"),
        ],
    );
    let meant = format!("empty = [\"#N/A\", \"#REF!\"]\nliteral = [\"9,55167E+12\", \"01.Mrz\"]\n{UNITS}");
    let read = table(&meant, csv.as_bytes()).expect("a good table");
    let read = lines(&read.statements);
    assert!(read.contains(&"unit/00471 dcterms:identifier \"00471\" .".to_owned()), "{read:?}");
    assert!(!read.iter().any(|line| line.contains('#')), "{read:?}");
    // A column that nobody asks for may hold what it likes.
    check(
        &UNITS.replace(", site = \"site\"", ""),
        "serial,site\n00471,#N/A\n",
        &["unit/00471 a tl:TwinInstance .", "unit/00471 dcterms:identifier \"00471\" ."],
    );
    let measured = "[[resource]]\nclass = \"Measurement\"\nid = \"m/{n}\"\nfields = { measured = \"v\", unit = \"u\" }\n";
    check_error(
        measured,
        "n,v,u\n1,Mar-01,01.Mai\n",
        &[
            "t.csv:2: column 2 \"v\": \"Mar-01\" is not a number such as 80.5; a spreadsheet seems to have turned a value into a date",
            "t.csv:2: column 3 \"u\": \"01.Mai\" is no unit that the ontology knows; a spreadsheet seems to have turned a value into a date",
        ],
    );
}

#[test]
fn blanks_in_the_names_of_columns_do_not_matter() {
    let mapping = "delimiter = \";\"\n[[resource]]\nclass = \"TwinInstance\"\nid = \"u/{serial no}\"\nfields = { identifier = \"serial no\" }\n";
    let expect = ["u/A a tl:TwinInstance .", "u/A dcterms:identifier \"A\" ."];
    for header in ["serial no", "serial\u{a0}no", "serial  no", "\"serial\nno\"", "serial\u{200b} no"] {
        check(mapping, &format!("{header}\nA\n"), &expect);
    }
    check_error(
        mapping,
        "serial\u{a0}no;serial  no\nA;B\n",
        &[
            "m.toml:5:25: t.csv has no column \"serial no\"; did you mean serial  no or serial\u{a0}no? (it has serial\u{a0}no, serial  no)",
        ],
    );
}

#[test]
fn characters_that_were_lost_are_refused() {
    let mapping = "delimiter = \";\"\nencoding = \"utf-8\"\n[[resource]]\nclass = \"TwinInstance\"\nid = \"u/{n}\"\n[resource.fields]\nidentifier = \"n\"\nsite = \"s\"\n";
    let refused = table(mapping, b"n;s\n1;Z\xfcrich\n").expect_err("a lost character").to_string();
    assert!(refused.starts_with("t.csv:2: column 2 \"s\": \"Z\u{fffd}rich\" has U+FFFD in it"), "{refused}");
}

#[test]
fn a_unit_in_the_header_is_that_of_the_value() {
    let mapping = |unit: &str| {
        format!(
            "delimiter = \";\"\n[[resource]]\nclass = \"Measurement\"\nid = \"m/{{n}}\"\n[resource.fields]\nmeasured = \"T [°F]\"\nunit = {unit}\n"
        )
    };
    let expect = ["m/1 a tl:Measurement .", "m/1 tl:measured \"70\" .", "m/1 tl:unit unit:DEG_F ."];
    check(&mapping("{ value = \"degF\" }"), "n;T [°F]\n1;70\n", &expect);
    check(&mapping("\"u\""), "n;T [°F];u\n1;70;degF\n", &expect);
    let states = "the header states the unit °F, but the unit of the value is °C: state that of the header, or compute the value in °C, as in value = \"({column} - 32) * 5 / 9\"; if that is no unit, name all columns by header and skip the file's own with skip-lines";
    check_error(
        &mapping("{ value = \"°C\" }"),
        "n;T [°F]\n1;70\n",
        &[&format!("m.toml:6:12: column 2 \"T [°F]\": {states}")],
    );
    check_error(
        &mapping("\"u\""),
        "n;T [°F];u\n1;70;°F\n2;21;°C\n",
        &[&format!("t.csv:3: column 2 \"T [°F]\": {states}")],
    );
    // Brackets without a unit are part of the name.
    let left = mapping("{ value = \"°C\" }").replace("[°F]", "(left)");
    let expect = ["m/1 a tl:Measurement .", "m/1 tl:measured \"70\" .", "m/1 tl:unit unit:DEG_C ."];
    check(&left, "n;T (left)\n1;70\n", &expect);
}

#[test]
fn rows_that_agree_can_be_events_of_their_own() {
    let mapping = r#"
[[resource]]
class = "FieldEvent"
id = "event/{serial}/{#nth}"
only = { kind = ["", "F"] }
fields = { on = { id = "unit/{serial}" }, note = { value = "row {#row}" } }
"#;
    let read = |csv: &str| -> Vec<String> {
        let read = table(mapping, csv.as_bytes()).expect("a good table");
        lines(&read.statements)
            .into_iter()
            .filter(|line| !line.contains(" a ") && !line.contains("tl:on"))
            .collect()
    };
    let csv = "serial,kind\nA,F\nA,\nB,F\nA,X\nA,F\n";
    assert_eq!(
        read(csv),
        [
            "event/A/1 tl:note \"row 1\" .",
            "event/A/2 tl:note \"row 2\" .",
            "event/B/1 tl:note \"row 3\" .",
            "event/A/3 tl:note \"row 5\" .",
        ]
    );
    // Rows of other serials that come in between change no id.
    let ids = |csv: &str| {
        let ids = read(csv).into_iter().map(|line| line.split(' ').next().expect("a name").to_owned());
        ids.filter(|id| id.starts_with("event/A")).collect::<Vec<_>>()
    };
    assert_eq!(ids(csv), ids(&csv.replace("A,X\n", "C,F\nC,F\n")));
    check_error(
        &mapping.replace("unit/{serial}", "unit/{#nth}"),
        csv,
        &["m.toml:6:17: {#nth} numbers the rows that give one id, so it belongs in the id of a [[resource]]"],
    );
}

#[test]
fn values_are_computed_joined_and_fall_back() {
    let mapping = r#"
delimiter = ";"
decimal = ","
zone = "UTC"
[[column]]
name = "seconds"
value = "{cycle} * 3600 + 0.5"
[[column]]
name = "who"
first = ["new", "old"]
[[resource]]
class = "Measurement"
id = "m/{who}/{seconds}"
[resource.fields]
of = { id = "unit/{who}" }
measured = "seconds"
nominal = { value = "({cycle} - 1) / 8" }
characteristic = { column = ["what", "old"] }
at = { value = "{day} {hour}" }
"#;
    check(
        mapping,
        "cycle;new;old;what;day;hour\n2,5;;A;;2024-05-01;08:00\n",
        &[
            "m/A/9000,5 a tl:Measurement .",
            "m/A/9000,5 tl:at \"2024-05-01T08:00:00Z\" .",
            "m/A/9000,5 tl:characteristic \"A\" .",
            "m/A/9000,5 tl:measured \"9000.5\" .",
            "m/A/9000,5 tl:nominal \"0.1875\" .",
            "m/A/9000,5 tl:of unit/A .",
        ],
    );
    check_error(
        mapping,
        "cycle;new;old;what;day;hour\nx;;A;;2024-05-01;08:00\n",
        &["t.csv:2: column 1 \"cycle\": \"x\" is not a number such as 80,5"],
    );
    check_error(
        &mapping.replace("3600", "3600 *"),
        "cycle\n",
        &[
            "m.toml:6:8: \"{cycle} * 3600 * + 0.5\" cannot be computed at \"+ 0.5\"; write numbers, columns in braces, + - * / and parentheses, as in \"({a} - 32) * 5 / 9\"",
        ],
    );
}

#[test]
fn a_time_that_is_shown_twice_is_refused_or_resolved_by_a_stated_rule() {
    let csv = "time,pump,out,in,why,offset\n2024-10-27 02:30,P1,,B1,,CET\n2024-03-31 02:30,P2,,B2,,+02:00\n";
    let zone = format!("zone = \"Europe/Berlin\"\n{SWAPS}");
    let never = "t.csv:3: column 1 \"time\": no clock of the zone ever shows 2024-03-31 02:30: it goes forward over that time";
    check_error(
        &zone,
        csv,
        &[
            "t.csv:2: column 1 \"time\": \"2024-10-27 02:30\" is shown twice by the clocks of this zone, at 2024-10-27T00:30:00Z and at 2024-10-27T01:30:00Z; give it an offset, or state ambiguous = \"earlier\" or \"later\"",
            never,
        ],
    );
    check_error(&format!("ambiguous = \"later\"\n{zone}"), csv, &[never]);
    let first = csv.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    for (stated, expect) in [
        ("ambiguous = \"earlier\"", "20241027T003000Z"),
        ("ambiguous = \"later\"", "20241027T013000Z"),
        ("offset = \"offset\"", "20241027T013000Z"),
    ] {
        let read = table(&format!("{stated}\n{zone}"), first.as_bytes()).expect(stated);
        let read = lines(&read.statements);
        assert_eq!(read[0], format!("installation/bearing/B1/{expect} a tl:Installation ."));
    }
    check_error(
        &PUMPS.replace("DD.MM.YYYY", "DD.MM.YY"),
        "serial no;type;plant;in service;out of service\n",
        &[
            "m.toml:4:10: the format \"DD.MM.YY hh:mm\" has years of two digits; state the first year that they can mean, as in years-from = 1970 (70 is 1970, 69 is 2069)",
        ],
    );
    let stated = format!("years-from = 1970\n{}", PUMPS.replace("DD.MM.YYYY", "DD.MM.YY"));
    let csv = "serial no;type;plant;in service;out of service\nP1;T;RTM;1.5.98 08:00;\n";
    let read = table(&stated, csv.as_bytes()).expect("a good table");
    assert!(lines(&read.statements).iter().any(|line| line.contains("1998-05-01T06:00:00Z")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a file holds, it is read or refused with its place.
    #[test]
    fn no_table_is_fatal(rows in prop::collection::vec("[ 0-9a-zäA-Z.:;,\"+/-]{0,40}", 0..6), bytes in any::<Vec<u8>>()) {
        for mapping in [PUMPS, SWAPS] {
            let header = if mapping == PUMPS { "serial no;type;plant;in service;out of service" } else { "time,pump,out,in,why" };
            let _ = table(mapping, format!("{header}\n{}", rows.join("\n")).as_bytes());
            let _ = table(mapping, &[header.as_bytes(), b"\n", &bytes].concat());
            let _ = table(mapping, &bytes);
        }
        let _ = Mapping::parse(&rows.join("\n"), "m.toml");
    }

    /// What is not empty is written, unless a spreadsheet has spoilt it: one row with good cells gives one statement a field.
    #[test]
    fn every_cell_is_written(serial in "[A-Za-z0-9 /#?%{}-]{1,12}", plant in "[A-Za-z ]{0,8}") {
        let csv = format!("serial no;type;plant;in service;out of service\n\"{serial}\";T;\"{plant}\";;\n");
        let written = |text: &str| usize::from(!["", "-"].contains(&text.trim()));
        let is_spoilt = |text: &str, names| {
            let text = text.trim();
            let found = spoilt::error_value(text).or_else(|| spoilt::absent(text, names));
            found.or_else(|| spoilt::name(text).filter(|_| names)).is_some()
        };
        match table(PUMPS, csv.as_bytes()) {
            Ok(table) => {
                prop_assert!(!is_spoilt(&serial, true) && !is_spoilt(&plant, false));
                prop_assert_eq!(table.statements.len(), 4 + written(&plant));
            }
            Err(_) => prop_assert!(written(&serial) == 0 || is_spoilt(&serial, true) || is_spoilt(&plant, false)),
        }
    }
}

#[test]
fn texts_that_a_mapping_multiplies_are_bounded() {
    let refused = |columns: &str, field: &str, csv: &str, expect: &str| {
        let mapping = format!(
            "zone = \"UTC\"\n{columns}[[resource]]\nclass = \"Part\"\nid = \"part/{{id}}\"\nfields = {{ identifier = \"id\", title = {field} }}\n"
        );
        let error = table(&mapping, csv.as_bytes()).expect_err(field).to_string();
        assert!(error.contains(expect) && error.starts_with("t.csv:"), "{error}");
    };
    let column = |name: &str, text: &str| format!("[[column]]\nname = \"{name}\"\ntext = \"{text}\"\n");
    // Each column twice the one before.
    let chain: String =
        (1..=40).map(|at| column(&format!("c{at}"), &format!("{{c{0}}}{{c{0}}}", at - 1))).collect();
    refused(&chain, "\"c40\"", "id,c0\n1,x\n", "is longer than 1 MiB");
    let many: String = (0..40).map(|at| column(&format!("c{at}"), "{c}")).collect();
    let cell = "x".repeat(1 << 19);
    refused(&many, "\"c39\"", &format!("id,c\n1,{cell}\n"), "holds more than 16 MiB");
    // In an id, and in many rows, each of which is short enough.
    let names = "{id}".repeat(300);
    let csv: String = std::iter::once("id,c\n".to_owned())
        .chain((0..40).map(|at| format!("{at},{}\n", "y".repeat(10_000))))
        .collect();
    let mapping = format!(
        "zone = \"UTC\"\n[[resource]]\nclass = \"Part\"\nid = \"part/{}\"\nfields = {{ identifier = \"id\" }}\n",
        names.replace("{id}", "{c}")
    );
    let error = table(&mapping, csv.as_bytes()).expect_err("a long id").to_string();
    assert!(error.contains("is longer than 1 MiB"), "{error}");
    let times = column("times", &"{c}".repeat(100));
    let csv: String = std::iter::once("id,c\n".to_owned())
        .chain((0..100).map(|at| format!("{at},{}\n", "y".repeat(10_000))))
        .collect();
    refused(&times, "\"times\"", &csv, "more than 64 MiB and four times as much as the rows");
}
