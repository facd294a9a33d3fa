//! Repositories of earlier formats: read and written in their own layout, until they are migrated.

use super::*;
use crate::graph::git::store::History;
use crate::graph::text::format::Format;
use crate::graph::upkeep::fsck;
use std::collections::BTreeMap;

fn begun(folder: &Path, format: Format) -> Repository {
    Repository::init_as(format, folder, &[], BASE, clock()).expect("a thread")
}

/// The documents of a version: path and blob.
fn documents(folder: &Path, id: CommitId) -> BTreeMap<String, git2::Oid> {
    let history = History::open_reader(&folder.join("thread.git")).expect("the repository");
    let files = history.changed_files(None, id).expect("files").into_iter();
    let documents = files.filter(|file| file.path.ends_with(".ttl") && !file.path.starts_with("ontology/"));
    documents.filter_map(|file| Some((file.path, file.after?))).collect()
}

fn head(repository: &Repository, branch: &str) -> CommitId {
    repository.snapshot(branch).expect("a branch").commit().id
}

fn is_sound(folder: &Path) {
    assert_eq!(fsck::check(folder, Depth::Whole).expect("a check").damages, []);
}

/// A thread with statements of a source and of a person, with a branch and a tag.
fn filled(folder: &Path, format: Format) -> Repository {
    let repository = begun(folder, format);
    import(
        &repository,
        "tool",
        &[triple("a", "p", "1"), triple("a#part", "p", "2"), triple("AUX", "p", "1")],
    )
    .expect("an import");
    repository.tag("ONE", "main", "one").expect("a tag");
    commit(&repository, vec![Change::Add(triple("b", "p", "1"))]).expect("a commit");
    repository.create_branch("try", "main").expect("a branch");
    let request = CommitRequest {
        branch: "try".to_owned(),
        changes: vec![Change::Add(triple("c", "p", "1")), Change::Retire(iri("b"))],
        ..Default::default()
    };
    repository.commit(&request).expect("a commit");
    repository
}

#[test]
fn a_repository_goes_on_in_its_own_format() {
    for (format, expect) in [(Format::One, 2), (Format::Two, 3), (Format::Three, 3)] {
        let folder = tempfile::tempdir().expect("a folder");
        drop(filled(folder.path(), format));
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        for branch in ["main", "try", "import/tool"] {
            for path in documents(folder.path(), head(&repository, branch)).keys() {
                assert_eq!(path.matches('/').count(), expect, "{format} {path}");
                assert_eq!(
                    path.ends_with("/AUX.ttl"),
                    format < Format::Three && path.contains("AUX"),
                    "{path}"
                );
            }
        }
        repository
            .merge(&MergeRequest { source: "try".to_owned(), into: "main".to_owned(), ..Default::default() })
            .expect("a merge");
        drop(repository);
        is_sound(folder.path());
    }
}

#[test]
fn a_migration_moves_files_and_nothing_else() {
    for format in [Format::One, Format::Two] {
        let folder = tempfile::tempdir().expect("a folder");
        let repository = filled(folder.path(), format);
        let before = ["main", "try", "import/tool"].map(|branch| head(&repository, branch));
        let statements = all(&repository);
        let seen = |repository: &Repository| {
            let main = repository.snapshot("main").expect("main");
            let blame = main.blame(&iri("a")).expect("blame");
            let history =
                main.timeline(&iri("a")).and_then(|timeline| timeline.changes(None, 10)).expect("changes");
            (blame, history, repository.log(&main, Some(&iri("a")), None, 10).expect("a log"))
        };
        let answers = seen(&repository);
        let migrated = repository.migrate(&Author::default()).expect("migrated");
        let branches: Vec<_> = migrated.iter().map(|one| (one.branch.as_str(), one.documents)).collect();
        assert_eq!(branches, [("import/tool", 2), ("main", 3), ("try", 3)]);
        assert_eq!((all(&repository), seen(&repository)), (statements, answers));
        for (branch, before) in ["main", "try", "import/tool"].into_iter().zip(before) {
            let after = head(&repository, branch);
            let version = |id| repository.snapshot_at(id).expect("a version");
            assert_eq!(version(after).commit().parents, [before]);
            let diff = repository.diff(&version(before), &version(after), None).expect("a diff");
            assert_eq!(diff.resources, [], "{branch}");
            let blobs = |id| {
                let mut blobs: Vec<_> = documents(folder.path(), id).into_values().collect();
                blobs.sort_unstable();
                blobs
            };
            assert_eq!(blobs(before), blobs(after), "{branch}");
            let paths = documents(folder.path(), after);
            assert!(paths.keys().all(|path| path.matches('/').count() == 3), "{paths:?}");
        }
        assert!(
            documents(folder.path(), head(&repository, "main"))
                .keys()
                .any(|path| path.ends_with("/AUX~.ttl"))
        );
        // The same file again is no commit; a changed one, another source and a merge go on.
        let main = head(&repository, "main");
        let tool = [triple("a", "p", "1"), triple("a#part", "p", "2"), triple("AUX", "p", "1")];
        assert_eq!(import(&repository, "tool", &tool).expect("an import").commit.id, main);
        let changed = [triple("a", "p", "7"), triple("a#part", "p", "2"), triple("AUX", "p", "1")];
        assert_eq!(import(&repository, "tool", &changed).expect("an import").changed, 2);
        assert_eq!(import(&repository, "other", &[triple("d", "p", "1")]).expect("an import").changed, 1);
        assert_eq!(import(&repository, "other", &[triple("d", "p", "1")]).expect("an import").changed, 0);
        let merge = |source: &str| MergeRequest {
            source: source.to_owned(),
            into: "main".to_owned(),
            ..Default::default()
        };
        assert_eq!(repository.merge(&merge("try")).expect("a merge").changed, 2);
        assert_eq!(repository.migrate(&Author::default()).expect("nothing to do").len(), 0);
        // A branch made at an old version is of the old format, and may be migrated and merged.
        repository.create_branch("old", "ONE").expect("a branch");
        let request = CommitRequest {
            branch: "old".to_owned(),
            changes: vec![Change::Add(triple("e", "p", "1"))],
            ..Default::default()
        };
        repository.commit(&request).expect("a commit");
        assert_eq!(repository.merge(&merge("old")).expect("a merge").changed, 1);
        assert_eq!(repository.migrate(&Author::default()).expect("migrated").len(), 1);
        drop(repository);
        is_sound(folder.path());
        std::fs::remove_file(folder.path().join("index.redb")).expect("an index less");
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        assert_eq!(all(&repository).len(), 6);
        let one = repository.snapshot("ONE").expect("a tag").commit().id;
        assert!(
            documents(folder.path(), one)
                .keys()
                .all(|path| path.matches('/').count() < 3 || format == Format::Two)
        );
    }
}

/// Lays the repository of a Git bundle into a folder: its objects and its branches.
fn unbundle(bundle: &[u8], folder: &Path) {
    let end = bundle.windows(2).position(|two| two == b"\n\n").expect("the end of the head");
    let head = std::str::from_utf8(&bundle[..end]).expect("text");
    let repository = git2::Repository::init_bare(folder.join("thread.git")).expect("a repository");
    let objects = repository.odb().expect("objects");
    let mut writer = objects.packwriter().expect("a pack");
    std::io::Write::write_all(&mut writer, &bundle[end + 2..]).expect("the objects");
    writer.commit().expect("the objects");
    let refs = head.lines().skip(1).map(|line| line.split_once(' ').expect("a ref"));
    for (id, name) in refs.filter(|(_, name)| *name != "HEAD") {
        let id = git2::Oid::from_str(id).expect("an id");
        repository.reference(name, id, false, "unbundled").expect("a branch");
    }
    repository.set_head("refs/heads/main").expect("main");
}

/// Threads that a program of that time wrote: formats are read from files, not only from what this program writes of them. The one of
/// format 1 has its documents from the other, laid out as then.
#[test]
fn repositories_that_earlier_programs_wrote_are_migrated() {
    let check = |bundle: &[u8], format: Format| {
        let folder = tempfile::tempdir().expect("a folder");
        unbundle(bundle, folder.path());
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        let (main, source) = (head(&repository, "main"), head(&repository, "import/plant"));
        let before = documents(folder.path(), main);
        assert_eq!(before.len(), 10);
        assert!(before.contains_key(match format {
            Format::One => "plant.example+/c0/REQ-1.ttl",
            _ => "plant.example+/c/05/REQ-1.ttl",
        }));
        let statements = |id| {
            let version = repository.snapshot_at(id).expect("a version");
            version.matching(None, None, None).expect("statements")
        };
        let expect = statements(main);
        let limit = NamedNode::new_unchecked("https://w3id.org/throughline#limit");
        let limits = expect.iter().filter(|statement| statement.predicate == limit);
        let limits: Vec<_> = limits.map(|statement| statement.object.to_string()).collect();
        assert!(matches!(&limits[..], [limit] if limit.starts_with("\"85\"^^")), "{limits:?}");
        is_sound(folder.path());
        let migrated = repository.migrate(&Author::default()).expect("migrated");
        let branches: Vec<_> = migrated.iter().map(|one| (one.branch.as_str(), one.documents)).collect();
        assert_eq!(branches, [("import/plant", 10), ("main", 10)]);
        for (branch, before) in [("main", main), ("import/plant", source)] {
            assert_eq!(statements(head(&repository, branch)), statements(before), "{branch}");
        }
        let after = documents(folder.path(), head(&repository, "main"));
        let blobs = |documents: BTreeMap<String, git2::Oid>| {
            let mut blobs: Vec<_> = documents.into_values().collect();
            blobs.sort_unstable();
            blobs
        };
        assert!(after.keys().all(|path| !before.contains_key(path)), "{after:?}");
        assert_eq!(blobs(after), blobs(before));
        is_sound(folder.path());
    };
    check(include_bytes!("../../../fixtures/repositories/format-1.bundle"), Format::One);
    check(include_bytes!("../../../fixtures/repositories/format-2.bundle"), Format::Two);
}
