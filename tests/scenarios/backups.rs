//! Backups of a thread that goes on, and threads made from them.

use super::access::{bearer, new, token};
use super::program::{is_there, out, refused, throughline};
use super::world::{PUMP, World, clock, request};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use throughline::app::access::{Credentials, NewToken, Role, Tokens};
use throughline::app::{App, restore};
use throughline::model::statement::Statement;
use throughline::model::statement::change::Change;
use throughline::model::time::clock::{Clock as _, SystemClock};
use throughline::telemetry::Precision;

fn note(world: &World, number: usize) {
    let iri =
        |local: &str| oxigraph::model::NamedNode::new_unchecked(format!("{}{local}", super::world::BASE));
    let text = oxigraph::model::Literal::from(format!("note {number}").as_str());
    let change = Change::Add(Statement::new(iri(&format!("note/{number}")), iri("text"), text));
    world.app.commit("main", vec![change]).expect("a commit");
}

fn sample(world: &World, number: usize) {
    let line = format!("pump,twin=P-1 temp={number} {}", 1_700_000_000 + number);
    world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("stored");
}

/// The statements of main, and how much is known of telemetry.
fn known(app: &App, version: &str, watermark: &str) -> (Vec<String>, usize) {
    let snapshot = app.snapshot(version).expect("a version");
    let statements = snapshot.matching(None, None, None).expect("statements");
    let view = app.view(Some(watermark)).expect("a watermark");
    let (statements, series) = (statements.iter().map(ToString::to_string), view.all_series());
    let window = throughline::model::time::interval::Interval::new(
        "2023-01-01T00:00:00Z".parse().expect("an instant"),
        "2024-01-01T00:00:00Z".parse().expect("an instant"),
    )
    .expect("a window");
    let count =
        series.iter().map(|series| view.samples(series.id, window, usize::MAX).expect("samples").len());
    (statements.collect(), count.sum())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files
}

fn copy(from: &Path, to: &Path) {
    for path in files(from) {
        let to = to.join(path.strip_prefix(from).expect("below"));
        std::fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        std::fs::copy(path, to).expect("a copy");
    }
}

#[test]
fn a_backup_of_a_busy_thread_answers_the_same() {
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    sample(&world, 0);
    world.app.tag("v1", "main", "v1").expect("a tag");
    std::fs::write(world.folder.path().join("settings.toml"), "[enough]\nhours = 3\n").expect("settings");
    let copies = tempfile::tempdir().expect("a folder");
    let backup = copies.path().join("backup");
    let done = AtomicBool::new(false);
    let made = std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in (1..).take_while(|_| !done.load(Ordering::Relaxed)) {
                note(&world, number);
                sample(&world, number);
            }
        });
        let made: Vec<_> = (0..3).map(|_| world.app.backup(&backup).expect("a backup")).collect();
        done.store(true, Ordering::Relaxed);
        made
    });
    assert_eq!(made.iter().map(|made| made.number).collect::<Vec<_>>(), [1, 2, 3]);
    let last = &made[2];
    let folder = copies.path().join("restored");
    let restored = restore(&backup, &folder, clock()).expect("restored");
    assert_eq!((&restored.commit, &restored.watermark), (&last.commit, &last.watermark));
    let app = App::open(&folder, clock()).expect("the thread");
    for version in ["v1", &made[0].commit, &last.commit] {
        assert_eq!(known(&app, version, &last.watermark), known(&world.app, version, &last.watermark));
    }
    assert_eq!(app.snapshot("main").expect("main").commit().id.to_string(), last.commit);
    assert!((app.settings().sufficiency.hours_min - 3.0).abs() < f64::EPSILON);
    // The copy goes on by itself.
    let copy = World::of(tempfile::tempdir().expect("a folder"), app);
    note(&copy, 1_000_000);
    sample(&copy, 1_000_000);
}

/// A copy whose tokens were lost would let everybody in.
#[test]
fn a_restored_thread_lets_in_whom_the_thread_let_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new();
    let new = NewToken {
        name: "ada".to_owned(),
        email: None,
        role: Role::Reader,
        twins: None,
        act_as: false,
        expires: None,
    };
    let tokens = Tokens::of(world.folder.path());
    let token = tokens.create(&new, &[7; 38], clock().now()).expect("a token").1;
    let copies = tempfile::tempdir().expect("a folder");
    let (backup, folder) = (copies.path().join("backup"), copies.path().join("restored"));
    world.app.backup(&backup).expect("a backup");
    restore(&backup, &folder, clock()).expect("restored");
    let mode = |path: &Path| std::fs::metadata(path).expect("tokens").permissions().mode() & 0o777;
    assert_eq!((mode(&folder.join("tokens.json")), mode(&backup.join("1/tokens.json"))), (0o600, 0o600));
    let app = App::open(&folder, clock()).expect("the thread");
    let peer = std::net::IpAddr::from([127, 0, 0, 1]);
    let authenticate = |token| app.access().authenticate(Credentials { token, user: None, peer });
    assert_eq!(authenticate(Some(&token)).map(|principal| principal.role), Ok(Role::Reader));
    assert!(authenticate(None).is_err());
}

#[test]
fn a_backup_that_was_stopped_leaves_the_last_one_whole() {
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    sample(&world, 0);
    let copies = tempfile::tempdir().expect("a folder");
    let (backup, kept) = (copies.path().join("backup"), copies.path().join("kept"));
    let first = world.app.backup(&backup).expect("a backup");
    copy(&backup, &kept);
    note(&world, 1);
    sample(&world, 1);
    let second = world.app.backup(&backup).expect("a backup");
    assert!(second.added_bytes > 0 && second.added_bytes < 4_000, "{} bytes", second.added_bytes);
    // As it stood before the manifest took the place of the last one.
    std::fs::copy(kept.join("backup.manifest"), backup.join("backup.manifest")).expect("the manifest");
    copy(&kept.join("1"), &backup.join("1"));
    std::fs::write(backup.join("backup.manifest.begun"), "half").expect("a file");
    let restored = restore(&backup, &copies.path().join("restored"), clock()).expect("restored");
    assert_eq!((&restored.commit, &restored.watermark), (&first.commit, &first.watermark));
    let again = world.app.backup(&backup).expect("a backup");
    assert_eq!((again.number, &again.commit), (2, &second.commit));
    assert_eq!(
        restore(&backup, &copies.path().join("again"), clock()).expect("restored").commit,
        second.commit
    );
}

#[test]
fn a_flipped_bit_in_a_backup_is_not_restored() {
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    sample(&world, 0);
    world.app.seal().expect("sealed");
    sample(&world, 1);
    std::fs::write(world.folder.path().join("settings.toml"), "[enough]\nhours = 3\n").expect("settings");
    let copies = tempfile::tempdir().expect("a folder");
    let backup = copies.path().join("backup");
    world.app.backup(&backup).expect("a backup");
    let restored = copies.path().join("restored");
    let needed = |path: &PathBuf| {
        let name = path.to_string_lossy().into_owned();
        name.ends_with(".manifest")
            || name.contains("/1/")
            || name.ends_with(".pack")
            || name.ends_with(".idx")
    };
    let needed: Vec<_> = files(&backup).into_iter().filter(needed).collect();
    assert!(needed.len() > 8, "{needed:?}");
    for (number, path) in needed.iter().enumerate() {
        let sound = std::fs::read(path).expect("a file");
        if sound.is_empty() {
            continue;
        }
        let mut damaged = sound.clone();
        damaged[number * 31 % sound.len()] ^= 1 << (number % 8);
        // A part is a link to that of the thread.
        let put = |bytes: &[u8]| {
            std::fs::remove_file(path).and_then(|()| std::fs::write(path, bytes)).expect("a file");
        };
        put(&damaged);
        let error = restore(&backup, &restored, clock()).expect_err("a flipped bit").to_string();
        assert!(error.contains(backup.to_str().expect("a path")), "{}: {error}", path.display());
        assert!(!restored.exists(), "{}", path.display());
        put(&sound);
    }
    restore(&backup, &restored, clock()).expect("as it was");
    let again = restore(&backup, &restored, clock()).expect_err("it is there").to_string();
    assert!(again.contains("name a new folder"), "{again}");
}

#[test]
fn a_backup_of_damaged_telemetry_takes_the_place_of_none() {
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    (0..50).for_each(|hour| sample(&world, hour));
    world.app.seal().expect("sealed");
    let copies = tempfile::tempdir().expect("a folder");
    let backup = copies.path().join("backup");
    let first = world.app.backup(&backup).expect("a backup");
    let is_part = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "tlp");
    let part = files(&world.folder.path().join("telemetry")).into_iter().find(is_part).expect("a part");
    let mut bytes = std::fs::read(&part).expect("the part");
    bytes[60] ^= 1;
    // The backup has a link to the file as it was.
    std::fs::remove_file(&part).and_then(|()| std::fs::write(&part, bytes)).expect("another file");
    let error = world.app.backup(&backup).expect_err("a damaged part").to_string();
    assert!(error.contains("the last backup is kept") && error.contains("part-"), "{error}");
    let restored = restore(&backup, &copies.path().join("restored"), clock()).expect("the last backup");
    assert_eq!(restored.watermark, first.watermark);
}

#[test]
fn a_restore_that_was_stopped_is_made_again() {
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    let copies = tempfile::tempdir().expect("a folder");
    let (backup, restored) = (copies.path().join("backup"), copies.path().join("to/restored"));
    let made = world.app.backup(&backup).expect("a backup");
    let begun = copies.path().join("to/restored.restoring");
    std::fs::create_dir_all(begun.join("telemetry")).expect("a folder");
    std::fs::write(begun.join("letter.txt"), "dear").expect("a file");
    let refused = restore(&backup, &restored, clock()).expect_err("a letter").to_string();
    assert!(refused.contains("letter.txt") && begun.join("letter.txt").exists(), "{refused}");
    std::fs::remove_file(begun.join("letter.txt")).expect("a file less");
    // Another one that is under way.
    let running = std::fs::File::open(&begun).expect("the folder");
    running.lock().expect("a lock");
    let refused = restore(&backup, &restored, clock()).expect_err("one runs").to_string();
    assert!(refused.contains("is under way"), "{refused}");
    // A program that another test starts at this moment may hold the file open for a moment longer.
    running.unlock().expect("unlocked");
    assert_eq!(restore(&backup, &restored, clock()).expect("restored").commit, made.commit);
    assert!(!begun.exists());
}

#[test]
fn a_folder_of_something_else_takes_no_backup() {
    let world = World::new();
    let own = world.folder.path();
    let copies = tempfile::tempdir().expect("a folder");
    std::fs::write(copies.path().join("letter.txt"), "dear").expect("a file");
    let check = |folder: &Path, expect: &str| {
        let error = world.app.backup(folder).expect_err(expect).to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(copies.path(), "letter.txt");
    std::fs::remove_file(copies.path().join("letter.txt")).expect("a file less");
    std::fs::create_dir_all(copies.path().join("2025")).expect("a folder");
    std::fs::write(copies.path().join("2025/letter.txt"), "dear").expect("a file");
    check(copies.path(), "2025");
    assert!(copies.path().join("2025/letter.txt").exists());
    check(&own.join("backup"), "beside its thread");
    assert!(world.app.snapshot("main").is_ok());
}

#[test]
fn a_thread_is_backed_up_while_it_is_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    let first = out(&run(&["backup", "--data", "plant", "closed"]));
    assert!(first.contains("backup 1"), "{first}");
    let app = App::open(&folder.path().join("plant"), Arc::new(SystemClock::default())).expect("the thread");
    let refusal = refused(&run(&["backup", "--data", "plant", "open"]));
    assert!(refusal.contains("no service answers"), "{refusal}");
    let world = World::of(tempfile::tempdir().expect("a folder"), app);
    world.import("cad", PUMP).expect("an import");
    let served = world.served(|_| {
        let printed = out(&run(&["backup", "--data", "plant", "served"]));
        let again = out(&run(&["backup", "--data", "plant", "served"]));
        let inside = refused(&run(&["backup", "--data", "plant", "plant/inside"]));
        assert!(again.contains("backup 2") && inside.contains("beside its thread"), "{again}{inside}");
        let reindexed = out(&run(&["reindex", "--data", "plant"]));
        assert!(reindexed.starts_with("the index is made anew from "), "{reindexed}");
        world.app.create_branch("try", "main").expect("a branch");
        world.app.delete_branch("try", None).expect("a branch less");
        let maintained = out(&run(&["maintain", "--data", "plant", "--prune"]));
        assert!(maintained.contains("0 objects that no ref reaches removed"), "{maintained}");
        printed
    });
    let head = world.app.snapshot("main").expect("main").commit().id.to_string();
    assert!(served.contains(&head), "{served}");
    let restored = out(&run(&["restore", "served", "copy"]));
    assert!(restored.contains(&head) && restored.contains("all is well"), "{restored}");
    let log = out(&run(&["log", "--data", "copy"]));
    assert!(log.contains(&head), "{log}");
    let data: Value = world.data("{ thread { commit { id } } }", json!({}));
    assert_eq!(data["thread"]["commit"]["id"], json!(head));
}

/// Files that are what was backed up are not yet a thread: what a restore made is checked as `fsck` does before it gets its name.
#[test]
fn a_backup_whose_content_is_wrong_is_not_restored() {
    if !is_there("git", &["--version"]) {
        return;
    }
    let world = World::new();
    world.import("cad", PUMP).expect("an import");
    let copies = tempfile::tempdir().expect("a folder");
    let (backup, restored) = (copies.path().join("backup"), copies.path().join("restored"));
    let main = world.app.backup(&backup).expect("a backup").commit;
    // A file on main that no thread holds, in a pack of its own with a digest that fits.
    let mirror = backup.join("thread.git");
    let git = |script: &str| {
        let mut shell = std::process::Command::new("sh");
        for who in ["AUTHOR", "COMMITTER"] {
            shell.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.org");
        }
        out(&shell.current_dir(&mirror).args(["-ec", script]).output().expect("a shell")).trim().to_owned()
    };
    let commit = git("blob=$(echo hello | git hash-object -w --stdin)
        tree=$( (git ls-tree refs/heads/main; printf '100644 blob %s\\tnotes.txt\\n' $blob) | git mktree)
        commit=$(git commit-tree $tree -p refs/heads/main -m 'By hand')
        printf '%s\\n' $blob $tree $commit | git pack-objects -q objects/pack/pack > pack
        echo $commit");
    let pack = git("cat pack");
    let manifest = backup.join("backup.manifest");
    let text = std::fs::read_to_string(&manifest).expect("the manifest");
    let (_, json) = text.split_once('\n').expect("a digest and JSON");
    let mut json: Value = serde_json::from_str(&json.replace(&main, &commit)).expect("JSON");
    let digest =
        |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    for kind in ["pack", "idx"] {
        let name = format!("thread.git/objects/pack/pack-{pack}.{kind}");
        let bytes = std::fs::read(backup.join(&name)).expect("the pack");
        json["files"][name] = json!({ "bytes": bytes.len(), "sha256": digest(&bytes) });
    }
    let put = |json: &str| {
        std::fs::write(&manifest, format!("{}\n{json}", digest(json.as_bytes()))).expect("the manifest");
    };
    put(&json.to_string());
    let error = restore(&backup, &restored, clock()).expect_err("no thread holds that file").to_string();
    assert!(error.contains("notes.txt") && error.contains("a thread holds no such file"), "{error}");
    let left: Vec<_> = std::fs::read_dir(copies.path()).expect("a folder").flatten().collect();
    assert_eq!(left.len(), 1, "nothing is left of it: {left:?}");
    // The same backup without that commit is restored, so that it was refused for this alone.
    put(&json.to_string().replace(&commit, &main));
    assert_eq!(restore(&backup, &restored, clock()).expect("restored").commit, main);
}

/// A backup of a thread that lacks a part of its telemetry holds all else, and takes the place of none that has the part.
#[test]
fn a_backup_without_a_missing_part_is_marked_incomplete() {
    let place = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(place.path(), arguments);
    out(&run(&["init", "plant"]));
    for (unit, value) in [("P-1", 20), ("P-2", 30)] {
        let csv = format!("t,unit,temp\n2024-01-01T00:00:00Z,{unit},{value}\n");
        std::fs::write(place.path().join("temp.csv"), csv).expect("a file");
        out(&run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"]));
    }
    out(&run(&["backup", "--data", "plant", "whole"]));
    let part = place.path().join("plant/telemetry/part-00000000000000000001.tlp");
    std::fs::remove_file(part).expect("a part less");
    let kept = refused(&run(&["backup", "--data", "plant", "whole"]));
    assert!(kept.contains("part-00000000000000000001.tlp") && kept.contains("is kept"), "{kept}");
    for arguments in [&["backup", "--data", "plant", "less"][..], &["restore", "less", "again"]] {
        let output = run(arguments);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{arguments:?}: {printed}");
        assert!(
            printed.contains(
                "incomplete: the thread lacks 1 part of its telemetry: part-00000000000000000001.tlp"
            ),
            "{printed}"
        );
    }
    out(&run(&["restore", "whole", "old"]));
    let clock = || Arc::new(SystemClock::default());
    let window = throughline::model::time::interval::Interval::ALWAYS;
    let read = |thread: &str| {
        let app = App::open(&place.path().join(thread), clock()).expect("a thread");
        let view = app.view(None).expect("a view");
        let of = |twin: &str| {
            view.samples(view.series_of(twin)[0].id, window, 10).map(|samples| samples.len()).ok()
        };
        (of("P-1"), of("P-2"))
    };
    assert_eq!(read("again"), (None, Some(1)));
    assert_eq!(read("old"), (Some(1), Some(1)));
}

#[test]
fn a_backup_is_made_and_downloaded_over_the_network() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    sample(&world, 7);
    let operator = token(&world, 1, &new("officer", Role::Operator));
    let approver = token(&world, 2, &new("Grace", Role::Approver));
    let folder = tempfile::tempdir().expect("a folder");
    let watermark = world.app.telemetry().now().watermark().to_string();
    let digest = |app: &App| {
        let commits = app.repository().commit_count().expect("commits");
        (known(app, "main", &watermark), commits)
    };
    let expect = digest(&world.app);
    let jobs = world.served(|address| {
        let run = |token: &str, arguments: &[&str]| {
            let url = format!("http://{address}");
            throughline(folder.path(), &[&["backup", "--url", &url, "--token", token], arguments].concat())
        };
        assert!(refused(&run(&approver, &["plant.tar"])).contains("has the role approver"));
        let printed = out(&run(&operator, &["plant.tar"]));
        assert!(printed.starts_with("main at ") && printed.contains("plant.tar"), "{printed}");
        assert!(refused(&run(&operator, &["plant.tar"])).contains("is there already"));
        out(&run(&operator, &["next.tar"]));
        let authorization = bearer(&operator);
        let get = |path: &str| request(address, "GET", path, &[("authorization", &authorization)], b"");
        let jobs = get("/jobs").json()["jobs"].clone();
        assert_eq!((&jobs[0]["kind"], &jobs[0]["state"]), (&json!("BACKUP"), &json!("DONE")), "{jobs}");
        assert!(jobs[0]["progress"]["files"].as_u64().is_some_and(|files| files > 3), "{jobs}");
        let path = |number: usize| format!("/jobs/{}/backup", jobs[number]["id"].as_str().expect("an id"));
        // The next backup takes the place of the one before.
        assert_eq!(get(&path(1)).status, 404);
        let denied = request(address, "GET", &path(0), &[("authorization", &bearer(&approver))], b"");
        assert_eq!(denied.status, 403);
        let log = get("/audit?after=0").body;
        assert!(log.contains("download the backup of job ") && log.contains("\"backup of job "), "{log}");
        jobs
    });
    assert_eq!(jobs.as_array().map(Vec::len), Some(2));
    // The archive is private, is a folder of a backup, and makes the same thread.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(folder.path().join("plant.tar")).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let restored = out(&throughline(folder.path(), &["restore", "plant.tar", "plant"]));
    assert!(restored.contains("all is well"), "{restored}");
    let app = App::open(&folder.path().join("plant"), clock()).expect("the thread");
    assert_eq!(digest(&app), expect);
    drop(app);
    let mut cut = std::fs::read(folder.path().join("plant.tar")).expect("the file");
    cut.truncate(cut.len() / 2);
    std::fs::write(folder.path().join("cut.tar"), cut).expect("a file");
    refused(&throughline(folder.path(), &["restore", "cut.tar", "cut"]));
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("entries").flatten().map(|e| e.file_name()).collect();
    assert!(
        left.iter().all(|name| !name.to_string_lossy().starts_with("cut.") || name == "cut.tar"),
        "{left:?}"
    );
    assert!(!folder.path().join("cut").exists() && !folder.path().join("plant.tar.part").exists());
}
