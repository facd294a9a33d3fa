//! Looking objects up through libgit2, once their own files are known to be whole ([`super::loose::read`]).

use super::loose::place;
use super::loose::read::check;
use super::pack;
use git2::{Commit, ErrorClass, ErrorCode, ObjectType, Oid, Reference, Repository, Tree};
use std::path::{Path, PathBuf};

/// The mode that Git gives to a folder.
pub(in crate::graph) const FOLDER: i32 = 0o040_000;

/// How many tags may name one another before they count as damaged.
const TAGS_MAX: usize = 16;

/// How often an object that a pack has is looked for before it counts as missing.
const LOOKUPS: usize = 5;

/// Looks for an object, again where it was not found and a pack has it: libgit2 reads once more which packs there are before it misses
/// an object, and these may be merged and deleted before it looks into them.
fn look_up<T>(
    repository: &Repository,
    id: Oid,
    find: impl Fn() -> Result<T, git2::Error>,
) -> Result<T, git2::Error> {
    refuse_damaged(repository, id)?;
    let mut found = find();
    for _ in 1..LOOKUPS {
        match &found {
            Err(error) if error.code() == ErrorCode::NotFound && is_packed(repository.path(), id) => {
                repository.odb()?.refresh()?;
                found = find();
            }
            _ => break,
        }
    }
    found.map_err(|error| located(repository, id, &error))
}

pub(in crate::graph) fn find_commit(repository: &Repository, id: Oid) -> Result<Commit<'_>, git2::Error> {
    look_up(repository, id, || repository.find_commit(id))
}

pub(in crate::graph) fn find_tree(repository: &Repository, id: Oid) -> Result<Tree<'_>, git2::Error> {
    look_up(repository, id, || repository.find_tree(id))
}

/// Returns the tree of a commit.
pub(in crate::graph) fn tree_of<'a>(
    repository: &'a Repository,
    commit: &Commit<'_>,
) -> Result<Tree<'a>, git2::Error> {
    find_tree(repository, commit.tree_id())
}

/// Returns the content of a blob.
pub(in crate::graph) fn blob(repository: &Repository, id: Oid) -> Result<Vec<u8>, git2::Error> {
    let found = look_up(repository, id, || repository.find_blob(id))?;
    Ok(found.content().to_vec())
}

/// Returns the object at a path below a tree, and its mode.
pub(in crate::graph) fn at_path(
    repository: &Repository,
    tree: &Tree<'_>,
    path: &str,
) -> Result<Option<(Oid, i32)>, git2::Error> {
    let entry =
        |tree: &Tree<'_>, name: &str| tree.get_name(name).map(|entry| (entry.id(), entry.filemode_raw()));
    let Some((name, rest)) = path.split_once('/') else { return Ok(entry(tree, path)) };
    match entry(tree, name) {
        Some((id, mode)) if mode == FOLDER => at_path(repository, &find_tree(repository, id)?, rest),
        _ => Ok(None),
    }
}

/// Returns the commit that a ref names, by itself or by tags. Where it names something else the error's code is
/// [`ErrorCode::Peel`].
pub(in crate::graph) fn peel<'a>(
    repository: &'a Repository,
    reference: &Reference<'_>,
) -> Result<Commit<'a>, git2::Error> {
    match reference.resolve()?.target() {
        Some(id) => commit_of(repository, id),
        None => Err(no_commit("the ref names no object")),
    }
}

/// Returns the commit that an object is, or that it names as a tag.
pub(super) fn commit_of(repository: &Repository, mut id: Oid) -> Result<Commit<'_>, git2::Error> {
    for _ in 0..TAGS_MAX {
        let object = look_up(repository, id, || repository.find_object(id, None))?;
        match object.kind() {
            Some(ObjectType::Commit) => return find_commit(repository, id),
            Some(ObjectType::Tag) => id = object.peel_to_tag()?.target_id(),
            kind => return Err(no_commit(&format!("{id} is a {}", kind.map_or("?", |kind| kind.str())))),
        }
    }
    Err(no_commit("too many tags name one another"))
}

fn no_commit(reason: &str) -> git2::Error {
    git2::Error::new(ErrorCode::Peel, ErrorClass::Object, reason)
}

/// Returns whether the error is that of a damaged object.
pub(in crate::graph) fn is_damage(error: &git2::Error) -> bool {
    (error.code(), error.class()) == (ErrorCode::Invalid, ErrorClass::Odb)
}

/// Refuses an object whose own file is damaged, but where a pack has it, too: libgit2 reads that first.
pub(in crate::graph) fn refuse_damaged(repository: &Repository, id: Oid) -> Result<(), git2::Error> {
    let Err(damage) = check(&repository.path().join("objects"), id) else { return Ok(()) };
    if is_packed(repository.path(), id) {
        return repository.odb()?.refresh();
    }
    let (shard, name) = place(&repository.path().join("objects"), id);
    Err(damaged(id, &shard.join(name), &damage.to_string()))
}

fn damaged(id: Oid, file: &Path, what: &str) -> git2::Error {
    let file = file.display();
    let reason = format!("object {id} is damaged: {file}: {what}; run throughline fsck for what to do");
    git2::Error::new(ErrorCode::Invalid, ErrorClass::Odb, reason)
}

/// Names the object that libgit2 cannot read, and the file that it is in.
fn located(repository: &Repository, id: Oid, error: &git2::Error) -> git2::Error {
    let git = repository.path();
    if let Some(index) = packed_in(git, id) {
        let pack = index.with_extension("pack");
        return damaged(id, &pack, if pack.exists() { error.message() } else { "the file is missing" });
    }
    let reason = match (error.code(), pack::without_index(git).as_deref()) {
        (ErrorCode::NotFound, Ok([pack, ..])) => {
            let pack = pack.display();
            format!("is missing; {pack} has no index, and may have it: git index-pack {pack}")
        }
        (ErrorCode::NotFound, _) => "is missing; run throughline fsck for what to do".to_owned(),
        _ => format!("cannot be read: {}", error.message()),
    };
    git2::Error::new(error.code(), error.class(), format!("object {id} {reason}"))
}

/// Returns whether a pack has an object.
pub(in crate::graph) fn is_packed(git: &Path, id: Oid) -> bool {
    packed_in(git, id).is_some()
}

/// Returns the index of the pack that has an object.
fn packed_in(git: &Path, id: Oid) -> Option<PathBuf> {
    let has = |index: &PathBuf| pack::ids(index).is_ok_and(|ids| ids.binary_search(&id).is_ok());
    pack::indexes(git).ok()?.into_iter().find(has)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::git::loose::syncs::Syncs;
    use crate::graph::git::pack::Staging;
    use std::cell::Cell;

    #[test]
    fn an_object_whose_pack_was_merged_meanwhile_is_looked_for_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = Repository::init_bare(folder.path()).expect("a repository");
        let id = Oid::hash_object(ObjectType::Blob, b"a").expect("an id");
        let misses = Cell::new(0);
        let find = |until: usize| {
            misses.set(0);
            look_up(&repository, id, || {
                misses.set(misses.get() + 1);
                match misses.get() > until {
                    true => repository.find_blob(id),
                    false => Err(git2::Error::new(ErrorCode::NotFound, ErrorClass::Odb, "merged meanwhile")),
                }
            })
        };
        assert!(find(0).is_err());
        assert_eq!(misses.get(), 1, "no pack has it");
        let staging = Staging::new(folder.path()).expect("a folder");
        let mut pack = staging.writer().expect("a pack");
        pack.add(id, ObjectType::Blob, b"a").expect("written");
        staging.publish_written(pack, &Syncs::default(), &[]).expect("published");
        assert_eq!(find(LOOKUPS - 1).expect("the object").content(), b"a");
        let error = find(LOOKUPS).expect_err("it is in no pack that can be read");
        assert!(is_damage(&error), "{error}");
    }
}
