//! Probabilities corrected for how many comparisons were made.

/// How probabilities of many comparisons are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Correction {
    /// The share of false findings among all findings (Benjamini and Hochberg).
    FalseDiscovery,
    /// The probability of any false finding at all (Holm).
    FamilyWise,
}

impl Correction {
    /// Returns each probability corrected for all, in their order. Sources: Benjamini and Hochberg, *Controlling the false discovery rate*,
    /// Journal of the Royal Statistical Society B 57, 1995; Holm, *A simple sequentially rejective multiple test procedure*, Scandinavian
    /// Journal of Statistics 6, 1979.
    pub fn adjust(self, probabilities: &[f64]) -> Vec<f64> {
        let count = probabilities.len();
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]).then(a.cmp(b)));
        let mut adjusted = vec![1.0; count];
        match self {
            Self::FalseDiscovery => {
                let mut least = 1.0_f64;
                for (rank, place) in order.iter().enumerate().rev() {
                    least = least.min(probabilities[*place] * count as f64 / (rank + 1) as f64);
                    adjusted[*place] = least;
                }
            }
            Self::FamilyWise => {
                let mut most = 0.0_f64;
                for (rank, place) in order.iter().enumerate() {
                    most = most.max(probabilities[*place] * (count - rank) as f64).min(1.0);
                    adjusted[*place] = most;
                }
            }
        }
        adjusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_corrected_for_their_number() {
        let check = |correction: Correction, given: &[f64], expect: &[f64]| {
            let found = correction.adjust(given);
            let near = found.iter().zip(expect).all(|(found, expect)| (found - expect).abs() < 1e-12);
            assert!(near && found.len() == expect.len(), "{correction:?} {given:?}: {found:?}");
        };
        // By hand: sorted 0.005, 0.01, 0.03, 0.04.
        let given = [0.01, 0.04, 0.03, 0.005];
        check(Correction::FamilyWise, &given, &[0.03, 0.06, 0.06, 0.02]);
        check(Correction::FalseDiscovery, &given, &[0.02, 0.04, 0.04, 0.02]);
        check(Correction::FamilyWise, &[0.6, 0.9], &[1.0, 1.0]);
        check(Correction::FalseDiscovery, &[0.9, 0.6], &[0.9, 0.9]);
        check(Correction::FalseDiscovery, &[], &[]);
    }
}
