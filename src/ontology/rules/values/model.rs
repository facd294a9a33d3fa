//! Rule *model fits*: the expression or the table of a model can be read, names its inputs, and gives what its output is measured in. A
//! change of an input is checked with the models that have it.

use crate::model::statement::Statement;
use crate::ontology::data::Data;
use crate::ontology::error::Error;
use crate::ontology::rules::Subject;
use crate::ontology::rules::reader::{self, Reader};
use crate::ontology::schema::Ontology;
use crate::ontology::terms::tl;
use crate::ontology::units::expression::Expression;
use crate::ontology::units::expression::dimension::Dimension;
use crate::ontology::units::expression::table::Table;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

const RULE: &str = "model fits";

pub(in crate::ontology::rules) fn check<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    found: &mut Vec<Violation>,
) -> Result<(), Error> {
    if subject.profile.is_a(tl::MODEL_CLASS) {
        found.extend(misfit(ontology, data, subject, subject.about)?);
    } else if subject.profile.is_a(tl::MODEL_INPUT) {
        for model in data.linking(tl::INPUT, subject.node)? {
            let about = data.about(&model)?;
            found.extend(misfit(ontology, data, subject, &about)?);
        }
    }
    Ok(())
}

/// A variable of a model.
struct Input {
    name: String,
    dimension: Option<Dimension>,
}

fn misfit<D: Data>(
    ontology: &Ontology,
    data: &Reader<'_, D>,
    subject: &Subject<'_>,
    model: &[Statement],
) -> Result<Option<Violation>, Error> {
    let violation = |field: NamedNodeRef<'_>, message: String| {
        Some(subject.violation(RULE, Some(ontology.field_name_of(field)), None, message))
    };
    let text = |field| reader::values(model, field).find_map(reader::text);
    let mut inputs: Vec<Input> = Vec::new();
    for input in reader::values(model, tl::INPUT) {
        let Term::NamedNode(input) = input else { continue };
        let about = data.about(input)?;
        let name = reader::values(&about, tl::NAME).find_map(reader::text).unwrap_or_default().to_owned();
        if inputs.iter().any(|other| other.name == name) {
            return Ok(violation(tl::INPUT, format!("two inputs are named \"{name}\"")));
        }
        inputs.push(Input { dimension: dimension(ontology, &about).ok(), name });
    }
    let (expression, table) = (text(tl::EXPRESSION), text(tl::TABLE));
    match (text(tl::FORM), expression, table) {
        (Some("EXPRESSION"), Some(expression), None) => {
            Ok(of_expression(ontology, model, expression, &inputs)
                .and_then(|(field, what)| violation(field, what)))
        }
        (Some("TABLE"), None, Some(table)) => {
            let names: Vec<&str> = inputs.iter().map(|input| input.name.as_str()).collect();
            let error = Table::parse(table, &names).err();
            Ok(error.and_then(|error| violation(tl::TABLE, format!("the table, {error}"))))
        }
        (Some(form), ..) => {
            let wanted =
                if form == "TABLE" { "a table and no expression" } else { "an expression and no table" };
            Ok(violation(tl::FORM, format!("a model of the form {form} has {wanted}")))
        }
        // A missing form is the shapes' affair.
        (None, ..) => Ok(None),
    }
}

/// Returns what is wrong with an expression, and in which field.
fn of_expression(
    ontology: &Ontology,
    model: &[Statement],
    expression: &str,
    inputs: &[Input],
) -> Option<(NamedNodeRef<'static>, String)> {
    let mut variables = Vec::with_capacity(inputs.len());
    for input in inputs {
        let Some(dimension) = input.dimension else {
            let what = format!("expressions do not compute with the unit of the input \"{}\"", input.name);
            return Some((tl::INPUT, what));
        };
        variables.push((input.name.as_str(), dimension));
    }
    let parsed = match Expression::parse(expression, &variables, ontology.units()) {
        Ok(parsed) => parsed,
        Err(error) => return Some((tl::EXPRESSION, format!("the expression, {error}"))),
    };
    let wanted = match dimension(ontology, model) {
        Ok(wanted) => wanted,
        Err(what) => return Some((tl::UNIT, what)),
    };
    let found = parsed.dimension;
    (found != wanted).then(|| {
        (tl::UNIT, format!("the expression gives [{found}], but the unit of the model is one of [{wanted}]"))
    })
}

/// Returns the dimension of the unit of a model or an input.
fn dimension(ontology: &Ontology, about: &[Statement]) -> Result<Dimension, String> {
    let unit = reader::values(about, tl::UNIT).find_map(|value| match value {
        Term::NamedNode(unit) => Some(unit),
        _ => None,
    });
    let unit: &NamedNode = unit.ok_or("the model has no unit")?;
    // An unknown unit is the shapes' affair.
    let known = ontology.units().get(unit.as_ref()).ok_or("the unit is not known")?;
    let found = Dimension::of(known, ontology.units()).map(|(dimension, _)| dimension);
    found.ok_or_else(|| {
        format!(
            "{} measures {}, which expressions do not compute with",
            known.symbol,
            ontology.units().labels(known)
        )
    })
}
