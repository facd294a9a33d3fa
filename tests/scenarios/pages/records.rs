//! Records that are made, changed and brought in by the forms of the pages alone.

use super::{BROWSER, attributes, done, form, open, request, submit};
use crate::world::{Answer, PUMP, World, until};
use serde_json::{Value, json};
use std::net::SocketAddr;
use throughline::telemetry::Precision;

const BY: [(&str, &str); 2] = [("authorName", "Anna"), ("authorEmail", "anna@plant.example")];

fn by<'a>(filled: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    BY.into_iter().chain(filled.iter().copied()).collect()
}

fn pump() -> World {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    world
}

fn requirement(world: &World, at: &str) -> Value {
    let query = "query ($at: String!) { thread(at: $at) { requirement(id: \"REQ-1\") { title status constraints { limit statistic unit { symbol } } } } }";
    world.data(query, json!({ "at": at }))["thread"]["requirement"].clone()
}

#[test]
fn a_record_is_edited_in_the_form_of_its_class() {
    let world = pump();
    world.served(|address| {
        let (path, page) = open(address, "/pages/edit?id=REQ-1");
        assert!(page.status == 200 && path.contains("class=Requirement"), "{path}: {}", page.body);
        for part in ["value=\"Stay cool\"", "value=\"85\"", "#limit: limit", "New constraints: limit"] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        // What is not touched stays, whatever else the form has.
        let (_, record) = done(address, &page.body, "put", &by(&[("message", "Nothing")]));
        assert!(record.body.contains("Stay cool"), "{}", record.body);
        let before = requirement(&world, "main");
        let filled = by(&[
            ("field:constraints:0:limit", "80.5"),
            ("field:title", "Stay <cool>"),
            ("message", "Tighten"),
        ]);
        let wrong = by(&[("field:constraints:0:limit", "hot"), ("message", "Tighten")]);
        let refused = submit(address, &[], &page.body, "put", &wrong);
        assert!(
            (400..500).contains(&refused.status) && refused.body.contains("value=\"hot\""),
            "{}",
            refused.body
        );
        assert_eq!(requirement(&world, "main"), before);
        let (_, record) = done(address, &page.body, "put", &filled);
        assert!(
            record.body.contains("Stay &#60;cool&#62;") && !record.body.contains("<cool>"),
            "{}",
            record.body
        );
        let now = requirement(&world, "main");
        assert_eq!(
            now["constraints"],
            json!([{ "limit": 80.5, "statistic": "MAX", "unit": { "symbol": "°C" } }])
        );
        assert_eq!((now["title"].as_str(), &now["status"]), (Some("Stay <cool>"), &before["status"]));
        // Somebody else has changed the same since.
        let late = by(&[("field:title", "Stay warm"), ("message", "Late")]);
        let late = submit(address, &[], &page.body, "put", &late);
        assert!(late.status == 409 && late.body.contains("See what has changed since"), "{}", late.body);
        // On a draft, main stays.
        let (_, page) = open(address, "/pages/edit?id=REQ-1");
        let draft = by(&[("field:title", "Draft"), ("message", "Try"), ("draft", "draft/title")]);
        let (path, _) = done(address, &page.body, "put", &draft);
        assert!(path.contains("at=draft/title"), "{path}");
        assert_eq!(requirement(&world, "draft/title")["title"], "Draft");
        assert_eq!(requirement(&world, "main"), now);
        let taken = submit(
            address,
            &[],
            &page.body,
            "put",
            &by(&[("field:title", "Other"), ("message", "Try"), ("draft", "draft/title")]),
        );
        assert_eq!(taken.status, 409, "{}", taken.body);
        // A new record, of a class that is chosen.
        let (_, classes) = open(address, "/pages/edit");
        assert!(classes.body.contains("<option value=\"Part\">part</option>"), "{}", classes.body);
        let (_, page) = open(address, "/pages/edit?class=Part");
        let part = by(&[("record", "part/SEAL"), ("field:identifier", "SEAL"), ("message", "A seal")]);
        let (path, record) = done(address, &page.body, "put", &part);
        assert!(path.contains("id=part/SEAL") && record.body.contains("SEAL"), "{path}");
        for nothing in ["/pages/edit?class=Nothing", "/pages/edit?id=NONE&class=Part"] {
            assert_eq!(open(address, nothing).1.status, 404, "{nothing}");
        }
    });
}

/// Sends a file by the form that takes one.
fn bring(address: SocketAddr, html: &str, name: &str, content: &[u8]) -> Answer {
    let (action, values) = form(html, "upload");
    let mut body = Vec::new();
    for (name, value) in &values {
        body.extend(
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.bytes());
    body.extend(content);
    body.extend(b"\r\n--b--\r\n");
    let own = format!("http://{address}");
    let headers = [
        BROWSER,
        ("origin", own.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "multipart/form-data; boundary=b"),
    ];
    request(address, "POST", &action, &headers, &body)
}

fn brought(address: SocketAddr, name: &str, content: &[u8]) -> (String, Answer) {
    let (_, page) = open(address, "/pages/bring");
    assert_eq!(page.status, 200, "{}", page.body);
    let answer = bring(address, &page.body, name, content);
    assert_eq!(answer.status, 303, "{}", answer.body);
    open(address, answer.header("location").expect("a location"))
}

/// Waits until the import of a page is over, and returns the page then.
fn over(address: SocketAddr, path: &str) -> Answer {
    let mut page = open(address, path).1;
    until(|| {
        page = open(address, path).1;
        !page.body.contains("data-awaits")
    });
    page
}

#[test]
fn a_table_is_mapped_previewed_imported_on_a_branch_and_merged() {
    let world = pump();
    world.served(|address| {
        let table = "Serial;Type;Plant;<b>Note</b>\nP-7;pump;Oslo;x\nP-8;pump;Leuna;y\n";
        let (path, page) = brought(address, "Plant 1.csv", table.as_bytes());
        for part in ["Bring in Plant 1.csv", "<td>P-7</td>", "&#60;b&#62;Note", "value=\"TwinInstance\""] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let (_, page) = open(address, &format!("{path}&class=TwinInstance"));
        let (_, values) = form(&page.body, "import");
        assert!(values.iter().any(|(name, value)| name == "name:0" && value == "Serial"), "{values:?}");
        for guessed in [
            "<option value=\"identifier\" selected>",
            "<option value=\"site\" selected>",
            "value=\"twinInstance/{Serial}\"",
            "value=\"plant-1\"",
            "value=\"bring/plant-1\"",
        ] {
            assert!(page.body.contains(guessed), "{guessed}: {}", page.body);
        }
        let chosen = [
            ("id", "unit/{Serial}"),
            ("source", "plant-1"),
            ("into", "bring/plant-1"),
            ("column:0", "identifier"),
            ("column:1", "part"),
            ("link:1", ""),
            ("column:2", "site"),
            ("column:3", ""),
        ];
        let with = |decision: &'static str| [&chosen[..], &[("decision", decision)]].concat();
        let mapping = submit(address, &[], &page.body, "import", &with("MAPPING"));
        assert!(
            mapping.body.contains("class = \"TwinInstance\"")
                && mapping.body.contains("part = { id = \"{Type}\" }"),
            "{}",
            mapping.body
        );
        assert!(
            mapping.header("content-disposition").is_some_and(|value| value.contains("plant-1.toml")),
            "{}",
            mapping.head
        );
        let preview = submit(address, &[], &page.body, "import", &with("PREVIEW"));
        for part in [
            "The commit that it would make",
            "unit/P-7",
            "Leuna",
            "Nothing is written yet",
            "Columns that are not used: &#60;b&#62;Note",
        ] {
            assert!(preview.status == 200 && preview.body.contains(part), "{part}: {}", preview.body);
        }
        let mut wrong = with("PREVIEW");
        wrong.retain(|(name, _)| *name != "id");
        wrong.push(("id", "unit/{Nothing}"));
        let wrong = submit(address, &[], &page.body, "import", &wrong);
        assert!(
            wrong.body.contains("It would be refused") && wrong.body.contains("Nothing"),
            "{}",
            wrong.body
        );
        let units = |at: &str| {
            world.data(
                "query ($at: String!) { thread(at: $at) { twinInstances { totalCount } } }",
                json!({ "at": at }),
            )["thread"]["twinInstances"]["totalCount"]
                .clone()
        };
        assert_eq!(units("main"), 2);
        let job = submit(address, &[], &preview.body, "import", &with("IMPORT"));
        assert_eq!(job.status, 303, "{}", job.body);
        let page = over(address, job.header("location").expect("a location"));
        assert!(page.body.contains("It is on bring/plant-1."), "{}", page.body);
        assert_eq!((units("main"), units("bring/plant-1")), (json!(2), json!(4)));
        let merge = attributes(&page.body, "href")
            .into_iter()
            .find(|href| href.starts_with("/pages/merge?"))
            .expect("a link");
        let (_, merge) = open(address, &merge);
        assert!(merge.body.contains("Nothing conflicts"), "{}", merge.body);
        done(address, &merge.body, "merge", &BY);
        assert_eq!(units("main"), 4);
    });
}

#[test]
fn rdf_is_taken_as_it_is_and_what_cannot_be_read_is_refused_with_the_reason() {
    let world = pump();
    world.served(|address| {
        let turtle = "@base <https://test.example/> . @prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> .\n<valve> a tl:Part ; dcterms:identifier \"VALVE\" .";
        let (_, page) = brought(address, "parts.ttl", turtle.as_bytes());
        let chosen = [("source", "plm"), ("into", "bring/plm"), ("decision", "IMPORT")];
        let job = submit(address, &[], &page.body, "import", &chosen);
        assert_eq!(job.status, 303, "{}", job.body);
        assert!(over(address, job.header("location").expect("a location")).body.contains("It is on bring/plm."));
        let (_, page) = brought(address, "broken.ttl", b"<valve> a");
        let refused = submit(address, &[], &page.body, "import", &[("source", "plm2"), ("into", "main"), ("decision", "PREVIEW")]);
        assert!(refused.body.contains("It would be refused") && refused.body.contains("broken.ttl"), "{}", refused.body);
        let (_, page) = open(address, "/pages/bring");
        let empty = bring(address, &page.body, "empty.csv", b"");
        assert!(empty.status == 422 && empty.body.contains("no header"), "{}: {}", empty.status, empty.body);
        let forged = page.body.replace("name=\"token\" value=\"", "name=\"token\" value=\"0");
        assert_eq!(bring(address, &forged, "a.csv", b"a\n1\n").status, 403);
    });
}

#[test]
fn a_series_without_a_signal_is_bound_by_choosing_what_it_is() {
    let world = pump();
    let line = format!("m,twin=P-1 heat=70 {}", 1_765_324_800);
    world.app.ingest_lines(line.as_bytes(), Precision::Seconds).expect("an ingest");
    world.served(|address| {
        let (_, page) = open(address, "/pages/bring");
        assert!(page.body.contains("heat of P-1 is"), "{}", page.body);
        let options: Vec<String> = attributes(&page.body, "value")
            .into_iter()
            .filter(|value| value.starts_with("temperature "))
            .collect();
        let [meaning] = options.as_slice() else { panic!("{options:?}") };
        let (_, page) = done(address, &page.body, "bind-0", &by(&[("meaning", meaning)]));
        assert!(page.body.contains("Every series is bound to a signal"), "{}", page.body);
        let latest = world.data("{ thread { twinInstance(id: \"P-1\") { latest { value } } } }", json!({}));
        assert_eq!(latest["thread"]["twinInstance"]["latest"][0]["value"], json!(70.0), "{latest}");
    });
}
