//! The client, against a broker that answers byte by byte.

use super::client::Client;
use super::intake::Intake;
use super::options::{BatchLimits, Endpoint, Subscription, Version};
use super::packet::Message;
use super::status::{SharedHomes, Status};
use super::units_file;
use super::writer::Store;
use crate::exchange::samples::mqtt::pattern::{Pattern, Template};
use crate::exchange::samples::mqtt::route::{Payload, Route, TwinName};
use crate::model::time::clock::{Clock, FixedClock};
use crate::model::time::instant::Instant;
use crate::telemetry;
use bytes::Bytes;
use std::io;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::sync::watch;

fn subscription(port: u16) -> Subscription {
    let pattern = Pattern::parse("{twin}/{field}").expect("a pattern");
    let names: Vec<&str> = pattern.names().collect();
    let template = |text: &str| Template::parse(text, &names).expect("a template");
    let route = Route {
        payload: Payload::Plain,
        twin: TwinName::Topic(template("{twin}")),
        measurement: template("mqtt"),
        field: Some(template("{field}")),
        tags: Vec::new(),
        each: None,
        time: None,
        pattern,
    };
    let endpoint = Endpoint {
        host: "127.0.0.1".to_owned(),
        port,
        is_tls: false,
        ca: None,
        identity: None,
        version: Version::V3,
        client: "test".to_owned(),
        login: None,
        session: Duration::from_secs(60),
        keep_alive: Duration::from_secs(60),
        unacknowledged_max: 10,
        message_bytes_max: 1_000,
    };
    let limits = BatchLimits { samples_max: 2, bytes_max: 10_000, every: Duration::ZERO };
    Subscription { name: "test".to_owned(), endpoint, routes: vec![route], twins: None, limits }
}

/// Takes a packet from a client, all of whose packets are short.
fn taken(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).expect("a head");
    let mut packet = vec![0; head[1].into()];
    stream.read_exact(&mut packet).expect("a packet");
    [&head[..], &packet].concat()
}

/// Accepts a client and what it subscribes to.
fn accepted(listener: &TcpListener, has_session: bool) -> TcpStream {
    let (mut stream, _) = listener.accept().expect("a client");
    assert_eq!(taken(&mut stream)[0], 0x10);
    stream.write_all(&[0x20, 2, u8::from(has_session), 0]).expect("sent");
    assert_eq!(taken(&mut stream)[0], 0x82);
    stream.write_all(&[0x90, 3, 0, 1, 1]).expect("sent");
    stream
}

/// Sends messages of one sample each, in one write, so that a client reads them together.
fn send(stream: &mut TcpStream, numbers: std::ops::Range<u8>) {
    let message = |number: u8| [0x32, 9, 0, 4, b'P', b'/', b't', b'0' + number, 0, number, b'7'];
    stream.write_all(&numbers.flat_map(message).collect::<Vec<u8>>()).expect("sent");
}

/// While nothing can be stored nothing is acknowledged; once it can, everything is, in order. What was acknowledged on an earlier
/// connection is not acknowledged on the next one, whose numbers mean other messages.
#[test]
fn nothing_is_acknowledged_before_it_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)));
    let telemetry = Arc::new(telemetry::Store::open(folder.path(), Arc::clone(&clock)).expect("a store"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let subscription = Arc::new(subscription(listener.local_addr().expect("an address").port()));
    let status = Arc::new(Status::new(("test", String::new()), "units".into(), Vec::new(), Arc::default()));
    let (attempts, full, kept) =
        (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(1)), Arc::clone(&telemetry));
    let (attempts_of, full_of) = (Arc::clone(&attempts), Arc::clone(&full));
    let store: Store = Arc::new(move |batch, _| {
        attempts_of.fetch_add(1, Ordering::SeqCst);
        match full_of.load(Ordering::SeqCst) {
            0 => kept.write(batch).map_err(|error| error.to_string()),
            _ => Err("the disk is full".to_owned()),
        }
    });
    let (status_of, clock_of) = (Arc::clone(&status), Arc::clone(&clock));
    let intake = Intake::new(Arc::clone(&subscription), clock_of, status_of, 100);
    let client = Client::new(subscription, intake, (Arc::clone(&status), clock), store);
    let (stop, stopped) = watch::channel(false);
    let client = std::thread::spawn(move || client.run(stopped));

    let mut stream = accepted(&listener, false);
    send(&mut stream, 1..4);
    while attempts.load(Ordering::SeqCst) < 2 {
        std::thread::yield_now();
    }
    assert_eq!(status.read().error.as_deref(), Some("messages are not stored: the disk is full"));
    stream.set_nonblocking(true).expect("set");
    let unacknowledged = stream.read(&mut [0; 1]).expect_err("nothing is acknowledged");
    assert_eq!(unacknowledged.kind(), io::ErrorKind::WouldBlock);
    drop(stream);

    // The broker sends the first ones again, and others under numbers that were used before.
    let mut stream = accepted(&listener, false);
    full.store(0, Ordering::SeqCst);
    send(&mut stream, 3..6);
    let acknowledged: Vec<Vec<u8>> = (0..3).map(|_| taken(&mut stream)).collect();
    assert_eq!(acknowledged, [[0x40, 2, 0, 3], [0x40, 2, 0, 4], [0x40, 2, 0, 5]]);
    stop.send_replace(true);
    assert_eq!(taken(&mut stream), [0xe0, 0], "it leaves");
    client.join().expect("no panic").expect("it ends");
    let status = status.read();
    assert_eq!((status.samples, status.unacknowledged, status.error), (6, 0, None));
    assert_eq!((status.connections, status.lost_sessions), (2, 1), "the first one has nothing to lose");
}

/// A message of Sparkplug B with one metric.
fn sparkplug(topic: &str, sequence: u8, metric: &[u8]) -> Message {
    let length = u8::try_from(metric.len()).expect("short");
    let payload = [&[0x08, 7, 0x12, length], metric, &[0x18, sequence]].concat();
    let (topic, number) = (Bytes::copy_from_slice(topic.as_bytes()), Some(1));
    Message { topic, payload: payload.into(), number, is_retained: false, is_repeated: false }
}

/// The births of a node and of the device P-1 under it.
fn births(node: &str) -> [Message; 2] {
    let number = [&[0x0a, 5][..], b"bdSeq", &[0x20, 8, 0x58, 0]].concat();
    let value = [&[0x0a, 1, b't', 0x20, 10, 0x69][..], &1.0_f64.to_le_bytes()].concat();
    [
        sparkplug(&format!("spBv1.0/g/NBIRTH/{node}"), 0, &number),
        sparkplug(&format!("spBv1.0/g/DBIRTH/{node}/P-1"), 1, &value),
    ]
}

/// Else a process that ends before they are stored would find the birth, when it comes again, to be nothing new.
#[test]
fn births_are_kept_after_the_samples_that_came_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::new(Instant::from_seconds(1_767_225_600)));
    let mut subscription = subscription(1);
    let template = |text: &str| Template::parse(text, &["group", "node", "device"]).expect("a template");
    let route = &mut subscription.routes[0];
    route.pattern = Pattern::parse("spBv1.0/#").expect("a pattern");
    (route.payload, route.field) = (Payload::Sparkplug, None);
    (route.twin, route.measurement) = (TwinName::Topic(template("{device}")), template("sparkplug"));
    let subscription = Arc::new(subscription);
    let homes = Arc::new(SharedHomes::default());
    let open = |name: &str, homes: &Arc<SharedHomes>| {
        let path = folder.path().join(name);
        let units = units_file::read(&path).expect("a file").units;
        let status = Arc::new(Status::new((name, String::new()), path, units, Arc::clone(homes)));
        let (subscription, clock) = (Arc::clone(&subscription), Arc::clone(&clock));
        (Arc::clone(&status), Intake::new(subscription, clock, status, 100))
    };
    let kept = |name: &str| {
        let homes = units_file::read(&folder.path().join(name)).expect("a file").homes;
        homes.iter().map(|(twin, home)| format!("{twin} under {}", home.node)).collect::<Vec<_>>()
    };
    let is_filed = |status: &Status, intake: &mut Intake| {
        let (pending, mut is_filed) = (intake.hand_out(1), false);
        status.keep(&pending.reports, || is_filed = true).expect("kept");
        (pending.batch.len(), is_filed)
    };
    let (status, mut intake) = open("site", &homes);
    births("a").iter().for_each(|message| intake.take(message));
    assert_eq!((is_filed(&status, &mut intake), kept("site")), ((1, true), vec!["P-1 under g/a".to_owned()]));
    births("b").iter().for_each(|message| intake.take(message));
    // What has come is not stored yet while another broker, or the batch before, is kept.
    let (other, mut others) = open("other", &homes);
    births("c").iter().take(1).for_each(|message| others.take(message));
    is_filed(&other, &mut others);
    assert_eq!(kept("other"), ["P-1 under g/a"]);
    assert_eq!(status.units().len(), 2);
    // The process ends, and the broker sends what it has no acknowledgement for.
    let homes = Arc::new(SharedHomes::default());
    homes.set(units_file::read(&folder.path().join("site")).expect("a file").homes);
    let (status, mut intake) = open("site", &homes);
    births("b").iter().for_each(|message| intake.take(message));
    assert_eq!((is_filed(&status, &mut intake), kept("site")), ((1, true), vec!["P-1 under g/b".to_owned()]));
    births("b").iter().for_each(|message| intake.take(message));
    assert_eq!(is_filed(&status, &mut intake), (1, false), "it is there already");
}
