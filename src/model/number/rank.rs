//! Shares of wholes, counted and compared without rounding: a percentile is a rank, and a rank that is rounded names another value.

use super::decimal::Decimal;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::ToPrimitive;
use std::collections::BTreeMap;

/// Sums of doubles are this close to the true one, each share taken by itself.
const CLOSE: f64 = 1e-9;

/// Returns the nearest rank of a share of so many: the smallest number that is at least `share × total`, the share taken as the decimal
/// that was written. At least 1, at most `total`.
pub fn rank(share: f64, total: u128) -> u128 {
    let exact = Decimal::of(share).map(|share| (share.rational() * BigInt::from(total)).ceil());
    exact.and_then(|rank| rank.to_integer().to_u128()).unwrap_or(1).clamp(1, total.max(1))
}

/// Returns whether shares, each a part of its own whole, add up to at least `share` of their number.
pub fn reach(shares: &[(u128, u128)], share: f64) -> bool {
    let count = shares.len() as f64;
    let sum: f64 = shares.iter().map(|(part, whole)| *part as f64 / *whole as f64).sum();
    let difference = sum - share * count;
    if difference.abs() > CLOSE * count.max(1.0) {
        return difference > 0.0;
    }
    let mut by_whole: BTreeMap<u128, u128> = BTreeMap::new();
    shares.iter().for_each(|(part, whole)| *by_whole.entry(*whole).or_default() += part);
    let shares_of = by_whole.into_iter().map(|(whole, part)| BigRational::new(part.into(), whole.into()));
    let sum: BigRational = shares_of.sum();
    Decimal::of(share).is_some_and(|share| sum >= share.rational() * BigInt::from(shares.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_sums_are_exact() {
        let check =
            |share: f64, total: u128, expect: u128| assert_eq!(rank(share, total), expect, "{share} {total}");
        check(0.07, 100, 7);
        check(0.29, 100, 29);
        check(0.95, 20, 19);
        check(0.05, 6_000_000_000_000_000_000_000, 300_000_000_000_000_000_000);
        check(0.051, 100, 6);
        check(0.0, 5, 1);
        check(0.5, 0, 1);
        let check = |shares: &[(u128, u128)], share: f64, expect: bool| {
            assert_eq!(reach(shares, share), expect, "{shares:?}");
        };
        // A tenth of each of three, and seven thirds that only together make up a third of seven.
        check(&[(1, 10), (3, 30), (7, 70)], 0.1, true);
        check(&[(1, 10), (3, 30), (6_999_999_999_999, 70_000_000_000_000)], 0.1, false);
        check(&[(1, 3), (1, 3), (1, 3), (1, 7), (2, 7), (4, 7)], 1.0 / 3.0, true);
        check(&[(1, 3), (2, 3)], 0.5, true);
        check(&[(1, 3), (2_000_000_000_000, 3_000_000_000_001)], 0.5, false);
        check(&[], 0.5, true);
    }
}
