//! Expressions: operands, operators by their precedence, calls of functions.

use super::parser::Parser;
use super::scanner::{Error, Token};
use super::statement::{Expr, Kind, Operator};

/// How many levels of brackets, calls and operators an expression may have.
const DEPTH_MAX: usize = 100;

/// How many operators a statement may have: they are levels of its expressions as well.
const OPERATORS_MAX: usize = 500;

const OPERAND: &str = "identifier, string, number, bool";

impl Parser<'_> {
    /// Reads an expression whose operators bind at least so tightly.
    pub(super) fn expression(&mut self, precedence_min: u8) -> Result<Expr, Error> {
        self.nested(|parser| {
            let mut left = parser.operand()?;
            while let Some(operator) = parser.operator()? {
                let precedence = operator.precedence();
                if precedence < precedence_min {
                    break;
                }
                parser.advance()?;
                parser.operators += 1;
                if parser.operators > OPERATORS_MAX {
                    return Err(Error::Value(format!("a statement has more than {OPERATORS_MAX} operators")));
                }
                let right = match operator {
                    Operator::Matches | Operator::MatchesNot => {
                        let pattern = parser.pattern()?;
                        Expr::Pattern(pattern.ok_or_else(|| parser.scanner.unexpected("regex"))?)
                    }
                    _ => parser.expression(precedence + 1)?,
                };
                left = Expr::Binary(Box::new(left), operator, Box::new(right));
            }
            Ok(left)
        })
    }

    /// Goes one level deeper, as far as is allowed.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth == DEPTH_MAX {
            return Err(Error::Value(format!("an expression has more than {DEPTH_MAX} levels")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Returns the operator that is next, without going past it.
    fn operator(&self) -> Result<Option<Operator>, Error> {
        Ok(match self.peek()? {
            Token::Operator(operator) => Some(operator),
            Token::Word(word) if word.eq_ignore_ascii_case("and") => Some(Operator::And),
            Token::Word(word) if word.eq_ignore_ascii_case("or") => Some(Operator::Or),
            _ => None,
        })
    }

    fn operand(&mut self) -> Result<Expr, Error> {
        if let Some(pattern) = self.pattern()? {
            return Ok(Expr::Pattern(pattern));
        }
        let before = self.scanner;
        let read = match self.advance()? {
            Token::Sign("(") => {
                let inner = self.expression(0)?;
                self.sign(")")?;
                Expr::Group(Box::new(inner))
            }
            Token::Operator(Operator::Multiply) => Expr::Wildcard(self.kind()?),
            Token::Operator(Operator::Add) => self.nested(Self::operand)?,
            Token::Operator(Operator::Subtract) => negated(self.nested(Self::operand)?),
            Token::Number(number) => Expr::Number(number),
            Token::Integer(number) => Expr::Integer(number),
            Token::Duration(nanos) => Expr::Duration(nanos),
            Token::Text(text) => Expr::Text(text),
            Token::Parameter(name) => self.bound(&name)?,
            Token::Name(name) => Expr::Variable(self.dotted(name)?, self.kind()?),
            Token::Word(word) => return self.word(word, before),
            _ => {
                self.scanner = before;
                return Err(self.scanner.unexpected(OPERAND));
            }
        };
        Ok(read)
    }

    /// Reads what begins with a word: a function, a value or a name.
    fn word(&mut self, word: String, before: super::scanner::Scanner<'_>) -> Result<Expr, Error> {
        let lower = word.to_ascii_lowercase();
        if self.takes("(")? {
            return self.call(lower);
        }
        match lower.as_str() {
            "true" => Ok(Expr::Bool(true)),
            "false" => Ok(Expr::Bool(false)),
            keyword if super::parser::is_keyword(keyword) => Err(before.unexpected(OPERAND)),
            _ => Ok(Expr::Variable(self.dotted(word)?, self.kind()?)),
        }
    }

    /// Joins the parts of a name such as `a.b`.
    fn dotted(&mut self, mut name: String) -> Result<String, Error> {
        while self.takes(".")? {
            name.push('.');
            name.push_str(&self.name()?);
        }
        Ok(name)
    }

    /// Reads the arguments of a function, after its opening bracket.
    fn call(&mut self, name: String) -> Result<Expr, Error> {
        let mut arguments = Vec::new();
        if self.takes(")")? {
            return Ok(Expr::Call(name, arguments));
        }
        loop {
            arguments.push(self.expression(0)?);
            if !self.takes(",")? {
                self.sign(")")?;
                return Ok(Expr::Call(name, arguments));
            }
        }
    }

    /// Reads `::tag`, `::field` or a type after a name.
    fn kind(&mut self) -> Result<Option<Kind>, Error> {
        if !self.takes("::")? {
            return Ok(None);
        }
        let before = self.scanner;
        let word = match self.advance()? {
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        match word.as_str() {
            "tag" => Ok(Some(Kind::Tag)),
            // Every field that is stored is a number.
            "field" | "float" => Ok(Some(Kind::Field)),
            "integer" | "unsigned" | "string" | "boolean" => {
                Err(Error::unsupported(format!("the cast ::{word}"), "every field is a ::float"))
            }
            _ => Err(before.unexpected("float, field, tag")),
        }
    }

    /// Returns the value that is bound to a parameter.
    fn bound(&self, name: &str) -> Result<Expr, Error> {
        let value =
            self.parameters.get(name).ok_or_else(|| Error::Value(format!("missing parameter: {name}")))?;
        match value {
            serde_json::Value::String(text) => Ok(Expr::Text(text.clone())),
            serde_json::Value::Bool(value) => Ok(Expr::Bool(*value)),
            serde_json::Value::Number(number) => Ok(match number.as_i64() {
                Some(whole) => Expr::Integer(whole),
                None => Expr::Number(number.as_f64().unwrap_or(f64::NAN)),
            }),
            _ => Err(Error::Value(format!("the parameter {name} is no text, number or boolean"))),
        }
    }
}

/// Returns an expression with its sign changed.
fn negated(of: Expr) -> Expr {
    match of {
        Expr::Number(number) => Expr::Number(-number),
        Expr::Integer(number) => Expr::Integer(number.wrapping_neg()),
        Expr::Duration(nanos) => Expr::Duration(nanos.wrapping_neg()),
        other => Expr::Binary(Box::new(Expr::Integer(-1)), Operator::Multiply, Box::new(other)),
    }
}
