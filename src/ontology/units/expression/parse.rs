//! From a text to an expression whose units fit, by recursive descent of bounded depth.

use super::super::Units;
use super::dimension::Dimension;
use super::node::{Error, Function, Node};

/// A longer text is refused.
const LENGTH_MAX: usize = 2_000;
/// Deeper expressions are refused.
const DEPTH_MAX: usize = 40;

/// A part, and its dimension.
type Typed = (Node, Dimension);

pub(super) fn parse(text: &str, variables: &[(&str, Dimension)], units: &Units) -> Result<Typed, Error> {
    if text.len() > LENGTH_MAX {
        let what = format!("the expression has {} characters, {LENGTH_MAX} are the most", text.len());
        return Err(Error { column: 1, what });
    }
    let mut parser = Parser { text, at: 0, depth: 0, variables, units };
    let root = parser.sum()?;
    parser.skip_space();
    match parser.rest().chars().next() {
        None => Ok(root),
        Some(sign) => {
            Err(parser.error(format!("\"{sign}\" is not expected here: an operator or the end is")))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    /// The place in bytes.
    at: usize,
    depth: usize,
    variables: &'a [(&'a str, Dimension)],
    units: &'a Units,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, what: impl Into<String>) -> Error {
        Error { column: self.text[..self.at].chars().count() + 1, what: what.into() }
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes a sign where it comes next.
    fn takes(&mut self, sign: char) -> bool {
        self.skip_space();
        let is_next = self.rest().starts_with(sign);
        self.at += if is_next { sign.len_utf8() } else { 0 };
        is_next
    }

    fn expect(&mut self, sign: char) -> Result<(), Error> {
        if self.takes(sign) { Ok(()) } else { Err(self.error(format!("\"{sign}\" is expected"))) }
    }

    fn sum(&mut self) -> Result<Typed, Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.error(format!("parts are nested more than {DEPTH_MAX} deep")));
        }
        let (mut node, dimension) = self.product()?;
        loop {
            let begin = self.at;
            let is_sum = self.takes('+');
            if !is_sum && !self.takes('-') {
                self.depth -= 1;
                return Ok((node, dimension));
            }
            let (other, added) = self.product()?;
            if added != dimension {
                self.at = begin;
                self.skip_space();
                let what = format!("[{dimension}] and [{added}] cannot be added or subtracted");
                return Err(self.error(what));
            }
            let pair = (Box::new(node), Box::new(other));
            node = if is_sum { Node::Sum(pair.0, pair.1) } else { Node::Difference(pair.0, pair.1) };
        }
    }

    fn product(&mut self) -> Result<Typed, Error> {
        let (mut node, mut dimension) = self.factor()?;
        loop {
            let is_product = self.takes('*');
            if !is_product && !self.takes('/') {
                return Ok((node, dimension));
            }
            let (other, by) = self.factor()?;
            let pair = (Box::new(node), Box::new(other));
            (node, dimension) = match is_product {
                true => (Node::Product(pair.0, pair.1), dimension.times(by)),
                false => (Node::Quotient(pair.0, pair.1), dimension.over(by)),
            };
        }
    }

    fn factor(&mut self) -> Result<Typed, Error> {
        if self.takes('-') {
            let (node, dimension) = self.power()?;
            return Ok((Node::Negative(Box::new(node)), dimension));
        }
        self.power()
    }

    fn power(&mut self) -> Result<Typed, Error> {
        let (node, dimension) = self.atom()?;
        if !self.takes('^') {
            return Ok((node, dimension));
        }
        let is_negative = self.takes('-');
        self.skip_space();
        let digits: String = self.rest().chars().take_while(char::is_ascii_digit).collect();
        let power = digits.parse::<i32>().ok().filter(|power| *power <= 9);
        let power = power.ok_or_else(|| self.error("a power is a whole number from -9 to 9"))?;
        self.at += digits.len();
        let power = if is_negative { -power } else { power };
        Ok((Node::Power(Box::new(node), power), dimension.raised(power)))
    }

    fn atom(&mut self) -> Result<Typed, Error> {
        if self.takes('(') {
            let inner = self.sum()?;
            self.expect(')')?;
            return Ok(inner);
        }
        match self.rest().chars().next() {
            Some(sign) if sign.is_ascii_digit() || sign == '.' => self.number(),
            Some(sign) if sign.is_alphabetic() || sign == '_' => self.name(),
            Some(sign) => {
                Err(self.error(format!("\"{sign}\" is not expected here: a number, a name or \"(\" is")))
            }
            None => Err(self.error("the expression ends where a number, a name or \"(\" is expected")),
        }
    }

    fn number(&mut self) -> Result<Typed, Error> {
        let rest = self.rest();
        let mut length = 0;
        for (at, sign) in rest.char_indices() {
            let before = rest[..at].chars().next_back();
            let is_exponent = matches!(sign, 'e' | 'E') && at > 0;
            let is_sign = matches!(sign, '+' | '-') && matches!(before, Some('e' | 'E'));
            if !(sign.is_ascii_digit() || sign == '.' || is_exponent || is_sign) {
                break;
            }
            length = at + 1;
        }
        let number = rest[..length].parse::<f64>().ok().filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.error(format!("\"{}\" is no number", &rest[..length])))?;
        self.at += length;
        if !self.takes('[') {
            return Ok((Node::Number(number), Dimension::NONE));
        }
        let end = self.rest().find(']').ok_or_else(|| self.error("\"]\" is expected after a unit"))?;
        let name = self.rest()[..end].trim();
        let unit = self.units.find(name).ok_or_else(|| {
            self.error(format!("\"{name}\" names no unit that the ontology knows{}", self.units.hint(name)))
        })?;
        let (dimension, by) = Dimension::of(unit, self.units).ok_or_else(|| {
            self.error(format!(
                "{} measures {}, which expressions do not compute with",
                unit.symbol,
                self.units.labels(unit)
            ))
        })?;
        self.at += end + 1;
        Ok((Node::Number(by.apply(number)), dimension))
    }

    fn name(&mut self) -> Result<Typed, Error> {
        let begin = self.at;
        let is_part = |sign: &char| sign.is_alphanumeric() || *sign == '_';
        let name: String = self.rest().chars().take_while(is_part).collect();
        self.at += name.len();
        if self.takes('(') {
            let Some(function) = function(&name) else {
                self.at = begin;
                return Err(
                    self.error(format!("\"{name}\" is no function: use abs, sqrt, exp, ln, min or max"))
                );
            };
            return self.call(begin, function);
        }
        let place = self.variables.iter().position(|(own, _)| *own == name);
        let Some(place) = place else {
            self.at = begin;
            let known: Vec<&str> = self.variables.iter().map(|(name, _)| *name).collect();
            return Err(self.error(format!("\"{name}\" is no input: the inputs are {}", known.join(", "))));
        };
        Ok((Node::Variable(place), self.variables[place].1))
    }

    fn call(&mut self, begin: usize, function: Function) -> Result<Typed, Error> {
        let (first, dimension) = self.sum()?;
        let mut nodes = vec![first];
        while self.takes(',') {
            let (node, other) = self.sum()?;
            if other != dimension {
                return Err(self.error(format!("[{dimension}] and [{other}] cannot be compared")));
            }
            nodes.push(node);
        }
        self.expect(')')?;
        let refuse = |parser: &mut Self, what: String| {
            parser.at = begin;
            Err(parser.error(what))
        };
        let takes_several = matches!(function, Function::Min | Function::Max);
        if takes_several == (nodes.len() == 1) {
            let wanted = if takes_several { "two arguments or more" } else { "one argument" };
            return refuse(self, format!("this function takes {wanted}"));
        }
        let dimension = match function {
            Function::Abs | Function::Min | Function::Max => dimension,
            Function::Sqrt => match dimension.root() {
                Some(root) => root,
                None => return refuse(self, format!("[{dimension}] has no square root in whole powers")),
            },
            Function::Exp | Function::Ln if dimension.is_none() => dimension,
            Function::Exp | Function::Ln => {
                return refuse(self, format!("exp and ln are of pure numbers, not of [{dimension}]"));
            }
        };
        Ok((Node::Call(function, nodes), dimension))
    }
}

fn function(name: &str) -> Option<Function> {
    Some(match name {
        "abs" => Function::Abs,
        "sqrt" => Function::Sqrt,
        "exp" => Function::Exp,
        "ln" => Function::Ln,
        "min" => Function::Min,
        "max" => Function::Max,
        _ => return None,
    })
}
