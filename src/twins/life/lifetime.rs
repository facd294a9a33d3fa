//! How long units of an item live: the curve of survival, a distribution with its limits, what fails next.

use super::age::LifeClock;
use super::life_data::{LifeAccount, LifeData, LifeQuestion, LifeStay, Repair, life_data};
use crate::graph::Snapshot;
use crate::statistics::recurrence::History;
use crate::statistics::survival::forecast::{Forecast, InService, Predictor};
use crate::statistics::survival::goodness::{Goodness, goodness};
use crate::statistics::survival::kaplan_meier::{Curve, kaplan_meier};
use crate::statistics::survival::limits::{Cutoff, Limits, Profiles, Quantity};
use crate::statistics::survival::turnbull::{Masses, turnbull};
use crate::statistics::survival::weibayes::Weibayes;
use crate::statistics::survival::{End, Error as Fault, Family, Fit, Lives, Observation};
use crate::telemetry::View;
use crate::twins::error::Error;
use crate::twins::usage::grid::GroupKey;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Fewer failures make no distribution: the limits are shown to hold from so many on.
pub const FAILURES_MIN: usize = 5;

/// A question about how long units of an item live.
#[derive(Clone, Debug, PartialEq)]
pub struct LifetimeQuestion {
    /// Which lives.
    pub lives: LifeQuestion,
    /// The distribution.
    pub family: Family,
    /// The shape of a Weibull distribution where it is assumed, so that few failures or none are enough.
    pub shape: Option<f64>,
    /// How sure bands and limits are, between 0 and 1.
    pub confidence: f64,
}

/// How long units of an item live, at one version.
#[derive(Debug)]
pub struct Lifetime {
    /// What was asked.
    pub question: LifetimeQuestion,
    /// The lives.
    pub data: LifeData,
    /// All of them.
    pub total: LifeEstimate,
    /// By group, in key order, where the question names what to group by.
    pub groups: Vec<(GroupKey, LifeEstimate)>,
}

/// What lives show.
#[derive(Debug)]
pub struct LifeEstimate {
    /// The stays, as places in those of the data.
    pub stays: Vec<usize>,
    /// The lives.
    pub lives: Lives,
    /// How many items there are.
    pub units: usize,
    /// The distribution, or why there is none.
    pub model: LifeModel,
}

/// A distribution of lives.
#[derive(Debug)]
pub enum LifeModel {
    /// Fitted to the failures.
    Fitted(Box<Profiles>),
    /// Of an assumed shape.
    Assumed(Weibayes),
    /// Too little is known.
    Unknown(LifeShortfall),
}

/// Why lives show no distribution.
#[derive(Clone, Debug, PartialEq)]
pub enum LifeShortfall {
    /// Too few failed.
    Failures {
        /// How many did.
        found: f64,
        /// How many would be enough.
        enough: usize,
    },
    /// The lives cannot be fitted.
    Fault(Fault),
    /// No item was watched for any time.
    NoLives,
}

impl fmt::Display for LifeShortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failures { found, enough } => write!(
                f,
                "{found} of the units failed, {enough} are enough for a distribution; with an assumed \"shape\" fewer are"
            ),
            Self::Fault(fault) => write!(f, "{fault}"),
            Self::NoLives => f.write_str("no unit was certainly watched for any time"),
        }
    }
}

/// How many of the units in service will fail.
#[derive(Clone, Debug, PartialEq)]
pub struct LifeForecast {
    /// All of them.
    pub total: SiteForecast,
    /// By site, in order of their names; those without one first.
    pub sites: Vec<(Option<String>, SiteForecast)>,
}

/// How many units in service will fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteForecast {
    /// How many are in service.
    pub units: f64,
    /// How many fail.
    pub failures: Forecast,
}

/// Returns how long units of an item live.
pub fn lifetime(snapshot: &Snapshot, view: &View, question: &LifetimeQuestion) -> Result<Lifetime, Error> {
    let data = life_data(snapshot, view, &question.lives)?;
    let all: Vec<usize> = (0..data.stays.len()).collect();
    let total = LifeEstimate::of(&data, all, question);
    let mut groups = Vec::new();
    if !question.lives.group_by.is_empty() {
        let mut places: BTreeMap<&GroupKey, Vec<usize>> = BTreeMap::new();
        for (place, stay) in data.stays.iter().enumerate() {
            places.entry(&stay.key).or_default().push(place);
        }
        let estimate =
            |(key, places): (&GroupKey, Vec<usize>)| (key.clone(), LifeEstimate::of(&data, places, question));
        groups = places.into_iter().map(estimate).collect();
    }
    Ok(Lifetime { question: question.clone(), data, total, groups })
}

impl Lifetime {
    /// Returns the stays of an estimate.
    pub fn stays<'a>(&'a self, of: &'a LifeEstimate) -> impl Iterator<Item = &'a LifeStay> {
        of.stays.iter().map(|place| &self.data.stays[*place])
    }

    /// Returns what makes no row.
    pub fn account(&self) -> LifeAccount {
        self.data.account
    }

    /// Forecasts how many of the units in service at the end of the watching will fail in so many hours after it, each once at the most.
    /// By a counter each unit goes on as it has counted in its service so far. `None` where no distribution is known.
    pub fn forecast(&self, of: &LifeEstimate, hours: f64) -> Option<LifeForecast> {
        let predictor = of.predictor(self.question.confidence)?;
        let mut sites: BTreeMap<Option<&str>, Vec<InService>> = BTreeMap::new();
        for stay in self.stays(of).filter(|stay| stay.is_alive) {
            let (age, count) = (stay.observation.end.age(), stay.observation.count);
            let by_counter = matches!(self.question.lives.clock, LifeClock::Counter(_));
            let pace = if by_counter && stay.hours > 0.0 { age / stay.hours } else { 1.0 };
            sites.entry(stay.site.as_deref()).or_default().push(InService { age, more: hours * pace, count });
        }
        let forecast = |items: &[InService]| SiteForecast {
            units: items.iter().fold(0.0, |sum, item| sum + item.count),
            failures: predictor.forecast(items),
        };
        let all: Vec<InService> = sites.values().flatten().copied().collect();
        let by_site = sites.iter().map(|(site, items)| (site.map(str::to_owned), forecast(items)));
        Some(LifeForecast { total: forecast(&all), sites: by_site.collect() })
    }

    /// Returns the histories of units that are repaired and go on as old as they were: each with the ages of its failures. `None` where
    /// the question is of other lives.
    pub fn histories(&self, of: &LifeEstimate) -> Option<Vec<History>> {
        if self.question.lives.repair != Repair::AsBefore {
            return None;
        }
        let mut histories: BTreeMap<&str, History> = BTreeMap::new();
        for stay in self.stays(of) {
            let Observation { entry, end, .. } = stay.observation;
            let failed = matches!(end, End::Failed(_) | End::Between(..)).then(|| end.age());
            let history = histories.entry(stay.member.item.as_str()).or_insert_with(|| History {
                from: entry,
                to: end.age(),
                failures: Vec::new(),
            });
            history.from = history.from.min(entry);
            history.to = history.to.max(end.age());
            history.failures.extend(failed);
        }
        Some(histories.into_values().collect())
    }
}

impl LifeEstimate {
    fn of(data: &LifeData, stays: Vec<usize>, question: &LifetimeQuestion) -> Self {
        let own = || stays.iter().map(|place| &data.stays[*place]);
        let units = own().map(|stay| (&stay.member.item, &stay.member.unit)).collect::<BTreeSet<_>>().len();
        let lives = Lives::new(own().map(|stay| stay.observation));
        let (lives, model) = match lives {
            Ok(lives) => {
                let model = model(&lives, question);
                (lives, model)
            }
            Err(fault) => (Lives::default(), LifeModel::Unknown(LifeShortfall::Fault(fault))),
        };
        Self { stays, lives, units, model }
    }

    /// Returns the curve of survival, where the age of every failure is known.
    pub fn curve(&self, confidence: f64) -> Option<Curve> {
        (!self.lives.has_intervals()).then(|| kaplan_meier(&self.lives, confidence))
    }

    /// Returns where failures probably lie, where some are only known to lie between two ages.
    pub fn masses(&self) -> Option<Masses> {
        self.lives.has_intervals().then(|| turnbull(&self.lives))
    }

    /// Returns the fit, where there is one.
    pub fn fit(&self) -> Option<&Fit> {
        match &self.model {
            LifeModel::Fitted(profiles) => Some(profiles.fit()),
            _ => None,
        }
    }

    /// Returns whether the fit explains the failures; `None` where they are too few, or some lie between two ages.
    pub fn goodness(&self) -> Option<Goodness> {
        goodness(self.fit()?, &self.lives)
    }

    /// Returns a quantity of the distribution with its limits; `None` where none is known.
    pub fn limits(&self, quantity: Quantity) -> Option<Limits> {
        Some(match &self.model {
            LifeModel::Fitted(profiles) => profiles.limits(quantity),
            LifeModel::Assumed(weibayes) => match quantity {
                Quantity::Shape => {
                    Limits { estimate: weibayes.shape, low: weibayes.shape, high: weibayes.shape }
                }
                Quantity::Scale => weibayes.scale,
                Quantity::Quantile(p) => weibayes.quantile(p),
                Quantity::Reliability(age) => weibayes.reliability(age),
            },
            LifeModel::Unknown(_) => return None,
        })
    }

    /// Returns why there is no distribution.
    pub fn shortfall(&self) -> Option<&LifeShortfall> {
        match &self.model {
            LifeModel::Unknown(shortfall) => Some(shortfall),
            _ => None,
        }
    }

    fn predictor(&self, confidence: f64) -> Option<Predictor> {
        match &self.model {
            LifeModel::Fitted(profiles) => Some(Predictor::of_fit(*profiles.fit(), &self.lives, confidence)),
            LifeModel::Assumed(weibayes) => Some(Predictor::of_weibayes(weibayes, confidence)),
            LifeModel::Unknown(_) => None,
        }
    }
}

fn model(lives: &Lives, question: &LifetimeQuestion) -> LifeModel {
    if lives.rows().is_empty() {
        return LifeModel::Unknown(LifeShortfall::NoLives);
    }
    let fault = |fault| LifeModel::Unknown(LifeShortfall::Fault(fault));
    if let Some(shape) = question.shape {
        return Weibayes::new(shape, lives, question.confidence).map_or_else(fault, LifeModel::Assumed);
    }
    let found = lives.failures();
    if found < FAILURES_MIN as f64 {
        return LifeModel::Unknown(LifeShortfall::Failures { found, enough: FAILURES_MIN });
    }
    let fitted = Profiles::fitted(question.family, lives, question.confidence, Cutoff::SmallSample);
    fitted.map_or_else(fault, |profiles| LifeModel::Fitted(Box::new(profiles)))
}
