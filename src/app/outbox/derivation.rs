//! Which events a commit has. They follow from the commit alone, so that nothing is written beside it, and whoever derives them again
//! gets the same events under the same names.

use super::event::Event;
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{Commit, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::terms::{dcterms, rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use serde_json::{Map, Value, json};

/// The branch whose commits are events.
pub(super) const BRANCH: &str = "main";

impl App {
    /// Returns the events of a commit, in the order of their resources.
    pub(super) fn events_of(&self, after: &Snapshot) -> Result<Vec<Event>, Error> {
        let commit = after.commit();
        let Some(parent) = commit.parents.first() else { return Ok(Vec::new()) };
        let before = self.repository().snapshot_at(*parent)?;
        let mut events = Vec::new();
        self.differences(&before, after, None)?.each::<Error>(None, |diff| {
            let resource = diff.resource;
            let was = before.statements(&resource)?;
            let is = after.statements(&resource)?;
            if let Some(kind) = kind_of(&was, &is) {
                events.push(Event::new(kind, commit.id, Some(resource)));
            }
            Ok(true)
        })?;
        events.sort_by(|a, b| (&a.resource, &a.kind).cmp(&(&b.resource, &b.kind)));
        if commit.parents.len() > 1 {
            events.push(Event::new("merge".to_owned(), commit.id, None));
        }
        Ok(events)
    }

    /// Returns the body of an event: the same bytes whenever it is asked for.
    pub(super) fn event_body(&self, event: &Event) -> Result<Value, Error> {
        let snapshot = self.repository().snapshot_at(event.commit)?;
        let commit = snapshot.commit();
        let mut data = commit_of(commit);
        if let Some(resource) = &event.resource {
            data.insert("resource".to_owned(), snapshot.shorten(resource).into());
            data.insert("iri".to_owned(), resource.as_str().into());
            describe(&snapshot, resource, &mut data)?;
        }
        Ok(json!({ "type": event.kind, "timestamp": commit.time.to_string(), "data": data }))
    }
}

fn commit_of(commit: &Commit) -> Map<String, Value> {
    let mut data = Map::new();
    data.insert("commit".to_owned(), commit.id.to_string().into());
    data.insert("branch".to_owned(), BRANCH.into());
    data.insert("message".to_owned(), commit.message.clone().into());
    data.insert("author".to_owned(), commit.author.to_string().into());
    data
}

/// Returns what became of a resource, where others act on it.
fn kind_of(was: &[Statement], is: &[Statement]) -> Option<String> {
    let class = |class: NamedNodeRef<'_>| {
        is.iter().any(|one| one.predicate.as_ref() == rdf::TYPE && one.object == class.into_owned().into())
    };
    let state = |side: &[Statement], of: NamedNodeRef<'_>| {
        side.iter().find(|one| one.predicate.as_ref() == of).and_then(|one| text(&one.object))
    };
    let (then, now) = (state(was, tl::STATE), state(is, tl::STATE));
    let moved = |prefix: &str| match &now {
        Some(now) if then.as_ref() != Some(now) => {
            let name =
                if now == "OPEN" && then.is_some() { "reopened".to_owned() } else { now.to_lowercase() };
            Some(format!("{prefix}.{}", if now == "OPEN" && then.is_none() { "opened" } else { &name }))
        }
        _ => None,
    };
    let released = |prefix: &str| {
        let is_released = state(is, tl::STATUS).as_deref() == Some("RELEASED");
        let was_released = state(was, tl::STATUS).as_deref() == Some("RELEASED");
        (is_released && !was_released).then(|| format!("{prefix}.released"))
    };
    match () {
        () if class(tl::ACTION) => moved("action"),
        () if class(tl::FINDING_CLASS) => moved("finding"),
        () if class(tl::DATA_FINDING) => moved("dataFinding"),
        () if class(tl::CHANGE_REQUEST) => moved("changeRequest"),
        () if class(tl::DESIGN_REVIEW) => moved("review"),
        () if class(tl::DESIGN_REVISION) => released("design"),
        () if class(tl::REQUIREMENT) => released("requirement"),
        () => None,
    }
}

fn text(term: &Term) -> Option<String> {
    match term {
        Term::Literal(literal) => Some(literal.value().to_owned()),
        _ => None,
    }
}

/// Adds the class and the fields of a resource, by the names that GraphQL has for them; its fragments are left out.
fn describe(snapshot: &Snapshot, resource: &NamedNode, data: &mut Map<String, Value>) -> Result<(), Error> {
    let ontology = snapshot.ontology();
    let statements = snapshot.statements(resource)?;
    let classes = statements.iter().filter(|one| one.predicate.as_ref() == rdf::TYPE).filter_map(|one| {
        match &one.object {
            Term::NamedNode(class) => ontology.class(class.as_ref()),
            _ => None,
        }
    });
    let class = classes.into_iter().next();
    data.insert("class".to_owned(), class.map_or(Value::Null, |class| class.name.clone().into()));
    let mut fields: Map<String, Value> = Map::new();
    let own = format!("{}#", resource.as_str());
    for statement in statements.iter().filter(|one| one.predicate.as_ref() != rdf::TYPE) {
        let value = match &statement.object {
            Term::NamedNode(target) if target.as_str().starts_with(&own) => continue,
            Term::NamedNode(target) => linked(snapshot, target)?,
            Term::Literal(literal) => plain(literal.value(), literal.datatype()),
            _ => continue,
        };
        let field = class.and_then(|class| class.field_of(statement.predicate.as_ref()));
        let name =
            field.map_or_else(|| ontology.field_name(&statement.predicate), |field| field.name.clone());
        match (field.is_some_and(crate::ontology::Field::is_single), fields.get_mut(&name)) {
            (true, _) => drop(fields.insert(name, value)),
            (false, Some(Value::Array(values))) => values.push(value),
            (false, _) => drop(fields.insert(name, Value::Array(vec![value]))),
        }
    }
    data.insert("fields".to_owned(), Value::Object(fields));
    Ok(())
}

/// Describes the target of a link, as far as a reader without the thread needs it.
fn linked(snapshot: &Snapshot, target: &NamedNode) -> Result<Value, Error> {
    let mut link = Map::new();
    link.insert("iri".to_owned(), snapshot.shorten(target).into());
    for (name, predicate) in [("identifier", dcterms::IDENTIFIER), ("title", dcterms::TITLE)] {
        if let Some(text) = snapshot.text(target, predicate)? {
            link.insert(name.to_owned(), text.into());
        }
    }
    Ok(Value::Object(link))
}

fn plain(text: &str, datatype: NamedNodeRef<'_>) -> Value {
    use crate::ontology::terms::xsd;
    let numbers = [xsd::INTEGER, xsd::DECIMAL, xsd::DOUBLE, xsd::FLOAT];
    if numbers.contains(&datatype)
        && let Ok(number) = text.parse::<serde_json::Number>()
    {
        return number.into();
    }
    if datatype == xsd::BOOLEAN {
        return (text == "true" || text == "1").into();
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use oxigraph::model::Literal;

    #[test]
    fn kinds_follow_from_what_changed() {
        let about = |class: NamedNodeRef<'_>, fields: &[(NamedNodeRef<'static>, &str)]| -> Vec<Statement> {
            let subject = NamedNode::new_unchecked("https://test.example/x");
            let typed = Statement::new(subject.clone(), rdf::TYPE.into_owned(), class.into_owned());
            let fields = fields.iter().map(|(predicate, value)| {
                Statement::new(subject.clone(), predicate.into_owned(), Literal::new_simple_literal(*value))
            });
            std::iter::once(typed).chain(fields).collect()
        };
        let check = |was: Option<&str>,
                     is: &str,
                     class: NamedNodeRef<'_>,
                     of: NamedNodeRef<'static>,
                     expect: Option<&str>| {
            let before = was.map(|was| about(class, &[(of, was)])).unwrap_or_default();
            assert_eq!(kind_of(&before, &about(class, &[(of, is)])).as_deref(), expect, "{was:?} {is}");
        };
        check(None, "OPEN", tl::FINDING_CLASS, tl::STATE, Some("finding.opened"));
        check(Some("OPEN"), "OPEN", tl::FINDING_CLASS, tl::STATE, None);
        check(Some("OPEN"), "ACCEPTED", tl::FINDING_CLASS, tl::STATE, Some("finding.accepted"));
        check(Some("REJECTED"), "OPEN", tl::CHANGE_REQUEST, tl::STATE, Some("changeRequest.reopened"));
        check(Some("OPEN"), "APPROVED", tl::DESIGN_REVIEW, tl::STATE, Some("review.approved"));
        check(None, "PROPOSED", tl::ACTION, tl::STATE, Some("action.proposed"));
        check(Some("DRAFT"), "RELEASED", tl::DESIGN_REVISION, tl::STATUS, Some("design.released"));
        check(Some("RELEASED"), "RELEASED", tl::REQUIREMENT, tl::STATUS, None);
        check(None, "OPEN", tl::PART_CLASS, tl::STATE, None);
    }
}
