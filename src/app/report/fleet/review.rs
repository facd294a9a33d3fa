//! Reviews, and what has changed since they were opened.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::report::words;
use crate::app::scope::Scope;
use crate::feedback::{self, Arrived, Review, ReviewState};
use crate::graph::Snapshot;
use crate::model::sync::cancellation::Cancellation;
use crate::thread;
use serde::{Deserialize, Serialize};

/// The reviews that were opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewsReport {
    /// The reviews, by their identifiers.
    pub reviews: Vec<ListedReview>,
}

/// A review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedReview {
    /// Its identifier.
    pub review: String,
    /// When it was opened.
    pub opened_at: String,
    /// `OPEN`, or how it was signed, by whom and when.
    pub state: String,
}

/// A review, and what has changed since it was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewReport {
    /// The review.
    #[serde(flatten)]
    pub listed: ListedReview,
    /// The version that it was opened on.
    pub version: String,
    /// The watermark that it was opened on.
    pub watermark: String,
    /// The digest of what it showed.
    pub digest: String,
    /// Whether the same is found again; absent where it was found by another algorithm.
    pub reproduced: Option<bool>,
    /// The margins then and now, a line for each.
    pub margins: Vec<String>,
    /// What has changed since.
    pub since: ChangedSince,
}

/// What has changed since a review was opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedSince {
    /// How many instants have a sample that had none.
    pub samples: i64,
    /// How many samples were replaced by a later arrival.
    pub overwritten: i64,
    /// In how many series.
    pub series: usize,
    /// The hours that samples cover now and did not before.
    pub hours: f64,
    /// What became of the record, in the words of engineering.
    pub changes: Vec<String>,
}

/// Which review is asked for, and at which version.
#[derive(Clone, Debug)]
pub struct ReviewAsked {
    /// Its identifier.
    pub identifier: String,
    /// The version that it is compared with.
    pub version: String,
}

impl ReviewsReport {
    /// Lists the reviews, as a version has them.
    pub fn read(app: &App, version: &str, wanted: &Cancellation) -> Result<Self, Error> {
        let at = app.scope(version, None)?.while_wanted(wanted).snapshot;
        let opened = app.repository().kept_under("opened/")?;
        let listed = opened.into_iter().map(|(identifier, _)| {
            let review = review_at(&at, app.review(&identifier)?)?;
            Ok(ListedReview::new(identifier, &review))
        });
        Ok(Self { reviews: listed.collect::<Result<_, Error>>()? })
    }
}

impl ListedReview {
    fn new(identifier: String, review: &Review) -> Self {
        let state = match &review.state {
            ReviewState::Open => "OPEN".to_owned(),
            ReviewState::Signed { decision, by, at } => format!("{decision} by {by} at {at}"),
        };
        Self { review: identifier, opened_at: review.opened_at.to_string(), state }
    }
}

/// Returns a review as a version has it, or as it was opened where the version lacks it.
fn review_at(snapshot: &Snapshot, review: Review) -> Result<Review, Error> {
    Ok(Review::read(snapshot, &review.iri)?.unwrap_or(review))
}

impl ReviewReport {
    /// Compares a review with a version and with the telemetry as it is known now.
    pub fn read(app: &App, asked: &ReviewAsked, wanted: &Cancellation) -> Result<Self, Error> {
        let now = app.scope(&asked.version, None)?.while_wanted(wanted);
        let review = review_at(&now.snapshot, app.review(&asked.identifier)?)?;
        let then = app.scope(&format!("review:{}", asked.identifier), None)?.while_wanted(wanted);
        let found = |scope: &Scope| review.subject.margins(&scope.snapshot, &scope.view);
        let margins = feedback::margin_changes(found(&then)?, found(&now)?);
        let observed = review.subject.observations(&now.snapshot, &now.view)?;
        let arrived = feedback::arrived(&then.view, &now.view, &observed, review.subject.window)?;
        let Arrived { samples, hours, overwritten, series, .. } = arrived;
        let changes = changes(app, &review, &then, &now)?;
        Ok(Self {
            version: review.commit.to_string(),
            watermark: review.watermark.to_string(),
            digest: review.digest.to_string(),
            reproduced: app.is_reproduced(&review)?,
            margins: margins.iter().map(|change| words::margins(change, &now.snapshot)).collect(),
            since: ChangedSince { samples, overwritten, series, hours, changes },
            listed: ListedReview::new(asked.identifier.clone(), &review),
        })
    }
}

fn changes(app: &App, review: &Review, then: &Scope, now: &Scope) -> Result<Vec<String>, Error> {
    let dependencies = app.review_dependencies(review, then, now)?;
    let (from, to) = (&then.snapshot, &now.snapshot);
    let mut changes = Vec::new();
    app.review_differences(&dependencies, from, to).each::<Error>(None, |diff| {
        let found = thread::notes(from, to, [&diff], usize::MAX)?;
        changes.extend(found.into_iter().map(|note| note.text));
        Ok(true)
    })?;
    Ok(changes)
}
