//! Goods and equipment as they are written. [`super::cargo`] and [`super::equipment`] read them.

use portgate_sdk::Pointer;
use portgate_sdk::canonical::{DangerousCargo, Money, Quantity, TenderEquipment, TenderGoods};
use portgate_sdk::edi::{lines, number};

use super::cargo::{ITEMS, PACKAGES};
use super::equipment::KINDS;
use super::quill::{LINE_MAX, NUMBER_MAX, Quill};
use super::segments::{SEGMENTS, SUBJECTS};

impl Quill<'_> {
    /// `GID` and what follows.
    pub(super) fn goods(&mut self, at: Pointer, index: usize, goods: &TenderGoods) {
        let line =
            goods.line_no.as_deref().filter(|line| line.len() <= 5).map_or_else(|| index.to_string(), str::to_owned);
        let kind = goods.package_type.as_ref().filter(|code| &*code.code_list == PACKAGES);
        let words = goods.package_type.as_ref().map(|code| code.source_code.as_deref().unwrap_or(&code.code));
        let words = words.filter(|_| kind.is_none_or(|code| code.source_code.is_some()));
        self.out.segment("GID").element(line).composite((goods.packages, kind.map(|code| &*code.code), (), (), words));
        self.temperatures(goods.temperature_c, goods.temperature_min_c, goods.temperature_max_c);
        if let Some(Money { amount, currency }) = &goods.value {
            self.out.segment("MOA").composite(("44", number(amount), currency.as_str()));
        }
        if let Some(code) = &goods.hs_code {
            self.out.segment("PIA").element("5").composite((code.as_str(), "HS"));
        }
        if let Some(sku) = goods.sku.as_deref().and_then(|sku| self.id(at.key("sku"), "item", sku, NUMBER_MAX)) {
            self.out.segment("PIA").element("5").composite((sku, "SA"));
        }
        if let Some(kind) =
            goods.commodity.as_ref().and_then(|code| Some((code, code.code_list.strip_prefix(ITEMS)?.trim())))
        {
            self.out.segment("PIA").element("1").composite((&*kind.0.code, kind.1));
        }
        if let Some(description) = goods.description.as_deref() {
            self.words("AAA", description);
        }
        self.remarks(&goods.remarks);
        self.measure(("WT", "G"), "KGM", goods.gross_kg);
        self.measure(("WT", "AAL"), "KGM", goods.net_kg);
        self.measure(("VOL", "AAW"), "MTQ", goods.volume_m3);
        self.measure(("LMT", ""), "MTR", goods.loading_m);
        if goods.length_cm.is_some() || goods.width_cm.is_some() || goods.height_cm.is_some() {
            let [length, width, height] =
                [goods.length_cm, goods.width_cm, goods.height_cm].map(|side| side.map(number));
            self.out.segment("DIM").element("2").composite(("CMT", length, width, height));
        }
        for (index, reference) in goods.references.iter().enumerate() {
            self.reference(at.key("references").index(index), reference);
        }
        if let Some(marks) = goods.marks.as_deref() {
            self.out
                .segment("PCI")
                .element("24")
                .composite(lines(marks, LINE_MAX).into_iter().take(10).collect::<Vec<_>>());
        }
        for five in goods.package_ids.chunks(5) {
            self.out.segment("GIN").element("BJ").elements(five.iter().map(|id| id.to_string()).collect::<Vec<_>>());
        }
        goods.dangerous.iter().for_each(|danger| self.danger(danger));
    }

    /// `DGS` and what follows.
    fn danger(&mut self, danger: &DangerousCargo) {
        let group = danger.packing_group.as_deref().map(|group| match group {
            "I" => "1",
            "II" => "2",
            "III" => "3",
            other => other,
        });
        let flashpoint = danger.flashpoint_c.map(number);
        let unit = flashpoint.as_ref().map(|_| "CEL");
        let class_more = danger.remarks.iter().find(|remark| {
            remark
                .subject
                .as_ref()
                .is_some_and(|subject| &*subject.code_list == SEGMENTS && &*subject.code == "DGS-02.2")
        });
        self.out
            .segment("DGS")
            .element(danger.regulation.as_deref())
            .composite((danger.class.as_deref(), class_more.map(|remark| &*remark.text)))
            .element(danger.un_number.as_deref())
            .composite((flashpoint, unit))
            .elements((group, danger.ems.as_deref()))
            .at(15)
            .element(danger.tunnel_code.as_deref());
        for name in [danger.proper_shipping_name.as_deref(), danger.technical_name.as_deref()].into_iter().flatten() {
            self.words("AAD", name);
        }
        let said = danger
            .remarks
            .iter()
            .filter(|remark| remark.subject.as_ref().is_none_or(|subject| &*subject.code_list == SUBJECTS));
        for remark in said {
            let code = remark.subject.as_ref().map_or("AAC", |subject| &*subject.code);
            self.words(code, &remark.text);
        }
        self.contact("HG", danger.emergency_contact.as_deref(), danger.emergency_phone.as_deref(), None);
        self.measure(("WT", "G"), "KGM", danger.gross_kg);
        self.measure(("WT", "AAL"), "KGM", danger.net_kg);
        if let Some(Quantity { value, unit }) = &danger.quantity {
            self.out.segment("MEA").elements(("CT", ())).composite((unit.as_str(), number(value)));
        }
    }

    /// `EQD` and what follows.
    pub(super) fn equipment(&mut self, at: Pointer, equipment: &TenderEquipment) {
        let kind =
            equipment.description.as_ref().filter(|code| &*code.code_list == KINDS).map_or("CN", |code| &*code.code);
        let id = equipment.id.as_deref().and_then(|id| self.id(at.key("id"), "number of the equipment", id, 17));
        let fullness = equipment.empty.map(|empty| if empty { "4" } else { "5" });
        let iso_type = equipment.iso_type.as_deref();
        self.out
            .segment("EQD")
            .elements((kind, id))
            .composite((iso_type, iso_type.map(|_| "102"), iso_type.map(|_| "5")))
            .skip(2)
            .element(fullness);
        if let Some(count) = equipment.count {
            self.out.segment("EQN").element(count);
        }
        self.measure(("WT", "G"), "KGM", equipment.gross_kg);
        self.measure(("WT", "AAL"), "KGM", equipment.net_kg);
        self.measure(("WT", "T"), "KGM", equipment.tare_kg);
        self.measure(("AAE", "VGM"), "KGM", equipment.vgm_kg);
        self.measure(("VOL", "AAW"), "MTQ", equipment.volume_m3);
        if let Some(length) = equipment.length_cm {
            self.out.segment("DIM").element("5").composite(("CMT", number(length)));
        }
        for seal in &equipment.seals {
            let seal = self.id(at.key("seals"), "number of the seal", seal, NUMBER_MAX);
            self.out.segment("SEL").element(seal);
        }
        self.temperatures(equipment.temperature_c, equipment.temperature_min_c, equipment.temperature_max_c);
        self.remarks(&equipment.remarks);
        for (index, reference) in equipment.references.iter().enumerate() {
            self.reference(at.key("references").index(index), reference);
        }
    }
}
