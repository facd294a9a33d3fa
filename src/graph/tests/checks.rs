//! What a check of the whole thread finds: in refs, in objects, in text, in the index.

use super::*;
use crate::graph::index;
use crate::graph::index::format::{BY_LANE, KEYS, LIVE, MERGES, REFS, TERMS, TOUCHED};
use crate::graph::text::{document, format};
use crate::graph::upkeep::fsck;

/// A thread with a branch, a merge, a rewritten value and a key.
fn filled(folder: &Path) {
    let repository = repository(folder);
    let set = |branch: &str, n: i32| CommitRequest {
        branch: branch.to_owned(),
        changes: vec![Change::Set {
            subject: iri("a"),
            predicate: iri("p"),
            values: vec![Literal::from(n).into()],
        }],
        idempotency_key: Some(format!("{branch}-{n}").into()),
        ..Default::default()
    };
    repository.create_branch("try", "main").expect("a branch");
    (0..3).for_each(|n| drop(repository.commit(&set("try", n)).expect("a commit")));
    let merge = MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() };
    repository.merge(&merge).expect("a merge");
}

fn damages(folder: &Path) -> Vec<String> {
    let found = fsck::check(folder, Depth::Whole).expect("a check").damages;
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn an_index_with_other_content_is_found() {
    type Tamper = fn(&redb::WriteTransaction) -> Result<(), redb::Error>;
    let check = |tamper: Tamper, expect: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        filled(folder.path());
        assert_eq!(damages(folder.path()), Vec::<String>::new());
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        let tampered = repository.index.write(true, |write| tamper(write).map_err(index::Error::from));
        tampered.expect("tampered with");
        drop(repository);
        let found = damages(folder.path()).join("\n");
        assert!(found.contains(expect) && found.contains("throughline reindex"), "{expect}: {found}");
        drop(Repository::rebuild(folder.path(), clock()).expect("made anew"));
        assert_eq!(damages(folder.path()), Vec::<String>::new());
    };
    check(
        |write| {
            write.open_table(LIVE)?.pop_last()?;
            Ok(())
        },
        "rows begun",
    );
    check(
        |write| {
            write.open_table(BY_LANE)?.pop_last()?;
            Ok(())
        },
        "rows ended",
    );
    check(
        |write| {
            write.open_table(TOUCHED)?.pop_last()?;
            Ok(())
        },
        "subjects touched",
    );
    check(
        |write| {
            write.open_table(KEYS)?.pop_last()?;
            Ok(())
        },
        "idempotency keys",
    );
    check(
        |write| {
            write.open_table(TERMS)?.pop_last()?;
            Ok(())
        },
        "missing term",
    );
    check(
        |write| {
            write.open_table(MERGES)?.pop_last()?;
            Ok(())
        },
        "is not at its place",
    );
    // A ref that the index lacks is caught up with, as at every start.
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    let lost = repository.index.write(true, |write| {
        write.open_table(REFS)?.remove("refs/heads/try")?;
        Ok::<_, index::Error>(())
    });
    lost.expect("tampered with");
    drop(repository);
    assert_eq!(damages(folder.path()), Vec::<String>::new());
}

/// Overwrites the first loose object that holds a document of main's first content.
fn garble_a_document(folder: &Path) {
    let git = git(folder);
    let tree = main_head(&git).tree().expect("a tree");
    let mut blob = None;
    let walked = tree.walk(git2::TreeWalkMode::PreOrder, |parent, entry| {
        let is_document =
            !parent.starts_with("ontology") && entry.name().is_ok_and(|name| name.ends_with(".ttl"));
        blob = blob.or(is_document.then_some(entry.id()));
        git2::TreeWalkResult::Ok
    });
    walked.expect("a walk");
    let id = blob.expect("a document").to_string();
    let object = folder.join("thread.git/objects").join(&id[..2]).join(&id[2..]);
    std::fs::remove_file(&object).expect("a loose object");
    std::fs::write(&object, b"garbled").expect("the object");
}

#[test]
fn an_index_that_cannot_be_made_anew_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    let expect = all(&Repository::open(folder.path(), clock()).expect("the thread"));
    garble_a_document(folder.path());
    let refused = Repository::rebuild(folder.path(), clock()).expect_err("Git cannot be read");
    assert!(matches!(refused, Error::Git(_)), "{refused}");
    assert_eq!(all(&Repository::open(folder.path(), clock()).expect("the thread")), expect);
    assert!(!folder.path().join("index.new.redb").exists());
}

fn main_head(git: &git2::Repository) -> git2::Commit<'_> {
    git.find_reference("refs/heads/main").and_then(|main| main.peel_to_commit()).expect("main")
}

fn git(folder: &Path) -> git2::Repository {
    git2::Repository::open_bare(folder.join("thread.git")).expect("the repository")
}

/// Commits to main by plain Git: the document of `a` becomes what `change` makes of it.
fn rewrite(folder: &Path, change: impl Fn(String) -> String) -> String {
    let (git, path) = (git(folder), document::path(&iri("a"), format::Format::NEWEST));
    let head = main_head(&git);
    let tree = head.tree().expect("a tree");
    let old =
        tree.get_path(Path::new(&path)).and_then(|entry| git.find_blob(entry.id())).expect("a document");
    let text = change(String::from_utf8(old.content().to_vec()).expect("text"));
    let blob = git.blob(text.as_bytes()).expect("a blob");
    let mut files = git2::build::TreeUpdateBuilder::new();
    let tree = files.upsert(path, blob, git2::FileMode::Blob).create_updated(&git, &tree);
    let tree = tree.and_then(|id| git.find_tree(id)).expect("a tree");
    let who =
        git2::Signature::new("Ada", "ada@example.org", &git2::Time::new(1_700_000_100, 0)).expect("a name");
    let made = git.commit(Some("refs/heads/main"), &who, &who, "By hand", &tree, &[&head]);
    made.expect("a commit").to_string()
}

#[test]
fn text_that_is_not_canonical_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    let found = |depth| fsck::check(folder.path(), depth).expect("a check").damages;
    let by_hand = rewrite(folder.path(), |text| text + "\n");
    for depth in [Depth::Heads, Depth::Whole] {
        let found = found(depth);
        let [damage] = found.as_slice() else { panic!("{depth:?}: {found:?}") };
        assert_eq!(
            damage.place,
            format!("{} in commit {by_hand}", document::path(&iri("a"), format::Format::NEWEST)),
            "{depth:?}"
        );
        assert!(damage.what.contains("its lines end otherwise"), "{damage}");
        assert!(damage.advice.contains("came in without adopt"), "{damage}");
    }
    // Mended at the head, it stays in the history.
    rewrite(folder.path(), |text| text.trim_end().to_owned() + "\n");
    assert_eq!(found(Depth::Heads), []);
    let whole = found(Depth::Whole);
    assert!(whole.len() == 1 && whole[0].place.ends_with(&by_hand), "{whole:?}");
}

#[test]
fn a_ref_that_names_nothing_is_found() {
    let nowhere = "0123456789012345678901234567890123456789\n";
    for (content, advice, is_restored) in [
        ("torn\n", "update-ref", true),
        ("", "update-ref", true),
        ("ref: refs/heads/missing\n", "update-ref", false),
        (nowhere, "bring it back from a clone", false),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        filled(folder.path());
        std::fs::write(folder.path().join("thread.git/refs/heads/try"), content).expect("a ref");
        for depth in [Depth::Heads, Depth::Whole] {
            let found = fsck::check(folder.path(), depth).expect("a check").damages;
            let [damage] = found.as_slice() else { panic!("{content:?}: {found:?}") };
            assert_eq!(damage.place, "refs/heads/try");
            assert!(damage.advice.contains(advice), "{content:?}: {damage}");
        }
        // A branch that cannot be read is not taken for one that is deleted, and keeps nobody from the others.
        let opened = Repository::open(folder.path(), clock()).expect("the thread");
        match opened.snapshot("try") {
            Ok(_) => assert!(is_restored, "{content:?}"),
            Err(refused) => {
                assert!(
                    matches!(refused, Error::Unreadable { .. }) && !is_restored,
                    "{content:?}: {refused}"
                );
            }
        }
        assert!(opened.create_branch("try", "main").is_err(), "{content:?}");
        opened.snapshot("main").expect("main");
    }
}

#[test]
fn damage_to_a_pack_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let many: Vec<_> = (0..300).map(|number| triple(&format!("part/{number}"), "p", "1")).collect();
    import(&repository(folder.path()), "tool", &many).expect("an import");
    let packs = std::fs::read_dir(folder.path().join("thread.git/objects/pack")).expect("packs");
    let pack =
        packs.flatten().map(|file| file.path()).find(|path| path.extension().is_some_and(|of| of == "pack"));
    let pack = pack.expect("a pack");
    let mut bytes = std::fs::read(&pack).expect("the pack");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0x5a);
    // Git's packs are not writable.
    std::fs::remove_file(&pack).expect("a pack less");
    std::fs::write(&pack, bytes).expect("the pack");
    for depth in [Depth::Heads, Depth::Whole] {
        let found = fsck::check(folder.path(), depth).expect("a check").damages;
        assert!((1..5).contains(&found.len()), "{depth:?}: {found:?}");
        assert!(found.iter().all(|damage| damage.advice.contains("it is in a pack")), "{found:?}");
    }
}

#[test]
fn a_flipped_bit_in_the_index_of_a_pack_is_refused_with_advice() {
    let folder = tempfile::tempdir().expect("a folder");
    let many: Vec<_> = (0..300).map(|number| triple(&format!("part/{number}"), "p", "1")).collect();
    import(&repository(folder.path()), "tool", &many).expect("an import");
    let [index] = &crate::graph::git::pack::indexes(&folder.path().join("thread.git")).expect("packs")[..]
    else {
        panic!("one pack")
    };
    let sound = std::fs::read(index).expect("the index");
    std::fs::remove_file(index).expect("an index less");
    // The header, the counts, an id, a check sum, an offset, the sum of all.
    for at in [5, 500, 1_500, sound.len() / 2, sound.len() * 7 / 8, sound.len() - 50, sound.len() - 1] {
        let mut bytes = sound.clone();
        bytes[at] ^= 0x40;
        std::fs::write(index, bytes).expect("the index");
        let name = index.to_str().expect("a path");
        let refusal = Repository::open(folder.path(), clock()).map(drop).expect_err("damage").to_string();
        assert!(refusal.contains(name) && refusal.contains("git index-pack"), "{at}: {refusal}");
        let refusal = match fsck::check(folder.path(), Depth::Whole) {
            Err(error) => error.to_string(),
            Ok(found) => format!("{:?}", found.damages),
        };
        assert!(refusal.contains(name), "{at}: {refusal}");
    }
    std::fs::write(index, sound).expect("the index");
    assert!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages.is_empty());
}

#[test]
fn a_ref_that_is_lost_is_found_before_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = repository(folder.path());
    commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
    repository.create_branch("try", "main").expect("a branch");
    repository.tag("v1", "main", "").expect("a tag");
    let head = repository.snapshot("main").expect("main").commit().id;
    drop(repository);
    for (name, file) in [("refs/heads/try", "heads/try"), ("refs/tags/v1", "tags/v1")] {
        let path = folder.path().join("thread.git/refs").join(file);
        let sound = std::fs::read(&path).expect("a ref");
        std::fs::remove_file(&path).expect("a ref less");
        let found = fsck::check(folder.path(), Depth::Whole).expect("a check").damages;
        let [damage] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(damage.place, name);
        assert!(damage.what.contains(&head.to_string()) && damage.advice.contains("update-ref"), "{damage}");
        std::fs::write(&path, sound).expect("the ref");
        assert!(fsck::check(folder.path(), Depth::Whole).expect("a check").damages.is_empty());
    }
}

#[test]
fn an_index_that_is_none_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    filled(folder.path());
    std::fs::write(folder.path().join("index.redb"), vec![0x5a; 1 << 16]).expect("no index");
    for depth in [Depth::Heads, Depth::Whole] {
        let found = fsck::check(folder.path(), depth).expect("a check").damages;
        let [damage] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(
            (damage.place.as_str(), &*damage.advice),
            ("index.redb", "make the index anew: throughline reindex")
        );
    }
}
