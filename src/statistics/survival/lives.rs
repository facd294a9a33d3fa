//! Observed lives: what every estimator of survival takes.

/// A stretch of the life of some items that were watched alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// The age from which they were watched: 0 where it was from the beginning. They are known to have reached it.
    pub entry: f64,
    /// How the stretch ended.
    pub end: End,
    /// How many items.
    pub count: f64,
}

/// How a watched stretch of a life ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// It failed at this age.
    Failed(f64),
    /// It had not failed at this age, when it was last seen.
    Suspended(f64),
    /// It failed between two ages: after the first, at the second or before. The first may be 0.
    Between(f64, f64),
}

/// Why lives cannot be estimated from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// An age is no number, or negative.
    #[error("observation {row}: an age is {value}, which is not a finite number from 0")]
    Age {
        /// Which, from 0.
        row: usize,
        /// The age.
        value: f64,
    },
    /// A clock ran backwards.
    #[error("observation {row} ends at the age {end}, before it begins at {entry}: the clock ran backwards")]
    Backwards {
        /// Which, from 0.
        row: usize,
        /// The age from which it was watched.
        entry: f64,
        /// The age at which it ended.
        end: f64,
    },
    /// A failure without any time before it.
    #[error("observation {row} fails at the age {age} at which it begins: a life needs a length above 0")]
    NoTime {
        /// Which, from 0.
        row: usize,
        /// The age.
        age: f64,
    },
    /// A number of items that is none.
    #[error("observation {row} counts {count} items: a number above 0 is needed")]
    Count {
        /// Which, from 0.
        row: usize,
        /// The number.
        count: f64,
    },
    /// Not enough has failed.
    #[error("{found} failed at different ages, {enough} are enough")]
    TooFewFailures {
        /// How many different ages of failures there are.
        found: usize,
        /// How many are needed.
        enough: usize,
    },
    /// The likelihood grows without end.
    #[error(
        "no parameters of the {family} are the most likely: {failures} failures do not determine its shape"
    )]
    NoMaximum {
        /// The distribution.
        family: &'static str,
        /// How many failed.
        failures: f64,
    },
}

/// Lives that have been checked, in an order that does not depend on that in which they were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lives {
    pub(super) rows: Vec<Observation>,
}

impl End {
    /// Returns the last age at which anything is known.
    pub fn age(self) -> f64 {
        match self {
            Self::Failed(age) | Self::Suspended(age) | Self::Between(_, age) => age,
        }
    }

    fn kind(self) -> u8 {
        match self {
            Self::Failed(_) => 0,
            Self::Between(..) => 1,
            Self::Suspended(_) => 2,
        }
    }

    fn first(self) -> f64 {
        match self {
            Self::Failed(age) | Self::Suspended(age) | Self::Between(age, _) => age,
        }
    }
}

impl Lives {
    /// Checks observations. A suspension at the age at which it begins has no length, and is left out; a failure between an age
    /// and itself is one at that age.
    pub fn new(observations: impl IntoIterator<Item = Observation>) -> Result<Self, Error> {
        let mut rows = Vec::new();
        for (row, observation) in observations.into_iter().enumerate() {
            rows.extend(checked(row, observation)?);
        }
        rows.sort_by(|a, b| {
            let by_age = a.end.age().total_cmp(&b.end.age()).then(a.end.kind().cmp(&b.end.kind()));
            let by_start = a.end.first().total_cmp(&b.end.first()).then(a.entry.total_cmp(&b.entry));
            by_age.then(by_start).then(a.count.total_cmp(&b.count))
        });
        Ok(Self { rows })
    }

    /// Returns how many items failed, those that failed between two ages with them.
    pub fn failures(&self) -> f64 {
        self.rows
            .iter()
            .filter(|row| !matches!(row.end, End::Suspended(_)))
            .map(|row| row.count)
            .fold(0.0, |sum, count| sum + count)
    }

    /// Returns whether any item failed at an age that is only known to lie between two.
    pub fn has_intervals(&self) -> bool {
        self.rows.iter().any(|row| matches!(row.end, End::Between(..)))
    }

    /// Returns the sum of the ages that were watched; of a failure between two ages, up to the later one.
    pub fn exposure(&self) -> f64 {
        self.rows.iter().map(|row| row.count * (row.end.age() - row.entry)).fold(0.0, |sum, age| sum + age)
    }

    /// Returns the checked observations.
    pub fn rows(&self) -> &[Observation] {
        &self.rows
    }

    /// Counts the different ages of failures, an interval as one.
    pub(super) fn failure_ages(&self) -> usize {
        let failed = self.rows.iter().filter(|row| !matches!(row.end, End::Suspended(_)));
        let mut ages: Vec<(f64, f64)> = failed.map(|row| (row.end.first(), row.end.age())).collect();
        ages.dedup();
        ages.len()
    }
}

fn checked(row: usize, mut observation: Observation) -> Result<Option<Observation>, Error> {
    let Observation { entry, end, count } = observation;
    for value in [entry, end.first(), end.age()] {
        if !(value.is_finite() && value >= 0.0) {
            return Err(Error::Age { row, value });
        }
    }
    if !(count.is_finite() && count > 0.0) {
        return Err(Error::Count { row, count });
    }
    for (before, after) in [(entry, end.age()), (end.first(), end.age())] {
        if before > after {
            return Err(Error::Backwards { row, entry: before, end: after });
        }
    }
    observation.end = match end {
        Failed(age) if age <= entry => return Err(Error::NoTime { row, age }),
        Suspended(age) if age <= entry => return Ok(None),
        Between(after, by) if after.max(entry) >= by => {
            if by <= entry {
                return Err(Error::NoTime { row, age: by });
            }
            Failed(by)
        }
        Between(after, by) => Between(after.max(entry), by),
        end => end,
    };
    Ok(Some(observation))
}

use End::{Between, Failed, Suspended};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_life_is_refused() {
        let check = |entry: f64, end: End, count: f64, expect: &str| {
            let error = Lives::new([Observation { entry, end, count }]).expect_err("refused").to_string();
            assert!(error.contains(expect), "{error}");
        };
        check(f64::NAN, Failed(1.0), 1.0, "not a finite number");
        check(0.0, Suspended(f64::INFINITY), 1.0, "not a finite number");
        check(-1.0, Failed(1.0), 1.0, "not a finite number");
        check(2.0, Suspended(1.0), 1.0, "the clock ran backwards");
        check(0.0, Between(2.0, 1.0), 1.0, "the clock ran backwards");
        check(1.0, Failed(1.0), 1.0, "a length above 0");
        check(0.0, Failed(0.0), 1.0, "a length above 0");
        check(0.0, Failed(1.0), 0.0, "counts 0 items");
    }

    #[test]
    fn the_order_of_rows_makes_no_difference() {
        let row = |entry: f64, end: End| Observation { entry, end, count: 1.0 };
        let rows = [
            row(0.0, Failed(3.0)),
            row(1.0, Suspended(3.0)),
            row(0.0, Between(1.0, 3.0)),
            row(2.0, Failed(2.5)),
        ];
        let reversed = rows.iter().rev().copied();
        assert_eq!(Lives::new(rows), Lives::new(reversed));
        // Nothing is known of it but that it was there.
        assert_eq!(Lives::new([row(2.0, Suspended(2.0))]).map(|lives| lives.rows.len()), Ok(0));
    }
}
