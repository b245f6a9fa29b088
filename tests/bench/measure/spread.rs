//! Several figures for the same thing, in one.

/// The middle of some figures, and how far they lie apart.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    median: f64,
    lowest: f64,
    highest: f64,
}

impl Spread {
    /// Of these.
    pub fn of(figures: impl Iterator<Item = f64>) -> Spread {
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        let at = |index: usize| figures.get(index).copied().unwrap_or(f64::NAN);
        let last = figures.len().saturating_sub(1);
        Spread { median: f64::midpoint(at(last / 2), at(last.div_ceil(2))), lowest: at(0), highest: at(last) }
    }

    /// The middle.
    pub fn middle(&self) -> f64 {
        self.median
    }

    /// `middle (lowest to highest)`, with so many digits behind the point.
    pub fn show(&self, digits: usize) -> String {
        format!("{:.digits$} ({:.digits$} to {:.digits$})", self.median, self.lowest, self.highest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0].into_iter()).show(1), "2.5 (1.0 to 4.0)");
        assert_eq!(Spread::of([3.0, 1.0, 2.0].into_iter()).show(0), "2 (1 to 3)");
    }
}
