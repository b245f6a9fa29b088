//! A sum in parts that are the sum again, by largest remainder (Hamilton's method).

use std::cmp::Reverse;

use portgate_canonical::Decimal;

/// The digits that a currency has after its point (ISO 4217).
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount in whole coins, halves rounded up, written with all digits of its currency.
pub(crate) fn in_coins(amount: Decimal, digits: u32) -> Decimal {
    // A sum has as many digits as the longer of its terms, unless one is nought.
    let one = Decimal::from(10_i64.pow(digits)).shifted(digits);
    amount.round(digits) + one - one
}

/// A sum in as many parts as there are bases, each in proportion to its base and exact to so many digits; what the sum itself has
/// of more digits is in the first part. What is left over goes, a smallest coin each, to those who lost most by rounding down, the
/// first ones first. Bases below nought count as nought; where none counts, the parts are alike. A sum below nought is spread
/// as the same sum above it is.
pub fn spread(sum: Decimal, bases: &[Decimal], digits: u32) -> Vec<Decimal> {
    if sum.is_negative() {
        return spread(Decimal::ZERO - sum, bases, digits).into_iter().map(|part| Decimal::ZERO - part).collect();
    }
    let mut bases: Vec<Decimal> =
        bases.iter().map(|base| if base.is_negative() { Decimal::ZERO } else { *base }).collect();
    let mut whole: Decimal = bases.iter().copied().sum();
    if whole.is_zero() {
        bases = vec![Decimal::from(1); bases.len()];
        whole = bases.iter().copied().sum();
    }
    let exact = |base: &Decimal| (sum * *base).divided_by(whole).unwrap_or(Decimal::ZERO);
    let mut parts: Vec<Decimal> = bases.iter().map(|base| exact(base).round_down(digits)).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|at| (Reverse(exact(&bases[*at]) - parts[*at]), *at));
    let coin = Decimal::from(1).shifted(digits);
    let mut left = sum - parts.iter().copied().sum();
    // By rounding down less than a coin for each part is left, as long as decimals have room for the products.
    for at in order {
        if left < coin {
            break;
        }
        parts[at] = parts[at] + coin;
        left = left - coin;
    }
    if let Some(first) = parts.first_mut() {
        *first = *first + left;
    }
    // All are written with the digits of the currency.
    let one = Decimal::from(10_i64.pow(digits)).shifted(digits);
    parts.into_iter().map(|part| part + one - one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn parts(sum: &str, bases: &[&str]) -> Vec<String> {
        let bases: Vec<Decimal> = bases.iter().map(|base| decimal(base)).collect();
        spread(decimal(sum), &bases, 2).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_parts_of_a_sum_are_the_sum() {
        assert_eq!(parts("100.00", &["1", "1", "1"]), ["33.34", "33.33", "33.33"]);
        assert_eq!(parts("20.00", &["700.00", "300.00"]), ["14.00", "6.00"]);
        assert_eq!(parts("0.05", &["10", "80", "10"]), ["0.01", "0.04", "0.00"]);
        assert_eq!(parts("-100.00", &["1", "1", "1"]), ["-33.34", "-33.33", "-33.33"], "a correction is spread alike");
        assert_eq!(parts("10.00", &["0", "0"]), ["5.00", "5.00"], "where nothing weighs, all are alike");
        assert_eq!(parts("10.00", &["-5", "5"]), ["0.00", "10.00"], "what was taken back bears nothing");
        assert!(parts("10.00", &[]).is_empty());
    }

    proptest! {
        #[test]
        fn no_cent_is_lost_and_nobody_is_a_cent_off(
            cents in -10_000_000_i64..10_000_000,
            bases in prop::collection::vec(0_i64..1_000_000, 1..40),
            digits in prop::sample::select(vec![0_u32, 2, 3]),
        ) {
            let sum = Decimal::from(cents).shifted(digits);
            let bases: Vec<Decimal> = bases.into_iter().map(|base| Decimal::from(base).shifted(3)).collect();
            let parts = spread(sum, &bases, digits);
            prop_assert_eq!(parts.iter().copied().sum::<Decimal>(), sum);
            let whole: Decimal = bases.iter().copied().sum();
            let coin = Decimal::from(1).shifted(digits);
            for (part, base) in parts.iter().zip(&bases) {
                prop_assert_eq!(part.round(digits), *part, "parts are in whole coins");
                prop_assert!(part.is_zero() || part.is_negative() == sum.is_negative());
                if let Some(exact) = (sum * *base).divided_by(whole) {
                    let off = if *part < exact { exact - *part } else { *part - exact };
                    prop_assert!(off < coin, "{} instead of {}", part, exact);
                }
            }
        }

        #[test]
        fn a_correction_undoes_what_it_corrects(
            cents in 0_i64..10_000_000,
            bases in prop::collection::vec(-1_000_i64..1_000_000, 1..40),
        ) {
            let (sum, bases) = (Decimal::from(cents).shifted(2), bases.into_iter().map(Decimal::from).collect::<Vec<_>>());
            let (there, back) = (spread(sum, &bases, 2), spread(Decimal::ZERO - sum, &bases, 2));
            prop_assert!(there.iter().zip(&back).all(|(one, other)| (*one + *other).is_zero()));
        }
    }
}
