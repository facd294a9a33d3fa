//! The clauses of a `SELECT`, some of which a `SHOW` has as well.

use super::parser::Parser;
use super::scanner::{Error, Token};
use super::statement::{
    COLUMNS_MAX, Dimension, Every, Expr, Field, Fill, Operator, Page, Select, Source, TextTest,
};
use crate::model::time::period::Zone;

/// Where the parts of a query may be of other queries, in InfluxDB.
const SUBQUERY_HINT: &str = "name a measurement after FROM";

impl Parser<'_> {
    /// Reads a `SELECT`, after the word.
    pub(super) fn select(&mut self) -> Result<Select, Error> {
        let fields = self.fields()?;
        if self.takes_word("into") {
            return Err(Error::unsupported("INTO", "samples are written to /write"));
        }
        self.word_of("from")?;
        let from = self.sources()?;
        let condition = if self.takes_word("where") { Some(self.expression(0)?) } else { None };
        let (dimensions, every) = self.group_by()?;
        let fill = self.fill()?;
        let descending = self.order()?;
        let rows = self.page("limit", "offset")?;
        let series = self.page("slimit", "soffset")?;
        let zone = self.zone()?;
        Ok(Select { fields, from, condition, dimensions, every, fill, descending, rows, series, zone })
    }

    fn fields(&mut self) -> Result<Vec<Field>, Error> {
        let mut fields = Vec::new();
        loop {
            bounded(fields.len(), "columns")?;
            let expr = self.expression(0)?;
            let alias = if self.takes_word("as") { Some(self.name()?) } else { None };
            fields.push(Field { expr, alias });
            if !self.takes(",")? {
                return Ok(fields);
            }
        }
    }

    /// Reads measurements with commas between them.
    pub(super) fn sources(&mut self) -> Result<Vec<Source>, Error> {
        let mut sources = vec![self.source()?];
        while self.takes(",")? {
            sources.push(self.source()?);
        }
        Ok(sources)
    }

    /// Reads `measurement`, `policy.measurement` or `database.policy.measurement`, where the policy may be left out.
    fn source(&mut self) -> Result<Source, Error> {
        let mut path: Vec<Option<String>> = Vec::new();
        let measurement = loop {
            if let Some(pattern) = self.pattern()? {
                break TextTest::Matches(pattern);
            }
            if self.peek()? == Token::Sign("(") {
                return Err(Error::unsupported("a subquery", SUBQUERY_HINT));
            }
            if path.len() == 1 && self.takes(".")? {
                path.push(None);
                continue;
            }
            let name = self.name()?;
            if path.len() == 2 || !self.takes(".")? {
                break TextTest::Is(name);
            }
            path.push(Some(name));
        };
        let policy = path.pop().flatten();
        let database = path.pop().flatten();
        Ok(Source { database, policy, measurement })
    }

    /// Reads `= name`, `!= name`, `=~ /…/` or `!~ /…/`.
    pub(super) fn text_test(&mut self) -> Result<TextTest, Error> {
        let before = self.scanner;
        let operator = self.advance()?;
        let pattern = |parser: &mut Self| {
            let pattern = parser.pattern()?;
            pattern.ok_or_else(|| parser.scanner.unexpected("regex"))
        };
        match operator {
            Token::Operator(Operator::Equal) => Ok(TextTest::Is(self.name()?)),
            Token::Operator(Operator::Unequal) => Ok(TextTest::IsNot(self.name()?)),
            Token::Operator(Operator::Matches) => Ok(TextTest::Matches(pattern(self)?)),
            Token::Operator(Operator::MatchesNot) => Ok(TextTest::MatchesNot(pattern(self)?)),
            _ => Err(before.unexpected("=, !=, =~, !~, IN")),
        }
    }

    fn group_by(&mut self) -> Result<(Vec<Dimension>, Option<Every>), Error> {
        let (mut dimensions, mut every) = (Vec::new(), None);
        if !self.takes_word("group") {
            return Ok((dimensions, every));
        }
        self.word_of("by")?;
        loop {
            bounded(dimensions.len(), "dimensions after GROUP BY")?;
            match self.expression(0)? {
                Expr::Variable(name, _) if !name.eq_ignore_ascii_case("time") => {
                    dimensions.push(Dimension::Tag(name));
                }
                Expr::Wildcard(_) => dimensions.push(Dimension::All),
                Expr::Pattern(pattern) => dimensions.push(Dimension::Matching(pattern)),
                Expr::Call(name, arguments) if name == "time" => {
                    if every.replace(interval(&arguments)?).is_some() {
                        return Err(Error::Value("multiple time dimensions not allowed".to_owned()));
                    }
                }
                _ => return Err(Error::Value("only time and tag dimensions allowed".to_owned())),
            }
            if !self.takes(",")? {
                return Ok((dimensions, every));
            }
        }
    }

    fn fill(&mut self) -> Result<Fill, Error> {
        if !self.takes_word("fill") {
            return Ok(Fill::default());
        }
        self.sign("(")?;
        let argument = self.expression(0)?;
        self.sign(")")?;
        let named = match &argument {
            Expr::Variable(name, _) => name.to_ascii_lowercase(),
            _ => String::new(),
        };
        match (argument, named.as_str()) {
            (_, "null") => Ok(Fill::Null),
            (_, "none") => Ok(Fill::None),
            (_, "previous") => Ok(Fill::Previous),
            (_, "linear") => Ok(Fill::Linear),
            (Expr::Integer(number), _) => Ok(Fill::Number(number as f64)),
            (Expr::Number(number), _) => Ok(Fill::Number(number)),
            _ => Err(Error::Value("expected number argument in fill()".to_owned())),
        }
    }

    /// Reads `ORDER BY time`, and returns whether the latest come first.
    pub(super) fn order(&mut self) -> Result<bool, Error> {
        if !self.takes_word("order") {
            return Ok(false);
        }
        self.word_of("by")?;
        if self.takes_word("desc") {
            return Ok(true);
        }
        if self.takes_word("asc") {
            return Ok(false);
        }
        if !self.name()?.eq_ignore_ascii_case("time") {
            return Err(Error::Value("only ORDER BY time supported at this time".to_owned()));
        }
        let descending = self.takes_word("desc");
        if !descending {
            self.takes_word("asc");
        }
        Ok(descending)
    }

    /// Reads how many there are to be, and after how many.
    pub(super) fn page(&mut self, limit: &str, offset: &str) -> Result<Page, Error> {
        let limit = if self.takes_word(limit) { self.count()? } else { 0 };
        let offset = if self.takes_word(offset) { self.count()? } else { 0 };
        Ok(Page { limit, offset })
    }

    fn count(&mut self) -> Result<usize, Error> {
        let before = self.scanner;
        match self.advance()? {
            Token::Integer(count) => usize::try_from(count).map_err(|_| before.unexpected("integer")),
            _ => Err(before.unexpected("integer")),
        }
    }

    fn zone(&mut self) -> Result<Option<Zone>, Error> {
        if !self.takes_word("tz") {
            return Ok(None);
        }
        self.sign("(")?;
        let before = self.scanner;
        let Token::Text(name) = self.advance()? else { return Err(before.unexpected("string")) };
        self.sign(")")?;
        let zone = name.parse().map_err(|_| Error::Value(format!("unable to find time zone {name}")))?;
        Ok(Some(zone))
    }
}

/// Refuses one more where there are as many as there may be.
fn bounded(count: usize, what: &str) -> Result<(), Error> {
    match count == COLUMNS_MAX {
        true => Err(Error::Value(format!("a statement has more than {COLUMNS_MAX} {what}"))),
        false => Ok(()),
    }
}

/// Reads the arguments of `time(…)` in a GROUP BY.
fn interval(arguments: &[Expr]) -> Result<Every, Error> {
    let duration = |argument: &Expr| match argument.bare() {
        Expr::Duration(nanos) => Some(*nanos),
        _ => None,
    };
    let [every, rest @ ..] = arguments else {
        return Err(Error::Value("time dimension expected 1 or 2 arguments".to_owned()));
    };
    let nanos = duration(every)
        .ok_or_else(|| Error::Value("time dimension must have duration argument".to_owned()))?;
    if nanos <= 0 {
        return Err(Error::Value("time dimension must be longer than 0s".to_owned()));
    }
    let offset = match rest {
        [] => 0,
        [offset] => duration(offset).ok_or_else(|| {
            Error::unsupported("an offset of time() that is no duration", "write it as 15m or -15m")
        })?,
        _ => return Err(Error::Value("time dimension expected 1 or 2 arguments".to_owned())),
    };
    Ok(Every { nanos, offset: offset % nanos })
}
