//! Edge nodes of Sparkplug B, by `pysparkplug`.

use super::Broker;
use crate::program::is_there;
use crate::world::until;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

/// Edge nodes by `pysparkplug`, which the project did not write: each line of its input is a step, each line of its output an answer.
/// A value is of its own number of seconds after 2026-01-01T00:00:00Z, or of the second since 1970 after its `@`.
const NODES: &str = r#"
import queue, sys, threading, pysparkplug as psp
port, nodes, asked, answering = int(sys.argv[1]), {}, queue.Queue(), set()
printing = threading.Lock()
def answer(*words):
    # A line as a whole: each node has a thread of its own.
    with printing:
        print(*words, flush=True)
def metrics(text):
    value, _, at = text.partition("@")
    at = int(at) * 1000 if at else 1767225600000 + int(float(value) * 1000)
    return [psp.Metric(timestamp=at, name="temp", datatype=psp.DataType.DOUBLE, value=float(value), alias=7),
        psp.Metric(timestamp=1767225600000, name="note", datatype=psp.DataType.STRING, value="fine", alias=8)]
def command(node, message):
    if any(metric.name == "Node Control/Rebirth" and metric.value for metric in message.payload.metrics):
        if node.edge_node_id in answering:
            asked.put(node)
        answer("rebirth", node.edge_node_id)
def connect(node):
    node.connect("127.0.0.1", port=port, blocking=False)
def birth_again():
    while True:
        node = asked.get()
        node.disconnect()
        connect(node)
threading.Thread(target=birth_again, daemon=True).start()
for line in sys.stdin:
    step, node, device, value = line.split()
    if step == "birth":
        nodes[node] = psp.EdgeNode("plant", node, [], cmd_callback=command)
        if device != "-":
            nodes[node].register(psp.Device(device, metrics(value)))
        connect(nodes[node])
    elif step == "device":
        nodes[node].register(psp.Device(device, metrics(value)))
    elif step == "data":
        nodes[node].update_device(device, metrics(value)[:1])
    elif step == "leave":
        nodes[node].deregister(device)
    elif step == "death":
        nodes.pop(node).disconnect()
    elif step == "answer":
        answering.add(node)
    answer("done", step, node)
"#;

/// Nodes of Sparkplug B in a process of their own.
pub(crate) struct Nodes {
    process: Child,
    input: std::process::ChildStdin,
    printed: Arc<std::sync::Mutex<Vec<String>>>,
}

impl Nodes {
    pub(crate) fn start(broker: &Broker) -> Option<Self> {
        use std::io::BufRead as _;
        let python = std::env::var("THROUGHLINE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        if !is_there(&python, &["-c", "import pysparkplug"]) {
            return None;
        }
        let mut command = Command::new(python);
        command.args(["-c", NODES, &broker.port.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("Python");
        let (input, output) =
            (process.stdin.take().expect("its input"), process.stdout.take().expect("its output"));
        let printed = Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = Arc::clone(&printed);
        std::thread::spawn(move || {
            for line in std::io::BufReader::new(output).lines().map_while(Result::ok) {
                lines.lock().expect("lines").push(line);
            }
        });
        Some(Self { process, input, printed })
    }

    pub(crate) fn count(&self, line: &str) -> usize {
        self.printed.lock().expect("lines").iter().filter(|own| *own == line).count()
    }

    /// Has a node do something, and waits until it has.
    pub(crate) fn step(&mut self, step: &str) {
        use std::io::Write as _;
        let done = format!("done {}", step.split(' ').take(2).collect::<Vec<_>>().join(" "));
        let before = self.count(&done);
        writeln!(self.input, "{step}").expect("sent");
        until(|| self.count(&done) > before);
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
