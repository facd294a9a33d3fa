//! Forecasts as records: a finding for each unit that is expected to break a constraint, which comes true or expires.
//!
//! | what telemetry shows after the forecast was made | outcome |
//! |---|---|
//! | the median of five buckets in a row reaches the limit before the forecast expires | `CAME_TRUE` |
//! | the forecast has expired | `EXPIRED` |
//! | the unit has left service before either | `WITHDRAWN`: it counts neither for nor against |
//! | none of these | `PENDING` |
//!
//! A forecast expires at the later end of its interval, or where that is open at the horizon that it was asked for.

use super::{TrendOutcome, TrendQuestion, UnitTrend, trends};
use crate::feedback::error::Error;
use crate::feedback::margin::constraint::Constraint;
use crate::feedback::record::about::About;
use crate::feedback::record::evidence::{digest, in_words};
use crate::feedback::sufficiency::Sufficiency;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::model::time::interval::Interval;
use crate::model::time::period::{Period, Zone};
use crate::ontology::terms::{dcterms, rdf, tl, xsd};
use crate::statistics::trend::crossing::Limit;
use crate::statistics::trend::slope::Bootstrap;
use crate::telemetry::{self, Comparator, View};
use crate::thread::{self, Record};
use crate::twins::{Question, TwinFilter, Weight};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};
use std::collections::BTreeSet;

/// So many buckets on either side of one decide whether it breaks a limit.
const AROUND: usize = 2;

/// What is to be forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastQuestion {
    /// The Part, DesignRevision, Build or TwinInstance.
    pub item: NamedNode,
    /// The constraint that its units may break.
    pub constraint: NamedNode,
    /// What forecasts are made from: they are made as of its end.
    pub window: Interval,
    /// Each stretch of this length is a point.
    pub bucket: Period,
    /// The time zone in which days and months begin.
    pub zone: Zone,
    /// Units that are expected to break the constraint until then are forecast.
    pub by: Instant,
    /// How sure intervals are, between 0 and 1.
    pub confidence: f64,
    /// How intervals are found.
    pub bootstrap: Bootstrap,
    /// How much of a bucket must have been observed for it to be a point.
    pub sufficiency: Sufficiency,
}

/// What a question for forecasts comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Forecasts {
    /// The findings that are new.
    pub made: Vec<NamedNode>,
    /// The findings whose outcome is known now.
    pub settled: Vec<NamedNode>,
    /// What a commit must do.
    pub changes: Vec<Change>,
}

/// What became of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForecastOutcome {
    /// Nothing yet.
    Pending,
    /// The limit was reached in time.
    CameTrue,
    /// It was not.
    Expired,
    /// The unit left service before.
    Withdrawn,
}

impl ForecastOutcome {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Pending, "PENDING"),
        (Self::CameTrue, "CAME_TRUE"),
        (Self::Expired, "EXPIRED"),
        (Self::Withdrawn, "WITHDRAWN"),
    ];

    /// Returns the outcome of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, own)| *own == name).map(|(outcome, _)| outcome)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }
}

/// A forecast as it is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastRecord {
    /// The finding.
    pub finding: NamedNode,
    /// The fragment of it.
    fragment: NamedNode,
    /// What it was asked about.
    pub design: Option<NamedNode>,
    /// The constraint.
    pub constraint: NamedNode,
    /// The unit.
    pub twin: NamedNode,
    /// As of when it was made.
    pub made_at: Instant,
    /// When the limit is expected to be reached.
    pub expected_at: Instant,
    /// The earlier end of the interval.
    pub earliest: Option<Instant>,
    /// The later end.
    pub latest: Option<Instant>,
    /// When it expires.
    pub expires_at: Instant,
    /// What became of it.
    pub outcome: ForecastOutcome,
    /// When the limit was reached.
    pub crossed_at: Option<Instant>,
}

impl ForecastRecord {
    /// Reads the forecast of a finding; `None` where it is none.
    pub fn read(snapshot: &Snapshot, finding: &NamedNode) -> Result<Option<Self>, Error> {
        let record = Record::read(snapshot, finding)?;
        let (Some(fragment), Some(constraint)) = (record.target(tl::FORECAST), record.target(tl::CONSTRAINT))
        else {
            return Ok(None);
        };
        let of = Record::read(snapshot, &fragment)?;
        let needed = (
            of.target(tl::TWIN),
            of.instant(tl::MADE_AT),
            of.instant(tl::EXPECTED_AT),
            of.instant(tl::EXPIRES_AT),
        );
        let (Some(twin), Some(made_at), Some(expected_at), Some(expires_at)) = needed else {
            return Ok(None);
        };
        Ok(Some(Self {
            finding: finding.clone(),
            design: record.target(tl::DESIGN),
            constraint,
            twin,
            made_at,
            expected_at,
            earliest: of.instant(tl::EARLIEST_AT),
            latest: of.instant(tl::LATEST_AT),
            expires_at,
            outcome: of
                .text(tl::OUTCOME)
                .and_then(ForecastOutcome::named)
                .unwrap_or(ForecastOutcome::Pending),
            crossed_at: of.instant(tl::CROSSED_AT),
            fragment,
        }))
    }

    /// Reads all forecasts of a version, in the order of their findings.
    pub fn all(snapshot: &Snapshot) -> Result<Vec<Self>, Error> {
        let mut all = Vec::new();
        for finding in snapshot.instances(tl::FINDING_CLASS)? {
            all.extend(Self::read(snapshot, &finding)?);
        }
        Ok(all)
    }

    fn is_pending(&self) -> bool {
        self.outcome == ForecastOutcome::Pending
    }

    /// Returns the changes that settle it.
    fn settled(&self, outcome: ForecastOutcome, crossed: Option<Instant>, at: Instant) -> Vec<Change> {
        let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
            subject: self.fragment.clone(),
            predicate: predicate.into_owned(),
            values: vec![value.into()],
        };
        let instant = |at: Instant| Literal::new_typed_literal(at.to_string(), xsd::DATE_TIME);
        let mut changes = vec![
            set(tl::OUTCOME, Literal::new_simple_literal(outcome.name())),
            set(tl::SETTLED_AT, instant(at)),
        ];
        changes.extend(crossed.map(|crossed| set(tl::CROSSED_AT, instant(crossed))));
        changes
    }
}

/// What forecasts are made and settled from.
struct Forecaster<'a> {
    snapshot: &'a Snapshot,
    view: &'a View,
    question: &'a ForecastQuestion,
    constraint: Constraint,
    limit: Limit,
}

/// Settles the pending forecasts of a constraint that are recorded at `head`, and makes a new one for each unit that is expected to break
/// it and has none pending. What is observed is that of a snapshot and a view.
pub fn forecasts(
    head: &Snapshot,
    snapshot: &Snapshot,
    view: &View,
    question: &ForecastQuestion,
) -> Result<Forecasts, Error> {
    let constraint = constraint_of(snapshot, &question.constraint)?;
    if constraint.spectrum.is_some() {
        return Err(Error::OfLives(constraint.statistic.to_string()));
    }
    let limit = match (&constraint.life, constraint.comparator) {
        (Some(_), _) => return Err(Error::OfLives(constraint.statistic.to_string())),
        (None, Comparator::Le(limit) | Comparator::Lt(limit)) => Limit::Above(limit),
        (None, Comparator::Ge(limit) | Comparator::Gt(limit)) => Limit::Below(limit),
        (None, Comparator::Between(..)) => return Err(Error::TwoLimits(constraint.iri)),
    };
    let forecaster = Forecaster { snapshot, view, question, constraint, limit };
    let known = ForecastRecord::all(head)?;
    let own = known.into_iter().filter(|known| known.constraint == question.constraint);
    let mut made = Forecasts::default();
    let mut pending = BTreeSet::new();
    for record in own.filter(ForecastRecord::is_pending) {
        let (outcome, crossed) = forecaster.outcome(&record)?;
        if outcome == ForecastOutcome::Pending {
            pending.insert(record.twin.clone());
            continue;
        }
        made.settled.push(record.finding.clone());
        made.changes.extend(record.settled(outcome, crossed, question.window.to()));
    }
    for trend in trends(snapshot, view, &forecaster.trend_question())?.units {
        let expected = trend.reaches().filter(|at| *at <= question.by);
        if let (TrendOutcome::Crosses, Some(expected)) = (trend.outcome(), expected)
            && !pending.contains(&trend.twin)
        {
            forecaster.make(head, &trend, expected, &mut made)?;
        }
    }
    Ok(made)
}

/// Reads a constraint of a requirement, or of a design.
fn constraint_of(snapshot: &Snapshot, iri: &NamedNode) -> Result<Constraint, Error> {
    let mut requirement = None;
    for owner in snapshot.subjects(tl::CONSTRAINT, &iri.clone().into())? {
        if thread::is_instance(snapshot, &owner, tl::REQUIREMENT)? {
            requirement = Some(owner);
        }
    }
    let found = Constraint::read(snapshot, iri, requirement.as_ref())?;
    found.ok_or_else(|| Error::NotA("Constraint", iri.clone()))
}

impl Forecaster<'_> {
    fn usage(&self, item: &NamedNode, window: Interval) -> Question {
        let constraint = &self.constraint;
        Question {
            bucket: Some(self.question.bucket),
            zone: self.question.zone.clone(),
            unit: constraint.unit.clone(),
            transform: constraint.transform,
            conditions: constraint.check.conditions.clone(),
            among: TwinFilter::default(),
            quantiles: constraint.statistic.is_percentile(),
            weight: Weight::Unit,
            ..Question::new(item.clone(), constraint.property.clone(), window)
        }
    }

    fn trend_question(&self) -> TrendQuestion {
        let ForecastQuestion { item, window, confidence, bootstrap, sufficiency, .. } = self.question;
        TrendQuestion {
            usage: self.usage(item, *window),
            statistic: self.constraint.statistic,
            limit: self.limit,
            confidence: *confidence,
            bootstrap: *bootstrap,
            sufficiency: *sufficiency,
        }
    }

    /// Returns what became of a forecast, and when the limit was reached.
    fn outcome(&self, record: &ForecastRecord) -> Result<(ForecastOutcome, Option<Instant>), Error> {
        let now = self.question.window.to();
        // The buckets around the last one end after the forecast has expired.
        let room = self.question.bucket.mean_nanos().saturating_mul(AROUND as i64 + 1);
        let closed = record.expires_at.plus_nanos(room);
        let Ok(since) = Interval::new(record.made_at, closed.min(now)) else {
            return Ok((ForecastOutcome::Pending, None));
        };
        let crossed = self.crossed(record, since)?.filter(|at| *at <= record.expires_at);
        if crossed.is_some() {
            return Ok((ForecastOutcome::CameTrue, crossed));
        }
        let until = record.expires_at.min(now);
        let item = record.design.as_ref().unwrap_or(&record.twin);
        let stays = crate::twins::population(self.snapshot, item, Some(since))?.members;
        let is_there =
            stays.iter().any(|stay| stay.unit == record.twin && stay.to.is_none_or(|to| to >= until));
        Ok(match (is_there, closed <= now) {
            (false, _) => (ForecastOutcome::Withdrawn, None),
            (true, true) => (ForecastOutcome::Expired, None),
            (true, false) => (ForecastOutcome::Pending, None),
        })
    }

    /// Returns when the median of five buckets in a row reaches the limit, between the middle of the first at which it breaks it and that of the
    /// one before: single values go beyond a limit before the line does, and come back.
    fn crossed(&self, record: &ForecastRecord, since: Interval) -> Result<Option<Instant>, Error> {
        let usage = self.usage(&record.twin, since).answer(self.snapshot, self.view)?;
        let mut points: Vec<(Instant, f64)> = Vec::new();
        for bucket in &usage.buckets {
            for unit in bucket.usage.units.iter().filter(|unit| unit.twin == record.twin) {
                let value = self.constraint.statistic.of(&unit.summary, telemetry::SampleWeight::Time)?;
                let middle = bucket.within.from().plus_nanos(bucket.within.nanos() / 2);
                points.extend(value.map(|value| (middle, value)));
            }
        }
        let median = |place: usize| {
            let around = &points[place.saturating_sub(AROUND)..=place + AROUND];
            let mut values: Vec<f64> = around.iter().map(|(_, value)| *value).collect();
            values.sort_unstable_by(f64::total_cmp);
            values[values.len() / 2]
        };
        let mut places = 0..points.len().saturating_sub(AROUND);
        let Some(first) = places.find(|place| !self.constraint.comparator.holds(median(*place))) else {
            return Ok(None);
        };
        let at = points[first].0;
        let Some(before) = first.checked_sub(1) else { return Ok(Some(at)) };
        let (Limit::Above(limit) | Limit::Below(limit)) = self.limit;
        let share = (limit - median(before)) / (median(first) - median(before));
        let since = at.nanos() as f64 - points[before].0.nanos() as f64;
        Ok(Some(at.plus_nanos(-((1.0 - share.clamp(0.0, 1.0)) * since) as i64)))
    }

    fn make(
        &self,
        head: &Snapshot,
        trend: &UnitTrend,
        expected: Instant,
        made: &mut Forecasts,
    ) -> Result<(), Error> {
        let iri = self.free_name(head, trend, &made.made)?;
        let fragment = NamedNode::new_unchecked(format!("{}#forecast", iri.as_str()));
        let question = self.question;
        let mut about = About::new(iri.clone());
        about.add(rdf::TYPE, tl::FINDING_CLASS.into_owned());
        about.text(dcterms::TITLE, &self.title(trend, expected)?);
        about.text(tl::KIND, "FORECAST");
        about.text(tl::STATE, "OPEN");
        about.link(tl::DESIGN, Some(&question.item));
        about.link(tl::REQUIREMENT_FIELD, self.constraint.requirement.as_ref());
        about.link(tl::CONSTRAINT, Some(&question.constraint));
        about.link(tl::FORECAST, Some(&fragment));
        let mut of = About::new(fragment);
        of.add(rdf::TYPE, tl::FORECAST_CLASS.into_owned());
        of.link(tl::TWIN, Some(&trend.twin));
        let latest = trend.latest();
        let instants = [
            (tl::FROM, Some(trend.from)),
            (tl::MADE_AT, Some(question.window.to())),
            (tl::EXPECTED_AT, Some(expected)),
            (tl::EARLIEST_AT, trend.earliest()),
            (tl::LATEST_AT, latest),
            (tl::EXPIRES_AT, Some(latest.unwrap_or(question.by))),
        ];
        for (predicate, at) in instants {
            at.into_iter().for_each(|at| of.instant(predicate, &at.to_string()));
        }
        of.number(tl::CONFIDENCE, Some(question.confidence));
        of.number(tl::SLOPE_PER_DAY, trend.crossing.map(|crossing| 24.0 * crossing.line.slope));
        of.add(tl::POINT_COUNT, Literal::from(i64::try_from(trend.points).unwrap_or(i64::MAX)));
        of.add(tl::BUCKET, Literal::new_typed_literal(question.bucket.to_string(), xsd::DURATION));
        of.link(tl::UNIT, self.constraint.unit.as_ref());
        of.text(tl::COMMIT, &self.snapshot.commit().id.to_string());
        of.text(tl::WATERMARK, &self.view.watermark().to_string());
        of.text(tl::OUTCOME, ForecastOutcome::Pending.name());
        about.statements.append(&mut of.statements);
        made.changes.extend(about.statements.into_iter().map(Change::Add));
        made.made.push(iri);
        Ok(())
    }

    /// Returns the first name for a forecast of this unit and constraint that nothing bears.
    fn free_name(&self, head: &Snapshot, trend: &UnitTrend, taken: &[NamedNode]) -> Result<NamedNode, Error> {
        let text = format!("forecast\n{}\n{}\n", self.question.constraint, trend.twin);
        let digits = &digest(&text)[..12];
        let mut number = 1;
        loop {
            let iri = head.expand(&format!("finding/{digits}-{number}"))?;
            if !head.exists(&iri)? && !taken.contains(&iri) {
                return Ok(iri);
            }
            number += 1;
        }
    }

    /// Writes what is expected in one line for people, such as `P-042 is expected to break REQ-12 on 2026-02-10: P95 of temperature ≤ 85 °C`.
    fn title(&self, trend: &UnitTrend, expected: Instant) -> Result<String, Error> {
        let (statistic, limit) = in_words(self.snapshot, &self.constraint)?;
        let unit = trend.serial.clone().unwrap_or_else(|| self.snapshot.shorten(&trend.twin));
        let day = expected.to_string().chars().take(10).collect::<String>();
        Ok(format!("{unit} is expected to break a limit on {day}: {statistic} {limit}"))
    }
}
