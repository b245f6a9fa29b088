//! What sets are written with: the envelope that was agreed, a set for each document, and values that X12 can hold.

use portgate_sdk::agreement::{Agreement, ControlNumbers};
use portgate_sdk::canonical::{Decimal, Timestamp};
use portgate_sdk::x12::{Separators, SetWriter};
use portgate_sdk::{Document, Finding, Pointer, Rejection, Request, Target, codes as agreed, log, x12};
use serde::de::DeserializeOwned;

use super::time::{Written, written_as_said};

/// The edition that is written.
pub(super) const EDITION: &str = "004010";

/// Where interchanges are posted to, unless the agreement says something else.
const PATH: &str = "/edi";

/// What kind of sets an interchange is of: the kind of the documents, the set and the functional group.
pub(crate) struct Kind {
    pub(crate) document: &'static str,
    pub(crate) set: &'static str,
    pub(crate) group: &'static str,
}

/// One interchange with a set for each document.
pub(crate) fn interchange<D: DeserializeOwned>(
    kind: &Kind,
    documents: &[Document],
    target: &Target,
    mut write: impl FnMut(&mut Pen<'_>, &D),
) -> Result<Request, Rejection> {
    let (Some(agreement), Some(numbers)) = (&target.agreement, target.control_numbers) else {
        let detail = format!(
            "A {} says from whom to whom it is, which only an agreement on `{target}` does; add one to the partner's policy.",
            kind.set
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    check(agreement, numbers, documents)?;
    // References and remarks often have a colon, which is therefore no separator here.
    let separators = Separators { component: Some(b'>'), ..x12::SEPARATORS };
    let header = agreement.x12_header(numbers, &target.now)?.separators(separators);
    let mut writer = x12::Writer::new(&header);
    let mut group = writer.group(&agreement.x12_group(kind.group, numbers, EDITION));
    let mut findings = Vec::new();
    for (index, (document, number)) in documents.iter().zip(numbers.first_message..).enumerate() {
        let at = Pointer::root().index(index);
        if document.kind != kind.document {
            let detail = format!("A {} is made of a `{}`, not of a `{}`.", kind.set, kind.document, document.kind);
            findings.push(Finding::error("OTHER-KIND", at, detail));
            continue;
        }
        let read: D = document.read()?;
        let out = group.set(kind.set, number);
        let on = target.now.chars().take(10).collect();
        let mut pen = Pen { out, at, findings: &mut findings, agreement, on, blanked: false };
        write(&mut pen, &read);
        pen.put_down();
    }
    match findings.is_empty() {
        true => {
            let path = agreement.setting("path").unwrap_or(PATH);
            Ok(Request::post(path, "application/edi-x12", writer.finish()?.bytes))
        }
        false => Err(Rejection::new(findings)),
    }
}

/// Whether the documents can go out under this agreement and these numbers.
pub(super) fn check(agreement: &Agreement, numbers: ControlNumbers, documents: &[Document]) -> Result<(), Finding> {
    if !agreement.edition.is_empty() && agreement.edition != EDITION {
        let detail = format!(
            "The agreement `{}` is on the edition {}; this contract is of {EDITION}.",
            agreement.name, agreement.edition
        );
        return Err(Finding::error("EDITION", "", detail));
    }
    let (wanted, given) = (documents.len(), numbers.messages as usize);
    if wanted > given {
        let detail = format!("The interchange needs {wanted} control numbers of sets, and is given {given}.");
        return Err(Finding::error("CONTROL-NUMBERS", "", detail));
    }
    Ok(())
}

/// Writes the set of one document.
pub(crate) struct Pen<'w> {
    pub(crate) out: SetWriter<'w>,
    /// The document's place.
    pub(crate) at: Pointer,
    pub(crate) agreement: &'w Agreement,
    findings: &'w mut Vec<Finding>,
    /// The day on which codes are looked up.
    on: String,
    /// Whether a character of what is said in words was left out.
    blanked: bool,
}

impl Pen<'_> {
    fn put_down(self) {
        if self.blanked {
            let detail = "characters that X12 cannot write became blanks, or ends were cut, in what is said in words";
            log::write(log::Level::Warn, detail, &[("document", self.at.as_str())]);
        }
    }

    /// The document cannot be written.
    pub(crate) fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.findings.push(Finding::error(code, at, detail));
    }

    /// What identifies something, as it is; nothing where it cannot be written so, with a finding that says why.
    pub(crate) fn id(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
        let characters = text.chars().count();
        if characters > most {
            self.findings.push(Finding::too_long(at, what, characters, most));
            return None;
        }
        if !self.out.can_write(text) {
            let detail = format!("The {what} has a character that X12 cannot write, such as a separator.");
            self.wrong("CHARACTERS", at, detail);
            return None;
        }
        Some(text.to_owned())
    }

    /// Words with a blank in the place of each character that cannot be written, and no more of them than there is room for.
    pub(crate) fn words(&mut self, words: &str, most: usize) -> Option<String> {
        let mut bytes = [0; 4];
        let written: String = words
            .chars()
            .map(|c| match self.out.can_write(c.encode_utf8(&mut bytes)) {
                true => c,
                false => {
                    self.blanked = true;
                    ' '
                }
            })
            .take(most)
            .collect();
        self.blanked |= words.chars().count() > most;
        let written = written.trim();
        (!written.is_empty()).then(|| written.to_owned())
    }

    /// Words in as many lines as they take.
    pub(crate) fn lines(&mut self, words: &str, most: usize) -> Vec<String> {
        let whole = self.words(words, usize::MAX).unwrap_or_default();
        match whole.chars().count() <= most {
            true => Some(whole).filter(|whole| !whole.is_empty()).into_iter().collect(),
            false => lines(&whole, most),
        }
    }

    /// The partner's code for one of ours: where the agreement has no such table, ours.
    pub(crate) fn theirs(&mut self, table: &str, ours: &str, at: Pointer) -> String {
        let (mut told, document) = (None, self.at.as_str().to_owned());
        let theirs = agreed::to_theirs(table, ours, &self.on, at, |finding| told = Some(finding));
        match told {
            Some(finding) if finding.severity.rejects() => self.findings.push(finding),
            Some(_) => {
                let words = "a code is not in its table and goes out as it is";
                log::write(log::Level::Warn, words, &[("table", table), ("document", &document)]);
            }
            None => {}
        }
        theirs
    }

    /// The carrier's SCAC: that of the document by the agreement's table, else the agreement's setting `scac`.
    pub(crate) fn scac(&mut self, carrier: Option<&str>, at: Pointer) -> Option<String> {
        let is_scac = |code: &&str| (2..=4).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        let carrier = carrier.map(|carrier| self.theirs(super::tender::CARRIERS, carrier, at));
        let scac = carrier.as_deref().filter(is_scac).or(self.agreement.setting("scac").filter(is_scac));
        scac.map(str::to_owned)
    }

    /// `G62`. A time of day has a qualifier of its own.
    pub(crate) fn time(&mut self, day: &str, qualifier: &str, time: &Timestamp) {
        let Written { date, time, zone } = written_as_said(time);
        self.out.segment("G62").elements((day, date, qualifier, time, zone));
    }
}

/// Words in lines, broken between words where that can be.
pub(crate) fn lines(words: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(most) {
            let piece: String = piece.iter().collect();
            match lines.last_mut() {
                Some(line) if line.chars().count() + 1 + piece.chars().count() <= most => {
                    line.push(' ');
                    line.push_str(&piece);
                }
                _ => lines.push(piece),
            }
        }
    }
    lines
}

/// An amount without its point (N2).
pub(crate) fn n2(amount: Decimal) -> String {
    let text = amount.round(2).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let digits = format!("{whole}{fraction:0<2}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", &*digits), |digits| ("-", digits));
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_two_digits_behind_the_point_that_nobody_writes() {
        let written = |amount: &str| n2(Decimal::from_partner(amount).expect("a number"));
        let found = ["557.21", "12", "0.5", "-1274.1", "0", "0.005"].map(written);
        assert_eq!(found, ["55721", "1200", "50", "-127410", "0", "1"]);
    }

    #[test]
    fn words_are_broken_into_lines_between_words_and_long_ones_within() {
        assert_eq!(lines("Doors on the left hand side", 12), ["Doors on the", "left hand", "side"]);
        assert_eq!(lines(&"x".repeat(25), 10).iter().map(String::len).collect::<Vec<_>>(), [10, 10, 5]);
    }
}
