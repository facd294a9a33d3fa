//! Rules on branches, as the thread itself has them: who may change a branch, and what on it takes another person than the author. Those at
//! the head of main apply, so that a rule is changed by who may change main.

use crate::app::access::{Forbidden, Principal};
use crate::app::application::App;
use crate::app::error::Error;
use crate::graph::{self, Author, Snapshot};
use crate::model::statement::Statement;
use crate::ontology::terms::{rdf, tl};
use oxigraph::model::{NamedNode, NamedNodeRef, Term};

/// What may take another person than the author of what it is about.
#[derive(Clone, Copy, Debug)]
pub(in crate::app) enum Act<'a> {
    /// Merging a version.
    Merge(&'a str),
    /// Deciding on a finding, a change request or a policy.
    Decision(&'a NamedNode),
    /// Deciding on several actions.
    Decisions(&'a [NamedNode]),
    /// Signing a review.
    Signature(&'a NamedNode),
}

impl Act<'_> {
    const fn name(self) -> &'static str {
        match self {
            Self::Merge(_) => "MERGE",
            Self::Decision(_) | Self::Decisions(_) => "DECISION",
            Self::Signature(_) => "SIGNATURE",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Merge(_) => "merges",
            Self::Decision(_) | Self::Decisions(_) => "decides on",
            Self::Signature(_) => "signs",
        }
    }
}

/// A rule as it is recorded.
#[derive(Debug)]
struct BranchRule {
    name: String,
    branch: String,
    movers: Vec<String>,
    others: Vec<String>,
}

impl App {
    /// Refuses a change of a branch that a rule leaves to others.
    pub(in crate::app) fn check_branch_rules(
        &self,
        principal: &Principal,
        author: &Author,
        branch: &str,
        act: Option<Act<'_>>,
    ) -> Result<(), Error> {
        let main = self.repository().head("main")?;
        for rule in &BranchRule::all(&main)? {
            let is_about = rule.is_about(branch);
            if is_about {
                rule.check_mover(principal, branch)?;
            }
            // A decision or a signature comes to the branch by a merge as well.
            let takes_other = |act: &Act<'_>| {
                (is_about || !matches!(act, Act::Merge(_)))
                    && rule.others.iter().any(|other| other == act.name())
            };
            let Some(act) = act.filter(takes_other) else { continue };
            let own = &principal.author;
            // Whose commits it made as others is in none of them but by their committers.
            if author.by.is_some() || principal.act_as {
                let text = format!(
                    "{} requires that a person {} {branch} as itself, not one that may act as others",
                    rule.name,
                    act.words()
                );
                return Err(Forbidden::Rule(text).into());
            }
            let is_own = |author: &Author| author.email.eq_ignore_ascii_case(&own.email);
            if self.authors_of(branch, act)?.iter().any(is_own) {
                let text = format!("{} requires another person than the author, {}", rule.name, own);
                return Err(Forbidden::Rule(text).into());
            }
        }
        Ok(())
    }

    /// Returns the authors of what something is about.
    fn authors_of(&self, branch: &str, act: Act<'_>) -> Result<Vec<Author>, Error> {
        let head = self.repository().head(branch)?;
        match act {
            Act::Merge(source) => {
                let source = self.snapshot(source)?.commit().id;
                Ok(self.repository().authors_beyond(head.commit().id, source)?)
            }
            Act::Decision(record) | Act::Signature(record) => makers(&head, record),
            Act::Decisions(records) => {
                let mut authors = Vec::new();
                for record in records {
                    authors.extend(makers(&head, record)?);
                }
                Ok(authors)
            }
        }
    }
}

/// Returns the authors of the commits that made a record.
fn makers(head: &Snapshot, record: &NamedNode) -> Result<Vec<Author>, Error> {
    let mut authors = Vec::new();
    for class in head.targets(record, rdf::TYPE)? {
        let is = Statement::new(record.clone(), rdf::TYPE.into_owned(), class);
        authors.extend(head.origin(&is)?.map(|commit| commit.author));
    }
    Ok(authors)
}

impl BranchRule {
    fn all(main: &Snapshot) -> Result<Vec<Self>, graph::Error> {
        let rules = main.instances(tl::BRANCH_RULE)?;
        rules.iter().map(|iri| Self::read(main, iri)).collect()
    }

    fn read(main: &Snapshot, iri: &NamedNode) -> Result<Self, graph::Error> {
        let texts = |property: NamedNodeRef<'_>| -> Result<Vec<String>, graph::Error> {
            let text =
                |term| if let Term::Literal(text) = term { Some(text.value().to_owned()) } else { None };
            Ok(main.values(iri, property)?.into_iter().filter_map(text).collect())
        };
        Ok(Self {
            name: main.shorten(iri),
            branch: main.text(iri, tl::BRANCH)?.unwrap_or_default(),
            movers: texts(tl::MOVER)?,
            others: texts(tl::OTHER_PERSON)?,
        })
    }

    fn is_about(&self, branch: &str) -> bool {
        match self.branch.strip_suffix('*') {
            Some(prefix) => branch.starts_with(prefix),
            None => branch == self.branch,
        }
    }

    fn check_mover(&self, principal: &Principal, branch: &str) -> Result<(), Forbidden> {
        let is_named = |mover: &String| {
            mover.eq_ignore_ascii_case(&principal.author.email) || mover == principal.role.as_str()
        };
        if self.movers.is_empty() || self.movers.iter().any(is_named) {
            return Ok(());
        }
        let (name, movers) = (&self.name, self.movers.join(", "));
        Err(Forbidden::Rule(format!(
            "{name} leaves changes of {branch} to {movers}, not to {}",
            principal.author
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_about_a_branch_or_all_that_begin_alike() {
        let check = |rule: &str, branch: &str, expect: bool| {
            let (name, branch_of) = (String::new(), rule.to_owned());
            let rule = BranchRule { name, branch: branch_of, movers: Vec::new(), others: Vec::new() };
            assert_eq!(rule.is_about(branch), expect, "{rule:?} {branch}");
        };
        check("main", "main", true);
        check("main", "main2", false);
        check("release/*", "release/1", true);
        check("release/*", "release", false);
        check("*", "any", true);
    }
}
