//! The settings as they are written, before defaults and checks.

use super::MaintenanceSettings;
use super::health::Written as WrittenHealth;
use super::hooks::Written as WrittenHooks;
use super::log::Written as WrittenLog;
use super::monitors::Written as WrittenMonitors;
use super::mqtt::Written as WrittenMqtt;
use super::outbox::Written as WrittenOutbox;
use super::policies::Written as WrittenPolicies;
use super::server::Written as WrittenServer;
use crate::app::access::settings::Written as WrittenAccess;
use crate::telemetry::WrittenSettings as WrittenTelemetry;
use serde::Deserialize;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
pub(super) struct Written {
    enough: WrittenSufficiency,
    import: WrittenImport,
    maintenance: MaintenanceSettings,
    server: WrittenServer,
    access: WrittenAccess,
    graphql: WrittenGraphql,
    log: WrittenLog,
    telemetry: WrittenTelemetry,
    monitors: WrittenMonitors,
    policies: WrittenPolicies,
    health: WrittenHealth,
    pub(super) outbox: WrittenOutbox,
    pub(super) hooks: WrittenHooks,
    pub(super) mqtt: WrittenMqtt,
}

/// What the settings of the thread itself are made of.
pub(super) struct WrittenThread {
    pub(super) enough: WrittenSufficiency,
    pub(super) import: WrittenImport,
    pub(super) maintenance: MaintenanceSettings,
    pub(super) server: WrittenServer,
    pub(super) access: WrittenAccess,
    pub(super) graphql: WrittenGraphql,
    pub(super) log: WrittenLog,
    pub(super) policies: WrittenPolicies,
    pub(super) health: WrittenHealth,
}

impl Written {
    /// Takes it apart by whom the settings are for.
    pub(super) fn parts(self) -> (WrittenThread, WrittenTelemetry, WrittenMonitors) {
        let Self {
            enough,
            import,
            maintenance,
            server,
            access,
            graphql,
            log,
            telemetry,
            monitors,
            policies,
            health,
            ..
        } = self;
        let thread =
            WrittenThread { enough, import, maintenance, server, access, graphql, log, policies, health };
        (thread, telemetry, monitors)
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct WrittenSufficiency {
    pub(super) hours: Option<f64>,
    pub(super) share: Option<f64>,
    pub(super) unit_share: Option<f64>,
    pub(super) units: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenImport {
    pub(super) megabytes: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WrittenGraphql {
    pub(super) federation: bool,
}
