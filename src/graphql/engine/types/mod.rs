//! The types of a schema and how their fields are resolved.

pub(crate) mod arguments;
pub(crate) mod build;
pub(in crate::graphql::engine) mod meta;
pub(crate) mod registry;
mod tidy;
pub(crate) mod value;

use super::run::batch::{Batch, Found};
use super::run::lookahead::Lookahead;
use crate::graphql::error::Error;
use crate::graphql::request::Request;
use arguments::Arguments;
use async_graphql::Value as Input;
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use value::Value;

/// A reference to a type, such as `[Commit!]!`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Named(Arc<str>),
    List(Box<Self>),
    NonNull(Box<Self>),
}

impl Type {
    /// Reads the notation of GraphQL.
    pub(crate) fn parse(text: &str) -> Self {
        if let Some(inner) = text.strip_suffix('!') {
            return Self::NonNull(Box::new(Self::parse(inner)));
        }
        match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(inner) => Self::List(Box::new(Self::parse(inner))),
            None => Self::Named(text.into()),
        }
    }

    /// Returns what the type is besides that it may not be null, and whether it may.
    pub(in crate::graphql::engine) fn unwrapped(&self) -> (&Self, bool) {
        match self {
            Self::NonNull(inner) => (inner, false),
            ty => (ty, true),
        }
    }

    /// Returns the type that may also be null.
    pub(in crate::graphql::engine) fn nullable(&self) -> Self {
        self.unwrapped().0.clone()
    }

    pub(crate) fn is_list(&self) -> bool {
        match self {
            Self::Named(_) => false,
            Self::List(_) => true,
            Self::NonNull(inner) => inner.is_list(),
        }
    }

    /// Returns the named type inside lists and non-nulls.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }
}

impl std::fmt::Display for Type {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named(name) => write!(f, "{name}"),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::NonNull(inner) => write!(f, "{inner}!"),
        }
    }
}

/// What a resolver is given besides the parent.
pub(crate) struct Call<'a> {
    pub(crate) arguments: &'a Arguments,
    pub(crate) request: &'a Request,
    pub(super) types: &'a Types,
    /// What is asked of the answer.
    pub(crate) below: Lookahead<'a>,
    pub(super) batch: Batch<'a>,
    /// What was found of the batch for this field, where it has more than one.
    pub(super) found: Option<&'a Found>,
}

impl Call<'_> {
    /// Returns the call with other arguments, such as those within an input.
    pub(crate) fn with<'b>(&'b self, arguments: &'b Arguments) -> Call<'b> {
        let Call { request, types, below, batch, found, .. } = *self;
        Call { arguments, request, types, below, batch, found }
    }

    /// Returns whether a value with an id is of a type: its own, or an interface of that.
    pub(crate) fn is_of(&self, value: &Value, name: &str) -> Result<bool, Error> {
        let Value::Object(value) = value else { return Ok(false) };
        let object = self.types.object_of("Node", &**value)?;
        Ok(*object.name == *name || object.interfaces.iter().any(|interface| interface == name))
    }
}

pub(crate) type Resolve = Arc<dyn Fn(&dyn Any, &Call<'_>) -> Result<Value, Error> + Send + Sync>;

/// A field of an object.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) ty: Type,
    pub(crate) arguments: Vec<InputField>,
    pub(crate) resolve: Resolve,
    /// Whether it is resolved for a whole batch.
    pub(crate) batched: bool,
    /// Whether its value is written at once, whatever is asked below it.
    pub(crate) at_once: bool,
    /// Whether it changes something: it is a field of the mutation root.
    pub(crate) changes: bool,
    /// Why clients should no longer ask for it; `None` where they may.
    pub(crate) deprecation: Option<String>,
}

/// An argument, or a field of an input object.
#[derive(Clone, Debug)]
pub(crate) struct InputField {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) ty: Type,
    pub(crate) default: Option<Input>,
    /// Whether null is refused although the type allows it, so that a variable may be left out and none is null by mistake.
    pub(crate) refuses_null: bool,
    /// How much a number that is given counts in the cost of a request; `None` for nothing.
    pub(crate) weight: Option<Weight>,
    /// Why clients should no longer give it; `None` where they may.
    pub(crate) deprecation: Option<String>,
}

/// What a number among the arguments costs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight {
    /// How much of it counts for a node.
    pub(crate) of_a_node: u64,
    /// The argument with which it costs nothing.
    pub(crate) unless: Option<&'static str>,
}

impl InputField {
    pub(crate) fn new(name: &str, ty: &str, comment: &str) -> Self {
        Self {
            name: name.to_owned(),
            comment: comment.to_owned(),
            ty: Type::parse(ty),
            default: None,
            refuses_null: false,
            weight: None,
            deprecation: None,
        }
    }

    /// Counts the number that is given in the cost of a request.
    #[must_use]
    pub(crate) fn weighing(self, of_a_node: u64, unless: Option<&'static str>) -> Self {
        Self { weight: Some(Weight { of_a_node, unless }), ..self }
    }

    /// Refuses null, which would ask for as much as leaving the value out.
    #[must_use]
    pub(crate) fn refusing_null(self) -> Self {
        Self { refuses_null: true, ..self }
    }

    /// Marks the field as deprecated where there is a reason.
    #[must_use]
    pub(crate) fn deprecated(self, reason: Option<&str>) -> Self {
        Self { deprecation: reason.map(str::to_owned), ..self }
    }

    #[must_use]
    pub(crate) fn default(mut self, value: impl Into<Input>) -> Self {
        self.default = Some(value.into());
        self
    }

    /// Returns whether a value must be given.
    pub(crate) fn is_needed(&self) -> bool {
        self.default.is_none() && matches!(self.ty, Type::NonNull(_))
    }
}

/// An object type.
#[derive(Clone)]
pub(crate) struct Object {
    pub(crate) name: Arc<str>,
    pub(crate) comment: String,
    pub(crate) interfaces: Vec<String>,
    pub(crate) fields: Vec<Field>,
    pub(crate) places: HashMap<String, usize>,
    /// A field that was declared twice.
    pub(crate) twice: Option<String>,
}

impl Object {
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.places.get(name).map(|place| &self.fields[*place])
    }
}

/// Finds the object type of a value of an interface.
pub(crate) type ObjectType = Arc<dyn Fn(&dyn Any) -> Result<Arc<str>, Error> + Send + Sync>;

/// An interface: fields without resolvers.
#[derive(Clone)]
pub(crate) struct Interface {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) interfaces: Vec<String>,
    pub(crate) fields: Vec<InterfaceField>,
    pub(crate) places: HashMap<String, usize>,
    /// Finds the object type of a value; without it each value names its own.
    pub(crate) object_type: Option<ObjectType>,
    /// Whether it is a union: it has no fields, and the objects that name it are its members.
    pub(crate) is_union: bool,
}

impl Interface {
    pub(crate) fn field(&self, name: &str) -> Option<&InterfaceField> {
        self.places.get(name).map(|place| &self.fields[*place])
    }
}

/// A field of an interface.
#[derive(Clone, Debug)]
pub(crate) struct InterfaceField {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) ty: Type,
    pub(crate) arguments: Vec<InputField>,
    /// Why clients should no longer ask for it; `None` where they may.
    pub(crate) deprecation: Option<String>,
}

impl From<&Field> for InterfaceField {
    fn from(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            comment: field.comment.clone(),
            ty: field.ty.clone(),
            arguments: field.arguments.clone(),
            deprecation: field.deprecation.clone(),
        }
    }
}

/// An input object.
#[derive(Clone, Debug)]
pub(crate) struct InputObject {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) one_of: bool,
    pub(crate) fields: Vec<InputField>,
    /// Fields that it does not have, and why, for whoever gives one all the same.
    pub(crate) refused: Vec<(String, String)>,
}

impl InputObject {
    /// Reports that it has no such field, and why where that is known.
    pub(crate) fn without(&self, field: &str) -> String {
        let reason = self.refused.iter().find(|(refused, _)| refused == field);
        let reason = reason.map_or(String::new(), |(_, reason)| format!(": {reason}"));
        format!("{} has no field \"{field}\"{reason}", self.name)
    }
}

/// An enumeration: values with what they mean.
#[derive(Clone, Debug)]
pub(crate) struct Enumeration {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) values: Vec<(String, String)>,
}

impl Enumeration {
    pub(crate) fn has(&self, value: &str) -> bool {
        self.values.iter().any(|(known, _)| known == value)
    }
}

/// A scalar of our own, written as text.
#[derive(Clone, Debug)]
pub(crate) struct Scalar {
    pub(crate) name: String,
    pub(crate) comment: String,
    pub(crate) url: Option<&'static str>,
    /// Describes what is wrong with a value.
    pub(crate) check: fn(&Input) -> Result<(), String>,
}

/// One type of a schema.
#[derive(Clone)]
pub(crate) enum Definition {
    Scalar(Scalar),
    Enumeration(Enumeration),
    Object(Object),
    Interface(Interface),
    Input(InputObject),
}

impl Definition {
    /// Returns the type and the arguments of a field of an object or interface.
    pub(crate) fn field(&self, name: &str) -> Option<(&Type, &[InputField])> {
        match self {
            Self::Object(object) => object.field(name).map(|field| (&field.ty, field.arguments.as_slice())),
            Self::Interface(interface) => {
                interface.field(name).map(|field| (&field.ty, field.arguments.as_slice()))
            }
            _ => None,
        }
    }

    pub(crate) fn comment(&self) -> &str {
        match self {
            Self::Scalar(scalar) => &scalar.comment,
            Self::Enumeration(enumeration) => &enumeration.comment,
            Self::Object(object) => &object.comment,
            Self::Interface(interface) => &interface.comment,
            Self::Input(input) => &input.comment,
        }
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Scalar(scalar) => &scalar.name,
            Self::Enumeration(enumeration) => &enumeration.name,
            Self::Object(object) => &object.name,
            Self::Interface(interface) => &interface.name,
            Self::Input(input) => &input.name,
        }
    }
}

/// A name is used twice.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameTaken {
    /// Two types share a name.
    #[error("two types of the GraphQL schema are called {0}; give the class another tl:graphName")]
    Type(String),
    /// Two fields of a type share a name.
    #[error(
        "{of} has two fields called {field}; give the property another tl:graphName, or the class another tl:plural"
    )]
    Field {
        /// The type.
        of: String,
        /// The field.
        field: String,
    },
}

/// All types of a schema.
#[derive(Clone, Default)]
pub(crate) struct Types {
    definitions: Vec<Definition>,
    places: HashMap<String, usize>,
    /// The names of the fields of any object that are resolved for a whole batch.
    batched: HashSet<String>,
    /// The objects of each interface by name.
    objects: HashMap<String, HashSet<Arc<str>>>,
}

impl Types {
    pub(crate) fn add(&mut self, definition: Definition) -> Result<(), NameTaken> {
        let name = definition.name().to_owned();
        if let Definition::Object(Object { twice: Some(field), .. }) = &definition {
            return Err(NameTaken::Field { of: name, field: field.clone() });
        }
        if self.places.insert(name.clone(), self.definitions.len()).is_some() {
            return Err(NameTaken::Type(name));
        }
        if let Definition::Object(object) = &definition {
            let batched = object.fields.iter().filter(|field| field.batched);
            self.batched.extend(batched.map(|field| field.name.clone()));
            for interface in &object.interfaces {
                self.objects.entry(interface.clone()).or_default().insert(Arc::clone(&object.name));
            }
        }
        self.definitions.push(definition);
        Ok(())
    }

    /// Returns a type by its name, also one of introspection.
    pub(crate) fn get(&self, name: &str) -> Option<&Definition> {
        let of_introspection = || if name.starts_with("__") { meta::types().own(name) } else { None };
        self.own(name).or_else(of_introspection)
    }

    fn own(&self, name: &str) -> Option<&Definition> {
        self.places.get(name).map(|place| &self.definitions[*place])
    }

    pub(crate) fn object(&self, name: &str) -> Option<&Object> {
        match self.get(name) {
            Some(Definition::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// Returns the objects that implement an interface.
    pub(crate) fn objects_of(&self, interface: &str) -> impl Iterator<Item = &Definition> {
        let names = self.objects.get(interface).into_iter().flatten();
        names.filter_map(|name| self.get(name))
    }

    /// Returns whether an object can be of both types.
    pub(crate) fn overlap(&self, a: &Definition, b: &Definition) -> bool {
        let is_of = |object: &str, interface: &str| {
            self.objects.get(interface).is_some_and(|objects| objects.contains(object))
        };
        match (a, b) {
            _ if a.name() == b.name() => true,
            (Definition::Interface(a), Definition::Interface(b)) => {
                let (a, b) = (self.objects.get(&a.name), self.objects.get(&b.name));
                a.zip(b).is_some_and(|(a, b)| !a.is_disjoint(b))
            }
            (Definition::Interface(interface), object) | (object, Definition::Interface(interface)) => {
                is_of(object.name(), &interface.name)
            }
            _ => false,
        }
    }

    /// Returns whether a field of this name may be resolved for a whole batch.
    pub(crate) fn is_batched(&self, field: &str) -> bool {
        self.batched.contains(field)
    }

    pub(crate) fn all(&self) -> &[Definition] {
        &self.definitions
    }

    /// Returns the object that a value of a type is: the type itself, or the one that an interface finds for the value.
    pub(crate) fn object_of(&self, ty: &str, value: &dyn Any) -> Result<&Object, Error> {
        let unknown = || Error::broken("an object of an unknown type");
        match self.get(ty) {
            Some(Definition::Object(object)) => Ok(object),
            Some(Definition::Interface(Interface { object_type: Some(find), .. })) => {
                self.object(&find(value)?).ok_or_else(unknown)
            }
            _ => Err(unknown()),
        }
    }
}
