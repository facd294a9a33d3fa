//! The resources of one list. What is asked of one of them is asked of the others too, so telemetry is asked once for all,
//! at the first of them; where that fails, each is asked by itself and fails by itself.

use crate::app::Scope;
use crate::feedback::{self, Margin, Sufficiency};
use crate::graphql::error::Error;
use crate::model::interval::Interval;
use crate::twins::{self, Channel, Question, Reading, Rollup, Trace, Usage};
use oxigraph::model::NamedNode;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// So many buckets of all resources together are held in memory; where there are more, each is asked by itself.
const BUCKETS_MAX: usize = 200_000;
/// And so many samples, as many as the limit may let through.
const SAMPLES_MAX: usize = 1_000_000;

/// The resources of one list, and what was asked of them so far.
pub(crate) struct Siblings {
    iris: Vec<NamedNode>,
    latest: Asked<(), Vec<Reading>>,
    channels: Asked<Interval, Vec<Channel>>,
    rollups: Asked<RollupQuestion, Vec<Rollup>>,
    traces: Asked<TraceQuestion, Vec<Trace>>,
    /// By the question, its item that of the first.
    usages: Asked<Question, Arc<Usage>>,
    margins: Asked<(Interval, Sufficiency), Vec<Margin>>,
}

/// The window, the signal where one is meant, the buckets.
type RollupQuestion = (Interval, Option<String>, Vec<Interval>);

/// The window, the signal where one is meant, how many samples of each channel.
type TraceQuestion = (Interval, Option<String>, usize);

/// Questions of one kind, with their answers by resource.
struct Asked<Q, A>(Mutex<Vec<(Q, HashMap<NamedNode, A>)>>);

impl<Q: PartialEq, A: Clone> Asked<Q, A> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Returns the answer about one of the resources: `all` answers for each of them, in their order; `alone` for the one, where
    /// that failed or it has no siblings.
    fn answer<E>(
        &self,
        (iris, iri): (&[NamedNode], &NamedNode),
        question: Q,
        all: impl FnOnce() -> Result<Vec<A>, E>,
        alone: impl FnOnce() -> Result<A, E>,
    ) -> Result<A, E> {
        if iris.len() < 2 {
            return alone();
        }
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = asked.iter().position(|(known, _)| *known == question).unwrap_or_else(|| {
            let answers = all().unwrap_or_default();
            asked.push((question, iris.iter().cloned().zip(answers).collect()));
            asked.len() - 1
        });
        match asked[at].1.get(iri) {
            Some(answer) => Ok(answer.clone()),
            None => alone(),
        }
    }
}

impl Siblings {
    /// Gathers the resources of a list, each once.
    pub(crate) fn new(mut iris: Vec<NamedNode>) -> Arc<Self> {
        iris.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        iris.dedup();
        Arc::new(Self {
            iris,
            latest: Asked::new(),
            channels: Asked::new(),
            rollups: Asked::new(),
            traces: Asked::new(),
            usages: Asked::new(),
            margins: Asked::new(),
        })
    }

    /// Returns the latest values of one of them.
    pub(crate) fn latest(&self, scope: &Scope, iri: &NamedNode) -> Result<Vec<Reading>, Error> {
        let (snapshot, view) = (&scope.snapshot, &scope.view);
        let all = || twins::latest_of_each(snapshot, view, &self.iris);
        Ok(self.latest.answer((&self.iris, iri), (), all, || twins::latest(snapshot, view, iri))?)
    }

    /// Returns the channels of one of them in a window.
    pub(crate) fn channels(
        &self,
        scope: &Scope,
        iri: &NamedNode,
        window: Interval,
    ) -> Result<Vec<Channel>, Error> {
        let (snapshot, view) = (&scope.snapshot, &scope.view);
        let all = || twins::channels_of_each(snapshot, view, &self.iris, window);
        let alone = || twins::channels(snapshot, view, iri, window);
        Ok(self.channels.answer((&self.iris, iri), window, all, alone)?)
    }

    /// Returns the buckets of the channels of one of them in a window, or of those that a name stands for.
    pub(crate) fn rollups(
        &self,
        scope: &Scope,
        iri: &NamedNode,
        (window, name, buckets): (Interval, Option<&str>, &[Interval]),
    ) -> Result<Vec<Rollup>, Error> {
        let parts = |channels: usize| channels * buckets.len() <= BUCKETS_MAX;
        let ask = |channels| twins::rollups(&scope.view, channels, buckets);
        let all = || self.of_channels(scope, (window, name), parts, ask);
        let alone = || Ok(ask(self.channels_named(scope, iri, window, name)?)?);
        let question = (window, name.map(str::to_owned), buckets.to_vec());
        self.rollups.answer((&self.iris, iri), question, all, alone)
    }

    /// Returns the first samples of the channels of one of them in a window, or of those that a name stands for.
    pub(crate) fn traces(
        &self,
        scope: &Scope,
        iri: &NamedNode,
        (window, name, limit): (Interval, Option<&str>, usize),
    ) -> Result<Vec<Trace>, Error> {
        let samples = |channels: usize| channels * limit <= SAMPLES_MAX;
        let ask = |channels| twins::traces(&scope.view, channels, limit);
        let all = || self.of_channels(scope, (window, name), samples, ask);
        let alone = || Ok(ask(self.channels_named(scope, iri, window, name)?)?);
        self.traces.answer((&self.iris, iri), (window, name.map(str::to_owned), limit), all, alone)
    }

    /// Returns the channels of one of them in a window, or those that a name stands for.
    fn channels_named(
        &self,
        scope: &Scope,
        iri: &NamedNode,
        window: Interval,
        name: Option<&str>,
    ) -> Result<Vec<Channel>, Error> {
        let mut channels = self.channels(scope, iri, window)?;
        channels.retain(|channel| name.is_none_or(|name| channel.is_named(&scope.snapshot, name)));
        Ok(channels)
    }

    /// Asks once about the channels of all of them; hands each what concerns its own. Nothing where so many have no room.
    fn of_channels<T>(
        &self,
        scope: &Scope,
        (window, name): (Interval, Option<&str>),
        has_room: impl Fn(usize) -> bool,
        ask: impl FnOnce(Vec<Channel>) -> Result<Vec<T>, twins::Error>,
    ) -> Result<Vec<Vec<T>>, Error> {
        let channels = self.iris.iter().map(|iri| self.channels_named(scope, iri, window, name));
        let channels = channels.collect::<Result<Vec<_>, _>>()?;
        let counts: Vec<usize> = channels.iter().map(Vec::len).collect();
        if !has_room(counts.iter().sum()) {
            return Ok(Vec::new());
        }
        let mut found = ask(channels.into_iter().flatten().collect())?.into_iter();
        Ok(counts.into_iter().map(|count| found.by_ref().take(count).collect()).collect())
    }

    /// Returns the answer to a question about one of them.
    pub(crate) fn usage(&self, scope: &Scope, question: &Question) -> Result<Arc<Usage>, Error> {
        let (snapshot, view) = (&scope.snapshot, &scope.view);
        let asked = |item: &NamedNode| Question { item: item.clone(), ..question.clone() };
        let all = || {
            let usages = twins::answer_all(self.iris.iter().map(asked), snapshot, view)?;
            Ok(usages.into_iter().map(Arc::new).collect())
        };
        let iri = &question.item;
        let alike = asked(self.iris.first().unwrap_or(iri));
        let alone = || question.clone().answer(snapshot, view).map(Arc::new);
        Ok(self.usages.answer((&self.iris, iri), alike, all, alone)?)
    }

    /// Returns the margins of one of them.
    pub(crate) fn margins(
        &self,
        scope: &Scope,
        iri: &NamedNode,
        window: Interval,
        enough: Sufficiency,
    ) -> Result<Vec<Margin>, Error> {
        let (snapshot, view) = (&scope.snapshot, &scope.view);
        let all = || feedback::margins_of_each(snapshot, view, &self.iris, window, enough);
        let alone = || feedback::margins_with(snapshot, view, iri, window, enough);
        Ok(self.margins.answer((&self.iris, iri), (window, enough), all, alone)?)
    }
}
