//! The query syntax of OSLC: `oslc.prefix`, `oslc.where`, `oslc.select`, `oslc.orderBy` and `oslc.searchTerms`, read into values.

use super::vocabulary::PREFIXES;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode, Term};
use std::collections::BTreeMap;

/// How deep terms may be nested.
const DEPTH_MAX: usize = 8;
/// How many terms, properties or values one parameter may have.
const ITEMS_MAX: usize = 256;

/// Why a parameter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}, character {at}: {reason}")]
pub struct Error {
    /// The parameter.
    pub parameter: &'static str,
    /// The place, in characters from 1.
    pub at: usize,
    /// What is wrong there.
    pub reason: String,
}

/// A condition: all of a list hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A value of the property compares so.
    Compare(NamedNode, Operator, Term),
    /// A value of the property is one of these.
    In(NamedNode, Vec<Term>),
    /// What the property links to fulfils all of these.
    Nested(NamedNode, Vec<Self>),
}

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Which properties an answer has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Whether all properties of the resource are in.
    pub all: bool,
    /// The properties that are in, each with what is in of its targets.
    pub properties: Vec<(NamedNode, Option<Self>)>,
}

/// A key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The property.
    pub property: NamedNode,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// The prefixes that the other parameters may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefixes(BTreeMap<String, String>);

impl Default for Prefixes {
    fn default() -> Self {
        Self(PREFIXES.iter().map(|(name, iri)| ((*name).to_owned(), (*iri).to_owned())).collect())
    }
}

impl Prefixes {
    /// Reads `oslc.prefix`: `foaf=<http://xmlns.com/foaf/0.1/>,…`; the usual prefixes are known without it.
    pub fn read(text: &str) -> Result<Self, Error> {
        let mut prefixes = Self::default();
        let mut reader = Reader::new("oslc.prefix", text, &prefixes);
        let mut own = Vec::new();
        while !reader.is_done() {
            let name = reader.word()?;
            reader.expect('=')?;
            own.push((name, reader.reference()?.into_string()));
            if !reader.is_done() {
                reader.expect(',')?;
            }
        }
        prefixes.0.extend(own);
        Ok(prefixes)
    }

    /// Reads `oslc.where`.
    pub fn conditions(&self, text: &str) -> Result<Vec<Condition>, Error> {
        let mut reader = Reader::new("oslc.where", text, self);
        let conditions = reader.conditions(0)?;
        reader.end()?;
        Ok(conditions)
    }

    /// Reads `oslc.select` or `oslc.properties`, which have the same syntax.
    pub fn selection(&self, parameter: &'static str, text: &str) -> Result<Selection, Error> {
        let mut reader = Reader::new(parameter, text, self);
        let selection = reader.selection(0)?;
        reader.end()?;
        Ok(selection)
    }

    /// Reads `oslc.orderBy`.
    pub fn order(&self, text: &str) -> Result<Vec<SortKey>, Error> {
        let mut reader = Reader::new("oslc.orderBy", text, self);
        let mut keys = Vec::new();
        loop {
            // A plus that was not encoded is a blank in a URL.
            let descending = match reader.peek() {
                Some('-') => true,
                Some('+') => false,
                _ if reader.skipped_blank => false,
                _ => return Err(reader.wrong("a key begins with + or -")),
            };
            if matches!(reader.peek(), Some('+' | '-')) {
                reader.next();
            }
            let property = reader.property()?;
            if reader.peek() == Some('{') {
                return Err(reader.wrong("an order by properties of linked resources is not supported"));
            }
            keys.push(SortKey { property, descending });
            if reader.is_done() {
                return Ok(keys);
            }
            reader.expect(',')?;
            reader.count(keys.len())?;
        }
    }
}

/// Reads `oslc.searchTerms`: texts in quotes with commas between.
pub fn search_terms(text: &str) -> Result<Vec<String>, Error> {
    let prefixes = Prefixes(BTreeMap::new());
    let mut reader = Reader::new("oslc.searchTerms", text, &prefixes);
    let mut terms = Vec::new();
    loop {
        terms.push(reader.quoted()?);
        if reader.is_done() {
            return Ok(terms);
        }
        reader.expect(',')?;
        reader.count(terms.len())?;
    }
}

struct Reader<'a> {
    parameter: &'static str,
    signs: Vec<char>,
    at: usize,
    prefixes: &'a Prefixes,
    /// Whether a blank came before what was looked at last.
    skipped_blank: bool,
    items: usize,
}

impl<'a> Reader<'a> {
    fn new(parameter: &'static str, text: &str, prefixes: &'a Prefixes) -> Self {
        Self { parameter, signs: text.chars().collect(), at: 0, prefixes, skipped_blank: false, items: 0 }
    }

    fn wrong(&self, reason: impl Into<String>) -> Error {
        Error { parameter: self.parameter, at: self.at + 1, reason: reason.into() }
    }

    fn count(&self, items: usize) -> Result<(), Error> {
        if items < ITEMS_MAX {
            return Ok(());
        }
        Err(self.wrong(format!("there are more than {ITEMS_MAX} items: ask for less at once")))
    }

    fn skip_blanks(&mut self) {
        self.skipped_blank = false;
        while self.signs.get(self.at).is_some_and(|sign| sign.is_whitespace()) {
            self.at += 1;
            self.skipped_blank = true;
        }
    }

    fn peek(&mut self) -> Option<char> {
        let before = self.skipped_blank;
        self.skip_blanks();
        self.skipped_blank |= before;
        self.signs.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.signs.get(self.at).copied();
        self.at += 1;
        self.skipped_blank = false;
        sign
    }

    fn is_done(&mut self) -> bool {
        self.peek().is_none()
    }

    fn end(&mut self) -> Result<(), Error> {
        if self.is_done() { Ok(()) } else { Err(self.wrong("nothing more is expected here")) }
    }

    fn expect(&mut self, sign: char) -> Result<(), Error> {
        if self.peek() == Some(sign) {
            self.next();
            return Ok(());
        }
        Err(self.wrong(format!("\"{sign}\" is expected here")))
    }

    fn taken(&mut self, sign: char) -> bool {
        let is_there = self.peek() == Some(sign);
        if is_there {
            self.next();
        }
        is_there
    }

    fn word(&mut self) -> Result<String, Error> {
        self.peek();
        let is_of_word = |sign: &char| sign.is_alphanumeric() || matches!(sign, '_' | '-' | '.');
        let word: String =
            self.signs[self.at.min(self.signs.len())..].iter().take_while(|sign| is_of_word(sign)).collect();
        if word.is_empty() {
            return Err(self.wrong("a name is expected here"));
        }
        self.at += word.chars().count();
        Ok(word)
    }

    fn reference(&mut self) -> Result<NamedNode, Error> {
        self.expect('<')?;
        let begin = self.at;
        while self.signs.get(self.at).is_some_and(|sign| *sign != '>') {
            self.at += 1;
        }
        let text: String =
            self.signs[begin.min(self.signs.len())..self.at.min(self.signs.len())].iter().collect();
        let iri = NamedNode::new(text.clone());
        let iri = iri.map_err(|error| self.wrong(format!("<{text}> is no IRI: {error}")))?;
        self.expect('>')?;
        Ok(iri)
    }

    fn property(&mut self) -> Result<NamedNode, Error> {
        if self.peek() == Some('<') {
            return self.reference();
        }
        let prefix = self.word()?;
        self.prefixed(&prefix)
    }

    /// Reads the rest of a name behind its prefix.
    fn prefixed(&mut self, prefix: &str) -> Result<NamedNode, Error> {
        let Some(namespace) = self.prefixes.0.get(prefix).cloned() else {
            let reason = format!("the prefix {prefix} is not known: declare it in oslc.prefix");
            return Err(self.wrong(reason));
        };
        if self.signs.get(self.at) != Some(&':') {
            return Err(self.wrong(format!("a property is written PREFIX:NAME, and {prefix} has no name")));
        }
        self.at += 1;
        let local = self.word()?;
        NamedNode::new(format!("{namespace}{local}")).map_err(|error| self.wrong(error.to_string()))
    }

    fn conditions(&mut self, depth: usize) -> Result<Vec<Condition>, Error> {
        if depth > DEPTH_MAX {
            return Err(self.wrong(format!("terms are nested deeper than {DEPTH_MAX}")));
        }
        let mut conditions = vec![self.condition(depth)?];
        loop {
            match self.peek() {
                None | Some('}') => return Ok(conditions),
                Some(_) => {}
            }
            let word = self.word()?;
            if word != "and" {
                return Err(self.wrong(format!("\"{word}\" joins no terms: write and")));
            }
            self.items += 1;
            self.count(self.items)?;
            conditions.push(self.condition(depth)?);
        }
    }

    fn condition(&mut self, depth: usize) -> Result<Condition, Error> {
        if self.peek() == Some('*') {
            return Err(
                self.wrong("the wildcard * is not supported here: name a property, or use oslc.searchTerms")
            );
        }
        let property = self.property()?;
        if self.taken('{') {
            let nested = self.conditions(depth + 1)?;
            self.expect('}')?;
            return Ok(Condition::Nested(property, nested));
        }
        if let Some(operator) = self.operator() {
            return Ok(Condition::Compare(property, operator, self.value()?));
        }
        let word = self.word().map_err(|error| Error {
            reason: "a comparison (= != < <= > >=), in [ ] or { } is expected here".to_owned(),
            ..error
        })?;
        if word != "in" {
            return Err(self.wrong(format!("\"{word}\" compares nothing: use = != < <= > >= or in")));
        }
        self.expect('[')?;
        let mut values = vec![self.value()?];
        while self.taken(',') {
            values.push(self.value()?);
            self.count(values.len())?;
        }
        self.expect(']')?;
        Ok(Condition::In(property, values))
    }

    fn operator(&mut self) -> Option<Operator> {
        let first = self.peek()?;
        let second = self.signs.get(self.at + 1).copied();
        let (operator, length) = match (first, second) {
            ('!', Some('=')) => (Operator::NotEqual, 2),
            ('<', Some('=')) => (Operator::LessOrEqual, 2),
            ('>', Some('=')) => (Operator::GreaterOrEqual, 2),
            ('=', _) => (Operator::Equal, 1),
            ('<', _) => (Operator::Less, 1),
            ('>', _) => (Operator::Greater, 1),
            _ => return None,
        };
        self.at += length;
        Some(operator)
    }

    fn value(&mut self) -> Result<Term, Error> {
        match self.peek() {
            Some('<') => Ok(self.reference()?.into()),
            Some('"') => self.literal(),
            Some(_) => self.bare(),
            None => Err(self.wrong("a value is expected here")),
        }
    }

    fn quoted(&mut self) -> Result<String, Error> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => match self.next() {
                    Some(sign @ ('"' | '\\')) => text.push(sign),
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    _ => return Err(self.wrong("\\ comes before a quote, a \\, n or t")),
                },
                Some(sign) => text.push(sign),
                None => return Err(self.wrong("the text has no closing quote")),
            }
        }
    }

    fn literal(&mut self) -> Result<Term, Error> {
        let text = self.quoted()?;
        match self.signs.get(self.at) {
            Some('@') => {
                self.at += 1;
                let language = self.word()?;
                let tagged = Literal::new_language_tagged_literal(text, language);
                tagged.map(Term::from).map_err(|error| self.wrong(error.to_string()))
            }
            Some('^') => {
                self.expect('^')?;
                self.expect('^')?;
                let datatype = self.property()?;
                Ok(Literal::new_typed_literal(text, datatype).into())
            }
            _ => Ok(Literal::from(text).into()),
        }
    }

    /// Reads a value without quotes: true, false, a number, or a prefixed name.
    fn bare(&mut self) -> Result<Term, Error> {
        let sign = if matches!(self.peek(), Some('-' | '+')) { self.next() } else { None };
        let word = self.word()?;
        if sign.is_none() && self.signs.get(self.at) == Some(&':') {
            return self.prefixed(&word).map(Term::from);
        }
        let number = format!("{}{word}", if sign == Some('-') { "-" } else { "" });
        match word.as_str() {
            "true" | "false" => Ok(Literal::from(word == "true").into()),
            _ if number.parse::<f64>().is_ok() && word.starts_with(|sign: char| sign.is_ascii_digit()) => {
                let datatype = if word.contains(['e', 'E']) { xsd::DOUBLE } else { xsd::DECIMAL };
                Ok(Literal::new_typed_literal(number, datatype).into())
            }
            _ => Err(self.wrong(format!("\"{word}\" is no value: write texts in quotes, resources in < >"))),
        }
    }

    fn selection(&mut self, depth: usize) -> Result<Selection, Error> {
        if depth > DEPTH_MAX {
            return Err(self.wrong(format!("properties are nested deeper than {DEPTH_MAX}")));
        }
        let mut selection = Selection::default();
        loop {
            if self.taken('*') {
                selection.all = true;
            } else {
                let property = self.property()?;
                let nested = if self.taken('{') {
                    let nested = self.selection(depth + 1)?;
                    self.expect('}')?;
                    Some(nested)
                } else {
                    None
                };
                selection.properties.push((property, nested));
            }
            self.items += 1;
            self.count(self.items)?;
            if !self.taken(',') {
                return Ok(selection);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let read = Prefixes::default().conditions(text).map_err(|error| error.to_string());
        match (read, expect) {
            (Ok(read), Ok(expect)) => assert_eq!(shown(&read), expect, "{text}"),
            (Err(error), Err(part)) => assert!(error.contains(part), "{text}: {error}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        }
    }

    fn shown(conditions: &[Condition]) -> String {
        let shown = conditions.iter().map(|condition| match condition {
            Condition::Compare(property, operator, value) => format!("{property} {operator:?} {value}"),
            Condition::In(property, values) => {
                let values: Vec<_> = values.iter().map(ToString::to_string).collect();
                format!("{property} in {}", values.join(" "))
            }
            Condition::Nested(property, nested) => format!("{property} ({})", shown(nested)),
        });
        shown.collect::<Vec<_>>().join(" & ")
    }

    #[test]
    fn conditions_are_read_or_refused_at_their_place() {
        check(
            r#"dcterms:title="a \"b\"" and tl:order>=2 and tl:x!=-1.5e3"#,
            Ok(concat!(
                r#"<http://purl.org/dc/terms/title> Equal "a \"b\"" & "#,
                r#"<https://w3id.org/throughline#order> GreaterOrEqual "2"^^<http://www.w3.org/2001/XMLSchema#decimal> & "#,
                r#"<https://w3id.org/throughline#x> NotEqual "-1.5e3"^^<http://www.w3.org/2001/XMLSchema#double>"#
            )),
        );
        check(
            "<urn:p> in [<urn:a>,oslc_cm:b , true]",
            Ok(
                r#"<urn:p> in <urn:a> <http://open-services.net/ns/cm#b> "true"^^<http://www.w3.org/2001/XMLSchema#boolean>"#,
            ),
        );
        check(
            r#"tl:satisfies{dcterms:identifier="R" and tl:x<1}"#,
            Ok(concat!(
                r#"<https://w3id.org/throughline#satisfies> (<http://purl.org/dc/terms/identifier> Equal "R" & "#,
                r#"<https://w3id.org/throughline#x> Less "1"^^<http://www.w3.org/2001/XMLSchema#decimal>)"#
            )),
        );
        check(
            r#"dcterms:date>"2020-01-01"^^xsd:date"#,
            Ok(
                r#"<http://purl.org/dc/terms/date> Greater "2020-01-01"^^<http://www.w3.org/2001/XMLSchema#date>"#,
            ),
        );
        for (text, part) in [
            ("", "character 1: a name is expected"),
            ("nope:title=1", "the prefix nope is not known"),
            ("dcterms=1", "dcterms has no name"),
            ("dcterms:title", "a comparison"),
            ("dcterms:title=", "a value is expected"),
            (r#"dcterms:title="a"#, "no closing quote"),
            ("dcterms:title=abc", "\"abc\" is no value"),
            ("dcterms:title like 1", "\"like\" compares nothing"),
            (r#"dcterms:title="a" or dcterms:title="b""#, "\"or\" joins no terms"),
            ("*=1", "wildcard"),
            ("dcterms:title in [1", "\"]\" is expected"),
            ("<urn:a b>=1", "is no IRI"),
            ("<urn:a", "\">\" is expected"),
            (&"tl:x{".repeat(12), "nested deeper than 8"),
        ] {
            check(text, Err(part));
        }
    }

    #[test]
    fn selections_orders_and_terms_are_read() {
        let prefixes = Prefixes::read("ex=<urn:ex:>,y=<urn:y:>").expect("prefixes");
        let selection = prefixes.selection("oslc.select", "ex:a,ex:b{*,y:c},*").expect("a selection");
        assert!(selection.all && selection.properties.len() == 2);
        assert_eq!(selection.properties[1].0.as_str(), "urn:ex:b");
        assert!(
            selection.properties[1]
                .1
                .as_ref()
                .is_some_and(|nested| nested.all && nested.properties.len() == 1)
        );
        let order = prefixes.order("-ex:a,+y:b, y:c").expect("an order");
        let order: Vec<_> = order.iter().map(|key| (key.property.as_str(), key.descending)).collect();
        assert_eq!(order, [("urn:ex:a", true), ("urn:y:b", false), ("urn:y:c", false)]);
        assert!(prefixes.order("ex:a").is_err_and(|error| error.reason.contains("+ or -")));
        assert_eq!(search_terms(r#""stay cool", "85""#), Ok(vec!["stay cool".to_owned(), "85".to_owned()]));
        assert!(search_terms("cool").is_err());
        assert!(Prefixes::read("ex=urn").is_err());
    }
}
