//! Names of the schema as words.

/// Writes a name of the schema as words: `derivedFrom` and `NO_SIGNAL` become `derived from` and `no signal`.
pub(in crate::pages) fn words(name: &str) -> String {
    let is_enum = name.chars().all(|sign| sign.is_ascii_uppercase() || sign == '_');
    if is_enum {
        return name.replace('_', " ").to_ascii_lowercase();
    }
    let mut words = String::new();
    for sign in name.chars() {
        if sign.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(sign.to_ascii_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_become_words() {
        let check = |name: &str, expect: &str| assert_eq!(words(name), expect, "{name}");
        check("derivedFrom", "derived from");
        check("NO_SIGNAL", "no signal");
        check("OPEN", "open");
    }
}
