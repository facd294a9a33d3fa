//! The use cases of the service that write records of their own.

/// A use case that writes what no client may write in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseCase {
    /// Records field evidence, and files it under findings.
    RecordEvidence,
    /// Does the same on a schedule.
    RunMonitors,
    /// Records when units are expected to reach a limit, and settles what was expected before.
    RecordForecasts,
    /// Records what is unusual in what was measured on lots.
    RecordDeviations,
    /// Opens a design review, with its evidence.
    OpenReview,
    /// Signs a design review.
    SignReview,
    /// Decides on a finding, and opens a change request.
    DecideFinding,
    /// Decides on a change request.
    DecideChange,
    /// Proposes actions on units.
    ProposeActions,
    /// Approves or rejects actions.
    DecideActions,
    /// Records that actions were ordered, acknowledged or declined.
    ReportActions,
    /// Records that an action was done, with what it changed.
    CompleteAction,
    /// Verifies actions from the margins of their units afterwards.
    VerifyActions,
    /// Does what the policies of the thread prescribe.
    RunPolicies,
    /// Grants a policy how far it may go by itself.
    GrantPolicy,
    /// Files what is wrong with series.
    RunDataMonitors,
    /// Decides on a finding on data.
    DecideDataFinding,
    /// Confirms a link whose target has changed.
    ConfirmLink,
    /// Imports a record that another system owns.
    Import,
}

impl UseCase {
    /// All of them, by the names of their mutations; an import has none, and is called `import`.
    pub const ALL: [(Self, &'static str); 19] = [
        (Self::RecordEvidence, "recordEvidence"),
        (Self::RunMonitors, "runMonitors"),
        (Self::RecordForecasts, "recordForecasts"),
        (Self::RecordDeviations, "recordDeviations"),
        (Self::OpenReview, "openReview"),
        (Self::SignReview, "signReview"),
        (Self::DecideFinding, "decideFinding"),
        (Self::DecideChange, "decideChange"),
        (Self::ProposeActions, "proposeActions"),
        (Self::DecideActions, "decideActions"),
        (Self::ReportActions, "reportActions"),
        (Self::CompleteAction, "completeAction"),
        (Self::VerifyActions, "verifyAction"),
        (Self::RunPolicies, "runPolicies"),
        (Self::GrantPolicy, "grantPolicy"),
        (Self::RunDataMonitors, "runDataMonitors"),
        (Self::DecideDataFinding, "decideDataFinding"),
        (Self::ConfirmLink, "confirmLink"),
        (Self::Import, "import"),
    ];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("", |(_, name)| name)
    }

    /// Returns the use case of this name.
    pub fn named(name: &str) -> Option<Self> {
        // As commits and ontologies of before version 1 of the schema name it.
        let name = if name == "clearSuspect" { "confirmLink" } else { name };
        Self::ALL.into_iter().find(|(_, own)| *own == name).map(|(use_case, _)| use_case)
    }
}
