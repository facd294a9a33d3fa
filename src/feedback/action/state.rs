//! The states of actions, and the moves between them.

/// How far an action has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionState {
    /// It waits for a decision.
    Proposed,
    /// It is to be done.
    Approved,
    /// Whoever does it has been asked to.
    Ordered,
    /// Whoever does it has taken it on.
    Acknowledged,
    /// It was done.
    Done,
    /// The field shows that it helped.
    Verified,
    /// It is not done.
    Rejected,
    /// Nobody took it on in time.
    Expired,
}

/// What takes an action from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ActionMove {
    /// It is to be done.
    Approve,
    /// It is not to be done.
    Reject,
    /// Whoever does it is asked to.
    Order,
    /// Whoever does it takes it on.
    Acknowledge,
    /// Whoever was to do it cannot.
    Decline,
    /// It was done.
    Complete,
    /// The field shows that it helped.
    Verify,
    /// It was due, and nobody has taken it on.
    Expire,
}

impl ActionState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Proposed,
        Self::Approved,
        Self::Ordered,
        Self::Acknowledged,
        Self::Done,
        Self::Verified,
        Self::Rejected,
        Self::Expired,
    ];

    /// Returns the state of this name, such as `PROPOSED`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Returns the state's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Ordered => "ORDERED",
            Self::Acknowledged => "ACKNOWLEDGED",
            Self::Done => "DONE",
            Self::Verified => "VERIFIED",
            Self::Rejected => "REJECTED",
            Self::Expired => "EXPIRED",
        }
    }

    /// Returns whether nobody is to act on it any more.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Verified | Self::Rejected | Self::Expired)
    }
}

impl ActionMove {
    /// What a person decides, with the names and what they mean.
    pub const DECISIONS: [(Self, &'static str, &'static str); 2] = [
        (Self::Approve, "APPROVE", "It is to be done: PROPOSED becomes APPROVED."),
        (Self::Reject, "REJECT", "It is not to be done: PROPOSED or APPROVED becomes REJECTED."),
    ];

    /// What is reported of an action, with the names and what they mean.
    pub const REPORTS: [(Self, &'static str, &'static str); 3] = [
        (Self::Order, "ORDER", "Whoever does it is asked to: APPROVED becomes ORDERED."),
        (Self::Acknowledge, "ACKNOWLEDGE", "Whoever does it takes it on: ORDERED becomes ACKNOWLEDGED."),
        (Self::Decline, "DECLINE", "Whoever was to do it cannot: ORDERED or ACKNOWLEDGED becomes REJECTED."),
    ];

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Approve => "APPROVE",
            Self::Reject => "REJECT",
            Self::Order => "ORDER",
            Self::Acknowledge => "ACKNOWLEDGE",
            Self::Decline => "DECLINE",
            Self::Complete => "COMPLETE",
            Self::Verify => "VERIFY",
            Self::Expire => "EXPIRE",
        }
    }

    /// Returns the decision or the report of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::DECISIONS.into_iter().chain(Self::REPORTS);
        all.find(|(_, own, _)| *own == name).map(|(own, ..)| own)
    }

    /// Returns the state that it leads to; `None` where it cannot be made in this one.
    pub fn from(self, state: ActionState) -> Option<ActionState> {
        use ActionState as State;
        match (self, state) {
            (Self::Approve, State::Proposed) => Some(State::Approved),
            (Self::Reject, State::Proposed | State::Approved) => Some(State::Rejected),
            (Self::Order, State::Approved) => Some(State::Ordered),
            (Self::Acknowledge, State::Ordered) => Some(State::Acknowledged),
            (Self::Decline, State::Ordered | State::Acknowledged) => Some(State::Rejected),
            (Self::Complete, State::Ordered | State::Acknowledged) => Some(State::Done),
            (Self::Verify, State::Done) => Some(State::Verified),
            (Self::Expire, State::Proposed | State::Approved | State::Ordered) => Some(State::Expired),
            _ => None,
        }
    }

    /// Returns the states that it can be made in, as text.
    pub(super) fn sources(self) -> String {
        let states = ActionState::ALL.into_iter().filter(|state| self.from(*state).is_some());
        states.map(ActionState::name).collect::<Vec<_>>().join(" or ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_lead_from_and_to_the_states_of_the_table() {
        let check = |of: ActionMove, expect: &str| {
            let from = ActionState::ALL.into_iter().filter_map(|state| Some((state, of.from(state)?)));
            let found: Vec<_> = from.map(|(from, to)| format!("{}>{}", from.name(), to.name())).collect();
            assert_eq!(found.join(" "), expect, "{of:?}");
        };
        check(ActionMove::Approve, "PROPOSED>APPROVED");
        check(ActionMove::Reject, "PROPOSED>REJECTED APPROVED>REJECTED");
        check(ActionMove::Order, "APPROVED>ORDERED");
        check(ActionMove::Acknowledge, "ORDERED>ACKNOWLEDGED");
        check(ActionMove::Decline, "ORDERED>REJECTED ACKNOWLEDGED>REJECTED");
        check(ActionMove::Complete, "ORDERED>DONE ACKNOWLEDGED>DONE");
        check(ActionMove::Verify, "DONE>VERIFIED");
        check(ActionMove::Expire, "PROPOSED>EXPIRED APPROVED>EXPIRED ORDERED>EXPIRED");
        assert_eq!(ActionMove::Complete.sources(), "ORDERED or ACKNOWLEDGED");
    }
}
