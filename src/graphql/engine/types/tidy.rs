//! What is done to the types of a schema as a whole: types that nothing leads to are dropped, and what an interface describes is not
//! described again by the types that implement it; what may fail is nullable, and what has a default may be left out.

use super::{Definition, InputField, Types};
use std::collections::{HashMap, HashSet};

const ROOTS: [&str; 3] = ["Query", "Mutation", "Subscription"];

/// The descriptions of an interface: by field, and by field and argument.
type Descriptions = HashMap<(String, Option<String>), String>;

impl Types {
    /// Keeps the types that a request can reach: from the roots, through fields, arguments and interfaces.
    pub(crate) fn reachable(self) -> Self {
        let mut reached: HashSet<String> = HashSet::new();
        let mut open: Vec<String> = ROOTS.map(str::to_owned).to_vec();
        while let Some(name) = open.pop() {
            let Some(definition) = self.get(&name) else { continue };
            if !reached.insert(name) {
                continue;
            }
            open.extend(self.next(definition));
        }
        let mut kept = Self::default();
        for definition in
            self.definitions.into_iter().filter(|definition| reached.contains(definition.name()))
        {
            kept.add(definition).expect("each name was added once before");
        }
        kept
    }

    /// Returns the names of the types that a type leads to.
    fn next(&self, definition: &Definition) -> Vec<String> {
        let mut next: Vec<&str> = Vec::new();
        let inputs = |inputs: &'_ [InputField]| {
            inputs.iter().map(|input| input.ty.name().to_owned()).collect::<Vec<_>>()
        };
        let mut owned = Vec::new();
        match definition {
            Definition::Scalar(_) | Definition::Enumeration(_) => {}
            Definition::Object(object) => {
                next.extend(object.interfaces.iter().map(String::as_str));
                next.extend(object.fields.iter().map(|field| field.ty.name()));
                object.fields.iter().for_each(|field| owned.extend(inputs(&field.arguments)));
            }
            Definition::Interface(interface) => {
                next.extend(interface.interfaces.iter().map(String::as_str));
                next.extend(interface.fields.iter().map(|field| field.ty.name()));
                interface.fields.iter().for_each(|field| owned.extend(inputs(&field.arguments)));
                next.extend(self.objects_of(&interface.name).map(Definition::name));
            }
            Definition::Input(input) => owned.extend(inputs(&input.fields)),
        }
        owned.extend(next.into_iter().map(str::to_owned));
        owned
    }

    /// Makes each field with arguments nullable: its error ends there, and the rest of the answer stays. Fields of mutations are
    /// such boundaries already, events of subscriptions have nothing beside them, and the types of federation's fields are prescribed.
    pub(crate) fn with_error_boundaries(mut self) -> Self {
        for definition in &mut self.definitions {
            match definition {
                Definition::Object(object) if !matches!(&*object.name, "Mutation" | "Subscription") => {
                    let fields = object
                        .fields
                        .iter_mut()
                        .filter(|field| !field.arguments.is_empty() && !field.name.starts_with('_'));
                    fields.for_each(|field| field.ty = field.ty.nullable());
                }
                Definition::Interface(interface) => {
                    let fields = interface.fields.iter_mut().filter(|field| !field.arguments.is_empty());
                    fields.for_each(|field| field.ty = field.ty.nullable());
                }
                _ => {}
            }
        }
        self
    }

    /// Makes the type of each argument with a default nullable, so that a client may declare an optional variable for it; null is
    /// refused all the same, since it is not the default.
    pub(crate) fn with_optional_defaults(mut self) -> Self {
        let optional = |inputs: &mut Vec<InputField>| {
            for input in inputs.iter_mut().filter(|input| input.default.is_some()) {
                input.ty = input.ty.nullable();
                input.refuses_null = true;
            }
        };
        for definition in &mut self.definitions {
            match definition {
                Definition::Object(object) => {
                    object.fields.iter_mut().for_each(|field| optional(&mut field.arguments));
                }
                Definition::Interface(interface) => {
                    interface.fields.iter_mut().for_each(|field| optional(&mut field.arguments));
                }
                Definition::Input(input) => optional(&mut input.fields),
                Definition::Scalar(_) | Definition::Enumeration(_) => {}
            }
        }
        self
    }

    /// Drops descriptions that an interface of the type gives in the same words.
    pub(crate) fn described_once(mut self) -> Self {
        let interfaces: HashMap<String, Descriptions> = self
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                Definition::Interface(interface) => Some((interface.name.clone(), descriptions(interface))),
                _ => None,
            })
            .collect();
        for definition in &mut self.definitions {
            match definition {
                Definition::Object(object) => {
                    let above: Vec<_> =
                        object.interfaces.iter().filter_map(|name| interfaces.get(name)).collect();
                    for field in &mut object.fields {
                        undescribe(&above, &field.name, &mut field.comment, &mut field.arguments);
                    }
                }
                Definition::Interface(interface) => {
                    let above: Vec<_> =
                        interface.interfaces.iter().filter_map(|name| interfaces.get(name)).collect();
                    for field in &mut interface.fields {
                        undescribe(&above, &field.name, &mut field.comment, &mut field.arguments);
                    }
                }
                _ => {}
            }
        }
        self
    }
}

fn descriptions(interface: &super::Interface) -> Descriptions {
    let mut all = Descriptions::new();
    for field in &interface.fields {
        all.insert((field.name.clone(), None), field.comment.clone());
        for argument in &field.arguments {
            all.insert((field.name.clone(), Some(argument.name.clone())), argument.comment.clone());
        }
    }
    all
}

fn undescribe(above: &[&Descriptions], field: &str, comment: &mut String, arguments: &mut [InputField]) {
    let is_described = |argument: Option<&str>, comment: &str| {
        let key = (field.to_owned(), argument.map(str::to_owned));
        above.iter().any(|above| above.get(&key).is_some_and(|known| known == comment))
    };
    if is_described(None, comment) {
        comment.clear();
    }
    for argument in arguments {
        if is_described(Some(&argument.name), &argument.comment) {
            argument.comment.clear();
        }
    }
}
