//! The text of a query cut into tokens, as the parser asks for them: whether `/` divides or begins a regular expression depends on the place.

use super::statement::{Operator, Pattern};

/// Why a text is no query that is answered here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Another token was expected.
    #[error("found {found}, expected {expected} at line {line}, char {column}")]
    Unexpected {
        /// What is there.
        found: String,
        /// What may be there.
        expected: String,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
    },
    /// A regular expression cannot be compiled.
    #[error("error parsing regexp: {reason} at line {line}, char {column}")]
    Pattern {
        /// What is wrong with it.
        reason: String,
        /// The line, from 1.
        line: usize,
        /// The character in the line, from 1.
        column: usize,
    },
    /// A value cannot be used where it is.
    #[error("{0}")]
    Value(String),
    /// InfluxDB has this, and it is not supported here.
    #[error("{what} is not supported{hint}")]
    Unsupported {
        /// The statement, clause or function.
        what: String,
        /// What to use instead, after a colon; may be empty.
        hint: String,
    },
}

impl Error {
    /// Refuses what is not supported.
    pub(super) fn unsupported(what: impl Into<String>, hint: &str) -> Self {
        let hint = if hint.is_empty() { String::new() } else { format!(": {hint}") };
        Self::Unsupported { what: what.into(), hint }
    }
}

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name without quotation marks, which may be a keyword.
    Word(String),
    /// A name in double quotation marks.
    Name(String),
    /// A text in single quotation marks.
    Text(String),
    /// A number with a decimal point or exponent.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A parameter, without its `$`.
    Parameter(String),
    /// An operator of signs.
    Operator(Operator),
    /// Another sign: `(`, `)`, `,`, `;`, `.`, `::`.
    Sign(&'static str),
    /// The end of the text.
    End,
}

/// Signs, the longer ones first.
const SIGNS: [(&str, Token); 22] = [
    ("::", Token::Sign("::")),
    ("=~", Token::Operator(Operator::Matches)),
    ("!~", Token::Operator(Operator::MatchesNot)),
    ("!=", Token::Operator(Operator::Unequal)),
    ("<>", Token::Operator(Operator::Unequal)),
    ("<=", Token::Operator(Operator::LessOrEqual)),
    (">=", Token::Operator(Operator::GreaterOrEqual)),
    ("=", Token::Operator(Operator::Equal)),
    ("<", Token::Operator(Operator::Less)),
    (">", Token::Operator(Operator::Greater)),
    ("+", Token::Operator(Operator::Add)),
    ("-", Token::Operator(Operator::Subtract)),
    ("*", Token::Operator(Operator::Multiply)),
    ("/", Token::Operator(Operator::Divide)),
    ("%", Token::Operator(Operator::Remainder)),
    ("(", Token::Sign("(")),
    (")", Token::Sign(")")),
    (",", Token::Sign(",")),
    (";", Token::Sign(";")),
    (".", Token::Sign(".")),
    ("&", Token::Sign("&")),
    ("|", Token::Sign("|")),
];

/// Units of durations in nanoseconds, the longer names first.
const UNITS: [(&str, i64); 10] = [
    ("ns", 1),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("u", 1_000),
    ("µ", 1_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];
const WEEK: i64 = 7 * 86_400_000_000_000;

/// The text and how far it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Skips blanks and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            let comment = match &rest[blanks..] {
                text if text.starts_with("--") => text.find('\n').unwrap_or(text.len()),
                text if text.starts_with("/*") => text.find("*/").map_or(text.len(), |end| end + 2),
                _ => 0,
            };
            self.at += blanks + comment;
            if comment == 0 {
                return;
            }
        }
    }

    /// Returns the line and the character in it at which the next token begins, from 1.
    fn place(&self) -> (usize, usize) {
        let before = &self.text[..self.at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// Reports that the next token is not what may be there.
    pub(super) fn unexpected(&self, expected: &str) -> Error {
        let mut ahead = *self;
        ahead.skip();
        let (line, column) = ahead.place();
        let start = ahead.at;
        let is_end = ahead.rest().is_empty();
        let found = match ahead.next() {
            Ok(_) if is_end => "EOF".to_owned(),
            Ok(Token::Text(text) | Token::Name(text)) => text,
            _ => self.text.get(start..ahead.at).unwrap_or_default().to_owned(),
        };
        let found: String = found.chars().take(60).collect();
        Error::Unexpected { found, expected: expected.to_owned(), line, column }
    }

    /// Returns the next token and goes past it.
    pub(super) fn next(&mut self) -> Result<Token, Error> {
        self.skip();
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        match first {
            '"' => Ok(Token::Name(self.quoted('"')?)),
            '\'' => Ok(Token::Text(self.quoted('\'')?)),
            '$' => {
                self.at += 1;
                let name = self.word();
                if name.is_empty() {
                    Err(self.unexpected("the name of a parameter"))
                } else {
                    Ok(Token::Parameter(name))
                }
            }
            '0'..='9' => self.number(),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            c if c == '_' || c.is_alphabetic() => Ok(Token::Word(self.word())),
            _ => match SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
                Some((sign, token)) => {
                    self.at += sign.len();
                    Ok(token.clone())
                }
                None => {
                    let (line, column) = self.place();
                    let expected = "a name, a value or an operator".to_owned();
                    Err(Error::Unexpected { found: first.to_string(), expected, line, column })
                }
            },
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(rest.len());
        self.at += end;
        rest[..end].to_owned()
    }

    /// Reads up to the closing quotation mark; a backslash escapes a mark, a backslash and `n`.
    fn quoted(&mut self, mark: char) -> Result<String, Error> {
        let (line, column) = self.place();
        let (mut read, mut chars) = (String::new(), self.rest().char_indices().skip(1));
        while let Some((at, char)) = chars.next() {
            match char {
                '\\' => match chars.next().map(|(_, char)| char) {
                    Some('n') => read.push('\n'),
                    Some(escaped @ ('\\' | '"' | '\'')) => read.push(escaped),
                    _ => {
                        return Err(Error::Value(format!(
                            "bad escape in a text at line {line}, char {column}"
                        )));
                    }
                },
                '\n' => break,
                _ if char == mark => {
                    self.at += at + 1;
                    return Ok(read);
                }
                _ => read.push(char),
            }
        }
        Err(Error::Value(format!("a text in {mark} has no end at line {line}, char {column}")))
    }

    fn number(&mut self) -> Result<Token, Error> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let digits = &rest[..end];
        if digits.contains('.') {
            let number = digits.parse().map_err(|_| self.unexpected("number"))?;
            self.at += end;
            return Ok(Token::Number(number));
        }
        if rest[end..].starts_with(|c: char| c.is_alphabetic()) {
            return self.duration();
        }
        self.at += end;
        Ok(digits.parse().map_or_else(|_| Token::Number(digits.parse().unwrap_or(f64::MAX)), Token::Integer))
    }

    /// Reads a duration such as `1h30m`.
    fn duration(&mut self) -> Result<Token, Error> {
        let mut nanos = 0i64;
        while self.rest().starts_with(|c: char| c.is_ascii_digit()) {
            let rest = self.rest();
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let (digits, unit) = rest.split_at(end);
            let (name, size) = match unit.starts_with('w') {
                true => ("w", WEEK),
                false => *UNITS
                    .iter()
                    .find(|(name, _)| unit.starts_with(name))
                    .ok_or_else(|| Error::Value("invalid duration".to_owned()))?,
            };
            let too_long = || Error::Value(format!("the duration {digits}{name} is too long"));
            let part: i64 = digits.parse().map_err(|_| too_long())?;
            nanos = part.checked_mul(size).and_then(|part| nanos.checked_add(part)).ok_or_else(too_long)?;
            self.at += end + name.len();
        }
        match self.rest().starts_with(|c: char| c == '_' || c.is_alphanumeric()) {
            true => Err(Error::Value("invalid duration".to_owned())),
            false => Ok(Token::Duration(nanos)),
        }
    }

    /// Returns the regular expression that is next, and goes past it; `None` where there is none.
    pub(super) fn pattern(&mut self) -> Result<Option<Pattern>, Error> {
        self.skip();
        let Some(rest) = self.rest().strip_prefix('/') else { return Ok(None) };
        let (line, column) = self.place();
        let (mut read, mut chars) = (String::new(), rest.char_indices());
        while let Some((at, char)) = chars.next() {
            match char {
                '/' => {
                    let pattern = Pattern::new(&read).map_err(|error| {
                        let reason = error.to_string();
                        let reason = reason
                            .lines()
                            .last()
                            .unwrap_or_default()
                            .trim_start_matches("error: ")
                            .to_owned();
                        Error::Pattern { reason, line, column }
                    })?;
                    self.at += at + 2;
                    return Ok(Some(pattern));
                }
                '\\' => match chars.next().map(|(_, char)| char) {
                    Some('/') => read.push('/'),
                    escaped => {
                        read.push('\\');
                        read.extend(escaped);
                    }
                },
                '\n' => break,
                _ => read.push(char),
            }
        }
        Err(Error::Value(format!("a regular expression has no end at line {line}, char {column}")))
    }
}
