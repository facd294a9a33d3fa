//! What a form asks the service to do.

use crate::app::access::Operation;

/// What a form asks the service to do; each is one mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Accepts or dismisses a finding.
    DecideFinding,
    /// Changes the state of a change request.
    DecideChange,
    /// States that a design revision answers a change.
    AnswerChange,
    /// Requests a change of a record.
    RequestChange,
    /// Makes or changes a record.
    Put,
    /// Gives a unit a signal that a series is bound to.
    Bind,
    /// Confirms a suspect link.
    ConfirmLink,
    /// Records the margins of a design as evidence.
    RecordEvidence,
    /// Opens a design review.
    OpenReview,
    /// Signs a design review.
    SignReview,
    /// Makes a branch.
    CreateBranch,
    /// Deletes a branch.
    DeleteBranch,
    /// Names a version.
    Tag,
    /// Merges a version into a branch.
    Merge,
    /// Undoes a commit.
    Revert,
}

impl Action {
    /// Every action.
    pub(in crate::pages) const ALL: [Self; 15] = [
        Self::DecideFinding,
        Self::DecideChange,
        Self::AnswerChange,
        Self::RequestChange,
        Self::Put,
        Self::Bind,
        Self::ConfirmLink,
        Self::RecordEvidence,
        Self::OpenReview,
        Self::SignReview,
        Self::CreateBranch,
        Self::DeleteBranch,
        Self::Tag,
        Self::Merge,
        Self::Revert,
    ];

    /// Returns the name that forms send.
    pub(in crate::pages) const fn as_str(self) -> &'static str {
        match self {
            Self::DecideFinding => "decide-finding",
            Self::DecideChange => "decide-change",
            Self::AnswerChange => "answer-change",
            Self::RequestChange => "request-change",
            Self::Put => "put",
            Self::Bind => "bind",
            Self::ConfirmLink => "confirm-link",
            Self::RecordEvidence => "record-evidence",
            Self::OpenReview => "open-review",
            Self::SignReview => "sign-review",
            Self::CreateBranch => "create-branch",
            Self::DeleteBranch => "delete-branch",
            Self::Tag => "tag",
            Self::Merge => "merge",
            Self::Revert => "revert",
        }
    }

    /// Returns what a role must include for it.
    pub(in crate::pages) const fn operation(self) -> Operation {
        match self {
            Self::DecideFinding => Operation::DecideFinding,
            Self::DecideChange => Operation::DecideChange,
            Self::AnswerChange | Self::RequestChange | Self::Put | Self::Bind => Operation::Commit,
            Self::ConfirmLink => Operation::ConfirmLink,
            Self::RecordEvidence => Operation::RecordEvidence,
            Self::OpenReview => Operation::OpenReview,
            Self::SignReview => Operation::SignReview,
            Self::CreateBranch | Self::DeleteBranch => Operation::Branch,
            Self::Tag => Operation::Tag,
            Self::Merge => Operation::Merge,
            Self::Revert => Operation::Revert,
        }
    }

    /// Returns whether somebody is recorded as who did it: a name of a version has no author.
    pub(in crate::pages) const fn is_signed(self) -> bool {
        !matches!(self, Self::CreateBranch | Self::DeleteBranch | Self::Tag)
    }
}
