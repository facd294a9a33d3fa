//! Cells that a spreadsheet has spoilt: its error values, and what it made of texts that it took for numbers or dates.

use super::months;
use crate::model::visible;

/// Error values by their localized names that the common form does not cover, and those of database programs.
const ERRORS: [&str; 26] = [
    "#N/A",
    "#NV",
    "#N/D",
    "#N/V",
    "#N/B",
    "#N/T",
    "#I/T",
    "#N/DISP",
    "#YOK",
    "#BRAK",
    "#HIÁNYZIK",
    "#Н/Д",
    "#NENÍ_K_DISPOZICI",
    "#NEDOSTUPNÝ",
    "#SAKNAS",
    "#PUUTTUU",
    "#GETTING_DATA",
    "#DIV/0",
    "#SPILL",
    "#NUM",
    "#ERR",
    "#ERROR",
    "#Err",
    "#Error",
    "#Deleted",
    "#MULTIVALUE",
];

/// What LibreOffice writes before the number of an error, in its languages.
const NUMBERED: [&str; 16] = [
    "err",
    "error",
    "erreur",
    "erro",
    "errore",
    "fehler",
    "fout",
    "fel",
    "fejl",
    "feil",
    "virhe",
    "chyba",
    "błąd",
    "hiba",
    "hata",
    "ошибка",
];

/// Describes what is wrong with a cell that holds an error value of a spreadsheet, such as `#REF!` or `Err:502`.
pub(in crate::exchange) fn error_value(text: &str) -> Option<String> {
    if text.strip_prefix("##").is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte == b'#')) {
        return Some(format!(
            "\"{text}\" is what a spreadsheet shows of a column that is too narrow; widen it and export again"
        ));
    }
    (is_named_error(text) || is_numbered_error(text)).then(|| {
        format!("\"{text}\" is an error value of a spreadsheet; correct the cell, or list it under empty if it is a gap")
    })
}

/// Returns whether a text is an error by its name: `#REF!`, `#¿NOMBRE?`, `#Num!`, `#N/A N/A`, `#N/A Requesting Data...`.
fn is_named_error(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('#') else { return false };
    let is_name = |name: &str| {
        let mut letters = name.chars().filter(|sign| sign.is_alphabetic());
        let is_known = |sign: char| sign.is_alphanumeric() || "/_¡¿".contains(sign);
        letters.next().is_some_and(char::is_uppercase)
            && name.chars().all(is_known)
            && (letters.clone().all(char::is_lowercase) || letters.all(char::is_uppercase))
    };
    rest.strip_suffix(['!', '?']).is_some_and(is_name) || ERRORS.contains(&text) || text.starts_with("#N/A ")
}

/// Returns whether a text is an error by its number, as LibreOffice writes it: `Err:502`, `Err :504`, `Fehler:508`.
fn is_numbered_error(text: &str) -> bool {
    let Some((word, number)) = text.split_once(':') else { return false };
    let (word, number) = (word.trim_end().to_lowercase(), number.trim_start());
    number.len() == 3 && number.bytes().all(|byte| byte.is_ascii_digit()) && NUMBERED.contains(&word.as_str())
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

/// What spreadsheets put between a day, a month's name and a year, and the words beside them.
const BETWEEN: [char; 9] = ['-', '.', ' ', '/', ',', '\'', '\u{2019}', '\u{a0}', '\u{202f}'];
const BESIDE: [&str; 3] = ["de", "del", "do"];

/// Returns whether a text is a date with a month's name, as spreadsheets write them: `01.Mrz`, `1-Mar`, `mars-24`, `01. März`,
/// `1-Mar-24`, `1 de março`.
pub(in crate::exchange) fn is_date(text: &str) -> bool {
    if !text.starts_with(char::is_alphanumeric) || !text.contains(BETWEEN) {
        return false;
    }
    let is_number =
        |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> =
        text.split(BETWEEN).filter(|part| !part.is_empty() && !BESIDE.contains(part)).take(4).collect();
    let (numbers, words): (Vec<&str>, Vec<&str>) = parts.iter().copied().partition(is_number);
    let ends_with = |word: &str| parts.len() == 3 && parts.last() == Some(&word);
    match (numbers.len(), words.as_slice()) {
        (1 | 2, [word]) => !ends_with(word) && months::month(word).is_some(),
        _ => false,
    }
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
            "Err:502",
            "Err:508",
            "Err :504",
            "err:522",
            "Fehler:502",
            "Błąd:502",
            "Ошибка:502",
            "#Num!",
            "#Error",
            "#Name?",
            "#N/B",
            "#I/T",
            "#SAKNAS!",
            "#ÜBERLAUF!",
            "#N/A N/A",
            "#N/A Requesting Data...",
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
            "01-mars",
            "mars-24",
            "1-März",
            "01. März",
            "1. Juli",
            "Juni 01",
            "01-gen",
            "01-mag",
            "01-Set",
            "01-mrt",
            "01-mei",
            "março-01",
            "01/mar",
            "1 de março",
            "01-sty",
            "1.maalis",
            "1. leden",
            "01.Mar",
            "01-Şub",
            "1-Mar-24",
            "1. März 2024",
            "Mar 1, 2024",
            "01-ma\u{308}r",
            "janv.-24",
            "August 2024",
        ] {
            check(text, false, true);
        }
        for text in [
            "LED-1", "PRO-24", "SET-01", "Lis-A", "1-Mar-X", "-1-Mar", "1-2-Mar", "March", "Err:50",
            "Term:502",
        ] {
            check(text, false, false);
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
