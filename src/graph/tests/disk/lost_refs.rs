//! Refs whose files vanish, or give way to packed ones of long ago, while nobody has the thread open.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;

/// The names of the refs of a thread that has one of each kind.
pub(super) const REFS: [(&str, &str); 5] = [
    ("refs/heads/main", "main"),
    ("refs/heads/try", "try"),
    ("refs/heads/import/tool", "import/tool"),
    ("refs/tags/v1", "v1"),
    ("refs/throughline/kept/review/DR-1", "review:DR-1"),
];

/// Makes a thread and returns the commits of its refs.
pub(super) fn thread(folder: &Path) -> Vec<CommitId> {
    let repository = repository(folder);
    import(&repository, "tool", &[triple("a", "p", "1")]).expect("an import");
    repository.create_branch("try", "main").expect("a branch");
    let on_try = |text: &str| {
        let changes = vec![Change::Add(triple("b", "p", text))];
        repository.commit(&CommitRequest { branch: "try".to_owned(), changes, ..Default::default() })
    };
    let reviewed = on_try("1").expect("a commit").commit.id;
    repository.keep("review/DR-1", reviewed).expect("kept");
    on_try("2").expect("a commit");
    repository.tag("v1", "try", "v1").expect("a tag");
    on_try("3").expect("a commit");
    commit(&repository, vec![Change::Add(triple("c", "p", "1"))]).expect("a commit");
    REFS.iter().map(|(_, version)| repository.snapshot(version).expect("a version").commit().id).collect()
}

fn git(folder: &Path) -> git2::Repository {
    git2::Repository::open_bare(folder.join("thread.git")).expect("a repository")
}

/// The commit of a ref in Git.
pub(super) fn in_git(folder: &Path, name: &str) -> Option<String> {
    let git = git(folder);
    let found = git.find_reference(name).and_then(|found| found.peel_to_commit());
    found.ok().map(|commit| commit.id().to_string())
}

fn id(commit: CommitId) -> git2::Oid {
    git2::Oid::from_bytes(&commit.0).expect("an id")
}

pub(super) fn lose(folder: &Path, name: &str) {
    std::fs::remove_file(folder.join("thread.git").join(name)).expect("a ref less");
}

/// Is restored by a start, and else kept under another name.
fn is_restored(name: &str) -> bool {
    !["refs/heads/try", "refs/tags/v1"].contains(&name)
}

fn check_settled(folder: &Path, name: &str, commit: CommitId, what: &str) {
    let kept = format!("refs/throughline/lost/{}/{commit}", name.trim_start_matches("refs/"));
    let (restored, kept) = (in_git(folder, name), in_git(folder, &kept));
    match is_restored(name) {
        true => assert_eq!((restored, kept), (Some(commit.to_string()), None), "{name}: {what}"),
        false => assert_eq!((restored, kept), (None, Some(commit.to_string())), "{name}: {what}"),
    }
}

#[test]
fn every_lost_ref_is_restored_or_reported() {
    let sound = tempfile::tempdir().expect("a folder");
    let commits = thread(sound.path());
    for ((name, version), commit) in REFS.into_iter().zip(commits) {
        for what in ["opened", "spoilt index", "reindexed"] {
            let copies = tempfile::tempdir().expect("a folder");
            let folder = copies.path().join("copy");
            super::flips::copy(sound.path(), &folder);
            lose(&folder, name);
            // However often it is asked before.
            for _ in 0..2 {
                let found = fsck::check(&folder, Depth::Heads).expect("a check").damages;
                assert!(found.iter().any(|damage| damage.place == name), "{name}: {found:?}");
            }
            if what == "spoilt index" {
                use std::io::Write as _;
                let index = std::fs::File::options().write(true).open(folder.join("index.redb"));
                index.expect("the index").write_all(b"TLSPOILT").expect("spoilt");
            }
            let open = || match what {
                "reindexed" => Repository::rebuild(&folder, clock()),
                _ => Repository::open(&folder, clock()),
            };
            if name == "refs/heads/main" && what == "spoilt index" {
                // The stamps of a damaged index may be old. They outlive the new one, too.
                lose(&folder, REFS[4].0);
                for _ in 0..2 {
                    assert!(matches!(open(), Err(Error::LostMain { commit: found, .. }) if found == commit));
                }
                git(&folder).reference(name, id(commit), false, "restored").expect("restored");
                assert!(open().expect("a start").snapshot(REFS[4].1).is_ok());
                continue;
            }
            let opened = open();
            let opened = opened.expect("a start");
            check_settled(&folder, name, commit, what);
            match is_restored(name) {
                true => assert_eq!(opened.snapshot(version).expect("a version").commit().id, commit),
                false => assert!(matches!(opened.snapshot(version), Err(Error::UnknownVersion(_)))),
            }
            crate::graph::tests::commit(&opened, vec![Change::Add(triple("d", "p", "1"))]).expect("a commit");
            drop(opened);
            let checked = fsck::check(&folder, Depth::Whole).expect("a check");
            assert_eq!(checked.damages, [], "{name}: {what}");
            assert_eq!(checked.lost.len(), usize::from(!is_restored(name)), "{name}: {what}");
        }
    }
}

#[test]
fn a_ref_that_a_packed_one_of_long_ago_replaces_is_noticed() {
    let sound = tempfile::tempdir().expect("a folder");
    let commits = thread(sound.path());
    let sound_git = git(sound.path());
    let old = sound_git.find_commit(id(commits[0]));
    let old = old.and_then(|main| main.parent(0)).expect("a parent").id();
    for ((name, version), commit) in REFS.into_iter().zip(commits) {
        let copies = tempfile::tempdir().expect("a folder");
        let folder = copies.path().join("copy");
        super::flips::copy(sound.path(), &folder);
        let packed = format!("# pack-refs with: peeled fully-peeled sorted \n{old} {name}\n");
        std::fs::write(folder.join("thread.git/packed-refs"), packed).expect("packed refs");
        lose(&folder, name);
        let follows = sound_git.graph_descendant_of(old, id(commit)).expect("two commits");
        let opened = Repository::open(&folder, clock()).expect("a start");
        let now = opened.snapshot(version).expect("a version").commit().id;
        if name.contains("/kept/") {
            assert_eq!(now, commit, "what is kept never moves");
        } else if !follows {
            let kept = format!("refs/throughline/lost/{}/{commit}", name.trim_start_matches("refs/"));
            assert_eq!(
                (now.to_string(), in_git(&folder, &kept)),
                (old.to_string(), Some(commit.to_string()))
            );
        }
    }
}

#[test]
fn main_is_not_restored_at_a_commit_that_may_not_be_its_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let main = thread(folder.path())[0];
    lose(folder.path(), "refs/heads/main");
    std::fs::write(folder.path().join("thread.git/throughline.open"), "").expect("a kill");
    for _ in 0..2 {
        let refused = Repository::open(folder.path(), clock()).expect_err("main is lost");
        assert!(refused.to_string().contains(&format!("knows it at {main}")), "{refused}");
    }
    git(folder.path()).reference("refs/heads/main", id(main), false, "restored").expect("restored");
    Repository::open(folder.path(), clock()).expect("the thread");
}

#[test]
fn a_kept_version_that_is_lost_while_the_thread_is_read_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    thread(folder.path());
    lose(folder.path(), REFS[4].0);
    let (read, _) = Repository::open_to_read(folder.path(), clock()).expect("read");
    let refused = read.snapshot("review:DR-1").expect_err("it is lost");
    assert!(refused.to_string().contains("Git has no ref refs/throughline/kept/review/DR-1"), "{refused}");
    assert!(matches!(read.snapshot("review:DR-2"), Err(Error::UnknownVersion(_))));
    drop(read);
    assert!(Repository::open(folder.path(), clock()).expect("a start").snapshot("review:DR-1").is_ok());
}
