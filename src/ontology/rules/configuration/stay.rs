//! Installations as the rules see them: what sat where, and when that is certain.

use crate::model::statement::Statement;
use crate::model::time::bounds::Bounds;
use crate::model::time::interval::Interval;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::terms::tl;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::HashMap;

/// An installation as the rules see it.
pub(in crate::ontology::rules) struct Stay {
    pub(in crate::ontology::rules) node: NamedNode,
    pub(super) component: Option<NamedNode>,
    pub(super) parent: Option<NamedNode>,
    pub(super) position: Option<String>,
    pub(in crate::ontology::rules) quantity: f64,
    /// When it certainly was so.
    pub(super) certain: Option<Interval>,
    /// When it may have been so.
    pub(super) possible: Interval,
}

impl Stay {
    /// Reads an installation from all statements about it; `None` where it cannot have lasted.
    pub(in crate::ontology::rules) fn read(node: NamedNode, about: &[Statement]) -> Option<Self> {
        let target = |predicate| {
            reader::values(about, predicate)
                .find_map(|value| if let Term::NamedNode(iri) = value { Some(iri.clone()) } else { None })
        };
        let at = |predicate| reader::instant(about, predicate);
        let bounds = Bounds {
            from: at(tl::FROM),
            to: at(tl::TO),
            from_earliest: at(tl::FROM_EARLIEST),
            to_latest: at(tl::TO_LATEST),
        };
        Some(Self {
            node,
            component: target(tl::COMPONENT),
            parent: target(tl::PARENT),
            position: reader::values(about, tl::POSITION).find_map(reader::text).map(str::to_owned),
            quantity: reader::values(about, tl::QUANTITY).find_map(reader::number).unwrap_or(1.0),
            certain: bounds.certain(),
            possible: bounds.possible()?,
        })
    }
}

/// Returns the installations that link to a unit.
pub(in crate::ontology::rules) fn stays<D: Data>(
    data: &Reader<'_, D>,
    predicate: NamedNodeRef<'_>,
    target: &NamedNode,
) -> Result<Vec<Stay>, Error> {
    let mut stays = Vec::new();
    for node in data.linking(predicate, target)? {
        let about = data.about(&node)?;
        stays.extend(Stay::read(node, &about));
    }
    Ok(stays)
}

/// Returns whether a component is a unit of its own, which sits in one place at a time.
pub(super) fn is_unit<D: Data>(data: &Reader<'_, D>, component: &NamedNode) -> Result<bool, Error> {
    Ok(reader::types(&data.about(component)?).any(|class| class.as_ref() == tl::TWIN_INSTANCE))
}

/// Returns how many each position of a unit holds, by the usages of the revisions it was built or modified to, else
/// by those of its part; the largest where they differ.
pub(super) fn declared<D: Data>(
    data: &Reader<'_, D>,
    parent: &NamedNode,
) -> Result<HashMap<String, f64>, Error> {
    let mut revisions: Vec<NamedNode> = Vec::new();
    for build in data.targets(parent, tl::BUILT_BY)? {
        revisions.extend(data.targets(&build, tl::REALIZES)?);
    }
    for modification in data.linking(tl::OF, parent)? {
        revisions.extend(data.targets(&modification, tl::REALIZES)?);
    }
    if revisions.is_empty() {
        for part in data.targets(parent, tl::PART)? {
            revisions.extend(data.linking(tl::REVISION_OF, &part)?);
        }
    }
    let mut capacities: HashMap<String, f64> = HashMap::new();
    for revision in revisions {
        let mut here: HashMap<String, f64> = HashMap::new();
        for usage in data.targets(&revision, tl::USAGE)? {
            let about = data.about(&usage)?;
            let Some(position) = reader::values(&about, tl::POSITION).find_map(reader::text) else {
                continue;
            };
            let quantity = reader::values(&about, tl::QUANTITY).find_map(reader::number).unwrap_or(1.0);
            *here.entry(position.to_owned()).or_default() += quantity;
        }
        for (position, quantity) in here {
            let known = capacities.entry(position).or_insert(quantity);
            *known = known.max(quantity);
        }
    }
    Ok(capacities)
}
