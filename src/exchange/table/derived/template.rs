//! Names of resources made from the cells of a row: `pump/{serial}`.

use crate::exchange::table::sheet::row::{Header, Row};
use oxigraph::model::NamedNode;

/// The longest text that is made, in bytes.
const TEXT_MAX: usize = 1 << 20;

/// Why a text is not made: the first column that is empty, or that with which it becomes too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exchange) enum Unfilled {
    Empty(usize),
    TooLong(usize),
}

impl Unfilled {
    /// Returns the column.
    pub(in crate::exchange) fn column(self) -> usize {
        match self {
            Self::Empty(column) | Self::TooLong(column) => column,
        }
    }

    /// Returns what is wrong with the column, where that is more than that it is empty.
    pub(in crate::exchange) fn reason(self) -> Option<String> {
        let too_long = "the text that is made of it and of others is longer than 1 MiB";
        matches!(self, Self::TooLong(_)).then(|| too_long.to_owned())
    }
}

/// A name with places for cells.
#[derive(Clone, Debug)]
pub(in crate::exchange) struct Template(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Cell(usize),
    /// The number of the row.
    Row,
    /// The number of the row among those that otherwise give the same name.
    Nth,
}

impl Template {
    /// Reads `text {column} text`; `{{` and `}}` are braces, `{#row}` is the number of the row, `{#nth}` its number among the
    /// rows that otherwise give the same name. The error describes what is wrong.
    pub(in crate::exchange) fn parse(text: &str, header: &Header<'_>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let (column, after) = after
                .split_once('}')
                .filter(|_| brace == "{")
                .ok_or_else(|| format!("\"{text}\" has a brace without its partner"))?;
            pieces.push(Piece::Text(std::mem::take(&mut plain)));
            pieces.push(match (header.index(column.trim()), column.trim()) {
                (Ok(index), _) => Piece::Cell(index),
                (Err(_), "#row") => Piece::Row,
                (Err(_), "#nth") => Piece::Nth,
                (Err(message), _) => return Err(message),
            });
            rest = after;
        }
        plain.push_str(rest);
        pieces.push(Piece::Text(plain));
        Ok(Self(pieces))
    }

    /// Fills in the cells of a row, escaped so that a cell is one step of the name.
    pub(in crate::exchange) fn fill(&self, row: &Row<'_>) -> Result<String, Unfilled> {
        self.fill_nth(row, 0)
    }

    /// Like [`fill`](Self::fill), with the number of the row among those of one name.
    pub(in crate::exchange::table) fn fill_nth(&self, row: &Row<'_>, nth: u64) -> Result<String, Unfilled> {
        self.fill_by(row, nth, escape)
    }

    /// Fills in the cells as they are.
    pub(in crate::exchange) fn text(&self, row: &Row<'_>) -> Result<String, Unfilled> {
        self.fill_by(row, 0, str::to_owned)
    }

    fn fill_by(&self, row: &Row<'_>, nth: u64, write: fn(&str) -> String) -> Result<String, Unfilled> {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Cell(column) => {
                    filled.push_str(&write(row.cell(*column).ok_or(Unfilled::Empty(*column))?));
                    if filled.len() > TEXT_MAX {
                        return Err(Unfilled::TooLong(*column));
                    }
                }
                Piece::Row => filled.push_str(&row.number.to_string()),
                Piece::Nth => filled.push_str(&nth.to_string()),
            }
        }
        Ok(filled)
    }

    /// Returns whether the name numbers the rows that otherwise give the same one.
    pub(in crate::exchange) fn is_numbered(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Nth))
    }

    /// Returns whether the name is the same in every row.
    pub(in crate::exchange::table) fn is_constant(&self) -> bool {
        self.0.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Returns the columns of the places.
    pub(in crate::exchange) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Cell(column) => Some(*column),
            Piece::Text(_) | Piece::Row | Piece::Nth => None,
        })
    }
}

/// Returns the resource that a text names: an absolute IRI as it is, anything else below `base`.
pub(in crate::exchange) fn expand(base: &str, text: &str) -> Result<NamedNode, String> {
    let absolute = text.contains("://") || text.starts_with("urn:");
    let iri = if absolute { text.to_owned() } else { format!("{base}{text}") };
    NamedNode::new(iri).map_err(|error| format!("\"{text}\" cannot be part of an IRI: {error}"))
}

/// Writes a text as one step of an IRI; different texts stay different.
pub(in crate::exchange) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || "-._~!$&'()*+,;=:@".contains(character) {
            escaped.push(character);
        } else {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                escaped.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    escaped
}
