//! Files that come in and go out over HTTP while the service runs: imports, readings, exports.

use super::world::{Answer, BASE, PUMP, World, clock, request};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use throughline::app::access::{NewToken, Role, Tokens, TwinScope};
use throughline::exchange::rdf::{self, Format};
use throughline::model::time::clock::Clock as _;

const TURTLE: &[(&str, &str)] = &[("content-type", "text/turtle")];

fn post(address: SocketAddr, path: &str, content_type: &str, body: &[u8]) -> Answer {
    request(address, "POST", path, &[("content-type", content_type)], body)
}

fn import(address: SocketAddr, parameters: &str, turtle: &str) -> Answer {
    request(address, "POST", &format!("/import?{parameters}"), TURTLE, turtle.as_bytes())
}

/// Returns the JSON of an answer that must have a status.
fn with_status(answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    answer.json()
}

fn head(world: &World) -> String {
    world.app.snapshot("main").expect("main").commit().id.to_string()
}

fn title(world: &World) -> Value {
    let title = throughline::ontology::terms::dcterms::TITLE;
    world.app.snapshot("main").expect("main").text(&named("REQ-1"), title).expect("read").into()
}

/// Writes a form of parts: (field, file name, media type, content).
fn form(parts: &[(&str, &str, &str, &str)]) -> (String, Vec<u8>) {
    let mut body = String::new();
    for (name, file, media_type, content) in parts {
        body.push_str(&format!(
            "--frontier\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\nContent-Type: {media_type}\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str("--frontier--\r\n");
    ("multipart/form-data; boundary=frontier".to_owned(), body.into_bytes())
}

#[test]
fn a_source_is_imported_while_the_service_runs() {
    let world = World::new();
    world.served(|address| {
        let begin = head(&world);
        let done = import(address, "source=pump&into=main&tag=PDR", PUMP);
        let report = with_status(&done, 200);
        assert_eq!(report["commit"], head(&world));
        assert_eq!(done.header("throughline-commit"), report["commit"].as_str());
        assert_eq!(
            (&report["source"], &report["into"], &report["tag"]),
            (&json!("pump"), &json!("main"), &json!("PDR"))
        );
        assert_eq!(report["unchanged"], false);
        assert_ne!(head(&world), begin);
        assert_eq!(title(&world), "Stay cool");
        // The same again makes no commit.
        let again = with_status(&import(address, "source=pump", PUMP), 200);
        assert_eq!((&again["unchanged"], &again["changed"]), (&json!(true), &json!(0)));
        // A dry run answers with what would change, and writes nothing.
        let newer = PUMP.replace("Stay cool", "Stay cold");
        let before = head(&world);
        let dry = with_status(&import(address, "source=pump&dryRun=true&tag=CDR", &newer), 200);
        assert_eq!((head(&world), title(&world)), (before.clone(), json!("Stay cool")));
        assert_eq!(dry["dryRun"], true);
        assert_eq!(dry["preview"][0]["resource"], "REQ-1");
        assert_eq!(dry["preview"][0]["properties"][0]["added"], json!(["Stay cold"]));
        assert_eq!(with_status(&import(address, "source=pump", &newer), 200)["changed"], 2);
        assert_eq!(title(&world), "Stay cold");
        // What the source no longer has goes where it is pruned.
        let fewer = newer.split("<unit/P-2>").next().expect("the rest").to_owned();
        with_status(&import(address, "source=pump", &fewer), 200);
        assert!(world.app.snapshot("main").expect("main").exists(&named("unit/P-2")).expect("read"));
        with_status(&import(address, "source=pump&prune", &fewer), 200);
        assert!(!world.app.snapshot("main").expect("main").exists(&named("unit/P-2")).expect("read"));
    });
}

#[test]
fn a_key_names_one_import() {
    let world = World::new();
    world.served(|address| {
        let keyed = "source=pump&idempotencyKey=k1";
        let first = with_status(&import(address, keyed, PUMP), 200)["commit"].clone();
        assert_eq!(
            with_status(&import(address, "idempotencyKey=k1&source=pump", PUMP), 200)["commit"],
            first
        );
        let newer = PUMP.replace("Stay cool", "Stay cold");
        let ontology = "ontology=own.ttl&idempotencyKey=k1";
        let others = [(keyed, newer.as_str()), ("source=pump&prune&idempotencyKey=k1", PUMP), (ontology, "")];
        for (parameters, body) in others {
            let refused = with_status(&import(address, parameters, body), 400);
            let message = refused["message"].as_str().unwrap_or_default();
            let used = format!("was used for another request (commit {}", first.as_str().unwrap_or_default());
            assert!(refused["code"] == "BAD_INPUT" && message.contains(&used), "{parameters}: {refused}");
            assert_eq!(json!(head(&world)), first, "{parameters}");
        }
        let other = "source=pump&idempotencyKey=k2";
        assert_eq!(with_status(&import(address, other, &newer), 200)["unchanged"], false);
        assert_eq!(title(&world), "Stay cold");
    });
}

fn named(name: &str) -> oxigraph::model::NamedNode {
    oxigraph::model::NamedNode::new(format!("{BASE}{name}")).expect("an IRI")
}

#[test]
fn conflicts_and_violations_are_answered_and_decided() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let put = "mutation { commit(input: { message: \"Rename\", changes: [{ putRequirement: { id: \"REQ-1\", title: \"Stay dry\" } }] }) { changed } }";
    world.data(put, json!({}));
    let newer = PUMP.replace("Stay cool", "Stay cold");
    world.served(|address| {
        let before = head(&world);
        let refused = with_status(&import(address, "source=pump", &newer), 409);
        assert_eq!(refused["code"], "CONFLICT");
        let conflict = &refused["conflicts"][0];
        assert_eq!((&conflict["resource"], &conflict["property"]), (&json!("REQ-1"), &json!("title")));
        assert_eq!(
            (&conflict["ours"]["values"], &conflict["theirs"]["values"]),
            (&json!(["Stay dry"]), &json!(["Stay cold"]))
        );
        let dry = with_status(&import(address, "source=pump&dryRun", &newer), 200);
        assert_eq!((&dry["commit"], &dry["code"]), (&Value::Null, &json!("CONFLICT")));
        assert_eq!(dry["conflicts"][0]["resource"], "REQ-1");
        let broken = PUMP.replace("tl:limit 85", "tl:limit \"warm\"");
        let refused = with_status(&import(address, "source=pump", &broken), 422);
        assert_eq!(refused["code"], "SHAPE_VIOLATION");
        assert!(refused["violations"][0]["message"].is_string(), "{refused}");
        let dry = with_status(&import(address, "source=pump&dryRun", &broken), 200);
        assert!(dry["violations"][0]["message"].is_string() && dry["commit"].is_null(), "{dry}");
        assert_eq!(head(&world), before);
        let wrong = with_status(&import(address, "source=pump&theirs=", &newer), 400);
        assert!(wrong["message"].as_str().is_some_and(|text| text.contains("is no decision")), "{wrong}");
        with_status(&import(address, "source=pump&theirs=REQ-1+title", &newer), 200);
        assert_eq!(title(&world), "Stay cold");
    });
}

#[test]
fn every_notation_tables_and_ontology_files_come_in() {
    let world = World::new();
    world.served(|address| {
        let statements = rdf::read(PUMP.as_bytes(), Format::Turtle, BASE, "pump.ttl").expect("Turtle");
        let notations = [
            ("application/n-triples", Format::NTriples),
            ("application/rdf+xml", Format::RdfXml),
            ("application/ld+json", Format::JsonLd),
        ];
        for (at, (media_type, format)) in notations.into_iter().enumerate() {
            let body = rdf::write(&statements, format, &[]).expect("written");
            let report = with_status(&post(address, "/import?source=pump", media_type, &body), 200);
            assert_eq!(report["unchanged"], at > 0, "{media_type}: the same statements");
        }
        // A table with its mapping, and what the mapping does not use.
        let mapping = "[[resource]]\nclass = 'Part'\nid = 'part/{number}'\n[resource.fields]\nidentifier = 'number'\ntitle = 'name'\n";
        let table = "number,name,colour\nA-1,Shaft,red\nA-2,Seal,blue\n";
        let (content_type, body) = form(&[
            ("mapping", "parts.toml", "application/toml", mapping),
            ("file", "parts.csv", "text/csv", table),
        ]);
        let dry = with_status(&post(address, "/import?source=parts&dryRun", &content_type, &body), 200);
        assert_eq!(dry["unusedColumns"], json!([{ "file": "parts.csv", "columns": ["colour"] }]));
        let report = with_status(&post(address, "/import?source=parts", &content_type, &body), 200);
        assert_eq!(report["changed"], 6);
        let wrong = table.replace("A-2", "");
        let (content_type, body) = form(&[
            ("mapping", "parts.toml", "", mapping),
            ("file", "parts.csv", "", &wrong),
        ]);
        let refused = with_status(&post(address, "/import?source=parts", &content_type, &body), 400);
        assert_eq!((&refused["file"], &refused["line"]), (&json!("parts.csv"), &json!(3)), "{refused}");
        let (content_type, body) = form(&[("mapping", "parts.toml", "", "[[resource]\n"), ("file", "parts.csv", "", table)]);
        let refused = with_status(&post(address, "/import?source=parts", &content_type, &body), 400);
        assert_eq!((&refused["file"], &refused["line"]), (&json!("parts.toml"), &json!(1)), "{refused}");
        let (content_type, body) = form(&[("file", "parts.csv", "text/csv", table)]);
        assert!(post(address, "/import?source=parts", &content_type, &body).body.contains("no mapping is before"));
        // A file of the user's own ontology.
        let own = "@prefix ex: <https://test.example/own#> . @prefix tl: <https://w3id.org/throughline#> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . ex:Tool a owl:Class ; rdfs:label \"Tool\" .";
        let before = head(&world);
        with_status(&import(address, "ontology=own.ttl&dryRun", own), 200);
        assert_eq!(head(&world), before);
        let report = with_status(&import(address, "ontology=own.ttl", own), 200);
        assert_eq!(report["commit"], head(&world));
        assert_eq!(import(address, "ontology=own.ttl", "ex:Tool a .").status, 400);
    });
}

#[test]
fn what_is_wrong_with_a_request_is_refused_before_or_after_its_body() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let before = head(&world);
        let refused = with_status(&import(address, "source=pump&name=pump.ttl", &PUMP.replace("tl:limit 85", "tl:limit ,")), 400);
        assert_eq!((&refused["file"], &refused["line"]), (&json!("pump.ttl"), &json!(11)), "{refused}");
        assert!(refused["column"].is_number() && refused["code"] == "BAD_INPUT", "{refused}");
        for (path, content_type, status) in [
            ("/import?source=pump", "text/csv", 415),
            ("/import?source=pump", "application/octet-stream", 415),
            ("/import?source=pump", "", 415),
            ("/import", "text/turtle", 400),
            ("/import?source=pump&into=nowhere", "text/turtle", 404),
            ("/import?source=pump&into=import/pump", "text/turtle", 400),
            ("/import?source=pump&sauce=x", "text/turtle", 400),
            ("/import?source=..", "text/turtle", 400),
            ("/import?source=a/../../b", "text/turtle", 400),
            ("/import?source=a%00b", "text/turtle", 400),
            ("/import?source=%2e%2e%2fmain", "text/turtle", 400),
            ("/import?source=pump&recordedAt=2020-01-01T00:00:00Z", "text/turtle", 400),
            ("/ingest?time=t", "text/csv", 400),
            ("/ingest?time=t&twin=u", "text/turtle", 415),
        ] {
            let answer = post(address, path, content_type, PUMP.as_bytes());
            let refused = with_status(&answer, status);
            assert!(refused["message"].is_string() && refused["code"].is_string(), "{path}: {refused}");
        }
        let packed = [("content-type", "text/turtle"), ("content-encoding", "br")];
        assert_eq!(request(address, "POST", "/import?source=pump", &packed, b"").status, 415);
        // A byte order mark of another encoding, and gzip that is none.
        assert_eq!(import(address, "source=pump", "\u{feff}\u{feff}").status, 400);
        let utf16: Vec<u8> = "<a> <b> <c> .".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let marked = [vec![0xff, 0xfe], utf16].concat();
        assert_eq!(request(address, "POST", "/import?source=pump", TURTLE, &marked).status, 400);
        let packed = [("content-type", "text/turtle"), ("content-encoding", "gzip")];
        assert_eq!(request(address, "POST", "/import?source=pump", &packed, b"no gzip").status, 400);
        // A form that is cut off, and a body whose client goes away in the middle.
        let (content_type, body) = form(&[("file", "pump.ttl", "text/turtle", PUMP)]);
        let cut = with_status(&post(address, "/import?source=pump2", &content_type, &body[..body.len() - 20]), 400);
        assert!(cut["message"].as_str().is_some_and(|text| text.contains("cut off")), "{cut}");
        let mut stream = TcpStream::connect(address).expect("a connection");
        let text = format!("POST /import?source=half HTTP/1.1\r\nhost: {address}\r\ncontent-type: text/turtle\r\ncontent-length: {}\r\n\r\n", PUMP.len());
        stream.write_all(text.as_bytes()).expect("the head");
        stream.write_all(&PUMP.as_bytes()[..PUMP.len() / 2]).expect("half the body");
        stream.shutdown(std::net::Shutdown::Write).expect("closed");
        let mut answer = String::new();
        drop(stream.read_to_string(&mut answer));
        assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
        // Entities of XML are expanded once and fetched never.
        let entities = "<!DOCTYPE rdf [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:dc=\"http://purl.org/dc/terms/\"><rdf:Description rdf:about=\"https://test.example/e\"><dc:title>&x;</dc:title></rdf:Description></rdf:RDF>";
        for body in [entities.to_owned(), entities.replace("&x;", "&c;")] {
            let answer = post(address, "/import?source=xml&dryRun", "application/rdf+xml", body.as_bytes());
            assert!(answer.body.len() < 20_000 && !answer.body.contains("root:"), "{}", answer.body);
        }
        assert_eq!(head(&world), before, "nothing of all this is written");
        let branches: Vec<_> = world.app.repository().branches().expect("branches").into_iter().map(|(name, _)| name).collect();
        assert_eq!(branches, ["import/pump", "main"]);
    });
}

#[test]
fn two_imports_of_one_source_come_one_after_the_other() {
    let world = World::new();
    world.served(|address| {
        let texts: Vec<_> = (0..4).map(|n| PUMP.replace("Stay cool", &format!("Stay {n}"))).collect();
        let statuses: Vec<_> = std::thread::scope(|scope| {
            let sent: Vec<_> =
                texts.iter().map(|text| scope.spawn(move || import(address, "source=pump", text))).collect();
            sent.into_iter().map(|sent| with_status(&sent.join().expect("sent"), 200)).collect()
        });
        let commits: BTreeSet<_> = statuses.iter().map(|report| report["commit"].to_string()).collect();
        assert_eq!(commits.len(), 4, "each made a commit of its own");
        assert!(commits.contains(&format!("\"{}\"", head(&world))));
        assert!(title(&world).as_str().is_some_and(|title| title.starts_with("Stay ")));
    });
}

#[test]
fn readings_come_in_as_tables() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let tokens = Tokens::of(world.folder.path());
    let new = |name: &str, twins| NewToken {
        name: name.to_owned(),
        email: None,
        role: Role::TelemetryWriter,
        twins,
        act_as: false,
        expires: None,
    };
    let scope = TwinScope { names: vec!["P-1".to_owned()], prefixes: Vec::new() };
    let scoped = tokens.create(&new("gateway", Some(scope)), &[1; 38], clock().now()).expect("a token").1;
    let free = tokens.create(&new("fleet", None), &[2; 38], clock().now()).expect("a token").1;
    let csv = "t,serial,temp\n2025-12-01T00:00:00Z,P-1,20.5\n2025-12-01T01:00:00Z,P-1,hot\n2025-12-01T02:00:00Z,P-1,21\n";
    let other = csv.replace("02:00:00Z,P-1", "02:00:00Z,P-2");
    world.served(|address| {
        let send = |token: &str, path: &str, content_type: &str, body: &[u8]| {
            let authorization = format!("Bearer {token}");
            request(
                address,
                "POST",
                path,
                &[("content-type", content_type), ("authorization", &authorization)],
                body,
            )
        };
        let path = "/ingest?time=t&twin=serial&measurement=m&name=day.csv";
        let refused = with_status(&send(&scoped, path, "text/csv", other.as_bytes()), 403);
        assert!(refused["message"].as_str().is_some_and(|text| text.contains("P-2")), "{refused}");
        assert!(world.app.telemetry().now().all_series().is_empty(), "nothing of it is stored");
        let done = with_status(&send(&scoped, path, "text/csv", csv.as_bytes()), 200);
        assert_eq!((&done["samples"], &done["refusedCount"]), (&json!(2), &json!(1)));
        let cell = &done["files"][0]["refused"][0];
        assert_eq!((&cell["line"], &cell["column"]), (&json!(3), &json!("temp")), "{done}");
        let mapping =
            "[readings]\ntime = 't'\ntwin = 'serial'\nmeasurement = 'mapped'\nsignals = { temp = 'heat' }\n";
        let (content_type, body) = form(&[
            ("mapping", "m.toml", "", mapping),
            ("file", "a.csv", "", csv),
            ("file", "b.csv", "", &other),
        ]);
        let done = with_status(&send(&free, "/ingest", &content_type, &body), 200);
        assert_eq!(done["samples"], 4);
        assert_eq!(done["files"][1]["file"], "b.csv");
        assert_eq!(done["files"][1]["unbound"][0]["names"], json!(["heat"]));
        // A request brings so many new series; readings of others are refused.
        let names: Vec<String> = (0..10_002).map(|at| format!("s{at}")).collect();
        let wide = format!("t,{}\n2025-12-01T00:00:00Z{}\n", names.join(","), ",1".repeat(names.len()));
        let done = with_status(&send(&free, "/ingest?time=t&unit=P-7", "text/csv", wide.as_bytes()), 200);
        assert_eq!((&done["samples"], &done["refusedCount"]), (&json!(10_000), &json!(2)));
        assert!(
            done["files"][0]["refused"][0]["reason"]
                .as_str()
                .is_some_and(|text| text.contains("newSeriesMax"))
        );
        let wide = format!("t,temp\n2025-12-01T00:00:00Z{}\n", ",".repeat(20_000));
        let refused = with_status(&send(&free, "/ingest?time=t&unit=P-7", "text/csv", wide.as_bytes()), 400);
        assert!(refused["message"].as_str().is_some_and(|text| text.contains("16384 cells")), "{refused}");
        let refused =
            with_status(&send(&free, "/ingest?time=t&twin=nobody", "text/csv", csv.as_bytes()), 400);
        assert!(refused["message"].as_str().is_some_and(|text| text.contains("nobody")), "{refused}");
    });
}

#[test]
fn a_version_leaves_in_every_notation_and_is_the_same_when_it_comes_back() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let first = head(&world);
    world.import("pump", &PUMP.replace("Stay cool", "Stay cold")).expect("an import");
    world.served(|address| {
        let export = |path: &str, headers: &[(&str, &str)]| {
            request(address, "GET", &format!("/export{path}"), headers, b"")
        };
        let read = |text: &str, format| -> BTreeSet<String> {
            let statements = rdf::read(text.as_bytes(), format, BASE, "export").expect("what was written");
            statements.iter().map(|statement| format!("{statement:?}")).collect()
        };
        let expect = read(PUMP, Format::Turtle);
        for (name, media_type, format) in [
            ("turtle", "text/turtle", Format::Turtle),
            ("ntriples", "application/n-triples", Format::NTriples),
            ("nquads", "application/n-quads", Format::NTriples),
            ("rdfxml", "application/rdf+xml", Format::RdfXml),
            ("jsonld", "application/ld+json", Format::JsonLd),
        ] {
            let answer = export(&format!("?version={first}&format={name}"), &[]);
            assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
            assert!(answer.complete);
            assert_eq!(read(&answer.body, format), expect, "{name}");
            assert_eq!(answer.header("etag"), Some(&*format!("\"{first}\"")));
            let accepted = export(&format!("?version={first}"), &[("accept", media_type)]);
            assert_eq!(accepted.body, answer.body, "{name}");
        }
        let now = export("", &[]);
        assert!(
            now.body.contains("Stay cold") && now.body.contains("@base <https://test.example/>"),
            "{}",
            now.body
        );
        assert_eq!(now.body, export("?version=main", &[]).body);
        let tag = now.header("etag").expect("a tag").to_owned();
        assert_eq!(tag, format!("\"{}\"", head(&world)));
        let known = export("", &[("if-none-match", &*format!("\"x\", W/{tag}"))]);
        assert_eq!((known.status, known.body.as_str()), (304, ""));
        assert_eq!(export("", &[("if-none-match", &*format!("\"{first}\""))]).status, 200);
        let packed = export("?format=ntriples", &[("accept-encoding", "identity")]);
        assert!(packed.body.ends_with(" .\n"));
        for (path, status) in [
            ("?version=none", 404),
            ("?format=csv", 400),
            ("?limit=1", 400),
            ("?source=x", 400),
            ("?source=telemetry&format=parquet", 400),
            ("?source=telemetry&limit=0", 400),
            ("?source=telemetry&after=x", 400),
        ] {
            let refused = with_status(&export(path, &[]), status);
            assert!(refused["message"].is_string(), "{refused}");
        }
        assert_eq!(export("", &[("accept", "image/png")]).status, 406);
        // What leaves comes back as nothing new.
        let report = with_status(&import(address, "source=pump", &now.body), 200);
        assert_eq!(report["changed"], 0, "{report}");
    });
}

#[test]
fn samples_leave_page_by_page_as_of_one_watermark() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world.served(|address| {
        let csv = "t,serial,temp,flow\n2025-12-01T00:00:00Z,P-1,20.5,1\n2025-12-01T01:00:00Z,P-1,,2\n2025-12-01T02:00:00Z,P-1,21,3\n2025-12-01T02:00:00Z,P-2,0.1,4\n";
        with_status(&post(address, "/ingest?time=t&twin=serial&measurement=m", "text/csv", csv.as_bytes()), 200);
        let export = |path: &str| request(address, "GET", &format!("/export?source=telemetry{path}"), &[], b"");
        let all = export("");
        assert_eq!(all.status, 200);
        let rows: Vec<_> = all.body.lines().collect();
        assert_eq!(rows[0], "time,twin,measurement,signal,tags,value");
        assert_eq!(rows[1], "2025-12-01T00:00:00Z,P-1,m,flow,,1");
        assert_eq!(rows[7], "2025-12-01T02:00:00Z,P-2,m,temp,,0.1");
        assert_eq!(rows.len(), 8);
        assert_eq!(export("&twin=P-2&signal=temp").body.lines().count(), 2);
        assert_eq!(export("&from=2025-12-01T01:00:00Z&to=2025-12-01T02:00:00Z").body.lines().count(), 2);
        for size in 1..=8 {
            let (mut path, mut paged) = (format!("&limit={size}"), vec![rows[0].to_owned()]);
            loop {
                let page = export(&path);
                assert_eq!(page.status, 200, "{}", page.body);
                assert!(page.body.lines().count() <= size + 1);
                paged.extend(page.body.lines().skip(1).map(str::to_owned));
                let Some(next) = page.header("throughline-next") else { break };
                let link = page.header("link").expect("a link");
                assert!(link.ends_with("; rel=\"next\"") && link.contains(next), "{link}");
                path = format!("&limit={size}&after={next}");
                // What comes meanwhile is not in the pages that follow.
                let late = "t,serial,temp\n2025-11-30T00:00:00Z,P-1,99\n2025-12-02T00:00:00Z,P-2,99\n";
                with_status(&post(address, "/ingest?time=t&twin=serial&measurement=m", "text/csv", late.as_bytes()), 200);
            }
            if size == 1 {
                assert_eq!(paged, rows, "pages of {size}");
            }
        }
        assert_eq!(export("").body.lines().count(), 10);
        // What leaves comes back as it was.
        let other = World::new();
        other.import("pump", PUMP).expect("an import");
        other.served(|there| {
            let path = "/ingest?time=time&twin=twin&signal=signal&value=value&measurement=m";
            with_status(&post(there, path, "text/csv", all.body.as_bytes()), 200);
            assert_eq!(request(there, "GET", "/export?source=telemetry", &[], b"").body, all.body);
        });
    });
}

#[test]
fn git_clients_read_the_repository_and_write_nothing() {
    if !super::program::is_there("git", &["--version"]) {
        return;
    }
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let tokens = Tokens::of(world.folder.path());
    let token = |number: u8, name: &str, role| {
        let new =
            NewToken { name: name.to_owned(), email: None, role, twins: None, act_as: false, expires: None };
        tokens.create(&new, &[number; 38], clock().now()).expect("a token").1
    };
    let (reader, gateway) = (token(1, "reader", Role::Reader), token(2, "gateway", Role::TelemetryWriter));
    let operator = token(3, "officer", Role::Operator);
    let folder = tempfile::tempdir().expect("a folder");
    world.served(|address| {
        let git = |arguments: &[&str]| {
            let mut git = std::process::Command::new("git");
            git.current_dir(folder.path()).env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "true");
            git.args(["-c", "credential.helper="]).args(arguments).output().expect("git")
        };
        let url = |token: &str| format!("http://user:{token}@{address}/thread.git");
        let cloned = git(&["clone", "-q", &url(&reader), "plant"]);
        assert!(cloned.status.success(), "{}", String::from_utf8_lossy(&cloned.stderr));
        let at = git(&["-C", "plant", "rev-parse", "origin/main", "origin/import/pump"]);
        let at = String::from_utf8_lossy(&at.stdout).into_owned();
        assert_eq!(at.lines().next(), Some(&*head(&world)));
        // What came meanwhile is fetched.
        world.import("pump", &PUMP.replace("Stay cool", "Stay cold")).expect("an import");
        assert!(git(&["-C", "plant", "fetch", "-q"]).status.success());
        let at = git(&["-C", "plant", "rev-parse", "origin/main"]);
        assert_eq!(String::from_utf8_lossy(&at.stdout).trim(), head(&world));
        for url in [url(&gateway), url("tl_none"), format!("http://{address}/thread.git")] {
            assert!(!git(&["clone", "-q", &url, "none"]).status.success(), "{url}");
        }
        let pushed = git(&["-C", "plant", "push", "-q", &url(&operator), "origin/main:refs/heads/other"]);
        assert!(!pushed.status.success());
        let authorization = format!("Bearer {reader}");
        let headers = [("authorization", &*authorization)];
        for (path, status) in [
            ("/thread.git/info/refs", 403),
            ("/thread.git/info/refs?service=git-receive-pack", 403),
            ("/thread.git/info/refs?service=git-upload-archive", 403),
            ("/thread.git/config", 404),
            ("/thread.git/../tokens.json", 404),
            ("/thread.git/objects/info/packs", 404),
        ] {
            assert_eq!(request(address, "GET", path, &headers, b"").status, status, "{path}");
        }
        let branches = world.app.repository().branches().expect("branches");
        assert_eq!(branches.len(), 2, "nothing was pushed");
    });
}

/// Returns the names of the resources in a list of differences.
fn names(resources: &Value) -> Vec<String> {
    let resources = resources.as_array().expect("a list").iter();
    resources.map(|one| one["resource"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_long_preview_and_a_long_diff_come_page_by_page() {
    let world = World::new();
    let parts: String =
        (0..1_003).map(|n| format!("<part/{n:04}> a tl:Part ; dcterms:identifier \"P-{n}\" .\n")).collect();
    let turtle = format!("{}{parts}", &PUMP[..PUMP.find("<temperature>").expect("its prefixes")]);
    world.served(|address| {
        let begin = head(&world);
        let first = with_status(&import(address, "source=erp&dryRun", &turtle), 200);
        let mut previewed = names(&first["preview"]);
        assert_eq!((previewed.len(), &first["previewTotal"]), (1_000, &json!(1_003)));
        assert_eq!(first["previewNext"].as_str(), previewed.last().map(String::as_str));
        let next = format!("source=erp&dryRun&previewAfter={}", previewed[999]);
        let rest = with_status(&import(address, &next, &turtle), 200);
        assert_eq!((&rest["previewTotal"], &rest["previewNext"]), (&json!(1_003), &Value::Null));
        previewed.extend(names(&rest["preview"]));
        assert_eq!(head(&world), begin);

        with_status(&import(address, "source=erp", &turtle), 200);
        let diff = |more: &str| {
            let path = format!("/diff?from={begin}&to=main{more}");
            with_status(&request(address, "GET", &path, &[], b""), 200)
        };
        let (mut compared, mut more) = (Vec::new(), "&limit=400".to_owned());
        for size in [400, 400, 203] {
            let page = diff(&more);
            let page_names = names(&page["resources"]);
            assert_eq!(page_names.len(), size);
            more = format!("&limit=400&after={}", page["next"].as_str().unwrap_or_default());
            compared.extend(page_names);
        }
        assert!(more.ends_with("after="), "no page follows the last one");
        assert_eq!(compared, previewed);
        assert_eq!(names(&diff("")["resources"]).len(), 1_000, "where nothing is asked");
        for wrong in ["&limit=0", "&limit=10001", "&after=a%20b"] {
            let path = format!("/diff?from={begin}{wrong}");
            with_status(&request(address, "GET", &path, &[], b""), 400);
        }
    });
}

#[test]
fn the_log_what_is_found_and_suspect_links_come_page_by_page() {
    let world = World::new();
    world.import("pump", PUMP).expect("a pump");
    let designs: String = (0..5)
        .map(|n| format!("<pump/X{n}> a tl:DesignRevision ; tl:revisionOf <pump> ; tl:revision \"X{n}\" ; tl:status \"DRAFT\" ; tl:satisfies <REQ-1> .\n"))
        .collect();
    let prefixes = &PUMP[..PUMP.find("<temperature>").expect("its prefixes")];
    world.import("designs", &format!("{prefixes}{designs}")).expect("designs");
    world.import("pump", &PUMP.replace("tl:limit 85", "tl:limit 80")).expect("a newer pump");
    world.served(|address| {
        let get = |path: &str, status: u16| with_status(&request(address, "GET", path, &[], b""), status);
        let paged = |path: &str, list: &str| {
            let whole = get(path, 200);
            assert!(whole.get("next").is_none(), "{path}: {whole:#}");
            let (mut found, mut after) = (Vec::new(), String::new());
            loop {
                let page = get(&format!("{path}&first=2{after}"), 200);
                assert_eq!(page["version"], whole["version"], "{path}");
                let items = page[list].as_array().expect("a list");
                found.extend(items.iter().cloned());
                let Some(next) = page["next"].as_str() else { break };
                assert_eq!(items.len(), 2, "{path}");
                let next = next.replace('%', "%25").replace(' ', "%20").replace('#', "%23");
                after = format!("&after={next}");
            }
            assert_eq!(json!(found), whole[list], "{path}");
            found.len()
        };
        assert!(paged("/log?version=main", "commits") > 4);
        assert_eq!(paged("/log?resource=REQ-1&changes", "commits"), 2);
        assert!(paged("/search?text=p", "found") >= 3);
        assert!(paged("/suspects?at=main", "links") >= 5);
        for path in ["/log?", "/search?text=X&", "/suspects?", "/diff?from=import/pump&"] {
            let refused = |more: &str, part: &str| {
                let refusal = get(&format!("{path}{more}"), 400);
                assert!(refusal["message"].as_str().is_some_and(|text| text.contains(part)), "{refusal:#}");
            };
            refused("first=0", "first is 1 to 10000");
            refused("first=10001", "first is 1 to 10000");
            refused("first=1&limit=1", "first and limit are the same");
            refused("after=%3Cno%3E", "");
        }
        assert_eq!(
            get("/log?limit=1", 200)["commits"].as_array().map(Vec::len),
            Some(1),
            "as it was called before"
        );
    });
}

#[test]
fn a_body_without_a_name_is_imported_under_the_name_of_its_source() {
    let world = World::new();
    world.served(|address| {
        let message = || {
            let log = request(address, "GET", "/log", &[], b"").json();
            log["commits"][0]["commit"]["message"].clone()
        };
        with_status(&import(address, "source=pump", PUMP), 200);
        assert_eq!(message(), "Import pump");
        let newer = PUMP.replace("Stay cool", "Stay cold");
        with_status(&import(address, "source=pump&name=pump.ttl", &newer), 200);
        assert_eq!(message(), "Import pump.ttl");
        with_status(&import(address, "source=pump&message=Warmer", PUMP), 200);
        assert_eq!(message(), "Warmer");
    });
}
