//! Queries of OSLC as pages of a class.

use super::refusal::OslcRefusal;
use crate::exchange::rdf::oslc::address::Addresses;
use crate::exchange::rdf::oslc::alias::{Alias, FLAGS, LinkDirection};
use crate::exchange::rdf::oslc::domain::{KINDS, Kind};
use crate::exchange::rdf::oslc::query::{Condition, Operator, SortKey};
use crate::exchange::rdf::oslc::shape::{is_computed, is_flag};
use crate::graph::{Comparison, Filter, Order, PageQuery, Snapshot, TextTest};
use crate::ontology::Field;
use crate::ontology::terms::{dcterms, tl};
use oxigraph::model::vocab::{rdf, xsd};
use oxigraph::model::{Literal, NamedNode, NamedNodeRef, Term};

/// So many targets may fulfil a nested condition.
const NESTED_MAX: usize = 10_000;

/// What a query asks for.
#[derive(Clone, Debug, Default)]
pub struct OslcQuery {
    /// What must hold.
    pub conditions: Vec<Condition>,
    /// Texts that must be in the title, the description or the identifier.
    pub terms: Vec<String>,
    /// The order.
    pub order: Vec<SortKey>,
    /// The cursor of the item before the page.
    pub after: Option<String>,
    /// How many items a page has at the most.
    pub limit: usize,
}

/// A page of a query.
#[derive(Clone, Debug)]
pub struct OslcPage {
    /// The resources.
    pub items: Vec<NamedNode>,
    /// How many there are on all pages.
    pub total: usize,
    /// The cursor of the last item, where more follow.
    pub next: Option<String>,
}

/// Returns a page of the resources of a kind.
pub(in crate::app) fn page(
    version: &Snapshot,
    addresses: &Addresses,
    kind: &Kind,
    query: &OslcQuery,
) -> Result<OslcPage, OslcRefusal> {
    let search = Search { version, addresses, class: kind.class.into_owned(), kind: Some(kind) };
    let mut filters = search.filters(&query.conditions)?;
    filters.extend(query.terms.iter().map(|term| holding(term)));
    let order = query.order.iter().map(|key| search.order(key)).collect::<Result<_, _>>()?;
    let page = version.page(&PageQuery {
        class: search.class.clone(),
        filter: if filters.is_empty() { None } else { Some(Filter::And(filters)) },
        order,
        after: query.after.clone(),
        before: None,
        limit: query.limit,
        from_end: false,
        total: true,
    })?;
    let next = page.items.last().filter(|_| page.has_more).map(|(_, cursor)| cursor.clone());
    let items = page.items.into_iter().map(|(iri, _)| iri).collect();
    Ok(OslcPage { items, total: page.total.unwrap_or_default(), next })
}

/// Lets resources through that have a text.
fn holding(term: &str) -> Filter {
    let properties = [dcterms::TITLE, dcterms::DESCRIPTION, dcterms::IDENTIFIER];
    let holds =
        |property: NamedNodeRef<'_>| Filter::Text(property.into_owned(), TextTest::Contains, term.to_owned());
    Filter::Or(properties.map(holds).to_vec())
}

/// Where a property is found.
enum Place {
    /// In the values of a property.
    Values(NamedNode),
    /// In what links here by a property, from a class.
    Sources(NamedNode, Option<&'static str>),
}

struct Search<'a> {
    version: &'a Snapshot,
    addresses: &'a Addresses,
    class: NamedNode,
    kind: Option<&'a Kind>,
}

impl Search<'_> {
    fn filters(&self, conditions: &[Condition]) -> Result<Vec<Filter>, OslcRefusal> {
        conditions.iter().map(|condition| self.filter(condition)).collect()
    }

    fn filter(&self, condition: &Condition) -> Result<Filter, OslcRefusal> {
        match condition {
            Condition::Compare(property, operator, value) if is_flag(property) => {
                flag(property, *operator, value)
            }
            Condition::Compare(property, operator, value) if property.as_ref() == rdf::TYPE => {
                self.of_type(*operator, std::slice::from_ref(value))
            }
            Condition::In(property, values) if property.as_ref() == rdf::TYPE => {
                self.of_type(Operator::Equal, values)
            }
            Condition::Compare(property, operator, value) => match self.place(property)? {
                Place::Values(predicate) => self.compared(predicate, *operator, value),
                Place::Sources(predicate, _) => {
                    let linked = Filter::LinkedFrom(predicate, self.resources(property, [value])?);
                    match operator {
                        Operator::Equal => Ok(linked),
                        Operator::NotEqual => Ok(Filter::Not(Box::new(linked))),
                        _ => Err(no_order(property)),
                    }
                }
            },
            Condition::In(property, values) => match self.place(property)? {
                Place::Values(predicate) => {
                    let each = values
                        .iter()
                        .map(|value| self.compared(predicate.clone(), Operator::Equal, value))
                        .collect::<Result<_, _>>()?;
                    Ok(Filter::Or(each))
                }
                Place::Sources(predicate, _) => {
                    Ok(Filter::LinkedFrom(predicate, self.resources(property, values)?))
                }
            },
            Condition::Nested(property, nested) => self.nested(property, nested),
        }
    }

    /// Lets resources of types through: by the type of the domain all, by a class of the ontology its instances.
    fn of_type(&self, operator: Operator, types: &[Term]) -> Result<Filter, OslcRefusal> {
        let ontology = self.version.ontology();
        let mut classes = Vec::new();
        for value in types {
            let Term::NamedNode(asked) = value else {
                return Err(OslcRefusal::Content(format!(
                    "rdf:type is compared with {value}, which is no resource"
                )));
            };
            let asked = match self.kind {
                Some(kind) if *asked == kind.domain_type() => kind.class.into_owned(),
                _ => asked.clone(),
            };
            classes.push(Term::from(asked.clone()));
            if let Some(class) = ontology.class(asked.as_ref()) {
                classes.extend(class.descendants.iter().cloned().map(Term::from));
            }
        }
        let of = Filter::OneOf(rdf::TYPE.into_owned(), classes);
        match operator {
            Operator::Equal => Ok(of),
            Operator::NotEqual => Ok(Filter::Not(Box::new(of))),
            _ => Err(no_order(&rdf::TYPE.into_owned())),
        }
    }

    fn compared(
        &self,
        predicate: NamedNode,
        operator: Operator,
        value: &Term,
    ) -> Result<Filter, OslcRefusal> {
        let equal = |predicate: NamedNode| match value {
            Term::Literal(literal) => Filter::Compare(predicate, Comparison::Eq, literal.clone()),
            other => Filter::OneOf(predicate, vec![self.inward(other)]),
        };
        let comparison = match operator {
            Operator::Equal => return Ok(equal(predicate)),
            Operator::NotEqual => {
                let has = Filter::Has(predicate.clone(), true);
                return Ok(Filter::And(vec![has, Filter::Not(Box::new(equal(predicate)))]));
            }
            Operator::Less => Comparison::Lt,
            Operator::LessOrEqual => Comparison::Le,
            Operator::Greater => Comparison::Gt,
            Operator::GreaterOrEqual => Comparison::Ge,
        };
        match value {
            Term::Literal(literal) => Ok(Filter::Compare(predicate, comparison, literal.clone())),
            _ => Err(no_order(&predicate)),
        }
    }

    fn nested(&self, property: &NamedNode, nested: &[Condition]) -> Result<Filter, OslcRefusal> {
        let place = self.place(property)?;
        let classes = match &place {
            Place::Values(predicate) => self.targets(predicate),
            Place::Sources(_, class) => {
                kind_named(*class).into_iter().map(|kind| kind.class.into_owned()).collect()
            }
        };
        if classes.is_empty() {
            return Err(OslcRefusal::Content(format!(
                "{} links to no resources of the thread: it takes no conditions in braces",
                property.as_str()
            )));
        }
        let mut found = Vec::new();
        for class in classes {
            let kind = KINDS.iter().find(|kind| kind.class == class.as_ref());
            let inner =
                Search { version: self.version, addresses: self.addresses, class: class.clone(), kind };
            let filter = Some(Filter::And(inner.filters(nested)?));
            let (order, limit) = (Vec::new(), NESTED_MAX + 1);
            let query = PageQuery {
                class,
                filter,
                order,
                after: None,
                before: None,
                limit,
                from_end: false,
                total: false,
            };
            found.extend(self.version.page(&query)?.items.into_iter().map(|(iri, _)| iri));
        }
        if found.len() > NESTED_MAX {
            return Err(OslcRefusal::Content(format!(
                "more than {NESTED_MAX} resources fulfil the conditions in braces of {}: narrow them",
                property.as_str()
            )));
        }
        Ok(match place {
            Place::Values(predicate) => Filter::OneOf(predicate, found.into_iter().map(Term::from).collect()),
            Place::Sources(predicate, _) => Filter::LinkedFrom(predicate, found),
        })
    }

    /// Returns the classes that a property links to.
    fn targets(&self, predicate: &NamedNode) -> Vec<NamedNode> {
        self.field(predicate).map(|field| field.kind.targets().to_vec()).unwrap_or_default()
    }

    fn field(&self, predicate: &NamedNode) -> Option<&Field> {
        let ontology = self.version.ontology();
        let class = ontology.class(self.class.as_ref())?;
        let below = class.descendants.iter().filter_map(|below| ontology.class(below.as_ref()));
        std::iter::once(class).chain(below).find_map(|class| class.field_of(predicate.as_ref()))
    }

    /// Finds a property; one that nothing of the class can have is refused by its name.
    fn place(&self, property: &NamedNode) -> Result<Place, OslcRefusal> {
        if let Some(alias) = self.kind.and_then(|kind| Alias::named(kind, property.as_ref())) {
            let predicate = alias.property.into_owned();
            return Ok(match alias.way {
                LinkDirection::Forward => Place::Values(predicate),
                LinkDirection::Inverse => Place::Sources(predicate, alias.other),
            });
        }
        if is_computed(property) {
            let text = format!("{} is computed by the service and cannot be searched", property.as_str());
            return Err(OslcRefusal::Content(text));
        }
        if self.field(property).is_some() || self.is_used(property)? {
            return Ok(Place::Values(property.clone()));
        }
        let of = self.class.as_str().rsplit(['#', '/']).next().unwrap_or_default();
        Err(OslcRefusal::Content(format!("{} is no property of a {of}", property.as_str())))
    }

    /// Returns whether some resource of the class has the property, though the ontology does not know it.
    fn is_used(&self, property: &NamedNode) -> Result<bool, OslcRefusal> {
        let filter = Some(Filter::Has(property.clone(), true));
        let (class, order) = (self.class.clone(), Vec::new());
        let query = PageQuery {
            class,
            filter,
            order,
            after: None,
            before: None,
            limit: 1,
            from_end: false,
            total: false,
        };
        Ok(!self.version.page(&query)?.items.is_empty())
    }

    fn inward(&self, value: &Term) -> Term {
        match value {
            Term::NamedNode(address) => self.addresses.iri(address).unwrap_or_else(|| address.clone()).into(),
            other => other.clone(),
        }
    }

    /// Returns the resources that values name.
    fn resources<'v>(
        &self,
        property: &NamedNode,
        values: impl IntoIterator<Item = &'v Term>,
    ) -> Result<Vec<NamedNode>, OslcRefusal> {
        let resource = |value: &Term| match self.inward(value) {
            Term::NamedNode(iri) => Ok(iri),
            other => {
                let text = format!("{} is compared with {other}, which is no resource", property.as_str());
                Err(OslcRefusal::Content(text))
            }
        };
        values.into_iter().map(resource).collect()
    }

    fn order(&self, key: &SortKey) -> Result<Order, OslcRefusal> {
        match self.place(&key.property)? {
            Place::Values(predicate) => Ok(Order { predicate: Some(predicate), descending: key.descending }),
            Place::Sources(..) => Err(no_order(&key.property)),
        }
    }
}

fn kind_named(name: Option<&str>) -> Option<&'static Kind> {
    name.and_then(|name| KINDS.iter().find(|kind| kind.name == name))
}

fn no_order(property: &NamedNode) -> OslcRefusal {
    let text =
        format!("the values of {} are resources, which have no order: use = != or in", property.as_str());
    OslcRefusal::Content(text)
}

/// Lets change requests through by a flag that follows from their state.
fn flag(property: &NamedNode, operator: Operator, value: &Term) -> Result<Filter, OslcRefusal> {
    let wanted = match value {
        Term::Literal(literal) if literal.datatype() == xsd::BOOLEAN => literal.value() == "true",
        other => {
            let text = format!("{} is true or false, not {other}", property.as_str());
            return Err(OslcRefusal::Content(text));
        }
    };
    let wanted = match operator {
        Operator::Equal => wanted,
        Operator::NotEqual => !wanted,
        _ => return Err(OslcRefusal::Content(format!("{} is compared by = or !=", property.as_str()))),
    };
    let states = FLAGS.iter().find(|(flag, _)| property.as_str().ends_with(&format!("#{flag}")));
    let states = states.map(|(_, states)| *states).unwrap_or_default();
    let is = |state: &&str| Filter::Compare(tl::STATE.into_owned(), Comparison::Eq, Literal::from(*state));
    let is_set = Filter::Or(states.iter().map(is).collect());
    Ok(if wanted { is_set } else { Filter::Not(Box::new(is_set)) })
}
