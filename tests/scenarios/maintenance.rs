//! Checking and mending a thread at the terminal.

use super::program::{is_there, out, refused, throughline};
use super::world::PUMP;
use std::path::{Path, PathBuf};

fn plant() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("pump.ttl"), PUMP).expect("a file");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    folder
}

/// Checks the thread where nobody reads the output, and returns how that ends.
fn unread(folder: &Path) -> Option<i32> {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_throughline"));
    check.current_dir(folder).args(["fsck", "--data", "plant"]).stdout(writer);
    check.status().expect("the program").code()
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
fn a_sound_thread_is_reported_sound() {
    let folder = plant();
    let printed = out(&fsck(folder.path(), &[]));
    assert!(
        printed.contains(" objects and the files of 3 commits read in ")
            && printed.ends_with("all is well\n"),
        "{printed}"
    );
    let digest =
        |printed: &str| printed.lines().find(|line| line.starts_with("index ")).expect("a digest").to_owned();
    assert!(digest(&printed).len() == "index ".len() + 32, "{printed}");
    assert_eq!(digest(&out(&fsck(folder.path(), &["--quick"]))), digest(&printed));
    let reindexed = out(&throughline(folder.path(), &["reindex", "--data", "plant"]));
    assert!(reindexed.starts_with("the index is made anew from 3 commits in "), "{reindexed}");
    assert_eq!(digest(&out(&fsck(folder.path(), &[]))), digest(&printed));
    for command in ["fsck", "reindex"] {
        let message = refused(&throughline(folder.path(), &[command, "--data", "nothing"]));
        assert!(message.contains("nothing holds no thread"), "{message}");
    }
}

#[test]
fn only_git_is_checked_in_a_folder_in_use() {
    let world = super::world::World::new();
    let folder = world.folder.path().to_str().expect("a path");
    let checked = out(&throughline(world.folder.path(), &["fsck", "--data", folder]));
    let left_out = "another process has the folder open: index and telemetry were left out";
    assert!(checked.contains(left_out), "{checked}");
    let message = refused(&throughline(world.folder.path(), &["reindex", "--data", folder]));
    assert!(message.contains("is locked by another process"), "{message}");
}

#[test]
fn damage_to_git_is_found() {
    let folder = plant();
    // Each commit of few objects leaves them loose.
    for part in ["one", "two"] {
        let turtle = format!(
            "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> . <https://test.example/part/{part}> a tl:Part ; dcterms:identifier \"{part}\" ."
        );
        std::fs::write(folder.path().join(format!("{part}.ttl")), turtle).expect("a file");
        out(&throughline(folder.path(), &["import", "--data", "plant", &format!("{part}.ttl")]));
    }
    // The last bytes of a loose object are its check sum and the end of its text.
    let victims = objects(folder.path());
    let sound: Vec<_> = victims.iter().map(|path| std::fs::read(path).expect("an object")).collect();
    let mut found = 0;
    for (path, sound) in victims.iter().zip(&sound).step_by(4) {
        let mut bytes = sound.clone();
        let last = bytes.len() - 1;
        bytes[last] ^= 0xff;
        // Git's objects are not writable.
        std::fs::remove_file(path).expect("an object less");
        std::fs::write(path, bytes).expect("an object");
        let printed = fsck(folder.path(), &[]);
        let name = format!(
            "{}{}",
            path.parent().and_then(Path::file_name).expect("a shard").display(),
            path.file_name().expect("a name").display()
        );
        let text = String::from_utf8(printed.stdout.clone()).expect("text");
        assert!(printed.status.code() == Some(1) && text.contains(&name), "{name}: {text}");
        std::fs::remove_file(path).expect("an object less");
        let printed = fsck(folder.path(), &[]);
        let text = String::from_utf8(printed.stdout).expect("text");
        assert!(
            printed.status.code() == Some(1)
                && text.contains(&name)
                && text.contains("bring it back from a clone"),
            "{name}: {text}"
        );
        std::fs::write(path, sound).expect("an object");
        found += 1;
    }
    assert!(found > 3);
    out(&fsck(folder.path(), &[]));
}

#[test]
fn what_is_damaged_comes_back_as_advised() {
    let folder = plant();
    let Some(sh) = shell(folder.path()) else { return };
    sh("git clone -q --mirror thread.git clone.git");
    let victims = objects(folder.path());
    for (index, path) in victims.iter().enumerate().step_by(9) {
        std::fs::remove_file(path).expect("an object less");
        if index % 2 == 0 {
            std::fs::write(path, b"garbled").expect("an object");
        }
        let text = String::from_utf8(fsck(folder.path(), &[]).stdout).expect("text");
        let rest = path.file_name().expect("a name").to_str().expect("text");
        sh(&way_back(
            text.lines()
                .collect::<Vec<_>>()
                .windows(2)
                .find(|lines| lines[0].contains(rest))
                .expect("a finding"),
        ));
        let after = fsck(folder.path(), &[]);
        assert!(after.status.success(), "{} after {text}", String::from_utf8_lossy(&after.stdout));
    }
}

/// Runs scripts in the thread's folder; `None` where there is no git.
fn shell(folder: &Path) -> Option<impl Fn(&str)> {
    let folder = folder.join("plant");
    is_there("git", &["--version"]).then_some(move |script: &str| {
        let done = std::process::Command::new("sh").current_dir(&folder).args(["-c", script]).output();
        let done = done.expect("a shell");
        assert!(done.status.success(), "{script}: {}", String::from_utf8_lossy(&done.stderr));
    })
}

/// Returns the script by which an object is brought back from a clone, as a finding and the advice below it describe.
fn way_back(lines: &[&str]) -> String {
    let [found, advice] = lines else { panic!("a finding and its advice, not {lines:?}") };
    let words: Vec<_> = found.split([' ', ',', ':']).collect();
    let kind = if found.starts_with("refs/") { "commit" } else { words[0] };
    let is_id = |word: &&&str| word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = words.iter().find(is_id).expect("an id");
    let script = advice.split("check again: ").nth(1).expect("a script");
    let script = script.replace("XXREST", id).replace("XX/REST", &format!("{}/{}", &id[..2], &id[2..]));
    script.replace("KIND", kind).replace("CLONE", "clone.git")
}

#[test]
fn a_damaged_pack_comes_back_as_advised() {
    let folder = plant();
    let Some(sh) = shell(folder.path()) else { return };
    let parts: String =
        (0..300).map(|n| format!("<part/{n}> a tl:Part ; dcterms:identifier \"{n}\" .\n")).collect();
    let prefixes =
        "@prefix tl: <https://w3id.org/throughline#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n";
    std::fs::write(folder.path().join("parts.ttl"), format!("{prefixes}{parts}")).expect("a file");
    out(&throughline(folder.path(), &["import", "--data", "plant", "parts.ttl"]));
    sh("git clone -q --mirror --no-hardlinks thread.git clone.git");
    let files =
        std::fs::read_dir(folder.path().join("plant/thread.git/objects/pack")).expect("packs").flatten();
    let packs = files.map(|file| file.path()).filter(|path| path.extension().is_some_and(|of| of == "pack"));
    let size = |path: &PathBuf| std::fs::metadata(path).map(|file| file.len()).unwrap_or_default();
    let pack = packs.max_by_key(size).expect("a pack");
    let mut bytes = std::fs::read(&pack).expect("the pack");
    let middle = bytes.len() / 2;
    bytes[middle..middle + 8].fill(0x5a);
    std::fs::remove_file(&pack).expect("a pack less");
    std::fs::write(&pack, bytes).expect("the pack");

    let printed = || String::from_utf8(fsck(folder.path(), &[]).stdout).expect("text");
    let found = printed();
    let advice = found.lines().nth(1).expect("advice").split("still missing: ").nth(1).expect("a script");
    // What is garbled is left out, which plain Git reports by its exit code.
    sh(&format!("({}); true", advice.replace("ASIDE", "aside")));
    // The damage inside a missing folder is reported once it is back.
    let mut brought = 0;
    for _ in 0..8 {
        let found = printed();
        let lines: Vec<_> = found.lines().collect();
        let missing = lines.windows(2).filter(|lines| lines[1].contains("bring it back from a clone"));
        brought += missing.map(|printed| sh(&way_back(printed))).count();
    }
    assert!(brought > 0);
    let after = fsck(folder.path(), &[]);
    assert!(after.status.success(), "{}", String::from_utf8_lossy(&after.stdout));
}

#[test]
fn telemetry_is_checked_and_salvaged() {
    let folder = plant();
    let csv = "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n2024-01-01T01:00:00Z,P-1,21\n";
    std::fs::write(folder.path().join("temp.csv"), csv).expect("a file");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    out(&run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"]));
    let printed = out(&fsck(folder.path(), &[]));
    assert!(printed.contains("1 part and 0 logged batches of telemetry read\n"), "{printed}");
    let part = folder.path().join("plant/telemetry/part-00000000000000000001.tlp");
    std::fs::remove_file(&part).expect("a part less");
    let text = r#"{ thread { twinInstance(id: "unit/P-1") {
        fieldUsage(property: "temperature", window: { from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z" }) { sampleCount }
    } } }"#;
    std::fs::write(folder.path().join("q.graphql"), text).expect("a file");
    let query = ["query", "--data", "plant", "q.graphql"];
    let answer = run(&query);
    let refusal = String::from_utf8([answer.stdout, answer.stderr].concat()).expect("text");
    assert!(
        answer.status.code() == Some(1) && refusal.contains("part-00000000000000000001.tlp"),
        "{refusal}"
    );
    let printed = fsck(folder.path(), &[]);
    assert!(refused(&printed).contains("1 damage"));
    let printed = String::from_utf8(printed.stdout).expect("text");
    assert!(printed.contains("it is missing\n    put the telemetry folder back from a backup"), "{printed}");
    assert_eq!(unread(folder.path()), Some(1), "a damage is one, though nobody reads of it");
    let printed = out(&fsck(folder.path(), &["--salvage-telemetry"]));
    assert!(printed.contains("let go: ") && printed.ends_with("all is well\n"), "{printed}");
    out(&fsck(folder.path(), &[]));
    out(&run(&query));
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
    if !is_there("git", &["--version"]) {
        return;
    }
    // Past every hook: a file that no thread holds, on main.
    let blob = git(&["hash-object", "-w", "--stdin"], Some("hello\n"));
    let tree = git(&["ls-tree", "main"], None);
    let tree = git(&["mktree"], Some(&format!("{tree}\n100644 blob {blob}\tnotes.txt\n")));
    let commit = git(&["commit-tree", &tree, "-p", "main", "-m", "By hand"], None);
    git(&["update-ref", "refs/heads/main", &commit], None);
    for depth in [&[][..], &["--quick"]] {
        let printed = fsck(folder.path(), depth);
        let text = String::from_utf8(printed.stdout.clone()).expect("text");
        assert!(
            text.contains(&format!("notes.txt in commit {commit}: a thread holds no such file")),
            "{text}"
        );
        assert!(refused(&printed).contains("1 damage"));
    }
}

/// A thread that an earlier program wrote goes on as it is until the command lays its files out anew.
#[test]
fn a_thread_of_an_earlier_format_is_migrated_by_the_command() {
    if !is_there("git", &["--version"]) {
        return;
    }
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/repositories/format-2.bundle");
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").current_dir(folder).args(arguments).output();
        out(&output.expect("git"))
    };
    let bundle = bundle.to_str().expect("a path");
    std::fs::create_dir(folder.join("plant")).expect("a folder");
    git(&["clone", "--quiet", "--mirror", bundle, "plant/thread.git"]);
    let run = |command: &str, more: &[&str]| {
        out(&throughline(folder, &[&[command, "--data", "plant"], more].concat()))
    };
    let paths = || git(&["-C", "plant/thread.git", "ls-tree", "-r", "--name-only", "main"]);
    let (export, log, before) = (run("export", &[]), run("log", &[]), paths());
    assert!(before.contains("plant.example+/c/05/REQ-1.ttl"), "{before}");
    let printed = run("migrate", &[]);
    let branches: Vec<&str> = printed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(branches, ["import/plant", "main"], "{printed}");
    assert!(printed.lines().all(|line| line.ends_with(": 10 documents laid out anew")), "{printed}");
    let after = paths();
    assert!(!after.contains("plant.example+/c/05/"), "{after}");
    assert_eq!(run("export", &[]), export, "no statement changed");
    assert!(run("log", &[]).ends_with(&log), "the history is as it was, below the commit of the migration");
    assert_eq!(run("migrate", &[]), "every branch is of the newest format\n");
    assert!(run("fsck", &[]).ends_with("all is well\n"));
    let note = "<https://plant.example/REQ-1> <https://plant.example/note> \"Ask Ada\" .\n";
    std::fs::write(folder.join("note.nt"), note).expect("a file");
    assert!(run("import", &["note.nt"]).contains(" on main: "), "work goes on");
}
