//! Objects whose files are damaged: each is named, and no read waits for the rest of a file that was cut short.

use crate::graph::git::lookup::{at_path, find_commit, tree_of};
use crate::graph::git::store::History;
use crate::graph::tests::*;
use crate::graph::upkeep::fsck;
use git2::Oid;
use std::path::PathBuf;

struct Thread {
    folder: tempfile::TempDir,
    commit: Oid,
    tree: Oid,
    /// From the one below the root to the one that holds the document.
    folders: Vec<Oid>,
    blob: Oid,
    tag: Oid,
}

impl Thread {
    /// Makes a thread of one document and a tag.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = repository(folder.path());
        commit(&repository, vec![Change::Add(triple("a", "p", "1"))]).expect("a commit");
        repository.tag("v1", "main", "v1").expect("a tag");
        drop(repository);
        let git = git2::Repository::open_bare(folder.path().join("thread.git")).expect("the repository");
        let target = |name: &str| git.find_reference(name).expect("a ref").target().expect("an id");
        let (commit, tag) = (target("refs/heads/main"), target("refs/tags/v1"));
        let head = find_commit(&git, commit).expect("the head");
        let tree = tree_of(&git, &head).expect("its tree");
        let history = History::open_reader(git.path()).expect("the repository");
        let changed =
            history.changed_files(None, head.id().to_string().parse().expect("an id")).expect("files");
        let document =
            changed.iter().find(|file| file.path.ends_with(".ttl") && !file.path.starts_with("ontology/"));
        let document = &document.expect("a document").path;
        let (blob, _) = at_path(&git, &tree, document).expect("a tree").expect("the document");
        let folders =
            std::path::Path::new(document).ancestors().skip(1).filter(|path| *path != Path::new(""));
        let folders = folders.map(|path| {
            let path = path.to_str().expect("text");
            at_path(&git, &tree, path).expect("a tree").expect("a folder").0
        });
        let folders: Vec<Oid> = folders.collect();
        Self { commit, tree: tree.id(), folders, blob, tag, folder }
    }

    fn file(&self, id: Oid) -> PathBuf {
        let id = id.to_string();
        self.folder.path().join("thread.git/objects").join(&id[..2]).join(&id[2..])
    }

    /// Puts other bytes into the file of an object, and checks what is found; the object is sound afterwards.
    fn with(&self, id: Oid, bytes: &[u8], check: impl Fn(&Path)) {
        let file = self.file(id);
        let before = std::fs::read(&file).expect("the object");
        let put = |bytes: &[u8]| {
            std::fs::remove_file(&file).and_then(|()| std::fs::write(&file, bytes)).expect("a file");
        };
        put(bytes);
        let found = fsck::check(self.folder.path(), Depth::Whole).expect("a check").damages;
        let named = |damage: &Damage| {
            damage.to_string().contains(&id.to_string()) && damage.to_string().contains("damaged")
        };
        assert!(found.iter().any(named), "{} bytes of {id}: {found:?}", bytes.len());
        check(self.folder.path());
        put(&before);
        assert_eq!(fsck::check(self.folder.path(), Depth::Whole).expect("a check").damages, []);
    }

    /// Does so with each way of damaging the file.
    fn each(&self, id: Oid, check: impl Fn(&Path)) {
        let bytes = std::fs::read(self.file(id)).expect("the object");
        for length in [0, 1, 2, bytes.len() / 2, bytes.len() - 1] {
            self.with(id, &bytes[..length], &check);
        }
        self.with(id, &[0x5a; 100], &check);
        self.with(id, &[bytes.as_slice(), b"more"].concat(), &check);
    }
}

fn names(id: Oid, error: &Error) {
    assert!(error.to_string().contains(&id.to_string()), "{error}, not {id}");
}

#[test]
fn a_damaged_head_or_tree_is_named_by_whatever_needs_it() {
    let thread = Thread::new();
    for id in [thread.commit, thread.tree] {
        thread.each(id, |folder| {
            names(id, &Repository::open(folder, clock()).expect_err("main cannot be read"));
            names(id, &Repository::rebuild(folder, clock()).expect_err("main cannot be read"));
        });
    }
}

/// A folder on the path of a document: a commit that writes into it is refused and names it, and changes nothing.
#[test]
fn a_damaged_folder_is_named_by_a_commit_through_it() {
    let thread = Thread::new();
    assert!(!thread.folders.is_empty());
    for id in &thread.folders {
        thread.each(*id, |folder| {
            names(*id, &Repository::rebuild(folder, clock()).expect_err("the folder cannot be read"));
            let repository = match Repository::open(folder, clock()) {
                Ok(repository) => repository,
                Err(error) => return names(*id, &error),
            };
            let head = |repository: &Repository| repository.snapshot("main").expect("main").commit().id;
            let (before, statements) = (head(&repository), all(&repository));
            for change in [Change::Add(triple("a", "p", "2")), Change::Retire(iri("a"))] {
                let refused = commit(&repository, vec![change]);
                names(*id, &refused.expect_err("a commit through the folder"));
            }
            assert_eq!((head(&repository), all(&repository)), (before, statements));
        });
    }
    let repository = Repository::open(thread.folder.path(), clock()).expect("the thread");
    commit(&repository, vec![Change::Add(triple("a", "p", "2"))]).expect("a commit");
}

#[test]
fn a_damaged_document_is_named_by_what_reads_it() {
    let thread = Thread::new();
    thread.each(thread.blob, |folder| {
        names(thread.blob, &Repository::rebuild(folder, clock()).expect_err("the document cannot be read"));
        let repository = Repository::open(folder, clock()).expect("the index has its content");
        assert_eq!(all(&repository).len(), 1);
        let mirror = tempfile::tempdir().expect("a folder");
        let refused = repository.mirror(&mirror.path().join("mirror.git"));
        names(thread.blob, &refused.expect_err("a backup would lack the document"));
    });
}

#[test]
fn a_damaged_tag_refuses_nothing_else() {
    let thread = Thread::new();
    thread.each(thread.tag, |folder| {
        let repository = Repository::open(folder, clock()).expect("all else");
        assert!(repository.snapshot("v1").is_err());
        assert_eq!(all(&repository).len(), 1);
        assert!(repository.tag("v1", "main", "again").is_err(), "the name is taken");
        repository.create_branch("try", "main").expect("writing goes on");
        repository.delete_branch("try", None).expect("writing goes on");
    });
    let repository = Repository::open(thread.folder.path(), clock()).expect("the thread");
    repository.snapshot("v1").expect("the tag is back with its object");
}

/// Flips bytes all over a pack and its index, cuts them short, and removes them: whatever is met is named, with the file that it is in.
#[test]
fn a_damaged_pack_is_named_by_what_reads_it() {
    let thread = Thread::new();
    let repository = Repository::open(thread.folder.path(), clock()).expect("the thread");
    repository.maintain(&|| false).expect("packed");
    let expect = all(&repository);
    drop(repository);
    let packs = thread.folder.path().join("thread.git/objects/pack");
    let files: Vec<PathBuf> =
        std::fs::read_dir(&packs).expect("packs").map(|file| file.expect("a file").path()).collect();
    assert_eq!(files.len(), 4, "two packs and their indexes");
    let mut refused = 0;
    for file in files {
        let sound = std::fs::read(&file).expect("a pack");
        let put = |bytes: Option<&[u8]>| {
            if file.exists() {
                std::fs::remove_file(&file).expect("a file less");
            }
            if let Some(bytes) = bytes {
                std::fs::write(&file, bytes).expect("a file");
            }
        };
        let places = 24;
        for place in 0..places + 2 {
            let mut bytes = sound.clone();
            match place {
                place if place < places => bytes[sound.len() / places * place] ^= 8,
                place if place == places => bytes.truncate(sound.len() / 2),
                _ => {}
            }
            put((place <= places).then_some(bytes.as_slice()));
            let found = fsck::check(thread.folder.path(), Depth::Whole);
            let name = file.file_stem().and_then(|name| name.to_str()).expect("a name");
            for rebuilt in [false, true] {
                let open = if rebuilt { Repository::rebuild } else { Repository::open };
                let read = open(thread.folder.path(), clock()).and_then(|repository| {
                    let found = repository.snapshot("main")?.matching(None, None, None)?;
                    Ok(found.iter().map(ToString::to_string).collect::<Vec<_>>())
                });
                match read {
                    // What is in the way of nothing is none of theirs.
                    Ok(found) => assert_eq!(found, expect, "{name} {place}"),
                    Err(error) => {
                        let text = error.to_string();
                        assert!(text.contains(name), "{file:?} {place}: {text}");
                        assert!(
                            text.contains("fsck") || text.contains("git index-pack"),
                            "{file:?} {place}: {text}"
                        );
                        assert!(!matches!(&found, Ok(found) if found.damages.is_empty()), "{file:?} {place}");
                        refused += 1;
                    }
                }
            }
        }
        put(Some(&sound));
        assert_eq!(fsck::check(thread.folder.path(), Depth::Whole).expect("a check").damages, []);
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn a_damaged_file_beside_a_pack_that_has_the_object_is_passed_over() {
    let thread = Thread::new();
    let bytes = std::fs::read(thread.file(thread.commit)).expect("the object");
    let repository = Repository::open(thread.folder.path(), clock()).expect("the thread");
    repository.maintain(&|| false).expect("packed");
    std::fs::write(thread.file(thread.commit), &bytes[..bytes.len() / 2]).expect("a file");
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
    drop(repository);
    assert_eq!(fsck::check(thread.folder.path(), Depth::Whole).expect("a check").damages, []);
}
