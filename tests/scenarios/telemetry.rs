//! What is known of the telemetry, by whom it is asked when: watermarks, retention, buckets of a zone, a full disk.

use super::program::is_there;
use super::world::{PUMP, World, post_graphql, request};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use throughline::telemetry::Precision;

/// The pump, its telemetry kept under these settings.
fn world(settings: &str) -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.reopened(|folder| {
        std::fs::write(folder.join("telemetry/settings.toml"), settings).expect("the settings");
    })
}

/// Stores a value for each hour of some days of 2024.
fn send_days(world: &World, days: std::ops::Range<i64>, value: i64) {
    let hours = (days.start * 24..days.end * 24).map(|hour| 1_704_067_200 + hour * 3600);
    let lines: Vec<_> = hours.map(|second| format!("m,twin=P-1 temp={value} {second}")).collect();
    let written = world.app.ingest_lines(lines.join("\n").as_bytes(), Precision::Seconds).expect("a write");
    assert!(written.rejected.is_empty(), "{:?}", written.rejected);
}

fn usage(thread: &str, window: [&str; 2], fields: &str) -> String {
    let [from, to] = window;
    format!(
        r#"{{ thread{thread} {{ watermark designRevision(id: "pump/A") {{ fieldUsage(property: "temperature",
            window: {{ from: "{from}", to: "{to}" }}) {{ {fields} }} }} }} }}"#
    )
}

const JANUARY: [&str; 2] = ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"];

#[test]
fn a_watermark_that_is_refused_names_one_that_answers() {
    let world = world("readable = \"PT0S\"");
    let query = |thread: &str| usage(thread, JANUARY, "sampleCount max");
    let mut marks = Vec::new();
    for round in 0..9 {
        send_days(&world, 0..2, 40 + round);
        world.app.seal().expect("sealed");
        marks.push(world.data(&query(""), json!({}))["thread"]["watermark"].clone());
    }
    let newest = world.data(&query(""), json!({}));
    world.app.telemetry().maintain().expect("compacted");
    let asked = |mark: &str| query(&format!("(asKnownAt: \"{mark}\")"));
    let (code, message) = world.refusal(&asked(marks[2].as_str().expect("a watermark")), json!({}));
    assert_eq!(code, "NOT_FOUND", "{message}");
    let oldest = message.rsplit("the oldest that answers is ").next().expect("another watermark");
    let answer = world.data(&asked(oldest), json!({}));
    assert_eq!(answer["thread"]["watermark"], oldest, "{message}");
    assert_eq!(world.data(&query(""), json!({})), newest);
    let (code, message) = world.refusal(&asked("soon"), json!({}));
    assert_eq!(code, "BAD_INPUT", "{message}");
}

#[test]
fn what_retention_dropped_is_answered_by_rollups_or_refused() {
    // The clock of the tests shows 2026, so all of January is old.
    let world = world("[[retention]]\nmeasurement = \"m\"\nkeep = \"P30D\"\nrollups = \"DAY\"\n");
    send_days(&world, 0..31, 50);
    let whole =
        usage("", JANUARY, "sampleCount min max mean hours percentile(p: 0.5) account { missingHours }");
    let before = world.data(&whole, json!({}));
    world.app.telemetry().maintain().expect("let go");
    assert_eq!(world.data(&whole, json!({})), before);
    let check = |window: [&str; 2]| {
        let (code, message) = world.refusal(&usage("", window, "sampleCount"), json!({}));
        assert!(code == "NOT_FOUND" && message.contains("ask for whole days or months"), "{code}: {message}");
    };
    check(["2024-01-01T05:30:00Z", "2024-01-09T00:00:00Z"]);
    check(["2024-01-01T00:00:00Z", "2024-01-09T05:30:00Z"]);
    let late =
        world.app.ingest_lines(b"m,twin=P-1 temp=1 1704067200", Precision::Seconds).expect("an answer");
    assert!(late.rejected[0].message.contains("older than what is kept"), "{:?}", late.rejected);
}

#[test]
fn buckets_have_any_length_and_begin_in_the_zone() {
    let world = world("");
    send_days(&world, 89..92, 50);
    let ask = |bucket: &str, zone: &str| -> Vec<(String, u64)> {
        let query = format!(
            r#"{{ thread {{ designRevision(id: "pump/A") {{ fieldUsage(property: "temperature", bucket: "{bucket}", zone: "{zone}",
                window: {{ from: "2024-03-30T00:00:00+01:00", to: "2024-04-02T00:00:00+02:00" }}) {{ buckets {{ from usage {{ sampleCount }} }} }} }} }} }}"#
        );
        let usage = world.data(&query, json!({}))["thread"]["designRevision"]["fieldUsage"].clone();
        let row = |bucket: &Value| {
            let from = bucket["from"].as_str().expect("an instant").to_owned();
            (
                from,
                bucket["usage"]["sampleCount"]
                    .as_str()
                    .and_then(|count| count.parse::<u64>().ok())
                    .expect("a count"),
            )
        };
        usage["buckets"].as_array().expect("buckets").iter().map(row).collect()
    };
    let check = |bucket: &str, zone: &str, expect: &[(&str, u64)]| {
        let expect: Vec<_> = expect.iter().map(|(from, count)| ((*from).to_owned(), *count)).collect();
        assert_eq!(ask(bucket, zone), expect, "{bucket} {zone}");
    };
    // The samples begin with the 30th of March in UTC; the 31st has 23 hours in Paris.
    check(
        "P1D",
        "Europe/Paris",
        &[("2024-03-29T23:00:00Z", 23), ("2024-03-30T23:00:00Z", 23), ("2024-03-31T22:00:00Z", 24)],
    );
    check("P1M", "Europe/Paris", &[("2024-03-29T23:00:00Z", 46), ("2024-03-31T22:00:00Z", 24)]);
    check("P1M", "UTC", &[("2024-03-29T23:00:00Z", 48), ("2024-04-01T00:00:00Z", 22)]);
    assert_eq!(ask("PT7H", "UTC").iter().map(|bucket| bucket.1).sum::<u64>(), 70);
    assert_eq!(ask("PT90M", "UTC")[2], ("2024-03-30T01:30:00Z".to_owned(), 1));
}

/// A service in a process of its own, for which a write to a full disk is an error and no signal.
struct Service {
    process: Child,
    address: SocketAddr,
}

impl Service {
    fn start(folder: &Path) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\""])
            .arg(env!("CARGO_BIN_EXE_throughline"))
            .arg(folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a service");
        let mut printed = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut printed).expect("a line");
        let address = printed.trim().strip_prefix("listening on http://").expect(&printed).parse();
        Self { process, address: address.expect("an address") }
    }

    /// Lets files grow to so many bytes.
    fn limit(&self, bytes: &str) {
        let pid = self.process.id().to_string();
        let set =
            Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={bytes}:unlimited")]).status();
        assert!(set.expect("prlimit").success());
    }

    fn count(&self) -> u64 {
        let answer = post_graphql(self.address, &usage("", JANUARY, "sampleCount"), &json!({}));
        let answer = answer.json();
        let count = &answer["data"]["thread"]["designRevision"]["fieldUsage"]["sampleCount"];
        count.as_str().and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.process.kill().expect("the service ends");
        self.process.wait().expect("the service has ended");
    }
}

#[test]
fn a_full_disk_refuses_writes_while_reads_go_on() {
    if !is_there("prlimit", &["--version"]) {
        return;
    }
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let World { folder, app, service } = world;
    drop((app, service));
    let served = Service::start(folder.path());
    let post = |served: &Service, round: u64| {
        let line = |at: u64| {
            format!(
                "m,twin=P-1 temp={} {}",
                ((round * 7919 + at) as f64).sqrt(),
                1_704_067_200 + round * 1000 + at
            )
        };
        let body: Vec<_> = (0..1000).map(line).collect();
        request(served.address, "POST", "/api/v2/write?precision=s", &[], body.join("\n").as_bytes())
    };
    assert_eq!(post(&served, 0).status, 204);
    served.limit("50000");
    let refused = (1..20).map(|round| post(&served, round)).find(|answer| answer.status != 204);
    let refused = refused.expect("a write that the disk does not take");
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")), "{}", refused.body);
    let body = refused.json();
    assert_eq!(body["code"], "unavailable");
    assert!(
        body["message"].as_str().is_some_and(|body| body.contains("the samples were not stored")),
        "{body}"
    );
    let count = served.count();
    assert_eq!(count % 1000, 0, "a refused request left something behind");
    assert_eq!(post(&served, 30).status, 503);
    assert_eq!(served.count(), count);
    served.limit("unlimited");
    assert_eq!(post(&served, 31).status, 204);
    served.limit("50000");
    assert_eq!(post(&served, 32).status, 503);
    // Killed while the disk is full, it comes back with all that was acknowledged.
    drop(served);
    let served = Service::start(folder.path());
    assert_eq!(served.count(), count + 1000);
    assert_eq!(post(&served, 33).status, 204);
}

#[test]
fn the_benchmark_of_telemetry_prints_its_bars() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_throughline"))
        .args(["bench", "telemetry", "--units", "2", "--samples", "10000", "--folder"])
        .arg(folder.path())
        .env("THROUGHLINE_PYTHON", "no-such-python")
        .output()
        .expect("the program");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    for what in [
        "ingest over HTTP, durable, 6 fields a line, in order",
        "ingest over HTTP, durable, 1 fields a line, 10 % late",
        "peak memory of the service meanwhile",
        "skipped: La Haute Borne and C-MAPSS: no --real-data",
        "fleet usage, P95 + histogram + months, cold",
        "with three component swaps a unit, of one revision",
        "skipped: DuckDB: no python3",
    ] {
        assert!(printed.contains(what), "{what} is missing:\n{printed}");
    }
    for error in printed.lines().filter(|line| line.starts_with("percentile error")) {
        assert!(error.ends_with("met"), "{error}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0, "something was left behind");
}

/// One fault of a sensor must not break a minimum for good, nor pass for an hour in which all was well.
#[test]
fn values_that_no_sensor_can_measure_count_for_nothing() {
    let world = World::new();
    let ranged = |min: &str| {
        PUMP.replace(
            "tl:name \"temp\" ;",
            &format!("tl:name \"temp\" ; tl:plausibleMin {min} ; tl:plausibleMax 150 ;"),
        )
    };
    let refused = world.import("pump", &ranged("151")).expect_err("151 lies above 150").to_string();
    assert!(refused.contains("plausibleMin must not lie above plausibleMax"), "{refused}");
    world.import("pump", &ranged("-40")).expect("an import");
    send_days(&world, 0..4, 60);
    world
        .app
        .ingest_lines(
            b"m,twin=P-1 temp=-9999 1704070800\nm,twin=P-1 temp=3276.7 1704078000",
            Precision::Seconds,
        )
        .expect("a write");
    let window = ["2024-01-01T00:00:00Z", "2024-01-05T00:00:00Z"];
    let fields = "sampleCount hours min max first { value } account { missingHours implausibleSamples: implausibleSampleCount implausibleHours }
        buckets { usage { min account { implausibleSamples: implausibleSampleCount } } }";
    let query = usage("", window, fields)
        .replace("window:", "among: { identifier: { eq: \"P-1\" } }, bucket: \"P1D\", window:");
    let data = world.data(&query, json!({}));
    let day = |implausible: u64| json!({ "usage": { "min": 60.0, "account": { "implausibleSamples": implausible.to_string() } } });
    assert_eq!(
        data["thread"]["designRevision"]["fieldUsage"],
        json!({
            "sampleCount": "94", "hours": 94.0, "min": 60.0, "max": 60.0, "first": { "value": 60.0 },
            "account": { "missingHours": 2.0, "implausibleSamples": "2", "implausibleHours": 2.0 },
            "buckets": [day(2), day(0), day(0), day(0)],
        })
    );
    let samples = world.data(
        r#"{ thread { twinInstance(id: "unit/P-1") { telemetry(signal: "temp",
            window: { from: "2024-01-01T01:00:00Z", to: "2024-01-01T02:00:00Z" }) { samples { value } } } } }"#,
        json!({}),
    );
    assert_eq!(samples["thread"]["twinInstance"]["telemetry"][0]["samples"], json!([{ "value": -9999.0 }]));
    let evidence = world.data(
        r#"mutation { recordEvidence(input: { branch: "main", item: "pump/A", requirement: "REQ-1", openFindings: false,
            window: { from: "2024-01-01T00:00:00Z", to: "2024-01-05T00:00:00Z" } }) { evidence { implausibleSamples implausibleHours observed } } }"#,
        json!({}),
    );
    assert_eq!(
        evidence["recordEvidence"]["evidence"][0],
        json!({ "implausibleSamples": 2.0, "implausibleHours": 2.0, "observed": 60.0 })
    );
}

/// Weeks begin on Monday in the zone that is asked for, also those in which its clocks change.
#[test]
fn a_week_begins_on_monday() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    send_days(&world, 0..110, 60);
    let check = |bucket: &str, window: [&str; 2], expect: &[(&str, f64)]| {
        let query = usage("", window, "buckets { from usage { hours } }").replace(
            "window:",
            &format!(
                "among: {{ identifier: {{ eq: \"P-1\" }} }}, bucket: \"{bucket}\", zone: \"Europe/Paris\", window:"
            ),
        );
        let data = world.data(&query, json!({}));
        let expect: Vec<_> =
            expect.iter().map(|(from, hours)| json!({ "from": from, "usage": { "hours": hours } })).collect();
        assert_eq!(data["thread"]["designRevision"]["fieldUsage"]["buckets"], json!(expect), "{bucket}");
    };
    let march = ["2024-03-20T00:00:00Z", "2024-04-08T22:00:00Z"];
    let weeks = [
        ("2024-03-20T00:00:00Z", 119.0),
        ("2024-03-24T23:00:00Z", 167.0),
        ("2024-03-31T22:00:00Z", 168.0),
        ("2024-04-07T22:00:00Z", 24.0),
    ];
    check("P1W", march, &weeks);
    check("P7D", march, &weeks);
    // An even number of weeks after Monday 1970-01-05.
    check("P2W", march, &[("2024-03-20T00:00:00Z", 119.0 + 167.0), ("2024-03-31T22:00:00Z", 168.0 + 24.0)]);
}
