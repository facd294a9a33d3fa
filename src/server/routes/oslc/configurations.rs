//! The component and its configurations: streams, baselines and commits.

use super::fault::Fault;
use super::reply::{Content, Reply};
use super::request::{Answering, OslcRequest};
use crate::exchange::rdf::oslc::address::with_parameters;
use crate::exchange::rdf::oslc::configuration::{self, Configuration, Listed, Named};
use crate::exchange::rdf::oslc::vocabulary::{DCTERMS, named};
use crate::exchange::rdf::read;
use crate::graph::Snapshot;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::Response;
use oxigraph::model::Term;

/// Answers with all configurations.
pub(super) async fn all(asked: OslcRequest) -> Response {
    asked.answer(|answering| listed(answering, Listed::All)).await
}

/// Answers with the streams.
pub(super) async fn streams(asked: OslcRequest) -> Response {
    asked.answer(|answering| listed(answering, Listed::Streams)).await
}

/// Answers with the baselines.
pub(super) async fn baselines(asked: OslcRequest) -> Response {
    asked.answer(|answering| listed(answering, Listed::Baselines)).await
}

/// Answers with the component.
pub(super) async fn component(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let version = answering.asked.session.snapshot("main")?;
            Ok(configuration::component(&answering.addresses, version.base()).into())
        })
        .await
}

/// Answers with one configuration.
pub(super) async fn one(asked: OslcRequest) -> Response {
    asked
        .answer(|answering| {
            let path = answering.rest("/oslc/");
            let address = answering.addresses.below(path);
            let named = Named::read(&answering.addresses, address.as_str())
                .ok_or_else(|| Fault::absent(format!("there is no configuration {path}")))?;
            let (mut described, version) = answering.configuration(named)?;
            described.beside = Lines::read(answering)?.beside(&described.named, &version);
            Ok(configuration::describe(&answering.addresses, &described).into())
        })
        .await
}

/// Makes a baseline of a stream: a tag at its head.
pub(super) async fn tag(asked: OslcRequest, body: Body) -> Response {
    let received = asked.receive(body).await;
    asked
        .answer(move |answering| {
            let (name, about) = answering.named_in(&received?)?;
            let stream = answering.asked.parameter("stream")?.unwrap_or_else(|| "main".to_owned());
            let session = &answering.asked.session;
            let at = session.head(&stream)?.commit().id.to_string();
            session.tag(&name, &at, about.as_deref().unwrap_or(&name), None)?;
            answering.made(Named::Baseline(name))
        })
        .await
}

/// Makes a stream of a baseline, or of main: a branch.
pub(super) async fn branch(asked: OslcRequest, body: Body) -> Response {
    let received = asked.receive(body).await;
    asked
        .answer(move |answering| {
            let (name, _) = answering.named_in(&received?)?;
            let at = match answering.asked.parameter("baseline")? {
                Some(tag) => answering.configuration(Named::Baseline(tag))?.1,
                None => answering.asked.session.head("main")?,
            };
            answering.asked.session.create_branch(&name, &at.commit().id.to_string(), None)?;
            answering.made(Named::Stream(name))
        })
        .await
}

impl Answering {
    /// Returns the title that a document gives the one thing that it describes, and its description.
    fn named_in(&self, body: &[u8]) -> Result<(String, Option<String>), Fault> {
        let (format, here) = (self.notation_of_body()?, self.addresses.below("configurations/new"));
        let read = read(body, format, here.as_str(), "the document");
        let statements = read.map_err(|error| Fault::bad(error.to_string()))?;
        let text = |property: &str| {
            let property = named(DCTERMS, property);
            let mut found = statements.iter().filter(|statement| statement.predicate == property);
            match (found.next().map(|statement| &statement.object), found.next()) {
                (Some(Term::Literal(literal)), None) => Some(literal.value().to_owned()),
                _ => None,
            }
        };
        let missing = || Fault::bad("the document has not one dcterms:title: it names the configuration");
        Ok((text("title").ok_or_else(missing)?, text("description")))
    }

    /// Answers with a configuration that was made.
    fn made(&self, named: Named) -> Result<Reply, Fault> {
        let address = named.address(&self.addresses);
        let (mut described, version) = self.configuration(named)?;
        described.beside = Lines::read(self)?.beside(&described.named, &version);
        let document = configuration::describe(&self.addresses, &described);
        let reply = Reply::new(StatusCode::CREATED, Content::Document(document));
        Ok(reply.with(header::LOCATION, address.as_str()))
    }
}

/// The heads of branches and the tags, by which a baseline finds its stream, and a stream its baselines.
struct Lines {
    streams: Vec<(Configuration, Snapshot)>,
    baselines: Vec<(Configuration, Snapshot)>,
}

impl Lines {
    /// Reads them: main comes first, what sources have brought last.
    fn read(answering: &Answering) -> Result<Self, Fault> {
        let session = &answering.asked.session;
        let mut names: Vec<String> = session.branches()?.into_iter().map(|(name, _)| name).collect();
        names.sort_by_key(|name| (name != "main", name.starts_with("import/"), name.clone()));
        let streams = names.into_iter().map(|name| answering.configuration(Named::Stream(name)));
        let streams = streams.collect::<Result<_, _>>()?;
        let mut baselines = Vec::new();
        for (name, commit) in session.tags()? {
            let (described, version) = answering.configuration(Named::Commit(commit.id.to_string()))?;
            baselines.push((Configuration { named: Named::Baseline(name), ..described }, version));
        }
        Ok(Self { streams, baselines })
    }

    /// Returns the branch whose line a baseline is on, or the last tag on the line of a stream.
    fn beside(&self, named: &Named, version: &Snapshot) -> Option<String> {
        let found = match named {
            Named::Stream(_) => {
                let before = self.baselines.iter().filter(|(_, tagged)| tagged.is_on_line_of(version));
                before.max_by_key(|(_, tagged)| tagged.depth())
            }
            Named::Baseline(_) | Named::Commit(_) => {
                self.streams.iter().find(|(_, head)| version.is_on_line_of(head))
            }
        };
        found.map(|(configuration, _)| configuration.named.version().to_owned())
    }

    /// Returns a branch or a tag that a container is about.
    fn named<'a>(among: &'a [(Configuration, Snapshot)], name: &str) -> Result<&'a Snapshot, Fault> {
        let found = among.iter().find(|(configuration, _)| configuration.named.version() == name);
        found
            .map(|(_, version)| version)
            .ok_or_else(|| Fault::absent(format!("there is no configuration {name}")))
    }
}

fn listed(answering: &Answering, listed: Listed) -> Result<Reply, Fault> {
    let lines = Lines::read(answering)?;
    let (stream, baseline) = (answering.asked.parameter("stream")?, answering.asked.parameter("baseline")?);
    let mut found: Vec<&(Configuration, Snapshot)> = Vec::new();
    if listed != Listed::Baselines {
        let from = baseline.as_deref().map(|tag| Lines::named(&lines.baselines, tag)).transpose()?;
        let is_derived = |head: &Snapshot| from.is_none_or(|from| from.is_on_line_of(head));
        found.extend(lines.streams.iter().filter(|(_, head)| is_derived(head)));
    }
    if listed != Listed::Streams {
        let on = stream.as_deref().map(|branch| Lines::named(&lines.streams, branch)).transpose()?;
        let is_on = |tagged: &Snapshot| on.is_none_or(|head| tagged.is_on_line_of(head));
        found.extend(lines.baselines.iter().filter(|(_, tagged)| is_on(tagged)));
    }
    let found: Vec<Configuration> = found
        .into_iter()
        .map(|(configuration, version)| {
            let beside = lines.beside(&configuration.named, version);
            Configuration { beside, ..configuration.clone() }
        })
        .collect();
    let given = [("stream", &stream), ("baseline", &baseline)];
    let given = given.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    let container = with_parameters(&answering.addresses.below(listed.path()), given);
    Ok(configuration::container(&answering.addresses, &container, listed, &found).into())
}
