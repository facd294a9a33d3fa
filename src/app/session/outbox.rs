//! The outbox of a session: whoever reads the thread sees it, operators have deliveries repeated.

use super::{Made, Session, Target};
use crate::app::access::Operation;
use crate::app::error::Error;
use crate::app::outbox::target_state::DeadLetter;
use crate::app::outbox::targets::TargetStatus;
use crate::graph::{Author, RequestKey};

impl Session {
    /// Returns the systems that events are delivered to.
    pub fn outbox(&self) -> Result<Vec<TargetStatus>, Error> {
        self.authorize(Operation::Read)?;
        self.app.outbox().statuses()
    }

    /// Has events delivered again that were given up, all of a target where none is named; once for a key.
    pub fn retry_deliveries(
        &self,
        target: &str,
        id: Option<&str>,
        key: Option<&RequestKey>,
    ) -> Result<Vec<DeadLetter>, Error> {
        let on = Target::of(format!("{target} {}", id.unwrap_or("all")));
        self.perform(Operation::RetryDeliveries, &on, &Author::default(), |_| {
            let (outbox, mut letters) = (self.app.outbox(), None);
            self.app.repository().once_done(key, || {
                letters = Some(outbox.retry(target, id, key)?);
                Ok::<_, Error>(())
            })?;
            match (letters, key) {
                (Some(letters), _) => Ok(letters),
                (None, Some(key)) => outbox.retried(target, key),
                (None, None) => Ok(Vec::new()),
            }
        })
    }
}

impl Made for Vec<DeadLetter> {}
