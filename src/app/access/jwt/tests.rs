//! Tokens as issuers sign them, and as others forge them.

use super::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

const NOW: i64 = 1_767_225_600;

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key of the issuer, made of a number.
fn pair(number: u8) -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[number; 32]).expect("a key")
}

fn jwk(id: &str, number: u8) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "use": "sig", "alg": "EdDSA", "x": encode(pair(number).public_key().as_ref()) })
}

fn header_of(id: &str) -> Value {
    json!({ "alg": "EdDSA", "kid": id, "typ": "JWT" })
}

fn claims() -> Value {
    json!({
        "iss": "https://login.plant.example/", "aud": ["other", "throughline"], "sub": "u-7", "name": "Ada L.",
        "email": "ada@plant.example", "exp": NOW + 600, "nbf": NOW - 10, "iat": NOW - 10,
        "realm": { "groups": ["everybody", "plant-approvers", "plant-readers"] },
    })
}

fn sign(header: &Value, claims: &Value, number: u8) -> String {
    let message =
        format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
    let signature = pair(number).sign(message.as_bytes());
    format!("{message}.{}", encode(signature.as_ref()))
}

fn issuer(folder: &std::path::Path, keys: &Value) -> Issuer {
    let path = folder.join("keys.json");
    std::fs::write(&path, keys.to_string()).expect("a file");
    let text = "issuer = 'https://login.plant.example/'\naudience = 'throughline'\nkeys = 'keys.json'\nalgorithms = ['EdDSA', 'RS256', 'ES256']\n\
        roleClaim = 'realm.groups'\n[roles]\nplant-approvers = 'approver'\nplant-readers = 'reader'";
    let settings = toml::from_str::<settings::Written>(text).expect("settings").settings().expect("settings");
    Issuer::open(settings.below(folder))
}

fn now() -> Instant {
    Instant::from_seconds(NOW)
}

#[test]
fn claims_make_a_principal() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = issuer(folder.path(), &json!({ "keys": [jwk("one", 1)] }));
    let ada = issuer.authenticate(&sign(&header_of("one"), &claims(), 1), now()).expect("let in");
    assert_eq!((ada.author.name.as_str(), ada.author.email.as_str()), ("Ada L.", "ada@plant.example"));
    assert_eq!((ada.role, ada.act_as), (Role::Approver, false), "the group with most rights");
    let mut of_nobody = claims();
    of_nobody["realm"] = json!({ "groups": ["everybody"] });
    assert_eq!(issuer.authenticate(&sign(&header_of("one"), &of_nobody, 1), now()), Err(Denied::NoClaim));
    let mut words = claims();
    words["realm.groups"] = json!("openid plant-readers");
    let reader = issuer.authenticate(&sign(&header_of("one"), &words, 1), now()).expect("let in");
    assert_eq!(reader.role, Role::Reader);
    let mut nameless = claims();
    nameless["name"] = Value::Null;
    nameless["email"] = json!("");
    let nameless = issuer.authenticate(&sign(&header_of("one"), &nameless, 1), now()).expect("let in");
    assert_eq!(nameless.author.name, "u-7");
}

#[test]
fn hostile_tokens_are_not_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let public = pair(1).public_key().as_ref().to_vec();
    let shared = json!({ "kty": "oct", "kid": "shared", "alg": "HS256", "k": encode(&public) });
    let encrypts =
        json!({ "kty": "OKP", "crv": "Ed25519", "kid": "enc", "use": "enc", "x": encode(&public) });
    let issuer =
        issuer(folder.path(), &json!({ "keys": [jwk("one", 1), shared, encrypts, { "kty": "new" }] }));
    let check = |what: &str, token: &str| {
        assert_eq!(issuer.authenticate(token, now()), Err(Denied::Unknown), "{what}");
    };
    let with = |name: &str, value: Value| {
        let mut changed = claims();
        changed[name] = value;
        sign(&header_of("one"), &changed, 1)
    };
    let head = |name: &str, value: Value| {
        let mut changed = header_of("one");
        changed[name] = value;
        sign(&changed, &claims(), 1)
    };
    // The public key as the secret of an HMAC.
    let message = format!(
        "{}.{}",
        encode(json!({ "alg": "HS256", "kid": "one", "typ": "JWT" }).to_string().as_bytes()),
        encode(claims().to_string().as_bytes())
    );
    let mac = ring::hmac::sign(&ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &public), message.as_bytes());
    check("an algorithm of shared secrets", &format!("{message}.{}", encode(mac.as_ref())));
    check(
        "a shared secret in the set",
        &format!("{}.{}", message.replace("one", "shared"), encode(mac.as_ref())),
    );
    let none = encode(json!({ "alg": "none", "kid": "one" }).to_string().as_bytes());
    check("no algorithm", &format!("{none}.{}.", encode(claims().to_string().as_bytes())));
    check("another algorithm of public keys", &head("alg", json!("ES256")));
    check("an algorithm that is no text", &head("alg", json!(["EdDSA"])));
    check("no key", &head("kid", Value::Null));
    check("an unknown key", &head("kid", json!("../../etc/passwd")));
    check("a key for encryption", &head("kid", json!("enc")));
    check("extensions", &head("crit", json!(["exp"])));
    check("another type", &head("typ", json!("secevent+jwt")));
    check("another issuer", &with("iss", json!("https://login.plant.example")));
    check("another audience", &with("aud", json!("other")));
    check("no audience", &with("aud", Value::Null));
    check("no subject", &with("sub", Value::Null));
    check("an empty subject", &with("sub", json!(" ")));
    check("no end", &with("exp", Value::Null));
    check("an end that is no number", &with("exp", json!("tomorrow")));
    check("an end beyond all time", &with("exp", json!(1e300)));
    check("a later beginning", &with("nbf", json!(NOW + 31)));
    check("made later", &with("iat", json!(NOW + 31)));
    check("a key of somebody else", &sign(&header_of("one"), &claims(), 2));
    let good = sign(&header_of("one"), &claims(), 1);
    assert!(issuer.authenticate(&good, now()).is_ok());
    check("no signature", &good[..=good.rfind('.').expect("a part")]);
    check("a signature that was cut", &good[..good.len() - 2]);
    check("four parts", &format!("{good}.{good}"));
    check("other claims under the signature", &{
        let parts: Vec<&str> = good.split('.').collect();
        let mut other = claims();
        other["sub"] = json!("u-8");
        format!("{}.{}.{}", parts[0], encode(other.to_string().as_bytes()), parts[2])
    });
    check("a huge one", &with("padding", json!("x".repeat(TOKEN_BYTES_MAX))));
    for junk in ["", ".", "..", "a.b.c", "\u{0}.\u{0}.\u{0}", "e30.e30.e30", &".".repeat(8_000)] {
        check(junk, junk);
    }
    let deep = encode(format!("{}{}", "[".repeat(2_000), "]".repeat(2_000)).as_bytes());
    check("nested deeply", &format!("{deep}.e30.e30"));
}

#[test]
fn tokens_end_by_the_clock_of_the_thread() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = issuer(folder.path(), &json!({ "keys": [jwk("one", 1)] }));
    let token = sign(&header_of("one"), &claims(), 1);
    let at = |seconds: i64| issuer.authenticate(&token, Instant::from_seconds(seconds)).map(|_| ());
    assert_eq!(at(NOW + 629), Ok(()), "within the leeway");
    assert_eq!(at(NOW + 630), Err(Denied::Expired));
    assert_eq!(at(NOW - 40), Ok(()));
    assert_eq!(at(NOW - 41), Err(Denied::Unknown), "not yet");
    let end = Instant::from_seconds(NOW + 600);
    assert!(
        issuer.is_valid(end, Instant::from_seconds(NOW + 629))
            && !issuer.is_valid(end, Instant::from_seconds(NOW + 630))
    );
}

#[test]
fn keys_are_rotated_and_a_damaged_file_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = issuer(folder.path(), &json!({ "keys": [jwk("one", 1)] }));
    let write = |text: &str| {
        // Another file, as a rotation replaces it: two that are written soon after each other can have the same time.
        let new = folder.path().join("new.json");
        std::fs::write(&new, text).expect("a file");
        std::fs::rename(&new, folder.path().join("keys.json")).expect("replaced");
    };
    let (one, two) = (sign(&header_of("one"), &claims(), 1), sign(&header_of("two"), &claims(), 2));
    assert_eq!(issuer.authenticate(&two, now()), Err(Denied::Unknown));
    write(&json!({ "keys": [jwk("one", 1), jwk("two", 2)] }).to_string());
    assert!(issuer.authenticate(&one, now()).is_ok() && issuer.authenticate(&two, now()).is_ok());
    write(&json!({ "keys": [jwk("two", 2)] }).to_string());
    assert_eq!(issuer.authenticate(&one, now()), Err(Denied::Unknown), "a key that was withdrawn");
    for damaged in ["", "{", "{\"keys\": []}", &json!({ "keys": [jwk("two", 2), jwk("two", 1)] }).to_string()]
    {
        write(damaged);
        assert!(issuer.authenticate(&two, now()).is_ok(), "{damaged}");
    }
    let keys = KeySource::File(folder.path().join("none.json"));
    let missing = Issuer::open(JwtSettings { keys, ..issuer.settings.clone() });
    assert_eq!(missing.authenticate(&one, now()), Err(Denied::Unavailable));
}

#[test]
fn fetched_keys_are_used_until_they_are_old() {
    let folder = tempfile::tempdir().expect("a folder");
    let issuer = issuer(folder.path(), &json!({ "keys": [jwk("one", 1)] }));
    let hour = std::time::Duration::from_secs(3_600);
    let keys = KeySource::Url(
        "https://login.example".to_owned(),
        KeyFetch { every: hour, kept: hour, authorities: None },
    );
    let fetched = Issuer::open(JwtSettings { keys, ..issuer.settings.clone() });
    let at = |key: &str, number: u8, seconds: i64| {
        let mut long = claims();
        long["exp"] = json!(NOW + 86_400);
        let token = sign(&header_of(key), &long, number);
        fetched.authenticate(&token, Instant::from_seconds(NOW + seconds)).map(|_| ())
    };
    assert_eq!(at("one", 1, 0), Err(Denied::Unavailable), "none were fetched");
    let put = |keys: Value, seconds: i64| {
        fetched.put_keys(keys.to_string().as_bytes(), Instant::from_seconds(NOW + seconds))
    };
    assert_eq!(put(json!({ "keys": [jwk("one", 1)] }), 0), Ok(1));
    assert_eq!((at("one", 1, 0), at("one", 1, 3_600)), (Ok(()), Ok(())));
    assert_eq!(at("two", 2, 0), Err(Denied::UnknownKey), "which is worth another question");
    assert_eq!(at("one", 2, 0), Err(Denied::Unknown), "a forged one is not");
    assert!(put(json!({ "keys": [] }), 1_800).is_err() && put(json!("x"), 1_800).is_err());
    assert_eq!(at("one", 1, 3_601), Err(Denied::Unavailable), "what was refused did not make them newer");
    assert_eq!(put(json!({ "keys": [jwk("two", 2)] }), 3_700), Ok(1));
    assert_eq!((at("two", 2, 3_700), at("one", 1, 3_700)), (Ok(()), Err(Denied::UnknownKey)));
    assert!(issuer.put_keys(b"{}", now()).is_err(), "those of a file are not handed over");
}
