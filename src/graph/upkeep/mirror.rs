//! A bare copy of the Git repository that is brought up to it again and again: objects are only ever added, each time as one pack,
//! and then all refs are put in one file. Reading needs no lock: as with a fetch, the refs are read first, and what they reach
//! stays as long as they do.

use crate::graph::error::{Error, io};
use crate::graph::git::files::{configuration, update_hook};
use crate::graph::git::store::History;
use crate::graph::git::values::git_error;
use crate::graph::git::{library, pack};
use crate::graph::model::failpoint;
use crate::graph::repository::Repository;
use crate::model::durable::{self, remove_if_there, sync};
use git2::{ErrorCode, ObjectType, Oid};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Refs by their full names, with the objects that they name as hexadecimal digits.
pub type MirroredRefs = BTreeMap<String, String>;

impl Repository {
    /// Brings the mirror in a folder up to this repository, or begins one; returns the refs that it has then.
    pub fn mirror(&self, folder: &Path) -> Result<MirroredRefs, Error> {
        let source = self.fresh_reader()?;
        super::fsck::refuse_damaged_objects(&source)?;
        refuse_unreadable(&source)?;
        let refs = direct_refs(&source.repository)?;
        let mirror = open_or_begin(folder)?;
        let known: Vec<Oid> = direct_refs(&mirror)?.into_values().collect();
        add_objects(&source, &mirror, &refs, &known)?;
        let refs = refs.into_iter().map(|(name, id)| (name, id.to_string())).collect();
        put_refs(folder, &refs)?;
        Ok(refs)
    }
}

/// Refuses a backup that would lack a ref without a word.
fn refuse_unreadable(source: &History) -> Result<(), Error> {
    match source.refs()?.1.pop_first() {
        Some((name, reason)) => Err(Error::Unreadable { name, reason }),
        None => Ok(()),
    }
}

/// Opens the mirror in a folder, without what was left there by a backup that was killed; begins one where there is none. Nobody
/// else writes to it meanwhile.
fn open_or_begin(folder: &Path) -> Result<git2::Repository, Error> {
    if !folder.exists() {
        return begin(folder);
    }
    let removed = pack::remove_incomplete(folder).map_err(|source| io(folder, source))?;
    match library::open_bare(folder) {
        // Earlier releases began it in its place, so that a kill left an empty one in part.
        Err(_) if removed == 0 && pack::indexes(folder).map_or(true, |packs| packs.is_empty()) => {
            std::fs::remove_dir_all(folder).map_err(|source| io(folder, source))?;
            begin(folder)
        }
        opened => Ok(opened?),
    }
}

/// Begins an empty bare repository in a folder. It is made beside its place, so that no kill leaves it there in part.
fn begin(folder: &Path) -> Result<git2::Repository, Error> {
    let begun = durable::draft(folder);
    let make = || {
        if begun.exists() {
            std::fs::remove_dir_all(&begun)?;
        }
        durable::make_folders(&begun)
    };
    make().map_err(|source| io(&begun, source))?;
    drop(library::init_bare(&begun)?);
    failpoint::pass("mirror begun");
    let place = || {
        for inside in [
            "HEAD",
            "config",
            "objects/info",
            "objects/pack",
            "objects",
            "refs/heads",
            "refs/tags",
            "refs",
            ".",
        ] {
            sync(&begun.join(inside))?;
        }
        std::fs::rename(&begun, folder)?;
        sync(durable::parent(folder))
    };
    place().map_err(|source| io(folder, source))?;
    Ok(library::open_bare(folder)?)
}

/// Makes a bare repository in a folder out of the packs of a mirror, with the refs that it had when they were written down. The
/// caller has verified the packs.
pub fn restore_mirror(
    mirror: &Path,
    packs: &[PathBuf],
    refs: &MirroredRefs,
    folder: &Path,
) -> Result<(), Error> {
    let begun = begin(folder)?;
    configuration::complete(&begun)?;
    update_hook::place(folder).map_err(|source| io(folder, source))?;
    for pack in packs {
        let to = folder.join(pack);
        std::fs::copy(mirror.join(pack), &to).map_err(|source| io(&to, source))?;
        sync(&to).map_err(|source| io(&to, source))?;
    }
    put_refs(folder, refs)?;
    sync(&folder.join("objects/pack")).map_err(|source| io(folder, source))
}

/// Returns the refs that name an object by themselves.
fn direct_refs(repository: &git2::Repository) -> Result<BTreeMap<String, Oid>, git2::Error> {
    let mut refs = BTreeMap::new();
    for reference in repository.references()? {
        let reference = reference?;
        if let (Ok(name), Some(id)) = (reference.name(), reference.target()) {
            refs.insert(name.to_owned(), id);
        }
    }
    Ok(refs)
}

/// Writes what refs reach and `known` does not, as one pack.
fn add_objects(
    source: &History,
    mirror: &git2::Repository,
    refs: &BTreeMap<String, Oid>,
    known: &[Oid],
) -> Result<(), Error> {
    let repository = &source.repository;
    let settings = mirror.path().join("throughline.pack.config");
    std::fs::write(&settings, "[core]\n\tbigFileThreshold = 1\n[pack]\n\tdeltaCacheSize = 1\n")
        .map_err(|error| io(&settings, error))?;
    // Documents are small: looking for deltas between them takes longer than all else.
    repository.config()?.add_file(&settings, git2::ConfigLevel::App, true)?;
    let (mut walk, mut pack) = (repository.revwalk()?, repository.packbuilder()?);
    for id in known {
        // What plain Git has collected since cannot be what anything is based on.
        if is_commit(repository, *id)? {
            walk.hide(*id)?;
        }
    }
    let mut others = Vec::new();
    for id in refs.values().filter(|id| !known.contains(id)) {
        let mut object = repository.find_object(*id, None)?;
        while let Some(tag) = object.as_tag() {
            others.push(tag.id());
            object = tag.target()?;
        }
        match object.kind() {
            Some(ObjectType::Commit) => walk.push(object.id())?,
            _ => pack.insert_recursive(object.id(), None)?,
        }
    }
    pack.insert_walk(&mut walk)?;
    others.into_iter().try_for_each(|tag| pack.insert_object(tag, None))?;
    remove_if_there(&settings).map_err(git_error)?;
    if pack.object_count() > 0 {
        pack.write(mirror.path().join("objects/pack").as_path(), 0o444)?;
        sync(&mirror.path().join("objects/pack")).map_err(git_error)?;
    }
    Ok(())
}

fn is_commit(repository: &git2::Repository, id: Oid) -> Result<bool, git2::Error> {
    match repository.find_object(id, None).and_then(|object| object.peel_to_commit()) {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(error.code(), ErrorCode::NotFound | ErrorCode::Peel | ErrorCode::InvalidSpec) =>
        {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Puts all refs of a repository in one file, in place of those it had.
fn put_refs(folder: &Path, refs: &MirroredRefs) -> Result<(), Error> {
    let path = folder.join("packed-refs");
    let mut text = String::new();
    for (name, id) in refs {
        text.push_str(&format!("{id} {name}\n"));
    }
    durable::replace(&path, text.as_bytes()).map_err(|source| io(&path, source))
}
