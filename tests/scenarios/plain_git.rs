//! The thread as plain Git sees it: cloned, fetched, pushed to, tidied up. Skipped where there is no `git`.

use super::program::is_there;
use super::world::{BASE, PUMP, World};
use serde_json::json;
use sha2::Digest as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn git(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"])
        .args(["-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        // The clock of the service shows this time, too.
        .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
        .output()
        .expect("git")
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = git(folder, arguments);
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

/// A thread with a pump in it and a clone of it; `None` where there is no git.
struct Cloned {
    world: World,
    folder: tempfile::TempDir,
    clone: PathBuf,
}

impl Cloned {
    fn new() -> Option<Self> {
        if !is_there("git", &["--version"]) {
            return None;
        }
        let world = World::new();
        world.import("pump", PUMP).expect("an import");
        let folder = tempfile::tempdir().expect("a folder");
        let clone = folder.path().join("clone");
        let bare = world.folder.path().join("thread.git");
        done(folder.path(), &["clone", "--quiet", &bare.to_string_lossy(), "clone"]);
        Some(Self { world, folder, clone })
    }

    fn git(&self, arguments: &[&str]) -> String {
        done(&self.clone, arguments)
    }

    /// Commits files in the clone: path, content (`None` removes).
    fn commit(&self, files: &[(&str, Option<&str>)]) -> String {
        for (path, content) in files {
            let path = self.clone.join(path);
            match content {
                Some(text) => {
                    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
                    std::fs::write(path, text).expect("a file");
                }
                None => std::fs::remove_file(path).expect("a file less"),
            }
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Made elsewhere"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// The path of a document in the clone, and its text.
    fn document(&self, name: &str) -> (String, String) {
        let listed = self.git(&["ls-files", &format!("*/{name}.ttl")]);
        let path = listed.lines().next().unwrap_or_else(|| panic!("{name} has no file")).to_owned();
        let text = std::fs::read_to_string(self.clone.join(&path)).expect("a document");
        (path, text)
    }

    fn push(&self, to: &str) {
        self.git(&["push", "--quiet", "--force", "origin", &format!("HEAD:refs/incoming/{to}")]);
    }

    fn adopt(&self, reference: &str, branch: Option<&str>) -> Result<String, (String, String)> {
        let answer = self.world.ask(
            "mutation($ref: String!, $as: String) { adopt(input: { ref: $ref, branch: $as }) { branch { name head { id } } } }",
            json!({ "ref": reference, "as": branch }),
        );
        match answer.get("errors") {
            None => Ok(answer["data"]["adopt"]["branch"]["head"]["id"].as_str().expect("an id").to_owned()),
            Some(errors) => {
                let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
                Err((text(&errors[0]["extensions"]["code"]), text(&errors[0]["message"])))
            }
        }
    }

    fn limit(&self, at: &str) -> serde_json::Value {
        let question = format!(
            r#"{{ thread(at: "{at}") {{ requirement(id: "REQ-1") {{ constraints {{ limit }} }} }} }}"#
        );
        self.world.data(&question, json!({}))["thread"]["requirement"]["constraints"][0]["limit"].clone()
    }
}

#[test]
fn a_push_to_a_branch_is_refused_with_the_way_in() {
    let Some(cloned) = Cloned::new() else { return };
    cloned.git(&["commit", "--quiet", "--allow-empty", "--message", "Empty"]);
    for to in
        ["HEAD:refs/heads/main", "HEAD:refs/heads/new", "HEAD:refs/tags/v1", "HEAD:refs/throughline/kept/x"]
    {
        let refused = git(&cloned.clone, &["push", "origin", to]);
        let printed = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && printed.contains("push to refs/incoming/"), "{to}: {printed}");
    }
    assert!(!git(&cloned.clone, &["push", "origin", ":refs/heads/main"]).status.success());
    cloned.push("try");
}

#[test]
fn an_adoption_under_a_key_is_answered_alike_whatever_became_of_the_branch() {
    let Some(cloned) = Cloned::new() else { return };
    let (path, text) = cloned.document("REQ-1");
    cloned.commit(&[(&path, Some(&text.replace("tl:limit 85", "tl:limit 80")))]);
    let head = cloned.commit(&[(&path, Some(&text.replace("tl:limit 85", "tl:limit 78")))]);
    cloned.push("cooler");
    let adopt = |reference: &str| {
        let mutation = "mutation($ref: String!) { adopt(input: { ref: $ref, idempotencyKey: \"a-1\" }) {
            commitCount branch { name head { id } } errors { __typename code } } }";
        cloned.world.data(mutation, json!({ "ref": reference }))["adopt"].clone()
    };
    let first = adopt("cooler");
    assert_eq!(
        first,
        json!({ "commitCount": 2, "branch": { "name": "cooler", "head": { "id": head } }, "errors": [] })
    );
    assert!(cloned.git(&["ls-remote", "origin", "refs/incoming/*"]).is_empty());
    cloned.world.data(r#"mutation { deleteBranch(input: { name: "cooler" }) { lastHead } }"#, json!({}));
    assert_eq!(adopt("cooler"), first);
    let branches = cloned.world.data("{ branches { nodes { name } } }", json!({})).to_string();
    assert!(!branches.contains("cooler"), "it is answered, not made again: {branches}");
    cloned.push("warmer");
    assert_eq!(adopt("warmer")["errors"], json!([{ "__typename": "KeyUsedError", "code": "BAD_INPUT" }]));
}

/// A push brings on what the service recorded, and forges nothing.
#[test]
fn a_push_forges_no_decision() {
    let Some(cloned) = Cloned::new() else { return };
    let request = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> .
        <ecr-9> a tl:ChangeRequest ; <http://purl.org/dc/terms/identifier> 'ECR-9' ; tl:state 'OPEN' .";
    cloned.world.import("plm", request).expect("a change request");
    let window = r#"window: { from: "2025-12-01T00:00:00Z", to: "2026-01-01T00:00:00Z" }"#;
    let record = format!(
        r#"mutation {{ recordEvidence(input: {{ branch: "main", item: "pump/A", {window} }}) {{ changed evidence {{ iri }} }} }}"#
    );
    let evidence = cloned.world.data(&record, json!({}))["recordEvidence"]["evidence"][0]["iri"].clone();
    // Work on an older version, into which the evidence of main is merged.
    let (path, text) = cloned.document("REQ-1");
    cloned.commit(&[(&path, Some(&text.replace("tl:limit 85", "tl:limit 80")))]);
    cloned.git(&["fetch", "--quiet", "origin"]);
    cloned.git(&["merge", "--quiet", "--no-edit", "origin/main"]);
    cloned.push("work");
    cloned.adopt("work", None).expect("a merge of what was recorded");
    let there = format!(r#"{{ thread(at: "work") {{ fieldEvidence(id: {evidence}) {{ verdict }} }} }}"#);
    assert!(cloned.world.data(&there, json!({}))["thread"]["fieldEvidence"].is_object());

    let evidence = evidence.as_str().and_then(|iri| iri.rsplit('/').next()).expect("a name");
    for (name, from, to, reason) in [
        ("ecr-9", "\"OPEN\"", "\"VERIFIED\"", "writes the state of a ChangeRequest"),
        (evidence, "\"UNKNOWN\"", "\"CONFORMS\"", "writes a FieldEvidence"),
    ] {
        cloned.git(&["reset", "--quiet", "--hard", "origin/main"]);
        let (path, text) = cloned.document(name);
        assert!(text.contains(from), "{text}");
        cloned.commit(&[(&path, Some(&text.replacen(from, to, 1)))]);
        cloned.push("forged");
        let (code, message) = cloned.adopt("forged", None).expect_err(name);
        assert!(message.contains(reason), "{code} {message}");
    }
    let branches = cloned.world.data("{ branches { nodes { name } } }", json!({})).to_string();
    assert!(!branches.contains("forged"), "{branches}");
}

#[test]
fn what_is_pushed_is_adopted_checked_and_reported() {
    let Some(cloned) = Cloned::new() else { return };
    let (path, text) = cloned.document("REQ-1");
    let first = cloned.commit(&[(&path, Some(&text.replace("tl:limit 85", "tl:limit 80")))]);
    let second = cloned.commit(&[(&path, Some(&text.replace("tl:limit 85", "tl:limit 78")))]);
    cloned.push("cooler");
    assert_eq!(cloned.limit("main"), 85.0);
    assert_eq!(cloned.adopt("cooler", None), Ok(second.clone()));
    assert_eq!(
        (cloned.limit("cooler"), cloned.limit(&first), cloned.limit("main")),
        (json!(78.0), json!(80.0), json!(85.0))
    );
    let data = cloned.world.data(
        r#"{ log(at: "cooler", first: 3) { edges { node { id message author { name } } } }
            diff(from: "main", to: "cooler") { resources { nodes { iri properties { property removed added } } } } }"#,
        json!({}),
    );
    assert_eq!(data["log"]["edges"][0]["node"]["id"], second.as_str());
    assert_eq!(data["log"]["edges"][1]["node"]["message"], "Made elsewhere");
    assert_eq!(data["diff"]["resources"]["nodes"][0]["properties"][0]["added"][0], "78");
    // The ref is removed, and main takes the same commits by a merge, so that its past stays what it was.
    assert!(cloned.git(&["ls-remote", "origin", "refs/incoming/*"]).is_empty());
    assert_eq!(cloned.adopt("cooler", None).expect_err("no such branch").0, "BAD_INPUT");
    let message = cloned.adopt(&second, Some("main")).expect_err("its past would change").1;
    assert!(message.contains("main takes no commits of an earlier time"), "{message}");
    let message = cloned.adopt(&first, Some("cooler")).expect_err("it has diverged").1;
    assert!(message.contains("cooler has diverged"), "{message}");
    cloned
        .world
        .data(r#"mutation { merge(input: { source: "cooler", into: "main" }) { changed } }"#, json!({}));
    assert_eq!(cloned.limit("main"), 78.0);
    cloned.git(&["fetch", "--quiet", "origin"]);
    assert_eq!(cloned.git(&["rev-parse", "origin/main^2"]), second);
    // A write here goes on from there; what was made on the old head is adopted as a branch of its own.
    let note = r#"mutation { commit(input: { branch: "main", message: "Note", changes: [{ putRequirement: { id: "REQ-1", title: "Cool" } }] }) { changed } }"#;
    cloned.world.data(note, json!({}));
    let (path, text) = cloned.document("REQ-1");
    let third = cloned.commit(&[(&path, Some(&text.replace("tl:limit 78", "tl:limit 77")))]);
    cloned.push("main");
    let (code, message) = cloned.adopt("main", None).expect_err("it is main's");
    assert!(
        code == "BAD_INPUT" && message.contains("adopt it as another branch, and merge that"),
        "{message}"
    );
    assert_eq!(cloned.adopt("main", Some("mine")), Ok(third));
    let merged = cloned
        .world
        .data(r#"mutation { merge(input: { source: "mine", into: "main" }) { changed } }"#, json!({}));
    assert_eq!(merged["merge"]["changed"], 2);
    assert_eq!(cloned.limit("main"), 77.0);
    let Cloned { world, .. } = cloned;
    let world = world.reopened(|folder| std::fs::remove_file(folder.join("index.redb")).expect("the index"));
    let question = r#"{ thread { requirement(id: "REQ-1") { title constraints { limit } } } }"#;
    let answer = world.data(question, json!({}));
    assert_eq!(
        answer["thread"]["requirement"],
        json!({ "title": "Cool", "constraints": [{ "limit": 77.0 }] })
    );
}

#[test]
fn what_a_thread_does_not_accept_is_refused_with_file_and_reason() {
    let Some(cloned) = Cloned::new() else { return };
    let (path, text) = cloned.document("REQ-1");
    let check = |files: &[(&str, Option<&str>)], file: &str, reason: &str| {
        let before = cloned.world.data("{ branches { nodes { name head { id } } } }", json!({}));
        cloned.commit(files);
        cloned.push("bad");
        let (_, message) = cloned.adopt("bad", None).expect_err("refused");
        assert!(message.contains(file) && message.contains(reason), "{message}");
        assert_eq!(cloned.world.data("{ branches { nodes { name head { id } } } }", json!({})), before);
        cloned.git(&["reset", "--quiet", "--hard", "origin/main"]);
    };
    let with = |from: &str, to: &str| text.replace(from, to);
    check(&[(&path, Some(&format!("{text}\n")))], &path, "its lines end otherwise");
    check(&[(&path, Some(&with("tl:limit 85 .", "tl:limit 085 .")))], &path, "is written");
    check(&[(&path, Some(&with("<REQ-1>", "<REQ-7>")))], &path, "does not belong into the document of");
    check(&[("elsewhere.ttl", Some(&text))], "elsewhere.ttl", "belongs at");
    check(&[(&path, Some("no turtle"))], &path, "");
    check(&[("notes.txt", Some("hello"))], "notes.txt", "holds no such file");
    check(
        &[("throughline.toml", Some("format = 1\nbase = \"https://other.example/\"\n"))],
        "throughline.toml",
        "must stay",
    );
    check(&[("ontology/shapes.ttl", Some(""))], "ontology/shapes.ttl", "comes with the program");
    check(&[("ontology/own.ttl", Some("no turtle"))], "ontology", "own.ttl");
    check(&[("ontology/deep/own.ttl", Some(""))], "ontology/deep/own.ttl", "no plain name");
    // Shapes, rules and links hold for the whole.
    check(&[(&path, Some(&with("tl:status \"RELEASED\"", "tl:status \"SOLID\"")))], &path, "status");
    check(&[(&path, None)], &path, "links to it by");
    let (unit, turtle) = cloned.document("P-2");
    let twice = turtle.replace("dcterms:identifier \"P-2\"", "dcterms:identifier \"P-1\"");
    check(&[(&unit, Some(&twice))], &unit, "is already that of unit/P-1");
    let tagged = turtle.replace("dcterms:identifier \"P-2\"", "dcterms:identifier \"P-1\"@en");
    check(&[(&unit, Some(&tagged))], &unit, "\"P-1\"@en is written \"P-1\" in a thread");
    // A fragment of something described has no file of its own.
    let fragment = format!(
        "@base <{BASE}> .\n@prefix dcterms: <http://purl.org/dc/terms/> .\n\n<REQ-1#note> dcterms:title \"x\" .\n"
    );
    let digest = sha2::Sha256::digest(format!("{BASE}REQ-1#note").to_lowercase());
    // The first of the names with three capitals: 1 has none, 64 have one, 2,016 have two.
    let [first, second] = (u16::from_be_bytes([digest[0], digest[1]]).wrapping_add(2081)).to_be_bytes();
    let shard = format!("test.example+/{first:02x}/{second:02x}/REQ-1%23note.ttl");
    check(&[(&shard, Some(&fragment))], &shard, "belongs into the document of REQ-1");
}

#[test]
fn every_name_is_checked_out_where_windows_is_careful() {
    let Some(cloned) = Cloned::new() else { return };
    let names = [
        "AUX",
        "con",
        "Com1.x",
        "LPT9.A",
        "nul",
        "auxiliary",
        "Main",
        "MAIN",
        "main",
        ".git",
        "git~1",
        "a.",
        "ends/",
        "COM\u{b9}",
        "e\u{301}",
        "\u{e9}",
    ];
    let long = "x".repeat(300);
    let all: String = names
        .into_iter()
        .chain([long.as_str()])
        .map(|name| format!("<part/{name}> a tl:Part ; dcterms:identifier \"{name}-id\" .\n"))
        .collect();
    let prefixes =
        "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .";
    cloned
        .world
        .import("parts", &format!("@base <{BASE}> . {prefixes} {}", all.replace("e\u{301}-id", "other-id")))
        .expect("an import");
    let (bare, into) = (cloned.world.folder.path().join("thread.git"), cloned.folder.path().join("windows"));
    let options = ["-c", "core.protectNTFS=true", "-c", "core.protectHFS=true", "clone", "--quiet"];
    done(cloned.folder.path(), &[&options[..], &[&bare.to_string_lossy(), &into.to_string_lossy()]].concat());
    assert_eq!(done(&into, &["status", "--porcelain"]), "");
    let listed = done(&into, &["-c", "core.quotePath=false", "ls-files", "*+part/*"]);
    let paths: Vec<&str> = listed.lines().collect();
    // One name ends in a slash, so that its folder is another.
    assert_eq!(paths.len(), names.len(), "{listed}");
    let lower: std::collections::HashSet<String> = paths.iter().map(|path| path.to_lowercase()).collect();
    assert_eq!(lower.len(), paths.len(), "{listed}");
    assert!(paths.iter().all(|path| path.len() <= 180 && path.is_ascii()), "{listed}");
    for plain in ["/auxiliary.ttl", "/Main.ttl", "/MAIN.ttl", "/main.ttl", "/AUX~.ttl", "/LPT9~.A.ttl"] {
        assert!(paths.iter().any(|path| path.ends_with(plain)), "{plain}: {listed}");
    }
}

#[test]
fn installations_that_overlap_only_together_with_what_is_here_are_refused() {
    let Some(cloned) = Cloned::new() else { return };
    let installed = |name: &str, component: &str, from: &str, to: &str| {
        format!(
            "<i/{name}> a tl:Installation ; tl:component <b/{component}> ; tl:parent <unit/P-1> ;
             tl:position \"drive-end\" ; tl:from \"{from}T00:00:00Z\"^^xsd:dateTime ; tl:to \"{to}T00:00:00Z\"^^xsd:dateTime ."
        )
    };
    let swap = format!(
        "@base <{BASE}> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
         @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . <brg> a tl:Part ; dcterms:identifier \"BRG\" .
         <b/1> a tl:TwinInstance ; dcterms:identifier \"b1\" ; tl:part <brg> .
         <b/2> a tl:TwinInstance ; dcterms:identifier \"b2\" ; tl:part <brg> . {} {}",
        installed("first", "1", "2024-04-01", "2024-06-01"),
        installed("second", "2", "2024-06-01", "2024-07-01"),
    );
    cloned.world.import("swaps", &swap).expect("one after the other");
    cloned.git(&["pull", "--quiet", "--ff-only"]);
    let (path, text) = cloned.document("second");
    let sooner = text.replace("2024-06-01", "2024-05-01");
    cloned.commit(&[(&path, Some(&sooner))]);
    cloned.push("sooner");
    let (code, message) = cloned.adopt("sooner", None).expect_err("both at once");
    assert_eq!(code, "BAD_INPUT");
    assert!(message.contains("drive-end") && message.contains("holds 1, but"), "{message}");
    // Where the first one goes earlier, both fit.
    let (first, turtle) = cloned.document("first");
    let fitting = cloned.commit(&[(&first, Some(&turtle.replace("2024-06-01", "2024-05-01")))]);
    cloned.push("both");
    let refused = cloned.adopt("both", None).expect_err("its first commit is a version too").1;
    assert!(refused.contains("drive-end"), "{refused}");
    cloned.git(&["reset", "--quiet", "--soft", "origin/main"]);
    cloned.git(&["commit", "--quiet", "--message", "Sooner, both"]);
    let fitting_at_once = cloned.git(&["rev-parse", "HEAD"]);
    assert_ne!(fitting_at_once, fitting);
    cloned.push("both");
    assert_eq!(cloned.adopt("both", None), Ok(fitting_at_once));
}

#[test]
fn every_commit_that_is_adopted_holds_shapes() {
    let Some(cloned) = Cloned::new() else { return };
    let (path, text) = cloned.document("REQ-1");
    let broken = cloned.commit(&[(&path, Some(&text.replace("\"RELEASED\"", "\"SOLID\"")))]);
    cloned.commit(&[(&path, Some(&text))]);
    cloned.push("mended");
    let (code, message) = cloned.adopt("mended", None).expect_err("its first commit is a version too");
    assert!(
        code == "BAD_INPUT"
            && message.contains(&format!("{path} in commit {broken}: "))
            && message.contains("status"),
        "{code}: {message}"
    );
}

#[test]
fn refs_that_cannot_be_adopted_are_refused() {
    let Some(cloned) = Cloned::new() else { return };
    let refused = |reference: &str, branch: Option<&str>, reason: &str| {
        let (_, message) = cloned.adopt(reference, branch).expect_err("refused");
        assert!(message.contains(reason), "{message}");
    };
    refused("nothing", None, "no ref or commit is called \"nothing\"");
    refused("main", None, "name the branch that takes it");
    refused("main", Some("import/pump"), "holds the statements of its source");
    cloned.git(&["checkout", "--quiet", "--orphan", "alone"]);
    cloned.git(&["commit", "--quiet", "--message", "Another beginning"]);
    cloned.push("alone");
    refused("alone", None, "has no parent");
    cloned.git(&[
        "merge",
        "--quiet",
        "--allow-unrelated-histories",
        "--strategy=ours",
        "--message",
        "Both",
        "origin/main",
    ]);
    cloned.push("both");
    refused("both", None, "has no parent");
    cloned.git(&["checkout", "--quiet", "main"]);
    // Links and programs are no documents.
    let (path, _) = cloned.document("REQ-1");
    cloned.git(&["update-index", "--chmod=+x", &path]);
    cloned.git(&["commit", "--quiet", "--message", "Executable"]);
    cloned.push("program");
    refused("program", None, "no plain file (mode 100755)");
}

#[test]
fn a_tidied_repository_answers_as_before() {
    let Some(cloned) = Cloned::new() else { return };
    let bare = cloned.world.folder.path().join("thread.git");
    let put = |limit: u32| {
        let put = format!(
            "{{ putRequirement: {{ id: \"REQ-1\", constraints: [{{ id: \"REQ-1#limit\", limit: {limit} }}] }} }}"
        );
        cloned.world.data(
            &format!(
                "mutation {{ commit(input: {{ branch: \"main\", message: \"Put\", changes: [{put}] }}) {{ changed }} }}"
            ),
            json!({}),
        );
    };
    // While the service runs, whatever it has open; though the setting that protects objects be removed.
    for (limit, tidy) in
        [(84, &["gc", "--quiet"][..]), (83, &["repack", "-adq"]), (82, &["gc", "--quiet", "--prune=now"])]
    {
        put(limit);
        done(&bare, &["gc", "--quiet"]);
        git(&bare, &["config", "--unset", "extensions.preciousObjects"]);
        done(&bare, tidy);
        assert_eq!(cloned.limit("main"), f64::from(limit));
    }
    put(81);
    let data = cloned
        .world
        .data("{ diff(from: \"main\", to: \"import/pump\") { resources { nodes { iri } } } }", json!({}));
    assert_eq!(data["diff"]["resources"]["nodes"][0]["iri"], "REQ-1");
    let world = cloned.world.reopened(|folder| {
        done(&folder.join("thread.git"), &["fsck", "--strict"]);
        std::fs::remove_file(folder.join("index.redb")).expect("the index");
    });
    let log = world.data("{ log { edges { node { message } } } }", json!({}));
    assert_eq!(log["log"]["edges"].as_array().map(Vec::len), Some(7));
    let shards =
        std::fs::read_dir(world.folder.path().join("thread.git/objects")).expect("objects").flatten();
    assert_eq!(shards.filter(|entry| entry.file_name().len() == 2).count(), 256, "each is made, and synced");
}

#[test]
fn what_was_pruned_and_is_committed_again_is_written_again() {
    let Some(cloned) = Cloned::new() else { return };
    let bare = cloned.world.folder.path().join("thread.git");
    let put = |branch: &str, title: &str| {
        cloned.world.data(
            &format!(
                "mutation {{ commit(input: {{ branch: \"{branch}\", message: \"Put\", changes: [{{ putPart: {{ id: \"part/{title}\", identifier: \
                 \"{title}\", title: \"{title}\" }} }}] }}) {{ changed }} }}"
            ),
            json!({}),
        );
    };
    cloned.world.data("mutation { createBranch(input: { name: \"try\" }) { branch { name } } }", json!({}));
    put("try", "again");
    // As Git tidied up before objects were protected from it.
    git(&bare, &["config", "--unset", "extensions.preciousObjects"]);
    done(&bare, &["gc", "--quiet"]);
    // The pack is open from here on.
    put("try", "other");
    cloned.world.data("mutation { deleteBranch(input: { name: \"try\" }) { lastHead } }", json!({}));
    done(&bare, &["gc", "--quiet", "--prune=now"]);
    put("main", "again");
    let world = cloned.world.reopened(|folder| {
        done(&folder.join("thread.git"), &["fsck", "--strict"]);
        std::fs::remove_file(folder.join("index.redb")).expect("the index");
    });
    let data = world.data("{ thread { part(id: \"part/again\") { title } } }", json!({}));
    assert_eq!(data["thread"]["part"]["title"], "again");
}
