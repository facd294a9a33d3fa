//! Messages of MQTT into durable samples: published, passed on by mosquitto, and stored, all on this machine.

use crate::app::access::Principal;
use crate::app::{App, BrokerStatus, LinkState, Subscriber};
use crate::cli::bench::report::Report;
use crate::model::time::clock::SystemClock;
use std::error::Error;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// So many messages are published.
const MESSAGES: u64 = 1_000_000;
/// Of so many topics, each a series.
const TOPICS: u64 = 1_000;
/// So many messages may be published before they are acknowledged.
const UNDER_WAY: u64 = 40_000;
/// The fewest messages a second, in thousands.
const RATE_MIN: f64 = 100.0;
/// No wait for the broker or the service is longer.
const PATIENCE: Duration = Duration::from_secs(300);

/// Prints the figures, each with its bar.
pub(in crate::cli::bench) fn run(folder: &Path, report: &mut Report) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let Some(broker) = Broker::start(folder)? else {
        report.skip("MQTT: there is no mosquitto on this machine");
        return Ok(());
    };
    let thread = folder.join("thread");
    drop(App::init(&thread, &[], "https://plant.example/", Arc::new(SystemClock::default()))?);
    let settings = format!(
        "[[mqtt.broker]]\nname = \"plant\"\nurl = \"mqtt://127.0.0.1:{}\"\nemail = \"plant@plant.example\"\n[[mqtt.broker.topic]]\npattern = \"plant/{{twin}}/{{field}}\"\n",
        broker.port
    );
    fs::write(thread.join("throughline.toml"), settings)?;
    let app = Arc::new(App::open(&thread, Arc::new(SystemClock::default()))?);
    report.text(&format!(
        "mqtt: {MESSAGES} messages of {TOPICS} topics, QoS 1, mosquitto and publisher on this machine"
    ));
    let rate = |begun: Instant| MESSAGES as f64 / begun.elapsed().as_secs_f64() / 1e3;

    let subscriber = Subscriber::start(&app)?;
    wait(&app, |status| status.state == LinkState::Connected)?;
    let begun = Instant::now();
    publish(broker.port)?;
    wait(&app, |status| status.samples >= MESSAGES && status.unacknowledged == 0)?;
    report.at_least("messages from publisher to disk", rate(begun), RATE_MIN, "k/s");
    drop(subscriber);

    let begun = Instant::now();
    publish(broker.port)?;
    report.line("  the broker alone: messages published while nobody is there", rate(begun), "k/s");
    let begun = Instant::now();
    let _subscriber = Subscriber::start(&app)?;
    wait(&app, |status| status.samples >= 2 * MESSAGES && status.unacknowledged == 0)?;
    report.at_least("messages that waited at the broker to disk", rate(begun), RATE_MIN, "k/s");
    Ok(())
}

fn wait(app: &Arc<App>, is_so: impl Fn(&BrokerStatus) -> bool) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + PATIENCE;
    loop {
        let statuses = app.session(Principal::local()).brokers()?;
        let Some(status) = statuses.first() else { return Err("there is no broker".into()) };
        if is_so(status) {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(format!("the broker did not come to it: {status:?}").into());
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// A broker in a process of its own; it ends with this.
struct Broker {
    child: Child,
    port: u16,
}

impl Broker {
    fn start(folder: &Path) -> Result<Option<Self>, Box<dyn Error>> {
        let free = TcpListener::bind("127.0.0.1:0")?;
        let port = free.local_addr()?.port();
        drop(free);
        let path = folder.join("mosquitto.conf");
        fs::write(
            &path,
            format!(
                "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nlog_dest none\n"
            ),
        )?;
        let mut command = Command::new("mosquitto");
        command.arg("-c").arg(&path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = match command.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let broker = Self { child, port };
        let end = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > end {
                return Err("mosquitto does not listen".into());
            }
            thread::sleep(Duration::from_millis(10));
        }
        Ok(Some(broker))
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Publishes all messages, and waits until the broker has acknowledged them. The packets are written by hand, so that the publisher takes as
/// little of the machine as may be.
fn publish(port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"\x10\x11\0\x04MQTT\x04\x02\0\x3c\0\x05bench")?;
    stream.read_exact(&mut [0; 4])?;
    let (acknowledged, mut answers) = (Arc::new(AtomicU64::new(0)), stream.try_clone()?);
    let counted = Arc::clone(&acknowledged);
    let reader = thread::spawn(move || -> io::Result<()> {
        let (mut bytes, mut piece) = (0_u64, vec![0; 1 << 16]);
        while bytes / 4 < MESSAGES {
            match answers.read(&mut piece)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => bytes += read as u64,
            }
            counted.store(bytes / 4, Ordering::Release);
        }
        Ok(())
    });
    let (mut packets, mut sent) = (Vec::new(), 0);
    while sent < MESSAGES {
        if sent - acknowledged.load(Ordering::Acquire) + TOPICS > UNDER_WAY {
            if reader.is_finished() {
                break;
            }
            thread::sleep(Duration::from_micros(200));
            continue;
        }
        packets.clear();
        for topic in 0..TOPICS {
            write_packet(&mut packets, topic, sent + topic);
        }
        stream.write_all(&packets)?;
        sent += TOPICS;
    }
    reader.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
    stream.write_all(b"\xe0\0")
}

fn write_packet(packets: &mut Vec<u8>, topic: u64, number: u64) {
    let name = format!("plant/P-{}/f{}", topic / 10, topic % 10);
    let payload = format!("{}.5", number % 1000);
    let length = 2 + name.len() + 2 + payload.len();
    // Both are short, so that one byte has the length.
    packets.extend([0x32, length as u8, 0, name.len() as u8]);
    packets.extend(name.as_bytes());
    packets.extend(((number % 60_000) as u16 + 1).to_be_bytes());
    packets.extend(payload.as_bytes());
}
