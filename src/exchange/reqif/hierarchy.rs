//! The hierarchies of a document: as the tool had them, with what was moved, added or retired here.

use super::catalog::element_of;
use super::graph::View;
use super::names::own_identifier;
use super::{namespace, reference, referring, terms};
use crate::exchange::xml::{Element, Node};
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A place of an object in a specification.
#[derive(Debug)]
struct Spot {
    element: Element,
    object: Option<NamedNode>,
    /// Its number among its siblings, as the tool had it or as the version states it.
    order: f64,
    children: Vec<usize>,
}

/// A place that is below another or a specification: its number, its name, its object.
type Below = (usize, NamedNode, Option<NamedNode>);

/// All places of a document.
#[derive(Debug)]
pub(super) struct Hierarchy {
    spots: Vec<Spot>,
    /// Each specification without its places, and its uppermost places.
    specifications: Vec<(Element, Vec<usize>)>,
}

impl Hierarchy {
    /// Reads the places of a document.
    pub(super) fn of(
        view: View<'_>,
        members: &[NamedNode],
        objects: &[NamedNode],
        authored: &BTreeMap<NamedNode, Option<NamedNode>>,
        notices: &mut Vec<String>,
    ) -> Self {
        let mut hierarchy = Self { spots: Vec::new(), specifications: Vec::new() };
        let mut specifications: Vec<&NamedNode> = members
            .iter()
            .filter(|own| {
                view.graph.target(own, rdf::TYPE).map(NamedNode::as_ref) == Some(terms::SPECIFICATION_CLASS)
            })
            .collect();
        specifications.sort_by_key(|own| view.order(own));
        // The places below each place, and below each specification.
        let mut below: HashMap<NamedNode, Vec<Below>> = HashMap::new();
        let known: BTreeSet<&NamedNode> = objects.iter().collect();
        for owner in objects.iter().chain(specifications.iter().copied()) {
            for place in view.graph.values(owner, terms::PLACE) {
                let Term::NamedNode(place) = place else { continue };
                let above = view
                    .graph
                    .target(place, terms::PARENT)
                    .or_else(|| view.graph.target(place, terms::SPECIFICATION));
                let object = known.contains(owner).then(|| owner.clone());
                if let Some(above) = above {
                    below.entry(above.clone()).or_default().push((view.order(place), place.clone(), object));
                }
            }
        }
        for specification in specifications {
            let Some(shell) = view.graph.text(specification, terms::ELEMENT).and_then(element_of) else {
                continue;
            };
            let roots = hierarchy.grow(view, specification, &mut below);
            hierarchy.specifications.push((shell, roots));
        }
        // What is left is below places of objects that are retired: it moves up into the first specification.
        let inner: BTreeSet<NamedNode> =
            below.values().flatten().map(|(_, place, _)| place.clone()).collect();
        let mut uppermost: Vec<NamedNode> =
            below.keys().filter(|above| !inner.contains(*above)).cloned().collect();
        uppermost.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        for above in uppermost {
            let lifted = hierarchy.grow(view, &above, &mut below);
            if let Some((_, roots)) = hierarchy.specifications.first_mut() {
                roots.extend(lifted);
            }
        }
        hierarchy.move_changed(view, notices);
        hierarchy.add(view, authored, notices);
        hierarchy.sort();
        hierarchy
    }

    fn grow(
        &mut self,
        view: View<'_>,
        above: &NamedNode,
        below: &mut HashMap<NamedNode, Vec<Below>>,
    ) -> Vec<usize> {
        let mut own = below.remove(above).unwrap_or_default();
        own.sort_by(|a, b| (a.0, a.1.as_str()).cmp(&(b.0, b.1.as_str())));
        own.into_iter()
            .filter_map(|(order, place, object)| self.plant(view, order, &place, object, below))
            .collect()
    }

    fn plant(
        &mut self,
        view: View<'_>,
        order: usize,
        place: &NamedNode,
        object: Option<NamedNode>,
        below: &mut HashMap<NamedNode, Vec<Below>>,
    ) -> Option<usize> {
        let element = view.graph.text(place, terms::ELEMENT).and_then(element_of)?;
        #[expect(clippy::cast_precision_loss, reason = "a number of siblings")]
        let order = order as f64;
        let spot = self.spots.len();
        self.spots.push(Spot { element, object, order, children: Vec::new() });
        let children = self.grow(view, place, below);
        self.spots[spot].children = children;
        Some(spot)
    }

    /// Returns the objects in the order of the document, each once.
    pub(super) fn objects<'a>(&'a self) -> Vec<&'a NamedNode> {
        let mut seen = BTreeSet::new();
        let order = self.walk().into_iter().filter_map(|(spot, _)| self.spots[spot].object.as_ref());
        let mut objects: Vec<&'a NamedNode> = Vec::new();
        order.for_each(|object| {
            if seen.insert(object) {
                objects.push(object);
            }
        });
        objects
    }

    /// Returns each place with the one above it, from the first specification on.
    fn walk(&self) -> Vec<(usize, Option<usize>)> {
        let mut walked = Vec::new();
        let mut open: Vec<(usize, Option<usize>)> =
            self.specifications.iter().flat_map(|(_, roots)| roots).rev().map(|root| (*root, None)).collect();
        while let Some((spot, above)) = open.pop() {
            walked.push((spot, above));
            open.extend(self.spots[spot].children.iter().rev().map(|child| (*child, Some(spot))));
        }
        walked
    }

    /// Returns the first place of each object, and the place above it.
    fn firsts(&self) -> BTreeMap<NamedNode, (usize, Option<usize>)> {
        let mut firsts = BTreeMap::new();
        for (spot, above) in self.walk() {
            if let Some(object) = &self.spots[spot].object {
                firsts.entry(object.clone()).or_insert((spot, above));
            }
        }
        firsts
    }

    /// Moves objects whose section or order was changed here.
    fn move_changed(&mut self, view: View<'_>, notices: &mut Vec<String>) {
        let firsts = self.firsts();
        for (object, (spot, above)) in &firsts {
            if view
                .graph
                .values(object, rdf::TYPE)
                .all(|class| *class != Term::from(tl::REQUIREMENT.into_owned()))
            {
                continue;
            }
            let stated = view.graph.text(object, tl::ORDER).and_then(|text| text.parse::<f64>().ok());
            if let Some(order) = stated {
                self.spots[*spot].order = order;
            }
            let now = view.graph.target(object, dcterms::IS_PART_OF);
            let then = above.and_then(|above| self.spots[above].object.clone());
            if now == then.as_ref() {
                continue;
            }
            let to = now.and_then(|now| firsts.get(now)).map(|(place, _)| *place);
            match (now, to) {
                (Some(now), None) => {
                    // A section without a class of ours is none that the version could state.
                    notices.push(format!(
                        "{object}: its section {now} is not in the document, so it stays where it was"
                    ));
                }
                (None, _) if then.as_ref().is_some_and(|then| !is_requirement(view, then)) => {}
                (_, to) if to.is_none_or(|to| !self.is_below(to, *spot)) => self.put(*spot, *above, to),
                _ => notices.push(format!("{object}: its section is below itself, so it stays where it was")),
            }
        }
    }

    fn is_below(&self, spot: usize, above: usize) -> bool {
        let mut open = vec![above];
        while let Some(at) = open.pop() {
            if at == spot {
                return true;
            }
            open.extend(&self.spots[at].children);
        }
        false
    }

    fn put(&mut self, spot: usize, from: Option<usize>, to: Option<usize>) {
        match from {
            Some(from) => self.spots[from].children.retain(|child| *child != spot),
            None => self.specifications.iter_mut().for_each(|(_, roots)| roots.retain(|root| *root != spot)),
        }
        match to {
            Some(to) => self.spots[to].children.push(spot),
            None => {
                if let Some((_, roots)) = self.specifications.first_mut() {
                    roots.push(spot);
                }
            }
        }
    }

    /// Adds what was made here below its section.
    fn add(
        &mut self,
        view: View<'_>,
        authored: &BTreeMap<NamedNode, Option<NamedNode>>,
        notices: &mut Vec<String>,
    ) {
        let mut waiting: Vec<&NamedNode> = authored.keys().collect();
        loop {
            let before = waiting.len();
            let firsts = self.firsts();
            waiting.retain(|object| {
                let above =
                    view.graph.target(object, dcterms::IS_PART_OF).and_then(|above| firsts.get(above));
                let Some((above, _)) = above else { return true };
                let name = own_identifier(object, view.base).replacen("_tl.", "_tl-place.", 1);
                let element = Element::new("SPEC-HIERARCHY", &namespace())
                    .with("IDENTIFIER", &name)
                    .with("LAST-CHANGE", view.at);
                let order =
                    view.graph.text(object, tl::ORDER).and_then(|text| text.parse().ok()).unwrap_or(f64::MAX);
                let spot = self.spots.len();
                self.spots.push(Spot {
                    element,
                    object: Some((*object).clone()),
                    order,
                    children: Vec::new(),
                });
                self.spots[*above].children.push(spot);
                false
            });
            if waiting.len() == before {
                break;
            }
        }
        for object in waiting {
            notices.push(format!("{object}: its section is in no hierarchy, so it is left out"));
        }
    }

    fn sort(&mut self) {
        let orders: Vec<f64> = self.spots.iter().map(|spot| spot.order).collect();
        let lists = self.spots.iter_mut().map(|spot| &mut spot.children);
        for list in lists.chain(self.specifications.iter_mut().map(|(_, roots)| roots)) {
            list.sort_by(|a, b| orders[*a].total_cmp(&orders[*b]));
        }
    }

    /// Writes the specifications.
    pub(super) fn write(&self, view: View<'_>) -> Vec<Element> {
        let write = |(shell, roots): &(Element, Vec<usize>)| self.with_children(shell.clone(), roots, view);
        self.specifications.iter().map(write).collect()
    }

    fn with_children(&self, mut element: Element, children: &[usize], view: View<'_>) -> Element {
        let mut list = Element::new("CHILDREN", &namespace());
        for child in children {
            let spot = &self.spots[*child];
            let mut own = spot.element.clone();
            if let Some(object) = &spot.object
                && reference(&own, "OBJECT").is_none()
            {
                let target = referring("OBJECT", "SPEC-OBJECT-REF", &view.identifier(object));
                own.nodes.push(Node::Element(target));
            }
            list.nodes.push(Node::Element(self.with_children(own, &spot.children, view)));
        }
        if !list.nodes.is_empty() {
            element.nodes.push(Node::Element(list));
        }
        element
    }
}

fn is_requirement(view: View<'_>, object: &NamedNode) -> bool {
    view.graph.values(object, rdf::TYPE).any(|class| *class == Term::from(tl::REQUIREMENT.into_owned()))
}
