//! Clients of InfluxDB write here as they are: its official Python client, and requests in the shape of Telegraf's.

use super::program::is_there;
use super::world::{PUMP, World, request};
use serde_json::json;
use std::io::Write as _;
use std::process::Command;

/// The Python to use: it may be one in an environment that has the client.
fn python() -> String {
    std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn temperatures(world: &World) -> serde_json::Value {
    let usage = world.data(
        r#"{ thread { designRevision(id: "pump/A") { fieldUsage(property: "temperature",
            window: { from: "2024-01-01T00:00:00Z", to: "2024-01-02T00:00:00Z" }) { sampleCount min max } } } }"#,
        json!({}),
    );
    usage["thread"]["designRevision"]["fieldUsage"].clone()
}

#[test]
fn the_official_python_client_writes() {
    if !is_there(&python(), &["-c", "import influxdb_client"]) {
        return;
    }
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scenarios/influx_client.py");
    let output = world.served(|address| {
        Command::new(python()).arg(script).arg(format!("http://{address}")).output().expect("python runs")
    });
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    // Four points at once, in two batches, in seconds, and the good one of a bad request.
    assert_eq!(temperatures(&world), json!({ "sampleCount": "10", "min": 20.0, "max": 29.0 }));
}

/// A batch as Telegraf serialises it: tags and fields sorted, integers and booleans marked, nanoseconds.
fn telegraf_batch() -> Vec<u8> {
    let mut lines = String::new();
    for step in 0..50 {
        let at = 1_704_067_200_000_000_000i64 + step * 10_000_000_000;
        lines.push_str(&format!(
            "opcua,host=edge-1,id=ns\\=2;s\\=Pump1,twin=P-1 Quality=192i,running=true,temp={}.5 {at}\n",
            20 + step % 7
        ));
    }
    lines.into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(bytes).expect("packed");
    packed.finish().expect("packed")
}

#[test]
fn telegraf_writes_over_both_apis() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let headers = [
        ("user-agent", "Telegraf/1.34.0 Go/1.24.0"),
        ("authorization", "Token unused"),
        ("content-type", "text/plain; charset=utf-8"),
        ("content-encoding", "gzip"),
    ];
    world.served(|address| {
        let batch = gzip(&telegraf_batch());
        let path = "/api/v2/write?bucket=telegraf&org=plant";
        let answer = request(address, "POST", path, &headers, &batch);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        // A retried batch changes nothing but the account.
        let path = "/write?consistency=any&db=telegraf&precision=n&rp=";
        let answer = request(address, "POST", path, &headers, &batch);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        let path = "/write?db=telegraf&precision=&u=edge&p=unused";
        let answer = request(address, "POST", path, &headers, &batch);
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    });
    let expect = json!({ "sampleCount": "50", "min": 20.5, "max": 26.5 });
    assert_eq!(temperatures(&world), expect);
}

/// The OPC UA input writes a status text beside each value: no reason to drop a batch, nor to write it again.
#[test]
fn text_beside_a_number_is_left_out_and_noted() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let opcua = "opcua,id=ns\\=2;s\\=Pump1,twin=P-1 Quality=\"OK (0x0)\",temp=71.5 1704067200\n";
    let text_only =
        "opcua,id=ns\\=2;s\\=Pump1,twin=P-1 Quality=\"Bad\nopcua,twin=P-1 temp=999 1704067300\" 1704070800\n";
    let twice = "opcua,id=ns\\=2;s\\=Pump1,twin=P-1 temp=72.5 1704067200\n";
    world.served(|address| {
        for path in ["/api/v2/write?precision=s", "/write?db=any&precision=s"] {
            let answer = request(address, "POST", path, &[], opcua.as_bytes());
            assert_eq!((answer.status, answer.body.as_str()), (204, ""));
            let note = answer.header("throughline-note").expect("a note");
            assert_eq!(
                note,
                "1 text field was left out, the numbers beside are stored; the first is \"Quality\" in line 1"
            );
            let answer = request(address, "POST", path, &[], text_only.as_bytes());
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert!(answer.body.contains("1 line was refused, 0 samples stored"), "{}", answer.body);
            let answer = request(address, "POST", path, &[], format!("{opcua}{twice}").as_bytes());
            assert_eq!(answer.status, 204, "{}", answer.body);
            let notes: Vec<_> = answer.headers("throughline-note").collect();
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(notes[1].starts_with("1 sample was replaced by a later one"), "{notes:?}");
            let answer = request(address, "POST", path, &[], format!("{opcua}{twice}x").as_bytes());
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert!(answer.body.contains("line 3: expected fields"), "{}", answer.body);
            assert!(answer.body.contains("1 sample was replaced by a later one"), "{}", answer.body);
        }
    });
    assert_eq!(temperatures(&world), json!({ "sampleCount": "1", "min": 72.5, "max": 72.5 }));
}

/// Files made on Windows begin with a byte-order mark: each day's file belongs to the series of the others.
#[test]
fn a_byte_order_mark_starts_no_new_series() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        for day in 0..4 {
            let hours = (0..24).map(|hour| 1_704_067_200 + (day * 24 + hour) * 3600);
            let lines: String = hours.map(|at| format!("pump,twin=P-1 temp=70 {at}\r\n")).collect();
            let body = format!("\u{feff}{lines}");
            let answer = request(address, "POST", "/api/v2/write?precision=s", &[], body.as_bytes());
            assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        }
        let wide: Vec<u8> =
            "\u{feff}pump,twin=P-1 temp=1 5".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let answer = request(address, "POST", "/api/v2/write?precision=s", &[], &wide);
        assert_eq!(answer.status, 400);
        assert!(answer.body.contains("the body is in UTF-16"), "{}", answer.body);
        // Requests that a program on Windows made are read, too.
        for (path, media_type, text) in [
            ("/graphql", "application/json", r#"{ "query": "{ __typename }" }"#),
            ("/sparql", "application/sparql-query", "ASK {}"),
        ] {
            let answer = request(
                address,
                "POST",
                path,
                &[("content-type", media_type)],
                format!("\u{feff}{text}").as_bytes(),
            );
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
            let answer = request(address, "POST", path, &[("content-type", media_type)], &wide);
            assert_eq!(answer.status, 400);
            assert!(answer.body.contains("the body is in UTF-16"), "{path}: {}", answer.body);
        }
    });
    let usage = world.data(
        r#"{ thread { unboundSeries { nodes { reason } } twinInstance(id: "unit/P-1") { fieldUsage(property: "temperature",
            window: { from: "2024-01-01T00:00:00Z", to: "2024-01-05T00:00:00Z" }) { sampleCount hours } } } }"#,
        json!({}),
    );
    let expect = json!({ "unboundSeries": { "nodes": [] }, "twinInstance": { "fieldUsage": { "sampleCount": "96", "hours": 96.0 } } });
    assert_eq!(usage["thread"], expect);
}

#[test]
fn errors_come_in_the_words_of_the_api_asked() {
    let world = World::new();
    let long = format!("m,twin=P-1 temp=1,{}=1 5", "x".repeat(2 << 20));
    let many: String = (0..10_002).map(|twin| format!("m,twin=T-{twin} temp=1 1704067200\n")).collect();
    world.served(|address| {
        let check =
            |path: &str, headers: &[(&str, &str)], body: &[u8], status: u16, code: &str, part: &str| {
                let v2 = request(address, "POST", &format!("/api/v2/write?{path}"), headers, body);
                let answer = v2.json();
                assert_eq!((v2.status, answer["code"].as_str()), (status, Some(code)), "{answer}");
                assert!(answer["message"].as_str().is_some_and(|message| message.contains(part)), "{answer}");
                let v1 = request(address, "POST", &format!("/write?{path}"), headers, body);
                let answer = v1.json();
                assert_eq!(v1.status, status, "{answer}");
                assert!(answer["error"].as_str().is_some_and(|message| message.contains(part)), "{answer}");
            };
        let line = b"m,twin=P-1 temp=1 1704067200".as_slice();
        check("precision=ps", &[], line, 400, "invalid", "\"ps\" is no precision");
        check("precision=%ff", &[], line, 400, "invalid", "is not UTF-8");
        check("precision=ms", &[], line, 400, "invalid", "precision=s would fit");
        check("", &[], line, 400, "invalid", "precision=s would fit");
        check(
            "precision=s",
            &[],
            b"m,twin=P-1 temp=1 1704067200000000000",
            400,
            "invalid",
            "precision=ns would fit",
        );
        let mixed = b"m,twin=P-1 temp=1 1704067200000000000\nm,twin=P-1 temp=2 1704070800\nm,twin=P-1 temp=3 1704074400000000000";
        let says = "line 2: the timestamp 1704070800 lies in January 1970 when read as ns, as other lines of the request are";
        check("precision=ns", &[], mixed, 400, "invalid", &format!("1 line was refused, 2 samples stored\n{says}"));
        check("precision=s", &[], b"m,twin=P-1 temp=1 -1", 400, "invalid", "lies outside 1970 to 2262");
        check("precision=s", &[], b"m temp=1 1704067200", 400, "invalid", "the tag \"twin\" is missing");
        check("precision=s", &[], long.as_bytes(), 400, "invalid", "at most 1048576 are taken");
        check("precision=s", &[("content-encoding", "br")], line, 415, "invalid", "use gzip");
        check("precision=s", &[("content-encoding", "gzip")], line, 400, "invalid", "no gzip");
        // Of too many new series the first are stored.
        let answer = request(address, "POST", "/api/v2/write?precision=s", &[], many.as_bytes());
        let message = answer.json()["message"].as_str().expect("a message").to_owned();
        assert!(
            message.starts_with("partial write: 2 lines were refused, 10000 samples stored"),
            "{message}"
        );
        assert!(message.contains("line 10001: a request may bring at most 10000 new series"), "{message}");
        let minutes = request(address, "POST", "/write?precision=m", &[], b"m,twin=P-1 temp=1 28401120");
        assert_eq!(minutes.status, 204, "{}", minutes.body);
        let minutes =
            request(address, "POST", "/api/v2/write?precision=m", &[], b"m,twin=P-1 temp=1 28401120");
        assert_eq!(minutes.status, 400);
    });
}

/// Returns the text of the first fenced block of a language.
fn block<'a>(text: &'a str, language: &str) -> &'a str {
    let (_, rest) = text.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("\n```").expect("its end").0
}

#[test]
fn what_is_documented_is_answered() {
    let document = include_str!("../../docs/telemetry.md");
    let world = World::new();
    let answer = world.served(|address| {
        request(address, "POST", "/api/v2/write?precision=s", &[], block(document, "text").as_bytes())
    });
    assert_eq!((answer.status, answer.body.as_str()), (400, block(document, "json")));
}

#[test]
fn a_serial_in_another_unicode_form_is_the_same_unit() {
    let (composed, decomposed) = ("Z\u{fc}-1", "Zu\u{308}-1");
    for (recorded, sent) in [(composed, decomposed), (decomposed, composed)] {
        let world = World::new();
        world.import("pump", &PUMP.replace("\"P-1\"", &format!("\"{recorded}\""))).expect("an import");
        world.served(|address| {
            let line = format!("pump,twin={sent} temp=21 1704067200\n");
            let answer = request(address, "POST", "/write?precision=s", &[], line.as_bytes());
            assert_eq!(answer.status, 204, "{}", answer.body);
        });
        assert_eq!(temperatures(&world), json!({ "sampleCount": "1", "min": 21.0, "max": 21.0 }), "{sent:?}");
        let unbound = world.data("{ thread { unboundSeries { nodes { reason } } } }", json!({}));
        assert_eq!(unbound["thread"]["unboundSeries"]["nodes"], json!([]), "{sent:?}");
    }
}
