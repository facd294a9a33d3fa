//! The life that is left to each unit in service, by the units that failed and looked like it.

use crate::feedback::error::Error;
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::statistics::survival::End;
use crate::statistics::trend::similarity::{
    FAILED_MIN, INSTANTS_MIN, Predictor, Remaining, Similarity, Trajectory, Trial,
};
use crate::telemetry::{SampleWeight, View};
use crate::twins::{
    self, Condition, EventsOf, LifeClock, LifeQuestion, LifeStay, Question, Repair, TwinFilter, Weight,
};
use oxigraph::model::NamedNode;
use std::collections::BTreeMap;

/// A question about the life that is left to units.
#[derive(Clone, Debug, PartialEq)]
pub struct RemainingQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// What wear shows in.
    pub properties: Vec<NamedNode>,
    /// When units are watched: those in service at its end are predicted, those that failed in it are learnt from.
    pub window: Interval,
    /// Each stretch of this length is an instant: the means of the properties in it.
    pub bucket: Period,
    /// The time zone in which days and months begin.
    pub zone: Zone,
    /// Which units count.
    pub among: TwinFilter,
    /// Only samples while all of these hold count.
    pub conditions: Vec<Condition>,
    /// The failure modes that end a life; empty: all.
    pub modes: Vec<NamedNode>,
    /// How sure intervals are, between 0 and 1.
    pub confidence: f64,
    /// The hours beyond which what is left does not show; `None`: six tenths of the median life of those that failed.
    pub cap: Option<f64>,
    /// The same seed cuts units that failed at the same ages.
    pub seed: u64,
    /// How much of a bucket must have been observed.
    pub sufficiency: Sufficiency,
}

/// What is left to units.
#[derive(Clone, Debug, PartialEq)]
pub struct RemainingLives {
    /// How many units failed, and were learnt from.
    pub failed: usize,
    /// The cap in hours.
    pub cap: Option<f64>,
    /// Each unit in service at the end, the first to fail before the others, then by IRI.
    pub units: Vec<UnitRemaining>,
    /// The errors on the units that failed, each left out.
    pub trials: Vec<Trial>,
}

/// What is left to one unit.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitRemaining {
    /// The unit.
    pub twin: NamedNode,
    /// Its identifier.
    pub serial: Option<String>,
    /// The end of its last bucket.
    pub until: Option<Instant>,
    /// Its age in hours there.
    pub age: Option<f64>,
    /// How many buckets count.
    pub points: usize,
    /// What is left in hours after it; `None` where too little is known.
    pub remaining: Option<Remaining>,
}

impl RemainingLives {
    /// Returns why nothing can be predicted of any unit.
    pub fn shortfall(&self) -> Option<String> {
        (self.trials.is_empty()).then(|| {
            format!(
                "{} units failed with {INSTANTS_MIN} buckets or more in which all properties were observed, {FAILED_MIN} are enough",
                self.failed
            )
        })
    }

    /// Returns the root of the mean square of the errors on units that failed: of those with no more than so many hours left.
    pub fn error(&self, left_at_most: f64) -> Option<f64> {
        let errors: Vec<f64> = self
            .trials
            .iter()
            .filter(|trial| trial.actual <= left_at_most)
            .map(|trial| trial.predicted - trial.actual)
            .collect();
        let squares = errors.iter().fold(0.0, |sum, error| sum + error * error);
        (!errors.is_empty()).then(|| (squares / errors.len() as f64).sqrt())
    }
}

/// What is known of a unit.
#[derive(Default)]
struct History {
    serial: Option<String>,
    instants: BTreeMap<Instant, Vec<Option<f64>>>,
}

/// Predicts the life that is left to the units in service at the end of a window. Buckets in which not all properties were observed enough do
/// not count.
pub fn remaining_lives(
    snapshot: &Snapshot,
    view: &View,
    question: &RemainingQuestion,
) -> Result<RemainingLives, Error> {
    let lives = LifeQuestion {
        item: question.item.clone(),
        window: question.window,
        group_by: Vec::new(),
        position_depth: None,
        among: question.among.clone(),
        modes: question.modes.clone(),
        events_of: EventsOf::Unit,
        clock: LifeClock::Service,
        repair: Repair::None,
    };
    let data = twins::life_data(snapshot, view, &lives)?;
    let mut last: BTreeMap<&str, &LifeStay> = BTreeMap::new();
    for stay in &data.stays {
        last.insert(stay.member.unit.as_str(), stay);
    }
    let histories = histories(snapshot, view, question)?;
    let (mut trajectories, mut alive) = (Vec::new(), Vec::new());
    for (unit, stay) in last {
        let end = stay.observation.end;
        let failed = matches!(end, End::Failed(_)).then(|| end.age());
        if failed.is_none() && !stay.is_alive {
            continue;
        }
        let none = History::default();
        let history = histories.get(unit).unwrap_or(&none);
        let (trajectory, until) = trajectory(history, stay, failed);
        match failed {
            Some(_) => trajectories.push(trajectory),
            None => alive.push((stay, history.serial.clone(), until, trajectory)),
        }
    }
    let learnt: Vec<f64> = trajectories
        .iter()
        .filter(|trajectory| trajectory.rows.len() >= INSTANTS_MIN)
        .filter_map(|trajectory| trajectory.failed)
        .collect();
    let cap = question.cap.or_else(|| median(&learnt).map(|life| 0.6 * life));
    view.still_wanted()?;
    let how = cap.map(Similarity::with_cap);
    let predictor = how.and_then(|how| Predictor::learn(&trajectories, how, question.seed));
    let mut units = Vec::with_capacity(alive.len());
    for (stay, serial, until, trajectory) in alive {
        view.still_wanted()?;
        let remaining =
            predictor.as_ref().and_then(|predictor| predictor.predict(&trajectory.rows, question.confidence));
        units.push(UnitRemaining {
            twin: stay.member.unit.clone(),
            serial,
            until,
            age: trajectory.ages.last().copied(),
            points: trajectory.rows.len(),
            remaining,
        });
    }
    let left = |unit: &UnitRemaining| unit.remaining.map_or(f64::INFINITY, |remaining| remaining.estimate);
    units.sort_by(|a, b| left(a).total_cmp(&left(b)).then(a.twin.as_str().cmp(b.twin.as_str())));
    let trials = predictor.map(|predictor| predictor.trials().to_vec()).unwrap_or_default();
    Ok(RemainingLives { failed: learnt.len(), cap, units, trials })
}

/// Returns the means of the properties of each unit, bucket by bucket.
fn histories(
    snapshot: &Snapshot,
    view: &View,
    question: &RemainingQuestion,
) -> Result<BTreeMap<String, History>, Error> {
    let mut histories: BTreeMap<String, History> = BTreeMap::new();
    for (place, property) in question.properties.iter().enumerate() {
        let usage = Question {
            bucket: Some(question.bucket),
            zone: question.zone.clone(),
            among: question.among.clone(),
            conditions: question.conditions.clone(),
            // Each bucket keeps its units.
            weight: Weight::Unit,
            quantiles: false,
            ..Question::new(question.item.clone(), property.clone(), question.window)
        };
        let usage = usage.answer(snapshot, view)?;
        // A direction has no mean.
        usage.total.mean()?;
        for bucket in &usage.buckets {
            let seen = bucket.usage.units.iter().filter(|unit| question.sufficiency.has_share(&unit.account));
            for unit in seen {
                let Some(mean) = unit.summary.mean(SampleWeight::Time) else { continue };
                let history = histories.entry(unit.twin.as_str().to_owned()).or_default();
                history.serial.clone_from(&unit.serial);
                let instant = history.instants.entry(bucket.within.to()).or_default();
                instant.resize(question.properties.len(), None);
                instant[place] = Some(mean);
            }
        }
    }
    Ok(histories)
}

/// Returns the instants of a life at which all properties are known, with the ages there by the hours to the end of its last stay.
fn trajectory(history: &History, stay: &LifeStay, failed: Option<f64>) -> (Trajectory, Option<Instant>) {
    let (mut ages, mut rows, mut until) = (Vec::new(), Vec::new(), None);
    let end = stay.observation.end.age();
    for (at, values) in &history.instants {
        let Some(row) = values.iter().copied().collect::<Option<Vec<f64>>>() else { continue };
        // The bucket in which it failed ends after it.
        let at = (*at).min(stay.to);
        let hours = (stay.to.nanos() as f64 - at.nanos() as f64) / 3.6e12;
        ages.push((end - hours).max(0.0));
        rows.push(row);
        until = Some(at);
    }
    (Trajectory { ages, rows, failed }, until)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
