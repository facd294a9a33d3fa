//! The shipped units: how they convert.

use super::testing::shipped;
use crate::model::number::quantity::Conversion;
use crate::model::number::ratio::Ratio;
use crate::ontology::schema::Ontology;
use crate::ontology::terms::{quantitykind, tl, unit};
use crate::ontology::units::Units;
use crate::ontology::units::spelling::factors;
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
    check(180.0, "DEG", "rad", std::f64::consts::PI);
    check(60.0, "rpm", "rad/s", std::f64::consts::TAU);
    check(50.0, "%", "UNITLESS", 0.5);
    check(4.5, "mm/s", "M-PER-SEC", 0.0045);
    check(1.0, "kWh", "MJ", 3.6);
    assert!(units.find("furlong").is_none());
    let message = units.conversion(unit::DEG_C, unit::PERCENT).expect_err("no conversion").to_string();
    assert_eq!(
        message,
        "°C (temperature, temperature difference) does not convert into % (dimensionless number, mass fraction, mole fraction, volume fraction)"
    );
    let difference = units
        .conversion_of(Some(quantitykind::TEMPERATURE_DIFFERENCE), unit::DEG_C, unit::KELVIN)
        .expect("units that convert");
    assert!((difference.apply(10.0) - 10.0).abs() < 1e-12, "{difference:?}");
    assert!(units.quantity_kind(tl::DIRECTION).is_some_and(|kind| kind.circular));
}

/// Definitions of the Unified Code for Units of Measure (version 2.2), as it writes them: code, value, unit.
const UCUM: &[(&str, &str, &str)] = &[
    ("[pi]", "pi", ""),
    ("%", "1e-2", ""),
    ("[ppth]", "1e-3", ""),
    ("[ppm]", "1e-6", ""),
    ("[ppb]", "1e-9", ""),
    ("[pptr]", "1e-12", ""),
    ("sr", "1", "rad2"),
    ("Hz", "1", "s-1"),
    ("N", "1", "kg.m/s2"),
    ("Pa", "1", "N/m2"),
    ("J", "1", "N.m"),
    ("W", "1", "J/s"),
    ("A", "1", "C/s"),
    ("V", "1", "J/C"),
    ("F", "1", "C/V"),
    ("Ohm", "1", "V/A"),
    ("S", "1", "Ohm-1"),
    ("Wb", "1", "V.s"),
    ("Cel", "1", "K"),
    ("T", "1", "Wb/m2"),
    ("H", "1", "Wb/A"),
    ("lm", "1", "cd.sr"),
    ("lx", "1", "lm/m2"),
    ("Bq", "1", "s-1"),
    ("Gy", "1", "J/kg"),
    ("Sv", "1", "J/kg"),
    ("kat", "1", "mol/s"),
    ("gon", "0.9", "deg"),
    ("deg", "2", "[pi].rad/360"),
    ("'", "1", "deg/60"),
    ("''", "1", "'/60"),
    ("l", "1", "dm3"),
    ("L", "1", "l"),
    ("ar", "100", "m2"),
    ("min", "60", "s"),
    ("h", "60", "min"),
    ("d", "24", "h"),
    ("wk", "7", "d"),
    ("a", "365.25", "d"),
    ("mo", "1", "a/12"),
    ("t", "1e3", "kg"),
    ("bar", "1e5", "Pa"),
    ("[nmi_i]", "1852", "m"),
    ("[kn_i]", "1", "[nmi_i]/h"),
    ("[in_i]", "2.54", "cm"),
    ("[ft_i]", "12", "[in_i]"),
    ("[yd_i]", "3", "[ft_i]"),
    ("[mi_i]", "5280", "[ft_i]"),
    ("[mil_i]", "1e-3", "[in_i]"),
    ("[gal_us]", "231", "[in_i]3"),
    ("[bbl_us]", "42", "[gal_us]"),
    ("[qt_us]", "1", "[gal_us]/4"),
    ("[pt_us]", "1", "[qt_us]/2"),
    ("[gil_us]", "1", "[pt_us]/4"),
    ("[foz_us]", "1", "[gil_us]/4"),
    ("[gal_br]", "4.54609", "l"),
    ("[gr]", "64.79891", "mg"),
    ("[lb_av]", "7000", "[gr]"),
    ("[oz_av]", "1", "[lb_av]/16"),
    ("[ston_av]", "2000", "[lb_av]"),
    ("[lton_av]", "2240", "[lb_av]"),
    ("[oz_tr]", "480", "[gr]"),
    ("[car_m]", "0.2", "g"),
    ("[g]", "9.80665", "m/s2"),
    ("[lbf_av]", "1", "[lb_av].[g]"),
    ("kgf", "1", "kg.[g]"),
    ("gf", "1", "g.[g]"),
    ("dyn", "1", "g.cm/s2"),
    ("erg", "1", "dyn.cm"),
    ("P", "1", "dyn.s/cm2"),
    ("St", "1", "cm2/s"),
    ("Gal", "1", "cm/s2"),
    ("G", "1e-4", "T"),
    ("atm", "101325", "Pa"),
    ("att", "1", "kgf/cm2"),
    ("[psi]", "1", "[lbf_av]/[in_i]2"),
    ("m[H2O]", "9.80665", "kPa"),
    ("[in_i'H2O]", "1", "m[H2O].[in_i]/m"),
    ("[HP]", "550", "[ft_i].[lbf_av]/s"),
    ("[Btu_IT]", "1.05505585262", "kJ"),
    ("cal_IT", "4.1868", "J"),
    ("cal_th", "4.184", "J"),
    ("Ci", "3.7e10", "Bq"),
    ("RAD", "100", "erg/g"),
    ("REM", "1", "RAD"),
    ("Ao", "0.1", "nm"),
    ("[degF]", "5", "K/9"),
    ("[degR]", "5", "K/9"),
    ("bit", "1", ""),
    ("By", "8", "bit"),
    ("Bd", "1", "s-1"),
];

const UCUM_BASE: [&str; 7] = ["m", "s", "rad", "K", "C", "cd", "mol"];

const UCUM_PREFIXES: [(&str, &str); 18] = [
    ("da", "10"),
    ("Ki", "1024"),
    ("Mi", "1048576"),
    ("Gi", "1073741824"),
    ("y", "1e-24"),
    ("f", "1e-15"),
    ("p", "1e-12"),
    ("n", "1e-9"),
    ("u", "1e-6"),
    ("m", "1e-3"),
    ("c", "1e-2"),
    ("d", "1e-1"),
    ("h", "1e2"),
    ("k", "1e3"),
    ("M", "1e6"),
    ("G", "1e9"),
    ("T", "1e12"),
    ("P", "1e15"),
];

/// Computes what one of a code is in SI, kilograms among it.
fn ucum(code: &str) -> Option<Ratio> {
    let ratio = |text: &str| text.parse::<Ratio>().ok();
    let mut product = Ratio::one();
    for (base, exponent) in factors(code)? {
        let base = base.split('{').next().unwrap_or_default();
        let factor = if base.is_empty() { Ratio::one() } else { ucum_atom(base).or_else(|| ratio(base))? };
        for _ in 0..exponent.unsigned_abs() {
            product = if exponent > 0 { product.times(&factor) } else { product.over(&factor) };
        }
    }
    Some(product)
}

fn ucum_atom(code: &str) -> Option<Ratio> {
    if UCUM_BASE.contains(&code) {
        return Some(Ratio::one());
    }
    if code == "g" {
        return "1/1000".parse().ok();
    }
    if let Some((_, value, unit)) = UCUM.iter().find(|(own, ..)| *own == code) {
        return Some(value.parse::<Ratio>().ok()?.times(&ucum(unit)?));
    }
    UCUM_PREFIXES.iter().find_map(|(prefix, value)| {
        let rest = code.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
        Some(value.parse::<Ratio>().ok()?.times(&ucum_atom(rest)?))
    })
}

/// Where the factors are not UCUM's: it rounds the column of mercury to 133.322 Pa and has an older electronvolt, and its
/// turn is a number, while QUDT's is an angle.
const NOT_AS_UCUM: [&str; 4] = ["[Hg]", "'Hg]", "eV", "{rev}"];

#[test]
fn factors_are_those_of_the_definitions_of_ucum() {
    let mut compared = 0;
    for unit in shipped().units().all() {
        let (Some(code), Some(multiplier)) = (&unit.ucum, &unit.multiplier) else { continue };
        if NOT_AS_UCUM.iter().any(|other| code.contains(other)) || unit.name == "RPM" {
            continue;
        }
        assert_eq!(ucum(code).as_ref(), Some(multiplier), "{} {code}", unit.name);
        compared += 1;
    }
    assert!(compared > 450, "{compared}");
}

#[test]
fn the_written_decimals_are_the_factors() {
    let file =
        Ontology::shipped_files().iter().find(|(name, _)| name.contains("units")).expect("the units").1;
    let mut compared = 0;
    for line in file.lines().filter(|line| line.contains("tl:exactMultiplier \"")) {
        let part =
            |after: &str, until: char| line.split_once(after).and_then(|rest| rest.1.split(until).next());
        let decimal = part("qudt:conversionMultiplier ", ' ').expect(line).parse::<f64>().expect(line);
        let exact = part("tl:exactMultiplier \"", '"').expect(line).parse::<Ratio>().expect(line);
        assert_eq!(exact.value(), decimal, "{line}");
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
}

#[test]
fn units_are_found_in_every_spelling() {
    let units = shipped().units();
    let check = |name: &str, texts: &[&str]| {
        for text in texts {
            assert_eq!(units.find(text).map(|unit| unit.name.as_str()), Some(name), "{text}");
        }
    };
    check("N-M", &["N·m", "N⋅m", "N.m", "N*m", "N m", "Nm", "N-m", "m.N", "unit:N-M", "N-M"]);
    check("MicroA", &["µA", "μA", "uA"]);
    check("DeciB_A", &["dB(A)", "dBA"]);
    check("CD-PER-M2", &["cd/m²", "cd/m2", "cd.m-2", "cd·m⁻²", "cd m^-2", "nit"]);
    check("DeciBAR", &["dbar"]);
    check("PSU", &["PSU"]);
    check("PERCENT", &["%", "％"]);
    check("PPM", &["ppm", "[ppm]"]);
    check("UNITLESS", &["1"]);
    check("EACH", &["each", "{each}", "ea", "EA", "pcs", "pieces"]);
    check("NUM", &["#", "count", "counts"]);
    check("CYC", &["cycle", "cycles", "cyc"]);
    check("PERCENT_VOL", &["vol%", "vol %", "Vol.-%", "% vol", "%v/v"]);
    check("PERCENT_WT", &["wt%", "wt.%", "% w/w", "Gew.-%"]);
    check("PERCENT_MOL", &["mol%", "% mol"]);
    check("PPM_VOL", &["ppmv", "ppm(v)"]);
    check("M-PER-M", &["strain", "m/m", "ε"]);
    check("M_H2O", &["mH2O", "mH₂O", "m H2O", "mWS", "mWC", "m[H2O]"]);
    check("FT_H2O", &["ftH2O", "ft H2O"]);
    check("MilliM_HG", &["mmHg", "mm Hg"]);
    check("TORR", &["Torr", "torr"]);
    check("MIN_Angle", &["′", "arcmin"]);
    check("ARCSEC", &["″", "arcsec"]);
    check("KN", &["kn", "knot", "knots", "kts"]);
    check("DEG_API", &["°API", "degAPI"]);
    check("DEG_Bx", &["°Bx", "°Brix"]);
    check("DEG_Oe", &["°Oe"]);
    check("GAL_US-PER-MIN", &["gpm", "GPM", "gal (US)/min"]);
    check("LB", &["lb", "lbs", "lbm"]);
    check("LUX", &["lx", "lux"]);
    check("MegaPA_GAUGE", &["MPa(g)", "MPag"]);
    check("L-PER-MIN", &["l/min", "L/min", "L·min⁻¹", "l / min", "L.min-1", "ℓ/min"]);
    check("M3-PER-HR", &["m³/h", "m3/h", "m^3/h", "㎥/h"]);
    check("KiloW-HR", &["kWh", "kW·h", "kW h", "kW.h", "kW-h"]);
    check("KiloV-A_Reactive", &["kvar", "kVAr"]);
    check("V-A", &["VA", "V·A", "V.A"]);
    check("REV-PER-MIN", &["rpm", "{rev}.min-1", "{rev}/min"]);
    check("PER-MIN", &["1/min", "min⁻¹", "min-1", "/min"]);
    check("L-PER-100KiloM", &["l/100 km", "L/100km", "L/(100 km)"]);
    check("G", &["gₙ", "[g]", "g_n"]);
    check("BAR_GAUGE", &["bar(g)", "barg"]);
    check("DEG_dH", &["°dH"]);
    check("DEG_C", &["°C", "℃", "Cel", "degC", "º C"]);
    check("OHM", &["Ω", "Ω", "Ohm", "ohm"]);
    check("KiloOHM", &["kΩ", "kΩ", "kOhm"]);
    check("W-PER-M2-K", &["W/(m²·K)", "W/m²/K", "W·m⁻²·K⁻¹", "W/(m2 K)"]);
    check("J-PER-KiloGM-K", &["J/(kg·K)", "J/kg/K", "J kg-1 K-1"]);
    check("MilliW", &["mW"]);
    check("MegaW", &["MW"]);
    check("GigaW-HR", &["GWh", "GW·h", "GW.h"]);
    check("BTU_IT", &["Btu", "BTU", "[Btu_IT]"]);
    check("MilliK", &["mK"]);
    check("DecaN-M", &["daN·m", "daNm"]);
    check("MicroM-PER-M", &["µm/m", "µε", "με"]);
    check("BAR", &["bar", "bara", "bar(a)"]);
    check("NormalM3-PER-HR", &["Nm³/h", "Nm3/h", "m³(n)/h"]);
    check("MilliGM-PER-NormalM3", &["mg/Nm³", "mg/Nm3"]);
    check("StandardFT3-PER-MIN", &["scfm", "SCFM"]);
    check("KiloGM-PER-CentiM3", &[]);
    for text in ["", "KW", "mw", "Kg", "Hz ×", "kph2", "furlong", "m10", "N/", "(", "W/(m2"] {
        assert_eq!(units.find(text).map(|unit| unit.name.as_str()), None, "{text}");
    }
}

/// A share of the volume is no share of the mass: both are per cent, and convert into that and not into each other.
#[test]
fn shares_of_different_wholes_convert_into_ratios_only() {
    let units = shipped().units();
    let check = |from: &str, to: &str, converts: bool| {
        let find = |text: &str| units.find(text).unwrap_or_else(|| panic!("no unit {text}")).iri.clone();
        let conversion = units.conversion(find(from).as_ref(), find(to).as_ref());
        assert_eq!(conversion.is_ok(), converts, "{from} {to}");
    };
    for (from, to) in [("vol%", "%"), ("ppmv", "vol%"), ("wt%", "g/kg"), ("mol%", "1"), ("%RH", "%")] {
        check(from, to, true);
        check(to, from, true);
    }
    for (from, to) in [("vol%", "wt%"), ("ppmv", "ppmw"), ("mol%", "vol%"), ("vol%", "g/kg"), ("%RH", "vol%")]
    {
        check(from, to, false);
        check(to, from, false);
    }
}

#[test]
fn gas_at_reference_conditions_converts_into_no_other_volume() {
    let units = shipped().units();
    let check = |from: &str, to: &str, converts: bool| {
        let find = |text: &str| units.find(text).unwrap_or_else(|| panic!("no unit {text}")).iri.clone();
        let conversion = units.conversion(find(from).as_ref(), find(to).as_ref());
        assert_eq!(conversion.is_ok(), converts, "{from} {to}");
    };
    check("Nm³/h", "Nl/min", true);
    check("Sm³/d", "Sm³/h", true);
    check("scfm", "MMscfd", true);
    for (from, to) in [
        ("Nm³/h", "m³/h"),
        ("Nm³", "m³"),
        ("Nm³/h", "Sm³/h"),
        ("scfm", "Sm³/h"),
        ("mg/Nm³", "mg/m³"),
        ("scfm", "cfm"),
    ] {
        check(from, to, false);
    }
}

#[test]
fn every_text_of_a_unit_finds_it_or_is_shared() {
    let units = shipped().units();
    for unit in units.all() {
        for text in unit.texts() {
            // The name of a unit counts before another's code: `G` is the standard gravity, not the gauss.
            if units.all().iter().any(|other| other.name == text && other != unit) {
                continue;
            }
            let found = units.find(text).expect(text);
            let same = (&found.multiplier, &found.offset) == (&unit.multiplier, &unit.offset);
            assert!(same, "{text} of {} finds {}", unit.name, found.name);
        }
    }
}

#[test]
fn what_is_no_unit_is_answered_with_what_it_may_mean() {
    let units = shipped().units();
    let check = |text: &str, expect: &[&str]| assert_eq!(units.alike(text), expect, "{text}");
    check("KW", &["kW"]);
    check("HZ", &["Hz"]);
    check("mhz", &["MHz", "mHz"]);
    check("NM·H", &[]);
    // What may mean several units finds none, and each of them is suggested.
    check("gal/min", &["gal (UK)/min", "gpm"]);
    check("gal", &["gal (UK)", "gal (US)"]);
    check("ton", &["TR", "long tn", "short tn", "t"]);
    check("sccm", &["Nl/min"]);
    check("RH", &["%RH"]);
    check("LEL", &["%LEL"]);
    check("kg/cm2", &["kgf/cm²"]);
    check("Btu per hour", &[]);
    check("Grad", &["°", "°C"]);
    check("Celsius", &["°C"]);
    check("Std", &["h"]);
    check("ltr", &["L"]);
    check("bar abs", &["bar"]);
    check("% r.H.", &["%RH"]);
    // A label is no spelling, but suggests its unit.
    check("hour", &["h"]);
    check("Degrees Celsius", &["°C"]);
    check("meters per second", &["m/s"]);
    for text in ["gal/min", "gal", "ton", "RH", "hour", "sccm", "kg/cm2", "lb/in2"] {
        assert_eq!(units.find(text).map(|unit| unit.name.as_str()), None, "{text}");
    }
    let check = |text: &str, expect: &str| assert_eq!(units.hint(text), expect, "{text}");
    check("HZ", "; did you mean Hz?");
    check("µ", "; alone it is the prefix micro: write it with its unit, as in µA, µC, µF");
    check("E", "; alone it is the prefix exa: write it with its unit");
    check("R", "; did you mean °R?");
    check("NM·H", "");
}

#[test]
fn a_name_that_is_another_units_code_names_neither() {
    let units = shipped().units();
    let check = |text: &str, meant: &[&str], alike: &[&str]| {
        assert_eq!(units.find(text), None, "{text}");
        assert!(units.is_shared(text), "{text}");
        assert_eq!(units.alike(text), alike, "{text}");
        for (name, text) in meant.iter().zip(alike) {
            assert_eq!(units.find(text).map(|unit| unit.name.as_str()), Some(*name), "{text}");
            let named = format!("unit:{name}");
            assert_eq!(units.find(&named).map(|unit| unit.name.as_str()), Some(*name), "{named}");
        }
    };
    check("G", &["GAUSS", "G"], &["Gs", "gₙ"]);
    check("RAD", &["RAD", "RAD_R"], &["rad", "rad (dose)"]);
    // Every other name finds its unit.
    for unit in units.all().iter().filter(|unit| !["G", "RAD"].contains(&unit.name.as_str())) {
        assert_eq!(units.find(&unit.name).map(|found| &found.iri), Some(&unit.iri), "{}", unit.name);
    }
}

#[test]
fn a_conversion_is_written_as_a_formula() {
    let units = shipped().units();
    let check = |from: &str, to: &str, expect: Option<&str>| {
        let find = |text: &str| units.find(text).unwrap_or_else(|| panic!("no unit {text}")).iri.clone();
        let formula = units.formula("{t}", find(from).as_ref(), find(to).as_ref()).expect("a conversion");
        assert_eq!(formula.as_deref(), expect, "{from} {to}");
    };
    check("°F", "°C", Some("({t} - 32) * 5 / 9"));
    check("°C", "°F", Some("{t} * 9 / 5 + 32"));
    check("K", "°C", Some("{t} - 273.15"));
    check("bar", "kPa", Some("{t} * 100"));
    check("mm", "m", Some("{t} / 1000"));
    check("rpm", "rad/s", None);
    let find = |text: &str| units.find(text).expect(text).iri.clone();
    assert!(units.formula("{t}", find("bar").as_ref(), find("°C").as_ref()).is_err());
}

#[test]
fn logarithmic_units_and_scales_convert_into_nothing() {
    let units = shipped().units();
    let check = |from: &str, to: &str, expect: &str| {
        let find = |text: &str| units.find(text).unwrap_or_else(|| panic!("no unit {text}")).iri.clone();
        let error = units.conversion(find(from).as_ref(), find(to).as_ref()).expect_err(from).to_string();
        assert!(error.contains(expect), "{error}");
        assert!(
            units.conversion(find(from).as_ref(), find(from).as_ref()).is_ok_and(Conversion::is_identity)
        );
    };
    check("dB", "dB(A)", "dB has no factor");
    check("dB(A)", "dB", "dB(A) has no factor");
    check("FNU", "NTU", "FNU has no factor");
    check("PSU", "%", "PSU (practical salinity) does not convert into %");
    check("bar(g)", "bar", "does not convert into bar");
    check("dBm", "W", "does not convert into W");
}
