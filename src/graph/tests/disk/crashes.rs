//! Every window in which the process may be killed, and every failure at which it ends itself: a second process of this very
//! test program is stopped there for good, and the thread it leaves is opened again.

use crate::graph::git::store;
use crate::graph::index::digest::digest;
use crate::graph::model::failpoint;
use crate::graph::sync::catch_up;
use crate::graph::text::format::Format;
use crate::graph::upkeep::fsck;
use crate::graph::write::publish::WINDOWS;
use crate::graph::*;
use crate::model::statement::Statement;
use crate::model::statement::change::Change;
use crate::model::time::clock::FixedClock;
use crate::model::time::instant::Instant;
use oxigraph::model::{Literal, NamedNode};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

const BASE: &str = "https://example.org/";

/// Names for the second process which deed to do, in which folder, and where to end.
const DEED: &str = "THROUGHLINE_TEST_DEED";

/// What the second process does after the commits that it acknowledges, and is stopped in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Commit,
    /// Three commits to main and one to `try`, written together.
    Together,
    /// A commit of so many files that they go into one pack.
    Bulk,
    Import,
    /// Merges the branch `try`.
    Merge,
    /// Adopts a commit that no branch has any more as the branch `taken`.
    Adopt,
    /// Brings the branches of a repository of an earlier format to the newest one.
    Migrate,
    Delete,
    Tag,
    Keep,
    /// Packs loose objects between commits until packs are merged, too.
    Maintain,
    /// Deletes a branch and removes its objects, packed and loose ones.
    Prune,
    /// Begins a mirror.
    Mirror,
    /// Holds the lock of a ref.
    Lock,
}

const DEEDS: [(&str, Deed); 14] = [
    ("commit", Deed::Commit),
    ("together", Deed::Together),
    ("bulk", Deed::Bulk),
    ("import", Deed::Import),
    ("merge", Deed::Merge),
    ("adopt", Deed::Adopt),
    ("migrate", Deed::Migrate),
    ("delete", Deed::Delete),
    ("tag", Deed::Tag),
    ("keep", Deed::Keep),
    ("maintain", Deed::Maintain),
    ("prune", Deed::Prune),
    ("mirror", Deed::Mirror),
    ("lock", Deed::Lock),
];

/// What a process ends itself at, as it can neither acknowledge nor deny what it did: a ref that has moved although the move
/// failed, and an index that fails once a ref has moved.
const FAILURES: [&str; 2] = ["sync the move", "index"];

/// How many commits are acknowledged before.
const ACKNOWLEDGED: i64 = 5;

fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::new(Instant::from_seconds(1_700_000_000)))
}

fn triple(subject: &str, value: i64) -> Statement {
    let iri = |local: &str| NamedNode::new_unchecked(format!("{BASE}{local}"));
    Statement::new(iri(subject), iri("p"), Literal::from(value))
}

fn request(branch: &str, statements: Vec<Statement>) -> CommitRequest {
    let changes = statements.into_iter().map(Change::Add).collect();
    CommitRequest { branch: branch.to_owned(), changes, ..Default::default() }
}

fn import(statements: Vec<Statement>) -> ImportRequest {
    let (source, into) = ("tool".to_owned(), "main".to_owned());
    ImportRequest { source, into, message: "import".to_owned(), statements, ..Default::default() }
}

/// The deed's own statements: all of them are there afterwards, or none is.
fn deed_statements(deed: Deed) -> Vec<Statement> {
    let count = if deed == Deed::Bulk { 300 } else { 3 };
    (0..count).map(|n| triple(&format!("deed/{n}"), 0)).collect()
}

/// What the second process runs; in the first it does nothing.
#[test]
fn the_process_that_is_stopped() {
    let Ok(reported) = std::env::var(DEED) else { return };
    let [folder, deed, window, before] =
        reported.split('|').collect::<Vec<_>>().try_into().expect("four words");
    let deed = DEEDS.iter().find(|(name, _)| *name == deed).expect("a deed").1;
    let repository = Repository::open(Path::new(folder), clock()).expect("the thread");
    repository.create_branch("try", "main").expect("a branch");
    repository.commit(&request("try", vec![triple("tried", 0)])).expect("a commit");
    for n in 0..ACKNOWLEDGED {
        repository.commit(&request("main", vec![triple("acknowledged", n)])).expect("a commit");
    }
    if deed == Deed::Merge || deed == Deed::Adopt {
        repository.commit(&request("try", deed_statements(deed))).expect("a commit");
    }
    if deed == Deed::Migrate {
        repository.import(import(deed_statements(deed))).expect("an import");
    }
    let tried = repository.snapshot("try").expect("the branch").commit().id;
    if deed == Deed::Adopt {
        repository.delete_branch("try", None).expect("a branch less");
    }
    let before = before.parse().expect("a number");
    if FAILURES.contains(&window) {
        failpoint::fail_at(window, before);
    } else {
        failpoint::arm(window, before);
    }
    match deed {
        Deed::Commit | Deed::Bulk => drop(repository.commit(&request("main", deed_statements(deed)))),
        Deed::Together => {
            let main = deed_statements(deed).into_iter().map(|statement| request("main", vec![statement]));
            let group: Vec<_> = main.chain([request("try", vec![triple("grouped", 0)])]).collect();
            drop(repository.commit_prepared(&group));
        }
        Deed::Import => drop(repository.import(import(deed_statements(deed)))),
        Deed::Merge => {
            let (source, into) = ("try".to_owned(), "main".to_owned());
            drop(repository.merge(&MergeRequest { source, into, ..Default::default() }));
        }
        Deed::Adopt => {
            let (reference, branch) = (tried.to_string(), Some("taken".to_owned()));
            drop(repository.adopt(&AdoptRequest { reference, branch }, None));
        }
        Deed::Migrate => drop(repository.migrate(&Author::default())),
        Deed::Delete => drop(repository.delete_branch("try", None)),
        Deed::Tag => drop(repository.tag("v1", "try", "tag")),
        Deed::Keep => drop(repository.keep("review/DR-1", tried)),
        Deed::Maintain => {
            for n in 0..12 {
                repository.commit(&request("try", vec![triple("maintained", n)])).expect("a commit");
                repository.maintain(&|| false).expect("packed");
            }
        }
        Deed::Prune => {
            repository.maintain(&|| false).expect("packed");
            repository.create_branch("loose", "main").expect("a branch");
            repository.commit(&request("loose", vec![triple("loose", 0)])).expect("a commit");
            for branch in ["try", "loose"] {
                repository.delete_branch(branch, None).expect("a branch less");
            }
            repository.prune(Instant::from_seconds(7_000_000_000)).expect("pruned");
        }
        Deed::Mirror => drop(repository.mirror(&Path::new(folder).join("mirror.git"))),
        Deed::Lock => {
            let writer = repository.writer().expect("a writer");
            let mut lock = writer.history.repository.transaction().expect("a transaction");
            lock.lock_ref("refs/heads/main").expect("a lock");
            std::process::abort();
        }
    }
    panic!("the window was not passed");
}

/// Stops a process in a window and returns the folder that it leaves.
fn stopped(deed: Deed, window: &str, before: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let format = if deed == Deed::Migrate { Format::Two } else { Format::NEWEST };
    drop(Repository::init_as(format, folder.path(), &[], BASE, clock()).expect("a thread"));
    let name = DEEDS.iter().find(|(_, known)| *known == deed).expect("a deed").0;
    let reported = format!("{}|{name}|{window}|{before}", folder.path().display());
    let ended = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "graph::tests::disk::crashes::the_process_that_is_stopped",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(DEED, reported)
        .output()
        .expect("the second process");
    assert!(!ended.status.success(), "it was not stopped");
    let reported = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!reported.contains("panicked"), "{reported}");
    folder
}

fn statements(repository: &Repository) -> Vec<Statement> {
    repository.snapshot("main").expect("main").matching(None, None, None).expect("statements")
}

/// What was acknowledged is there, the deed wholly or not at all, the index agrees with Git, and writing goes on.
/// Returns whether the deed is there.
fn check(folder: &Path, deed: Deed) -> bool {
    let repository = Repository::open(folder, clock()).expect("the thread");
    let now = statements(&repository);
    (0..ACKNOWLEDGED).for_each(|n| assert!(now.contains(&triple("acknowledged", n)), "{n} is lost"));
    let there = deed_statements(deed).iter().filter(|s| now.contains(s)).count();
    assert!(there == 0 || there == deed_statements(deed).len(), "{there} statements are there");
    let kept_up = digest(&repository.index.tables().expect("tables")).expect("a digest");
    catch_up::rebuild(&repository.writer().expect("a writer").history, &repository.index).expect("rebuilt");
    let rebuilt = digest(&repository.index.tables().expect("tables")).expect("a digest");
    assert_eq!(kept_up.differences(&rebuilt), Vec::<String>::new());
    repository.commit(&request("main", vec![triple("after", 1)])).expect("writing goes on");
    repository.import(import(deed_statements(deed))).expect("importing goes on");
    drop(repository);
    let found = fsck::check(folder, Depth::Whole).expect("a check").damages;
    assert_eq!(found, []);
    there > 0
}

fn tried(folder: &Path, name: &str) -> bool {
    let repository = Repository::open(folder, clock()).expect("the thread");
    match repository.snapshot(name) {
        Ok(version) => version.matching(None, None, None).expect("statements").contains(&triple("tried", 0)),
        Err(Error::UnknownVersion(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Walks the table of windows: one without a deed here fails, and so does a failpoint of a publication that the table lacks.
#[test]
fn every_window_of_a_publication_is_tried() {
    for window in WINDOWS {
        let deed = match window {
            "files written" | "commit written" | "ref moved" | "index written" => Deed::Commit,
            "ref made" => Deed::Tag,
            "deletion announced" | "ref deleted" => Deed::Delete,
            other => panic!("nothing is stopped at \"{other}\""),
        };
        let has_happened = check(stopped(deed, window, 0).path(), deed);
        let may_have = matches!(window, "ref moved" | "index written");
        assert_eq!(has_happened, may_have, "{window}");
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/graph");
    let mut found = Vec::new();
    let write = std::fs::read_dir(sources.join("write")).expect("sources").flatten().map(|file| file.path());
    let others = ["git/tree.rs", "index/store.rs"].map(|path| sources.join(path));
    for path in write.filter(|path| path.is_file()).chain(others) {
        let text = std::fs::read_to_string(path).expect("a source file");
        for before in ["failpoint::pass(\"", "move_ref(writer, \"", "move_ref(&mut writer, \""] {
            let named = text.split(before).skip(1).filter_map(|rest| rest.split_once('"'));
            found.extend(named.map(|(window, _)| window.to_owned()));
        }
    }
    found.sort_unstable();
    found.dedup();
    let mut known = WINDOWS.to_vec();
    known.sort_unstable();
    assert_eq!(found, known, "the failpoints of a publication, and its table");
}

#[test]
fn before_the_ref_moves_nothing_has_happened() {
    for deed in [Deed::Commit, Deed::Bulk, Deed::Import, Deed::Merge] {
        for window in ["files written", "commit written"] {
            assert!(!check(stopped(deed, window, 0).path(), deed), "{window}");
        }
    }
    // Between the commits of an import, while they are written.
    assert!(!check(stopped(Deed::Import, "files written", 1).path(), Deed::Import));
}

#[test]
fn once_the_ref_has_moved_all_has_happened() {
    for deed in [Deed::Commit, Deed::Bulk, Deed::Merge] {
        for window in ["ref moved", "index written", "sync the move", "index"] {
            assert!(check(stopped(deed, window, 0).path(), deed), "{window}");
        }
    }
    for (window, before) in [("ref moved", 1), ("index written", 0), ("sync the move", 1), ("index", 0)] {
        assert!(check(stopped(Deed::Import, window, before).path(), Deed::Import), "{window}");
    }
}

#[test]
fn of_commits_written_together_each_branch_has_all_or_none() {
    let on_try = |folder: &Path| {
        let repository = Repository::open(folder, clock()).expect("the thread");
        let found = repository.snapshot("try").expect("the branch").matching(None, None, None);
        found.expect("statements").contains(&triple("grouped", 0))
    };
    // The window, how often it is passed before, and whether the commits of main and that of `try` are there afterwards.
    let windows = [
        ("files written", 0, false, false),
        ("files written", 2, false, false),
        ("commit written", 0, false, false),
        ("sync the move", 0, true, false),
        ("ref moved", 0, true, false),
        ("sync the move", 1, true, true),
        ("ref moved", 1, true, true),
        ("index", 0, true, true),
        ("index written", 0, true, true),
    ];
    for (window, before, main, on_branch) in windows {
        let folder = stopped(Deed::Together, window, before);
        assert_eq!(on_try(folder.path()), on_branch, "{window} {before}");
        assert_eq!(check(folder.path(), Deed::Together), main, "{window} {before}");
    }
}

#[test]
fn between_the_two_branches_of_an_import_the_next_one_goes_on() {
    for window in ["ref moved", "sync the move"] {
        assert!(!check(stopped(Deed::Import, window, 0).path(), Deed::Import), "{window}");
    }
}

#[test]
fn an_adoption_happens_with_its_ref() {
    for window in ["ref moved", "index written", "sync the move", "index"] {
        let folder = stopped(Deed::Adopt, window, 0);
        check(folder.path(), Deed::Adopt);
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        let taken = repository.snapshot("taken").expect("the branch").matching(None, None, None);
        let taken = taken.expect("statements");
        assert!(deed_statements(Deed::Adopt).iter().all(|statement| taken.contains(statement)), "{window}");
    }
}

#[test]
fn a_migration_that_was_stopped_is_brought_to_its_end_by_the_next() {
    for before in 0..3 {
        for window in
            ["files written", "commit written", "ref moved", "index written", "sync the move", "index"]
        {
            let folder = stopped(Deed::Migrate, window, before);
            assert!(check(folder.path(), Deed::Migrate), "{window} {before}");
            let repository = Repository::open(folder.path(), clock()).expect("the thread");
            let is_moved = !matches!(window, "files written" | "commit written");
            let left = 3 - before - usize::from(is_moved);
            assert_eq!(
                repository.migrate(&Author::default()).expect("migrated").len(),
                left,
                "{window} {before}"
            );
            drop(repository);
            assert!(check(folder.path(), Deed::Migrate), "{window} {before}");
        }
    }
}

#[test]
fn a_deletion_happens_with_its_ref() {
    let lost = |folder: &Path| fsck::check(folder, Depth::Heads).expect("a check").lost;
    for (window, before) in [("ref deleted", 0), ("index written", 1), ("sync the move", 0), ("index", 1)] {
        let folder = stopped(Deed::Delete, window, before);
        check(folder.path(), Deed::Delete);
        assert!(!tried(folder.path(), "try"), "{window}");
        assert_eq!(lost(folder.path()), Vec::<String>::new(), "{window}: it was deleted, and is not lost");
    }
    // Announced and not deleted: where the ref is lost later, that was no deletion.
    for window in ["index written", "deletion announced"] {
        let folder = stopped(Deed::Delete, window, 0);
        assert!(tried(folder.path(), "try"), "{window}");
        std::fs::remove_file(folder.path().join("thread.git/refs/heads/try")).expect("a ref less");
        assert!(!tried(folder.path(), "try"), "{window}");
        assert_eq!(lost(folder.path()).len(), 1, "{window}");
    }
}

#[test]
fn a_tag_and_a_kept_version_happen_with_their_refs() {
    for (deed, name) in [(Deed::Tag, "v1"), (Deed::Keep, "review:DR-1")] {
        for window in ["ref made", "index written", "sync the move", "index"] {
            let folder = stopped(deed, window, 0);
            check(folder.path(), deed);
            assert!(tried(folder.path(), name), "{name} {window}");
        }
    }
}

#[test]
fn a_pack_that_was_not_finished_is_in_nobodys_way() {
    let folder = stopped(Deed::Bulk, "commit written", 0);
    let packs = folder.path().join("thread.git/objects/pack");
    let written = |kind: &str| {
        let mut files = std::fs::read_dir(&packs).expect("packs").flatten().map(|file| file.path());
        files.find(|path| path.extension().is_some_and(|of| of == kind)).expect("a file of the pack")
    };
    // As it is while it is written: under another name, in part; its index beside it in part; its index alone.
    let (pack, index) = (written("pack"), written("idx"));
    let bytes = std::fs::read(&pack).expect("the pack");
    let half = &bytes[..bytes.len() / 2];
    std::fs::remove_file(&pack).expect("a pack less");
    for (name, content) in
        [("tmp_pack_a1b2c3", half), ("pack_git2_d4e5f6", &bytes[..]), ("pack-7.idx.lock", half)]
    {
        std::fs::write(packs.join(name), content).expect("a file left behind");
    }
    assert!(index.exists() && !check(folder.path(), Deed::Bulk));
}

#[test]
fn objects_that_are_being_packed_are_somewhere() {
    let windows = [
        ("pack published", 0),
        ("pack published", 1),
        ("loose file deleted", 0),
        ("loose file deleted", 20),
        ("packs merged", 0),
        ("part of a pack deleted", 0),
        ("part of a pack deleted", 1),
        ("part of a pack deleted", 9),
    ];
    for (window, before) in windows {
        let folder = stopped(Deed::Maintain, window, before);
        assert!(!check(folder.path(), Deed::Maintain), "{window}");
        assert!(tried(folder.path(), "try"), "{window}");
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        repository.maintain(&|| false).expect("packed");
        drop(repository);
        assert!(check(folder.path(), Deed::Maintain), "{window}");
    }
}

#[test]
fn objects_that_refs_reach_outlive_a_stopped_pruning() {
    let windows = [
        ("packs rewritten", 0),
        ("part of a pack pruned", 0),
        ("part of a pack pruned", 1),
        ("part of a pack pruned", 5),
        ("loose object pruned", 0),
    ];
    for (window, before) in windows {
        let folder = stopped(Deed::Prune, window, before);
        assert!(!check(folder.path(), Deed::Prune), "{window}");
        let repository = Repository::open(folder.path(), clock()).expect("the thread");
        repository.prune(Instant::from_seconds(7_000_000_000)).expect("pruned");
        drop(repository);
        assert!(check(folder.path(), Deed::Prune), "{window}");
    }
}

#[test]
fn a_mirror_that_was_begun_by_a_killed_process_is_made_again() {
    let folder = stopped(Deed::Mirror, "mirror begun", 0);
    let mirror = folder.path().join("mirror.git");
    assert!(!mirror.exists());
    let repository = Repository::open(folder.path(), clock()).expect("the thread");
    let refs = repository.mirror(&mirror).expect("a mirror");
    assert!(refs.contains_key("refs/heads/main") && refs.contains_key("refs/heads/try"));
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|e| e.file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{names:?}");
    // Earlier releases began it in its place.
    std::fs::remove_dir_all(&mirror).and_then(|()| std::fs::create_dir(&mirror)).expect("an empty folder");
    assert_eq!(repository.mirror(&mirror).expect("a mirror"), refs);
}

#[test]
fn a_lock_left_behind_stops_nobody() {
    let folder = stopped(Deed::Lock, "never", 0);
    let lock = folder.path().join("thread.git/refs/heads/main.lock");
    assert!(lock.exists());
    check(folder.path(), Deed::Lock);
    assert!(!lock.exists());
}

#[test]
fn after_a_kill_all_is_synced_and_after_an_orderly_end_nothing() {
    let folder = stopped(Deed::Commit, "files written", 0);
    let git = folder.path().join("thread.git");
    assert!(store::History::open(&git).expect("the repository").was_killed());
    check(folder.path(), Deed::Commit);
    assert!(!store::History::open(&git).expect("the repository").was_killed());
}

#[test]
fn what_a_killed_import_has_begun_is_removed() {
    let folder = stopped(Deed::Bulk, "files written", 0);
    let staging = folder.path().join("thread.git/throughline.packing");
    assert_eq!(std::fs::read_dir(&staging).expect("it was packing").count(), 1);
    let packs = folder.path().join("thread.git/objects/pack");
    let names = ["pack_git2_a1b2c3", "tmp_pack_d4e5f6", "tmp_idx_1", "pack-7.idx.lock"];
    let at = |name: &str, hours: u64| {
        let (stem, kind) = name.split_at(name.find('.').unwrap_or(name.len()));
        packs.join(format!("{stem}-{hours}{kind}"))
    };
    for (name, hours) in names.iter().flat_map(|name| [(name, 0), (name, 2)]) {
        let written = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
        std::fs::File::create(at(name, hours)).and_then(|file| file.set_modified(written)).expect("a file");
    }
    check(folder.path(), Deed::Bulk);
    assert!(!staging.exists() || std::fs::read_dir(&staging).expect("a folder").count() == 0);
    // Another process may still be writing what is young.
    assert_eq!(names.map(|name| [at(name, 0).exists(), at(name, 2).exists()]), [[true, false]; 4]);
}

#[test]
fn a_torn_index_is_made_anew() {
    let folder = stopped(Deed::Commit, "ref moved", 0);
    let index = folder.path().join("index.redb");
    let bytes = std::fs::read(&index).expect("the index");
    let tear = |from: usize, to: usize| {
        let mut torn = bytes.clone();
        torn[from..to].fill(0x5a);
        torn
    };
    let half = bytes.len() / 2;
    let mut sound = None;
    let mut tears = vec![bytes[..half].to_vec(), bytes[..100].to_vec(), Vec::new(), tear(0, 64)];
    tears
        .extend((64..bytes.len()).step_by(bytes.len() / 12).map(|at| tear(at, (at + 4096).min(bytes.len()))));
    for (n, torn) in tears.into_iter().enumerate() {
        std::fs::write(&index, torn).expect("a torn index");
        // As the machine that tore it stopped, too.
        std::fs::write(folder.path().join("thread.git/throughline.open"), "").expect("a mark");
        let repository =
            Repository::open(folder.path(), clock()).unwrap_or_else(|error| panic!("{n}: {error}"));
        assert_eq!(statements(&repository).len(), 8, "tear {n}");
        let kept_up = digest(&repository.index.tables().expect("tables")).expect("a digest");
        assert_eq!(*sound.get_or_insert(kept_up), kept_up, "tear {n}");
    }
    check(folder.path(), Deed::Commit);
}
