//! Writing types down: builders that keep the Rust type of the parent.

use super::value::Value;
use super::{Call, Definition, Enumeration, Field, InputField, InputObject, Interface, Object, Type};
use crate::graphql::error::Error;
use std::any::Any;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

/// Builds an object type whose parent value is a `T`.
pub(crate) struct ObjectBuilder<T> {
    object: Object,
    parent: PhantomData<fn(&T)>,
}

/// Starts an object type.
pub(crate) fn object<T: 'static>(name: &str, comment: &str) -> ObjectBuilder<T> {
    let object = Object {
        name: name.into(),
        comment: comment.to_owned(),
        interfaces: Vec::new(),
        fields: Vec::new(),
        places: HashMap::new(),
        twice: None,
    };
    ObjectBuilder { object, parent: PhantomData }
}

impl<T: 'static> ObjectBuilder<T> {
    /// Adds a field without arguments.
    #[must_use]
    pub(crate) fn field(
        self,
        name: &str,
        ty: &str,
        comment: &str,
        resolve: impl Fn(&T, &Call<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Self {
        self.field_with(name, ty, comment, Vec::new(), resolve)
    }

    /// Adds a field with arguments. A second field of the same name makes the type invalid.
    #[must_use]
    pub(crate) fn field_with(
        mut self,
        name: &str,
        ty: &str,
        comment: &str,
        arguments: Vec<InputField>,
        resolve: impl Fn(&T, &Call<'_>) -> Result<Value, Error> + Send + Sync + 'static,
    ) -> Self {
        if self.object.places.insert(name.to_owned(), self.object.fields.len()).is_some() {
            self.object.twice = Some(name.to_owned());
        }
        let resolve = move |parent: &dyn Any, call: &Call<'_>| match parent.downcast_ref::<T>() {
            Some(parent) => resolve(parent, call),
            None => Err(Error::broken("a parent value of another type than its fields expect")),
        };
        self.object.fields.push(Field {
            name: name.to_owned(),
            comment: comment.to_owned(),
            ty: Type::parse(ty),
            arguments,
            resolve: Arc::new(resolve),
            batched: false,
            at_once: false,
            changes: &*self.object.name == "Mutation",
        });
        self
    }

    /// Declares that the field added last is resolved for a whole batch: see [`Call::batch`].
    #[must_use]
    pub(crate) fn batched(mut self) -> Self {
        if let Some(field) = self.object.fields.last_mut() {
            field.batched = true;
        }
        self
    }

    /// Declares that the value of the field added last is written at once, whatever is asked below it, as it is too large to be kept
    /// for the whole batch.
    #[must_use]
    pub(crate) fn at_once(mut self) -> Self {
        if let Some(field) = self.object.fields.last_mut() {
            field.at_once = true;
        }
        self
    }

    /// Declares that the type implements an interface.
    #[must_use]
    pub(crate) fn implements(mut self, interface: &str) -> Self {
        self.object.interfaces.push(interface.to_owned());
        self
    }

    /// Ends the type.
    pub(crate) fn done(self) -> Definition {
        Definition::Object(self.object)
    }
}

/// Makes an interface with fields (name, type, comment, arguments).
pub(crate) fn interface(
    name: &str,
    comment: &str,
    fields: Vec<(String, String, Type, Vec<InputField>)>,
) -> Interface {
    Interface { name: name.to_owned(), comment: comment.to_owned(), interfaces: Vec::new(), fields }
}

/// Makes an input object.
pub(crate) fn input(name: &str, comment: &str, fields: Vec<InputField>) -> Definition {
    Definition::Input(InputObject {
        name: name.to_owned(),
        comment: comment.to_owned(),
        one_of: false,
        fields,
        refused: Vec::new(),
    })
}

/// Declares which fields an input object does not have, and why.
pub(crate) fn refusing(definition: Definition, refused: Vec<(String, String)>) -> Definition {
    match definition {
        Definition::Input(input) => Definition::Input(InputObject { refused, ..input }),
        other => other,
    }
}

/// Makes an input object of which exactly one field is given.
pub(crate) fn one_of(name: &str, comment: &str, fields: Vec<InputField>) -> Definition {
    Definition::Input(InputObject {
        name: name.to_owned(),
        comment: comment.to_owned(),
        one_of: true,
        fields,
        refused: Vec::new(),
    })
}

/// Makes an enumeration of values with what they mean.
pub(crate) fn enumeration(name: &str, comment: &str, values: &[(&str, &str)]) -> Definition {
    let values = values.iter().map(|(value, comment)| ((*value).to_owned(), (*comment).to_owned())).collect();
    Definition::Enumeration(Enumeration { name: name.to_owned(), comment: comment.to_owned(), values })
}
