//! The component and its configurations: streams, baselines and commits.

use super::asked::{Answering, Asked};
use super::fault::Fault;
use super::reply::Reply;
use crate::exchange::rdf::oslc::address::with_parameters;
use crate::exchange::rdf::oslc::configuration::{self, Configuration, Listed, Named};
use crate::graph::Snapshot;
use axum::response::Response;

/// Answers with all configurations.
pub(super) async fn all(asked: Asked) -> Response {
    asked.answer(|answering| listed(answering, Listed::All)).await
}

/// Answers with the streams.
pub(super) async fn streams(asked: Asked) -> Response {
    asked.answer(|answering| listed(answering, Listed::Streams)).await
}

/// Answers with the baselines.
pub(super) async fn baselines(asked: Asked) -> Response {
    asked.answer(|answering| listed(answering, Listed::Baselines)).await
}

/// Answers with the component.
pub(super) async fn component(asked: Asked) -> Response {
    asked
        .answer(|answering| {
            let version = answering.asked.session.snapshot("main")?;
            Ok(configuration::component(&answering.addresses, version.base()).into())
        })
        .await
}

/// Answers with one configuration.
pub(super) async fn one(asked: Asked) -> Response {
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
