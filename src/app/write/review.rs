//! Design reviews: opened on one commit and one watermark, which answer alike for ever, and closed by a signature.
//!
//! What a review names is kept by two refs: `review/ID`, the commit it was opened on, and `opened/ID`, the commit that records
//! it. They are made after the record, so a process that ends in between leaves a record without them; the next start makes
//! them.

use super::retry::retried;
use crate::app::application::{App, REVIEW};
use crate::app::error::Error;
use crate::app::scope::Scope;
use crate::feedback::{
    ALGORITHM, Evidence, Review, ReviewDecision, ReviewDependencies, ReviewState, ReviewSubject,
};
use crate::graph::{self, Author, CommitRequest, Committed, Differences, RequestKey, Snapshot};
use crate::model::statement::Statement;
use crate::model::use_case::UseCase;
use crate::ontology::terms::{dcterms, rdf, tl};
use crate::{telemetry, thread};
use oxigraph::model::{Literal, NamedNode};
use std::sync::PoisonError;

/// What review is to be opened.
#[derive(Clone, Debug)]
pub struct OpenRequest {
    /// The branch that takes the record.
    pub branch: String,
    /// What people will call it; `None`: the next of DR-1, DR-2, ….
    pub identifier: Option<String>,
    /// What it is about, in one line.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// What is on its table.
    pub subject: ReviewSubject,
    /// Who takes part.
    pub participants: Vec<String>,
    /// The message of the commit; `None`: which review was opened.
    pub message: Option<String>,
    /// Who opens it.
    pub author: Author,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

/// A review that was opened.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The commit that records it.
    pub committed: Committed,
    /// The review.
    pub review: Review,
}

/// Which review is to be signed.
#[derive(Clone, Debug)]
pub struct SignRequest {
    /// The branch that has the record, and takes the signature.
    pub branch: String,
    /// The review.
    pub review: NamedNode,
    /// What it comes to.
    pub decision: ReviewDecision,
    /// Why.
    pub comment: Option<String>,
    /// Who took part, beside those who were named when it was opened.
    pub participants: Vec<String>,
    /// Who signs.
    pub author: Author,
    /// A name for the commit: the same key again answers with what it came to.
    pub idempotency_key: Option<RequestKey>,
}

impl App {
    /// Opens a review on one version and one watermark: pins the samples that any question about its designs in its window can
    /// read, keeps the version, and commits the record with the evidence of each margin to a branch.
    pub fn open_review(&self, scope: &Scope, request: &OpenRequest) -> Result<Opened, Error> {
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            return self.opened_before(made, request.idempotency_key.as_deref());
        }
        let identifier = self.identifier_of(request)?;
        self.check_subject(&scope.snapshot, request)?;
        let view = scope.view.watched();
        let (snapshot, subject) = (&scope.snapshot, &request.subject);
        let margins = subject.margins(snapshot, &view)?;
        let observed = subject.observations(snapshot, &view)?;
        let (read, _) = view.seen();
        let series = read.into_iter().chain(observed.into_keys());
        let pin = self.telemetry().pin(view.watermark(), subject.window, series)?;
        let digest = ReviewSubject::digest(snapshot, &margins)?;
        let evidence = Evidence::of(snapshot, margins)?;
        let review = Review {
            iri: snapshot.expand(&format!("review/{identifier}"))?,
            identifier,
            subject: subject.clone(),
            commit: snapshot.commit().id,
            watermark: view.watermark(),
            pin: pin.number,
            opened_at: scope.now,
            evidence: evidence.records.iter().map(|record| record.iri.clone()).collect(),
            algorithm: ALGORITHM.to_owned(),
            digest,
            state: ReviewState::Open,
        };
        // Whatever becomes of the branches meanwhile, the version stays.
        self.repository().keep(&format!("evidence/{}", review.commit), review.commit)?;
        let committed = self.record_opening(request, &review, &evidence)?;
        self.keep_review(&review, committed.commit.id)?;
        Ok(Opened { committed, review })
    }

    /// Returns what was opened by a commit.
    fn opened_before(&self, committed: Committed, key: Option<&str>) -> Result<Opened, Error> {
        let (recorded, made) = self.made_by(&committed.commit, tl::DESIGN_REVIEW)?;
        for iri in &made {
            if let Some(review) = Review::read(&recorded, iri)? {
                return Ok(Opened { committed, review });
            }
        }
        Err(graph::Error::key_reused(key.unwrap_or_default(), committed.commit).into())
    }

    fn record_opening(
        &self,
        request: &OpenRequest,
        review: &Review,
        evidence: &Evidence,
    ) -> Result<Committed, Error> {
        if self.repository().head(&request.branch)?.exists(&review.iri)? {
            return Err(taken(&review.identifier));
        }
        let message = || format!("Open the review {}: {}", review.identifier, request.title);
        let mut changes = evidence.changes();
        changes.push(review.opening(&request.title, request.description.as_deref(), &request.participants));
        self.commit_as(&CommitRequest {
            branch: request.branch.clone(),
            message: request.message.clone().unwrap_or_else(message),
            author: request.author.clone(),
            idempotency_key: request.idempotency_key.clone(),
            changes,
            use_case: Some(UseCase::OpenReview),
            ..CommitRequest::default()
        })
    }

    /// Signs a review: it is decided from then on, and nothing about it changes any more.
    pub fn sign_review(&self, request: &SignRequest) -> Result<Committed, Error> {
        match self.made_under(request.idempotency_key.as_ref(), &request.branch)? {
            Some(made) => Ok(made),
            None => retried(|| self.try_to_sign(request)),
        }
    }

    fn try_to_sign(&self, request: &SignRequest) -> Result<Committed, Error> {
        let SignRequest { branch, decision, author, .. } = request;
        author.person()?;
        let head = self.repository().head(branch)?;
        let review = Review::read(&head, &request.review)?;
        let review = review.ok_or_else(|| Error::NotAReview(request.review.clone()))?;
        if let ReviewState::Signed { decision, by, at } = review.state {
            return Err(Error::Signed { identifier: review.identifier, decision, by, at });
        }
        let (at, by) = (head.next_instant(&**self.clock()), author.to_string());
        let (comment, participants) = (request.comment.as_deref(), &request.participants);
        let message = format!("Sign the review {}: {decision}", review.identifier);
        let changes = review.signing(*decision, at, &by, comment, participants);
        let signed = (UseCase::SignReview, message, author);
        self.commit_on(&head, branch, signed, request.idempotency_key.as_ref(), changes)
    }

    /// Returns a review as it was recorded when it was opened.
    pub fn review(&self, identifier: &str) -> Result<Review, Error> {
        let unknown = || graph::Error::UnknownVersion(format!("{REVIEW}{identifier}"));
        let recorded = self.repository().kept(&format!("opened/{identifier}"))?.ok_or_else(unknown)?;
        let recorded = self.repository().snapshot_at(recorded)?;
        let named = Literal::new_simple_literal(identifier).into();
        for subject in recorded.subjects(dcterms::IDENTIFIER, &named)? {
            if let Some(review) = Review::read(&recorded, &subject)? {
                return Ok(review);
            }
        }
        Err(unknown().into())
    }

    /// Returns what a review was opened on: its version, what it pins of the telemetry, and its present instant.
    pub(in crate::app) fn review_scope(
        &self,
        identifier: &str,
        as_known_at: Option<&str>,
    ) -> Result<Scope, Error> {
        let review = self.review(identifier)?;
        let asked = as_known_at.map(|known| self.watermark(known)).transpose()?;
        if asked.is_some_and(|asked| asked != review.watermark) {
            let (own, commit) = (review.watermark, review.commit);
            return Err(Error::ReviewWatermark { identifier: identifier.to_owned(), own, commit });
        }
        if let Err(foreign @ telemetry::Error::ForeignWatermark(_)) =
            self.telemetry().as_known_at(review.watermark)
        {
            return Err(foreign.into());
        }
        let view = self.telemetry().pinned(review.pin)?;
        if view.watermark() != review.watermark {
            return Err(telemetry::Error::NoPin(review.pin).into());
        }
        let snapshot = self.repository().snapshot_at(review.commit)?;
        let sufficiency = review.subject.sufficiency;
        Ok(Scope { snapshot, view, now: review.opened_at, sufficiency, review: Some(review.identifier) })
    }

    /// Returns whether asking again at what a review was opened on gives its digest; `None` where another algorithm found it.
    pub fn is_reproduced(&self, review: &Review) -> Result<Option<bool>, Error> {
        if review.algorithm != ALGORITHM {
            return Ok(None);
        }
        let then = self.review_scope(&review.identifier, None)?;
        let margins = review.subject.margins(&then.snapshot, &then.view)?;
        Ok(Some(ReviewSubject::digest(&then.snapshot, &margins)? == review.digest))
    }

    /// Returns what a review depends on, at the version that it was opened on and at another one.
    pub fn review_dependencies(
        &self,
        review: &Review,
        then: &Scope,
        now: &Scope,
    ) -> Result<ReviewDependencies, Error> {
        let mut dependencies = ReviewDependencies::default();
        for scope in [then, now] {
            let observed = review.subject.observations(&scope.snapshot, &scope.view)?;
            dependencies.add(&review.subject, &scope.snapshot, observed.values())?;
        }
        [&review.iri].into_iter().chain(&review.evidence).for_each(|own| dependencies.leave_out(own.clone()));
        Ok(dependencies)
    }

    /// Returns what differs between two versions, as far as a review depends on it; to be read in parts.
    pub fn review_differences<'a>(
        &'a self,
        dependencies: &'a ReviewDependencies,
        from: &'a Snapshot,
        to: &'a Snapshot,
    ) -> Differences<'a> {
        let wanted =
            |resource: &NamedNode, statements: &[&Statement]| dependencies.affected_by(resource, statements);
        self.repository().differences_where(from, to, wanted)
    }

    /// Keeps what the reviews of all branches name, where a process ended before it had done so. A review that was not opened
    /// here, but put or imported, may name what this thread cannot keep: that is logged, and the thread opens all the same.
    pub(in crate::app) fn keep_reviews(&self) -> Result<(), Error> {
        for (branch, _) in self.repository().branches()? {
            let head = match self.repository().head(&branch) {
                Ok(head) => head,
                Err(error) => {
                    tracing::warn!(branch, "a branch cannot be read: {error}");
                    continue;
                }
            };
            for iri in head.instances(tl::DESIGN_REVIEW)? {
                // One that cannot be read is no reason not to serve the others.
                if let Err(error) = self.keep_again(&head, &iri) {
                    let review = iri.as_str();
                    tracing::warn!(review, branch, "a review cannot be asked by its name: {error}");
                }
            }
        }
        Ok(())
    }

    fn keep_again(&self, head: &Snapshot, iri: &NamedNode) -> Result<(), Error> {
        let Some(review) = Review::read(head, iri)? else { return Ok(()) };
        if let Err(error @ telemetry::Error::ForeignWatermark(_)) =
            self.telemetry().as_known_at(review.watermark)
        {
            tracing::warn!(review = iri.as_str(), "a review has lost its telemetry: {error}");
        }
        if self.repository().kept(&format!("opened/{}", review.identifier))?.is_some() {
            return Ok(());
        }
        let is = Statement::new(iri.clone(), rdf::TYPE.into_owned(), tl::DESIGN_REVIEW.into_owned());
        match head.origin(&is)? {
            Some(opened) => self.keep_review(&review, opened.id),
            None => Ok(()),
        }
    }

    fn keep_review(&self, review: &Review, opened: graph::CommitId) -> Result<(), Error> {
        self.repository().keep(&format!("review/{}", review.identifier), review.commit)?;
        Ok(self.repository().keep(&format!("opened/{}", review.identifier), opened)?)
    }

    /// Returns the identifier that a review is to have, where it is free.
    fn identifier_of(&self, request: &OpenRequest) -> Result<String, Error> {
        let repository = self.repository();
        let is_taken = |identifier: &str| repository.kept(&format!("opened/{identifier}"));
        let Some(identifier) = &request.identifier else {
            let mut number = repository.kept_under("opened/")?.len() + 1;
            while is_taken(&format!("DR-{number}"))?.is_some() {
                number += 1;
            }
            return Ok(format!("DR-{number}"));
        };
        if is_taken(identifier)?.is_some() {
            return Err(taken(identifier));
        }
        // Else it would be part of the review of the name before it.
        if identifier.contains('#') {
            return Err(graph::Error::InvalidName(identifier.clone()).into());
        }
        for folder in ["review", "opened"] {
            let folder = format!("{folder}/");
            repository.refuse_kept("review", &format!("{folder}{identifier}")).map_err(|error| {
                let own = |name: String| name.strip_prefix(&folder).map(str::to_owned).unwrap_or(name);
                match error {
                    graph::Error::InvalidName(name) => graph::Error::InvalidName(own(name)),
                    graph::Error::Exists { kind, name } => graph::Error::Exists { kind, name: own(name) },
                    other => other,
                }
            })?;
        }
        Ok(identifier.clone())
    }

    fn check_subject(&self, snapshot: &Snapshot, request: &OpenRequest) -> Result<(), Error> {
        let ReviewSubject { designs, requirements, .. } = &request.subject;
        if designs.is_empty() || request.title.trim().is_empty() {
            return Err(Error::EmptyReview);
        }
        let mut satisfied = Vec::new();
        for design in designs {
            if !thread::is_instance(snapshot, design, tl::DESIGN_REVISION)? {
                return Err(Error::NotADesign(design.clone()));
            }
            satisfied.extend(snapshot.targets(design, tl::SATISFIES)?);
        }
        match requirements.iter().find(|requirement| !satisfied.contains(requirement)) {
            Some(requirement) => Err(Error::NotSatisfied(requirement.clone())),
            None => Ok(()),
        }
    }
}

fn taken(identifier: &str) -> Error {
    graph::Error::Exists { kind: "review", name: identifier.to_owned() }.into()
}
