//! UK22, UK23: how duty is paid (DE 4/8), by which account (DE 2/6) and under which guarantee (DE 8/2, 8/3).

use portgate_cds::Declared;
use portgate_sdk::Judge;
use portgate_sdk::Severity::Error;

/// Methods of payment that charge a deferment account.
const DEFERRED: [&str; 2] = ["E", "R"];
/// Methods of payment that take from a guarantee.
const GUARANTEED: [&str; 4] = ["S", "T", "U", "V"];

pub(crate) fn judge(declared: &Declared, judge: &mut Judge) {
    deferment(declared, judge);
    guarantee(declared, judge);
}

/// The first payment by one of these methods, and where it stands.
fn paid_by<'d>(declared: &'d Declared, methods: &[&str]) -> Option<(&'d str, String)> {
    declared.items().find_map(|(item, place)| {
        let lines = item.tax_lines.iter().enumerate();
        let mut methods_of = lines.filter_map(|(index, line)| Some((index, line.payment_method.as_deref()?)));
        let (index, method) = methods_of.find(|(_, method)| methods.contains(method))?;
        Some((method, format!("{place}/taxLines/{index}/paymentMethod")))
    })
}

/// Who pays by deferment names the account, and the account the authorisation.
fn deferment(declared: &Declared, judge: &mut Judge) {
    let has_account = declared.says().deferment.iter().any(|deferment| deferment.account.is_some());
    if let Some((method, place)) = paid_by(declared, &DEFERRED).filter(|_| !has_account) {
        let detail = format!(
            "Payment is deferred (method {method}), and no deferment account is named (DE 4/8, 2/6; CDS12078)."
        );
        let fields = [declared.at("/deferment"), place];
        judge.found("UK22", Error, fields, detail, "Name the deferment account, or another method of payment.");
    }
    if has_account && !declared.has_authorisation("DPO") {
        let detail =
            "A deferment account is named without the authorisation that it stands on, DPO (DE 2/6, 3/39; CDS12125).";
        let fields = [declared.at("/authorisations"), declared.at("/deferment")];
        judge.found("UK22", Error, fields, detail, "Name authorisation DPO with the holder of the account.");
    }
}

/// A guarantee that something rests on is named.
fn guarantee(declared: &Declared, judge: &mut Judge) {
    if !declared.says().guarantees.is_empty() {
        return;
    }
    if let Some((method, place)) = paid_by(declared, &GUARANTEED) {
        let detail =
            format!("Payment is by guarantee (method {method}), and none is named (DE 4/8, 8/2, 8/3; CDS12070).");
        let fields = [declared.at("/guarantees"), place];
        judge.found("UK23", Error, fields, detail, "Name the guarantee account, or another method of payment.");
    }
    if declared.has_authorisation("CGU") {
        let detail = "A comprehensive guarantee (CGU) is named, and no type of guarantee (DE 3/39, 8/2; CDS12070).";
        let fields = [declared.at("/guarantees"), declared.at("/authorisations")];
        judge.found("UK23", Error, fields, detail, "Declare the guarantee: its reference, or that it is waived.");
    }
}
