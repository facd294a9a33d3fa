//! The types of each class: an interface where others may extend it, an object type of its own instances, pages of them, and the
//! fields of `Thread` that find one and many.

pub(crate) mod fielded;
pub(crate) mod object_type;

use super::history::provenance;
use super::records::field;
use super::records::link::{self, LinkPath};
use super::shared::connection::{self, Item, Page};
use super::shared::node::{self, Node, OTHER, RECORD, singular};
use super::shared::page::Cut;
use crate::app::Scope;
use crate::graphql::engine::types::build::{ObjectBuilder, interface, object};
use crate::graphql::engine::types::{Definition, InputField, Interface, Type};
use crate::graphql::engine::{Call, Value};
use crate::graphql::error::Error;
use crate::ontology::{Class, Field, FieldKind, Inverse, Ontology, with_article};
use object_type::{ObjectTypes, is_extensible, object_name};
use oxigraph::model::NamedNode;
use std::collections::BTreeSet;
use std::sync::Arc;

pub(super) const ID: &str = "The opaque id of the object at one version and one watermark. Arguments take it, or the IRI of a resource.";
const IRI: &str = "The stable name: the resource's IRI, without the thread's base where it begins with it.";

/// Returns `Node`, `Record`, the type for what no class describes, and all types of all classes.
pub(crate) fn types(ontology: &Arc<Ontology>, objects: &Arc<ObjectTypes>) -> Vec<Definition> {
    let id = vec![("id".to_owned(), ID.to_owned(), Type::parse("ID!"), Vec::new())];
    let mut node = interface("Node", "Anything that can be fetched again by its id.", id);
    node.object_type = Some(objects.of_node());
    let mut record = interface(RECORD, "A resource of the thread, or a fragment of one.", base_fields());
    record.interfaces = vec!["Node".to_owned()];
    let other = with_base(object::<Node>(OTHER, "A resource of no class that the ontology knows."));
    let mut types = vec![Definition::Interface(node), Definition::Interface(record), other.done()];
    for class in ontology.classes() {
        match class.is_abstract {
            true => types.push(Definition::Interface(abstract_type(class, ontology, objects))),
            false => types.extend(concrete_types(class, ontology, objects)),
        }
    }
    let linked = linked_names(ontology);
    let paged = ontology.classes().iter().filter(|class| has_pages(class, ontology));
    let mut names: BTreeSet<String> = paged.map(|class| class.name.clone()).collect();
    names.extend(linked.iter().cloned());
    names.insert(RECORD.to_owned());
    types.extend(names.iter().flat_map(|name| connection::types(name, linked.contains(name))));
    types.push(link::type_of_links());
    types.extend(ontology.classes().iter().flat_map(super::records::filter::types_of));
    types
}

pub(crate) fn base_fields() -> Vec<(String, String, Type, Vec<InputField>)> {
    vec![
        ("id".to_owned(), ID.to_owned(), Type::parse("ID!"), Vec::new()),
        ("iri".to_owned(), IRI.to_owned(), Type::parse("ID!"), Vec::new()),
        provenance::field(),
    ]
}

fn with_base(builder: ObjectBuilder<Node>) -> ObjectBuilder<Node> {
    let builder = builder.implements("Node").implements(RECORD);
    let builder =
        builder
            .field("id", "ID!", ID, |node, _| Ok(node.id().into()))
            .field("iri", "ID!", IRI, |node, _| Ok(node.scope.snapshot.shorten(&node.iri).into()));
    provenance::extend(builder)
}

/// Tells whether `Thread` has pages of a class: not of fragments, which are read with their owners.
fn has_pages(class: &Class, ontology: &Ontology) -> bool {
    let is_fragment = |iri: &NamedNode| ontology.class(iri.as_ref()).is_some_and(|class| class.fragment);
    !class.fragment && !class.descendants.iter().any(is_fragment)
}

fn concrete_types(class: &Class, ontology: &Arc<Ontology>, objects: &Arc<ObjectTypes>) -> Vec<Definition> {
    let mut builder = with_base(object::<Node>(&class.name, &class.comment));
    let mut above: Vec<&Class> =
        class.ancestors.iter().filter_map(|above| ontology.class(above.as_ref())).collect();
    above.retain(|above| above.is_abstract || is_extensible(above));
    for above in &above {
        builder = builder.implements(&above.name);
    }
    above.retain(|above| !above.is_abstract);
    for field in &class.fields {
        // A subclass may narrow a field, but its type is the one that the interface above has promised.
        let promised = above.iter().rev().find_map(|above| above.field(&field.name));
        builder =
            with_field(builder, promised.unwrap_or(field), ontology).deprecated(field.deprecated.as_deref());
    }
    for inverse in &class.inverses {
        let way = Arc::new(LinkPath {
            predicate: inverse.predicate.clone(),
            backward: true,
            shown: ontology.class(inverse.class.as_ref()).cloned(),
            shared: is_shared(inverse, ontology),
        });
        builder = with_links(builder, &inverse.name, &inverse.comment, way);
    }
    let builder = super::verdicts::effectiveness::extend(builder, class);
    let builder = fielded::extend(builder, class, ontology);
    let builder = super::verdicts::review::extend(builder, class, ontology);
    if !is_extensible(class) {
        return vec![builder.done()];
    }
    let comment = format!("{} of no more specific class.", with_article(&class.name).replacen('a', "A", 1));
    builder.done_extensible(&object_name(class), &comment, objects.of_class(class)).into()
}

/// Returns whether other classes than that of an inverse field, and those below it, link by the same predicate.
fn is_shared(inverse: &Inverse, ontology: &Ontology) -> bool {
    let links = |class: &&Class| class.field_of(inverse.predicate.as_ref()).is_some();
    let is_below = |class: &Class| class.iri == inverse.class || class.ancestors.contains(&inverse.class);
    ontology.classes().iter().filter(links).any(|class| !class.is_abstract && !is_below(class))
}

fn with_field(builder: ObjectBuilder<Node>, field: &Field, ontology: &Arc<Ontology>) -> ObjectBuilder<Node> {
    let way = |targets: &[NamedNode]| {
        Arc::new(LinkPath {
            predicate: field.predicate.clone(),
            backward: false,
            shown: node::shown_as(ontology, targets).cloned(),
            shared: false,
        })
    };
    match &field.kind {
        FieldKind::Link(targets) if field.is_single() => with_single(builder, field, way(targets)),
        FieldKind::Link(targets) => with_links(builder, &field.name, &field.comment, way(targets)),
        FieldKind::Fragment(class) => with_fragments(builder, field, way(std::slice::from_ref(class))),
        kind => {
            let name = field::type_name(kind).unwrap_or("String");
            let ty = field::type_of(field, name);
            let own = field.clone();
            builder.field(&field.name, &ty, &field.comment, move |node, _| field::resolve(node, &own))
        }
    }
}

fn with_single(builder: ObjectBuilder<Node>, field: &Field, way: Arc<LinkPath>) -> ObjectBuilder<Node> {
    let (name, link) = (way.shown_name().to_owned(), Arc::clone(&way));
    let comment = format!(
        "The link of the field `{}`: the commit that made it, and whether it is suspect.",
        field.name
    );
    builder.field(&link_name(field), "Link", &comment, move |node, _| link.single_link(node)).field(
        &field.name,
        &name,
        &field.comment,
        move |node, _| way.single(node),
    )
}

/// Returns the name of the field for a single link itself.
fn link_name(field: &Field) -> String {
    format!("{}Link", field.name)
}

fn with_links(
    builder: ObjectBuilder<Node>,
    name: &str,
    comment: &str,
    way: Arc<LinkPath>,
) -> ObjectBuilder<Node> {
    let ty = format!("{}Connection!", way.shown_name());
    let arguments = link::page_arguments(way.shown.as_ref());
    builder.field_with(name, &ty, comment, arguments, move |node, call| way.page(node, call))
}

/// Fragments are read with their owner, so they are a list and not pages.
fn with_fragments(builder: ObjectBuilder<Node>, field: &Field, way: Arc<LinkPath>) -> ObjectBuilder<Node> {
    let ty = field::type_of(field, way.shown_name());
    let single = field.is_single();
    builder.field(&field.name, &ty, &field.comment, move |node, _| {
        if single {
            return way.single(node);
        }
        let show = |iri| Value::object(Node::new(&node.scope, iri));
        Ok(Value::List(node.targets(&way.predicate)?.into_iter().map(show).collect()))
    })
}

/// Makes the interface of an abstract class, of the fields that all its subclasses type alike.
fn abstract_type(class: &Class, ontology: &Ontology, objects: &Arc<ObjectTypes>) -> Interface {
    let alike = |field: &&Field| {
        let mut below = class.descendants.iter().filter_map(|iri| ontology.class(iri.as_ref()));
        below.all(|below| {
            below.field(&field.name).is_some_and(|own| own.kind == field.kind && own.max == field.max)
        })
    };
    let mut fields = base_fields();
    for field in class.fields.iter().filter(alike) {
        let (ty, arguments) = interface_type(field, ontology);
        if matches!(field.kind, FieldKind::Link(_)) && field.is_single() {
            fields.push((link_name(field), String::new(), Type::parse("Link"), Vec::new()));
        }
        fields.push((field.name.clone(), field.comment.clone(), Type::parse(&ty), arguments));
    }
    let mut interface = interface(&class.name, &class.comment, fields);
    interface.interfaces = vec!["Node".to_owned(), RECORD.to_owned()];
    interface.object_type = Some(objects.of_class(class));
    interface
}

fn interface_type(field: &Field, ontology: &Ontology) -> (String, Vec<InputField>) {
    match &field.kind {
        FieldKind::Link(targets) if !field.is_single() => {
            let shown = node::shown_as(ontology, targets);
            let ty = format!("{}Connection!", node::shown_name(ontology, targets));
            (ty, link::page_arguments(shown))
        }
        FieldKind::Link(targets) => (node::shown_name(ontology, targets), Vec::new()),
        FieldKind::Fragment(class) => {
            (field::type_of(field, &node::shown_name(ontology, std::slice::from_ref(class))), Vec::new())
        }
        kind => (field::type_of(field, field::type_name(kind).unwrap_or("String")), Vec::new()),
    }
}

/// Returns the names of all types that links are paged to.
fn linked_names(ontology: &Ontology) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for class in ontology.classes() {
        for field in class.fields.iter().filter(|field| !field.is_single()) {
            if let FieldKind::Link(targets) = &field.kind {
                names.insert(node::shown_name(ontology, targets));
            }
        }
        for inverse in &class.inverses {
            names.insert(node::shown_name(ontology, std::slice::from_ref(&inverse.class)));
        }
    }
    names
}

/// Adds the fields of one and of many of each class to `Thread`.
pub(crate) fn extend_thread(
    mut builder: ObjectBuilder<Arc<Scope>>,
    ontology: &Arc<Ontology>,
) -> ObjectBuilder<Arc<Scope>> {
    for class in ontology.classes().iter().filter(|class| has_pages(class, ontology)) {
        let class = Arc::new(class.clone());
        let (one, many) = (Arc::clone(&class), Arc::clone(&class));
        let id =
            vec![InputField::new("id", "ID!", "Its id or IRI, or an identifier that no other resource has.")];
        let one_comment = format!("The {} with this id, IRI or identifier.", words(&class.name));
        let many_comment =
            format!("All {}, in IRI order unless `orderBy` gives another.", words(&plural(&class)));
        builder = builder
            .field_with(&singular(&class.name), &class.name, &one_comment, id, move |scope, call| {
                single(scope, &one, call)
            })
            .field_with(
                &plural(&class),
                &format!("{}Connection!", class.name),
                &many_comment,
                link::page_arguments(Some(&class)),
                move |scope, call| page(scope, &many, call),
            );
    }
    builder
}

fn single(scope: &Arc<Scope>, class: &Class, call: &Call<'_>) -> Result<Value, Error> {
    let (id, snapshot) = (call.arguments.needed_text("id")?, &scope.snapshot);
    let iri = match node::read_iri(snapshot, &id) {
        Ok(iri) if node::is_a(snapshot, &iri, class)? => iri,
        _ => node::find_of(snapshot, &id, |iri| node::is_a(snapshot, iri, class))?,
    };
    match node::is_a(snapshot, &iri, class)? {
        true => Ok(Value::object(Node::new(scope, iri))),
        false => Ok(Value::Null),
    }
}

fn page(scope: &Arc<Scope>, class: &Arc<Class>, call: &Call<'_>) -> Result<Value, Error> {
    let cut = Cut::read(call.arguments)?;
    let query = link::page_query(scope, class, call, &cut, None)?;
    let page = match call.below.asks(&["edges", "nodes", "pageInfo"]) {
        true => scope.snapshot.page(&query)?,
        false => scope.snapshot.page_total(&query)?,
    };
    let item = |(iri, cursor)| Item::new(scope, iri, cursor, None);
    let items = page.items.into_iter().map(item).collect();
    Ok(Value::object(Page::new(items, &cut, page.has_more, page.total)))
}

/// Returns the words of a name: `design revision` of `DesignRevision`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
    }
    words
}

/// Returns the name of the field for many; words without a plural get an s, so that one and many differ.
pub(crate) fn plural(class: &Class) -> String {
    if class.plural == singular(&class.name) { format!("{}s", class.plural) } else { class.plural.clone() }
}
