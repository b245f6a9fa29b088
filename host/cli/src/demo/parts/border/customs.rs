//! What customs says of a declaration that it was handed: notifications with that declaration's own numbers and sums.

use jiff::{SignedDuration, Timestamp};

/// What stands in the first element of this name.
pub(super) fn element<'d>(declared: &'d str, name: &'d str) -> &'d str {
    all(declared, name).next().unwrap_or_default()
}

/// What stands in each element of this name.
fn all<'d>(declared: &'d str, name: &'d str) -> impl Iterator<Item = &'d str> {
    declared.split("</").filter_map(move |before| {
        let (tag, text) = before.rsplit_once('<')?.1.split_once('>')?;
        let tag = tag.split_once(' ').map_or(tag, |(tag, _)| tag);
        (tag.split_once(':').map_or(tag, |(_, tag)| tag) == name).then_some(text)
    })
}

/// Customs' day: each word comes a second after the one before, for that is what it is told in.
pub(super) struct Customs {
    now: Timestamp,
    number: u32,
    run: String,
}

impl Customs {
    /// One whose first word is a moment old, so that all of them are of the past.
    pub(super) fn new(run: String) -> Self {
        Customs { now: Timestamp::now() - SignedDuration::from_secs(1), number: 0, run }
    }

    fn next(&mut self) -> (u32, Timestamp) {
        self.number += 1;
        self.now = (self.now + SignedDuration::from_secs(1)).min(Timestamp::now());
        (self.number, self.now)
    }

    /// The movement reference number that the UK gives to what it accepts.
    pub(super) fn mrn(&self) -> String {
        format!("26GB{}SBAR3", self.run)
    }

    /// What it is called where the goods enter the Union.
    pub(super) fn entry_mrn(&self) -> String {
        format!("26NL08I{}97", self.run)
    }

    /// A notification of the declaration service, by the code of its function, of this version of a declaration.
    fn notification(&mut self, declared: &str, code: &str, version: u32, status: &str, goods: &str) -> String {
        let (number, at) = self.next();
        let (lrn, mrn, run) = (element(declared, "FunctionalReferenceID"), self.mrn(), &self.run);
        let at = at.strftime("%Y%m%d%H%M%SZ");
        format!(
            "<MetaData><WCODataModelVersionCode>3.6</WCODataModelVersionCode><WCOTypeName>RES</WCOTypeName><Response>\
             <FunctionCode>{code}</FunctionCode><FunctionalReferenceID>sb{run}{number:02}</FunctionalReferenceID>\
             <IssueDateTime><DateTimeString formatCode=\"304\">{at}</DateTimeString></IssueDateTime>{status}\
             <Declaration><FunctionalReferenceID>{lrn}</FunctionalReferenceID><ID>{mrn}</ID><VersionID>{version}</VersionID>{goods}\
             </Declaration></Response></MetaData>"
        )
    }

    /// That it is accepted, DMSACC.
    pub(super) fn accepts(&mut self, declared: &str) -> String {
        self.notification(declared, "01", 1, "", "")
    }

    /// That it is amended, as was asked.
    pub(super) fn amends(&mut self, declared: &str) -> String {
        self.notification(declared, "07", 2, "", "")
    }

    /// That nothing is left to do, DMSCLE.
    pub(super) fn clears(&mut self, declared: &str) -> String {
        self.notification(declared, "09", 2, "", "")
    }

    /// Duty of 3.7 percent and value added tax of 20 on the price of each item, DMSTAX.
    pub(super) fn assesses(&mut self, declared: &str) -> (String, Vec<u64>) {
        let pence = |amount: &str| amount.replace('.', "").parse::<u64>().unwrap_or_default();
        let prices: Vec<u64> = all(declared, "ItemChargeAmount").map(pence).collect();
        let duties: Vec<u64> = prices.iter().map(|price| (price * 37 + 500) / 1_000).collect();
        let money = |pence: u64| format!("{}.{:02}", pence / 100, pence % 100);
        let tax = |kind: &str, base: u64, rate: &str, tax: u64| {
            let (base, tax) = (money(base), money(tax));
            format!(
                "<DutyTaxFee><AdValoremTaxBaseAmount currencyID=\"GBP\">{base}</AdValoremTaxBaseAmount><DutyRegimeCode>100</DutyRegimeCode>\
                 <TaxRateNumeric>{rate}</TaxRateNumeric><TypeCode>{kind}</TypeCode><Payment>\
                 <TaxAssessedAmount currencyID=\"GBP\">{tax}</TaxAssessedAmount>\
                 <PaymentAmount currencyID=\"GBP\">{tax}</PaymentAmount></Payment></DutyTaxFee>"
            )
        };
        let items = prices.iter().zip(&duties).enumerate().map(|(index, (price, duty))| {
            let all = price + duty;
            format!(
                "<GovernmentAgencyGoodsItem><SequenceNumeric>{}</SequenceNumeric><Commodity>{}{}</Commodity></GovernmentAgencyGoodsItem>",
                index + 1,
                tax("A00", *price, "3.70", *duty),
                tax("B00", all, "20.00", (all * 20 + 50) / 100),
            )
        });
        let goods = format!("<GoodsShipment>{}</GoodsShipment>", items.collect::<String>());
        (self.notification(declared, "13", 2, "<Status><NameCode>4</NameCode></Status>", &goods), duties)
    }

    /// What the office of first entry says of an entry summary: that it is registered (CC328A) or that it is amended (CC304A).
    fn entry(&mut self, declared: &str, message: &str, head: &str) -> String {
        let (number, at) = self.next();
        let (run, mrn) = (&self.run, self.entry_mrn());
        let (day, time) = (at.strftime("%y%m%d"), at.strftime("%H%M"));
        let answered = element(declared, "MesIdeMES19");
        let declarant = element(declared, "TINPLD1");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ie:{message} xmlns:ie=\"http://ics.dgtaxud.ec/{message}\">\
             <MesSenMES3>NTA.NL</MesSenMES3><MesRecMES6>{declarant}</MesRecMES6><DatOfPreMES9>{day}</DatOfPreMES9>\
             <TimOfPreMES10>{time}</TimOfPreMES10><MesIdeMES19>NL{run}{number:02}</MesIdeMES19><MesTypMES20>{message}</MesTypMES20>\
             <CorIdeMES25>{answered}</CorIdeMES25><HEAHEA>{head}<DocNumHEA5>{mrn}</DocNumHEA5>\
             <TraModAtBorHEA76>1</TraModAtBorHEA76></HEAHEA>\
             <PERLODSUMDEC><TINPLD1>{declarant}</TINPLD1></PERLODSUMDEC>\
             <CUSOFFFENT730><RefNumCUSOFFFENT731>{}</RefNumCUSOFFFENT731>\
             <ExpDatOfArrFIRENT733>{}</ExpDatOfArrFIRENT733></CUSOFFFENT730></ie:{message}>",
            element(declared, "RefNumCUSOFFFENT731"),
            element(declared, "ExpDatOfArrFIRENT733"),
        )
    }

    /// That it is registered, CC328A.
    pub(super) fn registers(&mut self, declared: &str) -> String {
        let head = format!("<RefNumHEA4>{}</RefNumHEA4>", element(declared, "RefNumHEA4"));
        self.entry(declared, "CC328A", &head)
    }

    /// That it is amended, CC304A.
    pub(super) fn amends_entry(&mut self, declared: &str) -> String {
        self.entry(declared, "CC304A", "")
    }
}
