//! Roles and operations: the one list of which role may do what. The page of the docs and the tests of every interface are made of it.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a principal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads the whole thread.
    Reader,
    /// Reads, and changes what does not need an approval.
    Contributor,
    /// Does what a contributor may, decides and signs.
    Approver,
    /// Does everything.
    Operator,
    /// Sends samples, and nothing else.
    TelemetryWriter,
    /// Reads metrics, and nothing else.
    Monitor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [
        Self::Reader,
        Self::Contributor,
        Self::Approver,
        Self::Operator,
        Self::TelemetryWriter,
        Self::Monitor,
    ];

    /// Returns the name of the role as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Contributor => "contributor",
            Self::Approver => "approver",
            Self::Operator => "operator",
            Self::TelemetryWriter => "telemetry-writer",
            Self::Monitor => "monitor",
        }
    }

    /// Returns whether the role may do an operation.
    pub fn may(self, operation: Operation) -> bool {
        operation.roles().contains(&self)
    }

    /// Returns whether the role may change anything of the graph.
    pub fn may_change(self) -> bool {
        Operation::ALL.into_iter().any(|operation| operation.is_change() && self.may(operation))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no role: use reader, contributor, approver, operator, telemetry-writer or monitor")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// What a principal does to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Reads any version, difference, history or telemetry, follows what happens.
    Read,
    /// Stores samples.
    Ingest,
    /// Commits changes to a branch.
    Commit,
    /// Imports the content of a source.
    Import,
    /// Merges a version into a branch.
    Merge,
    /// Undoes a commit.
    Revert,
    /// Makes or deletes a branch.
    Branch,
    /// Names a version for good.
    Tag,
    /// Confirms that a suspect link still applies.
    ConfirmLink,
    /// Records what the field shows about requirements.
    RecordEvidence,
    /// Records when units are expected to reach a limit.
    RecordForecasts,
    /// Records what is unusual in what was measured on lots.
    RecordDeviations,
    /// Runs the monitors.
    RunMonitors,
    /// Opens a design review.
    OpenReview,
    /// Signs a design review.
    SignReview,
    /// Decides on a finding.
    DecideFinding,
    /// Decides on a change request.
    DecideChange,
    /// Pushes commits that were made elsewhere, to wait until they are adopted.
    Push,
    /// Proposes actions on units.
    ProposeActions,
    /// Approves or rejects actions.
    DecideActions,
    /// Reports what became of actions: ordered, acknowledged, declined, done.
    ReportActions,
    /// Verifies actions from the margins of their units.
    VerifyActions,
    /// Runs the policies.
    RunPolicies,
    /// Grants a policy how far it may go by itself.
    GrantPolicy,
    /// Has events delivered again that were given up.
    RetryDeliveries,
    /// Takes in commits that were made elsewhere, by whoever they name.
    Adopt,
    /// Looks after the files: backup, maintenance, migration, index.
    Maintain,
    /// Reads the audit log.
    ReadAudit,
    /// Reads what the service counts.
    ReadMetrics,
}

/// Those who read.
const READERS: &[Role] = &[Role::Reader, Role::Contributor, Role::Approver, Role::Operator];
/// Those who change what needs no approval.
const CONTRIBUTORS: &[Role] = &[Role::Contributor, Role::Approver, Role::Operator];
/// Those who decide and sign.
const APPROVERS: &[Role] = &[Role::Approver, Role::Operator];
const WRITERS: &[Role] = &[Role::Operator, Role::TelemetryWriter];
const OPERATORS: &[Role] = &[Role::Operator];
const WATCHERS: &[Role] = &[Role::Operator, Role::Monitor];

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 29] = [
        Self::Read,
        Self::Ingest,
        Self::Commit,
        Self::Import,
        Self::Merge,
        Self::Revert,
        Self::Branch,
        Self::Tag,
        Self::ConfirmLink,
        Self::RecordEvidence,
        Self::RecordForecasts,
        Self::RecordDeviations,
        Self::RunMonitors,
        Self::OpenReview,
        Self::SignReview,
        Self::DecideFinding,
        Self::DecideChange,
        Self::Push,
        Self::ProposeActions,
        Self::DecideActions,
        Self::ReportActions,
        Self::VerifyActions,
        Self::RunPolicies,
        Self::GrantPolicy,
        Self::RetryDeliveries,
        Self::Adopt,
        Self::Maintain,
        Self::ReadAudit,
        Self::ReadMetrics,
    ];

    /// Returns the roles that may do it: this is the list.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Read => READERS,
            Self::Ingest => WRITERS,
            Self::Commit
            | Self::Import
            | Self::Merge
            | Self::Revert
            | Self::Branch
            | Self::Tag
            | Self::ConfirmLink
            | Self::RecordEvidence
            | Self::RecordForecasts
            | Self::RecordDeviations
            | Self::RunMonitors
            | Self::OpenReview
            | Self::Push
            | Self::ProposeActions
            | Self::ReportActions
            | Self::VerifyActions
            | Self::RunPolicies => CONTRIBUTORS,
            Self::SignReview
            | Self::DecideFinding
            | Self::DecideChange
            | Self::DecideActions
            | Self::GrantPolicy => APPROVERS,
            Self::RetryDeliveries | Self::Adopt | Self::Maintain | Self::ReadAudit => OPERATORS,
            Self::ReadMetrics => WATCHERS,
        }
    }

    /// Returns whether it changes the graph.
    pub const fn is_change(self) -> bool {
        !matches!(
            self,
            Self::Read
                | Self::Ingest
                | Self::RetryDeliveries
                | Self::Maintain
                | Self::ReadAudit
                | Self::ReadMetrics
        )
    }

    /// Returns its name in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Ingest => "ingest",
            Self::Commit => "commit",
            Self::Import => "import",
            Self::Merge => "merge",
            Self::Revert => "revert",
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::ConfirmLink => "confirmLink",
            Self::RecordEvidence => "recordEvidence",
            Self::RecordForecasts => "recordForecasts",
            Self::RecordDeviations => "recordDeviations",
            Self::RunMonitors => "runMonitors",
            Self::OpenReview => "openReview",
            Self::SignReview => "signReview",
            Self::DecideFinding => "decideFinding",
            Self::DecideChange => "decideChange",
            Self::Push => "push",
            Self::ProposeActions => "proposeActions",
            Self::DecideActions => "decideActions",
            Self::ReportActions => "reportActions",
            Self::VerifyActions => "verifyActions",
            Self::RunPolicies => "runPolicies",
            Self::GrantPolicy => "grantPolicy",
            Self::RetryDeliveries => "retryDeliveries",
            Self::Adopt => "adopt",
            Self::Maintain => "maintain",
            Self::ReadAudit => "readAudit",
            Self::ReadMetrics => "readMetrics",
        }
    }

    /// Returns what it is, in words that follow "may not".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Read => "read the thread",
            Self::Ingest => "send samples",
            Self::Commit => "commit changes",
            Self::Import => "import a source",
            Self::Merge => "merge",
            Self::Revert => "undo a commit",
            Self::Branch => "make or delete branches",
            Self::Tag => "tag a version",
            Self::ConfirmLink => "confirm a suspect link",
            Self::RecordEvidence => "record evidence",
            Self::RecordForecasts => "record forecasts",
            Self::RecordDeviations => "record deviations",
            Self::RunMonitors => "run monitors",
            Self::OpenReview => "open a review",
            Self::SignReview => "sign a review",
            Self::DecideFinding => "decide on a finding",
            Self::DecideChange => "decide on a change request",
            Self::Push => "push commits to be adopted",
            Self::ProposeActions => "propose actions",
            Self::DecideActions => "decide on actions",
            Self::ReportActions => "report what became of actions",
            Self::VerifyActions => "verify actions",
            Self::RunPolicies => "run policies",
            Self::GrantPolicy => "grant a policy its autonomy",
            Self::RetryDeliveries => "have deliveries repeated",
            Self::Adopt => "adopt commits made elsewhere",
            Self::Maintain => "look after the files of the thread",
            Self::ReadAudit => "read the audit log",
            Self::ReadMetrics => "read the metrics",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_and_compared_with_the_list() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert!("Reader".parse::<Role>().is_err() && "".parse::<Role>().is_err());
        let check = |role: Role, expect: &[Operation]| {
            let may: Vec<_> = Operation::ALL.into_iter().filter(|operation| role.may(*operation)).collect();
            assert_eq!(may, expect, "{role}");
        };
        check(Role::Reader, &[Operation::Read]);
        check(Role::TelemetryWriter, &[Operation::Ingest]);
        check(Role::Operator, &Operation::ALL);
        assert!(!Role::Contributor.may(Operation::SignReview) && Role::Approver.may(Operation::SignReview));
        let change: Vec<_> = Role::ALL.into_iter().filter(|role| role.may_change()).collect();
        assert_eq!(change, [Role::Contributor, Role::Approver, Role::Operator]);
    }
}
