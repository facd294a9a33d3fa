//! Every key of `throughline.toml`, with its default and what it is for: what the documentation prints, what a misspelt key is compared with,
//! and what an environment variable may override.

use crate::model::near;
use std::fmt::Write as _;
use toml::{Table, Value};

/// One key. In its path `[]` is an entry of an array of tables, and `*` any name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingKey {
    /// Its path, such as `server.seconds`.
    pub path: &'static str,
    /// The default in TOML; where there is none, an example after `?`.
    pub default: &'static str,
    /// What it is for.
    pub about: &'static str,
}

const fn key(path: &'static str, default: &'static str, about: &'static str) -> SettingKey {
    SettingKey { path, default, about }
}

/// All keys, table by table.
pub const KEYS: &[SettingKey] = &[
    key("enough.hours", "1", "of each unit, that its samples count for"),
    key("enough.share", "0.5", "of a unit's hours in service, that samples cover"),
    key("enough.unitShare", "0.5", "of the units, about which something can be concluded, or which report"),
    key("enough.units", "5", "on each side of a comparison"),
    key(
        "import.megabytes",
        "1000",
        "of the files of one import together, unpacked; an import is kept in memory",
    ),
    key(
        "maintenance.enabled",
        "true",
        "whether Git objects are packed while the thread is served: loose ones, and more than 32 small packs",
    ),
    key("maintenance.loose", "5000", "objects that may be loose before they are packed"),
    key(
        "server.hosts",
        "[]",
        "names of the service beside addresses and localhost: [\"throughline.plant.example\"]",
    ),
    key(
        "server.address",
        "?\"https://throughline.plant.example\"",
        "by which other tools link here; where it is not written, the one that a request names",
    ),
    key(
        "server.frames",
        "[]",
        "web pages that may show OSLC previews and dialogs inside theirs: [\"https://alm.plant.example\"]",
    ),
    key(
        "server.origins",
        "[]",
        "web pages that may use the service: [\"https://tools.plant.example\"], [\"http://localhost:*\"] for any port",
    ),
    key(
        "server.documents",
        "?\"documents\"",
        "a folder of documents that clients may name instead of sending them",
    ),
    key("server.documentsOnly", "false", "whether no other documents are answered"),
    key("server.seconds", "30", "of one GraphQL request or SPARQL query"),
    key("server.answerMegabytes", "32", "of one GraphQL answer"),
    key("server.unreadMegabytes", "256", "of all answers that their clients have not read yet"),
    key("server.bodyMegabytes", "256", "of one body of samples, unpacked"),
    key("server.bodiesMegabytes", "512", "of all bodies that are being received, unpacked or stored"),
    key(
        "server.parsedMegabytes",
        "384",
        "of the values of all GraphQL requests, as estimated before they are read",
    ),
    key(
        "server.patienceSeconds",
        "30",
        "for a client to send a head or a body, to read an answer, to answer a ping",
    ),
    key(
        "server.connections",
        "1024",
        "open at a time; never more than half of the files that the process may open",
    ),
    key(
        "server.connectionsPerClient",
        "?512",
        "of one address; else half of connections, and all of them for clients on this machine",
    ),
    key("server.sockets", "256", "WebSockets open at a time"),
    key("server.socketsPerClient", "64", "of one address"),
    key("server.subscriptionsPerClient", "400", "operations of one address under way over its WebSockets"),
    key("server.stopSeconds", "10", "for requests to end when the service stops"),
    key(
        "server.rates.*.requestsPerMinute",
        "?600",
        "of each principal of the role: reader, contributor, approver, operator, telemetry-writer or monitor",
    ),
    key("server.rates.*.megabytesPerMinute", "?100", "of the bodies of its requests, as they are sent"),
    key(
        "server.threads.*",
        "?\"../press\"",
        "the folder of a further thread, which is served at /t/NAME/ with its own access (docs/operations.md)",
    ),
    key(
        "server.tls.certificate",
        "?\"tls/chain.pem\"",
        "the certificate with its chain, in PEM; with it the service takes HTTPS alone",
    ),
    key("server.tls.key", "?\"tls/key.pem\"", "its private key, in PEM"),
    key("log.level", "\"warn\"", "off, error, warn, info or debug"),
    key("log.format", "\"text\"", "text, or json: an object a line"),
    key("log.requests", "false", "whether each request is logged, whatever the level"),
    key(
        "log.slowSeconds",
        "5",
        "from which time on an operation is logged as slow, with the hash of its document; 0: never",
    ),
    key(
        "graphql.federation",
        "false",
        "whether the schema is a subgraph of an Apollo Federation supergraph: @key, _service and _entities",
    ),
    key(
        "access.proxy.header",
        "?\"x-remote-user\"",
        "names the user; the proxy sets it, and removes it from what it receives",
    ),
    key("access.proxy.addresses", "?[\"127.0.0.1\"]", "of the proxy"),
    key(
        "access.proxy.socketSeconds",
        "?3600",
        "after which the WebSockets of its users are closed, so that the proxy is asked again",
    ),
    key("access.proxy.roles.*", "?\"approver\"", "of a user of the proxy; others are refused"),
    key("access.jwt.issuer", "?\"https://login.plant.example/\"", "who issues the tokens: their claim iss"),
    key("access.jwt.audience", "?\"throughline\"", "whom they are for: one of their claim aud"),
    key(
        "access.jwt.keys",
        "?\"https://login.plant.example/jwks\"",
        "the issuer's public keys, a JWK set: a file, which is read anew when it is replaced, or a URL with https://",
    ),
    key(
        "access.jwt.keysMinutes",
        "?15",
        "how often keys at a URL are fetched, beside when a token names a new one",
    ),
    key("access.jwt.keysHours", "?24", "for how long the last keys are used while their URL fails"),
    key(
        "access.jwt.authorities",
        "?\"ca.pem\"",
        "the certificates that the URL of the keys is trusted by; those of this machine where absent",
    ),
    key("access.jwt.algorithms", "?[\"RS256\", \"ES256\"]", "of public keys alone; these two where absent"),
    key(
        "access.jwt.leewaySeconds",
        "?30",
        "by which the clocks of the issuer and this machine may differ; 30 where absent",
    ),
    key(
        "access.jwt.roleClaim",
        "?\"roles\"",
        "the claim with the groups of a user, such as realm_access.roles; roles where absent",
    ),
    key("access.jwt.nameClaim", "?\"name\"", "the claim with the name; name where absent, else the subject"),
    key("access.jwt.emailClaim", "?\"email\"", "the claim with the address; email where absent"),
    key("access.jwt.roles.*", "?\"approver\"", "of a group; users of no such group are refused"),
    key(
        "access.oidc.issuer",
        "?\"https://login.plant.example\"",
        "where browsers sign in (OpenID Connect), letter by letter as it names itself",
    ),
    key("access.oidc.client", "?\"throughline\"", "what the issuer knows this service as"),
    key(
        "access.oidc.secret",
        "?\"oidc.secret\"",
        "the file of the client's secret; none where the issuer knows a public client",
    ),
    key(
        "access.oidc.redirect",
        "?\"https://plant.example/pages/callback\"",
        "where browsers come back to, as the issuer knows it",
    ),
    key(
        "access.oidc.scopes",
        "?\"openid profile email\"",
        "what the issuer is asked for; these where absent",
    ),
    key("access.oidc.sessionHours", "?8", "how long a browser stays signed in; 8 where absent"),
    key(
        "access.oidc.authorities",
        "?\"ca.pem\"",
        "the certificates that the issuer is trusted by; those of this machine where absent",
    ),
    key("access.oidc.algorithms", "?[\"RS256\", \"ES256\"]", "of ID tokens, as under access.jwt"),
    key("access.oidc.leewaySeconds", "?30", "as under access.jwt"),
    key("access.oidc.roleClaim", "?\"roles\"", "as under access.jwt"),
    key("access.oidc.nameClaim", "?\"name\"", "as under access.jwt"),
    key("access.oidc.emailClaim", "?\"email\"", "as under access.jwt"),
    key("access.oidc.roles.*", "?\"approver\"", "of a group; users of no such group are refused"),
    key("telemetry.readable", "\"P7D\"", "how long a watermark that nobody pinned answers at least"),
    key("telemetry.newSeriesMax", "10000", "new series that one request may bring"),
    key("telemetry.seriesMax", "2000000", "series of the thread"),
    key(
        "telemetry.nameBytesMax",
        "1024",
        "of the name of a twin, measurement, field or tag, and of the value of a tag",
    ),
    key("telemetry.tagsMax", "32", "tags of a series, beside twin"),
    key("telemetry.namesBytesMax", "268435456", "of the names of all series; they are in memory"),
    key("telemetry.sealRows", "4194304", "samples in memory that are sealed into a part in the background"),
    key(
        "telemetry.retention[].measurement",
        "?\"vibration*\"",
        "* matches any text; all measurements where absent",
    ),
    key("telemetry.retention[].field", "?\"*\"", "the same of fields"),
    key("telemetry.retention[].keep", "?\"P90D\"", "older samples are dropped, but not what is pinned"),
    key(
        "telemetry.retention[].rollups",
        "?\"DAY\"",
        "HOUR, DAY or MONTH: the finest rollups that stay in their place; DAY where absent",
    ),
    key("monitors.every", "\"P1D\"", "how often the monitors run, counted from midnight in UTC"),
    key("monitors.branch", "\"main\"", "the version that is read, and the branch that takes what is found"),
    key("monitors.monitor[].name", "?\"pumps\"", "one of its own"),
    key(
        "monitors.monitor[].items",
        "?[\"pump/A\", \"pump/B\"]",
        "every RELEASED design revision where absent",
    ),
    key("monitors.monitor[].requirements", "?[\"REQ-1\"]", "all that the designs satisfy where absent"),
    key("monitors.monitor[].window", "?\"P31D\"", "back from the last midnight in UTC"),
    key("health.enabled", "false", "whether the service looks at the health of the data by itself"),
    key("health.every", "\"PT1H\"", "how often it does"),
    key("health.periods", "3", "expected periods without a sample before a series is stale"),
    key("health.ahead", "\"PT5M\"", "how far samples may be dated in the future"),
    key("health.unbound", "\"P1D\"", "how long a series may send without a signal"),
    key("policies.every", "\"PT15M\"", "how often the policies of the thread run"),
    key("outbox.allow", "[]", "networks beside the Internet that targets may be in: [\"10.1.0.0/16\"]"),
    key("outbox.attempts", "12", "before an event is given up and kept for a person"),
    key("outbox.target[].name", "?\"mes\"", "one of its own"),
    key("outbox.target[].kind", "?\"webhook\"", "webhook, mqtt, csv or b2mml"),
    key(
        "outbox.target[].events",
        "?[\"action.ordered\"]",
        "that it takes; * at the end stands for any ending",
    ),
    key("outbox.target[].url", "?\"https://mes.plant.example/orders\"", "of a webhook"),
    key("outbox.target[].secret", "?\"secrets/mes\"", "the file of the secret that signs: whsec_ and Base64"),
    key("outbox.target[].token", "?\"secrets/token\"", "the file of a token that is sent"),
    key(
        "outbox.target[].header",
        "?\"PRIVATE-TOKEN\"",
        "that has the token; Authorization: Bearer where absent",
    ),
    key("outbox.target[].template", "?\"issue.json\"", "the file of a body of another shape"),
    key("outbox.target[].ca", "?\"ca.pem\"", "certificates to trust instead of those of the system"),
    key("outbox.target[].folder", "?\"orders\"", "that takes the files of csv and b2mml"),
    key("outbox.target[].broker", "?\"plant\"", "of mqtt: the name of one of [[mqtt.broker]]"),
    key(
        "outbox.target[].topic",
        "?\"commands/{data.fields.target}\"",
        "of mqtt: the topic of commands; values of the event in braces",
    ),
    key(
        "outbox.target[].answer",
        "?\"commands/{data.fields.target}/answer\"",
        "of mqtt: the topic at which the receiver answers; none is expected where absent",
    ),
    key(
        "outbox.target[].answerSeconds",
        "?30",
        "of mqtt: within which the broker and the receiver answer; 30 where absent",
    ),
    key("hooks.hook[].name", "?\"mes\"", "of POST /hooks/NAME"),
    key("hooks.hook[].secret", "?\"secrets/mes\"", "the file of the secret that signs its messages"),
    key(
        "hooks.hook[].signature",
        "?\"standard\"",
        "standard (Standard Webhooks) or github; standard where absent",
    ),
    key("hooks.hook[].mapping", "?\"mes.toml\"", "the file of what its messages mean"),
    key("hooks.hook[].role", "?\"contributor\"", "what it may do; contributor where absent"),
    key("hooks.hook[].email", "?\"mes@plant.example\"", "under which its commits are recorded"),
    key("mqtt.broker[].name", "?\"plant\"", "one of its own"),
    key(
        "mqtt.broker[].url",
        "?\"mqtts://broker.plant.example:8883\"",
        "of the broker; mqtt:// is not encrypted",
    ),
    key("mqtt.broker[].version", "?\"5\"", "of MQTT: 5 or 3.1.1; 5 where absent"),
    key(
        "mqtt.broker[].client",
        "?\"throughline-plant\"",
        "the name of the client, of which the broker has one at a time; throughline-NAME where absent",
    ),
    key(
        "mqtt.broker[].sessionHours",
        "?24",
        "for which the broker keeps what arrives while the service is away; 24 where absent, 0: not at all",
    ),
    key("mqtt.broker[].user", "?\"throughline\"", "by which the broker knows the service"),
    key(
        "mqtt.broker[].password",
        "?\"secrets/broker\"",
        "the file of its password, or env:NAME for a variable of the environment",
    ),
    key("mqtt.broker[].ca", "?\"ca.pem\"", "certificates to trust instead of those of the system"),
    key("mqtt.broker[].certificate", "?\"client.pem\"", "of the service, with its chain, in PEM"),
    key("mqtt.broker[].key", "?\"client.key\"", "its private key, in PEM"),
    key("mqtt.broker[].keepAliveSeconds", "?30", "after which a silent connection is over; 30 where absent"),
    key("mqtt.broker[].email", "?\"plant@plant.example\"", "under which its writes are recorded"),
    key(
        "mqtt.broker[].twins",
        "?[\"P-*\"]",
        "of which samples are taken, * at the end stands for any ending; all where absent",
    ),
    key(
        "mqtt.broker[].batchSamples",
        "?10000",
        "samples or messages that are stored together; 10000 where absent",
    ),
    key(
        "mqtt.broker[].batchKilobytes",
        "?4096",
        "of the messages that are stored together; 4096 where absent",
    ),
    key(
        "mqtt.broker[].batchMilliseconds",
        "?5",
        "between the beginnings of two batches that are not full; 5 where absent",
    ),
    key(
        "mqtt.broker[].unacknowledged",
        "?20000",
        "messages that the broker may send before one is acknowledged (version 5); 20000 where absent",
    ),
    key(
        "mqtt.broker[].messageKilobytes",
        "?1024",
        "of one message; larger ones are counted and left out; 1024 where absent",
    ),
    key(
        "mqtt.broker[].topic[].pattern",
        "?\"plant/{site}/{twin}/{field}\"",
        "a name in braces takes a level or a part of one; + and # as in MQTT",
    ),
    key(
        "mqtt.broker[].topic[].payload",
        "?\"json\"",
        "plain (a number or boolean), json or sparkplug; json where values are written, else plain",
    ),
    key(
        "mqtt.broker[].topic[].twin",
        "?\"{twin}\"",
        "a text with names of the pattern, or a path in JSON such as $.serial; {twin} where absent",
    ),
    key(
        "mqtt.broker[].topic[].measurement",
        "?\"mqtt\"",
        "a text with names of the pattern; mqtt, or sparkplug, where absent",
    ),
    key(
        "mqtt.broker[].topic[].field",
        "?\"{field}\"",
        "of a plain payload, {field} where absent; precedes the names of others",
    ),
    key("mqtt.broker[].topic[].tags", "?[\"site\"]", "names of the pattern that are kept as tags"),
    key("mqtt.broker[].topic[].each", "?\"$.readings\"", "the path of an array of readings"),
    key("mqtt.broker[].topic[].time", "?\"$.ts\"", "the path of the time; the time of arrival where absent"),
    key(
        "mqtt.broker[].topic[].timeUnit",
        "?\"ms\"",
        "rfc3339, s, ms, us or ns since 1970; rfc3339 where absent",
    ),
    key(
        "mqtt.broker[].topic[].values.*",
        "?\"$.engine.speed\"",
        "the path of a field; every number and boolean is a field where there is none",
    ),
];

impl SettingKey {
    /// Returns whether a value is there where nothing is written.
    pub fn has_default(&self) -> bool {
        !self.default.starts_with('?')
    }

    /// Returns the path up to what an array of tables or a table of any names holds: what is shown, and set by a variable, as a whole.
    pub fn whole(&self) -> &'static str {
        let end = self.path.find("[]").or_else(|| self.path.find(".*")).unwrap_or(self.path.len());
        &self.path[..end]
    }

    /// Returns the environment variable that overrides it.
    pub fn variable(&self) -> String {
        let mut name = "THROUGHLINE".to_owned();
        for (number, segment) in self.whole().split('.').enumerate() {
            name.push_str(if number == 0 { "_" } else { "__" });
            for letter in segment.chars() {
                if letter.is_uppercase() {
                    name.push('_');
                }
                name.extend(letter.to_uppercase());
            }
        }
        name
    }
}

/// Returns a table of settings as it is written, with the default or an example of each key and what it is for.
pub fn reference() -> String {
    let (mut text, mut table) = (String::new(), "");
    for key in KEYS {
        let (above, name) = key.path.rsplit_once('.').unwrap_or(("", key.path));
        // What is an example is in a comment: the text as it is leaves every default.
        let hidden = if key.has_default() { "" } else { "# " };
        if above != table {
            let of_example =
                KEYS.iter().filter(|key| key.path.starts_with(above)).all(|key| !key.has_default());
            let head = match above.strip_suffix("[]") {
                Some(array) => format!("[[{}]]", array.replace("[]", "")),
                None => format!("[{}]", above.replace('*', "telemetry-writer").replace("[]", "")),
            };
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}{head}", if of_example { "# " } else { "" });
            table = above;
        }
        let name = match name {
            "*" if above.ends_with("values") => "speed",
            "*" if above.ends_with("threads") => "press",
            "*" => "\"anna@plant.example\"",
            name => name,
        };
        let setting = format!("{hidden}{name} = {}", key.default.trim_start_matches('?'));
        let _ = writeln!(text, "{setting:<36}  # {}", key.about);
    }
    text
}

/// Returns what is written that is no setting: the tables and numbers of entries above, and the reason, which begins with the key.
pub(super) fn unknown(table: &Table) -> Vec<(Vec<String>, String)> {
    let mut found = Vec::new();
    walk(table, "", &mut Vec::new(), &mut found);
    found
}

fn walk(table: &Table, pattern: &str, above: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    let known = children(pattern);
    for (name, value) in table {
        let is_known = known.contains(&name.as_str());
        if !is_known && !known.contains(&"*") {
            let place =
                if pattern.is_empty() { "of throughline.toml".to_owned() } else { format!("of [{pattern}]") };
            let is_elsewhere = KEYS.iter().any(|key| last(key) == name);
            let nearest = if is_elsewhere { String::new() } else { near::hint(name, known.iter().copied()) };
            let nearest = if nearest.is_empty() { elsewhere(name) } else { nearest };
            found.push((above.clone(), format!("\"{name}\" is no setting {place}{nearest}")));
            continue;
        }
        let below = match (pattern, if is_known { name } else { "*" }) {
            ("", name) => name.to_owned(),
            (pattern, name) => format!("{pattern}.{name}"),
        };
        above.push(name.clone());
        match value {
            Value::Table(table) => walk(table, &below, above, found),
            Value::Array(entries) => {
                for (number, entry) in entries.iter().enumerate() {
                    let Value::Table(table) = entry else { continue };
                    above.push(number.to_string());
                    walk(table, &format!("{below}[]"), above, found);
                    above.pop();
                }
            }
            _ => {}
        }
        above.pop();
    }
}

/// Returns the names that a table may have.
fn children(pattern: &str) -> Vec<&'static str> {
    let mut names: Vec<&str> = KEYS
        .iter()
        .filter_map(|key| match pattern {
            "" => Some(key.path),
            _ => key.path.strip_prefix(pattern)?.strip_prefix('.'),
        })
        .map(|rest| rest.split(['.', '[']).next().unwrap_or(rest))
        .collect();
    names.dedup();
    names
}

/// Returns where a key of this name, or nearly so, is a setting.
fn elsewhere(name: &str) -> String {
    let near = near::near(name, KEYS.iter().map(last));
    let paths = KEYS.iter().filter(|key| near.first() == Some(&last(key))).map(|key| key.path);
    near::question(&paths.take(3).collect::<Vec<_>>())
}

fn last(key: &SettingKey) -> &'static str {
    key.path.rsplit('.').next().unwrap_or(key.path)
}

/// Returns the key, or the whole table or array of them, that an environment variable overrides, or the reason why there is none.
pub(super) fn of_variable(variable: &str) -> Result<SettingKey, String> {
    let found = KEYS.iter().find(|key| key.variable() == variable).copied();
    found.ok_or_else(|| {
        let variables: Vec<String> = KEYS.iter().map(SettingKey::variable).collect();
        let near = near::near(variable, variables.iter().map(String::as_str));
        format!("this variable is no setting{}", near::question(&near[..near.len().min(1)]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_setting_is_named_with_the_nearest_one() {
        let check = |text: &str, expect: &[&str]| {
            let table: Table = text.parse().expect("TOML");
            let found = unknown(&table).into_iter();
            let found: Vec<String> =
                found.map(|(above, reason)| format!("{}: {reason}", above.join("."))).collect();
            assert_eq!(found, expect, "{text}");
        };
        check("", &[]);
        check("[server]\nseconds = 1\n[access.proxy.roles]\n\"anna@x\" = \"reader\"", &[]);
        check(
            "[server]\nsecond = 1\nbodyMegabites = 2",
            &[
                "server: \"bodyMegabites\" is no setting of [server]; did you mean bodyMegabytes or bodiesMegabytes?",
                "server: \"second\" is no setting of [server]; did you mean seconds?",
            ],
        );
        check("[sever]\nx = 1", &[": \"sever\" is no setting of throughline.toml; did you mean server?"]);
        check("hours = 3", &[": \"hours\" is no setting of throughline.toml; did you mean enough.hours?"]);
        check(
            "[[telemetry.retention]]\nkeep = ''\n[[telemetry.retention]]\nkeeps = ''",
            &[
                "telemetry.retention.1: \"keeps\" is no setting of [telemetry.retention[]]; did you mean keep?",
            ],
        );
        check("[enough]\nzzzzzzzzzz = 1", &["enough: \"zzzzzzzzzz\" is no setting of [enough]"]);
    }

    #[test]
    fn variables_are_the_keys_in_capitals() {
        let check = |variable: &str, expect: Result<&str, &str>| {
            let found = of_variable(variable).map(|key| key.whole());
            assert_eq!(found, expect.map_err(str::to_owned), "{variable}");
        };
        check("THROUGHLINE_SERVER__BODY_MEGABYTES", Ok("server.bodyMegabytes"));
        check("THROUGHLINE_ACCESS__PROXY__ROLES", Ok("access.proxy.roles"));
        check("THROUGHLINE_TELEMETRY__RETENTION", Ok("telemetry.retention"));
        let near = "this variable is no setting; did you mean THROUGHLINE_SERVER__SECONDS?";
        check("THROUGHLINE_SERVER__SECOND", Err(near));
    }
}
