//! The resolutions that came with a merge, and which of them met what they are about. A resolution may also decide what
//! does not conflict: that is how a rule that the merged result would break is mended.

use crate::graph::error::Error;
use crate::graph::model::conflict::{Resolution, Take};
use crate::ontology::Ontology;
use oxigraph::model::{NamedNode, Term};

/// What was decided, each decision counted when it is used.
pub(crate) struct Decisions<'a> {
    resolutions: &'a [Resolution],
    used: Vec<bool>,
    ontology: Option<&'a Ontology>,
}

impl<'a> Decisions<'a> {
    /// Takes resolutions; two on the same conflict are refused, as are values for a conflict over a whole subject.
    pub(crate) fn new(resolutions: &'a [Resolution], ontology: &'a Ontology) -> Result<Self, Error> {
        let same = |a: &Resolution, b: &Resolution| a.subject == b.subject && a.predicate == b.predicate;
        for (at, resolution) in resolutions.iter().enumerate() {
            if resolutions[..at].iter().any(|earlier| same(earlier, resolution)) {
                return Err(refuse(resolution, "is resolved twice"));
            }
            if resolution.predicate.is_none() && matches!(resolution.take, Take::Values(_)) {
                return Err(refuse(
                    resolution,
                    "has no property named: take one side, or name the property whose values you give",
                ));
            }
        }
        refuse_malformed(resolutions, ontology)?;
        Ok(Self { resolutions, used: vec![false; resolutions.len()], ontology: Some(ontology) })
    }

    /// Makes an empty list of decisions.
    pub(crate) fn none() -> Self {
        Self { resolutions: &[], used: Vec::new(), ontology: None }
    }

    /// Returns whether nothing was decided.
    pub(crate) fn is_empty(&self) -> bool {
        self.resolutions.is_empty()
    }

    /// Returns what was decided on a subject, or on one property of it.
    pub(crate) fn on(&mut self, subject: &NamedNode, predicate: Option<&NamedNode>) -> Option<Take> {
        let fits = |of: &Resolution| of.subject == *subject && of.predicate.as_ref() == predicate;
        let at = self.resolutions.iter().position(fits)?;
        self.used[at] = true;
        Some(match &self.resolutions[at].take {
            Take::Values(values) => {
                let kept = |value: &Term| match (self.ontology, predicate) {
                    (Some(ontology), Some(predicate)) => ontology.normalized_value(predicate, value.clone()),
                    _ => value.clone(),
                };
                Take::Values(values.iter().map(kept).collect())
            }
            side => side.clone(),
        })
    }

    /// Refuses a resolution that met nothing: it was meant for another merge.
    pub(crate) fn all_used(&self) -> Result<(), Error> {
        match self.used.iter().position(|used| !used) {
            Some(at) => Err(refuse(&self.resolutions[at], "is not touched by this merge")),
            None => Ok(()),
        }
    }
}

/// Refuses values that their datatypes do not have.
fn refuse_malformed(resolutions: &[Resolution], ontology: &Ontology) -> Result<(), Error> {
    let given = resolutions.iter().filter_map(|resolution| match (&resolution.predicate, &resolution.take) {
        (Some(predicate), Take::Values(values)) => Some((&resolution.subject, predicate, values)),
        _ => None,
    });
    let values_given = given
        .flat_map(|(subject, predicate, values)| values.iter().map(move |value| (subject, predicate, value)));
    let found = ontology.malformed(values_given);
    if found.is_empty() { Ok(()) } else { Err(Error::Violations(found)) }
}

fn refuse(resolution: &Resolution, why: &'static str) -> Error {
    let place = match &resolution.predicate {
        Some(predicate) => format!("{} {predicate}", resolution.subject),
        None => resolution.subject.to_string(),
    };
    Error::Resolution(place, why)
}
