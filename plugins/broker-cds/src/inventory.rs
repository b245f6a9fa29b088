//! What inventory linking of exports says of consignments at ports: answers to movements, totals of consolidations, refusals,
//! and answers to queries. Each consignment becomes a `customs-status`.
//!
//! None of them has a name of its own, so that a status is named by its consignment and by the digest of the message, which is
//! the same whenever it comes again. None says when it was issued: that is when it came.

use portgate_sdk::canonical::{Code, CustomsError, CustomsStatus, DeclarationStatus, StatusGoods, Text};
use portgate_sdk::xml::Element;
use portgate_sdk::{Decoded, Message, Rejection, Severity};

use crate::entry;
use crate::notes::Notes;

/// The list that codes of messages are of: `EAL` is an arrival.
const MESSAGES: &str = "HMRC inventory linking message";

/// The list that action codes are of: what becomes of a message.
const ACTIONS: &str = "HMRC inventory linking action";

/// What the return code of the inventory is where nothing is wrong.
const SUCCESS: &str = "000";

/// The most that the canonical document takes.
const GOODS_MAX: usize = 999;

/// How many characters of a message's digest are part of a name.
const DIGEST_CHARACTERS: usize = 32;

/// The roots that are read.
const CONTROL: &str = "inventoryLinkingControlResponse";
const MOVEMENT: &str = "inventoryLinkingMovementResponse";
const TOTALS: &str = "inventoryLinkingMovementTotalsResponse";
const QUERY: &str = "inventoryLinkingQueryResponse";

/// Reads one response.
pub(crate) fn decode(message: &Message) -> Result<Decoded, Rejection> {
    let xml = message.xml(&crate::xml_options())?;
    let mut notes = Notes::default();
    for anomaly in xml.anomalies() {
        notes.anomaly(anomaly.clone());
    }
    let root = xml.root();
    let mut reader = Reader { message, notes: &mut notes };
    match root.name() {
        CONTROL => reader.control(root),
        MOVEMENT => reader.movement(root),
        TOTALS => reader.totals(root),
        QUERY => reader.query(root),
        other => {
            let name: String = other.chars().take(64).collect();
            let detail =
                format!("The root is `{name}`; send a response of inventory linking of exports, such as `{MOVEMENT}`.");
            notes.error("NOT-A-RESPONSE", root, detail);
        }
    }
    notes.finish()
}

/// Whether a block names a consolidation.
fn is_master(block: Option<Element<'_>>) -> bool {
    block.is_some_and(|block| block.text_at("ucrType").as_deref() == Some("M"))
}

struct Reader<'m> {
    message: &'m Message,
    notes: &'m mut Notes,
}

impl Reader<'_> {
    /// What became of a message: taken, taken in part, refused.
    fn control(&mut self, root: Element<'_>) {
        let Some(code) = self.message_code(root) else { return };
        let Some(action) = self.notes.required_text::<64>(root, "actionCode") else { return };
        let Some(mut document) = self.begun(root, root.child("ucr"), code) else { return };
        let (status, granted) = match &*action {
            "1" => (DeclarationStatus::RequestOutcome, Some(true)),
            "2" => {
                let detail = "Customs has taken a part of it alone; what is wrong with the rest is in the errors.";
                self.notes.warning("TAKEN-IN-PART", root, detail);
                (DeclarationStatus::RequestOutcome, Some(true))
            }
            "3" => (DeclarationStatus::Rejected, Some(false)),
            _ => {
                let detail = "The action code is not known; add it to the connector.";
                self.notes.warning("UNKNOWN-ACTION", root.child("actionCode").unwrap_or(root), detail);
                (DeclarationStatus::Unmapped, None)
            }
        };
        document.status = status;
        document.granted = granted;
        document.request =
            Text::new(ACTIONS).ok().map(|list| Code { code: action, code_list: list, source_code: None });
        for error in root.children("error") {
            let Some(code) = error.text_at("errorCode") else { continue };
            // A code is short; what is longer says in words what is wrong.
            let short = Text::new(&*code).ok();
            let words = if short.is_none() { self.notes.free_text(error, "error", &code) } else { None };
            let Some(code) = short.or_else(|| Text::new("ERROR").ok()) else { continue };
            self.notes.warning(
                "REFUSED-MOVEMENT",
                error,
                format!("Customs refuses it for {}.", words.as_deref().unwrap_or(&code)),
            );
            document.errors.push(CustomsError { text: words, ..CustomsError::new(code) });
        }
        self.notes.document(&document);
    }

    /// The answer to an arrival or a departure.
    fn movement(&mut self, root: Element<'_>) {
        let Some(code) = self.message_code(root) else { return };
        let Some(mut document) = self.begun(root, root.child("ucrBlock"), code) else { return };
        self.place(root, &mut document);
        self.entry(root, is_master(root.child("ucrBlock")), &mut document);
        self.goods(root, &mut document);
        self.notes.document(&document);
    }

    /// What a consolidation consists of, and each of its declarations.
    fn totals(&mut self, root: Element<'_>) {
        let Some(code) = self.message_code(root) else { return };
        let master = self.notes.text::<35>(root, "masterUCR");
        if master.is_some() || root.child("entry").is_none() {
            let Some(mut document) = self.begun(root, None, code.clone()) else { return };
            document.ucr = master.clone();
            document.references.extend(master.as_ref().and_then(|ucr| self.notes.reference(root, "mucr", ucr)));
            document.declaration_count = root.child("declarationCount").and_then(|count| self.count(count));
            self.place(root, &mut document);
            self.returned(root, &mut document);
            let status = root.child("masterSOE");
            if let Some(known) = entry::known(status, entry::status_of_consolidation, self.notes) {
                document.status = known;
            }
            entry::keep(&mut document, (status, root.child("masterROE"), None), self.notes);
            self.notes.document(&document);
        }
        for part in root.children("entry") {
            let Some(mut document) = self.begun(part, part.child("ucrBlock"), code.clone()) else { continue };
            document.master_ucr = master.clone();
            document.references.extend(master.as_ref().and_then(|ucr| self.notes.reference(root, "mucr", ucr)));
            self.place(root, &mut document);
            self.entry(part, is_master(part.child("ucrBlock")), &mut document);
            self.goods(part, &mut document);
            self.notes.document(&document);
        }
    }

    /// What is known of a reference: the consignment itself, its consolidation, and what is in it.
    fn query(&mut self, root: Element<'_>) {
        for (name, is_master) in [
            ("queriedDUCR", false),
            ("queriedMUCR", true),
            ("parentMUCR", true),
            ("childDUCR", false),
            ("childMUCR", true),
        ] {
            for consignment in root.children(name) {
                self.consignment(consignment, is_master);
            }
        }
        if root.elements().next().is_none() {
            self.notes.info("NOTHING-KNOWN", root, "Customs knows nothing of the reference that was asked for.");
        }
    }

    fn consignment(&mut self, consignment: Element<'_>, is_master: bool) {
        let code = Text::new("QUE").ok();
        let (Some(code), Some(ucr)) = (code, self.notes.required_text::<35>(consignment, "UCR")) else { return };
        let Some(mut document) = self.named(&ucr, code) else { return };
        let scheme = if is_master { "mucr" } else { "ucr" };
        document.references.extend(self.notes.reference(consignment, scheme, &ucr));
        document.mrn = self.notes.text(consignment, "declarationID");
        document.references.extend(document.mrn.as_ref().and_then(|mrn| self.notes.reference(consignment, "mrn", mrn)));
        document.master_ucr = self.notes.text(consignment, "parentMUCR");
        document.ucr = Some(ucr);
        for movement in consignment.children("movement") {
            self.place(movement, &mut document);
            if let Some(reference) = movement.text_at("movementReference") {
                document.references.extend(self.notes.reference(movement, "movement", &reference));
            }
            let left = movement.child("goodsDepartureDateTime");
            document.exited_at = left.and_then(|time| self.notes.time(time, Severity::Warning)).or(document.exited_at);
        }
        self.entry(consignment, is_master, &mut document);
        self.goods(consignment, &mut document);
        if consignment.text_at("shut").is_some_and(|shut| matches!(&*shut, "true" | "1")) {
            self.notes.info("SHUT", consignment, "The consolidation is shut: nothing more becomes part of it.");
        }
        self.notes.document(&document);
    }

    /// The code of the message that is answered, or that the response is.
    fn message_code(&mut self, root: Element<'_>) -> Option<Text<64>> {
        self.notes.required_text(root, "messageCode")
    }

    /// A status of the consignment of a block, which has yet to be told.
    fn begun(&mut self, at: Element<'_>, block: Option<Element<'_>>, code: Text<64>) -> Option<CustomsStatus> {
        let ucr = block.and_then(|block| self.notes.text::<35>(block, "ucr"));
        let mut document = self.named(ucr.as_deref().unwrap_or_default(), code)?;
        if let (Some(block), Some(ucr)) = (block, &ucr) {
            let scheme = if is_master(Some(block)) { "mucr" } else { "ucr" };
            document.references.extend(self.notes.reference(block, scheme, ucr));
            document.ucr_part = self.notes.text(block, "ucrPartNo");
        }
        document.ucr = ucr;
        if let Some(reference) = at.text_at("movementReference") {
            document.references.extend(self.notes.reference(at, "movement", &reference));
        }
        Some(document)
    }

    fn named(&mut self, ucr: &str, code: Text<64>) -> Option<CustomsStatus> {
        let digest = self.message.digest.get(..DIGEST_CHARACTERS)?;
        let id = Text::new(format!("{ucr}|{code}|{digest}").trim_start_matches('|')).ok()?;
        let source = self.message.source(None, None);
        let at = source.recorded_at.clone();
        let code = Code { code, code_list: Text::new(MESSAGES).ok()?, source_code: None };
        Some(CustomsStatus::new(id, Text::new("1").ok()?, source, DeclarationStatus::RequestOutcome, code, at))
    }

    /// Where the goods are and since when.
    fn place(&mut self, at: Element<'_>, document: &mut CustomsStatus) {
        if let Some(place) = self.notes.text(at, "goodsLocation") {
            document.goods_location = Some(place);
        }
        let arrived = at.child("goodsArrivalDateTime").filter(|time| time.text().is_some());
        if let Some(arrived) = arrived {
            document.arrived_at = self.notes.time(arrived, Severity::Warning);
        }
    }

    /// How the declaration is entered.
    fn entry(&mut self, at: Element<'_>, is_master: bool, document: &mut CustomsStatus) {
        let of = |name: &str| at.path("entryStatus").and_then(|status| status.child(name));
        let table = if is_master { entry::status_of_consolidation } else { entry::status };
        if let Some(known) = entry::known(of("soe"), table, self.notes) {
            document.status = known;
        }
        entry::keep(document, (of("soe"), of("roe"), of("ics")), self.notes);
        self.returned(at, document);
    }

    /// Whether the inventory is content.
    fn returned(&mut self, at: Element<'_>, document: &mut CustomsStatus) {
        let Some(returned) = self.notes.text::<32>(at, "crc") else { return };
        document.granted = Some(&*returned == SUCCESS);
        if &*returned != SUCCESS {
            let detail = format!("The inventory returns {returned}, which is no success.");
            self.notes.warning("RETURN-CODE", at.child("crc").unwrap_or(at), detail);
            document.errors.push(CustomsError::new(returned));
        }
    }

    fn goods(&mut self, at: Element<'_>, document: &mut CustomsStatus) {
        for item in at.children("goodsItem").take(GOODS_MAX) {
            let goods = StatusGoods {
                commodity: self.notes.text(item, "commodityCode"),
                packages: item.child("totalPackages").and_then(|count| self.count(count)),
                net_kg: item.child("totalNetMass").and_then(|mass| self.notes.decimal(mass)),
                ..StatusGoods::default()
            };
            document.goods.push(goods);
        }
    }

    fn count(&mut self, element: Element<'_>) -> Option<u32> {
        let text = element.text()?;
        let count = text.trim().parse();
        count.map_err(|_| self.notes.warning("INVALID", element, "It is no whole number, and is not kept.")).ok()
    }
}
