//! README and docs/: links lead somewhere, requests are valid, commands exist, settings and formats are those of the program.

use super::page::{self, Block, anchors, links, pages, parts, read};
use super::world::clock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use throughline::app::{App, Settings, Sources};
use throughline::exchange::rdf;
use throughline::exchange::table::Mapping;
use throughline::graphql::{Query, Service};
use throughline::telemetry;

/// README is read in one go.
const README_LINES_MAX: usize = 200;

#[test]
fn readme_is_short() {
    let lines = read("README.md").lines().count();
    assert!(
        lines <= README_LINES_MAX,
        "README.md has {lines} lines: move what is not for a first reader to docs/"
    );
}

/// Resolves `..` of a path without looking at the disk.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut path, part| {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            part => path.push(part),
        }
        path
    })
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for page in pages() {
        let text = read(&page);
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            seen += 1;
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(&page).parent().expect("a folder");
            let target = if path.is_empty() { PathBuf::from(&page) } else { normal(&folder.join(path)) };
            if !Path::new(env!("CARGO_MANIFEST_DIR")).join(&target).exists() {
                broken.push(format!("{page}: {link}: there is no {}", target.display()));
            } else if !anchor.is_empty()
                && !anchors(&read(&target.to_string_lossy())).iter().any(|found| found == anchor)
            {
                broken.push(format!("{page}: {link}: no heading makes #{anchor}"));
            }
        }
    }
    assert!(seen > 100, "only {seen} links found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Files of the project that a page names in its text are there.
#[test]
fn every_file_that_is_named_is_there() {
    let mut missing = Vec::new();
    for page in pages() {
        for name in read(&page).split('`').skip(1).step_by(2) {
            let is_ours = ["src/", "tests/", "ontology/", "fixtures/", "docs/"]
                .iter()
                .any(|root| name.starts_with(root));
            let is_pattern =
                name.contains(['*', '{', ' ', '<', '…']) || name.contains("NAME") || name.contains("-N");
            if is_ours && !is_pattern && !Path::new(env!("CARGO_MANIFEST_DIR")).join(name).exists() {
                missing.push(format!("{page}: {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

/// The tests that the table of the GraphQL front names are in the modules that it names.
#[test]
fn every_test_of_the_graphql_front_is_there() {
    let (page, root) = (read("docs/graphql-front.md"), Path::new(env!("CARGO_MANIFEST_DIR")));
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src"), root.join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|extension| extension == "rs") => sources.push(path),
                _ => {}
            }
        }
    }
    let has = |module: &str, test: &str| {
        let is_in = |path: &&PathBuf| path.with_extension("").iter().any(|part| part == module);
        sources.iter().filter(is_in).any(|path| {
            std::fs::read_to_string(path).is_ok_and(|text| text.contains(&format!("fn {test}()")))
        })
    };
    let named = page.split('`').skip(1).step_by(2).filter_map(|name| name.split_once("::"));
    let named: Vec<_> = named.filter(|(_, test)| !test.is_empty()).collect();
    assert!(named.len() > 30, "the table names the tests of each row");
    let missing: Vec<_> = named.into_iter().filter(|(module, test)| !has(module, test)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// Every page of docs/ is in the index of docs/.
#[test]
fn the_index_lists_every_page() {
    let index = links(&read("docs/README.md"));
    let missing: Vec<_> = pages()
        .into_iter()
        .filter_map(|page| page.strip_prefix("docs/").map(str::to_owned))
        .filter(|page| page != "README.md")
        .filter(|page| !index.iter().any(|link| link.split('#').next() == Some(page)))
        .collect();
    assert!(missing.is_empty(), "docs/README.md does not list {missing:?}");
}

/// Returns all blocks of a language with their pages.
fn all(language: &str) -> Vec<(String, Block)> {
    let of = |page: String| {
        let blocks = parts(&read(&page)).0.into_iter();
        blocks.filter(|block| block.language == language).map(move |block| (page.clone(), block))
    };
    pages().into_iter().flat_map(of).collect()
}

/// Every request is valid for the schema. Pages compare the answers of most of them too; here nothing is stored, so none is found.
#[test]
fn every_request_is_valid() {
    let own = page::blocks(&read("docs/own-classes.md"), "Add your own units, fields and classes", "turtle");
    let folder = tempfile::tempdir().expect("a folder");
    let ontology = [("plant.ttl".to_owned(), own[0].clone())];
    let app = App::init(folder.path(), &ontology, "https://plant.example/", clock()).expect("a thread");
    let service = Service::new(Arc::new(app)).expect("a schema");
    let mut wrong = Vec::new();
    for (page, block) in all("graphql") {
        let answer = service.run(&Query { query: Some(block.text.clone()), ..Query::default() });
        // A document that is not valid, or that is no document, is answered without data.
        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
        if answer.get("data").is_none() && !block.text.starts_with("subscription") {
            wrong.push(format!("{page}, {}: {message}", block.heading));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_is_one_of_the_program() {
    let mut wrong = Vec::new();
    for (page, block) in all("sh") {
        for command in page::commands(&block.text) {
            if let Err(error) = throughline::cli::command().try_get_matches_from(&command) {
                wrong.push(format!("{page}: {}: {error}", command.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_mapping_and_settings_file_can_be_read() {
    let mut wrong = Vec::new();
    for (page, block) in all("toml") {
        let table: toml::Table = match block.text.parse() {
            Ok(table) => table,
            Err(error) => {
                wrong.push(format!("{page}: {error}"));
                continue;
            }
        };
        let has = |names: &[&str]| names.iter().any(|name| table.contains_key(*name));
        let folder = tempfile::tempdir().expect("a folder");
        let result = if has(&["resource", "swaps", "readings"]) {
            Mapping::parse(&block.text, "mapping.toml").map(drop).map_err(|error| error.to_string())
        } else if page.starts_with("docs/") && !has(&["package", "dependencies"]) {
            std::fs::write(folder.path().join("throughline.toml"), &block.text).expect("a file");
            Settings::read(folder.path()).map(drop).map_err(|error| error.to_string())
        } else {
            Ok(())
        };
        wrong.extend(result.err().map(|error| format!("{page}, {}: {error}", block.heading)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_piece_of_turtle_can_be_read() {
    const PREFIXES: &str =
        "@prefix : <https://plant.example/terms#> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix tl: <https://w3id.org/throughline#> . @prefix unit: <http://qudt.org/vocab/unit/> .\n";
    for (page, block) in all("turtle") {
        let text = format!("{PREFIXES}{}", block.text);
        let read = rdf::read(text.as_bytes(), rdf::Format::Turtle, "https://plant.example/", &page);
        assert!(read.is_ok_and(|statements| !statements.is_empty()), "{page}, {}", block.heading);
    }
}

#[test]
fn every_answer_is_json() {
    for (page, block) in all("json") {
        if let Err(error) = serde_json::from_str::<Value>(&block.text) {
            panic!("{page}, {}: {error}", block.heading);
        }
    }
}

#[test]
fn the_tutorial_as_written() {
    let folder = tempfile::tempdir().expect("a folder");
    page::walk("docs/tutorial.md", folder.path());
    page::walk("docs/own-classes.md", folder.path());
    page::walk("docs/graphql.md", folder.path());
}

#[test]
fn the_settings_are_the_defaults() {
    let mut page = read("docs/settings.md");
    let reference = throughline::app::settings_reference();
    let (before, rest) = page.split_once("```toml\n").expect("a block");
    let (text, after) = rest.split_once("```\n").expect("its end");
    if text != reference && std::env::var_os("UPDATE_DOCS").is_some() {
        page = format!("{before}```toml\n{reference}```\n{after}");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
        std::fs::write(path, &page).expect("the page");
    }
    let text = page::blocks(&page, "All settings", "toml").swap_remove(0);
    assert_eq!(text, reference, "UPDATE_DOCS=1 writes docs/settings.md anew");
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("throughline.toml"), &text).expect("a file");
    let loaded = Sources::default().read(folder.path()).expect("the settings");
    assert_eq!(loaded.settings, Settings::default());
    assert_eq!(loaded.telemetry, telemetry::Settings::default());
    assert!(loaded.monitors.monitors.is_empty());
}

/// Each file of the telemetry begins with the magic and version that docs/formats.md gives.
#[test]
fn the_formats_are_those_on_disk() {
    let page = read("docs/formats.md");
    let rows = page.lines().filter_map(|line| {
        let cells: Vec<_> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (file, magic, version) = (*cells.get(1)?, *cells.get(2)?, cells.get(3)?.parse::<u32>().ok()?);
        magic
            .starts_with("TL")
            .then(|| (file.split(['<', '.']).next().unwrap_or(file).to_owned(), (file, magic, version)))
    });
    let rows: BTreeMap<_, _> = rows.collect();
    let folder = tempfile::tempdir().expect("a folder");
    let app = App::init(folder.path(), &[], "https://plant.example/", clock()).expect("a thread");
    app.ingest_lines(b"pump,twin=P-1 temp=91 1704067200", telemetry::Precision::Seconds).expect("a sample");
    app.telemetry().seal().expect("a part");
    let mut seen = Vec::new();
    for entry in std::fs::read_dir(folder.path().join("telemetry")).expect("a folder") {
        let entry = entry.expect("an entry");
        let (name, bytes) =
            (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("a file"));
        if !bytes.starts_with(b"TL") {
            continue;
        }
        let kind = name.split(['0', '.']).next().expect("a name").to_owned();
        let (_, magic, version) = rows.get(&kind).unwrap_or_else(|| panic!("docs/formats.md lacks {name}"));
        let found = u32::from_le_bytes(bytes[8..12].try_into().expect("four bytes"));
        let starts = String::from_utf8_lossy(&bytes[..8]).trim_end_matches('\0').to_owned();
        assert_eq!((starts.as_str(), found), (*magic, *version), "{name}");
        seen.push(kind);
    }
    assert!(rows.keys().all(|kind| seen.contains(kind)), "{:?} without a file", rows.keys());
}

/// docs/cli.md is printed from the command line's own description: UPDATE_DOCS=1 writes it anew.
#[test]
fn the_command_line_as_described() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/cli.md");
    let page = throughline::cli::reference();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("the page");
    }
    assert!(
        std::fs::read_to_string(&path).is_ok_and(|kept| kept == page),
        "docs/cli.md differs from the command line: set UPDATE_DOCS=1, and read what has changed"
    );
}
