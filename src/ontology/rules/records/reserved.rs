//! Rule *written by the service alone*: what the ontology reserves with `tl:writtenBy` is written by those use cases alone. A merge may
//! take over the decision of one of its sides, but makes no mixture of two decisions.

use super::frozen::is_no_content;
use crate::model::statement::Statement;
use crate::model::use_case::UseCase;
use crate::ontology::class::{Class, Field, Reserved, with_article};
use crate::ontology::rules::reader;
use crate::ontology::schema::Ontology;
use crate::ontology::violation::Violation;
use oxigraph::model::{NamedNode, Term};
use std::collections::{BTreeSet, HashMap, HashSet};

const RULE: &str = "written by the service alone";

/// Who makes a change of one resource.
#[derive(Clone, Debug, Default)]
pub struct Writer {
    /// The use case; `None`: a client, in its own words.
    pub use_case: Option<UseCase>,
    /// Whether the importing source brought all that is reserved of the resource, or nothing is there.
    pub is_sources: bool,
    /// The statements about the resource on the other sides of a merge.
    pub sides: Vec<Vec<Statement>>,
}

/// The statements about a node on one side.
type About<'a> = Vec<&'a Statement>;

/// One node, whose class reserves something.
struct Node<'a> {
    iri: &'a NamedNode,
    class: &'a Class,
    was: About<'a>,
    is: About<'a>,
    sides: Vec<About<'a>>,
}

impl Ontology {
    /// Returns whether anything is reserved of a resource with these statements.
    pub fn has_reserved(&self, statements: &[Statement]) -> bool {
        reader::types(statements).any(|class| self.class(class.as_ref()).is_some_and(Class::has_reserved))
    }

    /// Returns the statements of a resource that are reserved, and those that make its nodes instances of a class that reserves something.
    pub fn reserved_statements<'a>(&self, statements: &'a [Statement]) -> Vec<&'a Statement> {
        let mut classes: HashMap<&NamedNode, Vec<&Class>> = HashMap::new();
        for statement in statements.iter().filter(|statement| is_type(statement)) {
            let Term::NamedNode(class) = &statement.object else { continue };
            let class = self.class(class.as_ref()).filter(|class| class.has_reserved());
            classes.entry(&statement.subject).or_default().extend(class);
        }
        let is_reserved = |statement: &&Statement| {
            let classes = classes.get(&statement.subject).map_or(&[][..], Vec::as_slice);
            classes.iter().any(|class| {
                let is_of =
                    |field: &Field| field.reserved.is_some() && field.predicate == statement.predicate;
                match &statement.object {
                    Term::NamedNode(iri) if is_type(statement) => *iri == class.iri,
                    _ if class.reserved.is_some() => !is_no_content(statement.predicate.as_ref()),
                    _ => class.fields.iter().any(is_of),
                }
            })
        };
        statements.iter().filter(is_reserved).collect()
    }

    /// Returns what a change of a resource writes although it is reserved to others than its writer.
    pub fn reserved(&self, before: &[Statement], after: &[Statement], writer: &Writer) -> Vec<Violation> {
        let mut found = Vec::new();
        let typed: BTreeSet<&NamedNode> = before
            .iter()
            .chain(after)
            .filter(|statement| is_type(statement))
            .map(|statement| &statement.subject)
            .collect();
        for iri in typed {
            let (was, is) = (about(before, iri), about(after, iri));
            if was == is {
                continue;
            }
            let classes =
                was.iter().chain(&is).filter(|statement| is_type(statement)).filter_map(|statement| {
                    match &statement.object {
                        Term::NamedNode(class) => self.class(class.as_ref()),
                        _ => None,
                    }
                });
            for class in classes.filter(|class| class.has_reserved()) {
                let sides = writer.sides.iter().map(|side| about(side, iri)).collect();
                let node = Node { iri, class, was: was.clone(), is: is.clone(), sides };
                found.extend(node.check(writer));
            }
        }
        let mut seen = HashSet::new();
        found.retain(|violation| seen.insert(violation.key()));
        found
    }
}

impl<'a> Node<'a> {
    fn check(&self, writer: &Writer) -> Vec<Violation> {
        match &self.class.reserved {
            Some(reserved) if !self.allows(reserved, writer) => self.whole(reserved).into_iter().collect(),
            _ => self.fields(writer),
        }
    }

    /// Returns whether a writer may write what is reserved. A source writes only what it brought itself, and only as long as
    /// the service has written nothing there that no source may write.
    fn allows(&self, reserved: &Reserved, writer: &Writer) -> bool {
        match writer.use_case {
            None => false,
            Some(UseCase::Import) => {
                reserved.allows(UseCase::Import) && writer.is_sources && !self.is_services(&self.was)
            }
            Some(use_case) => reserved.allows(use_case),
        }
    }

    /// Refuses an instance that comes or changes; as a whole it may go where nothing links to it.
    fn whole(&self, reserved: &Reserved) -> Option<Violation> {
        let content = |side: &About<'a>| -> About<'a> {
            match self.is_a(side) {
                true => side
                    .iter()
                    .copied()
                    .filter(|statement| !is_no_content(statement.predicate.as_ref()))
                    .collect(),
                false => Vec::new(),
            }
        };
        let is = content(&self.is);
        let is_known = |side: &About<'a>| content(side) == is;
        if is.is_empty() || is_known(&self.was) || self.sides.iter().any(is_known) {
            return None;
        }
        let message = format!("{} {}{}", reserved.writers(), with_article(&self.class.name), self.of_merge());
        Some(self.violation(None, None, message))
    }

    fn fields(&self, writer: &Writer) -> Vec<Violation> {
        let reserved = self.class.fields.iter().filter_map(|field| Some((field, field.reserved.as_ref()?)));
        let reserved: Vec<(&Field, &Reserved)> =
            reserved.filter(|(_, reserved)| !self.allows(reserved, writer)).collect();
        let changed = |(field, reserved): &&(&'a Field, &'a Reserved)| {
            let (was, is) = (self.values(&self.was, field), self.values(&self.is, field));
            was != is && !self.is_initial(reserved, &was, &is)
        };
        let changed: Vec<&(&Field, &Reserved)> = reserved.iter().filter(changed).collect();
        if changed.is_empty() {
            return Vec::new();
        }
        let sides = self.decisive_sides();
        let is_one_sides = sides.iter().any(|side| {
            let single = reserved.iter().filter(|(field, _)| field.is_single());
            single.clone().all(|(field, _)| self.values(side, field) == self.values(&self.is, field))
        });
        let refused = changed.into_iter().filter(|(field, _)| match field.is_single() {
            true => !is_one_sides,
            false => !self.is_union(&sides, field),
        });
        refused.map(|(field, reserved)| self.of_field(field, reserved)).collect()
    }

    /// Returns whether a record that comes has the value that anybody may give it, or one that goes had no other.
    fn is_initial(&self, reserved: &Reserved, was: &HashSet<&Term>, is: &HashSet<&Term>) -> bool {
        let only =
            |values: &HashSet<&Term>| values.iter().all(|value| reserved.initial.as_ref() == Some(value));
        (!self.is_a(&self.was) && only(is)) || (self.is.is_empty() && only(was))
    }

    /// Returns the sides that a merge may follow, the own one among them: where the service has written on some, those.
    fn decisive_sides(&self) -> Vec<&About<'a>> {
        let all = || [&self.was].into_iter().chain(&self.sides);
        let services: Vec<&About<'a>> = all().filter(|side| self.is_services(side)).collect();
        if services.is_empty() { all().collect() } else { services }
    }

    /// Returns whether the service has written on a side what no source may write.
    fn is_services(&self, side: &About<'a>) -> bool {
        let mut fields = self.class.fields.iter();
        fields.any(|field| {
            let reserved = field.reserved.as_ref().is_some_and(|reserved| !reserved.allows(UseCase::Import));
            reserved && !self.values(side, field).is_empty()
        })
    }

    /// Returns whether each value is on one of the sides, and none is missing that all of them have.
    fn is_union(&self, sides: &[&About<'a>], field: &Field) -> bool {
        let is = self.values(&self.is, field);
        let all: Vec<HashSet<&Term>> = sides.iter().map(|side| self.values(side, field)).collect();
        let everywhere = |value: &&&Term| all.iter().all(|values| values.contains(**value));
        is.iter().all(|value| all.iter().any(|values| values.contains(value)))
            && all.first().is_none_or(|first| first.iter().filter(everywhere).all(|value| is.contains(value)))
    }

    fn is_a(&self, side: &[&Statement]) -> bool {
        side.iter().filter(|statement| is_type(statement)).any(|statement| match &statement.object {
            Term::NamedNode(class) => *class == self.class.iri || self.class.descendants.contains(class),
            _ => false,
        })
    }

    fn values(&self, side: &About<'a>, field: &Field) -> HashSet<&'a Term> {
        let values = side
            .iter()
            .filter(|statement| statement.predicate == field.predicate)
            .map(|statement| &statement.object);
        if self.is_a(side) { values.collect() } else { HashSet::new() }
    }

    /// Describes what a merge does with a decision, where this is one.
    fn of_merge(&self) -> &'static str {
        if self.sides.is_empty() { "" } else { "; a merge takes a decision as one side has it, whole" }
    }

    fn of_field(&self, field: &Field, reserved: &Reserved) -> Violation {
        let new = self.values(&self.is, field).into_iter().min_by_key(ToString::to_string);
        let old = || self.values(&self.was, field).into_iter().min_by_key(ToString::to_string);
        let class = with_article(&self.class.name);
        let message = format!("{} the {} of {class}{}", reserved.writers(), field.name, self.of_merge());
        self.violation(Some(field.name.clone()), new.or_else(old).cloned(), message)
    }

    fn violation(&self, path: Option<String>, value: Option<Term>, message: String) -> Violation {
        Violation::new(self.iri.clone(), path, value, message, RULE)
    }
}

fn is_type(statement: &Statement) -> bool {
    statement.predicate.as_ref() == crate::ontology::terms::rdf::TYPE
}

fn about<'a>(statements: &'a [Statement], iri: &NamedNode) -> About<'a> {
    statements.iter().filter(|statement| statement.subject == *iri).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ontology::data::Data as _;
    use crate::ontology::error::Error;
    use crate::ontology::tests::testing::{data, shipped, with_file};

    const REVIEW: &str = ":r a tl:DesignReview ; dcterms:identifier 'DR-1' ; tl:state 'OPEN' ; tl:pin 1";
    const SIGNED: &str = ":r a tl:DesignReview ; dcterms:identifier 'DR-1' ; tl:pin 1 ; tl:state 'APPROVED' ; \
        tl:decidedBy 'Grace' ; tl:reason 'cool'";
    const REFUSED: &str = ":r a tl:DesignReview ; dcterms:identifier 'DR-1' ; tl:pin 1 ; tl:state 'REJECTED' ; \
        tl:decidedBy 'Ada'";
    const FINDING: &str = ":f a tl:Finding ; tl:state 'OPEN' ; tl:evidence :e";
    const REQUEST: &str = ":c a tl:ChangeRequest ; dcterms:identifier 'ECR-9'";
    const EVIDENCE: &str = ":e a tl:FieldEvidence ; tl:verdict 'CONFORMS'";

    fn statements(turtle: &str) -> Vec<Statement> {
        let text = if turtle.is_empty() { String::new() } else { format!("{turtle} .") };
        data(&text).matching(None, None, None).expect("data in memory")
    }

    fn refused(ontology: &Ontology, before: &str, after: &str, writer: &Writer) -> Vec<String> {
        let violations = ontology.reserved(&statements(before), &statements(after), writer);
        let mut lines: Vec<String> = violations
            .iter()
            .map(|violation| format!("{} {}", violation.path.as_deref().unwrap_or("-"), violation.message))
            .collect();
        lines.sort_unstable();
        lines
    }

    fn check(before: &str, after: &str, writer: &Writer, expect: &[&str]) {
        assert_eq!(refused(shipped(), before, after, writer), expect, "{before} → {after}");
    }

    fn by(use_case: UseCase) -> Writer {
        Writer { use_case: Some(use_case), ..Writer::default() }
    }

    fn source(is_sources: bool) -> Writer {
        Writer { is_sources, ..by(UseCase::Import) }
    }

    fn merge(theirs: &str) -> Writer {
        Writer { sides: vec![statements(theirs)], ..Writer::default() }
    }

    #[test]
    fn a_client_writes_no_decision() {
        let client = Writer::default();
        let sign = "only signReview writes the decidedBy of a DesignReview";
        let state = "only openReview or signReview writes the state of a DesignReview";
        check(
            REVIEW,
            &format!("{REVIEW} ; tl:heldAt '2026-01-01T00:00:00Z' ; tl:participant 'Ada'"),
            &client,
            &[],
        );
        check(
            REVIEW,
            SIGNED,
            &client,
            &[
                &format!("decidedBy {sign}"),
                "reason only signReview writes the reason of a DesignReview",
                &format!("state {state}"),
            ],
        );
        check(REVIEW, SIGNED, &by(UseCase::SignReview), &[]);
        assert_eq!(refused(shipped(), REVIEW, SIGNED, &by(UseCase::RecordEvidence)).len(), 3);
        assert_eq!(refused(shipped(), "", REVIEW, &client).len(), 3, "never opened");
        assert_eq!(refused(shipped(), "", REVIEW, &source(true)).len(), 3, "nor imported");
        // Neither may it go, nor lose its class and so its rules.
        let finding = "only recordEvidence, runMonitors, recordForecasts, recordDeviations or decideFinding writes the state of a Finding";
        let evidence = "only recordEvidence or runMonitors writes the evidence of a Finding";
        let both = [&*format!("evidence {evidence}"), &*format!("state {finding}")];
        check(FINDING, "", &client, &both);
        check(FINDING, ":f a tl:Part ; tl:state 'OPEN' ; tl:evidence :e", &client, &both);
        check(":f a tl:Part ; tl:state 'OPEN' ; tl:evidence :e", FINDING, &client, &both);
        check(FINDING, &format!("{FINDING} ; dcterms:title 'Hot'"), &client, &[]);
    }

    #[test]
    fn evidence_comes_from_the_service_and_goes_as_a_whole() {
        let client = Writer::default();
        let made = "- only recordEvidence, runMonitors, openReview, verifyAction or runPolicies writes a FieldEvidence";
        check("", EVIDENCE, &client, &[made]);
        check("", EVIDENCE, &source(true), &[made]);
        check("", EVIDENCE, &by(UseCase::OpenReview), &[]);
        check("", EVIDENCE, &merge(EVIDENCE), &[]);
        let mixed = format!("{made}; a merge takes a decision as one side has it, whole");
        check("", EVIDENCE, &merge(":e a tl:FieldEvidence ; tl:verdict 'VIOLATES'"), &[&mixed]);
        check(EVIDENCE, &format!("{EVIDENCE} ; tl:observed 1.0"), &client, &[made]);
        check(EVIDENCE, &format!("{EVIDENCE} ; adms:identifier :e"), &client, &[]);
        check(EVIDENCE, "", &client, &[]);
    }

    #[test]
    fn a_change_request_is_of_who_brought_it() {
        let client = Writer::default();
        let state = "state only decideFinding, decideChange or an import of the source that brought the record writes \
             the state of a ChangeRequest";
        let in_state = |state: &str| format!("{REQUEST} ; tl:state '{state}'");
        check("", &in_state("OPEN"), &client, &[]);
        check("", &in_state("VERIFIED"), &client, &[state]);
        check(&in_state("OPEN"), &in_state("VERIFIED"), &client, &[state]);
        check(&in_state("OPEN"), "", &client, &[]);
        check(&in_state("VERIFIED"), "", &client, &[state]);
        check("", &in_state("VERIFIED"), &source(true), &[]);
        check(&in_state("OPEN"), &in_state("VERIFIED"), &source(true), &[]);
        check(&in_state("OPEN"), &in_state("VERIFIED"), &source(false), &[state]);
        // What a finding led to is the service's, no matter who reports it.
        let of_finding = |state: &str| format!("{} ; tl:finding :f", in_state(state));
        let finding = "findings only decideFinding writes the findings of a ChangeRequest";
        check("", &of_finding("VERIFIED"), &source(true), &[finding]);
        check(&of_finding("OPEN"), "", &client, &[finding]);
        check(&of_finding("OPEN"), &of_finding("VERIFIED"), &source(true), &[state]);
        let mixed = format!("{state}; a merge takes a decision as one side has it, whole");
        check(&of_finding("OPEN"), &of_finding("VERIFIED"), &merge(&in_state("VERIFIED")), &[&mixed]);
        check(&of_finding("OPEN"), &of_finding("VERIFIED"), &merge(&of_finding("VERIFIED")), &[]);
    }

    #[test]
    fn a_merge_takes_one_decision_whole() {
        check(REVIEW, SIGNED, &merge(SIGNED), &[]);
        check(SIGNED, SIGNED, &merge(REFUSED), &[]);
        check(SIGNED, REFUSED, &merge(REFUSED), &[]);
        check(
            REFUSED,
            &format!("{REFUSED} ; tl:reason 'cool'"),
            &merge(SIGNED),
            &[
                "reason only signReview writes the reason of a DesignReview; a merge takes a decision as one side has \
               it, whole",
            ],
        );
        let resting = |on: &str| format!(":f a tl:Finding ; tl:state 'OPEN' ; tl:evidence {on}");
        let no_union = "evidence only recordEvidence or runMonitors writes the evidence of a Finding; a merge takes a \
             decision as one side has it, whole";
        check(&resting(":e, :a"), &resting(":e, :a, :b"), &merge(&resting(":e, :b")), &[]);
        check(&resting(":e, :a"), &resting(":e, :c"), &merge(&resting(":e, :b")), &[no_union]);
        check(&resting(":e, :a"), &resting(":a, :b"), &merge(&resting(":e, :b")), &[no_union]);
    }

    #[test]
    fn a_users_file_reserves_too_and_loosens_nothing() {
        let file = "tl:RequirementShape2 a sh:NodeShape ; sh:targetClass tl:Requirement ;
              sh:property [ sh:path tl:status ; tl:writtenBy 'import' ; sh:defaultValue 'DRAFT' ] .
            tl:ReviewShape2 a sh:NodeShape ; sh:targetClass tl:DesignReview ;
              sh:property [ sh:path tl:state ; tl:writtenBy 'openReview' , 'import' ; sh:defaultValue 'APPROVED' ] .
            :Walk a owl:Class ; rdfs:subClassOf tl:DesignReview .";
        let own = with_file(file).expect("an ontology");
        let client = Writer::default();
        let requirement = |status: &str| format!(":q a tl:Requirement ; tl:status '{status}'");
        let refusal =
            "status only an import of the source that brought the record writes the status of a Requirement";
        assert_eq!(refused(&own, &requirement("DRAFT"), &requirement("APPROVED"), &client), [refusal]);
        assert_eq!(refused(&own, "", &requirement("DRAFT"), &client), Vec::<String>::new());
        let walk = |state: &str| format!(":w a :Walk ; tl:state '{state}'");
        for writer in [client, source(true)] {
            assert_eq!(
                refused(&own, "", &walk("APPROVED"), &writer),
                ["state only openReview writes the state of a Walk"]
            );
        }
        let unknown = with_file(":Walk a owl:Class ; tl:writtenBy 'nobody' .").expect_err("no use case");
        assert!(
            matches!(unknown, Error::Invalid { ref message, .. } if message.contains("there are recordEvidence"))
        );
    }

    /// A thread keeps the shapes that it was made with, and others may be pushed: decisions stay reserved.
    #[test]
    fn older_shapes_reserve_what_these_do() {
        let older: Vec<(&str, String)> = Ontology::shipped_files()
            .iter()
            .map(|(name, text)| (*name, text.replace("tl:writtenBy", "tl:formerly")))
            .collect();
        let files = older.iter().map(|(name, text)| (*name, text.as_str()));
        let older = Ontology::read(files).expect("an ontology");
        assert_ne!(older.digest(), shipped().digest());
        assert_eq!(refused(&older, REVIEW, SIGNED, &Writer::default()).len(), 3);
        assert_eq!(refused(&older, "", EVIDENCE, &Writer::default()).len(), 1);
        assert!(refused(&older, "", &format!("{REQUEST} ; tl:state 'OPEN'"), &Writer::default()).is_empty());
    }
}
