//! Holds the house together: which layer may name which, and which layer owns which foreign crate.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[path = "architecture/circles.rs"]
mod circles;

/// The layers from the lowest; those in one row do not know each other.
const LAYERS: [&[&str]; 12] = [
    &["model"],
    &["statistics"],
    &["ontology"],
    &["graph", "telemetry", "exchange"],
    &["thread"],
    &["twins"],
    &["feedback"],
    &["app"],
    &["graphql"],
    &["pages"],
    &["server"],
    &["cli"],
];

/// Foreign crates and the layers that may name them; a crate that is not listed may be used anywhere.
const OWNERS: [(&str, &[&str]); 52] = [
    ("tar", &["app"]),
    ("governor", &["server"]),
    ("jsonwebtoken", &["app"]),
    ("ring", &["app"]),
    ("rumqttc", &["app"]),
    ("prost", &["exchange"]),
    ("bytes", &["app"]),
    ("tokio_rustls", &["server", "app"]),
    ("prometheus_client", &["server"]),
    ("getrandom", &["server", "cli"]),
    ("git2", &["graph"]),
    ("libgit2_settings", &["graph"]),
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
    ("quick_xml", &["exchange"]),
    ("zip", &["exchange"]),
    ("rust_xlsxwriter", &["exchange"]),
    ("calamine", &["exchange"]),
    ("yaml_rust2", &["exchange"]),
    ("encoding_rs", &["exchange"]),
    ("encoding_rs_io", &["exchange"]),
    ("regex", &["graph", "exchange"]),
    ("icu_normalizer", &["model", "ontology", "thread"]),
    ("libm", &["statistics", "ontology"]),
    ("jiff", &["model"]),
    ("num_bigint", &["model", "exchange"]),
    ("num_rational", &["model", "exchange"]),
    ("async_graphql", &["graphql"]),
    ("askama", &["pages"]),
    ("axum", &["server"]),
    // The command line is a client of the service.
    ("http_body_util", &["app", "server", "cli"]),
    ("rustls_native_certs", &["app", "server"]),
    ("hyper", &["app", "server", "cli"]),
    ("hyper_util", &["app", "server", "cli"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
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

/// The folders and files inside a folder, from the lowest: each may name those before it, and those in one row each other.
/// `.` is what the folder's own `mod.rs` holds. A row of more than one entry is a circle that is still to be cut.
const ORDER: [(&str, &[&[&str]]); 23] = [
    (
        "model",
        &[
            &["accept"],
            &["durable"],
            &["near"],
            &["random"],
            &["utf8"],
            &["varint"],
            &["visible"],
            &["settings_file"],
            &["use_case"],
            &["number"],
            &["time"],
            &["statement"],
            &["sync"],
        ],
    ),
    (
        "ontology",
        &[
            &["terms"],
            &["error"],
            &["data"],
            &["class"],
            &["graph"],
            &["units"],
            &["read", "rules", "schema", "shapes", "violation", "focus"],
        ],
    ),
    ("ontology/rules", &[&["."], &["reader"], &["values"], &["configuration"], &["records"]]),
    (
        "graph",
        &[
            &["model"],
            &["text"],
            &["git"],
            &["index"],
            &["error"],
            &["read"],
            &["change"],
            &["sync"],
            &["repository"],
            &["history"],
            &["write"],
            &["upkeep"],
        ],
    ),
    (
        "graph/git",
        &[
            &["library"],
            &["values"],
            &["files"],
            &["loose"],
            &["pack"],
            &["lookup"],
            &["merge_base"],
            &["commit_object"],
            &["tree"],
            &["store"],
            &["durability"],
            &["incoming"],
        ],
    ),
    (
        "graph/index",
        &[
            &["error"],
            &["format"],
            &["indexed_refs"],
            &["storage"],
            &["terms"],
            &["rows"],
            &["commits"],
            &["read"],
            &["write"],
            &["store"],
            &["prepare"],
            &["digest"],
        ],
    ),
    (
        "graph/index/read",
        &[&["rows_read"], &["read_log"], &["preview"], &["tables"], &["row_scan"], &["ancestry"], &["view"]],
    ),
    (
        "graph/read",
        &[
            &["version"],
            &["version_cache"],
            &["snapshot"],
            &["blame"],
            &["arrival"],
            &["literal_scan"],
            &["log_walk"],
            &["overlay"],
            &["recent_changes"],
            &["changed_since_first"],
            &["page"],
            &["sparql"],
            &["oracle"],
        ],
    ),
    (
        "graph/change",
        &[
            &["maker"],
            &["diff"],
            &["sides"],
            &["decisions"],
            &["naming"],
            &["transaction"],
            &["prepared"],
            &["reserved"],
            &["links"],
            &["resource_merge"],
        ],
    ),
    (
        "graph/write",
        &[
            &["preview"],
            &["publish"],
            &["group"],
            &["commit"],
            &["bulk"],
            &["refs"],
            &["once"],
            &["import"],
            &["accept"],
            &["merge"],
            &["migrate"],
        ],
    ),
    (
        "telemetry",
        &[
            &["series"],
            &["error"],
            &["file"],
            &["aggregate"],
            &["settings"],
            &["part"],
            &["read"],
            &["ingest"],
            &["log"],
            &["query"],
            &["store"],
            &["repair"],
        ],
    ),
    (
        "exchange",
        &[
            &["archive"],
            &["xml"],
            &["blanks"],
            &["rdf"],
            &["table"],
            &["fields"],
            &["reading"],
            &["samples"],
            &["answer_table"],
            &["reqif"],
            &["product"],
            &["verification"],
            &["foreign"],
        ],
    ),
    (
        "exchange/table",
        &[
            &["."],
            &["cell"],
            &["rich"],
            &["workbook"],
            &["sheet"],
            &["problem"],
            &["mapping"],
            &["derived"],
            &["value"],
            &["plan"],
            &["rows"],
            &["swaps"],
            &["head"],
        ],
    ),
    (
        "thread",
        &[
            &["lookup"],
            &["record"],
            &["bill"],
            &["link"],
            &["confirmation"],
            &["notes"],
            &["trace"],
            &["suspect"],
            &["coverage"],
            &["search"],
        ],
    ),
    ("twins", &[&["error"], &["facts"], &["binding"], &["usage"], &["configuration"], &["life"]]),
    (
        "feedback",
        &[
            &["sufficiency"],
            &["error"],
            &["residual"],
            &["margin"],
            &["comparison"],
            &["record"],
            &["action"],
            &["review"],
            &["exposure"],
            &["trend"],
            &["line"],
        ],
    ),
    (
        "app",
        &[
            &["access"],
            &["error"],
            &["scope"],
            &["message"],
            &["settings"],
            &["application", "jobs", "outbox", "read", "write"],
            &["report"],
            &["session"],
        ],
    ),
    (
        "graphql",
        &[
            &["error"],
            &["queue"],
            &["turn"],
            &["progress"],
            &["about"],
            &["request"],
            &["engine"],
            &["schema"],
            &["query"],
            &["persisted"],
            &["live", "service"],
        ],
    ),
    ("graphql/engine", &[&["types", "run", "document"]]),
    (
        "graphql/schema",
        &[
            &["scalar"],
            &["shared"],
            &["records"],
            &["history"],
            &["verdicts", "usage"],
            &["foresight"],
            &["actions"],
            &["live"],
            &["class"],
            &["thread"],
            &["federation"],
            &["mutation"],
        ],
    ),
    (
        "pages",
        &[
            &["."],
            &["templates"],
            &["page"],
            &["text"],
            &["action"],
            &["answer"],
            &["chart"],
            &["content"],
            &["address"],
            &["documents"],
            &["assets"],
            &["view"],
            &["notice"],
            &["frame"],
        ],
    ),
    (
        "server",
        &[
            &["."],
            &["share"],
            &["metrics"],
            &["auth"],
            &["connection"],
            &["body"],
            &["reads"],
            &["operator"],
            &["limits"],
            &["observe"],
            &["root"],
            &["origins", "routes"],
            &["process"],
        ],
    ),
    (
        "cli",
        &[
            &["error"],
            &["logging"],
            &["."],
            &["client"],
            &["output"],
            &["reference"],
            &["shell"],
            &["admin"],
            &["read"],
            &["write"],
            &["demo"],
            &["bench"],
        ],
    ),
];

/// How many entries a folder may show.
const ENTRIES_MAX: usize = 14;

/// Returns the module that a file of `src` is.
fn module_of(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        path.with_extension("").iter().map(|name| name.to_string_lossy().into_owned()).collect();
    names.pop_if(|name| name == "mod");
    names
}

/// Returns the code of a file without what is compiled for tests alone.
fn without_tests(text: &str) -> String {
    let (mut code, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push_str(line);
            code.push('\n');
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        let mut next = lines.next().unwrap_or_default();
        let is_block = |line: &str| line.ends_with('{') || line.ends_with("!{");
        if is_block(next) {
            while next.trim() != "}" || next.len() - next.trim_start().len() != indent {
                let Some(more) = lines.next() else { break };
                next = more;
            }
        }
    }
    code
}

/// Returns the paths that a text names from `crate`, `self` or `super`, as modules of the crate; also those inside lists.
fn named_paths(text: &str, module: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for head in ["crate", "super", "self"] {
        for (at, _) in text.match_indices(&format!("{head}::")) {
            let before = text[..at].chars().next_back();
            let is_inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
            // A visibility names nothing that is used.
            if is_inside || text[..at].ends_with("(in ") {
                continue;
            }
            for path in expand(&text[at..]) {
                found.push(absolute(&path, module));
            }
        }
    }
    found
}

/// Returns the paths of a tree such as `a::{b, c::{d, e}}`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let name: String = tree.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let rest = &tree[name.len()..];
    let Some(rest) = rest.strip_prefix("::") else { return vec![vec![name]] };
    let inside = match rest.strip_prefix('{') {
        Some(list) => items(list).into_iter().filter(|item| !item.is_empty()).flat_map(expand).collect(),
        None => expand(rest),
    };
    inside.into_iter().map(|path| [vec![name.clone()], path].concat()).collect()
}

/// Returns a path from the root of the crate.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let mut from = if path[0] == "crate" { Vec::new() } else { module.to_vec() };
    let heads = path.iter().take_while(|name| ["crate", "self", "super"].contains(&name.as_str()));
    for head in heads.clone() {
        if head == "super" {
            from.pop();
        }
    }
    from.extend(path[heads.count()..].iter().filter(|name| !name.is_empty() && *name != "self").cloned());
    from
}

/// Returns what a file names that its place in an order of folders does not allow.
fn out_of_order(folder: &str, rows: &[&[&str]], module: &[String], text: &str) -> Vec<String> {
    let folder: Vec<String> = folder.split('/').map(ToOwned::to_owned).collect();
    let place = |module: &[String]| -> Option<String> {
        let inside = module.strip_prefix(folder.as_slice())?;
        let entry = inside.first().filter(|entry| rows.iter().any(|row| row.contains(&entry.as_str())));
        Some(entry.cloned().unwrap_or_else(|| ".".to_owned()))
    };
    let row_of = |entry: &str| rows.iter().position(|row| row.contains(&entry));
    let Some(here) = place(module).filter(|here| here != ".") else { return Vec::new() };
    let mut wrong = Vec::new();
    for path in named_paths(&without_tests(text), module) {
        let Some(there) = place(&path).filter(|there| *there != here) else { continue };
        if row_of(&there).is_none_or(|there| Some(there) > row_of(&here)) {
            wrong.push(format!("{}: {here} names {there} ({})", module.join("/"), path.join("::")));
        }
    }
    wrong
}

/// Returns whether a file is compiled for tests alone.
fn is_test(path: &Path) -> bool {
    path.iter().any(|name| ["tests", "tests.rs", "testing.rs"].iter().any(|test| name == *test))
        || path.to_string_lossy().ends_with("_tests.rs")
        || path.to_string_lossy().ends_with("_laws.rs")
}

#[test]
fn imports_follow_the_order_inside_each_folder() {
    let mut wrong = Vec::new();
    for (_, path, text) in code().iter().filter(|(_, path, _)| !is_test(path)) {
        for (folder, rows) in ORDER {
            wrong.extend(out_of_order(folder, rows, &module_of(path), text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_against_the_order_are_found() {
    let rows: &[&[&str]] = &[&["values"], &["store"], &["write", "read"]];
    let check = |file: &str, text: &str, expect: usize| {
        let wrong = out_of_order("graph", rows, &module_of(Path::new(file)), text);
        assert_eq!(wrong.len(), expect, "{file}: {text}: {wrong:?}");
    };
    check("graph/store/file.rs", "use crate::graph::values::Value;", 0);
    check("graph/store/file.rs", "use super::super::write::commit;", 1);
    check("graph/store/mod.rs", "use super::{values::Value, write::{self, commit}};", 2);
    check("graph/values/mod.rs", "fn f() -> crate::graph::store::Store {}", 1);
    check("graph/values/mod.rs", "#[cfg(test)]\nmod tests {\n    use crate::graph::store::Store;\n}\n", 0);
    check("graph/write/commit.rs", "use crate::graph::read::head;\nuse super::publish;", 0);
    // What a layer shows to others is not for its own files.
    check("graph/write/commit.rs", "use crate::graph::Store;", 1);
    check("graph/mod.rs", "pub use store::Store;", 0);
}

#[test]
fn every_entry_of_an_ordered_folder_has_its_place() {
    for (folder, rows) in ORDER {
        let mut entries = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(folder));
        entries.retain(|entry| entry != "mod.rs" && !is_test(Path::new(entry)));
        let mut named: Vec<_> =
            rows.iter().flat_map(|row| row.iter().copied()).filter(|entry| *entry != ".").collect();
        named.sort_unstable();
        let mut found: Vec<_> = entries.iter().map(|entry| entry.trim_end_matches(".rs")).collect();
        found.sort_unstable();
        assert_eq!(found, named, "{folder}");
    }
}

/// Returns what a folder shows, in order.
fn entries(folder: &Path) -> Vec<String> {
    let read = std::fs::read_dir(folder).expect("a source folder");
    let mut entries: Vec<_> =
        read.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    entries.sort_unstable();
    entries
}

/// Returns the folders below `src`, as paths from there.
fn folders(below: &Path, found: &mut Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in entries(&root.join(below)) {
        let path = below.join(&entry);
        if root.join(&path).is_dir() {
            found.push(path.to_string_lossy().into_owned());
            folders(&path, found);
        }
    }
}

#[test]
fn no_folder_shows_too_much() {
    let mut all = Vec::new();
    folders(Path::new(""), &mut all);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in all {
        let count = entries(&root.join(&folder)).len();
        assert!(count <= ENTRIES_MAX, "src/{folder} has {count} entries");
    }
}

#[test]
fn the_code_map_names_every_folder() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md");
    let page = std::fs::read_to_string(page).expect("ARCHITECTURE.md");
    let mut named: Vec<String> = page
        .lines()
        .filter_map(|line| {
            line.trim_start().strip_prefix("- `src/")?.split_once("/`").map(|(folder, _)| folder.to_owned())
        })
        .collect();
    named.sort_unstable();
    let mut all = Vec::new();
    folders(Path::new(""), &mut all);
    all.retain(|folder| !is_test(Path::new(folder)));
    all.sort_unstable();
    assert_eq!(named, all);
}

/// What an interface may ask of the whole thread: to begin a session, and what has nothing of the thread in it.
const OF_ANYBODY: [&str; 5] = ["session", "settings", "access", "clock", "reach"];

/// Files that ask for more, as no principal is at work: the schema at the start, the answer to whatever starts the service, the
/// messages to hooks, each of which has the session of its hook, the operator's socket,
/// the queue of jobs, each of which has the session of its principal.
const OF_NOBODY: [&str; 5] = [
    "graphql/service.rs",
    "server/routes/health.rs",
    "server/routes/hooks.rs",
    "server/operator.rs",
    "server/routes/transfer/jobs/runner.rs",
];

#[test]
fn every_use_case_over_the_network_is_asked_of_a_session() {
    let mut wrong = Vec::new();
    for (layer, path, text) in code() {
        let is_exempt = is_test(&path) || OF_NOBODY.iter().any(|file| path == Path::new(file));
        if is_exempt || !["graphql", "server"].contains(&layer.as_str()) {
            continue;
        }
        let text = without_tests(&text);
        for (at, _) in text.match_indices("app.") {
            let name: String =
                text[at + 4..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let is_word = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let is_call = text[at + 4 + name.len()..].starts_with('(');
            if is_word && is_call && !OF_ANYBODY.contains(&name.as_str()) {
                wrong.push(format!("{}: app.{name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
