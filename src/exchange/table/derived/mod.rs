//! Columns made of others: parts of one by a pattern, values computed of several, texts joined, the first that is not empty.

pub(super) mod arithmetic;
pub(super) mod extract;
pub(in crate::exchange) mod template;

use super::cell::marks::Marks;
use super::mapping::{Derived as Written, Mapping};
use super::problem::Error;
use super::sheet::dialect::Dialect;
use super::sheet::row::{Header, Row};
use arithmetic::{Expression, Wrong};
use extract::Extracts;
use template::Template;

/// How many bytes a row may hold with the columns that are made of others.
const ROW_MAX: usize = 16 << 20;

/// How one text is made of the cells of a row.
#[derive(Clone, Debug)]
pub(super) enum Make {
    Computed(Expression),
    Joined(Template),
    /// The first of these that is not empty.
    First(Vec<usize>),
}

impl Make {
    /// Makes the text; `None` where the cells that it needs are empty. Numbers are written with the decimal mark of `marks`.
    pub(super) fn text(&self, row: &Row<'_>, marks: Marks) -> Result<Option<String>, Wrong> {
        match self {
            Self::Computed(expression) => {
                let computed = expression.compute(row, marks)?;
                Ok(computed.map(|text| text.replace('.', marks.decimal().encode_utf8(&mut [0; 4]))))
            }
            Self::Joined(template) => match template.text(row) {
                Ok(text) => Ok(Some(text)),
                Err(unfilled) => match unfilled.reason() {
                    Some(reason) => Err((Some(unfilled.column()), reason)),
                    None => Ok(None),
                },
            },
            Self::First(columns) => {
                Ok(columns.iter().find_map(|column| row.cell(*column)).map(str::to_owned))
            }
        }
    }

    /// Lists the columns that are used.
    pub(super) fn columns(&self, used: &mut Vec<usize>) {
        match self {
            Self::Computed(expression) => expression.columns(used),
            Self::Joined(template) => used.extend(template.columns()),
            Self::First(columns) => used.extend(columns),
        }
    }
}

/// The derived columns of a table.
#[derive(Debug, Default)]
pub(in crate::exchange) struct Derived {
    extracts: Extracts,
    made: Vec<Make>,
}

impl Derived {
    /// Reads the derived columns of a mapping and adds their names to the header. Each may use those before it.
    pub(in crate::exchange) fn new(
        mapping: &Mapping,
        names: &mut Vec<String>,
        table: &str,
    ) -> Result<Self, Error> {
        let extracts = Extracts::new(mapping, names, table)?;
        let mut made = Vec::new();
        for column in &mapping.written.column {
            made.push(make(mapping, column, &Header { names, table })?);
            names.push(column.name.get_ref().clone());
        }
        Ok(Self { extracts, made })
    }

    /// Lists the columns that are used.
    pub(in crate::exchange) fn columns(&self, used: &mut Vec<usize>) {
        used.extend(self.extracts.columns());
        for make in &self.made {
            make.columns(used);
        }
    }

    /// Adds the columns of which the first that is not empty is one of `columns`; `all` is how many there are with the derived ones.
    pub(in crate::exchange) fn first_of(&self, columns: &mut Vec<usize>, all: usize) {
        for (at, make) in self.made.iter().enumerate().rev() {
            let column = all - self.made.len() + at;
            if let Make::First(own) = make
                && columns.contains(&column)
            {
                columns.extend(own);
            }
        }
    }

    /// Adds the cells of the derived columns to a row, of this line and number.
    pub(in crate::exchange) fn extend(
        &self,
        record: &mut csv::StringRecord,
        (line, number): (u64, u64),
        dialect: &Dialect,
        wrong: &mut impl FnMut(Option<usize>, String),
    ) {
        self.extracts.extend(record, wrong);
        for make in &self.made {
            let row = Row { line, number, record, empty: &dialect.empty };
            let text = make.text(&row, dialect.marks).unwrap_or_else(|(column, message)| {
                wrong(column, message);
                None
            });
            record.push_field(&text.unwrap_or_default());
            if record.as_slice().len() > ROW_MAX {
                wrong(
                    None,
                    "the row holds more than 16 MiB with the columns that are made of others".to_owned(),
                );
                return;
            }
        }
    }
}

fn make(mapping: &Mapping, column: &Written, header: &Header<'_>) -> Result<Make, Error> {
    let at = column.name.span().start;
    let wrong = |message: String| mapping.error(at, message);
    let name = column.name.get_ref();
    if header.names.contains(name) {
        return Err(wrong(format!("there is a column \"{name}\" already; give this one another name")));
    }
    match (&column.value, &column.text, &column.first) {
        (Some(value), None, None) => Expression::parse(value, header).map(Make::Computed).map_err(wrong),
        (None, Some(text), None) => joined(text, header).map_err(wrong),
        (None, None, Some(first)) => first_of(first, header).map_err(wrong),
        _ => Err(wrong("give exactly one of value (a number that is computed), text and first".to_owned())),
    }
}

/// Reads a text with cells in it.
pub(super) fn joined(text: &str, header: &Header<'_>) -> Result<Make, String> {
    let template = Template::parse(text, header)?;
    if template.is_numbered() {
        return Err(
            "{#nth} numbers the rows that give one id, so it belongs in the id of a [[resource]]".to_owned()
        );
    }
    Ok(Make::Joined(template))
}

/// Reads the columns of which the first one counts that is not empty.
pub(super) fn first_of(names: &[String], header: &Header<'_>) -> Result<Make, String> {
    if names.is_empty() {
        return Err("name at least one column".to_owned());
    }
    names.iter().map(|name| header.index(name)).collect::<Result<_, _>>().map(Make::First)
}
