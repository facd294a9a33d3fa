//! Users log in at an issuer on this machine: its keys at a URL, and the sign-in of browsers by OpenID Connect.

use super::world::{Answer, World, request};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use throughline::model::time::instant::Instant;

const NOW: i64 = 1_767_225_600;

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of the issuer, made of a number, which is its id as well.
fn pair(number: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[number; 32]).expect("a key")
}

fn sign(claims: &Value, number: u8) -> String {
    let header = json!({ "alg": "EdDSA", "kid": number.to_string(), "typ": "JWT" });
    let message =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = pair(number).sign(message.as_bytes());
    format!("{message}.{}", encode(signature.as_ref()))
}

/// An issuer on a free port of this machine.
#[derive(Clone)]
struct Issuer {
    state: Arc<Mutex<Served>>,
    address: SocketAddr,
}

/// What the issuer answers.
#[derive(Default)]
struct Served {
    keys: Vec<u8>,
    /// In the place of the keys.
    answer: Option<(StatusCode, Vec<u8>, Option<&'static str>)>,
    asked: usize,
    /// What a code is for, until it is exchanged: the parameters of the sign-in, and the claims of its ID token.
    codes: HashMap<String, (HashMap<String, String>, Value)>,
    /// In the place of its own name.
    calls_itself: Option<String>,
}

impl Issuer {
    /// Serves while `client` runs.
    fn served<T>(keys: &[u8], client: impl FnOnce(&Self) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(Served { keys: keys.to_vec(), ..Served::default() }));
        let issuer = Self { state, address };
        let router = Router::new()
            .route("/jwks", get(jwks))
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/token", post(exchange))
            .with_state(issuer.clone());
        runtime.spawn(async move { axum::serve(listener, router).await });
        client(&issuer)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn rotate(&self, keys: &[u8]) {
        self.state.lock().expect("the state").keys = keys.to_vec();
    }

    fn answer(&self, answer: Option<(StatusCode, Vec<u8>, Option<&'static str>)>) {
        self.state.lock().expect("the state").answer = answer;
    }

    fn asked(&self) -> usize {
        self.state.lock().expect("the state").asked
    }
}

fn set(keys: &[u8]) -> Value {
    let jwk = |number: &u8| {
        let x = encode(pair(*number).public_key().as_ref());
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": number.to_string(), "use": "sig", "alg": "EdDSA", "x": x })
    };
    json!({ "keys": keys.iter().map(jwk).collect::<Vec<_>>() })
}

async fn jwks(State(issuer): State<Issuer>) -> impl IntoResponse {
    let mut state = issuer.state.lock().expect("the state");
    state.asked += 1;
    let (status, body, location) = state
        .answer
        .clone()
        .unwrap_or_else(|| (StatusCode::OK, set(&state.keys).to_string().into_bytes(), None));
    (status, [(header::LOCATION, location.unwrap_or("/"))], body)
}

fn claims() -> Value {
    json!({
        "iss": "https://login.plant.example/", "aud": "throughline", "sub": "u-7", "name": "Ada L.", "email": "ada@plant.example",
        "exp": NOW + 86_400 * 30, "iat": NOW - 10, "roles": ["readers"],
    })
}

/// A thread that takes the tokens of an issuer.
fn world(url: &str, more: &str) -> World {
    let settings = format!(
        "[access.jwt]\nissuer = \"https://login.plant.example/\"\naudience = \"throughline\"\nkeys = \"{url}\"\nalgorithms = [\"EdDSA\"]\n{more}\n[access.jwt.roles]\nreaders = \"reader\"\n"
    );
    World::new()
        .reopened(|folder| std::fs::write(folder.join("throughline.toml"), settings).expect("settings"))
}

fn read(address: SocketAddr, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    request(address, "GET", "/export", &[("authorization", &authorization)], b"")
}

#[test]
fn keys_at_a_url_are_fetched_and_rotated() {
    Issuer::served(&[1], |issuer| {
        let world = world(&format!("{}/jwks", issuer.url()), "");
        world.served(|address| {
            let status = |key: u8| read(address, &sign(&claims(), key)).status;
            assert_eq!(status(1), 200, "the first request waits for the keys");
            // A new key is fetched when a token first names it, and what is withdrawn is valid no more.
            issuer.rotate(&[2]);
            let before = issuer.asked();
            assert_eq!((status(2), status(2)), (200, 200));
            assert_eq!(issuer.asked(), before + 1, "once");
            assert_eq!(status(1), 401);
            // Whoever invents keys does not make the service ask without end.
            let before = issuer.asked();
            (3..30).for_each(|key| assert_eq!(status(key), 401));
            assert!(issuer.asked() <= before + 1, "{} questions", issuer.asked() - before);
            // Over a WebSocket as well.
            let mut client = super::live::Client::silent(address);
            let token = sign(&claims(), 2);
            client.send_json(&json!({ "type": "connection_init", "payload": { "token": token } }));
            assert_eq!(client.receive()["type"], "connection_ack");
        });
    });
}

#[test]
fn keys_stay_in_use_while_their_url_fails_until_they_are_old() {
    Issuer::served(&[1], |issuer| {
        let world = world(&format!("{}/jwks", issuer.url()), "keysHours = 2\n");
        let time = super::world::clock();
        let folder = world.folder.path().to_owned();
        drop(world.service);
        drop(Arc::into_inner(world.app).expect("nobody else holds the thread"));
        let app = throughline::app::App::open(&folder, time.clone()).expect("the thread");
        let world = World::of(world.folder, app);
        world.served(|address| {
            let status = |key: u8| read(address, &sign(&claims(), key)).status;
            assert_eq!(status(1), 200);
            let elsewhere = Some("https://elsewhere.example/jwks");
            for (code, body, location) in [
                (StatusCode::SERVICE_UNAVAILABLE, b"down".to_vec(), None),
                (StatusCode::FOUND, Vec::new(), elsewhere),
                (StatusCode::OK, vec![b' '; (1 << 20) + 1], None),
                (StatusCode::OK, b"<html>".to_vec(), None),
                (StatusCode::OK, b"{\"keys\": []}".to_vec(), None),
            ] {
                issuer.answer(Some((code, body, location)));
                assert_eq!((status(2), status(1)), (401, 200), "{code}");
            }
            time.set(Instant::from_seconds(NOW + 7_199));
            assert_eq!(status(1), 200);
            time.set(Instant::from_seconds(NOW + 7_201));
            let late = read(address, &sign(&claims(), 1));
            assert_eq!(late.status, 503, "{}", late.body);
        });
    });
}

#[test]
fn keys_are_fetched_over_tls_from_whom_the_settings_trust() {
    let certificate =
        |name: &str| rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate");
    let own = certificate("localhost");
    let other = certificate("localhost");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(path("own.pem"), own.cert.pem()).expect("a file");
    std::fs::write(path("other.pem"), other.cert.pem()).expect("a file");
    std::fs::write(path("key.pem"), own.signing_key.serialize_pem()).expect("a file");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (certificate, key) = (path("own.pem"), path("key.pem"));
    runtime.spawn(async move { serve_tls(listener, &certificate, &key).await });
    for (authority, status) in [("own.pem", 200), ("other.pem", 503)] {
        let more = format!("authorities = \"{}\"\n", path(authority));
        let world = world(&format!("https://localhost:{port}/jwks"), &more);
        world.served(|address| {
            let answer = read(address, &sign(&claims(), 1));
            assert_eq!(answer.status, status, "{authority}: {}", answer.body);
        });
    }
}

/// Answers each request with the keys, over TLS.
async fn serve_tls(listener: tokio::net::TcpListener, certificate: &str, key: &str) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
    let chain = CertificateDer::pem_file_iter(certificate).expect("a file").collect::<Result<Vec<_>, _>>();
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(chain.expect("certificates"), key)
        .expect("a configuration");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    while let Ok((stream, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            // A client that does not trust the certificate ends here.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a request"));
            }
            let body = set(&[1]).to_string();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.expect("an answer");
            drop(stream.shutdown().await);
        });
    }
}

/// The secret of the client, with what must be encoded.
const SECRET: &str = "s:e cret&";

async fn configuration(State(issuer): State<Issuer>) -> Json<Value> {
    let base = issuer.url();
    let named = issuer.state.lock().expect("the state").calls_itself.clone().unwrap_or_else(|| base.clone());
    Json(json!({
        "issuer": named, "authorization_endpoint": format!("{base}/authorize?tenant=plant"), "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"), "code_challenge_methods_supported": ["S256"],
    }))
}

fn fields(form: &str) -> HashMap<String, String> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    form.split('&')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Exchanges a code once, as RFC 6749 and RFC 7636 have it.
async fn exchange(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    form: String,
) -> (StatusCode, Json<Value>) {
    let given = fields(&form);
    let refused = |why: &str| {
        (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant", "error_description": why })))
    };
    let basic = base64::engine::general_purpose::STANDARD.encode("throughline:s%3Ae%20cret%26");
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(&format!("Basic {basic}")) {
        return refused("the client");
    }
    let mut state = issuer.state.lock().expect("the state");
    let Some((asked, claims)) = state.codes.remove(&given["code"]) else { return refused("the code") };
    let challenge = ring::digest::digest(&ring::digest::SHA256, given["code_verifier"].as_bytes());
    let is_of_sign_in = given["grant_type"] == "authorization_code"
        && given["redirect_uri"] == asked["redirect_uri"]
        && given["client_id"] == "throughline"
        && encode(challenge.as_ref()) == asked["code_challenge"];
    if !is_of_sign_in {
        return refused("the sign-in");
    }
    (
        StatusCode::OK,
        Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": sign(&claims, 1) })),
    )
}

/// A browser, with its cookies.
#[derive(Default)]
struct Browser(HashMap<String, String>);

impl Browser {
    fn get(&mut self, address: SocketAddr, path: &str) -> Answer {
        self.send(
            address,
            "GET",
            path,
            &[("sec-fetch-site", "none"), ("accept", "text/html"), ("sec-fetch-dest", "document")],
        )
    }

    fn send(&mut self, address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let cookies: Vec<_> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut headers = headers.to_vec();
        if !cookies.is_empty() {
            headers.push(("cookie", &cookies));
        }
        let answer = request(address, method, path, &headers, b"");
        for set in answer.headers("set-cookie") {
            let (cookie, terms) = set.split_once(';').expect("terms");
            assert!(
                terms.contains("Secure") && terms.contains("HttpOnly") && terms.contains("Path=/"),
                "{set}"
            );
            let (name, value) = cookie.split_once('=').expect("a value");
            assert!(name.starts_with("__Host-"), "{set}");
            match value {
                "" => self.0.remove(name),
                value => self.0.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// Goes to the issuer, and returns what it was asked.
    fn start(&mut self, address: SocketAddr, then: &str) -> HashMap<String, String> {
        self.start_at(address, "/pages/login/start", then)
    }

    fn start_at(&mut self, address: SocketAddr, path: &str, then: &str) -> HashMap<String, String> {
        let answer = self.get(address, &format!("{path}?then={then}"));
        assert_eq!(answer.status, 303, "{}", answer.body);
        let place = answer.header("location").expect("a place").to_owned();
        let (url, query) = place.split_once('?').expect("a query");
        assert!(url.ends_with("/authorize"), "{place}");
        fields(query)
    }
}

impl Issuer {
    /// Lets a user in who has signed in at the issuer; returns where the browser goes.
    fn authorize(&self, asked: &HashMap<String, String>, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": self.url(), "aud": asked["client_id"], "sub": "u-7", "name": "Ada L.", "email": "ada@plant.example",
            "exp": NOW + 300, "iat": NOW, "nonce": asked["nonce"], "roles": ["readers"],
        });
        change(&mut claims);
        let mut state = self.state.lock().expect("the state");
        let code = format!("code-{}", state.codes.len());
        state.codes.insert(code.clone(), (asked.clone(), claims));
        format!("/pages/callback?code={code}&state={}", asked["state"])
    }
}

/// A thread whose users sign in at an issuer.
fn signing_in(issuer: &Issuer, time: Arc<throughline::model::time::clock::FixedClock>) -> World {
    signing_in_below(issuer, time, "")
}

fn signing_in_below(
    issuer: &Issuer,
    time: Arc<throughline::model::time::clock::FixedClock>,
    mount: &str,
) -> World {
    let folder = tempfile::tempdir().expect("a folder");
    let app =
        throughline::app::App::init(folder.path(), &[], super::world::BASE, time.clone()).expect("a thread");
    drop(app);
    let settings = format!(
        "[access.oidc]\nissuer = \"{}\"\nclient = \"throughline\"\nsecret = \"oidc.secret\"\nredirect = \"https://plant.example{mount}/pages/callback\"\nalgorithms = [\"EdDSA\"]\n[access.oidc.roles]\nreaders = \"reader\"\n",
        issuer.url()
    );
    std::fs::write(folder.path().join("throughline.toml"), settings).expect("settings");
    std::fs::write(folder.path().join("oidc.secret"), format!("{SECRET}\n")).expect("a secret");
    let app = throughline::app::App::open(folder.path(), time).expect("the thread");
    World::of(folder, app)
}

const SESSION: &str = "__Host-throughline";

#[test]
fn a_browser_signs_in_at_the_issuer() {
    Issuer::served(&[1], |issuer| {
        let time = super::world::clock();
        let world = signing_in(issuer, time.clone());
        world.served(|address| {
            let mut ada = Browser::default();
            let first = ada.get(address, "/pages/");
            assert_eq!(
                (first.status, first.header("location")),
                (303, Some("/pages/login?then=/pages/")),
                "{}",
                first.head
            );
            let form = ada.get(address, "/pages/login?then=%2Fpages%2Fsearch");
            assert!(form.body.contains("/pages/login/start?then=/pages/search"), "{}", form.body);
            let asked = ada.start(address, "%2Fpages%2Fsearch");
            for (name, value) in [
                ("response_type", "code"),
                ("client_id", "throughline"),
                ("redirect_uri", "https://plant.example/pages/callback"),
                ("scope", "openid profile email"),
                ("code_challenge_method", "S256"),
            ] {
                assert_eq!(asked[name], value, "{name}");
            }
            let back = issuer.authorize(&asked, |_| {});
            let answer = ada.get(address, &back);
            assert_eq!(
                (answer.status, answer.header("location")),
                (303, Some("/pages/search")),
                "{}",
                answer.body
            );
            assert!(
                ada.0.len() == 1 && ada.0[SESSION].starts_with("ts_"),
                "the cookie of the sign-in is removed"
            );
            let page = ada.get(address, "/pages/");
            assert!(page.status == 303 || page.body.contains("Ada L."), "{} {}", page.status, page.body);
            let schema = ada.send(address, "GET", "/schema.graphql", &[]);
            assert_eq!(schema.status, 200);
            // A session is a browser's: it is no token, and opens nothing else.
            let bearer = format!("Bearer {}", ada.0[SESSION]);
            assert_eq!(
                request(address, "GET", "/schema.graphql", &[("authorization", &bearer)], b"").status,
                401
            );
            assert_eq!(ada.send(address, "GET", "/export", &[]).status, 401);
            assert_eq!(ada.send(address, "GET", "/audit", &[]).status, 401);
            // A code serves once.
            let again = ada.start(address, "%2Fpages%2F");
            let code = back.split(['=', '&']).nth(1).expect("a code");
            let answer = ada.get(address, &format!("/pages/callback?code={code}&state={}", again["state"]));
            assert_eq!(answer.status, 503, "{}", answer.body);
            // Signing out ends the session, not only the cookie.
            let session = ada.0.clone();
            let own = [("sec-fetch-site", "same-origin")];
            assert_eq!(ada.send(address, "POST", "/pages/logout", &own).status, 303);
            assert!(ada.0.is_empty());
            let mut thief = Browser(session);
            assert_eq!(thief.send(address, "GET", "/schema.graphql", &[]).status, 401);
            // It ends by itself.
            let asked = ada.start(address, "%2Fpages%2F");
            let back = issuer.authorize(&asked, |_| {});
            assert_eq!(ada.get(address, &back).status, 303);
            assert_eq!(ada.send(address, "GET", "/schema.graphql", &[]).status, 200);
            time.set(Instant::from_seconds(NOW + 8 * 3_600));
            assert_eq!(ada.send(address, "GET", "/schema.graphql", &[]).status, 401);
            assert_eq!(ada.get(address, "/pages/").status, 303);
        });
        let log = throughline::app::access::Audit::of(world.folder.path(), time)
            .entries(None, 100)
            .expect("entries");
        let done: Vec<_> = log
            .iter()
            .filter(|entry| entry.event.operation.starts_with("sign"))
            .map(|entry| {
                format!("{} {}", entry.event.operation, entry.event.origin.as_deref().unwrap_or_default())
            })
            .collect();
        assert_eq!(done, ["signIn session u-7", "signOut session u-7", "signIn session u-7"]);
        let text = serde_json::to_string(&log).expect("JSON");
        assert!(!text.contains("ts_") && !text.contains("code-") && !text.contains(SECRET), "{text}");
    });
}

#[test]
fn a_browser_signs_in_to_a_further_thread_alone() {
    Issuer::served(&[1], |issuer| {
        let plant = signing_in(issuer, super::world::clock());
        let press = signing_in_below(issuer, super::world::clock(), "/t/press");
        plant.served_beside(&[("press", &press)], |address| {
            let mut ada = Browser::default();
            let first = ada.get(address, "/t/press/pages/");
            assert_eq!(first.header("location"), Some("/t/press/pages/login?then=/t/press/pages/"));
            let form = ada.get(address, "/t/press/pages/login?then=/t/press/pages/search");
            let start = "/t/press/pages/login/start";
            assert!(form.body.contains(&format!("{start}?then=/t/press/pages/search")), "{}", form.body);
            let asked = ada.start_at(address, start, "/t/press/pages/search");
            assert_eq!(asked["redirect_uri"], "https://plant.example/t/press/pages/callback");
            let back = issuer.authorize(&asked, |_| {});
            assert_eq!(ada.get(address, &back).status, 400, "the first thread began no such sign-in");
            let answer = ada.get(address, &format!("/t/press{back}"));
            assert_eq!(answer.header("location"), Some("/t/press/pages/search"), "{}", answer.body);
            let session = ada.0["__Host-throughline.press"].clone();
            assert!(ada.0.len() == 1 && session.starts_with("ts_"), "{:?}", ada.0.keys());
            assert_eq!(ada.send(address, "GET", "/t/press/schema.graphql", &[]).status, 200);
            assert_eq!(ada.send(address, "GET", "/schema.graphql", &[]).status, 401);
            let mut thief = Browser(HashMap::from([(SESSION.to_owned(), session)]));
            assert_eq!(thief.send(address, "GET", "/schema.graphql", &[]).status, 401);
            // No sign-in leads to another thread.
            let asked = ada.start_at(address, start, "/pages/search");
            let back = issuer.authorize(&asked, |_| {});
            let answer = ada.get(address, &format!("/t/press{back}"));
            assert_eq!(answer.header("location"), Some("/t/press/pages/"));
        });
    });
}

#[test]
fn a_sign_in_of_somebody_else_lets_nobody_in() {
    Issuer::served(&[1], |issuer| {
        let world = signing_in(issuer, super::world::clock());
        world.served(|address| {
            // Each returns to the browser that has begun, with one thing wrong.
            let check = |what: &str, status: u16, change: &dyn Fn(&mut Value)| {
                let mut browser = Browser::default();
                let asked = browser.start(address, "%2Fpages%2F");
                let answer = browser.get(address, &issuer.authorize(&asked, |claims| change(claims)));
                assert_eq!(answer.status, status, "{what}: {}", answer.body);
                assert_eq!(browser.0.contains_key(SESSION), status == 303, "{what}");
            };
            check("nothing", 303, &|_| {});
            check("another nonce", 401, &|claims| claims["nonce"] = json!("x"));
            check("no nonce", 401, &|claims| claims["nonce"] = Value::Null);
            check("another client", 401, &|claims| claims["aud"] = json!("other"));
            check("several clients", 401, &|claims| claims["aud"] = json!(["throughline", "other"]));
            check("made for another", 401, &|claims| claims["azp"] = json!("other"));
            check("another issuer", 401, &|claims| claims["iss"] = json!("https://evil.example"));
            check("over", 401, &|claims| claims["exp"] = json!(NOW - 31));
            check("no role", 403, &|claims| claims["roles"] = json!(["others"]));
            // A link that carries the code of somebody else signs nobody in as them.
            let mut eve = Browser::default();
            let of_eve = eve.start(address, "%2Fpages%2F");
            let link = issuer.authorize(&of_eve, |claims| claims["sub"] = json!("eve"));
            let mut ada = Browser::default();
            assert_eq!(ada.get(address, &link).status, 400, "no sign-in was begun here");
            let of_ada = ada.start(address, "%2Fpages%2F");
            assert_eq!(ada.get(address, &link).status, 400, "another one was");
            assert!(ada.0.is_empty());
            // Her code in a sign-in of one's own is stopped by the challenge.
            let mut mallory = Browser::default();
            let of_mallory = mallory.start(address, "%2Fpages%2F");
            let code = issuer.authorize(&of_ada, |_| {});
            let code = code.split('&').next().expect("a code");
            assert_eq!(mallory.get(address, &format!("{code}&state={}", of_mallory["state"])).status, 503);
            assert!(!mallory.0.contains_key(SESSION));
            for (more, status) in
                [("&iss=https%3A%2F%2Fevil.example", 400), ("&error=access_denied%3Cscript%3E", 403)]
            {
                let mut browser = Browser::default();
                let asked = browser.start(address, "%2Fpages%2F");
                let answer = browser.get(address, &format!("{}{more}", issuer.authorize(&asked, |_| {})));
                assert_eq!(answer.status, status, "{}", answer.body);
                assert!(!answer.body.contains("<script>"), "{}", answer.body);
            }
            // Nobody is led to another host.
            for then in ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2Fpages%2F%5Cevil.example"] {
                let mut browser = Browser::default();
                let asked = browser.start(address, then);
                let answer = browser.get(address, &issuer.authorize(&asked, |_| {}));
                assert_eq!(answer.header("location"), Some("/pages/"), "{then}");
            }
        });
        // One that calls itself otherwise is not asked.
        issuer.state.lock().expect("the state").calls_itself = Some("https://evil.example".to_owned());
        let world = signing_in(issuer, super::world::clock());
        world.served(|address| {
            let answer = Browser::default().get(address, "/pages/login/start");
            assert_eq!((answer.status, answer.headers("set-cookie").count()), (503, 0), "{}", answer.body);
        });
    });
}
