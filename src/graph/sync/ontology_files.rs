//! The ontology of a version: files of its commit, read, changed and merged.

use crate::graph::error::Error;
use crate::graph::git::store::History;
use crate::graph::git::values::Files;
use crate::graph::text::document::is_device;
use crate::graph::text::format::{Format, SETTINGS};
use crate::ontology::Ontology;
use std::collections::BTreeMap;

/// Refuses the names of files that come with the program, and names that are no plain `.ttl` file.
pub(in crate::graph) fn refuse_shipped<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    for name in names {
        if Ontology::shipped_files().iter().any(|(shipped, _)| *shipped == name) {
            return Err(Error::OntologyFile(name.to_owned(), "comes with the program and stays as it is"));
        }
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
        if !plain || name.starts_with('.') || !name.ends_with(".ttl") || name.len() > 100 {
            return Err(Error::OntologyFile(name.to_owned(), "is no plain name that ends in .ttl"));
        }
        if is_device(name.split('.').next().unwrap_or(name)) {
            return Err(Error::OntologyFile(name.to_owned(), "has a name that Windows keeps for a device"));
        }
    }
    Ok(())
}

/// Returns the files of a thread's first commit: what comes with the program, the user's own ontology, the base.
pub(in crate::graph) fn first_files(
    ontology: &[(String, String)],
    base: &str,
    format: Format,
) -> Result<Files, Error> {
    refuse_shipped(ontology.iter().map(|(name, _)| name.as_str()))?;
    let shipped =
        Ontology::shipped_files().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let texts: BTreeMap<String, String> = shipped.chain(ontology.iter().cloned()).collect();
    Ontology::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
    let mut files: Files =
        texts.into_iter().map(|(name, text)| (format!("ontology/{name}"), Some(text.into_bytes()))).collect();
    files.insert(SETTINGS.to_owned(), Some(format.settings(base).into_bytes()));
    Ok(files)
}

/// Returns the texts of a tree of ontology files by name.
pub(in crate::graph) fn ontology_files(
    history: &History,
    tree: [u8; 20],
) -> Result<Vec<(String, String)>, Error> {
    let files = history.files_of_tree(tree)?;
    Ok(files.into_iter().map(|(name, bytes)| (name, String::from_utf8_lossy(&bytes).into_owned())).collect())
}
