//! What a session does about actions.

use super::{Made, Session, Target};
use crate::app::access::Operation;
use crate::app::error::Error;
use crate::app::jobs::health::DataRun;
use crate::app::jobs::policies::PolicyRun;
use crate::app::read::branch_rule::Act;
use crate::app::write::act::ActionRequest;
use crate::feedback::{ActionMove, ActionProposal, Autonomy, Completion};
use crate::graph::{Author, Committed, RequestKey};
use oxigraph::model::NamedNode;

impl Session {
    /// Proposes one action on each target.
    pub fn propose_actions(
        &self,
        request: &ActionRequest,
        proposal: &ActionProposal,
    ) -> Result<(Committed, Vec<NamedNode>), Error> {
        let on = format!("{} on {}", proposal.kind, request.branch);
        let target = Target { on, ..Target::branch(&request.branch) };
        self.perform(Operation::ProposeActions, &target, &request.author, |author| {
            self.app.propose_actions(&ActionRequest { author, ..request.clone() }, proposal)
        })
    }

    /// Moves actions: by a decision, which may take another person than who proposed them, or by a report.
    pub fn move_actions(
        &self,
        request: &ActionRequest,
        actions: &[NamedNode],
        of: ActionMove,
    ) -> Result<Committed, Error> {
        let names: Vec<&str> = actions.iter().map(|action| action.as_str()).collect();
        let on = format!("{} {} on {}", of.name(), names.join(", "), request.branch);
        let is_decision = matches!(of, ActionMove::Approve | ActionMove::Reject);
        let (operation, target) = match is_decision {
            true => (Operation::DecideActions, Target::act(&request.branch, on, Act::Decisions(actions))),
            false => (Operation::ReportActions, Target { on, ..Target::branch(&request.branch) }),
        };
        self.perform(operation, &target, &request.author, |author| {
            self.app.move_actions(&ActionRequest { author, ..request.clone() }, actions, of)
        })
    }

    /// Takes an action to DONE.
    pub fn complete_action(
        &self,
        request: &ActionRequest,
        action: &NamedNode,
        completion: &Completion,
    ) -> Result<Committed, Error> {
        let on = format!("COMPLETE {} on {}", action.as_str(), request.branch);
        let target = Target { on, ..Target::branch(&request.branch) };
        self.perform(Operation::ReportActions, &target, &request.author, |author| {
            self.app.complete_action(&ActionRequest { author, ..request.clone() }, action, completion)
        })
    }

    /// Takes an action to VERIFIED where the field shows that it helped.
    pub fn verify_action(&self, request: &ActionRequest, action: &NamedNode) -> Result<Committed, Error> {
        let on = format!("{} on {}", action.as_str(), request.branch);
        let target = Target { on, ..Target::branch(&request.branch) };
        self.perform(Operation::VerifyActions, &target, &request.author, |author| {
            self.app.verify_action(&ActionRequest { author, ..request.clone() }, action)
        })
    }

    /// Grants a policy how far it may go by itself, which may take another person than who wrote it.
    pub fn grant_policy(
        &self,
        request: &ActionRequest,
        policy: &NamedNode,
        autonomy: Autonomy,
    ) -> Result<Committed, Error> {
        let on = format!("{} to {} on {}", autonomy.name(), policy.as_str(), request.branch);
        let target = Target::act(&request.branch, on, Act::Decision(policy));
        self.perform(Operation::GrantPolicy, &target, &request.author, |author| {
            self.app.grant_policy(&ActionRequest { author, ..request.clone() }, policy, autonomy)
        })
    }

    /// Looks at the health of the data now.
    pub fn run_data_monitors(&self, author: &Author, key: Option<&RequestKey>) -> Result<DataRun, Error> {
        let target = Target::branch(&self.app.monitors().branch);
        self.perform(Operation::RunMonitors, &target, author, |author| {
            self.app.run_data_monitors(&author, key)
        })
    }

    /// Accepts or dismisses a finding on data.
    pub fn decide_data_finding(
        &self,
        (branch, author, reason): (&str, &Author, &str),
        finding: &NamedNode,
        is_accepted: bool,
        key: Option<&RequestKey>,
    ) -> Result<Committed, Error> {
        let target = Target::act(branch, format!("{} on {branch}", finding.as_str()), Act::Decision(finding));
        self.perform(Operation::DecideFinding, &target, author, |author| {
            self.app.decide_data_finding((branch, &author, reason), finding, is_accepted, key)
        })
    }

    /// Runs the policies now.
    pub fn run_policies(&self, author: &Author, key: Option<&RequestKey>) -> Result<PolicyRun, Error> {
        let target = Target::branch(&self.app.monitors().branch);
        self.perform(Operation::RunPolicies, &target, author, |author| self.app.run_policies(&author, key))
    }
}

impl Made for DataRun {
    fn commit(&self) -> Option<String> {
        self.committed.as_ref().and_then(Made::commit)
    }
}

impl Made for PolicyRun {
    fn commit(&self) -> Option<String> {
        self.commits.last().and_then(Made::commit)
    }
}
