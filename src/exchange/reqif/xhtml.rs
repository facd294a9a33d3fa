//! The text of XHTML: blanks as a browser shows them, a line for each block and row, superscript and subscript as Unicode has them. Text that
//! is struck out is left out; the XHTML itself is kept by whoever reads it.

use crate::exchange::xml::script::{lowered, raised};
use crate::exchange::xml::{Element, Node};

/// The elements of XHTML that begin on a line of their own.
const BLOCKS: &[&str] = &[
    "address",
    "blockquote",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];
/// The elements whose text is struck out.
const STRUCK: [&str; 3] = ["del", "s", "strike"];
const MATHML: &str = "http://www.w3.org/1998/Math/MathML";

/// Returns the text of XHTML: a line for each block and row, a tab between cells.
pub(super) fn plain(xhtml: &Element) -> String {
    let mut text = String::new();
    flatten(xhtml, false, &mut text);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut kept: Vec<&str> = lines;
    kept.dedup_by(|a, b| a.is_empty() && b.is_empty());
    kept.join("\n").trim().to_owned()
}

/// Describes what of XHTML is not in its text as it is shown.
pub(super) fn omitted(xhtml: &Element) -> Vec<String> {
    let mut found = Vec::new();
    find_omitted(xhtml, &mut found);
    found
}

fn find_omitted(element: &Element, found: &mut Vec<String>) {
    if is_struck(element) {
        found.push(format!(
            "the text \"{}\" is struck out, and left out of the text here",
            shortened(element)
        ));
    } else if &*element.namespace == MATHML || element.name == "math" {
        found
            .push(format!("a formula of MathML is read as the text in it alone, \"{}\"", shortened(element)));
    } else {
        element.elements().for_each(|child| find_omitted(child, found));
    }
}

fn shortened(element: &Element) -> String {
    const SHOWN_MAX: usize = 60;
    element.text().trim().chars().take(SHOWN_MAX).collect()
}

/// Returns the value of a property of an element's style, in lower case.
fn style(element: &Element, is_property: impl Fn(&str) -> bool) -> Option<String> {
    let style = element.attribute("style")?.to_lowercase();
    let mut properties = style.split(';').filter_map(|own| own.split_once(':'));
    properties.find(|(name, _)| is_property(name.trim())).map(|(_, value)| value.trim().to_owned())
}

fn is_struck(element: &Element) -> bool {
    STRUCK.contains(&element.name.to_lowercase().as_str())
        || style(element, |name| name.starts_with("text-decoration"))
            .is_some_and(|value| value.contains("line-through"))
}

/// Returns how the text of an element is written, where it is superscript or subscript.
fn script(element: &Element) -> Option<fn(&str) -> String> {
    let align = style(element, |name| name == "vertical-align").unwrap_or_default();
    match (element.name.to_lowercase().as_str(), align.as_str()) {
        ("sup", _) | (_, "super") => Some(raised),
        ("sub", _) | (_, "sub") => Some(lowered),
        _ => None,
    }
}

fn flatten(element: &Element, is_preformatted: bool, text: &mut String) {
    if is_struck(element) {
        return;
    }
    if let Some(script) = script(element) {
        let mut own = String::new();
        contents(element, is_preformatted, &mut own);
        text.push_str(&script(&own));
        return;
    }
    let name = element.name.to_lowercase();
    let is_block = BLOCKS.contains(&name.as_str());
    let new_line = |text: &mut String| {
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
    };
    match name.as_str() {
        "br" => text.push('\n'),
        "td" | "th" if !text.is_empty() && !text.ends_with('\n') => text.push('\t'),
        _ if is_block => new_line(text),
        _ => {}
    }
    if name == "li" {
        text.push_str("- ");
    }
    contents(element, is_preformatted || name == "pre", text);
    if is_block {
        new_line(text);
    }
}

fn contents(element: &Element, is_preformatted: bool, text: &mut String) {
    for node in &element.nodes {
        match node {
            Node::Element(child) => flatten(child, is_preformatted, text),
            Node::Text(own) if is_preformatted => text.push_str(own),
            Node::Text(own) => {
                let begins_blank = own.starts_with([' ', '\n', '\t', '\r']);
                if begins_blank && !text.is_empty() && !text.ends_with([' ', '\n', '\t']) {
                    text.push(' ');
                }
                let words: Vec<&str> =
                    own.split([' ', '\n', '\t', '\r']).filter(|word| !word.is_empty()).collect();
                text.push_str(&words.join(" "));
                if !words.is_empty() && own.ends_with([' ', '\n', '\t', '\r']) {
                    text.push(' ');
                }
            }
            Node::Comment(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::xml::parse;

    #[test]
    fn xhtml_becomes_the_text_that_a_browser_shows() {
        let check = |inner: &str, expect: &str| {
            let text = format!("<h:div xmlns:h='http://www.w3.org/1999/xhtml'>{inner}</h:div>");
            assert_eq!(plain(&parse(text.as_bytes()).expect("xhtml")), expect, "{inner}");
        };
        check(" The <h:b>limit</h:b> is\n  85 °C. ", "The limit is 85 °C.");
        check("a<h:br/>b<h:p>c</h:p><h:p/>d", "a\nb\nc\nd");
        check("<h:ul><h:li>one</h:li><h:li>two</h:li></h:ul>", "- one\n- two");
        check(
            "<h:table><h:tr><h:td>a</h:td><h:td>b</h:td></h:tr><h:tr><h:td>c</h:td></h:tr></h:table>",
            "a\tb\nc",
        );
        check("<h:pre>x\n  y</h:pre>", "x\ny");
        check("<h:object data='x.png'>a picture</h:object>", "a picture");
    }

    #[test]
    fn struck_text_is_left_out_and_scripts_are_no_other_digits() {
        let check = |inner: &str, expect: &str, notes: &[&str]| {
            let text = format!("<h:div xmlns:h='http://www.w3.org/1999/xhtml'>{inner}</h:div>");
            let element = parse(text.as_bytes()).expect("xhtml");
            assert_eq!(plain(&element), expect, "{inner}");
            let found = omitted(&element);
            assert_eq!(found.len(), notes.len(), "{inner}: {found:?}");
            assert!(found.iter().zip(notes).all(|(found, note)| found.contains(note)), "{found:?}");
        };
        check("at most 85<h:sup>2</h:sup> K", "at most 85² K", &[]);
        check("10<h:sup>-3</h:sup> m of H<h:sub>2</h:sub>O", "10⁻³ m of H₂O", &[]);
        check("T<h:sub>max</h:sub>, 4<h:sup>th</h:sup>", "T_max, 4^th", &[]);
        check("x<h:span style='vertical-align: super'>2</h:span>", "x²", &[]);
        check("<h:del>85</h:del><h:ins>80</h:ins> °C", "80 °C", &["\"85\" is struck out"]);
        check("<h:s>a</h:s><h:strike>b</h:strike>c", "c", &["\"a\"", "\"b\""]);
        check(
            "<h:span style=\"color:red; Text-Decoration: underline line-through\">not</h:span> shall",
            "shall",
            &["\"not\" is struck out"],
        );
        check("<h:span style='text-decoration: underline'>shall</h:span>", "shall", &[]);
        check(
            "<m:math xmlns:m='http://www.w3.org/1998/Math/MathML'><m:mfrac><m:mn>1</m:mn><m:mn>2</m:mn></m:mfrac></m:math>",
            "12",
            &["MathML is read as the text in it alone, \"12\""],
        );
    }
}
