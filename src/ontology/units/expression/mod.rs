//! Expressions of quantities: a small language without loops or assignments, whose units are checked before anything is computed.
//!
//! ```text
//! sum      = product { ("+" | "-") product }
//! product  = factor { ("*" | "/") factor }
//! factor   = [ "-" ] power
//! power    = atom [ "^" whole number from -9 to 9 ]
//! atom     = number [ "[" unit "]" ] | name | function "(" sum { "," sum } ")" | "(" sum ")"
//! function = "abs" | "sqrt" | "exp" | "ln" | "min" | "max"
//! ```
//!
//! Every quantity is computed in SI, so that units may be mixed: what is added or compared must have the same dimension, `exp` and `ln` are of
//! pure numbers. What has no value, such as a division by 0, gives none. Length and depth are bounded.

pub mod dimension;
mod node;
mod parse;
pub mod table;
#[cfg(test)]
mod tests;

use super::Units;
use dimension::Dimension;
use node::Node;

pub use node::Error;

/// An expression whose units fit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Node,
    /// The dimension of its value.
    pub dimension: Dimension,
}

impl Expression {
    /// Reads an expression of variables with these names and dimensions.
    pub fn parse(text: &str, variables: &[(&str, Dimension)], units: &Units) -> Result<Self, Error> {
        let (root, dimension) = parse::parse(text, variables, units)?;
        Ok(Self { root, dimension })
    }

    /// Computes the value in SI, of variables in SI in their order; `None` where it has none.
    pub fn value(&self, variables: &[f64]) -> Option<f64> {
        self.root.value(variables)
    }
}
