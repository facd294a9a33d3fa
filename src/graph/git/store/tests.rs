use super::History;
use crate::graph::git::values::Files;
use crate::graph::model::commit::{Author, CommitId};
use crate::graph::model::draft::Draft;
use crate::model::time::instant::Instant;

fn draft(parents: Vec<CommitId>, key: Option<&str>) -> Draft {
    Draft {
        parents,
        author: Author::default(),
        time: Instant::from_nanos(1_700_000_000_123_456_789),
        message: "Note the limit".to_owned(),
        loaded: None,
        idempotency_key: key.map(|key| key.to_owned().into()),
    }
}

fn files(entries: &[(&str, Option<&str>)]) -> Files {
    entries
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.map(|text| text.as_bytes().to_vec())))
        .collect()
}

#[test]
fn commits_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::init(&folder.path().join("thread.git")).expect("a repository");
    let first =
        files(&[("ontology/a.ttl", Some("#")), ("x+/00/a.ttl", Some("a")), ("x+/01/b.ttl", Some("b"))]);
    let first = history.write_commit(&draft(vec![], Some("k-1")), &first).expect("a commit");
    let id = first.commit.id;
    let back = history.commit(id).expect("the commit");
    assert_eq!(back.commit, first.commit);
    assert_eq!(back.commit.time.nanos(), 1_700_000_000_123_456_789);
    assert_eq!(
        (back.commit.message.as_str(), back.idempotency_key.as_deref()),
        ("Note the limit", Some("k-1"))
    );
    assert!(history.move_ref("refs/heads/main", id, None).expect("a move"));
    assert!(!history.move_ref("refs/heads/main", id, None).expect("no move"));

    let second = files(&[("x+/00/a.ttl", None), ("x+/01/b.ttl", Some("B")), ("x+/01/c.ttl", Some("c"))]);
    let second = history.write_commit(&draft(vec![id], None), &second).expect("a commit").commit.id;
    let changed = history.changed_files(Some(id), second).expect("changes");
    let paths: Vec<_> = changed
        .iter()
        .map(|file| {
            format!("{} {}{}", file.path, u8::from(file.before.is_some()), u8::from(file.after.is_some()))
        })
        .collect();
    assert_eq!(paths, ["x+/00/a.ttl 10", "x+/01/b.ttl 11", "x+/01/c.ttl 01"]);
    assert!(history.move_ref("refs/heads/main", second, Some(id)).expect("a move"));
    assert!(!history.move_ref("refs/heads/main", second, Some(id)).expect("a stale move is refused"));
}

#[test]
fn many_files_go_into_one_pack() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::init(&folder.path().join("thread.git")).expect("a repository");
    let many: Files =
        (0..1000).map(|n| (format!("x+/{:02x}/{n}.ttl", n % 256), Some(vec![b'x'; n]))).collect();
    let id = history.write_commit(&draft(vec![], None), &many).expect("a commit").commit.id;
    let packs = std::fs::read_dir(folder.path().join("thread.git/objects/pack")).expect("a folder").count();
    assert_eq!(packs, 2, "one pack and its index");
    let fresh = History::open(&folder.path().join("thread.git")).expect("a repository");
    assert_eq!(fresh.file(id, "x+/07/7.ttl").expect("a file"), Some(vec![b'x'; 7]));
}

#[test]
fn a_merge_goes_with_what_it_merges() {
    let folder = tempfile::tempdir().expect("a folder");
    let history = History::init(&folder.path().join("thread.git")).expect("a repository");
    let base = files(&[("ours", Some("1")), ("both", Some("2"))]);
    let base = history.write_commit(&draft(vec![], None), &base).expect("a commit").commit.id;
    let ours = history.write_commit(&draft(vec![base], None), &files(&[("ours", Some("3"))]));
    let ours = ours.expect("a commit").commit.id;
    let check = |theirs: &Files, merged: &Files, expect: [&str; 2]| {
        let drafts = (draft(vec![base], None), draft(vec![ours], None));
        let [vendor, merge] =
            history.write_merged((&drafts.0, theirs), (&drafts.1, merged)).expect("two commits");
        assert_eq!(merge.commit.parents, [ours, vendor.commit.id]);
        let read = |path| history.file(merge.commit.id, path).expect("a tree").unwrap_or_default();
        assert_eq!([read("ours"), read("both")], expect.map(|text| text.as_bytes().to_vec()));
    };
    let theirs = files(&[("both", Some("4"))]);
    check(&theirs, &theirs, ["3", "4"]);
    check(&theirs, &files(&[("both", Some("5"))]), ["3", "5"]);
}

#[test]
fn locks_left_behind_are_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("thread.git");
    drop(History::init(&path).expect("a repository"));
    std::fs::create_dir(path.join("refs/incoming")).expect("a folder");
    let pushed = path.join("refs/incoming/pump.lock");
    for lock in [&path.join("refs/heads/main.lock"), &pushed] {
        std::fs::write(lock, "").expect("a lock");
    }
    let history = History::open(&path).expect("a repository");
    let id =
        history.write_commit(&draft(vec![], None), &files(&[("a", Some("a"))])).expect("a commit").commit.id;
    assert!(history.move_ref("refs/heads/main", id, None).expect("the lock was removed"));
    assert!(pushed.exists(), "a push may hold it");
}

#[test]
fn a_ref_that_is_deleted_stays_deleted_beside_git_that_packs_refs() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("thread.git");
    let history = History::init(&path).expect("a repository");
    let id =
        history.write_commit(&draft(vec![], None), &files(&[("a", Some("a"))])).expect("a commit").commit.id;
    let check = |line: Option<&str>, has_file: bool| {
        let name = "refs/heads/work/1";
        let packed = path.join("packed-refs");
        let text = |line: Option<&str>| {
            let head = "# pack-refs with: peeled fully-peeled sorted \n";
            format!("{head}{id} refs/heads/main\n{}", line.unwrap_or_default())
        };
        std::fs::write(&packed, text(line)).expect("packed");
        if has_file {
            std::fs::create_dir_all(path.join("refs/heads/work")).expect("a folder");
            std::fs::write(path.join(name), format!("{id}\n")).expect("a ref");
        }
        assert_eq!(history.reference(name).expect("a ref"), Some(id));
        // Git packs refs just now: it may have read the file of the ref, and not have written it yet.
        let lock = path.join("packed-refs.lock");
        std::fs::write(&lock, "").expect("a lock");
        let refused = history.delete_ref(name, id).expect_err("locked");
        assert_eq!(refused.code(), git2::ErrorCode::Locked, "{refused}");
        assert_eq!(history.reference(name).expect("a ref"), Some(id));
        std::fs::remove_file(&lock).expect("unlocked");
        assert!(history.delete_ref(name, id).expect("deleted"));
        assert_eq!(history.reference(name).expect("none"), None);
        assert_eq!(std::fs::read_to_string(&packed).expect("packed"), text(None));
        assert!(!lock.exists());
    };
    let packed = format!("{id} refs/heads/work/1\n");
    check(None, true);
    check(Some(&packed), false);
    check(Some(&packed), true);
    // What was packed before the ref moved on.
    check(Some(&packed.replace(&id.to_string(), &"1".repeat(40))), true);
}

/// Returns the drafts of refs that a repository's folder has.
fn drafts(path: &std::path::Path) -> usize {
    let names = std::fs::read_dir(path).expect("the repository").flatten().map(|entry| entry.file_name());
    names.filter(|name| name.to_string_lossy().starts_with("throughline.ref.")).count()
}

#[test]
fn a_ref_moves_by_the_draft_that_was_written_with_its_commit() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("thread.git");
    let history = History::init(&path).expect("a repository");
    let commit = |parents: Vec<CommitId>, text: &str| {
        let commit = history.write_commit(&draft(parents, None), &files(&[("a", Some(text))]));
        commit.expect("a commit").commit.id
    };
    let name = "refs/heads/work/1";
    let first = commit(vec![], "first");
    assert!(history.move_ref(name, first, None).expect("a move"));
    // Plain Git holds the lock: nothing moves.
    let second = commit(vec![first], "second");
    let lock = path.join(format!("{name}.lock"));
    std::fs::write(&lock, "").expect("a lock");
    let locked = history.move_ref(name, second, Some(first)).expect_err("locked");
    assert_eq!(locked.code(), git2::ErrorCode::Locked, "{locked}");
    assert_eq!(history.reference(name).expect("a ref"), Some(first));
    std::fs::remove_file(&lock).expect("unlocked");
    assert!(history.move_ref(name, second, Some(first)).expect("a move without the draft"));
    // Someone else has moved it.
    let third = commit(vec![second], "third");
    assert!(!history.move_ref(name, third, Some(first)).expect("a stale move is refused"));
    assert_eq!((history.reference(name).expect("a ref"), lock.exists()), (Some(second), false));
    // Git has packed it, and removed its folder.
    let fourth = commit(vec![second], "fourth");
    std::fs::write(path.join("packed-refs"), format!("{second} {name}\n")).expect("packed");
    std::fs::remove_dir_all(path.join("refs/heads/work")).expect("removed");
    assert!(history.move_ref(name, fourth, Some(second)).expect("a move"));
    let fifth = commit(vec![fourth], "fifth");
    assert!(history.move_ref(name, fifth, Some(fourth)).expect("a move"));
    let text = std::fs::read_to_string(path.join(name)).expect("the ref");
    assert_eq!((text, lock.exists()), (format!("{fifth}\n"), false));
    assert_eq!(drafts(&path), 0, "each is moved or removed");

    commit(vec![fifth], "a commit that no ref moves to");
    assert_eq!(drafts(&path), 1);
    std::mem::forget(history);
    drop(History::open(&path).expect("a repository after a kill"));
    assert_eq!(drafts(&path), 0);
}
