//! What a connector sends in X12: one interchange in the envelope that was agreed, with a transaction set for each document.

use portgate_readers::edi::Separators;
use portgate_writers::x12;
use serde::de::DeserializeOwned;

use crate::agreement::{Agreement, ControlNumbers};
use crate::{Document, Finding, Pointer, Rejection, Request, Target, codes, log};

/// Where interchanges are posted to, unless the agreement's setting `path` says something else.
const PATH: &str = "/edi";

/// Which set is written, and of what.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    /// The kind of the documents, such as `load-tender`.
    pub kind: &'static str,
    /// The transaction set, such as `204`.
    pub set: &'static str,
    /// The functional group that it is in, such as `SM`.
    pub group: &'static str,
    /// The edition that is written, such as `004010`.
    pub edition: &'static str,
    /// What separates, [`x12::SEPARATORS`] for one: what stands in values often is better no separator.
    pub separators: Separators,
}

/// One interchange with a set for each document, in their order; `write` writes the set of one. Control numbers are those that the
/// target has: the interchange's, the group's, and one for each set from the first on. It is posted to the agreement's setting
/// `path`, or to `/edi`.
///
/// # Errors
///
/// There is no agreement on the target (`NO-AGREEMENT`), it is on another edition (`EDITION`), or has too few numbers
/// (`CONTROL-NUMBERS`); a document is of another kind (`OTHER-KIND`); and everything that [`Pen::wrong`] was told of any of
/// them.
pub fn interchange<D: DeserializeOwned>(
    form: &Form,
    documents: &[Document],
    target: &Target,
    mut write: impl FnMut(&mut Pen<'_>, &D),
) -> Result<Request, Rejection> {
    let (Some(agreement), Some(numbers)) = (&target.agreement, target.control_numbers) else {
        let detail = format!(
            "A {} says from whom to whom it is, which only an agreement on `{target}` does; add one to the partner's policy.",
            form.set
        );
        return Err(Finding::error("NO-AGREEMENT", "", detail).into());
    };
    check(form, agreement, numbers, documents)?;
    let header = agreement.x12_header(numbers, &target.now)?.separators(form.separators);
    let mut writer = x12::Writer::new(&header);
    let mut group = writer.group(&agreement.x12_group(form.group, numbers, form.edition));
    let mut findings = Vec::new();
    for (index, (document, number)) in documents.iter().zip(numbers.first_message..).enumerate() {
        let at = Pointer::root().index(index);
        if document.kind != form.kind {
            let detail = format!("A {} is made of a `{}`, not of a `{}`.", form.set, form.kind, document.kind);
            findings.push(Finding::error("OTHER-KIND", at, detail));
            continue;
        }
        let read: D = document.read()?;
        let (out, on) = (group.set(form.set, number), day(&target.now));
        let mut pen = Pen { out, at, agreement, findings: &mut findings, on, shortened: false };
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
fn check(form: &Form, agreement: &Agreement, numbers: ControlNumbers, documents: &[Document]) -> Result<(), Finding> {
    if !agreement.edition.is_empty() && agreement.edition != form.edition {
        let detail = format!(
            "The agreement `{}` is on the edition {}; this contract is of {}.",
            agreement.name, agreement.edition, form.edition
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

/// The day of a time of RFC 3339.
fn day(time: &str) -> String {
    time.chars().take(10).collect()
}

/// Writes the set of one document: values as X12 can hold them, and what cannot be written.
///
/// What identifies something is never changed. In words, what X12 cannot write becomes a blank, and a line in the log says so.
#[derive(Debug)]
pub struct Pen<'w> {
    /// The set's segments.
    pub out: x12::SetWriter<'w>,
    /// The document's place.
    pub at: Pointer,
    /// What was agreed with the partner.
    pub agreement: &'w Agreement,
    findings: &'w mut Vec<Finding>,
    on: String,
    shortened: bool,
}

impl Pen<'_> {
    fn put_down(self) {
        if self.shortened {
            let detail = "characters that X12 cannot write became blanks, or ends were cut, in what is said in words";
            log::write(log::Level::Warn, detail, &[("document", self.at.as_str())]);
        }
    }

    /// The document cannot be written.
    pub fn wrong(&mut self, code: &str, at: Pointer, detail: impl Into<String>) {
        self.findings.push(Finding::error(code, at, detail));
    }

    /// What identifies something, as it is; nothing where it cannot be written so, with a finding (`TOO-LONG`, `CHARACTERS`) that
    /// says why. `most` counts characters.
    pub fn id(&mut self, at: Pointer, what: &str, text: &str, most: usize) -> Option<String> {
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
    pub fn words(&mut self, words: &str, most: usize) -> Option<String> {
        let writable = self.writable(words);
        self.shortened |= writable.chars().count() > most;
        let written: String = writable.chars().take(most).collect();
        let written = written.trim();
        (!written.is_empty()).then(|| written.to_owned())
    }

    /// The same in as many lines as it takes, as [`lines`] breaks them.
    pub fn lines(&mut self, words: &str, most: usize) -> Vec<String> {
        let paragraphs: Vec<String> = words.lines().map(|paragraph| self.writable(paragraph)).collect();
        lines(&paragraphs.join("\n"), most)
    }

    /// Words with a blank in the place of each character that cannot be written.
    pub fn writable(&mut self, words: &str) -> String {
        let mut bytes = [0; 4];
        words
            .chars()
            .map(|c| match self.out.can_write(c.encode_utf8(&mut bytes)) {
                true => c,
                false => {
                    self.shortened = true;
                    ' '
                }
            })
            .collect()
    }

    /// Codes are looked up as they were at this time (RFC 3339) and not as they are now.
    pub fn as_of(&mut self, time: &str) {
        self.on = day(time);
    }

    /// The partner's code for one of ours: where the agreement has no such table, ours. What is rendered has no place for a
    /// warning, which is a line in the log.
    pub fn theirs(&mut self, table: &str, ours: &str, at: Pointer) -> String {
        let (mut told, document) = (None, self.at.as_str().to_owned());
        let theirs = codes::to_theirs(table, ours, &self.on, at, |finding| told = Some(finding));
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
}

/// Words in lines of at most so many characters, broken between words where that can be. A line that is short enough stays as
/// it is, and where the words have a line end, so have the lines.
pub fn lines(words: &str, most: usize) -> Vec<String> {
    let most = most.max(1);
    let mut lines = Vec::new();
    for paragraph in words.lines().map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        match paragraph.chars().count() <= most {
            true => lines.push(paragraph.to_owned()),
            false => broken(paragraph, most, &mut lines),
        }
    }
    lines
}

/// Puts a paragraph that is too long behind the lines.
fn broken(paragraph: &str, most: usize, lines: &mut Vec<String>) {
    let mut line = String::new();
    for word in paragraph.split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(most) {
            if !line.is_empty() && line.chars().count() + 1 + piece.len() > most {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.extend(piece);
        }
    }
    lines.push(line);
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::agreement::{Acknowledgement, Identifier, Level, Mode};

    const FORM: Form =
        Form { kind: "milestone", set: "214", group: "QM", edition: "004010", separators: x12::SEPARATORS };

    #[derive(Deserialize)]
    struct Told {
        number: String,
        words: String,
    }

    fn write(pen: &mut Pen<'_>, told: &Told) {
        let number = pen.id(pen.at.key("number"), "number", &told.number, 6);
        pen.out.segment("B10").element(number);
        for pair in pen.lines(&told.words, 12).chunks(2) {
            pen.out.segment("K1").elements(pair);
        }
    }

    fn document(kind: &str, number: &str, words: &str) -> Document {
        let body = serde_json::json!({ "number": number, "words": words }).to_string();
        Document { kind: kind.to_owned(), key: number.to_owned(), refs: Vec::new(), body: body.into_bytes() }
    }

    fn target(edition: &str, messages: u32) -> Target {
        let side = |value: &str| {
            vec![Identifier { level: Level::Interchange, qualifier: "ZZ".to_owned(), value: value.to_owned() }]
        };
        let agreement = Agreement {
            name: "status-out".to_owned(),
            ours: side("PORTGATEDEMO"),
            theirs: side("LDGT"),
            edition: edition.to_owned(),
            mode: Mode::Production,
            acknowledgement: Acknowledgement::None,
            all_or_nothing: false,
            settings: Vec::new(),
        };
        let numbers = ControlNumbers { interchange: 42, group: 7, first_message: 101, messages };
        let (agreement, control_numbers) = (Some(agreement), Some(numbers));
        Target { agreement, control_numbers, ..Target::new("x12-214", "4010", "2026-03-01T08:15:00Z") }
    }

    /// The code and place of each finding.
    fn refused(documents: &[Document], target: &Target) -> Vec<(String, String)> {
        let refused = interchange(&FORM, documents, target, write).expect_err("refused");
        refused.findings.into_iter().map(|finding| (finding.code, finding.location)).collect()
    }

    #[test]
    fn each_document_is_a_set_with_the_next_number_in_one_envelope() {
        let documents =
            [document("milestone", "A-1", "Gate 7"), document("milestone", "A-2", "Left behind~fog\nand rain")];
        let request = interchange(&FORM, &documents, &target("", 2), write).expect("written");
        let text = String::from_utf8(request.body).expect("text");
        let sets = &text[text.find("GS*").expect("a group")..];
        assert_eq!(
            sets,
            "GS*QM*PORTGATEDEMO*LDGT*20260301*0815*7*X*004010~ST*214*0101~B10*A-1~K1*Gate 7~SE*4*0101~\
             ST*214*0102~B10*A-2~K1*Left behind*fog~K1*and rain~SE*5*0102~GE*2*7~IEA*1*000000042~"
        );
        assert_eq!((request.path.as_str(), request.method.as_str()), ("/edi", "POST"));
    }

    #[test]
    fn everything_that_is_wrong_with_the_documents_is_told_by_its_place() {
        let documents = [
            document("order", "A-1", ""),
            document("milestone", "A*2", ""),
            document("milestone", "A-3", ""),
            document("milestone", "A-44444", ""),
        ];
        let told = refused(&documents, &target("004010", 4));
        let expected = [("OTHER-KIND", "/0"), ("CHARACTERS", "/1/number"), ("TOO-LONG", "/3/number")];
        assert_eq!(told, expected.map(|(code, at)| (code.to_owned(), at.to_owned())));
    }

    #[test]
    fn an_interchange_needs_an_agreement_on_its_edition_and_a_number_for_each_set() {
        let documents = [document("milestone", "A-1", ""), document("milestone", "A-2", "")];
        let bare = Target::new("x12-214", "4010", "2026-03-01T08:15:00Z");
        let codes = [&bare, &target("005010", 2), &target("", 1)].map(|target| refused(&documents, target).remove(0).0);
        assert_eq!(codes, ["NO-AGREEMENT", "EDITION", "CONTROL-NUMBERS"]);
    }

    #[test]
    fn words_are_broken_between_words_and_long_ones_within() {
        assert_eq!(lines("Doors on the left hand side", 12), ["Doors on the", "left hand", "side"]);
        assert_eq!(lines("Load on slip\nsheets  only\n \n", 12), ["Load on slip", "sheets  only"]);
        assert_eq!(lines(&"x".repeat(25), 10).iter().map(String::len).collect::<Vec<_>>(), [10, 10, 5]);
        assert_eq!(lines(" \n ", 9), Vec::<String>::new());
    }
}
