//! ReqIF there and back: files of eight origins, edits made here, bad input.

use crate::program::{is_there, real_data};
use crate::world::World;
use std::path::Path;
use std::process::Command;
use throughline::app::{ForeignFormat, ForeignRequest, ImportOptions, SourceFile, SourceFormat};
use throughline::exchange::FieldMapping;
use throughline::exchange::foreign::Foreign;

/// The real files; the last is no valid ReqIF.
const FILES: [&str; 9] = [
    "doors.reqif",
    "polarion.reqif",
    "polarion.reqifz",
    "prostep-tc1000.reqif",
    "prostep-tc1100.reqif",
    "prostep-tc1400.reqif",
    "reqif-studio.reqif",
    "rmf-relations.reqif",
    "not-quite-valid.reqif",
];

/// Imports a file of another tool; returns how many statements changed, and the gaps.
pub(super) fn import(
    world: &World,
    source: &str,
    name: &str,
    bytes: &[u8],
    mapping: &str,
) -> Result<(usize, Vec<String>), String> {
    let format = Foreign::of_name(name).or_else(|| Foreign::of_content(name, bytes)).expect("a format");
    let mapping = FieldMapping::parse(mapping, "fields.toml")?;
    let reading = SourceFormat::Foreign(format, Box::new(mapping));
    let file = SourceFile { name: name.to_owned(), bytes: bytes.to_vec(), reading };
    let options =
        ImportOptions { source: source.to_owned(), into: "main".to_owned(), ..ImportOptions::default() };
    let (statements, report) =
        world.app.read_sources(vec![file], &options).map_err(|error| error.to_string())?;
    let done = world.app.import(statements, options).map_err(|error| error.to_string())?;
    Ok((done.changed, report.ignored.iter().map(ToString::to_string).collect()))
}

/// Exports a source as ReqIF, or all requirements; returns the bytes and what is left out.
pub(super) fn export(world: &World, source: Option<&str>) -> (Vec<u8>, Vec<String>) {
    let format = ForeignFormat::ReqIf { archive: false };
    let request = ForeignRequest { format, at: "main".to_owned(), source: source.map(str::to_owned) };
    let exported = world.app.export_foreign(&request).expect("an export");
    (exported.bytes, exported.notices)
}

fn python() -> String {
    std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Lets the Python packages read a file, and compares it with the original.
fn judge(original: &Path, export: &[u8]) {
    if !is_there(&python(), &["-c", "import reqif, pyreqif, strictdoc"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("export.reqif");
    std::fs::write(&path, export).expect("a file");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/exchange/reqif_judge.py");
    let output = Command::new(python()).arg(script).arg(original).arg(&path).output().expect("python");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}: {}{}",
        original.display(),
        text(&output.stdout),
        text(&output.stderr)
    );
}

#[test]
fn files_of_eight_origins_come_back_as_they_were() {
    for name in FILES {
        let Some(path) = real_data(&format!("exchange/reqif/{name}")) else { return };
        let bytes = std::fs::read(&path).expect("the file");
        let world = World::new();
        let (changed, gaps) =
            import(&world, "tool", name, &bytes, "").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(changed > 0, "{name}");
        let (exported, notices) = export(&world, Some("tool"));
        assert_eq!(notices, Vec::<String>::new(), "{name}");
        let (again, _) =
            import(&world, "tool", name, &exported, "").unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again, 0, "{name}: {gaps:?}");
        assert_eq!(export(&world, Some("tool")).0, exported, "{name}");
        let is_archive = Path::new(name).extension().is_some_and(|extension| extension == "reqifz");
        if !is_archive && name != "not-quite-valid.reqif" {
            judge(&path, &exported);
        }
    }
}

const BEARING: &str = include_str!("bearing.reqif");

#[test]
fn a_broken_file_is_read_as_far_as_it_can_be_and_every_gap_has_a_name() {
    let check = |change: &[(&str, &str)], gap: &str| {
        let text = change.iter().fold(BEARING.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        let world = World::new();
        let (_, gaps) = import(&world, "doors", "srs.reqif", text.as_bytes(), "")
            .unwrap_or_else(|error| panic!("{gap}: {error}"));
        assert!(gaps.iter().any(|own| own.contains(gap)), "{gap}: {gaps:?}");
        let exported = export(&world, Some("doors")).0;
        assert_eq!(import(&world, "doors", "srs.reqif", &exported, "").expect("its export").0, 0, "{gap}");
    };
    check(
        &[("IDENTIFIER=\"_3\"", "IDENTIFIER=\"_2\""), ("<SPEC-OBJECT-REF>_3<", "<SPEC-OBJECT-REF>_2<")],
        "the identifier \"_2\" of SPEC-OBJECT is also that of the element in line",
    );
    check(
        &[("IDENTIFIER=\"_p3\"", "IDENTIFIER=\"_p2\"")],
        "the identifier \"_p2\" of SPEC-HIERARCHY is also",
    );
    check(
        &[("THE-VALUE=\"SRS-3\"", "THE-VALUE=\"SRS-2\"")],
        "the identifier \"SRS-2\" is that of another object too",
    );
    check(
        &[("<SPEC-OBJECT-REF>_3<", "<SPEC-OBJECT-REF>_1<")],
        "the object \"_1\" is below itself in the hierarchy",
    );
    check(
        &[("<SPEC-OBJECT-REF>_3<", "<SPEC-OBJECT-REF>_9<")],
        "the object \"_9\" of a hierarchy is not in the file",
    );
    check(
        &[("<TARGET><SPEC-OBJECT-REF>_1<", "<TARGET><SPEC-OBJECT-REF>_2<")],
        "closes a circle; it is kept, and is no link",
    );
    check(
        &[("<TARGET><SPEC-OBJECT-REF>_1<", "<TARGET><SPEC-OBJECT-REF>_9<")],
        "the TARGET \"_9\" of a SPEC-RELATION is not in the file",
    );
    check(
        &[("LONG-NAME=\"refines\"", "LONG-NAME=\"smells like\"")],
        "relations \"smells like\" are kept, and are no links",
    );
    check(
        &[("ATTRIBUTE-VALUE-REAL", "ATTRIBUTE-VALUE-COMPLEX")],
        "the value of \"Limit\" is COMPLEX, and its definition REAL; it is kept",
    );
    check(
        &[("REAL-REF>_a-limit<", "REAL-REF>_a-other<")],
        "the attribute definition \"_a-other\" of ATTRIBUTE-VALUE-REAL is not there",
    );
    check(&[("TYPE-REF>_type<", "TYPE-REF>_typo<")], "the type \"_typo\" of SPEC-OBJECT is not defined");
    check(
        &[("<SPEC-RELATIONS>", "<NOTES/><SPEC-RELATIONS>")],
        "ReqIF defines no NOTES in REQ-IF-CONTENT; it is kept",
    );
    check(&[("THE-VALUE=\"SRS-3\"", "THE-VALUE=\"SRS\u{200b}3\"")], "which nobody sees");
}

#[test]
fn a_file_that_could_do_harm_is_refused() {
    let check = |bytes: &[u8], expect: &str| {
        let error = import(&World::new(), "doors", "srs.reqif", bytes, "").expect_err(expect);
        assert!(error.starts_with("srs.reqif: ") && error.contains(expect), "{error}");
    };
    let entity =
        BEARING.replace("<REQ-IF ", "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><REQ-IF ");
    check(entity.as_bytes(), "document type");
    check(&BEARING.as_bytes()[..BEARING.len() / 2], "was cut off");
    check(b"<RIF xmlns='x'/>", "the format before ReqIF");
    check(b"<html/>", "begins with <html>");
    let wide: Vec<u8> = format!("\u{feff}{}", BEARING.replace("UTF-8", "UTF-16"))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(import(&World::new(), "doors", "srs.reqif", &wide, "").expect("UTF-16").0 > 0);
}

#[test]
fn attachments_come_back_in_their_archive() {
    let world = World::new();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in [("srs/one.reqif", BEARING.as_bytes()), ("srs/files/a.png", b"\x89PNG\0")] {
        writer.start_file(name, options).expect("a file");
        std::io::Write::write_all(&mut writer, bytes).expect("bytes");
    }
    let archive = writer.finish().expect("an archive").into_inner();
    import(&world, "doors", "srs.reqifz", &archive, "").expect("an import");
    let exported = export(&world, Some("doors")).0;
    let mut read = zip::ZipArchive::new(std::io::Cursor::new(&exported)).expect("an archive");
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut read.by_name("srs/files/a.png").expect("the attachment"), &mut bytes)
        .expect("bytes");
    assert_eq!(bytes, b"\x89PNG\0");
    assert_eq!(import(&world, "doors", "srs.reqifz", &exported, "").expect("an import").0, 0);
}
