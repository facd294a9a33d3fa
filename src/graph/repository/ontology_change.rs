//! Changes of the ontology's files, and what a merge makes of them.

use super::Repository;
use crate::graph::error::Error;
use crate::graph::git::values::Files;
use crate::graph::read::snapshot::Snapshot;
use crate::graph::sync::ontology_files::{ontology_files, refuse_shipped};
use crate::ontology::Ontology;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Repository {
    /// Returns the ontology that a version would have after a change of its files; nothing is written.
    pub fn ontology_with(
        &self,
        version: &Snapshot,
        changes: &[(String, Option<String>)],
    ) -> Result<Arc<Ontology>, Error> {
        let (changed, _) = self.changed_ontology(version, changes)?;
        Ok(changed.map_or_else(|| Arc::clone(version.ontology()), Arc::new))
    }

    /// Returns the names and texts of the files of a version's ontology.
    pub fn ontology_texts(&self, version: &Snapshot) -> Result<Vec<(String, String)>, Error> {
        ontology_files(&self.read(), version.0.placed.ontology)
    }

    /// Returns the ontology as the request leaves it, and the files that this changes.
    pub(in crate::graph) fn changed_ontology(
        &self,
        head: &Snapshot,
        changes: &[(String, Option<String>)],
    ) -> Result<(Option<Ontology>, Files), Error> {
        if changes.is_empty() {
            return Ok((None, Files::new()));
        }
        refuse_shipped(changes.iter().map(|(name, _)| name.as_str()))?;
        let mut texts: BTreeMap<String, String> =
            ontology_files(&self.read(), head.0.placed.ontology)?.into_iter().collect();
        let mut files = Files::new();
        for (name, text) in changes {
            match text {
                Some(text) => drop(texts.insert(name.clone(), text.clone())),
                None if texts.remove(name).is_none() => {
                    return Err(Error::OntologyFile(name.clone(), "is not there"));
                }
                None => {}
            }
            files.insert(format!("ontology/{name}"), text.as_ref().map(|text| text.clone().into_bytes()));
        }
        let ontology = Ontology::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
        let same = ontology.digest() == head.ontology().digest();
        Ok(if same { (None, Files::new()) } else { (Some(ontology), files) })
    }

    /// Takes what the other side changed in the ontology's files since the bases; returns the ontology as it then is,
    /// where that is not the branch's own, and the files that change.
    pub(in crate::graph) fn combined_ontology(
        &self,
        bases: &[Snapshot],
        ours: &Snapshot,
        theirs: &Snapshot,
    ) -> Result<(Option<Ontology>, Files), Error> {
        let tree = |of: &Snapshot| of.0.placed.ontology;
        let (here, there) = (tree(ours), tree(theirs));
        if here == there || bases.iter().all(|base| tree(base) == there) {
            return Ok((None, Files::new()));
        }
        let read =
            |tree| Ok::<BTreeMap<_, _>, Error>(ontology_files(&self.read(), tree)?.into_iter().collect());
        let (here, there) = (read(here)?, read(there)?);
        let bases: Vec<_> = bases.iter().map(|base| read(tree(base))).collect::<Result<_, _>>()?;
        let (mut texts, mut files) = (here.clone(), Files::new());
        let names: BTreeSet<&String> = here.keys().chain(there.keys()).collect();
        for name in names {
            let (ours, theirs) = (here.get(name), there.get(name));
            if ours == theirs || bases.iter().all(|base| base.get(name) == theirs) {
                continue;
            }
            if bases.iter().any(|base| base.get(name) != ours) {
                return Err(Error::OntologyFile(
                    name.clone(),
                    "was changed on both sides: make them alike first",
                ));
            }
            match theirs {
                Some(text) => drop(texts.insert(name.clone(), text.clone())),
                None => drop(texts.remove(name)),
            }
            files.insert(format!("ontology/{name}"), theirs.map(|text| text.clone().into_bytes()));
        }
        if files.is_empty() {
            return Ok((None, files));
        }
        let ontology = Ontology::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?;
        Ok((Some(ontology), files))
    }
}
