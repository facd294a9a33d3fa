//! A model of a design as the record states it: what it computes, of what, where it is valid.

use crate::feedback::error::Error;
use crate::graph::Snapshot;
use crate::model::number::quantity::Conversion;
use crate::ontology::terms::tl;
use crate::ontology::units::expression::Expression;
use crate::ontology::units::expression::dimension::Dimension;
use crate::ontology::units::expression::table::Table;
use crate::thread::Record;
use oxigraph::model::NamedNode;

/// A model of a design.
#[derive(Clone, Debug)]
pub struct Model {
    /// The model.
    pub iri: NamedNode,
    /// What it computes.
    pub property: NamedNode,
    /// The unit of that.
    pub unit: NamedNode,
    /// What it computes it of.
    pub inputs: Vec<ModelInput>,
    /// How sure a prediction is: its standard uncertainty, in the unit.
    pub uncertainty: Option<f64>,
    form: Form,
}

/// An input of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelInput {
    /// Its name in the expression, or its column in the table.
    pub name: String,
    /// What is observed.
    pub property: NamedNode,
    /// The unit in which the model takes it.
    pub unit: NamedNode,
    /// The model is valid from this.
    pub lower: Option<f64>,
    /// The model is valid up to this.
    pub upper: Option<f64>,
}

#[derive(Clone, Debug)]
enum Form {
    /// Computed in SI: how each input gets there, and how the value comes back.
    Expression {
        expression: Expression,
        to_si: Vec<Conversion>,
        from_si: Conversion,
    },
    Table(Table),
}

/// What a model makes of its inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Prediction {
    /// A value, in the unit of the model.
    Value(f64),
    /// An input lies outside the range in which the model is valid.
    Outside,
    /// The expression has no value there, such as a division by 0.
    Undefined,
}

impl Model {
    /// Reads a model; refuses one that is incomplete.
    pub fn read(snapshot: &Snapshot, iri: &NamedNode) -> Result<Self, Error> {
        let incomplete = || Error::NotA("complete Model", iri.clone());
        let record = Record::read(snapshot, iri)?;
        let (Some(property), Some(unit)) = (record.target(tl::PROPERTY), record.target(tl::UNIT)) else {
            return Err(incomplete());
        };
        let mut inputs = Vec::new();
        for input in record.targets(tl::INPUT) {
            let of = Record::read(snapshot, &input)?;
            let (Some(name), Some(property), Some(unit)) =
                (of.text(tl::NAME), of.target(tl::PROPERTY), of.target(tl::UNIT))
            else {
                return Err(incomplete());
            };
            let (lower, upper) = (of.number(tl::LOWER), of.number(tl::UPPER));
            inputs.push(ModelInput { name: name.to_owned(), property, unit, lower, upper });
        }
        let form = Form::read(snapshot, &record, &unit, &inputs).ok_or_else(incomplete)?;
        let uncertainty = record.number(tl::UNCERTAINTY);
        Ok(Self { iri: iri.clone(), property, unit, inputs, uncertainty, form })
    }

    /// Computes the value of inputs in their order, each in its unit.
    pub fn predict(&self, inputs: &[f64]) -> Prediction {
        let is_valid = |(input, value): (&ModelInput, &f64)| {
            input.lower.is_none_or(|lower| *value >= lower) && input.upper.is_none_or(|upper| *value <= upper)
        };
        if !self.inputs.iter().zip(inputs).all(is_valid) {
            return Prediction::Outside;
        }
        match &self.form {
            Form::Table(table) => table.value(inputs).map_or(Prediction::Outside, Prediction::Value),
            Form::Expression { expression, to_si, from_si } => {
                let inputs: Vec<f64> = to_si.iter().zip(inputs).map(|(by, value)| by.apply(*value)).collect();
                let value = expression.value(&inputs).map(|value| from_si.apply(value));
                value.map_or(Prediction::Undefined, Prediction::Value)
            }
        }
    }
}

impl Form {
    fn read(snapshot: &Snapshot, record: &Record, unit: &NamedNode, inputs: &[ModelInput]) -> Option<Self> {
        if record.text(tl::FORM) == Some("TABLE") {
            let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
            return Table::parse(record.text(tl::TABLE)?, &names).ok().map(Self::Table);
        }
        let units = snapshot.ontology().units();
        let (mut variables, mut to_si) = (Vec::new(), Vec::new());
        for input in inputs {
            let (dimension, by) = Dimension::of(units.get(input.unit.as_ref())?, units)?;
            variables.push((input.name.as_str(), dimension));
            to_si.push(by);
        }
        let expression = Expression::parse(record.text(tl::EXPRESSION)?, &variables, units).ok()?;
        let from_si = Dimension::from_si(units.get(unit.as_ref())?)?;
        // A difference of temperatures converts without the offset that temperatures have.
        let kind = snapshot.target(&record.target(tl::PROPERTY)?, tl::QUANTITY_KIND).ok()?;
        let is_difference = kind.is_some_and(|kind| kind.as_str().ends_with("/TemperatureDifference"));
        let from_si = if is_difference { from_si.of_differences() } else { from_si };
        Some(Self::Expression { expression, to_si, from_si })
    }
}
