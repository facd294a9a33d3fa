//! The types as async-graphql knows them: what prints the schema.

use super::{Definition, Enumeration, InputField, InputObject, Interface, Object, Scalar, Type, Types};
use async_graphql::dynamic::{self, FieldFuture, SchemaError, TypeRef};
use async_graphql::futures_util::stream;
use async_graphql::{SDLExportOptions, Value};

/// How deep selections may nest.
pub(crate) const DEPTH_MAX: usize = 30;

/// The root of subscriptions.
const SUBSCRIPTION: &str = "Subscription";

/// The registered types.
pub(crate) struct Registry(dynamic::Schema);

impl Registry {
    /// Registers all types; `Query`, `Mutation` and `Subscription` are the roots.
    pub(crate) fn new(types: &Types) -> Result<Self, SchemaError> {
        let builder = dynamic::Schema::build("Query", Some("Mutation"), Some(SUBSCRIPTION));
        let builder = types.all().iter().fold(builder, |builder, definition| match definition {
            Definition::Scalar(of) => builder.register(scalar(of)),
            Definition::Enumeration(of) => builder.register(enumeration(of)),
            Definition::Object(of) if *of.name == *SUBSCRIPTION => builder.register(subscription(of)),
            Definition::Object(of) => builder.register(object(of, types)),
            Definition::Interface(of) if of.is_union => builder.register(union(of, types)),
            Definition::Interface(of) => builder.register(interface(of)),
            Definition::Input(of) => builder.register(input_object(of)),
        });
        Ok(Self(builder.finish()?))
    }

    /// Prints the schema; the same types give the same text.
    pub(crate) fn sdl(&self, types: &Types) -> String {
        let options = SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .include_specified_by()
            .use_space_ident()
            .prefer_single_line_descriptions();
        let printed = self.0.sdl_with_options(options);
        printed.lines().map(|line| one_argument_a_line(&with_interfaces(line, types)) + "\n").collect()
    }
}

/// Breaks a line where async-graphql goes on after an argument without a description, beside ones with descriptions.
fn one_argument_a_line(line: &str) -> String {
    if line.trim_start().starts_with('"') {
        return line.to_owned();
    }
    line.replace("(    ", "(\n    ").replace(",    ", ",\n    ")
}

/// Adds to the head of an interface which interfaces it implements: async-graphql's dynamic schema leaves that out.
fn with_interfaces(line: &str, types: &Types) -> String {
    let name = line.strip_prefix("interface ").and_then(|rest| rest.strip_suffix(" {"));
    match name.and_then(|name| types.get(name)) {
        Some(Definition::Interface(of)) if !of.interfaces.is_empty() => {
            format!("interface {} implements {} {{", of.name, of.interfaces.join(" & "))
        }
        _ => line.to_owned(),
    }
}

fn type_ref(ty: &Type) -> TypeRef {
    match ty {
        Type::Named(name) => TypeRef::named(name.as_ref()),
        Type::List(inner) => TypeRef::List(Box::new(type_ref(inner))),
        Type::NonNull(inner) => TypeRef::NonNull(Box::new(type_ref(inner))),
    }
}

fn input_value(field: &InputField) -> dynamic::InputValue {
    let value = dynamic::InputValue::new(&field.name, type_ref(&field.ty));
    let value = if field.comment.is_empty() { value } else { value.description(&field.comment) };
    let value = match &field.deprecation {
        Some(reason) => value.deprecation(Some(reason)),
        None => value,
    };
    match &field.default {
        Some(default) => value.default_value(default.clone()),
        None => value,
    }
}

fn scalar(of: &Scalar) -> dynamic::Scalar {
    // async-graphql would only report that a value is invalid; our own coercion describes what is wrong with it.
    let scalar = dynamic::Scalar::new(&of.name).description(&of.comment).validator(|_| true);
    match of.url {
        Some(url) => scalar.specified_by_url(url),
        None => scalar,
    }
}

fn enumeration(of: &Enumeration) -> dynamic::Enum {
    let items = of.values.iter().map(|(value, comment)| match comment.as_str() {
        "" => dynamic::EnumItem::new(value),
        comment => dynamic::EnumItem::new(value).description(comment),
    });
    let enumeration = dynamic::Enum::new(&of.name).items(items);
    if of.comment.is_empty() { enumeration } else { enumeration.description(&of.comment) }
}

fn object(of: &Object, types: &Types) -> dynamic::Object {
    let object = dynamic::Object::new(of.name.as_ref());
    let object = if of.comment.is_empty() { object } else { object.description(&of.comment) };
    let is_union = |name: &str| matches!(types.get(name), Some(Definition::Interface(of)) if of.is_union);
    let interfaces = of.interfaces.iter().filter(|interface| !is_union(interface));
    let object = interfaces.fold(object, |object, interface| object.implement(interface));
    of.fields.iter().fold(object, |object, field| {
        let registered = dynamic::Field::new(&field.name, type_ref(&field.ty), |_| FieldFuture::Value(None));
        let registered = match field.comment.as_str() {
            "" => registered,
            comment => registered.description(comment),
        };
        let registered = match &field.deprecation {
            Some(reason) => registered.deprecation(Some(reason)),
            None => registered,
        };
        let arguments = field.arguments.iter().map(input_value);
        object.field(arguments.fold(registered, dynamic::Field::argument))
    })
}

fn subscription(of: &Object) -> dynamic::Subscription {
    let root = dynamic::Subscription::new(of.name.as_ref()).description(&of.comment);
    of.fields.iter().fold(root, |root, field| {
        // Never called: events come from our own sources.
        let registered = dynamic::SubscriptionField::new(&field.name, type_ref(&field.ty), |_| {
            dynamic::SubscriptionFieldFuture::new(async {
                Ok(stream::empty::<async_graphql::Result<Value>>())
            })
        })
        .description(&field.comment);
        root.field(
            field.arguments.iter().map(input_value).fold(registered, dynamic::SubscriptionField::argument),
        )
    })
}

fn interface(of: &Interface) -> dynamic::Interface {
    let interface = dynamic::Interface::new(&of.name).description(&of.comment);
    let interface = of.interfaces.iter().fold(interface, |interface, other| interface.implement(other));
    of.fields.iter().fold(interface, |interface, of| {
        let field = dynamic::InterfaceField::new(&of.name, type_ref(&of.ty));
        let field = if of.comment.is_empty() { field } else { field.description(&of.comment) };
        let field = match &of.deprecation {
            Some(reason) => field.deprecation(Some(reason)),
            None => field,
        };
        interface.field(of.arguments.iter().map(input_value).fold(field, dynamic::InterfaceField::argument))
    })
}

fn union(of: &Interface, types: &Types) -> dynamic::Union {
    let mut members: Vec<&str> = types.objects_of(&of.name).map(Definition::name).collect();
    members.sort_unstable();
    let union = dynamic::Union::new(&of.name).description(&of.comment);
    members.into_iter().fold(union, dynamic::Union::possible_type)
}

fn input_object(of: &InputObject) -> dynamic::InputObject {
    let object = dynamic::InputObject::new(&of.name);
    let object = if of.comment.is_empty() { object } else { object.description(&of.comment) };
    let object = if of.one_of { object.oneof() } else { object };
    of.fields.iter().map(input_value).fold(object, dynamic::InputObject::field)
}
