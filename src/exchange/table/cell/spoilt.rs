//! Cells that a spreadsheet has spoilt: its error values, and what it made of texts that it took for numbers or dates.

use crate::model::visible;

/// Error values by their localized names that the common form does not cover.
const ERRORS: [&str; 8] = ["#N/A", "#NV", "#N/D", "#N/V", "#GETTING_DATA", "#DIV/0", "#SPILL", "#NUM"];

/// The names of months as spreadsheets shorten them.
const MONTHS: [&str; 27] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mrz", "mär",
    "mai", "okt", "dez", "janv", "févr", "avr", "juin", "juil", "août", "déc", "ene", "dic",
];

/// Describes what is wrong with a cell that holds an error value of a spreadsheet, such as `#REF!`.
pub(in crate::exchange) fn error_value(text: &str) -> Option<String> {
    let rest = text.strip_prefix('#')?;
    if rest.len() >= 2 && rest.bytes().all(|byte| byte == b'#') {
        return Some(format!(
            "\"{text}\" is what a spreadsheet shows of a column that is too narrow; widen it and export again"
        ));
    }
    let named = rest.strip_suffix(['!', '?']).is_some_and(|name| {
        !name.is_empty() && name.chars().all(|c| c.is_uppercase() || c.is_ascii_digit() || "/_¡¿".contains(c))
    });
    (named || ERRORS.contains(&text)).then(|| {
        format!("\"{text}\" is an error value of a spreadsheet; correct the cell, or list it under empty if it is a gap")
    })
}

/// Describes what is wrong with a cell of which characters were lost, as a file is read or was saved in another encoding than its own.
pub(in crate::exchange) fn lost_characters(text: &str) -> Option<String> {
    text.contains('\u{fffd}').then(|| {
        format!(
            "\"{text}\" has U+FFFD in it, which replaces a character that was lost: the file is in another encoding than the one stated, or was converted from one; export it again"
        )
    })
}

/// What programs export for a value that is not there. Words such as `n/a` and `None` may be meant where they name nothing.
const ABSENT: [&str; 7] = ["NULL", "null", "(null)", "NaN", "nan", "<NA>", "NaT"];
const ABSENT_NAMES: [&str; 8] = ["None", "none", "n/a", "N/A", "NA", "-", "--", "undefined"];

/// Describes what is wrong with a cell that holds a program's word for a value that is not there.
pub(in crate::exchange) fn absent(text: &str, names: bool) -> Option<String> {
    (ABSENT.contains(&text) || names && ABSENT_NAMES.contains(&text)).then(|| {
        format!(
            "\"{text}\" is what programs write for an empty cell; list it under empty, or under literal if it is meant so"
        )
    })
}

/// Explains why a text is hardly the name that was typed: a spreadsheet turned it into a power of ten or a date.
pub(in crate::exchange) fn name(text: &str) -> Option<String> {
    if let Some(fault) = visible::fault(text) {
        return Some(format!("\"{text}\" names something, but {fault}"));
    }
    let became = if is_power(text) {
        "a number with an exponent, of which digits are lost"
    } else if is_date(text) {
        "a date"
    } else if is_whole_float(text) {
        "a number with decimals"
    } else if is_marked_text(text) {
        "a text with its mark"
    } else {
        return None;
    };
    Some(format!(
        "\"{text}\" names something, but looks like a name that a spreadsheet turned into {became}; export the column as text, or list it under literal if it is meant so"
    ))
}

/// Returns whether a text is a long whole number with decimals, as programs write a column of numbers with gaps: `471100.0`.
fn is_whole_float(text: &str) -> bool {
    let Some((whole, places)) = text.split_once(['.', ',']) else { return false };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    whole.len() >= 4 && digits(whole) && matches!(places, "0" | "00")
}

/// Returns whether a text is a number behind the apostrophe by which spreadsheets mark it as text: `'00471`.
fn is_marked_text(text: &str) -> bool {
    text.strip_prefix('\'').is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()))
}

/// Returns whether a text is written as spreadsheets write long numbers: `9.55167E+12`.
fn is_power(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or_default();
    whole.len() == 1
        && digits(whole)
        && digits(fraction)
        && (2..=3).contains(&exponent.len())
        && digits(exponent)
}

/// Returns whether a text is written as spreadsheets write days and months: `01.Mrz`, `1-Mar`, `Mar-01`, `Mrz 24`.
pub(in crate::exchange) fn is_date(text: &str) -> bool {
    let is_number =
        |part: &str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_month = |part: &str| MONTHS.contains(&part.trim_end_matches('.').to_lowercase().as_str());
    let parts = text.split_once('-').or_else(|| text.split_once(". ")).or_else(|| text.split_once('.'));
    parts
        .or_else(|| text.split_once(' '))
        .is_some_and(|(one, other)| is_number(one) && is_month(other) || is_month(one) && is_number(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_words_for_empty_cells() {
        let check = |text: &str, as_value: bool, as_name: bool| {
            assert_eq!(
                (absent(text, false).is_some(), absent(text, true).is_some()),
                (as_value, as_name),
                "{text}"
            );
        };
        check("NULL", true, true);
        check("nan", true, true);
        check("n/a", false, true);
        check("None", false, true);
        check("Nan", false, false);
        check("nullable", false, false);
    }

    #[test]
    fn knows_what_spreadsheets_spoil() {
        let check = |text: &str, error: bool, spoilt: bool| {
            assert_eq!((error_value(text).is_some(), name(text).is_some()), (error, spoilt), "{text}");
        };
        for text in [
            "#N/A",
            "#REF!",
            "#DIV/0!",
            "#VALUE!",
            "#NAME?",
            "#NUM!",
            "#NULL!",
            "#SPILL!",
            "#NV",
            "#BEZUG!",
            "#WERT!",
            "#¡VALOR!",
            "#¿NOMBRE?",
            "########",
        ] {
            check(text, true, false);
        }
        for text in ["471100.0", "4711,00", "'00471", "P\u{200b}-1", "\u{feff}P-1", "P\u{1}"] {
            check(text, false, true);
        }
        for text in
            ["9,55167E+12", "9.5E+12", "1E-05", "01.Mrz", "1-Mar", "Mar-01", "Mrz 24", "02. Okt", "Sep-2024"]
        {
            check(text, false, true);
        }
        for text in [
            "1.0",
            "10.0",
            "4711.5",
            "'n",
            "#1",
            "#",
            "#17 left",
            "#a!",
            "00471",
            "12E5",
            "1E5",
            "5E10-A",
            "P-1",
            "MAR-X",
            "2024-03-01",
            "A-01",
            "Mark-1",
        ] {
            check(text, false, false);
        }
    }
}
