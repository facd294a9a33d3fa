//! The resources of one list. What is asked of one of them is asked of the others too, so telemetry is asked once for all,
//! at the first of them; where that fails, each is asked by itself and fails by itself.

use crate::app::Scope;
use crate::graphql::error::Error;
use crate::twins::{self, Question, Reading, Usage};
use oxigraph::model::NamedNode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What was asked once for all, by resource.
type Answers<T> = HashMap<NamedNode, T>;

/// The resources of one list, and what was asked of them so far.
pub(crate) struct Siblings {
    iris: Vec<NamedNode>,
    latest: Mutex<Option<Answers<Vec<Reading>>>>,
    /// By the question, whatever its item.
    usages: Mutex<Vec<(Question, Answers<Arc<Usage>>)>>,
}

impl Siblings {
    pub(crate) fn new(iris: Vec<NamedNode>) -> Arc<Self> {
        Arc::new(Self { iris, latest: Mutex::default(), usages: Mutex::default() })
    }

    /// Returns the latest values of one of them.
    pub(crate) fn latest(&self, scope: &Scope, iri: &NamedNode) -> Result<Vec<Reading>, Error> {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = latest.get_or_insert_with(|| {
            let answers = twins::latest_of_each(&scope.snapshot, &scope.view, &self.iris);
            self.iris.iter().cloned().zip(answers.unwrap_or_default()).collect()
        });
        match answers.get(iri) {
            Some(answer) => Ok(answer.clone()),
            None => Ok(twins::latest(&scope.snapshot, &scope.view, iri)?),
        }
    }

    /// Returns the answer to a question about one of them.
    pub(crate) fn usage(&self, scope: &Scope, question: Question) -> Result<Arc<Usage>, Error> {
        let (snapshot, view) = (&scope.snapshot, &scope.view);
        let mut usages = self.usages.lock().unwrap_or_else(PoisonError::into_inner);
        let known = usages
            .iter()
            .position(|(asked, _)| *asked == Question { item: asked.item.clone(), ..question.clone() });
        let at = known.unwrap_or_else(|| {
            let answers = twins::answer_each(&question, &self.iris, snapshot, view).unwrap_or_default();
            let answers = self.iris.iter().cloned().zip(answers.into_iter().map(Arc::new)).collect();
            usages.push((question.clone(), answers));
            usages.len() - 1
        });
        match usages[at].1.get(&question.item) {
            Some(usage) => Ok(Arc::clone(usage)),
            None => Ok(Arc::new(question.answer(snapshot, view)?)),
        }
    }
}
