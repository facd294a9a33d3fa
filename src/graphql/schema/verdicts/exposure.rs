//! `Exposure`: what changes would touch, before they are committed.

use super::margin_change::MarginChangeValue;
use crate::app::{Exposed, Scope};
use crate::feedback::{ExposedSite, ExposedUnit, ExposedUnits};
use crate::graphql::engine::types::arguments::missing;
use crate::graphql::engine::types::build::{ObjectBuilder, object};
use crate::graphql::engine::types::{Definition, InputField};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::graphql::schema::history::{conflict, diff, suspect, trace};
use crate::graphql::schema::records::change::Draft;
use crate::graphql::schema::shared::connection::Page;
use crate::graphql::schema::shared::versions::Versions;
use crate::graphql::schema::shared::{node, page};
use crate::model::time::clock::PreviewClock;
use crate::ontology::Ontology;
use crate::thread::CoverageChange;
use oxigraph::model::NamedNode;
use std::cell::OnceCell;
use std::sync::Arc;

/// Changes that are supposed of a version.
struct ExposureValue {
    before: Arc<Scope>,
    after: Arc<Scope>,
    exposed: Exposed,
    put: Vec<NamedNode>,
    units: OnceCell<ExposedUnits>,
}

#[derive(Clone)]
struct UnitValue {
    /// The version that has the unit, the one after where both do.
    scope: Arc<Scope>,
    unit: ExposedUnit,
}

struct CoverageValue {
    versions: Versions,
    change: CoverageChange,
}

impl ExposureValue {
    fn versions(&self) -> Versions {
        Versions { before: Arc::clone(&self.before), after: Arc::clone(&self.after) }
    }

    /// Returns the units, found once.
    fn units(&self) -> Result<&ExposedUnits, Error> {
        if let Some(units) = self.units.get() {
            return Ok(units);
        }
        let units = self.exposed.exposure.units()?;
        Ok(self.units.get_or_init(|| units))
    }
}

/// Adds `exposure` to `Thread`.
pub(crate) fn extend_thread(builder: ObjectBuilder<Arc<Scope>>) -> ObjectBuilder<Arc<Scope>> {
    builder.field_with(
        "exposure",
        "Exposure",
        "What changes would affect if they were committed on top of this version; nothing is written. Null only beside the error that refuses them.",
        vec![
            InputField::new("changes", "[Change!]!", "What would change, in order, as a commit takes it."),
            crate::graphql::schema::shared::window::window(),
        ],
        exposure,
    )
}

fn exposure(scope: &Arc<Scope>, call: &Call<'_>) -> Result<Value, Error> {
    let window = call.arguments.window("window")?.ok_or_else(|| missing("window"))?;
    let clock = PreviewClock::new(scope.snapshot.commit().time);
    let mut draft = Draft::new(&scope.snapshot, &clock);
    for change in call.arguments.objects("changes")? {
        draft.read(&change)?;
    }
    let (changes, put) = draft.finish();
    let exposed = call.request.session.exposure(scope, &changes, window)?;
    let (before, after, units) = (Arc::clone(scope), Arc::new(exposed.after.clone()), OnceCell::new());
    Ok(Value::object(ExposureValue { before, after, exposed, put, units }))
}

pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let builder = object::<ExposureValue>("Exposure", "What changes would affect if they were committed.");
    let builder = field_life(change(builder, ontology));
    let mut types = page::connection::<UnitValue>("ExposedUnit").to_vec();
    types.extend(page::connection::<ExposedSite>("ExposedSite"));
    types.extend([builder.done(), unit(ontology), site(), coverage_change()]);
    types
}

/// Adds what the changes are, and what they do to the design record.
fn change(builder: ObjectBuilder<ExposureValue>, ontology: &Arc<Ontology>) -> ObjectBuilder<ExposureValue> {
    let for_diff = Arc::clone(ontology);
    builder
        .field(
            "thread",
            "Thread!",
            "The version as it would be: everything that can be asked of a thread can be asked of it.",
            |of, _| Ok(Value::object(Arc::clone(&of.after))),
        )
        .field("changed", "Int!", "How many statements would be added or removed.", |of, _| {
            Ok(of.exposed.supposed.changed.into())
        })
        .field_with(
            "resources",
            "RecordConnection!",
            "What would be put, in the order of the puts.",
            page::arguments(),
            |of, call| Page::of(&of.after, of.put.clone(), call),
        )
        .field("diff", "Diff!", "What would differ.", move |of, _| {
            Ok(diff::value(&of.before, &of.after, of.exposed.supposed.diff.resources.clone(), &for_diff))
        })
        .field_with(
            "violations",
            "ViolationConnection!",
            "What a commit of the changes would be refused for.",
            page::arguments(),
            |of, call| conflict::violations(&of.after, &of.exposed.supposed.violations, call),
        )
        .field(
            "requirementCoverage",
            "[ExposedCoverage!]!",
            "How requirements would be covered, need by need.",
            move |of, _| {
                let versions = of.versions();
                let wrap = |change| CoverageValue { versions: versions.clone(), change };
                Ok(Value::objects(of.exposed.exposure.coverage()?.into_iter().map(wrap)))
            },
        )
        .field_with(
            "suspectLinks",
            "SuspectLinkConnection!",
            "The links that would become suspect, or suspect for other reasons than now, in the order of links.",
            page::arguments(),
            |of, call| suspect::page(&of.after, of.exposed.exposure.suspect_links()?, call),
        )
}

/// Adds what the changes do to the field life of the designs that they reach.
fn field_life(builder: ObjectBuilder<ExposureValue>) -> ObjectBuilder<ExposureValue> {
    builder
        .field_with(
            "designs",
            "DesignRevisionConnection!",
            "The design revisions that the changes reach, in IRI order: units and margins are those of these.",
            page::arguments(),
            |of, call| resources_page(&of.versions(), of.exposed.exposure.designs(), call),
        )
        .field("unitCount", "Int!", "How many units carry one of the designs, before or after.", |of, _| {
            Ok(of.units()?.units.len().into())
        })
        .field("movedCount", "Int!", "How many of the units would carry other designs, or carry the same ones at other times or places.", |of, _| {
            Ok(of.units()?.units.iter().filter(|unit| unit.is_moved).count().into())
        })
        .field("hoursBefore", "Float!", "The unit-hours before.", |of, _| Ok(of.units()?.hours().0.into()))
        .field("hoursAfter", "Float!", "The unit-hours after.", |of, _| Ok(of.units()?.hours().1.into()))
        .field_with(
            "units",
            "ExposedUnitConnection!",
            "The units that carry one of the designs, before or after, in IRI order.",
            [
                vec![
                    InputField::new("moved", "Boolean!", "Only units that would carry other designs, or carry the same ones at other times or places.")
                        .default(false),
                ],
                page::arguments(),
            ]
            .concat(),
            move |of, call| {
                let versions = of.versions();
                let moved = call.arguments.flag("moved")?.unwrap_or(false);
                let units: Vec<&ExposedUnit> =
                    of.units()?.units.iter().filter(|unit| unit.is_moved || !moved).collect();
                units_page(&versions, &units, call)
            },
        )
        .field_with(
            "sites",
            "ExposedSiteConnection!",
            "The sites of the units, by name.",
            page::arguments(),
            |of, call| page::listed(&of.units()?.sites, call.arguments, Clone::clone),
        )
        .field_with(
            "margins",
            "[ExposedMargin!]",
            "Each constraint on the designs, before and after, in the order of design, requirement and constraint. Null only beside an error, such as the violations under which nothing can be judged.",
            vec![
                InputField::new("changed", "Boolean!", "Only margins to which the changes make a difference.")
                    .default(false),
            ],
            move |of, call| {
                let changed = call.arguments.flag("changed")?.unwrap_or(false);
                let mut margins = of.exposed.margins(&of.before)?;
                margins.retain(|margin| margin.is_changed() || !changed);
                Ok(MarginChangeValue::all(&of.versions(), margins))
            },
        )
}

/// Returns a page of resources, each of the version that has it.
fn resources_page<'a>(
    versions: &Versions,
    found: impl Iterator<Item = &'a NamedNode>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let found = found.map(|iri| Ok((Arc::clone(versions.scope(iri)?), iri.clone())));
    Page::of_each(found.collect::<Result<_, Error>>()?, call)
}

fn units_page(versions: &Versions, units: &[&ExposedUnit], call: &Call<'_>) -> Result<Value, Error> {
    let scopes: Vec<Arc<Scope>> =
        units.iter().map(|unit| versions.scope(&unit.unit).cloned()).collect::<Result<_, _>>()?;
    let units: Vec<(&ExposedUnit, Arc<Scope>)> = units.iter().copied().zip(scopes).collect();
    page::listed(&units, call.arguments, |(unit, scope)| UnitValue {
        scope: Arc::clone(scope),
        unit: (*unit).clone(),
    })
}

fn unit(ontology: &Arc<Ontology>) -> Definition {
    let known = Arc::clone(ontology);
    object::<UnitValue>("ExposedUnit", "A unit that changes touch.")
        .field("unit", "Record!", "The unit.", move |of, _| {
            node::typed(&of.scope, of.unit.unit.clone(), &known)
        })
        .field("serial", "String", "Its identifier.", |of, _| Ok(of.unit.serial.clone().into()))
        .field(
            "hoursBefore",
            "Float!",
            "The hours for which it certainly carries one of the designs before.",
            |of, _| Ok(of.unit.hours_before.into()),
        )
        .field(
            "hoursAfter",
            "Float!",
            "The hours for which it certainly carries one of the designs after.",
            |of, _| Ok(of.unit.hours_after.into()),
        )
        .field(
            "moved",
            "Boolean!",
            "Whether it would carry other designs, or carry the same ones at other times or places.",
            |of, _| Ok(of.unit.is_moved.into()),
        )
        .done()
}

fn site() -> Definition {
    object::<ExposedSite>("ExposedSite", "A site that changes touch.")
        .field("site", "String", "The site of the asset; absent where it is not known.", |of, _| {
            Ok(of.site.clone().into())
        })
        .field("unitCount", "Int!", "How many units are there, before or after.", |of, _| {
            Ok(of.unit_count.into())
        })
        .field("hoursBefore", "Float!", "The unit-hours before.", |of, _| Ok(of.hours_before.into()))
        .field("hoursAfter", "Float!", "The unit-hours after.", |of, _| Ok(of.hours_after.into()))
        .done()
}

fn coverage_change() -> Definition {
    object::<CoverageValue>("ExposedCoverage", "How requirements are covered before changes and after.")
        .field("before", "RequirementCoverage!", "The coverage before the changes.", |of, _| {
            Ok(trace::coverage_value(&of.versions.before, of.change.before.clone()))
        })
        .field("after", "RequirementCoverage!", "The coverage after the changes.", |of, _| {
            Ok(trace::coverage_value(&of.versions.after, of.change.after.clone()))
        })
        .field_with(
            "covered",
            "RequirementConnection!",
            "The requirements that lack it before the changes and have it after them, in IRI order.",
            page::arguments(),
            |of, call| resources_page(&of.versions, of.change.covered(), call),
        )
        .field_with(
            "uncovered",
            "RequirementConnection!",
            "The requirements that have it before the changes and lack it after them, in IRI order.",
            page::arguments(),
            |of, call| resources_page(&of.versions, of.change.uncovered(), call),
        )
        .done()
}
