//! The shipped units: how they convert.

use super::testing::shipped;
use super::units::Units;
use crate::model::quantity::Conversion;
use crate::ontology::terms::{quantitykind, tl, unit};
use std::cmp::Ordering;

fn conversion(from: &str, to: &str) -> Conversion {
    let units = shipped().units();
    let find = |text: &str| units.find(text).unwrap_or_else(|| panic!("no unit {text}")).iri.clone();
    units.conversion(find(from).as_ref(), find(to).as_ref()).expect("units that convert")
}

/// Writes `digits / 10^places` as a decimal and reads it.
fn decimal(digits: i64, places: u32) -> f64 {
    format!("{digits}e-{places}").parse().expect("a number")
}

/// A thousandth more or less than a number of thousandths.
fn around(thousandths: i64) -> [(f64, Ordering); 3] {
    [
        (decimal(thousandths - 1, 3), Ordering::Greater),
        (decimal(thousandths, 3), Ordering::Equal),
        (decimal(thousandths + 1, 3), Ordering::Less),
    ]
}

#[test]
fn every_whole_number_converts_and_compares_as_in_decimal_arithmetic() {
    // A value v of the first unit is (v × factor + constant) / divisor thousandths of the second.
    let check = |from: &str, to: &str, (factor, constant, divisor): (i64, i64, i64)| {
        let there = conversion(from, to);
        let back = conversion(to, from);
        for value in -500..=1500 {
            let (above, number) = (value * factor + constant, decimal(value, 0));
            if above % divisor == 0 {
                let expect = decimal(above / divisor, 3);
                assert_eq!(there.apply(number), expect, "{value} {from} in {to}");
                assert_eq!(back.apply(expect), number, "{expect} {to} in {from}");
                for (limit, order) in around(above / divisor) {
                    assert_eq!(there.compare(number, limit), order, "{value} {from} against {limit} {to}");
                    assert_eq!(
                        back.compare(limit, number),
                        order.reverse(),
                        "{limit} {to} against {value} {from}"
                    );
                }
            } else {
                let below = above.div_euclid(divisor);
                assert_eq!(
                    there.compare(number, decimal(below, 3)),
                    Ordering::Greater,
                    "{value} {from} in {to}"
                );
                assert_eq!(
                    there.compare(number, decimal(below + 1, 3)),
                    Ordering::Less,
                    "{value} {from} in {to}"
                );
            }
        }
    };
    check("°F", "°C", (5000, -160_000, 9));
    check("°C", "°F", (1800, 32_000, 1));
    check("°F", "K", (5000, 2_298_350, 9));
    check("°R", "°C", (5000, -2_458_350, 9));
    check("°R", "K", (5000, 0, 9));
    check("°R", "°F", (1000, -459_670, 1));
    check("K", "°C", (1000, -273_150, 1));
    check("°C", "K", (1000, 273_150, 1));
    check("K", "°F", (1800, -459_670, 1));
    check("mm", "m", (1, 0, 1));
    check("m", "mm", (1_000_000, 0, 1));
    check("in", "mm", (25_400, 0, 1));
    check("mm", "in", (5000, 0, 127));
    check("ft", "m", (3048, 0, 10));
    check("mil", "mm", (254, 0, 10));
    check("kPa", "bar", (10, 0, 1));
    check("mbar", "bar", (1, 0, 1));
    check("bar", "mbar", (1_000_000, 0, 1));
    check("bar", "kPa", (100_000, 0, 1));
    check("mbar", "kPa", (100, 0, 1));
    check("MPa", "bar", (10_000, 0, 1));
    // 4.4482216152605 N over 0.00064516 m².
    check("psi", "kPa", (8_896_443_230_521, 0, 1_290_320_000));
    check("%", "UNITLESS", (10, 0, 1));
    check("UNITLESS", "%", (100_000, 0, 1));
    check("ppm", "%", (1, 0, 10));
    check("km/h", "m/s", (5000, 0, 18));
    check("rev/min", "rev/s", (1000, 0, 60));
    check("°", "rev", (1000, 0, 360));
    check("kWh", "MJ", (3600, 0, 1));
    check("min", "h", (1000, 0, 60));
    check("lb", "kg", (45_359_237, 0, 100_000));
}

#[test]
fn units_convert() {
    let units: &Units = shipped().units();
    let check = |value: f64, from: &str, to: &str, expect: f64| {
        let find = |text: &str| units.find(text).expect(text).iri.clone();
        let conversion =
            units.conversion(find(from).as_ref(), find(to).as_ref()).expect("units that convert");
        let got = conversion.apply(value);
        assert!((got - expect).abs() <= 1e-9 * expect.abs().max(1.0), "{value} {from} = {got} {to}");
    };
    check(85.0, "°C", "°F", 185.0);
    check(185.0, "DEG_F", "DEG_C", 85.0);
    check(85.0, "Cel", "http://qudt.org/vocab/unit/K", 358.15);
    check(1.0, "BAR", "unit:KiloPA", 100.0);
    check(2.05, "MW", "kW", 2050.0);
    check(180.0, "DEG", "RAD", std::f64::consts::PI);
    check(60.0, "rpm", "rad/s", std::f64::consts::TAU);
    check(50.0, "%", "UNITLESS", 0.5);
    check(4.5, "mm/s", "M-PER-SEC", 0.0045);
    check(1.0, "kWh", "MJ", 3.6);
    assert!(units.find("furlong").is_none());
    let message = units.conversion(unit::DEG_C, unit::PERCENT).expect_err("no conversion").to_string();
    assert_eq!(
        message,
        "°C (temperature, temperature difference) does not convert into % (dimensionless number)"
    );
    let difference = units
        .conversion_of(Some(quantitykind::TEMPERATURE_DIFFERENCE), unit::DEG_C, unit::KELVIN)
        .expect("units that convert");
    assert!((difference.apply(10.0) - 10.0).abs() < 1e-12, "{difference:?}");
    assert!(units.quantity_kind(tl::DIRECTION).is_some_and(|kind| kind.circular));
}
