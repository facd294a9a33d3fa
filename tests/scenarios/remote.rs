//! The command line as a client of a service: by its URL, by a profile, and by the folder that a service has open; with the same output as on
//! a folder of its own.

use super::program::throughline;
use super::world::{BASE, PUMP, World, clock};
use std::path::Path;
use std::process::{Command, Output};
use throughline::app::access::{NewToken, Role, Tokens};
use throughline::model::time::clock::Clock as _;

const MAPPING: &str = "[[resource]]\nclass = 'Part'\nid = 'part/{number}'\n[resource.fields]\nidentifier = 'number'\ntitle = 'name'\n";
const PARTS: &str = "number,name,colour\nA-1,Shaft,red\nA-2,Seal,blue\n";
const MONITORS: &str = "[[monitors.monitor]]\nname = 'pumps'\nitems = ['pump/A', 'pump/Z']\nrequirements = ['REQ-1']\nwindow = 'P400D'\n";
const DAY: &str = "t,serial,temp,flow\n2025-12-01T00:00:00Z,P-1,20.5,1\n2025-12-01T01:00:00Z,P-1,hot,2\n2025-12-01T02:00:00Z,P-9,21,3\n";

fn files(folder: &Path) {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("pump.ttl", PUMP);
    write("newer.ttl", &PUMP.replace("Stay cool", "Stay cold").replace("tl:limit 85", "tl:limit 80"));
    write("newest.ttl", &PUMP.replace("Stay cool", "Stay icy").replace("tl:limit 85", "tl:limit 20"));
    let prefixes = &PUMP[..PUMP.find("<temperature>").expect("its prefixes")];
    write("lab.ttl", &format!("{prefixes}<REQ-1#limit> tl:limit 70 .\n"));
    write("broken.ttl", &PUMP.replace("tl:limit 85", "tl:limit ,"));
    write("parts.toml", MAPPING);
    write("parts.csv", PARTS);
    write("day.csv", DAY);
    write("q.graphql", "{ thread { requirement(id: \"REQ-1\") { title } } }");
}

/// What is printed, with ids of commits and watermarks and instants of commits left out, which differ from run to run.
fn printed(output: &Output) -> String {
    let text = format!(
        "{}{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    // A watermark is the id of its store, a hyphen and a number.
    let is_id = |word: &str| {
        let id = word.split('-').next().unwrap_or_default();
        id.len() >= 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
    };
    let is_time = |word: &str| {
        word.starts_with("20") && word.ends_with('Z') && word.contains('T') && !word.starts_with("2025-12")
    };
    let words = text.split_inclusive([' ', '\n', ',']).map(|word| {
        let bare = word.trim_matches([' ', '\n', ',', '"', '(', ')', '[']);
        if is_id(bare) || is_time(bare) { word.replace(bare, "_") } else { word.to_owned() }
    });
    words.collect()
}

/// What a person does, command by command.
const COMMANDS: &[&[&str]] = &[
    &["import", "pump.ttl"],
    &["import", "pump.ttl"],
    &["import", "--source", "pump", "--preview", "newer.ttl"],
    &["import", "--source", "pump", "--tag", "PDR", "-m", "A newer export", "newer.ttl"],
    &["import", "newer.ttl"],
    &["import", "broken.ttl"],
    &["import", "--source", "parts", "--table", "parts.toml", "parts.csv"],
    &["import", "--source", "parts", "--json", "--table", "parts.toml", "parts.csv"],
    &["import", "--source", "..", "pump.ttl"],
    &["ingest", "--time", "t", "--twin", "serial", "day.csv"],
    &["ingest", "--time", "t", "--twin", "nobody", "day.csv"],
    &["log"],
    &["log", "--resource", "REQ-1", "--patch", "-n", "2"],
    &["log", "nowhere"],
    &["log", "-n", "1"],
    &["log", "--after", "REQ-1"],
    &["diff", "import/pump", "main"],
    &["diff", "--json", "import/pump", "main", "--affects", "part/A-1"],
    &["show", "REQ-1"],
    &["show", "nothing"],
    &["blame", "REQ-1", "--at", "import/pump"],
    &["blame", "REQ-1", "--json"],
    &["search", "seal"],
    &["search", "--json", "cold"],
    &["search", "-/-"],
    &["search", "a", "--first", "1"],
    &["search", "a", "--first", "1", "--after", "part/A-1"],
    &["search", "a", "--after", "nothing"],
    &["suspects", "--first", "1"],
    &["suspects", "--after", "not a cursor"],
    &["suspects"],
    &["suspects", "--json"],
    &["sparql", "SELECT ?s ?c WHERE { ?s a ?c } ORDER BY ?s ?c"],
    &["sparql", "--format", "json", "ASK {}"],
    &["tag", "CDR", "main", "-m", "critical"],
    &["tag", "CDR"],
    &["tag"],
    &["query", "q.graphql"],
    &["export", "main", "--format", "ntriples"],
    &["confirm-link", "pump/A", "satisfies", "REQ-1", "--author", "Grace <grace@example.org>"],
    &["confirm-link", "pump/A", "satisfies", "REQ-1", "--author", "Grace <grace@example.org>"],
    &["revert", "main", "--author", "Grace <grace@example.org>"],
    &["revert", "nowhere"],
    &[
        "review open",
        "Fit?",
        "--design",
        "pump/A",
        "--from",
        "2025-12-01T00:00:00Z",
        "--to",
        "2026-01-01T00:00:00Z",
    ],
    &["review show"],
    &["review show", "--json"],
    &["review show", "DR-1"],
    &["review show", "DR-1", "--json"],
    &["review show", "DR-9"],
    &["branch", "try"],
    &["import", "--into", "try", "--source", "pump", "newest.ttl"],
    &["import", "--source", "lab", "--theirs", "REQ-1#limit limit", "lab.ttl"],
    &["merge", "try", "--preview"],
    &["merge", "try", "--preview", "--json"],
    &["merge", "try"],
    &["merge", "try", "--json"],
    &["merge", "try", "--preview", "--json", "--ours", "REQ-1#limit limit"],
    &["merge", "try", "--set", "REQ-1#limit limit warm"],
    &["merge", "try", "--theirs", "REQ-1#limit"],
    &[
        "merge",
        "try",
        "--theirs",
        "REQ-1#limit limit",
        "-m",
        "Take the newest",
        "--author",
        "Grace <grace@example.org>",
    ],
    &["merge", "try"],
    &["merge", "nowhere"],
    &["exposure", "newer.ttl", "--from", "2025-12-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"],
    &[
        "exposure",
        "--retire",
        "part/A-2",
        "--json",
        "--from",
        "2025-12-01T00:00:00Z",
        "--to",
        "2026-01-01T00:00:00Z",
    ],
    &["exposure", "broken.ttl", "--from", "2025-12-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"],
    &["series list"],
    &["series list", "--json", "--twin", "P-*"],
    &["series delete", "--field", "flow", "--twin", "P-1", "--dry-run"],
    &["series delete", "--field", "flow", "--twin", "P-1"],
    &["series delete", "--field", "flow", "--twin", "P-1"],
    &["monitor"],
    &["monitor", "--once", "--json"],
    &["review sign", "DR-1", "APPROVED", "--author", "Grace <grace@example.org>", "--json"],
];

#[test]
fn a_service_prints_what_a_folder_prints() {
    let own = tempfile::tempdir().expect("a folder");
    files(own.path());
    let made = throughline(own.path(), &["init", "plant", "--base", BASE]);
    assert!(made.status.success());
    let watched = |folder: &Path| std::fs::write(folder.join("throughline.toml"), MONITORS).expect("a file");
    watched(&own.path().join("plant"));
    let world = World::new().reopened(watched);
    let folder = world.folder.path().to_str().expect("a path").to_owned();
    let remote = World::new().reopened(watched);
    let tokens = Tokens::of(remote.folder.path());
    let new = NewToken {
        name: "ada".to_owned(),
        email: None,
        role: Role::Operator,
        twins: None,
        act_as: true,
        expires: None,
    };
    let token = tokens.create(&new, &[7; 38], clock().now()).expect("a token").1;
    world.served(|_| {
        remote.served(|address| {
            let url = format!("http://{address}");
            std::fs::write(
                own.path().join("profiles.toml"),
                format!("[plant]\nurl = \"{url}/\"\ntoken = \"{token}\"\n"),
            )
            .expect("a file");
            for &command in COMMANDS {
                let run = |place: &[&str]| {
                    let output = Command::new(env!("CARGO_BIN_EXE_throughline"))
                        .current_dir(own.path())
                        .env("THROUGHLINE_PROFILES", "profiles.toml")
                        .args(command[0].split(' '))
                        .args([place, &command[1..]].concat())
                        .output();
                    output.expect("the program")
                };
                let expect = printed(&run(&["--data", "plant"]));
                assert_eq!(printed(&run(&["--data", &folder])), expect, "{command:?} by the socket");
                let profiled = printed(&run(&["--profile", "plant"]));
                let expect = match command {
                    // The author is the principal, but of the commit that began the thread.
                    ["log", ..] => {
                        let local = "throughline <throughline@localhost>";
                        let own = expect.matches(local).count() - expect.matches("Begin the thread").count();
                        expect.replacen(local, "ada <ada@principals.invalid>", own)
                    }
                    ["diff" | "suspects", "--json", ..] | ["blame", _, "--json"] => expect
                        .replace("\"throughline\"", "\"ada\"")
                        .replace("throughline@localhost", "ada@principals.invalid"),
                    ["merge", ..] => expect.replace(" throughline: ", " ada: "),
                    ["blame", ..] => expect.replace("  throughline  ", "  ada  "),
                    _ => expect,
                };
                assert_eq!(profiled, expect, "{command:?} by a profile");
            }
            let run = |arguments: &[&str]| printed(&throughline(own.path(), arguments));
            let telemetry = ["export", "--telemetry", "--signal", "flow"];
            let expect = run(&[&telemetry[..], &["--data", "plant"]].concat());
            assert!(expect.contains("2025-12-01T02:00:00Z,P-9,telemetry,flow,,3"), "{expect}");
            assert_eq!(run(&[&telemetry[..], &["--data", &folder]].concat()), expect);
            assert_eq!(run(&[&telemetry[..], &["--url", &url, "--token", &token]].concat()), expect);
            let audit = run(&["audit", "list", "--url", &url, "--token", &token]);
            assert!(audit.contains("done import by ada <ada@principals.invalid> (token"), "{audit}");
            let jobs = run(&["job", "list", "--url", &url, "--token", &token]);
            assert!(jobs.starts_with("exit status: 0"), "{jobs}");
            assert!(
                run(&["log", "--url", &url]).contains("this service requires a token"),
                "{}",
                run(&["log", "--url", &url])
            );
            let refused = run(&["log", "--url", "https://localhost:1"]);
            assert!(refused.contains("no service answers at localhost:1"), "{refused}");
            assert!(
                run(&["log", "--url", "http://127.0.0.1:1"]).contains("no service answers at 127.0.0.1:1")
            );
            assert!(run(&["log", "--url", "plant"]).contains("no URL of a service"));
        });
    });
}
