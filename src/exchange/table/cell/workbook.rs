//! Cells of a workbook whose type shows that their text is not what was typed, by the line of the text that is made of the sheet.

use std::collections::HashMap;

/// The first whole number that a double does not hold for certain: 2⁵³.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// What is wrong with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exchange::table) enum Typed {
    /// It holds a date, a time of day or a duration.
    Time,
    /// It holds a number of more digits than a double has.
    Number,
    /// It has the format of a date, and a number that is none.
    NoDate,
    /// Some of its characters, at this row and column of the sheet, are superscript, subscript or struck out.
    Formatted(u32, u32),
    /// It has a formula, and the workbook no value of it.
    NoValue,
}

/// The cells of a sheet that are not texts, numbers of few digits or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::exchange::table) struct TypedCells {
    cells: HashMap<(u64, usize), Typed>,
    /// The name of the sheet.
    pub(in crate::exchange::table) sheet: String,
}

impl TypedCells {
    pub(in crate::exchange::table) fn add(&mut self, line: u64, column: usize, typed: Typed) {
        self.cells.insert((line, column), typed);
    }

    /// Describes what is wrong with a cell that is used: as a text or name where `is_text`, else as a time or number.
    pub(in crate::exchange::table) fn fault(
        &self,
        (line, column): (u64, usize),
        text: Option<&str>,
        is_text: bool,
    ) -> Option<String> {
        let typed = self.cells.get(&(line, column))?;
        // A number that is struck out as a whole leaves an empty text.
        if let Typed::Formatted(row, at) = typed
            && !is_text
        {
            return Some(format!(
                "has superscript, subscript or struck out characters in {} of sheet \"{}\", so its digits are not the number that it shows: write the number there in plain digits",
                address((*row, *at)),
                self.sheet
            ));
        }
        let text = text?;
        match typed {
            Typed::NoValue => Some(
                "has a formula, and the workbook does not hold its value: open the workbook with a spreadsheet program and save it"
                    .to_owned(),
            ),
            Typed::NoDate => Some(format!(
                "has the format of a date and the number {text}, which is none: correct the cell"
            )),
            Typed::Time if is_text => Some(format!(
                "holds the date or time {text}, which a spreadsheet may have made of another text; format the column as text and type it again, or list it under literal if it is meant so"
            )),
            Typed::Number if is_text => Some(format!(
                "holds the number {text}, of which a spreadsheet has not kept all digits; format the column as text and type it again, or list it under literal if it is meant so"
            )),
            Typed::Time | Typed::Number | Typed::Formatted(..) => None,
        }
    }
}

/// Returns whether a number may be another one than the digits that were typed.
pub(in crate::exchange::table) fn is_inexact(number: f64) -> bool {
    number.abs() >= WHOLE_MAX
}

/// Names a cell, as `AB10`.
pub(in crate::exchange::table) fn address((row, column): (u32, u32)) -> String {
    let (mut letters, mut rest) = (String::new(), column + 1);
    while rest > 0 {
        let digit = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + digit));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}
