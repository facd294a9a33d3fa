use super::*;

fn load(files: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("telemetry")).expect("a folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let loaded = Sources::new(None, variables).read(folder.path());
    loaded.map_err(|error| error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

fn refused(files: &[(&str, &str)], variables: &[(&str, &str)], expect: &str) {
    let error = load(files, variables).map(|loaded| loaded.settings).expect_err(expect);
    assert_eq!(error, expect);
}

#[test]
fn one_file_sets_everything() {
    let text = "[server]\nseconds = 5\n[telemetry]\nseriesMax = 7\n[[telemetry.retention]]\nkeep = 'P1D'\n\
                [monitors]\nevery = 'PT1H'\n[[monitors.monitor]]\nname = 'a'\nwindow = 'P1D'\n[enough]\nhours = 2.5\n";
    let loaded = load(&[(FILE, text)], &[]).expect("read");
    assert_eq!(loaded.settings.server.time_max.as_secs(), 5);
    assert_eq!((loaded.telemetry.series_max, loaded.telemetry.retention.len()), (7, 1));
    assert_eq!(loaded.monitors.monitors.len(), 1);
    assert!(loaded.notes.is_empty());
}

#[test]
fn files_of_an_earlier_version_are_read_alone_or_refused() {
    let old = [
        ("settings.toml", "[server]\nseconds = 5\n"),
        ("telemetry/settings.toml", "series_max = 7\n[[retention]]\nkeep = 'P1D'\n"),
        ("monitors.toml", "every = 'PT1H'\n[[monitor]]\nname = 'a'\nwindow = 'P1D'\n"),
    ];
    let loaded = load(&old, &[]).expect("read");
    assert_eq!((loaded.settings.server.time_max.as_secs(), loaded.telemetry.series_max), (5, 7));
    assert_eq!(loaded.monitors.monitors.len(), 1);
    assert!(loaded.notes[0].ends_with("throughline config migrate makes one throughline.toml of them"));
    // What is migrated means the same.
    let one = loaded.as_one_file().expect("text");
    let again = load(&[(FILE, &one)], &[]).expect("read");
    assert_eq!(
        (&again.settings, &again.telemetry, &again.monitors),
        (&loaded.settings, &loaded.telemetry, &loaded.monitors)
    );
    for (name, text) in old {
        let beside = [(FILE, ""), (name, text)];
        refused(
            &beside,
            &[],
            &format!(
                "{name}: this file of an earlier version is not read beside throughline.toml: move what it sets there, and delete it"
            ),
        );
    }
    refused(
        &[("settings.toml", "[telemetry]\nseriesMax = 7")],
        &[],
        "settings.toml: line 1, column 2: \"telemetry\" is a table of throughline.toml alone: throughline config migrate makes one file of all",
    );
}

#[test]
fn what_cannot_be_used_is_named_with_its_place() {
    refused(
        &[(FILE, "[server]\nsecond = 5\nhost = 'x'")],
        &[],
        "throughline.toml: line 2, column 1: \"second\" is no setting of [server]; did you mean seconds?\n  line 3, column 1: \"host\" is no setting of [server]; did you mean hosts?",
    );
    refused(
        &[(FILE, "[server]\nseconds = 0")],
        &[],
        "throughline.toml: line 2, column 1: \"seconds\" under [server] must be 1 or more",
    );
    refused(
        &[(FILE, "[telemetry]\nreadable = 'soon'")],
        &[],
        "throughline.toml: line 2, column 1: readable = \"soon\": \"soon\" is not a duration such as PT10M, PT1H, P1D or P1M",
    );
    refused(
        &[("telemetry/settings.toml", "seal = 1")],
        &[],
        "telemetry/settings.toml: line 1, column 1: \"seal\" is no setting of [telemetry]; did you mean sealRows?",
    );
    refused(
        &[("monitors.toml", "[[monitor]]\nname = 'a'\nwindow = 'PT90M'")],
        &[],
        "monitors.toml: line 3, column 1: window = \"PT90M\": give whole hours or days",
    );
    let error =
        load(&[(FILE, "[server]\nseconds = 'x'")], &[]).map(|loaded| loaded.settings).expect_err("a type");
    assert!(error.starts_with("throughline.toml: TOML parse error at line 2, column 11"), "{error}");
}

#[test]
fn variables_override_the_file() {
    let file = [(FILE, "[server]\nseconds = 5\nhosts = ['a']\n")];
    let variables = [
        ("THROUGHLINE_SERVER__SECONDS", "7"),
        ("THROUGHLINE_SERVER__HOSTS", "b.example, c.example"),
        ("THROUGHLINE_SERVER__DOCUMENTS_ONLY", "false"),
        ("THROUGHLINE_TELEMETRY__READABLE", "P1D"),
        ("THROUGHLINE_ACCESS__PROXY__ROLES", "{\"anna@x.example\" = \"reader\"}"),
        ("THROUGHLINE_ACCESS__PROXY__HEADER", "x-user"),
        ("THROUGHLINE_ACCESS__PROXY__ADDRESSES", "127.0.0.1"),
        // Not a setting: only what has two underscores is.
        ("THROUGHLINE_DATA", "x"),
    ];
    let loaded = load(&file, &variables).expect("read");
    assert_eq!(loaded.settings.server.time_max.as_secs(), 7);
    assert_eq!(loaded.settings.server.hosts, ["b.example", "c.example"]);
    assert_eq!(loaded.settings.access.proxy.as_ref().map(|proxy| proxy.roles.len()), Some(1));
    assert_eq!(loaded.telemetry.readable_ns, 86_400_000_000_000);
    refused(
        &file,
        &[("THROUGHLINE_SERVER__SECONDS", "0")],
        "THROUGHLINE_SERVER__SECONDS: \"seconds\" under [server] must be 1 or more",
    );
    refused(
        &file,
        &[("THROUGHLINE_SERVER__SECONDS", "soon")],
        "THROUGHLINE_SERVER__SECONDS: \"soon\" is no value of server.seconds in TOML, such as 30",
    );
    refused(
        &file,
        &[("THROUGHLINE_SERVER__SECOND", "1")],
        "THROUGHLINE_SERVER__SECOND: this variable is no setting; did you mean THROUGHLINE_SERVER__SECONDS?",
    );
    let error = load(&file, &[("THROUGHLINE_SERVER__SECONDS", "-1")])
        .map(|loaded| loaded.settings)
        .expect_err("a type");
    assert!(error.starts_with("THROUGHLINE_SERVER__SECONDS: invalid value"), "{error}");
}

#[test]
fn each_value_has_its_origin() {
    let file = [(FILE, "[server]\n\nseconds = 5\nhosts = ['a']\n[[telemetry.retention]]\nkeep = 'P1D'\n")];
    let loaded = load(&file, &[("THROUGHLINE_SERVER__HOSTS", "['b']")]).expect("read");
    let check = |path: &str, value: Option<&str>, origin: &str| {
        let all = loaded.effective();
        let found = all.iter().find(|effective| effective.key.whole() == path).expect(path);
        let place = found.origin.to_string();
        let place = place.rsplit('/').next().unwrap_or_default();
        assert_eq!((found.value.as_ref().map(Value::to_string).as_deref(), place), (value, origin), "{path}");
    };
    check("server.seconds", Some("5"), "throughline.toml:3");
    check("server.hosts", Some("[\"b\"]"), "THROUGHLINE_SERVER__HOSTS");
    check("server.stopSeconds", Some("10"), "default");
    check("server.documents", None, "default");
    check("telemetry.retention", Some("[{ keep = \"P1D\" }]"), "throughline.toml:5");
}
