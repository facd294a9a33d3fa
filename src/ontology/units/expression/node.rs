//! The parts of an expression, and their values.

/// A part of an expression; quantities are in SI.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Number(f64),
    /// The place of a variable.
    Variable(usize),
    Negative(Box<Self>),
    Sum(Box<Self>, Box<Self>),
    Difference(Box<Self>, Box<Self>),
    Product(Box<Self>, Box<Self>),
    Quotient(Box<Self>, Box<Self>),
    Power(Box<Self>, i32),
    Call(Function, Vec<Self>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Abs,
    Sqrt,
    Exp,
    Ln,
    Min,
    Max,
}

/// Why a text is no expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {what}")]
pub struct Error {
    /// The place in the text, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub what: String,
}

impl Node {
    /// Computes the value; `None` where it has none.
    pub(super) fn value(&self, variables: &[f64]) -> Option<f64> {
        let of = |node: &Self| node.value(variables);
        let value = match self {
            Self::Number(number) => *number,
            Self::Variable(place) => *variables.get(*place)?,
            Self::Negative(node) => -of(node)?,
            Self::Sum(a, b) => of(a)? + of(b)?,
            Self::Difference(a, b) => of(a)? - of(b)?,
            Self::Product(a, b) => of(a)? * of(b)?,
            Self::Quotient(a, b) => of(a)? / of(b)?,
            Self::Power(node, power) => raised(of(node)?, *power),
            Self::Call(function, nodes) => {
                let mut values = nodes.iter().map(of);
                let first = values.next()??;
                match function {
                    Function::Abs => first.abs(),
                    Function::Sqrt => first.sqrt(),
                    Function::Exp => libm::exp(first),
                    Function::Ln => libm::log(first),
                    Function::Min => values.try_fold(first, |least, value| Some(least.min(value?)))?,
                    Function::Max => values.try_fold(first, |most, value| Some(most.max(value?)))?,
                }
            }
        };
        value.is_finite().then_some(value)
    }
}

/// Multiplies one by one: the same bits on every machine.
fn raised(value: f64, power: i32) -> f64 {
    let product = (0..power.unsigned_abs()).fold(1.0, |product, _| product * value);
    if power < 0 { 1.0 / product } else { product }
}
