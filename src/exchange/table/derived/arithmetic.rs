//! Arithmetic on the cells of a row: `({power} - {own use}) * 1000`, exact on decimals.

use crate::exchange::table::cell::marks::Marks;
use crate::exchange::table::sheet::row::{Header, Row};
use crate::model::number::ratio::decimal;
use num_bigint::{BigInt, Sign};
use num_rational::BigRational;

/// An expression of `+ - * /`, parentheses, numbers with a decimal point, and cells in braces.
#[derive(Clone, Debug)]
pub(in crate::exchange::table) enum Expression {
    Number(BigRational),
    Cell(usize),
    Row,
    Negated(Box<Self>),
    Two(Box<Self>, Operator, Box<Self>),
}

#[derive(Clone, Copy, Debug)]
pub(in crate::exchange::table) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// Why a row has no result: the column, if one is to blame, and what is wrong there.
pub(in crate::exchange::table) type Wrong = (Option<usize>, String);

impl Expression {
    /// Reads an expression. The error describes what is wrong.
    pub(in crate::exchange::table) fn parse(text: &str, header: &Header<'_>) -> Result<Self, String> {
        if text.len() > LENGTH_MAX {
            return Err(format!("an expression has at most {LENGTH_MAX} characters"));
        }
        let mut parser = Parser { text, rest: text, depth: 0, header };
        let expression = parser.sum()?;
        if parser.peek().is_some() {
            return Err(parser.wrong());
        }
        Ok(expression)
    }

    /// Lists the columns that are used.
    pub(in crate::exchange::table) fn columns(&self, used: &mut Vec<usize>) {
        match self {
            Self::Number(_) | Self::Row => {}
            Self::Cell(column) => used.push(*column),
            Self::Negated(of) => of.columns(used),
            Self::Two(left, _, right) => {
                left.columns(used);
                right.columns(used);
            }
        }
    }

    /// Computes the value in a row, written with a decimal point; `None` where a cell is empty.
    pub(super) fn compute(&self, row: &Row<'_>, marks: Marks) -> Result<Option<String>, Wrong> {
        Ok(self.value(row, marks)?.map(|value| written(&value)))
    }

    fn value(&self, row: &Row<'_>, marks: Marks) -> Result<Option<BigRational>, Wrong> {
        match self {
            Self::Number(number) => Ok(Some(number.clone())),
            Self::Row => Ok(Some(BigRational::from_integer(row.number.into()))),
            Self::Cell(column) => {
                let Some(cell) = row.cell(*column) else { return Ok(None) };
                let number = marks.plain(cell).and_then(|plain| {
                    decimal(&plain)
                        .ok_or_else(|| format!("\"{cell}\" is too large or too small to compute with"))
                });
                number.map(Some).map_err(|message| (Some(*column), message))
            }
            Self::Negated(of) => Ok(of.value(row, marks)?.map(|value| -value)),
            Self::Two(left, operator, right) => {
                let (Some(a), Some(b)) = (left.value(row, marks)?, right.value(row, marks)?) else {
                    return Ok(None);
                };
                Ok(Some(match operator {
                    Operator::Plus => a + b,
                    Operator::Minus => a - b,
                    Operator::Times => a * b,
                    Operator::Over if b.numer().sign() == Sign::NoSign => {
                        let mut used = Vec::new();
                        right.columns(&mut used);
                        return Err((used.first().copied(), "the value would be divided by zero".to_owned()));
                    }
                    Operator::Over => a / b,
                }))
            }
        }
    }
}

/// Writes a number exactly where its decimals end, else as the nearest double.
fn written(value: &BigRational) -> String {
    let (mut rest, mut decimals) = (value.denom().clone(), 0);
    for factor in [2_u32, 5] {
        let mut count = 0;
        while (&rest % factor).sign() == Sign::NoSign {
            rest /= factor;
            count += 1;
        }
        decimals = decimals.max(count);
    }
    if rest == BigInt::from(1) {
        return scaled(value, decimals);
    }
    let near: f64 = scaled(value, 60).parse().unwrap_or(f64::NAN);
    near.to_string()
}

/// Writes a number with so many decimals, the rest cut off.
fn scaled(value: &BigRational, decimals: u32) -> String {
    let digits = value.numer() * BigInt::from(10).pow(decimals) / value.denom();
    let sign = if digits.sign() == Sign::Minus { "-" } else { "" };
    let places = decimals as usize;
    let digits = format!("{:0>width$}", digits.magnitude().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let point = if places > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

/// An expression may be so long.
const LENGTH_MAX: usize = 2000;

/// Parentheses and signs may be nested so deep.
const DEPTH_MAX: usize = 64;

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: usize,
    header: &'a Header<'a>,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, known: &[(char, Operator)]) -> Option<Operator> {
        let next = self.peek()?;
        let (sign, operator) = known.iter().find(|(sign, _)| *sign == next)?;
        self.rest = &self.rest[sign.len_utf8()..];
        Some(*operator)
    }

    fn wrong(&self) -> String {
        let at = match self.rest {
            "" => "at its end".to_owned(),
            rest => format!("at \"{rest}\""),
        };
        format!(
            "\"{}\" cannot be computed {at}; write numbers, columns in braces, + - * / and parentheses, as in \"({{a}} - 32) * 5 / 9\"",
            self.text
        )
    }

    fn sum(&mut self) -> Result<Expression, String> {
        let mut left = self.product()?;
        while let Some(operator) = self.take(&[('+', Operator::Plus), ('-', Operator::Minus)]) {
            left = Expression::Two(Box::new(left), operator, Box::new(self.product()?));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Expression, String> {
        let mut left = self.factor()?;
        while let Some(operator) = self.take(&[('*', Operator::Times), ('/', Operator::Over)]) {
            left = Expression::Two(Box::new(left), operator, Box::new(self.factor()?));
        }
        Ok(left)
    }

    fn factor(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(format!("\"{}\" is nested too deep", self.text));
        }
        let factor = self.operand();
        self.depth -= 1;
        factor
    }

    fn operand(&mut self) -> Result<Expression, String> {
        let next = self.peek();
        let after = self.rest.get(1..).unwrap_or_default();
        match next {
            Some('-') => {
                self.rest = after;
                Ok(Expression::Negated(Box::new(self.factor()?)))
            }
            Some('(') => {
                self.rest = after;
                let inner = self.sum()?;
                if self.peek() != Some(')') {
                    return Err(self.wrong());
                }
                self.rest = &self.rest[1..];
                Ok(inner)
            }
            Some('{') => {
                let (column, rest) = after.split_once('}').ok_or_else(|| self.wrong())?;
                self.rest = rest;
                match self.header.index(column.trim()) {
                    Ok(column) => Ok(Expression::Cell(column)),
                    Err(_) if column.trim() == "#row" => Ok(Expression::Row),
                    Err(message) => Err(message),
                }
            }
            _ => {
                let end =
                    self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
                let (number, rest) = self.rest.split_at(end);
                let value = Marks::default().plain(number).ok().and_then(|plain| decimal(&plain));
                let value = value.ok_or_else(|| self.wrong())?;
                self.rest = rest;
                Ok(Expression::Number(value))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compute(expression: &str, cells: [&str; 2], marks: Marks) -> String {
        let names = ["a".to_owned(), "b c".to_owned()];
        let header = Header { names: &names, table: "t.csv" };
        let record = csv::StringRecord::from(cells.to_vec());
        let row = Row { line: 2, number: 7, record: &record, empty: &[] };
        let computed = Expression::parse(expression, &header).map(|read| read.compute(&row, marks));
        match computed {
            Ok(Ok(Some(value))) => value,
            Ok(Ok(None)) => "nothing".to_owned(),
            Ok(Err((column, message))) => format!("{column:?}: {message}"),
            Err(message) => message,
        }
    }

    #[test]
    fn computes_exactly() {
        let check = |expression: &str, cells: [&str; 2], expect: &str| {
            assert_eq!(compute(expression, cells, Marks::default()), expect, "{expression} of {cells:?}");
        };
        check("{a} * 3600", ["12", ""], "43200");
        check("{a} + 0.2", ["0.1", ""], "0.3");
        check("-({a} - {b c}) / 4 * 2", ["1", "2.5"], "0.75");
        check("2 - 3 - 4", ["", ""], "-5");
        check("8 / 2 / 2", ["", ""], "2");
        check("1 + 2 * 3", ["", ""], "7");
        check("{a}*1000", ["1e-3", ""], "1");
        check("{a}*{b c}", ["9007199254740993", "10000000000000000.1"], "90071992547409930900719925474099.3");
        check("({a} - 32) * 5 / 9", ["100", ""], "37.77777777777778");
        check("-{a} / 3", ["1", ""], "-0.3333333333333333");
        check("0 - {a}", ["0.25", ""], "-0.25");
        check("{#row} * 10", ["", ""], "70");
        check("{a} + {b c}", ["1", ""], "nothing");
        check("1 / {b c}", ["1", "0.0"], "Some(1): the value would be divided by zero");
        check("{a}", ["1e999", ""], "Some(0): \"1e999\" is too large or too small to compute with");
        check("{a}", ["x", ""], "Some(0): \"x\" is not a number such as 80.5");
        for wrong in ["", "{a} +", "(1", "1)", "1 2", "{a", "1 % 2", "2 ** 3", "1.2.3", "é"] {
            let message = compute(wrong, ["1", "1"], Marks::default());
            assert!(message.contains("cannot be computed"), "{wrong}: {message}");
        }
        assert!(compute(&"(".repeat(100), ["", ""], Marks::default()).contains("nested too deep"));
        assert!(compute(&"-".repeat(1000), ["", ""], Marks::default()).contains("nested too deep"));
        assert!(compute(&"1+".repeat(2000), ["", ""], Marks::default()).contains("at most 2000 characters"));
        assert!(compute("{d}", ["", ""], Marks::default()).starts_with("t.csv has no column \"d\""));
        let german = Marks::new(Some(','), Some('.')).expect("good marks");
        assert_eq!(compute("{a} * 2", ["1.234,5", ""], german), "2469");
    }
}
