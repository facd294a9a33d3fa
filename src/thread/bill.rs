//! The bill of materials: the places of a design, and what fills them, down to the last level.

use super::record::Record;
use crate::graph::{Error, Snapshot};
use crate::ontology::terms::tl;
use oxigraph::model::NamedNode;

/// A place in a design.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The usage's own name.
    pub usage: NamedNode,
    /// What fills the place: a part, or one revision of it.
    pub child: NamedNode,
    /// Where in its parent; `None` where the design does not state it.
    pub position: Option<String>,
    /// How many.
    pub quantity: f64,
}

/// One line of a bill of materials.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// How far below the revision asked about; its own places are at 1.
    pub depth: usize,
    /// The positions down to here, with `/`; empty where none is named.
    pub path: String,
    /// How many of it all the way down.
    pub total: f64,
    /// The place itself.
    pub place: Place,
}

/// A design cannot be nested deeper; what goes deeper contains itself.
const DEPTH_MAX: usize = 64;

/// Returns the places of one design revision, in order of position and name.
pub fn places(snapshot: &Snapshot, revision: &NamedNode) -> Result<Vec<Place>, Error> {
    let mut places = Vec::new();
    for usage in snapshot.targets(revision, tl::USAGE)? {
        let record = Record::read(snapshot, &usage)?;
        let Some(child) = record.target(tl::CHILD) else { continue };
        let position = record.text(tl::POSITION).map(str::to_owned);
        let quantity = record.number(tl::QUANTITY).unwrap_or(1.0);
        places.push(Place { usage, child, position, quantity });
    }
    places.sort_by(|a, b| (&a.position, a.usage.as_str()).cmp(&(&b.position, b.usage.as_str())));
    Ok(places)
}

/// Returns the bill of materials of a design revision, each place before what is inside it. A place that names
/// a part without a revision is not looked into.
pub fn bill_of_materials(snapshot: &Snapshot, revision: &NamedNode) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    descend(snapshot, revision, 1, "", 1.0, &mut lines)?;
    Ok(lines)
}

fn descend(
    snapshot: &Snapshot,
    revision: &NamedNode,
    depth: usize,
    path: &str,
    count: f64,
    lines: &mut Vec<Line>,
) -> Result<(), Error> {
    for place in places(snapshot, revision)? {
        let path = join(path, place.position.as_deref().unwrap_or(""));
        let (child, total) = (place.child.clone(), count * place.quantity);
        lines.push(Line { depth, path: path.clone(), total, place });
        if depth < DEPTH_MAX {
            descend(snapshot, &child, depth + 1, &path, total, lines)?;
        }
    }
    Ok(())
}

/// Joins two positions; an empty one adds nothing.
pub fn join(outer: &str, inner: &str) -> String {
    match (outer, inner) {
        ("", only) | (only, "") => only.to_owned(),
        _ => format!("{outer}/{inner}"),
    }
}
