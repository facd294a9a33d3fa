//! Pages of the documentation as tests read them: fenced blocks, links, headings, and walking through a page as its reader would.

use super::program::{out, throughline};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A fenced block of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// The language behind the fence.
    pub language: String,
    /// The text between the fences.
    pub text: String,
    /// The file that the text before the block names last, as in "`units.csv`:".
    pub file: Option<String>,
    /// The heading that the block is under, without its marks.
    pub heading: String,
}

/// Returns a file of the project.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path))
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Returns the paths of all pages, from the root of the project.
pub(crate) fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for folder in ["", "docs", "fixtures"] {
        for entry in std::fs::read_dir(root.join(folder)).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let path = path.strip_prefix(root).expect("a path below the root");
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// Returns the fenced blocks of a page in their order, and the page without them.
pub(crate) fn parts(text: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut rest) = (Vec::new(), String::new());
    let (mut open, mut heading): (Option<Block>, String) = (None, String::new());
    let mut named = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                let (language, heading) = (language.to_owned(), heading.clone());
                open = Some(Block { language, text: String::new(), file: named.take(), heading });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix('#') {
                    heading = title.trim_start_matches('#').trim().to_owned();
                }
                if !line.trim().is_empty() {
                    named = file_named(line);
                }
                rest.push_str(line);
                rest.push('\n');
            }
        }
    }
    assert_eq!(open, None, "a block without an end");
    (blocks, rest)
}

/// Returns the file that a line ends with naming.
fn file_named(line: &str) -> Option<String> {
    let name = line
        .trim_end()
        .strip_suffix("`:")
        .or_else(|| line.trim_end().strip_suffix("`"))?
        .rsplit('`')
        .next()?;
    (name.contains('.') && !name.contains([' ', '/'])).then(|| name.to_owned())
}

/// Returns the blocks of a language below a heading of a page.
pub(crate) fn blocks(text: &str, heading: &str, language: &str) -> Vec<String> {
    let of = |block: &Block| block.heading == heading && block.language == language;
    parts(text).0.into_iter().filter(of).map(|block| block.text).collect()
}

/// Returns the commands of a shell block that call the program, as words: lines joined, comments left out.
pub(crate) fn commands(block: &str) -> Vec<Vec<String>> {
    let joined = block.replace("\\\n", " ");
    joined
        .lines()
        .map(words)
        .filter(|words| words.first().is_some_and(|first| first == "throughline"))
        .collect()
}

/// Splits a line of a shell into words.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (vec![], None, None);
    for letter in line.chars() {
        match (quote, letter) {
            (Some(open), _) if open == letter => quote = None,
            (None, '"' | '\'') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '#') if word.is_none() => break,
            (None, '&' | '<' | ';' | '|') if word.is_none() => break,
            (None, _) if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

/// Goes through a page as its reader would: writes the files that it shows, runs its commands, and compares what they print with the
/// answers that follow them. Commands that serve are left out.
pub(crate) fn walk(page: &str, folder: &Path) {
    let mut printed = String::new();
    let (mut ran, mut compared) = (0, 0);
    for block in parts(&read(page)).0 {
        match (block.language.as_str(), &block.file) {
            ("csv" | "toml" | "turtle" | "graphql", Some(name)) => {
                std::fs::write(folder.join(name), &block.text).expect("a file");
            }
            ("sh", _) => {
                for command in commands(&block.text) {
                    let arguments: Vec<&str> = command[1..].iter().map(String::as_str).collect();
                    // A CSV table ends its lines as RFC 4180 has it.
                    printed = out(&throughline(folder, &arguments)).replace("\r\n", "\n");
                    ran += 1;
                }
            }
            ("json", _) => {
                let json = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
                assert_eq!(json(&printed), json(&block.text), "{page}");
                compared += 1;
            }
            ("text", _) => {
                assert_eq!(printed, block.text, "{page}");
                compared += 1;
            }
            _ => {}
        }
    }
    assert!(ran > 0 && compared > 0, "{page}: {ran} commands, {compared} answers");
}

/// Returns the targets of the links of a page, without those in its blocks.
pub(crate) fn links(text: &str) -> Vec<String> {
    let rest = parts(text).1;
    let targets = rest.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

/// Returns the anchors that GitHub makes of the headings of a page.
pub(crate) fn anchors(text: &str) -> Vec<String> {
    let rest = parts(text).1;
    let headings = rest.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}
