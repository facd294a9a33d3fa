//! The standard normal distribution.

/// Returns the probability of a value up to `z`.
pub(super) fn probability(z: f64) -> f64 {
    libm::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

/// Returns the value that one stays below with a probability between 0 and 1, found by halving until nothing changes any
/// more: a comparison needs three of them.
pub(super) fn quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..64 {
        let middle = f64::midpoint(low, high);
        if probability(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_that_of_the_tables() {
        // Abramowitz and Stegun, Handbook of Mathematical Functions, tables 26.1 and 26.5.
        let check = |z: f64, p: f64| {
            assert!((probability(z) - p).abs() < 1e-10, "{z}: {}", probability(z));
            assert!((quantile(p) - z).abs() < 1e-9, "{p}: {}", quantile(p));
        };
        check(0.0, 0.5);
        check(1.0, 0.841_344_746_069);
        check(-2.0, 0.022_750_131_948);
        check(1.959_963_984_540, 0.975);
    }
}
