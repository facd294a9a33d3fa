//! Imports as integrations need them: several mappings in one commit, sources that complete each other, exports with a new
//! name, histories with their own recording dates, a preview.

use super::program::{out, refused, throughline};
use serde_json::Value;

const UNITS: &str = r#"
[[resource]]
class = "TwinInstance"
id = "unit/{serial}"
fields = { identifier = "serial", level = { value = "COMPONENT" } }
[[resource]]
class = "TwinInstance"
id = "pump/{pump}"
fields = { identifier = "pump" }
"#;

const FIT: &str = r#"
[[resource]]
class = "Installation"
id = "fit/{serial}"
[resource.fields]
component = { id = "unit/{serial}" }
parent = { id = "pump/{pump}" }
position = { value = "bearing" }
from = "fitted"
"#;

const SERVICE: &str = r#"
[swaps]
parent = "pump/{pump}"
position = { value = "bearing" }
at = "at"
removed = "unit/{out}"
installed = "unit/{in}"
reason = "reason"
"#;

struct Plant(tempfile::TempDir);

impl Plant {
    fn new() -> Self {
        let plant = Self(tempfile::tempdir().expect("a folder"));
        out(&plant.run(&["init", "plant", "--base", "https://test.example/"]));
        plant
    }

    fn run(&self, arguments: &[&str]) -> std::process::Output {
        throughline(self.0.path(), arguments)
    }

    fn import(&self, arguments: &[&str]) -> std::process::Output {
        self.run(&[&["import", "--data", "plant"], arguments].concat())
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).expect("a file");
    }

    fn ask(&self, query: &str) -> Value {
        self.write("q.graphql", query);
        let answer = out(&self.run(&["query", "--data", "plant", "q.graphql"]));
        serde_json::from_str::<Value>(&answer).expect("JSON")["data"].clone()
    }

    fn members(&self, unit: &str) -> Vec<String> {
        let query = format!(
            "{{ thread {{ twinInstance(id: \"unit/{unit}\") {{ population {{ members {{ nodes {{ from to }} }} }} }} }} }}"
        );
        let answer = self.ask(&query);
        let members = answer["thread"]["twinInstance"]["population"]["members"]["nodes"]
            .as_array()
            .expect("a list")
            .clone();
        members.iter().map(|member| format!("{}–{}", text(&member["from"]), text(&member["to"]))).collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "…".to_owned(), |text| text.chars().take(10).collect())
}

fn two_sources() -> Plant {
    let plant = Plant::new();
    plant.write("units.toml", UNITS);
    plant.write("fit.toml", FIT);
    plant.write("service.toml", SERVICE);
    plant.write("units.csv", "serial,pump\nB-1,P-1\nB-2,P-1\nB-3,P-2\n");
    plant
        .write("fit.csv", "serial,pump,fitted\nB-1,P-1,2024-01-01T00:00:00Z\nB-3,P-2,2024-02-01T00:00:00Z\n");
    plant.write("service.csv", "at,pump,out,in,reason\n2024-06-01T00:00:00Z,P-1,B-1,B-2,worn\n");
    out(&plant.import(&["--table", "units.toml", "units.csv"]));
    plant
}

/// B-1 was fitted at the factory and taken out in service, B-2 replaced it, B-3 is still where it was fitted.
fn check_completed(plant: &Plant) {
    assert_eq!(plant.members("B-1"), ["2024-01-01–2024-06-01"]);
    assert_eq!(plant.members("B-2"), ["2024-06-01–…"]);
    assert_eq!(plant.members("B-3"), ["2024-02-01–…"]);
    let fit = out(&plant.run(&["show", "--data", "plant", "fit/B-1"]));
    assert!(fit.contains("tl:removalReason \"worn\""), "{fit}");
}

#[test]
fn a_service_log_completes_the_factory_fit() {
    let plant = two_sources();
    out(&plant.import(&["--source", "factory", "--table", "fit.toml", "fit.csv"]));
    let message = refused(&plant.import(&["--source", "service", "--table", "service.toml", "service.csv"]));
    assert!(message.contains("position holds so many"), "{message}");
    assert!(message.contains("--complete ends those without an end"), "{message}");
    let fit = plant.members("B-1");
    assert_eq!(fit, ["2024-01-01–…"], "a refused import changes nothing");

    let service = ["--source", "service", "--complete", "--table", "service.toml", "service.csv"];
    let report = out(&plant.import(&service));
    assert!(
        report.contains("completed: fit/B-1 (unit/B-1 in pump/P-1 bearing) ends at 2024-06-01T00:00:00Z: "),
        "{report}"
    );
    check_completed(&plant);
    let log = out(&plant.run(&["log", "--data", "plant"]));
    assert!(log.contains("1 installation without an end got the one that another implies."), "{log}");

    // Both sources come again: nothing changes, and what the factory corrects is taken.
    assert!(out(&plant.import(&service)).contains("nothing new"));
    out(&plant.import(&["--source", "factory", "--table", "fit.toml", "fit.csv"]));
    check_completed(&plant);
    plant
        .write("fit.csv", "serial,pump,fitted\nB-1,P-1,2024-01-02T00:00:00Z\nB-3,P-2,2024-02-01T00:00:00Z\n");
    out(&plant.import(&["--source", "factory", "--table", "fit.toml", "fit.csv"]));
    assert_eq!(plant.members("B-1"), ["2024-01-02–2024-06-01"]);
}

#[test]
fn a_removal_that_both_sources_state_is_one_stay() {
    let plant = two_sources();
    plant.write("fit.toml", &FIT.replace("from = \"fitted\"", "from = \"fitted\"\nto = \"removed\""));
    plant.write(
        "fit.csv",
        "serial,pump,fitted,removed\nB-1,P-1,2024-01-01T00:00:00Z,2024-06-01T02:00:00+02:00\n",
    );
    out(&plant.import(&["--source", "factory", "--table", "fit.toml", "fit.csv"]));
    let service = ["--source", "service", "--complete", "--table", "service.toml", "service.csv"];
    let report = out(&plant.import(&service));
    assert!(report.contains("is the same stay without its start, and becomes part of it"), "{report}");
    assert_eq!(plant.members("B-1"), ["2024-01-01–2024-06-01"], "one stay, whose start is known");
    let fit = out(&plant.run(&["show", "--data", "plant", "fit/B-1"]));
    assert!(fit.contains("tl:removalReason \"worn\""), "{fit}");
    assert!(out(&plant.import(&service)).contains("nothing new"));
}

/// A hint is given only where following it helps.
#[test]
fn stays_of_two_sources_that_contradict_each_other_are_to_be_corrected() {
    const CORRECT: &str = "correct the start or the end in one of them";
    let check = |fit: &str, flags: &[&str], hints: &[&str], not: &[&str]| {
        let plant = two_sources();
        plant.write("fit.toml", &FIT.replace("from = \"fitted\"", "from = \"fitted\"\nto = \"removed\""));
        plant.write("fit.csv", &format!("serial,pump,fitted,removed\n{fit}\n"));
        out(&plant.import(&["--source", "factory", "--table", "fit.toml", "fit.csv"]));
        let service = ["--source", "service", "--table", "service.toml", "service.csv"];
        let message = refused(&plant.import(&[flags, &service[..]].concat()));
        for hint in hints {
            assert!(message.contains(hint), "{fit} {flags:?}: {message}");
        }
        for hint in not {
            assert!(!message.contains(hint), "{fit} {flags:?}: {message}");
        }
    };
    let open = "B-1,P-1,2024-01-01T00:00:00Z,";
    check(open, &[], &["--complete ends those"], &["--accept-dirty", CORRECT]);
    // The factory states another end, or a start at the same instant: neither flag helps.
    for fit in ["B-1,P-1,2024-01-01T00:00:00Z,2025-01-01T00:00:00Z", "B-1,P-1,2024-06-01T00:00:00Z,"] {
        for flags in [&[][..], &["--complete"], &["--accept-dirty"], &["--complete", "--accept-dirty"]] {
            check(fit, flags, &[CORRECT], &["--accept-dirty cuts", "--complete ends"]);
        }
    }
}

#[test]
fn a_factory_fit_completes_a_service_log_that_came_first() {
    let plant = two_sources();
    out(&plant.import(&["--source", "service", "--table", "service.toml", "service.csv"]));
    out(&plant.import(&["--source", "factory", "--complete", "--table", "fit.toml", "fit.csv"]));
    check_completed(&plant);
}

#[test]
fn several_mappings_make_one_commit() {
    let plant = two_sources();
    let commits =
        || plant.ask("{ log(first: 100) { nodes { id } } }")["log"]["nodes"].as_array().map(Vec::len);
    let before = commits();
    plant.write(
        "design.ttl",
        "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
         <part/P> a tl:Part ; dcterms:identifier \"P\" . <part/B> a tl:Part ; dcterms:identifier \"B\" .
         <design/A> a tl:DesignRevision ; tl:revisionOf <part/P> ; tl:revision \"A\" ; tl:status \"RELEASED\" .",
    );
    plant.write("bom.csv", "position,child\nbearing,B\n");
    plant.write(
        "bom.toml",
        "[[resource]]\nclass = \"DesignRevision\"\nid = \"design/A\"\n[[resource.fragment]]\nfield = \"usage\"\n\
         name = \"{position}\"\nfields = { position = \"position\", child = { id = \"part/{child}\" } }\n",
    );
    let files =
        ["--source", "plm", "design.ttl", "--table", "bom.toml", "bom.csv", "--table", "fit.toml", "fit.csv"];
    let preview = out(&plant.import(&[&files[..], &["--preview"]].concat()));
    assert!(
        preview.contains("+ design/A") && preview.contains("released: design/A: its content is frozen"),
        "{preview}"
    );
    assert!(preview.contains("nothing is written"), "{preview}");
    assert!(!out(&plant.run(&["branch", "--data", "plant"])).contains("import/plm"));
    let report = out(&plant.import(&files));
    assert!(report.contains("released: design/A: its content is frozen"), "{report}");
    let design = out(&plant.run(&["show", "--data", "plant", "design/A"]));
    assert!(design.contains("tl:usage"), "{design}");
    let after = commits();
    assert_eq!(after, before.map(|before| before + 2), "what the source states, and its merge");

    // The rule advises what to do where the bill of materials comes too late.
    plant.write("bom.csv", "position,child\nbearing,B\nseal,B\n");
    let late = refused(&plant.import(&["--source", "plm2", "--table", "bom.toml", "bom.csv"]));
    assert!(late.contains("put the change into a new revision"), "{late}");

    // A mapping that is for no file, and a table that no mapping is for, are refused by name.
    let idle = refused(&plant.import(&["--table", "fit.toml", "fit.csv", "--table", "bom.toml"]));
    assert!(idle.contains("bom.toml: no table follows this mapping"), "{idle}");
    let bare = refused(&plant.import(&["fit.csv", "--table", "bom.toml", "bom.csv", "--table", "fit.toml"]));
    assert!(bare.contains("fit.csv: .csv is no RDF notation"), "{bare}");
}

#[test]
fn an_export_with_a_new_name_is_no_new_source() {
    let plant = two_sources();
    plant.write("units-june.csv", "serial,pump\nB-1,P-1\nB-2,P-1\nB-3,P-2\nB-4,P-2\n");
    let message = refused(&plant.import(&["--table", "units.toml", "units-june.csv"]));
    assert!(
        message.contains("5 of the 6 resources of these files are known from the source units"),
        "{message}"
    );
    assert!(message.contains("--source units where this is its newer export"), "{message}");
    out(&plant.import(&["--source", "units", "--table", "units.toml", "units-june.csv"]));
    // Another tool may describe the same units.
    out(&plant.import(&["--source", "mes", "--table", "units.toml", "units-june.csv"]));
}

#[test]
fn a_history_keeps_its_recording_dates() {
    let plant = Plant::new();
    let requirement = |limit: &str| {
        plant.write(
            "req.ttl",
            &format!(
                "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
                 <REQ-1> a tl:Requirement ; dcterms:identifier \"REQ-1\" ; dcterms:title \"{limit}\" ."
            ),
        );
    };
    let load = |at: &str, into: &str| {
        plant.import(&["--recorded-at", at, "--into", into, "--source", "doors", "req.ttl"])
    };
    requirement("at most 90");
    let message = refused(&load("2019-03-01T00:00:00Z", "main"));
    assert!(message.contains("only a branch history/NAME"), "{message}");
    assert!(refused(&load("2200-03-01T00:00:00Z", "history/doors")).contains("it lies in the future"));
    let undated = plant.import(&["--into", "history/doors", "--source", "doors", "req.ttl"]);
    assert!(
        refused(&undated).contains("history/doors holds the history of another system: it takes imports")
    );
    out(&load("2019-03-01T00:00:00Z", "history/doors"));
    requirement("at most 85");
    let undated = plant.import(&["--into", "history/doors", "--source", "doors", "req.ttl"]);
    assert!(refused(&undated).contains("closes it for all earlier dates"));
    let message = refused(&load("2018-03-01T00:00:00Z", "history/doors"));
    assert!(message.contains("load a history from its oldest state on"), "{message}");
    out(&load("2021-03-01T00:00:00Z", "history/doors"));

    let title = |version: &str| {
        let answer = plant
            .ask(&format!("{{ thread(at: \"{version}\") {{ requirement(id: \"REQ-1\") {{ title }} }} }}"));
        answer["thread"]["requirement"]["title"].as_str().map(str::to_owned)
    };
    assert_eq!(title("history/doors@2020-01-01T00:00:00Z").as_deref(), Some("at most 90"));
    assert_eq!(title("history/doors@2022-01-01T00:00:00Z").as_deref(), Some("at most 85"));
    assert_eq!(
        title("history/doors@2019-03-01T00:00:00Z").as_deref(),
        Some("at most 90"),
        "at its date itself"
    );
    assert_eq!(title("history/doors@2021-02-28T23:59:59.999999999Z").as_deref(), Some("at most 90"));
    assert_eq!(title("history/doors@2021-03-01T00:00:00Z").as_deref(), Some("at most 85"));
    assert_eq!(title("main"), None);
    // Git has both dates: when it was recorded, and when it was loaded.
    let git = std::process::Command::new("git")
        .current_dir(plant.0.path())
        .args(["-C", "plant/thread.git", "log", "-1", "--format=%as %cs", "history/doors"])
        .output();
    if let Ok(git) = git {
        let dates = String::from_utf8_lossy(&git.stdout).into_owned();
        assert!(dates.starts_with("2021-03-01 ") && !dates.contains(" 2021-03-01"), "{dates}");
    }

    // Merged, the present knows who recorded what when; a rebuilt index answers the same.
    out(&plant.run(&["merge", "--data", "plant", "history/doors"]));
    let blame = || out(&plant.run(&["blame", "--data", "plant", "REQ-1"]));
    let before = blame();
    assert!(before.contains("2021-03-01") && before.contains("2019-03-01"), "{before}");
    out(&plant.run(&["reindex", "--data", "plant"]));
    assert_eq!(blame(), before);
    assert!(out(&plant.run(&["fsck", "--data", "plant"])).contains("well"));
}

#[test]
fn an_answer_is_printed_as_a_table() {
    let plant = two_sources();
    let service = ["--source", "factory", "--table", "fit.toml", "fit.csv"];
    out(&plant.import(&service));
    let table = |query: &str, more: &[&str]| {
        plant.write("q.graphql", query);
        plant.run(&[&["query", "--data", "plant", "--format", "csv", "q.graphql"], more].concat())
    };
    let recall = table(
        "{ thread { twinInstance(id: \"unit/B-1\") { containment(at: \"2024-03-01T00:00:00Z\") { assetCount
            assets { nodes { asset { iri } carried { item { iri } path } } } } } } }",
        &[],
    );
    assert_eq!(out(&recall), "asset.iri,carried.item.iri,carried.path\r\npump/P-1,unit/B-1,bearing\r\n");
    let beside = String::from_utf8_lossy(&recall.stderr).into_owned();
    assert!(beside.contains("not in the table: thread.twinInstance.containment.assetCount"), "{beside}");
    let two = "{ thread { twinInstances { nodes { identifier } } installations { nodes { position } } } }";
    assert!(refused(&table(two, &[])).contains("--rows PATH names the list"));
    let chosen = out(&table(two, &["--rows", "thread.installations.nodes"]));
    assert_eq!(chosen, "position\r\nbearing\r\nbearing\r\n");
    // Half a table is not taken for a whole one: errors are printed as the service answers them.
    assert!(refused(&table("{ thread { nothing } }", &[])).contains("the answer has errors"));
}

/// A refusal for what is missing names the key that was meant and is ignored.
#[test]
fn a_refused_import_names_the_keys_that_it_ignored() {
    let plant = Plant::new();
    plant.write(
        "limit.jsonld",
        r#"{ "@context": { "tl": "https://w3id.org/throughline#", "constraint": "tl:constraint" },
             "@id": "REQ-2", "@type": "tl:Requirement", "http://purl.org/dc/terms/identifier": "REQ-2",
             "constraint": { "@id": "REQ-2#limit", "@type": "tl:Constraint", "limitt": 85 } }"#,
    );
    let message = refused(&plant.import(&["limit.jsonld"]));
    assert!(message.contains("limit is missing"), "{message}");
    assert!(message.contains("the context does not define the key \"limitt\""), "{message}");
}
