//! The fold of pieces into summaries.

use super::error::Error;
use super::guard::Gate;
use super::hour::{self, Weighed};
use super::line::LATEST;
use super::mapping::Mapping;
use super::plan::{Piece, Plan};
use super::sample::Sample;
use super::sketch;
use super::summary::{Beyond, Summary};
use super::tally::Tally;
use super::view::View;
use crate::model::instant::Instant;
use std::cmp::Ordering;

/// Refuses what cannot be answered.
pub(super) fn check(pieces: &[Piece], plan: &Plan) -> Result<(), Error> {
    if plan.buckets.windows(2).any(|pair| pair[0].to() > pair[1].from()) {
        return Err(Error::Buckets);
    }
    match pieces.iter().find(|piece| piece.cell >= plan.cells) {
        Some(piece) => Err(Error::NoCell { cell: piece.cell, cells: plan.cells }),
        None => Ok(()),
    }
}

/// Orders pieces so that those whose tallies add up before they are mapped come together.
pub(super) fn order(a: &Piece, b: &Piece) -> Ordering {
    let key = |piece: &Piece| (piece.series, piece.cell, piece.transform as u8);
    key(a)
        .cmp(&key(b))
        .then(a.conversion.scale.total_cmp(&b.conversion.scale))
        .then(a.conversion.offset.total_cmp(&b.conversion.offset))
}

/// Folds pieces of one series, cell and mapping.
pub(super) fn fold(view: &View, pieces: &[&Piece], plan: &Plan, cell: &mut [Summary]) -> Result<(), Error> {
    let Some(first) = pieces.first() else { return Ok(()) };
    let mapping = Mapping { conversion: first.conversion, transform: first.transform };
    let mut tallies = vec![None; plan.buckets.len()];
    for piece in pieces {
        fold_piece(view, piece, plan, mapping, &mut tallies)?;
    }
    for (summary, tally) in cell.iter_mut().zip(tallies) {
        let Some((tally, beyond)) = tally else { continue };
        summary.absorb(&tally, mapping);
        for (sum, more) in summary.beyond.iter_mut().zip::<Vec<Beyond>>(beyond) {
            sum.count += more.count;
            sum.time_ns += more.time_ns;
        }
    }
    Ok(())
}

type Part = Option<(Tally, Vec<Beyond>)>;

fn fold_piece(
    view: &View,
    piece: &Piece,
    plan: &Plan,
    mapping: Mapping,
    parts: &mut [Part],
) -> Result<(), Error> {
    let track = view.track(piece.series)?;
    let from = plan.buckets.partition_point(|bucket| bucket.to() <= piece.within.from());
    for (bucket, part) in plan.buckets.iter().zip(parts).skip(from) {
        let Some(span) = bucket.intersect(piece.within) else { break };
        let (from, to) = (span.from().nanos().clamp(0, LATEST), span.to().nanos().clamp(0, LATEST));
        let rows = view.hours(&track, from, to);
        if rows.is_empty() {
            continue;
        }
        let mut gate = Gate::open(view, &piece.guards, from, to)?;
        let (tally, beyond) =
            part.get_or_insert_with(|| (Tally::default(), vec![Beyond::default(); plan.limits.len()]));
        for sample in hour::weigh(&rows, piece.hold_ns) {
            if from <= sample.at && sample.at < to {
                count(sample, gate.holds(sample.at), mapping, plan, tally, beyond);
            }
        }
    }
    Ok(())
}

fn count(
    sample: Weighed,
    counts: bool,
    mapping: Mapping,
    plan: &Plan,
    tally: &mut Tally,
    beyond: &mut [Beyond],
) {
    tally.overwritten += u64::from(sample.overwritten);
    tally.late += u64::from(sample.late);
    if !counts {
        return;
    }
    let Weighed { at, value, weight, .. } = sample;
    tally.add(Sample { at: Instant::from_nanos(at), value: mapping.tallied(value) }, weight);
    if plan.quantiles {
        tally.sketch.add(sketch::key(mapping.sketched(value)), 1, u128::from(weight));
    }
    for (limit, beyond) in plan.limits.iter().zip(beyond) {
        if !limit.holds(mapping.apply(value)) {
            beyond.count += 1;
            beyond.time_ns += u128::from(weight);
        }
    }
}
