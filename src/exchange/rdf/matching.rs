//! Finds for the blank nodes of one property the fragments that were there before.

use super::content::Line;
use oxigraph::model::NamedNode;
use std::collections::{BTreeMap, HashMap};

/// A line that more fragments share than this does not identify any of them.
const SHARED_MAX: usize = 64;

/// Something to be matched: a name (a node's digest or a fragment's IRI) and its lines, sorted.
pub(super) struct Side<T> {
    pub(super) key: T,
    pub(super) lines: Vec<Line>,
}

/// Pairs nodes (by index) with fragments, each at most once: equal content first, then the most lines in
/// common, and a single node with a single fragment where nothing else is left. Ties fall to the digest and the
/// fragment's IRI, so the order in the file does not matter.
pub(super) fn pair(nodes: &[Side<&str>], fragments: &[Side<NamedNode>]) -> BTreeMap<usize, NamedNode> {
    let mut scored: Vec<(f64, usize, usize)> = scores(nodes, fragments);
    scored.sort_by(|a, b| {
        b.0.total_cmp(&a.0)
            .then_with(|| nodes[a.1].key.cmp(nodes[b.1].key))
            .then_with(|| fragments[a.2].key.as_str().cmp(fragments[b.2].key.as_str()))
    });
    let mut pairs = BTreeMap::new();
    let mut used = vec![false; fragments.len()];
    for (_, node, fragment) in scored {
        if !used[fragment] && !pairs.contains_key(&node) {
            used[fragment] = true;
            pairs.insert(node, fragments[fragment].key.clone());
        }
    }
    let mut nodes_left = (0..nodes.len()).filter(|node| !pairs.contains_key(node));
    let mut fragments_left = (0..fragments.len()).filter(|fragment| !used[*fragment]);
    if let (Some(node), None, Some(fragment), None) =
        (nodes_left.next(), nodes_left.next(), fragments_left.next(), fragments_left.next())
    {
        pairs.insert(node, fragments[fragment].key.clone());
    }
    pairs
}

/// Returns (resemblance in (0, 1], node, fragment) for all pairs with an identifying line in common.
fn scores(nodes: &[Side<&str>], fragments: &[Side<NamedNode>]) -> Vec<(f64, usize, usize)> {
    let mut holders: HashMap<&str, Vec<usize>> = HashMap::new();
    for (number, fragment) in fragments.iter().enumerate() {
        for line in &fragment.lines {
            holders.entry(line).or_default().push(number);
        }
    }
    let mut scores = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        let mut common: BTreeMap<usize, usize> = BTreeMap::new();
        for line in &node.lines {
            let with = holders.get(line.as_str()).filter(|with| with.len() <= SHARED_MAX);
            for fragment in with.into_iter().flatten() {
                *common.entry(*fragment).or_default() += 1;
            }
        }
        scores.extend(common.into_iter().map(|(fragment, count)| {
            (score(count, &node.lines, &fragments[fragment].lines), number, fragment)
        }));
    }
    scores
}

/// Dice's coefficient: twice what is common, divided by what there is.
fn score(common: usize, one: &[Line], other: &[Line]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few lines")]
    let ratio = 2.0 * common as f64 / (one.len() + other.len()) as f64;
    ratio
}
