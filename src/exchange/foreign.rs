//! Files of other tools to statements: one function from a format and bytes to what an import takes.

use super::archive::{is_archive, unpack};
use super::fields::World;
use super::rdf::Notice;
use super::reading::{Context, Gaps};
use super::{product, reqif, verification};
use crate::model::statement::Statement;

/// A format of other tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Foreign {
    /// ReqIF 1.0 to 1.2, as a file or an archive.
    ReqIf,
    /// Results of tests as JUnit XML.
    JUnit,
    /// The needs.json of sphinx-needs.
    Needs,
    /// An item of Doorstop.
    Doorstop,
    /// Product structure in a STEP file.
    Step,
    /// Results of inspections as QIF.
    Qif,
}

/// The formats with the ends of their files' names and their media types.
const FORMATS: &[(Foreign, &[&str], &[&str])] = &[
    (Foreign::ReqIf, &["reqif", "reqifz"], &["application/reqif+xml", "application/reqif+zip"]),
    (Foreign::JUnit, &["junit"], &["application/junit+xml"]),
    (Foreign::Needs, &["needs.json"], &["application/needs+json"]),
    (Foreign::Doorstop, &["yml", "yaml"], &["application/yaml"]),
    (Foreign::Step, &["stp", "step", "p21"], &["model/step"]),
    (Foreign::Qif, &["qif"], &["application/qif+xml"]),
];

/// The first elements of results of tests: of JUnit, which may have a namespace, and of programs whose files are refused with advice.
const TEST_ROOTS: [&str; 6] =
    ["testsuites", "testsuite", "test-run", "test-results", "assemblies", "TestRun"];

/// Returns the name of the first element of a text of XML, without its prefix.
fn root(text: &str) -> Option<&str> {
    let mut rest = &text[text.find('<')?..];
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        rest = &rest[rest.find(end)?..];
        rest = &rest[rest.find('<')?..];
    }
    let name = rest[1..].split(|char: char| char.is_whitespace() || "/>".contains(char)).next()?;
    Some(name.rsplit(':').next().unwrap_or(name))
}

impl Foreign {
    /// Returns the format of a file's name.
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ends = |end: &str| {
            name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '/']))
        };
        FORMATS
            .iter()
            .find(|(_, ends_with, _)| ends_with.iter().any(|end| ends(end)))
            .map(|(format, _, _)| *format)
    }

    /// Returns the format of a file whose name has an end that RDF has as well (`.xml`, `.json`): what it begins with decides.
    pub fn of_content(name: &str, bytes: &[u8]) -> Option<Self> {
        const BEGIN_MAX: usize = 4096;
        let begin = &bytes[..bytes.len().min(BEGIN_MAX)];
        let text: String = begin.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        let name = name.to_ascii_lowercase();
        if name.ends_with(".json") {
            return (text.contains("\"versions\"") && text.contains("\"current_version\""))
                .then_some(Self::Needs);
        }
        let roots = [
            ("REQ-IF", Self::ReqIf),
            ("testsuites", Self::JUnit),
            ("testsuite", Self::JUnit),
            ("QIFDocument", Self::Qif),
        ];
        let is_root = |root: &str| {
            text.find(&format!("<{root}")).is_some_and(|at| {
                let after = text[at + root.len() + 1..].chars().next();
                after.is_none_or(|char| char.is_whitespace() || matches!(char, '>' | '/'))
            })
        };
        if !name.ends_with(".xml") {
            return None;
        }
        let known = roots.into_iter().find(|(root, _)| is_root(root)).map(|(_, format)| format);
        known.or_else(|| TEST_ROOTS.contains(&root(&text)?).then_some(Self::JUnit))
    }

    /// Returns the media type of its files.
    pub fn media_type(self) -> &'static str {
        let own = FORMATS.iter().find(|(format, _, _)| *format == self);
        own.and_then(|(_, _, types)| types.first()).copied().unwrap_or("application/octet-stream")
    }

    /// Returns the format of a media type, without its parameters.
    pub fn of_media_type(name: &str) -> Option<Self> {
        let name = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        FORMATS.iter().find(|(_, _, types)| types.contains(&name.as_str())).map(|(format, _, _)| *format)
    }
}

/// The content of a file.
#[derive(Debug, Default)]
pub struct Content {
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What of it is not read as it is written.
    pub notices: Vec<Notice>,
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {message}")]
pub struct Unread {
    /// The file.
    pub file: String,
    /// What is wrong with it, and what would be right.
    pub message: String,
}

/// Reads a file.
pub fn read(format: Foreign, bytes: &[u8], context: Context<'_>) -> Result<Content, Unread> {
    let mut gaps = Gaps::default();
    let statements = match format {
        Foreign::ReqIf => requirements(bytes, context, &mut gaps),
        Foreign::JUnit => verification::read_junit(bytes, context, &mut gaps),
        Foreign::Needs => verification::read_needs(bytes, context, &mut gaps),
        Foreign::Doorstop => verification::read_doorstop(bytes, context, &mut gaps),
        Foreign::Step => product::read_step(bytes, context, &mut gaps),
        Foreign::Qif => verification::read_qif(bytes, context, &mut gaps),
    };
    let file = context.file.to_owned();
    match statements {
        Ok(statements) => Ok(Content { statements, notices: gaps.notices(&file) }),
        Err(message) => Err(Unread { file, message }),
    }
}

fn world(context: Context<'_>) -> World<'_> {
    World { ontology: context.ontology, base: context.base }
}

fn requirements(bytes: &[u8], context: Context<'_>, gaps: &mut Gaps) -> Result<Vec<Statement>, String> {
    let Context { source, mapping, .. } = context;
    if !is_archive(bytes) {
        return reqif::read(bytes, source, None, mapping, world(context), gaps);
    }
    let members = unpack(bytes, context.bytes_max)?;
    let is_document = |path: &str| path.to_ascii_lowercase().ends_with(".reqif");
    let documents = members.iter().filter(|member| is_document(&member.path)).count();
    if documents == 0 {
        return Err("the archive has no .reqif file".to_owned());
    }
    let mut statements = Vec::new();
    for member in members {
        let read = if is_document(&member.path) {
            let own = reqif::Member { path: &member.path, is_only: documents == 1 };
            reqif::read(&member.bytes, source, Some(own), mapping, world(context), gaps)
        } else {
            reqif::attachment(&member, source, context.base)
        };
        statements.extend(read.map_err(|message| format!("{}: {message}", member.path))?);
    }
    Ok(statements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_known_by_name_content_and_media_type() {
        let check = |name: &str, content: &str, expect: Option<Foreign>| {
            let found = Foreign::of_name(name).or_else(|| Foreign::of_content(name, content.as_bytes()));
            assert_eq!(found, expect, "{name}");
        };
        check("a/SRS.ReqIFz", "", Some(Foreign::ReqIf));
        check("as1.stp.gz", "", Some(Foreign::Step));
        check("docs/needs.json", "", Some(Foreign::Needs));
        check("export.json", "{ \"current_version\": \"1\", \"versions\": {", Some(Foreign::Needs));
        check("export.json", "{ \"@id\": \"x\" }", None);
        check("junit.xml", "<?xml version='1.0'?>\n<testsuites tests='1'>", Some(Foreign::JUnit));
        check("data.xml", "<rdf:RDF><testsuitesque/>", None);
        check(
            "data.xml",
            "<?xml version='1.0'?><!-- <a> --><j:testsuites xmlns:j='u'>",
            Some(Foreign::JUnit),
        );
        check("nunit.xml", "<?xml version='1.0'?>\n<test-run result='Failed'>", Some(Foreign::JUnit));
        check("xunit.xml", "<!-- a > b --><assemblies/>", Some(Foreign::JUnit));
        check("data.xml", "<RDF><assemblies/>", None);
        check("box.xml", "<QIFDocument>", Some(Foreign::Qif));
        check("reqif.ttl", "<REQ-IF>", None);
        assert_eq!(Foreign::of_media_type("Application/ReqIF+xml; charset=utf-8"), Some(Foreign::ReqIf));
        assert_eq!(Foreign::of_media_type("text/turtle"), None);
    }
}
