//! Units of measure and how they convert into each other (QUDT's factors).

pub mod expression;
pub(super) mod spelling;

use super::terms::quantitykind;
use crate::model::number::quantity::Conversion;
use crate::model::number::ratio::Ratio;
use oxigraph::model::{NamedNode, NamedNodeRef};
use spelling::Spellings;
use std::collections::{BTreeSet, HashMap};

/// A unit of measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// The unit's IRI.
    pub iri: NamedNode,
    /// The last part of its IRI, such as `DEG_C`.
    pub name: String,
    /// How it is printed, such as `°C`.
    pub symbol: String,
    /// Its name for a person, such as `degree Celsius`.
    pub label: String,
    /// How else it is written, such as `Nm`.
    pub alt_symbols: Vec<String>,
    /// What may mean it, and names no unit by itself, such as `gal` for one of two gallons.
    pub hidden_labels: Vec<String>,
    /// Its code in the Unified Code for Units of Measure, such as `Cel`.
    pub ucum: Option<String>,
    /// The quantity kinds it measures.
    pub quantity_kinds: Vec<NamedNode>,
    /// What a value plus the offset is multiplied by to give the value in SI; `None` for a unit that does not convert, such as a
    /// logarithmic one.
    pub multiplier: Option<Ratio>,
    /// What is added to a value before it is multiplied.
    pub offset: Ratio,
}

impl Unit {
    /// Returns the texts that name it beside its IRI.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.symbol).chain(&self.ucum).chain(&self.alt_symbols).map(String::as_str)
    }
}

/// A kind of quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityKind {
    /// The quantity kind's IRI.
    pub iri: NamedNode,
    /// The last part of its IRI, such as `Temperature`.
    pub name: String,
    /// Its name for a person.
    pub label: String,
    /// Whether its values wrap around, so that mean and percentile have no meaning.
    pub circular: bool,
    /// The kinds it is a special case of, itself first.
    pub lineage: Vec<NamedNode>,
}

/// Why units do not convert.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No file defines the unit.
    #[error("\"{0}\" is not a unit that the ontology knows")]
    Unknown(String),
    /// A unit converts into no other.
    #[error(
        "{from} does not convert into {to}: {unit} has no factor, being logarithmic or the scale of a method"
    )]
    NoFactor {
        /// The unit of the value.
        from: String,
        /// The unit asked for.
        to: String,
        /// Which of the two has none.
        unit: String,
    },
    /// The units measure different things.
    #[error("{from} ({from_kinds}) does not convert into {to} ({to_kinds})")]
    Incompatible {
        /// The unit of the value.
        from: String,
        /// What it measures.
        from_kinds: String,
        /// The unit asked for.
        to: String,
        /// What that measures.
        to_kinds: String,
    },
}

/// All units and quantity kinds of the ontology.
#[derive(Clone, Debug, Default)]
pub struct Units {
    units: Vec<Unit>,
    kinds: Vec<QuantityKind>,
    unit_by_iri: HashMap<String, usize>,
    kind_by_iri: HashMap<String, usize>,
    spellings: Spellings,
}

impl Units {
    /// Gathers units and quantity kinds; of two with one IRI the first counts.
    pub fn new(mut units: Vec<Unit>, mut kinds: Vec<QuantityKind>) -> Self {
        units.sort_by(|a, b| a.iri.as_str().cmp(b.iri.as_str()));
        kinds.sort_by(|a, b| a.iri.as_str().cmp(b.iri.as_str()));
        let unit_by_iri =
            units.iter().enumerate().map(|(i, unit)| (unit.iri.as_str().to_owned(), i)).collect();
        let kind_by_iri =
            kinds.iter().enumerate().map(|(i, kind)| (kind.iri.as_str().to_owned(), i)).collect();
        let spellings = Spellings::new(&units);
        Self { units, kinds, unit_by_iri, kind_by_iri, spellings }
    }

    /// Returns all units in IRI order.
    pub fn all(&self) -> &[Unit] {
        &self.units
    }

    /// Returns all quantity kinds in IRI order.
    pub fn quantity_kinds(&self) -> &[QuantityKind] {
        &self.kinds
    }

    /// Returns the unit of this IRI.
    pub fn get(&self, iri: NamedNodeRef<'_>) -> Option<&Unit> {
        self.unit_by_iri.get(iri.as_str()).map(|i| &self.units[*i])
    }

    /// Returns the quantity kind of this IRI.
    pub fn quantity_kind(&self, iri: NamedNodeRef<'_>) -> Option<&QuantityKind> {
        self.kind_by_iri.get(iri.as_str()).map(|i| &self.kinds[*i])
    }

    /// Returns the unit that a text names: a full IRI, `unit:DEG_C`, `DEG_C`, `°C`, the UCUM code `Cel`, or a product such as
    /// `kJ/(kg·K)`. A text that several units share names none, unless it is the last part of an IRI.
    pub fn find(&self, text: &str) -> Option<&Unit> {
        self.spellings.find(&self.units, text).map(|i| &self.units[i])
    }

    /// Returns the units that a text may mean: those that share it, those of which it is a hidden label or the label, or that it
    /// names but for the case of its letters. Each is named by a text that finds it.
    pub fn alike(&self, text: &str) -> Vec<String> {
        self.names(self.spellings.alike(&self.units, text))
    }

    /// Returns whether a text names several units, and so none.
    pub fn is_shared(&self, text: &str) -> bool {
        self.find(text).is_none() && self.spellings.is_shared(text)
    }

    /// Suggests what a text that names no unit may mean, as `; did you mean Nm?`; empty where nothing is alike.
    pub fn hint(&self, text: &str) -> String {
        let alike = self.alike(text);
        let prefix = spelling::PREFIXES.iter().find(|(prefix, _)| *prefix == spelling::fold(text));
        match prefix {
            _ if !alike.is_empty() => format!("; did you mean {}?", alike.join(" or ")),
            Some((_, name)) => {
                let mut examples = self.names(self.spellings.prefixed(&self.units, text));
                examples.sort_by_key(|example| (example.chars().count(), example.clone()));
                examples.truncate(3);
                let examples = if examples.is_empty() {
                    String::new()
                } else {
                    format!(", as in {}", examples.join(", "))
                };
                format!("; alone it is the prefix {name}: write it with its unit{examples}")
            }
            None => String::new(),
        }
    }

    fn names(&self, indices: Vec<usize>) -> Vec<String> {
        let name = |index: usize| {
            let unit = &self.units[index];
            let finds = |text: &str| self.spellings.find(&self.units, text) == Some(index);
            match () {
                () if finds(&unit.symbol) => unit.symbol.clone(),
                () if finds(&unit.name) => unit.name.clone(),
                () => unit.iri.as_str().to_owned(),
            }
        };
        let mut names: Vec<String> = indices.into_iter().map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Writes how a value becomes one in another unit, as `({temp} - 32) * 5 / 9`; `None` where that takes π.
    pub fn formula(
        &self,
        variable: &str,
        from: NamedNodeRef<'_>,
        to: NamedNodeRef<'_>,
    ) -> Result<Option<String>, Error> {
        self.conversion(from, to)?;
        let (source, target) = (self.known(from)?, self.known(to)?);
        let (Some(above), Some(below)) = (&source.multiplier, &target.multiplier) else { return Ok(None) };
        let scale = above.over(below);
        let Some((above, below)) = scale.written() else { return Ok(None) };
        let factor = |sign: &str, factor: &str| {
            if factor == "1" { String::new() } else { format!(" {sign} {factor}") }
        };
        let scaled = |value: &str| format!("{value}{}{}", factor("*", &above), factor("/", &below));
        let plus = |value: &str, number: &str| match number.strip_prefix('-') {
            _ if number == "0" => value.to_owned(),
            Some(less) => format!("{value} - {less}"),
            None => format!("{value} + {number}"),
        };
        // (value + own offset) × scale − the other's offset, which ends as a decimal before or after the scale.
        let before = source.offset.minus(&target.offset.over(&scale)).decimal();
        let after = source.offset.times(&scale).minus(&target.offset).decimal();
        Ok(match (before, after) {
            (Some(number), _) if number == "0" || scale == Ratio::one() => {
                Some(plus(&scaled(variable), &number))
            }
            (Some(number), _) => Some(scaled(&format!("({})", plus(variable, &number)))),
            (None, Some(number)) => Some(plus(&scaled(variable), &number)),
            (None, None) => None,
        })
    }

    /// Returns how a value in `from` becomes one in `to`.
    pub fn conversion(&self, from: NamedNodeRef<'_>, to: NamedNodeRef<'_>) -> Result<Conversion, Error> {
        let (source, target) = (self.known(from)?, self.known(to)?);
        if from == to {
            return Ok(Conversion::IDENTITY);
        }
        if self.roots(source).is_disjoint(&self.roots(target)) {
            return Err(self.incompatible(source, target));
        }
        let no_factor = |unit: &Unit| Error::NoFactor {
            from: source.symbol.clone(),
            to: target.symbol.clone(),
            unit: unit.symbol.clone(),
        };
        let multiplier = |unit: &'_ Unit| unit.multiplier.clone().ok_or_else(|| no_factor(unit));
        let scale = multiplier(source)?.over(&multiplier(target)?);
        let offset = source.offset.times(&scale).minus(&target.offset);
        Ok(Conversion::new(&scale, &offset))
    }

    /// Returns how a value of a quantity kind becomes one in another unit: a difference of temperatures converts
    /// without the offset that temperatures have.
    pub fn conversion_of(
        &self,
        kind: Option<NamedNodeRef<'_>>,
        from: NamedNodeRef<'_>,
        to: NamedNodeRef<'_>,
    ) -> Result<Conversion, Error> {
        let conversion = self.conversion(from, to)?;
        let is_difference = kind.and_then(|kind| self.quantity_kind(kind)).is_some_and(|kind| {
            kind.lineage.iter().any(|kind| kind.as_ref() == quantitykind::TEMPERATURE_DIFFERENCE)
        });
        Ok(if is_difference { conversion.of_differences() } else { conversion })
    }

    /// Returns whether a unit measures a quantity kind.
    pub fn fits(&self, unit: NamedNodeRef<'_>, kind: NamedNodeRef<'_>) -> bool {
        let Some(unit) = self.get(unit) else { return false };
        unit.quantity_kinds.iter().any(|own| {
            own.as_ref() == kind
                || self.root(own).is_some_and(|root| {
                    self.quantity_kind(kind).is_some_and(|kind| kind.lineage.last() == Some(root))
                })
        })
    }

    fn known(&self, iri: NamedNodeRef<'_>) -> Result<&Unit, Error> {
        self.get(iri).ok_or_else(|| Error::Unknown(iri.as_str().to_owned()))
    }

    fn root(&self, kind: &NamedNode) -> Option<&NamedNode> {
        self.quantity_kind(kind.as_ref()).and_then(|kind| kind.lineage.last())
    }

    fn roots<'a>(&'a self, unit: &'a Unit) -> BTreeSet<&'a str> {
        unit.quantity_kinds.iter().map(|kind| self.root(kind).unwrap_or(kind).as_str()).collect()
    }

    fn incompatible(&self, from: &Unit, to: &Unit) -> Error {
        Error::Incompatible {
            from: from.symbol.clone(),
            from_kinds: self.labels(from),
            to: to.symbol.clone(),
            to_kinds: self.labels(to),
        }
    }

    /// Returns what a unit measures, for a person.
    pub fn labels(&self, unit: &Unit) -> String {
        let labels: Vec<&str> = unit
            .quantity_kinds
            .iter()
            .map(|kind| self.quantity_kind(kind.as_ref()).map_or(kind.as_str(), |kind| kind.label.as_str()))
            .collect();
        labels.join(", ")
    }
}
