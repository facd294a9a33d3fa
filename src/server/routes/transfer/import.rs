//! `POST /import`: files as the content of a source, as `throughline import` takes them; with `ontology`, a file of the user's own ontology, as
//! `throughline ontology` does.

use super::parameters::Parameters;
use super::refusal::Refusal;
use super::run::{File, Media, Run};
use crate::app::{Decision, Error, ImportOptions, SourceFile, SourceFormat};
use crate::exchange::rdf::Format;
use crate::graph::{self, Author, CommitRequest, RequestKey};
use crate::graphql;
use serde_json::{Value, json};

const ONCE: [&str; 17] = [
    "source",
    "into",
    "prune",
    "acceptDirty",
    "complete",
    "tag",
    "dryRun",
    "previewAfter",
    "recordedAt",
    "message",
    "author",
    "name",
    "ontology",
    "job",
    "idempotencyKey",
    "guessed",
    "notes",
];
const MANY: [&str; 3] = ["ours", "theirs", "set"];

/// What an import is asked for.
#[derive(Debug)]
pub(super) struct Request {
    /// What errors call the body.
    pub(super) name: String,
    /// Whether the request names it.
    pub(super) is_named: bool,
    options: ImportOptions,
    decisions: Vec<Decision>,
    /// The file of the user's own ontology that the body is.
    ontology: Option<String>,
    /// The file of the form with the notes that a pull makes.
    notes: Option<String>,
    pub(super) is_job: bool,
    idempotency_key: Option<String>,
    /// The parameters that decide what comes of it, in canonical form.
    asked: String,
}

impl Request {
    /// Reads the parameters.
    pub(super) fn read(query: &str) -> Result<Self, Refusal> {
        let given = Parameters::read(query, &ONCE, &MANY)?;
        let ontology = given.text("ontology");
        let source = match (given.text("source"), &ontology) {
            (Some(_), Some(_)) => {
                return Err(Refusal::bad(
                    "a file of the ontology has no source: leave source or ontology out",
                ));
            }
            (Some(source), None) => source,
            (None, Some(_)) => String::new(),
            (None, None) => {
                return Err(Refusal::bad(
                    "source is missing: it names what the files are the content of, and its branch is import/SOURCE",
                ));
            }
        };
        let options = ImportOptions {
            source,
            source_is_guessed: given.flag("guessed")?,
            into: given.text("into").unwrap_or_else(|| "main".to_owned()),
            message: given.text("message"),
            author: given.value::<Author>("author")?.unwrap_or_default(),
            prune: given.flag("prune")?,
            accept_dirty: given.flag("acceptDirty")?,
            complete: given.flag("complete")?,
            tag: given.text("tag"),
            recorded_at: given.value("recordedAt")?,
            preview: given.flag("dryRun")?,
            preview_after: given.text("previewAfter"),
            ..ImportOptions::default()
        };
        let decisions = MANY.iter().flat_map(|word| {
            given.texts(word).into_iter().map(|text| Decision { word: (*word).to_owned(), text })
        });
        let (decisions, name) = (decisions.collect(), given.text("name"));
        let (is_named, is_job) = (name.is_some(), given.flag("job")?);
        let name = name.unwrap_or_else(|| "body".to_owned());
        let idempotency_key = given.text("idempotencyKey");
        let asked = given.canonical(&["idempotencyKey", "job"]);
        let notes = given.text("notes");
        Ok(Self { name, is_named, options, decisions, ontology, notes, is_job, idempotency_key, asked })
    }

    /// Returns the idempotency key, which names the parameters with the files.
    fn key(&self, run: &Run<'_>, files: &[File]) -> Result<Option<RequestKey>, Refusal> {
        let Some(key) = self.idempotency_key.as_ref().or(run.key.as_ref()) else { return Ok(None) };
        let named: Vec<_> = files.iter().map(|file| (file, format!("{:?}", file.media))).collect();
        let given = named.iter().flat_map(|(File { name, bytes, mapping, .. }, media)| {
            let mapping = mapping.as_ref().map_or(["", ""], |mapping| [mapping.file(), mapping.text()]);
            [
                name.as_bytes(),
                media.as_bytes(),
                mapping[0].as_bytes(),
                mapping[1].as_bytes(),
                bytes.as_slice(),
            ]
        });
        let key = RequestKey::of(key, "import", [self.asked.as_bytes()].into_iter().chain(given));
        Ok(Some(key.map_err(graph::Error::from).map_err(Error::from)?))
    }

    /// Imports the files.
    pub(super) fn run(&self, run: &Run<'_>, files: Vec<File>) -> Result<Value, Refusal> {
        if let Some(name) = &self.ontology {
            return self.set_ontology(run, name, &files);
        }
        let key = self.key(run, &files)?;
        let is_unnamed = files.iter().any(|file| !file.is_named);
        let message = || is_unnamed.then(|| format!("Import {}", self.options.source));
        let options = ImportOptions {
            idempotency_key: key,
            wanted: run.wanted.clone(),
            message: self.options.message.clone().or_else(message),
            ..self.options.clone()
        };
        if let Some(notes) = self.notes.as_ref().filter(|notes| files.iter().all(|file| file.name != **notes))
        {
            return Err(Refusal::bad(format!("notes: no file of the form is called {notes}")));
        }
        let files = files.into_iter().map(|file| self.source_file(file)).collect::<Result<_, _>>()?;
        match run.session.import_files(files, &self.decisions, options) {
            Ok(report) => Ok(json!(report)),
            Err(refused) => self.refused(refused.into()),
        }
    }

    fn source_file(&self, file: File) -> Result<SourceFile, Refusal> {
        let File { name, bytes, media, mapping, .. } = file;
        let is_notes = self.notes.as_ref() == Some(&name);
        let reading = match (media, mapping) {
            (Media::Rdf(Format::NTriples), _) if is_notes => SourceFormat::Notes,
            _ if is_notes => return Err(Refusal::bad(format!("{name}: notes are application/n-triples"))),
            (Media::Rdf(format), _) => SourceFormat::Rdf(format),
            (Media::Foreign(format), _) => SourceFormat::Foreign(format, Box::default()),
            (Media::Csv, Some(mapping)) => SourceFormat::Table(Box::new(mapping)),
            (Media::Csv | Media::Mapping, _) => {
                return Err(Refusal::bad(format!("{name}: no mapping is before this table")));
            }
        };
        Ok(SourceFile { name, bytes, reading })
    }

    /// Answers a dry run with what would be refused; refuses all else.
    fn refused(&self, refusal: Refusal) -> Result<Value, Refusal> {
        let is_answer = [graphql::Code::Conflict, graphql::Code::ShapeViolation];
        if !self.options.preview || !is_answer.iter().any(|code| code.as_str() == refusal.code()) {
            return Err(refusal);
        }
        let ImportOptions { source, into, .. } = &self.options;
        let mut answer = json!({ "source": source, "into": into, "commit": null, "dryRun": true });
        for (name, value) in refusal.fields {
            answer[name] = value;
        }
        Ok(answer)
    }

    /// Adds a file of the user's own ontology, or puts it in place of the one of its name.
    fn set_ontology(&self, run: &Run<'_>, name: &str, files: &[File]) -> Result<Value, Refusal> {
        let [File { bytes, media: Media::Rdf(Format::Turtle), .. }] = files else {
            return Err(Refusal::unsupported("a file of the ontology is one body of text/turtle"));
        };
        let text =
            String::from_utf8(bytes.clone()).map_err(|_| Refusal::bad(format!("{name}: not UTF-8")))?;
        let (session, branch) = (run.session, self.options.into.clone());
        let ontology = vec![(name.to_owned(), Some(text))];
        let head = session.snapshot(&branch)?;
        let candidate = session.ontology_with(&head, &ontology).map_err(|error| match error {
            Error::Graph(graph::Error::Ontology(error)) => Refusal::bad(error.to_string()),
            error => error.into(),
        })?;
        graphql::sdl(&candidate).map_err(|error| Refusal::bad(format!("{name}: {error}")))?;
        if self.options.preview {
            return Ok(json!({ "into": branch, "commit": null, "dryRun": true, "ontology": name }));
        }
        let message = self.options.message.clone();
        let committed = session.commit_as(CommitRequest {
            branch: branch.clone(),
            message: message.unwrap_or_else(|| format!("Change the ontology: {name}")),
            author: self.options.author.clone(),
            ontology,
            idempotency_key: self.key(run, files)?,
            wanted: run.wanted.clone(),
            ..CommitRequest::default()
        })?;
        let broken: Vec<_> = committed.broken.iter().map(ToString::to_string).collect();
        let commit = committed.commit.id.to_string();
        Ok(json!({ "into": branch, "commit": commit, "ontology": name, "broken": broken }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_checked() {
        let read = |query: &str| {
            Request::read(query)
                .map_err(|refusal| refusal.fields["message"].as_str().unwrap_or("").to_owned())
        };
        let request = read("source=plm&theirs=REQ-1%23limit+limit&dryRun&name=a.ttl").expect("a request");
        assert_eq!((request.name.as_str(), request.options.into.as_str()), ("a.ttl", "main"));
        assert!(request.options.preview && request.decisions.len() == 1 && !request.options.prune);
        for (query, part) in [
            ("", "source is missing"),
            ("source=", "source is missing"),
            ("source=a&source=b", "given twice"),
            ("source=a&ontology=b.ttl", "has no source"),
            ("source=a&dryRun=perhaps", "dryRun is true or false"),
            ("source=a&recordedAt=yesterday", "recordedAt: "),
            ("source=a&author=Ada", "author: "),
            ("source=a&brnach=b", "no parameter here: use source, into"),
        ] {
            assert!(read(query).is_err_and(|message| message.contains(part)), "{query}");
        }
    }
}
