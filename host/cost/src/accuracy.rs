//! How near what was reckoned or stated first came to what was assessed.

use portgate_canonical::Decimal;

/// What was reckoned of costs that customs has assessed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accuracy {
    /// What was reckoned before: the estimate, or what was provisional.
    pub before: Decimal,
    /// What was assessed.
    pub assessed: Decimal,
    /// What was reckoned before less what was assessed.
    pub difference: Decimal,
    /// That in percent of what was assessed, to two digits; nothing where that is nought.
    pub percent: Option<Decimal>,
}

impl Accuracy {
    pub(crate) fn of(before: Decimal, assessed: Decimal) -> Accuracy {
        let difference = before - assessed;
        let hundredfold = difference * Decimal::from(100);
        let percent = hundredfold.divided_by(assessed).map(|percent| percent.round(2));
        Accuracy { before, assessed, difference, percent }
    }
}
