//! How shapes refer to one another, before they are compiled: whatever reads them calls itself for each shape in another one.

use crate::ontology::terms::{rdf, sh};
use oxigraph::model::{Graph, NamedNodeRef, NamedOrBlankNodeRef, TermRef};
use std::collections::HashMap;

/// How deep shapes may nest.
const DEPTH_MAX: usize = 500;

/// The predicates by which a shape refers to another one, and to a list of them.
const ONE: [NamedNodeRef<'static>; 4] = [sh::NODE, sh::PROPERTY, sh::NOT, sh::QUALIFIED_VALUE_SHAPE];
const LISTS: [NamedNodeRef<'static>; 3] = [sh::AND, sh::OR, sh::XONE];

/// Refuses shapes that nest too deep, or that refer to themselves without a path between: whether a node conforms to such a shape would
/// depend on whether it does. The error is a sentence.
pub(super) fn check(graph: &Graph) -> Result<(), String> {
    let mut walk = Walk { graph, depths: HashMap::new(), open: Vec::new() };
    for predicate in ONE.into_iter().chain(LISTS) {
        for triple in graph.triples_for_predicate(predicate) {
            walk.depth(triple.subject)?;
        }
    }
    Ok(())
}

struct Walk<'a> {
    graph: &'a Graph,
    /// How deep the shapes nest that were left.
    depths: HashMap<NamedOrBlankNodeRef<'a>, usize>,
    /// The shapes that were entered and not left, and whether each has a path.
    open: Vec<(NamedOrBlankNodeRef<'a>, bool)>,
}

impl<'a> Walk<'a> {
    fn depth(&mut self, shape: NamedOrBlankNodeRef<'a>) -> Result<usize, String> {
        if let Some(depth) = self.depths.get(&shape) {
            return Ok(*depth);
        }
        if let Some(at) = self.open.iter().position(|(open, _)| *open == shape) {
            let has_path = self.open[at..].iter().any(|(_, has_path)| *has_path);
            let reason = "refers to itself by sh:node, sh:and, sh:or, sh:xone or sh:not without a path between, so that nothing decides which nodes conform to it";
            return if has_path { Ok(0) } else { Err(format!("the shape {shape} {reason}")) };
        }
        let too_deep = || Err(format!("shapes are nested more than {DEPTH_MAX} deep: {shape}"));
        if self.open.len() == DEPTH_MAX {
            return too_deep();
        }
        let has_path = self.graph.object_for_subject_predicate(shape, sh::PATH).is_some();
        self.open.push((shape, has_path));
        let mut depth = 0;
        for inner in self.referred(shape) {
            depth = depth.max(self.depth(inner)?);
        }
        self.open.pop();
        if depth == DEPTH_MAX {
            return too_deep();
        }
        self.depths.insert(shape, depth + 1);
        Ok(depth + 1)
    }

    /// Returns the shapes that a shape refers to.
    fn referred(&self, shape: NamedOrBlankNodeRef<'a>) -> Vec<NamedOrBlankNodeRef<'a>> {
        let objects = |predicate| self.graph.objects_for_subject_predicate(shape, predicate);
        let mut found: Vec<_> = ONE.into_iter().flat_map(objects).filter_map(node).collect();
        for list in LISTS.into_iter().flat_map(objects).filter_map(node) {
            self.add_items(list, &mut found);
        }
        found
    }

    fn add_items(&self, mut list: NamedOrBlankNodeRef<'a>, found: &mut Vec<NamedOrBlankNodeRef<'a>>) {
        // A list that leads back to itself ends too.
        for _ in 0..self.graph.len() {
            let item = |predicate| self.graph.object_for_subject_predicate(list, predicate).and_then(node);
            found.extend(item(rdf::FIRST));
            match item(rdf::REST) {
                Some(rest) => list = rest,
                None => return,
            }
        }
    }
}

fn node(term: TermRef<'_>) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        TermRef::NamedNode(node) => Some(node.into()),
        TermRef::BlankNode(node) => Some(node.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::io::{RdfFormat, RdfParser};

    #[test]
    fn shapes_that_depend_on_themselves_are_refused() {
        let verdict = |text: &str| {
            let text = format!("@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <http://x/> . {text}");
            let mut graph = Graph::new();
            for quad in RdfParser::from_format(RdfFormat::Turtle).for_slice(text.as_bytes()) {
                let quad = quad.expect("Turtle");
                graph.insert(&oxigraph::model::Triple::new(quad.subject, quad.predicate, quad.object));
            }
            super::check(&graph)
        };
        let check = |text: &str, expect: Option<&str>| match (verdict(text), expect) {
            (Err(reason), Some(part)) => assert!(reason.contains(part), "{text:.60}: {reason}"),
            (verdict, expect) => assert_eq!(verdict.err().as_deref(), expect, "{text:.60}"),
        };
        let circle = Some("refers to itself");
        check(":S sh:node :S .", circle);
        check(":S sh:and ( :T :U ) . :U sh:not [ sh:or ( :V :S ) ] .", circle);
        check(":S sh:node :T . :T sh:xone ( :S ) .", circle);
        check(":S sh:property [ sh:path :next ; sh:node :S ] .", None);
        check(":S sh:node :T . :T sh:property [ sh:path :next ; sh:qualifiedValueShape :S ] .", None);
        check(":S sh:node :T , :U . :T sh:node :U .", None);
        let rdf = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#";
        check(&format!(":S sh:or _:l . _:l {rdf}first> :T ; {rdf}rest> _:l ."), None);
        let nested = |depth: usize| format!(":S {} :x {} .", "sh:not [ ".repeat(depth), "]".repeat(depth));
        check(&nested(400).replace(":x", "sh:class :x"), None);
        check(&nested(600).replace(":x", "sh:class :x"), Some("500 deep"));
        let chain: String = (0..30_000).rev().map(|n| format!(":S{n} sh:node :S{} . ", n + 1)).collect();
        check(&chain, Some("500 deep"));
    }
}
