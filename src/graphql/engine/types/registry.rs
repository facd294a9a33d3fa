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
            Definition::Object(of) => builder.register(object(of)),
            Definition::Interface(of) => builder.register(interface(of)),
            Definition::Input(of) => builder.register(input_object(of)),
        });
        Ok(Self(builder.finish()?))
    }

    /// Prints the schema; the same types give the same text.
    pub(crate) fn sdl(&self) -> String {
        let options = SDLExportOptions::new()
            .sorted_fields()
            .sorted_arguments()
            .include_specified_by()
            .use_space_ident()
            .prefer_single_line_descriptions();
        self.0.sdl_with_options(options)
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
    dynamic::Enum::new(&of.name).description(&of.comment).items(items)
}

fn object(of: &Object) -> dynamic::Object {
    let object = dynamic::Object::new(of.name.as_ref()).description(&of.comment);
    let object = of.interfaces.iter().fold(object, |object, interface| object.implement(interface));
    of.fields.iter().fold(object, |object, field| {
        let registered = dynamic::Field::new(&field.name, type_ref(&field.ty), |_| FieldFuture::Value(None))
            .description(&field.comment);
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
    of.fields.iter().fold(interface, |interface, (name, comment, ty, arguments)| {
        let field = dynamic::InterfaceField::new(name, type_ref(ty)).description(comment);
        interface.field(arguments.iter().map(input_value).fold(field, dynamic::InterfaceField::argument))
    })
}

fn input_object(of: &InputObject) -> dynamic::InputObject {
    let object = dynamic::InputObject::new(&of.name).description(&of.comment);
    let object = if of.one_of { object.oneof() } else { object };
    of.fields.iter().map(input_value).fold(object, dynamic::InputObject::field)
}
