//! What the systems of one consignment say of it, each in its own format: the same goods, in as many cartons as are left of the order.

use serde_json::{Value, json};

use crate::demo::message::Run;

/// How much of the order goes along, and who forwards it.
#[derive(Clone, Copy)]
pub(super) struct Load {
    /// Cartons of ten ceiling lights each, which are what the order is split by; two cartons of desk lights go along in any case.
    pub(super) ceiling_cartons: u32,
    /// The code that the ceiling lights are invoiced under.
    pub(super) ceiling_code: &'static str,
    pub(super) forwarder: &'static str,
    /// The minute in which the ERP system says so, by which it counts the versions of a document.
    pub(super) minute: u32,
}

/// One of the two articles.
struct Article {
    sku: &'static str,
    words: &'static str,
    pieces: u32,
    cartons: u32,
    /// In pence.
    price: u32,
    /// In grams, for one.
    net: u32,
    gross: u32,
    code: &'static str,
    item: u32,
}

impl Article {
    fn value(&self) -> String {
        hundredths(self.pieces * self.price)
    }
}

impl Load {
    fn articles(&self) -> [Article; 2] {
        let ceiling = Article {
            sku: "LUM-CEIL-18",
            words: "LED ceiling luminaire, 18 W",
            pieces: self.ceiling_cartons * 10,
            cartons: self.ceiling_cartons,
            price: 2_400,
            net: 1_200,
            gross: 1_500,
            code: self.ceiling_code,
            item: 10,
        };
        let desk = Article {
            sku: "LUM-DESK-09",
            words: "LED desk luminaire, 9 W",
            pieces: 40,
            cartons: 2,
            price: 1_500,
            net: 800,
            gross: 1_000,
            code: "9405219000",
            item: 20,
        };
        [ceiling, desk]
    }

    /// What all of it costs.
    pub(super) fn value(&self) -> String {
        hundredths(self.articles().iter().map(|article| article.pieces * article.price).sum())
    }

    pub(super) fn cartons(&self) -> u32 {
        self.articles().iter().map(|article| article.cartons).sum()
    }

    fn weight(&self, of: impl Fn(&Article) -> u32) -> String {
        kilograms(self.articles().iter().map(|article| article.pieces * of(article)).sum())
    }
}

fn hundredths(count: u32) -> String {
    format!("{}.{:02}", count / 100, count % 100)
}

fn kilograms(grams: u32) -> String {
    format!("{}.{:03}", grams / 1_000, grams % 1_000)
}

/// The consignment's names, which every paper has some of.
pub(super) struct Consignment {
    run: Run,
}

impl Consignment {
    pub(super) fn new(run: Run) -> Self {
        Consignment { run }
    }

    /// What the ERP system calls it, and all others with it.
    pub(super) fn delivery(&self) -> String {
        self.run.fill("8{NUM}")
    }

    /// The bill of lading.
    fn bill(&self) -> String {
        self.run.fill("OLNS{NUM}")
    }

    /// A container of its own, with the check digit of ISO 6346.
    fn container(&self) -> String {
        let digits = self.run.fill("{NUM}");
        let number = format!("TGHU{}", digits.get(3..).unwrap_or_default());
        // Letters count from 10 on, without the multiples of 11; each sign twice as much as the one before.
        let value = |sign: char| {
            sign.to_digit(36).map_or(0, |value| value + value.saturating_sub(1) / 10 * u32::from(value > 10))
        };
        let sum: u32 = number.chars().enumerate().map(|(place, sign)| value(sign) << place).sum();
        format!("{number}{}", sum % 11 % 10)
    }

    /// The control record of an IDoc.
    fn control(&self, kind: &str, message: &str, minute: u32) -> String {
        let number = self.run.fill("{NUM}");
        format!(
            "<EDI_DC40 SEGMENT=\"1\"><TABNAM>EDI_DC40</TABNAM><MANDT>100</MANDT><DOCNUM>00011{minute:02}{number}</DOCNUM>\
             <DIRECT>1</DIRECT><IDOCTYP>{kind}</IDOCTYP><MESTYP>{message}</MESTYP><SNDPRT>LS</SNDPRT><SNDPRN>ERPCLNT100</SNDPRN>\
             <RCVPRT>LS</RCVPRT><RCVPRN>PORTGATE</RCVPRN><CREDAT>20260303</CREDAT><CRETIM>09{minute:02}00</CRETIM></EDI_DC40>"
        )
    }

    /// That the ceiling lights are classified otherwise from now on, of the ERP system: an IDoc MATMAS05.
    pub(super) fn reclassified(&self) -> String {
        let control = self.control("MATMAS05", "MATMAS", 5);
        let plant = |name: &str, code: &str| {
            format!("<E1MARCM SEGMENT=\"1\"><WERKS>{name}</WERKS><STAWN>{code}</STAWN><HERKL>VN</HERKL></E1MARCM>\n")
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<MATMAS05><IDOC BEGIN=\"1\">\n{control}\n\
             <E1MARAM SEGMENT=\"1\"><MSGFN>004</MSGFN><MATNR>LUM-CEIL-18</MATNR><MTART>FERT</MTART><MEINS>ST</MEINS>\
             <BRGEW>1.500</BRGEW><NTGEW>1.200</NTGEW><GEWEI>KGM</GEWEI>\n\
             <E1MAKTM SEGMENT=\"1\"><SPRAS>E</SPRAS><SPRAS_ISO>EN</SPRAS_ISO><MAKTX>LED ceiling luminaire, 18 W</MAKTX></E1MAKTM>\n\
             {}{}</E1MARAM></IDOC></MATMAS05>",
            plant("GB10", CURRENT_CODE),
            plant("DE10", CURRENT_CODE.get(..8).unwrap_or(CURRENT_CODE)),
        )
    }

    /// What goes out, of the ERP system: an IDoc DELVRY07.
    pub(super) fn erp_delivery(&self, load: &Load) -> String {
        let (control, delivery) = (self.control("DELVRY07", "DESADV", load.minute), self.delivery());
        let party = |function: &str, name: &str, street: &str, post: [&str; 3]| {
            let [code, city, country] = post;
            format!(
                "<E1ADRM1 SEGMENT=\"1\"><PARTNER_Q>{function}</PARTNER_Q><NAME1>{name}</NAME1><STREET1>{street}</STREET1>\
                 <POSTL_COD1>{code}</POSTL_COD1><CITY1>{city}</CITY1><COUNTRY1>{country}</COUNTRY1></E1ADRM1>\n"
            )
        };
        let parties = [
            party("OSO", "Sao Bien Lighting JSC", "12 Ben Nghe Quay", ["700000", "Ho Chi Minh City", "VN"]),
            party("WE", "Harrier Stores Ltd", "Kirkgate 7", ["LS1 4DY", "Leeds", "GB"]),
            party("SP", load.forwarder, "Dock Road 31", ["IP11 3SY", "Felixstowe", "GB"]),
        ];
        let item = |article: &Article| {
            let Article { sku, words, pieces, code, item, .. } = article;
            let (net, gross) = (kilograms(pieces * article.net), kilograms(pieces * article.gross));
            let order = self.run.fill("6{NUM}");
            format!(
                "<E1EDL24 SEGMENT=\"1\"><POSNR>{item:06}</POSNR><MATNR>{sku}</MATNR><ARKTX>{words}</ARKTX><WERKS>GB10</WERKS>\
                 <LFIMG>{pieces}.000</LFIMG><VRKME>PCE</VRKME><NTGEW>{net}</NTGEW><BRGEW>{gross}</BRGEW><GEWEI>KGM</GEWEI>\
                 <VGBEL>{order}</VGBEL><VGPOS>{item:06}</VGPOS>\
                 <E1EDL35 SEGMENT=\"1\"><STAWN>{code}</STAWN><HERKL>VN</HERKL></E1EDL35></E1EDL24>\n"
            )
        };
        // It is made when the ERP system has the code of today.
        let current = Load { ceiling_code: CURRENT_CODE, ..*load };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DELVRY07><IDOC BEGIN=\"1\">\n{control}\n<E1EDL20 SEGMENT=\"1\">\
             <VBELN>{delivery}</VBELN><INCO1>DAP</INCO1><INCO2>Leeds</INCO2><BTGEW>{}</BTGEW><NTGEW>{}</NTGEW><GEWEI>KGM</GEWEI>\n{}{}\
             </E1EDL20></IDOC></DELVRY07>",
            load.weight(|article| article.gross),
            load.weight(|article| article.net),
            parties.concat(),
            current.articles().iter().map(item).collect::<String>(),
        )
    }

    /// What is to be paid, of the ERP system: an IDoc INVOIC02.
    pub(super) fn erp_invoice(&self, load: &Load) -> String {
        let control = self.control("INVOIC02", "INVOIC", load.minute);
        let (invoice, delivery, order) = (self.run.fill("9{NUM}"), self.delivery(), self.run.fill("6{NUM}"));
        let item = |article: &Article| {
            let Article { sku, words, pieces, code, item, .. } = article;
            let (net, value) = (kilograms(pieces * article.net), article.value());
            format!(
                "<E1EDP01 SEGMENT=\"1\"><POSEX>{item:06}</POSEX><MENGE>{pieces}.000</MENGE><MENEE>PCE</MENEE><NTGEW>{net}</NTGEW>\
                 <GEWEI>KGM</GEWEI><PSTYV>TAN</PSTYV>\n\
                 <E1EDP02 SEGMENT=\"1\"><QUALF>002</QUALF><BELNR>{order}</BELNR><ZEILE>{item:06}</ZEILE></E1EDP02>\n\
                 <E1EDP02 SEGMENT=\"1\"><QUALF>016</QUALF><BELNR>{delivery}</BELNR><ZEILE>{item:06}</ZEILE></E1EDP02>\n\
                 <E1EDP19 SEGMENT=\"1\"><QUALF>002</QUALF><IDTNR>{sku}</IDTNR><KTEXT>{words}</KTEXT></E1EDP19>\n\
                 <E1EDP26 SEGMENT=\"1\"><QUALF>003</QUALF><BETRG>{value}</BETRG></E1EDP26>\n\
                 <E1EDP28 SEGMENT=\"1\"><STAWN>{code}</STAWN><HERKL>VN</HERKL></E1EDP28></E1EDP01>\n"
            )
        };
        let (net, value) = (load.weight(|article| article.net), load.value());
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<INVOIC02><IDOC BEGIN=\"1\">\n{control}\n\
             <E1EDK01 SEGMENT=\"1\"><CURCY>GBP</CURCY><BSART>INVO</BSART><BELNR>{invoice}</BELNR><NTGEW>{net}</NTGEW><GEWEI>KGM</GEWEI></E1EDK01>\n\
             <E1EDKA1 SEGMENT=\"1\"><PARVW>RS</PARVW><PARTN>0000003010</PARTN><NAME1>Sao Bien Lighting JSC</NAME1><STRAS>12 Ben Nghe Quay</STRAS>\
             <ORT01>Ho Chi Minh City</ORT01><PSTLZ>700000</PSTLZ><LAND1>VN</LAND1></E1EDKA1>\n\
             <E1EDKA1 SEGMENT=\"1\"><PARVW>AG</PARVW><PARTN>0000010001</PARTN><NAME1>Harrier Stores Ltd</NAME1><STRAS>Kirkgate 7</STRAS>\
             <ORT01>Leeds</ORT01><PSTLZ>LS1 4DY</PSTLZ><LAND1>GB</LAND1></E1EDKA1>\n\
             <E1EDK02 SEGMENT=\"1\"><QUALF>009</QUALF><BELNR>{invoice}</BELNR><DATUM>20260303</DATUM></E1EDK02>\n\
             <E1EDK02 SEGMENT=\"1\"><QUALF>012</QUALF><BELNR>{delivery}</BELNR></E1EDK02>\n\
             <E1EDK03 SEGMENT=\"1\"><IDDAT>026</IDDAT><DATUM>20260303</DATUM></E1EDK03>\n\
             <E1EDK17 SEGMENT=\"1\"><QUALF>001</QUALF><LKOND>DAP</LKOND></E1EDK17>\n\
             <E1EDK17 SEGMENT=\"1\"><QUALF>002</QUALF><LKTEXT>Leeds</LKTEXT></E1EDK17>\n{}\
             <E1EDS01 SEGMENT=\"1\"><SUMID>010</SUMID><SUMME>{value}</SUMME><WAERQ>GBP</WAERQ></E1EDS01>\n\
             <E1EDS01 SEGMENT=\"1\"><SUMID>011</SUMID><SUMME>{value}</SUMME></E1EDS01>\n</IDOC></INVOIC02>",
            load.articles().iter().map(item).collect::<String>(),
        )
    }

    /// What was packed, of the warehouse: an X12 856. `number` is that of its interchange.
    pub(super) fn ship_notice(&self, load: &Load, number: u32) -> String {
        let (delivery, order) = (self.delivery(), self.run.fill("6{NUM}"));
        let number = self.run.fill("{NUM}").parse::<u32>().unwrap_or(0) + number;
        let mut levels = vec![
            "HL*1**S".to_owned(),
            format!("TD1*CTN*{}****G*{}*KG", load.cartons(), load.weight(|article| article.gross)),
            "HL*2*1*O".to_owned(),
            format!("PRF*{order}***20260302"),
        ];
        let (mut level, mut carton) = (2, 0);
        for article in load.articles() {
            for _ in 0..article.cartons {
                let pieces = article.pieces / article.cartons;
                carton += 1;
                let item = article.item;
                levels.extend([
                    format!("HL*{}*2*P", level + 1),
                    format!("MAN*GM*0003400002{:09}{carton}", number % 1_000_000_000),
                    format!("PO4*****G*{}*KG", kilograms(pieces * article.gross)),
                    format!("HL*{}*{}*I", level + 2, level + 1),
                    format!("LIN*{item}*SK*{}", article.sku),
                    format!("SN1**{pieces}*EA"),
                ]);
                level += 2;
            }
        }
        let minute = load.minute;
        let body = levels.join("~\n");
        format!(
            "ISA*00*          *00*          *ZZ*NORTHWHSE      *ZZ*PORTGATEDEMO   *260303*10{minute:02}*U*00401*{number:09}*0*P*>~\n\
             GS*SH*NORTHWHSE*PORTGATEDEMO*20260303*10{minute:02}*{number}*X*004010~\nST*856*0001~\n\
             BSN*00*{delivery}*20260303*10{minute:02}*0001~\n{body}~\nCTT*{level}~\nSE*{}*0001~\nGE*1*{number}~\nIEA*1*{number:09}~\n",
            levels.len() + 4,
        )
    }

    /// How it goes, of the shipping desk.
    pub(super) fn booking(&self) -> Value {
        let delivery = self.delivery();
        let ship = json!({ "vesselImo": "9074729", "vesselName": "MERLIN BAY", "voyage": "012W" });
        json!({
            "id": delivery, "version": "1", "shipmentId": delivery,
            "references": [
                { "scheme": "shipment", "value": delivery },
                { "scheme": "ucr", "value": self.run.fill("6GB123456789000-{RUN}") },
                { "scheme": "transport-document", "value": self.bill() },
            ],
            "ucr": self.run.fill("6GB123456789000-{RUN}"), "mode": "sea", "masterTransportDoc": self.bill(),
            "countryOfDispatch": "VN", "countryOfDestination": "GB",
            "placeOfLoading": { "unLocode": "VNSGN" }, "placeOfDischarge": { "unLocode": "GBFXT" },
            "legs": [
                {
                    "seq": 1, "mode": "sea", "transport": ship, "from": { "unLocode": "VNSGN" }, "to": { "unLocode": "NLRTM" },
                    "etd": { "value": "2026-03-06T14:00:00+07:00" }, "eta": { "value": "2026-04-02T05:30:00+02:00" },
                },
                {
                    "seq": 2, "mode": "sea", "transport": ship, "from": { "unLocode": "NLRTM" }, "to": { "unLocode": "GBFXT" },
                    "etd": { "value": "2026-04-03T18:00:00+02:00" }, "eta": { "value": "2026-04-04T06:00:00+01:00" },
                },
            ],
            "equipment": [{ "id": self.container(), "seals": ["SB-77120"] }],
        })
    }

    /// How the transport management system plans it, for the line to take: an X12 204.
    pub(super) fn load_tender(&self, load: &Load) -> String {
        let (delivery, bill) = (self.delivery(), self.bill());
        let (weight, cartons) = (load.weight(|article| article.gross), load.cartons());
        self.edi_of_tms(
            "SM",
            "{NUM+1}",
            &[
                "ST*204*0001".to_owned(),
                format!("B2**OLNE**{delivery}*K*PP"),
                "B2A*00*LT".to_owned(),
                format!("L11*{bill}*BM"),
                "MS3*OLNE*B**S".to_owned(),
                format!("S5*1*CL*{weight}*K*{cartons}*CT"),
                "G62*37*20260305*I*0800*LT".to_owned(),
                "N1*SF*Sao Bien Lighting JSC".to_owned(),
                "N3*12 Ben Nghe Quay".to_owned(),
                "N4*Ho Chi Minh City**700000*VN*UN*VNSGN".to_owned(),
                format!("S5*2*CU*{weight}*K*{cartons}*CT"),
                "N1*ST*Harrier Stores Ltd".to_owned(),
                "N3*7 Kirkgate".to_owned(),
                "N4*Leeds**LS1 4DY*GB".to_owned(),
                format!("L3*{weight}*G*********{cartons}*K"),
            ],
        )
    }

    /// That the line takes it: an X12 990.
    pub(super) fn load_taken(&self) -> String {
        let delivery = self.delivery();
        self.edi_of_tms(
            "GF",
            "{NUM+2}",
            &[
                "ST*990*0001".to_owned(),
                format!("B1*OLNE*{delivery}*20260303*A"),
                format!("N9*CN*{}", self.run.fill("OB-{RUN}")),
            ],
        )
    }

    /// An interchange of the transport management system with one set.
    fn edi_of_tms(&self, group: &str, number: &str, set: &[String]) -> String {
        let number = self.run.fill(number);
        format!(
            "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260303*1005*U*00401*{number}*0*P*>~\n\
             GS*{group}*LDGT*PORTGATEDEMO*20260303*1005*{number}*X*004010~\n{}~\nSE*{}*0001~\nGE*1*{number}~\nIEA*1*{number}~\n",
            set.join("~\n"),
            set.len() + 1,
        )
    }

    /// What the line wants for the carriage: an X12 210, in dollars.
    pub(super) fn freight_bill(&self) -> String {
        let (number, delivery, bill) = (self.run.fill("{NUM}"), self.delivery(), self.bill());
        format!(
            "ISA*00*          *00*          *02*LDGT           *ZZ*PORTGATEDEMO   *260406*0810*U*00401*{number}*0*P*>~\n\
             GS*IM*LDGT*PORTGATEDEMO*20260406*0810*{number}*X*004010~\nST*210*0001~\n\
             B3**FB{number}*{delivery}*PP*L*20260406*{FREIGHT_CENTS}**20260405*035*OLNE*20260304~\nC3*USD~\nN9*BM*{bill}~\n\
             LX*1~\nL1*1***{FREIGHT_CENTS}****400~\nSE*7*0001~\nGE*1*{number}~\nIEA*1*{number}~\n"
        )
    }

    /// Who takes part, for trade compliance to screen.
    pub(super) fn parties(&self, load: &Load) -> Value {
        let delivery = self.delivery();
        json!({ "kind": "shipment", "document": {
            "id": delivery, "shipmentId": delivery, "references": [{ "scheme": "shipment", "value": delivery }],
            "parties": [
                { "role": "seller", "name": "Sao Bien Lighting JSC" },
                { "role": "ship-to", "name": "Harrier Stores Ltd" },
                { "role": "forwarder", "name": load.forwarder },
            ],
        } })
    }
}

/// What the line wants for the carriage, in cents of a dollar.
pub(super) const FREIGHT_CENTS: i64 = 31_000;

/// What ceiling lights of LEDs are under since the Harmonised System of 2022.
pub(super) const CURRENT_CODE: &str = "9405119090";
/// What they were under before.
pub(super) const STALE_CODE: &str = "9405104090";
