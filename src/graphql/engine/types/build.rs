//! Writing types down: builders that keep the Rust type of the parent.

use super::value::Value;
use super::{
    Call, Definition, Enumeration, Field, InputField, InputObject, Interface, InterfaceField, Object,
    ObjectType, Type,
};
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

/// Goes on with an object type whose parent value is a `T`.
pub(crate) const fn extend<T: 'static>(object: Object) -> ObjectBuilder<T> {
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
            deprecation: None,
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

    /// Marks the field added last as deprecated where there is a reason.
    #[must_use]
    pub(crate) fn deprecated(mut self, reason: Option<&str>) -> Self {
        if let Some(field) = self.object.fields.last_mut() {
            field.deprecation = reason.map(str::to_owned);
        }
        self
    }

    /// Declares that the type implements an interface.
    #[must_use]
    pub(crate) fn implements(mut self, interface: &str) -> Self {
        if !self.object.interfaces.iter().any(|known| known == interface) {
            self.object.interfaces.push(interface.to_owned());
        }
        self
    }

    /// Ends the type.
    pub(crate) fn done(self) -> Definition {
        Definition::Object(self.object)
    }

    /// Ends the type as one that others extend: an interface of its name with its fields and the interfaces it implements, and an
    /// object type, called `object`, that implements it.
    pub(crate) fn done_extensible(
        mut self,
        object: &str,
        comment: &str,
        find: ObjectType,
    ) -> [Definition; 2] {
        let name = std::mem::replace(&mut self.object.name, object.into());
        let fields = self.object.fields.iter().map(InterfaceField::from).collect();
        let mut interface = interface_of(&name, &self.object.comment, fields);
        interface.interfaces.clone_from(&self.object.interfaces);
        interface.object_type = Some(find);
        comment.clone_into(&mut self.object.comment);
        [Definition::Interface(interface), self.implements(&name).done()]
    }
}

/// Makes an interface with fields (name, type, comment, arguments).
pub(crate) fn interface(
    name: &str,
    comment: &str,
    fields: Vec<(String, String, Type, Vec<InputField>)>,
) -> Interface {
    let field =
        |(name, comment, ty, arguments)| InterfaceField { name, comment, ty, arguments, deprecation: None };
    interface_of(name, comment, fields.into_iter().map(field).collect())
}

/// Makes an interface with these fields.
pub(crate) fn interface_of(name: &str, comment: &str, fields: Vec<InterfaceField>) -> Interface {
    let places = fields.iter().enumerate().map(|(place, field)| (field.name.clone(), place)).collect();
    Interface {
        name: name.to_owned(),
        comment: comment.to_owned(),
        interfaces: Vec::new(),
        fields,
        places,
        object_type: None,
        is_union: false,
    }
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
