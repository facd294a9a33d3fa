//! Resources of another OSLC provider as statements of ours: types and properties of OSLC's vocabularies become those of the ontology where
//! they fit, and stay beside them where they do not. What cannot be kept is named.

use super::alias::{Alias, Way};
use super::domain::{Domain, KINDS, Kind};
use super::shape::{is_computed, is_flag};
use super::vocabulary::{TL, named};
use crate::model::statement::{Statement, without_fragment};
use crate::model::use_case::UseCase;
use crate::ontology::terms::{dcterms, tl};
use crate::ontology::{FieldKind, Ontology};
use oxigraph::model::vocab::rdf;
use oxigraph::model::{NamedNode, NamedNodeRef, Term};
use std::collections::BTreeSet;

/// A resource as it was read, and what of it has no place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The statements.
    pub statements: Vec<Statement>,
    /// What was left out, and why.
    pub gaps: Vec<String>,
}

/// Returns what is taken of a resource; `tracked` has the IRIs of all resources of the set.
pub fn taken(
    resource: &NamedNode,
    read: Vec<Statement>,
    tracked: &BTreeSet<String>,
    ontology: &Ontology,
) -> Taken {
    let mut taken = Taken::default();
    let is_own = |subject: &NamedNode| without_fragment(subject.as_str()) == resource.as_str();
    let (own, others): (Vec<_>, Vec<_>) = read.into_iter().partition(|statement| is_own(&statement.subject));
    let others: BTreeSet<&str> = others.iter().map(|statement| statement.subject.as_str()).collect();
    for other in others {
        taken.gaps.push(format!("{}: what it states of {other} is left out", resource.as_str()));
    }
    let kind = kind_of(resource, &own);
    let mut reading = Reading { resource, kind, tracked, ontology, taken };
    for statement in own {
        reading.take(statement);
    }
    reading.complete();
    reading.drop_broken_fragments();
    reading.taken.statements.sort_unstable();
    reading.taken.statements.dedup();
    reading.taken
}

/// Returns the kind that a resource becomes. Of an architecture resource it is not known whether it is a part or a revision, and findings are
/// made here alone: those are kept without a class of ours.
fn kind_of(resource: &NamedNode, own: &[Statement]) -> Option<&'static Kind> {
    let is_typed = |class: NamedNodeRef<'_>| {
        own.iter().any(|statement| {
            statement.subject == *resource
                && statement.predicate.as_ref() == rdf::TYPE
                && matches!(&statement.object, Term::NamedNode(named) if named.as_ref() == class)
        })
    };
    let known = KINDS.iter().filter(|kind| kind.name != "Finding");
    let mut kinds = known.filter(|kind| {
        let is_domain = kind.domain != Domain::Architecture && is_typed(kind.domain_type().as_ref());
        is_domain || is_typed(kind.class)
    });
    let kind = kinds.next()?;
    let has = |predicate: NamedNode| {
        own.iter().any(|statement| statement.subject == *resource && statement.predicate == predicate)
    };
    let needs = match kind.name {
        "Requirement" | "Part" => has(dcterms::IDENTIFIER.into_owned()),
        "ChangeRequest" => has(dcterms::IDENTIFIER.into_owned()) && state_of(resource, own).is_some(),
        _ => true,
    };
    needs.then_some(kind)
}

/// Returns the state of a change request, where it is one of ours.
fn state_of(resource: &NamedNode, own: &[Statement]) -> Option<String> {
    let status = named(super::vocabulary::CM, "status");
    own.iter().find_map(|statement| match &statement.object {
        Term::Literal(literal)
            if statement.subject == *resource
                && (statement.predicate == status || statement.predicate.as_ref() == tl::STATE) =>
        {
            let text = literal.value().to_uppercase();
            ["OPEN", "APPROVED", "REJECTED", "IMPLEMENTED", "VERIFIED"]
                .contains(&text.as_str())
                .then_some(text)
        }
        _ => None,
    })
}

struct Reading<'a> {
    resource: &'a NamedNode,
    kind: Option<&'static Kind>,
    tracked: &'a BTreeSet<String>,
    ontology: &'a Ontology,
    taken: Taken,
}

impl Reading<'_> {
    fn gap(&mut self, statement: &Statement, why: &str) {
        let (subject, predicate) = (statement.subject.as_str(), statement.predicate.as_str());
        self.taken.gaps.push(format!("{subject}: {predicate} {} is left out: {why}", statement.object));
    }

    fn is_tracked(&self, object: &Term) -> bool {
        match object {
            Term::NamedNode(iri) => self.tracked.contains(without_fragment(iri.as_str())),
            _ => false,
        }
    }

    fn take(&mut self, statement: Statement) {
        let is_main = statement.subject == *self.resource;
        if is_main && (is_computed(&statement.predicate) || is_flag(&statement.predicate)) {
            return;
        }
        let alias =
            self.kind.filter(|_| is_main).and_then(|kind| Alias::named(kind, statement.predicate.as_ref()));
        match alias {
            // The resource at the other end has it.
            Some(alias) if alias.way == Way::Inverse => {
                if !self.is_tracked(&statement.object) {
                    self.taken.statements.push(statement);
                }
            }
            Some(alias) => self.take_alias(alias, statement),
            None if statement.predicate.as_str().starts_with(TL) || self.is_own_type(&statement) => {
                self.take_ours(statement);
            }
            None => self.taken.statements.push(statement),
        }
    }

    fn is_own_type(&self, statement: &Statement) -> bool {
        statement.predicate.as_ref() == rdf::TYPE
            && matches!(&statement.object, Term::NamedNode(class) if class.as_str().starts_with(TL))
    }

    /// Takes a property of OSLC as ours, where its value is one that ours has.
    fn take_alias(&mut self, alias: &Alias, statement: Statement) {
        let class = self.kind.and_then(|kind| kind.class_in(self.ontology));
        let field = class.and_then(|class| class.field_of(alias.property));
        let fits = match (field.map(|field| &field.kind), &statement.object) {
            (Some(FieldKind::Enumeration(_, values)), Term::Literal(literal)) => {
                values.contains(&literal.value().to_uppercase())
            }
            (Some(FieldKind::Link(_)), object) => self.is_tracked(object),
            _ => false,
        };
        if !fits {
            return self.taken.statements.push(statement);
        }
        let object = match statement.object {
            Term::Literal(literal) => oxigraph::model::Literal::from(literal.value().to_uppercase()).into(),
            other => other,
        };
        let own = Statement::new(self.resource.clone(), alias.property.into_owned(), object);
        self.taken.statements.push(own);
    }

    /// Takes a statement in our own vocabulary, of another service like this one.
    fn take_ours(&mut self, statement: Statement) {
        let Some(kind) = self.kind else {
            return self.gap(&statement, "the resource is of no class that is imported");
        };
        let class = kind.class_in(self.ontology);
        let field = class
            .filter(|_| statement.subject == *self.resource)
            .and_then(|class| class.field_of(statement.predicate.as_ref()));
        let reserved = field.and_then(|field| field.reserved.as_ref());
        if reserved.is_some_and(|reserved| !reserved.allows(UseCase::Import)) {
            return self.gap(&statement, "an import does not write it");
        }
        let is_link =
            matches!(&statement.object, Term::NamedNode(_)) && statement.predicate.as_ref() != rdf::TYPE;
        let units = self.ontology.units();
        let is_vocabulary = matches!(&statement.object, Term::NamedNode(iri)
            if units.get(iri.as_ref()).is_some() || units.quantity_kind(iri.as_ref()).is_some());
        if is_link && !is_vocabulary && !self.is_tracked(&statement.object) {
            return self.gap(&statement, "the target is not in the tracked set");
        }
        self.taken.statements.push(statement);
    }

    /// Adds the class of ours.
    fn complete(&mut self) {
        let Some(kind) = self.kind else { return };
        let has_class = self.taken.statements.iter().any(|statement| {
            statement.subject == *self.resource
                && statement.predicate.as_ref() == rdf::TYPE
                && matches!(&statement.object, Term::NamedNode(class) if kind.has(class.as_ref(), self.ontology))
        });
        if !has_class {
            let class = kind.class.into_owned();
            self.taken.statements.push(Statement::new(self.resource.clone(), rdf::TYPE, class));
        }
    }

    /// Leaves out fragments of which a link was left out, as they would state something else without it.
    fn drop_broken_fragments(&mut self) {
        let broken: BTreeSet<String> = self
            .taken
            .gaps
            .iter()
            .filter_map(|gap| gap.split(": ").next())
            .filter(|subject| subject.contains('#'))
            .map(str::to_owned)
            .collect();
        self.taken.statements.retain(|statement| {
            let is_broken = |iri: &NamedNode| broken.contains(iri.as_str());
            !is_broken(&statement.subject)
                && !matches!(&statement.object, Term::NamedNode(object) if is_broken(object))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::rdf::{Format, read};

    /// Takes a resource `urn:r` in a set with `urn:known`; returns the lines of what is taken, and the gaps.
    fn check(turtle: &str, expect: &[&str], gaps: &[&str]) {
        let prefixes = "@prefix tl: <https://w3id.org/throughline#> . @prefix dcterms: <http://purl.org/dc/terms/> . \
            @prefix rm: <http://open-services.net/ns/rm#> . @prefix cm: <http://open-services.net/ns/cm#> . \
            @prefix qm: <http://open-services.net/ns/qm#> . @prefix oslc: <http://open-services.net/ns/core#> .";
        let statements =
            read(format!("{prefixes} {turtle}").as_bytes(), Format::Turtle, "urn:r", "test").expect("Turtle");
        let tracked = ["urn:r", "urn:known"].map(str::to_owned).into();
        let ontology = Ontology::shipped().expect("the ontology");
        let taken = taken(&NamedNode::new_unchecked("urn:r"), statements, &tracked, &ontology);
        let short = |text: String| {
            text.replace("https://w3id.org/throughline#", "tl:")
                .replace("http://purl.org/dc/terms/", "dcterms:")
                .replace("http://open-services.net/ns/", "oslc/")
                .replace("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "a")
        };
        let lines: Vec<_> = taken.statements.iter().map(|statement| short(statement.to_string())).collect();
        for line in expect {
            assert!(lines.contains(&(*line).to_owned()), "{turtle}: {line} is not in {lines:#?}");
        }
        let classes = lines.iter().filter(|line| line.contains("<a> <tl:")).count();
        assert_eq!(classes, expect.iter().filter(|line| line.contains("<a> <tl:")).count(), "{lines:#?}");
        assert_eq!(taken.gaps.len(), gaps.len(), "{:#?}", taken.gaps);
        for (gap, part) in taken.gaps.iter().zip(gaps) {
            assert!(gap.contains(part), "{gap}");
        }
    }

    #[test]
    fn what_fits_becomes_ours_and_the_rest_stays_or_is_named() {
        check(
            r#"<urn:r> a rm:Requirement ; dcterms:identifier "1" ; rm:decomposes <urn:known> , <urn:other> ; rm:validatedBy <urn:known> , <urn:other> ; oslc:serviceProvider <urn:p> ."#,
            &[
                "<urn:r> <a> <tl:Requirement> .",
                "<urn:r> <tl:derivedFrom> <urn:known> .",
                "<urn:r> <oslc/rm#decomposes> <urn:other> .",
                "<urn:r> <oslc/rm#validatedBy> <urn:other> .",
            ],
            &[],
        );
        check(
            r#"<urn:r> a rm:Requirement ; dcterms:title "no identifier" ."#,
            &["<urn:r> <a> <oslc/rm#Requirement> ."],
            &[],
        );
        check(
            r#"<urn:r> a cm:ChangeRequest ; dcterms:identifier "1" ; cm:status "Open" ."#,
            &["<urn:r> <a> <tl:ChangeRequest> .", "<urn:r> <tl:state> \"OPEN\" ."],
            &[],
        );
        check(
            r#"<urn:r> a cm:ChangeRequest ; dcterms:identifier "1" ; cm:status "In triage" ."#,
            &["<urn:r> <oslc/cm#status> \"In triage\" ."],
            &[],
        );
        check(
            r#"<urn:r> a qm:TestCase ; qm:validatesRequirement <urn:known> . <urn:x> dcterms:title "other" ."#,
            &["<urn:r> <a> <tl:TestCase> .", "<urn:r> <tl:verifies> <urn:known> ."],
            &["what it states of urn:x"],
        );
        check(
            r#"<urn:r> a tl:Requirement ; dcterms:identifier "1" ; tl:constraint <urn:r#c> . <urn:r#c> tl:limit 1 ; tl:property <urn:other> ."#,
            &["<urn:r> <a> <tl:Requirement> ."],
            &["urn:r#c: https://w3id.org/throughline#property"],
        );
        check(
            r#"<urn:r> a cm:Defect ; a tl:Finding ; tl:state "ACCEPTED" ; dcterms:title "x" ."#,
            &["<urn:r> <dcterms:title> \"x\" ."],
            &["no class that is imported", "no class that is imported"],
        );
    }
}
