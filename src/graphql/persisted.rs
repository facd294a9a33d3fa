//! Documents that requests name instead of sending them: those of a folder, known from the start, and those that clients have sent with
//! their hash before.
//!
//! A request names one by `documentId` (GraphQL over HTTP, appendix *Persisted Documents*) or, as Apollo, urql and Relay do, by
//! `extensions.persistedQuery.sha256Hash`. Only the documents of the folder are known for certain; the others are kept as long as there is
//! room, and a client sends them again where they are not. Never validates: a named document is checked like any other.

use super::about::hash;
use super::error::{Code, Error};
use super::query::Query;
use crate::app::ServerSettings;
use crate::model::sync::cache::BoundedCache;
use serde::Deserialize;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How many bytes the documents that clients have sent may take.
const KEPT_BYTES: u64 = 16 << 20;
/// How many bytes the documents of the folder may take together.
const FOLDER_BYTES_MAX: usize = 64 << 20;
/// The prefix of an id that is a hash.
const HASH: &str = "sha256:";

/// Why the folder of documents cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A file or the folder cannot be read.
    #[error("the documents of {path}, set by documents under [server], cannot be read: {source}")]
    Unread {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no list of documents.
    #[error(
        "{path} is no list of documents: it needs an object of ids and texts, or a manifest of Apollo: {source}"
    )]
    NoList {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// Two documents share an id.
    #[error("{path} gives the id {id} to another document than a file before it")]
    Twice {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// The documents take too much memory.
    #[error("the documents of {path} take more than {FOLDER_BYTES_MAX} bytes")]
    TooLarge {
        /// The folder.
        path: PathBuf,
    },
}

/// The documents that requests may name.
#[derive(Debug)]
pub(super) struct Persisted {
    /// Those of the folder by id, and each by its hash.
    listed: HashMap<String, Arc<str>>,
    /// Whether no others are answered.
    only: bool,
    /// Those that clients have sent, by their hash.
    sent: BoundedCache<String, Arc<str>>,
}

/// A list of documents as Relay and graphql-codegen write it, or as Apollo does.
#[derive(Deserialize)]
#[serde(untagged)]
enum List {
    Manifest { operations: Vec<Operation> },
    Texts(HashMap<String, String>),
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    body: String,
}

impl Persisted {
    /// Reads the documents of the folder that the settings name.
    pub(super) fn read(settings: &ServerSettings) -> Result<Self, Failure> {
        let sent = BoundedCache::with_room(KEPT_BYTES);
        let mut persisted = Self { listed: HashMap::new(), only: settings.documents_only, sent };
        let Some(folder) = &settings.documents else { return Ok(persisted) };
        let mut bytes = 0;
        for path in files(folder)? {
            let text = std::fs::read_to_string(&path).map_err(unread(&path))?;
            bytes += text.len();
            if bytes > FOLDER_BYTES_MAX {
                return Err(Failure::TooLarge { path: folder.clone() });
            }
            for (id, text) in documents(&path, text)? {
                persisted.list(&path, id, &text.into())?;
            }
        }
        tracing::info!(folder = %folder.display(), ids = persisted.listed.len(), "documents are listed");
        Ok(persisted)
    }

    fn list(&mut self, path: &Path, id: String, text: &Arc<str>) -> Result<(), Failure> {
        let hash = format!("{HASH}{}", hash(text));
        self.listed.insert(hash, Arc::clone(text));
        match self.listed.insert(id.clone(), Arc::clone(text)) {
            Some(other) if other != *text => Err(Failure::Twice { path: path.to_owned(), id }),
            _ => Ok(()),
        }
    }

    /// Returns the document that a request sends or names. One that is not listed may be refused to whoever asks over the network.
    pub(super) fn document<'q>(&self, query: &'q Query, remote: bool) -> Result<Cow<'q, str>, Error> {
        let owned = |text: &Arc<str>| Cow::Owned(text.to_string());
        match (query.query.as_deref(), query.document_id.as_deref(), query.persisted_hash()?) {
            (Some(_), Some(_), _) => Err(Error::bad_input("give either \"query\" or \"documentId\"")),
            (Some(text), None, given) => {
                self.check_sent(text, given, self.only && remote).map(|()| Cow::Borrowed(text))
            }
            (None, Some(id), _) => self.listed.get(id).map(owned).ok_or_else(|| unknown(id)),
            (None, None, Some(hash)) => {
                let listed = self.listed.get(hash).or_else(|| self.listed.get(&format!("{HASH}{hash}")));
                listed.cloned().or_else(|| self.sent.get(hash)).as_ref().map(owned).ok_or_else(not_found)
            }
            (None, None, None) => Err(Error::bad_input("the request has no \"query\"")),
        }
    }

    fn check_sent(&self, text: &str, given: Option<&str>, only: bool) -> Result<(), Error> {
        let own = if only || given.is_some() { hash(text) } else { String::new() };
        if only && !self.listed.contains_key(&format!("{HASH}{own}")) {
            return Err(Error::bad_input(
                "this service answers only the documents of its list: name one by \"documentId\" (documentsOnly under [server] in throughline.toml)",
            ));
        }
        match given {
            Some(given) if !given.eq_ignore_ascii_case(&own) => Err(Error::bad_input(format!(
                "\"sha256Hash\" of persistedQuery is not the hash of the document, which is {own}"
            ))),
            _ => Ok(()),
        }
    }

    /// Keeps a valid document that came with its hash.
    pub(super) fn keep(&self, query: &Query) {
        if let (Some(text), Ok(Some(hash))) = (&query.query, query.persisted_hash()) {
            self.sent.insert(hash.to_ascii_lowercase(), text.as_str().into(), hash.len() + text.len());
        }
    }
}

impl Query {
    /// Returns the hash by which the request names a document.
    fn persisted_hash(&self) -> Result<Option<&str>, Error> {
        let persisted = &self.extensions["persistedQuery"];
        if persisted.is_null() {
            return Ok(None);
        }
        match (&persisted["version"], &persisted["sha256Hash"]) {
            (Json::Number(version), Json::String(hash)) if version.as_u64() == Some(1) => Ok(Some(hash)),
            _ => Err(Error::bad_input("persistedQuery needs \"version\": 1 and \"sha256Hash\"")),
        }
    }
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = std::fs::read_dir(folder).map_err(unread(folder))?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>();
    let is_document = |path: &PathBuf| matches!(extension(path), "graphql" | "gql" | "json");
    let mut paths: Vec<_> = paths.map_err(unread(folder))?.into_iter().filter(is_document).collect();
    paths.sort();
    Ok(paths)
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default()
}

/// Returns the documents of a file with their ids: its name for a document, what it lists for a list.
fn documents(path: &Path, text: String) -> Result<Vec<(String, String)>, Failure> {
    if extension(path) != "json" {
        let id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(vec![(id, text)]);
    }
    let no_list = |source| Failure::NoList { path: path.to_owned(), source };
    let mut documents: Vec<_> = match serde_json::from_str(&text).map_err(no_list)? {
        List::Manifest { operations } => operations.into_iter().map(|of| (of.id, of.body)).collect(),
        List::Texts(texts) => texts.into_iter().collect(),
    };
    documents.sort();
    Ok(documents)
}

fn unread(path: &Path) -> impl Fn(std::io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::Unread { path: path.clone(), source }
}

fn unknown(id: &str) -> Error {
    Error::not_found(format!("no document of the list has the id {id:.80}"))
}

/// The message that Apollo's and urql's clients look for before they send the document with its hash.
fn not_found() -> Error {
    Error::new(Code::PersistedQueryNotFound, "PersistedQueryNotFound")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asked(query: Option<&str>, id: Option<&str>, hash: Option<&str>) -> Query {
        let extensions =
            hash.map_or(Json::Null, |hash| json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } }));
        Query {
            query: query.map(str::to_owned),
            document_id: id.map(str::to_owned),
            extensions,
            ..Query::default()
        }
    }

    fn of_folder(files: &[(&str, &str)], only: bool) -> Result<Persisted, Failure> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        let documents = Some(folder.path().to_owned());
        Persisted::read(&ServerSettings { documents, documents_only: only, ..ServerSettings::default() })
    }

    #[test]
    fn documents_are_named_sent_or_refused() {
        let (a, b) = ("{ a: __typename }", "{ b: __typename }");
        let (hash_a, hash_b) = (hash(a), hash(b));
        let manifest = json!({ "format": "apollo-persisted-query-manifest", "version": 1,
            "operations": [{ "id": "m", "name": "M", "type": "query", "body": b }] });
        let list = json!({ "r": "{ r }" }).to_string();
        let files = [
            ("a.graphql", a),
            ("m.json", &manifest.to_string()),
            ("r.json", &list),
            ("notes.txt", "no document"),
        ];
        let prefixed = format!("sha256:{hash_a}");
        let check = |persisted: &Persisted, query: &Query, expect: Result<&str, &str>| {
            let got = persisted.document(query, true);
            match (&got, expect) {
                (Ok(got), Ok(expect)) => assert_eq!(&**got, expect, "{query:?}"),
                (Err(error), Err(part)) => assert!(error.message.contains(part), "{query:?}: {error:?}"),
                (_, expect) => panic!("{query:?}: {got:?}, not {expect:?}"),
            }
        };
        let open = of_folder(&files, false).expect("documents");
        for persisted in [&open, &of_folder(&files, true).expect("documents")] {
            check(persisted, &asked(None, Some("a"), None), Ok(a));
            check(persisted, &asked(None, Some(&prefixed), None), Ok(a));
            check(persisted, &asked(None, Some("m"), None), Ok(b));
            check(persisted, &asked(None, Some("r"), None), Ok("{ r }"));
            check(persisted, &asked(None, None, Some(&hash_b)), Ok(b));
            check(persisted, &asked(None, None, Some("m")), Ok(b));
            check(persisted, &asked(Some(a), None, None), Ok(a));
            check(persisted, &asked(None, Some("notes"), None), Err("has the id notes"));
            check(persisted, &asked(Some(a), Some("a"), None), Err("either \"query\" or \"documentId\""));
            check(persisted, &asked(None, None, Some(&hash("{ c }"))), Err("PersistedQueryNotFound"));
            check(persisted, &asked(None, None, None), Err("has no \"query\""));
            check(persisted, &asked(Some(a), None, Some(&hash_b)), Err(&format!("which is {hash_a}")));
        }
        let version =
            Query { extensions: json!({ "persistedQuery": { "sha256Hash": hash_a } }), ..Query::default() };
        check(&open, &version, Err("\"version\": 1"));
        check(&open, &asked(Some("{ c }"), None, None), Ok("{ c }"));
        let only = of_folder(&files, true).expect("documents");
        check(&only, &asked(Some("{ c }"), None, None), Err("only the documents of its list"));
        assert!(
            only.document(&asked(Some("{ c }"), None, None), false).is_ok(),
            "who has the folder runs any"
        );
        // One that a client has sent with its hash.
        let sent = asked(Some("{ c }"), None, Some(&hash("{ c }")));
        open.keep(&sent);
        check(&open, &asked(None, None, Some(&hash("{ c }"))), Ok("{ c }"));
    }

    #[test]
    fn a_folder_that_is_wrong_is_refused() {
        let check = |files: &[(&str, &str)], part: &str| {
            let error = of_folder(files, false).expect_err("a failure").to_string();
            assert!(error.contains(part), "{error}");
        };
        check(
            &[("a.graphql", "{ a }"), ("b.json", "{\"a\": \"{ b }\"}")],
            "gives the id a to another document",
        );
        check(&[("b.json", "[1]")], "is no list of documents");
        let missing = Some(PathBuf::from("/nowhere/documents"));
        let error = Persisted::read(&ServerSettings { documents: missing, ..ServerSettings::default() });
        assert!(error.is_err_and(|error| error.to_string().contains("/nowhere/documents")));
    }
}
