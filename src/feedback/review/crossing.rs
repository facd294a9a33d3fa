//! When a margin crosses a threshold: reported once, until it has come back.

use crate::feedback::margin::{Margin, Verdict};
use oxigraph::model::NamedNode;
use std::collections::HashSet;

/// What of a margin is compared with a threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// The distance to the limit, in the unit of the constraint.
    Distance,
    /// The distance as a percentage of the limit.
    DistancePercent,
}

/// A threshold for margins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// What is compared with it.
    pub measure: Measure,
    /// A margin below it has crossed.
    pub below: f64,
    /// How far above the threshold a margin that has crossed must come before it can cross again; 0: back to it.
    pub hysteresis: f64,
}

/// A margin that has crossed a threshold.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossing {
    /// The margin as it is now.
    pub margin: Margin,
    /// What was compared.
    pub value: f64,
}

/// Follows margins across a threshold, each by its design and constraint. What was never seen counts as above, so that a margin
/// that is below when it is first seen crosses. A margin of which nothing can be concluded stays where it was.
#[derive(Clone, Debug)]
pub struct CrossingDetector {
    threshold: Threshold,
    below: HashSet<(NamedNode, NamedNode)>,
}

impl CrossingDetector {
    /// Begins with nothing seen.
    pub fn new(threshold: Threshold) -> Self {
        Self { threshold, below: HashSet::new() }
    }

    /// Takes margins as they are now, and returns those that have crossed since they were last taken, in their order.
    pub fn take(&mut self, margins: Vec<Margin>) -> Vec<Crossing> {
        let mut crossings = Vec::new();
        for margin in margins {
            let Some(value) = self.threshold.value(&margin) else { continue };
            let key = (margin.item.clone(), margin.constraint.iri.clone());
            if value < self.threshold.below {
                if self.below.insert(key) {
                    crossings.push(Crossing { margin, value });
                }
            } else if value >= self.threshold.below + self.threshold.hysteresis {
                self.below.remove(&key);
            }
        }
        crossings
    }
}

impl Threshold {
    fn value(&self, margin: &Margin) -> Option<f64> {
        let value = match self.measure {
            Measure::Distance => margin.distance,
            Measure::DistancePercent => margin.distance_percent,
        };
        value.filter(|_| margin.verdict != Verdict::Unknown)
    }
}
