//! Holds the house together: which layer may name which, and which layer owns which foreign crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The layers from the lowest; those in one row do not know each other.
const LAYERS: [&[&str]; 11] = [
    &["model"],
    &["statistics"],
    &["ontology"],
    &["graph", "telemetry", "exchange"],
    &["thread"],
    &["twins"],
    &["feedback"],
    &["app"],
    &["graphql"],
    &["server"],
    &["cli"],
];

/// Foreign crates and the layers that may name them; a crate that is not listed may be used anywhere.
const OWNERS: [(&str, &[&str]); 31] = [
    ("git2", &["graph"]),
    ("rustix", &["graph", "graphql", "server"]),
    ("xxhash_rust", &["graph"]),
    ("sha1", &["graph"]),
    ("smallvec", &["telemetry"]),
    ("quick_cache", &["model"]),
    ("redb", &["graph", "telemetry"]),
    ("spareval", &["graph"]),
    ("spargebra", &["graph"]),
    ("oxigraph::sparql", &["graph"]),
    ("oxigraph::store", &["graph"]),
    ("oxigraph::io", &["ontology", "graph", "exchange"]),
    ("pco", &["telemetry"]),
    ("crc32fast", &["telemetry"]),
    ("shacl", &["ontology"]),
    ("rudof_rdf", &["ontology"]),
    ("csv", &["exchange"]),
    ("encoding_rs", &["exchange"]),
    ("encoding_rs_io", &["exchange"]),
    ("regex", &["graph", "exchange"]),
    ("icu_normalizer", &["model", "ontology", "thread"]),
    ("libm", &["statistics"]),
    ("jiff", &["model"]),
    ("num_bigint", &["model", "exchange"]),
    ("num_rational", &["model", "exchange"]),
    ("async_graphql", &["graphql"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("hyper_util", &["server"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a source folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Returns the code of every source file under a layer, comments left out: (layer, path, text).
fn code() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    sources(&root, &mut paths);
    let mut code = Vec::new();
    for path in paths {
        let inside = path.strip_prefix(&root).expect("a file of src");
        if inside.components().count() < 2 {
            continue;
        }
        let layer = inside.components().next().expect("a layer").as_os_str().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a source file");
        let text: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        code.push((layer, inside.to_owned(), text.join("\n")));
    }
    code
}

fn height(layer: &str) -> usize {
    LAYERS
        .iter()
        .position(|row| row.contains(&layer))
        .unwrap_or_else(|| panic!("{layer} has no place in the layers"))
}

/// Returns the layers that a text names by `crate::LAYER`, also inside `crate::{…}`.
fn named_layers(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + 7..];
        for item in rest.strip_prefix('{').map_or_else(|| vec![rest], items) {
            named.push(item.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    named
}

/// Returns the items of a list in braces that has been opened, each with the lists inside it.
fn items(list: &str) -> Vec<&str> {
    let (mut items, mut begin, mut depth) = (Vec::new(), 0, 0);
    for (at, sign) in list.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                items.push(list[begin..at].trim());
                if sign == '}' {
                    return items;
                }
                begin = at + 1;
            }
            _ => {}
        }
    }
    items
}

#[test]
fn layers_are_named_in_lists_and_behind_lists() {
    let check = |text: &str, expect: &[&str]| assert_eq!(named_layers(text), expect, "{text}");
    check("use crate::model::{clock, instant};", &["model"]);
    check("use crate::{graph::{self, Commit}, app};\nuse x::{y, z};", &["graph", "app"]);
    check("use crate::{a::{b::{c}, d}, app::App};\ncrate::cli::run()", &["a", "app", "cli"]);
}

#[test]
fn no_layer_names_one_above_or_beside_it() {
    let known: Vec<&str> = LAYERS.iter().flat_map(|row| row.iter().copied()).collect();
    let mut wrong = Vec::new();
    for (layer, path, text) in code() {
        for named in named_layers(&text) {
            if known.contains(&named.as_str()) && named != layer && height(&named) >= height(&layer) {
                wrong.push(format!("{}: {layer} names {named}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_foreign_crate_has_its_owner() {
    let mut wrong = Vec::new();
    for (layer, path, text) in code() {
        for (foreign, owners) in OWNERS {
            let path_use = format!("{foreign}::");
            let uses = text
                .match_indices(&path_use)
                .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'));
            if uses && !owners.contains(&layer.as_str()) {
                wrong.push(format!("{}: {layer} uses {foreign}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layers_are_folders_and_folders_are_layers() {
    let mut layers: BTreeMap<String, usize> = BTreeMap::new();
    for (layer, _, _) in code() {
        *layers.entry(layer).or_default() += 1;
    }
    let known: Vec<&str> = LAYERS.iter().flat_map(|row| row.iter().copied()).collect();
    assert!(layers.keys().all(|layer| known.contains(&layer.as_str())), "{layers:?}");
    assert_eq!(layers.len(), known.len(), "{layers:?}");
}
