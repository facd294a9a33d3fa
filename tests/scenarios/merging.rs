//! Branches that part and come together again, at a terminal.

use super::program::{out, refused, throughline};
use super::world::{World, request};
use serde_json::{Value as Json, json};

const PREFIXES: &str =
    "@prefix tl: <https://w3id.org/throughline#> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n";

fn limit(value: &str) -> String {
    format!("@prefix tl: <https://w3id.org/throughline#> .\n<REQ-1#limit> tl:limit {value} .\n")
}

#[test]
fn a_conflict_is_shown_decided_and_undone() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let run = |arguments: &[&str]| {
        throughline(folder.path(), &[&arguments[..1], &["--data", "plant"], &arguments[1..]].concat())
    };
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    write("pump.ttl", super::world::PUMP);
    out(&run(&["import", "pump.ttl"]));
    out(&run(&["branch", "try"]));
    write("pump.ttl", &super::world::PUMP.replace("tl:limit 85", "tl:limit 80"));
    out(&run(&["import", "pump.ttl"]));

    // Another source states something else; a person decides which value the branch takes.
    write("lab.ttl", &limit("90"));
    let into_try = ["import", "--into", "try", "lab.ttl"];
    let undecided = |arguments: &[&str], what: &str, row: &[&str]| {
        let output = run(arguments);
        let printed = refused(&output);
        assert!(
            printed.contains(&format!("{what}: conflicts are not decided\nhint: decide each with --ours")),
            "{printed}"
        );
        let shown = String::from_utf8(output.stdout).expect("text");
        let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(
            lines[..2],
            [vec!["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"], row.to_vec()],
            "{shown}"
        );
        assert!(shown.contains("    ours: "), "{shown}");
    };
    undecided(&into_try, "lab is not merged into try", &["REQ-1#limit", "limit", "-", "85", "90"]);
    let printed = run(&[&into_try[..], &["--json"]].concat());
    let printed: Json = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(printed["conflicts"][0]["theirs"]["values"], json!(["90"]));
    out(&run(&[&into_try[..], &["--theirs", "REQ-1#limit limit"]].concat()));

    let shown = out(&run(&["merge", "try", "--preview"]));
    let lines: Vec<Vec<&str>> = shown.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["RESOURCE", "PROPERTY", "BASE", "OURS", "THEIRS"]);
    assert_eq!(lines[1], ["REQ-1#limit", "limit", "85", "80", "90"]);
    assert!(shown.contains("    ours: ") && shown.contains("Import pump.ttl"), "{shown}");
    assert!(shown.contains("    theirs: ") && shown.contains("Import lab.ttl"), "{shown}");
    let before = out(&run(&["log"]));
    assert!(refused(&run(&["merge", "try"])).contains("conflicts are not decided"));
    assert_eq!(out(&run(&["log"])), before);
    let preview: Json =
        serde_json::from_str(&out(&run(&["merge", "try", "--preview", "--json"]))).expect("JSON");
    assert_eq!(
        (&preview["clean"], &preview["conflicts"][0]["theirs"]["values"]),
        (&json!(false), &json!(["90"]))
    );

    let decided = out(&run(&["merge", "try", "--preview", "--set", "REQ-1#limit limit 82"]));
    assert_eq!(decided, "clean: 0 conflicts, 1 resource would change\n");
    let ours = out(&run(&["merge", "try", "--preview", "--ours", "REQ-1#limit"]));
    assert_eq!(ours, "clean: 0 conflicts, 0 resources would change\n");
    write("decisions", "# by the board\n\nset REQ-1#limit limit warm\n");
    assert!(
        refused(&run(&["merge", "try", "--resolutions", "decisions"])).contains("\"warm\" is not a number")
    );
    write("decisions", "keep REQ-1#limit\n");
    assert!(
        refused(&run(&["merge", "try", "--resolutions", "decisions"]))
            .contains("decisions:1: \"keep REQ-1#limit\" is no decision")
    );
    write("decisions", "# by the board\n\nset REQ-1#limit limit 82\n");
    assert!(out(&run(&["merge", "try", "--resolutions", "decisions"])).contains(" on main: 2 statements"));
    let limit = || out(&run(&["show", "REQ-1"]));
    assert!(limit().contains("<REQ-1#limit> tl:limit 82 ."), "{}", limit());
    assert!(out(&run(&["merge", "try"])).contains("nothing new: main has all of try"));

    let newest = || out(&run(&["log"])).split_whitespace().next().expect("a commit").to_owned();
    let merge = newest();
    assert!(out(&run(&["revert", &merge])).contains(" on main: 2 statements"));
    assert!(limit().contains("<REQ-1#limit> tl:limit 80 ."), "{}", limit());

    // What a later commit has changed is not undone silently.
    write("pump.ttl", &super::world::PUMP.replace("tl:limit 85", "tl:limit 70"));
    out(&run(&["import", "pump.ttl"]));
    let tightened = newest();
    write("pump.ttl", &super::world::PUMP.replace("tl:limit 85", "tl:limit 75"));
    out(&run(&["import", "pump.ttl"]));
    undecided(
        &["revert", &tightened],
        &format!("{tightened} is not undone"),
        &["REQ-1#limit", "limit", "70", "75", "80"],
    );
    out(&run(&["revert", &tightened, "--ours", "REQ-1#limit limit"]));
    assert!(limit().contains("<REQ-1#limit> tl:limit 75 ."), "{}", limit());
}

#[test]
fn what_an_export_no_longer_names_goes_only_where_it_is_pruned() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        throughline(folder.path(), &[&arguments[..1], &["--data", "plant"], &arguments[1..]].concat())
    };
    let write = |parts: &[&str]| {
        let lines: String = parts
            .iter()
            .map(|part| format!("<part/{part}> a tl:Part ; dcterms:identifier \"{part}\" .\n"))
            .collect();
        std::fs::write(folder.path().join("plm.ttl"), format!("{PREFIXES}{lines}")).expect("a file");
    };
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    write(&["A", "B"]);
    out(&run(&["import", "plm.ttl"]));
    write(&["A"]);
    assert!(out(&run(&["import", "plm.ttl"])).contains("nothing new"));
    assert!(out(&run(&["import", "plm.ttl", "--prune"])).contains(" on main: 2 statements"));
    assert!(refused(&run(&["show", "part/B"])).contains("does not exist"));
}

/// A design that satisfies REQ-1, beside a requirement for each of the names.
fn design(requirements: &[&str]) -> String {
    let lines: String = requirements
        .iter()
        .map(|name| {
            format!("<{name}> a tl:Requirement ; dcterms:identifier \"{name}\" ; tl:status \"DRAFT\" .\n")
        })
        .collect();
    format!(
        "{PREFIXES}{lines}<pump> a tl:Part ; dcterms:identifier \"PUMP\" .
         <pump/A> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"A\" ; tl:satisfies <REQ-1> .\n"
    )
}

#[test]
fn every_kind_of_conflict_is_shown_and_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let run = |arguments: &[&str]| {
        throughline(folder.path(), &[&arguments[..1], &["--data", "plant"], &arguments[1..]].concat())
    };
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    write("plm.ttl", &design(&["REQ-1", "REQ-2", "REQ-3"]));
    out(&run(&["import", "plm.ttl"]));
    // Each branch, what its own tool states there, what is shown of it, the decisions on it, and their result.
    let kinds = [
        (
            "changed",
            "<REQ-2> dcterms:title \"Stay cool\" .".to_owned(),
            vec!["REQ-2 - there retired changed"],
            [("--ours", "REQ-2", 0), ("--theirs", "REQ-2", 1)],
            ("theirs REQ-2", "REQ-2", "<REQ-2> dcterms:title \"Stay cool\" ."),
        ),
        (
            "linked",
            "<pump/A> tl:satisfies <REQ-3> .".to_owned(),
            vec!["REQ-3 - there retired linked", "links: pump/A satisfies REQ-3"],
            [("--ours", "REQ-3", 0), ("--theirs", "REQ-3", 2)],
            ("theirs REQ-3", "pump/A", "<pump/A> tl:satisfies <REQ-3> ."),
        ),
        (
            "twice",
            "<REQ-5> a tl:Requirement ; dcterms:identifier \"REQ-4\" .".to_owned(),
            vec![
                "breaks: REQ-5 (REQ-4) identifier: identifier \"REQ-4\" is already that of REQ-4 (unique key)",
            ],
            [("--ours", "REQ-5", 0), ("--set", "REQ-5 identifier R5", 1)],
            ("set REQ-5 identifier REQ-5", "REQ-5", "<REQ-5> dcterms:identifier \"REQ-5\" ."),
        ),
    ];
    for (branch, text, ..) in &kinds {
        out(&run(&["branch", branch]));
        write(&format!("{branch}.ttl"), &format!("{PREFIXES}{text}"));
        out(&run(&["import", "--into", branch, &format!("{branch}.ttl")]));
    }
    write("plm.ttl", &design(&["REQ-1", "REQ-4"]));
    out(&run(&["import", "plm.ttl", "--prune"]));
    for (branch, _, shown, flags, (line, resource, expect)) in &kinds {
        let before = out(&run(&["log"]));
        let refused = run(&["merge", branch]);
        let table = String::from_utf8(refused.stdout).expect("text");
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = table.lines().map(words).collect();
        assert!(
            refused.status.code() == Some(1) && shown.iter().all(|row| lines.contains(&(*row).to_owned())),
            "{table}"
        );
        assert_eq!(lines[0] == "RESOURCE PROPERTY BASE OURS THEIRS", *branch != "twice", "{table}");
        for (flag, decision, changes) in flags {
            let printed = out(&run(&["merge", branch, "--preview", flag, decision]));
            assert!(
                printed.starts_with(&format!("clean: 0 conflicts, {changes} resource")),
                "{branch} {flag}: {printed}"
            );
        }
        assert_eq!(out(&run(&["log"])), before, "nothing is written");
        write("decisions", line);
        assert!(out(&run(&["merge", branch, "--resolutions", "decisions"])).contains(" on main: "));
        let printed = out(&run(&["show", resource]));
        assert!(printed.contains(expect), "{branch}: {printed}");
    }
}

/// Each page merges anew, so as few are asked for as there can be.
#[test]
fn the_changes_of_a_preview_come_from_a_service_in_few_pages() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::new().reopened(|folder| {
        std::fs::write(folder.join("throughline.toml"), "[server]\nanswerMegabytes = 1\n").expect("a file");
    });
    world.app.create_branch("few", "main").expect("a branch");
    world.app.create_branch("long", "main").expect("a branch");
    world.served(|address| {
        let import = |into: &str, words: usize| {
            let parts = (0..1_500).map(|number| {
                let title = "bearing ".repeat(words);
                format!("<part/{number}> a tl:Part ; dcterms:identifier \"{number}\" ; dcterms:title \"{title}{number}\" .\n")
            });
            let turtle = PREFIXES.to_owned() + &parts.collect::<String>();
            let path = format!("/import?source={into}&into={into}");
            let answer = request(address, "POST", &path, &[("content-type", "text/turtle")], turtle.as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.body);
        };
        import("few", 1);
        import("long", 250);
        let counted = |status: u16| {
            let metrics = request(address, "GET", "/metrics", &[], b"").body;
            let name = format!("throughline_http_requests_total{{route=\"/merge/changes\",method=\"POST\",status=\"{status}\"}} ");
            let count = metrics.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok());
            count.unwrap_or_default()
        };
        let url = format!("http://{address}");
        let preview = |branch: &str| {
            let printed = out(&throughline(folder.path(), &["merge", branch, "--preview", "--json", "--url", &url]));
            let preview: Json = serde_json::from_str(&printed).expect("JSON");
            assert_eq!(preview["changes"].as_array().map(Vec::len), Some(1_500));
            assert_eq!(preview["changeCount"], json!(1_500));
        };
        preview("few");
        assert_eq!(counted(200), 1.0);
        // An answer has no more than a megabyte: a tenth of them does not fit either, a tenth of that does.
        preview("long");
        assert_eq!(counted(200), 16.0);
    });
}
