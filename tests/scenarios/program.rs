//! The program as a person at a terminal uses it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) fn throughline(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_throughline"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program")
}

pub(crate) fn out(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

pub(crate) fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// Returns whether a tool that a test runs beside the program is there. Without it the test reports that it is skipped; under CI,
/// where nothing is, it fails.
pub(crate) fn is_there(tool: &str, arguments: &[&str]) -> bool {
    let output = Command::new(tool).args(arguments).output();
    let there = output.is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "{tool} {arguments:?} does not run here");
    if !there {
        eprintln!("skipped: {tool} {arguments:?} does not run here");
    }
    there
}

/// Returns a file of real data, which are not part of the project: from the folder that `THROUGHLINE_DATA` names, else from beside the
/// project. Without it the test reports that it is skipped; where the variable is set it fails, so that nothing is skipped unseen.
pub(crate) fn real_data(name: &str) -> Option<PathBuf> {
    let named = std::env::var_os("THROUGHLINE_DATA").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let path = named.as_ref().unwrap_or(&beside).join(name);
    let there = path.is_file();
    assert!(there || named.is_none(), "THROUGHLINE_DATA is set, and {} is absent", path.display());
    if !there {
        eprintln!("skipped: {} is absent", path.display());
    }
    there.then_some(path)
}

#[test]
fn a_first_session() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP).expect("a file");
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    assert!(refused(&run(&["init", "plant"])).contains("plant holds a thread already"));
    assert!(out(&run(&["import", "--data", "plant", "pump.ttl"])).contains(" on main: "));
    assert!(out(&run(&["import", "--data", "plant", "pump.ttl"])).contains("nothing new"));
    assert!(out(&run(&["show", "--data", "plant", "REQ-1"])).contains("<REQ-1#limit> tl:limit 85 ."));
    assert!(refused(&run(&["show", "--data", "plant", "REQ-9"])).contains("REQ-9> does not exist at main"));
    // A unit is found by its serial; one that two resources bear is named by IRI.
    assert!(out(&run(&["show", "--data", "plant", "P-1"])).starts_with("@base"));
    assert!(out(&run(&["show", "--data", "plant", "P-1"])).contains("<unit/P-1>"));
    assert!(out(&run(&["blame", "--data", "plant", "P-1"])).contains("Import pump.ttl"));
    out(&run(&["tag", "--data", "plant", "PDR"]));
    assert!(refused(&run(&["tag", "--data", "plant", "PDR"])).contains("the tag \"PDR\" exists already"));
    out(&run(&["branch", "--data", "plant", "try", "PDR"]));
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP.replace("tl:limit 85", "tl:limit 80"))
        .expect("a file");
    out(&run(&["import", "--data", "plant", "pump.ttl"]));
    let diff = out(&run(&["diff", "--data", "plant", "PDR"]));
    assert_eq!(
        diff,
        "~ REQ-1\n    #limit limit: 85 → 80\n    ! REQ-1: limit tightened: MAX ≤ 85 °C → MAX ≤ 80 °C\n"
    );
    assert!(
        out(&run(&["log", "--data", "plant", "--resource", "REQ-1"])).matches("Import pump.ttl").count() == 2
    );
    let check = |arguments: &[&str], expect: &str| {
        let printed = refused(&run(arguments));
        assert!(printed.contains(expect), "{arguments:?}: {printed}");
    };
    check(&["log", "--data", "plant", "nowhere"], "no version is called \"nowhere\"");
    check(&["log", "--data", "plant", "2024-01-31"], "an instant such as");
    check(
        &["log", "--data", "plant", "2001-01-01T00:00:00Z"],
        "main has no commit that was recorded at or before",
    );
    check(
        &["log", "--data", "plant", "--resource", "REQ-9"],
        "no commit up to main changes <https://test.example/REQ-9>",
    );
    check(&["branch", "--data", "plant", "refs/heads/x"], "cannot be a name");
    check(&["init", "other", "--base", "https://other.example"], "write an IRI that ends in /");

    let csv = "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n2024-01-01T01:00:00Z,P-1,\n2024-01-01T02:00:00Z,P-1,30.5\n";
    std::fs::write(folder.path().join("temp.csv"), csv).expect("a file");
    let ingest = out(&run(&["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"]));
    assert!(ingest.contains("2 samples stored, 0 cells refused"), "{ingest}");
    let query = r#"{ thread { twinInstance(id: "unit/P-1") { latest { value } } } }"#;
    std::fs::write(folder.path().join("q.graphql"), query).expect("a file");
    let answer: serde_json::Value =
        serde_json::from_str(&out(&run(&["query", "--data", "plant", "q.graphql"]))).expect("JSON");
    assert_eq!(answer["data"]["thread"]["twinInstance"]["latest"][0]["value"], 30.5);
    assert!(refused(&run(&["log", "--data", "empty"])).contains("empty holds no thread"));
}

#[test]
fn an_imported_baseline_becomes_a_tag() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        throughline(folder.path(), &[&arguments[..1], &["--data", "plant"], &arguments[1..]].concat())
    };
    let write = |limit: &str| {
        let text = super::world::PUMP.replace("tl:limit 85", limit);
        std::fs::write(folder.path().join("pump.ttl"), text).expect("a file");
    };
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    write("tl:limit 85");
    let printed = out(&run(&["import", "pump.ttl", "--tag", "B-1"]));
    let commit = printed.split_whitespace().next().expect("a commit").to_owned();
    assert!(printed.ends_with(&format!("B-1 is {commit}\n")), "{printed}");
    // What is stated already is named with its place.
    assert_eq!(
        out(&run(&["import", "pump.ttl", "--tag", "B-1b"])),
        format!("nothing new: pump is unchanged\nB-1b is {commit}\n")
    );
    write("tl:limit 80");
    for taken in ["B-1", "main", "import/pump", "import/new", "cafe"] {
        let before = out(&run(&["log"]));
        let message = refused(&run(&["import", "pump.ttl", "--tag", taken]));
        assert!(message.contains(taken), "{message}");
        assert_eq!(out(&run(&["log"])), before, "nothing was written");
    }
    let printed: serde_json::Value =
        serde_json::from_str(&out(&run(&["import", "pump.ttl", "--tag", "B-2", "--json"]))).expect("JSON");
    assert_eq!(printed["tag"], "B-2");
    let diff = out(&run(&["diff", "B-1", "B-2"]));
    assert!(diff.contains("limit: 85 → 80"), "{diff}");
}

#[test]
fn an_import_is_bounded_by_the_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    file("pump.ttl", super::world::PUMP);
    // Megabytes without content, as long as somebody reads them.
    let endless = folder.path().join("endless.ttl");
    assert!(Command::new("mkfifo").arg(&endless).status().expect("mkfifo").success());
    let written = std::thread::spawn(move || {
        let mut pipe = std::fs::File::options().write(true).open(endless).expect("a reader");
        let mut written = 0;
        while written < 64 << 20 {
            match pipe.write(&[b'\n'; 1 << 16]) {
                Ok(some) => written += some,
                Err(_) => break,
            }
        }
        written
    });
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    file("plant/settings.toml", "[import]\nmegabytes = 9\n");
    let import = |name: &str| throughline(folder.path(), &["import", "--data", "plant", name]);
    let log = || out(&throughline(folder.path(), &["log", "--data", "plant"]));
    let before = log();
    let message = refused(&import("endless.ttl"));
    assert!(
        message.contains(
            "more than the 9000000 bytes that one import may bring, unpacked: import them one after the other"
        ),
        "{message}"
    );
    let written = written.join().expect("a count");
    assert!((9_000_000..16 << 20).contains(&written), "{written} bytes were read");
    assert_eq!(log(), before, "nothing was written");
    out(&import("pump.ttl"));
}

#[test]
fn branches_sparql_and_adoption_at_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        throughline(folder.path(), &[&arguments[..1], &["--data", "plant"], &arguments[1..]].concat())
    };
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP).expect("a file");
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    out(&run(&["import", "pump.ttl"]));
    out(&run(&["branch", "try"]));
    let note = "<https://test.example/REQ-1> <https://test.example/note> \"Ask Ada\" .\n";
    std::fs::write(folder.path().join("note.nt"), note).expect("a file");
    out(&run(&["import", "--into", "try", "note.nt"]));
    let listed = out(&run(&["branch"]));
    let head = |branch: &str| {
        let line = listed.lines().find(|line| line.ends_with(branch)).expect("the branch");
        line.split_whitespace().next().expect("a commit").to_owned()
    };
    let made = head("  try");
    let notes = "SELECT ?note { ?of <https://test.example/note> ?note }";
    let ask = |version: &str| out(&run(&["sparql", "--version", version, notes]));
    assert_eq!((ask("main"), ask("try")), ("?note\n".to_owned(), "?note\n\"Ask Ada\"\n".to_owned()));
    std::fs::write(folder.path().join("notes.rq"), notes).expect("a file");
    let json = out(&run(&["sparql", "--version", "try", "--format", "json", "notes.rq"]));
    assert!(json.contains("\"Ask Ada\""), "{json}");
    assert!(refused(&run(&["sparql", "--format", "pdf", notes])).contains("there is no format \"pdf\""));
    assert_eq!(out(&run(&["sparql", "ASK{}"])), "true");
    assert!(refused(&run(&["sparql", "nowhere.rq"])).contains("is no file and no query"));
    assert!(refused(&run(&["sparql", "DELETE WHERE { ?a ?b ?c }"])).contains("only reads here"));

    assert_eq!(out(&run(&["branch", "--delete", "try"])), format!("try is deleted; it was {made}\n"));
    assert!(refused(&run(&["branch", "--delete", "try"])).contains("try"));
    assert!(refused(&run(&["branch", "--delete", "main"])).contains("it is the thread itself"));
    assert!(refused(&run(&["log", "try"])).contains("no version is called \"try\""));
    assert!(refused(&run(&["adopt", &made])).contains("--as BRANCH"));
    let adopted = out(&run(&["adopt", &made, "--as", "again"]));
    assert_eq!(adopted, format!("again is at {made}: 1 commit adopted\n"));
    assert_eq!(ask("again"), "?note\n\"Ask Ada\"\n");
}

#[test]
fn an_ingest_reports_what_it_could_not_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let ingest = |csv: &[u8], more: &[&str]| {
        std::fs::write(folder.path().join("temp.csv"), csv).expect("a file");
        let columns = ["ingest", "--data", "plant", "--time", "t", "--twin", "unit", "temp.csv"];
        throughline(folder.path(), &[&columns[..], more].concat())
    };
    out(&throughline(folder.path(), &["init", "plant", "--base", "https://test.example/"]));
    let good = "t,unit,temp\n2024-01-01T00:00:00Z,P-1,20.5\n2024-01-01T01:00:00Z,P-1,21\n";
    let printed = ingest(format!("{good}2024-01-01T02:00:00Z,P-1\n").as_bytes(), &[]);
    let printed = (refused(&printed), String::from_utf8(printed.stdout).expect("text"));
    assert!(printed.0.contains("1 cell was refused; all others are stored"), "{printed:?}");
    assert!(printed.1.contains("line 4: the row has 2 cells, but the header 3"), "{printed:?}");
    let printed = ingest(format!("{good}1950-01-01T00:00:00Z,P-1,1\n").as_bytes(), &[]);
    let printed = (refused(&printed), String::from_utf8(printed.stdout).expect("text"));
    assert!(printed.0.contains("1 cell was refused"), "{printed:?}");
    assert!(
        printed.1.contains("line 4, column t: 1950-01-01T00:00:00Z lies outside 1970 to 2262"),
        "{printed:?}"
    );
    let printed = ingest(good.as_bytes(), &["--measurement", ""]);
    let printed = (refused(&printed), String::from_utf8(printed.stdout).expect("text"));
    assert!(printed.0.contains("2 cells were refused"), "{printed:?}");
    assert!(printed.1.contains("line 3, column temp: a series needs a twin, a measurement"), "{printed:?}");
}

/// Files made on Windows: with a byte-order mark they are read, in UTF-16 tables are read, others are refused by name.
#[test]
fn a_byte_order_mark_is_no_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), format!("\u{feff}{text}")).expect("a file");
        let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        std::fs::write(folder.path().join(format!("wide-{name}")), wide).expect("a file");
    };
    let run = |words: &[&str]| throughline(folder.path(), words);
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    write("design.ttl", super::world::PUMP);
    write("temp.csv", "temp,t,unit\n20,2024-01-01T00:00:00Z,P-1\n21,2024-01-01T00:00:00Z,P-1\n");
    write("ask.rq", "ASK { ?part a <https://w3id.org/throughline#Part> }");
    write("base.graphql", "{ thread { base unboundSeries { nodes { series { field } } } } }");
    write("parts.csv", "no,title\nVALVE,Valve\n");
    write(
        "parts.toml",
        "[[resource]]\nid = \"{no}\"\nclass = \"Part\"\n[resource.fields]\nidentifier = \"no\"\ntitle = \"title\"\n",
    );
    write("settings.toml", "[enough]\nhours = 1\n");
    write("monitors.toml", "every = \"PT5M\"\n");
    std::fs::copy(folder.path().join("settings.toml"), folder.path().join("plant/settings.toml"))
        .expect("a copy");
    std::fs::copy(folder.path().join("monitors.toml"), folder.path().join("plant/monitors.toml"))
        .expect("a copy");
    let check = |words: &[&str], file: &str, expect: &str| {
        let printed = out(&run(&[words, &[file]].concat()));
        assert!(printed.contains(expect), "{file}: {printed}");
        let wide = format!("wide-{file}");
        let printed = run(&[words, &[&wide]].concat());
        if file.ends_with(".csv") {
            out(&printed);
            return;
        }
        let printed = refused(&printed);
        assert!(printed.contains(&format!("{wide}: the file is in UTF-16")), "{printed}");
    };
    check(&["import", "--data", "plant"], "design.ttl", "on main");
    check(
        &["ingest", "--data", "plant", "--time", "t", "--twin", "unit"],
        "temp.csv",
        "1 sample, the first on line 3: an earlier row states the same instant",
    );
    check(&["sparql", "--data", "plant"], "ask.rq", "true");
    check(&["query", "--data", "plant"], "base.graphql", "\"nodes\": []");
    check(
        &["import", "--data", "plant", "--source", "parts", "--table", "parts.toml"],
        "parts.csv",
        "on main",
    );
    let printed = refused(&run(&["import", "--data", "plant", "--table", "wide-parts.toml", "parts.csv"]));
    assert!(printed.contains("wide-parts.toml: the file is in UTF-16"), "{printed}");
}

#[test]
fn a_demo_leaves_the_folders_of_others_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let theirs = folder.path().join("demo.json");
    std::fs::write(&theirs, "{}").expect("a file");
    let message = refused(&throughline(folder.path(), &["demo", "--once", "--data", "."]));
    assert!(message.contains("is not empty and was not made by a demo"), "{message}");
    assert!(theirs.exists());
}

#[test]
fn a_folder_that_a_server_holds_is_refused() {
    let world = super::world::World::new();
    let folder = world.folder.path().to_str().expect("a path");
    let message = refused(&throughline(world.folder.path(), &["tag", "--data", folder, "v1"]));
    assert!(message.contains("is locked by another process: stop that server"), "{message}");
}

/// A service that runs as a process of its own, and is killed at the end.
#[cfg(unix)]
pub(crate) struct Served(std::process::Child);

#[cfg(unix)]
impl Served {
    /// Starts a command that serves, and returns the address that it prints.
    pub(crate) fn start(mut command: Command) -> (Self, std::net::SocketAddr) {
        use std::io::BufRead as _;
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("a service");
        let printed = child.stdout.take().expect("its output");
        let (service, mut line) = (Self(child), String::new());
        std::io::BufReader::new(printed).read_line(&mut line).expect("a line");
        let address = line.trim().rsplit('/').next().and_then(|address| address.parse().ok());
        (service, address.unwrap_or_else(|| panic!("no address: {line}")))
    }

    /// Sends it a signal, such as `-TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    }

    /// Returns how it ended; `None` while it runs.
    pub(crate) fn ended(&mut self) -> Option<std::process::ExitStatus> {
        self.0.try_wait().expect("a process")
    }
}

#[cfg(unix)]
impl Drop for Served {
    fn drop(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("ended");
    }
}

#[test]
#[cfg(unix)]
fn a_service_that_may_open_few_files_answers_beside_many_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant"]));
    let serve = "ulimit -n 128; exec \"$0\" serve --data plant --listen 127.0.0.1:0";
    let mut command = Command::new("sh");
    command.args(["-c", serve, env!("CARGO_BIN_EXE_throughline")]).current_dir(folder.path());
    command.stderr(std::process::Stdio::null());
    let (_service, address) = Served::start(command);
    let connections: Vec<_> = (0..300)
        .map(|at| {
            let mut stream = std::net::TcpStream::connect(address).expect("a connection");
            // Those that have been closed already to make room take nothing more.
            _ = stream.write_all(if at % 2 == 0 { b"" } else { b"POST /graphql HTTP/1.1\r\nhost: a" });
            stream
        })
        .collect();
    for _ in 0..4 {
        let answer = super::world::post_graphql(address, "{ __typename }", &serde_json::json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    drop(connections);
}

#[test]
#[cfg(unix)]
fn a_second_signal_ends_the_service_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    out(&throughline(folder.path(), &["init", "plant"]));
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP).expect("a file");
    out(&throughline(folder.path(), &["import", "--data", "plant", "pump.ttl"]));
    let settings = "[server]\nseconds = 600\nstopSeconds = 600\n";
    std::fs::write(folder.path().join("plant/throughline.toml"), settings).expect("settings");
    let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
    command.args(["serve", "--data", "plant", "--listen", "127.0.0.1:0"]).current_dir(folder.path());
    command.stderr(std::process::Stdio::piped());
    let (mut service, address) = Served::start(command);
    // A query that does not end keeps the service from ending by itself.
    let free = || {
        let metrics = super::world::request(address, "GET", "/metrics", &[], b"").body;
        let line =
            metrics.lines().find(|line| line.starts_with("throughline_permits_free{permit=\"sparql\"}"));
        line.expect("how many places there are for queries").to_owned()
    };
    let before = free();
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let pairs: String = (0..8).map(|at| format!("?a{at}%20?b{at}%20?c{at}.")).collect();
    let query = format!("SELECT%20(COUNT(*)%20AS%20?n)%20{{{pairs}}}");
    let head = format!("GET /sparql?query={query} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    super::world::until(|| free() != before);
    // Two that come before the first one is looked at count as one, so there may be a third.
    let mut ended = None;
    super::world::until(|| {
        service.signal("-TERM");
        ended = service.ended();
        ended.is_some()
    });
    assert_eq!(ended.and_then(|status| status.code()), Some(130));
    let mut printed = String::new();
    std::io::Read::read_to_string(&mut service.0.stderr.take().expect("its errors"), &mut printed)
        .expect("text");
    assert!(printed.contains("stopped at once"), "{printed}");
}

/// Whatever the user's or the system's configuration of Git says, and whether there is a home folder or not.
#[test]
fn the_configuration_of_git_of_whoever_runs_it_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("pump.ttl"), super::world::PUMP).expect("a file");
    std::fs::create_dir_all(path("hostile/.config/git")).expect("a folder");
    std::fs::create_dir_all(path("folders/.gitconfig")).expect("a folder");
    for config in ["hostile/.gitconfig", "hostile/.config/git/config"] {
        std::fs::write(path(config), "[core\nno configuration \u{0}").expect("a file");
    }
    for home in ["hostile", "folders", "missing"] {
        let run = |arguments: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_throughline"));
            command.current_dir(folder.path()).args(arguments).env("HOME", path(home));
            command.env("XDG_CONFIG_HOME", path(home).join(".config")).output().expect("the program")
        };
        out(&run(&["init", home, "--base", "https://test.example/"]));
        out(&run(&["import", "--data", home, "pump.ttl"]));
        assert!(out(&run(&["log", "--data", home])).contains("Import pump.ttl"), "{home}");
        out(&run(&["backup", "--data", home, &format!("{home}-backup")]));
        out(&run(&["maintain", "--data", home]));
        assert!(out(&run(&["fsck", "--data", home])).contains("all is well"), "{home}");
    }
    // Git has nothing to say of what a thread's own configuration sets.
    if is_there("git", &["--version"]) {
        let git =
            Command::new("git").arg("-C").arg(path("missing/thread.git")).args(["gc", "--quiet"]).output();
        let printed = git.expect("git").stderr;
        assert!(
            !String::from_utf8_lossy(&printed).contains("deprecated"),
            "{}",
            String::from_utf8_lossy(&printed)
        );
    }
}

#[test]
fn settings_that_cannot_be_used_are_placed_by_a_start_and_by_fsck() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    out(&run(&["init", "plant"]));
    let files: [(&str, &[u8], &str); 3] = [
        ("settings.toml", b"[enough]\nshare = 2\n", "line 2, column 1"),
        ("monitors.toml", b"every = 'P1D'\nbranch = '\xff'\n", "line 2, column 11"),
        ("telemetry/settings.toml", b"readable = 'soon'\n", "line 1, column 1"),
    ];
    for (name, text, place) in files {
        let path = folder.path().join("plant").join(name);
        std::fs::write(&path, text).expect("a file");
        for command in
            [&["serve", "--data", "plant", "--listen", "127.0.0.1:0"][..], &["fsck", "--data", "plant"]]
        {
            let output = run(command);
            assert_eq!(output.status.code(), Some(1), "{command:?}");
            let printed = [output.stdout, output.stderr].concat();
            let printed = String::from_utf8_lossy(&printed);
            assert!(printed.contains(name) && printed.contains(place), "{command:?} {name}: {printed}");
        }
        std::fs::remove_file(&path).expect("a file less");
    }
    out(&run(&["fsck", "--data", "plant"]));
}

#[test]
fn a_property_that_is_given_without_quotes_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| throughline(folder.path(), arguments);
    std::fs::write(folder.path().join("pump.ttl"), super::world::PUMP).expect("a file");
    out(&run(&["init", "plant", "--base", "https://test.example/"]));
    out(&run(&["import", "--data", "plant", "pump.ttl"]));
    for command in [
        &["import", "--data", "plant", "--theirs", "REQ-1#limit", "limit", "pump.ttl"][..],
        &["merge", "--data", "plant", "--ours", "REQ-1#limit", "limit"],
        &["merge", "--data", "plant", "--ours", "REQ-1#limit", "limit", "main"],
    ] {
        let output = run(command);
        assert!(!output.status.success(), "{command:?}");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("in quotes: --theirs \"REQ-1#limit limit\""), "{command:?}: {printed}");
    }
}
