//! A whole in parts that together are the whole.

use portgate_sdk::canonical::Decimal;

/// Parts of `total` in the ratio of `shares`, with `digits` after the point, or as many as the total has. Each is rounded down, and
/// what is left over goes, one unit of the last digit each, to those who lost most by that (the method of the largest remainder);
/// of equals the first gets it. Together they are the total to the last digit.
///
/// None where there is nothing to go by: a share is below nought, or all are nought.
///
/// ```
/// use portgate_compose::apportion;
/// use portgate_sdk::canonical::Decimal;
///
/// let number = |text: &str| Decimal::parse(text).unwrap();
/// let parts = apportion(number("100"), &[number("1"), number("1"), number("1")], 2).unwrap();
/// assert_eq!(parts, [number("33.34"), number("33.33"), number("33.33")]);
/// ```
pub fn apportion(total: Decimal, shares: &[Decimal], digits: u32) -> Option<Vec<Decimal>> {
    if total.is_negative() {
        let parts = apportion(Decimal::ZERO - total, shares, digits)?;
        return Some(parts.into_iter().map(|part| Decimal::ZERO - part).collect());
    }
    let sum: Decimal = shares.iter().copied().sum();
    if sum.is_zero() || shares.iter().any(|share| share.is_negative()) {
        return None;
    }
    let digits = digits.max(fraction(total));
    let unit = Decimal::from(1).shifted(digits);
    let mut parts = Vec::with_capacity(shares.len());
    let mut lost = Vec::with_capacity(shares.len());
    for (index, share) in shares.iter().enumerate() {
        let exact = total * *share;
        let mut part = exact.divided_by(sum)?.round_down(digits);
        // A quotient has an end, and may have been rounded up to the next unit there.
        if part * sum > exact {
            part = part - unit;
        }
        lost.push((exact - part * sum, index));
        parts.push(part);
    }
    lost.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut left = total - parts.iter().copied().sum();
    for (_, index) in lost {
        if left < unit {
            break;
        }
        parts[index] = parts[index] + unit;
        left = left - unit;
    }
    Some(parts)
}

/// How many digits a number has after its point, but for noughts at the end.
pub(crate) fn fraction(number: Decimal) -> u32 {
    let written = number.normalised().to_string();
    written.split_once('.').map_or(0, |(_, fraction)| u32::try_from(fraction.len()).unwrap_or(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).expect(text)
    }

    #[test]
    fn the_parts_are_the_whole_whatever_the_shares() {
        for total in ["0", "0.001", "1", "99.999", "1234.5", "-7.25", "1000000.123456"] {
            for shares in [&[1, 1, 1][..], &[1, 2, 3, 5, 8, 13], &[0, 7], &[1], &[997, 1, 1, 1]] {
                let shares: Vec<Decimal> = shares.iter().map(|share| Decimal::from(*share)).collect();
                let parts = apportion(number(total), &shares, 3).expect("there are shares");
                assert_eq!(
                    parts.iter().copied().sum::<Decimal>().normalised(),
                    number(total).normalised(),
                    "{total} {shares:?}"
                );
                let zero = shares.iter().zip(&parts).all(|(share, part)| !share.is_zero() || part.is_zero());
                assert!(zero, "who has no share gets nothing: {parts:?}");
            }
        }
    }

    #[test]
    fn what_is_left_over_goes_to_who_lost_most() {
        let parts = apportion(number("10"), &[number("1"), number("2"), number("4")], 0).expect("there are shares");
        // 1.43, 2.86, 5.71: the second lost most, then the third.
        assert_eq!(parts, [number("1"), number("3"), number("6")]);
    }

    #[test]
    fn without_shares_there_are_no_parts() {
        assert_eq!(apportion(number("1"), &[], 2), None);
        assert_eq!(apportion(number("1"), &[Decimal::ZERO], 2), None);
        assert_eq!(apportion(number("1"), &[number("-1"), number("2")], 2), None);
    }
}
