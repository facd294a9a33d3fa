//! Objects of one type at one place of a query, whichever lists and links they came through: a *batch*. What is asked of one of them
//! is asked of all, so one lookup can answer for all.

use super::plan::Below;
use crate::graphql::engine::types::{Call, Object};
use crate::graphql::error::Error;
use std::any::Any;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// A batch of objects that wait for their fields to be resolved, each with its part of the answer.
pub(in crate::graphql::engine) struct Waiting<'a> {
    pub(in crate::graphql::engine) object: &'a Object,
    pub(in crate::graphql::engine) below: Rc<Below<'a>>,
    pub(super) parents: Vec<Box<dyn Any>>,
    pub(super) parts: Vec<usize>,
}

/// All waiting batches, first come first served: before a batch has its turn, it is complete.
#[derive(Default)]
pub(in crate::graphql::engine) struct Queue<'a>(VecDeque<Waiting<'a>>);

impl<'a> Queue<'a> {
    /// Adds an object to its batch.
    pub(in crate::graphql::engine) fn push(
        &mut self,
        object: &'a Object,
        below: &Rc<Below<'a>>,
        parent: Box<dyn Any>,
        part: usize,
    ) {
        let is_same =
            |batch: &Waiting<'a>| Rc::ptr_eq(&batch.below, below) && std::ptr::eq(batch.object, object);
        match self.0.iter_mut().rev().find(|batch| is_same(batch)) {
            Some(batch) => {
                batch.parents.push(parent);
                batch.parts.push(part);
            }
            None => self.0.push_back(Waiting {
                object,
                below: Rc::clone(below),
                parents: vec![parent],
                parts: vec![part],
            }),
        }
    }

    pub(in crate::graphql::engine) fn pop(&mut self) -> Option<Waiting<'a>> {
        self.0.pop_front()
    }
}

/// A batch of parents, and the place of one among them.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'p> {
    pub(super) parents: &'p [Box<dyn Any>],
    pub(in crate::graphql::engine) place: usize,
    /// What was found of all of them, for each field asked for; nothing is kept for a batch of one.
    pub(in crate::graphql::engine) found: &'p [Found],
}

/// What was found of a batch for one field: a list of answers, of a type that only the field's resolver knows.
#[derive(Default)]
pub(in crate::graphql::engine) struct Found(RefCell<Option<Box<dyn Any>>>);

/// For each parent of the batch the answer, until it is taken.
type Answers<A> = Vec<Option<Result<A, Error>>>;

impl<'p> Batch<'p> {
    /// Makes a batch of one parent.
    pub(super) const fn of_one(parent: &'p [Box<dyn Any>; 1]) -> Self {
        Self { parents: parent, place: 0, found: &[] }
    }

    pub(in crate::graphql::engine) fn parent(self) -> &'p dyn Any {
        &*self.parents[self.place]
    }
}

impl Call<'_> {
    /// Returns the answer for the parent, found together with those for the rest of its batch.
    ///
    /// `ask` is given the parent and those after it that are `alike` and have no answer yet; it answers in their order, for as many
    /// of them as it has room for. A resolver asks so once at most.
    pub(crate) fn batch<T: 'static, A: 'static>(
        &self,
        alike: impl Fn(&T, &T) -> bool,
        ask: impl FnOnce(&[&T]) -> Vec<Result<A, Error>>,
    ) -> Result<A, Error> {
        let Batch { parents, place, .. } = self.batch;
        let missing = || Err(Error::broken("no answer for a parent that was asked about"));
        let Some(own) = parents[place].downcast_ref::<T>() else { return missing() };
        let Some(found) = self.found else { return ask(&[own]).pop().unwrap_or_else(missing) };
        let mut kept = found.0.borrow_mut();
        let kept = kept.get_or_insert_with(|| Box::new(parents.iter().map(|_| None).collect::<Answers<A>>()));
        let Some(answers) = kept.downcast_mut::<Answers<A>>() else { return missing() };
        if answers[place].is_none() {
            let after = (place..parents.len()).filter(|place| answers[*place].is_none());
            let others = after.filter_map(|place| Some((place, parents[place].downcast_ref::<T>()?)));
            let (places, batch): (Vec<usize>, Vec<&T>) =
                others.filter(|(_, other)| alike(own, other)).unzip();
            for (place, answer) in places.into_iter().zip(ask(&batch)) {
                answers[place] = Some(answer);
            }
        }
        answers[place].take().unwrap_or_else(missing)
    }
}
