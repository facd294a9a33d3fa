//! What the cells of a workbook show by their format alone: superscript and subscript of some characters, and text that is struck out.
//! The reader of workbooks gives the characters without their format, by which 10³ would be 103.

use crate::exchange::archive::{self, Member};
use crate::exchange::xml::script::{lowered, raised};
use crate::exchange::xml::{Element, parse};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

/// A cell's row and column, from 0.
type Place = (u32, u32);

/// The text of a cell as it is shown, without what is struck out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) text: String,
    /// Whether some of the cell is struck out.
    pub(super) is_struck: bool,
}

/// A format of characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Format {
    is_struck: bool,
    script: Option<Script>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Raised,
    Lowered,
}

/// A stretch of text; without a format of its own it has that of its cell.
#[derive(Clone, Debug, Default)]
struct Run {
    text: String,
    format: Option<Format>,
}

/// Returns the cells of a sheet whose format changes what they show.
pub(super) fn read(bytes: &[u8], sheet: &str, bytes_max: u64) -> Result<HashMap<Place, Shown>, String> {
    let members = archive::unpack(bytes, bytes_max)?;
    let own = |path: &str| members.iter().find(|own| own.path.eq_ignore_ascii_case(path));
    let Some(cells) = own(&path_of(sheet, &own)?) else { return Ok(HashMap::new()) };
    let styles = own("xl/styles.xml").map(struck_styles).transpose()?.unwrap_or_default();
    let shared = own("xl/sharedStrings.xml").filter(|own| has_marks(own));
    let shared = shared.map(shared_texts).transpose()?.unwrap_or_default();
    if shared.is_empty() && !styles.contains(&true) && !has_marks(cells) {
        return Ok(HashMap::new());
    }
    Sheet { shared, styles, ..Sheet::default() }.read(cells)
}

fn has_marks(member: &Member) -> bool {
    [&b"vertAlign"[..], b"strike"].iter().any(|mark| member.bytes.windows(mark.len()).any(|own| own == *mark))
}

/// Returns the path of a sheet in the archive.
fn path_of<'a>(sheet: &str, own: &impl Fn(&str) -> Option<&'a Member>) -> Result<String, String> {
    let tree = |path: &str| own(path).map(read_tree).transpose();
    let (Some(book), Some(relations)) = (tree("xl/workbook.xml")?, tree("xl/_rels/workbook.xml.rels")?)
    else {
        return Ok(String::new());
    };
    let named = book.children("sheets").find(|own| own.attribute("name") == Some(sheet));
    let id =
        named.and_then(|own| own.attributes.iter().find(|own| own.name == "id" && !own.prefix.is_empty()));
    let target = id.and_then(|id| relations.elements().find(|own| own.attribute("Id") == Some(&id.value)));
    let target = target.and_then(|own| own.attribute("Target")).unwrap_or_default();
    Ok(match target.strip_prefix('/') {
        Some(whole) => whole.to_owned(),
        None => format!("xl/{target}"),
    })
}

fn read_tree(member: &Member) -> Result<Element, String> {
    parse(&member.bytes).map_err(|error| format!("{} of the workbook: line {error}", member.path))
}

/// Returns of each style of cells whether its font is struck out.
fn struck_styles(member: &Member) -> Result<Vec<bool>, String> {
    let styles = read_tree(member)?;
    let is_struck = |font: &Element| {
        font.child("strike").is_some_and(|own| !matches!(own.attribute("val"), Some("0" | "false" | "off")))
    };
    let fonts: Vec<bool> = styles.children("fonts").map(is_struck).collect();
    let font = |style: &Element| style.attribute("fontId").and_then(|own| own.parse::<usize>().ok());
    let of_style = |style: &Element| font(style).and_then(|own| fonts.get(own).copied()).unwrap_or(false);
    Ok(styles.children("cellXfs").map(of_style).collect())
}

/// Returns the shared texts of which some characters have a format that changes them, by their number.
fn shared_texts(member: &Member) -> Result<HashMap<usize, Vec<Run>>, String> {
    let (mut texts, mut runs, mut number) = (HashMap::new(), Runs::default(), 0);
    each(member, |event| match event {
        Part::Start(start) if is(start, b"si") => runs = Runs::default(),
        Part::End(b"si") => {
            if runs.is_marked() {
                texts.insert(number, std::mem::take(&mut runs.runs));
            }
            number += 1;
        }
        other => runs.take(&other),
    })?;
    Ok(texts)
}

/// A part of a document.
enum Part<'a> {
    Start(&'a BytesStart<'a>),
    End(&'a [u8]),
    Text(String),
}

/// Hands out the parts of a document, an empty element as its start and its end.
fn each(member: &Member, mut take: impl FnMut(Part<'_>)) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{} of the workbook: {error}", member.path);
    let mut reader = Reader::from_reader(&member.bytes[..]);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| failed(&error))? {
            Event::Start(start) => take(Part::Start(&start)),
            Event::Empty(start) => {
                take(Part::Start(&start));
                take(Part::End(start.local_name().as_ref()));
            }
            Event::End(end) => take(Part::End(end.local_name().as_ref())),
            Event::Text(text) => {
                take(Part::Text(text.unescape().map_err(|error| failed(&error))?.into_owned()));
            }
            Event::CData(text) => take(Part::Text(String::from_utf8_lossy(&text).into_owned())),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn is(start: &BytesStart<'_>, name: &[u8]) -> bool {
    start.local_name().as_ref() == name
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.try_get_attribute(name).ok().flatten()?;
    Some(String::from_utf8_lossy(&found.value).into_owned())
}

/// The runs of one text, as they are read.
#[derive(Default)]
struct Runs {
    runs: Vec<Run>,
    is_in_text: bool,
    is_phonetic: bool,
}

impl Runs {
    fn take(&mut self, part: &Part<'_>) {
        match part {
            Part::Start(start) => self.start(start),
            Part::End(b"t") => self.is_in_text = false,
            Part::End(b"rPh") => self.is_phonetic = false,
            Part::Text(text) if self.is_in_text && !self.is_phonetic => match self.runs.last_mut() {
                Some(run) => run.text.push_str(text),
                None => self.runs.push(Run { text: text.clone(), format: None }),
            },
            _ => {}
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        let value = || attribute(start, "val");
        let format = self.runs.last_mut().map(|run| &mut run.format);
        match (start.local_name().as_ref(), format) {
            (b"r", _) => self.runs.push(Run::default()),
            (b"t", _) => self.is_in_text = true,
            (b"rPh", _) => self.is_phonetic = true,
            (b"rPr", Some(format)) => *format = Some(Format::default()),
            (b"strike", Some(Some(format))) => {
                format.is_struck = !matches!(value().as_deref(), Some("0" | "false" | "off"));
            }
            (b"vertAlign", Some(Some(format))) => {
                format.script = match value().as_deref() {
                    Some("superscript") => Some(Script::Raised),
                    Some("subscript") => Some(Script::Lowered),
                    _ => None,
                };
            }
            _ => {}
        }
    }

    fn is_marked(&self) -> bool {
        self.runs.iter().any(|run| run.format.is_some_and(|format| format != Format::default()))
    }
}

/// A sheet as it is read.
#[derive(Default)]
struct Sheet {
    shared: HashMap<usize, Vec<Run>>,
    /// Of each style whether it is struck out.
    styles: Vec<bool>,
    shown: HashMap<Place, Shown>,
    cell: Cell,
    /// The place of the next cell that states none.
    next: Place,
}

#[derive(Default)]
struct Cell {
    place: Place,
    kind: String,
    is_struck: bool,
    is_in_value: bool,
    value: String,
    runs: Runs,
}

impl Sheet {
    fn read(mut self, member: &Member) -> Result<HashMap<Place, Shown>, String> {
        each(member, |part| match &part {
            Part::Start(start) if is(start, b"row") => {
                let row = attribute(start, "r").and_then(|own| own.parse::<u32>().ok());
                self.next = (row.map_or(self.next.0, |row| row.saturating_sub(1)), 0);
            }
            Part::End(b"row") => self.next = (self.next.0 + 1, 0),
            Part::Start(start) if is(start, b"c") => self.begin(start),
            Part::End(b"c") => self.end(),
            Part::Start(start) if is(start, b"v") => self.cell.is_in_value = true,
            Part::End(b"v") => self.cell.is_in_value = false,
            Part::Text(text) if self.cell.is_in_value => self.cell.value.push_str(text),
            _ => self.cell.runs.take(&part),
        })?;
        Ok(self.shown)
    }

    fn begin(&mut self, start: &BytesStart<'_>) {
        let place = attribute(start, "r").and_then(|own| place(&own)).unwrap_or(self.next);
        let style = attribute(start, "s").and_then(|own| own.parse::<usize>().ok()).unwrap_or(0);
        let is_struck = self.styles.get(style).copied().unwrap_or(false);
        let kind = attribute(start, "t").unwrap_or_default();
        self.cell = Cell { place, kind, is_struck, ..Cell::default() };
        self.next = (place.0, place.1 + 1);
    }

    fn end(&mut self) {
        let cell = std::mem::take(&mut self.cell);
        let shared = cell.value.trim().parse().ok().filter(|_| cell.kind == "s");
        let shared = shared.and_then(|number: usize| self.shared.get(&number));
        let own = Some(&cell.runs.runs).filter(|_| cell.kind == "inlineStr" && cell.runs.is_marked());
        let has_content = !cell.value.is_empty() || !cell.runs.runs.is_empty();
        let shown = match shared.or(own) {
            Some(runs) => shown(runs, cell.is_struck),
            None if cell.is_struck && has_content => Shown { text: String::new(), is_struck: true },
            None => return,
        };
        self.shown.insert(cell.place, shown);
    }
}

/// Writes runs as they are shown in a cell.
fn shown(runs: &[Run], is_cell_struck: bool) -> Shown {
    let mut shown = Shown { text: String::new(), is_struck: false };
    for run in runs {
        let own = run.format.unwrap_or(Format { is_struck: is_cell_struck, script: None });
        match own.script {
            _ if own.is_struck => shown.is_struck |= !run.text.trim().is_empty(),
            Some(Script::Raised) => shown.text.push_str(&raised(&run.text)),
            Some(Script::Lowered) => shown.text.push_str(&lowered(&run.text)),
            None => shown.text.push_str(&run.text),
        }
    }
    shown.text = shown.text.trim().to_owned();
    shown
}

/// Reads a place such as `AB10`.
fn place(text: &str) -> Option<Place> {
    let letters = text.trim_end_matches(|sign: char| sign.is_ascii_digit());
    let row: u32 = text[letters.len()..].parse().ok()?;
    let column = letters.bytes().try_fold(0_u32, |all, letter| {
        let digit =
            letter.is_ascii_alphabetic().then(|| u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
        all.checked_mul(26)?.checked_add(digit)
    })?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}
