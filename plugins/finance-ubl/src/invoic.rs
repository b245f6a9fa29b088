//! EDIFACT INVOIC, the invoice, of the directories D.93A to D.01B and later: one `commercial-invoice` for each message.
//!
//! Segments are read one after the other, with what they belong to kept: a party, a line, an allowance or charge, a tax.

mod fields;
mod line;
mod money;

use portgate_sdk::canonical::{Code, Incoterm, IncotermCode, Location, Party, PaymentMeans, PrecedingInvoice, Text};
use portgate_sdk::edifact::{self, Interchange, Limits, Message as Paper, Segment};
use portgate_sdk::{Decoded, Finding, Message, Mistake, Rejection};

use crate::edi::{Draft, no_segment, remark, required, text};
use crate::invoice::{TYPES, refer};
use crate::notes::{Notes, code, short};
use fields::date;
use line::Line;
use money::Deduction;

/// The invoices of an interchange, with the report that was agreed.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let interchange = Interchange::parse(&message.body, &Limits::default())?;
    edifact::reply(message, &interchange, invoices(message, &interchange))
}

fn invoices(message: &Message, interchange: &Interchange<'_>) -> Result<Decoded, Rejection> {
    let mut notes = Notes::default();
    for anomaly in interchange.anomalies() {
        notes.finding(anomaly.clone());
    }
    for paper in interchange.messages() {
        if notes.are_overfull() {
            break;
        }
        notes.part(paper.location(), paper.reference().unwrap_or_default());
        match (paper.broken(), paper.kind().as_deref()) {
            (Some(broken), _) => notes.finding(broken),
            (None, Some("INVOIC") | None) => read(paper, message, &mut notes),
            (None, Some(other)) => {
                let detail = format!("This is a message `{}`; only INVOIC is taken under this contract.", short(other));
                notes.finding(Finding::error("NOT-AN-INVOICE", paper.location(), detail).because(Mistake::Unsupported));
            }
        }
        if notes.is_part_refused() {
            paper.pass_over();
        }
    }
    notes.end_part();
    if notes.are_empty() {
        notes.error("NO-INVOICE", "segment 1", "The interchange holds no INVOIC; send at least one.");
    }
    notes.finish()
}

/// What the segments are read into.
struct Reading {
    draft: Draft,
    party: Option<Party>,
    line: Option<Line>,
    /// An allowance or charge, until all of it has come.
    deduction: Option<Deduction>,
    in_summary: bool,
    /// Whether a tax was the last thing that was named, so that what follows is of it.
    in_tax: bool,
    /// Whether terms of payment were.
    in_terms: bool,
}

fn read(paper: Paper<'_>, message: &Message, notes: &mut Notes) {
    let Some(begin) = paper.first("BGM") else {
        return no_segment("BGM", paper.location(), "says which invoice it is", notes);
    };
    let currency = money::currency(paper, notes);
    notes.amounts_are_in(currency.clone());
    let mut reading = Reading {
        draft: Draft { currency, ..Draft::default() },
        party: None,
        line: None,
        deduction: None,
        in_summary: false,
        in_tax: false,
        in_terms: false,
    };
    self::begin(begin, &mut reading.draft, notes);
    for segment in paper.segments() {
        reading.segment(segment, notes);
    }
    reading.end_line(notes);
    let mut draft = reading.draft;
    money::choose(&mut draft.sums);
    if draft.sums.payable.is_none() && !notes.is_part_refused() {
        let detail = "No `MOA` says what is to be paid (9, 77, 39, 86, 128 or 139).";
        let finding = Finding::error("MISSING", paper.location(), detail);
        return notes.finding(finding.because(Mistake::MissingSegment("MOA")));
    }
    let invoice = draft.finish(message, begin.location(), notes);
    if let Some(invoice) = invoice.filter(|_| !notes.is_part_refused()) {
        notes.document(&invoice);
    }
}

/// `BGM`: what kind of invoice it is, and which.
fn begin(segment: Segment<'_>, draft: &mut Draft, notes: &mut Notes) {
    let kind = required(segment, 1, "type of the document", notes);
    let kind: Option<Text<64>> = kind.and_then(|kind| notes.identifier(segment.at(1), "type of the document", &kind));
    draft.type_code = kind.map(|kind| code(kind, TYPES));
    draft.title = text(segment, 1, 4).and_then(|title| notes.free_text(segment.at(1).component(4), "title", &title));
    draft.number = required(segment, 2, "number of the invoice", notes)
        .and_then(|number| notes.identifier(segment.at(2), "number of the invoice", &number));
    match text(segment, 3, 1).as_deref() {
        // An original, also where it is a copy for somebody or sent again.
        None | Some("9" | "7" | "31" | "43") => {}
        Some("1") => {
            let detail = "The message cancels an invoice, for which there is no document; send a credit note.";
            notes.error("CANCELLATION", segment.at(3), detail);
        }
        Some(function) => {
            let detail = format!("The function of the message is `{}`, not an original (9).", short(function));
            notes.warning("PURPOSE", segment.at(3), detail);
        }
    }
}

impl Reading {
    fn segment(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        if !matches!(segment.tag(), "MOA" | "PCD" | "QTY" | "RNG" | "RTE" | "TAX" | "ALI" | "DTM") {
            self.end_deduction(notes);
        }
        if !matches!(segment.tag(), "MOA" | "LOC") {
            self.in_tax = false;
        }
        if !matches!(segment.tag(), "DTM" | "PCD" | "MOA" | "PAI" | "FII") {
            self.in_terms = false;
        }
        match segment.tag() {
            "LIN" => {
                self.end_line(notes);
                self.line = line::begin(segment, self.draft.lines.len() + 1, notes);
            }
            "UNS" => {
                self.end_line(notes);
                self.in_summary = true;
            }
            "NAD" => self.party(segment, notes),
            "RFF" => self.reference(segment, notes),
            "CTA" | "COM" | "FII" => self.of_party(segment, notes),
            "DTM" => self.day(segment, notes),
            "ALC" => self.deduction = Some(Deduction::begin(segment, notes)),
            "PCD" => self.percentage(segment, notes),
            "MOA" => self.amount(segment, notes),
            "TAX" => self.tax(segment, notes),
            "PAT" => {
                let terms = fields::terms(segment, notes);
                self.draft.terms.push(terms);
                self.in_terms = true;
            }
            "PAI" => {
                let means =
                    text(segment, 1, 3).and_then(|means| notes.identifier(segment.at(1), "means of payment", &means));
                let means = means.map(|means| code(means, "UNTDID 4461"));
                self.draft
                    .means
                    .extend(means.map(|means| PaymentMeans { code: Some(means), ..PaymentMeans::default() }));
            }
            "TOD" => self.delivery_terms(segment, notes),
            "FTX" => {
                let words = fields::words(segment);
                match &mut self.line {
                    Some(line) => line.words.extend(words),
                    None => self.draft.notes.extend(fields::note(segment, &words.unwrap_or_default(), notes)),
                }
            }
            "CNT" => self.control(segment, notes),
            "ALI" if self.line.is_none() => {}
            "UNH" | "UNT" | "BGM" | "CUX" => {}
            _ => match &mut self.line {
                Some(line) => line.segment(segment, notes),
                None => self.draft.notes.extend(fields::in_words(segment)),
            },
        }
        if !matches!(segment.tag(), "NAD" | "LOC" | "FII" | "RFF" | "DOC" | "CTA" | "COM") {
            self.end_party();
        }
    }

    fn end_party(&mut self) {
        match (&mut self.line, self.party.take()) {
            (Some(line), party) => line.line.parties.extend(party),
            (None, party) => self.draft.parties.extend(party),
        }
    }

    fn end_deduction(&mut self, notes: &mut Notes) {
        let Some(charge) = self.deduction.take().and_then(|deduction| deduction.finish(notes)) else { return };
        match &mut self.line {
            Some(line) => line.line.charges.push(charge),
            None => self.draft.charges.push(charge),
        }
    }

    fn end_line(&mut self, notes: &mut Notes) {
        self.end_deduction(notes);
        self.end_party();
        self.draft.lines.extend(self.line.take().and_then(|line| line.finish(notes)));
    }

    /// `NAD`: a party.
    fn party(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        self.end_party();
        self.party = fields::party(segment, notes);
        if self.party.is_none() {
            notes.warning(
                "UNKNOWN-PARTY",
                segment.at(1),
                "The party does not say which part it plays; it is left out.",
            );
        }
    }

    fn of_party(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        match (&mut self.party, segment.tag()) {
            (party, "FII") => {
                let means = fields::account(segment, notes);
                // The account of who is paid is where the money goes; the buyer's is where it comes from.
                let is_payer = party.as_ref().is_some_and(|party| fields::is_payer(party.role));
                match is_payer {
                    true => self
                        .draft
                        .means
                        .push(PaymentMeans { debited_account: means.account, ..PaymentMeans::default() }),
                    false => self.draft.means.push(means),
                }
            }
            (Some(party), _) => fields::contact(segment, party, notes),
            (None, _) => self.draft.notes.extend(fields::in_words(segment)),
        }
    }

    /// `RFF`: of a party, a line or the whole.
    fn reference(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let (Some(qualifier), Some(value)) = (text(segment, 1, 1), text(segment, 1, 2)) else { return };
        let at = segment.at(1).component(2);
        match (&mut self.party, &mut self.line) {
            (Some(party), _) => fields::identifier(&qualifier, &value, at, party, notes),
            (None, Some(line)) => line.reference(segment, &qualifier, &value, notes),
            (None, None) => {
                if matches!(&*qualifier, "IV" | "OI") {
                    let number = notes.identifier(at, "number of the invoice", &value);
                    return self.draft.preceding.extend(number.map(PrecedingInvoice::new));
                }
                let reference = notes.reference_at(at, &fields::scheme(&qualifier), &value);
                refer(&mut self.draft.references, reference);
            }
        }
    }

    /// `DTM`: of a line, of terms of payment, or of the whole, by its qualifier (2005).
    fn day(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let Some(qualifier) = text(segment, 1, 1) else { return };
        if self.line.is_none() && matches!(&*qualifier, "263" | "324" | "167/168") {
            return self.period(segment, notes);
        }
        let Some(day) = date(segment, notes) else { return };
        let draft = &mut self.draft;
        match (&*qualifier, &mut self.line) {
            (_, Some(line)) => line.day(&qualifier, day),
            ("137", _) => draft.issue_date = Some(day),
            ("3", _) if draft.issue_date.is_none() => draft.issue_date = Some(day),
            ("3", _) => {}
            ("13" | "140" | "209", _) if self.in_terms => {
                if let Some(terms) = draft.terms.last_mut() {
                    terms.due_date = Some(day.clone());
                }
                draft.due_date = draft.due_date.take().or(Some(day));
            }
            ("12", _) if self.in_terms => {
                if let Some(terms) = draft.terms.last_mut() {
                    terms.discount_date = Some(day);
                }
            }
            ("13" | "140" | "265", _) => draft.due_date = Some(day),
            ("35" | "50" | "1", _) => draft.delivery_date = Some(day),
            ("131", _) => draft.tax_point_date = Some(day),
            ("167" | "194" | "206" | "157", _) => draft.period.start = Some(day),
            ("168" | "207", _) => draft.period.end = Some(day),
            ("171", _) if draft.preceding.last().is_some_and(|preceding| preceding.issue_date.is_none()) => {
                if let Some(preceding) = draft.preceding.last_mut() {
                    preceding.issue_date = Some(day);
                }
            }
            (other, _) => draft.notes.extend(remark(&format!("UNTDID 2005 {other}: {day}"))),
        }
    }

    /// A period in one segment.
    fn period(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let days = fields::period(segment, notes);
        if let Some((start, end)) = days {
            self.draft.period.start = Some(start);
            self.draft.period.end = Some(end);
        }
    }

    fn percentage(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let percent = segment.decimal(1, 2).and_then(|percent| notes.number(segment.at(1).component(2), &percent));
        match (&mut self.deduction, self.in_terms, self.draft.terms.last_mut()) {
            (Some(deduction), ..) => deduction.percent = percent.or(deduction.percent),
            (None, true, Some(terms)) => terms.discount_percent = percent,
            _ => self.draft.notes.extend(fields::in_words(segment)),
        }
    }

    /// `MOA`: of an allowance or charge, a tax, a line or the whole, by its qualifier (5025).
    fn amount(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let Some((qualifier, amount)) = money::amount(segment, notes) else { return };
        let is_of_it = |deduction: &mut Deduction| deduction.amount(&qualifier, &amount);
        if self.deduction.as_mut().is_some_and(is_of_it) {
            return;
        }
        let taxes = match &mut self.line {
            Some(line) => &mut line.line.taxes,
            None => &mut self.draft.taxes,
        };
        if let (true, Some(tax)) = (self.in_tax, taxes.last_mut()) {
            match &*qualifier {
                "124" | "150" | "176" | "161" => return tax.amount = Some(amount),
                "125" | "79" => return tax.basis = Some(amount),
                _ => {}
            }
        }
        if let (true, None, Some(terms)) = (self.in_terms, &self.line, self.draft.terms.last_mut()) {
            return terms.discount_amount = Some(amount);
        }
        match &mut self.line {
            Some(line) => line.amount(&qualifier, amount),
            None => {
                let said = money::of_the_whole(&qualifier, amount, &mut self.draft.sums);
                self.draft.notes.extend(said);
            }
        }
    }

    fn tax(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let tax = money::tax(segment, notes);
        if let Some(deduction) = &mut self.deduction {
            return deduction.taxes.push(tax);
        }
        self.in_tax = true;
        match &mut self.line {
            Some(line) => line.line.taxes.push(tax),
            None => self.draft.taxes.push(tax),
        }
    }

    /// `TOD`: terms of delivery.
    fn delivery_terms(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let term = text(segment, 3, 1).and_then(|term| serde_json::from_value::<IncotermCode>(term.into()).ok());
        match term {
            Some(code) => {
                let name =
                    text(segment, 3, 4).and_then(|name| notes.free_text(segment.at(3).component(4), "place", &name));
                let place = name.map(|name| Location { name: Some(name), ..Location::default() });
                self.draft.incoterm = Some(Incoterm { code, place });
            }
            None => self.draft.notes.extend(fields::in_words(segment)),
        }
    }

    /// `CNT`: how many lines there are.
    fn control(&mut self, segment: Segment<'_>, notes: &mut Notes) {
        let (kind, count) = (text(segment, 1, 1), segment.decimal(1, 2));
        let count = count.and_then(|count| count.parse::<usize>().ok());
        if kind.as_deref() == Some("2")
            && count.is_some_and(|count| count != self.draft.lines.len())
            && !notes.is_part_refused()
        {
            let detail = format!("`CNT` counts other lines than the {} that are there.", self.draft.lines.len());
            notes.warning("LINE-COUNT", segment.at(1).component(2), detail);
        }
    }
}

/// A code of a list of UNTDID.
fn untdid(value: Option<Text<64>>, list: &str) -> Option<Code> {
    value.map(|value| code(value, list))
}
