//! Pulls of a small tracked resource set that is served over HTTP: whatever happens there, and however often what has changed is pulled, it
//! comes to what a pull of the whole set comes to.

use super::*;
use crate::exchange::rdf::oslc::vocabulary::{LDP, TRS};
use crate::exchange::rdf::{Format, Writer, read};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

/// The resources that there may be: documents, and fragments of one document.
const RESOURCES: [&str; 7] = ["r/0", "r/1", "r/2", "r/3", "d#a", "d#b", "d#a.x"];

/// A set, and the documents in it.
#[derive(Default)]
struct Site {
    /// What is stated of each resource: the end of a sentence of Turtle.
    resources: BTreeMap<&'static str, String>,
    /// The documents that are not answered for, though nothing has happened to them.
    hidden: BTreeSet<String>,
    /// The change log, the earliest first: order, resource, class.
    log: Vec<(u64, &'static str, &'static str)>,
    base: Vec<&'static str>,
    /// The order of the event up to which the base accounts for what has happened.
    cutoff: Option<u64>,
    next: u64,
    /// How many events a segment, and how many members a page has.
    page: usize,
    connections: usize,
    requests: usize,
}

impl Site {
    fn put(&mut self, resource: &'static str, content: String) {
        let is_new = self.resources.insert(resource, content).is_none();
        self.note(resource, if is_new { "Creation" } else { "Modification" });
    }

    fn delete(&mut self, resource: &'static str) {
        if self.resources.remove(resource).is_some() {
            self.note(resource, "Deletion");
        }
    }

    fn note(&mut self, resource: &'static str, class: &'static str) {
        self.next += 1;
        self.log.push((self.next, resource, class));
    }

    /// Answers no longer for a document, and notes that something has happened to what is in it.
    fn hide(&mut self, document: &'static str) {
        self.hidden.insert(document.to_owned());
        let there: Vec<&str> =
            self.resources.keys().copied().filter(|name| without_fragment(name) == document).collect();
        there.into_iter().for_each(|resource| self.note(resource, "Modification"));
    }

    /// Makes a new base of what there is now.
    fn rebase(&mut self) {
        self.base = self.resources.keys().copied().collect();
        self.cutoff = self.log.last().map(|(order, ..)| *order);
    }

    /// Cuts off the events before the cutoff event of the base.
    fn truncate(&mut self) {
        if let Some(cutoff) = self.cutoff {
            self.log.retain(|(order, ..)| *order >= cutoff);
        }
    }

    /// Answers a request; `None` where there is nothing.
    fn answer(&mut self, root: &str, path: &str) -> Option<String> {
        self.requests += 1;
        match path.split_once('/').map(|(kind, rest)| (kind, rest.parse::<usize>())) {
            _ if path == "trs" => Some(format!(
                "<{root}trs> <{TRS}base> <{root}base/0> ; <{TRS}changeLog> <{root}trs#log> .\n{}",
                self.segment(root, "trs#log", self.log.len())
            )),
            Some(("log", Ok(end))) if end <= self.log.len() => Some(self.segment(root, path, end)),
            Some(("base", Ok(page))) => Some(self.base_page(root, page)),
            _ => self.document(root, path),
        }
    }

    /// Returns the segment of the log that ends before a place.
    fn segment(&self, root: &str, name: &str, end: usize) -> String {
        let begin = end.saturating_sub(self.page);
        let mut text = String::new();
        for (order, resource, class) in &self.log[begin..end] {
            let _ = writeln!(
                text,
                "<{root}{name}> <{TRS}change> <urn:e:{order}> . <urn:e:{order}> a <{TRS}{class}> ; <{TRS}changed> <{root}{resource}> ; <{TRS}order> {order} ."
            );
        }
        if begin > 0 {
            let _ = writeln!(text, "<{root}{name}> <{TRS}previous> <{root}log/{begin}> .");
        }
        text
    }

    fn base_page(&self, root: &str, page: usize) -> String {
        let cutoff = match self.cutoff {
            Some(order) => format!("urn:e:{order}"),
            None => "http://www.w3.org/1999/02/22-rdf-syntax-ns#nil".to_owned(),
        };
        let mut text = format!("<{root}base/0> <{TRS}cutoffEvent> <{cutoff}> .\n");
        let pages: Vec<_> = self.base.chunks(self.page).collect();
        for member in pages.get(page).into_iter().copied().flatten() {
            let _ = writeln!(text, "<{root}base/0> <{LDP}member> <{root}{member}> .");
        }
        if page + 1 < pages.len() {
            let _ = writeln!(text, "<{root}base/{page}> <{LDP}nextPage> <{root}base/{}> .", page + 1);
        }
        text
    }

    fn document(&self, root: &str, path: &str) -> Option<String> {
        let there = self.resources.iter().filter(|(name, _)| without_fragment(name) == path);
        let text: String = there.map(|(name, content)| format!("<{root}{name}> {content} .\n")).collect();
        let is_there = !text.is_empty() && !self.hidden.contains(path);
        is_there.then_some(text)
    }
}

/// A site that is served until it is dropped.
struct Served {
    site: Arc<Mutex<Site>>,
    is_over: Arc<AtomicBool>,
    address: SocketAddr,
}

impl Served {
    fn new(page: usize) -> Self {
        let site = Arc::new(Mutex::new(Site { page, ..Site::default() }));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let is_over = Arc::new(AtomicBool::new(false));
        let (served, ended) = (Arc::clone(&site), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::Relaxed) {
                    break;
                }
                let site = Arc::clone(&served);
                site.lock().unwrap_or_else(PoisonError::into_inner).connections += 1;
                std::thread::spawn(move || serve(&site, &stream, &format!("http://{address}/")));
            }
        });
        Self { site, is_over, address }
    }

    fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self) -> PullRequest {
        PullRequest {
            url: format!("http://{}/trs", self.address),
            allow: vec!["127.0.0.0/8".to_owned()],
            within: Duration::from_secs(60),
            ..PullRequest::default()
        }
    }

    fn pull(&self, previous: &[Statement], ontology: &Ontology) -> Pulled {
        pull(&self.request(), previous, ontology).expect("a pull")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
    }
}

/// Answers the requests of a connection.
fn serve(site: &Mutex<Site>, stream: &TcpStream, root: &str) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        lines.by_ref().take_while(|line| !line.is_empty()).for_each(drop);
        let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
        let answer = site.lock().unwrap_or_else(PoisonError::into_inner).answer(root, &path);
        let (status, body) = answer.map_or(("404 Not Found", String::new()), |body| ("200 OK", body));
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/turtle\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = stream;
        if stream.write_all((head + &body).as_bytes()).is_err() {
            break;
        }
    }
}

/// Returns the statements as the branch of the source has them after an import.
fn imported(pulled: &Pulled, ontology: &Ontology) -> Vec<Statement> {
    let mut bytes = Vec::new();
    let mut writer = Writer::new(Format::NTriples, &[], None, &mut bytes).expect("a writer");
    pulled.statements.iter().for_each(|statement| writer.write(statement).expect("a line"));
    writer.finish().expect("the end");
    let read = read(&bytes, Format::NTriples, "urn:x", "pulled").expect("N-Triples");
    let mut admitted = ontology.admit(read.clone()).expect("statements that are kept as they are");
    assert_eq!(admitted, read);
    admitted.sort_unstable();
    admitted
}

/// What happens at a site, or here.
#[derive(Clone, Debug)]
enum Step {
    Put(usize, Content),
    Delete(usize),
    Hide(usize),
    Show(usize),
    Rebase,
    Truncate,
    Pull,
    /// The ontology of the branch that takes the content is another one from now on.
    Ontology(bool),
}

/// What a resource states: its types, with an identifier or without, links, and a text.
#[derive(Clone, Debug)]
struct Content {
    class: usize,
    is_identified: bool,
    links: Vec<(usize, usize)>,
    text: u8,
}

const CLASSES: [&str; 5] = [
    "a <http://open-services.net/ns/rm#Requirement>",
    "a <https://w3id.org/throughline#Requirement> , <http://open-services.net/ns/rm#Requirement>",
    "a <http://open-services.net/ns/qm#TestCase>",
    "a <https://my.example/Hazard>",
    "a <https://w3id.org/throughline#Finding>",
];

const LINKS: [&str; 6] = [
    "<http://open-services.net/ns/rm#decomposes>",
    "<http://open-services.net/ns/rm#validatedBy>",
    "<http://open-services.net/ns/qm#validatesRequirement>",
    "<https://w3id.org/throughline#derivedFrom>",
    "<https://my.example/averts>",
    "<http://purl.org/dc/terms/relation>",
];

const OWN: &str = r#"@prefix tl: <https://w3id.org/throughline#> . @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix my: <https://my.example/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    my:Hazard a owl:Class ; rdfs:label "Hazard" ; rdfs:comment "A hazard." .
    my:averts a owl:ObjectProperty ; rdfs:label "averts" ; rdfs:comment "The hazard." .
    my:severity a owl:DatatypeProperty ; rdfs:label "severity" ; rdfs:comment "How bad it is." .
    my:HazardShape a sh:NodeShape ; sh:targetClass my:Hazard ;
        sh:property [ sh:path my:severity ; sh:datatype xsd:string ; sh:maxCount 1 ] , [ sh:path my:averts ; sh:class my:Hazard ] ."#;

/// The ontology that ships, and one with classes of the user's own.
static ONTOLOGIES: LazyLock<[Ontology; 2]> = LazyLock::new(|| {
    let shipped = Ontology::shipped_files().iter().map(|(name, text)| (*name, *text));
    let own = Ontology::read(shipped.chain([("own.ttl", OWN)])).expect("an ontology");
    [Ontology::shipped().expect("the ontology"), own]
});

impl Content {
    fn text(&self, root: &str) -> String {
        let mut text = CLASSES[self.class].to_owned();
        if self.is_identified {
            let _ = write!(text, " ; <http://purl.org/dc/terms/identifier> \"{}\"@en", self.text);
        }
        for (link, target) in &self.links {
            let target = RESOURCES.get(*target).copied().unwrap_or("elsewhere");
            let _ = write!(text, " ; {} <{root}{target}>", LINKS[*link]);
        }
        let _ = write!(
            text,
            " ; <https://my.example/severity> {} ; <https://my.example/at> [ <https://my.example/is> {:02} ]",
            self.text, self.text
        );
        text
    }
}

fn content() -> impl Strategy<Value = Content> {
    let links = prop::collection::vec((0..LINKS.len(), 0..=RESOURCES.len()), 0..4);
    (0..CLASSES.len(), prop::bool::weighted(0.8), links, 0..20u8)
        .prop_map(|(class, is_identified, links, text)| Content { class, is_identified, links, text })
}

fn step() -> impl Strategy<Value = Step> {
    let one = 0..RESOURCES.len();
    prop_oneof![
        6 => (one.clone(), content()).prop_map(|(resource, content)| Step::Put(resource, content)),
        3 => one.clone().prop_map(Step::Delete),
        1 => one.clone().prop_map(Step::Hide),
        1 => one.prop_map(Step::Show),
        1 => Just(Step::Rebase),
        1 => Just(Step::Truncate),
        4 => Just(Step::Pull),
        1 => any::<bool>().prop_map(Step::Ontology),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_pull_of_what_has_changed_comes_to_what_a_whole_one_comes_to(
        steps in prop::collection::vec(step(), 1..40),
        page in 1..4usize,
    ) {
        let [shipped, own] = &*ONTOLOGIES;
        let served = Served::new(page);
        let root = format!("http://{}/", served.address);
        let (mut kept, mut ontology, mut is_first) = (Vec::new(), own, true);
        for step in steps.into_iter().chain([Step::Pull]) {
            let mut site = served.site();
            match step {
                Step::Put(resource, content) => site.put(RESOURCES[resource], content.text(&root)),
                Step::Delete(resource) => site.delete(RESOURCES[resource]),
                Step::Hide(resource) => site.hide(without_fragment(RESOURCES[resource])),
                Step::Show(resource) => drop(site.hidden.remove(without_fragment(RESOURCES[resource]))),
                Step::Rebase => site.rebase(),
                Step::Truncate => site.truncate(),
                Step::Ontology(is_own) => ontology = if is_own { own } else { shipped },
                Step::Pull => {
                    let has_happened = site.next > 0;
                    drop(site);
                    let (changed, whole) = (served.pull(&kept, ontology), served.pull(&[], ontology));
                    prop_assert!(whole.is_whole);
                    kept = imported(&changed, ontology);
                    prop_assert_eq!(&kept, &imported(&whole, ontology));
                    let unnamed = changed.gaps.iter().find(|gap| !whole.gaps.contains(gap));
                    prop_assert_eq!(unnamed, None);
                    // Until something has happened there is no event to go on from.
                    prop_assert!(changed.is_whole || !is_first);
                    is_first &= !has_happened;
                }
            }
        }
    }
}

/// Serves three requirements of which each decomposes the next.
fn three() -> Served {
    let served = Served::new(2);
    let root = format!("http://{}/", served.address);
    for (place, resource) in RESOURCES[..3].iter().enumerate() {
        let links = vec![(0, (place + 1) % 3)];
        served.site().put(resource, Content { class: 0, is_identified: true, links, text: 1 }.text(&root));
    }
    served
}

#[test]
fn what_has_changed_alone_is_fetched_over_one_connection() {
    let ontology = Ontology::shipped().expect("the ontology");
    let served = three();
    let first = served.pull(&[], &ontology);
    assert_eq!((first.is_whole, first.fetched, first.removed, first.gaps.len()), (true, 3, 0, 0));
    let kept = imported(&first, &ontology);
    served.site().delete(RESOURCES[1]);
    served.site().requests = 0;
    let second = served.pull(&kept, &ontology);
    assert_eq!((second.is_whole, second.fetched, second.removed), (false, 0, 1));
    assert_eq!(served.site().requests, 1, "the set itself has the event");
    assert_eq!(served.site().connections, 2, "one for each pull");
    // A truncated log makes it whole again, and says so.
    let kept = imported(&second, &ontology);
    served.site().delete(RESOURCES[2]);
    served.site().rebase();
    served.site().truncate();
    let third = served.pull(&kept, &ontology);
    assert_eq!((third.is_whole, third.fetched, third.removed), (true, 1, 1));
}

#[test]
fn a_pull_reads_so_much_and_no_more() {
    let ontology = Ontology::shipped().expect("the ontology");
    let served = three();
    let check = |bounds: Bounds, part: &str| {
        let error = pull_within(&served.request(), &[], &ontology, bounds).expect_err(part).to_string();
        assert!(error.contains(part), "{error}");
    };
    check(Bounds { pages: 3, ..Bounds::MAX }, "more than 3 pages and segments");
    check(Bounds { events: 2, ..Bounds::MAX }, "more than 2 events");
    check(Bounds { resources: 2, ..Bounds::MAX }, "more than 2 resources");
    check(Bounds { bytes: 1_000, ..Bounds::MAX }, "more than 1000 bytes");
    served.site().rebase();
    check(Bounds { resources: 2, ..Bounds::MAX }, "more than 2 resources");
    let request = PullRequest { within: Duration::ZERO, ..served.request() };
    let error = pull(&request, &[], &ontology).expect_err("no time").to_string();
    assert!(error.contains("has taken 0 s: allow it more with --within"), "{error}");
}
