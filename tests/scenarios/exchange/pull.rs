//! `throughline pull`: the tracked resource set of another service, whole and then by what has changed.

use crate::program::{out, refused, throughline};
use crate::world::{BASE, PUMP, World, request};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;

const TEST: &str = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
<https://test.example/test/1> a tl:TestCase ; dcterms:title "Heat run" ; tl:verifies <https://test.example/REQ-1> ."#;

fn pull(folder: &Path, url: &str, more: &[&str]) -> std::process::Output {
    let arguments = [&["pull", url, "--source", "alm", "--data", "here"], more].concat();
    throughline(folder, &arguments)
}

fn change(address: SocketAddr, name: &str, from: &str, to: &str) {
    let path = format!("/oslc/resources/{name}");
    let read = request(address, "GET", &path, &[("accept", "text/turtle")], b"");
    let tag = read.header("etag").expect("a tag").to_owned();
    let headers = [("content-type", "text/turtle"), ("if-match", tag.as_str())];
    let answer = request(address, "PUT", &path, &headers, read.body.replace(from, to).as_bytes());
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn a_set_is_pulled_whole_and_then_by_what_has_changed() {
    let there = World::new();
    there.import("plm", PUMP).expect("the pump");
    there.import("tests", TEST).expect("a test case");
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "here", "--base", "https://here.example/"]));
    there.served(|address| {
        let url = format!("http://{address}/oslc/trs");
        let own = ["--allow", "127.0.0.0/8"];
        let first = out(&pull(folder.path(), &url, &own));
        assert!(first.contains("the whole set: 4 resources fetched, 0 removed"), "{first}");
        // A limit on a property that the set does not have would be another limit.
        assert!(first.contains("the target is not in the tracked set"), "{first}");
        let requirement = format!("http://{address}/oslc/resources/REQ-1");
        let show = |name: &str| out(&throughline(folder.path(), &["show", "--data", "here", name]));
        let shown = show(&requirement);
        assert!(shown.contains("a tl:Requirement") && shown.contains("\"Stay cool\""), "{shown}");
        assert!(!shown.contains("limit"), "{shown}");
        assert!(show(&format!("http://{address}/oslc/resources/test/1")).contains("tl:verifies"));
        let again = out(&pull(folder.path(), &url, &own));
        assert!(again.contains("what has changed: 0 resources fetched") && again.contains("nothing new"), "{again}");
        // What was authored here stays.
        let mine = format!("@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .
            <https://here.example/D> a tl:Requirement ; dcterms:identifier \"D\" ; tl:derivedFrom <{requirement}> .");
        std::fs::write(folder.path().join("mine.ttl"), mine).expect("a file");
        out(&throughline(folder.path(), &["import", "--data", "here", "mine.ttl"]));
        change(address, "REQ-1", "Stay cool", "Stay cold");
        let deleted = request(address, "DELETE", "/oslc/resources/test/1", &[], b"");
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        let later = out(&pull(folder.path(), &url, &[&own[..], &["--json"]].concat()));
        let later: serde_json::Value = serde_json::from_str(&later).expect("JSON");
        assert_eq!((&later["whole"], &later["fetched"], &later["removed"]), (&false.into(), &1.into(), &1.into()), "{later:#}");
        assert!(show(&requirement).contains("\"Stay cold\"") && show("D").contains("tl:derivedFrom"));
        let retired = throughline(folder.path(), &["show", "--data", "here", &format!("http://{address}/oslc/resources/test/1")]);
        assert!(!retired.status.success(), "the retired test case is still here");
    });
}

#[test]
fn a_service_takes_what_is_pulled_by_its_own_ontology() {
    let own = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix my: <https://my.example/> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        my:SafetyRequirement a owl:Class ; rdfs:subClassOf tl:Requirement ; rdfs:label "Safety requirement" ; rdfs:comment "It averts a hazard." .
        my:averts a owl:ObjectProperty ; rdfs:label "averts" ; rdfs:comment "The requirement that states the hazard." .
        my:SafetyShape a sh:NodeShape ; sh:targetClass my:SafetyRequirement ; sh:property [ sh:path my:averts ; sh:class tl:Requirement ] ."#;
    let requirements = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> . @prefix my: <https://my.example/> .
        <https://test.example/S> a my:SafetyRequirement ; dcterms:identifier "S" ; dcterms:title "Stop" ; my:averts <https://test.example/R> .
        <https://test.example/R> a tl:Requirement ; dcterms:identifier "R" ; dcterms:title "Run" ."#;
    let (there, here) = (World::new(), World::new());
    let folder = tempfile::tempdir().expect("a folder");
    there.served(|from| {
        here.served(|to| {
            let turtle = [("content-type", "text/turtle")];
            for address in [from, to] {
                let answer = request(address, "POST", "/import?ontology=own.ttl", &turtle, own.as_bytes());
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
            let answer = request(from, "POST", "/import?source=plm", &turtle, requirements.as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.body);
            let (set, service) = (format!("http://{from}/oslc/trs"), format!("http://{to}"));
            let pull = || {
                let arguments = ["pull", &set, "--source", "alm", "--url", &service, "--allow", "127.0.0.0/8"];
                out(&throughline(folder.path(), &arguments))
            };
            let exported = |version: &str| {
                let path = format!("/export?format=ntriples&version={version}");
                request(to, "GET", &path, &[], b"").body
            };
            let first = pull();
            assert!(first.contains("the whole set: 2 resources fetched") && !first.contains("warning"), "{first}");
            let link = format!("<http://{from}/oslc/resources/S> <https://my.example/averts> <http://{from}/oslc/resources/R>");
            assert!(exported("main").contains(&link), "{}", exported("main"));
            // What the pull notes for the next one stays on the branch of the source.
            assert!(exported("import/alm").contains("urn:throughline:import-note:") && !exported("main").contains("import-note"));
            change(from, "R", "Run", "Run on");
            let second = pull();
            assert!(second.contains("what has changed: 1 resource fetched, 0 removed"), "{second}");
            assert!(exported("main").contains("\"Run on\"") && exported("main").contains(&link));
            let deleted = request(from, "DELETE", "/oslc/resources/S", &[], b"");
            assert_eq!(deleted.status, 204, "{}", deleted.body);
            let third = pull();
            assert!(third.contains("what has changed") && third.contains(", 1 removed"), "{third}");
            assert!(!exported("main").contains("/resources/S>") && !exported("import/alm").contains("/resources/S>"));
            assert!(!exported("import/alm").contains("resources%2FS"));
        });
    });
}

/// What a pull notes for the next one could else be forged by the very files of a source.
#[test]
fn a_file_states_no_notes_of_a_pull() {
    let world = World::new();
    let note = |subject: &str| format!("<{subject}> <urn:throughline:import-note:format> \"1\" .");
    let set = "urn:throughline:import-note:set";
    let content = "<https://test.example/R> <http://purl.org/dc/terms/title> \"Run\" .";
    let table = "id,title\nset,Run\n";
    let mapping = r#"[[resource]]
class = "Requirement"
id = "urn:throughline:import-note:{id}"
fields = { title = "title" }
"#;
    world.served(|address| {
        let form = |path: &str, parts: &[(&str, &str, &str, &str)]| {
            let part = |(name, file, media_type, content): &(&str, &str, &str, &str)| {
                format!("--b\r\ncontent-disposition: form-data; name={name}; filename={file}\r\ncontent-type: {media_type}\r\n\r\n{content}\r\n")
            };
            let body: String = parts.iter().map(part).chain(["--b--".to_owned()]).collect();
            request(address, "POST", path, &[("content-type", "multipart/form-data; boundary=b")], body.as_bytes())
        };
        let nt = "application/n-triples";
        let check = |path: &str, parts: &[(&str, &str, &str, &str)], status: u16, part: &str| {
            let answer = form(path, parts);
            assert!(answer.status == status && answer.body.contains(part), "{parts:?}: {} {}", answer.status, answer.body);
        };
        let source = "/import?source=alm";
        check(source, &[("file", "a.nt", nt, &note(set))], 422, set);
        check(&format!("{source}&dryRun"), &[("file", "a.nt", nt, &note(set))], 200, set);
        check(source, &[("mapping", "m.toml", "application/toml", mapping), ("file", "a.csv", "text/csv", table)], 422, set);
        let noted = format!("{source}&notes=n.nt");
        check(&noted, &[("file", "a.nt", nt, content)], 400, "no file of the form is called n.nt");
        check(&noted, &[("file", "n.nt", "text/turtle", &note(set))], 400, "notes are application/n-triples");
        check(&noted, &[("file", "a.nt", nt, &note(set)), ("file", "n.nt", nt, "")], 422, set);
        check(&noted, &[("file", "n.nt", nt, content)], 422, "is among the notes of a pull");
        let branches = request(address, "GET", "/export?version=import/alm", &[], b"");
        assert_eq!(branches.status, 404, "{}", branches.body);
        check(&noted, &[("file", "a.nt", nt, content), ("file", "n.nt", nt, &note(set))], 200, "commit");
        let exported = |version: &str| request(address, "GET", &format!("/export?version={version}"), &[], b"").body;
        assert!(exported("import/alm").contains(set) && !exported("main").contains(set) && exported("main").contains("Run"));
    });
}

#[test]
fn a_pull_goes_nowhere_it_may_not() {
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "here", "--base", BASE]));
    // Answers every request with a redirect to an address inside another network.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let answering = std::thread::spawn(move || {
        for to in ["http://169.254.169.254/latest/meta-data", "file:///etc/passwd"] {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut bytes = [0; 4096];
            let read = stream.read(&mut bytes).expect("a request");
            assert!(!String::from_utf8_lossy(&bytes[..read]).contains("POST"));
            let answer = format!(
                "HTTP/1.1 303 See Other\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            );
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    });
    let url = format!("http://{address}/trs");
    let check = |more: &[&str], part: &str| {
        let error = refused(&pull(folder.path(), &url, more));
        assert!(error.contains(part), "{more:?}: {error}");
    };
    check(&[], "127.0.0.1, which is no address of the Internet: name its network with --allow");
    let own = ["--allow", "127.0.0.0/8"];
    check(&own, "169.254.169.254, which is no address of the Internet");
    check(&own, "it leads to \"file:///etc/passwd\"");
    check(&["--allow", "everything"], "\"everything\" is no network");
    answering.join().expect("it ends");
}
