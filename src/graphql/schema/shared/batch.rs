//! Batched lookups: telemetry is queried once for the units of a level, however many they are.

use super::node::Node;
use crate::graphql::engine::Call;
use crate::graphql::error::Error;
use oxigraph::model::NamedNode;
use std::collections::HashMap;
use std::sync::Arc;

/// Answers a question about a resource by one query for all resources of its batch at the same version, each of them once. The question is read
/// once for all; `ask` answers as for [`each`].
pub(crate) fn resources<Q, A: Clone + 'static>(
    call: &Call<'_>,
    read: impl FnOnce() -> Result<Q, Error>,
    ask: impl Fn(&Q, &[NamedNode]) -> Result<Vec<A>, Error>,
) -> Result<A, Error> {
    let look_up = |nodes: &[&Node]| {
        let question = match read() {
            Ok(question) => question,
            Err(error) => return nodes.iter().map(|_| Err(error.clone())).collect(),
        };
        let (mut iris, mut places) = (Vec::new(), HashMap::new());
        let mut place = |iri: &NamedNode| {
            *places.entry(iri.clone()).or_insert_with(|| {
                iris.push(iri.clone());
                iris.len() - 1
            })
        };
        let places: Vec<usize> = nodes.iter().map(|node| place(&node.iri)).collect();
        let mut left = vec![0; iris.len()];
        places.iter().for_each(|place| left[*place] += 1);
        let mut answers: Vec<_> =
            each(call, &iris, &|iris| ask(&question, iris)).into_iter().map(Some).collect();
        let answer = |place: &usize| {
            left[*place] -= 1;
            let answer = answers.get_mut(*place)?;
            if left[*place] == 0 { answer.take() } else { answer.clone() }
        };
        places.iter().map_while(answer).collect()
    };
    call.batch(|a: &Node, b: &Node| Arc::ptr_eq(&a.scope, &b.scope), look_up)
}

/// Queries all items in one batch; where that fails, each half of them, so that one that fails fails alone. `ask` answers in
/// their order, for as many as it has room for.
pub(crate) fn each<T, A>(
    call: &Call<'_>,
    items: &[T],
    ask: &impl Fn(&[T]) -> Result<Vec<A>, Error>,
) -> Vec<Result<A, Error>> {
    if let Err(error) = call.request.check() {
        return items.iter().map(|_| Err(error.clone())).collect();
    }
    let (some, others) = items.split_at(items.len() / 2);
    match ask(items) {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        Err(error) if some.is_empty() => vec![Err(error)],
        // What failed for want of time would fail for each half too.
        Err(error) if call.request.check().is_err() => items.iter().map(|_| Err(error.clone())).collect(),
        Err(_) => {
            let mut answers = each(call, some, ask);
            if answers.len() == some.len() {
                answers.extend(each(call, others, ask));
            }
            answers
        }
    }
}

/// Returns how many of the first items fit in one batch, given what each counts: at least one.
pub(crate) fn fitting(counts: impl IntoIterator<Item = usize>, most: usize) -> usize {
    let mut total = 0_usize;
    let fits = |count: usize| {
        total = total.saturating_add(count);
        total <= most
    };
    counts.into_iter().map(fits).take_while(|fits| *fits).count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_fit_as_there_is_room_for() {
        let check = |counts: &[usize], expect: usize| {
            assert_eq!(fitting(counts.iter().copied(), 10), expect, "{counts:?}");
        };
        check(&[4, 6, 1, 0], 2);
        check(&[4, 7, 1], 1);
        check(&[11, 1], 1);
        check(&[0, 0, 10, 0], 4);
        check(&[usize::MAX, usize::MAX], 1);
    }
}
