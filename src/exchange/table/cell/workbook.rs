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
    /// It has a formula, and the workbook no value of it.
    NoValue,
}

/// The cells of a sheet that are not texts, numbers of few digits or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::exchange::table) struct TypedCells(HashMap<(u64, usize), Typed>);

impl TypedCells {
    pub(in crate::exchange::table) fn add(&mut self, line: u64, column: usize, typed: Typed) {
        self.0.insert((line, column), typed);
    }

    /// Describes what is wrong with a cell that is used: as a text or name where `is_text`, else as a time or number.
    pub(in crate::exchange::table) fn fault(
        &self,
        (line, column): (u64, usize),
        text: &str,
        is_text: bool,
    ) -> Option<String> {
        match self.0.get(&(line, column))? {
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
            Typed::Time | Typed::Number => None,
        }
    }
}

/// Returns whether a number may be another one than the digits that were typed.
pub(in crate::exchange::table) fn is_inexact(number: f64) -> bool {
    number.abs() >= WHOLE_MAX
}
