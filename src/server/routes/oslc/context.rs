//! The configuration that a request is answered in: the header `Configuration-Context`, or the parameter `oslc_config.context`.

use super::fault::Fault;
use super::request::Answering;
use crate::app::Error;
use crate::exchange::rdf::oslc::configuration::{Configuration, Named};
use crate::graph::{self, Commit, CommitId, Snapshot};
use axum::http::{HeaderName, StatusCode};

const HEADER: HeaderName = HeaderName::from_static("configuration-context");

/// The name of the parameter.
pub(super) const PARAMETER: &str = "oslc_config.context";

impl Answering {
    /// Returns the configuration that the request names; the stream of `main` where it names none.
    pub(super) fn context(&self) -> Result<Named, Fault> {
        let unwrapped = |text: String| text.trim_start_matches('<').trim_end_matches('>').to_owned();
        let of_header = self.asked.header(&HEADER)?.map(unwrapped);
        let of_parameter = self.asked.parameter(PARAMETER)?.map(unwrapped);
        let address = match (of_header, of_parameter) {
            (Some(one), Some(other)) if one != other => {
                let text = "the header Configuration-Context and the parameter oslc_config.context name two configurations";
                return Err(Fault::bad(text));
            }
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => return Ok(Named::Stream("main".to_owned())),
        };
        Named::read(&self.addresses, &address).ok_or_else(|| {
            Fault::bad(format!(
                "<{address}> is no configuration of this service: {} lists them",
                self.addresses.below("configurations").as_str()
            ))
        })
    }

    /// Returns the version of a configuration, and when and by whom it was recorded.
    pub(super) fn configuration(&self, named: Named) -> Result<(Configuration, Snapshot), Fault> {
        let session = &self.asked.session;
        let version = match &named {
            Named::Stream(branch) => session.head(branch)?,
            Named::Baseline(tag) => {
                let tags = session.tags()?;
                let found = tags.into_iter().find(|(name, _)| name == tag);
                let absent = || Error::from(graph::Error::UnknownVersion(tag.clone()));
                session.snapshot(&found.ok_or_else(absent)?.1.id.to_string())?
            }
            Named::Commit(id) => {
                let id: CommitId = id.parse().map_err(|error| Fault::absent(format!("{error}")))?;
                session.snapshot(&id.to_string())?
            }
        };
        let version = version.while_wanted(&self.wanted);
        let Commit { id, time, author, .. } = version.commit();
        let (commit, time, author) = (id.to_string(), *time, author.email.clone());
        Ok((Configuration { named, commit, time, author, beside: None }, version))
    }

    /// Returns the version that the request is answered at. A context that is not there is the client's mistake.
    pub(super) fn version(&self) -> Result<(Named, Snapshot), Fault> {
        let named = self.context()?;
        let as_bad = |fault: Fault| match fault.status {
            StatusCode::NOT_FOUND => Fault::bad(format!("the configuration is not there: {}", fault.message)),
            _ => fault,
        };
        let (configuration, version) = self.configuration(named).map_err(as_bad)?;
        Ok((configuration.named, version))
    }

    /// Returns the branch that the request changes.
    pub(super) fn branch(&self) -> Result<String, Fault> {
        match self.context()? {
            Named::Stream(branch) => Ok(branch),
            Named::Baseline(name) | Named::Commit(name) => Err(Fault::new(
                StatusCode::CONFLICT,
                format!("{name} is no stream: a baseline never changes, so name a stream as the context"),
            )),
        }
    }
}
