//! A query to its statements.

use super::Parameters;
use super::scanner::{Error, Scanner, Token};
use super::statement::{Exactness, Pattern, Show, Source, Statement, TextTest};

/// How many statements one query may have.
const STATEMENTS_MAX: usize = 100;

/// How many regular expressions one query may have: each takes a moment to compile.
const PATTERNS_MAX: usize = 200;

/// Words that are no names unless they are quoted: those that may follow a name.
const KEYWORDS: [&str; 24] = [
    "and", "as", "asc", "by", "desc", "fill", "from", "group", "in", "into", "key", "limit", "offset", "on",
    "or", "order", "select", "show", "slimit", "soffset", "tz", "values", "where", "with",
];

/// Statements of InfluxDB that are not supported, and the reason.
const UNSUPPORTED: [(&str, &str); 10] = [
    ("delete", "samples are deleted with throughline delete-samples"),
    ("create", "there is one database, throughline, with one retention policy"),
    ("drop", "there is one database, throughline, with one retention policy"),
    ("explain", ""),
    ("grant", "roles are in throughline.toml"),
    ("revoke", "roles are in throughline.toml"),
    ("alter", "retention is in throughline.toml"),
    ("set", "tokens are made with throughline token"),
    ("kill", "a query ends when its client disconnects"),
    ("insert", "samples are written to /write"),
];

/// Returns whether a word in lower case is a keyword.
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// Reads a query: statements with `;` between them.
pub fn parse(text: &str, parameters: &Parameters) -> Result<Vec<Statement>, Error> {
    let mut parser = Parser { scanner: Scanner::new(text), parameters, depth: 0, operators: 0, patterns: 0 };
    let mut statements = Vec::new();
    loop {
        while parser.takes(";")? {}
        if parser.peek()? == Token::End && !statements.is_empty() {
            return Ok(statements);
        }
        if statements.len() == STATEMENTS_MAX {
            return Err(Error::Value(format!("a query has more than {STATEMENTS_MAX} statements")));
        }
        parser.operators = 0;
        statements.push(parser.statement()?);
        if parser.peek()? != Token::End && parser.peek()? != Token::Sign(";") {
            return Err(parser.scanner.unexpected(";, EOF"));
        }
    }
}

/// Reads the tokens of one query.
pub(super) struct Parser<'a> {
    pub(super) scanner: Scanner<'a>,
    pub(super) parameters: &'a Parameters,
    /// How many levels of an expression are open.
    pub(super) depth: usize,
    /// How many operators the statement has.
    pub(super) operators: usize,
    /// How many regular expressions the query has.
    patterns: usize,
}

impl Parser<'_> {
    /// Returns the next token without going past it.
    pub(super) fn peek(&self) -> Result<Token, Error> {
        let mut ahead = self.scanner;
        ahead.next()
    }

    /// Returns the next token and goes past it.
    pub(super) fn advance(&mut self) -> Result<Token, Error> {
        self.scanner.next()
    }

    /// Reads the regular expression that is next; `None` where there is none.
    pub(super) fn pattern(&mut self) -> Result<Option<Pattern>, Error> {
        let pattern = self.scanner.pattern()?;
        self.patterns += usize::from(pattern.is_some());
        match self.patterns > PATTERNS_MAX {
            true => Err(Error::Value(format!("a query has more than {PATTERNS_MAX} regular expressions"))),
            false => Ok(pattern),
        }
    }

    /// Goes past a sign where it is next, and returns whether it was.
    pub(super) fn takes(&mut self, sign: &str) -> Result<bool, Error> {
        let mut ahead = self.scanner;
        // What is no token at all is reported by whoever needs one there.
        let is_next = matches!(ahead.next(), Ok(Token::Sign(found)) if found == sign);
        if is_next {
            self.scanner = ahead;
        }
        Ok(is_next)
    }

    /// Goes past a sign that must be next.
    pub(super) fn sign(&mut self, sign: &str) -> Result<(), Error> {
        if self.takes(sign)? { Ok(()) } else { Err(self.scanner.unexpected(sign)) }
    }

    /// Goes past a keyword where it is next, and returns whether it was.
    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let mut ahead = self.scanner;
        let is_next = matches!(ahead.next(), Ok(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        if is_next {
            self.scanner = ahead;
        }
        is_next
    }

    /// Goes past a keyword that must be next.
    pub(super) fn word_of(&mut self, word: &str) -> Result<(), Error> {
        if self.takes_word(word) { Ok(()) } else { Err(self.scanner.unexpected(&word.to_uppercase())) }
    }

    /// Reads a name, quoted or not.
    pub(super) fn name(&mut self) -> Result<String, Error> {
        let before = self.scanner;
        match self.advance()? {
            Token::Name(name) => Ok(name),
            Token::Word(word) if !is_keyword(&word.to_ascii_lowercase()) => Ok(word),
            _ => Err(before.unexpected("identifier")),
        }
    }

    fn statement(&mut self) -> Result<Statement, Error> {
        let before = self.scanner;
        let word = match self.advance()? {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        match word.as_str() {
            "select" => Ok(Statement::Select(Box::new(self.select()?))),
            "show" => self.show(),
            other => match UNSUPPORTED.iter().find(|(statement, _)| *statement == other) {
                Some((statement, hint)) => Err(Error::unsupported(statement.to_uppercase(), hint)),
                None => Err(before.unexpected("SELECT, SHOW")),
            },
        }
    }

    fn show(&mut self) -> Result<Statement, Error> {
        let before = self.scanner;
        let word = match self.advance()? {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        match word.as_str() {
            "databases" => Ok(Statement::Databases),
            "retention" => {
                self.word_of("policies")?;
                let on = if self.takes_word("on") { Some(self.name()?) } else { None };
                Ok(Statement::RetentionPolicies { on })
            }
            "measurements" => self.measurements(),
            "tag" if self.takes_word("keys") => Ok(Statement::TagKeys(self.shown()?)),
            "tag" if self.takes_word("values") => self.tag_values(),
            "tag" => Err(self.scanner.unexpected("KEYS, VALUES")),
            "field" => {
                self.word_of("keys")?;
                Ok(Statement::FieldKeys(self.shown()?))
            }
            "series" => {
                let is_exact = self.takes_word("exact");
                if is_exact || self.peek_word("cardinality") {
                    self.word_of("cardinality")?;
                    let exactness = if is_exact { Exactness::Exact } else { Exactness::Estimated };
                    return Ok(Statement::SeriesCardinality(self.shown()?, exactness));
                }
                Ok(Statement::Series(self.shown()?))
            }
            "continuous" | "diagnostics" | "grants" | "measurement" | "queries" | "shard" | "shards"
            | "stats" | "subscriptions" | "users" => {
                Err(Error::unsupported(format!("SHOW {}", word.to_uppercase()), ""))
            }
            _ => Err(before.unexpected("DATABASES, FIELD, MEASUREMENTS, RETENTION, SERIES, TAG")),
        }
    }

    fn peek_word(&self, word: &str) -> bool {
        matches!(self.peek(), Ok(Token::Word(found)) if found.eq_ignore_ascii_case(word))
    }

    /// Reads the clauses that every `SHOW` may have.
    fn shown(&mut self) -> Result<Show, Error> {
        let on = if self.takes_word("on") { Some(self.name()?) } else { None };
        let from = if self.takes_word("from") { self.sources()? } else { Vec::new() };
        self.shown_rest(on, from)
    }

    fn shown_rest(&mut self, on: Option<String>, from: Vec<Source>) -> Result<Show, Error> {
        let condition = if self.takes_word("where") { Some(self.expression(0)?) } else { None };
        self.order()?;
        let page = self.page("limit", "offset")?;
        if self.peek_word("slimit") || self.peek_word("soffset") {
            return Err(Error::unsupported("SLIMIT in a SHOW", "use LIMIT"));
        }
        Ok(Show { on, from, condition, page })
    }

    fn measurements(&mut self) -> Result<Statement, Error> {
        let on = if self.takes_word("on") { Some(self.name()?) } else { None };
        let mut from = Vec::new();
        if self.takes_word("with") {
            self.word_of("measurement")?;
            let measurement = self.text_test()?;
            from.push(Source { database: None, policy: None, measurement });
        }
        Ok(Statement::Measurements(self.shown_rest(on, from)?))
    }

    fn tag_values(&mut self) -> Result<Statement, Error> {
        let on = if self.takes_word("on") { Some(self.name()?) } else { None };
        let from = if self.takes_word("from") { self.sources()? } else { Vec::new() };
        self.word_of("with")?;
        self.word_of("key")?;
        let keys = if self.takes_word("in") { TextTest::Among(self.names()?) } else { self.text_test()? };
        Ok(Statement::TagValues(self.shown_rest(on, from)?, keys))
    }

    /// Reads names in brackets.
    fn names(&mut self) -> Result<Vec<String>, Error> {
        self.sign("(")?;
        let mut names = vec![self.name()?];
        while self.takes(",")? {
            names.push(self.name()?);
        }
        self.sign(")")?;
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::super::statement::{Dimension, Every, Expr, Fill, Kind, Page};
    use super::*;

    fn read(text: &str) -> Result<Vec<Statement>, Error> {
        parse(text, &serde_json::from_str(r#"{"x": 1.5, "t": "P-1"}"#).expect("parameters"))
    }

    #[test]
    fn what_is_wrong_is_named() {
        let check = |text: &str, expect: &str| {
            assert_eq!(read(text).map_err(|error| error.to_string()), Err(expect.to_owned()), "{text}");
        };
        check("SELECT mean(temp FROM pump", "found FROM, expected ) at line 1, char 18");
        check("SELECT mean(temp) FROM", "found EOF, expected identifier at line 1, char 23");
        check(
            "SELECT a FROM m WHERE",
            "found EOF, expected identifier, string, number, bool at line 1, char 22",
        );
        check("SELECT a\nFROM m GROUP BY time(1x)", "invalid duration");
        check("SELECT a FROM m LIMIT -1", "found -, expected integer at line 1, char 23");
        check("SELECT a FROM m ORDER BY temp", "only ORDER BY time supported at this time");
        check("SELECT a FROM m tz('Nowhere')", "unable to find time zone Nowhere");
        check("SELECT a FROM m fill(xx)", "expected number argument in fill()");
        check("SHOW TAG VALUES", "found EOF, expected WITH at line 1, char 16");
        check("SELECT a FROM m WHERE b = $y", "missing parameter: y");
        check("SELECT a::integer FROM m", "the cast ::integer is not supported: every field is a ::float");
        check(
            "SELECT a FROM (SELECT b FROM m)",
            "a subquery is not supported: name a measurement after FROM",
        );
        check("SELECT a INTO b FROM m", "INTO is not supported: samples are written to /write");
        check("SHOW QUERIES", "SHOW QUERIES is not supported");
        check(
            "DROP DATABASE x",
            "DROP is not supported: there is one database, throughline, with one retention policy",
        );
        check("", "found EOF, expected SELECT, SHOW at line 1, char 1");
        let pattern = read("SELECT a FROM m WHERE b =~ /(/").expect_err("no pattern").to_string();
        assert!(
            pattern.starts_with("error parsing regexp: ") && pattern.ends_with("at line 1, char 28"),
            "{pattern}"
        );
        let deep = format!("SELECT {}a FROM m", "(".repeat(10_000));
        check(&deep, "an expression has more than 100 levels");
        let long = |operators: usize| {
            format!("SELECT a FROM m WHERE b = 'c'{}", " OR b = 'c'".repeat(operators / 2))
        };
        check(&long(502), "a statement has more than 500 operators");
        assert!(read(&long(498)).is_ok());
        let patterns = format!("SELECT a FROM {}", ["/a/"; 201].join(", "));
        check(&patterns, "a query has more than 200 regular expressions");
    }

    #[test]
    fn a_statement_of_grafana_is_read() {
        let text = "SELECT mean(\"value\") AS \"v\", \"a b\" / 2 FROM \"autogen\".\"cpu\" WHERE (\"host\"::tag =~ /^a\\/b$/ OR \"n\" > $x) \
            AND time >= 1700000000000ms and time <= 1700003600000ms GROUP BY time(10s, -2s), \"host\"::tag, /x/ fill(previous) \
            ORDER BY time DESC limit 5 OFFSET 1 slimit 2 SOFFSET 3 tz('Europe/Berlin'); SHOW measurements -- all\n";
        let statements = read(text).expect("a query");
        let [Statement::Select(select), Statement::Measurements(show)] = &statements[..] else {
            panic!("{statements:?}")
        };
        assert_eq!(*show, Show::default());
        assert_eq!(select.fields[0].alias.as_deref(), Some("v"));
        let value = Expr::Variable("value".to_owned(), None);
        assert_eq!(select.fields[0].expr, Expr::Call("mean".to_owned(), vec![value]));
        assert_eq!(select.fields[1].expr.column(), "a b");
        let source = &select.from[0];
        assert_eq!((&source.database, source.policy.as_deref()), (&None, Some("autogen")));
        assert_eq!(source.measurement, TextTest::Is("cpu".to_owned()));
        assert_eq!(select.every, Some(Every { nanos: 10_000_000_000, offset: -2_000_000_000 }));
        assert_eq!(select.dimensions[0], Dimension::Tag("host".to_owned()));
        assert_eq!((select.dimensions.len(), select.fill, select.descending), (2, Fill::Previous, true));
        assert_eq!(
            (select.rows, select.series),
            (Page { limit: 5, offset: 1 }, Page { limit: 2, offset: 3 })
        );
        assert!(select.zone.is_some());
        let mut kinds = Vec::new();
        select.condition.as_ref().expect("a condition").walk(&mut |expr| {
            if let Expr::Variable(name, kind) = expr {
                kinds.push((name.as_str(), *kind));
            }
        });
        assert_eq!(kinds, [("host", Some(Kind::Tag)), ("n", None), ("time", None), ("time", None)]);
    }

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let check = |text: &str, expect: &str| {
            let statements = read(&format!("SELECT {text} FROM m")).expect("a query");
            let Statement::Select(select) = &statements[0] else { panic!("no SELECT") };
            assert_eq!(written(&select.fields[0].expr), expect, "{text}");
        };
        check("a + b * c - d", "((a Add (b Multiply c)) Subtract d)");
        check("(a + b) / -2", "([(a Add b)] Divide -2)");
        check("-a", "(-1 Multiply a)");
        check("1w / 2ms", "(604800000000000ns Divide 2000000ns)");
        check("a.b", "a.b");
    }

    fn written(expr: &Expr) -> String {
        match expr {
            Expr::Variable(name, _) => name.clone(),
            Expr::Integer(number) => number.to_string(),
            Expr::Duration(nanos) => format!("{nanos}ns"),
            Expr::Group(inner) => format!("[{}]", written(inner)),
            Expr::Binary(left, operator, right) => {
                format!("({} {operator:?} {})", written(left), written(right))
            }
            other => format!("{other:?}"),
        }
    }
}
