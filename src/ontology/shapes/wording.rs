//! What a broken constraint asks for, in words for a person: the value that is wrong, and what would be right.

use super::Names;
use super::notation::{field_path, show};
use super::proof::named;
use crate::ontology::class::with_article;
use crate::ontology::read::local_name;
use oxigraph::model::Term;
use rudof_iri::IriS;
use rudof_rdf::rdf_core::term::Object;
use shacl::ir::{IRComponent, IRShape};
use shacl::types::NodeKind;

/// How many values a message lists.
const VALUES_MAX: usize = 5;

/// A constraint that a node breaks.
pub(super) struct Broken<'a> {
    pub(super) names: &'a dyn Names,
    /// The kind of constraint, such as `MinCount`.
    pub(super) component: &'a str,
    /// The field; `None`: the node itself.
    pub(super) path: Option<&'a str>,
    /// The value that breaks it.
    pub(super) value: Option<&'a Term>,
    /// All values of the field.
    pub(super) values: Vec<Term>,
    /// The classes of the value.
    pub(super) classes: Vec<String>,
}

impl Broken<'_> {
    /// Describes what is wrong; `None` where the shape has no such constraint, or one that is made of shapes.
    pub(super) fn wording(&self, shape: &IRShape) -> Option<String> {
        let components = shape.components().iter();
        components.filter_map(|component| self.described(component)).find_map(|(component, message)| {
            let is_it = component == self.component
                || component == "Qualified" && self.component.starts_with(component);
            is_it.then_some(message)
        })
    }

    /// Describes what a node that breaks a constraint does wrong, with the kind of constraint.
    fn described(&self, component: &IRComponent) -> Option<(&'static str, String)> {
        let path = self.path.unwrap_or("the resource");
        let shown = self.value.map_or_else(|| path.to_owned(), show);
        let field = |iri: &IriS| self.names.field(&named(iri));
        Some(match component {
            IRComponent::Class(class) => match class.class_rule() {
                Object::Iri(class) => ("Class", self.of_class(&shown, &self.names.class(&named(class)))),
                _ => return None,
            },
            IRComponent::Datatype(datatype) => (
                "Datatype",
                format!("{shown} is not a well-formed {}", local_name(&named(datatype.datatype()))),
            ),
            IRComponent::In(values) => {
                let values = values.values().iter().map(|value| show(&Term::from(value.clone())));
                ("In", format!("{shown} is none of {}", values.collect::<Vec<_>>().join(", ")))
            }
            IRComponent::NodeKind(kind) => {
                ("NodeKind", format!("{shown} is not {}", kind_name(kind.node_kind())))
            }
            IRComponent::Pattern(pattern) => {
                ("Pattern", format!("{shown} does not match {}", pattern.pattern()))
            }
            IRComponent::HasValue(value) => {
                let wanted = show(&Term::from(value.value().clone()));
                ("HasValue", format!("{path} needs the value {wanted}{}", self.found()))
            }
            IRComponent::UniqueLang(_) => {
                ("UniqueLang", format!("{path} has more than one text in a language{}", self.found()))
            }
            IRComponent::LanguageIn(languages) => {
                let languages: Vec<String> = languages.langs().iter().map(ToString::to_string).collect();
                ("LanguageIn", format!("{shown} is in none of the languages {}", languages.join(", ")))
            }
            IRComponent::Equals(other) => {
                let other = field(other.iri());
                ("Equals", format!("{path} and {other} differ in {shown}: they must have the same values"))
            }
            IRComponent::Disjoint(other) => {
                let other = field(other.iri());
                (
                    "Disjoint",
                    format!("{shown} is a value of {path} and of {other}: they must have none in common"),
                )
            }
            IRComponent::LessThan(other) => {
                ("LessThan", format!("{shown} is not less than the {}", field(other.iri())))
            }
            IRComponent::LessThanOrEquals(other) => {
                ("LessThanOrEquals", format!("{shown} is greater than the {}", field(other.iri())))
            }
            IRComponent::SubsetOf(of) => {
                ("SubsetOf", format!("{shown} is no value of {}", field_path(self.names, of.path())))
            }
            IRComponent::Closed(_) => {
                ("Closed", format!("its class has no field {path}; it has the value {shown}"))
            }
            IRComponent::QualifiedValueShape(of) => {
                let count = match (of.qualified_min_count(), of.qualified_max_count()) {
                    (Some(min), _) if self.component.contains("Min") => format!("at least {min}"),
                    (_, Some(max)) => format!("at most {max}"),
                    (Some(min), None) => format!("at least {min}"),
                    (None, None) => return None,
                };
                (
                    "Qualified",
                    format!(
                        "{path} needs {count} values of the kind that its shape describes{}",
                        self.found()
                    ),
                )
            }
            component => return self.of_count(path, component).or_else(|| of_range(&shown, component)),
        })
    }

    fn of_class(&self, shown: &str, wanted: &str) -> String {
        let wanted = with_article(wanted);
        match self.classes.as_slice() {
            [] => format!("{shown} is not {wanted}"),
            classes => {
                let classes: Vec<String> = classes.iter().map(|class| with_article(class)).collect();
                format!("{shown} is {}, not {wanted}", classes.join(" and "))
            }
        }
    }

    fn of_count(&self, path: &str, component: &IRComponent) -> Option<(&'static str, String)> {
        let found = self.found();
        Some(match component {
            IRComponent::MinCount(count) => match count.min_count() {
                1 => ("MinCount", format!("{path} is missing")),
                min => ("MinCount", format!("{path} needs at least {min} values{found}")),
            },
            IRComponent::MaxCount(count) => match count.max_count() {
                0 => ("MaxCount", format!("{path} must have no value{found}")),
                1 => ("MaxCount", format!("{path} has more than one value{found}")),
                max => ("MaxCount", format!("{path} has more than {max} values{found}")),
            },
            _ => return None,
        })
    }

    /// Lists the values of the field, such as `: "A", "B"`.
    fn found(&self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        let mut values: Vec<String> = self.values.iter().map(show).collect();
        values.sort_unstable();
        let more = values.len().saturating_sub(VALUES_MAX);
        values.truncate(VALUES_MAX);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!(": {}{rest}", values.join(", "))
    }
}

/// Describes what is wrong with the size of a value.
fn of_range(shown: &str, component: &IRComponent) -> Option<(&'static str, String)> {
    Some(match component {
        IRComponent::MinInclusive(limit) => {
            ("MinInclusive", format!("{shown} is less than {}", limit.min_inclusive().lexical_form()))
        }
        IRComponent::MinExclusive(limit) => {
            ("MinExclusive", format!("{shown} is not greater than {}", limit.min_exclusive().lexical_form()))
        }
        IRComponent::MaxInclusive(limit) => {
            ("MaxInclusive", format!("{shown} is greater than {}", limit.max_inclusive().lexical_form()))
        }
        IRComponent::MaxExclusive(limit) => {
            ("MaxExclusive", format!("{shown} is not less than {}", limit.max_exclusive().lexical_form()))
        }
        IRComponent::MinLength(limit) => {
            ("MinLength", format!("{shown} has fewer than {} characters", limit.min_length()))
        }
        IRComponent::MaxLength(limit) => {
            ("MaxLength", format!("{shown} has more than {} characters", limit.max_length()))
        }
        _ => return None,
    })
}

/// Names a kind of node, as a person would.
fn kind_name(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::Iri | NodeKind::BNodeOrIri => "a link to a resource",
        NodeKind::Lit | NodeKind::BNodeOrLit => "a literal",
        NodeKind::BNode => "a blank node",
        NodeKind::IriOrLit => "a link or a literal",
    }
}
