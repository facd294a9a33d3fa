//! The text of a query before anything parses it: what form it has, and whether it may be evaluated at all.
//!
//! The parser and the evaluator recurse, so a text of a few kilobytes could overflow their stack and end the process. A look
//! at the tokens bounds how deep the query nests before anything recurses. The optimiser tries the orders of a join for a time
//! that grows with the fourth power of its patterns, and cannot be stopped meanwhile, so they are bounded too.

use super::error::Error;
use super::tokens::{Token, Tokens};

/// How many brackets may be open at once.
const DEPTH_MAX: usize = 100;
/// How many operators may be combined: each can nest the query one deeper.
const OPERATORS_MAX: usize = 1000;
/// How many tokens a query may have: parsed, each may take half a kilobyte.
const TOKENS_MAX: usize = 250_000;
/// How often the tokens of a query may be read, where functions are nested that the parser reads twice.
const READS_MAX: usize = 500_000;
/// These functions have forms that the parser tries one after the other, so that it reads what is in them twice, and what is in a hundred of
/// them, one in the other, without end.
const READ_TWICE: [&str; 4] = ["REPLACE", "SUBSTR", "REGEX", "GROUP_CONCAT"];
/// How many patterns and groups may be joined.
pub(super) const PATTERNS_MAX: usize = 128;
/// What is wrong with a query that joins more.
pub(super) const TOO_MANY_PATTERNS: &str =
    "it joins more than 128 patterns and groups; use IN and VALUES for lists";

/// What a query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Solutions.
    Select,
    /// Yes or no.
    Ask,
    /// Statements made from a template.
    Construct,
    /// Statements about resources.
    Describe,
}

impl Form {
    /// Returns the keyword.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Ask => "ASK",
            Self::Construct => "CONSTRUCT",
            Self::Describe => "DESCRIBE",
        }
    }
}

/// A query that may be evaluated, if it parses.
#[derive(Clone, Debug)]
pub struct Query {
    text: String,
    form: Form,
}

impl Query {
    /// Looks at the tokens of a query; a byte-order mark before them is no text.
    pub fn read(text: impl Into<String>) -> Result<Self, Error> {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let mut form = None;
        let mut shape = Shape::default();
        let mut tokens = Tokens::of(&text);
        for token in tokens.by_ref() {
            if let Token::Word(word) = token {
                form = form.or(first_keyword(word)?);
                if word.eq_ignore_ascii_case("SERVICE") {
                    return Err(Error::Service);
                }
                if word.eq_ignore_ascii_case("FROM") {
                    return Err(Error::Dataset);
                }
            }
            shape.take(token)?;
        }
        if tokens.count > TOKENS_MAX {
            return Err(Error::Complex(
                "it has more than 250,000 names, values and signs; ask in parts, or look for what the values have in common",
            ));
        }
        match form {
            Some(form) => Ok(Self { text, form }),
            None => Err(Error::Malformed("it has no SELECT, ASK, CONSTRUCT or DESCRIBE".to_owned())),
        }
    }

    /// Returns the text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the prefixes that the query uses and does not declare.
    pub(super) fn undeclared(&self) -> Vec<&str> {
        let (mut used, mut declared) = (Vec::new(), Vec::new());
        let mut declares = false;
        for token in Tokens::of(&self.text) {
            if let Token::Prefix(prefix) = token {
                if declares { declared.push(prefix) } else { used.push(prefix) }
            }
            declares = matches!(token, Token::Word(word) if word.eq_ignore_ascii_case("PREFIX"));
        }
        used.sort_unstable();
        used.dedup();
        used.retain(|prefix| !declared.contains(prefix));
        used
    }

    /// Returns what the query asks for.
    pub fn form(&self) -> Form {
        self.form
    }
}

/// Returns the form that a keyword begins; refuses one that begins an update.
fn first_keyword(word: &str) -> Result<Option<Form>, Error> {
    Ok(Some(match word.to_ascii_uppercase().as_str() {
        "SELECT" => Form::Select,
        "ASK" => Form::Ask,
        "CONSTRUCT" => Form::Construct,
        "DESCRIBE" => Form::Describe,
        "INSERT" | "DELETE" | "LOAD" | "CLEAR" | "CREATE" | "DROP" | "COPY" | "MOVE" | "ADD" | "WITH" => {
            return Err(Error::Update);
        }
        _ => return Ok(None),
    }))
}

/// How deep and how long a query is, as far as its tokens have been seen.
#[derive(Default)]
struct Shape {
    /// The open brackets.
    open: Vec<u8>,
    /// How many brackets are open around each open function that is read twice.
    twice: Vec<usize>,
    /// Whether the token before is the name of such a function.
    is_twice_next: bool,
    /// How often tokens are read.
    reads: usize,
    operators: usize,
    /// The patterns between the outermost brackets; the template of CONSTRUCT is not joined with what follows it.
    patterns: usize,
    /// How many brackets are open around the rows of VALUES: they are a flat list.
    values: Option<usize>,
    values_follow: bool,
}

impl Shape {
    fn take(&mut self, token: Token<'_>) -> Result<(), Error> {
        if std::mem::take(&mut self.is_twice_next) && matches!(token, Token::Sign(b'(')) {
            self.twice.push(self.open.len());
        }
        self.reads += 1 << self.twice.len().min(usize::BITS as usize / 2);
        match token {
            Token::Prefix(_) => {}
            Token::Word(word) => {
                let is = |keyword: &&str| word.eq_ignore_ascii_case(keyword);
                self.values_follow |= is(&"VALUES");
                self.is_twice_next = READ_TWICE.iter().any(is);
                self.operators += usize::from(["AS", "BIND", "FILTER"].iter().any(is));
            }
            Token::Sign(open @ (b'(' | b'[' | b'{')) => self.open(open),
            Token::Sign(b')' | b']' | b'}') => self.close(),
            Token::Sign(b',') if self.open.last() == Some(&b'(') => {}
            Token::Sign(b'.' | b';' | b',' | b'/') => self.patterns += 1,
            Token::Sign(_) => self.operators += 1,
        }
        if self.open.len() > DEPTH_MAX {
            return Err(Error::Complex("more than 100 brackets are open at once"));
        }
        if self.reads > READS_MAX {
            return Err(Error::Complex(
                "REPLACE, SUBSTR, REGEX and GROUP_CONCAT are nested too deep: BIND what is in them to variables first",
            ));
        }
        if self.operators > OPERATORS_MAX {
            return Err(Error::Complex("it has more than 1000 operators; use IN and VALUES for lists"));
        }
        if self.patterns > PATTERNS_MAX {
            return Err(Error::Complex(TOO_MANY_PATTERNS));
        }
        Ok(())
    }

    fn open(&mut self, bracket: u8) {
        if bracket == b'{' && std::mem::take(&mut self.values_follow) {
            self.values = Some(self.open.len());
        }
        if self.values.is_none() {
            self.operators += 1;
            self.patterns += usize::from(bracket != b'(');
        }
        self.open.push(bracket);
    }

    fn close(&mut self) {
        self.open.pop();
        self.twice.pop_if(|around| *around >= self.open.len());
        self.values = self.values.filter(|around| *around < self.open.len());
        if self.open.is_empty() {
            self.patterns = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_refusals() {
        let check = |text: &str, expect: &str| {
            let message = match Query::read(text) {
                Ok(query) => query.form().as_str().to_owned(),
                Err(error) => error.to_string(),
            };
            assert!(message.contains(expect), "{text:.80}: {message}");
        };
        check(
            "PREFIX ask: <http://x/select#y> # SELECT\nASK { ?service ask:service \"SERVICE\"@service }",
            "ASK",
        );
        check("select ?x { <urn:SERVICE> ?x ?y FILTER(?y<3&&?x>2) }", "SELECT");
        check("DESCRIBE <urn:x>", "DESCRIBE");
        check("\u{feff}ASK {}", "ASK");
        check("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT");
        check("SELECT * { service silent <urn:x> {} }", "SERVICE is not supported");
        check("SELECT * from <urn:x> { ?s ?p ?o }", "FROM NAMED are not supported");
        check("ASK FROM NAMED <urn:x> { GRAPH ?g {} }", "FROM NAMED are not supported");
        check("PREFIX from: <urn:FROM> SELECT ?from { ?from from:from \"FROM\"@from }", "SELECT");
        check("INSERT DATA { <urn:a> <urn:b> 1 }", "update");
        check("PREFIX x: <urn:x> LOAD <urn:y>", "update");
        check("", "no SELECT");
        check("'''unclosed SELECT", "no SELECT");
        check(&format!("SELECT * {{{}", "{".repeat(200)), "100 brackets");
        let nested = |function: &str, depth: usize| {
            let open = format!("{function}(").repeat(depth);
            format!("SELECT ({open}\"a\"{} AS ?x) {{}}", ",\"a\",\"b\")".repeat(depth))
        };
        for function in ["REPLACE", "substr", "Regex", "GROUP_CONCAT", "regex\n # (\n"] {
            check(&nested(function, 12), "SELECT");
            check(&nested(function, 40), "BIND what is in them");
        }
        check(&nested("CONCAT", 90), "SELECT");
        let one_after_the_other = "REPLACE(?x, \"a\", \"b\") = ?y && ".repeat(100);
        check(&format!("ASK {{ FILTER({one_after_the_other} true) }}"), "ASK");
        check(&format!("ASK {{ FILTER({}true) }}", "!".repeat(5000)), "1000");
        check(&format!("ASK {{ FILTER(1 IN (1{})) }}", ",1".repeat(5000)), "ASK");
        check(&format!("ASK {{ VALUES (?x ?y) {{ {} }} }}", "(1 2)".repeat(5000)), "ASK");
        check(&format!("ASK {{ VALUES ?x {{ {} }} }}", "1 ".repeat(249_000)), "ASK");
        check(&format!("ASK {{ VALUES ?x {{ {} }} }}", "1 ".repeat(250_000)), "250,000");
        check(&format!("ASK {{ VALUES ?x {{ 1 }} {} }}", "{} UNION ".repeat(150)), "128");
        check(&format!("CONSTRUCT {{ {0} }} WHERE {{ {0} }}", "?a ?b ?c . ".repeat(100)), "CONSTRUCT");
    }

    #[test]
    fn undeclared_prefixes() {
        let query = Query::read("PREFIX a: <urn:a> ASK { ?x a:b c:d ; c:e :f }").expect("a query");
        assert_eq!(query.undeclared(), ["", "c"]);
    }
}
