//! A request that nobody waits for any more holds its turn until its work has ended.

use crate::app::App;
use crate::graphql::live::Started;
use crate::graphql::query::Query;
use crate::graphql::service::{Manner, Service};
use crate::graphql::tests::caller;
use crate::graphql::turn::{Turn, Turns};
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use std::future::Future;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// More than any step takes; where it passes, the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A clock that can be stopped: who asks it for the time is heard, and waits until it goes on.
#[derive(Debug)]
struct StoppingClock {
    clock: FixedClock,
    stopped: Mutex<bool>,
    goes_on: Condvar,
    asked: Mutex<Sender<()>>,
}

impl Clock for StoppingClock {
    fn now(&self) -> Instant {
        self.asked.lock().expect("not poisoned").send(()).expect("it is heard");
        let stopped = self.stopped.lock().expect("not poisoned");
        drop(self.goes_on.wait_while(stopped, |stopped| *stopped).expect("not poisoned"));
        self.clock.now()
    }

    fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }
}

impl StoppingClock {
    fn stop(&self, stopped: bool) {
        *self.stopped.lock().expect("not poisoned") = stopped;
        self.goes_on.notify_all();
    }
}

struct Stopped {
    service: Arc<Service>,
    clock: Arc<StoppingClock>,
    asked: Receiver<()>,
    _folder: TempDir,
}

impl Stopped {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let (sender, asked) = channel();
        let clock = FixedClock::new("2026-01-01T00:00:00Z".parse().expect("an instant"));
        let (stopped, goes_on) = (Mutex::default(), Condvar::new());
        let clock = Arc::new(StoppingClock { clock, stopped, goes_on, asked: Mutex::new(sender) });
        let app = App::init(folder.path(), &[], "https://example.org/", Arc::clone(&clock) as _);
        let service = Arc::new(Service::new(Arc::new(app.expect("a thread"))).expect("a service"));
        Self { service, clock, asked, _folder: folder }
    }

    /// Gives work a turn, stops it in its midst, goes away, and expects the turn back only at its end.
    async fn abandon<F>(&self, work: impl FnOnce(Turn) -> F)
    where
        F: Future<Output: Send> + Send + 'static,
    {
        let turns = Turns::new(1, 1, 1);
        let turn = turns.take(caller(), PATIENCE).await.expect("a turn");
        self.clock.stop(true);
        self.asked.try_iter().for_each(drop);
        let task = tokio::spawn(work(turn));
        tokio::task::yield_now().await;
        self.asked.recv_timeout(PATIENCE).expect("it has started");
        task.abort();
        assert!(task.await.is_err(), "nobody waits for it");
        assert_eq!(turns.free(), (0, 1));
        self.clock.stop(false);
        drop(turns.take(caller(), PATIENCE).await.expect("the work ends"));
    }
}

fn query(text: &str) -> Query {
    Query { query: Some(text.to_owned()), ..Query::default() }
}

#[test]
fn work_keeps_its_turn_when_nobody_waits_for_it_any_more() {
    let stopped = Stopped::new();
    let service = || Arc::clone(&stopped.service);
    let local = || stopped.service.local();
    let manner = Manner::accepting(None, false).expect("a media type we have");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        stopped
            .abandon(|turn| {
                service().handle_query(local(), query("{ branches { nodes { name } } }"), manner, turn)
            })
            .await;
        stopped
            .abandon(|turn| service().begin(local(), query("{ branches { nodes { name } } }"), turn))
            .await;
        let started = service()
            .begin(local(), query("subscription { commits { id } }"), crate::graphql::tests::turn().await)
            .await;
        let Started::Subscribed(mut subscription) = started else { panic!("{started:?}") };
        stopped.abandon(|turn| async move { subscription.look(turn).await }).await;
    });
}
