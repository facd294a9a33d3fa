//! The settings of a thread: one file `throughline.toml` in its folder, overridden by variables of the environment, read when the thread is
//! opened.
//!
//! Every key is in [`keys`]; where values come from is in [`sources`].

mod files;
pub(super) mod health;
pub(super) mod hooks;
pub(super) mod keys;
pub(super) mod log;
pub(super) mod monitors;
pub(super) mod mqtt;
pub(super) mod outbox;
pub(super) mod policies;
pub(super) mod server;
pub(super) mod sources;
pub(super) mod threads;
mod written;

pub use sources::migrate::migrate_settings;

use super::access::AccessSettings;
use super::error::Error;
use crate::feedback::Sufficiency;
use health::HealthSettings;
use log::LogSettings;
use policies::PolicySettings;
use serde::Deserialize;
use server::ServerSettings;
use sources::Sources;
use std::path::Path;
use written::WrittenThread;

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
    /// What is logged, and how.
    pub log: LogSettings,
    /// When data is at fault.
    pub health: HealthSettings,
    /// How often policies run.
    pub policies: PolicySettings,
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
            log: LogSettings::default(),
            health: HealthSettings::default(),
            policies: PolicySettings::default(),
        }
    }
}

const MEGABYTE: u64 = 1_000_000;

impl Settings {
    /// Reads the settings of a thread's folder, without the environment; those without a file are the default.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        Ok(Sources::default().read(folder)?.settings)
    }

    /// Takes the default for what is not written; a refusal comes with the table that it is about.
    fn of(written: WrittenThread) -> Result<Self, (Vec<String>, String)> {
        let WrittenThread { enough, import, maintenance, server, access, graphql, log, policies, health } =
            written;
        let Self { sufficiency: default, import_bytes_max, .. } = Self::default();
        let sufficiency = Sufficiency {
            hours_min: enough.hours.unwrap_or(default.hours_min),
            share_min: enough.share.unwrap_or(default.share_min),
            units_share_min: enough.unit_share.unwrap_or(default.units_share_min),
            units_min: enough.units.unwrap_or(default.units_min),
        };
        let refused = |table: &str| {
            let above = vec![table.to_owned()];
            move |reason: String| (above, reason)
        };
        let sufficiency = sufficiency.checked().map_err(|error| refused("enough")(error.to_string()))?;
        let import_bytes_max = import.megabytes.map_or(import_bytes_max, |max| max.saturating_mul(MEGABYTE));
        Ok(Self {
            sufficiency,
            import_bytes_max,
            maintenance,
            server: server.settings().map_err(refused("server"))?,
            access: access.settings().map_err(refused("access"))?,
            federation: graphql.federation,
            log: log.settings().map_err(refused("log"))?,
            health: health.settings().map_err(refused("health"))?,
            policies: policies.settings().map_err(refused("policies"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("throughline.toml"), text).expect("a file");
        Settings::read(folder.path()).map_err(|error| error.to_string())
    }

    /// The reference leaves every default, and has each key that can be written.
    #[test]
    fn the_reference_is_of_all_keys() {
        let text = keys::reference();
        assert_eq!(parse(&text), Ok(Settings::default()));
        let uncommented = text.replace("\n# ", "\n");
        let table: toml::Table = uncommented.parse().expect("every example is TOML");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("throughline.toml"), &uncommented).expect("a file");
        let loaded = Sources::default().read(folder.path()).expect("every example is taken");
        assert_eq!(loaded.effective().iter().filter(|effective| effective.value.is_none()).count(), 0);
        // What can be written is what serde lists where it refuses another name.
        for (name, value) in &table {
            let toml::Value::Table(table) = value else { continue };
            let wrong = format!("[{name}]\nno-such-key = 1");
            let listed =
                toml::from_str::<written::Written>(&wrong).map(drop).expect_err("refused").to_string();
            let listed: Vec<&str> = listed.split('`').skip(3).step_by(2).collect();
            // Names with underscores are those of the file of an earlier version.
            let missing: Vec<_> =
                listed.iter().filter(|key| !key.contains('_') && !table.contains_key(**key)).collect();
            assert!(missing.is_empty(), "[{name}] lacks {missing:?}");
            assert!(!listed.is_empty() || table.len() < 2, "{name}");
        }
    }

    #[test]
    fn settings_are_read_or_refused_with_a_reason() {
        let check = |text: &str, expect: Result<Sufficiency, &str>| match (parse(text), expect) {
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
        check("[enough]\ndays = 3", Err("is no setting"));
        check("hours = 3", Err("is no setting"));
        check("[import]\nmegabytes = -1", Err("invalid value"));
        check("[server]\nhost = \"plant.example\"", Err("is no setting"));
        check("[maintenance]\nloose = -1", Err("invalid value"));
        check("[maintenance]\noff = true", Err("is no setting"));
        let maintenance = parse("[maintenance]\nenabled = false").map(|got| got.maintenance);
        assert_eq!(maintenance, Ok(MaintenanceSettings { enabled: false, loose: 5_000 }));
        let server = parse("[server]\nhosts = [\"plant.example\"]").map(|got| got.server.hosts);
        assert_eq!(server, Ok(vec!["plant.example".to_owned()]));
        assert_eq!(parse("[import]\nmegabytes = 3").map(|got| got.import_bytes_max), Ok(3_000_000));
    }
}
