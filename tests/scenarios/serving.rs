//! What the service does by itself while it runs as a process of its own, and how it ends.

use super::program::{Served, out, throughline};
use super::world::{PUMP, post_graphql, request, until};
use serde_json::json;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Makes a thread of a pump with settings of its own.
fn plant(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    std::fs::write(folder.path().join("pump.ttl"), PUMP).expect("a file");
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    std::fs::write(folder.path().join("plant/throughline.toml"), settings).expect("settings");
    folder
}

/// Serves the thread; what the service logs goes to `log` beside it.
fn serve(folder: &Path) -> (Served, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder);
    command.stderr(Stdio::from(std::fs::File::create(folder.join("log")).expect("a file")));
    Served::start(command)
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).expect("what the service logs")
}

/// The files of the objects that are loose.
fn loose(folder: &Path) -> Vec<PathBuf> {
    let shards = std::fs::read_dir(folder.join("plant/thread.git/objects")).expect("objects").flatten();
    let shards = shards.filter(|shard| shard.file_name().len() == 2);
    let files = shards.flat_map(|shard| std::fs::read_dir(shard.path()).into_iter().flatten().flatten());
    files.map(|file| file.path()).collect()
}

fn title(address: SocketAddr) -> serde_json::Value {
    let query = "{ thread { requirement(id: \"REQ-1\") { title } } }";
    post_graphql(address, query, &json!({})).json()
}

#[test]
fn loose_objects_are_packed_while_the_thread_is_served() {
    let folder = plant("[maintenance]\nloose = 100\n");
    // As a push leaves them: the count goes by a few folders, so there are many.
    let git = git2::Repository::open_bare(folder.path().join("plant/thread.git")).expect("the repository");
    for number in 0..1000 {
        git.blob(format!("object {number}").as_bytes()).expect("an object");
    }
    assert!(loose(folder.path()).len() > 1000);
    let (service, address) = serve(folder.path());
    until(|| loose(folder.path()).is_empty());
    // Whatever is in the packs now is read from there.
    assert_eq!(title(address)["data"]["thread"]["requirement"]["title"], "Stay cool");
    drop(service);
    let checked = out(&throughline(folder.path(), &["fsck", "--data", "plant"]));
    assert!(checked.ends_with("all is well\n"), "{checked}");
}

/// Work that goes on keeps the service for `stopSeconds` and no longer, however patient it is with clients.
#[test]
fn a_service_ends_by_itself_though_work_goes_on() {
    let folder = plant("[server]\nseconds = 600\npatienceSeconds = 600\nstopSeconds = 1\n");
    let (mut service, address) = serve(folder.path());
    let free = || {
        let metrics = request(address, "GET", "/metrics", &[], b"").body;
        let line = metrics.lines().find(|line| line.contains("permits_free{permit=\"sparql\"}"));
        line.expect("how many places there are for queries").to_owned()
    };
    let before = free();
    let mut stream = TcpStream::connect(address).expect("a connection");
    let pairs: String = (0..8).map(|at| format!("?a{at}%20?b{at}%20?c{at}.")).collect();
    let query = format!("SELECT%20(COUNT(*)%20AS%20?n)%20{{{pairs}}}");
    let head = format!("GET /sparql?query={query} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    until(|| free() != before);
    service.signal("-TERM");
    let mut ended = None;
    until(|| {
        ended = service.ended();
        ended.is_some()
    });
    let printed = log(folder.path());
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "{printed}");
    let checked = out(&throughline(folder.path(), &["fsck", "--data", "plant"]));
    assert!(checked.ends_with("all is well\n"), "{checked}");
}
