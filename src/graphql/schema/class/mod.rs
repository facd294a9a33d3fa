//! The object type of each class, its interfaces, and the pages of its instances.

pub(crate) mod fielded;

use super::history::resource_history;
use super::records::field;
use super::records::link::{self, Way};
use super::shared::node::{self, Node, OTHER, singular};
use super::shared::page::{self, Cut, PageInfo};
use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, interface, object};
use crate::graphql::engine::types::{Definition, InputField, Interface, Type};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::{Class, Field, Inverse, Kind, Ontology};
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A page of a class.
struct Instances {
    scope: Arc<Scope>,
    class: Arc<Class>,
    ontology: Arc<Ontology>,
    items: Vec<(NamedNode, String)>,
    info: PageInfo,
    total: Option<usize>,
}

/// One item of a page.
struct Instance {
    scope: Arc<Scope>,
    class: Arc<Class>,
    ontology: Arc<Ontology>,
    iri: NamedNode,
    cursor: String,
}

const ID: &str = "An opaque id of the resource at this version and watermark. Arguments take it, or the IRI.";
const IRI: &str = "The stable name: the resource's IRI, without the thread's base where it begins with it.";

/// Returns `Node`, the type for what no class describes, and all types of all classes.
pub(crate) fn types(ontology: &Arc<Ontology>) -> Vec<Definition> {
    let mut types = vec![
        Definition::Interface(interface("Node", "Whatever has a name of its own.", base_fields())),
        with_base(object::<Node>(OTHER, "A resource of no class that the ontology knows."))
            .implements("Node")
            .done(),
    ];
    for class in ontology.classes() {
        types.push(match class.is_abstract {
            true => Definition::Interface(abstract_type(class, ontology)),
            false => object_type(class, ontology),
        });
        types.extend(page_types(class));
    }
    for name in linked_names(ontology) {
        types.extend(link::types_of(&name));
    }
    types
}

pub(crate) fn base_fields() -> Vec<(String, String, Type, Vec<InputField>)> {
    let mut fields = vec![
        ("id".to_owned(), ID.to_owned(), Type::parse("ID!"), Vec::new()),
        ("iri".to_owned(), IRI.to_owned(), Type::parse("ID!"), Vec::new()),
    ];
    fields.extend(resource_history::fields());
    fields
}

fn with_base(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    let builder =
        builder
            .field("id", "ID!", ID, |node, _| Ok(node.id().into()))
            .field("iri", "ID!", IRI, |node, _| Ok(node.scope.snapshot.shorten(&node.iri).into()));
    resource_history::extend(builder)
}

fn object_type(class: &Class, ontology: &Arc<Ontology>) -> Definition {
    let mut builder = with_base(object::<Node>(&class.name, &class.comment)).implements("Node");
    for ancestor in class.ancestors.iter().filter_map(|ancestor| ontology.class(ancestor.as_ref())) {
        if ancestor.is_abstract {
            builder = builder.implements(&ancestor.name);
        }
    }
    for field in &class.fields {
        builder = with_field(builder, field, ontology);
    }
    for inverse in &class.inverses {
        let way = Arc::new(Way {
            predicate: inverse.predicate.clone(),
            backward: true,
            shown: ontology.class(inverse.class.as_ref()).cloned(),
            shared: is_shared(inverse, ontology),
            ontology: Arc::clone(ontology),
        });
        builder = with_links(builder, &inverse.name, &inverse.comment, way);
    }
    let builder = fielded::extend(super::verdicts::effectiveness::extend(builder, class), class, ontology);
    super::verdicts::review::extend(builder, class, ontology).done()
}

/// Returns whether other classes than that of an inverse field, and those below it, link by the same predicate.
fn is_shared(inverse: &Inverse, ontology: &Ontology) -> bool {
    let links = |class: &&Class| class.field_of(inverse.predicate.as_ref()).is_some();
    let is_below = |class: &Class| class.iri == inverse.class || class.ancestors.contains(&inverse.class);
    ontology.classes().iter().filter(links).any(|class| !class.is_abstract && !is_below(class))
}

fn with_field(builder: ObjectBuilder<Node>, field: &Field, ontology: &Arc<Ontology>) -> ObjectBuilder<Node> {
    let way = |targets: &[NamedNode]| {
        Arc::new(Way {
            predicate: field.predicate.clone(),
            backward: false,
            shown: node::shown_as(ontology, targets).cloned(),
            shared: false,
            ontology: Arc::clone(ontology),
        })
    };
    match &field.kind {
        Kind::Link(targets) if field.is_single() => with_single(builder, field, way(targets)),
        Kind::Link(targets) => with_links(builder, &field.name, &field.comment, way(targets)),
        Kind::Fragment(class) => with_fragments(builder, field, way(std::slice::from_ref(class))),
        kind => {
            let name = field::type_name(kind).unwrap_or("String");
            let ty = field::type_of(field, name);
            let own = field.clone();
            builder.field(&field.name, &ty, &field.comment, move |node, _| field::resolve(node, &own))
        }
    }
}

fn with_single(builder: ObjectBuilder<Node>, field: &Field, way: Arc<Way>) -> ObjectBuilder<Node> {
    let (name, link) = (way.shown_name().to_owned(), Arc::clone(&way));
    let comment = format!(
        "The link `{}` with its metadata: since when it exists, and whether it is suspect.",
        field.name
    );
    builder.field(&field.name, &name, &field.comment, move |node, _| way.single(node)).field(
        &format!("{}Link", field.name),
        &format!("{name}Link"),
        &comment,
        move |node, _| link.single_link(node),
    )
}

fn with_links(builder: ObjectBuilder<Node>, name: &str, comment: &str, way: Arc<Way>) -> ObjectBuilder<Node> {
    let ty = format!("{}LinkConnection!", way.shown_name());
    let arguments = link::page_arguments(way.shown.as_ref());
    builder.field_with(name, &ty, comment, arguments, move |node, call| way.page(node, call))
}

/// Fragments are returned with their owner, so they are a list and not pages.
fn with_fragments(builder: ObjectBuilder<Node>, field: &Field, way: Arc<Way>) -> ObjectBuilder<Node> {
    let ty = field::type_of(field, way.shown_name());
    let single = field.is_single();
    builder.field(&field.name, &ty, &field.comment, move |node, _| {
        if single {
            return way.single(node);
        }
        let show = |iri| node::of_class(&node.scope, iri, way.shown.as_ref(), &way.ontology);
        node.targets(&way.predicate)?.into_iter().map(show).collect::<Result<_, _>>().map(Value::List)
    })
}

/// Makes the interface of an abstract class, of the fields that all its subclasses type alike.
fn abstract_type(class: &Class, ontology: &Ontology) -> Interface {
    let alike = |field: &&Field| {
        let mut below = class.descendants.iter().filter_map(|iri| ontology.class(iri.as_ref()));
        below.all(|below| {
            below.field(&field.name).is_some_and(|own| own.kind == field.kind && own.max == field.max)
        })
    };
    let mut fields = base_fields();
    for field in class.fields.iter().filter(alike) {
        let (ty, arguments) = interface_type(field, ontology);
        fields.push((field.name.clone(), field.comment.clone(), Type::parse(&ty), arguments));
    }
    interface(&class.name, &class.comment, fields)
}

fn interface_type(field: &Field, ontology: &Ontology) -> (String, Vec<InputField>) {
    match &field.kind {
        Kind::Link(targets) if !field.is_single() => {
            let shown = node::shown_as(ontology, targets);
            let ty = format!("{}LinkConnection!", node::shown_name(ontology, targets));
            (ty, link::page_arguments(shown))
        }
        Kind::Link(targets) => (node::shown_name(ontology, targets), Vec::new()),
        Kind::Fragment(class) => {
            (field::type_of(field, &node::shown_name(ontology, std::slice::from_ref(class))), Vec::new())
        }
        kind => (field::type_of(field, field::type_name(kind).unwrap_or("String")), Vec::new()),
    }
}

/// Returns the names of all types that links lead to.
fn linked_names(ontology: &Ontology) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for class in ontology.classes() {
        for field in &class.fields {
            if let Kind::Link(targets) = &field.kind {
                names.insert(node::shown_name(ontology, targets));
            }
        }
        for inverse in &class.inverses {
            names.insert(node::shown_name(ontology, std::slice::from_ref(&inverse.class)));
        }
    }
    names
}

fn page_types(class: &Class) -> Vec<Definition> {
    let name = &class.name;
    let mut types = super::records::filter::types_of(class);
    types.push(
        object::<Instances>(&format!("{name}Connection"), &format!("A page of instances of {}.", class.name))
            .field("totalCount", "Int!", "How many there are on all pages.", |page, _| {
                page::total(page.total)
            })
            .field("edges", &format!("[{name}Edge!]!"), "The items with their cursors.", |page, _| {
                Ok(Value::objects(page.instances()))
            })
            .field("nodes", &format!("[{name}!]!"), "The items.", |page, _| {
                page.instances().map(|item| item.node()).collect::<Result<_, _>>().map(Value::List)
            })
            .field("pageInfo", "PageInfo!", "The position of the page in the list.", |page, _| {
                Ok(Value::object(page.info.clone()))
            })
            .done(),
    );
    types.push(
        object::<Instance>(&format!("{name}Edge"), "An item in a page.")
            .field("cursor", "String!", "Its place in the list.", |item, _| Ok(item.cursor.clone().into()))
            .field("node", &format!("{name}!"), "The item.", |item, _| item.node())
            .done(),
    );
    types
}

impl Instances {
    fn instances(&self) -> impl Iterator<Item = Instance> + '_ {
        self.items.iter().map(|(iri, cursor)| Instance {
            scope: Arc::clone(&self.scope),
            class: Arc::clone(&self.class),
            ontology: Arc::clone(&self.ontology),
            iri: iri.clone(),
            cursor: cursor.clone(),
        })
    }
}

impl Instance {
    fn node(&self) -> Result<Value, Error> {
        node::of_class(&self.scope, self.iri.clone(), Some(&self.class), &self.ontology)
    }
}

/// Adds the fields of one and of many of each class to `Thread`.
pub(crate) fn extend_thread(
    mut builder: ObjectBuilder<Arc<Scope>>,
    ontology: &Arc<Ontology>,
) -> ObjectBuilder<Arc<Scope>> {
    for class in ontology.classes() {
        let class = Arc::new(class.clone());
        let (one, of_one) = (Arc::clone(&class), Arc::clone(ontology));
        let (many, of_many) = (Arc::clone(&class), Arc::clone(ontology));
        let id =
            vec![InputField::new("id", "ID!", "Its id or IRI, or an identifier that no other resource has.")];
        builder = builder
            .field_with(&singular(&class.name), &class.name, &class.comment, id, move |scope, call| {
                single(scope, &one, &of_one, call)
            })
            .field_with(
                &plural(&class),
                &format!("{}Connection!", class.name),
                &format!("A page of instances of {}.", class.name),
                link::page_arguments(Some(&class)),
                move |scope, call| page(scope, &many, &of_many, call),
            );
    }
    builder
}

fn single(scope: &Arc<Scope>, class: &Class, ontology: &Ontology, call: &Call<'_>) -> Result<Value, Error> {
    let (id, snapshot) = (call.arguments.needed_text("id")?, &scope.snapshot);
    let iri = match node::read_iri(snapshot, &id) {
        Ok(iri) if node::is_a(snapshot, &iri, class)? => iri,
        _ => node::find_of(snapshot, &id, |iri| node::is_a(snapshot, iri, class))?,
    };
    if !node::is_a(snapshot, &iri, class)? {
        return Ok(Value::Null);
    }
    node::of_class(scope, iri, Some(class), ontology)
}

fn page(
    scope: &Arc<Scope>,
    class: &Arc<Class>,
    ontology: &Arc<Ontology>,
    call: &Call<'_>,
) -> Result<Value, Error> {
    let mut cut = Cut::read(call.arguments)?;
    if !call.below.asks(&["edges", "nodes", "pageInfo"]) {
        cut.limit = 0;
    }
    let query = link::page_query(scope, class, call, &cut, None)?;
    let page = scope.snapshot.page(&query)?;
    let cursor = |item: Option<&(NamedNode, String)>| item.map(|(_, cursor)| cursor.clone());
    let info = cut.info(page.has_more, (cursor(page.items.first()), cursor(page.items.last())));
    Ok(Value::object(Instances {
        scope: Arc::clone(scope),
        class: Arc::clone(class),
        ontology: Arc::clone(ontology),
        items: page.items,
        info,
        total: page.total,
    }))
}

/// Returns the name of the field for many; words without a plural get an s, so that one and many differ.
pub(crate) fn plural(class: &Class) -> String {
    if class.plural == singular(&class.name) { format!("{}s", class.plural) } else { class.plural.clone() }
}
