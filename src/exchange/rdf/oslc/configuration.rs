//! Configuration management: the thread is one component, a branch is a stream, a tag is a baseline, and each commit is a configuration of
//! its own that never changes.

use super::address::{Addresses, decoded, encoded};
use super::document::Document;
use super::vocabulary::{CONFIG, CORE, DCTERMS, LDP, TRS};
use crate::model::time::instant::Instant;
use oxigraph::model::vocab::xsd;
use oxigraph::model::{Literal, NamedNode};

/// A version that a configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A branch.
    Stream(String),
    /// A tag.
    Baseline(String),
    /// A commit.
    Commit(String),
}

impl Named {
    /// Returns the address of the configuration.
    pub fn address(&self, addresses: &Addresses) -> NamedNode {
        match self {
            Self::Stream(branch) => addresses.stream(branch),
            Self::Baseline(tag) => addresses.baseline(tag),
            Self::Commit(id) => addresses.commit(id),
        }
    }

    /// Returns the name of the version.
    pub fn version(&self) -> &str {
        match self {
            Self::Stream(name) | Self::Baseline(name) | Self::Commit(name) => name,
        }
    }

    /// Returns the configuration that an address names.
    pub fn read(addresses: &Addresses, address: &str) -> Option<Self> {
        let path = addresses.path_of(address)?.strip_prefix("configurations/")?;
        let (kind, name) = path.split_once('/')?;
        let name = decoded(name).filter(|name| !name.is_empty())?;
        match kind {
            "streams" => Some(Self::Stream(name)),
            "baselines" => Some(Self::Baseline(name)),
            "commits" => Some(Self::Commit(name)),
            _ => None,
        }
    }
}

/// A configuration with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// What it names.
    pub named: Named,
    /// The commit that it is at.
    pub commit: String,
    /// When that was recorded.
    pub time: Instant,
    /// The address of who recorded it.
    pub author: String,
    /// Of a baseline the branch whose line it is on, and of a stream the last tag on its line.
    pub beside: Option<String>,
}

/// Describes one configuration.
pub fn describe(addresses: &Addresses, configuration: &Configuration) -> Document {
    let mut document = Document::default();
    add(&mut document, addresses, configuration);
    document
}

fn add(document: &mut Document, addresses: &Addresses, configuration: &Configuration) {
    let Configuration { named, commit, time, author, beside } = configuration;
    let address = named.address(addresses);
    document.type_of(&address, (CONFIG, "Configuration"));
    let is_stream = matches!(named, Named::Stream(_));
    document.type_of(&address, (CONFIG, if is_stream { "Stream" } else { "Baseline" }));
    document.text(&address, (DCTERMS, "title"), named.version());
    document.text(&address, (DCTERMS, "identifier"), named.version());
    if let Ok(author) = NamedNode::new(format!("mailto:{author}")) {
        document.add(&address, (DCTERMS, "creator"), author);
    }
    let at = Literal::new_typed_literal(time.to_string(), xsd::DATE_TIME);
    document.add(&address, (DCTERMS, if is_stream { "modified" } else { "created" }), at);
    document.add(&address, (CONFIG, "component"), addresses.component());
    document.add(&address, (CORE, "serviceProvider"), addresses.below("configurations"));
    let listed = |path: &str| addresses.below(&format!("{path}={}", encoded(named.version())));
    if is_stream {
        document.add(&address, (CONFIG, "baselines"), listed("configurations/baselines?stream"));
        let last = beside.iter().map(|tag| addresses.baseline(tag));
        last.for_each(|last| document.add(&address, (CONFIG, "previousBaseline"), last));
        let trs = format!("trs?oslc_config.context={}", encoded(address.as_str()));
        document.add(&address, (TRS, "trackedResourceSet"), addresses.below(&trs));
        return;
    }
    document.add(&address, (CONFIG, "streams"), listed("configurations/streams?baseline"));
    let stream = beside.iter().map(|branch| addresses.stream(branch));
    stream.for_each(|stream| document.add(&address, (CONFIG, "baselineOfStream"), stream));
    if matches!(named, Named::Baseline(_)) {
        document.add(&address, (DCTERMS, "source"), addresses.commit(commit));
    }
}

/// Describes the one component.
pub fn component(addresses: &Addresses, base: &str) -> Document {
    let mut document = Document::default();
    let component = addresses.component();
    document.type_of(&component, (CONFIG, "Component"));
    document.text(&component, (DCTERMS, "title"), base);
    document.text(&component, (DCTERMS, "identifier"), base);
    document.add(&component, (CONFIG, "configurations"), addresses.below("configurations"));
    document.add(&component, (CORE, "serviceProvider"), addresses.below("configurations"));
    document
}

/// Which configurations a container lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// All of the component.
    All,
    /// The streams.
    Streams,
    /// The baselines.
    Baselines,
}

impl Listed {
    /// Returns its part of addresses.
    pub const fn path(self) -> &'static str {
        match self {
            Self::All => "configurations",
            Self::Streams => "configurations/streams",
            Self::Baselines => "configurations/baselines",
        }
    }
}

/// Describes a container of configurations with all that is in it. The container of all is the service provider as well.
pub fn container(
    addresses: &Addresses,
    container: &NamedNode,
    listed: Listed,
    configurations: &[Configuration],
) -> Document {
    let mut document = Document::default();
    document.type_of(container, (LDP, "BasicContainer"));
    document.type_of(container, (LDP, "Container"));
    let title = match listed {
        Listed::All => "Configurations",
        Listed::Streams => "Streams",
        Listed::Baselines => "Baselines",
    };
    document.text(container, (DCTERMS, "title"), title);
    if listed == Listed::All {
        provider(&mut document, addresses, container);
    }
    for configuration in configurations {
        document.add(container, (LDP, "contains"), configuration.named.address(addresses));
        add(&mut document, addresses, configuration);
    }
    document
}

fn provider(document: &mut Document, addresses: &Addresses, container: &NamedNode) {
    document.type_of(container, (CORE, "ServiceProvider"));
    let service = NamedNode::new_unchecked(format!("{}#service", container.as_str()));
    document.add(container, (CORE, "service"), service.clone());
    document.type_of(&service, (CORE, "Service"));
    document.add(&service, (CORE, "domain"), super::vocabulary::named(CONFIG, ""));
    document.add(&service, (CONFIG, "component"), addresses.component());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_versions() {
        let addresses = Addresses::new("http://h", "https://test.example/");
        for named in [
            Named::Stream("review/bearing c".to_owned()),
            Named::Baseline("PDR".to_owned()),
            Named::Commit("0123".to_owned()),
        ] {
            assert_eq!(Named::read(&addresses, named.address(&addresses).as_str()), Some(named));
        }
        for foreign in
            ["http://other/oslc/configurations/streams/main", "http://h/oslc/configurations/streams/", "main"]
        {
            assert_eq!(Named::read(&addresses, foreign), None, "{foreign}");
        }
    }
}
