//! Refuses circles of imports among the files of a layer: a set of files each of which needs all the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{LAYERS, absolute, code, is_test, items, module_of, without_tests};

/// The layers that have no circle, not even one through a `mod.rs` that holds more than the names of its files.
const CLEAN: [&str; 5] = ["model", "statistics", "graph", "telemetry", "feedback"];

/// The circles in other layers that do not go through a `mod.rs`: the number of files in each, the largest first. None may grow; where
/// one is cut, its number goes.
const CIRCLES_LEFT: [(&str, &[usize]); 2] = [("graphql", &[2]), ("server", &[2])];

/// A module of one file.
struct File {
    /// The file's code without its tests.
    text: String,
    /// The child modules that it declares.
    children: BTreeSet<String>,
    /// The names that it imports, each with the full path behind it.
    imports: BTreeMap<String, Module>,
}

type Module = Vec<String>;
type Files = BTreeMap<Module, File>;

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the paths of a tree such as `a::{b as c, d}`, each with the name that it gets.
fn leaves(tree: &str) -> Vec<(Module, String)> {
    let tree = tree.trim();
    let name: String = tree.chars().take_while(|c| is_word(*c)).collect();
    let rest = tree[name.len()..].trim_start();
    let Some(rest) = rest.strip_prefix("::") else {
        let alias = rest.strip_prefix("as ").map(|alias| alias.chars().take_while(|c| is_word(*c)).collect());
        return vec![(vec![name.clone()], alias.unwrap_or(name))];
    };
    let inside = match rest.strip_prefix('{') {
        Some(list) => items(list).into_iter().filter(|item| !item.is_empty()).flat_map(leaves).collect(),
        None => leaves(rest),
    };
    let called = |alias: String| if alias == "self" { name.clone() } else { alias };
    inside.into_iter().map(|(path, alias)| ([vec![name.clone()], path].concat(), called(alias))).collect()
}

/// Returns the code of a file without its `use` declarations, and the trees that those name.
fn split_uses(text: &str) -> (String, Vec<String>) {
    let (mut rest, mut trees) = (String::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        let shown = start.strip_prefix("pub").map_or(start, |after| {
            after
                .strip_prefix('(')
                .and_then(|after| after.split_once(')'))
                .map_or(after, |(_, after)| after)
                .trim_start()
        });
        let Some(tree) = shown.strip_prefix("use ") else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            let Some(more) = lines.next() else { break };
            tree.push_str(more.trim());
        }
        trees.push(tree);
    }
    (rest, trees)
}

/// Returns the files of one layer, from (path, text).
fn files<'a>(code: impl Iterator<Item = (&'a Path, &'a str)>) -> Files {
    let mut files = Files::new();
    for (path, text) in code.filter(|(path, _)| !is_test(path)) {
        let (module, text) = (module_of(path), without_tests(text));
        let declared = |line: &str| {
            let (_, name) = line.strip_suffix(';')?.rsplit_once("mod ")?;
            name.chars().all(is_word).then(|| name.to_owned())
        };
        let children: BTreeSet<String> = text.lines().filter_map(declared).collect();
        let mut imports = BTreeMap::new();
        for (path, name) in split_uses(&text).1.iter().flat_map(|tree| leaves(tree)) {
            if ["crate", "self", "super"].contains(&path[0].as_str()) || children.contains(&path[0]) {
                imports.insert(name, absolute(&path, &module));
            }
        }
        files.insert(module, File { text, children, imports });
    }
    files
}

/// Returns the file in which a path ends: the definition itself, where a file on the way only passes it on.
fn target(files: &Files, path: &[String]) -> Option<Module> {
    let mut path = path.to_vec();
    for _ in 0..8 {
        let depth = (1..=path.len()).rev().find(|depth| files.contains_key(&path[..*depth]))?;
        let (module, inside) = path.split_at(depth);
        let Some(behind) = inside.first().and_then(|name| files[module].imports.get(name)) else {
            return Some(module.to_vec());
        };
        path = [behind.as_slice(), &inside[1..]].concat();
    }
    None
}

/// Returns the files that a file needs: what its code names and what it imports, but not what it only passes on.
fn needs(files: &Files, module: &Module) -> BTreeSet<Module> {
    let file = &files[module];
    let (rest, trees) = split_uses(&file.text);
    let mut paths = Vec::new();
    let is_used = |name: &str| {
        rest.match_indices(name)
            .any(|(at, _)| !rest[..at].ends_with(is_word) && !rest[at + name.len()..].starts_with(is_word))
    };
    for (path, name) in trees.iter().flat_map(|tree| leaves(tree)) {
        // A trait may be imported for its methods alone, so only a `mod.rs` passes on what it does not name.
        if file.children.is_empty() || name.is_empty() || is_used(&name) {
            paths.push(absolute(&path, module));
        }
    }
    let heads = ["crate", "self", "super"].into_iter().map(ToOwned::to_owned);
    for head in heads.chain(file.children.iter().cloned()).chain(file.imports.keys().cloned()) {
        for (at, _) in rest.match_indices(&format!("{head}::")) {
            let before = &rest[..at];
            if before.ends_with(|c: char| is_word(c) || c == ':') || before.ends_with("(in ") {
                continue;
            }
            for (path, _) in leaves(&rest[at..]) {
                paths.push(match file.imports.get(&head) {
                    Some(behind) => [behind.as_slice(), &path[1..]].concat(),
                    None => absolute(&path, module),
                });
            }
        }
    }
    paths.iter().filter_map(|path| target(files, path)).filter(|found| found != module).collect()
}

/// Returns the circles among files, the largest first, each with its files in order.
fn circles(files: &Files) -> Vec<Vec<String>> {
    circles_among(files, |_| true)
}

/// Returns the circles among those files that count.
fn circles_among(files: &Files, counts: impl Fn(&File) -> bool) -> Vec<Vec<String>> {
    let needs = |module| {
        let all = needs(files, module).into_iter();
        all.filter(|needed| counts(&files[module]) && counts(&files[needed])).collect()
    };
    let needs: BTreeMap<&Module, BTreeSet<Module>> =
        files.keys().map(|module| (module, needs(module))).collect();
    let reached = |from: &Module| {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = open.pop() {
            open.extend(needs[&module].iter().filter(|next| reached.insert((*next).clone())).cloned());
        }
        reached
    };
    let reach: BTreeMap<&Module, BTreeSet<Module>> =
        files.keys().map(|module| (module, reached(module))).collect();
    let mut found = BTreeSet::new();
    for (module, there) in &reach {
        let circle: Vec<String> = there
            .iter()
            .filter(|other| reach[other].contains(*module))
            .map(|other| other.join("/"))
            .collect();
        if circle.len() > 1 {
            found.insert(circle);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

#[test]
fn no_layer_has_circles_of_files() {
    let code = code();
    for layer in LAYERS.iter().flat_map(|row| row.iter().copied()) {
        let of_layer = code.iter().filter(|(of, _, _)| of == layer);
        let files = files(of_layer.map(|(_, path, text)| (path.as_path(), text.as_str())));
        let is_clean = CLEAN.contains(&layer);
        let found = circles_among(&files, |file| is_clean || file.children.is_empty());
        let sizes: Vec<usize> = found.iter().map(Vec::len).collect();
        let left = CIRCLES_LEFT.iter().find(|(of, _)| *of == layer).map_or(&[][..], |(_, sizes)| *sizes);
        let has_grown = sizes.len() > left.len() || sizes.iter().zip(left).any(|(size, left)| size > left);
        assert!(!has_grown, "circles of files in {layer}, where at most {left:?} are known: {found:#?}");
    }
}

#[test]
fn a_circle_of_files_is_found() {
    let check = |code: &[(&str, &str)], expect: &[&[&str]]| {
        let paths: Vec<(PathBuf, &str)> =
            code.iter().map(|(path, text)| (PathBuf::from(path), *text)).collect();
        let found = circles(&files(paths.iter().map(|(path, text)| (path.as_path(), *text))));
        assert_eq!(found, expect, "{code:?}");
    };
    let store = ("graph/git/store.rs", "use super::tree;\nfn f() { tree::write() }");
    let module = ("graph/git/mod.rs", "mod store;\nmod tree;\npub use store::Store;");
    check(&[store, module, ("graph/git/tree.rs", "use super::value::Oid;")], &[]);
    check(
        &[store, module, ("graph/git/tree.rs", "use super::store::Store;")],
        &[&["graph/git/store", "graph/git/tree"]],
    );
    // A re-export leads to the file behind it, and is itself no part of the circle.
    check(
        &[store, module, ("graph/git/tree.rs", "use crate::graph::git::{Store, Other};\n")],
        &[&["graph/git/store", "graph/git/tree"]],
    );
    check(
        &[store, module, ("graph/git/tree.rs", "use crate::graph::git;\nfn f() -> git::Store {}")],
        &[&["graph/git/store", "graph/git/tree"]],
    );
    // A folder's own code is a file as any other.
    check(
        &[
            ("graph/git/mod.rs", "mod tree;\nfn f() { tree::write() }"),
            ("graph/git/tree.rs", "fn write() { super::f() }"),
        ],
        &[&["graph/git", "graph/git/tree"]],
    );
    // What is compiled for tests alone does not count.
    check(
        &[
            store,
            module,
            ("graph/git/tree.rs", "#[cfg(test)]\nmod tests {\n    use super::super::store::Store;\n}\n"),
        ],
        &[],
    );
}
