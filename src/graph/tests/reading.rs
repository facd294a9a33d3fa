//! Threads that are only read: nothing in their folder changes, and what is read is what Git has.

use super::*;
use crate::graph::index::digest::digest;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// All files of a folder with their content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), std::fs::read(path).expect("a file"));
        }
    }
    files
}

fn read(folder: &Path, expect: ReadFrom) -> Repository {
    let before = files(folder);
    let (repository, from) = Repository::open_to_read(folder, clock()).expect("read");
    assert_eq!(from, expect);
    let refused = commit(&repository, vec![Change::Add(triple("z", "p", "1"))]);
    assert!(matches!(refused, Err(Error::ReadOnly(_))), "{refused:?}");
    assert!(matches!(repository.tag("v9", "main", "v9"), Err(Error::ReadOnly(_))));
    assert_eq!(files(folder), before, "nothing in the folder changes");
    repository
}

#[test]
fn a_folder_is_read_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let index = folder.path().join("index.redb");
    let written = repository(folder.path());
    commit(&written, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    drop(written);
    let earlier = std::fs::read(&index).expect("the index");
    let written = Repository::open(folder.path(), clock()).expect("the thread");
    commit(&written, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
    let (expect, expect_digest) =
        (all(&written), digest(&written.index.tables().expect("tables")).expect("a digest"));
    drop(written);
    let check = |from: ReadFrom| {
        let read = read(folder.path(), from);
        assert_eq!(all(&read), expect);
        assert_eq!(digest(&read.index.tables().expect("tables")).expect("a digest"), expect_digest);
    };
    check(ReadFrom::Folder);
    // An index that lacks the last commit, one that is damaged, and none.
    std::fs::write(&index, earlier).expect("an earlier index");
    check(ReadFrom::Folder);
    std::fs::write(&index, b"damaged").expect("no index");
    check(ReadFrom::NewIndex);
    std::fs::remove_file(&index).expect("an index less");
    check(ReadFrom::NewIndex);
    std::fs::remove_file(folder.path().join("lock")).expect("a lock less");
    check(ReadFrom::NewIndex);
}

#[test]
fn a_folder_is_read_beside_who_writes_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = repository(folder.path());
    for round in 0..70 {
        commit(&written, vec![Change::Add(triple("a", "p", &round.to_string()))]).expect("a commit");
    }
    let beside = read(folder.path(), ReadFrom::CopyOfIndex);
    assert_eq!(all(&beside), all(&written));
    commit(&written, vec![Change::Add(triple("b", "p", "1"))]).expect("writing goes on");
    assert_eq!(all(&beside).len(), 70, "it is read as it was opened");
}
