//! `duty` of an item: the cycles of a load that its units went through.

use super::question;
use crate::app::Scope;
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Arguments, Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::page;
use crate::graphql::schema::shared::unit::UnitValue;
use crate::statistics::duty::rainflow::{Residue, Spectrum};
use crate::twins::{self, Duty, DutyQuestion, SiteDuty, SpectrumKind, UnitDuty};
use async_graphql::{Name, Value as Input};
use std::sync::Arc;

struct DutyValue {
    scope: Arc<Scope>,
    duty: Duty,
}

#[derive(Clone)]
struct UnitValueOf {
    scope: Arc<Scope>,
    unit: UnitDuty,
}

#[derive(Clone, Copy)]
struct BinValue {
    /// The numbers of the bins of ranges and of means.
    at: (u32, i64),
    widths: (f64, f64),
    count: f64,
}

struct CrossingsValue {
    level: f64,
    count: u64,
}

/// More levels, or bins, are refused.
const LEVELS_MAX: usize = 100;

/// Returns the arguments of `duty`.
pub(crate) fn arguments() -> Vec<InputField> {
    let word = |name: &str| Input::Enum(Name::new(name));
    vec![
        InputField::new("property", "ID!", "The load."),
        crate::graphql::schema::shared::window::window(),
        question::among_argument(),
        question::position_argument(),
        InputField::new(
            "unit",
            "ID",
            "The unit of the answer; that of the Wöhler line where absent, or failing that of the first signal.",
        ),
        InputField::new("transform", "Transform!", "What is done to each value first.").default(word("NONE")),
        InputField::new("rangeWidth", "Float!", "The width of the bins of ranges, above 0."),
        InputField::new("meanWidth", "Float!", "The width of the bins of means; 0: all in one.").default(0.0),
        InputField::new("gate", "Float!", "Ranges up to this are noise, and no cycles.").default(0.0),
        InputField::new(
            "levels",
            "[Float!]",
            "The levels whose crossings on the way up are counted: a start is one.",
        ),
        InputField::new("residue", "CycleResidue!", "What becomes of ranges that no cycle closes.")
            .default(word("HALF")),
        InputField::new(
            "against",
            "SpectrumKind",
            "The spectrum of the design that each unit is compared with: of the revision that it had last.",
        ),
    ]
}

/// Resolves `duty` of an item.
pub(crate) fn resolve(node: &Node, call: &Call<'_>) -> Result<Value, Error> {
    let (snapshot, given) = (&node.scope.snapshot, call.arguments);
    let mut among = question::among(snapshot, given)?;
    among.position = given.text("position")?;
    let levels = numbers(given, "levels")?;
    let least = |name: &str, least: f64, expected: &str| -> Result<f64, Error> {
        let value = given.number(name)?.ok_or_else(|| missing(name))?;
        if value >= least && value.is_finite() { Ok(value) } else { Err(wrong(name, expected)) }
    };
    let question = DutyQuestion {
        item: node.iri.clone(),
        property: find_iri(snapshot, &given.needed_text("property")?)?,
        window: given.window("window")?.ok_or_else(|| missing("window"))?,
        among,
        unit: question::unit(snapshot, given)?,
        transform: question::transform(given)?,
        gate: least("gate", 0.0, "a number from 0")?,
        range_width: least("rangeWidth", f64::MIN_POSITIVE, "a number above 0")?,
        mean_width: least("meanWidth", 0.0, "a number from 0")?,
        levels,
        residue: match given.needed_text("residue")?.as_str() {
            "REPEATED" => Residue::Repeated,
            _ => Residue::Half,
        },
        against: given.text("against")?.map(|kind| match kind.as_str() {
            "ASSUMED" => SpectrumKind::Assumed,
            _ => SpectrumKind::Tested,
        }),
    };
    let duty = twins::duty(snapshot, &node.scope.view, &question)?;
    Ok(Value::object(DutyValue { scope: Arc::clone(&node.scope), duty }))
}

fn numbers(given: &Arguments, name: &str) -> Result<Vec<f64>, Error> {
    let of = |value: &Input| match value {
        Input::Number(number) => number.as_f64(),
        _ => None,
    };
    let numbers: Option<Vec<f64>> = given.list(name).unwrap_or_default().iter().map(of).collect();
    numbers
        .filter(|numbers| numbers.len() <= LEVELS_MAX && numbers.iter().all(|number| number.is_finite()))
        .ok_or_else(|| wrong(name, "a list of up to 100 numbers"))
}

pub(crate) fn types() -> Vec<Definition> {
    let mut types = page::connection::<UnitValueOf>("UnitDuty").to_vec();
    types.extend(page::connection::<BinValue>("CycleBin"));
    types.extend([
        duty(),
        unit(),
        site(),
        bin(),
        crossings(),
        enumeration(
            "CycleResidue",
            "What becomes of ranges that no cycle closes.",
            &[
                ("HALF", "Each is half a cycle, as in ASTM E1049."),
                ("REPEATED", "The history is one of many alike: followed by itself its cycles close."),
            ],
        ),
    ]);
    types
}

fn bins(spectrum: &Spectrum, call: &Call<'_>) -> Result<Value, Error> {
    let bins: Vec<(&(u32, i64), &f64)> = spectrum.bins.iter().collect();
    let widths = (spectrum.range_width, spectrum.mean_width);
    page::listed(&bins, call.arguments, |(at, count)| BinValue { at: **at, widths, count: **count })
}

fn duty() -> Definition {
    object::<DutyValue>("Duty", "The cycles of a load that units went through, counted from each sample by the rainflow method (ASTM E1049).")
        .field("unit", "Unit", "The unit of all loads.", |of, _| {
            let unit = of.duty.unit.as_ref();
            Ok(unit.map_or(Value::Null, |unit| Value::object(UnitValue::read(&of.scope.snapshot, unit))))
        })
        .field("unitCount", "Int!", "How many units have samples.", |of, _| Ok(of.duty.units.len().into()))
        .field("silentUnitCount", "Int!", "How many certainly were in service but have no samples.", |of, _| {
            Ok(of.duty.silent_units.into())
        })
        .field("cycleCount", "Float!", "How many cycles all units went through.", |of, _| Ok(of.duty.spectrum.total().into()))
        .field("maxRange", "Float", "The greatest range of a cycle; absent without cycles.", |of, _| {
            Ok((of.duty.spectrum.total() > 0.0).then_some(of.duty.spectrum.greatest).into())
        })
        .field_with("bins", "CycleBinConnection!", "The cycles of all units by range and mean, in that order.", page::arguments(), |of, call| {
            bins(&of.duty.spectrum, call)
        })
        .field_with(
            "shareBeyond",
            "Float",
            "The share of the units with a cycle of more than a range: beyond what was assumed or tested; absent without units.",
            vec![InputField::new("range", "Float!", "The range.")],
            |of, call| {
                let range = call.arguments.number("range")?.ok_or_else(|| missing("range"))?;
                let beyond = of.duty.units.iter().filter(|unit| unit.spectrum.greatest > range).count();
                let units = of.duty.units.len();
                Ok((units > 0).then(|| beyond as f64 / units as f64).into())
            },
        )
        .field("comparedCount", "Int!", "How many units have a spectrum of the design to be compared with.", |of, _| {
            Ok(of.duty.units.iter().filter(|unit| unit.utilisation.is_some()).count().into())
        })
        .field("shareBeyondSpectrum", "Float", "The share of these that are beyond it; absent without units.", |of, _| {
            let compared: Vec<f64> = of.duty.units.iter().filter_map(|unit| Some(unit.utilisation?.ratio)).collect();
            let beyond = compared.iter().filter(|ratio| **ratio > 1.0).count();
            Ok((!compared.is_empty()).then(|| beyond as f64 / compared.len() as f64).into())
        })
        .field("sites", "[SiteDuty!]!", "The same by site, in order of their names.", |of, _| {
            Ok(Value::objects(of.duty.sites()))
        })
        .field_with("units", "UnitDutyConnection!", "Each unit by itself, those with the greatest damage first, then by IRI.", page::arguments(), |of, call| {
            let mut units: Vec<&UnitDuty> = of.duty.units.iter().collect();
            let damage = |unit: &UnitDuty| unit.damage.unwrap_or(-1.0);
            units.sort_by(|a, b| damage(b).total_cmp(&damage(a)).then(a.twin.as_str().cmp(b.twin.as_str())));
            page::listed(&units, call.arguments, |unit| UnitValueOf { scope: Arc::clone(&of.scope), unit: (*unit).clone() })
        })
        .done()
}

fn unit() -> Definition {
    object::<UnitValueOf>("UnitDuty", "The cycles of a load that one unit went through.")
        .field("unit", "TwinInstance!", "The unit.", |of, _| Ok(Value::object(Node::new(&of.scope, of.unit.twin.clone()))))
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field("sampleCount", "Long!", "How many samples count.", |of, _| Ok(of.unit.sample_count.into()))
        .field("implausibleSampleCount", "Long!", "How many lay beyond what the sensor can measure, and do not count.", |of, _| {
            Ok(of.unit.implausible.into())
        })
        .field("damage", "Float", "The damage by the Wöhler line of its revision (Miner): 1 is the end of the life; absent without a line.", |of, _| {
            Ok(of.unit.damage.into())
        })
        .field("utilisation", "Float", "The most, over all ranges, of its cycles above a range over those of the spectrum of its design: above 1 it is beyond that.", |of, _| {
            Ok(of.unit.utilisation.map(|utilisation| utilisation.ratio).into())
        })
        .field("utilisedAbove", "Float", "The range above which that is so.", |of, _| {
            Ok(of.unit.utilisation.map(|utilisation| utilisation.above).into())
        })
        .field("cycleCount", "Float!", "How many cycles it went through.", |of, _| Ok(of.unit.spectrum.total().into()))
        .field("maxRange", "Float", "The greatest range of a cycle; absent without cycles.", |of, _| {
            Ok((of.unit.spectrum.total() > 0.0).then_some(of.unit.spectrum.greatest).into())
        })
        .field_with("bins", "CycleBinConnection!", "Its cycles by range and mean, in that order.", page::arguments(), |of, call| {
            bins(&of.unit.spectrum, call)
        })
        .field("crossings", "[LevelCrossings!]!", "How often it crossed each level on the way up, in order of the levels.", |of, _| {
            let counted = of.unit.crossings.levels().iter().zip(&of.unit.crossings.up);
            Ok(Value::objects(counted.map(|(level, count)| CrossingsValue { level: *level, count: *count })))
        })
        .done()
}

fn site() -> Definition {
    object::<SiteDuty>("SiteDuty", "The duty of the units at one site.")
        .field(
            "site",
            "String",
            "The site of the asset that a unit was in last; absent where the version names none.",
            |of, _| Ok(of.site.clone().into()),
        )
        .field("unitCount", "Int!", "How many units have samples.", |of, _| Ok(of.units.into()))
        .field(
            "comparedCount",
            "Int!",
            "How many of them have a spectrum of the design to be compared with.",
            |of, _| Ok(of.compared.into()),
        )
        .field("beyondCount", "Int!", "How many of these are beyond it.", |of, _| Ok(of.beyond.into()))
        .field(
            "greatestUtilisation",
            "Float",
            "The greatest utilisation of a unit; absent where none is compared.",
            |of, _| Ok(of.utilisation.into()),
        )
        .done()
}

fn bin() -> Definition {
    object::<BinValue>("CycleBin", "Cycles with about the same range and mean.")
        .field("rangeAbove", "Float!", "Their ranges are above this.", |of, _| {
            Ok((f64::from(of.at.0) * of.widths.0).into())
        })
        .field("rangeUpTo", "Float!", "Their ranges are up to this.", |of, _| {
            Ok(((f64::from(of.at.0) + 1.0) * of.widths.0).into())
        })
        .field("meanFrom", "Float", "Their means are from this; absent where all are in one.", |of, _| {
            Ok((of.widths.1 > 0.0).then_some(of.at.1 as f64 * of.widths.1).into())
        })
        .field("meanBelow", "Float", "Their means are below this.", |of, _| {
            Ok((of.widths.1 > 0.0).then_some((of.at.1 as f64 + 1.0) * of.widths.1).into())
        })
        .field(
            "count",
            "Float!",
            "How many there are; a range that no cycle closes is half a one.",
            |of, _| Ok(of.count.into()),
        )
        .done()
}

fn crossings() -> Definition {
    object::<CrossingsValue>("LevelCrossings", "How often a level was crossed on the way up.")
        .field("level", "Float!", "The level.", |of, _| Ok(of.level.into()))
        .field("count", "Long!", "How often.", |of, _| Ok(of.count.into()))
        .done()
}
