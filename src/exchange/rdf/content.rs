//! The content of a blank node: a digest that names it, and the lines by which it is recognised again.

use super::Known;
use super::nodes::Nodes;
use crate::model::statement::Statement;
use oxigraph::model::{NamedNode, NamedOrBlankNode, Term};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// How deep a node is looked into when it is compared with what was there before.
const DEPTH_MAX: usize = 8;
const RDF_TYPE: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type";

/// One value at the end of a path of predicates, as `predicate predicate … value`.
pub(super) type Line = String;

/// Computes for each node a digest (hex) of the statements of it and the nodes below it, whatever their labels and the
/// file's order. A node with several referrers also counts those that have a name, which distinguishes twins.
/// `order` must list referrers before the nodes they refer to.
pub(super) fn digests(nodes: &Nodes, order: &[usize]) -> Vec<String> {
    let mut digests = vec![String::new(); nodes.len()];
    for &node in order.iter().rev() {
        // A file may repeat a statement; two nodes of the same statements are still two.
        let distinct: HashSet<_> = nodes.properties(node).iter().collect();
        let mut lines: Vec<String> = distinct
            .into_iter()
            .map(|(predicate, object)| match nodes.number(object) {
                Some(child) => format!("{predicate} [{}]", digests[child]),
                None => format!("{predicate} {object}"),
            })
            .collect();
        if nodes.referrers(node).len() > 1 {
            lines.extend(nodes.referrers(node).iter().filter_map(|(subject, predicate)| match subject {
                NamedOrBlankNode::NamedNode(subject) => Some(format!("^{predicate} {subject}")),
                NamedOrBlankNode::BlankNode(_) => None,
            }));
        }
        lines.sort_unstable();
        digests[node] = hex(&lines.join("\n"));
    }
    digests
}

/// Lists the statements of a node of the file and of the nodes that only it refers to, without types.
pub(super) fn lines_of_node(nodes: &Nodes, node: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    collect_node(nodes, node, "", DEPTH_MAX, &mut lines);
    lines.sort_unstable();
    lines
}

fn collect_node(nodes: &Nodes, node: usize, path: &str, depth: usize, lines: &mut Vec<Line>) {
    for (predicate, object) in nodes.properties(node) {
        let path = format!("{path}{predicate} ");
        match nodes.number(object) {
            Some(child) if depth > 0 && nodes.referrers(child).len() == 1 => {
                collect_node(nodes, child, &path, depth - 1, lines);
            }
            Some(_) => {}
            None if predicate.as_str() == RDF_TYPE => {}
            None => lines.push(format!("{path}{object}")),
        }
    }
}

/// Lists the statements of a fragment of the store and of the fragments below it, in the words of [`lines_of_node`].
pub(super) fn lines_of_fragment(known: Known<'_>, fragment: &NamedNode) -> Vec<Line> {
    let mut lines = Vec::new();
    collect_fragment(&known(fragment), known, "", DEPTH_MAX, &mut lines);
    lines.sort_unstable();
    lines
}

fn collect_fragment(
    statements: &[Statement],
    known: Known<'_>,
    path: &str,
    depth: usize,
    lines: &mut Vec<Line>,
) {
    for Statement { subject, predicate, object } in statements {
        let path = format!("{path}{predicate} ");
        let below = match object {
            Term::NamedNode(below) if depth > 0 && is_below(below, subject) => known(below),
            _ => Vec::new(),
        };
        if !below.is_empty() {
            collect_fragment(&below, known, &path, depth - 1, lines);
        } else if predicate.as_str() != RDF_TYPE {
            lines.push(format!("{path}{object}"));
        }
    }
}

fn is_below(node: &NamedNode, fragment: &NamedNode) -> bool {
    node.as_str().strip_prefix(fragment.as_str()).is_some_and(|rest| rest.starts_with('.'))
}

fn hex(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
