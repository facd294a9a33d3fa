//! Git's clients push over the network: to `refs/incoming/` alone, from where commits are adopted. Skipped where there is no `git`.

use super::access::{bearer, new, token};
use super::program::is_there;
use super::world::{Answer, PUMP, World, request};
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use throughline::app::access::{Entry, Role};

const REQUEST: &str = "application/x-git-receive-pack-request";

/// A served thread with a pump, and a clone of it that was made over the network.
struct Remote {
    world: World,
    clone: tempfile::TempDir,
    contributor: String,
    reader: String,
    operator: String,
}

impl Remote {
    fn new(settings: &str) -> Option<Self> {
        if !is_there("git", &["--version"]) {
            return None;
        }
        let world = World::new()
            .reopened(|folder| std::fs::write(folder.join("throughline.toml"), settings).expect("settings"));
        world.import("pump", PUMP).expect("an import");
        let contributor = token(&world, 1, &new("Ada", Role::Contributor));
        let reader = token(&world, 2, &new("reader", Role::Reader));
        let operator = token(&world, 3, &new("officer", Role::Operator));
        let clone = tempfile::tempdir().expect("a folder");
        Some(Self { world, clone, contributor, reader, operator })
    }

    fn git(&self, arguments: &[&str]) -> Output {
        Command::new("git")
            .current_dir(self.clone.path())
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "credential.helper="])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "true")
            // The clock of the service shows this time, too.
            .env("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z")
            .env("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z")
            .output()
            .expect("git")
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.git(arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", text(&output.stderr));
        text(&output.stdout).trim().to_owned()
    }

    fn clone_from(&self, address: SocketAddr) {
        self.done(&["clone", "--quiet", &url(address, &self.contributor), "."]);
    }

    /// Commits a lower limit of the requirement.
    fn commit(&self, limit: &str) -> String {
        let listed = self.done(&["ls-files", "*/REQ-1.ttl"]);
        let path = self.clone.path().join(listed.lines().next().expect("the requirement"));
        let before = std::fs::read_to_string(&path).expect("a document");
        let at = before.find("tl:limit ").expect("a limit") + "tl:limit ".len();
        let end = at + before[at..].find(' ').expect("an end");
        std::fs::write(&path, format!("{}{limit}{}", &before[..at], &before[end..])).expect("a document");
        self.done(&["commit", "--quiet", "--all", "--message", "Lower the limit"]);
        self.done(&["rev-parse", "HEAD"])
    }

    fn push(&self, address: SocketAddr, token: &str, refspecs: &[&str]) -> Output {
        let url = url(address, token);
        self.git(&[&["push", "--force", &url], refspecs].concat())
    }

    /// Returns the refs of the repository that the service serves.
    fn refs(&self) -> Vec<String> {
        let folder = self.bare();
        let listed = self.done(&[
            "-C",
            &folder.to_string_lossy(),
            "for-each-ref",
            "--format=%(refname) %(objectname)",
        ]);
        listed.lines().map(str::to_owned).collect()
    }

    fn bare(&self) -> PathBuf {
        self.world.folder.path().join("thread.git")
    }

    /// Returns whether the repository that the service serves has an object.
    fn has(&self, id: &str) -> bool {
        self.git(&["-C", &self.bare().to_string_lossy(), "cat-file", "-e", id]).status.success()
    }

    fn log(&self, address: SocketAddr) -> Vec<String> {
        let authorization = bearer(&self.operator);
        let answer = request(address, "GET", "/audit?after=0", &[("authorization", &authorization)], b"");
        let entries = answer.body.lines().map(|line| serde_json::from_str::<Entry>(line).expect("an entry"));
        entries
            .filter(|entry| entry.event.operation == "push")
            .map(|Entry { event, .. }| {
                let on = event.on.unwrap_or_default();
                format!("{} {on} {}", event.outcome.as_str(), event.reason.unwrap_or_default())
                    .trim()
                    .to_owned()
            })
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn url(address: SocketAddr, token: &str) -> String {
    format!("http://user:{token}@{address}/thread.git")
}

fn graphql(address: SocketAddr, token: &str, query: &str) -> Value {
    let authorization = bearer(token);
    let headers = [("content-type", "application/json"), ("authorization", &*authorization)];
    request(address, "POST", "/graphql", &headers, json!({ "query": query }).to_string().as_bytes()).json()
}

fn temporary(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder.join("objects")).expect("objects").flatten();
    entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("tmp_objdir-")).count()
}

#[test]
fn commits_are_pushed_and_adopted_over_the_network() {
    let Some(remote) = Remote::new("") else { return };
    remote.world.served(|address| {
        remote.clone_from(address);
        let before = remote.refs();
        let id = remote.commit("80");
        // Whoever only reads pushes nothing.
        for token in [&remote.reader, "tl_none"] {
            assert!(!remote.push(address, token, &["HEAD:refs/incoming/cooler"]).status.success());
        }
        assert_eq!(remote.refs(), before);
        let pushed = remote.push(address, &remote.contributor, &["HEAD:refs/incoming/cooler"]);
        assert!(pushed.status.success(), "{}", text(&pushed.stderr));
        assert!(remote.refs().contains(&format!("refs/incoming/cooler {id}")));
        // It is no version yet, and the pusher may not make it one.
        let seen = graphql(address, &remote.reader, &format!("{{ thread(at: \"{id}\") {{ base }} }}"));
        assert!(seen.get("errors").is_some(), "{seen}");
        let adopt = "mutation { adopt(input: { ref: \"cooler\" }) { branch { name head { id } } } }";
        let refused = graphql(address, &remote.contributor, adopt);
        assert_eq!(refused["errors"][0]["extensions"]["code"], "FORBIDDEN", "{refused}");
        let adopted = graphql(address, &remote.operator, adopt);
        assert_eq!(adopted["data"]["adopt"]["branch"]["head"]["id"], id, "{adopted}");
        let limit = "{ thread(at: \"cooler\") { requirement(id: \"REQ-1\") { constraints { limit } } } }";
        let limit = graphql(address, &remote.reader, limit);
        assert_eq!(limit["data"]["thread"]["requirement"]["constraints"][0]["limit"], 80.0, "{limit}");
        assert!(!remote.refs().iter().any(|name| name.starts_with("refs/incoming/")));
        // What waits is replaced and withdrawn as well.
        let next = remote.commit("79");
        for refspec in ["HEAD:refs/incoming/a/b", "HEAD~1:refs/incoming/a/b", ":refs/incoming/a/b"] {
            let pushed = remote.push(address, &remote.contributor, &[refspec]);
            assert!(pushed.status.success(), "{refspec}: {}", text(&pushed.stderr));
        }
        assert!(!remote.refs().iter().any(|name| name.starts_with("refs/incoming/")));
        let nothing = "0".repeat(40);
        let on = |name: &str, id: &str| format!("done refs/incoming/{name} {id}");
        assert_eq!(
            remote.log(address),
            [
                "denied  reader has the role reader and may not push commits to be adopted: that takes the role contributor, approver or operator".to_owned(),
                on("cooler", &id),
                on("a/b", &next),
                on("a/b", &id),
                on("a/b", &nothing),
            ]
        );
    });
}

#[test]
fn refs_elsewhere_take_no_push_over_the_network() {
    let Some(remote) = Remote::new("") else { return };
    remote.world.served(|address| {
        remote.clone_from(address);
        let id = remote.commit("80");
        let before = remote.refs();
        for to in
            ["refs/heads/main", "refs/heads/new", "refs/tags/v1", "refs/throughline/kept/x", "refs/notes/x"]
        {
            // One good ref beside does not carry the other.
            for refspecs in
                [vec![format!("HEAD:{to}")], vec!["HEAD:refs/incoming/a".to_owned(), format!("HEAD:{to}")]]
            {
                let refspecs: Vec<_> = refspecs.iter().map(String::as_str).collect();
                let refused = remote.push(address, &remote.operator, &refspecs);
                let printed = text(&refused.stderr);
                assert!(
                    !refused.status.success() && printed.contains("push to refs/incoming/"),
                    "{to}: {printed}"
                );
            }
        }
        assert!(!remote.push(address, &remote.operator, &[":refs/heads/main"]).status.success());
        assert_eq!(remote.refs(), before);
        assert!(!remote.has(&id), "no object of them is there");
        assert!(
            remote
                .log(address)
                .iter()
                .all(|entry| entry.starts_with("failed ") && entry.contains("takes no push"))
        );
    });
}

#[test]
fn objects_are_checked_before_a_ref_is_made() {
    let Some(remote) = Remote::new("[import]\nmegabytes = 4\n") else { return };
    remote.world.served(|address| {
        remote.clone_from(address);
        let before = remote.refs();
        // A commit whose author has no address, which Git's own check refuses.
        let tree = remote.done(&["rev-parse", "HEAD^{tree}"]);
        let wrong = format!("tree {tree}\nauthor Ada 1 +0000\ncommitter Ada 1 +0000\n\nx\n");
        std::fs::write(remote.clone.path().join("wrong"), wrong).expect("a file");
        let id = remote.done(&["hash-object", "-t", "commit", "-w", "--literally", "wrong"]);
        std::fs::remove_file(remote.clone.path().join("wrong")).expect("removed");
        let refused = remote.push(address, &remote.contributor, &[&format!("{id}:refs/incoming/wrong")]);
        assert!(!refused.status.success(), "{}", text(&refused.stderr));
        assert_eq!(remote.refs(), before);
        assert!(!remote.has(&id));
        // More than one push may bring: what does not shrink, sent in pieces.
        let mut state = 1_u64;
        let noise = |bytes: usize, state: &mut u64| -> Vec<u8> {
            let next = |_| {
                *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (*state >> 56) as u8
            };
            (0..bytes).map(next).collect()
        };
        for (bytes, is_taken) in [(5 << 20, false), (2 << 20, true)] {
            std::fs::write(remote.clone.path().join("noise"), noise(bytes, &mut state)).expect("a file");
            remote.done(&["add", "noise"]);
            remote.done(&["commit", "--quiet", "--message", "Noise"]);
            let pushed = remote.push(address, &remote.contributor, &["HEAD:refs/incoming/noise"]);
            assert_eq!(pushed.status.success(), is_taken, "{bytes}: {}", text(&pushed.stderr));
            remote.done(&["reset", "--quiet", "--hard", "HEAD~1"]);
        }
        assert_eq!(remote.refs().len(), before.len() + 1);
        // No other requests are pushes.
        let authorization = bearer(&remote.contributor);
        let post = |kind: &str, encoding: &str, body: &[u8]| -> Answer {
            let mut headers = vec![("authorization", &*authorization), ("content-type", kind)];
            if !encoding.is_empty() {
                headers.push(("content-encoding", encoding));
            }
            request(address, "POST", "/thread.git/git-receive-pack", &headers, body)
        };
        let mut packed = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(b"0000").expect("packed");
        let mut bomb = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        bomb.write_all(&vec![b'0'; 8 << 20]).expect("packed");
        for (kind, encoding, body, status) in [
            (REQUEST, "", b"0000".to_vec(), 200),
            (REQUEST, "gzip", packed.finish().expect("gzip"), 200),
            (REQUEST, "gzip", bomb.finish().expect("gzip"), 413),
            (REQUEST, "br", b"0000".to_vec(), 415),
            ("text/plain", "", b"0000".to_vec(), 415),
            (REQUEST, "", b"PACK".to_vec(), 400),
            (REQUEST, "", Vec::new(), 400),
        ] {
            let answer = post(kind, encoding, &body);
            assert_eq!(answer.status, status, "{kind} {encoding}: {}", answer.body);
        }
    });
}

#[test]
fn a_push_that_is_cut_leaves_nothing_to_be_seen() {
    let Some(remote) = Remote::new("") else { return };
    remote.world.served(|address| {
        remote.clone_from(address);
        let id = remote.commit("80");
        let before = remote.refs();
        // The client is gone half-way: Git has not even been started.
        let mut connection = TcpStream::connect(address).expect("a connection");
        let head = format!(
            "POST /thread.git/git-receive-pack HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\ncontent-type: {REQUEST}\r\ncontent-length: 100000\r\n\r\n",
            bearer(&remote.contributor)
        );
        connection.write_all(head.as_bytes()).expect("sent");
        connection.write_all(format!("00a0{} {id} refs/incoming/cut\0 report-status", "0".repeat(40)).as_bytes()).expect("sent");
        drop(connection);
        // Git is killed when it has received all objects, and before it makes the ref.
        let hooks = remote.bare().join("hooks");
        std::fs::write(hooks.join("pre-receive"), "#!/bin/sh\nkill -9 $PPID\n").expect("a hook");
        let executable = Command::new("chmod").arg("755").arg(hooks.join("pre-receive")).status();
        assert!(executable.expect("chmod").success());
        let cut = remote.push(address, &remote.contributor, &["HEAD:refs/incoming/cut"]);
        assert!(!cut.status.success(), "{}", text(&cut.stderr));
        assert_eq!(temporary(&remote.bare()), 1, "it was killed where it had objects");
        assert_eq!(remote.refs(), before);
        assert!(!remote.has(&id));
        std::fs::remove_file(hooks.join("pre-receive")).expect("removed");
        let pushed = remote.push(address, &remote.contributor, &["HEAD:refs/incoming/cut"]);
        assert!(pushed.status.success(), "{}", text(&pushed.stderr));
        assert!(remote.refs().contains(&format!("refs/incoming/cut {id}")) && remote.has(&id));
    });
}
