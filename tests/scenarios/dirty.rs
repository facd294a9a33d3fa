//! A source whose installations overlap: refused with the list, or cut with every cut reported.

use super::program::{out, refused, throughline};
use serde_json::{Value, json};
use std::path::Path;

const MAPPING: &str = r#"
[[resource]]
class = "TwinInstance"
id = "unit/{serial}"
fields = { identifier = "serial", level = { value = "COMPONENT" } }

[[resource]]
class = "TwinInstance"
id = "slot/{slot}"
fields = { identifier = "slot" }

[[resource]]
class = "Installation"
id = "installation/{row}"
[resource.fields]
component = { id = "unit/{serial}" }
parent = { id = "slot/{slot}" }
position = { value = "card" }
from = "from"
to = "to"
"#;

/// G1 claims all of the year in S1, G2 some weeks of it there; G3 sits in two slots at once.
const STAYS: &str = "row,serial,slot,from,to
1,G1,S1,2024-01-01T00:00:00Z,
2,G2,S1,2024-03-01T00:00:00Z,2024-04-01T00:00:00Z
3,G3,S2,2024-01-01T00:00:00Z,2024-06-01T00:00:00Z
4,G3,S3,2024-05-01T00:00:00Z,
5,G4,S4,,2024-02-01T00:00:00Z
";

fn import(folder: &Path, more: &[&str]) -> std::process::Output {
    let arguments = ["import", "--data", "plant", "--table", "stays.toml", "stays.csv"];
    throughline(folder, &[&arguments[..], more].concat())
}

#[test]
fn overlaps_are_refused_or_cut_and_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    out(&throughline(folder, &["init", "plant", "--base", "https://test.example/"]));
    std::fs::write(folder.join("stays.toml"), MAPPING).expect("a file");
    std::fs::write(folder.join("stays.csv"), STAYS).expect("a file");
    let message = refused(&import(folder, &[]));
    for part in ["one place at a time", "position holds so many", "hint: --accept-dirty cuts installations"] {
        assert!(message.contains(part), "{part}: {message}");
    }

    let printed = out(&import(folder, &["--accept-dirty"]));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "INSTALLATION    COMPONENT  PLACE         LOST FROM             UNTIL                 TO              KEPT",
            "installation/1  unit/G1    slot/S1 card  2024-03-01T00:00:00Z  2024-04-01T00:00:00Z  installation/2  [2024-01-01T00:00:00Z, 2024-03-01T00:00:00Z) [2024-04-01T00:00:00Z, …)",
            "installation/3  unit/G3    slot/S2 card  2024-05-01T00:00:00Z  2024-06-01T00:00:00Z  installation/4  [2024-01-01T00:00:00Z, 2024-05-01T00:00:00Z)",
            "2 installations were cut",
        ]
    );
    let log = out(&throughline(folder, &["log", "--data", "plant"]));
    assert!(log.contains("2 installations were cut where they overlap others."), "{log}");

    // The same file gives the same stays again, cut in the same places.
    let again: Value =
        serde_json::from_str(&out(&import(folder, &["--accept-dirty", "--json"]))).expect("JSON");
    assert_eq!(again["changed"], 0);
    assert_eq!(
        again["cuts"][0],
        json!({
            "installation": "installation/1", "component": "unit/G1", "parent": "slot/S1", "position": "card",
            "claimed": { "from": "2024-01-01T00:00:00Z", "to": null },
            "lost": [{ "from": "2024-03-01T00:00:00Z", "to": "2024-04-01T00:00:00Z",
                "takenBy": "installation/2", "rule": "position holds so many" }],
            "kept": [
                { "from": "2024-01-01T00:00:00Z", "to": "2024-03-01T00:00:00Z", "installation": "installation/1" },
                { "from": "2024-04-01T00:00:00Z", "to": null, "installation": "installation/1#from-2024-04-01T00:00:00Z" },
            ],
        })
    );
    let query =
        r#"{ thread { twinInstance(id: "unit/G1") { population { members { nodes { path from to } } } } } }"#;
    std::fs::write(folder.join("q.graphql"), query).expect("a file");
    let members = || -> Value {
        let answer = out(&throughline(folder, &["query", "--data", "plant", "q.graphql"]));
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        answer["data"]["thread"]["twinInstance"]["population"]["members"]["nodes"].clone()
    };
    assert_eq!(
        members(),
        json!([
            { "path": "card", "from": "2024-01-01T00:00:00Z", "to": "2024-03-01T00:00:00Z" },
            { "path": "card", "from": "2024-04-01T00:00:00Z", "to": null },
        ])
    );

    // Corrected at its source, the file is taken as it is, and nothing of the cuts is left.
    let clean = STAYS
        .replace("1,G1,S1,2024-01-01T00:00:00Z,\n", "1,G1,S1,2024-01-01T00:00:00Z,2024-02-01T00:00:00Z\n");
    std::fs::write(folder.join("stays.csv"), clean.replace(",2024-06-01", ",2024-05-01")).expect("a file");
    out(&import(folder, &[]));
    assert_eq!(
        members(),
        json!([{ "path": "card", "from": "2024-01-01T00:00:00Z", "to": "2024-02-01T00:00:00Z" }])
    );
}

/// Cutting makes no name right: where something else is wrong, with overlaps beside it or without, the flag is not advised.
#[test]
fn the_flag_is_not_advised_where_it_would_not_help() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    out(&throughline(folder, &["init", "plant", "--base", "https://test.example/"]));
    // The slots are stated by no file, or have one identifier; nothing overlaps in the last.
    let slots = MAPPING.find("[[resource]]\nclass = \"TwinInstance\"\nid = \"slot/").expect("the slots");
    let stays = MAPPING.find("[[resource]]\nclass = \"Installation\"").expect("the stays");
    let unstated = format!("{}{}", &MAPPING[..slots], &MAPPING[stays..]);
    let alike = MAPPING.replace("identifier = \"slot\"", "identifier = { value = \"SLOT\" }");
    let apart = "row,serial,slot,from,to\n1,G1,S1,2024-01-01T00:00:00Z,\n";
    for (stays, mapping, name) in [
        (STAYS, &unstated, "parent: slot/S1 does not exist"),
        (STAYS, &alike, "is already that of slot/S1"),
        (apart, &unstated, "parent: slot/S1 does not exist"),
    ] {
        std::fs::write(folder.join("stays.toml"), mapping).expect("a file");
        std::fs::write(folder.join("stays.csv"), stays).expect("a file");
        let message = refused(&import(folder, &[]));
        assert!(message.contains(name), "{name}: {message}");
        assert!(!message.contains("--accept-dirty"), "{name}: {message}");
        // Whoever gives it all the same is refused for the same reason.
        let message = refused(&import(folder, &["--accept-dirty"]));
        assert!(message.contains(name) && !message.contains("--accept-dirty"), "{name}: {message}");
    }
}
