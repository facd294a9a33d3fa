//! What a question is asked of.

use crate::feedback::Sufficiency;
use crate::graph::Snapshot;
use crate::model::sync::cancellation::Cancellation;
use crate::model::time::instant::Instant;
use crate::telemetry::View;

/// One version of the graph, one watermark of the telemetry, and what counts as now. It is passed by hand to whatever is
/// read, so that all of an answer is about the same state.
#[derive(Clone, Debug)]
pub struct Scope {
    /// The version.
    pub snapshot: Snapshot,
    /// The telemetry as known at a watermark.
    pub view: View,
    /// The present instant of the question.
    pub now: Instant,
    /// How much must have been observed before anything is concluded, where the request does not state it.
    pub sufficiency: Sufficiency,
    /// The review whose version, watermark and present instant these are.
    pub review: Option<String>,
}

impl Scope {
    /// Ends reads of this scope, which was just opened, once they are cancelled.
    #[must_use]
    pub fn while_wanted(self, wanted: &Cancellation) -> Self {
        let (snapshot, view) = (self.snapshot.while_wanted(wanted), self.view.while_wanted(wanted));
        Self { snapshot, view, ..self }
    }
}
