//! Further threads of a service at the terminal: how they are named, checked, served, killed and started again.

use super::program::{Served, out, refused, throughline};
use super::world::{Answer, request, until};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder with the threads `plant`, which names the other, and `press`; each has a part of its own.
fn folders() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| out(&throughline(folder.path(), arguments));
    for name in ["plant", "press"] {
        run(&["init", name, "--base", &format!("https://{name}.example/")]);
        let part = format!(
            "<https://{name}.example/p> a <https://w3id.org/throughline#Part> ; <http://purl.org/dc/terms/identifier> \"{name}-1\" ."
        );
        write(folder.path(), "part.ttl", &part);
        run(&["import", "--data", name, "part.ttl"]);
    }
    write(folder.path(), "plant/throughline.toml", "[server.threads]\npress = \"../press\"\n");
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("a file");
}

fn start(folder: &Path) -> (Served, SocketAddr) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder).args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]);
    Served::start(command)
}

/// Returns why the service does not start; one that starts is ended, and fails the test.
fn refused_start(folder: &Path, listen: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder).args(["serve", "--data", "plant", "--listen", listen]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut line = String::new();
    let printed = child.stdout.take().expect("its output");
    BufReader::new(printed).read_line(&mut line).expect("a line, or none");
    if !line.is_empty() {
        child.kill().expect("killed");
    }
    let ended = child.wait_with_output().expect("its end");
    assert!(line.is_empty(), "it is served: {line}");
    refused(&ended)
}

fn get(address: SocketAddr, path: &str, token: &str) -> Answer {
    request(address, "GET", path, &[("authorization", &format!("Bearer {token}"))], b"")
}

#[test]
fn a_service_of_two_threads_is_asked_killed_and_started_again() {
    let folder = folders();
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    let token = |name: &str, role: &str| {
        let made = run(&["token", "create", "--data", name, "--name", role, "--role", role]);
        out(&made).trim().to_owned()
    };
    let (plant, press) = (token("plant", "operator"), token("press", "operator"));
    let gateway = token("plant", "telemetry-writer");
    for run_number in 0..2 {
        let (service, address) = start(folder.path());
        let url = format!("http://{address}/t/press");
        // Only who may read the first thread sees the names of others.
        assert!(get(address, "/", &plant).body.contains("\n/t/press/\n"));
        assert!(!get(address, "/", &gateway).body.contains("/t/"));
        assert_eq!(get(address, "/", &press).status, 401);
        assert!(
            !get(address, "/t/press/", &press).body.contains("/t/press/\n"),
            "a further thread names none"
        );
        let unknown = get(address, "/t/other/log", &plant);
        assert_eq!((unknown.status, get(address, "/nothing", &plant).status), (404, 404));
        assert!(!unknown.body.contains("press"), "{}", unknown.body);
        for path in ["/t/press", "/t/press/", "/t/press/metrics", "/t/press/audit", "/t/press/log"] {
            assert_eq!(get(address, path, &press).status, 200, "{path}");
            assert_eq!(get(address, path, &plant).status, 401, "{path}");
        }
        // The command line, by the URL and by the folder.
        let by_url = |arguments: &[&str]| run(&[arguments, &["--url", &url, "--token", &press]].concat());
        let here = |arguments: &[&str]| run(&[arguments, &["--data", "press"]].concat());
        let search = ["search", "press-1"];
        assert!(out(&by_url(&search)).contains("press-1"));
        assert_eq!(out(&by_url(&search)), out(&here(&search)));
        assert_eq!(out(&by_url(&["log"])), out(&here(&["log"])));
        let name = format!("T-{run_number}");
        out(&by_url(&["tag", &name]));
        let log = |data: &str| out(&run(&["audit", "list", "--data", data]));
        assert!(
            log("press").contains("done tag by operator") && !log("plant").contains("done tag"),
            "{}",
            log("press")
        );
        assert!(
            out(&here(&["tag"])).contains(&name) && !out(&run(&["tag", "--data", "plant"])).contains(&name)
        );
        assert!(refused(&run(&["log", "--url", &url, "--token", &plant])).contains("the token is not valid"));
        let write = |path: &str, token: &str, line: &str| {
            let headers = [("authorization", format!("Bearer {token}"))];
            let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            request(address, "POST", path, &headers, line.as_bytes()).status
        };
        let line = format!("m,twin=P-1 v=1 170406720{run_number}");
        assert_eq!(write("/t/press/write?precision=s", &gateway, &line), 401);
        assert_eq!(write("/t/press/write?precision=s", &press, &line), 204);
        let samples = get(address, "/t/press/export?source=telemetry", &press).body;
        assert_eq!(
            samples.lines().count(),
            2 + run_number,
            "what was acknowledged before the kill is there: {samples}"
        );
        assert!(!get(address, "/export?source=telemetry", &plant).body.contains("P-1"));
        drop(service);
    }
    // Nothing holds the folders any more.
    out(&run(&["fsck", "--data", "press"]));
    out(&run(&["fsck", "--data", "plant"]));
}

/// What a thread does by itself, in both: a broker and a receiver that are not there, a monitor of what does not exist, and objects to pack.
#[test]
fn what_a_thread_does_by_itself_is_logged_with_its_name() {
    let folder = folders();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let own = format!(
        "[maintenance]\nloose = 1\n[[monitors.monitor]]\nname = \"pumps\"\nitems = [\"nothing\"]\nwindow = \"P30D\"\n\
         [outbox]\nallow = [\"127.0.0.0/8\"]\n[[outbox.target]]\nname = \"mes\"\nkind = \"webhook\"\nsecret = \"mes.secret\"\n\
         url = \"http://127.0.0.1:{port}/\"\nevents = [\"design.released\"]\n\
         [[mqtt.broker]]\nname = \"site\"\nclient = \"CLIENT\"\nurl = \"mqtt://127.0.0.1:{port}\"\nemail = \"site@plant.example\"\n\
         [[mqtt.broker.topic]]\npattern = \"{{twin}}/{{field}}\"\n"
    );
    let first = "[log]\nformat = \"json\"\nlevel = \"info\"\n[server.threads]\npress = \"../press\"\n";
    for (name, more) in [("plant", first), ("press", "")] {
        write(folder.path(), &format!("{name}/throughline.toml"), &(own.replace("CLIENT", name) + more));
        write(folder.path(), &format!("{name}/mes.secret"), "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");
    }
    let log = folder.path().join("log");
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.current_dir(folder.path()).args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]);
    command.stderr(std::fs::File::create(&log).expect("a file"));
    let (_service, address) = Served::start(command);
    let logged = |kind: &str, name: Option<&str>| {
        let text = std::fs::read_to_string(&log).expect("the log");
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let entries = whole.lines().filter(|line| line.contains(kind));
        let mut entries = entries.map(|line| serde_json::from_str::<serde_json::Value>(line).expect(line));
        entries.any(|entry| entry["span"]["thread"].as_str() == name)
    };
    let mut revisions = 0;
    let mut release = |mount: &str| {
        revisions += 1;
        let released = format!(
            "@prefix tl: <https://w3id.org/throughline#> . <p/{revisions}> a tl:DesignRevision ; tl:revision \"{revisions}\" ; \
             tl:revisionOf <p> ; tl:status \"RELEASED\" ."
        );
        let path = format!("{mount}/import?source=plm");
        let answer = request(address, "POST", &path, &[("content-type", "text/turtle")], released.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    for (mount, name) in [("", None), ("/t/press", Some("press"))] {
        for kind in ["could not look at all", "\"broker\":\"site\"", "objects were packed"] {
            until(|| logged(kind, name));
        }
        // A target that is new takes what comes after its first look.
        until(|| {
            release(mount);
            logged("not delivered", name)
        });
    }
}

#[test]
fn the_service_is_ready_where_all_threads_are() {
    let folder = folders();
    let (_service, address) = start(folder.path());
    let status = |path: &str| request(address, "GET", path, &[], b"").status;
    assert_eq!((status("/health/ready"), status("/t/press/health/ready")), (200, 200));
    // Another process may have taken the folder.
    let (lock, aside) = (folder.path().join("press/lock"), folder.path().join("aside"));
    std::fs::rename(&lock, &aside).expect("moved");
    assert_eq!((status("/health/ready"), status("/t/press/health/ready")), (503, 503));
    assert_eq!((status("/health"), status("/health/live"), status("/t/press/health")), (200, 200, 503));
    std::fs::rename(&aside, &lock).expect("moved back");
    assert_eq!(status("/health/ready"), 200);
}

#[test]
fn what_cannot_be_served_refuses_the_start_with_what_to_do() {
    let folder = folders();
    let path = folder.path();
    let serve = || refused_start(path, "127.0.0.1:0");
    let check = |plant: &str, press: &str, part: &str| {
        write(path, "plant/throughline.toml", plant);
        write(path, "press/throughline.toml", press);
        let checked = refused(&throughline(path, &["config", "check", "--data", "plant"]));
        for message in [checked, serve()] {
            assert!(message.contains(part), "{part}: {message}");
        }
    };
    let named = |text: &str| format!("[server.threads]\n{text}\n");
    let press = named("press = \"../press\"");
    check(
        &named("Press = \"../press\""),
        "",
        "\"Press\" is no name of a thread: write 1 to 40 lower-case letters",
    );
    check(&named("press = \"../pres\""), "", "\"press\" under [server.threads]: plant/../pres: ");
    check(&named("press = \".\""), "", "plant/. is the folder of the first thread too; correct the folder");
    check(&named("press = \"../press\"\nother = \"../press\""), "", "is the folder of other too");
    check(
        &press,
        &named("more = \"../more\""),
        "this is the further thread press of a service, which names none itself",
    );
    check(&press, "[sever]\n", "press/throughline.toml: line 1, column 2: \"sever\" is no setting");
    check(
        &press,
        "[server]\nanswerMegabytes = 200\nunreadMegabytes = 400\nbodiesMegabytes = 900\n[access.oidc]\nissuer = \"https://login.example\"\nclient = \"c\"\nredirect = \"https://plant.example/pages/callback\"\n",
        "ends in /t/press/pages/callback where the thread is served as press",
    );
    check(
        &press,
        "[server]\nanswerMegabytes = 300\nunreadMegabytes = 400\n",
        "must not be more than \"unreadMegabytes\" of the first thread",
    );
    let broker = "[[mqtt.broker]]\nname = \"line\"\nurl = \"mqtt://127.0.0.1:1\"\nemail = \"a@plant.example\"\n[[mqtt.broker.topic]]\npattern = \"plant/{twin}/{field}\"\n";
    check(
        &format!("{press}{broker}"),
        broker,
        "throughline-line at mqtt://127.0.0.1:1 is also the first thread",
    );
    // What has no effect is noted.
    write(path, "plant/throughline.toml", &press);
    write(
        path,
        "press/throughline.toml",
        "[server]\nhosts = [\"press.example\"]\nseconds = 5\n[log]\nlevel = \"info\"\n",
    );
    let checked = throughline(path, &["config", "check", "--data", "plant"]);
    let (printed, noted) = (out(&checked), String::from_utf8_lossy(&checked.stderr).into_owned());
    assert!(printed.contains("press: ok: ") && printed.lines().count() == 2, "{printed}");
    assert!(
        noted.contains("server.hosts, log.level are without effect beside other threads")
            && !noted.contains("seconds"),
        "{noted}"
    );
    // One that is open elsewhere, and one that is damaged.
    write(path, "press/throughline.toml", "");
    let mut alone = Command::new(env!("CARGO_BIN_EXE_throughline"));
    alone.current_dir(path).args(["serve", "--data", "press", "--listen", "127.0.0.1:0"]);
    let (service, _) = Served::start(alone);
    let message = serve();
    assert!(
        message.contains("the thread press in plant/../press: ")
            && message.contains("is locked by another process"),
        "{message}"
    );
    assert!(
        message.contains("hint: mend it, or remove press from [server.threads] to serve the others without"),
        "{message}"
    );
    drop(service);
    std::fs::remove_dir_all(path.join("press/thread.git")).expect("removed");
    assert!(serve().contains("the thread press in plant/../press: "));
    // Without access no other machine reaches any of them.
    write(path, "plant/throughline.toml", "");
    out(&throughline(path, &["token", "create", "--data", "plant", "--name", "a", "--role", "operator"]));
    out(&throughline(path, &["init", "open"]));
    write(path, "plant/throughline.toml", &named("open = \"../open\""));
    // Nor does a proxy that leads to the one with access lead to the other.
    for listen in ["0.0.0.0:0", "127.0.0.1:0"] {
        let beside = refused_start(path, listen);
        assert!(beside.contains("the thread open has no access configured, and another thread"), "{beside}");
    }
}
