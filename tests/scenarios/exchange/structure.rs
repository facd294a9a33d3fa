//! Product structure, inspections and workbooks.

use super::reqif::import;
use crate::program::real_data;
use crate::world::World;
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use throughline::app::{ImportOptions, SourceFile, SourceFormat};
use throughline::exchange::table::Mapping;

fn unpacked(name: &str) -> Option<Vec<u8>> {
    let file = std::fs::File::open(real_data(name)?).expect("the file");
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut bytes).expect("its bytes");
    Some(bytes)
}

/// Returns parent, child and quantity of every usage.
fn usages(world: &World) -> Vec<(String, String, f64)> {
    let query = "{ thread { designRevisions(first: 100) { nodes { revisionOf { identifier } usages { quantity
        child { ... on DesignRevision { revisionOf { identifier } } } } } } } }";
    let data = world.data(query, json!({}));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut found = Vec::new();
    for design in data["thread"]["designRevisions"]["nodes"].as_array().expect("designs") {
        for usage in design["usages"].as_array().expect("usages") {
            let child = text(&usage["child"]["revisionOf"]["identifier"]);
            found.push((
                text(&design["revisionOf"]["identifier"]),
                child,
                usage["quantity"].as_f64().expect("a number"),
            ));
        }
    }
    found.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    found
}

#[test]
fn the_assembly_of_a_step_file_is_parts_and_usages_with_quantities() {
    let Some(bytes) = unpacked("exchange/step/as1-oc-214.stp.gz") else { return };
    let world = World::new();
    let (_, gaps) = import(&world, "cad", "as1.stp", &bytes, "").expect("an import");
    assert!(gaps.iter().all(|gap| gap.contains("no version")), "{gaps:?}");
    let expect = [
        ("as1", "l-bracket-assembly", 2.0),
        ("as1", "plate", 1.0),
        ("as1", "rod-assembly", 1.0),
        ("l-bracket-assembly", "l-bracket", 1.0),
        ("l-bracket-assembly", "nut-bolt-assembly", 3.0),
        ("nut-bolt-assembly", "bolt", 1.0),
        ("nut-bolt-assembly", "nut", 1.0),
        ("rod-assembly", "nut", 2.0),
        ("rod-assembly", "rod", 1.0),
    ];
    let expect: Vec<_> = expect.map(|(a, b, n)| (a.to_owned(), b.to_owned(), n)).into();
    assert_eq!(usages(&world), expect);
    // The same file of another system describes the same parts.
    let (changed, _) = import(&world, "plm", "as1.stp", &bytes, "").expect("an import");
    assert_eq!((changed, usages(&world)), (0, expect));
}

const STEP: &str = "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('AP242'));\nENDSEC;\nDATA;
#1=PRODUCT('P-1','Pump','',());\n#2=PRODUCT_DEFINITION_FORMATION_WITH_SPECIFIED_SOURCE('B','',#1,.MADE.);\n#3=PRODUCT_DEFINITION('design','',#2,$);
#4=PRODUCT('B-1','Bolt','',());\n#5=PRODUCT_DEFINITION_FORMATION('A','',#4);\n#6=PRODUCT_DEFINITION('design','',#5,$);
#7=NEXT_ASSEMBLY_USAGE_OCCURRENCE('1','b','',#3,#6,'left');\n#8=NEXT_ASSEMBLY_USAGE_OCCURRENCE('2','b','',#3,#6,'right');
#9=PRODUCT('G-1','Grease','',());\n#10=PRODUCT_DEFINITION_FORMATION('A','',#9);\n#11=PRODUCT_DEFINITION('design','',#10,$);
#12=MEASURE_WITH_UNIT(COUNT_MEASURE(2.5),$);\n#13=(ASSEMBLY_COMPONENT_USAGE($)NEXT_ASSEMBLY_USAGE_OCCURRENCE()PRODUCT_DEFINITION_RELATIONSHIP('3','g','',#3,#11)PRODUCT_DEFINITION_USAGE()QUANTIFIED_ASSEMBLY_COMPONENT_USAGE(#12));
#14=NEXT_ASSEMBLY_USAGE_OCCURRENCE('4','up','',#6,#3,$);\n#15=NEXT_ASSEMBLY_USAGE_OCCURRENCE('5','lost','',#3,#99,$);
ENDSEC;\nEND-ISO-10303-21;\n";

#[test]
fn quantities_positions_and_circles_of_a_step_file() {
    let world = World::new();
    let (_, gaps) = import(&world, "cad", "pump.step", STEP.as_bytes(), "").expect("an import");
    for expect in ["is used in itself", "leads from or to a definition that is not there"] {
        assert!(gaps.iter().any(|gap| gap.contains(expect)), "{expect}: {gaps:?}");
    }
    let query = r#"{ thread { designRevisions { nodes { revision usages { position quantity } } } } }"#;
    let data = world.data(query, json!({}));
    let designs = data["thread"]["designRevisions"]["nodes"].as_array().expect("designs");
    let mut usages: Vec<String> = designs
        .iter()
        .flat_map(|own| own["usages"].as_array().expect("usages"))
        .map(ToString::to_string)
        .collect();
    usages.sort();
    assert_eq!(
        usages,
        [
            r#"{"position":"left","quantity":1.0}"#,
            r#"{"position":"right","quantity":1.0}"#,
            r#"{"position":null,"quantity":2.5}"#
        ]
    );
    let error = import(&world, "cad", "pump.step", &STEP.as_bytes()[..900], "").expect_err("cut off");
    assert!(error.contains("cut off"), "{error}");
}

#[test]
fn the_boxes_of_an_inspection_are_measurements_with_verdicts() {
    let Some(bytes) = unpacked("exchange/qif/box-results.qif.gz") else { return };
    let world = World::new();
    let (_, gaps) = import(&world, "cmm", "box.qif", &bytes, "[units]\nlength = \"mm\"").expect("an import");
    let query = r#"{ thread { measurements { totalCount } failed: measurements(filter: { verdict: { eq: FAIL } }) { totalCount
        nodes { measured lower upper unit { symbol } } } twinInstances { totalCount } } }"#;
    let data = world.data(query, json!({}))["thread"].clone();
    assert_eq!(
        (&data["measurements"]["totalCount"], &data["twinInstances"]["totalCount"]),
        (&json!(855), &json!(19))
    );
    for own in data["failed"]["nodes"].as_array().expect("failures") {
        let number = |name: &str| own[name].as_f64().expect("a number");
        assert!(number("measured") < number("lower") || number("measured") > number("upper"), "{own}");
        assert_eq!(own["unit"]["symbol"], "mm");
    }
    // Where the file states another verdict than its limits give, both are named.
    let differences = gaps.iter().filter(|gap| gap.contains("the limits decide")).count();
    let stated = String::from_utf8_lossy(&bytes).matches("<CharacteristicStatusEnum>FAIL").count();
    let computed = usize::try_from(data["failed"]["totalCount"].as_u64().expect("a number")).expect("a size");
    assert!(computed.abs_diff(stated) <= differences, "{computed} {stated} {gaps:?}");
    assert_eq!(import(&world, "cmm", "box.qif", &bytes, "[units]\nlength = \"mm\"").expect("an import").0, 0);
}

/// Makes a workbook of one sheet out of the XML of its rows.
fn workbook(sheet: &str, more: &[(&str, &str)]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let files = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>".to_owned(),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"Units\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns=\"{MAIN}\"><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData>{sheet}</sheetData><mergeCells count=\"1\"><mergeCell ref=\"C4:C5\"/></mergeCells></worksheet>"
            ),
        ),
    ];
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let more = more.iter().map(|(name, text)| (*name, (*text).to_owned()));
    for (name, text) in files.into_iter().chain(more) {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("a file");
        writer.write_all(text.as_bytes()).expect("its text");
    }
    writer.finish().expect("a workbook").into_inner()
}

const UNITS: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>Report of the works</t></is></c></row>
<row r="3"><c r="A3" t="inlineStr"><is><t>serial</t></is></c><c r="B3" t="inlineStr"><is><t>in service</t></is></c><c r="C3" t="inlineStr"><is><t>site</t></is></c><c r="D3" t="inlineStr"><is><t>number</t></is></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>00471</t></is></c><c r="B4" s="1"><v>45413.333333333336</v></c><c r="C4" t="inlineStr"><is><t>Rotterdam</t></is></c><c r="D4"><f>1+6</f><v>7</v></c></row>
<row r="5"><c r="A5" t="inlineStr"><is><t>00472</t></is></c><c r="B5" s="1"><v>45414</v></c><c r="D5">FORMULA</c></row>"#;
const MAPPING: &str = "skip-lines = 2\nsheet = \"Units\"\nzone = \"UTC\"\n[[resource]]\nclass = \"TwinInstance\"\nid = \"unit/{serial}\"\n\
    fields = { identifier = \"serial\", commissionedAt = \"in service\", site = \"site\", unitNumber = \"number\" }\n";

fn import_table(world: &World, bytes: &[u8], mapping: &str) -> Result<Vec<String>, String> {
    let mapping = Mapping::parse(mapping, "units.toml").map_err(|error| error.to_string())?;
    let reading = SourceFormat::Table(Box::new(mapping));
    let file = SourceFile { name: "units.xlsx".to_owned(), bytes: bytes.to_vec(), reading };
    let options =
        ImportOptions { source: "works".to_owned(), into: "main".to_owned(), ..ImportOptions::default() };
    let (statements, report) =
        world.app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
    world.app.import(statements, options).map_err(|error| error.to_string())?;
    Ok(report.ignored.iter().map(ToString::to_string).collect())
}

#[test]
fn a_sheet_is_read_by_the_mapping_of_a_table() {
    let world = World::new();
    let whole = UNITS.replace("FORMULA", "<v>8</v>");
    assert_eq!(import_table(&world, &workbook(&whole, &[]), MAPPING), Ok(Vec::new()));
    let query = r#"{ thread { twinInstances { nodes { identifier commissionedAt site unitNumber } } } }"#;
    let expect = json!([
        { "identifier": "00471", "commissionedAt": "2024-05-01T08:00:00Z", "site": "Rotterdam", "unitNumber": "7" },
        { "identifier": "00472", "commissionedAt": "2024-05-02T00:00:00Z", "site": "Rotterdam", "unitNumber": "8" },
    ]);
    assert_eq!(world.data(query, json!({}))["thread"]["twinInstances"]["nodes"], expect);
    let german =
        MAPPING.replace("zone", "decimal = \",\"\ndelimiter = \";\"\nencoding = \"windows-1252\"\nzone");
    let macros = [("xl/vbaProject.bin", "x")];
    let notices = import_table(&world, &workbook(&whole, &macros), &german).expect("an import");
    assert_eq!(notices, ["units.xlsx: the workbook has macros, which are not run"]);
    let error = import_table(&world, &workbook(&UNITS.replace("FORMULA", "<f>D4+1</f>"), &[]), MAPPING)
        .expect_err("no value");
    assert!(
        error.contains("units.xlsx:5") && error.contains("the workbook does not hold its value"),
        "{error}"
    );
    let error = import_table(&world, &workbook(&whole, &[]), &MAPPING.replace("Units", "Other"))
        .expect_err("no sheet");
    assert!(error.contains("has no sheet \"Other\"; its sheets are Units"), "{error}");
}
