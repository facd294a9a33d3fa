//! Several threads of one service: each with its own access, and with all its links below its own paths.

use super::access::{bearer, new, token};
use super::live::Client;
use super::pages::{BROWSER, attributes, form, open};
use super::program::is_there;
use super::world::{Answer, PUMP, World, request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::process::Command;
use throughline::app::access::Role;

/// Two threads, each with a title that the other has not, an operator, and a hook.
struct Two {
    plant: World,
    press: World,
    of_plant: String,
    of_press: String,
}

/// What is in a thread, and nowhere else.
fn marked(mark: &str) -> String {
    PUMP.replace("Stay cool", mark)
}

fn hooked(secret: &str) -> World {
    World::new().reopened(|folder| {
        let settings = "[[hooks.hook]]\nname = \"mes\"\nsecret = \"mes.secret\"\nmapping = \"mes.toml\"\nsignature = \"github\"\nemail = \"mes@plant.example\"\n";
        let mapping = "[[rule]]\ndo = \"changeRequest\"\ntitle = \"$.title\"\naffects = \"pump/A\"\n";
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
        write("throughline.toml", settings);
        write("mes.secret", secret);
        write("mes.toml", mapping);
    })
}

const SECRETS: [&str; 2] = ["of the plant, and of nobody else", "of the press, and of nobody else"];

impl Two {
    fn new() -> Self {
        let [plant, press] = SECRETS.map(hooked);
        plant.import("pump", &marked("mark of the plant")).expect("an import");
        press.import("pump", &marked("mark of the press")).expect("an import");
        let of_plant = token(&plant, 1, &new("ada", Role::Operator));
        let of_press = token(&press, 2, &new("ada", Role::Operator));
        Self { plant, press, of_plant, of_press }
    }

    fn served<T>(&self, client: impl FnOnce(SocketAddr) -> T) -> T {
        self.plant.served_beside(&[("press", &self.press)], client)
    }

    /// Returns what no request may change: the newest versions and watermarks.
    fn state(&self) -> Vec<String> {
        let of = |world: &World| {
            let commit = world.app.snapshot("main").expect("main").commit().id.to_string();
            [commit, world.app.view(None).expect("a view").watermark().to_string()]
        };
        [of(&self.plant), of(&self.press)].concat()
    }
}

/// A request over each interface: method, path, media type, body.
const CELLS: [(&str, &str, &str, &str); 35] = [
    (
        "POST",
        "/graphql",
        "application/json",
        r#"{"query": "{ thread { requirement(id: \"REQ-1\") { title } } }"}"#,
    ),
    ("GET", "/graphql?query=%7Bthread%7Bbase%7D%7D", "", ""),
    (
        "POST",
        "/graphql",
        "application/json",
        r#"{"query": "mutation { createBranch(input: { name: \"b\" }) { branch { name } } }"}"#,
    ),
    ("GET", "/schema.graphql", "", ""),
    ("GET", "/sparql?query=ASK%7B%7D", "", ""),
    ("POST", "/sparql", "application/sparql-query", "SELECT * { ?s ?p ?o }"),
    ("POST", "/api/v2/write?precision=s", "text/plain", "m,twin=P-1 temp=1 1704067200"),
    ("POST", "/write?precision=s", "text/plain", "m,twin=P-1 temp=1 1704067200"),
    ("GET", "/query?db=throughline&q=SHOW%20DATABASES", "", ""),
    ("POST", "/query?db=throughline&q=SHOW%20MEASUREMENTS", "", ""),
    (
        "POST",
        "/import?source=more",
        "text/turtle",
        "<https://test.example/x> a <https://w3id.org/throughline#Part> ; <http://purl.org/dc/terms/identifier> \"X\" .",
    ),
    ("POST", "/ingest?time=t&twin=serial", "text/csv", "t,serial,temp\n2025-12-01T00:00:00Z,P-1,20\n"),
    ("GET", "/export", "", ""),
    ("GET", "/log", "", ""),
    ("GET", "/diff?from=import/pump", "", ""),
    ("GET", "/show?resource=REQ-1", "", ""),
    ("GET", "/blame?resource=REQ-1", "", ""),
    ("GET", "/search?text=mark", "", ""),
    ("GET", "/suspects", "", ""),
    ("GET", "/tags", "", ""),
    ("POST", "/tags?name=t", "application/json", ""),
    ("GET", "/jobs", "", ""),
    ("POST", "/backup", "", ""),
    ("GET", "/thread.git/info/refs?service=git-upload-pack", "", ""),
    ("GET", "/thread.git/info/refs?service=git-receive-pack", "", ""),
    ("GET", "/audit", "", ""),
    ("GET", "/metrics", "", ""),
    ("GET", "/", "", ""),
    ("GET", "/pages/", "", ""),
    ("GET", "/pages/requirement?id=REQ-1", "", ""),
    ("GET", "/oslc/rootservices", "", ""),
    ("GET", "/oslc/rm/requirements", "", ""),
    ("GET", "/oslc/resources/REQ-1", "", ""),
    (
        "POST",
        "/oslc/rm/requirements",
        "text/turtle",
        "<urn:x> a <http://open-services.net/ns/rm#Requirement> ; <http://purl.org/dc/terms/title> \"x\" .",
    ),
    ("GET", "/oslc/trs", "", ""),
];

/// Every way in which a token can be sent.
fn ways(token: &str) -> Vec<(&'static str, String)> {
    let basic = format!("Basic {}", STANDARD.encode(format!("ada:{token}")));
    let mut ways = vec![("authorization", bearer(token)), ("authorization", format!("Token {token}"))];
    ways.push(("authorization", basic));
    for name in ["__Host-throughline", "__Host-throughline.press"] {
        ways.push(("cookie", format!("{name}={token}")));
    }
    ways
}

#[test]
fn what_lets_into_one_thread_opens_nothing_of_the_other() {
    let two = Two::new();
    let before = two.state();
    two.served(|address| {
        let send = |mount: &str, cell: (&str, &str, &str, &str), header: (&str, &str)| {
            let (method, path, media_type, body) = cell;
            let headers = [("content-type", media_type), header];
            request(address, method, &format!("{mount}{path}"), &headers, body.as_bytes())
        };
        let threads = [("", &two.of_plant, &two.of_press), ("/t/press", &two.of_press, &two.of_plant)];
        for (mount, _, other) in threads {
            for cell in CELLS {
                for (name, value) in ways(other) {
                    let answer = send(mount, cell, (name, &value));
                    let leads_to_login = answer
                        .header("location")
                        .is_some_and(|to| to.starts_with(&format!("{mount}/pages/login?")));
                    let is_refused = answer.status == 401 || (answer.status == 303 && leads_to_login);
                    assert!(is_refused, "{mount} {cell:?} by {name}: {} {}", answer.status, answer.body);
                    assert!(!answer.body.contains("mark of"), "{mount} {cell:?}: {}", answer.body);
                }
            }
            let path = format!("{mount}/query?db=throughline&q=SHOW%20DATABASES&p={other}");
            assert_eq!(request(address, "GET", &path, &[], b"").status, 401);
        }
        assert_eq!(two.state(), before, "nothing was written");
        // Each is let into its own, so that what is refused above is refused for the other's sake.
        for (mount, own, _) in threads {
            for cell in CELLS {
                let answer = send(mount, cell, ("authorization", &bearer(own)));
                assert!(
                    (200..400).contains(&answer.status),
                    "{mount} {cell:?}: {} {}",
                    answer.status,
                    answer.body
                );
            }
        }
    });
    let state = two.state();
    assert!(
        state.iter().zip(&before).all(|(now, then)| now != then),
        "each was written by its own: {state:?}"
    );
}

#[test]
fn sockets_hooks_and_git_are_of_their_thread() {
    let two = Two::new();
    two.served(|address| {
        let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
        let init = |path: &str, token: &str| {
            let mut client = Client::connect_at(address, path, &[protocol]).expect("a connection");
            let payload = json!({ "authorization": bearer(token) });
            client.send_json(&json!({ "type": "connection_init", "payload": payload }));
            client
        };
        let threads = [("", &two.of_plant, &two.of_press, 0), ("/t/press", &two.of_press, &two.of_plant, 1)];
        for (mount, own, other, number) in threads {
            let path = format!("{mount}/graphql");
            assert_eq!(init(&path, other).closed().0, 4401, "{mount}");
            assert_eq!(init(&path, own).receive()["type"], "connection_ack", "{mount}");
            let hook = |secret: &str| hook(address, &format!("{mount}/hooks/mes"), secret).status;
            assert_eq!(hook(SECRETS[1 - number]), 401, "{mount}");
            assert!(hook(SECRETS[number]) < 300, "{mount}");
        }
        if is_there("git", &["--version"]) {
            let folder = tempfile::tempdir().expect("a folder");
            let clone = |token: &str, into: &str| {
                let url = format!("http://ada:{token}@{address}/t/press/thread.git");
                let mut git = Command::new("git");
                git.current_dir(folder.path()).args([
                    "-c",
                    "credential.helper=",
                    "clone",
                    "--quiet",
                    &url,
                    into,
                ]);
                git.env("GIT_TERMINAL_PROMPT", "0").env("GIT_ASKPASS", "true");
                git.output().expect("git").status.success()
            };
            assert!(clone(&two.of_press, "own") && !clone(&two.of_plant, "other"));
        }
    });
    let requests = |world: &World| {
        let data = world.data("{ thread { changeRequests { totalCount } } }", json!({}));
        data["thread"]["changeRequests"]["totalCount"].clone()
    };
    assert_eq!((requests(&two.plant), requests(&two.press)), (json!(1), json!(1)));
}

/// Reports something to a hook, signed as GitHub signs.
fn hook(address: SocketAddr, path: &str, secret: &str) -> Answer {
    let body = r#"{"title": "A smoother seat"}"#;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let tag = ring::hmac::sign(&key, body.as_bytes());
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = format!("sha256={hex}");
    let headers = [
        ("content-type", "application/json"),
        ("x-github-delivery", "d-1"),
        ("x-hub-signature-256", signature.as_str()),
    ];
    request(address, "POST", path, &headers, body.as_bytes())
}

#[test]
fn every_link_below_a_mount_stays_there() {
    let (plant, press) = (World::new(), World::new());
    press.import("pump", &marked("mark of the press")).expect("an import");
    plant.served_beside(&[("press", &press)], |address| {
        let (first, _) = open(address, "/t/press/");
        assert!(first.starts_with("/t/press/pages/?at="), "{first}");
        let more = [
            "/t/press/pages/nothing",
            "/t/press/pages/login/start",
            "/t/press/oslc/dialogs/create/rm/requirements",
            "/t/press/oslc/previews/large/REQ-1",
        ];
        let mut queue: VecDeque<String> = more.into_iter().map(str::to_owned).chain([first]).collect();
        let (mut seen, mut pages) = (BTreeSet::new(), BTreeSet::new());
        while let Some(link) = queue.pop_front() {
            let bare = link.split('#').next().unwrap_or_default().to_owned();
            let kind = bare.split('?').next().unwrap_or_default().to_owned();
            // Of pages that differ in their query alone, some are enough.
            let is_enough = pages.iter().filter(|(known, _)| *known == kind).count() > 8;
            if bare.is_empty() || is_enough || !seen.insert(bare.clone()) {
                continue;
            }
            let (path, page) = open(address, &bare);
            assert!(path.starts_with("/t/press/"), "{bare} leads to {path}");
            assert!(
                page.status == 200 || more.contains(&bare.as_str()),
                "{path}: {} {}",
                page.status,
                page.body
            );
            pages.insert((kind.clone(), bare));
            if !page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                continue;
            }
            for name in ["href", "src", "action"] {
                for link in attributes(&page.body, name) {
                    if link.starts_with('#') || link == "data:," {
                        continue;
                    }
                    let link = match kind.as_str() {
                        // The one page whose links are relative: it lies at one path alone.
                        "/t/press/graphql" => format!("/t/press/{link}"),
                        _ => link.strip_prefix(&format!("http://{address}")).unwrap_or(&link).to_owned(),
                    };
                    assert!(link.starts_with("/t/press/"), "{path} links to {link}");
                    match name {
                        // A form brings what its address lacks.
                        "action" => assert_ne!(open(address, &link).1.status, 404, "{path} sends to {link}"),
                        _ if link.starts_with("/t/press/oslc/resources/") => {}
                        _ => queue.push_back(link),
                    }
                }
            }
        }
        let kinds: BTreeSet<_> = pages.iter().map(|(kind, _)| kind.as_str()).collect();
        for kind in
            ["pages/", "pages/unit", "pages/edit", "graphql", "graphiql/start.js", "oslc/dialogs/dialog.js"]
        {
            assert!(kinds.contains(format!("/t/press/{kind}").as_str()), "{kind}: {kinds:?}");
        }
        // What leads on beside links.
        let turtle = |path: &str| {
            let ask = |path: &str| request(address, "GET", path, &[("accept", "text/turtle")], b"");
            let mut answer = ask(path);
            if let Some(to) = answer.header("location") {
                answer = ask(to.strip_prefix(&format!("http://{address}")).expect("an address"));
            }
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            answer.body
        };
        for path in
            ["catalog", "rm", "rm/requirements", "resources/REQ-1", "trs", "trs/base", "configurations"]
        {
            let text = turtle(&format!("/t/press/oslc/{path}"));
            let own = format!("http://{address}");
            let count = |part: &str| text.matches(part).count();
            assert!(
                count(&own) > 0 && count(&own) == count(&format!("{own}/t/press/oslc")),
                "{path}: {text}"
            );
        }
        let job = request(address, "POST", "/t/press/backup", &[], b"");
        let place = job.header("location").expect("a job").to_owned();
        assert!(place.starts_with("/t/press/jobs/"), "{place}");
        assert_eq!(request(address, "GET", &place, &[], b"").status, 200);
    });
}

#[test]
fn a_browser_signs_in_and_out_below_a_mount() {
    let two = Two::new();
    two.served(|address| {
        let own = format!("http://{address}");
        let from = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
        let post = |path: &str, more: &[(&str, &str)], body: &str| {
            request(address, "POST", path, &[&from[..], more].concat(), body.as_bytes())
        };
        let get =
            |path: &str, cookie: &str| request(address, "GET", path, &[BROWSER, ("cookie", cookie)], b"");
        let first = request(address, "GET", "/t/press/pages/requirement?id=REQ-1", &[BROWSER], b"");
        let login = first.header("location").expect("a login").to_owned();
        assert_eq!(login, "/t/press/pages/login?then=/t/press/pages/requirement?id%3DREQ-1");
        assert_eq!(post("/t/press/pages/login", &[], &format!("token={}", two.of_plant)).status, 401);
        let away = post("/t/press/pages/login", &[], &format!("token={}&then=/pages/", two.of_press));
        assert_eq!(away.header("location"), Some("/t/press/pages/"), "no link leads to another thread");
        let then = "/t/press/pages/requirement?id=REQ-1";
        let done = post("/t/press/pages/login", &[], &format!("token={}&then={then}", two.of_press));
        assert_eq!((done.status, done.header("location")), (303, Some(then)));
        let set = done.header("set-cookie").expect("a cookie");
        assert!(set.starts_with("__Host-throughline.press=tl_") && set.contains("; Path=/; Secure"), "{set}");
        let cookie = set.split(';').next().expect("a value").to_owned();
        let page = get("/t/press/schema.graphql", &cookie);
        assert_eq!(page.status, 200);
        // The browser sends it to the other thread too, where it is nobody's.
        let other = get("/pages/", &cookie);
        assert_eq!((other.status, other.header("location")), (303, Some("/pages/login?then=/pages/")));
        assert_eq!(get("/schema.graphql", &cookie).status, 401);
        // A form of one thread's page is taken by no other.
        let both = format!("{cookie}; __Host-throughline={}", two.of_plant);
        let versions = |path: &str| {
            let to = get(path, &both).header("location").expect("the full address").to_owned();
            form(&get(&to, &both).body, "create-branch")
        };
        let (action, values) = versions("/pages/versions");
        let (below, others) = versions("/t/press/pages/versions");
        assert!(below.starts_with("/t/press/pages/versions?"), "{below}");
        let token = |values: &[(String, String)]| {
            let found = values.iter().find(|(name, _)| name == "token");
            found.expect("a token").1.clone()
        };
        let send = |token: &str| {
            let encoded = throughline::pages::encoded;
            let kept = values.iter().filter(|(name, _)| name != "token");
            let kept: Vec<_> = kept.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
            post(&action, &[("cookie", &both)], &format!("{}&name=b&token={token}", kept.join("&")))
        };
        assert_eq!(send(&token(&others)).status, 403);
        assert!(two.plant.app.snapshot("b").is_err());
        assert_eq!(send(&token(&values)).status, 303);
        let out = post("/t/press/pages/logout", &[("cookie", &both)], "");
        assert_eq!((out.status, out.header("location")), (303, Some("/t/press/pages/login")));
        assert!(
            out.header("set-cookie")
                .is_some_and(|set| set.starts_with("__Host-throughline.press=; Max-Age=0"))
        );
        assert_eq!(out.headers("set-cookie").count(), 1, "the plant's stays");
    });
}
