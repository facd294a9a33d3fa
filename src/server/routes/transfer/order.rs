//! What a request asks for, checked before its body is read; and how it is done once the body is there.

use super::refusal::Refusal;
use super::run::{File, Media, Run};
use super::{import, ingest, multipart};
use crate::app::JobKind as Kind;
use crate::exchange::foreign::Foreign;
use crate::exchange::rdf::Format;
use crate::exchange::table::Mapping;
use crate::model::utf8;
use serde_json::Value;

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Order {
    work: Work,
    form: Form,
}

#[derive(Debug)]
enum Work {
    Import(Box<import::Request>),
    Ingest(Box<ingest::Request>),
}

/// How a body is written.
#[derive(Clone, Debug)]
enum Form {
    /// As one file of this media type.
    File(Media),
    /// As parts, under this boundary.
    Parts(String),
}

impl Order {
    /// Reads what is asked for by the query of a URL and the content type of the body.
    pub(super) fn read(kind: Kind, query: &str, content_type: &str) -> Result<Self, Refusal> {
        let form = form(kind, content_type)?;
        let work = match kind {
            Kind::Import => Work::Import(Box::new(import::Request::read(query)?)),
            Kind::Ingest => Work::Ingest(Box::new(ingest::Request::read(query)?)),
            Kind::Backup => return Err(no_files()),
        };
        Ok(Self { work, form })
    }

    /// Carries it out with the bytes of the body.
    pub(super) fn run(&self, run: &Run<'_>, body: Vec<u8>) -> Result<Value, Refusal> {
        let files = self.files(body)?;
        match &self.work {
            Work::Import(request) => request.run(run, files),
            Work::Ingest(request) => request.run(run, &files),
        }
    }

    /// Returns whether it is to become a job, however small its body is.
    pub(super) fn is_job(&self) -> bool {
        match &self.work {
            Work::Import(request) => request.is_job,
            Work::Ingest(request) => request.is_job,
        }
    }

    /// Returns what errors call the body, and whether the request names it so.
    fn name(&self) -> (&str, bool) {
        match &self.work {
            Work::Import(request) => (&request.name, request.is_named),
            Work::Ingest(request) => (&request.name, true),
        }
    }

    fn files(&self, body: Vec<u8>) -> Result<Vec<File>, Refusal> {
        let files = match &self.form {
            Form::File(media) => {
                let (name, is_named) = self.name();
                vec![File { name: name.to_owned(), is_named, bytes: body, media: *media, mapping: None }]
            }
            Form::Parts(boundary) => files(&body, boundary)?,
        };
        for File { name, bytes, .. } in
            files.iter().filter(|file| !matches!(file.media, Media::Csv | Media::Foreign(_)))
        {
            utf8::without_mark(bytes).map_err(|error| Refusal::bad(format!("{name}: the file {error}")))?;
        }
        Ok(files)
    }
}

/// Refuses files for a backup.
fn no_files() -> Refusal {
    Refusal::bad("a backup takes no files: POST /backup")
}

/// Reads the files of a form, each table with the mapping before it; a single mapping is for all tables.
fn files(body: &[u8], boundary: &str) -> Result<Vec<File>, Refusal> {
    let parts = multipart::parts(body, boundary).map_err(Refusal::bad)?;
    let (mut files, mut mappings) = (Vec::new(), Vec::new());
    for part in &parts {
        let name = part.file.unwrap_or(part.name).to_owned();
        match (part.name, media_of_part(part)) {
            ("mapping", _) => {
                let text = std::str::from_utf8(part.content.strip_prefix(utf8::MARK).unwrap_or(part.content));
                let text = text.map_err(|_| Refusal::bad(format!("{name}: not UTF-8")))?;
                let mapping = Mapping::parse(text, &name).map_err(crate::app::Error::from)?;
                mappings.push((files.len(), mapping, false));
            }
            ("file", Some(media)) => {
                let (bytes, is_named) = (part.content.to_vec(), part.file.is_some());
                files.push(File { name, is_named, bytes, media, mapping: None });
            }
            ("file", None) => {
                let text = "neither its media type nor the ending of its name is known: use text/turtle, application/n-triples, application/rdf+xml, application/ld+json or text/csv";
                return Err(Refusal::unsupported(format!("{name}: {text}")));
            }
            (other, _) => {
                return Err(Refusal::bad(format!("\"{other}\" is no part here: use mapping and file")));
            }
        }
    }
    if files.is_empty() {
        return Err(Refusal::bad("the form has no part called file"));
    }
    let only = mappings.len() == 1;
    for (at, file) in files.iter_mut().enumerate().filter(|(_, file)| file.media == Media::Csv) {
        if let Some(mapping) = mappings.iter_mut().rev().find(|mapping| only || mapping.0 <= at) {
            file.mapping = Some(mapping.1.clone());
            mapping.2 = true;
        }
    }
    match mappings.iter().find(|mapping| !mapping.2) {
        Some(_) => Err(Refusal::bad("no table follows a mapping: each mapping is before its tables")),
        None => Ok(files),
    }
}

fn media_of_part(part: &multipart::FormPart<'_>) -> Option<Media> {
    let of_name = || {
        if let Some(format) = part.file.and_then(Foreign::of_name) {
            return Some(Media::Foreign(format));
        }
        let ending = part.file?.rsplit_once('.')?.1;
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Media::Csv),
            "toml" => Some(Media::Mapping),
            ending => Format::from_extension(ending).map(Media::Rdf),
        }
    };
    part.media_type.and_then(|media_type| media(essence(media_type).as_str())).or_else(of_name)
}

/// Returns a media type without its parameters.
fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn media(essence: &str) -> Option<Media> {
    Some(match essence {
        "text/turtle" | "application/x-turtle" => Media::Rdf(Format::Turtle),
        "application/n-triples" => Media::Rdf(Format::NTriples),
        "application/rdf+xml" => Media::Rdf(Format::RdfXml),
        "application/ld+json" => Media::Rdf(Format::JsonLd),
        "text/csv" | "text/tab-separated-values" => Media::Csv,
        other => return Foreign::of_media_type(other).map(Media::Foreign),
    })
}

/// Reads how a body is written.
fn form(kind: Kind, content_type: &str) -> Result<Form, Refusal> {
    let essence = essence(content_type);
    if essence == "multipart/form-data" {
        let boundary = multipart::boundary(content_type);
        let boundary = boundary.ok_or_else(|| Refusal::bad("multipart/form-data without a boundary"))?;
        return Ok(Form::Parts(boundary.to_owned()));
    }
    let charset = content_type.split(';').skip(1).filter_map(|parameter| parameter.trim().split_once('='));
    let charset =
        charset.filter(|(name, _)| name.eq_ignore_ascii_case("charset")).map(|(_, value)| value).next();
    let is_utf8 = |charset: &str| {
        ["utf-8", "utf8", "us-ascii"].iter().any(|name| charset.trim_matches('"').eq_ignore_ascii_case(name))
    };
    match (kind, media(&essence)) {
        (Kind::Import, Some(media @ Media::Rdf(_))) => match charset {
            Some(charset) if !is_utf8(charset) => {
                Err(Refusal::unsupported(format!("the charset {charset} is not supported: send UTF-8")))
            }
            _ => Ok(Form::File(media)),
        },
        (Kind::Import, Some(media @ Media::Foreign(_))) => Ok(Form::File(media)),
        (Kind::Import, Some(Media::Csv)) => Err(Refusal::unsupported(
            "a table needs its mapping: send both as multipart/form-data, a part called mapping and then parts called file",
        )),
        (Kind::Ingest, Some(Media::Csv)) => Ok(Form::File(Media::Csv)),
        (Kind::Import, _) => Err(Refusal::unsupported(format!(
            "\"{essence}\" cannot be imported: send text/turtle, application/n-triples, application/rdf+xml, application/ld+json, or multipart/form-data with tables and their mapping"
        ))),
        (Kind::Backup, _) => Err(no_files()),
        (Kind::Ingest, _) => Err(Refusal::unsupported(format!(
            "\"{essence}\" holds no table of readings: send text/csv, or multipart/form-data with tables and their mapping"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_known_or_refused() {
        let check = |kind, content_type: &str, expect: Result<&str, u16>| {
            let got = form(kind, content_type);
            match (&got, expect) {
                (Ok(form), Ok(expect)) => assert_eq!(format!("{form:?}"), expect, "{content_type}"),
                (Err(refusal), Err(status)) => assert_eq!(refusal.status.as_u16(), status, "{content_type}"),
                (_, expect) => panic!("{content_type}: {got:?}, not {expect:?}"),
            }
        };
        check(Kind::Import, "Text/Turtle; charset=UTF-8", Ok("File(Rdf(Turtle))"));
        check(Kind::Import, "application/reqif+xml", Ok("File(Foreign(ReqIf))"));
        check(Kind::Import, "application/rdf+xml", Ok("File(Rdf(RdfXml))"));
        check(Kind::Import, "application/ld+json;profile=x", Ok("File(Rdf(JsonLd))"));
        check(Kind::Import, "application/n-triples", Ok("File(Rdf(NTriples))"));
        check(Kind::Import, "multipart/form-data; boundary=x", Ok("Parts(\"x\")"));
        check(Kind::Import, "multipart/form-data", Err(400));
        check(Kind::Import, "text/turtle; charset=latin1", Err(415));
        for unknown in ["", "text/csv", "text/plain", "application/json", "application/x-www-form-urlencoded"]
        {
            check(Kind::Import, unknown, Err(415));
        }
        check(Kind::Ingest, "text/csv; charset=windows-1252", Ok("File(Csv)"));
        check(Kind::Ingest, "text/turtle", Err(415));
    }
}
