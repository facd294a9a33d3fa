//! Gives every blank node a name that the next import of the same content gives again.
//!
//! - A node that one resource leads to becomes its fragment, named by the path: `<REQ-12>` `tl:constraint` `[…]`
//!   is `<REQ-12#constraint>`, a `tl:condition` `[…]` in it `<REQ-12#constraint.condition>`. A step is the
//!   predicate's local name. Where a node is reached over several paths within one resource, the least names it.
//! - Several values of one property get a suffix from their content: `#usage-1f0c9a44`, and `-2`, `-3` where the
//!   content is the same; never from their order.
//! - A fragment that the store knows at this place keeps its name for the node that has the same statements or resembles
//!   it most ([`super::matching`]); so does the only one left.
//! - A node without an owner, or shared by several resources, is a resource of its own, named
//!   `unnamed/<digest>` beside the base: after its content, since nothing else is known of it.
//! - Nodes that refer to each other in a circle have no such name and are refused.
//!
//! Names that the file itself uses are never given to a blank node. A name is a path, so that nodes which nest without end would take memory
//! that grows with the square of their depth: what is too long is refused.

use super::Known;
use super::content::{self, lines_of_fragment, lines_of_node};
use super::matching::{self, Side};
use super::nodes::{Nodes, Parsed};
use crate::model::statement::{Statement, without_fragment};
use oxigraph::model::{BlankNode, NamedNode, NamedOrBlankNode, Term};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Hex digits of a digest in the suffix of a fragment, and in the name of a resource.
const SUFFIX_DIGITS: usize = 8;
const UNNAMED_DIGITS: usize = 16;

/// How many bytes the path to a node may have: a list of 400 items has one of 2,000.
const PATH_MAX: usize = 2_048;
/// How many bytes the names of all nodes may take, and how many more for each node.
const BYTES_MAX: usize = 64 << 20;
const BYTES_A_NODE: usize = 256;

/// Why nodes get no names.
pub(super) enum Unnamed {
    /// The node of this label is in a circle.
    InCircle(String),
    /// The name of a node below this resource would be too long.
    TooLong(String),
}

/// Names all blank nodes.
pub(super) fn name(parsed: Vec<Parsed>, base: &str, known: Known<'_>) -> Result<Vec<Statement>, Unnamed> {
    let nodes = Nodes::read(&parsed);
    let levels = nodes.levels().map_err(Unnamed::InCircle)?;
    let order: Vec<usize> = levels.iter().flatten().copied().collect();
    let mut naming = Naming {
        digests: content::digests(&nodes, &order),
        nodes: &nodes,
        names: vec![None; nodes.len()],
        taken: if nodes.is_empty() { HashSet::new() } else { names_in(&parsed) },
        given: HashSet::new(),
        numbers: HashMap::new(),
        bytes_left: BYTES_MAX + BYTES_A_NODE * nodes.len(),
        known,
        base,
    };
    for level in &levels {
        naming.name_level(level).map_err(Unnamed::TooLong)?;
    }
    let names = naming.names;
    Ok(parsed.into_iter().map(|statement| rename(statement, &nodes, &names)).collect())
}

fn rename((subject, predicate, object): Parsed, nodes: &Nodes, names: &[Option<NamedNode>]) -> Statement {
    let named = |node: &BlankNode| {
        let number = nodes.numbers[node];
        names[number].clone().expect("every level was named")
    };
    let subject = match subject {
        NamedOrBlankNode::NamedNode(subject) => subject,
        NamedOrBlankNode::BlankNode(subject) => named(&subject),
    };
    let object = match object {
        Term::BlankNode(object) => Term::NamedNode(named(&object)),
        object => object,
    };
    Statement { subject, predicate, object }
}

/// Every IRI that the file uses as a subject or an object.
fn names_in(parsed: &[Parsed]) -> HashSet<String> {
    let mut names = HashSet::new();
    for (subject, _, object) in parsed {
        if let NamedOrBlankNode::NamedNode(subject) = subject {
            names.insert(subject.as_str().to_owned());
        }
        if let Term::NamedNode(object) = object {
            names.insert(object.as_str().to_owned());
        }
    }
    names
}

/// The place of a node: which subject leads to it by which predicate.
type Place = (NamedNode, NamedNode);

struct Naming<'a> {
    nodes: &'a Nodes,
    digests: Vec<String>,
    names: Vec<Option<NamedNode>>,
    /// The prefixes of the file itself.
    taken: HashSet<String>,
    given: HashSet<String>,
    /// The last number that was added to a name which several nodes would have.
    numbers: HashMap<String, usize>,
    /// How many bytes names may still take.
    bytes_left: usize,
    known: Known<'a>,
    base: &'a str,
}

impl Naming<'_> {
    /// Names the nodes of a level; the error is the resource below which a name would be too long.
    fn name_level(&mut self, level: &[usize]) -> Result<(), String> {
        let mut places: BTreeMap<(String, String), (Place, Vec<usize>)> = BTreeMap::new();
        let mut unowned = Vec::new();
        for &node in level {
            match self.place(node) {
                Some(place) => {
                    let key = (place.0.as_str().to_owned(), place.1.as_str().to_owned());
                    places.entry(key).or_insert_with(|| (place, Vec::new())).1.push(node);
                }
                None => unowned.push(node),
            }
        }
        for (place, nodes) in places.into_values() {
            self.name_place(&place, nodes)?;
        }
        self.name_unowned(unowned)
    }

    /// Returns the least place of a node that one resource alone leads to.
    fn place(&self, node: usize) -> Option<Place> {
        let places = self.named_referrers(node);
        let owner = without_fragment(places.first()?.0.as_str()).to_owned();
        let owned = places.iter().all(|(subject, _)| without_fragment(subject.as_str()) == owner);
        owned.then(|| places[0].clone())
    }

    fn named_referrers(&self, node: usize) -> Vec<Place> {
        let mut places: Vec<Place> = self
            .nodes
            .referrers(node)
            .iter()
            .map(|(subject, predicate)| {
                let subject = match subject {
                    NamedOrBlankNode::NamedNode(subject) => subject.clone(),
                    NamedOrBlankNode::BlankNode(subject) => {
                        self.names[self.nodes.numbers[subject]].clone().expect("an upper level was named")
                    }
                };
                (subject, predicate.clone())
            })
            .collect();
        places.sort_by(|a, b| (a.0.as_str(), a.1.as_str()).cmp(&(b.0.as_str(), b.1.as_str())));
        places
    }

    fn name_place(&mut self, place: &Place, mut nodes: Vec<usize>) -> Result<(), String> {
        nodes.sort_by(|a, b| self.digests[*a].cmp(&self.digests[*b]));
        let kept = self.kept(place, &nodes);
        for (index, name) in &kept {
            self.give(nodes[*index], name.clone())?;
        }
        let single = nodes.len() == 1;
        for (index, &node) in nodes.iter().enumerate() {
            if !kept.contains_key(&index) {
                let name = self.fresh(place, node, single);
                self.give(node, name)?;
            }
        }
        Ok(())
    }

    /// Pairs nodes with the fragments that the store has at this place.
    fn kept(&self, place: &Place, nodes: &[usize]) -> BTreeMap<usize, NamedNode> {
        let fragments = self.fragments(place);
        if fragments.is_empty() {
            return BTreeMap::new();
        }
        let sides: Vec<_> = nodes
            .iter()
            .map(|&node| Side { key: self.digests[node].as_str(), lines: lines_of_node(self.nodes, node) })
            .collect();
        matching::pair(&sides, &fragments)
    }

    fn fragments(&self, (subject, predicate): &Place) -> Vec<Side<NamedNode>> {
        let targets = (self.known)(subject).into_iter().filter_map(|statement| match statement.object {
            Term::NamedNode(object) if statement.predicate == *predicate => Some(object),
            _ => None,
        });
        targets
            .filter(|object| is_fragment_of_same(object, subject) && self.is_free(object.as_str()))
            .map(|key| Side { lines: lines_of_fragment(self.known, &key), key })
            .collect()
    }

    fn fresh(&mut self, (subject, predicate): &Place, node: usize, single: bool) -> NamedNode {
        let joint = if subject.as_str().contains('#') { '.' } else { '#' };
        let path = format!("{}{joint}{}", subject.as_str(), local_name(predicate.as_str()));
        if single && self.is_free(&path) {
            return NamedNode::new_unchecked(path);
        }
        let name = format!("{path}-{}", &self.digests[node][..SUFFIX_DIGITS]);
        self.free(name)
    }

    fn name_unowned(&mut self, mut nodes: Vec<usize>) -> Result<(), String> {
        nodes.sort_by_cached_key(|node| {
            let places = self.named_referrers(*node);
            let places: Vec<_> = places.iter().map(|(s, p)| (s.to_string(), p.to_string())).collect();
            (self.digests[*node].clone(), places)
        });
        let base = self.base;
        let folder = base.rfind('/').map_or(base, |slash| &base[..=slash]);
        for node in nodes {
            let name = self.free(format!("{folder}unnamed/{}", &self.digests[node][..UNNAMED_DIGITS]));
            self.give(node, name)?;
        }
        Ok(())
    }

    /// Returns the name, or the one with the least number behind it that is free. The numbers before the last one that was taken are not
    /// tried again.
    fn free(&mut self, name: String) -> NamedNode {
        if self.is_free(&name) {
            return NamedNode::new_unchecked(name);
        }
        let mut number = self.numbers.get(&name).copied().unwrap_or(1);
        let free = loop {
            number += 1;
            let free = format!("{name}-{number}");
            if self.is_free(&free) {
                break free;
            }
        };
        self.numbers.insert(name, number);
        NamedNode::new_unchecked(free)
    }

    fn is_free(&self, name: &str) -> bool {
        !self.taken.contains(name) && !self.given.contains(name)
    }

    fn give(&mut self, node: usize, name: NamedNode) -> Result<(), String> {
        let (owner, bytes) = (without_fragment(name.as_str()), name.as_str().len());
        match self.bytes_left.checked_sub(bytes) {
            Some(left) if bytes - owner.len() <= PATH_MAX => self.bytes_left = left,
            _ => return Err(owner.to_owned()),
        }
        self.given.insert(name.as_str().to_owned());
        self.names[node] = Some(name);
        Ok(())
    }
}

fn is_fragment_of_same(object: &NamedNode, subject: &NamedNode) -> bool {
    object.as_str().contains('#') && without_fragment(object.as_str()) == without_fragment(subject.as_str())
}

/// Returns what follows the last `#`, `/` or `:`.
fn local_name(iri: &str) -> &str {
    let local = iri.trim_end_matches(['#', '/', ':']).rsplit(['#', '/', ':']).next().unwrap_or(iri);
    if local.is_empty() { "value" } else { local }
}
