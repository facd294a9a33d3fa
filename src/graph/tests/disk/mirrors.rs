//! Mirrors of the Git repository: plain Git reads them, and they grow by what is new.

use crate::graph::tests::*;
use crate::graph::upkeep::fsck;
use std::process::Command;

fn packs(folder: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(folder.join("objects/pack")).expect("packs").flatten();
    let mut packs: Vec<_> = files.map(|file| Path::new("objects/pack").join(file.file_name())).collect();
    packs.sort();
    packs
}

fn bytes(folder: &Path) -> u64 {
    packs(folder).iter().map(|pack| std::fs::metadata(folder.join(pack)).expect("a pack").len()).sum()
}

#[test]
fn a_mirror_grows_by_what_is_new_and_is_a_thread_again() {
    let (folder, copies) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let repository = repository(folder.path());
    let many: Vec<_> = (0..300).map(|n| triple(&format!("part/{n}"), "p", "1")).collect();
    import(&repository, "tool", &many).expect("an import");
    repository.tag("v1", "main", "v1").expect("a tag");
    repository.create_branch("try", "main").expect("a branch");
    let mirror = copies.path().join("thread.git");
    let first = repository.mirror(&mirror).expect("a mirror");
    assert!(
        ["refs/heads/main", "refs/heads/try", "refs/tags/v1"].iter().all(|name| first.contains_key(*name))
    );
    let whole = bytes(&mirror);
    assert_eq!(repository.mirror(&mirror).expect("the same"), first);
    assert_eq!(bytes(&mirror), whole, "nothing is new");

    commit(&repository, vec![Change::Add(triple("a", "p", "2"))]).expect("a commit");
    repository.delete_branch("try", None).expect("a branch less");
    let second = repository.mirror(&mirror).expect("a mirror");
    assert!(!second.contains_key("refs/heads/try"));
    assert!(bytes(&mirror) < whole + 4_000, "{} after {whole}", bytes(&mirror));
    let git = git2::Repository::open_bare(&mirror).expect("a repository");
    let head = git.find_reference("refs/heads/main").and_then(|main| main.peel_to_commit()).expect("main");
    assert_eq!(head.id().to_string(), second["refs/heads/main"]);

    // What a backup leaves that was killed while it wrote a pack.
    for left in ["pack_git2_d4e5f6", "tmp_pack_a1b2c3", "pack-1.pack", "pack-2.idx", "pack-3.idx.lock"] {
        std::fs::write(mirror.join("objects/pack").join(left), "half").expect("a file left behind");
    }
    let before = packs(&mirror).len();
    assert_eq!(repository.mirror(&mirror).expect("the same"), second);
    assert_eq!(packs(&mirror).len(), before - 5);
    if let Ok(checked) =
        Command::new("git").arg("-C").arg(&mirror).args(["fsck", "--full", "--strict"]).output()
    {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }

    // As it was at the first time, and as it is now.
    for (name, refs) in [("first", &first), ("second", &second)] {
        let made = copies.path().join(name);
        restore_mirror(&mirror, &packs(&mirror), refs, &made.join("thread.git")).expect("restored");
        assert_eq!(fsck::check(&made, Depth::Whole).expect("a check").damages, []);
        let made = Repository::open(&made, clock()).expect("the thread");
        assert_eq!(
            made.branches().expect("branches").len(),
            repository.branches().expect("branches").len() + usize::from(name == "first")
        );
        if name == "second" {
            assert_eq!(all(&made), all(&repository));
        }
    }
}
