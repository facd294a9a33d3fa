//! Checking and mending a thread at the terminal.

use super::program::{out, refused, throughline};
use super::world::PUMP;
use std::path::{Path, PathBuf};

fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("pump.ttl"), PUMP).expect("a file");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    folder
}

fn fsck(folder: &Path, more: &[&str]) -> std::process::Output {
    throughline(folder, &[&["fsck", "--data", "plant"], more].concat())
}

/// The loose objects of the thread.
fn objects(folder: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(folder.join("plant/thread.git/objects")).expect("objects").flatten();
    let shards = shards.filter(|shard| shard.file_name().len() == 2);
    shards
        .flat_map(|shard| std::fs::read_dir(shard.path()).expect("a shard").flatten())
        .map(|e| e.path())
        .collect()
}

#[test]
fn a_sound_thread_is_told_to_be_so() {
    let folder = plant();
    let told = out(&fsck(folder.path(), &[]));
    assert!(
        told.contains(" objects and the files of 3 commits read in ") && told.ends_with("all is well\n"),
        "{told}"
    );
    let digest =
        |told: &str| told.lines().find(|line| line.starts_with("index ")).expect("a digest").to_owned();
    assert!(digest(&told).len() == "index ".len() + 32, "{told}");
    assert_eq!(digest(&out(&fsck(folder.path(), &["--quick"]))), digest(&told));
    let reindexed = out(&throughline(folder.path(), &["reindex", "--data", "plant"]));
    assert!(reindexed.starts_with("the index is made anew from 3 commits in "), "{reindexed}");
    assert_eq!(digest(&out(&fsck(folder.path(), &[]))), digest(&told));
    for command in ["fsck", "reindex"] {
        let message = refused(&throughline(folder.path(), &[command, "--data", "nothing"]));
        assert!(message.contains("nothing holds no thread"), "{message}");
    }
}

#[test]
fn a_folder_in_use_is_not_checked() {
    let world = super::world::World::new();
    let folder = world.folder.path().to_str().expect("a path");
    for command in ["fsck", "reindex"] {
        let message = refused(&throughline(world.folder.path(), &[command, "--data", folder]));
        assert!(message.contains("is held by another process"), "{message}");
    }
}

#[test]
fn damage_to_git_is_found() {
    let folder = plant();
    // The last bytes of a loose object are its check sum and the end of its text.
    let victims = objects(folder.path());
    let sound: Vec<_> = victims.iter().map(|path| std::fs::read(path).expect("an object")).collect();
    let mut found = 0;
    for (path, sound) in victims.iter().zip(&sound).step_by(7) {
        let mut bytes = sound.clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 0xff;
        // Git's objects are not writable.
        std::fs::remove_file(path).expect("an object less");
        std::fs::write(path, bytes).expect("an object");
        let told = fsck(folder.path(), &[]);
        let name = format!(
            "{}{}",
            path.parent().and_then(Path::file_name).expect("a shard").display(),
            path.file_name().expect("a name").display()
        );
        let text = String::from_utf8(told.stdout.clone()).expect("text");
        assert!(told.status.code() == Some(1) && text.contains(&name), "{name}: {text}");
        std::fs::remove_file(path).expect("an object less");
        let told = fsck(folder.path(), &[]);
        let text = String::from_utf8(told.stdout).expect("text");
        assert!(
            told.status.code() == Some(1)
                && text.contains(&name)
                && text.contains("fetch the missing objects"),
            "{name}: {text}"
        );
        std::fs::write(path, sound).expect("an object");
        found += 1;
    }
    assert!(found > 3);
    out(&fsck(folder.path(), &[]));
}

#[test]
fn text_that_is_not_canonical_is_found() {
    let folder = plant();
    let git = |arguments: &[&str], input: Option<&str>| {
        use std::io::Write as _;
        let mut git = std::process::Command::new("git");
        git.arg("-C").arg(folder.path().join("plant/thread.git")).args(arguments);
        git.env("GIT_AUTHOR_NAME", "Ada").env("GIT_AUTHOR_EMAIL", "ada@example.org");
        git.env("GIT_COMMITTER_NAME", "Ada").env("GIT_COMMITTER_EMAIL", "ada@example.org");
        git.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut child = git.spawn().expect("git");
        child.stdin.take().expect("its input").write_all(input.unwrap_or("").as_bytes()).expect("written");
        let output = child.wait_with_output().expect("git");
        assert!(output.status.success());
        String::from_utf8(output.stdout).expect("text").trim().to_owned()
    };
    if std::process::Command::new("git").arg("--version").output().is_err() {
        println!("skipped: there is no git on this machine");
        return;
    }
    // Past every hook: a file that no thread holds, on main.
    let blob = git(&["hash-object", "-w", "--stdin"], Some("hello\n"));
    let tree = git(&["ls-tree", "main"], None);
    let tree = git(&["mktree"], Some(&format!("{tree}\n100644 blob {blob}\tnotes.txt\n")));
    let commit = git(&["commit-tree", &tree, "-p", "main", "-m", "By hand"], None);
    git(&["update-ref", "refs/heads/main", &commit], None);
    for depth in [&[][..], &["--quick"]] {
        let told = fsck(folder.path(), depth);
        let text = String::from_utf8(told.stdout.clone()).expect("text");
        assert!(
            text.contains(&format!("notes.txt in commit {commit}: a thread holds no such file")),
            "{text}"
        );
        assert!(refused(&told).contains("1 findings"));
    }
}
