//! The pages for browsers, over HTTP, on the demo's thread and on one whose texts are hostile.

mod decisions;
mod records;
mod versions;

use super::demo::story;
use super::world::{Answer, PUMP, World, clock, request, until};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use throughline::app::access::{NewToken, Role, Tokens};
use throughline::model::time::clock::Clock as _;

/// The largest page of the demo.
const BYTES_MAX: usize = 300_000;
/// How many pages of a kind are opened on the way through all links.
const OF_A_KIND: usize = 2;
pub(crate) const BROWSER: (&str, &str) =
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");

/// Opens a page as a browser does: follows what it is led to.
pub(crate) fn open(address: SocketAddr, path: &str) -> (String, Answer) {
    let mut path = path.to_owned();
    for _ in 0..4 {
        let answer = request(address, "GET", &path, &[BROWSER], b"");
        if answer.status != 303 {
            return (path, answer);
        }
        path = answer.header("location").expect("a location").to_owned();
    }
    panic!("{path} leads in a circle");
}

/// Returns a form of a page as a browser would send it: where to, and the values that nobody fills in.
pub(crate) fn form(html: &str, id: &str) -> (String, Vec<(String, String)>) {
    let begin = html.find(&format!("<form class=\"decide\" id=\"form-{id}\""));
    let begin = begin.unwrap_or_else(|| panic!("no form {id} in {html}"));
    let end = begin + html[begin..].find("</form>").expect("an end");
    let text = &html[begin..end];
    let action = attributes(text, "action").remove(0);
    let hidden = text.split("<input type=\"hidden\"").skip(1).map(|input| {
        let input = input.split('>').next().unwrap_or_default();
        (attributes(input, "name").remove(0), attributes(input, "value").remove(0))
    });
    (action, hidden.collect())
}

/// Sends a form of a page as a browser does, filled in.
fn submit(
    address: SocketAddr,
    headers: &[(&str, &str)],
    html: &str,
    id: &str,
    filled: &[(&str, &str)],
) -> Answer {
    let (action, mut values) = form(html, id);
    for (name, value) in filled {
        values.retain(|(own, _)| own != name);
        values.push(((*name).to_owned(), (*value).to_owned()));
    }
    let body: Vec<String> = values
        .iter()
        .map(|(name, value)| {
            format!("{}={}", throughline::pages::encoded(name), throughline::pages::encoded(value))
        })
        .collect();
    let own = format!("http://{address}");
    let mut all = vec![BROWSER, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    all.extend_from_slice(headers);
    request(address, "POST", &action, &all, body.join("&").as_bytes())
}

/// Sends a form that is done, and returns the page that it leads to.
fn done(address: SocketAddr, html: &str, id: &str, filled: &[(&str, &str)]) -> (String, Answer) {
    let answer = submit(address, &[], html, id, filled);
    assert_eq!(answer.status, 303, "{id}: {}", answer.body);
    let (path, page) = open(address, answer.header("location").expect("a location"));
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    (path, page)
}

/// Returns the values of an attribute in a page, as a browser reads them.
pub(crate) fn attributes(html: &str, name: &str) -> Vec<String> {
    let begin = format!(" {name}=\"");
    let parts = html.split(&begin).skip(1).filter_map(|part| part.split('"').next());
    parts.map(|value| value.replace("&#38;", "&").replace("&amp;", "&").replace("&#39;", "'")).collect()
}

#[test]
fn every_link_of_every_page_of_the_demo_answers() {
    story().world.served(|address| {
        let (first, _) = open(address, "/");
        assert!(
            first.contains("at=")
                && first.contains("asKnownAt=")
                && first.contains("from=2024-01-01&to=2026-01-01"),
            "{first}"
        );
        let mut queue = VecDeque::from([first]);
        let mut seen = BTreeSet::new();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        while let Some(path) = queue.pop_front() {
            let bare = path.split('#').next().unwrap_or_default().to_owned();
            let kind = bare.split('?').next().unwrap_or_default().to_owned()
                + if bare.contains("csv=") { ".csv" } else { "" };
            if bare.is_empty()
                || !seen.insert(bare.clone())
                || kinds.get(&kind).copied().unwrap_or_default() >= OF_A_KIND
            {
                continue;
            }
            *kinds.entry(kind).or_default() += 1;
            let (path, page) = open(address, &bare);
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            assert!(page.body.len() <= BYTES_MAX, "{path} has {} bytes", page.body.len());
            if page.header("content-type").is_some_and(|kind| kind.starts_with("text/html"))
                && path.starts_with("/pages/")
            {
                assert!(!page.body.contains("could not be read"), "{path}: {}", page.body);
                let links = attributes(&page.body, "href").into_iter().chain(attributes(&page.body, "src"));
                for link in links.filter(|link| !link.starts_with('#') && link != "data:,") {
                    assert!(link.starts_with('/'), "{path} leads to another host: {link}");
                    queue.push_back(link);
                }
            }
        }
        for kind in ["/pages/", "/pages/requirement", "/pages/unit", "/graphql", "/pages/requirement.csv"] {
            assert!(kinds.contains_key(kind), "{kind}: {kinds:?}");
        }
    });
}

#[test]
fn the_requirement_of_the_demo_shows_what_was_planted() {
    story().world.served(|address| {
        let (path, page) = open(address, "/pages/requirement?id=requirement/REQ-12&then=PDR");
        for part in [
            "REQ-12 Bearing temperature",
            "P95 ≤ 85",
            "P95 ≤ 90",
            "≠ differs",
            "29 of 140 keep it",
            "predicted 80",
            "suspect",
            "then 90",
        ] {
            assert!(page.body.contains(part), "{part}");
        }
        let csv = request(address, "GET", &format!("{path}&csv=units"), &[], b"");
        assert!(csv.header("content-type").is_some_and(|kind| kind.starts_with("text/csv")), "{}", csv.head);
        assert_eq!(
            csv.body.lines().count(),
            1 + 152 + 140 + 154,
            "a head, and every unit of the three revisions"
        );
        // The branches of now, from which one chooses, are among it: other tests make some.
        let versions = |html: &str| {
            let (_, rest) = html.split_once("<datalist id=\"versions\">").expect("a list");
            rest.split_once("</datalist>").expect("its end").0.to_owned()
        };
        let (mut before, mut again) = (page.body, String::new());
        until(|| {
            again = request(address, "GET", &path, &[BROWSER], b"").body;
            let is_same = versions(&before) == versions(&again);
            if !is_same {
                before.clone_from(&again);
            }
            is_same
        });
        assert_eq!(again, before, "the same address shows the same");
        let (_, unit) = open(address, "/pages/unit?id=pump/P-042");
        for part in [
            "drive-end/bearing",
            "Configuration",
            "Telemetry",
            "<svg class=\"time-bar\"",
            "<svg class=\"telemetry\"",
        ] {
            assert!(unit.body.contains(part), "{part}");
        }
    });
}

#[test]
fn a_page_runs_nothing_of_a_text_and_loads_nothing_from_elsewhere() {
    let hostile = "<script>alert(1)</script>\\\" onload=\\\"x";
    let world = World::new();
    world
        .import("pump", &PUMP.replace("Stay cool", hostile).replace("\"temperature\"", "\"<img src=x>\""))
        .expect("an import");
    world.served(|address| {
        for path in [
            "/pages/",
            "/pages/versions",
            "/pages/bring",
            "/pages/edit?id=REQ-1",
            "/pages/edit?class=Requirement",
            "/pages/merge?source=main&into=main",
            "/pages/merge?source=%3Cscript%3E",
            "/pages/design?id=pump/A&then=main",
            "/pages/requirement?id=REQ-1&then=main",
            "/pages/requirement?id=REQ-1",
            "/pages/record?id=REQ-1",
            "/pages/search?q=script",
            "/pages/unit?id=unit/P-1",
        ] {
            let (path, page) = open(address, path);
            assert_eq!(page.status, 200, "{path}: {}", page.body);
            let body = &page.body;
            assert!(
                !body.contains("<script>") && !body.contains("<img") && !body.contains("\" onload"),
                "{path}: {body}"
            );
            assert!(
                !body.contains(" style=") && !body.contains("javascript:"),
                "{path}: no style or script in a line"
            );
            let scripts = body.matches("<script").count();
            assert_eq!(scripts, body.matches("<script src=\"/pages/assets/").count(), "{path}");
            let policy = page.header("content-security-policy").expect("a policy");
            assert!(
                policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'")
                    && !policy.contains("unsafe"),
                "{policy}"
            );
            for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")] {
                assert_eq!(page.header(name), Some(value), "{path}");
            }
        }
        let (_, nothing) = open(address, "/pages/%3Cscript%3E");
        assert!(nothing.status == 404 && !nothing.body.contains("<script>"), "{}", nothing.body);
        let refused = [
            ("/pages/requirement", 400),
            ("/pages/requirement?id=NONE", 404),
            ("/pages/?at=nowhere", 404),
            ("/pages/?from=soon", 400),
        ];
        for (path, status) in refused {
            let (path, page) = open(address, path);
            assert_eq!(page.status, status, "{path}: {}", page.body);
        }
    });
}

#[test]
fn a_token_becomes_a_session_that_other_sites_cannot_use() {
    let world = World::new();
    world.import("pump", PUMP).expect("an import");
    let new = NewToken {
        name: "Ada".to_owned(),
        email: None,
        role: Role::Reader,
        twins: None,
        act_as: false,
        expires: None,
    };
    let token = Tokens::of(world.folder.path()).create(&new, &[7; 38], clock().now()).expect("a token").1;
    let world = world.reopened(|_| {});
    world.served(|address| {
        let own = format!("http://{address}");
        let form = format!("token={token}&then=/pages/requirement?id=REQ-1");
        let post = |path: &str, headers: &[(&str, &str)], body: &str| {
            request(address, "POST", path, headers, body.as_bytes())
        };
        let (path, page) = open(address, "/pages/requirement?id=REQ-1");
        assert!(path.starts_with("/pages/login?then=") && page.body.contains("name=\"token\""), "{path}");
        // Only a page of the service sends the form.
        for headers in [
            vec![],
            vec![("origin", "https://evil.example")],
            vec![("origin", "null")],
            vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(post("/pages/login", &headers, &form).status, 403, "{headers:?}");
        }
        let from = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
        let wrong = post("/pages/login", &from, "token=tl_wrong");
        assert!(wrong.status == 401 && wrong.header("set-cookie").is_none(), "{}", wrong.head);
        let away = post("/pages/login", &from, &format!("token={token}&then=https://evil.example/"));
        assert_eq!(away.header("location"), Some("/pages/"));
        let done = post("/pages/login", &from, &form);
        assert_eq!((done.status, done.header("location")), (303, Some("/pages/requirement?id=REQ-1")));
        let cookie = done.header("set-cookie").expect("a cookie");
        assert!(
            cookie.starts_with("__Host-throughline=tl_")
                && cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"),
            "{cookie}"
        );
        let cookie = ("cookie", cookie.split(';').next().expect("a value"));
        // It counts for pages and GraphQL, and for nothing that machines use.
        let signed =
            |method: &str, path: &str| request(address, method, path, &[BROWSER, cookie], b"").status;
        assert_eq!(signed("GET", "/pages/?at=main&asKnownAt=&from=2025-01-01&to=2025-02-01"), 303);
        assert_eq!(signed("POST", "/api/v2/write"), 401);
        assert_eq!(signed("GET", "/audit"), 401);
        let twice = [BROWSER, ("cookie", "__Host-throughline=a; __Host-throughline=b")];
        assert_eq!(request(address, "GET", "/pages/", &twice, b"").status, 400);
        // A link on another site leads here once more, with the cookie then.
        let link = [BROWSER, ("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "document")];
        let again = request(address, "GET", "/pages/?at=main", &link, b"");
        assert!(
            again.status == 200 && again.body.contains("content=\"0;url=/pages/?at=main\""),
            "{}",
            again.body
        );
        let out = post("/pages/logout", &[from[0], from[1], cookie], "");
        assert!(
            out.header("set-cookie")
                .is_some_and(|cookie| cookie.starts_with("__Host-throughline=; Max-Age=0")),
            "{}",
            out.head
        );
    });
}
