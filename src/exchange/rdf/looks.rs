//! Guesses what a file is whose content is not what its extension promises.

use super::Format;

/// What bytes certainly are that no notation of RDF begins with.
pub(super) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let text = start(bytes);
    Some(match bytes {
        [0x1F, 0x8B, ..] => "compressed with gzip; add .gz to its name, or unpack it",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive, perhaps a spreadsheet; export it as text",
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => "text in UTF-32; save it as UTF-8",
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => "text in UTF-16; save it as UTF-8",
        [0, _, ..] | [_, 0, ..] => "text in UTF-16 or binary data; save it as UTF-8",
        [b'%', b'P', b'D', b'F', ..] => "a PDF document",
        _ if text.starts_with("<!doctype html") || text.starts_with("<html") => {
            "a web page (HTML), perhaps the error message of a server; fetch the file itself"
        }
        _ => return None,
    })
}

/// What the bytes of a file that cannot be read look like, if like another notation than the one of its name.
pub(super) fn like(bytes: &[u8], format: Format) -> Option<&'static str> {
    let text = start(bytes);
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if begins(&["{", "["]) && format != Format::JsonLd && !text.starts_with("[]") {
        Some("JSON; name it .jsonld if it is JSON-LD")
    } else if begins(&["<?xml", "<rdf:rdf", "<!doctype rdf"]) && format != Format::RdfXml {
        Some("XML; name it .rdf if it is RDF/XML")
    } else if (begins(&["@prefix", "@base", "prefix ", "base "]) || triple(&text))
        && !matches!(format, Format::Turtle | Format::NTriples)
    {
        Some("Turtle; name it .ttl")
    } else if text.starts_with("@prefix") && format == Format::NTriples {
        Some("Turtle, which has prefixes; name it .ttl")
    } else if matches!(format, Format::Turtle | Format::NTriples) && is_header(&text) {
        Some("a table; import it with --table MAPPING.toml")
    } else {
        None
    }
}

/// Returns whether a text begins with a statement of N-Triples.
fn triple(text: &str) -> bool {
    text.starts_with('<')
        && text.lines().next().is_some_and(|line| line.contains("> <") && line.trim_end().ends_with('.'))
}

/// Returns whether a text begins with a line of names with one delimiter between them.
fn is_header(text: &str) -> bool {
    let line = text.lines().find(|line| !line.starts_with("sep=")).unwrap_or("");
    line.contains([';', ',', '\t'])
        && !line.contains(['<', '>', '@', '{', '[', '(', ':'])
        && !line.trim_end().ends_with(['.', ';', ','])
}

/// Returns the first signs of a text in small letters, without the comments of Turtle before them.
fn start(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(4096)];
    let text = String::from_utf8_lossy(head).to_lowercase();
    let line = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    text.lines().skip_while(|text| !line(text)).collect::<Vec<_>>().join("\n").trim_start().to_owned()
}
