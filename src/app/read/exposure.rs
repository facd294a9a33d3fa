//! What changes would touch, before anybody commits them.

use crate::app::application::App;
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::feedback::{Exposure, MarginChange};
use crate::graph::{self, ChangePreview};
use crate::model::statement::change::Change;
use crate::model::time::interval::Interval;

/// Changes that are supposed of a version, and what they would touch.
#[derive(Debug)]
pub struct Exposed {
    /// The version as it would be, at the watermark of the one before.
    pub after: Scope,
    /// What the changes come to.
    pub supposed: ChangePreview,
    /// What they touch.
    pub exposure: Exposure,
}

impl App {
    /// Describes what changes would affect if they were committed on top of a version; nothing is written. Units and margins are
    /// asked within the window.
    pub fn exposure(&self, scope: &Scope, changes: &[Change], window: Interval) -> Result<Exposed, Error> {
        let supposed = self.preview(&scope.snapshot, changes)?;
        let exposure = Exposure::of(&scope.snapshot, &supposed, window)?;
        let after = Scope { snapshot: supposed.snapshot.clone(), review: None, ..scope.clone() };
        Ok(Exposed { after, supposed, exposure })
    }
}

impl Exposed {
    /// Returns the margins of the designs that the changes reach, before and after. What cannot be judged, as the changes break
    /// a shape or rule, is refused for what a commit of them would be refused for.
    pub fn margins(&self, before: &Scope) -> Result<Vec<MarginChange>, Error> {
        let violations = &self.supposed.violations;
        match self.exposure.margins(&before.view, before.sufficiency) {
            Err(error) if !violations.is_empty() && !error.is_failure() && !error.is_limit() => {
                Err(graph::Error::Violations(violations.clone()).into())
            }
            margins => Ok(margins?),
        }
    }
}
