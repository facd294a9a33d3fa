//! What was done: an action that is complete becomes an installation, a modification or an event, so that the configuration follows.
//!
//! | kind | what is recorded |
//! |---|---|
//! | REPLACE | the open installation of what is removed ends; one of the replacement begins there |
//! | RETURN | the open installation of the unit ends; with a replacement, as REPLACE |
//! | UPDATE_SOFTWARE at a position | the open installation of a design revision there ends; one of the new revision begins |
//! | any other kind, with a design revision | a modification of the unit to that revision |
//! | INSPECT | an event INSPECTION on the unit |
//! | all else | an event MAINTENANCE on the unit; on a lot nothing but the step |

use super::state::ActionMove;
use super::step::{Moving, StepGrounds};
use crate::feedback::error::Error;
use crate::feedback::record::about::About;
use crate::feedback::record::evidence::digest;
use crate::graph::Snapshot;
use crate::model::statement::change::Change;
use crate::model::time::instant::Instant;
use crate::ontology::terms::{dcterms, rdf, tl, xsd};
use crate::thread::{self, Record, lookup};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef};

/// What was done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Completion {
    /// When; `None`: at the instant of the report.
    pub at: Option<Instant>,
    /// The place in the target; `None`: as the action has it.
    pub position: Option<String>,
    /// The identifier or the name of the unit that was installed.
    pub replacement: Option<String>,
    /// The lot of a replacement that the thread does not know yet.
    pub lot: Option<NamedNode>,
    /// The design revision that the unit has from then on; `None`: as the action has it.
    pub realizes: Option<NamedNode>,
}

/// What a completion comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Completed {
    /// What a commit must do.
    pub changes: Vec<Change>,
    /// The records of what was done.
    pub results: Vec<NamedNode>,
    /// The unit that was installed.
    pub replacement: Option<NamedNode>,
}

/// An action that is being completed.
struct Work<'a> {
    snapshot: &'a Snapshot,
    moving: Moving,
    record: Record,
    grounds: &'a StepGrounds,
    at: Instant,
    target: NamedNode,
    position: Option<String>,
    realizes: Option<NamedNode>,
    results: Vec<NamedNode>,
}

/// A place in a unit, and what is installed there.
struct Place {
    installation: NamedNode,
    component: NamedNode,
    parent: NamedNode,
    position: Option<String>,
}

/// Takes an action to DONE, and describes what that changed in the configuration.
pub fn complete_action(
    snapshot: &Snapshot,
    action: &NamedNode,
    completion: &Completion,
    grounds: &StepGrounds,
) -> Result<Completed, Error> {
    let (mut moving, record) = Moving::read(snapshot, action)?;
    moving.make(ActionMove::Complete, grounds)?;
    // What happens now is recorded to the second, as persons and systems write it.
    let at = completion.at.unwrap_or(Instant::from_seconds(grounds.at.seconds()));
    let unfit = |why: &str| Error::Completion { action: action.clone(), why: why.to_owned() };
    if at > grounds.at {
        return Err(unfit(&format!("it cannot have been done at {at}, which is still to come")));
    }
    let target = record.target(tl::TARGET).ok_or_else(|| unfit("it names no target"))?;
    let position = completion.position.clone().or_else(|| record.text(tl::POSITION).map(str::to_owned));
    let realizes = completion.realizes.clone().or_else(|| record.target(tl::REALIZES));
    let kind = record.text(tl::KIND).unwrap_or("OTHER").to_owned();
    let mut work =
        Work { snapshot, moving, record, grounds, at, target, position, realizes, results: Vec::new() };
    let replacement = match kind.as_str() {
        "REPLACE" => {
            let named = completion.replacement.as_deref();
            let named = named.ok_or_else(|| unfit("state the serial of the replacement"))?;
            Some(work.replace(named, completion.lot.as_ref())?)
        }
        "RETURN" => match &completion.replacement {
            Some(named) => Some(work.replace(named, completion.lot.as_ref())?),
            None => {
                work.remove()?;
                None
            }
        },
        "UPDATE_SOFTWARE" if work.position.is_some() => {
            work.install_software()?;
            None
        }
        _ => {
            work.modify_or_note(&kind)?;
            None
        }
    };
    if replacement.is_none() && completion.replacement.is_some() {
        return Err(unfit(&format!("{kind} replaces nothing: leave the replacement out")));
    }
    Ok(work.finish(replacement))
}

impl Work<'_> {
    fn finish(mut self, replacement: Option<NamedNode>) -> Completed {
        self.moving.set(tl::AT, Literal::new_typed_literal(self.at.to_string(), xsd::DATE_TIME));
        if let Some(replacement) = &replacement {
            self.moving.set(tl::REPLACEMENT, replacement.clone());
        }
        for result in &self.results {
            self.moving.add(tl::RESULT, result.clone());
        }
        Completed { changes: self.moving.changes, results: self.results, replacement }
    }

    fn unfit(&self, why: String) -> Error {
        Error::Completion { action: self.moving.action.clone(), why }
    }

    /// Ends the installation of what is removed, and begins that of the replacement in the same place.
    fn replace(&mut self, named: &str, lot: Option<&NamedNode>) -> Result<NamedNode, Error> {
        let place = self.place()?;
        let replacement = self.replacement(named, &place.component, lot)?;
        if replacement == place.component {
            return Err(self.unfit(format!("{named} is the unit that was removed")));
        }
        self.end(&place);
        self.begin_installation(&replacement, &place.parent, place.position.as_deref())?;
        if let Some(revision) = self.realizes.clone()
            && lot.is_none()
            && self.snapshot.targets(&replacement, tl::BUILT_BY)?.is_empty()
        {
            self.record_modification(&replacement, &revision)?;
        }
        Ok(replacement)
    }

    fn remove(&mut self) -> Result<(), Error> {
        let place = self.place()?;
        self.end(&place);
        Ok(())
    }

    fn install_software(&mut self) -> Result<(), Error> {
        let revision = self.realizes.clone();
        let revision = revision.ok_or_else(|| {
            self.unfit("state the design revision of the software that was installed".to_owned())
        })?;
        let (parent, position) = (self.target.clone(), self.position.clone());
        let there = self.installed_at(&parent, position.as_deref())?;
        for place in &there {
            if !thread::is_instance(self.snapshot, &place.component, tl::DESIGN_REVISION)? {
                let name = self.snapshot.shorten(&place.component);
                return Err(self.unfit(format!("{name} is installed at that position, which is no software")));
            }
            self.end(place);
        }
        self.begin_installation(&revision, &parent, position.as_deref())
    }

    fn modify_or_note(&mut self, kind: &str) -> Result<(), Error> {
        if !thread::is_instance(self.snapshot, &self.target, tl::TWIN_INSTANCE)? {
            return Ok(());
        }
        let target = self.target.clone();
        match self.realizes.clone() {
            Some(revision) => self.record_modification(&target, &revision),
            None => self.record_event(if kind == "INSPECT" { "INSPECTION" } else { "MAINTENANCE" }),
        }
    }

    /// Returns the place of what is removed: the named one in the target, else the one that the target itself is in.
    fn place(&self) -> Result<Place, Error> {
        if thread::is_instance(self.snapshot, &self.target, tl::BUILD)? {
            return Err(self.unfit("a lot is replaced unit by unit: propose actions on its units".to_owned()));
        }
        let found = match &self.position {
            Some(position) => self.installed_at(&self.target, Some(position))?,
            None => self.installations(tl::COMPONENT, &self.target)?,
        };
        let name = self.snapshot.shorten(&self.target);
        let at = self.at;
        let mut found = found.into_iter();
        match (found.next(), found.next()) {
            (Some(place), None) => Ok(place),
            (None, _) => Err(self.unfit(match &self.position {
                Some(position) => format!("nothing is installed in {name} at {position} at {at}"),
                None => format!(
                    "{name} is installed nowhere at {at}: state the position in it that was worked on"
                ),
            })),
            (Some(_), Some(_)) => {
                Err(self.unfit(format!("several installations fit {name} at {at}: state the position")))
            }
        }
    }

    fn installed_at(&self, parent: &NamedNode, position: Option<&str>) -> Result<Vec<Place>, Error> {
        let mut places = self.installations(tl::PARENT, parent)?;
        places.retain(|place| place.position.as_deref() == position);
        Ok(places)
    }

    /// Returns the installations that name a unit and are under way at the instant.
    fn installations(&self, by: NamedNodeRef<'_>, unit: &NamedNode) -> Result<Vec<Place>, Error> {
        let mut places = Vec::new();
        for installation in self.snapshot.subjects(by, &unit.clone().into())? {
            let record = Record::read(self.snapshot, &installation)?;
            let has_begun = record.instant(tl::FROM).is_none_or(|from| from <= self.at);
            let has_ended =
                record.values(tl::TO).next().is_some() || record.values(tl::TO_LATEST).next().is_some();
            if let (Some(component), Some(parent)) = (record.target(tl::COMPONENT), record.target(tl::PARENT))
                && has_begun
                && !has_ended
            {
                let position = record.text(tl::POSITION).map(str::to_owned);
                places.push(Place { installation, component, parent, position });
            }
        }
        Ok(places)
    }

    fn end(&mut self, place: &Place) {
        let set = |predicate: NamedNodeRef<'_>, value: Literal| Change::Set {
            subject: place.installation.clone(),
            predicate: predicate.into_owned(),
            values: vec![value.into()],
        };
        let at = Literal::new_typed_literal(self.at.to_string(), xsd::DATE_TIME);
        self.moving.changes.push(set(tl::TO, at));
        let reason = Literal::new_simple_literal(&self.grounds.reason);
        self.moving.changes.push(set(tl::REMOVAL_REASON, reason));
        self.results.push(place.installation.clone());
    }

    fn begin_installation(
        &mut self,
        component: &NamedNode,
        parent: &NamedNode,
        position: Option<&str>,
    ) -> Result<(), Error> {
        let mut about = About::new(self.free_name("installation")?);
        about.add(rdf::TYPE, tl::INSTALLATION.into_owned());
        about.link(tl::COMPONENT, Some(component));
        about.link(tl::PARENT, Some(parent));
        if let Some(position) = position {
            about.text(tl::POSITION, position);
        }
        about.instant(tl::FROM, &self.at.to_string());
        self.keep(about);
        Ok(())
    }

    fn record_modification(&mut self, unit: &NamedNode, revision: &NamedNode) -> Result<(), Error> {
        let mut about = About::new(self.free_name("modification")?);
        about.add(rdf::TYPE, tl::MODIFICATION.into_owned());
        about.link(tl::OF, Some(unit));
        about.link(tl::REALIZES, Some(revision));
        about.instant(tl::AT, &self.at.to_string());
        self.keep(about);
        Ok(())
    }

    fn record_event(&mut self, kind: &str) -> Result<(), Error> {
        let mut about = About::new(self.free_name("event")?);
        about.add(rdf::TYPE, tl::FIELD_EVENT.into_owned());
        about.text(dcterms::TITLE, self.record.text(dcterms::TITLE).unwrap_or(kind));
        about.link(tl::ON, Some(&self.target));
        about.text(tl::KIND, kind);
        about.instant(tl::AT, &self.at.to_string());
        about.text(tl::NOTE, &self.grounds.reason);
        if let Some(position) = &self.position {
            about.text(tl::POSITION, position);
        }
        self.keep(about);
        Ok(())
    }

    fn keep(&mut self, about: About) {
        if let Some(first) = about.statements.first() {
            self.results.push(first.subject.clone());
        }
        self.moving.changes.extend(about.statements.into_iter().map(Change::Add));
    }

    /// Returns a name for a record of what was done, made of the action's own.
    fn free_name(&self, stem: &str) -> Result<NamedNode, Error> {
        let short = self.snapshot.shorten(&self.moving.action);
        let name = short.strip_prefix("action/").unwrap_or(&short).replace([':', '/', '#'], "-");
        let iri = self.snapshot.expand(&format!("{stem}/action-{name}"))?;
        match self.snapshot.exists(&iri)? {
            true => Err(self.unfit(format!("{} exists already", self.snapshot.shorten(&iri)))),
            false => Ok(iri),
        }
    }

    /// Returns the unit of a name or a serial; a serial that no unit of the part bears becomes a unit of that part.
    fn replacement(
        &mut self,
        named: &str,
        removed: &NamedNode,
        lot: Option<&NamedNode>,
    ) -> Result<NamedNode, Error> {
        let part = self.snapshot.targets(removed, tl::PART)?.into_iter().next();
        let is_unit = |iri: &NamedNode| thread::is_instance(self.snapshot, iri, tl::TWIN_INSTANCE);
        if let Ok(iri) = self.snapshot.expand(named)
            && is_unit(&iri)?
        {
            return Ok(iri);
        }
        let mut bearers = Vec::new();
        for iri in lookup::lookup(self.snapshot, None, named)? {
            let own = self.snapshot.targets(&iri, tl::PART)?.into_iter().next();
            if is_unit(&iri)? && (part.is_none() || own == part) {
                bearers.push(iri);
            }
        }
        match bearers.len() {
            0 => self.new_unit(named, removed, part.as_ref(), lot),
            1 => Ok(bearers.remove(0)),
            many => Err(self.unfit(format!("{many} units bear the identifier {named}: name one by its IRI"))),
        }
    }

    fn new_unit(
        &mut self,
        serial: &str,
        removed: &NamedNode,
        part: Option<&NamedNode>,
        lot: Option<&NamedNode>,
    ) -> Result<NamedNode, Error> {
        let serial = serial.trim();
        if serial.is_empty() {
            return Err(self.unfit("the serial of the replacement is empty".to_owned()));
        }
        let of = part.map_or("", |part| part.as_str());
        let iri = self.snapshot.expand(&format!("unit/{}", &digest(&format!("{of}\n{serial}\n"))[..12]))?;
        let mut about = About::new(iri.clone());
        about.add(rdf::TYPE, tl::TWIN_INSTANCE.into_owned());
        about.text(dcterms::IDENTIFIER, serial);
        about.link(tl::PART, part);
        about.link(tl::BUILT_BY, lot);
        if let Some(level) = self.snapshot.text(removed, tl::LEVEL)? {
            about.text(tl::LEVEL, &level);
        }
        self.moving.changes.extend(about.statements.into_iter().map(Change::Add));
        Ok(iri)
    }
}
