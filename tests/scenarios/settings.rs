//! The one file of settings, at the terminal.

use super::program::{out, refused};
use std::path::Path;
use std::process::{Command, Output};

/// Runs the program with variables of the environment.
fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder).args(arguments).envs(variables.iter().copied()).output().expect("the program")
}

#[test]
fn settings_are_checked_shown_and_overridden() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let config = |variables: &[(&str, &str)], arguments: &[&str]| {
        run(folder.path(), variables, &[&["config"], arguments, &["--data", "plant"]].concat())
    };
    out(&run(folder.path(), &[], &["init", "plant"]));
    assert!(out(&config(&[], &["check"])).starts_with("ok: there is no plant/throughline.toml; 0 of "));
    write("plant/throughline.toml", "[server]\nseconds = 5\n");
    assert!(out(&config(&[], &["check"])).starts_with("ok: plant/throughline.toml; 1 of "));
    let shown = out(&config(&[("THROUGHLINE_IMPORT__MEGABYTES", "9")], &["show"]));
    let has = |key: &str, origin: &str| {
        shown.lines().any(|line| line.starts_with(key) && line.ends_with(&format!("# {origin}")))
    };
    assert!(has("seconds = 5 ", "plant/throughline.toml:2"), "{shown}");
    assert!(has("megabytes = 9 ", "THROUGHLINE_IMPORT__MEGABYTES"), "{shown}");
    assert!(has("stopSeconds = 10 ", "default"), "{shown}");
    // What is shown can be read again, and means the same.
    write("shown.toml", &shown);
    let again =
        out(&run(folder.path(), &[], &["config", "show", "--data", "plant", "--config", "shown.toml"]));
    let values =
        |text: &str| text.lines().map(|line| line.split(" #").next().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(values(&again), values(&shown));
    let line = out(&config(&[], &["show", "--json"]));
    let first: serde_json::Value = serde_json::from_str(line.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["variable"], "THROUGHLINE_ENOUGH__HOURS");

    write("other.toml", "[sever]\nseconds = 5\n");
    let other = ["log", "--data", "plant", "--config", "other.toml"];
    let message = refused(&run(folder.path(), &[], &other));
    assert!(
        message.contains(
            "other.toml: line 1, column 2: \"sever\" is no setting of throughline.toml; did you mean server?"
        ),
        "{message}"
    );
    let message =
        refused(&run(folder.path(), &[("THROUGHLINE_SERVER__SECS", "1")], &["log", "--data", "plant"]));
    assert!(message.contains("THROUGHLINE_SERVER__SECS: this variable is no setting"), "{message}");
    let missing = ["config", "check", "--data", "plant", "--config", "none.toml"];
    assert!(refused(&run(folder.path(), &[], &missing)).contains("none.toml: there is no such file"));
}

#[test]
fn files_of_an_earlier_version_become_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = |word: &str| run(folder.path(), &[], &["config", word, "--data", "plant"]);
    out(&run(folder.path(), &[], &["init", "plant"]));
    let plant = folder.path().join("plant");
    let write = |name: &str, text: &str| std::fs::write(plant.join(name), text).expect("a file");
    write("settings.toml", "[server]\nseconds = 5 # quick\n");
    write("telemetry/settings.toml", "series_max = 7\n[[retention]]\nkeep = 'P90D'\n");
    write("monitors.toml", "every = 'PT6H'\n[[monitor]]\nname = 'a'\nwindow = 'P1D'\n");
    let before = out(&config("show"));
    assert!(
        String::from_utf8_lossy(&config("check").stderr).contains("throughline config migrate makes one")
    );
    assert!(out(&config("migrate")).contains("plant/throughline.toml has all settings"));
    let after = out(&config("show"));
    let values =
        |text: &str| text.lines().map(|line| line.split(" #").next().map(str::to_owned)).collect::<Vec<_>>();
    assert_eq!(values(&after), values(&before));
    assert!(after.contains("throughline.toml:"), "{after}");
    assert!(plant.join("settings.toml.migrated").exists() && !plant.join("monitors.toml").exists());
    assert_eq!(out(&config("migrate")), "there are no files of an earlier version\n");
    // One that comes back, as from a backup of the folder by hand, is not without effect.
    write("monitors.toml", "every = 'PT6H'\n");
    let message = refused(&config("check"));
    assert!(
        message.contains("plant/monitors.toml: this file of an earlier version is not read beside"),
        "{message}"
    );
}
