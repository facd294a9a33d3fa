//! Files of refs that hold something else than a ref: `HEAD`, `packed-refs`, and the file of each kind of ref.

use super::lost_refs::{REFS, in_git, lose, thread};
use crate::graph::tests::*;
use crate::graph::upkeep::fsck;

/// What a disk may leave in the file of a ref.
const GARBAGE: [&str; 4] = ["", "\0\0\0\0", "0123", "ref: \n"];

fn copied(sound: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    super::flips::copy(sound, copy.path());
    copy
}

fn git_file(folder: &Path, name: &str) -> std::path::PathBuf {
    folder.join("thread.git").join(name)
}

fn garble(folder: &Path, name: &str, text: &str) {
    std::fs::write(git_file(folder, name), text).expect("a garbled file");
}

fn places(folder: &Path) -> Vec<String> {
    let found = fsck::check(folder, Depth::Heads).expect("a check").damages;
    found.iter().map(|damage| damage.place.clone()).collect()
}

#[test]
fn a_garbled_ref_is_named_and_restored() {
    let sound = tempfile::tempdir().expect("a folder");
    let commits = thread(sound.path());
    for ((name, version), commit) in REFS.into_iter().zip(commits) {
        for text in GARBAGE {
            let folder = copied(sound.path());
            let folder = folder.path();
            garble(folder, name, text);
            let found = fsck::check(folder, Depth::Heads).expect("a check").damages;
            let advice = found.iter().find(|damage| damage.place == name).map(|damage| &damage.advice);
            assert!(
                advice.is_some_and(|advice| advice.contains(&format!("update-ref {name} {commit}"))),
                "{name} {text:?}: {found:?}"
            );
            let opened = Repository::open(folder, clock()).expect("a start");
            assert_eq!(opened.snapshot(version).expect("a version").commit().id, commit, "{name} {text:?}");
            assert_eq!(in_git(folder, name), Some(commit.to_string()));
            drop(opened);
            assert_eq!(fsck::check(folder, Depth::Whole).expect("a check").damages, []);
        }
    }
}

#[test]
fn a_garbled_ref_after_a_kill_refuses_what_it_concerns_and_keeps_its_commit() {
    let sound = tempfile::tempdir().expect("a folder");
    let commits = thread(sound.path());
    for ((name, version), commit) in REFS.into_iter().zip(commits) {
        let folder = copied(sound.path());
        let folder = folder.path();
        garble(folder, name, "");
        let kill = || std::fs::write(git_file(folder, "throughline.open"), "").expect("a kill");
        kill();
        let refused = |error: Error| {
            let text = error.to_string();
            assert!(matches!(error, Error::Unreadable { .. }), "{text}");
            assert!(text.contains(&format!("update-ref {name} {commit}")), "{text}");
        };
        if name == "refs/heads/main" {
            // However often: what the index knows stays.
            (0..2).for_each(|_| refused(Repository::open(folder, clock()).expect_err("main is garbled")));
        } else {
            let opened = Repository::open(folder, clock()).expect("a start");
            match name.contains("/kept/") {
                true => assert_eq!(opened.snapshot(version).expect("it never moves").commit().id, commit),
                false => refused(opened.snapshot(version).expect_err("it is garbled")),
            }
            let listed = [opened.unreadable_branches(), opened.unreadable_tags()].concat();
            assert_eq!(listed.len(), usize::from(!name.contains("/kept/")), "{name}: {listed:?}");
            // Nothing of that name is made or deleted, and all else goes on.
            match version {
                "try" => {
                    refused(opened.delete_branch("try", None).expect_err("it is garbled"));
                    refused(opened.create_branch("try", "main").expect_err("it is garbled"));
                }
                "import/tool" => {
                    refused(import(&opened, "tool", &[triple("z", "p", "1")]).expect_err("garbled"));
                }
                "v1" => refused(opened.tag("v1", "main", "v1").expect_err("it is garbled")),
                _ => {}
            }
            let mirror = opened.mirror(&folder.join("mirror.git"));
            assert_eq!(mirror.is_err(), !name.contains("/kept/"), "{name}: a backup lacks no ref silently");
            crate::graph::tests::commit(&opened, vec![Change::Add(triple("d", "p", "1"))]).expect("a commit");
            opened.reindex().expect("an index made anew");
        }
        // What the advice names.
        if name != REFS[4].0 {
            lose(folder, name);
            let git = git2::Repository::open_bare(folder.join("thread.git")).expect("a repository");
            let id = git2::Oid::from_bytes(&commit.0).expect("an id");
            git.reference(name, id, false, "restored").expect("restored");
        }
        let opened = Repository::open(folder, clock()).expect("a start");
        if version != "main" {
            assert_eq!(opened.snapshot(version).expect("a version").commit().id, commit, "{name}");
        }
        drop(opened);
        assert_eq!(fsck::check(folder, Depth::Whole).expect("a check").damages, [], "{name}");
    }
}

#[test]
fn a_garbled_ref_whose_file_is_removed_is_settled_as_a_lost_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let commits = thread(folder);
    for (name, _) in &REFS[1..4] {
        garble(folder, name, "");
    }
    std::fs::write(git_file(folder, "throughline.open"), "").expect("a kill");
    drop(Repository::open(folder, clock()).expect("a start"));
    REFS[1..4].iter().for_each(|(name, _)| lose(folder, name));
    let opened = Repository::open(folder, clock()).expect("a start");
    assert_eq!(opened.snapshot("import/tool").expect("it is restored").commit().id, commits[2]);
    for (name, commit) in [("heads/try", commits[1]), ("tags/v1", commits[3])] {
        let kept = format!("refs/throughline/lost/{name}/{commit}");
        assert_eq!(in_git(folder, &kept), Some(commit.to_string()));
    }
}

#[test]
fn bad_lines_of_packed_refs_are_set_aside_and_their_refs_restored() {
    let sound = tempfile::tempdir().expect("a folder");
    let commits = thread(sound.path());
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    let mut names: Vec<_> = REFS.iter().zip(&commits).map(|((name, _), commit)| (*name, *commit)).collect();
    names.sort_unstable();
    for (name, commit) in &names {
        packed.push_str(&format!("{commit} {name}\n"));
        lose(sound.path(), name);
    }
    garble(sound.path(), "packed-refs", &packed);
    for (index, (name, _)) in names.iter().enumerate() {
        let folder = copied(sound.path());
        let folder = folder.path();
        let bad = packed.replace(&format!(" {name}\n"), &format!("\u{1}{name}\n"));
        garble(folder, "packed-refs", &bad);
        let line = format!("packed-refs:{}", index + 2);
        let found = places(folder);
        assert!(found.iter().any(|place| place.ends_with(&line)), "{found:?}");
        let refused = Repository::open_to_read(folder, clock()).expect_err("nothing is written to read");
        assert!(refused.to_string().contains(&line), "{refused}");
        let opened = Repository::open(folder, clock()).expect("a start");
        for ((name, version), commit) in REFS.iter().zip(&commits) {
            assert_eq!(opened.snapshot(version).expect(name).commit().id, *commit);
        }
        drop(opened);
        assert_eq!(places(folder), [""; 0]);
        let aside = std::fs::read_to_string(git_file(folder, "packed-refs.damaged")).expect("a copy");
        assert_eq!(aside, bad);
    }
}

#[test]
fn a_head_that_names_nothing_is_written_anew() {
    let sound = tempfile::tempdir().expect("a folder");
    thread(sound.path());
    for text in [Some(""), Some("\0\0\0"), Some("ref: main\u{7f}"), None] {
        let folder = copied(sound.path());
        let folder = folder.path();
        match text {
            Some(text) => garble(folder, "HEAD", text),
            None => lose(folder, "HEAD"),
        }
        let found = places(folder);
        assert!(found.iter().any(|place| place.ends_with("thread.git/HEAD")), "{text:?}: {found:?}");
        drop(Repository::open(folder, clock()).expect("a start"));
        assert_eq!(
            std::fs::read_to_string(git_file(folder, "HEAD")).expect("HEAD"),
            "ref: refs/heads/main\n"
        );
        assert_eq!(places(folder), [""; 0]);
    }
    // Of a folder that lacks more than refs, the start says what.
    let folder = copied(sound.path());
    std::fs::remove_dir_all(git_file(folder.path(), "objects")).expect("objects less");
    let refused = Repository::open(folder.path(), clock()).expect_err("no objects");
    assert!(refused.to_string().contains("objects: the folder is missing; restore"), "{refused}");
}
