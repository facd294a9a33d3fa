//! The clients of `clients/`, built and run against a service with the demo's thread; and Apollo Client's cache, which must never mix two
//! versions or two watermarks.

use super::demo::story;
use super::program::is_there;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs a program to its end; returns what it printed, or fails with it.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}:\n{printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// Copies files to where they are built, beside the packages of earlier runs.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder of the client") {
        let entry = entry.expect("an entry");
        let (name, path) = (entry.file_name(), entry.path());
        if path.is_dir() && !matches!(name.to_str(), Some("node_modules" | "dist")) {
            copy(&path, &to.join(name));
        } else if path.is_file() {
            std::fs::copy(&path, to.join(name)).expect("a copied file");
        }
    }
}

/// Installs the packages of the lock file and builds the TypeScript client; returns its folder.
fn typescript() -> PathBuf {
    let top = Path::new(env!("CARGO_TARGET_TMPDIR")).join("throughline-clients");
    let folder = top.join("clients/typescript");
    let source = Path::new(ROOT).join("clients/typescript");
    let lock = |folder: &Path| std::fs::read(folder.join("package-lock.json")).unwrap_or_default();
    let is_installed =
        folder.join("node_modules/.package-lock.json").exists() && lock(&folder) == lock(&source);
    copy(&source, &folder);
    std::fs::copy(Path::new(ROOT).join("schema.graphql"), top.join("schema.graphql")).expect("the schema");
    if !is_installed {
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder));
    }
    run(Command::new("npm").args(["run", "generate"]).current_dir(&folder));
    run(Command::new("npm").args(["run", "build"]).current_dir(&folder));
    let generated = |folder: &Path| std::fs::read_to_string(folder.join("src/generated.ts")).expect("a file");
    assert_eq!(generated(&folder), generated(&source), "run `npm run generate` in clients/typescript");
    folder
}

#[test]
fn the_typescript_client_and_apollos_cache() {
    if !is_there("node", &["--version"]) || !is_there("npm", &["--version"]) {
        return;
    }
    let folder = typescript();
    let printed = story().world.served(|address| {
        let mut tests = Command::new("npm");
        tests.arg("test").current_dir(&folder).env("THROUGHLINE_URL", format!("http://{address}"));
        run(tests.env("THROUGHLINE_BEFORE", &story().before))
    });
    assert!(printed.contains("# fail 0") && printed.contains("# skipped 0"), "{printed}");
}

#[test]
fn the_python_example() {
    let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !is_there(&python, &["--version"]) {
        return;
    }
    let example = Path::new(ROOT).join("clients/python/example.py");
    let printed = story().world.served(|address| {
        run(Command::new(&python)
            .arg(&example)
            .arg(format!("http://{address}"))
            .env("PYTHONDONTWRITEBYTECODE", "1"))
    });
    for part in ["REQ-12: VIOLATES", "nothing more: True", "refused as SHAPE_VIOLATION", "code NOT_FOUND"] {
        assert!(printed.contains(part), "no {part} in\n{printed}");
    }
}
