//! Numbers as spreadsheets write them: which mark separates decimals, and which thousands.

use super::spoilt;
use crate::model::number::numeral;
use std::borrow::Cow;

/// The marks of the numbers of a table or column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    decimal: char,
    thousands: Option<char>,
}

impl Default for Marks {
    fn default() -> Self {
        Self { decimal: '.', thousands: None }
    }
}

impl Marks {
    /// Takes the marks as a person states them; a decimal point and no mark between thousands where absent.
    pub fn new(decimal: Option<char>, thousands: Option<char>) -> Result<Self, String> {
        let marks = Self { decimal: decimal.unwrap_or('.'), thousands };
        let is_part_of_a_number = |mark: char| mark.is_ascii_alphanumeric() || "+-\u{2212}".contains(mark);
        if let Some(mark) =
            [Some(marks.decimal), thousands].into_iter().flatten().find(|m| is_part_of_a_number(*m))
        {
            return Err(format!("\"{mark}\" is part of numbers, so it cannot be a mark in them"));
        }
        if thousands.is_some_and(|mark| same(mark, marks.decimal)) {
            return Err(format!(
                "\"{}\" cannot be both the decimal mark and the mark between thousands",
                marks.decimal
            ));
        }
        Ok(marks)
    }

    /// Returns the decimal mark.
    pub(in crate::exchange) const fn decimal(self) -> char {
        self.decimal
    }

    /// Writes a number with a decimal point and without marks between thousands: `[+-]digits[.digits][e[+-]digits]`. The
    /// error describes what is wrong with the text.
    ///
    /// A mark between thousands has three digits behind it, up to the decimal mark, and one to three before the first,
    /// none of them a leading zero: anything else (`12.5` or `0.673` in a table with a decimal comma) is a slip, and
    /// dropping the mark would make another number of it.
    pub(in crate::exchange) fn plain(self, text: &str) -> Result<Cow<'_, str>, String> {
        self.read(text).ok_or_else(|| self.not_a_number(text))
    }

    fn read(self, text: &str) -> Option<Cow<'_, str>> {
        let unsigned = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once(self.decimal).unwrap_or((mantissa, ""));
        let exponent_digits = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
        if !digits(fraction)
            || exponent_digits.is_some_and(|digits_of| digits_of.is_empty() || !digits(digits_of))
        {
            return None;
        }
        let whole = self.ungrouped(whole)?;
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let is_plain =
            self.decimal == '.' && matches!(whole, Cow::Borrowed(_)) && !text.starts_with('\u{2212}');
        if is_plain {
            return Some(Cow::Borrowed(text));
        }
        let sign = if text.starts_with(['-', '\u{2212}']) { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let exponent = exponent.map_or_else(String::new, |exponent| format!("e{exponent}"));
        Some(Cow::Owned(format!("{sign}{whole}{point}{fraction}{exponent}")))
    }

    /// Reads a number as the nearest double.
    pub(in crate::exchange) fn float(self, text: &str) -> Result<f64, String> {
        let plain = self.plain(text)?;
        let value: f64 = plain.parse().map_err(|_| self.not_a_number(text))?;
        match value.is_finite() {
            true if numeral::underflows(&plain, value) => {
                Err(format!("\"{text}\" is too small for a double, which would make it 0"))
            }
            true => Ok(value),
            false => Err(format!("\"{text}\" is not a finite number")),
        }
    }

    /// Returns the digits before the decimal mark without marks between thousands, where these are in their places.
    fn ungrouped(self, whole: &str) -> Option<Cow<'_, str>> {
        if digits(whole) {
            return Some(Cow::Borrowed(whole));
        }
        let mark = self.thousands?;
        let mut groups = whole.split(|character| same(character, mark));
        let first = groups.next()?;
        let mut rest = groups;
        let is_grouped = (1..=3).contains(&first.len())
            && digits(first)
            && !first.starts_with('0')
            && rest.all(|group| group.len() == 3 && digits(group));
        is_grouped.then(|| Cow::Owned(whole.chars().filter(char::is_ascii_digit).collect()))
    }

    /// Returns the mark that separates thousands in a text which is a number with it.
    fn grouping(self, text: &str) -> Option<char> {
        ['\'', ' '].into_iter().find(|mark| {
            text.contains(|sign| same(sign, *mark))
                && (Self { thousands: Some(*mark), ..self }).read(text).is_some()
        })
    }

    /// Returns whether a text is a number and a word behind it, such as `85.5 °C` or `85%`.
    fn is_with_unit(self, text: &str) -> bool {
        let is_of_unit = |sign: char| sign.is_alphabetic() || "%°µ/²³".contains(sign);
        let number = text
            .trim_end_matches(|sign: char| is_of_unit(sign) || sign.is_ascii_digit() || sign == self.decimal);
        let end = text[number.len()..].find(is_of_unit).map_or(text.len(), |at| number.len() + at);
        end < text.len() && !text[..end].trim().is_empty() && self.read(text[..end].trim_end()).is_some()
    }

    /// Returns what is to be done about a number in a notation that is none of tables.
    fn other_notation(self, text: &str) -> Option<String> {
        let is_number = |text: &str| !text.is_empty() && self.read(text).is_some();
        let is_pair =
            |mark: &[char]| text.split_once(mark).is_some_and(|(a, b)| is_number(a) && is_number(b));
        let inside = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(str::trim);
        let bare =
            text.trim_start_matches(['<', '>', '\u{2264}', '\u{2265}', '~', '\u{2248}', '=']).trim_start();
        let hint = match () {
            () if has_other_digits(text) => {
                "write it with the digits 0 to 9 alone, a fraction as a decimal and a power as in 1e3".to_owned()
            }
            () if is_pair(&['/']) => format!("write a fraction as a decimal, as in 0{}5", self.decimal),
            () if text.strip_suffix(['e', 'E']).is_some_and(is_number) => {
                "the exponent behind its last letter is missing".to_owned()
            }
            () if is_pair(&['d', 'D']) => "write an exponent with e, as in 1e5".to_owned(),
            () if inside.is_some_and(is_number) => {
                format!("if brackets mean a negative number, write -{}", inside.unwrap_or_default())
            }
            () if bare.len() < text.len() && is_number(bare) && text.starts_with('=') => {
                "save the values of a spreadsheet, not its formulas".to_owned()
            }
            () if bare.len() < text.len() && is_number(bare) => {
                "a value that is only known to lie beyond a limit, or about there, is none: list the text under empty, which makes it a gap, or put the \
                 sign into a column of its own"
                    .to_owned()
            }
            () => return None,
        };
        Some(format!("; {hint}"))
    }

    fn not_a_number(self, text: &str) -> String {
        let Self { decimal: point, thousands } = self;
        let grouping = self.grouping(text);
        let has = |mark: char| text.contains(|character| same(character, mark));
        let other = self.other_notation(text);
        let hint = match thousands {
            _ if spoilt::is_date(text) => {
                "; a spreadsheet seems to have turned a value into a date".to_owned()
            }
            _ if has(',') && point == '.' && thousands.is_none_or(|mark| mark != ',') => {
                "; if the column writes a decimal comma, state decimal = \",\"".to_owned()
            }
            Some(mark) if has(mark) => format!(
                "; a \"{mark}\" between thousands has three digits behind it and one to three before the first"
            ),
            None if has('.')
                && point != '.'
                && (Self { thousands: Some('.'), ..self }).read(text).is_some() =>
            {
                "; if points separate thousands, state thousands = \".\"".to_owned()
            }
            None if grouping.is_some() => {
                let mark = grouping.unwrap_or(' ');
                let name = if mark == ' ' { "blanks" } else { "apostrophes" };
                format!("; if {name} separate thousands, state thousands = \"{mark}\"")
            }
            _ if text.strip_suffix('-').is_some_and(|rest| self.read(rest).is_some()) => {
                "; the sign is written in front".to_owned()
            }
            _ if is_hexadecimal(text) => "; hexadecimal is not read: write the number in decimal".to_owned(),
            _ if other.is_some() => other.unwrap_or_default(),
            _ if self.is_with_unit(text) => {
                "; the cell holds a unit too: a column of numbers states it in its header or another column"
                    .to_owned()
            }
            _ if is_sign_of_gap(text) => "; where it means a gap, list it under empty".to_owned(),
            _ => String::new(),
        };
        let example = thousands.map_or(format!("80{point}5"), |mark| format!("1{mark}080{point}5"));
        format!("\"{text}\" is not a number such as {example}{hint}")
    }
}

/// Returns whether a text has digits or fractions of other scripts and forms, such as `٥`, `½` and `10³`, and no word.
fn has_other_digits(text: &str) -> bool {
    text.contains(|sign: char| sign.is_numeric() && !sign.is_ascii_digit())
        && !text.contains(|sign: char| sign.is_alphabetic())
}

/// Returns whether a text may stand for a gap, as `n.a.`, `k.A.`, `---` and `?` do: it has a sign, no digit, and no word of three letters.
fn is_sign_of_gap(text: &str) -> bool {
    let is_word = |word: &str| word.chars().count() >= 3;
    text.contains(|sign: char| !sign.is_alphabetic())
        && !text.contains(|sign: char| sign.is_ascii_digit())
        && !text.split(|sign: char| !sign.is_alphabetic()).any(is_word)
}

/// Returns whether a text is a whole number in hexadecimal, such as `0x1F` or `-0X1F`.
fn is_hexadecimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    let marked = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    marked.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether two characters are one mark: spreadsheets write blanks and apostrophes in several forms.
fn same(character: char, mark: char) -> bool {
    const BLANKS: [char; 4] = [' ', '\u{a0}', '\u{202f}', '\u{2009}'];
    const APOSTROPHES: [char; 2] = ['\'', '\u{2019}'];
    character == mark
        || [&BLANKS[..], &APOSTROPHES].iter().any(|set| set.contains(&character) && set.contains(&mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marks(decimal: char, thousands: Option<char>) -> Marks {
        Marks::new(Some(decimal), thousands).expect("good marks")
    }

    #[test]
    fn reads_numbers_as_tables_write_them() {
        let check = |decimal: char, thousands: Option<char>, text: &str, expect: &str| {
            let marks = marks(decimal, thousands);
            let got = marks.plain(text).map_or_else(|error| error, Cow::into_owned);
            assert_eq!(got, expect, "{text}");
        };
        check('.', None, "-12.50", "-12.50");
        check('.', None, "\u{2212}3", "-3");
        check('.', None, "1.5E-3", "1.5E-3");
        check(',', Some('.'), "1.234.567,5", "1234567.5");
        check(',', Some('.'), "1234567,5", "1234567.5");
        check(',', Some('.'), "-,25", "-.25");
        check(',', Some('.'), "+12,5e+3", "12.5e+3");
        check(',', Some('\u{a0}'), "1\u{202f}234,5", "1234.5");
        check('.', Some('\''), "1\u{2019}234.5", "1234.5");
        let german = "is not a number such as 1.080,5; a \".\" between thousands has three digits behind it and one to three before the first";
        for text in
            ["12.5", "1.23,4", "0.673", "1.2345", "1234.567", "12.34.567", ".123", "1..234", "1.234,5.6"]
        {
            check(',', Some('.'), text, &format!("\"{text}\" {german}"));
        }
        check(
            '.',
            Some(','),
            "12,34,567",
            "\"12,34,567\" is not a number such as 1,080.5; a \",\" between thousands has three digits behind it and one to three before the first",
        );
        check(
            '.',
            None,
            "85,5",
            "\"85,5\" is not a number such as 80.5; if the column writes a decimal comma, state decimal = \",\"",
        );
        check(
            ',',
            None,
            "1.234,5",
            "\"1.234,5\" is not a number such as 80,5; if points separate thousands, state thousands = \".\"",
        );
        let unit =
            "; the cell holds a unit too: a column of numbers states it in its header or another column";
        let hexadecimal = "; hexadecimal is not read: write the number in decimal";
        for (text, hint) in [
            ("1'234.5", "; if apostrophes separate thousands, state thousands = \"'\""),
            ("1\u{202f}234.5", "; if blanks separate thousands, state thousands = \" \""),
            ("12-", "; the sign is written in front"),
            ("85.5 °C", unit),
            ("5%", unit),
            ("-3kW", unit),
            ("0 xA", unit),
            ("0x10", hexadecimal),
            ("-0X1f", hexadecimal),
            ("0x", unit),
        ] {
            check('.', None, text, &format!("\"{text}\" is not a number such as 80.5{hint}"));
        }
        for gap in [".", "-", "n.a.", "k.A.", "?"] {
            let hint = "where it means a gap, list it under empty";
            check('.', None, gap, &format!("\"{gap}\" is not a number such as 80.5; {hint}"));
        }
        for (text, hint) in [
            ("٥", "the digits 0 to 9"),
            ("½", "the digits 0 to 9"),
            ("10³", "the digits 0 to 9"),
            ("1/2", "a fraction as a decimal, as in 0.5"),
            ("1e", "the exponent behind its last letter is missing"),
            ("1d5", "write an exponent with e, as in 1e5"),
            ("1.5D-3", "write an exponent with e, as in 1e5"),
            ("(5.0)", "if brackets mean a negative number, write -5.0"),
            ("<5", "only known to lie beyond a limit"),
            ("≥ 0.5", "only known to lie beyond a limit"),
            ("~5", "only known to lie beyond a limit"),
            ("=5", "not its formulas"),
        ] {
            let error = marks('.', None).plain(text).expect_err(text);
            assert!(error.contains(hint) && !error.contains("means a gap"), "{error}");
        }
        for text in ["", "NaN", "inf", "e5", "1.2.3", "1 2", "x 5 y"] {
            check('.', None, text, &format!("\"{text}\" is not a number such as 80.5"));
        }
        for text in ["01.Mrz", "Mar-01"] {
            check(
                '.',
                None,
                text,
                &format!(
                    "\"{text}\" is not a number such as 80.5; a spreadsheet seems to have turned a value into a date"
                ),
            );
        }
    }

    #[test]
    fn marks_differ_from_each_other_and_from_digits() {
        assert!(Marks::new(Some(','), Some(',')).is_err());
        assert!(Marks::new(None, Some('.')).is_err());
        assert!(Marks::new(None, Some('-')).is_err());
        assert!(Marks::new(Some('5'), None).is_err());
        assert_eq!(Marks::default().float("1e999"), Err("\"1e999\" is not a finite number".to_owned()));
        let small = "\"1e-400\" is too small for a double, which would make it 0";
        assert_eq!(Marks::default().float("1e-400"), Err(small.to_owned()));
        assert_eq!(Marks::default().float("0e-400"), Ok(0.0));
    }

    proptest! {
        /// A number that is written with its marks is read as the same number, in any notation.
        #[test]
        fn grouped_numbers_are_read_back(number in -999_999_999_999_i64..999_999_999_999, at in 0..4usize) {
            let (decimal, thousands) = [(',', '.'), ('.', ','), (',', ' '), ('.', '\'')][at];
            let digits = number.unsigned_abs().to_string();
            let groups: Vec<&str> =
                digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).expect("digits")).collect();
            let sign = if number < 0 { "-" } else { "" };
            let text = format!("{sign}{}{decimal}25", groups.join(&thousands.to_string()));
            let expect = format!("{number}.25");
            prop_assert_eq!(marks(decimal, Some(thousands)).plain(&text), Ok(Cow::Owned::<str>(expect)));
        }
    }
}
