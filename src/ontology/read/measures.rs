//! Units and quantity kinds.

use super::local_name;
use crate::model::number::ratio::Ratio;
use crate::ontology::error::Error;
use crate::ontology::graph::Files;
use crate::ontology::terms::{qudt, rdfs, skos, tl};
use crate::ontology::units::{QuantityKind, Unit, Units};
use oxigraph::model::{NamedNode, NamedNodeRef, NamedOrBlankNode};

/// Reads the units and quantity kinds.
pub(super) fn read(files: &Files) -> Result<Units, Error> {
    let units =
        files.instances(qudt::UNIT).into_iter().map(|iri| unit(files, iri)).collect::<Result<_, _>>()?;
    let kinds =
        files.instances(qudt::QUANTITY_KIND).into_iter().map(|iri| quantity_kind(files, iri)).collect();
    Ok(Units::new(units, kinds))
}

fn unit(files: &Files, iri: NamedNode) -> Result<Unit, Error> {
    let node = NamedOrBlankNode::from(iri.clone());
    let name = local_name(&iri);
    Ok(Unit {
        symbol: files.text(&node, qudt::SYMBOL).unwrap_or_else(|| name.clone()),
        label: files.text(&node, rdfs::LABEL).unwrap_or_else(|| name.clone()),
        alt_symbols: files.texts(&node, qudt::ALT_SYMBOL),
        hidden_labels: files.texts(&node, skos::HIDDEN_LABEL),
        ucum: files.text(&node, qudt::UCUM_CODE),
        quantity_kinds: files.iris(&node, qudt::HAS_QUANTITY_KIND),
        multiplier: multiplier(files, &node)?,
        offset: factor(files, &node, qudt::CONVERSION_OFFSET, Ratio::from_decimal)?
            .unwrap_or_else(Ratio::zero),
        name,
        iri,
    })
}

/// Reads the multiplier: the exact one where there is one, else the decimal; `None` where it is 0.
fn multiplier(files: &Files, unit: &NamedOrBlankNode) -> Result<Option<Ratio>, Error> {
    let exact = factor(files, unit, tl::EXACT_MULTIPLIER, |text| text.parse().ok())?;
    let decimal = factor(files, unit, qudt::CONVERSION_MULTIPLIER, Ratio::from_decimal)?;
    Ok(Some(exact.or(decimal).unwrap_or_else(Ratio::one)).filter(|multiplier| !multiplier.is_zero()))
}

/// Reads a conversion factor; one that is there must be a number.
fn factor(
    files: &Files,
    unit: &NamedOrBlankNode,
    predicate: NamedNodeRef<'_>,
    read: impl Fn(&str) -> Option<Ratio>,
) -> Result<Option<Ratio>, Error> {
    let Some(text) = files.text(unit, predicate) else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| Error::Invalid {
        file: files.origin_of(unit),
        message: format!("\"{text}\" is no conversion factor of {unit}"),
    })
}

fn quantity_kind(files: &Files, iri: NamedNode) -> QuantityKind {
    let node = NamedOrBlankNode::from(iri.clone());
    let name = local_name(&iri);
    let mut lineage = vec![iri.clone()];
    while let Some(broader) = lineage.last().and_then(|kind| files.iri(&kind.clone().into(), skos::BROADER)) {
        if lineage.contains(&broader) {
            break;
        }
        lineage.push(broader);
    }
    QuantityKind {
        label: files.text(&node, rdfs::LABEL).unwrap_or_else(|| name.clone()),
        circular: files.flag(&node, tl::CIRCULAR),
        lineage,
        name,
        iri,
    }
}
