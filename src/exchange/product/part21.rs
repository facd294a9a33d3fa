//! The clear text of ISO 10303-21: the instances of its data sections.

use std::collections::BTreeMap;

/// Lists in lists, at most.
const DEPTH_MAX: usize = 64;

/// A parameter of an instance.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Parameter {
    /// `$` or `*`.
    None,
    Text(String),
    Reference(u64),
    /// A number, an enumeration or anything else, as it is written.
    Other(String),
    List(Vec<Self>),
    /// A value with its type: `COUNT_MEASURE(2.)`.
    Typed(String, Vec<Self>),
}

/// An instance: its entities with their parameters, several where it is complex.
pub(super) type Instance = Vec<(String, Vec<Parameter>)>;

/// A file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// What FILE_SCHEMA names.
    pub(super) schema: String,
    /// The instances of the wanted entities, by number.
    pub(super) instances: BTreeMap<u64, Instance>,
}

/// Reads a file, and keeps the instances of which `wanted` wants an entity; the error has the line.
pub(super) fn read(text: &str, wanted: impl Fn(&str) -> bool) -> Result<File, (usize, String)> {
    let mut scanner = Scanner { bytes: text.as_bytes(), text, at: 0 };
    scanner.blanks()?;
    if !scanner.text[scanner.at..].starts_with("ISO-10303-21") {
        return Err(scanner.fault("the file does not begin with ISO-10303-21, so it is no STEP file"));
    }
    let mut file = File::default();
    let mut is_data = false;
    loop {
        scanner.blanks()?;
        match scanner.peek() {
            None => return Err(scanner.fault("the file ends before END-ISO-10303-21, so it was cut off")),
            Some(b'#') if is_data => {
                let number = scanner.number()?;
                scanner.expect(b'=')?;
                let instance = scanner.instance()?;
                scanner.expect(b';')?;
                if instance.iter().any(|(name, _)| wanted(name))
                    && file.instances.insert(number, instance).is_some()
                {
                    return Err(scanner.fault(&format!("#{number} is defined twice")));
                }
            }
            Some(_) => {
                let word = scanner.word();
                match word.as_str() {
                    "" => return Err(scanner.fault("something that is no instance")),
                    "END-ISO-10303-21" => return Ok(file),
                    "DATA" => is_data = true,
                    "ENDSEC" => is_data = false,
                    _ => {}
                }
                scanner.blanks()?;
                if scanner.peek() == Some(b'(') {
                    let parameters = scanner.list(0)?;
                    if word == "FILE_SCHEMA" {
                        file.schema = format!("{parameters:?}");
                    }
                }
                scanner.expect(b';')?;
            }
        }
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

type Scanned<T> = Result<T, (usize, String)>;

impl Scanner<'_> {
    fn fault(&self, message: &str) -> (usize, String) {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        (before.iter().filter(|byte| **byte == b'\n').count() + 1, message.to_owned())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) -> Scanned<()> {
        loop {
            match self.bytes.get(self.at..) {
                Some([b'/', b'*', rest @ ..]) => match rest.windows(2).position(|pair| pair == b"*/") {
                    Some(length) => self.at += length + 4,
                    None => return Err(self.fault("a comment has no end")),
                },
                Some([byte, ..]) if byte.is_ascii_whitespace() => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Scanned<()> {
        self.blanks()?;
        if self.peek() != Some(byte) {
            return Err(self.fault(&format!("\"{}\" is missing", char::from(byte))));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self) -> String {
        let begin = self.at;
        while self
            .peek()
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'!'))
        {
            self.at += 1;
        }
        self.text[begin..self.at].to_ascii_uppercase()
    }

    fn number(&mut self) -> Scanned<u64> {
        self.at += 1;
        let begin = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.text[begin..self.at].parse().map_err(|_| self.fault("an instance has no number"))
    }

    fn instance(&mut self) -> Scanned<Instance> {
        self.blanks()?;
        if self.peek() != Some(b'(') {
            return Ok(vec![self.entity()?]);
        }
        self.at += 1;
        let mut entities = Vec::new();
        loop {
            self.blanks()?;
            if self.peek() == Some(b')') {
                self.at += 1;
                return Ok(entities);
            }
            entities.push(self.entity()?);
        }
    }

    fn entity(&mut self) -> Scanned<(String, Vec<Parameter>)> {
        let name = self.word();
        if name.is_empty() {
            return Err(self.fault("an entity has no name"));
        }
        self.blanks()?;
        if self.peek() != Some(b'(') {
            return Err(self.fault("\"(\" is missing"));
        }
        Ok((name, self.list(0)?))
    }

    fn list(&mut self, depth: usize) -> Scanned<Vec<Parameter>> {
        if depth > DEPTH_MAX {
            return Err(self.fault(&format!("lists are nested deeper than {DEPTH_MAX}")));
        }
        self.at += 1;
        let mut list = Vec::new();
        loop {
            self.blanks()?;
            match self.peek() {
                None => return Err(self.fault("the file ends in a list, so it was cut off")),
                Some(b')') => {
                    self.at += 1;
                    return Ok(list);
                }
                Some(b',') => self.at += 1,
                Some(_) => list.push(self.parameter(depth)?),
            }
        }
    }

    fn parameter(&mut self, depth: usize) -> Scanned<Parameter> {
        match self.peek() {
            Some(b'$' | b'*') => {
                self.at += 1;
                Ok(Parameter::None)
            }
            Some(b'\'') => self.string().map(Parameter::Text),
            Some(b'#') => self.number().map(Parameter::Reference),
            Some(b'(') => self.list(depth + 1).map(Parameter::List),
            Some(byte) if byte.is_ascii_alphabetic() => {
                let name = self.word();
                self.blanks()?;
                match self.peek() {
                    Some(b'(') => Ok(Parameter::Typed(name, self.list(depth + 1)?)),
                    _ => Ok(Parameter::Other(name)),
                }
            }
            _ => {
                let begin = self.at;
                while self.peek().is_some_and(|byte| {
                    !matches!(byte, b',' | b')' | b'(' | b';' | b'\'') && !byte.is_ascii_whitespace()
                }) {
                    self.at += 1;
                }
                if begin == self.at {
                    return Err(self.fault("a parameter cannot be read"));
                }
                Ok(Parameter::Other(self.text[begin..self.at].to_owned()))
            }
        }
    }

    fn string(&mut self) -> Scanned<String> {
        self.at += 1;
        let begin = self.at;
        loop {
            match self.bytes.get(self.at..) {
                None | Some([]) => return Err(self.fault("the file ends in a text, so it was cut off")),
                Some([b'\'', b'\'', ..]) => self.at += 2,
                Some([b'\'', ..]) => break,
                Some(_) => self.at += 1,
            }
        }
        let raw = self.text[begin..self.at].replace("''", "'").replace(['\n', '\r'], "");
        self.at += 1;
        Ok(decoded(&raw))
    }
}

/// Decodes the directives of a text: `\X2\00E9\X0\`, `\X4\…\X0\`, `\X\E9`, `\S\i`, `\\`.
fn decoded(raw: &str) -> String {
    let mut text = String::new();
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        let (char, length) = directive(rest);
        text.push_str(&char);
        rest = &rest[length..];
    }
    text.push_str(rest);
    text
}

fn directive(rest: &str) -> (String, usize) {
    for (begin, width) in [("\\X2\\", 4), ("\\X4\\", 8)] {
        if let Some((codes, _)) = rest.strip_prefix(begin).and_then(|rest| rest.split_once("\\X0\\"))
            && codes.is_ascii()
        {
            let units = codes.as_bytes().chunks(width).map(|unit| {
                std::str::from_utf8(unit).ok().and_then(|unit| u32::from_str_radix(unit, 16).ok())
            });
            let units: Vec<u32> = units.map(|unit| unit.unwrap_or(0xfffd)).collect();
            let text = if width == 4 {
                String::from_utf16_lossy(
                    &units.iter().map(|unit| u16::try_from(*unit).unwrap_or(0xfffd)).collect::<Vec<_>>(),
                )
            } else {
                units.iter().map(|unit| char::from_u32(*unit).unwrap_or('\u{fffd}')).collect()
            };
            return (text, begin.len() + codes.len() + 4);
        }
    }
    if let Some(code) = rest
        .strip_prefix("\\X\\")
        .and_then(|rest| rest.get(..2))
        .and_then(|code| u8::from_str_radix(code, 16).ok())
    {
        return (char::from(code).to_string(), 5);
    }
    if let Some(own) = rest.strip_prefix("\\S\\").and_then(|rest| rest.chars().next()).filter(char::is_ascii)
    {
        return (char::from(own as u8 | 0x80).to_string(), 4);
    }
    if rest.starts_with("\\\\") { ("\\".to_owned(), 2) } else { ("\\".to_owned(), 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_read_and_broken_files_named_by_line() {
        let file = |data: &str| {
            format!(
                "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('AP'));\nENDSEC;\nDATA;\n{data}\nENDSEC;\nEND-ISO-10303-21;\n"
            )
        };
        let text = file(
            "#1=A('it''s \\X2\\00E9\\X0\\ \\S\\i \\X\\E4',$,(#2,1.5E+3),.T.,M(2.));/* #3=A(); */\n#2 = ( B() C('x') );",
        );
        let read_file = read(&text, |_| true).expect("a file");
        let expect = vec![
            Parameter::Text("it's é é ä".to_owned()),
            Parameter::None,
            Parameter::List(vec![Parameter::Reference(2), Parameter::Other("1.5E+3".to_owned())]),
            Parameter::Other(".T.".to_owned()),
            Parameter::Typed("M".to_owned(), vec![Parameter::Other("2.".to_owned())]),
        ];
        assert_eq!(read_file.instances[&1], [("A".to_owned(), expect)]);
        assert_eq!(read_file.instances.len(), 2);
        assert_eq!(read_file.instances[&2].len(), 2);
        let check = |text: &str, line: usize, expect: &str| {
            let (own, message) = read(text, |_| true).expect_err(expect);
            assert!(own == line && message.contains(expect), "{own}: {message}");
        };
        check("solid x", 1, "no STEP file");
        check(&text[..text.len() - 27], 7, "cut off");
        check(&file("#1=A('x"), 9, "cut off");
        check(&file("#1=A(1);\n#1=A(2);"), 7, "#1 is defined twice");
        check(&file(&format!("#1=A({});", "(".repeat(100))), 6, "nested deeper");
        check(&file("/* no end"), 6, "a comment has no end");
    }
}
