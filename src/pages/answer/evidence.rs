//! Evidence as it was recorded, and whether an answer to a finding worked.

use super::margin::{Unit, Verdict};
use super::record::Reference;
use serde::Deserialize;

/// A margin as it was recorded.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Evidence {
    pub(in crate::pages) iri: String,
    pub(in crate::pages) identifier: Option<String>,
    pub(in crate::pages) title: Option<String>,
    pub(in crate::pages) verdict: Option<Verdict>,
    pub(in crate::pages) observed: Option<f64>,
    pub(in crate::pages) limit: Option<f64>,
    pub(in crate::pages) predicted: Option<f64>,
    pub(in crate::pages) unit: Option<Unit>,
    pub(in crate::pages) generated_at: Option<String>,
    pub(in crate::pages) commit: Option<String>,
    pub(in crate::pages) watermark: Option<String>,
    pub(in crate::pages) design: Option<Reference>,
}

/// What a margin came to.
#[derive(Debug, Deserialize)]
pub(in crate::pages) struct Came {
    pub(in crate::pages) verdict: Verdict,
    pub(in crate::pages) observed: Option<f64>,
    pub(in crate::pages) unit: Option<Unit>,
}

/// Whether an answer to a finding worked.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::pages) struct Effect {
    pub(in crate::pages) proposal: String,
    pub(in crate::pages) reasons: Vec<String>,
    pub(in crate::pages) answer: Option<Reference>,
    pub(in crate::pages) before: Option<Came>,
    pub(in crate::pages) after: Option<Came>,
}
