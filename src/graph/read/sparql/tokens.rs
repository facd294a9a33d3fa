//! The tokens of a SPARQL text, as far as it takes to distinguish keywords and brackets from names, strings and comments. It
//! never fails: what is no SPARQL is left to the parser.

/// A token that shapes a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A keyword or the name of a function.
    Word(&'t str),
    /// The prefix of a prefixed name.
    Prefix(&'t str),
    /// A bracket, an operator or a separator.
    Sign(u8),
}

/// Reads a text token by token.
pub(super) struct Tokens<'t> {
    rest: &'t str,
    /// How many tokens were read, those that are left out included.
    pub(super) count: usize,
}

impl<'t> Tokens<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { rest: text, count: 0 }
    }

    /// Leaves out the next `bytes`; they end where a character does.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    /// Leaves out all up to and with `end`.
    fn skip_past(&mut self, from: usize, end: &str) {
        let found = self.rest.get(from..).and_then(|rest| rest.find(end));
        self.skip(found.map_or(self.rest.len(), |at| from + at + end.len()));
    }

    /// Leaves out a string, which `\` escapes within.
    fn skip_string(&mut self, quote: u8) {
        let bytes = self.rest.as_bytes();
        let long = bytes.starts_with(&[quote; 3]);
        let mut at = if long { 3 } else { 1 };
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'\n' | b'\r' if !long => break,
                _ if byte == quote && !long => return self.skip(at + 1),
                _ if byte == quote && bytes[at..].starts_with(&[quote; 3]) => return self.skip(at + 3),
                _ => {}
            }
            at += 1;
        }
        self.skip(if long { bytes.len() } else { at });
    }

    fn skip_while(&mut self, from: usize, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest.get(from..).unwrap_or("");
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        let (taken, _) = self.rest.split_at(from + length);
        self.skip(from + length);
        taken
    }

    /// Takes a keyword or a prefixed name; leaves out a number.
    fn word(&mut self) -> Option<Token<'t>> {
        let word = self.skip_while(0, is_word);
        if self.rest.starts_with(':') {
            self.skip_while(1, |c| is_word(c) || matches!(c, ':' | '-' | '%' | '\\'));
            // A dot belongs to a name where more of the name follows.
            while self.rest.strip_prefix('.').is_some_and(|after| after.starts_with(is_word)) {
                self.skip_while(1, |c| is_word(c) || matches!(c, ':' | '-' | '%' | '\\'));
            }
            return Some(Token::Prefix(word));
        }
        (!word.starts_with(|c: char| c.is_ascii_digit())).then_some(Token::Word(word))
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

/// Returns how long the IRI is that a text begins with, if it is one and not the operator `<`.
fn iri(text: &str) -> Option<usize> {
    let end = text[1..].find(|c: char| c <= ' ' || "<>\"{}|^`\\".contains(c))? + 1;
    (text.as_bytes()[end] == b'>').then_some(end + 1)
}

/// Returns whether the text of an IRI might be the middle of an expression, as in `?a<((1))&&2>?b`: a parser that expects no
/// IRI takes its `<` for an operator, and descends into what follows.
fn may_be_compared(iri: &str) -> bool {
    iri.contains("&&") || (iri.contains(['(', ')', ',']) && !iri.contains("://"))
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        loop {
            let first = self.rest.chars().next()?;
            self.count += usize::from(!first.is_whitespace());
            match first {
                '#' => self.skip_past(0, "\n"),
                '"' => self.skip_string(b'"'),
                '\'' => self.skip_string(b'\''),
                '<' if iri(self.rest).is_some_and(|length| !may_be_compared(&self.rest[..length])) => {
                    self.skip(iri(self.rest).unwrap_or(1));
                }
                '?' | '$' if self.rest[1..].starts_with(is_word) => drop(self.skip_while(1, is_word)),
                '@' => drop(self.skip_while(1, |c| c.is_ascii_alphanumeric() || c == '-')),
                _ if is_word(first) || first == ':' => {
                    if let Some(word) = self.word() {
                        return Some(word);
                    }
                }
                _ if first.is_whitespace() => self.skip(first.len_utf8()),
                _ => {
                    self.skip(1);
                    return Some(Token::Sign(first as u8));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_distinguished() {
        let check = |text: &str, expect: &str| {
            let written: Vec<_> = Tokens::of(text)
                .map(|token| match token {
                    Token::Word(word) => word.to_owned(),
                    Token::Prefix(prefix) => format!("{prefix}:"),
                    Token::Sign(sign) => char::from(sign).to_string(),
                })
                .collect();
            assert_eq!(written.join(" "), expect, "{text}");
        };
        check("SELECT ?a $b # { (\n{", "SELECT {");
        check("a < 3 && ?b>4", "a < & & >");
        check("<http://x/{> <http://x/#y>", "< http: / / x / { >");
        check(r#""a\"{" 'b' '''c''{'''{"#, "{");
        check("ex:a.b. :x-y _:b1 ex:a-b/ex:c?", "ex: . : _: ex: / ex: ?");
        check("1.5-2 \"x\"@en-GB^^xsd:int", ". - ^ ^ xsd:");
        check("prefixé:x é", "prefixé: é");
        check("?a<((1))&&2>?b", "< ( ( ) ) & & >");
        check("IF(?a<(1),2>?b,3)", "IF ( < ( ) , > , )");
        check("<http://x/a_(b),c> <p?a&b>", "");
    }

    proptest! {
        #[test]
        fn any_text_has_tokens(text in any::<String>(), odd in "[<>'\"\\\\#?$@:.{}a-c \n]{0,40}") {
            Tokens::of(&text).for_each(drop);
            Tokens::of(&odd).for_each(drop);
        }
    }
}
