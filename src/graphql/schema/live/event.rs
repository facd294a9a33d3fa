//! What a subscription finds when it looks.

use crate::app::Scope;
use crate::feedback::Crossing;
use crate::graph::Commit;
use crate::graphql::schema::usage::readings::BatchValue;
use std::sync::Arc;
use std::time::Duration;

/// A margin that has crossed, in the scope that it was judged in.
pub(crate) struct CrossingValue {
    pub(super) scope: Arc<Scope>,
    pub(super) crossing: Crossing,
    pub(super) below: f64,
}

/// One thing that has happened.
pub(crate) enum Event {
    Commit(Commit),
    Readings(Arc<BatchValue>),
    Crossing(Arc<CrossingValue>),
}

/// What a subscription finds when it looks.
pub(crate) enum Found {
    Event(Event),
    Nothing,
    /// Something that is to be looked at when so much time has passed.
    Later(Duration),
    /// Nothing will ever come again.
    End,
}
