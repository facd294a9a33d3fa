//! The blank nodes of a file, and who refers to whom among them.

use oxigraph::model::{BlankNode, NamedNode, NamedOrBlankNode, Term};
use std::collections::{HashMap, HashSet};

/// A statement as a parser gives it.
pub(super) type Parsed = (NamedOrBlankNode, NamedNode, Term);

/// The blank nodes of a file, numbered, with their properties and who refers to them.
pub(super) struct Nodes {
    pub(super) numbers: HashMap<BlankNode, usize>,
    labels: Vec<BlankNode>,
    properties: Vec<Vec<(NamedNode, Term)>>,
    referrers: Vec<Vec<(NamedOrBlankNode, NamedNode)>>,
}

impl Nodes {
    pub(super) fn read(parsed: &[Parsed]) -> Self {
        let mut nodes = Self {
            numbers: HashMap::new(),
            labels: Vec::new(),
            properties: Vec::new(),
            referrers: Vec::new(),
        };
        for (subject, predicate, object) in parsed {
            if let NamedOrBlankNode::BlankNode(subject) = subject {
                let number = nodes.enter(subject);
                nodes.properties[number].push((predicate.clone(), object.clone()));
            }
            if let Term::BlankNode(object) = object {
                let number = nodes.enter(object);
                nodes.referrers[number].push((subject.clone(), predicate.clone()));
            }
        }
        for referrers in &mut nodes.referrers {
            referrers.sort_by_cached_key(|(subject, predicate)| (subject.to_string(), predicate.to_string()));
            referrers.dedup();
        }
        nodes
    }

    fn enter(&mut self, node: &BlankNode) -> usize {
        if let Some(number) = self.numbers.get(node) {
            return *number;
        }
        let number = self.labels.len();
        self.numbers.insert(node.clone(), number);
        self.labels.push(node.clone());
        self.properties.push(Vec::new());
        self.referrers.push(Vec::new());
        number
    }

    pub(super) const fn len(&self) -> usize {
        self.labels.len()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the predicates and objects of a node's statements.
    pub(super) fn properties(&self, node: usize) -> &[(NamedNode, Term)] {
        &self.properties[node]
    }

    /// Returns the distinct (subject, predicate) that lead to a node.
    pub(super) fn referrers(&self, node: usize) -> &[(NamedOrBlankNode, NamedNode)] {
        &self.referrers[node]
    }

    /// Returns the number of a term that is a blank node.
    pub(super) fn number(&self, term: &Term) -> Option<usize> {
        match term {
            Term::BlankNode(node) => self.numbers.get(node).copied(),
            _ => None,
        }
    }

    /// Sorts the nodes into levels, each below all its referrers (Kahn); the error is a node in a circle.
    pub(super) fn levels(&self) -> Result<Vec<Vec<usize>>, String> {
        let is_blank = |referrer: &&(NamedOrBlankNode, NamedNode)| referrer.0.is_blank_node();
        let mut waits: Vec<usize> =
            self.referrers.iter().map(|all| all.iter().filter(is_blank).count()).collect();
        let mut level: Vec<usize> = (0..self.len()).filter(|node| waits[*node] == 0).collect();
        let mut levels = Vec::new();
        while !level.is_empty() {
            let mut next = Vec::new();
            for &node in &level {
                let mut links: Vec<_> = self
                    .properties(node)
                    .iter()
                    .filter_map(|(p, o)| Some((self.number(o)?, p.as_str())))
                    .collect();
                links.sort_unstable();
                links.dedup();
                for (child, _) in links {
                    waits[child] -= 1;
                    if waits[child] == 0 {
                        next.push(child);
                    }
                }
            }
            levels.push(std::mem::replace(&mut level, next));
        }
        match waits.iter().position(|waits| *waits > 0) {
            Some(node) => Err(self.a_node_of_a_circle(node, &waits)),
            None => Ok(levels),
        }
    }

    /// Follows referrers that wait themselves until one comes again.
    fn a_node_of_a_circle(&self, from: usize, waits: &[usize]) -> String {
        let mut seen = HashSet::new();
        let mut node = from;
        while seen.insert(node) {
            let waiting = self.referrers[node].iter().find_map(|(subject, _)| match subject {
                NamedOrBlankNode::BlankNode(subject) => {
                    self.numbers.get(subject).copied().filter(|number| waits[*number] > 0)
                }
                NamedOrBlankNode::NamedNode(_) => None,
            });
            let Some(next) = waiting else { break };
            node = next;
        }
        self.labels[node].as_str().to_owned()
    }
}
