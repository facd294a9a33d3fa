//! Runs that are stopped half way, and the thread that runs them.

use super::schedule::Schedule;
use crate::app::access::{NewToken, RANDOM_BYTES, Role, Tokens};
use crate::app::application::App;
use crate::exchange::rdf;
use crate::graph::{Author, arm_window};
use crate::model::statement::change::Change;
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::ontology::terms::tl;
use crate::telemetry::Precision;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

const BASE: &str = "https://plant.example/";
/// Names for the second process the folder in which to run the monitors, and the window in which to end.
const TARGET: &str = "THROUGHLINE_TEST_MONITORS";
const MONITOR: &str = "[[monitor]]\nname = 'pumps'\nitems = ['pump/A']\nwindow = 'P1D'\n";

fn open(folder: &Path) -> App {
    let clock = Arc::new(FixedClock::new("2024-01-02T12:00:00Z".parse().unwrap()));
    App::open(folder, clock).unwrap()
}

/// A thread with a monitor and a violation, which nothing has seen yet.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::new("2024-01-02T00:00:00Z".parse().unwrap()));
    let app = App::init(folder.path(), &[], BASE, clock).unwrap();
    let turtle = include_bytes!("../../../../tests/four_lines.ttl");
    let statements = rdf::read(turtle, rdf::Format::Turtle, BASE, "four_lines.ttl").unwrap();
    app.commit("main", statements.into_iter().map(Change::Add).collect()).unwrap();
    app.ingest_lines(
        b"pump,twin=P-1 temp=91 1704067200\npump,twin=P-1 temp=70 1704070800",
        Precision::Seconds,
    )
    .unwrap();
    std::fs::write(folder.path().join("monitors.toml"), MONITOR).unwrap();
    folder
}

fn count(app: &App) -> (usize, usize) {
    let main = app.snapshot("main").unwrap();
    let of = |class| main.instances(class).unwrap().len();
    (of(tl::FINDING_CLASS), of(tl::FIELD_EVIDENCE))
}

/// What the second process runs; in the first it does nothing.
#[test]
fn the_process_that_is_stopped() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let (folder, window) = target.split_once('|').expect("two words");
    let app = open(Path::new(folder));
    arm_window(window, 0);
    drop(app.run_monitors(None, &Author::default(), None));
    panic!("the window was not passed");
}

#[test]
fn a_run_that_dies_half_way_leaves_nothing_twice() {
    // After the pin and before the commit; and after the commit, which nobody was notified of.
    for (window, left) in [("commit written", (0, 0)), ("ref moved", (1, 1))] {
        let folder = folder();
        let ended = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "app::jobs::monitor::tests::the_process_that_is_stopped", "--test-threads=1"])
            .env(TARGET, format!("{}|{window}", folder.path().display()))
            .output()
            .unwrap();
        assert!(
            !ended.status.success() && !String::from_utf8_lossy(&ended.stdout).contains("panicked"),
            "{ended:?}"
        );
        let app = open(folder.path());
        assert_eq!(app.telemetry().pins().len(), 1, "{window}");
        assert_eq!(count(&app), left, "{window}");
        for _ in 0..2 {
            app.run_monitors(None, &Author::default(), None).unwrap();
            assert_eq!(count(&app), (1, 1), "{window}");
            assert_eq!(app.telemetry().pins().len(), 1, "{window}");
        }
    }
}

#[test]
fn the_service_runs_them_at_once() {
    let folder = folder();
    let app = Arc::new(open(folder.path()));
    drop(Schedule::start(Arc::clone(&app)).unwrap().expect("there is a monitor"));
    assert_eq!(count(&app), (1, 1));
    assert_eq!(app.monitor_runs().len(), 1);
    assert!(Arc::into_inner(app).is_some(), "nothing of the schedule holds the thread");
}

/// A stopped clock that notifies whenever it is read.
#[derive(Debug)]
struct Bell {
    clock: FixedClock,
    read: Sender<()>,
}

impl Clock for Bell {
    fn now(&self) -> Instant {
        // Fails only where nobody listens any more.
        let _ = self.read.send(());
        self.clock.now()
    }

    fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }
}

/// The clock is stopped a microsecond before the next run is due, so that each run is followed by another at once.
#[test]
fn what_the_service_runs_again_opens_no_second_finding() {
    let folder = folder();
    std::fs::write(folder.path().join("monitors.toml"), format!("every = 'PT1S'\n{MONITOR}")).unwrap();
    let (read, reads) = channel();
    let clock = FixedClock::new("2024-01-02T12:00:00.999999Z".parse().unwrap());
    let app = Arc::new(App::open(folder.path(), Arc::new(Bell { clock, read })).unwrap());
    let until = |is_so: &dyn Fn() -> bool| {
        while !is_so() {
            reads.recv_timeout(Duration::from_secs(60)).expect("the clock is read again");
        }
    };
    let token = NewToken {
        name: "ada".to_owned(),
        email: None,
        role: Role::Reader,
        twins: None,
        act_as: false,
        expires: None,
    };
    Tokens::of(folder.path()).create(&token, &[1; RANDOM_BYTES], Instant::from_seconds(0)).unwrap();
    let schedule = Schedule::start(Arc::clone(&app)).unwrap().expect("there is a monitor");
    until(&|| app.monitor_runs().len() >= 3);
    let entries = app.access().audit().entries(None, 10).unwrap();
    let logged: Vec<_> =
        entries.iter().map(|entry| (entry.event.operation.as_str(), entry.event.on.as_deref())).collect();
    assert_eq!(logged, [("runMonitors", Some("scheduled, on main"))], "the run that changed something");
    assert_eq!(count(&app), (1, 1));
    app.ingest_lines(b"pump,twin=P-1 temp=95 1704074400", Precision::Seconds).unwrap();
    until(&|| count(&app).1 == 2);
    let runs = app.monitor_runs().len();
    until(&|| app.monitor_runs().len() >= (runs + 2).min(100));
    drop(schedule);
    assert_eq!(count(&app), (1, 2), "what is worse is further evidence of the same finding");
}

#[test]
fn a_branch_that_is_absent_is_reported() {
    let folder = folder();
    std::fs::write(folder.path().join("monitors.toml"), format!("branch = 'field'\n{MONITOR}")).unwrap();
    let app = open(folder.path());
    let error = app.run_monitors(None, &Author::default(), None).unwrap_err();
    assert_eq!(error.to_string(), "no branch is called \"field\"");
    app.create_branch("field", "main").unwrap();
    app.run_monitors(None, &Author::default(), None).unwrap();
    assert_eq!(count(&app), (0, 0));
    assert_eq!(app.snapshot("field").unwrap().instances(tl::FINDING_CLASS).unwrap().len(), 1);
}
