//! What keeps a name from being seen as it is: characters without any ink, blanks at its ends or in place of the ordinary space,
//! letters and digits in another width. Two names that differ by one of them look alike and are two names.

use icu_normalizer::ComposingNormalizerBorrowed;

/// Returns whether a character has no ink, whatever is beside it: controls, zero-width characters, marks of direction, separators of
/// lines, fillers. Spaces are none, nor are the joiners and variation selectors, which shape the letter before them.
pub fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
                | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
                | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Returns whether a character only shapes the letter before it.
fn is_shaping(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}')
}

/// Returns the first character of a name that cannot be seen where it is. A joiner or a variation selector shapes the letters of
/// Persian, Hindi and other scripts, and emoji; behind nothing, or a character of ASCII, it shapes none.
pub fn hidden(name: &str) -> Option<char> {
    let before = std::iter::once('\0').chain(name.chars());
    before
        .zip(name.chars())
        .find(|(before, char)| is_hidden(*char) || is_shaping(*char) && before.is_ascii())
        .map(|(_, char)| char)
}

/// Names the kind of a character that cannot be seen, with its code.
pub fn kind(char: char) -> String {
    let kind = match char {
        '\u{feff}' => "a byte-order mark",
        _ if char.is_control() => "a control character",
        _ => "an invisible character",
    };
    format!("{kind} (U+{:04X})", u32::from(char))
}

/// Signs that look like the hyphen of the keyboard; the dashes are longer.
const HYPHENS: [char; 4] = ['\u{2010}', '\u{2011}', '\u{2212}', '\u{fe63}'];

/// Returns whether a character is a letter, digit or sign of ASCII in another width or type.
fn is_other_form(char: char) -> bool {
    HYPHENS.contains(&char) || matches!(char, '\u{ff01}'..='\u{ff5e}' | '\u{1d400}'..='\u{1d7ff}')
}

/// Returns a text in plain forms of its letters, digits and signs, without the characters that nobody sees.
pub fn plain(text: &str) -> String {
    let text = ComposingNormalizerBorrowed::new_nfkc().normalize(text).replace(HYPHENS, "-");
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        let is_lost = is_hidden(char)
            || is_shaping(char) && plain.chars().next_back().is_none_or(|before| before.is_ascii());
        if !is_lost {
            plain.push(char);
        }
    }
    plain
}

/// Returns what keeps a name from being seen as it is, and what would be right.
pub fn fault(name: &str) -> Option<String> {
    let code = |char: char| format!("U+{:04X}", u32::from(char));
    if name.trim().is_empty() {
        return (!name.is_empty()).then(|| "has nothing but blanks".to_owned());
    }
    if name.starts_with(' ') || name.ends_with(' ') {
        let place = if name.starts_with(' ') { "begins" } else { "ends" };
        return Some(format!("{place} with a space, which nobody sees: leave it out"));
    }
    if let Some(char) = hidden(name) {
        return Some(format!("has {} in it, which nobody sees: leave it out", kind(char)));
    }
    if let Some(blank) = name.chars().find(|char| char.is_whitespace() && *char != ' ') {
        let code = code(blank);
        return Some(format!(
            "has the blank {code} in it, which looks like a space: write a space, or leave it out"
        ));
    }
    if name.contains('\u{fffd}') {
        return Some(
            "has U+FFFD in it, which replaces a character that was lost: write that character".to_owned(),
        );
    }
    let other = name.chars().find(|char| is_other_form(*char))?;
    let plain = plain(name);
    Some(format!(
        "has {other} ({}) in it, another form of a plain letter, digit or sign: write \"{plain}\"",
        code(other)
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_that_look_like_another_are_found() {
        let check = |name: &str, expect: Option<&str>| {
            assert_eq!(super::fault(name).as_deref(), expect, "{name:?}");
        };
        for plain in [
            "P-1",
            "1.0",
            "00471",
            "2024-05-01",
            "9E+12",
            "pump 3/4\"",
            "Ω µ ² № ①",
            "é e\u{301}",
            "ポンプ",
            "ﾎﾟﾝﾌﾟ",
            "насос",
            "Berlin – Tegel",
            "می\u{200c}خواهم",
            "क\u{94d}\u{200d}ष",
            "☀\u{fe0f}",
            "",
        ] {
            check(plain, None);
        }
        let seen = "which nobody sees: leave it out";
        check("P-1 ", Some(&format!("ends with a space, {seen}")));
        check(" P-1", Some(&format!("begins with a space, {seen}")));
        check("  ", Some("has nothing but blanks"));
        check("\u{a0}", Some("has nothing but blanks"));
        check("P-1\n", Some(&format!("has a control character (U+000A) in it, {seen}")));
        check("P\t1", Some(&format!("has a control character (U+0009) in it, {seen}")));
        check("P\0", Some(&format!("has a control character (U+0000) in it, {seen}")));
        check("P\u{85}1", Some(&format!("has a control character (U+0085) in it, {seen}")));
        check("\u{feff}P", Some(&format!("has a byte-order mark (U+FEFF) in it, {seen}")));
        for hidden in
            ['\u{200b}', '\u{200d}', '\u{ad}', '\u{202e}', '\u{2060}', '\u{fe0f}', '\u{3164}', '\u{e0041}']
        {
            let expect = format!("has an invisible character (U+{:04X}) in it, {seen}", u32::from(hidden));
            check(&format!("P{hidden}-1"), Some(&expect));
        }
        let blank = "which looks like a space: write a space, or leave it out";
        check("P\u{a0}1", Some(&format!("has the blank U+00A0 in it, {blank}")));
        check("P-1\u{202f}", Some(&format!("has the blank U+202F in it, {blank}")));
        check(
            "Ｐ－１",
            Some("has Ｐ (U+FF30) in it, another form of a plain letter, digit or sign: write \"P-1\""),
        );
        let form = "another form of a plain letter, digit or sign: write \"P-1\"";
        check("P\u{2212}1", Some(&format!("has − (U+2212) in it, {form}")));
        check("P\u{2011}1", Some(&format!("has \u{2011} (U+2011) in it, {form}")));
        check(
            "R\u{fffd}dam",
            Some("has U+FFFD in it, which replaces a character that was lost: write that character"),
        );
        check(
            "P-𝟏",
            Some("has 𝟏 (U+1D7CF) in it, another form of a plain letter, digit or sign: write \"P-1\""),
        );
    }
}
