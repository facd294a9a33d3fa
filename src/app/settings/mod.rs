//! The defaults of the service where a request states nothing: `settings.toml` in the folder of the thread, read when it is
//! opened.
//!
//! ```toml
//! [enough]          # how much must have been observed before anything is concluded
//! hours = 1         # of each unit, that its samples cover
//! share = 0.5       # of a unit's hours in service, that samples cover
//! unitShare = 0.5   # of the units, about which something can be concluded
//! units = 5         # on each side of a comparison
//!
//! [import]
//! megabytes = 1000  # that the files of one import may take together, unpacked
//!
//! [maintenance]     # packing of loose objects while the thread is served
//! enabled = true    # whether it runs by itself
//! loose = 5000      # how many objects may be loose before it does
//!
//! [graphql]
//! federation = false  # whether the schema is one of a supergraph
//! ```
//!
//! The section `[server]` is in [`server`], and `[access]` in [`crate::app::access::settings`].

pub(super) mod server;

use super::access::AccessSettings;
use super::access::settings::Written as WrittenAccess;
use super::error::Error;
use crate::feedback::Sufficiency;
use crate::model::settings_file;
use serde::Deserialize;
use server::{ServerSettings, Written as WrittenServer};
use std::path::Path;

/// The settings of a thread.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How much must have been observed before anything is concluded.
    pub sufficiency: Sufficiency,
    /// How many bytes the files of one import may take together, unpacked: an import is kept in memory until it is
    /// written, at some times its size.
    pub import_bytes_max: u64,
    /// When loose objects are packed.
    pub maintenance: MaintenanceSettings,
    /// Whom the service answers, and how much it does for them.
    pub server: ServerSettings,
    /// Who is let in beside the bearers of tokens.
    pub access: AccessSettings,
    /// Whether the GraphQL schema is a subgraph of an Apollo Federation supergraph.
    pub federation: bool,
}

/// When the loose objects of a thread that is served are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MaintenanceSettings {
    /// Whether that happens by itself.
    pub enabled: bool,
    /// How many objects may be loose before it does.
    pub loose: usize,
}

impl Default for MaintenanceSettings {
    fn default() -> Self {
        Self { enabled: true, loose: 5_000 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let (sufficiency, server) = (Sufficiency::default(), ServerSettings::default());
        let maintenance = MaintenanceSettings::default();
        let access = AccessSettings::default();
        Self {
            sufficiency,
            import_bytes_max: 1_000 * MEGABYTE,
            maintenance,
            server,
            access,
            federation: false,
        }
    }
}

const MEGABYTE: u64 = 1_000_000;

impl Settings {
    /// Reads the settings of a thread's folder; those without a file are the default.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("settings.toml");
        let text = settings_file::read(&path);
        let read = text.and_then(|text| text.map_or(Ok(Self::default()), |text| Self::parse(&text)));
        let mut read = read.map_err(|reason| Error::Settings { path, reason })?;
        read.server.documents = read.server.documents.map(|documents| folder.join(documents));
        Ok(read)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let Written { enough, import, maintenance, server, access, graphql } = settings_file::parse(text)?;
        let Self { sufficiency: default, import_bytes_max, .. } = Self::default();
        let sufficiency = Sufficiency {
            hours_min: enough.hours.unwrap_or(default.hours_min),
            share_min: enough.share.unwrap_or(default.share_min),
            units_share_min: enough.unit_share.unwrap_or(default.units_share_min),
            units_min: enough.units.unwrap_or(default.units_min),
        };
        let refused = |table| move |reason: String| settings_file::refused(text, &[table], &reason);
        let sufficiency = sufficiency.checked().map_err(|error| refused("enough")(error.to_string()))?;
        let import_bytes_max = import.megabytes.map_or(import_bytes_max, |max| max.saturating_mul(MEGABYTE));
        Ok(Self {
            sufficiency,
            import_bytes_max,
            maintenance,
            server: server.settings().map_err(refused("server"))?,
            access: access.settings().map_err(refused("access"))?,
            federation: graphql.federation,
        })
    }
}

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    enough: WrittenSufficiency,
    #[serde(default)]
    import: WrittenImport,
    #[serde(default)]
    maintenance: MaintenanceSettings,
    #[serde(default)]
    server: WrittenServer,
    #[serde(default)]
    access: WrittenAccess,
    #[serde(default)]
    graphql: WrittenGraphql,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenGraphql {
    federation: bool,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenSufficiency {
    hours: Option<f64>,
    share: Option<f64>,
    unit_share: Option<f64>,
    units: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenImport {
    megabytes: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_or_refused_with_a_reason() {
        let check = |text: &str, expect: Result<Sufficiency, &str>| match (Settings::parse(text), expect) {
            (Ok(got), Ok(expect)) => assert_eq!(got.sufficiency, expect, "{text}"),
            (Err(got), Err(expect)) => assert!(got.contains(expect), "{text}: {got}"),
            (got, expect) => panic!("{text}: {got:?}, not {expect:?}"),
        };
        let default = Sufficiency::default();
        check("", Ok(default));
        check("[graphql]\nfederation = true", Ok(default));
        check("[graphql]\nfederated = true", Err("federated"));
        check(
            "[enough]\nhours = 24\nunitShare = 0.9",
            Ok(Sufficiency { hours_min: 24.0, units_share_min: 0.9, ..default }),
        );
        check("[enough]\nunits = 12", Ok(Sufficiency { units_min: 12, ..default }));
        check("[enough]\nshare = 1.5", Err("\"share\" must lie between 0 and 1, not 1.5"));
        check("[enough]\nhours = -1", Err("\"hours\" must lie between 0 and inf"));
        check("[enough]\nhours = nan", Err("\"hours\""));
        check("[enough]\nunits = 1", Err("\"units\" must be 2 or more"));
        check("\n[enough]\nunits = 12\nshare = 1.5", Err("line 4, column 1: \"share\""));
        check("[server]\nseconds = 0", Err("line 2, column 1: \"seconds\" under [server]"));
        check("[enough]\ndays = 3", Err("line 2, column 1"));
        check("[enough]\ndays = 3", Err("unknown field"));
        check("hours = 3", Err("unknown field"));
        check("[import]\nmegabytes = -1", Err("invalid value"));
        check("[server]\nhost = \"plant.example\"", Err("unknown field"));
        check("[maintenance]\nloose = -1", Err("invalid value"));
        check("[maintenance]\noff = true", Err("unknown field"));
        let maintenance = Settings::parse("[maintenance]\nenabled = false").map(|got| got.maintenance);
        assert_eq!(maintenance, Ok(MaintenanceSettings { enabled: false, loose: 5_000 }));
        let server = Settings::parse("[server]\nhosts = [\"plant.example\"]").map(|got| got.server.hosts);
        assert_eq!(server, Ok(vec!["plant.example".to_owned()]));
        assert_eq!(Settings::parse("[import]\nmegabytes = 3").map(|got| got.import_bytes_max), Ok(3_000_000));
    }
}
