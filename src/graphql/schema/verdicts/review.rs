//! Design reviews: opening and signing them, what they were opened on, and what has changed since.

use super::margin;
use super::margin_change::MarginChangeValue;
use crate::app::{OpenRequest, REVIEW, Scope, SignRequest};
use crate::feedback::{self, Arrived, Review, ReviewDecision, ReviewSubject};
use crate::graph::{Committed, RequestKey};
use crate::graphql::engine::types::arguments::{missing, wrong};
use crate::graphql::engine::types::build::{ObjectBuilder, enumeration, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::diff;
use crate::graphql::schema::history::mutations::MESSAGE;
use crate::graphql::schema::history::mutations::{Mutations, Payload};
use crate::graphql::schema::shared::node::{Node, find_iri};
use crate::graphql::schema::shared::version_arguments::{MAIN, VERSION};
use crate::graphql::schema::shared::versions::Versions;
use crate::graphql::schema::shared::{author, payload};
use crate::ontology::terms::tl;
use crate::ontology::{Class, Ontology};
use oxigraph::model::NamedNode;
use std::sync::Arc;

/// What became of a review.
struct Recorded {
    committed: Committed,
    review: NamedNode,
}

/// A review, the version it was opened on, and the version it is compared with.
struct Since {
    review: Review,
    then: Arc<Scope>,
    now: Arc<Scope>,
    ontology: Arc<Ontology>,
}

pub(crate) fn extend_mutations(mutations: Mutations) -> Mutations {
    let payload = |builder: ObjectBuilder<Payload<Recorded>>| {
        let builder =
            builder.commit("The commit that records it.", |of| (&of.committed.commit, of.committed.changed));
        builder.made("review", "DesignReview", "The review, as the commit has it.", |of, call| {
            let scope = call.request.scope(&of.committed.commit.id.to_string(), None)?;
            Ok(Value::object(Node::new(&Arc::new(scope), of.review.clone())))
        })
    };
    mutations
        .add(
            ("openReview", "Opens a design review on one version and one watermark: thread(at: \"review:IDENTIFIER\") gives the same answers forever. An identifier that is taken is a CONFLICT."),
            vec![
                InputField::new("title", "String!", "What it is about, in one line."),
                InputField::new("designs", "[ID!]!", "The design revisions under review."),
                InputField::new("requirements", "[ID!]", "The requirements that they are compared with; all that they satisfy where absent."),
                crate::graphql::schema::shared::window::window(),
                margin::sufficiency_argument(),
                InputField::new("identifier", "String", "Its identifier; the next of DR-1, DR-2, … where absent."),
                InputField::new("description", "String", "What it is about."),
                InputField::new("participants", "[String!]", "Who takes part."),
                InputField::new("branch", "String!", "The branch that takes the record.").default(MAIN),
                InputField::new("at", "String!", VERSION).default(MAIN),
                InputField::new("asKnownAt", "String", crate::graphql::schema::shared::version_arguments::KNOWN),
                InputField::new("message", "String", MESSAGE),
                author::argument(),
            ],
            payload,
            open,
        )
        .add(
            ("signReview", "Closes a design review: nothing about it changes from then on. One that is signed already is a CONFLICT."),
            vec![
                InputField::new("review", "ID!", "The review."),
                InputField::new("decision", "ReviewDecision!", "What it comes to."),
                InputField::new("comment", "String", "Why."),
                InputField::new("participants", "[String!]", "Who took part, beside those who were named before."),
                InputField::new("branch", "String!", "The branch that has the record.").default(MAIN),
                InputField::new("author", "AuthorInput", "Who signs: whoever sends the request where absent, who must be a person."),
            ],
            payload,
            sign,
        )
}

fn open(call: &Call<'_>, key: Option<RequestKey>) -> Result<Recorded, Error> {
    let given = call.arguments;
    let scope = call.request.scope(&given.needed_text("at")?, given.text("asKnownAt")?.as_deref())?;
    let iris = |name: &str| {
        let ids = given.texts(name)?.unwrap_or_default();
        ids.iter().map(|id| find_iri(&scope.snapshot, id)).collect::<Result<Vec<_>, Error>>()
    };
    let window = given.window("window")?.ok_or_else(|| missing("window"))?;
    let request = OpenRequest {
        branch: given.needed_text("branch")?,
        identifier: given.text("identifier")?,
        title: given.needed_text("title")?,
        description: given.text("description")?,
        subject: ReviewSubject {
            sufficiency: margin::sufficiency(given, scope.sufficiency)?,
            ..ReviewSubject::new(iris("designs")?, iris("requirements")?, window)
        },
        participants: given.texts("participants")?.unwrap_or_default(),
        message: given.text("message")?,
        author: author::read(given)?,
        idempotency_key: key,
    };
    let opened = call.request.session.open_review(&scope, &request)?;
    call.request.forget();
    let committed = payload::counted(call, opened.committed)?;
    Ok(Recorded { committed, review: opened.review.iri })
}

fn sign(call: &Call<'_>, key: Option<RequestKey>) -> Result<Recorded, Error> {
    let given = call.arguments;
    let branch = given.needed_text("branch")?;
    let review = find_iri(&call.request.session.head(&branch)?, &given.needed_text("review")?)?;
    let decision = ReviewDecision::named(&given.needed_text("decision")?);
    let request = SignRequest {
        branch,
        review,
        decision: decision.ok_or_else(|| wrong("decision", "a ReviewDecision"))?,
        comment: given.text("comment")?,
        participants: given.texts("participants")?.unwrap_or_default(),
        author: author::read(given)?,
        idempotency_key: key,
    };
    let committed = call.request.session.sign_review(&request)?;
    call.request.forget();
    let committed = payload::counted(call, committed)?;
    Ok(Recorded { committed, review: request.review })
}

/// Adds to the type of a design review what it was opened on and what has changed since.
pub(crate) fn extend(
    builder: ObjectBuilder<Node>,
    class: &Class,
    ontology: &Arc<Ontology>,
) -> ObjectBuilder<Node> {
    if !class.is_below(tl::DESIGN_REVIEW) {
        return builder;
    }
    let known = Arc::clone(ontology);
    builder
        .field(
            "opened",
            "Thread",
            "What it was opened on, as thread(at: \"review:IDENTIFIER\") answers.",
            |node, call| Ok(then(node, call)?.map_or(Value::Null, |(_, then)| Value::object(then))),
        )
        .field(
            "margins",
            "[Margin!]",
            "The margins, found again on what it was opened on; its evidence has them as they were recorded.",
            |node, call| {
                let Some((review, then)) = then(node, call)? else { return Ok(Value::Null) };
                Ok(margin::value(&then, review.subject.margins(&then.snapshot, &then.view)?))
            },
        )
        .field(
            "reproduced",
            "Boolean",
            "Whether finding the margins again gives resultDigest; null where another algorithm found them.",
            |node, call| {
                let Some((review, _)) = then(node, call)? else { return Ok(Value::Null) };
                Ok(call.request.session.is_reproduced(&review)?.map_or(Value::Null, Value::Boolean))
            },
        )
        .field(
            "since",
            "ReviewSince",
            "What has changed between what it was opened on and the version and watermark asked here.",
            move |node, call| {
                let Some((review, then)) = then(node, call)? else { return Ok(Value::Null) };
                let (now, ontology) = (Arc::clone(&node.scope), Arc::clone(&known));
                Ok(Value::object(Since { review, then, now, ontology }))
            },
        )
}

/// Returns a review and what it was opened on; `None` where it was recorded without being opened on anything.
fn then(node: &Node, call: &Call<'_>) -> Result<Option<(Review, Arc<Scope>)>, Error> {
    let Some(review) = Review::read(&node.scope.snapshot, &node.iri)? else { return Ok(None) };
    let then = call.request.scope(&format!("{REVIEW}{}", review.identifier), None)?;
    Ok(Some((review, Arc::new(then))))
}

pub(crate) fn types() -> Vec<Definition> {
    vec![
        enumeration(
            "ReviewDecision",
            "The outcome of a review.",
            &[("APPROVED", "The design is accepted."), ("REJECTED", "The design is not accepted.")],
        ),
        since(),
        arrived(),
    ]
}

fn since() -> Definition {
    object::<Since>("ReviewSince", "What has changed since a review was opened.")
        .field("then", "Thread!", "What it was opened on.", |of, _| Ok(Value::object(Arc::clone(&of.then))))
        .field("now", "Thread!", "The version that it is compared with.", |of, _| Ok(Value::object(Arc::clone(&of.now))))
        .field(
            "diff",
            "Diff!",
            "What differs in the designs and requirements under review, in what links to them, and in the units, lots, signals and properties that the margins come from.",
            |of, call| of.diff(call),
        )
        .field("newData", "NewData!", "The samples of its window that have arrived.", |of, _| {
            let (subject, now) = (&of.review.subject, &of.now);
            let observed = subject.observations(&now.snapshot, &now.view)?;
            Ok(Value::object(feedback::arrived(&of.then.view, &now.view, &observed, subject.window)?))
        })
        .field(
            "margins",
            "[MarginChange!]!",
            "Each margin then and now, those without a constraint then last.",
            |of, _| of.margins(),
        )
        .done()
}

impl Since {
    fn diff(&self, call: &Call<'_>) -> Result<Value, Error> {
        diff::of_review(&self.review, (&self.then, &self.now), &self.ontology, call)
    }

    fn margins(&self) -> Result<Value, Error> {
        let found = |scope: &Scope| self.review.subject.margins(&scope.snapshot, &scope.view);
        let changes = feedback::margin_changes(found(&self.then)?, found(&self.now)?);
        let versions = Versions { before: Arc::clone(&self.then), after: Arc::clone(&self.now) };
        Ok(MarginChangeValue::all(&versions, changes))
    }
}

fn arrived() -> Definition {
    object::<Arrived>("NewData", "Samples that have arrived since a review was opened, within its window, in the series that observe its designs now.")
        .field("sampleCount", "Long!", "How many instants have a sample that had none.", |of, _| Ok(of.samples.into()))
        .field("hours", "Float!", "The hours that samples cover now and did not.", |of, _| Ok(of.hours.into()))
        .field("overwrittenCount", "Long!", "How many samples were replaced by a later arrival.", |of, _| {
            Ok(of.overwritten.into())
        })
        .field("lateCount", "Long!", "How many samples arrived after a sample of a later instant.", |of, _| Ok(of.late.into()))
        .field("seriesCount", "Int!", "How many series have such samples.", |of, _| Ok(of.series.into()))
        .done()
}
