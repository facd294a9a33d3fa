//! What was measured on units that failed, against those that did not: which characteristic differs.

use super::measured::measured;
use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::statistics::contrast::multiplicity::Correction;
use crate::statistics::contrast::rank_sum::{RankSum, rank_sum};
use crate::statistics::survival::End;
use crate::telemetry::View;
use crate::twins::{self, LifeQuestion};
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, BTreeSet};

/// Fewer units on a side show nothing.
const UNITS_MIN: usize = 3;

/// A question about what differs in units that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct ContrastQuestion {
    /// Which lives, and what is a failure.
    pub lives: LifeQuestion,
    /// How probabilities are corrected for the number of characteristics.
    pub correction: Correction,
}

/// How units that failed differ from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Contrast {
    /// How many units failed.
    pub failed: usize,
    /// How many did not.
    pub others: usize,
    /// Each characteristic: those with a test first, the least probable by chance before the others, then by name.
    pub characteristics: Vec<CharacteristicContrast>,
}

/// How units that failed differ in one characteristic.
#[derive(Clone, Debug, PartialEq)]
pub struct CharacteristicContrast {
    /// Its name.
    pub name: String,
    /// The unit of values.
    pub unit: Option<NamedNode>,
    /// The median of units that failed, and how many were measured.
    pub failed: (Option<f64>, usize),
    /// The same of the others.
    pub others: (Option<f64>, usize),
    /// The test of ranks; `None` where too few were measured, or all alike.
    pub test: Option<RankSum>,
    /// Its probability, corrected.
    pub adjusted: Option<f64>,
}

impl CharacteristicContrast {
    /// Returns why there is no test.
    pub fn shortfall(&self) -> Option<String> {
        let (failed, others) = (self.failed.1, self.others.1);
        let is_enough = failed >= UNITS_MIN && others >= UNITS_MIN;
        match (&self.test, is_enough) {
            (Some(_), _) => None,
            (None, true) => Some("all values are alike".to_owned()),
            (None, false) => Some(format!(
                "it was measured on {failed} units that failed and {others} others, {UNITS_MIN} each are enough"
            )),
        }
    }
}

/// Compares what was measured on units that failed with the others; several values of a unit count by their mean. A unit with stays in which
/// its life is not certain is left out, as it is of lives.
pub fn contrast(snapshot: &Snapshot, view: &View, question: &ContrastQuestion) -> Result<Contrast, Error> {
    let data = twins::life_data(snapshot, view, &question.lives)?;
    let mut failed: BTreeMap<&str, bool> = BTreeMap::new();
    for stay in &data.stays {
        let own = matches!(stay.observation.end, End::Failed(_) | End::Between(..));
        *failed.entry(stay.member.unit.as_str()).or_default() |= own;
    }
    let mut characteristics = Vec::new();
    for (name, measured) in measured(snapshot, &question.lives.item)? {
        let mut sums: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
        for value in &measured.values {
            let sum = sums.entry(value.item.as_str()).or_default();
            *sum = (sum.0 + value.value, sum.1 + 1.0);
        }
        let side = |is_failed: bool| -> Vec<f64> {
            let own = sums.iter().filter(|(unit, _)| failed.get(**unit) == Some(&is_failed));
            own.map(|(_, (sum, count))| sum / count).collect()
        };
        let (bad, good) = (side(true), side(false));
        if bad.is_empty() && good.is_empty() {
            continue;
        }
        let is_enough = bad.len() >= UNITS_MIN && good.len() >= UNITS_MIN;
        characteristics.push(CharacteristicContrast {
            name,
            unit: measured.unit,
            test: rank_sum(&bad, &good).filter(|_| is_enough),
            failed: (median(&bad), bad.len()),
            others: (median(&good), good.len()),
            adjusted: None,
        });
    }
    correct(&mut characteristics, question.correction);
    let of = |is_failed: bool| failed.values().filter(|own| **own == is_failed).count();
    Ok(Contrast { failed: of(true), others: of(false), characteristics })
}

fn correct(characteristics: &mut [CharacteristicContrast], correction: Correction) {
    let tested: BTreeSet<usize> =
        (0..characteristics.len()).filter(|place| characteristics[*place].test.is_some()).collect();
    let chances: Vec<f64> =
        tested.iter().filter_map(|place| characteristics[*place].test.map(|test| test.p)).collect();
    for (place, adjusted) in tested.into_iter().zip(correction.adjust(&chances)) {
        characteristics[place].adjusted = Some(adjusted);
    }
    let chance = |of: &CharacteristicContrast| of.test.map_or(2.0, |test| test.p);
    characteristics.sort_by(|a, b| chance(a).total_cmp(&chance(b)).then(a.name.cmp(&b.name)));
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = values.get(middle).copied()?;
    Some(if values.len().is_multiple_of(2) { f64::midpoint(values[middle - 1], upper) } else { upper })
}
