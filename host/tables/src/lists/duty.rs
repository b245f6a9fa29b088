//! What is to be paid, as the tariff writes it.

use rust_decimal::Decimal;
use serde::Serialize;

/// A duty. What it is made of is said where it is a sum of at most one share of the value and of amounts for a quantity; whatever
/// else there is, such as a least or a most, is the text alone, so that nobody reckons with a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Duty {
    text: String,
    /// In hundredths of the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    ad_valorem: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    specific: Vec<Specific>,
}

/// An amount for each of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Specific {
    amount: String,
    currency: String,
    per: String,
}

enum Term {
    Share(String),
    Amount(Specific),
}

impl Duty {
    /// Reads `8.00%`, `10.20 % + 93.10 GBP / 100 kg` and their like.
    pub(crate) fn read(expression: &str) -> Self {
        let text = plain(expression);
        let terms: Option<Vec<Term>> = text.split(" + ").map(term).collect();
        let (mut shares, mut specific) = (Vec::new(), Vec::new());
        for term in terms.unwrap_or_default() {
            match term {
                Term::Share(share) => shares.push(share),
                Term::Amount(amount) => specific.push(amount),
            }
        }
        match shares.len() {
            0 | 1 => Duty { text, ad_valorem: shares.pop(), specific },
            _ => Duty { text, ad_valorem: None, specific: Vec::new() },
        }
    }
}

fn term(text: &str) -> Option<Term> {
    let is_number = |text: &str| text.parse::<Decimal>().is_ok();
    if let Some(share) = text.strip_suffix(" %") {
        return is_number(share).then(|| Term::Share(share.to_owned()));
    }
    let (amount, rest) = text.split_once(' ')?;
    let (currency, per) = rest.split_once(" / ")?;
    let is_currency = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_one_unit = ![" %", "MIN", "MAX", " - "].iter().any(|other| per.contains(other));
    let specific = Specific { amount: amount.to_owned(), currency: currency.to_owned(), per: per.to_owned() };
    (is_number(amount) && is_currency && is_one_unit).then_some(Term::Amount(specific))
}

/// The expression without its markup, with one blank between words and before a percent sign.
fn plain(expression: &str) -> String {
    let mut text = String::with_capacity(expression.len());
    let mut is_inside = false;
    for sign in expression.chars() {
        match sign {
            '<' => is_inside = true,
            '>' if is_inside => is_inside = false,
            _ if is_inside => {}
            '%' => text.push_str(" %"),
            sign => text.push(sign),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_taken_apart_and_anything_else_is_not() {
        let json = |expression| serde_json::to_string(&Duty::read(expression)).unwrap();
        assert_eq!(json("8.00%"), r#"{"text":"8.00 %","ad_valorem":"8.00"}"#);
        assert_eq!(json("<span>25.00</span> %"), r#"{"text":"25.00 %","ad_valorem":"25.00"}"#);
        let sum = r#"{"text":"10.20 % + 93.10 GBP / 100 kg","ad_valorem":"10.20","specific":[{"amount":"93.10","currency":"GBP","per":"100 kg"}]}"#;
        assert_eq!(json("10.20% + <span>93.10</span> GBP / <abbr title='Hectokilogram'>100 kg</abbr>"), sum);
        for whole in
            ["10.00 % MIN 2.00 GBP / 100 kg", "9.00 GBP / 100 kg - 30.00 %", "2.00 % + 3.00 %", "Cond: A cert", "p/st"]
        {
            assert_eq!(json(whole), format!(r#"{{"text":"{whole}"}}"#));
        }
    }
}
