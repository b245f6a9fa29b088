//! What became of an interchange, a group or a set.

/// What the other side made of it, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It has the bytes, and says no more: CONTRL's action 8.
    Received,
    /// Taken.
    Accepted,
    /// Taken, with mistakes that should not come again.
    AcceptedWithErrors,
    /// Some of what is in it was taken, and some was not.
    PartlyAccepted,
    /// Not taken.
    Rejected,
}

impl Verdict {
    /// The verdict of what holds these parts, where nothing else is said of it.
    pub(crate) fn of_parts(parts: impl Iterator<Item = Verdict>) -> Verdict {
        let (mut some, mut none, mut errors) = (false, true, false);
        for part in parts {
            match part {
                Verdict::Rejected => some = true,
                Verdict::PartlyAccepted => (some, none) = (true, false),
                Verdict::AcceptedWithErrors => (errors, none) = (true, false),
                Verdict::Accepted | Verdict::Received => none = false,
            }
        }
        match (some, none, errors) {
            (true, true, _) => Verdict::Rejected,
            (true, false, _) => Verdict::PartlyAccepted,
            (false, _, true) => Verdict::AcceptedWithErrors,
            (false, _, false) => Verdict::Accepted,
        }
    }
}
