//! A mapping resolved against the ontology and a table's header: every name found, every constant read.

use super::cell::bracketed::stated;
use super::cell::marks::Marks;
use super::derived::arithmetic::Expression;
use super::derived::template::{Template, expand};
use super::derived::{self, Make};
use super::mapping::{Columns, Detailed, Fields, Fragment, Mapping, Resource, Source};
use super::problem::Error;
use super::sheet::dialect::{self, Unreadable};
use super::sheet::row::{Header, Row};
use super::value::{self, Notation, World};
use crate::model::near;
use crate::ontology::{Class, Field, FieldKind, Ontology};
use oxigraph::model::{NamedNode, Term};
use std::collections::BTreeMap;
use toml::Spanned;

/// One resource of each row.
#[derive(Debug)]
pub(super) struct ResourcePlan<'a> {
    pub(super) id: Template,
    pub(super) node: NodePlan<'a>,
}

/// The plan of the statements about a resource or fragment.
#[derive(Debug)]
pub(super) struct NodePlan<'a> {
    pub(super) class: &'a Class,
    pub(super) when: WhenPlan,
    pub(super) fields: Vec<FieldPlan<'a>>,
    pub(super) fragments: Vec<FragmentPlan<'a>>,
}

/// A fragment below its owner.
#[derive(Debug)]
pub(super) struct FragmentPlan<'a> {
    pub(super) field: &'a Field,
    pub(super) name: Template,
    pub(super) node: NodePlan<'a>,
}

/// One field and where its values come from.
#[derive(Debug)]
pub(super) struct FieldPlan<'a> {
    pub(super) field: &'a Field,
    pub(super) values: Values,
    /// The unit that the header of its column states in brackets, where it is a number.
    pub(super) stated: Option<StatedUnit>,
}

/// A unit in the header of a column, as `Limit [°F]`.
#[derive(Clone, Debug)]
pub(super) struct StatedUnit {
    pub(super) column: usize,
    text: String,
    iri: NamedNode,
}

impl StatedUnit {
    /// Refuses another unit of the value; `ontology` knows its symbol.
    pub(super) fn check(&self, unit: &Term, ontology: &Ontology) -> Result<(), String> {
        let Term::NamedNode(iri) = unit else { return Ok(()) };
        if *iri == self.iri {
            return Ok(());
        }
        let symbol = ontology.units().get(iri.as_ref()).map_or(iri.as_str(), |unit| unit.symbol.as_str());
        Err(format!(
            "the header states the unit {}, but the unit of the value is {symbol}: state that of the header, or compute the value in {symbol}, as in value = \"({{column}} - 32) * 5 / 9\"; if that is no unit, name all columns by header and skip the file's own with skip-lines",
            self.text
        ))
    }
}

/// Where values come from.
#[derive(Debug)]
pub(super) enum Values {
    Constant(Term),
    Column { column: usize, split: Option<String>, notation: Notation },
    Made { make: Make, split: Option<String>, notation: Notation },
    Link(Template),
}

/// Which rows count.
#[derive(Debug, Default)]
pub(super) struct WhenPlan {
    filled: Vec<usize>,
    only: Vec<(usize, Vec<String>)>,
}

impl WhenPlan {
    pub(super) fn holds(&self, row: &Row<'_>) -> bool {
        self.filled.iter().all(|column| row.cell(*column).is_some())
            && self.only.iter().all(|(column, texts)| {
                let cell = row.cell(*column).unwrap_or_default();
                texts.iter().any(|text| text == cell)
            })
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = usize> + '_ {
        self.filled.iter().copied().chain(self.only.iter().map(|(column, _)| *column))
    }
}

impl NodePlan<'_> {
    /// Lists the columns whose cells name something: in ids, and in identifiers.
    pub(super) fn names(&self, names: &mut Vec<usize>) {
        for field in &self.fields {
            match &field.values {
                Values::Column { column, .. } if is_identifier(field.field) => names.push(*column),
                Values::Made { make, .. } if is_identifier(field.field) => make.columns(names),
                Values::Link(template) => names.extend(template.columns()),
                _ => {}
            }
        }
        for fragment in &self.fragments {
            names.extend(fragment.name.columns());
            fragment.node.names(names);
        }
    }

    /// Lists the columns whose cells are texts, and those that are times.
    pub(super) fn by_kind(&self, texts: &mut Vec<usize>, times: &mut Vec<usize>) {
        for field in &self.fields {
            let is_time =
                matches!(field.field.kind, FieldKind::Instant | FieldKind::Date | FieldKind::Period);
            let of_kind = match field.field.kind {
                FieldKind::Text => &mut *texts,
                _ if is_time => &mut *times,
                _ => continue,
            };
            match &field.values {
                Values::Column { column, .. } => of_kind.push(*column),
                // A text that is joined of cells may well have a date in it.
                Values::Made { make, .. } if is_time || matches!(make, Make::First(_)) => {
                    make.columns(of_kind);
                }
                Values::Made { .. } | Values::Constant(_) | Values::Link(_) => {}
            }
        }
        for fragment in &self.fragments {
            fragment.node.by_kind(texts, times);
        }
    }

    /// Lists the columns that are used.
    pub(super) fn columns(&self, used: &mut Vec<usize>) {
        used.extend(self.when.columns());
        for field in &self.fields {
            match &field.values {
                Values::Constant(_) => {}
                Values::Column { column, notation, .. } => {
                    used.push(*column);
                    used.extend(notation.offset);
                }
                Values::Made { make, notation, .. } => {
                    make.columns(used);
                    used.extend(notation.offset);
                }
                Values::Link(template) => used.extend(template.columns()),
            }
        }
        for fragment in &self.fragments {
            used.extend(fragment.name.columns());
            fragment.node.columns(used);
        }
    }
}

/// Returns whether the values of a field name something.
fn is_identifier(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Link(_)) || field.name == "identifier"
}

/// Makes plans, and errors that have a place in the mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planner<'a> {
    pub(super) mapping: &'a Mapping,
    pub(super) header: Header<'a>,
    pub(super) world: World<'a>,
}

impl<'a> Planner<'a> {
    pub(super) fn resource(&self, written: &Resource) -> Result<ResourcePlan<'a>, Error> {
        let ontology = self.world.ontology;
        let name = written.class.get_ref();
        let class = ontology.class_named(name).ok_or_else(|| self.unknown_class(&written.class, ontology))?;
        if class.fragment {
            let message =
                format!("{name} is part of another resource; describe it as a fragment of that one");
            return Err(self.at(&written.class, message));
        }
        let when = self.when(&written.skip_if_empty, &written.only)?;
        let node = self.node(class, when, &written.fields, &written.fragment)?;
        let id = Template::parse(written.id.get_ref(), &self.header);
        Ok(ResourcePlan { id: id.map_err(|message| self.at(&written.id, message))?, node })
    }

    fn unknown_class(&self, class: &Spanned<String>, ontology: &Ontology) -> Error {
        let name = class.get_ref();
        let hint = near::hint(name, ontology.classes().iter().map(|class| class.name.as_str()));
        self.at(class, format!("the ontology has no class {name}{hint}"))
    }

    fn node(
        &self,
        class: &'a Class,
        when: WhenPlan,
        fields: &Fields,
        fragments: &[Fragment],
    ) -> Result<NodePlan<'a>, Error> {
        let planned: Vec<FieldPlan<'a>> = fields
            .0
            .iter()
            .map(|(name, source)| self.field(class, name, source))
            .collect::<Result<_, _>>()?;
        self.check_stated_units(fields, &planned)?;
        Ok(NodePlan {
            class,
            when,
            fields: planned,
            fragments: fragments
                .iter()
                .map(|fragment| self.fragment(class, fragment))
                .collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn when(
        &self,
        skip_if_empty: &[Spanned<String>],
        only: &BTreeMap<Spanned<String>, Vec<String>>,
    ) -> Result<WhenPlan, Error> {
        let filled = skip_if_empty.iter().map(|name| self.column(name)).collect::<Result<_, _>>()?;
        let only = only
            .iter()
            .map(|(name, texts)| Ok((self.column(name)?, texts.clone())))
            .collect::<Result<_, Error>>()?;
        Ok(WhenPlan { filled, only })
    }

    fn fragment(&self, owner: &'a Class, written: &Fragment) -> Result<FragmentPlan<'a>, Error> {
        let field = self.find(owner, &written.field)?;
        let FieldKind::Fragment(class) = &field.kind else {
            let message = format!("{} of {} is no fragment; write it under fields", field.name, owner.name);
            return Err(self.at(&written.field, message));
        };
        let class = self.world.ontology.class(class.as_ref()).ok_or_else(|| {
            self.at(&written.field, format!("the ontology does not describe the class {class}"))
        })?;
        let name = match &written.name {
            Some(name) => self.template(name)?,
            None => Template::parse(field.local_name(), &self.header)
                .map_err(|message| self.at(&written.field, message))?,
        };
        let when = self.when(&written.skip_if_empty, &written.only)?;
        let node = self.node(class, when, &written.fields, &written.fragment)?;
        Ok(FragmentPlan { field, name, node })
    }

    fn find(&self, class: &'a Class, name: &Spanned<String>) -> Result<&'a Field, Error> {
        class.field(name.get_ref()).ok_or_else(|| {
            let hint = near::hint(name.get_ref(), class.fields.iter().map(|field| field.name.as_str()));
            self.at(name, format!("{} has no field {}{hint}", class.name, name.get_ref()))
        })
    }

    fn field(
        &self,
        class: &'a Class,
        name: &Spanned<String>,
        source: &Spanned<Source>,
    ) -> Result<FieldPlan<'a>, Error> {
        let field = self.find(class, name)?;
        if matches!(field.kind, FieldKind::Fragment(_)) {
            let message = format!(
                "{} of {} is a fragment; describe it under [[resource.fragment]] with field = \"{}\"",
                field.name, class.name, field.name
            );
            return Err(self.at(name, message));
        }
        let values = self.values(field, source)?;
        let stated = if field.kind == FieldKind::Number { self.stated_unit(&values) } else { None };
        Ok(FieldPlan { field, values, stated })
    }

    /// Returns the unit that the header of a value's column states.
    fn stated_unit(&self, values: &Values) -> Option<StatedUnit> {
        let mut columns = Vec::new();
        match values {
            Values::Column { column, .. } => columns.push(*column),
            Values::Made { make: Make::First(first), .. } => columns.extend(first),
            _ => {}
        }
        columns.into_iter().find_map(|column| {
            let units = self.world.ontology.units();
            let text = stated(&self.header.names[column], |text| units.find(text).is_some())?;
            let unit = units.find(text)?;
            Some(StatedUnit { column, text: text.to_owned(), iri: unit.iri.clone() })
        })
    }

    /// Refuses a fixed unit beside a column whose header states another one.
    fn check_stated_units(&self, fields: &Fields, planned: &[FieldPlan<'_>]) -> Result<(), Error> {
        let fixed = planned.iter().find_map(|plan| match (&plan.field.kind, &plan.values) {
            (FieldKind::Unit, Values::Constant(unit)) => Some(unit),
            _ => None,
        });
        let Some(unit) = fixed else { return Ok(()) };
        for (plan, (_, source)) in planned.iter().zip(&fields.0) {
            if let Some(stated) = &plan.stated {
                let name = &self.header.names[stated.column];
                stated.check(unit, self.world.ontology).map_err(|message| {
                    self.at(source, format!("column {} \"{name}\": {message}", stated.column + 1))
                })?;
            }
        }
        Ok(())
    }

    fn values(&self, field: &Field, source: &Spanned<Source>) -> Result<Values, Error> {
        let detailed = &source.get_ref().0;
        match (&detailed.column, &detailed.value, &detailed.id) {
            (Some(Columns::One(column)), None, None) => Ok(Values::Column {
                column: self.header.index(column).map_err(|message| self.at(source, message))?,
                split: detailed.split.clone(),
                notation: self.notation(detailed)?,
            }),
            (Some(Columns::First(columns)), None, None) => {
                self.made(derived::first_of(columns, &self.header), detailed, source)
            }
            (None, Some(toml::Value::String(text)), None) if text.contains(['{', '}']) => {
                let is_number = matches!(field.kind, FieldKind::Number | FieldKind::Integer);
                let make = if is_number {
                    Expression::parse(text, &self.header).map(Make::Computed)
                } else {
                    derived::joined(text, &self.header)
                };
                self.made(make, detailed, source)
            }
            (None, Some(value), None) => {
                let text = constant(value);
                let notation =
                    Notation { wall: self.notation(&Detailed::default())?.wall, ..Notation::default() };
                let term = value::read(&text, &field.kind, &notation, None, self.world);
                term.map(Values::Constant).map_err(|message| self.at(source, message))
            }
            (None, None, Some(id)) => self.link(field, id, source),
            _ => Err(self.at(source, "give exactly one of column, value and id")),
        }
    }

    fn made(
        &self,
        make: Result<Make, String>,
        detailed: &Detailed,
        source: &Spanned<Source>,
    ) -> Result<Values, Error> {
        let make = make.map_err(|message| self.at(source, message))?;
        Ok(Values::Made { make, split: detailed.split.clone(), notation: self.notation(detailed)? })
    }

    fn link(&self, field: &Field, id: &str, source: &Spanned<Source>) -> Result<Values, Error> {
        if !matches!(field.kind, FieldKind::Link(_) | FieldKind::Iri) {
            let message = format!("{} is no link, so it takes a column or a value, not an id", field.name);
            return Err(self.at(source, message));
        }
        let template = Template::parse(id, &self.header).map_err(|message| self.at(source, message))?;
        if template.is_numbered() {
            let message =
                "{#nth} numbers the rows that give one id, so it belongs in the id of a [[resource]]";
            return Err(self.at(source, message));
        }
        if !template.is_constant() {
            return Ok(Values::Link(template));
        }
        // Escaped braces are unescaped once the template is filled, so a fixed name is filled too.
        let target = expand(self.world.base, &id.replace("{{", "{").replace("}}", "}"));
        target.map(|target| Values::Constant(target.into())).map_err(|message| self.at(source, message))
    }

    pub(super) fn notation(&self, detailed: &Detailed) -> Result<Notation, Error> {
        let table = &self.mapping.written;
        let zone = detailed.zone.as_ref().or(table.zone.as_ref());
        let format = detailed.format.as_ref().or(table.format.as_ref());
        let ambiguous = detailed.ambiguous.as_ref().or(table.ambiguous.as_ref());
        let decimal = detailed.decimal.as_ref().or(table.decimal.as_ref());
        let thousands = detailed.thousands.as_ref().or(table.thousands.as_ref());
        let offset = detailed.offset.as_ref().or(table.offset.as_ref());
        let wall = dialect::wall(
            zone.map(|text| text.get_ref().as_str()),
            format.map(|text| text.get_ref().as_str()),
            detailed.years_from.or(table.years_from),
            ambiguous.map(|text| text.get_ref().as_str()),
        );
        let place = |key: &str| match key {
            "zone" => zone,
            "format" => format,
            _ => ambiguous,
        };
        let wall = wall.map_err(|Unreadable { key, message }| {
            self.mapping.error(place(key).map_or(0, |text| text.span().start), message)
        })?;
        let marks = Marks::new(decimal.map(|mark| *mark.get_ref()), thousands.map(|mark| *mark.get_ref()));
        let marks = marks.map_err(|message| {
            self.mapping.error(thousands.or(decimal).map_or(0, |mark| mark.span().start), message)
        })?;
        let offset = offset.map(|name| self.column(name)).transpose()?;
        Ok(Notation { marks, wall, offset, values: detailed.values.clone() })
    }

    pub(super) fn template(&self, text: &Spanned<String>) -> Result<Template, Error> {
        let template = Template::parse(text.get_ref(), &self.header);
        let template = template.map_err(|message| self.at(text, message))?;
        if template.is_numbered() {
            let message =
                "{#nth} numbers the rows that give one id, so it belongs in the id of a [[resource]]";
            return Err(self.at(text, message));
        }
        Ok(template)
    }

    pub(super) fn column(&self, name: &Spanned<String>) -> Result<usize, Error> {
        self.header.index(name.get_ref()).map_err(|message| self.at(name, message))
    }

    pub(super) fn at<T>(&self, place: &Spanned<T>, message: impl Into<String>) -> Error {
        self.mapping.error(place.span().start, message)
    }
}

fn constant(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
