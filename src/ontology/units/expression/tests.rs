//! Values and refusals of expressions, and dimensions against the units of the ontology.

use super::dimension::Dimension;
use super::{Error, Expression};
use crate::ontology::{Ontology, Units};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Read once: texts are parsed hundreds of times.
static ONTOLOGY: LazyLock<Ontology> = LazyLock::new(|| Ontology::shipped().expect("the ontology"));

fn with_units<T>(run: impl FnOnce(&Units) -> T) -> T {
    run(ONTOLOGY.units())
}

fn dimension(units: &Units, unit: &str) -> Dimension {
    Dimension::of(units.find(unit).expect("a unit"), units).expect("a dimension").0
}

/// Parses with a velocity v, a temperature t and a pure number x.
fn parse(text: &str) -> Result<Expression, Error> {
    with_units(|units| {
        let variables =
            [("v", dimension(units, "m/s")), ("t", dimension(units, "°C")), ("x", dimension(units, "1"))];
        Expression::parse(text, &variables, units)
    })
}

#[test]
fn expressions_have_values_in_si() {
    let check = |text: &str, expect: Option<f64>, dimension: &str| {
        let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let found = parsed.value(&[2.0, 300.0, 0.5]);
        let near = match (found, expect) {
            (Some(found), Some(expect)) => (found - expect).abs() <= 1e-12 * expect.abs().max(1.0),
            (found, expect) => found == expect,
        };
        assert!(near, "{text}: {found:?}");
        assert_eq!(parsed.dimension.to_string(), dimension, "{text}");
    };
    check("1 + 2 * 3", Some(7.0), "1");
    check("-x^2 + (1 - 2) / 4", Some(-0.5), "1");
    check("2 - 3 - 4", Some(-5.0), "1");
    check("8 / 4 / 2", Some(1.0), "1");
    check("1.5e-3", Some(0.0015), "1");
    check("v ^ 3", Some(8.0), "m^3 s^-3");
    check("0.5 * 1.225 [kg/m³] * 10 [m²] * v^3", Some(49.0), "m^2 kg s^-3");
    check("t - 20 [°C]", Some(6.85), "K");
    check("sqrt(v * v)", Some(2.0), "m s^-1");
    check("max(v, 10 [km/h], 1 [m/s])", Some(10.0 / 3.6), "m s^-1");
    check("min(1, x)", Some(0.5), "1");
    check("exp(ln(x)) + abs(-3)", Some(3.5), "1");
    check("v^-1", Some(0.5), "m^-1 s");
    check("1 / (x - x)", None, "1");
    check("ln(-1)", None, "1");
    check("sqrt(0 - x)", None, "1");
    check("exp(1000)", None, "1");
}

#[test]
fn what_is_no_expression_is_refused_with_its_place() {
    let check = |text: &str, column: usize, expect: &str| {
        let error = parse(text).expect_err(text);
        assert!(error.column == column && error.what.contains(expect), "{text}: {error}");
    };
    check("", 1, "ends where a number");
    check("1 +", 4, "ends where a number");
    check("1 2", 3, "an operator or the end");
    check("v + t", 3, "[m s^-1] and [K] cannot be added");
    check("exp(v)", 1, "pure numbers");
    check("sqrt(v)", 1, "no square root");
    check("speed * 2", 1, "the inputs are v, t, x");
    check("sin(x)", 1, "no function");
    check("min(x)", 1, "two arguments");
    check("abs(x, x)", 1, "one argument");
    check("max(v, t)", 9, "cannot be compared");
    check("x ^ 1.5", 6, "operator or the end");
    check("x ^ y", 5, "whole number");
    check("2 [furlongs]", 4, "names no unit");
    check("1e999", 1, "is no number");
    check(&format!("{}1{}", "(".repeat(50), ")".repeat(50)), 41, "nested more than 40");
    check(&"1+".repeat(1500), 1, "2000 are the most");
}

#[test]
fn units_of_a_kind_have_one_dimension() {
    with_units(|units| {
        for (unit, expect) in [
            ("kW", "m^2 kg s^-3"),
            ("bar", "m^-1 kg s^-2"),
            ("rpm", "s^-1"),
            ("V", "m^2 kg s^-3 A^-1"),
            ("%", "1"),
            ("N·m", "m^2 kg s^-2"),
        ] {
            let unit = units.find(unit).unwrap_or_else(|| panic!("{unit}"));
            assert_eq!(Dimension::of(unit, units).expect("a dimension").0.to_string(), expect, "{unit:?}");
        }
        let celsius = units.find("°C").expect("a unit");
        let (_, by) = Dimension::of(celsius, units).expect("a dimension");
        let back = Dimension::from_si(celsius).expect("a conversion");
        assert!((by.apply(20.0) - 293.15).abs() < 1e-12 && (back.apply(293.15) - 20.0).abs() < 1e-12);
    });
}

proptest! {
    /// Whatever the text, there is an expression or an error, and the value is finite or none.
    #[test]
    fn every_text_is_read_or_refused(text in "[-+*/^()\\[\\],. vtxe0-9a-z°]{0,60}") {
        if let Ok(expression) = parse(&text) {
            let value = expression.value(&[2.0, 300.0, 0.5]);
            prop_assert!(value.is_none_or(f64::is_finite));
        }
    }
}
